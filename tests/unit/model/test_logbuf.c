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

/* What a hostile program may write: each comes back as it was, or cut with the mark. */
static void
logbuf_append__takes_any_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        bool escaped;
    } lines[] = {{"nul \0 inside", 12, false},
                 {"\r", 1, true},
                 {"over\rwritten", 12, false},
                 {"windows\r", 8, true},
                 {"\x1b]0;title\x07", 10, true},
                 {"\x9b"
                  "31m C1",
                  7, false},
                 {"\xe2\x80\xae"
                  "bidi",
                  7, false},
                 {"\xff\xfe\xc3", 3, false},
                 {"", 0, false}};
    struct logbuf *b = logbuf_new(1 << 20);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        logbuf_append(b, 0, lines[i].text, lines[i].len, false, false);
        struct logbuf_line line = logbuf_line(b, i);
        assert_int_equal(line.len, lines[i].len);
        assert_memory_equal(line.text, lines[i].text, line.len);
        assert_int_equal(line.escaped, lines[i].escaped);
    }
    logbuf_free(b);
}

static void
logbuf_append__keeps_the_start_of_a_line_of_100_megabytes(void **state)
{
    (void)state;
    size_t len = 100u << 20;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    struct logbuf *b = logbuf_new(1 << 20);
    logbuf_append(b, 0, text, len, false, false);
    assert_int_equal(logbuf_line(b, 0).len, LIMIT_LOG_LINE_BYTES);
    assert_true(logbuf_line(b, 0).cut);
    assert_true(logbuf_bytes(b) < 1 << 20);
    logbuf_free(b);
    free(text);
}

static void
logbuf_spill__keeps_lines_that_memory_has_no_room_for(void **state)
{
    (void)state;
    struct logbuf *b = logbuf_new(1);
    struct iw_error err = {0};
    char text[256];
    assert_true(logbuf_spill_to(b, "/tmp", 64u << 20, &err));
    for (int i = 0; i < 20000; i++) {
        memset(text, 'x', sizeof(text));
        int head = snprintf(text, sizeof(text), "line %d ", i);
        text[head] = 'x';
        logbuf_append(b, 0, text, 100, false, false);
    }
    assert_true(logbuf_spilled_bytes(b) > 1 << 20);
    assert_int_equal(logbuf_count(b) + logbuf_dropped(b), 20000);
    assert_int_equal(logbuf_dropped(b), 0);
    for (size_t i = 0; i < 20000; i += 777) {
        int head = snprintf(text, sizeof(text), "line %d ", (int)i);
        assert_memory_equal(logbuf_line(b, i).text, text, (size_t)head);
    }
    logbuf_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logbuf_append__takes_the_timestamp_off),
        cmocka_unit_test(logbuf_append__drops_the_oldest_lines_and_counts_them),
        cmocka_unit_test(logbuf_append__cuts_a_line_over_the_ceiling),
        cmocka_unit_test(logbuf_append__takes_any_bytes),
        cmocka_unit_test(logbuf_append__keeps_the_start_of_a_line_of_100_megabytes),
        cmocka_unit_test(logbuf_spill__keeps_lines_that_memory_has_no_room_for),
        cmocka_unit_test(logbuf_chapter__lines_carry_the_attempt_of_their_source),
        cmocka_unit_test(logbuf_chapter__the_oldest_is_forgotten_above_the_ceiling),
    };
    return cmocka_run_group_tests_name("logbuf", tests, NULL, NULL);
}
