/* finding_history: causes by their words, and how many pods had them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/diag/finding_history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"

#define NOWHERE UINT32_MAX

/* That one pod has one cause, in the round that runs. */
struct sight {
    uint32_t cause;
    int64_t since_ms;
    struct pod_ref pod;
};

struct finding_history {
    VEC(struct finding_past) causes;
    struct strmap by_cause;
    int64_t began_ms, round_ms, last_round_ms;
    VEC(struct sight) seen;
    bool runs;
    uint32_t round;
    struct pod_ref pod; /* that is being seen */
    size_t pod_from;    /* its first place in seen */
};

struct finding_history *
finding_history_new(void)
{
    struct finding_history *h = iw_calloc(1, sizeof(*h));
    h->began_ms = h->last_round_ms = IW_TIME_NONE;
    return h;
}

void
finding_history_clear(struct finding_history *h)
{
    vec_clear(&h->causes);
    vec_clear(&h->seen);
    strmap_free(&h->by_cause);
    h->began_ms = h->last_round_ms = IW_TIME_NONE;
    h->runs = false;
}

void
finding_history_free(struct finding_history *h)
{
    if (!h)
        return;
    vec_free(&h->causes);
    vec_free(&h->seen);
    strmap_free(&h->by_cause);
    free(h);
}

/* --- causes --- */

static void
index_rebuild(struct finding_history *h)
{
    strmap_free(&h->by_cause);
    for (size_t i = 0; i < h->causes.len; i++)
        strmap_put(&h->by_cause, h->causes.items[i].cause, (uint32_t)i);
}

/* The place of what is gone longest; NOWHERE when all are still so. */
static uint32_t
place_to_reuse(const struct finding_history *h)
{
    uint32_t best = NOWHERE;
    for (size_t i = 0; i < h->causes.len; i++) {
        const struct finding_past *p = &h->causes.items[i];
        if (p->gone_ms == IW_TIME_NONE)
            continue;
        if (best == NOWHERE || p->gone_ms < h->causes.items[best].gone_ms)
            best = (uint32_t)i;
    }
    return best;
}

static uint32_t
cause_add(struct finding_history *h, const char *cause)
{
    struct finding_past past = {.first_ms = IW_TIME_NONE, .gone_ms = IW_TIME_NONE};
    uint32_t at = (uint32_t)h->causes.len;
    (void)snprintf(past.cause, sizeof(past.cause), "%s", cause);
    if (h->causes.len == LIMIT_FINDING_CAUSES) {
        at = place_to_reuse(h);
        if (at == NOWHERE)
            return NOWHERE;
        (void)strmap_remove(&h->by_cause, h->causes.items[at].cause);
        h->causes.items[at] = past;
    } else {
        vec_push(&h->causes, past);
    }
    strmap_put(&h->by_cause, past.cause, at);
    return at;
}

/* --- steps --- */

static void
step_add(struct finding_past *p, int64_t at_ms, uint32_t pods)
{
    struct finding_step *last = p->step_count ? &p->steps[p->step_count - 1] : NULL;
    p->most = IW_MAX(p->most, pods);
    if (last && at_ms <= last->at_ms) {
        last->pods = pods; /* nothing is known between */
        return;
    }
    if (p->step_count == LIMIT_FINDING_STEPS) {
        p->steps[0].pods = IW_MAX(p->steps[0].pods, p->steps[1].pods);
        memmove(p->steps + 1, p->steps + 2, (LIMIT_FINDING_STEPS - 2) * sizeof(*p->steps));
        p->step_count--;
    }
    p->steps[p->step_count++] = (struct finding_step){at_ms, pods};
}

/* What was after `now_ms` has not been yet. */
static void
go_back(struct finding_history *h, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->causes.len; i++) {
        struct finding_past p = h->causes.items[i];
        while (p.step_count > 0 && p.steps[p.step_count - 1].at_ms > now_ms)
            p.step_count--;
        if (p.step_count == 0)
            continue;
        p.most = p.times = 0;
        for (size_t k = 0; k < p.step_count; k++) {
            p.most = IW_MAX(p.most, p.steps[k].pods);
            p.times += p.steps[k].pods > 0 && (k == 0 || p.steps[k - 1].pods == 0);
        }
        p.pods = p.steps[p.step_count - 1].pods;
        p.last_ms = IW_MIN(p.last_ms, now_ms);
        if (p.gone_ms > now_ms)
            p.gone_ms = IW_TIME_NONE;
        h->causes.items[kept++] = p;
    }
    h->causes.len = kept;
    h->began_ms = IW_MIN(h->began_ms, now_ms);
    index_rebuild(h);
}

/* --- a round --- */

void
finding_history_begin(struct finding_history *h, int64_t now_wall_ms)
{
    if (h->last_round_ms != IW_TIME_NONE && now_wall_ms < h->last_round_ms)
        go_back(h, now_wall_ms);
    if (h->began_ms == IW_TIME_NONE)
        h->began_ms = now_wall_ms;
    vec_clear(&h->seen);
    h->pod = (struct pod_ref){0, 0};
    h->pod_from = 0;
    h->round_ms = now_wall_ms;
    h->round++;
    h->runs = true;
}

