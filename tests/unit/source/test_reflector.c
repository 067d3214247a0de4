/* Tests of the reflector: a scripted transport, a manual clock, no sockets.
 * Pieces are real JSON for the frame splitter; a small decoder of the test reads three words from
 * them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/source/reflector.h"

struct world {
    struct clock clock;
    struct loop *loop;
    struct reflector *r;
    /* what the reflector asked */
    char path[512];
    bool stream;
    int gets, cancels, refreshes;
    bool refresh_works;
    int pauses, resumes;
    /* what it delivered: "begin a b end", "+a ~a -a" */
    struct strbuf story;
    struct source_status status;
    int statuses;
};

static void
w_get(void *ctx, const char *path, bool stream)
{
    struct world *w = ctx;
    (void)snprintf(w->path, sizeof(w->path), "%s", path);
    w->stream = stream;
    w->gets++;
}

static void
w_cancel(void *ctx)
{
    struct world *w = ctx;
    w->cancels++;
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "canceled");
    reflector_on_done(w->r, &err);
}

static void
w_pause(void *ctx, bool paused)
{
    struct world *w = ctx;
    if (paused)
        w->pauses++;
    else
        w->resumes++;
}

static bool
w_refresh(void *ctx)
{
    struct world *w = ctx;
    w->refreshes++;
    return w->refresh_works;
}

/* The value of "key":"..." in a piece, "" when absent. */
static const char *
word(const char *bytes, const char *key, char *out, size_t out_size)
{
    char pattern[40];
    (void)snprintf(pattern, sizeof(pattern), "\"%s\":\"", key);
    const char *at = strstr(bytes, pattern);
    out[0] = '\0';
    if (at) {
        at += strlen(pattern);
        (void)snprintf(out, out_size, "%.*s", (int)strcspn(at, "\""), at);
    }
    return out;
}

static enum iw_err
w_decode(void *ctx, const char *bytes, size_t len, struct reflector_note *note,
         struct iw_error *err)
{
    struct world *w = ctx;
    char name[64], type[32], remaining[32];
    assert_int_equal(strlen(bytes), len);
    word(bytes, "rv", note->rv, sizeof(note->rv));
    word(bytes, "name", name, sizeof(name));
    if (note->piece == REFLECTOR_ENVELOPE) {
        word(bytes, "continue", note->cont, sizeof(note->cont));
        note->remaining =
            strtoull(word(bytes, "remaining", remaining, sizeof(remaining)), NULL, 10);
        return IW_OK;
    }
    if (strcmp(name, "bad") == 0)
        return iw_fail(err, IW_ERR_PARSE, "spec.containers is not an array");
    if (note->piece == REFLECTOR_ITEM) {
        strbuf_addf(&w->story, "%s ", name);
        return IW_OK;
    }
    word(bytes, "type", type, sizeof(type));
    if (strcmp(type, "BOOKMARK") == 0) {
        note->piece = REFLECTOR_BOOKMARK;
    } else if (strcmp(type, "ERROR") == 0) {
        note->piece = REFLECTOR_ERROR;
        iw_fail(err, strstr(bytes, "410") ? IW_ERR_GONE : IW_ERR_SERVER, "%s", name);
    } else {
        strbuf_addf(&w->story, "%c%s ", type[0] == 'A' ? '+' : type[0] == 'M' ? '~' : '-', name);
    }
    return IW_OK;
}

static void
w_list_begin(void *ctx)
{
    struct world *w = ctx;
    strbuf_adds(&w->story, "begin ");
}

static void
w_list_end(void *ctx)
{
    struct world *w = ctx;
    strbuf_adds(&w->story, "end ");
}

static void
w_status(void *ctx, const struct source_status *st)
{
    struct world *w = ctx;
    w->status = *st;
    w->statuses++;
}

static void
world_open(struct world *w, bool list_only)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000000, 1790000000000);
    w->loop = loop_new(&w->clock);
    strbuf_init(&w->story, 0);
    struct reflector_config config = {
        .loop = w->loop,
        .stream = STREAM_PODS,
        .path = "/api/v1/pods",
        .scope = "all namespaces",
        .list_only = list_only,
        .jitter_seed = 42,
        .transport = {w, w_get, w_cancel, w_pause, w_refresh, w_decode},
        .observer = {w, w_list_begin, w_list_end, w_status},
    };
    w->r = reflector_new(&config);
    reflector_start(w->r);
}

