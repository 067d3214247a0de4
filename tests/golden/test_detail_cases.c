/* What the pod's timeline says in rare cases and where room is short.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stories_more.h"

static void
detail__says_first_how_much_of_a_startup_probe_is_left(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(0, 4, -1), 16, "detail");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "s1 istio-proxy startup probe httpGet :15021/healthz/ready: ~12/30 "
                               "failed, killed in 18s"));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "s1 istio-proxy startup probe ~12/30 failed, killed in 18s"));
    scene_draw(&sc, 60, 16);
    assert_true(scene_has(&sc, "~12/30 failed, killed in 18s "));
    scene_close(&sc);
}

/* A pod of the same set that came up: the proxy started after `proxy_s`, Ready came `rest_s` later. */
static struct pod *
checkout_ready(const char *name, int proxy_s, int rest_s)
{
    struct pod_make m;
    make_pod(&m, name);
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = "checkout-6f7d9c";
    m.pod.phase = "Running";
    make_container(&m, LIST_INIT, "fetch-certs");
    struct container *s1 = make_sidecar(&m, "istio-proxy");
    s1->startup = draft_probe(story_http("httpGet :15021/healthz/ready", 1, 30));
    make_container(&m, LIST_INIT, "db-migrate");
    make_container(&m, LIST_APP, "checkout");
    make_ended(&m, LIST_INIT, "fetch-certs", make_end(0, "Completed", NOW(1), NOW(3)));
    make_running(&m, LIST_INIT, "istio-proxy", NOW(4))->ready = true;
    make_ended(&m, LIST_INIT, "db-migrate",
               make_end(0, "Completed", NOW(3 + proxy_s), NOW(4 + proxy_s)));
    make_running(&m, LIST_APP, "checkout", NOW(5 + proxy_s))->ready = true;
    story_conditions(&m, 5 + proxy_s, 3 + proxy_s + rest_s);
    return pod_seal(&m.pod);
}

static void
detail__says_when_the_pod_would_be_ready_by_others_of_its_workload(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(1, 4, 34), 40, "detail");
    scene_draw(&sc, 140, 40);
    assert_false(scene_finds(&sc, "Ready in about"));
    scene_add(&sc, checkout_ready("checkout-6f7d9c-aaaaa", 5, 20));
    scene_add(&sc, checkout_ready("checkout-6f7d9c-bbbbb", 6, 24));
    scene_add(&sc, checkout_ready("checkout-6f7d9c-ccccc", 7, 60));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "→ i2 db-migrate and 2 more wait   if s1 starts now: Ready in about "
                               "24s (median of 3 pods of checkout-6f7d9c)"));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "if s1 starts now: Ready in about 24s (median of 3 pods of"));
    scene_close(&sc);
}

static void
detail__says_what_is_left_of_a_step_that_runs(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(0, 4, -1), 5, "detail");
    scene_add(&sc, checkout_ready("checkout-6f7d9c-aaaaa", 8, 20));
    scene_draw(&sc, 80, 24);
    /* its turn came at 3 s: 2 of its usual 8 are over */
    assert_true(scene_has(&sc, "Ready in about 26s (as one other pod of checkout-6f7d9c)"));
    story_now(&sc, 20);
    assert_true(scene_has(&sc, "s1 usually takes 8s; Ready about 20s after it (as one other pod"));
    scene_close(&sc);
}

static void
detail__names_the_cause_before_a_long_name(void **state)
{
    struct scene sc;
    struct pod_make m;
    (void)state;
    make_pod(&m, "web");
    make_container(&m, LIST_INIT, "a-name-that-goes-on-until-it-has-sixty-three-characters-in-it");
    make_container(&m, LIST_APP, "app");
    make_waiting(&m, LIST_INIT, "a-name-that-goes-on-until-it-has-sixty-three-characters-in-it",
                 "CreateContainerConfigError", "secret \"db-secrets\" not found");
    make_waiting(&m, LIST_APP, "app", "PodInitializing", "");
    story_open(&sc, pod_seal(&m.pod), 60, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "BLOCKED BY  i1: Secret db-secrets not found"));
    scene_close(&sc);
}

/* Four runs of a step, the head of the table of attempts is never the last line of the pane. */
static void
detail__shows_no_heading_without_what_it_heads(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(2, 80), 90, "detail");
    for (int rows = 17; rows <= 30; rows++) {
        scene_draw(&sc, 80, rows);
        assert_true(!scene_finds(&sc, "why it ended") || scene_has(&sc, " exit 2     Error "));
    }
    scene_close(&sc);
}

static void
detail__tells_many_steps_as_a_stretch(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_huge(), 100, "detail");
    scene_draw(&sc, 200, 60);
    assert_true(scene_has(&sc, "order: i1–i4 end one by one → s1 started → i5–i8 end one by one"));
    scene_close(&sc);
}

