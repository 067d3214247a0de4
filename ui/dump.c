/* dump: a surface as text, as text with roles (goldens), as ANSI and as SVG (screenshots).
 *
 * In the SVG each word is placed at its own cell, lines and blocks are drawn as shapes: no font
 * decides where a column is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/surface.h"

static void
add_char(struct strbuf *out, uint32_t cp)
{
    char bytes[4];
    strbuf_add(out, bytes, utf8_encode(cp, bytes));
}

static void
add_cell_text(struct strbuf *out, const struct cell *c)
{
    if (c->width == 0)
        return;
    add_char(out, c->ch);
    for (int i = 0; i < 2 && c->comb[i]; i++)
        add_char(out, c->comb[i]);
}

/* "selected 3: 0-79": rows whose cells carry a flag, as stretches. */
static void
dump_flags(struct strbuf *out, const struct surface *s, uint8_t flag, const char *word)
{
    for (int y = 0; y < s->rows; y++)
        for (int x = 0; x < s->cols; x++) {
            if (!(surface_at(s, x, y)->flags & flag))
                continue;
            int from = x;
            while (x + 1 < s->cols && (surface_at(s, x + 1, y)->flags & flag))
                x++;
            strbuf_addf(out, "%s row %d: %d-%d\n", word, y, from, x);
        }
}

char *
surface_dump_text(const struct surface *s, bool roles)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    for (int y = 0; y < s->rows; y++) {
        for (int x = 0; x < s->cols; x++)
            add_cell_text(&out, surface_at(s, x, y));
        strbuf_addc(&out, '\n');
    }
    if (roles) {
        for (int y = 0; y < s->rows; y++) {
            for (int x = 0; x < s->cols; x++)
                strbuf_addc(&out, role_letter((enum role)surface_at(s, x, y)->role));
            strbuf_addc(&out, '\n');
        }
        dump_flags(&out, s, CELL_SELECTED, "selected");
        dump_flags(&out, s, CELL_UNDERLINED, "underlined");
        dump_flags(&out, s, CELL_BOLD, "bold");
        if (s->cursor_x >= 0)
            strbuf_addf(&out, "cursor %d,%d\n", s->cursor_x, s->cursor_y);
    }
    return strbuf_take(&out);
}

static struct role_style
cell_style(enum theme theme, const struct cell *c)
{
    enum role role = (enum role)c->role;
    struct role_style style =
        c->flags & CELL_SELECTED ? role_style_selected(theme, role) : role_style(theme, role);
    if (c->flags & CELL_UNDERLINED)
        style.attrs |= ROLE_UNDERLINE;
    if (c->flags & CELL_BOLD)
        style.attrs |= ROLE_BOLD;
    return style;
}

static bool
same_style(struct role_style a, struct role_style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void
add_sgr(struct strbuf *out, struct role_style style)
{
    strbuf_adds(out, "\033[0");
    if (style.attrs & ROLE_BOLD)
        strbuf_adds(out, ";1");
    if (style.attrs & ROLE_DIM_ATTR)
        strbuf_adds(out, ";2");
    if (style.attrs & ROLE_UNDERLINE)
        strbuf_adds(out, ";4");
    if (style.attrs & ROLE_REVERSE)
        strbuf_adds(out, ";7");
    if (style.fg >= 0)
        strbuf_addf(out, ";38;5;%d", style.fg);
    if (style.bg >= 0)
        strbuf_addf(out, ";48;5;%d", style.bg);
    strbuf_addc(out, 'm');
}

char *
surface_dump_ansi(const struct surface *s, enum theme theme)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    for (int y = 0; y < s->rows; y++) {
        struct role_style now = {-2, -2, 0};
        for (int x = 0; x < s->cols; x++) {
            const struct cell *c = surface_at(s, x, y);
            struct role_style style = cell_style(theme, c);
            if (c->width != 0 && !same_style(style, now)) {
                add_sgr(&out, style);
                now = style;
            }
            add_cell_text(&out, c);
        }
        strbuf_adds(&out, "\033[0m\n");
    }
    return strbuf_take(&out);
}

/* --- SVG --- */

/* Geometry in units of 1/100 pixel would be overkill: cells are whole pixels, so that lines stay
 * sharp. */
enum { CELL_W = 9, CELL_H = 19, FONT_PX = 15, BASELINE = 14, PAD = 14, TITLE_H = 34 };

struct svg_theme {
    uint32_t page, frame, title, fg;
};
static const struct svg_theme SVG_DARK = {0x14171c, 0x20252d, 0x9aa4b2, 0xd0d0d0},
                              SVG_LIGHT = {0xfcfcfa, 0xe6e8eb, 0x555c66, 0x303030};

static const struct svg_theme *
svg_look(enum theme theme)
{
    return theme_is_light(theme) ? &SVG_LIGHT : &SVG_DARK;
}

