/* term_curses: the terminal by ncursesw. The only file that includes curses.h.
 *
 * The surface is compared with what was shown last and only changed runs are handed to curses,
 * which then moves the cursor and chooses the escape sequences. Descriptors stay blocking: they
 * belong to the shell as well. Ref: ncurses(3X), curs_getcch(3X), curs_inopts(3X); xterm ctlseqs,
 * OSC 52.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/base64.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/keymap.h"
#include "term_line.h"
#include "term_type.h"

struct term {
    bool open, suspended;
    SCREEN *screen;
    FILE *in, *out; /* in: the reading end of `line.keys_pipe` */
    struct term_line line;
    bool mouse;
    WINDOW *keys; /* a pad: reading from it never refreshes the screen */
    struct termios saved;
    bool saved_known;
    bool utf8, ascii, colour;
    enum theme theme;
    struct surface shown;
    bool all;       /* the next flush writes everything */
    int cols, rows; /* as curses knows it */
};

/* One terminal at a time, in static storage: closing it must be possible when there is no memory,
 * and twice. */
static struct term the_term;

static bool
window_size(const struct term *t, int *cols, int *rows)
{
    struct winsize ws;
    if (ioctl(t->line.out_fd, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0 || ws.ws_row == 0)
        return false;
    *cols = ws.ws_col;
    *rows = ws.ws_row;
    return true;
}

/* --- colours --- */

/* A colour of xterm's 256 for a terminal that has 8 or 16: which of red, green, blue it is made of.
 */
static short
reduce_colour(int index)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    if (index < 0)
        return -1;
    if (index < 16)
        return (short)(index & 7);
    if (index >= 232)
        return index >= 240 ? COLOR_WHITE : COLOR_BLACK;
    int n = index - 16, r = steps[n / 36], g = steps[n / 6 % 6], b = steps[n % 6];
    int most = r > g ? r : g;
    most = most > b ? most : b;
    int limit = most * 2 / 3;
    return (short)((r > limit ? COLOR_RED : 0) | (g > limit ? COLOR_GREEN : 0) |
                   (b > limit ? COLOR_BLUE : 0));
}

/* Whether a selected row has a colour of its own; else it is reversed. */
static bool
has_selection_colour(const struct term *t)
{
    return t->colour && COLORS >= 256 && COLOR_PAIRS > 2 * ROLE_COUNT &&
           !(role_style_selected(t->theme, ROLE_TEXT).attrs & ROLE_REVERSE);
}

static void
define_pair(int pair, struct role_style style)
{
    short fg = COLORS >= 256 ? style.fg : reduce_colour(style.fg);
    short bg = COLORS >= 256 ? style.bg : reduce_colour(style.bg);
    init_pair((short)pair, fg, bg);
}

/* Pair 1 + role for each role, then the same for selected rows. */
static void
define_pairs(struct term *t)
{
    if (!t->colour)
        return;
    for (int role = 0; role < ROLE_COUNT; role++) {
        define_pair(1 + role, role_style(t->theme, (enum role)role));
        if (has_selection_colour(t))
            define_pair(1 + ROLE_COUNT + role, role_style_selected(t->theme, (enum role)role));
    }
}

static short
cell_pair(const struct term *t, const struct cell *c)
{
    if (!t->colour)
        return 0;
    bool selected = (c->flags & CELL_SELECTED) && has_selection_colour(t);
    return (short)(1 + c->role + (selected ? ROLE_COUNT : 0));
}

static attr_t
cell_attrs(const struct term *t, const struct cell *c)
{
    enum theme theme = t->colour ? t->theme : THEME_MONO;
    uint8_t attrs = role_style(theme, (enum role)c->role).attrs;
    if ((c->flags & CELL_SELECTED) && !has_selection_colour(t))
        attrs ^= ROLE_REVERSE;
    attr_t out = A_NORMAL;
    if ((attrs & ROLE_BOLD) || (c->flags & CELL_BOLD))
        out |= A_BOLD;
    if (attrs & ROLE_DIM_ATTR)
        out |= A_DIM;
    if (attrs & ROLE_REVERSE)
        out |= A_REVERSE;
    if ((attrs & ROLE_UNDERLINE) || (c->flags & CELL_UNDERLINED))
        out |= A_UNDERLINE;
    return out;
}

