/* error: the error vocabulary of the program, each code with its retry class.
 *
 * A function that can fail returns `enum iw_err`; IW_OK is 0. The last parameter is
 * a `struct iw_error *` which may be NULL and is filled only on failure. Callers put
 * their context in front with iw_wrap(), so that a message reads from the outside in:
 * "context prod: list pods: connection refused (10.0.0.1:6443)".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_ERROR_H
#define INITWATCH_BASE_ERROR_H

#include "initwatch/base/iwdef.h"

/* What a caller that talks to a peer should do next. */
enum iw_retry {
    IW_RETRY_NEVER,  /* the same request will fail the same way */
    IW_RETRY_LATER,  /* back off, then the same request again */
    IW_RETRY_RELIST, /* the resource version is gone: list again */
    IW_RETRY_AUTH,   /* refresh the credentials once, then back off */
};

/* X(CODE, text, retry class, what the user can try next or "") */
#define IW_ERROR_CODES(X)                                                                          \
    X(OK, "ok", NEVER, "")                                                                         \
    X(INTERNAL, "internal error", NEVER, "please report this with the log file")                   \
    X(USAGE, "usage", NEVER, "see: initwatch help")                                                \
    X(IO, "input/output error", NEVER, "")                                                         \
    X(PARSE, "cannot be parsed", NEVER, "")                                                        \
    X(RANGE, "out of range", NEVER, "")                                                            \
    X(TOO_BIG, "larger than the ceiling", RELIST, "")                                              \
    X(NOT_FOUND, "not found", NEVER, "")                                                           \
    X(UNSUPPORTED, "not supported", NEVER, "")                                                     \
    X(CONFIG, "configuration error", NEVER,                                                        \
      "correct it, or choose another with --kubeconfig PATH or --context NAME")                    \
    X(NO_KUBECONFIG, "no kubeconfig", NEVER,                                                       \
      "set KUBECONFIG, pass --kubeconfig PATH, or try: initwatch demo")                            \
    X(CANCELED, "canceled", NEVER, "")                                                             \
    X(DNS, "name does not resolve", LATER, "check the server name in the kubeconfig")              \
    X(REFUSED, "connection refused", LATER, "is the API server running and is the port right?")    \
    X(TIMEOUT, "timed out", LATER, "is the API server reachable from here (VPN, proxy)?")          \
    X(NET, "network error", LATER, "check the network, VPN and proxy")                             \
    X(EOF, "the connection ended early", LATER, "is this the address of an API server?")           \
    X(TLS_CA, "the server's certificate is not signed by the CA of the kubeconfig", LATER,         \
      "check certificate-authority in the kubeconfig; a new cluster has a new CA")                 \
    X(TLS_EXPIRED, "a certificate has expired", LATER, "renew the certificate")                    \
    X(TLS_NAME, "the server's certificate is for another name", LATER,                             \
      "check server and tls-server-name in the kubeconfig")                                        \
    X(TLS, "TLS failed", LATER,                                                                    \
      "check https:// or http:// of server, and client-certificate, in the kubeconfig")            \
    X(UNAUTHORIZED, "the server does not accept these credentials (401)", AUTH,                    \
      "log in again; try: kubectl auth whoami")                                                    \
    X(CREDENTIAL, "no credentials from the program that the kubeconfig names", AUTH,               \
      "log in again with the tool it belongs to; how it is run: kubectl config view --minify")     \
    X(FORBIDDEN, "not allowed (403)", LATER,                                                       \
      "try: kubectl auth can-i --list, or another namespace with -n NAMESPACE")                    \
    X(GONE, "resource version too old (410)", RELIST, "")                                          \
    X(THROTTLED, "the server asks to slow down (429)", LATER, "try again in a moment")             \
    X(SERVER, "the server failed", LATER,                                                          \
      "try again in a moment; its own view: kubectl get --raw '/readyz?verbose'")                  \
    X(HTTP, "unexpected answer", LATER, "is this the address of an API server?")

enum iw_err {
#define X(code, text, retry, hint) IW_ERR_##code,
    IW_ERROR_CODES(X)
#undef X
        IW_ERR_COUNT,
    IW_OK = IW_ERR_OK
};

/* One error, on the stack of the caller. `= {0}` is "no error". */
struct iw_error {
    enum iw_err code;
    int sys_errno;          /* errno, or 0 */
    int http_status;        /* HTTP status or Kubernetes Status code, or 0 */
    int64_t retry_after_ms; /* what the peer asked for by Retry-After, or 0 */
    char msg[384];          /* one sentence, no trailing newline, may hold peer text */
};

/* Fill err (may be NULL) and return code, so that `return iw_fail(err, ...)` reads well. */
enum iw_err iw_fail(struct iw_error *err, enum iw_err code, const char *fmt, ...) IW_PRINTF(3, 4);

/* As iw_fail, with errno's text appended: "open x: No such file or directory". */
enum iw_err iw_fail_errno(struct iw_error *err, enum iw_err code, int sys_errno, const char *fmt,
                          ...) IW_PRINTF(4, 5);

/* Put "context: " in front of err's message; returns err's code. With err NULL
 * the code is not known: IW_ERR_INTERNAL. */
enum iw_err iw_wrap(struct iw_error *err, const char *fmt, ...) IW_PRINTF(2, 3);

const char *iw_err_name(enum iw_err code);    /* "GONE" */
const char *iw_err_message(enum iw_err code); /* "resource version too old (410)" */
const char *iw_err_hint(enum iw_err code);    /* what to try next, or "" */
enum iw_retry iw_err_retry(enum iw_err code);

#endif
