/* The player: when what is told, steps, jumps back under the same handles, logs of the right run.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/model/status.h"
#include "initwatch/model/store.h"
#include "initwatch/source/replay.h"

#define T0 INT64_C(1781524800000) /* 2026-06-15T12:00:00Z */
#define POD(ns, name, uid, rv, status)                                                             \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns "\",\"uid\":\"" uid                 \
    "\",\"resourceVersion\":\"" rv "\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{" \
    "\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\"," status "}]}}"
#define FRAME(t, type, ns, name, pod)                                                              \
    "{\"t\":" t ",\"src\":\"pods\",\"ns\":\"\",\"kind\":\"frame\",\"name\":\"" ns "/" name         \
    "\",\"data\":{\"type\":\"" type "\",\"object\":" pod "}}\n"
#define RUNNING(second, count)                                                                     \
    "\"ready\":true,\"restartCount\":" count                                                       \
    ",\"state\":{\"running\":{\"startedAt\":\"2026-06-15T12:00:" second "Z\"}}"
#define LAST(from, to)                                                                             \
    ",\"lastState\":{\"terminated\":{\"containerID\":\"x://"                                       \
    "1\",\"exitCode\":1,\"startedAt\":\"2026-06-15T12:00:" from                                    \
    "Z\",\"finishedAt\":\"2026-06-15T12:00:" to "Z\"}}"
#define LINE(t, second, text)                                                                      \
    "{\"t\":" t                                                                                    \
    ",\"src\":\"log\",\"ns\":\"\",\"kind\":\"line\",\"id\":1,\"data\":\"2026-06-15T12:00:" second  \
    "Z " text "\"}\n"

static const char STORY[] =
    "{\"initwatch\":\"session\",\"format\":1,\"version\":\"0.1\",\"started\":"
    "\"2026-06-15T12:00:00Z\",\"context\":\"c\",\"server\":\"s\",\"namespace\":\"\"}\n"
    "{\"t\":0,\"src\":\"pods\",\"ns\":\"\",\"kind\":\"list\"}\n"
    "{\"t\":1,\"src\":\"pods\",\"ns\":\"\",\"kind\":\"item\",\"name\":\"shop/a\",\"data\":" POD(
        "shop", "a", "ua", "1",
        RUNNING(
            "00",
            "0")) "}\n"
                  "{\"t\":1,\"src\":\"pods\",\"ns\":\"\",\"kind\":\"item\",\"name\":\"db/"
                  "b\",\"data\":" POD(
                      "db", "b", "ub", "2",
                      RUNNING(
                          "00",
                          "0")) "}\n"
                                "{\"t\":2,\"src\":\"pods\",\"ns\":\"\",\"kind\":\"listed\"}\n"
                                "{\"t\":2,\"src\":\"pods\",\"ns\":\"\",\"kind\":\"status\","
                                "\"data\":{\"state\":\"live\"}}\n"
                                "{\"t\":3,\"src\":\"log\",\"ns\":\"shop\",\"kind\":\"open\",\"id\":"
                                "1,\"pod\":\"a\",\"container\":\"c\"}\n" LINE("1000", "01.5",
                                                                              "first run")
                                    LINE("5000", "05.0", "dies") FRAME(
                                        "6000", "MODIFIED", "shop", "a",
                                        POD("shop", "a", "ua", "3",
                                            RUNNING("06", "1") LAST(
                                                "00",
                                                "05"))) "{\"t\":6500,\"src\":\"log\",\"ns\":"
                                                        "\"shop\",\"kind\":\"open\",\"id\":2,"
                                                        "\"pod\":\"a\",\"container\":\"c\"}\n"
                                                        "{\"t\":7000,\"src\":\"log\",\"ns\":\"\","
                                                        "\"kind\":\"line\",\"id\":2,\"data\":"
                                                        "\"2026-06-15T12:00:07.0Z second "
                                                        "run\"}\n" FRAME(
                                                            "10000", "ADDED", "shop", "late",
                                                            POD("shop", "late", "ul", "4",
                                                                RUNNING("10", "0")))
                                                            FRAME("12000", "DELETED", "db", "b",
                                                                  POD("db", "b", "ub", "5",
                                                                      RUNNING(
                                                                          "00",
                                                                          "0"))) "{\"t\":20000,"
                                                                                 "\"src\":\"user\","
                                                                                 "\"ns\":\"\","
                                                                                 "\"kind\":\"end\"}"
                                                                                 "\n";

