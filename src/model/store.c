/* store: slots of pods, found by uid; a slot's generation makes old handles harmless.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/store.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "store_internal.h"
#include "timeline_internal.h"

static struct source_status
status_unknown(enum source_stream stream)
{
    return (struct source_status){.stream = stream,
                                  .since_wall_ms = IW_TIME_NONE,
                                  .last_contact_wall_ms = IW_TIME_NONE,
                                  .retry_at_wall_ms = IW_TIME_NONE};
}

struct store *
store_new(const struct clock *clock)
{
    struct store *s = iw_calloc(1, sizeof(*s));
    s->clock = clock;
    s->generation = s->pods_generation = 1;
    s->newest = SLOT_NONE;
    s->events = kevent_ring_new(LIMIT_EVENTS_TOTAL);
    s->objects = kobjects_new();
    s->blocked = blocked_ring_new();
    for (int i = 0; i < STREAM_COUNT; i++)
        s->status[i] = status_unknown((enum source_stream)i);
    return s;
}

/* --- the order of last change --- */

static void
unlink_slot(struct store *s, uint32_t index)
{
    struct slot *slots = s->slots.items;
    uint32_t newer = slots[index].newer, older = slots[index].older;
    if (newer != SLOT_NONE)
        slots[newer].older = older;
    else if (s->newest == index)
        s->newest = older;
    if (older != SLOT_NONE)
        slots[older].newer = newer;
}

/* The pod in this slot has changed, or is gone. */
static void
touch(struct store *s, uint32_t index)
{
    struct slot *slot = &s->slots.items[index];
    s->generation++;
    slot->pods_generation = ++s->pods_generation;
    unlink_slot(s, index);
    slot->newer = SLOT_NONE;
    slot->older = s->newest;
    if (s->newest != SLOT_NONE)
        s->slots.items[s->newest].newer = index;
    s->newest = index;
}

/* The record goes; the slot keeps its handle. */
static void
slot_empty(struct store *s, uint32_t index)
{
    struct slot *slot = &s->slots.items[index];
    if (slot->deleted_ms == IW_TIME_NONE)
        s->living--;
    else
        s->tombstones--;
    store_uid_remove(s, index);
    pod_free(slot->pod);
    timeline_free(slot->timeline);
    *slot = (struct slot){
        .gen = slot->gen, .changes = slot->changes, .newer = slot->newer, .older = slot->older};
    touch(s, index);
}

static void
slot_free(struct store *s, uint32_t index)
{
    slot_empty(s, index);
    s->slots.items[index].gen++;
    s->slots.items[index].changes = 0;
    vec_push(&s->free_slots, index);
}

void
store_rewind_events(struct store *s)
{
    kevent_ring_clear(s->events);
    s->generation++;
}

static void
forget_rest(struct store *s)
{
    store_rewind_events(s);
    for (int i = 0; i < STREAM_COUNT; i++) {
        s->status[i] = status_unknown((enum source_stream)i);
        s->synced[i] = false;
    }
    kobjects_clear(s->objects);
    blocked_ring_clear(s->blocked);
    s->generation++;
    s->pods_generation++;
}

void
store_clear(struct store *s)
{
    for (size_t i = 0; i < s->slots.len; i++) {
        if (s->slots.items[i].pod)
            slot_free(s, (uint32_t)i);
    }
    forget_rest(s);
}

static void
slot_reserve(struct store *s, size_t index)
{
    strmap_put(&s->reserved, s->slots.items[index].pod->uid, (uint32_t)index);
    slot_empty(s, (uint32_t)index);
    s->slots.items[index].reserved = true;
}

void
store_rewind_pod(struct store *s, const char *ns, const char *name)
{
    for (size_t i = 0; i < s->slots.len; i++) {
        const struct pod *pod = s->slots.items[i].pod;
        if (!pod || strcmp(pod->name, name) != 0 || strcmp(pod->ns, ns) != 0)
            continue;
        blocked_ring_forget(s->blocked, pod->uid);
        slot_reserve(s, i);
    }
}

void
store_rewind(struct store *s)
{
    store_rewound(s);
    for (size_t i = 0; i < s->slots.len; i++) {
        if (s->slots.items[i].pod)
            slot_reserve(s, i);
    }
    vec_clear(&s->graves);
    s->graves_done = 0;
    forget_rest(s);
}

