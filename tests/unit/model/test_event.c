/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/event.h"

static struct kevent
event(const char *uid, const char *reason, uint32_t count, int64_t last_ms)
{
    return (struct kevent){.uid = uid,
                           .ns = "shop",
                           .type = "Warning",
                           .reason = reason,
                           .message = "text",
                           .object_kind = "Pod",
                           .object_name = "web",
                           .object_uid = "pod-1",
                           .container = "",
                           .source = "kubelet",
                           .count = count,
                           .first_ms = 1000,
                           .last_ms = last_ms};
}

static void
kevent_ring__replaces_a_repeat_of_the_same_object(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(10);
    struct kevent ev = event("e1", "BackOff", 1, 1000);
    kevent_ring_put(ring, &ev);
    ev.count = 7;
    ev.last_ms = 9000;
    kevent_ring_put(ring, &ev);
    assert_int_equal(kevent_ring_count(ring), 1);
    assert_int_equal(kevent_ring_at(ring, 0)->count, 7);
    assert_true(kevent_ring_at(ring, 0)->last_ms == 9000);
    kevent_ring_free(ring);
}

static void
kevent_ring__folds_equal_texts_of_different_objects(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(10);
    struct kevent a = event("e1", "FailedScheduling", 2, 3000);
    struct kevent b = event("e2", "FailedScheduling", 3, 2000);
    struct kevent c = event("e3", "BackOff", 1, 2500);
    kevent_ring_put(ring, &a);
    kevent_ring_put(ring, &b);
    kevent_ring_put(ring, &c);
    assert_int_equal(kevent_ring_count(ring), 2);
    assert_string_equal(kevent_ring_at(ring, 0)->reason, "BackOff");
    assert_int_equal(kevent_ring_at(ring, 1)->count, 5);
    assert_true(kevent_ring_at(ring, 1)->last_ms == 3000);
    size_t about[8];
    assert_int_equal(kevent_ring_about(ring, "pod-1", about, 8), 2);
    assert_int_equal(about[0], 0);
    assert_int_equal(kevent_ring_about(ring, "pod-1", about, 1), 1);
    assert_int_equal(about[0], 1);
    assert_int_equal(kevent_ring_about(ring, "other", about, 8), 0);
    kevent_ring_free(ring);
}

static void
kevent_ring__tells_one_second_in_the_order_of_a_start(void **state)
{
    (void)state;
    static const char *const steps[] = {"Started", "BackOff", "Created", "Scheduled", "Pulled"};
    static const char *const told[] = {"Scheduled", "Pulled", "Created", "Started", "BackOff"};
    struct kevent_ring *ring = kevent_ring_new(10);
    for (size_t i = 0; i < IW_COUNTOF(steps); i++) {
        struct kevent ev = event(steps[i], steps[i], 1, 1000);
        kevent_ring_put(ring, &ev);
    }
    for (size_t i = 0; i < IW_COUNTOF(told); i++)
        assert_string_equal(kevent_ring_at(ring, i)->reason, told[i]);
    kevent_ring_free(ring);
}

static void
kevent_ring__drops_the_oldest_when_full(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(20);
    for (int i = 0; i < 200; i++) {
        char uid[16], reason[16];
        snprintf(uid, sizeof(uid), "e%d", i);
        snprintf(reason, sizeof(reason), "r%d", i);
        struct kevent ev = event(uid, reason, 1, i);
        kevent_ring_put(ring, &ev);
    }
    assert_true(kevent_ring_count(ring) <= 20);
    assert_string_equal(kevent_ring_at(ring, kevent_ring_count(ring) - 1)->reason, "r199");
    kevent_ring_remove(ring, "e199");
    assert_true(kevent_ring_at(ring, kevent_ring_count(ring) - 1)->expired);
    kevent_ring_remove(ring, "never seen");
    kevent_ring_free(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kevent_ring__replaces_a_repeat_of_the_same_object),
        cmocka_unit_test(kevent_ring__folds_equal_texts_of_different_objects),
        cmocka_unit_test(kevent_ring__tells_one_second_in_the_order_of_a_start),
        cmocka_unit_test(kevent_ring__drops_the_oldest_when_full),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
