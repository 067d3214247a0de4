/* Commands that print, on a recording: the last moment, another moment, and files that are none.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

#define SESSIONS TEST_SOURCE_DIR "/examples/sessions/"
#define CRASH SESSIONS "crash-loop.jsonl"

static void
run(struct program *p, const char *const *args, int status)
{
    *p = program_run(args, "", 0);
    if (p->status != status)
        fail_msg("%s ...: status %d instead of %d\n%s%s", args[0], p->status, status, p->out,
                 p->err);
}

static void
assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in\n%s", part, text);
}

static void
get__prints_the_last_moment_or_another(void **state)
{
    struct program p;
    (void)state;
    run(&p, (const char *[]){"get", "-r", CRASH, "-o", "kubectl", NULL}, 0);
    assert_has(p.out, "NAMESPACE   NAME    READY   STATUS       RESTARTS      AGE\n");
    assert_has(p.out, "shop        crash   0/1     Init:Error   3 (58s ago)   75s\n");
    program_free(&p);
    run(&p,
        (const char *[]){"get", "--replay", CRASH, "-n", "shop", "--now", "2026-06-15T12:00:20Z",
                         "-o", "kubectl", NULL},
        0);
    assert_has(p.out, "crash   0/1     Init:Error   2 (16s ago)   20s\n");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", CRASH, "-n", "nowhere", NULL}, 0);
    assert_string_equal(p.out, "");
    program_free(&p);
}

static void
get__watches_until_the_recording_ends(void **state)
{
    struct program p;
    (void)state;
    run(&p,
        (const char *[]){"get", "-r", CRASH, "-w", "--speed", "1000", "-o", "kubectl", "--now",
                         "2026-06-15T12:00:20Z", NULL},
        0);
    assert_has(p.out, "Init:CrashLoopBackOff");
    assert_has(p.out, "3 (");
    program_free(&p);
}

static void
why_events_logs__read_recordings(void **state)
{
    struct program p;
    (void)state;
    run(&p, (const char *[]){"why", "-r", CRASH, "crash", NULL}, 1);
    assert_has(p.out, "BLOCKED");
    assert_has(p.out, "crash: init migrate keeps ending: exit 1");
    program_free(&p);
    run(&p, (const char *[]){"events", "-r", CRASH, "crash", NULL}, 0);
    assert_has(p.out, "BackOff");
    program_free(&p);
    run(&p, (const char *[]){"logs", "-r", CRASH, "crash", NULL}, 0);
    assert_string_equal(p.out, "migration 42 fails, column exists\n");
    program_free(&p);
    run(&p, (const char *[]){"logs", "-r", CRASH, "crash", "-c", "prepare", NULL}, 4);
    assert_has(p.err, "not in the recording: nobody had this log open");
    program_free(&p);
}

static void
replay__says_what_is_wrong_with_a_file(void **state)
{
    struct program p;
    (void)state;
    run(&p, (const char *[]){"get", "-r", "/nonexistent.jsonl", NULL}, 4);
    assert_has(p.err, "/nonexistent.jsonl");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", TEST_SOURCE_DIR "/README.md", NULL}, 2);
    assert_has(p.err,
               "README.md:1: this is no recording of initwatch; one is made with :record FILE");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", CRASH, "-l", "app=x", NULL}, 2);
    assert_has(p.err, "--selector");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", CRASH, "-f", "x.yaml", NULL}, 2);
    assert_has(p.err, "--replay and --filename exclude each other");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", CRASH, "--context", "x", NULL}, 2);
    assert_has(p.err, "--replay reads no cluster");
    program_free(&p);
    run(&p, (const char *[]){"get", "-r", CRASH, "--now", "2020-01-01T00:00:00Z", NULL}, 4);
    assert_has(p.err, "has no complete list of pods up to this moment");
    program_free(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__prints_the_last_moment_or_another),
        cmocka_unit_test(get__watches_until_the_recording_ends),
        cmocka_unit_test(why_events_logs__read_recordings),
        cmocka_unit_test(replay__says_what_is_wrong_with_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
