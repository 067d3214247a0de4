/* backoff: how long to wait after a failure, and the random numbers that keep many clients apart.
 *
 * Delays are 0.8 s, 1.6 s, ... 30 s, each times a random factor in [1,2). The delay starts again at
 * 0.8 s when a step is taken more than 120 s after the previous start: a fixed window, not "two
 * minutes without errors". Ref: client-go tools/cache/reflector.go, NewReflectorWithOptions;
 * SEMANTICS G.2.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_BACKOFF_H
#define INITWATCH_SOURCE_BACKOFF_H

#include "initwatch/base/iwdef.h"

struct backoff {
    uint64_t random_state;
    int64_t base_ms;   /* of the next step, before jitter; 0: not yet used */
    int64_t window_ms; /* monotonic moment of the last start */
};

/* seed: equal seeds give equal delays. */
void backoff_init(struct backoff *b, uint64_t seed, int64_t now_ms);
/* The next delay; the step after it is twice as long. */
int64_t backoff_step(struct backoff *b, int64_t now_ms);
/* Uniform in [low, high), low < high. */
int64_t backoff_random(struct backoff *b, int64_t low, int64_t high);

#endif
