/* loop: the one event loop. File descriptors, timers, work in slices.
 *
 * One turn: before-sleep hooks -> sleep -> fds that the sleep reported -> signals -> polled clients
 * (curl) -> expired timers -> work slices (at most LIMIT_WORK_SLICE_MS). So what happened is known
 * when loop_turn returns. Not thread safe; one thread. Callbacks may add and remove anything,
 * themselves included.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_LOOP_H
#define INITWATCH_NET_LOOP_H

#include "initwatch/base/clock.h"

struct loop;
typedef uint64_t loop_id; /* 0 is never a valid id */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* clock: borrowed for the loop's life. */
struct loop *loop_new(const struct clock *clock) IW_NODISCARD;
void loop_free(struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);

loop_id loop_fd_add(struct loop *loop, int fd, int events,
                    void (*fn)(void *ctx, int fd, int events), void *ctx);
/* Once, after delay_ms (>= 0). */
loop_id loop_timer_add(struct loop *loop, int64_t delay_ms, void (*fn)(void *ctx), void *ctx);
/* fn runs in slices while it returns true ("more work is left"); loop_work_wake makes it run again.
 * It is awake at first. One call should take about a millisecond: several share the slice in turn.
 */
loop_id loop_work_add(struct loop *loop, bool (*fn)(void *ctx), void *ctx);
void loop_work_wake(struct loop *loop, loop_id id);
/* Called in each turn before the sleep (recalc, draw, flush). */
loop_id loop_before_sleep_add(struct loop *loop, void (*fn)(void *ctx), void *ctx);
/* Removes any of the above; 0 and ids that are gone are fine. */
void loop_remove(struct loop *loop, loop_id id);

/* How the loop sleeps; default poll(2). extra fds are the loop's own; returns the number of ready
 * ones with revents filled, or -1 with errno. http.c replaces it by curl_multi_poll. After each
 * sleep `after` (may be NULL) runs. */
struct pollfd;
struct loop_sleeper {
    int (*sleep)(void *ctx, struct pollfd *fds, unsigned count, int timeout_ms);
    void (*after)(void *ctx);
    void *ctx;
};
void loop_set_sleeper(struct loop *loop, const struct loop_sleeper *sleeper); /* NULL: default */

/* Self-pipe for signals. The handler only writes a byte; fn runs in the loop. Blocks nothing.
 * Several fns may share a signal; when the last one goes, the disposition from before is back.
 * Only one loop of the process may use signals at a time. */
loop_id loop_signal_add(struct loop *loop, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/* One turn; sleeps at most max_wait_ms (-1: as long as nothing is due). Not from inside a
 * callback. */
void loop_turn(struct loop *loop, int max_wait_ms);
void loop_run(struct loop *loop); /* turns until loop_stop */
void loop_stop(struct loop *loop);

#endif
