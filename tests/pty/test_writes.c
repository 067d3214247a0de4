/* Keys that change the cluster, in the real program against the demo server: nothing without
 * --write, nothing without a yes.
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

/* A clock that hardly moves: what is seen is what the keys did. */
static struct pty *
start(const char *mode, const char *const *env)
{
    const char *const argv[] = {TEST_PROGRAM, "demo", "--seed",     "7", "--speed",
                                "0.1",        mode,   "stuck-wait", NULL};
    struct pty *p = pty_start(140, 40, argv, env);
    assert_true(pty_wait(p, "myapp-wait-db", WAIT_MS));
    assert_true(pty_wait(p, "postgres-0", WAIT_MS));
    return p;
}

static void
choose(struct pty *p, const char *name)
{
    char typed[128];
    (void)snprintf(typed, sizeof(typed), "/%s\r", name);
    pty_send(p, typed);
    pty_settle(p, 200, 2000);
}

static void
leave(struct pty *p)
{
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

static void
writes__need_the_write_mode(void **state)
{
    (void)state;
    struct pty *p = start("--read-only", NULL);
    assert_true(pty_has(p, " RO "));
    choose(p, "myapp-wait-db");
    pty_send(p, "\v"); /* ^K */
    assert_true(pty_wait(p, "start with --write, or :set write on", WAIT_MS));
    pty_send(p, "e");
    pty_settle(p, 200, 2000);
    assert_true(pty_has(p, "start with --write"));
    pty_send(p, ":set write on\r");
    assert_true(pty_wait(p, " RW ", WAIT_MS));
    pty_send(p, "\v");
    assert_true(pty_wait(p, "delete pod shop/myapp-wait-db? Nothing makes a new one", WAIT_MS));
    pty_send(p, "n");
    assert_true(pty_wait(p, "nothing was done", WAIT_MS));
    assert_true(pty_has(p, "myapp-wait-db"));
    leave(p);
}

static void
writes__delete_and_restart_after_a_yes(void **state)
{
    (void)state;
    struct pty *p = start("--write", NULL);
    choose(p, "myapp-wait-db");
    pty_send(p, "r");
    assert_true(pty_wait(p, "has no owner to restart", WAIT_MS));
    pty_send(p, "\v");
    assert_true(pty_wait(p, "[y/N]", WAIT_MS));
    pty_send(p, "y");
    assert_true(pty_wait(p, "deleted myapp-wait-db", WAIT_MS));
    pty_send(p, "\033");
    pty_settle(p, 200, 2000);
    choose(p, "postgres-0");
    pty_send(p, "r");
    assert_true(pty_wait(
        p, "restart StatefulSet shop/postgres? A rollout replaces its pod, one after", WAIT_MS));
    pty_send(p, "y");
    assert_true(pty_wait(p, "postgres is restarted", WAIT_MS));
    pty_send(p, ":messages\r");
    assert_true(pty_wait(p, "done: kubectl -n shop delete pod myapp-wait-db", WAIT_MS));
    assert_true(pty_has(p, "done: kubectl -n shop rollout restart sts/postgres"));
    /* Another namespace is another connection: it begins with nothing planned. */
    pty_send(p, ":ns shop\r");
    assert_true(pty_wait(p, "namespace shop", WAIT_MS));
    assert_true(pty_wait(p, "postgres-0 ", WAIT_MS));
    pty_send(p, ":delete redis\r");
    assert_true(pty_wait(p, "delete pod shop/redis?", WAIT_MS));
    pty_send(p, "n");
    assert_true(pty_wait(p, "nothing was done", WAIT_MS));
    leave(p);
}

/* An editor of the tests: a shell line over the file. */
static struct pty *
start_with_editor(const char *line, char env[256], const char *const **extra)
{
    static const char *list[3];
    (void)snprintf(env, 256, "KUBE_EDITOR=%s", line);
    list[0] = env;
    list[1] = NULL;
    *extra = list;
    return start("--write", list);
}

static void
writes__edit_sends_what_was_saved(void **state)
{
    (void)state;
    char env[256];
    const char *const *extra;
    struct pty *p =
        start_with_editor("sed -i 's/^  labels:/  labels:\\n    edited: by-hand/'", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "changed myapp-wait-db", WAIT_MS));
    pty_send(p, "y/edited\r");
    assert_true(pty_wait(p, "edited: by-hand", WAIT_MS));
    leave(p);
}

