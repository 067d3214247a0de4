/* blocked: how many pods were blocked, and when. What has ended is in a bounded ring, noted as the
 * pods change; what still lasts is read off the pods by who asks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_BLOCKED_H
#define INITWATCH_MODEL_BLOCKED_H

#include "initwatch/model/progress.h"

/* One pod, from when to when it was blocked; to IW_TIME_NONE: it still is. */
struct blocked_span {
    uint64_t pod; /* hash of its uid */
    int64_t from_ms, to_ms;
};

/* At work for long, not ready, failed; or at work once more after a failure: the moments between
 * two tries of a crash loop are no health. */
bool pod_is_blocked(const struct pod *pod, const struct pod_block *block);

struct blocked_ring;
struct blocked_ring *blocked_ring_new(void) IW_NODISCARD;
void blocked_ring_free(struct blocked_ring *ring);
/* The record `was` gives way to `now` (NULL: the pod is gone). Two judgements of a pod, a few
 * microseconds; a pod that was well costs one. */
void blocked_ring_note(struct blocked_ring *ring, const struct pod *was, const struct pod *now,
                       int64_t now_wall_ms);
/* What is known of this pod will be told again. */
void blocked_ring_forget(struct blocked_ring *ring, const char *uid);
void blocked_ring_clear(struct blocked_ring *ring);
/* Ended spans, in no order; borrowed until the next change. */
const struct blocked_span *blocked_ring_spans(const struct blocked_ring *ring, size_t *count);
/* Nothing that ended before is known: the ring was full and dropped it, or nobody looked yet.
 * IW_TIME_NONE: nothing was dropped. */
int64_t blocked_ring_known_ms(const struct blocked_ring *ring);

/* The most pods that were blocked at one moment, for each of `part_count` equal parts of from_ms .. to_ms.
 * Spans of one pod count once where they overlap or follow each other within a minute. Sorts spans.
 * Returns the most of all. */
uint32_t blocked_count(struct blocked_span *spans, size_t count, int64_t from_ms, int64_t to_ms,
                       uint32_t *parts, size_t part_count);

#endif
