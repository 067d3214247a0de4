/* cluster: the twelve pods of the design's pod list, each stuck or well in its own way, at one
 * moment.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_CLUSTER_H
#define TESTS_GOLDEN_CLUSTER_H

#include "draft_parts.h"
#include "scene.h"

/* 2026-06-15T22:10:04Z */
#define CLUSTER_NOW (T0 + SECONDS(36604))
#define AGO(seconds) (CLUSTER_NOW - SECONDS(seconds))

static inline void
cluster_begin(struct pod_make *m, const char *ns, const char *name, const char *node, int age_s)
{
    make_pod(m, name);
    m->pod.ns = ns;
    m->pod.node = node;
    m->pod.created_ms = AGO(age_s);
    m->pod.started_ms = node[0] ? AGO(age_s) : IW_TIME_NONE;
    make_condition(m, "PodScheduled", node[0] ? "True" : "False", AGO(age_s));
}

/* The apps wait for the init containers. */
static inline void
cluster_initializing(struct pod_make *m, const char *app, int age_s)
{
    make_waiting(m, LIST_APP, app, "PodInitializing", "");
    make_condition(m, "Initialized", "False", AGO(age_s));
    make_condition(m, "Ready", "False", AGO(age_s));
}

static inline void
cluster_running(struct pod_make *m, int initialized_s, int ready_s)
{
    m->pod.phase = "Running";
    make_condition(m, "Initialized", "True", AGO(initialized_s));
    make_condition(m, "Ready", ready_s >= 0 ? "True" : "False", AGO(ready_s >= 0 ? ready_s : 60));
}

static inline void
cluster_command(struct container *c, const char *const *argv, uint32_t count)
{
    c->command = argv;
    c->command_count = count;
}

