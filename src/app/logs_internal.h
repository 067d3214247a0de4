/* logs_internal: the log feed's parts: requests (logs.c), whose logs it has (logs_sources.c), what
 * streams bring (logs_arrive.c), log files (logs_files.c), what the feed says (logs_feed.c), what is known of a run's
 * log (logs_run.c), separators between merged lines (logs_marks.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGS_INTERNAL_H
#define INITWATCH_APP_LOGS_INTERNAL_H

#include "initwatch/app/log_hold.h"
#include "initwatch/app/log_keeper.h"
#include "initwatch/app/log_stream.h"
#include "initwatch/app/logs.h"
#include "initwatch/base/vec.h"

struct logs_files;

struct logs {
    struct session *session;
    struct logs_files *files; /* log files are open; NULL: logs of containers */
    struct log_feed feed;
    struct logs_request request;
    char container[256];
    unsigned asked;
    size_t memory_bytes, spill_bytes; /* of the buffer */
    struct log_stream *streams[IW_COUNTOF(((struct log_feed *)0)->sources)];
    struct log_archive *archive;
    struct log_keeper *keeper;
    int64_t tail_lines; /* logs_set_tail; 0: nobody did */
    char note[160];     /* what the request could not get, beside the stream's own sentence */
    /* merged */
    struct log_hold hold;
    int64_t opened_ms, came_ms; /* monotonic: the request, the last line */
    bool loading;               /* nothing was shown yet: complete when no line came for a moment */
    loop_id flush_timer;
    /* By source: a start and an end that have no mark yet. Kubernetes gives whole seconds, the lines say more. */
    struct {
        bool start, end;
        int32_t attempt;
        int64_t started_ms;
        int64_t ended_ms,
            told_ms; /* the end is known since told_ms (the loop's clock), its lines are still coming; or IW_TIME_NONE */
    } pending[IW_COUNTOF(((struct log_feed *)0)->sources)];
    int64_t marks_from_ms;                /* separators before this moment are not shown */
    bool whole_owner;                     /* all pods of one owner: new ones come in */
    char owner_kind[64], owner_name[256]; /* then: the workload, in the feed's namespace */
    uint64_t events_generation, pods_generation;
    bool events_wait;   /* an event waits for the end it follows from */
    VEC(uint64_t) told; /* events that have their separator */
};

enum { LOGS_SINCE_COUNT = 7 };

int64_t logs_now_wall(const struct logs *l);

/* Seconds of since_index; -1: all. */
int64_t logs_since_seconds(int index);
struct log_stream_env logs_stream_env(const struct logs *l);
/* A stream for each container that was asked for, not started yet; later for those of new pods of the workload, started. */
void logs_add_sources(struct logs *l, const struct pod *pod);
void logs_add_new_pods(struct logs *l);

/* An empty feed for files (logs_files.c). */
void logs_begin_files(struct logs *l);
void logs_files_free(struct logs_files *fs);

/* What streams tell goes into the feed. */
struct log_stream_sink logs_sink(struct logs *l);
/* Lines that are held for their order: those up to the moment upto_ms that came at came_ms or before are shown. */
void logs_flush(struct logs *l, int64_t upto_ms, int64_t came_ms);
void logs_plan_flush(struct logs *l);

/* state, sentence, attempt of the feed follow from its streams. */
void logs_feed_refresh(struct logs *l);

/* struct log_feed.run; ctx: struct logs. */
bool logs_run(const void *ctx, const char *uid, const char *container, int32_t attempt,
              struct log_run *out);

/* Merged: what stands between the lines. */
void logs_put_mark(struct logs *l, uint16_t source, int64_t wall_ms, enum log_hold_place place,
                   const char *text);
/* A chapter began, or more is known about it; read: all its lines were seen. */
void logs_mark_chapter(struct logs *l, uint16_t source, const struct logbuf_chapter *facts,
                       bool begins, bool read);
/* The mark of a start that was held back for the first line (at line_ms; IW_TIME_NONE: there is none yet). */
void logs_mark_started(struct logs *l, uint16_t source, int64_t line_ms);
void logs_mark_events(struct logs *l);
/* Below the line that was just put: what it proves about an init container. */
void logs_mark_proof(struct logs *l, uint16_t source);
/* A mark of a kept attempt that stands there already. */
bool logs_is_told(const struct logs *l, const struct logbuf_line *line);
/* Up to which moment lines may be shown: an end whose last lines are still coming stands before what came after it. */
int64_t logs_settled_ms(const struct logs *l);

#endif
