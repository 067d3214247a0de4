/* logs: one feed of one or several log streams.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/replay_logs.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/progress.h"
#include "logs_internal.h"

enum {
    LOGS_PREVIEW_LINES = 40,
    LOGS_QUIET_MS = 250, /* a merged load is complete when no line came for so long */
    LOGS_ORDER_MS =
        200, /* then a line waits so long for those of other streams that come before it, */
    LOGS_LOOK_MS = 50, /* and is looked at so often */
};

static const int64_t since_seconds_of[] = {-1, 60, 300, 900, 1800, 3600, 21600};

int64_t
logs_now_wall(const struct logs *l)
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

/* --- lines --- */

static void
put_line(void *ctx, const struct logbuf_line *line, size_t stamp_len, bool newline)
{
    struct logs *l = ctx;
    (void)stamp_len, (void)newline;
    if (logs_is_told(l, line))
        return;
    logbuf_put(l->feed.buf, line, 1);
    logs_mark_proof(l, line->source);
}

static void
flush_held(struct logs *l, int64_t upto_ms, int64_t came_ms)
{
    loop_remove(l->session->loop, l->flush_timer);
    l->flush_timer = 0;
    for (unsigned i = 0; i < l->feed.source_count; i++)
        logs_mark_started(l, (uint16_t)i, IW_TIME_NONE);
    log_hold_flush(&l->hold, upto_ms, came_ms, put_line, l);
}

static void plan_flush(struct logs *l);

static void
on_flush(void *ctx)
{
    struct logs *l = ctx;
    l->flush_timer = 0;
    const int64_t now_ms = clock_mono(loop_clock(l->session->loop));
    const bool loaded = l->loading;
    l->loading = false;
    flush_held(l, logs_settled_ms(l), loaded ? INT64_MAX : now_ms - LOGS_ORDER_MS);
    if (l->hold.len > 0)
        plan_flush(l);
    logs_feed_refresh(l);
}

/* While loading each line puts the end off; later lines wait for those that are on their way no longer than a moment. */
static void
plan_flush(struct logs *l)
{
    if (l->flush_timer && !l->loading)
        return;
    loop_remove(l->session->loop, l->flush_timer);
    l->flush_timer =
        loop_timer_add(l->session->loop, l->loading ? LOGS_QUIET_MS : LOGS_LOOK_MS, on_flush, l);
}

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct logs *l = ctx;
    (void)st;
    if (!l->feed.merged) {
        put_line(l, line, stamp_len, newline);
        return;
    }
    log_hold_at(&l->hold, clock_mono(loop_clock(l->session->loop)));
    logs_mark_started(l, line->source, line->wall_ms);
    if (!log_hold_add(&l->hold, line, stamp_len, newline, (struct log_hold_mark){0})) {
        flush_held(l, INT64_MAX, INT64_MAX);
        if (!log_hold_add(&l->hold, line, stamp_len, newline, (struct log_hold_mark){0}))
            logbuf_put(l->feed.buf, line, 1);
    }
    plan_flush(l);
}

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct logs *l = ctx;
    uint16_t source = log_stream_opts(st)->number;
    bool begins = id == 0;
    if (begins)
        id = logbuf_chapter_begin(l->feed.buf, source, facts);
    else
        logbuf_chapter_update(l->feed.buf, id, facts);
    if (l->feed.merged) {
        logs_mark_chapter(l, source, facts, begins, log_stream_info(st)->read);
        plan_flush(l);
    }
    return id;
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct logs *l = ctx;
    logs_put_mark(l, log_stream_opts(st)->number, wall_ms, LOG_HOLD_AS_TIMED, sentence);
    if (l->feed.merged)
        plan_flush(l);
}

static void
on_changed(void *ctx, struct log_stream *st)
{
    struct logs *l = ctx;
    const struct log_stream_info *info = log_stream_info(st);
    if (l->feed.merged && info->state == LOG_STREAM_FAILED) {
        char text[400];
        const struct log_feed_source *src = &l->feed.sources[log_stream_opts(st)->number];
        snprintf(text, sizeof(text), "%.100s: %s", src->container, info->sentence);
        logs_put_mark(l, log_stream_opts(st)->number, IW_TIME_NONE, LOG_HOLD_AS_TIMED, text);
        plan_flush(l);
    }
    logs_feed_refresh(l);
}

