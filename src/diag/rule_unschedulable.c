/* rule_unschedulable: no node takes the pod.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/model/progress.h"
#include "initwatch/model/progress_text.h"
#include "initwatch/model/resources.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/nodefit.h"

#define TAINTS_SAID 3

/* Which number is too large, and who makes it so. */
static void
explain_resource(const struct pod *pod, const char *message, struct finding *out)
{
    size_t count;
    const char **names = resources_names(pod, &count);
    struct resource_options options = {0};
    for (size_t i = 0; i < count; i++) {
        char mark[128];
        char effective[QUANTITY_OUT_MAX];
        char steady[QUANTITY_OUT_MAX];
        struct resource_breakdown b;
        (void)snprintf(mark, sizeof(mark), "Insufficient %.100s", names[i]);
        if (!strstr(message, mark))
            continue;
        resources_breakdown(pod, RESOURCE_REQUESTS, names[i], &options, &b);
        quantity_format(&b.effective, effective, sizeof(effective));
        quantity_format(&b.steady, steady, sizeof(steady));
        if (b.decided_by == DECIDED_BY_INIT && b.decider) {
            char path[48];
            diag_spec_path(b.decider, path);
            finding_evidence(out,
                             "effective request %s %s, decided by %s %s (%s); running it needs %s",
                             names[i], effective, container_kind_word(b.decider->kind),
                             b.decider->name, path, steady);
            finding_advice(out, "lower %s.resources.requests.%s: it alone makes the pod this large",
                           path, names[i]);
        } else {
            finding_evidence(out, "effective request %s: %s", names[i], effective);
            finding_advice(out, "lower the request of %s, or add a node", names[i]);
        }
        resource_breakdown_free(&b);
    }
    free(names);
}

/* The claims the scheduler waits for, down to a class that does not exist. */
static void
explain_claims(const struct diag_env *env, struct finding *out)
{
    struct chain chain;
    if (!env->store || !chain_of_claims(env->store, env->pod, env->now_wall_ms, &chain))
        return;
    for (size_t i = 0; i < chain.count; i++)
        finding_evidence(out, "%s %s: %s", chain.steps[i].kind, chain.steps[i].name,
                         chain.steps[i].text);
    chain_cause(&chain, out->cause, sizeof(out->cause));
    (void)diag_chain_advice(env, &chain, out);
}

/* The nodes that the pod would have to tolerate, when they are known. */
static void
explain_taints(const struct diag_env *env, struct finding *out)
{
    const struct kobjects *objects = env->store ? store_objects(env->store) : NULL;
    size_t count = objects ? kobjects_count(objects, KOBJECT_NODE) : 0;
    unsigned said = 0;
    for (size_t i = 0; i < count && said < TAINTS_SAID; i++) {
        const struct kobject *node = kobjects_at(objects, KOBJECT_NODE, i);
        const struct node_taint *t = pod_untolerated(env->pod, node->node);
        if (!t)
            continue;
        finding_evidence(out, "node %s: taint %s%s%s:%s, no toleration of the pod matches it",
                         node->name, t->key, t->value[0] ? "=" : "", t->value, t->effect);
        said++;
    }
    finding_advice(out,
                   "kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints");
}

static bool
unschedulable_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct pod *pod = env->pod;
    const struct pod_condition *scheduled = pod_condition(pod, "PodScheduled");
    char text[160];
    char elapsed[16];
    if (*pod->node || pod_is_deleted(pod) || pod_is_terminal(pod) || !scheduled ||
        strcmp(scheduled->status, "False") != 0)
        return false;
    out->since_ms = scheduled->transition_ms;
    diag_elapsed(out->since_ms, env->now_wall_ms, elapsed);
    text_scheduler(scheduled->message, text, sizeof(text));
    (void)snprintf(out->summary, sizeof(out->summary), tr("%.63s has had no node for %s: %.150s"),
                   pod->name, elapsed, *text ? text : scheduled->reason);
    finding_evidence(out, "status.conditions[PodScheduled]: %s: %s", scheduled->reason,
                     scheduled->message);
    for (uint32_t i = 0; i < pod->scheduling_gate_count && i < 2; i++)
        finding_evidence(out, "spec.schedulingGates[%u]: %s", i, pod->scheduling_gates[i]);
    explain_resource(pod, scheduled->message, out);
    if (pod->scheduling_gate_count)
        finding_advice(out, "the gate's owner must remove it; nothing is scheduled before");
    if (strcasestr(scheduled->message, "persistentvolumeclaim")) {
        explain_claims(env, out);
        finding_advice(out, "kubectl -n %s get pvc", diag_word(pod->ns, "NAMESPACE"));
    }
    if (strstr(scheduled->message, "taint"))
        explain_taints(env, out);
    if (strstr(scheduled->message, "affinity"))
        finding_advice(out, "kubectl get nodes --show-labels");
    finding_advice(out, "kubectl -n %s describe pod %s", diag_word(pod->ns, "NAMESPACE"),
                   diag_word(pod->name, "POD"));
    return true;
}

const struct diag_rule rule_unschedulable = {
    .name = "unschedulable",
    .id = "IW-L07",
    .title = TR_MARK("no node takes the pod"),
    .severity = SEVERITY_ERROR,
    .evaluate = unschedulable_evaluate,
    .doc = "The scheduler says why each node was refused. When a resource is short, the effective "
           "request is shown "
           "with the container that decides it: an init container that asks for more than all the "
           "apps together makes "
           "the whole pod that large.",
};
