/* The working behind effective resources, on pods made by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/resources.h"

#define ITEMS(...)                                                                                 \
    ((struct resource_list){.items = (const struct resource_item[]){__VA_ARGS__},                  \
                            .count = sizeof((const struct resource_item[]){__VA_ARGS__}) /         \
                                     sizeof(struct resource_item),                                 \
                            .present = true})

static struct container
asks(const char *name, enum container_kind kind, const struct resource_list requests)
{
    struct container c = {.name = name, .kind = kind, .requests = requests};
    c.list = kind == CONTAINER_APP ? LIST_APP : LIST_INIT;
    return c;
}

static struct pod
pod_of(const struct container *containers, uint32_t inits, uint32_t apps)
{
    return (struct pod){.containers = containers,
                        .container_count = inits + apps,
                        .init_count = inits,
                        .app_count = apps,
                        .qos_class = ""};
}

static void
assert_quantity(const struct quantity *q, const char *expected)
{
    char text[QUANTITY_OUT_MAX];
    quantity_format(q, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void
resources_breakdown__names_the_init_that_decides_behind_a_sidecar(void **state)
{
    (void)state;
    const struct container list[] = {
        asks("fetch-certs", CONTAINER_INIT, ITEMS({"cpu", "50m"})),
        asks("istio-proxy", CONTAINER_SIDECAR, ITEMS({"cpu", "100m"})),
        asks("db-migrate", CONTAINER_INIT, ITEMS({"cpu", "300m"})),
        asks("checkout", CONTAINER_APP, ITEMS({"cpu", "200m"})),
        asks("metrics", CONTAINER_APP, ITEMS({"cpu", "20m"})),
    };
    struct pod pod = pod_of(list, 3, 2);
    struct resource_breakdown b;
    resources_breakdown(&pod, RESOURCE_REQUESTS, "cpu", NULL, &b);
    assert_int_equal(b.decided_by, DECIDED_BY_INIT);
    assert_string_equal(b.decider->name, "db-migrate");
    assert_int_equal(b.stage_count, 4);
    assert_quantity(&b.stages[0].sum, "50m");
    assert_quantity(&b.stages[1].sum, "100m");
    assert_true(b.stages[1].sidecar);
    assert_quantity(&b.stages[2].sidecars_before, "100m");
    assert_quantity(&b.stages[2].sum, "400m");
    assert_true(b.stages[2].decides);
    assert_null(b.stages[3].container);
    assert_quantity(&b.stages[3].sum, "320m");
    assert_quantity(&b.effective, "400m");
    assert_quantity(&b.waste, "80m");
    assert_quantity(&b.simple_formula, "300m");
    assert_true(b.simple_differs);
    resource_breakdown_free(&b);
}

static void
resources_breakdown__agrees_with_the_simple_formula_without_sidecars(void **state)
{
    (void)state;
    const struct container list[] = {
        asks("init-1", CONTAINER_INIT, ITEMS({"memory", "256Mi"})),
        asks("app-1", CONTAINER_APP, ITEMS({"memory", "64Mi"})),
        asks("app-2", CONTAINER_APP, ITEMS({"memory", "64Mi"})),
    };
    struct pod pod = pod_of(list, 1, 2);
    struct resource_breakdown b;
    resources_breakdown(&pod, RESOURCE_REQUESTS, "memory", NULL, &b);
    assert_quantity(&b.effective, "256Mi");
    assert_quantity(&b.waste, "128Mi");
    assert_false(b.simple_differs);
    resource_breakdown_free(&b);
}

static void
resources_breakdown__lets_the_running_containers_win_a_tie(void **state)
{
    (void)state;
    const struct container list[] = {
        asks("init", CONTAINER_INIT, ITEMS({"cpu", "1000m"})),
        asks("app", CONTAINER_APP, ITEMS({"cpu", "1"})),
    };
    struct pod pod = pod_of(list, 1, 1);
    struct resource_breakdown b;
    resources_breakdown(&pod, RESOURCE_REQUESTS, "cpu", NULL, &b);
    assert_int_equal(b.decided_by, DECIDED_BY_STEADY);
    assert_true(b.stages[1].decides);
    assert_true(quantity_is_zero(&b.waste));
    resource_breakdown_free(&b);
}

static void
resources_breakdown__reports_a_name_nobody_mentions_as_absent(void **state)
{
    (void)state;
    const struct container list[] = {asks("app", CONTAINER_APP, ITEMS({"cpu", "1"}))};
    struct pod pod = pod_of(list, 0, 1);
    struct resource_breakdown b;
    resources_breakdown(&pod, RESOURCE_REQUESTS, "memory", NULL, &b);
    assert_false(b.present);
    assert_int_equal(b.decided_by, DECIDED_BY_NONE);
    assert_false(b.simple_differs);
    resource_breakdown_free(&b);
}

static void
resources_breakdown__lets_the_pod_level_replace_the_sum(void **state)
{
    (void)state;
    const struct container list[] = {asks("app", CONTAINER_APP, ITEMS({"cpu", "1"}))};
    struct pod pod = pod_of(list, 0, 1);
    pod.pod_resources_present = true;
    pod.pod_requests = ITEMS({"cpu", "3"});
    pod.overhead = ITEMS({"cpu", "250m"});
    struct resource_breakdown b;
    resources_breakdown(&pod, RESOURCE_REQUESTS, "cpu", NULL, &b);
    assert_int_equal(b.decided_by, DECIDED_BY_POD_LEVEL);
    assert_quantity(&b.effective, "3250m");
    assert_quantity(&b.waste, "2");
    resource_breakdown_free(&b);
}

static void
resources_effective__leaves_out_and_counts_what_is_no_quantity(void **state)
{
    (void)state;
    const struct container list[] = {
        asks("app", CONTAINER_APP, ITEMS({"cpu", "lots"}, {"memory", "1Gi"}))};
    struct pod pod = pod_of(list, 0, 1);
    struct resource_amounts amounts;
    unsigned bad = 0;
    resources_effective(&pod, RESOURCE_REQUESTS, NULL, &amounts, &bad);
    assert_int_equal(amounts.count, 1);
    assert_int_equal(bad, 1);
    assert_quantity(resource_amount_of(&amounts, "memory"), "1Gi");
    assert_null(resource_amount_of(&amounts, "cpu"));
    resource_amounts_free(&amounts);
}

static void
resources_names__puts_cpu_and_memory_first(void **state)
{
    (void)state;
    const struct container list[] = {
        asks("app", CONTAINER_APP, ITEMS({"example.com/a", "1"}, {"memory", "1"}, {"cpu", "1"}))};
    struct pod pod = pod_of(list, 0, 1);
    size_t count = 0;
    const char **names = resources_names(&pod, &count);
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "cpu");
    assert_string_equal(names[1], "memory");
    assert_string_equal(names[2], "example.com/a");
    free(names);
}

static void
resources_names__stops_at_its_ceiling(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static char texts[MANY][24];
    static struct resource_item items[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof(texts[i]), "x.io/%d", i);
        items[i] = (struct resource_item){texts[i], "1"};
    }
    const struct container list[] = {
        asks("app", CONTAINER_APP, (struct resource_list){items, MANY, true})};
    struct pod pod = pod_of(list, 0, 1);
    size_t count = 0;
    free(resources_names(&pod, &count));
    assert_int_equal(count, RESOURCE_NAMES_MAX);
}

static void
resources_qos__names_the_init_container_that_spoils_it(void **state)
{
    (void)state;
    struct container list[] = {
        asks("migrate", CONTAINER_INIT, ITEMS({"cpu", "1"}, {"memory", "1Gi"})),
        asks("app", CONTAINER_APP, ITEMS({"cpu", "1"}, {"memory", "1Gi"})),
    };
    list[0].limits = ITEMS({"cpu", "1"});
    list[1].limits = list[1].requests;
    struct pod pod = pod_of(list, 1, 1);
    char why[160];
    assert_string_equal(resources_qos(&pod, why, sizeof(why)), "Burstable");
    assert_string_equal(why, "migrate has no memory limit");
    list[0].limits = list[0].requests;
    assert_string_equal(resources_qos(&pod, why, sizeof(why)), "Guaranteed");
    assert_string_equal(why, "");
    list[1].limits = ITEMS({"cpu", "2"}, {"memory", "1Gi"});
    assert_string_equal(resources_qos(&pod, why, sizeof(why)), "Burstable");
    assert_string_equal(why, "app: cpu request 1 is not the limit 2");
}

static void
resources_describe_percent__divides_by_zero_as_kubectl_does(void **state)
{
    (void)state;
    struct quantity zero = {0};
    struct quantity one = quantity_of(1, QUANTITY_DECIMAL_SI);
    assert_true(resources_describe_percent("cpu", &one, &zero, false) == INT64_MIN);
    assert_int_equal(resources_describe_percent("cpu", &one, &zero, true), 0);
    assert_int_equal(resources_describe_percent("memory", &one, &one, false), 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources_breakdown__names_the_init_that_decides_behind_a_sidecar),
        cmocka_unit_test(resources_breakdown__agrees_with_the_simple_formula_without_sidecars),
        cmocka_unit_test(resources_breakdown__lets_the_running_containers_win_a_tie),
        cmocka_unit_test(resources_breakdown__reports_a_name_nobody_mentions_as_absent),
        cmocka_unit_test(resources_breakdown__lets_the_pod_level_replace_the_sum),
        cmocka_unit_test(resources_effective__leaves_out_and_counts_what_is_no_quantity),
        cmocka_unit_test(resources_names__puts_cpu_and_memory_first),
        cmocka_unit_test(resources_names__stops_at_its_ceiling),
        cmocka_unit_test(resources_qos__names_the_init_container_that_spoils_it),
        cmocka_unit_test(resources_describe_percent__divides_by_zero_as_kubectl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
