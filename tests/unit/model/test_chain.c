/* From a wait loop to the root cause, and which objects' events explain a pod.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "initwatch/model/related.h"
#include "object_make.h"

#define NOW (T0 + SECONDS(252))
#define WAIT_LOOP "until nc -z postgres-service 5432; do sleep 2; done"

struct world {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
    struct pod *pod;
    struct chain chain;
};

static void
world_open(struct world *w, const char *script)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, NOW);
    w->store = store_new(&w->clock);
    w->sink = store_sink(w->store);
    w->pod = make_waiter(script);
}

static bool
world_chain(struct world *w)
{
    return chain_of(w->store, w->pod, w->pod->containers, NOW, &w->chain);
}

static void
world_close(struct world *w)
{
    pod_free(w->pod);
    store_free(w->store);
}

static const struct chain_step *
step_about(const struct world *w, const char *kind)
{
    for (size_t i = 0; i < w->chain.count; i++)
        if (strcmp(w->chain.steps[i].kind, kind) == 0)
            return &w->chain.steps[i];
    return NULL;
}

static void
chain_of__goes_from_the_service_to_the_missing_storage_class(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    add_postgres(&w.sink, false);
    assert_true(world_chain(&w));
    assert_false(w.chain.passes);
    assert_int_equal(w.chain.steps[0].sign, CHAIN_OK);
    assert_string_equal(w.chain.steps[1].text, "port 5432 → targetPort pg");
    assert_int_equal(step_about(&w, "EndpointSlice")->sign, CHAIN_BAD);
    assert_string_equal(step_about(&w, "EndpointSlice")->text,
                        "no ready endpoint: 1 pod matches app=postgres, it is not ready");
    assert_int_equal(step_about(&w, "Pod")->depth, 1);
    assert_string_equal(step_about(&w, "PersistentVolumeClaim")->text,
                        "Pending, wants StorageClass \"fast\"");
    assert_non_null(chain_root(&w.chain));
    assert_string_equal(chain_root(&w.chain)->kind, "StorageClass");
    assert_string_equal(chain_root(&w.chain)->text, "StorageClass \"fast\" does not exist");
    assert_int_equal(step_about(&w, "NetworkPolicy")->sign, CHAIN_OK);
    world_close(&w);
}

static void
chain_of__says_that_it_would_pass(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    add_postgres(&w.sink, true);
    assert_true(world_chain(&w));
    assert_true(w.chain.passes);
    assert_null(chain_root(&w.chain));
    assert_string_equal(step_about(&w, "EndpointSlice")->text, "1 of 1 endpoint ready");
    world_close(&w);
}

static void
chain_of__concludes_nothing_from_lists_that_were_not_read(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    assert_true(world_chain(&w));
    assert_int_equal(w.chain.count, 1);
    assert_int_equal(w.chain.steps[0].sign, CHAIN_UNKNOWN);
    assert_string_equal(w.chain.steps[0].text, "not known: services: not asked for");
    assert_false(w.chain.passes);
    assert_null(chain_root(&w.chain));
    objects_are_read(&w.sink, KOBJECT_SERVICE);
    assert_true(world_chain(&w));
    assert_string_equal(chain_root(&w.chain)->text, "Service shop/postgres-service does not exist");
    world_close(&w);
}

static void
chain_of__names_the_ports_there_are(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "until nc -z postgres-service.shop.svc.cluster.local 5433; do sleep 2; done");
    add_postgres(&w.sink, true);
    assert_true(world_chain(&w));
    assert_string_equal(chain_root(&w.chain)->text, "the Service has no port 5433; it has 5432");
    world_close(&w);
}

static void
chain_of__knows_the_service_and_its_ready_endpoints(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    assert_true(world_chain(&w));
    assert_int_equal(w.chain.exists, TRI_UNKNOWN);
    assert_int_equal(w.chain.ready_endpoints, -1);
    add_postgres(&w.sink, false);
    assert_true(world_chain(&w));
    assert_string_equal(w.chain.service, "postgres-service");
    assert_string_equal(w.chain.service_ns, "shop");
    assert_int_equal(w.chain.exists, TRI_TRUE);
    assert_int_equal(w.chain.ready_endpoints, 0);
    assert_string_equal(step_about(&w, "EndpointSlice")->id, "IW-D03");
    assert_string_equal(chain_verdict(&w.chain, w.pod, NOW), "no endpoints");
    world_close(&w);
}

static void
chain_of__names_a_service_of_that_name_in_another_namespace(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "until nc -z postgres-service.data 5432; do sleep 2; done");
    add_postgres(&w.sink, true);
    assert_true(world_chain(&w));
    assert_int_equal(w.chain.exists, TRI_UNKNOWN);
    world_close(&w);
    world_open(&w, "until nc -z postgres-service.data.svc 5432; do sleep 2; done");
    add_postgres(&w.sink, true);
    assert_true(world_chain(&w));
    assert_int_equal(w.chain.exists, TRI_FALSE);
    assert_string_equal(chain_root(&w.chain)->text,
                        "Service data/postgres-service does not exist; one is in shop: use "
                        "postgres-service.shop");
    assert_string_equal(chain_verdict(&w.chain, w.pod, NOW), "no service");
    world_close(&w);
}

static void
chain_of__quotes_the_warning_about_a_step(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    add_postgres(&w.sink, false);
    const struct kevent ev = {.uid = "e1",
                              .ns = "shop",
                              .type = "Warning",
                              .reason = "ProvisioningFailed",
                              .message = "storageclass.storage.k8s.io \"fast\" not found",
                              .object_kind = "PersistentVolumeClaim",
                              .object_name = "data-postgres-0",
                              .object_uid = "u",
                              .container = "",
                              .source = "pv-controller",
                              .count = 19,
                              .first_ms = T0,
                              .last_ms = T0 + SECONDS(95)};
    w.sink.event(w.sink.ctx, &ev);
    assert_true(world_chain(&w));
    const struct chain_step *claim = step_about(&w, "PersistentVolumeClaim");
    assert_string_equal(claim->event, "ProvisioningFailed 19×: storageclass.storage.k8s.io "
                                      "\"fast\" not found");
    assert_int_equal(claim->event_ms, T0 + SECONDS(95));
    world_close(&w);
}

/* Few may list StorageClasses: the claim's event is as good a witness. */
static void
chain_of__believes_an_event_about_a_class_that_may_not_be_listed(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, WAIT_LOOP);
    add_postgres(&w.sink, false);
    w.sink.objects_forget(w.sink.ctx, KOBJECT_STORAGECLASS, "");
    assert_true(world_chain(&w));
    assert_int_equal(step_about(&w, "StorageClass")->sign, CHAIN_UNKNOWN);
    const struct kevent ev = {.uid = "e1",
                              .ns = "shop",
                              .type = "Warning",
                              .reason = "ProvisioningFailed",
                              .message = "storageclass.storage.k8s.io \"fast\" not found",
                              .object_kind = "PersistentVolumeClaim",
                              .object_name = "data-postgres-0",
                              .object_uid = "u",
                              .container = "",
                              .source = "pv-controller",
                              .count = 1,
                              .first_ms = T0,
                              .last_ms = T0};
    w.sink.event(w.sink.ctx, &ev);
    assert_true(world_chain(&w));
    assert_string_equal(chain_root(&w.chain)->text,
                        "StorageClass \"fast\" does not exist, says an event of the claim");
    world_close(&w);
}

