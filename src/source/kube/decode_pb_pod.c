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

#include "draft_probe.h"
#include "pb_fill.h"

#define DEFAULT_CONTAINER_ANNOTATION "kubectl.kubernetes.io/default-container"

/* --- what the messages become before it is a pod --- */

struct owner {
    const char *kind, *name;
    bool controller;
};
struct requirements {
    struct resource_list limits, requests;
};
/* An element of env or envFrom: it can name a ConfigMap and a Secret. */
struct env_refs {
    bool has_config_map, has_secret;
    struct container_ref config_map, secret;
};
struct port_number {
    bool present;
    int32_t type, number; /* type 1: the text counts */
    const char *text;
};
struct probe_parts {
    bool present, has_exec, has_http, has_tcp, has_grpc;
    struct probe numbers;
    const char *const *command;
    uint32_t command_count;
    const char *path, *host, *scheme, *tcp_host, *service;
    struct port_number http_port, tcp_port;
    bool has_grpc_port;
    int32_t grpc_port;
};
struct container_parts {
    struct container container;
    struct probe_parts startup, readiness, liveness;
    struct env_refs *env, *env_from;
    uint32_t env_count, env_from_count;
    struct requirements resources;
};
struct status_parts {
    struct container_status status;
    struct container_state last;
    struct requirements resources;
    struct status_resources amounts;
};
struct pod_parts {
    struct pod pod;
    struct pod_label *labels;
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
    [1] = PB_AT(PB_STRING, struct pod_label, key),
    [2] = PB_AT(PB_STRING, struct pod_label, value),
};
static const struct pb_message label = PB_MESSAGE("labels", struct pod_label, label_rows);

static const struct pb_row owner_rows[] = {
    [1] = PB_AT(PB_STRING, struct owner, kind),
    [3] = PB_AT(PB_STRING, struct owner, name),
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
    [3] = PB_AT(PB_STRING, struct pod_parts, pod.ns),
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

/* --- resources --- */

static const struct pb_row requirements_rows[] = {
    [1] = PB_AMOUNTS(struct requirements, limits),
    [2] = PB_AMOUNTS(struct requirements, requests),
};
static const struct pb_message requirements =
    PB_MESSAGE("ResourceRequirements", struct requirements, requirements_rows);

/* --- volumes --- */

static const struct pb_message nothing = {.name = "VolumeSource", .plan = &(struct pb_plan){0}};

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
    [1] = VOLUME_KIND("hostPath", nothing),
    [2] = VOLUME_KIND("emptyDir", nothing),
    [3] = VOLUME_KIND("gcePersistentDisk", nothing),
    [4] = VOLUME_KIND("awsElasticBlockStore", nothing),
    [5] = VOLUME_KIND("gitRepo", nothing),
    [6] = VOLUME_KIND("secret", secret_volume),
    [7] = VOLUME_KIND("nfs", nothing),
    [8] = VOLUME_KIND("iscsi", nothing),
    [9] = VOLUME_KIND("glusterfs", nothing),
    [10] = VOLUME_KIND("persistentVolumeClaim", claim_volume),
    [11] = VOLUME_KIND("rbd", nothing),
    [12] = VOLUME_KIND("flexVolume", nothing),
    [13] = VOLUME_KIND("cinder", nothing),
    [14] = VOLUME_KIND("cephfs", nothing),
    [15] = VOLUME_KIND("flocker", nothing),
    [16] = VOLUME_KIND("downwardAPI", nothing),
    [17] = VOLUME_KIND("fc", nothing),
    [18] = VOLUME_KIND("azureFile", nothing),
    [19] = VOLUME_KIND("configMap", config_map_volume),
    [20] = VOLUME_KIND("vsphereVolume", nothing),
    [21] = VOLUME_KIND("quobyte", nothing),
    [22] = VOLUME_KIND("azureDisk", nothing),
    [23] = VOLUME_KIND("photonPersistentDisk", nothing),
    [24] = VOLUME_KIND("portworxVolume", nothing),
    [25] = VOLUME_KIND("scaleIO", nothing),
    [26] = VOLUME_KIND("projected", nothing),
    [27] = VOLUME_KIND("storageos", nothing),
    [28] = VOLUME_KIND("csi", nothing),
    [29] = VOLUME_KIND("ephemeral", nothing),
    [30] = VOLUME_KIND("image", nothing),
};
static const struct pb_message volume_source =
    PB_MESSAGE("VolumeSource", struct pod_volume, volume_source_rows);

