/* logs_marks: in a merged log the starts and ends of containers, failed probes and other events stand between the lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/log_seen.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/logproof.h"
#include "logs_internal.h"

enum {
    MARKS_TOLD_MAX = 4096,
    MARKS_REST_OF_SECOND_MS = 999, /* Kubernetes gives whole seconds */
    MARKS_END_WAIT_MS = 2000,      /* for the last lines of a run that is known to have ended */
    MARKS_BACKOFF_WAIT_MS =
        5000, /* a back-off is told for so long before the end it follows from */
};

/* "s1 log-router", with several pods "web-0 s1 log-router". */
static void
source_name(const struct logs *l, uint16_t source, char *out, size_t out_size)
{
    const struct log_feed_source *src = &l->feed.sources[source];
    const char *pod = l->feed.pod_count > 1 ? src->pod_name : "";
    snprintf(out, out_size, "%s%s%s %s", pod, pod[0] ? " " : "", src->tag, src->container);
}

/* Of the pods of the feed: its containers stand side by side. */
static uint16_t
pod_number(const struct logs *l, uint16_t source)
{
    uint16_t first = source;
    while (first > 0 && pod_ref_equal(l->feed.sources[first - 1].pod, l->feed.sources[source].pod))
        first--;
    return first;
}

void
logs_put_mark(struct logs *l, uint16_t source, int64_t wall_ms, enum log_hold_place place,
              const char *text)
{
    const struct log_hold_mark mark = {.place = place, .pod = pod_number(l, source)};
    const struct logbuf_line line = {.text = text,
                                     .len = (uint32_t)strlen(text),
                                     .kind = LOGBUF_MARK,
                                     .wall_ms = wall_ms,
                                     .source = source};
    if (wall_ms != IW_TIME_NONE && wall_ms < l->marks_from_ms)
        return;
    log_hold_at(&l->hold, clock_mono(loop_clock(l->session->loop)));
    if (!l->feed.merged || !log_hold_add(&l->hold, &line, 0, true, mark))
        logbuf_put(l->feed.buf, &line, 1);
}

void
logs_mark_started(struct logs *l, uint16_t source, int64_t line_ms)
{
    char name[280], text[400];
    if (!l->pending[source].start)
        return;
    l->pending[source].start = false;
    int64_t started_ms = l->pending[source].started_ms;
    bool same_second = line_ms != IW_TIME_NONE && line_ms >= started_ms &&
                       line_ms - started_ms <= MARKS_REST_OF_SECOND_MS && started_ms % 1000 == 0;
    int32_t attempt = l->pending[source].attempt;
    source_name(l, source, name, sizeof(name));
    if (attempt > 0)
        snprintf(text, sizeof(text), tr("%s started, attempt %d"), name, (int)attempt + 1);
    else
        snprintf(text, sizeof(text), tr("%s started"), name);
    logs_put_mark(l, source, same_second ? line_ms : started_ms,
                  attempt > 0 ? LOG_HOLD_RESTART : LOG_HOLD_START, text);
}

/* Right behind the last line, when that is of the second in which the container ended. */
static int64_t
end_moment(const struct logs *l, uint16_t source, int64_t ended_ms)
{
    int64_t last_ms = source < l->hold.sources ? l->hold.last_ms[source] : INT64_MIN;
    bool same_second = ended_ms % 1000 == 0 && last_ms >= ended_ms &&
                       last_ms - ended_ms <= MARKS_REST_OF_SECOND_MS;
    return same_second ? last_ms : ended_ms;
}

static void
mark_end(struct logs *l, uint16_t source, const struct logbuf_chapter *facts)
{
    char name[280], took[16], text[500];
    bool known = facts->started_ms != IW_TIME_NONE;
    int64_t took_ms = known ? facts->ended_ms - facts->started_ms : 0;
    source_name(l, source, name, sizeof(name));
    duration_cells(IW_MAX(took_ms, (int64_t)0), took);
    snprintf(text, sizeof(text), tr("%s ended: %s after %s"), name, facts->how, took);
    bool step = l->feed.sources[source].kind == CONTAINER_INIT;
    logs_put_mark(l, source, end_moment(l, source, facts->ended_ms),
                  step ? LOG_HOLD_END_STEP : LOG_HOLD_END, text);
}

void
logs_mark_chapter(struct logs *l, uint16_t source, const struct logbuf_chapter *facts, bool begins,
                  bool read)
{
    if (begins) {
        logs_mark_started(l, source, IW_TIME_NONE);
        l->pending[source].start = facts->started_ms != IW_TIME_NONE && !facts->missing[0];
        l->pending[source].started_ms = facts->started_ms;
        l->pending[source].attempt = facts->attempt;
        l->pending[source].end = true;
        l->pending[source].ended_ms = IW_TIME_NONE;
    }
    if (l->pending[source].end && l->pending[source].ended_ms == IW_TIME_NONE) {
        l->pending[source].ended_ms = facts->ended_ms;
        l->pending[source].told_ms = clock_mono(loop_clock(l->session->loop));
    }
    if (!read || !l->pending[source].end || facts->ended_ms == IW_TIME_NONE)
        return;
    l->pending[source].end = false;
    logs_mark_started(l, source, IW_TIME_NONE);
    mark_end(l, source, facts);
    if (l->events_wait)
        logs_mark_events(l);
}

