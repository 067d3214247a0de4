/* The simulated kubelet starts pods as the real one was recorded to do. The sequences of READY and STATUS
 * are those of a v1.36 cluster for pods of the same shape.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

static const char git_pod[] =
    "kind: Pod\n"
    "metadata: {name: www}\n"
    "spec:\n"
    "  initContainers:\n"
    "  - {name: download, image: 'bitnami/git:latest', command: [git, clone]}\n"
    "  containers:\n"
    "  - {name: run, image: 'docker.io/centos/httpd:latest'}\n";

static void
sim__init_step_then_server_goes_through_the_recorded_states(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "download: {runs: [{takes: 6s}]}\nrun: {pull: 4s}\n");
    rig_apply(rig, git_pod);
    rig_run(rig, 60);
    assert_string_equal(rig->seen, "0/1 Pending, 0/1 Init:0/1, 0/1 PodInitializing, 1/1 Running");
    rig_free(rig);
}

static const char sidecar_pod[] =
    "kind: Pod\n"
    "metadata: {name: myapp-with-native-sidecar}\n"
    "spec:\n"
    "  initContainers:\n"
    "  - {name: database-init, image: 'busybox:1.36', command: [sh, -c, 'echo a; sleep 3; echo "
    "b']}\n"
    "  - {name: log-router, image: 'busybox:1.36', restartPolicy: Always}\n"
    "  - {name: metrics-collector, image: 'busybox:1.36', restartPolicy: Always}\n"
    "  containers:\n"
    "  - {name: application, image: 'busybox:1.36', command: [sleep, '60']}\n";

static void
sim__native_sidecars_open_the_way_one_after_the_other(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, sidecar_pod);
    rig_run(rig, 75);
    assert_string_equal(rig->seen, "0/3 Pending, 0/3 Init:0/3, 0/3 Init:1/3, 1/3 Init:2/3, "
                                   "2/3 PodInitializing, 3/3 Running, 2/3 Completed, 3/3 Running");
    rig_free(rig);
}

static const char crash_pod[] =
    "kind: Pod\n"
    "metadata: {name: crash}\n"
    "spec:\n"
    "  initContainers:\n"
    "  - {name: prepare, image: 'busybox:1.36', command: [sh, -c, 'sleep 1']}\n"
    "  - {name: migrate, image: 'busybox:1.36', command: [sh, -c, 'echo no; sleep 1; exit 1']}\n"
    "  containers:\n"
    "  - {name: app, image: 'busybox:1.36', command: [sleep, '3600']}\n";

static void
sim__crash_loop_shows_the_back_off_only_at_its_end(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, crash_pod);
    rig_run(rig, 60);
    assert_string_equal(rig->seen,
                        "0/1 Pending, 0/1 Init:0/2, 0/1 Init:1/2, 0/1 Init:Error, 0/1 Init:1/2, "
                        "0/1 Init:Error, 0/1 Init:CrashLoopBackOff, 0/1 Init:1/2, 0/1 Init:Error, "
                        "0/1 Init:CrashLoopBackOff, 0/1 Init:1/2, 0/1 Init:Error");
    rig_free(rig);
}

static void
sim__back_off_doubles_from_ten_seconds_and_counts_from_the_exit(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, crash_pod);
    /* the kubelet's event limit hides later starts, hence the restart count is watched */
    static const int64_t delay_s[] = {0, 10, 20, 40, 80, 160, 300, 300};
    int64_t started_ms = -1, finished_ms = -1;
    int attempt = 0;
    for (int64_t t_ms = 0; t_ms < 2000000 && attempt < 8; t_ms += 100) {
        sim_run_until(rig->sim, t_ms);
        if (!rig->last ||
            !json_object_get(json_object_get(rig->last, "status"), "initContainerStatuses"))
            continue;
        json_t *status = rig_status(rig, "migrate");
        int count = (int)json_integer_value(json_object_get(status, "restartCount"));
        const json_t *now = json_object_get(status, "state");
        if (json_object_get(now, "terminated"))
            finished_ms = finished_ms < 0 ? t_ms : finished_ms;
        if (count == attempt || !json_object_get(now, "running"))
            continue;
        started_ms = t_ms;
        int64_t waited_ms = started_ms - finished_ms;
        assert_in_range(waited_ms, IW_MAX(delay_s[attempt] * 1000 - 600, 0),
                        delay_s[attempt] * 1500 + 1500);
        finished_ms = -1;
        attempt = count;
    }
    assert_int_equal(attempt, 8);
    rig_free(rig);
}

