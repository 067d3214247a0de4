/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/logmatch.h"

static void
add(struct logbuf *b, const char *text)
{
    logbuf_append(b, 0, text, strlen(text), false, false);
}

/* Which lines of the buffer match, as "0 3 7". */
static void
assert_lines(const struct logbuf *b, const char *pattern, const char *want)
{
    struct logmatch *m = logmatch_new(pattern);
    struct linebits bits = {0};
    char got[512] = "";
    size_t len = 0;
    while (logmatch_scan(m, b, &bits, 7) > 0)
        ;
    assert_true(bits.end == logbuf_dropped(b) + logbuf_count(b));
    for (uint64_t line = linebits_next(&bits, 0); line != LINE_NONE;
         line = linebits_next(&bits, line + 1))
        len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%d", len ? " " : "", (int)line);
    assert_string_equal(got, want);
    /* In one go as well. */
    uint64_t count = linebits_count(&bits, 0, UINT64_MAX);
    linebits_reset(&bits, 0);
    logmatch_scan(m, b, &bits, SIZE_MAX / 2);
    assert_true(linebits_count(&bits, 0, UINT64_MAX) == count);
    linebits_free(&bits);
    logmatch_free(m);
}

static struct logbuf *
some_lines(void)
{
    struct logbuf *b = logbuf_new(1 << 20);
    add(b, "An Error here");        /* 0 */
    add(b, "");                     /* 1 */
    add(b, "nothing");              /* 2 */
    add(b, "error again at end x"); /* 3 */
    add(b, "x begins this");        /* 4 */
    add(b, "Überlauf der Größe");   /* 5 */
    add(b, "a.b (c)");              /* 6 */
    return b;
}

static void
logmatch__ignores_case_until_there_is_a_capital(void **state)
{
    struct logbuf *b = some_lines();
    (void)state;
    assert_lines(b, "error", "0 3");
    assert_lines(b, "Error", "0");
    assert_lines(b, "err.r", "0 3");
    assert_lines(b, "\\Serror", "");
    assert_lines(b, "überlauf", "5");
    assert_lines(b, "GRÖSSE", "");
    logbuf_free(b);
}

static void
logmatch__never_matches_across_lines(void **state)
{
    struct logbuf *b = some_lines();
    (void)state;
    assert_lines(b, "x\\s+x", "");
    assert_lines(b, "end[^q]*begins", "");
    assert_lines(b, "x[^q]*$", "3 4");
    assert_lines(b, "^x", "4");
    assert_lines(b, "x$", "3");
    assert_lines(b, "^$", "1");
    assert_lines(b, "\\s", "0 3 4 5 6");
    assert_lines(b, "[\\s\\S]+q", "");
    assert_lines(b, "x(?!\\s)", "3");
    assert_lines(b, "(?<!\\n)x$", "3");
    assert_lines(b, "\\Ax", "4");
    assert_lines(b, "^.*$", "0 1 2 3 4 5 6");
    logbuf_free(b);
}

static void
logmatch__takes_a_broken_expression_as_text(void **state)
{
    struct logbuf *b = some_lines();
    (void)state;
    assert_lines(b, "b (", "6");
    struct logmatch *m = logmatch_new("b (");
    assert_false(logmatch_is_regex(m));
    assert_string_not_equal(logmatch_error(m), "");
    logmatch_free(m);
    m = logmatch_new("a.b");
    assert_true(logmatch_is_regex(m));
    assert_string_equal(logmatch_error(m), "");
    logmatch_free(m);
    logbuf_free(b);
}

static void
logmatch__sees_what_the_user_sees(void **state)
{
    struct logbuf *b = logbuf_new(1 << 20);
    (void)state;
    add(b, "\x1b[32mgre\x1b[1men\x1b[0m tea");
    add(b, "plain green\r");
    add(b, "32m");
    logbuf_mark(b, 0, IW_TIME_NONE, "a green mark");
    assert_lines(b, "green", "0 1");
    assert_lines(b, "32m", "2");
    assert_lines(b, "green$", "1");
    logbuf_free(b);
}

static void
logmatch__survives_broken_utf8_and_zero_bytes(void **state)
{
    struct logbuf *b = logbuf_new(1 << 20);
    (void)state;
    logbuf_append(b, 0, "a\0b needle", 10, false, false);
    logbuf_append(b, 0, "\xff\xfe needle \xc3", 11, false, false);
    logbuf_append(b, 0, "\xe2\x82 ünder", 9, false, false);
    assert_lines(b, "needle", "0 1");
    assert_lines(b, "n..dle", "0 1");
    assert_lines(b, "ün", "2");
    logbuf_free(b);
}

static void
logmatch__gives_a_hostile_expression_up(void **state)
{
    struct logbuf *b = logbuf_new(1 << 20);
    char text[60];
    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + sizeof(text) - 2, "cb", 2);
    logbuf_append(b, 0, text, sizeof(text), false, false);
    add(b, "aab");
    struct logmatch *m = logmatch_new("(a+)+(a+)+(a+)+b");
    struct linebits bits = {0};
    logmatch_scan(m, b, &bits, 1 << 20);
    assert_true(logmatch_gave_up(m) > 0);
    assert_false(linebits_get(&bits, 0));
    linebits_free(&bits);
    logmatch_free(m);
    logbuf_free(b);
}

static void
logmatch__goes_on_where_it_stopped_when_old_lines_go(void **state)
{
    struct logbuf *b = logbuf_new(1);
    struct logmatch *m = logmatch_new("7");
    struct linebits bits = {0};
    char text[32];
    (void)state;
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "line %d", i);
        add(b, text);
        if (i % 3000 == 0)
            logmatch_scan(m, b, &bits, 100);
    }
    while (logmatch_scan(m, b, &bits, 4096) > 0)
        ;
    assert_true(logbuf_dropped(b) > 1000);
    assert_true(bits.end == 20000 && bits.begin == logbuf_dropped(b));
    for (uint64_t line = bits.begin; line < bits.end; line++) {
        snprintf(text, sizeof(text), "%d", (int)line);
        assert_int_equal(linebits_get(&bits, line), strchr(text, '7') != NULL);
    }
    linebits_free(&bits);
    logmatch_free(m);
    logbuf_free(b);
}

static void
logmatch_find__gives_the_place_in_a_line(void **state)
{
    struct logmatch *m = logmatch_new("a+");
    size_t start, end;
    (void)state;
    assert_true(logmatch_find(m, "baac aa", 7, 0, &start, &end));
    assert_true(start == 1 && end == 3);
    assert_true(logmatch_find(m, "baac aa", 7, 3, &start, &end));
    assert_true(start == 5 && end == 7);
    assert_false(logmatch_find(m, "baac aa", 7, 7, &start, &end));
    logmatch_free(m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logmatch__ignores_case_until_there_is_a_capital),
        cmocka_unit_test(logmatch__never_matches_across_lines),
        cmocka_unit_test(logmatch__takes_a_broken_expression_as_text),
        cmocka_unit_test(logmatch__sees_what_the_user_sees),
        cmocka_unit_test(logmatch__survives_broken_utf8_and_zero_bytes),
        cmocka_unit_test(logmatch__gives_a_hostile_expression_up),
        cmocka_unit_test(logmatch__goes_on_where_it_stopped_when_old_lines_go),
        cmocka_unit_test(logmatch_find__gives_the_place_in_a_line),
    };
    return cmocka_run_group_tests_name("logmatch", tests, NULL, NULL);
}
