/* Faults of a server while pods are listed and watched: each must end in data that is right and a
 * status that says what happened. Ref: the behaviours of a real API server as recorded; SEMANTICS
 * G.1, G.2.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>
#include <zlib.h>

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
watch__410_as_http_status_lists_again_without_blanking(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w,
            SCRIPT({
                FIRST_LIST,
                WATCH_FROM("100"),
                "reply 410 json " STATUS("410", "Expired", "too old resource version: 100 (300)"),
                "expect GET limit=500 !resourceVersion",
                "reply 200 json " LIST("300", POD("b", "ub", "280") "," POD("c", "uc", "290")),
                WATCH_FROM("300"),
                "stream 200 json",
                "hang",
            }));
    fw_wait_story(&w, "begin:shop +b@280");
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop begin:shop +b@280 +c@290 end:shop ");
    struct pod_ref a;
    assert_true(store_find_uid(w.store, "ua", &a));
    assert_true(store_deleted_ms(w.store, a) !=
                IW_TIME_NONE); /* swept: it was not in the new list */
    assert_int_equal(store_count(w.store), 2);
    fw_close(&w);
}

static void
watch__410_as_error_frame_after_200_lists_again(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "frame ERROR " STATUS("410", "Expired", "too old resource version: 1 (3308)"),
                    "end",
                    "expect GET limit=500 !resourceVersion",
                    "reply 200 json " LIST("3308", POD("a", "ua", "3300")),
                    WATCH_FROM("3308"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_story(&w, "+a@3300");
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(store_count(w.store), 1);
    assert_non_null(strstr(w.states, "live stale listing live"));
    fw_close(&w);
}

static void
watch__410_of_a_continue_token_restarts_the_list(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    "expect GET limit=500 !continue",
                    "reply 200 json "
                    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"50\",\"continue\":"
                    "\"eyJ2Ijo\",\"remainingItemCount\":7},\"items\":[" POD("a", "ua", "40") "]}",
                    "expect GET limit=500 continue=eyJ2Ijo",
                    "reply 410 json "
                    "{\"kind\":\"Status\",\"metadata\":{\"continue\":\"eyJLTEs\"},\"status\":"
                    "\"Failure\",\"message\":\"The provided continue parameter is too "
                    "old\",\"reason\":\"Expired\",\"code\":410}",
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:shop +a@40 begin:shop +a@90 +b@91 end:shop ");
    fw_close(&w);
}

static void
watch__401_is_shown_as_not_allowed_and_the_data_stays(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_DENIED);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_UNAUTHORIZED);
    assert_int_equal(w.status[STREAM_PODS].last.http_status, 401);
    assert_int_equal(store_count(w.store), 2);
    assert_true(w.status[STREAM_PODS].retry_at_wall_ms - clock_wall(&w.clock) >= 30000);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
watch__403_at_cluster_scope_shows_the_namespace_of_the_kubeconfig(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_blob(w.server, "forbidden",
                       STATUS("403", "Forbidden",
                              "pods is forbidden: User \\\"lab\\\" cannot list resource "
                              "\\\"pods\\\" in API group \\\"\\\" at the cluster scope"),
                       strlen(STATUS("403", "Forbidden",
                                     "pods is forbidden: User \\\"lab\\\" cannot list resource "
                                     "\\\"pods\\\" in API group \\\"\\\" at the cluster scope")));
    script_server_route(w.server, "/namespaces/home/pods",
                        SCRIPT({
                            "expect GET /api/v1/namespaces/home/pods?limit=500",
                            "reply 200 json " LIST("100", POD("a", "ua", "90")),
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET /api/v1/pods?limit=500",
                            "reply 403 json @forbidden",
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.ns = "";
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    fw_expect_story(&w, "begin:home +a@90 end:home ");
    assert_string_equal(w.status[STREAM_PODS].scope, "namespace home (all: not allowed)");
    assert_null(strstr(w.states, "not allowed"));
    fw_close(&w);
}

static void
watch__403_in_the_namespace_too_is_shown_with_the_servers_sentence(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(
        w.server, "/pods",
        SCRIPT({
            "expect GET /api/v1/pods?limit=500",
            "reply 403 json " STATUS("403", "Forbidden", "pods is forbidden at the cluster scope"),
            "expect GET /api/v1/namespaces/home/pods",
            "reply 403 json " STATUS("403", "Forbidden", "pods is forbidden in the namespace home"),
        }));
    struct source_opts opts = fw_opts(&w);
    opts.ns = NULL;
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_DENIED);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "in the namespace home"));
    assert_int_equal(w.status[STREAM_PODS].last.http_status, 403);
    fw_close(&w);
}

