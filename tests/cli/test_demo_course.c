/* The real kubectl against every scenario of the demo: one server plays the whole course, in one pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include "kubectl_world.h"

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
    struct output *o = child_run(argv);
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
    child_start(&demo->server, argv);
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
    expect_quiet(child_run(argv), text, about);
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
        cmocka_unit_test(kubectl__knows_every_scenario_without_a_warning),
        cmocka_unit_test(kubectl__applies_the_manifests_of_every_scenario),
    };
    return cmocka_run_group_tests(tests, course_start, demo_stop);
}
