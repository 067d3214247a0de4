/* What PATCH does to an object, for each of its four media types, and strict field validation.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/demo/api_internal.h"

#define STRATEGIC "application/strategic-merge-patch+json"
#define MERGE "application/merge-patch+json"
#define JSON_PATCH "application/json-patch+json"

static json_t *
parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, 0, &error);
    if (!value)
        fail_msg("%s: %s", text, error.text);
    return value;
}

static void
expect_equal(json_t *got, const char *wanted)
{
    json_t *want = parse(wanted);
    if (!json_equal(got, want)) {
        char *text = json_dumps(got, JSON_COMPACT);
        fail_msg("wanted %s, got %s", wanted, text);
    }
    json_decref(want);
}

static enum iw_err
patch(json_t *target, const char *type, const char *text)
{
    struct strbuf body;
    struct iw_error err = {0};
    strbuf_init(&body, 4096);
    assert_true(strbuf_adds(&body, text));
    enum iw_err code = api_patch(target, type, &body, &err);
    strbuf_free(&body);
    return code;
}

static void
expect_patched(const char *before, const char *type, const char *text, const char *after)
{
    json_t *target = parse(before);
    assert_int_equal(patch(target, type, text), IW_OK);
    expect_equal(target, after);
    json_decref(target);
}

static void
strategic__joins_containers_by_name(void **state)
{
    (void)state;
    expect_patched("{\"containers\":[{\"name\":\"a\",\"image\":\"1\"},{\"name\":\"b\"}]}",
                   STRATEGIC,
                   "{\"containers\":[{\"name\":\"a\",\"image\":\"2\"},{\"name\":\"c\"}]}",
                   "{\"containers\":[{\"name\":\"a\",\"image\":\"2\"},{\"name\":\"b\"},"
                   "{\"name\":\"c\"}]}");
}

static void
strategic__follows_its_directives(void **state)
{
    (void)state;
    expect_patched("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", STRATEGIC,
                   "{\"containers\":[{\"name\":\"a\",\"$patch\":\"delete\"}]}",
                   "{\"containers\":[{\"name\":\"b\"}]}");
    expect_patched("{\"labels\":{\"a\":\"1\",\"b\":\"2\"}}", STRATEGIC,
                   "{\"labels\":{\"$patch\":\"replace\",\"c\":\"3\"}}",
                   "{\"labels\":{\"c\":\"3\"}}");
    expect_patched("{\"env\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", STRATEGIC,
                   "{\"$setElementOrder/env\":[{\"name\":\"b\"},{\"name\":\"a\"}]}",
                   "{\"env\":[{\"name\":\"b\"},{\"name\":\"a\"}]}");
    expect_patched("{\"finalizers\":[\"x\",\"y\"]}", STRATEGIC,
                   "{\"$deleteFromPrimitiveList/finalizers\":[\"x\"],\"finalizers\":[\"z\"]}",
                   "{\"finalizers\":[\"y\",\"z\"]}");
    expect_patched("{\"strategy\":{\"type\":\"A\",\"rollingUpdate\":{}}}", STRATEGIC,
                   "{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"B\"}}",
                   "{\"strategy\":{\"type\":\"B\"}}");
}

static void
strategic__joins_ports_of_containers_and_of_services(void **state)
{
    (void)state;
    expect_patched("{\"ports\":[{\"containerPort\":80}]}", STRATEGIC,
                   "{\"ports\":[{\"containerPort\":80,\"name\":\"web\"}]}",
                   "{\"ports\":[{\"containerPort\":80,\"name\":\"web\"}]}");
    expect_patched("{\"ports\":[{\"port\":80}]}", STRATEGIC, "{\"ports\":[{\"port\":81}]}",
                   "{\"ports\":[{\"port\":80},{\"port\":81}]}");
}

static void
merge__replaces_lists_and_removes_nulls(void **state)
{
    (void)state;
    expect_patched("{\"containers\":[{\"name\":\"a\"}],\"x\":{\"y\":1,\"z\":2}}", MERGE,
                   "{\"containers\":[{\"name\":\"b\"}],\"x\":{\"y\":null},\"n\":{\"m\":1}}",
                   "{\"containers\":[{\"name\":\"b\"}],\"x\":{\"z\":2},\"n\":{\"m\":1}}");
}

static void
json_patch__follows_pointers(void **state)
{
    (void)state;
    expect_patched("{\"a\":{\"b/c\":1},\"l\":[1,3]}", JSON_PATCH,
                   "[{\"op\":\"test\",\"path\":\"/a/b~1c\",\"value\":1},"
                   "{\"op\":\"replace\",\"path\":\"/a/b~1c\",\"value\":2},"
                   "{\"op\":\"add\",\"path\":\"/l/1\",\"value\":2},"
                   "{\"op\":\"add\",\"path\":\"/l/-\",\"value\":4},"
                   "{\"op\":\"remove\",\"path\":\"/l/0\"}]",
                   "{\"a\":{\"b/c\":2},\"l\":[2,3,4]}");
}

static void
json_patch__refuses_what_is_not_there(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "[{\"op\":\"remove\",\"path\":\"/no/where\"}]", "[{\"op\":\"replace\",\"path\":\"/x\"}]",
        "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", "[{\"op\":\"fly\",\"path\":\"/a\"}]"};
    for (size_t i = 0; i < IW_COUNTOF(bad); i++) {
        json_t *target = parse("{\"a\":1}");
        assert_int_equal(patch(target, JSON_PATCH, bad[i]), IW_ERR_RANGE);
        json_decref(target);
    }
    json_t *target = parse("{}");
    assert_int_equal(patch(target, JSON_PATCH, "[{\"op\":\"add\",\"path\":\"a\"}]"), IW_ERR_PARSE);
    assert_int_equal(patch(target, JSON_PATCH, "{}"), IW_ERR_PARSE);
    assert_int_equal(patch(target, MERGE, "[]"), IW_ERR_PARSE);
    assert_int_equal(patch(target, MERGE, "{"), IW_ERR_PARSE);
    json_decref(target);
}

static void
apply__removes_only_what_the_manager_had_applied(void **state)
{
    (void)state;
    json_t *live = parse("{\"data\":{\"mine\":\"1\",\"other\":\"2\"},\"spec\":{\"containers\":"
                         "[{\"name\":\"a\",\"tty\":true},{\"name\":\"b\"},{\"name\":\"c\"}]}}");
    json_t *old = parse("{\"data\":{\"mine\":\"1\"},\"spec\":{\"containers\":[{\"name\":\"a\","
                        "\"tty\":true},{\"name\":\"b\"}]}}");
    json_t *now = parse("{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}");
    api_apply_config(live, old, now);
    expect_equal(live, "{\"data\":{\"other\":\"2\"},\"spec\":{\"containers\":[{\"name\":\"a\"},"
                       "{\"name\":\"c\"}]}}");
    json_decref(live);
    json_decref(old);
    json_decref(now);
}

static void
schema__names_every_unknown_field(void **state)
{
    (void)state;
    json_t *pod =
        parse("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"nam\":\"x\"},"
              "\"spec\":{\"containers\":[{\"name\":\"a\",\"imag\":\"b\",\"livenessProbe\":"
              "{\"period\":1}}],\"initContainer\":[]}}");
    struct strbuf text;
    strbuf_init(&text, 4096);
    api_schema_check(DEMO_KIND_POD, pod, &text);
    assert_string_equal(text.data, "unknown field \"metadata.nam\", unknown field "
                                   "\"spec.initContainer\", unknown field "
                                   "\"spec.containers[0].imag\", unknown field "
                                   "\"spec.containers[0].livenessProbe.period\"");
    strbuf_free(&text);
    json_decref(pod);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strategic__joins_containers_by_name),
        cmocka_unit_test(strategic__follows_its_directives),
        cmocka_unit_test(strategic__joins_ports_of_containers_and_of_services),
        cmocka_unit_test(merge__replaces_lists_and_removes_nulls),
        cmocka_unit_test(json_patch__follows_pointers),
        cmocka_unit_test(json_patch__refuses_what_is_not_there),
        cmocka_unit_test(apply__removes_only_what_the_manager_had_applied),
        cmocka_unit_test(schema__names_every_unknown_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
