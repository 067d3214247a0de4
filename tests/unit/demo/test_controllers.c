/* The controllers of the simulator: rollouts, ordinals, retries, schedules, quotas, gates, policies.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include "../../../src/demo/sim_control.h"

#define APP(name, image)                                                                           \
    "{name: " name ", image: '" image "', command: [sh, -c, \"trap 'exit 0' TERM; while true; do " \
    "sleep 1; done\"]}"

static const struct sim_thing *
thing(struct rig *rig, enum demo_kind kind, const char *name)
{
    const struct sim_thing *found = sim_thing_find(rig->sim, kind, "shop", name);
    if (!found)
        fail_msg("there is no %s", name);
    return found;
}

static int
status_number(const struct sim_thing *of, const char *member)
{
    return sim_int_or(json_object_get(of->object, "status"), member, 0);
}

static const char *
condition(const struct sim_thing *of, const char *type, const char *member)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(json_object_get(of->object, "status"), "conditions"), i,
                       entry)
    {
        if (strcmp(sim_text(entry, "type"), type) == 0)
            return sim_text(entry, member);
    }
    return "";
}

static size_t
sets_of(struct rig *rig)
{
    size_t count = 0;
    for (size_t i = 0; i < rig->sim->things.len; i++)
        count += rig->sim->things.items[i]->kind == DEMO_KIND_REPLICASET;
    return count;
}

static const char web_v1[] =
    "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [" APP("web", "web:1") "]}\n";
static const char web_v2[] =
    "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [" APP("web", "web:2") "]}\n";
static const char web_broken[] =
    "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  progressDeadlineSeconds: 60\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec:\n      initContainers: [{name: migrate, image: busybox, command: [sh, -c, 'exit "
    "1']}]\n      containers: [" APP("web", "web:3") "]\n";

static void
deployment__rolls_to_a_new_template_without_losing_a_pod(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, web_v1);
    rig_run(rig, 20);
    assert_int_equal(status_number(thing(rig, DEMO_KIND_DEPLOYMENT, "web"), "readyReplicas"), 3);
    rig_apply(rig, web_v2);
    int least = 3, most = 3;
    for (int64_t t_s = 20; t_s < 120; t_s++) {
        rig_run(rig, t_s);
        const struct sim_thing *web = thing(rig, DEMO_KIND_DEPLOYMENT, "web");
        least = IW_MIN(least, status_number(web, "readyReplicas"));
        most = IW_MAX(most, status_number(web, "replicas"));
    }
    assert_int_equal(least, 3); /* 25 % of three, rounded down, may miss */
    assert_int_equal(most, 4);  /* and rounded up, be too many */
    const struct sim_thing *web = thing(rig, DEMO_KIND_DEPLOYMENT, "web");
    assert_int_equal(status_number(web, "updatedReplicas"), 3);
    assert_int_equal(status_number(web, "replicas"), 3);
    assert_string_equal(condition(web, "Progressing", "reason"), "NewReplicaSetAvailable");
    assert_int_equal(sets_of(rig), 2);
    rig_free(rig);
}

static void
deployment__stops_at_a_failing_init_step_and_goes_back(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, web_v1);
    rig_run(rig, 20);
    rig_apply(rig, web_broken);
    rig_run(rig, 60);
    const struct sim_thing *web = thing(rig, DEMO_KIND_DEPLOYMENT, "web");
    assert_int_equal(status_number(web, "readyReplicas"), 3);
    assert_int_equal(status_number(web, "updatedReplicas"), 1);
    assert_string_equal(condition(web, "Progressing", "reason"), "ReplicaSetUpdated");
    rig_run(rig, 100);
    assert_string_equal(condition(web, "Progressing", "status"), "False");
    assert_string_equal(condition(web, "Progressing", "reason"), "ProgressDeadlineExceeded");
    rig_apply(rig, web_v1);
    rig_run(rig, 160);
    web = thing(rig, DEMO_KIND_DEPLOYMENT, "web");
    assert_int_equal(status_number(web, "updatedReplicas"), 3);
    assert_int_equal(sets_of(rig), 2); /* the first set is the newest again */
    assert_string_equal(
        sim_text(json_object_get(json_object_get(web->object, "metadata"), "annotations"),
                 "deployment.kubernetes.io/revision"),
        "3");
    rig_free(rig);
}

static const char agent[] =
    "kind: DaemonSet\nmetadata: {name: agent}\nspec:\n  selector: {matchLabels: {app: agent}}\n"
    "  template:\n    metadata: {labels: {app: agent}}\n"
    "    spec: {containers: [" APP("agent", "agent:%d") "]%s}\n";

