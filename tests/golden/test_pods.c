/* Golden screens of the pod list: the design's cluster at four sizes, healthy, empty, hostile,
 * crowded.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/base/tr.h"
#include "owners.h"

static void
check_sick(const char *name, const char *ns, const char *keys, int cols, int rows)
{
    struct scene sc;
    cluster_open(&sc);
    snprintf(sc.session.ns, sizeof(sc.session.ns), "%s", ns);
    assert_true(scene_shows(&sc, "pods", keys, name, cols, rows));
}

static void
pods__sick_cluster_at_80x24(void **state)
{
    (void)state;
    check_sick("pods_sick_80x24", "shop", "", 80, 24);
}

static void
pods__sick_cluster_at_60x16(void **state)
{
    (void)state;
    check_sick("pods_sick_60x16", "shop", "", 60, 16);
}

static void
pods__sick_cluster_at_140x40(void **state)
{
    (void)state;
    check_sick("pods_sick_140x40", "shop,data", "jj", 140, 40);
}

static void
pods__sick_cluster_at_200x60(void **state)
{
    (void)state;
    check_sick("pods_sick_200x60", "", "", 200, 60);
}

/* What the container under the cursor writes: the last line and how often it came. */
static void
check_log(const char *name, int cols, int rows)
{
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, cols, rows);
    scene_keys(&sc, "/wait-db\r");
    sc.feed.pod = ui_focus(sc.ui);
    sc.feed.buf = logbuf_new(1 << 16);
    sc.feed.state = LOG_FEED_FOLLOWING;
    sc.feed.source_count = 1;
    snprintf(sc.feed.sources[0].container, sizeof(sc.feed.sources[0].container), "%s",
             "wait-for-postgres");
    scene_keys(&sc, "\x1b");
    logbuf_append(sc.feed.buf, 0, "2025-11-15T22:05:55Z Waiting for PostgreSQL...", 46, true,
                  false);
    for (int i = 0; i < 5; i++) {
        char line[96];
        int len =
            snprintf(line, sizeof(line),
                     "2025-11-15T22:09:%02dZ PostgreSQL is unavailable - sleeping", 50 + 2 * i);
        logbuf_append(sc.feed.buf, 0, line, (size_t)len, true, false);
    }
    bool same = scene_is(&sc, name, cols, rows);
    logbuf_free(sc.feed.buf);
    sc.feed.buf = NULL;
    scene_close(&sc);
    assert_true(same);
}

static void
pods__shows_what_the_container_writes(void **state)
{
    (void)state;
    check_log("pods_log_80x24", 80, 24);
    check_log("pods_log_140x40", 140, 40);
    check_log("pods_log_200x60", 200, 60);
}

/* Where not all long lines can be whole, the newest is. */
static void
pods__wraps_the_newest_line_of_the_log_first(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "/wait-db\r");
    sc.feed.pod = ui_focus(sc.ui);
    sc.feed.buf = logbuf_new(1 << 16);
    sc.feed.state = LOG_FEED_FOLLOWING;
    sc.feed.source_count = 1;
    snprintf(sc.feed.sources[0].container, sizeof(sc.feed.sources[0].container), "%s",
             "wait-for-postgres");
    for (int i = 0; i < 9; i++) {
        char line[160];
        int len = snprintf(line, sizeof(line),
                           "2025-11-15T22:09:%02dZ line %d is a good deal longer than its pane is "
                           "wide, its end %d",
                           i, i, i);
        logbuf_append(sc.feed.buf, 0, line, (size_t)len, true, false);
    }
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "line 0 is"));
    assert_false(scene_has(&sc, "its end 0"));
    assert_true(scene_has(&sc, "its end 8"));
    logbuf_free(sc.feed.buf);
    sc.feed.buf = NULL;
    scene_close(&sc);
}

static void
pods__explains_a_healthy_pod(void **state)
{
    (void)state;
    check_sick("pods_healthy_selected_80x24", "shop", "Gk", 80, 24);
}

static void
pods__shows_the_filter_as_it_is_typed(void **state)
{
    (void)state;
    check_sick("pods_filter_80x24", "shop", "/init:", 80, 24);
}

static void
pods__in_ascii(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    sc.prefs.ascii = true;
    scene_ui(&sc, "pods");
    bool same = scene_is(&sc, "pods_ascii_80x24", 80, 24);
    for (int i = 0; i < 80 * 24; i++)
        assert_in_range(sc.surface.cells[i].ch, 0x20, 0x7e);
    scene_close(&sc);
    assert_true(same);
}

