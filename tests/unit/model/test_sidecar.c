/* Health of a native sidecar and whether others wait for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/sidecar.h"
#include "pod_make.h"

#define NOW (T0 + SECONDS(100))

static struct sidecar_report
assess(struct pod_make *m)
{
    struct pod *pod = pod_seal(&m->pod);
    struct sidecar_report report;
    sidecar_assess(pod, pod_find_container(pod, "proxy"), NOW, &report);
    pod_free(pod);
    return report;
}

static void
make_gated(struct pod_make *m)
{
    make_pod(m, "web");
    struct container *c = make_sidecar(m, "proxy");
    c->startup = draft_probe((struct probe){.kind = PROBE_HTTP,
                                            .target = "httpGet :15021/ready",
                                            .initial_delay_s = 5,
                                            .period_s = 2,
                                            .failure_threshold = 30});
    make_container(m, LIST_APP, "app");
}

static void
sidecar_assess__startup_probe_gates_until_it_passes(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    make_running(&m, LIST_INIT, "proxy", NOW - SECONDS(30))->started = TRI_FALSE;
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_STARTING);
    assert_true(report.gates);
    assert_string_equal(report.gate, "startup probe httpGet :15021/ready");
    assert_int_equal(report.startup_deadline_ms, NOW - SECONDS(30) + SECONDS(65));
    assert_string_equal(report.sentence, "proxy startup probe httpGet :15021/ready not passed, "
                                         "running 30s, killed in 35s");
}

static void
sidecar_assess__running_is_enough_without_a_startup_probe(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "web");
    make_sidecar(&m, "proxy");
    make_container(&m, LIST_APP, "app");
    struct container_status *s = make_running(&m, LIST_INIT, "proxy", T0);
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_UNREADY);
    assert_false(report.gates);
    assert_string_equal(report.gate, "running is enough");
    s->ready = true;
    assert_int_equal(assess(&m).health, SIDECAR_READY);
    s->started = TRI_UNKNOWN; /* nodes before 1.28 */
    assert_int_equal(assess(&m).health, SIDECAR_READY);
}

static void
sidecar_assess__a_crash_after_start_gates_nothing(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    make_ended(&m, LIST_INIT, "proxy", make_end(1, "Error", T0, NOW))->restart_count = 1;
    make_running(&m, LIST_APP, "app", T0);
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_RESTARTING);
    assert_false(report.gates);
    assert_string_equal(report.sentence, "proxy restarts after exit 1 (try 2)");
}

static void
sidecar_assess__a_crash_before_start_gates_the_rest(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    make_waiting(&m, LIST_INIT, "proxy", "CrashLoopBackOff", "back-off 10s restarting failed");
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_RESTARTING);
    assert_true(report.gates);
}

static void
sidecar_assess__cannot_be_pulled(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    m.containers[0].image = "proxy:9";
    make_waiting(&m, LIST_INIT, "proxy", "ErrImagePull", "proxy:9: not found");
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_BROKEN);
    assert_true(report.gates);
    assert_string_equal(report.sentence, "image proxy:9: not found");
}

static void
sidecar_assess__waits_its_turn_or_is_created(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    make_waiting(&m, LIST_INIT, "proxy", "PodInitializing", "");
    assert_int_equal(assess(&m).health, SIDECAR_CREATING);
    make_pod(&m, "web");
    make_container(&m, LIST_INIT, "first");
    make_sidecar(&m, "proxy");
    make_container(&m, LIST_APP, "app");
    make_running(&m, LIST_INIT, "first", T0);
    make_waiting(&m, LIST_INIT, "proxy", "PodInitializing", "");
    struct sidecar_report report = assess(&m);
    assert_int_equal(report.health, SIDECAR_NOT_YET);
    assert_false(report.gates);
}

static void
sidecar_assess__is_stopped_when_the_pod_is_over(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    m.pod.restart_policy = "Never";
    make_ended(&m, LIST_INIT, "proxy", make_end(137, "Error", T0, NOW));
    make_ended(&m, LIST_APP, "app", make_end(0, "Completed", T0, NOW));
    assert_int_equal(assess(&m).health, SIDECAR_STOPPED);
    m.pod.phase = "Succeeded";
    assert_int_equal(assess(&m).health, SIDECAR_STOPPED);
}

static void
sidecar_assess__absurd_probe_numbers_do_not_overflow(void **state)
{
    (void)state;
    struct pod_make m;
    make_gated(&m);
    struct probe probe = *m.containers[0].startup;
    probe.period_s = probe.failure_threshold = INT32_MAX;
    m.containers[0].startup = &probe;
    make_running(&m, LIST_INIT, "proxy", T0)->started = TRI_FALSE;
    assert_true(assess(&m).startup_deadline_ms > NOW);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sidecar_assess__startup_probe_gates_until_it_passes),
        cmocka_unit_test(sidecar_assess__running_is_enough_without_a_startup_probe),
        cmocka_unit_test(sidecar_assess__a_crash_after_start_gates_nothing),
        cmocka_unit_test(sidecar_assess__a_crash_before_start_gates_the_rest),
        cmocka_unit_test(sidecar_assess__cannot_be_pulled),
        cmocka_unit_test(sidecar_assess__waits_its_turn_or_is_created),
        cmocka_unit_test(sidecar_assess__is_stopped_when_the_pod_is_over),
        cmocka_unit_test(sidecar_assess__absurd_probe_numbers_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
