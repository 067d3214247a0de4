/* findings_rows: runs the rules and puts together what has one cause.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/progress.h"

/* COUNT_PODS: judged between two looks at the clock. COUNT_SHARE: of the time at most 1/50 for rounds,
 * while nothing changes 1/2000, but a round a minute. */
enum {
    FINDINGS_PER_POD = 16,
    COUNT_PODS = 64,
    COUNT_INTERVAL_MS = 1000,
    COUNT_SHARE = 50,
    COUNT_IDLE_MS = 10000,
    COUNT_IDLE_MOST_MS = 60000,
    COUNT_IDLE_SHARE = 2000
};

/* FINDINGS_GONE: of those that are so no more, the latest are shown. */
enum { FINDINGS_GONE = 8 };

void
findings_init(struct findings *f)
{
    f->filter = text_filter_new();
    f->history = finding_history_new();
}

void
findings_free(struct findings *f)
{
    finding_history_free(f->history);
    vec_free(&f->items);
    vec_free(&f->next.items);
    vec_free(&f->next.blocked);
    vec_free(&f->groups);
    vec_free(&f->muted);
    text_filter_free(f->filter);
}

bool
findings_is_muted(const struct findings *f, const char *id)
{
    for (size_t i = 0; i < f->muted.len; i++) {
        if (strcmp(f->muted.items[i], id) == 0)
            return true;
    }
    return false;
}

static void
take(struct findings *f, struct pod_ref ref, const struct pod *pod, const struct finding *found,
     int64_t since_ms)
{
    struct finding_item item = {.pod = ref,
                                .id = found->id,
                                .title = found->title,
                                .severity = found->severity,
                                .since_ms = since_ms,
                                .gone_ms = IW_TIME_NONE};
    (void)snprintf(item.ns, sizeof(item.ns), "%.63s", pod->ns);
    (void)snprintf(item.name, sizeof(item.name), "%.127s", pod->name);
    (void)snprintf(item.container, sizeof(item.container), "%.63s",
                   found->container ? found->container->name : "");
    memcpy(item.cause, found->cause, sizeof(item.cause));
    memcpy(item.summary, found->summary, sizeof(item.summary));
    vec_push(&f->next.items, item);
}

static void
judge(struct findings *f, const struct view_env *env, struct pod_ref ref, struct finding *found)
{
    const struct pod *pod = store_get(env->store, ref);
    struct findings_seen *seen = &f->next.seen;
    struct diag_env de = {.pod = pod,
                          .events = store_events(env->store),
                          .store = env->store,
                          .now_wall_ms = env->now_wall_ms};
    size_t count = diag_run(&de, found, FINDINGS_PER_POD);
    struct pod_block block;
    pod_block_of(pod, env->now_wall_ms, &block);
    int64_t since_ms = pod_since_ms(pod, &block);
    seen->pods++;
    seen->containers += pod->container_count;
    seen->pods_with += count > 0;
    if (pod_is_blocked(pod, &block)) {
        int64_t from_ms = since_ms == IW_TIME_NONE ? env->now_wall_ms : since_ms;
        seen->stuck++;
        seen->stuck_ms += env->now_wall_ms - from_ms;
        vec_push(&f->next.blocked,
                 ((struct blocked_span){strmap_hash(pod->uid), from_ms, IW_TIME_NONE}));
    }
    for (size_t i = 0; i < count; i++) {
        int64_t own_ms = found[i].since_ms != IW_TIME_NONE ? found[i].since_ms : since_ms;
        take(f, ref, pod, &found[i], own_ms);
        finding_history_see(f->history, ref, pod, &found[i], own_ms);
    }
}

/* The shortest of these that shows all that was seen; what was before that only for half an hour. */
static int64_t
blocked_window_ms(const struct findings *f, int64_t began_ms, int64_t now_ms)
{
    static const int64_t MINUTES[] = {5, 15, 30, 60, 180, 360, 720, 1440, 2880};
    int64_t before_ms = now_ms - 30 * INT64_C(60000), from_ms = began_ms;
    for (size_t i = 0; i < f->next.blocked.len; i++) {
        const struct blocked_span *b = &f->next.blocked.items[i];
        if (b->to_ms == IW_TIME_NONE || b->to_ms > b->from_ms)
            from_ms = IW_MIN(from_ms, IW_MAX(b->from_ms, before_ms));
    }
    size_t i = 0;
    while (i + 1 < IW_COUNTOF(MINUTES) && MINUTES[i] * 60000 < now_ms - from_ms)
        i++;
    return MINUTES[i] * 60000;
}

