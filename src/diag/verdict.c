/* verdict: judging a judgement.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/diag/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag_util.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress.h"

#define ALSO_FINDINGS 4 /* the cause of a pod is among its first ones */

/* --- how sure --- */

unsigned
verdict_sure(const struct finding *root, const struct chain *chain, const char **why)
{
    bool unknown = false;
    for (size_t i = 0; chain && i < chain->count; i++)
        unknown |= chain->steps[i].sign == CHAIN_UNKNOWN;
    if (chain && chain->count > 0 && chain_root(chain)) {
        *why = unknown ? TR_MARK("from objects, some could not be read")
                       : TR_MARK("from objects that were all read");
        return unknown ? 3 : 4;
    }
    if (chain && unknown) {
        *why = TR_MARK("what it waits for could not be read");
        return 2;
    }
    switch (root->severity) {
    case SEVERITY_ERROR:
        *why = TR_MARK("the cluster reports it");
        return 5;
    case SEVERITY_WARNING:
        *why = TR_MARK("likely, judged from the pod");
        return 3;
    case SEVERITY_INFO:
        break;
    }
    *why = TR_MARK("a hint");
    return 1;
}

/* --- ruled out --- */

static bool
condition_holds(const struct pod *pod, const char *type)
{
    const struct pod_condition *c = pod_condition(pod, type);
    return c && strcmp(c->status, "True") == 0;
}

/* Every container up to the one at work has run: its image was there and its configuration good. */
static bool
all_begun_ran(const struct pod *pod)
{
    struct init_progress progress;
    bool any = false;
    pod_init_progress(pod, INT64_MAX / 2, &progress);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        const struct container_status *st = c->status;
        bool ran = st && (st->state.running || st->state.terminated || st->last->terminated);
        any |= ran;
        if (c == progress.current)
            return ran;
        if (!progress.current && !ran)
            return false;
    }
    return any;
}

static bool
memory_was_short(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        const struct container_status *st = c->status;
        if (st && ((st->state.terminated && strcmp(st->state.end.reason, "OOMKilled") == 0) ||
                   (st->last->terminated && strcmp(st->last->end.reason, "OOMKilled") == 0)))
            return true;
    }
    return false;
}

static bool
chain_says_ok(const struct chain *chain, const char *kind, size_t nth)
{
    for (size_t i = 0; chain && i < chain->count; i++)
        if (strcmp(chain->steps[i].kind, kind) == 0 && nth-- == 0)
            return chain->steps[i].sign == CHAIN_OK;
    return false;
}

size_t
verdict_ruled_out(const struct pod *pod, const struct chain *chain,
                  const char *out[VERDICT_RULED_MAX])
{
    const struct {
        bool ruled;
        const char *word;
    } facts[] = {
        {chain_says_ok(chain, "Service", 0), TR_MARK("DNS name")},
        {chain_says_ok(chain, "Service", 1), TR_MARK("service port")},
        {chain_says_ok(chain, "EndpointSlice", 0), TR_MARK("endpoints")},
        {chain_says_ok(chain, "NetworkPolicy", 0), TR_MARK("NetworkPolicy")},
        {condition_holds(pod, "PodScheduled"), TR_MARK("node")},
        {condition_holds(pod, "PodReadyToStartContainers"), TR_MARK("sandbox and volumes")},
        {all_begun_ran(pod), TR_MARK("image")},
        {all_begun_ran(pod) && !memory_was_short(pod), TR_MARK("memory")},
    };
    size_t count = 0;
    for (size_t i = 0; i < IW_COUNTOF(facts) && count < VERDICT_RULED_MAX; i++)
        if (facts[i].ruled)
            out[count++] = facts[i].word;
    return count;
}

/* --- who else --- */

static bool
has_cause(const struct diag_env *env, const struct pod *pod, const char *cause,
          struct finding *scratch)
{
    struct diag_env other = *env;
    other.pod = pod;
    size_t n = diag_run(&other, scratch, ALSO_FINDINGS);
    for (size_t i = 0; i < n; i++)
        if (strcmp(scratch[i].cause, cause) == 0)
            return true;
    return false;
}

void
verdict_also(const struct diag_env *env, const struct finding *root, size_t look,
             struct verdict_also *out)
{
    struct pod_ref it = {0, 0};
    struct finding *scratch = iw_calloc(ALSO_FINDINGS, sizeof(*scratch));
    *out = (struct verdict_also){.count = 0};
    while (env->store && root->cause[0] && look > 0 && store_next(env->store, &it)) {
        const struct pod *pod = store_get(env->store, it);
        struct pod_block block;
        if (!pod || strcmp(pod->ns, env->pod->ns) != 0 || strcmp(pod->name, env->pod->name) == 0)
            continue;
        pod_block_of(pod, env->now_wall_ms, &block);
        if (block.severity == BLOCK_NONE)
            continue;
        look--;
        if (!has_cause(env, pod, root->cause, scratch))
            continue;
        if (out->count < VERDICT_ALSO_MAX)
            out->pods[out->count++] = it;
        out->total++;
    }
    free(scratch);
}
