/* arena: bump allocation with a ceiling, given back as a whole.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_ARENA_H
#define INITWATCH_BASE_ARENA_H

#include "initwatch/base/iwdef.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* newest block */
    size_t used_bytes;        /* handed out since the last reset */
    size_t ceiling_bytes;     /* arena_alloc returns NULL beyond this */
    size_t first_bytes;       /* size of the first block; 0: 32 KiB */
};

void arena_init(struct arena *a, size_t ceiling_bytes);
/* Zeroed, aligned for any type; NULL when the ceiling would be passed. Valid until reset. */
void *arena_alloc(struct arena *a, size_t size_bytes) IW_NODISCARD;
char *arena_strndup(struct arena *a, const char *text, size_t len) IW_NODISCARD;
/* True if ptr was handed out by this arena since the last reset. */
bool arena_owns(const struct arena *a, const void *ptr);
/* Forget everything; the largest block is kept for the next round. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
