/* pods_rows: facts of every pod, kept by slot and renewed only when the pod changed or its facts
 * age.
 *
 * With ten thousand pods a frame touches the few that changed; those in trouble are looked at again
 * once a second, because what is said about them depends on the time. The order is the one of
 * pod_block_compare, on the numbers kept here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/intern.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/status.h"
#include "pods.h"

static const struct {
    const char *word, *text;
} SORTS[POD_SORT_COUNT] = {
#define X(name, word, text) [POD_SORT_##name] = {word, text},
    POD_SORTS(X)
#undef X
};

const char *
pod_sort_text(enum pod_sort sort)
{
    return (unsigned)sort < POD_SORT_COUNT ? SORTS[sort].text : "";
}

bool
pod_sort_parse(const char *word, enum pod_sort *out)
{
    for (unsigned i = 0; i < POD_SORT_COUNT; i++)
        if (strcmp(SORTS[i].word, word) == 0) {
            *out = (enum pod_sort)i;
            return true;
        }
    return false;
}

void
pod_rows_init(struct pod_rows *r)
{
    r->filter = text_filter_new();
    r->stale = true;
}

void
pod_rows_free(struct pod_rows *r)
{
    text_filter_free(r->filter);
    vec_free(&r->facts);
    vec_free(&r->order);
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

/* From the pod's start on its node to Initialized; what still goes on counts up to now. */
static int64_t
init_duration_ms(const struct pod *pod, int64_t now_wall_ms)
{
    const struct pod_condition *done = pod_condition(pod, "Initialized");
    if (pod->init_count == 0 || pod->started_ms == IW_TIME_NONE)
        return -1;
    if (done && strcmp(done->status, "True") == 0)
        return done->transition_ms == IW_TIME_NONE
                   ? -1
                   : IW_MAX(done->transition_ms - pod->started_ms, (int64_t)0);
    return pod_is_terminal(pod) ? -1 : IW_MAX(now_wall_ms - pod->started_ms, (int64_t)0);
}

static void
count_sidecars(struct pod_fact *f, const struct pod *pod, int64_t now_wall_ms)
{
    f->sidecars = f->sidecars_ready = f->sidecars_starting = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != CONTAINER_SIDECAR)
            continue;
        struct sidecar_report report;
        sidecar_assess(pod, c, now_wall_ms, &report);
        f->sidecars++;
        if (report.health == SIDECAR_READY)
            f->sidecars_ready++;
        else if (report.health == SIDECAR_STARTING || report.health == SIDECAR_CREATING)
            f->sidecars_starting++;
    }
}

static uint16_t
cols_of(const char *text)
{
    int cols = utf8_width(text, strlen(text));
    return (uint16_t)IW_MIN(cols, 500);
}

static bool
filter_matches(const struct pod_rows *r, const struct pod *pod, const char *status,
               const char *summary)
{
    char line[2048];
    if (!text_filter_active(r->filter))
        return true;
    snprintf(line, sizeof(line), "%s/%s %s %s %s", pod->ns, pod->name, status, pod->node, summary);
    return text_filter_match(r->filter, line);
}

static void
fact_renew(const struct pod_rows *r, struct pod_fact *f, const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_block block;
    char status[192];
    pod_block_of(pod, now_wall_ms, &block);
    pod_display_status(pod, status, sizeof(status));
    const char *kept = iw_intern(status, strlen(status));
    f->status = kept ? kept : "";
    f->severity = (uint8_t)block.severity;
    f->group = (uint8_t)group_of(&block);
    /* Sorted by the block's own moment, shown by the situation's: for pods in trouble they are the
     * same. */
    f->since_ms = block.severity == BLOCK_NONE ? pod_since_ms(pod, &block) : block.since_ms;
    f->created_ms = pod->created_ms;
    f->init_ms = init_duration_ms(pod, now_wall_ms);
    f->restarts = 0;
    for (uint32_t i = 0; i < pod->status_count; i++)
        f->restarts +=
            pod->statuses[i].restart_count > 0 ? (uint64_t)pod->statuses[i].restart_count : 0;
    f->strip_cols = (uint16_t)IW_MIN(widget_strip_width(pod, true), 500);
    f->strip_cols_spaced = (uint16_t)IW_MIN(widget_strip_width(pod, false), 500);
    f->name_cols = cols_of(pod->name);
    f->ns_cols = cols_of(pod->ns);
    f->node_cols = cols_of(pod->node);
    f->status_cols = cols_of(status);
    count_sidecars(f, pod, now_wall_ms);
    f->match = filter_matches(r, pod, status, block.summary);
}

/* --- all pods --- */

static struct pod_fact *
fact_at(struct pod_rows *r, struct pod_ref ref)
{
    while (r->facts.len <= ref.slot) {
        const struct pod_fact empty = {.status = ""};
        vec_push(&r->facts, empty);
    }
    return &r->facts.items[ref.slot];
}

