/* Unit tests of the key table.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* A name with a blank could not be written in `:bind PLACE KEY ACTION`. */
static void
key_context__every_place_has_a_name_of_one_word(void **state)
{
    (void)state;
    for (int c = 0; c < CTX_COUNT; c++) {
        const char *name = key_context_config_name((enum key_context)c);
        assert_null(strchr(name, ' '));
        assert_int_equal(key_context_parse(name), c);
    }
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

/* The keys that were promised (the recommended keymap): what each does, by name. "writing" says that the key is kept for
 * the write mode (docs/decisions/0020). A row that is gone is a promise broken. */
static const struct {
    enum key_context context;
    const char *keys, *action;
} PROMISED[] = {
    {CTX_ALL, "j Down", "down"},
    {CTX_ALL, "k Up", "up"},
    {CTX_ALL, "g Home", "top"},
    {CTX_ALL, "G End", "bottom"},
    {CTX_ALL, "^D", "half-down"},
    {CTX_ALL, "^U", "half-up"},
    {CTX_ALL, "^F PgDn", "page-down"},
    {CTX_ALL, "^B PgUp", "page-up"},
    {CTX_ALL, "Left", "left"},
    {CTX_ALL, "Right", "right"},
    {CTX_PODS, "Enter", "open"},
    {CTX_ALL, "q", "back"},
    {CTX_ALL, "Esc", "clear"},
    {CTX_PODS, "J", "next-pod"},
    {CTX_PODS, "K", "prev-pod"},
    {CTX_ALL, "Tab", "next-pane"},
    {CTX_ALL, "S-Tab", "prev-pane"},
    {CTX_ALL, "1 2 3 4 5 6 7 8", "tab"},
    {CTX_ALL, "[", "history-back"},
    {CTX_ALL, "]", "history-forward"},
    {CTX_PODS, "-", "last-view"},
    {CTX_ALL, "m", "set-mark"},
    {CTX_ALL, "'", "go-mark"},
    {CTX_ALL, "/", "filter"},
    {CTX_ALL, "n", "find-next"},
    {CTX_ALL, "N", "find-prev"},
    {CTX_ALL, ":", "command"},
    {CTX_ALL, "?", "help"},
    {CTX_ALL, "c", "copy"},
    {CTX_ALL, "^S", "save"},
    {CTX_ALL, "w", "wide"},
    {CTX_ALL, "t", "time"},
    {CTX_ALL, "z", "problems"},
    {CTX_PODS, "o", "sort-choose"},
    {CTX_PODS, "Space", "mark-row"},
    {CTX_PODS, "*", "mark-all"},
    {CTX_PODS, "<", "sort-prev"},
    {CTX_PODS, ">", "sort-next"},
    {CTX_PODS, "I", "sort-reverse"},
    {CTX_PODS, "A N O P R S", "sort-by"},
    {CTX_PODS, "^Space", "mark-range"},
    {CTX_PODS, "^\\", "mark-none"},
    {CTX_ALL, "^E", "header"},
    {CTX_ALL, "^T", "theme"},
    {CTX_ALL, "^L", "redraw"},
    {CTX_ALL, "^R", "relist"},
    {CTX_ALL, "^Z", "suspend"},
    {CTX_ALL, "^C", "quit"},
    {CTX_PODS, "l", "logs"},
    {CTX_PODS, "p", "previous"},
    {CTX_PODS, "L", "merged"},
    {CTX_PODS, "x", "why"},
    {CTX_PODS, "v", "events"},
    {CTX_PODS, "u", "resources"},
    {CTX_PODS, "y", "yaml"},
    {CTX_PODS, "d", "describe"},
    {CTX_PODS, "s a D F f r e ^K", "writing"},
    {CTX_DETAIL, "+", "zoom-in"},
    {CTX_DETAIL, "-", "zoom-out"},
    {CTX_LOGS, "s", "follow"},
    {CTX_LOGS, "F", "follow-end"},
    {CTX_LOGS, "p", "attempt-older"},
    {CTX_LOGS, "P", "attempt-newer"},
    {CTX_LOGS, "0 1 2 3 4 5 6", "since"},
    {CTX_LOGS, "a", "all-containers"},
    {CTX_LOGS, "=", "compare"},
    {CTX_LOGS, "&", "keep"},
    {CTX_LOGS, "!", "drop"},
    {CTX_LOGS, "f", "columns"},
    {CTX_LOGS, "m", "line-mark"},
    {CTX_LOGS, "|", "pipe"},
    {CTX_PODISH, "|", "pipe"},
    {CTX_LOGS, "e", "next-error"},
    {CTX_LOGS, "E", "prev-error"},
    {CTX_LOGS, "Space", "page-down"},
    {CTX_LOGS, "b", "page-up"},
};

static void
keymap__keeps_what_was_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(PROMISED); i++) {
        for (const char *at = PROMISED[i].keys; *at;) {
            char key[16];
            size_t len = strcspn(at, " ");
            snprintf(key, sizeof(key), "%.*s", (int)len, at);
            enum action action = keymap_lookup(PROMISED[i].context, true, key_parse(key), NULL);
            if (strcmp(action_name(action), PROMISED[i].action) != 0)
                fail_msg("%s in %s: %s, promised is %s", key,
                         key_context_config_name(PROMISED[i].context), action_name(action),
                         PROMISED[i].action);
            at += len + (at[len] == ' ');
        }
    }
}

