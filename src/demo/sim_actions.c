/* sim_actions: the pod worker. What to start, in which order, and what happens when it does not
 * work. Ref: SEMANTICS D.3 (actions), D.5 (back-off), D.9 (probes), D.10 (termination).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

static bool
has_record(const struct sim_container *c)
{
    return c->runs > 0 && !c->stale;
}

static int64_t
script_grace(const struct sim_container *c, int64_t grace_ms)
{
    return IW_MIN(c->script->term_ms, grace_ms);
}

/* --- the end of a run --- */

void
sim_run_end(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    struct sim_run_record *run = &c->run[0];
    run->finished_ms = sim->now_ms;
    run->poll_due_ms = SIM_NEVER;
    c->kill_why = NULL;
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++)
        c->probe[p].due_ms = SIM_NEVER;
    sim_flags_refresh(pod);
    int64_t seen_ms = sim->now_ms + sim_jitter(pod, SIM_PLEG_MIN_MS, SIM_PLEG_MAX_MS);
    pod->sync_due_ms = IW_MIN(pod->sync_due_ms, seen_ms);
}

/* SIGTERM now; SIGKILL when the grace is over. */
static void
stop_run(struct sim_container *c, int64_t term_ms, int64_t grace_ms)
{
    struct sim_run_record *run = &c->run[0];
    int64_t end_ms = term_ms + script_grace(c, grace_ms);
    if (run->end_due_ms <= end_ms)
        return; /* it ends by itself before that */
    bool in_time = c->script->term_ms < grace_ms;
    run->term_ms = term_ms;
    run->end_due_ms = end_ms;
    run->poll_due_ms = SIM_NEVER;
    run->exit_code = in_time ? c->script->term_exit : 137;
    run->reason = run->exit_code == 0 ? "Completed" : "Error";
    run->message = NULL;
}

/* --- termination --- */

static void
announce_stop(struct sim *sim, struct sim_pod *pod, const struct sim_container *c)
{
    struct sim_happening what = {.type = "Normal", .reason = "Killing", .container = c};
    sim_event(sim, pod, what, "Stopping container %s", c->name);
}

/* Sidecars stop after the apps, the last one first; each waits for the next later one only if that
 * one was running at the beginning, and for no longer than the grace. */
static int64_t
stop_sidecars(struct sim *sim, struct sim_pod *pod, int64_t apps_end_ms, int64_t grace_ms)
{
    int64_t last_ms = apps_end_ms;
    int64_t next_end_ms = apps_end_ms;
    for (size_t i = pod->inits; i-- > 0;) {
        struct sim_container *c = &pod->c[i];
        if (c->role != SIM_SIDECAR)
            continue;
        if (!sim_container_is_running(c)) {
            next_end_ms = apps_end_ms;
            continue;
        }
        int64_t pre_stop_ms = IW_MIN(c->script->pre_stop_ms, grace_ms);
        int64_t left_ms = grace_ms - pre_stop_ms / 1000 * 1000;
        int64_t waiting_ms = IW_MAX(next_end_ms, apps_end_ms) - sim->now_ms - pre_stop_ms;
        waiting_ms = IW_MIN(IW_MAX(waiting_ms, 0), left_ms);
        left_ms = IW_MAX(left_ms - waiting_ms / 1000 * 1000, 2000);
        stop_run(c, sim->now_ms + pre_stop_ms + waiting_ms, left_ms);
        next_end_ms = c->run[0].end_due_ms;
        last_ms = IW_MAX(last_ms, next_end_ms);
    }
    return last_ms;
}

