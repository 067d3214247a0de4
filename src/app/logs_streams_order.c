/* logs_streams_order: lines of several streams in order of time, with starts and exits between them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "logs_streams_internal.h"

enum {
    /* Follow: a line waits so long for those of other streams that come before it, and is looked at so often. */
    STREAMS_ORDER_MS = 300,
    STREAMS_LOOK_MS = 50,
    /* What is there at the start has come when no line came for so long, and at the latest then. */
    STREAMS_QUIET_MS = 250,
    STREAMS_LOAD_MS = 5000,
};

static void
print_held(void *ctx, const struct logbuf_line *line, size_t stamp_len, bool newline)
{
    struct printing *p = ctx;
    const struct one *one = p->ones.items[line->source];
    if (line->kind == LOGBUF_MARK) {
        char text[512];
        snprintf(text, sizeof(text), "%.*s", (int)line->len, line->text);
        logprint_mark(p->print, &one->source, line->wall_ms, text);
        return;
    }
    /* Held lines have the attempt where live ones have their chapter. */
    logprint_line(p->print, &one->source, line, (int32_t)line->chapter - 1, stamp_len, newline);
}

/* No stream that goes on can send a line older than its newest one. */
static int64_t
safe_moment(const struct printing *p)
{
    int64_t moment_ms = INT64_MAX;
    for (size_t i = 0; i < p->ones.len; i++) {
        enum log_stream_state state = log_stream_info(p->ones.items[i]->stream)->state;
        if (state == LOG_STREAM_LOADING || state == LOG_STREAM_FOLLOWING)
            moment_ms = IW_MIN(moment_ms, p->ones.items[i]->last_ms - 1);
    }
    return moment_ms;
}

static void
hold(struct printing *p, const struct logbuf_line *line, size_t stamp_len, bool newline,
     enum log_hold_place place)
{
    const struct log_hold_mark mark = {.place = place, .pod = p->ones.items[line->source]->pod_at};
    log_hold_at(&p->hold, mono_now(p));
    if (log_hold_add(&p->hold, line, stamp_len, newline, mark))
        return;
    log_hold_flush(&p->hold, safe_moment(p), INT64_MAX, print_held, p);
    if (log_hold_add(&p->hold, line, stamp_len, newline, mark))
        return;
    /* One stream is far ahead of another: memory before order. */
    log_hold_flush(&p->hold, INT64_MAX, INT64_MAX, print_held, p);
    if (!log_hold_add(&p->hold, line, stamp_len, newline, mark))
        print_held(p, line, stamp_len, newline);
}

static void mark_started(struct printing *p, struct log_stream *st, int64_t line_ms);
static void plan_flush(struct printing *p);

static void
on_flush(void *ctx)
{
    struct printing *p = ctx;
    int64_t came_ms = p->loaded ? mono_now(p) - STREAMS_ORDER_MS : INT64_MAX;
    p->flush_timer = 0;
    p->loaded = true;
    for (size_t i = 0; i < p->ones.len; i++)
        mark_started(p, p->ones.items[i]->stream, IW_TIME_NONE);
    log_hold_flush(&p->hold, INT64_MAX, came_ms, print_held, p);
    fflush(stdout);
    if (p->hold.len > 0)
        plan_flush(p);
}

/* While what was there before comes each line puts the end off. */
static void
plan_flush(struct printing *p)
{
    if (!p->o->follow)
        return;
    bool loads = !p->loaded && mono_now(p) - p->begin_ms < STREAMS_LOAD_MS;
    if (p->flush_timer && !loads)
        return;
    loop_remove(p->session->loop, p->flush_timer);
    p->flush_timer =
        loop_timer_add(p->session->loop, loads ? STREAMS_QUIET_MS : STREAMS_LOOK_MS, on_flush, p);
}

static void
hold_mark(struct printing *p, struct log_stream *st, int64_t wall_ms, enum log_hold_place place,
          const char *text)
{
    const struct logbuf_line mark = {.text = text,
                                     .len = (uint32_t)strlen(text),
                                     .kind = LOGBUF_MARK,
                                     .wall_ms = wall_ms,
                                     .source = log_stream_opts(st)->number};
    hold(p, &mark, 0, true, place);
    plan_flush(p);
}

/* line_ms: of the first line, IW_TIME_NONE when there is none. */
static void
mark_started(struct printing *p, struct log_stream *st, int64_t line_ms)
{
    struct one *one = one_of(p, st);
    char text[800];
    if (!one->start_pending)
        return;
    one->start_pending = false;
    bool same_second = line_ms != IW_TIME_NONE && one->started_ms % 1000 == 0 &&
                       line_ms >= one->started_ms && line_ms < one->started_ms + 1000;
    snprintf(text, sizeof(text), "%s started, attempt %d", one->tag, one->start_attempt + 1);
    hold_mark(p, st, same_second ? line_ms : one->started_ms,
              one->start_attempt > 0 ? LOG_HOLD_RESTART : LOG_HOLD_START, text);
}

void
logs_order_chapter(struct printing *p, struct log_stream *st, bool begins,
                   const struct logbuf_chapter *facts)
{
    struct one *one = one_of(p, st);
    char text[800], took[16] = "";
    if (begins) {
        mark_started(p, st, IW_TIME_NONE);
        one->start_pending = facts->started_ms != IW_TIME_NONE && !facts->missing[0];
        one->started_ms = facts->started_ms;
        one->start_attempt = facts->attempt;
    }
    one->marked_end = one->marked_end && !begins;
    bool read = facts->ended && log_stream_info(st)->read;
    if (!read || one->marked_end || facts->ended_ms == IW_TIME_NONE)
        return;
    one->marked_end = true;
    mark_started(p, st, IW_TIME_NONE);
    duration_cells(IW_MAX(facts->ended_ms - facts->started_ms, (int64_t)0), took);
    snprintf(text, sizeof(text), "%s ended: %s after %s", one->tag, facts->how, took);
    bool same_second = facts->ended_ms % 1000 == 0 && one->last_ms >= facts->ended_ms &&
                       one->last_ms < facts->ended_ms + 1000;
    hold_mark(p, st, same_second ? one->last_ms : facts->ended_ms,
              one->kind == CONTAINER_INIT ? LOG_HOLD_END_STEP : LOG_HOLD_END, text);
}

void
logs_order_line(struct printing *p, struct log_stream *st, const struct logbuf_line *line,
                size_t stamp_len, bool newline)
{
    struct one *one = one_of(p, st);
    struct logbuf_line held = *line;
    held.chapter = (uint32_t)(log_stream_info(st)->attempt + 1);
    mark_started(p, st, line->wall_ms);
    if (line->wall_ms != IW_TIME_NONE)
        one->last_ms = line->wall_ms;
    hold(p, &held, stamp_len, newline, LOG_HOLD_AS_TIMED);
    plan_flush(p);
}

void
logs_order_end(struct printing *p)
{
    for (size_t i = 0; p->merged && i < p->ones.len; i++)
        mark_started(p, p->ones.items[i]->stream, IW_TIME_NONE);
    log_hold_flush(&p->hold, INT64_MAX, INT64_MAX, print_held, p);
    fflush(stdout);
    loop_remove(p->session->loop, p->flush_timer);
    p->flush_timer = 0;
}