static void
world_close(struct world *w)
{
    reflector_free(w->r);
    loop_free(w->loop);
    strbuf_free(&w->story);
}

static void
work(struct world *w)
{
    for (int i = 0; i < 10000 && reflector_work(w->r); i++)
        ;
}

static void
header(struct world *w)
{
    reflector_on_header(w->r, 200, "application/json");
}

static void
body(struct world *w, const char *text)
{
    assert_true(reflector_on_body(w->r, text, strlen(text)));
    work(w);
}

static void
done(struct world *w, enum iw_err code)
{
    struct iw_error err = {0};
    if (code != IW_OK)
        iw_fail(&err, code, "%s", iw_err_message(code));
    reflector_on_done(w->r, &err);
    work(w);
}

/* A whole answer to a list. */
static void
answer_list(struct world *w, const char *text)
{
    header(w);
    body(w, text);
    done(w, IW_OK);
}

static void
advance(struct world *w, int64_t delta_ms)
{
    clock_advance(&w->clock, delta_ms);
    loop_turn(w->loop, 0);
    work(w);
}

static void
expect_story(struct world *w, const char *story)
{
    assert_string_equal(w->story.data, story);
    strbuf_clear(&w->story);
}

static void
expect_path(const struct world *w, const char *prefix)
{
    if (strncmp(w->path, prefix, strlen(prefix)) != 0)
        fail_msg("asked %s, expected %s...", w->path, prefix);
}

#define LIST_AB                                                                                    \
    "{\"kind\":\"PodList\",\"rv\":\"100\",\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"
#define WATCH "/api/v1/pods?watch=1&resourceVersion="

/* Up to a watch that lives since two seconds. */
static void
world_live(struct world *w)
{
    world_open(w, false);
    answer_list(w, LIST_AB);
    header(w);
    advance(w, 2000);
    strbuf_clear(&w->story);
}

static void
reflector__lists_in_pages_then_watches_from_the_version_of_the_list(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    assert_int_equal(w.status.state, SOURCE_CONNECTING);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    assert_false(w.stream);
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"to/"
                    "ken=\",\"remaining\":\"1\",\"items\":[{\"name\":\"a\"}]}");
    assert_int_equal(w.status.state, SOURCE_LISTING);
    assert_int_equal(w.status.listed, 1);
    assert_int_equal(w.status.expected, 2);
    assert_string_equal(w.path, "/api/v1/pods?limit=500&continue=to%2Fken%3D");
    answer_list(&w, "{\"rv\":\"99\",\"items\":[{\"name\":\"b\"}]}");
    expect_story(&w, "begin a b end ");
    expect_path(&w, WATCH "99&allowWatchBookmarks=true&timeoutSeconds=");
    assert_true(w.stream);
    long timeout_s = strtol(strstr(w.path, "timeoutSeconds=") + 15, NULL, 10);
    assert_in_range(timeout_s, 300, 599);
    assert_int_equal(w.status.state, SOURCE_LISTING);
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_string_equal(reflector_state_name(w.r), "watching");
    world_close(&w);
}

static void
reflector__adds_selectors_to_list_and_watch(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    reflector_free(w.r);
    struct reflector_config config = {
        .loop = w.loop,
        .path = "/api/v1/namespaces/x/pods",
        .scope = "namespace x",
        .label_selector = "app in (a,b)",
        .field_selector = "status.phase!=Running",
        .transport = {&w, w_get, w_cancel, w_pause, w_refresh, w_decode},
        .observer = {&w, w_list_begin, w_list_end, w_status},
    };
    w.r = reflector_new(&config);
    reflector_start(w.r);
    const char *selectors =
        "&labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=status.phase%21%3DRunning";
    assert_non_null(strstr(w.path, selectors));
    answer_list(&w, LIST_AB);
    assert_non_null(strstr(w.path, selectors));
    world_close(&w);
}

static void
reflector__delivers_watch_events_and_goes_on_from_the_last_version(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w, "{\"type\":\"ADDED\",\"object\":{\"name\":\"c\",\"rv\":\"101\"}}\n{\"type\":\"MODI");
    body(&w, "FIED\",\"object\":{\"name\":\"c\",\"rv\":\"102\"}}\n");
    body(&w, "{\"type\":\"DELETED\",\"object\":{\"name\":\"a\",\"rv\":\"103\"}}");
    expect_story(&w, "+c ~c -a ");
    done(&w, IW_OK);
    expect_path(&w, WATCH "103&");
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_int_equal(w.status.attempts, 0);
    world_close(&w);
}