struct svg_ink {
    uint32_t fg, bg;
    uint8_t attrs;
};

static struct svg_ink
svg_ink_of(enum theme theme, const struct cell *c)
{
    struct role_style style = cell_style(theme, c);
    struct svg_ink ink = {style.fg >= 0 ? xterm_colour_rgb(style.fg) : svg_look(theme)->fg,
                          style.bg >= 0 ? xterm_colour_rgb(style.bg) : svg_look(theme)->page,
                          style.attrs};
    if (style.attrs & ROLE_REVERSE) {
        uint32_t swap = ink.fg;
        ink.fg = ink.bg;
        ink.bg = swap;
    }
    return ink;
}

static void
svg_escape(struct strbuf *out, uint32_t cp)
{
    if (cp == '<')
        strbuf_adds(out, "&lt;");
    else if (cp == '&')
        strbuf_adds(out, "&amp;");
    else if (cp == '"')
        strbuf_adds(out, "&quot;");
    else
        add_char(out, cp);
}

/* Which arms a box-drawing character has: up 1, right 2, down 4, left 8. 0: it is none that is
 * drawn as a shape. */
static unsigned
line_arms(uint32_t ch)
{
    static const struct {
        uint32_t ch;
        unsigned arms;
    } table[] = {{0x2500, 10}, {0x2502, 5}, {0x250C, 6},  {0x2510, 12}, {0x2514, 3},
                 {0x2518, 9},  {0x251C, 7}, {0x2524, 13}, {0x252C, 14}, {0x2534, 11},
                 {0x253C, 15}, {0x256D, 6}, {0x256E, 12}, {0x256F, 9},  {0x2570, 3}};
    for (size_t i = 0; i < IW_COUNTOF(table); i++)
        if (table[i].ch == ch)
            return table[i].arms;
    return 0;
}

static void
svg_rect(struct strbuf *out, double x, double y, double w, double h, uint32_t colour)
{
    strbuf_addf(out,
                "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"#%06x\"/>\n", x,
                y, w, h, (unsigned)colour);
}

static void
svg_lines(struct strbuf *out, int x, int y, unsigned arms, bool round, uint32_t colour)
{
    double cx = x + CELL_W / 2.0, cy = y + CELL_H / 2.0;
    strbuf_addf(out, "<path fill=\"none\" stroke=\"#%06x\" stroke-width=\"1.2\" d=\"",
                (unsigned)colour);
    if (round) {
        double ex = arms & 2 ? x + CELL_W : x, ey = arms & 4 ? y + CELL_H : y;
        strbuf_addf(out, "M%.2f %.2fQ%.2f %.2f %.2f %.2f", ex, cy, cx, cy, cx, ey);
    } else {
        if (arms & 1)
            strbuf_addf(out, "M%.2f %.2fV%d", cx, cy, y);
        if (arms & 4)
            strbuf_addf(out, "M%.2f %.2fV%d", cx, cy, y + CELL_H);
        if (arms & 2)
            strbuf_addf(out, "M%.2f %.2fH%d", cx, cy, x + CELL_W);
        if (arms & 8)
            strbuf_addf(out, "M%.2f %.2fH%d", cx, cy, x);
    }
    strbuf_adds(out, "\"/>\n");
}

/* Blocks and shades; false when ch is none. Shades are the colour thinned, a lower bar keeps a gap
 * to the row above. */
static bool
svg_block(struct strbuf *out, int x, int y, uint32_t ch, uint32_t colour)
{
    double top = y + 3, height = CELL_H - 6;
    if (ch >= 0x2581 && ch <= 0x2587) {
        double part = (double)(ch - 0x2580) / 8.0 * CELL_H;
        svg_rect(out, x, y + CELL_H - part, CELL_W, part, colour);
        return true;
    }
    if (ch >= 0x2588 && ch <= 0x258F) {
        svg_rect(out, x, top, CELL_W * (double)(0x2590 - ch) / 8.0, height, colour);
        return true;
    }
    if (ch < 0x2591 || ch > 0x2593)
        return false;
    strbuf_addf(out,
                "<rect x=\"%d\" y=\"%.2f\" width=\"%d\" height=\"%.2f\" fill=\"#%06x\" "
                "fill-opacity=\"%.2f\"/>\n",
                x, top, CELL_W, height, (unsigned)colour, 0.25 * (double)(ch - 0x2590));
    return true;
}

static void
svg_text_open(struct strbuf *out, int x, int y, struct svg_ink ink)
{
    strbuf_addf(out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\"%s%s>", x, y + BASELINE,
                (unsigned)ink.fg, ink.attrs & ROLE_BOLD ? " font-weight=\"bold\"" : "",
                ink.attrs & ROLE_DIM_ATTR ? " fill-opacity=\"0.65\"" : "");
}

