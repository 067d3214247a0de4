/* cells_kinds: the columns and rows of everything that is neither a pod nor an event.
 * Ref: kubernetes pkg/printers/internalversion/printers.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cells_kinds.h"

#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"

/* "#" behind a name: a number; "*": only with -o wide. */
const char *
cells_kind_columns(enum demo_kind kind)
{
    switch (kind) {
    case DEMO_KIND_SERVICE:
        return "Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*";
    case DEMO_KIND_ENDPOINTSLICE:
        return "Name|AddressType|Ports|Endpoints|Age";
    case DEMO_KIND_NODE:
        return "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|"
               "Container-Runtime*";
    case DEMO_KIND_NAMESPACE:
        return "Name|Status|Age";
    case DEMO_KIND_CONFIGMAP:
        return "Name|Data#|Age";
    case DEMO_KIND_SECRET:
        return "Name|Type|Data#|Age";
    case DEMO_KIND_PVC:
        return "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|"
               "VolumeMode*";
    case DEMO_KIND_SERVICEACCOUNT:
        return "Name|Secrets#|Age";
    case DEMO_KIND_DEPLOYMENT:
        return "Name|Ready|Up-to-date#|Available#|Age|Containers*|Images*|Selector*";
    case DEMO_KIND_REPLICASET:
        return "Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*";
    case DEMO_KIND_STATEFULSET:
        return "Name|Ready|Age|Containers*|Images*";
    case DEMO_KIND_DAEMONSET:
        return "Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|"
               "Containers*|Images*|Selector*";
    case DEMO_KIND_JOB:
        return "Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*";
    case DEMO_KIND_CRONJOB:
        return "Name|Schedule|Timezone|Suspend|Active#|Last Schedule|Age|Containers*|Images*|"
               "Selector*";
    case DEMO_KIND_RESOURCEQUOTA:
        return "Name|Request|Limit|Age";
    case DEMO_KIND_NETWORKPOLICY:
        return "Name|Pod-Selector|Age";
    case DEMO_KIND_LIMITRANGE:
        return "Name|Created At";
    case DEMO_KIND_STORAGECLASS:
        return "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age";
    case DEMO_KIND_POD:
    case DEMO_KIND_EVENT:
    case DEMO_KIND_COUNT:
        break;
    }
    return "Name|Age";
}

/* --- reading --- */

static json_int_t
number(const json_t *object, const char *member, json_int_t missing)
{
    const json_t *value = get(object, member);
    return json_is_integer(value) ? json_integer_value(value) : missing;
}

static int64_t
time_of(const json_t *object, const char *member)
{
    const char *value = text(object, member);
    int64_t wall_ms = IW_TIME_NONE;
    if (!value[0] || rfc3339_parse(value, strlen(value), &wall_ms, NULL) != IW_OK)
        return IW_TIME_NONE;
    return wall_ms;
}

/* --- cells --- */

static void
add(json_t *row, const char *value)
{
    json_array_append_new(row, json_string(value));
}

static void
add_or(json_t *row, const char *value, const char *missing)
{
    add(row, value[0] ? value : missing);
}

static void
add_number(json_t *row, json_int_t value)
{
    json_array_append_new(row, json_integer(value));
}

static void
add_since(json_t *row, int64_t wall_ms, int64_t now_wall_ms)
{
    char age[32] = "<unknown>";
    if (wall_ms != IW_TIME_NONE)
        duration_human(now_wall_ms - wall_ms, age);
    add(row, age);
}

static void
add_age(json_t *row, const json_t *object, int64_t now_wall_ms)
{
    add_since(row, time_of(get(object, "metadata"), "creationTimestamp"), now_wall_ms);
}

static void
add_text(json_t *row, struct strbuf *out, const char *missing)
{
    add_or(row, out->len ? out->data : "", missing);
    strbuf_free(out);
}

/* "a=b,c=d" */
static void
add_pairs(json_t *row, const json_t *pairs)
{
    struct strbuf out;
    strbuf_init(&out, 8192);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)pairs, key, value)
    {
        strbuf_addf(&out, "%s%s=%s", out.len ? "," : "", key,
                    json_string_value(value) ? json_string_value(value) : "");
    }
    add_text(row, &out, "<none>");
}

