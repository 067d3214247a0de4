/* decode_pb_pod: a Pod message into a sealed record.
 *
 * The tables below are the messages: index = field number. Numbers never change once released.
 * Ref: k8s.io/api/core/v1/generated.proto and k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto
 * (v1.35), the message of each table by the name it is given there.
 * Names and texts of the draft are copied to the arena, the rest of the message is passed over.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/source/decode_pb.h"

#include "decode_pb_container.h"
#include "pb_fill.h"

#define DEFAULT_CONTAINER_ANNOTATION "kubectl.kubernetes.io/default-container"

/* --- what the messages become before it is a pod --- */

struct owner {
    const char *kind, *name;
    bool controller;
};
struct status_parts {
    struct container_status status;
    struct container_state last;
    struct requirements resources;
    struct status_resources amounts;
};
struct pod_parts {
    struct pod pod;
    struct pod_label *labels, *node_selector;
    struct security security;
    bool has_security;
    struct owner *owners;
    uint32_t owner_count;
    struct container_parts *containers[LIST_COUNT];
    uint32_t container_counts[LIST_COUNT];
    struct status_parts *statuses[LIST_COUNT];
    uint32_t status_counts[LIST_COUNT];
    struct requirements spec_resources, status_resources;
};

/* --- metadata --- */

static const struct pb_row label_rows[] = {
    /* map<string, string> */
    [1] = PB_AT(PB_WORD, struct pod_label, key),
    [2] = PB_AT(PB_STRING, struct pod_label, value),
};
static const struct pb_message label = PB_MESSAGE("labels", struct pod_label, label_rows);

static const struct pb_row owner_rows[] = {
    [1] = PB_AT(PB_WORD, struct owner, kind),
    [3] = PB_AT(PB_WORD, struct owner, name),
    [6] = PB_AT(PB_BOOL, struct owner, controller),
};
static const struct pb_message owner = PB_MESSAGE("OwnerReference", struct owner, owner_rows);

/* Only one annotation is of use; others can be many kilobytes. */
static void
take_annotation(struct decoder *d, struct pb_span entry, void *member)
{
    if (!pb_equals(pb_bytes(entry, 1), DEFAULT_CONTAINER_ANNOTATION))
        return;
    const char *text = pb_text(d, pb_bytes(entry, 2));
    memcpy(member, &text, sizeof(text));
}

static const struct pb_row object_meta_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_parts, pod.name),
    [3] = PB_AT(PB_WORD, struct pod_parts, pod.ns),
    [5] = PB_AT(PB_STRING, struct pod_parts, pod.uid),
    [6] = PB_AT(PB_STRING, struct pod_parts, pod.resource_version),
    [8] = PB_AT(PB_TIME, struct pod_parts, pod.created_ms),
    [9] = PB_AT(PB_TIME, struct pod_parts, pod.deletion_ms),
    [10] = PB_AT(PB_INT64, struct pod_parts, pod.deletion_grace_s),
    [11] = PB_ITEMS(struct pod_parts, labels, pod.label_count, label),
    [12] = {.kind = PB_CALL,
            .at = offsetof(struct pod_parts, pod.default_container),
            .call = take_annotation},
    [13] = PB_ITEMS(struct pod_parts, owners, owner_count, owner),
};
static const struct pb_message object_meta =
    PB_MESSAGE("ObjectMeta", struct pod_parts, object_meta_rows);

/* --- volumes --- */

static const struct pb_row reference_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_volume, ref),
};
static const struct pb_message reference =
    PB_MESSAGE("LocalObjectReference", struct pod_volume, reference_rows);

static const struct pb_row config_map_volume_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &reference},
    [4] = PB_AT(PB_BOOL, struct pod_volume, optional),
};
static const struct pb_message config_map_volume =
    PB_MESSAGE("ConfigMapVolumeSource", struct pod_volume, config_map_volume_rows);

static const struct pb_row secret_volume_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_volume, ref),
    [4] = PB_AT(PB_BOOL, struct pod_volume, optional),
};
static const struct pb_message secret_volume =
    PB_MESSAGE("SecretVolumeSource", struct pod_volume, secret_volume_rows);

