/* sidecar: what a native sidecar is doing, and whether others wait for it.
 * Ref: kubelet computeInitContainerActions (SEMANTICS D.3, D.6, D.9).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/sidecar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/probes.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/progress_text.h"

const char *
sidecar_health_name(enum sidecar_health health)
{
    static const char *const names[SIDECAR_HEALTH_COUNT] = {
        "not yet", "creating", "starting", "ready", "not ready", "restarting", "broken", "stopped"};
    return (unsigned)health < SIDECAR_HEALTH_COUNT ? names[health] : "?";
}

bool
pod_apps_are_over(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->kind == CONTAINER_APP &&
            (container_phase(c) != CONTAINER_TERMINATED ||
             container_restarts_after(c, pod->restart_policy, c->status->state.end.exit_code)))
            return false;
    return pod->app_count > 0;
}

static bool
sidecar_started(const struct container *c)
{
    const struct container_status *status = c->status;
    /* Before 1.28 nodes left `started` out; without a startup probe running is enough. */
    return status->started == TRI_TRUE ||
           (status->started == TRI_UNKNOWN && c->startup->kind == PROBE_NONE);
}

static enum sidecar_health
health_waiting(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    const struct container_state *state = &c->status->state;
    if (waiting_is_error(state->waiting_reason))
        return SIDECAR_BROKEN;
    if (waiting_class_of(state->waiting_reason) == WAITING_CRASH || c->status->last->terminated)
        return SIDECAR_RESTARTING;
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    return progress.current == c || progress.initialized ? SIDECAR_CREATING : SIDECAR_NOT_YET;
}

static enum sidecar_health
health_of(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    if (pod_is_terminal(pod))
        return SIDECAR_STOPPED;
    switch (container_phase(c)) {
    case CONTAINER_UNKNOWN:
    case CONTAINER_PHASE_COUNT:
        return SIDECAR_NOT_YET;
    case CONTAINER_WAITING:
        return health_waiting(pod, c, now_wall_ms);
    case CONTAINER_RUNNING:
        if (!sidecar_started(c))
            return SIDECAR_STARTING;
        return c->status->ready ? SIDECAR_READY : SIDECAR_UNREADY;
    case CONTAINER_TERMINATED:
        break;
    }
    return pod_is_deleted(pod) || pod_apps_are_over(pod) ? SIDECAR_STOPPED : SIDECAR_RESTARTING;
}

/* The later containers wait when none of them has begun yet (SEMANTICS D.3: the walk goes
 * backwards). */
static bool
sidecar_gates(const struct pod *pod, const struct container *c, enum sidecar_health health,
              int64_t now_wall_ms)
{
    if (health == SIDECAR_STOPPED || health == SIDECAR_NOT_YET || health == SIDECAR_READY ||
        health == SIDECAR_UNREADY)
        return false;
    for (const struct container *later = c; (later = pod_containers(pod, later)) != NULL;)
        if (later->list == LIST_INIT && (container_phase(later) == CONTAINER_RUNNING ||
                                         container_phase(later) == CONTAINER_TERMINATED))
            return false;
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    return progress.current == c;
}

static void
gate_text(const struct container *c, char *out, size_t out_size)
{
    const char *hook = c->post_start ? "postStart hook, then " : "";
    if (c->startup->kind != PROBE_NONE)
        (void)snprintf(out, out_size, tr("%sstartup probe %s"), hook, c->startup->target);
    else if (c->post_start)
        (void)snprintf(out, out_size, tr("postStart hook"));
    else
        (void)snprintf(out, out_size, tr("running is enough"));
}

static void
starting_sentence(const struct container *c, int64_t now_wall_ms, struct sidecar_report *out)
{
    char running[16] = "?";
    int64_t since_ms = c->status->state.running_since_ms;
    if (since_ms != IW_TIME_NONE)
        duration_cells(now_wall_ms - since_ms, running);
    if (c->startup->kind == PROBE_NONE) {
        (void)snprintf(out->sentence, sizeof(out->sentence), tr("%s running %s, not started yet"),
                       c->name, running);
        return;
    }
    int64_t left_ms = out->startup_deadline_ms - now_wall_ms;
    char left[16];
    duration_cells(left_ms, left);
    (void)snprintf(
        out->sentence, sizeof(out->sentence),
        tr("%.63s startup probe %.63s not passed, running %s%s%s"), c->name, c->startup->target,
        running, out->startup_deadline_ms == IW_TIME_NONE || left_ms <= 0 ? "" : tr(", killed in "),
        out->startup_deadline_ms == IW_TIME_NONE || left_ms <= 0 ? "" : left);
}

static void
restarting_sentence(const struct container *c, struct sidecar_report *out)
{
    const struct container_status *status = c->status;
    const struct container_end *end = status->state.terminated   ? &status->state.end
                                      : status->last->terminated ? &status->last->end
                                                                 : NULL;
    char exit_text[96] = "its end";
    if (end)
        container_exit_text(end, exit_text, sizeof(exit_text));
    (void)snprintf(out->sentence, sizeof(out->sentence), tr("%.63s restarts after %s (try %lld)"),
                   c->name, exit_text, (long long)status->restart_count + 1);
}

static void
broken_sentence(const struct container *c, struct sidecar_report *out)
{
    const struct container_state *state = &c->status->state;
    switch (waiting_class_of(state->waiting_reason)) {
    case WAITING_IMAGE:
        text_image_problem(c, out->sentence, sizeof(out->sentence));
        break;
    case WAITING_CONFIG:
        text_config_problem(state->waiting_message, out->sentence, sizeof(out->sentence));
        break;
    case WAITING_TURN:
    case WAITING_CRASH:
    case WAITING_START:
    case WAITING_OTHER:
        text_start_problem(state->waiting_reason, state->waiting_message, out->sentence,
                           sizeof(out->sentence));
        break;
    }
}

void
sidecar_assess(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
               struct sidecar_report *out)
{
    memset(out, 0, sizeof(*out));
    out->health = health_of(pod, c, now_wall_ms);
    out->gates = sidecar_gates(pod, c, out->health, now_wall_ms);
    gate_text(c, out->gate, sizeof(out->gate));
    out->startup_deadline_ms =
        out->health == SIDECAR_STARTING ? probe_startup_deadline_ms(c) : IW_TIME_NONE;
    switch (out->health) {
    case SIDECAR_STARTING:
        starting_sentence(c, now_wall_ms, out);
        break;
    case SIDECAR_RESTARTING:
        restarting_sentence(c, out);
        break;
    case SIDECAR_BROKEN:
        broken_sentence(c, out);
        break;
    case SIDECAR_UNREADY:
        (void)snprintf(out->sentence, sizeof(out->sentence),
                       tr("%.63s not ready: readiness probe %.63s"), c->name,
                       c->readiness->kind == PROBE_NONE ? "(none)" : c->readiness->target);
        break;
    case SIDECAR_NOT_YET:
    case SIDECAR_CREATING:
    case SIDECAR_READY:
    case SIDECAR_STOPPED:
    case SIDECAR_HEALTH_COUNT:
        (void)snprintf(out->sentence, sizeof(out->sentence), "%.63s %s", c->name,
                       sidecar_health_name(out->health));
        break;
    }
}
