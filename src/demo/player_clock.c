/* player_clock: the wall clock goes on during a pause, as the clients' own clocks do; moments of
 * the simulation are pinned to it anew whenever it is held, stepped or sped up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "player_clock.h"

#include "initwatch/base/iwdef.h"

void
player_clock_init(struct player_clock *clock, int64_t start_wall_ms, double speed)
{
    *clock = (struct player_clock){.start_wall_ms = start_wall_ms, .speed = speed > 0 ? speed : 1};
}

void
player_clock_start(struct player_clock *clock, int64_t mono_ms)
{
    clock->start_mono_ms = clock->mono_ms = mono_ms;
}

int64_t
player_clock_moment(const struct player_clock *clock, int64_t mono_ms)
{
    if (clock->paused)
        return clock->t_ms;
    return clock->t_ms + (int64_t)((double)(mono_ms - clock->mono_ms) * clock->speed);
}

int64_t
player_clock_wall(const struct player_clock *clock, int64_t mono_ms)
{
    return clock->start_wall_ms + (mono_ms - clock->start_mono_ms);
}

/* From now on count from this moment. */
static void
pin(struct player_clock *clock, int64_t mono_ms)
{
    clock->t_ms = player_clock_moment(clock, mono_ms);
    clock->mono_ms = mono_ms;
}

void
player_clock_hold(struct player_clock *clock, struct sim *sim, bool pause, int64_t mono_ms)
{
    if (pause == clock->paused)
        return;
    pin(clock, mono_ms);
    clock->paused = pause;
    if (!pause)
        sim_clock_mark(sim, clock->t_ms, player_clock_wall(clock, mono_ms), clock->speed);
}

/* What happens in the step is spread over the time since the pause or the step before, so that no
 * moment lies in the future. */
void
player_clock_step(struct player_clock *clock, struct sim *sim, int64_t step_ms, int64_t mono_ms)
{
    player_clock_hold(clock, sim, true, mono_ms);
    int64_t passed_ms = IW_MAX(mono_ms - clock->mono_ms, 1);
    sim_clock_mark(sim, clock->t_ms, player_clock_wall(clock, clock->mono_ms),
                   (double)step_ms / (double)passed_ms);
    clock->t_ms += step_ms;
    clock->mono_ms = mono_ms;
}

void
player_clock_let_go(struct player_clock *clock, struct sim *sim, int64_t mono_ms)
{
    if (clock->paused)
        return;
    clock->t_ms = sim_now_ms(sim);
    clock->mono_ms = mono_ms;
    sim_clock_mark(sim, clock->t_ms, player_clock_wall(clock, mono_ms), clock->speed);
}

void
player_clock_shift_wall(struct player_clock *clock, struct sim *sim, int64_t by_ms, int64_t mono_ms)
{
    pin(clock, mono_ms);
    clock->start_wall_ms += by_ms;
    if (!clock->paused)
        sim_clock_mark(sim, clock->t_ms, player_clock_wall(clock, mono_ms), clock->speed);
}

void
player_clock_set_speed(struct player_clock *clock, struct sim *sim, double speed, int64_t mono_ms)
{
    if (clock->paused) {
        clock->speed = speed;
        return;
    }
    pin(clock, mono_ms);
    clock->speed = speed;
    sim_clock_mark(sim, clock->t_ms, player_clock_wall(clock, mono_ms), speed);
}
