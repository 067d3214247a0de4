/* utf8: decoding of damaged text, widths, fitting.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "initwatch/base/utf8.h"

static size_t
replacements(const char *text, size_t len)
{
    size_t count = 0, taken;
    for (size_t at = 0; at < len; at += taken)
        count += utf8_next(text + at, len - at, &taken) == UTF8_REPLACEMENT;
    return count;
}

static void
utf8_next__decodes_what_encode_wrote(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 7) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        char bytes[4];
        size_t taken, len = utf8_encode(cp, bytes);
        assert_int_equal(utf8_next(bytes, len, &taken), cp);
        assert_int_equal(taken, len);
        assert_true(utf8_valid(bytes, len));
    }
}

/* The example of the Unicode standard, table 3-8, and its neighbours 3-9 to 3-11. */
static void
utf8_next__replaces_each_maximal_bad_part_once(void **state)
{
    (void)state;
    assert_int_equal(replacements("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 13), 6);
    assert_int_equal(replacements("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9), 8);
    assert_int_equal(replacements("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9), 8);
    assert_int_equal(replacements("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9), 7);
    assert_int_equal(replacements("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9), 4);
}

static void
utf8_valid__tells_a_real_replacement_from_damage(void **state)
{
    (void)state;
    assert_true(utf8_valid("a\xef\xbf\xbd", 4));
    assert_false(utf8_valid("a\xef\xbf", 3));
    assert_false(utf8_valid("\xed\xa0\x80", 3));
    assert_false(utf8_valid("\xc0\x80", 2));
    assert_true(utf8_valid("", 0));
}

static void
utf8_encode__replaces_what_is_no_character(void **state)
{
    (void)state;
    char bytes[4];
    assert_int_equal(utf8_encode(0xD800, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
    assert_int_equal(utf8_encode(0x110000, bytes), 3);
}

static void
utf8_cp_width__follows_the_table(void **state)
{
    (void)state;
    static const struct {
        uint32_t cp;
        int width;
    } rows[] = {
        {'a', 1},     {0x1B, -1},   {0x7F, -1},    {0x85, -1},   {0xA0, 1},    {0xAD, 1},
        {0xE9, 1},    {0x301, 0},   {0x200B, 0},   {0x200D, 0},  {0x202E, 0},  {0x1100, 2},
        {0x1160, 0},  {0x2713, 1},  {0x2800, 1},   {0x25CF, 1},  {0x3000, 2},  {0x4E2D, 2},
        {0xAC00, 2},  {0xFE0F, 0},  {0xFF21, 2},   {0xFF71, 1},  {0x1F600, 2}, {0x1F3FB, 2},
        {0x20000, 2}, {0x2FA20, 2}, {0x10FFFF, 1}, {0xE0100, 0},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++)
        assert_int_equal(utf8_cp_width(rows[i].cp), rows[i].width);
}

static void
utf8_is_deceptive__knows_bidi_and_invisible_characters(void **state)
{
    (void)state;
    static const uint32_t yes[] = {0x61C, 0x200B, 0x200E, 0x202A, 0x202E, 0x2066, 0xFEFF, 0xE0041};
    static const uint32_t no[] = {'a', 0x301, 0x2010, 0x202F, 0x2070, 0xFE0F, 0x4E2D};
    for (size_t i = 0; i < IW_COUNTOF(yes); i++)
        assert_true(utf8_is_deceptive(yes[i]));
    for (size_t i = 0; i < IW_COUNTOF(no); i++)
        assert_false(utf8_is_deceptive(no[i]));
}

static void
utf8_width__counts_cells(void **state)
{
    (void)state;
    assert_int_equal(utf8_width("abc", 3), 3);
    assert_int_equal(utf8_width("e\xcc\x81", 3), 1);
    assert_int_equal(utf8_width("\xe4\xb8\xad\xe6\x96\x87", 6), 4);
    assert_int_equal(utf8_width("\x1b[1m", 4), 4);
    assert_int_equal(utf8_width("\xe2\x80\xae", 3), 1);
    assert_int_equal(utf8_width("\xff\xff", 2), 2);
    assert_int_equal(utf8_count("\xe4\xb8\xad"
                                "a\xff",
                                5),
                     3);
}

static void
utf8_fit__never_splits_a_character(void **state)
{
    (void)state;
    const char *text = "a\xe4\xb8\xad"
                       "e\xcc\x81z";
    size_t len = strlen(text);
    int used = -1;
    assert_int_equal(utf8_fit(text, len, 0, &used), 0);
    assert_int_equal(used, 0);
    assert_int_equal(utf8_fit(text, len, 2, &used), 1); /* the wide one does not fit */
    assert_int_equal(used, 1);
    assert_int_equal(utf8_fit(text, len, 4, &used), 7); /* the accent belongs to its letter */
    assert_int_equal(used, 4);
    assert_int_equal(utf8_fit(text, len, 50, NULL), len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_next__decodes_what_encode_wrote),
        cmocka_unit_test(utf8_next__replaces_each_maximal_bad_part_once),
        cmocka_unit_test(utf8_valid__tells_a_real_replacement_from_damage),
        cmocka_unit_test(utf8_encode__replaces_what_is_no_character),
        cmocka_unit_test(utf8_cp_width__follows_the_table),
        cmocka_unit_test(utf8_is_deceptive__knows_bidi_and_invisible_characters),
        cmocka_unit_test(utf8_width__counts_cells),
        cmocka_unit_test(utf8_fit__never_splits_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
