/* pods_rows: facts of every pod, kept by slot and renewed only when the pod changed or its facts age.
 *
 * With a hundred thousand pods a frame touches the few that changed. By time alone only the facts of young starts change:
 * they are looked at once a second, and a few of the long waits with them; what counts seconds on the screen is worked out
 * when its row is drawn. The order is the one of pod_block_compare, on the numbers kept here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/intern.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/status.h"
#include "pods.h"

/* Long waits that are looked at again in a second: a container that gets worse while another one waits is found within
 * minutes even among ten thousand, and nobody's battery pays for it. */
enum { SWEEP_PER_SECOND = 64, DURATIONS_EVERY_S = 10, COLS_MAX = 255 };

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

int64_t
pod_fact_init_ms(const struct pod_fact *f, int64_t now_wall_ms)
{
    if (f->init_from_ms == IW_TIME_NONE)
        return -1;
    return f->init_ms >= 0 ? f->init_ms : IW_MAX(now_wall_ms - f->init_from_ms, (int64_t)0);
}

/* --- one pod --- */

static enum pod_group
group_of(const struct pod_block *b)
{
    switch (b->severity) {
    case BLOCK_ERROR:
        return POD_GROUP_FAILED;
    case BLOCK_WARN:
        return POD_GROUP_UNREADY;
    case BLOCK_WAIT:
    case BLOCK_PROGRESS:
        return b->container ? POD_GROUP_WORKING : POD_GROUP_WAITING;
    case BLOCK_NONE:
        break;
    }
    return POD_GROUP_OK;
}

/* From the pod's start on its node to Initialized. */
static void
fact_init_phase(struct pod_fact *f, const struct pod *pod)
{
    const struct pod_condition *done = pod_condition(pod, "Initialized");
    f->init_from_ms = pod->init_count ? pod->started_ms : IW_TIME_NONE;
    f->init_ms = -1;
    if (f->init_from_ms == IW_TIME_NONE)
        return;
    bool over = done && strcmp(done->status, "True") == 0;
    if (over && done->transition_ms != IW_TIME_NONE)
        f->init_ms = IW_MAX(done->transition_ms - pod->started_ms, (int64_t)0);
    else if (over || pod_is_terminal(pod))
        f->init_from_ms = IW_TIME_NONE;
}

static uint8_t
small(size_t count)
{
    return (uint8_t)IW_MIN(count, (size_t)COLS_MAX);
}

static void
count_sidecars(struct pod_fact *f, const struct pod *pod, int64_t now_wall_ms)
{
    size_t all = 0, ready = 0, starting = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != CONTAINER_SIDECAR)
            continue;
        struct sidecar_report report;
        sidecar_assess(pod, c, now_wall_ms, &report);
        all++;
        ready += report.health == SIDECAR_READY;
        starting += report.health == SIDECAR_STARTING || report.health == SIDECAR_CREATING;
    }
    f->sidecars = small(all);
    f->sidecars_ready = small(ready);
    f->sidecars_starting = small(starting);
}

static uint8_t
cols_of(const char *text)
{
    return small((size_t)utf8_width(text, strlen(text)));
}

const int pod_status_widths[POD_STATUS_WIDTHS] = {12, 16, 21, 32};

static void
fact_status_cols(struct pod_fact *f, const char *status)
{
    char word[256];
    for (size_t i = 0; i < POD_STATUS_WIDTHS; i++) {
        widget_status_short(status, pod_status_widths[i], word, sizeof(word));
        f->status_cols[i] = cols_of(word);
    }
}

static const char *
interned(const char *text)
{
    const char *kept = iw_intern(text, strlen(text));
    return kept ? kept : "";
}

/* "s1 istio-proxy" or "Unschedulable": what pods of one owner have in common when they are stuck. */
static void
fact_blocker(struct pod_fact *f, const struct pod_block *b)
{
    char text[96] = "";
    f->in_container = b->container != NULL;
    if (b->container)
        snprintf(text, sizeof(text), "%s %.72s", b->container->tag, b->container->name);
    else if (b->severity != BLOCK_NONE)
        snprintf(text, sizeof(text), "%s", b->reason);
    f->blocker = interned(text);
}

