/* logs: one feed of one or several log streams.
 *
 * Loading several streams: lines are held back until every stream had its say (or was silent for a
 * moment), then put in order of time once; later lines are appended as they come. A stream that
 * broke is opened again with sinceTime; lines that were shown already are recognised by their time
 * and bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/progress.h"

enum {
    LOGS_PREVIEW_LINES = 40,
    LOGS_TAIL_LINES = 5000,   /* what is fetched at first; since 0 */
    LOGS_QUIET_MS = 250,      /* a merged load is complete when no line came for so long */
    LOGS_END_CHECK_MS = 2000, /* a clean end: has the run ended, or only the stream? */
    LOGS_RETRY_FIRST_MS = 1000,
    LOGS_RETRY_MAX_MS = 15000,
    LOGS_SEEN_MAX = 128, /* lines of the last moment that a resumed stream may repeat */
};

static const int64_t since_seconds_of[] = {-1, 60, 300, 900, 1800, 3600, 21600};

struct stream {
    struct logs *owner;
    struct source_log *log; /* NULL: not open */
    uint16_t index;
    bool done;       /* nothing more to come from this instance */
    bool end_marked; /* merged: its end is in the stream */
    bool resumed;    /* opened with sinceTime: lines may repeat */
    int32_t attempt;
    int64_t last_ms;              /* of the newest line, IW_TIME_NONE none yet */
    uint64_t seen[LOGS_SEEN_MAX]; /* hashes of the lines at last_ms */
    unsigned seen_count;
    unsigned failures;
    int64_t opened_ms; /* wall: lines with an older time were there before */
    unsigned found; /* how many of them came: as many as were asked for means that there are more */
};

struct held_line {
    char *text;
    size_t len, order;
    int64_t wall_ms;
    uint16_t source;
    bool cut, mark;
};

struct logs {
    struct session *session;
    struct log_feed feed;
    struct logs_request request;
    char container[256];
    struct {
        bool ended;
        char how[96]; /* "exit 2", "OOMKilled" */
        int64_t finished_ms;
    } run; /* of the one container on screen: what its title says */
    struct stream streams[IW_COUNTOF(((struct log_feed *)0)->sources)];
    VEC(struct held_line) held;
    bool holding;
    loop_id quiet_timer, retry_timer;
    bool closing; /* done() calls that follow a close are not news */
};

static int64_t
now_wall(const struct logs *l)
{
    return clock_wall(loop_clock(l->session->loop));
}

const struct container *
logs_pick_container(const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_block block;
    pod_block_of(pod, now_wall_ms, &block);
    if (block.container)
        return block.container;
    /* Before anything runs (no node yet, statuses not written) the step that comes first is the one to wait for. */
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    if (!progress.initialized && progress.current && !pod_is_terminal(pod))
        return progress.current;
    const struct container *chosen = pod_find_container(pod, pod->default_container);
    for (const struct container *c = NULL; !chosen && (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind == CONTAINER_APP)
            chosen = c;
    }
    return chosen ? chosen : pod_containers(pod, NULL);
}

/* --- texts --- */

static void
feed_state(struct logs *l, enum log_feed_state state, const char *sentence)
{
    l->feed.state = state;
    snprintf(l->feed.sentence, sizeof(l->feed.sentence), "%s", sentence ? sentence : "");
}

/* How the run ended that the log is of: "exit 0", "OOMKilled". */
static void
exit_words(const struct container *c, enum log_want want, char *out, size_t out_size)
{
    const struct container_status *st = c->status;
    const struct container_end *end =
        want == LOG_WANT_AUTO && st->state.terminated ? &st->state.end : &st->last->end;
    container_exit_text(end, out, out_size);
    if (!out[0])
        snprintf(out, out_size, "exit %d", end->exit_code);
}

/* ", next try in 2m10s" of a container in back-off, else "". */
static void
next_try_text(const struct pod *pod, const struct container *c, int64_t now_wall_ms, char out[48])
{
    char left[16];
    out[0] = 0;
    if (!c)
        return;
    struct container_backoff b = container_backoff_now(c, pod->restart_policy, now_wall_ms);
    if (!b.active || b.next_ms == IW_TIME_NONE || b.next_ms <= now_wall_ms)
        return;
    duration_cells(b.next_ms - now_wall_ms, left);
    snprintf(out, 48, ", next try in %s", left);
}

