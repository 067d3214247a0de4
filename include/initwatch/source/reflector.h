/* reflector: list, then watch, as a state machine over a transport. No sockets inside.
 *
 * States and inputs are rows of one table (reflector.c); constants cite client-go's tools/cache/reflector.go and
 * SEMANTICS G.1, G.2. The owner gives it a transport; answers come back through the reflector_on_* functions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REFLECTOR_H
#define INITWATCH_SOURCE_REFLECTOR_H

#include "initwatch/model/sink.h"
#include "initwatch/net/loop.h"

struct reflector;

/* What the reflector asks of its owner. All calls may be answered before they return. */
struct reflector_transport {
    void *ctx;
    /* GET path with the query; the answer comes as reflector_on_header / _body / _done. Only one request at a time. */
    void (*get)(void *ctx, const char *path_and_query, bool stream);
    void (*cancel)(void *ctx);
    /* One complete object to decode. type: "" for a list item, else ADDED, MODIFIED, DELETED. Returns IW_OK or the error
     * that makes the stream unusable. *rv_out gets the object's resourceVersion (borrowed for the call). */
    enum iw_err (*object)(void *ctx, const char *type, const char *bytes, size_t len, char *rv_out,
                          size_t rv_size, struct iw_error *err);
};
struct reflector_config {
    struct loop *loop;
    struct source_sink sink;     /* list_begin, list_end and status are called with `stream` */
    enum source_stream stream;
    const char *path;            /* "/api/v1/namespaces/shop/pods" ; copied */
    const char *label_selector, *field_selector; /* copied; NULL: none */
    const char *scope;           /* for status: "namespace shop"; copied */
    bool list_only;
    uint64_t jitter_seed;
    struct reflector_transport transport;
};
struct reflector *reflector_new(const struct reflector_config *config) IW_NODISCARD;
void reflector_free(struct reflector *r);
void reflector_start(struct reflector *r);
void reflector_retry_now(struct reflector *r);
void reflector_relist(struct reflector *r);
const char *reflector_state_name(const struct reflector *r);
/* Answers of the transport. */
void reflector_on_header(struct reflector *r, int status, const char *content_type);
bool reflector_on_body(struct reflector *r, const char *bytes, size_t len);
void reflector_on_done(struct reflector *r, const struct iw_error *err);
/* Decode queued frames for one slice; true while more is left. The owner calls it from a loop work slot. */
bool reflector_work(struct reflector *r);
/* Bytes waiting to be decoded, for flow control. */
size_t reflector_backlog_bytes(const struct reflector *r);

#endif
