/* log_stream_internal: what the parts of log_stream share: asking (log_stream.c), reading (log_stream_read.c), what an end
 * means (log_stream_end.c), attempts as chapters (log_stream_chapters.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_STREAM_INTERNAL_H
#define INITWATCH_APP_LOG_STREAM_INTERNAL_H

#include "initwatch/app/log_seen.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/model/logstamp.h"

/* Longer than a status takes to arrive: when to look again after a clean end while the run goes on for all the store knows. */
enum { STREAM_CHECK_MS = 2000 };

#define LOG_STREAM_WHICH tr("waiting until the cluster says which attempt this is")

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
        bool gap;          /* the last line shown was not in it, and later ones were */
        bool tail;         /* only the last lines were asked for */
        int64_t opened_ms; /* wall: lines with an older time were there before */
        unsigned found;    /* how many of them came */
    } request;
    bool complete; /* of info.attempt everything is read */
    bool clean;    /* the last line came from an answer, or before one, that came to its end */
    unsigned
        agreed; /* answers in a row, asked for after its end, that ended behind the last line shown */
    struct {
        unsigned count;   /* answers in a row that ended at the same place before that line */
        uint64_t re_read; /* the place: lines recognised */
    } stuck;
    /* The container has started again, it seems, and the store does not know yet: is the run that is open the one before
     * now? moved: it is. */
    bool probing, probed, moved;
    int32_t
        first_attempt; /* the newest there was at the start: tail and since are meant up to it */
    uint64_t attempt_lines; /* of info.attempt, that came over the network */
    unsigned failures;      /* in a row */
    unsigned suspicions;    /* resumed streams that did not begin where the last one ended */
    int64_t lost_ms;        /* wall: since when it is interrupted, IW_TIME_NONE: it is not */
    struct logstamp stamp;
    struct log_seen seen;
    struct strbuf
        partial; /* a last line without newline, until it is known whether more of it comes */
    bool has_partial, had_partial; /* had: the request before ended in it */
};

/* log_stream.c */
const struct container *log_stream_container(const struct log_stream *st);
int64_t log_stream_wall_now(const struct log_stream *st);
void log_stream_ask_again_in(struct log_stream *st, int64_t delay_ms);
void log_stream_close_request(struct log_stream *st);
void log_stream_set_state(struct log_stream *st, enum log_stream_state state, const char *sentence);
void log_stream_tell(struct log_stream *st);

/* log_stream_chapters.c: what the store knows of the run that is open; true when that is more than before. */
bool log_stream_refresh_facts(struct log_stream *st, const struct container *c);
void log_stream_begin_chapter(struct log_stream *st, const struct logbuf_chapter *facts);
void log_stream_set_missing(struct log_stream *st, const char *why);
/* The attempt is in the archive. */
void log_stream_replay_kept(struct log_stream *st, const char *uid, int32_t attempt);
/* Attempts [from, upto): kept ones with their lines, the others as missing. */
void log_stream_tell_attempts(struct log_stream *st, const struct container *c, int32_t from,
                              int32_t upto);

/* log_stream_read.c: the sink's line callback, and what was held back of a last line. */
void log_stream_on_line(void *ctx, const char *text, size_t len, bool cut, bool newline);
void log_stream_flush_partial(struct log_stream *st);
/* The interruption is over, or something is missing: says so once. */
void log_stream_mended(struct log_stream *st);

/* log_stream_end.c: the sink's done callback. */
void log_stream_on_done(void *ctx, const struct iw_error *err);
void log_stream_fail(struct log_stream *st, const struct iw_error *err);
/* The attempt that is open ends here for the reader. */
void log_stream_complete(struct log_stream *st);
/* Something of the run that is open may be unread and cannot be had any more: said, unless it is complete. */
void log_stream_give_up_rest(struct log_stream *st, bool pod_gone);
/* The answer seems to be of another run than the one that was read so far: the run before the present one is asked. */
void log_stream_suspect(struct log_stream *st);
/* The answer is of another run. */
void log_stream_foreign(struct log_stream *st);

#endif
