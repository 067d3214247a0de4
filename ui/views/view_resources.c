/* view_resources: one row per pod, or per owner: effective requests and limits, who decides them, what is
 * held idle, and what that is in all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/stages.h"
#include "initwatch/ui/widget.h"
#include "resources.h"

static const char *const SORT_WORDS[SORT_KEY_COUNT] = {TR_MARK("idle"),        TR_MARK("cpu"),
                                                       TR_MARK("memory"),      TR_MARK("cpu used"),
                                                       TR_MARK("memory used"), TR_MARK("name")};

/* One row is its own sum, and a low screen has no line for it. */
static bool
has_total(const struct resources_state *st, int height)
{
    return st->rows.len > 1 && height >= 10;
}

static void
resources_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct resources_state *st = state;
    uint64_t generation = store_pods_generation(env->store), used = usage_generation(env->usage);
    if (st->stale || generation != st->generation || used != st->usage_generation) {
        resources_rows(st, env);
        st->generation = generation;
        st->usage_generation = used;
        st->stale = false;
    }
    st->height = area.h - 1 - has_total(st, area.h);
    list_cursor_fix(&st->cursor, st->rows.len, (size_t)IW_MAX(st->height, 1));
    if (st->cursor.selected < st->rows.len)
        st->selected = st->rows.items[st->cursor.selected].ref;
}

/* --- table --- */

enum { SPREAD_COLS = 140, SPREAD_MOST_COLS = 4, NAME_LEAST_COLS = 24 };

struct resources_columns {
    int ns, name, amount, decides;
    bool idle_mem, limits, qos, used;
};

static const struct {
    const char *head, *brief;
    int cell;
} AMOUNTS[] = {{TR_MARK("CPU REQ"), TR_MARK("CPU REQ"), CELL_CPU_REQ},
               {TR_MARK("CPU LIM"), TR_MARK("CPU LIM"), CELL_CPU_LIM},
               {TR_MARK("CPU USED"), TR_MARK("CPU USE"), CELL_CPU_USED},
               {TR_MARK("MEM REQ"), TR_MARK("MEM REQ"), CELL_MEM_REQ},
               {TR_MARK("MEM LIM"), TR_MARK("MEM LIM"), CELL_MEM_LIM},
               {TR_MARK("MEM USED"), TR_MARK("MEM USE"), CELL_MEM_USED},
               {TR_MARK("IDLE CPU"), TR_MARK("IDL CPU"), CELL_CPU_IDLE},
               {TR_MARK("IDLE MEM"), TR_MARK("IDL MEM"), CELL_MEM_IDLE}};

static bool
amount_shown(const struct resources_columns *c, int cell)
{
    bool limit = cell == CELL_CPU_LIM || cell == CELL_MEM_LIM;
    bool used = cell == CELL_CPU_USED || cell == CELL_MEM_USED;
    return (!limit || c->limits) && (!used || c->used) && (cell != CELL_MEM_IDLE || c->idle_mem);
}

/* The name has what it needs, the numbers stand further apart, and what is left stays empty at the right. */
static void
spread(struct resources_columns *c, const struct resources_state *st, int amounts)
{
    const char *filter = text_filter_active(st->filter) ? text_filter_text(st->filter) : "";
    int head = utf8_width(tr("NAME"), strlen(tr("NAME"))) + 3 + utf8_width(filter, strlen(filter));
    int need = IW_MAX(IW_MAX(st->name_cols, head) + 2, NAME_LEAST_COLS);
    if (c->name <= need)
        return;
    c->amount += IW_MIN((c->name - need) / IW_MAX(amounts, 1), SPREAD_MOST_COLS);
    c->name = need;
}

/* Where what is used is known, it takes the place of the limits when there is no room for both. */
static struct resources_columns
columns_of(const struct resources_state *st, const struct view_env *env, int width)
{
    struct resources_columns c = {.amount = width >= 110 ? 10 : 8};
    c.used = width >= 72 && usage_state(env->usage) == USAGE_LIVE;
    c.limits = width >= (c.used ? 110 : 72);
    c.ns = width >= 100 && !env->session->ns[0]
               ? IW_MIN(IW_MAX(st->ns_cols, utf8_width(tr("NAMESPACE"), strlen(tr("NAMESPACE")))),
                        24) +
                     1
               : 0;
    c.idle_mem = width >= 90;
    c.qos = width >= 90;
    c.decides = width >= 110 ? 18 : 13;
    int amounts = 0;
    for (size_t i = 0; i < IW_COUNTOF(AMOUNTS); i++)
        amounts += amount_shown(&c, AMOUNTS[i].cell);
    c.name = width - 1 - c.ns - amounts * c.amount - c.decides - (c.qos ? 11 : 0) - 1;
    int enough = IW_MIN(st->name_cols + 1, 40);
    if (c.name < enough && c.qos) {
        c.qos = false;
        c.name += 11;
    }
    if (c.name < enough && c.decides > 13) {
        c.name += c.decides - 13;
        c.decides = 13;
    }
    c.name = IW_MAX(c.name, 10);
    if (width >= SPREAD_COLS)
        spread(&c, st, amounts);
    return c;
}

