/* share: parts of records that are equal in many of them, held once.
 *
 * Pods of one template have the same commands, probes, ports and resources. Such a part is built in
 * an area, with places instead of addresses; the pool then gives the copy it has, or makes one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SHARE_H
#define INITWATCH_MODEL_SHARE_H

#include "initwatch/base/vec.h"

/* Memory under construction. Pointers to places inside it hold the distance from its beginning
 * until it is moved to where it stays: it may move while it grows. `= {0}` is an empty one. */
struct area {
    char *bytes;
    size_t used, cap;
    VEC(uint32_t) pointers; /* places of pointers to places inside */
};

/* Zeroed room; its place. */
size_t area_room(struct area *a, size_t size, size_t align);
/* The memory at a place, until the next area_room. */
static inline void *
area_at(const struct area *a, size_t place)
{
    return a->bytes + place;
}
/* Let the pointer at `place` point to `target`, a place inside, or to what stands outside. */
void area_point_inside(struct area *a, size_t place, size_t target);
void area_point(struct area *a, size_t place, const void *outside);
void area_clear(struct area *a);
/* Copy it to `to`, which has room for `used` bytes. */
void area_move(const struct area *a, void *to);

/* The pool's block with the contents of the area, which is spoiled; NULL when it is empty. One call
 * of share_release for each. */
const void *share_hold(struct area *a);
/* The same block once more. */
void share_again(const void *block);
void share_release(const void *block);

#endif