static void
sim__waiting_message_names_the_back_off(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, crash_pod);
    bool found = false;
    for (int64_t t_ms = 0; t_ms < 60000 && !found; t_ms += 20) {
        sim_run_until(rig->sim, t_ms);
        found = strstr(rig->last_cells, "CrashLoopBackOff") != NULL;
    }
    assert_true(found);
    const json_t *waiting =
        json_object_get(json_object_get(rig_status(rig, "migrate"), "state"), "waiting");
    const char *message = json_string_value(json_object_get(waiting, "message"));
    static const char start[] = "back-off 10s restarting failed container=migrate pod=crash_shop(";
    assert_memory_equal(message, start, sizeof(start) - 1);
    assert_non_null(
        json_object_get(json_object_get(rig_status(rig, "migrate"), "lastState"), "terminated"));
    rig_free(rig);
}

static void
sim__bad_image_alternates_between_its_two_reasons(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "fetch: {pull: {error: not found}}\n");
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: nosuch}\n"
                   "spec:\n"
                   "  initContainers:\n"
                   "  - {name: prepare, image: 'busybox:1.36', command: [sleep, '1']}\n"
                   "  - {name: fetch, image: 'registry.example.com/team/nosuch:9.9'}\n"
                   "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '9']}]\n");
    rig_run(rig, 45);
    assert_string_equal(
        rig->seen, "0/1 Pending, 0/1 Init:0/2, 0/1 Init:1/2, 0/1 Init:ErrImagePull, "
                   "0/1 Init:ImagePullBackOff, 0/1 Init:ErrImagePull, 0/1 Init:ImagePullBackOff");
    assert_non_null(strstr(rig->events,
                           "Normal BackOff spec.initContainers{fetch} Back-off pulling "
                           "image \"registry.example.com/team/nosuch:9.9\""));
    assert_non_null(
        strstr(rig->events, "Warning Failed spec.initContainers{fetch} Error: ErrImagePull"));
    rig_free(rig);
}

static const char job_pod[] =
    "kind: Pod\n"
    "metadata: {name: batch}\n"
    "spec:\n"
    "  restartPolicy: Never\n"
    "  terminationGracePeriodSeconds: 20\n"
    "  initContainers:\n"
    "  - {name: fetch, image: 'busybox:1.36', command: [sh, -c, 'sleep 1']}\n"
    "  - {name: proxy, image: 'busybox:1.36', restartPolicy: Always}\n"
    "  - {name: shipper, image: 'busybox:1.36', restartPolicy: Always}\n"
    "  containers: [{name: work, image: 'busybox:1.36', command: [sleep, '6']}]\n";

static void
sim__sidecars_of_a_finished_pod_stop_in_reverse_order(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig,
                "proxy: {term: {takes: 2s, exit: 0}}\nshipper: {term: {takes: 3s, exit: 7}}\n");
    rig_apply(rig, job_pod);
    rig_run(rig, 60);
    assert_string_equal(rig->seen,
                        "0/3 Pending, 0/3 Init:0/3, 0/3 Init:1/3, 1/3 Init:2/3, "
                        "2/3 PodInitializing, 3/3 Running, 2/3 Completed, 0/3 Completed");
    assert_string_equal(rig_phase(rig), "Succeeded");
    assert_true(strcmp(rig_finished_at(rig, "work"), rig_finished_at(rig, "shipper")) < 0);
    assert_true(strcmp(rig_finished_at(rig, "shipper"), rig_finished_at(rig, "proxy")) < 0);
    rig_free(rig);
}