static void
pods__stale_data_looks_stale(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_status(&sc, STREAM_PODS, SOURCE_STALE, IW_ERR_REFUSED,
                 "connection refused (127.0.0.1:6443)");
    scene_ui(&sc, "pods");
    bool same = scene_is(&sc, "pods_stale_80x24", 80, 24);
    scene_close(&sc);
    assert_true(same);
}

static void
check_empty(const char *name, enum source_state state, enum iw_err code, const char *message)
{
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    if (state == SOURCE_LIVE)
        scene_live(&sc);
    scene_status(&sc, STREAM_PODS, state, code, message);
    scene_ui(&sc, "pods");
    bool same = scene_is(&sc, name, 80, 24);
    scene_close(&sc);
    assert_true(same);
}

static void
pods__says_that_there_are_none(void **state)
{
    (void)state;
    check_empty("pods_empty_80x24", SOURCE_LIVE, IW_OK, "");
}

static void
pods__says_that_listing_is_not_allowed(void **state)
{
    (void)state;
    check_empty(
        "pods_denied_80x24", SOURCE_DENIED, IW_ERR_FORBIDDEN,
        "pods is forbidden: User \"dev\" cannot list resource \"pods\" in the namespace \"shop\"");
}

static void
pods__says_that_the_server_is_away(void **state)
{
    (void)state;
    check_empty("pods_unreachable_80x24", SOURCE_STALE, IW_ERR_REFUSED,
                "connect to 127.0.0.1:6443: connection refused");
}

static void
pods__says_that_the_list_is_coming(void **state)
{
    (void)state;
    check_empty("pods_listing_80x24", SOURCE_LISTING, IW_OK, "");
}

static void
pods__says_that_the_filter_hides_all(void **state)
{
    (void)state;
    check_sick("pods_filter_hides_80x24", "shop", "/zebra\r", 80, 24);
}

/* The Service of the wait that comes next: one pod is behind it. */
static void
pods_redis(struct scene *sc)
{
    static const struct service_port port = {"", "TCP", "6379", 6379, 0};
    static const struct slice_endpoint endpoint = {
        .address = "10.244.1.9", .node = "worker", .target_kind = "Pod", .target_name = "redis-0"};
    struct kobject *o = kobject_new(KOBJECT_SERVICE);
    struct service_facts *f = arena_alloc(&o->memory, sizeof(*f));
    *f = (struct service_facts){.type = "ClusterIP",
                                .cluster_ip = "10.96.41.8",
                                .external_name = "",
                                .ports = &port,
                                .port_count = 1};
    o->ns = "shop";
    o->name = o->uid = "redis-service";
    o->service = f;
    sc->sink.object(sc->sink.ctx, o);
    o = kobject_new(KOBJECT_ENDPOINTSLICE);
    struct slice_facts *slice = arena_alloc(&o->memory, sizeof(*slice));
    *slice = (struct slice_facts){.service = "redis-service",
                                  .address_type = "IPv4",
                                  .ports = &port,
                                  .endpoints = &endpoint,
                                  .port_count = 1,
                                  .endpoint_count = 1};
    o->ns = "shop";
    o->name = o->uid = "redis-service-1";
    o->slice = slice;
    sc->sink.object(sc->sink.ctx, o);
}

static void
pods_service(struct scene *sc)
{
    static const enum kobject_kind kinds[] = {KOBJECT_SERVICE, KOBJECT_ENDPOINTSLICE, KOBJECT_PVC,
                                              KOBJECT_STORAGECLASS, KOBJECT_NETWORKPOLICY};
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++)
        sc->sink.objects_begin(sc->sink.ctx, kinds[i], "");
    struct kobject *o = kobject_new(KOBJECT_SERVICE);
    struct service_facts *f = arena_alloc(&o->memory, sizeof(*f));
    static const char *const values[] = {"postgres"};
    static const struct selector_term term = {"app", "In", values, 1};
    static const struct service_port port = {"pg", "TCP", "5432", 5432, 0};
    *f = (struct service_facts){.type = "ClusterIP",
                                .cluster_ip = "10.96.41.7",
                                .external_name = "",
                                .selector = {&term, 1, true},
                                .ports = &port,
                                .port_count = 1};
    o->ns = "shop";
    o->name = "postgres-service";
    o->uid = "postgres-service";
    o->service = f;
    sc->sink.object(sc->sink.ctx, o);
    pods_redis(sc);
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++)
        sc->sink.objects_end(sc->sink.ctx, kinds[i], "");
}

