/* sim_end: how a pod ends: deletion with grace, the end of its containers, the loss of its sandbox.
 * Ref: SEMANTICS D.10.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

bool
sim_delete_pod(struct sim *sim, const char *ns, const char *name, int64_t grace_s)
{
    struct sim_pod *pod = sim_pod_find(sim, ns, name);
    if (!pod)
        return false;
    if (pod->deleting)
        return true;
    if (pod->node < 0 || pod->phase >= KUBELET_SUCCEEDED || grace_s == 0) {
        sim_pod_remove(sim, pod);
        return true;
    }
    if (grace_s < 0)
        grace_s = pod->grace_ms / 1000;
    pod->deleting = true;
    pod->deletion_ms = sim->now_ms;
    pod->delete_grace_s = grace_s;
    json_t *meta = json_object_get(pod->object, "metadata");
    json_object_set_new(meta, "deletionTimestamp",
                        sim_time_json(sim, sim->now_ms + grace_s * 1000));
    json_object_set_new(meta, "deletionGracePeriodSeconds", json_integer(grace_s));
    sim_endpoints_mark(sim, pod, true);
    sim_control_mark(sim, pod->owner);
    sim_pod_tell(sim, pod);
    if (!pod->killing) {
        kubelet_say_stopping(sim_view(sim, pod));
        sim_pod_kill(sim, pod, IW_MAX(grace_s, 1) * 1000);
    }
    sim_queue_moved(sim, pod);
    return true;
}

void
sim_pod_kill_done(struct sim *sim, struct sim_pod *pod)
{
    if (!pod->deleting && !pod->killed && pod->kill_done_ms != SIM_NEVER) {
        sim_pod_publish(sim, pod);
        pod->killed = true;
        pod->kill_done_ms = sim->now_ms + sim_jitter(pod, 900, 1700);
        return;
    }
    pod->killed = true;
    pod->kill_done_ms = SIM_NEVER;
    pod->sandbox_ready = false;
    sim_pod_publish(sim, pod);
    pod->finished_ms = sim->now_ms;
    if (pod->deleting)
        pod->delete_due_ms = sim->now_ms + sim_jitter(pod, 400, 900);
}

void
sim_pod_finish_delete(struct sim *sim, struct sim_pod *pod)
{
    json_t *meta = json_object_get(pod->object, "metadata");
    json_object_set_new(meta, "deletionTimestamp", sim_time_json(sim, sim->now_ms));
    json_object_set_new(meta, "deletionGracePeriodSeconds", json_integer(0));
    sim_pod_tell(sim, pod);
    sim_pod_remove(sim, pod);
}

/* Ref: pkg/kubelet/active_deadline.go. */
void
sim_pod_overdue(struct sim *sim, struct sim_pod *pod)
{
    pod->deadline_due_ms = SIM_NEVER;
    if (pod->killing)
        return;
    pod->overdue = true;
    struct sim_happening what = {.type = "Normal", .reason = "DeadlineExceeded"};
    sim_event(sim, pod, what, SIM_POD_OVERDUE);
    kubelet_say_stopping(sim_view(sim, pod));
    sim_pod_kill(sim, pod, pod->grace_ms);
}

bool
sim_lose_sandbox(struct sim *sim, const char *ns, const char *name)
{
    struct sim_pod *pod = sim_pod_find(sim, ns, name);
    if (!pod || !pod->sandbox_ready || pod->killing)
        return false;
    pod->sandbox_ready = false;
    for (size_t i = 0; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        if (!sim_container_is_running(c))
            continue;
        c->run[0].exit_code = 255; /* what containerd reports after a reboot */
        c->run[0].reason = "Unknown";
        sim_run_end(sim, pod, c);
    }
    sim_queue_moved(sim, pod);
    return true;
}
