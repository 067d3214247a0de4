/* When JSON takes the place of protobuf: the server has nothing else, what it sends cannot be read, or
 * the user wants it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pb_world.h"

static void
watch_pb__a_server_that_only_has_json_just_works(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    run(&w, SCRIPT({
                FIRST_LIST,
                WATCH_FROM("100"),
                ASKS_FOR_BOTH,
                "stream 200 json",
                "frame MODIFIED " POD("a", "ua", "120"),
                "hang",
            }));
    fw_wait_story(&w, "+a@120");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@120 ");
    fw_close(&w);
}

static void
watch_pb__a_watch_in_json_after_a_list_in_protobuf(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 json",
                "frame MODIFIED " POD("a", "ua", "120"),
                "hang",
            }));
    fw_wait_story(&w, "+a@120");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@120 ");
    fw_close(&w);
}

/* JSON is asked for from here on, and the state is listed anew. */
#define JSON_LIST                                                                                  \
    "expect GET limit=500 !resourceVersion\nexpect-head Accept: application/json\n"                \
    "reply 200 json " LIST("200", POD("a", "ua", "190")) "\n"
#define JSON_WATCH                                                                                 \
    WATCH_FROM("200")                                                                              \
    "expect-head Accept: application/json\nstream 200 json\n"                                      \
    "frame MODIFIED " POD("a", "ua", "210") "\nclose\n"

static void
expect_json_from_now_on(struct world *w)
{
    fw_wait_story(w, "+a@210");
    assert_non_null(strstr(w->story.data, "begin:shop +a@190 end:shop +a@210 "));
    assert_int_equal(store_count(w->store), 1);
    /* Not for one request: the watch after a broken connection is JSON as well. */
    fw_wait_state(w, SOURCE_STALE);
    fw_wait_retry(w);
    fw_wait_requests(w, "resourceVersion=210", 1);
}
#define JSON_WATCH_AGAIN                                                                           \
    WATCH_FROM("210") "expect-head Accept: application/json\nstream 200 json\nhang\n"

static void
watch_pb__a_frame_that_cannot_be_read_leads_to_json_and_a_new_list(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    add_broken_frame(&w, "bad");
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "chunk @bad",
                "hang",
                JSON_LIST,
                JSON_WATCH,
                JSON_WATCH_AGAIN,
            }));
    expect_json_from_now_on(&w);
    fw_close(&w);
}

static void
watch_pb__framing_that_is_another_one_leads_to_json_and_a_new_list(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    /* Frames without a length in front: the first four bytes are no length. */
    struct strbuf pod = pod_message("a", "ua", "110"), frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, "MODIFIED", "Pod", pod.data, pod.len);
    strbuf_free(&pod);
    frame.data[0] = frame.data[1] = frame.data[2] = frame.data[3] = 0;
    blob_and_free(&w, "bare", &frame);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "chunk @bare",
                "hang",
                JSON_LIST,
                JSON_WATCH,
                JSON_WATCH_AGAIN,
            }));
    expect_json_from_now_on(&w);
    fw_close(&w);
}

static void
watch_pb__a_list_that_cannot_be_read_leads_to_json(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    script_server_blob(w.server, "garbage", "<html>not at all</html>", 23);
    run(&w, SCRIPT({
                "expect GET limit=500",
                ASKS_FOR_BOTH,
                "reply 200 pb @garbage",
                JSON_LIST,
                JSON_WATCH,
                JSON_WATCH_AGAIN,
            }));
    expect_json_from_now_on(&w);
    fw_close(&w);
}

static void
watch_pb__json_is_asked_for_when_it_is_wanted(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "expect-head Accept: application/json",
                            "reply 200 json " LIST("100", POD("a", "ua", "90")),
                            WATCH_FROM("100"),
                            "expect-head Accept: application/json",
                            "stream 200 json",
                            "hang",
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.wire = SOURCE_WIRE_JSON;
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_pb__a_server_that_only_has_json_just_works),
        cmocka_unit_test(watch_pb__a_watch_in_json_after_a_list_in_protobuf),
        cmocka_unit_test(watch_pb__a_frame_that_cannot_be_read_leads_to_json_and_a_new_list),
        cmocka_unit_test(watch_pb__framing_that_is_another_one_leads_to_json_and_a_new_list),
        cmocka_unit_test(watch_pb__a_list_that_cannot_be_read_leads_to_json),
        cmocka_unit_test(watch_pb__json_is_asked_for_when_it_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
