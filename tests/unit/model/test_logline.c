/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/logfields.h"
#include "initwatch/model/logline.h"

static enum line_level
level(const char *text)
{
    return logline_level(text, strlen(text));
}

static void
logline_level__reads_what_the_line_says(void **state)
{
    (void)state;
    assert_int_equal(level("{\"level\":\"warn\",\"msg\":\"error count 0\"}"), LINE_LEVEL_WARN);
    assert_int_equal(level("{\"time\":1,\"level\":50,\"msg\":\"x\"}"), LINE_LEVEL_ERROR);
    assert_int_equal(level("time=1 level=info msg=\"failed once\""), LINE_LEVEL_INFO);
    assert_int_equal(level("ts=1 severity=CRITICAL x=1"), LINE_LEVEL_FATAL);
    assert_int_equal(level("E1126 12:00:00.000001       1 main.go:12] x"), LINE_LEVEL_ERROR);
    assert_int_equal(level("I1126 12:00:00.000001       1 main.go:12] retry"), LINE_LEVEL_INFO);
    assert_int_equal(level("2025-11-15 10:00:00 DEBUG starting"), LINE_LEVEL_DEBUG);
    assert_int_equal(level("[info] starting"), LINE_LEVEL_INFO);
    assert_int_equal(level("<warn> deprecated"), LINE_LEVEL_WARN);
}

static void
logline_level__guesses_from_words_else(void **state)
{
    (void)state;
    assert_int_equal(level("connection failed"), LINE_LEVEL_ERROR);
    assert_int_equal(level("java.lang.NullPointerException: x"), LINE_LEVEL_ERROR);
    assert_int_equal(level("done with 0 errors"), LINE_LEVEL_NONE);
    assert_int_equal(level("no error found"), LINE_LEVEL_NONE);
    assert_int_equal(level("WARNING: old"), LINE_LEVEL_WARN);
    assert_int_equal(level("information for you"), LINE_LEVEL_NONE);
    assert_int_equal(level("Killed"), LINE_LEVEL_ERROR);
    assert_int_equal(level("unwarned"), LINE_LEVEL_NONE);
    assert_int_equal(level(""), LINE_LEVEL_NONE);
}

static void
sgr__is_read_and_taken_out(void **state)
{
    struct sgr sgr = SGR_PLAIN;
    struct strbuf out;
    const char *text = "\x1b[1;31mred\x1b[0m \x1b]0;t\x07 \x1b[2J end\r";
    (void)state;
    assert_int_equal(sgr_take(&sgr, text, strlen(text)), 7);
    assert_true(sgr.bold && sgr.fg == 1);
    assert_int_equal(sgr_take(&sgr, "\x1b[38;5;208;4m", 13), 13);
    assert_true(sgr.fg == 208 && sgr.underline && sgr.bold);
    assert_int_equal(sgr_take(&sgr, "\x1b[48;2;255;0;0m", 15), 15);
    assert_int_equal(sgr.bg, 196);
    assert_int_equal(sgr_take(&sgr, "\x1b[m", 3), 3);
    assert_true(sgr.fg == -1 && sgr.bg == -1 && !sgr.bold && !sgr.underline);
    assert_int_equal(sgr_take(&sgr, "\x1b[31", 4), 0);
    assert_int_equal(sgr_take(&sgr, "\x1b[38;5m", 7), 7);
    assert_int_equal(sgr_take(&sgr, "\x1b[99999999999999m", 17), 17);
    strbuf_init(&out, 0);
    logline_plain(&out, text, strlen(text));
    assert_string_equal(out.data, "red \x1b]0;t\x07 \x1b[2J end");
    strbuf_free(&out);
}

/* '.' begins an entry, '+' goes on with it. */
static void
assert_entries(const char *const *lines, const char *want)
{
    struct trace_state trace = {0};
    for (size_t i = 0; lines[i]; i++)
        if (logline_continues(&trace, lines[i], strlen(lines[i])) != (want[i] == '+'))
            fail_msg("line %zu: %s", i, lines[i]);
}

static void
logline_continues__knows_stack_traces(void **state)
{
    (void)state;
    assert_entries((const char *const[]){"java.lang.RuntimeException: x", "\tat a.b(C.java:1)",
                                         "Caused by: y", "\tat d", "\t... 12 more", "next", NULL},
                   ".++++.");
    assert_entries((const char *const[]){"Applying...Traceback (most recent call last):",
                                         "  File \"manage.py\", line 22, in <module>", "    main()",
                                         "DuplicateTable: relation exists", "next", NULL},
                   ".+++.");
    assert_entries(
        (const char *const[]){"panic: nil map", "", "goroutine 1 [running]:", "main.main()",
                              "\t/app/main.go:7 +0x1d", "exit status 2", "started", NULL},
        ".+++++.");
    assert_entries((const char *const[]){"TypeError: x", "    at f (a.js:1)", "  indented", NULL},
                   ".+.");
    assert_entries((const char *const[]){"thread 'main' panicked", "   0: rust_begin_unwind",
                                         "             at /rustc/x", NULL},
                   ".++");
}

