/* podtable: kubectl's table layout.
 * Ref: cli-runtime/pkg/printers/tableprinter.go; the tab writer has minimum width 6 and padding 3.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/podtable.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"

#define COLUMN_WIDTH_MIN 6u
#define COLUMN_PADDING 3u

/* A text of the table, ended by NUL, and how wide it is drawn. */
struct table_cell {
    size_t at, width;
};
struct podtable {
    struct podtable_options options;
    const char *headers[PODTABLE_COLUMNS];
    size_t column_count;
    size_t widths[PODTABLE_COLUMNS];
    bool by_cells; /* widths in display cells; kubectl counts characters */
    bool header_printed;
    VEC(struct table_cell) cells; /* row after row */
    struct strbuf text;           /* theirs */
};

static void
table_column(struct podtable *t, const char *header)
{
    t->headers[t->column_count++] = header;
}

static struct podtable *
table_new(void)
{
    struct podtable *t = iw_calloc(1, sizeof(*t));
    strbuf_init(&t->text, SIZE_MAX);
    return t;
}

struct podtable *
podtable_new(const struct podtable_options *options)
{
    struct podtable *t = table_new();
    t->options = *options;
    if (options->with_namespace)
        table_column(t, "NAMESPACE");
    table_column(t, "NAME");
    table_column(t, "READY");
    table_column(t, "STATUS");
    table_column(t, "RESTARTS");
    table_column(t, "AGE");
    if (options->wide) {
        table_column(t, "IP");
        table_column(t, "NODE");
        table_column(t, "NOMINATED NODE");
        table_column(t, "READINESS GATES");
    }
    if (options->show_labels)
        table_column(t, "LABELS");
    return t;
}

struct podtable *
podtable_new_columns(const char *const *headers, size_t count, bool no_headers)
{
    struct podtable *t = table_new();
    t->options.no_headers = no_headers;
    t->by_cells = true;
    for (size_t i = 0; i < count && i < PODTABLE_COLUMNS; i++)
        table_column(t, headers[i]);
    return t;
}

void
podtable_free(struct podtable *t)
{
    if (!t)
        return;
    strbuf_free(&t->text);
    vec_free(&t->cells);
    free(t);
}

/* --- cells --- */

/* Bytes at the front that are printed as they are, one cell each. */
static size_t
plain_length(const char *text)
{
    size_t len = 0;
    while (text[len] >= ' ' && text[len] <= '~')
        len++;
    return len;
}

/* A cell's text as kubectl prints it: cut at a line end, ESC made visible. Other control
 * characters, which kubectl passes on, become a question mark: nothing of a cluster may steer the
 * terminal. */
static void
add_repaired(struct strbuf *b, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        size_t taken;
        uint32_t cp = utf8_next(text + i, len - i, &taken);
        if (cp == '\n' || cp == '\r' || cp == '\f') {
            strbuf_adds(b, "...");
            break;
        }
        if (cp == 0x1b)
            strbuf_adds(b, "^[");
        else if (utf8_cp_width(cp) < 0 || utf8_is_deceptive(cp))
            strbuf_addc(b, '?');
        else if (cp == UTF8_REPLACEMENT)
            strbuf_adds(b, "\xef\xbf\xbd");
        else
            strbuf_add(b, text + i, taken);
        i += taken;
    }
}

static size_t
text_width(const struct podtable *t, const char *text)
{
    size_t len = strlen(text);
    return t->by_cells ? (size_t)utf8_width(text, len) : utf8_count(text, len);
}

static void
widen(struct podtable *t, size_t column, size_t width)
{
    size_t want = width + (t->by_cells ? 2 : COLUMN_PADDING);
    want = t->by_cells ? want : IW_MAX(want, COLUMN_WIDTH_MIN);
    t->widths[column] = IW_MAX(t->widths[column], want);
}

void
podtable_add_row(struct podtable *t, const char *const *cells)
{
    for (size_t i = 0; i < t->column_count; i++) {
        struct table_cell cell = {t->text.len, plain_length(cells[i])};
        bool is_plain = cells[i][cell.width] == '\0';
        strbuf_add(&t->text, cells[i], cell.width);
        if (!is_plain) {
            add_repaired(&t->text, cells[i] + cell.width);
            cell.width = text_width(t, t->text.data + cell.at);
        }
        strbuf_addc(&t->text, '\0');
        widen(t, i, cell.width);
        vec_push(&t->cells, cell);
    }
}

void
podtable_labels(const struct pod *pod, struct strbuf *out)
{
    if (pod->label_count == 0)
        strbuf_adds(out, "<none>");
    for (uint32_t i = 0; i < pod->label_count; i++) {
        if (i > 0)
            strbuf_addc(out, ',');
        strbuf_adds(out, pod->labels[i].key);
        strbuf_addc(out, '=');
        strbuf_adds(out, pod->labels[i].value);
    }
}

void
podtable_add_pod(struct podtable *t, const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_cells cells;
    pod_print_cells(pod, now_wall_ms, &cells);
    strbuf_auto labels;
    strbuf_init(&labels, 0);
    const char *row[PODTABLE_COLUMNS];
    size_t n = 0;
    if (t->options.with_namespace)
        row[n++] = pod->ns;
    row[n++] = pod->name;
    row[n++] = cells.ready;
    row[n++] = cells.status;
    row[n++] = cells.restarts;
    row[n++] = cells.age;
    if (t->options.wide) {
        row[n++] = cells.ip;
        row[n++] = cells.node;
        row[n++] = cells.nominated_node;
        row[n++] = cells.readiness_gates;
    }
    if (t->options.show_labels) {
        podtable_labels(pod, &labels);
        row[n++] = labels.data;
    }
    podtable_add_row(t, row);
}

/* --- printing --- */

static void
add_blanks(struct strbuf *out, size_t count)
{
    static const char blanks[] = "                                ";
    for (size_t len; count > 0; count -= len) {
        len = IW_MIN(count, sizeof(blanks) - 1);
        strbuf_add(out, blanks, len);
    }
}

static void
table_line(const struct podtable *t, const char *const *texts, const size_t *widths,
           struct strbuf *out)
{
    size_t last = t->column_count;
    /* kubectl pads whatever follows; in tables of ours no line ends in blanks */
    while (t->by_cells && last > 1 && !*texts[last - 1])
        last--;
    for (size_t i = 0; i < last; i++) {
        strbuf_adds(out, texts[i]);
        if (i + 1 < last && widths[i] < t->widths[i])
            add_blanks(out, t->widths[i] - widths[i]);
    }
    strbuf_addc(out, '\n');
}

static void
print_header(struct podtable *t, struct strbuf *out)
{
    size_t widths[PODTABLE_COLUMNS];
    for (size_t i = 0; i < t->column_count; i++) {
        widths[i] = text_width(t, t->headers[i]);
        widen(t, i, widths[i]);
    }
    table_line(t, t->headers, widths, out);
}

void
podtable_print(struct podtable *t, struct strbuf *out)
{
    if (t->cells.len == 0)
        return;
    if (!t->options.no_headers && !t->header_printed)
        print_header(t, out);
    t->header_printed = true;
    for (size_t i = 0; i < t->cells.len; i += t->column_count) {
        const char *texts[PODTABLE_COLUMNS];
        size_t widths[PODTABLE_COLUMNS];
        for (size_t k = 0; k < t->column_count; k++) {
            texts[k] = t->text.data + t->cells.items[i + k].at;
            widths[k] = t->cells.items[i + k].width;
        }
        table_line(t, texts, widths, out);
    }
    vec_clear(&t->cells);
    strbuf_clear(&t->text);
}