static bool
is_plain(const struct cell *c)
{
    return c->ch > ' ' && c->ch < 0x7F && c->width == 1;
}

/* A word of ASCII is one element; longer than eight it is split so that rounding cannot add up.
 * Returns cells taken. */
static int
svg_word(struct strbuf *out, const struct surface *s, enum theme theme, int col, int row)
{
    enum { WORD_MAX_COLS = 8 };
    const struct cell *first = surface_at(s, col, row);
    struct svg_ink ink = svg_ink_of(theme, first);
    int x = PAD + col * CELL_W, y = TITLE_H + PAD + row * CELL_H, taken = 1;
    if (!is_plain(first)) {
        unsigned arms = line_arms(first->ch);
        if (arms) {
            svg_lines(out, x, y, arms, first->ch >= 0x256D && first->ch <= 0x2570, ink.fg);
            return 1;
        }
        if (svg_block(out, x, y, first->ch, ink.fg))
            return 1;
        svg_text_open(out, x, y, ink);
        svg_escape(out, first->ch);
        for (int i = 0; i < 2 && first->comb[i]; i++)
            add_char(out, first->comb[i]);
    } else {
        svg_text_open(out, x, y, ink);
        svg_escape(out, first->ch);
        for (; taken < WORD_MAX_COLS; taken++) {
            const struct cell *c = surface_at(s, col + taken, row);
            if (!c || !is_plain(c) || c->role != first->role || c->flags != first->flags)
                break;
            svg_escape(out, c->ch);
        }
    }
    strbuf_adds(out, "</text>\n");
    return taken;
}

static void
svg_row(struct strbuf *out, const struct surface *s, enum theme theme, int row)
{
    int y = TITLE_H + PAD + row * CELL_H;
    for (int x = 0; x < s->cols;) {
        struct svg_ink ink = svg_ink_of(theme, surface_at(s, x, row));
        int from = x;
        while (x < s->cols && svg_ink_of(theme, surface_at(s, x, row)).bg == ink.bg)
            x++;
        if (ink.bg != svg_look(theme)->page)
            svg_rect(out, PAD + from * CELL_W, y, (x - from) * CELL_W, CELL_H, ink.bg);
    }
    for (int x = 0; x < s->cols;) {
        const struct cell *c = surface_at(s, x, row);
        struct svg_ink ink = svg_ink_of(theme, c);
        if ((ink.attrs & ROLE_UNDERLINE) && c->width != 0)
            svg_rect(out, PAD + x * CELL_W, y + BASELINE + 2, CELL_W * c->width, 1, ink.fg);
        if (c->width == 0 || c->ch == ' ')
            x++;
        else
            x += svg_word(out, s, theme, x, row);
    }
}

static void
svg_window(struct strbuf *out, const struct svg_theme *look, int width, int height,
           const char *title)
{
    static const uint32_t buttons[3] = {0xe0675f, 0xe3b341, 0x5fb865};
    strbuf_addf(out, "<rect width=\"%d\" height=\"%d\" rx=\"9\" fill=\"#%06x\"/>\n", width, height,
                (unsigned)look->frame);
    strbuf_addf(out, "<path d=\"M1 %dH%dV%dQ%d %d %d %dH9Q1 %d 1 %dZ\" fill=\"#%06x\"/>\n", TITLE_H,
                width - 1, height - 9, width - 1, height - 1, width - 9, height - 1, height - 1,
                height - 9, (unsigned)look->page);
    for (int i = 0; i < 3; i++)
        strbuf_addf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"5.5\" fill=\"#%06x\"/>\n", 20 + 19 * i,
                    TITLE_H / 2, (unsigned)buttons[i]);
    strbuf_addf(out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\" text-anchor=\"middle\">", width / 2,
                TITLE_H / 2 + 5, (unsigned)look->title);
    for (size_t at = 0, taken, len = strlen(title); at < len; at += taken) {
        uint32_t cp = utf8_next(title + at, len - at, &taken);
        svg_escape(out, cp < 0x20 ? ' ' : cp);
    }
    strbuf_adds(out, "</text>\n");
}

char *
surface_dump_svg(const struct surface *s, enum theme theme, const char *title)
{
    if ((unsigned)theme >= THEME_COUNT)
        theme = THEME_DARK;
    int width = s->cols * CELL_W + 2 * PAD, height = s->rows * CELL_H + 2 * PAD + TITLE_H;
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" xml:space=\"preserve\" font-size=\"%dpx\" "
                "font-family=\"DejaVu Sans Mono, Noto Sans Mono CJK KR, monospace\">\n",
                width, height, width, height, FONT_PX);
    svg_window(&out, svg_look(theme), width, height, title ? title : "");
    for (int y = 0; y < s->rows; y++)
        svg_row(&out, s, theme, y);
    strbuf_adds(&out, "</svg>\n");
    return strbuf_take(&out);
}
