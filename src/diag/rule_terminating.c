/* rule_terminating: a deleted pod does not go away.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* Removal takes the kubelet some seconds beyond the grace. */
#define TERMINATING_QUIET_MS 30000

static bool
terminating_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct pod *pod = env->pod;
    char elapsed[16];
    if (!pod_is_deleted(pod) || env->now_wall_ms - pod->deletion_ms < TERMINATING_QUIET_MS)
        return false;
    out->since_ms = pod->deletion_ms;
    diag_elapsed(pod->deletion_ms, env->now_wall_ms, elapsed);
    (void)snprintf(out->summary, sizeof(out->summary), tr("%.63s should have been gone %s ago"),
                   pod->name, elapsed);
    finding_evidence(out, "metadata.deletionTimestamp: %s ago, grace %" PRId64 " s included",
                     elapsed, pod->deletion_grace_s);
    unsigned running = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        char path[128];
        if (container_phase(c) != CONTAINER_RUNNING)
            continue;
        running++;
        diag_status_path(c, path);
        finding_evidence(out, "%s: still reported running", path);
    }
    const char *ns = diag_word(pod->ns, "NAMESPACE");
    const char *name = diag_word(pod->name, "POD");
    if (running)
        finding_advice(out,
                       "kubectl get node %s (a node that does not answer cannot confirm the end)",
                       diag_word(pod->node, "NODE"));
    finding_advice(out, "kubectl -n %s get pod %s -o jsonpath='{.metadata.finalizers}'", ns, name);
    finding_advice(out, "a wait loop as PID 1 ignores SIGTERM: start it with exec, or trap TERM");
    return true;
}

const struct diag_rule rule_terminating = {
    .name = "terminating",
    .id = "IW-L10",
    .title = TR_MARK("a deleted pod does not go away"),
    .severity = SEVERITY_WARNING,
    .evaluate = terminating_evaluate,
    .doc = "The deletion timestamp lies in the past: the grace period is over and the object is "
           "still there. Either its "
           "node does not answer, or a finalizer holds it.",
};
