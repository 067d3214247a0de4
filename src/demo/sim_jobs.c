/* sim_jobs: Jobs with their retries, CronJobs. Ref: SEMANTICS D.10; pkg/controller/job,
 * pkg/controller/cronjob.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_control.h"

/* A failed pod is replaced after that long, twice as long after each further one. */
#define RETRY_FIRST_MS 10000
#define RETRY_MOST_MS 600000
/* A user who plays a CronJob does not want to wait for the schedule. */
#define CRON_FIRST_MS 2000

/* --- Job --- */

static bool
is_condition(const struct sim_thing *job, const char *type)
{
    size_t i;
    json_t *entry;
    const json_t *status = json_object_get(job->object, "status");
    json_array_foreach(json_object_get(status, "conditions"), i, entry)
    {
        if (strcmp(sim_text(entry, "type"), type) == 0 &&
            strcmp(sim_text(entry, "status"), "True") == 0)
            return true;
    }
    return false;
}

bool
sim_job_is_over(const struct sim_thing *job)
{
    return is_condition(job, "Complete") || is_condition(job, "Failed");
}

static void
say(struct sim *sim, const struct sim_thing *job, bool bad, const char *reason, const char *text)
{
    struct sim_happening what = {
        .type = bad ? "Warning" : "Normal", .reason = reason, .component = "job-controller"};
    sim_event_thing(sim, job, what, "%s", text);
}

static void
delete_active(struct sim *sim, const struct sim_thing *job)
{
    for (size_t i = job->pods.len; i-- > 0;) {
        const struct sim_pod *pod = job->pods.items[i];
        if (!sim_pod_is_active(pod))
            continue;
        iw_autofree char *name = iw_strdup(pod->name);
        (void)sim_delete_pod(sim, job->ns, name, -1);
        i = IW_MIN(i, job->pods.len);
    }
}

static int64_t
last_failure_ms(const struct sim_thing *job)
{
    int64_t last_ms = INT64_MIN;
    for (size_t i = 0; i < job->pods.len; i++) {
        const struct sim_pod *pod = job->pods.items[i];
        if (pod->phase == KUBELET_FAILED && pod->finished_ms != SIM_NEVER)
            last_ms = IW_MAX(last_ms, pod->finished_ms);
    }
    return last_ms;
}

/* Why the Job has failed; NULL: it has not. */
static const char *
failure_of(const struct sim *sim, const struct sim_thing *job, struct sim_count count,
           const char **message)
{
    const json_t *spec = sim_spec_of(job);
    int limit = sim_int_or(spec, "backoffLimit", 6);
    const json_t *pod = json_object_get(json_object_get(spec, "template"), "spec");
    bool in_place = strcmp(sim_text(pod, "restartPolicy"), "OnFailure") == 0;
    int64_t deadline_s = sim_int_or(spec, "activeDeadlineSeconds", 0);
    *message = "Job has reached the specified backoff limit";
    if (count.failed > limit || (in_place && count.restarts >= IW_MAX(limit, 1)))
        return "BackoffLimitExceeded";
    *message = "Job was active longer than specified deadline";
    if (deadline_s > 0 && sim->now_ms - job->since_ms >= deadline_s * 1000)
        return "DeadlineExceeded";
    return NULL;
}

static void
make_pods(struct sim *sim, struct sim_thing *job, struct sim_count count)
{
    const json_t *spec = sim_spec_of(job);
    int left = sim_int_or(spec, "completions", 1) - count.succeeded - count.active;
    int room = sim_int_or(spec, "parallelism", 1) - count.active - count.leaving;
    if (count.failed > 0) {
        int64_t wait_ms = RETRY_FIRST_MS;
        for (int i = 1; i < count.failed && wait_ms < RETRY_MOST_MS; i++)
            wait_ms *= 2;
        int64_t from_ms = last_failure_ms(job) + IW_MIN(wait_ms, RETRY_MOST_MS);
        if (from_ms > sim->now_ms) {
            job->due_ms = from_ms;
            return;
        }
    }
    for (int i = 0; i < IW_MIN(left, room); i++) {
        iw_autofree char *name = sim_owner_pod_name(sim, job, job->name);
        if (!sim_owner_make_pod(sim, job, json_object_get(spec, "template"), name, NULL))
            return;
    }
}

