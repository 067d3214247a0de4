/* logs_streams_internal: `initwatch logs` over log_stream: the streams (logs_streams.c) and the order of their lines
 * (logs_streams_order.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGS_STREAMS_INTERNAL_H
#define INITWATCH_APP_LOGS_STREAMS_INTERNAL_H

#include "initwatch/app/log_hold.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/base/vec.h"
#include "logs_headless.h"

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
    const char *container; /* only those of this name, NULL: all */
    VEC(struct one *) ones;
    struct log_hold hold;
    bool merged, heads; /* heads: attempts have a line of their own */
    bool joins;         /* pods that are selected and come later come in */
    bool loaded;
    int64_t begin_ms,
        gone_ms; /* monotonic; gone: since when no selected pod is there, IW_TIME_NONE: one is */
    loop_id flush_timer, gone_timer;
    uint64_t generation;
    struct iw_error err; /* the first that is worth an exit status */
    bool lines;          /* something was printed */
};

/* The record of a stream. */
static inline struct one *
one_of(const struct printing *p, const struct log_stream *st)
{
    return p->ones.items[log_stream_opts(st)->number];
}

static inline int64_t
mono_now(const struct printing *p)
{
    return clock_mono(loop_clock(p->session->loop));
}

/* One line of a stream that is merged with others. */
void logs_order_line(struct printing *p, struct log_stream *st, const struct logbuf_line *line,
                     size_t stamp_len, bool newline);
/* Merged: the separators of a chapter that begins, or of which more is known. */
void logs_order_chapter(struct printing *p, struct log_stream *st, bool begins,
                        const struct logbuf_chapter *facts);
/* Everything that is held is printed. */
void logs_order_end(struct printing *p);

#endif
