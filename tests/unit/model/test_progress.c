/* Signs, init progress, and what blocks a pod, in words.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/progress.h"
#include "initwatch/model/progress_text.h"
#include "pod_make.h"

#define NOW (T0 + SECONDS(249))

static void
expect_block(struct pod_make *m, enum block_severity severity, const char *container,
             const char *reason, const char *summary)
{
    struct pod *pod = pod_seal(&m->pod);
    struct pod_block block;
    pod_block_of(pod, NOW, &block);
    assert_string_equal(block.summary, summary);
    assert_string_equal(block.reason, reason);
    assert_int_equal(block.severity, severity);
    assert_string_equal(block.container ? block.container->name : "", container);
    pod_free(pod);
}

static void
expect_strip(struct pod_make *m, const char *want)
{
    struct pod *pod = pod_seal(&m->pod);
    char strip[64];
    pod_strip_text(pod, NOW, false, strip, sizeof(strip));
    assert_string_equal(strip, want);
    pod_free(pod);
}

/* init, sidecar, init | app: nothing has a status yet. */
static void
make_usual(struct pod_make *m)
{
    make_pod(m, "web");
    make_container(m, LIST_INIT, "wait-for-postgres");
    make_sidecar(m, "istio-proxy");
    make_container(m, LIST_INIT, "migrate");
    make_container(m, LIST_APP, "app");
    m->pod.started_ms = T0;
    make_condition(m, "PodScheduled", "True", T0);
}

static void
make_app_waits(struct pod_make *m)
{
    make_waiting(m, LIST_APP, "app", "PodInitializing", "");
}

static void
pod_block_of__names_what_a_wait_loop_waits_for(void **state)
{
    (void)state;
    static const char *const command[] = {"sh", "-c",
                                          "until nc -z postgres-service 5432; do sleep 2; done"};
    struct pod_make m;
    make_usual(&m);
    m.containers[0].command = command;
    m.containers[0].command_count = 3;
    make_running(&m, LIST_INIT, "wait-for-postgres", T0);
    make_waiting(&m, LIST_INIT, "istio-proxy", "PodInitializing", "");
    make_waiting(&m, LIST_INIT, "migrate", "PodInitializing", "");
    make_app_waits(&m);
    expect_block(&m, BLOCK_WAIT, "wait-for-postgres", "Running",
                 "wait-for-postgres running 4m09s: nc -z postgres-service 5432");
    expect_strip(&m, "⠹(◌)◌│◌");
}

static void
pod_block_of__tells_backoff_exit_and_countdown(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0 + SECONDS(5)));
    make_running(&m, LIST_INIT, "istio-proxy", T0 + SECONDS(6))->ready = true;
    struct container_end end = make_end(1, "Error", NOW - SECONDS(14), NOW - SECONDS(12));
    end.message = "starting\nERROR: relation \"users\" already exists\n";
    make_ended(&m, LIST_INIT, "migrate", end)->restart_count = 3;
    make_app_waits(&m);
    expect_block(&m, BLOCK_ERROR, "migrate", "CrashLoopBackOff",
                 "migrate back-off 40s after exit 1 (try 4), next in 28s: "
                 "ERROR: relation \"users\" already exists");
    expect_strip(&m, "✓(✓)↻│◌");
    struct pod *pod = pod_seal(&m.pod);
    struct pod_block block;
    pod_block_of(pod, NOW, &block);
    assert_int_equal(block.since_ms, T0 + SECONDS(6)); /* the step's turn came then */
    assert_int_equal(block.backoff.delay_ms, SECONDS(40));
    assert_int_equal(pod_since_ms(pod, &block), T0 + SECONDS(6));
    pod_free(pod);
}

static void
pod_block_of__says_when_a_failure_is_final(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.pod.restart_policy = "Never";
    m.pod.phase = "Failed";
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(2, "Error", T0, T0 + SECONDS(5)));
    expect_block(&m, BLOCK_ERROR, "wait-for-postgres", "Error",
                 "wait-for-postgres exit 2, not restarted");
    expect_strip(&m, "✗(–)–│–");
}

