/* timeline: transitions from comparing records, and the attempts and lanes that follow from them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/intern.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"
#include "timeline_internal.h"

struct timeline *
timeline_new(void)
{
    return iw_calloc(1, sizeof(struct timeline));
}

void
timeline_free(struct timeline *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->own_strings.len; i++)
        free(t->own_strings.items[i]);
    for (size_t i = 0; i < t->runs.len; i++)
        run_id_free(&t->runs.items[i].id);
    vec_free(&t->words);
    vec_free(&t->own_strings);
    vec_free(&t->transitions);
    vec_free(&t->runs);
    free(t);
}

/* Container names and reasons are few: the process-wide pool holds them; when it is full, the
 * timeline does. */
const char *
timeline_keep(struct timeline *t, const char *text)
{
    const char *kept = iw_intern(text, strlen(text));
    if (kept)
        return kept;
    for (size_t i = 0; i < t->own_strings.len; i++) {
        if (strcmp(t->own_strings.items[i], text) == 0)
            return t->own_strings.items[i];
    }
    vec_push(&t->own_strings, iw_strdup(text));
    return t->own_strings.items[t->own_strings.len - 1];
}

static void
add(struct timeline *t, struct transition tr)
{
    struct kept_transition kept = transition_pack(t, &tr);
    if (t->transitions.len >= LIMIT_TIMELINE_PER_POD)
        vec_remove(&t->transitions, 0);
    /* Reported times can lie before what is already there: keep the order of time. */
    size_t at = t->transitions.len;
    while (at > 0 && t->transitions.items[at - 1].wall_ms > tr.wall_ms)
        at--;
    timeline_push(&t->transitions, kept);
    memmove(t->transitions.items + at + 1, t->transitions.items + at,
            (t->transitions.len - 1 - at) * sizeof(kept));
    t->transitions.items[at] = kept;
}

/* --- attempts --- */

static struct container_run *
run_get(struct timeline *t, const char *container, int32_t number)
{
    for (size_t i = 0; i < t->runs.len; i++) {
        struct container_run *run = &t->runs.items[i];
        if (run->number == number && strcmp(run->container, container) == 0)
            return run;
    }
    size_t of_container = 0;
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i < t->runs.len; i++) {
        if (strcmp(t->runs.items[i].container, container) != 0)
            continue;
        of_container++;
        if (oldest == SIZE_MAX || t->runs.items[i].number < t->runs.items[oldest].number)
            oldest = i;
    }
    if (of_container >= TIMELINE_RUNS_PER_CONTAINER) {
        run_id_free(&t->runs.items[oldest].id);
        vec_remove(&t->runs, oldest);
    }
    struct container_run run = {.container = timeline_keep(t, container),
                                .number = number,
                                .started_ms = IW_TIME_NONE,
                                .finished_ms = IW_TIME_NONE,
                                .start_passed_ms = IW_TIME_NONE,
                                .reason = ""};
    timeline_push(&t->runs, run);
    return &t->runs.items[t->runs.len - 1];
}

static void
run_ended(struct timeline *t, const char *container, int32_t number,
          const struct container_end *end)
{
    struct container_run *run = run_get(t, container, number);
    if (end->started_ms != IW_TIME_NONE && end->started_ms != 0)
        run->started_ms = end->started_ms;
    if (end->finished_ms != IW_TIME_NONE)
        run->finished_ms = end->finished_ms;
    run->ended = true;
    run->exit_code = end->exit_code;
    run->signal = end->signal;
    run->reason = timeline_keep(t, end->reason);
    run_id_set(&run->id, end->container_id);
}

/* restartCount is the number of the newest run. lastState is the one before it, except while the
 * container waits for its next start: then the newest run is the one in lastState (SEMANTICS D.6).
 */
static void
harvest_runs(struct timeline *t, const struct container_status *st)
{
    bool has_current = st->state.running || st->state.terminated;
    if (st->last->terminated) {
        int32_t number = has_current ? st->restart_count - 1 : st->restart_count;
        run_ended(t, st->name, IW_MAX(number, 0), &st->last->end);
    }
    if (st->state.terminated)
        run_ended(t, st->name, st->restart_count, &st->state.end);
    if (st->state.running) {
        struct container_run *run = run_get(t, st->name, st->restart_count);
        if (st->state.running_since_ms != IW_TIME_NONE)
            run->started_ms = st->state.running_since_ms;
        run_id_set(&run->id, st->container_id);
    }
}

/* --- transitions --- */

static const char *
state_word(const struct container_status *st)
{
    if (!st)
        return "";
    if (st->state.terminated)
        return "terminated";
    if (st->state.running)
        return "running";
    return "waiting";
}

