/* pods_rows: facts of every pod, kept by slot and renewed only when the pod changed or its facts age.
 *
 * With a hundred thousand pods a frame touches the few that changed. By time alone only the facts of young starts change:
 * they are looked at once a second, and a few of the long waits with them; what counts seconds on the screen is worked out
 * when its row is drawn. The order is the one of pod_block_compare, on the numbers kept here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pods.h"

/* Long waits that are looked at again in a second: a container that gets worse while another one waits is found within
 * minutes even among ten thousand, and nobody's battery pays for it. */
enum { SWEEP_PER_SECOND = 64 };

void
pod_rows_init(struct pod_rows *r)
{
    r->query = pod_query_new();
    r->resort = true;
    r->durations_old = true;
    r->totals.init_p50_ms = r->totals.init_p95_ms = -1;
}

void
pod_rows_free(struct pod_rows *r)
{
    pod_query_free(r->query);
    vec_free(&r->facts);
    vec_free(&r->names);
    vec_free(&r->order);
    vec_free(&r->fresh);
    vec_free(&r->moved);
    vec_free(&r->leaving);
    vec_free(&r->ageing);
}

void
pod_rows_filter(struct pod_rows *r, const char *text)
{
    if (pod_query_is(r->query, text))
        return;
    pod_query_set(r->query, text);
    r->rematch = true;
}

void
pod_rows_set_sort(struct pod_rows *r, enum pod_sort sort)
{
    r->sort = sort;
    r->resort = true;
}

const struct pod_fact *
pod_rows_fact(const struct pod_rows *r, struct pod_ref ref)
{
    if (ref.gen == 0 || ref.slot >= r->facts.len)
        return NULL;
    const struct pod_fact *f = &r->facts.items[ref.slot];
    return pod_ref_equal(f->ref, ref) ? f : NULL;
}

void
pod_rows_mark(struct pod_rows *r, struct pod_ref ref, bool marked)
{
    if (!pod_rows_fact(r, ref))
        return;
    struct pod_fact *f = &r->facts.items[ref.slot];
    r->totals.marked += marked && !f->marked;
    r->totals.marked -= !marked && f->marked;
    f->marked = marked;
}

bool
pod_rows_many_namespaces(const struct pod_rows *r, const struct store *store)
{
    if (r->names.len < 2)
        return false;
    const struct pod *first = store_get(store, r->names.items[0]);
    const struct pod *last = store_get(store, r->names.items[r->names.len - 1]);
    return first && last && strcmp(first->ns, last->ns) != 0;
}

/* --- what changed --- */

static struct pod_fact *
fact_at(struct pod_rows *r, struct pod_ref ref)
{
    while (r->facts.len <= ref.slot) {
        const struct pod_fact empty = {.status = "", .blocker = ""};
        vec_push(&r->facts, empty);
    }
    while (r->leaving.len * 64 < r->facts.len)
        vec_push(&r->leaving, UINT64_C(0));
    return &r->facts.items[ref.slot];
}

static void
set_leaving(struct pod_rows *r, uint32_t slot)
{
    r->leaving.items[slot / 64] |= UINT64_C(1) << (slot % 64);
    r->left = true;
}

static bool
is_leaving(const struct pod_rows *r, uint32_t slot)
{
    return r->leaving.items[slot / 64] >> (slot % 64) & 1;
}

/* It stands no longer where it stood in the order. */
static void
leave_order(struct pod_rows *r, struct pod_fact *f, uint32_t slot)
{
    if (!f->shown)
        return;
    set_leaving(r, slot);
    r->narrow = r->narrow || pod_totals_is_widest(&r->totals, f);
    f->shown = false;
}

static void
fact_drop(struct pod_rows *r, struct pod_fact *f, uint32_t slot)
{
    pod_totals_take(&r->totals, f);
    leave_order(r, f, slot);
    r->gone = true;
    r->durations_old = r->durations_old || f->init_from_ms != IW_TIME_NONE;
    *f = (struct pod_fact){.status = "", .blocker = ""};
}

/* New facts of a pod; new: it was not there before. Its old place in the order is given up when it is another one. */
static void
fact_update(struct pod_rows *r, struct pod_ref ref, const struct pod *pod,
            const struct view_env *env, bool new)
{
    struct pod_fact *f = &r->facts.items[ref.slot], before = *f;
    if (!new)
        pod_totals_take(&r->totals, f);
    f->ref = ref;
    f->generation = store_pod_generation(env->store, ref);
    f->renewed = r->update;
    pod_fact_renew(r, f, pod, env);
    pod_totals_add(&r->totals, f);
    if (f->severity == BLOCK_PROGRESS && !f->ages) {
        f->ages = true;
        vec_push(&r->ageing, ref.slot);
    }
    r->durations_old = r->durations_old || new || before.init_ms != f->init_ms ||
                       before.init_from_ms != f->init_from_ms;
    bool shown = f->match && !(r->problems_only && f->severity < BLOCK_WAIT);
    bool stays = before.shown && shown && before.key == f->key && !pod_sort_is_text(r->sort);
    if (stays) {
        r->narrow = r->narrow || pod_totals_is_widest(&r->totals, &before);
    } else {
        leave_order(r, f, ref.slot);
        f->shown = shown;
        if (shown)
            vec_push(&r->moved, ref);
    }
    if (shown)
        pod_totals_widen(&r->totals, f);
    if (new)
        vec_push(&r->fresh, ref);
}

/* A slot of the store has changed since the last update: its pod is new, another one, or gone. */
static void
slot_changed(struct pod_rows *r, struct pod_ref ref, const struct view_env *env)
{
    struct pod_fact *f = fact_at(r, ref);
    const struct pod *pod = store_get(env->store, ref);
    bool living = pod && store_deleted_ms(env->store, ref) == IW_TIME_NONE;
    bool known = pod_ref_equal(f->ref, ref);
    if (f->ref.gen && !(living && known))
        fact_drop(r, f, ref.slot);
    if (living && !(known && f->generation == store_pod_generation(env->store, ref)))
        fact_update(r, ref, pod, env, !known);
}

