/* termsvg: the screen of a termpty as a standalone SVG, a still or a film.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/cellsvg.h"
#include "initwatch/base/vec.h"
#include "termpty.h"

struct page {
    struct pty *p;
    struct strbuf out;
    bool light;
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
colour_of(const struct page *page, VTermColor colour, bool foreground)
{
    if (foreground && VTERM_COLOR_IS_DEFAULT_FG(&colour))
        return cellsvg_ink(page->light);
    if (!foreground && VTERM_COLOR_IS_DEFAULT_BG(&colour))
        return cellsvg_paper(page->light);
    if (VTERM_COLOR_IS_INDEXED(&colour) && colour.indexed.idx < 16)
        return (page->light ? light_colours : dark_colours)[colour.indexed.idx];
    vterm_screen_convert_color_to_rgb(page->p->screen, &colour);
    return (uint32_t)colour.rgb.red << 16 | (uint32_t)colour.rgb.green << 8 | colour.rgb.blue;
}

static struct cellsvg_cell
cell_at(const struct page *page, int row, int col)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof(cell));
    vterm_screen_get_cell(page->p->screen, (VTermPos){.row = row, .col = col}, &cell);
    struct cellsvg_cell out = {.fg = colour_of(page, cell.fg, true),
                               .bg = colour_of(page, cell.bg, false),
                               .width = cell.width > 1 ? cell.width : 1,
                               .bold = cell.attrs.bold,
                               .underline = cell.attrs.underline != 0};
    for (int i = 0; i < CELLSVG_MARKS && i < VTERM_MAX_CHARS_PER_CELL; i++)
        out.ch[i] = cell.chars[i];
    /* libvterm's sign for the right half of a wide character */
    if (out.ch[0] == (uint32_t)-1)
        out = (struct cellsvg_cell){.fg = out.fg, .bg = out.bg};
    if (cell.attrs.reverse) {
        uint32_t swap = out.fg;
        out.fg = out.bg;
        out.bg = swap;
    }
    return out;
}

/* --- the page --- */

static void
draw_row(struct page *page, int row)
{
    struct cellsvg_cell *cells = iw_calloc((size_t)page->p->cols, sizeof(*cells));
    for (int col = 0; col < page->p->cols; col++)
        cells[col] = cell_at(page, row, col);
    cellsvg_row(&page->out, cells, page->p->cols, row, page->light);
    free(cells);
}

char *
pty_svg(struct pty *p, bool light, const char *title)
{
    struct page page = {.p = p, .light = light};
    strbuf_init(&page.out, 0);
    cellsvg_begin(&page.out, p->cols, p->rows, light, title);
    for (int row = 0; row < p->rows; row++)
        draw_row(&page, row);
    cellsvg_end(&page.out);
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
    cellsvg_caption(&page.out, page.p->cols, page.light, text);
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
    cellsvg_begin(&page.out, page.p->cols, page.p->rows, page.light, "");
    for (size_t i = 0; i < film->takes.len; i++) {
        add_take(&page.out, &film->takes.items[i], i, length_ms);
        free(film->takes.items[i].svg);
    }
    cellsvg_end(&page.out);
    vec_free(&film->takes);
    free(film);
    return strbuf_take(&page.out);
}
