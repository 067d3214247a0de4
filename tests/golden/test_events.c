/* Golden screens of the event lists: of one pod, and of all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/model/object_make.h"
#include "stories_more.h"

static void
add_events(struct scene *sc)
{
    story_event(sc, "myapp-pod", "", "Scheduled",
                "Successfully assigned shop/myapp-pod to worker-1", 0, 0, 1);
    story_event(sc, "myapp-pod", "init-myservice", "Pulled",
                "Container image \"busybox:1.36\" already present on machine", 1, 60, 4);
    story_event(sc, "myapp-pod", "init-myservice", "Started", "Container started", 5, 79, 4);
    story_event(sc, "myapp-pod", "init-myservice", "BackOff",
                "Back-off restarting failed container init-myservice in pod "
                "myapp-pod_shop(6a1f2f0e-6f0c-4a0e-9d0e-2f7f2b1c9d11)",
                8, 90, 7);
}

static void
add_foreign_events(struct scene *sc)
{
    struct kevent ev = {.uid = "pvc-1",
                        .ns = "shop",
                        .type = "Warning",
                        .reason = "ProvisioningFailed",
                        .message = "storageclass.storage.k8s.io \"fast\" not found",
                        .object_kind = "PersistentVolumeClaim",
                        .object_name = "data-postgres-0",
                        .object_uid = "pvc-uid",
                        .container = "",
                        .source = "persistentvolume-controller",
                        .count = 19,
                        .first_ms = NOW(2),
                        .last_ms = NOW(95)};
    sc->sink.event(sc->sink.ctx, &ev);
    story_event(
        sc, "postgres-0", "", "FailedScheduling",
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: "
        "0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        3, 96, 11);
}

static void
events__lists_the_events_of_one_pod(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    add_events(&sc);
    add_foreign_events(&sc);
    assert_true(scene_is(&sc, "events_pod_80x24", 80, 24));
    assert_true(scene_is(&sc, "events_pod_140x40", 140, 40));
    assert_true(scene_is(&sc, "events_pod_60x16", 60, 16));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
events__lists_everything_with_a_detail_of_the_selected_one(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "all-events");
    add_events(&sc);
    add_foreign_events(&sc);
    scene_keys(&sc, "t");
    assert_true(scene_is(&sc, "events_all_80x24", 80, 24));
    assert_true(scene_is(&sc, "events_all_140x40", 140, 40));
    scene_close(&sc);
}

static void
events__shows_warnings_only_on_z(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "all-events");
    add_events(&sc);
    add_foreign_events(&sc);
    scene_keys(&sc, "z");
    assert_true(scene_is(&sc, "events_warnings_80x24", 80, 24));
    scene_close(&sc);
}

static void
events__says_what_a_filter_hides(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    add_events(&sc);
    scene_keys(&sc, "/nothing-like-this\r");
    assert_true(scene_is(&sc, "events_filtered_80x24", 80, 24));
    scene_close(&sc);
}

static void
events__filters_by_any_column(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    add_events(&sc);
    scene_keys(&sc, "/already present\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "1 of 4"));
    assert_true(scene_has(&sc, "Pulled"));
    scene_close(&sc);
}

static void
events__explains_that_they_are_not_allowed(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    scene_status(
        &sc, STREAM_EVENTS, SOURCE_DENIED, IW_ERR_FORBIDDEN,
        "events is forbidden: User \"dev\" cannot list resource \"events\" in API group \"\"");
    assert_true(scene_is(&sc, "events_denied_80x24", 80, 24));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
events__says_that_there_are_none(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    assert_true(scene_is(&sc, "events_none_80x24", 80, 24));
    assert_true(scene_is(&sc, "events_none_60x16", 60, 16));
    assert_true(scene_is(&sc, "events_none_140x40", 140, 40));
    assert_true(scene_is(&sc, "events_none_200x60", 200, 60));
    scene_close(&sc);
}

static void
events__keeps_the_selected_event_while_others_arrive(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    add_events(&sc);
    scene_keys(&sc, "g");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "─ Scheduled "));
    story_event(&sc, "myapp-pod", "init-myservice", "Created", "Container created", 98, 98, 1);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "─ Scheduled "));
    scene_keys(&sc, "G");
    story_event(&sc, "myapp-pod", "init-myservice", "Killing", "Stopping container", 99, 99, 1);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "─ Killing "));
    scene_close(&sc);
}

static void
events__marks_what_the_cluster_has_dropped(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    add_events(&sc);
    sc.sink.event_removed(sc.sink.ctx, "myapp-pod-init-myservice-BackOff-8");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "the cluster has dropped it"));
    scene_close(&sc);
}

static void
events__leads_from_an_event_to_its_pod(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "all-events");
    add_events(&sc);
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_keys(&sc, "q");
    add_foreign_events(&sc);
    scene_keys(&sc, "\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "is not a pod"));
    /* The one before is about a claim: other objects are described. */
    scene_keys(&sc, "k\r");
    assert_string_equal(ui_top_view(sc.ui), "description");
    assert_string_equal(ui_wants_raw(sc.ui).name, "data-postgres-0");
    scene_close(&sc);
}

