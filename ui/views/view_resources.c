/* view_resources: one row per pod: effective requests and limits, who decides them, what is held
 * idle.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/stages.h"
#include "initwatch/ui/widget.h"

#define AMOUNT_CELL 12

/* Derived once per version of the pod. */
struct resources_row {
    struct pod_ref ref;
    uint64_t generation;
    char cells[8][AMOUNT_CELL]; /* by CELL_*; what is used: at every recalc that has new amounts */
    double values[8];
    char decides[32];
    const char *qos; /* a literal of the model */
};
enum {
    CELL_CPU_REQ,
    CELL_CPU_LIM,
    CELL_MEM_REQ,
    CELL_MEM_LIM,
    CELL_CPU_IDLE,
    CELL_MEM_IDLE,
    CELL_CPU_USED,
    CELL_MEM_USED
};

enum resources_sort {
    SORT_IDLE,
    SORT_CPU,
    SORT_MEMORY,
    SORT_CPU_USED,
    SORT_MEMORY_USED,
    SORT_NAME,
    SORT_KEY_COUNT
};
static const char *const SORT_WORDS[SORT_KEY_COUNT] = {TR_MARK("idle"),        TR_MARK("cpu"),
                                                       TR_MARK("memory"),      TR_MARK("cpu used"),
                                                       TR_MARK("memory used"), TR_MARK("name")};

/* The cells that each is by: the second one decides between equal ones. */
static const int SORT_CELLS[SORT_KEY_COUNT][2] = {
    [SORT_IDLE] = {CELL_CPU_IDLE, CELL_MEM_IDLE},
    [SORT_CPU] = {CELL_CPU_REQ, CELL_MEM_REQ},
    [SORT_MEMORY] = {CELL_MEM_REQ, CELL_CPU_REQ},
    [SORT_CPU_USED] = {CELL_CPU_USED, CELL_MEM_USED},
    [SORT_MEMORY_USED] = {CELL_MEM_USED, CELL_CPU_USED},
    [SORT_NAME] = {-1, -1},
};

struct resources_state {
    struct text_filter *filter;
    VEC(struct resources_row) rows;
    VEC(struct pod_ref) order;
    struct list_cursor cursor;
    struct pod_ref selected;
    enum resources_sort sort;
    bool reverse, stale;
    uint64_t generation,
        usage_generation; /* of the store's pods and of usage, at the last recalc */
    size_t hidden;
    int height;
};

/* --- rows --- */

static void
cell_set(struct resources_row *row, int cell, const struct quantity *q)
{
    char text[QUANTITY_TEXT_MAX + 8] = "–";
    row->values[cell] = q ? quantity_approx(q) : 0;
    if (q)
        quantity_format(q, text, sizeof(text));
    snprintf(row->cells[cell], AMOUNT_CELL, "%.11s", text);
}

/* Fills request, limit and idle of one resource; returns who decides the request. */
static enum resource_decider
row_resource(struct resources_row *row, const struct pod *pod, const char *name, int first,
             int idle, char tag[8])
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    resources_breakdown(pod, RESOURCE_REQUESTS, name, &options, &b);
    enum resource_decider by = b.present ? b.decided_by : DECIDED_BY_NONE;
    bool wasted = b.present && !quantity_is_zero(&b.waste);
    snprintf(tag, 8, "%s", by == DECIDED_BY_INIT && b.decider ? b.decider->tag : "");
    cell_set(row, first, b.present ? &b.effective : NULL);
    cell_set(row, idle, wasted ? &b.waste : NULL);
    resource_breakdown_free(&b);
    resources_breakdown(pod, RESOURCE_LIMITS, name, &options, &b);
    cell_set(row, first + 1, b.present ? &b.effective : NULL);
    resource_breakdown_free(&b);
    return by;
}

static void
row_fill(struct resources_row *row, const struct pod *pod)
{
    char cpu[8], mem[8], why[160];
    enum resource_decider c = row_resource(row, pod, "cpu", CELL_CPU_REQ, CELL_CPU_IDLE, cpu);
    enum resource_decider m = row_resource(row, pod, "memory", CELL_MEM_REQ, CELL_MEM_IDLE, mem);
    row->qos = resources_qos(pod, why, sizeof(why));
    if (c == DECIDED_BY_POD_LEVEL || m == DECIDED_BY_POD_LEVEL)
        snprintf(row->decides, sizeof(row->decides), tr("pod level"));
    else if (cpu[0] && strcmp(cpu, mem) == 0)
        snprintf(row->decides, sizeof(row->decides), tr("%s cpu, mem"), cpu);
    else if (cpu[0] && mem[0])
        snprintf(row->decides, sizeof(row->decides), tr("%s cpu, %s mem"), cpu, mem);
    else if (cpu[0] || mem[0])
        snprintf(row->decides, sizeof(row->decides), cpu[0] ? tr("%s cpu") : tr("%s mem"),
                 cpu[0] ? cpu : mem);
    else
        snprintf(row->decides, sizeof(row->decides), "%s",
                 c == DECIDED_BY_NONE && m == DECIDED_BY_NONE ? "–" : tr("steady"));
}

