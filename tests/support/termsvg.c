/* termsvg: the screen of a termpty as a standalone SVG, a still or a film.
 *
 * Words and equal neighbours are one element each, lines and blocks are drawn as shapes: without
 * that, line drawing has gaps where a row is higher than the font, and the files are ten times as
 * large.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "termpty.h"

/* DejaVu Sans Mono advances by 0.602 of its size: 14.95 gives cells of exactly 9. */
#define FONT                                                                                       \
    "font-family=\"DejaVu Sans Mono, Noto Sans Mono CJK KR, monospace\" font-size=\"14.95\""
enum { CELL_W = 9, CELL_H = 19, BASELINE = 14, MARGIN = 12, TITLE_H = 30 };

struct page {
    struct pty *p;
    struct strbuf out;
    bool light;
};

/* One cell, ready to be drawn: colours are 0xRRGGBB. */
struct ink {
    uint32_t ch[VTERM_MAX_CHARS_PER_CELL];
    uint32_t fg, bg;
    int width;
    bool bold, underline;
};

/* --- colours --- */

/* The sixteen colours as today's terminals have them; libvterm's own are those of a VGA card. */
static const uint32_t dark_colours[16] = {
    0x1d232b, 0xf0524f, 0x4fb85e, 0xe0b03c, 0x4d9bf0, 0xc678dd, 0x3fc1c9, 0xc8ced6,
    0x6b7480, 0xff6e6b, 0x6fd67d, 0xf5cf5f, 0x74b6ff, 0xdb9bf0, 0x6fe3e8, 0xffffff};
static const uint32_t light_colours[16] = {
    0x24292f, 0xcf222e, 0x116329, 0x8a5a00, 0x0969da, 0x8250df, 0x1b7c83, 0x6e7781,
    0x57606a, 0xa40e26, 0x1a7f37, 0x7d4e00, 0x218bff, 0xa475f9, 0x3192aa, 0xffffff};

static uint32_t
paper(bool light)
{
    return light ? 0xffffff : 0x12161c;
}

static uint32_t
colour_of(const struct page *page, VTermColor colour, bool foreground)
{
    if (foreground && VTERM_COLOR_IS_DEFAULT_FG(&colour))
        return page->light ? 0x24292f : 0xd6dae0;
    if (!foreground && VTERM_COLOR_IS_DEFAULT_BG(&colour))
        return paper(page->light);
    if (VTERM_COLOR_IS_INDEXED(&colour) && colour.indexed.idx < 16)
        return (page->light ? light_colours : dark_colours)[colour.indexed.idx];
    vterm_screen_convert_color_to_rgb(page->p->screen, &colour);
    return (uint32_t)colour.rgb.red << 16 | (uint32_t)colour.rgb.green << 8 | colour.rgb.blue;
}

static struct ink
ink_at(const struct page *page, int row, int col)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof(cell));
    vterm_screen_get_cell(page->p->screen, (VTermPos){.row = row, .col = col}, &cell);
    struct ink ink = {.fg = colour_of(page, cell.fg, true),
                      .bg = colour_of(page, cell.bg, false),
                      .width = cell.width > 1 ? cell.width : 1,
                      .bold = cell.attrs.bold,
                      .underline = cell.attrs.underline != 0};
    memcpy(ink.ch, cell.chars, sizeof(ink.ch));
    if (cell.attrs.reverse) {
        uint32_t swap = ink.fg;
        ink.fg = ink.bg;
        ink.bg = swap;
    }
    return ink;
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
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].ch == ch)
            return table[i].arms;
    }
    return 0;
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
draw_lines(struct page *page, const struct ink *ink, int arms, int x, int y, int cells)
{
    double mid_x = x + CELL_W / 2.0, mid_y = y + CELL_H / 2.0;
    int end_x = x + cells * CELL_W;
    strbuf_addf(&page->out, "<path stroke=\"#%06x\" d=\"", ink->fg);
    if (arms & (ARM_LEFT | ARM_RIGHT))
        strbuf_addf(&page->out, "M%g %gH%g", arms & ARM_LEFT ? x : mid_x, mid_y,
                    arms & ARM_RIGHT ? end_x : mid_x);
    if (arms & (ARM_UP | ARM_DOWN))
        strbuf_addf(&page->out, "M%g %gV%g", mid_x, arms & ARM_UP ? y : mid_y,
                    arms & ARM_DOWN ? y + CELL_H : mid_y);
    strbuf_adds(&page->out, "\"/>\n");
}

