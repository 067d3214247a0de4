/* sim_stateful: StatefulSets, one ordinal after the other. Ref: pkg/controller/statefulset
 * stateful_set_control.go (OrderedReady).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_control.h"

#define REVISION_LABEL "controller-revision-hash"
#define REPLICAS_MAX 64

static struct sim_pod *
pod_at(struct sim *sim, const struct sim_thing *set, int ordinal)
{
    iw_autofree char *name = iw_asprintf("%s-%d", set->name, ordinal);
    struct sim_pod *pod = sim_pod_find(sim, set->ns, name);
    return pod && pod->owner == set ? pod : NULL;
}

/* The claims of one ordinal are made once and stay; the pod's volumes name them. */
static void
add_claims(struct sim *sim, const struct sim_thing *set, int ordinal, json_t *template)
{
    size_t i;
    json_t *claim;
    json_t *spec = json_object_get(template, "spec");
    json_array_foreach(json_object_get(sim_spec_of(set), "volumeClaimTemplates"), i, claim)
    {
        const char *volume = sim_text(json_object_get(claim, "metadata"), "name");
        iw_autofree char *name = iw_asprintf("%s-%s-%d", volume, set->name, ordinal);
        if (!json_object_get(spec, "volumes"))
            json_object_set_new(spec, "volumes", json_array());
        json_array_append_new(
            json_object_get(spec, "volumes"),
            json_pack("{s:s,s:{s:s}}", "name", volume, "persistentVolumeClaim", "claimName", name));
        if (!sim_thing_find(sim, DEMO_KIND_PVC, set->ns, name))
            sim_claim_put(sim, set->ns,
                          json_pack("{s:{s:s,s:s},s:o}", "metadata", "name", name, "namespace",
                                    set->ns, "spec",
                                    json_deep_copy(json_object_get(claim, "spec"))),
                          &set->origin);
    }
}

static bool
make_pod(struct sim *sim, struct sim_thing *set, int ordinal, const char *revision)
{
    iw_autofree char *name = iw_asprintf("%s-%d", set->name, ordinal);
    json_t *template = json_deep_copy(json_object_get(sim_spec_of(set), "template"));
    json_t *labels =
        json_pack("{s:s,s:s,s:o}", REVISION_LABEL, revision, "statefulset.kubernetes.io/pod-name",
                  name, "apps.kubernetes.io/pod-index", json_sprintf("%d", ordinal));
    add_claims(sim, set, ordinal, template);
    bool made = sim_owner_make_pod(sim, set, template, name, labels);
    json_decref(template);
    return made;
}

static void
drop_pod(struct sim *sim, const struct sim_thing *set, const struct sim_pod *pod)
{
    struct sim_happening what = {
        .type = "Normal", .reason = "SuccessfulDelete", .component = "statefulset-controller"};
    iw_autofree char *name = iw_strdup(pod->name);
    (void)sim_delete_pod(sim, set->ns, name, -1);
    sim_event_thing(sim, set, what, "delete Pod %s in StatefulSet %s successful", name, set->name);
}

static const char *
revision_of(const struct sim_pod *pod)
{
    return sim_text(json_object_get(json_object_get(pod->object, "metadata"), "labels"),
                    REVISION_LABEL);
}

/* One step: make the first that is missing, or take one away. */
static void
step(struct sim *sim, struct sim_thing *set, int replicas, const char *revision)
{
    bool ordered = strcmp(sim_text(sim_spec_of(set), "podManagementPolicy"), "Parallel") != 0;
    for (int i = 0; i < replicas; i++) {
        struct sim_pod *pod = pod_at(sim, set, i);
        if (pod && pod->phase >= KUBELET_SUCCEEDED)
            drop_pod(sim, set, pod);
        else if (!pod && (set->due_ms != SIM_NEVER || !make_pod(sim, set, i, revision)))
            return;
        if (ordered && !(pod && sim_pod_is_active(pod) && sim_pod_is_ready(pod)))
            return;
    }
    for (int i = REPLICAS_MAX - 1; i >= replicas; i--) {
        const struct sim_pod *pod = pod_at(sim, set, i);
        if (!pod)
            continue;
        if (!pod->deleting)
            drop_pod(sim, set, pod);
        if (ordered)
            return;
    }
    for (int i = replicas - 1; i >= 0; i--) {
        const struct sim_pod *pod = pod_at(sim, set, i);
        if (pod && !pod->deleting && strcmp(revision_of(pod), revision) != 0) {
            drop_pod(sim, set, pod);
            return;
        }
        if (!pod || !sim_pod_is_active(pod) || !sim_pod_is_ready(pod))
            return;
    }
}

static void
write_status(struct sim *sim, struct sim_thing *set, const char *revision)
{
    const json_t *old = json_object_get(set->object, "status");
    struct sim_count count = sim_count_pods(set);
    int updated = 0;
    for (size_t i = 0; i < set->pods.len; i++) {
        const struct sim_pod *pod = set->pods.items[i];
        updated += sim_pod_is_active(pod) && strcmp(revision_of(pod), revision) == 0;
    }
    const char *current = sim_text(old, "currentRevision");
    bool complete = updated == count.active || !current[0];
    json_t *status =
        json_pack("{s:i,s:i,s:s,s:s,s:i}", "replicas", count.active + count.leaving,
                  "availableReplicas", count.ready, "currentRevision",
                  complete ? revision : current, "updateRevision", revision, "collisionCount", 0);
    if (count.ready > 0)
        json_object_set_new(status, "readyReplicas", json_integer(count.ready));
    int now = complete ? count.active : count.active - updated;
    if (now > 0)
        json_object_set_new(status, "currentReplicas", json_integer(now));
    if (updated > 0)
        json_object_set_new(status, "updatedReplicas", json_integer(updated));
    sim_owner_write_status(sim, set, status);
}

void
sim_control_statefulset(struct sim *sim, struct sim_thing *set)
{
    char hash[11], revision[300];
    sim_template_hash(json_object_get(sim_spec_of(set), "template"), hash);
    (void)snprintf(revision, sizeof(revision), "%.253s-%s", set->name, hash);
    int replicas = IW_MIN(sim_int_or(sim_spec_of(set), "replicas", 1), REPLICAS_MAX);
    step(sim, set, replicas, revision);
    write_status(sim, set, revision);
}
