/* Golden screens of effective resources: of one pod by stage, and of all pods.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/model/object_make.h"
#include "initwatch/base/tr.h"
#include "stories_more.h"

static void
resources__shows_which_stage_decides(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_resources(), 7800, "resources");
    assert_true(story_four_sizes(&sc, "resources_example"));
    scene_close(&sc);
}

static void
resources__counts_sidecars_that_run_beside_a_later_init(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    add_nodes(&sc.sink);
    add_quota(&sc.sink);
    assert_true(story_four_sizes(&sc, "resources_sidecar"));
    scene_close(&sc);
}

static void
resources__shows_what_is_used_where_that_is_known(void **state)
{
    static const char POD[] = "checkout-6f7d9c-hx4kp";
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    assert_int_equal(ui_wants_usage(sc.ui), USAGE_OF_POD);
    usage_begin(sc.usage, "shop", POD);
    scene_usage(&sc, "shop", POD, "istio-proxy", 2, 41);
    scene_usage(&sc, "shop", POD, "checkout", 130, 480);
    assert_true(scene_is(&sc, "resources_usage_80x24", 80, 24));
    assert_true(scene_is(&sc, "resources_usage_140x40", 140, 40));
    assert_true(story_all_sizes(&sc));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "used mem"));
    scene_keys(&sc, "z");
    assert_false(scene_finds(&sc, "used"));
    scene_keys(&sc, "z");
    scene_draw(&sc, 80, 30); /* room for more than the table says */
    assert_true(scene_has(&sc, " used now (metrics)"));
    usage_set_state(sc.usage, USAGE_ABSENT, "no metrics-server");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "─ container no metrics-server ──"));
    assert_false(scene_finds(&sc, "used cpu"));
    scene_close(&sc);
}

static void
resources__shows_limits_on_tab(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    scene_keys(&sc, "\t");
    assert_true(scene_is(&sc, "resources_limits_80x24", 80, 24));
    scene_close(&sc);
}

static void
resources__says_when_nothing_is_asked_for(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_wait_stuck(), 252, "resources");
    assert_true(scene_is(&sc, "resources_none_80x24", 80, 24));
    scene_close(&sc);
}

static void
resources__scrolls_to_the_last_container(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    scene_draw(&sc, 60, 16);
    assert_true(scene_has(&sc, "◀ max"));
    scene_keys(&sc, "G");
    scene_draw(&sc, 60, 16);
    assert_true(scene_has(&sc, "a2 metrics"));
    scene_close(&sc);
}

static void
open_all(struct scene *sc)
{
    struct pod_ref none = {0, 0};
    scene_open(sc, NOW(252));
    scene_add(sc, story_native_sidecar());
    scene_add(sc, story_wait_stuck());
    scene_add(sc, story_resources());
    scene_add(sc, story_sidecar_resources());
    scene_add(sc, story_bad_image());
    scene_live(sc);
    scene_ui(sc, NULL);
    ui_open(sc->ui, "all-resources", none, "");
}

static void
resources__lists_all_pods_with_most_idle_first(void **state)
{
    struct scene sc;
    (void)state;
    open_all(&sc);
    assert_true(scene_is(&sc, "resources_all_80x24", 80, 24));
    assert_true(scene_is(&sc, "resources_all_140x40", 140, 40));
    assert_true(scene_is(&sc, "resources_all_200x60", 200, 60));
    assert_true(scene_is(&sc, "resources_all_60x16", 60, 16));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
resources__follows_a_pod_when_the_order_changes(void **state)
{
    struct scene sc;
    (void)state;
    open_all(&sc);
    scene_keys(&sc, "j\r");
    assert_string_equal(ui_top_view(sc.ui), "resources");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "checkout-6f7d9c-hx4kp"));
    scene_keys(&sc, "qI\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "checkout-6f7d9c-hx4kp"));
    scene_close(&sc);
}

