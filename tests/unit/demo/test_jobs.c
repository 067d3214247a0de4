/* Jobs: which failures count, indexes, what ends them and what happens then; deadlines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include "../../../src/demo/sim_control.h"

static const struct sim_thing *
find_job(struct rig *rig)
{
    return sim_thing_find(rig->sim, DEMO_KIND_JOB, "shop", "once");
}

static const json_t *
condition(const struct sim_thing *job, const char *type)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(json_object_get(job->object, "status"), "conditions"), i,
                       entry)
    {
        if (strcmp(sim_text(entry, "type"), type) == 0)
            return entry;
    }
    return NULL;
}

static const char *
status_text(const struct sim_thing *job, const char *member)
{
    return sim_text(json_object_get(job->object, "status"), member);
}

static int
status_number(const struct sim_thing *job, const char *member)
{
    return sim_int_or(json_object_get(job->object, "status"), member, 0);
}

/* `spec` are lines of the Job's spec, `command` is what its only container runs. */
static struct rig *
rig_with_job(const char *spec, const char *command)
{
    struct rig *rig = rig_new();
    iw_autofree char *yaml = iw_asprintf(
        "kind: Job\nmetadata: {name: once}\nspec:\n%s  template:\n    spec:\n      restartPolicy: "
        "Never\n      containers: [{name: main, image: busybox, command: [sh, -c, '%s']}]\n",
        spec, command);
    rig_apply(rig, yaml);
    return rig;
}

static void
rule__fails_the_job_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_with_job(
        "  podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: main, "
        "operator: In, values: [42]}}]}\n",
        "sleep 2; exit 42");
    rig_run(rig, 20);
    const json_t *failed = condition(find_job(rig), "Failed");
    assert_string_equal(sim_text(failed, "reason"), "PodFailurePolicy");
    if (!strstr(sim_text(failed, "message"),
                "failed with exit code 42 matching FailJob rule at index 0"))
        fail_msg("%s", sim_text(failed, "message"));
    assert_non_null(condition(find_job(rig), "FailureTarget"));
    assert_int_equal(find_job(rig)->pods.len, 1);
    assert_non_null(strstr(rig->events, "Warning PodFailurePolicy - Container main for pod shop/"));
    rig_free(rig);
}

static void
rule__ignores_failures_that_do_not_count(void **state)
{
    (void)state;
    struct rig *rig =
        rig_with_job("  backoffLimit: 0\n  podFailurePolicy: {rules: [{action: Ignore, "
                     "onExitCodes: {operator: NotIn, values: [1]}}]}\n",
                     "sleep 2; exit 9");
    rig_run(rig, 60);
    assert_true(find_job(rig)->pods.len > 2);
    assert_int_equal(status_number(find_job(rig), "failed"), 0);
    assert_null(condition(find_job(rig), "Failed"));
    rig_free(rig);
}

static void
indexes__fail_one_by_one(void **state)
{
    (void)state;
    struct rig *rig = rig_with_job("  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n"
                                   "  backoffLimitPerIndex: 1\n",
                                   "sleep 2; exit 1");
    rig_run(rig, 60);
    const struct sim_thing *job = find_job(rig);
    assert_int_equal(job->pods.len, 6);
    assert_string_equal(status_text(job, "failedIndexes"), "0-2");
    assert_string_equal(sim_text(condition(job, "Failed"), "reason"), "FailedIndexes");
    const struct sim_pod *pod = job->pods.items[0];
    assert_int_equal(sim_job_index_of(pod), 0);
    assert_int_equal(strncmp(pod->name, "once-0-", 7), 0);
    assert_string_equal(sim_text(json_object_get(pod->object, "spec"), "hostname"), "once-0");
    rig_free(rig);
}