static int
row_compare(const void *a, const void *b, void *ctx)
{
    const struct resources_row *left = a, *right = b;
    const struct view_env *env = ((void **)ctx)[0];
    const struct resources_state *st = ((void **)ctx)[1];
    int sign = st->reverse ? -1 : 1;
    for (int i = 0; st->sort != SORT_NAME && i < 2; i++) {
        double l = left->values[SORT_CELLS[st->sort][i]],
               r = right->values[SORT_CELLS[st->sort][i]];
        if (l != r)
            return l > r ? -sign : sign;
    }
    const struct pod *lp = store_get(env->store, left->ref),
                     *rp = store_get(env->store, right->ref);
    if (!lp || !rp)
        return (lp != NULL) - (rp != NULL);
    int ns = strcmp(lp->ns, rp->ns);
    return sign * (ns ? ns : strcmp(lp->name, rp->name));
}

/* What it uses changes without the pod. */
static void
row_usage(struct resources_row *row, const struct pod *pod, const struct usage *usage)
{
    struct usage_amounts used;
    char cpu[24] = "–", memory[24] = "–";
    bool known = usage_of_pod(usage, pod->ns, pod->name, &used);
    if (known) {
        usage_cpu_text(used.cpu_nano, cpu);
        usage_memory_text(used.memory_bytes, memory);
    }
    row->values[CELL_CPU_USED] = known ? (double)used.cpu_nano : -1;
    row->values[CELL_MEM_USED] = known ? (double)used.memory_bytes : -1;
    snprintf(row->cells[CELL_CPU_USED], AMOUNT_CELL, "%.11s", cpu);
    snprintf(row->cells[CELL_MEM_USED], AMOUNT_CELL, "%.11s", memory);
}

/* Old rows by slot, so that a pod that did not change is not worked out again. */
static void
rows_build(struct resources_state *st, const struct view_env *env)
{
    VEC(struct resources_row) old = {st->rows.items, st->rows.len, st->rows.cap};
    VEC(size_t) by_slot = {0};
    struct pod_ref ref = {0, 0};
    st->rows.items = NULL;
    st->rows.len = st->rows.cap = 0;
    st->hidden = 0;
    for (size_t i = 0; i < old.len; i++) {
        while (by_slot.len <= old.items[i].ref.slot)
            vec_push(&by_slot, SIZE_MAX);
        by_slot.items[old.items[i].ref.slot] = i;
    }
    while (store_next(env->store, &ref)) {
        const struct pod *pod = store_get(env->store, ref);
        if (text_filter_active(st->filter)) {
            iw_autofree char *text = iw_asprintf("%s/%s %s", pod->ns, pod->name, pod->node);
            if (!text_filter_match(st->filter, text)) {
                st->hidden++;
                continue;
            }
        }
        struct resources_row row = {.ref = ref,
                                    .generation = store_pod_generation(env->store, ref)};
        size_t at = ref.slot < by_slot.len ? by_slot.items[ref.slot] : SIZE_MAX;
        if (at != SIZE_MAX && pod_ref_equal(old.items[at].ref, ref) &&
            old.items[at].generation == row.generation)
            row = old.items[at];
        else
            row_fill(&row, pod);
        row_usage(&row, pod, env->usage);
        vec_push(&st->rows, row);
    }
    vec_free(&old);
    vec_free(&by_slot);
}

static void
rows_order(struct resources_state *st, const struct view_env *env)
{
    const void *ctx[2] = {env, st};
    if (st->rows.len > 1)
        qsort_r(st->rows.items, st->rows.len, sizeof(*st->rows.items), row_compare, ctx);
    vec_clear(&st->order);
    for (size_t i = 0; i < st->rows.len; i++) {
        vec_push(&st->order, st->rows.items[i].ref);
        if (pod_ref_equal(st->rows.items[i].ref, st->selected))
            st->cursor.selected = i;
    }
}

