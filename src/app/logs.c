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
#include "initwatch/model/progress.h"
#include "logs_internal.h"

int64_t
logs_now_wall(const struct logs *l)
{
    return clock_wall(loop_clock(l->session->loop));
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
        logs_flush(l, INT64_MAX, INT64_MAX);
    keep_attempts(l);
    logs_files_free(l->files);
    l->files = NULL;
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
    const struct container *picked = container[0] ? NULL : pod_focus(pod, logs_now_wall(l));
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

void
logs_begin_files(struct logs *l)
{
    l->feed.buf = new_buffer(l);
    l->feed.files = l->feed.merged = l->feed.follow = true;
    l->feed.state = LOG_FEED_LOADING;
    l->feed.asked = ++l->asked;
    l->opened_ms = l->came_ms = clock_mono(loop_clock(l->session->loop));
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
    int64_t since_s = logs_since_seconds(l->request.since_index);
    l->marks_from_ms = since_s < 0 ? INT64_MIN : logs_now_wall(l) - since_s * 1000;
    l->events_generation = 0;
    l->loading = l->request.merged;
    l->opened_ms = l->came_ms = clock_mono(loop_clock(l->session->loop));
    log_hold_init(&l->hold);
    logs_add_sources(l, pod);
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
    copy.since_index = IW_MIN(IW_MAX(copy.since_index, 0), LOGS_SINCE_COUNT - 1);
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
        logs_plan_flush(l);
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
    const struct container *picked = container[0] ? NULL : pod_focus(record, logs_now_wall(l));
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
    struct log_stream_env env = logs_stream_env(l);
    log_keeper_look(l->keeper, &env, pod, own ? f->sources[0].container : "");
}

void
logs_model_changed(struct logs *l)
{
    if (!l->feed.buf || l->feed.source_count == 0 || l->files)
        return;
    for (unsigned i = 0; i < l->feed.source_count; i++)
        log_stream_model_changed(l->streams[i]);
    logs_add_new_pods(l);
    if (l->feed.merged) {
        logs_mark_events(l);
        if (l->hold.len > 0)
            logs_plan_flush(l);
    }
    logs_feed_refresh(l);
}
