/* vec: typed growing arrays by macro.
 *
 *   VEC(int) numbers = {0};
 *   vec_push(&numbers, 3);
 *   for (size_t i = 0; i < numbers.len; i++) use(numbers.items[i]);
 *   vec_free(&numbers);
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_VEC_H
#define INITWATCH_BASE_VEC_H

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t len, cap;                                                                           \
    }

#define vec_reserve(v, want)                                                                       \
    do {                                                                                           \
        size_t vec_want_ = (want);                                                                 \
        if (vec_want_ > (v)->cap) {                                                                \
            size_t vec_cap_ = (v)->cap ? (v)->cap : 8;                                             \
            while (vec_cap_ < vec_want_)                                                           \
                vec_cap_ *= 2;                                                                     \
            (v)->items = iw_reallocarray((v)->items, vec_cap_, sizeof(*(v)->items));               \
            (v)->cap = vec_cap_;                                                                   \
        }                                                                                          \
    } while (0)

#define vec_push(v, item)                                                                          \
    do {                                                                                           \
        vec_reserve((v), (v)->len + 1);                                                            \
        (v)->items[(v)->len++] = (item);                                                           \
    } while (0)

#define vec_remove(v, index)                                                                       \
    do {                                                                                           \
        size_t vec_at_ = (index);                                                                  \
        memmove((v)->items + vec_at_, (v)->items + vec_at_ + 1,                                    \
                ((v)->len - vec_at_ - 1) * sizeof(*(v)->items));                                   \
        (v)->len--;                                                                                \
    } while (0)

#define vec_clear(v) ((v)->len = 0)

#define vec_free(v)                                                                                \
    do {                                                                                           \
        free((v)->items);                                                                          \
        (v)->items = NULL;                                                                         \
        (v)->len = (v)->cap = 0;                                                                   \
    } while (0)

#endif
