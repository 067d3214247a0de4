/* source_kube: pods and events of a cluster through its API server.
 *
 * Here: opening and closing, credentials, logs and single objects. What is listed and watched: kube/source_feeds.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "kube/source_feeds.h"

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
        rc = exec_use_open(opts->loop, c, client, kube_feeds_waiting, s, &exec, err);
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
    kube_feeds_open(s, namespaces, count);
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
    kube_feeds_each(s, kind, object_feeds_watch);
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
    kube_feeds_each(s, kind, object_feeds_unwatch);
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

static enum iw_err
kube_change_object(struct source *source, const struct object_change *change,
                   const struct object_sink *sink, struct source_get **out, struct iw_error *err)
{
    struct kube_source *s = self(source);
    (void)freshen_token(s);
    return object_change_start(s->client, &s->gets, change, s->link.request_timeout_ms, sink, out,
                               err);
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
    kube_feeds_close(s);
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
    .change_object = kube_change_object,
    .close_get = object_get_cancel,
    .retry_now = kube_retry_now,
    .relist = kube_relist,
    .record = kube_record,
    .close = kube_close,
};
