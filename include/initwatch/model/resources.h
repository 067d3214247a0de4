/* resources: effective requests and limits of a pod, with the working shown. SEMANTICS B.4.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_RESOURCES_H
#define INITWATCH_MODEL_RESOURCES_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/pod.h"
#include "initwatch/model/quantity.h"

/* Distinct resource names of one pod that are looked at; a cluster admits a handful, a hostile file
 * could hold a hundred thousand. */
#define RESOURCE_NAMES_MAX 256

/* All false: the pod as the scheduler places it. A pod on its node: use_status +
 * in_place_pod_level. */
struct resource_options {
    bool exclude_overhead, skip_pod_level, skip_container_level, use_status, in_place_pod_level;
    const struct resource_list *non_missing; /* requests only; may be NULL */
};

struct resource_amount {
    const char *name; /* borrowed from the pod (or from non_missing) */
    struct quantity quantity;
};
/* Sorted by name. `items` is owned: resource_amounts_free. */
struct resource_amounts {
    struct resource_amount *items;
    size_t count;
};
enum resource_side { RESOURCE_REQUESTS, RESOURCE_LIMITS };

/* New in out. Amounts that do not parse are left out (and counted in *bad when not NULL). */
void resources_effective(const struct pod *pod, enum resource_side side,
                         const struct resource_options *options, struct resource_amounts *out,
                         unsigned *bad);
void resource_amounts_free(struct resource_amounts *a);
const struct quantity *resource_amount_of(const struct resource_amounts *a, const char *name);
/* The entry of a list as it was written; NULL when the name is absent. */
const char *resource_list_text(const struct resource_list *list, const char *name);
/* The entry of a list parsed; false when the name is absent or its text no quantity. */
bool resource_list_get(const struct resource_list *list, const char *name, struct quantity *out);

/* How one number came about, stage by stage. */
enum resource_decider { DECIDED_BY_NONE, DECIDED_BY_INIT, DECIDED_BY_STEADY, DECIDED_BY_POD_LEVEL };
struct resource_stage {
    const struct container *container; /* NULL for the steady stage (sidecars + apps) */
    struct quantity own;               /* of the container; of all apps in the steady stage */
    /* sidecars started before it; all sidecars in the steady stage */
    struct quantity sidecars_before;
    struct quantity sum;
    bool sidecar; /* the stage is a sidecar's start */
    bool decides;
};
struct resource_breakdown {
    const char *name;
    /* one per init container and sidecar in start order, then the steady one; owned */
    struct resource_stage *stages;
    size_t stage_count;
    struct quantity aggregate, overhead, pod_level, effective;
    bool has_overhead, has_pod_level,
        present; /* present: some container, overhead or pod level names it */
    enum resource_decider decided_by;
    const struct container *decider; /* the init container or sidecar when DECIDED_BY_INIT */
    struct quantity steady;          /* what the running containers ask for: sidecars + apps */
    /* effective - overhead - steady, never below zero; requests only make sense */
    struct quantity waste;
    struct quantity
        simple_formula;  /* the well-known max(largest init, sum of apps), wrong with sidecars */
    bool simple_differs; /* from the aggregate, so by the sidecars alone */
    unsigned bad;        /* texts of this name that are no quantities */
};
/* The working of one name. resources_effective is made of this, so the two never disagree. */
void resources_breakdown(const struct pod *pod, enum resource_side side, const char *name,
                         const struct resource_options *options, struct resource_breakdown *out);
void resource_breakdown_free(struct resource_breakdown *b);
/* Every resource name that occurs, sorted with cpu and memory first. New array of borrowed names
 * (free). */
const char **resources_names(const struct pod *pod, size_t *count);
/* What one container asks for with the options (status, non-missing); false when it does not name
 * it. */
bool resources_container(const struct pod *pod, const struct container *c, enum resource_side side,
                         const char *name, const struct resource_options *options,
                         struct quantity *out);
/* cpu, memory and hugepages-*: what spec.resources of a pod may hold. */
bool resource_is_pod_level(const char *name);

/* QoS class computed from the spec (SEMANTICS C), and why it is not a better one:
 * container and field, "" when it is Guaranteed. why ends in NUL. */
const char *resources_qos(const struct pod *pod, char *why, size_t why_size);

/* `kubectl describe node` (SEMANTICS B.5): the part of an amount in what the node has, as kubectl
 * prints it: cpu by milli values, others by values, cut toward zero. zero_total_is_zero: in the
 * totals a node without any is 0 %; in the rows kubectl divides by zero and prints the most
 * negative number. */
int64_t resources_describe_percent(const char *name, const struct quantity *amount,
                                   const struct quantity *total, bool zero_total_is_zero);
struct resource_node {
    struct resource_list allocatable, capacity; /* capacity counts when allocatable is empty */
};
/* The tables "Non-terminated Pods" and "Allocated resources" of `kubectl describe node`, byte for
 * byte. Rows stand in the order a server lists pods; their amounts are with use_status, the totals
 * without. Leave out pods that are Succeeded or Failed, as kubectl does by its field selector. */
void resources_describe_node(const struct resource_node *node, const struct pod *const *pods,
                             size_t pod_count, int64_t now_wall_ms, struct strbuf *out);

#endif
