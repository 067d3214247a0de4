/* Unit tests of the surface: clipping, wide characters, foreign bytes, ASCII twins, dumps.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/utf8.h"
#include "initwatch/ui/surface.h"

static struct surface
make(int cols, int rows)
{
    struct surface s;
    surface_init(&s, cols, rows, false);
    return s;
}

static void
assert_row(const struct surface *s, int y, const char *expected)
{
    char *text = surface_dump_text(s, false), *line = text;
    for (int i = 0; i < y; i++)
        line = strchr(line, '\n') + 1;
    *strchr(line, '\n') = 0;
    assert_string_equal(line, expected);
    free(text);
}

static void
surface_text__clips_at_both_sides(void **state)
{
    struct surface s = make(10, 2);
    (void)state;
    struct rect clip = {2, 0, 4, 1};
    assert_int_equal(surface_puts(&s, clip, 0, 0, ROLE_TEXT, "abcdefghij"), 10);
    assert_row(&s, 0, "  cdef    ");
    assert_int_equal(surface_puts(&s, clip, 2, 1, ROLE_TEXT, "outside"), 7);
    assert_row(&s, 1, "          ");
    surface_free(&s);
}

static void
surface_text__never_cuts_a_wide_character(void **state)
{
    struct surface s = make(6, 1);
    (void)state;
    assert_int_equal(surface_puts(&s, (struct rect){0, 0, 3, 1}, 0, 0, ROLE_TEXT, "한글"), 4);
    assert_row(&s, 0, "한    ");
    assert_int_equal(surface_at(&s, 0, 0)->width, 2);
    assert_int_equal(surface_at(&s, 1, 0)->width, 0);
    assert_int_equal(surface_at(&s, 2, 0)->ch, ' ');
    surface_clear(&s);
    surface_puts(&s, surface_rect(&s), -1, 0, ROLE_TEXT, "한글");
    assert_row(&s, 0, " 글   ");
    surface_free(&s);
}

static void
surface_text__overwriting_half_blanks_the_other(void **state)
{
    struct surface s = make(6, 1);
    (void)state;
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "한글");
    surface_puts(&s, surface_rect(&s), 1, 0, ROLE_TEXT, "xy");
    assert_row(&s, 0, " xy   ");
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "abc");
    surface_puts(&s, surface_rect(&s), 1, 0, ROLE_TEXT, "글");
    assert_row(&s, 0, "a글   ");
    surface_free(&s);
}

static void
surface_text__keeps_marks_with_their_base(void **state)
{
    struct surface s = make(4, 1);
    (void)state;
    assert_int_equal(surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "e\xcc\x81x"), 2);
    assert_int_equal(surface_at(&s, 0, 0)->comb[0], 0x301);
    assert_int_equal(surface_at(&s, 1, 0)->ch, 'x');
    surface_clear(&s);
    assert_int_equal(surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "\xcc\x81x"), 1);
    assert_row(&s, 0, "x   ");
    surface_free(&s);
}

static void
surface_text__control_bytes_become_signs(void **state)
{
    struct surface s = make(12, 1);
    (void)state;
    const char text[] = "a\x1b[31m\x07\x7f\xc2\x9b\0z";
    assert_int_equal(surface_text(&s, surface_rect(&s), 0, 0, ROLE_TEXT, text, sizeof(text) - 1),
                     11);
    assert_row(&s, 0, "a␛[31m␇␡\xef\xbf\xbd␀z ");
    surface_free(&s);
}

static void
surface_text__bidi_and_broken_utf8_become_signs(void **state)
{
    struct surface s = make(8, 1);
    (void)state;
    assert_int_equal(surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT,
                                  "\xe2\x80\xae"
                                  "a\xff\xc3"
                                  "b\xe2\x80\x8b"),
                     6);
    assert_row(&s, 0,
               "\xef\xbf\xbd"
               "a\xef\xbf\xbd\xef\xbf\xbd"
               "b\xef\xbf\xbd  ");
    surface_free(&s);
}

static void
surface_text__width_agrees_with_utf8_width(void **state)
{
    static const char *const texts[] = {"plain",
                                        "한글 日本",
                                        "a\x1b"
                                        "b",
                                        "\xff",
                                        "e\xcc\x81",
                                        "\xe2\x80\xae",
                                        "✓(↻)◌│◌◌",
                                        "soft\xc2\xad"
                                        "hyphen",
                                        "🚀"};
    struct surface s = make(4, 1);
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        assert_int_equal(surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, texts[i]),
                         utf8_width(texts[i], strlen(texts[i])));
    surface_free(&s);
}

static void
surface_text__tabs_go_to_multiples_of_eight(void **state)
{
    struct surface s = make(20, 1);
    (void)state;
    assert_int_equal(surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "ab\tc\td"), 17);
    assert_row(&s, 0, "ab      c       d   ");
    surface_free(&s);
}

static void
surface_field__pads_and_cuts_to_the_cell(void **state)
{
    struct surface s = make(8, 1);
    (void)state;
    struct rect all = surface_rect(&s);
    surface_fill(&s, all, '#', ROLE_TEXT);
    surface_field(&s, all, 1, 0, 5, false, ROLE_TEXT, "abc");
    assert_row(&s, 0, "#abc  ##");
    surface_field(&s, all, 1, 0, 5, true, ROLE_TEXT, "abc");
    assert_row(&s, 0, "#  abc##");
    surface_field(&s, all, 1, 0, 5, false, ROLE_TEXT, "abcde");
    assert_row(&s, 0, "#abcde##");
    surface_field(&s, all, 1, 0, 5, false, ROLE_TEXT, "abcdef");
    assert_row(&s, 0, "#abcd…##");
    surface_field(&s, all, 1, 0, 5, false, ROLE_TEXT, "a한글x");
    assert_row(&s, 0, "#a한… ##");
    surface_free(&s);
}

static void
surface_rule__carries_a_title(void **state)
{
    struct surface s = make(14, 1);
    (void)state;
    surface_rule(&s, surface_rect(&s), 0, ROLE_RULE, "title", ROLE_TITLE);
    assert_row(&s, 0, "─ title ──────");
    assert_int_equal(surface_at(&s, 3, 0)->role, ROLE_TITLE);
    surface_rule(&s, surface_rect(&s), 0, ROLE_RULE, "much too long a title", ROLE_TITLE);
    assert_row(&s, 0, "─ much too l ─");
    surface_free(&s);
}

static void
surface_ascii__replaces_our_signs_one_for_one(void **state)
{
    struct surface s;
    (void)state;
    surface_init(&s, 24, 1, true);
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "✓⠹◌↻✗◒█▒░▓┄│─▸◀⚠›×…·╭╮╰╯");
    assert_row(&s, 0,
               "+>.@x~#=:%-|->"
               "<!/x~.."
               ".`'");
    surface_free(&s);
}

static void
surface_init__bounds_the_size(void **state)
{
    struct surface s = make(-5, 0);
    (void)state;
    assert_int_equal(s.cols, 1);
    assert_int_equal(s.rows, 1);
    surface_resize(&s, 100000, 100000);
    assert_int_equal(s.cols, 1000);
    assert_int_equal(s.rows, 500);
    assert_null(surface_at(&s, 1000, 0));
    assert_null(surface_at(&s, 0, -1));
    surface_free(&s);
}

static void
surface_dump__svg_and_ansi_hold_no_raw_controls(void **state)
{
    struct surface s = make(20, 2);
    (void)state;
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_ERROR, "<a>&\x1b[2J한█─");
    surface_flag(&s, (struct rect){0, 0, 20, 1}, CELL_SELECTED);
    char *svg = surface_dump_svg(&s, THEME_DARK, "a<b\x01");
    assert_non_null(strstr(svg, "&lt;a&gt;&amp;"));
    assert_null(strchr(svg, 0x1b));
    assert_null(strchr(svg, 1));
    char *ansi = surface_dump_ansi(&s, THEME_MONO);
    assert_null(strstr(ansi, "\x1b[2J"));
    assert_non_null(strstr(ansi, "\x1b[0;1;7m"));
    free(svg);
    free(ansi);
    surface_free(&s);
}

static void
surface_equal__sees_every_difference(void **state)
{
    struct surface a = make(4, 1), b = make(4, 1);
    (void)state;
    assert_true(surface_equal(&a, &b));
    surface_flag(&a, (struct rect){3, 0, 1, 1}, CELL_UNDERLINED);
    assert_false(surface_equal(&a, &b));
    surface_clear(&a);
    surface_restyle(&a, (struct rect){0, 0, 1, 1}, ROLE_DIM);
    assert_false(surface_equal(&a, &b));
    surface_free(&a);
    surface_free(&b);
}

static void
role__themes_have_letters_and_names_of_their_own(void **state)
{
    (void)state;
    for (int a = 0; a < ROLE_COUNT; a++) {
        assert_string_not_equal(role_name((enum role)a), "");
        assert_int_equal(role_style(THEME_MONO, (enum role)a).fg, -1);
        for (int b = a + 1; b < ROLE_COUNT; b++)
            assert_int_not_equal(role_letter((enum role)a), role_letter((enum role)b));
    }
    enum theme theme;
    assert_true(theme_parse("light", &theme));
    assert_int_equal(theme, THEME_LIGHT);
    assert_false(theme_parse("pink", &theme));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surface_text__clips_at_both_sides),
        cmocka_unit_test(surface_text__never_cuts_a_wide_character),
        cmocka_unit_test(surface_text__overwriting_half_blanks_the_other),
        cmocka_unit_test(surface_text__keeps_marks_with_their_base),
        cmocka_unit_test(surface_text__control_bytes_become_signs),
        cmocka_unit_test(surface_text__bidi_and_broken_utf8_become_signs),
        cmocka_unit_test(surface_text__width_agrees_with_utf8_width),
        cmocka_unit_test(surface_text__tabs_go_to_multiples_of_eight),
        cmocka_unit_test(surface_field__pads_and_cuts_to_the_cell),
        cmocka_unit_test(surface_rule__carries_a_title),
        cmocka_unit_test(surface_ascii__replaces_our_signs_one_for_one),
        cmocka_unit_test(surface_init__bounds_the_size),
        cmocka_unit_test(surface_dump__svg_and_ansi_hold_no_raw_controls),
        cmocka_unit_test(surface_equal__sees_every_difference),
        cmocka_unit_test(role__themes_have_letters_and_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
