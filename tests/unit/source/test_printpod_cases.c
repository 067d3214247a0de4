/* The cells and tables of `kubectl get pods`, against the output of Kubernetes' own printer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/base/clock.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/podtable.h"
#include "initwatch/model/status.h"
#include "initwatch/source/decode.h"

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int64_t
now_of(const json_t *line)
{
    const char *now = text_of(line, "now");
    int64_t now_wall_ms = 0;
    assert_int_equal(rfc3339_parse(now, strlen(now), &now_wall_ms, NULL), IW_OK);
    return now_wall_ms;
}

static struct pod *
pod_of(const json_t *object)
{
    struct pod *pod = NULL;
    struct iw_error err = {0};
    if (decode_pod(object, "", &pod, &err) != IW_OK)
        fail_msg("decode_pod: %s", err.msg);
    return pod;
}

/* Counts one cell; prints the first difference of the suite in full. */
static bool
same_cell(const char *name, const char *what, const char *got, const char *want, bool *reported)
{
    if (strcmp(got, want) == 0)
        return true;
    if (!*reported)
        print_message("%s %s:\n got  \"%s\"\n want \"%s\"\n", name, what, got, want);
    *reported = true;
    return false;
}

static bool
same_row(const json_t *line, bool *reported)
{
    struct pod *pod = pod_of(json_object_get(line, "pod"));
    struct pod_cells cells;
    pod_print_cells(pod, now_of(line), &cells);
    const char *name = text_of(line, "name");
    const char *completed = cells.completed ? pod->phase : "";
    bool same = same_cell(name, "name", pod->name, text_of(line, "pod_name"), reported) &&
                same_cell(name, "ready", cells.ready, text_of(line, "ready"), reported) &&
                same_cell(name, "status", cells.status, text_of(line, "status"), reported) &&
                same_cell(name, "restarts", cells.restarts, text_of(line, "restarts"), reported) &&
                same_cell(name, "age", cells.age, text_of(line, "age"), reported) &&
                same_cell(name, "ip", cells.ip, text_of(line, "ip"), reported) &&
                same_cell(name, "node", cells.node, text_of(line, "node"), reported) &&
                same_cell(name, "nominated node", cells.nominated_node,
                          text_of(line, "nominated_node"), reported) &&
                same_cell(name, "readiness gates", cells.readiness_gates,
                          text_of(line, "readiness_gates"), reported) &&
                same_cell(name, "completed", completed, text_of(line, "row_completed"), reported);
    pod_free(pod);
    return same;
}

static bool
same_table(const json_t *line, bool *reported)
{
    struct podtable_options options = {
        .wide = json_is_true(json_object_get(line, "wide")),
        .with_namespace = json_is_true(json_object_get(line, "with_namespace")),
        .no_headers = json_is_true(json_object_get(line, "no_headers")),
        .show_labels = json_is_true(json_object_get(line, "show_labels")),
    };
    int64_t now_wall_ms = now_of(line);
    struct podtable *table = podtable_new(&options);
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(line, "pods"), i, object)
    {
        struct pod *pod = pod_of(object);
        podtable_add_pod(table, pod, now_wall_ms);
        pod_free(pod);
    }
    strbuf_auto text;
    strbuf_init(&text, 0);
    podtable_print(table, &text);
    podtable_free(table);
    return same_cell(text_of(line, "name"), "table", text.data, text_of(line, "output"), reported);
}

/* Every line of a data set must agree. */
static void
run_cases(const char *file, size_t expected, bool (*same)(const json_t *line, bool *reported))
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/printpod/%s", TEST_DATA_DIR, file);
    struct gzlines *lines = gzlines_open(path);
    assert_non_null(lines);
    size_t total = 0;
    size_t agree = 0;
    bool reported = false;
    size_t len;
    for (char *text; (text = gzlines_next(lines, &len)) != NULL;) {
        json_error_t error;
        json_t *line = json_loadb(text, len, JSON_ALLOW_NUL, &error);
        assert_non_null(line);
        total++;
        agree += same(line, &reported);
        json_decref(line);
    }
    gzlines_close(lines);
    print_message("%s: %zu of %zu cases agree\n", file, agree, total);
    assert_true(total >= expected);
    assert_int_equal(agree, total);
}

static void
pod_print_cells__agrees_with_kubernetes_for_random_pods(void **state)
{
    (void)state;
    run_cases("random.jsonl.gz", 1500, same_row);
}

static void
podtable_print__agrees_with_kubectl_byte_for_byte(void **state)
{
    (void)state;
    run_cases("table.jsonl.gz", 60, same_table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pod_print_cells__agrees_with_kubernetes_for_random_pods),
        cmocka_unit_test(podtable_print__agrees_with_kubectl_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
