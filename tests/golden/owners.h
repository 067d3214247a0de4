/* owners: a cluster of workloads: a rollout that hangs in a sidecar, an ordered set, a Job, a Deployment whose pods a quota
 * refuses, one that is scaled to nothing, and a bare pod.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_OWNERS_H
#define TESTS_GOLDEN_OWNERS_H

#include "cluster.h"
#include "initwatch/model/objects.h"

static inline struct pod *
owners_checkout(const char *name, const char *hash, bool stuck, int age_s)
{
    struct pod_label label = {"pod-template-hash", hash};
    char set[64];
    struct pod_make m;
    snprintf(set, sizeof(set), "checkout-%s", hash);
    cluster_begin(&m, "shop", name, "worker3", age_s);
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = set;
    m.pod.labels = &label;
    m.pod.label_count = 1;
    make_container(&m, LIST_INIT, "fetch-certs");
    struct container *proxy = make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_APP, "checkout");
    proxy->startup = draft_probe((struct probe){.kind = PROBE_HTTP,
                                                .target = "httpGet :15021/healthz/ready",
                                                .period_s = 1,
                                                .timeout_s = 1,
                                                .success_threshold = 1,
                                                .failure_threshold = 30,
                                                .grace_s = -1});
    make_ended(&m, LIST_INIT, "fetch-certs", make_end(0, "Completed", AGO(age_s), AGO(age_s - 2)));
    if (stuck) {
        struct container_status *st =
            make_waiting(&m, LIST_INIT, "istio-proxy", "CrashLoopBackOff", "back-off 1m20s");
        st->restart_count = 4;
        struct container_state *last = draft_last(st);
        last->terminated = true;
        last->end = make_end(0, "Completed", AGO(57), AGO(27));
        cluster_initializing(&m, "checkout", age_s);
    } else {
        make_running(&m, LIST_INIT, "istio-proxy", AGO(age_s - 3))->ready = true;
        make_running(&m, LIST_APP, "checkout", AGO(age_s - 4))->ready = true;
        m.statuses[1].started = m.statuses[2].started = TRI_TRUE;
        cluster_running(&m, age_s - 3, age_s - 4);
    }
    return pod_seal(&m.pod);
}

/* A copy of a pod of cluster.h with another owner. */
static inline struct pod *
owners_of(struct pod *pod, const char *kind, const char *name)
{
    struct pod draft = *pod;
    draft.owner_kind = kind;
    draft.owner_name = name;
    struct pod *owned = pod_seal(&draft);
    pod_free(pod);
    return owned;
}

/* cron: the CronJob that made it, "" for none. */
static inline void
owners_object_of(struct scene *sc, enum kobject_kind kind, const char *ns, const char *name,
                 const char *cron, const struct workload_facts *facts)
{
    struct kobject *o = kobject_new(kind);
    struct workload_facts *kept = arena_alloc(&o->memory, sizeof(*kept));
    *kept = *facts;
    o->ns = ns;
    o->name = name;
    o->uid = name;
    o->workload = kept;
    if (cron[0]) {
        o->owner_kind = "CronJob";
        o->owner_name = cron;
    }
    sc->sink.object(sc->sink.ctx, o);
}

static inline void
owners_object(struct scene *sc, enum kobject_kind kind, const char *ns, const char *name,
              const struct workload_facts *facts)
{
    owners_object_of(sc, kind, ns, name, "", facts);
}

static inline struct workload_facts
owners_facts(int desired, int updated, int ready)
{
    return (struct workload_facts){.desired = desired,
                                   .current = desired,
                                   .updated = updated,
                                   .ready = ready,
                                   .available = ready,
                                   .unavailable = desired - ready,
                                   .strategy = "RollingUpdate",
                                   .revision = "1",
                                   .update_revision = "1",
                                   .progress_deadline_s = -1,
                                   .progressed_ms = IW_TIME_NONE,
                                   .completions = -1,
                                   .backoff_limit = 6,
                                   .active_deadline_s = -1,
                                   .started_ms = IW_TIME_NONE,
                                   .completed_ms = IW_TIME_NONE};
}

