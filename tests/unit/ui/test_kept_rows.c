/* Unit tests of lists that keep their rows: after each change they are what a list that looks at everything would have.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../ui/views/resources.h"
#include "../../golden/cluster.h"
#include "../../golden/stories.h"
#include "initwatch/ui/eventrow.h"

static uint32_t
next_of(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static struct view_env
env_of(struct scene *sc)
{
    return (struct view_env){.store = sc->store,
                             .session = &sc->session,
                             .prefs = &sc->prefs,
                             .logs = &sc->feed,
                             .now_wall_ms = clock_wall(&sc->clock),
                             .container = ""};
}

/* --- resources of all pods --- */

static struct pod *
asking_pod(unsigned index, unsigned cpu)
{
    char name[32], owner[32], amount[24];
    struct pod_make m;
    snprintf(name, sizeof(name), "web-%03u", index);
    snprintf(owner, sizeof(owner), "set-%u", index % 9);
    snprintf(amount, sizeof(amount), "%um", cpu);
    cluster_begin(&m, "shop", name, "worker", 60);
    m.pod.uid = name;
    m.pod.owner_kind = "StatefulSet";
    m.pod.owner_name = owner;
    struct container *init = make_container(&m, LIST_INIT, "init");
    struct container *app = make_container(&m, LIST_APP, "app");
    init->requests = AMOUNTS({"cpu", cpu % 3 ? "500m" : "20m"});
    app->requests = AMOUNTS({"cpu", amount});
    cluster_running(&m, 50, 40);
    return pod_seal(&m.pod);
}

static void
check_resources(struct scene *sc, struct resources_state *kept)
{
    struct view_env env = env_of(sc);
    struct resources_state whole = {.filter = kept->filter,
                                    .sort = kept->sort,
                                    .reverse = kept->reverse,
                                    .grouped = kept->grouped,
                                    .problems = kept->problems,
                                    .stale = true};
    resources_rows(kept, &env);
    kept->generation = store_pods_generation(sc->store);
    kept->stale = false;
    resources_rows(&whole, &env);
    assert_int_equal(kept->rows.len, whole.rows.len);
    assert_int_equal(kept->hidden, whole.hidden);
    assert_int_equal(kept->name_cols, whole.name_cols);
    for (size_t i = 0; i < whole.rows.len; i++) {
        const struct resources_row *a = &kept->rows.items[i], *b = &whole.rows.items[i];
        assert_true(pod_ref_equal(a->ref, b->ref));
        assert_true(pod_ref_equal(kept->order.items[i], b->ref));
        assert_memory_equal(a->cells, b->cells, sizeof(a->cells));
        assert_string_equal(a->decides, b->decides);
        assert_int_equal(a->pods, b->pods);
    }
    assert_string_equal(kept->total.cells[CELL_CPU_REQ], whole.total.cells[CELL_CPU_REQ]);
    resources_rows_free(&whole);
}

static void
kept_rows__of_resources_are_those_of_all_pods(void **state)
{
    struct scene sc;
    struct resources_state kept = {.stale = true};
    uint32_t seed = 3;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    kept.filter = text_filter_new();
    for (int round = 0; round < 200; round++) {
        unsigned steps = round % 50 == 0 ? 150 : (unsigned)round % 5;
        for (unsigned i = 0; i < steps; i++) {
            unsigned index = next_of(&seed) % 120, cpu = 10 + next_of(&seed) % 900;
            if (next_of(&seed) % 5 == 0)
                sc.sink.remove(sc.sink.ctx, asking_pod(index, cpu));
            else
                scene_add(&sc, asking_pod(index, cpu));
        }
        kept.stale = round % 12 == 0;
        kept.sort = (enum resources_sort)(round / 12 % SORT_KEY_COUNT);
        kept.grouped = round / 12 % 4 == 3;
        kept.problems = round / 12 % 3 == 2;
        if (round % 36 == 0)
            text_filter_set(kept.filter, round % 72 ? "web-0" : "");
        clock_advance(&sc.clock, 60000); /* so that tombstones go, and slots come back */
        store_expire(sc.store);
        check_resources(&sc, &kept);
    }
    resources_rows_free(&kept);
    text_filter_free(kept.filter);
    scene_close(&sc);
}

