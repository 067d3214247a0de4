/* decode_pb_container: see the header. What is kept of containers is in decode_pb_template.c.
 *
 * The tables are messages as in decode_pb_pod.c: index = field number.
 * Ref: k8s.io/api/core/v1/generated.proto (v1.35), the message of each table by the name given there.
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode_pb_container.h"

#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/model/pod.h"

#include "draft_probe.h"

const struct pb_message pb_nothing = {.name = "VolumeSource", .blank = &(void *){NULL}};

/* --- resources --- */

static const struct pb_row requirements_rows[] = {
    [1] = PB_AMOUNTS(struct requirements, limits),
    [2] = PB_AMOUNTS(struct requirements, requests),
};
const struct pb_message pb_requirements =
    PB_MESSAGE("ResourceRequirements", struct requirements, requirements_rows);

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
           .message = &pb_nothing},
    [2] = {.kind = PB_INSIDE,
           .flag = 1 + offsetof(struct container, pre_stop),
           .message = &pb_nothing},
};
static const struct pb_message lifecycle =
    PB_MESSAGE("Lifecycle", struct container, lifecycle_rows);

/* --- security --- */

static const struct pb_row capabilities_rows[] = {
    [1] = PB_ARRAY(PB_STRINGS, struct security, add, add_count),
    [2] = PB_ARRAY(PB_STRINGS, struct security, drop, drop_count),
};
static const struct pb_message capabilities =
    PB_MESSAGE("Capabilities", struct security, capabilities_rows);

static const struct pb_row security_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &capabilities},
    [2] = PB_AT(PB_TRISTATE, struct security, privileged),
    [4] = PB_AT(PB_INT64, struct security, user),
    [5] = PB_AT(PB_TRISTATE, struct security, non_root),
    [6] = PB_AT(PB_TRISTATE, struct security, read_only_root),
    [7] = PB_AT(PB_TRISTATE, struct security, escalation),
    [8] = PB_AT(PB_INT64, struct security, group),
};
const struct pb_message pb_security = PB_MESSAGE("SecurityContext", struct security, security_rows);

static const struct pb_row pod_security_rows[] = {
    [2] = PB_AT(PB_INT64, struct security, user),
    [3] = PB_AT(PB_TRISTATE, struct security, non_root),
    [5] = PB_AT(PB_INT64, struct security, fs_group),
    [6] = PB_AT(PB_INT64, struct security, group),
};
const struct pb_message pb_pod_security =
    PB_MESSAGE("PodSecurityContext", struct security, pod_security_rows);

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
    [8] = PB_PART(struct container_parts, resources, pb_requirements),
    [9] = PB_ITEMS(struct container_parts, container.mounts, container.mount_count, mount),
    [10] = PB_PART_FLAG(struct container_parts, liveness, liveness.present, probe),
    [11] = PB_PART_FLAG(struct container_parts, readiness, readiness.present, probe),
    [12] = PB_PART(struct container_parts, container, lifecycle),
    [14] = PB_AT(PB_STRING, struct container_parts, container.pull_policy),
    [15] = PB_PART_FLAG(struct container_parts, security, has_security, pb_security),
    [19] = PB_ITEMS(struct container_parts, env_from, env_from_count, env_from),
    [22] = PB_PART_FLAG(struct container_parts, startup, startup.present, probe),
    [24] = PB_AT(PB_STRING, struct container_parts, container.restart_policy),
    [25] = PB_ITEMS(struct container_parts, container.rules, container.rule_count, restart_rule),
};
const struct pb_message pb_container =
    PB_MESSAGE("Container", struct container_parts, container_rows);

/* --- parts into the draft --- */

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

void
pb_container_finish(struct decoder *d, struct container_parts *p)
{
    if (p->is_finished)
        return;
    p->is_finished = true;
    struct container *out = &p->container;
    size_t most = ((size_t)p->env_count + p->env_from_count) * 2;
    struct container_ref *refs = DRAFT_ARRAY(d, struct container_ref, most);
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
    struct security *security = p->has_security ? DRAFT_ARRAY(d, struct security, 1) : NULL;
    if (security) {
        *security = p->security;
        security->fs_group = -1;
    }
    out->security = security;
}
