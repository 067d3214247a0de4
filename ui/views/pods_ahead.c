/* pods_ahead: what is known beyond the step that blocks a pod: how long the step took in other pods of the workload, and
 * whether the waits behind it would pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/waitfor.h"
#include "pods.h"

/* --- how long it took in others --- */

/* A median moves slowly: all pods are asked again only this often, and when the cursor is on another pod. Moments are whole
 * seconds: of a step that takes none there is no multiple. */
enum { USUAL_EVERY_MS = 10000, USUAL_TELLING = 2, USUAL_LEAST_MS = 1000 };

void
pods_usual_update(struct pods_usual *u, const struct view_env *env, struct pod_ref ref)
{
    const struct pod *pod = store_get(env->store, ref);
    uint64_t generation = pod ? store_pod_generation(env->store, ref) : 0;
    int64_t passed = env->now_wall_ms - u->asked_ms;
    if (pod_ref_equal(u->pod, ref) && u->generation == generation && passed >= 0 &&
        passed < USUAL_EVERY_MS)
        return;
    *u = (struct pods_usual){.pod = ref, .generation = generation, .asked_ms = env->now_wall_ms};
    if (!pod)
        return;
    struct pod_block block;
    pod_block_of(pod, env->now_wall_ms, &block);
    u->known = block.severity != BLOCK_NONE && block.container &&
               block.container->list == LIST_INIT &&
               forecast_of(env->store, ref, block.container, env->now_wall_ms, &u->forecast);
}

bool
pods_usual_put(struct doc *d, const struct pods_usual *u, struct pod_ref ref, int indent,
               int64_t now_wall_ms)
{
    const struct forecast *f = &u->forecast;
    if (!u->known || !pod_ref_equal(u->pod, ref) || f->elapsed_ms == IW_TIME_NONE ||
        f->step_ms < USUAL_LEAST_MS)
        return false;
    int64_t elapsed_ms = f->elapsed_ms + IW_MAX(now_wall_ms - u->asked_ms, (int64_t)0);
    int64_t times = elapsed_ms / f->step_ms;
    char elapsed[16], usual[16];
    if (times < USUAL_TELLING)
        return false;
    duration_cells(elapsed_ms, elapsed);
    duration_cells(f->step_ms, usual);
    doc_line(d);
    doc_to(d, indent);
    doc_put(d, ROLE_WARN, tr("in this step for %s, %lld× the usual %s"), elapsed, (long long)times,
            usual);
    doc_put(d, ROLE_DIM, tr_n("  (of %u other pod)", "  (median of %u other pods)", f->samples),
            f->samples);
    return true;
}

/* --- the waits behind the one that blocks --- */

/* False when nothing is known about it: then there is nothing to say. */
static bool
judge(const struct view_env *env, const struct pod *pod, const struct container *c,
      struct chain *chain, struct pods_later *out)
{
    const struct wait_target *t = &chain->target;
    if (!chain_brief(env->store, pod, c, env->now_wall_ms, chain))
        return false;
    const char *fault = chain_fault(chain);
    *out = (struct pods_later){.container = c, .role = ROLE_ERROR};
    snprintf(out->target, sizeof(out->target), "%s%s%s", t->host, t->port[0] ? ":" : "", t->port);
    if (strcmp(fault, "IW-D01") == 0)
        snprintf(out->says, sizeof(out->says), "%s", tr("there is no such Service"));
    else if (strcmp(fault, "IW-D02") == 0)
        snprintf(out->says, sizeof(out->says), tr("the Service has no port %s"), t->port);
    else if (strcmp(fault, "IW-D03") == 0)
        snprintf(out->says, sizeof(out->says), "%s", tr("would not pass: no ready endpoint"));
    else if (chain->passes && chain->ready_endpoints > 0)
        snprintf(out->says, sizeof(out->says), tr("would pass: %d ready"), chain->ready_endpoints);
    else
        return false;
    if (!fault[0])
        out->role = ROLE_OK;
    return true;
}

unsigned
pods_later_waits(const struct view_env *env, const struct pod *pod, const struct container *blocks,
                 struct pods_later *out, unsigned most)
{
    unsigned count = 0;
    if (!blocks || blocks->list != LIST_INIT || !env->objects)
        return 0;
    struct chain *chain = iw_calloc(1, sizeof(*chain));
    for (const struct container *c = blocks; count < most && (c = pod_containers(pod, c)) != NULL;)
        if (c->list == LIST_INIT && judge(env, pod, c, chain, &out[count]))
            count++;
    free(chain);
    return count;
}

void
pods_later_put(struct doc *d, const struct pods_later *later)
{
    doc_line(d);
    doc_put(d, ROLE_WAITING, " ◌ ");
    doc_put(d, ROLE_TEXT, "%s", later->container->name);
    doc_put(d, ROLE_DIM, "  %s  ", later->target);
    doc_put(d, later->role, "%s", later->says);
}
