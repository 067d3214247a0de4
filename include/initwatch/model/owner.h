/* owner: the workload that a pod belongs to, as a user knows it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_OWNER_H
#define INITWATCH_MODEL_OWNER_H

#include "initwatch/model/pod.h"

struct pod_owner {
    const char *kind;      /* "Deployment", "StatefulSet", "Job", ...; "Pod" when nothing owns it */
    char name[256];        /* of a bare pod: its own */
    char replica_set[256]; /* the set between pod and Deployment, "" otherwise */
};
/* A pod names only its controller. A ReplicaSet of a Deployment is called NAME-HASH, where HASH is
 * the pod's label pod-template-hash: then the owner is the Deployment NAME. Kind and name borrow
 * nothing but `kind` (valid as the pod).
 * Ref: k8s.io/kubernetes pkg/controller/deployment/sync.go, getNewReplicaSet (name) and
 * DefaultDeploymentUniqueLabelKey. */
void pod_owner_of(const struct pod *pod, struct pod_owner *out);
/* Do both belong to the same workload? Bare pods have none. */
bool pod_same_workload(const struct pod *a, const struct pod *b);
/* "deploy", "sts", "ds", "rs", "job", "cj", "pod": as kubectl abbreviates; other kinds as they are. */
const char *owner_kind_short(const char *kind);

#endif
