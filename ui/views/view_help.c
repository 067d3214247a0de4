/* view_help: the keys that work in the view it was called from, made from the key table; the signs;
 * the commands.
 * '/' searches keys and words. env->container names the view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/ui.h"
#include "initwatch/ui/widget.h"

struct help_state {
    struct text_filter *filter;
    uint32_t top;
    size_t lines, height, cursor; /* cursor: the chosen entry */
    VEC(struct help_entry) entries;
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
    vec_free(&st->entries);
}

/* --- view --- */

static void
help_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct help_state *st = state;
    struct help_page page = help_page_build(st->filter, env, area);
    st->lines = (size_t)page.height;
    st->height = (size_t)IW_MAX(area.h, 1);
    size_t most = st->lines > st->height ? st->lines - st->height : 0;
    st->top = (uint32_t)IW_MIN((size_t)st->top, most);
    vec_clear(&st->entries);
    for (size_t i = 0; i < page.entries.len; i++)
        vec_push(&st->entries, page.entries.items[i]);
    st->cursor = IW_MIN(st->cursor, st->entries.len ? st->entries.len - 1 : 0);
    help_page_free(&page);
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
    struct help_page page = help_page_build(st->filter, env, area);
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
        if (spot->line.entry == (int)st->cursor + 1)
            surface_flag(s, rect_intersect(cell, area), CELL_SELECTED);
    }
    help_page_free(&page);
}

/* --- keys --- */

static size_t
most_top(const struct help_state *st)
{
    return st->lines > st->height ? st->lines - st->height : 0;
}

/* The page scrolls so that the chosen entry is in sight; above the first one is its heading. */
static void
reveal(struct help_state *st)
{
    if (st->entries.len == 0)
        return;
    size_t y = (size_t)IW_MAX(st->entries.items[st->cursor].y, 0);
    if (st->cursor == 0)
        st->top = 0;
    else if (y < st->top)
        st->top = (uint32_t)y;
    else if (y >= st->top + st->height)
        st->top = (uint32_t)(y - st->height + 1);
}

/* To the column beside it, where the line is nearest. */
static void
go_sideways(struct help_state *st, bool right)
{
    const struct help_entry *now = &st->entries.items[st->cursor];
    size_t best = st->cursor;
    int least = INT_MAX;
    for (size_t i = 0; i < st->entries.len; i++) {
        const struct help_entry *e = &st->entries.items[i];
        int dx = right ? e->x - now->x : now->x - e->x, dy = abs(e->y - now->y);
        if (dx > 0 && dx * 1000 + dy < least) {
            least = dx * 1000 + dy;
            best = i;
        }
    }
    st->cursor = best;
}

static void
go_group(struct help_state *st, bool forward)
{
    int group = st->entries.items[st->cursor].group;
    size_t at = st->cursor, n = st->entries.len;
    while (st->entries.items[at].group == group && (forward ? at + 1 < n : at > 0))
        at += forward ? 1 : (size_t)-1;
    while (at > 0 && st->entries.items[at - 1].group == st->entries.items[at].group)
        at--;
    st->cursor = at;
}

/* Pages scroll, and the first entry in sight is chosen. */
static bool
go_page(struct help_state *st, enum action action)
{
    struct list_cursor c = {st->top, st->top};
    if (!list_cursor_act(&c, action, most_top(st) + 1, st->height))
        return false;
    st->top = (uint32_t)c.selected;
    for (size_t i = 0; i < st->entries.len; i++) {
        int y = st->entries.items[i].y;
        if (y >= (int)st->top && y < (int)(st->top + st->height)) {
            st->cursor = i;
            break;
        }
    }
    return true;
}

static bool
help_move(struct help_state *st, enum action action)
{
    size_t n = st->entries.len;
    if (n == 0)
        return false;
    if (action == ACT_DOWN && st->cursor + 1 < n)
        st->cursor++;
    else if (action == ACT_UP && st->cursor > 0)
        st->cursor--;
    else if (action == ACT_DOWN && st->top < most_top(st)) {
        st->top++; /* what has no entries is at the end */
        return true;
    } else if (action == ACT_TOP)
        st->cursor = 0;
    else if (action == ACT_LEFT || action == ACT_RIGHT)
        go_sideways(st, action == ACT_RIGHT);
    else if (action == ACT_NEXT_SECTION || action == ACT_PREV_SECTION)
        go_group(st, action == ACT_NEXT_SECTION);
    else
        return false;
    reveal(st);
    return true;
}

static bool
help_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct help_state *st = state;
    (void)env;
    (void)arg;
    if (action == ACT_OPEN && st->entries.len) {
        const struct help_entry *e = &st->entries.items[st->cursor];
        out->kind = INTENT_RUN;
        out->key = e->key;
        (void)snprintf(out->text, sizeof(out->text), "%s", e->typed);
        return true;
    }
    if (help_move(st, action))
        return true;
    if (action == ACT_BOTTOM && st->entries.len) {
        st->top = (uint32_t)most_top(st);
        st->cursor = st->entries.len - 1;
        return true;
    }
    return go_page(st, action);
}

static void
help_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct help_state *st = state;
    (void)env;
    (void) final;
    (void)text_filter_set(st->filter, text);
    st->top = 0;
    st->cursor = 0;
}

/* "7 keys, 3 commands, 4 options". */
static void
tally_text(const struct help_state *st, char *out, size_t out_size)
{
    size_t count[HELP_KIND_COUNT] = {0}, used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < st->entries.len; i++)
        count[st->entries.items[i].kind]++;
    for (int k = 0; k < HELP_KIND_COUNT; k++) {
        size_t n = count[k];
        char part[48];
        if (n == 0)
            continue;
        if (k == HELP_KEYS)
            (void)snprintf(part, sizeof(part), n == 1 ? tr("%zu key") : tr("%zu keys"), n);
        else if (k == HELP_COMMANDS)
            (void)snprintf(part, sizeof(part), n == 1 ? tr("%zu command") : tr("%zu commands"), n);
        else
            (void)snprintf(part, sizeof(part), n == 1 ? tr("%zu option") : tr("%zu options"), n);
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? ", " : "", part);
    }
    if (!used)
        (void)snprintf(out, out_size, "%s", tr("no key, command or option"));
}

static void
help_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct help_state *st = state;
    (void)env;
    size_t last = IW_MIN(st->top + st->height, st->lines),
           first = IW_MIN((size_t)st->top + 1, last);
    char search[200], tally[160];
    snprintf(search, sizeof(search), "%s   ", tr("type to search"));
    if (text_filter_active(st->filter)) {
        tally_text(st, tally, sizeof(tally));
        snprintf(search, sizeof(search), "/%.30s: %.120s   ", text_filter_text(st->filter), tally);
    }
    snprintf(out, out_size, tr("%s%zu-%zu of %zu"), search, first, last, st->lines);
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