void
store_rewound(struct store *s)
{
    for (size_t i = 0; s->reserved.count && i < s->slots.len; i++) {
        struct slot *slot = &s->slots.items[i];
        if (!slot->reserved)
            continue;
        slot->reserved = false;
        slot->gen++;
        slot->changes = 0;
        vec_push(&s->free_slots, (uint32_t)i);
    }
    strmap_free(&s->reserved);
}

void
store_free(struct store *s)
{
    if (!s)
        return;
    store_clear(s);
    kevent_ring_free(s->events);
    kobjects_free(s->objects);
    blocked_ring_free(s->blocked);
    vec_free(&s->slots);
    vec_free(&s->free_slots);
    vec_free(&s->graves);
    free(s->by_uid.places);
    strmap_free(&s->list_marks);
    strmap_free(&s->reserved);
    free(s);
}

/* --- the sink --- */

static uint32_t
slot_new(struct store *s, const char *uid)
{
    uint32_t reserved;
    if (s->reserved.count && strmap_get(&s->reserved, uid, &reserved) &&
        s->slots.items[reserved].reserved)
        return reserved;
    if (s->free_slots.len)
        return s->free_slots.items[--s->free_slots.len];
    vec_push(&s->slots, ((struct slot){.gen = 1, .newer = SLOT_NONE, .older = SLOT_NONE}));
    return (uint32_t)(s->slots.len - 1);
}

/* The record in the slot gives way to `pod`; what differs goes into the timeline. */
static void
slot_replace(struct store *s, struct slot *slot, struct pod *pod)
{
    int64_t now_wall_ms = clock_wall(s->clock);
    if (!slot->timeline)
        slot->timeline = timeline_new();
    bool gap = slot->gap_epoch != s->gap_epoch;
    timeline_diff(slot->timeline, slot->pod, pod, now_wall_ms, gap);
    if (slot->deleted_ms == IW_TIME_NONE)
        blocked_ring_note(s->blocked, slot->pod, pod, now_wall_ms);
    pod_free(slot->pod);
    slot->pod = pod;
    slot->changes++;
    slot->changed_ms = now_wall_ms;
    touch(s, (uint32_t)(slot - s->slots.items));
}

static void
on_upsert(void *ctx, struct pod *pod)
{
    struct store *s = ctx;
    uint32_t index;
    if (store_uid_find(s, pod->uid, &index)) {
        struct slot *slot = &s->slots.items[index];
        slot->mark = s->list_mark;
        bool same = pod->resource_version[0] != '\0' &&
                    strcmp(slot->pod->resource_version, pod->resource_version) == 0;
        if (same && slot->deleted_ms == IW_TIME_NONE) {
            slot->gap_epoch = s->gap_epoch;
            pod_free(pod);
            return;
        }
        if (slot->deleted_ms != IW_TIME_NONE) {
            slot->deleted_ms = IW_TIME_NONE; /* it was only missing from a list */
            s->tombstones--;
            s->living++;
        }
        slot_replace(s, slot, pod);
        slot->gap_epoch = s->gap_epoch;
        return;
    }
    index = slot_new(s, pod->uid);
    struct slot *slot = &s->slots.items[index];
    *slot = (struct slot){.pod = pod,
                          .gen = slot->gen,
                          .mark = s->list_mark,
                          .gap_epoch = s->gap_epoch,
                          .changes = slot->changes + 1,
                          .changed_ms = clock_wall(s->clock),
                          .deleted_ms = IW_TIME_NONE,
                          .newer = slot->newer,
                          .older = slot->older};
    store_uid_add(s, index);
    s->living++;
    touch(s, index);
}

static void
make_tombstone(struct store *s, struct slot *slot)
{
    if (slot->deleted_ms != IW_TIME_NONE)
        return;
    slot->deleted_ms = clock_wall(s->clock);
    blocked_ring_note(s->blocked, slot->pod, NULL, slot->deleted_ms);
    slot->changes++;
    s->living--;
    s->tombstones++;
    struct grave grave = {{(uint32_t)(slot - s->slots.items), slot->gen}, slot->deleted_ms};
    vec_push(&s->graves, grave);
    touch(s, (uint32_t)(slot - s->slots.items));
}

static void
on_remove(void *ctx, struct pod *last)
{
    struct store *s = ctx;
    uint32_t index;
    if (!store_uid_find(s, last->uid, &index)) {
        pod_free(last);
        return;
    }
    struct slot *slot = &s->slots.items[index];
    slot_replace(s, slot, last);
    make_tombstone(s, slot);
    store_expire(s);
}

