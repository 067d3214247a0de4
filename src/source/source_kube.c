/* source_kube: pods and events of a cluster through its API server.
 *
 * One feed per stream and namespace: a reflector and the HTTP call it currently has. Who may not
 * list all namespaces is shown the namespace of the kubeconfig instead, once, with a notice.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/http.h"
#include "initwatch/source/exec_credential.h"
#include "initwatch/source/podlog.h"
#include "initwatch/source/recorder.h"
#include "initwatch/source/source.h"
#include "kube/feed.h"
#include "kube/object_feeds.h"

#define VERSION_TIMEOUT_MS 10000

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

/* --- credentials --- */

static char *
strdup_or_null(const char *text)
{
    return text && text[0] ? iw_strdup(text) : NULL;
}

/* True: the credentials are others than before. */
static bool
freshen_token(struct kube_source *s)
{
    int64_t now_ms = clock_mono(loop_clock(s->loop));
    if (!s->token_file || !kube_token_refresh(&s->token, s->token_file, now_ms))
        return false;
    http_client_set_token(s->client, s->token.text);
    return true;
}

/* The last one was refused: whatever its age, the file may hold a newer one. */
static bool
renew_token(struct kube_source *s)
{
    s->token.read_at_ms = clock_mono(loop_clock(s->loop)) - KUBE_TOKEN_FILE_FRESH_MS;
    return freshen_token(s);
}

static bool
freshen(void *ctx, bool refused)
{
    return refused ? renew_token(ctx) : freshen_token(ctx);
}

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

/* The program that is asked for credentials began, spoke or ended. */
static void
on_waiting(void *ctx)
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

static void
feeds_open(struct kube_source *s, const char *const *namespaces, size_t count)
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

static void
feeds_close(struct kube_source *s)
{
    for (size_t i = 0; i < s->feeds.len; i++)
        feed_free(s->feeds.items[i]);
    vec_free(&s->feeds);
}

/* Calls for each namespace that is shown. */
static void
each_namespace(struct kube_source *s, enum kobject_kind kind,
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
            each_namespace(s, (enum kobject_kind)i, call);
    }
}

static void
fall_back(void *ctx)
{
    struct kube_source *s = ctx;
    s->fallback_timer = 0;
    each_kind(s, object_feeds_unwatch);
    feeds_close(s);
    memset(s->synced, 0, sizeof(s->synced));
    const char *namespaces[] = {s->home_ns};
    feeds_open(s, namespaces, 1);
    each_kind(s, object_feeds_watch);
}

/* --- the class --- */

/* "a,b" to an array; the copies live in *text. 0 when there are more than fit. */
static size_t
split_namespaces(const char *list, char **text, const char **out, size_t most)
{
    *text = iw_strdup(list ? list : "");
    size_t count = 0;
    char *rest = *text;
    while (count < most && rest) {
        char *comma = strchr(rest, ',');
        if (comma)
            *comma = '\0';
        if (rest[0])
            out[count++] = rest;
        rest = comma ? comma + 1 : NULL;
    }
    if (rest)
        return 0;
    if (count == 0)
        out[count++] = "";
    return count;
}

static bool
has_duplicate(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(names[i], names[k]) == 0)
                return true;
        }
    }
    return false;
}

#define NAMESPACES_MOST 64

/* What to do without them: kubectl can be between. */
#define KUBE_WAY_IN                                                                                \
    "; use a user with a token or a client certificate, or run `kubectl proxy` and point a "       \
    "kubeconfig at server: http://127.0.0.1:8001"

static enum iw_err
check_opts(const struct source_opts *opts, struct iw_error *err)
{
    const struct kube_client_config *c = opts->client;
    if (c->auth_provider)
        return iw_fail(err, IW_ERR_UNSUPPORTED,
                       "user %.60s of the kubeconfig has only an auth-provider, which Kubernetes "
                       "no longer supports" KUBE_WAY_IN,
                       c->user);
    return IW_OK;
}

