/* http_error: what went wrong, in our words: libcurl's results, HTTP statuses, Kubernetes Status.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http_internal.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/net/pb.h"

/* --- a Kubernetes Status, by a scanner that forgives everything: this layer has no JSON parser ---
 */

#define STATUS_TEXT_BYTES 512

struct status_fields {
    char kind[16], message[STATUS_TEXT_BYTES], reason[64];
    int64_t retry_after_s;
};

struct reader {
    const char *at, *end;
};

static void
skip_space(struct reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n,:", *r->at) && *r->at)
        r->at++;
}

/* Four hex digits; 0xFFFD when they are not. */
static uint32_t
read_hex4(struct reader *r)
{
    uint32_t cp = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at >= r->end)
            return UTF8_REPLACEMENT;
        char c = *r->at;
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return UTF8_REPLACEMENT;
        cp = cp * 16 + (uint32_t)digit;
    }
    return cp;
}

static uint32_t
read_unicode_escape(struct reader *r)
{
    uint32_t cp = read_hex4(r);
    bool high = cp >= 0xD800 && cp < 0xDC00;
    if (high && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        uint32_t low = read_hex4(r);
        if (low >= 0xDC00 && low < 0xE000)
            return 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        return UTF8_REPLACEMENT;
    }
    return cp; /* utf8_encode replaces a lone surrogate */
}

/* A JSON string at its opening quote into out, which may be NULL; what does not fit is dropped. */
static void
read_string(struct reader *r, char *out, size_t out_size)
{
    size_t len = 0;
    for (r->at++; r->at < r->end && *r->at != '"';) {
        char bytes[4] = {*r->at++};
        size_t n = 1;
        if (bytes[0] == '\\' && r->at < r->end) {
            static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
            char c = *r->at++;
            const char *simple = memchr(from, c, sizeof(from) - 1);
            bytes[0] = simple ? to[simple - from] : c;
            if (c == 'u')
                n = utf8_encode(read_unicode_escape(r), bytes);
        }
        if (out && len + n < out_size) {
            memcpy(out + len, bytes, n);
            len += n;
        }
    }
    r->at = r->at < r->end ? r->at + 1 : r->at;
    if (out)
        out[len] = '\0';
}

static int64_t
read_number(struct reader *r)
{
    int64_t value = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        value = value > 1000000000 ? value : value * 10 + (*r->at - '0');
        r->at++;
    }
    return value;
}

/* The member `key` of the Status (depth 1) or of its details (depth 2); r is at its value. */
static void
read_member(struct reader *r, const char *key, int depth, struct status_fields *out)
{
    bool is_text = *r->at == '"';
    if (depth == 1 && is_text && strcmp(key, "kind") == 0)
        read_string(r, out->kind, sizeof(out->kind));
    else if (depth == 1 && is_text && strcmp(key, "message") == 0)
        read_string(r, out->message, sizeof(out->message));
    else if (depth == 1 && is_text && strcmp(key, "reason") == 0)
        read_string(r, out->reason, sizeof(out->reason));
    else if (depth == 2 && strcmp(key, "retryAfterSeconds") == 0)
        out->retry_after_s = read_number(r);
    else if (is_text)
        read_string(r, NULL, 0);
}

static void
status_scan(const char *body, size_t len, struct status_fields *out)
{
    struct reader r = {body, body + len};
    char key[32] = "";
    int depth = 0;
    for (skip_space(&r); r.at < r.end; skip_space(&r)) {
        char c = *r.at;
        if (c == '{' || c == '[') {
            depth++;
            r.at++;
        } else if (c == '}' || c == ']') {
            depth--;
            r.at++;
        } else if (c == '"') {
            read_string(&r, key, sizeof(key));
            /* Only a member's name is followed by a colon. */
            while (r.at < r.end && *r.at == ' ')
                r.at++;
            if (r.at < r.end && *r.at == ':') {
                skip_space(&r);
                if (r.at < r.end)
                    read_member(&r, key, depth, out);
            }
        } else {
            r.at++;
        }
    }
}

/* The same from protobuf. Ref: apimachinery/pkg/apis/meta/v1/generated.proto: Status, StatusDetails.
 */
static void
status_scan_pb(const char *body, size_t len, struct status_fields *out)
{
    struct pb_object object;
    if (!pb_unwrap(pb_span_of(body, len), &object))
        return;
    pb_copy(object.kind, out->kind, sizeof(out->kind));
    pb_copy(pb_bytes(object.raw, 3), out->message, sizeof(out->message));
    pb_copy(pb_bytes(object.raw, 4), out->reason, sizeof(out->reason));
    int32_t retry_s = (int32_t)(uint32_t)pb_number(pb_bytes(object.raw, 5), 5, 0);
    out->retry_after_s = IW_MAX(retry_s, 0);
}

