/* status: the cells of `kubectl get pods`.
 *
 * The order of the tests below is the order of Kubernetes' own printer; SEMANTICS A.2 numbers them.
 * Ref: pkg/printers/internalversion/printers.go, printPod.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "text_is.h"

/* What the walk over the statuses has found so far. */
struct print_walk {
    const struct pod *pod;
    char *reason; /* the STATUS cell */
    size_t reason_size;
    int64_t restarts, sidecar_restarts;
    int64_t last_restart_ms, last_sidecar_restart_ms;
    uint32_t ready, total;
    bool initializing;
};

static void
walk_reason(struct print_walk *w, const char *prefix, const char *text)
{
    (void)snprintf(w->reason, w->reason_size, "%s%s", prefix, text);
}

/* "Error", or "Signal:9", or "ExitCode:3", after the prefix. */
static void
walk_end_reason(struct print_walk *w, const char *prefix, const struct container_end *end)
{
    if (*end->reason)
        walk_reason(w, prefix, end->reason);
    else if (end->signal != 0)
        (void)snprintf(w->reason, w->reason_size, "%sSignal:%" PRId32, prefix, end->signal);
    else
        (void)snprintf(w->reason, w->reason_size, "%sExitCode:%" PRId32, prefix, end->exit_code);
}

static void
walk_count_restarts(const struct container_status *status, int64_t *restarts, int64_t *last_ms)
{
    *restarts += status->restart_count;
    /* IW_TIME_NONE is below every moment, so an absent finishedAt never wins. */
    if (status->last->terminated && status->last->end.finished_ms > *last_ms)
        *last_ms = status->last->end.finished_ms;
}

/* Is the init container of that name a sidecar? The last entry wins when names repeat. */
static bool
name_is_sidecar(const struct pod *pod, const char *name)
{
    for (uint32_t i = pod->init_count; i-- > 0;)
        if (text_is(pod->containers[i].name, name))
            return pod->containers[i].kind == CONTAINER_SIDECAR;
    return false;
}

/* Step 4c for one status; false when the walk stops here. */
static bool
walk_init_state(struct print_walk *w, const struct container_status *status, uint32_t index,
                bool sidecar)
{
    const struct container_state *state = &status->state;
    if (state->terminated && state->end.exit_code == 0)
        return true;
    if (sidecar && status->started == TRI_TRUE) {
        if (status->ready)
            w->ready++;
        return true;
    }
    if (state->terminated)
        walk_end_reason(w, "Init:", &state->end);
    else if (state->waiting && *state->waiting_reason &&
             !text_is(state->waiting_reason, "PodInitializing"))
        walk_reason(w, "Init:", state->waiting_reason);
    else
        (void)snprintf(w->reason, w->reason_size, "Init:%" PRIu32 "/%" PRIu32, index,
                       w->pod->init_count);
    w->initializing = true;
    return false;
}

static void
walk_inits(struct print_walk *w)
{
    uint32_t count;
    const struct container_status *statuses = pod_statuses(w->pod, LIST_INIT, &count);
    for (uint32_t i = 0; i < count; i++) {
        bool sidecar = name_is_sidecar(w->pod, statuses[i].name);
        walk_count_restarts(&statuses[i], &w->restarts, &w->last_restart_ms);
        if (sidecar)
            walk_count_restarts(&statuses[i], &w->sidecar_restarts, &w->last_sidecar_restart_ms);
        if (!walk_init_state(w, &statuses[i], i, sidecar))
            return;
    }
}

static bool
pod_has_condition(const struct pod *pod, const char *type, const char *status)
{
    for (uint32_t i = 0; i < pod->condition_count; i++)
        if (text_is(pod->conditions[i].type, type) && text_is(pod->conditions[i].status, status))
            return true;
    return false;
}

/* Step 5: the app containers, from the last to the first. */
static void
walk_apps(struct print_walk *w)
{
    char error_reason[256] = "";
    bool has_running = false;
    uint32_t count;
    const struct container_status *statuses = pod_statuses(w->pod, LIST_APP, &count);

    /* Restarts of regular init containers are forgotten once the pod is initialised. */
    w->restarts = w->sidecar_restarts;
    w->last_restart_ms = w->last_sidecar_restart_ms;
    for (uint32_t i = count; i-- > 0;) {
        const struct container_state *state = &statuses[i].state;
        walk_count_restarts(&statuses[i], &w->restarts, &w->last_restart_ms);
        if (state->waiting && *state->waiting_reason) {
            walk_reason(w, "", state->waiting_reason);
        } else if (state->terminated) {
            walk_end_reason(w, "", &state->end);
            if (state->end.exit_code != 0)
                (void)snprintf(error_reason, sizeof(error_reason), "%s", w->reason);
        } else if (statuses[i].ready && state->running) {
            has_running = true;
            w->ready++;
        }
    }
    if (!text_is(w->reason, "Completed"))
        return;
    if (has_running && pod_has_condition(w->pod, "Ready", "True"))
        walk_reason(w, "", "Running");
    else if (*error_reason)
        walk_reason(w, "", error_reason);
    else if (has_running)
        walk_reason(w, "", "NotReady");
}

