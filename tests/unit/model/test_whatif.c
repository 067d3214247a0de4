/* Edited requests, the edits that would help, and where a pod fits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "initwatch/model/nodefit.h"
#include "initwatch/model/whatif.h"
#include "object_make.h"

static const struct resource_item CERTS[] = {{"cpu", "50m"}, {"memory", "32Mi"}};
static const struct resource_item PROXY[] = {{"cpu", "100m"}, {"memory", "128Mi"}};
static const struct resource_item MIGRATE[] = {{"cpu", "300m"}, {"memory", "256Mi"}};
static const struct resource_item APP[] = {{"cpu", "220m"}, {"memory", "288Mi"}};

/* i1 50m, s1 100m, i2 300m, a1 220m: i2 decides 400m, steady is 320m. */
static struct pod *
make_checkout(void)
{
    struct pod_make m;
    make_pod(&m, "checkout");
    make_container(&m, LIST_INIT, "fetch-certs")->requests = (struct resource_list){CERTS, 2, true};
    make_sidecar(&m, "istio-proxy")->requests = (struct resource_list){PROXY, 2, true};
    make_container(&m, LIST_INIT, "db-migrate")->requests =
        (struct resource_list){MIGRATE, 2, true};
    make_container(&m, LIST_APP, "checkout")->requests = (struct resource_list){APP, 2, true};
    return pod_seal(&m.pod);
}

static void
assert_request(const struct pod *pod, const char *name, const char *expected)
{
    struct resource_options options = {0};
    struct resource_amounts amounts = {0};
    char text[QUANTITY_OUT_MAX];
    resources_effective(pod, RESOURCE_REQUESTS, &options, &amounts, NULL);
    quantity_format(resource_amount_of(&amounts, name), text, sizeof(text));
    assert_string_equal(text, expected);
    resource_amounts_free(&amounts);
}

static void
whatif_apply__changes_the_copy_and_not_the_pod(void **state)
{
    struct pod *pod = make_checkout();
    struct whatif w = {0};
    (void)state;
    assert_int_equal(whatif_parse(&w, pod, "i2 cpu=220m mem=1Gi", NULL), IW_OK);
    assert_int_equal(w.count, 2);
    struct pod *edited = whatif_apply(pod, &w);
    assert_request(edited, "cpu", "320m");
    assert_request(edited, "memory", "1152Mi");
    assert_request(pod, "cpu", "400m");
    pod_free(edited);
    assert_true(whatif_undo(&w));
    edited = whatif_apply(pod, &w);
    assert_request(edited, "memory", "416Mi");
    pod_free(edited);
    pod_free(pod);
}

static void
whatif_set__replaces_an_edit_of_the_same_amount(void **state)
{
    struct pod *pod = make_checkout();
    struct whatif w = {0};
    (void)state;
    assert_int_equal(whatif_parse(&w, pod, "db-migrate cpu=1", NULL), IW_OK);
    assert_int_equal(whatif_parse(&w, pod, "i2 cpu=2 limits.cpu=3", NULL), IW_OK);
    assert_int_equal(w.count, 2);
    struct pod *edited = whatif_apply(pod, &w);
    assert_request(edited, "cpu", "2100m");
    pod_free(edited);
    pod_free(pod);
}

static void
whatif_parse__refuses_what_is_no_edit(void **state)
{
    struct pod *pod = make_checkout();
    struct whatif w = {0};
    struct iw_error err = {0};
    (void)state;
    assert_int_not_equal(whatif_parse(&w, pod, "i9 cpu=1", &err), IW_OK);
    assert_string_equal(err.msg, "there is no container i9");
    assert_int_not_equal(whatif_parse(&w, pod, "i2 cpu=much", &err), IW_OK);
    assert_int_not_equal(whatif_parse(&w, pod, "i2 cpu=-1", &err), IW_OK);
    assert_int_not_equal(whatif_parse(&w, pod, "i2 cpu", &err), IW_OK);
    assert_int_not_equal(whatif_parse(&w, pod, "i2", &err), IW_OK);
    assert_int_equal(w.count, 0);
    pod_free(pod);
}