static void
set_number(json_t *status, const char *name, int value)
{
    if (value > 0)
        json_object_set_new(status, name, json_integer(value));
}

/* failure NULL: complete. */
static void
add_end(struct sim *sim, struct sim_thing *job, json_t *status, const char *failure,
        const char *message)
{
    const json_t *old = json_object_get(job->object, "status");
    struct sim_condition end = {failure ? "Failed" : "Complete", "True",
                                failure ? failure : "CompletionsReached",
                                failure ? message : "Reached expected number of succeeded pods"};
    json_t *condition = sim_condition_json(sim, old, end);
    json_object_set(condition, "lastProbeTime", json_object_get(condition, "lastTransitionTime"));
    if (!failure)
        json_object_set(status, "completionTime", json_object_get(condition, "lastTransitionTime"));
    json_object_set_new(status, "conditions", json_pack("[o]", condition));
}

static json_t *
job_status(struct sim *sim, const struct sim_thing *job, struct sim_count count)
{
    json_t *start = json_object_get(json_object_get(job->object, "status"), "startTime");
    json_t *status = json_pack("{s:i}", "ready", count.ready);
    set_number(status, "active", count.active);
    set_number(status, "terminating", count.leaving);
    set_number(status, "succeeded", count.succeeded);
    set_number(status, "failed", count.failed);
    json_object_set_new(status, "startTime",
                        start ? json_incref(start) : sim_time_json(sim, sim->now_ms));
    json_object_set_new(status, "uncountedTerminatedPods", json_object());
    return status;
}

void
sim_control_job(struct sim *sim, struct sim_thing *job)
{
    const json_t *spec = sim_spec_of(job);
    bool over = sim_job_is_over(job), failed_before = is_condition(job, "Failed");
    struct sim_count count = sim_count_pods(job);
    if (over) /* what is left of it may go, its numbers stay */
        return;
    if (json_is_true(json_object_get(spec, "suspend"))) {
        delete_active(sim, job);
        sim_owner_write_status(sim, job, json_object());
        return;
    }
    const char *message = "", *failure = failure_of(sim, job, count, &message);
    bool complete = count.succeeded >= sim_int_or(spec, "completions", 1);
    if (failure && !complete)
        delete_active(sim, job);
    else if (!complete)
        make_pods(sim, job, count);
    json_t *status = job_status(sim, job, sim_count_pods(job));
    if (complete || failure)
        add_end(sim, job, status, complete ? NULL : failure, message);
    sim_owner_write_status(sim, job, status);
    if (complete)
        say(sim, job, false, "Completed", "Job completed");
    else if (failure && !failed_before)
        say(sim, job, true, failure, message);
    int64_t deadline_s = sim_int_or(spec, "activeDeadlineSeconds", 0);
    if (deadline_s > 0 && !complete && !failure)
        job->due_ms = IW_MIN(job->due_ms, job->since_ms + deadline_s * 1000);
}

/* --- CronJob --- */

static int64_t
next_run_ms(const struct sim *sim, const struct sim_thing *cron)
{
    struct sim_cron schedule;
    int64_t wall_ms = sim_wall_ms(sim, sim->now_ms);
    if (!sim_cron_parse(sim_text(sim_spec_of(cron), "schedule"), &schedule))
        return SIM_NEVER;
    int64_t next_wall_ms = sim_cron_next(&schedule, wall_ms);
    return next_wall_ms == IW_TIME_NONE
               ? SIM_NEVER
               : sim->now_ms + (int64_t)((double)(next_wall_ms - wall_ms) * sim_speed(sim));
}

static bool
is_job_of(const struct sim_thing *thing, const struct sim_thing *cron)
{
    return thing->kind == DEMO_KIND_JOB && thing->owner == cron;
}

static void
start_job(struct sim *sim, struct sim_thing *cron)
{
    const json_t *template = json_object_get(sim_spec_of(cron), "jobTemplate");
    /* as the real one: minutes since 1970 */
    long long minute = (long long)(sim_wall_ms(sim, sim->now_ms) / 60000);
    iw_autofree char *name = iw_asprintf("%s-%lld", cron->name, minute);
    if (sim_thing_find(sim, DEMO_KIND_JOB, cron->ns, name))
        return;
    json_t *labels = json_object_get(json_object_get(template, "metadata"), "labels");
    json_t *job = json_pack("{s:{s:s,s:s,s:o},s:o}", "metadata", "name", name, "namespace",
                            cron->ns, "ownerReferences", sim_owner_references(cron), "spec",
                            json_deep_copy(json_object_get(template, "spec")));
    if (labels)
        json_object_set_new(json_object_get(job, "metadata"), "labels", json_deep_copy(labels));
    (void)sim_thing_put(sim, DEMO_KIND_JOB, cron->ns, job, &cron->origin);
    struct sim_happening what = {
        .type = "Normal", .reason = "SuccessfulCreate", .component = "cronjob-controller"};
    sim_event_thing(sim, cron, what, "Created job %s", name);
}

