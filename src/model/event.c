/* event: raw Events by their uid, and a folded, time-ordered reading of them made on demand.
 *
 * A cluster repeats an Event in two ways: the same object with a higher count, or (scheduler,
 * different sources) a new object with the same text. The first replaces; the second is folded when
 * read.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/event.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"

struct raw_event {
    struct kevent ev; /* strings reach into `block` */
    char *block;
    uint64_t fold_hash;
};

/* What kevent_ring_at shows; rebuilt when the ring has changed since. */
struct folded {
    uint64_t generation;
    VEC(struct kevent) events;
    /* Of the object that was asked for last: a screen asks for one pod's events many times a frame. */
    char about_uid[64]; /* "" none */
    VEC(size_t) about;
};

struct kevent_ring {
    size_t capacity;
    uint64_t generation;
    struct strmap by_uid; /* -> index into raw */
    VEC(struct raw_event) raw;
    struct folded *folded;
};

struct kevent_ring *
kevent_ring_new(size_t capacity)
{
    struct kevent_ring *ring = iw_calloc(1, sizeof(*ring));
    ring->capacity = capacity ? capacity : 1;
    ring->generation = 1;
    ring->folded = iw_calloc(1, sizeof(*ring->folded));
    return ring;
}

void
kevent_ring_free(struct kevent_ring *ring)
{
    if (!ring)
        return;
    for (size_t i = 0; i < ring->raw.len; i++)
        free(ring->raw.items[i].block);
    vec_free(&ring->raw);
    vec_free(&ring->folded->events);
    vec_free(&ring->folded->about);
    free(ring->folded);
    strmap_free(&ring->by_uid);
    free(ring);
}

/* The strings of an event, in the order they are copied. */
static void
event_strings(struct kevent *ev, const char **out[11])
{
    const char **fields[11] = {&ev->uid,
                               &ev->ns,
                               &ev->type,
                               &ev->reason,
                               &ev->message,
                               &ev->object_kind,
                               &ev->object_name,
                               &ev->object_uid,
                               &ev->container,
                               &ev->source,
                               NULL};
    memcpy(out, fields, sizeof(fields));
}

static struct raw_event
raw_copy(const struct kevent *ev)
{
    struct raw_event raw = {.ev = *ev};
    const char **fields[11];
    event_strings(&raw.ev, fields);
    size_t total = 0;
    for (int i = 0; fields[i]; i++)
        total += strlen(*fields[i]) + 1;
    raw.block = iw_malloc(total);
    char *at = raw.block;
    for (int i = 0; fields[i]; i++) {
        size_t size = strlen(*fields[i]) + 1;
        memcpy(at, *fields[i], size);
        *fields[i] = at;
        at += size;
    }
    if (raw.ev.count == 0)
        raw.ev.count = 1;
    const char *const parts[] = {ev->object_uid, ev->container, ev->type, ev->reason, ev->message};
    for (size_t i = 0; i < IW_COUNTOF(parts); i++)
        raw.fold_hash = raw.fold_hash * 31 + strmap_hash(parts[i]);
    return raw;
}

static int
compare_last_ms(const void *a, const void *b)
{
    const struct kevent *left = &((const struct raw_event *)a)->ev;
    const struct kevent *right = &((const struct raw_event *)b)->ev;
    if (left->last_ms != right->last_ms)
        return left->last_ms < right->last_ms ? -1 : 1;
    return strcmp(left->uid, right->uid);
}

/* Drop the oldest tenth, so that a full ring is not sorted at every new event. */
static void
evict_oldest(struct kevent_ring *ring)
{
    qsort(ring->raw.items, ring->raw.len, sizeof(*ring->raw.items), compare_last_ms);
    size_t drop = ring->capacity / 10 + 1;
    drop = IW_MIN(drop, ring->raw.len);
    for (size_t i = 0; i < drop; i++)
        free(ring->raw.items[i].block);
    memmove(ring->raw.items, ring->raw.items + drop,
            (ring->raw.len - drop) * sizeof(*ring->raw.items));
    ring->raw.len -= drop;
    strmap_free(&ring->by_uid);
    for (size_t i = 0; i < ring->raw.len; i++)
        strmap_put(&ring->by_uid, ring->raw.items[i].ev.uid, (uint32_t)i);
}

void
kevent_ring_put(struct kevent_ring *ring, const struct kevent *ev)
{
    ring->generation++;
    struct raw_event raw = raw_copy(ev);
    uint32_t index;
    if (strmap_get(&ring->by_uid, ev->uid, &index)) {
        free(ring->raw.items[index].block);
        ring->raw.items[index] = raw;
        return;
    }
    if (ring->raw.len >= ring->capacity)
        evict_oldest(ring);
    vec_push(&ring->raw, raw);
    strmap_put(&ring->by_uid, raw.ev.uid, (uint32_t)(ring->raw.len - 1));
}

