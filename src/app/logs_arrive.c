/* logs_arrive: what streams bring on its way into the feed: at once for one container, in order of time when several are
 * merged; and whether it is all here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "logs_internal.h"

enum {
    LOGS_QUIET_MS = 250, /* a merged load is complete when no line came for so long */
    LOGS_ORDER_MS =
        200, /* then a line waits so long for those of other streams that come before it, */
    LOGS_LOOK_MS = 50, /* and is looked at so often */
    LOGS_SILENT_MS =
        3000, /* a request that brought nothing for so long is of a container that says nothing */
};

static void
put_line(void *ctx, const struct logbuf_line *line, size_t stamp_len, bool newline)
{
    struct logs *l = ctx;
    (void)stamp_len, (void)newline;
    if (logs_is_told(l, line))
        return;
    logbuf_put(l->feed.buf, line, 1);
    logs_mark_proof(l, line->source);
}

void
logs_flush(struct logs *l, int64_t upto_ms, int64_t came_ms)
{
    loop_remove(l->session->loop, l->flush_timer);
    l->flush_timer = 0;
    for (unsigned i = 0; i < l->feed.source_count; i++)
        logs_mark_started(l, (uint16_t)i, IW_TIME_NONE);
    log_hold_flush(&l->hold, upto_ms, came_ms, put_line, l);
}

static void
on_flush(void *ctx)
{
    struct logs *l = ctx;
    l->flush_timer = 0;
    const int64_t now_ms = clock_mono(loop_clock(l->session->loop));
    const bool loaded = l->loading;
    l->loading = false;
    logs_flush(l, logs_settled_ms(l), loaded ? INT64_MAX : now_ms - LOGS_ORDER_MS);
    if (l->hold.len > 0)
        logs_plan_flush(l);
    logs_feed_refresh(l);
}

/* While loading each line puts the end off; later lines wait for those that are on their way no longer than a moment. */
void
logs_plan_flush(struct logs *l)
{
    if (l->flush_timer && !l->loading)
        return;
    loop_remove(l->session->loop, l->flush_timer);
    l->flush_timer =
        loop_timer_add(l->session->loop, l->loading ? LOGS_QUIET_MS : LOGS_LOOK_MS, on_flush, l);
}

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct logs *l = ctx;
    (void)st;
    l->came_ms = clock_mono(loop_clock(l->session->loop));
    if (!l->feed.merged) {
        put_line(l, line, stamp_len, newline);
        return;
    }
    log_hold_at(&l->hold, l->came_ms);
    logs_mark_started(l, line->source, line->wall_ms);
    if (!log_hold_add(&l->hold, line, stamp_len, newline, (struct log_hold_mark){0})) {
        logs_flush(l, INT64_MAX, INT64_MAX);
        if (!log_hold_add(&l->hold, line, stamp_len, newline, (struct log_hold_mark){0}))
            logbuf_put(l->feed.buf, line, 1);
    }
    logs_plan_flush(l);
}

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct logs *l = ctx;
    uint16_t source = log_stream_opts(st)->number;
    bool begins = id == 0;
    if (begins)
        id = logbuf_chapter_begin(l->feed.buf, source, facts);
    else
        logbuf_chapter_update(l->feed.buf, id, facts);
    if (l->feed.merged) {
        logs_mark_chapter(l, source, facts, begins, log_stream_info(st)->read);
        logs_plan_flush(l);
    }
    return id;
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct logs *l = ctx;
    logs_put_mark(l, log_stream_opts(st)->number, wall_ms, LOG_HOLD_AS_TIMED, sentence);
    if (l->feed.merged)
        logs_plan_flush(l);
}

static void
on_changed(void *ctx, struct log_stream *st)
{
    struct logs *l = ctx;
    const struct log_stream_info *info = log_stream_info(st);
    if (l->feed.merged && info->state == LOG_STREAM_FAILED) {
        char text[400];
        const struct log_feed_source *src = &l->feed.sources[log_stream_opts(st)->number];
        snprintf(text, sizeof(text), "%.100s: %s", src->container, info->sentence);
        logs_put_mark(l, log_stream_opts(st)->number, IW_TIME_NONE, LOG_HOLD_AS_TIMED, text);
        logs_plan_flush(l);
    }
    logs_feed_refresh(l);
}

struct log_stream_sink
logs_sink(struct logs *l)
{
    return (struct log_stream_sink){
        .ctx = l, .line = on_line, .chapter = on_chapter, .mark = on_mark, .changed = on_changed};
}

bool
logs_is_here(const struct logs *l)
{
    const struct clock *clock = loop_clock(l->session->loop);
    const int64_t now_ms = clock_mono(clock);
    if (!l->feed.buf || l->feed.state == LOG_FEED_FAILED)
        return true;
    if (l->feed.state == LOG_FEED_LOADING)
        return false;
    if (l->feed.wait.wall_ms > 0 && clock_wall(clock) - l->feed.wait.wall_ms < LOGS_SILENT_MS)
        return false;
    /* A log that never rests is here when it had the time for its first lines. */
    return now_ms - l->opened_ms >= LOGS_SILENT_MS || now_ms - l->came_ms >= LOGS_QUIET_MS;
}
