/* Probe budgets and kills from events, probe numbers and the time.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/probes.h"
#include "pod_make.h"

#define STARTED (T0 + SECONDS(10))

static struct pod *
make_probed(void)
{
    struct pod_make m;
    make_pod(&m, "web");
    struct container *c = make_sidecar(&m, "proxy");
    c->startup = draft_probe((struct probe){.kind = PROBE_HTTP,
                                            .target = "httpGet :15021/ready",
                                            .initial_delay_s = 5,
                                            .period_s = 2,
                                            .failure_threshold = 30,
                                            .grace_s = -1});
    c->liveness =
        draft_probe((struct probe){.kind = PROBE_TCP, .target = "tcp :80", .grace_s = -1});
    make_container(&m, LIST_APP, "app");
    make_running(&m, LIST_INIT, "proxy", STARTED)->started = TRI_FALSE;
    return pod_seal(&m.pod);
}

static void
add_event(struct kevent_ring *ring, const char *reason, const char *message, uint32_t count,
          int64_t first_ms, int64_t last_ms)
{
    const struct kevent ev = {.uid = reason,
                              .ns = "shop",
                              .type = "Warning",
                              .reason = reason,
                              .message = message,
                              .object_kind = "Pod",
                              .object_name = "web",
                              .object_uid = "web",
                              .container = "proxy",
                              .source = "kubelet",
                              .count = count,
                              .first_ms = first_ms,
                              .last_ms = last_ms};
    kevent_ring_put(ring, &ev);
}

static void
probe_state__counts_the_events_of_this_run(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct kevent_ring *ring = kevent_ring_new(10);
    struct probe_state st;
    add_event(ring, "Unhealthy", "Startup probe failed: 503", 12, STARTED + SECONDS(5),
              STARTED + SECONDS(27));
    assert_true(
        probe_state_of(pod, pod->containers, PROBE_ROLE_STARTUP, ring, STARTED + SECONDS(28), &st));
    assert_int_equal(st.source, PROBE_COUNT_EVENTS);
    assert_int_equal(st.failures, 12);
    assert_int_equal(st.threshold, 30);
    assert_int_equal(st.budget_ms, SECONDS(65));
    assert_int_equal(st.kill_ms, STARTED + SECONDS(65));
    assert_string_equal(probe_event_text(st.last), "503");
    kevent_ring_free(ring);
    pod_free(pod);
}

/* A count goes on over restarts, and may stop at the kubelet's limit of events. */
static void
probe_state__goes_by_the_time_where_events_say_too_little(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct kevent_ring *ring = kevent_ring_new(10);
    struct probe_state st;
    assert_true(
        probe_state_of(pod, pod->containers, PROBE_ROLE_STARTUP, NULL, STARTED + SECONDS(28), &st));
    assert_int_equal(st.source, PROBE_COUNT_TIME);
    assert_int_equal(st.failures, 11);
    add_event(ring, "Unhealthy", "Startup probe failed: 503", 145, T0 - SECONDS(100),
              STARTED + SECONDS(27));
    assert_true(
        probe_state_of(pod, pod->containers, PROBE_ROLE_STARTUP, ring, STARTED + SECONDS(28), &st));
    assert_int_equal(st.source, PROBE_COUNT_TIME);
    assert_int_equal(st.failures, 11);
    assert_true(st.last_is_of_this_run);
    assert_true(probe_state_of(pod, pod->containers, PROBE_ROLE_STARTUP, ring,
                               STARTED + SECONDS(900), &st));
    assert_int_equal(st.failures, 30);
    kevent_ring_free(ring);
    pod_free(pod);
}

static void
probe_state__says_nothing_of_a_probe_that_is_not_there(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct probe_state st;
    assert_false(probe_state_of(pod, pod->containers, PROBE_ROLE_READINESS, NULL, STARTED, &st));
    assert_true(probe_state_of(pod, pod->containers, PROBE_ROLE_LIVENESS, NULL, STARTED, &st));
    assert_int_equal(st.source, PROBE_COUNT_NONE);
    assert_int_equal(st.kill_ms, IW_TIME_NONE);
    pod_free(pod);
}

/* Defaults of the API server: every 10 s, three in a row. */
static void
probe_state__counts_down_a_liveness_probe_that_fails_now(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct kevent_ring *ring = kevent_ring_new(10);
    struct probe_state st;
    add_event(ring, "Unhealthy", "Liveness probe failed: refused", 2, STARTED + SECONDS(20),
              STARTED + SECONDS(30));
    assert_true(probe_state_of(pod, pod->containers, PROBE_ROLE_LIVENESS, ring,
                               STARTED + SECONDS(34), &st));
    assert_int_equal(st.source, PROBE_COUNT_EVENTS);
    assert_int_equal(st.failures, 2);
    assert_int_equal(st.kill_ms, STARTED + SECONDS(40));
    assert_true(probe_state_of(pod, pod->containers, PROBE_ROLE_LIVENESS, ring,
                               STARTED + SECONDS(90), &st));
    assert_int_equal(st.source, PROBE_COUNT_NONE);
    kevent_ring_free(ring);
    pod_free(pod);
}

static void
probe_killed__believes_the_killing_event(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct kevent_ring *ring = kevent_ring_new(10);
    enum probe_role role;
    add_event(ring, "Killing", "Container proxy failed liveness probe, will be restarted", 1,
              STARTED + SECONDS(300), STARTED + SECONDS(300));
    assert_int_equal(
        probe_killed(pod, pod->containers, STARTED, STARTED + SECONDS(302), ring, &role),
        PROBE_KILL_SAID);
    assert_int_equal(role, PROBE_ROLE_LIVENESS);
    assert_int_equal(
        probe_killed(pod, pod->containers, STARTED, STARTED + SECONDS(100), ring, &role),
        PROBE_KILL_NO);
    kevent_ring_free(ring);
    pod_free(pod);
}

static void
probe_killed__infers_it_from_the_length_of_the_run(void **state)
{
    (void)state;
    struct pod *pod = make_probed();
    struct kevent_ring *ring = kevent_ring_new(10);
    enum probe_role role;
    assert_int_equal(
        probe_killed(pod, pod->containers, STARTED, STARTED + SECONDS(65), ring, &role),
        PROBE_KILL_NO);
    add_event(ring, "Unhealthy", "Startup probe failed: 503", 29, STARTED + SECONDS(5),
              STARTED + SECONDS(64));
    assert_int_equal(
        probe_killed(pod, pod->containers, STARTED, STARTED + SECONDS(65), ring, &role),
        PROBE_KILL_INFERRED);
    assert_int_equal(role, PROBE_ROLE_STARTUP);
    assert_int_equal(
        probe_killed(pod, pod->containers, STARTED, STARTED + SECONDS(20), ring, &role),
        PROBE_KILL_NO);
    kevent_ring_free(ring);
    pod_free(pod);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_state__counts_the_events_of_this_run),
        cmocka_unit_test(probe_state__goes_by_the_time_where_events_say_too_little),
        cmocka_unit_test(probe_state__says_nothing_of_a_probe_that_is_not_there),
        cmocka_unit_test(probe_state__counts_down_a_liveness_probe_that_fails_now),
        cmocka_unit_test(probe_killed__believes_the_killing_event),
        cmocka_unit_test(probe_killed__infers_it_from_the_length_of_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
