/* Answers of a server that are no data while pods are listed and watched: versions that are gone,
 * credentials and rights that do not suffice, overload, pages of somebody else.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "fault_world.h"

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
                    "expect GET limit=2000 continue=eyJ2Ijo",
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
watch__403_at_cluster_scope_shows_the_namespace_of_the_kubeconfig(void **state)
{
    (void)state;
    static const char forbidden[] =
        STATUS("403", "Forbidden",
               "pods is forbidden: User \\\"lab\\\" cannot list resource \\\"pods\\\" in API "
               "group \\\"\\\" at the cluster scope");
    struct world w;
    fw_init(&w);
    script_server_blob(w.server, "forbidden", forbidden, strlen(forbidden));
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
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
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

/* X(TEST): in JSON and in protobuf. */
#define IN_BOTH_ENCODINGS(X)                                                                       \
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
    X(watch__a_login_page_instead_of_json_is_named_as_such)                                        \
    X(watch__a_rotated_token_file_is_read_again_after_401)

int
main(void)
{
#define X(test) cmocka_unit_test(test),
    static const struct CMUnitTest both[] = {IN_BOTH_ENCODINGS(X)};
#undef X
    static const struct CMUnitTest json[] = {
        cmocka_unit_test(watch__an_address_that_is_no_api_server_is_told_in_its_own_words),
    };
    return cmocka_run_group_tests_name("only JSON", json, NULL, NULL) +
           fw_run_in_both_encodings(both, IW_COUNTOF(both));
}
