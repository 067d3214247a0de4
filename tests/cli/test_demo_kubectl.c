/* The real kubectl against `initwatch demo --serve`: each command a user would try, and not one warning.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "kubectl_world.h"

static void
demo__kubeconfig_is_private_and_removed_at_the_end(void **state)
{
    (void)state;
    void *own = NULL;
    /* The group's own server is meant again behind this test. */
    char *before = iw_strdup(getenv("KUBECONFIG")), *home = iw_strdup(getenv("HOME"));
    assert_int_equal(demo_start(&own), 0);
    struct demo *demo = own;
    struct stat info;
    assert_int_equal(stat(demo->kubeconfig, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(child_finish(&demo->server), 0); /* the end of its stdin is its end */
    assert_int_equal(stat(demo->kubeconfig, &info), -1);
    demo->server.pid = 0;
    (void)rmdir(demo->home);
    free(demo);
    setenv("KUBECONFIG", before, 1);
    setenv("HOME", home, 1);
    setenv("XDG_RUNTIME_DIR", home, 1);
    free(before);
    free(home);
}

static void
demo__refuses_an_address_that_is_not_loopback(void **state)
{
    (void)state;
    const char *const argv[] = {TEST_PROGRAM, "demo", "--serve", "0.0.0.0:0", NULL};
    struct output *o = child_run(argv);
    assert_non_null(strstr(o->err, "not a loopback address"));
    assert_int_not_equal(o->status, 0);
    free(o);
}

static void
kubectl__version_has_no_warning(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("version"), is_old_kubectl()
                                   ? "Server Version: version.Info{Major:\"1\", Minor:\"33\""
                                   : "Server Version: v1.33");
}

static void
kubectl__get_prints_the_server_table(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("get", "pods", "-A", "-o", "wide"), "NOMINATED NODE   READINESS GATES");
    expect(KUBECTL("get", "pods", "resource-example"), "2/2     Running");
    expect(KUBECTL("get", "pods", "-l", "app=billing"), "Pending");
    expect(KUBECTL("get", "pods", "--field-selector", "spec.nodeName=demo-worker2", "-o", "name"),
           "pod/cart-");
    const char *const services[] = {"kubectl", "get", "services", NULL};
    wait_until(services, "www"); /* applied three seconds after the start */
    expect(KUBECTL("get", "nodes,services,deployments", "-o", "name"), "service/www");
    expect(KUBECTL("get", "pods", "--chunk-size=2", "-o", "name"), "pod/resource-example");
    expect_error(KUBECTL("get", "pod", "nobody"), "pods \"nobody\" not found");
}

static void
kubectl__explains_the_fields_that_matter_here(void **state)
{
    (void)state;
    need_kubectl();
    if (is_old_kubectl())
        skip(); /* it asks for version 2, in protocol buffers */
    expect(KUBECTL("explain", "pod.spec.initContainers"), "FIELD: initContainers <[]Container>");
    expect(KUBECTL("explain", "pod.spec.initContainers.restartPolicy"),
           "Always makes it a sidecar");
    expect(KUBECTL("explain", "deployments.spec.template.spec.overhead"), "map[string]string");
    expect(KUBECTL("explain", "cronjob", "--recursive"), "terminationGracePeriodSeconds");
    expect(KUBECTL("explain", "node.status.allocatable"), "pods is how many");
    expect_error(KUBECTL("explain", "pod.spec.nothing"), "does not exist");
}

/* A selector that cannot be read is refused in the server's words. */
static void
kubectl__selectors_are_read_as_the_server_reads_them(void **state)
{
    static const struct {
        const char *selector, *found;
    } BAD[] = {{"!!", "unable to parse requirement: found '!', expected: identifier"},
               {"a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"},
               {"a in (b", "found '', expected: ',' or ')'"},
               {"a,", "found '', expected: identifier after ','"},
               {"!a=b", "found '=', expected: ',' or 'end of string'"},
               {"a=b c", "found 'c', expected: ',' or 'end of string'"},
               {"-a", "key: Invalid value: \"-a\": name part must consist of"}};
    (void)state;
    need_kubectl();
    for (size_t i = 0; i < IW_COUNTOF(BAD); i++)
        expect_error(KUBECTL("get", "pods", "-l", BAD[i].selector), BAD[i].found);
    expect(KUBECTL("get", "pods", "-l", "app in (billing, none), !no-such", "-o", "name"),
           "pod/billing");
    expect(KUBECTL("get", "pods", "-l", "app notin (x),app==billing", "-o", "name"), "pod/billing");
}