static enum iw_err
kube_open(const struct source_opts *opts, struct source **out, struct iw_error *err)
{
    const struct kube_client_config *c = opts->client;
    enum iw_err rc = check_opts(opts, err);
    if (rc != IW_OK)
        return rc;
    iw_autofree char *text = NULL;
    const char *namespaces[NAMESPACES_MOST];
    size_t count = split_namespaces(opts->ns, &text, namespaces, NAMESPACES_MOST);
    if (count == 0)
        return iw_fail(err, IW_ERR_USAGE, "more than %d namespaces; --all-namespaces shows all",
                       NAMESPACES_MOST);
    if (has_duplicate(namespaces, count))
        return iw_fail(err, IW_ERR_USAGE, "a namespace is named twice in \"%s\"", opts->ns);
    struct http_config http = kube_client_http(c);
    struct http_client *client = NULL;
    rc = http_client_new(opts->loop, &http, &client, err);
    if (rc != IW_OK)
        return iw_wrap(err, "context %s", c->context);

    struct kube_source *s = iw_calloc(1, sizeof(*s));
    struct exec_use *exec = NULL;
    if (c->exec && c->exec_command)
        rc = exec_use_open(opts->loop, c, client, on_waiting, s, &exec, err);
    if (rc != IW_OK) {
        http_client_free(client);
        free(s);
        return rc;
    }
    s->base.class_ = &source_kube;
    s->loop = opts->loop;
    s->sink = opts->sink;
    s->client = client;
    s->cluster = iw_strdup(c->context);
    s->home_ns = iw_strdup(c->ns);
    s->label_selector = strdup_or_null(opts->label_selector);
    s->field_selector = strdup_or_null(opts->field_selector);
    s->link = (struct kube_link){.loop = s->loop,
                                 .client = s->client,
                                 .freshen = freshen,
                                 .ctx = s,
                                 .request_timeout_ms = opts->request_timeout_ms};
    s->wire = opts->wire;
    s->no_events = opts->no_events;
    s->list_only = opts->list_only;
    const struct clock *clock = loop_clock(s->loop);
    s->jitter_seed = opts->jitter_seed ? opts->jitter_seed
                                       : (uint64_t)(clock_wall(clock) ^ (clock_mono(clock) << 20));
    s->exec = exec;
    s->token_file = strdup_or_null(c->token_file);
    if (s->token_file)
        s->token = (struct kube_token){strdup_or_null(c->bearer), clock_mono(clock)};
    strbuf_init(&s->version_body, LIMIT_BODY_BYTES);
    s->objects = (struct object_feeds){.link = s->link,
                                       .sink = &s->sink,
                                       .jitter_seed = s->jitter_seed,
                                       .list_only = s->list_only};
    *out = &s->base;
    feeds_open(s, namespaces, count);
    return IW_OK;
}

static struct kube_source *
self(struct source *source)
{
    return (struct kube_source *)source;
}

/* --- logs; while recording each line is written before it is handed on --- */

struct recorded_log {
    struct kube_source *owner;
    struct log_sink sink;
    uint64_t id;
    unsigned recording; /* kube_source.recordings when it was opened */
};

static struct recorder *
recorder_of(const struct recorded_log *log)
{
    return log->recording == log->owner->recordings ? log->owner->link.recorder : NULL;
}

static void
recorded_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct recorded_log *log = ctx;
    recorder_log_line(recorder_of(log), log->id, text, len);
    log->sink.line(log->sink.ctx, text, len, cut, newline);
}

static void
recorded_done(void *ctx, const struct iw_error *err)
{
    struct recorded_log *log = ctx;
    struct log_sink sink = log->sink;
    recorder_log_done(recorder_of(log), log->id, err);
    free(log);
    sink.done(sink.ctx, err);
}

