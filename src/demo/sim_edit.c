/* sim_edit: changes from outside: objects that a client updates, and the clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

/* A pause and a step leave a mark each; the oldest moments are the least likely to be shown again.
 */
#define MARKS_MAX 4096

void
sim_clock_mark(struct sim *sim, int64_t t_ms, int64_t wall_ms, double speed)
{
    struct sim_mark mark = {t_ms, wall_ms, speed};
    if (sim->marks.len > 0 && sim->marks.items[sim->marks.len - 1].t_ms == t_ms)
        sim->marks.len--;
    if (sim->marks.len == MARKS_MAX)
        vec_remove(&sim->marks, 1);
    vec_push(&sim->marks, mark);
}

static void
edit_pod(struct sim *sim, struct sim_pod *pod, const json_t *wanted)
{
    static const char *const members[] = {"labels", "annotations", "finalizers", "ownerReferences"};
    json_t *meta = json_object_get(pod->object, "metadata");
    sim_endpoints_mark(sim, pod, true); /* labels decide which services it belongs to */
    for (size_t i = 0; i < IW_COUNTOF(members); i++) {
        json_t *value = json_object_get(wanted, members[i]);
        if (value)
            json_object_set_new(meta, members[i], json_deep_copy(value));
        else
            json_object_del(meta, members[i]);
    }
    sim_endpoints_mark(sim, pod, true);
    json_t *object = sim_pod_object(sim, pod);
    sim_tell(sim, DEMO_KIND_POD, object);
    json_decref(object);
}

void
sim_pod_open_gates(struct sim *sim, struct sim_pod *pod)
{
    sim_pod_set_spec(pod, "schedulingGates", NULL);
    pod->gated = false;
    pod->schedule_due_ms = sim->now_ms + sim_jitter(pod, 20, 90);
    sim_queue_moved(sim, pod);
    sim_pod_publish(sim, pod);
}

static bool
makes_pods(enum demo_kind kind)
{
    return kind == DEMO_KIND_DEPLOYMENT || kind == DEMO_KIND_REPLICASET ||
           kind == DEMO_KIND_STATEFULSET || kind == DEMO_KIND_DAEMONSET || kind == DEMO_KIND_JOB ||
           kind == DEMO_KIND_CRONJOB;
}

void
sim_delete_scenario(struct sim *sim, unsigned scenario)
{
    for (size_t i = sim->things.len; i-- > 0;) {
        const struct sim_thing *thing = sim->things.items[i];
        if (thing->origin.scenario != scenario || !makes_pods(thing->kind))
            continue;
        iw_autofree char *ns = iw_strdup(thing->ns), *name = iw_strdup(thing->name);
        (void)sim_delete_object(sim, thing->kind, ns, name);
    }
    for (size_t i = sim->pods.len; i-- > 0;) {
        const struct sim_pod *pod = sim->pods.items[i];
        if (pod->origin.scenario != scenario)
            continue;
        iw_autofree char *ns = iw_strdup(pod->ns), *name = iw_strdup(pod->name);
        (void)sim_delete_pod(sim, ns, name, -1);
        i = IW_MIN(i, sim->pods.len);
    }
}

bool
sim_edit_object(struct sim *sim, enum demo_kind kind, const json_t *object)
{
    const json_t *meta = json_object_get(object, "metadata");
    const char *ns = json_string_value(json_object_get(meta, "namespace"));
    const char *name = json_string_value(json_object_get(meta, "name"));
    ns = ns ? ns : "";
    if (!name)
        return false;
    if (kind == DEMO_KIND_POD) {
        struct sim_pod *pod = sim_pod_find(sim, ns, name);
        const json_t *spec = json_object_get(object, "spec");
        if (pod)
            edit_pod(sim, pod, meta);
        if (pod && pod->gated && json_array_size(json_object_get(spec, "schedulingGates")) == 0)
            sim_pod_open_gates(sim, pod);
        return pod != NULL;
    }
    if (!sim_thing_find(sim, kind, ns, name) || sim_check(kind, object, NULL) != IW_OK)
        return false;
    sim_thing_put(sim, kind, ns, json_deep_copy(object), NULL);
    return true;
}
