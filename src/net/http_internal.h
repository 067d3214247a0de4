/* http_internal: what the files of the HTTP client share. Not for other layers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_HTTP_INTERNAL_H
#define INITWATCH_NET_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "initwatch/base/error.h"
#include "initwatch/net/http.h"

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
