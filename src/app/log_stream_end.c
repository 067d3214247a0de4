/* log_stream_end: what an answer's end means: is the run read to its end, is there more, whose log was it?
 *
 * A connection may break anywhere, and an API server whose kubelet dies ends its answer as if it were whole. So an answer
 * proves nothing by its end. A run is read when answers that were asked for after its end came to the same end several times
 * in a row. Where that cannot be had any more a mark in the log says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "log_stream_internal.h"

enum {
    STREAM_RETRY_FIRST_MS = 1000,
    STREAM_RETRY_MAX_MS = 15000,
    /* So many answers in a row that bring nothing new behind the last line: that is the end. One alone may have been cut
     * just there. */
    STREAM_AGREED = 2,
    /* So many answers in a row that end at one and the same place before the last line: the node has lost it. */
    STREAM_STUCK = 3,
    /* Without follow: so often a broken answer is asked for again. */
    STREAM_TRIES = 5,
};

static int64_t
retry_delay_ms(const struct log_stream *st)
{
    int64_t delay_ms = STREAM_RETRY_FIRST_MS;
    for (unsigned i = 1; i < st->failures && delay_ms < STREAM_RETRY_MAX_MS; i++)
        delay_ms *= 2;
    return IW_MIN(delay_ms, (int64_t)STREAM_RETRY_MAX_MS);
}

static void
say_gap(struct log_stream *st, const char *sentence)
{
    st->info.gaps++;
    st->sink.mark(st->sink.ctx, st, log_stream_wall_now(st), sentence);
}

void
log_stream_complete(struct log_stream *st)
{
    log_stream_flush_partial(st);
    st->complete = true;
    st->lost_ms = IW_TIME_NONE;
    st->failures = st->suspicions = 0;
    st->probing = false;
    if (st->info.chapter && st->info.facts.ended && !st->info.read) {
        st->info.read = true;
        st->sink.chapter(st->sink.ctx, st, st->info.chapter, &st->info.facts);
    }
}

static bool
is_recording(const struct log_stream *st)
{
    return st->env.source->class_->caps & SOURCE_CAP_RECORDED;
}

void
log_stream_give_up_rest(struct log_stream *st, bool pod_gone)
{
    if (st->complete || !st->info.chapter)
        return;
    if (is_recording(st) && !pod_gone) { /* no node has removed it: the time has moved on */
        log_stream_complete(st);
        return;
    }
    if (!st->clean)
        say_gap(st, pod_gone
                        ? tr("the pod was deleted before the end of this attempt was read: lines "
                             "may be missing here")
                        : tr("the end of this attempt was removed by the node before it was read: "
                             "lines may be missing here"));
    else if (st->agreed == 0 && !pod_gone)
        st->sink.mark(st->sink.ctx, st, log_stream_wall_now(st),
                      tr("the node removed this attempt before its end could be asked for again"));
    log_stream_complete(st);
}

void
log_stream_fail(struct log_stream *st, const struct iw_error *err)
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
        log_stream_set_missing(st, tr("not allowed: reading it needs the verb get on pods/log"));
    log_stream_set_state(st, LOG_STREAM_FAILED, sentence);
}

static void
lost(struct log_stream *st, const struct iw_error *err)
{
    char text[256];
    LOG_WARN("log of %s: %s", st->container, err->msg);
    st->failures++;
    if (st->request.news)
        st->agreed = st->stuck.count = 0;
    if (st->lost_ms == IW_TIME_NONE) {
        st->lost_ms = log_stream_wall_now(st);
        snprintf(text, sizeof(text), tr("interrupted: %.200s"), err->msg);
        st->sink.mark(st->sink.ctx, st, st->lost_ms, text);
    }
    int64_t delay_ms = IW_MAX(retry_delay_ms(st), err->retry_after_ms);
    snprintf(text, sizeof(text), tr("connection lost; next try in %llds, nothing is skipped"),
             (long long)(delay_ms / 1000));
    log_stream_set_state(st, LOG_STREAM_LOST, text);
    log_stream_ask_again_in(st, delay_ms);
}

/* --- whose log is it? --- */

void
log_stream_suspect(struct log_stream *st)
{
    log_stream_close_request(st);
    st->suspicions++;
    st->probing = true;
    st->lost_ms = st->lost_ms == IW_TIME_NONE ? log_stream_wall_now(st) : st->lost_ms;
    log_stream_set_state(st, LOG_STREAM_LOST, LOG_STREAM_WHICH);
    log_stream_ask_again_in(st, 0);
}

/* The run before the present one is not the one that is open either, as far as can be seen. */
static void
probe_failed(struct log_stream *st)
{
    st->probing = false;
    log_stream_ask_again_in(st, STREAM_CHECK_MS);
}

/* The node has not, or no longer, what is unread of the run. */
static void
not_kept(struct log_stream *st)
{
    if (st->attempt_lines == 0)
        log_stream_set_missing(
            st, tr("removed by the node: it keeps one ended container of each name"));
    log_stream_give_up_rest(st, false);
    log_stream_complete(st);
    log_stream_ask_again_in(st, 0);
}