static void
kubectl__top_tells_what_is_used(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("top", "pod", "--containers", "resource-example"), "app-2");
    expect(KUBECTL("top", "nodes"), "demo-worker2");
    expect_error(KUBECTL("top", "pod", "nobody"), "not found");
}

static void
kubectl__watch_shows_changes_as_they_come(void **state)
{
    (void)state;
    need_kubectl();
    const char *const argv[] = {"kubectl", "get", "pods", "-w", NULL};
    struct child child;
    struct output *o = iw_calloc(1, sizeof(*o));
    child_start(&child, argv);
    child_collect(&child, o, "Init:Error", CHILD_STEP_MS);
    kill(child.pid, SIGTERM);
    (void)child_finish(&child);
    assert_non_null(strstr(o->out, "Init:Error"));
    assert_int_equal(o->err_len, 0);
    free(o);
}

static void
kubectl__describe_lists_containers_and_events(void **state)
{
    (void)state;
    need_kubectl();
    struct output *o = KUBECTL("describe", "pod", "crash");
    assert_non_null(strstr(o->out, "Init Containers:\n  prepare:"));
    assert_non_null(strstr(o->out, "Reason:       Completed"));
    expect(o, "Successfully assigned shop/crash to demo-worker");
    expect(KUBECTL("describe", "pod", "-l", "app=billing"), "Insufficient cpu");
}

static void
kubectl__logs_follow_a_run_and_show_the_one_before(void **state)
{
    (void)state;
    need_kubectl();
    const char *const ready[] = {"kubectl", "get", "pods", "crash", NULL};
    wait_until(ready, "ago)"); /* restarted at least once */
    expect(KUBECTL("logs", "crash", "-c", "migrate", "-p"), "migration 42 fails, column exists");
    const char *const argv[] = {"kubectl", "logs",       "-f", "myapp-with-native-sidecar",
                                "-c",      "log-router", NULL};
    wait_until((const char *const[]){"kubectl", "get", "pods", "myapp-with-native-sidecar", NULL},
               "3/3");
    struct child child;
    struct output *o = iw_calloc(1, sizeof(*o));
    child_start(&child, argv);
    child_collect(&child, o, "sent: [2]", CHILD_STEP_MS);
    kill(child.pid, SIGTERM);
    (void)child_finish(&child);
    assert_non_null(strstr(o->out, "sent: [1] at work\nsent: [2] at work"));
    free(o);
    expect(KUBECTL("logs", "resource-example", "-c", "init-1", "--tail=1", "--timestamps"),
           "Z sorting");
    expect_error(KUBECTL("logs", "-l", "app=cart", "-c", "run-migrations"),
                 "is waiting to start: CreateContainerConfigError");
    expect_error(KUBECTL("logs", "resource-example", "-c", "app-1", "-p"),
                 "previous terminated container \"app-1\" in pod \"resource-example\" not found");
}

static void
kubectl__events_come_from_both_apis(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("get", "events"), "Container started");
    expect(KUBECTL("get", "events", "-A"), "Back-off pulling image");
    if (!is_old_kubectl())
        expect(KUBECTL("events", "-A"), "Back-off pulling image");
    expect(KUBECTL("get", "events.v1.events.k8s.io", "-o", "name"), "event.events.k8s.io/");
}

static void
kubectl__wait_and_delete_follow_the_pod(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("wait", "--for=condition=Ready", "pod/www", "--timeout=60s"), "condition met");
    expect(KUBECTL("delete", "pod", "www", "--timeout=60s"), "pod \"www\" deleted");
    expect(KUBECTL("delete", "service", "www"), "service \"www\" deleted");
}

