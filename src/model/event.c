/* event: raw Events by their uid, folded into stories as they come, in order of time when read.
 *
 * A cluster repeats an Event in two ways: the same object with a higher count, or (scheduler,
 * different sources) a new object with the same text. The first replaces; the second is one story
 * with it. A reader pays for the stories that changed since the last one, not for all of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/event.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"

/* Places in raw and stories; NOWHERE ends a list. */
#define NOWHERE UINT32_MAX
/* Stories that nobody tells any more stay in the indexes until there are this many. */
#define GONE_MAX 1000

struct raw_event {
    struct kevent ev; /* strings reach into `block` */
    char *block;
    uint64_t fold_hash;
    uint32_t story, next; /* the story it tells, and the next Event that tells it */
};

enum story_index { BY_TEXT, BY_UID, BY_NAME, INDEX_COUNT };
struct story {
    struct kevent ev; /* as read: strings of one of its raw events; stale while dirty */
    uint32_t first;   /* raw; NOWHERE: it is gone */
    uint32_t place;   /* in order */
    uint32_t next[INDEX_COUNT];
    bool dirty;
};

/* Bringing the order up to date left all places below `lowest` as they were. */
#define READINGS_KEPT 8
struct reading {
    uint64_t generation;
    size_t lowest;
};

struct kevent_ring {
    size_t capacity;
    uint64_t generation;
    struct strmap by_uid; /* -> index into raw */
    VEC(struct raw_event) raw;
    struct folded *folded; /* brought up to date by readers */
};
struct folded {
    VEC(struct story) stories;
    VEC(uint32_t) order; /* of the stories that are told, oldest first */
    VEC(uint32_t) dirty;
    size_t gone;
    struct reading readings[READINGS_KEPT]; /* the oldest first */
    size_t reading_count;
    uint64_t forgotten;           /* generation of the latest reading that is not among them */
    uint32_t *heads[INDEX_COUNT]; /* mask + 1 of them: first story of each hash */
    size_t mask;
};

static void
heads_clear(struct folded *folded)
{
    for (int i = 0; i < INDEX_COUNT; i++)
        memset(folded->heads[i], 0xff, (folded->mask + 1) * sizeof(uint32_t));
}

struct kevent_ring *
kevent_ring_new(size_t capacity)
{
    struct kevent_ring *ring = iw_calloc(1, sizeof(*ring));
    struct folded *folded = iw_calloc(1, sizeof(*folded));
    ring->capacity = capacity ? capacity : 1;
    ring->generation = 1;
    ring->folded = folded;
    folded->mask = 15;
    while (folded->mask < ring->capacity)
        folded->mask = folded->mask * 2 + 1;
    for (int i = 0; i < INDEX_COUNT; i++)
        folded->heads[i] = iw_reallocarray(NULL, folded->mask + 1, sizeof(uint32_t));
    heads_clear(folded);
    return ring;
}

void
kevent_ring_free(struct kevent_ring *ring)
{
    if (!ring)
        return;
    for (size_t i = 0; i < ring->raw.len; i++)
        free(ring->raw.items[i].block);
    for (int i = 0; i < INDEX_COUNT; i++)
        free(ring->folded->heads[i]);
    vec_free(&ring->raw);
    vec_free(&ring->folded->stories);
    vec_free(&ring->folded->order);
    vec_free(&ring->folded->dirty);
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
    raw.ev.object_hash = (strmap_hash(ev->object_kind) * 31 + strmap_hash(ev->ns)) * 31 +
                         strmap_hash(ev->object_name);
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

/* --- stories --- */

static bool
same_story(const struct kevent *a, const struct kevent *b)
{
    return strcmp(a->object_uid, b->object_uid) == 0 && strcmp(a->container, b->container) == 0 &&
           strcmp(a->type, b->type) == 0 && strcmp(a->reason, b->reason) == 0 &&
           strcmp(a->message, b->message) == 0;
}

static void
story_mark(struct folded *folded, uint32_t at)
{
    if (folded->stories.items[at].dirty)
        return;
    folded->stories.items[at].dirty = true;
    vec_push(&folded->dirty, at);
}

static uint32_t
story_new(struct folded *folded, const struct raw_event *raw)
{
    const uint64_t hashes[INDEX_COUNT] = {raw->fold_hash, strmap_hash(raw->ev.object_uid),
                                          strmap_hash(raw->ev.object_name)};
    uint32_t at = (uint32_t)folded->stories.len;
    struct story story = {.first = NOWHERE};
    for (int i = 0; i < INDEX_COUNT; i++) {
        uint32_t *head = &folded->heads[i][hashes[i] & folded->mask];
        story.next[i] = *head;
        *head = at;
    }
    vec_push(&folded->stories, story);
    return at;
}

/* The story that a raw event tells: a known one, else a new one. */
static void
story_join(struct kevent_ring *ring, uint32_t index)
{
    struct folded *folded = ring->folded;
    struct raw_event *raw = &ring->raw.items[index];
    uint32_t at = folded->heads[BY_TEXT][raw->fold_hash & folded->mask];
    for (; at != NOWHERE; at = folded->stories.items[at].next[BY_TEXT]) {
        uint32_t first = folded->stories.items[at].first;
        if (first != NOWHERE && ring->raw.items[first].fold_hash == raw->fold_hash &&
            same_story(&ring->raw.items[first].ev, &raw->ev))
            break;
    }
    if (at == NOWHERE)
        at = story_new(folded, raw);
    raw->story = at;
    raw->next = folded->stories.items[at].first;
    folded->stories.items[at].first = index;
    story_mark(folded, at);
}

static void
story_leave(struct kevent_ring *ring, uint32_t index)
{
    const struct raw_event *raw = &ring->raw.items[index];
    struct story *story = &ring->folded->stories.items[raw->story];
    uint32_t *link = &story->first;
    while (*link != index)
        link = &ring->raw.items[*link].next;
    *link = raw->next;
    ring->folded->gone += story->first == NOWHERE;
    story_mark(ring->folded, raw->story);
}

/* All anew: places have moved, or too many stories are gone. */
static void
stories_rebuild(struct kevent_ring *ring)
{
    struct folded *folded = ring->folded;
    vec_clear(&folded->stories);
    vec_clear(&folded->order);
    vec_clear(&folded->dirty);
    folded->gone = 0;
    heads_clear(folded);
    for (size_t i = 0; i < ring->raw.len; i++)
        story_join(ring, (uint32_t)i);
}

/* --- what comes and goes --- */

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
    stories_rebuild(ring);
}