/* The end of a run that is now in lastState and was not seen as state. */
static void
report_end(struct timeline *t, const struct container_status *st, const struct container_end *end,
           int32_t attempt, enum timeline_source source)
{
    add(t, (struct transition){.wall_ms = end->finished_ms,
                               .container = st->name,
                               .from = "running",
                               .to = "terminated",
                               .reason = end->reason,
                               .exit_code = end->exit_code,
                               .attempt = attempt,
                               .source = source});
}

static void
report_start(struct timeline *t, const struct container_status *st, int64_t started_ms,
             int32_t attempt, enum timeline_source source)
{
    /* The epoch stands for "never started" (StartError). */
    if (started_ms == IW_TIME_NONE || started_ms == 0)
        return;
    add(t, (struct transition){.wall_ms = started_ms,
                               .container = st->name,
                               .from = "waiting",
                               .to = "running",
                               .reason = "",
                               .attempt = attempt,
                               .source = source});
}

static void
first_sight(struct timeline *t, const struct container_status *st)
{
    bool has_current = st->state.running || st->state.terminated;
    if (st->last->terminated) {
        int32_t number = has_current ? st->restart_count - 1 : st->restart_count;
        report_start(t, st, st->last->end.started_ms, IW_MAX(number, 0), TIMELINE_REPORTED);
        if (st->last->end.finished_ms != IW_TIME_NONE)
            report_end(t, st, &st->last->end, IW_MAX(number, 0), TIMELINE_REPORTED);
    }
    if (st->state.terminated) {
        report_start(t, st, st->state.end.started_ms, st->restart_count, TIMELINE_REPORTED);
        if (st->state.end.finished_ms != IW_TIME_NONE)
            report_end(t, st, &st->state.end, st->restart_count, TIMELINE_REPORTED);
    }
    if (st->state.running)
        report_start(t, st, st->state.running_since_ms, st->restart_count, TIMELINE_REPORTED);
}

/* Whether anything of the container was taken down. What was not is still in the record alone. */
static bool
is_known(const struct timeline *t, const char *container)
{
    for (size_t i = 0; i < t->runs.len; i++)
        if (strcmp(t->runs.items[i].container, container) == 0)
            return true;
    for (size_t i = 0; i < t->transitions.len; i++)
        if (strcmp(timeline_at(t, i).container, container) == 0)
            return true;
    return false;
}

static void
take_down(struct timeline *t, const struct container_status *st)
{
    if (is_known(t, st->name))
        return;
    harvest_runs(t, st);
    first_sight(t, st);
}

static bool
same_end(const struct container_end *a, const struct container_end *b)
{
    return a->finished_ms == b->finished_ms && a->exit_code == b->exit_code &&
           strcmp(a->container_id, b->container_id) == 0;
}

/* Runs that began and ended between the two records: only lastState still tells of the newest of
 * them. */
static void
add_unseen_run(struct timeline *t, const struct container_status *old,
               const struct container_status *st)
{
    if (!st->last->terminated)
        return;
    bool seen = (old->state.terminated && same_end(&old->state.end, &st->last->end)) ||
                (old->last->terminated && same_end(&old->last->end, &st->last->end));
    if (seen)
        return;
    bool has_current = st->state.running || st->state.terminated;
    int32_t number = has_current ? st->restart_count - 1 : st->restart_count;
    bool start_seen = old->state.running && old->restart_count == number;
    if (!start_seen)
        report_start(t, st, st->last->end.started_ms, number, TIMELINE_INFERRED);
    if (st->last->end.finished_ms != IW_TIME_NONE)
        report_end(t, st, &st->last->end, number,
                   start_seen ? TIMELINE_OBSERVED : TIMELINE_INFERRED);
}

struct moment {
    int64_t now_wall_ms;
    bool gap;
};

static void
compare_state(struct timeline *t, const struct container_status *old,
              const struct container_status *st, struct moment m)
{
    bool new_run = old->restart_count != st->restart_count;
    bool same_word = strcmp(state_word(old), state_word(st)) == 0;
    bool same_reason =
        !st->state.waiting || strcmp(old->state.waiting_reason, st->state.waiting_reason) == 0;
    bool same_start =
        !st->state.running || old->state.running_since_ms == st->state.running_since_ms;
    if (same_word && same_reason && same_start && !new_run)
        return;
    struct transition tr = {.wall_ms = m.now_wall_ms,
                            .container = st->name,
                            .from = state_word(old),
                            .to = state_word(st),
                            .reason = "",
                            .attempt = st->restart_count,
                            .source = TIMELINE_OBSERVED,
                            .gap = m.gap};
    if (st->state.running && st->state.running_since_ms != IW_TIME_NONE)
        tr.wall_ms = st->state.running_since_ms;
    if (st->state.waiting)
        tr.reason = st->state.waiting_reason;
    if (st->state.terminated) {
        tr.reason = st->state.end.reason;
        tr.exit_code = st->state.end.exit_code;
        if (st->state.end.finished_ms != IW_TIME_NONE)
            tr.wall_ms = st->state.end.finished_ms;
    }
    add(t, tr);
}

