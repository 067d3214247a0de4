/* usagepoll: a short queue of questions, repeated while somebody looks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/usagepoll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/net/http.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/replay.h"

#define METRICS "/apis/metrics.k8s.io/v1beta1"
enum { POLL_MS = 30000, ABSENT_MS = 300000, QUESTIONS_MOST = 66 };

/* ns NULL: nodes; "": all namespaces. */
struct question {
    bool of_nodes;
    char ns[64], pod[254];
};

struct usagepoll {
    struct session *session;
    struct usage *usage;
    struct source_get *get; /* NULL: none under way */
    struct question queue[QUESTIONS_MOST];
    size_t at, count;
    bool offered; /* the API exists */
    bool said;    /* that it does not */
    unsigned what;
    struct pod_ref pod;
    struct recorder *recorder;
    const struct recording_entry *oldest, *newest; /* of a replay: what is known is from these */
    int64_t next_ms;                               /* when the round begins again */
    loop_id timer;
};

static int64_t
now_ms(const struct usagepoll *p)
{
    return clock_mono(loop_clock(p->session->loop));
}

struct usagepoll *
usagepoll_new(struct session *session)
{
    struct usagepoll *p = iw_calloc(1, sizeof(*p));
    p->session = session;
    p->usage = usage_new();
    return p;
}

const struct usage *
usagepoll_usage(const struct usagepoll *p)
{
    return p->usage;
}

/* Its end calls nothing: at and count are 0 by then. */
static void
stop(struct usagepoll *p)
{
    p->at = p->count = 0;
    if (p->get)
        p->session->source->class_->close_get(p->get);
    p->get = NULL;
    loop_remove(p->session->loop, p->timer);
    p->timer = 0;
}

void
usagepoll_reset(struct usagepoll *p)
{
    stop(p);
    usage_clear(p->usage);
    p->what = 0;
    p->next_ms = 0;
    p->offered = p->said = false;
    p->oldest = p->newest = NULL;
}

void
usagepoll_record(struct usagepoll *p, struct recorder *recorder)
{
    p->recorder = recorder;
    if (recorder)
        p->next_ms = 0;
}

void
usagepoll_free(struct usagepoll *p)
{
    if (!p)
        return;
    stop(p);
    usage_free(p->usage);
    free(p);
}

/* --- questions --- */

static void
add_question(struct usagepoll *p, bool of_nodes, const char *ns, const char *pod)
{
    if (p->count == QUESTIONS_MOST)
        return;
    struct question *q = &p->queue[p->count++];
    q->of_nodes = of_nodes;
    snprintf(q->ns, sizeof(q->ns), "%s", ns);
    snprintf(q->pod, sizeof(q->pod), "%s", pod);
}

static void
add_namespaces(struct usagepoll *p)
{
    const char *at = p->session->ns;
    if (!at[0])
        add_question(p, false, "", "");
    while (*at) {
        char ns[64];
        size_t len = strcspn(at, ",");
        snprintf(ns, sizeof(ns), "%.*s", (int)IW_MIN(len, sizeof(ns) - 1), at);
        if (len > 0)
            add_question(p, false, ns, "");
        at += len + (at[len] == ',');
    }
}

static void
queue_fill(struct usagepoll *p)
{
    const struct pod *pod = store_get(p->session->store, p->pod);
    p->at = p->count = 0;
    if (p->what & USAGE_OF_PODS)
        add_namespaces(p);
    else if ((p->what & USAGE_OF_POD) && pod)
        add_question(p, false, pod->ns, pod->name);
    if (p->what & USAGE_OF_NODES)
        add_question(p, true, "", "");
}

static void
question_path(const struct question *q, struct strbuf *out)
{
    strbuf_adds(out, METRICS);
    if (q->of_nodes)
        strbuf_adds(out, "/nodes");
    else if (q->ns[0])
        strbuf_adds(out, "/namespaces/");
    if (!q->of_nodes && q->ns[0])
        http_escape(out, q->ns);
    if (!q->of_nodes)
        strbuf_adds(out, "/pods");
    if (q->pod[0]) {
        strbuf_addc(out, '/');
        http_escape(out, q->pod);
    }
}

/* --- asking --- */

static void ask_next(struct usagepoll *p);

/* Only there to end the sleep: the next usagepoll_want asks. */
static void
on_timer(void *ctx)
{
    struct usagepoll *p = ctx;
    p->timer = 0;
}

static void
rest(struct usagepoll *p, int64_t for_ms)
{
    p->at = p->count = 0;
    p->next_ms = now_ms(p) + for_ms;
    loop_remove(p->session->loop, p->timer);
    p->timer = loop_timer_add(p->session->loop, for_ms, on_timer, p);
}

