/* diag_util: paths, events and words for the rules.
 * SPDX-License-Identifier: Apache-2.0 */
#include "diag_util.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"

void
diag_spec_path(const struct container *c, char out[48])
{
    static const char *const lists[LIST_COUNT] = {"initContainers", "containers",
                                                  "ephemeralContainers"};
    (void)snprintf(out, 48, "spec.%s[%u]", lists[c->list], (unsigned)c->list_index);
}

void
diag_status_path(const struct container *c, char out[128])
{
    static const char *const lists[LIST_COUNT] = {"initContainerStatuses", "containerStatuses",
                                                  "ephemeralContainerStatuses"};
    (void)snprintf(out, 128, "status.%s[%.63s]", lists[c->list], c->name);
}

void
diag_elapsed(int64_t since_ms, int64_t now_wall_ms, char out[16])
{
    if (since_ms == IW_TIME_NONE)
        (void)snprintf(out, 16, "?");
    else
        duration_cells(now_wall_ms - since_ms, out);
}

const char *
diag_word(const char *name, const char *placeholder)
{
    if (!*name || *name == '-')
        return placeholder;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr(".-_/", *p))
            return placeholder;
    return name;
}

const struct container_end *
diag_last_end(const struct container *c)
{
    if (!c->status)
        return NULL;
    if (c->status->state.terminated)
        return &c->status->state.end;
    return c->status->last->terminated ? &c->status->last->end : NULL;
}

bool
diag_is_down(const struct pod *pod, const struct container *c)
{
    const struct container_status *status = c->status;
    if (!status || c->kind == CONTAINER_EPHEMERAL || pod_is_deleted(pod) ||
        strcmp(pod->phase, "Succeeded") == 0)
        return false;
    if (status->state.waiting)
        return strcmp(status->state.waiting_reason, "CrashLoopBackOff") == 0;
    if (!status->state.terminated)
        return false;
    if (status->state.end.exit_code != 0 || strcmp(status->state.end.reason, "OOMKilled") == 0)
        return c->kind != CONTAINER_SIDECAR || !pod_is_terminal(pod);
    /* exit 0 is bad only where it comes again and again */
    return c->kind != CONTAINER_INIT && status->restart_count > 0 &&
           container_restarts_after(c, pod->restart_policy, 0) && !pod_is_terminal(pod);
}

/* Newest first; at most what is kept of one pod. */
static const struct kevent *
find_event(const struct diag_env *env, const char *reason, const char *container, const char *part)
{
    size_t found[LIMIT_EVENTS_PER_POD];
    if (!env->events)
        return NULL;
    size_t count = kevent_ring_about(env->events, env->pod->uid, found, IW_COUNTOF(found));
    while (count-- > 0) {
        const struct kevent *ev = kevent_ring_at(env->events, found[count]);
        if (strcmp(ev->reason, reason) == 0 &&
            (!container || strcmp(ev->container, container) == 0) &&
            (!part || strstr(ev->message, part)))
            return ev;
    }
    return NULL;
}

const struct kevent *
diag_event(const struct diag_env *env, const char *reason, const char *container)
{
    return find_event(env, reason, container, NULL);
}

const struct kevent *
diag_event_saying(const struct diag_env *env, const char *reason, const char *part)
{
    return find_event(env, reason, NULL, part);
}

bool
diag_startup_ran_out(const struct diag_env *env, const struct container *c)
{
    const struct probe *probe = c->startup;
    const struct container_end *end = diag_last_end(c);
    const struct kevent *ev = diag_event(env, "Unhealthy", c->name);
    if (probe->kind == PROBE_NONE || !end || !c->status || c->status->started == TRI_TRUE || !ev ||
        !strstr(ev->message, "Startup probe failed") || end->started_ms == IW_TIME_NONE)
        return false;
    int64_t least_s =
        (int64_t)IW_MAX(probe->failure_threshold - 1, 0) * IW_MAX(probe->period_s, 1) +
        IW_MAX(probe->initial_delay_s, 0);
    return end->finished_ms - end->started_ms >= least_s * 1000;
}

void
diag_event_evidence(struct finding *f, const struct kevent *ev)
{
    if (ev->count > 1)
        finding_evidence(f, "event %s %s (x%u): %s", ev->type, ev->reason, ev->count, ev->message);
    else
        finding_evidence(f, "event %s %s: %s", ev->type, ev->reason, ev->message);
}

void
diag_logs_advice(struct finding *f, const struct pod *pod, const struct container *c, bool previous)
{
    finding_advice(f, "initwatch logs %s -n %s -c %s%s", diag_word(pod->name, "POD"),
                   diag_word(pod->ns, "NAMESPACE"), diag_word(c->name, "CONTAINER"),
                   previous ? " --previous" : "");
}