/* A Job's pod that is over: the apps ended, then the sidecar; one init failed before the next. */
static struct pod *
job_pod(const char *phase, int failed_init)
{
    struct pod_make m;
    make_pod(&m, "report");
    m.pod.phase = phase;
    m.pod.restart_policy = "Never";
    m.pod.owner_kind = "Job";
    m.pod.owner_name = "report";
    make_container(&m, LIST_INIT, "fetch");
    make_sidecar(&m, "proxy");
    make_container(&m, LIST_APP, "app");
    make_ended(&m, LIST_INIT, "fetch",
               make_end(failed_init, failed_init ? "Error" : "Completed", NOW(1), NOW(3)));
    if (failed_init) {
        make_waiting(&m, LIST_INIT, "proxy", "PodInitializing", "");
        make_waiting(&m, LIST_APP, "app", "PodInitializing", "");
    } else {
        make_ended(&m, LIST_INIT, "proxy", make_end(0, "Completed", NOW(4), NOW(30)));
        make_ended(&m, LIST_APP, "app", make_end(0, "Completed", NOW(5), NOW(25)));
    }
    story_conditions(&m, failed_init ? -1 : 3, -1);
    m.conditions[0].status = "False";
    return pod_seal(&m.pod);
}

static void
detail__tells_when_a_pod_that_is_over_ended(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, job_pod("Succeeded", 0), 60, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "scheduled +0s › Initialized +3s › ended +30s"));
    scene_keys(&sc, "\r");
    assert_string_equal(sc.last.container, "app");
    scene_close(&sc);
    story_open(&sc, job_pod("Failed", 3), 60, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " FAILED  i1 fetch exit 3, not restarted"));
    assert_true(scene_has(&sc, "– never started"));
    scene_close(&sc);
}

/* The pod still runs to the API, but nothing in it does. */
static void
detail__shows_sidecars_of_a_job_ended_not_restarting(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, job_pod("Running", 0), 40, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "stops  ✓a1 → ✓s1   all have ended  (the apps have ended)"));
    scene_keys(&sc, "+++"); /* the last five seconds: nothing is pulled */
    scene_draw(&sc, 80, 24);
    assert_false(scene_finds(&sc, "░ pull/create"));
    scene_close(&sc);
}

static void
detail__tells_a_pod_that_the_node_evicted(void **state)
{
    struct scene sc;
    struct pod_make m;
    (void)state;
    make_pod(&m, "web");
    m.pod.phase = "Failed";
    m.pod.reason = "Evicted";
    m.pod.message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: "
                    "20Mi. Container app was using 900Mi, request is 100Mi.";
    make_container(&m, LIST_INIT, "prepare");
    make_container(&m, LIST_APP, "app");
    story_open(&sc, pod_seal(&m.pod), 60, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " FAILED  Evicted: The node was low on resource: memory."));
    assert_true(scene_has(&sc, "         100Mi."));
    assert_true(scene_has(&sc, "– never started"));
    assert_false(scene_finds(&sc, "– ready"));
    scene_close(&sc);
}

static void
detail__knows_debug_containers_rules_and_static_pods(void **state)
{
    static const int32_t codes[] = {42, 43};
    static const struct restart_rule rule = {
        .action = "Restart", .op = "In", .codes = codes, .code_count = 2};
    struct scene sc;
    struct pod_make m;
    (void)state;
    make_pod(&m, "kube-proxy-node1");
    m.pod.phase = "Running";
    m.pod.owner_kind = "Node";
    m.pod.owner_name = "node1";
    struct container *i1 = make_container(&m, LIST_INIT, "fetch");
    make_container(&m, LIST_APP, "app");
    make_container(&m, LIST_EPHEMERAL, "debugger");
    i1->restart_policy = "Never";
    i1->rules = &rule;
    i1->rule_count = 1;
    make_ended(&m, LIST_INIT, "fetch", make_end(0, "Completed", NOW(1), NOW(3)));
    make_running(&m, LIST_APP, "app", NOW(4))->ready = true;
    make_running(&m, LIST_EPHEMERAL, "debugger", NOW(40));
    story_conditions(&m, 3, 5);
    story_open(&sc, pod_seal(&m.pod), 60, "detail");
    scene_keys(&sc, "g");
    scene_draw(&sc, 80, 30);
    assert_true(scene_has(&sc, "▶ 20s running"));
    assert_true(scene_has(&sc, "Never (the container's own policy); exit 42, 43 → Restart"));
    assert_true(scene_has(&sc, "note: a static pod"));
    scene_close(&sc);
}

static void
detail__begins_at_what_stops_and_else_at_the_app(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_terminating(66, -1), 70, "detail");
    scene_keys(&sc, "\r");
    assert_string_equal(sc.last.container, "metrics-collector");
    scene_close(&sc);
    story_open(&sc, story_native_sidecar(), 48, "detail");
    scene_keys(&sc, "\r");
    assert_string_equal(sc.last.container, "application");
    scene_close(&sc);
}

