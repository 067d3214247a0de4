/* Unit tests of the rollout: what each workload's status says, and the deadline.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/rollout.h"
#include "pod_make.h"

#define NOW (T0 + SECONDS(1000))

static struct workload_facts
facts(int desired, int updated, int available)
{
    return (struct workload_facts){.desired = desired,
                                   .current = desired,
                                   .updated = updated,
                                   .available = available,
                                   .ready = available,
                                   .strategy = "",
                                   .revision = "a",
                                   .update_revision = "a",
                                   .completions = -1,
                                   .backoff_limit = 6,
                                   .active_deadline_s = -1,
                                   .progress_deadline_s = -1,
                                   .progressed_ms = IW_TIME_NONE,
                                   .started_ms = IW_TIME_NONE,
                                   .completed_ms = IW_TIME_NONE};
}

static void
check(enum kobject_kind kind, const struct workload_facts *f, enum block_severity severity,
      const char *text)
{
    struct kobject *o = kobject_new(kind);
    struct rollout r;
    o->workload = f;
    rollout_of(o, NOW, &r);
    assert_string_equal(r.text, text);
    assert_int_equal(r.severity, severity);
    kobject_free(o);
}

static void
rollout__of_a_deployment_counts_and_has_a_deadline(void **state)
{
    struct workload_facts f = facts(3, 1, 1);
    (void)state;
    f.progress_deadline_s = 600;
    f.progressed_ms = NOW - SECONDS(290);
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_PROGRESS, "rollout 1/3, 2 old, deadline in 5m10s");
    f.progressed_ms = NOW - SECONDS(660);
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_ERROR, "rollout 1/3, 2 old, deadline passed 1m00s ago");
    f.paused = true;
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_NONE, "rollout paused");
    f = facts(3, 3, 3);
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_NONE, "");
}

static void
rollout__that_was_complete_has_no_deadline_any_more(void **state)
{
    static const struct pod_condition complete[] = {
        {"Progressing", "True", "NewReplicaSetAvailable", "", T0}};
    struct workload_facts f = facts(3, 3, 2);
    (void)state;
    f.progress_deadline_s = 600;
    f.progressed_ms = T0 - SECONDS(9999);
    f.conditions = complete;
    f.condition_count = 1;
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_WARN, "2 of 3 available");
}

static void
rollout__past_its_deadline_counts_from_the_condition(void **state)
{
    static const struct pod_condition exceeded[] = {
        {"Progressing", "False", "ProgressDeadlineExceeded", "", NOW - SECONDS(120)}};
    struct workload_facts f = facts(2, 2, 1);
    (void)state;
    f.conditions = exceeded;
    f.condition_count = 1;
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_ERROR, "rollout 1/2, deadline passed 2m00s ago");
}

static void
rollout__says_why_no_pods_are_made(void **state)
{
    static const struct pod_condition refused[] = {
        {"ReplicaFailure", "True", "FailedCreate",
         "pods \"web-7d-\" is forbidden: exceeded quota: compute", T0}};
    struct workload_facts f = facts(2, 0, 0);
    (void)state;
    f.conditions = refused;
    f.condition_count = 1;
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_ERROR,
          "cannot make pods: exceeded quota: compute, rollout 0/2, 2 old");
}

static void
rollout__of_sets_waits_for_ready_pods(void **state)
{
    struct workload_facts f = facts(3, 3, 1);
    (void)state;
    f.strategy = "OrderedReady";
    check(KOBJECT_STATEFULSET, &f, BLOCK_PROGRESS, "1 of 3 ready, one after the other");
    f.update_revision = "b";
    f.updated = 2;
    check(KOBJECT_STATEFULSET, &f, BLOCK_PROGRESS, "rollout 2/3, one after the other");
    f.strategy = "RollingUpdate";
    check(KOBJECT_DAEMONSET, &f, BLOCK_PROGRESS, "rollout 2/3");
    f = facts(3, 3, 3);
    check(KOBJECT_DAEMONSET, &f, BLOCK_NONE, "");
}

static void
rollout__of_a_job_counts_completions_and_failures(void **state)
{
    static const struct pod_condition failed[] = {
        {"Failed", "True", "BackoffLimitExceeded", "", T0}};
    struct workload_facts f = facts(5, 0, 0);
    (void)state;
    f.completions = 5;
    f.succeeded = 2;
    f.failed = 1;
    f.started_ms = NOW - SECONDS(100);
    f.active_deadline_s = 600;
    check(KOBJECT_JOB, &f, BLOCK_WAIT, "2 of 5 done, 1 failed of 7 allowed, deadline in 8m20s");
    f.conditions = failed;
    f.condition_count = 1;
    check(KOBJECT_JOB, &f, BLOCK_ERROR, "failed: BackoffLimitExceeded");
}

static void
rollout__that_no_controller_has_seen_says_so(void **state)
{
    struct workload_facts f = facts(3, 3, 3);
    (void)state;
    f.generation = 2;
    f.observed_generation = 1;
    check(KOBJECT_DEPLOYMENT, &f, BLOCK_PROGRESS, "its controller has not seen the change yet");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rollout__of_a_deployment_counts_and_has_a_deadline),
        cmocka_unit_test(rollout__that_was_complete_has_no_deadline_any_more),
        cmocka_unit_test(rollout__past_its_deadline_counts_from_the_condition),
        cmocka_unit_test(rollout__says_why_no_pods_are_made),
        cmocka_unit_test(rollout__of_sets_waits_for_ready_pods),
        cmocka_unit_test(rollout__of_a_job_counts_completions_and_failures),
        cmocka_unit_test(rollout__that_no_controller_has_seen_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
