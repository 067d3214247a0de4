/* Container logs from a server that behaves like the real one, or worse. Bodies and sentences as a
 * v1.36.2 API server and kubelet send them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fault_world.h"

struct log_heard {
    struct source *source;
    struct source_log *log;
    struct strbuf text; /* lines, each ended by | ; cut ones by ...| ; without newline by <| */
    size_t lines, longest;
    int dones;
    struct iw_error end;
    bool close_at_first_line;
};

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct log_heard *h = ctx;
    assert_int_equal(h->dones, 0);
    h->lines++;
    h->longest = len > h->longest ? len : h->longest;
    strbuf_add(&h->text, text, len < 500 ? len : 5);
    strbuf_adds(&h->text, cut ? "...|" : newline ? "|" : "<|");
    if (h->close_at_first_line)
        source_kube.close_log(h->log);
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct log_heard *h = ctx;
    h->dones++;
    h->end = *err;
    h->log = NULL;
}

/* A world that reads a log; there are no pods. */
static void
log_open_with(struct world *w, struct log_heard *h, const char *script, struct log_request req)
{
    fw_init(w);
    script_server_route(w->server, "/log", script);
    script_server_route(w->server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "reply 200 json " LIST("100", ""),
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    fw_open_with(w, fw_opts(w), (struct kube_client_config){0});
    strbuf_clear(&h->text);
    struct log_sink sink = {h, on_line, on_done};
    struct iw_error err = {0};
    h->source = w->source;
    if (source_kube.open_log(w->source, &req, &sink, &h->log, &err) != IW_OK)
        fail_msg("open_log: %s", err.msg);
}

static void
log_open_plain(struct world *w, struct log_heard *h, const char *script)
{
    struct log_request req = {.ns = "shop",
                              .pod = "web-0",
                              .container = "app",
                              .tail_lines = -1,
                              .since_seconds = -1,
                              .since_wall_ms = IW_TIME_NONE,
                              .limit_bytes = -1};
    memset(h, 0, sizeof(*h));
    strbuf_init(&h->text, 0);
    log_open_with(w, h, script, req);
}

static void
wait_done(struct world *w, const struct log_heard *h)
{
    for (int64_t begin_ms = fw_real_ms(); h->dones == 0;)
        fw_turn(w, begin_ms, "the end of the log");
}

static void
wait_lines(struct world *w, const struct log_heard *h, size_t lines)
{
    for (int64_t begin_ms = fw_real_ms(); h->lines < lines;)
        fw_turn(w, begin_ms, "log lines");
}

static void
log_close_world(struct world *w, struct log_heard *h)
{
    fw_close(w);
    assert_int_equal(h->dones, 1);
    strbuf_free(&h->text);
}

#define EXPECT_LOG "expect GET /api/v1/namespaces/shop/pods/web-0/log?container=app\n"

static void
log__arrives_line_by_line_whatever_the_chunks(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk out\\nline 1\\nli",
                       "chunk ne 2\\n",
                       "drip 1 0 slow\\nlast",
                       "end",
                   }));
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "out|line 1|line 2|slow|last<|");
    assert_int_equal(h.end.code, IW_OK);
    log_close_world(&w, &h);
}

static void
log__escape_sequences_and_broken_utf8_pass_unchanged(void **state)
{
    (void)state;
    /* Making them harmless is the business of whoever shows them; a log that is saved must be the
     * log. */
    struct world w;
    struct log_heard h;
    log_open_plain(
        &w, &h,
        SCRIPT({
            EXPECT_LOG,
            "stream 200 text",
            "chunk \\x1b[31mred\\x1b]0;title\\x07\\x9b2J\\xff\\xfe\\rover\\xe2\\x80\\xae\\n",
            "end",
        }));
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "\x1b[31mred\x1b]0;title\x07\x9b"
                                     "2J\xff\xfe\rover\xe2\x80\xae|");
    log_close_world(&w, &h);
}

