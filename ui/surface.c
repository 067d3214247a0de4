/* surface: cells, clipping, and the one place where foreign text becomes harmless.
 *
 * Every code point passes through glyph_of(): control characters, bidi controls and damage come out
 * as visible signs of one cell, so nothing downstream (terminal, dumps) has to look again. Ref:
 * Unicode 15 chapter 23.1 (control codes), UAX 9 (bidi controls), UAX 11 (East Asian width).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/surface.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

enum { TAB_COLS = 8 };
enum { CONTROL_PICTURES = 0x2400, PICTURE_DELETE = 0x2421, ELLIPSIS = 0x2026 };
/* Lines, blocks and shapes of one cell: most of what is not ASCII on a screen. */
enum { LINES_FIRST = 0x2500, LINES_LAST = 0x25FC };

/* Signs of our own and what stands for them where only ASCII is safe. Sorted by code point. */
static const struct {
    uint32_t from;
    char to;
} ASCII_TWINS[] = {
    {0x00B7, '.'}, {0x00D7, 'x'}, {0x2013, '-'}, {0x2014, '-'},  {0x2018, '\''}, {0x2019, '\''},
    {0x201C, '"'}, {0x201D, '"'}, {0x2022, '*'}, {0x2026, '~'},  {0x203A, '/'},  {0x2190, '<'},
    {0x2191, '^'}, {0x2192, '>'}, {0x2193, 'v'}, {0x21BB, '@'},  {0x2205, '0'},  {0x2212, '-'},
    {0x2248, '~'}, {0x2260, '#'}, {0x2264, '<'}, {0x2265, '>'},  {0x22EF, '~'},  {0x23CE, '<'},
    {0x2500, '-'}, {0x2501, '='}, {0x2502, '|'}, {0x2503, '|'},  {0x2504, '-'},  {0x2506, ':'},
    {0x2508, '-'}, {0x250A, ':'}, {0x250C, '.'}, {0x2510, '.'},  {0x2514, '`'},  {0x2518, '\''},
    {0x251C, '|'}, {0x2524, '|'}, {0x252C, '+'}, {0x2534, '+'},  {0x253C, '+'},  {0x254C, '-'},
    {0x254E, ':'}, {0x256D, '.'}, {0x256E, '.'}, {0x256F, '\''}, {0x2570, '`'},  {0x2574, '-'},
    {0x2576, '-'}, {0x2581, '_'}, {0x2582, '.'}, {0x2583, '-'},  {0x2584, '='},  {0x2585, '+'},
    {0x2586, '*'}, {0x2587, '#'}, {0x2588, '#'}, {0x2589, '#'},  {0x258A, '#'},  {0x258B, '#'},
    {0x258C, '#'}, {0x258D, ' '}, {0x258E, ' '}, {0x258F, ' '},  {0x2591, ':'},  {0x2592, '='},
    {0x2593, '%'}, {0x25AA, '*'}, {0x25AE, '#'}, {0x25B2, '^'},  {0x25B6, '>'},  {0x25B8, '>'},
    {0x25BC, 'v'}, {0x25BE, 'v'}, {0x25C0, '<'}, {0x25C2, '<'},  {0x25C6, '*'},  {0x25CB, 'o'},
    {0x25CC, '.'}, {0x25CF, '*'}, {0x25D0, 'o'}, {0x25D2, '~'},  {0x26A0, '!'},  {0x2713, '+'},
    {0x2717, 'x'}, {0xFFFD, '?'},
};

/* A code point as it will stand in cells. width 0: a mark for the cell before it, or nothing (ch
 * 0). */
struct glyph {
    uint32_t ch;
    int width;
};

static uint32_t
ascii_twin(uint32_t cp)
{
    /* Braille is only used for spinners. */
    if (cp >= 0x2800 && cp <= 0x28FF)
        return '>';
    if (cp >= CONTROL_PICTURES && cp <= PICTURE_DELETE)
        return '?';
    size_t low = 0, high = IW_COUNTOF(ASCII_TWINS);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (ASCII_TWINS[mid].from == cp)
            return (uint32_t)ASCII_TWINS[mid].to;
        if (ASCII_TWINS[mid].from < cp)
            low = mid + 1;
        else
            high = mid;
    }
    return cp;
}