void
kevent_ring_put(struct kevent_ring *ring, const struct kevent *ev)
{
    ring->generation++;
    struct raw_event raw = raw_copy(ev);
    uint32_t index;
    if (strmap_get(&ring->by_uid, ev->uid, &index)) {
        story_leave(ring, index);
        free(ring->raw.items[index].block);
        ring->raw.items[index] = raw;
        story_join(ring, index);
        if (ring->folded->gone > GONE_MAX)
            stories_rebuild(ring);
        return;
    }
    if (ring->raw.len >= ring->capacity)
        evict_oldest(ring);
    vec_push(&ring->raw, raw);
    strmap_put(&ring->by_uid, raw.ev.uid, (uint32_t)(ring->raw.len - 1));
    story_join(ring, (uint32_t)(ring->raw.len - 1));
}

void
kevent_ring_remove(struct kevent_ring *ring, const char *uid)
{
    uint32_t index;
    if (!strmap_get(&ring->by_uid, uid, &index) || ring->raw.items[index].ev.expired)
        return;
    ring->raw.items[index].ev.expired = true;
    story_mark(ring->folded, ring->raw.items[index].story);
    ring->generation++;
}

/* --- reading --- */

/* Events carry whole seconds, and a start-up does much in one: within a second they stand in the
 * order a kubelet goes through (SEMANTICS E), the others after them. */
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

/* One reading of all that tell it: words of the oldest, uid of the newest. */
static void
story_fold(const struct kevent_ring *ring, struct story *story)
{
    const struct raw_event *oldest = &ring->raw.items[story->first], *newest = oldest;
    uint32_t count = 0;
    int64_t first_ms = oldest->ev.first_ms;
    bool expired = true;
    for (uint32_t at = story->first; at != NOWHERE; at = ring->raw.items[at].next) {
        const struct raw_event *raw = &ring->raw.items[at];
        if (compare_last_ms(raw, oldest) < 0)
            oldest = raw;
        if (compare_last_ms(raw, newest) > 0)
            newest = raw;
        count += raw->ev.count;
        first_ms = IW_MIN(first_ms, raw->ev.first_ms);
        expired = expired && raw->ev.expired;
    }
    story->ev = oldest->ev;
    story->ev.uid = newest->ev.uid;
    story->ev.count = count;
    story->ev.first_ms = first_ms;
    story->ev.last_ms = newest->ev.last_ms;
    story->ev.expired = expired;
}

static int
compare_stories(const void *a, const void *b)
{
    return compare_events(&(*(const struct story *const *)a)->ev,
                          &(*(const struct story *const *)b)->ev);
}

/* Puts the changed stories, in their order, among those that stayed where they were. Returns the
 * lowest place that one got. */
static size_t
order_merge(struct folded *folded, const struct story **changed, size_t count)
{
    size_t kept = folded->order.len, to = kept + count;
    vec_reserve(&folded->order, to);
    folded->order.len = to;
    while (count > 0) {
        const struct story *last =
            kept > 0 ? &folded->stories.items[folded->order.items[kept - 1]] : NULL;
        if (last && compare_events(&last->ev, &changed[count - 1]->ev) > 0)
            folded->order.items[--to] = folded->order.items[--kept];
        else
            folded->order.items[--to] = (uint32_t)(changed[--count] - folded->stories.items);
    }
    for (size_t i = 0; i < folded->order.len; i++)
        folded->stories.items[folded->order.items[i]].place = (uint32_t)i;
    return to;
}

