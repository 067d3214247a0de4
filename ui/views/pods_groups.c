/* pods_groups: the shown pods by owner, each owner with what its pods in trouble have in common.
 *
 * Groups stand in the order of their first pod, so every sort of the list is one of the groups as well.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "pods.h"

void
pod_groups_free(struct pod_groups *g)
{
    for (size_t i = 0; i < g->sums.len; i++) {
        free(g->sums.items[i].ns);
        free(g->sums.items[i].kind);
        free(g->sums.items[i].name);
    }
    vec_free(&g->sums);
    strmap_free(&g->ids);
    vec_free(&g->of);
    vec_free(&g->sequence);
    vec_free(&g->members);
    vec_free(&g->lines);
}

/* --- whose pod it is --- */

static uint32_t
group_of_owner(struct pod_groups *g, const struct pod *pod)
{
    struct pod_owner owner;
    char key[1024];
    uint32_t id;
    pod_owner_of(pod, &owner);
    snprintf(key, sizeof(key), "%s/%s/%s", pod->ns, owner.kind, owner.name);
    if (strmap_get(&g->ids, key, &id))
        return id;
    const struct pod_group_sum sum = {
        .ns = iw_strdup(pod->ns), .kind = iw_strdup(owner.kind), .name = iw_strdup(owner.name)};
    vec_push(&g->sums, sum);
    id = (uint32_t)(g->sums.len - 1);
    strmap_put(&g->ids, key, id);
    return id;
}

static uint32_t
group_of_pod(struct pod_groups *g, const struct pod_fact *f, const struct store *store)
{
    while (g->of.len <= f->ref.slot)
        vec_push(&g->of, ((struct pod_membership){.ref = {0, 0}}));
    struct pod_membership *m = &g->of.items[f->ref.slot];
    const struct pod *pod;
    bool known = pod_ref_equal(m->ref, f->ref) && m->generation == f->generation;
    if (!known && (pod = store_get(store, f->ref)) != NULL) {
        uint32_t id = group_of_owner(g, pod);
        g->of.items[f->ref.slot] = (struct pod_membership){f->ref, f->generation, id};
        return id;
    }
    return m->group;
}

/* --- counting --- */

static void
sum_blocker(struct pod_group_sum *sum, const struct pod_fact *f)
{
    size_t at = 0;
    while (at < GROUP_BLOCKERS - 1 && sum->blockers[at].pods &&
           sum->blockers[at].text != f->blocker)
        at++;
    /* More different ones than there is room for: the last place counts the rest together. */
    sum->blockers[at].text = f->blocker;
    sum->blockers[at].pods++;
    sum->blockers[at].in_container = f->in_container;
}

static void
sum_add(struct pod_group_sum *sum, const struct pod_fact *f)
{
    bool stuck = f->severity >= BLOCK_WAIT;
    if (sum->pods == 0)
        sum->worst = f->ref;
    sum->pods++;
    sum->ready_pods += f->total > 0 && f->ready == f->total;
    sum->restarts += f->restarts;
    sum->starting += f->severity == BLOCK_PROGRESS;
    sum->stuck += stuck;
    sum->unready += f->severity == BLOCK_WARN;
    if (f->severity != BLOCK_NONE)
        sum_blocker(sum, f);
    if (f->severity > sum->severity) {
        sum->severity = f->severity;
        sum->worst = f->ref;
    }
    if (stuck && f->since_ms != IW_TIME_NONE &&
        (sum->since_ms == IW_TIME_NONE || f->since_ms < sum->since_ms))
        sum->since_ms = f->since_ms;
}

static void
sum_clear(struct pod_group_sum *sum, uint64_t version)
{
    *sum = (struct pod_group_sum){.ns = sum->ns,
                                  .kind = sum->kind,
                                  .name = sum->name,
                                  .toggled = sum->toggled,
                                  .since_ms = IW_TIME_NONE,
                                  .version = version};
}

/* Which group each shown pod is of, and the sums; the groups in the order of their first pod. */
static void
count(struct pod_groups *g, const struct pod_rows *r, const struct store *store)
{
    vec_clear(&g->sequence);
    for (size_t i = 0; i < r->order.len; i++) {
        const struct pod_fact *f = &r->facts.items[r->order.items[i].slot];
        uint32_t id = group_of_pod(g, f, store);
        struct pod_group_sum *sum = &g->sums.items[id];
        if (sum->version != r->version) {
            sum_clear(sum, r->version);
            vec_push(&g->sequence, id);
        }
        sum_add(sum, f);
    }
}

