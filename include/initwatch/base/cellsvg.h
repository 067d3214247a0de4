/* cellsvg: rows of character cells as a standalone SVG: the program's own screens (ui/dump.c) and
 * those of a terminal.
 *
 * No font decides where a column is: every word, sign and wide character stands at its own cell,
 * words are told how long they are, lines and blocks are drawn as shapes. What XML has no place for
 * becomes U+FFFD.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_CELLSVG_H
#define INITWATCH_BASE_CELLSVG_H

#include "initwatch/base/strbuf.h"

enum { CELLSVG_MARKS = 6 };
struct cellsvg_cell {
    uint32_t ch[CELLSVG_MARKS]; /* a character and its combining marks, 0 ends; ch[0] 0: a blank */
    uint32_t fg, bg;            /* 0xRRGGBB */
    int width;                  /* cells: 1 or 2; 0: the right half of the one before */
    bool bold, underline, dim;
};

/* What lies under cells that say nothing else, and the ink on it, for a dark or a light terminal;
 * 0xRRGGBB. */
uint32_t cellsvg_paper(bool light);
uint32_t cellsvg_ink(bool light);
/* The window around cols x rows cells; then rows in any order; then the end. */
void cellsvg_begin(struct strbuf *out, int cols, int rows, bool light, const char *title);
void cellsvg_row(struct strbuf *out, const struct cellsvg_cell *cells, int cols, int row,
                 bool light);
/* A line in place of the title. */
void cellsvg_caption(struct strbuf *out, int cols, bool light, const char *text);
void cellsvg_end(struct strbuf *out);
/* A code point as text of XML or HTML: escaped, or U+FFFD where XML allows none. */
void cellsvg_escape(struct strbuf *out, uint32_t cp);

#endif
