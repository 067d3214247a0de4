/* decode_object_network: Services, EndpointSlices, NetworkPolicies, and the owners of pods.
 * Ref: api/core/v1, discovery/v1, networking/v1, apps/v1, batch/v1 types.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "decode_object.h"

static const char *
text_or(const char *text, const char *absent)
{
    return text[0] ? text : absent;
}

static const struct service_port *
decode_ports(struct decoder *d, const struct node *n, uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, n, "ports", &len);
    struct service_port *ports = DRAFT_ARRAY(d, struct service_port, len);
    *count = ports ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++) {
        struct node p = element_object(d, &list, i);
        ports[i] = (struct service_port){
            .name = object_text(d, &p, "name"),
            .protocol = text_or(object_text(d, &p, "protocol"), "TCP"),
            .target = object_int_or_text(d, &p, "targetPort"),
            .port = field_int32(d, &p, "port", 0),
            .node_port = field_int32(d, &p, "nodePort", 0),
        };
    }
    return ports;
}

const struct service_facts *
decode_service(struct decoder *d, const struct node *n)
{
    struct service_facts *f = DRAFT_ARRAY(d, struct service_facts, 1);
    struct node spec = field_object(d, n, "spec");
    if (!f)
        return NULL;
    f->type = text_or(object_text(d, &spec, "type"), "ClusterIP");
    f->cluster_ip = object_text(d, &spec, "clusterIP");
    f->external_name = object_text(d, &spec, "externalName");
    f->selector = object_map_selector(d, &spec, "selector");
    f->ports = decode_ports(d, &spec, &f->port_count);
    f->headless = strcmp(f->cluster_ip, "None") == 0;
    f->publish_not_ready = field_bool(d, &spec, "publishNotReadyAddresses");
    return f;
}

static struct slice_endpoint
decode_endpoint(struct decoder *d, const struct node *n)
{
    struct node conditions = field_object(d, n, "conditions");
    struct node target = field_object(d, n, "targetRef");
    size_t count;
    struct node addresses = field_array(d, n, "addresses", &count);
    return (struct slice_endpoint){
        .address = count ? object_keep(d, element_string(d, &addresses, 0)) : "",
        .node = object_text(d, n, "nodeName"),
        .target_kind = object_text(d, &target, "kind"),
        .target_name = object_text(d, &target, "name"),
        .ready = field_tristate(d, &conditions, "ready"),
        .serving = field_tristate(d, &conditions, "serving"),
        .terminating = field_tristate(d, &conditions, "terminating"),
    };
}

const struct slice_facts *
decode_slice(struct decoder *d, const struct node *n)
{
    struct slice_facts *f = DRAFT_ARRAY(d, struct slice_facts, 1);
    struct node metadata = field_object(d, n, "metadata");
    struct node labels = field_object(d, &metadata, "labels");
    size_t count;
    struct node list = field_array(d, n, "endpoints", &count);
    struct slice_endpoint *endpoints = DRAFT_ARRAY(d, struct slice_endpoint, count);
    if (!f)
        return NULL;
    f->service = object_text(d, &labels, "kubernetes.io/service-name");
    f->address_type = object_text(d, n, "addressType");
    f->ports = decode_ports(d, n, &f->port_count);
    f->endpoints = endpoints;
    f->endpoint_count = endpoints ? (uint32_t)count : 0;
    for (size_t i = 0; i < f->endpoint_count; i++) {
        struct node e = element_object(d, &list, i);
        endpoints[i] = decode_endpoint(d, &e);
    }
    return f;
}

static struct policy_peer
decode_peer(struct decoder *d, const struct node *n)
{
    struct node block = field_object(d, n, "ipBlock");
    struct policy_peer peer = {
        .pods = object_selector(d, n, "podSelector"),
        .namespaces = object_selector(d, n, "namespaceSelector"),
        .cidr = object_text(d, &block, "cidr"),
    };
    peer.except = object_texts(d, &block, "except", &peer.except_count);
    return peer;
}

static struct policy_rule
decode_rule(struct decoder *d, const struct node *n, const char *peers_key)
{
    struct policy_rule rule = {0};
    size_t peer_count, port_count;
    struct node peer_list = field_array(d, n, peers_key, &peer_count);
    struct node port_list = field_array(d, n, "ports", &port_count);
    struct policy_peer *peers = DRAFT_ARRAY(d, struct policy_peer, peer_count);
    struct policy_port *ports = DRAFT_ARRAY(d, struct policy_port, port_count);
    rule.peers = peers;
    rule.ports = ports;
    rule.peer_count = peers ? (uint32_t)peer_count : 0;
    rule.port_count = ports ? (uint32_t)port_count : 0;
    for (size_t i = 0; i < rule.peer_count; i++) {
        struct node peer = element_object(d, &peer_list, i);
        peers[i] = decode_peer(d, &peer);
    }
    for (size_t i = 0; i < rule.port_count; i++) {
        struct node p = element_object(d, &port_list, i);
        ports[i] = (struct policy_port){text_or(object_text(d, &p, "protocol"), "TCP"),
                                        object_int_or_text(d, &p, "port"),
                                        field_int32(d, &p, "endPort", 0)};
    }
    return rule;
}

static const struct policy_rule *
decode_rules(struct decoder *d, const struct node *spec, const char *key, const char *peers_key,
             uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, spec, key, &len);
    struct policy_rule *rules = DRAFT_ARRAY(d, struct policy_rule, len);
    *count = rules ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++) {
        struct node r = element_object(d, &list, i);
        rules[i] = decode_rule(d, &r, peers_key);
    }
    return rules;
}

/* Without policyTypes a policy is about ingress, and about egress if it has such rules.
 * Ref: networking/v1 NetworkPolicySpec.PolicyTypes. */
