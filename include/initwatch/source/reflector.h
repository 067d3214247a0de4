/* reflector: list, then watch, as a state machine over a transport. No sockets inside, no wire
 * format either.
 *
 * States and inputs are rows of one table (reflector.c); constants cite client-go's
 * tools/cache/reflector.go and SEMANTICS G.1, G.2. The owner gives it a transport; answers come
 * back through the reflector_on_* functions. Bodies are cut into pieces on arrival and decoded
 * later, in slices, by reflector_work; items of a list in protobuf at once, where they lie.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REFLECTOR_H
#define INITWATCH_SOURCE_REFLECTOR_H

#include "initwatch/base/limits.h"
#include "initwatch/model/sink.h"
#include "initwatch/net/loop.h"

struct reflector;

/* What a piece of a body turned out to be. */
enum reflector_piece {
    REFLECTOR_ITEM,     /* an element of a list */
    REFLECTOR_ENVELOPE, /* a list without its items */
    REFLECTOR_EVENT,    /* ADDED, MODIFIED or DELETED */
    REFLECTOR_BOOKMARK,
    REFLECTOR_ERROR, /* the stream ends here, err says why */
};
struct reflector_note {
    /* set by the reflector to ITEM, ENVELOPE or EVENT; the owner corrects the last */
    enum reflector_piece piece;
    bool protobuf;      /* how it is encoded, by the Content-Type of the answer; else JSON */
    char rv[128];       /* resourceVersion of the object or the list, "" when it has none */
    char cont[4096];    /* ENVELOPE: the continue token, "" on the last page */
    uint64_t remaining; /* ENVELOPE: remainingItemCount, 0 when the server does not say */
};

/* What the reflector asks of its owner. get may be answered before it returns. */
struct reflector_transport {
    void *ctx;
    /* GET path with the query; the answer comes as reflector_on_header / _body / _done. Only one
     * request at a time. */
    void (*get)(void *ctx, const char *path_and_query, bool stream);
    /* End the request; whatever it still reports is ignored. */
    void (*cancel)(void *ctx);
    /* Stop and go on reading. May be NULL. */
    void (*pause)(void *ctx, bool paused);
    /* 401: get fresh credentials. True if they differ from the refused ones. May be NULL. */
    bool (*refresh)(void *ctx);
    /* Decode one piece (of JSON: bytes end in NUL), deliver what it holds, and fill *note. Returns IW_OK;
     * anything else means that this object cannot be read, and nothing was delivered: it is counted, logged and skipped (an
     * envelope: the list failed). For REFLECTOR_ERROR it returns IW_OK and err holds the class of
     * the Status. */
    enum iw_err (*decode)(void *ctx, const char *bytes, size_t len, struct reflector_note *note,
                          struct iw_error *err);
    /* A piece or the framing of an answer in protobuf cannot be read. True: JSON is asked for from now
     * on, and the reflector lists again at once. May be NULL. */
    bool (*speak_json)(void *ctx, const struct iw_error *err);
};
/* What it reports. */
struct reflector_observer {
    void *ctx;
    void (*list_begin)(void *ctx);
    void (*list_end)(void *ctx);
    void (*status)(void *ctx, const struct source_status *st);
};
struct reflector_config {
    struct loop *loop;
    enum source_stream stream; /* for status */
    const char *what;          /* "nodes", for the log; borrowed for its life; NULL: the stream */
    const char *path;          /* "/api/v1/namespaces/shop/pods"; copied */
    const char *label_selector, *field_selector; /* copied; NULL: none */
    const char *scope;                           /* for status: "namespace shop"; copied */
    bool list_only;
    int64_t denied_retry_ms; /* after 401 and 403 wait so long, up to twice; 0: 30 s */
    uint64_t jitter_seed;
    struct reflector_transport transport;
    struct reflector_observer observer;
};

struct reflector *reflector_new(const struct reflector_config *config) IW_NODISCARD;
/* Cancels a running request. Must not be called from one of its own callbacks. */
void reflector_free(struct reflector *r);
void reflector_start(struct reflector *r);
/* Skip the back-off. While live or listing there is nothing to skip. */
void reflector_retry_now(struct reflector *r);
/* List again, from any state but stopped. */
void reflector_relist(struct reflector *r);
/* "idle", "listing", "watching", "backoff", "stopped" */
const char *reflector_state_name(const struct reflector *r);
/* Answers of the transport. */
void reflector_on_header(struct reflector *r, int status, const char *content_type);
/* False: the body is of no use any more. */
bool reflector_on_body(struct reflector *r, const char *bytes, size_t len);
void reflector_on_done(struct reflector *r, const struct iw_error *err);
/* Decode queued pieces for one slice, then act on the end of the answer; true while more is left.
 * The owner calls it from a loop work slot, which it wakes after _body and _done. */
bool reflector_work(struct reflector *r);
/* Bytes waiting to be decoded. */
size_t reflector_backlog_bytes(const struct reflector *r);

#endif
