/* sim_jobs: Jobs: the pods they make, and how they end. Ref: SEMANTICS D.10; pkg/controller/job,
 * pkg/controller/ttlafterfinished.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_control.h"

/* A failed pod is replaced after that long, twice as long after each further one. */
#define RETRY_FIRST_MS 10000
#define RETRY_MOST_MS 600000

/* --- conditions --- */

static const json_t *
find_condition(const struct sim_thing *job, const char *type)
{
    size_t i;
    json_t *entry;
    const json_t *status = json_object_get(job->object, "status");
    json_array_foreach(json_object_get(status, "conditions"), i, entry)
    {
        if (strcmp(sim_text(entry, "type"), type) == 0 &&
            strcmp(sim_text(entry, "status"), "True") == 0)
            return entry;
    }
    return NULL;
}

bool
sim_job_is(const struct sim_thing *job, const char *condition)
{
    return find_condition(job, condition) != NULL;
}

bool
sim_job_is_over(const struct sim_thing *job)
{
    return sim_job_is(job, "Complete") || sim_job_is(job, "Failed");
}

static void
say(struct sim *sim, const struct sim_thing *job, bool bad, const char *reason, const char *text)
{
    struct sim_happening what = {
        .type = bad ? "Warning" : "Normal", .reason = reason, .component = "job-controller"};
    sim_event_thing(sim, job, what, "%s", text);
}

static void
add_condition(struct sim *sim, struct sim_thing *job, json_t *status, struct sim_condition what)
{
    const json_t *old = json_object_get(job->object, "status");
    json_t *condition = sim_condition_json(sim, old, what);
    json_object_set(condition, "lastProbeTime", json_object_get(condition, "lastTransitionTime"));
    if (!json_object_get(status, "conditions"))
        json_object_set_new(status, "conditions", json_array());
    json_array_append_new(json_object_get(status, "conditions"), condition);
    if (strcmp(what.type, "Complete") == 0)
        json_object_set(status, "completionTime", json_object_get(condition, "lastTransitionTime"));
}

/* --- pods --- */

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

/* When the next pod may be made after so many failures, the last of them at last_ms. */
static int64_t
retry_at(int failures, int64_t last_ms)
{
    int64_t wait_ms = RETRY_FIRST_MS;
    if (failures == 0)
        return INT64_MIN;
    for (int i = 1; i < failures && wait_ms < RETRY_MOST_MS; i++)
        wait_ms *= 2;
    return last_ms + IW_MIN(wait_ms, RETRY_MOST_MS);
}

static json_t *
index_variable(void)
{
    return json_pack("{s:s,s:{s:{s:s,s:s}}}", "name", "JOB_COMPLETION_INDEX", "valueFrom",
                     "fieldRef", "apiVersion", "v1", "fieldPath",
                     "metadata.labels['" SIM_JOB_INDEX "']");
}

/* The template with what tells a pod its number. New. */
static json_t *
template_for(const struct sim_thing *job, const char *index)
{
    static const char *const lists[] = {"initContainers", "containers"};
    json_t *template = json_deep_copy(json_object_get(sim_spec_of(job), "template"));
    json_t *meta = json_object_get(template, "metadata"), *spec = json_object_get(template, "spec");
    if (!json_object_get(meta, "annotations"))
        json_object_set_new(meta, "annotations", json_object());
    json_object_set_new(json_object_get(meta, "annotations"), SIM_JOB_INDEX, json_string(index));
    json_object_set_new(spec, "hostname", json_sprintf("%s-%s", job->name, index));
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            if (!json_object_get(container, "env"))
                json_object_set_new(container, "env", json_array());
            json_array_append_new(json_object_get(container, "env"), index_variable());
        }
    }
    return template;
}

static bool
make_indexed(struct sim *sim, struct sim_thing *job, int number)
{
    char index[16];
    (void)snprintf(index, sizeof(index), "%d", number);
    iw_autofree char *plain = sim_owner_pod_name(sim, job, job->name);
    iw_autofree char *name = iw_asprintf("%s-%s%s", job->name, index, strrchr(plain, '-'));
    json_t *template = template_for(job, index);
    bool made =
        sim_owner_make_pod(sim, job, template, name, json_pack("{s:s}", SIM_JOB_INDEX, index));
    json_decref(template);
    return made;
}

