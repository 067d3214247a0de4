/* The curses back end against a terminal emulator: what libvterm shows is what the surface held,
 * cell by cell; keys arrive; the terminal is as it was afterwards. One process holds both ends of
 * the pty.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <vterm.h>

#include "../golden/cluster.h"
#include "initwatch/base/limits.h"
#include "initwatch/ui/term.h"

struct emulator {
    int master, slave;
    VTerm *vt;
    VTermScreen *screen;
    struct termios before;
    char raw[1 << 16];
    size_t raw_len;
};

static void
emulator_open(struct emulator *e, int cols, int rows)
{
    struct winsize size = {.ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows};
    memset(e, 0, sizeof(*e));
    assert_int_equal(openpty(&e->master, &e->slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(e->slave, &e->before), 0);
    e->vt = vterm_new(rows, cols);
    vterm_set_utf8(e->vt, 1);
    e->screen = vterm_obtain_screen(e->vt);
    vterm_screen_enable_altscreen(e->screen, 1);
    vterm_screen_reset(e->screen, 1);
}

/* All that has been written so far goes to the emulator. */
static void
emulator_drain(struct emulator *e)
{
    struct pollfd fd = {.fd = e->master, .events = POLLIN};
    while (poll(&fd, 1, 20) == 1 && (fd.revents & POLLIN)) {
        char bytes[4096];
        ssize_t n = read(e->master, bytes, sizeof(bytes));
        if (n <= 0)
            return;
        vterm_input_write(e->vt, bytes, (size_t)n);
        size_t keep = IW_MIN((size_t)n, sizeof(e->raw) - e->raw_len);
        memcpy(e->raw + e->raw_len, bytes, keep);
        e->raw_len += keep;
    }
}

static void
emulator_close(struct emulator *e)
{
    vterm_free(e->vt);
    close(e->master);
    close(e->slave);
}

static struct term *
start(struct emulator *e, const char *locale, bool no_color)
{
    const struct term_options options = {.theme = THEME_DARK,
                                         .no_color = no_color,
                                         .in_fd = e->slave,
                                         .out_fd = e->slave,
                                         .type = "xterm-256color"};
    struct term *t = NULL;
    struct iw_error err = {0};
    setenv("LC_ALL", locale, 1);
    if (term_open(&options, &t, &err) != IW_OK)
        fail_msg("term_open: %s", err.msg);
    return t;
}

static void
assert_same_cells(struct emulator *e, const struct surface *s)
{
    for (int y = 0; y < s->rows; y++)
        for (int x = 0; x < s->cols; x++) {
            const struct cell *want = surface_at(s, x, y);
            VTermScreenCell got;
            vterm_screen_get_cell(e->screen, (VTermPos){.row = y, .col = x}, &got);
            if (want->width == 0)
                continue;
            uint32_t ch = got.chars[0] ? got.chars[0] : ' ';
            if (ch != want->ch || (got.width != want->width))
                fail_msg("row %d column %d: U+%04X width %d instead of U+%04X width %d", y, x,
                         (unsigned)ch, got.width, (unsigned)want->ch, want->width);
            if (want->role == ROLE_ERROR)
                assert_true(got.attrs.bold);
        }
}

static void
fill_hostile(struct scene *sc)
{
    cluster_open(sc);
    scene_add(sc, cluster_healthy("데이터베이스-초기화", "작업노드", 100, 1, 1));
    scene_add(sc, cluster_healthy("evil\x1b[2J\x07\x9b", "e\xcc\x81", 90, 1, 0));
    scene_ui(sc, "pods");
}

