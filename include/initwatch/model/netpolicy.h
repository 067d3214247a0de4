/* netpolicy: would NetworkPolicies let one pod reach another?
 *
 * Only networking.k8s.io/v1; policies of network plugins (Cilium, Calico) and meshes are not looked
 * at. Labels of namespaces are not read, except the name that every namespace carries as a label.
 * Ref: networking/v1 types.go; KEP-2091 is not followed (AdminNetworkPolicy).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_NETPOLICY_H
#define INITWATCH_MODEL_NETPOLICY_H

#include "initwatch/model/objects.h"

enum policy_verdict {
    POLICY_NONE,    /* no policy selects the pod in this direction: all is allowed */
    POLICY_ALLOWS,  /* a rule lets it through */
    POLICY_BLOCKS,  /* it is selected, and no rule does */
    POLICY_UNKNOWN, /* a rule may let it through, by labels that are not read */
};
/* One connection. */
struct policy_flow {
    const struct pod *from, *to;
    int32_t port;         /* of the pod `to`, 0 unknown: then only rules without ports count */
    const char *protocol; /* "TCP" */
};
/* which (may be NULL): a policy that selects the pod, NULL when none does; borrowed. */
enum policy_verdict policy_egress(const struct kobjects *objects, const struct policy_flow *flow,
                                  const struct kobject **which);
enum policy_verdict policy_ingress(const struct kobjects *objects, const struct policy_flow *flow,
                                   const struct kobject **which);
/* Is port 53 left open for the pod at all? Names cannot be resolved otherwise. */
enum policy_verdict policy_dns(const struct kobjects *objects, const struct pod *pod,
                               const struct kobject **which);

#endif
