/* sim_actions: the pod worker. It carries out what the kubelet's rules (kubelet.h) ask for, and lets
 * it take its time. Ref: SEMANTICS D.1 (when syncs happen), D.9 (probes), D.10 (termination).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

/* --- the end of a run --- */

void
sim_run_end(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    struct sim_run_record *run = &c->run[0];
    run->finished_ms = sim->now_ms;
    run->poll_due_ms = SIM_NEVER;
    c->unwell = KUBELET_PROBES;
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++)
        c->probe[p].due_ms = SIM_NEVER;
    sim_flags_refresh(pod);
    int64_t seen_ms = sim->now_ms + sim_jitter(pod, SIM_PLEG_MIN_MS, SIM_PLEG_MAX_MS);
    pod->sync_due_ms = IW_MIN(pod->sync_due_ms, seen_ms);
}

/* It is stopped from outside at that moment, unless it ends by itself before. */
static void
stop_run(struct sim_container *c, int64_t term_ms, int64_t end_ms, bool killed)
{
    struct sim_run_record *run = &c->run[0];
    if (run->end_due_ms <= end_ms)
        return;
    run->term_ms = term_ms;
    run->end_due_ms = end_ms;
    run->poll_due_ms = SIM_NEVER;
    run->exit_code = killed ? 137 : c->script->term_exit;
    run->reason = run->exit_code == 0 ? "Completed" : "Error";
    run->message = NULL;
}

/* --- termination --- */

void
sim_pod_kill(struct sim *sim, struct sim_pod *pod, int64_t grace_ms)
{
    sim_pod_sync_end(pod);
    pod->killing = true;
    pod->work = SIM_WORK_NONE;
    pod->work_due_ms = SIM_NEVER;
    struct kubelet_stop stops[SIM_CONTAINERS_MAX] = {0};
    for (size_t i = 0; i < pod->count; i++) {
        const struct sim_container *c = &pod->c[i];
        stops[i].running = sim_container_is_running(c);
        stops[i].pre_stop_ms = c->script->pre_stop_ms;
        stops[i].term_ms = c->script->term_ms;
        if (stops[i].running && c->run[0].end_due_ms != SIM_NEVER)
            stops[i].own_end_ms = IW_MAX(c->run[0].end_due_ms - sim->now_ms, 1);
    }
    int64_t total_ms = kubelet_stop_plan(sim_view(sim, pod), stops, grace_ms);
    for (size_t i = 0; i < pod->count; i++) {
        if (stops[i].running)
            stop_run(&pod->c[i], sim->now_ms + stops[i].called_ms, sim->now_ms + stops[i].ended_ms,
                     stops[i].killed);
    }
    pod->kill_done_ms = sim->now_ms + total_ms + sim_jitter(pod, 200, 500);
}

/* --- when the next sync is --- */

/* A failed sync is repeated after 10 s, with jitter (D.1). */
static int64_t
retry_after(const struct sim *sim, struct sim_pod *pod)
{
    return sim->now_ms + sim_jitter(pod, 10000, 15000);
}

static int64_t
retry_of(const struct sim *sim, struct sim_pod *pod, const struct kubelet_failure *failure)
{
    const struct sim_container *c = &pod->c[failure->container];
    if (strcmp(failure->reason, "CrashLoopBackOff") == 0) {
        int64_t left_ms = c->run[0].finished_ms + c->memory.crash.delay_ms - sim->now_ms;
        /* the next look is when the back-off is over, but never later than the periodic one */
        int64_t wait_ms = IW_MIN(IW_MAX(left_ms, 0), 60000);
        return sim->now_ms + sim_jitter(pod, wait_ms, wait_ms + IW_MIN(wait_ms / 2, 12000));
    }
    /* the change of the status brings the next look soon, which finds the back-off */
    bool first = strcmp(failure->reason, "ErrImagePull") == 0 &&
                 c->memory.pull.delay_ms == KUBELET_BACKOFF_FIRST_MS;
    return first ? sim->now_ms + sim_jitter(pod, 900, 1800) : retry_after(sim, pod);
}

