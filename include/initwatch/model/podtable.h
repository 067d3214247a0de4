/* podtable: the text tables of `kubectl get pods`, byte for byte, and ours in the same layout.
 *
 * Rows are collected, then printed together: a column is as wide as its longest cell. Widths are
 * remembered from print to print, as kubectl does with -w. SEMANTICS A.5.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_PODTABLE_H
#define INITWATCH_MODEL_PODTABLE_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/status.h"

struct podtable;

struct podtable_options {
    bool wide, with_namespace, no_headers, show_labels;
};

/* A table of pods with kubectl's columns. New: podtable_free. */
struct podtable *podtable_new(const struct podtable_options *options) IW_NODISCARD;
void podtable_free(struct podtable *t);
/* Nothing is kept of the pod. */
void podtable_add_pod(struct podtable *t, const struct pod *pod, int64_t now_wall_ms);
/* The rows added since the last print; the header before the first row ever. No row: prints
 * nothing. */
void podtable_print(struct podtable *t, struct strbuf *out);

/* A table with other columns (borrowed for the table's life), at most PODTABLE_COLUMNS; widths then
 * count display cells. A row has one text per column. */
#define PODTABLE_COLUMNS 12u
struct podtable *podtable_new_columns(const char *const *headers, size_t count,
                                      bool no_headers) IW_NODISCARD;
void podtable_add_row(struct podtable *t, const char *const *cells);

/* "app=web,tier=x" or "<none>". */
void podtable_labels(const struct pod *pod, struct strbuf *out);

#endif
