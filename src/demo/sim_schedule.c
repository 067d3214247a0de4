/* sim_schedule: the scheduler: which node a pod fits on, and what it says when there is none.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

void
sim_node_account(struct sim *sim, struct sim_pod *pod)
{
    bool counts = pod->node >= 0 && pod->phase < KUBELET_SUCCEEDED && !pod->gone;
    if (counts == pod->counted)
        return;
    pod->counted = counts;
    int sign = counts ? 1 : -1;
    sim->load[pod->node].cpu_milli += sign * pod->cpu_milli;
    sim->load[pod->node].memory += sign * pod->memory;
    sim->load[pod->node].pods += sign;
}

bool
sim_node_is_selected(struct sim *sim, int node, const json_t *selector)
{
    const struct sim_thing *thing = sim_thing_find(sim, DEMO_KIND_NODE, "", sim_node_names[node]);
    const json_t *labels =
        thing ? json_object_get(json_object_get(thing->object, "metadata"), "labels") : NULL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)selector, key, value)
    {
        if (!json_equal(value, json_object_get(labels, key)))
            return false;
    }
    return true;
}

struct shortage { /* how many nodes do not fit for what */
    int selector, pods, cpu, memory;
};

/* A node that is short of two things counts for both. */
static bool
node_has_room(const struct sim *sim, int node, const struct sim_pod *pod, struct shortage *why)
{
    bool pods = sim->load[node].pods < SIM_NODE_PODS,
         cpu = sim->load[node].cpu_milli + pod->cpu_milli <= SIM_NODE_CPU_MILLI,
         memory = sim->load[node].memory + pod->memory <= SIM_NODE_MEMORY;
    why->pods += !pods;
    why->cpu += !cpu;
    why->memory += !memory;
    return pods && cpu && memory;
}

static int
pick_node(struct sim *sim, const struct sim_pod *pod, struct shortage *why)
{
    const json_t *selector = json_object_get(json_object_get(pod->object, "spec"), "nodeSelector");
    size_t first = strmap_hash(pod->name) % SIM_NODES;
    int found = -1;
    *why = (struct shortage){0};
    for (size_t i = 0; i < SIM_NODES; i++) {
        int node = (int)((first + i) % SIM_NODES);
        if ((pod->node_only >= 0 && pod->node_only != node) ||
            !sim_node_is_selected(sim, node, selector)) {
            why->selector++;
            continue;
        }
        bool wish = pod->node_wish && strcmp(pod->node_wish, sim_node_names[node]) == 0;
        if (node_has_room(sim, node, pod, why) && (found < 0 || wish))
            found = node;
    }
    return found;
}

static void
say_unschedulable(struct sim *sim, struct sim_pod *pod, char *message)
{
    struct sim_happening what = {
        .type = "Warning", .reason = "FailedScheduling", .component = "default-scheduler"};
    if (!pod->schedule_message || strcmp(pod->schedule_message, message) != 0)
        sim_event(sim, pod, what, "%s", message);
    free(pod->schedule_message);
    pod->schedule_message = message;
    pod->unschedulable = true;
    sim_pod_publish(sim, pod);
    /* the queue tries again when something changes in the cluster; the demo just looks again */
    pod->schedule_due_ms = sim->now_ms + 5000;
}

/* "3 Insufficient cpu": how many nodes say the same. */
struct verdict {
    int nodes;
    const char *why;
};

static int
compare_verdicts(const void *a, const void *b)
{
    const struct verdict *x = a, *y = b;
    return x->nodes != y->nodes ? x->nodes - y->nodes : strcmp(x->why, y->why);
}

/* As the scheduler does: sorted by their text, that is by number first. */
static void
add_verdicts(struct strbuf *text, struct verdict *list, size_t count)
{
    bool first = true;
    qsort(list, count, sizeof(*list), compare_verdicts);
    for (size_t i = 0; i < count; i++) {
        if (list[i].nodes == 0)
            continue;
        strbuf_addf(text, "%s%d %s", first ? "" : ", ", list[i].nodes, list[i].why);
        first = false;
    }
    strbuf_addc(text, '.');
}

/* The scheduler's sentence. New. */
static char *
shortage_text(const struct shortage *why)
{
    struct strbuf text;
    int helpless = 1 + why->selector; /* the control plane, and who would not fit anyway */
    struct verdict filters[] = {
        {1, "node(s) had untolerated taint(s)"},
        {why->pods, "Too many pods"},
        {why->cpu, "Insufficient cpu"},
        {why->memory, "Insufficient memory"},
        {why->selector, "node(s) didn't match Pod's node affinity/selector"}};
    struct verdict preemption[] = {
        {helpless, "Preemption is not helpful for scheduling"},
        {SIM_NODES + 1 - helpless, "No preemption victims found for incoming pod"}};
    strbuf_init(&text, 4096);
    strbuf_adds(&text, "0/4 nodes are available: ");
    add_verdicts(&text, filters, IW_COUNTOF(filters));
    strbuf_adds(&text, " preemption: 0/4 nodes are available: ");
    add_verdicts(&text, preemption, IW_COUNTOF(preemption));
    char *out = strbuf_take(&text);
    strbuf_free(&text);
    return out;
}

void
sim_pod_schedule(struct sim *sim, struct sim_pod *pod)
{
    if (sim_claims_unbound(sim, pod)) {
        say_unschedulable(
            sim, pod,
            iw_strdup("0/4 nodes are available: pod has unbound immediate "
                      "PersistentVolumeClaims. preemption: 0/4 nodes are available: 4 "
                      "Preemption is not helpful for scheduling."));
        return;
    }
    struct shortage why;
    int node = pick_node(sim, pod, &why);
    if (node < 0) {
        say_unschedulable(sim, pod, shortage_text(&why));
        return;
    }
    pod->node = node;
    pod->schedule_due_ms = SIM_NEVER;
    pod->bind_ms = sim->now_ms;
    sim_node_account(sim, pod);
    if (json_object_get(pod->object, "spec") == pod->shape->spec)
        json_object_set(pod->object, "spec", sim_shape_spec_on(pod->shape, node));
    else
        sim_pod_set_spec(pod, "nodeName", json_string(sim_node_names[node]));
    sim_pod_publish(sim, pod);
    struct sim_happening what = {
        .type = "Normal", .reason = "Scheduled", .component = "default-scheduler"};
    sim_event(sim, pod, what, "Successfully assigned %s/%s to %s", pod->ns, pod->name,
              sim_node_names[node]);
    pod->sync_due_ms = sim->now_ms + sim_jitter(pod, 40, 180);
}