void
sim_pod_sync_end(struct sim_pod *pod)
{
    if (!pod->sync)
        return;
    kubelet_sync_free(pod->sync);
    free(pod->sync);
    pod->sync = NULL;
}

static void
sync_done(struct sim *sim, struct sim_pod *pod)
{
    pod->work = SIM_WORK_NONE;
    pod->work_due_ms = SIM_NEVER;
    int64_t next_ms = sim->now_ms + sim_jitter(pod, 60000, 90000);
    if (pod->started_any)
        next_ms = sim->now_ms + sim_jitter(pod, SIM_PLEG_MIN_MS, SIM_PLEG_MAX_MS);
    for (size_t i = 0; i < pod->sync->failed_len; i++)
        next_ms = IW_MIN(next_ms, retry_of(sim, pod, &pod->sync->failed[i]));
    pod->sync_due_ms = IW_MIN(pod->sync_due_ms, next_ms);
    pod->started_any = false;
    sim_pod_sync_end(pod);
}

/* --- the runtime --- */

static void
reset_probes(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    c->startup_passed = false;
    c->unwell = KUBELET_PROBES;
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        struct sim_probe_state *probe = &c->probe[p];
        probe->fails = probe->passes = 0;
        probe->settled = false;
        bool wait = p != SCRIPT_PROBE_STARTUP && c->probe[SCRIPT_PROBE_STARTUP].set;
        int64_t first_ms = IW_MAX(probe->delay_ms, sim_jitter(pod, 100, 900));
        probe->due_ms = probe->set && !wait ? sim->now_ms + first_ms : SIM_NEVER;
    }
}

void
sim_probes_again(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    bool wait = c->probe[SCRIPT_PROBE_STARTUP].set && !c->startup_passed;
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        struct sim_probe_state *probe = &c->probe[p];
        bool looks = probe->set && (p == SCRIPT_PROBE_STARTUP ? !c->startup_passed : !wait);
        probe->fails = 0; /* the result so far holds until there is another one */
        if (looks)
            probe->due_ms = sim->now_ms + sim_jitter(pod, 100, 900);
    }
}

/* Make a new record; the runtime keeps the one before. */
static struct sim_run_record *
new_record(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    int attempt = c->runs > 0 ? c->run[0].attempt + 1 : 0;
    if (c->runs > 0)
        c->run[1] = c->run[0];
    c->runs = IW_MIN(c->runs + 1, 2);
    const struct script_run *plan = script_run_at(c->script, attempt);
    c->run[0] = (struct sim_run_record){.attempt = attempt,
                                        .script = c->script,
                                        .sandbox = pod->sandbox_attempt,
                                        .started_ms = sim->now_ms,
                                        .end_due_ms = SIM_NEVER,
                                        .poll_due_ms = SIM_NEVER,
                                        .term_ms = SIM_NEVER,
                                        .finished_ms = SIM_NEVER,
                                        .exit_code = plan->exit_code,
                                        .message = plan->message};
    char hex[65];
    sim_hex(&pod->rng, 64, hex);
    (void)snprintf(c->run[0].id, sizeof(c->run[0].id), "containerd://%s", hex);
    c->run[0].reason = plan->reason ? plan->reason : plan->exit_code ? "Error" : "Completed";
    if (plan->need != SCRIPT_NEED_NOTHING)
        c->run[0].poll_due_ms = sim->now_ms + 20;
    else if (plan->takes_ms != SCRIPT_FOREVER)
        c->run[0].end_due_ms = sim->now_ms + plan->takes_ms;
    return &c->run[0];
}

