/* objects: what is known of the objects around the pods: nodes, services, claims, owners, policies.
 *
 * A record holds the facts that views and rules use, not the object. Nothing is fetched before
 * somebody looks: each kind has, per namespace, a state that says whether "not there" may be
 * concluded (objects_look). Values of Secrets and ConfigMaps are never kept, only their keys.
 *
 * How to add a kind: a row in KOBJECT_KINDS, a struct of its facts below, a decoder in
 * src/source/kube/decode_object.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_OBJECTS_H
#define INITWATCH_MODEL_OBJECTS_H

#include "initwatch/base/arena.h"
#include "initwatch/base/error.h"
#include "initwatch/model/pod.h"

/* X(CODE, Kind, plural, path of its group and version, namespaced, field selector or "")
 * Pods live in the store; the row is for requests of a single raw object. Releases of Helm are
 * Secrets of a megabyte each that no container refers to. */
#define KOBJECT_KINDS(X)                                                                           \
    X(POD, "Pod", "pods", "/api/v1", true, "")                                                     \
    X(NODE, "Node", "nodes", "/api/v1", false, "")                                                 \
    X(SERVICE, "Service", "services", "/api/v1", true, "")                                         \
    X(ENDPOINTSLICE, "EndpointSlice", "endpointslices", "/apis/discovery.k8s.io/v1", true, "")     \
    X(PVC, "PersistentVolumeClaim", "persistentvolumeclaims", "/api/v1", true, "")                 \
    X(STORAGECLASS, "StorageClass", "storageclasses", "/apis/storage.k8s.io/v1", false, "")        \
    X(CONFIGMAP, "ConfigMap", "configmaps", "/api/v1", true, "")                                   \
    X(SECRET, "Secret", "secrets", "/api/v1", true, "type!=helm.sh/release.v1")                    \
    X(QUOTA, "ResourceQuota", "resourcequotas", "/api/v1", true, "")                               \
    X(LIMITRANGE, "LimitRange", "limitranges", "/api/v1", true, "")                                \
    X(DEPLOYMENT, "Deployment", "deployments", "/apis/apps/v1", true, "")                          \
    X(REPLICASET, "ReplicaSet", "replicasets", "/apis/apps/v1", true, "")                          \
    X(STATEFULSET, "StatefulSet", "statefulsets", "/apis/apps/v1", true, "")                       \
    X(DAEMONSET, "DaemonSet", "daemonsets", "/apis/apps/v1", true, "")                             \
    X(JOB, "Job", "jobs", "/apis/batch/v1", true, "")                                              \
    X(NETWORKPOLICY, "NetworkPolicy", "networkpolicies", "/apis/networking.k8s.io/v1", true, "")   \
    X(CRONJOB, "CronJob", "cronjobs", "/apis/batch/v1", true, "")

enum kobject_kind {
#define X(code, kind, plural, path, namespaced, fields) KOBJECT_##code,
    KOBJECT_KINDS(X)
#undef X
        KOBJECT_KIND_COUNT
};
/* A set of kinds. */
#define KIND_BIT(code) (1u << KOBJECT_##code)

struct kobject_kind_info {
    const char *kind, *plural, *path, *field_selector;
    bool namespaced;
};
const struct kobject_kind_info *kobject_kind_info(enum kobject_kind kind);
/* By its name ("Service"), false when it is none of them. */
bool kobject_kind_parse(const char *name, enum kobject_kind *out);
/* By any name that kubectl takes for it ("svc", "services", "Service"), in any case. */
bool kobject_kind_named(const char *name, enum kobject_kind *out);

/* Names one object. */
struct kobject_ref {
    enum kobject_kind kind;
    char ns[64], name[254]; /* "" in name: none */
};

/* --- the facts, by kind; strings are never NULL --- */

struct selector_term {
    const char *key, *op; /* "In", "NotIn", "Exists", "DoesNotExist" */
    const char *const *values;
    uint32_t value_count;
};
/* present and without terms: matches everything. Not present: matches nothing. */
struct label_selector {
    const struct selector_term *terms;
    uint32_t count;
    bool present;
};
/* Ref: apimachinery metav1.LabelSelectorAsSelector. */
bool label_selector_matches(const struct label_selector *s, const struct pod_label *labels,
                            uint32_t count);
