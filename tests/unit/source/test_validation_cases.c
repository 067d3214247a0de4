/* Validation against the errors and warnings of Kubernetes' own code.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/data/jarena.h"
#include "initwatch/source/defaults.h"
#include "initwatch/source/validate.h"
#include "suite.h"

static bool
same_error(const struct validation_error *e, const json_t *expected)
{
    return strcmp(validation_type_name(e->type), suite_text(expected, "type")) == 0 &&
           strcmp(e->field, suite_text(expected, "field")) == 0 &&
           strcmp(e->detail, suite_text(expected, "detail")) == 0 &&
           strcmp(e->text, suite_text(expected, "text")) == 0;
}

static bool
same_validation(const struct validation *v, const json_t *c, char *got, size_t got_size)
{
    const json_t *errors = json_object_get(c, "errors");
    const json_t *warnings = json_object_get(c, "warnings");
    size_t used = 0;
    bool same = v->error_count == json_array_size(errors) &&
                v->warning_count == json_array_size(warnings) && !v->cut &&
                (v->error_count == 0) == json_is_true(json_object_get(c, "valid"));
    for (size_t i = 0; i < v->error_count; i++) {
        bool equal = same_error(&v->errors[i], json_array_get(errors, i));
        used += (size_t)snprintf(got + used, got_size - used, "\n %s%s", equal ? "" : "(differs) ",
                                 v->errors[i].text);
        same = same && equal;
    }
    for (size_t i = 0; i < v->warning_count; i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        used += (size_t)snprintf(got + used, got_size - used, "\n warning %s", v->warnings[i]);
        same = same && text && strcmp(v->warnings[i], text) == 0;
    }
    return same;
}

static bool
validation_case(const char *line, size_t len, char *got, size_t got_size)
{
    json_t *c = NULL;
    struct iw_error err = {0};
    struct validation v;
    if (jarena_parse(line, len, &c, &err) != IW_OK) {
        snprintf(got, got_size, "jarena_parse: %s", err.msg);
        return false;
    }
    json_t *pod = json_object_get(c, "pod");
    bool same = pod_apply_defaults(pod, &err) == IW_OK;
    if (same) {
        pod_validate(pod, &v);
        same = same_validation(&v, c, got, got_size);
        validation_free(&v);
    } else {
        snprintf(got, got_size, "pod_apply_defaults: %s", err.msg);
    }
    jarena_release();
    return same;
}

static void
pod_validate__agrees_with_every_case(void **state)
{
    (void)state;
    suite_run_lines("validation/cases.jsonl.gz", 600, validation_case);
}

/* --- single rules that the data set does not reach --- */

static bool
says(const char *pod_text, const char *sentence)
{
    json_error_t error;
    struct iw_error err = {0};
    struct validation v;
    bool found = false;
    json_t *pod = json_loads(pod_text, 0, &error);
    assert_non_null(pod);
    assert_int_equal(pod_apply_defaults(pod, &err), IW_OK);
    pod_validate(pod, &v);
    for (size_t i = 0; i < v.error_count; i++)
        found = found || strcmp(v.errors[i].text, sentence) == 0;
    for (size_t i = 0; i < v.warning_count; i++)
        found = found || strcmp(v.warnings[i], sentence) == 0;
    validation_free(&v);
    json_decref(pod);
    return found;
}

static void
pod_validate__reports_a_name_used_by_an_init_and_an_app_container(void **state)
{
    (void)state;
    assert_true(says("{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"a\","
                     "\"image\":\"i\"}],"
                     "\"initContainers\":[{\"name\":\"a\",\"image\":\"i\"}]}}",
                     "spec.initContainers[0].name: Duplicate value: \"a\""));
}

static void
pod_validate__wants_equal_ports_on_the_host_network(void **state)
{
    (void)state;
    assert_true(says(
        "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"hostNetwork\":true,\"containers\":[{"
        "\"name\":\"a\",\"image\":\"i\",\"ports\":[{\"containerPort\":80,\"hostPort\":81}]}]}}",
        "spec.containers[0].ports[0].containerPort: Invalid value: 80: must match "
        "`hostPort` when `hostNetwork` is true"));
}

static void
pod_validate__warns_of_a_port_name_in_two_containers(void **state)
{
    (void)state;
    assert_true(says(
        "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":["
        "{\"name\":\"a\",\"image\":\"i\",\"ports\":[{\"containerPort\":80,\"name\":\"http\"}]},"
        "{\"name\":\"b\",\"image\":\"i\",\"ports\":[{\"containerPort\":81,\"name\":\"http\"}]}]}}",
        "spec.containers[1].ports[0]: duplicate port name \"http\" with "
        "spec.containers[0].ports[0], services and probes that select ports by name "
        "will use spec.containers[0].ports[0]"));
}

static void
pod_validate__quotes_what_a_manifest_holds_as_go_does(void **state)
{
    (void)state;
    assert_true(says(
        "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"imagePullPolicy\":\"a\\u001b\\\"\\n\\u202e\"}]}}",
        "spec.containers[0].imagePullPolicy: Unsupported value: "
        "\"a\\x1b\\\"\\n\\u202e\": supported values: \"Always\", \"IfNotPresent\", "
        "\"Never\""));
}

static void
pod_validate__survives_members_of_the_wrong_type(void **state)
{
    (void)state;
    static const char *const pods[] = {
        "{}",
        "{\"spec\":[]}",
        "{\"spec\":{\"containers\":{},\"initContainers\":7,\"volumes\":\"x\"}}",
        "{\"spec\":{\"containers\":[1,\"x\",null,[]],\"schedulingGates\":[3]}}",
        "{\"metadata\":1,\"spec\":{\"containers\":[{\"ports\":[1],\"env\":[[]],\"volumeMounts\":{},"
        "\"livenessProbe\":[],\"lifecycle\":{\"preStop\":4},\"resources\":{\"limits\":{\"cpu\":{}}}"
        "}]}}",
    };
    for (size_t i = 0; i < IW_COUNTOF(pods); i++) {
        json_t *pod = json_loads(pods[i], 0, NULL);
        struct validation v;
        assert_non_null(pod);
        pod_validate(pod, &v);
        assert_true(v.error_count > 0);
        validation_free(&v);
        json_decref(pod);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pod_validate__agrees_with_every_case),
        cmocka_unit_test(pod_validate__reports_a_name_used_by_an_init_and_an_app_container),
        cmocka_unit_test(pod_validate__wants_equal_ports_on_the_host_network),
        cmocka_unit_test(pod_validate__warns_of_a_port_name_in_two_containers),
        cmocka_unit_test(pod_validate__quotes_what_a_manifest_holds_as_go_does),
        cmocka_unit_test(pod_validate__survives_members_of_the_wrong_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
