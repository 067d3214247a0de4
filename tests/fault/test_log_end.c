/* The end of a run, step by step: answers that are cut just behind the last line that was shown, restarts the store has not
 * heard of, files that were rotated away. What was written is shown, or a gap is said.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log_world.h"

enum { DEADLINE_MS = 20000 };

struct told {
    struct log_world w;
    struct log_stream *stream;
    struct strbuf
        text; /* "1:one 1:two " : attempt (from 1) and line; "[...] " a mark that tells of missing lines */
    int32_t chapter_attempt[16];
    uint32_t chapters;
};

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct told *t = ctx;
    (void)st, (void)stamp_len, (void)newline;
    strbuf_addf(&t->text, "%d:%.*s ", t->chapter_attempt[line->chapter] + 1, (int)line->len,
                line->text);
}

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct told *t = ctx;
    (void)st;
    if (id == 0) {
        id = ++t->chapters;
        t->chapter_attempt[id] = facts->attempt;
    }
    return id;
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct told *t = ctx;
    (void)st, (void)wall_ms;
    if (strstr(sentence, "may be missing"))
        strbuf_adds(&t->text, "[missing] ");
    else if (strstr(sentence, "could be asked for again"))
        strbuf_adds(&t->text, "[unsure] ");
}

static void
open_told(struct told *t)
{
    memset(t, 0, sizeof(*t));
    strbuf_init(&t->text, 1 << 16);
    lw_open(&t->w, 1);
    struct log_stream_env env = {
        .loop = t->w.session.loop, .store = t->w.session.store, .source = t->w.session.source};
    struct log_stream_opts opts = {.pod = t->w.pod,
                                   .container = "app",
                                   .follow = true,
                                   .verify = true,
                                   .history = true,
                                   .only_attempt = LOG_ATTEMPT_ANY,
                                   .tail_lines = -1,
                                   .since_seconds = -1,
                                   .since_wall_ms = IW_TIME_NONE};
    struct log_stream_sink sink = {
        .ctx = t, .line = on_line, .chapter = on_chapter, .mark = on_mark};
    t->stream = log_stream_new(&env, &opts, &sink);
    log_stream_start(t->stream);
}

static void
close_told(struct told *t)
{
    log_stream_free(t->stream);
    strbuf_free(&t->text);
    lw_close(&t->w);
}

static void
write_line(struct told *t, const char *text)
{
    log_server_append(t->w.server, clock_wall(&t->w.clock) * 1000000, text);
    clock_advance(&t->w.clock, 300);
}

static void
wait_for(struct told *t, const char *story)
{
    for (int64_t begin_ms = lw_real_ms(); strcmp(t->text.data, story) != 0;) {
        loop_turn(t->w.session.loop, 2);
        clock_advance(&t->w.clock, 20);
        if (lw_real_ms() - begin_ms > DEADLINE_MS || strlen(t->text.data) > strlen(story))
            fail_msg("\"%s\" instead of \"%s\" (state %d, %s)", t->text.data, story,
                     (int)log_stream_info(t->stream)->state, log_stream_info(t->stream)->sentence);
    }
}

static void
wait_requests(struct told *t, unsigned count)
{
    for (int64_t begin_ms = lw_real_ms(); log_server_requests(t->w.server) < count;) {
        loop_turn(t->w.session.loop, 2);
        clock_advance(&t->w.clock, 20);
        if (lw_real_ms() - begin_ms > DEADLINE_MS)
            fail_msg("only %u requests", log_server_requests(t->w.server));
    }
}

static void
tell(struct told *t, bool ended)
{
    lw_tell(&t->w, ended);
    log_stream_model_changed(t->stream);
}

/* Time passes without news from the cluster. */
static void
pass(struct told *t, int64_t ms)
{
    for (int64_t left_ms = ms; left_ms > 0; left_ms -= 100) {
        clock_advance(&t->w.clock, 100);
        loop_turn(t->w.session.loop, 2);
    }
}

/* A follow that has brought two lines and breaks; two more are written, then the container starts again. */
static void
read_two_of_four(struct told *t)
{
    open_told(t);
    write_line(t, "one");
    write_line(t, "two");
    wait_for(t, "1:one 1:two ");
    log_server_cut(t->w.server);
    write_line(t, "three");
    write_line(t, "four");
}

