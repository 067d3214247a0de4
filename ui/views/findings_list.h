/* findings_list: the list of the findings view: its lines, and what was checked below them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_FINDINGS_LIST_H
#define INITWATCH_UI_FINDINGS_LIST_H

#include "findings.h"

/* How many lines each group takes in so much room: two, or more where lines are free and what it
 * says is long; one when muted or gone. */
void findings_list_measure(struct findings *f, const struct view_env *env, struct rect list);
/* The line a group begins at. */
size_t findings_list_line(const struct findings *f, size_t group);
size_t findings_list_lines(const struct findings *f);

/* From line `top` on; group `selected` is marked. */
void findings_list_draw(const struct findings *f, const struct view_env *env, struct surface *s,
                        struct rect list, size_t top, size_t selected);
/* In place of a list that is empty. */
void findings_list_nothing(const struct findings *f, const struct view_env *env, struct surface *s,
                           struct rect area);

#endif
