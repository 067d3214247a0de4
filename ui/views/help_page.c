/* help_page: what stands in the help and where: keys by group in columns, signs, commands, options.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/ui.h"

enum {
    HELP_COMMAND_COLS = 16,
    HELP_COLUMNS = 3,
    HELP_GROUP_ROWS = 20,
    HELP_FULL_COLS = 40,  /* a column has room for sentences */
    HELP_AIRY_LINES = 30, /* the area has room for blank lines */
    HELP_BELOW_LINES = 4  /* fewer lines of what is below the keys are not worth their beginning */
};

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

static int
entry_add(struct help_page *page, enum help_kind kind, uint32_t key, const char *typed)
{
    struct help_entry entry = {.kind = kind, .y = -1, .key = key};
    (void)snprintf(entry.typed, sizeof(entry.typed), "%s", typed);
    vec_push(&page->entries, entry);
    return (int)page->entries.len;
}

static bool
is_found(const struct text_filter *filter, const struct help_line *line)
{
    char haystack[200];
    snprintf(haystack, sizeof(haystack), "%s %s", line->keys, line->text);
    return text_filter_match(filter, haystack);
}

/* What is longer than its column goes on in the next line. */
static void
page_add(struct help_page *page, const struct help_line *line)
{
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
page_heading(struct help_page *page, const struct text_filter *filter, const char *title)
{
    struct help_line line = {.heading = true};
    /* A heading that nothing followed, because the search hides it, is replaced by the next. */
    if (page->len && page->items[page->len - 1].heading)
        page->len--;
    else if (page->len && !text_filter_active(filter)) {
        const struct help_line blank = {.heading = true};
        vec_push(page, blank);
    }
    snprintf(line.text, sizeof(line.text), "%s", title);
    vec_push(page, line);
}

static void
add_row(struct help_page *page, const struct text_filter *filter, const struct help_row *row,
        const struct view_class *about, bool demo)
{
    struct help_line line = {.role = help_row_writes(row) && !page->write ? ROLE_DIM : ROLE_KEY,
                             .key_cols = HELP_KEY_COLS};
    help_row_keys(row, about, demo, line.keys, sizeof(line.keys));
    help_row_text(row, about, true, line.text, sizeof(line.text));
    if (!line.keys[0] || !is_found(filter, &line))
        return;
    line.entry = entry_add(page, HELP_KEYS, help_row_key(row, about), "");
    page_add(page, &line);
}

/* The keys of the view, one row each, for narrow screens; for a search each action by itself, as one of them is meant. */
static void
add_keys(struct help_page *page, const struct text_filter *filter, const struct view_class *about,
         bool demo)
{
    for (size_t g = 0; help_group(about, g); g++) {
        page_heading(page, filter, help_group_title(help_group(about, g), true));
        for (size_t i = 0; i < help_row_count; i++) {
            const struct help_row *row = &help_rows[i];
            if (strcmp(row->group, help_group(about, g)) != 0)
                continue;
            bool apart =
                text_filter_active(filter) && !row->literal && row->acts[0].action != ACT_WRITING;
            for (size_t a = 0; apart && a < HELP_ACTS && row->acts[a].action != ACT_NONE; a++) {
                const struct help_row one = {row->group, row->brief, NULL, NULL, {row->acts[a]}};
                add_row(page, filter, &one, about, demo);
            }
            if (!apart)
                add_row(page, filter, row, about, demo);
        }
    }
}

static void
add_signs(struct help_page *page, const struct text_filter *filter)
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
    page_heading(page, filter, tr("SIGNS (colour is never the only one)"));
    for (int i = 0; i < SIGN_COUNT; i++) {
        struct help_line line = {.role = sign_role((enum container_sign)i),
                                 .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", sign_glyph((enum container_sign)i, 0, false));
        snprintf(line.text, sizeof(line.text), "%s", tr(meanings[i]));
        if (is_found(filter, &line))
            page_add(page, &line);
    }
    for (size_t i = 0; i < IW_COUNTOF(more); i++) {
        struct help_line line = {.role = ROLE_TEXT, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", more[i].keys);
        snprintf(line.text, sizeof(line.text), "%s", tr(more[i].text));
        if (is_found(filter, &line))
            page_add(page, &line);
    }
}

static void
add_commands(struct help_page *page, const struct text_filter *filter, bool demo, bool replay)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);
    page_heading(page, filter, tr("COMMANDS (: opens, Tab completes)"));
    for (size_t i = 0; i < count; i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_COMMAND_COLS};
        char typed[40];
        if ((!demo && strcmp(commands[i].name, "demo") == 0) ||
            (!replay && strcmp(commands[i].name, "replay") == 0))
            continue;
        snprintf(line.keys, sizeof(line.keys), ":%s %s", commands[i].name, commands[i].args);
        snprintf(line.text, sizeof(line.text), "%s", tr(commands[i].help));
        if (!is_found(filter, &line))
            continue;
        snprintf(typed, sizeof(typed), ":%.30s%s", commands[i].name,
                 commands[i].args[0] ? " " : "");
        line.entry = entry_add(page, HELP_COMMANDS, KEY_NONE, typed);
        page_add(page, &line);
    }
}