const struct policy_facts *
decode_policy(struct decoder *d, const struct node *n)
{
    struct policy_facts *f = DRAFT_ARRAY(d, struct policy_facts, 1);
    struct node spec = field_object(d, n, "spec");
    size_t type_count;
    struct node types = field_array(d, &spec, "policyTypes", &type_count);
    if (!f)
        return NULL;
    f->pods = object_selector(d, &spec, "podSelector");
    f->pods.present = true;
    f->ingress = decode_rules(d, &spec, "ingress", "from", &f->ingress_count);
    f->egress = decode_rules(d, &spec, "egress", "to", &f->egress_count);
    f->is_ingress = type_count == 0;
    f->is_egress = type_count == 0 && f->egress_count > 0;
    for (size_t i = 0; i < type_count; i++) {
        const char *type = element_string(d, &types, i);
        f->is_ingress = f->is_ingress || strcmp(type, "Ingress") == 0;
        f->is_egress = f->is_egress || strcmp(type, "Egress") == 0;
    }
    return f;
}

static void
decode_job(struct decoder *d, const struct node *spec, const struct node *status,
           struct workload_facts *f)
{
    f->completions = field_int32(d, spec, "completions", -1);
    f->parallelism = field_int32(d, spec, "parallelism", 1);
    f->backoff_limit = field_int32(d, spec, "backoffLimit", 6);
    f->active_deadline_s = field_int64(d, spec, "activeDeadlineSeconds", -1);
    f->suspended = field_bool(d, spec, "suspend");
    f->active = field_int32(d, status, "active", 0);
    f->succeeded = field_int32(d, status, "succeeded", 0);
    f->failed = field_int32(d, status, "failed", 0);
    f->ready = field_int32(d, status, "ready", 0);
    f->started_ms = field_time(d, status, "startTime");
    f->completed_ms = field_time(d, status, "completionTime");
    f->desired = f->completions >= 0 ? f->completions : f->parallelism;
}

static void
decode_cronjob(struct decoder *d, const struct node *spec, const struct node *status,
               struct workload_facts *f)
{
    size_t active;
    (void)field_array(d, status, "active", &active);
    f->strategy = object_text(d, spec, "schedule");
    f->suspended = field_bool(d, spec, "suspend");
    f->active = (int32_t)IW_MIN(active, (size_t)INT32_MAX);
    f->started_ms = field_time(d, status, "lastScheduleTime");
    f->completed_ms = field_time(d, status, "lastSuccessfulTime");
}

