/* Lines that a stream sends again after an interruption: none is shown twice, none is missed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/app/log_seen.h"
#include "initwatch/base/limits.h"

enum { LINES = 4000 };
struct line {
    int64_t wall_ms;
    uint64_t hash;
};

static bool
is_new(struct log_seen *s, int64_t wall_ms, const char *text)
{
    return log_seen_is_new(s, wall_ms, log_seen_hash(text, strlen(text)));
}

static void
log_seen__a_replay_from_the_second_shows_only_what_is_new(void **state)
{
    (void)state;
    struct log_seen s;
    log_seen_init(&s);
    assert_true(log_seen_resume(&s) == IW_TIME_NONE);
    assert_true(is_new(&s, 999, "old"));
    assert_true(is_new(&s, 1200, "a"));
    assert_true(is_new(&s, 1200, "a")); /* equal in time and bytes: two lines */
    assert_true(is_new(&s, 1300, "b"));
    assert_int_equal(log_seen_resume(&s), 1000);
    assert_false(is_new(&s, 1200, "a"));
    assert_false(is_new(&s, 1200, "a"));
    assert_false(s.replay.found_last);
    assert_false(is_new(&s, 1300, "b"));
    assert_true(s.replay.found_last);
    assert_true(is_new(&s, 1300, "b"));
    assert_true(is_new(&s, 1400, "c"));
    assert_int_equal(s.replay.re_read, 3);
    log_seen_free(&s);
}

static void
log_seen__the_tenth_before_the_second_is_asked_for_again(void **state)
{
    (void)state;
    struct log_seen s;
    log_seen_init(&s);
    assert_true(is_new(&s, 2995, "a"));
    assert_true(is_new(&s, 3005, "b"));
    assert_int_equal(log_seen_resume(&s), 2000);
    assert_false(is_new(&s, 2995, "a"));
    assert_false(is_new(&s, 3005, "b"));
    /* Written by another stream of the container, a little out of order. */
    assert_true(is_new(&s, 2999, "late"));
    assert_int_equal(log_seen_resume(&s), 2000);
    assert_false(is_new(&s, 2995, "a"));
    assert_false(is_new(&s, 3005, "b"));
    assert_false(is_new(&s, 2999, "late"));
    log_seen_free(&s);
}

static void
log_seen__lines_that_a_rotation_took_do_not_hide_the_rest(void **state)
{
    (void)state;
    struct log_seen s;
    log_seen_init(&s);
    for (int i = 0; i < 2000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        assert_true(is_new(&s, 5000, text));
    }
    assert_int_equal(log_seen_resume(&s), 4000);
    for (int i = 1500; i < 2010; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        assert_int_equal(is_new(&s, 5000, text), i >= 2000);
    }
    log_seen_free(&s);
}

static void
log_seen__the_window_has_a_ceiling_and_still_shows_nothing_twice(void **state)
{
    (void)state;
    struct log_seen s;
    log_seen_init(&s);
    const uint64_t count = LIMIT_LOG_SEEN_LINES + 1000;
    for (uint64_t i = 0; i < count; i++)
        assert_true(log_seen_is_new(&s, 7000 + (int64_t)(i / 1000), i * 2));
    assert_true(s.front_lost);
    assert_true(s.count <= LIMIT_LOG_SEEN_LINES && s.allocated <= LIMIT_LOG_SEEN_LINES);
    assert_int_equal(log_seen_resume(&s), 7000);
    for (uint64_t i = 0; i < count + 10; i++)
        assert_int_equal(log_seen_is_new(&s, 7000 + (int64_t)(i / 1000), i * 2), i >= count);
    log_seen_free(&s);
}

/* What a kubelet sends: the lines of the log from a whole second on. */
static void
log_seen__a_thousand_random_interruptions_lose_and_double_nothing(void **state)
{
    (void)state;
    static struct line log[LINES];
    uint64_t seed = 42, shown = 0;
    int64_t at_ms = 1000000;
    for (size_t i = 0; i < LINES; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned kind = (unsigned)(seed >> 60);
        at_ms += kind < 6 ? 0 : (int64_t)(seed >> 33 & 127);
        /* Two writers: some lines are a little older than the one before them. */
        int64_t back_ms = kind > 13 ? (int64_t)(seed >> 40 & 63) : 0;
        log[i] = (struct line){at_ms - back_ms, kind % 3 == 0 ? 8 : (uint64_t)i * 2};
    }
    struct log_seen s;
    log_seen_init(&s);
    size_t from = 0, there = 0;
    for (int cut = 0; shown < LINES; cut++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        there = IW_MIN((size_t)LINES, there + (size_t)(seed >> 33) % 8);
        int64_t since_ms = log_seen_resume(&s);
        size_t upto = cut < 1000 ? from + (size_t)(seed >> 40) % (there - from + 1) : there;
        for (size_t i = 0; i < IW_MAX(upto, there / 2); i++) {
            if (since_ms != IW_TIME_NONE && log[i].wall_ms < since_ms)
                continue;
            if (log_seen_is_new(&s, log[i].wall_ms, log[i].hash)) {
                assert_int_equal(i, shown); /* the next line, and no other */
                shown++;
            }
        }
        assert_true(cut < 5000);
    }
    log_seen_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_seen__a_replay_from_the_second_shows_only_what_is_new),
        cmocka_unit_test(log_seen__the_tenth_before_the_second_is_asked_for_again),
        cmocka_unit_test(log_seen__lines_that_a_rotation_took_do_not_hide_the_rest),
        cmocka_unit_test(log_seen__the_window_has_a_ceiling_and_still_shows_nothing_twice),
        cmocka_unit_test(log_seen__a_thousand_random_interruptions_lose_and_double_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
