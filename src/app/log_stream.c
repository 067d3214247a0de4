/* log_stream: what to ask for next, and what an answer's end means.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "log_stream_internal.h"

enum {
    STREAM_RETRY_FIRST_MS = 1000,
    STREAM_RETRY_MAX_MS = 15000,
    /* A clean end while the run goes on as far as the store knows: longer than a status takes to arrive. */
    STREAM_CHECK_MS = 2000,
    /* A follow that does not end although the next run is there. */
    STREAM_STALE_MS = 5000,
    /* Answers in a row that end cleanly before the last line that was shown: then the node has lost it. */
    STREAM_SHORT_READS = 8,
};

static void advance(struct log_stream *st);
static void on_timer(void *ctx);

void
log_stream_tell(struct log_stream *st)
{
    if (st->sink.changed)
        st->sink.changed(st->sink.ctx, st);
}

static void
set_state(struct log_stream *st, enum log_stream_state state, const char *sentence)
{
    if (st->info.state == state && strcmp(st->info.sentence, sentence) == 0)
        return;
    st->info.state = state;
    snprintf(st->info.sentence, sizeof(st->info.sentence), "%.255s", sentence);
    log_stream_tell(st);
}

static int64_t
wall_now(const struct log_stream *st)
{
    return clock_wall(loop_clock(st->env.loop));
}

static const struct container *
find_container(const struct log_stream *st)
{
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    return pod ? pod_find_container(pod, st->container) : NULL;
}

static void
ask_again_in(struct log_stream *st, int64_t delay_ms)
{
    loop_remove(st->env.loop, st->timer);
    st->timer = loop_timer_add(st->env.loop, delay_ms, on_timer, st);
    st->info.retry_ms = clock_mono(loop_clock(st->env.loop)) + delay_ms;
}

static void
close_request(struct log_stream *st)
{
    if (!st->log)
        return;
    st->closing = true;
    st->env.source->class_->close_log(st->log);
    st->log = NULL;
    st->closing = false;
}

/* --- chapters --- */

/* What the store knows of the run that is open; true when that is more than before. */
static bool
refresh_facts(struct log_stream *st, const struct container *c)
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
    *known = facts;
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, known);
    return true;
}

static void
begin_chapter(struct log_stream *st, const struct logbuf_chapter *facts)
{
    st->info.attempt = facts->attempt;
    st->info.facts = *facts;
    st->attempt_lines = 0;
    st->info.read = facts->missing[0] != '\0';
    st->info.chapter = st->sink.chapter(st->sink.ctx, st, 0, facts);
}

static void
set_missing(struct log_stream *st, const char *why)
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

static bool
replay_kept(struct log_stream *st, const char *uid, int32_t attempt)
{
    const struct logbuf_chapter *kept =
        st->env.archive ? log_archive_find(st->env.archive, uid, st->container, attempt) : NULL;
    if (!kept)
        return false;
    begin_chapter(st, kept);
    log_archive_each(st->env.archive, uid, st->container, attempt, replay_line, st);
    st->info.read = true;
    st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
    return true;
}

/* One chapter for attempts [from, to] of which nothing is left: their end is told, if it is known, by the last one. */
static void
tell_missing(struct log_stream *st, const struct container *c, int32_t from, int32_t to)
{
    struct logbuf_chapter facts;
    log_attempt_facts(st->env.store, st->opts.pod, c, to, &facts);
    if (from == to)
        snprintf(facts.missing, sizeof(facts.missing), "%s",
                 tr("never seen: it was over before this program looked, and the cluster keeps one "
                    "earlier attempt"));
    else
        snprintf(facts.missing, sizeof(facts.missing),
                 tr("attempts %d to %d never seen: they were over before this program looked"),
                 (int)from + 1, (int)to + 1);
    begin_chapter(st, &facts);
}

/* Attempts [from, upto): kept ones with their lines, the others as missing. */
static void
tell_attempts(struct log_stream *st, const struct container *c, int32_t from, int32_t upto)
{
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    int32_t missing = from;
    for (int32_t n = IW_MAX(from, upto - LIMIT_LOG_CHAPTERS); n < upto; n++) {
        if (!st->env.archive || !log_archive_find(st->env.archive, pod->uid, st->container, n))
            continue;
        if (missing < n)
            tell_missing(st, c, missing, n - 1);
        replay_kept(st, pod->uid, n);
        missing = n + 1;
    }
    if (missing < upto)
        tell_missing(st, c, missing, upto - 1);
}

/* --- asking --- */

static void on_done(void *ctx, const struct iw_error *err);