static const struct pb_row volume_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_volume, name),
    [2] = {.kind = PB_INSIDE, .message = &volume_source},
};
static const struct pb_message volume = PB_MESSAGE("Volume", struct pod_volume, volume_rows);

/* --- containers --- */

static const struct pb_row port_rows[] = {
    [1] = PB_AT(PB_STRING, struct container_port, name),
    [3] = PB_AT(PB_INT32, struct container_port, port),
    [4] = PB_AT(PB_STRING, struct container_port, protocol),
};
static const struct pb_message port = PB_MESSAGE("ContainerPort", struct container_port, port_rows);

static const struct pb_row mount_rows[] = {
    [1] = PB_AT(PB_STRING, struct container_mount, volume),
    [2] = PB_AT(PB_BOOL, struct container_mount, read_only),
    [3] = PB_AT(PB_STRING, struct container_mount, path),
    [4] = PB_AT(PB_FALLBACK, struct container_mount, sub_path),   /* subPath */
    [6] = PB_AT(PB_SUBSTITUTE, struct container_mount, sub_path), /* subPathExpr */
};
static const struct pb_message mount =
    PB_MESSAGE("VolumeMount", struct container_mount, mount_rows);

static const struct pb_row ref_name_rows[] = {
    [1] = PB_AT(PB_STRING, struct container_ref, name),
};
static const struct pb_message ref_name =
    PB_MESSAGE("LocalObjectReference", struct container_ref, ref_name_rows);

static const struct pb_row key_selector_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &ref_name},
    [2] = PB_AT(PB_STRING, struct container_ref, key),
    [3] = PB_AT(PB_BOOL, struct container_ref, optional),
};
/* ConfigMapKeySelector, SecretKeySelector */
static const struct pb_message key_selector =
    PB_MESSAGE("KeySelector", struct container_ref, key_selector_rows);

static const struct pb_row env_source_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &ref_name},
    [2] = PB_AT(PB_BOOL, struct container_ref, optional),
};
/* ConfigMapEnvSource, SecretEnvSource */
static const struct pb_message env_source =
    PB_MESSAGE("EnvSource", struct container_ref, env_source_rows);

static const struct pb_row env_from_rows[] = {
    [2] = PB_PART_FLAG(struct env_refs, config_map, has_config_map, env_source),
    [3] = PB_PART_FLAG(struct env_refs, secret, has_secret, env_source),
};
static const struct pb_message env_from =
    PB_MESSAGE("EnvFromSource", struct env_refs, env_from_rows);

static const struct pb_row env_value_from_rows[] = {
    [3] = PB_PART_FLAG(struct env_refs, config_map, has_config_map, key_selector),
    [4] = PB_PART_FLAG(struct env_refs, secret, has_secret, key_selector),
};
static const struct pb_message env_value_from =
    PB_MESSAGE("EnvVarSource", struct env_refs, env_value_from_rows);

static const struct pb_row env_var_rows[] = {
    /* 2, the value, is not read: it can be a secret */
    [3] = {.kind = PB_INSIDE, .message = &env_value_from},
};
static const struct pb_message env_var = PB_MESSAGE("EnvVar", struct env_refs, env_var_rows);

static const struct pb_row exit_codes_rows[] = {
    [1] = PB_AT(PB_STRING, struct restart_rule, op),
    [2] = PB_ARRAY(PB_INT32S, struct restart_rule, codes, code_count),
};
static const struct pb_message exit_codes =
    PB_MESSAGE("ContainerRestartRuleOnExitCodes", struct restart_rule, exit_codes_rows);

static const struct pb_row restart_rule_rows[] = {
    [1] = PB_AT(PB_STRING, struct restart_rule, action),
    [2] = {.kind = PB_INSIDE, .message = &exit_codes},
};
static const struct pb_message restart_rule =
    PB_MESSAGE("ContainerRestartRule", struct restart_rule, restart_rule_rows);

static const struct pb_row lifecycle_rows[] = {
    [1] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct container, post_start),
           .message = &nothing},
    [2] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct container, pre_stop),
           .message = &nothing},
};
static const struct pb_message lifecycle =
    PB_MESSAGE("Lifecycle", struct container, lifecycle_rows);

/* --- probes --- */

/* Ref: apimachinery/pkg/util/intstr/generated.proto. */
static const struct pb_row int_or_string_rows[] = {
    [1] = PB_AT(PB_INT32, struct port_number, type),
    [2] = PB_AT(PB_INT32, struct port_number, number),
    [3] = PB_AT(PB_STRING, struct port_number, text),
};
static const struct pb_message int_or_string =
    PB_MESSAGE("IntOrString", struct port_number, int_or_string_rows);

