/* What a wait ends in, by scenes of whole clusters: policies, circles, ports, names.
 * SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include "initwatch/diag/diag.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/waitgraph.h"

#define NOW_MS (T0 + SECONDS(600))

/* A pod that waits for `target`, labelled app: NAME, and whether it is ready. */
#define WAITER(name, target)                                                                       \
    "{kind: Pod, metadata: {name: " name ", namespace: shop, uid: u-" name ", labels: {app: " name \
    "}}, spec: {nodeName: w1, initContainers: [{name: wait, image: busybox, command: [sh, -c,\n"   \
    " \"until nc -z " target "; do sleep 2; done\"]}], containers: [{name: app, image: x,\n"       \
    " ports: [{name: web, containerPort: 8080}]}]}, status: {phase: Pending, podIP: 10.1.0.1,\n"   \
    " conditions: [{type: Ready, status: \"False\"}], initContainerStatuses: [{name: wait,\n"      \
    " state: {running: {startedAt: \"2026-06-15T12:00:01Z\"}}}]}}\n---\n"
#define READY(name)                                                                                \
    "{kind: Pod, metadata: {name: " name ", namespace: shop, uid: u-" name ", labels: {app: " name \
    "}}, spec: {nodeName: w1, containers: [{name: app, image: x, ports: [{name: web,\n"            \
    " containerPort: 8080}]}]}, status: {phase: Running, podIP: 10.1.0.2,\n"                       \
    " conditions: [{type: Ready, status: \"True\"}]}}\n---\n"
#define SERVICE(name)                                                                              \
    "{kind: Service, metadata: {name: " name ", namespace: shop}, spec: {clusterIP: 10.9.0.1,\n"   \
    " selector: {app: " name "}, ports: [{port: 80, targetPort: web}]}}\n---\n"
#define SLICE(name, ready)                                                                         \
    "{kind: EndpointSlice, metadata: {name: " name "-1, namespace: shop, labels:\n"                \
    " {kubernetes.io/service-name: " name "}}, endpoints: [{addresses: [10.1.0.2],\n"              \
    " conditions: {ready: " ready "}}]}\n---\n"
#define POLICY(name, selects, rest)                                                                \
    "{kind: NetworkPolicy, metadata: {name: " name ", namespace: shop}, spec: {podSelector:\n"     \
    " {matchLabels: {app: " selects "}}, " rest "}}\n---\n"
#define DNS_OPEN "{ports: [{protocol: UDP, port: 53}]}"

struct cluster_scene {
    struct clock clock;
    struct store *store;
    struct chain chain;
    const struct pod *pod;
};

/* Reads the cluster and follows what pod a waits for. */
static void
scene_read(struct cluster_scene *c, const char *yaml)
{
    struct pod_ref ref;
    c->clock = clock_manual(1000, NOW_MS);
    c->store = store_new(&c->clock);
    struct source_sink sink = store_sink(c->store);
    manifest_load(&sink, CHAIN_KINDS, yaml);
    assert_true(store_find(c->store, "shop", "a", &ref));
    c->pod = store_get(c->store, ref);
    assert_true(chain_of(c->store, c->pod, &c->pod->containers[0], NOW_MS, &c->chain));
}

static void
expect_fault(struct cluster_scene *c, const char *id, const char *verdict, const char *says)
{
    char cause[200];
    struct finding found[4];
    const struct diag_env env = {.pod = c->pod, .store = c->store, .now_wall_ms = NOW_MS};
    chain_cause(&c->chain, cause, sizeof(cause));
    if (strcmp(chain_fault(&c->chain), id) != 0 || !strstr(cause, says))
        fail_msg("%s: %s", chain_fault(&c->chain), cause);
    assert_string_equal(chain_verdict(&c->chain, c->pod, NOW_MS), verdict);
    assert_true(diag_run(&env, found, IW_COUNTOF(found)) >= 1);
    assert_string_equal(found[0].id, id);
    assert_string_equal(found[0].cause, cause);
    store_free(c->store);
}

static void
chain__is_broken_by_an_egress_policy(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") READY("b") SERVICE("b") SLICE("b", "true")
                       POLICY("tight", "a",
                              "policyTypes: [Egress], egress: [" DNS_OPEN
                              ", {to: [{podSelector: {matchLabels: {app: other}}}]}]"));
    expect_fault(&c, "IW-D06", "policy", "tight does not let egress of this pod through");
}

static void
chain__is_broken_by_an_ingress_policy_for_another_port(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") READY("b") SERVICE("b") SLICE("b", "true")
                       POLICY("in", "b",
                              "ingress: [{from: [{podSelector: {}}], ports: [{port: "
                              "9999}]}]"));
    expect_fault(&c, "IW-D06", "policy", "in does not let ingress of the backend through");
}

