/* stories: the pods of the golden screens, each at one moment of its life.
 * All of them are created at T0; NOW(n) is n seconds later.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_STORIES_H
#define INITWATCH_TEST_STORIES_H

#include "scene.h"

#define NOW(n) (T0 + SECONDS(n))

static inline struct resource_list
story_amounts(const struct resource_item *items, uint32_t count)
{
    return (struct resource_list){.items = items, .count = count, .present = true};
}
#define AMOUNTS(...)                                                                               \
    story_amounts((const struct resource_item[]){__VA_ARGS__},                                     \
                  IW_COUNTOF(((const struct resource_item[]){__VA_ARGS__})))

static inline struct probe
story_http(const char *target, int32_t period_s, int32_t failures)
{
    return (struct probe){.kind = PROBE_HTTP,
                          .target = target,
                          .period_s = period_s,
                          .timeout_s = 1,
                          .success_threshold = 1,
                          .failure_threshold = failures,
                          .grace_s = -1};
}

static inline void
story_conditions(struct pod_make *m, int initialized_s, int ready_s)
{
    make_condition(m, "PodReadyToStartContainers", "True", NOW(1));
    make_condition(m, "Initialized", initialized_s >= 0 ? "True" : "False",
                   NOW(initialized_s >= 0 ? initialized_s : 0));
    make_condition(m, "Ready", ready_s >= 0 ? "True" : "False", NOW(ready_s >= 0 ? ready_s : 0));
    make_condition(m, "ContainersReady", ready_s >= 0 ? "True" : "False",
                   NOW(ready_s >= 0 ? ready_s : 0));
    make_condition(m, "PodScheduled", "True", NOW(0));
}

/* One init is done, two sidecars and the app run and are ready: 48 s old. */
static inline struct pod *
story_native_sidecar(void)
{
    static const struct container_mount varlog[] = {
        {.volume = "varlog", .path = "/var/log/app", .sub_path = ""}};
    struct pod_make m;
    make_pod(&m, "myapp-with-native-sidecar");
    m.pod.phase = "Running";
    m.pod.node = "kind-worker2";
    struct container *i1 = make_container(&m, LIST_INIT, "database-init");
    struct container *s1 = make_sidecar(&m, "log-router");
    make_sidecar(&m, "metrics-collector");
    struct container *a1 = make_container(&m, LIST_APP, "application");
    i1->command = (const char *const[]){"sh", "-c", "echo Running database initialization..."};
    i1->command_count = 3;
    s1->mounts = a1->mounts = varlog;
    s1->mount_count = a1->mount_count = 1;
    s1->requests = AMOUNTS({"cpu", "50m"}, {"memory", "32Mi"});
    make_ended(&m, LIST_INIT, "database-init", make_end(0, "Completed", NOW(2), NOW(5)));
    make_running(&m, LIST_INIT, "log-router", NOW(6))->ready = true;
    make_running(&m, LIST_INIT, "metrics-collector", NOW(7))->ready = true;
    make_running(&m, LIST_APP, "application", NOW(8))->ready = true;
    story_conditions(&m, 7, 8);
    return pod_seal(&m.pod);
}

