/* Golden screens of the pod's timeline and of its container table.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stories_more.h"

static void
detail__shows_a_healthy_pod_with_sidecars(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    story_event(&sc, "myapp-with-native-sidecar", "log-router", "Pulled",
                "Container image \"busybox:1.36\" already present on machine", 5, 5, 1);
    scene_keys(&sc, "gj");
    assert_true(story_four_sizes(&sc, "detail_native"));
    scene_close(&sc);
}

static void
detail__has_an_ascii_form(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    sc.surface.ascii = true;
    assert_true(scene_is(&sc, "detail_native_ascii_80x24", 80, 24));
    scene_close(&sc);
}

static void
detail__shows_a_wait_that_does_not_end(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_wait_stuck(), 252, "detail");
    assert_true(scene_is(&sc, "detail_wait_80x24", 80, 24));
    assert_true(scene_is(&sc, "detail_wait_140x40", 140, 40));
    scene_close(&sc);
}

/* Five attempts, each killed after 30 s; only the last two are still in the API's record. */
static void
open_startup_probe(struct scene *sc, const char *view)
{
    static const int STARTS[] = {4, 35, 75, 125, 195};
    story_open(sc, story_startup_probe(0, STARTS[0], -1), STARTS[0] + 1, view);
    for (int i = 0; i < 5; i++) {
        story_later(sc, story_startup_probe(i, STARTS[i], -1), STARTS[i] + 1);
        story_later(sc, story_startup_probe(i, STARTS[i], STARTS[i] + 30), STARTS[i] + 31);
        story_event(sc, "checkout-6f7d9c-hx4kp", "istio-proxy", "Unhealthy",
                    "Startup probe failed: HTTP probe failed with statuscode: 503", STARTS[i] + 1,
                    STARTS[i] + 29, 29);
    }
    story_now(sc, 252);
}

/* Attempts 0 to 3 are kept whole, of the last one the end is on screen; the request's id and the moment differ. */
static bool
probe_run(const void *ctx, const char *uid, const char *container, int32_t attempt,
          struct log_run *out)
{
    (void)ctx;
    if (strcmp(uid, "checkout-6f7d9c-hx4kp") != 0 || strcmp(container, "istio-proxy") != 0)
        return false;
    *out = (struct log_run){.lines = attempt < 4 ? 41 : 40, .tail = attempt == 4};
    snprintf(out->last, sizeof(out->last),
             "2026-03-01T12:0%d:09Z warn ca failed to sign CSR: lookup istiod.istio-system.svc on "
             "10.96.0.10:53: no such host",
             (int)attempt);
    return true;
}

static void
detail__tells_what_all_attempts_said_last(void **state)
{
    struct scene sc;
    (void)state;
    open_startup_probe(&sc, "detail");
    sc.feed.run = probe_run;
    assert_true(scene_is(&sc, "detail_lines_140x40", 140, 40));
    assert_true(scene_is(&sc, "detail_lines_80x24", 80, 24));
    scene_draw(&sc, 60, 16);
    scene_keys(&sc, "\x04\x04\x04\x04\x04");
    assert_true(scene_has(&sc, "40+"));
    scene_close(&sc);
}

static void
detail__shows_a_sidecar_whose_probe_never_passes(void **state)
{
    struct scene sc;
    (void)state;
    open_startup_probe(&sc, "detail");
    assert_true(story_four_sizes(&sc, "detail_probe"));
    scene_close(&sc);
}

static void
detail__counts_down_to_the_kill_while_the_probe_fails(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_startup_probe(0, 4, -1), 16, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "budget 30s"));
    assert_true(scene_has(&sc, "~12/30 failed, killed in 18s  (by the clock)"));
    story_event(&sc, "checkout-6f7d9c-hx4kp", "istio-proxy", "Unhealthy",
                "Startup probe failed: HTTP probe failed with statuscode: 503", 5, 16, 12);
    assert_true(scene_has(&sc, " 12/30 failed, killed in 18s  (by its events)"));
    assert_true(scene_has(&sc, "12× HTTP probe failed with statuscode: 503"));
    scene_close(&sc);
}

static void
open_crash_loop(struct scene *sc, const char *view)
{
    static const int ENDS[] = {6, 18, 39, 80};
    story_open(sc, story_crash_loop(0, ENDS[0]), ENDS[0] + 1, view);
    for (int i = 1; i < 4; i++)
        story_later(sc, story_crash_loop(i, ENDS[i]), ENDS[i] + 1);
    story_event(sc, "myapp-pod", "init-myservice", "BackOff",
                "Back-off restarting failed container init-myservice in pod myapp-pod", 8, 90, 7);
    story_now(sc, 100);
}

static void
detail__shows_every_attempt_of_a_crash_loop(void **state)
{
    struct scene sc;
    (void)state;
    open_crash_loop(&sc, "detail");
    assert_true(scene_is(&sc, "detail_crash_80x24", 80, 24));
    assert_true(scene_is(&sc, "detail_crash_140x40", 140, 40));
    scene_keys(&sc, "++");
    assert_true(scene_is(&sc, "detail_crash_zoomed_80x24", 80, 24));
    scene_close(&sc);
}

static void
detail__scrolls_the_facts_that_do_not_fit(void **state)
{
    struct scene sc;
    (void)state;
    open_crash_loop(&sc, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "^D +"));
    scene_keys(&sc, "\x04");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "12:00:05"));
    scene_keys(&sc, "\x04\x04\x04");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "─ events  (v)"));
    assert_false(scene_has(&sc, "^D +"));
    scene_close(&sc);
}

static void
detail__shows_sixty_containers(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_huge(), 100, "detail");
    assert_true(story_four_sizes(&sc, "detail_huge"));
    scene_close(&sc);
}