static int
compare_durations(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void
total_durations(struct pod_totals *t, int64_t *durations, size_t count)
{
    t->init_p50_ms = t->init_p95_ms = t->init_max_ms = -1;
    if (count == 0)
        return;
    qsort(durations, count, sizeof(*durations), compare_durations);
    t->init_p50_ms = durations[(count - 1) / 2];
    t->init_p95_ms = durations[(count - 1) * 95 / 100];
    t->init_max_ms = durations[count - 1];
}

static void
total_add(struct pod_totals *t, const struct pod_fact *f)
{
    t->pods++;
    t->groups[f->group]++;
    t->sidecars += f->sidecars;
    t->sidecars_ready += f->sidecars_ready;
    t->sidecars_starting += f->sidecars_starting;
    t->restarts += f->restarts;
    t->restarts_max = IW_MAX(t->restarts_max, f->restarts);
    if (f->init_ms > t->init_max_ms) {
        t->init_max_ms = f->init_ms;
        t->init_slowest = f->ref;
    }
}

static void
total_widths(struct pod_totals *t, const struct pod_fact *f)
{
    t->strip_cols = IW_MAX(t->strip_cols, f->strip_cols);
    t->strip_cols_spaced = IW_MAX(t->strip_cols_spaced, f->strip_cols_spaced);
    t->name_cols = IW_MAX(t->name_cols, f->name_cols);
    t->ns_cols = IW_MAX(t->ns_cols, f->ns_cols);
    t->node_cols = IW_MAX(t->node_cols, f->node_cols);
    t->status_cols = IW_MAX(t->status_cols, f->status_cols);
}

/* Facts, totals, and who is shown (unsorted). */
static void
collect(struct pod_rows *r, const struct view_env *env, bool second_passed)
{
    VEC(int64_t) durations = {0};
    r->totals = (struct pod_totals){.init_max_ms = -1};
    vec_clear(&r->order);
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        const struct pod *pod = store_get(env->store, it);
        if (!pod)
            continue;
        struct pod_fact *f = fact_at(r, it);
        uint64_t generation = store_pod_generation(env->store, it);
        bool same = pod_ref_equal(f->ref, it) && f->generation == generation;
        bool ages = second_passed && f->severity != BLOCK_NONE;
        f->ref = it;
        f->generation = generation;
        if (!same || ages || r->stale)
            fact_renew(r, f, pod, env->now_wall_ms);
        total_add(&r->totals, f);
        if (f->init_ms >= 0)
            vec_push(&durations, f->init_ms);
        if (!f->match || (r->problems_only && f->severity < BLOCK_WAIT))
            continue;
        total_widths(&r->totals, f);
        vec_push(&r->order, it);
    }
    total_durations(&r->totals, durations.items, durations.len);
    vec_free(&durations);
}

struct sort_context {
    const struct pod_rows *rows;
    const struct store *store;
};

/* Unknown moments come last. */
static int
compare_moments(int64_t a, int64_t b)
{
    if (a == b)
        return 0;
    if (a == IW_TIME_NONE || b == IW_TIME_NONE)
        return a == IW_TIME_NONE ? 1 : -1;
    return a < b ? -1 : 1;
}

static int
compare_key(const struct sort_context *c, const struct pod_fact *a, const struct pod_fact *b)
{
    switch (c->rows->sort) {
    case POD_SORT_STUCK:
        if (a->severity != b->severity)
            return a->severity > b->severity ? -1 : 1;
        /* Healthy pods have no moment of trouble: by name, as pod_block_compare does. */
        return a->severity == BLOCK_NONE ? 0 : compare_moments(a->since_ms, b->since_ms);
    case POD_SORT_STATUS:
        return strcmp(a->status, b->status);
    case POD_SORT_RESTARTS:
        return a->restarts == b->restarts ? 0 : a->restarts > b->restarts ? -1 : 1;
    case POD_SORT_FOR:
        return compare_moments(a->since_ms, b->since_ms);
    case POD_SORT_AGE:
        return compare_moments(b->created_ms, a->created_ms);
    case POD_SORT_NAME:
    case POD_SORT_NS:
    case POD_SORT_NODE:
    case POD_SORT_COUNT:
        break;
    }
    return 0;
}

static int
compare_rows(const void *left, const void *right, void *context)
{
    const struct sort_context *c = context;
    struct pod_ref ra = *(const struct pod_ref *)left, rb = *(const struct pod_ref *)right;
    int order = compare_key(c, &c->rows->facts.items[ra.slot], &c->rows->facts.items[rb.slot]);
    if (order == 0) {
        const struct pod *a = store_get(c->store, ra), *b = store_get(c->store, rb);
        if (c->rows->sort == POD_SORT_NODE)
            order = strcmp(a->node, b->node);
        if (order == 0 && c->rows->sort != POD_SORT_NAME)
            order = strcmp(a->ns, b->ns);
        if (order == 0)
            order = strcmp(a->name, b->name);
        if (order == 0)
            order = strcmp(a->ns, b->ns);
        if (order == 0)
            order = strcmp(a->uid, b->uid);
    }
    return c->rows->reverse ? -order : order;
}

void
pod_rows_update(struct pod_rows *r, const struct view_env *env)
{
    uint64_t generation = store_pods_generation(env->store);
    int64_t second = env->now_wall_ms / 1000;
    bool second_passed = second != r->second;
    if (generation == r->pods_generation && !second_passed && !r->stale)
        return;
    collect(r, env, second_passed);
    struct sort_context context = {r, env->store};
    if (r->order.len > 1)
        qsort_r(r->order.items, r->order.len, sizeof(*r->order.items), compare_rows, &context);
    r->pods_generation = generation;
    r->second = second;
    r->stale = false;
}
