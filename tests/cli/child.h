/* child: a program with pipes on its standard streams, for tests that talk to it while it runs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_CHILD_H
#define INITWATCH_TEST_CHILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"

extern char **environ;

/* Some steps are a shell script with dozens of kubectl in it, on a machine that has other work. */
#define CHILD_STEP_MS 60000

struct child {
    pid_t pid;
    int in, out, err; /* our ends; -1 when closed */
};

struct output {
    char out[65536], err[8192];
    size_t out_len, err_len;
    int status;
};

static inline void
child_start(struct child *child, const char *const *argv)
{
    int in[2], out[2], err[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    assert_int_equal(
        posix_spawnp(&child->pid, argv[0], &actions, NULL, (char *const *)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    child->in = in[1];
    child->out = out[0];
    child->err = err[0];
}

static inline void
child_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What came is appended; false at the end of the stream. */
static inline bool
child_take(int fd, char *buf, size_t size, size_t *len)
{
    ssize_t n = read(fd, buf + *len, size - *len - 1);
    if (n <= 0)
        return false;
    *len += (size_t)n;
    buf[*len] = '\0';
    return true;
}

/* Read until both ends are closed, `stop_at` was seen on stdout, or the time is over. */
static inline void
child_collect(struct child *child, struct output *o, const char *stop_at, int64_t timeout_ms)
{
    int64_t end_ms = clock_mono(clock_system()) + timeout_ms;
    while (child->out >= 0 || child->err >= 0) {
        struct pollfd fds[] = {{.fd = child->out, .events = POLLIN},
                               {.fd = child->err, .events = POLLIN}};
        int64_t left_ms = end_ms - clock_mono(clock_system());
        if (left_ms <= 0 || poll(fds, 2, (int)left_ms) <= 0)
            break;
        if (fds[0].revents && !child_take(child->out, o->out, sizeof(o->out), &o->out_len))
            child_close(&child->out);
        if (fds[1].revents && !child_take(child->err, o->err, sizeof(o->err), &o->err_len))
            child_close(&child->err);
        if (stop_at && strstr(o->out, stop_at))
            break;
    }
}

static inline int
child_finish(struct child *child)
{
    int status = 0;
    child_close(&child->in);
    int64_t end_ms = clock_mono(clock_system()) + 5000;
    while (waitpid(child->pid, &status, WNOHANG) == 0 && clock_mono(clock_system()) < end_ms)
        poll(NULL, 0, 20);
    if (waitpid(child->pid, &status, WNOHANG) == 0) {
        kill(child->pid, SIGKILL);
        (void)waitpid(child->pid, &status, 0);
        status = -1;
    }
    child_close(&child->out);
    child_close(&child->err);
    return status;
}

/* Run a command to its end. */
static inline struct output *
child_run(const char *const *argv)
{
    struct child child;
    struct output *o = iw_calloc(1, sizeof(*o));
    child_start(&child, argv);
    child_close(&child.in);
    child_collect(&child, o, NULL, CHILD_STEP_MS);
    if (child.out >= 0 || child.err >= 0)
        kill(child.pid, SIGTERM);
    (void)waitpid(child.pid, &o->status, 0);
    child_close(&child.out);
    child_close(&child.err);
    return o;
}

#endif