/* 404 for the API as a whole, or 503 from the aggregator: nobody serves it. */
static void
say_absent(struct usagepoll *p, const struct iw_error *err)
{
    bool none = err->http_status == 404 || err->http_status == 503;
    usage_set_state(p->usage, none ? USAGE_ABSENT : USAGE_FAILED,
                    none ? tr("no metrics-server") : err->msg);
    if (!p->said)
        LOG_INFO("usage is not known: %s", none ? "the server has no metrics API" : err->msg);
    p->said = true;
    rest(p, ABSENT_MS);
}

static void
on_offer(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct usagepoll *p = ctx;
    (void)json, (void)len;
    p->get = NULL;
    if (err->code == IW_ERR_CANCELED)
        return;
    if (err->code != IW_OK) {
        say_absent(p, err);
        return;
    }
    p->offered = true;
    ask_next(p);
}

static void
on_answer(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct usagepoll *p = ctx;
    struct iw_error failure = *err;
    p->get = NULL;
    if (err->code == IW_ERR_CANCELED || p->at >= p->count)
        return;
    const struct question *q = &p->queue[p->at++];
    if (failure.code == IW_OK) {
        recorder_piece(p->recorder, q->of_nodes ? "node-usage" : "usage", q->ns, true, json, len);
        (void)!decode_usage(json, len, q->of_nodes ? NULL : q->ns, q->pod, p->usage, &failure);
    } else if (failure.http_status == 404 && q->pod[0]) {
        usage_begin(p->usage, q->ns, q->pod); /* it has not been measured yet */
        usage_end(p->usage);
        failure.code = IW_OK;
    }
    if (failure.code != IW_OK) {
        usage_clear(p->usage); /* old numbers would be taken for new ones */
        usage_set_state(p->usage, USAGE_FAILED, failure.msg);
    }
    ask_next(p);
}

static void
get(struct usagepoll *p, const char *path,
    void (*done)(void *, const char *, size_t, const struct iw_error *))
{
    struct source *source = p->session->source;
    struct object_sink sink = {.ctx = p, .done = done};
    struct iw_error err = {0};
    struct source_get *call = NULL;
    if (source->class_->get_path(source, path, &sink, &call, &err) != IW_OK)
        usage_set_state(p->usage, USAGE_FAILED, err.msg);
    if (call) /* NULL: it is done already, and may have asked the next question */
        p->get = call;
}

static void
ask_next(struct usagepoll *p)
{
    struct strbuf path;
    if (p->at >= p->count) {
        rest(p, POLL_MS);
        return;
    }
    strbuf_init(&path, 0);
    question_path(&p->queue[p->at], &path);
    get(p, path.data, on_answer);
    strbuf_free(&path);
}

/* --- of a recording --- */

static void
take_recorded(struct usagepoll *p, const struct recording_entry *e)
{
    const char *slash = strchr(e->name, '/');
    struct iw_error err = {0};
    if (decode_usage(e->data, e->data_len, e->source == RECORDING_NODE_USAGE ? NULL : e->ns,
                     slash ? slash + 1 : "", p->usage, &err) != IW_OK)
        LOG_WARN("%s:%u: left out: %s", recording_path(p->session->recording), (unsigned)e->line,
                 err.msg);
}

/* Read again when other answers than before count at the present moment. */
static void
look_back(struct usagepoll *p)
{
    const struct recording_entry *e, *oldest = NULL, *newest = NULL;
    for (size_t it = 0; replay_usage(p->session->source, &it, &e); newest = e)
        oldest = oldest ? oldest : e;
    if (oldest == p->oldest && newest == p->newest)
        return;
    p->oldest = oldest;
    p->newest = newest;
    usage_clear(p->usage);
    for (size_t it = 0; replay_usage(p->session->source, &it, &e);)
        take_recorded(p, e);
}

void
usagepoll_want(struct usagepoll *p, unsigned what, struct pod_ref pod)
{
    bool other = (what & ~p->what) != 0 ||
                 ((what & USAGE_OF_POD) && !(what & USAGE_OF_PODS) && !pod_ref_equal(pod, p->pod));
    bool absent = usage_state(p->usage) == USAGE_ABSENT;
    p->what = what;
    p->pod = pod;
    if (what && p->session->source && p->session->recording)
        look_back(p);
    if (!what || !p->session->source || !p->session->source->class_->get_path)
        return;
    if (p->get || (now_ms(p) < p->next_ms && (!other || absent)))
        return;
    if (usage_state(p->usage) == USAGE_UNASKED)
        usage_set_state(p->usage, USAGE_LOADING, "");
    queue_fill(p);
    if (p->count == 0)
        return;
    p->next_ms = now_ms(p) + POLL_MS;
    if (p->offered)
        ask_next(p);
    else
        get(p, METRICS, on_offer);
}
