/* spawn: child processes by posix_spawn (no fork of a process whose libraries run threads).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd_util.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"

extern char **environ;

/* Between SIGTERM and SIGKILL after a time-out. */
#define SPAWN_KILL_DELAY_MS 2000
#define SPAWN_READ_BYTES 4096
/* Reads in a row from one pipe: more than a pipe holds, so that one call empties it, but a child
 * that writes without end cannot keep the loop. */
#define SPAWN_READS_MAX 64
/* Step in which spawn_stop looks whether the child is gone. */
#define SPAWN_WAIT_STEP_MS 5

enum stream { STREAM_OUT, STREAM_ERR, STREAM_COUNT };

struct spawn {
    struct loop *loop;
    struct spawn_handlers handlers;
    void *ctx;
    pid_t pid; /* 0 once reaped */
    int wait_status;
    int stdin_fd; /* our end, or -1 */
    struct spawn_stream {
        struct spawn *owner;
        int fd; /* -1: at its end */
        loop_id id;
        size_t seen_bytes;
        void (*on_bytes)(void *ctx, const char *bytes, size_t len);
    } streams[STREAM_COUNT];
    size_t output_ceiling_bytes;
    int64_t timeout_ms;
    loop_id signal_id, timer_id;
    struct iw_error why; /* why we ended it ourselves */
    unsigned busy;       /* a handler is running: nobody may free this */
    bool stopped;        /* spawn_stop was called meanwhile */
};

static void
stream_close(struct spawn *s, struct spawn_stream *stream)
{
    if (stream->fd < 0)
        return;
    loop_remove(s->loop, stream->id);
    close(stream->fd);
    stream->fd = -1;
}

static void
spawn_release(struct spawn *s)
{
    for (size_t i = 0; i < STREAM_COUNT; i++)
        stream_close(s, &s->streams[i]);
    iw_cleanup_close(&s->stdin_fd);
    s->stdin_fd = -1;
    loop_remove(s->loop, s->signal_id);
    loop_remove(s->loop, s->timer_id);
    s->signal_id = s->timer_id = 0;
}

static void
spawn_signal(const struct spawn *s, int signo)
{
    if (s->pid > 0)
        kill(s->pid, signo);
}

static void
on_kill_timer(void *ctx)
{
    struct spawn *s = ctx;
    s->timer_id = 0;
    spawn_signal(s, SIGKILL);
}

/* End the child for the reason in s->why, which on_exit will tell. */
static void
spawn_end(struct spawn *s)
{
    spawn_signal(s, SIGTERM);
    loop_remove(s->loop, s->timer_id);
    s->timer_id = loop_timer_add(s->loop, SPAWN_KILL_DELAY_MS, on_kill_timer, s);
}

static void
on_timeout(void *ctx)
{
    struct spawn *s = ctx;
    s->timer_id = 0;
    iw_fail(&s->why, IW_ERR_TIMEOUT, "did not end within %lld ms", (long long)s->timeout_ms);
    spawn_end(s);
}

/* Read what is there. A handler may stop the spawn: the caller holds busy and looks. */
static void
stream_read(struct spawn *s, struct spawn_stream *stream)
{
    char bytes[SPAWN_READ_BYTES];
    for (int reads = 0; reads < SPAWN_READS_MAX && !s->stopped && stream->fd >= 0; reads++) {
        ssize_t got = read(stream->fd, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            stream_close(s, stream);
            return;
        }
        stream->seen_bytes += (size_t)got;
        if (s->why.code == IW_ERR_TOO_BIG)
            continue; /* drained, so that the child can end */
        if (s->output_ceiling_bytes && stream->seen_bytes > s->output_ceiling_bytes) {
            iw_fail(&s->why, IW_ERR_TOO_BIG, "wrote more than %zu bytes", s->output_ceiling_bytes);
            spawn_end(s);
            return; /* it may write for ever: back to the loop */
        }
        if (stream->on_bytes)
            stream->on_bytes(s->ctx, bytes, (size_t)got);
    }
}

static void
spawn_reap(struct spawn *s)
{
    if (s->pid <= 0)
        return;
    pid_t got = waitpid(s->pid, &s->wait_status, WNOHANG);
    if (got == s->pid || (got < 0 && errno == ECHILD))
        s->pid = 0;
}

/* Leave a callback of the loop: free what was stopped meanwhile, report an end. */
static void
spawn_leave(struct spawn *s)
{
    if (--s->busy > 0)
        return;
    if (!s->stopped && s->pid > 0)
        return;
    spawn_release(s);
    if (!s->stopped)
        s->handlers.on_exit(s->ctx, s->wait_status, &s->why);
    free(s);
}

static void
on_stream(void *ctx, IW_UNUSED int fd, IW_UNUSED int events)
{
    struct spawn_stream *stream = ctx;
    struct spawn *s = stream->owner;
    s->busy++;
    stream_read(s, stream);
    spawn_leave(s);
}

static void
on_child_signal(void *ctx, IW_UNUSED int signo)
{
    struct spawn *s = ctx;
    s->busy++;
    spawn_reap(s);
    /* Its last words are in the pipes. A grandchild may hold them open: do not wait for the end. */
    for (size_t i = 0; s->pid == 0 && i < STREAM_COUNT; i++)
        stream_read(s, &s->streams[i]);
    spawn_leave(s);
}

