/* How long the rest of a start-up takes, by the other pods of the workload.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/forecast.h"
#include "pod_make.h"

struct world {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
};

static void
world_open(struct world *w)
{
    w->clock = clock_manual(0, T0 + SECONDS(1000));
    w->store = store_new(&w->clock);
    w->sink = store_sink(w->store);
    w->sink.list_begin(w->sink.ctx, STREAM_PODS, "");
}

static void
make_checkout(struct pod_make *m, const char *name)
{
    make_pod(m, name);
    m->pod.owner_kind = "StatefulSet";
    m->pod.owner_name = "checkout";
    make_container(m, LIST_INIT, "fetch");
    make_sidecar(m, "proxy");
    make_container(m, LIST_APP, "app");
    make_condition(m, "PodScheduled", "True", T0);
}

/* fetch runs for `fetch_s`, then proxy and app start, Ready comes `ready_s` after the end of fetch. */
static struct pod *
ready_pod(const char *name, int fetch_s, int ready_s, int32_t restarts)
{
    struct pod_make m;
    make_checkout(&m, name);
    make_ended(&m, LIST_INIT, "fetch", make_end(0, "Completed", T0 + 1000, T0 + SECONDS(fetch_s)));
    make_running(&m, LIST_INIT, "proxy", T0 + SECONDS(fetch_s + 1));
    make_running(&m, LIST_APP, "app", T0 + SECONDS(fetch_s + 2))->restart_count = restarts;
    make_condition(&m, "Ready", "True", T0 + SECONDS(fetch_s + ready_s));
    return pod_seal(&m.pod);
}

static void
add_ready(struct world *w, const char *name, int fetch_s, int ready_s, int32_t restarts)
{
    w->sink.upsert(w->sink.ctx, ready_pod(name, fetch_s, ready_s, restarts));
}

static struct pod_ref
add_waiting(struct world *w, const char *name)
{
    struct pod_make m;
    struct pod_ref ref = {0};
    make_checkout(&m, name);
    make_running(&m, LIST_INIT, "fetch", T0 + SECONDS(1));
    w->sink.upsert(w->sink.ctx, pod_seal(&m.pod));
    assert_true(store_find(w->store, "shop", name, &ref));
    return ref;
}

static bool
forecast(struct world *w, struct pod_ref ref, const char *container, struct forecast *out)
{
    const struct pod *pod = store_get(w->store, ref);
    return forecast_of(w->store, ref, pod_find_container(pod, container), T0 + SECONDS(5), out);
}

static void
forecast_of__is_the_median_of_pods_that_came_up_at_once(void **state)
{
    struct world w;
    struct forecast f;
    (void)state;
    world_open(&w);
    struct pod_ref ref = add_waiting(&w, "checkout-9");
    assert_false(forecast(&w, ref, "fetch", &f));
    add_ready(&w, "checkout-0", 10, 20, 0);
    add_ready(&w, "checkout-1", 14, 24, 0);
    add_ready(&w, "checkout-2", 90, 28, 0);
    add_ready(&w, "checkout-3", 500, 500, 1); /* came up at the second try */
    assert_true(forecast(&w, ref, "fetch", &f));
    assert_int_equal(f.samples, 3);
    assert_int_equal(f.step_ms, 14000);
    assert_int_equal(f.rest_ms, 24000);
    assert_int_equal(f.elapsed_ms, 5000);
    /* a sidecar lets the next one go when it runs */
    assert_true(forecast(&w, ref, "proxy", &f));
    assert_int_equal(f.step_ms, 1000);
    assert_int_equal(f.rest_ms, 23000);
    assert_int_equal(f.elapsed_ms, IW_TIME_NONE);
    /* an app is done when the pod is Ready; without a container the node is the beginning */
    assert_true(forecast(&w, ref, "app", &f));
    assert_int_equal(f.step_ms, 23000);
    assert_true(forecast_of(w.store, ref, NULL, T0, &f));
    assert_int_equal(f.rest_ms, 38000);
    store_free(w.store);
}

static void
forecast_of__remembers_deleted_pods_and_leaves_out_other_workloads(void **state)
{
    struct world w;
    struct forecast f;
    struct pod_make m;
    (void)state;
    world_open(&w);
    struct pod_ref ref = add_waiting(&w, "checkout-9");
    add_ready(&w, "checkout-0", 10, 20, 0);
    w.sink.remove(w.sink.ctx, ready_pod("checkout-0", 10, 20, 0));
    make_checkout(&m, "billing-0");
    m.pod.owner_name = "checkout-billing";
    make_ended(&m, LIST_INIT, "fetch", make_end(0, "Completed", T0, T0 + SECONDS(3)));
    make_running(&m, LIST_INIT, "proxy", T0 + SECONDS(3));
    make_running(&m, LIST_APP, "app", T0 + SECONDS(3));
    make_condition(&m, "Ready", "True", T0 + SECONDS(3));
    w.sink.upsert(w.sink.ctx, pod_seal(&m.pod));
    assert_true(forecast(&w, ref, "fetch", &f));
    assert_int_equal(f.samples, 1);
    store_free(w.store);
}

/* Ready changed long after the start: the pod had been Ready before. */
static void
forecast_of__does_not_take_a_late_change_of_readiness_for_a_start(void **state)
{
    struct world w;
    struct forecast f;
    (void)state;
    world_open(&w);
    struct pod_ref ref = add_waiting(&w, "checkout-9");
    add_ready(&w, "checkout-0", 10, 86400, 0);
    assert_false(forecast(&w, ref, "fetch", &f));
    store_free(w.store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forecast_of__is_the_median_of_pods_that_came_up_at_once),
        cmocka_unit_test(forecast_of__remembers_deleted_pods_and_leaves_out_other_workloads),
        cmocka_unit_test(forecast_of__does_not_take_a_late_change_of_readiness_for_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