static void
reflector__moves_the_version_by_bookmarks(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w,
         "{\"type\":\"BOOKMARK\",\"object\":{\"rv\":\"177\",\"spec\":{\"containers\":null}}}\n");
    expect_story(&w, "");
    done(&w, IW_OK);
    expect_path(&w, WATCH "177&");
    world_close(&w);
}

static void
reflector__finishes_the_queue_before_it_acts_on_the_end(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    for (int i = 0; i < 20; i++) {
        char text[128];
        int len = snprintf(text, sizeof(text),
                           "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"%d\"}}\n",
                           200 + i);
        assert_true(reflector_on_body(w.r, text, (size_t)len));
    }
    struct iw_error ok = {0};
    reflector_on_done(w.r, &ok);
    int gets = w.gets;
    assert_true(reflector_work(w.r));
    assert_int_equal(w.gets, gets);
    work(&w);
    expect_path(&w, WATCH "219&");
    world_close(&w);
}

static void
reflector__a_watch_that_breaks_off_waits_and_resumes_from_the_last_version(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w, "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"150\"}}");
    done(&w, IW_ERR_NET);
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.attempts, 1);
    assert_int_equal(w.status.last.code, IW_ERR_NET);
    int64_t delay_ms = w.status.retry_at_wall_ms - clock_wall(&w.clock);
    assert_in_range(delay_ms, 800, 1599);
    assert_string_equal(reflector_state_name(w.r), "backoff");
    int gets = w.gets;
    advance(&w, delay_ms - 1);
    assert_int_equal(w.gets, gets);
    advance(&w, 1);
    assert_int_equal(w.gets, gets + 1);
    expect_path(&w, WATCH "150&");
    assert_int_equal(w.status.state, SOURCE_STALE); /* until the server answers */
    assert_int_equal(w.status.retry_at_wall_ms, IW_TIME_NONE);
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_int_equal(w.status.attempts, 0);
    assert_int_equal(w.status.last.code, IW_OK);
    world_close(&w);
}

static void
reflector__a_frame_cut_off_by_a_clean_end_is_not_a_clean_end(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w, "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"15");
    done(&w, IW_OK);
    expect_story(&w, "");
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.last.code, IW_ERR_EOF);
    advance(&w, 1600);
    expect_path(&w, WATCH "100&");
    world_close(&w);
}

static void
reflector__backs_off_as_client_go_does(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    int64_t base_ms = 800;
    int64_t window_ms = clock_mono(&w.clock);
    for (int i = 0; i < 14; i++) {
        if (clock_mono(&w.clock) - window_ms > 120000) {
            base_ms = 800;
            window_ms = clock_mono(&w.clock);
        }
        done(&w, IW_ERR_REFUSED);
        assert_int_equal(w.status.attempts, i + 1);
        int64_t delay_ms = w.status.retry_at_wall_ms - clock_wall(&w.clock);
        assert_in_range(delay_ms, base_ms, 2 * base_ms - 1);
        base_ms = base_ms * 2 > 30000 ? 30000 : base_ms * 2;
        advance(&w, delay_ms);
    }
    assert_true(window_ms > 1000000); /* the window was passed at least once */
    expect_story(&w, "");
    world_close(&w);
}

static void
reflector__equal_seeds_give_equal_delays(void **state)
{
    (void)state;
    int64_t delays[2];
    for (int i = 0; i < 2; i++) {
        struct world w;
        world_open(&w, false);
        done(&w, IW_ERR_DNS);
        delays[i] = w.status.retry_at_wall_ms;
        world_close(&w);
    }
    assert_int_equal(delays[0], delays[1]);
}

static void
reflector__retry_now_skips_the_back_off(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    done(&w, IW_ERR_REFUSED);
    int gets = w.gets;
    reflector_retry_now(w.r);
    assert_int_equal(w.gets, gets + 1);
    assert_int_equal(w.status.retry_at_wall_ms, IW_TIME_NONE);
    advance(&w, 100000); /* the old timer is gone */
    assert_int_equal(w.gets, gets + 1);
    reflector_retry_now(w.r); /* under way: nothing to skip */
    assert_int_equal(w.gets, gets + 1);
    world_close(&w);
}

