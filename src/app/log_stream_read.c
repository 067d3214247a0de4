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
    const bool gap = st->request.gap, was_lost = st->lost_ms != IW_TIME_NONE;
    if (!was_lost && !gap)
        return;
    int64_t now_wall_ms = log_stream_wall_now(st);
    char away[16], text[256];
    st->info.resume.wall_ms = now_wall_ms;
    st->info.resume.away_ms = was_lost ? IW_MAX(now_wall_ms - st->lost_ms, (int64_t)0) : 0;
    st->info.resume.re_read = st->seen.replay.re_read;
    st->info.resume.gap = gap;
    st->info.reconnects += was_lost;
    st->info.gaps += gap;
    duration_cells(st->info.resume.away_ms, away);
    st->lost_ms = IW_TIME_NONE;
    st->request.gap = false;
    if (gap && !was_lost)
        snprintf(text, sizeof(text), "%s",
                 tr("the last line shown is no longer there: lines may be missing here"));
    else if (gap)
        snprintf(text, sizeof(text),
                 tr("log resumed after %s; the last line shown is no longer there: lines may be "
                    "missing here"),
                 away);
    else
        snprintf(text, sizeof(text),
                 tr_n("log resumed after %s without loss (%llu line re-read, 0 doubled)",
                      "log resumed after %s without loss (%llu lines re-read, 0 doubled)",
                      st->info.resume.re_read),
                 away, (unsigned long long)st->info.resume.re_read);
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

/* Of an answer to a resumed request: what was shown did not come again up to its last line. */
static bool
is_unjoined(const struct log_stream *st)
{
    const struct log_seen *seen = &st->seen;
    return st->request.resumed && seen->replay.on && seen->replay.end > 0 &&
           !seen->replay.found_last;
}

/* A later line although the last one that was shown did not come again. */
static bool
is_break(const struct log_stream *st, int64_t wall_ms)
{
    return st->log && is_unjoined(st) && wall_ms > st->seen.newest_ms;
}

/* When the run after the one that is open began, in whole seconds, IW_TIME_NONE: not known. */
static int64_t
next_start_ms(const struct log_stream *st)
{
    const struct container *c = log_stream_container(st);
    struct log_choice now = {.attempt = -1};
    if (c)
        now = container_log_choice(c, LOG_WANT_AUTO);
    return now.attempt > st->info.attempt ? now.started_ms : IW_TIME_NONE;
}

/* A run writes nothing after its end, nor after the next one's beginning: the node sent another one. */
static bool
is_foreign(const struct log_stream *st, int64_t wall_ms)
{
    const struct logbuf_chapter *facts = &st->info.facts;
    if (!st->log || !st->request.final)
        return false;
    if (facts->ended && facts->ended_ms != IW_TIME_NONE &&
        wall_ms > facts->ended_ms + STREAM_END_SLACK_MS)
        return true;
    if (!st->request.previous || !is_break(st, wall_ms))
        return false;
    int64_t next_ms = next_start_ms(st);
    return st->probing || st->moved || (next_ms != IW_TIME_NONE && wall_ms >= next_ms);
}

/* Is this the log of another run? The store may not know yet that the container started again. */
static bool
is_suspect(const struct log_stream *st, int64_t wall_ms)
{
    return !st->request.previous && st->suspicions < STREAM_SUSPICIONS && is_break(st, wall_ms);
}

/* One line with its time. True: it is new. */
static bool
is_new_line(struct log_stream *st, int64_t wall_ms, const char *text, size_t len)
{
    const bool gap = is_break(st, wall_ms);
    bool is_new = log_seen_is_new(&st->seen, wall_ms, log_seen_hash(text, len));
    const bool found_last = st->seen.replay.found_last;
    st->request.gap |= gap;
    if (gap || (st->lost_ms != IW_TIME_NONE && (!st->seen.replay.on || found_last)))
        log_stream_mended(st);
    if (found_last)
        st->suspicions = 0;
    if (st->probing && st->seen.replay.re_read > 0) {
        st->probing = false;
        st->moved = true;
    }
    return is_new;
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
        if (!is_new_line(st, wall_ms, text, len))
            return;
        note_older(st, wall_ms);
    }
    st->failures = 0;
    st->request.news = true;
    st->has_partial = st->clean = false;
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
    st->clean = st->clean && same;
    strbuf_clear(&st->partial);
    st->has_partial = strbuf_add(&st->partial, text, len);
}

void
log_stream_flush_partial(struct log_stream *st)
{
    if (!st->has_partial)
        return;
    st->has_partial = false;
    if (!is_unjoined(st)) /* else it may be of another run */
        deliver(st, st->partial.data, st->partial.len, false, false);
}