static void
apply_agent(struct rig *rig, int version, const char *more)
{
    char yaml[1024];
    snprintf(yaml, sizeof(yaml), agent, version, more);
    rig_apply(rig, yaml);
}

static void
daemonset__has_a_pod_on_each_node_and_replaces_them_one_by_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    apply_agent(rig, 1, "");
    rig_run(rig, 20);
    const struct sim_thing *set = thing(rig, DEMO_KIND_DAEMONSET, "agent");
    assert_int_equal(status_number(set, "desiredNumberScheduled"), SIM_NODES);
    assert_int_equal(status_number(set, "numberReady"), SIM_NODES);
    unsigned nodes = 0;
    for (size_t i = 0; i < set->pods.len; i++)
        nodes |= 1u << set->pods.items[i]->node;
    assert_int_equal(nodes, (1u << SIM_NODES) - 1);
    apply_agent(rig, 2, "");
    for (int second = 21; second < 120; second++) {
        rig_run(rig, second);
        assert_true(status_number(set, "numberReady") >= SIM_NODES - 1);
    }
    assert_int_equal(status_number(set, "updatedNumberScheduled"), SIM_NODES);
    apply_agent(rig, 2, ", nodeSelector: {kubernetes.io/hostname: demo-worker2}");
    rig_run(rig, 200);
    assert_int_equal(status_number(set, "desiredNumberScheduled"), 1);
    assert_int_equal(set->pods.len, 1);
    assert_string_equal(sim_node_names[set->pods.items[0]->node], "demo-worker2");
    rig_free(rig);
}

static void
statefulset__makes_and_drops_pods_in_order(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 3\n"
                   "  selector: {matchLabels: {app: db}}\n  template:\n"
                   "    metadata: {labels: {app: db}}\n    spec:\n      initContainers: [{name: i, "
                   "image: busybox, command: [sleep, '4']}]\n      containers: [" APP(
                       "db", "db:1") "]\n");
    rig_run(rig, 3);
    assert_non_null(sim_pod_find(rig->sim, "shop", "db-0"));
    assert_null(sim_pod_find(rig->sim, "shop", "db-1"));
    rig_run(rig, 40);
    assert_non_null(sim_pod_find(rig->sim, "shop", "db-2"));
    rig_apply(rig, "kind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 1\n"
                   "  selector: {matchLabels: {app: db}}\n  template:\n"
                   "    metadata: {labels: {app: db}}\n    spec:\n      initContainers: [{name: i, "
                   "image: busybox, command: [sleep, '4']}]\n      containers: [" APP(
                       "db", "db:1") "]\n");
    bool two_gone = false;
    for (int64_t t_ms = 40000; t_ms < 60000; t_ms += 100) {
        sim_run_until(rig->sim, t_ms);
        two_gone = two_gone || !sim_pod_find(rig->sim, "shop", "db-2");
        if (!sim_pod_find(rig->sim, "shop", "db-1"))
            break;
        assert_true(two_gone || !sim_pod_find(rig->sim, "shop", "db-1")->deleting);
    }
    assert_null(sim_pod_find(rig->sim, "shop", "db-1"));
    assert_non_null(sim_pod_find(rig->sim, "shop", "db-0"));
    rig_free(rig);
}

static void
job__tries_again_later_each_time_and_gives_up(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Job\nmetadata: {name: once}\nspec:\n  backoffLimit: 2\n  template:\n"
                   "    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: "
                   "busybox, command: [sh, -c, 'sleep 1; exit 3']}]\n");
    rig_run(rig, 8);
    assert_int_equal(status_number(thing(rig, DEMO_KIND_JOB, "once"), "failed"), 1);
    rig_run(rig, 25);
    assert_int_equal(status_number(thing(rig, DEMO_KIND_JOB, "once"), "failed"), 2);
    rig_run(rig, 60);
    const struct sim_thing *job = thing(rig, DEMO_KIND_JOB, "once");
    assert_int_equal(status_number(job, "failed"), 3);
    assert_string_equal(condition(job, "Failed", "reason"), "BackoffLimitExceeded");
    rig_run(rig, 400);
    assert_int_equal(rig->sim->pods.len, 3);
    rig_free(rig);
}

