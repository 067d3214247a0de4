/* logs_streams: `initwatch logs` over log_stream: all attempts, several containers merged, followed over restarts.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/log_hold.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"
#include "logs_headless.h"

/* Follow, merged: lines of several streams are put in order within so much time. */
enum { STREAMS_ORDER_MS = 200, STREAMS_MAX = 256 };

struct one {
    struct log_stream *stream;
    struct pod_ref pod;
    char container[256], pod_name[256], ns[256], tag[520];
    enum container_kind kind;
    uint16_t pod_at; /* the number of its pod's first container */
    struct logprint_source source;
    int64_t last_ms; /* of its newest line, INT64_MIN none */
    bool told_waiting, told_failed, marked_end;
    bool
        start_pending; /* the mark of a start waits for the first line: Kubernetes gives whole seconds, lines say more */
    int64_t started_ms;
    int32_t start_attempt;
};

struct printing {
    struct session *session;
    const struct options *o;
    struct logprint *print;
    VEC(struct one *) ones;
    struct log_hold hold;
    bool merged, heads; /* heads: attempts have a line of their own */
    loop_id flush_timer;
    uint64_t generation;
    struct iw_error err; /* the first that is worth an exit status */
    bool lines;          /* something was printed */
};

static struct one *
one_of(struct printing *p, const struct log_stream *st)
{
    return p->ones.items[log_stream_opts(st)->number];
}

static int32_t
attempt_of(const struct one *one)
{
    return log_stream_info(one->stream)->attempt;
}

/* --- printing --- */

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
    if (log_hold_add(&p->hold, line, stamp_len, newline, mark))
        return;
    log_hold_flush(&p->hold, safe_moment(p), print_held, p);
    if (log_hold_add(&p->hold, line, stamp_len, newline, mark))
        return;
    /* One stream is far ahead of another: memory before order. */
    log_hold_flush(&p->hold, INT64_MAX, print_held, p);
    if (!log_hold_add(&p->hold, line, stamp_len, newline, mark))
        print_held(p, line, stamp_len, newline);
}

static void mark_started(struct printing *p, struct log_stream *st, int64_t line_ms);

static void
on_flush(void *ctx)
{
    struct printing *p = ctx;
    p->flush_timer = 0;
    for (size_t i = 0; i < p->ones.len; i++)
        mark_started(p, p->ones.items[i]->stream, IW_TIME_NONE);
    log_hold_flush(&p->hold, INT64_MAX, print_held, p);
    fflush(stdout);
}

static void
plan_flush(struct printing *p)
{
    if (p->o->follow && !p->flush_timer)
        p->flush_timer = loop_timer_add(p->session->loop, STREAMS_ORDER_MS, on_flush, p);
}

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct printing *p = ctx;
    struct one *one = one_of(p, st);
    p->lines = true;
    if (!p->merged) {
        logprint_line(p->print, &one->source, line, attempt_of(one), stamp_len, newline);
        return;
    }
    struct logbuf_line held = *line;
    held.chapter = (uint32_t)(attempt_of(one) + 1);
    mark_started(p, st, line->wall_ms);
    if (line->wall_ms != IW_TIME_NONE)
        one->last_ms = line->wall_ms;
    hold(p, &held, stamp_len, newline, LOG_HOLD_AS_TIMED);
    plan_flush(p);
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

static void
mark_chapter(struct printing *p, struct log_stream *st, bool begins,
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

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct printing *p = ctx;
    if (p->merged)
        mark_chapter(p, st, id == 0, facts);
    else if (id == 0 && p->heads)
        logprint_attempt(p->print, &one_of(p, st)->source, facts);
    else if (id != 0 && facts->missing[0])
        logprint_say(facts->missing);
    return id ? id : 1;
}

static void
say_about(const struct printing *p, const struct one *one, const char *sentence)
{
    char text[1000];
    snprintf(text, sizeof(text), "%s%s%.400s", p->ones.len > 1 ? one->tag : "",
             p->ones.len > 1 ? ": " : "", sentence);
    logprint_say(text);
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct printing *p = ctx;
    (void)wall_ms;
    say_about(p, one_of(p, st), sentence);
}

static void
on_changed(void *ctx, struct log_stream *st)
{
    struct printing *p = ctx;
    const struct log_stream_info *info = log_stream_info(st);
    struct one *one = one_of(p, st);
    if (info->state == LOG_STREAM_WAITING && info->sentence[0] && !one->told_waiting &&
        p->o->follow) {
        char text[400];
        snprintf(text, sizeof(text), "waiting: %s", info->sentence);
        say_about(p, one, text);
        one->told_waiting = true;
    } else if (info->state == LOG_STREAM_FAILED && !one->told_failed) {
        one->told_failed = true;
        if (p->ones.len > 1)
            say_about(p, one, info->sentence);
        if (p->err.code == IW_OK)
            p->err = info->err;
    }
}

