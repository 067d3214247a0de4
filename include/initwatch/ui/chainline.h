/* chainline: a cause chain on the screen: as a line from the root to the pod, or as a tree.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_CHAINLINE_H
#define INITWATCH_UI_CHAINLINE_H

#include "initwatch/model/chain.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* "StorageClass fast ──▶ PVC data ──▶ ... ──▶ myapp Init:0/2" in at most `lines` lines. */
void chain_line_put(struct doc *d, const struct view_env *env, const struct chain *chain,
                    const struct pod *pod, int lines);
/* One step a line, what it depends on indented below it; evidence: at the right, where there is room,
 * what says so ("event FailedScheduling 11×", "EndpointSlice"). */
void chain_tree_put(struct doc *d, const struct chain *chain, int indent, bool evidence);
/* That tree without its evidence in at most `lines` lines: whole, else without what is well, else each
 * step in one line, else the end that leads to the root. False, and nothing is put, when the root is
 * not known and it is longer. */
bool chain_tree_fit(struct doc *d, const struct chain *chain, int indent, int lines);
/* How many of its steps are not well. */
size_t chain_faults(const struct chain *chain);
/* The chain without the steps that are well. */
void chain_not_ok(const struct chain *chain, struct chain *out);

#endif
