/* replay_control: what the dashboard asks of the recording that it plays, and the places in it that are
 * worth finding: restarts, findings, failures, notes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_REPLAY_CONTROL_H
#define INITWATCH_APP_REPLAY_CONTROL_H

#include "initwatch/app/session.h"
#include "initwatch/ui/view.h"

struct replay_control;

/* session: borrowed; it plays a recording. `flash` tells the user how it went. */
struct replay_control *replay_control_new(struct session *session,
                                          void (*flash)(void *ctx, bool error, const char *text),
                                          void *ctx) IW_NODISCARD;
void replay_control_free(struct replay_control *c);
/* Borrowed, changes in place; NULL for NULL. */
const struct replay_board *replay_control_board(const struct replay_control *c);
/* Carry out INTENT_REPLAY: "pause", "go", "step", "back", "next", "prev", "start", "end", "speed X",
 * "HH:MM[:SS]" (local, or UTC when utc), "at MS". NULL: says that no recording is played. */
void replay_control_ask(struct replay_control *c, const char *text, bool utc);
/* Bring the board up to date: before a frame. NULL: nothing. */
void replay_control_refresh(struct replay_control *c);

/* The marks of a recording, found by telling it to a store of its own, in slices. */
struct replay_marks;
struct replay_marks *replay_marks_new(const struct recording *recording,
                                      struct replay_board *board) IW_NODISCARD; /* both borrowed */
void replay_marks_free(struct replay_marks *m);
/* So many entries more; true while some are left. Marks are added to the board in order of time. */
bool replay_marks_read(struct replay_marks *m, size_t entries);

#endif