static void
fail(struct log_stream *st, const struct iw_error *err)
{
    char sentence[256];
    const char *hint = iw_err_hint(err->code);
    if (err->code == IW_ERR_FORBIDDEN)
        hint = "try: kubectl auth can-i get pods/log";
    if (err->http_status == 404)
        hint = tr("the cluster keeps a log no longer than its pod");
    if (err->http_status == 400 || err->http_status == 204)
        hint = ""; /* the sentence is the kubelet's: there is no such log (yet) */
    snprintf(sentence, sizeof(sentence), "%.180s%s%.60s", err->msg, hint[0] ? "; " : "", hint);
    st->info.err = *err;
    st->complete = true;
    log_stream_flush_partial(st);
    if (st->info.chapter && st->info.facts.line_count == 0 && err->code == IW_ERR_FORBIDDEN)
        set_missing(st, tr("not allowed: reading it needs the verb get on pods/log"));
    set_state(st, LOG_STREAM_FAILED, sentence);
}

static void
send_request(struct log_stream *st, const struct log_choice *choice)
{
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    /* Lines of the run before stay in mind: an answer that came too early or too late is recognised by them. */
    bool from_start = st->attempt_lines == 0;
    int64_t since_ms = log_seen_resume(&st->seen);
    bool limited = from_start && choice->attempt <= st->first_attempt;
    st->request.final = choice->ended;
    st->request.previous = choice->ask == LOG_ASK_PREVIOUS;
    st->request.resumed = !from_start && since_ms != IW_TIME_NONE;
    st->request.tail = limited && st->opts.tail_lines >= 0;
    st->request.opened_ms = wall_now(st);
    st->request.found = 0;
    st->request.news = false;
    /* It comes again, whole or as it is, if it was no piece of a line that was shown. */
    st->had_partial = st->has_partial;
    st->has_partial = false;
    st->clean = false;
    struct log_request request = {.ns = pod->ns,
                                  .pod = pod->name,
                                  .container = st->container,
                                  .previous = st->request.previous,
                                  .follow = choice->follow && st->opts.follow,
                                  .timestamps = true,
                                  .tail_lines = st->request.tail ? st->opts.tail_lines : -1,
                                  .since_seconds = limited ? st->opts.since_seconds : -1,
                                  .since_wall_ms = st->request.resumed ? since_ms
                                                   : limited           ? st->opts.since_wall_ms
                                                                       : IW_TIME_NONE,
                                  .limit_bytes = -1};
    struct log_sink sink = {.ctx = st, .line = log_stream_on_line, .done = on_done};
    struct iw_error err = {0};
    set_state(st, choice->follow ? LOG_STREAM_FOLLOWING : LOG_STREAM_LOADING, "");
    if (st->env.source->class_->open_log(st->env.source, &request, &sink, &st->log, &err) != IW_OK)
        fail(st, &err);
}

/* The attempt that is open ends here for the reader. */
static void
complete_attempt(struct log_stream *st)
{
    log_stream_flush_partial(st);
    st->complete = true;
    st->lost_ms = IW_TIME_NONE;
    st->failures = st->suspicions = 0;
    if (st->info.chapter && st->info.facts.ended && !st->info.read) {
        st->info.read = true;
        st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
    }
}

static void
open_attempt(struct log_stream *st, const struct container *c, const struct log_choice *choice)
{
    struct logbuf_chapter facts;
    int32_t from = st->info.attempt < 0 ? 0 : st->info.attempt + 1;
    bool tell = st->opts.history && st->opts.only_attempt == LOG_ATTEMPT_ANY;
    if (tell && choice->attempt > from)
        tell_attempts(st, c, from, choice->attempt);
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    if (choice->ended && replay_kept(st, pod->uid, choice->attempt)) {
        if (!st->info.facts.missing[0]) {
            complete_attempt(st);
            ask_again_in(st, 0);
            return;
        }
        set_missing(st, ""); /* it may be there by now */
    }
    if (st->info.attempt != choice->attempt) {
        log_attempt_facts(st->env.store, st->opts.pod, c, choice->attempt, &facts);
        begin_chapter(st, &facts);
    }
    st->complete = false;
    send_request(st, choice);
}

static bool
is_wanted(const struct log_stream *st, const struct log_choice *choice)
{
    if (choice->ask == LOG_ASK_NOTHING || choice->attempt <= st->info.attempt)
        return false;
    return st->opts.only_attempt == LOG_ATTEMPT_ANY || choice->attempt == st->opts.only_attempt;
}