static void
log__nul_bytes_do_not_end_a_line(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    static const char body[] = "a\0b\nc\n";
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "gate 1",
                       "reply 200 text @nul",
                   }));
    script_server_blob(w.server, "nul", body, sizeof(body) - 1);
    script_server_open_gate(w.server, 1);
    wait_done(&w, &h);
    assert_int_equal(h.text.len, 6);
    assert_memory_equal(h.text.data, "a\0b|c|", 6);
    log_close_world(&w, &h);
}

static void
log__a_line_of_5_mib_is_cut_with_a_mark(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "repeat 655360 xxxxxxxx",
                       "chunk \\nafter\\n",
                       "end",
                   }));
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "xxxxx...|after|");
    assert_true(h.longest <= LIMIT_LOG_LINE_BYTES);
    assert_int_equal(h.end.code, IW_OK);
    log_close_world(&w, &h);
}

static void
log__a_line_of_100_mib_costs_no_more_than_its_ceiling(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    strbuf_auto script;
    strbuf_init(&script, 0);
    strbuf_adds(&script, EXPECT_LOG "stream 200 text\nchunk first\\n\n");
    for (int i = 0; i < 20; i++)
        strbuf_adds(&script, "repeat 655360 xxxxxxxx\n");
    strbuf_adds(&script, "chunk \\nafter\\n\nend\n");
    log_open_plain(&w, &h, script.data);
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "first|xxxxx...|after|");
    assert_int_equal(h.longest, LIMIT_LOG_LINE_BYTES);
    assert_int_equal(h.end.code, IW_OK);
    log_close_world(&w, &h);
}

static void
log__previous_answered_with_200_and_an_error_text_is_an_error(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk unable to retrieve container logs for containerd://2c4f5e67",
                       "end",
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.lines, 0);
    assert_int_equal(h.end.code, IW_ERR_NOT_FOUND);
    assert_int_equal(h.end.http_status, 200);
    assert_non_null(strstr(h.end.msg, "no longer has the log"));
    log_close_world(&w, &h);
}

static void
log__a_log_file_that_is_gone_is_an_error(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk failed to try resolving symlinks in path \"var/pods-log/i/0.log\": "
                       "lstat var/pods-log/i: no such file or directory",
                       "end",
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.lines, 0);
    assert_int_equal(h.end.code, IW_ERR_NOT_FOUND);
    assert_non_null(strstr(h.end.msg, "log file is gone"));
    log_close_world(&w, &h);
}

static void
log__400_brings_the_servers_sentence(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "reply 400 json " STATUS(
                           "400", "BadRequest",
                           "container app in pod stuck is waiting to start: PodInitializing"),
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.end.http_status, 400);
    assert_non_null(strstr(h.end.msg, "is waiting to start: PodInitializing"));
    log_close_world(&w, &h);
}

static void
log__204_says_that_the_pod_has_no_node(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "reply 204 -",
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.end.code, IW_ERR_NOT_FOUND);
    assert_int_equal(h.end.http_status, 204);
    log_close_world(&w, &h);
}

static void
log__500_without_reason_from_a_dead_kubelet_is_passed_on(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(
        &w, &h,
        SCRIPT({
            EXPECT_LOG,
            "reply 500 json "
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
            "\"message\":\"dial tcp 10.89.0.1:10250: connect: connection refused\",\"code\":500}",
        }));
    wait_done(&w, &h);
    assert_int_equal(h.end.code, IW_ERR_SERVER);
    assert_int_equal(h.end.http_status, 500);
    assert_non_null(strstr(h.end.msg, "10.89.0.1:10250"));
    log_close_world(&w, &h);
}

static void
log__404_and_403_are_told_apart(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "reply 404 json " STATUS("404", "NotFound", "pods web-0 not found"),
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.end.code, IW_ERR_NOT_FOUND);
    assert_int_equal(h.end.http_status, 404);
    log_close_world(&w, &h);
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "reply 403 json " STATUS("403", "Forbidden", "cannot get resource pods/log"),
                   }));
    wait_done(&w, &h);
    assert_int_equal(h.end.code, IW_ERR_FORBIDDEN);
    log_close_world(&w, &h);
}

