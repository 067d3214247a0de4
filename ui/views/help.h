/* help: what view_help.c (the page) and help_keys.c (which keys there are, from the one key table) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_HELP_H
#define INITWATCH_UI_HELP_H

#include "initwatch/base/vec.h"
#include "initwatch/ui/view.h"
#include "initwatch/ui/widget.h"

enum { HELP_KEY_COLS = 11, HELP_ACTS = 5 };

struct help_act {
    enum action action;
    int32_t arg; /* of ACT_WRITING, ACT_SORT_BY */
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
/* The first of these keys, KEY_NONE for none. */
uint32_t help_row_key(const struct help_row *row, const struct view_class *about);
/* Translated; what the view's own footer calls the key stands in place of the general word. */
const char *help_row_text(const struct help_row *row, const struct view_class *about, bool full,
                          char *out, size_t out_size);
/* Its keys change the cluster: they need the write mode. */
bool help_row_writes(const struct help_row *row);

/* --- the page (help_page.c) --- */

/* What a search finds is counted by these. */
enum help_kind { HELP_KEYS, HELP_COMMANDS, HELP_OPTIONS, HELP_KIND_COUNT };
/* Something that can be done from here. */
struct help_entry {
    enum help_kind kind;
    int x, y;       /* of its first line; y -1: not placed yet */
    int group;      /* counts the headings before it */
    uint32_t key;   /* KEY_NONE: the text is for the prompt */
    char typed[40]; /* ":logs " */
};

struct help_line {
    bool heading, rule, legend, dim;
    int entry; /* counts from 1; 0: nothing to do */
    int key_cols;
    enum role role; /* of keys */
    char keys[48];
    char text[128];
};
/* A line where it stands on the page. */
struct help_spot {
    int x, y, w;
    struct help_line line;
};
/* Lines that flow into columns, and where all stand. */
struct help_page {
    struct help_line *items;
    size_t len, cap;
    int cols; /* of one column of what flows */
    int height, groups;
    bool write; /* keys that change the cluster are in force */
    VEC(struct help_spot) spots;
    VEC(struct help_entry) entries;
};

struct help_page help_page_build(const struct text_filter *filter, const struct view_env *env,
                                 struct rect area);
void help_page_free(struct help_page *page);

#endif