static void
draw_block(struct page *page, const struct ink *ink, const struct block *b, int x, int y, int cells)
{
    /* Bars of neighbouring rows do not touch. */
    int gap = b->height == 8 ? 1 : 0;
    double height = b->height * CELL_H / 8.0 - 2 * gap;
    strbuf_addf(&page->out,
                "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"#%06x\" "
                "fill-opacity=\"%s\"/>\n",
                x + b->left * CELL_W / 8.0, y + gap + b->top * CELL_H / 8.0,
                (cells - 1) * CELL_W + b->width * CELL_W / 8.0, height, ink->fg, b->opacity);
}

/* --- text --- */

static void
add_char(struct strbuf *out, const struct ink *ink)
{
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && ink->ch[i]; i++) {
        char bytes[4];
        if (ink->ch[i] == '<')
            strbuf_adds(out, "&lt;");
        else if (ink->ch[i] == '>')
            strbuf_adds(out, "&gt;");
        else if (ink->ch[i] == '&')
            strbuf_adds(out, "&amp;");
        else
            strbuf_add(out, bytes, utf8_encode(ink->ch[i], bytes));
    }
}

/* ASCII, middle dots and dashes have the font's own advance; other signs may come from another. */
static bool
flows(const struct ink *ink)
{
    uint32_t ch = ink->ch[0];
    return !ink->ch[1] && ((ch > 0x20 && ch < 0x7f) || ch == 0xb7 || ch == 0x2504);
}

static bool
same_style(const struct ink *a, const struct ink *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->underline == b->underline;
}

/* Cells from col on that are drawn as one element. */
static int
run_length(const struct page *page, const struct ink *first, int row, int col)
{
    int n = 1;
    struct block block;
    int arms = line_arms(first->ch[0]);
    bool repeats =
        arms == (ARM_LEFT | ARM_RIGHT) || (block_of(first->ch[0], &block) && block.width == 8);
    while (col + n < page->p->cols) {
        struct ink next = ink_at(page, row, col + n);
        bool joins = repeats ? next.ch[0] == first->ch[0] : flows(first) && flows(&next);
        if (!joins || !same_style(first, &next))
            break;
        n++;
    }
    return n;
}

/* Draws what stands at col; returns the cells that are done. */
static int
draw_run(struct page *page, int row, int col)
{
    struct ink ink = ink_at(page, row, col);
    if (ink.ch[0] == 0 || ink.ch[0] == ' ' || ink.ch[0] == (uint32_t)-1)
        return ink.width;
    int x = MARGIN + col * CELL_W, y = TITLE_H + row * CELL_H;
    int cells = run_length(page, &ink, row, col), arms = line_arms(ink.ch[0]);
    struct block block;
    if (arms) {
        draw_lines(page, &ink, arms, x, y, cells);
        return cells;
    }
    if (block_of(ink.ch[0], &block)) {
        draw_block(page, &ink, &block, x, y, cells);
        return cells;
    }
    strbuf_addf(&page->out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\"%s%s>", x, y + BASELINE, ink.fg,
                ink.bold ? " font-weight=\"bold\"" : "",
                ink.underline ? " text-decoration=\"underline\"" : "");
    for (int i = 0; i < cells; i++) {
        struct ink next = ink_at(page, row, col + i);
        add_char(&page->out, &next);
    }
    strbuf_adds(&page->out, "</text>\n");
    return IW_MAX(cells, ink.width);
}

/* --- the page --- */

static void
draw_papers(struct page *page, int row)
{
    for (int col = 0; col < page->p->cols;) {
        struct ink first = ink_at(page, row, col);
        int n = first.width;
        /* The second cell of a wide character has no paper of its own. */
        for (struct ink next; col + n < page->p->cols; n += next.width) {
            next = ink_at(page, row, col + n);
            if (next.bg != first.bg)
                break;
        }
        if (first.bg != paper(page->light))
            strbuf_addf(
                &page->out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                MARGIN + col * CELL_W, TITLE_H + row * CELL_H, n * CELL_W, CELL_H, first.bg);
        col += n;
    }
}

static void
draw_frame(struct page *page, const char *title)
{
    static const char *const lights[] = {"#ff5f57", "#febc2e", "#28c840"};
    int w = page->p->cols * CELL_W + 2 * MARGIN, h = page->p->rows * CELL_H + TITLE_H + MARGIN;
    strbuf_addf(&page->out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" " FONT ">\n",
                w, h, w, h);
    strbuf_addf(&page->out,
                "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\" stroke=\"%s\"/>\n", w, h,
                paper(page->light), page->light ? "#c8ccd2" : "#2c333d");
    for (int i = 0; i < 3; i++)
        strbuf_addf(&page->out, "<circle cx=\"%d\" cy=\"15\" r=\"5\" fill=\"%s\"/>\n", 18 + i * 18,
                    lights[i]);
    strbuf_addf(&page->out,
                "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" font-size=\"13\" fill=\"%s\">"
                "%s</text>\n",
                w / 2, page->light ? "#57606a" : "#8b949e", title);
}

