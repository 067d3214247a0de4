/* Connections and streams that break, stall or repeat themselves while pods are listed and watched:
 * each must end in data that is right and a status that says what happened. Ref: the behaviours of a
 * real API server as recorded; SEMANTICS G.1, G.2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fault_world.h"

static void
watch__connect_refused_is_retried_until_the_server_is_there(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    script_server_refuse(w.server);
    fw_open_with(&w, fw_opts(&w), (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_REFUSED);
    assert_int_equal(w.status[STREAM_PODS].last_contact_wall_ms, IW_TIME_NONE);
    script_server_listen(w.server);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    fw_close(&w);
}

static void
watch__a_server_that_goes_away_leaves_the_data_and_comes_back(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "gate 1",
                    "close",
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "120"),
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_LIVE);
    clock_advance(&w.clock, 5000);
    script_server_refuse(w.server);
    script_server_open_gate(w.server, 1);
    fw_wait_state(&w, SOURCE_STALE);
    for (unsigned i = 2; i <= 4; i++) {
        fw_wait_retry(&w);
        for (int64_t begin_ms = fw_real_ms(); w.status[STREAM_PODS].attempts < i;)
            fw_turn(&w, begin_ms, "another failed attempt");
    }
    assert_int_equal(store_count(w.store), 2);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_REFUSED);
    script_server_listen(w.server);
    source_kube.retry_now(w.source);
    fw_wait_story(&w, "+a@120");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@120 ");
    assert_string_equal(w.states, "connecting listing live stale live ");
    fw_close(&w);
}

static void
watch__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "110"),
                    "half-frame 60 MODIFIED " POD("b", "ub", "111"),
                    "end",
                    WATCH_FROM("110"),
                    "stream 200 json",
                    "frame MODIFIED " POD("b", "ub", "111"),
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_EOF);
    fw_wait_retry(&w);
    fw_wait_story(&w, "+b@111");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@110 +b@111 ");
    fw_close(&w);
}

static void
watch__reset_in_the_middle_of_the_stream_resumes(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "110"),
                    "gate 1",
                    "reset",
                    WATCH_FROM("110"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_story(&w, "+a@110");
    script_server_open_gate(w.server, 1);
    fw_wait_state(&w, SOURCE_STALE);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(script_server_count(w.server, "limit=500"), 1);
    fw_close(&w);
}

static void
watch__an_empty_watch_that_closes_at_once_is_a_failure(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "end",
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "end",
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "hang",
                }));
    static const char *const so_far[] = {"connecting listing live stale ",
                                         "connecting listing live stale listing live stale "};
    for (int i = 0; i < 2; i++) {
        for (int64_t begin_ms = fw_real_ms(); strcmp(w.states, so_far[i]) != 0;)
            fw_turn(&w, begin_ms, so_far[i]);
        assert_int_equal(w.status[STREAM_PODS].attempts, 1);
        assert_true(w.status[STREAM_PODS].retry_at_wall_ms - clock_wall(&w.clock) >= 800 << i);
        fw_wait_retry(&w);
    }
    fw_wait_requests(&w, "limit=500", 3);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

static void
watch__bookmarks_alone_keep_it_alive_and_move_the_version(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "bookmark 4677",
                    "bookmark 4700",
                    "gate 1",
                    "end",
                    WATCH_FROM("4700"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_LIVE);
    clock_advance(&w.clock, 120000);
    script_server_open_gate(w.server, 1);
    fw_wait_requests(&w, "resourceVersion=4700", 1);
    assert_string_equal(w.states, "connecting listing live ");
    assert_int_equal(script_server_count(w.server, "limit=500"), 1);
    fw_close(&w);
}

static void
watch__silence_after_a_bookmark_is_given_up_and_resumed(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "105"),
                    "bookmark 200",
                    "hang",
                    WATCH_FROM("200"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "205"),
                    "hang",
                }));
    fw_wait_story(&w, "+a@105");
    for (int i = 0; i < 20; i++)
        loop_turn(w.loop, 5); /* the bookmark */
    int64_t waited_ms = 0;
    for (; w.status[STREAM_PODS].state == SOURCE_LIVE; waited_ms += 10000) {
        assert_true(waited_ms < 630000); /* 600 s are the longest timeoutSeconds, 30 s the grace */
        clock_advance(&w.clock, 10000);
        loop_turn(w.loop, 0);
    }
    assert_true(waited_ms >= 330000);
    fw_wait_story(&w, "+a@205");
    assert_string_equal(w.states, "connecting listing live stale live ");
    fw_close(&w);
}

static void
watch__the_same_frame_twice_changes_nothing(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "101"),
                    "gate 1",
                    "frame MODIFIED " POD("a", "ua", "101"),
                    "frame MODIFIED " POD("b", "ub", "102"),
                    "hang",
                }));
    fw_wait_story(&w, "+a@101");
    struct pod_ref a;
    assert_true(store_find_uid(w.store, "ua", &a));
    uint64_t before = store_pod_generation(w.store, a);
    script_server_open_gate(w.server, 1);
    fw_wait_story(&w, "+b@102");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@101 +a@101 +b@102 ");
    assert_int_equal(store_pod_generation(w.store, a), before);
    fw_close(&w);
}