/* --- output --- */

/* The characters of a cell as the C library will count them. Where it knows another width than our
 * table, curses would lose the column: a sign stands instead. */
static void
cell_wide_text(const struct term *t, const struct cell *c, wchar_t text[4])
{
    int n = 0;
    wchar_t ch = (wchar_t)c->ch;
    bool showable = c->ch < 0x7F || (t->utf8 && wcwidth(ch) == c->width);
    text[n++] = showable ? ch : L'?';
    for (int i = 0; showable && t->utf8 && i < 2 && c->comb[i]; i++)
        if (wcwidth((wchar_t)c->comb[i]) == 0)
            text[n++] = (wchar_t)c->comb[i];
    text[n] = 0;
}

/* Puts columns from..to of a row; neither end cuts a wide character. Returns the bytes of text. */
static size_t
put_run(const struct term *t, const struct surface *s, int y, int from, int to)
{
    size_t bytes = 0;
    for (int x = from; x <= to; x++) {
        const struct cell *c = surface_at(s, x, y);
        if (c->width == 0)
            continue;
        wchar_t text[4];
        char utf8[4];
        cchar_t wide;
        cell_wide_text(t, c, text);
        setcchar(&wide, text, cell_attrs(t, c), cell_pair(t, c), NULL);
        mvadd_wchnstr(y, x, &wide, 1);
        /* A sign in place of a wide character leaves its second cell. */
        if (c->width == 2 && wcwidth(text[0]) != 2) {
            setcchar(&wide, L" ", cell_attrs(t, c), cell_pair(t, c), NULL);
            mvadd_wchnstr(y, x + 1, &wide, 1);
        }
        bytes += utf8_encode(c->ch, utf8);
    }
    return bytes;
}

static bool
cell_same(const struct cell *a, const struct cell *b)
{
    return a->ch == b->ch && a->role == b->role && a->flags == b->flags && a->width == b->width &&
           a->comb[0] == b->comb[0] && a->comb[1] == b->comb[1];
}

static size_t
put_row(const struct term *t, const struct surface *s, int y)
{
    size_t bytes = 0;
    size_t at = (size_t)y * (size_t)s->cols;
    if (!t->all &&
        memcmp(&s->cells[at], &t->shown.cells[at], sizeof(*s->cells) * (size_t)s->cols) == 0)
        return 0;
    for (int x = 0; x < s->cols; x++) {
        if (!t->all && cell_same(surface_at(s, x, y), surface_at(&t->shown, x, y)))
            continue;
        int from = x;
        while (from > 0 && surface_at(s, from, y)->width == 0)
            from--;
        while (x + 1 < s->cols &&
               (t->all || !cell_same(surface_at(s, x + 1, y), surface_at(&t->shown, x + 1, y))))
            x++;
        bytes += put_run(t, s, y, from, x);
    }
    return bytes;
}

size_t
term_flush(struct term *t, const struct surface *s)
{
    if (!t->open || t->suspended)
        return 0;
    if (t->shown.cols != s->cols || t->shown.rows != s->rows) {
        surface_resize(&t->shown, s->cols, s->rows);
        t->all = true;
    }
    bool cursor_moved = t->shown.cursor_x != s->cursor_x || t->shown.cursor_y != s->cursor_y;
    if (t->all)
        clearok(curscr, TRUE);
    size_t bytes = 0;
    int rows = s->rows < t->rows ? s->rows : t->rows;
    for (int y = 0; y < rows; y++)
        bytes += put_row(t, s, y);
    if (bytes == 0 && !cursor_moved)
        return 0;
    curs_set(s->cursor_x >= 0 ? 1 : 0);
    if (s->cursor_x >= 0)
        move(s->cursor_y, s->cursor_x);
    refresh();
    memcpy(t->shown.cells, s->cells, sizeof(*s->cells) * (size_t)s->cols * (size_t)s->rows);
    t->shown.cursor_x = s->cursor_x;
    t->shown.cursor_y = s->cursor_y;
    t->all = false;
    return bytes;
}

