/* object_feeds: lists and watches of other kinds than pods and events, started when somebody looks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBE_OBJECT_FEEDS_H
#define INITWATCH_SOURCE_KUBE_OBJECT_FEEDS_H

#include "initwatch/base/vec.h"
#include "initwatch/net/http.h"
#include "initwatch/source/source.h"

#include "feed.h"

struct object_feed;

/* The fields before `feeds` are set by the owner, borrowed for its life. */
struct object_feeds {
    struct kube_link link;
    const struct source_sink *sink;
    uint64_t jitter_seed;
    bool list_only;

    VEC(struct object_feed *) feeds;
};

/* kinds without a namespace are watched once, whatever ns is. */
void object_feeds_watch(struct object_feeds *all, enum kobject_kind kind, const char *ns);
void object_feeds_unwatch(struct object_feeds *all, enum kobject_kind kind, const char *ns);
void object_feeds_retry_now(struct object_feeds *all);
void object_feeds_relist(struct object_feeds *all);
void object_feeds_close(struct object_feeds *all);

/* Requests for one object that run, so that closing the source ends them. */
struct object_gets {
    struct source_get *first;
};
IW_NODISCARD enum iw_err object_get_start(struct http_client *client, struct object_gets *list,
                                          const struct kobject_ref *ref, int64_t timeout_ms,
                                          const struct object_sink *sink, struct source_get **out,
                                          struct iw_error *err);
IW_NODISCARD enum iw_err path_get_start(struct http_client *client, struct object_gets *list,
                                        const char *path, int64_t timeout_ms,
                                        const struct object_sink *sink, struct source_get **out,
                                        struct iw_error *err);
IW_NODISCARD enum iw_err object_change_start(struct http_client *client, struct object_gets *list,
                                             const struct object_change *change, int64_t timeout_ms,
                                             const struct object_sink *sink,
                                             struct source_get **out, struct iw_error *err);
void object_get_cancel(struct source_get *get);
void object_gets_cancel_all(struct object_gets *list);

#endif