static void
detail__shows_korean_text_cell_by_cell(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_korean(), 40, "detail");
    assert_true(story_four_sizes(&sc, "detail_korean"));
    scene_close(&sc);
}

static void
detail__shows_the_order_and_the_grace_of_a_shutdown(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_terminating(-1, -1), 61, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "⠹a1 → ◌s2 → ◌s1   grace ▓▓▓▓▓▓▓▓▓▓▓░ 29s of 30s left"));
    story_later(&sc, story_terminating(66, -1), 67);
    story_now(&sc, 70);
    assert_true(story_four_sizes(&sc, "detail_terminating"));
    scene_keys(&sc, "\x04\x04\x04\x04");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "runs on until s2 has stopped"));
    story_now(&sc, 95);
    assert_true(scene_has(&sc, "grace of 30s over since 5s"));
    scene_close(&sc);
}

static void
detail__shows_a_pod_that_nobody_has_looked_at(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_bare(), 5, "detail");
    assert_true(story_four_sizes(&sc, "detail_bare"));
    scene_close(&sc);
}

/* Only the last of four runs was seen: the others are told of by the count alone. */
static void
detail__says_which_attempts_nobody_saw(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_crash_loop(3, 80), 81, "detail");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, " 1–3 not seen: only the restart count tells of them"));
    scene_close(&sc);
}

static void
detail__shows_an_image_that_is_not_found(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_bad_image(), 160, "detail");
    assert_true(scene_is(&sc, "detail_image_80x24", 80, 24));
    scene_close(&sc);
}

static void
detail__shows_the_start_of_an_old_healthy_pod_and_its_whole_life_zoomed_out(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_resources(), 7800, "detail");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "T+17s"));
    scene_keys(&sc, "-");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "T+2h10m"));
    assert_true(scene_has(&sc, "whole life"));
    scene_close(&sc);
}

static void
detail__makes_hostile_text_harmless(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_hostile(), 20, "detail");
    assert_true(story_four_sizes(&sc, "detail_hostile"));
    scene_close(&sc);
}

static void
detail__keeps_the_last_state_of_a_deleted_pod(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    sc.sink.remove(sc.sink.ctx, story_native_sidecar());
    story_now(&sc, 60);
    assert_true(scene_is(&sc, "detail_deleted_80x24", 80, 24));
    scene_close(&sc);
}

static void
detail__says_when_the_pod_is_gone(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    sc.sink.remove(sc.sink.ctx, story_native_sidecar());
    story_now(&sc, 48 + 3600);
    store_expire(sc.store);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "not there any more"));
    assert_true(story_all_sizes(&sc));
    scene_close(&sc);
}

static void
detail__opens_the_log_of_the_selected_container(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    scene_keys(&sc, "gjj\r");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_string_equal(sc.last.container, "metrics-collector");
    scene_close(&sc);
}

static void
detail__stops_at_the_first_and_the_last_container(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, story_native_sidecar(), 48, "detail");
    scene_keys(&sc, "kkjjjjjjjj\r");
    assert_string_equal(sc.last.container, "application");
    scene_close(&sc);
}

static void
detail__begins_at_the_container_that_blocks(void **state)
{
    struct scene sc;
    (void)state;
    open_startup_probe(&sc, "detail");
    scene_keys(&sc, "\r");
    assert_string_equal(sc.last.container, "istio-proxy");
    scene_close(&sc);
}

static void
containers__lists_all_containers_with_the_selected_one_in_full(void **state)
{
    struct scene sc;
    (void)state;
    open_startup_probe(&sc, "containers");
    scene_keys(&sc, "j");
    assert_true(scene_is(&sc, "containers_probe_80x24", 80, 24));
    assert_true(scene_is(&sc, "containers_probe_140x40", 140, 40));
    assert_true(scene_is(&sc, "containers_probe_60x16", 60, 16));
    assert_true(scene_is(&sc, "containers_probe_200x60", 200, 60));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "\r");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_string_equal(sc.last.container, "istio-proxy");
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detail__shows_a_healthy_pod_with_sidecars),
        cmocka_unit_test(detail__has_an_ascii_form),
        cmocka_unit_test(detail__shows_a_wait_that_does_not_end),
        cmocka_unit_test(detail__shows_a_sidecar_whose_probe_never_passes),
        cmocka_unit_test(detail__tells_what_all_attempts_said_last),
        cmocka_unit_test(detail__counts_down_to_the_kill_while_the_probe_fails),
        cmocka_unit_test(detail__shows_every_attempt_of_a_crash_loop),
        cmocka_unit_test(detail__scrolls_the_facts_that_do_not_fit),
        cmocka_unit_test(detail__shows_sixty_containers),
        cmocka_unit_test(detail__shows_korean_text_cell_by_cell),
        cmocka_unit_test(detail__shows_the_order_and_the_grace_of_a_shutdown),
        cmocka_unit_test(detail__shows_a_pod_that_nobody_has_looked_at),
        cmocka_unit_test(detail__says_which_attempts_nobody_saw),
        cmocka_unit_test(detail__shows_an_image_that_is_not_found),
        cmocka_unit_test(
            detail__shows_the_start_of_an_old_healthy_pod_and_its_whole_life_zoomed_out),
        cmocka_unit_test(detail__makes_hostile_text_harmless),
        cmocka_unit_test(detail__keeps_the_last_state_of_a_deleted_pod),
        cmocka_unit_test(detail__says_when_the_pod_is_gone),
        cmocka_unit_test(detail__opens_the_log_of_the_selected_container),
        cmocka_unit_test(detail__stops_at_the_first_and_the_last_container),
        cmocka_unit_test(detail__begins_at_the_container_that_blocks),
        cmocka_unit_test(containers__lists_all_containers_with_the_selected_one_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
