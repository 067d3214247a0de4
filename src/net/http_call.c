/* http_call: what libcurl is told about a request, and what it tells us while it runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "http_internal.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"

#define KEEPALIVE_S 15L
/* Unacknowledged data for so long means that the peer is gone. Ref: RFC 5482. */
#define USER_TIMEOUT_MS 30000u
#define RECEIVE_BYTES (128L << 10)
/* No server means more than a day. */
#define RETRY_AFTER_MAX_S 86400

/* --- libcurl's callbacks --- */

static size_t
on_curl_body(char *bytes, size_t size, size_t count, void *userdata)
{
    struct http_call *call = userdata;
    size_t len = size * count;
    if (call->done)
        return 0;
    call->last_byte_ms = clock_mono(loop_clock(call->hub->loop));
    if (call->status >= 300) {
        size_t room = LIMIT_ERROR_BODY_BYTES - call->error_body.len;
        strbuf_add(&call->error_body, bytes, IW_MIN(len, room));
        return len > room ? 0 : len;
    }
    if (!call->handlers.on_body || len == 0)
        return len;
    struct http_call *outer = call->hub->current;
    call->hub->current = call;
    bool go_on = call->handlers.on_body(call->ctx, bytes, len);
    call->hub->current = outer;
    call->refused = !go_on;
    call->slice_used += len;
    if (go_on && !call->done && call->slice_bytes > 0 && call->slice_used >= call->slice_bytes) {
        call->slice_full = true;
        http_call_apply_pause(call);
        http_hub_kick(call->hub);
    }
    return go_on && !call->done ? len : 0;
}

static int64_t
retry_after_ms(const char *line, size_t len)
{
    static const char name[] = "retry-after:";
    size_t at = sizeof(name) - 1;
    if (len < at || strncasecmp(line, name, at) != 0)
        return -1;
    while (at < len && (line[at] == ' ' || line[at] == '\t'))
        at++;
    int64_t seconds = 0;
    for (; at < len && line[at] >= '0' && line[at] <= '9'; at++)
        seconds = IW_MIN(seconds * 10 + (line[at] - '0'), (int64_t)RETRY_AFTER_MAX_S);
    return seconds * 1000; /* a date gives 0: client-go ignores dates too */
}

