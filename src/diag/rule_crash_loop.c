/* rule_crash_loop: a container ends with an error, again and again or for good.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/progress_text.h"
#include "initwatch/model/waitfor.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* Ends with a rule of their own. */
static bool
end_is_special(const struct container *c, const struct container_end *end)
{
    return strcmp(end->reason, "OOMKilled") == 0 || strcmp(end->reason, "StartError") == 0 ||
           diag_script_fault(c);
}

/* The kubelet says so; then the probe is the cause, not the exit code. */
static bool
probe_killed(const struct diag_env *env, const struct container *c)
{
    const struct kevent *ev = diag_event(env, "Killing", c->name);
    if (ev && (strstr(ev->message, "failed startup probe") ||
               strstr(ev->message, "failed liveness probe")))
        return true;
    return diag_startup_ran_out(env, c);
}

static void
advise_code(const struct container *c, const struct container_end *end, struct finding *out)
{
    switch (end->exit_code) {
    case 0:
        if (c->kind == CONTAINER_SIDECAR)
            finding_advice(out,
                           "a sidecar has to keep running, and this one ended by itself or was "
                           "stopped by a probe");
        else
            finding_advice(out, "it ends with success and is started again: use restartPolicy "
                                "OnFailure, or a Job");
        break;
    case 126:
        finding_advice(out,
                       "the command is not executable: check its mode and the image's platform");
        break;
    case 127:
        finding_advice(out, "the command is not in the image: check its name and PATH");
        break;
    case 137:
        finding_advice(out,
                       "SIGKILL without an OOM report: look for a failed probe or an eviction");
        break;
    case 139:
        finding_advice(out, "it crashed in its own code (segmentation fault)");
        break;
    default:
        break;
    }
}

static bool
crash_loop_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct pod *pod = env->pod;
    char path[128];
    char text[160];
    const struct container *c = NULL;
    const struct container_end *end = NULL;
    while ((c = pod_containers(pod, c)) != NULL) {
        end = diag_last_end(c);
        if (diag_is_down(pod, c) && end && !end_is_special(c, end) && !probe_killed(env, c))
            break;
    }
    if (!c || !end)
        return false;
    out->container = c;
    out->since_ms = end->finished_ms;
    diag_status_path(c, path);
    container_exit_text(end, text, sizeof(text));
    struct container_backoff backoff = pod_backoff_now(pod, c, env->now_wall_ms);
    (void)snprintf(out->summary, sizeof(out->summary), "%.63s: %s %.63s %s: %.70s", pod->name,
                   container_kind_word(c->kind), c->name,
                   backoff.active || c->status->restart_count > 0 ? tr("keeps ending")
                                                                  : tr("has failed"),
                   text);
    finding_evidence(out, "%s: %s, restartCount %d", path, text, c->status->restart_count);
    if (backoff.active) {
        char delay[40];
        duration_go(backoff.delay_ms, delay);
        finding_evidence(out, "back-off %s from its exit%s", delay,
                         backoff.known ? "" : " (derived from the exit and restartCount)");
    }
    text_last_line(end->message, text, sizeof(text));
    if (*text)
        finding_evidence(out, "%s.message: %s", path, text);
    const struct kevent *ev = diag_event(env, "BackOff", c->name);
    if (ev)
        diag_event_evidence(out, ev);
    diag_logs_advice(out, pod, c, c->status->state.waiting);
    advise_code(c, end, out);
    return true;
}

const struct diag_rule rule_crash_loop = {
    .name = "crash_loop",
    .id = "IW-L02",
    .title = TR_MARK("a container ends with an error"),
    .severity = SEVERITY_ERROR,
    .evaluate = crash_loop_evaluate,
    .doc = "A container ended with an error and is started again with growing pauses (10 s, "
           "doubling to 5 min), "
           "or its restart policy forbids another try. The cluster shows CrashLoopBackOff only for "
           "moments, so the "
           "back-off is derived from the exit and the restart count.",
};
