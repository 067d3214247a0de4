/* kubectl's words on a cluster: a workload's pods, the most stuck one of them, and which was taken.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/base/alloc.h"
#include "program_on.h"

#define OWNED(name, hash, owner, status)                                                           \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\",\"uid\":\"" name                  \
    "\",\"labels\":{\"pod-template-hash\":\"" hash "\"},\"ownerReferences\":[{\"kind\":"           \
    "\"ReplicaSet\",\"name\":\"" owner                                                             \
    "\",\"controller\":true}]},\"spec\":{\"nodeName\":\"n\",\"containers\":["                      \
    "{\"name\":\"app\"}]},\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":"     \
    "\"app\",\"restartCount\":4," status "}]}}"
#define RUNS "\"ready\":true,\"state\":{\"running\":{\"startedAt\":\"2026-06-15T12:00:07Z\"}}"
#define CRASHES "\"ready\":false,\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}"
#define PODS                                                                                       \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"9\"},"        \
    "\"items\":[" OWNED("web-1-a", "1", "web-1", RUNS) "," OWNED(                                  \
        "web-1-b", "1", "web-1", CRASHES) "," OWNED("db-2-a", "2", "db-2", RUNS) "]}"

static struct program
run_on(const char *const *words)
{
    struct script_server *s = script_server_start();
    script_server_route(s, "/log", "expect GET /web-1-b/log\nreply 200 text hello\\n\n");
    script_server_route(s, "/events", "expect GET /events\nreply 404\n");
    script_server_route(s, "/pods", "expect GET /pods\nreply 200 json " PODS "\n");
    return program_on(s, words);
}

static void
expect(struct program p, int status, const char *out_part, const char *err_part)
{
    if (!strstr(p.out, out_part))
        fail_msg("\"%s\" is not in \"%s\" (%s)", out_part, p.out, p.err);
    if (!strstr(p.err, err_part))
        fail_msg("\"%s\" is not in \"%s\"", err_part, p.err);
    assert_int_equal(p.status, status);
    program_free(&p);
}
#define RUN_ON(...) run_on((const char *const[]){__VA_ARGS__, NULL})

static void
kubewords__get_lists_the_pods_of_a_workload(void **state)
{
    (void)state;
    struct program p = RUN_ON("get", "deploy/web", "--no-headers", "-o", "kubectl");
    assert_non_null(strstr(p.out, "web-1-a"));
    assert_non_null(strstr(p.out, "web-1-b"));
    assert_null(strstr(p.out, "db-2-a"));
    assert_int_equal(p.status, 0);
    program_free(&p);
    expect(RUN_ON("get", "rs", "db-2"), 0, "db-2-a", "");
    expect(RUN_ON("get", "deploy/wev"), 4, "",
           "no pod of Deployment \"wev\" is in namespace shop; nearest: web\n");
}

static void
kubewords__why_and_logs_take_the_most_stuck_pod_and_say_which(void **state)
{
    (void)state;
    expect(RUN_ON("describe", "deploy", "web"), 1, "web-1-b",
           "Deployment web: pod web-1-b, the most stuck of 2");
    expect(RUN_ON("logs", "deploy/web"), 0, "hello\n", "pod web-1-b");
}

/* ".." was a path to the pods of all namespaces. */
static void
kubewords__a_namespace_is_a_name(void **state)
{
    (void)state;
    expect(RUN_ON("get", "-n", ".."), 2, "", "\"..\" is no name of a namespace");
    expect(RUN_ON("get", "-n", "shop,a/b"), 2, "", "\"a/b\" is no name of a namespace");
    char many[300];
    memset(many, 'x', sizeof(many));
    many[sizeof(many) - 1] = '\0';
    many[150] = ',';
    expect(RUN_ON("get", "-n", many), 2, "", "too many namespaces");
    expect(RUN_ON("get", "-n", "shop", "-o", "kubectl"), 0, "web-1-a", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubewords__get_lists_the_pods_of_a_workload),
        cmocka_unit_test(kubewords__a_namespace_is_a_name),
        cmocka_unit_test(kubewords__why_and_logs_take_the_most_stuck_pod_and_say_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
