/* Golden screens of help and of the messages of initwatch itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../ui/views/help.h"
#include "cluster.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"

static void
check(const char *name, const char *keys, int cols, int rows)
{
    struct scene sc;
    cluster_open(&sc);
    assert_true(scene_shows(&sc, "pods", keys, name, cols, rows));
}

static void
help__of_the_pod_list_at_80x24(void **state)
{
    (void)state;
    check("help_pods_80x24", "?", 80, 24);
}

static void
help__of_the_pod_list_at_140x40(void **state)
{
    (void)state;
    check("help_pods_140x40", "?", 140, 40);
}

static void
help__end_of_the_page(void **state)
{
    (void)state;
    check("help_end_80x24", "?G", 80, 24);
}

static void
help__search(void **state)
{
    (void)state;
    check("help_search_80x24", "?/log\r", 80, 24);
    /* Typing is enough, also where a letter is a key elsewhere. */
    check("help_search_80x24", "?log\r", 80, 24);
}

/* A hit or two leave columns of one line, where a heading once moved for ever. */
static void
help__any_search_ends(void **state)
{
    (void)state;
    for (char c = '!'; c <= '~'; c++) {
        struct scene sc;
        char keys[] = {'?', '/', c, '\r', '\0'};
        cluster_open(&sc);
        scene_ui(&sc, "pods");
        scene_keys(&sc, keys);
        for (int cols = 60; cols <= 200; cols += 70)
            scene_draw(&sc, cols, 24);
        scene_close(&sc);
    }
}

/* Enter does what the chosen row says, in the view the help was opened from. */
static void
help__runs_the_chosen_row(void **state)
{
    (void)state;
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "?why\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "/why: 2 keys, 1 command"));
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "why");
    scene_keys(&sc, "?theme\r");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "G\r");
    scene_draw(&sc, 80, 24);
    assert_string_equal(ui_top_view(sc.ui), "why");
    assert_true(scene_has(&sc, ":set theme="));
    ui_key(sc.ui, KEY_ESC_CODE);
    /* Tab goes by groups: the second begins with open. */
    scene_keys(&sc, "?\t");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "jjj\r");
    scene_draw(&sc, 80, 24);
    assert_string_equal(ui_top_view(sc.ui), "logs");
    scene_keys(&sc, "?nowhere\r\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "no key, command or option"));
    assert_string_equal(ui_top_view(sc.ui), "help");
    scene_close(&sc);
}

/* A row says what the key does in the view the help is about. */
static void
help__speaks_of_the_view_it_was_opened_from(void **state)
{
    static const struct {
        const char *view, *says;
    } CASES[] = {{"yaml", "⏎     fold "},
                 {"yaml", "wrap, time"},
                 {"findings", "errors only"},
                 {"nodes", "its pods"}};
    (void)state;
    struct scene sc;
    cluster_open(&sc);
    for (size_t i = 0; i < IW_COUNTOF(CASES); i++) {
        char keys[32];
        if (i == 0)
            scene_ui(&sc, "pods");
        scene_draw(&sc, 80, 24);
        snprintf(keys, sizeof(keys), ":%s\r?", CASES[i].view);
        scene_keys(&sc, keys);
        scene_draw(&sc, 80, 24);
        if (!scene_has(&sc, CASES[i].says))
            fail_msg("help of %s: no \"%s\"", CASES[i].view, CASES[i].says);
        scene_keys(&sc, "q");
    }
    scene_close(&sc);
}

static void
help__of_the_logs_at_80x24(void **state)
{
    (void)state;
    check("help_logs_80x24", "l?", 80, 24);
}

static void
help__in_korean(void **state)
{
    (void)state;
    assert_true(tr_set_language("ko"));
    check("help_korean_80x24", "?", 80, 24);
    (void)tr_set_language("en");
}

