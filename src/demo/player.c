/* player: what plays: the set of scenarios, the clock, changes from outside. The rounds of each are in
 * player_round.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/player.h"

#include <limits.h>
#include <string.h>

#include "player_internal.h"
#include "sim_internal.h"

#define TICK_MS 1000
/* Long before the beginning only the result matters. */
#define OLD_TICK_MS 10000
#define OLD_MS (-300000)
/* How long nothing may have changed for the cluster to count as settled. */
#define SETTLED_MS 10000

/* --- the sink in between notices changes --- */

static void
watch_put(void *ctx, enum demo_kind kind, json_t *object)
{
    struct player *player = ctx;
    if (kind == DEMO_KIND_POD && player->sim)
        player->last_change_ms = sim_now_ms(player->sim);
    player->sink.put(player->sink.ctx, kind, object);
}

static void
watch_gone(void *ctx, enum demo_kind kind, json_t *last)
{
    struct player *player = ctx;
    if (kind == DEMO_KIND_POD && player->sim)
        player->last_change_ms = sim_now_ms(player->sim);
    player->sink.gone(player->sink.ctx, kind, last);
}

/* --- the set --- */

/* The standard set: scenarios with a number, in its order. */
struct standard {
    struct {
        char *name;
        int64_t order;
    } row[64];
    size_t count;
};

static void
add_standard(void *ctx, const char *name, const json_t *about)
{
    struct standard *set = ctx;
    const json_t *order = json_object_get(about, "standard");
    if (!json_is_integer(order) || set->count == IW_COUNTOF(set->row))
        return;
    size_t at = set->count++;
    for (; at > 0 && set->row[at - 1].order > json_integer_value(order); at--)
        set->row[at] = set->row[at - 1];
    set->row[at].name = iw_strdup(name);
    set->row[at].order = json_integer_value(order);
}

static void
add_playing(struct player *player, struct scenario *scenario)
{
    struct playing *p = iw_calloc(1, sizeof(*p));
    p->scenario = scenario;
    p->applied = iw_calloc(scenario->docs.len + 1, sizeof(*p->applied));
    p->round_ms =
        script_duration(scenario->about, "start", 0) - script_duration(scenario->about, "age", 0);
    p->next_round_ms = SIM_NEVER;
    vec_push(&player->playing, p);
    p->number = (unsigned)player->playing.len;
}

static enum iw_err
load_named(struct player *player, const char *name, struct iw_error *err)
{
    struct scenario *scenario = NULL;
    enum iw_err code = scenario_load(name, player->config.scenario_dir, &scenario, err);
    if (!code)
        add_playing(player, scenario);
    return code;
}

static enum iw_err
load_all(struct player *player, const char *const *names, const char *const *manifests,
         struct iw_error *err)
{
    enum iw_err code = IW_OK;
    struct standard set = {.count = 0};
    if (!names && !manifests)
        scenario_each(add_standard, &set);
    for (size_t i = 0; i < set.count; i++) {
        if (!code)
            code = load_named(player, set.row[i].name, err);
        free(set.row[i].name);
    }
    for (; !code && names && *names; names++)
        code = load_named(player, *names, err);
    for (; !code && manifests && *manifests; manifests++) {
        struct scenario *scenario = NULL;
        code = scenario_from_manifest(*manifests, &scenario, err);
        if (!code)
            add_playing(player, scenario);
    }
    return code;
}

/* --- the clock --- */

void
player_start(struct player *player, int64_t mono_ms)
{
    player_clock_start(&player->clock, mono_ms);
}

int64_t
player_moment_ms(const struct player *player, int64_t mono_ms)
{
    return player_clock_moment(&player->clock, mono_ms);
}

bool
player_is_paused(const struct player *player)
{
    return player->clock.paused;
}

double
player_speed(const struct player *player)
{
    return player->clock.speed;
}

void
player_pause(struct player *player, bool pause, int64_t mono_ms)
{
    player_clock_hold(&player->clock, player->sim, pause, mono_ms);
}

void
player_step(struct player *player, int64_t step_ms, int64_t mono_ms)
{
    player_clock_step(&player->clock, player->sim, step_ms, mono_ms);
}