void
sim_pod_kill(struct sim *sim, struct sim_pod *pod, int64_t grace_ms)
{
    pod->killing = true;
    pod->work = SIM_WORK_NONE;
    pod->work_due_ms = SIM_NEVER;
    int64_t apps_end_ms = sim->now_ms;
    for (size_t i = 0; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        if (!sim_container_is_running(c))
            continue;
        announce_stop(sim, pod, c);
        if (c->role == SIM_SIDECAR)
            continue;
        int64_t pre_stop_ms = IW_MIN(c->script->pre_stop_ms, grace_ms);
        int64_t left_ms = IW_MAX(grace_ms - pre_stop_ms / 1000 * 1000, 2000);
        stop_run(c, sim->now_ms + pre_stop_ms, left_ms);
        if (c->role == SIM_APP)
            apps_end_ms = IW_MAX(apps_end_ms, c->run[0].end_due_ms);
    }
    int64_t last_ms = stop_sidecars(sim, pod, apps_end_ms, grace_ms);
    for (size_t i = 0; i < pod->count; i++) {
        if (sim_container_is_running(&pod->c[i]))
            last_ms = IW_MAX(last_ms, pod->c[i].run[0].end_due_ms);
    }
    pod->kill_done_ms = last_ms + sim_jitter(pod, 200, 500);
}

/* --- what to do next --- */

static void
enqueue(struct sim_pod *pod, size_t container)
{
    size_t at = pod->queue_len++;
    for (; at > 0 && pod->queue[at - 1] > container; at--)
        pod->queue[at] = pod->queue[at - 1];
    pod->queue[at] = container;
}

enum init_verdict { INIT_BUSY, INIT_DONE, INIT_KILL_POD };

/* One step of the backward walk. Returns true when initialisation is known to be over with this
 * container. */
static bool
plan_running(struct sim_pod *pod, size_t i, bool passed)
{
    struct sim_container *c = &pod->c[i];
    if (c->role == SIM_INIT)
        return false;
    if (c->kill_why) {
        enqueue(pod, i);
        return false;
    }
    if (!c->started)
        return false;
    if (i + 1 == pod->inits)
        return true;
    if (!passed)
        enqueue(pod, i + 1);
    return false;
}

static enum init_verdict
plan_exited(struct sim_pod *pod, size_t i, bool passed)
{
    struct sim_container *c = &pod->c[i];
    if (c->role == SIM_SIDECAR) {
        enqueue(pod, i);
        return INIT_BUSY;
    }
    bool failed = c->run[0].exit_code != 0 || strcmp(c->run[0].reason, "OOMKilled") == 0;
    if (failed && !sim_container_may_restart(pod, c, c->run[0].exit_code))
        return INIT_KILL_POD;
    if (failed) {
        enqueue(pod, i);
        return INIT_BUSY;
    }
    if (i + 1 == pod->inits)
        return INIT_DONE;
    if (!passed)
        enqueue(pod, i + 1);
    return INIT_BUSY;
}

static enum init_verdict
plan_inits(struct sim_pod *pod)
{
    bool done = pod->inits == 0;
    for (size_t i = pod->inits; i < pod->count; i++)
        done = done || sim_container_is_running(&pod->c[i]);
    bool passed = done;
    for (size_t i = pod->inits; i-- > 0;) {
        struct sim_container *c = &pod->c[i];
        bool sidecar = c->role == SIM_SIDECAR;
        if (!has_record(c)) {
            if (passed && sidecar)
                enqueue(pod, i);
            continue;
        }
        if (passed && !sidecar)
            continue;
        if (sim_container_is_running(c)) {
            done = plan_running(pod, i, passed) || done;
        } else {
            enum init_verdict verdict = plan_exited(pod, i, passed);
            if (verdict == INIT_KILL_POD)
                return verdict;
            done = done || verdict == INIT_DONE;
        }
        passed = true;
    }
    if (!passed)
        enqueue(pod, 0);
    return done ? INIT_DONE : INIT_BUSY;
}

/* Returns true when the pod is over: nothing runs and nothing is to be started. */
static bool
plan_apps(struct sim_pod *pod)
{
    size_t kept = 0, wanted = 0;
    for (size_t i = pod->inits; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        if (sim_container_is_running(c) && !c->kill_why) {
            kept++;
        } else if (sim_container_is_running(c)) {
            enqueue(pod, i); /* the worker kills it first, and starts it again if it may */
            wanted++;
        } else if (!has_record(c) || sim_container_may_restart(pod, c, c->run[0].exit_code)) {
            enqueue(pod, i);
            wanted++;
        }
    }
    return kept + wanted == 0;
}

