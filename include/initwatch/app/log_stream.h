/* log_stream: the log of one container through all its attempts, without loss.
 *
 * A run that is read begins a chapter. The run before the present one is fetched first (the cluster keeps one), attempts the
 * archive kept stand before that. A stream that broke is asked for again from the last second on, and what was shown already
 * is recognised (log_seen). A run counts as read only when two requests in a row that were made after its end came to the
 * same end: whatever cut an answer short, nothing of it is missed; what cannot be had any more is said by a mark. When the
 * container starts again its next attempt opens by itself; while there is nothing to ask for, info.sentence says why.
 * Ref: SEMANTICS G.5; kubelet validateContainerLogStatus.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_STREAM_H
#define INITWATCH_APP_LOG_STREAM_H

#include "initwatch/app/log_archive.h"
#include "initwatch/model/logbuf.h"
#include "initwatch/model/store.h"
#include "initwatch/source/source.h"

/* All borrowed for the stream's life. */
struct log_stream_env {
    struct loop *loop;
    const struct store *store;
    struct source *source;
    struct log_archive *archive; /* NULL: none */
};

enum { LOG_ATTEMPT_ANY = -1 };
struct log_stream_opts {
    struct pod_ref pod;
    const char *container; /* copied */
    uint16_t number;       /* the caller's: struct logbuf_line.source */
    bool follow;           /* go on: over lost connections and restarts */
    bool
        verify; /* an ended run is asked for until nothing new comes, twice: the API server ends an answer whose kubelet
                    died as if it were whole */
    bool history;         /* attempts before the present one, as far as they can be had */
    bool previous;        /* without history: the run before the present one instead of it */
    int32_t only_attempt; /* with history: no other one; LOG_ATTEMPT_ANY: all */
    int64_t tail_lines;   /* of a run that is not read from its start on; -1: all */
    int64_t since_seconds, since_wall_ms; /* as in struct log_request */
};

enum log_stream_state {
    LOG_STREAM_WAITING,   /* nothing to ask for yet: info.sentence says why */
    LOG_STREAM_LOADING,   /* an ended run is on its way */
    LOG_STREAM_FOLLOWING, /* a running one */
    LOG_STREAM_LOST,      /* asked for again at info.retry_ms */
    LOG_STREAM_ENDED, /* all runs there are were read; with follow the next one opens by itself */
    LOG_STREAM_FAILED /* will not be tried again: info.sentence and info.err */
};
struct log_stream_info {
    enum log_stream_state state;
    char sentence[256];
    struct iw_error err;         /* FAILED: what it was */
    int32_t attempt;             /* of the chapter that is open, -1 none yet */
    uint32_t chapter;            /* its id as the sink gave it */
    struct logbuf_chapter facts; /* of that chapter */
    int64_t retry_ms;            /* monotonic, LOST only */
    int64_t asked_ms;            /* wall: when the request that is open was sent */
    bool read;      /* the attempt that is open has ended and all of its lines were handed on */
    uint64_t lines; /* handed on */
    unsigned reconnects, gaps; /* see struct log_feed */
    struct {                   /* the last interruption that was mended */
        int64_t wall_ms, away_ms;
        uint64_t re_read;
        bool gap;
    } resume;
    bool older_left; /* the tail that was asked for came whole: there are older lines */
};

struct log_stream;
struct log_stream_sink {
    void *ctx;
    /* One line, text without its stamp, which stands stamp_len bytes before it (0: there was none). Borrowed for the
     * call. newline: false for a last line that has none. */
    void (*line)(void *ctx, struct log_stream *st, const struct logbuf_line *line, size_t stamp_len,
                 bool newline);
    /* id 0: a chapter begins, returns its id (not 0). Else: more is known about chapter id. */
    uint32_t (*chapter)(void *ctx, struct log_stream *st, uint32_t id,
                        const struct logbuf_chapter *facts);
    /* A sentence of ours between the lines: interrupted, resumed, cut short. */
    void (*mark)(void *ctx, struct log_stream *st, int64_t wall_ms, const char *sentence);
    /* info changed. Must not free the stream. May be NULL. */
    void (*changed)(void *ctx, struct log_stream *st);
};

/* Nothing is asked before log_stream_start. New: log_stream_free. */
struct log_stream *log_stream_new(const struct log_stream_env *env,
                                  const struct log_stream_opts *opts,
                                  const struct log_stream_sink *sink) IW_NODISCARD;
void log_stream_free(struct log_stream *st);
void log_stream_start(struct log_stream *st);
/* The store changed. */
void log_stream_model_changed(struct log_stream *st);
const struct log_stream_info *log_stream_info(const struct log_stream *st);
const struct log_stream_opts *log_stream_opts(const struct log_stream *st);

/* What is known about attempt `number` of a container. */
void log_attempt_facts(const struct store *store, struct pod_ref pod, const struct container *c,
                       int32_t number, struct logbuf_chapter *out);

#endif
