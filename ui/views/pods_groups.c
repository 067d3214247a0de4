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
#include "initwatch/model/rollout.h"
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
group_of_name(struct pod_groups *g, const char *ns, const char *kind, const char *name)
{
    char key[1024];
    uint32_t id;
    snprintf(key, sizeof(key), "%s/%s/%s", ns, kind, name);
    if (strmap_get(&g->ids, key, &id))
        return id;
    const struct pod_group_sum sum = {
        .ns = iw_strdup(ns), .kind = iw_strdup(kind), .name = iw_strdup(name)};
    vec_push(&g->sums, sum);
    id = (uint32_t)(g->sums.len - 1);
    strmap_put(&g->ids, key, id);
    return id;
}

/* Neighbours in the order mostly have the same owner: `before` and its group save putting the name together again. */
static uint32_t
group_of_owner(struct pod_groups *g, const struct kobjects *objects, const struct pod *pod,
               const struct pod *before, uint32_t before_group)
{
    struct pod_owner owner;
    if (before && pod->owner_name[0] && strcmp(pod->owner_name, before->owner_name) == 0 &&
        strcmp(pod->owner_kind, before->owner_kind) == 0 && strcmp(pod->ns, before->ns) == 0)
        return before_group;
    pod_owner_of(pod, &owner);
    const char *cron =
        strcmp(owner.kind, "Job") == 0 ? cronjob_of_job(objects, pod->ns, owner.name) : NULL;
    if (cron)
        return group_of_name(g, pod->ns, "CronJob", cron);
    return group_of_name(g, pod->ns, owner.kind, owner.name);
}