void
sim_job_delete(struct sim *sim, struct sim_thing *job)
{
    struct sim_subject *subject = job->subject;
    subject->refs++;
    VEC(struct sim_pod *) pods = {0};
    for (size_t i = job->pods.len; i-- > 0;) {
        struct sim_pod *pod = sim_pod_ref(job->pods.items[i]);
        vec_push(&pods, pod);
    }
    (void)sim_delete_object(sim, DEMO_KIND_JOB, subject->ns, subject->name);
    for (size_t i = 0; i < pods.len; i++) {
        (void)sim_delete_pod(sim, subject->ns, pods.items[i]->name, -1);
        sim_pod_unref(pods.items[i]);
    }
    vec_free(&pods);
    sim_subject_unref(subject);
}

/* Of the Jobs that ended well, or badly, the oldest go when there are more than `most`. */
static void
forget_jobs(struct sim *sim, const struct sim_thing *cron, bool failed, int most)
{
    int seen = 0;
    for (size_t i = sim->things.len; i-- > 0;) {
        struct sim_thing *job = sim->things.items[i];
        if (!is_job_of(job, cron) || !sim_job_is_over(job) || is_condition(job, "Failed") != failed)
            continue;
        if (++seen > most)
            sim_job_delete(sim, job);
        i = IW_MIN(i, sim->things.len);
    }
}

/* Start what is due, as the policy for overlapping runs allows. */
static void
run_cron(struct sim *sim, struct sim_thing *cron)
{
    const char *policy = sim_text(sim_spec_of(cron), "concurrencyPolicy");
    for (size_t i = sim->things.len; i-- > 0;) {
        struct sim_thing *job = sim->things.items[i];
        if (!is_job_of(job, cron) || sim_job_is_over(job))
            continue;
        if (strcmp(policy, "Forbid") == 0)
            return;
        if (strcmp(policy, "Replace") == 0)
            sim_job_delete(sim, job);
        i = IW_MIN(i, sim->things.len);
    }
    start_job(sim, cron);
}

void
sim_control_cronjob(struct sim *sim, struct sim_thing *cron)
{
    const json_t *spec = sim_spec_of(cron), *old = json_object_get(cron->object, "status");
    bool suspended = json_is_true(json_object_get(spec, "suspend")), ran = false;
    if (cron->state == 0) {
        cron->state = sim->now_ms + CRON_FIRST_MS; /* the moment of the next run */
    } else if (!suspended && cron->state <= sim->now_ms) {
        run_cron(sim, cron);
        ran = true;
    }
    if (ran || (suspended && cron->state <= sim->now_ms))
        cron->state = next_run_ms(sim, cron);
    cron->due_ms = cron->state;
    forget_jobs(sim, cron, false, sim_int_or(spec, "successfulJobsHistoryLimit", 3));
    forget_jobs(sim, cron, true, sim_int_or(spec, "failedJobsHistoryLimit", 1));
    json_t *active = json_array(), *status = json_object();
    for (size_t i = 0; i < sim->things.len; i++) {
        const struct sim_thing *job = sim->things.items[i];
        if (is_job_of(job, cron) && !sim_job_is_over(job))
            json_array_append_new(active, json_pack("{s:s,s:s,s:s,s:s,s:s}", "apiVersion",
                                                    "batch/v1", "kind", "Job", "name", job->name,
                                                    "namespace", job->ns, "uid", job->uid));
    }
    if (json_array_size(active) > 0)
        json_object_set(status, "active", active);
    json_decref(active);
    json_t *last = ran ? sim_time_json(sim, sim->now_ms)
                       : json_incref(json_object_get(old, "lastScheduleTime"));
    if (last)
        json_object_set_new(status, "lastScheduleTime", last);
    sim_owner_write_status(sim, cron, status);
}