/* All keys of any view are on the first screen of 80x24: the rule below them is. */
static void
help__keys_of_every_view_fit_on_one_screen(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = {.known = true, .speed = 1};
    cluster_open(&sc);
    sc.board = &board;
    scene_ui(&sc, "pods");
    struct pod_ref ref;
    assert_true(store_find(sc.store, NULL, "myapp-pod", &ref));
    for (size_t i = 0; i < view_registry_count; i++) {
        const struct view_class *view = view_registry[i];
        if (view->context == CTX_HELP)
            continue;
        ui_open(sc.ui, view->name, ref, "");
        scene_draw(&sc, 80, 24);
        ui_act(sc.ui, ACT_HELP, 0);
        char *text = scene_text(&sc, 80, 24);
        if (!strstr(text, "what the"))
            fail_msg("%s:\n%s", view->name, text);
        free(text);
        ui_reset(sc.ui);
    }
    scene_close(&sc);
}

/* The help is made from a table of rows: an action that has a key has a row. */
static void
help__has_a_row_for_every_action_with_a_key(void **state)
{
    (void)state;
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t r = 0; r < help_row_count && !found; r++)
            for (size_t a = 0; a < HELP_ACTS; a++)
                found |=
                    help_rows[r].acts[a].action == table[i].action &&
                    (table[i].action != ACT_WRITING || help_rows[r].acts[a].arg == table[i].arg);
        if (!found)
            fail_msg("no row in the help: %s", action_name(table[i].action));
    }
}

static void
messages__newest_last_with_hostile_text(void **state)
{
    struct scene sc;
    (void)state;
    assert_int_equal(log_open(NULL, LOG_LEVEL_INFO, NULL), IW_OK);
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "M");
    assert_true(scene_has(&sc, "no messages"));
    for (int i = 1; i <= 30; i++)
        LOG_INFO("message number %d", i);
    LOG_WARN("watch pods: %s", "connection \x1b[31mrefused\x07");
    assert_true(ui_needs_frame(sc.ui));
    assert_true(scene_has(&sc, "watch pods: connection"));
    scene_keys(&sc, "z");
    assert_true(scene_has(&sc, "only warnings and errors   1 of 31"));
    assert_false(scene_has(&sc, "message number 30"));
    scene_close(&sc);
}

/* :config shows what is in force; Enter sets the chosen one. */
static void
options__are_shown_and_set(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, ":config\r");
    assert_string_equal(ui_top_view(sc.ui), "options");
    assert_int_equal(sc.last.kind, INTENT_SETTING);
    assert_true(scene_is(&sc, "options_80x24", 80, 24));
    assert_true(scene_is(&sc, "options_60x16", 60, 16));
    scene_keys(&sc, "jjj\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, ":set time="));
    scene_keys(&sc, "utc\r");
    scene_draw(&sc, 80, 24);
    assert_int_equal(ui_prefs(sc.ui)->time_mode, TIME_MODE_UTC);
    assert_true(scene_has(&sc, "time       utc"));
    scene_close(&sc);
}

/* A sentence of a server is longer than 80 columns: its end often is what matters. */
static void
messages__are_told_to_their_end(void **state)
{
    struct scene sc;
    (void)state;
    assert_int_equal(log_open(NULL, LOG_LEVEL_INFO, NULL), IW_OK);
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    for (int i = 1; i <= 30; i++)
        LOG_WARN(
            "pods of all namespaces: pods is forbidden: User \"dev\" cannot list resource \"pods\" "
            "in API group \"\" at the cluster scope, attempt-%d",
            i);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "M");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "attempt-30"));
    assert_true(scene_has(&sc, "attempt-25"));
    scene_keys(&sc, "kkkkkkkkkkk");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "attempt-19"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help__of_the_pod_list_at_80x24),
        cmocka_unit_test(help__of_the_pod_list_at_140x40),
        cmocka_unit_test(help__end_of_the_page),
        cmocka_unit_test(help__search),
        cmocka_unit_test(help__any_search_ends),
        cmocka_unit_test(help__runs_the_chosen_row),
        cmocka_unit_test(help__speaks_of_the_view_it_was_opened_from),
        cmocka_unit_test(help__of_the_logs_at_80x24),
        cmocka_unit_test(help__in_korean),
        cmocka_unit_test(help__keys_of_every_view_fit_on_one_screen),
        cmocka_unit_test(help__has_a_row_for_every_action_with_a_key),
        cmocka_unit_test(messages__newest_last_with_hostile_text),
        cmocka_unit_test(messages__are_told_to_their_end),
        cmocka_unit_test(options__are_shown_and_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
