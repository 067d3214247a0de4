/* sim_tinker: the user changes what a step of a pod does while it plays: fail, hang, take longer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

/* A step that is told to fail does it soon, but so that one can see it run. */
#define FAIL_AFTER_MS 2000
#define SOON_MS 300

static struct sim_container *
find_container(struct sim_pod *pod, const char *name)
{
    for (size_t i = 0; i < pod->count; i++) {
        if (strcmp(pod->c[i].name, name) == 0)
            return &pod->c[i];
    }
    return NULL;
}

static bool
runs_to_an_end(const struct sim_container *c)
{
    return c->role == SIM_INIT || script_run_at(c->own_script, 0)->takes_ms != SCRIPT_FOREVER;
}

/* What the container does from now on. New. */
static struct script *
variant(const struct sim_container *c, const struct sim_tinker *how)
{
    int attempt = c->runs > 0 ? c->run[0].attempt : 0;
    struct script *script = script_single(c->own_script, attempt);
    struct script_run *run = &script->runs.items[0];
    run->need = SCRIPT_NEED_NOTHING;
    switch (how->kind) {
    case SIM_TINKER_FAIL:
        run->takes_ms = FAIL_AFTER_MS;
        run->exit_code = how->exit_code;
        script_add_end_line(run,
                            iw_asprintf("(demo: told to fail with exit code %d)", how->exit_code));
        break;
    case SIM_TINKER_HANG:
        run->takes_ms = SCRIPT_FOREVER;
        for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++)
            script_set_answers(script, (enum script_probe)p, 0, "(demo: told to hang)");
        break;
    case SIM_TINKER_TAKES:
        run->exit_code = 0;
        run->takes_ms = runs_to_an_end(c) ? how->takes_ms : SCRIPT_FOREVER;
        for (size_t p = 0; p < SCRIPT_PROBE_LIVENESS; p++)
            script_set_answers(script, (enum script_probe)p, how->takes_ms,
                               "(demo: told to take longer)");
        break;
    case SIM_TINKER_OK:
        break;
    }
    return script;
}

/* The run that is under way follows the new plan from now on. */
static void
redirect_run(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    struct sim_run_record *run = &c->run[0];
    const struct script_run *plan = script_run_at(c->script, run->attempt);
    run->script = c->script;
    run->exit_code = plan->exit_code;
    run->reason = plan->reason ? plan->reason : plan->exit_code ? "Error" : "Completed";
    run->message = plan->message;
    run->poll_due_ms = plan->need != SCRIPT_NEED_NOTHING ? sim->now_ms + SOON_MS : SIM_NEVER;
    run->end_due_ms = SIM_NEVER;
    if (plan->need == SCRIPT_NEED_NOTHING && plan->takes_ms != SCRIPT_FOREVER)
        run->end_due_ms = IW_MAX(run->started_ms + plan->takes_ms, sim->now_ms + SOON_MS);
    sim_probes_again(sim, pod, c);
}

static void
change(struct sim *sim, struct sim_pod *pod, struct sim_container *c, const struct sim_tinker *how)
{
    if (!c->own_script)
        c->own_script = script_ref(c->script);
    struct script *next = how->kind == SIM_TINKER_OK ? script_ref(c->own_script) : variant(c, how);
    vec_push(&c->retired, c->script); /* the log of an earlier run is still made from it */
    c->script = next;
    if (sim_container_is_running(c) && c->run[0].term_ms == SIM_NEVER)
        redirect_run(sim, pod, c);
    sim_queue_moved(sim, pod);
}

/* --- all pods of an owner --- */

/* A Deployment, not its set: the next set is to do the same. */
static struct sim_thing *
top_owner(const struct sim_pod *pod)
{
    struct sim_thing *owner = pod->owner;
    while (owner && owner->owner)
        owner = owner->owner;
    return owner;
}

static void
remember(struct sim_thing *owner, const char *container, const struct sim_tinker *how)
{
    for (size_t i = 0; i < owner->habits.len; i++) {
        if (strcmp(owner->habits.items[i].container, container) == 0) {
            free(owner->habits.items[i].container);
            vec_remove(&owner->habits, i);
            break;
        }
    }
    if (how->kind == SIM_TINKER_OK)
        return;
    struct sim_habit habit = {iw_strdup(container), *how};
    vec_push(&owner->habits, habit);
}

static void
change_all(struct sim *sim, struct sim_thing *owner, const char *container,
           const struct sim_tinker *how)
{
    remember(owner, container, how);
    for (size_t i = 0; i < sim->pods.len; i++) {
        struct sim_pod *pod = sim->pods.items[i];
        struct sim_container *c = top_owner(pod) == owner ? find_container(pod, container) : NULL;
        if (c)
            change(sim, pod, c, how);
    }
}

void
sim_tinker_inherit(struct sim *sim, struct sim_pod *pod)
{
    const struct sim_thing *owner = top_owner(pod);
    for (size_t i = 0; owner && i < owner->habits.len; i++) {
        struct sim_container *c = find_container(pod, owner->habits.items[i].container);
        if (c)
            change(sim, pod, c, &owner->habits.items[i].how);
    }
}

void
sim_habits_free(struct sim_thing *owner)
{
    for (size_t i = 0; i < owner->habits.len; i++)
        free(owner->habits.items[i].container);
    vec_free(&owner->habits);
}

/* --- public --- */

enum iw_err
sim_tinker(struct sim *sim, const char *ns, const char *pod_name, const char *container,
           const struct sim_tinker *how, struct iw_error *err)
{
    struct sim_pod *pod = sim_pod_find(sim, ns, pod_name);
    struct sim_container *c = pod ? find_container(pod, container) : NULL;
    if (!pod)
        return iw_fail(err, IW_ERR_NOT_FOUND, "there is no pod %s/%s", ns, pod_name);
    if (!c)
        return iw_fail(err, IW_ERR_NOT_FOUND, "pod %s has no container %s", pod_name, container);
    struct sim_thing *owner = how->all ? top_owner(pod) : NULL;
    if (owner)
        change_all(sim, owner, container, how);
    else
        change(sim, pod, c, how);
    return IW_OK;
}