static const struct pb_row claim_volume_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_volume, ref),
};
static const struct pb_message claim_volume =
    PB_MESSAGE("PersistentVolumeClaimVolumeSource", struct pod_volume, claim_volume_rows);

#define VOLUME_KIND(name_, message_)                                                               \
    {                                                                                              \
        .kind = PB_INSIDE, .word = 1 + offsetof(struct pod_volume, kind), .name = (name_),         \
        .message = &(message_)                                                                     \
    }
static const struct pb_row volume_source_rows[] = {
    [1] = VOLUME_KIND("hostPath", pb_nothing),
    [2] = VOLUME_KIND("emptyDir", pb_nothing),
    [3] = VOLUME_KIND("gcePersistentDisk", pb_nothing),
    [4] = VOLUME_KIND("awsElasticBlockStore", pb_nothing),
    [5] = VOLUME_KIND("gitRepo", pb_nothing),
    [6] = VOLUME_KIND("secret", secret_volume),
    [7] = VOLUME_KIND("nfs", pb_nothing),
    [8] = VOLUME_KIND("iscsi", pb_nothing),
    [9] = VOLUME_KIND("glusterfs", pb_nothing),
    [10] = VOLUME_KIND("persistentVolumeClaim", claim_volume),
    [11] = VOLUME_KIND("rbd", pb_nothing),
    [12] = VOLUME_KIND("flexVolume", pb_nothing),
    [13] = VOLUME_KIND("cinder", pb_nothing),
    [14] = VOLUME_KIND("cephfs", pb_nothing),
    [15] = VOLUME_KIND("flocker", pb_nothing),
    [16] = VOLUME_KIND("downwardAPI", pb_nothing),
    [17] = VOLUME_KIND("fc", pb_nothing),
    [18] = VOLUME_KIND("azureFile", pb_nothing),
    [19] = VOLUME_KIND("configMap", config_map_volume),
    [20] = VOLUME_KIND("vsphereVolume", pb_nothing),
    [21] = VOLUME_KIND("quobyte", pb_nothing),
    [22] = VOLUME_KIND("azureDisk", pb_nothing),
    [23] = VOLUME_KIND("photonPersistentDisk", pb_nothing),
    [24] = VOLUME_KIND("portworxVolume", pb_nothing),
    [25] = VOLUME_KIND("scaleIO", pb_nothing),
    [26] = VOLUME_KIND("projected", pb_nothing),
    [27] = VOLUME_KIND("storageos", pb_nothing),
    [28] = VOLUME_KIND("csi", pb_nothing),
    [29] = VOLUME_KIND("ephemeral", pb_nothing),
    [30] = VOLUME_KIND("image", pb_nothing),
};
static const struct pb_message volume_source =
    PB_MESSAGE("VolumeSource", struct pod_volume, volume_source_rows);

static const struct pb_row volume_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_volume, name),
    [2] = {.kind = PB_INSIDE, .message = &volume_source},
};
static const struct pb_message volume = PB_MESSAGE("Volume", struct pod_volume, volume_rows);

/* --- containers --- */

static const struct pb_message container = {
    .name = "Container", .size_bytes = sizeof(struct container_parts), .take = pb_container_take};

static const struct pb_row ephemeral_container_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &pb_container},
};
static const struct pb_message ephemeral_container =
    PB_MESSAGE("EphemeralContainer", struct container_parts, ephemeral_container_rows);

/* --- container statuses --- */

static const struct pb_row waiting_rows[] = {
    [1] = PB_AT(PB_WORD, struct container_state, waiting_reason),
    [2] = PB_AT(PB_STRING, struct container_state, waiting_message),
};
static const struct pb_message waiting =
    PB_MESSAGE("ContainerStateWaiting", struct container_state, waiting_rows);

static const struct pb_row running_rows[] = {
    [1] = PB_AT(PB_TIME, struct container_state, running_since_ms),
};
static const struct pb_message running =
    PB_MESSAGE("ContainerStateRunning", struct container_state, running_rows);