void
logs_refresh_title(struct logs *l)
{
    struct log_feed *f = &l->feed;
    if (f->merged) {
        snprintf(f->title, sizeof(f->title), "all %u containers, in start order", f->source_count);
        return;
    }
    if (f->source_count == 0 || l->streams[0].attempt < 0)
        return;
    char end[192] = "running", next[48] = "";
    const struct pod *pod = store_get(l->session->store, l->request.pod);
    if (l->run.ended && l->request.want == LOG_WANT_AUTO && pod)
        next_try_text(pod, pod_find_container(pod, f->sources[0].container), now_wall(l), next);
    if (l->run.ended) {
        char ago[32];
        bool known = l->run.finished_ms != IW_TIME_NONE;
        duration_cells(known ? now_wall(l) - l->run.finished_ms : 0, ago);
        if (!known)
            snprintf(end, sizeof(end), "%s%s", l->run.how, next);
        else
            snprintf(end, sizeof(end), "%s, ended %s ago%s", l->run.how, ago, next);
    }
    if (f->attempt >= 0 && f->attempts > 1)
        snprintf(f->title, sizeof(f->title), "%.70s, attempt %d of %d, %.120s",
                 f->sources[0].container, f->attempt + 1, f->attempts, end);
    else
        snprintf(f->title, sizeof(f->title), "%.80s, %.120s", f->sources[0].container, end);
}

/* --- lines --- */

static void held_flush(struct logs *l);

static void
on_quiet(void *ctx)
{
    struct logs *l = ctx;
    l->quiet_timer = 0;
    held_flush(l);
}

static void
restart_quiet_timer(struct logs *l)
{
    loop_remove(l->session->loop, l->quiet_timer);
    l->quiet_timer = loop_timer_add(l->session->loop, LOGS_QUIET_MS, on_quiet, l);
}

static int64_t
line_time(const char *text, size_t len)
{
    const char *blank = memchr(text, ' ', IW_MIN(len, (size_t)41));
    int64_t wall_ms;
    size_t stamp = blank ? (size_t)(blank - text) : len;
    if (stamp < 20 || stamp > 40 || rfc3339_parse(text, stamp, &wall_ms, NULL) != IW_OK)
        return IW_TIME_NONE;
    return wall_ms;
}

static uint64_t
line_hash(const char *text, size_t len)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash;
}

/* The whole tail that was asked for has come: what stands before it was not fetched, and the view says so. */
static void
note_older(struct logs *l, struct stream *st, const char *text, size_t len)
{
    int64_t wall_ms = line_time(text, len);
    if (wall_ms == IW_TIME_NONE || wall_ms > st->opened_ms || st->resumed || l->request.preview)
        return;
    if (++st->found == LOGS_TAIL_LINES)
        l->feed.older_left = true;
}

/* Remembers the lines of the newest moment; true when a resumed stream repeats one. */
static bool
already_shown(struct stream *st, const char *text, size_t len)
{
    int64_t wall_ms = line_time(text, len);
    uint64_t hash = line_hash(text, len);
    if (wall_ms == IW_TIME_NONE)
        return false;
    if (st->resumed && st->last_ms != IW_TIME_NONE && wall_ms < st->last_ms)
        return true;
    if (wall_ms == st->last_ms) {
        for (unsigned i = 0; st->resumed && i < st->seen_count; i++) {
            if (st->seen[i] == hash)
                return true;
        }
    } else {
        st->seen_count = 0;
        st->last_ms = wall_ms;
    }
    if (st->seen_count < LOGS_SEEN_MAX)
        st->seen[st->seen_count++] = hash;
    return false;
}

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct stream *st = ctx;
    struct logs *l = st->owner;
    (void)newline;
    note_older(l, st, text, len);
    if (already_shown(st, text, len))
        return;
    st->failures = 0;
    if (!l->holding) {
        logbuf_append(l->feed.buf, st->index, text, len, true, cut);
        return;
    }
    struct held_line line = {.text = iw_strndup(text, len),
                             .len = len,
                             .order = l->held.len,
                             .wall_ms = line_time(text, len),
                             .source = st->index,
                             .cut = cut};
    vec_push(&l->held, line);
    restart_quiet_timer(l);
}