static bool
pod_is_gated(const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->condition_count; i++)
        if (text_is(pod->conditions[i].type, "PodScheduled") &&
            text_is(pod->conditions[i].reason, "SchedulingGated"))
            return true;
    return false;
}

static void
walk_pod(struct print_walk *w)
{
    const struct pod *pod = w->pod;
    walk_reason(w, "", *pod->reason ? pod->reason : pod->phase);
    if (pod_is_gated(pod))
        walk_reason(w, "", "SchedulingGated");

    w->total = pod->app_count;
    for (uint32_t i = 0; i < pod->init_count; i++)
        w->total += pod->containers[i].kind == CONTAINER_SIDECAR;

    walk_inits(w);
    const struct pod_condition *initialized = pod_condition(pod, "Initialized");
    if (!w->initializing || (initialized && text_is(initialized->status, "True")))
        walk_apps(w);

    if (pod_is_deleted(pod)) {
        if (text_is(pod->reason, "NodeLost"))
            walk_reason(w, "", "Unknown");
        else if (!pod_is_terminal(pod))
            walk_reason(w, "", "Terminating");
    }
}

static void
print_gates(const struct pod *pod, char *out, size_t out_size)
{
    if (pod->readiness_gate_count == 0) {
        (void)snprintf(out, out_size, "<none>");
        return;
    }
    uint32_t met = 0;
    for (uint32_t i = 0; i < pod->readiness_gate_count; i++) {
        const struct pod_condition *c = pod_condition(pod, pod->readiness_gates[i]);
        met += c && text_is(c->status, "True");
    }
    (void)snprintf(out, out_size, "%" PRIu32 "/%" PRIu32, met, pod->readiness_gate_count);
}

static void
print_restarts(const struct print_walk *w, int64_t now_wall_ms, char *out, size_t out_size)
{
    if (w->restarts != 0 && w->last_restart_ms != IW_TIME_NONE) {
        char ago[32];
        duration_human(now_wall_ms - w->last_restart_ms, ago);
        (void)snprintf(out, out_size, "%" PRId64 " (%s ago)", w->restarts, ago);
    } else {
        (void)snprintf(out, out_size, "%" PRId64, w->restarts);
    }
}

static struct print_walk
walk_begin(const struct pod *pod, char *reason, size_t reason_size)
{
    return (struct print_walk){.pod = pod,
                               .reason = reason,
                               .reason_size = reason_size,
                               .last_restart_ms = IW_TIME_NONE,
                               .last_sidecar_restart_ms = IW_TIME_NONE};
}

void
pod_print_cells(const struct pod *pod, int64_t now_wall_ms, struct pod_cells *out)
{
    struct print_walk w = walk_begin(pod, out->status, sizeof(out->status));
    walk_pod(&w);
    (void)snprintf(out->ready, sizeof(out->ready), "%" PRIu32 "/%" PRIu32, w.ready, w.total);
    print_restarts(&w, now_wall_ms, out->restarts, sizeof(out->restarts));
    if (pod->created_ms == IW_TIME_NONE)
        (void)snprintf(out->age, sizeof(out->age), "<unknown>");
    else
        duration_human(now_wall_ms - pod->created_ms, out->age);
    out->ip = *pod->ip ? pod->ip : "<none>";
    out->node = *pod->node ? pod->node : "<none>";
    out->nominated_node = *pod->nominated_node ? pod->nominated_node : "<none>";
    print_gates(pod, out->readiness_gates, sizeof(out->readiness_gates));
    out->completed = pod_is_terminal(pod);
    out->restart_count = w.restarts < 0 ? 0 : (uint64_t)w.restarts;
    out->last_restart_ms = w.restarts != 0 ? w.last_restart_ms : IW_TIME_NONE;
    out->ready_count = w.ready;
    out->total_count = w.total;
}

void
pod_display_status(const struct pod *pod, char *out, size_t out_size)
{
    struct print_walk w = walk_begin(pod, out, out_size);
    walk_pod(&w);
}