/* Format characters that draw nothing and are not in utf8_is_deceptive: they could hide text or
 * move it. */
static bool
is_invisible_format(uint32_t cp)
{
    return cp == 0x00AD || cp == 0x061C || cp == 0x180E || cp == 0x2028 || cp == 0x2029 ||
           (cp >= 0xFE00 && cp <= 0xFE0F) || (cp >= 0xFFF0 && cp <= 0xFFFB) ||
           (cp >= 0xE0000 && cp <= 0xE0FFF);
}

static struct glyph
glyph_of(uint32_t cp, bool ascii)
{
    struct glyph g = {cp, 1};
    if (cp >= 0x20 && cp < 0x7F)
        return g;
    if (cp >= LINES_FIRST && cp <= LINES_LAST) {
        g.ch = ascii ? ascii_twin(cp) : cp;
        return g;
    }
    if (cp < 0x20)
        g.ch = CONTROL_PICTURES + cp;
    else if (cp == 0x7F)
        g.ch = PICTURE_DELETE;
    else if (cp < 0xA0 || cp > 0x10FFFF || utf8_is_deceptive(cp))
        g.ch = UTF8_REPLACEMENT;
    else {
        int width = utf8_cp_width(cp);
        if (width < 0 || is_invisible_format(cp)) {
            /* What takes no cell goes; what would take one is seen as damaged: widths agree with
             * utf8_width. */
            g.ch = width == 0 ? 0 : UTF8_REPLACEMENT;
            g.width = width == 0 ? 0 : 1;
        } else {
            g.width = width;
        }
    }
    if (ascii && g.width == 1)
        g.ch = ascii_twin(g.ch);
    return g;
}

static int
clamp_size(int value, int most)
{
    return value < 1 ? 1 : value > most ? most : value;
}

void
surface_init(struct surface *s, int cols, int rows, bool ascii)
{
    *s = (struct surface){.cols = clamp_size(cols, SURFACE_COLS_MAX),
                          .rows = clamp_size(rows, SURFACE_ROWS_MAX),
                          .ascii = ascii};
    s->cells = iw_calloc((size_t)s->cols * (size_t)s->rows, sizeof(*s->cells));
    surface_clear(s);
}

void
surface_free(struct surface *s)
{
    free(s->cells);
    *s = (struct surface){.cursor_x = -1, .cursor_y = -1};
}

void
surface_resize(struct surface *s, int cols, int rows)
{
    cols = clamp_size(cols, SURFACE_COLS_MAX);
    rows = clamp_size(rows, SURFACE_ROWS_MAX);
    if (cols == s->cols && rows == s->rows && s->cells)
        return;
    bool ascii = s->ascii;
    surface_free(s);
    surface_init(s, cols, rows, ascii);
}

void
surface_clear(struct surface *s)
{
    s->cursor_x = s->cursor_y = -1;
    const struct cell blank = {.ch = ' ', .role = ROLE_TEXT, .width = 1};
    for (size_t i = 0, n = (size_t)s->cols * (size_t)s->rows; i < n; i++)
        s->cells[i] = blank;
}

struct rect
surface_rect(const struct surface *s)
{
    return (struct rect){0, 0, s->cols, s->rows};
}

struct rect
rect_intersect(struct rect a, struct rect b)
{
    int x = IW_MAX(a.x, b.x), y = IW_MAX(a.y, b.y);
    int right = IW_MIN(a.x + a.w, b.x + b.w), bottom = IW_MIN(a.y + a.h, b.y + b.h);
    return (struct rect){x, y, IW_MAX(right - x, 0), IW_MAX(bottom - y, 0)};
}

const struct cell *
surface_at(const struct surface *s, int x, int y)
{
    if (x < 0 || y < 0 || x >= s->cols || y >= s->rows)
        return NULL;
    return &s->cells[(size_t)y * (size_t)s->cols + (size_t)x];
}

