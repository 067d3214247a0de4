/* kinds: the API resources that the demo server knows, one row each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_KINDS_H
#define INITWATCH_DEMO_KINDS_H

#include "initwatch/base/iwdef.h"

/* X(CODE, plural, Kind, singular, short name or "", group ("" is core), version, namespaced) */
#define DEMO_KINDS(X)                                                                              \
    X(POD, "pods", "Pod", "pod", "po", "", "v1", true)                                             \
    X(EVENT, "events", "Event", "event", "ev", "", "v1", true)                                     \
    X(SERVICE, "services", "Service", "service", "svc", "", "v1", true)                            \
    X(ENDPOINTSLICE, "endpointslices", "EndpointSlice", "endpointslice", "", "discovery.k8s.io",   \
      "v1", true)                                                                                  \
    X(NODE, "nodes", "Node", "node", "no", "", "v1", false)                                        \
    X(NAMESPACE, "namespaces", "Namespace", "namespace", "ns", "", "v1", false)                    \
    X(CONFIGMAP, "configmaps", "ConfigMap", "configmap", "cm", "", "v1", true)                     \
    X(SECRET, "secrets", "Secret", "secret", "", "", "v1", true)                                   \
    X(PVC, "persistentvolumeclaims", "PersistentVolumeClaim", "persistentvolumeclaim", "pvc", "",  \
      "v1", true)                                                                                  \
    X(SERVICEACCOUNT, "serviceaccounts", "ServiceAccount", "serviceaccount", "sa", "", "v1", true) \
    X(DEPLOYMENT, "deployments", "Deployment", "deployment", "deploy", "apps", "v1", true)         \
    X(REPLICASET, "replicasets", "ReplicaSet", "replicaset", "rs", "apps", "v1", true)             \
    X(STATEFULSET, "statefulsets", "StatefulSet", "statefulset", "sts", "apps", "v1", true)        \
    X(DAEMONSET, "daemonsets", "DaemonSet", "daemonset", "ds", "apps", "v1", true)                 \
    X(JOB, "jobs", "Job", "job", "", "batch", "v1", true)                                          \
    X(CRONJOB, "cronjobs", "CronJob", "cronjob", "cj", "batch", "v1", true)                        \
    X(RESOURCEQUOTA, "resourcequotas", "ResourceQuota", "resourcequota", "quota", "", "v1", true)  \
    X(NETWORKPOLICY, "networkpolicies", "NetworkPolicy", "networkpolicy", "netpol",                \
      "networking.k8s.io", "v1", true)                                                             \
    X(LIMITRANGE, "limitranges", "LimitRange", "limitrange", "limits", "", "v1", true)             \
    X(STORAGECLASS, "storageclasses", "StorageClass", "storageclass", "sc", "storage.k8s.io",      \
      "v1", false)

/* The annotation of the class that claims without one get. */
#define DEMO_DEFAULT_CLASS "storageclass.kubernetes.io/is-default-class"

enum demo_kind {
#define X(code, plural, kind, singular, alias, group, version, namespaced) DEMO_KIND_##code,
    DEMO_KINDS(X)
#undef X
        DEMO_KIND_COUNT
};

struct demo_kind_info {
    const char *plural, *kind, *singular, *alias, *group, *version;
    bool namespaced;
};
extern const struct demo_kind_info demo_kind_table[DEMO_KIND_COUNT];

#endif
