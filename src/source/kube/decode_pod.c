/* decode_pod: a Pod object into a sealed record.
 *
 * The draft borrows every string from the JSON tree and keeps its arrays in one arena; pod_seal
 * copies what is kept. Values of environment variables are never read. Ref: api/core/v1 types.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/source/decode.h"

#include "decode_container.h"

#define DEFAULT_CONTAINER_ANNOTATION "kubectl.kubernetes.io/default-container"

static int
decode_label_order(const void *a, const void *b)
{
    return strcmp(((const struct pod_label *)a)->key, ((const struct pod_label *)b)->key);
}

/* A map of strings, sorted by key. */
static const struct pod_label *
decode_map(struct decoder *d, const struct node *parent, const char *key, uint32_t *count)
{
    struct node map = field_object(d, parent, key);
    struct pod_label *labels = DRAFT_ARRAY(d, struct pod_label, json_object_size(map.json));
    *count = 0;
    if (!labels)
        return NULL;
    for (void *at = json_object_iter((json_t *)map.json); at;
         at = json_object_iter_next((json_t *)map.json, at)) {
        struct pod_label *label = &labels[(*count)++];
        label->key = json_object_iter_key(at);
        label->value = field_string(d, &map, label->key);
    }
    qsort(labels, *count, sizeof(*labels), decode_label_order);
    return labels;
}

static void
decode_owner(struct decoder *d, const struct node *metadata, struct pod *pod)
{
    size_t count;
    struct node list = field_array(d, metadata, "ownerReferences", &count);
    pod->owner_kind = pod->owner_name = "";
    for (size_t i = 0; i < count; i++) {
        struct node owner = element_object(d, &list, i);
        if (!field_bool(d, &owner, "controller"))
            continue;
        pod->owner_kind = field_string(d, &owner, "kind");
        pod->owner_name = field_string(d, &owner, "name");
        return;
    }
}

static void
decode_metadata(struct decoder *d, const struct node *root, struct pod *pod)
{
    struct node m = field_object(d, root, "metadata");
    struct node annotations = field_object(d, &m, "annotations");
    pod->ns = field_string(d, &m, "namespace");
    pod->name = field_string(d, &m, "name");
    pod->uid = field_string(d, &m, "uid");
    pod->resource_version = field_string(d, &m, "resourceVersion");
    pod->created_ms = field_time(d, &m, "creationTimestamp");
    pod->deletion_ms = field_time(d, &m, "deletionTimestamp");
    pod->deletion_grace_s = field_int64(d, &m, "deletionGracePeriodSeconds", -1);
    pod->default_container = field_string(d, &annotations, DEFAULT_CONTAINER_ANNOTATION);
    pod->labels = decode_map(d, &m, "labels", &pod->label_count);
    decode_owner(d, &m, pod);
}

/* One string member of each element. */
static const char *const *
decode_members(struct decoder *d, const struct node *parent, const char *key, const char *member,
               uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, parent, key, &len);
    const char **texts = DRAFT_ARRAY(d, const char *, len);
    *count = texts ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++) {
        struct node element = element_object(d, &list, i);
        texts[i] = field_string(d, &element, member);
    }
    return texts;
}

/* A volume is {name, KIND: {...}}: the kind is the member that is not the name. */
static struct pod_volume
decode_volume(struct decoder *d, const struct node *n)
{
    static const struct {
        const char *kind, *ref;
    } named[] = {
        {"configMap", "name"},
        {"secret", "secretName"},
        {"persistentVolumeClaim", "claimName"},
    };
    struct pod_volume volume = {.name = field_string(d, n, "name"), .kind = "", .ref = ""};
    for (void *at = n->json ? json_object_iter((json_t *)n->json) : NULL; at;
         at = json_object_iter_next((json_t *)n->json, at)) {
        const char *key = json_object_iter_key(at);
        if (strcmp(key, "name") != 0 && json_is_object(json_object_iter_value(at)))
            volume.kind = key;
    }
    for (size_t i = 0; i < IW_COUNTOF(named); i++) {
        if (strcmp(volume.kind, named[i].kind) != 0)
            continue;
        struct node source = field_object(d, n, named[i].kind);
        volume.ref = field_string(d, &source, named[i].ref);
        volume.optional = field_bool(d, &source, "optional");
    }
    return volume;
}

static void
decode_volumes(struct decoder *d, const struct node *spec, struct pod *pod)
{
    size_t len;
    struct node list = field_array(d, spec, "volumes", &len);
    struct pod_volume *volumes = DRAFT_ARRAY(d, struct pod_volume, len);
    pod->volumes = volumes;
    pod->volume_count = volumes ? (uint32_t)len : 0;
    for (size_t i = 0; i < pod->volume_count; i++) {
        struct node element = element_object(d, &list, i);
        volumes[i] = decode_volume(d, &element);
    }
}