static int
compare_held(const void *a, const void *b)
{
    const struct held_line *left = a, *right = b;
    if (left->wall_ms != right->wall_ms)
        return left->wall_ms < right->wall_ms ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

/* Merged: starts and ends of runs stand between the lines. */
static void
hold_mark(struct logs *l, uint16_t source, int64_t wall_ms, bool last, const char *text)
{
    struct held_line line = {.text = iw_strndup(text, strlen(text)),
                             .len = strlen(text),
                             .order = last ? SIZE_MAX : l->held.len,
                             .wall_ms = wall_ms,
                             .source = source,
                             .mark = true};
    vec_push(&l->held, line);
}

static void
end_text(const struct log_feed_source *source, const struct log_choice *choice,
         const struct container *c, char *out, size_t out_size)
{
    char took[16], how[96];
    exit_words(c, LOG_WANT_AUTO, how, sizeof(how));
    bool known = choice->finished_ms != IW_TIME_NONE && choice->started_ms != IW_TIME_NONE;
    int64_t took_ms = known ? choice->finished_ms - choice->started_ms : 0;
    duration_cells(IW_MAX(took_ms, (int64_t)0), took);
    snprintf(out, out_size, "%s %s ended: %s after %s", source->tag, source->container, how, took);
}

static void
hold_marks(struct logs *l, struct stream *st, const struct container *c)
{
    const struct log_feed_source *source = &l->feed.sources[st->index];
    struct log_choice choice = container_log_choice(c, l->request.want);
    char text[400];
    if (choice.ask == LOG_ASK_NOTHING || choice.started_ms <= 0 || l->request.since_index > 0)
        return;
    snprintf(text, sizeof(text), "%s %s started", source->tag, source->container);
    hold_mark(l, st->index, choice.started_ms, false, text);
    st->end_marked = choice.ended;
    if (!choice.ended || choice.finished_ms == IW_TIME_NONE)
        return;
    /* Kubernetes gives whole seconds: lines of that second come before the end. */
    end_text(source, &choice, c, text, sizeof(text));
    int64_t rest_ms = choice.finished_ms % 1000 == 0 ? 999 : 0;
    hold_mark(l, st->index, choice.finished_ms + rest_ms, true, text);
}

static void
held_flush(struct logs *l)
{
    loop_remove(l->session->loop, l->quiet_timer);
    l->quiet_timer = 0;
    l->holding = false;
    if (l->held.len)
        qsort(l->held.items, l->held.len, sizeof(*l->held.items), compare_held);
    for (size_t i = 0; i < l->held.len; i++) {
        struct held_line *line = &l->held.items[i];
        if (line->mark)
            logbuf_mark(l->feed.buf, line->source, line->wall_ms, "%s", line->text);
        else
            logbuf_append(l->feed.buf, line->source, line->text, line->len, true, line->cut);
        free(line->text);
    }
    vec_clear(&l->held);
    if (l->feed.state == LOG_FEED_LOADING && l->feed.follow)
        feed_state(l, LOG_FEED_FOLLOWING, "");
}

/* --- streams --- */

static void open_stream(struct logs *l, struct stream *st, const struct container *c);
static void schedule_retry(struct logs *l);
static void on_retry(void *ctx);
static bool newer_attempt(const struct logs *l, const struct stream *st, const struct container *c);

static bool
all_done(const struct logs *l)
{
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        if (!l->streams[i].done)
            return false;
    }
    return true;
}

static bool
is_lost_connection(const struct iw_error *err)
{
    return iw_err_retry(err->code) == IW_RETRY_LATER && err->code != IW_ERR_FORBIDDEN;
}

static void
stream_failed(struct logs *l, struct stream *st, const struct iw_error *err)
{
    char sentence[256];
    const char *hint = iw_err_hint(err->code);
    if (err->code == IW_ERR_FORBIDDEN)
        hint = "try: kubectl auth can-i get pods/log";
    if (err->http_status == 404)
        hint = "the cluster keeps a log no longer than its pod";
    if (err->http_status == 400) /* the sentence is the kubelet's: there is no such log (yet) */
        hint = "";
    snprintf(sentence, sizeof(sentence), "%.180s%s%.60s", err->msg, hint[0] ? "; " : "", hint);
    st->done = true;
    if (l->feed.merged)
        logbuf_mark(l->feed.buf, st->index, IW_TIME_NONE, "%s: %s",
                    l->feed.sources[st->index].container, sentence);
    else
        feed_state(l, logbuf_count(l->feed.buf) ? LOG_FEED_ENDED : LOG_FEED_FAILED, sentence);
}

/* A followed stream ends when its run ends, but servers that restart and proxies end it too: as far as the store knows the
 * run goes on. */
