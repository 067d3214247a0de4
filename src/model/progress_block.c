/* progress_block: the one thing that keeps a pod from being ready, since when, and a sentence about
 * it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress_text.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/waitfor.h"
#include "progress_internal.h"

/* A container at work for less than this is simply starting. */
#define YOUNG_MS 60000
/* A pod that no scheduler has touched for this long waits for one that does not run. */
#define SCHEDULER_SILENT_MS 10000

static void block_say(struct pod_block *b, const char *fmt, ...) IW_PRINTF(2, 3);

static void
block_set(struct pod_block *b, enum block_severity severity, const struct container *container,
          const char *reason)
{
    b->severity = severity;
    b->container = container;
    text_one_line(reason, b->reason, sizeof(b->reason));
}

static void
block_say(struct pod_block *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(b->summary, sizeof(b->summary), tr(fmt), args);
    va_end(args);
}

/* "working" is young or long. */
static enum block_severity
working_severity(int64_t since_ms, int64_t now_wall_ms)
{
    return since_ms != IW_TIME_NONE && now_wall_ms - since_ms >= YOUNG_MS ? BLOCK_WAIT
                                                                          : BLOCK_PROGRESS;
}

/* "4m09s", or "" when the moment is not known. */
static void
elapsed_text(int64_t since_ms, int64_t now_wall_ms, char out[16])
{
    out[0] = '\0';
    if (since_ms != IW_TIME_NONE)
        duration_cells(now_wall_ms - since_ms, out);
}

/* When the step's turn came: the end of the last init before it, or the start of the last sidecar,
 * or the pod's own start. */
static int64_t
step_began_ms(const struct pod *pod, const struct container *step)
{
    int64_t began_ms = pod->started_ms != IW_TIME_NONE ? pod->started_ms : pod->created_ms;
    for (const struct container *c = pod->containers; c < step && c->list == LIST_INIT; c++) {
        if (!c->status)
            continue;
        int64_t at_ms = c->kind == CONTAINER_SIDECAR  ? c->status->state.running_since_ms
                        : c->status->state.terminated ? c->status->state.end.finished_ms
                                                      : IW_TIME_NONE;
        began_ms = IW_MAX(began_ms, at_ms);
    }
    return began_ms;
}

/* Since when an initialised pod is not ready. */
static int64_t
unready_since_ms(const struct pod *pod)
{
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    if (ready && !text_is(ready->status, "True") && ready->transition_ms != IW_TIME_NONE)
        return ready->transition_ms;
    return pod->started_ms != IW_TIME_NONE ? pod->started_ms : pod->created_ms;
}

static int64_t
trouble_since_ms(const struct pod *pod, const struct container *c)
{
    struct init_progress progress;
    pod_init_progress(pod, 0, &progress);
    return progress.current == c ? step_began_ms(pod, c) : unready_since_ms(pod);
}

/* Did the run last as long as the startup probe allows? Then the kubelet has ended it: a container
 * that passed would have gone on. The kill adds at most the grace period. */
static bool
startup_ran_out(const struct pod *pod, const struct container *c, const struct container_end *end)
{
    if (c->startup->kind == PROBE_NONE || end->started_ms <= 0 ||
        end->finished_ms == IW_TIME_NONE || c->status->started == TRI_TRUE)
        return false;
    int64_t ran_ms = end->finished_ms - end->started_ms;
    int64_t least_ms = INT64_C(1000) * IW_MAX(c->startup->failure_threshold - 1, 1) *
                       IW_MIN(IW_MAX(c->startup->period_s, 1), 1 << 20);
    int64_t most_ms = INT64_C(1000) * (IW_MAX(c->startup->initial_delay_s, 0) +
                                       IW_MIN(IW_MAX(pod->grace_s, 30), 3600) + 5) +
                      2 * least_ms;
    return ran_ms >= least_ms && ran_ms <= most_ms;
}

