/* Golden screens of a demo session: the course, and the mark of the simulation.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stories.h"

static struct demo_scenario scenarios[] = {
    {"clone-and-serve", "An init step clones a repository, then a web server shows it",
     "Init:0/1 while `download` runs, PodInitializing while the image of `run` is pulled, then\n"
     "Running. What an init container leaves in a shared volume is all that the application sees.",
     "l", "shop/www", " shop/www ", 1, 0},
    {"native-sidecars", "One init step, two native sidecars, one application",
     "The order is database-init, log-router, metrics-collector, application.", "enter",
     "shop/myapp-with-native-sidecar", " shop/myapp-with-native-sidecar ", 1, 2},
    {"ordered-shutdown", "Deleting a pod with three sidecars", "It goes in reverse order.", "L", "",
     " ", 0, 1},
};

static struct demo_board
course(void)
{
    struct demo_board board = {.generation = 1,
                               .known = true,
                               .speed = 1,
                               .simulated_ms = 124000,
                               .faults = {{"outage", 0}, {"slow", 4200}, {"event-storm", 0}},
                               .fault_count = 3};
    board.scenarios.items = scenarios;
    board.scenarios.len = board.scenarios.cap = IW_COUNTOF(scenarios);
    return board;
}

static void
open_course(struct scene *sc, struct demo_board *board)
{
    scene_open(sc, T0 + SECONDS(48));
    sc->board = board;
    sc->session.demo = true;
    scene_add(sc, story_native_sidecar());
    scene_live(sc);
    scene_ui(sc, "demo");
}

static void
demo__shows_the_course_the_clock_and_the_troubles(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    open_course(&sc, &board);
    assert_true(scene_is(&sc, "demo_80x24", 80, 24));
    assert_true(scene_is(&sc, "demo_140x40", 140, 40));
    scene_close(&sc);
}

static void
demo__mark_says_how_the_time_runs(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    open_course(&sc, &board);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " DEMO "));
    board.speed = 4;
    board.generation++;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " DEMO ×4 "));
    board.paused = true;
    board.generation++;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " DEMO paused "));
    scene_close(&sc);
}

static void
demo__keys_ask_the_app(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *asks;
    } rows[] = {
        {",", "pause"},
        {".", "step 1s"},
        {">", "speed 2"},
        {"<", "speed 0.5"},
        {"r", "restart clone-and-serve"},
        {"jr", "restart native-sidecars"},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct scene sc;
        struct demo_board board = course();
        open_course(&sc, &board);
        scene_draw(&sc, 80, 24);
        scene_keys(&sc, rows[i].keys);
        assert_int_equal(sc.last.kind, INTENT_DEMO);
        assert_string_equal(sc.last.text, rows[i].asks);
        scene_close(&sc);
    }
}

static void
demo__trouble_is_chosen_with_tab(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    open_course(&sc, &board);
    scene_draw(&sc, 80, 24);
    ui_key(sc.ui, KEY_TAB_CODE);
    ui_key(sc.ui, KEY_ENTER_CODE);
    assert_string_equal(sc.last.text, "fault outage");
    scene_keys(&sc, "j");
    ui_key(sc.ui, KEY_ENTER_CODE);
    assert_string_equal(sc.last.text, "fault none"); /* it is on */
    scene_close(&sc);
}

static void
demo__enter_opens_the_pod_of_the_scenario(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    open_course(&sc, &board);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "j");
    ui_key(sc.ui, KEY_ENTER_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "› myapp-with-native-sidecar"));
    scene_keys(&sc, ";"); /* from a pod the course opens at its scenario */
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸native-sidecars"));
    scene_close(&sc);
}

/* Between two rounds of its scenarios there is no pod: nobody has to think that something broke. */
static void
demo__says_that_a_scenario_begins_again(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    scene_open(&sc, T0 + SECONDS(48));
    sc.board = &board;
    sc.session.demo = true;
    sc.session.ns[0] = '\0';
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "no pods at this moment: the scenario begins again soon"));
    assert_true(scene_has(&sc, "; opens the course"));
    snprintf(sc.session.ns, sizeof(sc.session.ns), "shop");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "no pods in "));
    scene_close(&sc);
}

static void
demo__a_step_is_edited_by_a_command_about_it(void **state)
{
    (void)state;
    struct scene sc;
    struct demo_board board = course();
    open_course(&sc, &board);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "jT");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, ":demo edit shop/myapp-with-native-sidecar "));
    assert_true(scene_has(&sc, "it never ends"));
    assert_false(scene_has(&sc, "the clock stands still"));
    scene_keys(&sc, "hang ");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "in all pods of its owner"));
    ui_key(sc.ui, KEY_BACKSPACE_CODE);
    ui_key(sc.ui, KEY_ENTER_CODE);
    assert_int_equal(sc.last.kind, INTENT_DEMO);
    assert_string_equal(sc.last.text, "edit shop/myapp-with-native-sidecar hang");
    scene_close(&sc);
}

static void
demo__keys_do_nothing_in_a_real_cluster(void **state)
{
    (void)state;
    struct scene sc;
    story_open(&sc, story_native_sidecar(), 48, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, ",");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "only in a demo"));
    assert_true(sc.last.kind != INTENT_DEMO);
    scene_keys(&sc, ";");
    assert_string_equal(ui_top_view(sc.ui), "pods");
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__shows_the_course_the_clock_and_the_troubles),
        cmocka_unit_test(demo__mark_says_how_the_time_runs),
        cmocka_unit_test(demo__keys_ask_the_app),
        cmocka_unit_test(demo__trouble_is_chosen_with_tab),
        cmocka_unit_test(demo__enter_opens_the_pod_of_the_scenario),
        cmocka_unit_test(demo__says_that_a_scenario_begins_again),
        cmocka_unit_test(demo__a_step_is_edited_by_a_command_about_it),
        cmocka_unit_test(demo__keys_do_nothing_in_a_real_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