/* "app=db,tier in (a,b)". */
void label_selector_text(const struct label_selector *s, char *out, size_t out_size);

struct node_taint {
    const char *key, *value, *effect;
};
struct node_image {
    const char *name; /* by tag when it has one */
    int64_t size_bytes;
};
struct node_facts {
    struct resource_list capacity, allocatable;
    const struct node_taint *taints;
    const struct pod_condition *conditions;
    const struct node_image *images;
    uint32_t taint_count, condition_count, image_count;
    const char *kubelet_version, *os_image, *kernel, *runtime, *architecture, *internal_ip,
        *boot_id;
    bool unschedulable;
};

struct service_port {
    const char *name, *protocol, *target; /* target: a number, the name of a port, or "" */
    int32_t port, node_port;
};
struct service_facts {
    const char *type, *cluster_ip, *external_name;
    struct label_selector selector;
    const struct service_port *ports;
    uint32_t port_count;
    bool headless, publish_not_ready;
};

struct slice_endpoint {
    const char *address, *node, *target_kind, *target_name;
    enum tristate ready, serving, terminating; /* unset ready counts as ready */
};
struct slice_facts {
    const char *service, *address_type;
    const struct service_port *ports;
    const struct slice_endpoint *endpoints;
    uint32_t port_count, endpoint_count;
};

struct pvc_facts {
    const char *phase, *storage_class, *volume, *request, *capacity, *access_modes;
    bool class_present; /* spec.storageClassName is there, even "" */
};
struct storageclass_facts {
    const char *provisioner, *binding_mode, *reclaim;
    bool is_default;
};

struct config_entry {
    const char *name;
    uint32_t size_bytes;
};
/* A ConfigMap or Secret. */
struct config_facts {
    const char *type;
    const struct config_entry *keys; /* in the order of the object */
    uint32_t key_count;
    bool immutable;
};

struct quota_item {
    const char *name, *hard, *used;
};
struct quota_facts {
    const struct quota_item *items;
    uint32_t item_count;
    const char *scopes; /* "BestEffort, NotTerminating" */
};
struct limit_item {
    const char *type, *resource;
    const char *min, *max, *default_limit, *default_request, *max_ratio; /* "" when absent */
};
struct limitrange_facts {
    const struct limit_item *items;
    uint32_t item_count;
};

/* Deployment, ReplicaSet, StatefulSet, DaemonSet, Job; of a CronJob: strategy is its schedule,
 * suspended, active, started_ms when it was last due, completed_ms its last success. Numbers that are absent are 0, except those
 * with a default in the API. */
struct workload_facts {
    struct label_selector selector;
    const struct pod_condition *conditions;
    uint32_t condition_count;
    int32_t desired, current, ready, updated, available, unavailable;
    const char *strategy; /* "RollingUpdate", "OrderedReady" (StatefulSet podManagementPolicy) */
    const char *revision, *update_revision;
    int64_t generation, observed_generation;
    int64_t progress_deadline_s; /* Deployment; -1 when absent */
    int64_t progressed_ms;       /* its condition Progressing, lastUpdateTime; wall, IW_TIME_NONE */
    bool paused, suspended,
        on_delete; /* on_delete: pods take a new template when they are deleted */
    /* Job */
    int32_t completions, parallelism, active, succeeded, failed, backoff_limit; /* -1: not set */
    int64_t active_deadline_s;                                                  /* -1: not set */
    int64_t started_ms, completed_ms; /* wall, IW_TIME_NONE */
};

struct policy_peer {
    struct label_selector pods, namespaces;
    const char *cidr; /* "" when it is none */
    const char *const *except;
    uint32_t except_count;
};
struct policy_port {
    const char *protocol, *port; /* port "": all */
    int32_t end_port;            /* 0: none */
};
struct policy_rule {
    const struct policy_peer *peers; /* none: everybody */
    const struct policy_port *ports; /* none: all */
    uint32_t peer_count, port_count;
};
struct policy_facts {
    struct label_selector pods;
    bool is_ingress, is_egress; /* what it restricts */
    const struct policy_rule *ingress, *egress;
    uint32_t ingress_count, egress_count;
};

