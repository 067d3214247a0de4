/* The real program in a real terminal against the demo server: what a user does in the first five
 * minutes, and that the terminal is given back whatever ends the program.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "termpty.h"

enum { WAIT_MS = 30000 };

static const char *const demo_argv[] = {TEST_PROGRAM,      "demo", "--seed", "7", "crash-loop",
                                        "native-sidecars", NULL};

static struct pty *
start_demo(int cols, int rows)
{
    struct pty *p = pty_start(cols, rows, demo_argv, NULL);
    assert_true(pty_wait(p, "initwatch", WAIT_MS));
    assert_true(pty_wait(p, "myapp-with-na", WAIT_MS));
    return p;
}

/* What the terminal was before the program and must be after it. */
static void
assert_given_back(struct pty *p)
{
    struct termios t;
    assert_false(p->alt_screen);
    assert_true(p->cursor_visible);
    assert_int_equal(tcgetattr(p->fd, &t), 0);
    assert_true(t.c_lflag & ICANON);
    assert_true(t.c_lflag & ECHO);
    assert_true(t.c_lflag & ISIG);
    assert_true(t.c_iflag & ICRNL);
    assert_true(t.c_oflag & OPOST);
}

static void
select_pod(struct pty *p, const char *name)
{
    char typed[128];
    snprintf(typed, sizeof(typed), "/%s\r", name);
    pty_send(p, typed);
    pty_settle(p, 200, 2000);
}

static void
dashboard__walks_through_every_view_and_quits(void **state)
{
    (void)state;
    struct pty *p = start_demo(80, 24);
    assert_true(p->alt_screen);
    assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
    select_pod(p, "native");
    pty_key(p, "Enter");
    assert_true(pty_wait(p, "[1 Timeline]", WAIT_MS));
    assert_true(pty_wait(p, "s1 log-router", WAIT_MS));
    assert_true(pty_wait(p, "Running", WAIT_MS));
    pty_key(p, "Down");
    pty_key(p, "l");
    assert_true(pty_wait(p, "[Logs]", WAIT_MS));
    pty_key(p, "q");
    assert_true(pty_wait(p, "[1 Timeline]", WAIT_MS));
    pty_key(p, "v");
    assert_true(pty_wait(p, "[4 Events", WAIT_MS));
    assert_true(pty_wait(p, "Scheduled", WAIT_MS));
    pty_key(p, "5");
    assert_true(pty_wait(p, "[5 Resources]", WAIT_MS));
    pty_key(p, "x");
    assert_true(pty_wait(p, "[6 Why", WAIT_MS));
    pty_key(p, "?");
    assert_true(pty_wait(p, "MOVE", WAIT_MS));
    pty_key(p, "q");
    for (int i = 0; i < 6 && !pty_has(p, "[1 Pods]"); i++) {
        pty_key(p, "q");
        pty_settle(p, 200, 2000);
    }
    assert_true(pty_has(p, "[1 Pods]"));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(WIFEXITED(p->wait_status));
    assert_int_equal(WEXITSTATUS(p->wait_status), 0);
    assert_given_back(p);
    pty_close(p);
}

