/* view_help: the keys that work in the view it was called from, made from the key table; the signs;
 * the commands.
 * '/' searches keys and words. env->container names the view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/ui.h"
#include "initwatch/ui/widget.h"

enum { HELP_KEYS_MAX = 3, HELP_KEY_COLS = 11, HELP_COMMAND_COLS = 16 };

struct help_line {
    bool heading;
    int key_cols;
    enum role role; /* of keys */
    char keys[48];
    char text[128];
};
struct help_page {
    struct help_line *items;
    size_t len, cap;
    int cols; /* of one column */
};

struct help_state {
    struct text_filter *filter;
    uint32_t top;
    size_t lines, height;
};

static void
help_init(void *state)
{
    struct help_state *st = state;
    st->filter = text_filter_new();
}

static void
help_fini(void *state)
{
    struct help_state *st = state;
    text_filter_free(st->filter);
}

/* --- contents --- */

/* Texts longer than the column go on in a second line, broken at a blank. */
static void
page_add(struct help_page *page, const struct help_state *st, const struct help_line *line)
{
    char haystack[200];
    snprintf(haystack, sizeof(haystack), "%s %s", line->keys, line->text);
    if (!text_filter_match(st->filter, haystack))
        return;
    struct help_line part = *line;
    const char *rest = line->text;
    int room = IW_MAX(page->cols - line->key_cols - 1, 8);
    do {
        size_t len = strlen(rest), fit = utf8_fit(rest, len, room, NULL), cut = fit;
        while (fit < len && cut > 0 && rest[cut] != ' ')
            cut--;
        if (cut == 0)
            cut = fit;
        snprintf(part.text, sizeof(part.text), "%.*s", (int)cut, rest);
        vec_push(page, part);
        part.keys[0] = 0;
        rest += cut + (rest[cut] == ' ');
    } while (rest[0]);
}

static void
page_heading(struct help_page *page, const struct help_state *st, const char *title)
{
    struct help_line line = {.heading = true};
    /* A heading that nothing followed, because the search hides it, is replaced by the next. */
    if (page->len && page->items[page->len - 1].heading)
        page->len--;
    else if (page->len && !text_filter_active(st->filter)) {
        const struct help_line blank = {.heading = true};
        vec_push(page, blank);
    }
    snprintf(line.text, sizeof(line.text), "%s", title);
    vec_push(page, line);
}

static void
short_key(const struct key_binding *b, char out[16])
{
    static const struct {
        uint32_t key;
        const char *text;
    } arrows[] = {
        {KEY_UP_CODE, "↑"}, {KEY_DOWN_CODE, "↓"}, {KEY_LEFT_CODE, "←"}, {KEY_RIGHT_CODE, "→"}};
    if (b->action == ACT_TAB || b->action == ACT_SINCE) {
        snprintf(out, 16, "%s", b->action == ACT_TAB ? "1-8" : "0-6");
        return;
    }
    for (size_t i = 0; i < IW_COUNTOF(arrows); i++)
        if (arrows[i].key == b->key) {
            snprintf(out, 16, "%s", arrows[i].text);
            return;
        }
    key_text(b->key, out);
}

/* Actions that belong together share a row; the rest of the table has rows of its own. */
static const struct {
    enum action first, second;
    const char *text;
} PAIRS[] = {
    {ACT_DOWN, ACT_UP, TR_MARK("line")},
    {ACT_TOP, ACT_BOTTOM, TR_MARK("first, last line")},
    {ACT_HALF_DOWN, ACT_HALF_UP, TR_MARK("half a page")},
    {ACT_PAGE_DOWN, ACT_PAGE_UP, TR_MARK("page")},
    {ACT_LEFT, ACT_RIGHT, TR_MARK("scroll columns")},
    {ACT_NEXT_POD, ACT_PREV_POD, TR_MARK("next, previous pod, same view")},
    {ACT_NEXT_PANE, ACT_PREV_PANE, TR_MARK("next, previous pane or side")},
    {ACT_HISTORY_BACK, ACT_HISTORY_FORWARD, TR_MARK("history: back, forward")},
    {ACT_SET_MARK, ACT_GO_MARK, TR_MARK("set a mark, go to it (and a letter)")},
    {ACT_FIND_NEXT, ACT_FIND_PREV, TR_MARK("next, previous match")},
    {ACT_SORT_PREV, ACT_SORT_NEXT, TR_MARK("sort by the previous, next column")},
    {ACT_ZOOM_IN, ACT_ZOOM_OUT, TR_MARK("zoom the timeline")},
    {ACT_ATTEMPT_OLDER, ACT_ATTEMPT_NEWER, TR_MARK("older, newer attempt")},
    {ACT_NEXT_ERROR, ACT_PREV_ERROR, TR_MARK("next, previous error line")},
};

