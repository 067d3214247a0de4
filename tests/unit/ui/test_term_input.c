/* Unit tests of the filter over the terminal's bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../../ui/term_input.h"

/* What of the text is keys; fed in pieces of `piece` bytes. */
static void
expect_keys(struct term_input *in, const char *text, size_t piece, const char *expected)
{
    char keys[4096];
    size_t len = strlen(text), used = 0;
    for (size_t at = 0; at < len; at += piece) {
        size_t n = IW_MIN(piece, len - at);
        used += term_input_feed(in, text + at, n, keys + used);
    }
    used += term_input_flush(in, keys + used);
    keys[used] = '\0';
    assert_string_equal(keys, expected);
}

static void
term_input__takes_answers_out_of_the_keys(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece++) {
        struct term_input in = {.expects_cursor = true};
        expect_keys(&in, "j\033[1;3R\033]11;rgb:1e1e/2f2f/ffff\033\\k\033[Ax", piece, "jk\033[Ax");
        assert_true(in.answered && in.answers.width_known && in.answers.background_known);
        assert_int_equal(in.answers.line_cells, 2);
        assert_int_equal(in.answers.background_rgb, 0x1e2fff);
    }
    struct term_input in = {.expects_cursor = true};
    expect_keys(&in, "\033[24;2R\033]11;rgb:f/f/0\a", 3, "");
    assert_int_equal(in.answers.line_cells, 1);
    assert_int_equal(in.answers.background_rgb, 0xffff00);
}

static void
term_input__a_cursor_report_nobody_asked_for_is_a_key(void **state)
{
    struct term_input in = {0};
    (void)state;
    expect_keys(&in, "\033[1;2R", 2, "\033[1;2R");
    assert_false(in.answered);
    in.expects_cursor = true;
    expect_keys(&in, "\033[1;2R\033[1;2R", 4, "\033[1;2R");
}

static void
term_input__reads_the_mouse(void **state)
{
    struct term_input in = {.expects_mouse = true};
    (void)state;
    /* press, release, motion, right button, wheel up, wheel down, far away, broken */
    expect_keys(&in,
                "\033[<0;5;7M\033[<0;5;7m\033[<32;6;7M\033[<2;1;1M\033[<64;1;2M\033[<65;1;2M"
                "\033[<0;99999999;1M\033[<0;0;0Mq",
                5, "\033[<0;0;0Mq");
    assert_int_equal(in.mouse_count, 4);
    assert_int_equal(in.mouse[0].kind, TERM_MOUSE_PRESS);
    assert_int_equal(in.mouse[0].x, 4);
    assert_int_equal(in.mouse[0].y, 6);
    assert_int_equal(in.mouse[1].kind, TERM_MOUSE_UP);
    assert_int_equal(in.mouse[2].kind, TERM_MOUSE_DOWN);
    assert_int_equal(in.mouse[3].x, 10000);
    for (int i = 0; i < 1000; i++)
        expect_keys(&in, "\033[<0;5;7M", 20, "");
    assert_int_equal(in.mouse_count, TERM_MOUSE_QUEUE);
}

static void
term_input__bounds_what_it_holds(void **state)
{
    struct term_input in = {0};
    char text[600] = "\033]52;c;", keys[1200];
    (void)state;
    memset(text + 7, 'x', sizeof(text) - 9);
    size_t used = term_input_feed(&in, text, strlen(text), keys);
    used += term_input_feed(&in, "\ajk", 3, keys + used);
    assert_int_equal(used, 2);
    assert_memory_equal(keys, "jk", 2);
    memcpy(text, "\033[1;", 4);
    memset(text + 4, '1', sizeof(text) - 6);
    expect_keys(&in, text, 7, text);
    expect_keys(&in, "\033\033[A\033", 1, "\033\033[A\033");
}

static bool
is_arrow(const char *sequence)
{
    return strcmp(sequence, "\033[A") == 0 || strcmp(sequence, "\033OA") == 0;
}

/* Ctrl-Left under a terminal type that has none was Esc, [, 1, ;, 5, D. */
static void
term_input__passes_over_sequences_that_are_no_key(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 20; piece++) {
        struct term_input in = {.is_key = is_arrow};
        expect_keys(&in, "a\033[1;5Db\033[A\033OA\033Oqc\033[?62;4c\033[Id", piece,
                    "ab\033[A\033OAcd");
        expect_keys(&in, "\033P>|XTerm(390)\033\\e\033_Gi=1;OK\033\\f", piece, "ef");
    }
}

/* Once a long string had begun, only a backslash gave the keyboard back. */
static void
term_input__a_string_without_end_is_over_when_nothing_comes(void **state)
{
    struct term_input in = {0};
    char text[300] = "\033]8;", keys[600];
    (void)state;
    memset(text + 4, 'x', sizeof(text) - 5);
    assert_int_equal(term_input_feed(&in, text, strlen(text), keys), 0);
    assert_int_equal(term_input_flush(&in, keys), 0);
    expect_keys(&in, "jk", 1, "jk");
}

static void
term_input__pasted_text_is_no_keys(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 30; piece++) {
        struct term_input in = {.is_key = is_arrow};
        expect_keys(&in, "j\033[200~q\n:q\033[A\003\nx\033\033[201~k", piece, "jk");
        assert_true(in.paste_dropped);
        in.takes_paste = true;
        in.paste_dropped = false;
        expect_keys(&in, "/\033[200~one\r\ttwo\003\033[A\033[201~\r", piece, "/one  two\r");
        assert_false(in.paste_dropped);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(term_input__takes_answers_out_of_the_keys),
        cmocka_unit_test(term_input__a_cursor_report_nobody_asked_for_is_a_key),
        cmocka_unit_test(term_input__reads_the_mouse),
        cmocka_unit_test(term_input__bounds_what_it_holds),
        cmocka_unit_test(term_input__passes_over_sequences_that_are_no_key),
        cmocka_unit_test(term_input__a_string_without_end_is_over_when_nothing_comes),
        cmocka_unit_test(term_input__pasted_text_is_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
