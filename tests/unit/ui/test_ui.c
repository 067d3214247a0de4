/* Unit tests of the ui: stack, prompt, focus, freshness, and when a frame is due.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../golden/cluster.h"
#include "initwatch/model/progress.h"

static void
ui__q_goes_back_and_quits_on_the_first_view(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "?");
    assert_string_equal(ui_top_view(sc.ui), "help");
    scene_keys(&sc, "q");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    assert_int_equal(sc.last.kind, INTENT_BACK);
    scene_keys(&sc, "q");
    assert_int_equal(sc.last.kind, INTENT_QUIT);
    scene_close(&sc);
}

/* However many views of a pod were looked at, two steps lead back to the list. */
static void
ui__views_of_a_pod_are_neighbours(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "\rxvu");
    assert_string_equal(ui_top_view(sc.ui), "resources");
    scene_keys(&sc, "l");
    assert_string_equal(ui_top_view(sc.ui), "logs");
    scene_keys(&sc, "q");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_keys(&sc, "q");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_close(&sc);
}

static void
ui__esc_never_quits(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "\x1b\x1b");
    assert_int_equal(sc.intents, 0);
    scene_close(&sc);
}

static void
ui__ctrl_c_quits_from_anywhere_but_only_closes_a_prompt(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "?:x\x03");
    assert_int_equal(sc.intents, 0);
    scene_keys(&sc, "\x03");
    assert_int_equal(sc.last.kind, INTENT_QUIT);
    scene_close(&sc);
}

static void
ui__filter_is_live_kept_and_cleared(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "/ledger");
    assert_true(scene_has(&sc, "1 of 12"));
    assert_string_equal(scene_focus_name(&sc), "ledger-0");
    scene_keys(&sc, "\r");
    assert_true(scene_has(&sc, "1 of 12"));
    scene_keys(&sc, "/zzz\x1b");
    assert_true(scene_has(&sc, "1 of 12"));
    scene_keys(&sc, "\x1b");
    assert_false(scene_has(&sc, "of 12"));
    assert_string_equal(scene_focus_name(&sc), "ledger-0");
    scene_close(&sc);
}

static void
ui__backspace_on_an_empty_prompt_closes_it(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":ab\x7f\x7f");
    assert_true(sc.surface.cursor_x >= 0);
    scene_keys(&sc, "\x7f");
    scene_draw(&sc, 100, 30);
    assert_int_equal(sc.surface.cursor_x, -1);
    scene_close(&sc);
}

static void
ui__prompt_edits_utf8_by_characters(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":ns 한글x\x7f\x7f\r");
    assert_int_equal(sc.last.kind, INTENT_NAMESPACE);
    assert_string_equal(sc.last.text, "한");
    scene_keys(&sc, ":one two\x17three\x15ns z\r");
    assert_string_equal(sc.last.text, "z");
    scene_close(&sc);
}

static void
ui__commands_complete_and_have_history(void **state)
{
    struct scene sc;
    (void)state;
    static const char *const contexts[] = {"prod-eu", "prod-us", "test", NULL};
    cluster_open_pods(&sc);
    sc.session.contexts = contexts;
    scene_keys(&sc, ":ct\tte\t\r");
    assert_int_equal(sc.last.kind, INTENT_CONTEXT);
    assert_string_equal(sc.last.text, "test");
    scene_keys(&sc, ":ctx pr\t\t\r");
    assert_string_equal(sc.last.text, "prod-us");
    scene_keys(&sc, ":");
    ui_key(sc.ui, KEY_UP_CODE);
    ui_key(sc.ui, KEY_UP_CODE);
    scene_keys(&sc, "\r");
    assert_string_equal(sc.last.text, "test");
    scene_keys(&sc, ":ns d\t\r");
    assert_string_equal(sc.last.text, "data");
    scene_close(&sc);
}

static void
ui__commands_that_do_not_exist_say_so(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":frobnicate\r");
    assert_true(scene_has(&sc, "there is no command \"frobnicate\""));
    scene_keys(&sc, ":why nobody\r");
    assert_true(scene_has(&sc, "there is no pod \"nobody\" here"));
    scene_keys(&sc, ":set them=light\r");
    assert_true(scene_has(&sc, "there is no option \"them\"; did you mean theme?"));
    scene_keys(&sc, ":set ascii=perhaps\r");
    assert_true(scene_has(&sc, "ascii: \"perhaps\": expected on or off"));
    scene_keys(&sc, ":set =\r");
    assert_true(scene_has(&sc, "set: NAME=VALUE; Tab shows the names"));
    assert_int_equal(sc.intents, 0);
    scene_close(&sc);
}