/* --- answers --- */

enum iw_err
http_status_class(int status)
{
    switch (status) {
    case 401:
        return IW_ERR_UNAUTHORIZED;
    case 403:
        return IW_ERR_FORBIDDEN;
    case 404:
        return IW_ERR_NOT_FOUND;
    case 410:
        return IW_ERR_GONE;
    case 429:
        return IW_ERR_THROTTLED;
    default:
        return status >= 500 ? IW_ERR_SERVER : IW_ERR_HTTP;
    }
}

/* Bytes of the body up to its first line end; plain bodies end in one. */
static int
first_line_len(const struct http_answer *answer)
{
    size_t len = 0;
    while (len < answer->body_len && !strchr("\r\n", answer->body[len]))
        len++;
    return (int)len;
}

void
http_error_of_answer(const struct http_answer *answer, struct iw_error *err)
{
    enum iw_err code = http_status_class(answer->status);
    struct status_fields fields = {0};
    const char *type = answer->content_type ? answer->content_type : "";
    bool is_json = strncasecmp(type, "application/json", 16) == 0;
    bool is_text = strncasecmp(type, "text/plain", 10) == 0;
    bool is_pb = strncasecmp(type, PB_CONTENT_TYPE, strlen(PB_CONTENT_TYPE)) == 0;
    if (is_pb)
        status_scan_pb(answer->body, answer->body_len, &fields);
    if (is_json)
        status_scan(answer->body, answer->body_len, &fields);
    /* All that an API server says of credentials is "Unauthorized". */
    bool is_bare_401 = code == IW_ERR_UNAUTHORIZED && strcmp(fields.message, "Unauthorized") == 0;
    if (is_bare_401)
        iw_fail(err, code, "%s", iw_err_message(code));
    else if (strcmp(fields.kind, "Status") == 0 && (fields.message[0] || fields.reason[0]))
        iw_fail(err, code, "%s", fields.message[0] ? fields.message : fields.reason);
    else if (is_text && first_line_len(answer) > 0)
        iw_fail(err, code, "%.*s", IW_MIN(first_line_len(answer), STATUS_TEXT_BYTES), answer->body);
    else
        /* Some messages have the number already. */
        iw_fail(err, code, strchr(iw_err_message(code), '(') ? "%s" : "%s (HTTP %d)",
                iw_err_message(code), answer->status);
    /* Go's net/http answers so when it expected TLS. */
    if (is_text && strstr(err->msg, "HTTP request to an HTTPS server"))
        iw_fail(err, IW_ERR_TLS, "the server speaks TLS, the kubeconfig says http://");
    err->http_status = answer->status;
    err->retry_after_ms = answer->retry_after_ms;
    if (err->retry_after_ms == 0 && strcmp(fields.kind, "Status") == 0)
        err->retry_after_ms = fields.retry_after_s * 1000;
}

/* --- transfers --- */

/* CURLE_COULDNT_CONNECT: what the system said. */
static enum iw_err
code_of_connect(CURL *easy)
{
    long sys_errno = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &sys_errno);
    if (sys_errno == ETIMEDOUT)
        return IW_ERR_TIMEOUT;
    /* ENOENT: no such unix socket, which is what a server that does not run looks like. */
    return sys_errno == ECONNREFUSED || sys_errno == ENOENT ? IW_ERR_REFUSED : IW_ERR_NET;
}

/* CURLE_PEER_FAILED_VERIFICATION: the chain, or the name when the chain is good. */
static enum iw_err
code_of_verification(CURL *easy)
{
    long result = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    if (result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID)
        return IW_ERR_TLS_EXPIRED;
    /* A chain that fails leaves its reason. libcurl begins with "unspecified" and looks at the name
     * before it stores the chain's "ok". */
    bool chain_is_good = result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED;
    return chain_is_good ? IW_ERR_TLS_NAME : IW_ERR_TLS_CA;
}

/* The connection broke: by a TLS alert (TLS 1.3 servers refuse a client certificate only after the
 * handshake), or just so. */
static enum iw_err
code_of_break(const char *detail)
{
    if (strstr(detail, "alert certificate expired"))
        return IW_ERR_TLS_EXPIRED;
    if (strstr(detail, "CONNECT")) /* the proxy refused the tunnel */
        return IW_ERR_NET;
    return strstr(detail, " alert ") ? IW_ERR_TLS : IW_ERR_EOF;
}

