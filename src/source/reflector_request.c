/* reflector_request: the half of the reflector that asks, cuts bodies into pieces, has them
 * decoded, and tells the machine how an answer ended.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/strmap.h"
#include "initwatch/net/http.h"
#include "reflector_internal.h"

/* The first page. Ref: client-go tools/pager, defaultPageSize. */
#define LIST_PAGE_SIZE 500
/* Between two pages nothing arrives, so that those after a quick one are larger; a server has a page in its
 * memory: 2500 pods are some 40 MB. See docs/decisions/0023-pages-that-grow.md. */
#define LIST_PAGE_SIZE_MOST 2500
#define LIST_PAGE_GROWTH 4
/* A million objects in the smallest pages: more than an API server keeps. */
#define LIST_PAGES_MOST 2000
#define LIST_PAGE_QUICK_MS 500
/* Ref: client-go reflector.go, minWatchTimeout: random in [5 min, 10 min), so that many watches do
 * not end together. */
#define WATCH_LEAST_S 300
#define WATCH_MOST_S 600
/* Ref: client-go reflector.go, VeryShortWatchError. */
#define SHORT_WATCH_MS 1000
/* So many watches in a row that end at once although they brought something: the server is not
 * well. */
#define FLAPS_ALLOWED 5
/* A server ends a watch this close to its timeoutSeconds. */
#define WATCH_END_SLACK_MS 5000
/* Pieces decoded in one call: a few milliseconds of work, then the loop looks at the keyboard. */
#define PIECES_PER_SLICE 4
/* Progress of a long list is reported this often. */
#define PROGRESS_INTERVAL_MS 100

/* --- asking --- */

void
reflector_drop_request(struct reflector *r)
{
    bool was_open = r->req.open;
    if (r->req.frame_ready)
        frame_free(&r->req.frame);
    memset(&r->req, 0, sizeof(r->req));
    piece_queue_clear(&r->queue);
    r->envelope_seen = false;
    if (was_open)
        r->transport.cancel(r->transport.ctx);
}

static void
add_query(struct strbuf *b, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addf(b, "&%s=", name);
    http_escape(b, value);
}

static void
send(struct reflector *r, enum frame_mode mode, struct strbuf *query)
{
    add_query(query, "labelSelector", r->label_selector);
    add_query(query, "fieldSelector", r->field_selector);
    frame_init(&r->req.frame, mode, LIMIT_FRAME_BYTES);
    r->req.frame_ready = true;
    r->req.open = true;
    r->asked_ms = reflector_now_ms(r);
    r->transport.get(r->transport.ctx, query->data, mode == FRAME_WATCH);
}

void
reflector_ask_list(struct reflector *r)
{
    bool first = r->cont[0] == '\0';
    bool quick = reflector_now_ms(r) - r->asked_ms <= LIST_PAGE_QUICK_MS;
    reflector_drop_request(r);
    r->page_size = first || !quick ? LIST_PAGE_SIZE
                                   : IW_MIN(r->page_size * LIST_PAGE_GROWTH, LIST_PAGE_SIZE_MOST);
    strbuf_auto query;
    strbuf_init(&query, 0);
    strbuf_addf(&query, "%s?limit=%d", r->path, r->page_size);
    add_query(&query, "continue", first ? NULL : r->cont);
    send(r, FRAME_LIST, &query);
}

void
reflector_ask_watch(struct reflector *r)
{
    reflector_drop_request(r);
    int64_t timeout_s = backoff_random(&r->backoff, WATCH_LEAST_S, WATCH_MOST_S);
    r->watch_timeout_ms = timeout_s * 1000;
    r->pieces = 0;
    strbuf_auto query;
    strbuf_init(&query, 0);
    strbuf_addf(&query, "%s?watch=1", r->path);
    add_query(&query, "resourceVersion", r->rv);
    strbuf_addf(&query, "&allowWatchBookmarks=true&timeoutSeconds=%lld", (long long)timeout_s);
    send(r, FRAME_WATCH, &query);
}

/* --- the answer arrives --- */