/* It ended badly, or keeps ending: crash loop, first failure, or done for. */
static void
block_of_end(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
             struct pod_block *b)
{
    const struct container_status *status = c->status;
    const struct container_end *end =
        status->state.terminated ? &status->state.end : &status->last->end;
    bool known = status->state.terminated || status->last->terminated;
    char exit_text[96] = "its end";
    char last_line[120] = "";
    char next[48] = "";
    if (known) {
        container_exit_text(end, exit_text, sizeof(exit_text));
        text_last_line(end->message, last_line, sizeof(last_line));
        if (!*last_line && startup_ran_out(pod, c, end))
            (void)snprintf(last_line, sizeof(last_line), tr("startup probe not passed in time"));
    }
    const char *colon = *last_line ? ": " : "";
    long long tries = (int64_t)status->restart_count + 1;
    b->backoff = pod_backoff_now(pod, c, now_wall_ms);
    b->since_ms = trouble_since_ms(pod, c);
    /* A container that is ready for a moment in each try resets the Ready condition: the end before
     * tells more. */
    if (b->backoff.active && status->last->terminated &&
        status->last->end.finished_ms != IW_TIME_NONE)
        b->since_ms = IW_MIN(b->since_ms, status->last->end.finished_ms);
    if (b->backoff.active) {
        char delay[40];
        duration_go(b->backoff.delay_ms, delay);
        if (b->backoff.next_ms != IW_TIME_NONE && b->backoff.next_ms > now_wall_ms) {
            char left[16];
            duration_cells(b->backoff.next_ms - now_wall_ms, left);
            (void)snprintf(next, sizeof(next), tr(", next in %s"), left);
        }
        block_set(b, BLOCK_ERROR, c, "CrashLoopBackOff");
        block_say(b, "%.63s back-off %s after %s (try %lld)%s%s%s", c->name, delay, exit_text,
                  tries, next, colon, last_line);
    } else if (status->state.terminated && !end_restarts(pod, c)) {
        block_set(b, BLOCK_ERROR, c, *end->reason ? end->reason : "Error");
        block_say(b, "%.63s %s, not restarted%s%s", c->name, exit_text, colon, last_line);
    } else {
        block_set(b, BLOCK_ERROR, c, known && *end->reason ? end->reason : "Error");
        block_say(b, "%.63s %s (try %lld), restarts now%s%s", c->name, exit_text, tries, colon,
                  last_line);
    }
}

/* Image, configuration, creation: it cannot come to life. */
static void
block_of_waiting(const struct pod *pod, const struct container *c, struct pod_block *b)
{
    const struct container_state *state = &c->status->state;
    char text[256];
    block_set(b, BLOCK_ERROR, c, state->waiting_reason);
    b->since_ms = trouble_since_ms(pod, c);
    switch (waiting_class_of(state->waiting_reason)) {
    case WAITING_IMAGE:
        text_image_problem(c, text, sizeof(text));
        break;
    case WAITING_CONFIG:
        text_config_problem(state->waiting_message, text, sizeof(text));
        break;
    case WAITING_TURN:
    case WAITING_CRASH:
    case WAITING_START:
    case WAITING_OTHER:
        text_start_problem(state->waiting_reason, state->waiting_message, text, sizeof(text));
        break;
    }
    /* With one container the name says nothing new; an image names itself. */
    if (waiting_class_of(state->waiting_reason) == WAITING_IMAGE || pod->container_count == 1)
        block_say(b, "%s", text);
    else
        block_say(b, "%.150s (%.63s)", text, c->name);
}

static void
block_of_running_init(const struct container *c, int64_t now_wall_ms, struct pod_block *b)
{
    const struct container_status *status = c->status;
    int64_t since_ms = status->state.running_since_ms;
    char elapsed[16];
    char before[128] = "";
    char doing[160] = "";
    struct wait_target target;
    elapsed_text(since_ms, now_wall_ms, elapsed);
    if (status->restart_count > 0 && status->last->terminated) {
        char exit_text[96];
        container_exit_text(&status->last->end, exit_text, sizeof(exit_text));
        (void)snprintf(before, sizeof(before), tr(" (try %lld, was %.70s)"),
                       (long long)status->restart_count + 1, exit_text);
    }
    if (container_wait_target(c, &target))
        text_one_line(target.command, doing, sizeof(doing));
    else
        container_command_text(c, doing, 72);
    block_set(b, working_severity(since_ms, now_wall_ms), c, "Running");
    b->since_ms = since_ms;
    block_say(b, "%.63s running%s%s%s%s%.120s", c->name, *elapsed ? " " : "", elapsed, before,
              *doing ? ": " : "", doing);
}

