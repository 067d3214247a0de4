/* player_round: one scenario over time. It goes in rounds: apply, live, be deleted, and again.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "player_internal.h"
#include "sim_internal.h"

/* Between the last pod of a round and the next round. */
#define BETWEEN_ROUNDS_MS 2500

int64_t
player_doc_at_ms(const struct scenario *scenario, const struct scenario_doc *doc)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(scenario->about, "apply"), i, entry)
    {
        const char *file = json_string_value(json_object_get(entry, "file"));
        if (file && doc->file && strcmp(file, doc->file) == 0)
            return script_duration(entry, "at", 0);
    }
    return 0;
}

static const char *
about_text(const struct playing *p, const char *member)
{
    return json_string_value(json_object_get(p->scenario->about, member));
}

/* What the demo cannot play of the user's own file is said, and the rest is played. */
static void
leave_out(struct player *player, struct playing *p, const char *why)
{
    json_t *about = p->scenario->about;
    const char *before = json_string_value(json_object_get(about, "text"));
    if (before && strstr(before, why))
        return;
    json_object_set_new(about, "text",
                        json_sprintf("%s%s%s", before ? before : "", before ? "; " : "", why));
    if (p->round == 0)
        strbuf_addf(&player->left_out, "initwatch: %s: %s\n", p->scenario->name, why);
}

static void
apply_doc(struct player *player, struct playing *p, size_t at)
{
    const json_t *about = p->scenario->about;
    const char *ns = about_text(p, "namespace");
    struct sim_apply how = {.namespace_default = ns ? ns : PLAYER_NAMESPACE,
                            .scripts = json_object_get(about, "containers"),
                            .pod_names = json_object_get(about, "pods"),
                            .node = about_text(p, "node"),
                            .scenario = p->number};
    struct iw_error err = {0};
    p->applied[at] = true;
    enum iw_err code = sim_apply(player->sim, p->scenario->docs.items[at].object, &how, &err);
    if (code == IW_ERR_UNSUPPORTED && p->scenario->is_manifest) {
        leave_out(player, p, err.msg);
        p->played += json_object_get(p->scenario->docs.items[at].object, "items") != NULL;
        return;
    }
    p->played++;
    if (code && !player->problem.code) {
        player->problem = err;
        (void)iw_wrap(&player->problem, "scenario %s", p->scenario->name);
    }
}

static void
apply_due(struct player *player, struct playing *p)
{
    int64_t now_ms = sim_now_ms(player->sim);
    for (size_t i = 0; i < p->scenario->docs.len; i++) {
        const struct scenario_doc *doc = &p->scenario->docs.items[i];
        if (!p->applied[i] && p->round_ms + player_doc_at_ms(p->scenario, doc) <= now_ms)
            apply_doc(player, p, i);
    }
}

static enum demo_kind
kind_of(const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "kind"));
    for (size_t i = 0; name && i < DEMO_KIND_COUNT; i++) {
        if (strcmp(demo_kind_table[i].kind, name) == 0)
            return (enum demo_kind)i;
    }
    return DEMO_KIND_COUNT;
}

/* What came late in this round (the Secret that was missing) goes, so that the next round begins as
 * the first. */
static void
undo_late_docs(struct player *player, struct playing *p)
{
    const char *scenario_ns = about_text(p, "namespace");
    for (size_t i = 0; i < p->scenario->docs.len; i++) {
        const struct scenario_doc *doc = &p->scenario->docs.items[i];
        const json_t *meta = json_object_get(doc->object, "metadata");
        const char *ns = json_string_value(json_object_get(meta, "namespace"));
        const char *name = json_string_value(json_object_get(meta, "name"));
        enum demo_kind kind = kind_of(doc->object);
        if (player_doc_at_ms(p->scenario, doc) > 0 && p->applied[i] && name &&
            kind < DEMO_KIND_COUNT && kind != DEMO_KIND_POD)
            (void)sim_delete_object(player->sim, kind,
                                    ns            ? ns
                                    : scenario_ns ? scenario_ns
                                                  : PLAYER_NAMESPACE,
                                    name);
    }
}

