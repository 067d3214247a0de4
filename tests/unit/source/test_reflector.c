/* reflector: lists, then watches, and what it delivers and reports on the way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reflector_world.h"

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
    assert_string_equal(w.path, "/api/v1/pods?limit=2000&continue=to%2Fken%3D");
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

/* A page that takes long is followed by a small one: a request must not run into the server's time-out. */
static void
reflector__asks_for_larger_pages_while_they_come_quickly(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, true);
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"t1\",\"items\":[]}");
    assert_string_equal(w.path, "/api/v1/pods?limit=2000&continue=t1");
    advance(&w, 500);
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"t2\",\"items\":[]}");
    assert_string_equal(w.path, "/api/v1/pods?limit=2500&continue=t2");
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"t3\",\"items\":[]}");
    assert_string_equal(w.path, "/api/v1/pods?limit=2500&continue=t3");
    advance(&w, 501);
    answer_list(&w, "{\"rv\":\"99\",\"continue\":\"t4\",\"items\":[]}");
    assert_string_equal(w.path, "/api/v1/pods?limit=500&continue=t4");
    header(&w);
    done(&w, IW_ERR_GONE); /* the token has expired: a new list begins small */
    assert_string_equal(w.path, "/api/v1/pods?limit=500");
    world_close(&w);
}

/* What cannot be read waits for the work step, which decides what becomes of it. */
static void
reflector__decodes_items_in_protobuf_as_they_arrive(void **state)
{
    (void)state;
    static const char list[] = "k8s\0\x12\x2c"
                               "\x0a\x0c{\"rv\":\"100\"}"
                               "\x12\x0c{\"name\":\"a\"}"
                               "\x12\x0e{\"name\":\"bad\"}";
    struct world w;
    world_open(&w, true);
    reflector_on_header(w.r, 200, PB_CONTENT_TYPE);
    assert_true(reflector_on_body(w.r, list, sizeof(list) - 1));
    expect_story(&w, "begin a ");
    assert_int_equal(reflector_backlog_bytes(w.r), 14);
    done(&w, IW_OK);
    expect_story(&w, "end ");
    assert_int_equal(w.status.listed, 2);
    assert_int_equal(w.status.last.code, IW_ERR_PARSE);
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
    body(&w, EVENT("ADDED", "c", "101") "\n{\"type\":\"MODI");
    body(&w, "FIED\",\"object\":{\"name\":\"c\",\"rv\":\"102\"}}\n");
    body(&w, EVENT("DELETED", "a", "103"));
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
reflector__a_quick_end_after_events_resumes_but_not_for_ever(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, false);
    answer_list(&w, LIST_AB);
    for (int i = 0; i < 5; i++) {
        header(&w);
        body(&w, EVENT("MODIFIED", "a", "150"));
        done(&w, IW_OK);
        assert_string_equal(reflector_state_name(w.r), "watching");
        expect_path(&w, WATCH "150&");
    }
    header(&w);
    body(&w, EVENT("MODIFIED", "a", "151"));
    done(&w, IW_OK);
    assert_string_equal(reflector_state_name(w.r), "backoff");
    advance(&w, 1600);
    expect_path(&w, WATCH "151&"); /* still no list */
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
    body(&w, EVENT("MODIFIED", "bad", "130") EVENT("MODIFIED", "b", "131"));
    expect_story(&w, "~b ");
    assert_int_equal(w.status.state, SOURCE_LIVE);
    assert_non_null(strstr(w.status.last.msg, "2 objects cannot be read"));
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
    body(&w, BOOKMARK("120") "\n");
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
        cmocka_unit_test(reflector__asks_for_larger_pages_while_they_come_quickly),
        cmocka_unit_test(reflector__decodes_items_in_protobuf_as_they_arrive),
        cmocka_unit_test(reflector__adds_selectors_to_list_and_watch),
        cmocka_unit_test(reflector__delivers_watch_events_and_goes_on_from_the_last_version),
        cmocka_unit_test(reflector__moves_the_version_by_bookmarks),
        cmocka_unit_test(reflector__finishes_the_queue_before_it_acts_on_the_end),
        cmocka_unit_test(reflector__retry_now_skips_the_back_off),
        cmocka_unit_test(reflector__a_quick_end_after_events_resumes_but_not_for_ever),
        cmocka_unit_test(reflector__skips_an_object_it_cannot_read_and_says_so),
        cmocka_unit_test(reflector__pauses_the_transfer_when_too_much_waits),
        cmocka_unit_test(reflector__relist_works_while_watching_and_while_waiting),
        cmocka_unit_test(reflector__stops_after_one_list_when_no_watch_is_wanted),
        cmocka_unit_test(reflector__tells_when_a_live_watch_was_heard_of_last),
        cmocka_unit_test(reflector__since_tells_when_the_state_began_not_the_last_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