static bool
still_runs(const struct logs *l, const struct stream *st)
{
    const struct pod *pod = store_get(l->session->store, l->request.pod);
    const struct container *c =
        pod ? pod_find_container(pod, l->feed.sources[st->index].container) : NULL;
    return l->feed.follow && l->request.want == LOG_WANT_AUTO && c && c->status &&
           c->status->state.running && c->status->restart_count == st->attempt;
}

/* 1 s, doubling with each end in a row that brought no new line. */
static int64_t
retry_delay_ms(const struct logs *l)
{
    unsigned failures = 1;
    for (unsigned i = 0; i < l->feed.source_count; i++)
        failures = IW_MAX(failures, l->streams[i].failures);
    int64_t delay_ms = LOGS_RETRY_FIRST_MS;
    for (unsigned i = 1; i < failures && delay_ms < LOGS_RETRY_MAX_MS; i++)
        delay_ms *= 2;
    return IW_MIN(delay_ms, (int64_t)LOGS_RETRY_MAX_MS);
}

static void
retry_later(struct logs *l, int64_t delay_ms)
{
    if (!l->retry_timer)
        l->retry_timer = loop_timer_add(l->session->loop, delay_ms, on_retry, l);
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct stream *st = ctx;
    struct logs *l = st->owner;
    st->log = NULL;
    if (l->closing)
        return;
    if (err->code == IW_OK && still_runs(l, st)) {
        /* Longer than the status of a run that did end takes to arrive. */
        st->failures++;
        retry_later(l, IW_MAX(retry_delay_ms(l), (int64_t)LOGS_END_CHECK_MS));
    } else if (err->code == IW_OK) {
        st->done = true;
    } else if (is_lost_connection(err) && l->feed.follow) {
        st->failures++;
        LOG_WARN("log of %s: %s", l->feed.sources[st->index].container, err->msg);
        if (st->failures == 1)
            logbuf_mark(l->feed.buf, st->index, now_wall(l), "interrupted: %s", err->msg);
        schedule_retry(l);
    } else {
        stream_failed(l, st, err);
    }
    if (all_done(l)) {
        if (l->holding)
            held_flush(l);
        if (l->feed.state == LOG_FEED_LOADING || l->feed.state == LOG_FEED_FOLLOWING)
            feed_state(l, LOG_FEED_ENDED, "");
        logs_model_changed(l);
    }
}

static void
open_stream(struct logs *l, struct stream *st, const struct container *c)
{
    const struct pod *pod = store_get(l->session->store, l->request.pod);
    struct log_choice choice = container_log_choice(c, l->request.want);
    if (choice.ask == LOG_ASK_NOTHING) {
        st->done = true;
        if (!l->feed.merged) {
            char sentence[256];
            bool before = l->request.want == LOG_WANT_PREVIOUS;
            snprintf(sentence, sizeof(sentence), "%s%s", choice.sentence,
                     before ? " (P shows the run of now)" : "");
            snprintf(l->feed.title, sizeof(l->feed.title), "%s", c->name);
            l->feed.previous = before;
            feed_state(l, LOG_FEED_WAITING, sentence);
        }
        return;
    }
    struct log_request request = {.ns = pod->ns,
                                  .pod = pod->name,
                                  .container = c->name,
                                  .previous = choice.ask == LOG_ASK_PREVIOUS,
                                  .follow = choice.follow,
                                  .timestamps = true,
                                  .tail_lines =
                                      l->request.preview ? LOGS_PREVIEW_LINES : LOGS_TAIL_LINES,
                                  .since_seconds = since_seconds_of[l->request.since_index],
                                  .since_wall_ms = IW_TIME_NONE,
                                  .limit_bytes = -1};
    st->resumed = st->last_ms != IW_TIME_NONE && st->attempt == choice.attempt;
    if (st->resumed) {
        request.since_wall_ms = st->last_ms;
        request.since_seconds = -1;
        request.tail_lines = -1;
    } else {
        st->last_ms = IW_TIME_NONE;
        st->seen_count = st->found = 0;
        st->opened_ms = now_wall(l);
    }
    st->attempt = choice.attempt;
    st->done = false;
    if (!l->feed.merged) {
        l->feed.attempt = choice.attempt;
        l->feed.attempts = c->status ? c->status->restart_count + 1 : 1;
        l->feed.previous = choice.ended && l->request.want == LOG_WANT_PREVIOUS;
        l->run.ended = choice.ended;
        exit_words(c, l->request.want, l->run.how, sizeof(l->run.how));
        l->run.finished_ms = choice.finished_ms;
        logs_refresh_title(l);
    }
    l->feed.follow = l->feed.follow || choice.follow;
    struct log_sink sink = {.ctx = st, .line = on_line, .done = on_done};
    struct iw_error err = {0};
    const struct source_class *source = l->session->source->class_;
    if (source->open_log(l->session->source, &request, &sink, &st->log, &err) != IW_OK)
        stream_failed(l, st, &err);
}

