/* cellsvg: cells become few elements: words and equal neighbours are one each. Without shapes for
 * lines and blocks, line drawing has gaps where a row is higher than the font, and the files are
 * ten times as large.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/cellsvg.h"

#include <string.h>

#include "initwatch/base/utf8.h"

/* DejaVu Sans Mono advances by 0.602 of its size: 14.95 gives cells of exactly 9. */
#define FONT                                                                                       \
    "font-family=\"DejaVu Sans Mono, Noto Sans Mono CJK KR, monospace\" font-size=\"14.95\""
enum { CELL_W = 9, CELL_H = 19, BASELINE = 14, MARGIN = 12, TITLE_H = 30 };

uint32_t
cellsvg_paper(bool light)
{
    return light ? 0xffffff : 0x12161c;
}

uint32_t
cellsvg_ink(bool light)
{
    return light ? 0x24292f : 0xd6dae0;
}

/* --- text --- */

/* Ref: XML 1.0, production [2] Char. */
static bool
is_xml_char(uint32_t cp)
{
    return cp == '\t' || (cp >= 0x20 && cp < 0x7f) || (cp >= 0xa0 && cp <= 0xd7ff) ||
           (cp >= 0xe000 && cp <= 0xfffd) || (cp >= 0x10000 && cp <= 0x10ffff);
}

void
cellsvg_escape(struct strbuf *out, uint32_t cp)
{
    char bytes[4];
    if (cp == '<')
        strbuf_adds(out, "&lt;");
    else if (cp == '>')
        strbuf_adds(out, "&gt;");
    else if (cp == '&')
        strbuf_adds(out, "&amp;");
    else if (cp == '"')
        strbuf_adds(out, "&quot;");
    else
        strbuf_add(out, bytes, utf8_encode(is_xml_char(cp) ? cp : UTF8_REPLACEMENT, bytes));
}

static void
escape_text(struct strbuf *out, const char *text)
{
    for (size_t at = 0, taken, len = strlen(text); at < len; at += taken)
        cellsvg_escape(out, utf8_next(text + at, len - at, &taken));
}

static void
add_cell(struct strbuf *out, const struct cellsvg_cell *c)
{
    for (int i = 0; i < CELLSVG_MARKS && c->ch[i]; i++)
        cellsvg_escape(out, c->ch[i]);
}

/* --- shapes --- */

enum { ARM_LEFT = 1, ARM_RIGHT = 2, ARM_UP = 4, ARM_DOWN = 8 };

static int
line_arms(uint32_t ch)
{
    static const struct {
        uint16_t ch;
        uint8_t arms;
    } table[] = {{0x2500, ARM_LEFT | ARM_RIGHT},
                 {0x2502, ARM_UP | ARM_DOWN},
                 {0x250c, ARM_RIGHT | ARM_DOWN},
                 {0x2510, ARM_LEFT | ARM_DOWN},
                 {0x2514, ARM_RIGHT | ARM_UP},
                 {0x2518, ARM_LEFT | ARM_UP},
                 {0x251c, ARM_UP | ARM_DOWN | ARM_RIGHT},
                 {0x2524, ARM_UP | ARM_DOWN | ARM_LEFT},
                 {0x252c, ARM_LEFT | ARM_RIGHT | ARM_DOWN},
                 {0x2534, ARM_LEFT | ARM_RIGHT | ARM_UP},
                 {0x253c, ARM_LEFT | ARM_RIGHT | ARM_UP | ARM_DOWN},
                 {0x256d, ARM_RIGHT | ARM_DOWN},
                 {0x256e, ARM_LEFT | ARM_DOWN},
                 {0x256f, ARM_LEFT | ARM_UP},
                 {0x2570, ARM_RIGHT | ARM_UP}};
    for (size_t i = 0; i < IW_COUNTOF(table); i++)
        if (table[i].ch == ch)
            return table[i].arms;
    return 0;
}

static bool
is_round(uint32_t ch)
{
    return ch >= 0x256d && ch <= 0x2570;
}

/* Left, top, width and height of a block element in eighths of a cell, and how dense it is. */
struct block {
    int left, top, width, height;
    const char *opacity;
};

