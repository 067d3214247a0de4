/* feed: a reflector, the HTTP call it has under way, and the decoding of its answers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBE_FEED_H
#define INITWATCH_SOURCE_KUBE_FEED_H

#include "initwatch/net/http.h"
#include "initwatch/source/source.h"
#include "wire.h"

/* A list that stalls. A server that is behind our version waits 3 s before it says so; 60 s is the
 * default request timeout of an API server. */
#define LIST_IDLE_MS 60000

/* What all feeds of a source have in common. */
struct kube_link {
    struct loop *loop;
    struct http_client *client;
    /* Fresh credentials before a request; refused: the last ones were. True if they are others. */
    bool (*freshen)(void *ctx, bool refused);
    void *ctx;
    int64_t request_timeout_ms;
    /* What arrives is written here before it is decoded, and JSON is asked for; NULL: not recording.
     * Borrowed. */
    struct recorder *recorder;
};

/* Part of its owner's struct, which fills wire, ns and speaks. */
struct kube_feed {
    const struct kube_link *link;
    struct kube_wire wire;
    const char *ns;          /* borrowed; "" all namespaces */
    enum source_wire speaks; /* JSON once protobuf could not be read */
    struct reflector *reflector;
    struct reflector_observer observer; /* the owner's */
    struct http_call *call;             /* NULL: none under way */
    loop_id work;
};

/* config lacks the loop and the transport. The reflector is not started. */
void kube_feed_open(struct kube_feed *f, const struct kube_link *link,
                    const struct reflector_config *config);
void kube_feed_close(struct kube_feed *f);

#endif
