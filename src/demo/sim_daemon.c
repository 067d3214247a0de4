/* sim_daemon: DaemonSets, a pod on each node that the template may run on. Ref: pkg/controller/daemon
 * daemon_controller.go, update.go (RollingUpdate with maxUnavailable 1).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_control.h"

#define REVISION_LABEL "controller-revision-hash"

static struct sim_pod *
pod_on(const struct sim_thing *set, int node)
{
    for (size_t i = 0; i < set->pods.len; i++)
        if (set->pods.items[i]->node_only == node)
            return set->pods.items[i];
    return NULL;
}

static bool
is_outdated(const struct sim_pod *pod, const char *revision)
{
    const json_t *labels = json_object_get(json_object_get(pod->object, "metadata"), "labels");
    return strcmp(sim_text(labels, REVISION_LABEL), revision) != 0;
}

static bool
make_pod(struct sim *sim, struct sim_thing *set, int node, const char *revision)
{
    iw_autofree char *name = sim_owner_pod_name(sim, set, set->name);
    const json_t *template = json_object_get(sim_spec_of(set), "template");
    if (!sim_owner_make_pod(
            sim, set, template, name,
            json_pack("{s:s,s:s}", REVISION_LABEL, revision, "pod-template-generation", "1")))
        return false;
    sim_pod_find(sim, set->ns, name)->node_only = node;
    return true;
}

static void
drop_pod(struct sim *sim, const struct sim_thing *set, const struct sim_pod *pod)
{
    struct sim_happening what = {
        .type = "Normal", .reason = "SuccessfulDelete", .component = "daemonset-controller"};
    iw_autofree char *name = iw_strdup(pod->name);
    (void)sim_delete_pod(sim, set->ns, name, -1);
    sim_event_thing(sim, set, what, "Deleted pod: %s", name);
}

/* Make what is missing; of the outdated ones take one away while all others are ready. */
static void
step(struct sim *sim, struct sim_thing *set, const bool *wanted, const char *revision)
{
    const struct sim_pod *outdated = NULL;
    bool all_ready = true;
    for (int node = 0; node < SIM_NODES; node++) {
        struct sim_pod *pod = pod_on(set, node);
        if (pod && !pod->deleting && (!wanted[node] || pod->phase >= KUBELET_SUCCEEDED)) {
            drop_pod(sim, set, pod);
        } else if (!pod && wanted[node]) {
            if (set->due_ms != SIM_NEVER || !make_pod(sim, set, node, revision))
                return;
            pod = pod_on(set, node);
        }
        bool ready = pod && sim_pod_is_active(pod) && sim_pod_is_ready(pod);
        if (pod && !pod->deleting && is_outdated(pod, revision))
            outdated = outdated && ready ? outdated : pod; /* one that serves nobody goes first */
        all_ready = all_ready && (ready || !wanted[node] || (pod && pod == outdated));
    }
    const json_t *strategy = json_object_get(sim_spec_of(set), "updateStrategy");
    if (outdated && all_ready && strcmp(sim_text(strategy, "type"), "OnDelete") != 0)
        drop_pod(sim, set, outdated);
}

static void
write_status(struct sim *sim, struct sim_thing *set, const bool *wanted, const char *revision)
{
    int desired = 0, current = 0, updated = 0;
    struct sim_count count = sim_count_pods(set);
    for (int node = 0; node < SIM_NODES; node++) {
        const struct sim_pod *pod = pod_on(set, node);
        desired += wanted[node];
        current += wanted[node] && pod && sim_pod_is_active(pod);
        updated += wanted[node] && pod && sim_pod_is_active(pod) && !is_outdated(pod, revision);
    }
    json_t *status =
        json_pack("{s:i,s:i,s:i,s:i}", "currentNumberScheduled", current, "desiredNumberScheduled",
                  desired, "numberMisscheduled", 0, "numberReady", count.ready);
    if (updated > 0)
        json_object_set_new(status, "updatedNumberScheduled", json_integer(updated));
    if (count.ready > 0)
        json_object_set_new(status, "numberAvailable", json_integer(count.ready));
    if (desired > count.ready)
        json_object_set_new(status, "numberUnavailable", json_integer(desired - count.ready));
    sim_owner_write_status(sim, set, status);
}

void
sim_control_daemonset(struct sim *sim, struct sim_thing *set)
{
    char revision[11];
    bool wanted[SIM_NODES];
    const json_t *template = json_object_get(sim_spec_of(set), "template");
    const json_t *selector = json_object_get(json_object_get(template, "spec"), "nodeSelector");
    sim_template_hash(template, revision);
    for (int node = 0; node < SIM_NODES; node++)
        wanted[node] = sim_node_is_selected(sim, node, selector);
    step(sim, set, wanted, revision);
    write_status(sim, set, wanted, revision);
}