/* What is read only when somebody looks: the object itself, the nodes, what the findings need. */
static void
dashboard__reads_objects_when_somebody_looks(void **state)
{
    (void)state;
    struct pty *p = start_demo(140, 40);
    select_pod(p, "native");
    pty_key(p, "y");
    assert_true(pty_wait(p, "[7 YAML]", WAIT_MS));
    assert_true(pty_wait(p, "kind: Pod", WAIT_MS));
    assert_true(pty_wait(p, "managedFields hidden", WAIT_MS));
    pty_key(p, "d");
    assert_true(pty_wait(p, "[8 Describe]", WAIT_MS));
    assert_true(pty_wait(p, "in start order", WAIT_MS));
    for (int i = 0; i < 4 && !pty_has(p, "[1 Pods"); i++) {
        pty_key(p, "q");
        pty_settle(p, 200, 2000);
    }
    pty_key(p, "6");
    assert_true(pty_wait(p, "[6 Nodes", WAIT_MS));
    assert_true(pty_wait(p, "Ready", WAIT_MS));
    assert_true(pty_wait(p, "of 110", WAIT_MS));
    pty_key(p, "5");
    assert_true(pty_wait(p, "[5 Findings", WAIT_MS));
    assert_true(pty_wait(p, "objects read", WAIT_MS));
    assert_true(pty_wait(p, "root causes", WAIT_MS));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

/* All containers in one stream, with the starts and ends between the lines; and a first run has none before it. */
static void
dashboard__merges_the_logs_of_a_start(void **state)
{
    (void)state;
    struct pty *p = start_demo(100, 30);
    select_pod(p, "native");
    assert_true(pty_wait(p, "3/3", WAIT_MS)); /* so that the application is what matters now */
    pty_key(p, "L");
    assert_true(pty_wait(p, "[merged]", WAIT_MS));
    assert_true(pty_wait(p, "i1 database-init started", WAIT_MS));
    assert_true(pty_wait(p, "schema is there", WAIT_MS));
    assert_true(pty_wait(p, "i1 database-init ended: exit 0 after", WAIT_MS));
    assert_true(pty_wait(p, "s1 log-router started", WAIT_MS));
    assert_true(pty_wait(p, "a1 application started", WAIT_MS));
    assert_true(pty_wait(p, "sent: [1] at work", WAIT_MS));
    assert_true(pty_wait(p, "follow ✓", WAIT_MS));
    pty_key(p, "a"); /* back to one: the application, which runs for good */
    assert_true(pty_wait(p, "[a1 application", WAIT_MS));
    pty_key(p, "p");
    assert_true(pty_wait(p, "no earlier run: this is the first", WAIT_MS));
    assert_true(pty_wait(p, "follow ✓", WAIT_MS));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_given_back(p);
    pty_close(p);
}

static void
dashboard__shows_the_previous_run_of_a_crash_loop(void **state)
{
    (void)state;
    struct pty *p = start_demo(100, 30);
    /* The second run has begun, or its back-off. */
    assert_true(pty_wait(p, "↻", WAIT_MS));
    select_pod(p, "crash");
    pty_key(p, "p");
    assert_true(pty_wait(p, "[Logs]", WAIT_MS));
    assert_true(pty_wait(p, "─ attempt 1 ─", WAIT_MS));
    assert_true(pty_wait(p, " ago", WAIT_MS));
    pty_key(p, "q");
    assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
    pty_signal(p, SIGTERM);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(WEXITSTATUS(p->wait_status), 130);
    assert_given_back(p);
    pty_close(p);
}

static void
dashboard__says_that_older_lines_of_a_long_log_were_not_fetched(void **state)
{
    (void)state;
    const char *argv[] = {TEST_PROGRAM,       "demo", "--seed",     "7",
                          "--synthetic-pods", "1",    "crash-loop", NULL};
    struct pty *p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "bench-", WAIT_MS));
    select_pod(p, "bench");
    pty_key(p, "l");
    assert_true(pty_wait(p, "older lines not fetched", WAIT_MS));
    assert_true(pty_wait(p, "handled request 4999", WAIT_MS)); /* the newest is there */
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

/* What a file begins with. */
static void
read_start(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    fclose(f);
}

static void
dashboard__asks_before_a_saved_log_takes_the_place_of_a_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/initwatch-save.XXXXXX", path[64], save[128], text[8192];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.txt", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("before", f);
    fclose(f);
    struct pty *p = start_demo(100, 30);
    /* Typed without a look at the screen: what is saved waits for the lines that are on their way. */
    select_pod(p, "crash");
    pty_key(p, "L");
    snprintf(save, sizeof(save), ":save all %s\r", path);
    pty_send(p, save);
    assert_true(pty_wait(p, "what is in it is lost", WAIT_MS));
    pty_key(p, "n");
    pty_settle(p, 200, 2000);
    read_start(path, text, sizeof(text));
    assert_string_equal(text, "before");
    pty_send(p, save);
    assert_true(pty_wait(p, "what is in it is lost", WAIT_MS));
    pty_key(p, "y");
    assert_true(pty_wait(p, "lines: ", WAIT_MS));
    read_start(path, text, sizeof(text));
    assert_null(strstr(text, "before"));
    assert_non_null(strstr(text, "i1 prepare started"));
    assert_non_null(strstr(text, "prepare prepared\n"));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
    unlink(path);
    rmdir(folder);
}

/* ^S asks for a format, Tab chooses; the file is named, made for the user alone, and asked for before it is lost. */
static void
dashboard__exports_the_screen_and_names_the_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/initwatch-export.XXXXXX", path[64], words[128], text[64];
    struct stat st;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.html", folder);
    struct pty *p = start_demo(100, 30);
    pty_key(p, "^S");
    assert_true(pty_wait(p, "a page for a browser", WAIT_MS));
    snprintf(words, sizeof(words), "htm\t %s\r", path);
    pty_send(p, words);
    snprintf(words, sizeof(words), "saved %s", path);
    assert_true(pty_wait(p, words, WAIT_MS));
    read_start(path, text, sizeof(text));
    assert_memory_equal(text, "<!DOCTYPE html>", 15);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(words, sizeof(words), ":export txt %s\r", path);
    pty_send(p, words);
    assert_true(pty_wait(p, "what is in it is lost", WAIT_MS));
    pty_key(p, "y");
    snprintf(words, sizeof(words), "saved %s", path);
    assert_true(pty_wait(p, words, WAIT_MS));
    read_start(path, text, sizeof(text));
    assert_memory_equal(text, " initwatch", 10);
    pty_send(p, ":export svg /dev/full\r");
    assert_true(pty_wait(p, "what is in it is lost", WAIT_MS));
    pty_key(p, "y");
    assert_true(pty_wait(p, "/dev/full: No space left on device", WAIT_MS));
    snprintf(words, sizeof(words), ":export svg %s/none/x.svg\r", folder);
    pty_send(p, words);
    assert_true(pty_wait(p, "No such file or directory", WAIT_MS));
    pty_send(p, ":export pdf\r");
    assert_true(pty_wait(p, "txt, ansi, html, svg or json", WAIT_MS));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
    unlink(path);
    rmdir(folder);
}