static void
scan(struct pod_rows *r, const struct view_env *env)
{
    for (struct pod_ref it = {0, 0}; store_next_change(env->store, r->pods_generation, &it);)
        slot_changed(r, it, env);
}

/* Facts that change by time alone: young starts, and some of the long waits. */
static void
scan_ageing(struct pod_rows *r, const struct view_env *env)
{
    size_t kept = 0, count = r->ageing.len;
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = r->ageing.items[i];
        struct pod_fact *f = &r->facts.items[slot];
        const struct pod *pod = store_get(env->store, f->ref);
        if (pod && f->ages && f->renewed != r->update)
            fact_update(r, f->ref, pod, env, false);
        f->ages = f->ages && f->ref.gen && f->severity == BLOCK_PROGRESS;
        if (f->ages)
            r->ageing.items[kept++] = slot;
    }
    r->ageing.len = kept;
    for (size_t i = 0; i < IW_MIN((size_t)SWEEP_PER_SECOND, r->facts.len); i++) {
        r->sweep = r->sweep + 1 < r->facts.len ? r->sweep + 1 : 0;
        struct pod_fact *f = &r->facts.items[r->sweep];
        const struct pod *pod = f->severity == BLOCK_WAIT ? store_get(env->store, f->ref) : NULL;
        if (pod && f->renewed != r->update)
            fact_update(r, f->ref, pod, env, false);
    }
}

static void
match_all(struct pod_rows *r, const struct view_env *env)
{
    bool active = pod_query_active(r->query);
    for (size_t i = 0; i < r->facts.len; i++) {
        struct pod_fact *f = &r->facts.items[i];
        const struct pod *pod = f->ref.gen && active ? store_get(env->store, f->ref) : NULL;
        f->match = !pod || pod_fact_matches(r, f, pod, NULL, env);
    }
}

/* --- the order --- */

static int
compare_names(const struct pod_rows *r, const struct store *store, struct pod_ref a,
              struct pod_ref b)
{
    (void)r;
    return pod_sort_compare_names(store, a, b);
}

static void
update_names(struct pod_rows *r, const struct store *store)
{
    size_t kept = 0;
    for (size_t i = 0; r->gone && i < r->names.len; i++)
        if (pod_rows_fact(r, r->names.items[i]))
            r->names.items[kept++] = r->names.items[i];
    if (r->gone)
        r->names.len = kept;
    pod_sort_names(&r->fresh, store);
    pod_sort_merge(&r->names, &r->fresh, r, store, compare_names);
}

static void
order_again(struct pod_rows *r, const struct store *store)
{
    for (size_t i = 0; i < r->facts.len; i++) {
        struct pod_fact *f = &r->facts.items[i];
        f->shown = f->ref.gen && f->match && !(r->problems_only && f->severity < BLOCK_WAIT);
    }
    pod_sort_all(r, store);
    pod_rows_widths_again(r);
}

static void
order_mend(struct pod_rows *r, const struct store *store)
{
    size_t kept = 0;
    for (size_t i = 0; r->left && i < r->order.len; i++)
        if (!is_leaving(r, r->order.items[i].slot))
            r->order.items[kept++] = r->order.items[i];
    if (r->left)
        r->order.len = kept;
    pod_sort_few(&r->moved, r, store, pod_sort_compare);
    pod_sort_merge(&r->order, &r->moved, r, store, pod_sort_compare);
}

static void
update_order(struct pod_rows *r, const struct store *store, bool second_passed)
{
    /* From an eighth on, sorting all is cheaper than mending. */
    enum { MEND_SHARE = 8, MEND_LEAST = 64 };
    bool changed = r->left || r->moved.len > 0 || r->resort || r->rematch;
    if (r->resort || r->rematch || r->moved.len > r->order.len / MEND_SHARE + MEND_LEAST)
        order_again(r, store);
    else if (changed)
        order_mend(r, store);
    if (r->narrow && second_passed)
        pod_rows_widths_again(r);
    if (r->left && r->leaving.len)
        memset(r->leaving.items, 0, r->leaving.len * sizeof(*r->leaving.items));
    r->version += changed;
    r->resort = r->rematch = r->left = r->gone = false;
}

/* A Job whose object has come may have a CronJob. */
static bool
owners_changed(struct pod_rows *r, const struct view_env *env)
{
    uint64_t before = r->objects_generation;
    r->objects_generation = kobjects_generation(env->objects);
    return before != r->objects_generation && r->totals.of_jobs > 0 &&
           pod_query_asks_owner(r->query);
}

void
pod_rows_update(struct pod_rows *r, const struct view_env *env)
{
    uint64_t generation = store_pods_generation(env->store);
    int64_t second = env->now_wall_ms / 1000;
    bool changed = generation != r->pods_generation, second_passed = second != r->second;
    r->rematch = r->rematch || owners_changed(r, env);
    if (!changed && !second_passed && !r->resort && !r->rematch)
        return;
    r->update++;
    vec_clear(&r->fresh);
    vec_clear(&r->moved);
    /* The key of whatever is renewed belongs to the sort as it is now. */
    if (changed)
        scan(r, env);
    if (second_passed)
        scan_ageing(r, env);
    r->rematch = r->rematch || (second_passed && pod_query_ages(r->query));
    if (r->rematch)
        match_all(r, env);
    update_names(r, env->store);
    update_order(r, env->store, second_passed);
    r->version += changed;
    r->pods_generation = generation;
    r->second = second;
}