/* --- attempts that leave the screen --- */

/* The chapter is over and its lines are here: it can be shown again without asking the cluster. */
static bool
is_keepable(const struct logs *l, uint32_t id, const struct logbuf_chapter *chapter)
{
    const struct log_stream_info *info = log_stream_info(l->streams[chapter->source]);
    bool whole = info->chapter != id || info->state == LOG_STREAM_ENDED;
    return chapter->ended && whole && !chapter->missing[0] && chapter->attempt >= 0;
}

static void
keep_chapter(struct logs *l, uint32_t id, const struct logbuf_chapter *chapter)
{
    const struct log_feed_source *src = &l->feed.sources[chapter->source];
    const struct pod *pod = store_get(l->session->store, src->pod);
    const struct logbuf_chapter *kept =
        pod ? log_archive_find(l->archive, pod->uid, src->container, chapter->attempt) : NULL;
    if (!pod || (kept && !kept->missing[0]))
        return;
    uint64_t dropped = logbuf_dropped(l->feed.buf),
             left = chapter->line_count + chapter->mark_count;
    log_archive_begin(l->archive, pod->uid, src->container, chapter);
    size_t first = chapter->first_line > dropped ? (size_t)(chapter->first_line - dropped) : 0;
    for (size_t i = first; left > 0 && i < logbuf_count(l->feed.buf); i++) {
        struct logbuf_line line = logbuf_line(l->feed.buf, i);
        if (line.chapter != id)
            continue;
        log_archive_add(l->archive, &line);
        left--;
    }
}

static void
keep_attempts(struct logs *l)
{
    struct logbuf *b = l->feed.buf;
    if (!b || l->request.preview || l->request.since_index > 0)
        return;
    size_t count = logbuf_chapter_count(b);
    for (size_t i = 0; i < count; i++) {
        const struct logbuf_chapter *chapter = logbuf_chapter_at(b, i);
        uint32_t id = logbuf_chapter_id(b, i);
        if (is_keepable(l, id, chapter))
            keep_chapter(l, id, chapter);
    }
}

/* --- public --- */

struct logs *
logs_new(struct session *session)
{
    struct logs *l = iw_calloc(1, sizeof(*l));
    l->session = session;
    l->archive = log_archive_new(LIMIT_LOG_ARCHIVE_BYTES);
    l->keeper = log_keeper_new(l->archive);
    log_hold_init(&l->hold);
    l->feed.run = logs_run;
    l->feed.run_ctx = l;
    return l;
}

void
logs_close(struct logs *l)
{
    if (l->hold.len > 0)
        flush_held(l, INT64_MAX, INT64_MAX);
    keep_attempts(l);
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        log_stream_free(l->streams[i]);
        l->streams[i] = NULL;
    }
    loop_remove(l->session->loop, l->flush_timer);
    l->flush_timer = 0;
    log_hold_free(&l->hold);
    vec_free(&l->told);
    memset(l->pending, 0, sizeof(l->pending));
    logbuf_free(l->feed.buf);
    l->feed = (struct log_feed){.run = logs_run, .run_ctx = l, .attempt = -1, .asked = l->asked};
    l->loading = l->whole_owner = l->events_wait = false;
    l->note[0] = '\0';
}

void
logs_disconnect(struct logs *l)
{
    logs_close(l);
    log_keeper_stop(l->keeper);
}

void
logs_jumped(struct logs *l)
{
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        const struct log_feed_source *source = &l->feed.sources[i];
        const struct pod *pod = store_get(l->session->store, source->pod);
        const struct container *c = pod ? pod_find_container(pod, source->container) : NULL;
        if (c)
            replay_logs_fill(l->session, l->archive, source->pod, c);
    }
}

void
logs_forget(struct logs *l)
{
    logs_disconnect(l);
    log_keeper_free(l->keeper);
    log_archive_free(l->archive);
    l->archive = log_archive_new(LIMIT_LOG_ARCHIVE_BYTES);
    l->keeper = log_keeper_new(l->archive);
}