void
kevent_ring_remove(struct kevent_ring *ring, const char *uid)
{
    uint32_t index;
    if (!strmap_get(&ring->by_uid, uid, &index) || ring->raw.items[index].ev.expired)
        return;
    ring->raw.items[index].ev.expired = true;
    ring->generation++;
}

static bool
same_story(const struct kevent *a, const struct kevent *b)
{
    return strcmp(a->object_uid, b->object_uid) == 0 && strcmp(a->container, b->container) == 0 &&
           strcmp(a->type, b->type) == 0 && strcmp(a->reason, b->reason) == 0 &&
           strcmp(a->message, b->message) == 0;
}

static int
compare_fold(const void *a, const void *b)
{
    const struct raw_event *left = *(const struct raw_event *const *)a;
    const struct raw_event *right = *(const struct raw_event *const *)b;
    if (left->fold_hash != right->fold_hash)
        return left->fold_hash < right->fold_hash ? -1 : 1;
    return compare_last_ms(left, right);
}

/* Events carry whole seconds, and a start-up does much in one: within a second they stand in the order a kubelet goes
 * through (SEMANTICS E), the others after them. */
static unsigned
start_order(const char *reason)
{
    static const char *const steps[] = {
        "Scheduled", "SuccessfulAttachVolume", "AddedInterface", "Pulling", "Pulled", "Created",
        "Started"};
    unsigned at = 0;
    while (at < IW_COUNTOF(steps) && strcmp(steps[at], reason) != 0)
        at++;
    return at;
}

static int
compare_events(const void *a, const void *b)
{
    const struct kevent *left = a, *right = b;
    if (left->last_ms != right->last_ms)
        return left->last_ms < right->last_ms ? -1 : 1;
    unsigned first = start_order(left->reason), second = start_order(right->reason);
    if (first != second)
        return first < second ? -1 : 1;
    if (left->first_ms != right->first_ms)
        return left->first_ms < right->first_ms ? -1 : 1;
    return strcmp(left->uid, right->uid);
}

static void
fold_into(struct kevent *into, const struct kevent *ev)
{
    into->count += ev->count;
    into->first_ms = IW_MIN(into->first_ms, ev->first_ms);
    into->expired = into->expired && ev->expired;
    if (ev->last_ms >= into->last_ms) {
        into->last_ms = ev->last_ms;
        into->uid = ev->uid;
    }
}

static const struct folded *
folded_get(const struct kevent_ring *ring)
{
    struct folded *folded = ring->folded;
    if (folded->generation == ring->generation)
        return folded;
    folded->generation = ring->generation;
    folded->about_uid[0] = '\0';
    vec_clear(&folded->events);
    if (ring->raw.len == 0)
        return folded;
    const struct raw_event **order = iw_reallocarray(NULL, ring->raw.len, sizeof(*order));
    for (size_t i = 0; i < ring->raw.len; i++)
        order[i] = &ring->raw.items[i];
    qsort(order, ring->raw.len, sizeof(*order), compare_fold);
    for (size_t i = 0; i < ring->raw.len; i++) {
        size_t len = folded->events.len;
        bool repeat = i > 0 && order[i]->fold_hash == order[i - 1]->fold_hash &&
                      same_story(&folded->events.items[len - 1], &order[i]->ev);
        if (repeat)
            fold_into(&folded->events.items[len - 1], &order[i]->ev);
        else
            vec_push(&folded->events, order[i]->ev);
    }
    free(order);
    qsort(folded->events.items, folded->events.len, sizeof(*folded->events.items), compare_events);
    return folded;
}

size_t
kevent_ring_count(const struct kevent_ring *ring)
{
    return folded_get(ring)->events.len;
}

const struct kevent *
kevent_ring_at(const struct kevent_ring *ring, size_t i)
{
    const struct folded *folded = folded_get(ring);
    return i < folded->events.len ? &folded->events.items[i] : NULL;
}

static void
about_collect(struct folded *folded, const char *object_uid)
{
    vec_clear(&folded->about);
    for (size_t i = 0; i < folded->events.len; i++)
        if (strcmp(folded->events.items[i].object_uid, object_uid) == 0)
            vec_push(&folded->about, i);
    /* one that does not fit is collected each time */
    folded->about_uid[0] = '\0';
    if (strlen(object_uid) < sizeof(folded->about_uid))
        memcpy(folded->about_uid, object_uid, strlen(object_uid) + 1);
}

size_t
kevent_ring_about(const struct kevent_ring *ring, const char *object_uid, size_t *out, size_t max)
{
    (void)folded_get(ring);
    struct folded *folded = ring->folded;
    if (folded->about_uid[0] == '\0' || strcmp(folded->about_uid, object_uid) != 0)
        about_collect(folded, object_uid);
    size_t stored = IW_MIN(folded->about.len, max), first = folded->about.len - stored;
    for (size_t i = 0; i < stored; i++)
        out[i] = folded->about.items[first + i];
    return stored;
}

uint64_t
kevent_ring_generation(const struct kevent_ring *ring)
{
    return ring->generation;
}
