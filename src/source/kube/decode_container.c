/* decode_container: the container parts of a pod, spec and status.
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode_container.h"

#include <string.h>

#include "draft_probe.h"

struct resource_list
decode_resources(struct decoder *d, const struct node *parent, const char *key)
{
    struct node list = field_object(d, parent, key);
    struct resource_list out = {.present = node_present(&list)};
    struct resource_item *items = DRAFT_ARRAY(d, struct resource_item, json_object_size(list.json));
    if (!items)
        return out;
    out.items = items;
    for (void *at = json_object_iter((json_t *)list.json); at;
         at = json_object_iter_next((json_t *)list.json, at)) {
        struct resource_item *item = &items[out.count++];
        item->name = json_object_iter_key(at);
        item->text = decode_amount(d, &list, item->name, json_object_iter_value(at));
    }
    return out;
}

/* A list of strings. */
static const char *const *
decode_strings(struct decoder *d, const struct node *parent, const char *key, uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, parent, key, &len);
    const char **texts = DRAFT_ARRAY(d, const char *, len);
    *count = texts ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++)
        texts[i] = element_string(d, &list, i);
    return texts;
}

static const char *
decode_port_text(struct decoder *d, const struct node *parent)
{
    const json_t *port = field_get(parent, "port");
    if (!port)
        return "";
    if (json_is_string(port))
        return field_string(d, parent, "port");
    return draft_printf(d, "%d", (int)field_int32(d, parent, "port", 0));
}

static const struct probe *
decode_probe(struct decoder *d, const struct node *container, const char *key)
{
    struct node n = field_object(d, container, key);
    struct probe probe = {.target = "", .grace_s = -1};
    struct probe *out = node_present(&n) ? DRAFT_ARRAY(d, struct probe, 1) : NULL;
    if (!out)
        return NULL;
    struct node exec = field_object(d, &n, "exec");
    struct node http = field_object(d, &n, "httpGet");
    struct node tcp = field_object(d, &n, "tcpSocket");
    struct node grpc = field_object(d, &n, "grpc");
    if (node_present(&exec)) {
        uint32_t count;
        const char *const *words = decode_strings(d, &exec, "command", &count);
        draft_probe_exec(d, words, count, &probe);
    } else if (node_present(&http)) {
        struct draft_http parts = {.scheme = field_string(d, &http, "scheme"),
                                   .host = field_string(d, &http, "host"),
                                   .port = decode_port_text(d, &http),
                                   .path = field_string(d, &http, "path")};
        draft_probe_http(d, &parts, &probe);
    } else if (node_present(&tcp)) {
        draft_probe_tcp(d, field_string(d, &tcp, "host"), decode_port_text(d, &tcp), &probe);
    } else if (node_present(&grpc)) {
        draft_probe_grpc(d, decode_port_text(d, &grpc), field_string(d, &grpc, "service"), &probe);
    }
    probe.initial_delay_s = field_int32(d, &n, "initialDelaySeconds", 0);
    probe.period_s = field_int32(d, &n, "periodSeconds", 0);
    probe.timeout_s = field_int32(d, &n, "timeoutSeconds", 0);
    probe.success_threshold = field_int32(d, &n, "successThreshold", 0);
    probe.failure_threshold = field_int32(d, &n, "failureThreshold", 0);
    draft_probe_defaults(&probe);
    probe.grace_s = field_int64(d, &n, "terminationGracePeriodSeconds", -1);
    *out = probe;
    return out;
}

static void
decode_mounts(struct decoder *d, const struct node *n, struct container *c)
{
    size_t len;
    struct node list = field_array(d, n, "volumeMounts", &len);
    struct container_mount *mounts = DRAFT_ARRAY(d, struct container_mount, len);
    c->mounts = mounts;
    c->mount_count = mounts ? (uint32_t)len : 0;
    for (size_t i = 0; i < c->mount_count; i++) {
        struct node m = element_object(d, &list, i);
        const char *expression = field_string(d, &m, "subPathExpr");
        mounts[i] = (struct container_mount){
            .volume = field_string(d, &m, "name"),
            .path = field_string(d, &m, "mountPath"),
            .sub_path = expression[0] ? expression : field_string(d, &m, "subPath"),
            .read_only = field_bool(d, &m, "readOnly"),
        };
    }
}