static void
contact(struct reflector *r)
{
    r->heard_ms = reflector_now_ms(r);
    r->status.last_contact_wall_ms = clock_wall(loop_clock(r->loop));
}

static void
watch_opened(struct reflector *r)
{
    bool was_live = r->status.state == SOURCE_LIVE;
    r->opened_ms = r->heard_ms;
    reflector_arm(r, r->watch_timeout_ms);
    r->status.attempts = 0;
    r->status.retry_at_wall_ms = IW_TIME_NONE;
    r->status.last = (struct iw_error){0};
    if (r->skipped)
        r->status.last = r->skip_error;
    if (!was_live)
        reflector_report_state(r, SOURCE_LIVE);
}

/* Until the header is here, JSON is expected. */
static void
read_protobuf(struct reflector *r)
{
    enum frame_mode mode = r->req.frame.mode == FRAME_LIST ? FRAME_PB_LIST : FRAME_PB_WATCH;
    r->req.protobuf = true;
    frame_free(&r->req.frame);
    frame_init(&r->req.frame, mode, LIMIT_FRAME_BYTES);
}

void
reflector_on_header(struct reflector *r, int status, const char *content_type)
{
    if (!r->req.open)
        return;
    contact(r);
    if (status < 200 || status > 299)
        return; /* _done brings the sentence */
    r->auth_refreshed = false;
    bool is_known = !content_type || !content_type[0] || strstr(content_type, "json");
    if (!is_known && strstr(content_type, "protobuf")) {
        read_protobuf(r);
        is_known = true;
    }
    if (!is_known) {
        r->req.broken = true;
        iw_fail(&r->req.end, IW_ERR_HTTP, "the answer is %s, not JSON", content_type);
        return;
    }
    r->req.header_ok = true;
    if (r->state == REFLECTOR_WATCHING)
        watch_opened(r);
    else if (r->status.state != SOURCE_LISTING)
        reflector_report_state(r, SOURCE_LISTING);
}

static void
set_paused(struct reflector *r, bool paused)
{
    if (r->req.paused == paused || !r->req.open || !r->transport.pause)
        return;
    r->req.paused = paused;
    r->transport.pause(r->transport.ctx, paused);
}

/* --- decoding --- */

/* How far the list is; of a watch, that it was heard of just now. */
static void
report_progress(struct reflector *r)
{
    int64_t now_ms = reflector_now_ms(r);
    bool live = r->state == REFLECTOR_WATCHING && r->status.state == SOURCE_LIVE;
    if (!live && r->state != REFLECTOR_LISTING)
        return;
    if (now_ms - r->progress_ms < PROGRESS_INTERVAL_MS)
        return;
    r->progress_ms = now_ms;
    reflector_report(r);
}

static void
skip_object(struct reflector *r, const struct iw_error *err)
{
    r->skipped++;
    r->skip_error = *err;
    r->skip_error.code = IW_ERR_PARSE;
    (void)snprintf(r->skip_error.msg, sizeof(r->skip_error.msg),
                   "%llu object%s cannot be read and %s not shown; the last: %.250s",
                   (unsigned long long)r->skipped, r->skipped == 1 ? "" : "s",
                   r->skipped == 1 ? "is" : "are", err->msg);
    LOG_WARN("%s: an object is skipped: %s", r->path, err->msg);
    r->status.last = r->skip_error;
    if (r->state == REFLECTOR_WATCHING)
        reflector_report(r);
}

static void
open_list(struct reflector *r)
{
    if (r->list_open)
        return;
    r->list_open = true;
    r->observer.list_begin(r->observer.ctx);
}

/* A server, or a proxy in front of it, whose list goes round would be followed for ever. A token is kept at
 * pages 1, 2, 4, 8 ... and compared with those after it, which finds a circle of any length (Brent). */
static bool
goes_round(struct reflector *r, const char *token)
{
    uint64_t hash = strmap_hash(token);
    r->pages++;
    if (r->mark_page > 0 && hash == r->mark) {
        iw_fail(&r->req.end, IW_ERR_HTTP,
                "the list goes round: page %u continues where page %u did", r->pages, r->mark_page);
        return true;
    }
    if (r->pages >= LIST_PAGES_MOST) {
        iw_fail(&r->req.end, IW_ERR_HTTP, "the list does not end: %u pages, %llu objects", r->pages,
                (unsigned long long)r->status.listed);
        return true;
    }
    if (r->pages >= 2 * r->mark_page) {
        r->mark_page = r->pages;
        r->mark = hash;
    }
    return false;
}