static struct cell *
cell_at(struct surface *s, int x, int y)
{
    return &s->cells[(size_t)y * (size_t)s->cols + (size_t)x];
}

static void
cell_blank(struct cell *c)
{
    c->ch = ' ';
    c->comb[0] = c->comb[1] = 0;
    c->width = 1;
}

/* A cell is about to be overwritten: if it is one half of a wide character, the other half becomes
 * a blank. */
static void
cell_break_wide(struct surface *s, int x, int y)
{
    struct cell *c = cell_at(s, x, y);
    if (c->width == 2 && x + 1 < s->cols)
        cell_blank(c + 1);
    else if (c->width == 0 && x > 0)
        cell_blank(c - 1);
}

static void
cell_put(struct surface *s, int x, int y, uint32_t ch, enum role role)
{
    cell_break_wide(s, x, y);
    *cell_at(s, x, y) = (struct cell){.ch = ch, .role = (uint8_t)role, .width = 1};
}

static void
cell_put_wide(struct surface *s, int x, int y, uint32_t ch, enum role role)
{
    cell_break_wide(s, x, y);
    cell_break_wide(s, x + 1, y);
    *cell_at(s, x, y) = (struct cell){.ch = ch, .role = (uint8_t)role, .width = 2};
    *cell_at(s, x + 1, y) = (struct cell){.ch = ' ', .role = (uint8_t)role, .width = 0};
}

/* Puts one glyph where it lies inside area. Returns the cell that takes combining marks, or NULL.
 */
static struct cell *
put_glyph(struct surface *s, struct rect area, int x, int y, struct glyph g, enum role role)
{
    int right = area.x + area.w;
    if (area.w <= 0 || y < area.y || y >= area.y + area.h || x >= right || x + g.width <= area.x)
        return NULL;
    if (g.width == 1) {
        cell_put(s, x, y, g.ch, role);
        return cell_at(s, x, y);
    }
    if (x >= area.x && x + 1 < right) {
        cell_put_wide(s, x, y, g.ch, role);
        return cell_at(s, x, y);
    }
    /* Half of it is outside: a blank stands for the half that is inside. */
    cell_put(s, x < area.x ? x + 1 : x, y, ' ', role);
    return NULL;
}

static void
add_mark(struct cell *base, uint32_t mark)
{
    if (!base || !mark)
        return;
    if (!base->comb[0])
        base->comb[0] = mark;
    else if (!base->comb[1])
        base->comb[1] = mark;
}

/* One stretch of text on its way to the cells. */
struct pen {
    struct rect area;
    int x, y;
    enum role role;
    int most_cols; /* stop before a glyph that would pass it; INT_MAX no limit */
    bool expand_tabs;
};

/* Draws (area.w 0: only measures); returns the cells taken. */
static int
pen_text(struct surface *s, const struct pen *pen, const char *text, size_t len)
{
    int used = 0;
    struct cell *base = NULL;
    for (size_t at = 0, taken; at < len; at += taken) {
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        int repeat = 1;
        struct glyph g = {' ', 1};
        if (cp == '\t')
            repeat = pen->expand_tabs ? TAB_COLS - used % TAB_COLS : 1;
        else
            g = glyph_of(cp, s->ascii);
        if (g.width == 0) {
            add_mark(base, g.ch);
            continue;
        }
        for (; repeat > 0; repeat--) {
            if (used > pen->most_cols - g.width)
                return used;
            base = put_glyph(s, pen->area, pen->x + used, pen->y, g, pen->role);
            used += g.width;
        }
    }
    return used;
}

int
surface_text(struct surface *s, struct rect clip, int x, int y, enum role role, const char *text,
             size_t len)
{
    struct pen pen = {rect_intersect(clip, surface_rect(s)), x, y, role, INT32_MAX / 2, true};
    return pen_text(s, &pen, text, len);
}

int
surface_puts(struct surface *s, struct rect clip, int x, int y, enum role role, const char *text)
{
    return surface_text(s, clip, x, y, role, text, strlen(text));
}