static void
pod_block_of__says_what_is_wrong_with_the_image(void **state)
{
    (void)state;
    static const char *const messages[][2] = {
        {"rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/"
         "busybox:nope\": failed to resolve reference: docker.io/library/busybox:nope: not found",
         "image busybox:nope: not found"},
        {"failed to resolve reference \"x\": unexpected status from HEAD request to "
         "http://127.0.0.1:5000/v2/x: 401 Unauthorized",
         "image busybox:nope: access denied (401)"},
        {"dial tcp: lookup registry.example.com: no such host",
         "image busybox:nope: registry name does not resolve"},
        {"something new", "image busybox:nope: cannot be pulled"},
    };
    for (size_t i = 0; i < IW_COUNTOF(messages); i++) {
        struct pod_make m;
        make_usual(&m);
        m.containers[0].image = "busybox:nope";
        make_waiting(&m, LIST_INIT, "wait-for-postgres", "ErrImagePull", messages[i][0]);
        expect_block(&m, BLOCK_ERROR, "wait-for-postgres", "ErrImagePull", messages[i][1]);
        expect_strip(&m, "✗(◌)◌│◌");
    }
}

static void
pod_block_of__names_the_missing_object(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    make_waiting(&m, LIST_INIT, "wait-for-postgres", "CreateContainerConfigError",
                 "secret \"db-secrets\" not found");
    expect_block(&m, BLOCK_ERROR, "wait-for-postgres", "CreateContainerConfigError",
                 "Secret db-secrets not found (wait-for-postgres)");
    char text[128];
    text_config_problem("couldn't find key mode in ConfigMap shop/settings", text, sizeof(text));
    assert_string_equal(text, "ConfigMap settings has no key mode");
    text_config_problem("container has runAsNonRoot and image will run as root (pod: \"x\")", text,
                        sizeof(text));
    assert_string_equal(text, "image runs as root, runAsNonRoot forbids it");
}

static void
pod_block_of__tells_the_startup_probe_that_gates(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.containers[1].startup = draft_probe((struct probe){.kind = PROBE_HTTP,
                                                         .target = "httpGet :15021/healthz/ready",
                                                         .period_s = 10,
                                                         .failure_threshold = 30});
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0 + SECONDS(1)));
    make_running(&m, LIST_INIT, "istio-proxy", T0 + SECONDS(9))->started = TRI_FALSE;
    make_waiting(&m, LIST_INIT, "migrate", "PodInitializing", "");
    make_app_waits(&m);
    expect_block(&m, BLOCK_WAIT, "istio-proxy", "StartupProbe",
                 "istio-proxy startup probe httpGet :15021/healthz/ready not passed, running "
                 "4m00s, killed in 1m00s");
    expect_strip(&m, "✓(⠹)◌│◌");
}

static void
pod_block_of__tells_a_startup_probe_that_ran_out(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.containers[1].startup = draft_probe((struct probe){
        .kind = PROBE_HTTP, .target = "httpGet :15021/r", .period_s = 2, .failure_threshold = 10});
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0));
    struct container_status *s =
        make_ended(&m, LIST_INIT, "istio-proxy",
                   make_end(0, "Completed", NOW - SECONDS(30), NOW - SECONDS(9)));
    s->restart_count = 2;
    s->ready = false;
    expect_block(&m, BLOCK_ERROR, "istio-proxy", "CrashLoopBackOff",
                 "istio-proxy back-off 20s after exit 0 (try 3), next in 11s: startup probe not "
                 "passed in time");
    m.statuses[1].state.end.started_ms = NOW - SECONDS(12); /* too short for the probe */
    expect_block(&m, BLOCK_ERROR, "istio-proxy", "CrashLoopBackOff",
                 "istio-proxy back-off 20s after exit 0 (try 3), next in 11s");
}

static void
pod_block_of__shortens_the_scheduler(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.pod.node = "";
    m.pod.started_ms = IW_TIME_NONE;
    m.conditions[0] = (struct pod_condition){
        .type = "PodScheduled",
        .status = "False",
        .reason = "Unschedulable",
        .message = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are "
                   "available: 3 Preemption is not helpful for scheduling.",
        .transition_ms = T0 + SECONDS(2)};
    expect_block(&m, BLOCK_ERROR, "", "Unschedulable", "0/3 nodes: Insufficient cpu");
    m.conditions[0].message =
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated "
        "taint(s). no new claims to deallocate, preemption: x";
    expect_block(&m, BLOCK_ERROR, "", "Unschedulable",
                 "0/3 nodes: 1 Insufficient cpu, 2 had untolerated taints");
    m.conditions[0].message = "skip \x1b[31m schedule";
    expect_block(&m, BLOCK_ERROR, "", "Unschedulable", "skip [31m schedule");
    expect_strip(&m, "◌(◌)◌│◌");
}

