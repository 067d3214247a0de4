/* loop: timers on a manual clock, descriptors, work slices, hooks, signals; removal from inside.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/net/loop.h"

struct fixture {
    struct clock clock;
    struct loop *loop;
    char seen[64]; /* letters in the order in which things ran */
    loop_id ids[4];
    int fds[2];
    int left;
};

static struct fixture *fx;

static void
note(char letter)
{
    size_t len = strlen(fx->seen);
    if (len + 1 < sizeof(fx->seen)) {
        fx->seen[len] = letter;
        fx->seen[len + 1] = '\0';
    }
}

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.clock = clock_manual(1000, 0)};
    fx = &fixture;
    fx->loop = loop_new(&fx->clock);
    *state = fx;
    return pipe(fx->fds);
}

static int
tear_down(void **state)
{
    (void)state;
    loop_free(fx->loop);
    close(fx->fds[0]);
    close(fx->fds[1]);
    return 0;
}

static void
note_letter(void *ctx)
{
    note(*(const char *)ctx);
}

static void
loop_timer__runs_in_order_of_time(void **state)
{
    (void)state;
    loop_timer_add(fx->loop, 30, note_letter, "c");
    loop_timer_add(fx->loop, 10, note_letter, "a");
    loop_timer_add(fx->loop, 20, note_letter, "b");
    loop_timer_add(fx->loop, 30, note_letter, "d");
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "");
    clock_advance(&fx->clock, 20);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "ab");
    clock_advance(&fx->clock, 100);
    loop_turn(fx->loop, 0);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "abcd");
}

static void
loop_timer__removes_any_of_many(void **state)
{
    (void)state;
    loop_id ids[200];
    for (unsigned i = 0; i < 200; i++)
        ids[i] =
            loop_timer_add(fx->loop, (int64_t)(i * 7919 % 200), note_letter, i % 40 ? "x" : "y");
    for (unsigned i = 0; i < 200; i++)
        if (i % 40)
            loop_remove(fx->loop, ids[i]);
    loop_remove(fx->loop, ids[1]);
    loop_remove(fx->loop, 0);
    clock_advance(&fx->clock, 500);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "yyyyy");
}

static void
add_again(void *ctx)
{
    note('r');
    loop_timer_add(fx->loop, 0, add_again, ctx);
}

static void
loop_timer__added_by_a_timer_waits_for_the_next_turn(void **state)
{
    (void)state;
    loop_timer_add(fx->loop, 0, add_again, NULL);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "r");
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "rr");
}

static void
remove_second(void *ctx)
{
    (void)ctx;
    note('1');
    loop_remove(fx->loop, fx->ids[1]);
}

static void
loop_timer__may_remove_one_that_is_due(void **state)
{
    (void)state;
    fx->ids[0] = loop_timer_add(fx->loop, 1, remove_second, NULL);
    fx->ids[1] = loop_timer_add(fx->loop, 2, note_letter, "2");
    fx->ids[2] = loop_timer_add(fx->loop, 3, note_letter, "3");
    clock_advance(&fx->clock, 10);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "13");
}

static void
read_one(void *ctx, int fd, int events)
{
    char byte = 0;
    assert_int_equal(events, LOOP_READ);
    if (read(fd, &byte, 1) == 1)
        note(byte);
    else
        loop_remove(fx->loop, *(loop_id *)ctx);
}

static void
loop_fd__reports_readable_and_the_end(void **state)
{
    (void)state;
    fx->ids[0] = loop_fd_add(fx->loop, fx->fds[0], LOOP_READ, read_one, &fx->ids[0]);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "");
    assert_int_equal(write(fx->fds[1], "pq", 2), 2);
    for (int i = 0; i < 4; i++)
        loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "pq");
    close(fx->fds[1]);
    for (int i = 0; i < 3; i++)
        loop_turn(fx->loop, 0); /* a hang-up is readable; read_one removes itself */
    fx->fds[1] = -1;
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "pq");
}

static void
write_ready(void *ctx, int fd, int events)
{
    (void)ctx, (void)fd;
    assert_int_equal(events, LOOP_WRITE);
    note('w');
    /* Its neighbour is ready too, but must not run any more. */
    loop_remove(fx->loop, fx->ids[1]);
    loop_remove(fx->loop, fx->ids[0]);
}

static void
loop_fd__removal_of_a_ready_neighbour_is_safe(void **state)
{
    (void)state;
    assert_int_equal(write(fx->fds[1], "z", 1), 1);
    fx->ids[0] = loop_fd_add(fx->loop, fx->fds[1], LOOP_WRITE, write_ready, NULL);
    fx->ids[1] = loop_fd_add(fx->loop, fx->fds[0], LOOP_READ, read_one, NULL);
    for (int i = 0; i < 3; i++)
        loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "w");
}

