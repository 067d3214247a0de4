/* log_stream: what to ask for next.
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

/* A follow that does not end although the next run is there. */
enum { STREAM_STALE_MS = 5000 };

static void on_timer(void *ctx);

void
log_stream_tell(struct log_stream *st)
{
    if (st->sink.changed)
        st->sink.changed(st->sink.ctx, st);
}

void
log_stream_set_state(struct log_stream *st, enum log_stream_state state, const char *sentence)
{
    if (st->info.state == state && strcmp(st->info.sentence, sentence) == 0)
        return;
    st->info.state = state;
    snprintf(st->info.sentence, sizeof(st->info.sentence), "%.255s", sentence);
    log_stream_tell(st);
}

int64_t
log_stream_wall_now(const struct log_stream *st)
{
    return clock_wall(loop_clock(st->env.loop));
}

const struct container *
log_stream_container(const struct log_stream *st)
{
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    return pod ? pod_find_container(pod, st->container) : NULL;
}

void
log_stream_ask_again_in(struct log_stream *st, int64_t delay_ms)
{
    loop_remove(st->env.loop, st->timer);
    st->timer = loop_timer_add(st->env.loop, delay_ms, on_timer, st);
    st->info.retry_ms = clock_mono(loop_clock(st->env.loop)) + delay_ms;
}

void
log_stream_close_request(struct log_stream *st)
{
    if (!st->log)
        return;
    st->closing = true;
    st->env.source->class_->close_log(st->log);
    st->log = NULL;
    st->closing = false;
}

/* --- asking --- */

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
    st->info.asked_ms = st->request.opened_ms = log_stream_wall_now(st);
    st->request.found = 0;
    st->request.news = st->request.gap = false;
    /* It comes again, whole or as it is, if it was no piece of a line that was shown. */
    st->had_partial = st->has_partial;
    st->has_partial = false;
    st->clean = st->clean && choice->ended; /* what is asked for again after the end is not news */
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
    struct log_sink sink = {.ctx = st, .line = log_stream_on_line, .done = log_stream_on_done};
    struct iw_error err = {0};
    log_stream_set_state(st, choice->follow ? LOG_STREAM_FOLLOWING : LOG_STREAM_LOADING, "");
    if (st->env.source->class_->open_log(st->env.source, &request, &sink, &st->log, &err) != IW_OK)
        log_stream_fail(st, &err);
}

static void
open_attempt(struct log_stream *st, const struct container *c, const struct log_choice *choice)
{
    struct logbuf_chapter facts;
    int32_t from = st->info.attempt < 0 ? 0 : st->info.attempt + 1;
    bool tell = st->opts.history && st->opts.only_attempt == LOG_ATTEMPT_ANY;
    if (tell && choice->attempt > from)
        log_stream_tell_attempts(st, c, from, choice->attempt);
    const struct pod *pod = store_get(st->env.store, st->opts.pod);
    const struct logbuf_chapter *kept =
        choice->ended && st->env.archive
            ? log_archive_find(st->env.archive, pod->uid, st->container, choice->attempt)
            : NULL;
    if (kept && !kept->missing[0]) {
        log_stream_replay_kept(st, pod->uid, choice->attempt);
        log_stream_complete(st);
        log_stream_ask_again_in(st, 0);
        return;
    }
    log_attempt_facts(st->env.store, st->opts.pod, c, choice->attempt, &facts);
    log_stream_begin_chapter(st, &facts);
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

static bool
pod_is_gone(const struct log_stream *st)
{
    return !store_get(st->env.store, st->opts.pod) ||
           store_deleted_ms(st->env.store, st->opts.pod) != IW_TIME_NONE;
}

/* The next request, or what there is to wait for. */
static void
advance(struct log_stream *st)
{
    const struct container *c = log_stream_container(st);
    if (!c || pod_is_gone(st)) {
        log_stream_give_up_rest(st, true);
        log_stream_complete(st);
        log_stream_set_state(
            st, LOG_STREAM_ENDED,
            tr("the pod is deleted; the cluster keeps a log no longer than its pod"));
        return;
    }
    log_stream_refresh_facts(st, c);
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
    if (st->info.attempt >= 0 && !st->complete) {
        const struct log_choice moved = {
            .ask = LOG_ASK_PREVIOUS, .attempt = st->info.attempt, .ended = true};
        const struct log_choice *same = choice_of(&now, &before, st->info.attempt);
        if (same && same->ask == LOG_ASK_PREVIOUS)
            st->probing = st->moved = false; /* the store knows by now */
        if (same) {
            send_request(st, st->probing || st->moved ? &moved : same);
            return;
        }
        log_stream_give_up_rest(st, false);
    }
    bool earlier = st->opts.history || st->opts.previous || st->info.attempt >= 0;
    bool later = !st->opts.previous || st->opts.history;
    if (earlier && is_wanted(st, &before) && (st->opts.follow || st->info.attempt < 0))
        open_attempt(st, c, &before);
    else if (later && is_wanted(st, &now))
        open_attempt(st, c, &now);
    else if (st->info.attempt < 0)
        log_stream_set_state(st, LOG_STREAM_WAITING, later ? now.sentence : before.sentence);
    else if (st->moved && !now.ended)
        log_stream_set_state(st, LOG_STREAM_WAITING, LOG_STREAM_WHICH);
    else
        log_stream_set_state(st, LOG_STREAM_ENDED, now.ask == LOG_ASK_NOTHING ? now.sentence : "");
}

static void
on_timer(void *ctx)
{
    struct log_stream *st = ctx;
    st->timer = 0;
    if (st->log) { /* it did not end although the next run is there */
        log_stream_close_request(st);
        LOG_INFO("log of %s: the stream of a run that is over did not end", st->container);
    }
    advance(st);
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
    log_stream_close_request(st);
    loop_remove(st->env.loop, st->timer);
    log_seen_free(&st->seen);
    strbuf_free(&st->partial);
    free(st);
}

void
log_stream_start(struct log_stream *st)
{
    const struct container *c = log_stream_container(st);
    st->started = true;
    st->first_attempt = c && c->status ? c->status->restart_count : 0;
    advance(st);
}

void
log_stream_model_changed(struct log_stream *st)
{
    const struct container *c = log_stream_container(st);
    if (!st->started || !c || st->info.state == LOG_STREAM_FAILED)
        return;
    bool news = log_stream_refresh_facts(st, c);
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    bool newer = now.ask != LOG_ASK_NOTHING && now.attempt > st->info.attempt;
    bool over = st->info.facts.ended || newer || pod_is_gone(st);
    if (st->log && over && !st->request.final && !st->timer) {
        log_stream_ask_again_in(st, STREAM_STALE_MS);
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
