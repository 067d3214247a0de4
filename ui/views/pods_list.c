/* pods_list: a list of pods or of owners with their pods: the cursor that stays on its row, marks, folds, and the keys that
 * the pod list and the owners have in common.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/chain.h"
#include "pods.h"

static const struct pod_ref NO_POD = {0, 0};

void
pods_list_init(struct pods_list *l, bool grouped)
{
    pod_rows_init(&l->rows);
    l->grouped = l->groups.folded_first = grouped;
    strbuf_init(&l->copied, LIMIT_COPY_BYTES + 1);
}

void
pods_list_fini(struct pods_list *l)
{
    pod_rows_free(&l->rows);
    pod_groups_free(&l->groups);
    strbuf_free(&l->copied);
}

size_t
pods_list_count(const struct pods_list *l)
{
    return l->grouped ? l->groups.lines.len : l->rows.order.len;
}

struct pods_line
pods_list_at(const struct pods_list *l, size_t index)
{
    if (index >= pods_list_count(l))
        return (struct pods_line){PODS_NO_GROUP, NO_POD};
    if (l->grouped)
        return l->groups.lines.items[index];
    return (struct pods_line){PODS_NO_GROUP, l->rows.order.items[index]};
}

/* The head of a group stands for the pod that is worst off in it. */
struct pod_ref
pods_list_pod(const struct pods_list *l)
{
    if (l->selected.pod.gen || l->selected.group >= l->groups.sums.len)
        return l->selected.pod;
    return l->groups.sums.items[l->selected.group].worst;
}

static bool
on_head(const struct pods_list *l)
{
    return l->grouped && !l->selected.pod.gen && l->selected.group < l->groups.sums.len;
}

/* --- the cursor --- */

static bool
lines_equal(struct pods_line a, struct pods_line b)
{
    if (a.pod.gen || b.pod.gen)
        return pod_ref_equal(a.pod, b.pod);
    return a.group == b.group;
}

/* The cursor stays on its row wherever that goes; when it is gone, on its line. A pod that was folded away leaves the cursor
 * on the head of its group. */
static void
follow_selected(struct pods_list *l)
{
    size_t count = pods_list_count(l), head = count;
    if (l->cursor.selected < count && lines_equal(pods_list_at(l, l->cursor.selected), l->selected))
        return;
    for (size_t i = 0; i < count; i++) {
        struct pods_line line = pods_list_at(l, i);
        if (lines_equal(line, l->selected)) {
            l->cursor.selected = i;
            return;
        }
        if (l->grouped && !line.pod.gen && line.group == l->selected.group)
            head = i;
    }
    if (head < count)
        l->cursor.selected = head;
}

void
pods_list_update(struct pods_list *l, const struct view_env *env)
{
    pod_rows_update(&l->rows, env);
    if (l->grouped)
        pod_groups_update(&l->groups, &l->rows, env);
}

void
pods_list_settle(struct pods_list *l, const struct view_env *env, size_t height)
{
    l->height = IW_MAX(height, (size_t)1);
    if (l->settled)
        follow_selected(l);
    else /* while the list arrives: the pod that is stuck most */
        l->cursor.selected = 0;
    size_t count = pods_list_count(l);
    l->settled = count > 0 && (l->settled || store_synced(env->store, STREAM_PODS));
    list_cursor_fix(&l->cursor, count, l->height);
    l->selected = pods_list_at(l, l->cursor.selected);
    pods_usual_update(&l->usual, env, pods_list_pod(l));
}

void
pods_list_focus(struct pods_list *l, struct pod_ref pod)
{
    l->selected = (struct pods_line){PODS_NO_GROUP, pod};
    if (l->grouped && pod.slot < l->groups.of.len)
        l->selected.group = l->groups.of.items[pod.slot].group;
    l->settled = true;
    follow_selected(l);
}

const struct pod_ref *
pods_list_order(const struct pods_list *l, size_t *count)
{
    const struct pod_refs *refs = l->grouped ? &l->groups.members : &l->rows.order;
    *count = refs->len;
    return refs->items;
}

/* --- marks --- */

