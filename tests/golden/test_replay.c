/* The replay bar, the keys of a replay, and the recordings of examples/sessions as screens at several moments.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/source/replay.h"
#include "stories.h"

static struct replay_mark marks[] = {
    {T0 + SECONDS(12), REPLAY_MARK_FINDING, "crash: a container ends with an error"},
    {T0 + SECONDS(14), REPLAY_MARK_RESTART, "crash: migrate restarted"},
    {T0 + SECONDS(60), REPLAY_MARK_USER, "기다리는 시간이 두 배가 된다"},
    {T0 + SECONDS(250), REPLAY_MARK_FATAL, "crash: deleted"},
};

static struct replay_board
board_of_story(void)
{
    struct replay_board board = {
        .generation = 1, .begin_wall_ms = T0, .end_wall_ms = T0 + SECONDS(252), .speed = 4};
    board.marks.items = marks;
    board.marks.len = board.marks.cap = IW_COUNTOF(marks);
    return board;
}

static void
open_story(struct scene *sc, struct replay_board *board)
{
    scene_open(sc, T0 + SECONDS(70));
    sc->replay = board;
    scene_add(sc, story_native_sidecar());
    scene_live(sc);
    scene_ui(sc, "pods");
}

static void
replay__bar_shows_where_it_is(void **state)
{
    (void)state;
    struct scene sc;
    struct replay_board board = board_of_story();
    open_story(&sc, &board);
    assert_true(scene_is(&sc, "replay_60x16", 60, 16));
    assert_true(scene_is(&sc, "replay_80x24", 80, 24));
    assert_true(scene_is(&sc, "replay_140x40", 140, 40));
    assert_true(scene_is(&sc, "replay_200x60", 200, 60));
    scene_close(&sc);
}

static void
replay__bar_says_how_the_time_runs(void **state)
{
    (void)state;
    struct scene sc;
    struct replay_board board = board_of_story();
    open_story(&sc, &board);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "◀◀ ▶  ×4"));
    assert_true(scene_has(&sc, " REPLAY ×4 "));
    board.paused = true;
    board.reading = true;
    board.generation++;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "◀◀ ▮▮ ×4"));
    assert_true(scene_has(&sc, " REPLAY paused "));
    assert_true(scene_has(&sc, "4 marks…"));
    board.ended = true;
    board.generation++;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "◀◀ ■  ×4"));
    sc.prefs.ascii = true;
    ui_set_prefs(sc.ui, &sc.prefs);
    assert_true(scene_has(&sc, "<< [] x4"));
    scene_close(&sc);
}

static void
replay__keys_ask_the_app_in_every_view(void **state)
{
    (void)state;
    static const struct {
        const char *key, *asks;
    } rows[] = {{";", "pause"},   {",", "back"}, {".", "step"}, {"<", "speed 2"},
                {">", "speed 8"}, {"(", "prev"}, {")", "next"}};
    static const char *const views[] = {"pods", "detail", "events", "help", "messages", "owners"};
    struct scene sc;
    struct replay_board board = board_of_story();
    keymap_set_replay(true);
    for (size_t v = 0; v < IW_COUNTOF(views); v++) {
        open_story(&sc, &board);
        ui_open(sc.ui, views[v], (struct pod_ref){0, 1}, NULL);
        for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
            scene_keys(&sc, rows[i].key);
            assert_int_equal(sc.last.kind, INTENT_REPLAY);
            assert_string_equal(sc.last.text, rows[i].asks);
        }
        scene_close(&sc);
    }
    keymap_set_replay(false);
    open_story(&sc, &board);
    sc.last = (struct intent){0};
    scene_keys(&sc, "<");
    assert_int_not_equal(sc.last.kind, INTENT_REPLAY);
    scene_close(&sc);
}

static void
replay__a_click_into_the_bar_goes_there(void **state)
{
    (void)state;
    struct scene sc;
    struct replay_board board = board_of_story();
    open_story(&sc, &board);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "12:00:00 ─┼"));
    struct term_mouse click = {.kind = TERM_MOUSE_PRESS, .x = 20, .y = 22};
    ui_mouse(sc.ui, &click);
    assert_int_equal(sc.last.kind, INTENT_REPLAY);
    assert_string_equal(sc.last.text, "at 0");
    click.x = 40;
    ui_mouse(sc.ui, &click);
    int64_t at_ms = strtoll(sc.last.text + 3, NULL, 10);
    assert_in_range(at_ms, SECONDS(100), SECONDS(170));
    scene_close(&sc);
}

/* What the mark of a recording looks like, and that commands for it leave the ui. */
static void
record__mark_and_commands(void **state)
{
    (void)state;
    struct scene sc;
    open_story(&sc, NULL);
    sc.session.recording = true;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "● REC"));
    scene_keys(&sc, ":record x.jsonl\r");
    assert_int_equal(sc.last.kind, INTENT_RECORD);
    assert_string_equal(sc.last.text, "x.jsonl");
    scene_keys(&sc, ":record\r");
    assert_string_equal(sc.last.text, "");
    scene_keys(&sc, ":note it begins here\r");
    assert_int_equal(sc.last.kind, INTENT_NOTE);
    assert_string_equal(sc.last.text, "it begins here");
    sc.last = (struct intent){0};
    scene_keys(&sc, ":replay go\r");
    assert_int_not_equal(sc.last.kind, INTENT_REPLAY);
    assert_true(scene_has(&sc, "only while a recording is played"));
    scene_keys(&sc, ":record ");
    assert_true(scene_has(&sc, "session-2026-06-15-120110.jsonl"));
    scene_close(&sc);
}

