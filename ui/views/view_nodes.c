/* view_nodes: what each node has and what its pods take of it, which of them are stuck; the selected
 * node in full below.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/nodeuse.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"
#include "nodes.h"

enum { NODES_SUM_MS = 1000, NODE_PANE_MIN = 6 };

enum nodes_sort {
    BY_TROUBLE,
    BY_CPU,
    BY_MEMORY,
    BY_CPU_USED,
    BY_MEMORY_USED,
    BY_NAME,
    NODES_SORT_COUNT
};
static const char *const SORT_WORDS[NODES_SORT_COUNT] = {
    TR_MARK("trouble first"), TR_MARK("cpu requested"), TR_MARK("memory requested"),
    TR_MARK("cpu used"),      TR_MARK("memory used"),   TR_MARK("name")};

static const int HEADS[NODES_SORT_COUNT] = {
    [BY_TROUBLE] = NODES_STATUS,          [BY_CPU] = NODES_CPU,
    [BY_MEMORY] = NODES_MEMORY,           [BY_CPU_USED] = NODES_CPU_USED,
    [BY_MEMORY_USED] = NODES_MEMORY_USED, [BY_NAME] = NODES_NAME,
};

struct nodes_state {
    struct node_use *loads; /* of this turn; pointers inside are not kept longer */
    size_t load_count;
    VEC(size_t) rows;       /* indexes of loads that the filter shows, troubled ones first */
    uint64_t objects, pods; /* generations that the loads are of */
    int64_t summed_ms;      /* wall */
    struct list_cursor cursor;
    char selected[254];
    int list_height, name_cols; /* the widest name that is shown */
    uint32_t scroll;
    struct text_filter *filter;
    enum nodes_sort sort;
    bool problems, reverse;
};

static void
nodes_init(void *state)
{
    ((struct nodes_state *)state)->filter = text_filter_new();
}

static void
nodes_fini(void *state)
{
    struct nodes_state *st = state;
    free(st->loads);
    vec_free(&st->rows);
    text_filter_free(st->filter);
}

/* --- rows --- */

static int
trouble_of(const struct node_use *load)
{
    if (!node_is_ready(load->node))
        return 3;
    return load->stuck ? 2 : load->node->node->unschedulable ? 1 : 0;
}

/* What of it is taken, 0 to 1 and beyond; below 0: not known. */
static double
sort_value(const struct node_use *load, enum nodes_sort sort, const struct usage *usage)
{
    bool cpu = sort == BY_CPU || sort == BY_CPU_USED;
    const struct node_sum *a = cpu ? &load->cpu : &load->memory;
    double all = a->known ? quantity_approx(&a->allocatable) : 0;
    struct usage_amounts used;
    if (sort == BY_TROUBLE)
        return trouble_of(load);
    if (sort == BY_NAME || all <= 0)
        return -1;
    if (sort == BY_CPU || sort == BY_MEMORY)
        return quantity_approx(&a->requested) / all;
    if (!usage_of_node(usage, load->node->name, &used))
        return -1;
    return (cpu ? (double)used.cpu_nano / 1e9 : (double)used.memory_bytes) / all;
}

struct rows_order {
    const struct nodes_state *st;
    const struct usage *usage;
};

/* The largest first; loads are by name, so equal ones stay by name. */
static int
rows_compare(const void *left, const void *right, void *context)
{
    const struct rows_order *o = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    double va = sort_value(&o->st->loads[a], o->st->sort, o->usage),
           vb = sort_value(&o->st->loads[b], o->st->sort, o->usage);
    int order = va != vb ? (va > vb ? -1 : 1) : (a > b) - (a < b);
    return o->st->reverse ? -order : order;
}

static void
add_rows(struct nodes_state *st, const struct usage *usage)
{
    struct rows_order order = {st, usage};
    vec_clear(&st->rows);
    st->name_cols = 0;
    for (size_t i = 0; i < st->load_count; i++) {
        const struct node_use *load = &st->loads[i];
        const char *name = load->node->name;
        if (!text_filter_match(st->filter, name) || (st->problems && trouble_of(load) == 0))
            continue;
        st->name_cols = IW_MAX(st->name_cols, utf8_width(name, strlen(name)));
        vec_push(&st->rows, i);
    }
    if (st->rows.len > 1)
        qsort_r(st->rows.items, st->rows.len, sizeof(*st->rows.items), rows_compare, &order);
}

static struct rect
list_part(struct rect area, size_t rows)
{
    int most = area.h - NODE_PANE_MIN;
    if (most >= 3)
        area.h = IW_MIN((int)IW_MIN(rows, (size_t)area.h) + 1, IW_MAX(most, area.h / 2));
    return area;
}

