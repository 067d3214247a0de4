/* yaml_page: an object as the server has it. Blocks fold, text is searched, what is managed by
 * machines is hidden until asked for.
 *
 * Folds and the cursor are kept by the path of keys, so that they stay where they are when the
 * object changes under them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/widget.h"
#include "yaml_page.h"

enum { YAML_FOLD_COLS = 2, YAML_TAG_COLS = 3, YAML_SCROLL_STEP = 8 };
/* A page so low keeps its lines for the object. */
enum { YAML_PLACE_LINES = 6 };

void
yaml_page_init(void *state)
{
    struct yaml_state *st = state;
    st->find = text_filter_new();
    strbuf_init(&st->copied, 0);
}

void
yaml_page_fini(void *state)
{
    struct yaml_state *st = state;
    vec_free(&st->ids);
    vec_free(&st->folded);
    vec_free(&st->shown);
    vec_free(&st->spans);
    vec_free(&st->hits);
    strbuf_free(&st->copied);
    text_filter_free(st->find);
}

/* --- the document --- */

/* What is wanted: the view's own object, else the pod. False when the raw object is another one. */
static bool
is_mine(const struct view_env *env)
{
    const struct kobject_ref *ref = &env->raw->ref;
    if (env->object->name[0])
        return ref->kind == env->object->kind && strcmp(ref->ns, env->object->ns) == 0 &&
               strcmp(ref->name, env->object->name) == 0;
    const struct pod *pod = store_get(env->store, env->pod);
    return pod && ref->kind == KOBJECT_POD && strcmp(ref->ns, pod->ns) == 0 &&
           strcmp(ref->name, pod->name) == 0;
}

static const struct yaml_text *
document(const struct view_env *env)
{
    return is_mine(env) ? env->raw->yaml : NULL;
}

