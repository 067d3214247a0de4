/* eventlist: what the files of the event list share: rows (eventrow.c), what is chosen (eventlist.c),
 * what stands around the rows (eventpane.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_EVENTLIST_H
#define INITWATCH_UI_EVENTLIST_H

#include "initwatch/ui/eventrow.h"

struct event_layout {
    int chips, list, reasons, chain, detail; /* lines; list without its head */
};

/* One more row for the widths. */
void event_widths_add(struct event_list *l, const struct kevent *ev);
/* Lines of a row that may have `most` of them. */
int event_row_lines(const struct event_list *l, const struct view_env *env, size_t row, int width,
                    int most);
void event_head_draw(struct doc *d, const struct event_list *l, const struct view_env *env);
/* Into its lines of the surface, which are blank. */
void event_row_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                    struct rect lines, size_t row);

void event_chips_draw(struct doc *d, const struct event_list *l, const struct view_env *env);
/* With the rule above. */
int event_reasons_lines(const struct event_list *l, int width);
void event_reasons_draw(const struct event_list *l, struct surface *s, struct rect area);
void event_chain_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                      struct rect area);
void event_detail_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                       struct rect area);
int64_t event_window_ms(enum event_window w); /* 0: all */

#endif
