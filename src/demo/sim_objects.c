/* sim_objects: nodes, services, endpoints, secrets and the rest of what pods depend on.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

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

struct sim_thing *
sim_thing_find(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *thing = &sim->things.items[i];
        if (thing->kind == kind && strcmp(thing->ns, ns) == 0 && strcmp(thing->name, name) == 0)
            return thing;
    }
    return NULL;
}

/* Store an object (taken), with the metadata that the API server adds. */
void
sim_thing_put(struct sim *sim, enum demo_kind kind, const char *ns, json_t *object)
{
    json_t *meta = json_object_get(object, "metadata");
    struct sim_thing *old = sim_thing_find(sim, kind, ns, name_of(object));
    if (old) {
        const json_t *old_meta = json_object_get(old->object, "metadata");
        json_object_set(meta, "uid", json_object_get(old_meta, "uid"));
        json_object_set(meta, "creationTimestamp", json_object_get(old_meta, "creationTimestamp"));
        json_decref(old->object);
        old->object = object;
    } else {
        char uid[37];
        sim_uuid(sim, demo_kind_table[kind].plural, uid);
        json_object_set_new(meta, "uid", json_string(uid));
        json_object_set_new(meta, "creationTimestamp", sim_time_json(sim, sim->now_ms));
        struct sim_thing thing = {kind, iw_strdup(ns), iw_strdup(name_of(object)), object};
        vec_push(&sim->things, thing);
    }
    if (!sim->quiet)
        sim->config.sink.put(sim->config.sink.ctx, kind, json_deep_copy(object));
    if (kind == DEMO_KIND_SERVICE)
        sim->endpoints_dirty = true;
}

bool
sim_delete_object(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    if (!thing)
        return false;
    json_t *last = thing->object;
    free(thing->ns);
    free(thing->name);
    vec_remove(&sim->things, (size_t)(thing - sim->things.items));
    if (!sim->quiet)
        sim->config.sink.gone(sim->config.sink.ctx, kind, last);
    json_decref(last);
    sim->endpoints_dirty = sim->endpoints_dirty || kind == DEMO_KIND_SERVICE;
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
    return json_pack("{s:s,s:s,s:s,s:s}", "cpu", allocatable && !control ? "3900m" : "4",
                     "ephemeral-storage", "61255492Ki", "memory",
                     allocatable ? "7600Mi" : "8040404Ki", "pods", "110");
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
        "{s:o,s:o,s:[o,o],s:[{s:s,s:o},{s:s,s:s}],s:{s:s,s:s,s:s,s:s,s:s,s:s}}", "capacity",
        node_amounts(control, false), "allocatable", node_amounts(control, true), "conditions",
        node_condition(sim, "MemoryPressure", "False", "KubeletHasSufficientMemory",
                       "kubelet has sufficient memory available"),
        node_condition(sim, "Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        "addresses", "type", "InternalIP", "address", json_sprintf("172.18.0.%d", index + 3),
        "type", "Hostname", "address", name, "nodeInfo", "kubeletVersion", "v1.33.0",
        "containerRuntimeVersion", "containerd://2.1.0", "osImage", "initwatch demo (simulated)",
        "kernelVersion", "6.1.0", "operatingSystem", "linux", "architecture", "amd64");
    sim_thing_put(sim, DEMO_KIND_NODE, "",
                  json_pack("{s:{s:s,s:o},s:o,s:o}", "metadata", "name", name, "labels", labels,
                            "spec", spec, "status", status));
}

void
sim_cluster_init(struct sim *sim)
{
    add_node(sim, "demo-control-plane", -1);
    for (int i = 0; i < SIM_NODES; i++)
        add_node(sim, sim_node_names[i], i);
}

/* --- services --- */

static bool
selector_matches(const json_t *selector, const struct sim_pod *pod)
{
    const json_t *labels = json_object_get(json_object_get(pod->object, "metadata"), "labels");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)selector, key, value)
    {
        if (!json_equal(value, json_object_get(labels, key)))
            return false;
    }
    return json_object_size(selector) > 0;
}

