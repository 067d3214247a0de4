/* Many pods: what is shared between them, what is spread over time, and that nothing is forgotten.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include "../../../src/demo/sim_control.h"
#include "initwatch/demo/objects.h"

static const char crowd[] =
    "kind: Deployment\nmetadata: {name: crowd}\nspec:\n  replicas: 80\n"
    "  selector: {matchLabels: {app: crowd}}\n  template:\n    metadata: {labels: {app: crowd}}\n"
    "    spec:\n      initContainers:\n"
    "      - {name: init, image: busybox, command: [sleep, '2']}\n"
    "      - {name: proxy, image: busybox, restartPolicy: Always, startupProbe: {tcpSocket: {port: "
    "80}, periodSeconds: 1}, command: [sh, -c, \"trap 'exit 0' TERM; while true; do sleep 1; "
    "done\"]}\n"
    "      containers:\n"
    "      - {name: app, image: busybox, readinessProbe: {tcpSocket: {port: 80}, periodSeconds: "
    "5}, command: [sh, -c, 'sleep 10; exit 1']}\n"
    "---\nkind: Service\nmetadata: {name: crowd}\nspec: {selector: {app: crowd}, ports: [{port: "
    "80}]}\n";

static void
deployment__of_many_comes_up_at_the_pace_of_a_real_controller(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->pod = "none";
    rig_apply(rig, crowd);
    rig_run(rig, 1);
    assert_in_range(rig->sim->pods.len, SIM_CONTROLLER_BURST,
                    SIM_CONTROLLER_BURST + SIM_CONTROLLER_QPS);
    rig_run(rig, 20);
    assert_int_equal(rig->sim->pods.len, 80);
    rig_free(rig);
}

static void
queue__knows_of_every_pod_when_it_is_due(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->pod = "none";
    rig_apply(rig, crowd);
    for (int64_t t_ms = 500; t_ms <= 40000; t_ms += 500) {
        for (unsigned turns = 0; !sim_run_some(rig->sim, t_ms, 7); turns++) {
            assert_true(sim_queue_is_sound(rig->sim));
            assert_true(turns < 100000);
        }
        const struct sim_pod *some = rig->sim->pods.items[t_ms / 500 % rig->sim->pods.len];
        iw_autofree char *name = iw_strdup(some->name);
        struct sim_tinker hang = {.kind = SIM_TINKER_HANG};
        if (t_ms % 3000 == 0)
            assert_true(sim_delete_pod(rig->sim, "shop", name, -1));
        else if (t_ms % 4000 == 0)
            (void)sim_lose_sandbox(rig->sim, "shop", name);
        else if (t_ms % 5000 == 0)
            assert_int_equal(sim_tinker(rig->sim, "shop", name, "app", &hang, NULL), IW_OK);
        assert_true(sim_queue_is_sound(rig->sim));
    }
    rig_free(rig);
}

static void
pods__of_one_template_share_their_spec(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->pod = "none";
    rig_apply(rig, crowd);
    rig_run(rig, 30);
    const struct sim_pod *first = rig->sim->pods.items[0];
    for (size_t i = 0; i < rig->sim->pods.len; i++) {
        const struct sim_pod *pod = rig->sim->pods.items[i];
        assert_ptr_equal(pod->shape, first->shape);
        if (pod->node == first->node)
            assert_ptr_equal(json_object_get(pod->object, "spec"),
                             json_object_get(first->object, "spec"));
    }
    rig_free(rig);
}

/* One place is left on each node: three pods take them, the fourth waits until one has gone. */
static void
nodes__take_as_many_pods_as_a_kubelet_does(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->pod = "late";
    for (int node = 0; node < SIM_NODES; node++)
        rig->sim->load[node].pods = SIM_NODE_PODS - 1;
    rig_apply(rig, "kind: Deployment\nmetadata: {name: crowd}\nspec:\n  replicas: 3\n"
                   "  selector: {matchLabels: {app: crowd}}\n  template:\n"
                   "    metadata: {labels: {app: crowd}}\n"
                   "    spec:\n      containers: [{name: app, image: b}]\n");
    rig_run(rig, 10);
    rig_apply(rig, "kind: Pod\nmetadata: {name: late}\n"
                   "spec:\n  containers: [{name: app, image: b}]\n");
    rig_run(rig, 20);
    assert_string_equal(rig->seen, "0/1 Pending");
    assert_non_null(strstr(rig->events,
                           "Warning FailedScheduling - 0/4 nodes are available: 1 node(s) had "
                           "untolerated taint(s), 3 Too many pods. preemption: "));
    rig->sim->load[1].pods--;
    rig_run(rig, 40);
    assert_non_null(strstr(rig->seen, "1/1 Running"));
    rig_free(rig);
}

/* What a store of the same objects answers: the text of jansson, whatever is kept in pieces. */
static void
objects__are_written_as_jansson_writes_them(void **state)
{
    (void)state;
    static const char text[] =
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\",\"uid\":\"u\",\"labels\":{\"x\":"
        "\"1\"},"
        "\"resourceVersion\":\"1001\"},\"spec\":{\"nodeName\":\"n\",\"containers\":[]},"
        "\"status\":{\"a\":\"\\\"\\\\\\n\\u0001\u00e9\",\"b\":[1,-2,0.5,true,false,null,{}]}}";
    struct objects *store = demo_store_new();
    json_t *object = json_loads(text, 0, NULL);
    json_t *again = json_copy(object);
    json_object_set_new(again, "metadata",
                        json_pack("{s:s,s:s}", "name", "b", "namespace", "shop"));
    objects_put(store, DEMO_KIND_POD, object);
    objects_put(store, DEMO_KIND_POD, again);
    struct strbuf out;
    strbuf_init(&out, 0);
    objects_render(demo_store_find(store, DEMO_KIND_POD, "shop", "a"), DEMO_KIND_POD, false, &out);
    assert_string_equal(out.data, text);
    strbuf_clear(&out);
    objects_gone(store, DEMO_KIND_POD, "shop", "b");
    objects_gone(store, DEMO_KIND_POD, "shop", "a");
    const struct objects_entry *last = &store->history[(store->history_next - 1) % STORE_HISTORY];
    objects_render(last->now, DEMO_KIND_POD, false, &out);
    assert_non_null(strstr(out.data, "\"resourceVersion\":\"1004\""));
    assert_non_null(strstr(out.data, "\"spec\":{\"nodeName\":\"n\",\"containers\":[]}"));
    assert_string_equal(objects_field(last->now, DEMO_KIND_POD, "spec.nodeName"), "n");
    strbuf_free(&out);
    demo_store_free(store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deployment__of_many_comes_up_at_the_pace_of_a_real_controller),
        cmocka_unit_test(nodes__take_as_many_pods_as_a_kubelet_does),
        cmocka_unit_test(queue__knows_of_every_pod_when_it_is_due),
        cmocka_unit_test(pods__of_one_template_share_their_spec),
        cmocka_unit_test(objects__are_written_as_jansson_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