static void
take_envelope(struct reflector *r, const struct reflector_note *note, const struct iw_error *err)
{
    if (err->code != IW_OK || note->rv[0] == '\0') {
        r->req.broken = true;
        iw_fail(&r->req.end, IW_ERR_HTTP, "the answer is not a list that can be used: %s",
                err->code != IW_OK ? err->msg : "it has no resourceVersion");
        return;
    }
    if (note->cont[0] && goes_round(r, note->cont)) {
        r->req.broken = true;
        return;
    }
    r->envelope_seen = true;
    memcpy(r->cont, note->cont, sizeof(r->cont));
    memcpy(r->rv, note->rv, sizeof(r->rv));
    r->status.expected = note->remaining ? r->status.listed + note->remaining : 0;
}

static void
take_event(struct reflector *r, const struct reflector_note *note, const struct iw_error *err)
{
    if (note->piece == REFLECTOR_ERROR) {
        struct iw_error end = *err;
        if (end.code == IW_OK)
            iw_fail(&end, IW_ERR_HTTP, "the watch reported an error without a reason");
        reflector_drop_request(r);
        reflector_fail(r, &end);
        return;
    }
    if (note->rv[0])
        memcpy(r->rv, note->rv, sizeof(r->rv));
    reflector_step(r, note->piece == REFLECTOR_BOOKMARK ? IN_BOOKMARK : IN_FRAME, NULL);
    if (err->code != IW_OK)
        skip_object(r, err);
}

/* Not zeroed as a whole: it is large, and this is done for each piece. */
static void
note_init(struct reflector_note *note, const struct reflector *r, enum frame_kind kind)
{
    static const enum reflector_piece first_guess[] = {
        [FRAME_DOC] = REFLECTOR_EVENT,
        [FRAME_ITEM] = REFLECTOR_ITEM,
        [FRAME_ENVELOPE] = REFLECTOR_ENVELOPE,
    };
    note->piece = first_guess[kind];
    note->protobuf = r->req.protobuf;
    note->rv[0] = note->cont[0] = '\0';
    note->remaining = 0;
}

static void
decode_piece(struct reflector *r, const struct piece *p)
{
    struct reflector_note note;
    note_init(&note, r, p->kind);
    if (note.piece != REFLECTOR_EVENT)
        open_list(r);
    struct iw_error err = {0};
    enum iw_err rc = r->transport.decode(r->transport.ctx, p->bytes, p->len, &note, &err);
    if (rc != IW_OK && reflector_gives_up_protobuf(r, &err)) {
        reflector_step(r, IN_UNREADABLE, &err);
        return;
    }
    if (note.piece == REFLECTOR_ITEM) {
        r->status.listed++;
        if (rc != IW_OK)
            skip_object(r, &err);
    } else if (note.piece == REFLECTOR_ENVELOPE) {
        take_envelope(r, &note, &err);
    } else {
        take_event(r, &note, &err);
    }
}

/* --- the body --- */

/* Nothing is waiting and only the sink is called: an item of a list in protobuf is decoded where it lies,
 * which saves copies of everything that is passed over. What cannot be read goes the long way. */
static bool
decode_at_once(struct reflector *r, enum frame_kind kind, const char *bytes, size_t len)
{
    if (kind != FRAME_ITEM || !r->req.protobuf || r->queue.first)
        return false;
    struct reflector_note note;
    struct iw_error err = {0};
    note_init(&note, r, kind);
    open_list(r);
    if (r->transport.decode(r->transport.ctx, bytes, len, &note, &err) != IW_OK)
        return false;
    r->status.listed++;
    report_progress(r);
    return true;
}

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct reflector *r = ctx;
    if (!decode_at_once(r, kind, bytes, len))
        piece_queue_push(&r->queue, kind, bytes, len);
    return true;
}

