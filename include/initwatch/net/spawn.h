/* spawn: child processes whose end the loop reports (the demo server, credential programs).
 *
 * The child gets default signal dispositions and an empty signal mask.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_SPAWN_H
#define INITWATCH_NET_SPAWN_H

#include "initwatch/base/error.h"
#include "initwatch/net/loop.h"

struct spawn;
struct spawn_request {
    const char *const
        *argv; /* NULL-terminated; argv[0] is looked up in PATH unless it has a slash */
    const char *const *env; /* extra "K=V", NULL-terminated; may be NULL */
    bool keep_stdin_pipe;   /* the child's stdin is a pipe whose other end we hold: it sees EOF when
                               we die */
    int64_t timeout_ms;     /* 0: none; then SIGTERM, two seconds later SIGKILL */
    size_t output_ceiling_bytes; /* of stdout and of stderr, each; more ends the child; 0: none */
};
struct spawn_handlers {
    void (*on_stdout)(void *ctx, const char *bytes, size_t len); /* as it comes; may be NULL */
    void (*on_stderr)(void *ctx, const char *bytes, size_t len); /* may be NULL */
    /* Exactly once, after the last output; the spawn is gone after it. err->code: IW_OK (see
     * wait_status), IW_ERR_TIMEOUT or IW_ERR_TOO_BIG. */
    void (*on_exit)(void *ctx, int wait_status, const struct iw_error *err);
};
/* Returns IW_OK, or IW_ERR_NOT_FOUND or IW_ERR_IO, then no handler is called. */
IW_NODISCARD enum iw_err spawn_start(struct loop *loop, const struct spawn_request *request,
                                     const struct spawn_handlers *handlers, void *ctx,
                                     struct spawn **out, struct iw_error *err);
int64_t spawn_pid(const struct spawn *s);
/* SIGTERM, wait at most grace_ms, SIGKILL, reap. on_exit is not called. Frees s (NULL is fine).
 * Allowed from inside on_stdout and on_stderr. */
void spawn_stop(struct spawn *s, int64_t grace_ms);

#endif
