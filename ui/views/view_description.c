/* view_description: any object but a pod, as `kubectl describe` orders it and with what can be worked out: who uses it, who
 * waits for it, which of its pods do not get on. A line that names an object leads to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "description.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"

enum { LINE_BYTES = 2048 };

struct description_state {
    struct description page; /* of the last recalc */
    VEC(uint32_t) sections;  /* lines of rules */
    struct list_cursor cursor;
    int height;
    struct text_filter *find;
    char copied[LINE_BYTES];
};

static void
description_init(void *state)
{
    struct description_state *st = state;
    st->find = text_filter_new();
}

static void
description_fini(void *state)
{
    struct description_state *st = state;
    description_free(&st->page);
    vec_free(&st->sections);
    text_filter_free(st->find);
}

static void
description_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct description_state *st = state;
    description_free(&st->page);
    st->page = (struct description){0};
    description_make(&st->page, env, area.w);
    vec_clear(&st->sections);
    for (size_t i = 0; i < st->page.doc.segments.len; i++) {
        const struct doc_segment *seg = &st->page.doc.segments.items[i];
        if (seg->x == 0 && seg->role == ROLE_RULE)
            vec_push(&st->sections, seg->line);
    }
    st->height = area.h;
    list_cursor_fix(&st->cursor, st->page.doc.lines, (size_t)IW_MAX(area.h, 1));
}

/* --- lines --- */

/* The cells of a line as text; skip_name: without the name of the fact in front. */
static void
line_text(const struct doc *d, uint32_t line, bool skip_name, char out[LINE_BYTES])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < d->segments.len && d->segments.items[i].line <= line; i++) {
        const struct doc_segment *seg = &d->segments.items[i];
        if (seg->line < line)
            continue;
        const char *text = d->text.data + seg->at;
        bool name = skip_name && seg->len > 0 && text[seg->len - 1] == ':' && seg->role == ROLE_DIM;
        if (name)
            used = 0;
        int n = snprintf(out + used, LINE_BYTES - used, "%.*s", name ? 0 : (int)seg->len, text);
        used += n > 0 ? IW_MIN((size_t)n, LINE_BYTES - used - 1) : 0;
    }
}

static const struct description_link *
link_at(const struct description_state *st, size_t line)
{
    for (size_t i = 0; i < st->page.links.len; i++)
        if (st->page.links.items[i].line == line)
            return &st->page.links.items[i];
    return NULL;
}

static void
description_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct description_state *st = state;
    const struct doc *d = &st->page.doc;
    if (!env->object->name[0]) {
        widget_empty_say(s, area, ROLE_TITLE, tr("No object is chosen."), "");
        return;
    }
    doc_draw(d, s, area, (uint32_t)st->cursor.top);
    for (int i = 0; i < area.h && st->cursor.top + (size_t)i < d->lines; i++) {
        struct rect row = {area.x, area.y + i, area.w, 1};
        size_t line = st->cursor.top + (size_t)i;
        char text[LINE_BYTES];
        if (text_filter_active(st->find)) {
            line_text(d, (uint32_t)line, false, text);
            text_filter_mark(st->find, text, strlen(text), s, row, area.x);
        }
        if (line == st->cursor.selected)
            surface_flag(s, row, CELL_SELECTED);
    }
}

/* --- keys --- */

static void
go_to(struct description_state *st, size_t line, bool to_top)
{
    st->cursor.selected = line;
    if (to_top)
        st->cursor.top = line; /* what belongs to it is below */
    list_cursor_fix(&st->cursor, st->page.doc.lines, (size_t)IW_MAX(st->height, 1));
}

static void
go_section(struct description_state *st, bool forward)
{
    size_t at = 0, now = st->cursor.selected;
    while (at < st->sections.len && st->sections.items[at] < now + (forward ? 1 : 0))
        at++;
    if (forward && at < st->sections.len)
        go_to(st, st->sections.items[at], true);
    else if (!forward)
        go_to(st, at > 0 ? st->sections.items[at - 1] : 0, true);
}

/* To the next line that leads somewhere; around the end to the first. */
static void
go_link(struct description_state *st, bool forward)
{
    size_t count = st->page.links.len, at = 0, now = st->cursor.selected;
    if (count == 0)
        return;
    while (at < count && st->page.links.items[at].line < now + (forward ? 1 : 0))
        at++;
    go_to(st, st->page.links.items[forward ? at % count : (at + count - 1) % count].line, false);
}

static void
find(struct description_state *st, bool forward, bool here, struct intent *out)
{
    size_t count = st->page.doc.lines;
    char text[LINE_BYTES];
    for (size_t step = here ? 0 : 1; step <= count; step++) {
        size_t from = st->cursor.selected,
               at = (forward ? from + step : from + count - step % count) % count;
        line_text(&st->page.doc, (uint32_t)at, false, text);
        if (!text_filter_match(st->find, text))
            continue;
        bool far = at < st->cursor.top || at >= st->cursor.top + (size_t)IW_MAX(st->height, 1);
        go_to(st, at, false);
        if (far)
            st->cursor.top = at > (size_t)st->height / 3 ? at - (size_t)st->height / 3 : 0;
        go_to(st, at, false);
        return;
    }
    out->kind = INTENT_FLASH;
    (void)snprintf(out->text, sizeof(out->text), tr("\"%.60s\" is not in this object"),
                   text_filter_text(st->find));
}

