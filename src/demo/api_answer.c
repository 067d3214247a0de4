/* api_answer: questions to a request, answers that are whole, and streams that sleep until there is something
 * to send.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api_internal.h"
#include "pbform.h"

/* --- requests --- */

const char *
api_query(const struct api_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool
api_query_true(const struct api_request *r, const char *name)
{
    const char *value = api_query(r, name);
    return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

int64_t
api_query_int(const struct api_request *r, const char *name, int64_t missing)
{
    const char *value = api_query(r, name);
    char *end = NULL;
    int64_t number = value && value[0] ? strtoll(value, &end, 10) : missing;
    return end && *end == '\0' ? number : missing;
}

static void
add_headers(struct api_request *r, struct MHD_Response *response)
{
    if (r->retry_after_s > 0) {
        char seconds[16];
        (void)snprintf(seconds, sizeof(seconds), "%d", r->retry_after_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (r->warning) {
        json_t *quoted = json_string(r->warning);
        iw_autofree char *text = json_dumps(quoted, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        iw_autofree char *header = iw_asprintf("299 - %s", text ? text : "\"\"");
        MHD_add_response_header(response, MHD_HTTP_HEADER_WARNING, header);
        json_decref(quoted);
    }
}

/* Answer with bytes (taken). */
enum MHD_Result
api_send(struct api_request *r, unsigned code, const char *type, char *bytes, size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(bytes);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache, private");
    add_headers(r, response);
    enum MHD_Result result = MHD_queue_response(r->connection, code, response);
    MHD_destroy_response(response);
    return result;
}

/* People who look with a browser or curl get it in lines, as from the real server. */
static bool
wants_pretty(const struct api_request *r)
{
    static const char *const people[] = {"curl", "Wget", "Mozilla"};
    const char *agent =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_USER_AGENT);
    for (size_t i = 0; agent && i < IW_COUNTOF(people); i++) {
        if (strncmp(agent, people[i], strlen(people[i])) == 0)
            return true;
    }
    return api_query_true(r, "pretty");
}

enum MHD_Result
api_send_json(struct api_request *r, unsigned code, json_t *value)
{
    char *bytes = json_dumps(value, wants_pretty(r) ? JSON_INDENT(2) : JSON_COMPACT);
    json_decref(value);
    if (!bytes)
        return MHD_NO;
    return api_send(r, code, "application/json", bytes, strlen(bytes));
}

enum MHD_Result
api_send_status_object(struct api_request *r, unsigned code, json_t *status)
{
    if (!api_prefers_protobuf(r))
        return api_send_json(r, code, status);
    size_t len;
    char *bytes = api_pb_status(status, &len);
    json_decref(status);
    return api_send(r, code, PBFORM_TYPE, bytes, len);
}

static enum MHD_Result
send_failure(struct api_request *r, unsigned code, const char *reason, json_t *details,
             const char *message)
{
    json_t *status =
        json_pack("{s:s,s:s,s:{},s:s,s:s,s:s}", "kind", "Status", "apiVersion", "v1", "metadata",
                  "status", "Failure", "message", message, "reason", reason);
    if (details)
        json_object_set_new(status, "details", details);
    json_object_set_new(status, "code", json_integer((json_int_t)code));
    return api_send_status_object(r, code, status);
}

enum MHD_Result
api_send_failure(struct api_request *r, unsigned code, const char *reason, json_t *details,
                 const char *fmt, ...)
{
    char message[2048];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    return send_failure(r, code, reason, details, message);
}

enum MHD_Result
api_send_status(struct api_request *r, unsigned code, const char *reason, const char *fmt, ...)
{
    char message[2048];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    return send_failure(r, code, reason, NULL, message);
}

enum MHD_Result
api_wait(struct api_request *r, int64_t delay_ms)
{
    r->waits = true;
    r->due_ms = clock_mono(r->server->config.clock) + delay_ms;
    vec_push(&r->server->waiting, r);
    MHD_suspend_connection(r->connection);
    return MHD_YES;
}

void
api_forget_waiting(struct api_request *r)
{
    for (size_t i = 0; i < r->server->waiting.len; i++) {
        if (r->server->waiting.items[i] == r) {
            vec_remove(&r->server->waiting, i);
            return;
        }
    }
}

void
api_wake_waiting(struct apiserver *server, bool all)
{
    int64_t now_ms = clock_mono(server->config.clock);
    for (size_t i = server->waiting.len; i-- > 0;) {
        struct api_request *r = server->waiting.items[i];
        if (!all && r->due_ms > now_ms)
            continue;
        vec_remove(&server->waiting, i);
        r->waits = false;
        r->waited = true;
        MHD_resume_connection(r->connection);
    }
}

/* --- streams --- */

struct api_stream *
api_stream_new(struct api_request *r, enum api_stream_kind kind)
{
    struct api_stream *s = iw_calloc(1, sizeof(*s));
    s->server = r->server;
    s->kind = kind;
    s->connection = r->connection;
    s->bytes_left = -1;
    strbuf_init(&s->out, API_STREAM_CEILING);
    r->stream = s;
    return s;
}

void
api_stream_free(void *ptr)
{
    struct api_stream *s = ptr;
    if (!s)
        return;
    for (size_t i = 0; i < s->server->streams.len; i++) {
        if (s->server->streams.items[i] == s) {
            vec_remove(&s->server->streams, i);
            break;
        }
    }
    for (size_t i = s->first_at; i < s->first.len; i++)
        objects_version_unref(s->first.items[i]);
    vec_free(&s->first);
    api_selector_free(&s->selector);
    sim_log_close(&s->log);
    strbuf_free(&s->out);
    free(s->ns);
    free(s);
}

void
api_stream_fill(struct api_stream *s)
{
    switch (s->kind) {
    case STREAM_LIST:
        api_list_fill(s);
        break;
    case STREAM_WATCH:
        api_watch_fill(s);
        break;
    case STREAM_LOG:
        api_log_fill(s);
        break;
    case STREAM_FIXED:
        s->done = !s->follow;
        break;
    }
}

/* MHD asks for bytes. With none there, the connection sleeps until api_stream_wake. */
static ssize_t
stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct api_stream *s = cls;
    (void)pos;
    if (s->dead)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (s->out_at == s->out.len)
        api_stream_fill(s);
    size_t have = s->out.len - s->out_at;
    if (have == 0 && s->done)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (have == 0) {
        s->suspended = true;
        MHD_suspend_connection(s->connection);
        return 0;
    }
    size_t take = IW_MIN(have, max);
    memcpy(buf, s->out.data + s->out_at, take);
    s->out_at += take;
    if (s->out_at == s->out.len) {
        strbuf_clear(&s->out);
        s->out_at = 0;
    }
    return (ssize_t)take;
}

void
api_stream_wake(struct api_stream *s)
{
    if (!s->suspended)
        return;
    s->suspended = false;
    MHD_resume_connection(s->connection);
}

enum MHD_Result
api_stream_start(struct api_request *r, struct api_stream *s, const char *type)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, CONNECTION_POOL_BYTES / 2, stream_read, s, api_stream_free);
    if (!response)
        return MHD_NO;
    s->started = true;
    vec_push(&s->server->streams, s);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache, private");
    enum MHD_Result result = MHD_queue_response(r->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}