void
term_redraw(struct term *t)
{
    t->all = true;
}

/* --- input --- */

static uint32_t
special_key(wint_t code)
{
    static const struct {
        wint_t curses;
        uint32_t key;
    } table[] = {
        {KEY_UP, KEY_UP_CODE},       {KEY_DOWN, KEY_DOWN_CODE},
        {KEY_LEFT, KEY_LEFT_CODE},   {KEY_RIGHT, KEY_RIGHT_CODE},
        {KEY_PPAGE, KEY_PGUP_CODE},  {KEY_NPAGE, KEY_PGDN_CODE},
        {KEY_HOME, KEY_HOME_CODE},   {KEY_END, KEY_END_CODE},
        {KEY_BTAB, KEY_BTAB_CODE},   {KEY_BACKSPACE, KEY_BACKSPACE_CODE},
        {KEY_DC, KEY_DELETE_CODE},   {KEY_IC, KEY_INSERT_CODE},
        {KEY_ENTER, KEY_ENTER_CODE}, {KEY_A1, KEY_HOME_CODE},
        {KEY_C1, KEY_END_CODE},      {KEY_A3, KEY_PGUP_CODE},
        {KEY_C3, KEY_PGDN_CODE},
    };
    for (size_t i = 0; i < IW_COUNTOF(table); i++)
        if (table[i].curses == code)
            return table[i].key;
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return KEY_F1_CODE + (uint32_t)(code - KEY_F(1));
    return KEY_NONE;
}

/* True when the window has another size than curses knows; curses is told, its own KEY_RESIZE is
 * swallowed. */
static bool
take_resize(struct term *t)
{
    int cols, rows;
    if (!window_size(t, &cols, &rows) || (cols == t->cols && rows == t->rows))
        return false;
    resizeterm(rows, cols);
    t->cols = cols;
    t->rows = rows;
    t->all = true;
    wint_t code = 0;
    int kind = wget_wch(t->keys, &code);
    if (kind == OK)
        unget_wch((wchar_t)code);
    else if (kind == KEY_CODE_YES && code != KEY_RESIZE)
        ungetch((int)code);
    return true;
}

void
term_take_paste(struct term *t, bool typed)
{
    t->line.input.takes_paste = typed;
}

/* Whether curses makes one key of it; -1 is a beginning of one. */
static bool
is_key(const char *sequence)
{
    return key_defined(sequence) != 0;
}

bool
term_take_mouse(struct term *t, struct term_mouse *out)
{
    return term_line_take_mouse(&t->line, out);
}

struct term_answers
term_answers(const struct term *t)
{
    return t->line.input.answers;
}

uint32_t
term_read_key(struct term *t)
{
    if (!t->open || t->suspended)
        return KEY_NONE;
    if (take_resize(t))
        return KEY_RESIZE_CODE;
    for (;;) {
        wint_t code = 0;
        int kind = wget_wch(t->keys, &code);
        if (kind == ERR) {
            /* A byte that is no character: what comes behind it waits, and the pipe must be empty before more is put into it. */
            if (term_line_readable(fileno(t->in), 0))
                continue;
            uint32_t other = term_line_other(&t->line);
            if (other != KEY_NONE || !term_line_pump(&t->line))
                return other;
            continue;
        }
        uint32_t key = kind == KEY_CODE_YES ? special_key(code) : (uint32_t)code;
        if (kind == KEY_CODE_YES && code == KEY_RESIZE) {
            if (take_resize(t))
                return KEY_RESIZE_CODE;
            continue;
        }
        if (key == '\n')
            key = KEY_ENTER_CODE;
        else if (key == 0x7F)
            key = KEY_BACKSPACE_CODE;
        else if (kind == OK && key == 0)
            key = KEY_CTRL_SPACE_CODE;
        /* Keys that are not known are passed over. */
        if (key != KEY_NONE)
            return key;
    }
}