static void
pod_block_of__tells_gates_silent_schedulers_and_evictions(void **state)
{
    (void)state;
    static const char *const gates[] = {"kueue.x-k8s.io/admission"};
    struct pod_make m;
    make_usual(&m);
    m.pod.node = "";
    m.pod.condition_count = 0;
    m.pod.scheduler = "my-scheduler";
    expect_block(&m, BLOCK_WAIT, "", "Pending",
                 "no scheduler has looked at it: is my-scheduler running?");
    m.pod.scheduling_gates = gates;
    m.pod.scheduling_gate_count = 1;
    expect_block(&m, BLOCK_WAIT, "", "SchedulingGated", "scheduling gate kueue.x-k8s.io/admission");
    make_usual(&m);
    m.pod.phase = "Failed";
    m.pod.reason = "Evicted";
    m.pod.message = "The node was low on resource: memory. ";
    expect_block(&m, BLOCK_ERROR, "", "Evicted", "Evicted: The node was low on resource: memory.");
}

static void
pod_block_of__tells_a_pod_that_does_not_go(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.pod.phase = "Running";
    m.pod.deletion_grace_s = 30;
    m.pod.deletion_ms = NOW + SECONDS(12);
    make_running(&m, LIST_APP, "app", T0);
    expect_block(&m, BLOCK_PROGRESS, "", "Terminating", "stopping, 12s of its 30s grace left");
    m.pod.deletion_ms = NOW - SECONDS(120);
    expect_block(&m, BLOCK_ERROR, "", "Terminating",
                 "grace over 2m00s ago, app still running: is node worker-1 alive?");
}

static void
pod_block_of__is_silent_about_healthy_and_completed_pods(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.pod.phase = "Running";
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0));
    make_running(&m, LIST_INIT, "istio-proxy", T0)->ready = true;
    make_ended(&m, LIST_INIT, "migrate", make_end(0, "Completed", T0, T0));
    make_running(&m, LIST_APP, "app", T0)->ready = true;
    make_condition(&m, "Initialized", "True", T0);
    make_condition(&m, "Ready", "True", T0);
    expect_block(&m, BLOCK_NONE, "", "", "");
    expect_strip(&m, "✓(✓)✓│✓");
    m.pod.phase = "Succeeded";
    m.statuses[1].state.running = false;
    m.statuses[3].state.running = false;
    m.statuses[3].state.terminated = true;
    expect_block(&m, BLOCK_NONE, "", "", "");
    expect_strip(&m, "✓(–)✓│–");
}

static void
pod_block_of__speaks_of_unready_and_crashing_containers_of_running_pods(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    m.pod.phase = "Running";
    m.containers[1].readiness =
        draft_probe((struct probe){.kind = PROBE_HTTP, .target = "httpGet :15021/r"});
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0));
    make_running(&m, LIST_INIT, "istio-proxy", T0);
    make_ended(&m, LIST_INIT, "migrate", make_end(0, "Completed", T0, T0));
    make_running(&m, LIST_APP, "app", T0)->ready = true;
    make_condition(&m, "Initialized", "True", T0);
    make_condition(&m, "Ready", "False", T0 + SECONDS(9));
    expect_block(&m, BLOCK_WARN, "istio-proxy", "NotReady",
                 "istio-proxy not ready: httpGet :15021/r");
    expect_strip(&m, "✓(◒)✓│✓");
    m.statuses[3].state.running = false;
    m.statuses[3].state.terminated = true;
    m.statuses[3].state.end = make_end(137, "OOMKilled", T0, NOW - SECONDS(1));
    expect_block(&m, BLOCK_ERROR, "app", "OOMKilled", "app OOMKilled (try 1), restarts now");
    expect_strip(&m, "✓(◒)✓│↻");
}

static void
pod_init_progress__counts_as_status_does(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "Completed", T0, T0));
    make_running(&m, LIST_INIT, "istio-proxy", T0);
    make_waiting(&m, LIST_INIT, "migrate", "PodInitializing", "");
    make_app_waits(&m);
    struct pod *pod = pod_seal(&m.pod);
    struct init_progress p;
    pod_init_progress(pod, NOW, &p);
    assert_int_equal(p.total, 3);
    assert_int_equal(p.done, 2);
    assert_int_equal(p.regular_done, 1);
    assert_int_equal(p.sidecar_started, 1);
    assert_int_equal(p.sidecar_ready, 0);
    assert_int_equal(p.app_total, 1);
    assert_false(p.initialized);
    assert_string_equal(p.current->name, "migrate");
    pod_free(pod);
}

static void
pod_init_progress__sees_inits_that_run_again_after_a_lost_sandbox(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    make_running(&m, LIST_INIT, "wait-for-postgres", T0);
    make_condition(&m, "Initialized", "True", T0);
    struct pod *pod = pod_seal(&m.pod);
    struct init_progress p;
    pod_init_progress(pod, NOW, &p);
    assert_true(p.initialized);
    assert_string_equal(p.current->name, "wait-for-postgres");
    pod_free(pod);
}

