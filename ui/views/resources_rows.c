/* resources_rows: amounts of every pod, kept while it does not change; those that are shown, by owner where that
 * is wanted, and their sum. A pod that changes costs its own row, not those of all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "resources.h"

const int resources_sort_cells[SORT_KEY_COUNT][2] = {
    [SORT_IDLE] = {CELL_CPU_IDLE, CELL_MEM_IDLE},
    [SORT_CPU] = {CELL_CPU_REQ, CELL_MEM_REQ},
    [SORT_MEMORY] = {CELL_MEM_REQ, CELL_CPU_REQ},
    [SORT_CPU_USED] = {CELL_CPU_USED, CELL_MEM_USED},
    [SORT_MEMORY_USED] = {CELL_MEM_USED, CELL_CPU_USED},
    [SORT_NAME] = {-1, -1},
};

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

/* The same number for all pods of a workload. */
static uint32_t
owner_number(struct resources_state *st, const struct pod *pod)
{
    struct pod_owner owner;
    uint32_t number = (uint32_t)st->owners.count;
    pod_owner_of(pod, &owner);
    iw_autofree char *key = iw_asprintf("%s/%s/%s", pod->ns, owner.kind, owner.name);
    if (!strmap_get(&st->owners, key, &number))
        strmap_put(&st->owners, key, number);
    return number;
}

