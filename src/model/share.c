/* share: see the header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "share.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/model/pod.h"

#define AREA_FIRST_BYTES 8192u
#define POOL_FIRST_BUCKETS 1024u

struct block {
    struct block *next; /* in its bucket */
    uint64_t hash;
    uint32_t refs, len;
    max_align_t bytes[];
};

static struct block **buckets;
static size_t bucket_count, block_count, pool_bytes;

/* --- areas --- */

size_t
area_room(struct area *a, size_t size, size_t align)
{
    size_t place = (a->used + align - 1) / align * align;
    if (place + size > a->cap) {
        size_t cap = a->cap ? a->cap : AREA_FIRST_BYTES;
        while (cap < place + size)
            cap *= 2;
        a->bytes = iw_reallocarray(a->bytes, cap, 1);
        a->cap = cap;
    }
    memset(a->bytes + a->used, 0, place + size - a->used);
    a->used = place + size;
    return place;
}

void
area_point(struct area *a, size_t place, const void *outside)
{
    memcpy(a->bytes + place, &outside, sizeof(outside));
}

void
area_point_inside(struct area *a, size_t place, size_t target)
{
    uintptr_t distance = target;
    memcpy(a->bytes + place, &distance, sizeof(distance));
    vec_push(&a->pointers, (uint32_t)place);
}

void
area_clear(struct area *a)
{
    a->used = 0;
    vec_clear(&a->pointers);
}

/* Distances in `bytes` to addresses from `base` on, or back. */
static void
shift_pointers(const struct area *a, char *bytes, uintptr_t base)
{
    for (size_t i = 0; i < a->pointers.len; i++) {
        uintptr_t value;
        char *at = bytes + a->pointers.items[i];
        memcpy(&value, at, sizeof(value));
        value += base;
        memcpy(at, &value, sizeof(value));
    }
}

void
area_move(const struct area *a, void *to)
{
    memcpy(to, a->bytes, a->used);
    shift_pointers(a, to, (uintptr_t)to);
}

/* --- the pool --- */

static uint64_t
hash_of(const struct area *a)
{
    uint64_t hash = a->used, word = 0;
    for (size_t at = 0; at < a->used; at += sizeof(word)) {
        word = 0;
        memcpy(&word, a->bytes + at, IW_MIN(sizeof(word), a->used - at));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static void
pool_grow(void)
{
    size_t count = bucket_count ? bucket_count * 2 : POOL_FIRST_BUCKETS;
    struct block **grown = iw_calloc(count, sizeof(struct block *));
    for (size_t i = 0; i < bucket_count; i++) {
        for (struct block *b = buckets[i], *next; b; b = next) {
            next = b->next;
            b->next = grown[b->hash & (count - 1)];
            grown[b->hash & (count - 1)] = b;
        }
    }
    free(buckets);
    buckets = grown;
    bucket_count = count;
}

/* The area becomes one for `block`'s address: equal bytes are then equal contents. */
static bool
same_contents(const struct area *a, const struct block *block)
{
    uintptr_t base = (uintptr_t)block->bytes;
    shift_pointers(a, a->bytes, base);
    bool same = memcmp(a->bytes, block->bytes, a->used) == 0;
    if (!same)
        shift_pointers(a, a->bytes, 0 - base);
    return same;
}

const void *
share_hold(struct area *a)
{
    if (a->used == 0)
        return NULL;
    if (block_count >= bucket_count)
        pool_grow();
    uint64_t hash = hash_of(a);
    struct block **bucket = &buckets[hash & (bucket_count - 1)];
    for (struct block *b = *bucket; b; b = b->next) {
        if (b->hash == hash && b->len == a->used && same_contents(a, b)) {
            b->refs++;
            return b->bytes;
        }
    }
    struct block *block = iw_malloc(sizeof(*block) + a->used);
    *block = (struct block){.next = *bucket, .hash = hash, .refs = 1, .len = (uint32_t)a->used};
    area_move(a, block->bytes);
    *bucket = block;
    block_count++;
    pool_bytes += sizeof(*block) + a->used;
    return block->bytes;
}

static struct block *
block_of(const void *bytes)
{
    return (struct block *)(void *)((char *)(uintptr_t)bytes - offsetof(struct block, bytes));
}

void
share_again(const void *bytes)
{
    block_of(bytes)->refs++;
}

void
share_release(const void *bytes)
{
    if (!bytes)
        return;
    struct block *block = block_of(bytes);
    if (--block->refs > 0)
        return;
    struct block **link = &buckets[block->hash & (bucket_count - 1)];
    while (*link != block)
        link = &(*link)->next;
    *link = block->next;
    block_count--;
    pool_bytes -= sizeof(*block) + block->len;
    free(block);
}

size_t
pod_shared_bytes(void)
{
    return pool_bytes + bucket_count * sizeof(struct block *);
}
