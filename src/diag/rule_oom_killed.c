/* rule_oom_killed: the kernel killed a container at its memory limit.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diag_util.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/resources.h"

static const char *
memory_limit(const struct container *c)
{
    const char *text = resource_list_text(&c->limits, "memory");
    return text ? text : "";
}

static bool
oom_killed_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct container *c = NULL;
    const struct container_end *end = NULL;
    char path[128];
    while ((c = pod_containers(env->pod, c)) != NULL) {
        end = diag_last_end(c);
        if (end && strcmp(end->reason, "OOMKilled") == 0)
            break;
    }
    if (!c)
        return false;
    const char *limit = memory_limit(c);
    out->container = c;
    out->since_ms = end->finished_ms;
    out->severity = diag_is_down(env->pod, c) ? SEVERITY_ERROR : SEVERITY_WARNING;
    (void)snprintf(out->summary, sizeof(out->summary),
                   c->status->restart_count == 1
                       ? tr("%.63s: %s %.63s ran out of memory%s%.40s (%d restart)")
                       : tr("%.63s: %s %.63s ran out of memory%s%.40s (%d restarts)"),
                   env->pod->name, container_kind_word(c->kind), c->name,
                   *limit ? tr(" at its limit of ") : "", limit, c->status->restart_count);
    diag_status_path(c, path);
    finding_evidence(out, "%s.%s.terminated.reason: OOMKilled, exit %d", path,
                     c->status->state.terminated ? "state" : "lastState", end->exit_code);
    diag_spec_path(c, path);
    finding_evidence(out, "%s.resources.limits.memory: %s", path,
                     *limit ? limit : "none, so the node itself was short of memory");
    if (*limit)
        finding_advice(out, "raise %s.resources.limits.memory (try twice %s), or make it use less",
                       path, limit);
    else
        finding_advice(out, "set a memory request and limit for %s", c->name);
    diag_logs_advice(out, env->pod, c, !c->status->state.terminated);
    return true;
}

const struct diag_rule rule_oom_killed = {
    .name = "oom_killed",
    .id = "IW-L03",
    .title = TR_MARK("a container was killed for memory"),
    .severity = SEVERITY_ERROR,
    .evaluate = oom_killed_evaluate,
    .doc = "The container runtime reports OOMKilled. Exit code 137 alone does not mean that: "
           "without this reason "
           "the signal came from elsewhere (a probe, the end of a grace period).",
};
