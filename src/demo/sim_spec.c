/* sim_spec: what the API server adds to a pod's spec, and what the scheduler counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

static void
set_missing(json_t *object, const char *member, json_t *value)
{
    if (json_object_get(object, member))
        json_decref(value);
    else
        json_object_set_new(object, member, value);
}

static void
default_probe(json_t *probe)
{
    if (!probe)
        return;
    json_t *get = json_object_get(probe, "httpGet");
    if (get) {
        set_missing(get, "path", json_string("/"));
        set_missing(get, "scheme", json_string("HTTP"));
    }
    set_missing(probe, "timeoutSeconds", json_integer(1));
    set_missing(probe, "periodSeconds", json_integer(10));
    set_missing(probe, "successThreshold", json_integer(1));
    set_missing(probe, "failureThreshold", json_integer(3));
}

/* Quantities may be bare numbers in a manifest; the API always writes text. */
static void
numbers_to_text(json_t *list)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(list, next, name, value)
    {
        if (json_is_integer(value)) {
            char text[32];
            (void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
            json_object_set_new(list, name, json_string(text));
        }
    }
}

static void
default_container(json_t *container)
{
    json_t *resources = json_object_get(container, "resources");
    if (!resources) {
        resources = json_object();
        json_object_set_new(container, "resources", resources);
    }
    json_t *limits = json_object_get(resources, "limits");
    numbers_to_text(limits);
    numbers_to_text(json_object_get(resources, "requests"));
    if (limits) {
        set_missing(resources, "requests", json_object());
        json_object_update_missing(json_object_get(resources, "requests"), limits);
    }
    static const char *const probes[] = {"startupProbe", "readinessProbe", "livenessProbe"};
    for (size_t i = 0; i < IW_COUNTOF(probes); i++)
        default_probe(json_object_get(container, probes[i]));
    size_t i;
    json_t *port;
    json_array_foreach(json_object_get(container, "ports"), i, port)
    {
        set_missing(port, "protocol", json_string("TCP"));
    }
    set_missing(container, "terminationMessagePath", json_string("/dev/termination-log"));
    set_missing(container, "terminationMessagePolicy", json_string("File"));
    const char *image = json_string_value(json_object_get(container, "image"));
    const char *slash = image ? strrchr(image, '/') : NULL;
    const char *tag = image ? strchr(slash ? slash : image, ':') : NULL;
    bool latest = !tag || strcmp(tag, ":latest") == 0;
    set_missing(container, "imagePullPolicy", json_string(latest ? "Always" : "IfNotPresent"));
}

/* The token volume that the service account admission plugin adds to each container. */
static void
add_token_volume(json_t *spec)
{
    if (json_is_false(json_object_get(spec, "automountServiceAccountToken")))
        return;
    set_missing(spec, "volumes", json_array());
    json_array_append_new(
        json_object_get(spec, "volumes"),
        json_pack("{s:s,s:{s:[{s:{s:i,s:s}},{s:{s:s,s:[{s:s,s:s}]}},{s:{s:[{s:s,s:{s:s,s:s}}]}}],"
                  "s:i}}",
                  "name", "kube-api-access-7xkq2", "projected", "sources", "serviceAccountToken",
                  "expirationSeconds", 3607, "path", "token", "configMap", "name",
                  "kube-root-ca.crt", "items", "key", "ca.crt", "path", "ca.crt", "downwardAPI",
                  "items", "path", "namespace", "fieldRef", "apiVersion", "v1", "fieldPath",
                  "metadata.namespace", "defaultMode", 420));
    static const char *const lists[] = {"initContainers", "containers"};
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            set_missing(container, "volumeMounts", json_array());
            json_array_append_new(json_object_get(container, "volumeMounts"),
                                  json_pack("{s:s,s:b,s:s}", "name", "kube-api-access-7xkq2",
                                            "readOnly", 1, "mountPath",
                                            "/var/run/secrets/kubernetes.io/serviceaccount"));
        }
    }
}

static void
default_volumes(json_t *spec)
{
    size_t i;
    json_t *volume;
    json_array_foreach(json_object_get(spec, "volumes"), i, volume)
    {
        json_t *map = json_object_get(volume, "configMap");
        if (!map)
            map = json_object_get(volume, "secret");
        if (map)
            set_missing(map, "defaultMode", json_integer(420));
    }
}