static void
head_line(struct doc *d, const struct resources_state *st, const struct resources_columns *c)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, c->ns, false, ROLE_DIM, tr("NAMESPACE"));
    char name[96];
    snprintf(name, sizeof(name), "%s", tr("NAME"));
    if (text_filter_active(st->filter))
        snprintf(name, sizeof(name), "%s  /%.60s", tr("NAME"), text_filter_text(st->filter));
    doc_field(d, c->name, false, st->sort == SORT_NAME ? ROLE_TAB : ROLE_DIM, name);
    for (size_t i = 0; i < IW_COUNTOF(AMOUNTS); i++) {
        if (!amount_shown(c, AMOUNTS[i].cell))
            continue;
        bool sorted = AMOUNTS[i].cell == resources_sort_cells[st->sort][0];
        doc_put(d, ROLE_DIM, " ");
        doc_field(d, c->amount - 1, true, sorted ? ROLE_TAB : ROLE_DIM,
                  tr(c->amount < 9 ? AMOUNTS[i].brief : AMOUNTS[i].head));
    }
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, c->decides, false, ROLE_DIM, tr("DECIDES"));
    if (c->qos)
        doc_put(d, ROLE_DIM, "%s", tr("QOS"));
}

static void
cells_put(struct doc *d, const struct resources_columns *c, const struct resources_row *row,
          enum role role)
{
    for (size_t i = 0; i < IW_COUNTOF(AMOUNTS); i++) {
        int cell = AMOUNTS[i].cell;
        if (!amount_shown(c, cell))
            continue;
        bool idle = cell == CELL_CPU_IDLE || cell == CELL_MEM_IDLE;
        bool none = strcmp(row->cells[cell], "–") == 0;
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, c->amount - 1, true,
                  none   ? ROLE_DIM
                  : idle ? ROLE_WARN
                         : role,
                  none && idle ? "" : row->cells[cell]);
    }
    doc_put(d, ROLE_TEXT, " ");
}

static void
row_line(struct doc *d, const struct resources_state *st, const struct resources_columns *c,
         const struct resources_row *row, const struct pod *pod)
{
    char name[520];
    resources_row_name(st, row, pod, name, sizeof(name));
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, c->ns, false, ROLE_DIM, pod->ns);
    doc_field(d, c->name, false, ROLE_TEXT, name);
    cells_put(d, c, row, ROLE_TEXT);
    bool quiet = strcmp(row->decides, tr("steady")) == 0 || strcmp(row->decides, "–") == 0;
    doc_field(d, c->decides, false, quiet ? ROLE_DIM : ROLE_TEXT, row->decides);
    if (c->qos)
        doc_put(d, ROLE_DIM, "%s", row->qos);
}

static void
total_line(struct doc *d, const struct resources_state *st, const struct resources_columns *c)
{
    char text[64];
    snprintf(text, sizeof(text), st->total.pods == 1 ? tr("total, %u pod") : tr("total, %u pods"),
             st->total.pods);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, c->ns + c->name, false, ROLE_TITLE, text);
    cells_put(d, c, &st->total, ROLE_TITLE);
}

/* How the amounts of the selected pod come about, where rows are free below the table. */
static void
draw_stages(const struct resources_state *st, const struct view_env *env, struct surface *s,
            struct rect area)
{
    const struct pod *pod =
        st->cursor.selected < st->rows.len ? store_get(env->store, st->selected) : NULL;
    if (!pod || area.h <= 0)
        return;
    doc_auto d;
    doc_init(&d, area.w);
    doc_rule(&d, pod->name);
    stages_put(&d, pod, RESOURCE_REQUESTS, "cpu", -1);
    stages_put(&d, pod, RESOURCE_REQUESTS, "memory", -1);
    if ((int)d.lines <= area.h)
        doc_draw(&d, s, area, 0);
}

