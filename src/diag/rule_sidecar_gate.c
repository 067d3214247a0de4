/* rule_sidecar_gate: a native sidecar does not start, and everything behind it waits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/model/sidecar.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* A startup probe needs some time in any case. */
#define GATE_QUIET_MS 20000

static unsigned
count_behind(const struct pod *pod, const struct container *c)
{
    unsigned behind = 0;
    while ((c = pod_containers(pod, c)) != NULL)
        behind += c->list != LIST_EPHEMERAL;
    return behind;
}

static bool
sidecar_gate_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct pod *pod = env->pod;
    struct sidecar_report report = {.gates = false};
    char path[128];
    const struct container *c = NULL;
    while ((c = pod_containers(pod, c)) != NULL) {
        if (c->kind != CONTAINER_SIDECAR)
            continue;
        sidecar_assess(pod, c, env->now_wall_ms, &report);
        if (report.gates &&
            (report.health == SIDECAR_STARTING || report.health == SIDECAR_RESTARTING))
            break;
    }
    if (!c || pod_is_deleted(pod))
        return false;
    int64_t since_ms = c->status->state.running_since_ms;
    if (c->status->restart_count == 0 && since_ms != IW_TIME_NONE &&
        env->now_wall_ms - since_ms < GATE_QUIET_MS)
        return false;
    out->container = c;
    out->since_ms = since_ms;
    unsigned behind = count_behind(pod, c);
    (void)snprintf(out->summary, sizeof(out->summary),
                   tr_n("%.63s: %u container waits for sidecar %.63s: %.60s",
                        "%.63s: %u containers wait for sidecar %.63s: %.60s", behind),
                   pod->name, behind, c->name, report.gate);
    diag_status_path(c, path);
    finding_evidence(out, "%s: started false, restartCount %d", path, c->status->restart_count);
    finding_evidence(out, "%s", report.sentence);
    const struct kevent *ev = diag_event_saying(env, "Unhealthy", "Startup probe failed");
    if (ev)
        diag_event_evidence(out, ev);
    diag_logs_advice(out, pod, c, false);
    if (c->startup->kind != PROBE_NONE)
        finding_advice(out, "see what %s answers; its budget is %d x %d s", c->startup->target,
                       c->startup->failure_threshold, c->startup->period_s);
    return true;
}

const struct diag_rule rule_sidecar_gate = {
    .name = "sidecar_gate",
    .id = "IW-S02",
    .title = TR_MARK("a sidecar holds up everything behind it"),
    .severity = SEVERITY_ERROR,
    .evaluate = sidecar_gate_evaluate,
    .doc = "An init container with restartPolicy Always lets the next container start only when it "
           "runs and its startup "
           "probe has passed (started is true). Readiness plays no part in this.",
};
