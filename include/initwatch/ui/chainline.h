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

#endif
