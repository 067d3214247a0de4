/* Single rules of the STATUS column and of the table layout; the data sets are in printpod_cases.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/podtable.h"
#include "pod_make.h"

static void
expect_cells(struct pod_make *m, const char *ready, const char *status, const char *restarts)
{
    struct pod *pod = pod_seal(&m->pod);
    struct pod_cells cells;
    char only_status[256];
    pod_print_cells(pod, T0 + SECONDS(300), &cells);
    pod_display_status(pod, only_status, sizeof(only_status));
    assert_string_equal(cells.ready, ready);
    assert_string_equal(cells.status, status);
    assert_string_equal(only_status, status);
    assert_string_equal(cells.restarts, restarts);
    pod_free(pod);
}

static void
pod_print_cells__counts_a_started_sidecar_and_shows_the_step_behind_it(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "web");
    make_sidecar(&m, "proxy");
    make_container(&m, LIST_INIT, "migrate");
    make_container(&m, LIST_APP, "app");
    struct container_status *proxy = make_running(&m, LIST_INIT, "proxy", T0);
    make_running(&m, LIST_INIT, "migrate", T0);
    make_waiting(&m, LIST_APP, "app", "PodInitializing", "");
    expect_cells(&m, "0/2", "Init:1/2", "0");
    proxy->ready = true;
    expect_cells(&m, "1/2", "Init:1/2", "0");
}

static void
pod_print_cells__forgets_restarts_of_inits_once_initialised(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "web");
    make_container(&m, LIST_INIT, "migrate");
    make_container(&m, LIST_APP, "app");
    struct container_status *s =
        make_ended(&m, LIST_INIT, "migrate", make_end(0, "Completed", T0, T0));
    s->restart_count = 4;
    struct container_state *last = draft_last(s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0);
    make_running(&m, LIST_APP, "app", T0)->ready = true;
    m.pod.phase = "Running";
    expect_cells(&m, "1/1", "Running", "0");
    s->state.end.exit_code = 1;
    s->state.end.reason = "";
    expect_cells(&m, "0/1", "Init:ExitCode:1", "4 (5m ago)");
}

static void
pod_print_cells__terminating_only_while_the_phase_is_open(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "web");
    make_container(&m, LIST_APP, "app");
    m.pod.phase = "Running";
    m.pod.deletion_ms = T0;
    expect_cells(&m, "0/1", "Terminating", "0");
    m.pod.reason = "NodeLost";
    expect_cells(&m, "0/1", "Unknown", "0");
    m.pod.reason = "";
    m.pod.phase = "Succeeded";
    expect_cells(&m, "0/1", "Succeeded", "0");
}

static void
podtable_print__makes_line_ends_and_escapes_harmless(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "web");
    m.pod.reason = "a\x1b[31m\tb\nc";
    struct pod *pod = pod_seal(&m.pod);
    struct podtable *t = podtable_new(&(struct podtable_options){.no_headers = true});
    podtable_add_pod(t, pod, T0);
    strbuf_auto out;
    strbuf_init(&out, 0);
    podtable_print(t, &out);
    assert_string_equal(out.data, "web   0/0   a^[[31m?b...   0     0s\n");
    podtable_free(t);
    pod_free(pod);
}

static void
podtable_print__remembers_widths_from_print_to_print(void **state)
{
    (void)state;
    struct pod_make m;
    struct podtable *t = podtable_new(&(struct podtable_options){0});
    strbuf_auto out;
    strbuf_init(&out, 0);
    static const char *const names[] = {"a-long-name", "b"};
    for (size_t i = 0; i < 2; i++) {
        make_pod(&m, names[i]);
        struct pod *pod = pod_seal(&m.pod);
        podtable_add_pod(t, pod, T0);
        podtable_print(t, &out);
        pod_free(pod);
    }
    podtable_print(t, &out); /* nothing new: nothing printed */
    assert_string_equal(out.data, "NAME          READY   STATUS    RESTARTS   AGE\n"
                                  "a-long-name   0/0     Pending   0          0s\n"
                                  "b             0/0     Pending   0          0s\n");
    podtable_free(t);
}

static void
podtable_print__counts_cells_in_tables_of_ours(void **state)
{
    (void)state;
    static const char *const headers[] = {"A", "B"};
    struct podtable *t = podtable_new_columns(headers, 2, false);
    podtable_add_row(t, (const char *const[]){"日本", "x"});
    podtable_add_row(t, (const char *const[]){"✓│◌", "y"});
    strbuf_auto out;
    strbuf_init(&out, 0);
    podtable_print(t, &out);
    assert_string_equal(out.data, "A     B\n日本  x\n✓│◌   y\n");
    podtable_free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pod_print_cells__counts_a_started_sidecar_and_shows_the_step_behind_it),
        cmocka_unit_test(pod_print_cells__forgets_restarts_of_inits_once_initialised),
        cmocka_unit_test(pod_print_cells__terminating_only_while_the_phase_is_open),
        cmocka_unit_test(podtable_print__makes_line_ends_and_escapes_harmless),
        cmocka_unit_test(podtable_print__remembers_widths_from_print_to_print),
        cmocka_unit_test(podtable_print__counts_cells_in_tables_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