static void
sim__failed_init_step_with_policy_never_fails_the_pod(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: never}\n"
                   "spec:\n"
                   "  restartPolicy: Never\n"
                   "  initContainers:\n"
                   "  - {name: one, image: 'busybox:1.36', command: [sh, -c, 'sleep 1']}\n"
                   "  - {name: two, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 3']}\n"
                   "  - {name: three, image: 'busybox:1.36', command: ['true']}\n"
                   "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '9']}]\n");
    rig_run(rig, 30);
    assert_string_equal(rig->seen, "0/1 Pending, 0/1 Init:0/3, 0/1 Init:1/3, 0/1 Init:Error");
    assert_string_equal(rig_phase(rig), "Failed");
    assert_int_equal(json_integer_value(json_object_get(rig_terminated(rig, "two"), "exitCode")),
                     3);
    assert_int_equal(sim_next_due_ms(rig->sim), SIM_NEVER);
    rig_free(rig);
}

static void
sim__oom_killed_step_is_restarted_by_the_same_back_off(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "eat: {runs: [{takes: 1s, exit: 137, reason: OOMKilled}]}\n");
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: oom}\n"
                   "spec:\n"
                   "  initContainers: [{name: eat, image: 'busybox:1.36'}]\n"
                   "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '9']}]\n");
    rig_run(rig, 22);
    assert_string_equal(rig->seen, "0/1 Pending, 0/1 Init:0/1, 0/1 Init:OOMKilled, 0/1 Init:0/1, "
                                   "0/1 Init:OOMKilled, 0/1 Init:CrashLoopBackOff, 0/1 Init:0/1, "
                                   "0/1 Init:OOMKilled");
    rig_free(rig);
}

static const char gate_pod[] =
    "kind: Pod\n"
    "metadata: {name: startup-slow}\n"
    "spec:\n"
    "  initContainers:\n"
    "  - name: proxy\n"
    "    image: busybox:1.36\n"
    "    restartPolicy: Always\n"
    "    startupProbe: {exec: {command: ['true']}, periodSeconds: 2, failureThreshold: 10}\n"
    "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '900']}]\n";

static void
sim__next_container_starts_only_after_the_startup_probe(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "proxy: {startup: [{from: 0s, ok: false, message: not yet}, {from: 13s}]}\n");
    rig_apply(rig, gate_pod);
    rig_run(rig, 12);
    assert_string_equal(rig->seen, "0/2 Pending, 0/2 Init:0/1");
    assert_true(json_is_false(json_object_get(rig_status(rig, "proxy"), "started")));
    rig_run(rig, 30);
    assert_string_equal(rig->seen, "0/2 Pending, 0/2 Init:0/1, 1/2 PodInitializing, 2/2 Running");
    assert_non_null(strstr(
        rig->events, "Warning Unhealthy spec.initContainers{proxy} Startup probe failed: not yet"));
    rig_free(rig);
}

static void
sim__startup_probe_that_never_passes_kills_the_sidecar(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "proxy: {startup: [{from: 0s, ok: false}], term: {takes: 1s, exit: 0}}\n");
    rig_apply(rig, gate_pod);
    rig_run(rig, 32);
    assert_non_null(strstr(rig->events, "Normal Killing spec.initContainers{proxy} Init container "
                                        "proxy failed startup probe"));
    assert_int_equal(json_integer_value(json_object_get(rig_status(rig, "proxy"), "restartCount")),
                     1);
    assert_string_equal(rig->last_cells, "0/2 Init:0/1");
    rig_free(rig);
}

static void
sim__readiness_of_a_sidecar_never_delays_but_counts(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_scripts(rig, "side: {readiness: [{from: 0s, ok: false}]}\n");
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: unready}\n"
                   "spec:\n"
                   "  initContainers:\n"
                   "  - name: side\n"
                   "    image: busybox:1.36\n"
                   "    restartPolicy: Always\n"
                   "    readinessProbe: {exec: {command: ['false']}, periodSeconds: 2}\n"
                   "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '900']}]\n");
    rig_run(rig, 30);
    assert_string_equal(rig->last_cells, "1/2 Running");
    rig_free(rig);
}

static void
sim__init_step_larger_than_every_node_keeps_the_pod_pending(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig,
              "kind: Pod\n"
              "metadata: {name: billing-heavy-init}\n"
              "spec:\n"
              "  initContainers:\n"
              "  - {name: heavy-init, image: b, resources: {requests: {cpu: 4000m, memory: 1Gi}}}\n"
              "  containers:\n"
              "  - {name: app, image: b, resources: {requests: {cpu: 500m}}}\n");
    rig_run(rig, 120);
    assert_string_equal(rig->seen, "0/1 Pending");
    assert_non_null(
        strstr(rig->events,
               "Warning FailedScheduling - 0/4 nodes are available: 1 node(s) had untolerated "
               "taint(s), 3 Insufficient cpu. preemption: "));
    rig_free(rig);
}

