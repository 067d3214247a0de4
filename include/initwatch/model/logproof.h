/* logproof: what the log of a container's attempts proves about it.
 *
 * A step that succeeded in one attempt and fails in a later one because what it makes is there already: the container is not
 * idempotent. The proof needs both attempts: the words ("already exists", "duplicate key", ...) in the later one, the line of
 * the same step in the earlier one, and that the earlier one went on behind it without these words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGPROOF_H
#define INITWATCH_MODEL_LOGPROOF_H

#include "initwatch/model/logbuf.h"

struct logproof {
    int32_t attempt;    /* in which the step succeeded, from 0 */
    int64_t wall_ms;    /* when, IW_TIME_NONE unknown */
    int64_t started_ms; /* that attempt's start, IW_TIME_NONE unknown */
};

/* Does line `at` (0 ..  logbuf_count - 1) complete such a proof with what is before it in b? Looks at no more than a few
 * thousand lines. */
bool logproof_not_idempotent(const struct logbuf *b, size_t at, struct logproof *out);

#endif
