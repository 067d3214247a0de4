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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keymap__half_page_is_half_page_everywhere),
        cmocka_unit_test(keymap__digits_are_tabs_in_lists_and_since_in_logs),
        cmocka_unit_test(keymap__pod_keys_need_a_view_about_pods),
        cmocka_unit_test(key_text__is_what_people_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