/* --- events --- */

static void
random_event(struct scene *sc, uint32_t *seed)
{
    static const char *const REASONS[] = {"BackOff", "Pulled", "Created", "Failed", "Unhealthy"};
    char uid[24], object[24];
    unsigned index = next_of(seed) % 90;
    snprintf(uid, sizeof(uid), "event-%u", index);
    snprintf(object, sizeof(object), "web-%u", next_of(seed) % 7);
    if (next_of(seed) % 6 == 0) {
        sc->sink.event_removed(sc->sink.ctx, uid);
        return;
    }
    const struct kevent ev = {.uid = uid,
                              .ns = "shop",
                              .type = index % 3 ? "Normal" : "Warning",
                              .reason = REASONS[index % IW_COUNTOF(REASONS)],
                              .message = index % 4 ? "some text" : "another one",
                              .object_kind = "Pod",
                              .object_name = object,
                              .object_uid = object,
                              .container = "",
                              .source = "kubelet",
                              .count = 1 + next_of(seed) % 5,
                              .first_ms = CLUSTER_NOW - 900000,
                              .last_ms = CLUSTER_NOW - next_of(seed) % 900 * 1000};
    sc->sink.event(sc->sink.ctx, &ev);
}

static void
check_events(struct scene *sc, struct event_list *kept, const char *filter)
{
    struct view_env env = env_of(sc);
    struct event_list whole;
    struct rect area = {0, 0, 140, 40};
    event_list_init(&whole, false);
    whole.newest_first = kept->newest_first;
    whole.warnings_only = kept->warnings_only;
    event_list_filter(&whole, filter);
    event_list_recalc(kept, &env, area);
    event_list_recalc(&whole, &env, area);
    assert_int_equal(kept->total, whole.total);
    assert_int_equal(kept->warnings, whole.warnings);
    assert_int_equal(kept->kept, whole.kept);
    assert_true(kept->origin_ms == whole.origin_ms);
    assert_int_equal(kept->rows.len, whole.rows.len);
    for (size_t i = 0; i < whole.rows.len; i++)
        assert_int_equal(kept->rows.items[i], whole.rows.items[i]);
    assert_int_equal(kept->reason_count, whole.reason_count);
    for (size_t i = 0; i < whole.reason_count; i++) {
        assert_string_equal(kept->reasons[i].reason, whole.reasons[i].reason);
        assert_int_equal(kept->reasons[i].objects, whole.reasons[i].objects);
        assert_int_equal(kept->reasons[i].newest, whole.reasons[i].newest);
    }
    event_list_fini(&whole);
}

static void
kept_rows__of_events_are_those_of_all_events(void **state)
{
    struct scene sc;
    struct event_list kept;
    uint32_t seed = 11;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    event_list_init(&kept, false);
    for (int round = 0; round < 400; round++) {
        const char *filter = round / 20 % 3 == 2 ? "another" : "";
        for (int i = round % 6; i > 0; i--)
            random_event(&sc, &seed);
        if (round % 7 == 0)
            scene_add(&sc, cluster_healthy("web-1", "worker", 100 + round, 1, 1));
        if (round % 133 == 132)
            store_rewind_events(sc.store);
        if (round % 20 == 0)
            event_list_filter(&kept, filter);
        if (round % 25 == 0) {
            kept.newest_first = !kept.newest_first;
            kept.warnings_only = round % 50 == 0;
            kept.stale = true;
        }
        check_events(&sc, &kept, filter);
    }
    event_list_fini(&kept);
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_rows__of_resources_are_those_of_all_pods),
        cmocka_unit_test(kept_rows__of_events_are_those_of_all_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