static void
resources_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct resources_state *st = state;
    uint64_t generation = store_pods_generation(env->store), used = usage_generation(env->usage);
    if (st->stale || generation != st->generation || used != st->usage_generation) {
        rows_build(st, env);
        rows_order(st, env);
        st->generation = generation;
        st->usage_generation = used;
        st->stale = false;
    }
    st->height = area.h - 1;
    list_cursor_fix(&st->cursor, st->rows.len, (size_t)IW_MAX(st->height, 1));
    if (st->cursor.selected < st->rows.len)
        st->selected = st->rows.items[st->cursor.selected].ref;
}

/* --- table --- */

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
               {TR_MARK("IDLE CPU"), TR_MARK("IDLE"), CELL_CPU_IDLE},
               {TR_MARK("IDLE MEM"), TR_MARK("IDLE"), CELL_MEM_IDLE}};

static bool
amount_shown(const struct resources_columns *c, int cell)
{
    bool limit = cell == CELL_CPU_LIM || cell == CELL_MEM_LIM;
    bool used = cell == CELL_CPU_USED || cell == CELL_MEM_USED;
    return (!limit || c->limits) && (!used || c->used) && (cell != CELL_MEM_IDLE || c->idle_mem);
}

/* Where what is used is known, it takes the place of the limits when there is no room for both. */
static struct resources_columns
columns_of(const struct view_env *env, int width)
{
    struct resources_columns c = {.amount = width >= 110 ? 10 : 8};
    c.used = width >= 72 && usage_state(env->usage) == USAGE_LIVE;
    c.limits = width >= (c.used ? 110 : 72);
    c.ns = width >= 100 && !env->session->ns[0] ? 16 : 0;
    c.idle_mem = width >= 90;
    c.qos = width >= 90;
    c.decides = width >= 110 ? 18 : 13;
    int amounts = 0;
    for (size_t i = 0; i < IW_COUNTOF(AMOUNTS); i++)
        amounts += amount_shown(&c, AMOUNTS[i].cell);
    c.name = width - 1 - c.ns - amounts * c.amount - c.decides - (c.qos ? 11 : 0) - 1;
    if (c.name < 20 && c.qos) {
        c.qos = false;
        c.name += 11;
    }
    c.name = IW_MAX(c.name, 10);
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
        bool sorted = AMOUNTS[i].cell == SORT_CELLS[st->sort][0];
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
row_line(struct doc *d, const struct resources_columns *c, const struct resources_row *row,
         const struct pod *pod)
{
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, c->ns, false, ROLE_DIM, pod->ns);
    doc_field(d, c->name, false, ROLE_TEXT, pod->name);
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
                         : ROLE_TEXT,
                  none && idle ? "" : row->cells[cell]);
    }
    doc_put(d, ROLE_TEXT, " ");
    bool quiet = strcmp(row->decides, tr("steady")) == 0 || strcmp(row->decides, "–") == 0;
    doc_field(d, c->decides, false, quiet ? ROLE_DIM : ROLE_TEXT, row->decides);
    if (c->qos)
        doc_put(d, ROLE_DIM, "%s", row->qos);
}

static void
resources_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct resources_state *st = state;
    struct resources_columns c = columns_of(env, area.w);
    if (st->rows.len == 0) {
        widget_empty(s, area, env, STREAM_PODS, tr("pods"), st->hidden,
                     text_filter_text(st->filter));
        return;
    }
    doc_auto d;
    doc_init(&d, area.w);
    head_line(&d, st, &c);
    for (size_t i = st->cursor.top; i < st->rows.len && (int)d.lines < area.h; i++) {
        const struct pod *pod = store_get(env->store, st->rows.items[i].ref);
        if (pod)
            row_line(&d, &c, &st->rows.items[i], pod);
        else
            doc_line(&d);
    }
    doc_draw(&d, s, area, 0);
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
    vec_free(&st->rows);
    vec_free(&st->order);
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
    (void)env;
    snprintf(out, out_size, tr("sort: %s%s"), tr(SORT_WORDS[st->sort]), st->reverse ? " ▴" : " ▾");
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

/* It shares the keys of the pod list, but has one order of columns, no marks and no groups. */
static bool
resources_can(const void *state, const struct view_env *env, enum action action)
{
    const struct resources_state *st = state;
    (void)env;
    if (action == ACT_OPEN)
        return st->rows.len > 0;
    return action != ACT_MARK_ROW && action != ACT_MARK_ALL && action != ACT_GROUP &&
           action != ACT_SORT_CHOOSE;
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
