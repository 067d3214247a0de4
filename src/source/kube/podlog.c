/* podlog: container logs over HTTP; in-band errors of the kubelet recognised.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/podlog.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"

/* A finished log is sent without pauses; a followed one may be quiet for days. */
#define LOG_IDLE_MS 60000

/* What a kubelet writes into the body, after a 200, when it has no log or cannot go on: the status line is gone by then. The
 * sentence stands alone, or behind the last whole line, and has no newline. Ref: kubelet kuberuntime_container.go
 * (GetContainerLogs), cri-client/pkg/logs (ReadLogs), server.go (getContainerLogs). */
static const struct {
    const char *prefix, *sentence;
    bool no_log; /* else it may be asked for again */
} in_band_errors[] = {
    {"unable to retrieve container logs for ", "the node no longer has the log of that run", true},
    {"failed to try resolving symlinks in path ", "the log file is gone from the node", true},
    {"failed to open log file ", "the node cannot open the log file", false},
    {"failed to read log file ", "the node cannot read the log file", false},
    {"failed to seek in log file ", "the node cannot read the log file", false},
    {"failed to tail ", "the node cannot read the log file", false},
    {"failed to create fsnotify watcher", "the node cannot follow the log file", false},
    {"failed to watch file ", "the node cannot follow the log file", false},
    {"failed to watch directory ", "the node cannot follow the log file", false},
    {"failed to wait logs for log file ", "the node stopped following the log file", false},
    {"failed with err ", "the node stopped reading the log file", false},
};

/* --- the request --- */

static void
add_text(struct strbuf *out, char *separator, const char *name, const char *value)
{
    strbuf_addf(out, "%c%s=", *separator, name);
    http_escape(out, value);
    *separator = '&';
}

static void
add_number(struct strbuf *out, char *separator, const char *name, int64_t value)
{
    if (value < 0)
        return;
    strbuf_addf(out, "%c%s=%lld", *separator, name, (long long)value);
    *separator = '&';
}

enum iw_err
podlog_path(const struct log_request *req, struct strbuf *out, struct iw_error *err)
{
    if (!req->ns || !req->ns[0] || !req->pod || !req->pod[0])
        return iw_fail(err, IW_ERR_USAGE, "a log needs a namespace and a pod");
    if (req->since_seconds >= 0 && req->since_wall_ms != IW_TIME_NONE)
        return iw_fail(err, IW_ERR_USAGE, "a log starts at a time or some seconds ago, not both");
    strbuf_adds(out, "/api/v1/namespaces/");
    http_escape(out, req->ns);
    strbuf_adds(out, "/pods/");
    http_escape(out, req->pod);
    strbuf_adds(out, "/log");
    char separator = '?';
    if (req->container && req->container[0])
        add_text(out, &separator, "container", req->container);
    if (req->follow)
        add_text(out, &separator, "follow", "true");
    if (req->previous)
        add_text(out, &separator, "previous", "true");
    if (req->timestamps)
        add_text(out, &separator, "timestamps", "true");
    add_number(out, &separator, "tailLines", req->tail_lines);
    /* 0 seconds would be refused with 422. */
    if (req->since_seconds >= 0)
        add_number(out, &separator, "sinceSeconds", IW_MAX(req->since_seconds, (int64_t)1));
    if (req->since_wall_ms != IW_TIME_NONE) {
        char text[40];
        rfc3339_format(req->since_wall_ms, req->since_wall_ms % 1000 != 0, text);
        add_text(out, &separator, "sinceTime", text);
    }
    if (req->limit_bytes > 0)
        add_number(out, &separator, "limitBytes", req->limit_bytes);
    return IW_OK;
}

/* --- the answer --- */

void
podlog_reader_init(struct podlog_reader *r, const struct log_sink *sink)
{
    memset(r, 0, sizeof(*r));
    r->sink = *sink;
    frame_init(&r->frame, FRAME_LINES, LIMIT_LOG_LINE_BYTES);
    strbuf_init(&r->held, LIMIT_LOG_LINE_BYTES);
}

void
podlog_reader_header(struct podlog_reader *r, int http_status)
{
    r->http_status = http_status;
}

/* Index in in_band_errors, or -1. */
static int
in_band_kind(const char *text, size_t len)
{
    if (len == 0 || (text[0] != 'u' && text[0] != 'f'))
        return -1;
    for (size_t i = 0; i < IW_COUNTOF(in_band_errors); i++) {
        size_t prefix_len = strlen(in_band_errors[i].prefix);
        if (len >= prefix_len && memcmp(text, in_band_errors[i].prefix, prefix_len) == 0)
            return (int)i;
    }
    return -1;
}

static void
release_held(struct podlog_reader *r)
{
    if (!r->holding)
        return;
    r->holding = false;
    r->sink.line(r->sink.ctx, r->held.data, r->held.len, false, r->held_newline);
}