static void
assert_normal(const char *text, const char *want)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    logline_normalise(&out, text, strlen(text));
    assert_string_equal(out.data, want);
    strbuf_free(&out);
}

static void
logline_normalise__takes_out_what_differs_from_run_to_run(void **state)
{
    (void)state;
    assert_normal("2025-11-15T10:53:41.733Z took 812ms", "<time> took <took>");
    assert_normal("10:53:41: start", "<time>: start");
    assert_normal("id 550e8400-e29b-41d4-a716-446655440000, at 0x7ffe12", "id <id>, at <addr>");
    assert_normal("from 10.244.1.7:54321 pid 1234567", "from <addr> pid <id>");
    assert_normal("attempt 3 of 5,   1m30s left", "attempt 3 of 5, <took> left");
    assert_normal("\x1b[32mOK\x1b[0m  auth.0001_initial", "OK auth.0001_initial");
    assert_normal("deadbeef and facade00", "deadbeef and <id>");
}

static void
assert_field(const struct logfield *f, const char *key, const char *value)
{
    struct strbuf out;
    assert_non_null(f);
    assert_int_equal(f->key_len, strlen(key));
    assert_memory_equal(f->key, key, f->key_len);
    strbuf_init(&out, 0);
    logfield_value(&out, f);
    assert_string_equal(out.data, value);
    strbuf_free(&out);
}

static size_t
fields_of(const char *text, struct logfield *out)
{
    return logfields_parse(text, strlen(text), out, LOGFIELDS_MAX);
}

static void
logfields__read_json_and_pairs(void **state)
{
    struct logfield f[LOGFIELDS_MAX];
    (void)state;
    assert_int_equal(
        fields_of(
            "{\"a\":\"x\\n\\u00e9\\ud83d\\ude80\\\"\", \"n\" : -1.5e3, \"o\":{\"b\":[1,\"}\"]},"
            "\"t\":true}",
            f),
        4);
    assert_field(&f[0], "a", "x\n\xc3\xa9\xf0\x9f\x9a\x80\"");
    assert_field(&f[1], "n", "-1.5e3");
    assert_field(&f[2], "o", "{\"b\":[1,\"}\"]}");
    assert_field(logfield_find(f, 4, "t", 1), "t", "true");
    assert_int_equal(fields_of("ts=1 msg=\"a b\" path=/x oops err=", f), 3);
    assert_field(&f[1], "msg", "a b");
    assert_int_equal(fields_of("only x=1 here", f), 0);
    assert_int_equal(fields_of("plain words", f), 0);
    /* Damage keeps what was read before it. */
    assert_int_equal(fields_of("{\"a\":1,\"b\":\"open", f), 1);
    assert_int_equal(fields_of("{\"a\":\"\\", f), 0);
    assert_int_equal(fields_of("{", f), 0);
    assert_field(&(struct logfield){.key = "k", .value = "\\ud800x", .key_len = 1, .value_len = 7},
                 "k", "\xef\xbf\xbdx");
}

static void
logfield_number__knows_units(void **state)
{
    double n = 0;
    (void)state;
    struct logfield f = {.kind = LOGFIELD_TEXT, .value = "812ms", .value_len = 5};
    assert_true(logfield_number(&f, &n) && n > 811.9 && n < 812.1);
    f.value = "0.5s";
    f.value_len = 4;
    assert_true(logfield_number(&f, &n) && n > 499.9 && n < 500.1);
    f.value = "3 MiB";
    f.value_len = 5;
    assert_true(logfield_number(&f, &n) && n > 3145727 && n < 3145729);
    f.value = "v1.2";
    f.value_len = 4;
    assert_false(logfield_number(&f, &n));
    f.value = "12 monkeys";
    f.value_len = 10;
    assert_false(logfield_number(&f, &n));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logline_level__reads_what_the_line_says),
        cmocka_unit_test(logline_level__guesses_from_words_else),
        cmocka_unit_test(sgr__is_read_and_taken_out),
        cmocka_unit_test(logline_continues__knows_stack_traces),
        cmocka_unit_test(logline_normalise__takes_out_what_differs_from_run_to_run),
        cmocka_unit_test(logfields__read_json_and_pairs),
        cmocka_unit_test(logfield_number__knows_units),
    };
    return cmocka_run_group_tests_name("logline", tests, NULL, NULL);
}