static void
sim__missing_secret_holds_the_step_until_it_is_there(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: cart}\n"
                   "spec:\n"
                   "  initContainers:\n"
                   "  - name: migrate\n"
                   "    image: busybox:1.36\n"
                   "    command: [sleep, '1']\n"
                   "    env: [{name: U, valueFrom: {secretKeyRef: {name: db-secrets, key: url}}}]\n"
                   "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '900']}]\n");
    rig_run(rig, 40);
    assert_string_equal(rig->last_cells, "0/1 Init:CreateContainerConfigError");
    assert_non_null(strstr(rig->events, "Error: secret \"db-secrets\" not found"));
    rig_apply(rig, "kind: Secret\nmetadata: {name: db-secrets}\nstringData: {other: x}\n");
    rig_run(rig, 60);
    assert_non_null(strstr(rig->events, "Error: couldn't find key url in Secret shop/db-secrets"));
    rig_apply(rig, "kind: Secret\nmetadata: {name: db-secrets}\nstringData: {url: x}\n");
    rig_run(rig, 90);
    assert_string_equal(rig->last_cells, "1/1 Running");
    rig_free(rig);
}

/* What kubectl would print under STATUS. */
static void
assert_pod_status(struct rig *rig, const char *name, const char *want)
{
    json_t *object = sim_pod_object(rig->sim, sim_pod_find(rig->sim, "shop", name));
    json_t *cells = cells_row(DEMO_KIND_POD, object, RIG_WALL_MS);
    assert_string_equal(json_string_value(json_array_get(cells, 2)), want);
    json_decref(cells);
    json_decref(object);
}

static void
sim__wait_loop_ends_when_the_service_gets_an_endpoint(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig,
              "kind: Pod\n"
              "metadata: {name: waiter}\n"
              "spec:\n"
              "  initContainers:\n"
              "  - name: wait\n"
              "    image: busybox:1.36\n"
              "    command: [sh, -c, 'until nc -z db 5432; do echo no; sleep 2; done; echo yes']\n"
              "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '900']}]\n"
              "---\n"
              "kind: Service\n"
              "metadata: {name: db}\n"
              "spec: {selector: {app: db}, ports: [{port: 5432}]}\n");
    rig_run(rig, 60);
    assert_string_equal(rig->last_cells, "0/1 Init:0/1");
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: db, labels: {app: db}}\n"
                   "spec: {containers: [{name: db, image: 'postgres:17'}]}\n");
    rig_run(rig, 80);
    assert_pod_status(rig, "waiter", "Running");
    rig_free(rig);
}

static void
sim__wait_loop_finds_a_service_of_another_namespace(void **state)
{
    (void)state;
    static const char *const hosts[] = {"db.data", "db.data.svc", "db.data.svc.cluster.local"};
    for (size_t i = 0; i < IW_COUNTOF(hosts); i++) {
        struct rig *rig = rig_new();
        iw_autofree char *waiter = iw_asprintf(
            "kind: Pod\n"
            "metadata: {name: waiter}\n"
            "spec:\n"
            "  initContainers:\n"
            "  - name: wait\n"
            "    image: busybox:1.36\n"
            "    command: [sh, -c, 'until nc -z %s 5432; do sleep 2; done']\n"
            "  containers: [{name: app, image: 'busybox:1.36', command: [sleep, '900']}]\n",
            hosts[i]);
        static const char database[] = "kind: Service\n"
                                       "metadata: {name: db, namespace: data}\n"
                                       "spec: {selector: {app: db}, ports: [{port: 5432}]}\n"
                                       "---\n"
                                       "kind: Pod\n"
                                       "metadata: {name: db, namespace: data, labels: {app: db}}\n"
                                       "spec: {containers: [{name: db, image: 'postgres:17'}]}\n";
        rig_apply(rig, waiter);
        rig_apply(rig, "kind: Service\n" /* of this name here: it has no endpoint */
                       "metadata: {name: db}\n"
                       "spec: {selector: {app: none}, ports: [{port: 5432}]}\n");
        rig_run(rig, 20);
        assert_pod_status(rig, "waiter", "Init:0/1");
        rig_apply(rig, database);
        rig_run(rig, 40);
        assert_pod_status(rig, "waiter", "Running");
        rig_free(rig);
    }
}

