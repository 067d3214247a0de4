/* script_impl: what the halves of the script server share: steps of a script (script_steps.c), and the
 * sockets and threads that serve them (script_server.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_SCRIPT_IMPL_H
#define INITWATCH_TEST_SCRIPT_IMPL_H

#include <pthread.h>
#include <stdint.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "script_server.h"

/* X(NAME, verb) */
#define VERBS(X)                                                                                   \
    X(EXPECT, "expect")                                                                            \
    X(EXPECT_HEAD, "expect-head")                                                                  \
    X(HEADER, "header")                                                                            \
    X(REPLY, "reply")                                                                              \
    X(STREAM, "stream")                                                                            \
    X(FRAME, "frame")                                                                              \
    X(HALF_FRAME, "half-frame")                                                                    \
    X(BOOKMARK, "bookmark")                                                                        \
    X(CHUNK, "chunk")                                                                              \
    X(HALF_CHUNK, "half-chunk")                                                                    \
    X(REPEAT, "repeat")                                                                            \
    X(DRIP, "drip")                                                                                \
    X(RAW, "raw")                                                                                  \
    X(END, "end")                                                                                  \
    X(CLOSE, "close")                                                                              \
    X(RESET, "reset")                                                                              \
    X(HANG, "hang")                                                                                \
    X(GATE, "gate")
enum verb {
#define X(name, word) VERB_##name,
    VERBS(X)
#undef X
        VERB_COUNT
};
struct step {
    enum verb verb;
    char *arg;
};
struct route {
    char *match;
    VEC(struct step) steps;
    size_t position; /* first step not given to a request */
};
struct blob {
    char *name, *bytes;
    size_t len;
};
struct connection {
    struct script_server *server;
    pthread_t thread;
    int fd;
    struct strbuf extra_headers;
};

struct script_server {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a gate opens, the server stops */
    pthread_t thread;
    int listen_fd, wake[2];
    uint16_t port;
    char url[64];
    bool stopping, protobuf;
    int gate;
    char *failure;
    VEC(struct route *) routes;
    VEC(struct blob) blobs;
    VEC(struct connection *) connections;
    VEC(char *) targets;
};

/* What follows a step. */
enum after { AFTER_NEXT, AFTER_CLOSED };

/* One line of a script; an unknown word ends the program. The argument is new. */
struct step script_step_parse(const char *line, size_t len);
/* Compare the first step of a request, an expect, with what was asked. */
void script_step_expect(struct connection *c, const struct step *step, const char *method,
                        const char *target);
/* head: the request with its headers. Returns whether the connection stays. */
enum after script_step_do(struct connection *c, const struct step *step, const char *head);
/* Cut the next blank-separated word off *rest. */
char *script_next_word(char **rest);
void script_send_all(int fd, const char *bytes, size_t len);
/* Wait for the client to go, or for the server to stop (which shuts the socket down). */
void script_wait_for_end(int fd);

#endif
