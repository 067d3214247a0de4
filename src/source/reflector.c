/* reflector: the machine. One table says what each input does in each state.
 * Ref: client-go tools/cache/reflector.go; SEMANTICS G.1, G.2. Two deliberate differences: a watch
 * that breaks off waits one back-off step before it goes on (a reset storm must not become a
 * connect storm), and a first 410 lists again at once, because the user is looking at data that is
 * known to be old.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/reflector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "reflector_internal.h"

/* 401 and 403 do not heal in seconds, and each try is an entry in the server's audit log. */
#define DENIED_RETRY_MS 30000
/* A peer may ask for any delay; nobody waits longer than this without a try. */
#define RETRY_AFTER_MOST_MS 600000
/* Retry-After is believed so often in a row, then back-off bounds it from below. Ref: client-go
 * rest, maxRetries. */
#define RETRY_AFTER_TRUST 10
/* The headers of a watch are sent at once by an API server. */
#define WATCH_HEADER_MS 30000
/* A watch may outlive its timeoutSeconds by so much before it is given up. */
#define WATCH_GRACE_MS 30000

typedef void (*reflector_action)(struct reflector *r, const struct iw_error *err);
struct row {
    reflector_action action; /* NULL: this input means nothing in this state */
    enum reflector_state next;
};

static void on_timer(void *ctx);

/* --- reports --- */

int64_t
reflector_now_ms(const struct reflector *r)
{
    return clock_mono(loop_clock(r->loop));
}

void
reflector_report(struct reflector *r)
{
    r->observer.status(r->observer.ctx, &r->status);
}

void
reflector_report_state(struct reflector *r, enum source_state state)
{
    if (state != r->status.state) {
        r->status.state = state;
        r->status.since_wall_ms = clock_wall(loop_clock(r->loop));
    }
    reflector_report(r);
}

static void
note_error(struct reflector *r, const struct iw_error *err)
{
    if (err && err->code != IW_OK)
        r->status.last = *err;
}

static const char *
stream_name(const struct reflector *r)
{
    return r->what;
}

/* --- actions --- */

void
reflector_arm(struct reflector *r, int64_t delay_ms)
{
    loop_remove(r->loop, r->timer);
    r->timer = loop_timer_add(r->loop, delay_ms, on_timer, r);
}

static void
disarm(struct reflector *r)
{
    loop_remove(r->loop, r->timer);
    r->timer = 0;
}

static void
act_list(struct reflector *r, const struct iw_error *err)
{
    reflector_drop_request(r);
    disarm(r);
    r->list_open = false;
    r->cont[0] = '\0';
    r->pages = r->mark_page = 0;
    r->skipped = 0;
    r->status.listed = r->status.expected = 0;
    r->status.retry_at_wall_ms = IW_TIME_NONE;
    enum source_state state = r->status.state == SOURCE_IDLE ? SOURCE_CONNECTING : r->status.state;
    if (err && err->code != IW_OK) {
        LOG_INFO("%s of %s: listing again: %s", stream_name(r), r->status.scope, err->msg);
        note_error(r, err);
        state = SOURCE_STALE; /* what happened in between is lost */
    }
    reflector_report_state(r, state);
    reflector_ask_list(r);
}

static void
act_page(struct reflector *r, const struct iw_error *err)
{
    (void)err;
    reflector_report(r);
    reflector_ask_list(r);
}

/* The snapshot is complete: what went wrong before no longer matters, what could not be read does.
 */
static void
settle(struct reflector *r)
{
    r->status.attempts = 0;
    r->status.retry_at_wall_ms = IW_TIME_NONE;
    r->status.last = (struct iw_error){0};
    if (r->skipped)
        r->status.last = r->skip_error;
}

static void
act_watch(struct reflector *r, const struct iw_error *err)
{
    reflector_drop_request(r);
    r->status.retry_at_wall_ms = IW_TIME_NONE;
    if (err && err->code != IW_OK) {
        LOG_INFO("%s of %s: %s", stream_name(r), r->status.scope, err->msg);
        note_error(r, err);
        reflector_report_state(r, SOURCE_STALE);
    } else if (r->status.state != SOURCE_LIVE) {
        reflector_report(r);
    }
    reflector_arm(r, WATCH_HEADER_MS);
    reflector_ask_watch(r);
}

static void
act_listed(struct reflector *r, const struct iw_error *err)
{
    LOG_DEBUG("%s of %s: %llu listed at version %s", stream_name(r), r->status.scope,
              (unsigned long long)r->status.listed, r->rv);
    settle(r);
    r->observer.list_end(r->observer.ctx);
    act_watch(r, err);
}

static void
act_finished(struct reflector *r, const struct iw_error *err)
{
    (void)err;
    disarm(r);
    settle(r);
    r->observer.list_end(r->observer.ctx);
    reflector_report_state(r, SOURCE_STOPPED);
}

/* An event or bookmark came: this resource version works. */
static void
act_advance(struct reflector *r, const struct iw_error *err)
{
    (void)err;
    r->pieces++;
    r->gone_in_row = 0;
}

