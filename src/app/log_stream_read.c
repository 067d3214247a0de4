/* log_stream_read: lines as they come: stamps taken off, what was shown before left out, the last piece held back.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "log_stream_internal.h"

/* A stream that begins somewhere else this often in a row is believed: the log was rotated. */
enum { STREAM_SUSPICIONS = 2 };
/* The end of a run is told in whole seconds, and by another clock than its lines. */
enum { STREAM_END_SLACK_MS = 2000 };

void
log_stream_mended(struct log_stream *st)
{
    if (st->lost_ms == IW_TIME_NONE)
        return;
    int64_t now_wall_ms = clock_wall(loop_clock(st->env.loop));
    const bool gap = st->request.resumed && st->seen.replay.end > 0 && !st->seen.replay.found_last;
    char away[16], text[256];
    st->info.resume.wall_ms = now_wall_ms;
    st->info.resume.away_ms = IW_MAX(now_wall_ms - st->lost_ms, (int64_t)0);
    st->info.resume.re_read = st->seen.replay.re_read;
    st->info.resume.gap = gap;
    st->info.reconnects++;
    st->info.gaps += gap;
    duration_cells(st->info.resume.away_ms, away);
    st->lost_ms = IW_TIME_NONE;
    if (gap)
        snprintf(text, sizeof(text),
                 tr("log resumed after %s; the last line shown is no longer there: lines may be "
                    "missing here"),
                 away);
    else
        snprintf(text, sizeof(text),
                 tr("log resumed after %s without loss (%llu lines re-read, 0 doubled)"), away,
                 (unsigned long long)st->info.resume.re_read);
    st->sink.mark(st->sink.ctx, st, now_wall_ms, text);
    log_stream_tell(st);
}

/* The whole tail that was asked for has come: there is more before it. */
static void
note_older(struct log_stream *st, int64_t wall_ms)
{
    if (!st->request.tail || wall_ms > st->request.opened_ms)
        return;
    if (++st->request.found != (uint64_t)st->opts.tail_lines)
        return;
    st->info.older_left = st->info.facts.tail = true;
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
}

/* Is this the log of another run? The store may not know yet that the container started again. */
static bool
is_suspect(const struct log_stream *st, int64_t wall_ms)
{
    return st->log && st->request.resumed && !st->request.final && st->seen.replay.on &&
           st->seen.replay.end > 0 && !st->seen.replay.found_last && wall_ms > st->seen.newest_ms &&
           st->suspicions < STREAM_SUSPICIONS;
}

/* A run writes nothing after its end: the node sent another one, because it has that one no longer. */
static bool
is_foreign(const struct log_stream *st, int64_t wall_ms)
{
    const struct logbuf_chapter *facts = &st->info.facts;
    return st->log && st->request.final && facts->ended && facts->ended_ms != IW_TIME_NONE &&
           wall_ms > facts->ended_ms + STREAM_END_SLACK_MS;
}

static void
deliver(struct log_stream *st, const char *text, size_t len, bool cut, bool newline)
{
    int64_t wall_ms;
    uint32_t sub_ns;
    size_t stamp_len = logstamp_take(&st->stamp, text, len, &wall_ms, &sub_ns);
    if (wall_ms != IW_TIME_NONE) {
        if (is_suspect(st, wall_ms)) {
            log_stream_suspect(st);
            return;
        }
        if (is_foreign(st, wall_ms)) {
            log_stream_foreign(st);
            return;
        }
        bool is_new = log_seen_is_new(&st->seen, wall_ms, log_seen_hash(text, len));
        if (st->lost_ms != IW_TIME_NONE && (!st->seen.replay.on || st->seen.replay.found_last))
            log_stream_mended(st);
        if (st->seen.replay.found_last)
            st->suspicions = 0;
        if (!is_new)
            return;
        note_older(st, wall_ms);
    }
    st->failures = 0;
    st->request.news = true;
    st->has_partial = false;
    const struct logbuf_line line = {.text = text + stamp_len,
                                     .len = (uint32_t)(len - stamp_len),
                                     .cut = cut,
                                     .wall_ms = wall_ms,
                                     .sub_ns = sub_ns,
                                     .source = st->opts.number,
                                     .chapter = st->info.chapter};
    st->info.lines++;
    st->attempt_lines++;
    st->sink.line(st->sink.ctx, st, &line, stamp_len, newline);
}

void
log_stream_on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct log_stream *st = ctx;
    if (newline) {
        deliver(st, text, len, cut, true);
        return;
    }
    /* The end of the log, or where the connection broke: whether it is a whole line is known later. */
    int64_t wall_ms;
    uint32_t sub_ns;
    bool stamped = logstamp_take(&st->stamp, text, len, &wall_ms, &sub_ns) > 0;
    bool same = stamped && st->had_partial && st->partial.len == len &&
                memcmp(st->partial.data, text, len) == 0;
    st->request.news |= !same;
    strbuf_clear(&st->partial);
    st->has_partial = strbuf_add(&st->partial, text, len);
}

void
log_stream_flush_partial(struct log_stream *st)
{
    if (!st->has_partial)
        return;
    st->has_partial = false;
    deliver(st, st->partial.data, st->partial.len, false, false);
}