static void
whatif_apply__can_remove_an_entry_and_move_an_init(void **state)
{
    struct pod *pod = make_checkout();
    struct whatif w = {0};
    (void)state;
    assert_int_equal(whatif_parse(&w, pod, "i2 cpu=", NULL), IW_OK);
    struct pod *edited = whatif_apply(pod, &w);
    assert_request(edited, "cpu", "320m");
    pod_free(edited);
    struct whatif_edit move = {.container = "db-migrate", .move = true};
    w.count = 0;
    assert_int_equal(whatif_set(&w, &move, NULL), IW_OK);
    edited = whatif_apply(pod, &w);
    assert_string_equal(edited->containers[0].name, "db-migrate");
    assert_string_equal(edited->containers[0].tag, "i1");
    assert_request(edited, "cpu", "320m");
    pod_free(edited);
    pod_free(pod);
}

static void
whatif_hints__lower_the_decider_to_what_the_others_need(void **state)
{
    struct pod *pod = make_checkout();
    struct whatif_hint hints[WHATIF_HINTS_MAX];
    (void)state;
    assert_int_equal(whatif_hints(pod, "cpu", hints, WHATIF_HINTS_MAX), 3);
    assert_string_equal(hints[0].edit.container, "db-migrate");
    assert_string_equal(hints[0].edit.text, "220m");
    assert_true(hints[0].changes);
    assert_int_equal(quantity_milli(&hints[0].effective), 320);
    assert_string_equal(hints[1].edit.container, "istio-proxy");
    assert_string_equal(hints[1].edit.text, "50m");
    assert_int_equal(quantity_milli(&hints[1].effective), 350);
    assert_true(hints[2].edit.move);
    assert_int_equal(quantity_milli(&hints[2].effective), 320);
    /* the running containers decide about memory: no init to blame */
    assert_int_equal(whatif_hints(pod, "memory", hints, WHATIF_HINTS_MAX), 0);
    pod_free(pod);
}

static void
whatif_step__goes_by_amounts_that_people_write(void **state)
{
    char out[40];
    (void)state;
    whatif_step("250m", "cpu", true, out);
    assert_string_equal(out, "300m");
    whatif_step("250m", "cpu", false, out);
    assert_string_equal(out, "200m");
    whatif_step("", "cpu", true, out);
    assert_string_equal(out, "10m");
    whatif_step("10m", "cpu", false, out);
    assert_string_equal(out, "0m");
    whatif_step("256Mi", "memory", true, out);
    assert_string_equal(out, "512Mi");
    whatif_step("300Mi", "memory", false, out);
    assert_string_equal(out, "256Mi");
    whatif_step("512Mi", "memory", true, out);
    assert_string_equal(out, "1Gi");
    whatif_step("1", "example.com/gpu", true, out);
    assert_string_equal(out, "2");
    whatif_step("no amount", "cpu", true, out);
    assert_string_equal(out, "10m");
}

static void
node_fits__says_what_is_missing_where(void **state)
{
    struct clock clock = clock_manual(1000, T0);
    struct store *store = store_new(&clock);
    struct source_sink sink = store_sink(store);
    struct node_fit fits[8];
    struct pod *pod = make_checkout();
    (void)state;
    add_nodes(&sink);
    sink.upsert(sink.ctx, make_checkout()); /* itself, on worker-1: does not count */
    assert_int_equal(node_fits(store, pod, true, fits, 8), 4);
    assert_string_equal(fits[0].load.name, "control-plane");
    assert_int_equal(fits[0].verdict, NODE_TAINTED);
    assert_int_equal(fits[1].verdict, NODE_FITS);
    assert_true(fits[1].here);
    assert_int_equal(fits[1].load.pods, 0);
    assert_int_equal(fits[2].verdict, NODE_TOO_SMALL);
    assert_int_equal(fits[2].short_of, NODE_CPU);
    assert_string_equal(fits[2].why, "cpu: 90m missing");
    assert_int_equal(fits[3].verdict, NODE_REFUSES);
    assert_string_equal(fits[3].why, "cordoned");
    assert_false(fits[0].load.partial);
    /* a node that goes is not looked at any more */
    sink.object_removed(sink.ctx, KOBJECT_NODE, "", "worker-1");
    node_fits_judge(store, pod, fits, 4);
    assert_string_equal(fits[1].why, "gone");
    assert_int_equal(fits[2].verdict, NODE_TOO_SMALL);
    pod_free(pod);
    store_free(store);
}

