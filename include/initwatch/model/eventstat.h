/* eventstat: what a set of events adds up to: by reason, and over time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_EVENTSTAT_H
#define INITWATCH_MODEL_EVENTSTAT_H

#include "initwatch/model/event.h"

struct event_reason {
    const char *reason, *type; /* borrowed from the ring until its next change */
    uint64_t count;            /* repeats counted */
    uint32_t objects;          /* different objects */
    int64_t last_ms;
    size_t newest; /* index of the newest event of this reason in the ring */
};
/* Sums over rows (indexes into the ring), warnings first, then by count. Returns how many were
 * stored; the rarest are left out beyond max. */
size_t event_reasons(const struct kevent_ring *ring, const size_t *rows, size_t row_count,
                     struct event_reason *out, size_t max);
/* Repeats per equal part of from_ms .. to_ms; a repeated event is spread from its first moment to
 * its last, as nothing tells when the repeats were. */
void event_density(const struct kevent_ring *ring, const size_t *rows, size_t row_count,
                   int64_t from_ms, int64_t to_ms, double *parts, size_t part_count);
/* An API server keeps events for an hour (--event-ttl) unless somebody changed it. */
#define EVENT_LIFE_MS (60 * 60 * 1000)
/* When this one goes, wall. */
int64_t event_expires_ms(const struct kevent *ev);

#endif
