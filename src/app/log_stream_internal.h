/* log_stream_internal: what the two halves of log_stream share: asking (log_stream.c) and reading (log_stream_read.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_STREAM_INTERNAL_H
#define INITWATCH_APP_LOG_STREAM_INTERNAL_H

#include "initwatch/app/log_seen.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/model/logstamp.h"

struct log_stream {
    struct log_stream_env env;
    struct log_stream_opts opts;
    struct log_stream_sink sink;
    struct log_stream_info info;
    char container[256];
    struct source_log *log; /* NULL: no request is out */
    loop_id timer;          /* when to ask again, or to look whether the run has ended */
    bool closing;           /* done() calls that follow a close are not news */
    bool started;
    struct {
        bool final;        /* made when the run was known to have ended: its end is the run's end */
        bool previous;     /* asked with previous=true */
        bool resumed;      /* from the second of the newest line on */
        bool news;         /* it brought something that was not there before */
        bool tail;         /* only the last lines were asked for */
        int64_t opened_ms; /* wall: lines with an older time were there before */
        unsigned found;    /* how many of them came */
    } request;
    bool complete; /* of info.attempt everything is read */
    bool clean;    /* its last request came to its end */
    int32_t
        first_attempt; /* the newest there was at the start: tail and since are meant up to it */
    uint64_t attempt_lines; /* of info.attempt, that came over the network */
    unsigned failures;      /* in a row */
    unsigned short_reads;   /* in a row: clean ends before the last line that was shown */
    unsigned suspicions;    /* resumed streams that did not begin where the last one ended */
    int64_t lost_ms;        /* wall: since when it is interrupted, IW_TIME_NONE: it is not */
    struct logstamp stamp;
    struct log_seen seen;
    struct strbuf
        partial; /* a last line without newline, until it is known whether more of it comes */
    bool has_partial, had_partial; /* had: the request before ended in it */
};

/* log_stream_read.c: the sink's line callback, and what was held back of a last line. */
void log_stream_on_line(void *ctx, const char *text, size_t len, bool cut, bool newline);
void log_stream_flush_partial(struct log_stream *st);
/* The interruption is over: says so once. */
void log_stream_mended(struct log_stream *st);
/* log_stream.c: the answer is of another run than the one that was read so far. */
void log_stream_suspect(struct log_stream *st);
/* log_stream.c: the answer about an ended run has lines from after its end: the node gave another one. */
void log_stream_foreign(struct log_stream *st);
void log_stream_tell(struct log_stream *st);

#endif
