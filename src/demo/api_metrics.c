/* api_metrics: metrics.k8s.io as metrics-server offers it, with usage that follows from requests.
 *
 * A running container uses a share of its requests that differs from container to container and rises and
 * falls slowly; what does not run uses nothing. Generated pods are not measured.
 * Ref: k8s.io/metrics/pkg/apis/metrics/v1beta1 types.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strmap.h"

#include "api_internal.h"
#include "sim_internal.h"

#define METRICS_WINDOW "15s"
enum {
    WAVE_MS = 120000,      /* one rise and fall */
    NODE_OWN_MILLI = 180,  /* kubelet, runtime, kernel */
    NODE_OWN_MIB = 600,    /* the same */
    CPU_MILLI_WITHOUT = 3, /* of a container that asks for nothing */
    MEMORY_MIB_WITHOUT = 6,
};

struct measured {
    int64_t cpu_nano, memory_bytes;
};

/* 0 to 100 and back, beginning somewhere else for each name. */
static int64_t
wave(int64_t wall_ms, uint64_t hash)
{
    int64_t at = (wall_ms + (int64_t)(hash % WAVE_MS)) % WAVE_MS;
    return at < WAVE_MS / 2 ? at * 200 / WAVE_MS : 200 - at * 200 / WAVE_MS;
}

static double
amount_of(const json_t *container, const char *side, const char *name)
{
    const json_t *list = json_object_get(json_object_get(container, "resources"), side);
    const char *text = json_string_value(json_object_get(list, name));
    return text ? (double)sim_quantity_milli(text) / 1000 : 0;
}

static struct measured
measure(const json_t *container, const char *pod, int64_t wall_ms)
{
    const char *name = json_string_value(json_object_get(container, "name"));
    uint64_t hash = strmap_hash(pod) * 31 + strmap_hash(name ? name : "");
    double cpu = amount_of(container, "requests", "cpu");
    double memory = amount_of(container, "requests", "memory");
    double limit = amount_of(container, "limits", "memory");
    cpu = cpu > 0 ? cpu : CPU_MILLI_WITHOUT / 1000.0;
    memory = memory > 0 ? memory : MEMORY_MIB_WITHOUT * 1048576.0;
    double share = 0.1 + (double)(hash % 50) / 100 + (double)wave(wall_ms, hash) / 400;
    memory *= 0.3 + (double)(hash / 64 % 50) / 100 + (double)wave(wall_ms, hash / 7) / 1000;
    if (limit > 0 && memory > limit * 0.97)
        memory = limit * 0.97;
    return (struct measured){.cpu_nano = (int64_t)(cpu * share * 1e9),
                             .memory_bytes = (int64_t)memory};
}

static bool
is_running(const json_t *status, const char *list, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(status, list), i, one)
    {
        const char *of = json_string_value(json_object_get(one, "name"));
        if (of && strcmp(of, name) == 0)
            return json_object_get(json_object_get(one, "state"), "running") != NULL;
    }
    return false;
}

static json_t *
usage_object(const struct measured *m)
{
    return json_pack("{s:o,s:o}", "cpu", json_sprintf("%lldn", (long long)m->cpu_nano), "memory",
                     json_sprintf("%lldKi", (long long)(m->memory_bytes / 1024)));
}

/* Adds the containers of one list that run. */
static void
add_containers(const json_t *pod, const char *list, const char *statuses, int64_t wall_ms,
               json_t *out, struct measured *sum)
{
    const char *pod_name =
        json_string_value(json_object_get(json_object_get(pod, "metadata"), "name"));
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(json_object_get(pod, "spec"), list), i, c)
    {
        const char *name = json_string_value(json_object_get(c, "name"));
        if (!name || !is_running(json_object_get(pod, "status"), statuses, name))
            continue;
        struct measured m = measure(c, pod_name ? pod_name : "", wall_ms);
        sum->cpu_nano += m.cpu_nano;
        sum->memory_bytes += m.memory_bytes;
        if (out)
            json_array_append_new(out,
                                  json_pack("{s:s,s:o}", "name", name, "usage", usage_object(&m)));
    }
}

/* The pod as JSON; NULL for generated ones. New. */
static json_t *
pod_of(const struct objects_version *version)
{
    struct strbuf text;
    if (version->synthetic)
        return NULL;
    strbuf_init(&text, 0);
    objects_render(version, DEMO_KIND_POD, false, &text);
    json_t *pod = json_loadb(text.data, text.len, JSON_ALLOW_NUL, NULL);
    strbuf_free(&text);
    return pod;
}

static json_t *
head_of(const char *kind, const char *ns, const char *name, int64_t wall_ms)
{
    char stamp[40];
    rfc3339_format(wall_ms - wall_ms % 15000, false, stamp);
    json_t *metadata = json_pack("{s:s,s:s}", "name", name, "creationTimestamp", stamp);
    if (ns[0])
        json_object_set_new(metadata, "namespace", json_string(ns));
    return json_pack("{s:s,s:s,s:o,s:s,s:s}", "kind", kind, "apiVersion", "metrics.k8s.io/v1beta1",
                     "metadata", metadata, "timestamp", stamp, "window", METRICS_WINDOW);
}

