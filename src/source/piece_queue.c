/* piece_queue: a linked list; the size of a piece is bounded by the frame's ceiling.
 * SPDX-License-Identifier: Apache-2.0 */
#include "piece_queue.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

void
piece_queue_push(struct piece_queue *q, enum frame_kind kind, const char *bytes, size_t len)
{
    struct piece *p = iw_malloc(sizeof(*p) + len + 1);
    p->next = NULL;
    p->kind = kind;
    p->len = len;
    memcpy(p->bytes, bytes, len);
    p->bytes[len] = '\0';
    if (q->last)
        q->last->next = p;
    else
        q->first = p;
    q->last = p;
    q->bytes += len;
}

struct piece *
piece_queue_pop(struct piece_queue *q)
{
    struct piece *p = q->first;
    if (!p)
        return NULL;
    q->first = p->next;
    if (!q->first)
        q->last = NULL;
    q->bytes -= p->len;
    return p;
}

void
piece_queue_clear(struct piece_queue *q)
{
    for (struct piece *p; (p = piece_queue_pop(q)) != NULL;)
        free(p);
}
