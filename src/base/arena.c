/* arena: bump allocation in a chain of blocks, newest first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

#define ARENA_FIRST_BLOCK_BYTES (32u << 10)
/* Blocks stop doubling here: a larger one would mostly lie idle. */
#define ARENA_LARGEST_STEP_BYTES (4u << 20)

struct arena_block {
    struct arena_block *older;
    size_t size_bytes, used_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

void
arena_init(struct arena *a, size_t ceiling_bytes)
{
    *a = (struct arena){.ceiling_bytes = ceiling_bytes};
}

static struct arena_block *
arena_grow(struct arena *a, size_t want_bytes)
{
    size_t first = a->first_bytes ? a->first_bytes : ARENA_FIRST_BLOCK_BYTES;
    size_t size = a->head ? a->head->size_bytes * 2 : first;
    size = IW_MIN(size, (size_t)ARENA_LARGEST_STEP_BYTES);
    size = IW_MAX(size, want_bytes);
    struct arena_block *block = iw_malloc(sizeof(*block) + size);
    block->older = a->head;
    block->size_bytes = size;
    block->used_bytes = 0;
    a->head = block;
    return block;
}

void *
arena_alloc(struct arena *a, size_t size_bytes)
{
    const size_t align = alignof(max_align_t);
    if (size_bytes > a->ceiling_bytes)
        return NULL;
    size_t want = (IW_MAX(size_bytes, (size_t)1) + align - 1) / align * align;
    if (a->used_bytes > a->ceiling_bytes || want > a->ceiling_bytes - a->used_bytes)
        return NULL;
    struct arena_block *block = a->head;
    if (!block || block->size_bytes - block->used_bytes < want)
        block = arena_grow(a, want);
    void *ptr = block->bytes + block->used_bytes;
    block->used_bytes += want;
    a->used_bytes += want;
    memset(ptr, 0, size_bytes);
    return ptr;
}

char *
arena_strndup(struct arena *a, const char *text, size_t len)
{
    if (len >= a->ceiling_bytes)
        return NULL;
    char *copy = arena_alloc(a, len + 1);
    if (copy && len > 0)
        memcpy(copy, text, len);
    return copy;
}

bool
arena_owns(const struct arena *a, const void *ptr)
{
    uintptr_t at = (uintptr_t)ptr;
    for (const struct arena_block *block = a->head; block; block = block->older) {
        uintptr_t start = (uintptr_t)block->bytes;
        if (at >= start && at - start < block->used_bytes)
            return true;
    }
    return false;
}

void
arena_reset(struct arena *a)
{
    struct arena_block *largest = a->head;
    for (struct arena_block *block = a->head; block; block = block->older)
        if (block->size_bytes > largest->size_bytes)
            largest = block;
    for (struct arena_block *block = a->head, *older; block; block = older) {
        older = block->older;
        if (block != largest)
            free(block);
    }
    if (largest) {
        largest->older = NULL;
        largest->used_bytes = 0;
    }
    a->head = largest;
    a->used_bytes = 0;
}

void
arena_free(struct arena *a)
{
    arena_reset(a);
    free(a->head);
    a->head = NULL;
}
