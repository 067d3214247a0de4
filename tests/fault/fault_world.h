/* fault_world: source_kube against a script server, with a manual clock, a store, and a story of
 * what happened.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_FAULT_WORLD_H
#define INITWATCH_TEST_FAULT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/model/store.h"
#include "initwatch/source/source.h"
#include "script_server.h"

/* Real time after which a wait has failed. */
#define FAULT_DEADLINE_MS 20000

/* A small pod of namespace shop. Parts are string literals. */
#define POD(name, uid, rv)                                                                         \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\",\"uid\":\"" uid                   \
    "\",\"resourceVersion\":\"" rv "\"},\"spec\":{\"containers\":[{\"name\":\"app\"}]},"           \
    "\"status\":{\"phase\":\"Running\"}}"
#define LIST(rv, items)                                                                            \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv          \
    "\"},\"items\":[" items "]}"
#define STATUS(code, reason, message)                                                              \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","           \
    "\"message\":\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"
/* The usual beginning: pods a and b at version 100. */
#define FIRST_LIST                                                                                 \
    "expect GET /api/v1/namespaces/shop/pods?limit=500 !resourceVersion\n"                         \
    "reply 200 json " LIST("100", POD("a", "ua", "90") "," POD("b", "ub", "91")) "\n"
#define WATCH_FROM(rv) "expect GET watch=1 resourceVersion=" rv "& allowWatchBookmarks=true\n"

struct world {
    struct script_server *server;
    struct clock clock;
    struct loop *loop;
    struct store *store;
    struct source_sink store_sink;
    struct source *source;
    struct strbuf story; /* "begin:shop +a@90 ... end:shop -a@95 !Reason:object " */
    struct source_status status[STREAM_COUNT];
    char states[512]; /* of pods: "connecting listing live " */
};

static inline void
fw_list_begin(void *ctx, enum source_stream stream, const char *ns)
{
    struct world *w = ctx;
    if (stream == STREAM_PODS)
        strbuf_addf(&w->story, "begin:%s ", ns);
    w->store_sink.list_begin(w->store_sink.ctx, stream, ns);
}

static inline void
fw_list_end(void *ctx, enum source_stream stream, const char *ns)
{
    struct world *w = ctx;
    if (stream == STREAM_PODS)
        strbuf_addf(&w->story, "end:%s ", ns);
    w->store_sink.list_end(w->store_sink.ctx, stream, ns);
}

static inline void
fw_upsert(void *ctx, struct pod *pod)
{
    struct world *w = ctx;
    strbuf_addf(&w->story, "+%s@%s ", pod->name, pod->resource_version);
    w->store_sink.upsert(w->store_sink.ctx, pod);
}

static inline void
fw_remove(void *ctx, struct pod *last)
{
    struct world *w = ctx;
    strbuf_addf(&w->story, "-%s@%s ", last->name, last->resource_version);
    w->store_sink.remove(w->store_sink.ctx, last);
}

static inline void
fw_event(void *ctx, const struct kevent *ev)
{
    struct world *w = ctx;
    strbuf_addf(&w->story, "!%s:%s ", ev->reason, ev->object_name);
    w->store_sink.event(w->store_sink.ctx, ev);
}

static inline void
fw_event_removed(void *ctx, const char *uid)
{
    struct world *w = ctx;
    strbuf_addf(&w->story, "!gone:%s ", uid);
    w->store_sink.event_removed(w->store_sink.ctx, uid);
}

static inline void
fw_status(void *ctx, const struct source_status *st)
{
    struct world *w = ctx;
    if (st->stream == STREAM_PODS && st->state != w->status[STREAM_PODS].state) {
        size_t len = strlen(w->states);
        (void)snprintf(w->states + len, sizeof(w->states) - len, "%s ",
                       source_state_word(st->state));
    }
    w->status[st->stream] = *st;
    w->store_sink.status(w->store_sink.ctx, st);
}

/* Of the tests that run now: the same scripts, answered in protobuf. */
static bool fw_speaks_protobuf;

/* A world with a server that has no routes yet. */
static inline void
fw_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->server = script_server_start();
    if (fw_speaks_protobuf)
        script_server_speak_protobuf(w->server);
    w->clock = clock_manual(1000000, 1795309200000);
    w->loop = loop_new(&w->clock);
    w->store = store_new(&w->clock);
    w->store_sink = store_sink(w->store);
    strbuf_init(&w->story, 0);
}

