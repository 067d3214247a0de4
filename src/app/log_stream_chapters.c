/* log_stream_chapters: the attempts of a container as chapters: what is known of each, which are told as missing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "log_stream_internal.h"

bool
log_stream_refresh_facts(struct log_stream *st, const struct container *c)
{
    struct logbuf_chapter facts;
    if (st->info.attempt < 0)
        return false;
    log_attempt_facts(st->env.store, st->opts.pod, c, st->info.attempt, &facts);
    struct logbuf_chapter *known = &st->info.facts;
    bool news = (facts.ended && !known->ended) ||
                (facts.started_ms != IW_TIME_NONE && facts.started_ms != known->started_ms);
    if (!news)
        return false;
    snprintf(facts.missing, sizeof(facts.missing), "%s", known->missing);
    facts.tail = known->tail;
    facts.before = known->before;
    *known = facts;
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, known);
    return true;
}

void
log_stream_begin_chapter(struct log_stream *st, const struct logbuf_chapter *facts)
{
    st->info.attempt = facts->attempt;
    st->info.facts = *facts;
    st->attempt_lines = 0;
    st->probing = st->probed = st->moved = false;
    st->agreed = st->stuck.count = 0;
    st->info.read = facts->missing[0] != '\0';
    st->info.chapter = st->sink.chapter(st->sink.ctx, st, 0, facts);
}

void
log_stream_set_missing(struct log_stream *st, const char *why)
{
    snprintf(st->info.facts.missing, sizeof(st->info.facts.missing), "%s", why);
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
}

static void
replay_line(void *ctx, const struct logbuf_line *line)
{
    struct log_stream *st = ctx;
    struct logbuf_line out = *line;
    out.source = st->opts.number;
    out.chapter = st->info.chapter;
    st->info.lines++;
    st->sink.line(st->sink.ctx, st, &out, 0, true);
}

void
log_stream_replay_kept(struct log_stream *st, const char *uid, int32_t attempt)
{
    log_stream_begin_chapter(st, log_archive_find(st->env.archive, uid, st->container, attempt));
    log_archive_each(st->env.archive, uid, st->container, attempt, replay_line, st);
    st->info.read = true;
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
}

/* One chapter for attempts [from, to] of which nothing is left: their end is told, if it is known, by the last one. */
static void
tell_missing(struct log_stream *st, const struct container *c, int32_t from, int32_t to)
{
    struct logbuf_chapter facts;
    log_attempt_facts(st->env.store, st->opts.pod, c, to, &facts);
    facts.before = to - from;
    snprintf(facts.missing, sizeof(facts.missing), "%s",
             tr("never seen: ended before initwatch looked"));
    log_stream_begin_chapter(st, &facts);
}

void
log_stream_tell_attempts(struct log_stream *st, const struct container *c, int32_t from,
                         int32_t upto)
{
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    int32_t missing = from;
    for (int32_t n = IW_MAX(from, upto - LIMIT_LOG_CHAPTERS); n < upto; n++) {
        if (!st->env.archive || !log_archive_find(st->env.archive, pod->uid, st->container, n))
            continue;
        if (missing < n)
            tell_missing(st, c, missing, n - 1);
        log_stream_replay_kept(st, pod->uid, n);
        missing = n + 1;
    }
    if (missing < upto)
        tell_missing(st, c, missing, upto - 1);
}