static enum iw_err
kube_open_log(struct source *source, const struct log_request *req, const struct log_sink *sink,
              struct source_log **out, struct iw_error *err)
{
    struct kube_source *s = self(source);
    (void)freshen_token(s);
    if (!s->link.recorder)
        return podlog_start(s->client, &s->logs, req, sink, out, err);
    struct recorded_log *log = iw_calloc(1, sizeof(*log));
    *log = (struct recorded_log){s, *sink, recorder_log_open(s->link.recorder, req), s->recordings};
    struct log_sink between = {.ctx = log, .line = recorded_line, .done = recorded_done};
    enum iw_err rc = podlog_start(s->client, &s->logs, req, &between, out, err);
    if (rc != IW_OK)
        free(log);
    return rc;
}

static void
kube_record(struct source *source, struct recorder *recorder)
{
    struct kube_source *s = self(source);
    s->link.recorder = s->objects.link.recorder = recorder;
    s->recordings += recorder != NULL;
    /* What is there already is its first part. */
    if (recorder)
        source->class_->relist(source);
}

static void
kube_watch_kind(struct source *source, enum kobject_kind kind, const char *ns)
{
    struct kube_source *s = self(source);
    if (ns) {
        object_feeds_watch(&s->objects, kind, ns);
        return;
    }
    s->kinds |= 1u << kind;
    each_namespace(s, kind, object_feeds_watch);
}

static void
kube_unwatch_kind(struct source *source, enum kobject_kind kind, const char *ns)
{
    struct kube_source *s = self(source);
    if (ns) {
        object_feeds_unwatch(&s->objects, kind, ns);
        return;
    }
    s->kinds &= ~(1u << kind);
    each_namespace(s, kind, object_feeds_unwatch);
}

static enum iw_err
kube_get_object(struct source *source, const struct kobject_ref *ref,
                const struct object_sink *sink, struct source_get **out, struct iw_error *err)
{
    struct kube_source *s = self(source);
    (void)freshen_token(s);
    return object_get_start(s->client, &s->gets, ref, s->link.request_timeout_ms, sink, out, err);
}

static enum iw_err
kube_get_path(struct source *source, const char *path, const struct object_sink *sink,
              struct source_get **out, struct iw_error *err)
{
    struct kube_source *s = self(source);
    (void)freshen_token(s);
    return path_get_start(s->client, &s->gets, path, s->link.request_timeout_ms, sink, out, err);
}

static void
kube_retry_now(struct source *source)
{
    struct kube_source *s = self(source);
    exec_use_retry(s->exec);
    object_feeds_retry_now(&s->objects);
    for (size_t i = 0; i < s->feeds.len; i++)
        reflector_retry_now(s->feeds.items[i]->feed.reflector);
}

static void
kube_relist(struct source *source)
{
    struct kube_source *s = self(source);
    exec_use_retry(s->exec);
    object_feeds_relist(&s->objects);
    for (size_t i = 0; i < s->feeds.len; i++)
        reflector_relist(s->feeds.items[i]->feed.reflector);
}

static void
kube_close(struct source *source)
{
    if (!source)
        return;
    struct kube_source *s = self(source);
    loop_remove(s->loop, s->fallback_timer);
    podlog_cancel_all(&s->logs);
    object_gets_cancel_all(&s->gets);
    object_feeds_close(&s->objects);
    feeds_close(s);
    if (s->version_call)
        http_cancel(s->version_call);
    exec_use_close(s->exec);
    http_client_free(s->client);
    strbuf_free(&s->version_body);
    free(s->cluster);
    free(s->home_ns);
    free(s->label_selector);
    free(s->field_selector);
    kube_token_free(&s->token);
    free(s->token_file);
    free(s);
}

const struct source_class source_kube = {
    .name = "kube",
    .caps = SOURCE_CAP_WATCH | SOURCE_CAP_LOGS | SOURCE_CAP_PREVIOUS | SOURCE_CAP_EVENTS |
            SOURCE_CAP_OBJECTS,
    .open = kube_open,
    .open_log = kube_open_log,
    .close_log = podlog_cancel,
    .watch_kind = kube_watch_kind,
    .unwatch_kind = kube_unwatch_kind,
    .get_object = kube_get_object,
    .get_path = kube_get_path,
    .close_get = object_get_cancel,
    .retry_now = kube_retry_now,
    .relist = kube_relist,
    .record = kube_record,
    .close = kube_close,
};
