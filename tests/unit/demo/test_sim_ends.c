/* The simulated kubelet ends pods and begins them again: deletion, grace, lost sandboxes, restart rules.
 * The sequences are those of a v1.36 cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

static const char stop_pod[] = "kind: Pod\n"
                               "metadata: {name: slow-stop}\n"
                               "spec:\n"
                               "  terminationGracePeriodSeconds: 40\n"
                               "  initContainers:\n"
                               "  - {name: side-1, image: 'busybox:1.36', restartPolicy: Always}\n"
                               "  - {name: side-2, image: 'busybox:1.36', restartPolicy: Always}\n"
                               "  - {name: side-3, image: 'busybox:1.36', restartPolicy: Always}\n"
                               "  containers: [{name: app, image: 'busybox:1.36'}]\n";

static void
sim__deletion_says_nothing_until_all_containers_ended(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(
        rig, "app: {term: {takes: 8s}}\nside-3: {term: {takes: 5s}}\nside-2: {term: {takes: 5s}}\n"
             "side-1: {term: {takes: 3s}}\n");
    rig_apply(rig, stop_pod);
    rig_run(rig, 20);
    assert_true(sim_delete_pod(rig->sim, "shop", "slow-stop", -1));
    assert_string_equal(rig->last_cells, "4/4 Terminating");
    unsigned versions = rig->versions;
    rig_run(rig, 40); /* 20 s after: the last sidecar is still stopping */
    assert_int_equal(rig->versions, versions);
    rig_run(rig, 45);
    assert_true(rig->deleted);
    assert_string_equal(rig_finished_at(rig, "app"), "2025-11-15T10:00:28Z");
    assert_string_equal(rig_finished_at(rig, "side-3"), "2025-11-15T10:00:33Z");
    assert_string_equal(rig_finished_at(rig, "side-2"), "2025-11-15T10:00:38Z");
    assert_string_equal(rig_finished_at(rig, "side-1"), "2025-11-15T10:00:41Z");
    assert_null(sim_pod_find(rig->sim, "shop", "slow-stop"));
    rig_free(rig);
}

static void
sim__grace_used_up_by_the_app_stops_all_sidecars_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "app: {term: {takes: forever}}\nside-1: {term: {takes: forever}}\n"
                     "side-2: {term: {takes: forever}}\nside-3: {term: {takes: 1s, exit: 0}}\n");
    rig_apply(rig, stop_pod);
    rig_run(rig, 20);
    assert_true(sim_delete_pod(rig->sim, "shop", "slow-stop", 10));
    rig_run(rig, 45);
    assert_true(rig->deleted);
    assert_string_equal(rig_finished_at(rig, "app"), "2025-11-15T10:00:30Z");
    assert_int_equal(json_integer_value(json_object_get(rig_terminated(rig, "app"), "exitCode")),
                     137);
    assert_string_equal(rig_finished_at(rig, "side-2"), "2025-11-15T10:00:32Z");
    assert_string_equal(rig_finished_at(rig, "side-1"), "2025-11-15T10:00:32Z");
    assert_int_equal(json_integer_value(json_object_get(rig_terminated(rig, "side-3"), "exitCode")),
                     0);
    rig_free(rig);
}

static const char rules_pod[] =
    "kind: Pod\n"
    "metadata: {name: rules}\n"
    "spec:\n"
    "  restartPolicy: Never\n"
    "  initContainers:\n"
    "  - {name: prepare, image: 'busybox:1.36'}\n"
    "  - {name: proxy, image: 'busybox:1.36', restartPolicy: Always}\n"
    "  containers:\n"
    "  - name: worker\n"
    "    image: 'busybox:1.36'\n"
    "    restartPolicy: Never\n"
    "    restartPolicyRules:\n"
    "    - {action: Restart, exitCodes: {operator: In, values: [7]}}\n"
    "    - {action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}\n";

static int
restarts_of(struct rig *rig, const char *container)
{
    return (int)json_integer_value(json_object_get(rig_status(rig, container), "restartCount"));
}

/* The reason that lastState gives. */
static const char *
removal_of(struct rig *rig, const char *container)
{
    const json_t *last = json_object_get(rig_status(rig, container), "lastState");
    return json_string_value(json_object_get(json_object_get(last, "terminated"), "reason"));
}

static void
sim__exit_code_rule_restarts_a_container_that_never_restarts(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "prepare: {runs: [{takes: 1s}]}\n"
                     "worker: {runs: [{takes: 3s, exit: 7}, {takes: 4s, exit: 1}]}\n");
    rig_apply(rig, rules_pod);
    rig_run(rig, 60);
    assert_int_equal(restarts_of(rig, "worker"), 1);
    assert_int_equal(restarts_of(rig, "prepare"), 0);
    assert_string_equal(rig_phase(rig), "Failed");
    rig_free(rig);
}

static void
sim__restart_of_all_containers_runs_the_init_steps_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "prepare: {runs: [{takes: 1s}]}\n"
                     "worker: {runs: [{takes: 5s, exit: 42}, {takes: forever}]}\n");
    rig_apply(rig, rules_pod);
    rig_run(rig, 40);
    static const char *const names[] = {"prepare", "proxy", "worker"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        assert_int_equal(restarts_of(rig, names[i]), 1);
        assert_string_equal(removal_of(rig, names[i]), "RestartingAllContainers");
    }
    assert_string_equal(rig->last_cells, "2/2 Running");
    assert_non_null(strstr(rig->events, "Normal Killing spec.initContainers{proxy} killing"));
    assert_null(strstr(rig->events, "BackOff"));
    rig_free(rig);
}

static const char never_pod[] = "kind: Pod\n"
                                "metadata: {name: never}\n"
                                "spec:\n"
                                "  restartPolicy: Never\n"
                                "  containers:\n"
                                "  - {name: app, image: 'busybox:1.36', command: [sleep, '600']}\n";

static void
sim__lost_sandbox_ends_a_pod_that_never_restarts(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, never_pod);
    rig_run(rig, 20);
    assert_true(sim_lose_sandbox(rig->sim, "shop", "never"));
    rig_run(rig, 50);
    assert_string_equal(rig_phase(rig), "Failed");
    assert_null(strstr(rig->events, "SandboxChanged"));
    rig_free(rig);
}

static void
sim__deleted_pod_that_never_ran_has_failed_and_lost_its_container(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "app: {pull: {error: 'not found'}}\n");
    rig_apply(rig, never_pod);
    rig_run(rig, 20);
    assert_string_equal(rig_phase(rig), "Pending");
    assert_true(sim_delete_pod(rig->sim, "shop", "never", -1));
    rig_run(rig, 60);
    assert_true(rig->deleted);
    assert_string_equal(rig_phase(rig), "Failed");
    const json_t *ended = rig_terminated(rig, "app");
    assert_int_equal(json_integer_value(json_object_get(ended, "exitCode")), 137);
    assert_string_equal(json_string_value(json_object_get(ended, "reason")),
                        "ContainerStatusUnknown");
    rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sim__deletion_says_nothing_until_all_containers_ended),
        cmocka_unit_test(sim__grace_used_up_by_the_app_stops_all_sidecars_at_once),
        cmocka_unit_test(sim__exit_code_rule_restarts_a_container_that_never_restarts),
        cmocka_unit_test(sim__restart_of_all_containers_runs_the_init_steps_again),
        cmocka_unit_test(sim__lost_sandbox_ends_a_pod_that_never_restarts),
        cmocka_unit_test(sim__deleted_pod_that_never_ran_has_failed_and_lost_its_container),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