static uint64_t
hash_more(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

/* A line's id is the hash of its parent's id and its key, or its place among its siblings. */
static void
make_ids(struct yaml_state *st, const struct yaml_text *y)
{
    struct {
        uint64_t id;
        uint32_t end, children;
    } stack[512] = {{UINT64_C(1469598103934665603), UINT32_MAX, 0}};
    size_t depth = 1;
    vec_clear(&st->ids);
    for (uint32_t i = 0; i < y->count; i++) {
        const struct yaml_line *line = &y->lines[i];
        while (depth > 1 && i >= stack[depth - 1].end)
            depth--;
        uint32_t place = stack[depth - 1].children++;
        uint64_t id = stack[depth - 1].id;
        id = hash_more(id, y->text + line->at + line->key_at, line->key_len);
        /* Items of lists begin with their first key: the place tells them apart. */
        if (line->key_len == 0 || line->key_at > 0)
            id = hash_more(id, &place, sizeof(place));
        vec_push(&st->ids, id);
        if (line->end > i + 1 && depth < IW_COUNTOF(stack)) {
            stack[depth].id = id;
            stack[depth].end = line->end;
            stack[depth++].children = 0;
        }
    }
}

static bool
is_folded(const struct yaml_state *st, uint64_t id)
{
    for (size_t i = 0; i < st->folded.len; i++) {
        if (st->folded.items[i] == id)
            return true;
    }
    return false;
}

static void
set_folded(struct yaml_state *st, uint64_t id, bool folded)
{
    for (size_t i = 0; i < st->folded.len; i++) {
        if (st->folded.items[i] != id)
            continue;
        if (!folded)
            vec_remove(&st->folded, i);
        return;
    }
    if (folded)
        vec_push(&st->folded, id);
}

static int
gutter_of(const struct yaml_state *st)
{
    return YAML_FOLD_COLS + (st->spans.len ? YAML_TAG_COLS : 0);
}

/* Where the parts of a wrapped line stand: below its value. */
static int
wrap_indent(const struct yaml_state *st, const struct yaml_line *line)
{
    return IW_MIN((int)line->key_at + YAML_FOLD_COLS, st->width / 2);
}

/* The rows of one line: one, or as many as its text needs. */
static void
push_rows(struct yaml_state *st, const struct yaml_text *y, uint32_t number)
{
    const struct yaml_line *line = &y->lines[number];
    struct yaml_row row = {.line = number, .to = line->len};
    int room = st->width, indent = wrap_indent(st, line);
    while (st->wrap && room > indent) {
        size_t fits = utf8_fit(y->text + line->at + row.from, line->len - row.from, room, NULL);
        if (fits == 0 || row.from + fits >= line->len)
            break;
        row.to = row.from + (uint32_t)fits;
        vec_push(&st->shown, row);
        row = (struct yaml_row){.line = number, .from = row.to, .to = line->len};
        room = st->width - indent;
    }
    vec_push(&st->shown, row);
}

/* Which lines are on the page; the cursor stays on its line, or what that is folded into. */
static void
make_page(struct yaml_state *st, const struct yaml_text *y)
{
    vec_clear(&st->shown);
    bool any_folded = st->folded.len > 0;
    size_t cursor = SIZE_MAX;
    for (uint32_t i = 0; i < y->count;) {
        const struct yaml_line *line = &y->lines[i];
        uint64_t id = st->ids.items[i];
        if (!st->managed && (line->flags & YAML_MANAGED)) {
            i = line->end > i ? line->end : i + 1;
            continue;
        }
        if (id == st->cursor_id && cursor == SIZE_MAX)
            cursor = st->shown.len;
        push_rows(st, y, i);
        bool skip = any_folded && line->end > i + 1 && is_folded(st, id);
        i = skip ? line->end : i + 1;
    }
    if (cursor != SIZE_MAX)
        st->cursor.selected = cursor;
    st->page_old = false;
}

static uint32_t
current_line(const struct yaml_state *st)
{
    return st->shown.items[st->cursor.selected].line;
}

static bool
has_place(const struct rect *area)
{
    return area->h >= YAML_PLACE_LINES;
}

void
yaml_page_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct yaml_state *st = state;
    const struct yaml_text *y = document(env);
    st->height = area.h - (env->raw->state == RAW_FAILED ? 1 : 0) - (has_place(&area) ? 1 : 0);
    if (!y) {
        vec_clear(&st->shown);
        st->generation = 0;
        return;
    }
    if (st->generation != env->raw->generation) {
        st->generation = env->raw->generation;
        make_ids(st, y);
        yaml_tag_containers(st, y);
        yaml_find_hits(st, y);
        st->page_old = true;
    }
    if (st->width != area.w - gutter_of(st)) {
        st->width = area.w - gutter_of(st);
        st->page_old = st->page_old || st->wrap;
    }
    if (st->page_old)
        make_page(st, y);
    list_cursor_fix(&st->cursor, st->shown.len, (size_t)IW_MAX(st->height, 1));
    if (st->shown.len)
        st->cursor_id = st->ids.items[current_line(st)];
}

/* --- drawing --- */

static enum role
value_role(const struct yaml_line *line)
{
    if (line->flags & (YAML_HIDDEN | YAML_MANAGED))
        return ROLE_DIM;
    return line->flags & YAML_BLOCK ? ROLE_OK : ROLE_TEXT;
}

/* The bytes from..to of a line that lie in the row; returns the cells. */
static int
put_part(const struct yaml_text *y, const struct yaml_row *r, size_t from, size_t to,
         struct surface *s, struct rect body, int x, enum role role)
{
    from = IW_MAX(from, (size_t)r->from);
    to = IW_MIN(to, (size_t)r->to);
    return from < to ? surface_text(s, body, x, body.y, role, y->text + y->lines[r->line].at + from,
                                    to - from)
                     : 0;
}

