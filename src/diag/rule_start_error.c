/* rule_start_error: the runtime cannot create or start a container.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/progress_text.h"

#include "diag_util.h"

/* Where the runtime's text stands: waiting, or the end of a run that never was. */
static const char *
start_message(const struct container *c, const char **reason)
{
    const struct container_status *status = c->status;
    const struct container_end *end = diag_last_end(c);
    if (status && status->state.waiting &&
        waiting_class_of(status->state.waiting_reason) == WAITING_START) {
        *reason = status->state.waiting_reason;
        return status->state.waiting_message;
    }
    if (end && !status->state.running &&
        (strcmp(end->reason, "StartError") == 0 ||
         strcmp(end->reason, "ContainerCannotRun") == 0)) {
        *reason = end->reason;
        return end->message;
    }
    return NULL;
}

static bool
start_error_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct container *c = NULL;
    const char *reason = "";
    const char *message = NULL;
    char path[128];
    char text[200];
    while ((c = pod_containers(env->pod, c)) != NULL)
        if ((message = start_message(c, &reason)) != NULL)
            break;
    if (!c)
        return false;
    out->container = c;
    text_start_problem(reason, message, text, sizeof(text));
    (void)snprintf(out->summary, sizeof(out->summary), "%.63s: %s %.63s %.120s", env->pod->name,
                   container_kind_word(c->kind), c->name, text);
    diag_status_path(c, path);
    finding_evidence(out, "%s: %s: %s", path, reason, message);
    diag_spec_path(c, path);
    if (strstr(message, "not found") || strstr(message, "no such file"))
        finding_advice(out, "%s.command names a file that is not in the image", path);
    else if (strstr(message, "permission denied"))
        finding_advice(out, "the file is not executable, or the user may not run it");
    else if (strcmp(reason, "PostStartHookError") == 0)
        finding_advice(out,
                       "correct %s.lifecycle.postStart: until it succeeds nothing behind it starts",
                       path);
    finding_advice(out, "kubectl -n %s describe pod %s", diag_word(env->pod->ns, "NAMESPACE"),
                   diag_word(env->pod->name, "POD"));
    return true;
}

const struct diag_rule rule_start_error = {
    .name = "start_error",
    .id = "IW-L11",
    .title = TR_MARK("a container cannot be created or started"),
    .severity = SEVERITY_ERROR,
    .evaluate = start_error_evaluate,
    .doc = "RunContainerError, CreateContainerError, StartError or a failed postStart hook: the "
           "image is there, but its "
           "command, a mount or a hook is wrong.",
};