/* The nth key of an action in a view; false when it has no more. */
static bool
nth_key(const struct view_class *about, enum action action, size_t n, char out[16])
{
    size_t count, found = 0;
    const struct key_binding *table = keymap_bindings(&count);
    char before[16] = "";
    for (size_t i = 0; i < count; i++) {
        const struct key_binding *b = &table[i];
        bool here = b->context == CTX_ALL || b->context == about->context ||
                    (b->context == CTX_PODISH && about->podish);
        if (b->action != action || !here ||
            keymap_lookup(about->context, about->podish, b->key, NULL) != action)
            continue;
        short_key(b, out);
        /* Digits are one entry. */
        if (strcmp(before, out) == 0)
            continue;
        if (found++ == n)
            return true;
        memcpy(before, out, sizeof(before));
    }
    return false;
}

/* The keys of one action or of two by turns, as many as fit; "" when there are none. */
static void
keys_of(const struct view_class *about, enum action first, enum action second, char *out,
        size_t out_size)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t n = 0; n < HELP_KEYS_MAX; n++) {
        const enum action actions[] = {first, second};
        for (size_t i = 0; i < IW_COUNTOF(actions); i++) {
            char key[16];
            if (actions[i] == ACT_NONE || !nth_key(about, actions[i], n, key))
                continue;
            int width = utf8_width(out, used) + utf8_width(key, strlen(key)) + (used != 0);
            if (width > HELP_KEY_COLS || used + sizeof(key) + 1 > out_size)
                return;
            used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? " " : "", key);
        }
    }
}

static void
add_action(struct help_page *page, const struct help_state *st, const struct view_class *about,
           enum action action)
{
    struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_KEY_COLS};
    enum action second = ACT_NONE;
    const char *text = action_help(action);
    for (size_t i = 0; i < IW_COUNTOF(PAIRS); i++) {
        if (PAIRS[i].second == action)
            return;
        if (PAIRS[i].first == action) {
            second = PAIRS[i].second;
            text = PAIRS[i].text;
        }
    }
    keys_of(about, action, second, line.keys, sizeof(line.keys));
    snprintf(line.text, sizeof(line.text), "%s", tr(text));
    if (line.keys[0])
        page_add(page, st, &line);
}

static void
add_actions(struct help_page *page, const struct help_state *st, const struct view_class *about,
            bool demo)
{
    static const struct {
        const char *group, *title;
    } groups[] = {{"MOVE", TR_MARK("MOVE (vim, less, arrows)")},
                  {"OPEN", TR_MARK("OPEN")},
                  {"FIND", TR_MARK("FIND")},
                  {"VIEW", TR_MARK("VIEW")},
                  {"LOGS", TR_MARK("LOGS")},
                  {"TOOL", TR_MARK("TOOL")},
                  {"DEMO", TR_MARK("DEMO")}};
    size_t count = IW_COUNTOF(groups) - (demo ? 0 : 1); /* the last one is the demo's */
    for (size_t g = 0; g < count; g++) {
        page_heading(page, st, tr(groups[g].title));
        for (int a = ACT_NONE + 1; a < ACT_COUNT; a++)
            if (strcmp(action_group((enum action)a), groups[g].group) == 0)
                add_action(page, st, about, (enum action)a);
    }
}

