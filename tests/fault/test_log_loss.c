/* The loss test: connections break a thousand times at random bytes, and every line is shown once, in order, under its attempt.
 * LOG_LOSS_SEED=N begins with another seed, LOG_LOSS_ROUNDS=N goes on for so many.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log_world.h"

enum {
    DISCONNECTS = 1000,
    RESTARTS_MIN = 20,
    RESTART_EVERY = 20, /* turns in which the stream has caught up */
    ROUNDS = 4,
    SEED_STEP = 13,
    /* The store lags behind a restart: as a rule by no more than this, sometimes long. */
    LAG_MS = 1500,
    LONG_LAG_MS = 60000,
    DEADLINE_MS = 120000,
    MAX_LINES = 200000
};

/* What the container wrote, and how much of it came out. */
struct told {
    struct log_world *w;
    struct log_stream *stream;
    struct {
        uint32_t number;
        int32_t attempt;
    } * written;
    size_t count, shown;
    int32_t chapter_attempt[4096];
    uint32_t chapters;
    unsigned marks;
};

static void
line_text(uint32_t number, char out[160])
{
    /* Characters of several bytes, so that breaks fall into them; every seventh line repeats the one before it. */
    static const char *const fill[] = {"", " é", " 漢字かな", " ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇",
                                       " {\"level\":\"info\"}"};
    snprintf(out, 160, "line %u%s", number, fill[number % 5]);
}

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct told *t = ctx;
    char want[160];
    (void)st;
    if (t->shown == t->count)
        fail_msg("a line too many after %zu: %.*s", t->shown, (int)line->len, line->text);
    line_text(t->written[t->shown].number, want);
    if (line->len != strlen(want) || memcmp(line->text, want, line->len) != 0)
        fail_msg("line %zu: \"%.*s\" instead of \"%s\"", t->shown, (int)line->len, line->text,
                 want);
    assert_true(newline);
    assert_int_equal(stamp_len, 31);
    assert_int_equal(t->chapter_attempt[line->chapter], t->written[t->shown].attempt);
    t->shown++;
}

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct told *t = ctx;
    (void)st;
    assert_string_equal(facts->missing, "");
    if (id == 0) {
        assert_true(++t->chapters < 4096);
        t->chapter_attempt[t->chapters] = facts->attempt;
        return t->chapters;
    }
    assert_int_equal(t->chapter_attempt[id], facts->attempt);
    return id;
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct told *t = ctx;
    (void)st, (void)wall_ms, (void)sentence;
    t->marks++;
}

static void
write_lines(struct told *t)
{
    struct log_world *w = t->w;
    for (uint64_t n = lw_random(w, 4); n > 0 && t->count < MAX_LINES; n--) {
        char text[160];
        uint32_t number = (uint32_t)(t->count - (t->count % 7 == 6));
        int64_t wall_ns = clock_wall(&w->clock) * 1000000; /* the same moment for several lines */
        line_text(number, text);
        t->written[t->count].number = number;
        t->written[t->count++].attempt = w->attempt;
        log_server_append(w->server, wall_ns, text);
    }
}

/* Time goes on; while the stream waits for its next try it jumps there. */
static void
pass_time(struct told *t)
{
    struct log_world *w = t->w;
    const struct log_stream_info *info = log_stream_info(t->stream);
    int64_t left_ms = info->retry_ms - clock_mono(&w->clock);
    clock_advance(&w->clock, left_ms > 0 && lw_random(w, 4) ? left_ms : (int64_t)lw_random(w, 120));
    loop_turn(w->session.loop, 1);
}

