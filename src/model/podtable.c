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

struct podtable {
    struct podtable_options options;
    const char *headers[PODTABLE_COLUMNS];
    size_t column_count;
    size_t widths[PODTABLE_COLUMNS];
    bool by_cells; /* widths in display cells; kubectl counts characters */
    bool header_printed;
    VEC(char *) cells; /* row after row, owned */
};

static void
table_column(struct podtable *t, const char *header)
{
    t->headers[t->column_count++] = header;
}

struct podtable *
podtable_new(const struct podtable_options *options)
{
    struct podtable *t = iw_calloc(1, sizeof(*t));
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
    struct podtable *t = iw_calloc(1, sizeof(*t));
    t->options.no_headers = no_headers;
    t->by_cells = true;
    for (size_t i = 0; i < count && i < PODTABLE_COLUMNS; i++)
        table_column(t, headers[i]);
    return t;
}

static void
table_drop_rows(struct podtable *t)
{
    for (size_t i = 0; i < t->cells.len; i++)
        free(t->cells.items[i]);
    vec_clear(&t->cells);
}

void
podtable_free(struct podtable *t)
{
    if (!t)
        return;
    table_drop_rows(t);
    vec_free(&t->cells);
    free(t);
}

/* A cell's text as kubectl prints it: cut at a line end, ESC made visible. Other control
 * characters, which kubectl passes on, become a question mark: nothing of a cluster may steer the
 * terminal. */
static char *
cell_text(const char *text)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        size_t taken;
        uint32_t cp = utf8_next(text + i, len - i, &taken);
        if (cp == '\n' || cp == '\r' || cp == '\f') {
            strbuf_adds(&b, "...");
            break;
        }
        if (cp == 0x1b)
            strbuf_adds(&b, "^[");
        else if (utf8_cp_width(cp) < 0 || utf8_is_deceptive(cp))
            strbuf_addc(&b, '?');
        else if (cp == UTF8_REPLACEMENT)
            strbuf_adds(&b, "\xef\xbf\xbd");
        else
            strbuf_add(&b, text + i, taken);
        i += taken;
    }
    return strbuf_take(&b);
}

void
podtable_add_row(struct podtable *t, const char *const *cells)
{
    for (size_t i = 0; i < t->column_count; i++)
        vec_push(&t->cells, cell_text(cells[i]));
}

void
podtable_labels(const struct pod *pod, struct strbuf *out)
{
    if (pod->label_count == 0)
        strbuf_adds(out, "<none>");
    for (uint32_t i = 0; i < pod->label_count; i++)
        strbuf_addf(out, "%s%s=%s", i ? "," : "", pod->labels[i].key, pod->labels[i].value);
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

static size_t
cell_width(const struct podtable *t, const char *text)
{
    size_t len = strlen(text);
    return t->by_cells ? (size_t)utf8_width(text, len) : utf8_count(text, len);
}

static void
table_line(const struct podtable *t, const char *const *cells, struct strbuf *out)
{
    size_t last = t->column_count;
    /* kubectl pads whatever follows; in tables of ours no line ends in blanks */
    while (t->by_cells && last > 1 && !*cells[last - 1])
        last--;
    for (size_t i = 0; i < last; i++) {
        strbuf_adds(out, cells[i]);
        if (i + 1 == last)
            break;
        for (size_t used = cell_width(t, cells[i]); used < t->widths[i]; used++)
            strbuf_addc(out, ' ');
    }
    strbuf_addc(out, '\n');
}

static void
table_widen(struct podtable *t, const char *const *cells)
{
    for (size_t i = 0; i < t->column_count; i++) {
        size_t want = cell_width(t, cells[i]) + (t->by_cells ? 2 : COLUMN_PADDING);
        t->widths[i] = IW_MAX(t->widths[i], t->by_cells ? want : IW_MAX(want, COLUMN_WIDTH_MIN));
    }
}

void
podtable_print(struct podtable *t, struct strbuf *out)
{
    const char *const *cells = (const char *const *)t->cells.items;
    if (t->cells.len == 0)
        return;
    bool header = !t->options.no_headers && !t->header_printed;
    if (header)
        table_widen(t, t->headers);
    for (size_t i = 0; i < t->cells.len; i += t->column_count)
        table_widen(t, cells + i);
    if (header)
        table_line(t, t->headers, out);
    t->header_printed = true;
    for (size_t i = 0; i < t->cells.len; i += t->column_count)
        table_line(t, cells + i, out);
    table_drop_rows(t);
}