/* A recording has the logs that somebody looked at. */
static bool
is_not_recorded(const struct log_stream *st, const struct iw_error *err)
{
    return is_recording(st) && err->http_status == 400;
}

static void
not_recorded(struct log_stream *st)
{
    if (st->info.chapter && st->attempt_lines == 0)
        log_stream_set_missing(st, tr("not recorded: nobody had this log open"));
    log_stream_complete(st);
    log_stream_ask_again_in(st, 0);
}

void
log_stream_foreign(struct log_stream *st)
{
    log_stream_close_request(st);
    if (st->probing) {
        probe_failed(st);
    } else if (!st->request.previous && st->opts.verify) {
        st->moved = true; /* it has started again: what it wrote is that of the run before */
        log_stream_ask_again_in(st, 0);
    } else {
        not_kept(st);
    }
}

/* --- the end of a complete answer --- */

/* What was shown must have come again up to the last line, else this answer was cut short, too. */
static bool
is_replayed(const struct log_stream *st)
{
    const struct log_seen *seen = &st->seen;
    return !st->request.resumed || !seen->replay.on || seen->replay.end == 0 ||
           seen->replay.found_last;
}

/* Answers in a row that end at the same place before the last line that was shown. */
static bool
is_stuck(struct log_stream *st)
{
    if (st->stuck.re_read != st->seen.replay.re_read)
        st->stuck.count = 0;
    st->stuck.re_read = st->seen.replay.re_read;
    st->agreed = 0;
    if (++st->stuck.count < STREAM_STUCK)
        return false;
    st->stuck.count = 0;
    if (st->request.previous || st->probed)
        return true;
    st->probing = st->probed = true; /* perhaps it has started again, and writes nothing */
    return false;
}

/* Is this, by an answer to a request that was made after the run's end, all that there is of it? */
static bool
is_whole(struct log_stream *st, bool replayed)
{
    if (!st->request.final)
        return false;
    if (!st->opts.verify)
        return true;
    if (st->request.news) {
        st->agreed = st->stuck.count = 0;
        return false;
    }
    if (!replayed)
        return is_stuck(st);
    st->stuck.count = 0;
    return ++st->agreed >= STREAM_AGREED;
}

static int64_t
next_look_ms(struct log_stream *st, const struct container *c, bool replayed)
{
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    bool still_runs = now.attempt == st->info.attempt && !now.ended && !st->moved;
    if (still_runs || !replayed)
        st->failures++;
    if (still_runs)
        return IW_MAX(retry_delay_ms(st), (int64_t)STREAM_CHECK_MS);
    if (!replayed)
        return retry_delay_ms(st);
    /* It wrote nothing, or it has started again a moment ago and that run wrote nothing yet. */
    bool empty = st->request.final && !st->request.previous && st->attempt_lines == 0;
    return empty && st->opts.verify ? (int64_t)STREAM_CHECK_MS : 0;
}

static void
ended(struct log_stream *st)
{
    const struct container *c = log_stream_container(st);
    if (st->probing) {
        probe_failed(st);
        return;
    }
    bool replayed = is_replayed(st), whole = is_whole(st, replayed);
    st->clean |= replayed;
    if (whole && !replayed)
        st->request.gap = true;
    if (whole || replayed)
        log_stream_mended(st);
    bool goes_on = st->opts.follow || (st->request.final && st->opts.verify);
    if (whole || !goes_on || !c) {
        log_stream_complete(st);
        log_stream_ask_again_in(st, 0);
        return;
    }
    /* Servers that restart and proxies end a stream, too. Either way it is asked for once more: by the run's end nothing
     * of it must be unread. */
    log_stream_ask_again_in(st, next_look_ms(st, c, replayed));
}

/* The kubelet answered that it has no such log. */
static void
not_there(struct log_stream *st, const struct iw_error *err)
{
    bool waits = err->http_status == 400 || err->http_status == 204;
    if (st->probing) {
        probe_failed(st);
    } else if (is_not_recorded(st, err) && st->request.final) {
        not_recorded(st);
    } else if (st->request.previous || (err->http_status == 200 && st->request.final)) {
        not_kept(st);
    } else if (waits && st->opts.follow) {
        log_stream_set_state(st, LOG_STREAM_WAITING, err->msg);
        log_stream_ask_again_in(st, STREAM_CHECK_MS);
    } else if (st->opts.follow) {
        lost(st, err);
    } else {
        log_stream_fail(st, err);
    }
}

void
log_stream_on_done(void *ctx, const struct iw_error *err)
{
    struct log_stream *st = ctx;
    st->log = NULL;
    if (st->closing)
        return;
    bool no_such_log = err->http_status == 400 || err->http_status == 204 ||
                       (err->code == IW_ERR_NOT_FOUND && err->http_status == 200);
    bool later = iw_err_retry(err->code) != IW_RETRY_NEVER && err->code != IW_ERR_FORBIDDEN;
    bool again = st->opts.follow || (st->opts.verify && st->failures < STREAM_TRIES);
    if (err->code == IW_OK)
        ended(st);
    else if (no_such_log)
        not_there(st, err);
    else if (later && again)
        lost(st, err);
    else
        log_stream_fail(st, err);
}