/* --- starting one container --- */

static void work_next(struct sim *sim, struct sim_pod *pod);

static void
start_failed(struct sim *sim, struct sim_pod *pod, struct sim_container *c, const char *reason,
             int64_t retry_ms)
{
    c->waiting_reason = reason;
    pod->retry_due_ms = IW_MIN(pod->retry_due_ms, retry_ms);
    if (c->role == SIM_INIT)
        pod->queue_at = pod->queue_len; /* nothing after it is tried */
    pod->work = SIM_WORK_NONE;
    work_next(sim, pod);
}

static void
set_waiting_message(struct sim_container *c, char *message)
{
    free(c->waiting_message);
    c->waiting_message = message;
}

/* A failed sync is repeated after 10 s, with jitter (D.1). */
static int64_t
retry_after(const struct sim *sim, struct sim_pod *pod)
{
    return sim->now_ms + sim_jitter(pod, 10000, 15000);
}

/* False: the container is in back-off, and the start has failed. */
static bool
pass_crash_backoff(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    if (!has_record(c))
        return true;
    int64_t finished_ms = c->run[0].finished_ms;
    bool expired =
        c->crash_delay_ms == 0 || finished_ms - c->crash_updated_ms > SIM_BACKOFF_FORGET_MS;
    if (!expired && sim->now_ms - finished_ms < c->crash_delay_ms) {
        char delay[40];
        duration_go(c->crash_delay_ms, delay);
        set_waiting_message(c,
                            iw_asprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)",
                                        delay, c->name, pod->name, pod->ns, pod->uid));
        struct sim_happening what = {.type = "Warning", .reason = "BackOff", .container = c};
        sim_event(sim, pod, what, "Back-off restarting failed container %s in pod %s_%s(%s)",
                  c->name, pod->name, pod->ns, pod->uid);
        int64_t left_ms = finished_ms + c->crash_delay_ms - sim->now_ms;
        /* the next look is when the back-off is over, but never later than the periodic one */
        int64_t wait_ms = IW_MIN(left_ms, 60000);
        int64_t factor_ms = sim_jitter(pod, wait_ms, wait_ms + IW_MIN(wait_ms / 2, 12000));
        start_failed(sim, pod, c, "CrashLoopBackOff", sim->now_ms + factor_ms);
        return false;
    }
    c->crash_delay_ms =
        expired ? SIM_BACKOFF_FIRST_MS : IW_MIN(c->crash_delay_ms * 2, SIM_BACKOFF_CAP_MS);
    c->crash_updated_ms = sim->now_ms;
    return true;
}

static void
pull_error_text(const struct sim_container *c, char *out, size_t out_size)
{
    char full[300];
    sim_image_full(c->image, full, sizeof(full));
    (void)snprintf(
        out, out_size,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"%.255s\": failed to "
        "resolve reference \"%.255s\": %.255s: %s",
        full, full, full, c->script->pull_error);
}

static bool
pass_pull_backoff(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    if (c->pull_delay_ms == 0 || sim->now_ms - c->pull_failed_ms >= c->pull_delay_ms)
        return true;
    char error[1000];
    pull_error_text(c, error, sizeof(error));
    struct sim_happening back = {.type = "Normal", .reason = "BackOff", .container = c};
    sim_event(sim, pod, back, "Back-off pulling image \"%s\"", c->image);
    struct sim_happening failed = {.type = "Warning", .reason = "Failed", .container = c};
    sim_event(sim, pod, failed, "Error: ImagePullBackOff");
    set_waiting_message(
        c, iw_asprintf("Back-off pulling image \"%s\": ErrImagePull: %s", c->image, error));
    start_failed(sim, pod, c, "ImagePullBackOff", retry_after(sim, pod));
    return false;
}