static const struct pb_row exec_rows[] = {
    [1] = PB_ARRAY(PB_STRINGS, struct probe_parts, command, command_count),
};
static const struct pb_message exec = PB_MESSAGE("ExecAction", struct probe_parts, exec_rows);

static const struct pb_row http_rows[] = {
    [1] = PB_AT(PB_STRING, struct probe_parts, path),
    [2] = PB_PART_FLAG(struct probe_parts, http_port, http_port.present, int_or_string),
    [3] = PB_AT(PB_STRING, struct probe_parts, host),
    [4] = PB_AT(PB_STRING, struct probe_parts, scheme),
};
static const struct pb_message http = PB_MESSAGE("HTTPGetAction", struct probe_parts, http_rows);

static const struct pb_row tcp_rows[] = {
    [1] = PB_PART_FLAG(struct probe_parts, tcp_port, tcp_port.present, int_or_string),
    [2] = PB_AT(PB_STRING, struct probe_parts, tcp_host),
};
static const struct pb_message tcp = PB_MESSAGE("TCPSocketAction", struct probe_parts, tcp_rows);

static const struct pb_row grpc_rows[] = {
    [1] = {.kind = PB_INT32,
           .at = offsetof(struct probe_parts, grpc_port),
           .flag = 1 + offsetof(struct probe_parts, has_grpc_port)},
    [2] = PB_AT(PB_STRING, struct probe_parts, service),
};
static const struct pb_message grpc = PB_MESSAGE("GRPCAction", struct probe_parts, grpc_rows);

#define PROBE_HANDLER(flag_, message_)                                                             \
    {                                                                                              \
        .kind = PB_INSIDE, .flag = 1 + offsetof(struct probe_parts, flag_), .message = &(message_) \
    }
static const struct pb_row probe_handler_rows[] = {
    [1] = PROBE_HANDLER(has_exec, exec),
    [2] = PROBE_HANDLER(has_http, http),
    [3] = PROBE_HANDLER(has_tcp, tcp),
    [4] = PROBE_HANDLER(has_grpc, grpc),
};
static const struct pb_message probe_handler =
    PB_MESSAGE("ProbeHandler", struct probe_parts, probe_handler_rows);

static const struct pb_row probe_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &probe_handler},
    [2] = PB_AT(PB_INT32, struct probe_parts, numbers.initial_delay_s),
    [3] = PB_AT(PB_INT32, struct probe_parts, numbers.timeout_s),
    [4] = PB_AT(PB_INT32, struct probe_parts, numbers.period_s),
    [5] = PB_AT(PB_INT32, struct probe_parts, numbers.success_threshold),
    [6] = PB_AT(PB_INT32, struct probe_parts, numbers.failure_threshold),
    [7] = PB_AT(PB_INT64, struct probe_parts, numbers.grace_s),
};
static const struct pb_message probe = PB_MESSAGE("Probe", struct probe_parts, probe_rows);

/* EphemeralContainerCommon has the same numbers. */
static const struct pb_row container_rows[] = {
    [1] = PB_AT(PB_STRING, struct container_parts, container.name),
    [2] = PB_AT(PB_STRING, struct container_parts, container.image),
    [3] = PB_ARRAY(PB_STRINGS, struct container_parts, container.command, container.command_count),
    [4] = PB_ARRAY(PB_STRINGS, struct container_parts, container.args, container.arg_count),
    [6] = PB_ITEMS(struct container_parts, container.ports, container.port_count, port),
    /* Most variables are a name and a value. */
    [7] = PB_ITEMS_WITH(struct container_parts, env, env_count, env_var, 3),
    [8] = PB_PART(struct container_parts, resources, requirements),
    [9] = PB_ITEMS(struct container_parts, container.mounts, container.mount_count, mount),
    [10] = PB_PART_FLAG(struct container_parts, liveness, liveness.present, probe),
    [11] = PB_PART_FLAG(struct container_parts, readiness, readiness.present, probe),
    [12] = PB_PART(struct container_parts, container, lifecycle),
    [14] = PB_AT(PB_STRING, struct container_parts, container.pull_policy),
    [19] = PB_ITEMS(struct container_parts, env_from, env_from_count, env_from),
    [22] = PB_PART_FLAG(struct container_parts, startup, startup.present, probe),
    [24] = PB_AT(PB_STRING, struct container_parts, container.restart_policy),
    [25] = PB_ITEMS(struct container_parts, container.rules, container.rule_count, restart_rule),
};
static const struct pb_message container =
    PB_MESSAGE("Container", struct container_parts, container_rows);