static void
wait_then_retry(struct reflector *r, const struct iw_error *err, enum source_state state,
                int64_t delay_ms)
{
    reflector_drop_request(r);
    note_error(r, err);
    r->status.attempts++;
    r->status.retry_at_wall_ms = clock_wall(loop_clock(r->loop)) + delay_ms;
    LOG_WARN("%s of %s: %s; next try in %lld.%lld s", stream_name(r), r->status.scope, err->msg,
             (long long)(delay_ms / 1000), (long long)(delay_ms % 1000 / 100));
    reflector_arm(r, delay_ms);
    reflector_report_state(r, state);
}

static void
act_delay(struct reflector *r, const struct iw_error *err)
{
    int64_t delay_ms = IW_MIN(err->retry_after_ms, (int64_t)RETRY_AFTER_MOST_MS);
    if (delay_ms <= 0 || r->status.attempts >= RETRY_AFTER_TRUST) {
        int64_t step_ms = backoff_step(&r->backoff, reflector_now_ms(r));
        delay_ms = IW_MAX(delay_ms, step_ms);
    }
    wait_then_retry(r, err, SOURCE_STALE, delay_ms);
}

static void
act_deny(struct reflector *r, const struct iw_error *err)
{
    int64_t delay_ms = backoff_random(&r->backoff, r->denied_retry_ms, 2 * r->denied_retry_ms);
    wait_then_retry(r, err, SOURCE_DENIED, delay_ms);
}

/* --- the table --- */

static const struct row table[REFLECTOR_STATE_COUNT][IN_COUNT] = {
    [REFLECTOR_IDLE] =
        {
            [IN_START] = {act_list, REFLECTOR_LISTING},
        },
    [REFLECTOR_LISTING] =
        {
            [IN_PAGE] = {act_page, REFLECTOR_LISTING},
            [IN_LAST_PAGE] = {act_listed, REFLECTOR_WATCHING},
            [IN_ONLY_LIST] = {act_finished, REFLECTOR_STOPPED},
            /* 410: the continue token has expired. */
            [IN_ERR_GONE] = {act_list, REFLECTOR_LISTING},
            [IN_ERR_GONE_AGAIN] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_NET] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_OTHER] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_THROTTLED] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_AUTH] = {act_deny, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_FORBIDDEN] = {act_deny, REFLECTOR_BACKOFF_LIST},
            [IN_FRESH_AUTH] = {act_list, REFLECTOR_LISTING},
            [IN_UNREADABLE] = {act_list, REFLECTOR_LISTING},
            [IN_RELIST] = {act_list, REFLECTOR_LISTING},
        },
    [REFLECTOR_WATCHING] =
        {
            [IN_FRAME] = {act_advance, REFLECTOR_WATCHING},
            [IN_BOOKMARK] = {act_advance, REFLECTOR_WATCHING},
            [IN_EOF_CLEAN] = {act_watch, REFLECTOR_WATCHING},
            [IN_EOF_SHORT] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_EOF_FLAPPING] = {act_delay, REFLECTOR_BACKOFF_WATCH},
            /* A server whose versions are behind ours (restored from a backup) answers 200 and
                   says nothing. */
            [IN_EOF_MUTE] = {act_list, REFLECTOR_LISTING},
            [IN_SILENT] = {act_watch, REFLECTOR_WATCHING},
            [IN_ERR_GONE] = {act_list, REFLECTOR_LISTING},
            [IN_ERR_GONE_AGAIN] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_NET] = {act_delay, REFLECTOR_BACKOFF_WATCH},
            [IN_ERR_THROTTLED] = {act_delay, REFLECTOR_BACKOFF_WATCH},
            [IN_ERR_OTHER] = {act_delay, REFLECTOR_BACKOFF_LIST},
            [IN_ERR_AUTH] = {act_deny, REFLECTOR_BACKOFF_WATCH},
            /* Who may list but not watch gets a slow poll this way. */
            [IN_ERR_FORBIDDEN] = {act_deny, REFLECTOR_BACKOFF_LIST},
            [IN_FRESH_AUTH] = {act_watch, REFLECTOR_WATCHING},
            [IN_UNREADABLE] = {act_list, REFLECTOR_LISTING},
            [IN_RELIST] = {act_list, REFLECTOR_LISTING},
        },
    [REFLECTOR_BACKOFF_LIST] =
        {
            [IN_TIMER] = {act_list, REFLECTOR_LISTING},
            [IN_RETRY] = {act_list, REFLECTOR_LISTING},
            [IN_RELIST] = {act_list, REFLECTOR_LISTING},
        },
    [REFLECTOR_BACKOFF_WATCH] =
        {
            [IN_TIMER] = {act_watch, REFLECTOR_WATCHING},
            [IN_RETRY] = {act_watch, REFLECTOR_WATCHING},
            [IN_RELIST] = {act_list, REFLECTOR_LISTING},
        },
};

void
reflector_step(struct reflector *r, enum reflector_input input, const struct iw_error *err)
{
    const struct row *row = &table[r->state][input];
    if (!row->action)
        return;
    r->state = row->next;
    row->action(r, err);
}