/* Killing after the request to delete is what was asked for; before it, something is wrong. */
static void
detail__warns_of_a_kill_that_nobody_asked_for(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_terminating(66, -1), 70, "detail");
    static const char pod[] = "myapp-with-native-sidecar";
    story_event(&sc, pod, "application", "Killing", "Stopping container application", 61, 61, 1);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "        ▾"));
    assert_true(scene_has(&sc, "Killing ×1"));
    assert_false(scene_has(&sc, "        ⚠"));
    story_event(&sc, pod, "application", "Killing",
                "Container application failed liveness probe, will be restarted", 40, 40, 1);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "        ⚠"));
    scene_close(&sc);
}

/* The pod is open while it goes and comes back under its name, as those of a StatefulSet do. */
static void
detail__leads_from_a_pod_that_is_gone_to_its_successor(void **state)
{
    struct scene sc;
    struct pod_make m;
    (void)state;
    scene_open(&sc, NOW(60));
    make_pod(&m, "store-0");
    m.pod.uid = "first";
    make_container(&m, LIST_APP, "app");
    scene_add(&sc, pod_seal(&m.pod));
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "\r");
    sc.sink.remove(sc.sink.ctx, pod_seal(&m.pod));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "this pod was deleted"));
    assert_false(scene_finds(&sc, "J: its successor"));
    m.pod.uid = "second";
    m.pod.created_ms = NOW(61);
    scene_add(&sc, pod_seal(&m.pod));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "its last state is shown  J: its successor"));
    scene_keys(&sc, "J");
    scene_draw(&sc, 80, 24);
    assert_false(scene_finds(&sc, "this pod was deleted"));
    assert_true(scene_has(&sc, "store-0"));
    scene_close(&sc);
}

static void
detail__pans_no_further_than_the_life_of_the_pod(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    scene_draw(&sc, 80, 24);
    ui_key(sc.ui, KEY_LEFT_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "this is where the pod begins"));
    assert_true(scene_has(&sc, "  0s "));
    scene_keys(&sc, "+");
    for (int i = 0; i < 4; i++)
        ui_key(sc.ui, KEY_LEFT_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "  0s "));
    for (int i = 0; i < 4; i++)
        ui_key(sc.ui, KEY_RIGHT_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "T+48s"));
    scene_close(&sc);
}

static void
detail__keeps_the_table_of_attempts_short(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(0, 6), 7, "detail");
    for (int i = 1; i < 13; i++)
        story_later(&sc, story_crash_loop(i, 6 + 20 * i), 7 + 20 * i);
    scene_draw(&sc, 140, 60);
    assert_true(scene_has(&sc, " 13  12:04:05"));
    assert_true(scene_has(&sc, " 4   12:01:05"));
    assert_false(scene_finds(&sc, " 3   12:00:45"));
    assert_true(scene_has(&sc, " 3 older attempts: l has them all"));
    scene_close(&sc);
}

static void
detail__fills_a_large_screen_with_the_other_containers(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(1, 4, 34), 40, "detail");
    scene_draw(&sc, 200, 60);
    assert_true(scene_has(&sc, "─ a2 metrics  app container ─"));
    scene_close(&sc);
}

static void
containers__keep_the_end_of_an_image_where_room_is_short(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(1, 4, 34), 40, "containers");
    scene_draw(&sc, 60, 16);
    assert_true(scene_has(&sc, " 1 proxyv2:1.27.1"));
    scene_draw(&sc, 200, 60);
    assert_true(scene_has(&sc, " 100m–2       128Mi–1Gi    docker.io/istio/proxyv2:1.27.1"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detail__says_first_how_much_of_a_startup_probe_is_left),
        cmocka_unit_test(detail__says_when_the_pod_would_be_ready_by_others_of_its_workload),
        cmocka_unit_test(detail__says_what_is_left_of_a_step_that_runs),
        cmocka_unit_test(detail__names_the_cause_before_a_long_name),
        cmocka_unit_test(detail__shows_no_heading_without_what_it_heads),
        cmocka_unit_test(detail__tells_many_steps_as_a_stretch),
        cmocka_unit_test(detail__tells_when_a_pod_that_is_over_ended),
        cmocka_unit_test(detail__shows_sidecars_of_a_job_ended_not_restarting),
        cmocka_unit_test(detail__tells_a_pod_that_the_node_evicted),
        cmocka_unit_test(detail__knows_debug_containers_rules_and_static_pods),
        cmocka_unit_test(detail__begins_at_what_stops_and_else_at_the_app),
        cmocka_unit_test(detail__warns_of_a_kill_that_nobody_asked_for),
        cmocka_unit_test(detail__leads_from_a_pod_that_is_gone_to_its_successor),
        cmocka_unit_test(detail__pans_no_further_than_the_life_of_the_pod),
        cmocka_unit_test(detail__keeps_the_table_of_attempts_short),
        cmocka_unit_test(detail__fills_a_large_screen_with_the_other_containers),
        cmocka_unit_test(containers__keep_the_end_of_an_image_where_room_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