static const struct pb_row ephemeral_container_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &container},
};
static const struct pb_message ephemeral_container =
    PB_MESSAGE("EphemeralContainer", struct container_parts, ephemeral_container_rows);

/* --- container statuses --- */

static const struct pb_row waiting_rows[] = {
    [1] = PB_AT(PB_STRING, struct container_state, waiting_reason),
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
    [3] = PB_AT(PB_STRING, struct container_end, reason),
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
    [1] = PB_AT(PB_STRING, struct status_parts, status.name),
    [2] = PB_PART(struct status_parts, status.state, state),
    [3] = PB_PART(struct status_parts, last, state),
    [4] = PB_AT(PB_BOOL, struct status_parts, status.ready),
    [5] = PB_AT(PB_INT32, struct status_parts, status.restart_count),
    [6] = PB_AT(PB_STRING, struct status_parts, status.image),
    [7] = PB_AT(PB_STRING, struct status_parts, status.image_id),
    [8] = PB_AT(PB_STRING, struct status_parts, status.container_id),
    [9] = PB_AT(PB_TRISTATE, struct status_parts, status.started),
    [10] = PB_AMOUNTS(struct status_parts, amounts.allocated),
    [11] = PB_PART_FLAG(struct status_parts, resources, status.resources_present, requirements),
};
static const struct pb_message container_status =
    PB_MESSAGE("ContainerStatus", struct status_parts, container_status_rows);

/* --- pod --- */

static const struct pb_row gate_rows[] = {
    [1] = {.kind = PB_STRING},
};
/* PodReadinessGate, PodSchedulingGate */
static const struct pb_message gate = PB_MESSAGE("Gate", const char *, gate_rows);

static const struct pb_row spec_rows[] = {
    [1] = PB_ITEMS(struct pod_parts, pod.volumes, pod.volume_count, volume),
    [2] = PB_ITEMS(struct pod_parts, containers[LIST_APP], container_counts[LIST_APP], container),
    [3] = PB_AT(PB_STRING, struct pod_parts, pod.restart_policy),
    [4] = PB_AT(PB_INT64, struct pod_parts, pod.grace_s),
    [5] = PB_AT(PB_INT64, struct pod_parts, pod.active_deadline_s),
    [8] = PB_AT(PB_SUBSTITUTE, struct pod_parts, pod.service_account), /* serviceAccountName */
    [9] = PB_AT(PB_FALLBACK, struct pod_parts, pod.service_account),   /* serviceAccount */
    [10] = PB_AT(PB_STRING, struct pod_parts, pod.node),
    [11] = PB_AT(PB_BOOL, struct pod_parts, pod.host_network),
    [19] = PB_AT(PB_STRING, struct pod_parts, pod.scheduler),
    [20] =
        PB_ITEMS(struct pod_parts, containers[LIST_INIT], container_counts[LIST_INIT], container),
    [24] = PB_AT(PB_STRING, struct pod_parts, pod.priority_class),
    [28] = PB_ITEMS(struct pod_parts, pod.readiness_gates, pod.readiness_gate_count, gate),
    [32] = PB_AMOUNTS(struct pod_parts, pod.overhead),
    [34] = PB_ITEMS(struct pod_parts, containers[LIST_EPHEMERAL], container_counts[LIST_EPHEMERAL],
                    ephemeral_container),
    [38] = PB_ITEMS(struct pod_parts, pod.scheduling_gates, pod.scheduling_gate_count, gate),
    [40] = PB_PART_FLAG(struct pod_parts, spec_resources, pod.pod_resources_present, requirements),
};
static const struct pb_message spec = PB_MESSAGE("PodSpec", struct pod_parts, spec_rows);