/* Codes that are not here are IN_ERR_OTHER: back off, then list. */
static const enum reflector_input error_inputs[IW_ERR_COUNT] = {
    [IW_ERR_GONE] = IN_ERR_GONE,
    [IW_ERR_UNAUTHORIZED] = IN_ERR_AUTH,
    [IW_ERR_CREDENTIAL] = IN_ERR_AUTH,
    [IW_ERR_FORBIDDEN] = IN_ERR_FORBIDDEN,
    [IW_ERR_THROTTLED] = IN_ERR_THROTTLED,
    [IW_ERR_DNS] = IN_ERR_NET,
    [IW_ERR_REFUSED] = IN_ERR_NET,
    [IW_ERR_TIMEOUT] = IN_ERR_NET,
    [IW_ERR_NET] = IN_ERR_NET,
    [IW_ERR_EOF] = IN_ERR_NET,
    [IW_ERR_TLS] = IN_ERR_NET,
    [IW_ERR_TLS_CA] = IN_ERR_NET,
    [IW_ERR_TLS_EXPIRED] = IN_ERR_NET,
    [IW_ERR_TLS_NAME] = IN_ERR_NET,
};

bool
reflector_gives_up_protobuf(struct reflector *r, const struct iw_error *err)
{
    return err->code == IW_ERR_PARSE && r->req.protobuf && r->transport.speak_json &&
           r->transport.speak_json(r->transport.ctx, err);
}

void
reflector_fail(struct reflector *r, const struct iw_error *err)
{
    if (reflector_gives_up_protobuf(r, err)) {
        reflector_step(r, IN_UNREADABLE, err);
        return;
    }
    enum reflector_input input = error_inputs[err->code];
    if (input == IN_ERR_GONE && r->gone_in_row++ > 0)
        input = IN_ERR_GONE_AGAIN;
    if (input == IN_ERR_AUTH && !r->auth_refreshed && r->transport.refresh) {
        r->auth_refreshed = true;
        if (r->transport.refresh(r->transport.ctx))
            input = IN_FRESH_AUTH;
    }
    reflector_step(r, input, err);
}

/* --- time --- */

static void
on_watch_timer(struct reflector *r)
{
    int64_t now_ms = reflector_now_ms(r);
    struct iw_error err = {0};
    if (!r->req.header_ok) {
        iw_fail(&err, IW_ERR_TIMEOUT, "the server does not answer the watch");
        reflector_fail(r, &err);
        return;
    }
    int64_t allowed_ms = r->watch_timeout_ms + WATCH_GRACE_MS;
    int64_t silent_ms = now_ms - r->heard_ms;
    if (silent_ms < allowed_ms) {
        reflector_arm(r, allowed_ms - silent_ms);
        return;
    }
    iw_fail(&err, IW_ERR_TIMEOUT, "the watch is silent for %lld s, it is opened again",
            (long long)(silent_ms / 1000));
    reflector_step(r, IN_SILENT, &err);
}

static void
on_timer(void *ctx)
{
    struct reflector *r = ctx;
    r->timer = 0;
    if (r->state == REFLECTOR_WATCHING)
        on_watch_timer(r);
    else
        reflector_step(r, IN_TIMER, NULL);
}

/* --- public --- */

static char *
strdup_or_null(const char *text)
{
    return text && text[0] ? iw_strdup(text) : NULL;
}

struct reflector *
reflector_new(const struct reflector_config *config)
{
    struct reflector *r = iw_calloc(1, sizeof(*r));
    const struct clock *clock = loop_clock(config->loop);
    r->loop = config->loop;
    r->transport = config->transport;
    r->observer = config->observer;
    r->path = iw_strdup(config->path);
    r->label_selector = strdup_or_null(config->label_selector);
    r->field_selector = strdup_or_null(config->field_selector);
    r->list_only = config->list_only;
    r->what = config->what ? config->what : source_stream_name(config->stream);
    r->denied_retry_ms = config->denied_retry_ms ? config->denied_retry_ms : DENIED_RETRY_MS;
    r->status = (struct source_status){.stream = config->stream,
                                       .since_wall_ms = clock_wall(clock),
                                       .last_contact_wall_ms = IW_TIME_NONE,
                                       .retry_at_wall_ms = IW_TIME_NONE};
    (void)snprintf(r->status.scope, sizeof(r->status.scope), "%s", config->scope);
    backoff_init(&r->backoff, config->jitter_seed, clock_mono(clock));
    return r;
}

void
reflector_free(struct reflector *r)
{
    if (!r)
        return;
    reflector_drop_request(r);
    disarm(r);
    free(r->path);
    free(r->label_selector);
    free(r->field_selector);
    free(r);
}

void
reflector_start(struct reflector *r)
{
    reflector_step(r, IN_START, NULL);
}

void
reflector_retry_now(struct reflector *r)
{
    reflector_step(r, IN_RETRY, NULL);
}

void
reflector_relist(struct reflector *r)
{
    reflector_step(r, IN_RELIST, NULL);
}

const char *
reflector_state_name(const struct reflector *r)
{
    static const char *const names[] = {
#define X(name, word) [REFLECTOR_##name] = word,
        REFLECTOR_STATES(X)
#undef X
    };
    return names[r->state];
}