static void
hostile_fill(struct scene *sc)
{
    struct pod_make m;
    cluster_begin(&m, "shop",
                  "\x1b[31mred\x1b[0m\x07-\xe2\x80\xae"
                  "gnp",
                  "worker\x9b", 30);
    make_container(&m, LIST_INIT, "\xff\xfe bad");
    make_container(&m, LIST_APP, "app");
    make_waiting(&m, LIST_INIT, "\xff\xfe bad", "CreateContainerConfigError",
                 "\x1b]0;owned\x07secret \"\x1b[2J\" not found");
    cluster_initializing(&m, "app", 30);
    scene_add(sc, pod_seal(&m.pod));
    scene_add(sc,
              cluster_healthy("데이터베이스-초기화-파드-이름이-아주-길다", "작업노드", 100, 1, 1));
    scene_add(sc, cluster_healthy("名前がとても長いポッドはここで切れる", "ノード", 200, 2, 0));
    scene_add(sc,
              cluster_healthy("a-name-of-sixty-three-characters-that-is-as-long-as-names-can-be0",
                              "n", 300, 1, 0));
    scene_live(sc);
}

static void
pods__hostile_and_wide_names(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    hostile_fill(&sc);
    scene_ui(&sc, "pods");
    bool same = scene_is(&sc, "pods_hostile_80x24", 80, 24);
    scene_close(&sc);
    assert_true(same);
}

static void
check_healthy(const char *name, int cols, int rows)
{
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    for (int i = 0; i < 8; i++) {
        char pod[32];
        snprintf(pod, sizeof(pod), "web-%d", i);
        scene_add(&sc, cluster_healthy(pod, i % 2 ? "worker" : "worker2", 600 + 977 * i, 1, i % 3));
    }
    scene_live(&sc);
    scene_ui(&sc, "pods");
    bool same = scene_is(&sc, name, cols, rows);
    scene_close(&sc);
    assert_true(same);
}

static void
pods__a_healthy_cluster_is_quiet(void **state)
{
    (void)state;
    check_healthy("pods_healthy_60x16", 60, 16);
    check_healthy("pods_healthy_80x24", 80, 24);
    check_healthy("pods_healthy_140x40", 140, 40);
    check_healthy("pods_healthy_200x60", 200, 60);
}

static void
pods__between_the_sizes_columns_give_way_in_their_order(void **state)
{
    (void)state;
    check_sick("pods_sick_100x30", "shop,data", "", 100, 30);
    check_sick("pods_wide_80x24", "shop,data", "w", 80, 24);
}

static void
pods__grouped_by_owner(void **state)
{
    (void)state;
    static const struct {
        const char *name, *keys;
        int cols, rows;
    } cases[] = {{"pods_grouped_60x16", "b", 60, 16},
                 {"pods_grouped_80x24", "b", 80, 24},
                 {"pods_grouped_140x40", "b", 140, 40},
                 {"pods_grouped_200x60", "b:sort name\rg\r", 200, 60}};
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct scene sc;
        owners_open(&sc);
        scene_ui(&sc, "pods");
        scene_draw(&sc, cases[i].cols, cases[i].rows);
        scene_keys(&sc, cases[i].keys);
        bool same = scene_is(&sc, cases[i].name, cases[i].cols, cases[i].rows);
        scene_close(&sc);
        assert_true(same);
    }
}

static void
pods__chips_marks_and_the_sorted_column(void **state)
{
    (void)state;
    check_sick("pods_chips_80x24", "shop", "/status:Init\r/!ledger\r:sort restarts\rg  ", 80, 24);
    check_sick("pods_chips_140x40", "shop,data", "/-l !x\r/[cart|db\r/rst:>2\rzI ", 140, 40);
    check_sick("pods_chips_60x16", "shop", "/node:worker2\rz", 60, 16);
}

static void
pods__hostile_and_wide_names_at_other_sizes(void **state)
{
    static const struct {
        const char *name;
        int cols, rows;
    } cases[] = {{"pods_hostile_60x16", 60, 16},
                 {"pods_hostile_140x40", 140, 40},
                 {"pods_hostile_200x60", 200, 60}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct scene sc;
        scene_open(&sc, CLUSTER_NOW);
        hostile_fill(&sc);
        scene_ui(&sc, "pods");
        bool same = scene_is(&sc, cases[i].name, cases[i].cols, cases[i].rows);
        scene_close(&sc);
        assert_true(same);
    }
}

static void
pods__empty_at_other_sizes(void **state)
{
    static const struct {
        const char *name;
        int cols, rows;
    } cases[] = {{"pods_empty_60x16", 60, 16},
                 {"pods_empty_140x40", 140, 40},
                 {"pods_empty_200x60", 200, 60}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct scene sc;
        scene_open(&sc, CLUSTER_NOW);
        scene_live(&sc);
        scene_ui(&sc, "pods");
        bool same = scene_is(&sc, cases[i].name, cases[i].cols, cases[i].rows);
        scene_close(&sc);
        assert_true(same);
    }
}

