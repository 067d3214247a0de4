/* recorder: one line a frame, redacted, written at once: a killed program loses the line it was in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/strmap.h"
#include "initwatch/data/jarena.h"
#include "initwatch/source/redact.h"
#include "initwatch/source/source.h"

/* Room for the last line, so that a full recording still says that it ended here. */
#define END_LINE_BYTES 256

struct told {
    int state; /* enum, -1: nothing yet */
    enum iw_err code;
    uint32_t ns; /* hash */
};

struct recorder {
    const struct clock *clock;
    int fd;
    char *path; /* own */
    int64_t started_wall_ms, last_ms;
    uint64_t bytes, ceiling_bytes, count, logs;
    struct iw_error failure;
    struct strbuf line;
    struct told told[STREAM_COUNT], told_kinds[KOBJECT_KIND_COUNT];
};

/* --- lines --- */

static bool
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool
is_writing(const struct recorder *r)
{
    return r && r->failure.code == IW_OK;
}

/* "{"t":..,"src":..,"ns":..,"kind":.." */
static struct strbuf *
begin(struct recorder *r, const char *src, const char *ns, const char *kind)
{
    /* The clock of a simulated cluster can be set, and so can a real one. */
    r->last_ms = IW_MAX(r->last_ms, clock_wall(r->clock) - r->started_wall_ms);
    struct strbuf *b = &r->line;
    strbuf_clear(b);
    b->overflow = false;
    strbuf_addf(b, "{\"t\":%lld,\"src\":\"%s\",\"ns\":", (long long)r->last_ms, src);
    strbuf_add_json(b, ns);
    strbuf_addf(b, ",\"kind\":\"%s\"", kind);
    return b;
}

static void
finish(struct recorder *r, uint64_t room)
{
    strbuf_adds(&r->line, "}\n");
    if (r->line.overflow) {
        LOG_WARN("recording: an object of more than %u MiB is left out", LIMIT_FRAME_BYTES >> 20);
        return;
    }
    if (r->bytes + r->line.len + room > r->ceiling_bytes) {
        iw_fail(&r->failure, IW_ERR_TOO_BIG, "the recording reached its %llu MiB",
                (unsigned long long)(r->ceiling_bytes >> 20));
        return;
    }
    if (!write_all(r->fd, r->line.data, r->line.len)) {
        iw_fail_errno(&r->failure, IW_ERR_IO, errno, "write %s", r->path);
        return;
    }
    r->bytes += r->line.len;
}

static void
end_line(struct recorder *r)
{
    finish(r, END_LINE_BYTES);
}

/* A text of ours or the server's: without secrets, without the demo's token (log_hide). */
static void
add_text(struct strbuf *b, const char *member, const char *text)
{
    char safe[512];
    strbuf_auto clean;
    strbuf_init(&clean, 0);
    redact_text(text, strlen(text), &clean);
    log_sanitize(clean.data, clean.len, safe, sizeof(safe));
    strbuf_addf(b, ",\"%s\":", member);
    strbuf_add_json(b, safe);
}

/* --- opening and closing --- */

/* "https://user:x@host:6443/path/token" -> "https://host:6443" */
static void
add_server(struct strbuf *b, const char *server)
{
    const char *host = strstr(server, "://");
    host = host ? host + 3 : server;
    size_t len = strcspn(host, "/?#");
    for (const char *at; (at = memchr(host, '@', len)) != NULL;) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    iw_autofree char *text = iw_asprintf("%s%.*s",
                                         strncmp(server, "https:", 6) == 0 ? "https://"
                                         : strstr(server, "://")           ? "http://"
                                                                           : "",
                                         (int)len, host);
    strbuf_adds(b, ",\"server\":");
    strbuf_add_json(b, text);
}

static void
write_header(struct recorder *r, const struct recorder_opts *o)
{
    char started[40];
    struct strbuf *b = &r->line;
    rfc3339_format(r->started_wall_ms, true, started);
    strbuf_clear(b);
    strbuf_addf(b, "{\"initwatch\":\"session\",\"format\":%d,\"version\":\"%s\",\"started\":\"%s\"",
                RECORDING_FORMAT, INITWATCH_VERSION, started);
    strbuf_adds(b, ",\"context\":");
    strbuf_add_json(b, o->context ? o->context : "");
    add_server(b, o->server ? o->server : "");
    strbuf_adds(b, ",\"namespace\":");
    strbuf_add_json(b, o->ns ? o->ns : "");
    end_line(r);
}

