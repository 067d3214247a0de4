/* view_options: the options in force, what they were built in as, and what can be set; Enter begins to set one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"

enum { OPTION_VALUE_COLS = 14, OPTION_DETAIL_LINES = 4 };

struct options_state {
    struct list_cursor cursor;
    size_t height;
};

/* The list has what the lines about the chosen option leave. */
static int
list_height(struct rect area)
{
    return area.h > (int)pref_count + OPTION_DETAIL_LINES ? (int)pref_count
                                                          : IW_MAX(area.h - OPTION_DETAIL_LINES, 1);
}

static void
options_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct options_state *st = state;
    (void)env;
    st->height = (size_t)list_height(area);
    list_cursor_fix(&st->cursor, pref_count, st->height);
}

static int
name_cols(void)
{
    size_t cols = 0;
    for (size_t i = 0; i < pref_count; i++)
        cols = IW_MAX(cols, strlen(pref_table[i].name));
    return (int)cols;
}

static void
draw_option(const struct view_env *env, const struct pref *pref, struct surface *s, struct rect row)
{
    char value[128];
    int x = row.x + 1, names = name_cols();
    pref_get(env->prefs, pref, value, sizeof(value));
    bool changed = strcmp(value, pref->built_in) != 0;
    surface_field(s, row, x, row.y, names, false, ROLE_KEY, pref->name);
    x += names + 2;
    surface_field(s, row, x, row.y, OPTION_VALUE_COLS, false, changed ? ROLE_TITLE : ROLE_TEXT,
                  value);
    x += OPTION_VALUE_COLS + 1;
    surface_field(s, row, x, row.y, row.x + row.w - x, false, ROLE_DIM, tr(pref->help));
}

/* What the chosen option may be, and how it is kept. */
static void
draw_detail(const struct view_env *env, const struct pref *pref, struct surface *s,
            struct rect area)
{
    char value[128], expected[200], line[700];
    surface_rule(s, area, area.y, ROLE_RULE, pref->name, ROLE_TITLE);
    pref_get(env->prefs, pref, value, sizeof(value));
    pref_expected(pref, expected, sizeof(expected));
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    bool said = strcmp(expected, pref->help) == 0; /* the help names the values */
    (void)snprintf(line, sizeof(line), "%s%s%s", tr(pref->help), said ? "" : ": ",
                   said ? "" : expected);
    int y = text.y + widget_wrap(s, text, text.x, text.y, text.w, text.h - 1, ROLE_TEXT, line);
    (void)snprintf(line, sizeof(line), tr("built-in: %s; in the file: %s: %s"), pref->built_in,
                   pref->name, value);
    widget_wrap(s, text, text.x, y, text.w, text.y + text.h - y, ROLE_DIM, line);
}

static void
options_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct options_state *st = state;
    int height = list_height(area);
    for (int i = 0; i < height && i < area.h; i++) {
        size_t at = st->cursor.top + (size_t)i;
        struct rect row = {area.x, area.y + i, area.w, 1};
        if (at >= pref_count)
            break;
        draw_option(env, &pref_table[at], s, row);
        if (at == st->cursor.selected)
            surface_flag(s, row, CELL_SELECTED);
    }
    struct rect below = {area.x, area.y + height, area.w, area.h - height};
    if (below.h >= 2)
        draw_detail(env, &pref_table[st->cursor.selected], s, below);
}

static bool
options_act(void *state, const struct view_env *env, enum action action, int32_t arg,
            struct intent *out)
{
    struct options_state *st = state;
    const struct pref *pref = &pref_table[st->cursor.selected];
    char value[128];
    (void)arg;
    if (action == ACT_OPEN) {
        out->kind = INTENT_PROMPT;
        (void)snprintf(out->text, sizeof(out->text), ":set %s=", pref->name);
        return true;
    }
    if (action == ACT_COPY) {
        pref_get(env->prefs, pref, value, sizeof(value));
        out->kind = INTENT_COPY;
        (void)snprintf(out->text, sizeof(out->text), "%s: %s", pref->name, value);
        return true;
    }
    return list_cursor_act(&st->cursor, action, pref_count, st->height);
}

static size_t
options_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct options_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(pref_count, (int64_t)st->height);
}

const struct view_class view_options = {
    .name = "options",
    .title = "Options",
    .help = "The options in force and what they can be; Enter sets one.",
    .scope = VIEW_GLOBAL,
    .context = CTX_OPTIONS,
    .state_size = sizeof(struct options_state),
    .recalc = options_recalc,
    .draw = options_draw,
    .unseen = options_unseen,
    .act = options_act,
};
