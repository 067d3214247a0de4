/* backoff: exponential delays with jitter and a fixed reset window.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/backoff.h"

#define BACKOFF_FIRST_MS 800
#define BACKOFF_MOST_MS 30000
#define BACKOFF_WINDOW_MS 120000

/* Ref: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (SplitMix64). */
static uint64_t
random_next(struct backoff *b)
{
    uint64_t z = b->random_state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void
backoff_init(struct backoff *b, uint64_t seed, int64_t now_ms)
{
    *b = (struct backoff){.random_state = seed, .base_ms = BACKOFF_FIRST_MS, .window_ms = now_ms};
}

int64_t
backoff_random(struct backoff *b, int64_t low, int64_t high)
{
    return low + (int64_t)(random_next(b) % (uint64_t)(high - low));
}

int64_t
backoff_step(struct backoff *b, int64_t now_ms)
{
    if (now_ms - b->window_ms > BACKOFF_WINDOW_MS) {
        b->base_ms = BACKOFF_FIRST_MS;
        b->window_ms = now_ms;
    }
    int64_t base_ms = b->base_ms;
    b->base_ms = IW_MIN(base_ms * 2, (int64_t)BACKOFF_MOST_MS);
    return backoff_random(b, base_ms, 2 * base_ms);
}