struct world {
    struct clock clock;
    struct loop *loop;
    struct store *store;
    struct recording *recording;
    struct replay_opts how;
    struct source *source;
    int64_t clock_wall_ms;
    double clock_speed;
    int rewinds, arrivals;
    size_t undone;     /* without telling everything again */
    struct strbuf log; /* "first run|dies|." */
};

static void
set_clock(void *ctx, int64_t wall_ms, double speed)
{
    struct world *w = ctx;
    w->clock.manual_wall_ms = w->clock_wall_ms = wall_ms;
    w->clock_speed = speed;
}

static void
on_rewind(void *ctx, const struct replay_undone *undone)
{
    struct world *w = ctx;
    w->rewinds++;
    w->undone += undone ? undone->count : 0;
    replay_forget(w->store, undone);
}

static void
on_arrived(void *ctx)
{
    struct world *w = ctx;
    w->arrivals++;
    store_rewound(w->store);
}

static void
world_open(struct world *w, const char *ns, bool paused)
{
    struct iw_error err = {0};
    *w = (struct world){.clock = clock_manual(1000, T0 + 99999999)};
    w->loop = loop_new(&w->clock);
    w->store = store_new(&w->clock);
    strbuf_init(&w->log, 0);
    if (recording_read("FILE", iw_strndup(STORY, strlen(STORY)), strlen(STORY), &w->recording,
                       &err) != IW_OK)
        fail_msg("%s", err.msg);
    w->how = (struct replay_opts){.recording = w->recording,
                                  .set_clock = set_clock,
                                  .rewind = on_rewind,
                                  .arrived = on_arrived,
                                  .ctx = w,
                                  .paused = paused};
    struct source_opts opts = {
        .loop = w->loop, .sink = store_sink(w->store), .ns = ns, .replay = &w->how};
    assert_int_equal(source_replay.open(&opts, &w->source, &err), IW_OK);
}

static void
world_close(struct world *w)
{
    source_replay.close(w->source);
    recording_free(w->recording);
    store_free(w->store);
    loop_free(w->loop);
    strbuf_free(&w->log);
}

static void
settle(struct world *w)
{
    for (int i = 0; i < 20; i++)
        loop_turn(w->loop, 0);
}

/* So much real time passes. */
static void
pass(struct world *w, int64_t ms)
{
    for (; ms > 0; ms -= 500) {
        w->clock.manual_mono_ms += IW_MIN(ms, (int64_t)500);
        settle(w);
    }
}

static const char *
restarts_of(struct world *w, const char *name)
{
    static char text[64];
    struct pod_ref ref;
    struct pod_cells cells;
    if (!store_find(w->store, NULL, name, &ref))
        return "";
    pod_print_cells(store_get(w->store, ref), w->clock_wall_ms, &cells);
    snprintf(text, sizeof(text), "%s", cells.restarts);
    return text;
}

static struct replay_state
state_of(const struct world *w)
{
    struct replay_state st;
    replay_state(w->source, &st);
    return st;
}

static void
replay__tells_at_the_moment_of_the_recording(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", false);
    settle(&w);
    pass(&w, 1000);
    assert_int_equal(store_count(w.store), 2);
    assert_string_equal(restarts_of(&w, "a"), "0");
    assert_true(w.clock_wall_ms - T0 < 2000);
    assert_true(w.clock_speed == 1);
    pass(&w, 5500);
    assert_string_equal(restarts_of(&w, "a"), "1 (1s ago)");
    pass(&w, 5000);
    assert_int_equal(store_count(w.store), 3);
    pass(&w, 30000);
    assert_int_equal(store_count(w.store), 2);
    assert_true(state_of(&w).ended);
    assert_int_equal(w.clock_wall_ms, T0 + 20000);
    assert_true(w.clock_speed == 0);
    /* Going on at the end begins again. */
    replay_pause(w.source, false);
    settle(&w);
    assert_false(state_of(&w).ended);
    assert_int_equal(store_count(w.store), 2);
    world_close(&w);
}