/* What the line leads to, else what it says. */
static void
copy_line(struct description_state *st, struct intent *out)
{
    const struct description_link *link = link_at(st, st->cursor.selected);
    char text[LINE_BYTES];
    line_text(&st->page.doc, (uint32_t)st->cursor.selected, true, text);
    size_t from = strspn(text, " "), len = strlen(text);
    while (len > from && text[len - 1] == ' ')
        len--;
    (void)snprintf(st->copied, sizeof(st->copied), "%.*s", (int)(len - from), text + from);
    if (link)
        (void)snprintf(st->copied, sizeof(st->copied), "%s", link->ref.name);
    intent_copy(out, st->copied, strlen(st->copied));
}

static int
compare_objects(const char *ns_a, const char *a, const char *ns_b, const char *b)
{
    int ns = strcmp(ns_a, ns_b);
    return ns ? ns : strcmp(a, b);
}

/* The next object of the kind, by namespace and name; false at the end. */
static bool
step_object(const struct view_env *env, bool forward, struct kobject_ref *out)
{
    const struct kobject_ref *now = env->object;
    const struct kobject *best = NULL;
    for (size_t i = 0; i < kobjects_count(env->objects, now->kind); i++) {
        const struct kobject *o = kobjects_at(env->objects, now->kind, i);
        int side = compare_objects(o->ns, o->name, now->ns, now->name);
        if (side == 0 || (side > 0) != forward)
            continue;
        int nearer = best ? compare_objects(o->ns, o->name, best->ns, best->name) : 0;
        if (!best || (nearer < 0) == forward)
            best = o;
    }
    if (!best)
        return false;
    *out = (struct kobject_ref){.kind = now->kind};
    (void)snprintf(out->ns, sizeof(out->ns), "%.63s", best->ns);
    (void)snprintf(out->name, sizeof(out->name), "%.253s", best->name);
    return true;
}

static bool
leave(struct description_state *st, const struct view_env *env, enum action action,
      struct intent *out)
{
    const struct description_link *link = link_at(st, st->cursor.selected);
    if (action == ACT_YAML) {
        out->kind = INTENT_OPEN;
        out->view = "object";
        out->object = *env->object;
    } else if (action == ACT_NEXT_POD || action == ACT_PREV_POD) {
        if (step_object(env, action == ACT_NEXT_POD, &out->object)) {
            out->kind = INTENT_SWITCH;
            out->view = "description";
        }
    } else if (action == ACT_OPEN && (!link || !intent_open_object(out, env->store, &link->ref))) {
        out->kind = INTENT_FLASH;
        (void)snprintf(out->text, sizeof(out->text), "%s",
                       link ? tr("this object is not watched here")
                            : tr("this line names no object; Tab goes to the next that does"));
    } else if (action != ACT_OPEN) {
        return false;
    }
    return true;
}

static bool
description_act(void *state, const struct view_env *env, enum action action, int32_t arg,
                struct intent *out)
{
    struct description_state *st = state;
    (void)arg;
    if (st->page.doc.lines == 0)
        return false;
    if ((action == ACT_FIND_NEXT || action == ACT_FIND_PREV) && text_filter_active(st->find))
        find(st, action == ACT_FIND_NEXT, false, out);
    else if (action == ACT_COPY)
        copy_line(st, out);
    else if (action == ACT_NEXT_SECTION || action == ACT_PREV_SECTION)
        go_section(st, action == ACT_NEXT_SECTION);
    else if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        go_link(st, action == ACT_NEXT_PANE);
    else if (!leave(st, env, action, out))
        return list_cursor_act(&st->cursor, action, st->page.doc.lines,
                               (size_t)IW_MAX(st->height, 1));
    return true;
}

static bool
description_can(const void *state, const struct view_env *env, enum action action)
{
    const struct description_state *st = state;
    struct kobject_ref next;
    if (action == ACT_OPEN || action == ACT_NEXT_PANE)
        return st->page.links.len > 0;
    if (action == ACT_NEXT_POD || action == ACT_PREV_POD)
        return step_object(env, true, &next) || step_object(env, false, &next);
    return action != ACT_FIND_NEXT || text_filter_active(st->find);
}

static void
description_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct description_state *st = state;
    struct intent ignored = {0};
    (void)env;
    (void) final;
    text_filter_set(st->find, text);
    if (text_filter_active(st->find) && st->page.doc.lines > 0)
        find(st, true, true, &ignored);
}

static void
description_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct description_state *st = state;
    (void)env;
    if (st->page.doc.lines)
        (void)snprintf(out, out_size, "%zu/%u", st->cursor.selected + 1, st->page.doc.lines);
}

static uint32_t
description_kinds(const void *state, const struct view_env *env)
{
    (void)state;
    return env->object->name[0] ? description_wants(env->object->kind) : 0;
}

static bool
description_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return env->object->name[0] != '\0';
}

static size_t
description_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct description_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->page.doc.lines, st->height);
}

const struct view_class view_description = {
    .name = "description",
    .title = "Description",
    .help = "A Service, node, claim, workload or policy as kubectl describes it, with its pods, "
            "who waits "
            "for it, its events",
    .scope = VIEW_GLOBAL,
    .context = CTX_OBJECT,
    .searchable = true,
    .wants_raw = true,
    .state_size = sizeof(struct description_state),
    .init = description_init,
    .fini = description_fini,
    .recalc = description_recalc,
    .draw = description_draw,
    .unseen = description_unseen,
    .act = description_act,
    .can = description_can,
    .filter = description_filter,
    .head_note = widget_object_head,
    .tab_note = description_note,
    .ticks = description_ticks,
    .wants = description_kinds,
};