static uint64_t
from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void
open_stream(struct told *t, struct log_world *w, uint64_t seed)
{
    memset(t, 0, sizeof(*t));
    lw_open(w, seed + from_environment("LOG_LOSS_SEED", 0));
    t->w = w;
    t->written = iw_calloc(MAX_LINES, sizeof(*t->written));
    struct log_stream_env env = {
        .loop = w->session.loop, .store = w->session.store, .source = w->session.source};
    struct log_stream_opts opts = {.pod = w->pod,
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

/* The container ends for good: everything it wrote must be there. */
static void
finish(struct told *t)
{
    struct log_world *w = t->w;
    const struct log_stream_info *info = log_stream_info(t->stream);
    log_server_break(w->server, 0);
    log_server_end_run(w->server);
    lw_tell(w, true);
    for (int64_t begin_ms = lw_real_ms(); info->state != LOG_STREAM_ENDED || !info->read;) {
        log_stream_model_changed(t->stream);
        pass_time(t);
        if (lw_real_ms() - begin_ms > DEADLINE_MS)
            fail_msg("the log does not end: state %d, %s", (int)info->state, info->sentence);
    }
    assert_int_equal(t->shown, t->count);
    assert_int_equal(info->gaps, 0);
    log_stream_free(t->stream);
    free(t->written);
    lw_close(w);
}

static void
log_loss__a_thousand_broken_connections_lose_and_double_no_line(void **state)
{
    (void)state;
    static struct told t;
    struct log_world w;
    open_stream(&t, &w, 1);
    log_server_break(w.server, DISCONNECTS);
    for (int64_t begin_ms = lw_real_ms(); log_server_broken(w.server) < DISCONNECTS;) {
        write_lines(&t);
        pass_time(&t);
        if (lw_real_ms() - begin_ms > DEADLINE_MS)
            fail_msg("only %u connections broke", log_server_broken(w.server));
    }
    assert_true(t.count > 1000);
    assert_true(log_stream_info(t.stream)->reconnects > 100);
    assert_true(t.marks > 100);
    finish(&t);
}

/* When the store hears of the restart. Before it the cluster may have told that the run is over: then it is asked for as the
 * present one while it is the one before already. */
static int64_t
restart(struct log_world *w)
{
    if (lw_random(w, 3) == 0)
        lw_tell(w, true);
    lw_restart(w);
    return clock_mono(&w->clock) + (int64_t)lw_random(w, lw_random(w, 8) ? LAG_MS : LONG_LAG_MS);
}

static void
restarts(uint64_t seed)
{
    static struct told t;
    struct log_world w;
    open_stream(&t, &w, seed);
    log_server_break(w.server, DISCONNECTS);
    int64_t tell_ms = 0;
    /* How often the stream has caught up depends on how quickly connections break. */
    for (int64_t begin_ms = lw_real_ms();
         log_server_broken(w.server) < DISCONNECTS || w.attempt < RESTARTS_MIN;) {
        write_lines(&t);
        /* The cluster keeps one run: the next restart only when this one is being read. */
        bool caught_up = t.shown > 0 && t.written[t.shown - 1].attempt == w.attempt;
        if (w.told_attempt == w.attempt && caught_up && lw_random(&w, RESTART_EVERY) == 0) {
            tell_ms = restart(&w);
            log_stream_model_changed(t.stream);
        }
        pass_time(&t);
        if (w.told_attempt != w.attempt && clock_mono(&w.clock) >= tell_ms) {
            lw_tell(&w, false);
            log_stream_model_changed(t.stream);
        }
        if (lw_real_ms() - begin_ms > DEADLINE_MS)
            fail_msg("only %u connections broke, with %d restarts", log_server_broken(w.server),
                     (int)w.attempt);
    }
    while (w.told_attempt != w.attempt)
        lw_tell(&w, false);
    finish(&t);
    assert_int_equal(t.chapters, w.attempt + 1);
}

static void
log_loss__restarts_between_broken_connections_lose_and_double_no_line(void **state)
{
    (void)state;
    const uint64_t rounds = from_environment("LOG_LOSS_ROUNDS", ROUNDS);
    for (uint64_t i = 0; i < rounds; i++)
        restarts(2 + i * SEED_STEP);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_loss__a_thousand_broken_connections_lose_and_double_no_line),
        cmocka_unit_test(log_loss__restarts_between_broken_connections_lose_and_double_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
