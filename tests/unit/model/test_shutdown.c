/* The order in which the containers of a pod stop, and who may write a shared volume.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/shutdown.h"
#include "initwatch/model/volumes.h"
#include "pod_make.h"

/* i1 is done, s1 s2 run, app `runs`; deleted at T0+60 with 30 s when `deleted`. */
static void
make_stopping(struct pod_make *m, bool deleted, bool s2_runs, bool app_runs)
{
    make_pod(m, "web");
    make_container(m, LIST_INIT, "setup");
    make_sidecar(m, "proxy");
    make_sidecar(m, "router");
    make_container(m, LIST_APP, "app");
    if (deleted) {
        m->pod.deletion_ms = T0 + SECONDS(90);
        m->pod.deletion_grace_s = 30;
    }
    make_ended(m, LIST_INIT, "setup", make_end(0, "Completed", T0, T0 + SECONDS(1)));
    make_running(m, LIST_INIT, "proxy", T0 + SECONDS(2));
    if (s2_runs)
        make_running(m, LIST_INIT, "router", T0 + SECONDS(3));
    else
        make_ended(m, LIST_INIT, "router", make_end(0, "Completed", T0, T0 + SECONDS(70)));
    if (app_runs)
        make_running(m, LIST_APP, "app", T0 + SECONDS(4));
    else
        make_ended(m, LIST_APP, "app", make_end(143, "Error", T0, T0 + SECONDS(65)));
}

static struct shutdown
plan_of(struct pod **pod, struct pod_make *m, int64_t now_ms)
{
    struct shutdown plan;
    *pod = pod_seal(&m->pod);
    shutdown_of(*pod, now_ms, &plan);
    return plan;
}

static void
shutdown_of__stops_the_apps_first_then_sidecars_in_reverse(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod;
    make_stopping(&m, true, true, true);
    struct shutdown plan = plan_of(&pod, &m, T0 + SECONDS(61));
    assert_int_equal(plan.cause, SHUTDOWN_DELETED);
    assert_int_equal(plan.deadline_ms, T0 + SECONDS(90));
    assert_int_equal(plan.started_ms, T0 + SECONDS(60));
    assert_int_equal(plan.count, 3);
    assert_string_equal(plan.steps[0].container->name, "app");
    assert_int_equal(plan.steps[0].state, SHUTDOWN_STOPPING);
    assert_string_equal(plan.steps[1].container->name, "router");
    assert_int_equal(plan.steps[1].state, SHUTDOWN_WAITS);
    assert_null(plan.steps[1].waits_for);
    assert_string_equal(plan.steps[2].container->name, "proxy");
    assert_string_equal(plan.steps[2].waits_for->name, "router");
    shutdown_free(&plan);
    pod_free(pod);
}

static void
shutdown_of__gives_a_sidecar_its_signal_when_the_later_one_has_stopped(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod;
    make_stopping(&m, true, false, false);
    struct shutdown plan = plan_of(&pod, &m, T0 + SECONDS(71));
    assert_int_equal(plan.steps[0].state, SHUTDOWN_STOPPED);
    assert_int_equal(plan.steps[0].stopped_ms, T0 + SECONDS(65));
    assert_int_equal(plan.steps[1].state, SHUTDOWN_STOPPED);
    assert_int_equal(plan.steps[2].state, SHUTDOWN_STOPPING);
    shutdown_free(&plan);
    pod_free(pod);
}

static void
shutdown_of__loses_the_order_when_the_grace_is_over(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod;
    make_stopping(&m, true, true, true);
    struct shutdown plan = plan_of(&pod, &m, T0 + SECONDS(91));
    assert_true(plan.order_lost);
    for (size_t i = 0; i < plan.count; i++)
        assert_int_equal(plan.steps[i].state, SHUTDOWN_STOPPING);
    shutdown_free(&plan);
    pod_free(pod);
}

/* A Job's pod: its sidecars go when the apps have ended, with the whole grace between them. */
static void
shutdown_of__begins_when_the_apps_of_a_job_have_ended(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod;
    make_stopping(&m, false, true, false);
    struct shutdown plan = plan_of(&pod, &m, T0 + SECONDS(66));
    assert_int_equal(plan.cause, SHUTDOWN_NOT); /* restartPolicy Always: the app comes again */
    assert_int_equal(plan.steps[1].state, SHUTDOWN_RUNS);
    shutdown_free(&plan);
    pod_free(pod);
    m.pod.restart_policy = "Never";
    plan = plan_of(&pod, &m, T0 + SECONDS(66));
    assert_int_equal(plan.cause, SHUTDOWN_APPS_ENDED);
    assert_int_equal(plan.deadline_ms, T0 + SECONDS(95));
    assert_int_equal(plan.steps[1].state, SHUTDOWN_STOPPING);
    shutdown_free(&plan);
    pod_free(pod);
}

static void
mount_may_write__follows_read_only_and_the_kind_of_the_volume(void **state)
{
    static const struct container_mount mounts[] = {
        {.volume = "data", .path = "/data", .sub_path = ""},
        {.volume = "data", .path = "/ro", .sub_path = "", .read_only = true},
        {.volume = "conf", .path = "/etc/app", .sub_path = ""}};
    static const struct pod_volume volumes[] = {
        {.name = "data", .kind = "emptyDir", .ref = ""},
        {.name = "conf", .kind = "configMap", .ref = "settings"}};
    struct pod_make m;
    (void)state;
    make_pod(&m, "web");
    m.pod.volumes = volumes;
    m.pod.volume_count = 2;
    struct container *i1 = make_container(&m, LIST_INIT, "setup");
    struct container *a1 = make_container(&m, LIST_APP, "app");
    i1->mounts = mounts;
    i1->mount_count = 1;
    a1->mounts = mounts + 1;
    a1->mount_count = 2;
    struct pod *pod = pod_seal(&m.pod);
    assert_true(mount_may_write(pod, container_mount_of(&pod->containers[0], "data")));
    assert_false(mount_may_write(pod, container_mount_of(&pod->containers[1], "data")));
    assert_false(mount_may_write(pod, container_mount_of(&pod->containers[1], "conf")));
    assert_int_equal(volume_user_count(pod, "data"), 2);
    assert_int_equal(volume_user_count(pod, "conf"), 1);
    assert_null(container_mount_of(&pod->containers[0], "conf"));
    pod_free(pod);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shutdown_of__stops_the_apps_first_then_sidecars_in_reverse),
        cmocka_unit_test(shutdown_of__gives_a_sidecar_its_signal_when_the_later_one_has_stopped),
        cmocka_unit_test(shutdown_of__loses_the_order_when_the_grace_is_over),
        cmocka_unit_test(shutdown_of__begins_when_the_apps_of_a_job_have_ended),
        cmocka_unit_test(mount_may_write__follows_read_only_and_the_kind_of_the_volume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