static void
make_by_index(struct sim *sim, struct sim_thing *job, const struct sim_job_tally *tally, int room)
{
    for (int i = 0; i < tally->completions && room > 0; i++) {
        const struct sim_job_index *slot = &tally->index[i];
        if (slot->busy || slot->done || slot->failed)
            continue;
        int64_t from_ms =
            tally->per_index ? retry_at(slot->failures, slot->last_failure_ms) : INT64_MIN;
        if (from_ms > sim->now_ms) {
            job->due_ms = IW_MIN(job->due_ms, from_ms);
            continue;
        }
        int64_t due_ms = job->due_ms;
        if (!make_indexed(sim, job, i))
            return;
        job->due_ms = due_ms; /* of an index that waits */
        room--;
    }
}

static void
make_pods(struct sim *sim, struct sim_thing *job, const struct sim_job_tally *tally)
{
    const json_t *spec = sim_spec_of(job);
    int left = tally->completions - tally->succeeded - tally->active;
    int room = sim_int_or(spec, "parallelism", 1) - tally->active - tally->leaving;
    int64_t from_ms =
        tally->per_index ? INT64_MIN : retry_at(tally->failed, tally->last_failure_ms);
    if (from_ms > sim->now_ms) {
        job->due_ms = from_ms;
        return;
    }
    if (tally->index) {
        make_by_index(sim, job, tally, room);
        return;
    }
    for (int i = 0; i < IW_MIN(left, room); i++) {
        iw_autofree char *name = sim_owner_pod_name(sim, job, job->name);
        if (!sim_owner_make_pod(sim, job, json_object_get(spec, "template"), name, NULL))
            return;
    }
}

/* --- status --- */

static void
set_number(json_t *status, const char *name, int value)
{
    if (value > 0)
        json_object_set_new(status, name, json_integer(value));
}

/* "0-2,4" */
static void
set_indexes(json_t *status, const char *name, const struct sim_job_tally *tally, bool failed)
{
    struct strbuf text;
    strbuf_init(&text, 0);
    for (int i = 0; i < tally->completions; i++) {
        int first = i;
        while (i < tally->completions && (failed ? tally->index[i].failed : tally->index[i].done))
            i++;
        if (i > first)
            strbuf_addf(&text, i - 1 > first ? "%s%d-%d" : "%s%d", text.len ? "," : "", first,
                        i - 1);
    }
    if (text.len > 0 || failed)
        json_object_set_new(status, name, json_string(text.data));
    strbuf_free(&text);
}

static json_t *
job_status(struct sim *sim, const struct sim_thing *job, const struct sim_job_tally *tally)
{
    json_t *start = json_object_get(json_object_get(job->object, "status"), "startTime");
    json_t *status = json_pack("{s:i}", "ready", tally->ready);
    set_number(status, "active", tally->active);
    set_number(status, "terminating", tally->leaving);
    set_number(status, "succeeded", tally->succeeded);
    set_number(status, "failed", tally->failed);
    if (tally->index)
        set_indexes(status, "completedIndexes", tally, false);
    if (tally->index && tally->per_index)
        set_indexes(status, "failedIndexes", tally, true);
    json_object_set_new(status, "startTime",
                        start ? json_incref(start) : sim_time_json(sim, sim->now_ms));
    json_object_set_new(status, "uncountedTerminatedPods", json_object());
    return status;
}

static json_t *
status_now(struct sim *sim, const struct sim_thing *job, int *alive)
{
    struct sim_job_tally tally;
    sim_job_count(job, &tally);
    *alive = tally.active + tally.leaving;
    json_t *status = job_status(sim, job, &tally);
    sim_job_tally_free(&tally);
    return status;
}

/* --- the end --- */

