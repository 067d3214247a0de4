/* sim_objects: the stored objects that are not pods, and those that are there from the beginning.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

const char *const sim_node_names[SIM_NODES] = {"demo-worker", "demo-worker2", "demo-worker3"};

json_t *
sim_time_json(const struct sim *sim, int64_t t_ms)
{
    char text[40];
    rfc3339_format(sim_wall_ms(sim, t_ms), false, text);
    return json_string(text);
}

static const char *
name_of(const json_t *object)
{
    const char *name =
        json_string_value(json_object_get(json_object_get(object, "metadata"), "name"));
    return name ? name : "";
}

struct sim_origin
sim_origin_ref(const struct sim_origin *origin)
{
    struct sim_origin out = *origin;
    json_incref(out.scripts);
    json_incref(out.pod_names);
    return out;
}

void
sim_origin_unref(struct sim_origin *origin)
{
    json_decref(origin->scripts);
    json_decref(origin->pod_names);
    *origin = (struct sim_origin){0};
}

static uint64_t
hash_of(enum demo_kind kind, const char *ns, const char *name)
{
    return (strmap_hash(ns) * 31 + strmap_hash(name)) * 31 + (uint64_t)kind;
}

struct sim_thing *
sim_thing_find(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    uint64_t hash = hash_of(kind, ns, name);
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *thing = sim->things.items[i];
        if (thing->hash == hash && thing->kind == kind && strcmp(thing->name, name) == 0 &&
            strcmp(thing->ns, ns) == 0)
            return thing;
    }
    return NULL;
}

void
sim_thing_free(struct sim_thing *thing)
{
    json_decref(thing->object);
    json_decref(thing->shape_of);
    sim_shape_unref(thing->shape);
    sim_origin_unref(&thing->origin);
    sim_subject_unref(thing->subject);
    vec_free(&thing->pods);
    sim_habits_free(thing);
    free(thing->refusal);
    free(thing);
}

static const char *
controller_of(const json_t *meta)
{
    size_t i;
    json_t *owner;
    json_array_foreach(json_object_get(meta, "ownerReferences"), i, owner)
    {
        const char *uid = json_string_value(json_object_get(owner, "uid"));
        if (uid && json_is_true(json_object_get(owner, "controller")))
            return uid;
    }
    return "";
}

/* As the API server does for a Job that names no selector. */
static void
select_own_pods(const struct sim_thing *job, json_t *object)
{
    json_t *spec = json_object_get(object, "spec");
    json_t *template = json_object_get(spec, "template");
    json_t *own = json_pack("{s:s,s:s,s:s,s:s}", "batch.kubernetes.io/controller-uid", job->uid,
                            "batch.kubernetes.io/job-name", job->name, "controller-uid", job->uid,
                            "job-name", job->name);
    if (!json_object_get(spec, "selector"))
        json_object_set_new(
            spec, "selector",
            json_pack("{s:{s:s}}", "matchLabels", "batch.kubernetes.io/controller-uid", job->uid));
    if (template && !json_object_get(template, "metadata"))
        json_object_set_new(template, "metadata", json_object());
    json_t *meta = json_object_get(template, "metadata");
    if (meta && !json_object_get(meta, "labels"))
        json_object_set_new(meta, "labels", json_object());
    json_object_update_missing(json_object_get(meta, "labels"), own);
    json_decref(own);
}

static struct sim_thing *
thing_new(struct sim *sim, enum demo_kind kind, const char *ns, json_t *object)
{
    json_t *meta = json_object_get(object, "metadata");
    struct sim_thing *thing = iw_calloc(1, sizeof(*thing));
    char uid[37];
    sim_uuid(sim, demo_kind_table[kind].plural, uid);
    thing->kind = kind;
    thing->hash = hash_of(kind, ns, name_of(object));
    thing->subject = sim_subject_new(kind, ns, name_of(object), uid);
    thing->ns = thing->subject->ns;
    thing->name = thing->subject->name;
    thing->uid = thing->subject->uid;
    thing->due_ms = SIM_NEVER;
    thing->since_ms = sim->now_ms;
    json_object_set_new(meta, "uid", json_string(thing->uid));
    json_object_set_new(meta, "creationTimestamp", sim_time_json(sim, sim->now_ms));
    if (json_object_get(object, "spec"))
        json_object_set_new(meta, "generation", json_integer(1));
    if (kind == DEMO_KIND_JOB)
        select_own_pods(thing, object);
    vec_push(&sim->things, thing);
    return thing;
}

