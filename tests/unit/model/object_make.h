/* object_make: the postgres that has no volume, told in objects, for tests of what reads them. Facts
 * are static: a test's objects own nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_OBJECT_MAKE_H
#define INITWATCH_TEST_OBJECT_MAKE_H

#include "initwatch/model/store.h"
#include "pod_make.h"

static inline struct kobject *
make_object(enum kobject_kind kind, const char *ns, const char *name)
{
    struct kobject *o = kobject_new(kind);
    o->ns = ns;
    o->name = name;
    return o;
}

/* An empty list of a kind that is read, for all namespaces. */
static inline void
objects_are_read(struct source_sink *sink, enum kobject_kind kind)
{
    sink->objects_begin(sink->ctx, kind, "");
    sink->objects_end(sink->ctx, kind, "");
    sink->objects_state(sink->ctx, kind, "", OBJECTS_LIVE, NULL);
}

/* postgres-0: selected by app=postgres, Pending for want of its volume; or ready. */
static inline struct pod *
make_postgres(bool ready)
{
    static const struct pod_label labels[] = {{"app", "postgres"}};
    static const struct pod_volume volumes[] = {
        {.name = "data", .kind = "persistentVolumeClaim", .ref = "data-postgres-0"}};
    struct pod_make m;
    make_pod(&m, "postgres-0");
    m.pod.labels = labels;
    m.pod.label_count = 1;
    m.pod.volumes = volumes;
    m.pod.volume_count = 1;
    m.pod.owner_kind = "StatefulSet";
    m.pod.owner_name = "postgres";
    m.pod.node = ready ? "worker-1" : "";
    make_container(&m, LIST_APP, "postgres");
    if (ready)
        make_running(&m, LIST_APP, "postgres", T0)->ready = true;
    make_condition(&m, "PodScheduled", ready ? "True" : "False", T0);
    m.conditions[0].reason = ready ? "" : "Unschedulable";
    m.conditions[0].message =
        ready ? "" : "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
    make_condition(&m, "Ready", ready ? "True" : "False", T0);
    return pod_seal(&m.pod);
}

/* The Service with its port, and one endpoint that is ready or not. */
static inline void
add_postgres_service(struct source_sink *sink, bool ready)
{
    static const char *const values[] = {"postgres"};
    static const struct selector_term terms[] = {{"app", "In", values, 1}};
    static const struct service_port ports[] = {{"pg", "TCP", "pg", 5432, 0}};
    static const struct service_facts service = {.type = "ClusterIP",
                                                 .cluster_ip = "10.96.41.7",
                                                 .external_name = "",
                                                 .selector = {terms, 1, true},
                                                 .ports = ports,
                                                 .port_count = 1};
    static const struct slice_endpoint good = {.address = "10.244.1.9",
                                               .node = "worker-1",
                                               .target_kind = "Pod",
                                               .target_name = "postgres-0",
                                               .ready = TRI_TRUE};
    static const struct slice_facts filled = {.service = "postgres-service",
                                              .address_type = "IPv4",
                                              .endpoints = &good,
                                              .endpoint_count = 1};
    static const struct slice_facts empty = {.service = "postgres-service", .address_type = "IPv4"};
    struct kobject *o = make_object(KOBJECT_SERVICE, "shop", "postgres-service");
    o->service = &service;
    sink->object(sink->ctx, o);
    o = make_object(KOBJECT_ENDPOINTSLICE, "shop", "postgres-service-x7k2");
    o->slice = ready ? &filled : &empty;
    sink->object(sink->ctx, o);
}

/* A claim that waits for a StorageClass nobody has made. */
static inline void
add_postgres_claim(struct source_sink *sink)
{
    static const struct pvc_facts claim = {.phase = "Pending",
                                           .storage_class = "fast",
                                           .volume = "",
                                           .request = "10Gi",
                                           .capacity = "",
                                           .access_modes = "RWO",
                                           .class_present = true};
    static const struct storageclass_facts standard = {.provisioner = "rancher.io/local-path",
                                                       .binding_mode = "WaitForFirstConsumer",
                                                       .reclaim = "Delete",
                                                       .is_default = true};
    struct kobject *o = make_object(KOBJECT_PVC, "shop", "data-postgres-0");
    o->pvc = &claim;
    sink->object(sink->ctx, o);
    o = make_object(KOBJECT_STORAGECLASS, "", "standard");
    o->storageclass = &standard;
    sink->object(sink->ctx, o);
}

