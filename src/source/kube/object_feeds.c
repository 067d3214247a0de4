/* object_feeds: one reflector per kind and namespace.
 * SPDX-License-Identifier: Apache-2.0 */
#include "object_feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/source/recorder.h"

/* The right to list nodes is not granted in seconds, and each try is an entry in the audit log. */
#define OBJECTS_DENIED_RETRY_MS 300000

struct object_feed {
    struct object_feeds *owner;
    enum kobject_kind kind;
    char *ns; /* own; "" all, or a kind without namespaces */
    struct kube_feed feed;
    bool listed; /* a list was complete */
};

/* --- what the reflector reports --- */

static void
feed_list_begin(void *ctx)
{
    struct object_feed *f = ctx;
    const struct source_sink *sink = f->owner->sink;
    sink->objects_begin(sink->ctx, f->kind, f->ns);
}

static void
feed_list_end(void *ctx)
{
    struct object_feed *f = ctx;
    const struct source_sink *sink = f->owner->sink;
    f->listed = true;
    sink->objects_end(sink->ctx, f->kind, f->ns);
}

/* The state of the connection, seen by who wants to know whether the objects can be relied on. */
static enum objects_state
state_of(const struct object_feed *f, const struct source_status *st)
{
    if (st->state == SOURCE_DENIED && st->last.code == IW_ERR_FORBIDDEN)
        return OBJECTS_DENIED;
    /* Who logs in again sees them again: what was listed is only old. */
    if (st->state == SOURCE_DENIED && !f->listed)
        return OBJECTS_REFUSED;
    if (st->state == SOURCE_STALE || st->state == SOURCE_DENIED)
        return f->listed ? OBJECTS_STALE : OBJECTS_FAILED;
    return f->listed ? OBJECTS_LIVE : OBJECTS_LOADING;
}

static void
feed_status(void *ctx, const struct source_status *st)
{
    struct object_feed *f = ctx;
    const struct source_sink *sink = f->owner->sink;
    if (st->state == SOURCE_DENIED && st->last.code == IW_ERR_FORBIDDEN)
        f->listed = false;
    recorder_objects_state(f->owner->link.recorder, f->kind, f->ns, state_of(f, st), &st->last);
    sink->objects_state(sink->ctx, f->kind, f->ns, state_of(f, st), &st->last);
}

/* --- feeds come and go --- */

static void
feed_path(enum kobject_kind kind, const char *ns, struct strbuf *out)
{
    const struct kobject_kind_info *info = kobject_kind_info(kind);
    strbuf_addf(out, "%s/", info->path);
    if (ns[0]) {
        strbuf_adds(out, "namespaces/");
        http_escape(out, ns);
        strbuf_addc(out, '/');
    }
    strbuf_adds(out, info->plural);
}

static void
feed_open(struct object_feed *f)
{
    const struct kobject_kind_info *info = kobject_kind_info(f->kind);
    char scope[128];
    strbuf_auto path;
    strbuf_init(&path, 0);
    feed_path(f->kind, f->ns, &path);
    (void)snprintf(scope, sizeof(scope), f->ns[0] ? "namespace %.63s" : "the cluster%.0s", f->ns);
    struct reflector_config config = {
        .what = info->plural,
        .path = path.data,
        .field_selector = info->field_selector,
        .scope = scope,
        .list_only = f->owner->list_only,
        .denied_retry_ms = OBJECTS_DENIED_RETRY_MS,
        .jitter_seed = f->owner->jitter_seed + (uint64_t)f->kind * 7919u,
        .observer = {.ctx = f,
                     .list_begin = feed_list_begin,
                     .list_end = feed_list_end,
                     .status = feed_status},
    };
    kube_feed_open(&f->feed, &f->owner->link, &config);
}

static struct object_feed *
feed_find(const struct object_feeds *all, enum kobject_kind kind, const char *ns, size_t *at)
{
    for (size_t i = 0; i < all->feeds.len; i++) {
        struct object_feed *f = all->feeds.items[i];
        if (f->kind == kind && strcmp(f->ns, ns) == 0) {
            *at = i;
            return f;
        }
    }
    return NULL;
}

void
object_feeds_watch(struct object_feeds *all, enum kobject_kind kind, const char *ns)
{
    size_t at;
    if (!kobject_kind_info(kind)->namespaced)
        ns = "";
    if (kind == KOBJECT_POD || !all->sink->object || feed_find(all, kind, ns, &at))
        return;
    struct object_feed *f = iw_calloc(1, sizeof(*f));
    f->owner = all;
    f->kind = kind;
    f->ns = iw_strdup(ns);
    f->feed.wire = (struct kube_wire){.kind = kind, .cluster = "", .sink = all->sink};
    f->feed.ns = f->ns;
    f->feed.speaks = SOURCE_WIRE_JSON;
    feed_open(f);
    vec_push(&all->feeds, f);
    LOG_DEBUG("%s of %s: asked for", kobject_kind_info(kind)->plural, ns[0] ? ns : "the cluster");
    reflector_start(f->feed.reflector);
}

