/* Unit tests of history, marks and the keys that would write.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../golden/cluster.h"

static void
history__goes_back_and_forward_as_a_browser(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "\r");
    char first[256];
    snprintf(first, sizeof(first), "%s", scene_focus_name(&sc));
    scene_keys(&sc, "x");
    assert_string_equal(ui_top_view(sc.ui), "why");
    scene_keys(&sc, "[");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    assert_string_equal(scene_focus_name(&sc), first);
    scene_keys(&sc, "[");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_keys(&sc, "[");
    assert_true(scene_has(&sc, "nothing was looked at before this"));
    scene_keys(&sc, "]]");
    assert_string_equal(ui_top_view(sc.ui), "why");
    scene_keys(&sc, "q");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_close(&sc);
}

static void
last_view__toggles_between_two_screens(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "x-");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_keys(&sc, "-");
    assert_string_equal(ui_top_view(sc.ui), "why");
    scene_keys(&sc, "''");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_close(&sc);
}

static void
marks__lead_back_to_a_pod_and_say_what_is_wrong(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    scene_keys(&sc, "jjm");
    assert_true(scene_has(&sc, "mark this with which letter?"));
    char marked[256];
    snprintf(marked, sizeof(marked), "%s", scene_focus_name(&sc));
    scene_keys(&sc, "a");
    assert_true(scene_has(&sc, "mark a: "));
    scene_keys(&sc, "gg'");
    assert_true(scene_has(&sc, marked));
    scene_keys(&sc, "a");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    assert_string_equal(scene_focus_name(&sc), marked);
    scene_keys(&sc, "'z");
    assert_true(scene_has(&sc, "there is no mark z"));
    scene_keys(&sc, "m!");
    assert_true(scene_has(&sc, "a mark is a letter or a digit"));
    scene_close(&sc);
}

static void
writing_keys__say_that_nothing_is_changed(void **state)
{
    static const uint32_t keys[] = {'s', 'a', 'D', 'F', 'f', 'r', 'e', KEY_CTRL('k')};
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    for (size_t i = 0; i < IW_COUNTOF(keys); i++) {
        unsigned before = sc.intents;
        ui_key(sc.ui, keys[i]);
        assert_true(scene_has(&sc, "initwatch only reads so far"));
        assert_int_equal(sc.intents, before);
    }
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history__goes_back_and_forward_as_a_browser),
        cmocka_unit_test(last_view__toggles_between_two_screens),
        cmocka_unit_test(marks__lead_back_to_a_pod_and_say_what_is_wrong),
        cmocka_unit_test(writing_keys__say_that_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