/* The first of two waits has been running for four minutes. */
static inline struct pod *
story_wait_stuck(void)
{
    struct pod_make m;
    make_pod(&m, "myapp-wait-db");
    m.pod.node = "worker2";
    struct container *i1 = make_container(&m, LIST_INIT, "wait-for-postgres");
    make_container(&m, LIST_INIT, "wait-for-redis");
    make_container(&m, LIST_APP, "myapp");
    i1->command = (const char *const[]){
        "sh", "-c", "until nc -z postgres-service 5432; do echo waiting; sleep 2; done"};
    i1->command_count = 3;
    make_running(&m, LIST_INIT, "wait-for-postgres", NOW(3))->started = TRI_FALSE;
    make_waiting(&m, LIST_INIT, "wait-for-redis", "PodInitializing", "");
    make_waiting(&m, LIST_APP, "myapp", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    m.conditions[1].message =
        "containers with incomplete status: [wait-for-postgres wait-for-redis]";
    return pod_seal(&m.pod);
}

static const char *const STORY_DROP[] = {"ALL"};
static const struct security STORY_PROXY = {.user = 1337,
                                            .group = -1,
                                            .fs_group = -1,
                                            .drop = STORY_DROP,
                                            .drop_count = 1,
                                            .read_only_root = TRI_TRUE};

/* A sidecar whose startup probe never passes: attempt `restarts` started at start_s; end_s >= 0: it
 * was killed then and the pod is in back-off. */
static inline struct pod *
story_startup_probe(int restarts, int start_s, int end_s)
{
    struct pod_make m;
    make_pod(&m, "checkout-6f7d9c-hx4kp");
    m.pod.node = "worker3";
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = "checkout-6f7d9c";
    make_container(&m, LIST_INIT, "fetch-certs");
    struct container *s1 = make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_INIT, "db-migrate");
    make_container(&m, LIST_APP, "checkout");
    make_container(&m, LIST_APP, "metrics");
    s1->image = "docker.io/istio/proxyv2:1.27.1";
    s1->startup = draft_probe(story_http("httpGet :15021/healthz/ready", 1, 30));
    s1->readiness = draft_probe(story_http("httpGet :15021/healthz/ready", 15, 4));
    s1->requests = AMOUNTS({"cpu", "100m"}, {"memory", "128Mi"});
    s1->limits = AMOUNTS({"cpu", "2"}, {"memory", "1Gi"});
    s1->security = &STORY_PROXY;
    make_ended(&m, LIST_INIT, "fetch-certs", make_end(0, "Completed", NOW(1), NOW(3)));
    struct container_status *st;
    if (end_s < 0) {
        st = make_running(&m, LIST_INIT, "istio-proxy", NOW(start_s));
        st->started = TRI_FALSE;
    } else {
        st = make_waiting(&m, LIST_INIT, "istio-proxy", "CrashLoopBackOff",
                          "back-off 1m20s restarting failed container=istio-proxy "
                          "pod=checkout-6f7d9c-hx4kp");
        struct container_state *last = draft_last(st);
        last->terminated = true;
        last->end = make_end(0, "Completed", NOW(start_s), NOW(end_s));
    }
    st->restart_count = restarts;
    make_waiting(&m, LIST_INIT, "db-migrate", "PodInitializing", "");
    make_waiting(&m, LIST_APP, "checkout", "PodInitializing", "");
    make_waiting(&m, LIST_APP, "metrics", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    m.conditions[1].message = "containers with incomplete status: [istio-proxy db-migrate]";
    return pod_seal(&m.pod);
}

/* An init container with a shell error, after `restarts` restarts; it ended at end_s. */
static inline struct pod *
story_crash_loop(int restarts, int end_s)
{
    struct pod_make m;
    make_pod(&m, "myapp-pod");
    make_container(&m, LIST_INIT, "init-myservice");
    make_container(&m, LIST_APP, "myapp-container");
    struct container_status *st =
        make_waiting(&m, LIST_INIT, "init-myservice", "CrashLoopBackOff",
                     "back-off 40s restarting failed container=init-myservice pod=myapp-pod");
    st->restart_count = restarts;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(2, "Error", NOW(end_s - 1), NOW(end_s));
    last->end.message = "sh: syntax error: unexpected \"done\"";
    make_waiting(&m, LIST_APP, "myapp-container", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* The plain example of effective requests: the first init container decides. */
static inline struct pod *
story_resources(void)
{
    struct pod_make m;
    make_pod(&m, "resource-example");
    m.pod.phase = "Running";
    m.pod.node = "kind-worker";
    struct container *i1 = make_container(&m, LIST_INIT, "init-1");
    struct container *i2 = make_container(&m, LIST_INIT, "init-2");
    struct container *a1 = make_container(&m, LIST_APP, "app-1");
    struct container *a2 = make_container(&m, LIST_APP, "app-2");
    i1->requests = AMOUNTS({"cpu", "500m"}, {"memory", "256Mi"});
    i1->limits = AMOUNTS({"cpu", "1"}, {"memory", "512Mi"});
    i2->requests = AMOUNTS({"cpu", "200m"}, {"memory", "128Mi"});
    a1->requests = AMOUNTS({"cpu", "100m"}, {"memory", "64Mi"});
    a2->requests = AMOUNTS({"cpu", "150m"}, {"memory", "64Mi"}, {"example.com/gpu", "1"});
    a2->limits = AMOUNTS({"example.com/gpu", "1"});
    make_ended(&m, LIST_INIT, "init-1", make_end(0, "Completed", NOW(2), NOW(4)));
    make_ended(&m, LIST_INIT, "init-2", make_end(0, "Completed", NOW(5), NOW(6)));
    make_running(&m, LIST_APP, "app-1", NOW(7))->ready = true;
    make_running(&m, LIST_APP, "app-2", NOW(7))->ready = true;
    story_conditions(&m, 6, 8);
    return pod_seal(&m.pod);
}

/* A sidecar that runs beside a later init container: the formula without sidecars is wrong. */
static inline struct pod *
story_sidecar_resources(void)
{
    struct pod_make m;
    make_pod(&m, "checkout-6f7d9c-hx4kp");
    m.pod.node = "kind-worker3";
    struct container *i1 = make_container(&m, LIST_INIT, "fetch-certs");
    struct container *s1 = make_sidecar(&m, "istio-proxy");
    struct container *i2 = make_container(&m, LIST_INIT, "db-migrate");
    struct container *a1 = make_container(&m, LIST_APP, "checkout");
    struct container *a2 = make_container(&m, LIST_APP, "metrics");
    i1->requests = AMOUNTS({"cpu", "50m"}, {"memory", "32Mi"});
    s1->requests = AMOUNTS({"cpu", "100m"}, {"memory", "128Mi"});
    s1->limits = AMOUNTS({"cpu", "2"}, {"memory", "1Gi"});
    i2->requests = AMOUNTS({"cpu", "300m"}, {"memory", "256Mi"});
    i2->limits = AMOUNTS({"cpu", "500m"}, {"memory", "256Mi"});
    a1->requests = AMOUNTS({"cpu", "200m"}, {"memory", "256Mi"});
    a1->limits = AMOUNTS({"cpu", "500m"}, {"memory", "512Mi"});
    a2->requests = AMOUNTS({"cpu", "20m"}, {"memory", "32Mi"});
    make_ended(&m, LIST_INIT, "fetch-certs", make_end(0, "Completed", NOW(1), NOW(3)));
    make_running(&m, LIST_INIT, "istio-proxy", NOW(4))->ready = true;
    make_running(&m, LIST_INIT, "db-migrate", NOW(5))->started = TRI_FALSE;
    make_waiting(&m, LIST_APP, "checkout", "PodInitializing", "");
    make_waiting(&m, LIST_APP, "metrics", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* An image that does not exist. */
static inline struct pod *
story_bad_image(void)
{
    struct pod_make m;
    make_pod(&m, "ledger-0");
    make_container(&m, LIST_INIT, "migrate")->image = "registry.example/ledger-migrate:2.9.1";
    make_container(&m, LIST_APP, "ledger");
    make_waiting(&m, LIST_INIT, "migrate", "ImagePullBackOff",
                 "Back-off pulling image \"registry.example/ledger-migrate:2.9.1\": ErrImagePull: "
                 "manifest unknown");
    make_waiting(&m, LIST_APP, "ledger", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* Names and messages with wide characters, and bytes that must not reach a terminal. */
static inline struct pod *
story_hostile(void)
{
    struct pod_make m;
    make_pod(&m, "evil\x1b]0;title\x07-pod");
    make_container(&m, LIST_INIT,
                   "\x1b[31mred\x1b[0m-\xe2\x80\xae"
                   "reversed")
        ->image = "데이터베이스/초기화:최신";
    make_container(&m, LIST_APP, "\xff\xfe broken\tutf8\n");
    struct container_status *st =
        make_waiting(&m, LIST_INIT,
                     "\x1b[31mred\x1b[0m-\xe2\x80\xae"
                     "reversed",
                     "CrashLoopBackOff",
                     "\x1b[2J\x1b[Hback-off 10s restarting 컨테이너 日本語のメッセージ \xc3");
    st->restart_count = 1;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(1, "Err\x08or", NOW(10), NOW(12));
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* ---- scenes of one pod ---- */

/* Adds the pod (taken) as first sight at now_s and opens `view` about it. */
static inline struct pod_ref
story_open(struct scene *sc, struct pod *pod, int now_s, const char *view)
{
    struct pod_ref ref = {0, 0};
    char name[256];
    snprintf(name, sizeof(name), "%s", pod->name);
    scene_open(sc, NOW(now_s));
    scene_add(sc, pod);
    scene_live(sc);
    (void)store_find(sc->store, "shop", name, &ref);
    scene_ui(sc, NULL);
    ui_open(sc->ui, view, ref, "");
    return ref;
}

/* A later version of the pod (taken), seen at now_s. */
static inline void
story_later(struct scene *sc, struct pod *pod, int now_s)
{
    sc->clock.manual_wall_ms = NOW(now_s);
    scene_add(sc, pod);
}

static inline void
story_now(struct scene *sc, int now_s)
{
    sc->clock.manual_wall_ms = NOW(now_s);
    scene_status(sc, STREAM_PODS, SOURCE_LIVE, IW_OK, "");
    scene_status(sc, STREAM_EVENTS, SOURCE_LIVE, IW_OK, "");
}

/* An event of a container, `count` times from first_s to last_s. */
static inline void
story_event(struct scene *sc, const char *pod, const char *container, const char *reason,
            const char *message, int first_s, int last_s, unsigned count)
{
    static const char *const WARNINGS =
        " BackOff Failed Unhealthy FailedScheduling ProvisioningFailed ";
    char uid[200];
    snprintf(uid, sizeof(uid), "%s-%s-%s-%d", pod, container, reason, first_s);
    struct kevent ev = {.uid = uid,
                        .ns = "shop",
                        .type = strstr(WARNINGS, reason) ? "Warning" : "Normal",
                        .reason = reason,
                        .message = message,
                        .object_kind = "Pod",
                        .object_name = pod,
                        .object_uid = pod,
                        .container = container,
                        .source = "kubelet",
                        .count = count,
                        .first_ms = NOW(first_s),
                        .last_ms = NOW(last_s)};
    sc->sink.event(sc->sink.ctx, &ev);
}

/* No control, escape or bidi character is in any cell. */
static inline bool
story_is_harmless(const struct surface *s)
{
    for (int y = 0; y < s->rows; y++)
        for (int x = 0; x < s->cols; x++) {
            const struct cell *c = surface_at(s, x, y);
            if (c->width > 0 &&
                (c->ch < 0x20 || (c->ch >= 0x7f && c->ch < 0xa0) || utf8_is_deceptive(c->ch)))
                return false;
        }
    return true;
}

/* Every size from tiny to large is drawn without touching anything outside; the same state gives
 * the same cells. */
static inline bool
story_all_sizes(struct scene *sc)
{
    static const int SIZES[][2] = {{20, 5},   {21, 6},   {40, 8},   {60, 16},  {79, 23}, {81, 25},
                                   {100, 30}, {119, 12}, {120, 50}, {200, 60}, {300, 8}};
    bool good = true;
    for (size_t i = 0; i < IW_COUNTOF(SIZES); i++) {
        struct surface again;
        scene_draw(sc, SIZES[i][0], SIZES[i][1]);
        good &= story_is_harmless(&sc->surface);
        surface_init(&again, SIZES[i][0], SIZES[i][1], false);
        ui_draw(sc->ui, &again);
        good &= surface_equal(&sc->surface, &again);
        surface_free(&again);
    }
    return good;
}

#endif
