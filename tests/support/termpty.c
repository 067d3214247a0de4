/* termpty: see termpty.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "termpty.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"

static int64_t
now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
give_up(const char *what)
{
    fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
    exit(99);
}

static int
on_prop(VTermProp prop, VTermValue *value, void *user)
{
    struct pty *p = user;
    if (prop == VTERM_PROP_ALTSCREEN)
        p->alt_screen = value->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        p->cursor_visible = value->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};

static void
child(struct pty *p, const char *const *argv, const char *const *extra_env)
{
    static const char *const unset[] = {"KUBECONFIG", "NO_COLOR", "XDG_STATE_HOME",
                                        "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
        unsetenv(unset[i]);
    setenv("TERM", "xterm-256color", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TZ", "UTC", 1);
    setenv("HOME", p->home, 1);
    setenv("XDG_RUNTIME_DIR", p->home, 1);
    for (size_t i = 0; extra_env && extra_env[i]; i++) {
        char name[256];
        const char *equals = strchr(extra_env[i], '=');
        if (!equals) {
            unsetenv(extra_env[i]);
            continue;
        }
        snprintf(name, sizeof(name), "%.*s", (int)(equals - extra_env[i]), extra_env[i]);
        setenv(name, equals + 1, 1);
    }
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

struct pty *
pty_start(int cols, int rows, const char *const *argv, const char *const *extra_env)
{
    struct pty *p = calloc(1, sizeof(*p));
    p->cols = cols;
    p->rows = rows;
    p->cursor_visible = true;
    snprintf(p->home, sizeof(p->home), "/tmp/initwatch-test-XXXXXX");
    if (!mkdtemp(p->home))
        give_up("mkdtemp");
    p->vt = vterm_new(rows, cols);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_reset(p->screen, 1);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    p->pid = forkpty(&p->fd, NULL, NULL, &size);
    if (p->pid < 0)
        give_up("forkpty");
    if (p->pid == 0)
        child(p, argv, extra_env);
    return p;
}

static void
reap(struct pty *p)
{
    if (!p->exited && waitpid(p->pid, &p->wait_status, WNOHANG) == p->pid)
        p->exited = true;
}

bool
pty_pump(struct pty *p, int ms)
{
    struct pollfd fd = {.fd = p->fd, .events = POLLIN};
    if (poll(&fd, 1, ms) <= 0)
        return false;
    char bytes[65536];
    ssize_t n = read(p->fd, bytes, sizeof(bytes));
    if (n <= 0) {
        /* EIO: the other side is closed; the exit status follows in a moment. */
        reap(p);
        if (!p->exited)
            poll(NULL, 0, 5);
        return false;
    }
    p->bytes += (uint64_t)n;
    if (p->on_bytes)
        p->on_bytes(p->on_bytes_ctx, bytes, (size_t)n);
    vterm_input_write(p->vt, bytes, (size_t)n);
    size_t len = vterm_output_read(p->vt, bytes, sizeof(bytes));
    if (len && write(p->fd, bytes, len) < 0)
        reap(p);
    return true;
}

static void
add_cell(struct strbuf *b, const VTermScreenCell *cell)
{
    if (cell->chars[0] == 0) {
        strbuf_addc(b, ' ');
        return;
    }
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++) {
        char bytes[4];
        strbuf_add(b, bytes, (size_t)utf8_encode(cell->chars[i], bytes));
    }
}

static VTermScreenCell
cell_at(struct pty *p, int row, int col)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof(cell));
    vterm_screen_get_cell(p->screen, (VTermPos){.row = row, .col = col}, &cell);
    return cell;
}

char *
pty_row(struct pty *p, int row)
{
    struct strbuf b;
    strbuf_init(&b, 0);
    for (int col = 0; col < p->cols;) {
        VTermScreenCell cell = cell_at(p, row, col);
        add_cell(&b, &cell);
        col += cell.width > 1 ? cell.width : 1;
    }
    while (b.len && b.data[b.len - 1] == ' ')
        b.data[--b.len] = '\0';
    return strbuf_take(&b);
}

