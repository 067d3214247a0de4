/* store_read: what a store has, for who looks; nothing here changes it, but for a history that is made when it is asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store_internal.h"
#include "timeline_internal.h"

struct slot *
store_slot(const struct store *s, struct pod_ref ref)
{
    if (ref.gen == 0 || ref.slot >= s->slots.len)
        return NULL;
    struct slot *slot = &s->slots.items[ref.slot];
    return slot->pod && slot->gen == ref.gen ? slot : NULL;
}

uint64_t
store_generation(const struct store *s)
{
    return s->generation;
}

uint64_t
store_pods_generation(const struct store *s)
{
    return s->pods_generation;
}

size_t
store_count(const struct store *s)
{
    return s->living;
}

static struct pod_ref
ref_of(const struct store *s, size_t index)
{
    return (struct pod_ref){(uint32_t)index, s->slots.items[index].gen};
}

static bool
next_slot(const struct store *s, struct pod_ref *it, bool deleted_too)
{
    for (size_t i = it->gen == 0 ? 0 : it->slot + 1u; i < s->slots.len; i++) {
        const struct slot *slot = &s->slots.items[i];
        if (slot->pod && (deleted_too || slot->deleted_ms == IW_TIME_NONE)) {
            *it = ref_of(s, i);
            return true;
        }
    }
    return false;
}

bool
store_next(const struct store *s, struct pod_ref *it)
{
    return next_slot(s, it, false);
}

bool
store_next_known(const struct store *s, struct pod_ref *it)
{
    return next_slot(s, it, true);
}

bool
store_next_change(const struct store *s, uint64_t after, struct pod_ref *it)
{
    uint32_t index = it->gen == 0 ? s->newest : s->slots.items[it->slot].older;
    if (index == SLOT_NONE || s->slots.items[index].pods_generation <= after)
        return false;
    *it = ref_of(s, index);
    return true;
}

const struct pod *
store_get(const struct store *s, struct pod_ref ref)
{
    const struct slot *slot = store_slot(s, ref);
    return slot ? slot->pod : NULL;
}

int64_t
store_deleted_ms(const struct store *s, struct pod_ref ref)
{
    const struct slot *slot = store_slot(s, ref);
    return slot ? slot->deleted_ms : IW_TIME_NONE;
}

int64_t
store_changed_ms(const struct store *s, struct pod_ref ref)
{
    const struct slot *slot = store_slot(s, ref);
    return slot ? slot->changed_ms : IW_TIME_NONE;
}

uint64_t
store_pod_generation(const struct store *s, struct pod_ref ref)
{
    const struct slot *slot = store_slot(s, ref);
    return slot ? slot->changes : 0;
}

bool
store_find(const struct store *s, const char *ns, const char *name, struct pod_ref *out)
{
    bool found = false;
    for (size_t i = 0; i < s->slots.len; i++) {
        const struct slot *slot = &s->slots.items[i];
        if (!slot->pod || strcmp(slot->pod->name, name) != 0)
            continue;
        if (ns && ns[0] && strcmp(slot->pod->ns, ns) != 0)
            continue;
        *out = ref_of(s, i);
        found = true;
        if (slot->deleted_ms == IW_TIME_NONE)
            return true;
    }
    return found;
}

bool
store_find_uid(const struct store *s, const char *uid, struct pod_ref *out)
{
    uint32_t index;
    if (!store_uid_find(s, uid, &index))
        return false;
    *out = ref_of(s, index);
    return true;
}

const struct timeline *
store_timeline(const struct store *s, struct pod_ref ref)
{
    struct slot *slot = store_slot(s, ref);
    if (!slot)
        return NULL;
    /* Most pods are never looked at: what has not changed is read off the record when somebody
     * does.
     * */
    if (!slot->timeline)
        slot->timeline = timeline_new();
    timeline_complete(slot->timeline, slot->pod);
    return slot->timeline;
}

const struct kevent_ring *
store_events(const struct store *s)
{
    return s->events;
}

const struct kobjects *
store_objects(const struct store *s)
{
    return s->objects;
}

const struct source_status *
store_status(const struct store *s, enum source_stream stream)
{
    return &s->status[stream];
}

const struct blocked_ring *
store_blocked(const struct store *s)
{
    return s->blocked;
}

bool
store_synced(const struct store *s, enum source_stream stream)
{
    return s->synced[stream];
}