/* Sums over thousands of pods are not made for each of their changes. */
static bool
is_due(const struct nodes_state *st, const struct view_env *env)
{
    int64_t age_ms = env->now_wall_ms - st->summed_ms;
    bool pods = st->pods != store_pods_generation(env->store);
    return !st->loads || st->objects != kobjects_generation(env->objects) || age_ms < 0 ||
           age_ms >= (pods ? NODES_SUM_MS : 10 * NODES_SUM_MS);
}

static void
nodes_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct nodes_state *st = state;
    if (is_due(st, env)) {
        free(st->loads);
        st->loads = node_uses(env->store, env->now_wall_ms, &st->load_count);
        st->objects = kobjects_generation(env->objects);
        st->pods = store_pods_generation(env->store);
        st->summed_ms = env->now_wall_ms;
    }
    add_rows(st, env->usage);
    for (size_t i = 0; i < st->rows.len; i++) {
        if (strcmp(st->loads[st->rows.items[i]].node->name, st->selected) == 0)
            st->cursor.selected = i;
    }
    struct rect list = list_part(area, st->rows.len);
    st->list_height = list.h - 1;
    list_cursor_fix(&st->cursor, st->rows.len, (size_t)IW_MAX(list.h - 1, 1));
    if (st->rows.len)
        (void)snprintf(st->selected, sizeof(st->selected), "%s",
                       st->loads[st->rows.items[st->cursor.selected]].node->name);
}

/* Draw and keys come between two recalcs, when the objects may be others already. */
static const struct node_use *
load_at(const struct nodes_state *st, const struct view_env *env, size_t row)
{
    if (st->objects != kobjects_generation(env->objects) || row >= st->rows.len)
        return NULL;
    return &st->loads[st->rows.items[row]];
}

/* --- drawing --- */

static void
draw_missing(const struct nodes_state *st, const struct view_env *env, struct surface *s,
             struct rect area)
{
    enum objects_state state = kobjects_state(env->objects, KOBJECT_NODE, "");
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    const char *what = "", *more = kobjects_error(env->objects, KOBJECT_NODE, "");
    enum role role = ROLE_TITLE;
    if (text.h <= 0 || text.w <= 0)
        return;
    switch (state) {
    case OBJECTS_NOT_ASKED:
    case OBJECTS_LOADING:
        what = tr("Reading the nodes…");
        role = ROLE_WORKING;
        break;
    case OBJECTS_LIVE:
    case OBJECTS_STALE:
        what = st->load_count ? tr("The filter hides all nodes. Esc clears it.")
                              : tr("There are no nodes.");
        break;
    case OBJECTS_DENIED:
        what = tr("You are not allowed to list nodes. The pods' NODE column is all that is known.");
        break;
    case OBJECTS_REFUSED:
        what = tr("The nodes cannot be listed: the credentials are not accepted.");
        break;
    case OBJECTS_FAILED:
    case OBJECTS_STATE_COUNT:
        what = tr("The nodes cannot be listed.");
        break;
    }
    int used = widget_wrap(s, text, text.x, text.y, text.w, 2, role, what);
    widget_wrap(s, text, text.x, text.y + used, text.w, text.h - used, ROLE_DIM, more);
}

static void
nodes_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct nodes_state *st = state;
    const struct node_use *selected = load_at(st, env, st->cursor.selected);
    if (!selected) {
        draw_missing(st, env, s, area);
        return;
    }
    struct rect list = list_part(area, st->rows.len);
    struct node_columns c =
        nodes_columns(area.w, st->name_cols, usage_state(env->usage) == USAGE_LIVE);
    nodes_head(s, (struct rect){list.x, list.y, list.w, IW_MIN(list.h, 1)}, &c, HEADS[st->sort]);
    for (int y = 1; y < list.h; y++) {
        size_t at = st->cursor.top + (size_t)y - 1;
        const struct node_use *load = load_at(st, env, at);
        if (load)
            nodes_row(load, env, s, (struct rect){list.x, list.y + y, list.w, 1}, &c,
                      at == st->cursor.selected);
    }
    struct rect pane = {area.x, area.y + list.h, area.w, area.h - list.h};
    if (pane.h < 2)
        return;
    doc_auto d;
    doc_init(&d, pane.w);
    nodes_pane(&d, env, selected);
    doc_draw(&d, s, pane, IW_MIN(st->scroll, doc_max_top(&d, pane.h)));
}

/* --- keys --- */