static void
reflector__relists_at_once_after_410_without_blanking(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w,
         "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"150\"}}"
         "{\"type\":\"ERROR\",\"object\":{\"name\":\"too old resource version\",\"code\":410}}");
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.last.code, IW_ERR_GONE);
    expect_story(&w, "~a ");
    answer_list(&w, LIST_AB);
    expect_story(&w, "begin a b end ");
    expect_path(&w, WATCH "100&");
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_int_equal(w.status.last.code, IW_OK);
    world_close(&w);
}

static void
reflector__a_second_410_in_a_row_backs_off(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    done(&w, IW_ERR_GONE);
    answer_list(&w, LIST_AB);
    done(&w, IW_ERR_GONE); /* the answer to the new watch */
    assert_string_equal(reflector_state_name(w.r), "backoff");
    advance(&w, 1600);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__an_expired_continue_token_restarts_the_list(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"t\",\"items\":[{\"name\":\"a\"}]}");
    done(&w, IW_ERR_GONE);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    answer_list(&w, LIST_AB);
    expect_story(&w, "begin a begin a b end ");
    assert_int_equal(w.status.listed, 2);
    world_close(&w);
}

static void
reflector__a_watch_that_ends_at_once_counts_as_failure(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    header(&w);
    advance(&w, 999);
    done(&w, IW_OK);
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.attempts, 1);
    advance(&w, 1600);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__a_quick_end_after_events_resumes_but_not_for_ever(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    for (int i = 0; i < 5; i++) {
        header(&w);
        body(&w, "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"150\"}}");
        done(&w, IW_OK);
        assert_string_equal(reflector_state_name(w.r), "watching");
        expect_path(&w, WATCH "150&");
    }
    header(&w);
    body(&w, "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"a\",\"rv\":\"151\"}}");
    done(&w, IW_OK);
    assert_string_equal(reflector_state_name(w.r), "backoff");
    advance(&w, 1600);
    expect_path(&w, WATCH "151&"); /* still no list */
    world_close(&w);
}

static void
reflector__a_watch_without_a_word_for_its_whole_time_lists_again(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    header(&w);
    long timeout_s = strtol(strstr(w.path, "timeoutSeconds=") + 15, NULL, 10);
    advance(&w, timeout_s * 1000);
    done(&w, IW_OK);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__a_silent_connection_is_given_up_and_resumed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    header(&w);
    long timeout_s = strtol(strstr(w.path, "timeoutSeconds=") + 15, NULL, 10);
    advance(&w, 200000);
    body(&w, "{\"type\":\"BOOKMARK\",\"object\":{\"rv\":\"120\"}}");
    int cancels = w.cancels;
    for (int64_t t = 0; t < timeout_s * 1000 + 29000; t += 1000)
        advance(&w, 1000);
    assert_int_equal(w.cancels, cancels);
    advance(&w, 1000);
    assert_int_equal(w.cancels, cancels + 1);
    expect_path(&w, WATCH "120&");
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.last.code, IW_ERR_TIMEOUT);
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    world_close(&w);
}

static void
reflector__a_watch_that_is_not_answered_backs_off(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    advance(&w, 29999);
    assert_string_equal(reflector_state_name(w.r), "watching");
    advance(&w, 1);
    assert_string_equal(reflector_state_name(w.r), "backoff");
    assert_int_equal(w.status.last.code, IW_ERR_TIMEOUT);
    world_close(&w);
}

static void
reflector__honours_retry_after(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_THROTTLED, "Too many requests, please try again later.");
    err.retry_after_ms = 7000;
    reflector_on_done(w.r, &err);
    work(&w);
    assert_int_equal(w.status.retry_at_wall_ms - clock_wall(&w.clock), 7000);
    advance(&w, 7000);
    expect_path(&w, WATCH "100&"); /* 429 does not list again */
    err.retry_after_ms = 1000000000000;
    reflector_on_done(w.r, &err);
    work(&w);
    assert_int_equal(w.status.retry_at_wall_ms - clock_wall(&w.clock), 600000);
    world_close(&w);
}