static enum iw_err
code_of_curl(CURL *easy, CURLcode result, const char *detail)
{
    enum iw_err broken = code_of_break(detail);
    switch ((int)result) { /* libcurl has a hundred results; the rest is the default */
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return IW_ERR_DNS;
    case CURLE_COULDNT_CONNECT:
        return code_of_connect(easy);
    case CURLE_OPERATION_TIMEDOUT:
        return IW_ERR_TIMEOUT;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2_STREAM:
        return IW_ERR_EOF;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return broken;
    case CURLE_PEER_FAILED_VERIFICATION:
        return code_of_verification(easy);
    case CURLE_SSL_CONNECT_ERROR:
        return broken == IW_ERR_TLS_EXPIRED ? broken : IW_ERR_TLS;
    case CURLE_SSL_CACERT_BADFILE: /* ours is checked when the client is made: the system's */
        return IW_ERR_TLS_CA;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return IW_ERR_TLS;
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_UNKNOWN_OPTION:
        return IW_ERR_CONFIG;
    case CURLE_UNSUPPORTED_PROTOCOL: /* also an answer without a status line (HTTP/0.9) */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
        return IW_ERR_HTTP;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return IW_ERR_INTERNAL;
    default:
        return IW_ERR_NET;
    }
}

/* The proxy was not reached: libcurl names it where it would name the server. It may come from the environment, so what was
 * asked for does not tell. *proxy: "HOST:PORT", "" when only its name is wrong. */
static bool
failed_at_proxy(CURLcode result, const char *detail, const char *peer, char proxy[300])
{
    static const char before[] = " connect to ", between[] = " port ";
    const char *host = strstr(detail, before);
    const char *port = host ? strstr(host, between) : NULL;
    proxy[0] = '\0';
    if (result == CURLE_COULDNT_RESOLVE_PROXY)
        return true;
    if (result != CURLE_COULDNT_CONNECT || !port || peer[0] == '/')
        return false;
    host += sizeof(before) - 1;
    int host_len = (int)IW_MIN(port - host, 255);
    port += sizeof(between) - 1;
    bool v6 = memchr(host, ':', (size_t)host_len) != NULL;
    (void)snprintf(proxy, 300, v6 ? "[%.*s]:%.*s" : "%.*s:%.*s", host_len, host,
                   (int)strspn(port, "0123456789"), port);
    return strcasecmp(proxy, peer) != 0;
}

void
http_error_of_curl(CURL *easy, CURLcode result, const char *detail, const char *peer,
                   struct iw_error *err)
{
    enum iw_err code = code_of_curl(easy, result, detail);
    long sys_errno = 0, status = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &sys_errno);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    char proxy[300];
    bool at_proxy = failed_at_proxy(result, detail, peer, proxy);
    bool is_plain = code == IW_ERR_DNS || code == IW_ERR_REFUSED || code == IW_ERR_TIMEOUT ||
                    code == IW_ERR_EOF;
    if (at_proxy)
        iw_fail(err, IW_ERR_NET, "the proxy%s%s cannot be reached (%s): %s", proxy[0] ? " " : "",
                proxy, peer, iw_err_message(code));
    else if (is_plain)
        iw_fail(err, code, "%s (%s)", iw_err_message(code), peer);
    else if (code == IW_ERR_TLS_EXPIRED && result == CURLE_PEER_FAILED_VERIFICATION)
        iw_fail(err, code, "the server's certificate has expired or is not valid yet (%s)", peer);
    else if (result == CURLE_SSL_CONNECT_ERROR && strstr(detail, "wrong version number"))
        iw_fail(err, code, "the server does not speak TLS, the kubeconfig says https:// (%s)",
                peer);
    else if (result == CURLE_SSL_CACERT_BADFILE)
        iw_fail(err, code,
                "the kubeconfig names no certificate authority and this machine has none (%s; "
                "package ca-certificates): %s",
                peer, detail);
    else if (code == IW_ERR_TLS && strstr(detail, "alert certificate required"))
        iw_fail(err, code, "the server asks for a client certificate (%s)", peer);
    else if (code == IW_ERR_TLS_EXPIRED)
        iw_fail(err, code, "the server says that the client certificate has expired (%s)", peer);
    else
        iw_fail(err, code, "%s (%s): %s", iw_err_message(code), peer,
                detail[0] ? detail : curl_easy_strerror(result));
    err->sys_errno = (int)sys_errno;
    err->http_status = (int)status;
}
