/* sim_status: a pod as the kubelet's rules see it, and its status as it is written.
 * Ref: SEMANTICS D.6 (containers), D.7 (phase), D.8 (conditions); the rules are in kubelet.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

/* --- the view --- */

void
sim_flags_refresh(struct sim_pod *pod)
{
    for (size_t i = 0; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        bool running = sim_container_is_running(c);
        if (c->role == SIM_INIT) {
            c->started = running;
            continue;
        }
        c->started = running && (!c->probe[SCRIPT_PROBE_STARTUP].set || c->startup_passed);
        const struct sim_probe_state *readiness = &c->probe[SCRIPT_PROBE_READINESS];
        bool passes = !readiness->set || (readiness->settled && readiness->passes > 0);
        c->ready = c->started && passes;
    }
}

static void
view_probes(const struct sim_container *c, struct kubelet_container *view)
{
    const struct sim_probe_state *readiness = &c->probe[SCRIPT_PROBE_READINESS];
    view->result[KUBELET_STARTUP] = c->startup_passed              ? KUBELET_SUCCESS
                                    : c->unwell == KUBELET_STARTUP ? KUBELET_FAILURE
                                                                   : KUBELET_UNDECIDED;
    view->result[KUBELET_READINESS] =
        readiness->settled && readiness->passes > 0 ? KUBELET_SUCCESS : KUBELET_FAILURE;
    view->result[KUBELET_LIVENESS] =
        c->unwell == KUBELET_LIVENESS ? KUBELET_FAILURE : KUBELET_SUCCESS;
}

static void
view_records(struct sim *sim, const struct sim_pod *pod, size_t container)
{
    const struct sim_container *c = &pod->c[container];
    struct sim_scratch *s = &sim->scratch;
    for (int i = 0; i < c->runs && !c->run[i].removed; i++) {
        const struct sim_run_record *run = &c->run[i];
        bool over = run->finished_ms != SIM_NEVER;
        s->records[s->view.records_len++] = (struct kubelet_record){
            .container = container,
            .state = over ? KUBELET_EXITED : KUBELET_RUNNING,
            .exit_code = run->exit_code,
            .attempt = run->attempt,
            .sandbox = run->sandbox,
            .reason = run->reason,
            .message = run->message,
            .id = run->id,
            .image = c->image_full,
            .image_id = c->image_id,
            .created_ms = run->started_ms,
            .started_ms = run->never_started ? KUBELET_NO_TIME : run->started_ms,
            .finished_ms = over ? run->finished_ms : KUBELET_NO_TIME};
    }
}

static json_t *
view_time(void *ctx, int64_t t_ms)
{
    return sim_time_json(ctx, t_ms);
}

static void
view_event(void *ctx, const char *type, const char *reason, const char *container,
           const char *message)
{
    struct sim *sim = ctx;
    struct sim_pod *pod = sim->scratch.pod;
    struct sim_happening what = {.type = type, .reason = reason};
    for (size_t i = 0; container && i < pod->count; i++) {
        if (strcmp(pod->c[i].name, container) == 0)
            what.container = &pod->c[i];
    }
    sim_event(sim, pod, what, "%s", message);
}

static bool
view_image_present(void *ctx, const struct kubelet_container *container)
{
    const struct sim *sim = ctx;
    const struct sim_container *c = &sim->scratch.pod->c[container - sim->scratch.view.c];
    return c->image_present || (c->script->pull_ms == 0 && !c->script->pull_error);
}

static const char *
view_inspect_error(void *ctx, const struct kubelet_container *container)
{
    const struct sim *sim = ctx;
    return sim->scratch.pod->c[container - sim->scratch.view.c].script->inspect_error;
}

const struct kubelet_pod *
sim_view(struct sim *sim, struct sim_pod *pod)
{
    struct kubelet_pod *view = &sim->scratch.view;
    sim->scratch.pod = pod;
    /* a pod with more containers is refused when it is created */
    if (!kubelet_pod_read(view, pod->object))
        iw_fatal("a pod of the demo has too many containers");
    view->previous = pod->status;
    view->now_ms = sim->now_ms;
    view->over = pod->killed;
    view->sandbox = (struct kubelet_sandbox){.exists = pod->sandbox_was_ready,
                                             .ready = pod->sandbox_ready,
                                             .attempt = pod->sandbox_attempt};
    view->ctx = sim;
    view->time_json = view_time;
    view->event = view_event;
    view->image_present = view_image_present;
    view->inspect_error = view_inspect_error;
    view->records = sim->scratch.records;
    for (size_t i = 0; i < pod->count; i++) {
        view->c[i].memory = &pod->c[i].memory;
        view_probes(&pod->c[i], &view->c[i]);
        view_records(sim, pod, i);
    }
    return view;
}

