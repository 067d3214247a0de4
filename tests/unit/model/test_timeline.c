/* What a timeline keeps: only what has changed, and all of it when somebody looks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/model/timeline_internal.h"
#include "pod_make.h"

/* An init that failed once, a sidecar that runs, an application at its n-th restart. */
static struct pod *
restarted(int32_t restarts)
{
    struct pod_make m;
    make_pod(&m, "a");
    make_container(&m, LIST_INIT, "prep");
    make_sidecar(&m, "proxy");
    make_container(&m, LIST_APP, "app");
    struct container_state last = {.terminated = true,
                                   .end = make_end(1, "Error", T0 + SECONDS(1), T0 + SECONDS(2))};
    struct container_status *prep = make_ended(
        &m, LIST_INIT, "prep", make_end(0, "Completed", T0 + SECONDS(3), T0 + SECONDS(4)));
    prep->last = &last;
    prep->restart_count = 1;
    make_running(&m, LIST_INIT, "proxy", T0 + SECONDS(5))->ready = true;
    struct container_status *app =
        make_running(&m, LIST_APP, "app", T0 + SECONDS(6 + 10 * restarts));
    app->restart_count = restarts;
    return pod_seal(&m.pod);
}

static void
assert_same(const struct timeline *a, const struct timeline *b, const struct pod *pod)
{
    assert_int_equal(timeline_count(a), timeline_count(b));
    for (size_t i = 0; i < timeline_count(a); i++) {
        const struct transition left = timeline_at(a, i), right = timeline_at(b, i);
        assert_int_equal(left.wall_ms, right.wall_ms);
        assert_string_equal(left.container, right.container);
        assert_string_equal(left.from, right.from);
        assert_string_equal(left.to, right.to);
        assert_string_equal(left.reason, right.reason);
        assert_int_equal(left.attempt, right.attempt);
        assert_int_equal(left.source, right.source);
    }
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct attempt left[8], right[8];
        size_t count = timeline_attempts(a, pod, c, left, 8);
        assert_int_equal(timeline_attempts(b, pod, c, right, 8), count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(left[i].number, right[i].number);
            assert_int_equal(left[i].started_ms, right[i].started_ms);
            assert_string_equal(left[i].container_id, right[i].container_id);
        }
    }
}

static void
timeline__is_the_same_whether_the_first_record_was_shown_or_not(void **state)
{
    (void)state;
    struct timeline *late = timeline_new(), *early = timeline_new();
    struct pod *pod = restarted(0);
    timeline_diff(early, NULL, pod, T0, false);
    for (int32_t n = 1; n < 4; n++) {
        struct pod *next = restarted(n);
        timeline_diff(late, pod, next, T0 + SECONDS(20 + 10 * n), false);
        timeline_diff(early, pod, next, T0 + SECONDS(20 + 10 * n), false);
        pod_free(pod);
        pod = next;
    }
    timeline_complete(late, pod);
    assert_same(late, early, pod);
    size_t before = timeline_count(late);
    timeline_complete(late, pod);
    assert_int_equal(timeline_count(late), before);
    pod_free(pod);
    timeline_free(late);
    timeline_free(early);
}

static void
timeline__of_one_restart_is_small(void **state)
{
    (void)state;
    struct timeline *t = timeline_new();
    struct pod *old = restarted(0), *pod = restarted(1);
    timeline_diff(t, old, pod, T0 + SECONDS(30), false);
    size_t bytes = sizeof(*t) + t->runs.cap * sizeof(*t->runs.items) +
                   t->transitions.cap * sizeof(*t->transitions.items) +
                   t->words.cap * sizeof(*t->words.items);
    assert_in_range(bytes, 1, 460);
    pod_free(old);
    pod_free(pod);
    timeline_free(t);
}

static void
check_id(const char *text)
{
    struct run_id id = {.scheme = NULL};
    char out[96];
    run_id_set(&id, "another one");
    run_id_set(&id, text);
    run_id_text(&id, out, sizeof(out));
    assert_string_equal(out, text);
    run_id_free(&id);
}

static void
timeline__holds_any_id_of_a_container(void **state)
{
    (void)state;
    check_id("");
    check_id("x://1");
    check_id("containerd://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    check_id("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    check_id("containerd://0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
    check_id("cri-o://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde");
}

static void
timeline__remembers_a_container_that_is_no_longer_reported(void **state)
{
    (void)state;
    struct timeline *t = timeline_new();
    struct pod_make m;
    struct pod *old = restarted(0);
    make_pod(&m, "a");
    make_container(&m, LIST_INIT, "prep");
    struct pod *pod = pod_seal(&m.pod);
    struct attempt attempts[4];
    timeline_diff(t, old, pod, T0 + SECONDS(30), false);
    timeline_complete(t, pod);
    assert_int_equal(timeline_attempts(t, pod, pod_containers(pod, NULL), attempts, 4), 2);
    pod_free(old);
    pod_free(pod);
    timeline_free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timeline__is_the_same_whether_the_first_record_was_shown_or_not),
        cmocka_unit_test(timeline__of_one_restart_is_small),
        cmocka_unit_test(timeline__holds_any_id_of_a_container),
        cmocka_unit_test(timeline__remembers_a_container_that_is_no_longer_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
