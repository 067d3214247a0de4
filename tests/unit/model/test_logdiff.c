/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/logdiff.h"

static uint32_t
add_chapter(struct logbuf *b, int32_t attempt, const char *const *lines)
{
    const struct logbuf_chapter c = {
        .attempt = attempt, .started_ms = IW_TIME_NONE, .ended_ms = IW_TIME_NONE, .ended = true};
    uint32_t id = logbuf_chapter_begin(b, 0, &c);
    for (; *lines; lines++)
        logbuf_append(b, 0, *lines, strlen(*lines), false, false);
    return id;
}

/* Rows as "=" for the same, "~" for both sides changed, "-" and "+" for one side only. */
static void
assert_rows(const struct logdiff *d, const char *want)
{
    char got[256] = "";
    for (size_t i = 0; i < d->rows.len && i < sizeof(got) - 1; i++) {
        const struct logdiff_row *row = &d->rows.items[i];
        got[i] = !row->differs             ? '='
                 : row->right == LINE_NONE ? '-'
                 : row->left == LINE_NONE  ? '+'
                                           : '~';
    }
    assert_string_equal(got, want);
}

static void
assert_diff(const char *const *left, const char *const *right, const char *want, size_t first)
{
    struct logbuf *b = logbuf_new(1 << 20);
    uint32_t l = add_chapter(b, 0, left), r = add_chapter(b, 1, right);
    struct logdiff *d = logdiff_new(b, l, r);
    assert_rows(d, want);
    assert_int_equal(d->first, first);
    logdiff_free(d);
    logbuf_free(b);
}

static void
logdiff__ignores_times_and_ids(void **state)
{
    (void)state;
    assert_diff((const char *const[]){"10:00:00.001 start id 550e8400-e29b-41d4-a716-446655440000",
                                      "took 12ms", "done", NULL},
                (const char *const[]){"11:30:07.900 start id 11111111-e29b-41d4-a716-446655440000",
                                      "took 3.5s", "done", NULL},
                "===", 3);
}

static void
logdiff__shows_what_came_and_went(void **state)
{
    (void)state;
    assert_diff((const char *const[]){"a", "b", "c", "d", NULL},
                (const char *const[]){"a", "c", "d", "e", NULL}, "=-==+", 1);
    assert_diff((const char *const[]){"a", "b", "z", NULL},
                (const char *const[]){"a", "x", "z", NULL}, "=~=", 1);
    assert_diff((const char *const[]){NULL}, (const char *const[]){"a", NULL}, "+", 0);
    assert_diff((const char *const[]){"a", NULL}, (const char *const[]){NULL}, "-", 0);
    assert_diff((const char *const[]){"a", "b", "a", "b", "c", NULL},
                (const char *const[]){"b", "a", "c", "a", NULL}, "-==-=+", 0);
}

static void
logdiff__lays_side_by_side_what_has_too_many_differences(void **state)
{
    struct logbuf *b = logbuf_new(8 << 20);
    const char *const none[] = {NULL};
    char text[64];
    (void)state;
    uint32_t l = add_chapter(b, 0, none);
    for (int i = 0; i < 3000; i++)
        logbuf_append(b, 0, text, (size_t)snprintf(text, sizeof(text), "left word%d", i), false,
                      false);
    uint32_t r = add_chapter(b, 1, none);
    for (int i = 0; i < LOGDIFF_LINES_MAX + 5; i++)
        logbuf_append(b, 0, text, (size_t)snprintf(text, sizeof(text), "right word%d", i), false,
                      false);
    struct logdiff *d = logdiff_new(b, l, r);
    assert_true(d->cut);
    assert_int_equal(d->rows.len, LOGDIFF_LINES_MAX);
    assert_true(d->rows.items[2999].left != LINE_NONE);
    assert_true(d->rows.items[3000].left == LINE_NONE);
    logdiff_free(d);
    logbuf_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logdiff__ignores_times_and_ids),
        cmocka_unit_test(logdiff__shows_what_came_and_went),
        cmocka_unit_test(logdiff__lays_side_by_side_what_has_too_many_differences),
    };
    return cmocka_run_group_tests_name("logdiff", tests, NULL, NULL);
}