static inline struct pod *
cluster_wait_db(void)
{
    static const char *const wait[] = {"sh", "-c",
                                       "until nc -z postgres-service 5432; do sleep 2; done"};
    static const char *const redis[] = {"sh", "-c",
                                        "until nc -z redis-service 6379; do sleep 2; done"};
    struct pod_make m;
    cluster_begin(&m, "shop", "myapp-wait-db", "worker2", 252);
    cluster_command(make_container(&m, LIST_INIT, "wait-for-postgres"), wait, 3);
    cluster_command(make_container(&m, LIST_INIT, "wait-for-redis"), redis, 3);
    make_container(&m, LIST_APP, "myapp");
    make_running(&m, LIST_INIT, "wait-for-postgres", AGO(249))->started = TRI_FALSE;
    make_waiting(&m, LIST_INIT, "wait-for-redis", "PodInitializing", "");
    cluster_initializing(&m, "myapp", 252);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_crash(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "myapp-pod", "worker", 543);
    make_container(&m, LIST_INIT, "init-myservice");
    make_container(&m, LIST_INIT, "init-mydb");
    make_container(&m, LIST_APP, "myapp-container");
    struct container_status *st =
        make_waiting(&m, LIST_INIT, "init-myservice", "CrashLoopBackOff",
                     "back-off 2m40s restarting failed container=init-myservice pod=myapp-pod");
    st->restart_count = 6;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(2, "Error", AGO(81), AGO(80));
    last->end.message = "sh: syntax error: unexpected \"done\"";
    make_waiting(&m, LIST_INIT, "init-mydb", "PodInitializing", "");
    cluster_initializing(&m, "myapp-container", 543);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_probe(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "checkout-6f7d9c-hx4kp", "worker3", 252);
    make_container(&m, LIST_INIT, "fetch-certs");
    struct container *s1 = make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_INIT, "db-migrate");
    make_container(&m, LIST_APP, "checkout");
    make_container(&m, LIST_APP, "metrics");
    s1->startup = draft_probe((struct probe){.kind = PROBE_HTTP,
                                             .target = "httpGet :15021/healthz/ready",
                                             .period_s = 1,
                                             .timeout_s = 1,
                                             .success_threshold = 1,
                                             .failure_threshold = 30,
                                             .grace_s = -1});
    make_ended(&m, LIST_INIT, "fetch-certs", make_end(0, "Completed", AGO(250), AGO(248)));
    struct container_status *st =
        make_waiting(&m, LIST_INIT, "istio-proxy", "CrashLoopBackOff",
                     "back-off 1m20s restarting failed container=istio-proxy");
    st->restart_count = 4;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(0, "Completed", AGO(57), AGO(27));
    make_waiting(&m, LIST_INIT, "db-migrate", "PodInitializing", "");
    make_waiting(&m, LIST_APP, "metrics", "PodInitializing", "");
    cluster_initializing(&m, "checkout", 252);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_image(void)
{
    struct pod_make m;
    cluster_begin(&m, "data", "ledger-0", "worker", 160);
    make_container(&m, LIST_INIT, "wait");
    make_container(&m, LIST_INIT, "migrate")->image = "registry.example/ledger-migrate:2.9.1";
    make_container(&m, LIST_APP, "ledger");
    make_ended(&m, LIST_INIT, "wait", make_end(0, "Completed", AGO(159), AGO(158)));
    make_waiting(&m, LIST_INIT, "migrate", "ImagePullBackOff",
                 "Back-off pulling image \"registry.example/ledger-migrate:2.9.1\": ErrImagePull: "
                 "registry.example/ledger-migrate:2.9.1: not found");
    cluster_initializing(&m, "ledger", 160);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_config(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "cart-7b5c9f-2q8vz", "worker2", 3720);
    make_container(&m, LIST_INIT, "run-migrations");
    make_container(&m, LIST_APP, "cart");
    make_waiting(&m, LIST_INIT, "run-migrations", "CreateContainerConfigError",
                 "secret \"db-secrets\" not found");
    cluster_initializing(&m, "cart", 3720);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_pending(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "billing-55f8d-lm2wd", "", 380);
    make_container(&m, LIST_INIT, "heavy-init");
    make_container(&m, LIST_APP, "billing");
    m.conditions[0].reason = "Unschedulable";
    m.conditions[0].message = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes "
                              "are available: 3 No preemption victims found for incoming pod.";
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_pulling(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "www", "worker", 18);
    make_container(&m, LIST_INIT, "git-clone");
    make_container(&m, LIST_APP, "httpd")->image = "httpd:latest";
    make_ended(&m, LIST_INIT, "git-clone", make_end(0, "Completed", AGO(16), AGO(14)));
    make_waiting(&m, LIST_APP, "httpd", "PodInitializing", "");
    make_condition(&m, "Initialized", "True", AGO(14));
    make_condition(&m, "Ready", "False", AGO(18));
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_migrate(void)
{
    struct pod_make m;
    cluster_begin(&m, "data", "migrate-job-k2x9p", "worker3", 143);
    make_container(&m, LIST_INIT, "run-migrations");
    make_container(&m, LIST_APP, "app");
    struct container_status *st = make_running(&m, LIST_INIT, "run-migrations", AGO(31));
    st->started = TRI_FALSE;
    st->restart_count = 2;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(137, "OOMKilled", AGO(103), AGO(100));
    cluster_initializing(&m, "app", 143);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_unready(void)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "search-59c7d-t4xkc", "worker2", 273600);
    make_container(&m, LIST_INIT, "load-index");
    make_sidecar(&m, "log-router")->readiness =
        draft_probe((struct probe){.kind = PROBE_HTTP,
                                   .target = "httpGet :2020/ready",
                                   .period_s = 10,
                                   .timeout_s = 1,
                                   .success_threshold = 1,
                                   .failure_threshold = 3,
                                   .grace_s = -1});
    make_container(&m, LIST_APP, "search");
    make_ended(&m, LIST_INIT, "load-index", make_end(0, "Completed", AGO(273590), AGO(273500)));
    make_running(&m, LIST_INIT, "log-router", AGO(600))->restart_count = 14;
    make_running(&m, LIST_APP, "search", AGO(273000))->ready = true;
    cluster_running(&m, 273490, -1);
    return pod_seal(&m.pod);
}