static void
mark_group(struct pods_list *l, const struct pod_group_sum *sum, bool marked)
{
    for (uint32_t i = 0; i < sum->members; i++)
        pod_rows_mark(&l->rows, l->groups.members.items[sum->first + i], marked);
}

static bool
is_marked(const struct pods_list *l, struct pod_ref ref)
{
    const struct pod_fact *f = pod_rows_fact(&l->rows, ref);
    return f && f->marked;
}

/* The row under the cursor, and on to the next one; the head of a group marks all its pods. */
static void
mark_row(struct pods_list *l)
{
    bool marked = is_marked(l, pods_list_pod(l));
    if (on_head(l))
        mark_group(l, &l->groups.sums.items[l->selected.group], !marked);
    else
        pod_rows_mark(&l->rows, l->selected.pod, !marked);
    list_cursor_act(&l->cursor, ACT_DOWN, pods_list_count(l), l->height);
    l->selected = pods_list_at(l, l->cursor.selected);
    l->settled = true;
}

/* Of a folded group its head stands for its pods. */
static bool
line_is_marked(const struct pods_list *l, size_t at)
{
    struct pods_line line = pods_list_at(l, at);
    if (line.pod.gen)
        return is_marked(l, line.pod);
    return pod_group_is_folded(&l->groups, line.group) &&
           is_marked(l, l->groups.sums.items[line.group].worst);
}

/* From the nearest mark above the cursor, else below it, to the cursor; without one the row alone. */
static void
mark_range(struct pods_list *l)
{
    size_t count = pods_list_count(l), here = l->cursor.selected, other = here;
    if (here >= count)
        return;
    while (other > 0 && !line_is_marked(l, other))
        other--;
    if (!line_is_marked(l, other))
        for (other = here; other + 1 < count && !line_is_marked(l, other);)
            other++;
    if (!line_is_marked(l, other))
        other = here;
    for (size_t at = IW_MIN(here, other); at <= IW_MAX(here, other); at++) {
        struct pods_line line = pods_list_at(l, at);
        if (line.pod.gen)
            pod_rows_mark(&l->rows, line.pod, true);
        else if (pod_group_is_folded(&l->groups, line.group))
            mark_group(l, &l->groups.sums.items[line.group], true);
    }
    l->settled = true;
}

/* All that is shown; when that is marked already, nothing. How many is said: folded groups show no mark. */
static void
mark_all(struct pods_list *l, struct intent *out)
{
    const struct pod_refs *order = &l->rows.order;
    bool all = true;
    for (size_t i = 0; i < order->len && all; i++)
        all = is_marked(l, order->items[i]);
    for (size_t i = 0; i < order->len; i++)
        pod_rows_mark(&l->rows, order->items[i], !all);
    out->kind = INTENT_FLASH;
    snprintf(out->text, sizeof(out->text), all ? tr("no pod is marked") : tr("pods marked: %zu"),
             order->len);
}

static void
mark_none(struct pods_list *l)
{
    for (size_t i = 0; i < l->rows.names.len; i++)
        pod_rows_mark(&l->rows, l->rows.names.items[i], false);
}

static void
no_marks(struct pods_list *l, struct intent *out)
{
    mark_none(l);
    out->kind = INTENT_FLASH;
    snprintf(out->text, sizeof(out->text), "%s", tr("no pod is marked"));
}

/* The merged log of what is marked, else of the group under the cursor; false when it is about one pod. */
static bool
merged_log(const struct pods_list *l, struct intent *out)
{
    const struct pod_refs *refs = l->grouped ? &l->groups.members : &l->rows.order;
    size_t from = 0, to = refs->len;
    if (l->rows.totals.marked == 0 && on_head(l)) {
        const struct pod_group_sum *sum = &l->groups.sums.items[l->selected.group];
        from = sum->first;
        to = from + sum->members;
    } else if (l->rows.totals.marked == 0) {
        return false;
    }
    out->kind = INTENT_LOGS;
    out->merged = true;
    for (size_t i = from; i < to; i++)
        if (l->rows.totals.marked == 0 || is_marked(l, refs->items[i]))
            if (!intent_add_pod(out, refs->items[i]))
                break;
    return out->pod_count > 0;
}