static void
pull_failed(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    char error[1000];
    pull_error_text(c, error, sizeof(error));
    struct sim_happening what = {.type = "Warning", .reason = "Failed", .container = c};
    sim_event(sim, pod, what, "Failed to pull image \"%s\": %s", c->image, error);
    sim_event(sim, pod, what, "Error: ErrImagePull");
    bool first = c->pull_delay_ms == 0;
    c->pull_delay_ms =
        first ? SIM_BACKOFF_FIRST_MS : IW_MIN(c->pull_delay_ms * 2, SIM_BACKOFF_CAP_MS);
    c->pull_failed_ms = sim->now_ms;
    set_waiting_message(c, iw_strdup(error));
    /* the change of the status brings the next look soon, which finds the back-off */
    int64_t retry_ms = sim->now_ms + (first ? sim_jitter(pod, 900, 1800) : 0);
    start_failed(sim, pod, c, "ErrImagePull", first ? retry_ms : retry_after(sim, pod));
}

static void
say_pulled(struct sim *sim, struct sim_pod *pod, const struct sim_container *c, bool pulled)
{
    struct sim_happening what = {.type = "Normal", .reason = "Pulled", .container = c};
    if (!pulled) {
        sim_event(
            sim, pod, what,
            "Container image \"%s\" already present on machine and can be accessed by the pod",
            c->image);
        return;
    }
    char took[40];
    duration_go(sim->now_ms - pod->pull_began_ms, took);
    sim_event(
        sim, pod, what,
        "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %lld bytes.",
        c->image, took, took, (long long)c->script->image_bytes);
}

/* The image is there: configure and create. */
static void
create_container(struct sim *sim, struct sim_pod *pod, struct sim_container *c, bool pulled)
{
    say_pulled(sim, pod, c, pulled);
    char *problem = sim_config_problem(sim, pod, c->spec);
    if (problem) {
        struct sim_happening what = {.type = "Warning", .reason = "Failed", .container = c};
        sim_event(sim, pod, what, "Error: %s", problem);
        set_waiting_message(c, problem);
        start_failed(sim, pod, c, "CreateContainerConfigError", retry_after(sim, pod));
        return;
    }
    struct sim_happening what = {.type = "Normal", .reason = "Created", .container = c};
    sim_event(sim, pod, what, "Container created");
    pod->work = SIM_WORK_START;
    pod->work_due_ms = sim->now_ms + sim_jitter(pod, 60, 180);
}

static void
begin_pull(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    const char *policy = json_string_value(json_object_get(c->spec, "imagePullPolicy"));
    bool never = policy && strcmp(policy, "Never") == 0;
    bool absent = c->script->pull_ms > 0 || c->script->pull_error;
    if (never && absent) {
        struct sim_happening what = {
            .type = "Warning", .reason = "ErrImageNeverPull", .container = c};
        sim_event(sim, pod, what, "Container image \"%s\" is not present with pull policy of Never",
                  c->image);
        what.reason = "Failed";
        sim_event(sim, pod, what, "Error: ErrImageNeverPull");
        set_waiting_message(
            c, iw_asprintf("Container image \"%s\" is not present with pull policy of Never",
                           c->image));
        start_failed(sim, pod, c, "ErrImageNeverPull", retry_after(sim, pod));
        return;
    }
    bool always = policy && strcmp(policy, "Always") == 0;
    if (c->image_present || (!absent && !always)) {
        create_container(sim, pod, c, false);
        return;
    }
    if (!pass_pull_backoff(sim, pod, c))
        return;
    struct sim_happening what = {.type = "Normal", .reason = "Pulling", .container = c};
    sim_event(sim, pod, what, "Pulling image \"%s\"", c->image);
    pod->pull_began_ms = sim->now_ms;
    pod->work = SIM_WORK_PULL;
    int64_t takes_ms = IW_MAX(c->script->pull_ms, sim_jitter(pod, 350, 900));
    pod->work_due_ms = sim->now_ms + (c->script->pull_error ? IW_MIN(takes_ms, 1400) : takes_ms);
}

static void
finish_pull(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    c->pull_tries++;
    if (c->script->pull_error &&
        (c->script->pull_failures == 0 || c->pull_tries <= c->script->pull_failures)) {
        pull_failed(sim, pod, c);
        return;
    }
    c->image_present = true;
    c->pull_delay_ms = 0;
    create_container(sim, pod, c, true);
}