bool
reflector_on_body(struct reflector *r, const char *bytes, size_t len)
{
    if (!r->req.open || r->req.broken)
        return false;
    contact(r);
    if (frame_feed(&r->req.frame, bytes, len, on_piece, r, &r->req.end) != IW_OK) {
        r->req.broken = true;
        return false;
    }
    if (r->queue.bytes > LIMIT_FRAME_QUEUE_BYTES)
        set_paused(r, true);
    return true;
}

void
reflector_on_done(struct reflector *r, const struct iw_error *err)
{
    if (!r->req.open)
        return;
    r->req.open = false;
    r->req.ended = true;
    if (r->req.broken)
        return;
    r->req.end = *err;
    if (err->code != IW_OK)
        return;
    if (frame_finish(&r->req.frame, on_piece, r, &r->req.end) != IW_OK)
        iw_wrap(&r->req.end, "the answer is cut off");
}

/* --- the end of an answer --- */

static void
list_ended(struct reflector *r, const struct iw_error *end)
{
    if (!r->envelope_seen) {
        struct iw_error err = *end;
        if (err.code == IW_OK)
            iw_fail(&err, IW_ERR_HTTP, "the answer is not a list");
        /* An API server has these lists: a namespace that is not there is an empty one. */
        if (err.code == IW_ERR_NOT_FOUND)
            err.code = IW_ERR_HTTP;
        reflector_fail(r, &err);
        return;
    }
    if (r->cont[0])
        reflector_step(r, IN_PAGE, NULL);
    else
        reflector_step(r, r->list_only ? IN_ONLY_LIST : IN_LAST_PAGE, NULL);
}

static void
watch_ended_cleanly(struct reflector *r)
{
    int64_t lived_ms = reflector_now_ms(r) - r->opened_ms;
    struct iw_error err = {0};
    if (lived_ms >= SHORT_WATCH_MS) {
        r->flaps_in_row = 0;
        r->gone_in_row = 0;
        bool whole_time = lived_ms >= r->watch_timeout_ms - WATCH_END_SLACK_MS;
        if (r->pieces == 0 && whole_time) {
            iw_fail(&err, IW_ERR_GONE, "the watch brought nothing, not even a bookmark");
            reflector_step(r, IN_EOF_MUTE, &err);
            return;
        }
        reflector_step(r, IN_EOF_CLEAN, NULL);
        return;
    }
    r->flaps_in_row++;
    iw_fail(&err, IW_ERR_EOF, "the server ends the watch at once");
    if (r->pieces == 0)
        reflector_step(r, IN_EOF_SHORT, &err);
    else if (r->flaps_in_row > FLAPS_ALLOWED)
        reflector_step(r, IN_EOF_FLAPPING, &err);
    else
        reflector_step(r, IN_EOF_CLEAN, NULL);
}

static void
answer_ended(struct reflector *r)
{
    struct iw_error end = r->req.end;
    bool header_ok = r->req.header_ok;
    r->req.ended = false;
    if (r->state == REFLECTOR_LISTING) {
        list_ended(r, &end);
    } else if (r->state == REFLECTOR_WATCHING) {
        if (end.code == IW_OK && header_ok)
            watch_ended_cleanly(r);
        else if (end.code == IW_OK)
            iw_fail(&end, IW_ERR_HTTP, "unexpected answer to the watch");
        if (end.code != IW_OK)
            reflector_fail(r, &end);
    }
}

bool
reflector_work(struct reflector *r)
{
    struct piece *p;
    for (int n = 0; n < PIECES_PER_SLICE && (p = piece_queue_pop(&r->queue)) != NULL; n++) {
        decode_piece(r, p);
        free(p);
        report_progress(r);
    }
    if (r->queue.bytes <= LIMIT_FRAME_QUEUE_BYTES / 2)
        set_paused(r, false);
    if (!r->queue.first && r->req.ended)
        answer_ended(r);
    return r->queue.first || r->req.ended;
}

size_t
reflector_backlog_bytes(const struct reflector *r)
{
    return r->queue.bytes;
}
