/* replay_log: logs of a replay. What was read of a container's logs while it was recorded, in whatever
 * pieces, is one list of lines in order of time; a request gets those of the run it asks for, each at
 * its own moment.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/logstamp.h"
#include "initwatch/source/decode.h"
#include "replay_internal.h"

/* Moments of a run have whole seconds. */
#define RUN_SLACK_MS 1000
/* Lines handed on in one call. */
#define LINES_PER_SLICE 2000

struct line {
    int64_t wall_ms;
    uint32_t nanos; /* below the millisecond */
    uint32_t entry; /* in the recording */
    uint64_t log;
};

struct run {
    int64_t from_ms, end_ms; /* wall; end_ms: its lines end before, INT64_MAX: it goes on */
};

struct source_log {
    struct replay *owner;
    struct source_log *next;
    struct log_sink sink;
    char *ns, *pod, *container; /* own */
    bool previous, follow, timestamps;
    VEC(struct line) lines; /* those of the run, from the request's start on */
    size_t told;
    struct run run;
    bool closed; /* by its owner; freed when nobody is in it */
};

/* --- which run --- */

/* As it was after so many entries. New; NULL when there was no such pod. */
static struct pod *
pod_at(const struct source_log *log, size_t upto)
{
    size_t len;
    bool deleted = false;
    const struct recording_entry *e = replay_find_object(
        log->owner->recording, upto, RECORDING_PODS, log->ns, log->pod, &deleted);
    const char *json = e ? recording_object(e, &len, &deleted) : NULL;
    json_t *root = NULL;
    struct pod *pod = NULL;
    if (!json || deleted || jarena_parse(json, len, &root, NULL) != IW_OK)
        return NULL;
    if (decode_pod(root, "", &pod, NULL) != IW_OK)
        pod = NULL;
    jarena_release();
    return pod;
}

/* The run that a request means, or the kubelet's sentence why there is none. */
static enum iw_err
find_run(const struct source_log *log, const struct pod *pod, bool previous, struct run *out,
         struct iw_error *err)
{
    const struct container *c = pod ? pod_find_container(pod, log->container) : NULL;
    if (!c) {
        iw_fail(err, IW_ERR_NOT_FOUND, "pods \"%.200s\" not found", log->pod);
        err->http_status = 404;
        return err->code;
    }
    struct log_choice choice =
        container_log_choice(c, previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
    if (choice.ask == LOG_ASK_NOTHING) {
        iw_fail(err, IW_ERR_NOT_FOUND, "%s", choice.sentence);
        err->http_status = 400;
        return err->code;
    }
    out->from_ms = choice.started_ms;
    out->end_ms = choice.ended && choice.finished_ms != IW_TIME_NONE
                      ? choice.finished_ms + RUN_SLACK_MS
                      : INT64_MAX;
    return IW_OK;
}

static bool
is_of(const struct source_log *log, const struct recording_log *from)
{
    return strcmp(from->ns, log->ns) == 0 && strcmp(from->pod, log->pod) == 0 &&
           strcmp(from->container, log->container) == 0;
}

static bool
was_recorded(const struct source_log *log)
{
    const struct recording *r = log->owner->recording;
    for (size_t i = 0; i < recording_log_count(r); i++) {
        if (is_of(log, recording_log_at(r, i)))
            return true;
    }
    return false;
}

/* --- which lines --- */

static int
by_time(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->wall_ms != y->wall_ms)
        return x->wall_ms < y->wall_ms ? -1 : 1;
    if (x->nanos != y->nanos)
        return x->nanos < y->nanos ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static bool
same_text(const struct replay *p, const struct line *a, const struct line *b)
{
    const struct recording_entry *x = recording_at(p->recording, a->entry);
    const struct recording_entry *y = recording_at(p->recording, b->entry);
    return x->data_len == y->data_len && memcmp(x->data, y->data, x->data_len) == 0;
}

/* A line that several requests brought counts once; one that a single request brought twice, twice. */
static bool
came_before(const struct source_log *log, const struct line *line)
{
    for (size_t i = log->lines.len; i-- > 0;) {
        const struct line *other = &log->lines.items[i];
        if (other->wall_ms != line->wall_ms || other->nanos != line->nanos)
            return false;
        if (other->log != line->log && same_text(log->owner, other, line))
            return true;
    }
    return false;
}

/* Was this request, when it was recorded, about the run that is asked for now? Seconds alone do not
 * tell the runs of a container that starts again at once. */
static bool
is_of_run(const struct source_log *log, const struct recording_log *from)
{
    struct run run;
    struct iw_error err = {0};
    struct pod *pod = pod_at(log, from->entry);
    bool known = find_run(log, pod, from->previous, &run, &err) == IW_OK;
    pod_free(pod);
    return known && run.from_ms == log->run.from_ms;
}

static void
collect(struct source_log *log, int64_t from_wall_ms)
{
    const struct recording *r = log->owner->recording;
    size_t logs = recording_log_count(r);
    iw_autofree bool *wanted = iw_calloc(logs + 1, sizeof(*wanted));
    VEC(struct line) all = {0};
    for (size_t i = 0; i < logs; i++) {
        const struct recording_log *from = recording_log_at(r, i);
        wanted[i] = is_of(log, from) && is_of_run(log, from);
    }
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct recording_entry *e = recording_at(r, i);
        if (e->kind != RECORDING_LINE || !wanted[e->log - 1])
            continue;
        struct logstamp stamp = {0};
        struct line line = {.entry = (uint32_t)i, .log = e->log};
        /* Behind the quote. A line without its time has the one when it was read. */
        size_t len = e->data_len ? e->data_len - 1 : 0;
        if (!logstamp_take(&stamp, e->data + (len > 0), len, &line.wall_ms, &line.nanos))
            line.wall_ms = recording_about(r)->started_wall_ms + e->t_ms;
        if (line.wall_ms >= from_wall_ms && line.wall_ms < log->run.end_ms)
            vec_push(&all, line);
    }
    if (all.len)
        qsort(all.items, all.len, sizeof(all.items[0]), by_time);
    for (size_t i = 0; i < all.len; i++) {
        if (!came_before(log, &all.items[i]))
            vec_push(&log->lines, all.items[i]);
    }
    vec_free(&all);
}