/* All of it, every kind that a chain reads being listed. */
static inline void
add_postgres(struct source_sink *sink, bool ready)
{
    static const enum kobject_kind kinds[] = {KOBJECT_SERVICE, KOBJECT_ENDPOINTSLICE, KOBJECT_PVC,
                                              KOBJECT_STORAGECLASS, KOBJECT_NETWORKPOLICY};
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++)
        objects_are_read(sink, kinds[i]);
    sink->upsert(sink->ctx, make_postgres(ready));
    add_postgres_service(sink, ready);
    add_postgres_claim(sink);
}

/* Four nodes: one tainted, one roomy, one with 310m left, one cordoned. */
static inline void
add_nodes(struct source_sink *sink)
{
    static const struct resource_item big[] = {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "110"}};
    static const struct resource_item small[] = {
        {"cpu", "310m"}, {"memory", "8Gi"}, {"pods", "110"}};
    static const struct node_taint taint = {"node-role.kubernetes.io/control-plane", "",
                                            "NoSchedule"};
    static const struct node_facts facts[] = {
        {.allocatable = {big, 3, true}, .taints = &taint, .taint_count = 1},
        {.allocatable = {big, 3, true}},
        {.allocatable = {small, 3, true}},
        {.allocatable = {big, 3, true}, .unschedulable = true}};
    static const char *const names[] = {"control-plane", "worker-1", "worker-2", "worker-3"};
    objects_are_read(sink, KOBJECT_NODE);
    for (size_t i = 0; i < IW_COUNTOF(facts); i++) {
        struct kobject *o = make_object(KOBJECT_NODE, "", names[i]);
        o->node = &facts[i];
        sink->object(sink->ctx, o);
    }
}

/* A quota of the namespace that is nearly used up, and a LimitRange with defaults. */
static inline void
add_quota(struct source_sink *sink)
{
    static const struct quota_item items[] = {
        {"requests.cpu", "4", "3400m"}, {"requests.memory", "8Gi", "5222Mi"}, {"pods", "20", "12"}};
    static const struct quota_facts quota = {.items = items, .item_count = 3, .scopes = ""};
    static const struct limit_item limits[] = {
        {"Container", "cpu", "10m", "2", "500m", "100m", ""},
        {"Container", "memory", "16Mi", "2Gi", "256Mi", "128Mi", ""}};
    static const struct limitrange_facts range = {.items = limits, .item_count = 2};
    objects_are_read(sink, KOBJECT_QUOTA);
    objects_are_read(sink, KOBJECT_LIMITRANGE);
    struct kobject *o = make_object(KOBJECT_QUOTA, "shop", "shop-quota");
    o->quota = &quota;
    sink->object(sink->ctx, o);
    o = make_object(KOBJECT_LIMITRANGE, "shop", "shop-limits");
    o->limitrange = &range;
    sink->object(sink->ctx, o);
}

/* The pod that waits for it. */
static inline struct pod *
make_waiter(const char *script)
{
    static const char *argv[3] = {"sh", "-c", ""};
    struct pod_make m;
    make_pod(&m, "myapp-wait-db");
    argv[2] = script;
    struct container *i1 = make_container(&m, LIST_INIT, "wait-for-postgres");
    i1->command = argv;
    i1->command_count = 3;
    make_container(&m, LIST_APP, "myapp");
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = "myapp-6d5f";
    make_running(&m, LIST_INIT, "wait-for-postgres", T0 + SECONDS(3))->started = TRI_FALSE;
    make_waiting(&m, LIST_APP, "myapp", "PodInitializing", "");
    return pod_seal(&m.pod);
}

#endif