/* Start it; the text when the runtime cannot (borrowed). */
static const char *
start_container(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    struct sim_run_record *run = new_record(sim, pod, c);
    if (c->script->start_error) {
        run->finished_ms = sim->now_ms;
        run->never_started = true;
        run->exit_code = 128;
        run->reason = "StartError";
        run->message = c->script->start_error;
        return c->script->start_error;
    }
    reset_probes(sim, pod, c);
    sim_flags_refresh(pod);
    pod->started_any = true;
    return NULL;
}

/* The registry's answer when it refuses; NULL: the image is here. New. */
static char *
finish_pull(struct sim_pod *pod, struct sim_container *c)
{
    c->pull_tries++;
    if (!c->script->pull_error ||
        (c->script->pull_failures > 0 && c->pull_tries > c->script->pull_failures)) {
        c->image_present = true;
        pod->sync->image_bytes = c->script->image_bytes;
        return NULL;
    }
    const char *full = c->image_full;
    if (strncmp(c->script->pull_error, "RegistryUnavailable", 19) == 0 ||
        strncmp(c->script->pull_error, "SignatureValidationFailed", 25) == 0)
        return iw_strdup(c->script->pull_error);
    return iw_asprintf(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"%.255s\": "
        "failed to resolve reference \"%.255s\": %.255s: %s",
        full, full, full, c->script->pull_error);
}

static void
sandbox_ready(struct sim *sim, struct sim_pod *pod)
{
    pod->sandbox_ready = true;
    pod->sandbox_attempt = pod->sync->actions.attempt;
    if (!pod->ip[0])
        (void)snprintf(pod->ip, sizeof(pod->ip), "10.244.%u.%u", (unsigned)(pod->node + 1) & 255,
                       sim->next_ip[pod->node]++ % 250 + 4);
}

/* The runtime forgets the runs of a container; what they printed is still known here. */
static void
forget_runs(struct sim_container *c)
{
    for (int i = 0; i < c->runs; i++)
        c->run[i].removed = true;
}

/* --- the steps of a sync --- */

static void
wait_for(struct sim *sim, struct sim_pod *pod, enum sim_work work, int64_t takes_ms)
{
    pod->work = work;
    pod->work_due_ms = sim->now_ms + takes_ms;
}

static void
begin_stop(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    int64_t grace_ms = IW_MAX(pod->grace_ms, 2000);
    int64_t end_ms = sim->now_ms + IW_MIN(c->script->term_ms, grace_ms);
    stop_run(c, sim->now_ms, end_ms, c->script->term_ms > grace_ms);
    wait_for(sim, pod, SIM_WORK_KILL, c->run[0].end_due_ms + 20 - sim->now_ms);
}

static void
end_at_once(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    if (!sim_container_is_running(c))
        return;
    c->run[0].exit_code = 137;
    c->run[0].reason = "Error";
    c->run[0].message = NULL;
    sim_run_end(sim, pod, c);
}

static void
reset_container(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    end_at_once(sim, pod, c);
    forget_runs(c);
    /* nothing else would bring the next look */
    pod->sync_due_ms =
        IW_MIN(pod->sync_due_ms, sim->now_ms + sim_jitter(pod, SIM_PLEG_MIN_MS, SIM_PLEG_MAX_MS));
}

