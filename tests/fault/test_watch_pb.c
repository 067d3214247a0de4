/* The watch path in protobuf: lists and frames made from pods of a real API server, through the real
 * source; and what goes wrong with them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "fault_world.h"
#include "gzlines.h"
#include "initwatch/net/pb.h"
#include "initwatch/source/decode.h"
#include "pbfile.h"
#include "pod_equal.h"

#define ASKS_FOR_BOTH "expect-head Accept: application/vnd.kubernetes.protobuf, application/json\n"
#define PB_FIRST_LIST                                                                              \
    "expect GET /api/v1/namespaces/shop/pods?limit=500 !resourceVersion\n" ASKS_FOR_BOTH           \
    "reply 200 pb @list\n"

/* A pod of namespace ns as a server would send it. */
static struct strbuf
pod_message(const char *name, const char *uid, const char *version)
{
    struct strbuf meta, spec, container, status, pod;
    struct strbuf *all[] = {&meta, &spec, &container, &status, &pod};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        strbuf_init(all[i], 0);
    pbw_text(&meta, 1, name);
    pbw_text(&meta, 3, "shop");
    pbw_text(&meta, 5, uid);
    pbw_text(&meta, 6, version);
    pbw_text(&container, 1, "app");
    pbw_message(&spec, 2, &container);
    pbw_text(&status, 1, "Running");
    pbw_message(&pod, 1, &meta);
    pbw_message(&pod, 2, &spec);
    pbw_message(&pod, 3, &status);
    for (size_t i = 0; i < IW_COUNTOF(all) - 1; i++)
        strbuf_free(all[i]);
    return pod;
}

static void
blob_and_free(struct world *w, const char *name, struct strbuf *bytes)
{
    script_server_blob(w->server, name, bytes->data, bytes->len);
    strbuf_free(bytes);
}

/* Blob `name`: a list of these messages. */
static void
add_list(struct world *w, const char *name, const char *version, const char *cont,
         struct strbuf *pods, size_t count)
{
    struct strbuf meta, list, object;
    strbuf_init(&meta, 0);
    strbuf_init(&list, 0);
    strbuf_init(&object, 0);
    pbw_text(&meta, 1, "");
    pbw_text(&meta, 2, version);
    pbw_text(&meta, 3, cont);
    pbw_message(&list, 1, &meta);
    for (size_t i = 0; i < count; i++) {
        pbw_message(&list, 2, &pods[i]);
        strbuf_free(&pods[i]);
    }
    pbw_object(&object, "PodList", list.data, list.len);
    strbuf_free(&meta);
    strbuf_free(&list);
    blob_and_free(w, name, &object);
}

/* Blob `name`: a watch event about a pod. */
static void
add_frame(struct world *w, const char *name, const char *type, struct strbuf pod)
{
    struct strbuf frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, type, "Pod", pod.data, pod.len);
    strbuf_free(&pod);
    blob_and_free(w, name, &frame);
}

static struct strbuf
status_message(unsigned code, const char *reason, const char *message)
{
    struct strbuf status;
    strbuf_init(&status, 0);
    pbw_text(&status, 2, "Failure");
    pbw_text(&status, 3, message);
    pbw_text(&status, 4, reason);
    pbw_number(&status, 6, code);
    return status;
}

/* Pods a and b at version 100, as blob "list". */
static void
start(struct world *w)
{
    fw_init(w);
    struct strbuf pods[] = {pod_message("a", "ua", "90"), pod_message("b", "ub", "91")};
    add_list(w, "list", "100", "", pods, 2);
}

static void
run(struct world *w, const char *script)
{
    script_server_route(w->server, "/pods", script);
    fw_open_with(w, fw_opts(w), (struct kube_client_config){0});
}

/* As run, with nothing but protobuf asked for: what cannot be read does not lead to JSON. */
static void
run_protobuf_only(struct world *w, const char *script)
{
    script_server_route(w->server, "/pods", script);
    struct source_opts opts = fw_opts(w);
    opts.wire = SOURCE_WIRE_PROTOBUF;
    fw_open_with(w, opts, (struct kube_client_config){0});
}

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
    struct strbuf frame, bad;
    strbuf_init(&frame, 0);
    strbuf_init(&bad, 0);
    strbuf_adds(&bad, "\x0a\x7fgarbage");
    pbw_frame(&frame, "MODIFIED", "Pod", bad.data, bad.len);
    strbuf_free(&bad);
    blob_and_free(&w, "bad", &frame);
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
    struct strbuf frame, bad;
    strbuf_init(&frame, 0);
    strbuf_init(&bad, 0);
    strbuf_adds(&bad, "\x0a\x7fgarbage");
    pbw_frame(&frame, "MODIFIED", "Pod", bad.data, bad.len);
    strbuf_free(&bad);
    blob_and_free(&w, "bad", &frame);
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

