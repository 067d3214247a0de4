/* logs: the log that the dashboard shows: one container with all its attempts, or several containers merged in order of time.
 * Each container is a log_stream; attempts that leave the screen go to the archive and come back with it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGS_H
#define INITWATCH_APP_LOGS_H

#include "initwatch/app/session.h"
#include "initwatch/ui/view.h"

struct logs;
struct logs *logs_new(struct session *session) IW_NODISCARD; /* session: borrowed */
void logs_free(struct logs *l);
/* Memory for the lines of the log on screen, and how much of what does not fit goes to a nameless file (0: it is dropped
 * and counted). For logs that are opened from now on. */
void logs_set_memory(struct logs *l, size_t memory_bytes, size_t spill_bytes);
/* How many lines of each run are asked for at first (-1: all), from now on. The default is LIMIT_LOG_TAIL_LINES. */
void logs_set_tail(struct logs *l, int64_t lines);
/* What views see; borrowed, changes in place. */
const struct log_feed *logs_feed(const struct logs *l);

struct logs_request {
    struct pod_ref pod;
    const char *container; /* "" or NULL: the one that matters now */
    enum log_want want;
    bool merged;                /* all containers in one stream */
    const struct pod_ref *pods; /* merged: of all of these; NULL: of `pod` alone. Copied */
    unsigned pod_count;
    int since_index;    /* 0 all, 1..6: 1 m, 5 m, 15 m, 30 m, 1 h, 6 h */
    int64_t tail_lines; /* of each run that is there at first; 0: logs_set_tail's, -1: all */
    bool preview;       /* a few last lines for another view */
    bool compare;       /* see struct log_feed */
};
void logs_open(struct logs *l, const struct logs_request *request);
/* Log files instead, merged by the times of their lines, followed as they grow. "-" is stdin_fd, which stays the caller's.
 * On an error (a file that cannot be opened) the log that is open stays. */
IW_NODISCARD enum iw_err logs_open_files(struct logs *l, const char *const *paths, unsigned count,
                                         int stdin_fd, struct iw_error *err);
void logs_set_follow(struct logs *l, bool follow);
void logs_mute(struct logs *l, unsigned source, bool muted);
void logs_close(struct logs *l);
/* Before the session's source goes away. */
void logs_disconnect(struct logs *l);
/* The same, and what was kept of attempts is forgotten: time goes back (-r). */
void logs_forget(struct logs *l);
/* -r: time made a jump; attempts that were passed over are those of the recording. */
void logs_jumped(struct logs *l);
/* Is this the log of the present or last run of one container, as a preview shows it? container "": the one that matters. */
bool logs_shows(const struct logs *l, struct pod_ref pod, const char *container);
/* The pod the user looks at: its attempts are kept while the session lives. */
void logs_focus(struct logs *l, struct pod_ref pod);
/* The store changed: a container that was waited for may have started, or started again. */
void logs_model_changed(struct logs *l);

/* Nothing is on its way any more but what is being written now: what there was when the log was opened can be saved. A
 * container that says nothing for a while has nothing on its way. */
bool logs_is_here(const struct logs *l);

/* The title tells how long ago the run ended, lines are counted: called before a frame is drawn. */
void logs_refresh_title(struct logs *l);

#endif