static void
reflector__a_server_error_lists_again(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_SERVER, "Timeout: Too large resource version: 100, current: 7");
    err.http_status = 504;
    err.retry_after_ms = 1000;
    reflector_on_done(w.r, &err);
    work(&w);
    advance(&w, 1000);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__refreshes_credentials_once_after_401(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    w.refresh_works = true;
    done(&w, IW_ERR_UNAUTHORIZED);
    assert_int_equal(w.refreshes, 1);
    expect_path(&w, WATCH "100&");
    done(&w, IW_ERR_UNAUTHORIZED);
    assert_int_equal(w.refreshes, 1);
    assert_int_equal(w.status.state, SOURCE_DENIED);
    int64_t delay_ms = w.status.retry_at_wall_ms - clock_wall(&w.clock);
    assert_in_range(delay_ms, 30000, 59999);
    advance(&w, delay_ms);
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    world_close(&w);
}

static void
reflector__is_denied_by_403_and_asks_slowly(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    done(&w, IW_ERR_FORBIDDEN);
    assert_int_equal(w.status.state, SOURCE_DENIED);
    assert_int_equal(w.refreshes, 0);
    int gets = w.gets;
    advance(&w, 29000);
    assert_int_equal(w.gets, gets);
    advance(&w, 31000);
    assert_int_equal(w.gets, gets + 1);
    world_close(&w);
}

static void
reflector__skips_an_object_it_cannot_read_and_says_so(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(
        &w, "{\"rv\":\"100\",\"items\":[{\"name\":\"a\"},{\"name\":\"bad\"},{\"name\":\"b\"}]}");
    expect_story(&w, "begin a b end ");
    header(&w);
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_int_equal(w.status.last.code, IW_ERR_PARSE);
    assert_non_null(strstr(w.status.last.msg, "1 object cannot be read"));
    assert_non_null(strstr(w.status.last.msg, "spec.containers is not an array"));
    body(&w, "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"bad\",\"rv\":\"130\"}}"
             "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"b\",\"rv\":\"131\"}}");
    expect_story(&w, "~b ");
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_non_null(strstr(w.status.last.msg, "2 objects cannot be read"));
    world_close(&w);
}

static void
reflector__relists_after_a_frame_over_the_ceiling(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    size_t len = LIMIT_FRAME_BYTES + 100;
    char *text = test_malloc(len);
    memset(text, 'x', len);
    memcpy(text, "{\"type\":\"", 9);
    assert_false(reflector_on_body(w.r, text, len));
    test_free(text);
    done(&w, IW_ERR_CANCELED); /* what a transport reports after a body that was refused */
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_int_equal(w.status.last.code, IW_ERR_TOO_BIG);
    advance(&w, 1600);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__pauses_the_transfer_when_too_much_waits(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    size_t len = LIMIT_FRAME_QUEUE_BYTES / 8;
    char *text = test_malloc(len);
    memset(text, ' ', len);
    static const char begin[] = "{\"type\":\"MODIFIED\",\"name\":\"a\",\"x\":\"";
    memcpy(text, begin, sizeof(begin) - 1);
    memcpy(text + len - 3, "\"}\n", 3);
    for (int i = 0; i < 8; i++)
        assert_true(reflector_on_body(w.r, text, len));
    assert_int_equal(w.pauses, 0);
    assert_true(reflector_on_body(w.r, text, len));
    assert_int_equal(w.pauses, 1);
    assert_true(reflector_backlog_bytes(w.r) > LIMIT_FRAME_QUEUE_BYTES);
    assert_true(reflector_work(w.r));
    assert_int_equal(w.resumes, 0);
    work(&w);
    assert_int_equal(w.resumes, 1);
    assert_int_equal(reflector_backlog_bytes(w.r), 0);
    test_free(text);
    world_close(&w);
}

static void
reflector__refuses_an_answer_that_is_not_json(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    reflector_on_header(w.r, 200, "text/html; charset=utf-8");
    assert_false(reflector_on_body(w.r, "<html>", 6));
    done(&w, IW_ERR_CANCELED);
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_non_null(strstr(w.status.last.msg, "text/html"));
    expect_story(&w, "");
    world_close(&w);
}

static void
reflector__refuses_a_list_without_version(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, "{\"kind\":\"APIVersions\",\"items\":[]}");
    assert_int_equal(w.status.state, SOURCE_STALE);
    assert_non_null(strstr(w.status.last.msg, "not a list"));
    advance(&w, 1600);
    answer_list(&w, "{}");
    assert_int_equal(w.status.attempts, 2);
    world_close(&w);
}

