/* detail: what view_detail.c and detail_pane.c share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DETAIL_H
#define INITWATCH_UI_DETAIL_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* Title, facts and attempts of c: what must be seen. link: the chosen one of pod_links, the title names it. */
void detail_pane_facts(struct doc *d, const struct view_env *env, const struct pod *pod,
                       const struct container *c, size_t link);
/* These, then what the whole pod adds: shutdown, shared volumes, conditions. */
void detail_pane_narrow(struct doc *d, const struct view_env *env, const struct pod *pod,
                        const struct container *c, size_t link);
/* " ^D +12 more " at the right end of a pane's first line; nothing when `below` is 0. */
void detail_pane_more(struct surface *s, struct rect pane, uint32_t below);
/* The end of the log in what `facts` leave of `height` lines. */
void detail_pane_tail(struct doc *d, const struct view_env *env, const struct container *c,
                      const struct doc *facts, int height);
/* Two columns with the log below them. */
void detail_pane_wide_draw(const struct view_env *env, struct surface *s, struct rect area,
                           const struct pod *pod, const struct container *c, size_t link,
                           uint32_t pane_top);
/* How far they can be scrolled. */
uint32_t detail_pane_wide_max(const struct view_env *env, const struct pod *pod,
                              const struct container *c, struct rect area);

#endif