static void
decode_ports(struct decoder *d, const struct node *n, struct container *c)
{
    size_t len;
    struct node list = field_array(d, n, "ports", &len);
    struct container_port *ports = DRAFT_ARRAY(d, struct container_port, len);
    c->ports = ports;
    c->port_count = ports ? (uint32_t)len : 0;
    for (size_t i = 0; i < c->port_count; i++) {
        struct node p = element_object(d, &list, i);
        ports[i] = (struct container_port){
            .name = field_string(d, &p, "name"),
            .protocol = field_string(d, &p, "protocol"),
            .port = field_int32(d, &p, "containerPort", 0),
        };
    }
}

/* Add the reference in member `key` of n, if there is one. */
static void
decode_ref(struct decoder *d, const struct node *n, const char *key, const char *kind,
           struct container_ref *refs, uint32_t *count)
{
    struct node ref = field_object(d, n, key);
    if (!node_present(&ref))
        return;
    refs[(*count)++] = (struct container_ref){
        .kind = kind,
        .name = field_string(d, &ref, "name"),
        .key = field_string(d, &ref, "key"),
        .optional = field_bool(d, &ref, "optional"),
    };
}

/* Objects that env and envFrom need. Values are not looked at: they can be secrets. */
static void
decode_refs(struct decoder *d, const struct node *n, struct container *c)
{
    size_t from_len, env_len;
    struct node from = field_array(d, n, "envFrom", &from_len);
    struct node env = field_array(d, n, "env", &env_len);
    struct container_ref *refs = DRAFT_ARRAY(d, struct container_ref, (from_len + env_len) * 2);
    c->refs = refs;
    if (!refs)
        return;
    for (size_t i = 0; i < from_len; i++) {
        struct node e = element_object(d, &from, i);
        decode_ref(d, &e, "configMapRef", "ConfigMap", refs, &c->ref_count);
        decode_ref(d, &e, "secretRef", "Secret", refs, &c->ref_count);
    }
    for (size_t i = 0; i < env_len; i++) {
        struct node e = element_object(d, &env, i);
        struct node source = field_object(d, &e, "valueFrom");
        decode_ref(d, &source, "configMapKeyRef", "ConfigMap", refs, &c->ref_count);
        decode_ref(d, &source, "secretKeyRef", "Secret", refs, &c->ref_count);
    }
}

static void
decode_restart_rules(struct decoder *d, const struct node *n, struct container *c)
{
    size_t len;
    struct node list = field_array(d, n, "restartPolicyRules", &len);
    struct restart_rule *rules = DRAFT_ARRAY(d, struct restart_rule, len);
    c->rules = rules;
    c->rule_count = rules ? (uint32_t)len : 0;
    for (size_t i = 0; i < c->rule_count; i++) {
        struct node rule = element_object(d, &list, i);
        struct node codes = field_object(d, &rule, "exitCodes");
        size_t code_len;
        struct node values = field_array(d, &codes, "values", &code_len);
        int32_t *numbers = DRAFT_ARRAY(d, int32_t, code_len);
        rules[i] = (struct restart_rule){
            .action = field_string(d, &rule, "action"),
            .op = field_string(d, &codes, "operator"),
            .codes = numbers,
            .code_count = numbers ? (uint32_t)code_len : 0,
        };
        for (size_t k = 0; k < rules[i].code_count; k++)
            numbers[k] = element_int32(d, &values, k);
    }
}

const struct security *
decode_security(struct decoder *d, const struct node *parent)
{
    struct node n = field_object(d, parent, "securityContext");
    struct security *out = node_present(&n) ? DRAFT_ARRAY(d, struct security, 1) : NULL;
    if (!out)
        return NULL;
    struct node capabilities = field_object(d, &n, "capabilities");
    *out = (struct security){
        .user = field_int64(d, &n, "runAsUser", -1),
        .group = field_int64(d, &n, "runAsGroup", -1),
        .fs_group = field_int64(d, &n, "fsGroup", -1),
        .non_root = field_tristate(d, &n, "runAsNonRoot"),
        .privileged = field_tristate(d, &n, "privileged"),
        .read_only_root = field_tristate(d, &n, "readOnlyRootFilesystem"),
        .escalation = field_tristate(d, &n, "allowPrivilegeEscalation"),
    };
    out->add = decode_strings(d, &capabilities, "add", &out->add_count);
    out->drop = decode_strings(d, &capabilities, "drop", &out->drop_count);
    return out;
}