static void
reset_probes(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    c->startup_passed = false;
    c->kill_why = NULL;
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        struct sim_probe_state *probe = &c->probe[p];
        probe->fails = probe->passes = 0;
        probe->settled = false;
        bool wait = p != SCRIPT_PROBE_STARTUP && c->probe[SCRIPT_PROBE_STARTUP].set;
        int64_t first_ms = IW_MAX(probe->delay_ms, sim_jitter(pod, 100, 900));
        probe->due_ms = probe->set && !wait ? sim->now_ms + first_ms : SIM_NEVER;
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
    c->stale = false;
    const struct script_run *plan = script_run_at(c->script, attempt);
    c->run[0] = (struct sim_run_record){.attempt = attempt,
                                        .started_ms = sim->now_ms,
                                        .end_due_ms = SIM_NEVER,
                                        .poll_due_ms = SIM_NEVER,
                                        .term_ms = SIM_NEVER,
                                        .finished_ms = SIM_NEVER,
                                        .exit_code = plan->exit_code,
                                        .message = plan->message};
    sim_hex(&pod->rng, 64, c->run[0].id);
    c->run[0].reason = plan->reason ? plan->reason : plan->exit_code ? "Error" : "Completed";
    if (plan->need != SCRIPT_NEED_NOTHING)
        c->run[0].poll_due_ms = sim->now_ms + 20;
    else if (plan->takes_ms != SCRIPT_FOREVER)
        c->run[0].end_due_ms = sim->now_ms + plan->takes_ms;
    return &c->run[0];
}

static void
start_container(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    struct sim_run_record *run = new_record(sim, pod, c);
    set_waiting_message(c, NULL);
    c->waiting_reason = NULL;
    if (c->script->start_error) {
        struct sim_happening what = {.type = "Warning", .reason = "Failed", .container = c};
        sim_event(sim, pod, what, "Error: %s", c->script->start_error);
        run->finished_ms = sim->now_ms;
        run->never_started = true;
        run->exit_code = 128;
        run->reason = "StartError";
        run->message = c->script->start_error;
        set_waiting_message(c, iw_strdup(c->script->start_error));
        start_failed(sim, pod, c, "RunContainerError", retry_after(sim, pod));
        return;
    }
    struct sim_happening what = {.type = "Normal", .reason = "Started", .container = c};
    sim_event(sim, pod, what, "Container started");
    reset_probes(sim, pod, c);
    sim_flags_refresh(pod);
    pod->started_any = true;
    if (c->script->post_start_ms > 0) {
        pod->work = SIM_WORK_HOOK;
        pod->work_due_ms = sim->now_ms + c->script->post_start_ms;
        return;
    }
    pod->work = SIM_WORK_NONE;
    work_next(sim, pod);
}

/* Liveness and startup kills happen inside the sync, which waits for the end of the container. */
static void
kill_for_probe(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    bool again =
        c->role == SIM_SIDECAR || strcmp(c->policy ? c->policy : pod->policy, "Never") != 0;
    struct sim_happening what = {.type = "Normal", .reason = "Killing", .container = c};
    if (c->role == SIM_APP)
        sim_event(sim, pod, what, "Container %s %s%s", c->name, c->kill_why,
                  again ? ", will be restarted" : "");
    else
        sim_event(sim, pod, what, "Init container %s %s", c->name, c->kill_why);
    stop_run(c, sim->now_ms, IW_MAX(pod->grace_ms, 2000));
    pod->work = SIM_WORK_KILL;
    pod->work_due_ms = c->run[0].end_due_ms + 20;
}

static void
work_done(struct sim *sim, struct sim_pod *pod)
{
    pod->queue_len = pod->queue_at = 0;
    pod->work = SIM_WORK_NONE;
    pod->work_due_ms = SIM_NEVER;
    int64_t next_ms = sim->now_ms + sim_jitter(pod, 60000, 90000);
    if (pod->started_any)
        next_ms = sim->now_ms + sim_jitter(pod, SIM_PLEG_MIN_MS, SIM_PLEG_MAX_MS);
    next_ms = IW_MIN(next_ms, pod->retry_due_ms);
    pod->sync_due_ms = IW_MIN(pod->sync_due_ms, next_ms);
    pod->started_any = false;
}