static inline struct pod *
cluster_healthy(const char *name, const char *node, int age_s, unsigned inits, unsigned sidecars)
{
    static const char *const init_names[] = {"setup", "prepare"};
    static const char *const sidecar_names[] = {"log-router", "metrics-collector"};
    struct pod_make m;
    cluster_begin(&m, "shop", name, node, age_s);
    for (unsigned i = 0; i < inits; i++)
        make_container(&m, LIST_INIT, init_names[i]);
    for (unsigned i = 0; i < sidecars; i++)
        make_sidecar(&m, sidecar_names[i]);
    make_container(&m, LIST_APP, "app");
    for (unsigned i = 0; i < inits; i++)
        make_ended(&m, LIST_INIT, init_names[i],
                   make_end(0, "Completed", AGO(age_s - 2), AGO(age_s - 5)));
    for (unsigned i = 0; i < sidecars; i++)
        make_running(&m, LIST_INIT, sidecar_names[i], AGO(age_s - 6))->ready = true;
    make_running(&m, LIST_APP, "app", AGO(age_s - 8))->ready = true;
    cluster_running(&m, age_s - 7, age_s - 8);
    return pod_seal(&m.pod);
}

static inline void
cluster_events(struct scene *sc)
{
    scene_event(sc, AGO(252), false, "Scheduled", "myapp-wait-db",
                "Successfully assigned shop/myapp-wait-db to worker2", 1);
    scene_event(sc, AGO(251), false, "Pulled", "myapp-wait-db",
                "Container image \"busybox:1.36\" already present on machine", 1);
    scene_event(sc, AGO(250), false, "Created", "myapp-wait-db",
                "Created container: wait-for-postgres", 1);
    scene_event(sc, AGO(249), false, "Started", "myapp-wait-db",
                "Started container wait-for-postgres", 1);
    scene_event(sc, AGO(70), true, "BackOff", "myapp-pod",
                "Back-off restarting failed container init-myservice in pod myapp-pod", 22);
    scene_event(sc, AGO(159), true, "Failed", "cart-7b5c9f-2q8vz",
                "Error: secret \"db-secrets\" not found", 8);
    scene_event(sc, AGO(84), true, "FailedScheduling", "billing-55f8d-lm2wd",
                "0/3 nodes are available: 3 Insufficient cpu.", 4);
    scene_event(sc, AGO(27), true, "Unhealthy", "checkout-6f7d9c-hx4kp",
                "Startup probe failed: HTTP probe failed with statuscode: 503", 29);
    scene_event(sc, AGO(13), true, "Failed", "ledger-0", "Error: ImagePullBackOff", 5);
}

/* The sick cluster of the design. */
static inline void
cluster_fill(struct scene *sc)
{
    scene_add(sc, cluster_wait_db());
    scene_add(sc, cluster_crash());
    scene_add(sc, cluster_probe());
    scene_add(sc, cluster_image());
    scene_add(sc, cluster_config());
    scene_add(sc, cluster_pending());
    scene_add(sc, cluster_pulling());
    scene_add(sc, cluster_migrate());
    scene_add(sc, cluster_unready());
    scene_add(sc, cluster_healthy("myapp-with-native-sidecar", "worker2", 48, 1, 2));
    scene_add(sc, cluster_healthy("app-with-config", "worker", 7860, 1, 0));
    scene_add(sc, cluster_healthy("resource-example", "worker", 7800, 2, 0));
    cluster_events(sc);
    scene_live(sc);
}

static inline void
cluster_open(struct scene *sc)
{
    scene_open(sc, CLUSTER_NOW);
    cluster_fill(sc);
}

/* The cluster in the list of pods, drawn at 100x30. */
static inline void
cluster_open_pods(struct scene *sc)
{
    cluster_open(sc);
    scene_ui(sc, "pods");
    scene_draw(sc, 100, 30);
}

#endif