static void
term__shows_exactly_the_surface(void **state)
{
    struct emulator e;
    struct scene sc;
    (void)state;
    fill_hostile(&sc);
    emulator_open(&e, 100, 40);
    struct term *t = start(&e, "C.UTF-8", false);
    assert_false(term_is_ascii(t));
    static const char *const steps[] = {"", "G", "gj", "?", "q/init", "\r", "\x1b", ":ns "};
    for (size_t i = 0; i < IW_COUNTOF(steps); i++) {
        scene_draw(&sc, 100, 40);
        scene_keys(&sc, steps[i]);
        scene_draw(&sc, 100, 40);
        assert_true(term_flush(t, &sc.surface) > 0);
        emulator_drain(&e);
        assert_same_cells(&e, &sc.surface);
        assert_int_equal(term_flush(t, &sc.surface), 0);
    }
    VTermPos cursor;
    vterm_state_get_cursorpos(vterm_obtain_state(e.vt), &cursor);
    assert_int_equal(cursor.col, sc.surface.cursor_x);
    assert_int_equal(cursor.row, sc.surface.cursor_y);
    term_close(t);
    emulator_close(&e);
    scene_close(&sc);
}

static void
term__writes_only_what_changed(void **state)
{
    struct emulator e;
    struct scene sc;
    (void)state;
    fill_hostile(&sc);
    emulator_open(&e, 100, 40);
    struct term *t = start(&e, "C.UTF-8", false);
    scene_draw(&sc, 100, 40);
    size_t all = term_flush(t, &sc.surface);
    emulator_drain(&e);
    clock_advance(&sc.clock, 1000);
    scene_draw(&sc, 100, 40);
    size_t second = term_flush(t, &sc.surface);
    assert_true(second > 0 && second < all / 20);
    emulator_drain(&e);
    term_redraw(t);
    assert_true(term_flush(t, &sc.surface) >= all);
    emulator_drain(&e);
    assert_same_cells(&e, &sc.surface);
    term_close(t);
    emulator_close(&e);
    scene_close(&sc);
}

static void
term__gives_the_terminal_back(void **state)
{
    struct emulator e;
    struct scene sc;
    struct termios now;
    (void)state;
    fill_hostile(&sc);
    emulator_open(&e, 80, 24);
    struct term *t = start(&e, "C.UTF-8", false);
    assert_ptr_equal(term_current(), t);
    scene_draw(&sc, 80, 24);
    (void)term_flush(t, &sc.surface);
    emulator_drain(&e);
    term_suspend(t);
    emulator_drain(&e);
    assert_int_equal(tcgetattr(e.slave, &now), 0);
    assert_int_equal(now.c_lflag, e.before.c_lflag);
    assert_int_equal(term_flush(t, &sc.surface), 0);
    term_resume(t);
    assert_true(term_flush(t, &sc.surface) > 0);
    emulator_drain(&e);
    assert_same_cells(&e, &sc.surface);
    term_close(t);
    term_close(t);
    assert_null(term_current());
    emulator_drain(&e);
    assert_int_equal(tcgetattr(e.slave, &now), 0);
    assert_memory_equal(&now.c_lflag, &e.before.c_lflag, sizeof(now.c_lflag));
    assert_memory_equal(&now.c_iflag, &e.before.c_iflag, sizeof(now.c_iflag));
    /* The alternate screen is left and the cursor is shown again. */
    assert_non_null(memmem(e.raw, e.raw_len, "\x1b[?1049l", 8));
    assert_non_null(memmem(e.raw, e.raw_len, "\x1b[?25h", 6));
    emulator_close(&e);
    scene_close(&sc);
}

static void
term__reads_keys(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t key;
    } cases[] = {{"j", 'j'},
                 {"\r", KEY_ENTER_CODE},
                 {"\x1bOA", KEY_UP_CODE},
                 {"\x1b[6~", KEY_PGDN_CODE},
                 {"\x1b[Z", KEY_BTAB_CODE},
                 {"\x7f", KEY_BACKSPACE_CODE},
                 {"\x03", KEY_CTRL('c')},
                 {"\x1a", KEY_CTRL('z')},
                 {"한", 0xD55C},
                 {"\x1b", KEY_ESC_CODE},
                 {"\x1bOP", KEY_F1_CODE}};
    struct emulator e;
    (void)state;
    emulator_open(&e, 80, 24);
    struct term *t = start(&e, "C.UTF-8", false);
    assert_int_equal(term_read_key(t), KEY_NONE);
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        assert_int_equal(write(e.master, cases[i].bytes, strlen(cases[i].bytes)),
                         strlen(cases[i].bytes));
        assert_int_equal(term_read_key(t), cases[i].key);
        assert_int_equal(term_read_key(t), KEY_NONE);
    }
    term_close(t);
    emulator_close(&e);
}