static void
resources__of_all_pods_are_sorted_by_what_is_used(void **state)
{
    struct scene sc;
    (void)state;
    open_all(&sc);
    assert_int_equal(ui_wants_usage(sc.ui), USAGE_OF_PODS);
    usage_begin(sc.usage, "shop", "");
    scene_usage(&sc, "shop", "checkout-6f7d9c-hx4kp", "istio-proxy", 2, 41);
    scene_usage(&sc, "shop", "checkout-6f7d9c-hx4kp", "checkout", 130, 480);
    scene_usage(&sc, "shop", "resource-example", "app-1", 200, 9);
    usage_set_state(sc.usage, USAGE_LIVE, "");
    scene_keys(&sc, ">>>>");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "sort: memory used"));
    assert_true(scene_is(&sc, "resources_all_used_60x16", 60, 16));
    assert_true(scene_is(&sc, "resources_all_used_80x24", 80, 24));
    assert_true(scene_is(&sc, "resources_all_used_140x40", 140, 40));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "<");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "DECIDES      \n resource-example"));
    scene_keys(&sc, "g");
    assert_true(tr_set_language("ko"));
    assert_true(scene_is(&sc, "resources_all_korean_80x24", 80, 24));
    assert_true(scene_is(&sc, "resources_all_korean_140x40", 140, 40));
    tr_set_language("en");
    scene_close(&sc);
}

/* Three pods of one Deployment are one row, z leaves what is held idle, and the last line is the sum. */
static void
resources__are_compared_by_owner(void **state)
{
    static const struct pod_label hash[] = {{"pod-template-hash", "6f7d9c"}};
    struct scene sc;
    (void)state;
    open_all(&sc);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"web-6f7d9c-a", "web-6f7d9c-b", "web-6f7d9c-c"};
        struct pod_make m;
        make_pod(&m, names[i]);
        m.pod.owner_kind = "ReplicaSet";
        m.pod.owner_name = "web-6f7d9c";
        m.pod.labels = hash;
        m.pod.label_count = 1;
        make_container(&m, LIST_INIT, "init")->requests = AMOUNTS({"cpu", "1"});
        make_container(&m, LIST_APP, "app")->requests = AMOUNTS({"cpu", "250m"});
        scene_add(&sc, pod_seal(&m.pod));
    }
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, " total, 8 pods"));
    scene_keys(&sc, "b");
    assert_true(scene_is(&sc, "resources_owners_140x40", 140, 40));
    assert_true(scene_is(&sc, "resources_owners_80x24", 80, 24));
    assert_true(scene_has(&sc, "deploy/web ×3"));
    scene_keys(&sc, "z");
    assert_true(scene_has(&sc, " total, 5 pods"));
    assert_false(scene_finds(&sc, "ledger-0"));
    scene_keys(&sc, "bz");
    assert_true(scene_has(&sc, "web-6f7d9c-b"));
    scene_close(&sc);
}

static void
resources__says_what_a_filter_hides(void **state)
{
    struct scene sc;
    (void)state;
    open_all(&sc);
    scene_keys(&sc, "/checkout\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "checkout-6f7d9c-hx4kp"));
    char *screen = scene_text(&sc, 80, 24);
    assert_null(strstr(screen, "ledger-0"));
    free(screen);
    scene_keys(&sc, "/no-such-pod\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "hides 5"));
    scene_close(&sc);
}

static void
resources__what_if_recomputes_everything_and_is_undone(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    add_nodes(&sc.sink);
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "jj-");
    assert_true(scene_has(&sc, "[i2 cpu=250m]   pod: cpu 400m → 350m, mem 416Mi as before"));
    scene_keys(&sc, "U=");
    assert_true(scene_has(&sc, "[i2 cpu=220m]   pod: cpu 400m → 320m"));
    assert_true(scene_has(&sc, "[*220m]"));
    assert_true(scene_is(&sc, "resources_whatif_140x40", 140, 40));
    assert_true(scene_is(&sc, "resources_whatif_80x24", 80, 24));
    scene_keys(&sc, "=");
    assert_true(scene_has(&sc, "nothing to suggest"));
    scene_keys(&sc, "U");
    assert_false(scene_finds(&sc, "WHAT IF"));
    scene_keys(&sc, "U");
    assert_true(scene_has(&sc, "nothing was edited"));
    scene_close(&sc);
}

static void
resources__what_if_takes_a_typed_amount(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "jj\r1200m\r");
    assert_true(scene_has(&sc, "[i2 cpu=1200m]   pod: cpu 400m → 1300m"));
    scene_keys(&sc, ":whatif s1 memory=many\r");
    assert_true(scene_has(&sc, "quantities must match"));
    scene_keys(&sc, ":whatif\r");
    assert_false(scene_finds(&sc, "WHAT IF"));
    scene_close(&sc);
}

