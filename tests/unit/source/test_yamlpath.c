/* yamlpath: members, items and paths of the YAML that yaml_emit writes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "initwatch/model/yamlpath.h"
#include "initwatch/source/yaml_emit.h"

static const char POD[] =
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"labels\":{\"x.y/z\":\"true\"}},"
    "\"spec\":{\"initContainers\":[{\"name\":\"one\",\"command\":[\"sh\",\"-c\",\"a\\nb\\n\"],"
    "\"env\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"valueFrom\":{\"secretKeyRef\":"
    "{\"name\":\"s\",\"key\":\"k\"}}}]},"
    "{\"resources\":{\"limits\":{\"cpu\":\"1\"}},\"name\":\"two\",\"args\":[]}],"
    "\"nodeName\":\"it's\"}}";

static struct yaml_text *
text(void)
{
    struct yaml_text *y = NULL;
    assert_int_equal(yaml_from_json(POD, strlen(POD), &y, NULL), IW_OK);
    return y;
}

static void
yaml_member__goes_down_by_keys_and_not_by_deeper_namesakes(void **state)
{
    (void)state;
    char value[64];
    struct yaml_text *y = text();
    yaml_value(y, yaml_member(y, YAML_NO_LINE, "metadata.name"), value, sizeof(value));
    assert_string_equal(value, "a");
    yaml_value(y, yaml_member(y, YAML_NO_LINE, "spec.nodeName"), value, sizeof(value));
    assert_string_equal(value, "it's");
    assert_true(yaml_member(y, YAML_NO_LINE, "name") == YAML_NO_LINE);
    assert_true(yaml_member(y, YAML_NO_LINE, "spec.name") == YAML_NO_LINE);
    yaml_text_free(y);
}

static void
yaml_item__counts_and_ends(void **state)
{
    (void)state;
    char value[64];
    struct yaml_text *y = text();
    size_t list = yaml_member(y, YAML_NO_LINE, "spec.initContainers");
    size_t one = yaml_item(y, list, 0), two = yaml_item(y, list, 1);
    yaml_value(y, yaml_member(y, one, "name"), value, sizeof(value));
    assert_string_equal(value, "one");
    yaml_value(y, yaml_member(y, two, "name"), value, sizeof(value));
    assert_string_equal(value, "two");
    yaml_value(y, yaml_member(y, two, "resources.limits.cpu"), value, sizeof(value));
    assert_string_equal(value, "1");
    assert_true(yaml_item(y, list, 2) == YAML_NO_LINE);
    assert_true(yaml_item(y, yaml_member(y, two, "args"), 0) == YAML_NO_LINE);
    assert_true(yaml_item(y, YAML_NO_LINE, 0) == YAML_NO_LINE);
    yaml_text_free(y);
}

static void
yaml_path__names_every_line(void **state)
{
    static const char *const PATHS[] = {"kind",
                                        "metadata",
                                        "metadata.name",
                                        "metadata.labels",
                                        "metadata.labels.x.y/z",
                                        "spec",
                                        "spec.initContainers",
                                        "spec.initContainers[0].name",
                                        "spec.initContainers[0].command",
                                        "spec.initContainers[0].command[0]",
                                        "spec.initContainers[0].command[1]",
                                        "spec.initContainers[0].command[2]"};
    (void)state;
    struct yaml_text *y = text();
    char path[128], cut[8];
    for (size_t i = 0; i < IW_COUNTOF(PATHS); i++) {
        yaml_path(y, i, path, sizeof(path));
        assert_string_equal(path, PATHS[i]);
    }
    size_t two = yaml_item(y, yaml_member(y, YAML_NO_LINE, "spec.initContainers"), 1);
    yaml_path(y, yaml_member(y, two, "resources.limits.cpu"), path, sizeof(path));
    assert_string_equal(path, "spec.initContainers[1].resources.limits.cpu");
    yaml_path(y, yaml_member(y, two, "name"), path, sizeof(path));
    assert_string_equal(path, "spec.initContainers[1].name");
    size_t env = yaml_item(
        y,
        yaml_member(y, yaml_item(y, yaml_member(y, YAML_NO_LINE, "spec.initContainers"), 0), "env"),
        1);
    yaml_path(y, yaml_member(y, env, "valueFrom.secretKeyRef.key"), path, sizeof(path));
    assert_string_equal(path, "spec.initContainers[0].env[1].valueFrom.secretKeyRef.key");
    yaml_path(y, env, cut, sizeof(cut));
    assert_string_equal(cut, "spec.in");
    yaml_text_free(y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_member__goes_down_by_keys_and_not_by_deeper_namesakes),
        cmocka_unit_test(yaml_item__counts_and_ends),
        cmocka_unit_test(yaml_path__names_every_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