static void
add_signs(struct help_page *page, const struct help_state *st)
{
    static const char *const meanings[SIGN_COUNT] = {
        [SIGN_WAITS] = TR_MARK("waits its turn"),
        [SIGN_WORKING] = TR_MARK("at work: pulled, created, runs towards its end"),
        [SIGN_OK] = TR_MARK("done (init) or ready"),
        [SIGN_BACKOFF] = TR_MARK("ended badly, waits for the next attempt"),
        [SIGN_FAILED] = TR_MARK("failed, or cannot be created or pulled"),
        [SIGN_UNREADY] = TR_MARK("runs but is not ready"),
        [SIGN_ENDED] = TR_MARK("ended, not needed any more"),
    };
    static const struct {
        const char *keys, *text;
    } more[] = {{"(✓)", TR_MARK("native sidecar")},
                {"✓ ✓│◌", TR_MARK("in start order; apps start after the bar")},
                {"i1 s1 a1 E1", TR_MARK("init, sidecar, app, debug container")},
                {"█ ▒ ·", TR_MARK("PROGRESS: done, now, to do")}};
    page_heading(page, st, tr("SIGNS (colour is never the only one)"));
    for (int i = 0; i < SIGN_COUNT; i++) {
        struct help_line line = {.role = sign_role((enum container_sign)i),
                                 .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", sign_glyph((enum container_sign)i, 0, false));
        snprintf(line.text, sizeof(line.text), "%s", tr(meanings[i]));
        page_add(page, st, &line);
    }
    for (size_t i = 0; i < IW_COUNTOF(more); i++) {
        struct help_line line = {.role = ROLE_TEXT, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", more[i].keys);
        snprintf(line.text, sizeof(line.text), "%s", tr(more[i].text));
        page_add(page, st, &line);
    }
}

static void
add_commands(struct help_page *page, const struct help_state *st, bool demo)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);
    page_heading(page, st, tr("COMMANDS (: opens, Tab completes)"));
    for (size_t i = 0; i < count; i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_COMMAND_COLS};
        if (!demo && strcmp(commands[i].name, "demo") == 0)
            continue;
        snprintf(line.keys, sizeof(line.keys), ":%s %s", commands[i].name, commands[i].args);
        snprintf(line.text, sizeof(line.text), "%s", tr(commands[i].help));
        page_add(page, st, &line);
    }
}

static void
add_options(struct help_page *page, const struct help_state *st)
{
    page_heading(page, st, tr("OPTIONS (:set NAME=VALUE)"));
    for (size_t i = 0; i < pref_count; i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", pref_table[i].name);
        snprintf(line.text, sizeof(line.text), "%s", tr(pref_table[i].help));
        page_add(page, st, &line);
    }
}

static void
add_outside(struct help_page *page, const struct help_state *st)
{
    static const struct {
        const char *keys, *text;
    } rows[] = {{"get", TR_MARK("pods as a table, JSON, or what kubectl prints")},
                {"why POD", TR_MARK("the same explanation as text")},
                {"logs POD", TR_MARK("logs of a container, of an attempt")},
                {"lint -f", TR_MARK("a manifest before it is applied")},
                {"demo", TR_MARK("a built-in cluster, no server needed")},
                {"help man", TR_MARK("the manual")}};
    page_heading(page, st, tr("WITHOUT THE SCREEN (initwatch ...)"));
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", rows[i].keys);
        snprintf(line.text, sizeof(line.text), "%s", tr(rows[i].text));
        page_add(page, st, &line);
    }
}

static int
column_count(int cols)
{
    return cols >= 126 ? 3 : cols >= 76 ? 2 : 1;
}

/* A heading at the foot of a column moves to the top of the next. */
static void
keep_headings(struct help_page *page, size_t columns)
{
    size_t lines = (page->len + columns - 1) / columns;
    for (size_t at = lines; at > 0 && at < page->len; at += lines) {
        const struct help_line blank = {.heading = true};
        if (!page->items[at - 1].heading || !page->items[at - 1].text[0])
            continue;
        vec_push(page, blank);
        memmove(&page->items[at], &page->items[at - 1], (page->len - at) * sizeof(*page->items));
        page->items[at - 1] = blank;
    }
}

