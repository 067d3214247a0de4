/* feed: the transport of a reflector over HTTP.
 * SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/net/pb.h"
#include "initwatch/source/recorder.h"

static void
on_header(void *ctx, int status, const char *content_type)
{
    struct kube_feed *f = ctx;
    reflector_on_header(f->reflector, status, content_type);
}

static bool
on_body(void *ctx, const char *bytes, size_t len)
{
    struct kube_feed *f = ctx;
    bool more = reflector_on_body(f->reflector, bytes, len);
    loop_work_wake(f->link->loop, f->work);
    return more;
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct kube_feed *f = ctx;
    f->call = NULL;
    reflector_on_done(f->reflector, err);
    loop_work_wake(f->link->loop, f->work);
}

/* With ";stream=watch" or without: a server looks at the type only and says the rest itself. */
static const char *const wire_accept[] = {
    [SOURCE_WIRE_AUTO] = PB_CONTENT_TYPE ", application/json",
    [SOURCE_WIRE_JSON] = "application/json",
    [SOURCE_WIRE_PROTOBUF] = PB_CONTENT_TYPE,
};

static void
feed_get(void *ctx, const char *path_and_query, bool stream)
{
    static const struct http_handlers handlers = {on_header, on_body, on_done};
    struct kube_feed *f = ctx;
    (void)f->link->freshen(f->link->ctx, false);
    struct http_request request = {
        .path = path_and_query,
        .accept = wire_accept[f->link->recorder ? SOURCE_WIRE_JSON : f->speaks],
        .total_timeout_ms = stream ? 0 : f->link->request_timeout_ms,
        .idle_timeout_ms = stream ? 0 : LIST_IDLE_MS,
        .no_compression = stream,
        .slice_bytes = stream ? 0 : LIMIT_LIST_SLICE_BYTES,
    };
    f->call = http_start(f->link->client, &request, &handlers, f);
}

static void
feed_cancel(void *ctx)
{
    struct kube_feed *f = ctx;
    if (f->call)
        http_cancel(f->call);
}

static void
feed_pause(void *ctx, bool paused)
{
    struct kube_feed *f = ctx;
    if (f->call)
        http_pause(f->call, paused);
}

static bool
feed_refresh(void *ctx)
{
    struct kube_feed *f = ctx;
    return f->link->freshen(f->link->ctx, true);
}

/* A server whose protobuf we misread must not keep anybody from its pods. */
static bool
feed_speak_json(void *ctx, const struct iw_error *err)
{
    struct kube_feed *f = ctx;
    if (f->speaks != SOURCE_WIRE_AUTO)
        return false;
    f->speaks = SOURCE_WIRE_JSON;
    LOG_WARN("%s of %s: JSON from now on, the protobuf cannot be read: %s",
             source_stream_name(f->wire.stream), f->ns[0] ? f->ns : "all namespaces", err->msg);
    return true;
}

/* As a recording calls it. */
static const char *
feed_name(const struct kube_feed *f)
{
    return f->wire.kind == KOBJECT_POD ? source_stream_name(f->wire.stream)
                                       : kobject_kind_info(f->wire.kind)->plural;
}

static enum iw_err
feed_decode(void *ctx, const char *bytes, size_t len, struct reflector_note *note,
            struct iw_error *err)
{
    struct kube_feed *f = ctx;
    if (f->link->recorder && !note->protobuf && note->piece != REFLECTOR_ENVELOPE)
        recorder_piece(f->link->recorder, feed_name(f), f->ns, note->piece == REFLECTOR_ITEM, bytes,
                       len);
    if (!note->protobuf)
        return kube_wire_decode(&f->wire, bytes, len, note, err);
    if (f->wire.kind != KOBJECT_POD)
        return iw_fail(err, IW_ERR_PARSE, "protobuf was not asked for");
    return kube_wire_decode_pb(&f->wire, bytes, len, note, err);
}

static bool
feed_work(void *ctx)
{
    struct kube_feed *f = ctx;
    return reflector_work(f->reflector);
}

static void
feed_list_begin(void *ctx)
{
    struct kube_feed *f = ctx;
    recorder_list(f->link->recorder, feed_name(f), f->ns, false);
    f->observer.list_begin(f->observer.ctx);
}

static void
feed_list_end(void *ctx)
{
    struct kube_feed *f = ctx;
    recorder_list(f->link->recorder, feed_name(f), f->ns, true);
    f->observer.list_end(f->observer.ctx);
}

static void
feed_status(void *ctx, const struct source_status *st)
{
    struct kube_feed *f = ctx;
    f->observer.status(f->observer.ctx, st);
}

void
kube_feed_open(struct kube_feed *f, const struct kube_link *link,
               const struct reflector_config *config)
{
    struct reflector_config whole = *config;
    f->link = link;
    f->observer = config->observer;
    whole.observer = (struct reflector_observer){
        .ctx = f, .list_begin = feed_list_begin, .list_end = feed_list_end, .status = feed_status};
    whole.loop = link->loop;
    whole.transport = (struct reflector_transport){.ctx = f,
                                                   .get = feed_get,
                                                   .cancel = feed_cancel,
                                                   .pause = feed_pause,
                                                   .refresh = feed_refresh,
                                                   .speak_json = feed_speak_json,
                                                   .decode = feed_decode};
    f->reflector = reflector_new(&whole);
    f->work = loop_work_add(link->loop, feed_work, f);
}

void
kube_feed_close(struct kube_feed *f)
{
    reflector_free(f->reflector);
    loop_remove(f->link->loop, f->work);
}
