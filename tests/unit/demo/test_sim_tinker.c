/* Steps that the user changes while the simulator plays them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include "../../../src/demo/sim_internal.h"

static void
tinker(struct rig *rig, const char *container, struct sim_tinker how)
{
    struct iw_error err = {0};
    if (sim_tinker(rig->sim, "shop", "steps", container, &how, &err) != IW_OK)
        fail_msg("%s", err.msg);
}

static struct rig *
steps_rig(void)
{
    struct rig *rig = rig_new();
    rig_apply(rig, "kind: Pod\nmetadata: {name: steps}\nspec:\n  initContainers:\n"
                   "  - {name: one, image: busybox, command: [sleep, '5']}\n"
                   "  - {name: side, image: busybox, restartPolicy: Always, startupProbe: "
                   "{tcpSocket: {port: 1}, periodSeconds: 1, failureThreshold: 60}}\n"
                   "  containers: [{name: app, image: app, readinessProbe: {tcpSocket: {port: 2}, "
                   "periodSeconds: 1, failureThreshold: 1}}]\n");
    return rig;
}

static void
tinker__a_step_hangs_until_it_is_let_go(void **state)
{
    (void)state;
    struct rig *rig = steps_rig();
    rig_run(rig, 4);
    tinker(rig, "one", (struct sim_tinker){.kind = SIM_TINKER_HANG});
    rig_run(rig, 120);
    assert_string_equal(rig->last_cells, "0/2 Init:0/2");
    tinker(rig, "one", (struct sim_tinker){.kind = SIM_TINKER_OK});
    rig_run(rig, 140);
    assert_string_equal(rig->last_cells, "2/2 Running");
    rig_free(rig);
}

static void
tinker__a_step_fails_with_the_wanted_code_and_says_so_in_its_log(void **state)
{
    (void)state;
    struct rig *rig = steps_rig();
    rig_run(rig, 3);
    tinker(rig, "one", (struct sim_tinker){.kind = SIM_TINKER_FAIL, .exit_code = 3});
    rig_run(rig, 30);
    assert_true(json_integer_value(json_object_get(rig_status(rig, "one"), "restartCount")) > 0);
    assert_non_null(strstr(rig->seen, "Init:Error"));
    struct sim_log log;
    const char *reason;
    struct sim_pod *pod = sim_pod_find(rig->sim, "shop", "steps");
    assert_int_equal(sim_log_open(rig->sim, pod, "one", false, &log, &reason), SIM_LOG_OK);
    struct strbuf text;
    struct sim_log_line line;
    strbuf_init(&text, 0);
    while (sim_log_next(rig->sim, &log, &line))
        sim_log_text(rig->sim, &log, &line, &text);
    assert_non_null(strstr(text.data, "told to fail with exit code 3"));
    sim_log_close(&log);
    strbuf_free(&text);
    tinker(rig, "one", (struct sim_tinker){.kind = SIM_TINKER_OK});
    rig_run(rig, 200); /* after the back-off */
    assert_string_equal(rig->last_cells, "2/2 Running");
    rig_free(rig);
}

static void
tinker__a_sidecar_opens_its_gate_when_it_is_told_to(void **state)
{
    (void)state;
    struct rig *rig = steps_rig();
    rig_run(rig, 3);
    tinker(rig, "side", (struct sim_tinker){.kind = SIM_TINKER_TAKES, .takes_ms = 30000});
    rig_run(rig, 30);
    assert_string_equal(rig->last_cells, "0/2 Init:1/2");
    rig_run(rig, 60);
    assert_string_equal(rig->last_cells, "2/2 Running");
    tinker(rig, "app", (struct sim_tinker){.kind = SIM_TINKER_HANG});
    rig_run(rig, 70);
    assert_string_equal(rig->last_cells, "1/2 Running"); /* not ready any more */
    rig_free(rig);
}

static void
tinker__names_what_it_does_not_find(void **state)
{
    (void)state;
    struct rig *rig = steps_rig();
    struct sim_tinker how = {.kind = SIM_TINKER_OK};
    struct iw_error err = {0};
    assert_int_equal(sim_tinker(rig->sim, "shop", "nobody", "one", &how, &err), IW_ERR_NOT_FOUND);
    assert_string_equal(err.msg, "there is no pod shop/nobody");
    assert_int_equal(sim_tinker(rig->sim, "shop", "steps", "two", &how, &err), IW_ERR_NOT_FOUND);
    assert_string_equal(err.msg, "pod steps has no container two");
    rig_free(rig);
}

static unsigned
failed_runs(const struct rig *rig)
{
    unsigned count = 0;
    for (const char *p = rig->events; (p = strstr(p, "BackOff")) != NULL; p++)
        count++;
    return count;
}

static void
tinker__of_all_pods_holds_for_those_that_come(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct iw_error err = {0};
    struct sim_tinker fail = {.kind = SIM_TINKER_FAIL, .exit_code = 3, .all = true};
    rig_apply(rig, "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: "
                   "{matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
                   "    spec:\n      initContainers: [{name: one, image: busybox, command: [sleep, "
                   "'2']}]\n      containers: [{name: app, image: app}]\n");
    rig_run(rig, 10);
    iw_autofree char *first = iw_strdup(rig->sim->pods.items[0]->name);
    iw_autofree char *second = iw_strdup(rig->sim->pods.items[1]->name);
    assert_string_equal(rig->last_cells, "1/1 Running");
    assert_int_equal(sim_tinker(rig->sim, "shop", first, "one", &fail, &err), IW_OK);
    rig_run(rig, 20);
    assert_int_equal(failed_runs(rig), 0); /* steps that are done are done */
    assert_true(sim_delete_pod(rig->sim, "shop", first, 0));
    rig_run(rig, 60);
    assert_true(failed_runs(rig) > 0);
    assert_int_equal(strncmp(rig->last_cells, "0/1 Init:", 9), 0);
    fail.kind = SIM_TINKER_OK;
    assert_int_equal(sim_tinker(rig->sim, "shop", second, "one", &fail, &err), IW_OK);
    rig_run(rig, 200);
    assert_string_equal(rig->last_cells, "1/1 Running");
    rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tinker__a_step_hangs_until_it_is_let_go),
        cmocka_unit_test(tinker__a_step_fails_with_the_wanted_code_and_says_so_in_its_log),
        cmocka_unit_test(tinker__a_sidecar_opens_its_gate_when_it_is_told_to),
        cmocka_unit_test(tinker__names_what_it_does_not_find),
        cmocka_unit_test(tinker__of_all_pods_holds_for_those_that_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