static void
on_retry(void *ctx)
{
    struct logs *l = ctx;
    l->retry_timer = 0;
    const struct pod *pod = store_get(l->session->store, l->request.pod);
    for (unsigned i = 0; pod && i < l->feed.source_count; i++) {
        struct stream *st = &l->streams[i];
        const struct container *c = pod_find_container(pod, l->feed.sources[i].container);
        if (st->log || st->done || !c)
            continue;
        if (newer_attempt(l, st, c))
            st->done = true; /* that run is over: the next one is opened with its mark */
        else
            open_stream(l, st, c);
    }
    logs_model_changed(l);
}

static void
schedule_retry(struct logs *l)
{
    if (l->retry_timer)
        return;
    int64_t delay_ms = retry_delay_ms(l);
    char sentence[128];
    snprintf(sentence, sizeof(sentence), "connection lost; next try in %llds, nothing is skipped",
             (long long)(delay_ms / 1000));
    feed_state(l, LOG_FEED_FOLLOWING, sentence);
    retry_later(l, delay_ms);
}

/* --- public --- */

struct logs *
logs_new(struct session *session)
{
    struct logs *l = iw_calloc(1, sizeof(*l));
    l->session = session;
    return l;
}

void
logs_close(struct logs *l)
{
    l->closing = true;
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        struct stream *st = &l->streams[i];
        if (st->log)
            l->session->source->class_->close_log(st->log);
        *st = (struct stream){.last_ms = IW_TIME_NONE};
    }
    loop_remove(l->session->loop, l->quiet_timer);
    loop_remove(l->session->loop, l->retry_timer);
    l->quiet_timer = l->retry_timer = 0;
    for (size_t i = 0; i < l->held.len; i++)
        free(l->held.items[i].text);
    vec_free(&l->held);
    logbuf_free(l->feed.buf);
    l->feed = (struct log_feed){.attempt = -1};
    l->holding = false;
    l->closing = false;
}

void
logs_free(struct logs *l)
{
    if (!l)
        return;
    logs_close(l);
    free(l);
}

const struct log_feed *
logs_feed(const struct logs *l)
{
    return &l->feed;
}

static void
add_source(struct logs *l, const struct container *c)
{
    struct log_feed *f = &l->feed;
    if (f->source_count == IW_COUNTOF(f->sources))
        return;
    struct log_feed_source *source = &f->sources[f->source_count];
    snprintf(source->container, sizeof(source->container), "%s", c->name);
    snprintf(source->tag, sizeof(source->tag), "%s", c->tag);
    source->kind = c->kind;
    l->streams[f->source_count] = (struct stream){
        .owner = l, .index = (uint16_t)f->source_count, .last_ms = IW_TIME_NONE, .attempt = -1};
    f->source_count++;
}

void
logs_open(struct logs *l, const struct logs_request *request)
{
    char container[256];
    snprintf(container, sizeof(container), "%s", request->container ? request->container : "");
    struct logs_request copy = *request; /* it may point into the feed that is closed now */
    logs_close(l);
    l->request = copy;
    snprintf(l->container, sizeof(l->container), "%s", container);
    l->request.container = l->container;
    l->request.since_index =
        IW_MIN(IW_MAX(copy.since_index, 0), (int)IW_COUNTOF(since_seconds_of) - 1);
    const struct pod *pod = store_get(l->session->store, copy.pod);
    l->feed.buf = logbuf_new(LIMIT_LOG_BUFFER_BYTES);
    l->feed.pod = copy.pod;
    l->feed.merged = copy.merged;
    l->feed.since_index = l->request.since_index;
    if (!pod) {
        feed_state(l, LOG_FEED_FAILED, "the pod is gone; nothing is left to read");
        return;
    }
    snprintf(l->feed.ns, sizeof(l->feed.ns), "%s", pod->ns);
    snprintf(l->feed.pod_name, sizeof(l->feed.pod_name), "%s", pod->name);
    feed_state(l, LOG_FEED_LOADING, "");
    if (copy.merged) {
        for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
            add_source(l, c);
    } else {
        const struct container *c = pod_find_container(pod, container);
        c = c ? c : logs_pick_container(pod, now_wall(l));
        if (c)
            add_source(l, c);
    }
    l->holding = copy.merged;
    restart_quiet_timer(l);
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        const struct container *c = pod_find_container(pod, l->feed.sources[i].container);
        open_stream(l, &l->streams[i], c);
        if (copy.merged)
            hold_marks(l, &l->streams[i], c);
    }
    logs_refresh_title(l);
}