void
player_round_end(struct player *player, struct playing *p)
{
    p->ending = true;
    sim_delete_scenario(player->sim, p->number);
    undo_late_docs(player, p);
}

static void
begin_round(struct player *player, struct playing *p)
{
    p->ending = false;
    p->round++;
    p->round_ms = sim_now_ms(player->sim);
    p->next_round_ms = SIM_NEVER;
    p->faults = p->happened = 0;
    memset(p->applied, 0, p->scenario->docs.len * sizeof(*p->applied));
}

/* Everything of the scenario has been finished for that long: its pods, and Jobs that would make
 * more. */
static bool
all_finished_for(struct player *player, const struct playing *p, int64_t for_ms)
{
    const struct sim *sim = player->sim;
    size_t pods = 0;
    for (size_t i = 0; i < sim->pods.len; i++) {
        const struct sim_pod *pod = sim->pods.items[i];
        if (pod->origin.scenario != p->number)
            continue;
        pods++;
        if (pod->finished_ms == SIM_NEVER || sim->now_ms - pod->finished_ms < for_ms)
            return false;
    }
    for (size_t i = 0; i < sim->things.len; i++) {
        const struct sim_thing *thing = sim->things.items[i];
        if (thing->kind == DEMO_KIND_JOB && thing->origin.scenario == p->number &&
            !sim_job_is_over(thing))
            return false;
    }
    return pods > 0;
}

static bool
all_gone(const struct player *player, const struct playing *p)
{
    for (size_t i = 0; i < player->sim->pods.len; i++) {
        if (player->sim->pods.items[i]->origin.scenario == p->number)
            return false;
    }
    return true;
}

/* What comes over a pod from outside, each once in a round and in the order of the list. */
static void
let_happen(struct player *player, struct playing *p)
{
    const json_t *list = json_object_get(p->scenario->about, "happens");
    const char *ns = about_text(p, "namespace");
    for (; p->happened < json_array_size(list); p->happened++) {
        const json_t *entry = json_array_get(list, p->happened);
        const char *what = json_string_value(json_object_get(entry, "what"));
        const char *pod = json_string_value(json_object_get(entry, "pod"));
        if (p->round_ms + script_duration(entry, "at", 0) > sim_now_ms(player->sim))
            return;
        if (what && pod && strcmp(what, "sandbox-lost") == 0)
            (void)sim_lose_sandbox(player->sim, ns ? ns : PLAYER_NAMESPACE, pod);
        else if (what && pod && strcmp(what, "deleted") == 0)
            (void)sim_delete_pod(player->sim, ns ? ns : PLAYER_NAMESPACE, pod, -1);
    }
}

/* The faults that scenario.yaml lists, each once in a round and in the order of the list. */
static void
ask_for_faults(struct player *player, struct playing *p)
{
    const json_t *list = json_object_get(p->scenario->about, "faults");
    for (; p->faults < json_array_size(list); p->faults++) {
        json_t *wish = json_array_get(list, p->faults);
        if (p->round_ms + script_duration(wish, "at", 0) > sim_now_ms(player->sim))
            return;
        if (player->config.fault && sim_now_ms(player->sim) >= 0)
            player->config.fault(player->config.fault_ctx, wish);
    }
}

void
player_round_tick(struct player *player, struct playing *p)
{
    int64_t now_ms = sim_now_ms(player->sim);
    if (now_ms < p->round_ms)
        return;
    if (p->ending) {
        if (!all_gone(player, p))
            return;
        if (p->next_round_ms == SIM_NEVER)
            p->next_round_ms = now_ms + BETWEEN_ROUNDS_MS;
        if (now_ms >= p->next_round_ms)
            begin_round(player, p);
        return;
    }
    apply_due(player, p);
    ask_for_faults(player, p);
    let_happen(player, p);
    int64_t again_ms = script_duration(p->scenario->about, "again", SIM_NEVER);
    int64_t lifetime_ms = script_duration(p->scenario->about, "lifetime", SIM_NEVER);
    if ((lifetime_ms != SIM_NEVER && now_ms >= 0 && now_ms - p->round_ms >= lifetime_ms) ||
        (again_ms != SIM_NEVER && all_finished_for(player, p, again_ms)))
        player_round_end(player, p);
}