static void
sim__same_seed_gives_the_same_history_whatever_the_steps(void **state)
{
    (void)state;
    struct rig *once = rig_new(), *often = rig_new();
    rig_apply(once, crash_pod);
    rig_apply(often, crash_pod);
    rig_run(once, 100);
    for (int64_t t_ms = 0; t_ms <= 100000; t_ms += 7)
        sim_run_until(often->sim, t_ms);
    sim_run_until(often->sim, 100000);
    assert_string_equal(once->events, often->events);
    assert_true(json_equal(once->last, often->last));
    rig_free(once);
    rig_free(often);
}

static void
sim__app_statuses_are_sorted_by_name_and_inits_keep_their_order(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Pod\n"
                   "metadata: {name: p}\n"
                   "spec:\n"
                   "  initContainers: [{name: z, image: b, command: [sleep, '1']}, {name: a, "
                   "image: b, command: [sleep, '1']}]\n"
                   "  containers: [{name: second, image: b}, {name: first, image: b}]\n");
    rig_run(rig, 20);
    const json_t *status = json_object_get(rig->last, "status");
    const json_t *apps = json_object_get(status, "containerStatuses");
    const json_t *inits = json_object_get(status, "initContainerStatuses");
    assert_string_equal(json_string_value(json_object_get(json_array_get(apps, 0), "name")),
                        "first");
    assert_string_equal(json_string_value(json_object_get(json_array_get(inits, 0), "name")), "z");
    rig_free(rig);
}

static void
sim__lost_sandbox_runs_all_init_steps_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, sidecar_pod);
    rig_run(rig, 20);
    assert_true(sim_lose_sandbox(rig->sim, "shop", "myapp-with-native-sidecar"));
    rig_run(rig, 50);
    assert_string_equal(rig->last_cells, "3/3 Running");
    assert_non_null(strstr(rig->events,
                           "Normal SandboxChanged - Pod sandbox changed, it will be killed "
                           "and re-created."));
    assert_int_equal(
        json_integer_value(json_object_get(rig_status(rig, "database-init"), "restartCount")), 1);
    rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sim__init_step_then_server_goes_through_the_recorded_states),
        cmocka_unit_test(sim__native_sidecars_open_the_way_one_after_the_other),
        cmocka_unit_test(sim__crash_loop_shows_the_back_off_only_at_its_end),
        cmocka_unit_test(sim__back_off_doubles_from_ten_seconds_and_counts_from_the_exit),
        cmocka_unit_test(sim__waiting_message_names_the_back_off),
        cmocka_unit_test(sim__bad_image_alternates_between_its_two_reasons),
        cmocka_unit_test(sim__sidecars_of_a_finished_pod_stop_in_reverse_order),
        cmocka_unit_test(sim__failed_init_step_with_policy_never_fails_the_pod),
        cmocka_unit_test(sim__oom_killed_step_is_restarted_by_the_same_back_off),
        cmocka_unit_test(sim__next_container_starts_only_after_the_startup_probe),
        cmocka_unit_test(sim__startup_probe_that_never_passes_kills_the_sidecar),
        cmocka_unit_test(sim__readiness_of_a_sidecar_never_delays_but_counts),
        cmocka_unit_test(sim__init_step_larger_than_every_node_keeps_the_pod_pending),
        cmocka_unit_test(sim__missing_secret_holds_the_step_until_it_is_there),
        cmocka_unit_test(sim__wait_loop_ends_when_the_service_gets_an_endpoint),
        cmocka_unit_test(sim__wait_loop_finds_a_service_of_another_namespace),
        cmocka_unit_test(sim__lost_sandbox_runs_all_init_steps_again),
        cmocka_unit_test(sim__same_seed_gives_the_same_history_whatever_the_steps),
        cmocka_unit_test(sim__app_statuses_are_sorted_by_name_and_inits_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
