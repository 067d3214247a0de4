/* The real kubectl against `initwatch demo --serve`: each command a user would try, and not one
 * warning. Without kubectl the tests that need it are skipped, with a line that says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "initwatch/base/alloc.h"

extern char **environ;

/* Some steps are a shell script with dozens of kubectl in it, on a machine that has other work. */
#define STEP_MS 60000

struct child {
    pid_t pid;
    int in, out, err; /* our ends; -1 when closed */
};

struct demo {
    struct child server;
    char kubeconfig[512], url[256];
    char home[64];
};

struct output {
    char out[65536], err[8192];
    size_t out_len, err_len;
    int status;
};

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
start(struct child *child, const char *const *argv)
{
    int in[2], out[2], err[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    assert_int_equal(
        posix_spawnp(&child->pid, argv[0], &actions, NULL, (char *const *)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    child->in = in[1];
    child->out = out[0];
    child->err = err[0];
}

static void
close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What came is appended; false at the end of the stream. */
static bool
take(int fd, char *buf, size_t size, size_t *len)
{
    ssize_t n = read(fd, buf + *len, size - *len - 1);
    if (n <= 0)
        return false;
    *len += (size_t)n;
    buf[*len] = '\0';
    return true;
}

/* Read until both ends are closed, `stop_at` was seen on stdout, or the time is over. */
static void
collect(struct child *child, struct output *o, const char *stop_at, int64_t timeout_ms)
{
    int64_t end_ms = now_ms() + timeout_ms;
    while (child->out >= 0 || child->err >= 0) {
        struct pollfd fds[] = {{.fd = child->out, .events = POLLIN},
                               {.fd = child->err, .events = POLLIN}};
        int64_t left_ms = end_ms - now_ms();
        if (left_ms <= 0 || poll(fds, 2, (int)left_ms) <= 0)
            break;
        if (fds[0].revents && !take(child->out, o->out, sizeof(o->out), &o->out_len))
            close_end(&child->out);
        if (fds[1].revents && !take(child->err, o->err, sizeof(o->err), &o->err_len))
            close_end(&child->err);
        if (stop_at && strstr(o->out, stop_at))
            break;
    }
}

static int
finish(struct child *child)
{
    int status = 0;
    close_end(&child->in);
    int64_t end_ms = now_ms() + 5000;
    while (waitpid(child->pid, &status, WNOHANG) == 0 && now_ms() < end_ms)
        poll(NULL, 0, 20);
    if (waitpid(child->pid, &status, WNOHANG) == 0) {
        kill(child->pid, SIGKILL);
        (void)waitpid(child->pid, &status, 0);
        status = -1;
    }
    close_end(&child->out);
    close_end(&child->err);
    return status;
}

/* Run a command to its end. */
static struct output *
run(const char *const *argv)
{
    struct child child;
    struct output *o = iw_calloc(1, sizeof(*o));
    start(&child, argv);
    close_end(&child.in);
    collect(&child, o, NULL, STEP_MS);
    if (child.out >= 0 || child.err >= 0)
        kill(child.pid, SIGTERM);
    (void)waitpid(child.pid, &o->status, 0);
    close_end(&child.out);
    close_end(&child.err);
    return o;
}

#define KUBECTL(...) run((const char *const[]){"kubectl", __VA_ARGS__, NULL})

static void
expect(struct output *o, const char *text)
{
    if (!strstr(o->out, text))
        fail_msg("\"%s\" is not in:\n%s\nstderr: %s", text, o->out, o->err);
    if (o->err_len > 0)
        fail_msg("on stderr: %s", o->err);
    assert_int_equal(o->status, 0);
    free(o);
}

/* kubectl failed, and said this. */
static void
expect_error(struct output *o, const char *text)
{
    if (!strstr(o->err, text))
        fail_msg("\"%s\" is not in: %s", text, o->err);
    assert_int_not_equal(o->status, 0);
    free(o);
}

/* Debian's own kubectl is 1.20: it has neither `kubectl events` nor strict field validation, and its
 * texts differ. The server must serve it as well as a current one. */
static bool
is_old_kubectl(void)
{
    static int minor;
    if (minor == 0) {
        struct output *o = KUBECTL("version", "--client", "-o", "json");
        json_t *version = json_loads(o->out, 0, NULL);
        const char *text =
            json_string_value(json_object_get(json_object_get(version, "clientVersion"), "minor"));
        assert_non_null(text);
        minor = (int)strtol(text, NULL, 10);
        json_decref(version);
        free(o);
    }
    return minor < 26;
}

/* --- the demo server --- */

static void
read_ready_line(struct demo *demo)
{
    struct output *o = iw_calloc(1, sizeof(*o));
    collect(&demo->server, o, "}\n", STEP_MS);
    json_t *ready = json_loads(o->out, JSON_DISABLE_EOF_CHECK, NULL);
    if (!ready)
        fail_msg("no ready line: %s %s", o->out, o->err);
    (void)snprintf(demo->kubeconfig, sizeof(demo->kubeconfig), "%s",
                   json_string_value(json_object_get(ready, "kubeconfig")));
    (void)snprintf(demo->url, sizeof(demo->url), "%s",
                   json_string_value(json_object_get(ready, "server")));
    json_decref(ready);
    free(o);
}

static int
demo_start(void **state)
{
    struct demo *demo = iw_calloc(1, sizeof(*demo));
    (void)snprintf(demo->home, sizeof(demo->home), "/tmp/initwatch-test-XXXXXX");
    assert_non_null(mkdtemp(demo->home));
    setenv("HOME", demo->home, 1);
    setenv("XDG_RUNTIME_DIR", demo->home, 1);
    const char *const argv[] = {TEST_PROGRAM,
                                "demo",
                                "--serve",
                                "127.0.0.1:0",
                                "--die-with-stdin",
                                "--seed",
                                "3",
                                "clone-and-serve",
                                "native-sidecars",
                                "crash-loop",
                                "missing-secret",
                                "unschedulable",
                                "resources",
                                "bad-image",
                                NULL};
    start(&demo->server, argv);
    read_ready_line(demo);
    setenv("KUBECONFIG", demo->kubeconfig, 1);
    *state = demo;
    return 0;
}

static int
demo_stop(void **state)
{
    struct demo *demo = *state;
    (void)finish(&demo->server);
    (void)unlink(demo->kubeconfig);
    const char *const argv[] = {"rm", "-rf", demo->home, NULL};
    free(run(argv));
    free(demo);
    return 0;
}

static void
need_kubectl(void)
{
    static bool known, there;
    if (!known) {
        const char *const argv[] = {"sh", "-c", "command -v kubectl >/dev/null", NULL};
        struct output *o = run(argv);
        there = o->status == 0;
        known = true;
        free(o);
    }
    if (!there) {
        print_message("skipped: kubectl is not installed\n");
        skip();
    }
}

static void
wait_until(const char *const *argv, const char *text)
{
    int64_t end_ms = now_ms() + STEP_MS;
    for (;;) {
        struct output *o = run(argv);
        bool found = strstr(o->out, text) != NULL;
        if (!found && now_ms() > end_ms)
            fail_msg("\"%s\" never came; last: %s%s", text, o->out, o->err);
        free(o);
        if (found)
            return;
        poll(NULL, 0, 200);
    }
}

/* --- tests --- */

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
    assert_int_equal(finish(&demo->server), 0); /* the end of its stdin is its end */
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
    struct output *o = run(argv);
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
kubectl__watch_shows_changes_as_they_come(void **state)
{
    (void)state;
    need_kubectl();
    const char *const argv[] = {"kubectl", "get", "pods", "-w", NULL};
    struct child child;
    struct output *o = iw_calloc(1, sizeof(*o));
    start(&child, argv);
    collect(&child, o, "Init:Error", STEP_MS);
    kill(child.pid, SIGTERM);
    (void)finish(&child);
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
    start(&child, argv);
    collect(&child, o, "sent: [2]", STEP_MS);
    kill(child.pid, SIGTERM);
    (void)finish(&child);
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

/* A manifest of our own in a file of the test's home. */
static char *
manifest(const struct demo *demo, const char *name, const char *text)
{
    char *path = iw_asprintf("%s/%s.yaml", demo->home, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
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
    struct output *before = run(names);
    before->out[strcspn(before->out, "\n")] = '\0';
    expect(KUBECTL("delete", before->out, "--wait=false"), "deleted");
    int64_t end_ms = now_ms() + STEP_MS;
    bool another = false;
    while (!another && now_ms() < end_ms) {
        struct output *o = run(names);
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
    struct output *o = run(rest); /* its ReplicaSet and pods go with it */
    for (int i = 0; i < 200 && strstr(o->out, "cart-"); i++) {
        free(o);
        poll(NULL, 0, 100);
        o = run(rest);
    }
    assert_null(strstr(o->out, "cart-"));
    free(o);
}

/* --- the whole course: one server plays everything, one pass --- */

#define SCENARIOS_MAX 100

struct course {
    char name[SCENARIOS_MAX][64];
    size_t count;
};

/* The first word of each line of `demo --list`. */
static void
read_course(struct course *course)
{
    const char *const argv[] = {TEST_PROGRAM, "demo", "--list", NULL};
    struct output *o = run(argv);
    course->count = 0;
    for (char *rest = o->out, *line;
         course->count < SCENARIOS_MAX && (line = strsep(&rest, "\n"));) {
        size_t len = strcspn(line, " ");
        if (len > 0)
            (void)snprintf(course->name[course->count++], 64, "%.*s", (int)len, line);
    }
    free(o);
    assert_true(course->count >= 39);
}

static int
course_start(void **state)
{
    static struct course course;
    const char *argv[SCENARIOS_MAX + 12] = {TEST_PROGRAM,       "demo",   "--serve", "127.0.0.1:0",
                                            "--die-with-stdin", "--seed", "5"};
    size_t count = 7;
    struct demo *demo = iw_calloc(1, sizeof(*demo));
    need_kubectl();
    read_course(&course);
    for (size_t i = 0; i < course.count; i++)
        argv[count++] = course.name[i];
    (void)snprintf(demo->home, sizeof(demo->home), "/tmp/initwatch-test-XXXXXX");
    assert_non_null(mkdtemp(demo->home));
    setenv("HOME", demo->home, 1);
    setenv("XDG_RUNTIME_DIR", demo->home, 1);
    start(&demo->server, argv);
    read_ready_line(demo);
    setenv("KUBECONFIG", demo->kubeconfig, 1);
    *state = demo;
    return 0;
}

static void
expect_quiet(struct output *o, const char *text, const char *scenario)
{
    if (o->err_len > 0 || !strstr(o->out, text))
        fail_msg("%s: \"%s\" wanted, got %s; stderr: %s", scenario, text, o->out, o->err);
    assert_int_equal(o->status, 0);
    free(o);
}

/* A shell's work, and what it said on stderr. */
static void
expect_shell(const char *script, const char *text, const char *about)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    expect_quiet(run(argv), text, about);
}

static void
kubectl__knows_every_scenario_without_a_warning(void **state)
{
    (void)state;
    need_kubectl();
    poll(NULL, 0, 2500); /* let the first containers run */
    expect_quiet(KUBECTL("get", "pods", "-A", "-o", "wide"), "needs-approval", "all");
    expect_quiet(KUBECTL("get", "events", "-A"), "Scheduled", "all");
    expect_quiet(
        KUBECTL("get", "all,cm,secrets,pvc,quota,netpol,endpointslices", "-A", "-o", "name"),
        "networkpolicy.networking.k8s.io/", "all");
    if (!is_old_kubectl())
        expect_quiet(KUBECTL("events", "-A"), "FailedCreate", "quota");
    expect_quiet(KUBECTL("version"), "initwatch-demo", "version");
    expect_shell("timeout 2 kubectl get pods -A -w --no-headers | wc -l | "
                 "sed 's/^[0-9]*[0-9][0-9]$/all seen/'",
                 "all seen", "get -w");
    expect_shell("kubectl wait pods -A --field-selector spec.nodeName!= "
                 "--for=condition=PodScheduled --timeout=30s | wc -l | "
                 "sed 's/^[0-9]*[0-9][0-9]$/all waited for/'",
                 "all waited for", "wait");
    /* The old one describes CronJobs by an API that clusters no longer have. */
    if (!is_old_kubectl())
        expect_shell("kubectl describe cronjobs -A", "nightly-report", "CronJob");
    expect_quiet(KUBECTL("get", "storageclasses"), "standard (default)", "storage classes");
    expect_shell("kubectl get limits -A 2>&1", "No resources found", "limit ranges");
    expect_shell("kubectl describe deployments,statefulsets,jobs,netpol -A >/dev/null; "
                 "kubectl describe quota -n team",
                 "requests.cpu", "owners");
    expect_shell(
        "kubectl describe pods -A >\"$HOME/pods\"; grep -c '^Init Containers:' \"$HOME/pods\"; "
        "grep -c '^QoS Class' \"$HOME/pods\" | sed 's/^[5-9].$/all described/'",
        "all described", "describe");
    /* a log may be refused, in the words of a kubelet; never is there a warning */
    expect_shell(
        "kubectl get pods -A --no-headers -o custom-columns=:metadata.namespace,:metadata.name |"
        " xargs -P 4 -n 2 sh -c 'kubectl logs -n $0 $1 --all-containers --tail=2 --ignore-errors' "
        ">\"$HOME/logs\" 2>\"$HOME/refused\"; "
        "! grep -i 'warning\\|panic\\|not found' \"$HOME/refused\"; wc -l <\"$HOME/logs\" | "
        "sed 's/^[0-9]*[0-9][0-9]$/all read/'; rm \"$HOME/logs\" \"$HOME/refused\" \"$HOME/pods\"",
        "all read", "logs");
}

/* What stands in each folder goes into a namespace of its own, as any manifest does. A manifest that
 * comes later in its scenario may want to change a pod that is there. */
static void
kubectl__applies_the_manifests_of_every_scenario(void **state)
{
    (void)state;
    need_kubectl();
    expect_shell("cd " TEST_SOURCE_DIR "/examples/scenarios; mkdir \"$HOME/course\"; "
                 "for s in */; do echo \"---\"; "
                 "echo \"{apiVersion: v1, kind: Namespace, metadata: {name: course-${s%/}}}\"; "
                 "mkdir \"$HOME/course/$s\"; cp $s*.yaml \"$HOME/course/$s\"; "
                 "rm \"$HOME/course/$s/scenario.yaml\"; done >\"$HOME/namespaces.yaml\"; cd "
                 "\"$HOME/course\"; "
                 "kubectl apply -f ../namespaces.yaml >/dev/null; "
                 "ls | xargs -P 4 -I S sh -c 'kubectl apply -n course-S -f S >S.out 2>S.err; "
                 "grep -q created S.out || echo S: nothing was created >&2; "
                 "grep -v \"pod updates may not change\\|^$\" S.err >&2'; "
                 "ls *.out | wc -l | sed 's/^[3-9][0-9]$/all applied/'; "
                 "kubectl delete -f ../namespaces.yaml --wait=false >/dev/null; "
                 "cd ..; rm -r course namespaces.yaml",
                 "all applied", "apply");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__kubeconfig_is_private_and_removed_at_the_end),
        cmocka_unit_test(demo__refuses_an_address_that_is_not_loopback),
        cmocka_unit_test(kubectl__version_has_no_warning),
        cmocka_unit_test(kubectl__get_prints_the_server_table),
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
    const struct CMUnitTest course[] = {
        cmocka_unit_test(kubectl__knows_every_scenario_without_a_warning),
        cmocka_unit_test(kubectl__applies_the_manifests_of_every_scenario),
    };
    int failed = cmocka_run_group_tests(tests, demo_start, demo_stop);
    return failed + cmocka_run_group_tests(course, course_start, demo_stop);
}
