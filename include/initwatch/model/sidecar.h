/* sidecar: health verdict of one native sidecar over probes, restarts and order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SIDECAR_H
#define INITWATCH_MODEL_SIDECAR_H

#include "initwatch/model/pod.h"

enum sidecar_health {
    SIDECAR_NOT_YET,  /* its turn has not come */
    SIDECAR_CREATING, /* image, volumes, creation */
    SIDECAR_STARTING, /* runs, startup probe not passed: gates everything behind it */
    SIDECAR_READY,
    SIDECAR_UNREADY, /* started, readiness probe fails: gates nothing, but the pod is not Ready */
    SIDECAR_RESTARTING, /* ended, starts again or waits for its back-off */
    SIDECAR_BROKEN,     /* cannot be created or pulled */
    SIDECAR_STOPPED,    /* the pod is over */
    SIDECAR_HEALTH_COUNT
};
struct sidecar_report {
    enum sidecar_health health;
    bool gates;    /* later containers wait for it now */
    char gate[96]; /* what releases them: "running is enough", "startup probe httpGet :15021" */
    char sentence[256];
    /* wall moment the startup probe's budget ends, IW_TIME_NONE unknown */
    int64_t startup_deadline_ms;
};
/* c must be CONTAINER_SIDECAR of pod. */
void sidecar_assess(const struct pod *pod, const struct container *c, int64_t now_wall_ms,
                    struct sidecar_report *out);
/* All app containers have ended and none starts again: the kubelet stops the sidecars now. */
bool pod_apps_are_over(const struct pod *pod);
const char *sidecar_health_name(enum sidecar_health health);

#endif