static void
success_policy__ends_the_job_and_stops_the_others(void **state)
{
    (void)state;
    struct rig *rig =
        rig_with_job("  completions: 4\n  parallelism: 2\n  completionMode: Indexed\n"
                     "  successPolicy: {rules: [{succeededIndexes: 1-2, succeededCount: 1}]}\n",
                     "sleep 5");
    rig_run(rig, 60);
    const struct sim_thing *job = find_job(rig);
    const json_t *complete = condition(job, "Complete");
    assert_string_equal(sim_text(complete, "reason"), "SuccessPolicy");
    assert_string_equal(sim_text(complete, "message"), "Matched rules at index 0");
    assert_string_equal(status_text(job, "completedIndexes"), "0-1");
    assert_int_equal(status_number(job, "active"), 0);
    rig_free(rig);
}

static void
job__is_complete_only_when_nothing_of_it_runs(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "{main: {runs: [{log: [up]}], term: {takes: 8s}}}");
    rig_apply(rig, "kind: Job\nmetadata: {name: once}\nspec:\n  activeDeadlineSeconds: 10\n"
                   "  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "
                   "busybox}]}}\n");
    rig_run(rig, 12);
    assert_string_equal(sim_text(condition(find_job(rig), "FailureTarget"), "reason"),
                        "DeadlineExceeded");
    assert_null(condition(find_job(rig), "Failed"));
    rig_run(rig, 30);
    assert_string_equal(sim_text(condition(find_job(rig), "Failed"), "message"),
                        "Job was active longer than specified deadline");
    rig_free(rig);
}

static void
job__goes_some_time_after_its_end(void **state)
{
    (void)state;
    struct rig *rig = rig_with_job("  ttlSecondsAfterFinished: 20\n", "sleep 2");
    rig_run(rig, 15);
    assert_non_null(condition(find_job(rig), "Complete"));
    assert_non_null(condition(find_job(rig), "SuccessCriteriaMet"));
    rig_run(rig, 60);
    assert_null(find_job(rig));
    assert_int_equal(rig->sim->pods.len, 0);
    rig_free(rig);
}

static void
job__stands_still_while_it_is_suspended(void **state)
{
    (void)state;
    struct rig *rig = rig_with_job("  suspend: true\n", "sleep 2");
    rig_run(rig, 10);
    assert_int_equal(rig->sim->pods.len, 0);
    assert_string_equal(sim_text(condition(find_job(rig), "Suspended"), "reason"), "JobSuspended");
    json_t *object = json_deep_copy(find_job(rig)->object);
    json_object_set_new(json_object_get(object, "spec"), "suspend", json_false());
    assert_true(sim_edit_object(rig->sim, DEMO_KIND_JOB, object));
    json_decref(object);
    rig_run(rig, 30);
    assert_non_null(condition(find_job(rig), "Complete"));
    rig_free(rig);
}

static void
pod__that_lives_longer_than_it_may_has_failed(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig,
              "kind: Pod\nmetadata: {name: late}\nspec: {activeDeadlineSeconds: 10, containers: "
              "[{name: c, image: busybox, command: [sleep, '600']}]}\n");
    rig_run(rig, 60);
    const json_t *status = json_object_get(rig->last, "status");
    assert_string_equal(sim_text(status, "phase"), "Failed");
    assert_string_equal(sim_text(status, "reason"), "DeadlineExceeded");
    assert_string_equal(sim_text(status, "message"),
                        "Pod was active on the node longer than the specified deadline");
    assert_non_null(strstr(rig->events, "Normal DeadlineExceeded - Pod was active"));
    rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule__fails_the_job_at_once),
        cmocka_unit_test(rule__ignores_failures_that_do_not_count),
        cmocka_unit_test(indexes__fail_one_by_one),
        cmocka_unit_test(success_policy__ends_the_job_and_stops_the_others),
        cmocka_unit_test(job__is_complete_only_when_nothing_of_it_runs),
        cmocka_unit_test(job__goes_some_time_after_its_end),
        cmocka_unit_test(job__stands_still_while_it_is_suspended),
        cmocka_unit_test(pod__that_lives_longer_than_it_may_has_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
