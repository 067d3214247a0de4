/* dump: a surface as text, as text with roles (goldens), as ANSI, as SVG and as HTML.
 *
 * No font decides where a column is: the SVG is cellsvg's; in the HTML every sign that is not ASCII has a box of its own
 * as wide as its cells.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/cellsvg.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
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

/* --- pictures --- */

static struct cellsvg_cell
picture_cell(enum theme theme, const struct cell *c)
{
    bool light = theme_is_light(theme);
    struct role_style style = cell_style(theme, c);
    struct cellsvg_cell out = {
        .ch = {c->ch, c->comb[0], c->comb[1]},
        .fg = style.fg >= 0 ? xterm_colour_rgb(style.fg) : cellsvg_ink(light),
        .bg = style.bg >= 0 ? xterm_colour_rgb(style.bg) : cellsvg_paper(light),
        .width = c->width,
        .bold = style.attrs & ROLE_BOLD,
        .underline = style.attrs & ROLE_UNDERLINE,
        .dim = style.attrs & ROLE_DIM_ATTR};
    if (style.attrs & ROLE_REVERSE) {
        uint32_t swap = out.fg;
        out.fg = out.bg;
        out.bg = swap;
    }
    return out;
}

char *
surface_dump_svg(const struct surface *s, enum theme theme, const char *title)
{
    if ((unsigned)theme >= THEME_COUNT)
        theme = THEME_DARK;
    bool light = theme_is_light(theme);
    strbuf_auto out;
    strbuf_init(&out, 0);
    struct cellsvg_cell *cells = iw_calloc((size_t)s->cols, sizeof(*cells));
    cellsvg_begin(&out, s->cols, s->rows, light, title ? title : "");
    for (int y = 0; y < s->rows; y++) {
        for (int x = 0; x < s->cols; x++)
            cells[x] = picture_cell(theme, surface_at(s, x, y));
        cellsvg_row(&out, cells, s->cols, y, light);
    }
    cellsvg_end(&out);
    free(cells);
    return strbuf_take(&out);
}

/* --- HTML --- */

/* Ready to stand alone: no script, no other file, and a browser that is told not to load any. */
static void
html_head(struct strbuf *out, bool light, const char *title)
{
    strbuf_adds(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    for (size_t at = 0, taken, len = strlen(title); at < len; at += taken)
        cellsvg_escape(out, utf8_next(title + at, len - at, &taken));
    strbuf_addf(out,
                "</title>\n<style>\n"
                "body{margin:0;padding:12px;background:#%06x;color:#%06x}\n"
                "pre{margin:0;font:15px/1.165 \"DejaVu Sans Mono\",\"Noto Sans Mono CJK KR\","
                "Menlo,Consolas,monospace;direction:ltr;unicode-bidi:bidi-override}\n"
                "i,b{display:inline-block;width:1ch;font-style:normal;font-weight:inherit;"
                "height:1.165em;vertical-align:top;white-space:pre;unicode-bidi:bidi-override}\n"
                "b{width:2ch}\n",
                cellsvg_paper(light), cellsvg_ink(light));
}

static bool
same_look(const struct cellsvg_cell *a, const struct cellsvg_cell *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->underline == b->underline &&
           a->dim == b->dim;
}

struct html_looks {
    struct cellsvg_cell *items;
    size_t len, cap;
};

/* The number of a look; a new one gets its rule in the style sheet. */
static size_t
html_look(struct strbuf *out, struct html_looks *looks, const struct cellsvg_cell *c)
{
    for (size_t i = 0; i < looks->len; i++)
        if (same_look(&looks->items[i], c))
            return i;
    vec_push(looks, *c);
    strbuf_addf(out, ".s%zu{color:#%06x;background:#%06x%s%s%s}\n", looks->len - 1, c->fg, c->bg,
                c->bold ? ";font-weight:bold" : "",
                c->underline ? ";text-decoration:underline" : "", c->dim ? ";opacity:.65" : "");
    return looks->len - 1;
}

static void
html_cell(struct strbuf *out, const struct cellsvg_cell *c)
{
    const char *tag = c->width == 2 ? "b" : "i";
    if (c->width == 0)
        return;
    if (c->ch[0] >= ' ' && c->ch[0] < 0x7F && !c->ch[1]) {
        cellsvg_escape(out, c->ch[0]);
        return;
    }
    strbuf_addf(out, "<%s>", tag);
    for (int i = 0; i < CELLSVG_MARKS && c->ch[i]; i++)
        cellsvg_escape(out, c->ch[i]);
    strbuf_addf(out, "</%s>", tag);
}

/* Stretches of one look, one after the other. */
static void
html_row(struct strbuf *out, struct strbuf *rules, struct html_looks *looks,
         const struct surface *s, enum theme theme, int y)
{
    size_t look = SIZE_MAX;
    for (int x = 0; x < s->cols; x++) {
        struct cellsvg_cell c = picture_cell(theme, surface_at(s, x, y));
        size_t own = c.width == 0 ? look : html_look(rules, looks, &c);
        if (own != look)
            strbuf_addf(out, "%s<span class=\"s%zu\">", look == SIZE_MAX ? "" : "</span>", own);
        look = own;
        html_cell(out, &c);
    }
    strbuf_adds(out, look == SIZE_MAX ? "\n" : "</span>\n");
}

char *
surface_dump_html(const struct surface *s, enum theme theme, const char *title)
{
    if ((unsigned)theme >= THEME_COUNT)
        theme = THEME_DARK;
    strbuf_auto out, rows;
    struct html_looks looks = {0};
    strbuf_init(&out, 0);
    strbuf_init(&rows, 0);
    html_head(&out, theme_is_light(theme), title ? title : "");
    for (int y = 0; y < s->rows; y++)
        html_row(&rows, &out, &looks, s, theme, y);
    strbuf_addf(&out, "</style></head>\n<body><pre>%s</pre></body></html>\n", rows.data);
    vec_free(&looks);
    return strbuf_take(&out);
}
