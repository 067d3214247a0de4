/* timeline: what happened to the containers of a pod, seen by comparing records.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_TIMELINE_H
#define INITWATCH_MODEL_TIMELINE_H

#include "initwatch/model/pod.h"

/* How we know. OBSERVED: two records differ and we saw both. REPORTED: a time the status itself
 * states (startedAt, finishedAt). INFERRED: follows from counts (a restart nobody saw). */
enum timeline_source { TIMELINE_OBSERVED, TIMELINE_REPORTED, TIMELINE_INFERRED };

/* What a container did, for the Gantt chart of the detail view. */
enum lane_state {
    LANE_WAITS,    /* · its turn has not come */
    LANE_PULLING,  /* ░ pulling or creating */
    LANE_STARTING, /* ▒ startup probe not passed */
    LANE_RUNNING,  /* █ */
    LANE_UNREADY,  /* ▓ running, not ready */
    LANE_BACKOFF,  /* ┄ */
    LANE_FAILED,   /* ✗ ended badly */
    LANE_DONE,     /* (blank) ended with 0, or over */
    LANE_STATE_COUNT
};

struct transition {
    int64_t wall_ms;
    /* All borrowed from the timeline, never NULL. */
    const char *container; /* "" for the pod */
    const char *from,
        *to; /* "waiting", "running", "terminated", "ready", "unready", "started", phase names */
    const char *reason;
    int32_t exit_code; /* valid when to is "terminated" */
    int32_t attempt;   /* restartCount it belongs to */
    enum timeline_source source;
    bool gap; /* a stretch without connection lies before it */
};

/* One stretch of a lane. Open stretches have to_ms IW_TIME_NONE. */
struct lane_span {
    enum lane_state state;
    int64_t from_ms, to_ms;
    int32_t attempt;
    bool inferred;
};

struct timeline; /* ring of transitions (LIMIT_TIMELINE_PER_POD) and the spans of each container */
struct timeline *timeline_new(void) IW_NODISCARD;
void timeline_free(struct timeline *t);
/* Compare and append. old NULL: first sight; history is then taken from the times the status states
 * (REPORTED). now_wall_ms is the moment of observation. gap: the data was stale before this
 * record. */
void timeline_diff(struct timeline *t, const struct pod *old, const struct pod *pod,
                   int64_t now_wall_ms, bool gap);
size_t timeline_count(const struct timeline *t);
struct transition timeline_at(const struct timeline *t, size_t i); /* 0 = oldest */
/* Spans of one container in time order, built from the record and everything seen. Returns how many
 * were stored (at most max, the newest). */
size_t timeline_lane(const struct timeline *t, const struct pod *pod, const struct container *c,
                     int64_t now_wall_ms, struct lane_span *out, size_t max);

/* Every attempt of a container that is known: from lastState, state and everything seen. */
struct attempt {
    int32_t number;                  /* restartCount of that run */
    int64_t started_ms, finished_ms; /* IW_TIME_NONE unknown / still running */
    bool ended;
    struct {
        int32_t exit_code, signal;
        char reason[48];
    } end;
    bool from_api; /* still in state/lastState; otherwise only this session remembers it */
    char container_id[96];
    /* Runs between this one and the next older one known (or the first ever) that nobody saw: only
     * restartCount tells of them. */
    int32_t missing;
};
/* Newest first; returns how many were stored. */
size_t timeline_attempts(const struct timeline *t, const struct pod *pod, const struct container *c,
                         struct attempt *out, size_t max);

#endif