/* --- handing on --- */

static void
free_log(struct source_log *log)
{
    vec_free(&log->lines);
    free(log->ns);
    free(log->pod);
    free(log->container);
    free(log);
}

/* done is called, exactly once; the memory goes in replay_pump_logs or replay_close_logs. */
static void
end_log(struct source_log *log, const struct iw_error *err)
{
    if (log->closed)
        return;
    log->closed = true;
    loop_work_wake(log->owner->loop, log->owner->work);
    log->sink.done(log->sink.ctx, err);
}

static void
tell_line(struct source_log *log)
{
    const struct recording_entry *e =
        recording_at(log->owner->recording, log->lines.items[log->told++].entry);
    strbuf_auto text;
    strbuf_init(&text, 0);
    if (!recording_text(e, &text))
        return;
    /* Recorded with its time, whoever asks now. */
    struct logstamp stamp = {0};
    int64_t wall_ms;
    uint32_t nanos;
    size_t skip =
        log->timestamps ? 0 : logstamp_take(&stamp, text.data, text.len, &wall_ms, &nanos);
    log->sink.line(log->sink.ctx, text.data + skip, text.len - skip, false, true);
}

/* Lines that are due; true when more are. *next_ms: the moment of the one after them. */
static bool
pump(struct source_log *log, int64_t now_wall_ms, int64_t *next_wall_ms)
{
    size_t left = LINES_PER_SLICE;
    while (!log->closed && log->told < log->lines.len && left-- > 0) {
        if (log->lines.items[log->told].wall_ms > now_wall_ms) {
            *next_wall_ms = IW_MIN(*next_wall_ms, log->lines.items[log->told].wall_ms);
            break;
        }
        tell_line(log);
    }
    if (log->closed)
        return false;
    bool waits = log->told < log->lines.len;
    if (waits && left == SIZE_MAX)
        return true;
    bool over = log->run.end_ms <= now_wall_ms;
    if (!log->follow || (over && !waits)) {
        struct iw_error end = {0};
        end_log(log, &end);
    } else if (log->run.end_ms != INT64_MAX) {
        *next_wall_ms = IW_MIN(*next_wall_ms, log->run.end_ms);
    }
    return false;
}

static void
sweep(struct replay *p)
{
    for (struct source_log **at = &p->logs; *at;) {
        struct source_log *log = *at;
        if (!log->closed) {
            at = &log->next;
            continue;
        }
        *at = log->next;
        free_log(log);
    }
}

int64_t
replay_pump_logs(struct replay *p)
{
    int64_t started_ms = recording_about(p->recording)->started_wall_ms;
    int64_t now_ms = started_ms + replay_now_ms(p), next_ms = INT64_MAX;
    bool more = false;
    /* New ones are put in front, closed ones stay until the end. */
    for (struct source_log *log = p->logs; log; log = log->next)
        more = (!log->closed && pump(log, now_ms, &next_ms)) || more;
    sweep(p);
    if (more)
        loop_work_wake(p->loop, p->work);
    return next_ms == INT64_MAX ? next_ms : next_ms - started_ms;
}