/* The sign of a fold, and whose block this is where it begins or where the page does. */
static void
draw_gutter(const struct yaml_state *st, const struct yaml_text *y, const struct yaml_row *r,
            bool first, struct surface *s, struct rect row)
{
    const struct yaml_span *span = yaml_span_at(st, r->line);
    bool begins = span && span->line == r->line && r->from == 0;
    if (span && (begins || first))
        surface_puts(s, row, row.x, row.y, begins ? ROLE_KEY : ROLE_DIM, span->tag);
    if (r->from == 0 && y->lines[r->line].end > r->line + 1)
        surface_puts(s, row, row.x + gutter_of(st) - YAML_FOLD_COLS, row.y, ROLE_DIM,
                     is_folded(st, st->ids.items[r->line]) ? "▸" : "▾");
}

static void
draw_row(const struct yaml_state *st, const struct yaml_text *y, const struct yaml_row *r,
         struct surface *s, struct rect row)
{
    const struct yaml_line *line = &y->lines[r->line];
    struct rect body = {row.x + gutter_of(st), row.y, row.w - gutter_of(st), 1};
    int start = body.x - (st->wrap ? 0 : st->left) + (r->from ? wrap_indent(st, line) : 0),
        x = start;
    size_t key_end = line->key_len ? line->key_at + line->key_len : line->key_at;
    x += put_part(y, r, 0, line->key_at, s, body, x, ROLE_TEXT);
    x += put_part(y, r, line->key_at, key_end, s, body, x, ROLE_MARK);
    x += put_part(y, r, key_end, line->len, s, body, x, value_role(line));
    text_filter_mark(st->find, y->text + line->at + r->from, r->to - r->from, s, body, start);
    if (line->end > r->line + 1 && is_folded(st, st->ids.items[r->line]))
        surface_printf(s, body, x + 1, row.y, ROLE_DIM, "… +%u", line->end - r->line - 1);
    else if (x > body.x + body.w)
        surface_puts(s, body, body.x + body.w - 1, row.y, ROLE_DIM, "…");
}

/* What keeps the object from the screen. */
static void
draw_nothing(const struct view_env *env, struct surface *s, struct rect area)
{
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    bool failed = is_mine(env) && env->raw->state == RAW_FAILED;
    bool known = env->object->name[0] || store_get(env->store, env->pod);
    const char *what = !known   ? tr("This pod is not there any more.")
                       : failed ? tr("The object cannot be read.")
                                : tr("Reading the object…");
    if (text.h <= 0 || text.w <= 0)
        return;
    surface_puts(s, text, text.x, text.y, failed || !known ? ROLE_TITLE : ROLE_WORKING, what);
    if (failed)
        widget_wrap(s, text, text.x, text.y + 1, text.w, text.h - 1, ROLE_DIM, env->raw->sentence);
}

void
yaml_page_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct yaml_state *st = state;
    const struct yaml_text *y = document(env);
    if (!y) {
        draw_nothing(env, s, area);
        return;
    }
    if (env->raw->state == RAW_FAILED && area.h > 0) {
        surface_printf(s, area, area.x + 1, area.y, ROLE_WARN, "⚠ %s", env->raw->sentence);
        area.y++;
        area.h--;
    }
    if (has_place(&area) && st->shown.len) {
        yaml_draw_place(st, y, current_line(st), s, (struct rect){area.x, area.y, area.w, 1});
        area.y++;
        area.h--;
    }
    for (int i = 0; i < area.h; i++) {
        size_t at = st->cursor.top + (size_t)i;
        if (at >= st->shown.len)
            break;
        struct rect row = {area.x, area.y + i, area.w, 1};
        draw_gutter(st, y, &st->shown.items[at], i == 0, s, row);
        draw_row(st, y, &st->shown.items[at], s, row);
        if (at == st->cursor.selected)
            surface_flag(s, row, CELL_SELECTED);
    }
}

/* --- keys --- */

static void
go_to(struct yaml_state *st, size_t row)
{
    st->cursor.selected = row;
    list_cursor_fix(&st->cursor, st->shown.len, (size_t)IW_MAX(st->height, 1));
    st->cursor_id = st->ids.items[current_line(st)];
}

