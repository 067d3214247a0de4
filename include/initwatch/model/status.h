/* status: the cells of `kubectl get pods`, letter for letter. SEMANTICS A; the oracle is
 * the output of Kubernetes' own printPod.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_STATUS_H
#define INITWATCH_MODEL_STATUS_H

#include "initwatch/model/pod.h"

struct pod_cells {
    char ready[24];
    char status[256];
    char restarts[64]; /* "3 (5m ago)" */
    char age[32];
    const char *ip, *node, *nominated_node; /* borrowed from the pod; "<none>" when empty */
    char readiness_gates[24];               /* "<none>" when there are none */
    bool completed;          /* the row's Completed condition (phase Succeeded or Failed) */
    uint64_t restart_count;  /* the number in restarts */
    int64_t last_restart_ms; /* wall; IW_TIME_NONE when there was none */
    uint32_t ready_count, total_count;
};
void pod_print_cells(const struct pod *pod, int64_t now_wall_ms, struct pod_cells *out);
/* Only STATUS; out ends in NUL. */
void pod_display_status(const struct pod *pod, char *out, size_t out_size);

#endif