static bool
nodes_act(void *state, const struct view_env *env, enum action action, int32_t arg,
          struct intent *out)
{
    struct nodes_state *st = state;
    const struct node_use *load = load_at(st, env, st->cursor.selected);
    (void)arg;
    if (action == ACT_PROBLEMS) {
        st->problems = !st->problems;
        return true;
    }
    if (action == ACT_SORT_NEXT || action == ACT_SORT_PREV) {
        unsigned step = action == ACT_SORT_NEXT ? 1 : NODES_SORT_COUNT - 1;
        st->sort = (enum nodes_sort)(((unsigned)st->sort + step) % NODES_SORT_COUNT);
        return true;
    }
    if (action == ACT_SORT_REVERSE) {
        st->reverse = !st->reverse;
        return true;
    }
    if (!load)
        return false;
    if (action == ACT_YAML || action == ACT_DESCRIBE) {
        out->kind = INTENT_OPEN;
        out->view = action == ACT_YAML ? "object" : "description";
        out->object.kind = KOBJECT_NODE;
        (void)snprintf(out->object.name, sizeof(out->object.name), "%s", load->node->name);
        return true;
    }
    if (action == ACT_OPEN) {
        out->kind = INTENT_OPEN;
        out->view = "pods";
        (void)snprintf(out->text, sizeof(out->text), "node:^%s$", load->node->name);
        return true;
    }
    if (action == ACT_COPY) {
        out->kind = INTENT_COPY;
        (void)snprintf(out->text, sizeof(out->text), "%s", load->node->name);
        return true;
    }
    if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE) {
        st->scroll = action == ACT_NEXT_PANE ? st->scroll + 4 : st->scroll - IW_MIN(st->scroll, 4u);
        return true;
    }
    if (!list_cursor_act(&st->cursor, action, st->rows.len, 10))
        return false;
    st->scroll = 0;
    (void)snprintf(st->selected, sizeof(st->selected), "%s",
                   st->loads[st->rows.items[st->cursor.selected]].node->name);
    return true;
}

static void
nodes_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct nodes_state *st = state;
    (void)env;
    (void) final;
    text_filter_set(st->filter, text);
}

static uint32_t
nodes_wants(const void *state, const struct view_env *env)
{
    (void)state;
    (void)env;
    return KIND_BIT(NODE);
}

static void
nodes_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    size_t count = kobjects_count(env->objects, KOBJECT_NODE);
    if (count)
        (void)snprintf(out, out_size, "%zu", count);
}

static void
nodes_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct nodes_state *st = state;
    char sort[80];
    bool some = env->session->ns[0] != '\0';
    (void)snprintf(sort, sizeof(sort), tr("sort: %s%s"), tr(SORT_WORDS[st->sort]),
                   st->reverse ? " ▴" : " ▾");
    (void)snprintf(out, out_size, "%s%s%s", st->problems ? tr("only problems   ") : "",
                   some ? tr("pods in view only   ") : "", sort);
}

static bool
nodes_ticks(const void *state, const struct view_env *env)
{
    (void)env;
    return ((const struct nodes_state *)state)->rows.len > 0;
}

static size_t
nodes_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct nodes_state *st = state;
    (void)env;
    *scroll = &st->scroll;
    return list_unseen(st->rows.len, st->list_height);
}

static unsigned
nodes_wants_usage(const void *state, const struct view_env *env)
{
    (void)state, (void)env;
    return USAGE_OF_NODES;
}

static bool
nodes_can(const void *state, const struct view_env *env, enum action action)
{
    const struct nodes_state *st = state;
    bool of_row = action == ACT_OPEN || action == ACT_DESCRIBE || action == ACT_YAML ||
                  action == ACT_NEXT_PANE;
    (void)env;
    return st->rows.len > 0 || (!of_row && action != ACT_SORT_NEXT);
}

const struct view_class view_nodes = {
    .name = "nodes",
    .title = "Nodes",
    .help =
        "What each node has, what its pods take by their effective requests, and which are stuck",
    .scope = VIEW_CLUSTER,
    .tab = 6,
    .context = CTX_NODES,
    .state_size = sizeof(struct nodes_state),
    .init = nodes_init,
    .fini = nodes_fini,
    .recalc = nodes_recalc,
    .draw = nodes_draw,
    .wants_usage = nodes_wants_usage,
    .unseen = nodes_unseen,
    .act = nodes_act,
    .can = nodes_can,
    .filter = nodes_filter,
    .tab_note = nodes_note,
    .tab_count = nodes_tab_count,
    .ticks = nodes_ticks,
    .wants = nodes_wants,
};