/* How to ask for attempt number `attempt` now: by one of the two choices; NULL when the cluster no longer has it. */
static const struct log_choice *
choice_of(const struct log_choice *now, const struct log_choice *before, int32_t attempt)
{
    if (now->ask != LOG_ASK_NOTHING && now->attempt == attempt)
        return now;
    if (before->ask != LOG_ASK_NOTHING && before->attempt == attempt)
        return before;
    return NULL;
}

/* Of the run that is open something may be unread and the cluster no longer has it. */
static void
give_up_rest(struct log_stream *st)
{
    if (!st->clean) {
        st->info.gaps++;
        st->sink.mark(
            st->sink.ctx, st, wall_now(st),
            tr("the end of this attempt was removed by the node before it was read: lines "
               "may be missing here"));
    }
    complete_attempt(st);
}

static bool
pod_is_gone(const struct log_stream *st)
{
    return !store_get(st->env.store, st->opts.pod) ||
           store_deleted_ms(st->env.store, st->opts.pod) != IW_TIME_NONE;
}

static void
advance(struct log_stream *st)
{
    const struct container *c = find_container(st);
    if (!c || pod_is_gone(st)) {
        complete_attempt(st);
        set_state(st, LOG_STREAM_ENDED,
                  tr("the pod is deleted; the cluster keeps a log no longer than its pod"));
        return;
    }
    refresh_facts(st, c);
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
    if (st->info.attempt >= 0 && !st->complete) {
        const struct log_choice *same = choice_of(&now, &before, st->info.attempt);
        if (same) {
            send_request(st, same);
            return;
        }
        if (now.ask == LOG_ASK_NOTHING && before.ask == LOG_ASK_NOTHING &&
            container_phase(c) != CONTAINER_RUNNING && st->clean) {
            complete_attempt(st);
        } else {
            give_up_rest(st);
        }
    }
    bool earlier = st->opts.history || st->opts.previous || st->info.attempt >= 0;
    bool later = !st->opts.previous || st->opts.history;
    if (earlier && is_wanted(st, &before) && (st->opts.follow || st->info.attempt < 0))
        open_attempt(st, c, &before);
    else if (later && is_wanted(st, &now))
        open_attempt(st, c, &now);
    else if (st->info.attempt < 0)
        set_state(st, LOG_STREAM_WAITING, later ? now.sentence : before.sentence);
    else
        set_state(st, LOG_STREAM_ENDED, now.ask == LOG_ASK_NOTHING ? now.sentence : "");
}

static void
on_timer(void *ctx)
{
    struct log_stream *st = ctx;
    st->timer = 0;
    if (st->log) { /* it did not end although the next run is there */
        close_request(st);
        LOG_INFO("log of %s: the stream of a run that is over did not end", st->container);
    }
    advance(st);
}

void
log_stream_suspect(struct log_stream *st)
{
    close_request(st);
    st->suspicions++;
    st->lost_ms = st->lost_ms == IW_TIME_NONE ? wall_now(st) : st->lost_ms;
    set_state(st, LOG_STREAM_LOST, tr("waiting until the cluster says which attempt this is"));
    ask_again_in(st, STREAM_CHECK_MS);
}

/* --- what an end means --- */

static int64_t
retry_delay_ms(const struct log_stream *st)
{
    int64_t delay_ms = STREAM_RETRY_FIRST_MS;
    for (unsigned i = 1; i < st->failures && delay_ms < STREAM_RETRY_MAX_MS; i++)
        delay_ms *= 2;
    return IW_MIN(delay_ms, (int64_t)STREAM_RETRY_MAX_MS);
}

static void
lost(struct log_stream *st, const struct iw_error *err)
{
    char text[256];
    LOG_WARN("log of %s: %s", st->container, err->msg);
    st->failures++;
    if (st->lost_ms == IW_TIME_NONE) {
        st->lost_ms = wall_now(st);
        snprintf(text, sizeof(text), tr("interrupted: %.200s"), err->msg);
        st->sink.mark(st->sink.ctx, st, st->lost_ms, text);
    }
    int64_t delay_ms = IW_MAX(retry_delay_ms(st), err->retry_after_ms);
    snprintf(text, sizeof(text), tr("connection lost; next try in %llds, nothing is skipped"),
             (long long)(delay_ms / 1000));
    set_state(st, LOG_STREAM_LOST, text);
    ask_again_in(st, delay_ms);
}

