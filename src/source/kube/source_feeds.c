/* source_feeds: one feed per stream and namespace, a reflector and the HTTP call it currently has.
 *
 * Who may not list all namespaces is shown the namespace of the kubeconfig instead, once, with a notice. Of several
 * namespaces one status is told: the worst.
 * SPDX-License-Identifier: Apache-2.0 */
#include "source_feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"

#define VERSION_TIMEOUT_MS 10000

/* --- status --- */

/* Of several namespaces the one that needs attention most is shown. */
static int
badness(enum source_state state)
{
    static const int ranks[SOURCE_STATE_COUNT] = {
        [SOURCE_LIVE] = 0,       [SOURCE_STOPPED] = 1, [SOURCE_IDLE] = 2,  [SOURCE_LISTING] = 3,
        [SOURCE_CONNECTING] = 4, [SOURCE_DENIED] = 5,  [SOURCE_STALE] = 6,
    };
    return ranks[state];
}

static void
name_scopes(const struct kube_source *s, enum source_stream stream, char *out, size_t out_size)
{
    strbuf_auto text;
    strbuf_init(&text, out_size - 1);
    strbuf_adds(&text, "namespaces ");
    bool first = true;
    for (size_t i = 0; i < s->feeds.len; i++) {
        if (s->feeds.items[i]->feed.wire.stream != stream)
            continue;
        if (!first)
            strbuf_adds(&text, ", ");
        strbuf_adds(&text, s->feeds.items[i]->ns);
        first = false;
    }
    (void)snprintf(out, out_size, "%s", text.data);
}

static void
emit_status(struct kube_source *s, enum source_stream stream)
{
    const struct feed *worst = NULL;
    size_t count = 0;
    struct source_status sum = {0};
    int64_t contact_ms = IW_TIME_NONE;
    for (size_t i = 0; i < s->feeds.len; i++) {
        const struct feed *f = s->feeds.items[i];
        if (f->feed.wire.stream != stream)
            continue;
        count++;
        sum.listed += f->status.listed;
        sum.expected += f->status.expected;
        contact_ms = IW_MAX(contact_ms, f->status.last_contact_wall_ms);
        if (!worst || badness(f->status.state) > badness(worst->status.state))
            worst = f;
    }
    if (!worst)
        return;
    struct source_status out = worst->status;
    out.listed = sum.listed;
    out.expected = sum.expected;
    out.last_contact_wall_ms = contact_ms;
    bool about_all = out.state != SOURCE_STALE && out.state != SOURCE_DENIED;
    if (count > 1 && about_all)
        name_scopes(s, stream, out.scope, sizeof(out.scope));
    memcpy(out.server_version, s->version, sizeof(out.server_version));
    (void)snprintf(out.waiting, sizeof(out.waiting), "%s", exec_use_waiting(s->exec));
    recorder_status(s->link.recorder, &out);
    s->sink.status(s->sink.ctx, &out);
}

void
kube_feeds_waiting(void *ctx)
{
    struct kube_source *s = ctx;
    for (int i = 0; i < STREAM_COUNT; i++)
        emit_status(s, (enum source_stream)i);
}

/* --- the server's version --- */

static bool
on_version_body(void *ctx, const char *bytes, size_t len)
{
    struct kube_source *s = ctx;
    return strbuf_add(&s->version_body, bytes, len);
}

static void
on_version_done(void *ctx, const struct iw_error *err)
{
    struct kube_source *s = ctx;
    s->version_call = NULL;
    if (err->code != IW_OK) {
        LOG_DEBUG("version of the server: %s", err->msg);
        return;
    }
    kube_wire_version(s->version_body.data, s->version_body.len, s->version, sizeof(s->version));
    strbuf_clear(&s->version_body);
    for (int i = 0; i < STREAM_COUNT; i++)
        emit_status(s, (enum source_stream)i);
}

static void
ask_version(struct kube_source *s)
{
    static const struct http_handlers handlers = {NULL, on_version_body, on_version_done};
    if (s->version[0] || s->version_call || s->list_only)
        return;
    struct http_request request = {.path = "/version", .total_timeout_ms = VERSION_TIMEOUT_MS};
    strbuf_clear(&s->version_body);
    s->version_call = http_start(s->client, &request, &handlers, s);
}

/* --- a feed: what its reflector reports --- */

/* `get -n a,b` prints when the stream is synced, so the first list_end of each waits for all of
 * them. */
static void
release_ends(struct kube_source *s, enum source_stream stream)
{
    for (size_t i = 0; i < s->feeds.len; i++) {
        const struct feed *f = s->feeds.items[i];
        if (f->feed.wire.stream == stream && !f->settled)
            return;
    }
    for (size_t i = 0; i < s->feeds.len; i++) {
        struct feed *f = s->feeds.items[i];
        if (f->feed.wire.stream != stream || !f->end_held)
            continue;
        f->end_held = false;
        s->synced[stream] = true;
        s->sink.list_end(s->sink.ctx, stream, f->ns);
    }
}

static void
feed_list_begin(void *ctx)
{
    struct feed *f = ctx;
    struct kube_source *s = f->owner;
    if (!s->synced[f->feed.wire.stream])
        f->settled = f->end_held = false;
    s->sink.list_begin(s->sink.ctx, f->feed.wire.stream, f->ns);
}