/* The wait of myapp-wait-db with its Service known: no pod behind it is ready. */
static void
pods__a_wait_is_explained_by_the_objects_behind_it(void **state)
{
    static const struct {
        const char *name;
        int cols, rows;
    } cases[] = {{"pods_chain_80x24", 80, 24}, {"pods_chain_140x40", 140, 40}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct scene sc;
        cluster_open(&sc);
        pods_service(&sc);
        scene_ui(&sc, "pods");
        scene_draw(&sc, cases[i].cols, cases[i].rows);
        scene_keys(&sc, "/wait-db\r\x1b");
        assert_int_not_equal(ui_wants(sc.ui) & KIND_BIT(SERVICE), 0);
        bool same = scene_is(&sc, cases[i].name, cases[i].cols, cases[i].rows);
        scene_close(&sc);
        assert_true(same);
    }
}

static void
pods__in_korean(void **state)
{
    (void)state;
    assert_true(tr_set_language("ko"));
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    bool same =
        scene_is(&sc, "pods_korean_80x24", 80, 24) && scene_is(&sc, "pods_korean_140x40", 140, 40);
    scene_close(&sc);
    assert_true(tr_set_language("en"));
    assert_true(same);
}

/* w asks for figures: what pods use comes in the place of the bars, where the server can say it. */
static void
pods__wide_columns_have_what_pods_use(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 40);
    assert_int_equal(ui_wants_usage(sc.ui), 0);
    scene_keys(&sc, "w");
    assert_int_equal(ui_wants_usage(sc.ui), USAGE_OF_PODS);
    assert_false(scene_finds(&sc, "   CPU    MEM  NODE"));
    usage_begin(sc.usage, "shop", "");
    scene_usage(&sc, "shop", "resource-example", "app-1", 61, 37);
    scene_usage(&sc, "shop", "resource-example", "app-2", 74, 38);
    assert_true(scene_has(&sc, "   CPU    MEM  NODE"));
    assert_true(scene_has(&sc, "  135m   75Mi  worker"));
    scene_close(&sc);
}

static void
pods__ten_thousand(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    for (int i = 0; i < 10000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "web-%05d", i);
        scene_add(&sc, cluster_healthy(name, "worker", 100 + i, 1, 1));
    }
    scene_add(&sc, cluster_crash());
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "10001 pods"));
    scene_keys(&sc, "G");
    bool same = scene_is(&sc, "pods_crowded_140x40", 140, 40);
    scene_close(&sc);
    assert_true(same);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods__sick_cluster_at_80x24),
        cmocka_unit_test(pods__sick_cluster_at_60x16),
        cmocka_unit_test(pods__sick_cluster_at_140x40),
        cmocka_unit_test(pods__sick_cluster_at_200x60),
        cmocka_unit_test(pods__wraps_the_newest_line_of_the_log_first),
        cmocka_unit_test(pods__explains_a_healthy_pod),
        cmocka_unit_test(pods__shows_what_the_container_writes),
        cmocka_unit_test(pods__shows_the_filter_as_it_is_typed),
        cmocka_unit_test(pods__in_ascii),
        cmocka_unit_test(pods__stale_data_looks_stale),
        cmocka_unit_test(pods__says_that_there_are_none),
        cmocka_unit_test(pods__says_that_listing_is_not_allowed),
        cmocka_unit_test(pods__says_that_the_server_is_away),
        cmocka_unit_test(pods__says_that_the_list_is_coming),
        cmocka_unit_test(pods__says_that_the_filter_hides_all),
        cmocka_unit_test(pods__hostile_and_wide_names),
        cmocka_unit_test(pods__a_healthy_cluster_is_quiet),
        cmocka_unit_test(pods__between_the_sizes_columns_give_way_in_their_order),
        cmocka_unit_test(pods__grouped_by_owner),
        cmocka_unit_test(pods__chips_marks_and_the_sorted_column),
        cmocka_unit_test(pods__hostile_and_wide_names_at_other_sizes),
        cmocka_unit_test(pods__empty_at_other_sizes),
        cmocka_unit_test(pods__a_wait_is_explained_by_the_objects_behind_it),
        cmocka_unit_test(pods__in_korean),
        cmocka_unit_test(pods__wide_columns_have_what_pods_use),
        cmocka_unit_test(pods__ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