static bool
pod_is_ready(const struct sim_pod *pod)
{
    return sim_pod_is_ready(pod) && pod->phase == KUBELET_RUN && !pod->deleting;
}

static json_t *
service_endpoints(struct sim *sim, const struct sim_thing *service)
{
    const json_t *selector = json_object_get(json_object_get(service->object, "spec"), "selector");
    json_t *list = json_array();
    for (size_t i = 0; i < sim->pods.len; i++) {
        const struct sim_pod *pod = sim->pods.items[i];
        if (strcmp(pod->ns, service->ns) != 0 || !pod->ip[0] || pod->phase >= KUBELET_SUCCEEDED ||
            !selector_matches(selector, pod))
            continue;
        int ready = pod_is_ready(pod);
        json_array_append_new(list,
                              json_pack("{s:[s],s:{s:b,s:b,s:b},s:s,s:{s:s,s:s,s:s,s:s}}",
                                        "addresses", pod->ip, "conditions", "ready", ready,
                                        "serving", ready, "terminating", pod->deleting, "nodeName",
                                        sim_node_names[pod->node], "targetRef", "kind", "Pod",
                                        "namespace", pod->ns, "name", pod->name, "uid", pod->uid));
    }
    return list;
}

static json_t *
service_ports(const struct sim_thing *service)
{
    json_t *ports = json_array();
    size_t i;
    json_t *port;
    json_array_foreach(json_object_get(json_object_get(service->object, "spec"), "ports"), i, port)
    {
        const char *name = json_string_value(json_object_get(port, "name"));
        json_t *target = json_object_get(port, "targetPort");
        json_t *number = json_is_integer(target) ? target : json_object_get(port, "port");
        json_array_append_new(ports, json_pack("{s:s,s:s,s:O}", "name", name ? name : "",
                                               "protocol", "TCP", "port", number));
    }
    return ports;
}

/* One slice for each service with a selector, as the endpoint slice controller keeps them. */
void
sim_endpoints_refresh(struct sim *sim)
{
    if (!sim->endpoints_dirty)
        return;
    sim->endpoints_dirty = false;
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing service = sim->things.items[i];
        if (service.kind != DEMO_KIND_SERVICE ||
            !json_object_get(json_object_get(service.object, "spec"), "selector"))
            continue;
        uint64_t state = sim->config.seed ^ (uint64_t)strlen(service.name) * 7919u;
        char suffix[8];
        sim_hex(&state, 5, suffix);
        iw_autofree char *name = iw_asprintf("%s-%s", service.name, suffix);
        json_t *endpoints = service_endpoints(sim, &service);
        struct sim_thing *old = sim_thing_find(sim, DEMO_KIND_ENDPOINTSLICE, service.ns, name);
        if (old && json_equal(json_object_get(old->object, "endpoints"), endpoints)) {
            json_decref(endpoints);
            continue;
        }
        sim_thing_put(sim, DEMO_KIND_ENDPOINTSLICE, service.ns,
                      json_pack("{s:{s:s,s:s,s:{s:s,s:s}},s:s,s:o,s:o}", "metadata", "name", name,
                                "namespace", service.ns, "labels", "kubernetes.io/service-name",
                                service.name, "endpointslice.kubernetes.io/managed-by",
                                "endpointslice-controller.k8s.io", "addressType", "IPv4",
                                "endpoints", endpoints, "ports", service_ports(&service)));
    }
}

