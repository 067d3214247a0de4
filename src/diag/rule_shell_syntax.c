/* rule_shell_syntax: a shell refuses the script of a container.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/waitfor.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

const char *
diag_script_fault(const struct container *c)
{
    const struct container_end *end = diag_last_end(c);
    const char *script = container_shell_script(c);
    const char *what = NULL;
    bool broken = end && end->exit_code == 2 && script && diag_shell_broken(script, &what);
    return broken ? what : NULL;
}

static bool
shell_syntax_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct container *c = NULL;
    const char *what = NULL;
    char path[128];
    char text[150];
    while (!what && (c = pod_containers(env->pod, c)) != NULL)
        what = diag_script_fault(c);
    if (!c)
        return false;
    out->container = c;
    out->since_ms = diag_last_end(c)->finished_ms;
    (void)snprintf(out->summary, sizeof(out->summary),
                   tr("%.63s: the script of %.63s has a syntax error: %s"), env->pod->name, c->name,
                   tr(what));
    (void)snprintf(out->cause, sizeof(out->cause), tr("shell error: %.60s in %.60s"), tr(what),
                   c->name);
    diag_status_path(c, path);
    finding_evidence(out, "%s: exit 2, which a shell gives for a syntax error", path);
    diag_spec_path(c, path);
    container_command_text(c, text, sizeof(text));
    finding_evidence(out, "%s.command: %s", path, text);
    finding_advice(out, "correct the script: %s", tr(what));
    finding_advice(out, "check it without a cluster: sh -n SCRIPT");
    diag_logs_advice(out, env->pod, c, false);
    return true;
}

const struct diag_rule rule_shell_syntax = {
    .name = "shell_syntax",
    .id = "IW-L04",
    .title = TR_MARK("a shell script does not parse"),
    .severity = SEVERITY_ERROR,
    .evaluate = shell_syntax_evaluate,
    .doc = "`sh -c SCRIPT` ended with 2 and the script's quotes or compound commands do not match "
           "(a `done` without "
           "`do`, an `if` without `fi`). No line of it ran, and no restart will help.",
};