static void
ui__set_and_keys_change_the_preferences(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":set theme=light\r:set time=utc\r:set ascii=on\r");
    assert_int_equal(ui_prefs(sc.ui)->theme, THEME_LIGHT);
    assert_int_equal(ui_prefs(sc.ui)->time_mode, TIME_MODE_UTC);
    scene_draw(&sc, 100, 30);
    assert_true(sc.surface.ascii);
    scene_keys(&sc, ":set ascii=off\r");
    scene_draw(&sc, 100, 30);
    assert_false(sc.surface.ascii);
    scene_keys(&sc, "\x14");
    assert_int_equal(ui_prefs(sc.ui)->theme, THEME_MONO);
    scene_close(&sc);
}

static void
ui__sort_reverse_and_problems(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":sort name\rg");
    assert_string_equal(scene_focus_name(&sc), "app-with-config");
    scene_keys(&sc, "Ig");
    scene_draw(&sc, 100, 30);
    assert_string_equal(scene_focus_name(&sc), "www");
    scene_keys(&sc, "z");
    assert_true(scene_has(&sc, "7 of 12"));
    scene_keys(&sc, "\x1b");
    assert_false(scene_has(&sc, "only problems"));
    scene_close(&sc);
}

static void
ui__selection_follows_its_pod(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":sort name\rgjj");
    scene_draw(&sc, 100, 30);
    assert_string_equal(scene_focus_name(&sc), "cart-7b5c9f-2q8vz");
    scene_add(&sc, cluster_healthy("aaa-new", "worker", 5, 1, 0));
    scene_draw(&sc, 100, 30);
    assert_string_equal(scene_focus_name(&sc), "cart-7b5c9f-2q8vz");
    sc.sink.remove(sc.sink.ctx, cluster_config());
    scene_draw(&sc, 100, 30);
    assert_string_equal(scene_focus_name(&sc), "checkout-6f7d9c-hx4kp");
    assert_false(scene_has(&sc, "cart-7b5c9f"));
    scene_close(&sc);
}

static void
ui__j_and_k_step_through_the_list_from_another_view(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "g\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    assert_string_equal(scene_focus_name(&sc), "cart-7b5c9f-2q8vz");
    scene_keys(&sc, "J");
    assert_string_equal(scene_focus_name(&sc), "myapp-pod");
    assert_int_equal(sc.last.kind, INTENT_POD);
    scene_keys(&sc, "KK");
    assert_true(scene_has(&sc, "this is the first pod"));
    scene_keys(&sc, "Jq");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    assert_string_equal(scene_focus_name(&sc), "myapp-pod");
    scene_close(&sc);
}

static void
ui__log_keys_ask_the_app_for_the_stream(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "gjp");
    assert_string_equal(ui_top_view(sc.ui), "logs");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_int_equal(sc.last.want, LOG_WANT_PREVIOUS);
    assert_true(pod_ref_equal(sc.last.pod, ui_focus(sc.ui)));
    scene_keys(&sc, "qL");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_true(sc.last.merged);
    scene_close(&sc);
}

static void
ui__all_namespaces_and_back(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "0");
    assert_int_equal(sc.last.kind, INTENT_NAMESPACE);
    assert_string_equal(sc.last.text, "*");
    sc.session.ns[0] = 0;
    scene_keys(&sc, "0");
    assert_string_equal(sc.last.text, "shop");
    scene_close(&sc);
}

static void
ui__app_keys_become_intents(void **state)
{
    static const struct {
        const char *key;
        enum intent_kind kind;
    } cases[] = {{"\x12", INTENT_RELIST},
                 {"\x0c", INTENT_REDRAW},
                 {"\x1a", INTENT_SUSPEND},
                 {"\x13\r", INTENT_EXPORT},
                 {"c", INTENT_COPY}};
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        scene_keys(&sc, cases[i].key);
        assert_int_equal(sc.last.kind, cases[i].kind);
    }
    assert_string_equal(sc.last.text, "cart-7b5c9f-2q8vz");
    scene_close(&sc);
}