static const struct pb_row terminated_rows[] = {
    [1] = PB_AT(PB_INT32, struct container_end, exit_code),
    [2] = PB_AT(PB_INT32, struct container_end, signal),
    [3] = PB_AT(PB_WORD, struct container_end, reason),
    [4] = PB_AT(PB_STRING, struct container_end, message),
    [5] = PB_AT(PB_TIME, struct container_end, started_ms),
    [6] = PB_AT(PB_TIME, struct container_end, finished_ms),
    [7] = PB_AT(PB_STRING, struct container_end, container_id),
};
static const struct pb_message terminated =
    PB_MESSAGE("ContainerStateTerminated", struct container_end, terminated_rows);

static const struct pb_row state_rows[] = {
    [1] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct container_state, waiting),
           .message = &waiting},
    [2] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct container_state, running),
           .message = &running},
    [3] = PB_PART_FLAG(struct container_state, end, terminated, terminated),
};
static const struct pb_message state =
    PB_MESSAGE("ContainerState", struct container_state, state_rows);

static const struct pb_row container_status_rows[] = {
    [1] = PB_AT(PB_WORD, struct status_parts, status.name),
    [2] = PB_PART(struct status_parts, status.state, state),
    [3] = PB_PART(struct status_parts, last, state),
    [4] = PB_AT(PB_BOOL, struct status_parts, status.ready),
    [5] = PB_AT(PB_INT32, struct status_parts, status.restart_count),
    [6] = PB_AT(PB_WORD, struct status_parts, status.image),
    [7] = PB_AT(PB_WORD, struct status_parts, status.image_id),
    [8] = PB_AT(PB_STRING, struct status_parts, status.container_id),
    [9] = PB_AT(PB_TRISTATE, struct status_parts, status.started),
    [10] = PB_AMOUNTS(struct status_parts, amounts.allocated),
    [11] = PB_PART_FLAG(struct status_parts, resources, status.resources_present, pb_requirements),
};
static const struct pb_message container_status =
    PB_MESSAGE("ContainerStatus", struct status_parts, container_status_rows);

/* --- pod --- */

static const struct pb_row gate_rows[] = {
    [1] = {.kind = PB_STRING},
};
/* PodReadinessGate, PodSchedulingGate */
static const struct pb_message gate = PB_MESSAGE("Gate", const char *, gate_rows);

static const struct pb_row node_affinity_rows[] = {
    [1] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct pod_parts, pod.node_affinity),
           .message = &pb_nothing},
};
static const struct pb_message node_affinity =
    PB_MESSAGE("NodeAffinity", struct pod_parts, node_affinity_rows);

static const struct pb_row affinity_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &node_affinity},
};
static const struct pb_message affinity = PB_MESSAGE("Affinity", struct pod_parts, affinity_rows);

static const struct pb_row toleration_rows[] = {
    [1] = PB_AT(PB_WORD, struct pod_toleration, key),
    [2] = PB_AT(PB_WORD, struct pod_toleration, op),
    [3] = PB_AT(PB_WORD, struct pod_toleration, value),
    [4] = PB_AT(PB_WORD, struct pod_toleration, effect),
    [5] = PB_AT(PB_INT64, struct pod_toleration, seconds),
};
static const struct pb_message toleration =
    PB_MESSAGE("Toleration", struct pod_toleration, toleration_rows);