static void
add_members(json_t *row, const json_t *list, const char *member, const char *missing)
{
    struct strbuf out;
    strbuf_init(&out, 8192);
    for (size_t i = 0; i < json_array_size(list); i++)
        strbuf_addf(&out, "%s%s", i ? "," : "", text(json_array_get(list, i), member));
    add_text(row, &out, missing);
}

static void
add_template(json_t *row, const json_t *spec, bool selector)
{
    const json_t *containers = get(get(get(spec, "template"), "spec"), "containers");
    add_members(row, containers, "name", "");
    add_members(row, containers, "image", "");
    if (selector)
        add_pairs(row, get(get(spec, "selector"), "matchLabels"));
}

static void
add_ratio(json_t *row, json_int_t part, json_int_t whole)
{
    json_array_append_new(row, json_sprintf("%lld/%lld", (long long)part, (long long)whole));
}

/* --- kinds --- */

static void
service_row(json_t *row, const json_t *service, int64_t now_wall_ms)
{
    const json_t *spec = get(service, "spec");
    struct strbuf ports;
    strbuf_init(&ports, 4096);
    size_t i;
    json_t *port;
    json_array_foreach((json_t *)get(spec, "ports"), i, port)
    {
        const char *protocol = text(port, "protocol")[0] ? text(port, "protocol") : "TCP";
        strbuf_addf(&ports, "%s%lld", i ? "," : "", (long long)number(port, "port", 0));
        if (get(port, "nodePort"))
            strbuf_addf(&ports, ":%lld", (long long)number(port, "nodePort", 0));
        strbuf_addf(&ports, "/%s", protocol);
    }
    add_or(row, text(spec, "type"), "ClusterIP");
    add_or(row, text(spec, "clusterIP"), "<none>");
    bool balancer = strcmp(text(spec, "type"), "LoadBalancer") == 0;
    bool external = strcmp(text(spec, "type"), "ExternalName") == 0;
    add_or(row, external ? text(spec, "externalName") : "", balancer ? "<pending>" : "<none>");
    add_text(row, &ports, "<none>");
    add_age(row, service, now_wall_ms);
    add_pairs(row, get(spec, "selector"));
}

static void
slice_row(json_t *row, const json_t *slice, int64_t now_wall_ms)
{
    struct strbuf ports, addresses;
    strbuf_init(&ports, 4096);
    strbuf_init(&addresses, 4096);
    const json_t *endpoints = get(slice, "endpoints");
    for (size_t i = 0; i < json_array_size(get(slice, "ports")); i++)
        strbuf_addf(&ports, "%s%lld", i ? "," : "",
                    (long long)number(json_array_get(get(slice, "ports"), i), "port", 0));
    for (size_t i = 0; i < json_array_size(endpoints) && i < 3; i++) {
        const char *address =
            json_string_value(json_array_get(get(json_array_get(endpoints, i), "addresses"), 0));
        strbuf_addf(&addresses, "%s%s", i ? "," : "", address ? address : "");
    }
    if (json_array_size(endpoints) > 3)
        strbuf_addf(&addresses, " + %zu more...", json_array_size(endpoints) - 3);
    add(row, text(slice, "addressType"));
    add_text(row, &ports, "<unset>");
    add_text(row, &addresses, "<unset>");
    add_age(row, slice, now_wall_ms);
}

static void
node_row(json_t *row, const json_t *node, int64_t now_wall_ms)
{
    const json_t *info = get(get(node, "status"), "nodeInfo");
    const json_t *addresses = get(get(node, "status"), "addresses");
    bool control =
        get(get(get(node, "metadata"), "labels"), "node-role.kubernetes.io/control-plane") != NULL;
    bool ready = true;
    const char *ip = "";
    for (size_t i = 0; i < json_array_size(get(get(node, "status"), "conditions")); i++) {
        const json_t *condition = json_array_get(get(get(node, "status"), "conditions"), i);
        if (strcmp(text(condition, "type"), "Ready") == 0)
            ready = strcmp(text(condition, "status"), "True") == 0;
    }
    for (size_t i = 0; i < json_array_size(addresses); i++) {
        if (strcmp(text(json_array_get(addresses, i), "type"), "InternalIP") == 0)
            ip = text(json_array_get(addresses, i), "address");
    }
    add(row, ready ? "Ready" : "NotReady");
    add(row, control ? "control-plane" : "<none>");
    add_age(row, node, now_wall_ms);
    add(row, text(info, "kubeletVersion"));
    add_or(row, ip, "<none>");
    add(row, "<none>");
    add(row, text(info, "osImage"));
    add(row, text(info, "kernelVersion"));
    add(row, text(info, "containerRuntimeVersion"));
}