static void
ui__keys_without_a_visible_effect_here_say_what_they_did(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "\x05");
    assert_true(scene_has(&sc, "header cards off"));
    scene_keys(&sc, "\x05");
    assert_true(scene_has(&sc, "header cards on; they need 120 columns"));
    scene_keys(&sc, "w");
    assert_true(scene_has(&sc, "wide columns on"));
    scene_keys(&sc, "|");
    assert_true(scene_has(&sc, "| pipes a log"));
    scene_close(&sc);
}

static void
ui__an_unbound_key_says_where_help_is(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "%");
    assert_true(scene_has(&sc, "% does nothing here: ? shows the keys"));
    assert_false(scene_has(&sc, "⏎ open"));
    scene_keys(&sc, "j");
    assert_true(scene_has(&sc, "⏎ open"));
    scene_close(&sc);
}

static void
ui__an_unknown_command_names_the_nearest(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":evnts\r");
    assert_true(scene_has(&sc, "there is no command \"evnts\"; did you mean :events?"));
    scene_keys(&sc, ":frobnicate\r");
    assert_true(scene_has(&sc, "\"frobnicate\": Tab shows them"));
    scene_close(&sc);
}

/* An expired login is not the same as a missing right. */
static void
ui__refused_credentials_are_told_from_missing_rights(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_status(&sc, STREAM_PODS, SOURCE_DENIED, IW_ERR_UNAUTHORIZED, "Unauthorized");
    scene_draw(&sc, 110, 24);
    assert_true(scene_has(&sc, "watch ✗ credentials not accepted (401)"));
    assert_false(scene_finds(&sc, "pods: not allowed"));
    scene_close(&sc);
}

static void
ui__freshness_is_always_on_the_first_line(void **state)
{
    static const struct {
        enum source_state state;
        const char *text;
    } cases[] = {{SOURCE_CONNECTING, "connecting"}, {SOURCE_LISTING, "listing 1500/5000"},
                 {SOURCE_LIVE, "watch ✓ 0.2s"},     {SOURCE_STALE, "✗ 12s"},
                 {SOURCE_DENIED, "not allowed"},    {SOURCE_STOPPED, "not watching"}};
    static const int widths[] = {40, 60, 80, 100, 140, 200};
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    snprintf(sc.session.context, sizeof(sc.session.context),
             "arn:aws:eks:eu-central-1:123456789012:cluster/production-cluster-with-a-long-name");
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        scene_status(&sc, STREAM_PODS, cases[i].state, IW_ERR_REFUSED, "connection refused");
        for (size_t w = 0; w < IW_COUNTOF(widths); w++) {
            scene_draw(&sc, widths[w], 30);
            char *text = surface_dump_text(&sc.surface, false);
            text[strcspn(text, "\n")] = 0;
            assert_non_null(strstr(text, cases[i].text));
            free(text);
        }
    }
    scene_status(&sc, STREAM_PODS, SOURCE_STALE, IW_ERR_REFUSED, "x");
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "watch ✗ 12s (retry in 3s: connection refused)"));
    snprintf(sc.session.context, sizeof(sc.session.context), "kind-demo");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "✗ 12s, retry 3s: connection refused  RO"));
    scene_close(&sc);
}

static void
ui__a_frame_is_due_only_when_something_changed(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    assert_false(ui_needs_frame(sc.ui));
    ui_key(sc.ui, 'j');
    assert_true(ui_needs_frame(sc.ui));
    scene_draw(&sc, 100, 30);
    assert_false(ui_needs_frame(sc.ui));
    scene_add(&sc, cluster_healthy("new", "worker", 5, 1, 0));
    assert_true(ui_needs_frame(sc.ui));
    scene_draw(&sc, 100, 30);
    sc.session.demo = true;
    assert_true(ui_needs_frame(sc.ui));
    scene_draw(&sc, 100, 30);
    assert_true(scene_has(&sc, "DEMO"));
    int64_t tick = ui_next_tick_ms(sc.ui);
    assert_in_range(tick, 1, 1000);
    clock_advance(&sc.clock, tick - 1);
    assert_false(ui_needs_frame(sc.ui));
    clock_advance(&sc.clock, 1);
    assert_true(ui_needs_frame(sc.ui));
    scene_close(&sc);
}

