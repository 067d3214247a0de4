/* doc: styled lines, built once for a width and drawn from any line on.
 *
 * Views that are pages of facts (timeline, why, resources, a container's pane) build a doc in draw
 * and show the part that fits. Text is cut with "…" at the width, never silently. Controls of peers
 * stay in the text: surface_text shows them as signs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DOC_H
#define INITWATCH_UI_DOC_H

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/surface.h"

struct doc_segment {
    uint32_t line, at, len; /* bytes at..at+len of text */
    int x, cols;
    uint8_t role, flags;
};
struct doc {
    int width;      /* cells of a line */
    uint32_t lines; /* begun so far; the last is the one that is written to */
    int x;          /* where the next text goes */
    bool full;      /* the line was cut */
    uint8_t flags;  /* CELL_* for what is put next */
    struct strbuf text;
    VEC(struct doc_segment) segments;
    VEC(uint32_t) headings; /* lines that say nothing without the next one */
};
void doc_init(struct doc *d, int width);
void doc_free(struct doc *d);
#define doc_auto IW_CLEANUP(doc_free) struct doc

/* Begin a line. Everything below writes to the line begun last. */
void doc_line(struct doc *d);
/* printf at the present place. */
void doc_put(struct doc *d, enum role role, const char *fmt, ...) IW_PRINTF(3, 4);
void doc_text(struct doc *d, enum role role, const char *text, size_t len);
/* A sign n times. */
void doc_repeat(struct doc *d, enum role role, const char *sign, int n);
/* Go on at column x; one blank further when something stands there already. */
void doc_to(struct doc *d, int x);
/* In exactly cols cells, cut with "…" or padded. */
void doc_field(struct doc *d, int cols, bool right, enum role role, const char *text);
/* As doc_put, but left out when it does not fit whole. */
void doc_whole(struct doc *d, enum role role, const char *fmt, ...) IW_PRINTF(3, 4);
/* Flush right; left out when it does not fit. */
void doc_right(struct doc *d, enum role role, const char *fmt, ...) IW_PRINTF(3, 4);
/* Words wrapped into at most max_lines lines, the later ones indented; newlines break. */
void doc_wrap(struct doc *d, enum role role, int indent, int max_lines, const char *text);
/* The line begun last is a heading: it is not drawn as the last one of an area. */
void doc_heading(struct doc *d);
/* A line "─ title ─────", with a title a heading; title may be "". */
void doc_rule(struct doc *d, const char *title);

/* The lines of another doc, which is not wider, below those of this one. */
void doc_append(struct doc *d, const struct doc *from);
/* The lines of two docs beside each other, with a line between them at column x; both begin with a
 * rule. left is not wider than x, right not wider than what remains. */
void doc_beside(struct doc *d, const struct doc *left, const struct doc *right, int x);

/* Lines top .. top + area.h. */
void doc_draw(const struct doc *d, struct surface *s, struct rect area, uint32_t top);
/* The largest top that still fills `height` lines. */
uint32_t doc_max_top(const struct doc *d, int height);

#endif