static void
decode_tolerations(struct decoder *d, const struct node *spec, struct pod *pod)
{
    size_t len;
    struct node list = field_array(d, spec, "tolerations", &len);
    struct pod_toleration *tolerations = DRAFT_ARRAY(d, struct pod_toleration, len);
    pod->tolerations = tolerations;
    pod->toleration_count = tolerations ? (uint32_t)len : 0;
    for (size_t i = 0; i < pod->toleration_count; i++) {
        struct node t = element_object(d, &list, i);
        tolerations[i] = (struct pod_toleration){
            .key = field_string(d, &t, "key"),
            .op = field_string(d, &t, "operator"),
            .value = field_string(d, &t, "value"),
            .effect = field_string(d, &t, "effect"),
            .seconds = field_int64(d, &t, "tolerationSeconds", -1),
        };
    }
}

/* What it asks of a node. */
static void
decode_placement(struct decoder *d, const struct node *spec, struct pod *pod)
{
    struct node affinity = field_object(d, spec, "affinity");
    struct node of_node = field_object(d, &affinity, "nodeAffinity");
    struct node required =
        field_object(d, &of_node, "requiredDuringSchedulingIgnoredDuringExecution");
    pod->node_affinity = node_present(&required);
    pod->node_selector = decode_map(d, spec, "nodeSelector", &pod->node_selector_count);
    decode_tolerations(d, spec, pod);
}

static void
decode_spec(struct decoder *d, const struct node *spec, struct pod *pod)
{
    const char *account = field_string(d, spec, "serviceAccountName");
    struct node resources = field_object(d, spec, "resources");
    pod->node = field_string(d, spec, "nodeName");
    pod->restart_policy = field_string(d, spec, "restartPolicy");
    pod->scheduler = field_string(d, spec, "schedulerName");
    pod->service_account = account[0] ? account : field_string(d, spec, "serviceAccount");
    pod->priority_class = field_string(d, spec, "priorityClassName");
    pod->host_network = field_bool(d, spec, "hostNetwork");
    pod->grace_s = field_int64(d, spec, "terminationGracePeriodSeconds", -1);
    pod->active_deadline_s = field_int64(d, spec, "activeDeadlineSeconds", -1);
    pod->readiness_gates =
        decode_members(d, spec, "readinessGates", "conditionType", &pod->readiness_gate_count);
    pod->scheduling_gates =
        decode_members(d, spec, "schedulingGates", "name", &pod->scheduling_gate_count);
    decode_volumes(d, spec, pod);
    decode_placement(d, spec, pod);
    pod->security = decode_security(d, spec);
    pod->overhead = decode_resources(d, spec, "overhead");
    pod->pod_resources_present = node_present(&resources);
    pod->pod_requests = decode_resources(d, &resources, "requests");
    pod->pod_limits = decode_resources(d, &resources, "limits");
}

static void
decode_conditions(struct decoder *d, const struct node *status, struct pod *pod)
{
    size_t len;
    struct node list = field_array(d, status, "conditions", &len);
    struct pod_condition *conditions = DRAFT_ARRAY(d, struct pod_condition, len);
    pod->conditions = conditions;
    pod->condition_count = conditions ? (uint32_t)len : 0;
    for (size_t i = 0; i < pod->condition_count; i++) {
        struct node c = element_object(d, &list, i);
        conditions[i] = (struct pod_condition){
            .type = field_string(d, &c, "type"),
            .status = field_string(d, &c, "status"),
            .reason = field_string(d, &c, "reason"),
            .message = field_string(d, &c, "message"),
            .transition_ms = field_time(d, &c, "lastTransitionTime"),
        };
    }
}

/* SEMANTICS A.1: podIP wins when both are there; the list alone gives its first. */
static const char *
decode_ip(struct decoder *d, const struct node *status)
{
    size_t count;
    struct node list = field_array(d, status, "podIPs", &count);
    const char *ip = field_string(d, status, "podIP");
    if (ip[0] || count == 0)
        return ip;
    struct node first = element_object(d, &list, 0);
    return field_string(d, &first, "ip");
}

static void
decode_pod_status(struct decoder *d, const struct node *status, struct pod *pod)
{
    struct node resources = field_object(d, status, "resources");
    pod->phase = field_string(d, status, "phase");
    pod->reason = field_string(d, status, "reason");
    pod->message = field_string(d, status, "message");
    pod->qos_class = field_string(d, status, "qosClass");
    pod->nominated_node = field_string(d, status, "nominatedNodeName");
    pod->ip = decode_ip(d, status);
    pod->host_ip = field_string(d, status, "hostIP");
    pod->started_ms = field_time(d, status, "startTime");
    decode_conditions(d, status, pod);
    pod->status_resources_present = node_present(&resources);
    pod->status_requests = decode_resources(d, &resources, "requests");
    pod->status_limits = decode_resources(d, &resources, "limits");
    pod->status_allocated = decode_resources(d, status, "allocatedResources");
}