static const char *
access_mode(const char *mode)
{
    return strcmp(mode, "ReadWriteOnce") == 0      ? "RWO"
           : strcmp(mode, "ReadOnlyMany") == 0     ? "ROX"
           : strcmp(mode, "ReadWriteMany") == 0    ? "RWX"
           : strcmp(mode, "ReadWriteOncePod") == 0 ? "RWOP"
                                                   : mode;
}

static void
claim_row(json_t *row, const json_t *claim, int64_t now_wall_ms)
{
    const json_t *spec = get(claim, "spec"), *status = get(claim, "status");
    bool bound = strcmp(text(status, "phase"), "Bound") == 0;
    const char *capacity = text(get(status, "capacity"), "storage");
    if (bound && !capacity[0])
        capacity = text(get(get(spec, "resources"), "requests"), "storage");
    struct strbuf modes;
    strbuf_init(&modes, 256);
    for (size_t i = 0; bound && i < json_array_size(get(spec, "accessModes")); i++) {
        const char *mode = json_string_value(json_array_get(get(spec, "accessModes"), i));
        strbuf_addf(&modes, "%s%s", i ? "," : "", access_mode(mode ? mode : ""));
    }
    add(row, text(status, "phase"));
    add(row, text(spec, "volumeName"));
    add(row, bound ? capacity : "");
    add_text(row, &modes, "");
    add(row, text(spec, "storageClassName"));
    add(row, "<unset>");
    add_age(row, claim, now_wall_ms);
    add_or(row, text(spec, "volumeMode"), "Filesystem");
}

static const json_t *
condition(const json_t *status, const char *type)
{
    for (size_t i = 0; i < json_array_size(get(status, "conditions")); i++) {
        const json_t *entry = json_array_get(get(status, "conditions"), i);
        if (strcmp(text(entry, "type"), type) == 0 && strcmp(text(entry, "status"), "True") == 0)
            return entry;
    }
    return NULL;
}

static void
job_row(json_t *row, const json_t *job, int64_t now_wall_ms)
{
    const json_t *spec = get(job, "spec"), *status = get(job, "status");
    const char *state = condition(status, "Complete")        ? "Complete"
                        : condition(status, "Failed")        ? "Failed"
                        : json_is_true(get(spec, "suspend")) ? "Suspended"
                                                             : "Running";
    int64_t start_ms = time_of(status, "startTime"), end_ms = time_of(status, "completionTime");
    add(row, state);
    add_ratio(row, number(status, "succeeded", 0), number(spec, "completions", 1));
    if (start_ms == IW_TIME_NONE)
        add(row, "");
    else
        add_since(row, start_ms, end_ms == IW_TIME_NONE ? now_wall_ms : end_ms);
    add_age(row, job, now_wall_ms);
    add_template(row, spec, true);
}

static void
cron_row(json_t *row, const json_t *cron, int64_t now_wall_ms)
{
    const json_t *spec = get(cron, "spec"), *status = get(cron, "status");
    int64_t last_ms = time_of(status, "lastScheduleTime");
    add(row, text(spec, "schedule"));
    add_or(row, text(spec, "timeZone"), "<none>");
    add(row, json_is_true(get(spec, "suspend")) ? "True" : "False");
    add_number(row, (json_int_t)json_array_size(get(status, "active")));
    if (last_ms == IW_TIME_NONE)
        add(row, "<none>");
    else
        add_since(row, last_ms, now_wall_ms);
    add_age(row, cron, now_wall_ms);
    add_template(row, get(get(spec, "jobTemplate"), "spec"), false);
    add(row, "<none>");
}

/* "requests.cpu: 100m/1" of one half of a quota. */
static void
add_quota(json_t *row, const json_t *quota, bool limits)
{
    const json_t *hard = get(get(quota, "spec"), "hard"), *used = get(get(quota, "status"), "used");
    struct strbuf out;
    strbuf_init(&out, 8192);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)hard, name, value)
    {
        const char *most = json_string_value(value);
        if ((strncmp(name, "limits.", 7) == 0) == limits)
            strbuf_addf(&out, "%s%s: %s/%s", out.len ? ", " : "", name,
                        text(used, name)[0] ? text(used, name) : "0", most ? most : "");
    }
    add_text(row, &out, "");
}