char *
pty_text(struct pty *p)
{
    struct strbuf b;
    strbuf_init(&b, 0);
    for (int row = 0; row < p->rows; row++) {
        char *text = pty_row(p, row);
        strbuf_adds(&b, text);
        strbuf_addc(&b, '\n');
        free(text);
    }
    return strbuf_take(&b);
}

bool
pty_has(struct pty *p, const char *text)
{
    char *screen = pty_text(p);
    bool found = strstr(screen, text) != NULL;
    free(screen);
    return found;
}

static bool
wait_until(struct pty *p, const char *text, bool wanted, int timeout_ms)
{
    int64_t end_ms = now_ms() + timeout_ms;
    while (pty_has(p, text) != wanted) {
        int64_t left_ms = end_ms - now_ms();
        if (left_ms <= 0 || p->exited) {
            char *screen = pty_text(p);
            fprintf(stderr, "pty: waited %d ms for \"%s\" to %s%s; the screen is:\n%s", timeout_ms,
                    text, wanted ? "appear" : "go", p->exited ? " (the program has ended)" : "",
                    screen);
            free(screen);
            return false;
        }
        pty_pump(p, (int)(left_ms < 50 ? left_ms : 50));
    }
    return true;
}

bool
pty_wait(struct pty *p, const char *text, int timeout_ms)
{
    return wait_until(p, text, true, timeout_ms);
}

bool
pty_wait_gone(struct pty *p, const char *text, int timeout_ms)
{
    return wait_until(p, text, false, timeout_ms);
}

bool
pty_wait_exit(struct pty *p, int timeout_ms)
{
    int64_t end_ms = now_ms() + timeout_ms;
    while (!p->exited && now_ms() < end_ms) {
        if (!pty_pump(p, 20))
            reap(p);
    }
    /* Its last words may still be on their way; the closed other side ends the wait at once. */
    while (p->exited && pty_pump(p, 500)) {
    }
    return p->exited;
}

void
pty_settle(struct pty *p, int quiet_ms, int max_ms)
{
    int64_t end_ms = now_ms() + max_ms;
    while (now_ms() < end_ms && pty_pump(p, quiet_ms)) {
    }
}

void
pty_send(struct pty *p, const char *bytes)
{
    size_t len = strlen(bytes);
    while (len) {
        ssize_t n = write(p->fd, bytes, len);
        if (n < 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

void
pty_key(struct pty *p, const char *name)
{
    static const struct {
        const char *name, *bytes;
    } keys[] = {{"Enter", "\r"},       {"Esc", "\033"},     {"Tab", "\t"},
                {"Up", "\033OA"},      {"Down", "\033OB"},  {"Right", "\033OC"},
                {"Left", "\033OD"},    {"Home", "\033OH"},  {"End", "\033OF"},
                {"PgUp", "\033[5~"},   {"PgDn", "\033[6~"}, {"Backspace", "\177"},
                {"BackTab", "\033[Z"}, {"Space", " "},      {"Delete", "\033[3~"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(name, keys[i].name) == 0) {
            pty_send(p, keys[i].bytes);
            return;
        }
    }
    if (name[0] == '^' && name[1] && !name[2]) {
        char control[2] = {(char)(name[1] & 0x1f), '\0'};
        pty_send(p, control);
        return;
    }
    pty_send(p, name);
}

void
pty_resize(struct pty *p, int cols, int rows)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    p->cols = cols;
    p->rows = rows;
    vterm_set_size(p->vt, rows, cols);
    ioctl(p->fd, TIOCSWINSZ, &size);
}

void
pty_signal(struct pty *p, int signo)
{
    kill(p->pid, signo);
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void
pty_close(struct pty *p)
{
    if (!p)
        return;
    reap(p);
    if (!p->exited) {
        kill(p->pid, SIGTERM);
        if (!pty_wait_exit(p, 3000)) {
            kill(p->pid, SIGKILL);
            waitpid(p->pid, &p->wait_status, 0);
        }
    }
    close(p->fd);
    vterm_free(p->vt);
    nftw(p->home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
}