/* The 1,500 pods of a real server's list come through the source one by one. */
static void
watch_pb__takes_the_list_of_a_real_server(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    struct strbuf bytes;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &bytes));
    blob_and_free(&w, "list", &bytes);
    run(&w, SCRIPT({
                PB_FIRST_LIST,
                "expect GET watch=1",
                "stream 200 pbwatch",
                "hang",
            }));
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(store_count(w.store), 1500);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_OK);
    fw_close(&w);
}

/* --- frames of Kubernetes' own serializer --- */

/* Recordings of pods whose events were written anew by Kubernetes' own code (v1.20, so without what is
 * newer): once by the stream serializer of application/vnd.kubernetes.protobuf and its framer, the
 * way an API server uses them, and once as JSON. */
struct twin {
    struct world world;
    struct gzlines *json;
    unsigned compared;
};

static void
compare_with_json(void *ctx, struct pod *pod)
{
    struct twin *twin = ctx;
    size_t len;
    json_t *root = NULL;
    do { /* bookmarks are not delivered */
        json_decref(root);
        char *line = gzlines_next(twin->json, &len);
        assert_non_null(line);
        root = json_loadb(line, len, 0, NULL);
    } while (strcmp(json_string_value(json_object_get(root, "type")), "BOOKMARK") == 0);
    struct pod *other = NULL;
    struct iw_error err = {0};
    assert_int_equal(decode_pod(json_object_get(root, "object"), "test", &other, &err), IW_OK);
    struct pod_difference d = {0};
    if (!pod_equal(pod, other, &d))
        fail_msg("%s@%s: %s", other->name, other->resource_version, d.text);
    twin->compared++;
    pod_free(other);
    json_decref(root);
    pod_free(pod);
}

static void
watch_pb__reads_the_frames_of_kubernetes_own_serializer(void **state)
{
    const char *name = *state;
    char path[512];
    struct twin twin = {0};
    struct world *w = &twin.world;
    struct strbuf frames;
    (void)snprintf(path, sizeof(path), "%s/wire/%s.pods.watch.pb.gz", TEST_DATA_DIR, name);
    assert_true(pbfile_read(path, &frames));
    (void)snprintf(path, sizeof(path), "%s/wire/%s.pods.jsonl.gz", TEST_DATA_DIR, name);
    twin.json = gzlines_open(path);
    assert_non_null(twin.json);
    fw_init(w);
    blob_and_free(w, "frames", &frames);
    script_server_route(w->server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "reply 200 json " LIST("1", ""),
                            WATCH_FROM("1"),
                            "stream 200 pbwatch",
                            "chunk @frames",
                            "end",
                            "expect GET watch=1",
                            "stream 200 pbwatch",
                            "hang",
                        }));
    struct source_opts opts = fw_opts(w);
    opts.sink.upsert = opts.sink.remove = compare_with_json;
    fw_open_with(w, opts, (struct kube_client_config){0});
    fw_wait_requests(w, "watch=1", 2);
    assert_int_equal(w->status[STREAM_PODS].last.code, IW_OK);
    assert_in_range(twin.compared, 15, 100);
    size_t len;
    for (char *line; (line = gzlines_next(twin.json, &len)) != NULL;)
        assert_non_null(strstr(line, "BOOKMARK"));
    gzlines_close(twin.json);
    fw_close(w);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_pb__lists_and_watches),
        cmocka_unit_test(watch_pb__pieces_do_not_depend_on_chunks),
        cmocka_unit_test(watch_pb__reads_pages_until_the_last),
        cmocka_unit_test(watch_pb__a_server_that_only_has_json_just_works),
        cmocka_unit_test(watch_pb__a_watch_in_json_after_a_list_in_protobuf),
        cmocka_unit_test(watch_pb__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one),
        cmocka_unit_test(watch_pb__pods_are_there_before_the_list_has_ended),
        cmocka_unit_test(watch_pb__a_list_cut_off_is_not_a_list),
        cmocka_unit_test(watch_pb__a_frame_over_the_ceiling_is_refused_by_its_length),
        cmocka_unit_test(watch_pb__garbage_instead_of_a_list_is_told),
        cmocka_unit_test(watch_pb__garbage_in_a_frame_skips_that_object),
        cmocka_unit_test(watch_pb__a_frame_that_cannot_be_read_leads_to_json_and_a_new_list),
        cmocka_unit_test(watch_pb__framing_that_is_another_one_leads_to_json_and_a_new_list),
        cmocka_unit_test(watch_pb__a_list_that_cannot_be_read_leads_to_json),
        cmocka_unit_test(watch_pb__a_status_instead_of_a_list_is_told),
        cmocka_unit_test(watch_pb__relists_after_gone),
        cmocka_unit_test(watch_pb__takes_the_list_of_a_real_server),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "deploy-init"),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "init-crashloop"),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "terminating"),
        cmocka_unit_test(watch_pb__json_is_asked_for_when_it_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
