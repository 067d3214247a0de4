/* logs_feed: what the feed says about itself: its state, its title, how many lines were lost.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/progress.h"
#include "logs_internal.h"

static void
set_state(struct logs *l, enum log_feed_state state, const char *sentence)
{
    l->feed.state = state;
    snprintf(l->feed.sentence, sizeof(l->feed.sentence), "%s", sentence);
}

static const struct log_stream_info *
info_of(const struct logs *l, unsigned i)
{
    return log_stream_info(l->streams[i]);
}

static const struct container *
container_of(const struct logs *l, unsigned source)
{
    const struct log_feed_source *src = &l->feed.sources[source];
    const struct pod *pod = store_get(l->session->store, src->pod);
    return pod ? pod_find_container(pod, src->container) : NULL;
}

static void
refresh_one(struct logs *l)
{
    const struct log_stream_info *info = info_of(l, 0);
    const char *sentence = info->sentence[0] ? info->sentence : l->note;
    switch (info->state) {
    case LOG_STREAM_WAITING:
        set_state(l, LOG_FEED_WAITING, sentence);
        break;
    case LOG_STREAM_LOADING:
        set_state(l, LOG_FEED_LOADING, sentence);
        break;
    case LOG_STREAM_FOLLOWING:
    case LOG_STREAM_LOST:
        set_state(l, LOG_FEED_FOLLOWING, sentence);
        break;
    case LOG_STREAM_ENDED:
        set_state(l, LOG_FEED_ENDED, sentence);
        break;
    case LOG_STREAM_FAILED:
        set_state(l, logbuf_count(l->feed.buf) ? LOG_FEED_ENDED : LOG_FEED_FAILED, sentence);
        break;
    }
}

static void
refresh_merged(struct logs *l)
{
    bool follows = false, loads = l->loading;
    const char *sentence = l->note;
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        const struct log_stream_info *info = info_of(l, i);
        follows |= info->state == LOG_STREAM_FOLLOWING || info->state == LOG_STREAM_LOST;
        loads |= info->state == LOG_STREAM_LOADING;
        if (info->state == LOG_STREAM_LOST)
            sentence = info->sentence;
    }
    set_state(l,
              loads     ? LOG_FEED_LOADING
              : follows ? LOG_FEED_FOLLOWING
                        : LOG_FEED_ENDED,
              sentence);
}

/* The request that waits for its first line the longest. */
static struct log_feed_wait
longest_wait(const struct logs *l)
{
    struct log_feed_wait wait = {0};
    for (unsigned i = 0; i < l->feed.source_count; i++) {
        const struct log_stream_info *info = info_of(l, i);
        bool open = info->state == LOG_STREAM_LOADING || info->state == LOG_STREAM_FOLLOWING;
        if (open && info->lines == 0 && (wait.wall_ms == 0 || info->asked_ms < wait.wall_ms))
            wait = (struct log_feed_wait){.source = i, .wall_ms = info->asked_ms};
    }
    return wait;
}

/* The attempt that was asked for: the run before while that is what the user wants, else the newest that is here. */
static int32_t
wanted_attempt(const struct logs *l)
{
    const struct container *c = container_of(l, 0);
    if (l->feed.merged || l->feed.source_count == 0)
        return -1;
    return l->feed.previous && c ? l->feed.attempt : info_of(l, 0)->attempt;
}

void
logs_feed_refresh(struct logs *l)
{
    struct log_feed *f = &l->feed;
    if (f->source_count == 0 || f->files)
        return;
    if (f->merged)
        refresh_merged(l);
    else
        refresh_one(l);
    f->reconnects = f->gaps = 0;
    f->older_left = false;
    for (unsigned i = 0; i < f->source_count; i++) {
        const struct log_stream_info *info = info_of(l, i);
        f->reconnects += info->reconnects;
        f->gaps += info->gaps;
        f->older_left |= info->older_left && !l->request.preview;
        if (info->reconnects && info->resume.wall_ms >= f->resume.wall_ms)
            f->resume = (struct log_feed_resume){.wall_ms = info->resume.wall_ms,
                                                 .away_ms = info->resume.away_ms,
                                                 .re_read = info->resume.re_read,
                                                 .gap = info->resume.gap};
    }
    f->wait = longest_wait(l);
    f->attempt = wanted_attempt(l);
    const struct container *c = container_of(l, 0);
    f->attempts = !f->merged && c && c->status ? c->status->restart_count + 1 : f->merged ? 0 : 1;
    logs_refresh_title(l);
}