static void
chain__is_broken_when_names_cannot_be_asked_for(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") READY("b") SERVICE("b") SLICE("b", "true")
                       POLICY("no-dns", "a",
                              "policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: "
                              "[{port: web}]}]"));
    expect_fault(&c, "IW-D06", "policy", "no-dns does not let DNS (port 53) through");
}

static void
chain__passes_through_policies_that_allow_it(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") READY("b") SERVICE("b") SLICE("b", "true")
                       POLICY("out", "a",
                              "policyTypes: [Egress], egress: [" DNS_OPEN
                              ", {to: [{ipBlock: {cidr: 10.1.0.0/24, except: [10.1.0.9/32]}}]}]")
                           POLICY("in", "b",
                                  "ingress: [{from: [{namespaceSelector: {matchLabels: "
                                  "{kubernetes.io/metadata.name: shop}}, podSelector: "
                                  "{matchLabels: {app: a}}}], ports: [{port: 8000, endPort: "
                                  "8100}]}]"));
    assert_true(c.chain.passes);
    assert_string_equal(chain_verdict(&c.chain, c.pod, NOW_MS), "would pass");
    store_free(c.store);
}

static void
chain__cannot_tell_about_labels_of_namespaces(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") READY("b") SERVICE("b") SLICE("b", "true")
                       POLICY("in", "b",
                              "ingress: [{from: [{namespaceSelector: {matchLabels: {team: "
                              "pay}}}]}]"));
    assert_false(c.chain.passes);
    assert_null(chain_root(&c.chain));
    assert_string_equal(chain_verdict(&c.chain, c.pod, NOW_MS), "waiting");
    store_free(c.store);
}

static void
chain__ends_in_the_circle_of_pods_that_wait_for_each_other(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 80") WAITER("b", "c 80") WAITER("c", "a 80") SERVICE("a")
                       SERVICE("b") SERVICE("c"));
    expect_fault(&c, "IW-D07", "cycle", "they wait for each other: a → b → c → a");
}

static void
chain__ends_in_the_pod_itself(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "a 80") SERVICE("a"));
    expect_fault(&c, "IW-D08", "self", "it waits for itself");
}

static void
wait_cycle__is_none_when_another_pod_is_ready(void **state)
{
    (void)state;
    struct cluster_scene c;
    char way[100];
    scene_read(&c,
               WAITER("a", "b 80") WAITER("b", "a 80") SERVICE("a") SERVICE(
                   "b") "{kind: Pod, metadata: {name: b2, namespace: shop, uid: b2, labels: {app: "
                        "b}}, spec: {containers: [{name: app, image: x}]}, status: {phase: "
                        "Running, conditions: [{type: Ready, status: \"True\"}]}}\n---\n" SLICE(
                            "b", "true"));
    assert_false(wait_cycle_of(c.store, c.pod, NOW_MS, way, sizeof(way)));
    assert_true(c.chain.passes);
    store_free(c.store);
}

static void
chain__names_a_wrong_port_and_a_selector_that_matches_nothing(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(&c, WAITER("a", "b 8080") READY("b") SERVICE("b") SLICE("b", "true"));
    expect_fault(&c, "IW-D02", "no port", "the Service has no port 8080; it has 80");
    scene_read(&c, WAITER("a", "b 80") READY("other") SERVICE("b"));
    expect_fault(&c, "IW-D04", "no endpoints", "no pod here has app=b");
}

static void
chain__claims_nothing_about_pods_of_a_namespace_that_is_not_watched(void **state)
{
    (void)state;
    struct cluster_scene c;
    scene_read(
        &c,
        WAITER("a", "db.data.svc 5432") "{kind: Service, metadata: {name: db, namespace: data}, "
                                        "spec: {clusterIP: "
                                        "10.9.0.2, selector: {app: db}, ports: [{port: 5432}]}}\n");
    expect_fault(&c, "IW-D03", "no endpoints", "pods of namespace data are not watched here");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain__is_broken_by_an_egress_policy),
        cmocka_unit_test(chain__is_broken_by_an_ingress_policy_for_another_port),
        cmocka_unit_test(chain__is_broken_when_names_cannot_be_asked_for),
        cmocka_unit_test(chain__passes_through_policies_that_allow_it),
        cmocka_unit_test(chain__cannot_tell_about_labels_of_namespaces),
        cmocka_unit_test(chain__ends_in_the_circle_of_pods_that_wait_for_each_other),
        cmocka_unit_test(chain__ends_in_the_pod_itself),
        cmocka_unit_test(wait_cycle__is_none_when_another_pod_is_ready),
        cmocka_unit_test(chain__claims_nothing_about_pods_of_a_namespace_that_is_not_watched),
        cmocka_unit_test(chain__names_a_wrong_port_and_a_selector_that_matches_nothing),
    };
    return cmocka_run_group_tests_name("chain_scenes", tests, NULL, NULL);
}
