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

static void
reason_add(struct event_reason *r, const struct kevent *ev, size_t at, struct strmap *seen)
{
    uint32_t known;
    char object[640];
    (void)snprintf(object, sizeof(object), "%s\n%s\n%s/%s", ev->reason, ev->object_kind, ev->ns,
                   ev->object_name);
    r->count += ev->count;
    if (ev->last_ms >= r->last_ms) {
        r->last_ms = ev->last_ms;
        r->newest = at;
    }
    if (strmap_get(seen, object, &known))
        return;
    strmap_put(seen, object, 1);
    r->objects++;
}

size_t
event_reasons(const struct kevent_ring *ring, const size_t *rows, size_t row_count,
              struct event_reason *out, size_t max)
{
    struct strmap by_reason = {0}, seen = {0};
    struct event_reason *all = iw_calloc(row_count ? row_count : 1, sizeof(*all));
    size_t count = 0;
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
        if (strcmp(ev->type, "Warning") == 0)
            all[at].type = ev->type;
        reason_add(&all[at], ev, rows[i], &seen);
    }
    if (count > 1)
        qsort(all, count, sizeof(*all), compare_reasons);
    count = IW_MIN(count, max);
    memcpy(out, all, count * sizeof(*all));
    free(all);
    strmap_free(&by_reason);
    strmap_free(&seen);
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
