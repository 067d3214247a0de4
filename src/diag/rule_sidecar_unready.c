/* rule_sidecar_unready: a started sidecar is not ready, so the pod is not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/sidecar.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

#define UNREADY_QUIET_MS 30000

static bool
sidecar_unready_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct pod *pod = env->pod;
    struct sidecar_report report;
    char path[128];
    const struct container *c = NULL;
    while ((c = pod_containers(pod, c)) != NULL) {
        if (c->kind != CONTAINER_SIDECAR)
            continue;
        sidecar_assess(pod, c, env->now_wall_ms, &report);
        if (report.health == SIDECAR_UNREADY)
            break;
    }
    if (!c || pod_is_deleted(pod))
        return false;
    int64_t since_ms = c->status->state.running_since_ms;
    if (since_ms != IW_TIME_NONE && env->now_wall_ms - since_ms < UNREADY_QUIET_MS)
        return false;
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    out->container = c;
    out->since_ms = ready ? ready->transition_ms : IW_TIME_NONE;
    (void)snprintf(out->summary, sizeof(out->summary),
                   tr("%.63s is not Ready: sidecar %.63s runs but is not ready"), pod->name,
                   c->name);
    diag_status_path(c, path);
    finding_evidence(out, "%s: started true, ready false", path);
    if (c->readiness->kind != PROBE_NONE) {
        diag_spec_path(c, path);
        finding_evidence(out, "%s.readinessProbe: %s", path, c->readiness->target);
    }
    const struct kevent *ev = diag_event_saying(env, "Unhealthy", "Readiness probe failed");
    if (ev)
        diag_event_evidence(out, ev);
    diag_logs_advice(out, pod, c, false);
    finding_advice(out,
                   "the apps run; only traffic through Services is withheld until it is ready");
    return true;
}

const struct diag_rule rule_sidecar_unready = {
    .name = "sidecar_unready",
    .id = "IW-S09",
    .title = TR_MARK("a sidecar is not ready"),
    .severity = SEVERITY_WARNING,
    .evaluate = sidecar_unready_evaluate,
    .doc = "The readiness of a native sidecar counts for the pod: it is left out of Services until "
           "the sidecar is ready. "
           "Containers after it are not held up.",
};
