/* eventstat: sums over events.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/eventstat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strmap.h"

static int
compare_reasons(const void *a, const void *b)
{
    const struct event_reason *left = a, *right = b;
    bool warns = strcmp(left->type, "Warning") == 0;
    if (warns != (strcmp(right->type, "Warning") == 0))
        return warns ? -1 : 1;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return strcmp(left->reason, right->reason);
}

/* Objects that were counted, by what they are called; of each reason its own. */
struct seen {
    size_t mask;
    uint32_t *places; /* row + 1; 0: free */
};

static bool
same_object(const struct kevent *a, const struct kevent *b)
{
    return a->object_hash == b->object_hash && strcmp(a->reason, b->reason) == 0 &&
           strcmp(a->object_name, b->object_name) == 0 && strcmp(a->ns, b->ns) == 0 &&
           strcmp(a->object_kind, b->object_kind) == 0;
}

/* False when an earlier row has the same reason and object. */
static bool
seen_add(struct seen *seen, const struct kevent_ring *ring, const size_t *rows, size_t row,
         uint32_t reason)
{
    const struct kevent *ev = kevent_ring_at(ring, rows[row]);
    size_t at = (size_t)((ev->object_hash + reason) * 0x9e3779b97f4a7c15u >> 20) & seen->mask;
    for (; seen->places[at]; at = (at + 1) & seen->mask)
        if (same_object(kevent_ring_at(ring, rows[seen->places[at] - 1]), ev))
            return false;
    seen->places[at] = (uint32_t)row + 1;
    return true;
}

static void
reason_add(struct event_reason *r, const struct kevent *ev, size_t at)
{
    r->count += ev->count;
    if (ev->last_ms >= r->last_ms) {
        r->last_ms = ev->last_ms;
        r->newest = at;
    }
    if (strcmp(ev->type, "Warning") == 0)
        r->type = ev->type;
}

size_t
event_reasons(const struct kevent_ring *ring, const size_t *rows, size_t row_count,
              struct event_reason *out, size_t max)
{
    struct strmap by_reason = {0};
    struct seen seen = {.mask = 15};
    struct event_reason *all = iw_calloc(row_count ? row_count : 1, sizeof(*all));
    size_t count = 0;
    while (seen.mask < 2 * row_count)
        seen.mask = seen.mask * 2 + 1;
    seen.places = iw_calloc(seen.mask + 1, sizeof(*seen.places));
    for (size_t i = 0; i < row_count; i++) {
        const struct kevent *ev = kevent_ring_at(ring, rows[i]);
        uint32_t at;
        if (!ev)
            continue;
        if (!strmap_get(&by_reason, ev->reason, &at)) {
            at = (uint32_t)count++;
            strmap_put(&by_reason, ev->reason, at);
            all[at] =
                (struct event_reason){.reason = ev->reason, .type = ev->type, .last_ms = INT64_MIN};
        }
        reason_add(&all[at], ev, rows[i]);
        all[at].objects += seen_add(&seen, ring, rows, i, at);
    }
    if (count > 1)
        qsort(all, count, sizeof(*all), compare_reasons);
    count = IW_MIN(count, max);
    memcpy(out, all, count * sizeof(*all));
    free(all);
    free(seen.places);
    strmap_free(&by_reason);
    return count;
}

static size_t
part_of(int64_t at_ms, int64_t from_ms, int64_t to_ms, size_t part_count)
{
    if (at_ms <= from_ms)
        return 0;
    double share = (double)(at_ms - from_ms) / (double)(to_ms - from_ms);
    return IW_MIN((size_t)(share * (double)part_count), part_count - 1);
}

void
event_density(const struct kevent_ring *ring, const size_t *rows, size_t row_count, int64_t from_ms,
              int64_t to_ms, double *parts, size_t part_count)
{
    memset(parts, 0, part_count * sizeof(*parts));
    if (part_count == 0 || to_ms <= from_ms)
        return;
    for (size_t i = 0; i < row_count; i++) {
        const struct kevent *ev = kevent_ring_at(ring, rows[i]);
        if (!ev || ev->last_ms < from_ms || ev->first_ms > to_ms)
            continue;
        size_t first = part_of(ev->first_ms, from_ms, to_ms, part_count);
        size_t last = part_of(IW_MIN(ev->last_ms, to_ms), from_ms, to_ms, part_count);
        last = IW_MAX(last, first);
        for (size_t p = first; p <= last; p++)
            parts[p] += (double)ev->count / (double)(last - first + 1);
    }
}

int64_t
event_expires_ms(const struct kevent *ev)
{
    return ev->last_ms + EVENT_LIFE_MS;
}
