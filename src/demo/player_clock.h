/* player_clock: which moment of the simulation it is, with pause, step and speed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PLAYER_CLOCK_H
#define INITWATCH_DEMO_PLAYER_CLOCK_H

#include "initwatch/demo/sim.h"

struct player_clock {
    int64_t start_wall_ms, start_mono_ms;
    int64_t t_ms, mono_ms; /* at mono_ms it was t_ms */
    double speed;
    bool paused;
};

void player_clock_init(struct player_clock *clock, int64_t start_wall_ms, double speed);
void player_clock_start(struct player_clock *clock, int64_t mono_ms);
int64_t player_clock_moment(const struct player_clock *clock, int64_t mono_ms);
/* The moment on the wall. */
int64_t player_clock_wall(const struct player_clock *clock, int64_t mono_ms);
/* Count from where the simulation is; what it is behind is given up. */
void player_clock_let_go(struct player_clock *clock, struct sim *sim, int64_t mono_ms);
void player_clock_shift_wall(struct player_clock *clock, struct sim *sim, int64_t by_ms,
                             int64_t mono_ms);
void player_clock_hold(struct player_clock *clock, struct sim *sim, bool pause, int64_t mono_ms);
/* Pauses when it runs. */
void player_clock_step(struct player_clock *clock, struct sim *sim, int64_t step_ms,
                       int64_t mono_ms);
void player_clock_set_speed(struct player_clock *clock, struct sim *sim, double speed,
                            int64_t mono_ms);

#endif
