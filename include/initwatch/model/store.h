/* store: every pod by uid, behind handles; timelines, events and freshness beside them.
 *
 * Only the sink functions change it, and only from loop callbacks. Views get a const pointer and
 * hold struct pod_ref, never pointers, across turns of the loop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_STORE_H
#define INITWATCH_MODEL_STORE_H

#include "initwatch/base/clock.h"
#include "initwatch/model/blocked.h"
#include "initwatch/model/sink.h"
#include "initwatch/model/timeline.h"

struct store;

/* slot + generation; {0,0} refers to nothing. */
struct pod_ref {
    uint32_t slot, gen;
};
static inline bool
pod_ref_equal(struct pod_ref a, struct pod_ref b)
{
    return a.slot == b.slot && a.gen == b.gen;
}

/* clock: borrowed for the store's life; moments of observation come from it. */
struct store *store_new(const struct clock *clock) IW_NODISCARD;
void store_free(struct store *s);
struct source_sink store_sink(struct store *s);

/* Changes with anything a view can show. pods/events generations only with theirs. */
uint64_t store_generation(const struct store *s);
uint64_t store_pods_generation(const struct store *s);

/* Living pods (deleted ones are not counted). */
size_t store_count(const struct store *s);
/* Iterate living pods in no particular order: start with {0}, until false. */
bool store_next(const struct store *s, struct pod_ref *it);
/* The same with the deleted ones whose last record is kept. */
bool store_next_known(const struct store *s, struct pod_ref *it);
/* Slots whose pod was added, changed or deleted, or was forgotten, since store_pods_generation was
 * `after`: the latest first, from {0} until false, none twice. A forgotten one has no record; its
 * slot may have been another pod's before. For who keeps something by slot and wants to look only
 * at what changed. */
bool store_next_change(const struct store *s, uint64_t after, struct pod_ref *it);
/* The record; for a deleted pod its last one until the tombstone goes; else NULL. Borrowed until
 * the next loop turn. */
const struct pod *store_get(const struct store *s, struct pod_ref ref);
/* Wall moment of deletion, IW_TIME_NONE while it lives. */
int64_t store_deleted_ms(const struct store *s, struct pod_ref ref);
/* Wall moment the record last changed. */
int64_t store_changed_ms(const struct store *s, struct pod_ref ref);
/* Changes of this pod's record: a cache key for derived facts. */
uint64_t store_pod_generation(const struct store *s, struct pod_ref ref);
/* Living pods first, then tombstones; false when unknown. ns NULL or "": any namespace. */
bool store_find(const struct store *s, const char *ns, const char *name, struct pod_ref *out);
bool store_find_uid(const struct store *s, const char *uid, struct pod_ref *out);
const struct timeline *store_timeline(const struct store *s, struct pod_ref ref);
const struct kevent_ring *store_events(const struct store *s);
/* The objects around the pods, as far as somebody asked for them. */
const struct kobjects *store_objects(const struct store *s);
/* When pods were blocked that are not any more. */
const struct blocked_ring *store_blocked(const struct store *s);
const struct source_status *store_status(const struct store *s, enum source_stream stream);
/* True once a complete list was received. */
bool store_synced(const struct store *s, enum source_stream stream);
/* Drop tombstones that are too old; called once a second. */
void store_expire(struct store *s);
/* Forget everything (other namespace or context). */
void store_clear(struct store *s);
/* Forget everything, as it will be told again from the start (a replay goes back): until
 * store_rewound a pod that was known comes back under its old handle, so that who looks at it still
 * does. */
void store_rewind(struct store *s);
/* The same for the pods of one name alone, and for all events: what a single step back undoes. */
void store_rewind_pod(struct store *s, const char *ns, const char *name);
void store_rewind_events(struct store *s);
void store_rewound(struct store *s);

#endif
