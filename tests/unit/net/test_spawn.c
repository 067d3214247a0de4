/* spawn: output, exit status, time-out, ceilings, stopping from inside.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/net/spawn.h"

struct fixture {
    struct loop *loop;
    struct spawn *spawn;
    struct strbuf out, err;
    int exits, wait_status;
    enum iw_err code;
    bool stop_inside;
};

static struct fixture fx;

static int
set_up(void **state)
{
    (void)state;
    fx = (struct fixture){.loop = loop_new(clock_system())};
    strbuf_init(&fx.out, 0);
    strbuf_init(&fx.err, 0);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    loop_free(fx.loop);
    strbuf_free(&fx.out);
    strbuf_free(&fx.err);
    return 0;
}

static void
on_stdout(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    strbuf_add(&fx.out, bytes, len);
    if (fx.stop_inside) {
        spawn_stop(fx.spawn, 1000);
        fx.spawn = NULL;
    }
}

static void
on_stderr(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    strbuf_add(&fx.err, bytes, len);
}

static void
on_exit_(void *ctx, int wait_status, const struct iw_error *err)
{
    (void)ctx;
    fx.exits++;
    fx.wait_status = wait_status;
    fx.code = err->code;
    fx.spawn = NULL;
}

static const struct spawn_handlers handlers = {on_stdout, on_stderr, on_exit_};

static void
start_shell(const char *script, struct spawn_request request)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    request.argv = argv;
    assert_int_equal(spawn_start(fx.loop, &request, &handlers, NULL, &fx.spawn, NULL), IW_OK);
    assert_true(spawn_pid(fx.spawn) > 0);
}

static void
turn_until_exit(void)
{
    int64_t until_ms = clock_mono(clock_system()) + 10000;
    while (!fx.exits && clock_mono(clock_system()) < until_ms)
        loop_turn(fx.loop, 100);
    assert_int_equal(fx.exits, 1);
}

static void
spawn__reports_output_and_exit_code(void **state)
{
    (void)state;
    const char *const env[] = {"IW_TEST=from us", "HOME=/nowhere", NULL};
    start_shell("echo out $IW_TEST $HOME; echo oops >&2; exit 7",
                (struct spawn_request){.env = env});
    turn_until_exit();
    assert_string_equal(fx.out.data, "out from us /nowhere\n");
    assert_string_equal(fx.err.data, "oops\n");
    assert_true(WIFEXITED(fx.wait_status));
    assert_int_equal(WEXITSTATUS(fx.wait_status), 7);
    assert_int_equal(fx.code, IW_OK);
}

static void
spawn__says_what_cannot_run(void **state)
{
    (void)state;
    const char *const argv[] = {"/no/such/program", NULL};
    const struct spawn_request request = {.argv = argv, .keep_stdin_pipe = true};
    struct iw_error err = {0};
    assert_int_equal(spawn_start(fx.loop, &request, &handlers, NULL, &fx.spawn, &err),
                     IW_ERR_NOT_FOUND);
    assert_string_equal(err.msg, "cannot run /no/such/program: No such file or directory");
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.exits, 0);
}

static void
spawn__ends_a_child_that_takes_too_long(void **state)
{
    (void)state;
    start_shell("exec sleep 60", (struct spawn_request){.timeout_ms = 50});
    turn_until_exit();
    assert_int_equal(fx.code, IW_ERR_TIMEOUT);
    assert_true(WIFSIGNALED(fx.wait_status));
    assert_int_equal(WTERMSIG(fx.wait_status), SIGTERM);
}

static void
spawn__ends_a_child_that_writes_too_much(void **state)
{
    (void)state;
    start_shell("exec yes", (struct spawn_request){.output_ceiling_bytes = 10000});
    turn_until_exit();
    assert_int_equal(fx.code, IW_ERR_TOO_BIG);
    assert_in_range(fx.out.len, 0, 10000);
}

static void
spawn__does_not_wait_for_a_grandchild_that_holds_the_pipe(void **state)
{
    (void)state;
    int64_t start_ms = clock_mono(clock_system());
    start_shell("sleep 3 & echo $!; exit 0", (struct spawn_request){0});
    turn_until_exit();
    assert_true(clock_mono(clock_system()) - start_ms < 2500);
    pid_t grandchild = (pid_t)strtol(fx.out.data, NULL, 10);
    assert_true(grandchild > 1);
    kill(grandchild, SIGKILL);
}

static void
spawn_stop__ends_the_child_without_on_exit(void **state)
{
    (void)state;
    start_shell("trap '' TERM; echo ready; while :; do sleep 0.05; done",
                (struct spawn_request){0});
    while (fx.out.len == 0)
        loop_turn(fx.loop, 100);
    pid_t pid = (pid_t)spawn_pid(fx.spawn);
    spawn_stop(fx.spawn, 50); /* it ignores SIGTERM */
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.exits, 0);
    spawn_stop(NULL, 0);
}

static void
spawn_stop__works_from_inside_a_handler(void **state)
{
    (void)state;
    fx.stop_inside = true;
    start_shell("echo hi; exec sleep 60", (struct spawn_request){0});
    while (fx.spawn)
        loop_turn(fx.loop, 100);
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.exits, 0);
}

static void
spawn__gives_the_child_a_clean_signal_state(void **state)
{
    (void)state;
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    void (*before)(int) = signal(SIGTERM, SIG_IGN);
    start_shell("kill -TERM $$; echo survived", (struct spawn_request){0});
    turn_until_exit();
    signal(SIGTERM, before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    assert_string_equal(fx.out.data, "");
    assert_true(WIFSIGNALED(fx.wait_status));
}

static void
spawn__keeps_a_stdin_pipe_open(void **state)
{
    (void)state;
    /* cat ends only when its stdin does. */
    start_shell("cat; echo eof",
                (struct spawn_request){.keep_stdin_pipe = true, .timeout_ms = 150});
    turn_until_exit();
    assert_int_equal(fx.code, IW_ERR_TIMEOUT);
    tear_down(NULL);
    set_up(NULL);
    start_shell("cat; echo eof", (struct spawn_request){0}); /* /dev/null */
    turn_until_exit();
    assert_string_equal(fx.out.data, "eof\n");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(spawn__reports_output_and_exit_code),
        T(spawn__says_what_cannot_run),
        T(spawn__ends_a_child_that_takes_too_long),
        T(spawn__ends_a_child_that_writes_too_much),
        T(spawn__does_not_wait_for_a_grandchild_that_holds_the_pipe),
        T(spawn_stop__ends_the_child_without_on_exit),
        T(spawn_stop__works_from_inside_a_handler),
        T(spawn__gives_the_child_a_clean_signal_state),
        T(spawn__keeps_a_stdin_pipe_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