/* --- when it is over --- */

/* Will the container run again, as far as can be known? */
static bool
may_run_again(const struct printing *p, const struct one *one)
{
    const struct pod *pod = store_get(p->session->store, one->pod);
    const struct container *c = pod ? pod_find_container(pod, one->container) : NULL;
    if (!c || pod_is_terminal(pod) || store_deleted_ms(p->session->store, one->pod) != IW_TIME_NONE)
        return false;
    const struct logbuf_chapter *facts = &log_stream_info(one->stream)->facts;
    return !facts->exit_known || container_restarts_after(c, pod->restart_policy, facts->exit_code);
}

static bool
is_over(const struct printing *p, const struct one *one)
{
    const struct log_stream_info *info = log_stream_info(one->stream);
    /* One attempt has an end, whatever comes after it. */
    bool one_only = log_stream_opts(one->stream)->only_attempt != LOG_ATTEMPT_ANY;
    switch (info->state) {
    case LOG_STREAM_WAITING:
        return !p->o->follow || one_only || !may_run_again(p, one);
    case LOG_STREAM_LOADING:
    case LOG_STREAM_FOLLOWING:
    case LOG_STREAM_LOST:
        return false;
    case LOG_STREAM_ENDED:
        return !p->o->follow || one_only || !may_run_again(p, one);
    case LOG_STREAM_FAILED:
        return true;
    }
    return true;
}

static bool
is_done(void *ctx)
{
    struct printing *p = ctx;
    bool done = true;
    uint64_t generation = store_generation(p->session->store);
    bool changed = generation != p->generation;
    p->generation = generation;
    for (size_t i = 0; i < p->ones.len; i++) {
        if (changed)
            log_stream_model_changed(p->ones.items[i]->stream);
        done = done && is_over(p, p->ones.items[i]);
    }
    if (!p->merged)
        fflush(stdout);
    return done || logprint_is_full(p->print);
}

/* --- opening --- */

/* --attempt: a number from 1 on, 0 for the present run, -N before it. */
static enum iw_err
wanted_attempt(const struct options *o, const struct container *c, int32_t *out,
               struct iw_error *err)
{
    char *end;
    *out = LOG_ATTEMPT_ANY;
    if (!o->attempt || strcmp(o->attempt, "all") == 0)
        return IW_OK;
    long number = strtol(o->attempt, &end, 10);
    int32_t newest = c->status ? c->status->restart_count : 0;
    if (*end || end == o->attempt || number > INT32_MAX || number < -INT32_MAX)
        return iw_fail(err, IW_ERR_USAGE,
                       "--attempt: \"%s\" is not a number (1 is the first, -1 the one before the "
                       "present) or all",
                       o->attempt);
    int64_t wanted = number > 0 ? number - 1 : newest + number;
    if (wanted < 0 || wanted > newest)
        return iw_fail(err, IW_ERR_NOT_FOUND, "%s has %d attempts, there is no attempt %s", c->name,
                       newest + 1, o->attempt);
    *out = (int32_t)wanted;
    return IW_OK;
}

static enum iw_err
add_one(struct printing *p, struct pod_ref ref, const struct pod *pod, const struct container *c,
        struct iw_error *err)
{
    const struct options *o = p->o;
    int32_t attempt;
    enum iw_err rc = wanted_attempt(o, c, &attempt, err);
    if (rc != IW_OK || p->ones.len == STREAMS_MAX)
        return rc;
    struct one *one = iw_calloc(1, sizeof(*one));
    one->pod = ref;
    one->kind = c->kind;
    const struct one *before = p->ones.len > 0 ? p->ones.items[p->ones.len - 1] : NULL;
    bool same_pod = before && pod_ref_equal(before->pod, ref);
    one->pod_at = same_pod ? before->pod_at : (uint16_t)p->ones.len;
    one->last_ms = INT64_MIN;
    snprintf(one->ns, sizeof(one->ns), "%s", pod->ns);
    snprintf(one->pod_name, sizeof(one->pod_name), "%s", pod->name);
    snprintf(one->container, sizeof(one->container), "%s", c->name);
    one->source = (struct logprint_source){.ns = one->ns,
                                           .pod = one->pod_name,
                                           .container = one->container,
                                           .kind = container_kind_name(c->kind)};
    struct log_stream_env env = {
        .loop = p->session->loop, .store = p->session->store, .source = p->session->source};
    struct log_stream_opts opts = {.pod = ref,
                                   .container = c->name,
                                   .number = (uint16_t)p->ones.len,
                                   .follow = o->follow,
                                   .verify = o->follow,
                                   .history = o->attempt != NULL,
                                   .previous = o->previous,
                                   .only_attempt = attempt,
                                   .tail_lines = o->tail_lines,
                                   .since_seconds = o->since_seconds,
                                   .since_wall_ms = o->since_wall_ms};
    struct log_stream_sink sink = {
        .ctx = p, .line = on_line, .chapter = on_chapter, .mark = on_mark, .changed = on_changed};
    vec_push(&p->ones, one);
    one->stream = log_stream_new(&env, &opts, &sink);
    return IW_OK;
}