static void
replay__speed_and_pause(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", false);
    settle(&w);
    replay_set_speed(w.source, 4);
    pass(&w, 2000);
    assert_in_range(state_of(&w).at_ms, 8000, 8004);
    replay_pause(w.source, true);
    assert_true(w.clock_speed == 0);
    pass(&w, 60000);
    assert_in_range(state_of(&w).at_ms, 8000, 8004);
    replay_set_speed(w.source, 1e9);
    assert_true(state_of(&w).speed == REPLAY_SPEED_MOST);
    replay_set_speed(w.source, 1e-9);
    assert_true(state_of(&w).speed == REPLAY_SPEED_LEAST);
    world_close(&w);
}

/* Each step is one change; back and on again is the same, and who looks at a pod still does. */
static void
replay__steps_both_ways_and_handles_stay(void **state)
{
    struct world w;
    struct pod_ref a, b, again;
    (void)state;
    world_open(&w, "", true);
    settle(&w);
    assert_true(replay_step(w.source, false));
    settle(&w);
    assert_int_equal(state_of(&w).at_ms, 6000);
    assert_string_equal(restarts_of(&w, "a"), "1 (1s ago)");
    assert_true(store_find(w.store, NULL, "a", &a));
    assert_true(store_find(w.store, NULL, "b", &b));
    size_t transitions = timeline_count(store_timeline(w.store, a));
    assert_true(replay_step(w.source, false));
    assert_true(replay_step(w.source, false));
    settle(&w);
    assert_int_equal(state_of(&w).at_ms, 12000);
    assert_int_equal(store_count(w.store), 2);
    assert_false(replay_step(w.source, false));
    assert_int_equal(w.rewinds, 0);
    assert_true(replay_step(w.source, true));
    settle(&w);
    assert_int_equal(w.rewinds, 1);
    assert_int_equal(w.undone, 1);
    assert_int_equal(state_of(&w).at_ms, 10000);
    assert_int_equal(store_count(w.store), 3);
    assert_int_equal(w.clock_wall_ms, T0 + 10000);
    assert_true(store_find(w.store, NULL, "a", &again));
    assert_true(pod_ref_equal(a, again));
    assert_true(store_find(w.store, NULL, "b", &again));
    assert_true(pod_ref_equal(b, again));
    assert_int_equal(store_deleted_ms(w.store, b), IW_TIME_NONE);
    assert_int_equal(timeline_count(store_timeline(w.store, a)), transitions);
    assert_true(replay_step(w.source, true));
    assert_true(replay_step(w.source, true));
    settle(&w);
    assert_string_equal(restarts_of(&w, "a"), "0");
    assert_null(store_get(w.store, (struct pod_ref){99, 1}));
    assert_false(replay_step(w.source, true));
    world_close(&w);
}

static void
replay__seeks_and_shows_only_its_namespaces(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "db", true);
    replay_seek(w.source, 11000);
    settle(&w);
    assert_int_equal(store_count(w.store), 1);
    assert_true(store_synced(w.store, STREAM_PODS));
    assert_int_equal(store_status(w.store, STREAM_PODS)->state, SOURCE_LIVE);
    replay_seek(w.source, INT64_MAX);
    settle(&w);
    assert_int_equal(store_count(w.store), 0);
    assert_true(state_of(&w).ended);
    replay_seek(w.source, -5);
    settle(&w);
    /* Not to before there was something to see. */
    assert_int_equal(state_of(&w).at_ms, 2);
    assert_int_equal(store_count(w.store), 1);
    assert_int_equal(w.arrivals, 3);
    world_close(&w);
}

/* --- objects and logs --- */

static void
take_object(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct world *w = ctx;
    strbuf_clear(&w->log);
    if (json)
        strbuf_add(&w->log, json, len);
    else
        strbuf_addf(&w->log, "%s: %s", iw_err_name(err->code), err->msg);
}