/* The cells of one row: what lies under them first. */
static void
draw_row(struct page *page, int row)
{
    draw_papers(page, row);
    for (int col = 0; col < page->p->cols;)
        col += draw_run(page, row, col);
}

char *
pty_svg(struct pty *p, bool light, const char *title)
{
    struct page page = {.p = p, .light = light};
    strbuf_init(&page.out, 0);
    draw_frame(&page, title);
    for (int row = 0; row < p->rows; row++)
        draw_row(&page, row);
    strbuf_adds(&page.out, "</svg>\n");
    return strbuf_take(&page.out);
}

/* --- films --- */

enum { FILM_STILL_MS = 2500 /* the last picture stands before it begins again */ };

/* One row's picture for as long as it did not change; row -1 is the caption. */
struct take {
    int row;
    int64_t from_ms, to_ms; /* since the start of the film; to_ms -1: until its end */
    char *svg;
};
struct pty_film {
    struct page page;
    int64_t start_ms;
    VEC(struct take) takes;
};

struct pty_film *
pty_film_new(struct pty *p, bool light, int64_t now_ms)
{
    struct pty_film *film = iw_calloc(1, sizeof(*film));
    film->page = (struct page){.p = p, .light = light};
    film->start_ms = now_ms;
    strbuf_init(&film->page.out, 0);
    return film;
}

static struct take *
current_take(struct pty_film *film, int row)
{
    for (size_t i = film->takes.len; i-- > 0;) {
        if (film->takes.items[i].row == row && film->takes.items[i].to_ms < 0)
            return &film->takes.items[i];
    }
    return NULL;
}

/* svg is taken. */
static void
film_row(struct pty_film *film, int row, char *svg, int64_t at_ms)
{
    struct take *last = current_take(film, row);
    if (last && strcmp(last->svg, svg) == 0) {
        free(svg);
        return;
    }
    if (last)
        last->to_ms = at_ms;
    struct take next = {.row = row, .from_ms = at_ms, .to_ms = -1, .svg = svg};
    vec_push(&film->takes, next);
}

void
pty_film_take(struct pty_film *film, int64_t now_ms)
{
    for (int row = 0; row < film->page.p->rows; row++) {
        struct page page = film->page;
        strbuf_init(&page.out, 0);
        draw_row(&page, row);
        film_row(film, row, strbuf_take(&page.out), now_ms - film->start_ms);
    }
}

void
pty_film_caption(struct pty_film *film, const char *text, int64_t now_ms)
{
    struct page page = film->page;
    strbuf_init(&page.out, 0);
    int middle = (page.p->cols * CELL_W + 2 * MARGIN) / 2;
    strbuf_addf(&page.out, "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n",
                middle, page.light ? "#0550ae" : "#f5cf5f", text);
    film_row(film, -1, strbuf_take(&page.out), now_ms - film->start_ms);
}

/* A take that is not there all the time is shown by steps of an endless animation. */
static void
add_take(struct strbuf *out, const struct take *take, size_t number, int64_t length_ms)
{
    int64_t to_ms = take->to_ms < 0 ? length_ms : take->to_ms;
    double from = 100.0 * (double)take->from_ms / (double)length_ms;
    double to = 100.0 * (double)to_ms / (double)length_ms;
    if (take->from_ms == 0 && take->to_ms < 0) {
        strbuf_adds(out, take->svg);
        return;
    }
    strbuf_addf(out, "<style>@keyframes t%zu{0%%{visibility:%s}", number,
                take->from_ms == 0 ? "visible" : "hidden");
    if (take->from_ms > 0)
        strbuf_addf(out, "%.3f%%{visibility:visible}", from);
    if (take->to_ms >= 0)
        strbuf_addf(out, "%.3f%%{visibility:hidden}", to);
    strbuf_addf(out,
                "100%%{visibility:%s}}#t%zu{visibility:hidden;animation:t%zu %.2fs step-end "
                "infinite}</style><g id=\"t%zu\">\n%s</g>\n",
                take->to_ms >= 0 ? "hidden" : "visible", number, number, (double)length_ms / 1000.0,
                number, take->svg);
}

char *
pty_film_end(struct pty_film *film, int64_t now_ms)
{
    int64_t length_ms = now_ms - film->start_ms + FILM_STILL_MS;
    struct page page = film->page;
    strbuf_init(&page.out, 0);
    draw_frame(&page, "");
    for (size_t i = 0; i < film->takes.len; i++) {
        add_take(&page.out, &film->takes.items[i], i, length_ms);
        free(film->takes.items[i].svg);
    }
    strbuf_adds(&page.out, "</svg>\n");
    vec_free(&film->takes);
    free(film);
    return strbuf_take(&page.out);
}
