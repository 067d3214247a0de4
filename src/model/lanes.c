/* lanes: what each container did over time, put together from its runs, the transitions seen and
 * the record.
 *
 * A lane is waits -> pulling -> run, end, back-off, run, ... The start of "pulling" is the moment
 * the container's turn came: when the step before it ended (init) or counted as started (sidecar).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/model/probes.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/sidecar.h"
#include "timeline_internal.h"

/* A restart that takes longer than this was held back; the first restart after an exit is
 * immediate. */
#define RESTART_IMMEDIATE_MS 3000

static int
compare_runs(const void *a, const void *b)
{
    const struct container_run *left = a, *right = b;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Known runs of one container, oldest first; returns how many were stored. */
static size_t
runs_of(const struct timeline *t, const char *container, struct container_run *out)
{
    size_t count = 0;
    for (size_t i = 0; i < t->runs.len && count < TIMELINE_RUNS_PER_CONTAINER; i++) {
        if (strcmp(t->runs.items[i].container, container) == 0)
            out[count++] = t->runs.items[i];
    }
    qsort(out, count, sizeof(*out), compare_runs);
    return count;
}

static int64_t
earliest_start(const struct timeline *t, const struct container *c)
{
    struct container_run runs[TIMELINE_RUNS_PER_CONTAINER];
    size_t count = runs_of(t, c->name, runs);
    int64_t best = IW_TIME_NONE;
    for (size_t i = 0; i < count; i++) {
        if (runs[i].started_ms != IW_TIME_NONE &&
            (best == IW_TIME_NONE || runs[i].started_ms < best))
            best = runs[i].started_ms;
    }
    return best;
}

/* When the container released the ones behind it: an init by its last good end, a sidecar by being
 * started. */
static int64_t
released_ms(const struct timeline *t, const struct container *c)
{
    struct container_run runs[TIMELINE_RUNS_PER_CONTAINER];
    size_t count = runs_of(t, c->name, runs);
    int64_t best = IW_TIME_NONE;
    for (size_t i = 0; i < count; i++) {
        if (c->kind == CONTAINER_INIT && runs[i].ended && runs[i].exit_code == 0)
            return runs[i].finished_ms;
        if (c->kind == CONTAINER_SIDECAR) {
            bool probed = c->startup->kind != PROBE_NONE;
            int64_t at = probed ? runs[i].start_passed_ms : runs[i].started_ms;
            if (at != IW_TIME_NONE && (best == IW_TIME_NONE || at < best))
                best = at;
        }
    }
    return best;
}

static int64_t
condition_ms(const struct pod *pod, const char *type)
{
    const struct pod_condition *condition = pod_condition(pod, type);
    return condition && strcmp(condition->status, "True") == 0 ? condition->transition_ms
                                                               : IW_TIME_NONE;
}

/* When the container's turn came, IW_TIME_NONE when it has not. */
static int64_t
turn_ms(const struct timeline *t, const struct pod *pod, const struct container *c)
{
    if (c->kind == CONTAINER_EPHEMERAL)
        return earliest_start(t, c);
    const struct container *before = NULL;
    for (const struct container *i = NULL; (i = pod_containers(pod, i)) != NULL && i != c;) {
        if (i->list == LIST_INIT)
            before = i;
    }
    if (before) {
        int64_t at = released_ms(t, before);
        return at != IW_TIME_NONE ? at : earliest_start(t, c);
    }
    int64_t at = condition_ms(pod, "PodScheduled");
    if (at == IW_TIME_NONE && pod->node[0])
        at = pod->started_ms != IW_TIME_NONE ? pod->started_ms : pod->created_ms;
    return at != IW_TIME_NONE ? at : earliest_start(t, c);
}

struct lane {
    struct lane_span *out;
    size_t count, max;
};

static void
span(struct lane *lane, enum lane_state state, int64_t from_ms, int64_t to_ms, int32_t attempt,
     bool inferred)
{
    if (from_ms == IW_TIME_NONE || (to_ms != IW_TIME_NONE && to_ms < from_ms))
        return;
    /* a run of less than a second is a run */
    if (to_ms == from_ms && state != LANE_FAILED && state != LANE_RUNNING)
        return;
    struct lane_span s = {state, from_ms, to_ms, attempt, inferred};
    if (lane->count == lane->max) {
        if (lane->max == 0)
            return;
        memmove(lane->out, lane->out + 1, (lane->max - 1) * sizeof(s));
        lane->count--;
    }
    lane->out[lane->count++] = s;
}

/* When the startup probe of a run passed: seen, or not later than the first start of the container
 * behind it. */
static int64_t
probe_passed_ms(const struct timeline *t, const struct pod *pod, const struct container *c,
                const struct container_run *run, bool *inferred)
{
    *inferred = false;
    if (run->start_passed_ms != IW_TIME_NONE)
        return run->start_passed_ms;
    if (c->kind != CONTAINER_SIDECAR)
        return IW_TIME_NONE;
    for (const struct container *i = c; (i = pod_containers(pod, i)) != NULL;) {
        int64_t at = earliest_start(t, i);
        if (at != IW_TIME_NONE && run->started_ms != IW_TIME_NONE && at >= run->started_ms &&
            (!run->ended || at <= run->finished_ms)) {
            *inferred = true;
            return at;
        }
    }
    return IW_TIME_NONE;
}

/* A running stretch, cut at every change of readiness that was seen. */
static void
running_spans(struct lane *lane, const struct timeline *t, const struct container *c,
              const struct container_run *run, int64_t from_ms)
{
    int64_t end_ms = run->ended ? run->finished_ms : IW_TIME_NONE;
    bool judged = c->kind == CONTAINER_SIDECAR || c->kind == CONTAINER_APP;
    bool ready_now = !judged || !c->status || c->status->ready || run->ended;
    /* The first flip tells what held before it; without one the present state held all the time. */
    bool ready = ready_now, known = false;
    int64_t at = from_ms;
    for (size_t i = 0; judged && i < t->transitions.len; i++) {
        const struct transition tr = timeline_at(t, i);
        bool up = strcmp(tr.to, "ready") == 0;
        if (strcmp(tr.container, c->name) != 0 || (!up && strcmp(tr.to, "unready") != 0))
            continue;
        if (tr.wall_ms < from_ms || (end_ms != IW_TIME_NONE && tr.wall_ms > end_ms))
            continue;
        span(lane, up ? LANE_UNREADY : LANE_RUNNING, at, tr.wall_ms, run->number, !known);
        at = tr.wall_ms;
        ready = up;
        known = true;
    }
    span(lane, ready ? LANE_RUNNING : LANE_UNREADY, at, end_ms, run->number, false);
}

/* A run that ended before its startup probe passed was killed, whatever its exit code says. Passed
 * is only known when it was seen, so the run must not be longer than the probe allows. */
static bool
probe_may_have_killed(const struct pod *pod, const struct container *c,
                      const struct container_run *run)
{
    int64_t most_ms = probe_budget_ms(c->startup) + 1000 * IW_MIN(IW_MAX(pod->grace_s, 0), 3600);
    return c->startup->kind != PROBE_NONE && run->started_ms != IW_TIME_NONE &&
           run->finished_ms - run->started_ms <= most_ms;
}

static void
run_spans(struct lane *lane, const struct timeline *t, const struct pod *pod,
          const struct container *c, const struct container_run *run)
{
    int64_t from_ms = run->started_ms;
    int64_t end_ms = run->ended ? run->finished_ms : IW_TIME_NONE;
    bool passed = c->startup->kind == PROBE_NONE;
    bool inferred = false;
    if (!passed) {
        int64_t passed_ms = probe_passed_ms(t, pod, c, run, &inferred);
        bool started_now = !run->ended && c->status && c->status->started == TRI_TRUE;
        if (passed_ms != IW_TIME_NONE) {
            span(lane, LANE_STARTING, from_ms, passed_ms, run->number, inferred);
            from_ms = passed_ms;
            passed = true;
        } else if (started_now) {
            passed = true; /* it passed before we looked: nobody knows when */
        }
    }
    if (passed)
        running_spans(lane, t, c, run, from_ms);
    else
        span(lane, LANE_STARTING, from_ms, end_ms, run->number, false);
    if (run->ended && (run->exit_code != 0 || (!passed && probe_may_have_killed(pod, c, run))))
        span(lane, LANE_FAILED, run->finished_ms, run->finished_ms, run->number, false);
}

static void
after_last_run(struct lane *lane, const struct pod *pod, const struct container *c,
               const struct container_run *last, int64_t now_wall_ms)
{
    if (!last->ended)
        return;
    bool over = pod_is_terminal(pod) || pod_is_deleted(pod) ||
                (c->kind == CONTAINER_INIT && last->exit_code == 0) ||
                (c->kind == CONTAINER_SIDECAR && pod_apps_are_over(pod)) ||
                !container_restarts_after(c, pod->restart_policy, last->exit_code);
    struct container_backoff backoff = container_backoff_now(c, pod->restart_policy, now_wall_ms);
    enum lane_state state = over ? LANE_DONE : backoff.active ? LANE_BACKOFF : LANE_PULLING;
    span(lane, state, last->finished_ms, IW_TIME_NONE, last->number, false);
}

size_t
timeline_lane(const struct timeline *t, const struct pod *pod, const struct container *c,
              int64_t now_wall_ms, struct lane_span *out, size_t max)
{
    struct lane lane = {out, 0, max};
    struct container_run runs[TIMELINE_RUNS_PER_CONTAINER];
    size_t count = runs_of(t, c->name, runs);
    int64_t turn = turn_ms(t, pod, c);
    if (count == 0) {
        bool over = pod_is_terminal(pod);
        span(&lane, LANE_WAITS, pod->created_ms, turn, 0, false);
        if (turn != IW_TIME_NONE)
            span(&lane, over ? LANE_DONE : LANE_PULLING, turn, IW_TIME_NONE, 0, false);
        return lane.count;
    }
    int64_t first = runs[0].started_ms != IW_TIME_NONE ? runs[0].started_ms : runs[0].finished_ms;
    if (turn == IW_TIME_NONE || turn > first)
        turn = first;
    span(&lane, LANE_WAITS, pod->created_ms, turn, 0, false);
    /* Runs nobody remembers lie between the turn and the oldest one known. */
    bool forgotten = runs[0].number > 0;
    span(&lane, forgotten ? LANE_BACKOFF : LANE_PULLING, turn, first, 0, forgotten);
    for (size_t i = 0; i < count; i++) {
        run_spans(&lane, t, pod, c, &runs[i]);
        if (i + 1 == count || !runs[i].ended)
            continue;
        int64_t next_ms = runs[i + 1].started_ms;
        if (next_ms == IW_TIME_NONE)
            next_ms = runs[i + 1].finished_ms;
        bool held = next_ms - runs[i].finished_ms > RESTART_IMMEDIATE_MS;
        span(&lane, held ? LANE_BACKOFF : LANE_PULLING, runs[i].finished_ms, next_ms,
             runs[i].number, runs[i + 1].number != runs[i].number + 1);
    }
    after_last_run(&lane, pod, c, &runs[count - 1], now_wall_ms);
    return lane.count;
}

size_t
timeline_attempts(const struct timeline *t, const struct pod *pod, const struct container *c,
                  struct attempt *out, size_t max)
{
    (void)pod;
    struct container_run runs[TIMELINE_RUNS_PER_CONTAINER];
    size_t count = runs_of(t, c->name, runs);
    size_t stored = 0;
    for (size_t i = count; i-- > 0 && stored < max;) {
        const struct container_run *run = &runs[i];
        /* number the next older run would have had if none were missing */
        int32_t older = i > 0 ? IW_MIN(runs[i - 1].number, INT32_MAX - 1) + 1 : 0;
        struct attempt *a = &out[stored++];
        *a = (struct attempt){.number = run->number,
                              .started_ms = run->started_ms,
                              .finished_ms = run->finished_ms,
                              .ended = run->ended,
                              .missing = IW_MAX(run->number - older, 0)};
        a->end.exit_code = run->exit_code;
        a->end.signal = run->signal;
        snprintf(a->end.reason, sizeof(a->end.reason), "%s", run->reason);
        run_id_text(&run->id, a->container_id, sizeof(a->container_id));
        const struct container_status *st = c->status;
        a->from_api =
            st &&
            ((st->state.running && run->number == st->restart_count) ||
             (st->state.terminated && run->number == st->restart_count) ||
             (st->last->terminated && run->ended && st->last->end.finished_ms == run->finished_ms));
    }
    return stored;
}
