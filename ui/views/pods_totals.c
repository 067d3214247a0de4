/* pods_totals: sums and widths over the facts of all pods, and the durations of their init phases.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "pods.h"

enum { DURATIONS_EVERY_S = 10 };

void
pod_totals_add(struct pod_totals *t, const struct pod_fact *f)
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

void
pod_totals_take(struct pod_totals *t, const struct pod_fact *f)
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

void
pod_totals_widen(struct pod_totals *t, const struct pod_fact *f)
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

bool
pod_totals_is_widest(const struct pod_totals *t, const struct pod_fact *f)
{
    return f->strip_cols == t->strip_cols || f->strip_cols_spaced == t->strip_cols_spaced ||
           f->name_cols == t->name_cols || f->ns_cols == t->ns_cols ||
           f->node_cols == t->node_cols || f->restarts == t->restarts_max || is_widest_status(t, f);
}

void
pod_rows_widths_again(struct pod_rows *r)
{
    struct pod_totals *t = &r->totals;
    t->strip_cols = t->strip_cols_spaced = t->name_cols = t->ns_cols = t->node_cols = 0;
    memset(t->status_cols, 0, sizeof(t->status_cols));
    t->restarts_max = 0;
    for (size_t i = 0; i < r->order.len; i++)
        pod_totals_widen(t, &r->facts.items[r->order.items[i].slot]);
    r->narrow = false;
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
