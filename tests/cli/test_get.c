/* get from files: order, filters, formats, exit status.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "program.h"

/* One healthy pod, one in a wait loop, one in back-off, one of another namespace. */
static const char pods[] =
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"healthy\",\"namespace\":\"shop\",\"uid\":\"u1\","
    "\"labels\":{\"app\":\"web\",\"tier\":\"front\"},\"creationTimestamp\":\"2026-06-15T11:00:"
    "00Z\"},"
    "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"app\"}]},"
    "\"status\":{\"phase\":\"Running\",\"startTime\":\"2026-06-15T11:00:00Z\","
    "\"containerStatuses\":["
    "{\"name\":\"app\",\"ready\":true,\"restartCount\":0,\"started\":true,"
    "\"state\":{\"running\":{\"startedAt\":\"2026-06-15T11:00:01Z\"}}}]}}\n"
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"waits\",\"namespace\":\"shop\",\"uid\":\"u2\","
    "\"labels\":{\"app\":\"web\"},\"creationTimestamp\":\"2026-06-15T11:55:50Z\"},"
    "\"spec\":{\"nodeName\":\"n1\",\"initContainers\":[{\"name\":\"wait\",\"command\":[\"sh\",\"-"
    "c\","
    "\"until nc -z db 5432; do sleep 2; done\"]}],\"containers\":[{\"name\":\"app\"}]},"
    "\"status\":{\"phase\":\"Pending\",\"startTime\":\"2026-06-15T11:55:51Z\","
    "\"initContainerStatuses\":[{\"name\":\"wait\",\"ready\":false,\"restartCount\":0,\"started\":"
    "true,"
    "\"state\":{\"running\":{\"startedAt\":\"2026-06-15T11:55:51Z\"}}}],\"containerStatuses\":["
    "{\"name\":\"app\",\"ready\":false,\"restartCount\":0,"
    "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}}]}}\n"
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"crashes\",\"namespace\":\"shop\",\"uid\":\"u3\","
    "\"creationTimestamp\":\"2026-06-15T11:58:00Z\"},"
    "\"spec\":{\"nodeName\":\"n2\",\"initContainers\":[{\"name\":\"migrate\"}],"
    "\"containers\":[{\"name\":\"app\"}]},"
    "\"status\":{\"phase\":\"Pending\",\"startTime\":\"2026-06-15T11:58:00Z\","
    "\"initContainerStatuses\":[{\"name\":\"migrate\",\"ready\":false,\"restartCount\":3,"
    "\"state\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\","
    "\"finishedAt\":\"2026-06-15T11:59:50Z\"}}}]}}\n"
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"other\",\"namespace\":\"data\",\"uid\":\"u4\","
    "\"creationTimestamp\":\"2026-06-15T11:59:00Z\"},\"spec\":{\"containers\":[{\"name\":\"a\"}]},"
    "\"status\":{\"phase\":\"Succeeded\"}}\n";

#define NOW "--now", "2026-06-15T12:00:00Z"

static struct program
get(const char *const *more)
{
    const char *args[PROGRAM_ARGS_MAX] = {"get", "-f", "-", NOW};
    for (size_t i = 0; more[i]; i++)
        args[5 + i] = more[i];
    return program_run(args, pods, sizeof(pods) - 1);
}
#define GET(...) get((const char *const[]){__VA_ARGS__, NULL})

static void
expect_out(struct program p, const char *want)
{
    assert_string_equal(p.out, want);
    assert_string_equal(p.err, "");
    assert_int_equal(p.status, 0);
    program_free(&p);
}

static void
get__shows_the_stuck_ones_first_and_why(void **state)
{
    (void)state;
    expect_out(
        GET("-n", "shop"),
        "NAME     INIT(S)│APP  READY  STATUS      RESTARTS  FOR    WHY\n"
        "crashes  ↻│◌          0/1    Init:Error  3         2m00s  migrate back-off 40s after exit "
        "1 (try 4), next in 30s\n"
        "waits    ⠹│◌          0/1    Init:0/1    0         4m09s  wait running 4m09s: nc -z db "
        "5432\n"
        "healthy  ✓            1/1    Running     0         1h00m\n");
}

