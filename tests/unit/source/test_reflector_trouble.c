/* reflector: ends, errors and silence: when it tries again, from which version, or lists anew. Ref:
 * client-go tools/cache/reflector.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reflector_world.h"

static void
reflector__a_watch_that_breaks_off_waits_and_resumes_from_the_last_version(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w, EVENT("MODIFIED", "a", "150"));
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
reflector__relists_at_once_after_410_without_blanking(void **state)
{
    (void)state;
    struct world w;
    world_live(&w);
    body(&w, EVENT("MODIFIED", "a", "150") "{\"type\":\"ERROR\",\"object\":{\"name\":\"too old "
                                           "resource version\",\"code\":410}}");
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
    body(&w, BOOKMARK("120"));
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

/* Answered with these tokens in turn until it fails; returns after how many pages. */
static unsigned
pages_until_failure(struct world *w, const char *const *tokens, unsigned count)
{
    unsigned pages = 0;
    while (w->status.state != SOURCE_STALE && pages < 5000) {
        char page[128];
        if (count > 0)
            (void)snprintf(page, sizeof(page), "{\"rv\":\"9\",\"continue\":\"%s\",\"items\":[]}",
                           tokens[pages % count]);
        else
            (void)snprintf(page, sizeof(page), "{\"rv\":\"9\",\"continue\":\"%u\",\"items\":[]}",
                           pages);
        answer_list(w, page);
        pages++;
    }
    return pages;
}

/* Some proxies answer every page with the first one. */
static void
reflector__a_list_that_goes_round_is_not_followed_for_ever(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    assert_int_equal(pages_until_failure(&w, (const char *const[]){"t"}, 1), 2);
    assert_string_equal(w.status.last.msg,
                        "the list goes round: page 2 continues where page 1 did");
    advance(&w, 1600); /* the next try begins anew */
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
    world_open(&w, false);
    assert_in_range(pages_until_failure(&w, (const char *const[]){"a", "b", "c"}, 3), 4, 9);
    assert_non_null(strstr(w.status.last.msg, "goes round"));
    world_close(&w);
    world_open(&w, false);
    assert_int_equal(pages_until_failure(&w, NULL, 0), 2000);
    assert_string_equal(w.status.last.msg, "the list does not end: 2000 pages, 0 objects");
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            reflector__a_watch_that_breaks_off_waits_and_resumes_from_the_last_version),
        cmocka_unit_test(reflector__a_frame_cut_off_by_a_clean_end_is_not_a_clean_end),
        cmocka_unit_test(reflector__backs_off_as_client_go_does),
        cmocka_unit_test(reflector__equal_seeds_give_equal_delays),
        cmocka_unit_test(reflector__relists_at_once_after_410_without_blanking),
        cmocka_unit_test(reflector__a_second_410_in_a_row_backs_off),
        cmocka_unit_test(reflector__an_expired_continue_token_restarts_the_list),
        cmocka_unit_test(reflector__a_watch_that_ends_at_once_counts_as_failure),
        cmocka_unit_test(reflector__a_watch_without_a_word_for_its_whole_time_lists_again),
        cmocka_unit_test(reflector__a_silent_connection_is_given_up_and_resumed),
        cmocka_unit_test(reflector__a_watch_that_is_not_answered_backs_off),
        cmocka_unit_test(reflector__honours_retry_after),
        cmocka_unit_test(reflector__a_server_error_lists_again),
        cmocka_unit_test(reflector__refreshes_credentials_once_after_401),
        cmocka_unit_test(reflector__is_denied_by_403_and_asks_slowly),
        cmocka_unit_test(reflector__relists_after_a_frame_over_the_ceiling),
        cmocka_unit_test(reflector__refuses_an_answer_that_is_not_json),
        cmocka_unit_test(reflector__refuses_a_list_without_version),
        cmocka_unit_test(reflector__a_list_that_goes_round_is_not_followed_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
