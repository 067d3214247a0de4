/* draft_parts: parts of drafts that tests make by hand and that live as long as the test program.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_DRAFT_PARTS_H
#define INITWATCH_TEST_DRAFT_PARTS_H

#include "initwatch/base/iwdef.h"
#include "initwatch/model/container.h"

/* So many exist at the same time at most; then the oldest is used again. */
#define DRAFT_PARTS_MAX 512

static inline struct probe *
draft_probe(struct probe probe)
{
    static struct probe kept[DRAFT_PARTS_MAX];
    static unsigned next;
    struct probe *at = &kept[next++ % DRAFT_PARTS_MAX];
    *at = probe;
    return at;
}

/* The status's lastState, to be filled. */
static inline struct container_state *
draft_last(struct container_status *status)
{
    static struct container_state kept[DRAFT_PARTS_MAX];
    static unsigned next;
    struct container_state *at = &kept[next++ % DRAFT_PARTS_MAX];
    *at = container_state_none;
    status->last = at;
    return at;
}

#endif
