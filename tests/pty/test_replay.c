/* A session is recorded in the demo, and played: what was seen then is seen again, forwards and backwards.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "termpty.h"

enum { WAIT_MS = 30000 };
#define CRASH TEST_SOURCE_DIR "/examples/sessions/crash-loop.jsonl"

static void
quit(struct pty *p)
{
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

static struct pty *
play(const char *file, const char *extra)
{
    const char *const argv[] = {TEST_PROGRAM, "-r", file, extra, NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, " REPLAY ", WAIT_MS));
    return p;
}

static void
record__and_play_what_was_recorded(void **state)
{
    char path[64], command[128];
    struct stat st;
    (void)state;
    snprintf(path, sizeof(path), "/tmp/initwatch-rec-%d.jsonl", (int)getpid());
    (void)unlink(path);
    const char *const argv[] = {TEST_PROGRAM, "demo", "--seed",     "7",
                                "--speed",    "4",    "crash-loop", NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    pty_send(p, ":note too early\r");
    assert_true(pty_wait(p, "nothing is recorded; :record FILE begins", WAIT_MS));
    snprintf(command, sizeof(command), ":record %s\r", path);
    pty_send(p, command);
    assert_true(pty_wait(p, "● REC", WAIT_MS));
    assert_true(pty_wait(p, "migrate exit 1", WAIT_MS));
    pty_key(p, "l");
    assert_true(pty_wait(p, "migration 42 fails", WAIT_MS));
    assert_true(pty_wait(p, "attempt 3", WAIT_MS));
    pty_send(p, ":note the third attempt\r");
    assert_true(pty_wait(p, "noted: the third attempt", WAIT_MS));
    pty_send(p, command);
    assert_true(pty_wait(p, "still recording", WAIT_MS));
    pty_send(p, ":record\r");
    assert_true(pty_wait(p, "plays them", WAIT_MS));
    assert_false(pty_has(p, "● REC"));
    pty_send(p, command);
    assert_true(pty_wait(p, "is there already; record to another file", WAIT_MS));
    quit(p);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    p = play(path, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    pty_send(p, ":replay end\r");
    assert_true(pty_wait(p, "◀◀ ■", WAIT_MS));
    pty_key(p, "(");
    assert_true(pty_wait(p, "the third attempt", WAIT_MS));
    pty_key(p, "l");
    /* More than a cluster would keep: what was read while it was recorded. */
    assert_true(pty_wait(p, "attempt 1", WAIT_MS));
    assert_true(pty_wait(p, "migration 42 fails", WAIT_MS));
    assert_false(pty_has(p, "never seen"));
    pty_send(p, ":record /tmp/x\r");
    assert_true(pty_wait(p, "this is a recording already", WAIT_MS));
    quit(p);
    (void)unlink(path);
}

/* A recording is of what the session showed: other namespaces end it, and so does leaving. */
static void
record__ends_with_its_session(void **state)
{
    char path[64], other[72], command[128];
    struct stat st;
    (void)state;
    snprintf(path, sizeof(path), "/tmp/initwatch-rec-%d.jsonl", (int)getpid());
    snprintf(other, sizeof(other), "%s.2", path);
    (void)unlink(path);
    (void)unlink(other);
    const char *const argv[] = {TEST_PROGRAM, "demo", "--seed", "7", "crash-loop", NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, "migrate", WAIT_MS));
    snprintf(command, sizeof(command), ":record %s\r", path);
    pty_send(p, command);
    assert_true(pty_wait(p, "● REC", WAIT_MS));
    pty_send(p, ":ns shop\r");
    assert_true(pty_wait_gone(p, "● REC", WAIT_MS));
    snprintf(command, sizeof(command), ":record %s\r", other);
    pty_send(p, command);
    assert_true(pty_wait(p, "● REC", WAIT_MS));
    assert_true(pty_wait(p, "migrate", WAIT_MS));
    quit(p);
    assert_int_equal(stat(other, &st), 0);
    p = play(other, NULL);
    assert_false(pty_has(p, "middle of a line"));
    quit(p);
    (void)unlink(path);
    (void)unlink(other);
}

