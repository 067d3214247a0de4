/* termpty: the real program in a real terminal. forkpty on one side, libvterm on the other; waits are bounded and on the
 * screen's content, never sleeps.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_TERMPTY_H
#define TESTS_SUPPORT_TERMPTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <vterm.h>

struct pty {
    pid_t pid;
    int fd;
    int cols, rows;
    VTerm *vt;
    VTermScreen *screen;
    bool alt_screen, cursor_visible;
    bool exited;
    int wait_status; /* valid when exited */
    uint64_t bytes;  /* written by the program so far */
    /* Sees them as they are; NULL: nobody. */
    void (*on_bytes)(void *ctx, const char *bytes, size_t len);
    void *on_bytes_ctx;
    char home[64]; /* temporary HOME with the XDG folders, removed by pty_close */
};

/* Start argv in a terminal. extra_env: "K=V" (a bare "K" removes it), NULL-terminated, may be NULL. The environment has TERM=xterm-256color,
 * LANG=LC_ALL=C.UTF-8, TZ=UTC, a temporary HOME and no KUBECONFIG. Ends the test process on failure. */
struct pty *pty_start(int cols, int rows, const char *const *argv, const char *const *extra_env);
/* Read what comes for at most ms; returns true when something came. */
bool pty_pump(struct pty *p, int ms);
/* Until the screen has `text` / no longer has it. On a time-out the screen is printed and false returned. */
bool pty_wait(struct pty *p, const char *text, int timeout_ms);
bool pty_wait_gone(struct pty *p, const char *text, int timeout_ms);
/* Until the program has ended; false on a time-out. */
bool pty_wait_exit(struct pty *p, int timeout_ms);
/* Until nothing came for quiet_ms (at most max_ms). */
void pty_settle(struct pty *p, int quiet_ms, int max_ms);
void pty_send(struct pty *p, const char *bytes);
/* "Enter", "Esc", "Tab", "Down" (application mode), "PgDn", "^D", or any text as it is. */
void pty_key(struct pty *p, const char *name);
void pty_resize(struct pty *p, int cols, int rows);
void pty_signal(struct pty *p, int signo);
bool pty_has(struct pty *p, const char *text);
/* The screen as text, one line a row, trailing blanks off. New string. */
char *pty_text(struct pty *p);
/* One row, new string. */
char *pty_row(struct pty *p, int row);
/* Kills what still runs, frees everything. */
void pty_close(struct pty *p);
/* The screen as a standalone SVG. light: page colours of a light terminal. New string. */
char *pty_svg(struct pty *p, bool light, const char *title);

/* A film: one SVG that plays itself, endlessly. A row is stored again only when it changed. */
struct pty_film;
struct pty_film *pty_film_new(struct pty *p, bool light, int64_t now_ms);
void pty_film_take(struct pty_film *film, int64_t now_ms); /* the screen as it is now */
/* What the line above the screen says from now on. */
void pty_film_caption(struct pty_film *film, const char *text, int64_t now_ms);
char *pty_film_end(struct pty_film *film, int64_t now_ms); /* new string; the film is gone */

#endif