static const struct pb_row condition_rows[] = {
    [1] = PB_AT(PB_STRING, struct pod_condition, type),
    [2] = PB_AT(PB_STRING, struct pod_condition, status),
    [4] = PB_AT(PB_TIME, struct pod_condition, transition_ms),
    [5] = PB_AT(PB_STRING, struct pod_condition, reason),
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
    [1] = PB_AT(PB_STRING, struct pod_parts, pod.phase),
    [2] = PB_ITEMS(struct pod_parts, pod.conditions, pod.condition_count, condition),
    [3] = PB_AT(PB_STRING, struct pod_parts, pod.message),
    [4] = PB_AT(PB_STRING, struct pod_parts, pod.reason),
    [5] = PB_AT(PB_STRING, struct pod_parts, pod.host_ip),
    [6] = PB_AT(PB_SUBSTITUTE, struct pod_parts, pod.ip),
    [7] = PB_AT(PB_TIME, struct pod_parts, pod.started_ms),
    [8] = PB_ITEMS(struct pod_parts, statuses[LIST_APP], status_counts[LIST_APP], container_status),
    [9] = PB_AT(PB_STRING, struct pod_parts, pod.qos_class),
    [10] =
        PB_ITEMS(struct pod_parts, statuses[LIST_INIT], status_counts[LIST_INIT], container_status),
    [11] = PB_AT(PB_STRING, struct pod_parts, pod.nominated_node),
    [12] = {.kind = PB_INSIDE, .message = &pod_ip},
    [13] = PB_ITEMS(struct pod_parts, statuses[LIST_EPHEMERAL], status_counts[LIST_EPHEMERAL],
                    container_status),
    [19] = PB_AMOUNTS(struct pod_parts, pod.status_allocated),
    [20] = PB_PART_FLAG(struct pod_parts, status_resources, pod.status_resources_present,
                        requirements),
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

static void
finish_metadata(struct pod_parts *p)
{
    if (p->pod.label_count > 1)
        qsort(p->labels, p->pod.label_count, sizeof(*p->labels), label_order);
    p->pod.labels = p->labels;
    p->pod.owner_kind = p->pod.owner_name = "";
    for (uint32_t i = 0; i < p->owner_count; i++) {
        if (!p->owners[i].controller)
            continue;
        p->pod.owner_kind = p->owners[i].kind;
        p->pod.owner_name = p->owners[i].name;
        return;
    }
}

static const char *
port_text(struct decoder *d, const struct port_number *n)
{
    if (!n->present)
        return "";
    return n->type == 1 ? n->text : draft_printf(d, "%d", n->number);
}

static const struct probe *
finish_probe(struct decoder *d, const struct probe_parts *p)
{
    struct probe *out = p->present ? DRAFT_ARRAY(d, struct probe, 1) : NULL;
    if (!out)
        return NULL;
    *out = p->numbers;
    out->target = "";
    if (p->has_exec)
        draft_probe_exec(d, p->command, p->command_count, out);
    else if (p->has_http)
        draft_probe_http(d,
                         &(struct draft_http){.path = p->path,
                                              .host = p->host,
                                              .scheme = p->scheme,
                                              .port = port_text(d, &p->http_port)},
                         out);
    else if (p->has_tcp)
        draft_probe_tcp(d, p->tcp_host, port_text(d, &p->tcp_port), out);
    else if (p->has_grpc)
        draft_probe_grpc(d, p->has_grpc_port ? draft_printf(d, "%d", p->grpc_port) : "", p->service,
                         out);
    draft_probe_defaults(out);
    return out;
}

static void
add_refs(const struct env_refs *from, uint32_t count, struct container_ref *refs, uint32_t *len)
{
    for (uint32_t i = 0; i < count; i++) {
        if (from[i].has_config_map) {
            refs[*len] = from[i].config_map;
            refs[(*len)++].kind = "ConfigMap";
        }
        if (from[i].has_secret) {
            refs[*len] = from[i].secret;
            refs[(*len)++].kind = "Secret";
        }
    }
}

static void
finish_container(struct decoder *d, const struct container_parts *p, struct container *out)
{
    size_t most = ((size_t)p->env_count + p->env_from_count) * 2;
    struct container_ref *refs = DRAFT_ARRAY(d, struct container_ref, most);
    *out = p->container;
    if (refs) {
        add_refs(p->env_from, p->env_from_count, refs, &out->ref_count);
        add_refs(p->env, p->env_count, refs, &out->ref_count);
    }
    out->refs = refs;
    out->startup = finish_probe(d, &p->startup);
    out->readiness = finish_probe(d, &p->readiness);
    out->liveness = finish_probe(d, &p->liveness);
    out->requests = p->resources.requests;
    out->limits = p->resources.limits;
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
        for (uint32_t i = 0; i < counts[l]; i++)
            finish_container(d, &p->containers[l][i], c++);
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
    struct decoder d = {.arena = &arena, .err = err};
    struct pod_parts p;
    pb_clear(&pod_message, &p);
    p.pod.cluster = cluster ? cluster : "";
    p.pod.default_container = "";
    pb_fill(&d, &pod_message, message, &p);
    if (d.code == IW_OK) {
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
