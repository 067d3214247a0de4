/* sim_job_tally: what the pods of a Job amount to: which failures count, which indexes are done, what
 * ends it. Ref: pkg/controller/job (pod_failure_policy.go, indexed_job_utils.go,
 * success_policy.go); SEMANTICS D.10.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_control.h"

/* --- podFailurePolicy --- */

static bool
code_fits(const json_t *codes, int code)
{
    bool in = false;
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(codes, "values"), i, value)
    {
        in = in || json_integer_value(value) == code;
    }
    return strcmp(sim_text(codes, "operator"), "NotIn") == 0 ? !in : in;
}

/* The container whose exit code the rule is about; one that ended well never is. */
static const struct sim_container *
failed_container(const json_t *codes, const struct sim_pod *pod)
{
    const char *only = sim_text(codes, "containerName");
    for (size_t n = 0; n < pod->count; n++) {
        /* the API server lists applications before init steps there */
        const struct sim_container *c = &pod->c[(n + pod->inits) % pod->count];
        bool ended = c->runs > 0 && c->run[0].finished_ms != SIM_NEVER && c->run[0].exit_code != 0;
        if (ended && (!only[0] || strcmp(only, c->name) == 0) &&
            code_fits(codes, c->run[0].exit_code))
            return c;
    }
    return NULL;
}

static const char *
fitting_condition(const json_t *wanted, const struct sim_pod *pod)
{
    size_t i, k;
    json_t *want, *have;
    json_array_foreach((json_t *)(uintptr_t)wanted, i, want)
    {
        const char *status = sim_text(want, "status");
        json_array_foreach(json_object_get(pod->status, "conditions"), k, have)
        {
            if (json_equal(json_object_get(want, "type"), json_object_get(have, "type")) &&
                strcmp(status[0] ? status : "True", sim_text(have, "status")) == 0)
                return sim_text(want, "type");
        }
    }
    return NULL;
}

/* What the first rule that fits says of a failed pod: "Count" without one. `message` (new, may stay
 * NULL) is the sentence for FailJob. */
static const char *
judge(const struct sim_thing *job, const struct sim_pod *pod, char **message)
{
    size_t i;
    json_t *rule;
    json_array_foreach(
        json_object_get(json_object_get(sim_spec_of(job), "podFailurePolicy"), "rules"), i, rule)
    {
        const char *action = sim_text(rule, "action");
        const json_t *codes = json_object_get(rule, "onExitCodes");
        const struct sim_container *c = codes ? failed_container(codes, pod) : NULL;
        const char *condition =
            codes ? NULL : fitting_condition(json_object_get(rule, "onPodConditions"), pod);
        if (!c && !condition)
            continue;
        if (strcmp(action, "FailJob") == 0)
            *message = c ? iw_asprintf("Container %s for pod %s/%s failed with exit code %d "
                                       "matching FailJob rule at index %zu",
                                       c->name, pod->ns, pod->name, c->run[0].exit_code, i)
                         : iw_asprintf("Pod %s/%s has condition %s matching FailJob rule at index "
                                       "%zu",
                                       pod->ns, pod->name, condition, i);
        return action;
    }
    return "Count";
}

/* --- indexes --- */

int
sim_job_index_of(const struct sim_pod *pod)
{
    const json_t *notes = json_object_get(json_object_get(pod->object, "metadata"), "annotations");
    const char *text = sim_text(notes, SIM_JOB_INDEX);
    return text[0] ? (int)strtol(text, NULL, 10) : -1;
}

/* The slot of a pod; a spare one for what has no index, or a wrong one. */
static struct sim_job_index *
slot_of(struct sim_job_tally *tally, const struct sim_pod *pod, struct sim_job_index *spare)
{
    int index = tally->index ? sim_job_index_of(pod) : -1;
    return index >= 0 && index < tally->completions ? &tally->index[index] : spare;
}

static void
count_failed(const struct sim_thing *job, const struct sim_pod *pod, struct sim_job_tally *tally,
             struct sim_job_index *slot)
{
    char *message = NULL;
    const char *action = judge(job, pod, &message);
    if (message && !tally->verdict)
        tally->verdict = message;
    else
        free(message);
    if (strcmp(action, "Ignore") == 0)
        return;
    int64_t ended_ms = pod->finished_ms == SIM_NEVER ? INT64_MIN : pod->finished_ms;
    tally->failed++;
    tally->last_failure_ms = IW_MAX(tally->last_failure_ms, ended_ms);
    slot->failures++;
    slot->last_failure_ms = IW_MAX(slot->last_failure_ms, ended_ms);
    slot->failed = slot->failed || strcmp(action, "FailIndex") == 0;
}