/* --- open and close --- */

static void
release(struct term *t)
{
    if (t->keys)
        delwin(t->keys);
    if (t->screen)
        delscreen(t->screen);
    if (t->in) {
        fclose(t->in);
        close(t->line.keys_pipe);
    }
    if (t->out)
        fclose(t->out);
    surface_free(&t->shown);
    *t = (struct term){0};
}

/* Switch to the alternate screen, then hide the cursor: some terminals save its visibility with the
 * switch and would bring a hidden cursor back to the shell at the end. */
static void
enter_screen(void)
{
    refresh();
    curs_set(0);
}

/* Until its screen has been left once, ncurses writes after each movement of the cursor: dozens of writes a frame, each of
 * which wakes whoever reads the terminal. So it is left before anything was written, with nobody looking: the terminal gets
 * neither the bytes nor the modes, for which curses would wait until all was read. Ref: ncurses lib_mvcur.c, ewInitial. */
static void
leave_unseen(struct term *t)
{
    int fd = fileno(t->out), terminal = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (terminal >= 0 && nowhere >= 0 && dup2(nowhere, fd) >= 0) {
        endwin();
        (void)dup2(terminal, fd);
    }
    if (terminal >= 0)
        close(terminal);
    if (nowhere >= 0)
        close(nowhere);
}

/* Back to the main screen. The cursor is shown once more after the switch, whatever the terminal saved with it. */
static void
leave_screen(struct term *t)
{
    endwin();
    const char *show = tigetstr("cnorm");
    if (show && show != (const char *)-1) {
        fputs(show, t->out);
        fflush(t->out);
    }
}

/* Key handling and modes after newterm. */
static void
set_modes(struct term *t)
{
    raw();
    noecho();
    nonl();
    set_escdelay(TERM_ESC_DELAY_MS);
    t->keys = newpad(1, 1);
    nodelay(t->keys, TRUE);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    /* A frame is written as a whole; keys are looked at before it. */
    typeahead(-1);
    leave_unseen(t);
    enter_screen();
    keypad(t->keys, TRUE); /* writes at once, so not before */
    if (t->colour && has_colors()) {
        start_color();
        use_default_colors();
    }
    t->colour = t->colour && has_colors() && COLORS >= 8 && COLOR_PAIRS > ROLE_COUNT;
    define_pairs(t);
}

void
term_set_mouse(struct term *t, bool on)
{
    t->mouse = on;
    if (t->open && !t->suspended && t->line.input.expects_mouse != on)
        term_line_report_mouse(&t->line, on);
}