/* --- start --- */

/* The environment with the request's entries in front of ours of the same name; new. */
static char **
environment_new(const char *const *extra)
{
    VEC(char *) all = {0};
    for (size_t i = 0; extra && extra[i]; i++)
        vec_push(&all, (char *)extra[i]);
    size_t extra_count = all.len;
    for (size_t i = 0; environ[i]; i++) {
        size_t name_len = strcspn(environ[i], "=");
        bool replaced = false;
        for (size_t k = 0; k < extra_count; k++)
            replaced |=
                strncmp(all.items[k], environ[i], name_len) == 0 && all.items[k][name_len] == '=';
        if (!replaced)
            vec_push(&all, environ[i]);
    }
    vec_push(&all, NULL);
    return all.items;
}

/* posix_spawn with the three ends; returns 0 or an error number. */
static int
spawn_child(pid_t *pid, const struct spawn_request *request, const int ends[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (ends[0] >= 0)
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[2], STDERR_FILENO);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    iw_autofree char **environment = environment_new(request->env);
    int failed = posix_spawnp(pid, request->argv[0], &actions, &attributes,
                              (char *const *)request->argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Make the pipes; ours[] and theirs[] are stdin, stdout, stderr, -1 where there is none. */
static int
pipes_make(bool with_stdin, int ours[3], int theirs[3])
{
    for (int i = with_stdin ? 0 : 1; i < 3; i++) {
        int fds[2];
        if (fd_pipe(fds) != 0)
            return -1;
        ours[i] = i == 0 ? fds[1] : fds[0];
        theirs[i] = i == 0 ? fds[0] : fds[1];
        if (fd_set_nonblock(ours[i]) != 0)
            return -1;
    }
    return 0;
}

static struct spawn *
spawn_new(struct loop *loop, const struct spawn_request *request,
          const struct spawn_handlers *handlers, void *ctx)
{
    struct spawn *s = iw_calloc(1, sizeof(*s));
    s->loop = loop;
    s->handlers = *handlers;
    s->ctx = ctx;
    s->stdin_fd = -1;
    s->output_ceiling_bytes = request->output_ceiling_bytes;
    s->timeout_ms = request->timeout_ms;
    s->streams[STREAM_OUT] =
        (struct spawn_stream){.owner = s, .fd = -1, .on_bytes = handlers->on_stdout};
    s->streams[STREAM_ERR] =
        (struct spawn_stream){.owner = s, .fd = -1, .on_bytes = handlers->on_stderr};
    /* Before the child exists, so that its end cannot be missed. */
    s->signal_id = loop_signal_add(loop, SIGCHLD, on_child_signal, s);
    return s;
}

enum iw_err
spawn_start(struct loop *loop, const struct spawn_request *request,
            const struct spawn_handlers *handlers, void *ctx, struct spawn **out,
            struct iw_error *err)
{
    struct spawn *s = spawn_new(loop, request, handlers, ctx);
    int ours[3] = {-1, -1, -1}, theirs[3] = {-1, -1, -1};
    int failed = pipes_make(request->keep_stdin_pipe, ours, theirs) == 0 ? 0 : errno;
    s->stdin_fd = ours[0];
    for (int i = 0; i < STREAM_COUNT; i++) {
        s->streams[i].fd = ours[i + 1];
        if (ours[i + 1] >= 0)
            s->streams[i].id = loop_fd_add(loop, ours[i + 1], LOOP_READ, on_stream, &s->streams[i]);
    }
    if (!failed)
        failed = spawn_child(&s->pid, request, theirs);
    for (int i = 0; i < 3; i++)
        iw_cleanup_close(&theirs[i]);
    if (failed) {
        spawn_release(s);
        free(s);
        return iw_fail_errno(err, failed == ENOENT ? IW_ERR_NOT_FOUND : IW_ERR_IO, failed,
                             "cannot run %s", request->argv[0]);
    }
    if (request->timeout_ms > 0)
        s->timer_id = loop_timer_add(loop, request->timeout_ms, on_timeout, s);
    *out = s;
    return IW_OK;
}

int64_t
spawn_pid(const struct spawn *s)
{
    return s->pid;
}

/* Wait for the end, at most so long; true when the child is gone. */
static bool
spawn_wait(struct spawn *s, int64_t wait_ms)
{
    const struct timespec step = {.tv_nsec = SPAWN_WAIT_STEP_MS * 1000000};
    int64_t until_ms = clock_mono(clock_system()) + wait_ms;
    for (spawn_reap(s); s->pid > 0; spawn_reap(s)) {
        if (clock_mono(clock_system()) >= until_ms)
            return false;
        nanosleep(&step, NULL);
    }
    return true;
}

void
spawn_stop(struct spawn *s, int64_t grace_ms)
{
    if (!s)
        return;
    spawn_release(s);
    spawn_signal(s, SIGTERM);
    if (!spawn_wait(s, grace_ms)) {
        spawn_signal(s, SIGKILL);
        while (s->pid > 0 && waitpid(s->pid, &s->wait_status, 0) < 0 && errno == EINTR) {
        }
        s->pid = 0;
    }
    s->stopped = true;
    if (s->busy == 0)
        free(s);
}