static void
watch__403_on_events_leaves_the_pods_alone(void **state)
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
    script_server_route(w.server, "/events",
                        SCRIPT({
                            "expect GET /api/v1/namespaces/shop/events?limit=500",
                            "reply 403 json " STATUS("403", "Forbidden", "events is forbidden"),
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.no_events = false;
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    for (int64_t begin_ms = fw_real_ms(); w.status[STREAM_EVENTS].state != SOURCE_DENIED;)
        fw_turn(&w, begin_ms, "events denied");
    assert_int_equal(store_count(w.store), 2);
    assert_non_null(strstr(w.status[STREAM_EVENTS].last.msg, "events is forbidden"));
    fw_close(&w);
}

static void
watch__one_forbidden_namespace_of_two_is_named_and_the_other_shown(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/namespaces/shop/pods",
                        SCRIPT({
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    script_server_route(w.server, "/namespaces/bank/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "gate 1",
                            "reply 403 json " STATUS("403", "Forbidden", "pods is forbidden: bank"),
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.ns = "shop,bank";
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_story(&w, "+b@91");
    fw_wait_requests(&w, "watch=1", 1);
    assert_false(store_synced(w.store, STREAM_PODS)); /* bank may still come */
    script_server_open_gate(w.server, 1);
    fw_wait_state(&w, SOURCE_DENIED);
    fw_expect_story(&w, "begin:shop +a@90 +b@91 end:shop ");
    assert_true(store_synced(w.store, STREAM_PODS));
    assert_string_equal(w.status[STREAM_PODS].scope, "namespace bank");
    fw_close(&w);
}

static void
watch__relist_of_one_namespace_keeps_the_pods_of_the_other(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/namespaces/shop/pods",
                        SCRIPT({
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "gate 1",
                            "frame ERROR " STATUS("410", "Expired", "too old"),
                            "end",
                            "expect GET limit=500",
                            "reply 200 json " LIST("200", POD("b", "ub", "91")),
                            WATCH_FROM("200"),
                            "stream 200 json",
                            "hang",
                        }));
    script_server_route(w.server, "/namespaces/bank/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "reply 200 json "
                            "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"100\"},"
                            "\"items\":[{\"metadata\":{\"name\":\"z\",\"namespace\":\"bank\","
                            "\"uid\":\"uz\",\"resourceVersion\":\"80\"}}]}",
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.ns = "shop,bank";
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    assert_string_equal(w.status[STREAM_PODS].scope, "namespaces shop, bank");
    assert_int_equal(store_count(w.store), 3);
    strbuf_clear(&w.story);
    script_server_open_gate(w.server, 1);
    fw_wait_story(&w, "end:shop");
    assert_int_equal(store_count(w.store), 2); /* a was swept, z of bank was not */
    struct pod_ref z;
    assert_true(store_find(w.store, "bank", "z", &z));
    assert_int_equal(store_deleted_ms(w.store, z), IW_TIME_NONE);
    fw_close(&w);
}

static void
watch__429_in_plain_text_waits_as_long_as_it_is_told(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    "expect GET limit=500",
                    "header Retry-After: 3",
                    "reply 429 text Too many requests, please try again later.\\n",
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_THROTTLED);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "Too many requests"));
    assert_int_equal(w.status[STREAM_PODS].retry_at_wall_ms - clock_wall(&w.clock), 3000);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
}

static void
watch__500_backs_off_and_lists_again(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w,
            SCRIPT({
                FIRST_LIST,
                WATCH_FROM("100"),
                "reply 500 json " STATUS("500", "InternalError", "etcdserver: request timed out"),
                "expect GET limit=500",
                "reply 200 json " LIST("140", POD("a", "ua", "130")),
                WATCH_FROM("140"),
                "stream 200 json",
                "hang",
            }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].last.http_status, 500);
    assert_int_equal(store_count(w.store), 2);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(store_count(w.store), 1);
    fw_close(&w);
}

static void
watch__504_resource_version_too_large_waits_and_lists_again(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    FIRST_LIST,
                    WATCH_FROM("100"),
                    "header Retry-After: 1",
                    "reply 504 json " STATUS(
                        "504", "Timeout", "Timeout: Too large resource version: 100, current: 7"),
                    "expect GET limit=500",
                    "reply 200 json " LIST("8", POD("a", "ua", "7")),
                    WATCH_FROM("8"),
                    "stream 200 json",
                    "hang",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_int_equal(w.status[STREAM_PODS].retry_at_wall_ms - clock_wall(&w.clock), 1000);
    fw_wait_retry(&w);
    fw_wait_state(&w, SOURCE_LIVE);
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
watch__a_login_page_instead_of_json_is_named_as_such(void **state)
{
    (void)state;
    struct world w;
    fw_open(&w, SCRIPT({
                    "expect GET limit=500",
                    "reply 200 html <html><body>Please log in</body></html>",
                }));
    fw_wait_state(&w, SOURCE_STALE);
    assert_non_null(strstr(w.status[STREAM_PODS].last.msg, "text/html"));
    fw_expect_story(&w, "");
    fw_close(&w);
}

static void
watch__a_rotated_token_file_is_read_again_after_401(void **state)
{
    (void)state;
    struct world w;
    char path[] = "/tmp/initwatch-token-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    char first[] = "first-token";
    write_file(path, first);
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "expect-head Authorization: Bearer first-token",
                            "gate 1",
                            "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "expect-head Authorization: Bearer second-token",
                            "stream 200 json",
                            "hang",
                        }));
    fw_open_with(&w, fw_opts(&w), (struct kube_client_config){.token_file = path, .bearer = first});
    fw_wait_requests(&w, "limit=500", 1);
    write_file(path, "second-token\n");
    script_server_open_gate(w.server, 1);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_null(strstr(w.states, "not allowed"));
    assert_int_equal(remove(path), 0);
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
watch__an_address_that_is_no_api_server_is_told_in_its_own_words(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *sentence;
    } cases[] = {
        {"reply 404 text 404 page not found\\n\n", "404 page not found"},
        {"raw HTTP/1.0 400 Bad Request\\r\\n\\r\\nClient sent an HTTP request to an HTTPS "
         "server.\\n\nclose\n",
         "400"},
        {"reply 200 json {\"paths\":[\"/api\"]}\n", "not a list"},
        {"reply 200 json [1,2]\n", ""},
        {"reply 200 json\n", ""},
        {"raw garbage\\n\nclose\n", ""},
    };
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct world w;
        char script[512];
        (void)snprintf(script, sizeof(script), "expect GET limit=500\n%s", cases[i].answer);
        fw_open(&w, script);
        fw_wait_state(&w, SOURCE_STALE);
        if (!strstr(w.status[STREAM_PODS].last.msg, cases[i].sentence))
            fail_msg("case %zu: %s", i, w.status[STREAM_PODS].last.msg);
        assert_true(w.status[STREAM_PODS].last.msg[0] != '\0');
        assert_null(strstr(w.story.data, "end"));
        fw_close(&w);
    }
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