static void
add_options(struct help_page *page, const struct text_filter *filter)
{
    page_heading(page, filter, tr("OPTIONS (:set NAME=VALUE)"));
    for (size_t i = 0; i < pref_count; i++) {
        char typed[40];
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", pref_table[i].name);
        snprintf(line.text, sizeof(line.text), "%s", tr(pref_table[i].help));
        if (!is_found(filter, &line))
            continue;
        snprintf(typed, sizeof(typed), ":set %.28s=", pref_table[i].name);
        line.entry = entry_add(page, HELP_OPTIONS, KEY_NONE, typed);
        page_add(page, &line);
    }
}

static void
add_outside(struct help_page *page, const struct text_filter *filter)
{
    static const struct {
        const char *keys, *text;
    } rows[] = {{"get", TR_MARK("pods as a table, JSON, or what kubectl prints")},
                {"why POD", TR_MARK("the same explanation as text")},
                {"logs POD", TR_MARK("logs of a container, of an attempt")},
                {"lint -f", TR_MARK("a manifest before it is applied")},
                {"demo", TR_MARK("a built-in cluster, no server needed")},
                {"help man", TR_MARK("the manual")}};
    page_heading(page, filter, tr("WITHOUT THE SCREEN (initwatch ...)"));
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct help_line line = {.role = ROLE_KEY, .key_cols = HELP_KEY_COLS};
        snprintf(line.keys, sizeof(line.keys), "%s", rows[i].keys);
        snprintf(line.text, sizeof(line.text), "%s", tr(rows[i].text));
        if (is_found(filter, &line))
            page_add(page, &line);
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
    struct help_entry *entry = line->entry ? &page->entries.items[line->entry - 1] : NULL;
    page->groups += line->heading && line->text[0];
    if (entry && entry->y < 0) {
        entry->x = x;
        entry->y = y;
        entry->group = page->groups;
    }
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
        struct help_line line = {.role =
                                     help_row_writes(row) && !page->write ? ROLE_DIM : ROLE_KEY};
        if (strcmp(row->group, group) != 0)
            continue;
        help_row_keys(row, about, demo, line.keys, sizeof(line.keys));
        line.dim = help_row_writes(row) && !page->write;
        if (!line.keys[0])
            continue;
        line.entry = entry_add(page, HELP_KEYS, help_row_key(row, about), "");
        rows[count] = row;
        lines[count++] = line;
        keys = IW_MAX(keys, utf8_width(line.keys, strlen(line.keys)));
    }
    if (count == 0)
        return y;
    struct help_line heading = {.heading = true};
    snprintf(heading.text, sizeof(heading.text), "%s", help_group_title(group, full));
    place(page, column.x, y++, column.w, &heading);
    for (size_t i = 0; i < count; i++) {
        char text[128];
        const char *rest = help_row_text(rows[i], about, full, text, sizeof(text));
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

struct help_page
help_page_build(const struct text_filter *filter, const struct view_env *env, struct rect area)
{
    struct help_page page = {.cols = area.w / column_count(area.w) - 2, .write = env->prefs->write};
    const struct view_class *about = view_find(env->container);
    bool demo = env->demo != NULL;
    if (!about)
        about = view_registry[0];
    if (text_filter_active(filter) || column_count(area.w) == 1) {
        add_keys(&page, filter, about, demo);
        add_signs(&page, filter);
    } else {
        place_keys(&page, about, demo, area);
        place_legend(&page, about, area.w);
        /* what is beyond the first screen begins there */
        if (page.height < area.h && page.height + HELP_BELOW_LINES > area.h)
            page.height = area.h;
        page.height += page.height < area.h;
    }
    add_commands(&page, filter, demo, env->replay != NULL);
    add_options(&page, filter);
    add_outside(&page, filter);
    place_flow(&page, area.w);
    return page;
}

void
help_page_free(struct help_page *page)
{
    vec_free(&page->spots);
    vec_free(&page->entries);
    free(page->items);
}
