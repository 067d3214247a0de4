/* source_feeds: the lists and watches of a kube source, and the source itself as its files share it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBE_SOURCE_FEEDS_H
#define INITWATCH_SOURCE_KUBE_SOURCE_FEEDS_H

#include "feed.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/http.h"
#include "initwatch/source/exec_credential.h"
#include "initwatch/source/podlog.h"
#include "initwatch/source/recorder.h"
#include "initwatch/source/source.h"
#include "object_feeds.h"

struct kube_source;

struct feed {
    struct kube_source *owner;
    char *ns; /* own; "" all namespaces */
    struct kube_feed feed;
    struct source_status status;
    bool listed;   /* a list was complete, at least once */
    bool settled;  /* listed or denied: the first snapshot does not wait for it */
    bool end_held; /* its list_end waits for the other namespaces */
};

struct kube_source {
    struct source base; /* first */
    struct loop *loop;
    struct source_sink sink;
    struct http_client *client;
    char *cluster, *home_ns; /* own; home_ns: of the kubeconfig */
    char *label_selector, *field_selector;
    struct kube_link link;
    enum source_wire wire;
    bool no_events, list_only;
    uint64_t jitter_seed;

    VEC(struct feed *) feeds;
    bool synced[STREAM_COUNT]; /* the first snapshot was complete in all namespaces */
    bool fell_back;
    loop_id fallback_timer;

    char *token_file; /* own; NULL when absent */
    struct kube_token token;
    struct exec_use *exec; /* NULL: no program is asked for credentials */

    struct http_call *version_call;
    struct strbuf version_body;
    char version[32];

    struct podlog_list logs;
    unsigned recordings; /* that were begun */
    struct object_feeds objects;
    struct object_gets gets;
    uint32_t kinds; /* watched in the namespaces shown (KIND_BIT) */
};

/* Pods, and events unless the source has none, of each of these namespaces ("" all); all are started. */
void kube_feeds_open(struct kube_source *s, const char *const *namespaces, size_t count);
void kube_feeds_close(struct kube_source *s);
/* The program that is asked for credentials began, spoke or ended. ctx: the source. */
void kube_feeds_waiting(void *ctx);
/* Calls for each namespace that is shown. */
void kube_feeds_each(struct kube_source *s, enum kobject_kind kind,
                     void (*call)(struct object_feeds *, enum kobject_kind, const char *));

#endif
