/* progress: the init sequence of a pod and the sign of each container; progress_block.c has the one
 * thing that keeps a pod from being ready.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/progress.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/model/progress_text.h"
#include "initwatch/model/sidecar.h"
#include "progress_internal.h"

/* --- the init sequence --- */

bool
end_is_success(const struct container_end *end)
{
    return end->exit_code == 0 && !text_is(end->reason, "OOMKilled");
}

static bool
init_is_done(const struct container *c)
{
    const struct container_status *status = c->status;
    if (!status)
        return false;
    if (c->kind == CONTAINER_SIDECAR)
        return status->started == TRI_TRUE ||
               (status->started == TRI_UNKNOWN && status->state.running &&
                c->startup->kind == PROBE_NONE);
    return status->state.terminated && end_is_success(&status->state.end);
}

static bool
app_has_begun(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->kind == CONTAINER_APP &&
            (container_phase(c) == CONTAINER_RUNNING || container_phase(c) == CONTAINER_TERMINATED))
            return true;
    return false;
}

/* After a lost sandbox the inits run again while Initialized stays True (SEMANTICS D.2). */
static bool
init_runs_again(const struct container *c)
{
    if (c->kind != CONTAINER_INIT || !c->status)
        return false;
    return c->status->state.running ||
           (c->status->state.terminated && !end_is_success(&c->status->state.end));
}

void
pod_init_progress(const struct pod *pod, int64_t now_wall_ms, struct init_progress *out)
{
    (void)now_wall_ms; /* the counts do not age; callers pass the moment to every fact alike */
    memset(out, 0, sizeof(*out));
    out->total = pod->init_count;
    out->initialized = pod->init_count == 0 || condition_is(pod, "Initialized", "True") ||
                       app_has_begun(pod) || text_is(pod->phase, "Succeeded");
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        bool ready = c->status && c->status->ready;
        if (c->kind == CONTAINER_APP) {
            out->app_total++;
            out->app_ready += ready;
        }
        if (c->list != LIST_INIT)
            continue;
        bool done = init_is_done(c);
        out->done += done;
        if (c->kind == CONTAINER_SIDECAR) {
            out->sidecar_total++;
            out->sidecar_started += done;
            out->sidecar_ready += ready;
        } else {
            out->regular_total++;
            out->regular_done += done;
        }
        if (!done && !out->current && !text_is(pod->phase, "Succeeded") &&
            (!out->initialized || init_runs_again(c)))
            out->current = c;
    }
}

struct container_backoff
pod_backoff_now(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    if (pod_is_terminal(pod) || pod_is_deleted(pod))
        return (struct container_backoff){.next_ms = IW_TIME_NONE};
    return container_backoff_now(c, pod->restart_policy, now_wall_ms);
}

/* --- signs --- */

bool
end_restarts(const struct pod *pod, const struct container *c)
{
    const struct container_end *end = &c->status->state.end;
    int32_t code = end->exit_code;
    /* OOMKilled with exit 0 counts as failed; OnFailure then says no (SEMANTICS D.4, the seam). */
    return !pod_is_terminal(pod) && !pod_is_deleted(pod) &&
           container_restarts_after(c, pod->restart_policy, code);
}

static enum container_sign
sign_of_waiting(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    const char *reason = c->status->state.waiting_reason;
    if (pod_is_terminal(pod))
        return SIGN_ENDED;
    if (waiting_is_error(reason))
        return SIGN_FAILED;
    if (waiting_class_of(reason) == WAITING_CRASH)
        return SIGN_BACKOFF;
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    if (c->list == LIST_INIT)
        return progress.current == c ? SIGN_WORKING : SIGN_WAITS;
    if (c->list == LIST_APP && progress.current)
        return SIGN_WAITS;
    return progress.initialized || progress.done == progress.total ? SIGN_WORKING : SIGN_WAITS;
}

