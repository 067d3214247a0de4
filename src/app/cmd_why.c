/* why: one pod in full: steps, what blocks it, resources with their working, findings, events.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/podfile.h"
#include "initwatch/app/podjson.h"
#include "initwatch/app/session.h"
#include "initwatch/app/whytext.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/progress.h"

enum { EXIT_BAD_NEWS = 1 };

struct why_pod {
    struct pod *pod;
    struct timeline *timeline;
    int64_t now_wall_ms;
};

struct asking {
    const struct options *o;
    VEC(struct why_pod) pods; /* of files */
    struct kevent_ring *events;
    struct strbuf out;
    size_t printed;
    bool bad_news;
};

/* Stuck or failed; a young start is neither. */
static bool
is_bad_news(const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_block block;
    pod_block_of(pod, now_wall_ms, &block);
    return block.severity >= BLOCK_WAIT;
}

static void
print_facts(struct asking *a, const struct pod_facts *facts, bool one)
{
    struct jsonout j = {.out = &a->out};
    a->bad_news = a->bad_news || is_bad_news(facts->pod, facts->now_wall_ms);
    switch (a->o->output) {
    case OUTPUT_JSON:
        /* One pod is one object; several are an array. */
        if (!one)
            strbuf_adds(&a->out, a->printed ? ",\n " : "[");
        podjson_why(&j, facts);
        break;
    case OUTPUT_JSONL:
        podjson_why(&j, facts);
        strbuf_addc(&a->out, '\n');
        break;
    case OUTPUT_TABLE:
    case OUTPUT_KUBECTL:
    case OUTPUT_WIDE:
        if (a->printed)
            strbuf_addc(&a->out, '\n');
        whytext_print(facts, &a->out);
        break;
    }
    a->printed++;
    fwrite(a->out.data, 1, a->out.len, stdout);
    strbuf_clear(&a->out);
}

static void
why_pod_free(struct why_pod *w)
{
    timeline_free(w->timeline);
    pod_free(w->pod);
}

static void
print_pod(struct asking *a, const struct why_pod *w, bool one)
{
    struct pod_facts facts = {
        .pod = w->pod, .timeline = w->timeline, .events = a->events, .now_wall_ms = w->now_wall_ms};
    print_facts(a, &facts, one);
}

/* --- from files --- */

/* The next version of a pod of a recording: what changed becomes its timeline. */
static bool
add_version(struct asking *a, struct pod *pod, int64_t now_wall_ms)
{
    for (size_t i = 0; i < a->pods.len; i++) {
        struct why_pod *w = &a->pods.items[i];
        if (strcmp(w->pod->uid, pod->uid) != 0)
            continue;
        timeline_diff(w->timeline, w->pod, pod, now_wall_ms, false);
        pod_free(w->pod);
        w->pod = pod;
        w->now_wall_ms = now_wall_ms;
        return true;
    }
    return false;
}

static void
take_pod(void *ctx, struct pod *pod, const char *watch_type, int64_t now_wall_ms)
{
    struct asking *a = ctx;
    bool stream = a->o->output == OUTPUT_JSONL;
    if (!stream && *watch_type && *pod->uid && add_version(a, pod, now_wall_ms))
        return;
    struct why_pod w = {.pod = pod, .timeline = timeline_new(), .now_wall_ms = now_wall_ms};
    timeline_diff(w.timeline, NULL, pod, now_wall_ms, false);
    if (stream) {
        print_pod(a, &w, false);
        why_pod_free(&w);
    } else {
        vec_push(&a->pods, w);
    }
}

static void
take_event(void *ctx, const struct kevent *ev)
{
    struct asking *a = ctx;
    kevent_ring_put(a->events, ev);
}

static enum iw_err
why_from_files(struct asking *a, struct iw_error *err)
{
    struct podfile_sink sink = {.ctx = a, .pod = take_pod, .event = take_event};
    a->events = kevent_ring_new(LIMIT_EVENTS_TOTAL);
    enum iw_err rc = podfile_read(a->o, &sink, err);
    for (size_t i = 0; rc == IW_OK && i < a->pods.len; i++)
        print_pod(a, &a->pods.items[i], a->pods.len == 1);
    if (rc == IW_OK && a->o->output == OUTPUT_JSON && a->pods.len != 1)
        fputs(a->pods.len ? "]\n" : "[]\n", stdout);
    else if (rc == IW_OK && a->o->output == OUTPUT_JSON)
        fputc('\n', stdout);
    if (rc == IW_OK && a->printed == 0 && a->o->output == OUTPUT_TABLE)
        fprintf(stderr, "No pods found\n");
    for (size_t i = 0; i < a->pods.len; i++)
        why_pod_free(&a->pods.items[i]);
    vec_free(&a->pods);
    kevent_ring_free(a->events);
    return rc;
}

/* --- from a cluster --- */

/* What a wait loop of the pod names is looked up, in the namespace it names. */
static void
read_targets(struct session *session, const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct wait_target target;
        char name[254], ns[64];
        bool sure;
        if (!container_wait_target(c, &target) ||
            !service_of_host(target.host, pod->ns, name, ns, &sure))
            continue;
        session_read_kinds(session, CHAIN_KINDS, pod->ns);
        if (sure && strcmp(ns, pod->ns) != 0)
            session_read_kinds(session, CHAIN_KINDS, ns);
    }
}

static enum iw_err
why_from_cluster(struct asking *a, struct iw_error *err)
{
    struct session *session = NULL;
    struct session_need need = {.pods = true, .events = true};
    struct pod_ref ref;
    if (a->o->arg_count != 1)
        return iw_fail(err, IW_ERR_USAGE, "why needs the name of one POD, or -f FILE");
    enum iw_err rc = session_open(a->o, &need, &session, err);
    if (rc == IW_OK)
        rc = session_sync(session, err);
    if (rc == IW_OK)
        rc = session_find_pod(session, a->o->args[0], &ref, err);
    if (rc == IW_OK)
        session_say_pod(session, a->o->args[0], ref);
    if (rc == IW_OK)
        read_targets(session, store_get(session->store, ref));
    if (rc == IW_OK) {
        struct pod_facts facts = {.pod = store_get(session->store, ref),
                                  .store = session->store,
                                  .timeline = store_timeline(session->store, ref),
                                  .events = store_events(session->store),
                                  .now_wall_ms = clock_wall(clock_system())};
        print_facts(a, &facts, true);
        if (a->o->output == OUTPUT_JSON)
            fputc('\n', stdout);
    }
    session_close(session);
    return rc;
}

int
cmd_why(const struct options *o)
{
    struct iw_error err = {0};
    struct asking a = {.o = o};
    strbuf_init(&a.out, 0);
    enum iw_err rc = o->file_count ? why_from_files(&a, &err) : why_from_cluster(&a, &err);
    strbuf_free(&a.out);
    fflush(stdout);
    if (rc != IW_OK)
        return app_report(&err);
    return a.bad_news ? EXIT_BAD_NEWS : 0;
}