/* The end of a complete answer. */
static void
ended(struct log_stream *st)
{
    const struct container *c = find_container(st);
    /* What was shown must have come again up to the last line, else this answer was cut short, too. */
    bool replayed = !st->seen.replay.on || st->seen.replay.end == 0 || st->seen.replay.found_last;
    st->short_reads = replayed ? 0 : st->short_reads + 1;
    bool again = st->request.news || (!replayed && st->short_reads < STREAM_SHORT_READS);
    bool whole = st->request.final && !(again && st->opts.verify);
    st->clean = true;
    if (whole || replayed)
        log_stream_mended(st);
    if (whole || !st->opts.follow || !c) {
        complete_attempt(st);
        ask_again_in(st, 0);
        return;
    }
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    bool still_runs = now.attempt == st->info.attempt && !now.ended;
    if (still_runs)
        st->failures++;
    /* Servers that restart and proxies end a stream, too. Either way it is asked for once more: by the run's end nothing
     * of it must be unread. */
    ask_again_in(st, still_runs ? IW_MAX(retry_delay_ms(st), (int64_t)STREAM_CHECK_MS) : 0);
}

/* The node has not, or no longer, what is unread of the run. */
static void
not_kept(struct log_stream *st)
{
    if (st->attempt_lines == 0)
        set_missing(st, tr("removed by the node: it keeps one ended container of each name"));
    else if (!st->clean)
        give_up_rest(st);
    complete_attempt(st);
    ask_again_in(st, 0);
}

void
log_stream_foreign(struct log_stream *st)
{
    close_request(st);
    not_kept(st);
}

/* The kubelet answered that it has no such log. */
static void
not_there(struct log_stream *st, const struct iw_error *err)
{
    bool waits = err->http_status == 400 || err->http_status == 204;
    if (st->request.previous || (err->http_status == 200 && st->request.final)) {
        not_kept(st);
    } else if (waits && st->opts.follow) {
        set_state(st, LOG_STREAM_WAITING, err->msg);
        ask_again_in(st, STREAM_CHECK_MS);
    } else if (st->opts.follow) {
        lost(st, err);
    } else {
        fail(st, err);
    }
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct log_stream *st = ctx;
    st->log = NULL;
    if (st->closing)
        return;
    bool no_such_log = err->http_status == 400 || err->http_status == 204 ||
                       (err->code == IW_ERR_NOT_FOUND && err->http_status == 200);
    bool later = iw_err_retry(err->code) != IW_RETRY_NEVER && err->code != IW_ERR_FORBIDDEN;
    if (err->code == IW_OK)
        ended(st);
    else if (no_such_log)
        not_there(st, err);
    else if (later && st->opts.follow)
        lost(st, err);
    else
        fail(st, err);
}

/* --- public --- */

struct log_stream *
log_stream_new(const struct log_stream_env *env, const struct log_stream_opts *opts,
               const struct log_stream_sink *sink)
{
    struct log_stream *st = iw_calloc(1, sizeof(*st));
    st->env = *env;
    st->opts = *opts;
    st->sink = *sink;
    snprintf(st->container, sizeof(st->container), "%s", opts->container);
    st->opts.container = st->container;
    st->info.attempt = -1;
    st->info.state = LOG_STREAM_WAITING;
    st->lost_ms = IW_TIME_NONE;
    log_seen_init(&st->seen);
    strbuf_init(&st->partial, LIMIT_LOG_LINE_BYTES);
    return st;
}

void
log_stream_free(struct log_stream *st)
{
    if (!st)
        return;
    close_request(st);
    loop_remove(st->env.loop, st->timer);
    log_seen_free(&st->seen);
    strbuf_free(&st->partial);
    free(st);
}

void
log_stream_start(struct log_stream *st)
{
    const struct container *c = find_container(st);
    st->started = true;
    st->first_attempt = c && c->status ? c->status->restart_count : 0;
    advance(st);
}

void
log_stream_model_changed(struct log_stream *st)
{
    const struct container *c = find_container(st);
    if (!st->started || !c || st->info.state == LOG_STREAM_FAILED)
        return;
    bool news = refresh_facts(st, c);
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    bool newer = now.ask != LOG_ASK_NOTHING && now.attempt > st->info.attempt;
    bool over = st->info.facts.ended || newer || pod_is_gone(st);
    if (st->log && over && !st->request.final && !st->timer) {
        ask_again_in(st, STREAM_STALE_MS);
        return;
    }
    if (st->log || st->info.state == LOG_STREAM_LOST)
        return;
    /* A look at a run that is known to be over now need not wait for its moment. */
    if (st->timer && (news || newer)) {
        loop_remove(st->env.loop, st->timer);
        st->timer = 0;
    }
    if (!st->timer)
        advance(st);
}

const struct log_stream_info *
log_stream_info(const struct log_stream *st)
{
    return &st->info;
}

const struct log_stream_opts *
log_stream_opts(const struct log_stream *st)
{
    return &st->opts;
}
