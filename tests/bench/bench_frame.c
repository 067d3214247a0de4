/* bench_frame: what a frame of the pod list costs, in this process, without a terminal or a network.
 *
 * usage: bench_frame [PODS...]      (1000 10000 100000)
 *
 * For each number of pods: the first frame, a full redraw at 200x60, and for each key its frame (state brought up to
 * date and drawn at 140x40), what findings cost between frames, a frame of a storm of 2,000 events a second at 30 frames, and a second in which nothing
 * happens. Then, with 20,000 Events, the screens of one pod that waits for a Service: a full redraw at 200x60, the
 * frame after a new Event, the frame after another pod changed, a second later. Prints "NAME PODS p50 p99 max" in milliseconds of CPU.
 * SPDX-License-Identifier: Apache-2.0 */
#include "../golden/cluster.h"
#include "../golden/manifest.h"
#include "bench.h"
#include "initwatch/model/chain.h"

enum { SAMPLES_MAX = 200, STORM_EVENTS_PER_FRAME = 2000 / 30, OWNERS = 400, KUBE_EVENTS = 20000 };

/* Of this thread's own work: what else the machine does is no property of a frame. */
static double
cpu_ms(void)
{
    return bench_clock_ms(CLOCK_THREAD_CPUTIME_ID);
}

static void
print_samples(const char *name, int pods, double *samples, size_t count)
{
    bench_sort(samples, count);
    printf("%-24s %7d  %8.2f %8.2f %8.2f\n", name, pods, samples[count / 2],
           samples[count * 99 / 100], samples[count - 1]);
}

/* Names, owners and nodes as a cluster has them; every hundredth pod is stuck, `version` changes its restarts. */
static struct pod *
bench_pod(int index, int version)
{
    char name[64], ns[24], node[24], owner[48], uid[24];
    struct pod_make m;
    struct pod_label labels[2] = {{"app", "web"}, {"pod-template-hash", "5f7d8c9b6"}};
    snprintf(ns, sizeof(ns), "team-%02d", index / 500 % 40);
    snprintf(owner, sizeof(owner), "service-%03d-5f7d8c9b6", index % OWNERS);
    snprintf(name, sizeof(name), "%s-%05x", owner, (unsigned)index * 2654435761u >> 12);
    snprintf(node, sizeof(node), "ip-10-0-%d-%d.internal", index % 50, index % 7);
    snprintf(uid, sizeof(uid), "uid-%d", index);
    bool stuck = index % 100 == 0;
    cluster_begin(&m, ns, name, node, 600 + index % 90000);
    m.pod.uid = uid;
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = owner;
    m.pod.labels = labels;
    m.pod.label_count = 2;
    make_container(&m, LIST_INIT, "fetch-config");
    make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_APP, "server");
    make_ended(&m, LIST_INIT, "fetch-config", make_end(0, "Completed", AGO(590), AGO(580)));
    if (stuck) {
        make_waiting(&m, LIST_INIT, "istio-proxy", "CrashLoopBackOff", "back-off 2m40s")
            ->restart_count = 3 + version;
        cluster_initializing(&m, "server", 580);
    } else {
        make_running(&m, LIST_INIT, "istio-proxy", AGO(580))->ready = true;
        make_running(&m, LIST_APP, "server", AGO(570))->ready = true;
        m.statuses[1].started = m.statuses[2].started = TRI_TRUE;
        m.statuses[2].restart_count = version;
        cluster_running(&m, 580, 570);
    }
    return pod_seal(&m.pod);
}

static double
frame(struct scene *sc, int cols, int rows)
{
    double start = cpu_ms();
    scene_draw(sc, cols, rows);
    return cpu_ms() - start;
}

/* A key and the frame that answers it. */
static double
key(struct scene *sc, uint32_t code)
{
    double start = cpu_ms();
    ui_key(sc->ui, code);
    scene_draw(sc, 140, 40);
    return cpu_ms() - start;
}

static void
measure_keys(struct scene *sc, int pods, const char *name, const char *keys, int rounds)
{
    double samples[SAMPLES_MAX];
    size_t count = 0;
    for (int round = 0; round < rounds; round++)
        for (const char *at = keys; *at && count < SAMPLES_MAX; at++)
            samples[count++] = key(sc, (uint32_t)(unsigned char)*at);
    print_samples(name, pods, samples, count);
}

static void
measure_redraw(struct scene *sc, int pods)
{
    double samples[50];
    scene_draw(sc, 200, 60);
    for (size_t i = 0; i < IW_COUNTOF(samples); i++) {
        ui_key(sc->ui, KEY_RESIZE_CODE);
        samples[i] = frame(sc, 200, 60);
    }
    print_samples("redraw 200x60", pods, samples, IW_COUNTOF(samples));
    scene_draw(sc, 140, 40);
}