static void
pod_init_progress__an_oom_kill_with_exit_0_is_a_failure(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    make_ended(&m, LIST_INIT, "wait-for-postgres", make_end(0, "OOMKilled", T0, T0));
    struct pod *pod = pod_seal(&m.pod);
    struct init_progress p;
    pod_init_progress(pod, NOW, &p);
    assert_int_equal(p.done, 0);
    assert_string_equal(p.current->name, "wait-for-postgres");
    pod_free(pod);
}

static void
pod_block_compare__puts_the_worst_and_longest_first(void **state)
{
    (void)state;
    struct pod a = {.ns = "a", .name = "a", .uid = "1"};
    struct pod b = {.ns = "a", .name = "b", .uid = "2"};
    struct pod_block error = {.severity = BLOCK_ERROR, .since_ms = T0 + 5};
    struct pod_block older = {.severity = BLOCK_ERROR, .since_ms = T0};
    struct pod_block unknown = {.severity = BLOCK_ERROR, .since_ms = IW_TIME_NONE};
    struct pod_block wait = {.severity = BLOCK_WAIT, .since_ms = T0};
    assert_true(pod_block_compare(&a, &error, &b, &wait) < 0);
    assert_true(pod_block_compare(&a, &error, &b, &older) > 0);
    assert_true(pod_block_compare(&a, &error, &b, &unknown) < 0);
    assert_true(pod_block_compare(&a, &wait, &b, &wait) < 0);
    assert_true(pod_block_compare(&b, &wait, &a, &wait) > 0);
    assert_int_equal(pod_block_compare(&a, &wait, &a, &wait), 0);
}

static void
pod_strip_text__tells_how_many_do_not_fit(void **state)
{
    (void)state;
    struct pod_make m;
    make_usual(&m);
    struct pod *pod = pod_seal(&m.pod);
    char strip[32];
    pod_strip_text(pod, NOW, true, strip, sizeof(strip));
    assert_string_equal(strip, ".(.).|.");
    char narrow[26];
    pod_strip_text(pod, NOW, true, narrow, sizeof(narrow));
    assert_string_equal(narrow, ".(.)+2");
    pod_free(pod);
}

static void
text_start_problem__keeps_the_cause_at_the_end(void **state)
{
    (void)state;
    char text[128];
    text_start_problem("RunContainerError",
                       "failed to create containerd task: failed to create shim task: OCI runtime "
                       "create failed: runc create failed: unable to start container process: "
                       "exec: \"/app/run\": stat /app/run: no such file or directory",
                       text, sizeof(text));
    assert_string_equal(text,
                        "cannot start: \"/app/run\": stat /app/run: no such file or directory");
    text_last_line("one\ntwo  \n\n", text, sizeof(text));
    assert_string_equal(text, "two");
    text_last_line("", text, sizeof(text));
    assert_string_equal(text, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pod_block_of__names_what_a_wait_loop_waits_for),
        cmocka_unit_test(pod_block_of__tells_backoff_exit_and_countdown),
        cmocka_unit_test(pod_block_of__says_when_a_failure_is_final),
        cmocka_unit_test(pod_block_of__says_what_is_wrong_with_the_image),
        cmocka_unit_test(pod_block_of__names_the_missing_object),
        cmocka_unit_test(pod_block_of__tells_the_startup_probe_that_gates),
        cmocka_unit_test(pod_block_of__tells_a_startup_probe_that_ran_out),
        cmocka_unit_test(pod_block_of__shortens_the_scheduler),
        cmocka_unit_test(pod_block_of__tells_gates_silent_schedulers_and_evictions),
        cmocka_unit_test(pod_block_of__tells_a_pod_that_does_not_go),
        cmocka_unit_test(pod_block_of__is_silent_about_healthy_and_completed_pods),
        cmocka_unit_test(pod_block_of__speaks_of_unready_and_crashing_containers_of_running_pods),
        cmocka_unit_test(pod_init_progress__counts_as_status_does),
        cmocka_unit_test(pod_init_progress__sees_inits_that_run_again_after_a_lost_sandbox),
        cmocka_unit_test(pod_init_progress__an_oom_kill_with_exit_0_is_a_failure),
        cmocka_unit_test(pod_block_compare__puts_the_worst_and_longest_first),
        cmocka_unit_test(pod_strip_text__tells_how_many_do_not_fit),
        cmocka_unit_test(text_start_problem__keeps_the_cause_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