static void
job__counts_restarts_in_place_against_its_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Job\nmetadata: {name: once}\nspec:\n  backoffLimit: 2\n  template:\n"
                   "    spec:\n      restartPolicy: OnFailure\n      containers: [{name: c, image: "
                   "busybox, command: [sh, -c, 'sleep 1; exit 3']}]\n");
    rig_run(rig, 120);
    assert_string_equal(condition(thing(rig, DEMO_KIND_JOB, "once"), "Failed", "reason"),
                        "BackoffLimitExceeded");
    assert_int_equal(rig->sim->pods.len, 0);
    rig_free(rig);
}

static void
cronjob__runs_at_once_and_then_by_its_schedule(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig,
              "kind: CronJob\nmetadata: {name: nightly}\nspec:\n  schedule: '*/2 * * * *'\n"
              "  successfulJobsHistoryLimit: 2\n  jobTemplate:\n    spec:\n      template:\n"
              "        spec:\n          restartPolicy: Never\n          containers: [{name: c, "
              "image: busybox, command: [sleep, '5']}]\n");
    rig_run(rig, 30);
    assert_int_equal(rig->sim->pods.len, 1);
    rig_run(rig, 150);
    assert_int_equal(rig->sim->pods.len, 2);
    rig_run(rig, 1000);
    assert_int_equal(rig->sim->pods.len, 2); /* older Jobs are forgotten */
    rig_free(rig);
}

static void
cron__finds_the_next_moment(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *next; /* after 2025-11-15T10:00:00Z, a Saturday */
    } rows[] = {
        {"* * * * *", "2025-11-15T10:01:00Z"},   {"*/15 * * * *", "2025-11-15T10:15:00Z"},
        {"30 9 * * *", "2025-11-16T09:30:00Z"},  {"0 8-18/2 * * 1-5", "2025-11-17T08:00:00Z"},
        {"@monthly", "2025-12-01T00:00:00Z"},    {"0 0 29 2 *", "2028-02-29T00:00:00Z"},
        {"0 12 20 * 0", "2025-11-16T12:00:00Z"}, {"5,10 10 15 11 *", "2025-11-15T10:05:00Z"},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct sim_cron cron;
        char text[40];
        assert_true(sim_cron_parse(rows[i].schedule, &cron));
        rfc3339_format(sim_cron_next(&cron, RIG_WALL_MS), false, text);
        assert_string_equal(text, rows[i].next);
    }
    static const char *const wrong[] = {"",          "* * * *",     "60 * * * *",  "x * * * *",
                                        "* * 0 * *", "1-0 * * * *", "*/0 * * * *", "* * * * * *"};
    for (size_t i = 0; i < IW_COUNTOF(wrong); i++) {
        struct sim_cron cron;
        assert_false(sim_cron_parse(wrong[i], &cron));
    }
}

static void
claim__waits_until_its_class_is_made(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: "
                   "fast}\n---\nkind: PersistentVolumeClaim\nmetadata: {name: usual}\nspec: "
                   "{storageClassName: standard}\n---\nkind: Pod\nmetadata: {name: "
                   "db}\nspec:\n  containers: [{name: db, image: db}]\n  volumes: [{name: d, "
                   "persistentVolumeClaim: {claimName: data}}]\n");
    rig_run(rig, 20);
    const json_t *usual = thing(rig, DEMO_KIND_PVC, "usual")->object;
    const json_t *data = thing(rig, DEMO_KIND_PVC, "data")->object;
    assert_string_equal(sim_text(json_object_get(usual, "status"), "phase"), "Bound");
    assert_string_equal(sim_text(json_object_get(data, "status"), "phase"), "Pending");
    assert_non_null(strstr(rig->events, "Warning ProvisioningFailed - "
                                        "storageclass.storage.k8s.io \"fast\" not found"));
    rig_apply(rig, "kind: StorageClass\nmetadata: {name: fast}\nprovisioner: test\n");
    rig_run(rig, 60);
    data = thing(rig, DEMO_KIND_PVC, "data")->object;
    assert_string_equal(sim_text(json_object_get(data, "status"), "phase"), "Bound");
    assert_true(rig->sim->pods.items[0]->node >= 0);
    rig_free(rig);
}