/* The new version keeps what the API server keeps of the old one. */
static void
carry_over(const struct sim_thing *thing, json_t *object)
{
    json_t *meta = json_object_get(object, "metadata");
    const json_t *old = json_object_get(thing->object, "metadata");
    json_object_set_new(meta, "uid", json_string(thing->uid));
    json_object_set(meta, "creationTimestamp", json_object_get(old, "creationTimestamp"));
    json_int_t generation = json_integer_value(json_object_get(old, "generation"));
    bool changed =
        !json_equal(json_object_get(object, "spec"), json_object_get(thing->object, "spec"));
    if (generation > 0)
        json_object_set_new(meta, "generation", json_integer(generation + changed));
    json_t *status = json_object_get(thing->object, "status");
    if (status && !json_object_get(object, "status"))
        json_object_set(object, "status", status);
}

static void
find_owner(struct sim *sim, struct sim_thing *thing)
{
    const char *uid = controller_of(json_object_get(thing->object, "metadata"));
    if (strcmp(thing->owner_uid, uid) == 0)
        return;
    (void)snprintf(thing->owner_uid, sizeof(thing->owner_uid), "%.39s", uid);
    thing->owner = sim_thing_by_uid(sim, thing->owner_uid);
}

struct sim_thing *
sim_thing_by_uid(struct sim *sim, const char *uid)
{
    for (size_t i = 0; uid && uid[0] && i < sim->things.len; i++) {
        if (strcmp(sim->things.items[i]->uid, uid) == 0)
            return sim->things.items[i];
    }
    return NULL;
}

/* Nobody refers to it any more. */
static void
forget_thing(struct sim *sim, const struct sim_thing *thing)
{
    for (size_t i = 0; i < thing->pods.len; i++)
        thing->pods.items[i]->owner = NULL;
    for (size_t i = sim->things.len; i-- > 0;) {
        if (sim->things.items[i]->owner == thing)
            sim->things.items[i]->owner = NULL;
        if (sim->things.items[i] == thing)
            vec_remove(&sim->things, i);
    }
    sim->control_dirty = true; /* a round that is under way may have missed one */
}

struct sim_thing *
sim_thing_put(struct sim *sim, enum demo_kind kind, const char *ns, json_t *object,
              const struct sim_origin *origin)
{
    sim_owner_default(kind, object);
    struct sim_thing *thing = sim_thing_find(sim, kind, ns, name_of(object));
    if (thing) {
        carry_over(thing, object);
        json_decref(thing->object);
    } else {
        thing = thing_new(sim, kind, ns, object);
    }
    thing->object = object;
    if (origin) {
        sim_origin_unref(&thing->origin);
        thing->origin = sim_origin_ref(origin);
    }
    find_owner(sim, thing);
    if (!sim->quiet)
        sim_tell(sim, kind, object);
    sim->endpoints_dirty = sim->endpoints_dirty || kind == DEMO_KIND_SERVICE;
    thing->stale = kind == DEMO_KIND_SERVICE;
    thing->selects =
        kind == DEMO_KIND_SERVICE
            ? sim_label_bits(json_object_get(json_object_get(object, "spec"), "selector"))
            : 0;
    thing->dirty = sim->control_dirty = true;
    sim_control_mark(sim, thing->owner);
    return thing;
}

bool
sim_delete_object(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    if (!thing)
        return false;
    forget_thing(sim, thing);
    if (!sim->quiet)
        sim->config.sink.gone(sim->config.sink.ctx, kind, thing->object);
    sim->endpoints_dirty = sim->endpoints_dirty || kind == DEMO_KIND_SERVICE;
    sim_control_mark(sim, thing->owner);
    sim_thing_free(thing);
    return true;
}

/* --- nodes --- */

static json_t *
node_condition(const struct sim *sim, const char *type, const char *status, const char *reason,
               const char *message)
{
    return json_pack("{s:s,s:s,s:o,s:o,s:s,s:s}", "type", type, "status", status,
                     "lastHeartbeatTime", sim_time_json(sim, sim->now_ms), "lastTransitionTime",
                     sim_time_json(sim, sim->now_ms), "reason", reason, "message", message);
}