static int
cols_of(const char *text)
{
    return utf8_width(text, strlen(text));
}

/* The pods group by group: each group has as many places as it has pods, filled in the order of the list. */
static void
gather(struct pod_groups *g, const struct pod_rows *r)
{
    uint32_t first = 0;
    g->name_cols = g->ns_cols = g->kind_cols = g->strip_cols = 0;
    for (size_t i = 0; i < g->sequence.len; i++) {
        struct pod_group_sum *sum = &g->sums.items[g->sequence.items[i]];
        const struct pod_fact *worst = pod_rows_fact(r, sum->worst);
        sum->first = first;
        sum->members = 0;
        first += sum->pods;
        g->name_cols = IW_MAX(g->name_cols, cols_of(sum->name));
        g->ns_cols = IW_MAX(g->ns_cols, cols_of(sum->ns));
        g->kind_cols = IW_MAX(g->kind_cols, cols_of(owner_kind_short(sum->kind)));
        g->strip_cols = IW_MAX(g->strip_cols, worst ? worst->strip_cols : 0);
    }
    vec_reserve(&g->members, r->order.len);
    g->members.len = r->order.len;
    for (size_t i = 0; i < r->order.len; i++) {
        struct pod_ref ref = r->order.items[i];
        struct pod_group_sum *sum = &g->sums.items[g->of.items[ref.slot].group];
        g->members.items[sum->first + sum->members++] = ref;
    }
}

static void
make_lines(struct pod_groups *g)
{
    const struct pod_ref head = {0, 0};
    vec_clear(&g->lines);
    for (size_t i = 0; i < g->sequence.len; i++) {
        uint32_t id = g->sequence.items[i];
        const struct pod_group_sum *sum = &g->sums.items[id];
        vec_push(&g->lines, ((struct pods_line){id, head}));
        for (uint32_t k = 0; !pod_group_is_folded(g, id) && k < sum->members; k++)
            vec_push(&g->lines, ((struct pods_line){id, g->members.items[sum->first + k]}));
    }
    g->fold_changed = false;
}

void
pod_groups_update(struct pod_groups *g, const struct pod_rows *r, const struct view_env *env)
{
    bool changed = g->version != r->version;
    if (changed) {
        count(g, r, env->store);
        gather(g, r);
        g->version = r->version;
    }
    if (changed || g->fold_changed)
        make_lines(g);
}

bool
pod_group_is_folded(const struct pod_groups *g, uint32_t group)
{
    return g->sums.items[group].toggled != g->folded_first;
}

bool
pod_group_fold(struct pod_groups *g, uint32_t group, bool folded)
{
    if (group >= g->sums.len || pod_group_is_folded(g, group) == folded)
        return false;
    g->sums.items[group].toggled = !g->sums.items[group].toggled;
    g->fold_changed = true;
    return true;
}

void
pod_group_text(const struct pod_group_sum *sum, char *out, size_t out_size)
{
    size_t top = 0;
    out[0] = '\0';
    for (size_t i = 1; i < GROUP_BLOCKERS; i++)
        if (sum->blockers[i].pods > sum->blockers[top].pods)
            top = i;
    const char *where = sum->blockers[top].text;
    if (!where || !where[0])
        return;
    if (sum->stuck == 0)
        snprintf(out, out_size, tr("%u of %u starting: %s"), sum->starting, sum->pods, where);
    else if (sum->unready == sum->stuck)
        snprintf(out, out_size, tr("%u of %u not ready: %s"), sum->stuck, sum->pods, where);
    else if (!sum->blockers[top].in_container)
        snprintf(out, out_size, tr("%u of %u stuck: %s"), sum->stuck, sum->pods, where);
    else if (sum->blockers[top].pods >= sum->stuck)
        snprintf(out, out_size, tr("%u of %u stuck in %s"), sum->stuck, sum->pods, where);
    else
        snprintf(out, out_size, tr("%u of %u stuck, %u in %s"), sum->stuck, sum->pods,
                 sum->blockers[top].pods, where);
}
