/* owner: from a pod's controller to the workload.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/owner.h"

#include <stdio.h>
#include <string.h>

static const char *
label_of(const struct pod *pod, const char *key)
{
    for (uint32_t i = 0; i < pod->label_count; i++)
        if (strcmp(pod->labels[i].key, key) == 0)
            return pod->labels[i].value;
    return "";
}

/* Length of a Deployment's name in the name of its ReplicaSet; 0 when the set has no such owner. */
static size_t
deployment_length(const struct pod *pod)
{
    const char *hash = label_of(pod, "pod-template-hash");
    size_t hash_len = strlen(hash), len = strlen(pod->owner_name);
    bool of_deployment = hash_len > 0 && len > hash_len + 1 &&
                         strcmp(pod->owner_name + len - hash_len, hash) == 0 &&
                         pod->owner_name[len - hash_len - 1] == '-';
    return of_deployment ? len - hash_len - 1 : 0;
}

void
pod_owner_of(const struct pod *pod, struct pod_owner *out)
{
    out->replica_set[0] = '\0';
    if (!pod->owner_kind[0]) {
        out->kind = "Pod";
        (void)snprintf(out->name, sizeof(out->name), "%s", pod->name);
        return;
    }
    size_t len = strcmp(pod->owner_kind, "ReplicaSet") == 0 ? deployment_length(pod) : 0;
    out->kind = len ? "Deployment" : pod->owner_kind;
    if (len)
        (void)snprintf(out->replica_set, sizeof(out->replica_set), "%s", pod->owner_name);
    (void)snprintf(out->name, sizeof(out->name), "%.*s", (int)(len ? len : strlen(pod->owner_name)),
                   pod->owner_name);
}

bool
pod_same_workload(const struct pod *a, const struct pod *b)
{
    struct pod_owner left, right;
    if (!a->owner_kind[0] || strcmp(a->owner_kind, b->owner_kind) != 0 || strcmp(a->ns, b->ns) != 0)
        return false;
    if (strcmp(a->owner_name, b->owner_name) == 0)
        return true;
    /* Two sets of one Deployment begin with its name. Ten thousand pods are asked: most differ in
     * the first letter. */
    if (strcmp(a->owner_kind, "ReplicaSet") != 0 || a->owner_name[0] != b->owner_name[0])
        return false;
    pod_owner_of(a, &left);
    pod_owner_of(b, &right);
    return left.replica_set[0] && right.replica_set[0] && strcmp(left.name, right.name) == 0;
}

const char *
owner_kind_short(const char *kind)
{
    static const struct {
        const char *kind, *brief;
    } rows[] = {{"Deployment", "deploy"}, {"StatefulSet", "sts"}, {"DaemonSet", "ds"},
                {"ReplicaSet", "rs"},     {"Job", "job"},         {"CronJob", "cj"},
                {"Node", "static"},       {"Pod", "pod"},         {"ReplicationController", "rc"}};
    for (size_t i = 0; i < IW_COUNTOF(rows); i++)
        if (strcmp(rows[i].kind, kind) == 0)
            return rows[i].brief;
    return kind;
}