enum iw_err
recorder_open(const char *path, const struct recorder_opts *opts, struct recorder **out,
              struct iw_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "record to %s", path);
    struct recorder *r = iw_calloc(1, sizeof(*r));
    r->clock = opts->clock;
    r->fd = fd;
    r->path = iw_strdup(path);
    r->started_wall_ms = clock_wall(r->clock);
    r->ceiling_bytes = opts->ceiling_bytes ? opts->ceiling_bytes : LIMIT_RECORDING_BYTES;
    strbuf_init(&r->line, LIMIT_RECORDING_LINE_BYTES);
    for (int i = 0; i < STREAM_COUNT; i++)
        r->told[i].state = -1;
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        r->told_kinds[i].state = -1;
    write_header(r, opts);
    if (r->failure.code != IW_OK) {
        if (err)
            *err = r->failure;
        enum iw_err code = r->failure.code;
        (void)recorder_close(r, NULL);
        return code;
    }
    *out = r;
    return IW_OK;
}

enum iw_err
recorder_close(struct recorder *r, struct iw_error *err)
{
    /* After a full disk there is no room for it; after the ceiling there is. */
    if (r->failure.code != IW_ERR_IO) {
        r->failure = (struct iw_error){0};
        begin(r, "user", "", "end");
        finish(r, 0);
    }
    if (close(r->fd) != 0 && r->failure.code == IW_OK)
        iw_fail_errno(&r->failure, IW_ERR_IO, errno, "write %s", r->path);
    enum iw_err code = r->failure.code;
    if (code != IW_OK && err)
        *err = r->failure;
    strbuf_free(&r->line);
    free(r->path);
    free(r);
    return code;
}

const struct iw_error *
recorder_failure(const struct recorder *r)
{
    return &r->failure;
}

const char *
recorder_path(const struct recorder *r)
{
    return r->path;
}

uint64_t
recorder_bytes(const struct recorder *r)
{
    return r->bytes;
}

uint64_t
recorder_count(const struct recorder *r)
{
    return r->count;
}

/* --- lists and frames --- */

void
recorder_list(struct recorder *r, const char *src, const char *ns, bool complete)
{
    if (!is_writing(r))
        return;
    begin(r, src, ns, complete ? "listed" : "list");
    end_line(r);
}

static int
dump_to(const char *bytes, size_t len, void *ctx)
{
    return strbuf_add(ctx, bytes, len) ? 0 : -1;
}

static void
add_name(struct strbuf *b, const json_t *object)
{
    const json_t *metadata = json_object_get(object, "metadata");
    const char *ns = json_string_value(json_object_get(metadata, "namespace"));
    const char *name = json_string_value(json_object_get(metadata, "name"));
    if (!name)
        return;
    iw_autofree char *full = iw_asprintf("%s%s%s", ns ? ns : "", ns ? "/" : "", name);
    strbuf_adds(b, ",\"name\":");
    strbuf_add_json(b, full);
}

void
recorder_piece(struct recorder *r, const char *src, const char *ns, bool item, const char *json,
               size_t len)
{
    json_t *root = NULL;
    if (!is_writing(r) || jarena_parse(json, len, &root, NULL) != IW_OK)
        return;
    const json_t *object = item ? root : json_object_get(root, "object");
    const char *type = item ? "" : json_string_value(json_object_get(root, "type"));
    /* Bookmarks move the version that a watch goes on from; a recording has no server to ask. */
    if (json_is_object(object) && type && strcmp(type, "BOOKMARK") != 0) {
        redact_object(root, strcmp(src, "secrets") == 0 || strcmp(src, "configmaps") == 0);
        struct strbuf *b = begin(r, src, ns, item ? "item" : "frame");
        add_name(b, object);
        strbuf_adds(b, ",\"data\":");
        if (json_dump_callback(root, dump_to, b, JSON_COMPACT) != 0)
            b->overflow = true;
        end_line(r);
        r->count++;
    }
    jarena_release();
}