static void
ui__a_spinner_turns_five_times_a_second_and_only_with_motion(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    sc.prefs.motion = true;
    scene_ui(&sc, "pods");
    scene_draw(&sc, 100, 30);
    assert_int_equal(ui_next_tick_ms(sc.ui), 200);
    clock_advance(&sc.clock, 200);
    assert_true(ui_needs_frame(sc.ui));
    scene_keys(&sc, ":set motion=off\r");
    scene_draw(&sc, 100, 30);
    assert_int_equal(ui_next_tick_ms(sc.ui), 800);
    scene_close(&sc);
}

static void
ui__nothing_ticks_below_the_smallest_size(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 19, 30);
    assert_true(scene_has(&sc, "too small"));
    assert_int_equal(ui_next_tick_ms(sc.ui), -1);
    scene_close(&sc);
}

static void
ui__flash_goes_by_itself(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    ui_flash(sc.ui, false, "saved %s", "x");
    assert_true(scene_has(&sc, "saved x"));
    clock_advance(&sc.clock, 5000);
    assert_true(ui_needs_frame(sc.ui));
    assert_false(scene_has(&sc, "saved x"));
    scene_close(&sc);
}

static void
ui__order_of_the_list_is_that_of_the_model(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "g");
    struct pod_block before, now;
    for (int i = 0; i < 11; i++) {
        const struct pod *a = store_get(sc.store, ui_focus(sc.ui));
        scene_keys(&sc, "j");
        scene_draw(&sc, 100, 30);
        const struct pod *b = store_get(sc.store, ui_focus(sc.ui));
        pod_block_of(a, CLUSTER_NOW, &before);
        pod_block_of(b, CLUSTER_NOW, &now);
        assert_true(pod_block_compare(a, &before, b, &now) < 0);
    }
    scene_close(&sc);
}

static void
ui__reset_goes_back_to_the_list(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "\rv?");
    ui_reset(sc.ui);
    assert_string_equal(ui_top_view(sc.ui), "pods");
    ui_open(sc.ui, "help", (struct pod_ref){0, 0}, "pods");
    assert_string_equal(ui_top_view(sc.ui), "help");
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ui__q_goes_back_and_quits_on_the_first_view),
        cmocka_unit_test(ui__views_of_a_pod_are_neighbours),
        cmocka_unit_test(ui__esc_never_quits),
        cmocka_unit_test(ui__ctrl_c_quits_from_anywhere_but_only_closes_a_prompt),
        cmocka_unit_test(ui__filter_is_live_kept_and_cleared),
        cmocka_unit_test(ui__backspace_on_an_empty_prompt_closes_it),
        cmocka_unit_test(ui__prompt_edits_utf8_by_characters),
        cmocka_unit_test(ui__commands_complete_and_have_history),
        cmocka_unit_test(ui__commands_that_do_not_exist_say_so),
        cmocka_unit_test(ui__set_and_keys_change_the_preferences),
        cmocka_unit_test(ui__sort_reverse_and_problems),
        cmocka_unit_test(ui__selection_follows_its_pod),
        cmocka_unit_test(ui__j_and_k_step_through_the_list_from_another_view),
        cmocka_unit_test(ui__log_keys_ask_the_app_for_the_stream),
        cmocka_unit_test(ui__all_namespaces_and_back),
        cmocka_unit_test(ui__app_keys_become_intents),
        cmocka_unit_test(ui__keys_without_a_visible_effect_here_say_what_they_did),
        cmocka_unit_test(ui__an_unbound_key_says_where_help_is),
        cmocka_unit_test(ui__an_unknown_command_names_the_nearest),
        cmocka_unit_test(ui__refused_credentials_are_told_from_missing_rights),
        cmocka_unit_test(ui__freshness_is_always_on_the_first_line),
        cmocka_unit_test(ui__a_frame_is_due_only_when_something_changed),
        cmocka_unit_test(ui__a_spinner_turns_five_times_a_second_and_only_with_motion),
        cmocka_unit_test(ui__nothing_ticks_below_the_smallest_size),
        cmocka_unit_test(ui__flash_goes_by_itself),
        cmocka_unit_test(ui__order_of_the_list_is_that_of_the_model),
        cmocka_unit_test(ui__reset_goes_back_to_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
