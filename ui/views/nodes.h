/* nodes: what the files of the nodes share: order and keys (view_nodes.c), the table (nodes_table.c),
 * the page about the selected one (nodes_pane.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_NODES_H
#define INITWATCH_UI_NODES_H

#include "initwatch/model/nodeuse.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* "2.1" cores or "5.4Gi". */
void nodes_amount_text(const struct quantity *q, bool cpu, char *out, size_t out_size);
/* Cells of the columns. Those left out (0) where the names need the room: AGE first, then VERSION,
 * then what is used. */
struct node_columns {
    int name, status, version, cpu, cpu_used, memory, memory_used, pods, age;
};
/* names: cells of the longest name; usage: what is used is known. */
struct node_columns nodes_columns(int cols, int names, bool usage);
enum {
    NODES_NAME,
    NODES_STATUS,
    NODES_VERSION,
    NODES_CPU,
    NODES_CPU_USED,
    NODES_MEMORY,
    NODES_MEMORY_USED,
    NODES_PODS,
    NODES_AGE,
    NODES_COLUMN_COUNT
};
/* sorted: the column that the order is by. */
void nodes_head(struct surface *s, struct rect row, const struct node_columns *c, int sorted);
void nodes_row(const struct node_use *load, const struct view_env *env, struct surface *s,
               struct rect row, const struct node_columns *c, bool selected);
/* The page about one node. */
void nodes_pane(struct doc *d, const struct view_env *env, const struct node_use *load);

#endif
