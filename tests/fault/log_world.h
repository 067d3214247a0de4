/* log_world: a log_stream or a whole feed over the real transport, against log_server, on a manual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_LOG_WORLD_H
#define INITWATCH_TEST_LOG_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../unit/model/pod_make.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"
#include "initwatch/source/podlog.h"
#include "log_server.h"

/* A source that has nothing but logs. */
struct log_source {
    struct source base;
    struct http_client *client;
    struct podlog_list logs;
};

struct log_world {
    struct log_server *server;
    struct clock clock;
    struct session session; /* loop, store and source */
    struct log_source source;
    struct pod_ref pod;
    uint64_t seed;
    bool init; /* "app" is an init step */
    /* the container, as the cluster knows it and as the store does */
    int32_t attempt, told_attempt;
    int64_t started_ms, ended_ms;
};

static inline enum iw_err
lw_open_log(struct source *s, const struct log_request *req, const struct log_sink *sink,
            struct source_log **out, struct iw_error *err)
{
    struct log_source *source = (struct log_source *)s;
    return podlog_start(source->client, &source->logs, req, sink, out, err);
}

static const struct source_class log_source_class = {
    .name = "logs", .open_log = lw_open_log, .close_log = podlog_cancel};

static inline uint64_t
lw_random(struct log_world *w, uint64_t below)
{
    w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
    return (w->seed >> 33) % below;
}

/* Tell the store what the cluster knows: attempt number w->attempt runs, or has ended. */
static inline void
lw_tell(struct log_world *w, bool ended)
{
    struct pod_make m;
    make_pod(&m, "web-0");
    m.pod.phase = "Running";
    make_container(&m, w->init ? LIST_INIT : LIST_APP, "app");
    struct container_status *st;
    if (ended)
        st = make_ended(&m, w->init ? LIST_INIT : LIST_APP, "app",
                        make_end(1, "Error", w->started_ms, clock_wall(&w->clock)));
    else
        st = make_running(&m, w->init ? LIST_INIT : LIST_APP, "app", w->started_ms);
    st->restart_count = w->attempt;
    if (w->attempt > 0) {
        struct container_state *last = draft_last(st);
        last->terminated = true;
        last->end = make_end(1, "Error", w->ended_ms - 1000, w->ended_ms);
    }
    struct source_sink sink = store_sink(w->session.store);
    sink.upsert(sink.ctx, pod_seal(&m.pod));
    w->told_attempt = w->attempt;
    assert_true(store_find(w->session.store, "shop", "web-0", &w->pod));
}

static inline void
lw_open(struct log_world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->seed = seed;
    w->server = log_server_start(seed);
    w->clock = clock_manual(1000000, T0);
    w->session.loop = loop_new(&w->clock);
    w->session.store = store_new(&w->clock);
    w->source.base.class_ = &log_source_class;
    w->session.source = &w->source.base;
    w->started_ms = w->ended_ms = T0;
    struct http_config config = {.base_url = log_server_url(w->server)};
    struct iw_error err = {0};
    if (http_client_new(w->session.loop, &config, &w->source.client, &err) != IW_OK)
        fail_msg("%s", err.msg);
    lw_tell(w, false);
}

static inline void
lw_close(struct log_world *w)
{
    podlog_cancel_all(&w->source.logs);
    http_client_free(w->source.client);
    loop_turn(w->session.loop, 0);
    loop_free(w->session.loop);
    store_free(w->session.store);
    log_server_stop(w->server);
}

/* The container ends and starts again; the store hears of it when the test calls lw_tell. */
static inline void
lw_restart(struct log_world *w)
{
    w->ended_ms = clock_wall(&w->clock);
    clock_advance(&w->clock, 20);
    log_server_restart(w->server);
    w->attempt++;
    w->started_ms = clock_wall(&w->clock);
}

static inline int64_t
lw_real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
