/* store_uid: the slots of pods by their uid, an index without keys of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store_internal.h"

/* Where the uid is, or the free place where it belongs. */
static size_t
uid_place(const struct store *s, const char *uid)
{
    const struct uid_index *index = &s->by_uid;
    size_t at = strmap_hash(uid) & (index->capacity - 1);
    while (index->places[at] && strcmp(s->slots.items[index->places[at] - 1].pod->uid, uid) != 0)
        at = (at + 1) & (index->capacity - 1);
    return at;
}

bool
store_uid_find(const struct store *s, const char *uid, uint32_t *slot)
{
    uint32_t found = s->by_uid.count ? s->by_uid.places[uid_place(s, uid)] : 0;
    if (found)
        *slot = found - 1;
    return found != 0;
}

/* At most half full. The slot has its pod, whose uid is new. */
void
store_uid_add(struct store *s, uint32_t slot)
{
    struct uid_index *index = &s->by_uid;
    if (index->count * 2 >= index->capacity) {
        uint32_t *old = index->places;
        size_t old_capacity = index->capacity;
        index->capacity = old_capacity ? old_capacity * 2 : 64;
        index->places = iw_calloc(index->capacity, sizeof(*index->places));
        for (size_t i = 0; i < old_capacity; i++)
            if (old[i])
                index->places[uid_place(s, s->slots.items[old[i] - 1].pod->uid)] = old[i];
        free(old);
    }
    index->places[uid_place(s, s->slots.items[slot].pod->uid)] = slot + 1;
    index->count++;
}

/* The slot still has its pod. What was pushed on by it moves back. */
void
store_uid_remove(struct store *s, uint32_t slot)
{
    struct uid_index *index = &s->by_uid;
    size_t mask = index->capacity - 1, hole = uid_place(s, s->slots.items[slot].pod->uid);
    if (index->places[hole] != slot + 1)
        return;
    for (size_t at = (hole + 1) & mask; index->places[at]; at = (at + 1) & mask) {
        size_t home = strmap_hash(s->slots.items[index->places[at] - 1].pod->uid) & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        index->places[hole] = index->places[at];
        hole = at;
    }
    index->places[hole] = 0;
    index->count--;
}