/* What has ended, from the store, and what the round has found. */
static void
blocked_take(struct findings *f, const struct view_env *env)
{
    struct findings_blocked *b = &f->blocked;
    const struct blocked_ring *ring = store_blocked(env->store);
    int64_t began_ms = finding_history_began_ms(f->history);
    size_t count;
    const struct blocked_span *ended = blocked_ring_spans(ring, &count);
    for (size_t i = 0; i < count; i++)
        vec_push(&f->next.blocked, ended[i]);
    b->to_ms = env->now_wall_ms;
    b->from_ms = b->to_ms - blocked_window_ms(f, began_ms, b->to_ms);
    b->known_ms = IW_MAX(began_ms, blocked_ring_known_ms(ring));
    b->most = blocked_count(f->next.blocked.items, f->next.blocked.len, b->from_ms, b->to_ms,
                            b->parts, BLOCKED_PARTS);
}

/* What was so, behind what is. */
static void
gone_take(struct findings *f)
{
    const struct finding_past *gone[FINDINGS_GONE];
    size_t count = finding_history_gone(f->history, gone, FINDINGS_GONE);
    for (size_t i = 0; i < count; i++) {
        const struct finding_past *p = gone[i];
        struct finding_item item = {.pod = p->pod,
                                    .id = p->id,
                                    .title = p->title,
                                    .severity = p->severity,
                                    .since_ms = p->first_ms,
                                    .gone_ms = p->gone_ms};
        memcpy(item.ns, p->ns, sizeof(item.ns));
        memcpy(item.name, p->name, sizeof(item.name));
        memcpy(item.container, p->container, sizeof(item.container));
        memcpy(item.cause, p->cause, sizeof(item.cause));
        memcpy(item.summary, p->summary, sizeof(item.summary));
        vec_push(&f->items, item);
    }
}

/* The round is full: it takes the place of the last one. */
static void
round_take(struct findings *f, const struct view_env *env)
{
    f->next.runs = false;
    f->seen = f->next.seen;
    vec_clear(&f->items);
    for (size_t i = 0; i < f->next.items.len; i++)
        vec_push(&f->items, f->next.items.items[i]);
    f->live = f->items.len;
    finding_history_end(f->history);
    blocked_take(f, env);
    gone_take(f);
    findings_group(f);
}

bool
findings_evaluate(struct findings *f, const struct view_env *env, int64_t budget_ms)
{
    const struct clock *clock = clock_system();
    int64_t until_ms = clock_mono(clock) + budget_ms;
    if (!f->next.runs) {
        vec_clear(&f->next.items);
        vec_clear(&f->next.blocked);
        finding_history_begin(f->history, env->now_wall_ms);
        f->next.seen = (struct findings_seen){0};
        f->next.at = (struct pod_ref){0, 0};
        f->next.runs = true;
    }
    struct finding *found = iw_calloc(FINDINGS_PER_POD, sizeof(*found));
    bool full = false;
    for (unsigned n = 1; !full; n++) {
        full = !store_next(env->store, &f->next.at);
        if (!full)
            judge(f, env, f->next.at, found);
        if (n % COUNT_PODS == 0 && clock_mono(clock) >= until_ms)
            break;
    }
    free(found);
    if (full)
        round_take(f, env);
    return full;
}

/* --- the number in the tab line --- */

static void
count_pod(struct findings_count *c, struct finding_history *history, const struct view_env *env,
          struct pod_ref ref, struct finding *found)
{
    const struct pod *pod = store_get(env->store, ref);
    struct diag_env de = {.pod = pod,
                          .events = store_events(env->store),
                          .store = env->store,
                          .now_wall_ms = env->now_wall_ms};
    size_t count = diag_run(&de, found, FINDINGS_PER_POD);
    struct pod_block block;
    if (count > 0)
        pod_block_of(pod, env->now_wall_ms, &block);
    for (size_t i = 0; i < count; i++) {
        c->so_far[found[i].severity]++;
        finding_history_see(history, ref, pod, &found[i],
                            found[i].since_ms != IW_TIME_NONE ? found[i].since_ms
                                                              : pod_since_ms(pod, &block));
    }
}

/* The clock alone makes a finding of a wait: a round now and then, as for the view itself. */
static bool
round_is_due(const struct findings_count *c, const struct view_env *env)
{
    int64_t age_ms = env->now_wall_ms - c->counted_ms;
    bool same = store_generation(env->store) == c->generation;
    int64_t rest_ms = IW_MAX((int64_t)COUNT_INTERVAL_MS, COUNT_SHARE * c->cost_ms);
    if (same)
        rest_ms = IW_MIN(IW_MAX((int64_t)COUNT_IDLE_MS, COUNT_IDLE_SHARE * c->cost_ms),
                         (int64_t)COUNT_IDLE_MOST_MS);
    return !c->known || age_ms < 0 || age_ms >= rest_ms;
}