/* --- how fresh --- */

static bool
is_news(struct told *told, const char *ns, int state, const struct iw_error *err)
{
    struct told now = {state, err ? err->code : IW_OK, (uint32_t)strmap_hash(ns)};
    if (told->state == now.state && told->code == now.code && told->ns == now.ns)
        return false;
    *told = now;
    return true;
}

static void
add_error(struct strbuf *b, const struct iw_error *err)
{
    if (!err || err->code == IW_OK)
        return;
    strbuf_addf(b, ",\"error\":\"%s\"", iw_err_name(err->code));
    add_text(b, "message", err->msg);
}

void
recorder_status(struct recorder *r, const struct source_status *st)
{
    if (!is_writing(r) || !is_news(&r->told[st->stream], "", (int)st->state, &st->last))
        return;
    struct strbuf *b = begin(r, source_stream_name(st->stream), "", "status");
    strbuf_addf(b, ",\"data\":{\"state\":\"%s\"", source_state_word(st->state));
    add_text(b, "scope", st->scope);
    add_text(b, "version", st->server_version);
    strbuf_addf(b, ",\"attempts\":%u", st->attempts);
    if (st->retry_at_wall_ms != IW_TIME_NONE)
        strbuf_addf(b, ",\"retry\":%lld",
                    (long long)IW_MAX(st->retry_at_wall_ms - clock_wall(r->clock), (int64_t)0));
    add_error(b, &st->last);
    strbuf_addc(b, '}');
    end_line(r);
}

void
recorder_objects_state(struct recorder *r, enum kobject_kind kind, const char *ns,
                       enum objects_state state, const struct iw_error *err)
{
    if (!is_writing(r) || !is_news(&r->told_kinds[kind], ns, (int)state, err))
        return;
    struct strbuf *b = begin(r, kobject_kind_info(kind)->plural, ns, "status");
    strbuf_addf(b, ",\"data\":{\"state\":\"%s\"", kobjects_state_word(state));
    add_error(b, err);
    strbuf_addc(b, '}');
    end_line(r);
}

/* --- logs and marks --- */

uint64_t
recorder_log_open(struct recorder *r, const struct log_request *req)
{
    if (!is_writing(r))
        return 0;
    struct strbuf *b = begin(r, "log", req->ns, "open");
    strbuf_addf(b, ",\"id\":%llu,\"pod\":", (unsigned long long)++r->logs);
    strbuf_add_json(b, req->pod);
    strbuf_adds(b, ",\"container\":");
    strbuf_add_json(b, req->container ? req->container : "");
    strbuf_addf(b, ",\"previous\":%s", req->previous ? "true" : "false");
    end_line(r);
    return r->logs;
}

void
recorder_log_line(struct recorder *r, uint64_t id, const char *text, size_t len)
{
    if (!is_writing(r) || id == 0)
        return;
    struct strbuf *b = begin(r, "log", "", "line");
    strbuf_auto clean;
    strbuf_init(&clean, 0);
    redact_text(text, len, &clean);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '\0')
            clean.data[i] = '\x1A'; /* ASCII's own sign for "there was something else here" */
    }
    strbuf_addf(b, ",\"id\":%llu,\"data\":", (unsigned long long)id);
    strbuf_add_json(b, clean.data);
    end_line(r);
    r->count++;
}

void
recorder_log_done(struct recorder *r, uint64_t id, const struct iw_error *err)
{
    if (!is_writing(r) || id == 0)
        return;
    struct strbuf *b = begin(r, "log", "", "done");
    strbuf_addf(b, ",\"id\":%llu", (unsigned long long)id);
    if (err->code != IW_ERR_CANCELED)
        add_error(b, err);
    end_line(r);
}

void
recorder_mark(struct recorder *r, const char *text)
{
    if (!is_writing(r))
        return;
    struct strbuf *b = begin(r, "user", "", "mark");
    add_text(b, "data", text);
    end_line(r);
}
