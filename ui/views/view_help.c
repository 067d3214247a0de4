/* view_help: the keys that work in the view it was called from, made from the key table; the signs;
 * the commands.
 * '/' searches keys and words. env->container names the view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/ui.h"
#include "initwatch/ui/widget.h"

enum {
    HELP_COMMAND_COLS = 16,
    HELP_COLUMNS = 3,
    HELP_GROUP_ROWS = 20,
    HELP_FULL_COLS = 40,  /* a column has room for sentences */
    HELP_AIRY_LINES = 30, /* the area has room for blank lines */
    HELP_BELOW_LINES = 4  /* fewer lines of what is below the keys are not worth their beginning */
};

struct help_line {
    bool heading, rule, legend, dim;
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
    int height;
    VEC(struct help_spot) spots;
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

/* The part of `rest` that stands in one line, broken at a blank; the next part in *next, NULL when that was all. */
static void
take_line(const char *rest, int room, char *out, size_t out_size, const char **next)
{
    size_t len = strlen(rest), fit = utf8_fit(rest, len, IW_MAX(room, 8), NULL), cut = fit;
    while (fit < len && cut > 0 && rest[cut] != ' ')
        cut--;
    if (cut == 0)
        cut = fit;
    snprintf(out, out_size, "%.*s", (int)cut, rest);
    rest += cut + (rest[cut] == ' ');
    *next = rest[0] ? rest : NULL;
}

/* What is longer than its column goes on in the next line. */
static void
page_add(struct help_page *page, const struct help_state *st, const struct help_line *line)
{
    char haystack[200];
    snprintf(haystack, sizeof(haystack), "%s %s", line->keys, line->text);
    if (!text_filter_match(st->filter, haystack))
        return;
    struct help_line part = *line;
    const char *rest = line->text;
    if (utf8_width(line->keys, strlen(line->keys)) > line->key_cols) {
        part.key_cols = page->cols;
        part.text[0] = '\0';
        vec_push(page, part);
        part.key_cols = line->key_cols;
        part.keys[0] = '\0';
    }
    while (rest) {
        take_line(rest, page->cols - line->key_cols - 1, part.text, sizeof(part.text), &rest);
        vec_push(page, part);
        part.keys[0] = '\0';
    }
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

/* The keys of the view, one row each, for a search and for narrow screens. */
static void
add_keys(struct help_page *page, const struct help_state *st, const struct view_class *about,
         bool demo)
{
    for (size_t g = 0; help_group(about, g); g++) {
        page_heading(page, st, help_group_title(help_group(about, g), true));
        for (size_t i = 0; i < help_row_count; i++) {
            const struct help_row *row = &help_rows[i];
            struct help_line line = {.role = help_row_is_kept(row) ? ROLE_DIM : ROLE_KEY,
                                     .key_cols = HELP_KEY_COLS};
            if (strcmp(row->group, help_group(about, g)) != 0)
                continue;
            help_row_keys(row, about, demo, line.keys, sizeof(line.keys));
            snprintf(line.text, sizeof(line.text), "%s", help_row_text(row, true));
            if (line.keys[0])
                page_add(page, st, &line);
        }
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
add_commands(struct help_page *page, const struct help_state *st, bool demo, bool replay)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);
    page_heading(page, st, tr("COMMANDS (: opens, Tab completes)"));
    for (size_t i = 0; i < count; i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_COMMAND_COLS};
        if ((!demo && strcmp(commands[i].name, "demo") == 0) ||
            (!replay && strcmp(commands[i].name, "replay") == 0))
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

/* A heading at the foot of a column moves to the top of the next. Columns of one line would move it for ever. */
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

/* --- the page --- */

static void
place(struct help_page *page, int x, int y, int w, const struct help_line *line)
{
    struct help_spot spot = {.x = x, .y = y, .w = w, .line = *line};
    vec_push(&page->spots, spot);
    page->height = IW_MAX(page->height, y + 1);
}

/* The lines so far, in columns below what was placed already. */
static void
place_flow(struct help_page *page, int cols)
{
    if (page->len && page->items[page->len - 1].heading)
        page->len--;
    /* A heading needs a line below it: two lines at least in each column. */
    size_t columns = IW_MIN((size_t)column_count(cols), IW_MAX((page->len + 1) / 2, (size_t)1));
    keep_headings(page, columns);
    int width = cols / (int)columns, from = page->height;
    size_t lines = (page->len + columns - 1) / columns;
    for (size_t i = 0; i < page->len; i++)
        place(page, 1 + (int)(i / lines) * width, from + (int)(i % lines), width - 2,
              &page->items[i]);
    page->len = 0;
}

/* One group of keys from y on; returns the line below it. */
static int
place_group(struct help_page *page, const struct view_class *about, bool demo, const char *group,
            struct rect column)
{
    bool full = column.w >= HELP_FULL_COLS;
    struct help_line lines[HELP_GROUP_ROWS];
    const struct help_row *rows[HELP_GROUP_ROWS];
    size_t count = 0;
    int keys = 0, y = column.y;
    for (size_t i = 0; i < help_row_count && count < HELP_GROUP_ROWS; i++) {
        const struct help_row *row = &help_rows[i];
        struct help_line line = {.role = help_row_is_kept(row) ? ROLE_DIM : ROLE_KEY};
        if (strcmp(row->group, group) != 0)
            continue;
        help_row_keys(row, about, demo, line.keys, sizeof(line.keys));
        line.dim = help_row_is_kept(row);
        rows[count] = row;
        if (line.keys[0])
            lines[count++] = line;
        keys = IW_MAX(keys, utf8_width(line.keys, strlen(line.keys)));
    }
    if (count == 0)
        return y;
    struct help_line heading = {.heading = true};
    snprintf(heading.text, sizeof(heading.text), "%s", help_group_title(group, full));
    place(page, column.x, y++, column.w, &heading);
    for (size_t i = 0; i < count; i++) {
        const char *rest = help_row_text(rows[i], full);
        for (lines[i].key_cols = keys; rest; lines[i].keys[0] = '\0') {
            take_line(rest, column.w - keys - 1, lines[i].text, sizeof(lines[i].text), &rest);
            place(page, column.x, y++, column.w, &lines[i]);
        }
    }
    return y;
}

/* Three columns, filled in turns as long as they are about as high; group heads stand in one line where they nearly do. */
static void
place_keys(struct help_page *page, const struct view_class *about, bool demo, struct rect area)
{
    int high[HELP_COLUMNS] = {0}, width = (area.w - 2) / HELP_COLUMNS;
    for (size_t g = 0; help_group(about, g); g++) {
        size_t at = g % HELP_COLUMNS, least = 0;
        int most = 0;
        for (size_t i = 0; i < HELP_COLUMNS; i++) {
            least = high[i] < high[least] ? i : least;
            most = IW_MAX(most, high[i]);
        }
        if (high[at] > high[least] + 2)
            at = least;
        if (most - high[at] == 1)
            high[at] = most;
        if (area.h >= HELP_AIRY_LINES && high[at])
            high[at]++;
        struct rect column = {1 + (int)at * width, high[at], width - 1, 0};
        high[at] = place_group(page, about, demo, help_group(about, g), column);
    }
}

static void
place_legend(struct help_page *page, const struct view_class *about, int cols)
{
    static const char *const lines[] = {
        TR_MARK("✓ done/ready  ⠹ working  ◌ waits  ↻ back-off  ✗ failed  ◒ runs, not ready"),
        TR_MARK("(x) native sidecar   │ apps start after this   left to right = start order"),
        TR_MARK("i1 init 1  s1 sidecar 1  a1 app 1  E1 debug container   IW-xxx rule number")};
    struct help_line rule = {.rule = true};
    snprintf(rule.text, sizeof(rule.text), "%s",
             about->context == CTX_PODS ? tr("what the row means") : tr("what the signs mean"));
    place(page, 0, page->height, cols, &rule);
    for (size_t i = 0; i < IW_COUNTOF(lines); i++) {
        struct help_line line = {.legend = true};
        snprintf(line.text, sizeof(line.text), "%s", tr(lines[i]));
        place(page, 1, page->height, cols - 2, &line);
    }
}

static struct help_page
page_build(const struct help_state *st, const struct view_env *env, struct rect area)
{
    struct help_page page = {.cols = area.w / column_count(area.w) - 2};
    const struct view_class *about = view_find(env->container);
    bool demo = env->demo != NULL;
    if (!about)
        about = view_registry[0];
    if (text_filter_active(st->filter) || column_count(area.w) == 1) {
        add_keys(&page, st, about, demo);
        add_signs(&page, st);
    } else {
        place_keys(&page, about, demo, area);
        place_legend(&page, about, area.w);
        /* what is beyond the first screen begins there */
        if (page.height < area.h && page.height + HELP_BELOW_LINES > area.h)
            page.height = area.h;
        page.height += page.height < area.h;
    }
    add_commands(&page, st, demo, env->replay != NULL);
    add_options(&page, st);
    add_outside(&page, st);
    place_flow(&page, area.w);
    return page;
}

static void
page_free(struct help_page *page)
{
    vec_free(&page->spots);
    free(page->items);
}

/* --- view --- */

static void
help_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct help_state *st = state;
    struct help_page page = page_build(st, env, area);
    st->lines = (size_t)page.height;
    st->height = (size_t)IW_MAX(area.h, 1);
    size_t most = st->lines > st->height ? st->lines - st->height : 0;
    st->top = (uint32_t)IW_MIN((size_t)st->top, most);
    page_free(&page);
}

/* The signs in their own colours. */
static void
draw_legend(struct surface *s, struct rect cell, const char *text)
{
    surface_puts(s, cell, cell.x, cell.y, ROLE_TEXT, text);
    for (int x = cell.x; x < cell.x + cell.w; x++) {
        const struct cell *c = surface_at(s, x, cell.y);
        for (int i = 0; c && i < SIGN_COUNT; i++) {
            size_t taken;
            const char *glyph = sign_glyph((enum container_sign)i, 0, false);
            if (c->ch == utf8_next(glyph, strlen(glyph), &taken) && c->ch > 0x7F)
                surface_restyle(s, (struct rect){x, cell.y, 1, 1},
                                sign_role((enum container_sign)i));
        }
    }
}

static void
draw_line(struct surface *s, struct rect cell, const struct help_line *line)
{
    if (line->rule) {
        surface_rule(s, cell, cell.y, ROLE_RULE, line->text, ROLE_TITLE);
        return;
    }
    if (line->legend) {
        draw_legend(s, cell, line->text);
        return;
    }
    if (line->heading) {
        surface_field(s, cell, cell.x, cell.y, cell.w, false, ROLE_TITLE, line->text);
        return;
    }
    int keys = line->key_cols;
    surface_field(s, cell, cell.x, cell.y, keys, false, line->role, line->keys);
    surface_field(s, cell, cell.x + keys + 1, cell.y, cell.w - keys - 1, false,
                  line->dim ? ROLE_DIM : ROLE_TEXT, line->text);
}

static void
help_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct help_state *st = state;
    struct help_page page = page_build(st, env, area);
    if (page.spots.len == 0)
        surface_puts(s, area, area.x + 1, area.y, ROLE_DIM,
                     tr("nothing found: Esc shows everything"));
    for (size_t i = 0; i < page.spots.len; i++) {
        const struct help_spot *spot = &page.spots.items[i];
        int y = spot->y - (int)st->top;
        if (y < 0 || y >= area.h)
            continue;
        struct rect cell = {area.x + spot->x, area.y + y, spot->w, 1};
        draw_line(s, rect_intersect(cell, area), &spot->line);
    }
    page_free(&page);
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
