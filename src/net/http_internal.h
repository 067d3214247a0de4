/* http_internal: what the files of the HTTP client share. Not for other layers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_HTTP_INTERNAL_H
#define INITWATCH_NET_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "initwatch/base/error.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/http.h"

/* NULL and "" are absent. */
static inline bool
http_is_given(const char *text)
{
    return text && text[0];
}

/* What all clients of a loop share; see http_hub.c. */
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
    struct http_credentials credentials;
    uint64_t generation; /* of token and certificate: counts changes */
};

struct http_call {
    struct http_client *client; /* NULL once done */
    struct http_hub *hub;
    struct http_handlers handlers;
    void *ctx;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    struct curl_slist *identity; /* Authorization, in front of headers; NULL: none */
    loop_id idle_id, total_id;
    int64_t idle_timeout_ms, total_timeout_ms, last_byte_ms;
    uint64_t generation; /* of the credentials it was sent with */
    int status;
    int64_t retry_after_ms;
    struct strbuf error_body; /* of an answer that is an error */
    char *peer;
    bool added;       /* is in the multi handle */
    bool header_done; /* on_header was called */
    bool refused;     /* on_body returned false */
    bool done;        /* on_done was called */
    bool sent_again;  /* with other credentials, after a 401 */
    bool is_doomed;   /* ends with what http_client_resume was given */
    bool pause_wanted, pause_set;
    bool slice_full; /* enough for one turn: paused until the next */
    size_t slice_bytes, slice_used;
    char detail[CURL_ERROR_SIZE];
};

/* --- http_hub.c --- */

/* The hub of the loop, made when there is none; NULL when libcurl does not start. */
struct http_hub *http_hub_of_loop(struct loop *loop);
void http_hub_free(struct http_hub *hub);
/* Have the loop do what callbacks asked for. */
void http_hub_kick(struct http_hub *hub);
/* Tell the end, exactly once, and get rid of the call as soon as libcurl allows. The hub lives on
 * until the graveyard is empty, whatever on_done does. */
void http_call_finish(struct http_call *call, const struct iw_error *err);
void http_call_fail(struct http_call *call, enum iw_err code, const char *what);
/* A 401 may be answered by sending the request once more: nobody is told of it yet. */
bool http_call_may_send_again(const struct http_call *call);
/* libcurl is through with it. */
void http_call_complete(struct http_call *call, CURLcode result);
bool http_call_should_rest(const struct http_call *call);
/* Bring libcurl to what was asked for. Going on may call on_body at once, so it is only done from
 * the hub, never while the caller of http_pause is on the stack. */
void http_call_apply_pause(struct http_call *call);

/* --- http_call.c --- */

/* Everything libcurl must know of a request. False: it does not take it. */
bool http_call_setup(struct http_call *call, const struct http_client *client,
                     const struct http_request *request);
/* Put in who we are now; again before it is sent again. False: libcurl does not take it. */
bool http_call_identify(struct http_call *call);
/* Take that out again and give it back. */
void http_call_forget_identity(struct http_call *call);

/* --- http.c --- */

/* From here on its time-outs run. */
void http_call_start_timers(struct http_call *call);

/* --- http_error.c, http_tls.c --- */

/* What an error answer says about itself. */
struct http_answer {
    int status;
    const char *content_type; /* or NULL */
    const char *body;
    size_t body_len;
    int64_t retry_after_ms; /* from the header, or 0 */
};

/* Fill err for an answer with status >= 300. */
void http_error_of_answer(const struct http_answer *answer, struct iw_error *err);

/* Fill err for a transfer that libcurl ended with result; detail is CURLOPT_ERRORBUFFER's text and
 * peer is "host:port". */
void http_error_of_curl(CURL *easy, CURLcode result, const char *detail, const char *peer,
                        struct iw_error *err);

/* Look at the TLS material: IW_OK, IW_ERR_CONFIG or IW_ERR_TLS_EXPIRED. Messages hold no secrets.
 */
IW_NODISCARD enum iw_err http_tls_check(const struct http_config *config, int64_t now_wall_ms,
                                        struct iw_error *err);

#endif