/* The same word, static. */
static const char *
static_reason(const char *reason)
{
    static const char *const reasons[] = {"DeadlineExceeded", "PodFailurePolicy",
                                          "MaxFailedIndexesExceeded", "FailedIndexes"};
    for (size_t i = 0; i < IW_COUNTOF(reasons); i++) {
        if (strcmp(reasons[i], reason) == 0)
            return reasons[i];
    }
    return "BackoffLimitExceeded";
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

/* Gone with its pods some time after the end, where that is wished for. */
static void
outlive(struct sim *sim, struct sim_thing *job)
{
    const json_t *ttl = json_object_get(sim_spec_of(job), "ttlSecondsAfterFinished");
    if (!json_is_integer(ttl))
        return;
    int64_t until_ms = job->over_ms + 1000 * (int64_t)json_integer_value(ttl);
    if (until_ms <= sim->now_ms)
        sim_job_delete(sim, job);
    else
        job->due_ms = until_ms;
}

/* First it is only said how it will end; it has ended when no pod of it is left running. May end
 * with the Job gone. */
static void
finish(struct sim *sim, struct sim_thing *job, bool failed, const char *reason, const char *message)
{
    int alive = 0;
    iw_autofree char *why = iw_strdup(reason), *words = iw_strdup(message);
    delete_active(sim, job);
    json_t *status = status_now(sim, job, &alive);
    add_condition(sim, job, status,
                  (struct sim_condition){failed ? "FailureTarget" : "SuccessCriteriaMet", "True",
                                         why, words});
    if (alive == 0) {
        add_condition(sim, job, status,
                      (struct sim_condition){failed ? "Failed" : "Complete", "True", why, words});
        job->over_ms = sim->now_ms;
    }
    sim_owner_write_status(sim, job, status);
    if (alive > 0)
        return;
    say(sim, job, failed, failed ? static_reason(why) : "Completed",
        failed ? words : "Job completed");
    outlive(sim, job);
}

/* True: it has begun to end before, and goes on with that. */
static bool
goes_on_ending(struct sim *sim, struct sim_thing *job)
{
    const json_t *failure = find_condition(job, "FailureTarget");
    const json_t *end = failure ? failure : find_condition(job, "SuccessCriteriaMet");
    if (end)
        finish(sim, job, failure != NULL, sim_text(end, "reason"), sim_text(end, "message"));
    return end != NULL;
}

static void
suspend(struct sim *sim, struct sim_thing *job)
{
    int alive = 0;
    bool before = sim_job_is(job, "Suspended");
    delete_active(sim, job);
    json_t *status = status_now(sim, job, &alive);
    json_object_del(status, "startTime");
    add_condition(sim, job, status,
                  (struct sim_condition){"Suspended", "True", "JobSuspended", "Job suspended"});
    sim_owner_write_status(sim, job, status);
    if (!before)
        say(sim, job, false, "Suspended", "Job suspended");
}

static void
resume(struct sim *sim, struct sim_thing *job)
{
    job->since_ms = sim->now_ms;
    say(sim, job, false, "Resumed", "Job resumed");
}

static void
go_on(struct sim *sim, struct sim_thing *job, const struct sim_job_tally *tally)
{
    const json_t *spec = sim_spec_of(job);
    int alive = 0;
    const char *message = "", *failure = sim_job_failure(sim, job, tally, &message);
    iw_autofree char *words = NULL;
    const char *success = sim_job_success(job, tally, &words);
    if (success || failure) {
        finish(sim, job, !success, success ? success : failure, success ? words : message);
        return;
    }
    make_pods(sim, job, tally);
    sim_owner_write_status(sim, job, status_now(sim, job, &alive));
    int64_t deadline_s = sim_int_or(spec, "activeDeadlineSeconds", 0);
    if (deadline_s > 0)
        job->due_ms = IW_MIN(job->due_ms, job->since_ms + deadline_s * 1000);
}

/* May end with the Job gone. */
void
sim_control_job(struct sim *sim, struct sim_thing *job)
{
    if (sim_job_is_over(job)) {
        outlive(sim, job);
        return;
    }
    if (goes_on_ending(sim, job))
        return;
    if (json_is_true(json_object_get(sim_spec_of(job), "suspend"))) {
        suspend(sim, job);
        return;
    }
    if (sim_job_is(job, "Suspended"))
        resume(sim, job);
    struct sim_job_tally tally;
    sim_job_count(job, &tally);
    go_on(sim, job, &tally);
    sim_job_tally_free(&tally);
}
