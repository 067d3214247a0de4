/* Golden scenes of what is around the views: palette, marks, prompts, languages, themes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cluster.h"
#include "initwatch/base/tr.h"

static const char *const CONTEXTS[] = {"kind-demo", "prod-eu", "prod-us", NULL};

static void
open_pods(struct scene *sc)
{
    cluster_open(sc);
    sc->session.contexts = CONTEXTS;
    scene_ui(sc, "pods");
}

static void
palette__offers_commands_and_what_was_run(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":sort name\r:");
    assert_true(scene_is(&sc, "palette_empty_80x24", 80, 24));
    assert_true(scene_is(&sc, "palette_empty_60x16", 60, 16));
    assert_true(scene_is(&sc, "palette_empty_140x40", 140, 40));
    scene_close(&sc);
}

static void
palette__finds_letters_in_order_in_objects_too(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":mwd");
    assert_true(scene_is(&sc, "palette_fuzzy_80x24", 80, 24));
    scene_keys(&sc, "\t");
    assert_true(scene_is(&sc, "palette_taken_80x24", 80, 24));
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_close(&sc);
}

static void
palette__enter_runs_what_begins_as_typed(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":ledg\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_keys(&sc, ":mess\r");
    assert_string_equal(ui_top_view(sc.ui), "messages");
    scene_keys(&sc, ":prod-e\r");
    assert_int_equal(sc.last.kind, INTENT_CONTEXT);
    assert_string_equal(sc.last.text, "prod-eu");
    scene_close(&sc);
}

static void
palette__offers_the_values_of_an_option(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":set the");
    assert_true(scene_is(&sc, "palette_options_80x24", 80, 24));
    scene_close(&sc);
}

static void
marks__ask_for_their_letter(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, "majmb'");
    assert_true(scene_is(&sc, "marks_go_80x24", 80, 24));
    scene_close(&sc);
}

static void
count_yes(void *ctx)
{
    ++*(int *)ctx;
}

static void
confirm__only_y_agrees(void **state)
{
    struct scene sc;
    int agreed = 0;
    (void)state;
    open_pods(&sc);
    ui_confirm(sc.ui, count_yes, &agreed,
               "delete pod checkout-6f7d9c-hx4kp? ReplicaSet will make a new one; 5 attempts of "
               "log are saved.");
    assert_true(scene_is(&sc, "confirm_80x24", 80, 24));
    assert_true(scene_is(&sc, "confirm_140x40", 140, 40));
    scene_keys(&sc, "\r");
    assert_int_equal(agreed, 0);
    assert_true(scene_has(&sc, "nothing was done"));
    ui_confirm(sc.ui, count_yes, &agreed, "really?");
    scene_keys(&sc, "yy");
    assert_int_equal(agreed, 1);
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palette__offers_commands_and_what_was_run),
        cmocka_unit_test(palette__finds_letters_in_order_in_objects_too),
        cmocka_unit_test(palette__enter_runs_what_begins_as_typed),
        cmocka_unit_test(palette__offers_the_values_of_an_option),
        cmocka_unit_test(marks__ask_for_their_letter),
        cmocka_unit_test(confirm__only_y_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