/* What kubectl says when it succeeded, but with a warning of its own on stderr. */
static void
expect_warned(struct output *o, const char *text, const char *warning)
{
    if (!strstr(o->out, text) || !strstr(o->err, warning))
        fail_msg("wanted \"%s\" and \"%s\", got: %s%s", text, warning, o->out, o->err);
    assert_int_equal(o->status, 0);
    free(o);
}

#define POD(name, members)                                                                         \
    "apiVersion: v1\nkind: Pod\nmetadata: {name: " name "}\nspec:\n"                               \
    "  initContainers:\n  - {name: first, image: busybox, command: [sh, -c, 'echo hello; sleep "   \
    "1']}\n  containers:\n  - {name: app, image: busybox, command: [sleep, '600']}\n" members

static void
kubectl__apply_creates_and_plays_a_pod(void **state)
{
    need_kubectl();
    iw_autofree char *path = manifest(*state, "mine", POD("mine", ""));
    expect(KUBECTL("apply", "-f", path), "pod/mine created");
    expect(KUBECTL("apply", "-f", path), "pod/mine unchanged");
    expect(KUBECTL("wait", "--for=condition=Ready", "pod/mine", "--timeout=30s"), "condition met");
    expect(KUBECTL("logs", "mine", "-c", "first"), "hello");
    expect(KUBECTL("label", "pod", "mine", "tier=test"), "pod/mine labeled");
    expect(KUBECTL("annotate", "pod", "mine", "note=x"), "pod/mine annotated");
    expect(KUBECTL("get", "pods", "-l", "tier=test", "-o", "json"), "\"note\": \"x\"");
    expect(KUBECTL("label", "pod", "mine", "tier-"),
           is_old_kubectl() ? "pod/mine labeled" : "pod/mine unlabeled");
    expect_error(KUBECTL("create", "-f", path), "pods \"mine\" already exists");
    expect_warned(KUBECTL("delete", "pod", "mine", "--force", "--grace-period=0"),
                  "pod \"mine\" force deleted", "Immediate deletion does not wait");
    expect_error(KUBECTL("get", "pod", "mine"), "pods \"mine\" not found");
}

static void
kubectl__server_side_apply_removes_what_it_leaves_out(void **state)
{
    need_kubectl();
    static const char with[] =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: "
        "{a: b}}\ndata: {one: '1', two: '2'}\n";
    static const char without[] =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {one: '3'}\n";
    iw_autofree char *path = manifest(*state, "settings", with);
    expect(KUBECTL("apply", "--server-side", "-f", path), "configmap/settings serverside-applied");
    expect(KUBECTL("get", "configmap", "settings", "--show-labels"), "a=b");
    free(manifest(*state, "settings", without));
    expect(KUBECTL("apply", "--server-side", "-f", path), "configmap/settings serverside-applied");
    expect(KUBECTL("get", "configmap", "settings", "-o", "jsonpath={.data}{.metadata.labels}"),
           "{\"one\":\"3\"}");
    expect(KUBECTL("patch", "configmap", "settings", "--type=json", "-p",
                   "[{\"op\":\"add\",\"path\":\"/data/a~1b\",\"value\":\"4\"}]"),
           "configmap/settings patched");
    expect(KUBECTL("get", "configmap", "settings", "-o", "jsonpath={.data.a/b}"), "4");
    expect(KUBECTL("delete", "-f", path), "configmap \"settings\" deleted");
}

