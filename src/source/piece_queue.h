/* piece_queue: pieces of a body that were cut out and wait to be decoded.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_PIECE_QUEUE_H
#define INITWATCH_SOURCE_PIECE_QUEUE_H

#include "initwatch/net/frame.h"

struct piece {
    struct piece *next;
    enum frame_kind kind;
    size_t len;
    char bytes[]; /* ends in NUL */
};
/* `= {0}` is empty. */
struct piece_queue {
    struct piece *first, *last;
    size_t bytes; /* of all pieces in it */
};

void piece_queue_push(struct piece_queue *q, enum frame_kind kind, const char *bytes, size_t len);
/* New (free), or NULL when empty. */
struct piece *piece_queue_pop(struct piece_queue *q);
void piece_queue_clear(struct piece_queue *q);

#endif
