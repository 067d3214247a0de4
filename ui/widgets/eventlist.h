/* eventlist: what the files of the event list share: rows (eventrow.c), what is chosen (eventlist.c),
 * what stands around the rows (eventpane.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_EVENTLIST_H
#define INITWATCH_UI_EVENTLIST_H

#include "initwatch/ui/eventrow.h"

struct event_layout {
    int chips, list, reasons, chain, detail; /* lines; list without its head */
};

void event_head_draw(struct doc *d, const struct event_list *l, const struct view_env *env);
void event_row_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
                    size_t row);

void event_chips_draw(struct doc *d, const struct event_list *l, const struct view_env *env);
void event_reasons_draw(const struct event_list *l, struct surface *s, struct rect area);
void event_chain_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                      struct rect area);
void event_detail_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                       struct rect area);
int64_t event_window_ms(enum event_window w); /* 0: all */

#endif
