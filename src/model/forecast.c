/* forecast: the start-up of other pods of a workload, read off their records.
 *
 * A record keeps the moment of each end and start as long as nothing restarts, so only pods without
 * restarts tell. Ref: SEMANTICS D.3 (when the next container begins), D.6 (times of a status).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/model/owner.h"

/* More pods change a median no more. */
#define SAMPLES_MAX 128
/* A pod that was Ready later than this after its last start had lost it in between. It is what a Deployment allows by default
 * (progressDeadlineSeconds). */
#define READY_LATEST_MS (INT64_C(600) * 1000)

static int64_t
first_start_ms(const struct container *c)
{
    const struct container_status *st = c->status;
    if (!st || st->restart_count > 0)
        return IW_TIME_NONE;
    if (st->state.running)
        return st->state.running_since_ms;
    return st->state.terminated && st->state.end.started_ms > 0 ? st->state.end.started_ms
                                                                : IW_TIME_NONE;
}

/* The next one in start order; NULL after the first app, as apps start together. */
static const struct container *
next_in_order(const struct pod *pod, const struct container *c)
{
    const struct container *next = pod_containers(pod, c);
    return c->list == LIST_INIT && next && next->list != LIST_EPHEMERAL ? next : NULL;
}

/* When c let the next one begin. The moment a startup probe passed is in no record: the next start
 * follows it at once. */
static int64_t
released_ms(const struct pod *pod, const struct container *c)
{
    const struct container_status *st = c->status;
    if (!st)
        return IW_TIME_NONE;
    if (c->kind == CONTAINER_INIT)
        return st->state.terminated && st->state.end.exit_code == 0 ? st->state.end.finished_ms
                                                                    : IW_TIME_NONE;
    if (c->startup->kind == PROBE_NONE && !c->post_start)
        return first_start_ms(c);
    const struct container *next = next_in_order(pod, c);
    return next ? first_start_ms(next) : IW_TIME_NONE;
}

static int64_t
condition_true_ms(const struct pod *pod, const char *type)
{
    const struct pod_condition *cond = pod_condition(pod, type);
    return cond && strcmp(cond->status, "True") == 0 ? cond->transition_ms : IW_TIME_NONE;
}

static int64_t
turn_ms(const struct pod *pod, const struct container *c)
{
    const struct container *before = NULL;
    for (const struct container *i = NULL; (i = pod_containers(pod, i)) != NULL && i != c;)
        if (i->list == LIST_INIT)
            before = i;
    return before ? released_ms(pod, before) : condition_true_ms(pod, "PodScheduled");
}

/* It came up at the first try, and Ready has not changed since. */
static bool
tells(const struct pod *pod, int64_t *ready_ms)
{
    int64_t last_ms = IW_TIME_NONE;
    *ready_ms = condition_true_ms(pod, "Ready");
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list == LIST_EPHEMERAL)
            continue;
        int64_t start_ms = first_start_ms(c);
        if (start_ms == IW_TIME_NONE)
            return false;
        last_ms = IW_MAX(last_ms, start_ms);
    }
    return *ready_ms != IW_TIME_NONE && *ready_ms - last_ms <= READY_LATEST_MS;
}

struct samples {
    int64_t step[SAMPLES_MAX], rest[SAMPLES_MAX];
    size_t count;
};

/* Moments are whole seconds and written by different hands: the order may be off by one. */
static int64_t
distance_ms(int64_t from_ms, int64_t to_ms)
{
    return IW_MAX(to_ms - from_ms, 0);
}

static void
sample_add(struct samples *s, const struct pod *pod, const struct container *like)
{
    int64_t ready_ms, step_ms = 0, from_ms;
    if (!tells(pod, &ready_ms))
        return;
    if (!like) {
        from_ms = condition_true_ms(pod, "PodScheduled");
    } else {
        const struct container *c = pod_find_container(pod, like->name);
        if (!c || c->kind != like->kind)
            return;
        int64_t begun_ms = turn_ms(pod, c);
        from_ms = c->list == LIST_INIT ? released_ms(pod, c) : ready_ms;
        if (begun_ms == IW_TIME_NONE)
            return;
        step_ms = distance_ms(begun_ms, from_ms);
    }
    if (from_ms == IW_TIME_NONE)
        return;
    s->step[s->count] = step_ms;
    s->rest[s->count++] = distance_ms(from_ms, ready_ms);
}

static int
compare_ms(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static int64_t
median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare_ms);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

bool
forecast_of(const struct store *store, struct pod_ref ref, const struct container *c,
            int64_t now_wall_ms, struct forecast *out)
{
    struct samples s = {.count = 0};
    const struct pod *pod = store_get(store, ref);
    *out = (struct forecast){
        .step_ms = IW_TIME_NONE, .rest_ms = IW_TIME_NONE, .elapsed_ms = IW_TIME_NONE};
    if (!pod || !pod->owner_kind[0])
        return false;
    for (struct pod_ref it = {0}; s.count < SAMPLES_MAX && store_next_known(store, &it);) {
        const struct pod *other = store_get(store, it);
        if (other != pod && pod_same_workload(pod, other))
            sample_add(&s, other, c);
    }
    if (s.count == 0)
        return false;
    out->samples = (unsigned)s.count;
    out->rest_ms = median(s.rest, s.count);
    if (c) {
        int64_t begun_ms = turn_ms(pod, c);
        out->step_ms = median(s.step, s.count);
        out->elapsed_ms =
            begun_ms == IW_TIME_NONE ? IW_TIME_NONE : distance_ms(begun_ms, now_wall_ms);
    }
    return true;
}

bool
pod_successor(const struct store *store, struct pod_ref ref, struct pod_ref *out)
{
    const struct pod *pod = store_get(store, ref), *best = NULL;
    if (!pod || store_deleted_ms(store, ref) == IW_TIME_NONE)
        return false;
    if (store_find(store, pod->ns, pod->name, out) && store_deleted_ms(store, *out) == IW_TIME_NONE)
        return true;
    for (struct pod_ref it = {0}; store_next(store, &it);) {
        const struct pod *other = store_get(store, it);
        if (other->created_ms <= pod->created_ms || !pod_same_workload(pod, other) ||
            (best && best->created_ms >= other->created_ms))
            continue;
        best = other;
        *out = it;
    }
    return best != NULL;
}
