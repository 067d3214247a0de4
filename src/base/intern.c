/* intern: an open-addressing table of strings that live as long as the process.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/intern.h"

#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/arena.h"
#include "initwatch/base/limits.h"

#define INTERN_FIRST_SLOTS 1024u

struct intern_slot {
    const char *text;
    uint32_t hash, len;
};

static struct intern_slot *slots;
static size_t slot_count, string_count;
static struct arena strings = {.ceiling_bytes = LIMIT_INTERN_BYTES};

/* Eight bytes at a step; every record asks some hundred times. */
static uint32_t
intern_hash(const char *text, size_t len)
{
    uint64_t hash = len * UINT64_C(0x9e3779b97f4a7c15), word = 0;
    for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, text, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text, len);
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds the text, or the free one where it belongs. */
static struct intern_slot *
intern_find(const char *text, size_t len, uint32_t hash)
{
    size_t at = hash & (slot_count - 1);
    while (slots[at].text) {
        const struct intern_slot *slot = &slots[at];
        if (slot->hash == hash && slot->len == len && memcmp(slot->text, text, len) == 0)
            break;
        at = (at + 1) & (slot_count - 1);
    }
    return &slots[at];
}

static void
intern_grow(void)
{
    struct intern_slot *old = slots;
    size_t old_count = slot_count;
    slot_count = old_count ? old_count * 2 : INTERN_FIRST_SLOTS;
    slots = iw_calloc(slot_count, sizeof(*slots));
    for (size_t i = 0; i < old_count; i++)
        if (old[i].text)
            *intern_find(old[i].text, old[i].len, old[i].hash) = old[i];
    iw_cleanup_free(&old);
}

const char *
iw_intern(const char *text, size_t len)
{
    if (len == 0)
        return "";
    if (len > LIMIT_INTERN_BYTES)
        return NULL;
    if (string_count * 2 >= slot_count)
        intern_grow();
    uint32_t hash = intern_hash(text, len);
    struct intern_slot *slot = intern_find(text, len, hash);
    if (slot->text)
        return slot->text;
    if (string_count >= LIMIT_INTERN_STRINGS)
        return NULL;
    const char *copy = arena_strndup(&strings, text, len);
    if (!copy)
        return NULL;
    *slot = (struct intern_slot){.text = copy, .hash = hash, .len = (uint32_t)len};
    string_count++;
    return copy;
}

bool
iw_is_interned(const char *text)
{
    return arena_owns(&strings, text);
}