static bool
work_some(void *ctx)
{
    note(*(const char *)ctx);
    return --fx->left > 0;
}

static void
loop_work__runs_until_it_says_done_and_again_when_woken(void **state)
{
    (void)state;
    fx->left = 3;
    loop_id id = loop_work_add(fx->loop, work_some, "w");
    for (int i = 0; i < 5; i++)
        loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "www");
    fx->left = 1;
    loop_work_wake(fx->loop, id);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "wwww");
    loop_remove(fx->loop, id);
    loop_work_wake(fx->loop, id);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "wwww");
}

static bool
work_endless(void *ctx)
{
    (void)ctx;
    fx->left++;
    usleep(500);
    return true;
}

static void
loop_work__leaves_the_turn_after_its_slice(void **state)
{
    (void)state;
    loop_work_add(fx->loop, work_endless, NULL);
    loop_timer_add(fx->loop, 0, note_letter, "t");
    loop_turn(fx->loop, -1); /* does not sleep: work is left */
    assert_string_equal(fx->seen, "t");
    assert_in_range(fx->left, 1, 40);
    int before = fx->left;
    loop_turn(fx->loop, -1);
    assert_true(fx->left > before);
}

static bool
work_remove_itself(void *ctx)
{
    (void)ctx;
    note('s');
    loop_remove(fx->loop, fx->ids[0]);
    return true;
}

static void
loop_work__may_remove_itself(void **state)
{
    (void)state;
    fx->ids[0] = loop_work_add(fx->loop, work_remove_itself, NULL);
    loop_turn(fx->loop, 0);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "s");
}

static void
hook_that_removes_the_next(void *ctx)
{
    (void)ctx;
    note('h');
    loop_remove(fx->loop, fx->ids[1]);
}

static void
loop_before_sleep__runs_each_turn_and_may_remove_another(void **state)
{
    (void)state;
    loop_before_sleep_add(fx->loop, hook_that_removes_the_next, NULL);
    fx->ids[1] = loop_before_sleep_add(fx->loop, note_letter, "n");
    loop_before_sleep_add(fx->loop, note_letter, "m");
    loop_turn(fx->loop, 0);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "hmhm");
}

static void
on_signal(void *ctx, int signo)
{
    assert_true(signo == SIGUSR1 || signo == SIGALRM);
    note(*(const char *)ctx);
}

static void
loop_signal__runs_all_its_functions_in_the_loop(void **state)
{
    (void)state;
    struct sigaction before, after;
    sigaction(SIGUSR1, NULL, &before);
    loop_id first = loop_signal_add(fx->loop, SIGUSR1, on_signal, "1");
    loop_id second = loop_signal_add(fx->loop, SIGUSR1, on_signal, "2");
    raise(SIGUSR1);
    assert_string_equal(fx->seen, "");
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "12");
    loop_remove(fx->loop, first);
    raise(SIGUSR1);
    raise(SIGUSR1); /* two are one */
    loop_turn(fx->loop, 0);
    loop_turn(fx->loop, 0);
    assert_string_equal(fx->seen, "122");
    loop_remove(fx->loop, second);
    sigaction(SIGUSR1, NULL, &after);
    assert_true(after.sa_handler == before.sa_handler);
}

static void
loop_signal__wakes_the_sleep(void **state)
{
    (void)state;
    loop_signal_add(fx->loop, SIGALRM, on_signal, "a");
    fx->seen[0] = '\0';
    int64_t start_ms = clock_mono(clock_system());
    ualarm(20000, 0);
    loop_turn(fx->loop, 5000);
    assert_in_range(clock_mono(clock_system()) - start_ms, 5, 3000);
    assert_string_equal(fx->seen, "a"); /* what woke the sleep is handled in the same turn */
}

static void
stop(void *ctx)
{
    note('x');
    loop_stop(ctx);
}

static void
loop_run__ends_when_stopped(void **state)
{
    (void)state;
    struct loop *loop = loop_new(clock_system());
    loop_timer_add(loop, 5, stop, loop);
    loop_run(loop);
    assert_string_equal(fx->seen, "x");
    loop_free(loop);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(loop_timer__runs_in_order_of_time),
        T(loop_timer__removes_any_of_many),
        T(loop_timer__added_by_a_timer_waits_for_the_next_turn),
        T(loop_timer__may_remove_one_that_is_due),
        T(loop_fd__reports_readable_and_the_end),
        T(loop_fd__removal_of_a_ready_neighbour_is_safe),
        T(loop_work__runs_until_it_says_done_and_again_when_woken),
        T(loop_work__leaves_the_turn_after_its_slice),
        T(loop_work__may_remove_itself),
        T(loop_before_sleep__runs_each_turn_and_may_remove_another),
        T(loop_signal__runs_all_its_functions_in_the_loop),
        T(loop_signal__wakes_the_sleep),
        T(loop_run__ends_when_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
