/* What only a demo session can: the clock's keys, a step that is made to fail; and that its token
 * stays out of the log.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "termpty.h"

enum { WAIT_MS = 30000, TOKEN_DIGITS = 32 };

static struct pty *
start_demo(const char *scenario, const char *pod)
{
    const char *const argv[] = {TEST_PROGRAM, "demo", "--seed", "7", scenario, NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, pod, WAIT_MS));
    return p;
}

static void
quit(struct pty *p)
{
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

static void
demo__says_at_first_which_key_opens_the_course(void **state)
{
    (void)state;
    const char *const argv[] = {TEST_PROGRAM, "demo", "--seed", "7", "crash-loop", NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, "; opens the course", WAIT_MS));
    pty_key(p, ";");
    assert_true(pty_wait(p, "WHAT IT SHOWS", WAIT_MS));
    assert_true(pty_wait(p, "Init:Error nearly all the time", WAIT_MS));
    quit(p);
}

static void
demo__keys_stop_the_time_and_change_its_speed(void **state)
{
    (void)state;
    struct pty *p = start_demo("native-sidecars", "myapp-with-na");
    pty_key(p, ";");
    assert_true(pty_wait(p, "WHAT IT SHOWS", WAIT_MS));
    pty_key(p, ",");
    assert_true(pty_wait(p, "DEMO paused", WAIT_MS));
    pty_key(p, ".");
    assert_true(pty_wait(p, "1 s have passed", WAIT_MS));
    assert_true(pty_has(p, "DEMO paused"));
    pty_key(p, ",");
    assert_true(pty_wait_gone(p, "DEMO paused", WAIT_MS));
    pty_key(p, ">");
    assert_true(pty_wait(p, "DEMO ×2", WAIT_MS));
    pty_key(p, "<");
    assert_true(pty_wait_gone(p, "DEMO ×2", WAIT_MS));
    quit(p);
}

/* The real program, the real cluster: each step is noticed. */
static void
demo__tour_goes_by_the_keys_it_names(void **state)
{
    (void)state;
    static const struct {
        const char *step, *keys;
    } way[] = {{"tour 1/14", "j"},    {"tour 2/14", "/myapp-pod\r"},
               {"tour 3/14", "\r"},   {"tour 4/14", "+"},
               {"tour 5/14", "x"},    {"tour 6/14", "l"},
               {"tour 7/14", "p"},    {"tour 8/14", "qq"},
               {"tour 9/14", "\x1b"}, {"tour 10/14", "/slow-stop\r\r"},
               {"tour 11/14", "j"},   {"tour 12/14", "v"},
               {"tour 13/14", "?"},   {"tour 14/14", "qqq"}};
    const char *const argv[] = {TEST_PROGRAM, "--tutor", NULL};
    struct pty *p = pty_start(80, 24, argv, NULL);
    assert_true(pty_wait(p, "myapp-pod", WAIT_MS));
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
        assert_true(pty_wait(p, way[i].step, WAIT_MS));
        if (i == 9)
            assert_true(pty_wait(p, "slow-stop", WAIT_MS));
        pty_send(p, way[i].keys);
    }
    assert_true(pty_wait(p, "the tour is over", WAIT_MS));
    quit(p);
}

static void
demo__makes_a_step_fail_on_request(void **state)
{
    (void)state;
    struct pty *p = start_demo("stuck-wait", "myapp-wait-db");
    assert_true(pty_wait(p, "Init:0/", WAIT_MS));
    pty_send(p, "/wait-db\r");
    /* postgres-0 stays: the pane names it as the root of the wait */
    assert_true(pty_wait_gone(p, " redis ", WAIT_MS));
    pty_key(p, "T");
    assert_true(pty_wait(p, ":demo edit", WAIT_MS));
    pty_send(p, "fail 3\r");
    assert_true(pty_wait(p, "this step fails from now on", WAIT_MS));
    assert_true(pty_wait(p, "exit 3", WAIT_MS));
    quit(p);
}

/* 32 hexadecimal digits in a row: a token. */
static bool
has_token(const char *line)
{
    size_t digits = 0;
    for (; *line && digits < TOKEN_DIGITS; line++)
        digits = strchr("0123456789abcdef", *line) ? digits + 1 : 0;
    return digits == TOKEN_DIGITS;
}

static void
demo__keeps_its_token_out_of_the_log(void **state)
{
    (void)state;
    char path[] = "/tmp/initwatch-test-XXXXXX", *line = NULL;
    size_t room = 0, requests = 0;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    const char *const argv[] = {TEST_PROGRAM, "demo", "-v",         "9",
                                "--log-file", path,   "crash-loop", NULL};
    struct pty *p = pty_start(100, 30, argv, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    assert_true(pty_wait(p, "watch ✓", WAIT_MS));
    quit(p);
    FILE *log = fdopen(fd, "r");
    assert_non_null(log);
    while (getline(&line, &room, log) > 0) {
        requests += strstr(line, "> GET /") != NULL;
        if (has_token(line))
            fail_msg("in the log: %s", line);
    }
    assert_true(requests > 0);
    free(line);
    (void)fclose(log);
    (void)remove(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__says_at_first_which_key_opens_the_course),
        cmocka_unit_test(demo__keys_stop_the_time_and_change_its_speed),
        cmocka_unit_test(demo__tour_goes_by_the_keys_it_names),
        cmocka_unit_test(demo__makes_a_step_fail_on_request),
        cmocka_unit_test(demo__keeps_its_token_out_of_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