static void
watch__deleted_and_created_again_with_the_same_name_is_another_pod(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame DELETED " POD("a", "ua", "101"),
                    "frame ADDED " POD("a", "ua2", "102"),
                    "hang",
                }));
    fw_wait_story(&w, "+a@102");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop -a@101 +a@102 ");
    assert_int_equal(store_count(w.store), 2);
    struct pod_ref old, fresh;
    assert_true(store_find_uid(w.store, "ua", &old));
    assert_true(store_deleted_ms(w.store, old) != IW_TIME_NONE);
    assert_true(store_find(w.store, "shop", "a", &fresh));
    assert_string_equal(store_get(w.store, fresh)->uid, "ua2");
    fw_close(&w);
}

static void
watch__a_slow_reader_that_was_cut_resumes_from_the_last_version(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "101"),
                    "frame MODIFIED " POD("b", "ub", "102"),
                    "end",
                    WATCH_FROM("102"),
                    "stream 200 json",
                    "frame MODIFIED " POD("a", "ua", "103"),
                    "hang",
                }));
    fw_wait_story(&w, "+a@103");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@101 +b@102 +a@103 ");
    assert_int_equal(script_server_count(w.server, "limit=500"), 1);
    assert_string_equal(w.states, "connecting listing live ");
    fw_close(&w);
}

static void
watch__bytes_that_drip_in_one_by_one_are_still_frames(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "drip 1 0 {\"type\":\"MODIFIED\",\"object\":" POD("a", "ua", "101") "}\\n",
                    "frame MODIFIED " POD("b", "ub", "102"),
                    "hang",
                }));
    fw_wait_story(&w, "+b@102");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@101 +b@102 ");
    fw_close(&w);
}

static void
watch__one_list_is_all_when_no_watch_is_wanted(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods", FIRST_LIST);
    struct source_opts opts = fw_opts(&w);
    opts.list_only = true;
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_STOPPED);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    assert_true(store_synced(w.store, STREAM_PODS));
    for (int i = 0; i < 5; i++)
        loop_turn(w.loop, 2);
    assert_int_equal(script_server_count(w.server, ""), 1);
    fw_close(&w);
}

static void
watch__the_version_of_the_server_is_part_of_the_status(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    script_server_route(w.server, "/version",
                        SCRIPT({
                            "expect GET /version",
                            "reply 200 json {\"major\":\"1\",\"gitVersion\":\"v1.36.2\"}",
                        }));
    fw_open_with(&w, fw_opts(&w), (struct kube_client_config){0});
    for (int64_t begin_ms = fw_real_ms(); !w.status[STREAM_PODS].server_version[0];)
        fw_turn(&w, begin_ms, "the version");
    assert_string_equal(w.status[STREAM_PODS].server_version, "v1.36.2");
    fw_close(&w);
}

static void
watch__selectors_go_to_the_server_for_pods_only(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET labelSelector=app%3Dx fieldSelector=spec.nodeName%3Dn1",
                            "reply 200 json " LIST("100", ""),
                            "expect GET watch=1 labelSelector=app%3Dx",
                            "stream 200 json",
                            "hang",
                        }));
    script_server_route(w.server, "/events",
                        SCRIPT({
                            "expect GET limit=500 !Selector",
                            "reply 200 json " LIST("100", ""),
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.no_events = false;
    opts.label_selector = "app=x";
    opts.field_selector = "spec.nodeName=n1";
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    fw_wait_requests(&w, "/events?watch=1", 1);
    fw_close(&w);
}

/* X(TEST): in JSON and in protobuf. */
#define IN_BOTH_ENCODINGS(X)                                                                       \
    X(watch__connect_refused_is_retried_until_the_server_is_there)                                 \
    X(watch__a_server_that_goes_away_leaves_the_data_and_comes_back)                               \
    X(watch__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one)                         \
    X(watch__reset_in_the_middle_of_the_stream_resumes)                                            \
    X(watch__an_empty_watch_that_closes_at_once_is_a_failure)                                      \
    X(watch__bookmarks_alone_keep_it_alive_and_move_the_version)                                   \
    X(watch__silence_after_a_bookmark_is_given_up_and_resumed)                                     \
    X(watch__the_same_frame_twice_changes_nothing)                                                 \
    X(watch__deleted_and_created_again_with_the_same_name_is_another_pod)                          \
    X(watch__a_slow_reader_that_was_cut_resumes_from_the_last_version)                             \
    X(watch__bytes_that_drip_in_one_by_one_are_still_frames)                                       \
    X(watch__one_list_is_all_when_no_watch_is_wanted)                                              \
    X(watch__the_version_of_the_server_is_part_of_the_status)                                      \
    X(watch__selectors_go_to_the_server_for_pods_only)

int
main(void)
{
#define X(test) cmocka_unit_test(test),
    static const struct CMUnitTest both[] = {IN_BOTH_ENCODINGS(X)};
#undef X
    return fw_run_in_both_encodings(both, IW_COUNTOF(both));
}
