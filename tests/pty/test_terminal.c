/* A terminal that answers: the width of lines, the background, the mouse. The program never waits for it, and no answer is
 * taken for keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/iwdef.h"
#include "termpty.h"

enum { WAIT_MS = 20000, WIDTH = 100, HEIGHT = 30 };

/* A terminal's answer to the question for the cursor, in two pieces as a slow line brings it. */
struct answering {
    struct pty *pty;
    const char *first, *second;
    bool done;
};

static void
answer(void *ctx, const char *bytes, size_t len)
{
    struct answering *a = ctx;
    if (a->done || !memmem(bytes, len, "\033[6n", 4))
        return;
    a->done = true;
    pty_send(a->pty, a->first);
    pty_send(a->pty, a->second);
}

static struct pty *
start(const char *const *env, const char *option, struct answering *answering)
{
    const char *argv[] = {TEST_PROGRAM, "demo", "stuck-wait", option, NULL};
    struct pty *p = pty_start(WIDTH, HEIGHT, argv, env);
    if (answering) {
        answering->pty = p;
        p->on_bytes = answer;
        p->on_bytes_ctx = answering;
    }
    assert_true(pty_wait(p, "initwatch", WAIT_MS));
    return p;
}

static void
end(struct pty *p)
{
    pty_key(p, "^C");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

static void
terminal__two_cells_a_line_turn_signs_into_ascii(void **state)
{
    (void)state;
    struct answering wide = {.first = "\033[1", .second = ";3R"};
    struct pty *p = start(NULL, NULL, &wide);
    assert_true(pty_wait(p, "myapp", WAIT_MS));
    assert_true(pty_wait_gone(p, "─", WAIT_MS));
    assert_false(pty_has(p, "│"));
    pty_send(p, ":set ambiguous=1\r");
    assert_true(pty_wait(p, "│", WAIT_MS));
    end(p);
}

static void
terminal__one_cell_a_line_changes_nothing(void **state)
{
    (void)state;
    struct answering narrow = {.first = "\033[1;2R", .second = "\033]11;rgb:ffff/ffff/ffff\033\\?"};
    struct pty *p = start(NULL, NULL, &narrow);
    /* The key behind the answers is a key, the answers are none. */
    assert_true(pty_wait(p, "[Help]", WAIT_MS));
    assert_true(pty_has(p, "─"));
    end(p);
}

static void
terminal__told_two_cells_no_line_is_drawn(void **state)
{
    (void)state;
    struct pty *p = start(NULL, "--ambiguous=2", NULL);
    assert_true(pty_wait(p, "myapp", WAIT_MS));
    assert_false(pty_has(p, "│"));
    assert_false(pty_has(p, "─"));
    end(p);
}

static void
terminal__clicks_when_the_mouse_is_on(void **state)
{
    static const char *const env[] = {"INITWATCH_MOUSE=on", NULL};
    (void)state;
    struct pty *p = start(env, NULL, NULL);
    assert_true(pty_wait(p, "myapp", WAIT_MS));
    /* A double click on the first pod. */
    pty_send(p, "\033[<0;10;4M\033[<0;10;4m\033[<0;10;4M\033[<0;10;4m");
    assert_true(pty_wait(p, "[1 Timeline]", WAIT_MS));
    end(p);
}

/* ssh hands TERM and LANG on to machines that have neither the description nor the locale. */
static void
terminal__what_is_not_installed_has_a_stand_in(void **state)
{
    static const char *const types[] = {"TERM=xterm-kitty", "TERM=alacritty", "TERM=tmux-direct9"};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(types); i++) {
        const char *const env[] = {types[i], "LC_ALL", "LANG=xx_YY.UTF-8", NULL};
        struct pty *p = start(env, "--no-motion", NULL);
        assert_true(pty_wait(p, "│APP", WAIT_MS));
        end(p);
    }
    const char *argv[] = {TEST_PROGRAM, "demo", NULL};
    const char *const unknown[] = {"TERM=nothing-known", NULL};
    struct pty *p = pty_start(WIDTH, HEIGHT, argv, unknown);
    assert_true(pty_wait(p, "\"nothing-known\" is not known here; try TERM=xterm", WAIT_MS));
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_close(p);
}

/* 200 KB of bytes that are no characters filled the pipe to curses: the program hung and no signal ended it. */
static void
terminal__bytes_that_are_no_characters_do_not_stop_it(void **state)
{
    (void)state;
    char bytes[1025];
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        bytes[i] = (char)(i % 3 ? 0xFF : 0x80);
    bytes[sizeof(bytes) - 1] = '\0';
    struct pty *p = start(NULL, "--no-motion", NULL);
    assert_true(pty_wait(p, "│APP", WAIT_MS));
    for (int i = 0; i < 200; i++) {
        pty_send(p, bytes);
        pty_pump(p, 5); /* else the terminal's line drops what it has no room for */
    }
    pty_settle(p, 300, WAIT_MS);
    pty_send(p, "?");
    assert_true(pty_wait(p, "[Help]", WAIT_MS));
    end(p);
}

/* ":q" in it would have ended the program, "|" in a log would have run a command. */
static void
terminal__pasted_text_runs_nothing(void **state)
{
    (void)state;
    struct pty *p = start(NULL, "--no-motion", NULL);
    assert_true(pty_wait(p, "│APP", WAIT_MS));
    pty_send(p, "\033[200~q\n:q\nx\033[201~");
    assert_true(pty_wait(p, "pasted text is not taken for keys", WAIT_MS));
    pty_send(p, "/");
    assert_true(pty_wait(p, "regex", WAIT_MS));
    pty_send(p, "\033[200~wait\nq\n\033[201~");
    assert_true(pty_wait(p, "/wait q", WAIT_MS));
    pty_key(p, "^C");
    end(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal__two_cells_a_line_turn_signs_into_ascii),
        cmocka_unit_test(terminal__one_cell_a_line_changes_nothing),
        cmocka_unit_test(terminal__told_two_cells_no_line_is_drawn),
        cmocka_unit_test(terminal__clicks_when_the_mouse_is_on),
        cmocka_unit_test(terminal__bytes_that_are_no_characters_do_not_stop_it),
        cmocka_unit_test(terminal__pasted_text_runs_nothing),
        cmocka_unit_test(terminal__what_is_not_installed_has_a_stand_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
