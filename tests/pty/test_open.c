/* Log files on the screen: merged, searched, followed; what a pipe brings; a file from within the dashboard.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "termpty.h"

enum { WAIT_MS = 30000 };

struct files {
    char folder[32], first[64], second[64];
};

static void
write_to(const char *path, const char *mode, const char *text)
{
    FILE *f = fopen(path, mode);
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
files_make(struct files *f)
{
    snprintf(f->folder, sizeof(f->folder), "/tmp/initwatch-open.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->first, sizeof(f->first), "%s/app.log", f->folder);
    snprintf(f->second, sizeof(f->second), "%s/side.log", f->folder);
    write_to(f->first, "w",
             "2026-06-15T12:00:01.000000001Z one\n2026-06-15T12:00:03.5Z ERROR three\n");
    write_to(f->second, "w", "2026-06-15T12:00:02Z stdout F two\n");
}

static void
files_remove(const struct files *f)
{
    unlink(f->first);
    unlink(f->second);
    rmdir(f->folder);
}

static void
leave(struct pty *p)
{
    pty_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(p->wait_status, 0);
    pty_close(p);
}

static void
open__merges_files_by_time_and_follows_them(void **state)
{
    (void)state;
    struct files f;
    files_make(&f);
    const char *argv[] = {TEST_PROGRAM, "open", f.first, f.second, NULL};
    struct pty *p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "ERROR three", WAIT_MS));
    assert_true(pty_has(p, "12:00:01 f1 app.log      one"));
    assert_true(pty_has(p, "12:00:02 f2 side.log     two"));
    assert_true(pty_has(p, "3/3"));
    pty_send(p, "/t[wh]\r");
    assert_true(pty_wait(p, "match 2 of 2", WAIT_MS));
    pty_send(p, "&ERROR\r");
    assert_true(pty_wait(p, "1/3", WAIT_MS));
    write_to(f.second, "a", "2026-06-15T12:00:04Z stdout F ERROR four\n");
    assert_true(pty_wait(p, "ERROR four", WAIT_MS));
    write_to(f.second, "w", "short\n");
    assert_true(pty_wait(p, "the file was cut: read from its start", WAIT_MS));
    pty_key(p, "p");
    assert_true(pty_wait(p, "a file has no attempts", WAIT_MS));
    leave(p);
    files_remove(&f);
}

static void
open__reads_what_a_pipe_brings_and_keys_from_the_terminal(void **state)
{
    (void)state;
    const char *argv[] = {
        "/bin/sh", "-c",
        "{ echo first; echo last without an end | tr -d '\\n'; } | " TEST_PROGRAM " open -", NULL};
    struct pty *p = pty_start(80, 24, argv, NULL);
    assert_true(pty_wait(p, "first", WAIT_MS));
    assert_true(pty_wait(p, "last without an end", WAIT_MS));
    assert_true(pty_wait(p, "at its end", WAIT_MS));
    leave(p);
}

static void
open__says_which_file_is_not_there(void **state)
{
    (void)state;
    const char *argv[] = {TEST_PROGRAM, "open", "/nonexistent/x.log", NULL};
    struct pty *p = pty_start(80, 24, argv, NULL);
    assert_true(pty_wait(p, "open /nonexistent/x.log: No such file", WAIT_MS));
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(WEXITSTATUS(p->wait_status), 4);
    pty_close(p);
}

static void
write_gzip(const char *path, const char *text)
{
    gzFile z = gzopen(path, "w");
    assert_non_null(z);
    assert_int_equal(gzputs(z, text), (int)strlen(text));
    assert_int_equal(gzclose(z), Z_OK);
}

/* A rotated file and the one that is written now: one log. */
static void
open__reads_gzip_and_joins_the_parts_of_a_runtime(void **state)
{
    (void)state;
    struct files f;
    files_make(&f);
    write_gzip(f.first, "2026-06-15T12:00:01Z stdout P the first \n"
                        "2026-06-15T12:00:02Z stdout F is whole\n"
                        "2026-06-15T12:00:03Z stdout P broke off\n");
    write_to(f.second, "w", "2026-06-15T12:00:04Z stderr F four\n");
    const char *argv[] = {TEST_PROGRAM, "open", f.first, f.second, NULL};
    struct pty *p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "four", WAIT_MS));
    assert_true(pty_wait(p, "the first is whole", WAIT_MS));
    assert_true(pty_wait(p, "broke off", WAIT_MS));
    assert_true(pty_has(p, "3/3"));
    leave(p);
    assert_int_equal(truncate(f.first, 40), 0);
    p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "damaged or not complete", WAIT_MS));
    leave(p);
    files_remove(&f);
}

/* From the log of a container to a file, and back. */
static void
open__shows_a_file_within_the_dashboard(void **state)
{
    (void)state;
    struct files f;
    char typed[128];
    files_make(&f);
    const char *argv[] = {TEST_PROGRAM, "demo", "--seed", "7", "crash-loop", NULL};
    struct pty *p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "migrate", WAIT_MS));
    pty_key(p, "l");
    assert_true(pty_wait(p, "[Logs]", WAIT_MS));
    assert_true(pty_wait(p, "attempt 1", WAIT_MS));
    snprintf(typed, sizeof(typed), ":open %s\r", f.first);
    pty_send(p, ":open /nonexistent\r");
    assert_true(pty_wait(p, "open /nonexistent: No such file", WAIT_MS));
    assert_true(pty_has(p, "attempt 1"));
    pty_send(p, typed);
    assert_true(pty_wait(p, "ERROR three", WAIT_MS));
    pty_key(p, "q");
    assert_true(pty_wait(p, "attempt 1", WAIT_MS));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
    files_remove(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__merges_files_by_time_and_follows_them),
        cmocka_unit_test(open__reads_what_a_pipe_brings_and_keys_from_the_terminal),
        cmocka_unit_test(open__reads_gzip_and_joins_the_parts_of_a_runtime),
        cmocka_unit_test(open__says_which_file_is_not_there),
        cmocka_unit_test(open__shows_a_file_within_the_dashboard),
    };
    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
