/* http: non-blocking requests over libcurl's multi interface.
 *
 * All clients of a loop share a hub: one multi handle, which is the loop's sleeper. libcurl forbids
 * most of its functions while it runs one of our callbacks, so what a callback asks for (start,
 * cancel, free) is noted and done when libcurl has returned: new calls wait to be added, ended ones
 * lie in hub->graveyard.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "http_internal.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"

/* Below this a link is near, and fast: a server needs longer to compress a list than to send it. See
 * docs/decisions/0011-compression-by-round-trip.md. */
#define NEAR_ROUND_TRIP_US 2000
#define CONNECT_TIMEOUT_DEFAULT_MS 5000
#define KEEPALIVE_S 15L
/* Unacknowledged data for so long means that the peer is gone. Ref: RFC 5482. */
#define USER_TIMEOUT_MS 30000u
#define RECEIVE_BYTES (128L << 10)
/* curl_multi_poll has no "for ever"; the loop just turns once a minute. */
#define POLL_LONGEST_MS 60000
/* No server means more than a day. */
#define RETRY_AFTER_MAX_S 86400

#ifdef __APPLE__
#define HTTP_SYSTEM "darwin"
#else
#define HTTP_SYSTEM "linux"
#endif
const char http_user_agent[] = "initwatch/" INITWATCH_VERSION " (" HTTP_SYSTEM ")";

struct http_hub {
    struct http_hub *next; /* hubs of other loops */
    struct loop *loop;
    CURLM *multi;
    unsigned clients;
    bool in_curl;                      /* libcurl is on the stack */
    bool in_after;                     /* hub_after is on the stack */
    struct http_call *current;         /* whose libcurl callback runs */
    VEC(struct http_call *) calls;     /* not done yet */
    VEC(struct http_call *) graveyard; /* done, not freed yet */
    loop_id kick_id;                   /* timer that makes the loop come here */
    VEC(struct curl_waitfd) waitfds;
};

struct http_client {
    struct http_hub *hub;
    /* Where to: all in the form in which libcurl wants it. */
    char *origin; /* "https://10.0.0.1:6443/prefix" */
    char *peer;   /* "10.0.0.1:6443", for messages */
    char *unix_socket, *connect_to, *proxy_url;
    bool is_loopback, may_send_credentials;
    /* Who we are and whom we trust. */
    char *ca_pem, *cert_pem, *key_pem, *username, *password, *authorization;
    bool insecure, no_compression, closing;
    int64_t round_trip_us; /* the latest connect; -1: none so far */
    int64_t connect_timeout_ms;
    VEC(char *) headers; /* "Name: value" for each request */
};

struct http_call {
    struct http_client *client; /* NULL once done */
    struct http_hub *hub;
    struct http_handlers handlers;
    void *ctx;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    loop_id idle_id, total_id;
    int64_t idle_timeout_ms, last_byte_ms;
    int status;
    int64_t retry_after_ms;
    struct strbuf error_body; /* of an answer that is an error */
    char *peer;
    bool added;       /* is in the multi handle */
    bool header_done; /* on_header was called */
    bool refused;     /* on_body returned false */
    bool done;        /* on_done was called */
    bool pause_wanted, pause_set;
    bool slice_full; /* enough for one turn: paused until the next */
    size_t slice_bytes, slice_used;
    char detail[CURL_ERROR_SIZE];
};

static struct http_hub *hubs;

/* --- ending a call --- */

