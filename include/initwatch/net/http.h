/* http: non-blocking requests over libcurl's multi interface, driven by the loop.
 *
 * TLS material comes from memory, unix sockets are possible, bodies stream. Every request that
 * http_start accepted ends in exactly one on_done. One client holds one configuration (server +
 * credentials) and reuses its connections; HTTP/2 where offered.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_HTTP_H
#define INITWATCH_NET_HTTP_H

#include "initwatch/base/error.h"
#include "initwatch/net/loop.h"

struct http_client;
struct http_call;

/* Everything is copied by http_client_new. NULL or "" for what is absent. */
struct http_config {
    const char *base_url;    /* "https://10.0.0.1:6443/prefix", no trailing slash */
    const char *unix_socket; /* path; base_url then only gives Host and prefix */
    const char *ca_pem;      /* bundle; NULL: the system's */
    const char *cert_pem, *key_pem;
    const char *tls_server_name;
    bool insecure;
    const char *username, *password;
    const char *bearer_token;
    const char *proxy_url;      /* NULL: environment */
    const char *const *headers; /* extra "Name: value", NULL-terminated (impersonation) */
    bool no_compression;
    int64_t connect_timeout_ms; /* 0: 5000 */
};
/* Loads the TLS material at once, so that a broken certificate is reported here. Messages never
 * hold secrets. */
IW_NODISCARD enum iw_err http_client_new(struct loop *loop, const struct http_config *config,
                                         struct http_client **out, struct iw_error *err);
/* Cancels what runs (on_done with IW_ERR_CANCELED). Allowed from inside any callback. NULL is fine.
 */
void http_client_free(struct http_client *client);
/* For the requests sent from now on. */
void http_client_set_token(struct http_client *client, const char *bearer_token);
/* As set_token; the pair is copied. IW_ERR_CONFIG or IW_ERR_TLS_EXPIRED for one that is of no use, then the
 * one from before stays. */
IW_NODISCARD enum iw_err http_client_set_certificate(struct http_client *client,
                                                     const char *cert_pem, const char *key_pem,
                                                     struct iw_error *err);

/* Where credentials come from that are not there at once (a program is asked). */
struct http_credentials {
    void *ctx;
    /* Before a request is sent, perhaps several times. False: it waits, and with it the clocks of its
     * time-outs, until http_client_resume. May set them, must not resume. */
    bool (*ready)(void *ctx);
    /* What was sent last was refused (401). True: others are wanted, so `ready` decides again, and the
     * request is sent once more; its owner learns of the second answer only. */
    bool (*refused)(void *ctx);
};
/* From now on. Copied. */
void http_client_set_credentials(struct http_client *client, const struct http_credentials *from);
/* Requests that wait are looked at again; err->code other than IW_OK: they end with it. */
void http_client_resume(struct http_client *client, const struct iw_error *err);

/* The class of failure that an HTTP status stands for; for statuses from 300 on. */
enum iw_err http_status_class(int status);

struct http_handlers {
    /* Once, when the final status line and headers are there. May cancel from inside. May be NULL.
     */
    void (*on_header)(void *ctx, int status, const char *content_type);
    /* Any number of times. Return false to end the call (IW_ERR_CANCELED unless the caller set its
     * own). May be NULL. */
    bool (*on_body)(void *ctx, const char *bytes, size_t len);
    /* Exactly once, last. err->code IW_OK for a complete answer with status < 400; otherwise the
     * class of the failure with http_status and, for a Kubernetes Status body, its message (at most
     * LIMIT of msg). IW_ERR_EOF when the peer closed in the middle. The call is gone after it. */
    void (*on_done)(void *ctx, const struct iw_error *err);
};
struct http_request {
    const char *method; /* NULL: GET */
    const char *path;   /* "/api/v1/pods?limit=500", already escaped */
    const char *accept; /* NULL: application/json */
    const char *body;   /* NULL: none; copied */
    size_t body_len;
    const char *content_type;
    int64_t total_timeout_ms; /* 0: none (streams) */
    int64_t idle_timeout_ms;  /* no byte for so long is IW_ERR_TIMEOUT; 0: none */
    bool no_compression;      /* for this request (streams) */
    size_t slice_bytes;       /* of body in one turn of the loop, about; 0: what there is */
};
/* Whether bodies are asked for compressed now: not near the server, where it costs more than it
 * saves, nor when the configuration says no. Far away is believed until a connection was made. */
bool http_client_compresses(const struct http_client *client);
/* Start; no handler runs before this returns. NULL only when libcurl cannot begin at all or the
 * client is being freed (then on_done was called). Error bodies (status >= 400) do not go to
 * on_body: up to 64 KiB of them is read for the message. */
struct http_call *http_start(struct http_client *client, const struct http_request *request,
                             const struct http_handlers *handlers, void *ctx);
void http_cancel(struct http_call *call); /* on_done follows before this returns */
/* Stop and go on reading (flow control): the peer is throttled by TCP. on_body never runs inside
 * this. The idle time-out rests while paused. */
void http_pause(struct http_call *call, bool paused);

/* For status texts: "initwatch/0.1.0 (linux)". */
extern const char http_user_agent[];
/* Percent-escape one query value or path segment. Appends to b. */
struct strbuf;
void http_escape(struct strbuf *b, const char *text);

#endif
