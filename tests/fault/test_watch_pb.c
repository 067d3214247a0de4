/* The watch path in protobuf, through the real source: lists, frames, pages, and what can be broken in
 * them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pb_world.h"

static void
watch_pb__lists_and_watches(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    add_frame(&w, "one", "MODIFIED", pod_message("a", "ua", "110"));
    add_frame(&w, "two", "ADDED", pod_message("c", "uc", "111"));
    add_frame(&w, "three", "DELETED", pod_message("b", "ub", "112"));
    add_frame(&w, "mark", "BOOKMARK", pod_message("", "", "150"));
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                ASKS_FOR_BOTH,
                "stream 200 pbwatch",
                "chunk @one",
                "chunk @two",
                "chunk @three",
                "chunk @mark",
                "close",
                WATCH_FROM("150"),
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_requests(&w, "resourceVersion=100", 1);
    fw_wait_story(&w, "-b@112");
    assert_int_equal(store_count(w.store), 2);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@110 +c@111 -b@112 ");
    fw_wait_state(&w, SOURCE_STALE);
    fw_wait_retry(&w);
    fw_wait_requests(&w, "resourceVersion=150", 1);
    fw_close(&w);
}

static void
watch_pb__pieces_do_not_depend_on_chunks(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    add_frame(&w, "one", "MODIFIED", pod_message("a", "ua", "110"));
    add_frame(&w, "two", "ADDED", pod_message("c", "uc", "111"));
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "drip 7 1 @one",
                "drip 3 1 @two",
                "hang",
            }));
    fw_wait_story(&w, "+c@111");
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop +a@110 +c@111 ");
    fw_close(&w);
}

static void
watch_pb__reads_pages_until_the_last(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    struct strbuf first[] = {pod_message("a", "ua", "90")};
    struct strbuf second[] = {pod_message("b", "ub", "91")};
    add_list(&w, "list", "100", "next/1", first, 1);
    add_list(&w, "list2", "100", "", second, 1);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                "expect GET continue=next%2F1",
                "reply 200 pb @list2",
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    fw_close(&w);
}

static void
watch_pb__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct strbuf pod = pod_message("b", "ub", "111"), frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, "MODIFIED", "Pod", pod.data, pod.len);
    script_server_blob(w.server, "half", frame.data, frame.len / 2);
    strbuf_free(&pod);
    blob_and_free(&w, "whole", &frame);
    add_frame(&w, "one", "MODIFIED", pod_message("a", "ua", "110"));
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "chunk @one",
                "chunk @half",
                "end",
                WATCH_FROM("110"),
                "stream 200 pbwatch",
                "chunk @whole",
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
watch_pb__pods_are_there_before_the_list_has_ended(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    struct strbuf pods[] = {pod_message("a", "ua", "90"), pod_message("b", "ub", "91")}, list,
                  object;
    strbuf_init(&list, 0);
    strbuf_init(&object, 0);
    pbw_text(&list, 1, "\x12\x03\x31\x30\x30"); /* ListMeta: resourceVersion 100 */
    for (size_t i = 0; i < IW_COUNTOF(pods); i++) {
        pbw_message(&list, 2, &pods[i]);
        strbuf_free(&pods[i]);
    }
    pbw_object(&object, "PodList", list.data, list.len);
    /* Up to the middle of the second pod. */
    script_server_blob(w.server, "first", object.data, object.len - 20);
    script_server_blob(w.server, "rest", object.data + object.len - 20, 20);
    strbuf_free(&list);
    strbuf_free(&object);
    run(&w, SCRIPT({
                "expect GET limit=500",
                "stream 200 pb",
                "chunk @first",
                "gate 1",
                "chunk @rest",
                "end",
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_story(&w, "+a@90");
    fw_expect_story(&w, "begin:shop +a@90 ");
    assert_int_equal(store_count(w.store), 1);
    script_server_open_gate(w.server, 1);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "+b@91 end:shop ");
    fw_close(&w);
}

static void
watch_pb__a_list_cut_off_is_not_a_list(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct strbuf pods[] = {pod_message("a", "ua", "90"), pod_message("b", "ub", "91")}, list;
    strbuf_init(&list, 0);
    pbw_message(&list, 2, &pods[0]);
    pbw_message(&list, 2, &pods[1]);
    struct strbuf object;
    strbuf_init(&object, 0);
    pbw_object(&object, "PodList", list.data, list.len);
    script_server_blob(w.server, "cut", object.data, object.len - 20);
    strbuf_free(&pods[0]);
    strbuf_free(&pods[1]);
    strbuf_free(&list);
    strbuf_free(&object);
    run(&w, SCRIPT({
                "expect GET limit=500",
                "reply 200 pb @cut",
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_EOF);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(store_count(w.store), 2);
    fw_close(&w);
}

static void
watch_pb__a_frame_over_the_ceiling_is_refused_by_its_length(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    script_server_blob(w.server, "huge", "\x7f\xff\xff\xff", 4);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "chunk @huge",
                "hang",
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "hang",
            }));
    /* As with JSON: the object is passed over by a new list. */
    fw_wait_requests(&w, "limit=500", 1);
    fw_wait_story(&w, "end:shop");
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_TOO_BIG);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

