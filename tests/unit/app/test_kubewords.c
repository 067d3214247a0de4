/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/app/kubewords.h"

static struct options o;
static struct iw_error err;

static enum iw_err
parse(char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    err = (struct iw_error){0};
    return options_parse(argc, argv, &o, &err);
}
#define PARSE(...) parse((char *[]){"initwatch", __VA_ARGS__, NULL})

static void
expect_names(enum app_command command, const char *owner_kind, const char *first, unsigned count)
{
    assert_string_equal(err.msg, "");
    assert_int_equal(o.command, command);
    assert_int_equal(o.arg_count, count);
    assert_null(o.args[count]);
    if (first)
        assert_string_equal(o.args[0], first);
    if (owner_kind)
        assert_string_equal(o.owner_kind, owner_kind);
    else
        assert_null(o.owner_kind);
}

static void
kubewords__the_kind_pods_is_what_is_listed_anyway(void **state)
{
    (void)state;
    assert_int_equal(PARSE("get", "pods"), IW_OK);
    expect_names(CMD_GET, NULL, NULL, 0);
    assert_int_equal(PARSE("get", "po", "web", "db", "-o", "wide"), IW_OK);
    expect_names(CMD_GET, NULL, "web", 2);
    assert_int_equal(PARSE("get", "pod/web", "pod/db"), IW_OK);
    expect_names(CMD_GET, NULL, "web", 2);
    assert_int_equal(PARSE("events", "pod/web"), IW_OK);
    expect_names(CMD_EVENTS, NULL, "web", 1);
    assert_int_equal(PARSE("pods"), IW_OK);
    expect_names(CMD_DASHBOARD, NULL, NULL, 0);
}

static void
kubewords__a_workload_stands_for_its_pods(void **state)
{
    (void)state;
    assert_int_equal(PARSE("why", "deploy/web"), IW_OK);
    expect_names(CMD_WHY, "Deployment", "web", 1);
    assert_int_equal(PARSE("get", "sts", "db", "cache"), IW_OK);
    expect_names(CMD_GET, "StatefulSet", "db", 2);
    assert_int_equal(PARSE("logs", "job/migrate", "setup", "-f"), IW_OK);
    expect_names(CMD_LOGS, "Job", "migrate", 2);
    assert_string_equal(o.args[1], "setup");
    assert_int_equal(PARSE("get", "pod/web", "deploy/web"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "one kind at a time"));
    assert_int_equal(PARSE("get", "deploy"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "deploy/NAME"));
}

static void
kubewords__describe_is_why(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-n", "shop", "describe", "pod", "web"), IW_OK);
    expect_names(CMD_WHY, NULL, "web", 1);
    assert_int_equal(PARSE("describe", "pod"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "the NAME of one is missing"));
}

static void
kubewords__a_file_is_no_object_and_an_object_no_file(void **state)
{
    (void)state;
    assert_int_equal(PARSE("logs", "./pod/web"), IW_OK);
    expect_names(CMD_LOGS, NULL, "./pod/web", 1);
    assert_int_equal(PARSE("logs", "logs/web.log"), IW_OK);
    expect_names(CMD_LOGS, NULL, "logs/web.log", 1);
    assert_int_equal(PARSE("logs", "pod/web"), IW_OK);
    expect_names(CMD_LOGS, NULL, "web", 1);
    assert_true(kubewords_is_object("po/web"));
    assert_false(kubewords_is_object("pod/"));
    assert_false(kubewords_is_object("pod/web/log"));
    assert_false(kubewords_is_object("/web"));
}

static void
kubewords__what_only_kubectl_has_is_named_with_what_to_type(void **state)
{
    (void)state;
    assert_int_equal(PARSE("get", "svc", "-A"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "kubectl get svc"));
    assert_int_equal(PARSE("why", "svc/db"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "kubectl get svc"));
    assert_int_equal(PARSE("get", "events"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "initwatch events"));
    assert_int_equal(PARSE("get", "pods,svc"), IW_ERR_USAGE);
    assert_int_equal(PARSE("why", "shop/web"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "-n shop web"));
    assert_int_equal(PARSE("exec", "web", "--", "sh"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "kubectl exec"));
    assert_int_equal(PARSE("descripe", "web"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "did you mean describe"));
    assert_int_equal(PARSE("get", "-o", "yaml"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "kubectl get pods -o yaml"));
}

static void
kubewords__after_two_dashes_every_word_is_a_name(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--", "exec"), IW_OK);
    expect_names(CMD_DASHBOARD, NULL, "exec", 1);
    assert_int_equal(PARSE("get", "--", "pods"), IW_OK);
    expect_names(CMD_GET, NULL, "pods", 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubewords__the_kind_pods_is_what_is_listed_anyway),
        cmocka_unit_test(kubewords__a_workload_stands_for_its_pods),
        cmocka_unit_test(kubewords__describe_is_why),
        cmocka_unit_test(kubewords__a_file_is_no_object_and_an_object_no_file),
        cmocka_unit_test(kubewords__what_only_kubectl_has_is_named_with_what_to_type),
        cmocka_unit_test(kubewords__after_two_dashes_every_word_is_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
