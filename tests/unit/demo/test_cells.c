/* The demo server's own table cells, against the output of Kubernetes' printer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/clock.h"
#include "initwatch/demo/cells.h"
#include "suite.h"

static bool
same_cells(const json_t *line, char *got, size_t got_size)
{
    static const char *const members[] = {
        "pod_name", "ready", "status",         "restarts",       "age",
        "ip",       "node",  "nominated_node", "readiness_gates"};
    const char *now = suite_text(line, "now");
    int64_t now_wall_ms = 0;
    if (rfc3339_parse(now, strlen(now), &now_wall_ms, NULL) != IW_OK)
        return false;
    json_t *cells = cells_row(DEMO_KIND_POD, json_object_get(line, "pod"), now_wall_ms);
    bool same = json_array_size(cells) == IW_COUNTOF(members);
    for (size_t i = 0; same && i < IW_COUNTOF(members); i++) {
        const char *cell = json_string_value(json_array_get(cells, i));
        same = cell && strcmp(cell, suite_text(line, members[i])) == 0;
        if (!same)
            (void)snprintf(got, got_size, "%s: %s", members[i], cell ? cell : "(none)");
    }
    json_decref(cells);
    return same;
}

static void
cells__pods_print_as_kubernetes_prints_them(void **state)
{
    (void)state;
    suite_run("printpod/random.jsonl.gz", 1500, same_cells);
}

static void
cells__event_shows_its_count_and_both_ages(void **state)
{
    (void)state;
    json_t *event =
        json_pack("{s:{s:s},s:{s:s,s:s,s:s},s:s,s:s,s:s,s:i,s:s,s:s,s:{s:s,s:s}}", "metadata",
                  "name", "e", "involvedObject", "kind", "Pod", "name", "crash", "fieldPath",
                  "spec.initContainers{i}", "type", "Warning", "reason", "BackOff", "message", "m",
                  "count", 3, "firstTimestamp", "2025-11-15T10:00:00Z", "lastTimestamp",
                  "2025-11-15T10:01:00Z", "source", "component", "kubelet", "host", "demo-worker");
    json_t *cells = cells_row(DEMO_KIND_EVENT, event, 1763200870000);
    assert_string_equal(json_string_value(json_array_get(cells, 0)), "10s (x3 over 70s)");
    assert_string_equal(json_string_value(json_array_get(cells, 3)), "pod/crash");
    assert_string_equal(json_string_value(json_array_get(cells, 5)), "kubelet, demo-worker");
    json_decref(cells);
    json_decref(event);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells__pods_print_as_kubernetes_prints_them),
        cmocka_unit_test(cells__event_shows_its_count_and_both_ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