static bool
block_of(uint32_t ch, struct block *out)
{
    if (ch >= 0x2581 && ch <= 0x2588)
        *out = (struct block){0, 8 - (int)(ch - 0x2580), 8, (int)(ch - 0x2580), "1"};
    else if (ch >= 0x2589 && ch <= 0x258f)
        *out = (struct block){0, 0, (int)(0x2590 - ch), 8, "1"};
    else if (ch >= 0x2591 && ch <= 0x2593)
        *out = (struct block){0, 0, 8, 8, ch == 0x2591 ? ".35" : ch == 0x2592 ? ".6" : ".8"};
    else
        return false;
    return true;
}

static void
draw_lines(struct strbuf *out, const struct cellsvg_cell *c, int arms, int x, int y, int cells)
{
    double mid_x = x + CELL_W / 2.0, mid_y = y + CELL_H / 2.0;
    int end_x = x + cells * CELL_W;
    strbuf_addf(out, "<path%s stroke=\"#%06x\" d=\"", is_round(c->ch[0]) ? " fill=\"none\"" : "",
                c->fg);
    if (is_round(c->ch[0])) {
        strbuf_addf(out, "M%d %gQ%g %g %g %d", arms & ARM_RIGHT ? end_x : x, mid_y, mid_x, mid_y,
                    mid_x, arms & ARM_DOWN ? y + CELL_H : y);
    } else {
        if (arms & (ARM_LEFT | ARM_RIGHT))
            strbuf_addf(out, "M%g %gH%g", arms & ARM_LEFT ? x : mid_x, mid_y,
                        arms & ARM_RIGHT ? end_x : mid_x);
        if (arms & (ARM_UP | ARM_DOWN))
            strbuf_addf(out, "M%g %gV%g", mid_x, arms & ARM_UP ? y : mid_y,
                        arms & ARM_DOWN ? y + CELL_H : mid_y);
    }
    strbuf_adds(out, "\"/>\n");
}

static void
draw_block(struct strbuf *out, const struct cellsvg_cell *c, const struct block *b, int x, int y,
           int cells)
{
    /* Bars of neighbouring rows do not touch. */
    int gap = b->height == 8 ? 1 : 0;
    double height = b->height * CELL_H / 8.0 - 2 * gap;
    strbuf_addf(out,
                "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"#%06x\" "
                "fill-opacity=\"%s\"/>\n",
                x + b->left * CELL_W / 8.0, y + gap + b->top * CELL_H / 8.0,
                (cells - 1) * CELL_W + b->width * CELL_W / 8.0, height, c->fg, b->opacity);
}

/* --- runs --- */

/* ASCII, middle dots and dashes have the font's own advance; other signs may come from another. */
static bool
flows(const struct cellsvg_cell *c)
{
    uint32_t ch = c->ch[0];
    return c->width == 1 && !c->ch[1] && ((ch > 0x20 && ch < 0x7f) || ch == 0xb7 || ch == 0x2504);
}

static bool
same_style(const struct cellsvg_cell *a, const struct cellsvg_cell *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->underline == b->underline &&
           a->dim == b->dim;
}

/* Cells from col on that are drawn as one element. */
static int
run_length(const struct cellsvg_cell *cells, int cols, int col)
{
    const struct cellsvg_cell *first = &cells[col];
    struct block block;
    int n = 1, arms = line_arms(first->ch[0]);
    bool repeats =
        arms == (ARM_LEFT | ARM_RIGHT) || (block_of(first->ch[0], &block) && block.width == 8);
    for (; col + n < cols; n++) {
        const struct cellsvg_cell *next = &cells[col + n];
        bool joins = repeats ? next->ch[0] == first->ch[0] : flows(first) && flows(next);
        if (!joins || !same_style(first, next))
            break;
    }
    return n;
}

static void
draw_text(struct strbuf *out, const struct cellsvg_cell *cells, int n, int x, int y)
{
    const struct cellsvg_cell *c = &cells[0];
    strbuf_addf(out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\"", x, y + BASELINE, c->fg);
    if (c->bold)
        strbuf_adds(out, " font-weight=\"bold\"");
    if (c->dim)
        strbuf_adds(out, " fill-opacity=\".65\"");
    if (n > 1) /* whatever font there is */
        strbuf_addf(out, " textLength=\"%d\"", n * CELL_W);
    strbuf_addc(out, '>');
    for (int i = 0; i < n; i++)
        add_cell(out, &cells[i]);
    strbuf_adds(out, "</text>\n");
}

