/* rule_volume_sandbox: the pod is on a node but no container can start: volumes, network, sandbox.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "diag_util.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress_text.h"

static bool
anything_started(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (container_phase(c) == CONTAINER_RUNNING || container_phase(c) == CONTAINER_TERMINATED)
            return true;
    return false;
}

/* The reason after the last ": " of a mount message says it; the rest names paths of the node. */
static const char *
short_cause(const char *message)
{
    const char *cause = strstr(message, "\" : ");
    return cause ? cause + 4 : message;
}

static void
advise_cause(const struct diag_env *env, const struct kevent *ev, struct finding *out)
{
    const char *ns = diag_word(env->pod->ns, "NAMESPACE");
    struct config_problem object;
    if (text_config_object(ev->message, &object))
        finding_advice(out, "kubectl -n %s get %s %s", ns,
                       strcmp(object.kind, "Secret") == 0 ? "secret" : "configmap",
                       diag_word(object.name, "NAME"));
    else if (strstr(ev->message, "configmap"))
        finding_advice(out, "kubectl -n %s get configmap", ns);
    else if (strstr(ev->message, "secret"))
        finding_advice(out, "kubectl -n %s get secret", ns);
    else if (strstr(ev->message, "Multi-Attach"))
        finding_advice(out,
                       "the volume is still attached to another node: find the pod that holds it");
    else if (strcmp(ev->reason, "FailedCreatePodSandBox") == 0 ||
             strcmp(ev->reason, "NetworkNotReady") == 0)
        finding_advice(out, "look at the network plugin's pods on node %s", env->pod->node);
    finding_advice(out, "initwatch events %s -n %s", diag_word(env->pod->name, "POD"), ns);
}

static bool
volume_sandbox_evaluate(const struct diag_env *env, struct finding *out)
{
    static const char *const reasons[] = {"FailedMount",     "FailedAttachVolume",
                                          "FailedMapVolume", "FailedCreatePodSandBox",
                                          "NetworkNotReady", "FailedPrepareDynamicResources"};
    const struct pod *pod = env->pod;
    const struct kevent *newest = NULL;
    char elapsed[16];
    if (!*pod->node || pod_is_terminal(pod) || pod_is_deleted(pod) || anything_started(pod))
        return false;
    for (size_t i = 0; i < IW_COUNTOF(reasons); i++) {
        const struct kevent *ev = diag_event(env, reasons[i], NULL);
        if (ev && (!newest || ev->last_ms > newest->last_ms))
            newest = ev;
    }
    if (!newest)
        return false;
    /* The container whose turn it is, so that this stands first. */
    out->container = pod->container_count ? pod->containers : NULL;
    out->since_ms = newest->first_ms;
    diag_elapsed(out->since_ms, env->now_wall_ms, elapsed);
    (void)snprintf(out->summary, sizeof(out->summary), tr("%.63s cannot start for %s: %.150s"),
                   pod->name, elapsed, short_cause(newest->message));
    (void)snprintf(out->cause, sizeof(out->cause), "%.150s", short_cause(newest->message));
    diag_event_evidence(out, newest);
    const struct pod_condition *sandbox = pod_condition(pod, "PodReadyToStartContainers");
    if (sandbox)
        finding_evidence(out, "condition PodReadyToStartContainers is %s", sandbox->status);
    advise_cause(env, newest, out);
    return true;
}

const struct diag_rule rule_volume_sandbox = {
    .name = "volume_sandbox",
    .id = "IW-L08",
    .title = TR_MARK("volumes or network keep every container from starting"),
    .severity = SEVERITY_ERROR,
    .evaluate = volume_sandbox_evaluate,
    .doc = "Before the first container the kubelet attaches and mounts all volumes and makes the "
           "sandbox with its network. "
           "When that fails the containers only say PodInitializing; the cause is in the pod's "
           "events.",
};