static void
term__follows_the_window(void **state)
{
    struct emulator e;
    struct scene sc;
    struct winsize size = {.ws_col = 120, .ws_row = 30};
    int cols, rows;
    (void)state;
    fill_hostile(&sc);
    emulator_open(&e, 80, 24);
    struct term *t = start(&e, "C.UTF-8", false);
    scene_draw(&sc, 80, 24);
    (void)term_flush(t, &sc.surface);
    emulator_drain(&e);
    assert_int_equal(ioctl(e.master, TIOCSWINSZ, &size), 0);
    vterm_set_size(e.vt, 30, 120);
    assert_int_equal(term_read_key(t), KEY_RESIZE_CODE);
    assert_int_equal(term_read_key(t), KEY_NONE);
    term_size(t, &cols, &rows);
    assert_int_equal(cols, 120);
    assert_int_equal(rows, 30);
    scene_draw(&sc, cols, rows);
    (void)term_flush(t, &sc.surface);
    emulator_drain(&e);
    assert_same_cells(&e, &sc.surface);
    term_close(t);
    emulator_close(&e);
    scene_close(&sc);
}

static void
term__without_utf8_only_ascii_is_written(void **state)
{
    struct emulator e;
    struct scene sc;
    (void)state;
    fill_hostile(&sc);
    emulator_open(&e, 80, 24);
    struct term *t = start(&e, "C", true);
    assert_true(term_is_ascii(t));
    scene_draw(&sc, 80, 24);
    (void)term_flush(t, &sc.surface);
    emulator_drain(&e);
    for (size_t i = 0; i < e.raw_len; i++)
        assert_true((unsigned char)e.raw[i] < 0x80);
    assert_null(memmem(e.raw, e.raw_len, "38;5;", 5));
    term_close(t);
    emulator_close(&e);
    scene_close(&sc);
}

static void
term__copies_by_osc52(void **state)
{
    struct emulator e;
    (void)state;
    emulator_open(&e, 80, 24);
    struct term *t = start(&e, "C.UTF-8", false);
    assert_true(term_copy(t, "hello", 5));
    emulator_drain(&e);
    assert_non_null(memmem(e.raw, e.raw_len, "\x1b]52;c;aGVsbG8=\a", 16));
    static char longer[LIMIT_COPY_BYTES + 1];
    assert_false(term_copy(t, longer, sizeof(longer)));
    term_close(t);
    emulator_close(&e);
}

static void
term__refuses_what_is_no_terminal(void **state)
{
    struct emulator e;
    struct term *t = NULL;
    struct iw_error err = {0};
    int pipe_fds[2];
    (void)state;
    assert_int_equal(pipe(pipe_fds), 0);
    const struct term_options no_tty = {
        .in_fd = pipe_fds[0], .out_fd = pipe_fds[1], .type = "xterm"};
    assert_int_equal(term_open(&no_tty, &t, &err), IW_ERR_UNSUPPORTED);
    assert_null(t);
    emulator_open(&e, 80, 24);
    const struct term_options odd = {
        .in_fd = e.slave, .out_fd = e.slave, .type = "no-such-terminal"};
    assert_int_equal(term_open(&odd, &t, &err), IW_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "no-such-terminal"));
    assert_null(term_current());
    emulator_close(&e);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(term__shows_exactly_the_surface),
        cmocka_unit_test(term__writes_only_what_changed),
        cmocka_unit_test(term__gives_the_terminal_back),
        cmocka_unit_test(term__reads_keys),
        cmocka_unit_test(term__follows_the_window),
        cmocka_unit_test(term__without_utf8_only_ascii_is_written),
        cmocka_unit_test(term__copies_by_osc52),
        cmocka_unit_test(term__refuses_what_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