static void
feed_list_end(void *ctx)
{
    struct feed *f = ctx;
    struct kube_source *s = f->owner;
    f->listed = f->settled = true;
    if (s->synced[f->feed.wire.stream]) {
        s->sink.list_end(s->sink.ctx, f->feed.wire.stream, f->ns);
        return;
    }
    f->end_held = true;
    release_ends(s, f->feed.wire.stream);
}

static void fall_back(void *ctx);

/* All pods may not be listed, but those of one namespace perhaps may. */
static bool
wants_fallback(const struct feed *f)
{
    const struct kube_source *s = f->owner;
    return f->feed.wire.stream == STREAM_PODS && f->ns[0] == '\0' && !f->listed && !s->fell_back &&
           s->home_ns[0] && f->status.state == SOURCE_DENIED &&
           f->status.last.code == IW_ERR_FORBIDDEN;
}

static void
feed_status(void *ctx, const struct source_status *status)
{
    struct feed *f = ctx;
    struct kube_source *s = f->owner;
    f->status = *status;
    if (wants_fallback(f)) {
        s->fell_back = true;
        LOG_WARN("%s; showing namespace %s, the one of the kubeconfig", status->last.msg,
                 s->home_ns);
        /* Later: this reflector is on the stack. */
        s->fallback_timer = loop_timer_add(s->loop, 0, fall_back, s);
        return;
    }
    if (status->state == SOURCE_DENIED && !s->synced[f->feed.wire.stream]) {
        f->settled = true;
        release_ends(s, f->feed.wire.stream);
    }
    if (status->state == SOURCE_LIVE)
        ask_version(s);
    emit_status(s, f->feed.wire.stream);
}

/* --- feeds come and go --- */

static void
feed_path(const char *ns, enum source_stream stream, struct strbuf *out)
{
    strbuf_adds(out, "/api/v1/");
    if (ns[0]) {
        strbuf_adds(out, "namespaces/");
        http_escape(out, ns);
        strbuf_addc(out, '/');
    }
    strbuf_adds(out, source_stream_name(stream));
}

static void
feed_scope(const struct kube_source *s, const char *ns, char *out, size_t out_size)
{
    if (!ns[0])
        (void)snprintf(out, out_size, "all namespaces");
    else if (s->fell_back)
        (void)snprintf(out, out_size, "namespace %.63s (all: not allowed)", ns);
    else
        (void)snprintf(out, out_size, "namespace %.63s", ns);
}

static void
feed_add(struct kube_source *s, enum source_stream stream, const char *ns)
{
    struct feed *f = iw_calloc(1, sizeof(*f));
    f->owner = s;
    f->ns = iw_strdup(ns);
    f->feed.wire = (struct kube_wire){.stream = stream, .cluster = s->cluster, .sink = &s->sink};
    f->feed.ns = f->ns;
    f->feed.speaks = s->wire;
    strbuf_auto path;
    strbuf_init(&path, 0);
    feed_path(ns, stream, &path);
    char scope[128];
    feed_scope(s, ns, scope, sizeof(scope));
    bool pods = stream == STREAM_PODS;
    struct reflector_config config = {
        .stream = stream,
        .path = path.data,
        /* The selectors speak about pods; events have other labels and fields. */
        .label_selector = pods ? s->label_selector : NULL,
        .field_selector = pods ? s->field_selector : NULL,
        .scope = scope,
        .list_only = s->list_only,
        .jitter_seed = s->jitter_seed + s->feeds.len,
        .observer = {.ctx = f,
                     .list_begin = feed_list_begin,
                     .list_end = feed_list_end,
                     .status = feed_status},
    };
    kube_feed_open(&f->feed, &s->link, &config);
    vec_push(&s->feeds, f);
}

static void
feed_free(struct feed *f)
{
    kube_feed_close(&f->feed);
    free(f->ns);
    free(f);
}

void
kube_feeds_open(struct kube_source *s, const char *const *namespaces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        feed_add(s, STREAM_PODS, namespaces[i]);
    for (size_t i = 0; i < count && !s->no_events; i++)
        feed_add(s, STREAM_EVENTS, namespaces[i]);
    /* All exist before the first reports: what is shown is the worst of all. */
    for (size_t i = 0; i < s->feeds.len; i++)
        s->feeds.items[i]->status.state = SOURCE_CONNECTING;
    for (size_t i = 0; i < s->feeds.len; i++)
        reflector_start(s->feeds.items[i]->feed.reflector);
}

void
kube_feeds_close(struct kube_source *s)
{
    for (size_t i = 0; i < s->feeds.len; i++)
        feed_free(s->feeds.items[i]);
    vec_free(&s->feeds);
}

void
kube_feeds_each(struct kube_source *s, enum kobject_kind kind,
                void (*call)(struct object_feeds *, enum kobject_kind, const char *))
{
    for (size_t i = 0; i < s->feeds.len; i++) {
        if (s->feeds.items[i]->feed.wire.stream == STREAM_PODS)
            call(&s->objects, kind, s->feeds.items[i]->ns);
    }
}

static void
each_kind(struct kube_source *s,
          void (*call)(struct object_feeds *, enum kobject_kind, const char *))
{
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (s->kinds & 1u << i)
            kube_feeds_each(s, (enum kobject_kind)i, call);
    }
}

static void
fall_back(void *ctx)
{
    struct kube_source *s = ctx;
    s->fallback_timer = 0;
    each_kind(s, object_feeds_unwatch);
    kube_feeds_close(s);
    memset(s->synced, 0, sizeof(s->synced));
    const char *namespaces[] = {s->home_ns};
    kube_feeds_open(s, namespaces, 1);
    each_kind(s, object_feeds_watch);
}
