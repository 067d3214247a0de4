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

/* Whether anything is changed is the app's to decide: the ui names the pod and what was asked. */
static void
writing_keys__hand_the_pod_to_the_app(void **state)
{
    static const struct {
        uint32_t key;
        enum key_writes writes;
    } keys[] = {{'s', WRITES_SHELL},   {'a', WRITES_ATTACH},          {'D', WRITES_DEBUG},
                {'F', WRITES_FORWARD}, {'f', WRITES_FORWARDS},        {'r', WRITES_RESTART},
                {'e', WRITES_EDIT},    {KEY_CTRL('k'), WRITES_DELETE}};
    struct scene sc;
    (void)state;
    cluster_open_pods(&sc);
    for (size_t i = 0; i < IW_COUNTOF(keys); i++) {
        ui_key(sc.ui, keys[i].key);
        assert_int_equal(sc.intents, i + 1);
        assert_int_equal(sc.last.kind, INTENT_WRITE);
        assert_int_equal(sc.last.writes, keys[i].writes);
        assert_non_null(store_get(sc.store, sc.last.pod));
    }
    scene_keys(&sc, " j ");
    ui_key(sc.ui, KEY_CTRL('k'));
    assert_int_equal(sc.last.pod_count, 2); /* the marked ones */
    scene_close(&sc);
}

static void
said_yes(void *ctx)
{
    ++*(int *)ctx;
}

/* A word and Enter, anything else is a no. */
static void
confirm_typed__wants_the_word(void **state)
{
    struct scene sc;
    int yes = 0;
    (void)state;
    cluster_open_pods(&sc);
    ui_confirm_typed(sc.ui, "3", said_yes, &yes, "delete 3 pods? Type %s and Enter:", "3");
    assert_true(scene_has(&sc, "delete 3 pods? Type 3 and Enter:"));
    scene_keys(&sc, "y\r");
    assert_int_equal(yes, 0);
    assert_true(scene_has(&sc, "nothing was done"));
    ui_confirm_typed(sc.ui, "3", said_yes, &yes, "delete 3 pods?");
    scene_keys(&sc, "4");
    ui_key(sc.ui, KEY_BACKSPACE_CODE);
    scene_keys(&sc, "3\r");
    assert_int_equal(yes, 1);
    ui_confirm_typed(sc.ui, "3", said_yes, &yes, "delete 3 pods?");
    scene_keys(&sc, "3");
    ui_key(sc.ui, KEY_ESC_CODE);
    assert_int_equal(yes, 1);
    ui_confirm(sc.ui, said_yes, &yes, "one?"); /* the question after it needs only a y */
    scene_keys(&sc, "y");
    assert_int_equal(yes, 2);
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history__goes_back_and_forward_as_a_browser),
        cmocka_unit_test(last_view__toggles_between_two_screens),
        cmocka_unit_test(marks__lead_back_to_a_pod_and_say_what_is_wrong),
        cmocka_unit_test(writing_keys__hand_the_pod_to_the_app),
        cmocka_unit_test(confirm_typed__wants_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