static void
reading_note(struct folded *folded, uint64_t generation, size_t lowest)
{
    struct reading *r = folded->readings;
    if (folded->reading_count == READINGS_KEPT) {
        folded->forgotten = r[0].generation;
        memmove(r, r + 1, (READINGS_KEPT - 1) * sizeof(*r));
        folded->reading_count--;
    }
    r[folded->reading_count++] = (struct reading){generation, lowest};
}

static const struct folded *
folded_get(const struct kevent_ring *ring)
{
    struct folded *folded = ring->folded;
    if (folded->dirty.len == 0)
        return folded;
    size_t kept = 0, count = 0, lowest = SIZE_MAX;
    for (size_t i = 0; i < folded->order.len; i++)
        if (!folded->stories.items[folded->order.items[i]].dirty)
            folded->order.items[kept++] = folded->order.items[i];
        else
            lowest = IW_MIN(lowest, i);
    folded->order.len = kept;
    const struct story **changed =
        iw_reallocarray(NULL, folded->dirty.len, sizeof(const struct story *));
    for (size_t i = 0; i < folded->dirty.len; i++) {
        struct story *story = &folded->stories.items[folded->dirty.items[i]];
        story->dirty = false;
        if (story->first == NOWHERE)
            continue;
        story_fold(ring, story);
        changed[count++] = story;
    }
    vec_clear(&folded->dirty);
    if (count > 1)
        qsort(changed, count, sizeof(const struct story *), compare_stories);
    size_t placed = order_merge(folded, changed, count);
    reading_note(folded, ring->generation, IW_MIN(lowest, placed));
    free(changed);
    return folded;
}

size_t
kevent_ring_count(const struct kevent_ring *ring)
{
    return folded_get(ring)->order.len;
}

const struct kevent *
kevent_ring_at(const struct kevent_ring *ring, size_t i)
{
    const struct folded *folded = folded_get(ring);
    return i < folded->order.len ? &folded->stories.items[folded->order.items[i]].ev : NULL;
}

static int
compare_places(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

size_t
kevent_ring_kept(const struct kevent_ring *ring, uint64_t since)
{
    const struct folded *folded = folded_get(ring);
    size_t kept = since == 0 || since < folded->forgotten ? 0 : folded->order.len;
    for (size_t i = folded->reading_count; i-- > 0 && folded->readings[i].generation > since;)
        kept = IW_MIN(kept, folded->readings[i].lowest);
    return kept;
}

size_t
kevent_ring_about(const struct kevent_ring *ring, const char *object_uid, size_t *out, size_t max)
{
    const struct folded *folded = folded_get(ring);
    VEC(size_t) about = {0};
    uint32_t at = folded->heads[BY_UID][strmap_hash(object_uid) & folded->mask];
    for (; at != NOWHERE; at = folded->stories.items[at].next[BY_UID]) {
        const struct story *story = &folded->stories.items[at];
        if (story->first != NOWHERE && strcmp(story->ev.object_uid, object_uid) == 0)
            vec_push(&about, (size_t)story->place);
    }
    if (about.len > 1)
        qsort(about.items, about.len, sizeof(*about.items), compare_places);
    size_t stored = IW_MIN(about.len, max);
    if (stored > 0)
        memcpy(out, about.items + about.len - stored, stored * sizeof(*out));
    vec_free(&about);
    return stored;
}

bool
kevent_ring_named(const struct kevent_ring *ring, const char *object_name, size_t *it, size_t *out)
{
    const struct folded *folded = folded_get(ring);
    uint32_t at = *it == 0 ? folded->heads[BY_NAME][strmap_hash(object_name) & folded->mask]
                           : folded->stories.items[*it - 1].next[BY_NAME];
    for (; at != NOWHERE; at = folded->stories.items[at].next[BY_NAME]) {
        const struct story *story = &folded->stories.items[at];
        if (story->first == NOWHERE || strcmp(story->ev.object_name, object_name) != 0)
            continue;
        *it = (size_t)at + 1;
        *out = story->place;
        return true;
    }
    return false;
}

void
kevent_ring_clear(struct kevent_ring *ring)
{
    for (size_t i = 0; i < ring->raw.len; i++)
        free(ring->raw.items[i].block);
    vec_clear(&ring->raw);
    strmap_free(&ring->by_uid);
    stories_rebuild(ring);
    reading_note(ring->folded, ++ring->generation, 0);
}

uint64_t
kevent_ring_generation(const struct kevent_ring *ring)
{
    return ring->generation;
}
