/* sim_service: which pods a service has, its endpoints, and whether it answers a wait loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

uint64_t
sim_label_bits(const json_t *labels)
{
    uint64_t bits = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)labels, key, value)
    {
        uint64_t hash = strmap_hash(key);
        if (json_is_string(value))
            hash = hash * 31 + strmap_hash(json_string_value(value));
        hash ^= hash >> 29;
        bits |= UINT64_C(1) << (hash * UINT64_C(0x9e3779b97f4a7c15) >> 58);
    }
    return bits;
}

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

/* The quick look first: most pods are of other services. */
static bool
selects(const struct sim_thing *service, const struct sim_pod *pod)
{
    if ((service->selects & pod->labels_seen) != service->selects ||
        strcmp(service->ns, pod->ns) != 0)
        return false;
    return selector_matches(json_object_get(json_object_get(service->object, "spec"), "selector"),
                            pod);
}

/* The pod's entry in the slices, made again when something of it has changed. Borrowed. */
static json_t *
endpoint_of(struct sim_pod *pod)
{
    int ready = pod_is_ready(pod);
    unsigned state = 1 | (unsigned)ready << 1 | (unsigned)pod->deleting << 2;
    if (pod->entry && pod->entry_state == state && strcmp(pod->entry_ip, pod->ip) == 0)
        return pod->entry;
    json_decref(pod->entry);
    pod->entry_state = state;
    memcpy(pod->entry_ip, pod->ip, sizeof(pod->entry_ip));
    pod->entry = json_pack("{s:[s],s:{s:b,s:b,s:b},s:s,s:{s:s,s:s,s:s,s:s}}", "addresses", pod->ip,
                           "conditions", "ready", ready, "serving", ready, "terminating",
                           pod->deleting, "nodeName", sim_node_names[pod->node], "targetRef",
                           "kind", "Pod", "namespace", pod->ns, "name", pod->name, "uid", pod->uid);
    return pod->entry;
}

static json_t *
service_endpoints(struct sim *sim, const struct sim_thing *service)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sim->pods.len; i++) {
        struct sim_pod *pod = sim->pods.items[i];
        if (selects(service, pod) && pod->ip[0] && pod->phase < KUBELET_SUCCEEDED)
            json_array_append(list, endpoint_of(pod));
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
    if (force)
        pod->labels_seen =
            sim_label_bits(json_object_get(json_object_get(pod->object, "metadata"), "labels"));
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *service = sim->things.items[i];
        if (service->kind == DEMO_KIND_SERVICE && selects(service, pod))
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
    for (size_t i = 0; i < sim->pods.len && service_has_port(service, plan->port); i++) {
        const struct sim_pod *other = sim->pods.items[i];
        if (other->ip[0] && pod_is_ready(other) && selects(service, other) &&
            sim_policy_allows(sim, pod, other, target_port(service, plan->port)))
            return true;
    }
    return false;
}