static void
dashboard__says_when_an_export_is_not_all_there_is(void **state)
{
    (void)state;
    char folder[] = "/tmp/initwatch-export.XXXXXX", path[64], words[128];
    const char *const argv[] = {TEST_PROGRAM,       "demo", "shared-page",
                                "--synthetic-pods", "700",  NULL};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.txt", folder);
    struct pty *p = pty_start(100, 30, argv, NULL);
    assert_true(pty_wait(p, "701 pods", WAIT_MS));
    snprintf(words, sizeof(words), ":export all %s\r", path);
    pty_send(p, words);
    assert_true(pty_wait(p, "saved the first 500 lines", WAIT_MS));
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
    unlink(path);
    rmdir(folder);
}

static void
dashboard__gives_the_terminal_back_after_a_fatal_signal(void **state)
{
    (void)state;
    struct pty *p = start_demo(80, 24);
    pty_signal(p, SIGABRT);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(WIFSIGNALED(p->wait_status));
    assert_int_equal(WTERMSIG(p->wait_status), SIGABRT);
    assert_given_back(p);
    assert_true(pty_has(p, "the terminal was restored"));
    pty_close(p);
}

static void
dashboard__follows_the_size_of_the_terminal(void **state)
{
    (void)state;
    struct pty *p = start_demo(80, 24);
    pty_resize(p, 140, 40);
    assert_true(pty_wait(p, "sidecars", WAIT_MS));
    pty_resize(p, 60, 16);
    assert_true(pty_wait(p, "WHY", WAIT_MS));
    pty_resize(p, 10, 3);
    pty_settle(p, 300, 2000);
    pty_resize(p, 80, 24);
    assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
    pty_key(p, "^C");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_given_back(p);
    pty_close(p);
}

static void
dashboard__suspends_and_comes_back(void **state)
{
    (void)state;
    struct pty *p = start_demo(80, 24);
    pty_key(p, "^Z");
    for (int i = 0; i < 200 && p->alt_screen; i++)
        pty_pump(p, 50);
    pty_settle(p, 200, 2000);
    assert_given_back(p);
    pty_signal(p, SIGCONT);
    assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
    assert_true(p->alt_screen);
    pty_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_given_back(p);
    pty_close(p);
}

static void
dashboard__without_a_kubeconfig_says_what_to_try(void **state)
{
    (void)state;
    const char *argv[] = {TEST_PROGRAM, NULL};
    struct pty *p = pty_start(80, 24, argv, NULL);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(WEXITSTATUS(p->wait_status), 2);
    assert_true(pty_has(p, "initwatch demo"));
    pty_close(p);
}

static void
dashboard__stays_when_the_server_is_not_there(void **state)
{
    (void)state;
    char path[] = "/tmp/initwatch-kubeconfig-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    /* Port 1 of loopback: nobody listens there. */
    assert_true(dprintf(fd, "apiVersion: v1\nkind: Config\ncurrent-context: gone\n"
                            "contexts: [{name: gone, context: {cluster: c, user: u}}]\n"
                            "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
                            "users: [{name: u, user: {}}]\n") > 0);
    const char *argv[] = {TEST_PROGRAM, "--kubeconfig", path, NULL};
    struct pty *p = pty_start(100, 24, argv, NULL);
    assert_true(pty_wait(p, "retry in", WAIT_MS));
    assert_true(pty_wait(p, "refused", WAIT_MS));
    pty_key(p, "?");
    assert_true(pty_wait(p, "help", WAIT_MS));
    pty_key(p, "q");
    pty_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_given_back(p);
    pty_close(p);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dashboard__walks_through_every_view_and_quits),
        cmocka_unit_test(dashboard__reads_objects_when_somebody_looks),
        cmocka_unit_test(dashboard__merges_the_logs_of_a_start),
        cmocka_unit_test(dashboard__shows_the_previous_run_of_a_crash_loop),
        cmocka_unit_test(dashboard__says_that_older_lines_of_a_long_log_were_not_fetched),
        cmocka_unit_test(dashboard__asks_before_a_saved_log_takes_the_place_of_a_file),
        cmocka_unit_test(dashboard__exports_the_screen_and_names_the_file),
        cmocka_unit_test(dashboard__says_when_an_export_is_not_all_there_is),
        cmocka_unit_test(dashboard__gives_the_terminal_back_after_a_fatal_signal),
        cmocka_unit_test(dashboard__follows_the_size_of_the_terminal),
        cmocka_unit_test(dashboard__suspends_and_comes_back),
        cmocka_unit_test(dashboard__without_a_kubeconfig_says_what_to_try),
        cmocka_unit_test(dashboard__stays_when_the_server_is_not_there),
    };
    return cmocka_run_group_tests_name("dashboard", tests, NULL, NULL);
}
