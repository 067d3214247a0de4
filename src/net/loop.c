/* loop: descriptors, timers, signals and sliced work in one thread.
 *
 * Handlers live in vectors; removing one during a turn only blanks its id, and the vectors are
 * tidied up before the sleep. So a callback may remove anything while a vector is walked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fd_util.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"

/* The kind of handler is in the low bits of its id, a serial number above them. */
enum handler_kind {
    HANDLER_FD = 1,
    HANDLER_TIMER,
    HANDLER_WORK,
    HANDLER_HOOK,
    HANDLER_SIGNAL,
};
#define KIND_BITS 3

struct fd_watch {
    loop_id id; /* 0: removed */
    int fd, events;
    void (*fn)(void *ctx, int fd, int events);
    void *ctx;
};

struct timer {
    int64_t due_ms;
    loop_id id;
    void (*fn)(void *ctx);
    void *ctx;
};

struct work {
    loop_id id;
    bool awake;
    bool (*fn)(void *ctx);
    void *ctx;
};

struct hook {
    loop_id id;
    void (*fn)(void *ctx);
    void *ctx;
};

struct signal_watch {
    loop_id id;
    int signo;
    void (*fn)(void *ctx, int signo);
    void *ctx;
};

struct ready {
    loop_id id;
    int events;
};

struct loop {
    const struct clock *clock;
    struct loop_sleeper sleeper;
    uint64_t serial;
    VEC(struct fd_watch) fds;
    VEC(struct timer) timers; /* binary heap, the first is due first */
    VEC(struct work) works;
    VEC(struct hook) hooks;
    VEC(struct signal_watch) signals;
    VEC(struct pollfd) pollfds;
    VEC(struct ready) ready; /* what the last sleep reported */
    loop_id signal_pipe_id;
    bool in_turn, stopped, untidy;
};

/* --- signals: a handler knows no loop, so this part is the process's --- */

static struct {
    int pipe[2]; /* made once; {0, 0} before */
    volatile sig_atomic_t pending[NSIG];
    struct sigaction before[NSIG];
    unsigned users[NSIG];
} process_signals;

static void
signal_handler(int signo)
{
    int saved_errno = errno;
    process_signals.pending[signo] = 1;
    /* A full pipe is fine: the loop wakes up anyway. */
    ssize_t ignored = write(process_signals.pipe[1], "", 1);
    (void)ignored;
    errno = saved_errno;
}

static void
on_signal_pipe(IW_UNUSED void *ctx, int fd, IW_UNUSED int events)
{
    char bytes[64];
    while (read(fd, bytes, sizeof(bytes)) > 0) {
    }
}

static void
signal_release(int signo)
{
    if (--process_signals.users[signo] == 0)
        sigaction(signo, &process_signals.before[signo], NULL);
}

/* --- life --- */

static int
sleep_poll(IW_UNUSED void *ctx, struct pollfd *fds, unsigned count, int timeout_ms)
{
    return poll(fds, count, timeout_ms);
}

struct loop *
loop_new(const struct clock *clock)
{
    struct loop *loop = iw_calloc(1, sizeof(*loop));
    loop->clock = clock;
    loop->sleeper.sleep = sleep_poll;
    return loop;
}

void
loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (size_t i = 0; i < loop->signals.len; i++)
        if (loop->signals.items[i].id)
            signal_release(loop->signals.items[i].signo);
    vec_free(&loop->fds);
    vec_free(&loop->timers);
    vec_free(&loop->works);
    vec_free(&loop->hooks);
    vec_free(&loop->signals);
    vec_free(&loop->pollfds);
    vec_free(&loop->ready);
    iw_cleanup_free(&loop);
}

const struct clock *
loop_clock(const struct loop *loop)
{
    return loop->clock;
}

static loop_id
loop_next_id(struct loop *loop, enum handler_kind kind)
{
    return ++loop->serial << KIND_BITS | kind;
}

/* --- adding --- */

