/* Golden screens of the why view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/model/object_make.h"
#include "stories_more.h"

static void
why__explains_a_wait_that_does_not_end(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_wait_stuck(), 252, "why");
    assert_true(scene_is(&sc, "why_wait_80x24", 80, 24));
    assert_true(scene_is(&sc, "why_wait_140x40", 140, 40));
    assert_true(scene_is(&sc, "why_wait_60x16", 60, 16));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
why__explains_a_crash_loop_with_its_events(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "why");
    story_event(&sc, "myapp-pod", "init-myservice", "BackOff",
                "Back-off restarting failed container init-myservice in pod myapp-pod", 8, 90, 7);
    assert_true(scene_is(&sc, "why_crash_80x24", 80, 24));
    scene_close(&sc);
}

static void
why__explains_a_sidecar_that_holds_up_the_rest(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(4, 195, 225), 252, "why");
    assert_true(scene_is(&sc, "why_probe_80x24", 80, 24));
    assert_true(scene_is(&sc, "why_probe_140x40", 140, 40));
    scene_keys(&sc, "n");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "2/2  n next"));
    scene_close(&sc);
}

static void
why__says_what_was_checked_when_nothing_is_wrong(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "why");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "✓ Nothing holds this pod up"));
    assert_true(scene_has(&sc, "checked: "));
    scene_close(&sc);
}

static void
why__says_when_events_are_not_allowed(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_bad_image(), 160, "why");
    scene_status(&sc, STREAM_EVENTS, SOURCE_DENIED, IW_ERR_FORBIDDEN, "events is forbidden");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "events: not allowed"));
    /* who has to log in again is not sent to ask for a role */
    scene_status(&sc, STREAM_EVENTS, SOURCE_DENIED, IW_ERR_UNAUTHORIZED, "Unauthorized");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "events: credentials not accepted (401)"));
    assert_false(scene_has(&sc, "not allowed"));
    scene_close(&sc);
}

static void
why__copies_what_helps(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "why");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "c");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_true(strlen(sc.last.text) > 0);
    scene_close(&sc);
}

static void
why__shows_the_end_of_a_deleted_pod(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 100, "why");
    sc.sink.remove(sc.sink.ctx, story_crash_loop(3, 80));
    story_now(&sc, 112);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "deleted 12s ago"));
    assert_true(scene_has(&sc, "BLOCKED"));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
why__makes_hostile_text_harmless(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_hostile(), 20, "why");
    assert_true(story_four_sizes(&sc, "why_hostile"));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
why__goes_from_the_wait_to_the_root_cause(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, make_waiter("until nc -z postgres-service 5432; do sleep 2; done"), 252, "why");
    add_postgres(&sc.sink, false);
    story_event(&sc, "postgres-0", "", "FailedScheduling",
                "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.", 3, 96,
                11);
    assert_true(story_four_sizes(&sc, "why_chain"));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "sure ●●●●○ 4/5 "));
    assert_true(scene_has(&sc, "ruled out: DNS name ✓  service port ✓  NetworkPolicy ✓"));
    assert_true(scene_has(&sc, "use an existing class (standard is the default)"));
    scene_close(&sc);
}

/* Two pods wait for one thing: it is one problem. */
static void
why__names_the_other_pods_with_the_same_cause(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, make_waiter("until nc -z postgres-service 5432; do sleep 2; done"), 252, "why");
    add_postgres(&sc.sink, false);
    struct pod *other = make_waiter("until nc -z postgres-service 5432; do sleep 2; done");
    struct pod draft = *other;
    draft.name = draft.uid = "reports-5d8";
    scene_add(&sc, pod_seal(&draft));
    pod_free(other);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "also blocked by this:"));
    assert_true(scene_has(&sc, "reports-5d8"));
    scene_close(&sc);
}

static void
why__holds_sixty_containers_and_korean(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_huge(), 100, "why");
    assert_true(story_four_sizes(&sc, "why_huge"));
    scene_close(&sc);
    story_open(&sc, story_korean(), 40, "why");
    assert_true(story_four_sizes(&sc, "why_korean"));
    scene_close(&sc);
    story_open(&sc, story_native_sidecar(), 48, "why");
    assert_true(story_four_sizes(&sc, "why_healthy"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why__explains_a_wait_that_does_not_end),
        cmocka_unit_test(why__explains_a_crash_loop_with_its_events),
        cmocka_unit_test(why__explains_a_sidecar_that_holds_up_the_rest),
        cmocka_unit_test(why__says_what_was_checked_when_nothing_is_wrong),
        cmocka_unit_test(why__says_when_events_are_not_allowed),
        cmocka_unit_test(why__copies_what_helps),
        cmocka_unit_test(why__shows_the_end_of_a_deleted_pod),
        cmocka_unit_test(why__makes_hostile_text_harmless),
        cmocka_unit_test(why__goes_from_the_wait_to_the_root_cause),
        cmocka_unit_test(why__names_the_other_pods_with_the_same_cause),
        cmocka_unit_test(why__holds_sixty_containers_and_korean),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
