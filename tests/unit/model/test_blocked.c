/* When pods were blocked: noted as they change, bounded, counted over time.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/strmap.h"
#include "initwatch/model/store.h"
#include "pod_make.h"

struct world {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
};

static void
world_open(struct world *w)
{
    w->clock = clock_manual(0, T0);
    w->store = store_new(&w->clock);
    w->sink = store_sink(w->store);
}

static struct pod *
pod_waiting(const char *name, int64_t since_ms)
{
    struct pod_make m;
    make_pod(&m, name);
    make_container(&m, LIST_INIT, "init");
    make_running(&m, LIST_INIT, "init", since_ms);
    return pod_seal(&m.pod);
}

static struct pod *
pod_well(const char *name)
{
    struct pod_make m;
    make_pod(&m, name);
    m.pod.phase = "Running";
    make_container(&m, LIST_APP, "app");
    struct container_status *s = make_running(&m, LIST_APP, "app", T0);
    s->ready = true;
    return pod_seal(&m.pod);
}

static size_t
spans_of(const struct world *w, struct blocked_span *out, size_t max)
{
    size_t count, kept = 0;
    const struct blocked_span *spans = blocked_ring_spans(store_blocked(w->store), &count);
    for (size_t i = 0; i < count && kept < max; i++)
        if (spans[i].to_ms > spans[i].from_ms)
            out[kept++] = spans[i];
    return kept;
}

static void
blocked__is_noted_when_it_ends(void **state)
{
    (void)state;
    struct world w;
    struct blocked_span spans[4];
    world_open(&w);
    w.sink.upsert(w.sink.ctx, pod_waiting("db", T0));
    clock_advance(&w.clock, SECONDS(300));
    assert_int_equal(spans_of(&w, spans, 4), 0);
    w.sink.upsert(w.sink.ctx, pod_well("db"));
    assert_int_equal(spans_of(&w, spans, 4), 1);
    assert_int_equal(spans[0].from_ms, T0);
    assert_int_equal(spans[0].to_ms, T0 + SECONDS(300));
    store_free(w.store);
}

static void
blocked__is_no_start_that_takes_seconds(void **state)
{
    (void)state;
    struct world w;
    struct blocked_span spans[4];
    world_open(&w);
    w.sink.upsert(w.sink.ctx, pod_waiting("db", T0));
    clock_advance(&w.clock, SECONDS(5));
    w.sink.upsert(w.sink.ctx, pod_well("db"));
    assert_int_equal(spans_of(&w, spans, 4), 0);
    store_free(w.store);
}

static void
blocked__ends_with_the_pod(void **state)
{
    (void)state;
    struct world w;
    struct blocked_span spans[4];
    world_open(&w);
    w.sink.upsert(w.sink.ctx, pod_waiting("db", T0));
    clock_advance(&w.clock, SECONDS(100));
    w.sink.remove(w.sink.ctx, pod_waiting("db", T0));
    assert_int_equal(spans_of(&w, spans, 4), 1);
    assert_int_equal(spans[0].to_ms, T0 + SECONDS(100));
    store_free(w.store);
}

static void
blocked__is_told_again_after_a_step_back(void **state)
{
    (void)state;
    struct world w;
    struct blocked_span spans[4];
    world_open(&w);
    w.sink.upsert(w.sink.ctx, pod_waiting("db", T0));
    w.sink.upsert(w.sink.ctx, pod_waiting("web", T0));
    clock_advance(&w.clock, SECONDS(100));
    w.sink.upsert(w.sink.ctx, pod_well("db"));
    w.sink.upsert(w.sink.ctx, pod_well("web"));
    store_rewind_pod(w.store, "shop", "db");
    assert_int_equal(spans_of(&w, spans, 4), 1);
    store_rewind(w.store);
    assert_int_equal(spans_of(&w, spans, 4), 0);
    store_free(w.store);
}

static void
blocked_ring__forgets_the_oldest(void **state)
{
    (void)state;
    struct world w;
    size_t count;
    world_open(&w);
    for (int i = 0; i < LIMIT_BLOCKED_SPANS + 5; i++) {
        char name[16];
        snprintf(name, sizeof(name), "p%d", i);
        w.sink.upsert(w.sink.ctx, pod_waiting(name, clock_wall(&w.clock) - SECONDS(90)));
        w.sink.upsert(w.sink.ctx, pod_well(name));
        clock_advance(&w.clock, SECONDS(1));
    }
    (void)blocked_ring_spans(store_blocked(w.store), &count);
    assert_int_equal(count, LIMIT_BLOCKED_SPANS);
    assert_int_equal(blocked_ring_known_ms(store_blocked(w.store)), T0 + SECONDS(4));
    store_free(w.store);
}

static void
blocked_count__counts_a_pod_once_a_part(void **state)
{
    (void)state;
    struct blocked_span spans[] = {
        {1, T0, T0 + SECONDS(100)}, /* a crash loop: two tries */
        {1, T0 + SECONDS(110), T0 + SECONDS(200)},
        {2, T0 + SECONDS(150), IW_TIME_NONE},      /* still is */
        {3, T0 + SECONDS(310), T0 + SECONDS(311)}, /* within one part */
        {4, T0 - SECONDS(500), T0 - SECONDS(400)}, /* before */
    };
    uint32_t parts[4];
    uint32_t most = blocked_count(spans, IW_COUNTOF(spans), T0, T0 + SECONDS(400), parts, 4);
    const uint32_t expected[] = {1, 2, 1, 2};
    assert_memory_equal(parts, expected, sizeof(expected));
    assert_int_equal(most, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocked__is_noted_when_it_ends),
        cmocka_unit_test(blocked__is_no_start_that_takes_seconds),
        cmocka_unit_test(blocked__ends_with_the_pod),
        cmocka_unit_test(blocked__is_told_again_after_a_step_back),
        cmocka_unit_test(blocked_ring__forgets_the_oldest),
        cmocka_unit_test(blocked_count__counts_a_pod_once_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
