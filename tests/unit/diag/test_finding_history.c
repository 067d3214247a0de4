/* What became of a cause: first, still so, gone, on how many pods; and what a replay takes back.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../model/pod_make.h"
#include "initwatch/diag/finding_history.h"

static struct pod_make draft;

/* One pod with one cause, since a moment. */
static void
see(struct finding_history *h, uint32_t slot, const char *cause, int64_t since_ms)
{
    struct finding f = {.id = "IW-T01", .title = "test", .severity = SEVERITY_ERROR};
    snprintf(f.cause, sizeof(f.cause), "%s", cause);
    snprintf(f.summary, sizeof(f.summary), "%s of %u", cause, slot);
    finding_history_see(h, (struct pod_ref){slot, 1}, &draft.pod, &f, since_ms);
}

static int
setup(void **state)
{
    make_pod(&draft, "web");
    *state = finding_history_new();
    return 0;
}

static int
teardown(void **state)
{
    finding_history_free(*state);
    return 0;
}

static void
history__begins_where_the_pods_say_it_began(void **state)
{
    struct finding_history *h = *state;
    finding_history_begin(h, T0 + SECONDS(600));
    see(h, 1, "disk", T0);
    see(h, 2, "disk", T0 + SECONDS(60));
    finding_history_end(h);
    const struct finding_past *p = finding_history_of(h, "disk");
    assert_non_null(p);
    assert_int_equal(p->first_ms, T0);
    assert_int_equal(p->pods, 2);
    assert_int_equal(p->step_count, 2);
    assert_int_equal(p->steps[1].at_ms, T0 + SECONDS(60));
    assert_int_equal(p->times, 1);
    assert_int_equal(finding_history_began_ms(h), T0 + SECONDS(600));
    assert_null(finding_history_of(h, "other"));
}

static void
history__knows_when_it_was_gone_and_came_back(void **state)
{
    struct finding_history *h = *state;
    const struct finding_past *gone[4];
    finding_history_begin(h, T0);
    see(h, 1, "disk", T0);
    finding_history_end(h);
    finding_history_begin(h, T0 + SECONDS(10));
    finding_history_end(h);
    assert_int_equal(finding_history_gone(h, gone, 4), 1);
    assert_int_equal(gone[0]->gone_ms, T0 + SECONDS(10));
    assert_int_equal(gone[0]->most, 1);
    assert_string_equal(gone[0]->summary, "disk of 1");
    finding_history_begin(h, T0 + SECONDS(20));
    see(h, 1, "disk", T0 + SECONDS(15));
    finding_history_end(h);
    const struct finding_past *p = finding_history_of(h, "disk");
    assert_int_equal(p->gone_ms, IW_TIME_NONE);
    assert_int_equal(p->times, 2);
    assert_int_equal(p->first_ms, T0);
    assert_int_equal(finding_history_gone(h, gone, 4), 0);
}

static void
history__of_a_trouble_goes_on_under_better_words(void **state)
{
    struct finding_history *h = *state;
    const struct finding_past *gone[4];
    finding_history_begin(h, T0 + SECONDS(100));
    see(h, 1, "waits for something", T0);
    finding_history_end(h);
    finding_history_begin(h, T0 + SECONDS(101));
    see(h, 1, "no such disk", T0);
    finding_history_end(h);
    assert_int_equal(finding_history_gone(h, gone, 4), 0);
    assert_null(finding_history_of(h, "waits for something"));
    assert_int_equal(finding_history_of(h, "no such disk")->first_ms, T0);
}

static void
history__counts_a_pod_once(void **state)
{
    struct finding_history *h = *state;
    finding_history_begin(h, T0);
    see(h, 1, "image", T0);
    see(h, 1, "image", T0);
    finding_history_end(h);
    assert_int_equal(finding_history_of(h, "image")->pods, 1);
}

static void
history__ignores_a_round_that_was_given_up(void **state)
{
    struct finding_history *h = *state;
    const struct finding_past *gone[4];
    finding_history_begin(h, T0);
    see(h, 1, "image", T0);
    finding_history_begin(h, T0 + SECONDS(1));
    finding_history_end(h);
    assert_null(finding_history_of(h, "image"));
    assert_int_equal(finding_history_gone(h, gone, 4), 0);
}

static void
history__goes_back_with_a_replay(void **state)
{
    struct finding_history *h = *state;
    for (int i = 0; i < 3; i++) {
        finding_history_begin(h, T0 + SECONDS(10 * i));
        for (uint32_t slot = 0; slot <= (uint32_t)i; slot++)
            see(h, slot, "disk", T0 + SECONDS(10 * slot));
        if (i == 2)
            see(h, 9, "late", T0 + SECONDS(20));
        finding_history_end(h);
    }
    assert_int_equal(finding_history_of(h, "disk")->pods, 3);
    finding_history_begin(h, T0 + SECONDS(12));
    see(h, 0, "disk", T0);
    see(h, 1, "disk", T0 + SECONDS(10));
    finding_history_end(h);
    assert_int_equal(finding_history_of(h, "disk")->pods, 2);
    assert_int_equal(finding_history_of(h, "disk")->most, 2);
    assert_null(finding_history_of(h, "late"));
}

static void
history__is_bounded(void **state)
{
    struct finding_history *h = *state;
    char cause[32];
    finding_history_begin(h, T0);
    for (uint32_t i = 0; i < LIMIT_FINDING_CAUSES + 10; i++) {
        snprintf(cause, sizeof(cause), "cause %u", i);
        see(h, i, cause, T0);
    }
    finding_history_end(h);
    assert_non_null(finding_history_of(h, "cause 0"));
    assert_null(finding_history_of(h, "cause 130"));
    /* what is gone longest makes room */
    for (int i = 1; i < 3 * LIMIT_FINDING_STEPS; i++) {
        finding_history_begin(h, T0 + SECONDS(i));
        for (uint32_t slot = 0; slot < (uint32_t)(1 + i % 2); slot++)
            see(h, slot, "flaps", T0 + SECONDS(i));
        finding_history_end(h);
    }
    const struct finding_past *p = finding_history_of(h, "flaps");
    assert_non_null(p);
    assert_int_equal(p->step_count, LIMIT_FINDING_STEPS);
    assert_int_equal(p->most, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(history__begins_where_the_pods_say_it_began, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(history__knows_when_it_was_gone_and_came_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(history__of_a_trouble_goes_on_under_better_words, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(history__counts_a_pod_once, setup, teardown),
        cmocka_unit_test_setup_teardown(history__ignores_a_round_that_was_given_up, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(history__goes_back_with_a_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(history__is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