static void
quota__counts_the_largest_init_step_and_refuses_the_second_pod(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(
        rig,
        "kind: ResourceQuota\nmetadata: {name: team}\nspec: {hard: {requests.cpu: '2'}}\n---\n"
        "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: "
        "{matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
        "      initContainers: [{name: warm, image: busybox, resources: {requests: {cpu: "
        "1500m}}}]\n      containers: [{name: web, image: web, resources: {requests: {cpu: "
        "250m}}}]\n");
    rig_run(rig, 30);
    assert_int_equal(rig->sim->pods.len, 1);
    const struct sim_thing *web = thing(rig, DEMO_KIND_DEPLOYMENT, "web");
    const char *why = condition(web, "ReplicaFailure", "message");
    if (!strstr(why, "exceeded quota: team, requested: requests.cpu=1500m, used: "
                     "requests.cpu=1500m, limited: requests.cpu=2"))
        fail_msg("%s", why);
    assert_non_null(strstr(rig->events, "Warning FailedCreate - Error creating: pods \"web-"));
    const json_t *used = json_object_get(
        json_object_get(thing(rig, DEMO_KIND_RESOURCEQUOTA, "team")->object, "status"), "used");
    assert_string_equal(sim_text(used, "requests.cpu"), "1500m");
    rig_apply(rig, "kind: ResourceQuota\nmetadata: {name: team}\nspec: {hard: {requests.cpu: "
                   "'4'}}\n");
    rig_run(rig, 120);
    assert_int_equal(rig->sim->pods.len, 2);
    assert_string_equal(
        condition(thing(rig, DEMO_KIND_DEPLOYMENT, "web"), "ReplicaFailure", "message"), "");
    rig_free(rig);
}

static void
gates__keep_a_pod_from_the_scheduler_until_they_go(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Pod\nmetadata: {name: gated}\nspec:\n  schedulingGates: [{name: "
                   "example.com/approval}]\n  containers: [{name: c, image: busybox, command: "
                   "[sleep, '600']}]\n");
    rig_run(rig, 20);
    assert_string_equal(rig->seen, "0/1 SchedulingGated");
    assert_int_equal(rig->events[0], '\0'); /* gates make no event */
    rig_apply(rig, "kind: Pod\nmetadata: {name: gated}\nspec:\n  containers: [{name: c, image: "
                   "busybox, command: [sleep, '600']}]\n");
    rig_run(rig, 40);
    assert_string_equal(rig->last_cells, "1/1 Running");
    rig_free(rig);
}

#define WAITER                                                                                     \
    "kind: Pod\nmetadata: {name: waiter, labels: {app: waiter}}\nspec:\n  initContainers: "        \
    "[{name: wait, image: busybox, command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}]\n" \
    "  containers: [{name: c, image: busybox, command: [sleep, '600']}]\n"

static void
network_policy__keeps_a_wait_loop_waiting(void **state)
{
    (void)state;
    static const char db[] =
        "kind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n"
        "---\nkind: Pod\nmetadata: {name: db, labels: {app: db}}\nspec: {containers: [{name: db, "
        "image: db}]}\n---\nkind: NetworkPolicy\nmetadata: {name: db}\nspec: {podSelector: "
        "{matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {role: "
        "client}}}], ports: [{port: 5432}]}]}\n---\n";
    struct rig *rig = rig_new();
    rig_apply(rig, db);
    rig_run(rig, 20);
    rig_apply(rig, WAITER);
    rig_run(rig, 60);
    assert_string_equal(rig->last_cells, "0/1 Init:0/1");
    rig_apply(rig, "kind: NetworkPolicy\nmetadata: {name: db}\nspec: {podSelector: {matchLabels: "
                   "{app: db}}, ingress: [{from: [{podSelector: {}}]}]}\n");
    rig_run(rig, 90);
    assert_string_equal(rig->last_cells, "1/1 Running");
    rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deployment__rolls_to_a_new_template_without_losing_a_pod),
        cmocka_unit_test(deployment__stops_at_a_failing_init_step_and_goes_back),
        cmocka_unit_test(daemonset__has_a_pod_on_each_node_and_replaces_them_one_by_one),
        cmocka_unit_test(statefulset__makes_and_drops_pods_in_order),
        cmocka_unit_test(job__tries_again_later_each_time_and_gives_up),
        cmocka_unit_test(job__counts_restarts_in_place_against_its_limit),
        cmocka_unit_test(cronjob__runs_at_once_and_then_by_its_schedule),
        cmocka_unit_test(cron__finds_the_next_moment),
        cmocka_unit_test(claim__waits_until_its_class_is_made),
        cmocka_unit_test(quota__counts_the_largest_init_step_and_refuses_the_second_pod),
        cmocka_unit_test(gates__keep_a_pod_from_the_scheduler_until_they_go),
        cmocka_unit_test(network_policy__keeps_a_wait_loop_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