/* Do the step, or begin it. True: it is over at once. */
static bool
do_step(struct sim *sim, struct sim_pod *pod, char **error)
{
    struct kubelet_sync *sync = pod->sync;
    struct sim_container *c = &pod->c[sync->container];
    int64_t pull_ms = 0;
    switch (sync->step) {
    case KUBELET_DONE:
    case KUBELET_PRUNE:
        return true;
    case KUBELET_CREATE:
        *error = c->script->create_error ? iw_strdup(c->script->create_error) : NULL;
        return true;
    case KUBELET_STOP_POD:
        for (size_t i = 0; i < pod->count; i++)
            end_at_once(sim, pod, &pod->c[i]);
        return true;
    case KUBELET_PURGE_INITS:
        for (size_t i = 0; i < pod->inits; i++)
            forget_runs(&pod->c[i]);
        pod->ip[0] = '\0';
        return true;
    case KUBELET_MAKE_SANDBOX:
        pod->sandbox_was_ready = true;
        wait_for(sim, pod, SIM_WORK_SANDBOX, sim_jitter(pod, 500, 1100));
        return false;
    case KUBELET_STOP:
        if (!sim_container_is_running(c))
            return true;
        begin_stop(sim, pod, c);
        return false;
    case KUBELET_RESET:
        reset_container(sim, pod, c);
        return true;
    case KUBELET_PULL:
        pull_ms = IW_MAX(c->script->pull_ms, sim_jitter(pod, 350, 900));
        wait_for(sim, pod, SIM_WORK_PULL, c->script->pull_error ? IW_MIN(pull_ms, 1400) : pull_ms);
        return false;
    case KUBELET_CONFIGURE:
        *error = sim_config_problem(sim, pod, c->spec);
        return true;
    case KUBELET_START:
        wait_for(sim, pod, SIM_WORK_START, sim_jitter(pod, 60, 180));
        return false;
    case KUBELET_POST_START:
        wait_for(sim, pod, SIM_WORK_HOOK, c->script->post_start_ms);
        return false;
    }
    return true;
}

/* Go on until something takes time. Takes `error`, what the last step failed with. */
static void
go_on(struct sim *sim, struct sim_pod *pod, char *error)
{
    for (;;) {
        enum kubelet_step step = kubelet_sync_next(sim_view(sim, pod), pod->sync, error);
        free(error);
        error = NULL;
        if (step == KUBELET_DONE) {
            sync_done(sim, pod);
            return;
        }
        if (step == KUBELET_STOP_POD && !pod->sync->actions.create_sandbox) {
            sim_pod_kill(sim, pod, pod->grace_ms);
            return;
        }
        if (!do_step(sim, pod, &error))
            return;
    }
}

/* One step of the worker is over. */
void
sim_pod_work(struct sim *sim, struct sim_pod *pod)
{
    char *error = NULL;
    pod->work_due_ms = SIM_NEVER;
    if (!pod->sync)
        return;
    struct sim_container *c = &pod->c[pod->sync->container];
    enum sim_work work = pod->work;
    pod->work = SIM_WORK_NONE;
    switch (work) {
    case SIM_WORK_NONE:
    case SIM_WORK_KILL:
        break;
    case SIM_WORK_HOOK:
        if (c->script->post_start_error)
            error = iw_strdup(c->script->post_start_error);
        break;
    case SIM_WORK_SANDBOX:
        sandbox_ready(sim, pod);
        break;
    case SIM_WORK_PULL:
        error = finish_pull(pod, c);
        break;
    case SIM_WORK_START: {
        const char *refused = start_container(sim, pod, c);
        error = refused ? iw_strdup(refused) : NULL;
        break;
    }
    }
    go_on(sim, pod, error);
}

/* --- one sync of the pod --- */

static bool
mounts_are_ready(struct sim *sim, struct sim_pod *pod)
{
    const char *volume = NULL;
    iw_autofree char *problem = sim_mount_problem(sim, pod, &volume);
    if (!problem)
        return true;
    struct sim_happening what = {.type = "Warning", .reason = "FailedMount"};
    sim_event(sim, pod, what, "MountVolume.SetUp failed for volume \"%s\" : %s", volume, problem);
    /* the operation executor doubles its delay from 0.5 s up to 2m2s */
    pod->mount_delay_ms = pod->mount_delay_ms ? IW_MIN(pod->mount_delay_ms * 2, 122000) : 500;
    pod->sync_due_ms = sim->now_ms + pod->mount_delay_ms;
    return false;
}

