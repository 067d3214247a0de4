/* kubelet_internal: what the files of the kubelet's rules share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_KUBELET_INTERNAL_H
#define INITWATCH_DEMO_KUBELET_INTERNAL_H

#include "initwatch/demo/kubelet.h"

/* "" when it is not there. */
const char *kubelet_text(const json_t *object, const char *member);

/* The lists of container statuses, as far as they are made. Owned. */
struct kubelet_statuses {
    json_t *of[KUBELET_CONTAINERS_MAX];
};
const json_t *kubelet_previous(const struct kubelet_pod *pod, size_t container);

enum kubelet_phase kubelet_phase_compute(const struct kubelet_pod *pod,
                                         const struct kubelet_statuses *statuses);
json_t *kubelet_conditions(const struct kubelet_pod *pod, enum kubelet_phase phase,
                           const struct kubelet_statuses *statuses);

#endif