static void
call_free(struct http_call *call)
{
    if (call->added)
        curl_multi_remove_handle(call->hub->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    curl_slist_free_all(call->connect_to);
    strbuf_free(&call->error_body);
    free(call->peer);
    free(call);
}

static void
hub_bury(struct http_hub *hub)
{
    while (hub->graveyard.len > 0)
        call_free(hub->graveyard.items[--hub->graveyard.len]);
}

static void
call_unlink(struct http_call *call)
{
    struct http_hub *hub = call->hub;
    for (size_t i = 0; i < hub->calls.len; i++) {
        if (hub->calls.items[i] == call) {
            vec_remove(&hub->calls, i);
            break;
        }
    }
    loop_remove(hub->loop, call->idle_id);
    loop_remove(hub->loop, call->total_id);
    call->client = NULL;
}

static void hub_kick(struct http_hub *hub);

/* Tell the end, exactly once, and get rid of the call as soon as libcurl allows. The hub lives on
 * until the graveyard is empty, whatever on_done does. */
static void
call_finish(struct http_call *call, const struct iw_error *err)
{
    if (call->done)
        return;
    struct http_hub *hub = call->hub;
    call->done = true;
    call_unlink(call);
    vec_push(&hub->graveyard, call);
    if (!hub->in_after)
        hub_kick(hub);
    call->handlers.on_done(call->ctx, err);
}

static void
call_fail(struct http_call *call, enum iw_err code, const char *what)
{
    struct iw_error err = {0};
    iw_fail(&err, code, "%s (%s)", what, call->peer);
    err.http_status = call->status;
    call_finish(call, &err);
}

/* libcurl is through with it. */
static void
call_complete(struct http_call *call, CURLcode result)
{
    struct iw_error err = {0};
    if (call->done)
        return;
    if (call->refused) {
        iw_fail(&err, IW_ERR_CANCELED, "canceled");
    } else if (call->status >= 300) { /* whatever happened to the body */
        char *type = NULL;
        curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
        const struct http_answer answer = {
            .status = call->status,
            .content_type = type,
            .body = call->error_body.data,
            .body_len = call->error_body.len,
            .retry_after_ms = call->retry_after_ms,
        };
        http_error_of_answer(&answer, &err);
    } else if (result != CURLE_OK) {
        http_error_of_curl(call->easy, result, call->detail, call->peer, &err);
    } else {
        err.http_status = call->status;
    }
    call_finish(call, &err);
}

/* --- pausing --- */

static bool
call_should_rest(const struct http_call *call)
{
    return call->pause_wanted || call->slice_full;
}

/* Bring libcurl to what was asked for. Going on may call on_body at once, so it is only done from
 * hub_after, never while the caller of http_pause is on the stack. */
static void
call_apply_pause(struct http_call *call)
{
    struct http_hub *hub = call->hub;
    if (call->done || !call->added || call_should_rest(call) == call->pause_set)
        return;
    bool was_in_curl = hub->in_curl;
    hub->in_curl = true;
    call->pause_set = call_should_rest(call);
    call->last_byte_ms = clock_mono(loop_clock(hub->loop));
    CURLcode result =
        curl_easy_pause(call->easy, call->pause_set ? CURLPAUSE_RECV : CURLPAUSE_CONT);
    hub->in_curl = was_in_curl;
    if (result != CURLE_OK)
        call_complete(call, result);
}

void
http_pause(struct http_call *call, bool paused)
{
    struct http_hub *hub = call->hub;
    call->pause_wanted = paused;
    if (paused && (!hub->in_curl || hub->current == call))
        call_apply_pause(call);
    else
        hub_kick(hub);
}

/* --- the hub --- */

static void
hub_free(struct http_hub *hub)
{
    hub_bury(hub);
    for (struct http_hub **at = &hubs; *at; at = &(*at)->next) {
        if (*at == hub) {
            *at = hub->next;
            break;
        }
    }
    loop_remove(hub->loop, hub->kick_id);
    loop_set_sleeper(hub->loop, NULL);
    curl_multi_cleanup(hub->multi);
    vec_free(&hub->calls);
    vec_free(&hub->graveyard);
    vec_free(&hub->waitfds);
    free(hub);
}

static void
call_add(struct http_call *call)
{
    CURLMcode failed = curl_multi_add_handle(call->hub->multi, call->easy);
    if (failed == CURLM_OK)
        call->added = true;
    else
        call_fail(call, IW_ERR_INTERNAL, curl_multi_strerror(failed));
}

/* Do what callbacks asked for: add new calls, pause and go on. */
static void
hub_service(struct http_hub *hub)
{
    for (size_t i = 0; i < hub->calls.len;) {
        struct http_call *call = hub->calls.items[i];
        bool work = !call->added || call_should_rest(call) != call->pause_set;
        if (!call->added)
            call_add(call);
        else if (work)
            call_apply_pause(call);
        i = work ? 0 : i + 1; /* handlers ran: the list may be another one */
    }
}

/* A new turn: calls that had their share of the last one go on. */
static void
hub_new_slices(struct http_hub *hub)
{
    bool rested = false;
    for (size_t i = 0; i < hub->calls.len; i++) {
        struct http_call *call = hub->calls.items[i];
        rested |= call->slice_full;
        call->slice_full = false;
        call->slice_used = 0;
    }
    if (rested)
        hub_service(hub);
}

static void
hub_after(void *ctx)
{
    struct http_hub *hub = ctx;
    int running = 0, left = 0;
    hub->in_after = true;
    hub_new_slices(hub);
    hub->in_curl = true;
    curl_multi_perform(hub->multi, &running);
    hub->in_curl = false;
    for (CURLMsg *msg; (msg = curl_multi_info_read(hub->multi, &left)) != NULL;) {
        struct http_call *call = NULL;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
        if (msg->msg == CURLMSG_DONE && call)
            call_complete(call, msg->data.result);
    }
    hub_service(hub);
    hub_bury(hub);
    hub->in_after = false;
    if (hub->clients == 0)
        hub_free(hub);
}

static void
on_kick(void *ctx)
{
    struct http_hub *hub = ctx;
    hub->kick_id = 0;
    hub_after(hub);
}

static void
hub_kick(struct http_hub *hub)
{
    if (hub->kick_id == 0)
        hub->kick_id = loop_timer_add(hub->loop, 0, on_kick, hub);
}

static int
hub_sleep(void *ctx, struct pollfd *fds, unsigned count, int timeout_ms)
{
    struct http_hub *hub = ctx;
    if (timeout_ms < 0 || timeout_ms > POLL_LONGEST_MS)
        timeout_ms = POLL_LONGEST_MS;
    vec_clear(&hub->waitfds);
    for (unsigned i = 0; i < count; i++) {
        short events = (short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                               (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
        struct curl_waitfd waitfd = {.fd = fds[i].fd, .events = events};
        vec_push(&hub->waitfds, waitfd);
    }
    if (curl_multi_poll(hub->multi, hub->waitfds.items, count, timeout_ms, NULL) != CURLM_OK)
        return poll(fds, count, timeout_ms);
    int ready = 0;
    for (unsigned i = 0; i < count; i++) {
        /* libcurl tells a hang-up as readable and an error as both. */
        short revents = hub->waitfds.items[i].revents;
        fds[i].revents = (short)((revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
                                 (revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
        ready += fds[i].revents != 0;
    }
    return ready;
}

static struct http_hub *
hub_of_loop(struct loop *loop)
{
    static bool initialised;
    for (struct http_hub *hub = hubs; hub; hub = hub->next)
        if (hub->loop == loop)
            return hub;
    if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    initialised = true;
    CURLM *multi = curl_multi_init();
    if (!multi)
        return NULL;
    struct http_hub *hub = iw_calloc(1, sizeof(*hub));
    *hub = (struct http_hub){.next = hubs, .loop = loop, .multi = multi};
    hubs = hub;
    const struct loop_sleeper sleeper = {.sleep = hub_sleep, .after = hub_after, .ctx = hub};
    loop_set_sleeper(loop, &sleeper);
    return hub;
}

/* --- the client --- */

static bool
is_given(const char *text)
{
    return text && text[0];
}

static char *
copy_given(const char *text)
{
    return is_given(text) ? iw_strdup(text) : NULL;
}

/* Nothing that would end a header line and begin another. */
static bool
is_header_safe(const char *text)
{
    return !text || !text[strcspn(text, "\r\n")];
}

static bool
host_is_loopback(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

/* "fe80::1" needs brackets in a URL. */
static char *
url_host_new(const char *name)
{
    struct in6_addr v6;
    return inet_pton(AF_INET6, name, &v6) == 1 ? iw_asprintf("[%s]", name) : iw_strdup(name);
}

struct url_parts {
    char *scheme, *host, *port, *path; /* libcurl's memory */
};

static void
url_parts_free(struct url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
}

static bool
url_split(const char *url, struct url_parts *parts)
{
    CURLU *parser = curl_url();
    bool good =
        parser && curl_url_set(parser, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parser, CURLUPART_SCHEME, &parts->scheme, 0) == CURLUE_OK &&
        curl_url_get(parser, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK &&
        curl_url_get(parser, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        curl_url_get(parser, CURLUPART_PATH, &parts->path, 0) == CURLUE_OK;
    curl_url_cleanup(parser);
    return good &&
           (strcasecmp(parts->scheme, "https") == 0 || strcasecmp(parts->scheme, "http") == 0);
}

static enum iw_err
client_set_server(struct http_client *client, const struct http_config *config,
                  struct iw_error *err)
{
    IW_CLEANUP(url_parts_free) struct url_parts url = {0};
    const char *base = is_given(config->base_url) ? config->base_url : "http://localhost";
    if (!url_split(base, &url))
        return iw_fail(err, IW_ERR_CONFIG, "the server's address is not an http or https URL");
    bool is_https = strcasecmp(url.scheme, "https") == 0;
    bool renamed = is_https && is_given(config->tls_server_name);
    iw_autofree char *host = renamed ? url_host_new(config->tls_server_name) : iw_strdup(url.host);
    size_t path_len = strlen(url.path);
    while (path_len > 0 && url.path[path_len - 1] == '/')
        path_len--;
    client->origin = iw_asprintf("%s://%s:%s%.*s", is_https ? "https" : "http", host, url.port,
                                 (int)path_len, url.path);
    client->unix_socket = copy_given(config->unix_socket);
    client->peer = client->unix_socket ? iw_strdup(client->unix_socket)
                                       : iw_asprintf("%s:%s", url.host, url.port);
    if (renamed) {
        /* libcurl verifies the URL's name and sends it as SNI; the connection goes elsewhere. */
        client->connect_to = iw_asprintf("::%s:%s", url.host, url.port);
        vec_push(&client->headers, iw_asprintf("Host: %s:%s", url.host, url.port));
    }
    client->is_loopback = host_is_loopback(url.host);
    client->may_send_credentials = is_https || client->is_loopback || client->unix_socket;
    return IW_OK;
}

static enum iw_err
client_set_identity(struct http_client *client, const struct http_config *config,
                    struct iw_error *err)
{
    for (size_t i = 0; config->headers && config->headers[i]; i++) {
        if (!is_header_safe(config->headers[i]))
            return iw_fail(err, IW_ERR_CONFIG, "a header has a line end in it");
        vec_push(&client->headers, iw_strdup(config->headers[i]));
    }
    if (!is_header_safe(config->bearer_token))
        return iw_fail(err, IW_ERR_CONFIG, "the token has a line end in it");
    http_client_set_token(client, config->bearer_token);
    if (client->may_send_credentials) {
        client->username = copy_given(config->username);
        client->password = copy_given(config->password);
    }
    client->ca_pem = copy_given(config->ca_pem);
    client->cert_pem = copy_given(config->cert_pem);
    client->key_pem = copy_given(config->key_pem);
    return http_tls_check(config, clock_wall(loop_clock(client->hub->loop)), err);
}

enum iw_err
http_client_new(struct loop *loop, const struct http_config *config, struct http_client **out,
                struct iw_error *err)
{
    struct http_hub *hub = hub_of_loop(loop);
    if (!hub)
        return iw_fail(err, IW_ERR_INTERNAL, "libcurl does not start");
    struct http_client *client = iw_calloc(1, sizeof(*client));
    client->hub = hub;
    hub->clients++;
    client->proxy_url = copy_given(config->proxy_url);
    client->insecure = config->insecure;
    client->no_compression = config->no_compression;
    client->round_trip_us = -1;
    client->connect_timeout_ms =
        config->connect_timeout_ms > 0 ? config->connect_timeout_ms : CONNECT_TIMEOUT_DEFAULT_MS;
    enum iw_err code = client_set_server(client, config, err);
    if (code == IW_OK)
        code = client_set_identity(client, config, err);
    if (code != IW_OK) {
        http_client_free(client);
        return code;
    }
    *out = client;
    return IW_OK;
}

/* The newest call of the client, or NULL. */
static struct http_call *
client_call(const struct http_client *client)
{
    const struct http_hub *hub = client->hub;
    for (size_t i = hub->calls.len; i > 0; i--)
        if (hub->calls.items[i - 1]->client == client)
            return hub->calls.items[i - 1];
    return NULL;
}

void
http_client_free(struct http_client *client)
{
    if (!client || client->closing)
        return;
    struct http_hub *hub = client->hub;
    client->closing = true;
    for (struct http_call *call; (call = client_call(client)) != NULL;)
        http_cancel(call);
    char *const texts[] = {client->origin,     client->peer,         client->unix_socket,
                           client->connect_to, client->proxy_url,    client->ca_pem,
                           client->cert_pem,   client->key_pem,      client->username,
                           client->password,   client->authorization};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < client->headers.len; i++)
        free(client->headers.items[i]);
    vec_free(&client->headers);
    free(client);
    hub->clients--;
    if (hub->clients == 0 && !hub->in_after)
        hub_free(hub);
}

void
http_client_set_token(struct http_client *client, const char *bearer_token)
{
    free(client->authorization);
    client->authorization = NULL;
    if (is_given(bearer_token) && client->may_send_credentials && is_header_safe(bearer_token))
        client->authorization = iw_asprintf("Authorization: Bearer %s", bearer_token);
}

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
        call_apply_pause(call);
        hub_kick(call->hub);
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

bool
http_client_compresses(const struct http_client *client)
{
    bool is_near = client->is_loopback ||
                   (client->round_trip_us >= 0 && client->round_trip_us < NEAR_ROUND_TRIP_US);
    return !client->no_compression && !is_near;
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
    if (call->handlers.on_header)
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
    return set_blob(easy, CURLOPT_CAINFO_BLOB, client->ca_pem) &&
           set_blob(easy, CURLOPT_SSLCERT_BLOB, client->cert_pem) &&
           set_blob(easy, CURLOPT_SSLKEY_BLOB, client->key_pem);
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
    if (client->authorization) {
        add_header(call, "", client->authorization);
    } else if (client->username) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, client->username);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, client->password ? client->password : "");
    }
    if (request->body) {
        add_header(call, "Expect:", ""); /* no waiting for "100 Continue" */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->method || request->body)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method ? request->method : "GET");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, http_user_agent);
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

static bool
call_setup(struct http_call *call, const struct http_client *client,
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

/* --- time-outs, on the loop's clock --- */

static void
on_total_timeout(void *ctx)
{
    struct http_call *call = ctx;
    call->total_id = 0;
    if (call->status >= 300)
        call_complete(call, CURLE_OPERATION_TIMEDOUT);
    else
        call_fail(call, IW_ERR_TIMEOUT, "no complete answer in time");
}

static void
on_idle_timeout(void *ctx)
{
    struct http_call *call = ctx;
    struct loop *loop = call->hub->loop;
    int64_t now_ms = clock_mono(loop_clock(loop));
    bool paused = call_should_rest(call) || call->pause_set;
    int64_t left_ms =
        paused ? call->idle_timeout_ms : call->last_byte_ms + call->idle_timeout_ms - now_ms;
    call->idle_id = 0;
    if (left_ms > 0)
        call->idle_id = loop_timer_add(loop, left_ms, on_idle_timeout, call);
    else if (call->status >= 300)
        call_complete(call, CURLE_OPERATION_TIMEDOUT);
    else
        call_fail(call, IW_ERR_TIMEOUT, "nothing was received for too long");
}

static void
call_start_timers(struct http_call *call, const struct http_request *request)
{
    struct loop *loop = call->hub->loop;
    call->last_byte_ms = clock_mono(loop_clock(loop));
    call->idle_timeout_ms = request->idle_timeout_ms;
    call->slice_bytes = request->slice_bytes;
    if (request->idle_timeout_ms > 0)
        call->idle_id = loop_timer_add(loop, request->idle_timeout_ms, on_idle_timeout, call);
    if (request->total_timeout_ms > 0)
        call->total_id = loop_timer_add(loop, request->total_timeout_ms, on_total_timeout, call);
}

struct http_call *
http_start(struct http_client *client, const struct http_request *request,
           const struct http_handlers *handlers, void *ctx)
{
    struct http_hub *hub = client->hub;
    struct iw_error err = {0};
    CURL *easy = client->closing ? NULL : curl_easy_init();
    if (!easy) {
        iw_fail(&err, client->closing ? IW_ERR_CANCELED : IW_ERR_INTERNAL,
                "cannot start a request");
        handlers->on_done(ctx, &err);
        return NULL;
    }
    struct http_call *call = iw_calloc(1, sizeof(*call));
    *call = (struct http_call){
        .client = client, .hub = hub, .handlers = *handlers, .ctx = ctx, .easy = easy};
    call->peer = iw_strdup(client->peer);
    strbuf_init(&call->error_body, LIMIT_ERROR_BODY_BYTES);
    vec_push(&hub->calls, call);
    if (!call_setup(call, client, request)) {
        call_fail(call, IW_ERR_INTERNAL, "libcurl does not take the request");
        return NULL;
    }
    call_start_timers(call, request);
    hub_kick(hub); /* it is added there: no handler runs before this returns */
    return call;
}

void
http_cancel(struct http_call *call)
{
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "canceled");
    call_finish(call, &err);
}

void
http_escape(struct strbuf *b, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        const char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};
        strbuf_add(b, plain ? text : escaped, plain ? 1 : sizeof(escaped));
    }
}