static void
count_pod(const struct sim_thing *job, const struct sim_pod *pod, struct sim_job_tally *tally)
{
    struct sim_job_index spare = {0}, *slot = slot_of(tally, pod, &spare);
    if (pod->phase == KUBELET_FAILED) {
        count_failed(job, pod, tally, slot);
        return;
    }
    if (pod->phase == KUBELET_SUCCEEDED) {
        tally->succeeded += !slot->done || slot == &spare;
        slot->done = true;
        return;
    }
    slot->busy = true;
    tally->leaving += pod->deleting;
    if (pod->deleting)
        return;
    tally->active++;
    tally->ready += pod->is_ready;
    tally->restarts += pod->restarts;
}

void
sim_job_count(const struct sim_thing *job, struct sim_job_tally *out)
{
    const json_t *spec = sim_spec_of(job);
    const json_t *limit = json_object_get(spec, "backoffLimitPerIndex");
    *out = (struct sim_job_tally){
        .completions = IW_MIN(sim_int_or(spec, "completions", 1), SIM_JOB_INDEXES_MAX),
        .per_index = limit != NULL,
        .last_failure_ms = INT64_MIN};
    if (strcmp(sim_text(spec, "completionMode"), "Indexed") == 0 && out->completions > 0)
        out->index = iw_calloc((size_t)out->completions, sizeof(*out->index));
    for (size_t i = 0; i < job->pods.len; i++)
        count_pod(job, job->pods.items[i], out);
    for (int i = 0; out->index && i < out->completions; i++) {
        struct sim_job_index *slot = &out->index[i];
        bool spent = limit && slot->failures > (int)json_integer_value(limit);
        slot->failed = !slot->done && (slot->failed || spent);
        out->indexes_failed += slot->failed;
    }
}

void
sim_job_tally_free(struct sim_job_tally *tally)
{
    free(tally->index);
    free(tally->verdict);
}

/* --- what ends it --- */

const char *
sim_job_failure(const struct sim *sim, const struct sim_thing *job,
                const struct sim_job_tally *tally, const char **message)
{
    const json_t *spec = sim_spec_of(job);
    const json_t *most_failed = json_object_get(spec, "maxFailedIndexes");
    int limit = sim_int_or(spec, "backoffLimit", 6);
    const json_t *pod = json_object_get(json_object_get(spec, "template"), "spec");
    bool in_place = strcmp(sim_text(pod, "restartPolicy"), "OnFailure") == 0;
    int64_t deadline_s = sim_int_or(spec, "activeDeadlineSeconds", 0);
    *message = tally->verdict;
    if (tally->verdict)
        return "PodFailurePolicy";
    *message = "Job has reached the specified backoff limit";
    if (tally->failed > limit || (in_place && tally->restarts >= IW_MAX(limit, 1)))
        return "BackoffLimitExceeded";
    *message = "Job was active longer than specified deadline";
    if (deadline_s > 0 && sim->now_ms - job->since_ms >= deadline_s * 1000)
        return "DeadlineExceeded";
    *message = "Job has exceeded the specified maximal number of failed indexes";
    if (most_failed && tally->indexes_failed > (int)json_integer_value(most_failed))
        return "MaxFailedIndexesExceeded";
    *message = "Job has failed indexes";
    if (tally->indexes_failed > 0 && tally->indexes_failed + tally->succeeded >= tally->completions)
        return "FailedIndexes";
    return NULL;
}

/* "0-2,4": is that index one of them? */
static bool
is_listed(const char *list, int index)
{
    while (*list) {
        char *end;
        long first = strtol(list, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        if (index >= first && index <= last)
            return true;
        if (*end != ',')
            return false;
        list = end + 1;
    }
    return false;
}

static bool
rule_is_met(const json_t *rule, const struct sim_job_tally *tally)
{
    const char *list = json_string_value(json_object_get(rule, "succeededIndexes"));
    const json_t *number = json_object_get(rule, "succeededCount");
    int listed = 0, met = 0;
    for (int i = 0; i < tally->completions; i++) {
        bool counts = !list || is_listed(list, i);
        listed += counts;
        met += counts && tally->index[i].done;
    }
    return met >= (number ? (int)json_integer_value(number) : listed) && met > 0;
}

const char *
sim_job_success(const struct sim_thing *job, const struct sim_job_tally *tally, char **message)
{
    size_t i;
    json_t *rule;
    if (tally->succeeded >= tally->completions) {
        *message = iw_strdup("Reached expected number of succeeded pods");
        return "CompletionsReached";
    }
    json_array_foreach(json_object_get(json_object_get(sim_spec_of(job), "successPolicy"), "rules"),
                       i, rule)
    {
        if (!tally->index || !rule_is_met(rule, tally))
            continue;
        *message = iw_asprintf("Matched rules at index %zu", i);
        return "SuccessPolicy";
    }
    return NULL;
}