static void
block_of_starting_sidecar(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
                          struct pod_block *b)
{
    struct sidecar_report report;
    int64_t since_ms = c->status->state.running_since_ms;
    sidecar_assess(pod, c, now_wall_ms, &report);
    block_set(b, working_severity(since_ms, now_wall_ms), c,
              c->startup->kind == PROBE_NONE ? "Starting" : "StartupProbe");
    b->since_ms = since_ms;
    block_say(b, "%s", report.sentence);
    if (c->status->restart_count > 0) {
        /* A sidecar that was killed by its startup probe before will be again. */
        b->severity = BLOCK_ERROR;
        b->since_ms = trouble_since_ms(pod, c);
    }
}

/* What has to be in place before the first container can start, for "waits for ...". */
static void
volumes_text(const struct pod *pod, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < pod->volume_count; i++) {
        const struct pod_volume *v = &pod->volumes[i];
        bool claim = text_is(v->kind, "persistentVolumeClaim");
        bool secret = text_is(v->kind, "secret");
        if (v->optional || !*v->ref || (!claim && !secret && !text_is(v->kind, "configMap")))
            continue;
        int wrote = snprintf(out + used, out_size - used, "%s%s %.63s", used ? ", " : "",
                             claim    ? "PVC"
                             : secret ? "Secret"
                                      : "ConfigMap",
                             v->ref);
        if (wrote < 0 || (size_t)wrote >= out_size - used)
            return;
        used += (size_t)wrote;
    }
}

/* It is this container's turn and nothing runs: image, volumes, network, creation. */
static void
block_of_creating(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
                  struct pod_block *b)
{
    int64_t since_ms = trouble_since_ms(pod, c);
    char elapsed[16];
    char volumes[120];
    char image[100];
    elapsed_text(since_ms, now_wall_ms, elapsed);
    volumes_text(pod, volumes, sizeof(volumes));
    text_one_line(c->image, image, sizeof(image));
    block_set(b, working_severity(since_ms, now_wall_ms), c,
              c->status && *c->status->state.waiting_reason ? c->status->state.waiting_reason
                                                            : "Creating");
    b->since_ms = since_ms;
    if (condition_is(pod, "PodReadyToStartContainers", "False"))
        block_say(b, "volumes or network not ready %s%s%s", elapsed, *volumes ? ": " : "", volumes);
    else
        block_say(b, "%.63s being created %s: image %s", c->name, elapsed, image);
}

/* The block of one container that is not as it should be; false when it is fine or still has to
 * wait. */
static bool
block_of_container(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
                   struct pod_block *b)
{
    switch (container_sign(pod, c, now_wall_ms)) {
    case SIGN_BACKOFF:
        block_of_end(pod, c, now_wall_ms, b);
        return true;
    case SIGN_FAILED:
        if (c->status->state.terminated)
            block_of_end(pod, c, now_wall_ms, b);
        else
            block_of_waiting(pod, c, b);
        return true;
    case SIGN_WORKING:
        if (container_phase(c) != CONTAINER_RUNNING)
            block_of_creating(pod, c, now_wall_ms, b);
        else if (c->kind == CONTAINER_INIT)
            block_of_running_init(c, now_wall_ms, b);
        else
            block_of_starting_sidecar(pod, c, now_wall_ms, b);
        return true;
    case SIGN_UNREADY:
        b->since_ms = c->status->state.running_since_ms;
        block_set(b,
                  working_severity(b->since_ms, now_wall_ms) == BLOCK_WAIT ? BLOCK_WARN
                                                                           : BLOCK_PROGRESS,
                  c, "NotReady");
        b->since_ms = IW_MAX(b->since_ms, unready_since_ms(pod));
        if (c->readiness->kind == PROBE_NONE)
            block_say(b, "%.63s not ready", c->name);
        else
            block_say(b, "%.63s not ready: %.120s", c->name, c->readiness->target);
        return true;
    case SIGN_WAITS:
    case SIGN_OK:
    case SIGN_ENDED:
    case SIGN_COUNT:
        break;
    }
    return false;
}