/* NULL when nothing of it runs. New. */
static json_t *
pod_metrics(const struct objects_version *version, int64_t wall_ms)
{
    json_t *pod = pod_of(version), *containers = json_array();
    struct measured sum = {0};
    add_containers(pod, "initContainers", "initContainerStatuses", wall_ms, containers, &sum);
    add_containers(pod, "containers", "containerStatuses", wall_ms, containers, &sum);
    json_decref(pod);
    if (json_array_size(containers) == 0) {
        json_decref(containers);
        return NULL;
    }
    json_t *out = head_of("PodMetrics", version->ns, version->name, wall_ms);
    json_object_set_new(out, "containers", containers);
    if (json_object_size(version->labels) > 0)
        json_object_set(json_object_get(out, "metadata"), "labels", version->labels);
    return out;
}

static json_t *
node_metrics(const struct objects *store, const char *node, int64_t wall_ms)
{
    struct measured sum = {.cpu_nano = INT64_C(1000000) * NODE_OWN_MILLI,
                           .memory_bytes = INT64_C(1048576) * NODE_OWN_MIB};
    for (size_t i = 0; i < store->objects[DEMO_KIND_POD].len; i++) {
        const struct objects_version *version = store->objects[DEMO_KIND_POD].items[i];
        const char *on = objects_field(version, DEMO_KIND_POD, "spec.nodeName");
        json_t *pod = on && strcmp(on, node) == 0 ? pod_of(version) : NULL;
        add_containers(pod, "initContainers", "initContainerStatuses", wall_ms, NULL, &sum);
        add_containers(pod, "containers", "containerStatuses", wall_ms, NULL, &sum);
        json_decref(pod);
    }
    json_t *out = head_of("NodeMetrics", "", node, wall_ms);
    json_object_set_new(out, "usage", usage_object(&sum));
    return out;
}

static enum MHD_Result
send_list(struct api_request *r, enum demo_kind kind, const char *ns)
{
    const struct objects *store = r->server->config.store;
    struct api_selector selector = {0};
    struct iw_error err = {0};
    int64_t wall_ms = api_now_wall_ms(r->server);
    if (api_selector_parse(&selector, kind, false, api_query(r, "labelSelector"),
                           api_query(r, "fieldSelector"), &err) != IW_OK)
        return api_send_status(r, 400, "BadRequest", "%s", err.msg);
    json_t *items = json_array();
    for (size_t i = 0; i < store->objects[kind].len; i++) {
        const struct objects_version *version = store->objects[kind].items[i];
        if ((ns && strcmp(version->ns, ns) != 0) || !api_selector_matches(&selector, kind, version))
            continue;
        json_t *one = kind == DEMO_KIND_POD ? pod_metrics(version, wall_ms)
                                            : node_metrics(store, version->name, wall_ms);
        if (one)
            json_array_append_new(items, one);
    }
    api_selector_free(&selector);
    return api_send_json(r, 200,
                         json_pack("{s:s,s:s,s:{},s:o}", "kind",
                                   kind == DEMO_KIND_POD ? "PodMetricsList" : "NodeMetricsList",
                                   "apiVersion", "metrics.k8s.io/v1beta1", "metadata", "items",
                                   items));
}

static enum MHD_Result
send_one(struct api_request *r, enum demo_kind kind, const char *ns, const char *name)
{
    const struct objects *store = r->server->config.store;
    const struct objects_version *version = demo_store_find(store, kind, ns, name);
    json_t *one = !version                ? NULL
                  : kind == DEMO_KIND_POD ? pod_metrics(version, api_now_wall_ms(r->server))
                                          : node_metrics(store, name, api_now_wall_ms(r->server));
    if (one)
        return api_send_json(r, 200, one);
    return api_send_status(r, 404, "NotFound", "%s.metrics.k8s.io \"%s%s%s\" not found",
                           kind == DEMO_KIND_POD ? "podmetrics" : "nodemetrics", ns,
                           ns[0] ? "/" : "", name);
}

json_t *
api_metrics_resources(void)
{
    return json_pack("{s:s,s:s,s:s,s:[{s:s,s:s,s:b,s:s,s:[s,s]},{s:s,s:s,s:b,s:s,s:[s,s]}]}",
                     "kind", "APIResourceList", "apiVersion", "v1", "groupVersion",
                     "metrics.k8s.io/v1beta1", "resources", "name", "nodes", "singularName", "",
                     "namespaced", 0, "kind", "NodeMetrics", "verbs", "get", "list", "name", "pods",
                     "singularName", "", "namespaced", 1, "kind", "PodMetrics", "verbs", "get",
                     "list");
}

enum MHD_Result
api_metrics(struct api_request *r)
{
    const char *const *part = (const char *const *)r->part + 3;
    size_t parts = r->parts - 3;
    if (strcmp(r->method, "GET") != 0)
        return api_no_method(r);
    if (parts >= 1 && parts <= 2 && strcmp(part[0], "nodes") == 0)
        return parts == 1 ? send_list(r, DEMO_KIND_NODE, NULL)
                          : send_one(r, DEMO_KIND_NODE, "", part[1]);
    if (parts == 1 && strcmp(part[0], "pods") == 0)
        return send_list(r, DEMO_KIND_POD, NULL);
    if (parts >= 3 && parts <= 4 && strcmp(part[0], "namespaces") == 0 &&
        strcmp(part[2], "pods") == 0)
        return parts == 3 ? send_list(r, DEMO_KIND_POD, part[1])
                          : send_one(r, DEMO_KIND_POD, part[1], part[3]);
    return api_send_status(r, 404, "NotFound", "the server could not find the requested resource");
}