void
sim_pod_sync(struct sim *sim, struct sim_pod *pod)
{
    pod->sync_due_ms = SIM_NEVER;
    if (!pod->seen) {
        pod->seen = true;
        pod->start_ms = sim->now_ms;
        if (pod->shape->deadline_ms > 0)
            pod->deadline_due_ms = sim->now_ms + pod->shape->deadline_ms;
    }
    if (pod->killing)
        return; /* nothing is written until all containers have ended */
    sim_pod_publish(sim, pod);
    if (!mounts_are_ready(sim, pod))
        return;
    pod->sync = iw_calloc(1, sizeof(*pod->sync));
    kubelet_sync_begin(sim_view(sim, pod), pod->sync);
    go_on(sim, pod, NULL);
}

/* --- probes --- */

static void
say_unhealthy(struct sim *sim, struct sim_pod *pod, struct sim_container *c,
              enum script_probe which, const struct script_answer *answer)
{
    static const char *const names[SCRIPT_PROBE_COUNT] = {"Startup", "Readiness", "Liveness"};
    struct sim_happening what = {.type = "Warning", .reason = "Unhealthy", .container = c};
    sim_event(sim, pod, what, "%s probe failed: %s", names[which],
              answer->message ? answer->message : "HTTP probe failed with statuscode: 503");
}

static void
startup_passed(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    c->startup_passed = true;
    for (size_t p = SCRIPT_PROBE_READINESS; p < SCRIPT_PROBE_COUNT; p++) {
        struct sim_probe_state *probe = &c->probe[p];
        int64_t first_ms = c->run[0].started_ms + probe->delay_ms;
        if (probe->set)
            probe->due_ms = IW_MAX(first_ms, sim->now_ms + sim_jitter(pod, 50, 300));
    }
}

/* A run of equal answers has reached its limit. */
static void
probe_settle(struct sim *sim, struct sim_pod *pod, struct sim_container *c, enum script_probe which)
{
    struct sim_probe_state *probe = &c->probe[which];
    bool pass = probe->passes > 0;
    bool changed = false;
    if (which == SCRIPT_PROBE_READINESS) {
        bool before = c->ready;
        probe->settled = true;
        sim_flags_refresh(pod);
        changed = before != c->ready;
    } else if (pass) {
        probe->settled = which == SCRIPT_PROBE_STARTUP;
        if (which == SCRIPT_PROBE_STARTUP)
            startup_passed(sim, pod, c);
        changed = which == SCRIPT_PROBE_STARTUP;
    } else {
        probe->settled = true;
        c->unwell = which == SCRIPT_PROBE_STARTUP ? KUBELET_STARTUP : KUBELET_LIVENESS;
        changed = true;
    }
    sim_flags_refresh(pod);
    if (changed)
        pod->sync_due_ms = IW_MIN(pod->sync_due_ms, sim->now_ms + 40);
    /* readiness goes into the status past the pod worker, which is busy with a start */
    if (changed && which == SCRIPT_PROBE_READINESS && pod->work != SIM_WORK_NONE &&
        !pod->started_any)
        sim_pod_publish(sim, pod);
}

void
sim_probe_tick(struct sim *sim, struct sim_pod *pod, struct sim_container *c,
               enum script_probe which)
{
    struct sim_probe_state *probe = &c->probe[which];
    const struct script_answer *answer =
        script_answer_at(c->script, which, sim->now_ms - c->run[0].started_ms);
    bool ok = !answer || answer->ok;
    probe->due_ms = sim->now_ms + probe->period_ms;
    if (ok) {
        probe->fails = 0;
        if (++probe->passes >= probe->pass_limit)
            probe_settle(sim, pod, c, which);
    } else {
        say_unhealthy(sim, pod, c, which, answer);
        probe->fails++;
        if (probe->fails >= probe->fail_limit) {
            probe->passes = 0;
            probe_settle(sim, pod, c, which);
        }
    }
    if (probe->settled && which != SCRIPT_PROBE_READINESS)
        probe->due_ms = SIM_NEVER;
}
