/* log_keeper: one log_stream at a time whose lines go to the archive.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"

enum { KEEPER_TAIL_LINES = 2000 };

struct log_keeper {
    struct log_archive *archive;
    struct log_stream_env env;
    struct pod_ref pod;
    char uid[64], container[256], not_this[256];
    struct log_stream *stream; /* NULL: idle */
    unsigned gaps;             /* of the stream, that are told */
    loop_id again_id;          /* the stream has ended and is freed outside its callbacks */
};

static uint32_t
on_chapter(void *ctx, struct log_stream *st, uint32_t id, const struct logbuf_chapter *facts)
{
    struct log_keeper *k = ctx;
    struct logbuf_chapter begun = *facts;
    (void)st;
    if (id != 0)
        return id;
    /* It counts when it has come to its end. */
    snprintf(begun.missing, sizeof(begun.missing), "%s", tr("it was not fetched to its end"));
    log_archive_begin(k->archive, k->uid, k->container, &begun);
    return 1;
}

static void
on_line(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
        bool newline)
{
    struct log_keeper *k = ctx;
    (void)st, (void)stamp_len, (void)newline;
    log_archive_add(k->archive, line);
}

static void
on_mark(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence)
{
    struct log_keeper *k = ctx;
    const struct logbuf_line line = {.kind = LOGBUF_MARK,
                                     .text = sentence,
                                     .len = (uint32_t)strlen(sentence),
                                     .wall_ms = wall_ms};
    /* How often it was interrupted is not worth keeping, that lines may be missing is. */
    if (log_stream_info(st)->gaps > k->gaps)
        log_archive_add(k->archive, &line);
    k->gaps = log_stream_info(st)->gaps;
}

static void look_again(void *ctx);

static void
on_changed(void *ctx, struct log_stream *st)
{
    struct log_keeper *k = ctx;
    enum log_stream_state state = log_stream_info(st)->state;
    if (k->again_id || (state != LOG_STREAM_ENDED && state != LOG_STREAM_FAILED))
        return;
    const struct log_stream_info *info = log_stream_info(st);
    struct logbuf_chapter facts = info->facts;
    if (state == LOG_STREAM_FAILED && !facts.missing[0])
        snprintf(facts.missing, sizeof(facts.missing), "%.150s", info->sentence);
    if (info->chapter)
        log_archive_tell(k->archive, k->uid, k->container, &facts);
    k->again_id = loop_timer_add(k->env.loop, 0, look_again, k);
}

static void
fetch(struct log_keeper *k, const struct pod *pod, const struct container *c)
{
    snprintf(k->uid, sizeof(k->uid), "%s", pod->uid);
    snprintf(k->container, sizeof(k->container), "%s", c->name);
    struct log_stream_opts opts = {.pod = k->pod,
                                   .container = c->name,
                                   .verify = true,
                                   .previous = true,
                                   .only_attempt = LOG_ATTEMPT_ANY,
                                   .tail_lines = KEEPER_TAIL_LINES,
                                   .since_seconds = -1,
                                   .since_wall_ms = IW_TIME_NONE};
    struct log_stream_sink sink = {
        .ctx = k, .line = on_line, .chapter = on_chapter, .mark = on_mark, .changed = on_changed};
    struct log_stream_env env = k->env;
    env.archive = NULL; /* it is what is filled */
    k->gaps = 0;
    k->stream = log_stream_new(&env, &opts, &sink);
    log_stream_start(k->stream);
}

/* The run before the present one can be had, and is not kept yet. */
static bool
is_wanted(const struct log_keeper *k, const struct pod *pod, const struct container *c)
{
    struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
    return before.ask == LOG_ASK_PREVIOUS && strcmp(c->name, k->not_this) != 0 &&
           !log_archive_find(k->archive, pod->uid, c->name, before.attempt);
}

static void
next(struct log_keeper *k)
{
    const struct pod *pod = store_get(k->env.store, k->pod);
    if (k->stream || !pod || store_deleted_ms(k->env.store, k->pod) != IW_TIME_NONE)
        return;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (is_wanted(k, pod, c)) {
            fetch(k, pod, c);
            return;
        }
    }
}

static void
look_again(void *ctx)
{
    struct log_keeper *k = ctx;
    k->again_id = 0;
    log_stream_free(k->stream);
    k->stream = NULL;
    next(k);
}

struct log_keeper *
log_keeper_new(struct log_archive *archive)
{
    struct log_keeper *k = iw_calloc(1, sizeof(*k));
    k->archive = archive;
    return k;
}

void
log_keeper_stop(struct log_keeper *k)
{
    log_stream_free(k->stream);
    k->stream = NULL;
    if (k->env.loop)
        loop_remove(k->env.loop, k->again_id);
    k->again_id = 0;
    k->pod = (struct pod_ref){0};
}

void
log_keeper_free(struct log_keeper *k)
{
    if (!k)
        return;
    log_keeper_stop(k);
    free(k);
}

void
log_keeper_look(struct log_keeper *k, const struct log_stream_env *env, struct pod_ref pod,
                const char *not_this)
{
    k->env = *env;
    k->pod = pod;
    snprintf(k->not_this, sizeof(k->not_this), "%s", not_this);
    next(k);
}
