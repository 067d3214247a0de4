/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/limits.h"
#include "initwatch/model/logbuf.h"

static void
assert_line(const struct logbuf *b, size_t i, const char *text)
{
    struct logbuf_line line = logbuf_line(b, i);
    assert_int_equal(line.len, strlen(text));
    assert_memory_equal(line.text, text, line.len);
}

static void
logbuf_append__takes_the_timestamp_off(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1 << 20);
    const char *text = "2026-11-22T01:12:41.316025828Z side line 48";
    logbuf_append(b, 3, text, strlen(text), true, false);
    assert_line(b, 0, "side line 48");
    assert_true(logbuf_line(b, 0).wall_ms == 1795309961316);
    assert_int_equal(logbuf_line(b, 0).source, 3);
    logbuf_append(b, 0, "no stamp here", 13, true, false);
    assert_line(b, 1, "no stamp here");
    assert_true(logbuf_line(b, 1).wall_ms == IW_TIME_NONE);
    /* An empty line still has its stamp and blank. */
    logbuf_append(b, 0, "2026-11-22T01:12:41Z ", 21, true, false);
    assert_line(b, 2, "");
    logbuf_free(b);
}

static void
logbuf_append__drops_the_oldest_lines_and_counts_them(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1);
    char text[2048];
    for (int i = 0; i < 1000; i++) {
        memset(text, 'x', sizeof(text));
        int head = snprintf(text, sizeof(text), "line %d ", i);
        size_t len = (size_t)head + (size_t)(i * 37) % 1500;
        text[head] = 'x';
        logbuf_append(b, 0, text, len, false, false);
        size_t count = logbuf_count(b);
        assert_int_equal(logbuf_dropped(b) + count, i + 1);
        /* Whatever is held reads back as it was written. */
        for (size_t k = 0; k < count; k++) {
            char want[32];
            snprintf(want, sizeof(want), "line %d ", (int)(logbuf_dropped(b) + k));
            assert_memory_equal(logbuf_line(b, k).text, want, strlen(want));
        }
    }
    assert_true(logbuf_dropped(b) > 0);
    assert_true(logbuf_count(b) > 50);
    logbuf_free(b);
}

static void
logbuf_append__cuts_a_line_over_the_ceiling(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1 << 20);
    size_t len = LIMIT_LOG_LINE_BYTES + 10;
    char *text = malloc(len);
    memset(text, 'a', len);
    logbuf_append(b, 0, text, len, false, false);
    assert_int_equal(logbuf_line(b, 0).len, LIMIT_LOG_LINE_BYTES);
    assert_true(logbuf_line(b, 0).cut);
    free(text);
    logbuf_free(b);
}

static void
logbuf_chapter__lines_carry_the_attempt_of_their_source(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1 << 20);
    struct logbuf_chapter info = {.attempt = 0, .started_ms = 1000, .ended_ms = IW_TIME_NONE};
    uint32_t first = logbuf_chapter_begin(b, 1, &info);
    logbuf_append(b, 1, "one", 3, false, false);
    logbuf_append(b, 0, "another source", 14, false, false);
    info.ended = info.exit_known = true;
    info.exit_code = 137;
    logbuf_chapter_update(b, first, &info);
    info = (struct logbuf_chapter){.attempt = 1, .missing = "never seen"};
    uint32_t second = logbuf_chapter_begin(b, 1, &info);
    struct logbuf_line late = {.text = "late", .len = 4, .source = 1, .chapter = first};
    logbuf_put(b, &late, 1);
    assert_int_equal(logbuf_line(b, 0).chapter, first);
    assert_int_equal(logbuf_line(b, 1).chapter, 0);
    assert_int_equal(logbuf_line(b, 2).chapter, first);
    assert_int_equal(logbuf_chapter_count(b), 2);
    assert_int_equal(logbuf_chapter_find(b, first)->exit_code, 137);
    assert_int_equal(logbuf_chapter_find(b, first)->line_count, 2);
    assert_int_equal(logbuf_chapter_find(b, first)->first_line, 0);
    assert_string_equal(logbuf_chapter_at(b, 1)->missing, "never seen");
    assert_int_equal(logbuf_chapter_find(b, second)->line_count, 0);
    assert_null(logbuf_chapter_find(b, 0));
    logbuf_free(b);
}

static void
logbuf_chapter__the_oldest_is_forgotten_above_the_ceiling(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1 << 20);
    uint32_t id = 0;
    for (int32_t i = 0; i <= LIMIT_LOG_CHAPTERS; i++) {
        struct logbuf_chapter info = {.attempt = i};
        id = logbuf_chapter_begin(b, 0, &info);
        assert_int_equal(id, i + 1);
    }
    assert_int_equal(logbuf_chapter_count(b), LIMIT_LOG_CHAPTERS);
    assert_null(logbuf_chapter_find(b, 1));
    assert_int_equal(logbuf_chapter_at(b, 0)->attempt, 1);
    assert_int_equal(logbuf_chapter_find(b, id)->attempt, LIMIT_LOG_CHAPTERS);
    logbuf_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logbuf_append__takes_the_timestamp_off),
        cmocka_unit_test(logbuf_append__drops_the_oldest_lines_and_counts_them),
        cmocka_unit_test(logbuf_append__cuts_a_line_over_the_ceiling),
        cmocka_unit_test(logbuf_chapter__lines_carry_the_attempt_of_their_source),
        cmocka_unit_test(logbuf_chapter__the_oldest_is_forgotten_above_the_ceiling),
    };
    return cmocka_run_group_tests_name("logbuf", tests, NULL, NULL);
}
