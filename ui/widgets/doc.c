/* doc: styled lines, built once for a width and drawn from any line on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/doc.h"

#include <stdarg.h>
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

/* One page of facts; a peer's text in it is bounded by the records it comes from. */
#define DOC_TEXT_BYTES (4u << 20)
#define DOC_PUT_BYTES 1024

void
doc_init(struct doc *d, int width)
{
    *d = (struct doc){.width = width > 0 ? width : 1};
    strbuf_init(&d->text, DOC_TEXT_BYTES);
}

void
doc_free(struct doc *d)
{
    strbuf_free(&d->text);
    vec_free(&d->segments);
    vec_free(&d->headings);
}

void
doc_line(struct doc *d)
{
    d->lines++;
    d->x = 0;
    d->full = false;
}

/* Keeps text as a segment. Line breaks and tabs inside a line would move what follows: they become
 * blanks. */
static void
segment_add(struct doc *d, enum role role, const char *text, size_t len, int cols)
{
    if (d->lines == 0)
        doc_line(d);
    struct doc_segment seg = {.line = d->lines - 1,
                              .at = (uint32_t)d->text.len,
                              .len = (uint32_t)len,
                              .x = d->x,
                              .cols = cols,
                              .role = (uint8_t)role,
                              .flags = d->flags};
    if (!strbuf_add(&d->text, text, len))
        return;
    for (size_t i = seg.at; i < d->text.len; i++)
        if (d->text.data[i] == '\t' || d->text.data[i] == '\n')
            d->text.data[i] = ' ';
    vec_push(&d->segments, seg);
    d->x += cols;
}

void
doc_text(struct doc *d, enum role role, const char *text, size_t len)
{
    if (d->full || len == 0)
        return;
    int room = d->width - d->x, cols = 0;
    /* Only what can be seen is measured: a message may be long. */
    size_t fits = utf8_fit(text, len, IW_MAX(room, 0), &cols);
    if (fits == len) {
        segment_add(d, role, text, len, cols);
        return;
    }
    d->full = true;
    if (room <= 0)
        return;
    fits = utf8_fit(text, len, room - 1, &cols);
    segment_add(d, role, text, fits, cols);
    segment_add(d, role, "…", sizeof("…") - 1, 1);
}

void
doc_put(struct doc *d, enum role role, const char *fmt, ...)
{
    char line[DOC_PUT_BYTES];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof(line), tr(fmt), args);
    va_end(args);
    if (n > 0)
        doc_text(d, role, line, IW_MIN((size_t)n, sizeof(line) - 1));
}

void
doc_repeat(struct doc *d, enum role role, const char *sign, int n)
{
    strbuf_auto run;
    strbuf_init(&run, 0);
    for (int i = 0; i < n && i < d->width; i++)
        strbuf_adds(&run, sign);
    doc_text(d, role, run.data, run.len);
}

void
doc_to(struct doc *d, int x)
{
    doc_repeat(d, ROLE_TEXT, " ", d->x < x ? x - d->x : d->x > x);
}

void
doc_field(struct doc *d, int cols, bool right, enum role role, const char *text)
{
    size_t len = strlen(text);
    int used = 0;
    size_t fits = utf8_fit(text, len, cols, &used);
    bool cut = fits < len;
    if (cut)
        fits = utf8_fit(text, len, cols - 1, &used);
    int pad = cols - used - (cut ? 1 : 0);
    if (right)
        doc_repeat(d, role, " ", pad);
    doc_text(d, role, text, fits);
    if (cut && cols > 0)
        doc_put(d, role, "…");
    if (!right)
        doc_repeat(d, role, " ", pad);
}

void
doc_whole(struct doc *d, enum role role, const char *fmt, ...)
{
    char line[DOC_PUT_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), tr(fmt), args);
    va_end(args);
    if (!d->full && d->x + utf8_width(line, strlen(line)) <= d->width)
        doc_text(d, role, line, strlen(line));
}

void
doc_right(struct doc *d, enum role role, const char *fmt, ...)
{
    char line[DOC_PUT_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), tr(fmt), args);
    va_end(args);
    int cols = utf8_width(line, strlen(line));
    if (d->full || d->x + cols + 1 > d->width)
        return;
    doc_to(d, d->width - cols);
    doc_text(d, role, line, strlen(line));
}