/* A round is full: what it counted is what is shown. */
static enum view_work
count_show(struct findings_count *c, const struct view_env *env, const size_t counted[3])
{
    bool same = c->known && c->errors == counted[SEVERITY_ERROR] &&
                c->warnings == counted[SEVERITY_WARNING] && c->others == counted[SEVERITY_INFO];
    c->counted_ms = env->now_wall_ms;
    c->errors = counted[SEVERITY_ERROR];
    c->warnings = counted[SEVERITY_WARNING];
    c->others = counted[SEVERITY_INFO];
    c->known = true;
    return same ? VIEW_WORK_NONE : VIEW_WORK_NEWS;
}

enum view_work
findings_count_take(struct findings_count *c, const struct findings *f, const struct view_env *env)
{
    const size_t counted[3] = {[SEVERITY_ERROR] = f->errors,
                               [SEVERITY_WARNING] = f->warnings,
                               [SEVERITY_INFO] = f->live - f->errors - f->warnings};
    c->at = (struct pod_ref){0, 0};
    c->generation = store_generation(env->store);
    return count_show(c, env, counted);
}

enum view_work
findings_count(struct findings_count *c, struct finding_history *history,
               const struct view_env *env, int64_t budget_ms)
{
    const struct clock *clock = clock_system();
    if (c->at.gen == 0) {
        if (!round_is_due(c, env))
            return VIEW_WORK_NONE;
        memset(c->so_far, 0, sizeof(c->so_far));
        c->generation = store_generation(env->store);
        c->cost_ms = 0;
        finding_history_begin(history, env->now_wall_ms);
    }
    int64_t begun_ms = clock_mono(clock);
    /* Once: zeroing it for each pod would be most of the work. */
    struct finding *found = iw_calloc(FINDINGS_PER_POD, sizeof(*found));
    bool more = true;
    for (unsigned n = 1; more; n++) {
        more = store_next(env->store, &c->at);
        if (more)
            count_pod(c, history, env, c->at, found);
        if (n % COUNT_PODS == 0 && clock_mono(clock) - begun_ms >= budget_ms)
            break;
    }
    free(found);
    if (more) {
        c->cost_ms += clock_mono(clock) - begun_ms;
        return VIEW_WORK_MORE;
    }
    c->at = (struct pod_ref){0, 0};
    c->cost_ms += clock_mono(clock) - begun_ms;
    finding_history_end(history);
    return count_show(c, env, c->so_far);
}

/* --- groups --- */

static const char *
item_key(const struct findings *f, const struct finding_item *item)
{
    switch (f->by) {
    case GROUP_BY_RULE:
        return item->id;
    case GROUP_BY_POD:
        return item->name;
    case GROUP_BY_CAUSE:
    case GROUP_BY_COUNT:
        break;
    }
    return item->cause;
}

static bool
is_shown(const struct findings *f, const struct finding_item *item)
{
    char text[512];
    if (f->errors_only && item->severity != SEVERITY_ERROR)
        return false;
    (void)snprintf(text, sizeof(text), "%s %.120s %.160s %.180s", item->id, item->name, item->cause,
                   item->summary);
    return text_filter_match(f->filter, text);
}

/* qsort has no context: what a group is by is known while it runs. */
static const struct findings *sorting;

/* Of several findings with one cause the one whose chain leads to it says most. */
static bool
is_wait(const struct finding_item *item)
{
    return strncmp(item->id, "IW-D", 4) == 0;
}