/* Remembered in g->of. *before: the pod that was looked up last, with its group. */
static uint32_t
group_of_pod(struct pod_groups *g, const struct pod_fact *f, const struct store *store,
             const struct pod **before, uint32_t *before_group)
{
    while (g->of.len <= f->ref.slot)
        vec_push(&g->of, ((struct pod_membership){.ref = {0, 0}}));
    struct pod_membership *m = &g->of.items[f->ref.slot];
    if (pod_ref_equal(m->ref, f->ref) && m->generation == f->generation &&
        m->objects == (m->of_job ? g->objects : 0))
        return m->group;
    const struct pod *pod = store_get(store, f->ref);
    uint32_t id =
        pod ? group_of_owner(g, store_objects(store), pod, *before, *before_group) : m->group;
    bool of_job = pod && strcmp(pod->owner_kind, "Job") == 0;
    *m = (struct pod_membership){f->ref, f->generation, id, of_job ? g->objects : 0, of_job};
    *before = pod;
    *before_group = id;
    return id;
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
sum_clear(struct pod_group_sum *sum, uint32_t counted)
{
    *sum = (struct pod_group_sum){.ns = sum->ns,
                                  .kind = sum->kind,
                                  .name = sum->name,
                                  .toggled = sum->toggled,
                                  .since_ms = IW_TIME_NONE,
                                  .counted = counted};
}

/* Which group each shown pod is of, and the sums; the groups in the order of their first pod. */
static void
count(struct pod_groups *g, const struct pod_rows *r, const struct store *store)
{
    const struct pod *before = NULL;
    uint32_t before_group = 0;
    vec_clear(&g->sequence);
    for (size_t i = 0; i < r->order.len; i++) {
        const struct pod_fact *f = &r->facts.items[r->order.items[i].slot];
        uint32_t id = group_of_pod(g, f, store, &before, &before_group);
        struct pod_group_sum *sum = &g->sums.items[id];
        if (sum->counted != g->counted) {
            sum_clear(sum, g->counted);
            vec_push(&g->sequence, id);
        }
        sum_add(sum, f);
    }
}

/* Which Jobs a CronJob keeps is its own matter: one row stands for it and for all of them. */
static const char *
cronjob_name(const struct kobjects *objects, const struct kobject *o)
{
    return o->kind == KOBJECT_CRONJOB ? o->name
           : o->kind == KOBJECT_JOB   ? cronjob_of_job(objects, o->ns, o->name)
                                      : NULL;
}

/* A workload without pods: one that should have some is in trouble and stands first, others stand last. Jobs that are over
 * are history. */
static bool
is_empty_owner(const struct kobjects *objects, const struct kobject *o, int64_t now_wall_ms,
               uint8_t *severity)
{
    struct rollout rollout;
    const char *cron = cronjob_name(objects, o);
    if (cron) {
        (void)rollout_of_cronjob(objects, o->ns, cron, now_wall_ms, &rollout);
        *severity = rollout.severity == BLOCK_ERROR ? BLOCK_ERROR : BLOCK_NONE;
        return true;
    }
    rollout_of(o, now_wall_ms, &rollout);
    bool idle = rollout.desired == 0 || o->workload->suspended || o->workload->paused;
    *severity = idle ? BLOCK_NONE : IW_MAX((uint8_t)rollout.severity, BLOCK_WAIT);
    return !(o->kind == KOBJECT_JOB && o->workload->completed_ms != IW_TIME_NONE);
}

static void
add_empty(struct pod_groups *g, const struct view_env *env, bool problems_only,
          enum kobject_kind kind, size_t *first)
{
    for (size_t i = 0; i < kobjects_count(env->objects, kind); i++) {
        const struct kobject *o = kobjects_at(env->objects, kind, i);
        uint8_t severity;
        const char *cron = cronjob_name(env->objects, o);
        if (!o->workload)
            continue;
        uint32_t id = group_of_name(g, o->ns, cron ? "CronJob" : kobject_kind_info(kind)->kind,
                                    cron ? cron : o->name);
        struct pod_group_sum *sum = &g->sums.items[id];
        if (sum->counted == g->counted ||
            !is_empty_owner(env->objects, o, env->now_wall_ms, &severity) ||
            (problems_only && severity == BLOCK_NONE))
            continue;
        sum_clear(sum, g->counted);
        sum->severity = severity;
        vec_push(&g->sequence, id);
        if (severity == BLOCK_NONE)
            continue;
        memmove(g->sequence.items + *first + 1, g->sequence.items + *first,
                (g->sequence.len - 1 - *first) * sizeof(*g->sequence.items));
        g->sequence.items[(*first)++] = id;
    }
}

/* With a filter the question is about pods. */
static void
add_empty_owners(struct pod_groups *g, const struct pod_rows *r, const struct view_env *env)
{
    static const enum kobject_kind kinds[] = {KOBJECT_DEPLOYMENT, KOBJECT_STATEFULSET,
                                              KOBJECT_DAEMONSET, KOBJECT_JOB, KOBJECT_CRONJOB};
    size_t first = 0;
    for (size_t i = 0; i < IW_COUNTOF(kinds) && !pod_query_active(r->query); i++)
        add_empty(g, env, r->problems_only, kinds[i], &first);
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
    /* A Job whose object has come may have a CronJob; owners without pods are known by theirs alone. */
    bool by_objects = g->all_owners || r->totals.of_jobs > 0;
    uint64_t objects = by_objects ? kobjects_generation(env->objects) : 0;
    bool changed = g->version != r->version || g->objects != objects;
    if (changed) {
        g->objects = objects;
        g->counted++;
        count(g, r, env->store);
        if (g->all_owners)
            add_empty_owners(g, r, env);
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

/* What holds up most of its pods. */
static size_t
top_blocker(const struct pod_group_sum *sum)
{
    size_t top = 0;
    for (size_t i = 1; i < GROUP_BLOCKERS; i++)
        if (sum->blockers[i].pods > sum->blockers[top].pods)
            top = i;
    return top;
}

void
pod_group_text(const struct pod_group_sum *sum, char *out, size_t out_size)
{
    size_t top = top_blocker(sum);
    const char *where = sum->blockers[top].text;
    out[0] = '\0';
    if (!where || !where[0])
        return;
    if (sum->pods == 1)
        snprintf(out, out_size,
                 sum->stuck == 0                   ? tr("starting: %s")
                 : sum->unready                    ? tr("not ready: %s")
                 : sum->blockers[top].in_container ? tr("stuck in %s")
                                                   : tr("stuck: %s"),
                 where);
    else if (sum->stuck == 0)
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

void
pod_group_brief(const struct pod_group_sum *sum, char *out, size_t out_size)
{
    size_t top = top_blocker(sum);
    const char *where = sum->blockers[top].text;
    out[0] = '\0';
    if (!where || !where[0])
        return;
    if (sum->pods == 1)
        snprintf(out, out_size, "%s", where);
    else
        snprintf(out, out_size, tr("%u of %u: %s"), sum->stuck ? sum->stuck : sum->starting,
                 sum->pods, where);
}