static void
on_list_begin(void *ctx, enum source_stream stream, const char *ns)
{
    struct store *s = ctx;
    if (stream == STREAM_PODS)
        strmap_put(&s->list_marks, ns, ++s->list_mark);
}

static void
on_list_end(void *ctx, enum source_stream stream, const char *ns)
{
    struct store *s = ctx;
    s->synced[stream] = true;
    s->generation++;
    uint32_t began;
    if (stream != STREAM_PODS || !strmap_get(&s->list_marks, ns, &began))
        return;
    for (size_t i = 0; i < s->slots.len; i++) {
        struct slot *slot = &s->slots.items[i];
        bool in_scope = slot->pod && (ns[0] == '\0' || strcmp(slot->pod->ns, ns) == 0);
        if (in_scope && slot->mark < began)
            make_tombstone(s, slot);
    }
}

static void
on_event(void *ctx, const struct kevent *ev)
{
    struct store *s = ctx;
    kevent_ring_put(s->events, ev);
    s->generation++;
}

static void
on_event_removed(void *ctx, const char *uid)
{
    struct store *s = ctx;
    kevent_ring_remove(s->events, uid);
    s->generation++;
}

static void
on_status(void *ctx, const struct source_status *st)
{
    struct store *s = ctx;
    struct source_status *mine = &s->status[st->stream];
    bool lost = st->state == SOURCE_STALE && mine->state != SOURCE_STALE;
    if (st->stream == STREAM_PODS && lost)
        s->gap_epoch++;
    *mine = *st;
    s->generation++;
}

static void
on_objects_begin(void *ctx, enum kobject_kind kind, const char *ns)
{
    struct store *s = ctx;
    kobjects_begin(s->objects, kind, ns);
}

static void
on_object(void *ctx, struct kobject *o)
{
    struct store *s = ctx;
    kobjects_put(s->objects, o);
    s->generation++;
}

static void
on_object_removed(void *ctx, enum kobject_kind kind, const char *ns, const char *name)
{
    struct store *s = ctx;
    kobjects_remove(s->objects, kind, ns, name);
    s->generation++;
}

static void
on_objects_end(void *ctx, enum kobject_kind kind, const char *ns)
{
    struct store *s = ctx;
    kobjects_end(s->objects, kind, ns);
    s->generation++;
}

static void
on_objects_state(void *ctx, enum kobject_kind kind, const char *ns, enum objects_state state,
                 const struct iw_error *err)
{
    struct store *s = ctx;
    kobjects_set_state(s->objects, kind, ns, state, err);
    s->generation++;
}

static void
on_objects_forget(void *ctx, enum kobject_kind kind, const char *ns)
{
    struct store *s = ctx;
    kobjects_forget(s->objects, kind, ns);
    s->generation++;
}

struct source_sink
store_sink(struct store *s)
{
    return (struct source_sink){.ctx = s,
                                .list_begin = on_list_begin,
                                .upsert = on_upsert,
                                .remove = on_remove,
                                .list_end = on_list_end,
                                .event = on_event,
                                .event_removed = on_event_removed,
                                .status = on_status,
                                .objects_begin = on_objects_begin,
                                .object = on_object,
                                .object_removed = on_object_removed,
                                .objects_end = on_objects_end,
                                .objects_state = on_objects_state,
                                .objects_forget = on_objects_forget};
}

/* --- the dead --- */

/* The pod that has been dead longest; NULL when none is. */
static struct slot *
oldest_grave(struct store *s)
{
    for (; s->graves_done < s->graves.len; s->graves_done++) {
        const struct grave *grave = &s->graves.items[s->graves_done];
        struct slot *slot = store_slot(s, grave->ref);
        if (slot && slot->deleted_ms == grave->deleted_ms)
            return slot;
    }
    vec_clear(&s->graves);
    s->graves_done = 0;
    return NULL;
}

void
store_expire(struct store *s)
{
    int64_t limit_ms = clock_wall(s->clock) - LIMIT_TOMBSTONE_MS;
    for (struct slot *slot; s->tombstones > 0 && (slot = oldest_grave(s)) != NULL;) {
        if (slot->deleted_ms >= limit_ms && s->tombstones <= LIMIT_TOMBSTONES)
            break;
        slot_free(s, (uint32_t)(slot - s->slots.items));
        s->graves_done++;
    }
    if (s->graves_done > LIMIT_TOMBSTONES) {
        s->graves.len -= s->graves_done;
        memmove(s->graves.items, s->graves.items + s->graves_done,
                s->graves.len * sizeof(*s->graves.items));
        s->graves_done = 0;
    }
}