static void
log__a_follow_ends_well_when_the_run_ends(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk one\\n",
                       "gate 1",
                       "chunk two\\n",
                       "end",
                   }));
    wait_lines(&w, &h, 1);
    assert_int_equal(h.dones, 0);
    script_server_open_gate(w.server, 1);
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "one|two|");
    assert_int_equal(h.end.code, IW_OK);
    log_close_world(&w, &h);
}

static void
log__a_follow_that_loses_its_connection_says_so(void **state)
{
    (void)state;
    /* An API server that is told to stop ends followed logs without the last chunk. */
    static const char *const ends[] = {"close\n", "reset\n",
                                       "half-chunk 3 two\\nthree\\n\nclose\n"};
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        struct log_heard h;
        char script[256];
        (void)snprintf(script, sizeof(script),
                       EXPECT_LOG "stream 200 text\nchunk one\\n\ngate 1\n%s", ends[i]);
        log_open_plain(&w, &h, script);
        wait_lines(&w, &h, 1);
        script_server_open_gate(w.server, 1);
        wait_done(&w, &h);
        assert_true(h.end.code == IW_ERR_EOF || h.end.code == IW_ERR_NET);
        log_close_world(&w, &h);
    }
}

static void
log__closing_reports_canceled_before_it_returns(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk one\\n",
                       "hang",
                   }));
    wait_lines(&w, &h, 1);
    source_kube.close_log(h.log);
    assert_int_equal(h.dones, 1);
    assert_int_equal(h.end.code, IW_ERR_CANCELED);
    log_close_world(&w, &h);
}

static void
log__closing_from_its_own_line_is_allowed(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "gate 1",
                       "stream 200 text",
                       "chunk one\\ntwo\\nthree\\n",
                       "hang",
                   }));
    h.close_at_first_line = true;
    script_server_open_gate(w.server, 1);
    wait_done(&w, &h);
    assert_string_equal(h.text.data, "one|");
    assert_int_equal(h.end.code, IW_ERR_CANCELED);
    for (int i = 0; i < 5; i++)
        loop_turn(w.loop, 2);
    log_close_world(&w, &h);
}

static void
log__closing_the_source_ends_open_logs(void **state)
{
    (void)state;
    struct world w;
    struct log_heard h;
    log_open_plain(&w, &h,
                   SCRIPT({
                       EXPECT_LOG,
                       "stream 200 text",
                       "chunk one\\n",
                       "hang",
                   }));
    wait_lines(&w, &h, 1);
    log_close_world(&w, &h);
    assert_int_equal(h.end.code, IW_ERR_CANCELED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__arrives_line_by_line_whatever_the_chunks),
        cmocka_unit_test(log__escape_sequences_and_broken_utf8_pass_unchanged),
        cmocka_unit_test(log__nul_bytes_do_not_end_a_line),
        cmocka_unit_test(log__a_line_of_5_mib_is_cut_with_a_mark),
        cmocka_unit_test(log__a_line_of_100_mib_costs_no_more_than_its_ceiling),
        cmocka_unit_test(log__previous_answered_with_200_and_an_error_text_is_an_error),
        cmocka_unit_test(log__a_log_file_that_is_gone_is_an_error),
        cmocka_unit_test(log__400_brings_the_servers_sentence),
        cmocka_unit_test(log__204_says_that_the_pod_has_no_node),
        cmocka_unit_test(log__500_without_reason_from_a_dead_kubelet_is_passed_on),
        cmocka_unit_test(log__404_and_403_are_told_apart),
        cmocka_unit_test(log__a_follow_ends_well_when_the_run_ends),
        cmocka_unit_test(log__a_follow_that_loses_its_connection_says_so),
        cmocka_unit_test(log__closing_reports_canceled_before_it_returns),
        cmocka_unit_test(log__closing_from_its_own_line_is_allowed),
        cmocka_unit_test(log__closing_the_source_ends_open_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