static void
compare_flags(struct timeline *t, const struct container_status *old,
              const struct container_status *st, struct moment m)
{
    struct transition tr = {.wall_ms = m.now_wall_ms,
                            .container = st->name,
                            .from = state_word(st),
                            .reason = "",
                            .attempt = st->restart_count,
                            .source = TIMELINE_OBSERVED,
                            .gap = m.gap};
    if (st->started == TRI_TRUE && old->started != TRI_TRUE && st->state.running) {
        tr.to = "started";
        add(t, tr);
        struct container_run *run = run_get(t, st->name, st->restart_count);
        if (run->start_passed_ms == IW_TIME_NONE)
            run->start_passed_ms = m.now_wall_ms;
    }
    if (st->ready != old->ready && st->list != LIST_INIT) {
        tr.to = st->ready ? "ready" : "unready";
        add(t, tr);
    } else if (st->ready != old->ready && st->state.running) {
        tr.to = st->ready ? "ready"
                          : "unready"; /* a sidecar; a regular init is never ready while it runs */
        add(t, tr);
    }
}

static void
compare_pod(struct timeline *t, const struct pod *old, const struct pod *pod, struct moment m)
{
    struct transition tr = {.wall_ms = m.now_wall_ms,
                            .container = "",
                            .reason = pod->reason,
                            .source = TIMELINE_OBSERVED,
                            .gap = m.gap};
    if (strcmp(old->phase, pod->phase) != 0) {
        tr.from = old->phase;
        tr.to = pod->phase;
        add(t, tr);
    }
    if (old->deletion_ms == IW_TIME_NONE && pod->deletion_ms != IW_TIME_NONE) {
        tr.from = pod->phase;
        tr.to = "Terminating";
        add(t, tr);
    }
}

static bool
same_state(const struct container_state *a, const struct container_state *b)
{
    if (a->waiting != b->waiting || a->running != b->running || a->terminated != b->terminated)
        return false;
    return strcmp(a->waiting_reason, b->waiting_reason) == 0 &&
           a->running_since_ms == b->running_since_ms && same_end(&a->end, &b->end) &&
           a->end.started_ms == b->end.started_ms && a->end.signal == b->end.signal &&
           strcmp(a->end.reason, b->end.reason) == 0;
}

/* In all that a timeline takes down. */
static bool
same_status(const struct container_status *a, const struct container_status *b)
{
    return a->restart_count == b->restart_count && a->started == b->started &&
           a->ready == b->ready && strcmp(a->container_id, b->container_id) == 0 &&
           same_state(&a->state, &b->state) && same_state(a->last, b->last);
}

/* The status of the same name and list in another record. */
static const struct container_status *
status_like(const struct pod *pod, const struct container_status *like)
{
    uint32_t count;
    const struct container_status *list = pod_statuses(pod, like->list, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, like->name) == 0)
            return &list[i];
    }
    return NULL;
}

void
timeline_diff(struct timeline *t, const struct pod *old, const struct pod *pod, int64_t now_wall_ms,
              bool gap)
{
    struct moment m = {now_wall_ms, gap};
    if (old)
        compare_pod(t, old, pod, m);
    for (uint32_t i = 0; old && i < old->status_count; i++)
        if (!status_like(pod, &old->statuses[i]))
            take_down(t, &old->statuses[i]);
    for (uint32_t i = 0; i < pod->status_count; i++) {
        const struct container_status *st = &pod->statuses[i];
        const struct container_status *before = old ? status_like(old, st) : NULL;
        if (!before) {
            harvest_runs(t, st);
            first_sight(t, st);
            continue;
        }
        if (same_status(before, st))
            continue;
        take_down(t, before);
        harvest_runs(t, st);
        add_unseen_run(t, before, st);
        compare_state(t, before, st, m);
        compare_flags(t, before, st, m);
    }
}

void
timeline_complete(struct timeline *t, const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->status_count; i++)
        take_down(t, &pod->statuses[i]);
}

size_t
timeline_count(const struct timeline *t)
{
    return t->transitions.len;
}
