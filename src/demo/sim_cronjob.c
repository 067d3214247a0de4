/* sim_cronjob: CronJobs: which run is next, which Jobs are forgotten. Ref: pkg/controller/cronjob.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_control.h"

/* A user who plays a CronJob does not want to wait for the schedule. */
#define CRON_FIRST_MS 2000

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

/* Of the Jobs that ended well, or badly, the oldest go when there are more than `most`. */
static void
forget_jobs(struct sim *sim, const struct sim_thing *cron, bool failed, int most)
{
    int seen = 0;
    for (size_t i = sim->things.len; i-- > 0;) {
        struct sim_thing *job = sim->things.items[i];
        if (!is_job_of(job, cron) || !sim_job_is_over(job) || sim_job_is(job, "Failed") != failed)
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
