/* detail: the pane about one container, below the timeline and below the container table.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DETAIL_H
#define INITWATCH_UI_DETAIL_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

#define DETAIL_SPLIT_COLS 110 /* from here on the pane has two columns */

/* Title, facts and attempts of c: what must be seen. link: the chosen one of pod_links, the title
 * names it. */
void detail_pane_facts(struct doc *d, const struct view_env *env, const struct pod *pod,
                       const struct container *c, size_t link);
/* The pane: these, then what the whole pod adds (shutdown, events, shared volumes, conditions), with
 * the end of the log at its foot; in two columns where it is wide. Its title stays when it is
 * scrolled to line pane_top. */
void detail_pane_draw(const struct view_env *env, struct surface *s, struct rect area,
                      const struct pod *pod, const struct container *c, size_t link,
                      uint32_t pane_top);
/* How far it can be scrolled; *height gets the lines that scroll. */
uint32_t detail_pane_max(const struct view_env *env, const struct pod *pod,
                         const struct container *c, struct rect area, int *height);

#endif