static enum container_sign
sign_of_sidecar(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    static const enum container_sign signs[SIDECAR_HEALTH_COUNT] = {
        [SIDECAR_NOT_YET] = SIGN_WAITS,    [SIDECAR_CREATING] = SIGN_WORKING,
        [SIDECAR_STARTING] = SIGN_WORKING, [SIDECAR_READY] = SIGN_OK,
        [SIDECAR_UNREADY] = SIGN_UNREADY,  [SIDECAR_RESTARTING] = SIGN_BACKOFF,
        [SIDECAR_BROKEN] = SIGN_FAILED,    [SIDECAR_STOPPED] = SIGN_ENDED,
    };
    struct sidecar_report report;
    sidecar_assess(pod, c, now_wall_ms, &report);
    return signs[report.health];
}

static enum container_sign
sign_of_running(const struct container *c)
{
    if (c->kind == CONTAINER_INIT)
        return SIGN_WORKING;
    if (c->status->ready || c->kind == CONTAINER_EPHEMERAL)
        return SIGN_OK;
    return c->status->started == TRI_FALSE ? SIGN_WORKING : SIGN_UNREADY;
}

static enum container_sign
sign_of_ended(const struct pod *pod, const struct container *c)
{
    const struct container_end *end = &c->status->state.end;
    if (c->kind == CONTAINER_INIT) {
        if (end_is_success(end))
            return SIGN_OK;
        return end_restarts(pod, c) ? SIGN_BACKOFF : SIGN_FAILED;
    }
    if (c->kind == CONTAINER_EPHEMERAL)
        return SIGN_ENDED;
    if (end_restarts(pod, c))
        return SIGN_BACKOFF;
    return end->exit_code == 0 ? SIGN_ENDED : SIGN_FAILED;
}

enum container_sign
container_sign(const struct pod *pod, const struct container *c, int64_t now_wall_ms)
{
    if (c->kind == CONTAINER_SIDECAR)
        return sign_of_sidecar(pod, c, now_wall_ms);
    switch (container_phase(c)) {
    case CONTAINER_UNKNOWN:
    case CONTAINER_PHASE_COUNT:
        return pod_is_terminal(pod) ? SIGN_ENDED : SIGN_WAITS;
    case CONTAINER_WAITING:
        return sign_of_waiting(pod, c, now_wall_ms);
    case CONTAINER_RUNNING:
        return sign_of_running(c);
    case CONTAINER_TERMINATED:
        break;
    }
    return sign_of_ended(pod, c);
}

const char *
container_sign_text(enum container_sign sign, bool ascii)
{
    static const char *const signs[SIGN_COUNT][2] = {
        [SIGN_WAITS] = {"◌", "."},   [SIGN_WORKING] = {"⠹", ">"}, [SIGN_OK] = {"✓", "+"},
        [SIGN_BACKOFF] = {"↻", "@"}, [SIGN_FAILED] = {"✗", "x"},  [SIGN_UNREADY] = {"◒", "~"},
        [SIGN_ENDED] = {"–", "-"},
    };
    return (unsigned)sign < SIGN_COUNT ? signs[sign][ascii] : "?";
}

void
pod_strip_text(const struct pod *pod, int64_t now_wall_ms, bool ascii, char *out, size_t out_size)
{
    size_t used = 0;
    unsigned left = pod->init_count + pod->app_count;
    const char *bar = ascii ? "|" : "│";
    out[0] = '\0';
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list == LIST_EPHEMERAL)
            continue;
        if (used + 24 > out_size) {
            (void)snprintf(out + used, out_size - used, "+%u", left);
            return;
        }
        const char *sign = container_sign_text(container_sign(pod, c, now_wall_ms), ascii);
        bool first_app = c->list == LIST_APP && c->list_index == 0;
        bool aside = c->kind == CONTAINER_SIDECAR;
        const char *const parts[] = {first_app && pod->init_count ? bar : "", aside ? "(" : "",
                                     sign, aside ? ")" : ""};
        for (size_t i = 0; i < IW_COUNTOF(parts); i++) {
            size_t len = strlen(parts[i]);
            memcpy(out + used, parts[i], len + 1);
            used += len;
        }
        left--;
    }
}