/* The line that the current one is folded into: the last before it whose block holds it. */
static void
go_to_parent(struct yaml_state *st, const struct yaml_text *y)
{
    uint32_t line = current_line(st);
    for (size_t row = st->cursor.selected; row-- > 0;) {
        if (y->lines[st->shown.items[row].line].end > line) {
            go_to(st, row);
            return;
        }
    }
}

/* False when nothing is below the line. */
static bool
fold(struct yaml_state *st, const struct yaml_text *y, bool folded)
{
    uint32_t line = current_line(st);
    if (y->lines[line].end <= line + 1)
        return false;
    set_folded(st, st->ids.items[line], folded);
    make_page(st, y);
    return true;
}

static void
go_left(struct yaml_state *st, const struct yaml_text *y)
{
    uint32_t line = current_line(st);
    bool open = y->lines[line].end > line + 1 && !is_folded(st, st->ids.items[line]);
    if (st->left > 0 && !st->wrap)
        st->left -= IW_MIN(st->left, YAML_SCROLL_STEP);
    else if (open)
        (void)fold(st, y, true);
    else
        go_to_parent(st, y);
}

static void
go_right(struct yaml_state *st, const struct yaml_text *y)
{
    if (is_folded(st, st->ids.items[current_line(st)]))
        (void)fold(st, y, false);
    else if (!st->wrap)
        st->left += YAML_SCROLL_STEP;
}

/* All blocks below the first level, or none. */
static void
fold_all(struct yaml_state *st, const struct yaml_text *y)
{
    bool any = st->folded.len > 0;
    vec_clear(&st->folded);
    for (uint32_t i = 0; i < y->count && !any; i++) {
        if (y->lines[i].end > i + 1)
            vec_push(&st->folded, st->ids.items[i]);
        /* One level is enough: what lies inside is hidden with it. */
        if (y->lines[i].end > i + 1)
            i = y->lines[i].end - 1;
    }
    make_page(st, y);
    list_cursor_fix(&st->cursor, st->shown.len, (size_t)IW_MAX(st->height, 1));
}

/* What is found far away stands with what is around it. */
static void
show_around(struct yaml_state *st)
{
    size_t height = (size_t)IW_MAX(st->height, 1), at = st->cursor.selected;
    if (at < st->cursor.top || at >= st->cursor.top + height)
        st->cursor.top = at > height / 3 ? at - height / 3 : 0;
    list_cursor_fix(&st->cursor, st->shown.len, height);
}

/* Also in what is folded: it opens. */
static void
find(struct yaml_state *st, const struct yaml_text *y, bool forward, bool here, struct intent *out)
{
    if (!text_filter_active(st->find) || st->shown.len == 0)
        return;
    uint32_t from = current_line(st), count = (uint32_t)y->count;
    for (uint32_t step = here ? 0 : 1; step <= count; step++) {
        uint32_t at = (forward ? from + step : from + count - step % count) % count;
        bool hidden = !st->managed && (y->lines[at].flags & YAML_MANAGED);
        if (hidden || !yaml_line_matches(st, y, at))
            continue;
        for (uint32_t i = 0; i < at; i++) {
            if (y->lines[i].end > at)
                set_folded(st, st->ids.items[i], false);
        }
        st->cursor_id = st->ids.items[at];
        make_page(st, y);
        show_around(st);
        return;
    }
    out->kind = INTENT_FLASH;
    (void)snprintf(out->text, sizeof(out->text), tr("\"%.60s\" is not in this object"),
                   text_filter_text(st->find));
}

/* To the next key of the top, block below one, or container, from where the cursor is. */
static void
go_section(struct yaml_state *st, const struct yaml_text *y, bool forward)
{
    for (size_t row = st->cursor.selected;;) {
        if (forward ? row + 1 >= st->shown.len : row == 0)
            return;
        row = forward ? row + 1 : row - 1;
        const struct yaml_row *r = &st->shown.items[row];
        if (r->from == 0 && yaml_is_section(st, y, r->line)) {
            st->cursor.top = row; /* what belongs to it is below */
            go_to(st, row);
            return;
        }
    }
}