static void
measure_storm(struct scene *sc, int pods, const char *name)
{
    double samples[60];
    uint32_t seed = 1;
    for (size_t i = 0; i < IW_COUNTOF(samples); i++) {
        for (int k = 0; k < STORM_EVENTS_PER_FRAME; k++) {
            seed = seed * 1664525u + 1013904223u;
            scene_add(sc, bench_pod((int)(seed % (uint32_t)pods), (int)i + 1));
        }
        clock_advance(&sc->clock, 33);
        samples[i] = frame(sc, 140, 40);
    }
    print_samples(name, pods, samples, IW_COUNTOF(samples));
}

/* Only the clock moves: a second each time. */
static void
measure_idle(struct scene *sc, int pods)
{
    double samples[30];
    for (size_t i = 0; i < IW_COUNTOF(samples); i++) {
        clock_advance(&sc->clock, 1000);
        samples[i] = frame(sc, 140, 40);
    }
    print_samples("idle second", pods, samples, IW_COUNTOF(samples));
}

/* What goes on between keys until there is no more of it: slices, and their sum. */
static void
measure_work(struct scene *sc, int pods, const char *name)
{
    double samples[SAMPLES_MAX], sum = 0;
    size_t count = 0;
    char total[64];
    for (bool more = true; more && count < SAMPLES_MAX;) {
        double start = cpu_ms();
        more = ui_work(sc->ui);
        sum += samples[count++] = cpu_ms() - start;
    }
    print_samples(name, pods, samples, count);
    snprintf(total, sizeof(total), "%s, in all", name);
    print_samples(total, pods, &sum, 1);
}

/* Findings are counted for the tab line, then shown: the key and its frame, without what is done between frames. */
static void
measure_findings(struct scene *sc, int pods)
{
    surface_resize(&sc->surface, 140, 40);
    ui_draw(sc->ui, &sc->surface);
    measure_work(sc, pods, "count findings");
    double start = cpu_ms();
    ui_key(sc->ui, '5');
    ui_draw(sc->ui, &sc->surface);
    start = cpu_ms() - start;
    print_samples("key 5 (findings)", pods, &start, 1);
    measure_work(sc, pods, "list findings");
    ui_key(sc->ui, '1');
}

static void
measure(int pods)
{
    struct scene sc;
    double first;
    scene_open(&sc, CLUSTER_NOW);
    sc.session.ns[0] = 0;
    for (int i = 0; i < pods; i++)
        scene_add(&sc, bench_pod(i, 0));
    scene_live(&sc);
    scene_ui(&sc, "pods");
    measure_findings(&sc, pods);
    first = frame(&sc, 140, 40);
    print_samples("first frame", pods, &first, 1);
    measure_redraw(&sc, pods);
    measure_keys(&sc, pods, "key j", "jjjjjjjjjj", 5);
    measure_keys(&sc, pods, "key G, g, ^D", "GgG\4\4\4g", 5);
    measure_keys(&sc, pods, "key > (sort)", ">>>>>>>>>>>", 2);
    measure_keys(&sc, pods, "key I (reverse)", "II", 5);
    measure_keys(&sc, pods, "key z (problems)", "zz", 5);
    measure_keys(&sc, pods, "filter, text", "/service-1\x1b", 2);
    measure_keys(&sc, pods, "filter, expression", "/0[0-9]+.*-f[a-f]\x1b", 2);
    measure_keys(&sc, pods, "filter, selector", "/-l app in (web)\x1b", 2);
    measure_keys(&sc, pods, "filter, fuzzy", "/-f s7d8\x1b", 2);
    measure_keys(&sc, pods, "key * (mark all)", "**", 3);
    measure_storm(&sc, pods, "storm frame");
    measure_keys(&sc, pods, "key b (group)", "bb", 3);
    scene_keys(&sc, "b");
    measure_storm(&sc, pods, "storm frame, grouped");
    scene_keys(&sc, "b");
    measure_idle(&sc, pods);
    scene_close(&sc);
}

/* --- the screens of one pod --- */

static void
bench_event(struct scene *sc, int index, int pods, int64_t last_ms)
{
    char uid[32], object[32], name[64], text[80];
    int pod = index % pods;
    snprintf(uid, sizeof(uid), "event-%d", index);
    snprintf(object, sizeof(object), "uid-%d", pod);
    snprintf(name, sizeof(name), "service-%03d-5f7d8c9b6-%05x", pod % OWNERS,
             (unsigned)pod * 2654435761u >> 12);
    snprintf(text, sizeof(text), "Back-off restarting failed container %d", index / pods);
    const struct kevent ev = {.uid = uid,
                              .ns = "team-00",
                              .type = index % 3 ? "Normal" : "Warning",
                              .reason = "BackOff",
                              .message = text,
                              .object_kind = "Pod",
                              .object_name = name,
                              .object_uid = object,
                              .container = "server",
                              .source = "kubelet",
                              .count = 1,
                              .first_ms = last_ms,
                              .last_ms = last_ms};
    sc->sink.event(sc->sink.ctx, &ev);
}