loop_id
loop_fd_add(struct loop *loop, int fd, int events, void (*fn)(void *ctx, int fd, int events),
            void *ctx)
{
    struct fd_watch watch = {
        .id = loop_next_id(loop, HANDLER_FD), .fd = fd, .events = events, .fn = fn, .ctx = ctx};
    vec_push(&loop->fds, watch);
    return watch.id;
}

/* Earlier first; timers of the same moment in the order in which they were added. */
static bool
timer_before(const struct timer *a, const struct timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static void
timer_sift_up(struct timer *heap, size_t at)
{
    struct timer moved = heap[at];
    while (at > 0 && timer_before(&moved, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

static void
timer_sift_down(struct timer *heap, size_t len, size_t at)
{
    struct timer moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < len; at = child) {
        if (child + 1 < len && timer_before(&heap[child + 1], &heap[child]))
            child++;
        if (!timer_before(&heap[child], &moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void
timer_remove_at(struct loop *loop, size_t at)
{
    struct timer *heap = loop->timers.items;
    size_t len = --loop->timers.len;
    if (at == len)
        return;
    heap[at] = heap[len];
    timer_sift_down(heap, len, at);
    timer_sift_up(heap, at);
}

loop_id
loop_timer_add(struct loop *loop, int64_t delay_ms, void (*fn)(void *ctx), void *ctx)
{
    int64_t now_ms = clock_mono(loop->clock);
    delay_ms = IW_MAX(delay_ms, (int64_t)0);
    struct timer timer = {
        .due_ms = delay_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay_ms,
        .id = loop_next_id(loop, HANDLER_TIMER),
        .fn = fn,
        .ctx = ctx,
    };
    vec_push(&loop->timers, timer);
    timer_sift_up(loop->timers.items, loop->timers.len - 1);
    return timer.id;
}

loop_id
loop_work_add(struct loop *loop, bool (*fn)(void *ctx), void *ctx)
{
    struct work work = {
        .id = loop_next_id(loop, HANDLER_WORK), .awake = true, .fn = fn, .ctx = ctx};
    vec_push(&loop->works, work);
    return work.id;
}

static struct work *
work_find(struct loop *loop, loop_id id)
{
    for (size_t i = 0; i < loop->works.len; i++)
        if (loop->works.items[i].id == id)
            return &loop->works.items[i];
    return NULL;
}

void
loop_work_wake(struct loop *loop, loop_id id)
{
    struct work *work = id ? work_find(loop, id) : NULL;
    if (work)
        work->awake = true;
}

loop_id
loop_before_sleep_add(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
    struct hook hook = {.id = loop_next_id(loop, HANDLER_HOOK), .fn = fn, .ctx = ctx};
    vec_push(&loop->hooks, hook);
    return hook.id;
}

/* The pipe is watched by the loop that uses signals, from its first signal on. */
static void
signal_pipe_watch(struct loop *loop)
{
    if (loop->signal_pipe_id)
        return;
    if (process_signals.pipe[1] == 0) {
        if (fd_pipe(process_signals.pipe) != 0 || fd_set_nonblock(process_signals.pipe[0]) != 0 ||
            fd_set_nonblock(process_signals.pipe[1]) != 0)
            iw_fatal("cannot make a pipe for signals: %s", strerror(errno));
    }
    loop->signal_pipe_id =
        loop_fd_add(loop, process_signals.pipe[0], LOOP_READ, on_signal_pipe, NULL);
}

loop_id
loop_signal_add(struct loop *loop, int signo, void (*fn)(void *ctx, int signo), void *ctx)
{
    if (signo <= 0 || signo >= NSIG)
        return 0;
    signal_pipe_watch(loop);
    if (process_signals.users[signo]++ == 0) {
        process_signals.pending[signo] = 0;
        struct sigaction action = {.sa_handler = signal_handler, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        sigaction(signo, &action, &process_signals.before[signo]);
    }
    struct signal_watch watch = {
        .id = loop_next_id(loop, HANDLER_SIGNAL), .signo = signo, .fn = fn, .ctx = ctx};
    vec_push(&loop->signals, watch);
    return watch.id;
}

/* --- removing --- */

/* Blank the entry of that id; true if it was there. */
#define BLANK(vector, wanted)                                                                      \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < (vector)->len; i_++)                                              \
            if ((vector)->items[i_].id == (wanted))                                                \
                (vector)->items[i_].id = 0;                                                        \
    } while (0)

/* Drop blank entries, keeping the order. */
#define TIDY(vector)                                                                               \
    do {                                                                                           \
        size_t kept_ = 0;                                                                          \
        for (size_t i_ = 0; i_ < (vector)->len; i_++)                                              \
            if ((vector)->items[i_].id)                                                            \
                (vector)->items[kept_++] = (vector)->items[i_];                                    \
        (vector)->len = kept_;                                                                     \
    } while (0)

static void
timer_remove(struct loop *loop, loop_id id)
{
    for (size_t i = 0; i < loop->timers.len; i++) {
        if (loop->timers.items[i].id == id) {
            timer_remove_at(loop, i);
            return;
        }
    }
}

static void
signal_remove(struct loop *loop, loop_id id)
{
    for (size_t i = 0; i < loop->signals.len; i++) {
        struct signal_watch *watch = &loop->signals.items[i];
        if (watch->id == id) {
            signal_release(watch->signo);
            watch->id = 0;
        }
    }
}

void
loop_remove(struct loop *loop, loop_id id)
{
    if (id == 0)
        return;
    loop->untidy = true;
    switch ((enum handler_kind)(id & ((1u << KIND_BITS) - 1))) {
    case HANDLER_FD:
        BLANK(&loop->fds, id);
        break;
    case HANDLER_TIMER:
        timer_remove(loop, id);
        break;
    case HANDLER_WORK:
        BLANK(&loop->works, id);
        break;
    case HANDLER_HOOK:
        BLANK(&loop->hooks, id);
        break;
    case HANDLER_SIGNAL:
        signal_remove(loop, id);
        break;
    }
}

static void
loop_tidy(struct loop *loop)
{
    if (!loop->untidy)
        return;
    loop->untidy = false;
    TIDY(&loop->fds);
    TIDY(&loop->works);
    TIDY(&loop->hooks);
    TIDY(&loop->signals);
}

/* --- one turn; entries are copied before the call, which may move the vectors --- */

static void
run_fds(struct loop *loop)
{
    for (size_t i = 0; i < loop->ready.len; i++) {
        struct ready ready = loop->ready.items[i];
        for (size_t k = 0; k < loop->fds.len; k++) {
            struct fd_watch watch = loop->fds.items[k];
            if (watch.id == ready.id) {
                watch.fn(watch.ctx, watch.fd, ready.events);
                break;
            }
        }
    }
    vec_clear(&loop->ready);
}

static void
run_signals(struct loop *loop)
{
    size_t count = loop->signals.len;
    bool taken[NSIG] = {false};
    for (size_t i = 0; i < count; i++) {
        int signo = loop->signals.items[i].signo;
        if (loop->signals.items[i].id && process_signals.pending[signo]) {
            process_signals.pending[signo] = 0;
            taken[signo] = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct signal_watch watch = loop->signals.items[i];
        if (watch.id && taken[watch.signo])
            watch.fn(watch.ctx, watch.signo);
    }
}

static void
run_timers(struct loop *loop)
{
    int64_t now_ms = clock_mono(loop->clock);
    uint64_t last_serial = loop->serial;
    while (loop->timers.len > 0) {
        struct timer first = loop->timers.items[0];
        /* One that was added meanwhile is never before an older one of the same moment. */
        if (first.due_ms > now_ms || first.id >> KIND_BITS > last_serial)
            break;
        timer_remove_at(loop, 0);
        first.fn(first.ctx);
    }
}

static bool
works_awake(const struct loop *loop)
{
    for (size_t i = 0; i < loop->works.len; i++)
        if (loop->works.items[i].id && loop->works.items[i].awake)
            return true;
    return false;
}

static void
run_works(struct loop *loop)
{
    /* Real time, whatever clock is injected: the slice protects the keyboard's answer. */
    int64_t until_ms = clock_mono(clock_system()) + LIMIT_WORK_SLICE_MS;
    while (works_awake(loop)) {
        for (size_t i = 0; i < loop->works.len; i++) {
            struct work work = loop->works.items[i];
            if (!work.id || !work.awake)
                continue;
            loop->works.items[i].awake = false; /* a wake during the call is kept */
            bool more = work.fn(work.ctx);
            if (more)
                loop_work_wake(loop, work.id);
            if (clock_mono(clock_system()) >= until_ms)
                return;
        }
    }
}

static void
run_hooks(struct loop *loop)
{
    size_t count = loop->hooks.len;
    for (size_t i = 0; i < count; i++) {
        struct hook hook = loop->hooks.items[i];
        if (hook.id)
            hook.fn(hook.ctx);
    }
}

static int
sleep_timeout_ms(const struct loop *loop, int max_wait_ms)
{
    if (loop->stopped || works_awake(loop))
        return 0;
    if (loop->timers.len == 0)
        return max_wait_ms;
    int64_t due_ms = loop->timers.items[0].due_ms, now_ms = clock_mono(loop->clock);
    int wait_ms = due_ms <= now_ms ? 0 : (int)IW_MIN(due_ms - now_ms, (int64_t)INT_MAX);
    return max_wait_ms < 0 ? wait_ms : IW_MIN(wait_ms, max_wait_ms);
}

/* A hang-up or an error is told as readable or writable: the read or write then finds out. */
static int
events_of_revents(int revents)
{
    int events = 0;
    if (revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
        events |= LOOP_READ;
    if (revents & (POLLOUT | POLLERR | POLLNVAL))
        events |= LOOP_WRITE;
    return events;
}

static void
loop_sleep(struct loop *loop, int timeout_ms)
{
    vec_clear(&loop->pollfds);
    for (size_t i = 0; i < loop->fds.len; i++) {
        const struct fd_watch *watch = &loop->fds.items[i];
        short events = (short)((watch->events & LOOP_READ ? POLLIN : 0) |
                               (watch->events & LOOP_WRITE ? POLLOUT : 0));
        vec_push(&loop->pollfds, ((struct pollfd){.fd = watch->fd, .events = events}));
    }
    int count = loop->sleeper.sleep(loop->sleeper.ctx, loop->pollfds.items,
                                    (unsigned)loop->pollfds.len, timeout_ms);
    for (size_t i = 0; count > 0 && i < loop->pollfds.len; i++) {
        int events = events_of_revents(loop->pollfds.items[i].revents);
        /* With a hang-up poll also reports what was not asked for. */
        int asked = loop->fds.items[i].events;
        struct ready ready = {.id = loop->fds.items[i].id, .events = events & asked};
        if (events)
            ready.events = ready.events ? ready.events : asked;
        if (ready.events)
            vec_push(&loop->ready, ready);
    }
}

void
loop_turn(struct loop *loop, int max_wait_ms)
{
    if (loop->in_turn)
        iw_fatal("loop_turn inside a callback of the loop");
    loop->in_turn = true;
    run_hooks(loop);
    loop_tidy(loop);
    loop_sleep(loop, sleep_timeout_ms(loop, max_wait_ms));
    run_fds(loop);
    run_signals(loop);
    if (loop->sleeper.after)
        loop->sleeper.after(loop->sleeper.ctx);
    run_timers(loop);
    run_works(loop);
    loop->in_turn = false;
}

void
loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped)
        loop_turn(loop, -1);
}

void
loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

void
loop_set_sleeper(struct loop *loop, const struct loop_sleeper *sleeper)
{
    loop->sleeper = sleeper ? *sleeper : (struct loop_sleeper){.sleep = sleep_poll};
}
