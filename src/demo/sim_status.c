/* sim_status: the status of a pod as the kubelet writes it.
 * Ref: SEMANTICS D.6 (containers), D.7 (phase), D.8 (conditions).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

static const char *const phase_names[] = {"Pending", "Running", "Succeeded", "Failed"};

const char *
sim_phase_name(enum sim_phase phase)
{
    return phase_names[phase];
}

/* --- what a container shows --- */

enum shown { SHOWN_WAITING, SHOWN_RUNNING, SHOWN_TERMINATED };

static bool
is_finished(const struct sim_container *c)
{
    return c->runs > 0 && c->run[0].finished_ms != SIM_NEVER;
}

/* A failed start hides the terminated state, unless it is a finished init step. */
static enum shown
shown_state(const struct sim_pod *pod, const struct sim_container *c)
{
    if (c->runs == 0)
        return SHOWN_WAITING;
    if (!is_finished(c))
        return SHOWN_RUNNING;
    if (c->waiting_reason && sim_container_may_restart(pod, c, c->run[0].exit_code) &&
        !(c->role == SIM_INIT && c->run[0].exit_code == 0))
        return SHOWN_WAITING;
    return SHOWN_TERMINATED;
}

void
sim_flags_refresh(struct sim_pod *pod)
{
    for (size_t i = 0; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        bool running = sim_container_is_running(c);
        if (c->role == SIM_INIT) {
            c->started = running;
            c->ready = !running && is_finished(c) && c->run[0].exit_code == 0;
            continue;
        }
        c->started = running && (!c->probe[SCRIPT_PROBE_STARTUP].set || c->startup_passed);
        const struct sim_probe_state *readiness = &c->probe[SCRIPT_PROBE_READINESS];
        bool passes = !readiness->set || (readiness->settled && readiness->passes > 0);
        c->ready = c->started && passes;
    }
}

static json_t *
terminated_json(const struct sim *sim, const struct sim_run_record *run)
{
    json_t *out = json_pack("{s:i,s:s}", "exitCode", run->exit_code, "reason", run->reason);
    if (run->message)
        json_object_set_new(out, "message", json_string(run->message));
    json_object_set_new(out, "startedAt",
                        run->never_started ? json_string("1970-01-01T00:00:00Z")
                                           : sim_time_json(sim, run->started_ms));
    json_object_set_new(out, "finishedAt", sim_time_json(sim, run->finished_ms));
    json_object_set_new(out, "containerID", json_sprintf("containerd://%s", run->id));
    return json_pack("{s:o}", "terminated", out);
}

static json_t *
waiting_json(const struct sim_pod *pod, const struct sim_container *c)
{
    const char *reason = c->waiting_reason ? c->waiting_reason
                         : pod->inits > 0  ? "PodInitializing"
                                           : "ContainerCreating";
    json_t *waiting = json_pack("{s:s}", "reason", reason);
    if (c->waiting_reason && c->waiting_message)
        json_object_set_new(waiting, "message", json_string(c->waiting_message));
    return json_pack("{s:o}", "waiting", waiting);
}

static void
add_resources(const struct sim_container *c, json_t *status)
{
    json_t *resources = json_object_get(c->spec, "resources");
    if (json_object_size(resources) == 0 || c->runs == 0)
        return;
    json_t *requests = json_object_get(resources, "requests");
    if (requests)
        json_object_set(status, "allocatedResources", requests);
    json_object_set(status, "resources", resources);
}

static json_t *
container_status(const struct sim *sim, const struct sim_pod *pod, const struct sim_container *c)
{
    enum shown shown = shown_state(pod, c);
    json_t *state = NULL, *last = NULL;
    switch (shown) {
    case SHOWN_WAITING:
        state = waiting_json(pod, c);
        last = c->runs > 0 ? terminated_json(sim, &c->run[0]) : NULL;
        break;
    case SHOWN_RUNNING:
        state = json_pack("{s:{s:o}}", "running", "startedAt",
                          sim_time_json(sim, c->run[0].started_ms));
        break;
    case SHOWN_TERMINATED:
        state = terminated_json(sim, &c->run[0]);
        break;
    }
    if (!last && c->runs > 1)
        last = terminated_json(sim, &c->run[1]);
    char image[300];
    bool seen = c->runs > 0;
    sim_image_full(c->image, image, sizeof(image));
    json_t *image_id = seen ? json_sprintf("%s@sha256:%s", image, c->run[0].id) : json_string("");
    json_t *status = json_pack("{s:s,s:o,s:o,s:b,s:i,s:s,s:o}", "name", c->name, "state", state,
                               "lastState", last ? last : json_object(), "ready", c->ready,
                               "restartCount", seen ? c->run[0].attempt : 0, "image",
                               seen ? image : c->image, "imageID", image_id);
    if (seen)
        json_object_set_new(status, "containerID", json_sprintf("containerd://%s", c->run[0].id));
    json_object_set_new(status, "started", json_boolean(c->started));
    add_resources(c, status);
    return status;
}

