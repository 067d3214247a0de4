/* player: plays scenarios on the simulator: when manifests are applied, what is deleted and created
 * again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PLAYER_H
#define INITWATCH_DEMO_PLAYER_H

#include "initwatch/demo/sim.h"

struct player;

struct player_config {
    uint64_t seed;
    int64_t start_wall_ms;
    double speed;
    bool own_time;            /* as in sim_config */
    const char *scenario_dir; /* NULL: the scenarios that are compiled in */
    struct sim_sink sink;
    /* A scenario asks for a fault of the API (its entry in scenario.yaml); NULL: ignored. */
    void (*fault)(void *ctx, const json_t *wish);
    void *fault_ctx;
};

/* Load the named scenarios (NULL-terminated; NULL: the standard set), and the user's manifests (may
 * be NULL). The simulation has run up to t = 0 and everything was sent to the sink when this
 * returns. New in *out. */
IW_NODISCARD enum iw_err player_new(const struct player_config *config, const char *const *names,
                                    const char *const *manifests, struct player **out,
                                    struct iw_error *err);
void player_free(struct player *player);
/* Lines about documents of the user's manifests that the demo cannot play; "" when it plays all.
 * Borrowed. */
const char *player_left_out(const struct player *player);
struct sim *player_sim(struct player *player);
void player_run_until(struct player *player, int64_t t_ms);
/* The same, but only that many steps. False: there is more to do. */
bool player_run_some(struct player *player, int64_t t_ms, unsigned steps);
/* The clock. mono_ms is the monotonic time of the caller. */
void player_start(struct player *player, int64_t mono_ms);
int64_t player_moment_ms(const struct player *player, int64_t mono_ms);
bool player_is_paused(const struct player *player);
double player_speed(const struct player *player);
void player_pause(struct player *player, bool pause, int64_t mono_ms);
void player_step(struct player *player, int64_t step_ms, int64_t mono_ms);
void player_set_speed(struct player *player, double speed, int64_t mono_ms);
/* The simulation is behind its clock and does not catch up (the process was stopped, or the speed is
 * more than it can do): it goes on from where it is. */
void player_let_go(struct player *player, int64_t mono_ms);
/* The moment that is written into objects at mono_ms; and that clock is set by so much, as the one
 * of the machine was. */
int64_t player_wall_ms(const struct player *player, int64_t mono_ms);
void player_shift_wall(struct player *player, int64_t by_ms, int64_t mono_ms);
/* Delete the scenario's pods and play it from its beginning. False when it is not playing. */
bool player_restart(struct player *player, const char *name);
/* Take an object from a client; a pod is played by what its commands say. ns: for an object that
 * names none. */
IW_NODISCARD enum iw_err player_create(struct player *player, const json_t *object, const char *ns,
                                       struct iw_error *err);
/* `object` (complete, borrowed) in place of the one with its name. */
IW_NODISCARD enum iw_err player_update(struct player *player, enum demo_kind kind,
                                       const json_t *object, struct iw_error *err);
int64_t player_next_due_ms(const struct player *player);
/* Nothing has changed for ten simulated seconds and nothing is about to be applied. */
bool player_is_settled(const struct player *player);
/* The namespace a user looks into first: "shop" when a scenario is played there, else that of the first
 * one. Borrowed until the player is freed. */
const char *player_namespace(const struct player *player);
/* [{"name","title","namespace","pods":[...]}]. New reference. */
json_t *player_scenarios(const struct player *player) IW_NODISCARD;

/* Call `each` for every known scenario, by name. */
void scenario_each(void (*each)(void *ctx, const char *name, const json_t *scenario), void *ctx);

#endif
