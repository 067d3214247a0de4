/* replay_internal: what the engine of a replay (source_replay.c), its filter, its way back and its logs share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REPLAY_INTERNAL_H
#define INITWATCH_SOURCE_REPLAY_INTERNAL_H

#include "initwatch/source/replay.h"

struct replay {
    struct source base; /* first */
    struct loop *loop;
    struct source_sink sink;   /* the owner's */
    struct source_sink filter; /* what entries are told to: only the namespaces shown */
    char *ns;                  /* "a,b"; "" all */
    struct replay_opts opts;
    const struct recording *recording;

    int64_t first_ms; /* when the first lists were complete: nobody wants to go to before it */
    size_t next;      /* the entry that comes next */
    size_t target;    /* of a jump: where it ends */
    int64_t at_ms, at_mono_ms; /* the recording's time at a moment of ours */
    int64_t jump_ms;           /* of a jump: its moment */
    double speed;
    size_t plain; /* so many entries from the start have one list of pods and no lost connection */
    bool paused, jumping, list_only;
    loop_id work, timer;
    uint32_t watched;        /* kinds that somebody wants (KIND_BIT) */
    uint32_t told;           /* of these, those whose absence was said */
    struct source_log *logs; /* all that are open */
};

/* Since the recording began. */
int64_t replay_now_ms(const struct replay *p);
/* The last piece of a pod or object in the first `upto` entries: or NULL. *deleted: it says that it is
 * gone. */
const struct recording_entry *replay_find_object(const struct recording *r, size_t upto,
                                                 enum recording_source source, const char *ns,
                                                 const char *name, bool *deleted);

/* Tell the entry that comes next, with the clock at its moment. */
void replay_tell_next(struct replay *p);

/* replay_filter.c: p->filter hands on to p->sink what is in p->ns. */
void replay_make_filter(struct replay *p);

/* replay_back.c: replay.plain of a recording. */
size_t replay_plain_entries(const struct recording *r);
/* Back to where `target` entries were told, or to none: then p->next is 0. */
void replay_go_back(struct replay *p, size_t target);

enum iw_err replay_open_log(struct source *source, const struct log_request *req,
                            const struct log_sink *sink, struct source_log **out,
                            struct iw_error *err);
void replay_close_log(struct source_log *log);
void replay_close_logs(struct replay *p);
/* Hand on what is due by now; returns the moment of the next line, INT64_MAX for none. */
int64_t replay_pump_logs(struct replay *p);
/* A pod changed: a run that is followed may have ended. */
void replay_logs_look(struct replay *p);

#endif
