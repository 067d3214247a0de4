/* Sums over events: by reason, over time.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "initwatch/model/eventstat.h"
#include "pod_make.h"

static void
put(struct kevent_ring *ring, const char *type, const char *reason, const char *object,
    uint32_t count, int first_s, int last_s)
{
    char uid[64];
    snprintf(uid, sizeof(uid), "%s-%s-%d", reason, object, first_s);
    const struct kevent ev = {.uid = uid,
                              .ns = "shop",
                              .type = type,
                              .reason = reason,
                              .message = uid,
                              .object_kind = "Pod",
                              .object_name = object,
                              .object_uid = object,
                              .container = "",
                              .source = "kubelet",
                              .count = count,
                              .first_ms = T0 + SECONDS(first_s),
                              .last_ms = T0 + SECONDS(last_s)};
    kevent_ring_put(ring, &ev);
}

static struct kevent_ring *
make_ring(void)
{
    struct kevent_ring *ring = kevent_ring_new(10);
    put(ring, "Normal", "Pulled", "web", 30, 0, 0);
    put(ring, "Warning", "BackOff", "web", 7, 10, 19);
    put(ring, "Warning", "BackOff", "db", 2, 12, 12);
    put(ring, "Warning", "Failed", "db", 20, 15, 15);
    return ring;
}

static void
event_reasons__counts_repeats_and_objects_warnings_first(void **state)
{
    struct kevent_ring *ring = make_ring();
    const size_t rows[] = {0, 1, 2, 3};
    struct event_reason sums[8];
    (void)state;
    assert_int_equal(event_reasons(ring, rows, 4, sums, 8), 3);
    assert_string_equal(sums[0].reason, "Failed");
    assert_int_equal(sums[0].count, 20);
    assert_string_equal(sums[1].reason, "BackOff");
    assert_int_equal(sums[1].count, 9);
    assert_int_equal(sums[1].objects, 2);
    assert_int_equal(sums[1].last_ms, T0 + SECONDS(19));
    assert_string_equal(kevent_ring_at(ring, sums[1].newest)->object_name, "web");
    assert_string_equal(sums[2].reason, "Pulled");
    assert_int_equal(event_reasons(ring, rows, 4, sums, 1), 1);
    assert_int_equal(event_reasons(ring, rows, 0, sums, 8), 0);
    kevent_ring_free(ring);
}

static void
event_density__spreads_a_repeated_event_over_its_time(void **state)
{
    struct kevent_ring *ring = make_ring();
    const size_t rows[] = {0, 1, 2, 3};
    double parts[2];
    (void)state;
    event_density(ring, rows, 4, T0, T0 + SECONDS(20), parts, 2);
    assert_true(parts[0] > 29.9 && parts[0] < 30.1);
    assert_true(parts[1] > 28.9 && parts[1] < 29.1);
    event_density(ring, rows, 4, T0, T0, parts, 2);
    assert_true(parts[0] == 0 && parts[1] == 0);
    kevent_ring_free(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_reasons__counts_repeats_and_objects_warnings_first),
        cmocka_unit_test(event_density__spreads_a_repeated_event_over_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
