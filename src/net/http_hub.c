/* http_hub: one multi handle for all clients of a loop, which is the loop's sleeper.
 *
 * libcurl forbids most of its functions while it runs one of our callbacks, so what a callback asks for
 * (start, cancel, free) is noted and done when libcurl has returned: new calls wait to be added, ended
 * ones lie in hub->graveyard.
 * SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdlib.h>

#include "http_internal.h"
#include "initwatch/base/alloc.h"

/* curl_multi_poll has no "for ever"; the loop just turns once a minute. */
#define POLL_LONGEST_MS 60000

static struct http_hub *hubs;

/* --- ending a call --- */

static void
call_free(struct http_call *call)
{
    if (call->added)
        curl_multi_remove_handle(call->hub->multi, call->easy);
    curl_easy_cleanup(call->easy);
    http_call_forget_identity(call);
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

void
http_call_finish(struct http_call *call, const struct iw_error *err)
{
    if (call->done)
        return;
    struct http_hub *hub = call->hub;
    call->done = true;
    call_unlink(call);
    vec_push(&hub->graveyard, call);
    if (!hub->in_after)
        http_hub_kick(hub);
    call->handlers.on_done(call->ctx, err);
}

void
http_call_fail(struct http_call *call, enum iw_err code, const char *what)
{
    struct iw_error err = {0};
    iw_fail(&err, code, "%s (%s)", what, call->peer);
    err.http_status = call->status;
    http_call_finish(call, &err);
}

bool
http_call_may_send_again(const struct http_call *call)
{
    return call->status == 401 && !call->sent_again && call->client &&
           call->client->credentials.refused;
}

/* Back to where a new call is, if there are or will be other credentials. */
static bool
call_sends_again(struct http_call *call)
{
    struct http_hub *hub = call->hub;
    const struct http_client *client = call->client;
    if (hub->in_curl || client->closing)
        return false;
    /* Others may have come while it was under way. */
    bool has_newer = call->generation != client->generation;
    if (!has_newer && !client->credentials.refused(client->credentials.ctx))
        return false;
    curl_multi_remove_handle(hub->multi, call->easy);
    loop_remove(hub->loop, call->idle_id);
    loop_remove(hub->loop, call->total_id);
    call->idle_id = call->total_id = 0;
    call->added = call->header_done = call->pause_set = call->slice_full = false;
    call->status = 0;
    call->retry_after_ms = 0;
    call->sent_again = true;
    strbuf_clear(&call->error_body);
    http_hub_kick(hub);
    return true;
}

void
http_call_complete(struct http_call *call, CURLcode result)
{
    struct iw_error err = {0};
    if (call->done)
        return;
    if (http_call_may_send_again(call)) {
        if (result == CURLE_OK && call_sends_again(call))
            return;
        if (call->handlers.on_header) /* it was kept from its owner so far */
            call->handlers.on_header(call->ctx, call->status, "");
        if (call->done)
            return;
    }
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
    http_call_finish(call, &err);
}

/* --- pausing --- */

bool
http_call_should_rest(const struct http_call *call)
{
    return call->pause_wanted || call->slice_full;
}

void
http_call_apply_pause(struct http_call *call)
{
    struct http_hub *hub = call->hub;
    if (call->done || !call->added || http_call_should_rest(call) == call->pause_set)
        return;
    bool was_in_curl = hub->in_curl;
    hub->in_curl = true;
    call->pause_set = http_call_should_rest(call);
    call->last_byte_ms = clock_mono(loop_clock(hub->loop));
    CURLcode result =
        curl_easy_pause(call->easy, call->pause_set ? CURLPAUSE_RECV : CURLPAUSE_CONT);
    hub->in_curl = was_in_curl;
    if (result != CURLE_OK)
        http_call_complete(call, result);
}

void
http_pause(struct http_call *call, bool paused)
{
    struct http_hub *hub = call->hub;
    call->pause_wanted = paused;
    if (paused && (!hub->in_curl || hub->current == call))
        http_call_apply_pause(call);
    else
        http_hub_kick(hub);
}

/* --- the hub --- */

void
http_hub_free(struct http_hub *hub)
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

static bool
call_waits(const struct http_call *call)
{
    const struct http_credentials *from = &call->client->credentials;
    return !call->added && from->ready && !from->ready(from->ctx);
}

static void
call_add(struct http_call *call)
{
    if (!http_call_identify(call)) {
        http_call_fail(call, IW_ERR_INTERNAL, "libcurl does not take the credentials");
        return;
    }
    if (call->client->credentials.ready)
        http_call_start_timers(call);
    CURLMcode failed = curl_multi_add_handle(call->hub->multi, call->easy);
    if (failed == CURLM_OK)
        call->added = true;
    else
        http_call_fail(call, IW_ERR_INTERNAL, curl_multi_strerror(failed));
}

/* Do what callbacks asked for: add new calls, pause and go on. */
static void
hub_service(struct http_hub *hub)
{
    for (size_t i = 0; i < hub->calls.len;) {
        struct http_call *call = hub->calls.items[i];
        if (call_waits(call)) {
            i++;
            continue;
        }
        bool work = !call->added || http_call_should_rest(call) != call->pause_set;
        if (!call->added)
            call_add(call);
        else if (work)
            http_call_apply_pause(call);
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
            http_call_complete(call, msg->data.result);
    }
    hub_service(hub);
    hub_bury(hub);
    hub->in_after = false;
    if (hub->clients == 0)
        http_hub_free(hub);
}

static void
on_kick(void *ctx)
{
    struct http_hub *hub = ctx;
    hub->kick_id = 0;
    hub_after(hub);
}

void
http_hub_kick(struct http_hub *hub)
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

struct http_hub *
http_hub_of_loop(struct loop *loop)
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
