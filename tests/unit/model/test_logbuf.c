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
logbuf_find__ignores_case_only_without_capitals_and_skips_marks(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1 << 20);
    logbuf_append(b, 0, "An Error here", 13, false, false);
    logbuf_mark(b, 0, IW_TIME_NONE, "error mark");
    logbuf_append(b, 0, "nothing", 7, false, false);
    logbuf_append(b, 0, "error again", 11, false, false);
    assert_int_equal(logbuf_find(b, 0, 1, "error"), 0);
    assert_int_equal(logbuf_find(b, 1, 1, "error"), 3);
    assert_int_equal(logbuf_find(b, 0, 1, "Error"), 0);
    assert_int_equal(logbuf_find(b, 2, -1, "error"), 0);
    assert_true(logbuf_find(b, 0, 1, "absent") == SIZE_MAX);
    assert_true(logbuf_find(b, 0, -1, "again") == SIZE_MAX);
    logbuf_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logbuf_append__takes_the_timestamp_off),
        cmocka_unit_test(logbuf_append__drops_the_oldest_lines_and_counts_them),
        cmocka_unit_test(logbuf_append__cuts_a_line_over_the_ceiling),
        cmocka_unit_test(logbuf_find__ignores_case_only_without_capitals_and_skips_marks),
    };
    return cmocka_run_group_tests_name("logbuf", tests, NULL, NULL);
}
