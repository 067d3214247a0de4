/* What the dashboard asks of a player, and the marks that are found ahead of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/app/replay_control.h"

#define CRASH TEST_SOURCE_DIR "/examples/sessions/crash-loop.jsonl"

struct world {
    struct clock clock;
    struct session session;
    struct replay_control *control;
    char said[256];
};

static void
set_clock(void *ctx, int64_t wall_ms, double speed)
{
    struct world *w = ctx;
    (void)speed;
    w->clock.manual_wall_ms = wall_ms;
}

static void
on_rewind(void *ctx, const struct replay_undone *undone)
{
    struct world *w = ctx;
    replay_forget(w->session.store, undone);
}

static void
on_arrived(void *ctx)
{
    struct world *w = ctx;
    store_rewound(w->session.store);
}

static void
flash(void *ctx, bool error, const char *text)
{
    struct world *w = ctx;
    snprintf(w->said, sizeof(w->said), "%s%s", error ? "! " : "", text);
}

static void
settle(struct world *w)
{
    for (int i = 0; i < 200; i++)
        loop_turn(w->session.loop, 0);
    replay_control_refresh(w->control);
}

static void
world_open(struct world *w)
{
    struct iw_error err = {0};
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, 0);
    struct session *s = &w->session;
    if (recording_open(CRASH, &s->recording, &err) != IW_OK)
        fail_msg("%s", err.msg);
    s->loop = loop_new(&w->clock);
    s->store = store_new(&w->clock);
    s->replay = (struct replay_opts){.recording = s->recording,
                                     .set_clock = set_clock,
                                     .rewind = on_rewind,
                                     .arrived = on_arrived,
                                     .ctx = w};
    struct source_opts opts = {.loop = s->loop, .sink = store_sink(s->store), .replay = &s->replay};
    assert_int_equal(source_replay.open(&opts, &s->source, &err), IW_OK);
    w->control = replay_control_new(s, flash, w);
    settle(w);
}

static void
world_close(struct world *w)
{
    replay_control_free(w->control);
    source_replay.close(w->session.source);
    store_free(w->session.store);
    loop_free(w->session.loop);
    recording_free(w->session.recording);
}

static void
ask(struct world *w, const char *text)
{
    w->said[0] = '\0';
    replay_control_ask(w->control, text, true);
    settle(w);
}

static int64_t
at_ms(const struct world *w)
{
    struct replay_state st;
    replay_state(w->session.source, &st);
    return st.at_ms;
}

static void
marks__are_restarts_findings_failures_and_notes(void **state)
{
    static const struct {
        enum replay_mark_kind kind;
        const char *text;
    } expected[] = {{REPLAY_MARK_RESTART, "crash: migrate restarted"},
                    {REPLAY_MARK_USER, "the wait doubles: 10 s, 20 s, 40 s"}};
    struct world w;
    (void)state;
    world_open(&w);
    const struct replay_board *board = replay_control_board(w.control);
    assert_false(board->reading);
    size_t found = 0;
    for (size_t i = 0; i < board->marks.len; i++) {
        const struct replay_mark *mark = &board->marks.items[i];
        print_message("%lld %s\n", (long long)(mark->wall_ms - board->begin_wall_ms), mark->text);
        assert_true(i == 0 || mark->wall_ms >= board->marks.items[i - 1].wall_ms);
        for (size_t k = 0; k < IW_COUNTOF(expected); k++)
            found += mark->kind == expected[k].kind && strcmp(mark->text, expected[k].text) == 0;
    }
    /* Three restarts while it was recorded, one note. */
    assert_int_equal(found, 4);
    assert_in_range(board->marks.len, 5, 7);
    world_close(&w);
}

static void
ask__knows_words_times_and_marks(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    const struct replay_board *board = replay_control_board(w.control);
    ask(&w, "pause");
    assert_true(board->paused);
    ask(&w, "12:00:32");
    /* It began at 12:00:02 and a part of a second. */
    assert_in_range(at_ms(&w), 29000, 30999);
    ask(&w, "next");
    assert_string_equal(w.said, "the wait doubles: 10 s, 20 s, 40 s");
    assert_int_equal(at_ms(&w), 38022);
    ask(&w, "prev");
    assert_string_equal(w.said, "crash: migrate restarted");
    ask(&w, "end");
    assert_true(board->ended);
    ask(&w, "next");
    assert_string_equal(w.said, "there is no mark after this");
    ask(&w, "step");
    assert_string_equal(w.said, "this was the last change");
    ask(&w, "start");
    assert_in_range(at_ms(&w), 1, 100);
    ask(&w, "prev");
    assert_string_equal(w.said, "there is no mark before this");
    ask(&w, "at 5000");
    assert_int_equal(at_ms(&w), 5000);
    ask(&w, "speed 4");
    assert_true(board->speed == 4);
    assert_string_equal(w.said, "×4");
    ask(&w, "go");
    assert_false(board->paused);
    static const char *const wrong[] = {"",      "speed x", "speed -1", "25:00",
                                        "12:61", "at -5",   "at 5x",    "dance"};
    for (size_t i = 0; i < IW_COUNTOF(wrong); i++) {
        ask(&w, wrong[i]);
        assert_memory_equal(w.said, "! replay: pause", 15);
    }
    replay_control_ask(NULL, "go", true);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks__are_restarts_findings_failures_and_notes),
        cmocka_unit_test(ask__knows_words_times_and_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