static struct help_page
page_build(const struct help_state *st, const struct view_env *env, int cols)
{
    size_t columns = (size_t)column_count(cols);
    struct help_page page = {.cols = cols / (int)columns - 2};
    const struct view_class *about = view_find(env->container);
    if (!about)
        about = view_registry[0];
    add_actions(&page, st, about, env->demo != NULL);
    add_signs(&page, st);
    add_commands(&page, st, env->demo != NULL);
    add_options(&page, st);
    add_outside(&page, st);
    if (page.len && page.items[page.len - 1].heading)
        page.len--;
    keep_headings(&page, columns);
    return page;
}

/* --- view --- */

static void
help_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct help_state *st = state;
    struct help_page page = page_build(st, env, area.w);
    size_t columns = (size_t)column_count(area.w);
    st->lines = (page.len + columns - 1) / columns;
    st->height = (size_t)IW_MAX(area.h, 1);
    size_t most = st->lines > st->height ? st->lines - st->height : 0;
    st->top = (uint32_t)IW_MIN((size_t)st->top, most);
    vec_free(&page);
}

static void
draw_line(struct surface *s, struct rect cell, const struct help_line *line)
{
    if (line->heading) {
        surface_field(s, cell, cell.x, cell.y, cell.w, false, ROLE_TITLE, line->text);
        return;
    }
    int keys = line->key_cols;
    surface_field(s, cell, cell.x, cell.y, keys, false, line->role, line->keys);
    surface_field(s, cell, cell.x + keys + 1, cell.y, cell.w - keys - 1, false, ROLE_TEXT,
                  line->text);
}

static void
help_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct help_state *st = state;
    struct help_page page = page_build(st, env, area.w);
    int columns = column_count(area.w), width = area.w / columns;
    size_t lines = (page.len + (size_t)columns - 1) / (size_t)columns;
    if (page.len == 0)
        surface_puts(s, area, area.x + 1, area.y, ROLE_DIM,
                     tr("nothing found: Esc shows everything"));
    for (size_t i = 0; i < page.len && lines; i++) {
        size_t column = i / lines, row = i % lines;
        if (row < st->top || row - st->top >= (size_t)IW_MAX(area.h, 0))
            continue;
        struct rect cell = {area.x + 1 + (int)column * width, area.y + (int)(row - st->top),
                            width - 2, 1};
        draw_line(s, rect_intersect(cell, area), &page.items[i]);
    }
    vec_free(&page);
}

static bool
help_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct help_state *st = state;
    (void)env;
    (void)arg;
    (void)out;
    /* Pages scroll: the cursor of a list of window positions is the top line. */
    struct list_cursor c = {st->top, st->top};
    size_t positions = st->lines > st->height ? st->lines - st->height + 1 : 1;
    size_t page = action == ACT_DOWN || action == ACT_UP ? 1 : st->height;
    if (!list_cursor_act(&c, action, positions, page))
        return false;
    st->top = (uint32_t)c.selected;
    return true;
}

static void
help_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct help_state *st = state;
    (void)env;
    (void) final;
    (void)text_filter_set(st->filter, text);
    st->top = 0;
}

static void
help_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct help_state *st = state;
    const struct view_class *about = view_find(env->container);
    size_t last = IW_MIN(st->top + st->height, st->lines),
           first = IW_MIN((size_t)st->top + 1, last);
    char search[96];
    snprintf(search, sizeof(search), "%s   ", tr("type to search"));
    if (text_filter_active(st->filter))
        snprintf(search, sizeof(search), "/%.60s   ", text_filter_text(st->filter));
    snprintf(out, out_size, tr("%skeys of: %s   %zu-%zu of %zu"), search,
             about ? tr(key_context_name(about->context)) : "all", first, last, st->lines);
}

static size_t
help_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct help_state *st = state;
    (void)env;
    *scroll = &st->top;
    return list_unseen(st->lines, (int64_t)st->height);
}

const struct view_class view_help = {
    .name = "help",
    .title = "Help",
    .help = TR_MARK("The keys that work in this view, the signs and the commands."),
    .scope = VIEW_GLOBAL,
    .context = CTX_HELP,
    .searchable = true,
    .state_size = sizeof(struct help_state),
    .init = help_init,
    .fini = help_fini,
    .recalc = help_recalc,
    .draw = help_draw,
    .unseen = help_unseen,
    .act = help_act,
    .filter = help_filter,
    .tab_note = help_tab_note,
};