/* Bytes of the next line of a paragraph; *skip gets the blanks behind it. */
static size_t
wrap_take(const char *text, size_t len, int room, size_t *skip)
{
    const char *newline = memchr(text, '\n', len);
    size_t end = newline ? (size_t)(newline - text) : len;
    size_t fits = utf8_fit(text, end, IW_MAX(room, 1), NULL);
    *skip = newline && fits == end ? 1 : 0;
    if (fits == end)
        return fits;
    size_t cut = fits;
    while (cut > 0 && text[cut] != ' ')
        cut--;
    if (cut == 0) /* a word longer than the line */
        return fits > 0 ? fits : utf8_fit(text, end, 2, NULL);
    for (size_t i = cut; i < end && text[i] == ' '; i++)
        (*skip)++;
    return cut;
}

void
doc_wrap(struct doc *d, enum role role, int indent, int max_lines, const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        len--;
    for (int n = 1; len > 0; n++) {
        size_t skip = 0, take = wrap_take(text, len, d->width - d->x, &skip);
        if (n >= max_lines) {
            doc_text(d, role, text, len); /* cuts with a sign */
            return;
        }
        doc_text(d, role, text, take);
        if (take + skip == 0)
            return;
        text += take + skip;
        len -= take + skip;
        if (len > 0) {
            doc_line(d);
            doc_to(d, indent);
        }
    }
}

void
doc_heading(struct doc *d)
{
    vec_push(&d->headings, d->lines - 1);
}

static bool
is_heading(const struct doc *d, uint32_t line)
{
    for (size_t i = 0; i < d->headings.len; i++)
        if (d->headings.items[i] == line)
            return true;
    return false;
}

void
doc_rule(struct doc *d, const char *title)
{
    doc_line(d);
    doc_put(d, ROLE_RULE, "─");
    if (title[0]) {
        doc_put(d, ROLE_TITLE, " %s ", title);
        doc_heading(d);
    }
    doc_repeat(d, ROLE_RULE, "─", d->width - d->x);
}

/* One line of `from` at column x of the line begun last; *next is the segment to go on with. */
static void
line_copy(struct doc *d, const struct doc *from, uint32_t line, int x, size_t *next)
{
    uint8_t flags = d->flags;
    for (; *next < from->segments.len && from->segments.items[*next].line <= line; (*next)++) {
        const struct doc_segment *seg = &from->segments.items[*next];
        if (seg->line < line)
            continue;
        doc_to(d, x + seg->x);
        d->flags = seg->flags;
        segment_add(d, (enum role)seg->role, from->text.data + seg->at, seg->len, seg->cols);
        d->flags = flags;
    }
}

void
doc_append(struct doc *d, const struct doc *from)
{
    size_t next = 0;
    for (uint32_t i = 0; i < from->lines; i++) {
        doc_line(d);
        line_copy(d, from, i, 0, &next);
        if (is_heading(from, i))
            doc_heading(d);
    }
}

void
doc_beside(struct doc *d, const struct doc *left, const struct doc *right, int x)
{
    uint32_t lines = IW_MAX(left->lines, right->lines);
    size_t at_left = 0, at_right = 0;
    for (uint32_t i = 0; i < lines; i++) {
        doc_line(d);
        line_copy(d, left, i, 0, &at_left);
        if (d->x < x)
            doc_to(d, x);
        doc_put(d, ROLE_RULE, "%s", i == 0 ? "┬" : "│");
        line_copy(d, right, i, x + 1, &at_right);
    }
}

void
doc_draw(const struct doc *d, struct surface *s, struct rect area, uint32_t top)
{
    /* A title alone at the end of several lines would promise what is not there. */
    while (area.h > 1 && top + (uint32_t)area.h < d->lines &&
           is_heading(d, top + (uint32_t)area.h - 1))
        area.h--;
    for (size_t i = 0; i < d->segments.len; i++) {
        const struct doc_segment *seg = &d->segments.items[i];
        if (seg->line < top || seg->line - top >= (uint32_t)IW_MAX(area.h, 0))
            continue;
        int y = area.y + (int)(seg->line - top);
        surface_text(s, area, area.x + seg->x, y, (enum role)seg->role, d->text.data + seg->at,
                     seg->len);
        if (seg->flags)
            surface_flag(s, rect_intersect(area, (struct rect){area.x + seg->x, y, seg->cols, 1}),
                         seg->flags);
    }
}

uint32_t
doc_max_top(const struct doc *d, int height)
{
    return d->lines > (uint32_t)IW_MAX(height, 0) ? d->lines - (uint32_t)IW_MAX(height, 0) : 0;
}