/* --- recordings --- */

static void
play_to(struct scene *sc, const struct recording *r, int64_t t_ms)
{
    int64_t started_ms = recording_about(r)->started_wall_ms;
    for (size_t i = 0; i < recording_upto(r, t_ms); i++) {
        int64_t wall_ms = started_ms + recording_at(r, i)->t_ms;
        clock_advance(&sc->clock, wall_ms - clock_wall(&sc->clock));
        (void)replay_tell(r, i, wall_ms, &sc->sink);
    }
    clock_advance(&sc->clock, started_ms + t_ms - clock_wall(&sc->clock));
}

static void
check_moments(const char *file, const int64_t *seconds, size_t count)
{
    static const struct {
        int cols, rows;
    } sizes[] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    char path[512], name[128];
    struct recording *r = NULL;
    struct iw_error err = {0};
    snprintf(path, sizeof(path), "%s/examples/sessions/%s.jsonl", TEST_SOURCE_DIR, file);
    if (recording_open(path, &r, &err) != IW_OK)
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < count; i++) {
        struct scene sc;
        struct replay_board board = {
            .generation = 1, .speed = 1, .begin_wall_ms = recording_about(r)->started_wall_ms};
        board.end_wall_ms = board.begin_wall_ms + recording_about(r)->length_ms;
        scene_open(&sc, board.begin_wall_ms);
        snprintf(sc.session.context, sizeof(sc.session.context), "%s", recording_about(r)->context);
        sc.session.ns[0] = '\0';
        sc.replay = &board;
        play_to(&sc, r, SECONDS(seconds[i]));
        scene_ui(&sc, "pods");
        for (size_t k = 0; k < IW_COUNTOF(sizes); k++) {
            snprintf(name, sizeof(name), "session_%s_%lld_%dx%d", file, (long long)seconds[i],
                     sizes[k].cols, sizes[k].rows);
            assert_true(scene_is(&sc, name, sizes[k].cols, sizes[k].rows));
        }
        scene_close(&sc);
    }
    recording_free(r);
}

static void
session__crash_loop_at_three_moments(void **state)
{
    static const int64_t seconds[] = {2, 20, 70};
    (void)state;
    check_moments("crash-loop", seconds, IW_COUNTOF(seconds));
}

static void
session__sidecar_startup_at_three_moments(void **state)
{
    static const int64_t seconds[] = {3, 15, 40};
    (void)state;
    check_moments("sidecar-startup", seconds, IW_COUNTOF(seconds));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__bar_shows_where_it_is),
        cmocka_unit_test(replay__bar_says_how_the_time_runs),
        cmocka_unit_test(replay__keys_ask_the_app_in_every_view),
        cmocka_unit_test(replay__a_click_into_the_bar_goes_there),
        cmocka_unit_test(record__mark_and_commands),
        cmocka_unit_test(session__crash_loop_at_three_moments),
        cmocka_unit_test(session__sidecar_startup_at_three_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
