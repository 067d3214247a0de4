/* podfile: the pods and events of -f FILE, chosen by the same flags as those of a cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_PODFILE_H
#define INITWATCH_APP_PODFILE_H

#include "initwatch/app/options.h"
#include "initwatch/model/event.h"
#include "initwatch/model/pod.h"

struct podfile_sink {
    void *ctx;
    /* Takes the pod. watch_type: "ADDED" ... or "". now_wall_ms: of its envelope, of --now, or of
     * the clock. */
    void (*pod)(void *ctx, struct pod *pod, const char *watch_type, int64_t now_wall_ms);
    void (*event)(void *ctx, const struct kevent *ev); /* may be NULL; borrowed for the call */
};

/* Read every file of o. Only pods that -n, -l and the names on the command line choose reach the
 * sink; a name that no pod has is IW_ERR_NOT_FOUND. */
IW_NODISCARD enum iw_err podfile_read(const struct options *o, const struct podfile_sink *sink,
                                      struct iw_error *err);

#endif