static void
resources_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct resources_state *st = state;
    struct resources_columns c = columns_of(st, env, area.w);
    if (st->rows.len == 0) {
        widget_empty(s, area, env, STREAM_PODS, tr("pods"), st->hidden,
                     text_filter_text(st->filter));
        return;
    }
    doc_auto d;
    doc_init(&d, area.w);
    head_line(&d, st, &c);
    for (size_t i = st->cursor.top; i < st->rows.len && (int)d.lines <= st->height; i++) {
        const struct pod *pod = store_get(env->store, st->rows.items[i].ref);
        if (pod)
            row_line(&d, st, &c, &st->rows.items[i], pod);
        else
            doc_line(&d);
    }
    if (has_total(st, area.h))
        total_line(&d, st, &c);
    doc_draw(&d, s, area, 0);
    int used = (int)d.lines + 1;
    draw_stages(st, env, s, (struct rect){area.x, area.y + used, area.w, area.h - used});
    int line = (int)(st->cursor.selected - st->cursor.top) + 1;
    if (line >= 1 && line < area.h)
        surface_flag(s, (struct rect){area.x, area.y + line, area.w, 1}, CELL_SELECTED);
}

/* --- keys --- */

static void
resources_init(void *state)
{
    struct resources_state *st = state;
    st->filter = text_filter_new();
    st->stale = true;
}

static void
resources_fini(void *state)
{
    struct resources_state *st = state;
    text_filter_free(st->filter);
    resources_rows_free(st);
}

static bool
resources_act(void *state, const struct view_env *env, enum action action, int32_t arg,
              struct intent *out)
{
    struct resources_state *st = state;
    (void)env;
    (void)arg;
    if (action == ACT_SORT_NEXT || action == ACT_SORT_PREV) {
        unsigned step = action == ACT_SORT_NEXT ? 1 : SORT_KEY_COUNT - 1;
        st->sort = (enum resources_sort)(((unsigned)st->sort + step) % SORT_KEY_COUNT);
        st->stale = true;
        return true;
    }
    if (action == ACT_SORT_REVERSE) {
        st->reverse = !st->reverse;
        st->stale = true;
        return true;
    }
    if (action == ACT_GROUP || action == ACT_PROBLEMS) {
        bool *on = action == ACT_GROUP ? &st->grouped : &st->problems;
        *on = !*on;
        st->stale = true;
        return true;
    }
    if (action == ACT_OPEN && st->cursor.selected < st->rows.len) {
        out->kind = INTENT_OPEN;
        out->view = "resources";
        out->pod = st->selected;
        return true;
    }
    if (!list_cursor_act(&st->cursor, action, st->rows.len, (size_t)IW_MAX(st->height, 1)))
        return false;
    if (st->cursor.selected < st->rows.len)
        st->selected = st->rows.items[st->cursor.selected].ref;
    return true;
}

static void
resources_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct resources_state *st = state;
    (void)env;
    (void) final;
    text_filter_set(st->filter, text);
    st->stale = true;
}

static void
resources_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct resources_state *st = state;
    char sort[80];
    (void)env;
    snprintf(sort, sizeof(sort), tr("sort: %s%s"), tr(SORT_WORDS[st->sort]),
             st->reverse ? " ▴" : " ▾");
    snprintf(out, out_size, "%s%s%s", st->problems ? tr("only idle   ") : "",
             st->grouped ? tr("by owner   ") : "", sort);
}

static bool
resources_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                 char container[256])
{
    const struct resources_state *st = state;
    (void)env;
    container[0] = '\0';
    *pod = st->selected;
    return st->cursor.selected < st->rows.len;
}

static const struct pod_ref *
resources_pods(const void *state, size_t *count)
{
    const struct resources_state *st = state;
    *count = st->order.len;
    return st->order.items;
}

static size_t
resources_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct resources_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->rows.len, st->height);
}

static unsigned
resources_wants_usage(const void *state, const struct view_env *env)
{
    (void)state, (void)env;
    return USAGE_OF_PODS;
}

/* It shares the keys of the pod list, but has one order of columns and no marks. */
static bool
resources_can(const void *state, const struct view_env *env, enum action action)
{
    const struct resources_state *st = state;
    (void)env;
    if (action == ACT_OPEN)
        return st->rows.len > 0;
    return action != ACT_MARK_ROW && action != ACT_MARK_ALL && action != ACT_SORT_CHOOSE;
}

const struct view_class view_resources = {
    .name = "all-resources",
    .title = "Resources",
    .help = "Every pod: effective cpu and memory, which stage decides them, what is held idle",
    .scope = VIEW_CLUSTER,
    .tab = 4,
    .context = CTX_PODS,
    .podish = true,
    .wants_usage = resources_wants_usage,
    .state_size = sizeof(struct resources_state),
    .init = resources_init,
    .fini = resources_fini,
    .recalc = resources_recalc,
    .draw = resources_draw,
    .unseen = resources_unseen,
    .act = resources_act,
    .can = resources_can,
    .filter = resources_filter,
    .tab_note = resources_note,
    .cursor = resources_cursor,
    .order = resources_pods,
};