static void
feed_free(struct object_feed *f)
{
    kube_feed_close(&f->feed);
    free(f->ns);
    free(f);
}

void
object_feeds_unwatch(struct object_feeds *all, enum kobject_kind kind, const char *ns)
{
    size_t at;
    if (!kobject_kind_info(kind)->namespaced)
        ns = "";
    struct object_feed *f = feed_find(all, kind, ns, &at);
    if (!f)
        return;
    vec_remove(&all->feeds, at);
    all->sink->objects_forget(all->sink->ctx, kind, f->ns);
    feed_free(f);
}

void
object_feeds_retry_now(struct object_feeds *all)
{
    for (size_t i = 0; i < all->feeds.len; i++)
        reflector_retry_now(all->feeds.items[i]->feed.reflector);
}

void
object_feeds_relist(struct object_feeds *all)
{
    for (size_t i = 0; i < all->feeds.len; i++)
        reflector_relist(all->feeds.items[i]->feed.reflector);
}

void
object_feeds_close(struct object_feeds *all)
{
    for (size_t i = 0; i < all->feeds.len; i++)
        feed_free(all->feeds.items[i]);
    vec_free(&all->feeds);
}

/* --- one object --- */

struct source_get {
    struct object_sink sink;
    struct strbuf body;
    struct http_call *call;
    struct object_gets *list;
    struct source_get *next, *previous;
};

static bool
get_body(void *ctx, const char *bytes, size_t len)
{
    struct source_get *g = ctx;
    return strbuf_add(&g->body, bytes, len);
}

static void
get_done(void *ctx, const struct iw_error *err)
{
    struct source_get *g = ctx;
    struct iw_error end = *err;
    if (g->previous)
        g->previous->next = g->next;
    else
        g->list->first = g->next;
    if (g->next)
        g->next->previous = g->previous;
    if (g->body.overflow)
        iw_fail(&end, IW_ERR_TOO_BIG, "the object is larger than %u MiB", LIMIT_BODY_BYTES >> 20);
    bool ok = end.code == IW_OK;
    g->sink.done(g->sink.ctx, ok ? g->body.data : NULL, ok ? g->body.len : 0, &end);
    strbuf_free(&g->body);
    free(g);
}

/* What goes wrong is told through the sink. */
static void
ask(struct http_client *client, struct object_gets *list, const struct http_request *request,
    const struct object_sink *sink, struct source_get **out)
{
    static const struct http_handlers handlers = {NULL, get_body, get_done};
    *out = NULL;
    struct source_get *g = iw_calloc(1, sizeof(*g));
    g->sink = *sink;
    g->list = list;
    strbuf_init(&g->body, LIMIT_BODY_BYTES);
    g->next = list->first;
    if (g->next)
        g->next->previous = g;
    list->first = g;
    struct http_call *call = http_start(client, request, &handlers, g);
    if (!call)
        return; /* done was called, the request is gone */
    g->call = call;
    *out = g;
}

enum iw_err
path_get_start(struct http_client *client, struct object_gets *list, const char *path,
               int64_t timeout_ms, const struct object_sink *sink, struct source_get **out,
               struct iw_error *err)
{
    struct http_request request = {
        .path = path, .total_timeout_ms = timeout_ms, .idle_timeout_ms = LIST_IDLE_MS};
    (void)err;
    ask(client, list, &request, sink, out);
    return IW_OK;
}

static void
object_path(const struct kobject_ref *ref, struct strbuf *path)
{
    strbuf_init(path, 0);
    feed_path(ref->kind, kobject_kind_info(ref->kind)->namespaced ? ref->ns : "", path);
    strbuf_addc(path, '/');
    http_escape(path, ref->name);
}

enum iw_err
object_get_start(struct http_client *client, struct object_gets *list,
                 const struct kobject_ref *ref, int64_t timeout_ms, const struct object_sink *sink,
                 struct source_get **out, struct iw_error *err)
{
    *out = NULL;
    if (ref->name[0] == '\0')
        return iw_fail(err, IW_ERR_USAGE, "an object without a name");
    strbuf_auto path;
    object_path(ref, &path);
    return path_get_start(client, list, path.data, timeout_ms, sink, out, err);
}

enum iw_err
object_change_start(struct http_client *client, struct object_gets *list,
                    const struct object_change *change, int64_t timeout_ms,
                    const struct object_sink *sink, struct source_get **out, struct iw_error *err)
{
    *out = NULL;
    if (change->ref.name[0] == '\0')
        return iw_fail(err, IW_ERR_USAGE, "an object without a name");
    strbuf_auto path;
    object_path(&change->ref, &path);
    struct http_request request = {.method = change->method,
                                   .path = path.data,
                                   .body = change->body,
                                   .body_len = change->body_len,
                                   .content_type = change->content_type ? change->content_type
                                                                        : "application/json",
                                   .total_timeout_ms = timeout_ms};
    ask(client, list, &request, sink, out);
    return IW_OK;
}

void
object_get_cancel(struct source_get *get)
{
    http_cancel(get->call);
}

void
object_gets_cancel_all(struct object_gets *list)
{
    while (list->first)
        object_get_cancel(list->first);
}