static void
pod_tolerates__follows_the_scheduler(void **state)
{
    static const struct {
        struct pod_toleration toleration;
        struct node_taint taint;
        bool tolerated;
    } cases[] = {
        {{"a", "Equal", "1", "NoSchedule", -1}, {"a", "1", "NoSchedule"}, true},
        {{"a", "", "1", "NoSchedule", -1}, {"a", "1", "NoSchedule"}, true},
        {{"a", "Equal", "2", "NoSchedule", -1}, {"a", "1", "NoSchedule"}, false},
        {{"a", "Exists", "", "", -1}, {"a", "1", "NoExecute"}, true},
        {{"a", "Exists", "", "NoSchedule", -1}, {"a", "1", "NoExecute"}, false},
        {{"", "Exists", "", "", -1}, {"anything", "x", "NoSchedule"}, true},
        {{"b", "Exists", "", "", -1}, {"a", "1", "NoSchedule"}, false},
        {{"a", "Near", "1", "", -1}, {"a", "1", "NoSchedule"}, false},
        {{"a", "Gt", "100", "", -1}, {"a", "200", "NoSchedule"}, true},
        {{"a", "Gt", "100", "", -1}, {"a", "100", "NoSchedule"}, false},
        {{"a", "Lt", "-1", "", -1}, {"a", "-2", "NoSchedule"}, true},
        {{"a", "Lt", "100", "", -1}, {"a", "007", "NoSchedule"}, false},
        {{"a", "Lt", "100", "", -1}, {"a", "", "NoSchedule"}, false},
        {{"a", "Lt", "1", "", -1}, {"a", "-0", "NoSchedule"}, false},
    };
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        const struct pod pod = {.tolerations = &cases[i].toleration, .toleration_count = 1};
        if (pod_tolerates(&pod, &cases[i].taint) != cases[i].tolerated)
            fail_msg("case %zu", i);
    }
}

static void
judge_with(struct store *store, struct pod_make *m, struct node_fit *fits)
{
    struct pod *pod = pod_seal(&m->pod);
    assert_int_equal(node_fits(store, pod, true, fits, 8), 4);
    pod_free(pod);
}

static void
node_fits__judges_taints_and_selectors_as_the_scheduler_does(void **state)
{
    static const struct pod_toleration control = {"node-role.kubernetes.io/control-plane", "Exists",
                                                  "", "NoSchedule", -1};
    static const struct pod_toleration daemon[] = {
        {"node.kubernetes.io/unschedulable", "Exists", "", "NoSchedule", -1}};
    static const struct pod_label ssd = {"disk", "ssd"};
    struct clock clock = clock_manual(1000, T0);
    struct store *store = store_new(&clock);
    struct source_sink sink = store_sink(store);
    struct node_fit fits[8];
    struct pod_make m;
    (void)state;
    add_nodes(&sink);
    make_pod(&m, "agent");
    make_container(&m, LIST_APP, "app");
    m.pod.tolerations = &control;
    m.pod.toleration_count = 1;
    judge_with(store, &m, fits);
    assert_int_equal(fits[0].verdict, NODE_FITS); /* the control plane */
    assert_int_equal(fits[3].verdict, NODE_REFUSES);
    m.pod.tolerations = daemon;
    judge_with(store, &m, fits);
    assert_int_equal(fits[0].verdict, NODE_TAINTED);
    assert_int_equal(fits[3].verdict, NODE_FITS); /* cordoned */
    m.pod.node_affinity = true;
    judge_with(store, &m, fits);
    assert_int_equal(fits[1].verdict, NODE_UNSURE);
    m.pod.node_selector = &ssd;
    m.pod.node_selector_count = 1;
    judge_with(store, &m, fits);
    assert_int_equal(fits[1].verdict, NODE_REFUSES);
    assert_string_equal(fits[1].why, "no label disk=ssd");
    store_free(store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatif_apply__changes_the_copy_and_not_the_pod),
        cmocka_unit_test(whatif_set__replaces_an_edit_of_the_same_amount),
        cmocka_unit_test(whatif_parse__refuses_what_is_no_edit),
        cmocka_unit_test(whatif_apply__can_remove_an_entry_and_move_an_init),
        cmocka_unit_test(whatif_hints__lower_the_decider_to_what_the_others_need),
        cmocka_unit_test(whatif_step__goes_by_amounts_that_people_write),
        cmocka_unit_test(node_fits__says_what_is_missing_where),
        cmocka_unit_test(pod_tolerates__follows_the_scheduler),
        cmocka_unit_test(node_fits__judges_taints_and_selectors_as_the_scheduler_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