static void
get__ascii_uses_no_other_characters(void **state)
{
    (void)state;
    struct program p = GET("--ascii");
    for (const char *c = p.out; *c; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
    assert_non_null(strstr(p.out, "INIT(S)|APP"));
    program_free(&p);
}

static void
get_kubectl__keeps_the_order_of_the_input(void **state)
{
    (void)state;
    expect_out(GET("-o", "kubectl", "-A"),
               "NAMESPACE   NAME      READY   STATUS       RESTARTS   AGE\n"
               "shop        healthy   1/1     Running      0          60m\n"
               "shop        waits     0/1     Init:0/1     0          4m10s\n"
               "shop        crashes   0/1     Init:Error   3          2m\n"
               "data        other     0/1     Succeeded    0          60s\n");
}

static void
get__filters_by_label_namespace_and_name(void **state)
{
    (void)state;
    expect_out(GET("-o", "kubectl", "--no-headers", "-l", "app=web,tier!=front"),
               "waits   0/1   Init:0/1   0     4m10s\n");
    expect_out(GET("-o", "kubectl", "--no-headers", "-l", "app in (x, web), tier"),
               "healthy   1/1   Running   0     60m\n");
    expect_out(GET("-o", "kubectl", "--no-headers", "-n", "data"),
               "other   0/1   Succeeded   0     60s\n");
    expect_out(GET("-o", "kubectl", "--no-headers", "waits"),
               "waits   0/1   Init:0/1   0     4m10s\n");
    expect_out(GET("-o", "kubectl", "--no-headers", "--show-labels", "healthy"),
               "healthy   1/1   Running   0     60m   app=web,tier=front\n");
}

static void
get__sorts_by_what_is_asked(void **state)
{
    (void)state;
    expect_out(GET("-o", "kubectl", "--no-headers", "-n", "shop", "--sort-by", ".metadata.name"),
               "crashes   0/1   Init:Error   3     2m\n"
               "healthy   1/1   Running      0     60m\n"
               "waits     0/1   Init:0/1     0     4m10s\n");
    struct program p = GET("--sort-by", "{.metadata.creationTimestamp}", "--no-headers");
    assert_true(strncmp(p.out, "healthy", 7) == 0);
    program_free(&p);
    p = GET("--sort-by", "colour");
    assert_int_equal(p.status, 2);
    assert_non_null(strstr(p.err, "--sort-by colour"));
    program_free(&p);
}

static void
get__a_name_that_is_not_there_is_status_4_with_the_nearest(void **state)
{
    (void)state;
    struct program p = GET("wait");
    assert_int_equal(p.status, 4);
    assert_non_null(strstr(p.err, "pod \"wait\" is not in standard input"));
    assert_non_null(strstr(p.err, "waits"));
    program_free(&p);
}

static void
get__nothing_found_says_so_and_prints_no_header(void **state)
{
    (void)state;
    struct program p = GET("-n", "empty");
    assert_string_equal(p.out, "");
    assert_string_equal(p.err, "No resources found in empty namespace.\n");
    assert_int_equal(p.status, 0);
    program_free(&p);
    expect_out(GET("-n", "empty", "-o", "json"), "[]\n");
    expect_out(GET("-n", "empty", "-o", "jsonl"), "");
}

static void
get__refuses_what_cannot_be(void **state)
{
    (void)state;
    struct program p = GET("-w", "-o", "json");
    assert_int_equal(p.status, 2);
    program_free(&p);
    p = GET("-l", "a=(");
    assert_int_equal(p.status, 2);
    assert_non_null(strstr(p.err, "--selector"));
    program_free(&p);
    p = program_run((const char *const[]){"get", "-f", "-", NULL}, "{\"kind\":", 8);
    assert_int_equal(p.status, 2);
    assert_non_null(strstr(p.err, "standard input:1"));
    program_free(&p);
    p = program_run((const char *const[]){"get", "-f", "/nowhere/pods.json", NULL}, "", 0);
    assert_true(p.status == 2 || p.status == 4);
    assert_non_null(strstr(p.err, "/nowhere/pods.json"));
    program_free(&p);
}

static void
get_json__is_one_document_with_null_for_what_is_not_known(void **state)
{
    (void)state;
    struct program p = GET("-o", "json");
    json_t *root = json_loads(p.out, 0, NULL);
    assert_int_equal(json_array_size(root), 4);
    const json_t *waits = json_array_get(root, 1);
    const json_t *init = json_object_get(waits, "init");
    assert_string_equal(json_string_value(json_object_get(init, "current")), "wait");
    assert_string_equal(json_string_value(json_object_get(init, "state")), "running");
    assert_string_equal(json_string_value(json_object_get(init, "since")), "2026-06-15T11:55:51Z");
    assert_int_equal(json_integer_value(json_object_get(init, "total")), 1);
    assert_true(json_is_null(json_object_get(waits, "ip")));
    assert_true(json_is_null(json_object_get(waits, "nominatedNode")));
    const json_t *blocked = json_object_get(waits, "blocked");
    assert_string_equal(json_string_value(json_object_get(blocked, "by")), "wait");
    assert_string_equal(json_string_value(json_object_get(blocked, "reason")), "Running");
    assert_true(json_is_null(json_object_get(json_array_get(root, 0), "blocked")));
    const json_t *crash = json_object_get(json_array_get(root, 2), "blocked");
    assert_string_equal(json_string_value(json_object_get(crash, "reason")), "CrashLoopBackOff");
    json_decref(root);
    program_free(&p);
}

static void
get__folds_the_versions_of_a_recording_unless_it_watches(void **state)
{
    (void)state;
    static const char versions[] =
        "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":"
        "\"1\"},"
        "\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Pending\"}}}\n"
        "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":"
        "\"1\"},"
        "\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Running\"}}}\n"
        "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\",\"uid\":"
        "\"2\"},"
        "\"spec\":{\"containers\":[]},\"status\":{\"phase\":\"Pending\"}}}\n"
        "{\"type\":\"DELETED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\",\"uid\":"
        "\"2\"},"
        "\"spec\":{\"containers\":[]},\"status\":{\"phase\":\"Pending\"}}}\n";
    struct program p =
        program_run((const char *const[]){"get", "-f", "-", "-o", "kubectl", "--no-headers", NULL},
                    versions, sizeof(versions) - 1);
    assert_string_equal(p.out, "a     0/1   Running   0     <unknown>\n");
    program_free(&p);
    p = program_run(
        (const char *const[]){"get", "-f", "-", "-o", "kubectl", "--no-headers", "-w", NULL},
        versions, sizeof(versions) - 1);
    assert_string_equal(p.out, "a     0/1   Pending   0     <unknown>\n"
                               "a     0/1   Running   0     <unknown>\n"
                               "b     0/0   Pending   0     <unknown>\n"
                               "b     0/0   Pending   0     <unknown>\n");
    program_free(&p);
}

static void
get__lets_no_escape_sequence_of_a_pod_through(void **state)
{
    (void)state;
    static const char evil[] =
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\\u001b[2Jb\\u0007\\u009bc\\u202ed\","
        "\"namespace\":\"x\"},\"spec\":{\"nodeName\":\"n\",\"containers\":[{\"name\":\"c\\u001b]0;"
        "t\"}]},"
        "\"status\":{\"phase\":\"Failed\",\"reason\":\"R\\u001b[31m\",\"message\":\"m\\u001b["
        "1m\\nx\"}}";
    static const char *const outputs[] = {"table", "kubectl", "wide", "json", "jsonl"};
    static const char *const commands[] = {"get", "why"};
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < 5; i++) {
            struct program p =
                program_run((const char *const[]){commands[c], "-f", "-", "-o", outputs[i], NULL},
                            evil, sizeof(evil) - 1);
            assert_true(p.out_len > 0);
            for (size_t at = 0; at < p.out_len; at++)
                assert_true(p.out[at] == '\n' || (unsigned char)p.out[at] >= ' ');
            assert_null(strstr(p.out, "\xc2\x9b"));
            program_free(&p);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__shows_the_stuck_ones_first_and_why),
        cmocka_unit_test(get__ascii_uses_no_other_characters),
        cmocka_unit_test(get_kubectl__keeps_the_order_of_the_input),
        cmocka_unit_test(get__filters_by_label_namespace_and_name),
        cmocka_unit_test(get__sorts_by_what_is_asked),
        cmocka_unit_test(get__a_name_that_is_not_there_is_status_4_with_the_nearest),
        cmocka_unit_test(get__nothing_found_says_so_and_prints_no_header),
        cmocka_unit_test(get__refuses_what_cannot_be),
        cmocka_unit_test(get_json__is_one_document_with_null_for_what_is_not_known),
        cmocka_unit_test(get__folds_the_versions_of_a_recording_unless_it_watches),
        cmocka_unit_test(get__lets_no_escape_sequence_of_a_pod_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