static bool
yaml_move(struct yaml_state *st, const struct yaml_text *y, enum action action)
{
    if (action == ACT_LEFT)
        go_left(st, y);
    else if (action == ACT_RIGHT)
        go_right(st, y);
    else if (action == ACT_NEXT_SECTION || action == ACT_PREV_SECTION)
        go_section(st, y, action == ACT_NEXT_SECTION);
    else if (list_cursor_act(&st->cursor, action, st->shown.len, (size_t)IW_MAX(st->height, 1)))
        st->cursor_id = st->ids.items[current_line(st)];
    else
        return false;
    return true;
}

static void
switch_mode(struct yaml_state *st, const struct yaml_text *y, enum action action,
            struct intent *out)
{
    bool wide = action == ACT_WIDE;
    if (wide)
        st->wrap = !st->wrap;
    else
        st->managed = !st->managed;
    st->left = 0;
    st->page_old = true;
    yaml_find_hits(st, y);
    out->kind = INTENT_FLASH;
    (void)snprintf(out->text, sizeof(out->text), "%s",
                   wide ? st->wrap ? tr("long lines are wrapped") : tr("long lines are cut")
                   : st->managed ? tr("managedFields are shown")
                                 : tr("managedFields are hidden"));
}

bool
yaml_page_act(void *state, const struct view_env *env, enum action action, int32_t arg,
              struct intent *out)
{
    struct yaml_state *st = state;
    const struct yaml_text *y = document(env);
    (void)arg;
    if (!y || st->shown.len == 0 || st->generation != env->raw->generation)
        return false;
    if ((action == ACT_FIND_NEXT || action == ACT_FIND_PREV) && text_filter_active(st->find)) {
        find(st, y, action == ACT_FIND_NEXT, false, out);
        return true;
    }
    if (action == ACT_COPY) {
        yaml_copy(st, y, current_line(st), out);
        return true;
    }
    if (action == ACT_SAVE) { /* the whole object */
        out->kind = INTENT_PROMPT;
        (void)snprintf(out->text, sizeof(out->text), "%s", ":save ");
        return true;
    }
    if (action == ACT_MANAGED || action == ACT_WIDE) {
        switch_mode(st, y, action, out);
        return true;
    }
    if (action == ACT_FOLD_ALL) {
        fold_all(st, y);
        return true;
    }
    if (action == ACT_OPEN && !fold(st, y, !is_folded(st, st->ids.items[current_line(st)]))) {
        out->kind = INTENT_FLASH;
        (void)snprintf(out->text, sizeof(out->text), "%s", tr("nothing is below this line"));
    }
    return action == ACT_OPEN || yaml_move(st, y, action);
}

void
yaml_page_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct yaml_state *st = state;
    const struct yaml_text *y = document(env);
    struct intent ignored = {0};
    (void) final;
    text_filter_set(st->find, text);
    if (!y || st->generation != env->raw->generation)
        return;
    yaml_find_hits(st, y);
    find(st, y, true, true, &ignored);
}

void
yaml_page_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct yaml_state *st = state;
    char ago[16];
    if (!document(env) || st->shown.len == 0)
        return;
    duration_cells(IW_MAX(env->now_wall_ms - env->raw->as_of_wall_ms, (int64_t)0), ago);
    (void)snprintf(out, out_size, tr("%zu/%zu  %s ago%s"), st->cursor.selected + 1, st->shown.len,
                   ago, st->managed ? "" : tr("   managedFields hidden"));
}

bool
yaml_page_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                 char container[256])
{
    (void)state;
    *pod = env->pod;
    container[0] = '\0';
    return store_get(env->store, env->pod) != NULL;
}

bool
yaml_page_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return document(env) != NULL;
}

size_t
yaml_page_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct yaml_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->shown.len, st->height);
}