static void
fact_counts(struct pod_fact *f, const struct pod *pod, const struct pod_cells *cells)
{
    uint64_t restarts = 0;
    for (uint32_t i = 0; i < pod->status_count; i++)
        restarts +=
            pod->statuses[i].restart_count > 0 ? (uint64_t)pod->statuses[i].restart_count : 0;
    f->restarts_all = (uint32_t)IW_MIN(restarts, (uint64_t)UINT32_MAX);
    f->restarts = (uint32_t)IW_MIN(cells->restart_count, (uint64_t)UINT32_MAX);
    f->ready = (uint16_t)IW_MIN(cells->ready_count, (uint32_t)UINT16_MAX);
    f->total = (uint16_t)IW_MIN(cells->total_count, (uint32_t)UINT16_MAX);
    f->strip_cols = small((size_t)widget_strip_width(pod, true));
    f->strip_cols_spaced = small((size_t)widget_strip_width(pod, false));
    f->name_cols = cols_of(pod->name);
    f->ns_cols = cols_of(pod->ns);
    f->node_cols = cols_of(pod->node);
    fact_status_cols(f, cells->status);
}

/* A long wait is about a Service or a claim: their objects say what is wrong with it. */
static void
fact_kinds(struct pod_fact *f, const struct pod *pod, const struct pod_block *b)
{
    const struct container *c = b->container;
    struct wait_target target;
    char name[254], ns[64];
    bool sure;
    f->kinds = 0;
    if (b->severity == BLOCK_WAIT && c && container_wait_target(c, &target) &&
        service_of_host(target.host, pod->ns, name, ns, &sure))
        f->kinds = CHAIN_BRIEF_KINDS;
    else if (b->severity == BLOCK_ERROR && !pod->node[0] && pod->volume_count)
        f->kinds = KIND_BIT(PVC) | KIND_BIT(STORAGECLASS);
}

static bool
fact_matches(const struct pod_rows *r, const struct pod_fact *f, const struct pod *pod,
             const struct pod_block *block, const struct view_env *env)
{
    const struct pod_subject subject = {.pod = pod,
                                        .status = f->status,
                                        .block = block,
                                        .severity = (enum block_severity)f->severity,
                                        .ready = f->ready,
                                        .total = f->total,
                                        .restarts = f->restarts,
                                        .since_ms = f->since_ms,
                                        .now_wall_ms = env->now_wall_ms,
                                        .objects = env->objects};
    return pod_query_match(r->query, &subject);
}

static void
fact_renew(const struct pod_rows *r, struct pod_fact *f, const struct pod *pod,
           const struct view_env *env)
{
    const int64_t now_wall_ms = env->now_wall_ms;
    struct pod_block block;
    struct pod_cells cells;
    pod_block_of(pod, now_wall_ms, &block);
    pod_print_cells(pod, now_wall_ms, &cells);
    f->status = interned(cells.status);
    f->severity = (uint8_t)block.severity;
    f->group = (uint8_t)group_of(&block);
    /* Sorted by the block's own moment, shown by the situation's: for pods in trouble they are the same. */
    f->since_ms = block.severity == BLOCK_NONE ? pod_since_ms(pod, &block) : block.since_ms;
    f->created_ms = pod->created_ms;
    f->of_job = strcmp(pod->owner_kind, "Job") == 0;
    fact_kinds(f, pod, &block);
    fact_blocker(f, &block);
    fact_init_phase(f, pod);
    fact_counts(f, pod, &cells);
    count_sidecars(f, pod, now_wall_ms);
    f->key = pod_sort_key(r->sort, f, pod);
    f->match = fact_matches(r, f, pod, &block, env);
}

/* --- sums --- */

static void
total_add(struct pod_totals *t, const struct pod_fact *f)
{
    t->pods++;
    t->groups[f->group]++;
    t->marked += f->marked;
    t->of_jobs += f->of_job;
    t->sidecars += f->sidecars;
    t->sidecars_ready += f->sidecars_ready;
    t->sidecars_starting += f->sidecars_starting;
    t->restarts += f->restarts_all;
}

static void
total_take(struct pod_totals *t, const struct pod_fact *f)
{
    t->pods--;
    t->groups[f->group]--;
    t->marked -= f->marked;
    t->of_jobs -= f->of_job;
    t->sidecars -= f->sidecars;
    t->sidecars_ready -= f->sidecars_ready;
    t->sidecars_starting -= f->sidecars_starting;
    t->restarts -= f->restarts_all;
}