enum pod_change { CHANGE_NONE, CHANGE_EVENT, CHANGE_POD, CHANGE_SECOND };

static void
measure_change(struct scene *sc, int pods, const char *view, const char *what,
               enum pod_change change)
{
    static int events = KUBE_EVENTS;
    char name[40];
    double samples[30];
    for (size_t i = 0; i < IW_COUNTOF(samples); i++) {
        double start = cpu_ms();
        if (change == CHANGE_NONE)
            ui_key(sc->ui, KEY_RESIZE_CODE);
        else if (change == CHANGE_EVENT)
            bench_event(sc, events++, pods, clock_wall(&sc->clock));
        else if (change == CHANGE_POD)
            scene_add(sc, bench_pod((int)i * 7 + 1, (int)i + 100));
        else
            clock_advance(&sc->clock, 1000);
        scene_draw(sc, 200, 60);
        samples[i] = cpu_ms() - start;
    }
    snprintf(name, sizeof(name), "%s, %s", view, what);
    print_samples(name, pods, samples, IW_COUNTOF(samples));
}

static struct pod *
waiting_pod(void)
{
    static const char *const wait[] = {"sh", "-c",
                                       "until nc -z postgres-service 5432; do sleep 2; done"};
    struct pod_make m;
    cluster_begin(&m, "team-00", "myapp-wait-db", "ip-10-0-1-1.internal", 252);
    m.pod.uid = "uid-waiting";
    m.pod.owner_kind = "StatefulSet"; /* of which there are no others: all are looked at */
    m.pod.owner_name = "myapp";
    cluster_command(make_container(&m, LIST_INIT, "wait-for-postgres"), wait, 3);
    make_container(&m, LIST_APP, "myapp");
    make_running(&m, LIST_INIT, "wait-for-postgres", AGO(249))->started = TRI_FALSE;
    cluster_initializing(&m, "myapp", 252);
    return pod_seal(&m.pod);
}

static void
measure_pod(int pods)
{
    static const char *const views[] = {"detail", "why", "events", "resources", "all-events"};
    static const char service[] = "apiVersion: v1\nkind: Service\n"
                                  "metadata: {name: postgres-service, namespace: team-00}\n"
                                  "spec: {type: ClusterIP, clusterIP: 10.96.0.9,"
                                  " selector: {app: postgres}, ports: [{port: 5432}]}\n";
    for (size_t v = 0; v < IW_COUNTOF(views); v++) {
        struct scene sc;
        scene_open(&sc, CLUSTER_NOW);
        sc.session.ns[0] = 0;
        scene_add(&sc, waiting_pod());
        for (int i = 0; i < pods; i++)
            scene_add(&sc, bench_pod(i, 0));
        for (int i = 0; i < KUBE_EVENTS; i++)
            bench_event(&sc, i, pods, AGO(3000) + i * 100);
        manifest_load(&sc.sink, CHAIN_KINDS, service);
        scene_live(&sc);
        scene_ui(&sc, "pods");
        struct pod_ref pod;
        if (store_find(sc.store, "team-00", "myapp-wait-db", &pod))
            ui_open(sc.ui, views[v], pod, "");
        scene_draw(&sc, 200, 60);
        measure_change(&sc, pods, views[v], "redraw", CHANGE_NONE);
        measure_change(&sc, pods, views[v], "an Event", CHANGE_EVENT);
        measure_change(&sc, pods, views[v], "a pod", CHANGE_POD);
        measure_change(&sc, pods, views[v], "a second", CHANGE_SECOND);
        scene_close(&sc);
    }
}

int
main(int argc, char **argv)
{
    static const int sizes[] = {1000, 10000, 100000};
    printf("%-24s %7s  %8s %8s %8s\n", "milliseconds", "pods", "p50", "p99", "max");
    for (int i = 1; i < argc; i++)
        measure(IW_MAX((int)strtol(argv[i], NULL, 10), 1));
    for (int i = 1; i < argc; i++)
        measure_pod(IW_MAX((int)strtol(argv[i], NULL, 10), 1));
    if (argc < 2)
        measure_pod(10000);
    for (size_t i = 0; argc < 2 && i < IW_COUNTOF(sizes); i++)
        measure(sizes[i]);
    return 0;
}