void
logs_free(struct logs *l)
{
    if (!l)
        return;
    logs_disconnect(l);
    log_keeper_free(l->keeper);
    log_archive_free(l->archive);
    free(l);
}

const struct log_feed *
logs_feed(const struct logs *l)
{
    return &l->feed;
}

static struct log_stream_env
stream_env(const struct logs *l)
{
    return (struct log_stream_env){.loop = l->session->loop,
                                   .store = l->session->store,
                                   .source = l->session->source,
                                   .archive = l->archive};
}

static void
add_source(struct logs *l, struct pod_ref ref, const struct pod *pod, const struct container *c)
{
    struct log_feed *f = &l->feed;
    if (f->source_count == IW_COUNTOF(f->sources)) {
        snprintf(l->note, sizeof(l->note), tr("these are the first %u containers"),
                 f->source_count);
        return;
    }
    replay_logs_fill(l->session, l->archive, ref, c);
    struct log_feed_source *source = &f->sources[f->source_count];
    snprintf(source->container, sizeof(source->container), "%s", c->name);
    snprintf(source->tag, sizeof(source->tag), "%s", c->tag);
    snprintf(source->pod_name, sizeof(source->pod_name), "%s", pod->name);
    source->kind = c->kind;
    source->pod = ref;
    const struct logs_request *r = &l->request;
    struct log_stream_env env = stream_env(l);
    struct log_stream_opts opts = {.pod = ref,
                                   .container = c->name,
                                   .number = (uint16_t)f->source_count,
                                   .follow = true,
                                   .verify = !r->preview,
                                   .history = !r->preview,
                                   .only_attempt = LOG_ATTEMPT_ANY,
                                   .tail_lines =
                                       r->preview ? LOGS_PREVIEW_LINES : l->feed.tail_lines,
                                   .since_seconds = since_seconds_of[r->since_index],
                                   .since_wall_ms = IW_TIME_NONE};
    struct log_stream_sink sink = {
        .ctx = l, .line = on_line, .chapter = on_chapter, .mark = on_mark, .changed = on_changed};
    l->streams[f->source_count++] = log_stream_new(&env, &opts, &sink);
}

static void
add_pod(struct logs *l, struct pod_ref ref)
{
    const struct pod *pod = store_get(l->session->store, ref);
    if (!pod)
        return;
    l->feed.pod_count++;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        add_source(l, ref, pod, c);
}

/* The workload: a rollout makes pods of another ReplicaSet. */
static bool
is_of_owner(const struct pod *pod, const struct pod_owner *owner, const char *ns)
{
    struct pod_owner its;
    pod_owner_of(pod, &its);
    return pod->owner_name[0] && strcmp(its.name, owner->name) == 0 &&
           strcmp(its.kind, owner->kind) == 0 && strcmp(pod->ns, ns) == 0;
}

/* Are these all living pods of one owner? Then those it makes later belong here, too. */
static bool
is_whole_owner(const struct logs *l)
{
    const struct store *store = l->session->store;
    const struct pod_ref *pods = l->request.pod_count ? l->request.pods : &l->request.pod;
    const unsigned pod_count = IW_MAX(l->request.pod_count, 1u);
    const struct pod *first = store_get(store, pods[0]);
    unsigned of_owner = 0;
    struct pod_owner owner;
    if (!first)
        return false;
    pod_owner_of(first, &owner);
    for (unsigned i = 0; i < pod_count; i++) {
        const struct pod *pod = store_get(store, pods[i]);
        if (!pod || !is_of_owner(pod, &owner, first->ns))
            return false;
    }
    for (struct pod_ref it = {0}; store_next(store, &it);)
        of_owner += is_of_owner(store_get(store, it), &owner, first->ns);
    return of_owner == pod_count;
}

static void
add_sources(struct logs *l, const struct pod *pod)
{
    const struct logs_request *r = &l->request;
    if (!r->merged) {
        const struct container *c = pod_find_container(pod, l->container);
        c = c ? c : logs_pick_container(pod, logs_now_wall(l));
        l->feed.pod_count = 1;
        if (c)
            add_source(l, r->pod, pod, c);
        return;
    }
    for (unsigned i = 0; i < r->pod_count; i++)
        add_pod(l, r->pods[i]);
    l->whole_owner = is_whole_owner(l);
    if (l->whole_owner) {
        struct pod_owner owner;
        pod_owner_of(store_get(l->session->store, r->pod_count ? r->pods[0] : r->pod), &owner);
        snprintf(l->owner_kind, sizeof(l->owner_kind), "%s", owner.kind);
        snprintf(l->owner_name, sizeof(l->owner_name), "%s", owner.name);
    }
    if (r->pod_count == 0)
        add_pod(l, r->pod);
}

