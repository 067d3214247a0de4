/* Words and keys of k9s, kubectl and vim: each does what is meant or says what to press.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../golden/cluster.h"

static void
words__name_the_screens_of_k9s(void **state)
{
    static const struct {
        const char *typed, *view;
    } cases[] = {
        {":deploy\r", "owners"},
        {":sts\r", "owners"},
        {":po\r", "pods"},
        {":no\r", "nodes"},
        {":ev\r", "all-events"},
        {":popeye\r", "findings"},
        {":aliases\r", "help"},
        {":get pods\r", "pods"},
        {":kubectl get no\r", "nodes"},
        {":desc myapp-pod\r", "describe"},
        {":describe pod/myapp-pod\r", "describe"},
    };
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        scene_keys(&sc, ":findings\r");
        scene_keys(&sc, cases[i].typed);
        assert_string_equal(ui_top_view(sc.ui), cases[i].view);
    }
    scene_close(&sc);
}

static void
words__pods_takes_a_namespace_a_label_or_a_filter(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":pods data\r");
    assert_int_equal(sc.last.kind, INTENT_NAMESPACE);
    assert_string_equal(sc.last.text, "data");
    scene_keys(&sc, ":po all\r");
    assert_string_equal(sc.last.text, "*");
    scene_keys(&sc, ":ns all\r");
    assert_string_equal(sc.last.text, "*");
    int intents = sc.intents;
    scene_keys(&sc, ":pods /wait\r");
    assert_true(scene_has(&sc, "myapp-wait-db"));
    assert_false(scene_finds(&sc, "myapp-pod "));
    scene_keys(&sc, ":pods app=none\r");
    assert_true(scene_has(&sc, "-l app=none"));
    assert_int_equal(sc.intents, intents);
    scene_close(&sc);
}

static void
words__quit_as_in_vim(void **state)
{
    static const char *const typed[] = {":q!\r", ":qa\r", ":wq\r", ":exit\r", ":q\r"};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(typed); i++) {
        struct scene sc;
        cluster_open_pods(&sc);
        scene_keys(&sc, typed[i]);
        assert_int_equal(sc.last.kind, INTENT_QUIT);
        scene_close(&sc);
    }
}

static void
words__pods_leads_to_the_pods_from_every_tab(void **state)
{
    (void)state;
    for (char tab = '1'; tab <= '6'; tab++) {
        struct scene sc;
        const char keys[] = {tab, 0};
        cluster_open_pods(&sc);
        scene_keys(&sc, keys);
        scene_keys(&sc, ":pods /wait\r");
        assert_string_equal(ui_top_view(sc.ui), "pods");
        assert_true(scene_has(&sc, "myapp-wait-db"));
        scene_close(&sc);
    }
}

/* ":sa" once meant ":save", as the first command that begins so, and wrote a file. */
static void
words__without_a_screen_say_where_to_look(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":sa\r");
    assert_true(scene_has(&sc, "sa: no list here"));
    scene_keys(&sc, ":svc\r");
    assert_true(scene_has(&sc, "x on a pod"));
    scene_keys(&sc, ":secrets\r");
    assert_true(scene_has(&sc, "d on a pod"));
    scene_keys(&sc, ":pf\r");
    assert_true(scene_has(&sc, "s, a, D and F copy the kubectl command"));
    assert_int_equal(sc.intents, 0);
    scene_close(&sc);
}

/* Before Enter: the palette says what a word of k9s is here. */
static void
words__stand_in_the_palette(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":svc");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "shows one; x on a pod"));
    ui_key(sc.ui, KEY_ESC_CODE);
    scene_keys(&sc, ":deploy");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, ":owners"));
    ui_key(sc.ui, KEY_ESC_CODE);
    scene_keys(&sc, "::q!");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, ":quit"));
    assert_false(scene_has(&sc, "0 found"));
    scene_close(&sc);
}

static void
words__that_are_misspelt_have_a_near_one(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":nodse\r");
    assert_true(scene_has(&sc, "did you mean :nodes?"));
    scene_keys(&sc, ":realist\r");
    assert_true(scene_has(&sc, "did you mean :relist?"));
    scene_close(&sc);
}

static void
words__a_list_is_offered_where_k9s_has_a_screen(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, ":namespaces\r");
    assert_true(scene_has(&sc, "all namespaces"));
    scene_keys(&sc, "da\t\r");
    assert_int_equal(sc.last.kind, INTENT_NAMESPACE);
    assert_string_equal(sc.last.text, "data");
    scene_keys(&sc, ":theme light\r");
    assert_string_equal(ui_prefs(sc.ui)->theme_name, "light");
    scene_close(&sc);
}

static void
words__keys_of_k9s_name_ours(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "\x01");
    assert_true(scene_has(&sc, "^A: a colon lists every command"));
    scene_keys(&sc, "\x17");
    assert_true(scene_has(&sc, "^W: w shows"));
    scene_keys(&sc, "C");
    assert_true(scene_has(&sc, "C: o chooses the column"));
    scene_keys(&sc, "T");
    assert_true(scene_has(&sc, "T: o and restarts sorts by restarts"));
    scene_keys(&sc, "xA");
    assert_true(scene_has(&sc, "A does nothing here"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__name_the_screens_of_k9s),
        cmocka_unit_test(words__pods_takes_a_namespace_a_label_or_a_filter),
        cmocka_unit_test(words__pods_leads_to_the_pods_from_every_tab),
        cmocka_unit_test(words__quit_as_in_vim),
        cmocka_unit_test(words__without_a_screen_say_where_to_look),
        cmocka_unit_test(words__stand_in_the_palette),
        cmocka_unit_test(words__that_are_misspelt_have_a_near_one),
        cmocka_unit_test(words__a_list_is_offered_where_k9s_has_a_screen),
        cmocka_unit_test(words__keys_of_k9s_name_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
