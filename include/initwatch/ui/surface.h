/* surface: a rectangle of cells. The only way anything gets onto the screen.
 *
 * No byte of a peer reaches the terminal except as a cell: control characters, escape sequences,
 * bidi controls and broken UTF-8 become visible signs in surface_text. Drawing outside the clip
 * rectangle does nothing. Wide characters take two cells and are never cut in half; combining marks
 * stay with their base.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_SURFACE_H
#define INITWATCH_UI_SURFACE_H

#include "initwatch/ui/role.h"

enum { SURFACE_COLS_MAX = 1000, SURFACE_ROWS_MAX = 500 };
enum {
    CELL_SELECTED = 1, /* the selected row; reversed where there is no colour */
    CELL_UNDERLINED = 2,
    CELL_BOLD = 4 /* beside what the role does: text that a program wrote in bold */
};

struct cell {
    uint32_t ch;      /* a printable code point, never a control character */
    uint32_t comb[2]; /* combining marks, 0 when none */
    uint8_t role;     /* enum role */
    uint8_t flags;    /* CELL_* */
    uint8_t width;    /* 1 or 2; 0: right half of the wide character before it */
    uint8_t spare;    /* 0: rows of cells are compared as bytes */
};
struct rect {
    int x, y, w, h;
};
struct surface {
    int cols, rows;
    struct cell *cells; /* rows * cols */
    bool ascii; /* signs and lines of our own are replaced by their ASCII twins as they are put */
    int cursor_x, cursor_y; /* -1, -1: hidden */
};

void surface_init(struct surface *s, int cols, int rows,
                  bool ascii); /* at least 1x1, at most SURFACE_COLS_MAX x SURFACE_ROWS_MAX */
void surface_free(struct surface *s);
void surface_resize(struct surface *s, int cols, int rows);
void surface_clear(struct surface *s); /* blanks in ROLE_TEXT, no cursor */
struct rect surface_rect(const struct surface *s);
/* The common part; w or h 0 when none. */
struct rect rect_intersect(struct rect a, struct rect b);
const struct cell *surface_at(const struct surface *s, int x, int y); /* NULL outside */

/* Put text at x,y within clip; x may be negative (scrolled). Tabs become blanks to the next
 * multiple of eight. Returns the width the whole text has in cells, drawn or not, so that callers
 * can go on at x + result. */
int surface_text(struct surface *s, struct rect clip, int x, int y, enum role role,
                 const char *text, size_t len);
int surface_puts(struct surface *s, struct rect clip, int x, int y, enum role role,
                 const char *text);
int surface_printf(struct surface *s, struct rect clip, int x, int y, enum role role,
                   const char *fmt, ...) IW_PRINTF(6, 7);
/* In exactly `cols` cells: padded with blanks, or cut with "…" (never a name's tag: callers keep
 * that apart). */
void surface_field(struct surface *s, struct rect clip, int x, int y, int cols, bool right,
                   enum role role, const char *text);
void surface_fill(struct surface *s, struct rect area, uint32_t ch, enum role role);
/* A rule over the whole width with an optional title after the first line cell: "─ title ─────". */
void surface_rule(struct surface *s, struct rect clip, int y, enum role role, const char *title,
                  enum role title_role);
/* Change role or flags of what is already there. */
void surface_flag(struct surface *s, struct rect area, uint8_t flag);
void surface_restyle(struct surface *s, struct rect area, enum role role);

/* Dumps (dump.c). Text rows, trailing blanks kept; then with roles the same rows as role letters.
 * New string. */
char *surface_dump_text(const struct surface *s, bool roles) IW_NODISCARD;
/* A standalone SVG or HTML page of the surface with the theme's colours; title may be any text. New
 * string. */
char *surface_dump_svg(const struct surface *s, enum theme theme, const char *title) IW_NODISCARD;
char *surface_dump_html(const struct surface *s, enum theme theme, const char *title) IW_NODISCARD;
char *surface_dump_ansi(const struct surface *s, enum theme theme) IW_NODISCARD;
bool surface_equal(const struct surface *a, const struct surface *b);

#endif