static int
item_order(const void *a, const void *b)
{
    const struct finding_item *x = a, *y = b;
    int order = strcmp(item_key(sorting, x), item_key(sorting, y));
    if (order == 0)
        order = (x->gone_ms > y->gone_ms) - (x->gone_ms < y->gone_ms);
    if (order == 0)
        order = (x->muted > y->muted) - (x->muted < y->muted);
    if (order == 0)
        order = is_wait(y) - is_wait(x);
    if (order == 0)
        order = (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
    if (order == 0)
        order = strcmp(x->name, y->name);
    return order;
}

/* Oldest first, the unknown last. */
static int
since_order(int64_t a, int64_t b)
{
    int order = (a == IW_TIME_NONE) - (b == IW_TIME_NONE);
    return order ? order : (a > b) - (a < b);
}

/* Worst first, then what hits most pods, then the oldest; what is gone at the end, the latest first. */
static int
group_order(const void *a, const void *b)
{
    const struct finding_group *x = a, *y = b;
    int order = (x->gone > y->gone) - (x->gone < y->gone);
    if (order == 0 && x->gone) {
        int64_t left = sorting->items.items[x->first].gone_ms;
        int64_t right = sorting->items.items[y->first].gone_ms;
        return left != right ? (left < right ? 1 : -1)
                             : (x->first > y->first) - (x->first < y->first);
    }
    if (order == 0)
        order = (x->muted > y->muted) - (x->muted < y->muted);
    if (order == 0)
        order = (x->severity < y->severity) - (x->severity > y->severity);
    if (order == 0)
        order = (x->pods < y->pods) - (x->pods > y->pods);
    if (order == 0)
        order = since_order(x->since_ms, y->since_ms);
    if (order == 0)
        order = (x->first > y->first) - (x->first < y->first);
    return order;
}

static void
add_to_group(struct findings *f, size_t at)
{
    const struct finding_item *item = &f->items.items[at];
    struct finding_group *last = f->groups.len ? &f->groups.items[f->groups.len - 1] : NULL;
    const struct finding_item *before =
        last ? &f->items.items[last->first + last->count - 1] : NULL;
    bool gone = item->gone_ms != IW_TIME_NONE;
    bool same = before && last->first + last->count == at && before->muted == item->muted &&
                last->gone == gone && strcmp(item_key(f, before), item_key(f, item)) == 0;
    if (!same) {
        vec_push(&f->groups, ((struct finding_group){.first = at,
                                                     .since_ms = item->since_ms,
                                                     .severity = item->severity,
                                                     .muted = item->muted,
                                                     .gone = gone}));
        last = &f->groups.items[f->groups.len - 1];
    }
    last->count++;
    last->severity = IW_MAX(last->severity, item->severity);
    if (item->since_ms != IW_TIME_NONE)
        last->since_ms = last->since_ms == IW_TIME_NONE ? item->since_ms
                                                        : IW_MIN(last->since_ms, item->since_ms);
    last->pods += !same || !pod_ref_equal(before->pod, item->pod);
}

void
findings_group(struct findings *f)
{
    f->errors = f->warnings = f->hidden = 0;
    for (size_t i = 0; i < f->items.len; i++) {
        struct finding_item *item = &f->items.items[i];
        bool live = item->gone_ms == IW_TIME_NONE;
        item->muted = findings_is_muted(f, item->id);
        f->errors += live && item->severity == SEVERITY_ERROR;
        f->warnings += live && item->severity == SEVERITY_WARNING;
    }
    sorting = f;
    if (f->items.len)
        qsort(f->items.items, f->items.len, sizeof(f->items.items[0]), item_order);
    vec_clear(&f->groups);
    for (size_t i = 0; i < f->items.len; i++) {
        if (is_shown(f, &f->items.items[i]))
            add_to_group(f, i);
        else
            f->hidden += f->items.items[i].gone_ms == IW_TIME_NONE;
    }
    if (f->groups.len)
        qsort(f->groups.items, f->groups.len, sizeof(f->groups.items[0]), group_order);
    sorting = NULL;
}

void
findings_seen_text(const struct findings *f, const struct view_env *env, char *out, size_t out_size)
{
    const struct findings_seen *seen = &f->seen;
    size_t objects = kobjects_total(env->objects), rules = diag_registry_count;
    char parts[4][64];
    (void)snprintf(parts[0], 64, seen->pods == 1 ? tr("%zu pod") : tr("%zu pods"), seen->pods);
    (void)snprintf(parts[1], 64, seen->containers == 1 ? tr("%zu container") : tr("%zu containers"),
                   seen->containers);
    (void)snprintf(parts[2], 64, rules == 1 ? tr("%zu rule") : tr("%zu rules"), rules);
    (void)snprintf(parts[3], 64, objects == 1 ? tr("%zu object read") : tr("%zu objects read"),
                   objects);
    (void)snprintf(out, out_size, "%s, %s, %s, %s", parts[0], parts[1], parts[2], parts[3]);
}

const char *
findings_title(const struct findings *f, const struct finding_group *group)
{
    const struct finding_item *first = &f->items.items[group->first];
    return f->by == GROUP_BY_RULE ? tr(first->title) : item_key(f, first);
}

/* "image registry.example/team/app:2.9.1: not found" without what stands in front of "app". */
static void
drop_registry(char *text)
{
    char *slash = strchr(text, '/');
    if (!slash)
        return;
    char *from = slash, *to = slash;
    while (from > text && from[-1] != ' ')
        from--;
    for (char *p = slash; *p && *p != ' '; p++)
        if (*p == '/')
            to = p;
    memmove(from, to + 1, strlen(to + 1) + 1);
}

void
findings_label(const struct findings *f, const struct finding_group *group, int cols, char *out,
               size_t out_size)
{
    const struct finding_item *first = &f->items.items[group->first];
    const char *title = findings_title(f, group), *rule = tr(first->title);
    (void)snprintf(out, out_size, "%s", title);
    if (f->by != GROUP_BY_CAUSE)
        return;
    /* Whose it is says the line below. */
    size_t len = strlen(rule);
    if (strncmp(title, rule, len) == 0 && strncmp(title + len, ": ", 2) == 0)
        (void)snprintf(out, out_size, "%s", rule);
    if (utf8_width(out, strlen(out)) > cols && strcmp(first->id, "IW-L05") == 0)
        drop_registry(out);
}