static void
decode_tags(struct container *containers, size_t count)
{
    static const char letters[CONTAINER_KIND_COUNT] = {
        [CONTAINER_INIT] = 'i',
        [CONTAINER_SIDECAR] = 's',
        [CONTAINER_APP] = 'a',
        [CONTAINER_EPHEMERAL] = 'E',
    };
    unsigned numbers[CONTAINER_KIND_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        struct container *c = &containers[i];
        snprintf(c->tag, sizeof(c->tag), "%c%u", letters[c->kind], ++numbers[c->kind] % 1000000u);
    }
}

static void
decode_containers(struct decoder *d, const struct node *spec, struct pod *pod)
{
    static const char *const keys[LIST_COUNT] = {
        [LIST_INIT] = "initContainers",
        [LIST_APP] = "containers",
        [LIST_EPHEMERAL] = "ephemeralContainers",
    };
    struct node lists[LIST_COUNT];
    size_t counts[LIST_COUNT];
    for (size_t l = 0; l < LIST_COUNT; l++)
        lists[l] = field_array(d, spec, keys[l], &counts[l]);
    size_t total = counts[LIST_INIT] + counts[LIST_APP] + counts[LIST_EPHEMERAL];
    struct container *containers = DRAFT_ARRAY(d, struct container, total);
    if (!containers)
        return;
    pod->containers = containers;
    pod->container_count = (uint32_t)total;
    pod->init_count = (uint32_t)counts[LIST_INIT];
    pod->app_count = (uint32_t)counts[LIST_APP];
    struct container *c = containers;
    for (size_t l = 0; l < LIST_COUNT; l++) {
        for (size_t i = 0; i < counts[l]; i++) {
            struct node element = element_object(d, &lists[l], i);
            decode_container(d, &element, (enum container_list)l, i, c++);
        }
    }
    decode_tags(containers, total);
}

static void
decode_statuses(struct decoder *d, const struct node *status, struct pod *pod)
{
    static const char *const keys[LIST_COUNT] = {
        [LIST_INIT] = "initContainerStatuses",
        [LIST_APP] = "containerStatuses",
        [LIST_EPHEMERAL] = "ephemeralContainerStatuses",
    };
    struct node lists[LIST_COUNT];
    size_t counts[LIST_COUNT];
    for (size_t l = 0; l < LIST_COUNT; l++)
        lists[l] = field_array(d, status, keys[l], &counts[l]);
    size_t total = counts[LIST_INIT] + counts[LIST_APP] + counts[LIST_EPHEMERAL];
    struct container_status *statuses = DRAFT_ARRAY(d, struct container_status, total);
    if (!statuses)
        return;
    pod->statuses = statuses;
    pod->status_count = (uint32_t)total;
    pod->init_status_count = (uint32_t)counts[LIST_INIT];
    pod->app_status_count = (uint32_t)counts[LIST_APP];
    struct container_status *s = statuses;
    for (size_t l = 0; l < LIST_COUNT; l++) {
        for (size_t i = 0; i < counts[l]; i++) {
            struct node element = element_object(d, &lists[l], i);
            decode_container_status(d, &element, (enum container_list)l, s++);
        }
    }
}

/* Statuses belong to containers by name within their list: a kubelet sorts containerStatuses by
 * name. */
static void
decode_join(struct decoder *d, struct pod *pod)
{
    if (d->code != IW_OK)
        return;
    struct container *containers = (struct container *)pod->containers;
    for (size_t i = 0; i < pod->container_count; i++) {
        struct container *c = &containers[i];
        for (size_t k = 0; k < pod->status_count && !c->status; k++)
            if (pod->statuses[k].list == c->list && strcmp(pod->statuses[k].name, c->name) == 0)
                c->status = &pod->statuses[k];
    }
}

enum iw_err
decode_pod(const json_t *object, const char *cluster, struct pod **out, struct iw_error *err)
{
    static struct arena arena;
    if (!json_is_object(object))
        return iw_fail(err, IW_ERR_PARSE, "expected a Pod object");
    if (arena.ceiling_bytes == 0)
        arena_init(&arena, LIMIT_JSON_ARENA_BYTES);
    arena_reset(&arena);
    struct decoder d = {.arena = &arena, .err = err};
    struct node root = node_root(object);
    struct node spec = field_object(&d, &root, "spec");
    struct node status = field_object(&d, &root, "status");
    struct pod draft = {.cluster = cluster ? cluster : ""};
    decode_metadata(&d, &root, &draft);
    decode_spec(&d, &spec, &draft);
    decode_pod_status(&d, &status, &draft);
    decode_containers(&d, &spec, &draft);
    decode_statuses(&d, &status, &draft);
    decode_join(&d, &draft);
    if (d.code != IW_OK)
        return d.code;
    *out = pod_seal(&draft);
    return IW_OK;
}
