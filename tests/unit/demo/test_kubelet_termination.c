/* How a pod is stopped, compared with the real kubelet's stop calls.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/iwdef.h"
#include "initwatch/demo/kubelet.h"
#include "suite.h"

static bool
is_listed(const json_t *list, const char *name)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

static int64_t
seconds_of(const json_t *line, const char *member, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(line, member), name)) * 1000;
}

static json_t *
call_json(const struct kubelet_pod *pod, const struct kubelet_stop *stop, size_t i)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:b}", "container", pod->c[i].name, "stop_called_at_s",
                     (json_int_t)(stop->called_ms / 1000), "grace_s",
                     (json_int_t)(stop->grace_ms / 1000), "ended_at_s",
                     (json_int_t)(stop->ended_ms / 1000), "sigkill", stop->killed);
}

/* The calls come in the order of their moments, and by name at the same moment. */
static void
insert_call(json_t *calls, json_t *call)
{
    size_t at = 0;
    for (; at < json_array_size(calls); at++) {
        const json_t *other = json_array_get(calls, at);
        json_int_t a = json_integer_value(json_object_get(other, "stop_called_at_s"));
        json_int_t b = json_integer_value(json_object_get(call, "stop_called_at_s"));
        if (a > b ||
            (a == b && strcmp(suite_text(other, "container"), suite_text(call, "container")) > 0))
            break;
    }
    json_array_insert_new(calls, at, call);
}

/* What the pod worker passes on, else what was asked for with the deletion, else the pod's own. */
static int64_t
grace_of(const json_t *line, const struct kubelet_pod *pod)
{
    const json_t *meta = json_object_get(json_object_get(line, "pod"), "metadata");
    const json_t *grace = json_object_get(line, "grace_override_s");
    if (!grace)
        grace = json_object_get(meta, "deletionGracePeriodSeconds");
    if (!grace)
        grace = json_object_get(pod->spec, "terminationGracePeriodSeconds");
    return json_integer_value(grace) * 1000;
}

static bool
stops_as_recorded(const json_t *line, char *got, size_t got_size)
{
    struct kubelet_pod pod;
    const json_t *object = json_object_get(line, "pod");
    assert_true(kubelet_pod_read(&pod, object));
    struct kubelet_stop stops[KUBELET_CONTAINERS_MAX] = {0};
    for (size_t i = 0; i < pod.count; i++) {
        stops[i].running = is_listed(json_object_get(line, "running"), pod.c[i].name);
        stops[i].pre_stop_ms = seconds_of(line, "prestop_s", pod.c[i].name);
        stops[i].term_ms = seconds_of(line, "needs_s_after_sigterm", pod.c[i].name);
    }
    int64_t total_ms = kubelet_stop_plan(&pod, stops, grace_of(line, &pod));
    json_t *calls = json_array();
    for (size_t i = 0; i < pod.count; i++) {
        if (stops[i].running)
            insert_call(calls, call_json(&pod, &stops[i], i));
    }
    const json_t *expected = json_object_get(line, "calls");
    bool none = json_is_null(expected) && json_array_size(calls) == 0;
    bool same = (none || json_equal(calls, expected)) &&
                total_ms == json_integer_value(json_object_get(line, "total_s")) * 1000;
    if (!same) {
        iw_autofree char *text = json_dumps(calls, JSON_COMPACT);
        (void)snprintf(got, got_size, "total %lld ms, calls %s", (long long)total_ms, text);
    }
    json_decref(calls);
    return same;
}

static void
kubelet_stop_plan__agrees_with_every_recorded_termination(void **state)
{
    (void)state;
    suite_run("kubelet/termination.jsonl.gz", 90, stops_as_recorded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubelet_stop_plan__agrees_with_every_recorded_termination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
