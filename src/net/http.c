/* http: requests begin, time out and are canceled. The hub runs them (http_hub.c), libcurl's side of a
 * request is in http_call.c, servers and credentials in http_client.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/http.h"

#include <string.h>

#include "http_internal.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"

#ifdef __APPLE__
#define HTTP_SYSTEM "darwin"
#else
#define HTTP_SYSTEM "linux"
#endif
const char http_user_agent[] = "initwatch/" INITWATCH_VERSION " (" HTTP_SYSTEM ")";

/* --- time-outs, on the loop's clock --- */

static void
on_total_timeout(void *ctx)
{
    struct http_call *call = ctx;
    call->total_id = 0;
    if (call->status >= 300)
        http_call_complete(call, CURLE_OPERATION_TIMEDOUT);
    else
        http_call_fail(call, IW_ERR_TIMEOUT, "no complete answer in time");
}

static void
on_idle_timeout(void *ctx)
{
    struct http_call *call = ctx;
    struct loop *loop = call->hub->loop;
    int64_t now_ms = clock_mono(loop_clock(loop));
    bool paused = http_call_should_rest(call) || call->pause_set;
    int64_t left_ms =
        paused ? call->idle_timeout_ms : call->last_byte_ms + call->idle_timeout_ms - now_ms;
    call->idle_id = 0;
    if (left_ms > 0)
        call->idle_id = loop_timer_add(loop, left_ms, on_idle_timeout, call);
    else if (call->status >= 300)
        http_call_complete(call, CURLE_OPERATION_TIMEDOUT);
    else
        http_call_fail(call, IW_ERR_TIMEOUT, "nothing was received for too long");
}

void
http_call_start_timers(struct http_call *call)
{
    struct loop *loop = call->hub->loop;
    call->last_byte_ms = clock_mono(loop_clock(loop));
    if (call->idle_timeout_ms > 0)
        call->idle_id = loop_timer_add(loop, call->idle_timeout_ms, on_idle_timeout, call);
    if (call->total_timeout_ms > 0)
        call->total_id = loop_timer_add(loop, call->total_timeout_ms, on_total_timeout, call);
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
    *call = (struct http_call){.client = client,
                               .hub = hub,
                               .handlers = *handlers,
                               .ctx = ctx,
                               .easy = easy,
                               .idle_timeout_ms = request->idle_timeout_ms,
                               .total_timeout_ms = request->total_timeout_ms,
                               .slice_bytes = request->slice_bytes};
    call->peer = iw_strdup(client->peer);
    strbuf_init(&call->error_body, LIMIT_ERROR_BODY_BYTES);
    vec_push(&hub->calls, call);
    if (!http_call_setup(call, client, request)) {
        http_call_fail(call, IW_ERR_INTERNAL, "libcurl does not take the request");
        return NULL;
    }
    if (!client->credentials.ready) /* else when it is sent */
        http_call_start_timers(call);
    http_hub_kick(hub); /* it is added there: no handler runs before this returns */
    return call;
}

void
http_cancel(struct http_call *call)
{
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "canceled");
    http_call_finish(call, &err);
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