/* Limits are edited where limits are shown, memory where the cursor is on memory. */
static void
resources__what_if_edits_the_cell_of_the_cursor(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "j\t");
    ui_act(sc.ui, ACT_RIGHT, 0);
    scene_keys(&sc, "+");
    assert_true(scene_has(&sc, "[s1 limits.memory=2Gi]"));
    /* keys that come faster than frames */
    ui_key(sc.ui, '+');
    ui_key(sc.ui, '+');
    assert_true(scene_has(&sc, "[s1 limits.memory=8Gi]"));
    scene_close(&sc);
}

static void
resources__says_what_is_not_read(void **state)
{
    struct scene sc;
    struct iw_error err = {0};
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    (void)iw_fail(&err, IW_ERR_FORBIDDEN, "nodes is forbidden");
    sc.sink.objects_state(sc.sink.ctx, KOBJECT_NODE, "", OBJECTS_DENIED, &err);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "nodes: not read, not allowed to list"));
    assert_true(scene_has(&sc, "resourcequotas: not read, not asked for"));
    scene_close(&sc);
}

static void
resources__jumps_to_where_it_fits_and_back(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    add_nodes(&sc.sink);
    scene_draw(&sc, 80, 24);
    assert_false(scene_finds(&sc, "where it fits"));
    scene_keys(&sc, "b");
    assert_true(scene_has(&sc, "where it fits: 1 of 4 nodes (free at most: one namespace)"));
    assert_true(scene_has(&sc, "✗ taint control-plane:NoSchedule"));
    scene_keys(&sc, "b");
    assert_true(scene_has(&sc, "QoS Burstable"));
    scene_close(&sc);
}

/* 330m are enough for what the pod asks for with the suggestion, and for nothing more. */
static void
resources__says_on_how_many_nodes_a_suggestion_fits(void **state)
{
    static const struct resource_item room[] = {{"cpu", "330m"}, {"memory", "8Gi"}};
    static const struct node_facts facts = {.allocatable = {room, 2, true}};
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    add_nodes(&sc.sink);
    struct kobject *o = make_object(KOBJECT_NODE, "", "worker-4");
    o->node = &facts;
    sc.sink.object(sc.sink.ctx, o);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "where it fits: 1 of 5 nodes"));
    assert_true(scene_has(&sc, "pod 320m (steady decides)   fits on 2 of 5 nodes, not 1"));
    scene_close(&sc);
}

/* Of five hundred nodes the eight worth looking at are shown: where it fits, where least is missing. */
static void
resources__counts_the_nodes_that_have_no_line(void **state)
{
    static const struct resource_item small[] = {{"cpu", "100m"}, {"memory", "8Gi"}};
    static const struct resource_item nearly[] = {{"cpu", "390m"}, {"memory", "8Gi"}};
    static const struct node_facts tiny = {.allocatable = {small, 2, true}};
    static const struct node_facts close = {.allocatable = {nearly, 2, true}};
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    add_nodes(&sc.sink);
    for (int i = 0; i < 496; i++) {
        static char names[496][16]; /* objects borrow them */
        (void)snprintf(names[i], sizeof(names[i]), "pool-%03d", i);
        struct kobject *o = make_object(KOBJECT_NODE, "", names[i]);
        o->node = i == 300 ? &close : &tiny;
        sc.sink.object(sc.sink.ctx, o);
    }
    scene_draw(&sc, 140, 60);
    assert_true(scene_has(&sc, "where it fits: 1 of 500 nodes"));
    assert_true(scene_has(&sc, "✗ cpu: 10m missing"));
    assert_true(scene_has(&sc, " and 492 more: 490 too small, 1 take none, 1 tainted"));
    scene_close(&sc);
}

static void
resources__copies_its_containers_as_a_table(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "c");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_non_null(strstr(sc.last.text, "| i2 db-migrate | init | 300m | 500m | 256Mi | 256Mi |"));
    assert_non_null(strstr(sc.last.text, "| **pod, effective** | | **400m** |"));
    scene_close(&sc);
}