/* What the handshake of a new connection took: one round trip. */
static void
measure_link(struct http_call *call)
{
    curl_off_t resolved_us = 0, connected_us = 0;
    long connects = 0;
    curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(call->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    curl_easy_getinfo(call->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    if (connects > 0 && connected_us > resolved_us && call->client)
        call->client->round_trip_us = connected_us - resolved_us;
}

static size_t
on_curl_header(char *line, size_t size, size_t count, void *userdata)
{
    struct http_call *call = userdata;
    size_t len = size * count;
    if (call->done)
        return 0;
    call->last_byte_ms = clock_mono(loop_clock(call->hub->loop));
    if (call->header_done) /* trailers */
        return len;
    int64_t retry_ms = retry_after_ms(line, len);
    if (retry_ms >= 0)
        call->retry_after_ms = retry_ms;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (len == 0 || line[0] != '\r' || status < 200) /* not the end, or an interim answer */
        return len;
    call->header_done = true;
    call->status = (int)status;
    measure_link(call);
    char *type = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    struct http_call *outer = call->hub->current;
    call->hub->current = call;
    if (call->handlers.on_header && !http_call_may_send_again(call))
        call->handlers.on_header(call->ctx, call->status, type ? type : "");
    call->hub->current = outer;
    return call->done ? 0 : len;
}

static int
on_curl_socket(IW_UNUSED void *clientp, IW_UNUSED curl_socket_t fd, IW_UNUSED curlsocktype purpose)
{
#ifdef TCP_USER_TIMEOUT
    /* Keepalive alone does not notice a peer that vanishes while data of ours is on its way. */
    const unsigned timeout_ms = USER_TIMEOUT_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
#endif
    return CURL_SOCKOPT_OK;
}

static int
on_curl_debug(IW_UNUSED CURL *easy, curl_infotype type, char *text, size_t len,
              IW_UNUSED void *userdata)
{
    static const char *const marks[] = {"*", "<", ">"}; /* text, header in, header out */
    if (type > CURLINFO_HEADER_OUT)
        return 0;
    while (len > 0) { /* one call may bring all headers of a request */
        const char *end = memchr(text, '\n', len);
        size_t line_len = end ? (size_t)(end - text) : len;
        size_t shown = line_len > 0 && text[line_len - 1] == '\r' ? line_len - 1 : line_len;
        log_write(LOG_LEVEL_TRACE, "http %s %.*s", marks[type], (int)shown, text);
        size_t used = end ? line_len + 1 : len;
        text += used;
        len -= used;
    }
    return 0;
}

/* --- a request --- */

static bool
set_blob(CURL *easy, CURLoption option, const char *pem)
{
    struct curl_blob blob = {.data = (void *)pem, .len = pem ? strlen(pem) : 0};
    blob.flags = CURL_BLOB_COPY;
    return !pem || curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

static bool
setup_tls(CURL *easy, const struct http_client *client)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, client->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, client->insecure ? 0L : 2L);
    if (client->ca_pem) /* then the system's folder of certificates must not count as well */
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return set_blob(easy, CURLOPT_CAINFO_BLOB, client->ca_pem);
}

static void
setup_route(struct http_call *call, const struct http_client *client)
{
    CURL *easy = call->easy;
    if (client->connect_to) {
        call->connect_to = curl_slist_append(NULL, client->connect_to);
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, call->connect_to);
    }
    if (client->unix_socket) {
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, client->unix_socket);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    } else if (client->proxy_url) { /* overrides the environment, NO_PROXY included */
        curl_easy_setopt(easy, CURLOPT_PROXY, client->proxy_url);
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    } else if (client->is_loopback) { /* as Go's ProxyFromEnvironment */
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    }
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_curl_socket);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms);
    /* Freeing a handle must not wait for a name server that does not answer. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static void
add_header(struct http_call *call, const char *name, const char *value)
{
    iw_autofree char *line = iw_asprintf("%s%s", name, value);
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (!longer)
        iw_fatal("out of memory (a header)");
    call->headers = longer;
}

static void
setup_headers(struct http_call *call, const struct http_client *client,
              const struct http_request *request)
{
    CURL *easy = call->easy;
    add_header(call, "Accept: ", request->accept ? request->accept : "application/json");
    if (request->content_type)
        add_header(call, "Content-Type: ", request->content_type);
    for (size_t i = 0; i < client->headers.len; i++)
        add_header(call, "", client->headers.items[i]);
    if (request->body) {
        add_header(call, "Expect:", ""); /* no waiting for "100 Continue" */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->method || request->body)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method ? request->method : "GET");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, &http_user_agent[0]);
    /* "identity" is asked for near by; with either of them libcurl unpacks what comes all the same. */
    if (!client->no_compression && !request->no_compression)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING,
                         http_client_compresses(client) ? "gzip" : "identity");
}

static void
setup_callbacks(struct http_call *call)
{
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_curl_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_curl_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    if (log_level_get() >= LOG_LEVEL_TRACE) {
        curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
        curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_curl_debug);
    }
}

bool
http_call_setup(struct http_call *call, const struct http_client *client,
                const struct http_request *request)
{
    CURL *easy = call->easy;
    iw_autofree char *url = iw_asprintf("%s%s", client->origin, request->path);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
    setup_route(call, client);
    setup_headers(call, client, request);
    setup_callbacks(call);
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK && setup_tls(easy, client);
}

void
http_call_forget_identity(struct http_call *call)
{
    if (!call->identity)
        return;
    call->identity->next = NULL;
    curl_slist_free_all(call->identity);
    call->identity = NULL;
}

bool
http_call_identify(struct http_call *call)
{
    const struct http_client *client = call->client;
    CURL *easy = call->easy;
    http_call_forget_identity(call);
    call->generation = client->generation;
    if (client->authorization) {
        call->identity = curl_slist_append(NULL, client->authorization);
        if (!call->identity)
            return false;
        call->identity->next = call->headers;
    } else if (client->username) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, client->username);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, client->password ? client->password : "");
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->identity ? call->identity : call->headers);
    return set_blob(easy, CURLOPT_SSLCERT_BLOB, client->cert_pem) &&
           set_blob(easy, CURLOPT_SSLKEY_BLOB, client->key_pem);
}
