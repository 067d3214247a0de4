/* Golden screens of the why view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stories.h"

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
    assert_true(scene_has(&sc, "not allowed to read events"));
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
    assert_true(story_all_sizes(&sc));
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