static enum container_kind
decode_kind(enum container_list list, const char *restart_policy)
{
    switch (list) {
    case LIST_INIT:
        return strcmp(restart_policy, "Always") == 0 ? CONTAINER_SIDECAR : CONTAINER_INIT;
    case LIST_APP:
        return CONTAINER_APP;
    case LIST_EPHEMERAL:
    case LIST_COUNT:
        break;
    }
    return CONTAINER_EPHEMERAL;
}

void
decode_container(struct decoder *d, const struct node *n, enum container_list list, size_t index,
                 struct container *c)
{
    c->name = field_string(d, n, "name");
    c->image = field_string(d, n, "image");
    c->pull_policy = field_string(d, n, "imagePullPolicy");
    c->restart_policy = field_string(d, n, "restartPolicy");
    c->list = list;
    c->list_index = (uint16_t)IW_MIN(index, (size_t)UINT16_MAX);
    c->kind = decode_kind(list, c->restart_policy);
    c->command = decode_strings(d, n, "command", &c->command_count);
    c->args = decode_strings(d, n, "args", &c->arg_count);
    decode_restart_rules(d, n, c);
    decode_mounts(d, n, c);
    decode_ports(d, n, c);
    decode_refs(d, n, c);
    c->startup = decode_probe(d, n, "startupProbe");
    c->readiness = decode_probe(d, n, "readinessProbe");
    c->liveness = decode_probe(d, n, "livenessProbe");
    c->security = decode_security(d, n);
    struct node lifecycle = field_object(d, n, "lifecycle");
    c->post_start = field_get(&lifecycle, "postStart") != NULL;
    c->pre_stop = field_get(&lifecycle, "preStop") != NULL;
    struct node resources = field_object(d, n, "resources");
    c->requests = decode_resources(d, &resources, "requests");
    c->limits = decode_resources(d, &resources, "limits");
}

static struct container_state
decode_state(struct decoder *d, const struct node *status, const char *key)
{
    struct node n = field_object(d, status, key);
    struct node waiting = field_object(d, &n, "waiting");
    struct node running = field_object(d, &n, "running");
    struct node ended = field_object(d, &n, "terminated");
    return (struct container_state){
        .waiting = node_present(&waiting),
        .running = node_present(&running),
        .terminated = node_present(&ended),
        .waiting_reason = field_string(d, &waiting, "reason"),
        .waiting_message = field_string(d, &waiting, "message"),
        .running_since_ms = field_time(d, &running, "startedAt"),
        .end =
            {
                .exit_code = field_int32(d, &ended, "exitCode", 0),
                .signal = field_int32(d, &ended, "signal", 0),
                .reason = field_string(d, &ended, "reason"),
                .message = field_string(d, &ended, "message"),
                .container_id = field_string(d, &ended, "containerID"),
                .started_ms = field_time(d, &ended, "startedAt"),
                .finished_ms = field_time(d, &ended, "finishedAt"),
            },
    };
}

void
decode_container_status(struct decoder *d, const struct node *n, enum container_list list,
                        struct container_status *s)
{
    s->name = field_string(d, n, "name");
    s->image = field_string(d, n, "image");
    s->image_id = field_string(d, n, "imageID");
    s->container_id = field_string(d, n, "containerID");
    s->list = list;
    s->state = decode_state(d, n, "state");
    struct container_state *last = DRAFT_ARRAY(d, struct container_state, 1);
    if (last)
        *last = decode_state(d, n, "lastState");
    s->last = last;
    s->restart_count = field_int32(d, n, "restartCount", 0);
    s->started = field_tristate(d, n, "started");
    s->ready = field_bool(d, n, "ready");
    struct node resources = field_object(d, n, "resources");
    s->resources_present = node_present(&resources);
    struct status_resources *amounts = DRAFT_ARRAY(d, struct status_resources, 1);
    if (!amounts)
        return;
    amounts->requests = decode_resources(d, &resources, "requests");
    amounts->limits = decode_resources(d, &resources, "limits");
    amounts->allocated = decode_resources(d, n, "allocatedResources");
    s->resources = amounts;
}
