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

struct sim_thing *
sim_thing_find(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *thing = sim->things.items[i];
        if (thing->kind == kind && strcmp(thing->name, name) == 0 && strcmp(thing->ns, ns) == 0)
            return thing;
    }
    return NULL;
}

void
sim_thing_free(struct sim_thing *thing)
{
    json_decref(thing->object);
    sim_origin_unref(&thing->origin);
    free(thing->refusal);
    free(thing->ns);
    free(thing->name);
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
    thing->kind = kind;
    thing->ns = iw_strdup(ns);
    thing->name = iw_strdup(name_of(object));
    thing->due_ms = SIM_NEVER;
    thing->since_ms = sim->now_ms;
    sim_uuid(sim, demo_kind_table[kind].plural, thing->uid);
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
    (void)snprintf(thing->owner_uid, sizeof(thing->owner_uid), "%.39s",
                   controller_of(json_object_get(object, "metadata")));
    if (!sim->quiet)
        sim_tell(sim, kind, object);
    sim->endpoints_dirty = sim->endpoints_dirty || kind == DEMO_KIND_SERVICE;
    thing->stale = kind == DEMO_KIND_SERVICE;
    thing->dirty = sim->control_dirty = true;
    sim_control_mark(sim, thing->owner_uid);
    return thing;
}

bool
sim_delete_object(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    if (!thing)
        return false;
    for (size_t i = 0; i < sim->things.len; i++) {
        if (sim->things.items[i] == thing) {
            vec_remove(&sim->things, i);
            break;
        }
    }
    if (!sim->quiet)
        sim->config.sink.gone(sim->config.sink.ctx, kind, thing->object);
    sim->endpoints_dirty = sim->endpoints_dirty || kind == DEMO_KIND_SERVICE;
    sim_control_mark(sim, thing->owner_uid);
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
    return pod->is_ready && pod->phase == KUBELET_RUN && !pod->deleting;
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

void
sim_endpoints_mark(struct sim *sim, struct sim_pod *pod, bool force)
{
    unsigned shown = (unsigned)(pod->ip[0] != '\0') | (unsigned)pod_is_ready(pod) << 1 |
                     (unsigned)pod->deleting << 2 |
                     (unsigned)(pod->phase >= KUBELET_SUCCEEDED) << 3;
    if (shown == pod->endpoint && !force)
        return;
    pod->endpoint = shown;
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *service = sim->things.items[i];
        if (service->kind == DEMO_KIND_SERVICE && strcmp(service->ns, pod->ns) == 0 &&
            selector_matches(json_object_get(json_object_get(service->object, "spec"), "selector"),
                             pod))
            service->stale = sim->endpoints_dirty = true;
    }
}

/* One slice for each service with a selector, as the endpoint slice controller keeps them. */
void
sim_endpoints_refresh(struct sim *sim)
{
    if (!sim->endpoints_dirty)
        return;
    sim->endpoints_dirty = false;
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *service = sim->things.items[i];
        if (service->kind != DEMO_KIND_SERVICE || !service->stale ||
            !json_object_get(json_object_get(service->object, "spec"), "selector"))
            continue;
        service->stale = false;
        uint64_t state = sim->config.seed ^ (uint64_t)strlen(service->name) * 7919u;
        char suffix[8];
        sim_hex(&state, 5, suffix);
        iw_autofree char *name = iw_asprintf("%s-%s", service->name, suffix);
        json_t *endpoints = service_endpoints(sim, service);
        struct sim_thing *old = sim_thing_find(sim, DEMO_KIND_ENDPOINTSLICE, service->ns, name);
        if (old && json_equal(json_object_get(old->object, "endpoints"), endpoints)) {
            json_decref(endpoints);
            continue;
        }
        sim_thing_put(sim, DEMO_KIND_ENDPOINTSLICE, service->ns,
                      json_pack("{s:{s:s,s:s,s:{s:s,s:s}},s:s,s:o,s:o}", "metadata", "name", name,
                                "namespace", service->ns, "labels", "kubernetes.io/service-name",
                                service->name, "endpointslice.kubernetes.io/managed-by",
                                "endpointslice-controller.k8s.io", "addressType", "IPv4",
                                "endpoints", endpoints, "ports", service_ports(service)),
                      NULL);
    }
}

