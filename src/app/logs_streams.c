/* logs_streams: `initwatch logs` over log_stream: all attempts, several containers merged, followed over restarts.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "logs_streams_internal.h"

enum {
    /* All selected pods are gone: their owner may be making others. */
    STREAMS_NEXT_MS = 10000,
    STREAMS_MAX = 256
};

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct printing *p = ctx;
    p->lines = true;
    if (p->merged)
        logs_order_line(p, st, line, stamp_len, newline);
    else
        logprint_line(p->print, &one_of(p, st)->source, line, log_stream_info(st)->attempt,
                      stamp_len, newline);
}

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct printing *p = ctx;
    if (p->merged)
        logs_order_chapter(p, st, id == 0, facts);
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
        return iw_fail(err, IW_ERR_NOT_FOUND,
                       newest == 0 ? "%s has %d attempt, there is no attempt %s"
                                   : "%s has %d attempts, there is no attempt %s",
                       c->name, newest + 1, o->attempt);
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
name_streams(struct printing *p)
{
    bool several = p->joins;
    for (size_t i = 1; i < p->ones.len; i++)
        several |= !pod_ref_equal(p->ones.items[i]->pod, p->ones.items[0]->pod);
    for (size_t i = 0; i < p->ones.len; i++) {
        struct one *one = p->ones.items[i];
        snprintf(one->tag, sizeof(one->tag), "%s%s%s", several ? one->pod_name : "",
                 several ? " " : "", one->container);
        one->source.tag = p->merged ? one->tag : NULL;
    }
}

static bool
has_pod(const struct printing *p, struct pod_ref ref)
{
    for (size_t i = 0; i < p->ones.len; i++) {
        if (pod_ref_equal(p->ones.items[i]->pod, ref))
            return true;
    }
    return false;
}

static bool
is_selected(const struct printing *p, const struct pod *pod)
{
    return p->o->arg_count == 0 || session_names_pod(p->o, p->o->args[0], pod);
}

/* Selected pods that came later. */
static void
join_new_pods(struct printing *p)
{
    bool living = false;
    for (struct pod_ref it = {0}; store_next(p->session->store, &it);) {
        const struct pod *pod = store_get(p->session->store, it);
        if (!is_selected(p, pod))
            continue;
        living = true;
        if (has_pod(p, it))
            continue;
        struct iw_error err = {0};
        size_t from = p->ones.len;
        (void)add_pod(p, it, p->container,
                      &err); /* one --attempt it does not have: nothing to show */
        name_streams(p);
        for (size_t i = from; i < p->ones.len; i++)
            log_stream_start(p->ones.items[i]->stream);
    }
    p->gone_ms = living ? IW_TIME_NONE : p->gone_ms == IW_TIME_NONE ? mono_now(p) : p->gone_ms;
}

static void
on_gone(void *ctx)
{
    struct printing *p = ctx;
    p->gone_timer = 0; /* the loop has turned: is_done looks again */
}

/* No selected pod is left, and none came for a while. */
static bool
may_come_another(struct printing *p)
{
    if (!p->joins || p->gone_ms == IW_TIME_NONE)
        return false;
    int64_t left_ms = p->gone_ms + STREAMS_NEXT_MS - mono_now(p);
    if (left_ms > 0 && !p->gone_timer)
        p->gone_timer = loop_timer_add(p->session->loop, left_ms, on_gone, p);
    return left_ms > 0;
}

static bool
is_done(void *ctx)
{
    struct printing *p = ctx;
    bool done = true;
    uint64_t generation = store_generation(p->session->store);
    bool changed = generation != p->generation;
    p->generation = generation;
    if (changed && p->joins)
        join_new_pods(p);
    for (size_t i = 0; i < p->ones.len; i++) {
        if (changed)
            log_stream_model_changed(p->ones.items[i]->stream);
        done = done && is_over(p, p->ones.items[i]);
    }
    if (!p->merged)
        fflush(stdout);
    return (done && !may_come_another(p)) || logprint_is_full(p->print);
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
                   bool selection, struct iw_error *err)
{
    struct printing p = {.session = s,
                         .o = o,
                         .print = print,
                         .container = container,
                         .joins = selection && o->follow,
                         .begin_ms = clock_mono(loop_clock(s->loop)),
                         .gone_ms = IW_TIME_NONE};
    enum iw_err rc = IW_OK;
    log_hold_init(&p.hold);
    for (size_t i = 0; rc == IW_OK && i < pod_count; i++)
        rc = add_pod(&p, pods[i], container, err);
    p.merged = p.ones.len > 1 || p.joins;
    p.heads = !p.merged && o->attempt && strcmp(o->attempt, "all") == 0;
    name_streams(&p);
    for (size_t i = 0; rc == IW_OK && i < p.ones.len; i++)
        log_stream_start(p.ones.items[i]->stream);
    if (rc == IW_OK)
        session_run(s, is_done, &p, -1);
    logs_order_end(&p);
    if (rc == IW_OK)
        rc = verdict(&p, err);
    for (size_t i = 0; i < p.ones.len; i++) {
        log_stream_free(p.ones.items[i]->stream);
        free(p.ones.items[i]);
    }
    loop_remove(s->loop, p.gone_timer);
    log_hold_free(&p.hold);
    vec_free(&p.ones);
    return rc;
}
