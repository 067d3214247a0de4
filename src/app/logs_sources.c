/* logs_sources: whose logs the feed has: one container, all of a pod, all pods of a workload as they come.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/replay_logs.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/progress.h"
#include "logs_internal.h"

enum { LOGS_PREVIEW_LINES = 40 };

int64_t
logs_since_seconds(int index)
{
    static const int64_t seconds[LOGS_SINCE_COUNT] = {-1, 60, 300, 900, 1800, 3600, 21600};
    return seconds[IW_MIN(IW_MAX(index, 0), LOGS_SINCE_COUNT - 1)];
}

struct log_stream_env
logs_stream_env(const struct logs *l)
{
    return (struct log_stream_env){.loop = l->session->loop,
                                   .store = l->session->store,
                                   .source = l->session->source,
                                   .archive = l->archive};
}

static void
add_source(struct logs *l, struct pod_ref ref, const struct pod *pod, const struct container *c)
{
    struct log_feed *f = &l->feed;
    if (f->source_count == IW_COUNTOF(f->sources)) {
        snprintf(l->note, sizeof(l->note), tr("these are the first %u containers"),
                 f->source_count);
        return;
    }
    replay_logs_fill(l->session, l->archive, ref, c);
    struct log_feed_source *source = &f->sources[f->source_count];
    snprintf(source->container, sizeof(source->container), "%s", c->name);
    snprintf(source->tag, sizeof(source->tag), "%s", c->tag);
    snprintf(source->pod_name, sizeof(source->pod_name), "%s", pod->name);
    source->kind = c->kind;
    source->pod = ref;
    const struct logs_request *r = &l->request;
    struct log_stream_env env = logs_stream_env(l);
    struct log_stream_opts opts = {.pod = ref,
                                   .container = c->name,
                                   .number = (uint16_t)f->source_count,
                                   .follow = true,
                                   .verify = !r->preview,
                                   .history = !r->preview,
                                   .only_attempt = LOG_ATTEMPT_ANY,
                                   .tail_lines =
                                       r->preview ? LOGS_PREVIEW_LINES : l->feed.tail_lines,
                                   .since_seconds = logs_since_seconds(r->since_index),
                                   .since_wall_ms = IW_TIME_NONE};
    const struct log_stream_sink sink = logs_sink(l);
    l->streams[f->source_count++] = log_stream_new(&env, &opts, &sink);
}

static void
add_pod(struct logs *l, struct pod_ref ref)
{
    const struct pod *pod = store_get(l->session->store, ref);
    if (!pod)
        return;
    l->feed.pod_count++;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        add_source(l, ref, pod, c);
}

/* --- the pods of a workload --- */

/* The workload: a rollout makes pods of another ReplicaSet. */
static bool
is_of_owner(const struct pod *pod, const struct pod_owner *owner, const char *ns)
{
    struct pod_owner its;
    pod_owner_of(pod, &its);
    return pod->owner_name[0] && strcmp(its.name, owner->name) == 0 &&
           strcmp(its.kind, owner->kind) == 0 && strcmp(pod->ns, ns) == 0;
}

/* Are these all living pods of one owner? Then those it makes later belong here, too. */
static bool
is_whole_owner(const struct logs *l)
{
    const struct store *store = l->session->store;
    const struct pod_ref *pods = l->request.pod_count ? l->request.pods : &l->request.pod;
    const unsigned pod_count = IW_MAX(l->request.pod_count, 1u);
    const struct pod *first = store_get(store, pods[0]);
    unsigned of_owner = 0;
    struct pod_owner owner;
    if (!first)
        return false;
    pod_owner_of(first, &owner);
    for (unsigned i = 0; i < pod_count; i++) {
        const struct pod *pod = store_get(store, pods[i]);
        if (!pod || !is_of_owner(pod, &owner, first->ns))
            return false;
    }
    for (struct pod_ref it = {0}; store_next(store, &it);)
        of_owner += is_of_owner(store_get(store, it), &owner, first->ns);
    return of_owner == pod_count;
}

void
logs_add_sources(struct logs *l, const struct pod *pod)
{
    const struct logs_request *r = &l->request;
    if (!r->merged) {
        const struct container *c = pod_find_container(pod, l->container);
        c = c ? c : pod_focus(pod, logs_now_wall(l));
        l->feed.pod_count = 1;
        if (c)
            add_source(l, r->pod, pod, c);
        return;
    }
    for (unsigned i = 0; i < r->pod_count; i++)
        add_pod(l, r->pods[i]);
    l->whole_owner = is_whole_owner(l);
    if (l->whole_owner) {
        struct pod_owner owner;
        pod_owner_of(store_get(l->session->store, r->pod_count ? r->pods[0] : r->pod), &owner);
        snprintf(l->owner_kind, sizeof(l->owner_kind), "%s", owner.kind);
        snprintf(l->owner_name, sizeof(l->owner_name), "%s", owner.name);
    }
    if (r->pod_count == 0)
        add_pod(l, r->pod);
}

static bool
has_pod(const struct logs *l, struct pod_ref ref)
{
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        if (pod_ref_equal(l->feed.sources[i].pod, ref))
            return true;
    }
    return false;
}

/* Its first pod may be long gone. */
static struct pod_owner
owner_kept(const struct logs *l)
{
    struct pod_owner owner = {.kind = l->owner_kind};
    snprintf(owner.name, sizeof(owner.name), "%s", l->owner_name);
    return owner;
}

void
logs_add_new_pods(struct logs *l)
{
    const struct store *store = l->session->store;
    uint64_t generation = store_pods_generation(store);
    if (!l->whole_owner || generation == l->pods_generation)
        return;
    l->pods_generation = generation;
    const struct pod_owner owner = owner_kept(l);
    for (struct pod_ref it = {0}; store_next(store, &it);) {
        if (!is_of_owner(store_get(store, it), &owner, l->feed.ns) || has_pod(l, it))
            continue;
        unsigned from = l->feed.source_count;
        add_pod(l, it);
        for (unsigned i = from; i < l->feed.source_count; i++)
            log_stream_start(l->streams[i]);
    }
}