enum iw_err
term_open(const struct term_options *opts, struct term **out, struct iw_error *err)
{
    struct term *t = &the_term;
    const char *type = opts->type ? opts->type : getenv("TERM");
    *out = NULL;
    if (t->open)
        return iw_fail(err, IW_ERR_INTERNAL, "the terminal is already open");
    if (!isatty(opts->in_fd) || !isatty(opts->out_fd))
        return iw_fail(err, IW_ERR_UNSUPPORTED, "not a terminal");
    if (!type || !type[0])
        return iw_fail(err, IW_ERR_UNSUPPORTED, "TERM is not set");
    *t = (struct term){.line = {.in_fd = opts->in_fd, .out_fd = opts->out_fd, .keys_pipe = -1},
                       .theme = opts->theme,
                       .mouse = opts->mouse};
    t->saved_known = tcgetattr(opts->in_fd, &t->saved) == 0;
    /* Curses reads the character set of the environment; the rest of the program stays in the C
     * locale. */
    t->utf8 = utf8_use_locale();
    /* The Linux console has 512 glyphs, ours are not among them. */
    t->ascii = opts->ascii || !t->utf8 || strcmp(type, "linux") == 0;
    t->colour = !opts->no_color;
    int in[2] = {-1, -1}, outfd = dup(opts->out_fd);
    bool piped = pipe(in) == 0 && fcntl(in[0], F_SETFD, FD_CLOEXEC) == 0 &&
                 fcntl(in[1], F_SETFD, FD_CLOEXEC) == 0;
    t->line.keys_pipe = in[1];
    t->in = piped ? fdopen(in[0], "r") : NULL;
    t->out = outfd >= 0 ? fdopen(outfd, "w") : NULL;
    if (!t->in || !t->out) {
        release(t);
        return iw_fail_errno(err, IW_ERR_IO, errno, "open the terminal");
    }
    t->screen = newterm(type, t->out, t->in);
    for (const char *like = NULL; !t->screen && (like = term_type_stand_in(type, like));)
        t->screen = newterm(like, t->out, t->in);
    if (!t->screen) {
        release(t);
        return iw_fail(err, IW_ERR_UNSUPPORTED,
                       "terminal type \"%s\" is not known here; try TERM=xterm", type);
    }
    set_modes(t);
    t->cols = COLS;
    t->rows = LINES;
    t->all = t->open = true;
    surface_init(&t->shown, t->cols, t->rows, false);
    (void)take_resize(t);
    if (opts->ask && t->utf8)
        term_line_ask(&t->line, type);
    term_line_report_mouse(&t->line, t->mouse);
    term_line_report_paste(&t->line, true);
    t->line.input.is_key = is_key;
    *out = t;
    return IW_OK;
}

void
term_close(struct term *t)
{
    if (!t || !t->open)
        return;
    t->open = false;
    if (!t->suspended)
        term_line_report_paste(&t->line, false);
    term_line_report_mouse(&t->line, false);
    curs_set(1);
    if (!t->suspended)
        leave_screen(t);
    if (t->saved_known)
        tcsetattr(t->line.in_fd, TCSADRAIN, &t->saved);
    release(t);
}

struct term *
term_current(void)
{
    return the_term.open ? &the_term : NULL;
}

void
term_size(struct term *t, int *cols, int *rows)
{
    *cols = t->cols;
    *rows = t->rows;
}

int
term_fd(const struct term *t)
{
    return t->line.in_fd;
}

bool
term_is_ascii(const struct term *t)
{
    return t->ascii;
}

void
term_suspend(struct term *t)
{
    if (!t->open || t->suspended)
        return;
    def_prog_mode();
    term_line_report_mouse(&t->line, false);
    term_line_report_paste(&t->line, false);
    curs_set(1);
    leave_screen(t);
    if (t->saved_known)
        tcsetattr(t->line.in_fd, TCSADRAIN, &t->saved);
    t->suspended = true;
}

void
term_resume(struct term *t)
{
    if (!t->open || !t->suspended)
        return;
    t->suspended = false;
    reset_prog_mode();
    (void)take_resize(t);
    erase(); /* what was shown is written once, by the next flush */
    enter_screen();
    term_line_report_mouse(&t->line, t->mouse);
    term_line_report_paste(&t->line, true);
    t->all = true;
}

void
term_set_theme(struct term *t, enum theme theme)
{
    if (theme == t->theme)
        return;
    t->theme = theme;
    define_pairs(t);
    t->all = true;
}

/* --- clipboard --- */

bool
term_copy(struct term *t, const char *text, size_t len)
{
    if (!t->open || t->suspended || len > LIMIT_COPY_BYTES)
        return false;
    iw_autofree char *coded = base64_encode(text, len);
    iw_autofree char *sequence = iw_asprintf("\033]52;c;%s\a", coded);
    term_line_write(t->line.out_fd, sequence, strlen(sequence));
    return true;
}