void
replay_logs_look(struct replay *p)
{
    for (struct source_log *log = p->logs; log; log = log->next) {
        if (log->closed || !log->follow || log->run.end_ms != INT64_MAX)
            continue;
        struct pod *pod = pod_at(log, p->next);
        struct run run;
        struct iw_error err = {0};
        /* Gone, or another run: this one ended between two updates. */
        if (find_run(log, pod, log->previous, &run, &err) != IW_OK ||
            run.from_ms != log->run.from_ms)
            run.end_ms = recording_about(p->recording)->started_wall_ms + replay_now_ms(p);
        pod_free(pod);
        log->run.end_ms = run.end_ms;
        while (log->lines.len > log->told &&
               log->lines.items[log->lines.len - 1].wall_ms >= log->run.end_ms)
            log->lines.len--;
    }
}

void
replay_close_log(struct source_log *log)
{
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "the log was closed");
    end_log(log, &err);
}

void
replay_close_logs(struct replay *p)
{
    for (struct source_log *log = p->logs; log; log = log->next)
        replay_close_log(log);
    sweep(p);
}

/* --- open and closed --- */

enum iw_err
replay_open_log(struct source *source, const struct log_request *req, const struct log_sink *sink,
                struct source_log **out, struct iw_error *err)
{
    struct replay *p = (struct replay *)source;
    struct source_log *log = iw_calloc(1, sizeof(*log));
    log->owner = p;
    log->sink = *sink;
    log->ns = iw_strdup(req->ns);
    log->pod = iw_strdup(req->pod);
    log->container = iw_strdup(req->container ? req->container : "");
    log->previous = req->previous;
    log->follow = req->follow;
    log->timestamps = req->timestamps;
    log->next = p->logs;
    p->logs = log;
    struct pod *pod = pod_at(log, p->next);
    struct iw_error end = {0};
    enum iw_err rc = find_run(log, pod, log->previous, &log->run, &end);
    pod_free(pod);
    if (rc == IW_OK && !was_recorded(log)) {
        rc = iw_fail(&end, IW_ERR_NOT_FOUND,
                     "not in the recording: nobody had this log open while it was made");
        end.http_status = 400; /* as a server says that it has no such log */
    }
    if (rc != IW_OK) {
        p->logs = log->next;
        free_log(log);
        *out = NULL;
        sink->done(sink->ctx, &end);
        return IW_OK;
    }
    int64_t from_ms = log->run.from_ms;
    if (req->since_seconds >= 0)
        from_ms = IW_MAX(from_ms, clock_wall(loop_clock(p->loop)) - req->since_seconds * 1000);
    if (req->since_wall_ms != IW_TIME_NONE)
        from_ms = IW_MAX(from_ms, req->since_wall_ms);
    collect(log, from_ms);
    int64_t now_ms = recording_about(p->recording)->started_wall_ms + replay_now_ms(p);
    size_t due = 0;
    while (due < log->lines.len && log->lines.items[due].wall_ms <= now_ms)
        due++;
    if (req->tail_lines >= 0 && (uint64_t)req->tail_lines < due)
        log->told = due - (size_t)req->tail_lines;
    *out = log;
    (void)err;
    loop_work_wake(p->loop, p->work);
    return IW_OK;
}

/* --- runs that a cluster would have forgotten --- */

void
replay_each_line(struct source *s, const char *ns, const char *pod, const char *container,
                 int64_t started_wall_ms, void (*line)(void *ctx, const char *text, size_t len),
                 void *ctx)
{
    struct replay *p = (struct replay *)s;
    struct source_log *log = iw_calloc(1, sizeof(*log));
    *log = (struct source_log){.owner = p,
                               .ns = iw_strdup(ns),
                               .pod = iw_strdup(pod),
                               .container = iw_strdup(container),
                               .run = {started_wall_ms, INT64_MAX}};
    collect(log, started_wall_ms);
    int64_t now_ms = recording_about(p->recording)->started_wall_ms + replay_now_ms(p);
    for (size_t i = 0; i < log->lines.len && log->lines.items[i].wall_ms <= now_ms; i++) {
        strbuf_auto text;
        strbuf_init(&text, 0);
        if (recording_text(recording_at(p->recording, log->lines.items[i].entry), &text))
            line(ctx, text.data, text.len);
    }
    free_log(log);
}