static void
replay__gives_the_object_as_it_was(void **state)
{
    struct world w;
    struct source_get *get;
    const struct object_sink sink = {.ctx = &w, .done = take_object};
    struct kobject_ref ref = {.kind = KOBJECT_POD, .ns = "db", .name = "b"};
    (void)state;
    world_open(&w, "", true);
    replay_seek(w.source, 5000);
    settle(&w);
    assert_int_equal(source_replay.get_object(w.source, &ref, &sink, &get, NULL), IW_OK);
    assert_non_null(strstr(w.log.data, "\"resourceVersion\":\"2\""));
    replay_seek(w.source, 15000);
    settle(&w);
    assert_int_equal(source_replay.get_object(w.source, &ref, &sink, &get, NULL), IW_OK);
    assert_non_null(strstr(w.log.data, "NOT_FOUND: Pod b is deleted"));
    ref.kind = KOBJECT_NODE;
    assert_int_equal(source_replay.get_object(w.source, &ref, &sink, &get, NULL), IW_OK);
    assert_non_null(strstr(w.log.data, "the recording has no Node b at this time"));
    world_close(&w);
}

static void
take_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct world *w = ctx;
    (void)cut, (void)newline;
    const char *blank = memchr(text, ' ', len);
    strbuf_add(&w->log, blank + 1, len - (size_t)(blank + 1 - text));
    strbuf_addc(&w->log, '|');
}

static void
take_done(void *ctx, const struct iw_error *err)
{
    struct world *w = ctx;
    strbuf_addf(&w->log, ".%s", err->code == IW_OK ? "" : err->msg);
}

static struct source_log *
open_log(struct world *w, const char *pod, bool previous, bool follow)
{
    struct source_log *log = NULL;
    const struct log_sink sink = {.ctx = w, .line = take_line, .done = take_done};
    struct log_request req = {.ns = "shop",
                              .pod = pod,
                              .container = "c",
                              .previous = previous,
                              .follow = follow,
                              .timestamps = true,
                              .tail_lines = -1,
                              .since_seconds = -1,
                              .since_wall_ms = IW_TIME_NONE,
                              .limit_bytes = -1};
    strbuf_clear(&w->log);
    assert_int_equal(source_replay.open_log(w->source, &req, &sink, &log, NULL), IW_OK);
    settle(w);
    return log;
}

static void
replay__logs_are_those_of_the_run(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", true);
    replay_seek(w.source, 8000);
    settle(&w);
    (void)open_log(&w, "a", true, false);
    assert_string_equal(w.log.data, "first run|dies|.");
    (void)open_log(&w, "a", false, false);
    assert_string_equal(w.log.data, "second run|.");
    replay_seek(w.source, 2000);
    settle(&w);
    (void)open_log(&w, "a", false, false);
    assert_string_equal(w.log.data, "first run|.");
    (void)open_log(&w, "a", true, false);
    assert_non_null(strstr(w.log.data, ".")); /* the kubelet's sentence */
    assert_null(strstr(w.log.data, "|"));
    replay_seek(w.source, 11000);
    settle(&w);
    (void)open_log(&w, "late", false, false);
    assert_string_equal(w.log.data,
                        ".not in the recording: nobody had this log open while it was made");
    world_close(&w);
}

/* A log that is followed ends with its run, and is closed by a jump back. */
static void
replay__a_followed_log_goes_with_the_time(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", false);
    settle(&w);
    pass(&w, 1000);
    struct source_log *log = open_log(&w, "a", false, true);
    assert_non_null(log);
    assert_string_equal(w.log.data, "");
    pass(&w, 1000);
    assert_string_equal(w.log.data, "first run|");
    pass(&w, 5000);
    assert_string_equal(w.log.data, "first run|dies|.");
    log = open_log(&w, "a", false, true);
    pass(&w, 1000);
    assert_string_equal(w.log.data, "second run|");
    replay_seek(w.source, 0);
    settle(&w);
    assert_string_equal(w.log.data, "second run|.the log was closed");
    pass(&w, 1000);
    log = open_log(&w, "a", false, true);
    source_replay.close_log(log);
    assert_string_equal(w.log.data, ".the log was closed");
    world_close(&w);
}

