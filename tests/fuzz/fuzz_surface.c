/* Property: whatever text comes, every cell holds something a terminal shows and never obeys,
 * nothing outside the clip changes, widths fit together, and the width returned is the one
 * utf8_width promises. Input: four bytes (column, width of the clip, mode, field width), then the
 * text.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/utf8.h"
#include "initwatch/ui/surface.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLS = 40, ROWS = 3, LINE = 1 };

static void
check(bool holds)
{
    if (!holds)
        abort();
}

static void
check_cells(const struct surface *s, struct rect clip)
{
    for (int y = 0; y < s->rows; y++)
        for (int x = 0; x < s->cols; x++) {
            const struct cell *c = surface_at(s, x, y);
            bool inside = y == LINE && x >= clip.x && x < clip.x + clip.w;
            check(inside || (c->ch == '@' && c->width == 1));
            check(c->ch >= 0x20 && (c->ch < 0x7f || c->ch >= 0xa0) && c->ch <= 0x10ffff);
            check(!utf8_is_deceptive(c->ch));
            check(c->width <= 2);
            check(c->width != 2 || (x + 1 < s->cols && surface_at(s, x + 1, y)->width == 0));
            check(c->width != 0 || (x > 0 && surface_at(s, x - 1, y)->width == 2));
            for (int i = 0; i < 2; i++)
                check(!c->comb[i] ||
                      (utf8_cp_width(c->comb[i]) == 0 && !utf8_is_deceptive(c->comb[i])));
        }
}

static void
check_dumps(const struct surface *s)
{
    char *svg = surface_dump_svg(s, THEME_DARK, "t"), *text = surface_dump_text(s, true);
    for (const char *p = svg; *p; p++)
        check((unsigned char)*p >= 0x20 || *p == '\n');
    check(utf8_valid(svg, strlen(svg)) && utf8_valid(text, strlen(text)));
    free(svg);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    struct surface s;
    struct rect clip = {data[0] % COLS, LINE, data[1] % (COLS + 8), 1};
    int x = (int)(int8_t)data[0], cols = data[3] % 64;
    surface_init(&s, COLS, ROWS, data[2] & 1);
    surface_fill(&s, surface_rect(&s), '@', ROLE_TEXT);
    clip = rect_intersect(clip, surface_rect(&s));
    const char *text = (const char *)data + 4;
    size_t len = size - 4;
    if (data[2] & 2) {
        char *line = malloc(len + 1);
        check(line != NULL);
        memcpy(line, text, len);
        line[len] = 0;
        surface_field(&s, clip, x, LINE, cols, data[2] & 4, ROLE_OK, line);
        surface_rule(&s, clip, LINE, ROLE_RULE, data[2] & 8 ? line : NULL, ROLE_TITLE);
        free(line);
    } else {
        int width = surface_text(&s, clip, x, LINE, ROLE_OK, text, len);
        check(width >= 0);
        if (!memchr(text, '\t', len))
            check(width == utf8_width(text, len));
    }
    check_cells(&s, clip);
    check_dumps(&s);
    surface_free(&s);
    return 0;
}