static void
widths_add(struct pod_totals *t, const struct pod_fact *f)
{
    t->strip_cols = IW_MAX(t->strip_cols, f->strip_cols);
    t->strip_cols_spaced = IW_MAX(t->strip_cols_spaced, f->strip_cols_spaced);
    t->name_cols = IW_MAX(t->name_cols, f->name_cols);
    t->ns_cols = IW_MAX(t->ns_cols, f->ns_cols);
    t->node_cols = IW_MAX(t->node_cols, f->node_cols);
    for (size_t i = 0; i < POD_STATUS_WIDTHS; i++)
        t->status_cols[i] = IW_MAX(t->status_cols[i], f->status_cols[i]);
    t->restarts_max = IW_MAX(t->restarts_max, f->restarts);
}

static bool
is_widest_status(const struct pod_totals *t, const struct pod_fact *f)
{
    for (size_t i = 0; i < POD_STATUS_WIDTHS; i++)
        if (f->status_cols[i] == t->status_cols[i])
            return true;
    return false;
}

static bool
is_widest(const struct pod_totals *t, const struct pod_fact *f)
{
    return f->strip_cols == t->strip_cols || f->strip_cols_spaced == t->strip_cols_spaced ||
           f->name_cols == t->name_cols || f->ns_cols == t->ns_cols ||
           f->node_cols == t->node_cols || f->restarts == t->restarts_max || is_widest_status(t, f);
}

static void
widths_again(struct pod_rows *r)
{
    struct pod_totals *t = &r->totals;
    t->strip_cols = t->strip_cols_spaced = t->name_cols = t->ns_cols = t->node_cols = 0;
    memset(t->status_cols, 0, sizeof(t->status_cols));
    t->restarts_max = 0;
    for (size_t i = 0; i < r->order.len; i++)
        widths_add(t, &r->facts.items[r->order.items[i].slot]);
    r->narrow = false;
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
    r->narrow = r->narrow || is_widest(&r->totals, f);
    f->shown = false;
}

static void
fact_drop(struct pod_rows *r, struct pod_fact *f, uint32_t slot)
{
    total_take(&r->totals, f);
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
        total_take(&r->totals, f);
    f->ref = ref;
    f->generation = store_pod_generation(env->store, ref);
    f->renewed = r->update;
    fact_renew(r, f, pod, env);
    total_add(&r->totals, f);
    if (f->severity == BLOCK_PROGRESS && !f->ages) {
        f->ages = true;
        vec_push(&r->ageing, ref.slot);
    }
    r->durations_old = r->durations_old || new || before.init_ms != f->init_ms ||
                       before.init_from_ms != f->init_from_ms;
    bool shown = f->match && !(r->problems_only && f->severity < BLOCK_WAIT);
    bool stays = before.shown && shown && before.key == f->key && !pod_sort_is_text(r->sort);
    if (stays) {
        r->narrow = r->narrow || is_widest(&r->totals, &before);
    } else {
        leave_order(r, f, ref.slot);
        f->shown = shown;
        if (shown)
            vec_push(&r->moved, ref);
    }
    if (shown)
        widths_add(&r->totals, f);
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
        f->match = !pod || fact_matches(r, f, pod, NULL, env);
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
    widths_again(r);
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
        widths_again(r);
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

/* --- durations of the init phase --- */

static int
compare_durations(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void
pod_rows_durations(struct pod_rows *r, const struct view_env *env)
{
    struct pod_totals *t = &r->totals;
    int64_t second = env->now_wall_ms / 1000, passed = second - r->durations_second, max_ms = -1;
    bool due = passed < 0 || passed >= DURATIONS_EVERY_S || (r->durations_old && passed > 0);
    if (!due)
        return;
    VEC(int64_t) durations = {0};
    t->init_slowest = (struct pod_ref){0, 0};
    for (size_t i = 0; i < r->facts.len; i++) {
        const struct pod_fact *f = &r->facts.items[i];
        int64_t ms = f->ref.gen ? pod_fact_init_ms(f, env->now_wall_ms) : -1;
        if (ms < 0)
            continue;
        vec_push(&durations, ms);
        if (ms > max_ms) {
            max_ms = ms;
            t->init_slowest = f->ref;
        }
    }
    if (durations.len > 1)
        qsort(durations.items, durations.len, sizeof(*durations.items), compare_durations);
    size_t last = durations.len ? durations.len - 1 : 0;
    t->init_p50_ms = durations.len ? durations.items[last / 2] : -1;
    t->init_p95_ms = durations.len ? durations.items[last * 95 / 100] : -1;
    vec_free(&durations);
    r->durations_second = second;
    r->durations_old = false;
}