static json_t *
node_amounts(bool control, bool allocatable)
{
    return json_pack("{s:s,s:s,s:s,s:o}", "cpu", allocatable && !control ? "3900m" : "4",
                     "ephemeral-storage", "61255492Ki", "memory",
                     allocatable ? "7600Mi" : "8040404Ki", "pods",
                     json_sprintf("%d", SIM_NODE_PODS));
}

/* What was there before the demo began: images that no scenario pulls. The largest first, as kubelets
 * report them. */
static json_t *
node_images(bool control)
{
    static const struct {
        const char *name;
        int bytes;
    } images[] = {
        {"docker.io/library/postgres:17", 150994944}, {"docker.io/library/nginx:1.27", 72099410},
        {"docker.io/library/redis:7", 45321216},      {"docker.io/library/busybox:1.36", 4261574},
        {"docker.io/library/busybox:1.28", 1146369},  {"registry.k8s.io/pause:3.10", 320368}};
    json_t *list = json_array();
    for (size_t i = control ? IW_COUNTOF(images) - 1 : 0; i < IW_COUNTOF(images); i++)
        json_array_append_new(
            list, json_pack("{s:[s],s:i}", "names", images[i].name, "sizeBytes", images[i].bytes));
    return list;
}

static void
add_node(struct sim *sim, const char *name, int index)
{
    bool control = index < 0;
    json_t *labels = json_pack("{s:s,s:s,s:s}", "kubernetes.io/arch", "amd64",
                               "kubernetes.io/hostname", name, "kubernetes.io/os", "linux");
    json_t *spec = json_pack("{s:o}", "podCIDR", json_sprintf("10.244.%d.0/24", index + 1));
    if (control) {
        json_object_set_new(labels, "node-role.kubernetes.io/control-plane", json_string(""));
        json_object_set_new(spec, "taints",
                            json_pack("[{s:s,s:s}]", "key", "node-role.kubernetes.io/control-plane",
                                      "effect", "NoSchedule"));
    }
    json_t *status = json_pack(
        "{s:o,s:o,s:[o,o,o,o],s:[{s:s,s:o},{s:s,s:s}],s:{s:s,s:s,s:s,s:s,s:s,s:s,s:o},s:o}",
        "capacity", node_amounts(control, false), "allocatable", node_amounts(control, true),
        "conditions",
        node_condition(sim, "MemoryPressure", "False", "KubeletHasSufficientMemory",
                       "kubelet has sufficient memory available"),
        node_condition(sim, "DiskPressure", "False", "KubeletHasNoDiskPressure",
                       "kubelet has no disk pressure"),
        node_condition(sim, "PIDPressure", "False", "KubeletHasSufficientPID",
                       "kubelet has sufficient PID available"),
        node_condition(sim, "Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        "addresses", "type", "InternalIP", "address", json_sprintf("172.18.0.%d", index + 3),
        "type", "Hostname", "address", name, "nodeInfo", "kubeletVersion", "v1.33.0",
        "containerRuntimeVersion", "containerd://2.1.0", "osImage", "initwatch demo (simulated)",
        "kernelVersion", "6.1.0", "operatingSystem", "linux", "architecture", "amd64", "bootID",
        json_sprintf("9d3f6c5e-7a41-4c0b-8f52-%012d", index + 2), "images", node_images(control));
    sim_thing_put(sim, DEMO_KIND_NODE, "",
                  json_pack("{s:{s:s,s:o},s:o,s:o}", "metadata", "name", name, "labels", labels,
                            "spec", spec, "status", status),
                  NULL);
}

/* The only class there is until somebody makes another. */
static void
add_class(struct sim *sim)
{
    sim_thing_put(sim, DEMO_KIND_STORAGECLASS, "",
                  json_pack("{s:{s:s,s:{s:s}},s:s,s:s,s:s}", "metadata", "name", "standard",
                            "annotations", DEMO_DEFAULT_CLASS, "true", "provisioner",
                            "demo.initwatch/simulated", "reclaimPolicy", "Delete",
                            "volumeBindingMode", "Immediate"),
                  NULL);
    sim->serial--; /* what the pods of a seed do stays the same with it and without */
}

void
sim_cluster_init(struct sim *sim)
{
    add_node(sim, "demo-control-plane", -1);
    for (int i = 0; i < SIM_NODES; i++)
        add_node(sim, sim_node_names[i], i);
    add_class(sim);
}
