/* help: what view_help.c (the page) and help_keys.c (which keys there are, from the one key table) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_HELP_H
#define INITWATCH_UI_HELP_H

#include "initwatch/ui/view.h"

enum { HELP_KEY_COLS = 11, HELP_ACTS = 4 };

struct help_act {
    enum action action;
    int32_t arg; /* of ACT_WRITING */
};
/* Actions that belong together share a row. */
struct help_row {
    const char *group;   /* "MOVE" */
    const char *brief;   /* for a third of 80 columns */
    const char *full;    /* NULL: what the key table says of the only action */
    const char *literal; /* what is typed, in place of keys; for lists that filter by chips */
    struct help_act acts[HELP_ACTS];
};
extern const struct help_row help_rows[];
extern const size_t help_row_count;

/* The groups of a view in the order they are shown; NULL past the end. title: brief or full. */
const char *help_group(const struct view_class *about, size_t index);
const char *help_group_title(const char *group, bool full);
/* The keys of a row in a view, as many as fit into HELP_KEY_COLS; "" when it has none there. demo: this is a demo session. */
void help_row_keys(const struct help_row *row, const struct view_class *about, bool demo, char *out,
                   size_t out_size);
const char *help_row_text(const struct help_row *row, bool full); /* translated */
/* Keys whose place is kept: they only say so. */
bool help_row_is_kept(const struct help_row *row);

#endif
