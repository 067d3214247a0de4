/* Unit tests of the key table.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/ui/keymap.h"

static void
keymap__half_page_is_half_page_everywhere(void **state)
{
    (void)state;
    for (int c = 0; c < CTX_COUNT; c++) {
        assert_int_equal(keymap_lookup((enum key_context)c, true, KEY_CTRL('d'), NULL),
                         ACT_HALF_DOWN);
        assert_int_equal(keymap_lookup((enum key_context)c, true, KEY_CTRL('u'), NULL),
                         ACT_HALF_UP);
        assert_int_equal(keymap_lookup((enum key_context)c, false, KEY_CTRL('c'), NULL), ACT_QUIT);
        assert_int_equal(keymap_lookup((enum key_context)c, false, KEY_CTRL('z'), NULL),
                         ACT_SUSPEND);
    }
}

static void
keymap__digits_are_tabs_in_lists_and_since_in_logs(void **state)
{
    int32_t arg = -1;
    (void)state;
    assert_int_equal(keymap_lookup(CTX_PODS, true, '3', &arg), ACT_TAB);
    assert_int_equal(arg, 3);
    assert_int_equal(keymap_lookup(CTX_LOGS, true, '3', &arg), ACT_SINCE);
    assert_int_equal(arg, 3);
    assert_int_equal(keymap_lookup(CTX_PODS, true, '0', NULL), ACT_ALL_NAMESPACES);
    assert_int_equal(keymap_lookup(CTX_LOGS, true, '0', &arg), ACT_SINCE);
    assert_int_equal(arg, 0);
}

static void
keymap__pod_keys_need_a_view_about_pods(void **state)
{
    (void)state;
    assert_int_equal(keymap_lookup(CTX_EVENTS, true, 'l', NULL), ACT_LOGS);
    assert_int_equal(keymap_lookup(CTX_EVENTS, false, 'l', NULL), ACT_NONE);
    assert_int_equal(keymap_lookup(CTX_LOGS, true, 'p', NULL), ACT_ATTEMPT_OLDER);
    assert_int_equal(keymap_lookup(CTX_PODS, true, 'p', NULL), ACT_PREVIOUS);
    assert_int_equal(keymap_lookup(CTX_PODS, true, 0x1F680, NULL), ACT_NONE);
}

static void
key_text__is_what_people_write(void **state)
{
    static const struct {
        uint32_t key;
        const char *text;
    } cases[] = {{'j', "j"},
                 {KEY_CTRL('d'), "^D"},
                 {KEY_ENTER_CODE, "Enter"},
                 {KEY_PGDN_CODE, "PgDn"},
                 {' ', "Space"},
                 {KEY_F1_CODE, "F1"},
                 {KEY_F12_CODE, "F12"},
                 {0xAC00, "가"},
                 {KEY_ESC_CODE, "Esc"},
                 {KEY_BTAB_CODE, "S-Tab"},
                 {KEY_NONE, "none"}};
    char text[16];
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        key_text(cases[i].key, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void
key_parse__reads_what_key_text_writes(void **state)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        char text[16];
        key_text(table[i].key, text);
        assert_int_equal(key_parse(text), table[i].key);
    }
    assert_int_equal(key_parse("C-k"), KEY_CTRL('k'));
    assert_int_equal(key_parse("ctrl-K"), KEY_CTRL('k'));
    assert_int_equal(key_parse("pagedown"), KEY_PGDN_CODE);
    assert_int_equal(key_parse("f5"), KEY_F1_CODE + 4);
    assert_int_equal(key_parse("한"), 0xD55C);
    assert_int_equal(key_parse("F13"), KEY_NONE);
    assert_int_equal(key_parse("\x01"), KEY_NONE);
    assert_int_equal(key_parse("two words"), KEY_NONE);
    assert_int_equal(key_parse(""), KEY_NONE);
}

static void
keymap_bind_words__lays_over_and_reports(void **state)
{
    char text[256];
    int32_t arg = 0;
    (void)state;
    assert_true(keymap_bind_words("pods", "^T", "tab 3", text, sizeof(text)));
    assert_int_equal(keymap_lookup(CTX_PODS, true, KEY_CTRL('t'), &arg), ACT_TAB);
    assert_int_equal(arg, 3);
    assert_int_equal(keymap_lookup(CTX_WHY, true, KEY_CTRL('t'), NULL), ACT_THEME);
    assert_string_equal(text, "");
    assert_true(keymap_bind_words("everywhere", "z", "none", text, sizeof(text)));
    assert_int_equal(keymap_lookup(CTX_PODS, true, 'z', NULL), ACT_NONE);
    assert_non_null(strstr(text, "\"problems\" has no key any more"));
    assert_false(keymap_bind_words("podz", "x", "logs", text, sizeof(text)));
    assert_non_null(strstr(text, "did you mean pod"));
    assert_false(keymap_bind_words("pods", "x", "lgos", text, sizeof(text)));
    assert_non_null(strstr(text, "did you mean logs"));
    assert_false(keymap_bind_words("pods", "x y", "logs", text, sizeof(text)));
    assert_non_null(strstr(text, "is no key"));
    keymap_reset();
    assert_int_equal(keymap_lookup(CTX_PODS, true, 'z', NULL), ACT_PROBLEMS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keymap__half_page_is_half_page_everywhere),
        cmocka_unit_test(keymap__digits_are_tabs_in_lists_and_since_in_logs),
        cmocka_unit_test(keymap__pod_keys_need_a_view_about_pods),
        cmocka_unit_test(key_text__is_what_people_write),
        cmocka_unit_test(key_parse__reads_what_key_text_writes),
        cmocka_unit_test(keymap_bind_words__lays_over_and_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
