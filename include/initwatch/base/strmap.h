/* strmap: a hash map from text to a number. Keys are copied.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_STRMAP_H
#define INITWATCH_BASE_STRMAP_H

#include "initwatch/base/iwdef.h"

struct strmap {
    struct strmap_slot *slots; /* power of two of them, linear probing */
    size_t capacity, used /* with removed ones */, count;
};

/* `= {0}` is an empty map. */
void strmap_put(struct strmap *m, const char *key, uint32_t value);
bool strmap_get(const struct strmap *m, const char *key, uint32_t *value);
bool strmap_remove(struct strmap *m, const char *key);
void strmap_free(struct strmap *m);
/* FNV-1a, 64 bits. */
uint64_t strmap_hash(const char *text);

#endif