static void
work_next(struct sim *sim, struct sim_pod *pod)
{
    if (pod->queue_at == pod->queue_len) {
        work_done(sim, pod);
        return;
    }
    struct sim_container *c = &pod->c[pod->queue[pod->queue_at++]];
    if (sim_container_is_running(c))
        kill_for_probe(sim, pod, c);
    else if (pass_crash_backoff(sim, pod, c))
        begin_pull(sim, pod, c);
}

static void
sandbox_ready(struct sim *sim, struct sim_pod *pod)
{
    pod->sandbox_ready = true;
    if (!pod->ip[0])
        (void)snprintf(pod->ip, sizeof(pod->ip), "10.244.%u.%u", (unsigned)(pod->node + 1) & 255,
                       sim->next_ip[pod->node]++ % 250 + 4);
    pod->work = SIM_WORK_NONE;
    pod->work_due_ms = SIM_NEVER;
    pod->sync_due_ms = sim->now_ms;
}

/* One step of the worker is over. */
void
sim_pod_work(struct sim *sim, struct sim_pod *pod)
{
    struct sim_container *c = pod->queue_at > 0 ? &pod->c[pod->queue[pod->queue_at - 1]] : NULL;
    pod->work_due_ms = SIM_NEVER;
    switch (pod->work) {
    case SIM_WORK_NONE:
        break;
    case SIM_WORK_SANDBOX:
        sandbox_ready(sim, pod);
        break;
    case SIM_WORK_KILL:
        pod->work = SIM_WORK_NONE;
        if (sim_container_may_restart(pod, c, 137))
            pod->queue_at--; /* again, now that it is dead */
        work_next(sim, pod);
        break;
    case SIM_WORK_PULL:
        finish_pull(sim, pod, c);
        break;
    case SIM_WORK_START:
        start_container(sim, pod, c);
        break;
    case SIM_WORK_HOOK:
        pod->work = SIM_WORK_NONE;
        work_next(sim, pod);
        break;
    }
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

static void
begin_sandbox(struct sim *sim, struct sim_pod *pod)
{
    if (pod->sandbox_was_ready) {
        struct sim_happening what = {.type = "Normal", .reason = "SandboxChanged"};
        sim_event(sim, pod, what, "Pod sandbox changed, it will be killed and re-created.");
        for (size_t i = 0; i < pod->inits; i++)
            pod->c[i].stale = pod->c[i].runs > 0;
        pod->ip[0] = '\0';
    }
    pod->sandbox_was_ready = true;
    pod->work = SIM_WORK_SANDBOX;
    pod->work_due_ms = sim->now_ms + sim_jitter(pod, 500, 1100);
}

void
sim_pod_sync(struct sim *sim, struct sim_pod *pod)
{
    pod->sync_due_ms = SIM_NEVER;
    pod->retry_due_ms = SIM_NEVER;
    if (!pod->seen) {
        pod->seen = true;
        pod->start_ms = sim->now_ms;
    }
    if (pod->killing)
        return; /* nothing is written until all containers have ended */
    sim_pod_publish(sim, pod);
    if (!mounts_are_ready(sim, pod))
        return;
    if (!pod->sandbox_ready) {
        begin_sandbox(sim, pod);
        return;
    }
    pod->queue_len = pod->queue_at = 0;
    enum init_verdict verdict = plan_inits(pod);
    bool over = verdict == INIT_KILL_POD || (verdict == INIT_DONE && plan_apps(pod));
    if (over) {
        sim_pod_kill(sim, pod, pod->grace_ms);
        return;
    }
    work_next(sim, pod);
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
        c->kill_why =
            which == SCRIPT_PROBE_STARTUP ? "failed startup probe" : "failed liveness probe";
        changed = true;
    }
    sim_flags_refresh(pod);
    if (changed)
        pod->sync_due_ms = IW_MIN(pod->sync_due_ms, sim->now_ms + 40);
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