/* A key that only moves in vim or less never leads to what writes. */
static void
keymap__keys_that_move_elsewhere_write_nowhere(void **state)
{
    static const uint32_t moves[] = {
        'j', 'k', 'g',           'G',           'h',           'n',           'N',           'b',
        ' ', '/', KEY_CTRL('d'), KEY_CTRL('u'), KEY_CTRL('f'), KEY_CTRL('b'), KEY_ENTER_CODE};
    (void)state;
    for (int c = 0; c < CTX_COUNT; c++)
        for (size_t i = 0; i < IW_COUNTOF(moves); i++)
            assert_int_not_equal(keymap_lookup((enum key_context)c, true, moves[i], NULL),
                                 ACT_WRITING);
}

/* What the keys of a replay hide. A new collision has to be written down here, and so to be thought about. */
static const struct {
    enum key_context context;
    const char *key, *hidden;
} HIDDEN[] = {
    {CTX_ALL, ";", "demo"},         {CTX_ALL, ",", "play-pause"},  {CTX_ALL, ".", "play-step"},
    {CTX_PODS, "<", "sort-prev"},   {CTX_PODS, ">", "sort-next"},  {CTX_DEMO, "<", "play-slower"},
    {CTX_DEMO, ">", "play-faster"}, {CTX_NODES, "<", "sort-prev"}, {CTX_NODES, ">", "sort-next"},
};

static bool
is_written_down(const struct key_binding *b)
{
    for (size_t i = 0; i < IW_COUNTOF(HIDDEN); i++)
        if (HIDDEN[i].context == b->context && key_parse(HIDDEN[i].key) == b->key &&
            strcmp(HIDDEN[i].hidden, action_name(b->action)) == 0)
            return true;
    return false;
}

static void
keymap__a_replay_hides_only_what_is_known(void **state)
{
    size_t count, keys = 0, hidden = 0;
    const struct key_binding *table = keymap_bindings(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (table[i].context != CTX_REPLAY)
            continue;
        keys++;
        for (size_t k = 0; k < count; k++) {
            char key[16];
            if (table[k].key != table[i].key || table[k].context == CTX_REPLAY)
                continue;
            key_text(table[k].key, key);
            if (!is_written_down(&table[k]))
                fail_msg("%s: a replay hides \"%s\" of %s", key, action_name(table[k].action),
                         key_context_config_name(table[k].context));
            hidden++;
        }
        for (int c = 0; c < CTX_COUNT; c++) {
            keymap_set_replay(true);
            assert_int_equal(keymap_lookup((enum key_context)c, true, table[i].key, NULL),
                             table[i].action);
            keymap_set_replay(false);
            if (c != CTX_REPLAY)
                assert_int_not_equal(keymap_lookup((enum key_context)c, true, table[i].key, NULL),
                                     table[i].action);
        }
    }
    assert_int_equal(keys, 7);
    assert_int_equal(hidden, IW_COUNTOF(HIDDEN));
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
        cmocka_unit_test(key_context__every_place_has_a_name_of_one_word),
        cmocka_unit_test(keymap_bind_words__lays_over_and_reports),
        cmocka_unit_test(keymap__keeps_what_was_promised),
        cmocka_unit_test(keymap__keys_that_move_elsewhere_write_nowhere),
        cmocka_unit_test(keymap__a_replay_hides_only_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