/* X(TEST): in JSON and in protobuf. */
#define IN_BOTH_ENCODINGS(X)                                                                       \
    X(watch__connect_refused_is_retried_until_the_server_is_there)                                 \
    X(watch__a_server_that_goes_away_leaves_the_data_and_comes_back)                               \
    X(watch__end_in_the_middle_of_a_frame_resumes_from_the_last_whole_one)                         \
    X(watch__reset_in_the_middle_of_the_stream_resumes)                                            \
    X(watch__410_as_http_status_lists_again_without_blanking)                                      \
    X(watch__410_as_error_frame_after_200_lists_again)                                             \
    X(watch__410_of_a_continue_token_restarts_the_list)                                            \
    X(watch__401_is_shown_as_not_allowed_and_the_data_stays)                                       \
    X(watch__403_at_cluster_scope_shows_the_namespace_of_the_kubeconfig)                           \
    X(watch__403_in_the_namespace_too_is_shown_with_the_servers_sentence)                          \
    X(watch__403_on_events_leaves_the_pods_alone)                                                  \
    X(watch__one_forbidden_namespace_of_two_is_named_and_the_other_shown)                          \
    X(watch__relist_of_one_namespace_keeps_the_pods_of_the_other)                                  \
    X(watch__429_in_plain_text_waits_as_long_as_it_is_told)                                        \
    X(watch__500_backs_off_and_lists_again)                                                        \
    X(watch__504_resource_version_too_large_waits_and_lists_again)                                 \
    X(watch__an_empty_watch_that_closes_at_once_is_a_failure)                                      \
    X(watch__bookmarks_alone_keep_it_alive_and_move_the_version)                                   \
    X(watch__silence_after_a_bookmark_is_given_up_and_resumed)                                     \
    X(watch__the_same_frame_twice_changes_nothing)                                                 \
    X(watch__deleted_and_created_again_with_the_same_name_is_another_pod)                          \
    X(watch__a_slow_reader_that_was_cut_resumes_from_the_last_version)                             \
    X(watch__bytes_that_drip_in_one_by_one_are_still_frames)                                       \
    X(watch__a_login_page_instead_of_json_is_named_as_such)                                        \
    X(watch__a_rotated_token_file_is_read_again_after_401)                                         \
    X(watch__one_list_is_all_when_no_watch_is_wanted)                                              \
    X(watch__the_version_of_the_server_is_part_of_the_status)                                      \
    X(watch__selectors_go_to_the_server_for_pods_only)

