/* apiserver: the Kubernetes API of the demo cluster over HTTP on a loopback address.
 *
 * One thread: the owner polls apiserver_fd() and calls apiserver_run(). Every request needs the
 * token, as a bearer token or as the first part of the path: clients of Kubernetes send no
 * credentials over plain HTTP, but they keep the path of the server's URL in front of every
 * request.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_APISERVER_H
#define INITWATCH_DEMO_APISERVER_H

#include <poll.h>

#include "initwatch/base/clock.h"
#include "initwatch/demo/objects.h"
#include "initwatch/demo/player.h"

struct apiserver;

struct apiserver_config {
    const char *address; /* "127.0.0.1:0"; anything that is not loopback is refused */
    const char *token;
    struct objects *store;
    struct player *player;
    struct synthetic_set *synthetic; /* or NULL */
    const struct clock *clock;       /* of watch timeouts and bookmarks (monotonic) */
};

IW_NODISCARD enum iw_err apiserver_new(const struct apiserver_config *config,
                                       struct apiserver **out, struct iw_error *err);
void apiserver_free(struct apiserver *server);
/* "127.0.0.1:40123". Borrowed. */
const char *apiserver_address(const struct apiserver *server);
/* Descriptors to poll; at most `room` are written. Returns how many. */
size_t apiserver_pollfds(struct apiserver *server, struct pollfd *fds, size_t room);
/* Milliseconds until apiserver_run() must be called in any case. */
int64_t apiserver_timeout_ms(struct apiserver *server);
/* Do what is to do: answer requests, feed watches and logs. `fds` as polled. */
void apiserver_run(struct apiserver *server, const struct pollfd *fds, size_t count);

/* Make trouble: {"kind":"outage","seconds":10,...}; the members are listed in
 * examples/scenarios/README.md. Returns IW_OK or IW_ERR_USAGE. */
IW_NODISCARD enum iw_err apiserver_fault(struct apiserver *server, const json_t *wish,
                                         struct iw_error *err);

#endif
