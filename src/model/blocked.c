/* blocked: when pods were blocked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/blocked.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strmap.h"

/* Shorter pauses are the tries of a crash loop. */
#define PAUSE_MS 60000

struct blocked_ring {
    struct blocked_span spans[LIMIT_BLOCKED_SPANS];
    size_t count, next; /* next: the oldest, once it is full */
    int64_t known_ms;
};

bool
pod_is_blocked(const struct pod *pod, const struct pod_block *block)
{
    const struct container *c = block->container;
    if (block->severity > BLOCK_PROGRESS)
        return true;
    return block->severity == BLOCK_PROGRESS && !pod_is_deleted(pod) && c && c->status &&
           c->status->restart_count > 0;
}

struct blocked_ring *
blocked_ring_new(void)
{
    struct blocked_ring *ring = iw_calloc(1, sizeof(*ring));
    ring->known_ms = IW_TIME_NONE;
    return ring;
}

void
blocked_ring_free(struct blocked_ring *ring)
{
    free(ring);
}

void
blocked_ring_clear(struct blocked_ring *ring)
{
    ring->count = ring->next = 0;
    ring->known_ms = IW_TIME_NONE;
}

/* A crash loop ends and begins again: one span. */
static struct blocked_span *
span_to_extend(struct blocked_ring *ring, uint64_t pod, int64_t from_ms)
{
    for (size_t i = 0; i < ring->count; i++) {
        struct blocked_span *s = &ring->spans[i];
        if (s->pod == pod && s->to_ms + PAUSE_MS >= from_ms && s->to_ms > s->from_ms)
            return s;
    }
    return NULL;
}

static void
span_add(struct blocked_ring *ring, uint64_t pod, int64_t from_ms, int64_t to_ms)
{
    struct blocked_span *known = span_to_extend(ring, pod, from_ms);
    if (known) {
        known->from_ms = IW_MIN(known->from_ms, from_ms);
        known->to_ms = IW_MAX(known->to_ms, to_ms);
        return;
    }
    struct blocked_span *s = &ring->spans[ring->next];
    if (ring->count == LIMIT_BLOCKED_SPANS)
        ring->known_ms = IW_MAX(ring->known_ms, s->to_ms);
    else
        ring->count++;
    *s = (struct blocked_span){pod, from_ms, to_ms};
    ring->next = (ring->next + 1) % LIMIT_BLOCKED_SPANS;
}

void
blocked_ring_note(struct blocked_ring *ring, const struct pod *was, const struct pod *now,
                  int64_t now_wall_ms)
{
    struct pod_block before, after;
    int64_t to_ms = now_wall_ms;
    pod_block_of(was, now_wall_ms, &before);
    if (!pod_is_blocked(was, &before) || before.since_ms == IW_TIME_NONE)
        return;
    if (now) {
        pod_block_of(now, now_wall_ms, &after);
        bool still = pod_is_blocked(now, &after) && after.since_ms != IW_TIME_NONE;
        if (still && after.since_ms <= before.since_ms + PAUSE_MS)
            return;
        if (still)
            to_ms = IW_MIN(after.since_ms, now_wall_ms);
    }
    if (to_ms > before.since_ms)
        span_add(ring, strmap_hash(was->uid), before.since_ms, to_ms);
}

void
blocked_ring_forget(struct blocked_ring *ring, const char *uid)
{
    uint64_t pod = strmap_hash(uid);
    for (size_t i = 0; i < ring->count; i++) {
        struct blocked_span *s = &ring->spans[i];
        if (s->pod == pod)
            *s = (struct blocked_span){0}; /* counts for nothing; its place is taken in its turn */
    }
}

const struct blocked_span *
blocked_ring_spans(const struct blocked_ring *ring, size_t *count)
{
    *count = ring->count;
    return ring->spans;
}

int64_t
blocked_ring_known_ms(const struct blocked_ring *ring)
{
    return ring->known_ms;
}

/* --- counting --- */

static int
compare_spans(const void *a, const void *b)
{
    const struct blocked_span *x = a, *y = b;
    if (x->pod != y->pod)
        return x->pod < y->pod ? -1 : 1;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static int64_t
end_of(const struct blocked_span *s)
{
    return s->to_ms == IW_TIME_NONE ? INT64_MAX : s->to_ms;
}

/* Spans of one pod that touch become one; returns how many are left. */
static size_t
spans_join(struct blocked_span *spans, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(spans, count, sizeof(*spans), compare_spans);
    for (size_t i = 0; i < count; i++) {
        struct blocked_span *last = kept ? &spans[kept - 1] : NULL;
        bool joins = last && last->pod == spans[i].pod &&
                     (last->to_ms == IW_TIME_NONE || spans[i].from_ms - last->to_ms <= PAUSE_MS);
        if (!joins)
            spans[kept++] = spans[i];
        else if (end_of(&spans[i]) > end_of(last))
            last->to_ms = spans[i].to_ms;
    }
    return kept;
}

static int
compare_moments(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

uint32_t
blocked_count(struct blocked_span *spans, size_t count, int64_t from_ms, int64_t to_ms,
              uint32_t *parts, size_t part_count)
{
    uint32_t most = 0, running = 0, here;
    count = spans_join(spans, count);
    int64_t *begins = iw_calloc(2 * count + 1, sizeof(*begins)), *ends = begins + count;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].from_ms > to_ms || end_of(&spans[i]) <= from_ms)
            continue;
        begins[n] = IW_MAX(spans[i].from_ms, from_ms);
        ends[n++] = end_of(&spans[i]);
    }
    qsort(begins, n, sizeof(*begins), compare_moments);
    qsort(ends, n, sizeof(*ends), compare_moments);
    memset(parts, 0, part_count * sizeof(*parts));
    size_t b = 0, e = 0;
    for (size_t p = 0; p < part_count; p++) {
        int64_t until_ms = from_ms + (to_ms - from_ms) * (int64_t)(p + 1) / (int64_t)part_count;
        here = running;
        for (; b < n && begins[b] <= until_ms; b++) {
            for (; e < n && ends[e] <= begins[b]; e++)
                running--;
            running++;
            here = IW_MAX(here, running);
        }
        for (; e < n && ends[e] <= until_ms; e++)
            running--;
        parts[p] = here;
        most = IW_MAX(most, here);
    }
    free(begins);
    return most;
}
