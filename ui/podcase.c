/* podcase: rules, chain, neighbourhood and forecast of the pod on screen, kept until something they were read from changes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/podcase.h"

#include <stdlib.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"
#include "initwatch/ui/podpane.h"

struct podcase_keep {
    struct podcase judged;
    struct related *related;
    bool related_known;
    struct forecast forecast;
    const struct container *forecast_of;
    bool forecast_known, forecast_tells;
    /* What it was judged from. */
    const struct store *store;
    const struct pod *record;
    struct pod_ref pod;
    uint64_t generation;
    int64_t second;
    const char *language;
};

struct podcase_keep *
podcase_keep_new(void)
{
    struct podcase_keep *keep = iw_calloc(1, sizeof(*keep));
    keep->judged.found = iw_calloc(PODCASE_FINDINGS, sizeof(*keep->judged.found));
    keep->judged.chain = iw_calloc(1, sizeof(*keep->judged.chain));
    keep->related = iw_calloc(1, sizeof(*keep->related));
    return keep;
}

void
podcase_keep_free(struct podcase_keep *keep)
{
    if (!keep)
        return;
    free(keep->judged.found);
    free(keep->judged.chain);
    free(keep->related);
    free(keep);
}

static void
judge(struct podcase *judged, const struct view_env *env, const struct pod *pod)
{
    struct diag_env de = {.pod = pod,
                          .events = store_events(env->store),
                          .store = env->store,
                          .now_wall_ms = podpane_now(env)};
    judged->count = diag_run(&de, judged->found, PODCASE_FINDINGS);
    const struct container *c = judged->count ? judged->found[0].container : NULL;
    if (!c || !chain_of(env->store, pod, c, de.now_wall_ms, judged->chain))
        judged->chain->count = 0;
}

/* Durations in findings count seconds. */
static bool
is_current(const struct podcase_keep *keep, const struct view_env *env, const struct pod *pod)
{
    return keep->record == pod && keep->store == env->store && pod_ref_equal(keep->pod, env->pod) &&
           keep->generation == store_generation(env->store) &&
           keep->second == podpane_now(env) / 1000 && keep->language == tr_language();
}

const struct podcase *
podcase_of(const struct view_env *env, const struct pod *pod)
{
    struct podcase_keep *keep = env->podcase;
    if (is_current(keep, env, pod))
        return &keep->judged;
    keep->store = env->store;
    keep->record = pod;
    keep->pod = env->pod;
    keep->generation = store_generation(env->store);
    keep->second = podpane_now(env) / 1000;
    keep->language = tr_language();
    keep->related_known = keep->forecast_known = false;
    judge(&keep->judged, env, pod);
    return &keep->judged;
}

const struct related *
podcase_related(const struct view_env *env, const struct pod *pod)
{
    struct podcase_keep *keep = env->podcase;
    (void)podcase_of(env, pod);
    if (!keep->related_known)
        related_of(env->store, pod, podpane_now(env), keep->related);
    keep->related_known = true;
    return keep->related;
}

const struct forecast *
podcase_forecast(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    struct podcase_keep *keep = env->podcase;
    (void)podcase_of(env, pod);
    if (!keep->forecast_known || keep->forecast_of != c)
        keep->forecast_tells =
            forecast_of(env->store, env->pod, c, podpane_now(env), &keep->forecast);
    keep->forecast_known = true;
    keep->forecast_of = c;
    return keep->forecast_tells ? &keep->forecast : NULL;
}
