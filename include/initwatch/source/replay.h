/* replay: plays a recording into the model, with a clock of its own: pause, speed, steps, jumps.
 *
 * The source (source_replay) hands each recorded frame to the decoders that a live one goes through,
 * at the moment it was recorded. Going back means that the model forgets everything and is told again
 * from the start, quickly.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REPLAY_H
#define INITWATCH_SOURCE_REPLAY_H

#include "initwatch/source/recording.h"
#include "initwatch/source/source.h"

#define REPLAY_SPEED_LEAST 0.125
#define REPLAY_SPEED_MOST 64.0

/* Watch events that a step back undoes. */
struct replay_undone {
    const struct recording_entry *entries[8];
    size_t count;
};
struct store;
/* What `rewind` has to do with a store. */
void replay_forget(struct store *store, const struct replay_undone *undone);

struct replay_opts {
    const struct recording *recording; /* borrowed */
    /* The wall clock of the program is at wall_ms now and runs `speed` times as fast; 0: it stands
     * still. Called before each frame, with the moment of that frame. */
    void (*set_clock)(void *ctx, int64_t wall_ms, double speed);
    /* The model has to forget everything (undone NULL), or only what these entries are about, because
     * it is told again: replay_forget does it. Logs of the source that are open after it are closed. */
    void (*rewind)(void *ctx, const struct replay_undone *undone);
    /* A jump is done: the model is what it was at that moment. */
    void (*arrived)(void *ctx);
    void *ctx;
    int64_t start_ms; /* play from here, after a jump to it */
    bool paused;
    double speed; /* 0: 1 */
    /* Everything up to start_ms at the first turn of the loop, then nothing moves: for commands
     * that print. A stream that is not in the recording is reported as failed. */
    bool at_once;
};

struct replay_state {
    bool paused, ended, jumping;
    double speed;
    int64_t at_ms; /* since the recording began */
    size_t next;   /* entries so far */
};
/* s: of source_replay. */
void replay_state(const struct source *s, struct replay_state *out);
/* At the end, to go on means to begin again. */
void replay_pause(struct source *s, bool pause);
/* Between the two limits above. */
void replay_set_speed(struct source *s, double speed);
/* To the next or the last but one change (a watch event), and pause there. False: there is none. */
bool replay_step(struct source *s, bool back);
/* To a moment, not before the first lists were complete; playing goes on if it did. */
void replay_seek(struct source *s, int64_t t_ms);

/* The lines of one run of a container, the one that began at started_wall_ms, as far as they were read
 * while it was recorded and are older than the present moment; the oldest first, each with its timestamp.
 * A cluster would have forgotten them. */
void replay_each_line(struct source *s, const char *ns, const char *pod, const char *container,
                      int64_t started_wall_ms,
                      void (*line)(void *ctx, const char *text, size_t len), void *ctx);

/* The answers of the metrics API that count at the present moment, the oldest first: *it from 0 until
 * false. */
bool replay_usage(const struct source *s, size_t *it, const struct recording_entry **out);

/* Tell a sink what entry i says. For who wants to look at a recording without playing it: moments
 * that are no part of the frame are now_wall_ms. Returns false for an entry that a sink has no use
 * for (logs, marks). What cannot be decoded is logged with its line and left out. */
bool replay_tell(const struct recording *r, size_t i, int64_t now_wall_ms,
                 const struct source_sink *sink);
/* Something happened here that a user can step to. */
bool replay_is_step(const struct recording_entry *e);

#endif
