/* Protobuf as Kubernetes itself writes it, through the real source: the list of a real API server, and
 * the frames of its own serializer beside the same events as JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "gzlines.h"
#include "initwatch/net/pb.h"
#include "initwatch/source/decode.h"
#include "pb_world.h"
#include "pbfile.h"
#include "pod_equal.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_pb__takes_the_list_of_a_real_server),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "deploy-init"),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "init-crashloop"),
        cmocka_unit_test_prestate(watch_pb__reads_the_frames_of_kubernetes_own_serializer,
                                  (void *)(uintptr_t) "terminating"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