static bool
has_pod(const struct logs *l, struct pod_ref ref)
{
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        if (pod_ref_equal(l->feed.sources[i].pod, ref))
            return true;
    }
    return false;
}

/* Its first pod may be long gone. */
static struct pod_owner
owner_kept(const struct logs *l)
{
    struct pod_owner owner = {.kind = l->owner_kind};
    snprintf(owner.name, sizeof(owner.name), "%s", l->owner_name);
    return owner;
}

static void
add_new_pods(struct logs *l)
{
    const struct store *store = l->session->store;
    uint64_t generation = store_pods_generation(store);
    if (!l->whole_owner || generation == l->pods_generation)
        return;
    l->pods_generation = generation;
    const struct pod_owner owner = owner_kept(l);
    for (struct pod_ref it = {0}; store_next(store, &it);) {
        if (!is_of_owner(store_get(store, it), &owner, l->feed.ns) || has_pod(l, it))
            continue;
        unsigned from = l->feed.source_count;
        add_pod(l, it);
        for (unsigned i = from; i < l->feed.source_count; i++)
            log_stream_start(l->streams[i]);
    }
}

/* The run before was asked for: where to look first, or why there is none. */
static void
aim(struct logs *l)
{
    struct log_feed *f = &l->feed;
    const struct pod *pod = store_get(l->session->store, f->pod);
    const struct container *c =
        pod && f->source_count ? pod_find_container(pod, f->sources[0].container) : NULL;
    f->asked = ++l->asked;
    f->previous = false;
    f->compare = l->request.compare;
    if (l->request.want != LOG_WANT_PREVIOUS || f->merged || !c)
        return;
    struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
    f->previous = before.ask != LOG_ASK_NOTHING;
    if (f->previous)
        f->attempt = before.attempt;
    else
        snprintf(l->note, sizeof(l->note), "%.150s", before.sentence);
}

/* The log that is open is the one that is asked for: all its attempts are there. */
static bool
is_open(const struct logs *l, const struct logs_request *r, const char *container)
{
    const struct log_feed *f = &l->feed;
    const struct pod *pod = store_get(l->session->store, r->pod);
    if (!f->buf || !pod || f->merged || r->merged || r->preview || l->request.preview ||
        (r->tail_lines != 0 && r->tail_lines != f->tail_lines) || !pod_ref_equal(f->pod, r->pod) ||
        f->since_index != r->since_index || !f->source_count ||
        log_stream_info(l->streams[0])->state == LOG_STREAM_FAILED)
        return false;
    const struct container *picked =
        container[0] ? NULL : logs_pick_container(pod, logs_now_wall(l));
    return strcmp(f->sources[0].container, picked ? picked->name : container) == 0;
}

void
logs_set_memory(struct logs *l, size_t memory_bytes, size_t spill_bytes)
{
    l->memory_bytes = memory_bytes;
    l->spill_bytes = spill_bytes;
}

void
logs_set_tail(struct logs *l, int64_t lines)
{
    l->tail_lines = lines;
}

static struct logbuf *
new_buffer(const struct logs *l)
{
    struct logbuf *b = logbuf_new(l->memory_bytes ? l->memory_bytes : LIMIT_LOG_BUFFER_BYTES);
    const char *dir = getenv("TMPDIR");
    struct iw_error err = {0};
    /* /tmp is memory on many systems. */
    if (l->spill_bytes > 0 &&
        !logbuf_spill_to(b, dir && dir[0] ? dir : "/var/tmp", l->spill_bytes, &err))
        LOG_WARN("--log-spill: %s", err.msg);
    return b;
}