static void
resources__shows_sizes_of_images_the_node_has(void **state)
{
    static const struct node_image images[] = {{"docker.io/library/busybox:1.36", 4 << 20}};
    static const struct node_facts facts = {.images = images, .image_count = 1};
    struct scene sc;
    (void)state;
    story_open(&sc, story_sidecar_resources(), 30, "resources");
    objects_are_read(&sc.sink, KOBJECT_NODE);
    struct kobject *o = make_object(KOBJECT_NODE, "", "kind-worker3");
    o->node = &facts;
    sc.sink.object(sc.sink.ctx, o);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, " image size"));
    assert_true(scene_has(&sc, " 4.0 MiB "));
    scene_close(&sc);
}

/* What counts for the pod as a whole stands in the first line. */
static void
resources__names_overhead_pod_level_and_a_resize(void **state)
{
    static const struct resource_item overhead[] = {{"cpu", "250m"}};
    static const struct resource_item level[] = {{"cpu", "2"}, {"memory", "1Gi"}};
    struct pod_make m;
    struct scene sc;
    (void)state;
    make_pod(&m, "resized");
    make_container(&m, LIST_APP, "app");
    m.pod.overhead = (struct resource_list){overhead, 1, true};
    m.pod.pod_resources_present = true;
    m.pod.pod_requests = (struct resource_list){level, 2, true};
    m.pod.priority_class = "system-node-critical";
    make_condition(&m, "PodResizePending", "True", NOW(2));
    m.conditions[m.pod.condition_count - 1].reason = "Infeasible";
    story_open(&sc, pod_seal(&m.pod), 30, "resources");
    scene_draw(&sc, 200, 60);
    assert_true(scene_has(&sc, "⚠ resize pending: Infeasible"));
    assert_true(scene_has(&sc, "pod level: cpu 2, memory 1Gi   overhead cpu 250m"));
    scene_close(&sc);
}

static void
resources__shows_sixty_containers(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_huge(), 100, "resources");
    assert_true(story_four_sizes(&sc, "resources_huge"));
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "G");
    assert_true(scene_has(&sc, "▸a20 worker-59"));
    scene_keys(&sc, "g");
    assert_true(scene_has(&sc, "QoS Burstable"));
    scene_close(&sc);
}

static void
resources__makes_hostile_text_harmless(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_hostile(), 20, "resources");
    assert_true(story_four_sizes(&sc, "resources_hostile"));
    scene_close(&sc);
}

static void
resources__speaks_korean_in_its_columns(void **state)
{
    (void)state;
    struct scene sc;
    assert_true(tr_set_language("ko"));
    story_open(&sc, story_resources(), 7800, "resources");
    assert_true(story_four_sizes(&sc, "resources_korean"));
    scene_close(&sc);
    tr_set_language("en");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources__shows_which_stage_decides),
        cmocka_unit_test(resources__counts_sidecars_that_run_beside_a_later_init),
        cmocka_unit_test(resources__shows_what_is_used_where_that_is_known),
        cmocka_unit_test(resources__shows_limits_on_tab),
        cmocka_unit_test(resources__says_when_nothing_is_asked_for),
        cmocka_unit_test(resources__scrolls_to_the_last_container),
        cmocka_unit_test(resources__lists_all_pods_with_most_idle_first),
        cmocka_unit_test(resources__follows_a_pod_when_the_order_changes),
        cmocka_unit_test(resources__of_all_pods_are_sorted_by_what_is_used),
        cmocka_unit_test(resources__are_compared_by_owner),
        cmocka_unit_test(resources__says_what_a_filter_hides),
        cmocka_unit_test(resources__what_if_recomputes_everything_and_is_undone),
        cmocka_unit_test(resources__what_if_takes_a_typed_amount),
        cmocka_unit_test(resources__what_if_edits_the_cell_of_the_cursor),
        cmocka_unit_test(resources__says_what_is_not_read),
        cmocka_unit_test(resources__jumps_to_where_it_fits_and_back),
        cmocka_unit_test(resources__says_on_how_many_nodes_a_suggestion_fits),
        cmocka_unit_test(resources__counts_the_nodes_that_have_no_line),
        cmocka_unit_test(resources__copies_its_containers_as_a_table),
        cmocka_unit_test(resources__shows_sizes_of_images_the_node_has),
        cmocka_unit_test(resources__names_overhead_pod_level_and_a_resize),
        cmocka_unit_test(resources__shows_sixty_containers),
        cmocka_unit_test(resources__speaks_korean_in_its_columns),
        cmocka_unit_test(resources__makes_hostile_text_harmless),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