/* An initialised pod: the worst container first, among equals the first in start order. */
static void
block_of_initialized(const struct pod *pod, int64_t now_wall_ms, struct pod_block *b)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct pod_block mine = {.since_ms = IW_TIME_NONE, .backoff = {.next_ms = IW_TIME_NONE}};
        if (c->list != LIST_EPHEMERAL && block_of_container(pod, c, now_wall_ms, &mine) &&
            mine.severity > b->severity)
            *b = mine;
    }
    if (b->severity != BLOCK_NONE)
        return;
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    if (!ready || !text_is(ready->status, "False") ||
        !text_is(ready->reason, "ReadinessGatesNotReady"))
        return;
    block_set(b, BLOCK_WARN, NULL, "ReadinessGatesNotReady");
    b->since_ms = ready->transition_ms;
    for (uint32_t i = 0; i < pod->readiness_gate_count; i++)
        if (!condition_is(pod, pod->readiness_gates[i], "True")) {
            block_say(b, "readiness gate %.150s is not True", pod->readiness_gates[i]);
            return;
        }
    block_say(b, "a readiness gate is not True");
}

static void
block_of_gates(const struct pod *pod, struct pod_block *b)
{
    block_set(b, BLOCK_WAIT, NULL, "SchedulingGated");
    size_t used = (size_t)snprintf(b->summary, sizeof(b->summary), tr("scheduling gate "));
    for (uint32_t i = 0; i < pod->scheduling_gate_count && used < 180; i++)
        used += (size_t)snprintf(b->summary + used, sizeof(b->summary) - used, "%s%.63s",
                                 i ? ", " : "", pod->scheduling_gates[i]);
}

/* Nobody has given it a node. */
static bool
block_of_unscheduled(const struct pod *pod, int64_t now_wall_ms, struct pod_block *b)
{
    const struct pod_condition *scheduled = pod_condition(pod, "PodScheduled");
    if (*pod->node || (scheduled && text_is(scheduled->status, "True")))
        return false;
    b->since_ms = scheduled && scheduled->transition_ms != IW_TIME_NONE ? scheduled->transition_ms
                                                                        : pod->created_ms;
    if (pod->scheduling_gate_count > 0 ||
        (scheduled && text_is(scheduled->reason, "SchedulingGated"))) {
        block_of_gates(pod, b);
    } else if (scheduled) {
        block_set(b, BLOCK_ERROR, NULL, *scheduled->reason ? scheduled->reason : "Unschedulable");
        if (*scheduled->message)
            text_scheduler(scheduled->message, b->summary, sizeof(b->summary));
        else
            block_say(b, "not scheduled");
    } else {
        bool silent =
            b->since_ms != IW_TIME_NONE && now_wall_ms - b->since_ms > SCHEDULER_SILENT_MS;
        block_set(b, silent ? BLOCK_WAIT : BLOCK_PROGRESS, NULL, "Pending");
        block_say(b,
                  silent ? "no scheduler has looked at it: is %.100s running?"
                         : "waits for scheduler %.100s",
                  *pod->scheduler ? pod->scheduler : "default-scheduler");
    }
    return true;
}

/* deletionTimestamp is the moment when the grace is over. */
static void
block_of_deleted(const struct pod *pod, int64_t now_wall_ms, struct pod_block *b)
{
    int64_t over_ms = now_wall_ms - pod->deletion_ms;
    int64_t grace_s = IW_MAX(pod->deletion_grace_s, 0);
    char text[16];
    b->since_ms = pod->deletion_ms - 1000 * IW_MIN(grace_s, INT64_C(1) << 40);
    block_set(b, BLOCK_PROGRESS, NULL, "Terminating");
    if (over_ms < 0) {
        duration_cells(-over_ms, text);
        block_say(b, "stopping, %s of its %llds grace left", text, (long long)grace_s);
        return;
    }
    duration_cells(over_ms, text);
    if (over_ms >= YOUNG_MS)
        b->severity = BLOCK_ERROR;
    const struct container *running = NULL;
    for (const struct container *c = NULL; !running && (c = pod_containers(pod, c)) != NULL;)
        if (container_phase(c) == CONTAINER_RUNNING)
            running = c;
    if (pod_is_terminal(pod) || !running)
        block_say(b, "grace over %s ago, all has ended: a finalizer or the node holds it", text);
    else
        block_say(b, "grace over %s ago, %.63s still running: is node %.63s alive?", text,
                  running->name, pod->node);
}

