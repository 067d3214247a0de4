/* event: Kubernetes Events as people read them, folded, in a bounded ring.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_EVENT_H
#define INITWATCH_MODEL_EVENT_H

#include "initwatch/base/iwdef.h"

/* One Event, core/v1 and events.k8s.io/v1 alike. When given to a sink all strings are borrowed for
 * the call; inside the ring they belong to the ring. Never NULL. */
struct kevent {
    const char *uid; /* of the Event itself: a repeat is the same uid with a higher count */
    const char *ns, *type /* "Normal", "Warning" */, *reason, *message;
    const char *object_kind, *object_name, *object_uid;
    const char *
        container; /* from fieldPath spec.initContainers{x}; "" when it is about the whole object */
    const char *source; /* kubelet, default-scheduler, ... */
    uint32_t count;     /* >= 1 */
    int64_t first_ms,
        last_ms; /* wall; the best of firstTimestamp, eventTime, creationTimestamp / lastTimestamp, series */
    bool expired;         /* the cluster has dropped it; kept by this session */
    uint64_t object_hash; /* of its kind, namespace and name; set by the ring */
};

struct kevent_ring;
struct kevent_ring *kevent_ring_new(size_t capacity) IW_NODISCARD;
void kevent_ring_free(struct kevent_ring *ring);
/* Forgets all of them; its generation goes on. */
void kevent_ring_clear(struct kevent_ring *ring);
/* Adds or, for a uid that is known, replaces. Repeats with equal (object uid, container, type,
 * reason, message) under another uid are folded: counts add up, first/last widen. */
void kevent_ring_put(struct kevent_ring *ring, const struct kevent *ev);
void kevent_ring_remove(struct kevent_ring *ring, const char *uid); /* marks it expired */
size_t kevent_ring_count(const struct kevent_ring *ring);
/* In order of last_ms, oldest first; borrowed until the next change. */
const struct kevent *kevent_ring_at(const struct kevent_ring *ring, size_t i);
/* So many of the oldest are the same, at the same places, as when kevent_ring_generation was
 * `since`; none for 0, and for who has not looked for many changes. For who keeps something by
 * place. */
size_t kevent_ring_kept(const struct kevent_ring *ring, uint64_t since);
/* Indexes (into kevent_ring_at order) of the events about one object, oldest first. Returns how
 * many were stored; at most `max`, the newest ones. */
size_t kevent_ring_about(const struct kevent_ring *ring, const char *object_uid, size_t *out,
                         size_t max);
/* Walks the events about objects of that name, of whatever kind and namespace, in no order: *it
 * from 0 until false; *out is an index. The ring must not change meanwhile. */
bool kevent_ring_named(const struct kevent_ring *ring, const char *object_name, size_t *it,
                       size_t *out);
uint64_t kevent_ring_generation(const struct kevent_ring *ring);

#endif
