/* probes: probe results put together from events, the probe's numbers and the time.
 * Ref: SEMANTICS D.9; kubelet prober/worker.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/probes.h"

#include <string.h>

#include "initwatch/base/limits.h"

/* A peer's numbers are kept below this, so that products cannot overflow. */
#define PROBE_NUMBER_MAX (1 << 20)
/* Events carry whole seconds and are written a moment after what they tell. */
#define EVENT_SLACK_MS 2000
/* The kubelet writes at most 25 events of one object at once; from then on the time is the better
 * witness. */
#define COUNT_LAGS 2

static const struct {
    const char *name, *unhealthy, *killing;
} ROLES[PROBE_ROLE_COUNT] = {
    [PROBE_ROLE_STARTUP] = {"startup", "Startup probe failed", "failed startup probe"},
    [PROBE_ROLE_READINESS] = {"readiness", "Readiness probe failed", ""},
    [PROBE_ROLE_LIVENESS] = {"liveness", "Liveness probe failed", "failed liveness probe"},
};

const char *
probe_role_name(enum probe_role role)
{
    return (unsigned)role < PROBE_ROLE_COUNT ? ROLES[role].name : "?";
}

const struct probe *
container_probe(const struct container *c, enum probe_role role)
{
    return role == PROBE_ROLE_STARTUP     ? c->startup
           : role == PROBE_ROLE_READINESS ? c->readiness
                                          : c->liveness;
}

static int32_t
number_or(int32_t number, int32_t absent)
{
    return number > 0 ? IW_MIN(number, PROBE_NUMBER_MAX) : absent;
}

int32_t
probe_period_s(const struct probe *p)
{
    return number_or(p->period_s, 10);
}

int32_t
probe_threshold(const struct probe *p)
{
    return number_or(p->failure_threshold, 3);
}

int64_t
probe_budget_ms(const struct probe *p)
{
    return 1000 *
           (number_or(p->initial_delay_s, 0) + (int64_t)probe_period_s(p) * probe_threshold(p));
}

int64_t
probe_startup_deadline_ms(const struct container *c)
{
    const struct container_status *st = c->status;
    if (c->startup->kind == PROBE_NONE || !st || !st->state.running || st->started == TRI_TRUE ||
        st->state.running_since_ms == IW_TIME_NONE)
        return IW_TIME_NONE;
    return st->state.running_since_ms + probe_budget_ms(c->startup);
}

/* The newest event of the container with that reason whose message has `part`. */
static const struct kevent *
newest_event(const struct pod *pod, const struct container *c, const struct kevent_ring *events,
             const char *reason, const char *part)
{
    size_t about[LIMIT_EVENTS_PER_POD];
    size_t n =
        events && pod->uid[0] ? kevent_ring_about(events, pod->uid, about, IW_COUNTOF(about)) : 0;
    while (n-- > 0) {
        const struct kevent *ev = kevent_ring_at(events, about[n]);
        if (strcmp(ev->reason, reason) == 0 && strcmp(ev->container, c->name) == 0 &&
            strstr(ev->message, part))
            return ev;
    }
    return NULL;
}

/* Tries since the start, the first right after the initial delay. */
static int32_t
tries_by_time(const struct probe *p, int64_t since_ms, int64_t now_wall_ms)
{
    int64_t first_ms = since_ms + 1000 * (int64_t)number_or(p->initial_delay_s, 0);
    if (now_wall_ms < first_ms)
        return 0;
    int64_t tries = (now_wall_ms - first_ms) / (1000 * (int64_t)probe_period_s(p));
    return (int32_t)IW_MIN(tries, (int64_t)probe_threshold(p));
}

static void
startup_failures(const struct container *c, int64_t now_wall_ms, struct probe_state *out)
{
    int64_t since_ms = c->status->state.running_since_ms;
    int32_t by_time = tries_by_time(c->startup, since_ms, now_wall_ms);
    /* A count goes on over restarts; only a first sight in this run makes it a count of this
     * run. */
    bool counted = out->last && out->last->first_ms >= since_ms - EVENT_SLACK_MS;
    int32_t by_events = counted ? (int32_t)IW_MIN(out->last->count, (uint32_t)out->threshold) : 0;
    bool complete = counted && by_events + COUNT_LAGS >= by_time;
    out->failures = complete ? by_events : by_time;
    out->source = complete ? PROBE_COUNT_EVENTS : PROBE_COUNT_TIME;
    out->kill_ms = probe_startup_deadline_ms(c);
}

/* How many of the failures came in a row is not in an event. It is known while all of them fit into
 * one threshold's time; else only that it fails now. */