static bool
service_has_port(const struct sim_thing *service, int port)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(json_object_get(service->object, "spec"), "ports"), i, entry)
    {
        if (json_integer_value(json_object_get(entry, "port")) == port)
            return true;
    }
    return port == 0;
}

/* The number of the pods' port behind a port of the service; a named one is looked up nowhere. */
static int
target_port(const struct sim_thing *service, int port)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(json_object_get(service->object, "spec"), "ports"), i, entry)
    {
        const json_t *target = json_object_get(entry, "targetPort");
        if (json_integer_value(json_object_get(entry, "port")) == port && json_is_integer(target))
            return (int)json_integer_value(target);
    }
    return port;
}

/* The service that a name means in a pod: NAME, NAME.NAMESPACE, and either with .svc and the domain
 * behind it. What is no namespace, such as a shell's $(...), is taken for the pod's own. */
static const struct sim_thing *
named_service(struct sim *sim, const struct sim_pod *pod, const char *host)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t name_len = strcspn(host, ".");
    const char *ns = host[name_len] ? host + name_len + 1 : "";
    size_t ns_len = strcspn(ns, ".");
    bool own = ns_len == 0 || strspn(ns, letters) < ns_len;
    iw_autofree char *name = iw_strndup(host, name_len);
    iw_autofree char *where = own ? iw_strdup(pod->ns) : iw_strndup(ns, ns_len);
    return sim_thing_find(sim, DEMO_KIND_SERVICE, where, name);
}

bool
sim_service_answers(struct sim *sim, const struct sim_pod *pod, const struct script_run *plan)
{
    const struct sim_thing *service = named_service(sim, pod, plan->service);
    if (!service || !sim_policy_allows(sim, pod, NULL, 53))
        return false;
    if (plan->need != SCRIPT_NEED_ENDPOINT)
        return true;
    const json_t *selector = json_object_get(json_object_get(service->object, "spec"), "selector");
    for (size_t i = 0; i < sim->pods.len && service_has_port(service, plan->port); i++) {
        const struct sim_pod *other = sim->pods.items[i];
        if (strcmp(other->ns, service->ns) == 0 && other->ip[0] && pod_is_ready(other) &&
            selector_matches(selector, other) &&
            sim_policy_allows(sim, pod, other, target_port(service, plan->port)))
            return true;
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

/* runAsNonRoot against the user that is asked for; images are taken to run as root, as most do. */
static char *
user_problem(const struct sim_pod *pod, const json_t *container)
{
    const json_t *of_pod = json_object_get(json_object_get(pod->object, "spec"), "securityContext");
    const json_t *own = json_object_get(container, "securityContext");
    const json_t *non_root = json_object_get(own, "runAsNonRoot");
    const json_t *user = json_object_get(own, "runAsUser");
    const char *name = json_string_value(json_object_get(container, "name"));
    non_root = non_root ? non_root : json_object_get(of_pod, "runAsNonRoot");
    user = user ? user : json_object_get(of_pod, "runAsUser");
    if (!json_is_true(non_root) || (user && json_integer_value(user) != 0))
        return NULL;
    return iw_asprintf(user ? "container's runAsUser breaks non-root policy (pod: \"%s_%s(%s)\", "
                              "container: %s)"
                            : "container has runAsNonRoot and image will run as root (pod: "
                              "\"%s_%s(%s)\", container: %s)",
                       pod->name, pod->ns, pod->uid, name ? name : "");
}

char *
sim_config_problem(struct sim *sim, const struct sim_pod *pod, const json_t *container)
{
    size_t i;
    json_t *entry;
    char *problem = user_problem(pod, container);
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
