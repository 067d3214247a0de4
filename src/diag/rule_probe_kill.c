/* rule_probe_kill: a liveness or startup probe kills a container again and again.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* The container that the kubelet said it killed, else the one whose startup probe ran out. */
static const struct container *
killed_container(const struct diag_env *env, const struct kevent *killing, bool startup)
{
    if (killing)
        return pod_find_container(env->pod, killing->container);
    const struct container *c = NULL;
    while (startup && (c = pod_containers(env->pod, c)) != NULL) {
        if (diag_is_down(env->pod, c) && diag_startup_ran_out(env, c))
            return c;
    }
    return NULL;
}

static bool
probe_kill_evaluate(const struct diag_env *env, struct finding *out)
{
    static const struct {
        const char *killing, *unhealthy, *word;
    } probes[] = {{"failed startup probe", "Startup probe failed", "startup"},
                  {"failed liveness probe", "Liveness probe failed", "liveness"}};
    const struct pod *pod = env->pod;
    for (size_t i = 0; i < IW_COUNTOF(probes); i++) {
        const struct kevent *ev = diag_event_saying(env, "Killing", probes[i].killing);
        const struct container *c = killed_container(env, ev, i == 0);
        if (!c || !c->status || pod_is_terminal(pod) || pod_is_deleted(pod))
            continue;
        const struct probe *probe = i == 0 ? c->startup : c->liveness;
        out->container = c;
        const struct kevent *why = diag_event_saying(env, "Unhealthy", probes[i].unhealthy);
        out->since_ms = ev ? ev->first_ms : why ? why->first_ms : IW_TIME_NONE;
        out->severity = diag_is_down(pod, c) ? SEVERITY_ERROR : SEVERITY_WARNING;
        (void)snprintf(out->summary, sizeof(out->summary),
                       c->status->restart_count == 1
                           ? tr("%.63s: %s %.63s is killed by its %s probe (%d restart)")
                           : tr("%.63s: %s %.63s is killed by its %s probe (%d restarts)"),
                       pod->name, container_kind_word(c->kind), c->name, probes[i].word,
                       c->status->restart_count);
        if (ev)
            diag_event_evidence(out, ev);
        if (why)
            diag_event_evidence(out, why);
        finding_evidence(out, "%s probe: %s, %d x %d s", probes[i].word, probe->target,
                         probe->failure_threshold, probe->period_s);
        if (i == 1 && c->startup->kind == PROBE_NONE)
            finding_advice(out,
                           "add a startupProbe: it keeps the liveness probe away while it starts");
        else
            finding_advice(out,
                           "raise failureThreshold or periodSeconds, or correct what is asked");
        diag_logs_advice(out, pod, c, true);
        return true;
    }
    return false;
}

const struct diag_rule rule_probe_kill = {
    .name = "probe_kill",
    .id = "IW-L09",
    .title = TR_MARK("a probe kills a container"),
    .severity = SEVERITY_WARNING,
    .evaluate = probe_kill_evaluate,
    .doc = "The kubelet killed a container because its startup or liveness probe failed. The "
           "container's own exit code "
           "(137 or 143) does not tell that; the Killing event does.",
};