static inline void
owners_objects(struct scene *sc)
{
    static const struct pod_condition refused[] = {
        {"ReplicaFailure", "True", "FailedCreate",
         "pods \"reports-7d4b-\" is forbidden: exceeded quota: compute, requested: cpu=2, used: "
         "cpu=9, limited: cpu=10",
         0}};
    static const enum kobject_kind kinds[] = {KOBJECT_DEPLOYMENT, KOBJECT_STATEFULSET,
                                              KOBJECT_DAEMONSET, KOBJECT_JOB};
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++)
        sc->sink.objects_begin(sc->sink.ctx, kinds[i], "");
    struct workload_facts f = owners_facts(3, 1, 1);
    f.progress_deadline_s = 600;
    f.progressed_ms = AGO(290);
    owners_object(sc, KOBJECT_DEPLOYMENT, "shop", "checkout", &f);
    f = owners_facts(2, 0, 0);
    f.current = 0;
    f.conditions = refused;
    f.condition_count = 1;
    owners_object(sc, KOBJECT_DEPLOYMENT, "shop", "reports", &f);
    f = owners_facts(0, 0, 0);
    owners_object(sc, KOBJECT_DEPLOYMENT, "shop", "beta", &f);
    f = owners_facts(3, 3, 0);
    f.strategy = "OrderedReady";
    owners_object(sc, KOBJECT_STATEFULSET, "data", "ledger", &f);
    f = owners_facts(1, 0, 0);
    f.failed = 2;
    f.started_ms = AGO(143);
    f.active_deadline_s = 600;
    owners_object(sc, KOBJECT_JOB, "data", "migrate-job", &f);
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++)
        sc->sink.objects_end(sc->sink.ctx, kinds[i], "");
}

/* A CronJob whose third run is stuck, one whose last run failed and left no pods, and one that is suspended. The objects of
 * the CronJobs come only with `listed`. */
static inline void
owners_cronjobs(struct scene *sc, bool listed)
{
    static const struct pod_condition done[] = {{"Complete", "True", "", "", 0}},
                                      failed[] = {
                                          {"Failed", "True", "BackoffLimitExceeded", "", 0}};
    static const enum kobject_kind kinds[] = {KOBJECT_JOB, KOBJECT_CRONJOB};
    static const char *const names[] = {"nightly-report", "cleanup", "backup"};
    struct workload_facts f = owners_facts(1, 0, 0);
    for (int i = 0; i < 1 + listed; i++)
        sc->sink.objects_begin(sc->sink.ctx, kinds[i], "");
    f.started_ms = AGO(143);
    owners_object_of(sc, KOBJECT_JOB, "data", "nightly-report-29001", names[0], &f);
    f.started_ms = AGO(7343);
    f.completed_ms = AGO(7300);
    f.conditions = done;
    f.condition_count = 1;
    owners_object_of(sc, KOBJECT_JOB, "data", "nightly-report-29000", names[0], &f);
    f = owners_facts(1, 0, 0);
    f.started_ms = AGO(3600);
    f.conditions = failed;
    f.condition_count = 1;
    owners_object_of(sc, KOBJECT_JOB, "shop", "cleanup-28999", names[1], &f);
    f = owners_facts(0, 0, 0);
    for (size_t i = 0; i < 3 && listed; i++) {
        f.suspended = i == 2;
        f.strategy = i == 0 ? "0 3 * * *" : "@hourly";
        owners_object(sc, KOBJECT_CRONJOB, i ? "shop" : "data", names[i], &f);
    }
    for (int i = 0; i < 1 + listed; i++)
        sc->sink.objects_end(sc->sink.ctx, kinds[i], "");
    scene_add(sc, owners_of(cluster_migrate(), "Job", "nightly-report-29001"));
}

static inline void
owners_open(struct scene *sc)
{
    scene_open(sc, CLUSTER_NOW);
    scene_add(sc, owners_checkout("checkout-6f7d9c-hx4kp", "6f7d9c", true, 252));
    scene_add(sc, owners_checkout("checkout-6f7d9c-zq7rn", "6f7d9c", true, 240));
    scene_add(sc, owners_checkout("checkout-5b8c7-m2xw4", "5b8c7", false, 86400));
    scene_add(sc, owners_of(cluster_image(), "StatefulSet", "ledger"));
    scene_add(sc, owners_of(cluster_migrate(), "Job", "migrate-job"));
    scene_add(sc, cluster_crash());
    scene_add(sc, owners_of(cluster_healthy("search-59c7d-t4xkc", "worker2", 7860, 1, 1),
                            "ReplicaSet", "search-59c7d"));
    cluster_events(sc);
    owners_objects(sc);
    scene_live(sc);
    sc->session.ns[0] = 0;
}

#endif