/* A disk that takes no more ends the recording, not the program. */
static void
record__says_that_the_disk_is_full(void **state)
{
    char path[64], command[128];
    (void)state;
    snprintf(path, sizeof(path), "/tmp/initwatch-rec-%d.jsonl", (int)getpid());
    (void)unlink(path);
    const char *const argv[] = {
        "/bin/sh", "-c", "ulimit -f 60; exec " TEST_PROGRAM " demo --seed 7 crash-loop", NULL};
    struct pty *p = pty_start(120, 36, argv, NULL);
    assert_true(pty_wait(p, "migrate", WAIT_MS));
    snprintf(command, sizeof(command), ":record %s\r", path);
    pty_send(p, command);
    assert_true(pty_wait(p, "the recording ended: write ", WAIT_MS));
    assert_true(pty_has(p, "File too large"));
    assert_false(pty_has(p, "● REC"));
    quit(p);
    p = play(path, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    quit(p);
    (void)unlink(path);
}

/* The same pod, a step further and back again. */
static void
replay__steps_and_jumps(void **state)
{
    (void)state;
    struct pty *p = play(CRASH, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    pty_key(p, ";");
    assert_true(pty_wait(p, "REPLAY paused", WAIT_MS));
    pty_send(p, ":replay 12:00:30\r");
    assert_true(pty_wait(p, "12:00:30", WAIT_MS));
    pty_key(p, "Enter");
    assert_true(pty_wait(p, "pod crash", WAIT_MS));
    assert_true(pty_wait(p, "next try in 7s", WAIT_MS));
    pty_key(p, ")");
    assert_true(pty_wait(p, "the wait doubles", WAIT_MS));
    pty_key(p, ")");
    assert_true(pty_wait(p, "crash: migrate restarted", WAIT_MS));
    pty_key(p, "(");
    assert_true(pty_wait(p, "the wait doubles", WAIT_MS));
    /* The view is still about the pod, although everything was told again. */
    assert_true(pty_has(p, "pod crash"));
    pty_key(p, ".");
    assert_true(pty_wait(p, "RO   12:00:44", WAIT_MS));
    pty_key(p, ">");
    assert_true(pty_wait(p, "×2", WAIT_MS));
    pty_send(p, ":replay start\r");
    assert_true(pty_wait(p, "RO   12:00:02", WAIT_MS));
    assert_true(pty_has(p, "pod crash"));
    pty_send(p, ":replay nonsense\r");
    assert_true(pty_wait(p, "or HH:MM:SS", WAIT_MS));
    pty_send(p, ":ns default\r");
    assert_true(pty_wait(p, "namespace default", WAIT_MS));
    pty_send(p, ":ns shop\r");
    assert_true(pty_wait(p, "crash", WAIT_MS));
    assert_true(pty_has(p, "REPLAY paused"));
    pty_send(p, ":ctx other\r");
    assert_true(pty_wait(p, "a recording of context demo alone", WAIT_MS));
    quit(p);
}

/* Its time passes by itself, and stops at the end. */
static void
replay__plays_to_the_end(void **state)
{
    (void)state;
    struct pty *p = play(CRASH, "--speed=60");
    assert_true(pty_wait(p, "◀◀ ■", WAIT_MS));
    assert_true(pty_has(p, "Init:Error"));
    assert_true(pty_has(p, "12:01:15"));
    pty_key(p, ";");
    assert_true(pty_wait(p, "◀◀ ▶", WAIT_MS));
    pty_signal(p, 15);
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

/* What nobody looked at is not in a recording; no node has removed it. */
static void
replay__says_which_log_was_not_recorded(void **state)
{
    char path[64], line[1 << 15];
    (void)state;
    snprintf(path, sizeof(path), "/tmp/initwatch-nolog-%d.jsonl", (int)getpid());
    FILE *in = fopen(CRASH, "r"), *out = fopen(path, "w");
    assert_non_null(in);
    assert_non_null(out);
    while (fgets(line, sizeof(line), in))
        if (!strstr(line, "\"src\":\"log\""))
            fputs(line, out);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    const char *const argv[] = {TEST_PROGRAM, "-r", path, NULL};
    struct pty *p = pty_start(140, 44, argv, NULL);
    assert_true(pty_wait(p, "crash", WAIT_MS));
    pty_send(p, ":replay end\r");
    assert_true(pty_wait(p, "◀◀ ■", WAIT_MS));
    pty_send(p, "\r");
    assert_true(pty_wait(p, "not recorded: nobody had this log open", WAIT_MS));
    pty_key(p, "l");
    assert_true(pty_wait(p, "attempt 4", WAIT_MS));
    assert_true(pty_wait(p, "not recorded: nobody had this log open", WAIT_MS));
    assert_false(pty_has(p, "node"));
    quit(p);
    unlink(path);
}

static void
replay__of_a_cut_file_says_so(void **state)
{
    char path[64], *bytes = malloc(20000);
    (void)state;
    snprintf(path, sizeof(path), "/tmp/initwatch-rec-%d.jsonl", (int)getpid());
    FILE *from = fopen(CRASH, "r"), *to = fopen(path, "w");
    assert_non_null(from);
    assert_non_null(to);
    assert_int_equal(fread(bytes, 1, 20000, from), 20000);
    assert_int_equal(fwrite(bytes, 1, 20000, to), 20000);
    (void)fclose(from);
    (void)fclose(to);
    free(bytes);
    struct pty *p = play(path, NULL);
    assert_true(pty_wait(p, "ends in the middle of a line: it is played up to there", WAIT_MS));
    quit(p);
    (void)unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record__and_play_what_was_recorded),
        cmocka_unit_test(record__ends_with_its_session),
        cmocka_unit_test(record__says_that_the_disk_is_full),
        cmocka_unit_test(replay__steps_and_jumps),
        cmocka_unit_test(replay__plays_to_the_end),
        cmocka_unit_test(replay__says_which_log_was_not_recorded),
        cmocka_unit_test(replay__of_a_cut_file_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