static void
past_describe(struct finding_past *p, struct pod_ref ref, const struct pod *pod,
              const struct finding *f)
{
    p->id = f->id;
    p->title = f->title;
    p->severity = f->severity;
    p->pod = ref;
    (void)snprintf(p->ns, sizeof(p->ns), "%.63s", pod->ns);
    (void)snprintf(p->name, sizeof(p->name), "%.127s", pod->name);
    (void)snprintf(p->container, sizeof(p->container), "%.63s",
                   f->container ? f->container->name : "");
    memcpy(p->summary, f->summary, sizeof(p->summary));
}

void
finding_history_see(struct finding_history *h, struct pod_ref ref, const struct pod *pod,
                    const struct finding *f, int64_t since_ms)
{
    uint32_t at;
    if (!h->runs)
        return;
    if (!pod_ref_equal(ref, h->pod)) {
        h->pod = ref;
        h->pod_from = h->seen.len;
    }
    if (!strmap_get(&h->by_cause, f->cause, &at))
        at = cause_add(h, f->cause);
    if (at == NOWHERE)
        return;
    for (size_t i = h->pod_from; i < h->seen.len; i++)
        if (h->seen.items[i].cause == at)
            return; /* two containers of one pod */
    struct finding_past *p = &h->causes.items[at];
    if (p->round != h->round)
        past_describe(p, ref, pod, f);
    p->round = h->round;
    p->since_ms = since_ms;
    vec_push(&h->seen, ((struct sight){at, since_ms, ref}));
}

static int
compare_sights(const void *a, const void *b)
{
    const struct sight *x = a, *y = b;
    if (x->cause != y->cause)
        return x->cause < y->cause ? -1 : 1;
    return (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
}

/* The pods that have it now, by since when: those that came after the last round are steps where
 * they came, what else changed is one now. */
static void
cause_seen(struct finding_history *h, struct finding_past *p, const struct sight *sights,
           uint32_t count)
{
    bool comes = p->step_count == 0 || p->gone_ms != IW_TIME_NONE;
    int64_t after_ms = p->step_count ? p->steps[p->step_count - 1].at_ms : IW_TIME_NONE;
    for (uint32_t i = 0; i < count; i++) {
        int64_t since_ms = IW_MIN(sights[i].since_ms, h->round_ms);
        if (since_ms == IW_TIME_NONE)
            continue;
        if (p->first_ms == IW_TIME_NONE || since_ms < p->first_ms)
            p->first_ms = since_ms;
        if (since_ms > after_ms && (comes || i >= p->pods))
            step_add(p, since_ms, i + 1);
    }
    if (p->first_ms == IW_TIME_NONE)
        p->first_ms = h->round_ms;
    if (p->step_count == 0 || p->steps[p->step_count - 1].pods != count)
        step_add(p, h->round_ms, count);
    p->times += comes;
    p->gone_ms = IW_TIME_NONE;
    p->last_ms = h->round_ms;
    p->pods = count;
}

/* The same pod has something else since the same moment: more is known of one trouble, none is gone.
 * What it is called now has its history. */
static bool
is_renamed(const struct finding_history *h, const struct finding_past *p)
{
    for (size_t i = 0; p->since_ms != IW_TIME_NONE && i < h->seen.len; i++)
        if (pod_ref_equal(h->seen.items[i].pod, p->pod) && h->seen.items[i].since_ms == p->since_ms)
            return true;
    return false;
}

void
finding_history_end(struct finding_history *h)
{
    if (!h->runs)
        return;
    h->runs = false;
    h->last_round_ms = h->round_ms;
    if (h->seen.len > 1)
        qsort(h->seen.items, h->seen.len, sizeof(*h->seen.items), compare_sights);
    for (size_t i = 0, next; i < h->seen.len; i = next) {
        for (next = i; next < h->seen.len && h->seen.items[next].cause == h->seen.items[i].cause;)
            next++;
        cause_seen(h, &h->causes.items[h->seen.items[i].cause], &h->seen.items[i],
                   (uint32_t)(next - i));
    }
    for (size_t i = 0; i < h->causes.len; i++) {
        struct finding_past *p = &h->causes.items[i];
        if (p->round == h->round || p->gone_ms != IW_TIME_NONE)
            continue;
        p->gone_ms = h->round_ms;
        p->pods = 0;
        if (is_renamed(h, p)) {
            p->first_ms = IW_TIME_NONE;
            p->step_count = p->most = p->times = 0;
        }
        if (p->step_count > 0) /* else only a round that was given up saw it */
            step_add(p, h->round_ms, 0);
    }
}

/* --- reading --- */

const struct finding_past *
finding_history_of(const struct finding_history *h, const char *cause)
{
    uint32_t at;
    if (!strmap_get(&h->by_cause, cause, &at))
        return NULL;
    const struct finding_past *p = &h->causes.items[at];
    return p->step_count ? p : NULL;
}

size_t
finding_history_gone(const struct finding_history *h, const struct finding_past **out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < h->causes.len; i++) {
        const struct finding_past *p = &h->causes.items[i];
        if (p->gone_ms == IW_TIME_NONE || p->step_count == 0)
            continue;
        size_t at = count;
        while (at > 0 && out[at - 1]->gone_ms < p->gone_ms)
            at--;
        if (at == max)
            continue;
        count = IW_MIN(count + 1, max);
        memmove(out + at + 1, out + at, (count - 1 - at) * sizeof(*out));
        out[at] = p;
    }
    return count;
}

int64_t
finding_history_began_ms(const struct finding_history *h)
{
    return h->began_ms;
}