/* Options of a watch on pods of one namespace; the caller changes what it needs. */
static inline struct source_opts
fw_opts(struct world *w)
{
    return (struct source_opts){
        .loop = w->loop,
        .sink = {.ctx = w,
                 .list_begin = fw_list_begin,
                 .upsert = fw_upsert,
                 .remove = fw_remove,
                 .list_end = fw_list_end,
                 .event = fw_event,
                 .event_removed = fw_event_removed,
                 .status = fw_status},
        .ns = "shop",
        .no_events = true,
        .jitter_seed = 7,
    };
}

static inline void
fw_open_with(struct world *w, struct source_opts opts, struct kube_client_config client)
{
    char context[] = "test", cluster[] = "test", user[] = "tester", ns[] = "home";
    char url[64];
    (void)snprintf(url, sizeof(url), "%s", script_server_url(w->server));
    client.context = context;
    client.cluster = cluster;
    client.user = user;
    client.ns = ns;
    client.server = client.base_url = url;
    opts.client = &client;
    struct iw_error err = {0};
    if (source_kube.open(&opts, &w->source, &err) != IW_OK)
        fail_msg("open: %s", err.msg);
}

/* A world that watches pods of namespace shop by this script. */
static inline void
fw_open(struct world *w, const char *script)
{
    fw_init(w);
    script_server_route(w->server, "/pods", script);
    fw_open_with(w, fw_opts(w), (struct kube_client_config){0});
}

static inline void
fw_close(struct world *w)
{
    if (w->source)
        source_kube.close(w->source);
    loop_free(w->loop);
    store_free(w->store);
    strbuf_free(&w->story);
    script_server_stop(w->server);
}

static inline int64_t
fw_real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One turn of a wait; fails when it takes too long. */
static inline void
fw_turn(struct world *w, int64_t begin_ms, const char *what)
{
    loop_turn(w->loop, 5);
    if (fw_real_ms() - begin_ms < FAULT_DEADLINE_MS)
        return;
    const char *failure = script_server_failure(w->server);
    fail_msg("waited for %s; story: %.400s; states: %s; last error: %s; server: %s", what,
             w->story.data, w->states, w->status[STREAM_PODS].last.msg,
             failure ? failure : "content");
}

static inline void
fw_wait_story(struct world *w, const char *part)
{
    for (int64_t begin_ms = fw_real_ms(); !strstr(w->story.data, part);)
        fw_turn(w, begin_ms, part);
}

static inline void
fw_wait_state(struct world *w, enum source_state state)
{
    for (int64_t begin_ms = fw_real_ms(); w->status[STREAM_PODS].state != state;)
        fw_turn(w, begin_ms, source_state_word(state));
}

static inline void
fw_wait_requests(struct world *w, const char *part, size_t count)
{
    for (int64_t begin_ms = fw_real_ms(); script_server_count(w->server, part) < count;)
        fw_turn(w, begin_ms, part);
}

/* Let manual time pass up to the planned retry. */
static inline void
fw_wait_retry(struct world *w)
{
    int64_t at_ms = w->status[STREAM_PODS].retry_at_wall_ms;
    assert_true(at_ms != IW_TIME_NONE);
    clock_advance(&w->clock, at_ms - clock_wall(&w->clock));
    loop_turn(w->loop, 0);
}

/* The story so far, which begins anew; a failure is reported at the line of the test. */
#define fw_expect_story(w, expected) fw_expect_story_at(w, expected, __FILE__, __LINE__)
static inline void
fw_expect_story_at(struct world *w, const char *expected, const char *file, int line)
{
    _assert_string_equal(w->story.data, expected, file, line);
    strbuf_clear(&w->story);
}

/* Run tests whose scripts are in JSON twice: as they stand, and answered in protobuf. Returns how many
 * failed. */
static inline int
fw_run_in_both_encodings(const struct CMUnitTest *tests, size_t count)
{
    int failed = _cmocka_run_group_tests("in JSON", tests, count, NULL, NULL);
    fw_speaks_protobuf = true;
    failed += _cmocka_run_group_tests("in protobuf", tests, count, NULL, NULL);
    fw_speaks_protobuf = false;
    return failed;
}

#endif