int
surface_printf(struct surface *s, struct rect clip, int x, int y, enum role role, const char *fmt,
               ...)
{
    char small[512];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int need = vsnprintf(small, sizeof(small), tr(fmt), args);
    va_end(args);
    int used = 0;
    if (need >= 0 && (size_t)need < sizeof(small)) {
        used = surface_text(s, clip, x, y, role, small, (size_t)need);
    } else if (need >= 0) {
        iw_autofree char *large = iw_malloc((size_t)need + 1);
        vsnprintf(large, (size_t)need + 1, tr(fmt), again);
        used = surface_text(s, clip, x, y, role, large, (size_t)need);
    }
    va_end(again);
    return used;
}

void
surface_field(struct surface *s, struct rect clip, int x, int y, int cols, bool right,
              enum role role, const char *text)
{
    if (cols <= 0)
        return;
    size_t len = strlen(text);
    struct rect area = rect_intersect(clip, surface_rect(s));
    const struct rect nowhere = {0, 0, 0, 0};
    /* Two more than fit are enough to know that it does not. */
    struct pen pen = {nowhere, x, y, role, cols + 2, false};
    int need = pen_text(s, &pen, text, len);
    const struct glyph blank = {' ', 1};
    pen.area = area;
    if (need <= cols) {
        int pad = cols - need, start = right ? pad : 0;
        for (int i = 0; i < pad; i++)
            put_glyph(s, area, x + (right ? i : need + i), y, blank, role);
        pen.x = x + start;
        pen.most_cols = cols;
        pen_text(s, &pen, text, len);
        return;
    }
    pen.most_cols = cols - 1;
    int used = pen_text(s, &pen, text, len);
    put_glyph(s, area, x + used, y, glyph_of(ELLIPSIS, s->ascii), role);
    for (used++; used < cols; used++)
        put_glyph(s, area, x + used, y, blank, role);
}

void
surface_fill(struct surface *s, struct rect area, uint32_t ch, enum role role)
{
    struct glyph g = glyph_of(ch, s->ascii);
    if (g.width != 1)
        g = (struct glyph){' ', 1};
    area = rect_intersect(area, surface_rect(s));
    for (int y = area.y; y < area.y + area.h; y++)
        for (int x = area.x; x < area.x + area.w; x++)
            cell_put(s, x, y, g.ch, role);
}

void
surface_rule(struct surface *s, struct rect clip, int y, enum role role, const char *title,
             enum role title_role)
{
    struct rect line = rect_intersect(clip, (struct rect){clip.x, y, clip.w, 1});
    surface_fill(s, line, 0x2500, role);
    if (!title || !title[0] || clip.w < 5)
        return;
    struct pen pen = {
        rect_intersect(line, surface_rect(s)), clip.x + 2, y, title_role, clip.w - 4, false};
    const struct glyph blank = {' ', 1};
    put_glyph(s, pen.area, clip.x + 1, y, blank, role);
    int used = pen_text(s, &pen, title, strlen(title));
    put_glyph(s, pen.area, clip.x + 2 + used, y, blank, role);
}

void
surface_flag(struct surface *s, struct rect area, uint8_t flag)
{
    area = rect_intersect(area, surface_rect(s));
    for (int y = area.y; y < area.y + area.h; y++)
        for (int x = area.x; x < area.x + area.w; x++)
            cell_at(s, x, y)->flags |= flag;
}

void
surface_restyle(struct surface *s, struct rect area, enum role role)
{
    area = rect_intersect(area, surface_rect(s));
    for (int y = area.y; y < area.y + area.h; y++)
        for (int x = area.x; x < area.x + area.w; x++)
            cell_at(s, x, y)->role = (uint8_t)role;
}

bool
surface_equal(const struct surface *a, const struct surface *b)
{
    if (a->cols != b->cols || a->rows != b->rows)
        return false;
    for (size_t i = 0, n = (size_t)a->cols * (size_t)a->rows; i < n; i++) {
        const struct cell *p = &a->cells[i], *q = &b->cells[i];
        if (p->ch != q->ch || p->comb[0] != q->comb[0] || p->comb[1] != q->comb[1] ||
            p->role != q->role || p->flags != q->flags || p->width != q->width)
            return false;
    }
    return true;
}