/* The first line, or one without newline at the end, may be the kubelet's sentence. */
static bool
hold_line(struct podlog_reader *r, const char *bytes, size_t len)
{
    int kind = r->lines == 1 || r->finishing ? in_band_kind(bytes, len) : -1;
    if (kind < 0 || (r->lines > 1 && in_band_errors[kind].no_log))
        return false;
    release_held(r);
    strbuf_clear(&r->held);
    r->holding = strbuf_add(&r->held, bytes, len);
    r->held_newline = !r->finishing;
    return r->holding;
}

static bool
on_line(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct podlog_reader *r = ctx;
    r->lines++;
    if (kind == FRAME_LINE && hold_line(r, bytes, len))
        return true;
    release_held(r);
    r->sink.line(r->sink.ctx, bytes, len, kind == FRAME_LINE_CUT, !r->finishing);
    return true;
}

bool
podlog_reader_body(struct podlog_reader *r, const char *bytes, size_t len)
{
    return frame_feed(&r->frame, bytes, len, on_line, r, NULL) == IW_OK;
}

/* What was held back is an error when nothing followed it. */
static void
held_error(const struct podlog_reader *r, struct iw_error *end)
{
    int kind = in_band_kind(r->held.data, r->held.len);
    bool no_log = in_band_errors[kind].no_log && r->lines == 1;
    iw_fail(end, no_log ? IW_ERR_NOT_FOUND : IW_ERR_EOF, "%s (%.200s)",
            in_band_errors[kind].sentence, r->held.data);
    end->http_status = r->http_status;
}

void
podlog_reader_done(struct podlog_reader *r, const struct iw_error *err)
{
    struct iw_error end = *err;
    r->finishing = true;
    if (frame_finish(&r->frame, on_line, r, NULL) != IW_OK && end.code == IW_OK)
        iw_fail(&end, IW_ERR_EOF, "the log ends inside a line");
    if (end.code == IW_OK && r->http_status == 204) {
        iw_fail(&end, IW_ERR_NOT_FOUND, "the pod is not on a node yet, there is no log");
        end.http_status = 204;
    } else if (end.code == IW_OK && r->holding) {
        held_error(r, &end);
    } else {
        release_held(r);
    }
    frame_free(&r->frame);
    strbuf_free(&r->held);
    r->sink.done(r->sink.ctx, &end);
}

/* --- over HTTP --- */

struct source_log {
    struct podlog_reader reader;
    struct http_call *call;
    struct podlog_list *list;
    struct source_log *next, *previous;
    bool in_body; /* a line is being handed on */
};

static void
on_header(void *ctx, int status, const char *content_type)
{
    struct source_log *log = ctx;
    (void)content_type;
    podlog_reader_header(&log->reader, status);
}

static void
ignore_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    (void)ctx, (void)text, (void)len, (void)cut, (void)newline;
}

static void
ignore_done(void *ctx, const struct iw_error *err)
{
    (void)ctx, (void)err;
}

static bool
on_body(void *ctx, const char *bytes, size_t len)
{
    struct source_log *log = ctx;
    log->in_body = true;
    bool more = podlog_reader_body(&log->reader, bytes, len);
    log->in_body = false;
    return more && log->reader.sink.line != ignore_line;
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct source_log *log = ctx;
    if (log->previous)
        log->previous->next = log->next;
    else
        log->list->first = log->next;
    if (log->next)
        log->next->previous = log->previous;
    struct podlog_reader reader = log->reader;
    free(log);
    podlog_reader_done(&reader, err);
}

enum iw_err
podlog_start(struct http_client *client, struct podlog_list *list, const struct log_request *req,
             const struct log_sink *sink, struct source_log **out, struct iw_error *err)
{
    static const struct http_handlers handlers = {on_header, on_body, on_done};
    strbuf_auto path;
    strbuf_init(&path, 0);
    *out = NULL;
    enum iw_err rc = podlog_path(req, &path, err);
    if (rc != IW_OK)
        return rc;
    struct source_log *log = iw_calloc(1, sizeof(*log));
    podlog_reader_init(&log->reader, sink);
    log->list = list;
    log->next = list->first;
    if (log->next)
        log->next->previous = log;
    list->first = log;
    struct http_request request = {.path = path.data,
                                   .accept = "application/json, */*",
                                   .idle_timeout_ms = req->follow ? 0 : LOG_IDLE_MS,
                                   .no_compression = true,
                                   .slice_bytes = LIMIT_LOG_SLICE_BYTES};
    struct http_call *call = http_start(client, &request, &handlers, log);
    if (!call)
        return IW_OK; /* done was called, the log is gone */
    log->call = call;
    *out = log;
    return IW_OK;
}

void
podlog_cancel(struct source_log *log)
{
    if (!log->in_body) {
        http_cancel(log->call);
        return;
    }
    /* From inside its own line callback: the reader is in use further up, so the call ends when
     * that returns. */
    struct log_sink sink = log->reader.sink;
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "the log was closed");
    log->reader.sink = (struct log_sink){.line = ignore_line, .done = ignore_done};
    sink.done(sink.ctx, &err);
}

void
podlog_cancel_all(struct podlog_list *list)
{
    while (list->first)
        podlog_cancel(list->first);
}
