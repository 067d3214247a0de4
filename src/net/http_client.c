/* http_client: a server and who we are to it, in the form in which libcurl wants it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_internal.h"
#include "initwatch/base/alloc.h"

/* Below this a link is near, and fast: a server needs longer to compress a list than to send it. See
 * docs/decisions/0011-compression-by-round-trip.md. */
#define NEAR_ROUND_TRIP_US 2000
#define CONNECT_TIMEOUT_DEFAULT_MS 5000

static char *
copy_given(const char *text)
{
    return http_is_given(text) ? iw_strdup(text) : NULL;
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
    const char *base = http_is_given(config->base_url) ? config->base_url : "http://localhost";
    if (!url_split(base, &url))
        return iw_fail(err, IW_ERR_CONFIG, "the server's address is not an http or https URL");
    bool is_https = strcasecmp(url.scheme, "https") == 0;
    bool renamed = is_https && http_is_given(config->tls_server_name);
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
    struct http_hub *hub = http_hub_of_loop(loop);
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
        http_hub_free(hub);
}

void
http_client_set_token(struct http_client *client, const char *bearer_token)
{
    free(client->authorization);
    client->authorization = NULL;
    client->generation++;
    if (http_is_given(bearer_token) && client->may_send_credentials && is_header_safe(bearer_token))
        client->authorization = iw_asprintf("Authorization: Bearer %s", bearer_token);
}

enum iw_err
http_client_set_certificate(struct http_client *client, const char *cert_pem, const char *key_pem,
                            struct iw_error *err)
{
    const struct http_config pair = {.cert_pem = cert_pem, .key_pem = key_pem};
    enum iw_err code = http_tls_check(&pair, clock_wall(loop_clock(client->hub->loop)), err);
    if (code != IW_OK)
        return code;
    free(client->cert_pem);
    free(client->key_pem);
    client->cert_pem = copy_given(cert_pem);
    client->key_pem = copy_given(key_pem);
    client->generation++;
    return IW_OK;
}

void
http_client_set_credentials(struct http_client *client, const struct http_credentials *from)
{
    client->credentials = *from;
}

/* A call of the client that waits and is to end. */
static struct http_call *
doomed_call(const struct http_hub *hub, const struct http_client *client)
{
    for (size_t i = 0; i < hub->calls.len; i++)
        if (hub->calls.items[i]->is_doomed && hub->calls.items[i]->client == client)
            return hub->calls.items[i];
    return NULL;
}

void
http_client_resume(struct http_client *client, const struct iw_error *err)
{
    struct http_hub *hub = client->hub;
    if (err->code == IW_OK) {
        http_hub_kick(hub);
        return;
    }
    hub->clients++; /* a handler may free the last client */
    for (size_t i = 0; i < hub->calls.len; i++) {
        struct http_call *call = hub->calls.items[i];
        call->is_doomed = call->client == client && !call->added;
    }
    for (struct http_call *call; (call = doomed_call(hub, client)) != NULL;)
        http_call_finish(call, err);
    hub->clients--;
    if (hub->clients == 0 && !hub->in_after)
        http_hub_free(hub);
}

bool
http_client_compresses(const struct http_client *client)
{
    bool is_near = client->is_loopback ||
                   (client->round_trip_us >= 0 && client->round_trip_us < NEAR_ROUND_TRIP_US);
    return !client->no_compression && !is_near;
}