static void
events__makes_hostile_messages_harmless(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "events");
    story_event(
        &sc, "myapp-pod", "\x1b[2J", "Fai\x07led",
        "\x1b]52;c;ZXZpbA==\x07 first line\nsecond line\twith a tab 데이터베이스 초기화 중 오류 "
        "\xe2\x80\xaegnp.exe \xff",
        8, 90, 7);
    assert_true(scene_is(&sc, "events_hostile_80x24", 80, 24));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

/* The design's story: a claim without a StorageClass holds up postgres, which myapp waits for. */
static void
open_chain(struct scene *sc, const char *view)
{
    story_open(sc, make_waiter("until nc -z postgres-service 5432; do sleep 2; done"), 252, view);
    add_postgres(&sc->sink, false);
    add_foreign_events(sc);
    story_event(sc, "myapp-wait-db", "", "Scheduled",
                "Successfully assigned shop/myapp-wait-db to worker-1", 100, 100, 1);
    story_event(sc, "myapp-wait-db", "wait-for-postgres", "Started", "Container started", 103, 103,
                1);
    story_event(sc, "someone-else", "app", "BackOff", "Back-off restarting failed container", 20,
                200, 40);
}

static void
events__of_a_pod_include_what_it_waits_for_and_the_cause(void **state)
{
    struct scene sc;
    (void)state;
    open_chain(&sc, "events");
    scene_keys(&sc, "tgj");
    assert_true(story_four_sizes(&sc, "events_related"));
    scene_draw(&sc, 80, 24);
    assert_false(scene_finds(&sc, "someone-else"));
    scene_keys(&sc, "a");
    assert_false(scene_finds(&sc, "ProvisioningFailed"));
    assert_true(scene_has(&sc, "about: this pod ▾"));
    scene_keys(&sc, "a");
    assert_true(scene_has(&sc, "someone-else"));
    scene_close(&sc);
}

static void
events__are_grouped_by_reason_on_b_and_open_on_enter(void **state)
{
    struct scene sc;
    (void)state;
    open_chain(&sc, "all-events");
    scene_keys(&sc, "b");
    assert_true(scene_is(&sc, "events_grouped_80x24", 80, 24));
    assert_true(scene_is(&sc, "events_grouped_140x40", 140, 40));
    assert_true(scene_has(&sc, "1 object"));
    scene_keys(&sc, "\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "reason BackOff ▾"));
    assert_true(scene_has(&sc, "shown 1"));
    scene_keys(&sc, "*");
    assert_true(scene_has(&sc, "5 events"));
    scene_close(&sc);
}

static void
events__are_cut_to_a_window_on_plus(void **state)
{
    struct scene sc;
    (void)state;
    open_chain(&sc, "all-events");
    story_now(&sc, 480);
    scene_keys(&sc, "+++");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, " 5m"));
    assert_true(scene_has(&sc, "shown 1"));
    scene_keys(&sc, "-");
    assert_true(scene_has(&sc, "5 events"));
    scene_close(&sc);
}

