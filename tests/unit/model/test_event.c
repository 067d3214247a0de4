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
kevent_ring__tells_how_many_places_are_as_they_were(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(10);
    struct kevent events[] = {event("e1", "Pulled", 1, 1000), event("e2", "Created", 1, 2000),
                              event("e3", "Started", 1, 3000)};
    for (int i = 0; i < 3; i++)
        kevent_ring_put(ring, &events[i]);
    assert_int_equal(kevent_ring_kept(ring, 0), 0);
    uint64_t since = kevent_ring_generation(ring);
    assert_int_equal(kevent_ring_kept(ring, since), 3);
    events[1].last_ms = 4000; /* goes to the end */
    kevent_ring_put(ring, &events[1]);
    assert_int_equal(kevent_ring_kept(ring, since), 1);
    since = kevent_ring_generation(ring);
    for (int i = 0; i < 20; i++) { /* more readings than are kept */
        events[2].count++;
        kevent_ring_put(ring, &events[2]);
        assert_int_equal(kevent_ring_kept(ring, kevent_ring_generation(ring) - 1), 1);
        assert_int_equal(kevent_ring_kept(ring, kevent_ring_generation(ring)), 3);
    }
    assert_int_equal(kevent_ring_kept(ring, since), 0);
    since = kevent_ring_generation(ring);
    kevent_ring_clear(ring);
    kevent_ring_put(ring, &events[0]);
    assert_int_equal(kevent_ring_kept(ring, since), 0);
    assert_true(kevent_ring_generation(ring) > since);
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

/* Whatever comes, in whatever order it is read in between: what is told is what a ring tells that was
 * never read before. */
static void
kevent_ring__tells_the_same_however_often_it_is_read(void **state)
{
    (void)state;
    struct kevent_ring *often = kevent_ring_new(60), *once = kevent_ring_new(60);
    uint32_t seed = 7;
    for (int i = 0; i < 3000; i++) {
        char uid[16], reason[16], message[16];
        seed = seed * 1664525u + 1013904223u;
        snprintf(uid, sizeof(uid), "e%u", seed >> 24 & 63);
        snprintf(reason, sizeof(reason), "r%u", seed >> 20 & 3);
        snprintf(message, sizeof(message), "m%u", seed >> 16 & 7);
        struct kevent ev = event(uid, reason, 1, 1000 + (seed >> 8 & 31));
        ev.message = message;
        ev.object_uid = ev.object_name = seed & 1u << 15 ? "web" : "db";
        if (seed & 1u << 7 && i % 5 == 0) {
            kevent_ring_remove(often, uid);
            kevent_ring_remove(once, uid);
        } else {
            kevent_ring_put(often, &ev);
            kevent_ring_put(once, &ev);
        }
        (void)kevent_ring_count(often);
    }
    assert_true(kevent_ring_count(once) > 10);
    assert_int_equal(kevent_ring_count(often), kevent_ring_count(once));
    for (size_t i = 0; i < kevent_ring_count(once); i++) {
        const struct kevent *a = kevent_ring_at(often, i), *b = kevent_ring_at(once, i);
        assert_string_equal(a->uid, b->uid);
        assert_string_equal(a->message, b->message);
        assert_int_equal(a->count, b->count);
        assert_int_equal(a->expired, b->expired);
        assert_true(a->last_ms == b->last_ms && a->first_ms == b->first_ms);
        assert_true(i == 0 || kevent_ring_at(often, i - 1)->last_ms <= a->last_ms);
    }
    kevent_ring_free(often);
    kevent_ring_free(once);
}

static void
kevent_ring__finds_what_is_about_a_name(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(10);
    struct kevent other = event("b", "Scheduled", 1, 2000), moved = event("c", "Killing", 1, 3000);
    const struct kevent ev = event("a", "BackOff", 1, 1000);
    other.object_name = "db";
    kevent_ring_put(ring, &ev);
    kevent_ring_put(ring, &other);
    kevent_ring_put(ring, &moved);
    moved.message = "another text"; /* the same Event tells something else now */
    kevent_ring_put(ring, &moved);
    size_t seen = 0;
    bool found[3] = {false};
    for (size_t it = 0, at; kevent_ring_named(ring, "web", &it, &at); seen++) {
        assert_true(at < 3 && !found[at]);
        found[at] = true;
    }
    assert_int_equal(seen, 2);
    assert_true(found[0] && found[2]);
    assert_string_equal(kevent_ring_at(ring, 2)->message, "another text");
    size_t it = 0, at;
    assert_false(kevent_ring_named(ring, "nobody", &it, &at));
    kevent_ring_free(ring);
}

/* Texts that change with each repeat must not pile up. */
static void
kevent_ring__forgets_stories_that_nobody_tells_any_more(void **state)
{
    (void)state;
    struct kevent_ring *ring = kevent_ring_new(10);
    size_t about[8];
    for (int i = 0; i < 5000; i++) {
        char message[16];
        struct kevent ev = event("a", "FailedScheduling", 1, 1000 + i);
        snprintf(message, sizeof(message), "try %d", i);
        ev.message = message;
        kevent_ring_put(ring, &ev);
        if (i % 700 == 0)
            assert_int_equal(kevent_ring_about(ring, "pod-1", about, 8), 1);
    }
    assert_int_equal(kevent_ring_count(ring), 1);
    assert_string_equal(kevent_ring_at(ring, 0)->message, "try 4999");
    kevent_ring_free(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kevent_ring__replaces_a_repeat_of_the_same_object),
        cmocka_unit_test(kevent_ring__tells_how_many_places_are_as_they_were),
        cmocka_unit_test(kevent_ring__folds_equal_texts_of_different_objects),
        cmocka_unit_test(kevent_ring__tells_one_second_in_the_order_of_a_start),
        cmocka_unit_test(kevent_ring__drops_the_oldest_when_full),
        cmocka_unit_test(kevent_ring__tells_the_same_however_often_it_is_read),
        cmocka_unit_test(kevent_ring__finds_what_is_about_a_name),
        cmocka_unit_test(kevent_ring__forgets_stories_that_nobody_tells_any_more),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