struct kobject {
    enum kobject_kind kind;
    const char *ns, *name, *uid, *resource_version;
    const char *owner_kind, *owner_name; /* the controller, "" when none */
    const struct pod_label *labels;      /* sorted by key */
    uint32_t label_count;
    int64_t created_ms, deletion_ms; /* wall, IW_TIME_NONE when absent */
    union {                          /* by kind, NULL only for KOBJECT_POD */
        const struct node_facts *node;
        const struct service_facts *service;
        const struct slice_facts *slice;
        const struct pvc_facts *pvc;
        const struct storageclass_facts *storageclass;
        const struct config_facts *config;
        const struct quota_facts *quota;
        const struct limitrange_facts *limitrange;
        const struct workload_facts *workload;
        const struct policy_facts *policy;
    };
    struct arena memory; /* of everything it points to */
    uint32_t mark;       /* of the last list that had it; the set's own */
};
/* Empty strings, no facts. The caller fills it from its memory arena. */
struct kobject *kobject_new(enum kobject_kind kind) IW_NODISCARD;
void kobject_free(struct kobject *o);

/* --- the set --- */

/* X(STATE, word shown) */
#define OBJECTS_STATES(X)                                                                          \
    X(NOT_ASKED, "not asked for")                                                                  \
    X(LOADING, "loading")                                                                          \
    X(LIVE, "live")                                                                                \
    X(STALE, "stale") /* listed once, the connection is lost since */                              \
    X(DENIED, "not allowed to list")                                                               \
    X(REFUSED, "credentials not accepted") /* 401, or there are none */                            \
    X(FAILED, "cannot be listed")          /* the server has no such kind, or cannot be reached */
enum objects_state {
#define X(name, word) OBJECTS_##name,
    OBJECTS_STATES(X)
#undef X
        OBJECTS_STATE_COUNT
};
const char *kobjects_state_word(enum objects_state state);

enum objects_answer {
    OBJECTS_UNKNOWN, /* cannot tell: see objects_state */
    OBJECTS_ABSENT,  /* listed, and it is not there */
    OBJECTS_FOUND,
};

struct kobjects;
struct kobjects *kobjects_new(void) IW_NODISCARD;
void kobjects_free(struct kobjects *s);
void kobjects_clear(struct kobjects *s);

/* Filling, from a source. ns "" is all namespaces, and the only one of kinds without. */
void kobjects_begin(struct kobjects *s, enum kobject_kind kind, const char *ns);
void kobjects_put(struct kobjects *s, struct kobject *o); /* takes ownership */
void kobjects_remove(struct kobjects *s, enum kobject_kind kind, const char *ns, const char *name);
void kobjects_end(struct kobjects *s, enum kobject_kind kind, const char *ns);
/* err may be NULL; kept for the sentence. */
void kobjects_set_state(struct kobjects *s, enum kobject_kind kind, const char *ns,
                        enum objects_state state, const struct iw_error *err);
/* Nobody watches it any more: its objects and state are forgotten. */
void kobjects_forget(struct kobjects *s, enum kobject_kind kind, const char *ns);

/* Reading. s may be NULL: nothing was asked for. */
uint64_t kobjects_generation(const struct kobjects *s);
/* Of the list that covers the namespace: the namespace's own or that of all. */
enum objects_state kobjects_state(const struct kobjects *s, enum kobject_kind kind, const char *ns);
/* Why it is DENIED, FAILED or STALE: one sentence, "" else. Borrowed. */
const char *kobjects_error(const struct kobjects *s, enum kobject_kind kind, const char *ns);
/* *out (may be NULL) is borrowed until the next turn of the loop, and NULL unless FOUND. */
enum objects_answer kobjects_look(const struct kobjects *s, enum kobject_kind kind, const char *ns,
                                  const char *name, const struct kobject **out);
/* All of a kind, in no particular order. */
size_t kobjects_count(const struct kobjects *s, enum kobject_kind kind);
const struct kobject *kobjects_at(const struct kobjects *s, enum kobject_kind kind, size_t i);
/* Objects read, and the kinds (KIND_BIT) that were asked for and are in such a state: DENIED, REFUSED. */
size_t kobjects_total(const struct kobjects *s);
uint32_t kobjects_denied(const struct kobjects *s, enum objects_state why);

#endif
