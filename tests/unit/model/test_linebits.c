/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/linebits.h"

enum { LINES = 5000 };

/* The same set as an array of flags: what every answer is held against. */
struct plain_set {
    uint64_t begin, end;
    bool bits[LINES];
};

static uint64_t
plain_next(const struct plain_set *p, uint64_t line)
{
    for (line = line < p->begin ? p->begin : line; line < p->end; line++)
        if (p->bits[line])
            return line;
    return LINE_NONE;
}

static uint64_t
plain_prev(const struct plain_set *p, uint64_t line)
{
    for (line = line >= p->end ? p->end - 1 : line; line + 1 > p->begin && line != UINT64_MAX;
         line--)
        if (p->bits[line])
            return line;
    return LINE_NONE;
}

static void
compare(const struct linebits *b, const struct plain_set *p)
{
    uint64_t total = 0;
    for (uint64_t line = 0; line < LINES; line += 1 + line % 7) {
        assert_int_equal(linebits_get(b, line), p->bits[line]);
        assert_true(linebits_next(b, line) == plain_next(p, line));
        assert_true(linebits_prev(b, line) == plain_prev(p, line));
        uint64_t clear = line;
        while (clear < p->end && clear >= p->begin && p->bits[clear])
            clear++;
        assert_true(linebits_next_clear(b, line) == clear);
        assert_true(linebits_count(b, line, line + 1) == p->bits[line]);
    }
    for (uint64_t line = p->begin; line < p->end; line++) {
        if (!p->bits[line])
            continue;
        assert_true(linebits_select(b, total) == line);
        assert_true(linebits_count(b, 0, line) == total);
        total++;
    }
    assert_true(linebits_count(b, 0, LINES) == total);
    assert_true(linebits_select(b, total) == LINE_NONE);
}

static void
linebits__answers_as_an_array_of_flags_would(void **state)
{
    (void)state;
    for (unsigned density = 1; density < 2000; density *= 7) {
        struct linebits b = {0};
        struct plain_set *p = calloc(1, sizeof(*p));
        unsigned seed = density;
        assert_non_null(p);
        while (p->end < LINES) {
            seed = seed * 1664525u + 1013904223u;
            bool bit = (seed >> 8) % density == 0;
            linebits_push(&b, bit);
            p->bits[p->end++] = bit;
            if (p->end % 1700 == 0)
                compare(&b, p);
        }
        for (uint64_t drop = 100; drop < LINES; drop += 1234) {
            linebits_drop_before(&b, drop);
            memset(p->bits, 0, (size_t)drop);
            p->begin = drop;
            linebits_set(&b, drop + 3, true);
            p->bits[drop + 3] = true;
            compare(&b, p);
        }
        linebits_cut(&b, 4500);
        memset(p->bits + 4500, 0, LINES - 4500);
        p->end = 4500;
        compare(&b, p);
        linebits_free(&b);
        free(p);
    }
}

static void
linebits__begins_anywhere_and_forgets_all(void **state)
{
    struct linebits b = {0};
    (void)state;
    linebits_reset(&b, 1000003);
    linebits_push(&b, true);
    linebits_extend(&b, 700);
    linebits_set(&b, 1000500, true);
    assert_true(linebits_next(&b, 0) == 1000003);
    assert_true(linebits_count(&b, 0, UINT64_MAX) == 2);
    assert_true(linebits_select(&b, 1) == 1000500);
    linebits_drop_before(&b, 2000000);
    assert_true(b.begin == 2000000 && b.end == 2000000);
    assert_true(linebits_next(&b, 0) == LINE_NONE);
    linebits_push(&b, true);
    assert_true(linebits_prev(&b, UINT64_MAX) == 2000000);
    linebits_set(&b, 5, true); /* not there: left alone */
    assert_true(linebits_count(&b, 0, UINT64_MAX) == 1);
    linebits_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linebits__answers_as_an_array_of_flags_would),
        cmocka_unit_test(linebits__begins_anywhere_and_forgets_all),
    };
    return cmocka_run_group_tests_name("linebits", tests, NULL, NULL);
}