static void
watch_pb__garbage_instead_of_a_list_is_told(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    script_server_blob(w.server, "garbage", "<html>not at all</html>", 23);
    run_protobuf_only(&w, SCRIPT({
                              "expect GET limit=500",
                              "reply 200 pb @garbage",
                              "expect GET limit=500",
                              "reply 200 pb @list",
                              WATCH_FROM("100"),
                              "stream 200 pbwatch",
                              "hang",
                          }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "does not begin like one"));
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

static void
watch_pb__garbage_in_a_frame_skips_that_object(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    add_broken_frame(&w, "bad");
    add_frame(&w, "one", "MODIFIED", pod_message("a", "ua", "110"));
    run_protobuf_only(&w, SCRIPT({
                              "expect GET limit=500",
                              "reply 200 pb @list",
                              WATCH_FROM("100"),
                              "stream 200 pbwatch",
                              "chunk @bad",
                              "chunk @one",
                              "hang",
                          }));
    fw_wait_story(&w, "+a@110");
    assert_int_equal(w.status[STREAM_PODS].state, SOURCE_LIVE);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "1 object cannot be read"));
    fw_close(&w);
}

static void
watch_pb__a_status_instead_of_a_list_is_told(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct strbuf status = status_message(403, "Forbidden", "pods is forbidden: no"), object;
    strbuf_init(&object, 0);
    pbw_object(&object, "Status", status.data, status.len);
    strbuf_free(&status);
    blob_and_free(&w, "denied", &object);
    run(&w, SCRIPT({
                "expect GET limit=500",
                "reply 403 pb @denied",
            }));
    fw_wait_state(&w, SOURCE_DENIED);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_FORBIDDEN);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "pods is forbidden: no"));
    fw_close(&w);
}

static void
watch_pb__relists_after_gone(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct strbuf status = status_message(410, "Expired", "too old resource version"), frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, "ERROR", "Status", status.data, status.len);
    strbuf_free(&status);
    blob_and_free(&w, "gone", &frame);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "chunk @gone",
                "hang",
                PB_FIRST_LIST,
                WATCH_FROM("100"),
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_requests(&w, "limit=500", 2);
    fw_wait_story(&w, "end:shop begin:shop +a@90 +b@91 end:shop");
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_pb__lists_and_watches),
        cmocka_unit_test(watch_pb__pieces_do_not_depend_on_chunks),
        cmocka_unit_test(watch_pb__reads_pages_until_the_last),
        cmocka_unit_test(watch_pb__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one),
        cmocka_unit_test(watch_pb__pods_are_there_before_the_list_has_ended),
        cmocka_unit_test(watch_pb__a_list_cut_off_is_not_a_list),
        cmocka_unit_test(watch_pb__a_frame_over_the_ceiling_is_refused_by_its_length),
        cmocka_unit_test(watch_pb__garbage_instead_of_a_list_is_told),
        cmocka_unit_test(watch_pb__garbage_in_a_frame_skips_that_object),
        cmocka_unit_test(watch_pb__a_status_instead_of_a_list_is_told),
        cmocka_unit_test(watch_pb__relists_after_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