bool
logs_shows(const struct logs *l, struct pod_ref pod, const char *container)
{
    const struct log_feed *f = &l->feed;
    const struct pod *record = store_get(l->session->store, pod);
    if (!f->buf || f->merged || !record || l->request.want != LOG_WANT_AUTO ||
        !pod_ref_equal(f->pod, pod) || f->source_count != 1)
        return false;
    const struct container *picked = container[0] ? NULL : logs_pick_container(record, now_wall(l));
    return strcmp(f->sources[0].container, picked ? picked->name : container) == 0;
}

void
logs_set_follow(struct logs *l, bool follow)
{
    if (follow && l->feed.state == LOG_FEED_ENDED)
        logs_model_changed(l);
    l->feed.follow = follow;
}

void
logs_mute(struct logs *l, unsigned source, bool muted)
{
    if (source < l->feed.source_count)
        l->feed.sources[source].muted = muted;
}

/* Has the container a run that this stream has not shown? */
static bool
newer_attempt(const struct logs *l, const struct stream *st, const struct container *c)
{
    struct log_choice choice = container_log_choice(c, l->request.want);
    if (choice.ask == LOG_ASK_NOTHING)
        return false;
    if (l->feed.state == LOG_FEED_WAITING || st->attempt < 0)
        return true;
    return l->request.want == LOG_WANT_AUTO && choice.attempt > st->attempt;
}

/* Merged: the run that was shown is over, and its last lines are here. */
static void
mark_end(struct logs *l, struct stream *st, const struct container *c)
{
    struct log_choice choice = container_log_choice(c, LOG_WANT_AUTO);
    char text[400];
    if (!l->feed.merged || st->end_marked || l->holding || st->attempt < 0 || !choice.ended ||
        choice.attempt != st->attempt)
        return;
    end_text(&l->feed.sources[st->index], &choice, c, text, sizeof(text));
    logbuf_mark(l->feed.buf, st->index, choice.finished_ms, "%s", text);
    st->end_marked = true;
}

/* What stands before the lines of a run that has just begun. */
static void
mark_start(struct logs *l, struct stream *st, const struct container *c)
{
    const struct container_status *status = c->status;
    char end[96] = "";
    if (st->attempt < 0) {
        if (l->feed.merged)
            logbuf_mark(l->feed.buf, st->index, now_wall(l), "%s %s started", c->tag, c->name);
        return;
    }
    if (st->end_marked) {
        logbuf_mark(l->feed.buf, st->index, now_wall(l), "%s %s started, attempt %d", c->tag,
                    c->name, status ? status->restart_count + 1 : 0);
        return;
    }
    if (status && status->last->terminated)
        container_exit_text(&status->last->end, end, sizeof(end));
    logbuf_mark(l->feed.buf, st->index, now_wall(l), "%s attempt %d ended%s%s; attempt %d", c->name,
                st->attempt + 1, end[0] ? ": " : "", end, status ? status->restart_count + 1 : 0);
}

void
logs_model_changed(struct logs *l)
{
    /* A previous run that is on screen stays; one that was asked for too early opens when there is one. */
    bool wanted = l->request.want == LOG_WANT_AUTO || l->feed.state == LOG_FEED_WAITING;
    bool interested = l->feed.buf && l->feed.state != LOG_FEED_FAILED && wanted;
    const struct pod *pod = interested ? store_get(l->session->store, l->request.pod) : NULL;
    for (unsigned i = 0; pod && i < l->feed.source_count; i++) {
        struct stream *st = &l->streams[i];
        const struct container *c = pod_find_container(pod, l->feed.sources[i].container);
        if (st->log || !st->done || !c)
            continue;
        mark_end(l, st, c);
        if (!newer_attempt(l, st, c))
            continue;
        mark_start(l, st, c);
        st->end_marked = false;
        feed_state(l, LOG_FEED_LOADING, "");
        open_stream(l, st, c);
        if (l->feed.state == LOG_FEED_LOADING)
            feed_state(l, LOG_FEED_FOLLOWING, "");
    }
}