static void
writes__edit_that_changes_nothing_sends_nothing(void **state)
{
    (void)state;
    char env[256];
    const char *const *extra;
    struct pty *p = start_with_editor("true", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "nothing was changed", WAIT_MS));
    leave(p);
}

/* What the server does not take is not lost. */
static void
writes__edit_that_is_refused_keeps_the_text(void **state)
{
    (void)state;
    char env[256], path[256] = "";
    const char *const *extra;
    struct pty *p = start_with_editor("sed -i 's/^kind: Pod/kind: Cow/'", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "kind, name or namespace is another one", WAIT_MS));
    char *row = pty_text(p);
    const char *at = strstr(row, "your text is in ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "your text is in %255[^:]", path), 1);
    free(row);
    assert_int_equal(access(path, R_OK), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    (void)unlink(path);
    leave(p);
}

static void
writes__edit_without_an_editor_or_a_folder_says_what_to_set(void **state)
{
    (void)state;
    static const char *const nowhere[] = {"KUBE_EDITOR=true", "TMPDIR=/nowhere", NULL};
    char env[256];
    const char *const *extra;
    struct pty *p = start_with_editor("no-such-editor", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "no program no-such-editor: set $KUBE_EDITOR", WAIT_MS));
    assert_false(pty_has(p, "your text is in"));
    leave(p);
    p = start("--write", nowhere);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "no file in /nowhere ($TMPDIR): No such file", WAIT_MS));
    leave(p);
}

/* What an editor that failed left behind is the user's, not the cluster's. */
static void
writes__edit_by_an_editor_that_fails_is_not_sent(void **state)
{
    (void)state;
    char env[256], path[256] = "";
    const char *const *extra;
    struct pty *p = start_with_editor("false", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "the editor (false) ended with an error", WAIT_MS));
    assert_false(pty_has(p, "your text is in"));
    leave(p);
    p = start_with_editor("kill -9 $$; sed -i d", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "ended with an error", WAIT_MS));
    leave(p);
    p = start_with_editor("f() { echo x: [ >> $1; }; f", env, &extra);
    choose(p, "myapp-wait-db");
    pty_send(p, "e");
    assert_true(pty_wait(p, "not changed, your text is in", WAIT_MS));
    assert_true(pty_has(p, ".yaml: yaml:"));
    char *row = pty_text(p);
    const char *at = strstr(row, "your text is in ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "your text is in %255[^:]", path), 1);
    free(row);
    assert_int_equal(unlink(path), 0);
    leave(p);
}

/* The words do what the keys do; the question is told whole on a small screen. */
static void
writes__have_words_and_hints(void **state)
{
    (void)state;
    struct pty *p = start("--write", NULL);
    pty_send(p, "j"); /* the greeting goes */
    assert_true(pty_wait(p, "^K delete", WAIT_MS));
    pty_resize(p, 60, 20);
    pty_send(p, ":delete pod postgres-0\r");
    assert_true(pty_wait(p, "[y/N]", WAIT_MS));
    assert_true(pty_has(p, "delete pod shop/postgres-0? StatefulSet postgres"));
    assert_true(pty_has(p, "its logs go with it."));
    pty_send(p, "n");
    assert_true(pty_wait(p, "nothing was done", WAIT_MS));
    pty_send(p, ":restart postgres-0\r");
    assert_true(pty_wait(p, "restart StatefulSet shop/postgres?", WAIT_MS));
    pty_send(p, "n");
    assert_true(pty_wait(p, "nothing was done", WAIT_MS));
    pty_send(p, ":delete nobody\r");
    assert_true(pty_wait(p, "there is no pod \"nobody\" here", WAIT_MS));
    pty_send(p, ":set write off\r");
    pty_settle(p, 200, 2000);
    pty_resize(p, 140, 40);
    pty_settle(p, 200, 2000);
    assert_false(pty_has(p, "^K delete"));
    leave(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes__need_the_write_mode),
        cmocka_unit_test(writes__delete_and_restart_after_a_yes),
        cmocka_unit_test(writes__edit_sends_what_was_saved),
        cmocka_unit_test(writes__edit_that_changes_nothing_sends_nothing),
        cmocka_unit_test(writes__edit_that_is_refused_keeps_the_text),
        cmocka_unit_test(writes__edit_without_an_editor_or_a_folder_says_what_to_set),
        cmocka_unit_test(writes__edit_by_an_editor_that_fails_is_not_sent),
        cmocka_unit_test(writes__have_words_and_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