static const struct pb_row spec_rows[] = {
    [1] = PB_ITEMS(struct pod_parts, pod.volumes, pod.volume_count, volume),
    [2] = PB_ITEMS(struct pod_parts, containers[LIST_APP], container_counts[LIST_APP], container),
    [3] = PB_AT(PB_WORD, struct pod_parts, pod.restart_policy),
    [4] = PB_AT(PB_INT64, struct pod_parts, pod.grace_s),
    [5] = PB_AT(PB_INT64, struct pod_parts, pod.active_deadline_s),
    [7] = PB_ITEMS(struct pod_parts, node_selector, pod.node_selector_count, label),
    [8] = PB_AT(PB_SUBSTITUTE, struct pod_parts, pod.service_account), /* serviceAccountName */
    [9] = PB_AT(PB_FALLBACK, struct pod_parts, pod.service_account),   /* serviceAccount */
    [10] = PB_AT(PB_WORD, struct pod_parts, pod.node),
    [11] = PB_AT(PB_BOOL, struct pod_parts, pod.host_network),
    [14] = PB_PART_FLAG(struct pod_parts, security, has_security, pb_pod_security),
    [18] = {.kind = PB_INSIDE, .message = &affinity},
    [19] = PB_AT(PB_WORD, struct pod_parts, pod.scheduler),
    [20] =
        PB_ITEMS(struct pod_parts, containers[LIST_INIT], container_counts[LIST_INIT], container),
    [22] = PB_ITEMS(struct pod_parts, pod.tolerations, pod.toleration_count, toleration),
    [24] = PB_AT(PB_WORD, struct pod_parts, pod.priority_class),
    [28] = PB_ITEMS(struct pod_parts, pod.readiness_gates, pod.readiness_gate_count, gate),
    [32] = PB_AMOUNTS(struct pod_parts, pod.overhead),
    [34] = PB_ITEMS(struct pod_parts, containers[LIST_EPHEMERAL], container_counts[LIST_EPHEMERAL],
                    ephemeral_container),
    [38] = PB_ITEMS(struct pod_parts, pod.scheduling_gates, pod.scheduling_gate_count, gate),
    [40] =
        PB_PART_FLAG(struct pod_parts, spec_resources, pod.pod_resources_present, pb_requirements),
};
static const struct pb_message spec = PB_MESSAGE("PodSpec", struct pod_parts, spec_rows);

static const struct pb_row condition_rows[] = {
    [1] = PB_AT(PB_WORD, struct pod_condition, type),
    [2] = PB_AT(PB_WORD, struct pod_condition, status),
    [4] = PB_AT(PB_TIME, struct pod_condition, transition_ms),
    [5] = PB_AT(PB_WORD, struct pod_condition, reason),
    [6] = PB_AT(PB_STRING, struct pod_condition, message),
};
static const struct pb_message condition =
    PB_MESSAGE("PodCondition", struct pod_condition, condition_rows);

/* The first of podIPs; SEMANTICS A.1: podIP wins when both are there. */
static const struct pb_row pod_ip_rows[] = {
    [1] = PB_AT(PB_FALLBACK, struct pod_parts, pod.ip),
};
static const struct pb_message pod_ip = PB_MESSAGE("PodIP", struct pod_parts, pod_ip_rows);

static const struct pb_row status_rows[] = {
    [1] = PB_AT(PB_WORD, struct pod_parts, pod.phase),
    [2] = PB_ITEMS(struct pod_parts, pod.conditions, pod.condition_count, condition),
    [3] = PB_AT(PB_STRING, struct pod_parts, pod.message),
    [4] = PB_AT(PB_WORD, struct pod_parts, pod.reason),
    [5] = PB_AT(PB_WORD, struct pod_parts, pod.host_ip),
    [6] = PB_AT(PB_SUBSTITUTE, struct pod_parts, pod.ip),
    [7] = PB_AT(PB_TIME, struct pod_parts, pod.started_ms),
    [8] = PB_ITEMS(struct pod_parts, statuses[LIST_APP], status_counts[LIST_APP], container_status),
    [9] = PB_AT(PB_WORD, struct pod_parts, pod.qos_class),
    [10] =
        PB_ITEMS(struct pod_parts, statuses[LIST_INIT], status_counts[LIST_INIT], container_status),
    [11] = PB_AT(PB_WORD, struct pod_parts, pod.nominated_node),
    [12] = {.kind = PB_INSIDE, .message = &pod_ip},
    [13] = PB_ITEMS(struct pod_parts, statuses[LIST_EPHEMERAL], status_counts[LIST_EPHEMERAL],
                    container_status),
    [19] = PB_AMOUNTS(struct pod_parts, pod.status_allocated),
    [20] = PB_PART_FLAG(struct pod_parts, status_resources, pod.status_resources_present,
                        pb_requirements),
};
static const struct pb_message status = PB_MESSAGE("PodStatus", struct pod_parts, status_rows);

static const struct pb_row pod_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &object_meta},
    [2] = {.kind = PB_INSIDE, .message = &spec},
    [3] = {.kind = PB_INSIDE, .message = &status},
};
static const struct pb_message pod_message = PB_MESSAGE("Pod", struct pod_parts, pod_rows);