bool
sim_service_has(struct sim *sim, const char *ns, const char *service, enum script_need need)
{
    if (!sim_thing_find(sim, DEMO_KIND_SERVICE, ns, service))
        return false;
    if (need != SCRIPT_NEED_ENDPOINT)
        return true;
    sim_endpoints_refresh(sim);
    for (size_t i = 0; i < sim->things.len; i++) {
        const struct sim_thing *slice = &sim->things.items[i];
        const json_t *meta = json_object_get(slice->object, "metadata");
        const char *of = json_string_value(
            json_object_get(json_object_get(meta, "labels"), "kubernetes.io/service-name"));
        if (slice->kind != DEMO_KIND_ENDPOINTSLICE || strcmp(slice->ns, ns) != 0 || !of ||
            strcmp(of, service) != 0)
            continue;
        size_t at;
        json_t *endpoint;
        json_array_foreach(json_object_get(slice->object, "endpoints"), at, endpoint)
        {
            if (!json_is_false(json_object_get(json_object_get(endpoint, "conditions"), "ready")))
                return true;
        }
    }
    return false;
}

/* --- configuration --- */

static bool
is_optional(const json_t *reference)
{
    return json_is_true(json_object_get(reference, "optional"));
}

/* A Secret or ConfigMap reference of an environment variable; key NULL: the whole object. */
static char *
reference_problem(struct sim *sim, const char *ns, enum demo_kind kind, const json_t *reference)
{
    const char *name = json_string_value(json_object_get(reference, "name"));
    const char *key = json_string_value(json_object_get(reference, "key"));
    if (!name || is_optional(reference))
        return NULL;
    const struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    bool secret = kind == DEMO_KIND_SECRET;
    if (!thing)
        return iw_asprintf("%s \"%s\" not found", secret ? "secret" : "configmap", name);
    if (key && !json_object_get(json_object_get(thing->object, "data"), key) &&
        !json_object_get(json_object_get(thing->object, "stringData"), key))
        return iw_asprintf("couldn't find key %s in %s %s/%s", key, secret ? "Secret" : "ConfigMap",
                           ns, name);
    return NULL;
}

char *
sim_config_problem(struct sim *sim, const struct sim_pod *pod, const json_t *container)
{
    size_t i;
    json_t *entry;
    char *problem = NULL;
    json_array_foreach(json_object_get(container, "envFrom"), i, entry)
    {
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_SECRET,
                                        json_object_get(entry, "secretRef"));
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_CONFIGMAP,
                                        json_object_get(entry, "configMapRef"));
    }
    json_array_foreach(json_object_get(container, "env"), i, entry)
    {
        const json_t *from = json_object_get(entry, "valueFrom");
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_SECRET,
                                        json_object_get(from, "secretKeyRef"));
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_CONFIGMAP,
                                        json_object_get(from, "configMapKeyRef"));
    }
    return problem;
}

char *
sim_mount_problem(struct sim *sim, const struct sim_pod *pod, const char **volume)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(spec, "volumes"), i, entry)
    {
        const json_t *map = json_object_get(entry, "configMap");
        const json_t *secret = json_object_get(entry, "secret");
        const json_t *name =
            map ? json_object_get(map, "name") : json_object_get(secret, "secretName");
        enum demo_kind kind = map ? DEMO_KIND_CONFIGMAP : DEMO_KIND_SECRET;
        if (!name || is_optional(map ? map : secret) ||
            sim_thing_find(sim, kind, pod->ns, json_string_value(name)))
            continue;
        *volume = json_string_value(json_object_get(entry, "name"));
        return iw_asprintf("%s \"%s\" not found", map ? "configmap" : "secret",
                           json_string_value(name));
    }
    return NULL;
}

bool
sim_claims_unbound(struct sim *sim, const struct sim_pod *pod)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(spec, "volumes"), i, entry)
    {
        const char *name = json_string_value(
            json_object_get(json_object_get(entry, "persistentVolumeClaim"), "claimName"));
        if (!name)
            continue;
        const struct sim_thing *claim = sim_thing_find(sim, DEMO_KIND_PVC, pod->ns, name);
        const char *phase = claim ? json_string_value(json_object_get(
                                        json_object_get(claim->object, "status"), "phase"))
                                  : NULL;
        if (!phase || strcmp(phase, "Bound") != 0)
            return true;
    }
    return false;
}