static void
replay__says_which_kinds_it_has_not(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", true);
    settle(&w);
    source_replay.watch_kind(w.source, KOBJECT_NODE, NULL);
    settle(&w);
    assert_int_equal(kobjects_state(store_objects(w.store), KOBJECT_NODE, ""), OBJECTS_FAILED);
    assert_string_equal(kobjects_error(store_objects(w.store), KOBJECT_NODE, ""),
                        "the recording has no nodes at this time");
    replay_seek(w.source, 7000);
    replay_seek(w.source, 0);
    settle(&w);
    assert_int_equal(kobjects_state(store_objects(w.store), KOBJECT_NODE, ""), OBJECTS_FAILED);
    world_close(&w);
}

/* --- a session of a real length --- */

/* All that a screen could show of the store. */
static char *
portrait(const struct store *store, int64_t now_wall_ms)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    for (struct pod_ref it = {0}; store_next(store, &it);) {
        const struct pod *pod = store_get(store, it);
        const struct timeline *t = store_timeline(store, it);
        struct pod_cells cells;
        pod_print_cells(pod, now_wall_ms, &cells);
        strbuf_addf(&out, "%s@%s %s %s %s age %s changed %lld:", pod->name, pod->resource_version,
                    cells.ready, cells.status, cells.restarts, cells.age,
                    (long long)store_changed_ms(store, it));
        for (size_t i = 0; i < timeline_count(t); i++)
            strbuf_addf(&out, " %lld/%d", (long long)timeline_at(t, i).wall_ms,
                        (int)timeline_at(t, i).source);
        strbuf_addc(&out, '\n');
    }
    for (size_t i = 0; i < kevent_ring_count(store_events(store)); i++) {
        const struct kevent *ev = kevent_ring_at(store_events(store), i);
        strbuf_addf(&out, "%s %s %u%s %lld\n", ev->reason, ev->object_name, ev->count,
                    ev->expired ? " gone" : "", (long long)ev->last_ms);
    }
    return strbuf_take(&out);
}

/* Wherever a session is gone back in, it is what it was on the way there. */
static void
check_way_back(const char *file)
{
    static char *way[1000];
    struct world w = {.clock = clock_manual(1000, 0)};
    struct iw_error err = {0};
    size_t steps = 0;
    w.loop = loop_new(&w.clock);
    w.store = store_new(&w.clock);
    strbuf_init(&w.log, 0);
    if (recording_open(file, &w.recording, &err) != IW_OK)
        fail_msg("%s", err.msg);
    w.how = (struct replay_opts){.recording = w.recording,
                                 .set_clock = set_clock,
                                 .rewind = on_rewind,
                                 .arrived = on_arrived,
                                 .ctx = &w,
                                 .paused = true};
    struct source_opts opts = {.loop = w.loop, .sink = store_sink(w.store), .replay = &w.how};
    assert_int_equal(source_replay.open(&opts, &w.source, &err), IW_OK);
    settle(&w);
    while (replay_step(w.source, false)) {
        settle(&w);
        way[steps++] = portrait(w.store, w.clock_wall_ms);
    }
    assert_in_range(steps, 15, 999);
    for (size_t i = steps - 1; i-- > 0;) {
        assert_true(replay_step(w.source, true));
        settle(&w);
        char *now = portrait(w.store, w.clock_wall_ms);
        assert_string_equal(now, way[i]);
        free(now);
    }
    assert_in_range(w.undone, steps / 2, steps);
    for (size_t i = 0; i < steps; i++)
        free(way[i]);
    world_close(&w);
}

static void
replay__a_step_back_is_the_same_as_never_having_been_further(void **state)
{
    (void)state;
    check_way_back(TEST_SOURCE_DIR "/examples/sessions/sidecar-startup.jsonl");
    check_way_back(TEST_SOURCE_DIR "/examples/sessions/crash-loop.jsonl");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__tells_at_the_moment_of_the_recording),
        cmocka_unit_test(replay__speed_and_pause),
        cmocka_unit_test(replay__steps_both_ways_and_handles_stay),
        cmocka_unit_test(replay__seeks_and_shows_only_its_namespaces),
        cmocka_unit_test(replay__gives_the_object_as_it_was),
        cmocka_unit_test(replay__logs_are_those_of_the_run),
        cmocka_unit_test(replay__a_followed_log_goes_with_the_time),
        cmocka_unit_test(replay__says_which_kinds_it_has_not),
        cmocka_unit_test(replay__a_step_back_is_the_same_as_never_having_been_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
