/* What can be wrong, large or unusual in the JSON of a list and of watch events; test_watch_pb.c has
 * the like for protobuf.
 * SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "fault_world.h"

static void
watch__end_in_the_middle_of_a_chunk_is_a_broken_connection(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "half-chunk 40 {\"type\":\"MODIFIED\",\"object\":" POD("b", "ub", "111") "}",
                    "close",
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "bookmark 130",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].attempts, 1);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    fw_close(&w);
}

static void
watch__a_frame_over_the_ceiling_is_refused_and_the_list_repeated(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "chunk {\"type\":\"MODIFIED\",\"object\":{\"x\":\"",
                    "repeat 700000 xxxxxxxx",
                    "hang",
                    "expect GET limit=500",
                    "reply 200 json " LIST("150", POD("a", "ua", "140")),
                    WATCH_FROM("150"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_TOO_BIG);
    assert_int_equal(store_count(w.store), 2);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(store_count(w.store), 1);
    fw_close(&w);
}

static void
watch__invalid_utf8_becomes_replacement_characters(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "chunk "
                    "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"a\",\"namespace\":"
                    "\"shop\",\"uid\":\"ua\",\"resourceVersion\":\"101\"},\"status\":{\"phase\":"
                    "\"Failed\",\"reason\":\"bro\\xff\\xc3ken\"}}}",
                    "hang",
                }));
    fw_wait_story(&w, "+a@101");
    struct pod_ref a;
    assert_true(store_find_uid(w.store, "ua", &a));
    assert_string_equal(store_get(w.store, a)->reason, "bro\xef\xbf\xbd\xef\xbf\xbdken");
    assert_int_equal(w.status[STREAM_PODS].state, SOURCE_LIVE);
    fw_close(&w);
}

static void
watch__an_object_that_cannot_be_read_is_skipped_and_counted(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame MODIFIED "
                    "{\"metadata\":{\"name\":\"odd\",\"namespace\":\"shop\",\"uid\":\"uo\","
                    "\"resourceVersion\":\"101\"},\"spec\":{\"containers\":\"none\"}}",
                    "frame MODIFIED " POD("b", "ub", "102"),
                    "hang",
                }));
    fw_wait_story(&w, "+b@102");
    assert_int_equal(w.status[STREAM_PODS].state, SOURCE_LIVE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_PARSE);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "shop/odd"));
    fw_close(&w);
}

static void
watch__closing_in_the_middle_of_a_list_leaves_nothing_behind(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    "expect GET limit=500",
                    "stream 200 json",
                    "chunk {\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[" POD(
                        "a", "ua", "4") ",{\"metadata\":",
                    "hang",
                }));
    fw_wait_story(&w, "+a@4");
    source_kube.close(w.source);
    w.source = NULL;
    strbuf_clear(&w.story);
    loop_turn(w.loop, 0);
    fw_expect_story(&w, "");
    fw_close(&w);
}

static void
watch__more_than_the_queue_holds_arrives_whole_and_in_order(void **state)
{
    (void)state;
    /* 30 MB in ten events: the transfer must be paused and go on. */
    struct world w;
    fw_init(&w);
    size_t len = 3000000;
    char *big = test_malloc(len);
    memset(big, 'x', len);
    script_server_blob(w.server, "big", big, len);
    test_free(big);
    strbuf_auto script;
    strbuf_init(&script, 0);
    strbuf_adds(&script, FIRST_LIST WATCH_FROM("100") "stream 200 json\n");
    for (int i = 0; i < 10; i++)
        strbuf_addf(&script,
                    "chunk {\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"a\","
                    "\"namespace\":\"shop\",\"uid\":\"ua\",\"resourceVersion\":\"%d\"},\"x\":\"\n"
                    "chunk @big\nchunk \"}}\\n\n",
                    200 + i);
    strbuf_adds(&script, "hang\n");
    script_server_route(w.server, "/pods", script.data);
    fw_open_with(&w, fw_opts(&w), (struct kube_client_config){0});
    fw_wait_story(&w, "+a@209");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@200 +a@201 +a@202 +a@203 +a@204 +a@205 "
                        "+a@206 +a@207 +a@208 +a@209 ");
    assert_string_equal(w.states, "connecting listing live ");
    fw_close(&w);
}

static void
watch__a_pretty_printed_list_and_one_without_items_are_lists(void **state)
{
    (void)state;
    struct world w;
    fw_open(
        &w,
        SCRIPT({
            "expect GET limit=500",
            "reply 200 json {\\n  \"kind\": \"PodList\",\\n  \"metadata\": {\\n    "
            "\"resourceVersion\": \"3771\"\\n  },\\n  \"items\": [\\n    {\\n      \"metadata\": "
            "{\\n        \"name\": \"a\", \"namespace\": \"shop\",\\n        \"uid\": \"ua\",\\n   "
            "     \"resourceVersion\": \"3759\"\\n      }\\n    }\\n  ]\\n}\\n",
            WATCH_FROM("3771"),
            "stream 200 json",
            "gate 1",
            "frame ERROR " STATUS("410", "Gone", "gone"),
            "end",
            "expect GET limit=500",
            "reply 200 json {\"metadata\":{\"resourceVersion\":\"4000\"},\"items\":null}",
            WATCH_FROM("4000"),
            "stream 200 json",
            "hang",
        }));
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@3759 end:shop ");
    script_server_open_gate(w.server, 1);
    fw_wait_story(&w, "end:shop");
    assert_int_equal(store_count(w.store), 0);
    fw_close(&w);
}

static void
watch__a_compressed_list_is_unpacked(void **state)
{
    (void)state;
    static const char text[] = LIST("100", POD("a", "ua", "90") "," POD("b", "ub", "91"));
    unsigned char packed[4096];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = sizeof(text) - 1;
    z.next_out = packed;
    z.avail_out = sizeof(packed);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t packed_len = sizeof(packed) - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    struct world w;
    fw_init(&w);
    script_server_blob(w.server, "packed", (const char *)packed, packed_len);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "expect-head Accept-Encoding: ",
                            "header Content-Encoding: gzip",
                            "reply 200 json @packed",
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    fw_open_with(&w, fw_opts(&w), (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    fw_close(&w);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch__end_in_the_middle_of_a_chunk_is_a_broken_connection),
        cmocka_unit_test(watch__a_frame_over_the_ceiling_is_refused_and_the_list_repeated),
        cmocka_unit_test(watch__invalid_utf8_becomes_replacement_characters),
        cmocka_unit_test(watch__an_object_that_cannot_be_read_is_skipped_and_counted),
        cmocka_unit_test(watch__closing_in_the_middle_of_a_list_leaves_nothing_behind),
        cmocka_unit_test(watch__more_than_the_queue_holds_arrives_whole_and_in_order),
        cmocka_unit_test(watch__a_pretty_printed_list_and_one_without_items_are_lists),
        cmocka_unit_test(watch__a_compressed_list_is_unpacked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