/* The object that the head of a group stands for; false when it is of no kind that is known. */
static bool
group_object(const struct pod_group_sum *sum, struct kobject_ref *out)
{
    if (!kobject_kind_parse(sum->kind, &out->kind))
        return false;
    (void)snprintf(out->ns, sizeof(out->ns), "%.63s", sum->ns);
    (void)snprintf(out->name, sizeof(out->name), "%.253s", sum->name);
    return true;
}

/* On the head of a group the owner is meant, when it is of a kind that is known. */
static bool
edit_owner(const struct pod_group_sum *sum, struct intent *out)
{
    if (!group_object(sum, &out->object))
        return false;
    out->kind = INTENT_WRITE;
    out->writes = WRITES_EDIT;
    return true;
}

/* A key that writes is about the marked rows; false when none is: then about the row under the cursor. */
static bool
write_marked(const struct pods_list *l, int32_t writes, struct intent *out)
{
    const struct pod_refs *refs = l->grouped ? &l->groups.members : &l->rows.order;
    if (writes == WRITES_EDIT && on_head(l))
        return edit_owner(&l->groups.sums.items[l->selected.group], out);
    if (l->rows.totals.marked == 0 || writes == WRITES_EDIT)
        return false;
    if (l->rows.totals.marked > INTENT_PODS_MAX) {
        out->kind = INTENT_FLASH;
        out->flag = true;
        snprintf(out->text, sizeof(out->text),
                 tr("%zu pods are marked: at most %d are changed at a time"), l->rows.totals.marked,
                 INTENT_PODS_MAX);
        return true;
    }
    out->kind = INTENT_WRITE;
    out->writes = (enum key_writes)writes;
    for (size_t i = 0; i < refs->len; i++)
        if (is_marked(l, refs->items[i]))
            (void)intent_add_pod(out, refs->items[i]);
    return out->pod_count > 0;
}

/* The names of the marked rows, one a line; false when none is marked: then it is about the row under the cursor. */
static bool
copy_marked(struct pods_list *l, const struct store *store, struct intent *out)
{
    const struct pod_refs *refs = l->grouped ? &l->groups.members : &l->rows.order;
    size_t count = 0;
    strbuf_clear(&l->copied);
    l->copied.overflow = false;
    for (size_t i = 0; l->rows.totals.marked && i < refs->len; i++) {
        const struct pod *pod = store_get(store, refs->items[i]);
        if (!pod || !is_marked(l, refs->items[i]))
            continue;
        strbuf_addf(&l->copied, "%s%s", count ? "\n" : "", pod->name);
        count++;
    }
    if (count == 0)
        return false;
    if (l->copied.overflow) {
        out->kind = INTENT_FLASH;
        out->flag = true;
        snprintf(out->text, sizeof(out->text),
                 tr_n("not copied: the name of %zu pod is more than a terminal takes",
                      "not copied: the names of %zu pods are more than a terminal takes", count),
                 count);
        return true;
    }
    intent_copy(out, l->copied.data, l->copied.len);
    snprintf(out->text, sizeof(out->text),
             tr_n("the name of %zu marked pod", "the names of %zu marked pods", count), count);
    return true;
}

/* --- keys and commands --- */

static void
change_sort(struct pods_list *l, int step)
{
    pod_rows_set_sort(
        &l->rows, (enum pod_sort)(((int)l->rows.sort + step + POD_SORT_COUNT) % POD_SORT_COUNT));
}

/* The column of a key; the same key again turns the order. */
static void
sort_by(struct pods_list *l, int32_t column)
{
    static const enum pod_sort sorts[SORTS_COUNT] = {
        [SORTS_AGE] = POD_SORT_AGE,      [SORTS_NAME] = POD_SORT_NAME,
        [SORTS_NAMESPACE] = POD_SORT_NS, [SORTS_NODE] = POD_SORT_NODE,
        [SORTS_READY] = POD_SORT_READY,  [SORTS_STATUS] = POD_SORT_STATUS};
    if ((uint32_t)column >= SORTS_COUNT)
        return;
    l->rows.reverse = l->rows.sort == sorts[column] && !l->rows.reverse;
    pod_rows_set_sort(&l->rows, sorts[column]);
}