static void
running_failures(const struct probe *p, enum probe_role role, int64_t now_wall_ms,
                 struct probe_state *out)
{
    int64_t period_ms = 1000 * (int64_t)probe_period_s(p);
    const struct kevent *ev = out->last;
    if (!ev || !out->last_is_of_this_run || now_wall_ms - ev->last_ms > 2 * period_ms)
        return;
    bool row = now_wall_ms - ev->first_ms <= period_ms * out->threshold + EVENT_SLACK_MS;
    out->source = PROBE_COUNT_EVENTS;
    out->failures = row ? (int32_t)IW_MIN(ev->count, (uint32_t)out->threshold) : 1;
    if (role == PROBE_ROLE_LIVENESS)
        out->kill_ms = ev->last_ms + period_ms * IW_MAX(out->threshold - out->failures, 0);
}

bool
probe_state_of(const struct pod *pod, const struct container *c, enum probe_role role,
               const struct kevent_ring *events, int64_t now_wall_ms, struct probe_state *out)
{
    const struct probe *p = container_probe(c, role);
    const struct container_status *st = c->status;
    *out = (struct probe_state){
        .threshold = probe_threshold(p), .budget_ms = probe_budget_ms(p), .kill_ms = IW_TIME_NONE};
    if (p->kind == PROBE_NONE)
        return false;
    out->last = newest_event(pod, c, events, "Unhealthy", ROLES[role].unhealthy);
    if (!st || !st->state.running || st->state.running_since_ms == IW_TIME_NONE)
        return true;
    out->last_is_of_this_run =
        out->last && out->last->last_ms >= st->state.running_since_ms - EVENT_SLACK_MS;
    if (role == PROBE_ROLE_STARTUP && st->started != TRI_TRUE)
        startup_failures(c, now_wall_ms, out);
    else if (role != PROBE_ROLE_STARTUP && !(role == PROBE_ROLE_READINESS && st->ready))
        running_failures(p, role, now_wall_ms, out);
    return true;
}

/* A repeated event tells its first and its last moment only. */
static bool
event_at(const struct kevent *ev, int64_t at_ms)
{
    int64_t first = ev->first_ms - at_ms, last = ev->last_ms - at_ms;
    return (first >= -5 * EVENT_SLACK_MS && first <= 5 * EVENT_SLACK_MS) ||
           (last >= -5 * EVENT_SLACK_MS && last <= 5 * EVENT_SLACK_MS);
}

enum probe_kill
probe_killed(const struct pod *pod, const struct container *c, int64_t started_ms,
             int64_t finished_ms, const struct kevent_ring *events, enum probe_role *role)
{
    static const enum probe_role KILLERS[] = {PROBE_ROLE_STARTUP, PROBE_ROLE_LIVENESS};
    if (started_ms == IW_TIME_NONE || finished_ms == IW_TIME_NONE || started_ms <= 0)
        return PROBE_KILL_NO;
    for (size_t i = 0; i < IW_COUNTOF(KILLERS); i++) {
        const struct probe *p = container_probe(c, KILLERS[i]);
        const struct kevent *killing =
            newest_event(pod, c, events, "Killing", ROLES[KILLERS[i]].killing);
        *role = KILLERS[i];
        if (killing && p->kind != PROBE_NONE && event_at(killing, finished_ms))
            return PROBE_KILL_SAID;
    }
    *role = PROBE_ROLE_STARTUP;
    const struct kevent *ev =
        newest_event(pod, c, events, "Unhealthy", ROLES[PROBE_ROLE_STARTUP].unhealthy);
    /* Its last moment says nothing: the kubelet stops telling when there were many. */
    if (!ev || c->startup->kind == PROBE_NONE || ev->first_ms > finished_ms + EVENT_SLACK_MS)
        return PROBE_KILL_NO;
    int64_t least_ms = probe_budget_ms(c->startup) - 1000 * (int64_t)probe_period_s(c->startup);
    int64_t grace_s = c->startup->grace_s >= 0 ? c->startup->grace_s : IW_MAX(pod->grace_s, 0);
    int64_t most_ms =
        probe_budget_ms(c->startup) + 1000 * IW_MIN(grace_s, PROBE_NUMBER_MAX) + 5 * EVENT_SLACK_MS;
    int64_t ran_ms = finished_ms - started_ms;
    return ran_ms >= least_ms && ran_ms <= most_ms ? PROBE_KILL_INFERRED : PROBE_KILL_NO;
}

const char *
probe_event_text(const struct kevent *ev)
{
    const char *failed = strstr(ev->message, " probe failed: ");
    return failed ? failed + strlen(" probe failed: ") : ev->message;
}