void
logs_mark_proof(struct logs *l, uint16_t source)
{
    struct logproof proof;
    char text[160], when[32];
    size_t count = logbuf_count(l->feed.buf);
    if (source >= l->feed.source_count || l->feed.sources[source].kind != CONTAINER_INIT ||
        count == 0 || !logproof_not_idempotent(l->feed.buf, count - 1, &proof))
        return;
    int64_t at_ms = proof.wall_ms == IW_TIME_NONE || proof.started_ms == IW_TIME_NONE
                        ? 0
                        : IW_MAX(proof.wall_ms - proof.started_ms, (int64_t)0);
    /* As the view's relative times, which the reader looks for. */
    if (at_ms < 100000)
        snprintf(when, sizeof(when), "+%lld.%llds", (long long)(at_ms / 1000),
                 (long long)(at_ms % 1000 / 100));
    else
        duration_cells(at_ms, when);
    snprintf(text, sizeof(text),
             tr("▲ not idempotent: this step succeeded in attempt %d (see %s)   IW-B01"),
             IW_MIN(proof.attempt, INT32_MAX - 1) + 1, when);
    logbuf_mark(l->feed.buf, source, IW_TIME_NONE, "%s", text);
}

bool
logs_is_told(const struct logs *l, const struct logbuf_line *line)
{
    size_t count = logbuf_count(l->feed.buf);
    if (line->kind != LOGBUF_MARK || count == 0)
        return false;
    const struct logbuf_line last = logbuf_line(l->feed.buf, count - 1);
    return last.kind == LOGBUF_MARK && last.len == line->len && last.wall_ms == line->wall_ms &&
           memcmp(last.text, line->text, last.len) == 0;
}

int64_t
logs_settled_ms(const struct logs *l)
{
    int64_t upto_ms = INT64_MAX, now_ms = clock_mono(loop_clock(l->session->loop));
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        if (l->pending[i].end && l->pending[i].ended_ms != IW_TIME_NONE &&
            now_ms - l->pending[i].told_ms < MARKS_END_WAIT_MS)
            upto_ms = IW_MIN(upto_ms, l->pending[i].ended_ms - 1);
    }
    return upto_ms;
}

/* Starts are told from the containers' states, the way of an image is not the log's business. */
static bool
is_told_otherwise(const struct kevent *ev)
{
    static const char *const reasons[] = {"Created", "Started", "Pulled", "Pulling"};
    for (size_t i = 0; i < IW_COUNTOF(reasons); i++) {
        if (strcmp(ev->reason, reasons[i]) == 0)
            return true;
    }
    return false;
}

static uint16_t
source_of_event(const struct logs *l, unsigned first, const struct kevent *ev)
{
    const struct log_feed *f = &l->feed;
    for (unsigned i = first; i < f->source_count; i++) {
        if (pod_ref_equal(f->sources[i].pod, f->sources[first].pod) &&
            strcmp(f->sources[i].container, ev->container) == 0)
            return (uint16_t)i;
    }
    return (uint16_t)first;
}

static bool
is_new_event(struct logs *l, const struct kevent *ev)
{
    char key[128];
    int len = snprintf(key, sizeof(key), "%.90s %u", ev->uid, ev->count);
    uint64_t hash = log_seen_hash(key, (size_t)IW_MIN(len, (int)sizeof(key) - 1));
    for (size_t i = 0; i < l->told.len; i++) {
        if (l->told.items[i] == hash)
            return false;
    }
    if (l->told.len == MARKS_TOLD_MAX)
        vec_remove(&l->told, 0);
    vec_push(&l->told, hash);
    return true;
}

static bool
is_backoff(const struct kevent *ev)
{
    return strcmp(ev->reason, "BackOff") == 0;
}

/* The end it follows from has no separator yet. Not for ever: it may have been told by a run that nobody can read. */
static bool
comes_too_early(const struct logs *l, unsigned first, const struct kevent *ev)
{
    uint16_t source = source_of_event(l, first, ev);
    return is_backoff(ev) && ev->container[0] && l->pending[source].end &&
           l->pending[source].started_ms <= ev->last_ms &&
           logs_now_wall(l) - ev->last_ms < MARKS_BACKOFF_WAIT_MS;
}

static void
mark_event(struct logs *l, unsigned first, const struct kevent *ev)
{
    char name[280] = "", times[24] = "", text[800];
    uint16_t source = source_of_event(l, first, ev);
    if (ev->container[0])
        source_name(l, source, name, sizeof(name));
    if (ev->count > 1)
        snprintf(times, sizeof(times), " ×%u", ev->count);
    snprintf(text, sizeof(text), "%.60s%s%s%s: %.300s", ev->reason, times, name[0] ? " " : "", name,
             ev->message);
    /* A back-off begins when the container has ended, though it says the same second. */
    bool after = is_backoff(ev) && ev->last_ms % 1000 == 0;
    logs_put_mark(l, source, ev->last_ms + (after ? MARKS_REST_OF_SECOND_MS : 0),
                  after ? LOG_HOLD_AFTER : LOG_HOLD_AS_TIMED, text);
}

void
logs_mark_events(struct logs *l)
{
    const struct kevent_ring *ring = store_events(l->session->store);
    bool same = kevent_ring_generation(ring) == l->events_generation && !l->events_wait;
    if (!l->feed.merged || same)
        return;
    l->events_generation = kevent_ring_generation(ring);
    l->events_wait = false;
    struct pod_ref done = {0};
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        struct pod_ref ref = l->feed.sources[i].pod;
        const struct pod *pod = store_get(l->session->store, ref);
        size_t about[LIMIT_EVENTS_PER_POD];
        if (!pod || pod_ref_equal(done, ref))
            continue;
        done = ref;
        size_t count = kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about));
        for (size_t k = 0; k < count; k++) {
            const struct kevent *ev = kevent_ring_at(ring, about[k]);
            if (is_told_otherwise(ev))
                continue;
            if (comes_too_early(l, i, ev))
                l->events_wait = true;
            else if (is_new_event(l, ev))
                mark_event(l, i, ev);
        }
    }
}
