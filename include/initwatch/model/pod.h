/* pod: the immutable record of one pod: one allocation, and what it has in common with others.
 *
 * A decoder fills a *draft* (a struct pod whose pointers reach into its own arena) and calls
 * pod_seal(), which copies everything into one block, but what pods of one template share. Records
 * are never changed: a new version of the pod is a new record. All `const char *` are non-NULL (""
 * for absent).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_POD_H
#define INITWATCH_MODEL_POD_H

#include "initwatch/model/container.h"

struct pod_condition {
    const char *type, *status, *reason, *message;
    int64_t transition_ms; /* wall, IW_TIME_NONE when null */
};
struct pod_label {
    const char *key, *value;
};
struct pod_volume {
    const char *name;
    /* "emptyDir", "configMap", "secret", "persistentVolumeClaim", "projected", ... */
    const char *kind;
    const char *ref; /* name of the ConfigMap, Secret or claim; "" when it has none */
    bool optional;
};

struct pod_toleration {
    const char *key;            /* "": any */
    const char *op;             /* "Equal", "Exists", "Lt", "Gt"; "" is Equal */
    const char *value, *effect; /* effect "": any */
    int64_t seconds;            /* tolerationSeconds, -1 when absent */
};

struct pod {
    /* identity */
    const char *cluster; /* context key: which cluster it is from, "" for files */
    const char *ns, *name, *uid, *resource_version;
    const char *owner_kind, *owner_name; /* the controller, "" when none */
    const struct pod_label *labels;      /* sorted by key */
    const char *default_container;       /* annotation kubectl.kubernetes.io/default-container */
    int64_t created_ms, deletion_ms, started_ms; /* wall, IW_TIME_NONE when absent */
    int64_t deletion_grace_s,
        grace_s; /* -1 when absent; grace_s is spec.terminationGracePeriodSeconds */

    /* spec */
    const char *node, *restart_policy, *scheduler, *service_account, *priority_class;
    int64_t active_deadline_s; /* -1 when absent */
    const char *const *readiness_gates;
    const char *const *scheduling_gates;
    const struct pod_volume *volumes;
    const struct pod_toleration *tolerations;
    const struct pod_label *node_selector; /* sorted by key */
    const struct security *security;       /* NULL, only in drafts, is none */
    const void *shared;                    /* pod_seal's: these three, in common with other pods */
    struct resource_list overhead;
    uint32_t toleration_count, node_selector_count;
    uint32_t label_count, readiness_gate_count, scheduling_gate_count, volume_count;
    bool host_network;
    bool node_affinity;            /* required node affinity exists */
    bool pod_resources_present;    /* spec.resources exists and is not null */
    bool status_resources_present; /* status.resources exists and is not null */
    struct resource_list pod_requests, pod_limits;

    /* status */
    const char *phase, *reason, *message, *qos_class, *nominated_node;
    const char *ip; /* the first of the list after SEMANTICS A.1, "" when none */
    const char *host_ip;
    const struct pod_condition *conditions; /* in the order of the object */
    uint32_t condition_count;
    struct resource_list status_requests, status_limits, status_allocated;

    /* containers: spec in start order (init list, then apps, then ephemeral) and the statuses as
     * they stand in the object: init list, app list, ephemeral list, each in its own order */
    const struct container *containers;
    uint32_t container_count, init_count, app_count; /* init_count includes sidecars */
    const struct container_status *statuses;
    uint32_t status_count, init_status_count, app_status_count;

    size_t size_bytes; /* of its own block; what pods share is in pod_shared_bytes */
};

/* Deep copy of a draft into one allocation. The draft stays the caller's. New: pod_free. */
struct pod *pod_seal(const struct pod *draft) IW_NODISCARD;
void pod_free(struct pod *pod);
/* For a draft of a container that becomes part of many pods: what pod_seal would look up for each
 * is looked up now. unshare gives it back; the draft is not used after that. */
void pod_share_container(struct container *draft);
void pod_unshare_container(const struct container *draft);
/* Memory of what all records share: see pod_seal.c. */
size_t pod_shared_bytes(void);

/* The one way to walk the containers of a pod, in start order:
 *   for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) ...
 * Inits and sidecars in spec order, then apps, then ephemeral ones. Sidecars that stand before an
 * init start before it. Everything that looks at containers uses this. */
static inline const struct container *
pod_containers(const struct pod *pod, const struct container *previous)
{
    /* An index, as adding to the null pointer of a pod without containers is undefined. */
    size_t next = previous ? (size_t)(previous - pod->containers) + 1 : 0;
    return next < pod->container_count ? &pod->containers[next] : NULL;
}
/* Statuses as listed, only the given list. */
const struct container_status *pod_statuses(const struct pod *pod, enum container_list list,
                                            uint32_t *count);
/* By name over all lists, or NULL. */
const struct container *pod_find_container(const struct pod *pod, const char *name);
/* First condition of a type, or NULL. */
const struct pod_condition *pod_condition(const struct pod *pod, const char *type);
bool pod_is_deleted(const struct pod *pod);  /* has a deletionTimestamp */
bool pod_is_terminal(const struct pod *pod); /* phase Succeeded or Failed */
/* The QoS class: status.qosClass if present, else computed (SEMANTICS C). */
const char *pod_qos(const struct pod *pod);

/* The security context that counts for a container: what it states itself, else what the pod
 * states. The capabilities are borrowed from the record. Ref: core/v1 SecurityContext. */
struct security pod_security_of(const struct pod *pod, const struct container *c);
/* "uid 1337, non-root, drop ALL, read-only root" for people; "" when nothing is stated, so that the
 * image decides. out ends in NUL. */
void pod_security_text(const struct pod *pod, const struct container *c, char *out,
                       size_t out_size);

#endif