static void
chain_of__leaves_containers_alone_that_wait_for_nothing(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "echo hello");
    assert_false(world_chain(&w));
    world_close(&w);
}

static void
service_of_host__reads_cluster_names_only(void **state)
{
    char name[254], ns[64];
    bool sure;
    (void)state;
    assert_true(service_of_host("db", "shop", name, ns, &sure));
    assert_string_equal(ns, "shop");
    assert_true(sure);
    assert_true(service_of_host("db.data.svc.cluster.local", "shop", name, ns, &sure));
    assert_string_equal(name, "db");
    assert_string_equal(ns, "data");
    assert_true(sure);
    assert_true(service_of_host("example.com", "shop", name, ns, &sure));
    assert_false(sure);
    assert_false(service_of_host("db.prod.example.com", "shop", name, ns, &sure));
    assert_false(service_of_host("10.0.0.7", "shop", name, ns, &sure));
    assert_false(service_of_host("fd00::7", "shop", name, ns, &sure));
    assert_false(service_of_host("$DB_HOST", "shop", name, ns, &sure));
    assert_false(service_of_host("localhost", "shop", name, ns, &sure));
}

static void
related_of__holds_owner_node_and_what_is_behind_a_wait(void **state)
{
    struct world w;
    struct related *r = malloc(sizeof(*r));
    (void)state;
    world_open(&w, WAIT_LOOP);
    add_postgres(&w.sink, false);
    related_of(w.store, w.pod, NOW, r);
    assert_int_equal(related_find(r, "Pod", "shop", "myapp-wait-db"), RELATION_SELF);
    assert_int_equal(related_find(r, "ReplicaSet", "shop", "myapp-6d5f"), RELATION_OWNER);
    assert_int_equal(related_find(r, "Node", "default", "worker-1"), RELATION_NODE);
    assert_int_equal(related_find(r, "Service", "shop", "postgres-service"), RELATION_WAITS);
    assert_int_equal(related_find(r, "Pod", "shop", "postgres-0"), RELATION_WAITS);
    assert_int_equal(related_find(r, "StatefulSet", "shop", "postgres"), RELATION_WAITS);
    assert_int_equal(related_find(r, "PersistentVolumeClaim", "shop", "data-postgres-0"),
                     RELATION_WAITS);
    assert_int_equal(related_find(r, "PersistentVolumeClaim", "data", "data-postgres-0"),
                     RELATION_NONE);
    assert_int_equal(related_find(r, "Pod", "shop", "someone-else"), RELATION_NONE);
    free(r);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of__goes_from_the_service_to_the_missing_storage_class),
        cmocka_unit_test(chain_of__says_that_it_would_pass),
        cmocka_unit_test(chain_of__concludes_nothing_from_lists_that_were_not_read),
        cmocka_unit_test(chain_of__names_the_ports_there_are),
        cmocka_unit_test(chain_of__knows_the_service_and_its_ready_endpoints),
        cmocka_unit_test(chain_of__names_a_service_of_that_name_in_another_namespace),
        cmocka_unit_test(chain_of__quotes_the_warning_about_a_step),
        cmocka_unit_test(chain_of__believes_an_event_about_a_class_that_may_not_be_listed),
        cmocka_unit_test(chain_of__leaves_containers_alone_that_wait_for_nothing),
        cmocka_unit_test(service_of_host__reads_cluster_names_only),
        cmocka_unit_test(related_of__holds_owner_node_and_what_is_behind_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