/* ", next try in 2m10s" of a container in back-off, else "". */
static void
next_try_text(const struct logs *l, const struct container *c, char out[64])
{
    char left[16];
    const struct pod *pod = store_get(l->session->store, l->feed.sources[0].pod);
    int64_t now_wall_ms = logs_now_wall(l);
    out[0] = 0;
    if (!pod || !c)
        return;
    struct container_backoff b = container_backoff_now(c, pod->restart_policy, now_wall_ms);
    if (!b.active || b.next_ms == IW_TIME_NONE || b.next_ms <= now_wall_ms)
        return;
    duration_cells(b.next_ms - now_wall_ms, left);
    snprintf(out, 64, tr(", next try in %s"), left);
}

/* "exit 1, ended 12s ago, next try in 20s" or "running". */
static void
end_words(const struct logs *l, const struct logbuf_chapter *facts, bool newest, char *out,
          size_t out_size)
{
    char ago[16], next[64] = "";
    if (!facts->ended) {
        snprintf(out, out_size, "%s", tr("running"));
        return;
    }
    if (newest)
        next_try_text(l, container_of(l, 0), next);
    if (facts->ended_ms == IW_TIME_NONE) {
        snprintf(out, out_size, "%s%s", facts->how, next);
        return;
    }
    duration_cells(logs_now_wall(l) - facts->ended_ms, ago);
    snprintf(out, out_size, tr("%s, ended %s ago%s"), facts->how, ago, next);
}

static void
merged_title(struct logs *l)
{
    struct log_feed *f = &l->feed;
    if (f->pod_count > 1)
        snprintf(f->title, sizeof(f->title), tr("%u containers of %u pods, merged"),
                 f->source_count, f->pod_count);
    else
        snprintf(
            f->title, sizeof(f->title),
            tr_n("its %u container, merged", "all %u containers, in start order", f->source_count),
            f->source_count);
}

static void
files_title(struct logs *l)
{
    struct log_feed *f = &l->feed;
    if (f->source_count == 1)
        snprintf(f->title, sizeof(f->title), "%.200s", f->sources[0].container);
    else
        snprintf(f->title, sizeof(f->title), tr("%u files, in order of time"), f->source_count);
}

void
logs_refresh_title(struct logs *l)
{
    struct log_feed *f = &l->feed;
    f->dropped = f->buf ? logbuf_dropped(f->buf) : 0;
    if (f->files) {
        files_title(l);
        return;
    }
    for (unsigned i = 0; i < f->source_count; i++)
        f->sources[i].lines = info_of(l, i)->lines;
    if (f->merged) {
        merged_title(l);
        return;
    }
    const struct container *c = f->source_count ? container_of(l, 0) : NULL;
    if (!c)
        return;
    if (f->attempt < 0) {
        snprintf(f->title, sizeof(f->title), "%s", c->name);
        return;
    }
    struct logbuf_chapter facts;
    char end[192];
    log_attempt_facts(l->session->store, f->sources[0].pod, c, f->attempt, &facts);
    end_words(l, &facts, f->attempt + 1 == f->attempts, end, sizeof(end));
    if (f->attempts > 1)
        snprintf(f->title, sizeof(f->title), tr("%.70s, attempt %d of %d, %.120s"), c->name,
                 (int)f->attempt + 1, (int)f->attempts, end);
    else
        snprintf(f->title, sizeof(f->title), "%.80s, %.120s", c->name, end);
}