void
player_let_go(struct player *player, int64_t mono_ms)
{
    player_clock_let_go(&player->clock, player->sim, mono_ms);
}

void
player_shift_wall(struct player *player, int64_t by_ms, int64_t mono_ms)
{
    player_clock_shift_wall(&player->clock, player->sim, by_ms, mono_ms);
}

int64_t
player_wall_ms(const struct player *player, int64_t mono_ms)
{
    return player_clock_wall(&player->clock, mono_ms);
}

void
player_set_speed(struct player *player, double speed, int64_t mono_ms)
{
    player_clock_set_speed(&player->clock, player->sim, speed, mono_ms);
}

/* --- changes from outside --- */

bool
player_restart(struct player *player, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < player->playing.len; i++) {
        struct playing *p = player->playing.items[i];
        if (strcmp(p->scenario->name, name) != 0)
            continue;
        found = true;
        if (!p->ending)
            player_round_end(player, p);
    }
    return found;
}

enum iw_err
player_create(struct player *player, const json_t *object, const char *ns, struct iw_error *err)
{
    struct sim_apply how = {.namespace_default = ns};
    return sim_apply(player->sim, object, &how, err);
}

enum iw_err
player_update(struct player *player, enum demo_kind kind, const json_t *object,
              struct iw_error *err)
{
    const json_t *meta = json_object_get(object, "metadata");
    /* what has defaults of its own goes the way of a manifest again */
    if (kind == DEMO_KIND_SECRET || kind == DEMO_KIND_SERVICE)
        return player_create(player, object, json_string_value(json_object_get(meta, "namespace")),
                             err);
    enum iw_err code = sim_check(kind, object, err);
    if (code)
        return code;
    json_t *stored = json_copy((json_t *)object);
    json_object_del(stored, "kind");
    json_object_del(stored, "apiVersion");
    bool known = sim_edit_object(player->sim, kind, stored);
    json_decref(stored);
    return known ? IW_OK : iw_fail(err, IW_ERR_NOT_FOUND, "the object is gone");
}

/* --- public --- */

bool
player_run_some(struct player *player, int64_t t_ms, unsigned steps)
{
    while (sim_now_ms(player->sim) < t_ms) {
        int64_t now_ms = sim_now_ms(player->sim);
        int64_t tick_ms = now_ms < OLD_MS ? OLD_TICK_MS : TICK_MS;
        int64_t next_ms = now_ms - ((now_ms % tick_ms) + tick_ms) % tick_ms + tick_ms;
        if (steps-- == 0 || !sim_run_some(player->sim, IW_MIN(next_ms, t_ms), steps))
            return false;
        if (next_ms > t_ms)
            break;
        for (size_t i = 0; i < player->playing.len; i++)
            player_round_tick(player, player->playing.items[i]);
    }
    return true;
}

void
player_run_until(struct player *player, int64_t t_ms)
{
    while (!player_run_some(player, t_ms, UINT_MAX))
        continue;
}

int64_t
player_next_due_ms(const struct player *player)
{
    int64_t now_ms = sim_now_ms(player->sim);
    return IW_MIN(sim_next_due_ms(player->sim), now_ms - now_ms % TICK_MS + TICK_MS);
}

struct sim *
player_sim(struct player *player)
{
    return player->sim;
}

static bool
something_is_due(const struct player *player, int64_t before_ms)
{
    for (size_t i = 0; i < player->playing.len; i++) {
        const struct playing *p = player->playing.items[i];
        if (p->ending)
            return true;
        for (size_t d = 0; d < p->scenario->docs.len; d++) {
            int64_t at_ms =
                p->round_ms + player_doc_at_ms(p->scenario, &p->scenario->docs.items[d]);
            if (!p->applied[d] && at_ms <= before_ms)
                return true;
        }
    }
    return false;
}

bool
player_is_settled(const struct player *player)
{
    int64_t now_ms = sim_now_ms(player->sim);
    return now_ms - player->last_change_ms >= SETTLED_MS &&
           !something_is_due(player, now_ms + SETTLED_MS);
}