/* --- phase --- */

struct tally {
    int fatal, pending_init, pending_sidecar, running, waiting, stopped, succeeded, dead, unknown;
};

static void
tally_init(const struct sim_pod *pod, const struct sim_container *c, enum shown shown,
           struct tally *t)
{
    if (c->role == SIM_SIDECAR) {
        t->running += shown == SHOWN_RUNNING;
        t->pending_sidecar += shown == SHOWN_RUNNING && !c->started;
        if (shown == SHOWN_WAITING && c->runs == 0) {
            t->pending_sidecar++;
            t->waiting++;
        }
        return;
    }
    if (c->runs == 0 || shown == SHOWN_RUNNING || c->stale)
        t->pending_init++;
    else if (c->run[0].exit_code != 0 && !sim_container_may_restart(pod, c, c->run[0].exit_code))
        t->fatal++;
    else if (c->run[0].exit_code != 0)
        t->pending_init++;
}

static void
tally_app(const struct sim_pod *pod, const struct sim_container *c, enum shown shown,
          struct tally *t)
{
    if (shown == SHOWN_RUNNING) {
        t->running++;
        return;
    }
    if (c->runs == 0) {
        t->waiting++;
        return;
    }
    t->stopped++;
    t->succeeded += shown == SHOWN_TERMINATED && c->run[0].exit_code == 0;
    t->dead += !sim_container_may_restart(pod, c, c->run[0].exit_code);
}

static bool
any_app_record(const struct sim_pod *pod)
{
    for (size_t i = pod->inits; i < pod->count; i++) {
        if (pod->c[i].runs > 0)
            return true;
    }
    return false;
}

enum sim_phase
sim_phase_compute(const struct sim_pod *pod)
{
    if (pod->phase >= SIM_SUCCEEDED)
        return pod->phase;
    struct tally t = {0};
    for (size_t i = 0; i < pod->count; i++) {
        const struct sim_container *c = &pod->c[i];
        if (i < pod->inits)
            tally_init(pod, c, shown_state(pod, c), &t);
        else
            tally_app(pod, c, shown_state(pod, c), &t);
    }
    enum sim_phase done = t.stopped == t.succeeded ? SIM_SUCCEEDED : SIM_FAILED;
    if (t.fatal > 0)
        return SIM_FAILED;
    if (pod->killed && pod->deleting)
        return any_app_record(pod) ? done : SIM_FAILED;
    if (t.pending_init > 0 || (t.pending_sidecar > 0 && !any_app_record(pod)) || t.waiting > 0)
        return SIM_PENDING;
    if (t.running > 0)
        return SIM_RUNNING;
    if (t.stopped > 0)
        return t.stopped == t.dead ? done : SIM_RUNNING;
    return SIM_PENDING;
}

/* --- conditions --- */

struct verdict {
    bool value;
    const char *reason; /* NULL: none */
    char message[512];
};

static void
list_names(const struct sim_pod *pod, bool inits, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < pod->count; i++) {
        const struct sim_container *c = &pod->c[i];
        bool counts = inits ? i < pod->inits : c->role != SIM_INIT;
        bool bad = inits ? (c->role == SIM_SIDECAR ? !c->started : !c->ready) : !c->ready;
        if (counts && bad && used < out_size)
            used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? " " : "", c->name);
    }
}

static struct verdict
judge_initialized(struct sim_pod *pod, enum sim_phase phase)
{
    struct verdict v = {.value = true};
    char names[400];
    list_names(pod, true, names, sizeof(names));
    bool app_seen = false;
    for (size_t i = pod->inits; i < pod->count; i++)
        app_seen =
            app_seen || (pod->c[i].runs > 0 && shown_state(pod, &pod->c[i]) != SHOWN_WAITING);
    if (phase == SIM_SUCCEEDED) {
        v.reason = "PodCompleted";
    } else if (!app_seen && names[0] && !pod->was_initialized) {
        v.value = false;
        v.reason = "ContainersNotInitialized";
        (void)snprintf(v.message, sizeof(v.message), "containers with incomplete status: [%s]",
                       names);
    }
    pod->was_initialized = v.value;
    return v;
}

static struct verdict
judge_containers(const struct sim_pod *pod, enum sim_phase phase)
{
    struct verdict v = {.value = true};
    char names[400];
    list_names(pod, false, names, sizeof(names));
    if (names[0])
        (void)snprintf(v.message, sizeof(v.message), "containers with unready status: [%s]", names);
    v.value = !names[0] && phase < SIM_SUCCEEDED;
    if (phase == SIM_SUCCEEDED)
        v.reason = "PodCompleted";
    else if (phase == SIM_FAILED)
        v.reason = "PodFailed";
    else if (names[0])
        v.reason = "ContainersNotReady";
    if (phase >= SIM_SUCCEEDED)
        v.message[0] = '\0';
    return v;
}