void
sim_spec_default(json_t *spec)
{
    default_volumes(spec);
    add_token_volume(spec);
    static const char *const lists[] = {"initContainers", "containers"};
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            default_container(container);
        }
    }
    set_missing(spec, "restartPolicy", json_string("Always"));
    set_missing(spec, "terminationGracePeriodSeconds", json_integer(30));
    set_missing(spec, "dnsPolicy", json_string("ClusterFirst"));
    set_missing(spec, "serviceAccountName", json_string("default"));
    set_missing(spec, "serviceAccount", json_string("default"));
    set_missing(spec, "securityContext", json_object());
    set_missing(spec, "schedulerName", json_string("default-scheduler"));
    json_t *tolerations = json_array();
    static const char *const keys[] = {"not-ready", "unreachable"};
    for (size_t i = 0; i < IW_COUNTOF(keys); i++)
        json_array_append_new(tolerations,
                              json_pack("{s:o,s:s,s:s,s:i}", "key",
                                        json_sprintf("node.kubernetes.io/%s", keys[i]), "operator",
                                        "Exists", "effect", "NoExecute", "tolerationSeconds", 300));
    set_missing(spec, "tolerations", tolerations);
    set_missing(spec, "priority", json_integer(0));
    set_missing(spec, "enableServiceLinks", json_true());
    set_missing(spec, "preemptionPolicy", json_string("PreemptLowerPriority"));
}

/* --- amounts --- */

/* Thousandths of a quantity: enough for the demo's own scheduler, which only compares sums. */
int64_t
sim_quantity_milli(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"m", 1},    {"", 1e3},      {"k", 1e6},        {"M", 1e9},
                 {"G", 1e12}, {"Ki", 1024e3}, {"Mi", 1048576e3}, {"Gi", 1073741824e3}};
    char *end = NULL;
    double number = text ? strtod(text, &end) : 0;
    for (size_t i = 0; text && i < IW_COUNTOF(units); i++) {
        if (strcmp(end, units[i].suffix) == 0 && number > 0 && number < 1e6)
            return (int64_t)(number * units[i].factor);
    }
    return 0;
}

static int64_t
amount(const json_t *container, const char *list, const char *resource)
{
    const json_t *amounts = json_object_get(json_object_get(container, "resources"), list);
    return sim_quantity_milli(json_string_value(json_object_get(amounts, resource)));
}

static bool
is_sidecar(const json_t *container)
{
    const char *policy = json_string_value(json_object_get(container, "restartPolicy"));
    return policy && strcmp(policy, "Always") == 0;
}

int64_t
sim_effective_amount(const json_t *spec, const char *list, const char *resource)
{
    int64_t sidecars = 0, apps = 0, top = 0;
    size_t i;
    json_t *container;
    json_array_foreach(json_object_get(spec, "initContainers"), i, container)
    {
        int64_t own = amount(container, list, resource);
        top = IW_MAX(top, sidecars + own);
        if (is_sidecar(container))
            sidecars += own;
    }
    json_array_foreach(json_object_get(spec, "containers"), i, container)
    {
        apps += amount(container, list, resource);
    }
    return IW_MAX(top, apps + sidecars);
}

void
sim_effective_requests(const json_t *spec, int64_t *cpu_milli, int64_t *memory)
{
    *cpu_milli = sim_effective_amount(spec, "requests", "cpu");
    *memory = sim_effective_amount(spec, "requests", "memory") / 1000;
}

const char *
sim_qos_class(const json_t *spec)
{
    static const char *const lists[] = {"initContainers", "containers"};
    static const char *const names[] = {"cpu", "memory"};
    bool any = false, guaranteed = true;
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            for (size_t n = 0; n < IW_COUNTOF(names); n++) {
                int64_t request = amount(container, "requests", names[n]);
                int64_t limit = amount(container, "limits", names[n]);
                any = any || request > 0 || limit > 0;
                guaranteed = guaranteed && limit > 0 && request == limit;
            }
        }
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

/* "busybox:1.36" is "docker.io/library/busybox:1.36" in statuses and registry errors. */
const char *
sim_image_full(const char *image, char *out, size_t out_size)
{
    const char *slash = strchr(image, '/');
    bool has_host = slash && memchr(image, '.', (size_t)(slash - image));
    const char *last = strrchr(image, '/');
    const char *tag = strchr(last ? last : image, ':') || strchr(image, '@') ? "" : ":latest";
    (void)snprintf(out, out_size, "%s%s%s",
                   has_host ? ""
                   : slash  ? "docker.io/"
                            : "docker.io/library/",
                   image, tag);
    return out;
}