/* What the scenario says, or else where the first object of a user's file wants to be. */
static const char *
scenario_namespace(const struct scenario *scenario)
{
    const char *ns = json_string_value(json_object_get(scenario->about, "namespace"));
    for (size_t i = 0; !ns && i < scenario->docs.len; i++)
        ns = json_string_value(json_object_get(
            json_object_get(scenario->docs.items[i].object, "metadata"), "namespace"));
    return ns ? ns : PLAYER_NAMESPACE;
}

const char *
player_namespace(const struct player *player)
{
    for (size_t i = 0; i < player->playing.len; i++)
        if (strcmp(scenario_namespace(player->playing.items[i]->scenario), PLAYER_NAMESPACE) == 0)
            return PLAYER_NAMESPACE;
    return player->playing.len ? scenario_namespace(player->playing.items[0]->scenario)
                               : PLAYER_NAMESPACE;
}

json_t *
player_scenarios(const struct player *player)
{
    json_t *list = json_array();
    for (size_t i = 0; i < player->playing.len; i++) {
        const struct playing *p = player->playing.items[i];
        json_t *pods = json_array();
        for (size_t n = 0; n < player->sim->pods.len; n++) {
            const struct sim_pod *pod = player->sim->pods.items[n];
            if (pod->origin.scenario == p->number)
                json_array_append_new(pods, json_sprintf("%s/%s", pod->ns, pod->name));
        }
        json_t *entry = json_pack("{s:s,s:i,s:o}", "name", p->scenario->name, "round",
                                  (int)p->round, "pods", pods);
        static const char *const texts[] = {"title", "text", "key", "namespace"};
        for (size_t t = 0; t < IW_COUNTOF(texts); t++) {
            json_t *value = json_object_get(p->scenario->about, texts[t]);
            if (value)
                json_object_set(entry, texts[t], value);
        }
        json_array_append_new(list, entry);
    }
    return list;
}

void
player_free(struct player *player)
{
    if (!player)
        return;
    for (size_t i = 0; i < player->playing.len; i++) {
        struct playing *p = player->playing.items[i];
        scenario_free(p->scenario);
        free(p->applied);
        free(p);
    }
    vec_free(&player->playing);
    strbuf_free(&player->left_out);
    sim_free(player->sim);
    free(player);
}

static void
something_is_played(struct player *player, const struct playing *p)
{
    const char *why = json_string_value(json_object_get(p->scenario->about, "text"));
    if (p->scenario->is_manifest && p->played == 0 && why)
        (void)iw_fail(&player->problem, IW_ERR_UNSUPPORTED, "%s: %s", p->scenario->name, why);
}

const char *
player_left_out(const struct player *player)
{
    return player->left_out.data;
}

enum iw_err
player_new(const struct player_config *config, const char *const *names,
           const char *const *manifests, struct player **out, struct iw_error *err)
{
    struct player *player = iw_calloc(1, sizeof(*player));
    player->config = *config;
    strbuf_init(&player->left_out, 65536);
    player->sink = config->sink;
    player_clock_init(&player->clock, config->start_wall_ms, config->speed);
    enum iw_err code = load_all(player, names, manifests, err);
    if (code) {
        player_free(player);
        return code;
    }
    int64_t first_ms = 0;
    for (size_t i = 0; i < player->playing.len; i++)
        first_ms = IW_MIN(first_ms, player->playing.items[i]->round_ms - TICK_MS);
    struct sim_config sim = {.seed = config->seed,
                             .start_wall_ms = config->start_wall_ms,
                             .start_ms = first_ms,
                             .speed = config->speed,
                             .own_time = config->own_time,
                             .sink = {player, watch_put, watch_gone}};
    player->sim = sim_new(&sim);
    for (size_t i = 0; first_ms == 0 && i < player->playing.len; i++)
        player_round_tick(player, player->playing.items[i]);
    player_run_until(player, 0);
    sim_publish_all(player->sim);
    for (size_t i = 0; i < player->playing.len && !player->problem.code; i++)
        something_is_played(player, player->playing.items[i]);
    if (player->problem.code) {
        if (err)
            *err = player->problem;
        code = player->problem.code;
        player_free(player);
        return code;
    }
    *out = player;
    return IW_OK;
}