static void
log_end__an_answer_cut_just_behind_the_last_line_is_not_the_end(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    log_server_end_behind(t.w.server, 1, 2);
    lw_restart(&t.w);
    write_line(&t, "five");
    tell(&t, false);
    wait_for(&t, "1:one 1:two 1:three 1:four 2:five ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 0);
    close_told(&t);
}

static void
log_end__answers_cut_before_the_last_line_are_asked_for_again(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    log_server_end_behind(t.w.server, 2, 1);
    lw_restart(&t.w);
    write_line(&t, "five");
    tell(&t, false);
    wait_for(&t, "1:one 1:two 1:three 1:four 2:five ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 0);
    close_told(&t);
}

static void
log_end__a_restart_the_store_does_not_hear_of_for_a_minute_mixes_no_runs(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    lw_restart(&t.w);
    write_line(&t, "five");
    wait_for(&t, "1:one 1:two 1:three 1:four ");
    pass(&t, 60000);
    assert_string_equal(t.text.data, "1:one 1:two 1:three 1:four ");
    assert_int_equal(log_stream_info(t.stream)->state, LOG_STREAM_WAITING);
    tell(&t, false);
    wait_for(&t, "1:one 1:two 1:three 1:four 2:five ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 0);
    close_told(&t);
}

static void
log_end__a_run_that_is_over_for_the_store_and_the_one_before_for_the_node(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    tell(&t, true);
    lw_restart(&t.w);
    /* Nothing of it yet: then an answer about "the present run" is empty. */
    wait_for(&t, "1:one 1:two 1:three 1:four ");
    write_line(&t, "five");
    tell(&t, false);
    wait_for(&t, "1:one 1:two 1:three 1:four 2:five ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 0);
    close_told(&t);
}

static void
log_end__lines_that_were_rotated_away_are_said(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    log_server_rotate(t.w.server, 3);
    log_server_end_run(t.w.server);
    tell(&t, true);
    wait_for(&t, "1:one 1:two [missing] 1:four ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 1);
    close_told(&t);
}

static void
log_end__a_file_that_lost_the_last_line_shown_is_said(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    log_server_rotate(t.w.server, 4);
    lw_restart(&t.w);
    write_line(&t, "five");
    tell(&t, false);
    wait_for(&t, "1:one 1:two [missing] 2:five ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 1);
    close_told(&t);
}

static void
log_end__two_restarts_at_once_leave_a_gap_that_is_said(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    lw_restart(&t.w);
    write_line(&t, "five");
    lw_restart(&t.w);
    write_line(&t, "six");
    tell(&t, false);
    wait_for(&t, "1:one 1:two [missing] 2:five 3:six ");
    assert_int_equal(log_stream_info(t.stream)->gaps, 1);
    close_told(&t);
}

static void
log_end__the_run_after_the_one_before_is_not_taken_for_it(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    lw_restart(&t.w);
    const int32_t told = t.w.attempt;
    const int64_t started_ms = t.w.started_ms, ended_ms = t.w.ended_ms;
    write_line(&t, "five");
    lw_restart(&t.w);
    /* The store is one restart behind: "the one before" is another run for it than for the node. */
    const struct log_world now = t.w;
    t.w.attempt = told;
    t.w.started_ms = started_ms;
    t.w.ended_ms = ended_ms;
    tell(&t, false);
    wait_requests(&t, 3);
    pass(&t, 5000);
    t.w.attempt = now.attempt;
    t.w.started_ms = now.started_ms;
    t.w.ended_ms = now.ended_ms;
    tell(&t, false);
    wait_for(&t, "1:one 1:two [missing] 2:five ");
    write_line(&t, "six");
    wait_for(&t, "1:one 1:two [missing] 2:five 3:six ");
    close_told(&t);
}

static void
log_end__a_pod_deleted_while_its_log_is_interrupted_leaves_a_gap_that_is_said(void **state)
{
    (void)state;
    struct told t;
    read_two_of_four(&t);
    struct pod_make m;
    make_pod(&m, "web-0");
    make_container(&m, LIST_APP, "app");
    struct source_sink sink = store_sink(t.w.session.store);
    sink.remove(sink.ctx, pod_seal(&m.pod));
    log_stream_model_changed(t.stream);
    wait_for(&t, "1:one 1:two [missing] ");
    assert_int_equal(log_stream_info(t.stream)->state, LOG_STREAM_ENDED);
    close_told(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_end__an_answer_cut_just_behind_the_last_line_is_not_the_end),
        cmocka_unit_test(log_end__answers_cut_before_the_last_line_are_asked_for_again),
        cmocka_unit_test(log_end__a_restart_the_store_does_not_hear_of_for_a_minute_mixes_no_runs),
        cmocka_unit_test(log_end__a_run_that_is_over_for_the_store_and_the_one_before_for_the_node),
        cmocka_unit_test(log_end__lines_that_were_rotated_away_are_said),
        cmocka_unit_test(log_end__a_file_that_lost_the_last_line_shown_is_said),
        cmocka_unit_test(log_end__two_restarts_at_once_leave_a_gap_that_is_said),
        cmocka_unit_test(log_end__the_run_after_the_one_before_is_not_taken_for_it),
        cmocka_unit_test(
            log_end__a_pod_deleted_while_its_log_is_interrupted_leaves_a_gap_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