static void
kubectl__is_told_of_what_cannot_be(void **state)
{
    need_kubectl();
    iw_autofree char *odd = manifest(*state, "odd", POD("odd", "  initContainer: []\n"));
    if (is_old_kubectl())
        expect_warned(KUBECTL("apply", "-f", odd), "pod/odd created",
                      "unknown field \"spec.initContainer\"");
    else
        expect_error(KUBECTL("apply", "-f", odd), "strict decoding error: unknown field "
                                                  "\"spec.initContainer\"");
    iw_autofree char *foreign = manifest(
        *state, "foreign", "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: x}\n");
    expect_error(KUBECTL("apply", "-f", foreign), "no matches for kind \"Thing\"");
    expect_error(KUBECTL("get", "pods", "--field-selector", "spec.foo=1"),
                 "field label not supported: spec.foo");
    expect_error(KUBECTL("patch", "pod", "resource-example", "-p",
                         "{\"spec\":{\"restartPolicy\":\"Never\"}}"),
                 "pod updates may not change fields other than");
    expect_error(KUBECTL("exec", "resource-example", "--", "ls"),
                 "the containers of the demo are simulated");
    expect(KUBECTL("auth", "can-i", "get", "pods"), "yes");
}

/* A current kubectl sends these as protobuf, an old one as JSON. */
static void
kubectl__create_makes_one_object_of_each_kind(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("create", "namespace", "made"), "namespace/made created");
    expect(KUBECTL("create", "configmap", "made", "--from-literal=a=b"), "configmap/made created");
    expect(KUBECTL("get", "configmap", "made", "-o", "jsonpath={.data.a}"), "b");
    expect(KUBECTL("create", "secret", "generic", "made", "--from-literal=word=four"),
           "secret/made created");
    expect(KUBECTL("get", "secret", "made", "-o", "jsonpath={.data.word}"), "Zm91cg==");
    expect(KUBECTL("create", "serviceaccount", "made"), "serviceaccount/made created");
    expect(KUBECTL("create", "quota", "made", "-n", "made", "--hard=pods=5"),
           "resourcequota/made created");
    expect(KUBECTL("get", "quota", "made", "-n", "made", "-o", "jsonpath={.spec.hard.pods}"), "5");
    expect(KUBECTL("create", "deployment", "made", "--image=nginx:1.27"),
           "deployment.apps/made created");
    expect(KUBECTL("rollout", "status", "deployment/made", "--timeout=30s"), "successfully rolled");
    expect(KUBECTL("create", "job", "made", "--image=busybox", "--", "sleep", "1"),
           "job.batch/made created");
    expect(KUBECTL("wait", "--for=condition=complete", "job/made", "--timeout=30s"), "met");
    expect(KUBECTL("create", "service", "clusterip", "made", "--tcp=80:8080"),
           "service/made created");
    expect(KUBECTL("get", "service", "made", "-o", "jsonpath={.spec.ports[0].targetPort}"), "8080");
    expect_error(KUBECTL("create", "namespace", "made"), "already exists");
    expect(KUBECTL("delete", "deployment/made", "job/made", "service/made", "namespace/made"),
           "deleted");
}

static void
kubectl__delete_of_a_replica_brings_another(void **state)
{
    (void)state;
    need_kubectl();
    const char *const names[] = {"kubectl", "get", "pods", "-l", "app=cart", "-o", "name", NULL};
    struct output *before = child_run(names);
    before->out[strcspn(before->out, "\n")] = '\0';
    expect(KUBECTL("delete", before->out, "--wait=false"), "deleted");
    int64_t end_ms = clock_mono(clock_system()) + CHILD_STEP_MS;
    bool another = false;
    while (!another && clock_mono(clock_system()) < end_ms) {
        struct output *o = child_run(names);
        another = o->out_len > 0 && !strstr(o->out, before->out);
        free(o);
        poll(NULL, 0, 100);
    }
    assert_true(another);
    free(before);
    expect(KUBECTL("patch", "deployment", "cart", "-p", "{\"spec\":{\"replicas\":2}}"),
           "deployment.apps/cart patched");
    wait_until((const char *const[]){"kubectl", "get", "deployment", "cart", NULL}, "0/2     2");
}

#define WEB                                                                                        \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n"         \
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"     \
    "    spec:\n      terminationGracePeriodSeconds: 1\n      containers: [{name: web, image: "    \
    "'nginx:1.27', command: [sleep, '600']}]\n"