static json_t *
condition_json(const struct sim *sim, struct sim_pod *pod, enum sim_condition which,
               const struct verdict *v)
{
    static const char *const names[SIM_COND_COUNT] = {"PodReadyToStartContainers", "Initialized",
                                                      "Ready", "ContainersReady", "PodScheduled"};
    if (pod->cond_value[which] != (int)v->value) {
        pod->cond_value[which] = v->value;
        pod->cond_since_ms[which] = sim->now_ms;
    }
    json_t *out = json_pack("{s:s,s:s,s:n,s:o}", "type", names[which], "status",
                            v->value ? "True" : "False", "lastProbeTime", "lastTransitionTime",
                            sim_time_json(sim, pod->cond_since_ms[which]));
    if (v->reason)
        json_object_set_new(out, "reason", json_string(v->reason));
    if (v->message[0])
        json_object_set_new(out, "message", json_string(v->message));
    return out;
}

static json_t *
conditions_json(const struct sim *sim, struct sim_pod *pod, enum sim_phase phase)
{
    json_t *list = json_array();
    struct verdict scheduled = {.value = pod->node >= 0};
    if (pod->node < 0) {
        scheduled.reason = "Unschedulable";
        (void)snprintf(scheduled.message, sizeof(scheduled.message), "%s", pod->schedule_message);
    }
    if (pod->seen) {
        struct verdict start = {.value = pod->sandbox_ready};
        struct verdict initialized = judge_initialized(pod, phase);
        struct verdict containers = judge_containers(pod, phase);
        json_array_append_new(list, condition_json(sim, pod, SIM_COND_START, &start));
        json_array_append_new(list, condition_json(sim, pod, SIM_COND_INITIALIZED, &initialized));
        json_array_append_new(list, condition_json(sim, pod, SIM_COND_READY, &containers));
        json_array_append_new(list, condition_json(sim, pod, SIM_COND_CONTAINERS, &containers));
    }
    json_array_append_new(list, condition_json(sim, pod, SIM_COND_SCHEDULED, &scheduled));
    return list;
}

/* --- the whole --- */

static json_t *
apps_sorted(const struct sim *sim, const struct sim_pod *pod)
{
    json_t *list = json_array();
    const struct sim_container *order[SIM_CONTAINERS_MAX];
    size_t count = 0;
    for (size_t i = pod->inits; i < pod->count; i++) {
        size_t at = count++;
        for (; at > 0 && strcmp(order[at - 1]->name, pod->c[i].name) > 0; at--)
            order[at] = order[at - 1];
        order[at] = &pod->c[i];
    }
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, container_status(sim, pod, order[i]));
    return list;
}

/* A terminal phase is held back until no container can be running any more (D.7, 6). */
static enum sim_phase
phase_to_write(struct sim_pod *pod, enum sim_phase computed)
{
    if (computed >= SIM_SUCCEEDED && !pod->killed)
        return pod->phase;
    pod->phase = computed;
    return computed;
}

json_t *
sim_status_build(struct sim *sim, struct sim_pod *pod)
{
    json_t *status = json_object();
    const json_t *spec = json_object_get(pod->object, "spec");
    json_object_set_new(status, "observedGeneration", json_integer(1));
    if (!pod->seen) {
        json_object_set_new(status, "phase", json_string("Pending"));
        if (pod->node >= 0 || pod->unschedulable)
            json_object_set_new(status, "conditions", conditions_json(sim, pod, SIM_PENDING));
        json_object_set_new(status, "qosClass", json_string(sim_qos_class(spec)));
        return status;
    }
    sim_flags_refresh(pod);
    enum sim_phase computed = sim_phase_compute(pod);
    enum sim_phase written = phase_to_write(pod, computed);
    json_object_set_new(status, "phase", json_string(phase_names[written]));
    json_object_set_new(status, "conditions", conditions_json(sim, pod, computed));
    json_t *host_ip = json_sprintf("172.18.0.%d", pod->node + 3);
    json_object_set(status, "hostIP", host_ip);
    json_object_set_new(status, "hostIPs", json_pack("[{s:o}]", "ip", host_ip));
    if (pod->ip[0]) {
        json_object_set_new(status, "podIP", json_string(pod->ip));
        json_object_set_new(status, "podIPs", json_pack("[{s:s}]", "ip", pod->ip));
    }
    json_object_set_new(status, "startTime", sim_time_json(sim, pod->start_ms));
    if (pod->inits > 0) {
        json_t *inits = json_array();
        for (size_t i = 0; i < pod->inits; i++)
            json_array_append_new(inits, container_status(sim, pod, &pod->c[i]));
        json_object_set_new(status, "initContainerStatuses", inits);
    }
    json_object_set_new(status, "containerStatuses", apps_sorted(sim, pod));
    json_object_set_new(status, "qosClass", json_string(sim_qos_class(spec)));
    return status;
}