static void
block_of_failed(const struct pod *pod, int64_t now_wall_ms, struct pod_block *b)
{
    if (*pod->reason || *pod->message) {
        char message[180];
        text_one_line(pod->message, message, sizeof(message));
        block_set(b, BLOCK_ERROR, NULL, *pod->reason ? pod->reason : "Failed");
        block_say(b, "%.63s%s%s", b->reason, *message ? ": " : "", message);
    }
    int64_t ended_ms = IW_TIME_NONE;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list == LIST_EPHEMERAL || container_phase(c) != CONTAINER_TERMINATED)
            continue;
        ended_ms = IW_MAX(ended_ms, c->status->state.end.finished_ms);
        if (b->severity == BLOCK_NONE && c->kind != CONTAINER_SIDECAR &&
            !end_is_success(&c->status->state.end))
            block_of_end(pod, c, now_wall_ms, b);
    }
    if (b->severity == BLOCK_NONE) {
        block_set(b, BLOCK_ERROR, NULL, "Failed");
        block_say(b, "failed without a reason");
    }
    b->since_ms = ended_ms;
}

void
pod_block_of(const struct pod *pod, int64_t now_wall_ms, struct pod_block *out)
{
    memset(out, 0, sizeof(*out));
    out->since_ms = IW_TIME_NONE;
    out->backoff.next_ms = IW_TIME_NONE;
    if (pod_is_deleted(pod)) {
        block_of_deleted(pod, now_wall_ms, out);
        return;
    }
    if (text_is(pod->phase, "Succeeded"))
        return;
    if (text_is(pod->phase, "Failed")) {
        block_of_failed(pod, now_wall_ms, out);
        return;
    }
    if (block_of_unscheduled(pod, now_wall_ms, out))
        return;
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    if (!progress.current)
        block_of_initialized(pod, now_wall_ms, out);
    else if (!block_of_container(pod, progress.current, now_wall_ms, out))
        /* Bound to a node that has not reported this container yet. */
        block_of_creating(pod, progress.current, now_wall_ms, out);
}

int
pod_block_compare(const struct pod *a, const struct pod_block *ab, const struct pod *b,
                  const struct pod_block *bb)
{
    if (ab->severity != bb->severity)
        return ab->severity > bb->severity ? -1 : 1;
    if (ab->since_ms != bb->since_ms) {
        if (ab->since_ms == IW_TIME_NONE || bb->since_ms == IW_TIME_NONE)
            return ab->since_ms == IW_TIME_NONE ? 1 : -1;
        return ab->since_ms < bb->since_ms ? -1 : 1;
    }
    int order = strcmp(a->ns, b->ns);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->uid, b->uid);
}

int64_t
pod_since_ms(const struct pod *pod, const struct pod_block *block)
{
    if (block->severity != BLOCK_NONE && block->since_ms != IW_TIME_NONE)
        return block->since_ms;
    if (pod_is_terminal(pod)) {
        int64_t ended_ms = IW_TIME_NONE;
        for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
            if (container_phase(c) == CONTAINER_TERMINATED)
                ended_ms = IW_MAX(ended_ms, c->status->state.end.finished_ms);
        if (ended_ms != IW_TIME_NONE)
            return ended_ms;
    }
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    if (ready && text_is(ready->status, "True") && ready->transition_ms != IW_TIME_NONE)
        return ready->transition_ms;
    return pod->started_ms != IW_TIME_NONE ? pod->started_ms : pod->created_ms;
}

/* One that has its signal and runs on; in reverse order, as sidecars stop last to first. */
static const struct container *
still_stopping(const struct pod *pod)
{
    const struct container *last = NULL;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->list != LIST_EPHEMERAL && container_phase(c) == CONTAINER_RUNNING &&
            (!last || last->kind != CONTAINER_APP))
            last = c;
    return last;
}

const struct container *
pod_focus(const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_block block;
    struct init_progress progress;
    pod_block_of(pod, now_wall_ms, &block);
    if (block.container)
        return block.container;
    const struct container *stopping = pod_is_deleted(pod) ? still_stopping(pod) : NULL;
    if (stopping)
        return stopping;
    /* Before anything runs (no node yet, statuses not written) the step that comes first is the one
     * to wait for. */
    pod_init_progress(pod, now_wall_ms, &progress);
    if (!progress.initialized && progress.current && !pod_is_terminal(pod))
        return progress.current;
    const struct container *chosen = pod_find_container(pod, pod->default_container);
    for (const struct container *c = NULL; !chosen && (c = pod_containers(pod, c)) != NULL;)
        if (c->kind == CONTAINER_APP)
            chosen = c;
    return chosen ? chosen : pod_containers(pod, NULL);
}