/* --- the status --- */

bool
sim_pod_is_ready(const struct sim_pod *pod)
{
    size_t i;
    json_t *condition;
    json_array_foreach(json_object_get(pod->status, "conditions"), i, condition)
    {
        const char *type = json_string_value(json_object_get(condition, "type"));
        const char *value = json_string_value(json_object_get(condition, "status"));
        if (type && value && strcmp(type, "Ready") == 0)
            return strcmp(value, "True") == 0;
    }
    return false;
}

/* Before the kubelet has seen the pod only the scheduler has said something. */
static json_t *
scheduling_status(const struct sim *sim, const struct sim_pod *pod)
{
    json_t *status = json_pack("{s:i,s:s}", "observedGeneration", 1, "phase", "Pending");
    if (pod->node < 0 && !pod->unschedulable && !pod->gated)
        return status;
    bool bound = pod->node >= 0;
    const json_t *before =
        json_array_get(json_object_get(pod->status, "conditions"), 0); /* the only one */
    const char *value = bound ? "True" : "False";
    const char *old = json_string_value(json_object_get(before, "status"));
    json_t *since = json_object_get(before, "lastTransitionTime");
    bool same = old && since && strcmp(old, value) == 0;
    json_t *condition = json_pack("{s:s,s:s,s:n,s:o}", "type", "PodScheduled", "status", value,
                                  "lastProbeTime", "lastTransitionTime",
                                  same ? json_incref(since) : sim_time_json(sim, sim->now_ms));
    if (!bound) {
        json_object_set_new(condition, "reason",
                            json_string(pod->gated ? "SchedulingGated" : "Unschedulable"));
        json_object_set_new(condition, "message",
                            json_string(pod->gated ? "Scheduling is blocked due to non-empty "
                                                     "scheduling gates"
                                                   : pod->schedule_message));
    }
    json_object_set_new(status, "conditions", json_pack("[o]", condition));
    return status;
}

/* A terminal phase is held back until no container can be running any more (D.7, 6). */
static enum kubelet_phase
phase_to_write(struct sim_pod *pod, enum kubelet_phase computed)
{
    if (computed < KUBELET_SUCCEEDED || pod->killed)
        pod->phase = computed;
    return pod->phase;
}

json_t *
sim_status_build(struct sim *sim, struct sim_pod *pod)
{
    if (!pod->seen) {
        json_t *status = scheduling_status(sim, pod);
        json_object_set_new(status, "qosClass", json_string(pod->shape->qos));
        return status;
    }
    sim_flags_refresh(pod);
    const struct kubelet_pod *view = sim_view(sim, pod);
    json_t *status = kubelet_status(view);
    if (pod->killed)
        kubelet_status_end(view, status);
    enum kubelet_phase written =
        phase_to_write(pod, pod->overdue ? KUBELET_FAILED : kubelet_phase_of(status));
    if (pod->overdue && written == KUBELET_FAILED) {
        json_object_set_new(status, "reason", json_string("DeadlineExceeded"));
        json_object_set_new(status, "message", json_string(SIM_POD_OVERDUE));
    }
    sim_node_account(sim, pod);
    json_object_set_new(status, "phase", json_string(kubelet_phase_name(written)));
    json_object_set_new(status, "observedGeneration", json_integer(1));
    json_t *host_ip = json_sprintf("172.18.0.%d", pod->node + 3);
    json_object_set(status, "hostIP", host_ip);
    json_object_set_new(status, "hostIPs", json_pack("[{s:o}]", "ip", host_ip));
    if (pod->ip[0]) {
        json_object_set_new(status, "podIP", json_string(pod->ip));
        json_object_set_new(status, "podIPs", json_pack("[{s:s}]", "ip", pod->ip));
    }
    json_object_set_new(status, "startTime", sim_time_json(sim, pod->start_ms));
    json_object_set_new(status, "qosClass", json_string(pod->shape->qos));
    return status;
}
