/* forecast: what the other pods of its workload tell of a pod: how long a start-up usually takes, and which one came after it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_FORECAST_H
#define INITWATCH_MODEL_FORECAST_H

#include "initwatch/model/store.h"

/* Medians over the pods that came up without a restart; IW_TIME_NONE when no pod tells. */
struct forecast {
    unsigned samples; /* pods the numbers are from */
    int64_t
        step_ms; /* from the moment the container's turn came until it let the next one begin; of an app until Ready */
    int64_t rest_ms; /* from then until the pod was Ready; without a container: from its node on */
    int64_t
        elapsed_ms; /* of the step in this pod so far; IW_TIME_NONE when its turn is not known */
};
/* Of the pod's container c, NULL: of the pod that has no node yet. False when no other pod of its
 * workload tells: living ones and those deleted in this session are asked. */
bool forecast_of(const struct store *store, struct pod_ref ref, const struct container *c,
                 int64_t now_wall_ms, struct forecast *out);
/* Of a deleted pod: the living one of its name, else the youngest of its workload if that is younger
 * than it was. */
bool pod_successor(const struct store *store, struct pod_ref ref, struct pod_ref *out);

#endif