static void
open_feed(struct logs *l)
{
    const struct pod *pod = store_get(l->session->store, l->request.pod);
    l->feed.buf = new_buffer(l);
    l->feed.pod = l->request.pod;
    l->feed.merged = l->request.merged;
    l->feed.since_index = l->request.since_index;
    l->feed.tail_lines = l->request.tail_lines ? l->request.tail_lines
                         : l->tail_lines       ? l->tail_lines
                                               : LIMIT_LOG_TAIL_LINES;
    l->feed.follow = true;
    if (!pod) {
        l->feed.state = LOG_FEED_FAILED;
        snprintf(l->feed.sentence, sizeof(l->feed.sentence), "%s",
                 tr("the pod is gone; nothing is left to read"));
        return;
    }
    snprintf(l->feed.ns, sizeof(l->feed.ns), "%s", pod->ns);
    snprintf(l->feed.pod_name, sizeof(l->feed.pod_name), "%s", pod->name);
    l->feed.state = LOG_FEED_LOADING;
    int64_t since_s = since_seconds_of[l->request.since_index];
    l->marks_from_ms = since_s < 0 ? INT64_MIN : logs_now_wall(l) - since_s * 1000;
    l->events_generation = 0;
    l->loading = l->request.merged;
    log_hold_init(&l->hold);
    add_sources(l, pod);
}

void
logs_open(struct logs *l, const struct logs_request *request)
{
    /* It may point into the feed that is closed now. */
    char container[256];
    struct pod_ref pods[IW_COUNTOF(l->feed.sources)];
    struct logs_request copy = *request;
    snprintf(container, sizeof(container), "%s", request->container ? request->container : "");
    copy.pod_count = request->pods ? IW_MIN(request->pod_count, (unsigned)IW_COUNTOF(pods)) : 0;
    if (copy.pod_count > 0)
        memcpy(pods, request->pods, copy.pod_count * sizeof(pods[0]));
    copy.merged = copy.merged || copy.pod_count > 1;
    copy.since_index = IW_MIN(IW_MAX(copy.since_index, 0), (int)IW_COUNTOF(since_seconds_of) - 1);
    bool open = is_open(l, &copy, container);
    if (!open)
        logs_close(l);
    snprintf(l->container, sizeof(l->container), "%s", container);
    copy.pods = pods;
    copy.container = l->container;
    l->request = copy;
    if (open)
        l->note[0] = '\0';
    else
        open_feed(l);
    l->request.pods = NULL;
    aim(l);
    for (unsigned i = 0; !open && i < l->feed.source_count; i++)
        log_stream_start(l->streams[i]);
    if (l->feed.merged) {
        logs_mark_events(l);
        plan_flush(l);
    }
    logs_feed_refresh(l);
}

bool
logs_shows(const struct logs *l, struct pod_ref pod, const char *container)
{
    const struct log_feed *f = &l->feed;
    const struct pod *record = store_get(l->session->store, pod);
    if (!f->buf || f->merged || !record || l->request.want != LOG_WANT_AUTO ||
        !pod_ref_equal(f->pod, pod) || f->source_count != 1)
        return false;
    const struct container *picked =
        container[0] ? NULL : logs_pick_container(record, logs_now_wall(l));
    return strcmp(f->sources[0].container, picked ? picked->name : container) == 0;
}

void
logs_set_follow(struct logs *l, bool follow)
{
    l->feed.follow = follow;
}

void
logs_mute(struct logs *l, unsigned source, bool muted)
{
    if (source < l->feed.source_count)
        l->feed.sources[source].muted = muted;
}

void
logs_focus(struct logs *l, struct pod_ref pod)
{
    const struct log_feed *f = &l->feed;
    bool own = f->source_count == 1 && !l->request.preview && pod_ref_equal(f->pod, pod);
    struct log_stream_env env = stream_env(l);
    log_keeper_look(l->keeper, &env, pod, own ? f->sources[0].container : "");
}

void
logs_model_changed(struct logs *l)
{
    if (!l->feed.buf || l->feed.source_count == 0)
        return;
    for (unsigned i = 0; i < l->feed.source_count; i++)
        log_stream_model_changed(l->streams[i]);
    add_new_pods(l);
    if (l->feed.merged) {
        logs_mark_events(l);
        if (l->hold.len > 0)
            plan_flush(l);
    }
    logs_feed_refresh(l);
}