/* Draws what stands at col; returns the cells that are done. */
static int
draw_run(struct strbuf *out, const struct cellsvg_cell *cells, int cols, int row, int col)
{
    const struct cellsvg_cell *c = &cells[col];
    struct block block;
    int width = IW_MAX(c->width, 1), x = MARGIN + col * CELL_W, y = TITLE_H + row * CELL_H;
    if (c->width == 0 || c->ch[0] == 0 || c->ch[0] == ' ')
        return width;
    int n = run_length(cells, cols, col), arms = line_arms(c->ch[0]);
    if (arms)
        draw_lines(out, c, arms, x, y, n);
    else if (block_of(c->ch[0], &block))
        draw_block(out, c, &block, x, y, n);
    else
        draw_text(out, c, n, x, y);
    return IW_MAX(n, width);
}

static void
draw_papers(struct strbuf *out, const struct cellsvg_cell *cells, int cols, int row, bool light)
{
    for (int col = 0, n; col < cols; col += n) {
        /* The second cell of a wide character has no paper of its own. */
        for (n = 1;
             col + n < cols && (cells[col + n].width == 0 || cells[col + n].bg == cells[col].bg);)
            n++;
        if (cells[col].bg != cellsvg_paper(light))
            strbuf_addf(
                out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                MARGIN + col * CELL_W, TITLE_H + row * CELL_H, n * CELL_W, CELL_H, cells[col].bg);
    }
}

/* Below blanks as well. */
static void
draw_underlines(struct strbuf *out, const struct cellsvg_cell *cells, int cols, int row)
{
    for (int col = 0, n; col < cols; col += n) {
        for (n = 1; col + n < cols && cells[col].underline && cells[col + n].underline &&
                    cells[col + n].fg == cells[col].fg;)
            n++;
        if (cells[col].underline)
            strbuf_addf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"1\" fill=\"#%06x\"/>\n",
                        MARGIN + col * CELL_W, TITLE_H + row * CELL_H + BASELINE + 2, n * CELL_W,
                        cells[col].fg);
    }
}

void
cellsvg_row(struct strbuf *out, const struct cellsvg_cell *cells, int cols, int row, bool light)
{
    draw_papers(out, cells, cols, row, light);
    draw_underlines(out, cells, cols, row);
    for (int col = 0; col < cols;)
        col += draw_run(out, cells, cols, row, col);
}

/* --- the window --- */

static int
window_width(int cols)
{
    return cols * CELL_W + 2 * MARGIN;
}

void
cellsvg_begin(struct strbuf *out, int cols, int rows, bool light, const char *title)
{
    static const char *const lights[] = {"#ff5f57", "#febc2e", "#28c840"};
    int w = window_width(cols), h = rows * CELL_H + TITLE_H + MARGIN;
    strbuf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" " FONT ">\n",
                w, h, w, h);
    strbuf_addf(out, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\" stroke=\"%s\"/>\n",
                w, h, cellsvg_paper(light), light ? "#c8ccd2" : "#2c333d");
    for (int i = 0; i < 3; i++)
        strbuf_addf(out, "<circle cx=\"%d\" cy=\"15\" r=\"5\" fill=\"%s\"/>\n", 18 + i * 18,
                    lights[i]);
    strbuf_addf(out, "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" font-size=\"13\" fill=\"%s\">",
                w / 2, light ? "#57606a" : "#8b949e");
    escape_text(out, title);
    strbuf_adds(out, "</text>\n");
}

void
cellsvg_caption(struct strbuf *out, int cols, bool light, const char *text)
{
    strbuf_addf(out, "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" fill=\"%s\">",
                window_width(cols) / 2, light ? "#0550ae" : "#f5cf5f");
    escape_text(out, text);
    strbuf_adds(out, "</text>\n");
}

void
cellsvg_end(struct strbuf *out)
{
    strbuf_adds(out, "</svg>\n");
}
