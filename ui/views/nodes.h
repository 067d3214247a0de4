/* nodes: what view_nodes.c and nodes_pane.c share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_NODES_H
#define INITWATCH_UI_NODES_H

#include "initwatch/model/nodeuse.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* "2.1" cores or "5.4Gi". */
void nodes_amount_text(const struct quantity *q, bool cpu, char *out, size_t out_size);
/* The page about one node. */
void nodes_pane(struct doc *d, const struct view_env *env, const struct node_use *load);

#endif