static enum iw_err
add_pod(struct printing *p, struct pod_ref ref, const char *container, struct iw_error *err)
{
    const struct pod *pod = store_get(p->session->store, ref);
    enum iw_err rc = IW_OK;
    for (const struct container *c = NULL; rc == IW_OK && (c = pod_containers(pod, c)) != NULL;) {
        if (!container || strcmp(c->name, container) == 0)
            rc = add_one(p, ref, pod, c, err);
    }
    return rc;
}

/* What stands before each line, as wide as is needed to tell the streams apart. */
static void
name_streams(struct printing *p, size_t pod_count)
{
    for (size_t i = 0; i < p->ones.len; i++) {
        struct one *one = p->ones.items[i];
        snprintf(one->tag, sizeof(one->tag), "%s%s%s", pod_count > 1 ? one->pod_name : "",
                 pod_count > 1 ? " " : "", one->container);
        one->source.tag = p->ones.len > 1 ? one->tag : NULL;
    }
}

/* Nothing came and nothing can: why not. */
static enum iw_err
verdict(const struct printing *p, struct iw_error *err)
{
    if (p->session->interrupted)
        return iw_fail(err, IW_ERR_CANCELED, "interrupted");
    if (p->err.code != IW_OK && (p->ones.len == 1 || p->err.code != IW_ERR_NOT_FOUND)) {
        *err = p->err;
        return err->code;
    }
    const struct one *one = p->ones.len ? p->ones.items[0] : NULL;
    if (p->lines || !one || p->ones.len > 1)
        return IW_OK;
    const struct log_stream_info *info = log_stream_info(one->stream);
    if (info->facts.missing[0])
        return iw_fail(err, IW_ERR_NOT_FOUND, "no log of %s attempt %d: %s", one->container,
                       info->attempt + 1, info->facts.missing);
    if (info->state == LOG_STREAM_WAITING && p->o->attempt && strcmp(p->o->attempt, "all") != 0)
        return iw_fail(
            err, IW_ERR_NOT_FOUND,
            "no log of %s attempt %s: the cluster keeps the present run and one before it",
            one->container, p->o->attempt);
    if (info->state == LOG_STREAM_WAITING)
        return iw_fail(err, IW_ERR_NOT_FOUND, "%.200s; what holds it up: initwatch why %.80s",
                       info->sentence, one->pod_name);
    return IW_OK;
}

enum iw_err
logs_print_streams(struct session *s, const struct options *o, struct logprint *print,
                   const struct pod_ref *pods, size_t pod_count, const char *container,
                   struct iw_error *err)
{
    struct printing p = {.session = s, .o = o, .print = print};
    enum iw_err rc = IW_OK;
    log_hold_init(&p.hold);
    for (size_t i = 0; rc == IW_OK && i < pod_count; i++)
        rc = add_pod(&p, pods[i], container, err);
    p.merged = p.ones.len > 1;
    p.heads = !p.merged && o->attempt && strcmp(o->attempt, "all") == 0;
    name_streams(&p, pod_count);
    for (size_t i = 0; rc == IW_OK && i < p.ones.len; i++)
        log_stream_start(p.ones.items[i]->stream);
    if (rc == IW_OK)
        session_run(s, is_done, &p, -1);
    for (size_t i = 0; p.merged && i < p.ones.len; i++)
        mark_started(&p, p.ones.items[i]->stream, IW_TIME_NONE);
    log_hold_flush(&p.hold, INT64_MAX, print_held, &p);
    fflush(stdout);
    if (rc == IW_OK)
        rc = verdict(&p, err);
    for (size_t i = 0; i < p.ones.len; i++) {
        log_stream_free(p.ones.items[i]->stream);
        free(p.ones.items[i]);
    }
    loop_remove(s->loop, p.flush_timer);
    log_hold_free(&p.hold);
    vec_free(&p.ones);
    return rc;
}