/* --- parts into the draft --- */

static int
label_order(const void *a, const void *b)
{
    return strcmp(((const struct pod_label *)a)->key, ((const struct pod_label *)b)->key);
}

static const struct pod_label *
sort_labels(struct pod_label *labels, uint32_t count)
{
    if (count > 1)
        qsort(labels, count, sizeof(*labels), label_order);
    return labels;
}

static void
finish_metadata(struct pod_parts *p)
{
    p->pod.labels = sort_labels(p->labels, p->pod.label_count);
    p->pod.owner_kind = p->pod.owner_name = "";
    for (uint32_t i = 0; i < p->owner_count; i++) {
        if (!p->owners[i].controller)
            continue;
        p->pod.owner_kind = p->owners[i].kind;
        p->pod.owner_name = p->owners[i].name;
        return;
    }
}

/* The three lists one after the other. Kinds, tags and the statuses of containers are pod_seal's. */
static void
finish_containers(struct decoder *d, struct pod_parts *p)
{
    const uint32_t *counts = p->container_counts;
    size_t total = (size_t)counts[LIST_INIT] + counts[LIST_APP] + counts[LIST_EPHEMERAL];
    struct container *c = DRAFT_ARRAY(d, struct container, total);
    if (!c)
        return;
    p->pod.containers = c;
    p->pod.container_count = (uint32_t)total;
    p->pod.init_count = counts[LIST_INIT];
    p->pod.app_count = counts[LIST_APP];
    for (size_t l = 0; l < LIST_COUNT; l++)
        for (uint32_t i = 0; i < counts[l]; i++) {
            pb_container_finish(d, &p->containers[l][i]);
            *c++ = p->containers[l][i].container;
        }
}

static void
finish_statuses(struct decoder *d, struct pod_parts *p)
{
    const uint32_t *counts = p->status_counts;
    size_t total = (size_t)counts[LIST_INIT] + counts[LIST_APP] + counts[LIST_EPHEMERAL];
    struct container_status *s = DRAFT_ARRAY(d, struct container_status, total);
    if (!s)
        return;
    p->pod.statuses = s;
    p->pod.status_count = (uint32_t)total;
    p->pod.init_status_count = counts[LIST_INIT];
    p->pod.app_status_count = counts[LIST_APP];
    for (size_t l = 0; l < LIST_COUNT; l++) {
        for (uint32_t i = 0; i < counts[l]; i++, s++) {
            struct status_parts *parts = &p->statuses[l][i];
            parts->amounts.requests = parts->resources.requests;
            parts->amounts.limits = parts->resources.limits;
            *s = parts->status;
            s->list = (enum container_list)l;
            s->last = &parts->last;
            s->resources = &parts->amounts;
        }
    }
}

enum iw_err
decode_pod_pb(struct pb_span message, const char *cluster, struct pod **out, struct iw_error *err)
{
    static struct arena arena;
    if (arena.ceiling_bytes == 0)
        arena_init(&arena, LIMIT_JSON_ARENA_BYTES);
    arena_reset(&arena);
    pb_container_tidy();
    struct decoder d = {.arena = &arena, .err = err};
    struct pod_parts p;
    pb_clear(&pod_message, &p);
    p.pod.cluster = cluster ? cluster : "";
    p.pod.default_container = "";
    pb_fill(&d, &pod_message, message, &p);
    if (d.code == IW_OK) {
        p.pod.security = p.has_security ? &p.security : NULL;
        p.pod.node_selector = sort_labels(p.node_selector, p.pod.node_selector_count);
        p.pod.pod_requests = p.spec_resources.requests;
        p.pod.pod_limits = p.spec_resources.limits;
        p.pod.status_requests = p.status_resources.requests;
        p.pod.status_limits = p.status_resources.limits;
        finish_metadata(&p);
        finish_containers(&d, &p);
        finish_statuses(&d, &p);
    }
    if (d.code != IW_OK)
        return d.code;
    *out = pod_seal(&p.pod);
    return IW_OK;
}
