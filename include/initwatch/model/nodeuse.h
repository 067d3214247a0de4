/* nodeuse: what each node has, what its pods take of it, and who of them is stuck (nodefit.h:
 * whether one more pod fits). Amounts are effective requests, as the scheduler counts a pod on its
 * node. SEMANTICS B.4, B.5.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_NODEUSE_H
#define INITWATCH_MODEL_NODEUSE_H

#include "initwatch/model/quantity.h"
#include "initwatch/model/store.h"

struct node_sum {
    struct quantity allocatable, requested; /* effective, of the pods that are known here */
    /* what their running containers ask for: the rest is only for starting */
    struct quantity steady;
    bool known; /* the node says how much it has */
};
struct node_use {
    const struct kobject *node; /* borrowed until the next turn of the loop */
    struct node_sum cpu, memory;
    uint32_t pods, pods_most; /* pods_most 0: not known */
    uint32_t stuck;           /* pods on it that do not get on */
    uint32_t starting;        /* of these: still in init */
};
/* All nodes that were read, by name. New array (free); 0 and NULL when there is none. Pods that are
 * not watched (other namespaces) are not counted. */
struct node_use *node_uses(const struct store *store, int64_t now_wall_ms, size_t *count);

/* What a pod on its node takes of a resource; zero when it does not name it. */
void node_pod_request(const struct pod *pod, const char *name, struct quantity *out);
/* Size of the container's image as the node's kubelet reports it (by the status' name of it, else the
 * spec's; a registry in front counts as the same); -1 when it is not among those. */
int64_t node_image_bytes(const struct node_facts *node, const struct container *c);
bool node_is_ready(const struct kobject *node);

#endif