int
main(void)
{
#define X(test) cmocka_unit_test(test),
    static const struct CMUnitTest both[] = {IN_BOTH_ENCODINGS(X)};
#undef X
    /* Their scripts are about the bytes of JSON; test_watch_pb.c has the like for protobuf. */
    static const struct CMUnitTest json[] = {
        cmocka_unit_test(watch__end_in_the_middle_of_a_chunk_is_a_broken_connection),
        cmocka_unit_test(watch__a_frame_over_the_ceiling_is_refused_and_the_list_repeated),
        cmocka_unit_test(watch__invalid_utf8_becomes_replacement_characters),
        cmocka_unit_test(watch__an_object_that_cannot_be_read_is_skipped_and_counted),
        cmocka_unit_test(watch__closing_in_the_middle_of_a_list_leaves_nothing_behind),
        cmocka_unit_test(watch__more_than_the_queue_holds_arrives_whole_and_in_order),
        cmocka_unit_test(watch__a_pretty_printed_list_and_one_without_items_are_lists),
        cmocka_unit_test(watch__an_address_that_is_no_api_server_is_told_in_its_own_words),
        cmocka_unit_test(watch__a_compressed_list_is_unpacked),
    };
    int failed = cmocka_run_group_tests_name("in JSON", both, NULL, NULL) +
                 cmocka_run_group_tests_name("only JSON", json, NULL, NULL);
    fw_speaks_protobuf = true;
    return failed + cmocka_run_group_tests_name("in protobuf", both, NULL, NULL);
}