static void
decode_replicas(struct decoder *d, const struct node *spec, const struct node *status,
                struct workload_facts *f)
{
    f->desired = field_int32(d, spec, "replicas", 1);
    f->current = field_int32(d, status, "replicas", 0);
    f->ready = field_int32(d, status, "readyReplicas", 0);
    f->updated = field_int32(d, status, "updatedReplicas", 0);
    f->available = field_int32(d, status, "availableReplicas", 0);
    f->unavailable = field_int32(d, status, "unavailableReplicas", 0);
    f->revision = object_text(d, status, "currentRevision");
    f->update_revision = object_text(d, status, "updateRevision");
}

static void
decode_daemons(struct decoder *d, const struct node *status, struct workload_facts *f)
{
    f->desired = field_int32(d, status, "desiredNumberScheduled", 0);
    f->current = field_int32(d, status, "currentNumberScheduled", 0);
    f->ready = field_int32(d, status, "numberReady", 0);
    f->updated = field_int32(d, status, "updatedNumberScheduled", 0);
    f->available = field_int32(d, status, "numberAvailable", 0);
    f->unavailable = field_int32(d, status, "numberUnavailable", 0);
}

static const char *
strategy_of(struct decoder *d, const struct node *spec, enum kobject_kind kind)
{
    struct node strategy = field_object(d, spec, "strategy");
    struct node update = field_object(d, spec, "updateStrategy");
    if (kind == KOBJECT_STATEFULSET)
        return text_or(object_text(d, spec, "podManagementPolicy"), "OrderedReady");
    return object_text(d, kind == KOBJECT_DAEMONSET ? &update : &strategy, "type");
}

/* updateStrategy of a StatefulSet or DaemonSet. */
static bool
is_on_delete(struct decoder *d, const struct node *spec)
{
    struct node update = field_object(d, spec, "updateStrategy");
    return strcmp(object_text(d, &update, "type"), "OnDelete") == 0;
}

/* When a Deployment noted its last progress: the deadline runs from there. */
static int64_t
decode_progressed(struct decoder *d, const struct node *status)
{
    size_t len;
    struct node list = field_array(d, status, "conditions", &len);
    for (size_t i = 0; i < len; i++) {
        struct node c = element_object(d, &list, i);
        if (strcmp(object_text(d, &c, "type"), "Progressing") == 0)
            return field_time(d, &c, "lastUpdateTime");
    }
    return IW_TIME_NONE;
}

const struct workload_facts *
decode_workload(struct decoder *d, const struct node *n, enum kobject_kind kind)
{
    struct workload_facts *f = DRAFT_ARRAY(d, struct workload_facts, 1);
    struct node metadata = field_object(d, n, "metadata");
    struct node spec = field_object(d, n, "spec");
    struct node status = field_object(d, n, "status");
    if (!f)
        return NULL;
    f->revision = f->update_revision = "";
    f->completions = f->backoff_limit = -1;
    f->active_deadline_s = -1;
    f->started_ms = f->completed_ms = IW_TIME_NONE;
    f->selector = object_selector(d, &spec, "selector");
    f->conditions = object_conditions(d, &status, &f->condition_count);
    f->strategy = strategy_of(d, &spec, kind);
    f->generation = field_int64(d, &metadata, "generation", 0);
    f->observed_generation = field_int64(d, &status, "observedGeneration", 0);
    f->progress_deadline_s = field_int64(d, &spec, "progressDeadlineSeconds", -1);
    f->progressed_ms = decode_progressed(d, &status);
    f->paused = field_bool(d, &spec, "paused");
    f->on_delete = is_on_delete(d, &spec);
    if (kind == KOBJECT_CRONJOB)
        decode_cronjob(d, &spec, &status, f);
    else if (kind == KOBJECT_JOB)
        decode_job(d, &spec, &status, f);
    else if (kind == KOBJECT_DAEMONSET)
        decode_daemons(d, &status, f);
    else
        decode_replicas(d, &spec, &status, f);
    return f;
}