static bool
act_sort(struct pods_list *l, enum action action, int32_t arg, struct intent *out)
{
    if (action == ACT_SORT_BY) {
        sort_by(l, arg);
    } else if (action == ACT_SORT_NEXT || action == ACT_SORT_PREV) {
        change_sort(l, action == ACT_SORT_NEXT ? 1 : -1);
    } else if (action == ACT_SORT_CHOOSE) {
        out->kind = INTENT_PROMPT;
        snprintf(out->text, sizeof(out->text), ":sort ");
    } else if (action == ACT_SORT_REVERSE) {
        l->rows.reverse = !l->rows.reverse;
        l->rows.resort = true;
    } else {
        return false;
    }
    return true;
}

/* Esc takes away what hides rows, the last thing first: a chip (the ui does), problems, then the marks. */
static bool
act_clear(struct pods_list *l)
{
    if (pod_query_active(l->rows.query))
        return false;
    if (l->rows.problems_only) {
        l->rows.problems_only = false;
        l->rows.resort = true;
    } else if (l->rows.totals.marked) {
        mark_none(l);
    } else {
        return false;
    }
    return true;
}

static bool
act_view(struct pods_list *l, enum action action, struct intent *out)
{
    if (action == ACT_MARK_ROW) {
        mark_row(l);
    } else if (action == ACT_MARK_ALL) {
        mark_all(l, out);
    } else if (action == ACT_MARK_RANGE) {
        mark_range(l);
    } else if (action == ACT_MARK_NONE) {
        no_marks(l, out);
    } else if (action == ACT_PROBLEMS) {
        l->rows.problems_only = !l->rows.problems_only;
        l->rows.resort = true;
    } else if (action == ACT_CLEAR) {
        return act_clear(l);
    } else {
        return false;
    }
    return true;
}

/* Enter opens a pod, and folds or unfolds a group; the arrows go in and out. */
static bool
act_open(struct pods_list *l, enum action action, struct intent *out)
{
    if (l->grouped && action == ACT_LEFT) {
        (void)pod_group_fold(&l->groups, l->selected.group, true);
        return true;
    }
    if (on_head(l) && (action == ACT_OPEN || action == ACT_RIGHT)) {
        bool folded = pod_group_is_folded(&l->groups, l->selected.group);
        (void)pod_group_fold(&l->groups, l->selected.group, action == ACT_OPEN ? !folded : false);
        return true;
    }
    if (action != ACT_OPEN && action != ACT_RIGHT)
        return false;
    if (l->selected.pod.gen)
        *out = (struct intent){.kind = INTENT_OPEN, .view = "detail", .pod = l->selected.pod};
    return true;
}

/* The head of a group stands for its owner: d and y are about that. False for owners without an object that is known here. */
static bool
owner_open(const struct pods_list *l, enum action action, struct intent *out)
{
    struct kobject_ref ref = {0};
    if (!on_head(l) || (action != ACT_DESCRIBE && action != ACT_YAML))
        return false;
    const struct pod_group_sum *sum = &l->groups.sums.items[l->selected.group];
    if (!group_object(sum, &ref) || ref.kind == KOBJECT_POD || !intent_open_object(out, NULL, &ref))
        return false;
    if (action == ACT_YAML)
        out->view = "object";
    return true;
}

bool
pods_list_can(const struct pods_list *l, enum action action)
{
    bool of_rows = action == ACT_OPEN || action == ACT_MARK_ROW || action == ACT_GROUP ||
                   action == ACT_SORT_CHOOSE;
    return !of_rows || pods_list_count(l) > 0;
}

bool
pods_list_act(struct pods_list *l, const struct view_env *env, enum action action, int32_t arg,
              struct intent *out)
{
    enum action move = action == ACT_NEXT_POD ? ACT_DOWN : action == ACT_PREV_POD ? ACT_UP : action;
    if (list_cursor_act(&l->cursor, move, pods_list_count(l), l->height)) {
        l->selected = pods_list_at(l, l->cursor.selected);
        l->settled = true;
        return true;
    }
    l->settled |= action == ACT_OPEN;
    if (action == ACT_MERGED)
        return merged_log(l, out);
    if (action == ACT_WRITING)
        return write_marked(l, arg, out);
    if (action == ACT_COPY)
        return copy_marked(l, env->store, out);
    return owner_open(l, action, out) || act_open(l, action, out) ||
           act_sort(l, action, arg, out) || act_view(l, action, out);
}

