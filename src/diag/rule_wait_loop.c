/* rule_wait_loop: an init container repeats a check that does not pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/chain.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/waitfor.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* Before this a wait is the ordinary course of a start. */
#define WAIT_QUIET_MS 30000

/* db.shop.svc.cluster.local -> "db", "shop"; a bare name is in the pod's namespace. */
static void
split_host(const char *host, const char *pod_ns, char name[64], char ns[64])
{
    size_t len = strcspn(host, ".");
    (void)snprintf(name, 64, "%.*s", (int)IW_MIN(len, 63u), host);
    (void)snprintf(ns, 64, "%.63s", pod_ns);
    if (host[len] == '.') {
        const char *rest = host + len + 1;
        size_t ns_len = strcspn(rest, ".");
        bool service = rest[ns_len] == '\0' || strncmp(rest + ns_len, ".svc", 4) == 0;
        if (service)
            (void)snprintf(ns, 64, "%.*s", (int)IW_MIN(ns_len, 63u), rest);
    }
}

static void
advise_target(const struct pod *pod, const struct wait_target *target, struct finding *out)
{
    char name[64];
    char ns[64];
    split_host(target->host, pod->ns, name, ns);
    const char *service = diag_word(name, "SERVICE");
    const char *in = diag_word(ns, "NAMESPACE");
    if (strcmp(target->kind, "object") == 0) {
        finding_advice(out, "kubectl -n %s get %s", diag_word(pod->ns, "NAMESPACE"),
                       diag_word(target->host, "OBJECT"));
    } else if (strcmp(target->kind, "file") == 0) {
        finding_advice(out,
                       "find out which container writes %s and whether it mounts the same volume",
                       target->host);
    } else {
        finding_advice(out, "kubectl -n %s get service %s", in, service);
        finding_advice(out, "kubectl -n %s get endpointslices -l kubernetes.io/service-name=%s", in,
                       service);
    }
}

static const struct {
    const char *id, *title;
} BROKEN[] = {
    {"IW-D01", TR_MARK("waits for a Service that does not exist")},
    {"IW-D02", TR_MARK("waits for a port that the Service does not have")},
    {"IW-D03", TR_MARK("waits for a Service without ready endpoints")},
    {"IW-D04", TR_MARK("waits for a Service whose selector matches no pod")},
    {"IW-D06", TR_MARK("waits behind a NetworkPolicy that does not let it through")},
    {"IW-D07", TR_MARK("waits in a circle: the pods wait for each other")},
    {"IW-D08", TR_MARK("waits for itself")},
};

/* What the cluster says about the target: the first broken step names the finding, the deepest one
 * is the cause and what must be mended. False when nothing is known to be wrong. */
static bool
explain(const struct diag_env *env, const struct container *c, struct finding *out)
{
    static const char *const marks[] = {[CHAIN_OK] = "✓", [CHAIN_BAD] = "✗", [CHAIN_UNKNOWN] = "?"};
    struct chain chain;
    if (!env->store || !chain_of(env->store, env->pod, c, env->now_wall_ms, &chain))
        return false;
    const char *id = chain_fault(&chain);
    for (size_t i = 0; i < IW_COUNTOF(BROKEN); i++) {
        if (strcmp(id, BROKEN[i].id) != 0)
            continue;
        out->id = BROKEN[i].id;
        out->title = tr(BROKEN[i].title);
        out->severity = SEVERITY_ERROR;
    }
    for (size_t i = 0; i < chain.count; i++) {
        const struct chain_step *step = &chain.steps[i];
        const char *kind = step->kind[0] ? step->kind : "host";
        bool named = strncmp(step->text, kind, strlen(kind)) == 0;
        finding_evidence(out, "%s %s%s%s%s%s", marks[step->sign], named ? "" : kind,
                         named ? "" : " ", named ? "" : step->name,
                         named || !step->name[0] ? "" : ": ", step->text);
    }
    chain_cause(&chain, out->cause, sizeof(out->cause));
    return diag_chain_advice(env, &chain, out);
}

static bool
wait_loop_evaluate(const struct diag_env *env, struct finding *out)
{
    struct init_progress progress;
    struct wait_target target;
    char path[128];
    char elapsed[16];
    pod_init_progress(env->pod, env->now_wall_ms, &progress);
    const struct container *c = progress.current;
    if (!c || c->kind != CONTAINER_INIT || container_phase(c) != CONTAINER_RUNNING ||
        !container_wait_target(c, &target))
        return false;
    int64_t since_ms = c->status->state.running_since_ms;
    if (since_ms != IW_TIME_NONE && env->now_wall_ms - since_ms < WAIT_QUIET_MS)
        return false;
    out->container = c;
    out->since_ms = since_ms;
    diag_elapsed(since_ms, env->now_wall_ms, elapsed);
    (void)snprintf(out->summary, sizeof(out->summary),
                   tr("%.63s is blocked for %s: %.63s waits for %.8s %.50s%s%.15s"), env->pod->name,
                   elapsed, c->name, target.kind, target.host, *target.port ? ":" : "",
                   target.port);
    diag_spec_path(c, path);
    finding_evidence(out, "%s.command: %s", path, target.command);
    diag_status_path(c, path);
    finding_evidence(out, "%s.state.running: for %s", path, elapsed);
    if (!explain(env, c, out))
        advise_target(env->pod, &target, out);
    diag_logs_advice(out, env->pod, c, false);
    return true;
}

const struct diag_rule rule_wait_loop = {
    .name = "wait_loop",
    .id = "IW-D00",
    .title = TR_MARK("an init container waits for something that does not come"),
    .severity = SEVERITY_WARNING,
    .evaluate = wait_loop_evaluate,
    .doc = "An init container runs a loop such as `until nc -z db 5432; do sleep 2; done` for more "
           "than "
           "half a minute. The pod looks quiet (no event, no error) and stays so until the check "
           "passes. "
           "Host and port are read from the command; initwatch does not connect to them.",
};