static void
row_fill(struct resources_row *row, const struct pod *pod)
{
    char cpu[8], mem[8], why[160];
    row->ns_cols = utf8_width(pod->ns, strlen(pod->ns));
    row->name_cols = utf8_width(pod->name, strlen(pod->name));
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
        double l = left->values[resources_sort_cells[st->sort][i]],
               r = right->values[resources_sort_cells[st->sort][i]];
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

/* "3750m" or "7.8Gi" from a sum of cells. */
static void
sum_text(int cell, double value, char out[AMOUNT_CELL])
{
    bool cpu = cell == CELL_CPU_REQ || cell == CELL_CPU_LIM || cell == CELL_CPU_IDLE;
    char text[24];
    if (cell == CELL_CPU_USED)
        usage_cpu_text((int64_t)value, text);
    else if (cpu && value * 1000 < 10000)
        snprintf(text, sizeof(text), "%.0fm", value * 1000);
    else if (cpu)
        snprintf(text, sizeof(text), "%.1f", value);
    else
        usage_memory_text((int64_t)value, text);
    snprintf(out, AMOUNT_CELL, "%.11s", value > 0 ? text : "–");
}

static void
sum_texts(struct resources_row *sum)
{
    for (int i = 0; i < CELL_COUNT; i++)
        sum_text(i, sum->values[i], sum->cells[i]);
}

/* What is not known of one is left out. The texts come at the end, with sum_texts. */
static void
amounts_add(struct resources_row *sum, const struct resources_row *row)
{
    for (int i = 0; i < CELL_COUNT; i++)
        sum->values[i] = IW_MAX(sum->values[i], 0) + IW_MAX(row->values[i], 0);
    sum->pods += row->pods;
}

/* Rows of one owner become one, which stands for the first of them. */
static void
rows_fold(struct resources_state *st)
{
    size_t kept = 0;
    iw_autofree uint32_t *at = iw_calloc(st->owners.count + 1, sizeof(*at)); /* + 1; 0: none yet */
    for (size_t i = 0; i < st->rows.len; i++) {
        const struct resources_row *row = &st->rows.items[i];
        if (at[row->owner] == 0) {
            st->rows.items[kept++] = *row;
            at[row->owner] = (uint32_t)kept;
            continue;
        }
        struct resources_row *sum = &st->rows.items[at[row->owner] - 1];
        if (!sum->mixed && strcmp(sum->decides, row->decides) != 0) {
            snprintf(sum->decides, sizeof(sum->decides), "%s", tr("mixed"));
            sum->mixed = true;
        }
        amounts_add(sum, row);
    }
    st->rows.len = kept;
    for (size_t i = 0; i < kept; i++)
        if (st->rows.items[i].pods > 1)
            sum_texts(&st->rows.items[i]);
}

void
resources_row_name(const struct resources_state *st, const struct resources_row *row,
                   const struct pod *pod, char *out, size_t out_size)
{
    struct pod_owner owner;
    if (!st->grouped) {
        snprintf(out, out_size, "%s", pod->name);
        return;
    }
    pod_owner_of(pod, &owner);
    snprintf(out, out_size, "%s/%s", owner_kind_short(owner.kind), owner.name);
    if (row->pods > 1)
        snprintf(out + strlen(out), out_size - strlen(out), " ×%u", row->pods);
}

/* What the columns need, and what all rows are together. */
static void
rows_measure(struct resources_state *st, const struct store *store)
{
    st->total = (struct resources_row){0};
    st->ns_cols = st->name_cols = 0;
    for (size_t i = 0; i < st->rows.len; i++) {
        const struct resources_row *row = &st->rows.items[i];
        const struct pod *pod = st->grouped ? store_get(store, row->ref) : NULL;
        char owner[520];
        int cols = row->name_cols;
        amounts_add(&st->total, row);
        if (pod) {
            resources_row_name(st, row, pod, owner, sizeof(owner));
            cols = utf8_width(owner, strlen(owner));
        }
        st->ns_cols = IW_MAX(st->ns_cols, row->ns_cols);
        st->name_cols = IW_MAX(st->name_cols, cols);
    }
    sum_texts(&st->total);
}

/* --- all pods, by slot --- */

/* Owners that are gone keep their number until there are too many of them. */
static void
owners_renew(struct resources_state *st, const struct store *store)
{
    if (st->owners.count <= 2 * store_count(store) + 1000)
        return;
    strmap_free(&st->owners);
    for (size_t i = 0; i < st->all.len; i++) {
        const struct pod *pod = store_get(store, st->all.items[i].ref);
        if (pod)
            st->all.items[i].owner = owner_number(st, pod);
    }
}

/* The row of a slot: without a ref where no pod lives. */
static void
slot_update(struct resources_state *st, const struct view_env *env, struct pod_ref ref)
{
    const struct pod *pod = store_get(env->store, ref);
    bool lives = pod && store_deleted_ms(env->store, ref) == IW_TIME_NONE;
    struct resources_row row = {.pods = 1, .changed = true};
    while (st->all.len <= ref.slot)
        vec_push(&st->all, (struct resources_row){.pods = 0});
    if (lives) {
        row.ref = ref;
        row.owner = owner_number(st, pod);
        row_fill(&row, pod);
        row_usage(&row, pod, env->usage);
    }
    st->all.items[ref.slot] = row;
}

/* The slots that changed are in st->changed afterwards. */
static void
all_update(struct resources_state *st, const struct view_env *env)
{
    struct pod_ref it = {0, 0};
    vec_clear(&st->changed);
    while (store_next_change(env->store, st->generation, &it)) {
        slot_update(st, env, it);
        vec_push(&st->changed, it.slot);
    }
    owners_renew(st, env->store);
    if (usage_generation(env->usage) == st->usage_generation)
        return;
    for (size_t i = 0; i < st->all.len; i++) {
        const struct pod *pod = store_get(env->store, st->all.items[i].ref);
        if (pod)
            row_usage(&st->all.items[i], pod, env->usage);
    }
}

/* --- those that are shown --- */

static bool
row_is_shown(const struct resources_state *st, const struct resources_row *row,
             const struct pod *pod)
{
    if (st->problems && !(row->values[CELL_CPU_IDLE] > 0 || row->values[CELL_MEM_IDLE] > 0))
        return false;
    if (!text_filter_active(st->filter))
        return true;
    iw_autofree char *text = iw_asprintf("%s/%s %s", pod->ns, pod->name, pod->node);
    return text_filter_match(st->filter, text);
}

static void
rows_choose(struct resources_state *st, const struct view_env *env)
{
    vec_clear(&st->rows);
    for (size_t i = 0; i < st->all.len; i++) {
        const struct pod *pod = store_get(env->store, st->all.items[i].ref);
        if (pod && row_is_shown(st, &st->all.items[i], pod))
            vec_push(&st->rows, st->all.items[i]);
    }
    st->hidden = store_count(env->store) - st->rows.len;
    if (st->grouped)
        rows_fold(st);
    const void *ctx[2] = {env, st};
    if (st->rows.len > 1)
        qsort_r(st->rows.items, st->rows.len, sizeof(*st->rows.items), row_compare, ctx);
}

/* The changed ones leave their places, and go in their order among the others. */
static void
rows_exchange(struct resources_state *st, const struct view_env *env)
{
    const void *ctx[2] = {env, st};
    VEC(struct resources_row) moved = {0};
    size_t kept = 0;
    for (size_t i = 0; i < st->rows.len; i++)
        if (!st->all.items[st->rows.items[i].ref.slot].changed) {
            if (kept != i)
                st->rows.items[kept] = st->rows.items[i];
            kept++;
        }
    for (size_t i = 0; i < st->changed.len; i++) {
        const struct resources_row *row = &st->all.items[st->changed.items[i]];
        const struct pod *pod = store_get(env->store, row->ref);
        if (pod && row_is_shown(st, row, pod))
            vec_push(&moved, *row);
    }
    if (moved.len > 1)
        qsort_r(moved.items, moved.len, sizeof(*moved.items), row_compare, ctx);
    vec_reserve(&st->rows, kept + moved.len);
    st->rows.len = kept + moved.len;
    for (size_t to = st->rows.len, left = moved.len; left > 0;) {
        bool later = kept > 0 && row_compare(&st->rows.items[kept - 1], &moved.items[left - 1],
                                             (void *)ctx) > 0;
        st->rows.items[--to] = later ? st->rows.items[--kept] : moved.items[--left];
    }
    st->hidden = store_count(env->store) - st->rows.len;
    vec_free(&moved);
}

static void
rows_order(struct resources_state *st)
{
    vec_clear(&st->order);
    for (size_t i = 0; i < st->rows.len; i++) {
        vec_push(&st->order, st->rows.items[i].ref);
        if (pod_ref_equal(st->rows.items[i].ref, st->selected))
            st->cursor.selected = i;
    }
}

void
resources_rows(struct resources_state *st, const struct view_env *env)
{
    bool all = st->stale || st->grouped || usage_generation(env->usage) != st->usage_generation;
    all_update(st, env);
    if (all || st->changed.len > st->rows.len / 8)
        rows_choose(st, env);
    else
        rows_exchange(st, env);
    for (size_t i = 0; i < st->changed.len; i++)
        st->all.items[st->changed.items[i]].changed = false;
    rows_measure(st, env->store);
    rows_order(st);
}

void
resources_rows_free(struct resources_state *st)
{
    vec_free(&st->all);
    vec_free(&st->changed);
    vec_free(&st->rows);
    vec_free(&st->order);
    strmap_free(&st->owners);
}
