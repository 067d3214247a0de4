/* probes: how far a probe has come towards its failure threshold, and which runs it ended.
 *
 * The API holds no probe results. What is known comes from Unhealthy events and the probe's own
 * numbers, so each answer says where it is from.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_PROBES_H
#define INITWATCH_MODEL_PROBES_H

#include "initwatch/model/event.h"
#include "initwatch/model/pod.h"

enum probe_role { PROBE_ROLE_STARTUP, PROBE_ROLE_READINESS, PROBE_ROLE_LIVENESS, PROBE_ROLE_COUNT };
const char *probe_role_name(enum probe_role role); /* "startup" */
/* The container's probe of that role; its kind is PROBE_NONE when there is none. */
const struct probe *container_probe(const struct container *c, enum probe_role role);
/* With the API server's defaults for what a file leaves out (SEMANTICS D.9). */
int32_t probe_period_s(const struct probe *p);
int32_t probe_threshold(const struct probe *p);
/* From the start to the kill when every try fails: initial delay + period x threshold. */
int64_t probe_budget_ms(const struct probe *p);
/* The wall moment a failing startup probe kills the run that is on; IW_TIME_NONE when none is. */
int64_t probe_startup_deadline_ms(const struct container *c);

/* Where the number of failures is from. */
enum probe_count_source {
    PROBE_COUNT_NONE,   /* it is not failing, as far as anybody can tell */
    PROBE_COUNT_EVENTS, /* Unhealthy events of this run */
    PROBE_COUNT_TIME /* tries that fitted into the time since the start: all have failed, or it would be started */
};
struct probe_state {
    int32_t failures, threshold; /* failures <= threshold */
    enum probe_count_source source;
    int64_t budget_ms, kill_ms; /* kill_ms: wall, IW_TIME_NONE when failing does not kill */
    /* The newest Unhealthy event of this probe, also of an earlier run; NULL when none is known. */
    const struct kevent *last; /* borrowed from the ring */
    bool last_is_of_this_run;
};
/* False when the container has no such probe. events may be NULL. */
bool probe_state_of(const struct pod *pod, const struct container *c, enum probe_role role,
                    const struct kevent_ring *events, int64_t now_wall_ms, struct probe_state *out);

/* Did the kubelet end a run from started_ms to finished_ms because a probe failed? By its Killing
 * event, or (inferred) as its startup probe was failing and the run lasted as long as the
 * budget. */
enum probe_kill { PROBE_KILL_NO, PROBE_KILL_SAID, PROBE_KILL_INFERRED };
enum probe_kill probe_killed(const struct pod *pod, const struct container *c, int64_t started_ms,
                             int64_t finished_ms, const struct kevent_ring *events,
                             enum probe_role *role);
/* The message of an Unhealthy event without the words that name the probe. Borrowed. */
const char *probe_event_text(const struct kevent *ev);

#endif
