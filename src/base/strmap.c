/* strmap: open addressing with linear probing; removed slots are reused when the table is rebuilt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/strmap.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

struct strmap_slot {
    char *key; /* NULL: never used, or removed when `removed` */
    uint64_t hash;
    uint32_t value;
    bool removed;
};

enum { STRMAP_FIRST_CAPACITY = 64 };

uint64_t
strmap_hash(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

static struct strmap_slot *
find_slot(const struct strmap *m, const char *key, uint64_t hash)
{
    for (size_t i = hash & (m->capacity - 1);; i = (i + 1) & (m->capacity - 1)) {
        struct strmap_slot *slot = &m->slots[i];
        if (!slot->key && !slot->removed)
            return slot;
        if (slot->key && slot->hash == hash && strcmp(slot->key, key) == 0)
            return slot;
    }
}

static void
rebuild(struct strmap *m, size_t capacity)
{
    struct strmap_slot *old = m->slots;
    size_t old_capacity = m->capacity;
    m->slots = iw_calloc(capacity, sizeof(*m->slots));
    m->capacity = capacity;
    m->used = m->count;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].key)
            *find_slot(m, old[i].key, old[i].hash) = old[i];
    }
    free(old);
}

void
strmap_put(struct strmap *m, const char *key, uint32_t value)
{
    /* At most three quarters full, removed slots included, so that probing stays short and ends. */
    if ((m->used + 1) * 4 > m->capacity * 3) {
        size_t capacity = m->capacity ? m->capacity : STRMAP_FIRST_CAPACITY;
        while ((m->count + 1) * 2 > capacity)
            capacity *= 2;
        rebuild(m, capacity);
    }
    uint64_t hash = strmap_hash(key);
    struct strmap_slot *slot = find_slot(m, key, hash);
    if (!slot->key) {
        *slot = (struct strmap_slot){.key = iw_strdup(key), .hash = hash};
        m->used++;
        m->count++;
    }
    slot->value = value;
}

bool
strmap_get(const struct strmap *m, const char *key, uint32_t *value)
{
    if (!m->count)
        return false;
    const struct strmap_slot *slot = find_slot(m, key, strmap_hash(key));
    if (!slot->key)
        return false;
    if (value)
        *value = slot->value;
    return true;
}

bool
strmap_remove(struct strmap *m, const char *key)
{
    if (!m->count)
        return false;
    struct strmap_slot *slot = find_slot(m, key, strmap_hash(key));
    if (!slot->key)
        return false;
    free(slot->key);
    *slot = (struct strmap_slot){.removed = true};
    m->count--;
    return true;
}

void
strmap_free(struct strmap *m)
{
    for (size_t i = 0; i < m->capacity; i++)
        free(m->slots[i].key);
    free(m->slots);
    *m = (struct strmap){0};
}