static void
kubectl__scales_and_rolls_a_deployment_out_and_back(void **state)
{
    need_kubectl();
    iw_autofree char *path = manifest(*state, "web", WEB);
    expect(KUBECTL("apply", "-f", path), "deployment.apps/web created");
    expect(KUBECTL("scale", "deployment/web", "--replicas=2"), "deployment.apps/web scaled");
    expect(KUBECTL("rollout", "status", "deployment/web", "--timeout=30s"), "successfully rolled");
    expect(KUBECTL("set", "image", "deployment/web", "web=nginx:1.28"), "image updated");
    expect(KUBECTL("rollout", "undo", "deployment/web"), "deployment.apps/web rolled back");
    expect(KUBECTL("rollout", "status", "deployment/web", "--timeout=30s"), "successfully rolled");
    expect(KUBECTL("rollout", "history", "deployment/web"), "3         <none>");
    expect(KUBECTL("get", "deployment", "web", "-o", "jsonpath={..image}"), "nginx:1.27");
    expect(KUBECTL("delete", "-f", path), "deployment.apps \"web\" deleted");
}

static void
kubectl__get_knows_the_columns_of_every_kind(void **state)
{
    (void)state;
    need_kubectl();
    expect(KUBECTL("get", "deployments"), "READY   UP-TO-DATE   AVAILABLE   AGE");
    expect(KUBECTL("get", "replicasets", "-o", "wide"), "DESIRED   CURRENT   READY   AGE");
    expect(KUBECTL("get", "nodes", "-o", "wide"), "CONTAINER-RUNTIME");
    expect(KUBECTL("get", "namespaces"), "STATUS   AGE");
    expect(KUBECTL("get", "all"), "deployment.apps/cart");
    expect(KUBECTL("describe", "deployment", "cart"), "MinimumReplicasUnavailable");
    expect(KUBECTL("delete", "deployment", "cart"), "deployment.apps \"cart\" deleted");
    const char *const rest[] = {"kubectl", "get", "pods,rs", "-l", "app=cart", NULL};
    struct output *o = child_run(rest); /* its ReplicaSet and pods go with it */
    for (int i = 0; i < 200 && strstr(o->out, "cart-"); i++) {
        free(o);
        poll(NULL, 0, 100);
        o = child_run(rest);
    }
    assert_null(strstr(o->out, "cart-"));
    free(o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__kubeconfig_is_private_and_removed_at_the_end),
        cmocka_unit_test(demo__refuses_an_address_that_is_not_loopback),
        cmocka_unit_test(kubectl__version_has_no_warning),
        cmocka_unit_test(kubectl__get_prints_the_server_table),
        cmocka_unit_test(kubectl__top_tells_what_is_used),
        cmocka_unit_test(kubectl__explains_the_fields_that_matter_here),
        cmocka_unit_test(kubectl__selectors_are_read_as_the_server_reads_them),
        cmocka_unit_test(kubectl__watch_shows_changes_as_they_come),
        cmocka_unit_test(kubectl__describe_lists_containers_and_events),
        cmocka_unit_test(kubectl__logs_follow_a_run_and_show_the_one_before),
        cmocka_unit_test(kubectl__events_come_from_both_apis),
        cmocka_unit_test(kubectl__wait_and_delete_follow_the_pod),
        cmocka_unit_test(kubectl__apply_creates_and_plays_a_pod),
        cmocka_unit_test(kubectl__server_side_apply_removes_what_it_leaves_out),
        cmocka_unit_test(kubectl__is_told_of_what_cannot_be),
        cmocka_unit_test(kubectl__create_makes_one_object_of_each_kind),
        cmocka_unit_test(kubectl__delete_of_a_replica_brings_another),
        cmocka_unit_test(kubectl__scales_and_rolls_a_deployment_out_and_back),
        cmocka_unit_test(kubectl__get_knows_the_columns_of_every_kind),
    };
    return cmocka_run_group_tests(tests, demo_start, demo_stop);
}