static void
reflector__relist_works_while_watching_and_while_waiting(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    int cancels = w.cancels;
    reflector_relist(w.r);
    assert_int_equal(w.cancels, cancels + 1);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    assert_int_equal(w.status.state, SOURCE_LIVE); /* until the list answers */
    answer_list(&w, LIST_AB);
    expect_story(&w, "begin a b end ");
    done(&w, IW_ERR_REFUSED);
    reflector_relist(w.r);
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

static void
reflector__stops_after_one_list_when_no_watch_is_wanted(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, true);
    answer_list(&w, LIST_AB);
    expect_story(&w, "begin a b end ");
    assert_int_equal(w.gets, 1);
    assert_int_equal(w.status.state, SOURCE_STOPPED);
    reflector_relist(w.r);
    reflector_retry_now(w.r);
    assert_int_equal(w.gets, 1);
    world_close(&w);
}

static void
reflector__tells_when_a_live_watch_was_heard_of_last(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    advance(&w, 7000);
    body(&w, "{\"type\":\"BOOKMARK\",\"object\":{\"rv\":\"120\"}}\n");
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_int_equal(w.status.last_contact_wall_ms, clock_wall(&w.clock));
    world_close(&w);
}

static void
reflector__since_tells_when_the_state_began_not_the_last_report(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    done(&w, IW_ERR_NET);
    int64_t since_ms = w.status.since_wall_ms;
    assert_int_equal(since_ms, clock_wall(&w.clock));
    assert_int_equal(w.status.last_contact_wall_ms, since_ms - 2000);
    advance(&w, 1600);
    done(&w, IW_ERR_REFUSED);
    assert_int_equal(w.status.attempts, 2);
    assert_int_equal(w.status.since_wall_ms, since_ms);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reflector__lists_in_pages_then_watches_from_the_version_of_the_list),
        cmocka_unit_test(reflector__adds_selectors_to_list_and_watch),
        cmocka_unit_test(reflector__delivers_watch_events_and_goes_on_from_the_last_version),
        cmocka_unit_test(reflector__moves_the_version_by_bookmarks),
        cmocka_unit_test(reflector__finishes_the_queue_before_it_acts_on_the_end),
        cmocka_unit_test(
            reflector__a_watch_that_breaks_off_waits_and_resumes_from_the_last_version),
        cmocka_unit_test(reflector__a_frame_cut_off_by_a_clean_end_is_not_a_clean_end),
        cmocka_unit_test(reflector__backs_off_as_client_go_does),
        cmocka_unit_test(reflector__equal_seeds_give_equal_delays),
        cmocka_unit_test(reflector__retry_now_skips_the_back_off),
        cmocka_unit_test(reflector__relists_at_once_after_410_without_blanking),
        cmocka_unit_test(reflector__a_second_410_in_a_row_backs_off),
        cmocka_unit_test(reflector__an_expired_continue_token_restarts_the_list),
        cmocka_unit_test(reflector__a_watch_that_ends_at_once_counts_as_failure),
        cmocka_unit_test(reflector__a_quick_end_after_events_resumes_but_not_for_ever),
        cmocka_unit_test(reflector__a_watch_without_a_word_for_its_whole_time_lists_again),
        cmocka_unit_test(reflector__a_silent_connection_is_given_up_and_resumed),
        cmocka_unit_test(reflector__a_watch_that_is_not_answered_backs_off),
        cmocka_unit_test(reflector__honours_retry_after),
        cmocka_unit_test(reflector__a_server_error_lists_again),
        cmocka_unit_test(reflector__refreshes_credentials_once_after_401),
        cmocka_unit_test(reflector__is_denied_by_403_and_asks_slowly),
        cmocka_unit_test(reflector__skips_an_object_it_cannot_read_and_says_so),
        cmocka_unit_test(reflector__relists_after_a_frame_over_the_ceiling),
        cmocka_unit_test(reflector__pauses_the_transfer_when_too_much_waits),
        cmocka_unit_test(reflector__refuses_an_answer_that_is_not_json),
        cmocka_unit_test(reflector__refuses_a_list_without_version),
        cmocka_unit_test(reflector__relist_works_while_watching_and_while_waiting),
        cmocka_unit_test(reflector__stops_after_one_list_when_no_watch_is_wanted),
        cmocka_unit_test(reflector__tells_when_a_live_watch_was_heard_of_last),
        cmocka_unit_test(reflector__since_tells_when_the_state_began_not_the_last_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
