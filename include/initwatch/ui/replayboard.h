/* replayboard: what the dashboard knows of the recording it plays: where it begins and ends, how its time
 * runs, where something happened. The app fills it (app/replay_control.h), the replay bar shows it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_REPLAYBOARD_H
#define INITWATCH_UI_REPLAYBOARD_H

#include "initwatch/base/vec.h"

#include <stdint.h>

enum replay_mark_kind {
    REPLAY_MARK_RESTART, /* a container was started again */
    REPLAY_MARK_FINDING, /* a rule of severity error began to fire */
    REPLAY_MARK_FATAL,   /* a pod failed, or was deleted */
    REPLAY_MARK_USER,    /* :note while it was recorded */
};

struct replay_mark {
    int64_t wall_ms;
    enum replay_mark_kind kind;
    char text[120]; /* one sentence */
};

struct replay_board {
    uint64_t generation; /* moves with every change but that of the clock */
    int64_t begin_wall_ms, end_wall_ms;
    double speed;
    bool paused, ended, jumping;
    bool reading;                  /* the marks are still looked for */
    VEC(struct replay_mark) marks; /* by time */
};

#endif
