/* stages: how the effective amount of one resource comes about, stage by stage, as bars.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_STAGES_H
#define INITWATCH_UI_STAGES_H

#include "initwatch/model/resources.h"
#include "initwatch/ui/doc.h"

/* Title with axis, one line per stage, the effective amount, what is held but idle, what is used now
 * (cores or bytes; below 0: not known or not wanted). */
void stages_put(struct doc *d, const struct pod *pod, enum resource_side side, const char *name,
                double used);
/* One line: what the formula that knows no sidecars would give for cpu and memory, and by how much that is
 * wrong; nothing where it gives the same. */
void stages_put_simple(struct doc *d, const struct pod *pod, enum resource_side side);
/* One line: "ephemeral-storage  2Gi  decided by i1 fetch". */
void stages_put_short(struct doc *d, const struct pod *pod, enum resource_side side,
                      const char *name);

#endif