static void
owner_row(json_t *row, enum demo_kind kind, const json_t *object, int64_t now_wall_ms)
{
    const json_t *spec = get(object, "spec"), *status = get(object, "status");
    json_int_t wanted = number(spec, "replicas", 1), ready = number(status, "readyReplicas", 0);
    if (kind == DEMO_KIND_REPLICASET) {
        add_number(row, wanted);
        add_number(row, number(status, "replicas", 0));
        add_number(row, ready);
    } else {
        add_ratio(row, ready, wanted);
    }
    if (kind == DEMO_KIND_DEPLOYMENT) {
        add_number(row, number(status, "updatedReplicas", 0));
        add_number(row, number(status, "availableReplicas", 0));
    }
    add_age(row, object, now_wall_ms);
    add_template(row, spec, kind != DEMO_KIND_STATEFULSET);
}

static void
daemon_row(json_t *row, const json_t *object, int64_t now_wall_ms)
{
    static const char *const numbers[] = {"desiredNumberScheduled", "currentNumberScheduled",
                                          "numberReady", "updatedNumberScheduled",
                                          "numberAvailable"};
    const json_t *spec = get(object, "spec");
    for (size_t i = 0; i < IW_COUNTOF(numbers); i++)
        add_number(row, number(get(object, "status"), numbers[i], 0));
    add_pairs(row, get(get(get(spec, "template"), "spec"), "nodeSelector"));
    add_age(row, object, now_wall_ms);
    add_template(row, spec, true);
}

static void
class_row(json_t *row, const json_t *object, int64_t now_wall_ms)
{
    const json_t *annotations = get(get(object, "metadata"), "annotations");
    const char *by_default = text(annotations, DEMO_DEFAULT_CLASS);
    if (strcmp(by_default, "true") == 0)
        json_array_set_new(row, 0,
                           json_sprintf("%s (default)", text(get(object, "metadata"), "name")));
    add(row, text(object, "provisioner"));
    add_or(row, text(object, "reclaimPolicy"), "Delete");
    add_or(row, text(object, "volumeBindingMode"), "Immediate");
    add(row, json_is_true(get(object, "allowVolumeExpansion")) ? "true" : "false");
    add_age(row, object, now_wall_ms);
}

json_t *
cells_kind_row(enum demo_kind kind, const json_t *object, int64_t now_wall_ms)
{
    json_t *row = json_array();
    const json_t *data = get(object, "data");
    add(row, text(get(object, "metadata"), "name"));
    if (kind == DEMO_KIND_SERVICE)
        service_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_ENDPOINTSLICE)
        slice_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_NODE)
        node_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_PVC)
        claim_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_STORAGECLASS)
        class_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_LIMITRANGE)
        add(row, text(get(object, "metadata"), "creationTimestamp"));
    else if (kind == DEMO_KIND_DAEMONSET)
        daemon_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_JOB)
        job_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_CRONJOB)
        cron_row(row, object, now_wall_ms);
    else if (kind == DEMO_KIND_DEPLOYMENT || kind == DEMO_KIND_REPLICASET ||
             kind == DEMO_KIND_STATEFULSET)
        owner_row(row, kind, object, now_wall_ms);
    else {
        if (kind == DEMO_KIND_NAMESPACE)
            add_or(row, text(get(object, "status"), "phase"), "Active");
        if (kind == DEMO_KIND_SECRET)
            add_or(row, text(object, "type"), "Opaque");
        if (kind == DEMO_KIND_SECRET || kind == DEMO_KIND_CONFIGMAP)
            add_number(row, (json_int_t)(json_object_size(data) +
                                         json_object_size(get(object, "binaryData"))));
        if (kind == DEMO_KIND_SERVICEACCOUNT)
            add_number(row, (json_int_t)json_array_size(get(object, "secrets")));
        if (kind == DEMO_KIND_RESOURCEQUOTA) {
            add_quota(row, object, false);
            add_quota(row, object, true);
        }
        if (kind == DEMO_KIND_NETWORKPOLICY)
            add_pairs(row, get(get(get(object, "spec"), "podSelector"), "matchLabels"));
        add_age(row, object, now_wall_ms);
    }
    return row;
}