bool
pods_list_command(struct pods_list *l, const char *name, const char *arg, struct intent *out)
{
    enum pod_sort sort;
    if (strcmp(name, "sort") != 0)
        return false;
    if (pod_sort_parse(arg, &sort)) {
        pod_rows_set_sort(&l->rows, sort);
        return true;
    }
    out->kind = INTENT_FLASH;
    out->flag = true;
    snprintf(out->text, sizeof(out->text), "%s", tr("sort: by what? Tab shows the columns"));
    return true;
}

/* --- what the tab line says --- */

/* The filter's terms, then "problems". */
const char *
pods_list_chip(const struct pods_list *l, size_t index, bool *wrong)
{
    size_t terms = pod_query_count(l->rows.query);
    *wrong = false;
    if (index < terms) {
        *wrong = pod_query_problem(l->rows.query, index)[0] != '\0';
        return pod_query_chip(l->rows.query, index);
    }
    return index == terms && l->rows.problems_only ? tr("only problems") : NULL;
}

void
pods_list_note(const struct pods_list *l, char *out, size_t out_size)
{
    const struct pod_rows *r = &l->rows;
    char shown[64] = "";
    if (pod_query_active(r->query) || r->problems_only)
        snprintf(shown, sizeof(shown), tr("%zu of %zu   "), r->order.len, r->totals.pods);
    snprintf(out, out_size, "%s%s: %s %s", shown, tr("sort"), pod_sort_text(r->sort),
             r->reverse ? "▲" : "▾");
}

/* Between two rounds of its scenarios the demo cluster is empty for some seconds. */
static bool
is_between_rounds(const struct pod_rows *r, const struct view_env *env)
{
    return env->demo && r->totals.pods == 0 && !env->session->ns[0] &&
           store_status(env->store, STREAM_PODS)->state == SOURCE_LIVE;
}

/* Nothing to list: nothing there, hidden, not allowed or not connected. */
void
pods_list_empty(const struct pods_list *l, const struct view_env *env, struct surface *s,
                struct rect area)
{
    const struct pod_rows *r = &l->rows;
    char terms[256] = "";
    if (is_between_rounds(r, env)) {
        widget_empty_say(s, area, ROLE_TEXT,
                         tr("no pods at this moment: the scenario begins again soon"),
                         tr("; opens the course: what to watch for in each scenario"));
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < pod_query_count(r->query) && used < sizeof(terms); i++)
        used += (size_t)snprintf(terms + used, sizeof(terms) - used, "%s%s", i ? "  " : "",
                                 pod_query_chip(r->query, i));
    widget_empty(s, area, env, STREAM_PODS, tr("pods"), r->totals.pods, terms);
}

/* Which CronJob a pod belongs to is known by its Job's object alone. */
static uint32_t
owner_kinds(const struct pods_list *l)
{
    bool asked = l->grouped || pod_query_asks_owner(l->rows.query);
    return asked && l->rows.totals.of_jobs ? KIND_BIT(JOB) : 0;
}

/* WHY judges the waits in sight by the objects behind them, the pane the one under the cursor in full. */
uint32_t
pods_list_wants(const struct pods_list *l, const struct view_env *env)
{
    uint32_t kinds = owner_kinds(l);
    for (size_t i = 0; i < l->height; i++) {
        const struct pod_fact *row =
            pod_rows_fact(&l->rows, pods_list_at(l, l->cursor.top + i).pod);
        kinds |= row ? row->kinds : 0;
    }
    const struct pod *pod = store_get(env->store, pods_list_pod(l));
    const struct pod_fact *f = pod_rows_fact(&l->rows, pods_list_pod(l));
    if (!pod || !f || f->severity == BLOCK_NONE)
        return kinds;
    if (pod_waits_for_services(pod))
        return kinds | CHAIN_KINDS;
    return kinds | (pod->node[0] ? 0 : KIND_BIT(PVC) | KIND_BIT(STORAGECLASS));
}
