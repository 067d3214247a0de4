/* shutdown: the stop order of a pod, read from its spec and statuses.
 * Ref: SEMANTICS D.10; kubelet killContainersWithSyncResult, termination ordering.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/shutdown.h"

#include <stdlib.h>

#include "initwatch/base/alloc.h"

#define GRACE_DEFAULT_S 30
/* A peer's number is kept below a year. */
#define GRACE_MAX_S (INT64_C(366) * 86400)

static bool
runs(const struct container *c)
{
    return container_phase(c) == CONTAINER_RUNNING;
}

static bool
any_app_runs(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->kind == CONTAINER_APP && runs(c))
            return true;
    return false;
}

/* When the last app ended for good; IW_TIME_NONE while one runs or will run again. */
static int64_t
apps_ended_ms(const struct pod *pod)
{
    int64_t last_ms = IW_TIME_NONE;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != CONTAINER_APP)
            continue;
        if (container_phase(c) != CONTAINER_TERMINATED ||
            container_restarts_after(c, pod->restart_policy, c->status->state.end.exit_code))
            return IW_TIME_NONE;
        last_ms = IW_MAX(last_ms, c->status->state.end.finished_ms);
    }
    return last_ms;
}

static void
find_cause(const struct pod *pod, struct shutdown *s)
{
    int64_t grace_s = pod->grace_s >= 0 ? pod->grace_s : GRACE_DEFAULT_S;
    s->started_ms = s->deadline_ms = IW_TIME_NONE;
    if (pod_is_deleted(pod)) {
        /* deletionTimestamp is the moment when the grace is over */
        grace_s = IW_MIN(IW_MAX(pod->deletion_grace_s, 0), GRACE_MAX_S);
        s->cause = SHUTDOWN_DELETED;
        s->grace_ms = 1000 * grace_s;
        s->deadline_ms = pod->deletion_ms;
        s->started_ms = pod->deletion_ms - s->grace_ms;
        return;
    }
    s->grace_ms = 1000 * IW_MIN(grace_s, GRACE_MAX_S);
    int64_t ended_ms = pod->app_count > 0 ? apps_ended_ms(pod) : IW_TIME_NONE;
    if (ended_ms == IW_TIME_NONE)
        return;
    s->cause = SHUTDOWN_APPS_ENDED;
    s->started_ms = ended_ms;
    s->deadline_ms = ended_ms + s->grace_ms;
}

/* The sidecar that must have stopped before c: the next later one of the spec, if it runs. A broken
 * chain leaves only the apps. */
static const struct container *
sidecar_before(const struct pod *pod, const struct container *c)
{
    for (const struct container *n = c; (n = pod_containers(pod, n)) != NULL;)
        if (n->kind == CONTAINER_SIDECAR)
            return runs(n) ? n : NULL;
    return NULL;
}

static void
step_fill(const struct pod *pod, const struct shutdown *s, struct shutdown_step *step)
{
    const struct container *c = step->container;
    step->stopped_ms = IW_TIME_NONE;
    step->hook = c->pre_stop;
    if (container_phase(c) == CONTAINER_TERMINATED) {
        step->state = SHUTDOWN_STOPPED;
        step->stopped_ms = c->status->state.end.finished_ms;
        return;
    }
    if (!runs(c)) {
        step->state = SHUTDOWN_IDLE;
        return;
    }
    step->state = s->cause == SHUTDOWN_NOT ? SHUTDOWN_RUNS : SHUTDOWN_STOPPING;
    if (s->cause == SHUTDOWN_NOT || c->kind != CONTAINER_SIDECAR || s->order_lost)
        return;
    step->waits_for = sidecar_before(pod, c);
    if (step->waits_for || any_app_runs(pod))
        step->state = SHUTDOWN_WAITS;
}

void
shutdown_of(const struct pod *pod, int64_t now_wall_ms, struct shutdown *out)
{
    *out = (struct shutdown){.cause = SHUTDOWN_NOT};
    find_cause(pod, out);
    out->order_lost = out->deadline_ms != IW_TIME_NONE && now_wall_ms >= out->deadline_ms;
    out->steps = iw_calloc(pod->container_count ? pod->container_count : 1, sizeof(*out->steps));
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        /* a finished init is no part of it; one that runs is stopped with the apps */
        if (c->kind == CONTAINER_SIDECAR || (c->kind == CONTAINER_INIT && !runs(c)))
            continue;
        out->steps[out->count] = (struct shutdown_step){.container = c, .together = out->count > 0};
        step_fill(pod, out, &out->steps[out->count++]);
    }
    for (uint32_t i = pod->container_count; i-- > 0;) {
        if (pod->containers[i].kind != CONTAINER_SIDECAR)
            continue;
        out->steps[out->count] = (struct shutdown_step){.container = &pod->containers[i]};
        step_fill(pod, out, &out->steps[out->count++]);
    }
}

void
shutdown_free(struct shutdown *s)
{
    free(s->steps);
    *s = (struct shutdown){.cause = SHUTDOWN_NOT};
}
