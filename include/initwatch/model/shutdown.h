/* shutdown: in which order the containers of a pod stop, and how far that has come.
 *
 * Apps (and plain inits that still run) get their signal at once; sidecars follow one after the
 * other in reverse start order, all within one shared grace period. Ref: SEMANTICS D.10; KEP-753.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SHUTDOWN_H
#define INITWATCH_MODEL_SHUTDOWN_H

#include "initwatch/model/pod.h"

enum shutdown_state {
    SHUTDOWN_IDLE,     /* it does not run: nothing to stop */
    SHUTDOWN_RUNS,     /* no shutdown is under way */
    SHUTDOWN_WAITS,    /* its turn has not come: waits_for, else the apps */
    SHUTDOWN_STOPPING, /* it has its signal (or its preStop hook runs) */
    SHUTDOWN_STOPPED
};
struct shutdown_step {
    const struct container *container;
    const struct container *waits_for; /* SHUTDOWN_WAITS: the sidecar before it; NULL: the apps */
    enum shutdown_state state;
    int64_t stopped_ms; /* wall; IW_TIME_NONE unless SHUTDOWN_STOPPED */
    bool together;      /* at the same time as the step before it */
    bool hook;          /* has a preStop hook, which runs at the very beginning */
};
enum shutdown_cause { SHUTDOWN_NOT, SHUTDOWN_DELETED, SHUTDOWN_APPS_ENDED };
struct shutdown {
    enum shutdown_cause cause;
    int64_t started_ms, deadline_ms; /* wall; IW_TIME_NONE unless under way and known */
    int64_t grace_ms;                /* shared by all steps */
    bool order_lost; /* the grace is over: whoever still runs is stopped at this moment */
    struct shutdown_step *steps; /* in the order of stopping; owned */
    size_t count;
};
/* New in out: shutdown_free. */
void shutdown_of(const struct pod *pod, int64_t now_wall_ms, struct shutdown *out);
void shutdown_free(struct shutdown *s);

#endif