static void
events__stand_newest_first_on_I(void **state)
{
    struct scene sc;
    (void)state;
    open_chain(&sc, "all-events");
    scene_keys(&sc, "I");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "newest first"));
    assert_true(scene_has(&sc, "─ BackOff  pod/someone-else app"));
    scene_keys(&sc, "G");
    assert_true(scene_has(&sc, "─ ProvisioningFailed"));
    scene_close(&sc);
}

static void
events__stay_readable_by_the_thousand(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_huge(), 3000, "all-events");
    for (int i = 0; i < 3000; i++) {
        char pod[64], reason[32];
        snprintf(pod, sizeof(pod), "worker-%04d", i);
        snprintf(reason, sizeof(reason), "Reason%d", i % 80);
        story_event(&sc, pod, "app", i % 3 ? reason : "BackOff", "Back-off restarting container",
                    i / 2, i / 2 + 60, (unsigned)(i % 7 + 1));
    }
    scene_keys(&sc, "t");
    assert_true(story_four_sizes(&sc, "events_huge"));
    scene_close(&sc);
}

static void
events__are_saved_as_json_lines(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "all-events");
    add_events(&sc);
    add_foreign_events(&sc);
    scene_keys(&sc, "z\x13\r");
    assert_int_equal(sc.last.kind, INTENT_SAVE);
    assert_string_equal(sc.last.text, "events.jsonl");
    scene_close(&sc);
}

static void
events__tell_in_few_words_what_would_be_cut(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "all-events");
    add_events(&sc);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "→ worker-1"));
    assert_true(scene_has(&sc, "busybox:1.36 cached"));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "Successfully assigned shop/myapp-pod to worker-1"));
    scene_close(&sc);
}

static void
events__show_korean_text_cell_by_cell(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_korean(), 100, "events");
    story_event(
        &sc, "orders-6c9f7d-k2x9p", "init-db", "BackOff",
        "컨테이너 재시작 대기: 데이터베이스 초기화에 실패했습니다. 네트워크 정책을 확인하세요", 8,
        90, 7);
    scene_keys(&sc, "t");
    assert_true(story_four_sizes(&sc, "events_korean"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events__lists_the_events_of_one_pod),
        cmocka_unit_test(events__lists_everything_with_a_detail_of_the_selected_one),
        cmocka_unit_test(events__are_saved_as_json_lines),
        cmocka_unit_test(events__tell_in_few_words_what_would_be_cut),
        cmocka_unit_test(events__shows_warnings_only_on_z),
        cmocka_unit_test(events__says_what_a_filter_hides),
        cmocka_unit_test(events__filters_by_any_column),
        cmocka_unit_test(events__explains_that_they_are_not_allowed),
        cmocka_unit_test(events__says_that_there_are_none),
        cmocka_unit_test(events__keeps_the_selected_event_while_others_arrive),
        cmocka_unit_test(events__marks_what_the_cluster_has_dropped),
        cmocka_unit_test(events__leads_from_an_event_to_its_pod),
        cmocka_unit_test(events__makes_hostile_messages_harmless),
        cmocka_unit_test(events__of_a_pod_include_what_it_waits_for_and_the_cause),
        cmocka_unit_test(events__are_grouped_by_reason_on_b_and_open_on_enter),
        cmocka_unit_test(events__are_cut_to_a_window_on_plus),
        cmocka_unit_test(events__stand_newest_first_on_I),
        cmocka_unit_test(events__stay_readable_by_the_thousand),
        cmocka_unit_test(events__show_korean_text_cell_by_cell),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
