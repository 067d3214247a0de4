/* Tests of podlog without a network: the request's path, and bodies turned into lines and an end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/limits.h"
#include "initwatch/source/podlog.h"

struct heard {
    struct strbuf text; /* "line1|line2|", a cut line ends in "...|", one without newline in "<|" */
    int dones;
    struct iw_error end;
    size_t longest;
};

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    struct heard *h = ctx;
    assert_int_equal(h->dones, 0);
    h->longest = len > h->longest ? len : h->longest;
    strbuf_add(&h->text, text, len < 200 ? len : 5);
    strbuf_adds(&h->text, cut ? "...|" : newline ? "|" : "<|");
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct heard *h = ctx;
    h->dones++;
    h->end = *err;
}

static void
open_reader(struct podlog_reader *r, struct heard *h)
{
    memset(h, 0, sizeof(*h));
    strbuf_init(&h->text, 0);
    struct log_sink sink = {h, on_line, on_done};
    podlog_reader_init(r, &sink);
    podlog_reader_header(r, 200);
}

static void
end_reader(struct podlog_reader *r, enum iw_err code)
{
    struct iw_error err = {0};
    if (code != IW_OK)
        iw_fail(&err, code, "broke");
    podlog_reader_done(r, &err);
}

/* What a whole body becomes. */
static void
check_body(const char *body, const char *lines, enum iw_err code)
{
    struct podlog_reader r;
    struct heard h;
    open_reader(&r, &h);
    assert_true(podlog_reader_body(&r, body, strlen(body)));
    end_reader(&r, IW_OK);
    assert_string_equal(h.text.data, lines);
    assert_int_equal(h.end.code, code);
    assert_int_equal(h.dones, 1);
    strbuf_free(&h.text);
}

static const struct log_request plain = {.ns = "shop",
                                         .pod = "web-0",
                                         .container = "app",
                                         .tail_lines = -1,
                                         .since_seconds = -1,
                                         .since_wall_ms = IW_TIME_NONE,
                                         .limit_bytes = -1};

static void
check_path(struct log_request req, const char *expected)
{
    strbuf_auto path;
    strbuf_init(&path, 0);
    assert_int_equal(podlog_path(&req, &path, NULL), IW_OK);
    assert_string_equal(path.data, expected);
}

#define LOG_PATH "/api/v1/namespaces/shop/pods/web-0/log"

static void
podlog_path__asks_only_for_what_is_wanted(void **state)
{
    (void)state;
    struct log_request req = plain;
    check_path(req, LOG_PATH "?container=app");
    req.container = "";
    check_path(req, LOG_PATH);
    req.tail_lines = 0;
    req.follow = true;
    check_path(req, LOG_PATH "?follow=true&tailLines=0");
}

static void
podlog_path__carries_every_option(void **state)
{
    (void)state;
    struct log_request req = plain;
    req.previous = req.timestamps = true;
    req.tail_lines = 2000;
    req.since_seconds = 3;
    req.limit_bytes = 4194304;
    check_path(req, LOG_PATH "?container=app&previous=true&timestamps=true&tailLines=2000"
                             "&sinceSeconds=3&limitBytes=4194304");
}

static void
podlog_path__writes_since_as_rfc3339(void **state)
{
    (void)state;
    struct log_request req = plain;
    req.since_wall_ms = 1795309960000;
    check_path(req, LOG_PATH "?container=app&sinceTime=2026-11-22T01%3A12%3A40Z");
    req.since_wall_ms = 1795309960250;
    check_path(req, LOG_PATH "?container=app&sinceTime=2026-11-22T01%3A12%3A40.250Z");
}

static void
podlog_path__escapes_what_the_caller_gives(void **state)
{
    (void)state;
    struct log_request req = plain;
    req.pod = "../../secrets?x=";
    check_path(req, "/api/v1/namespaces/shop/pods/..%2F..%2Fsecrets%3Fx%3D/log?container=app");
}

static void
podlog_path__refuses_what_a_server_refuses(void **state)
{
    (void)state;
    strbuf_auto path;
    strbuf_init(&path, 0);
    struct log_request req = plain;
    req.since_seconds = 5;
    req.since_wall_ms = 1;
    assert_int_equal(podlog_path(&req, &path, NULL), IW_ERR_USAGE);
    req = plain;
    req.pod = "";
    assert_int_equal(podlog_path(&req, &path, NULL), IW_ERR_USAGE);
}

static void
podlog_reader__hands_on_lines_and_the_missing_last_newline(void **state)
{
    (void)state;
    check_body("one\ntwo\n", "one|two|", IW_OK);
    check_body("one\n\ntwo", "one||two<|", IW_OK);
    check_body("", "", IW_OK);
}

static void
podlog_reader__does_not_care_how_the_body_is_cut(void **state)
{
    (void)state;
    const char body[] = "first line\nsecond\r\nunable to retrieve container logs for x\nlast";
    for (size_t size = 1; size < sizeof(body); size++) {
        struct podlog_reader r;
        struct heard h;
        open_reader(&r, &h);
        for (size_t at = 0; at < sizeof(body) - 1; at += size) {
            size_t rest = sizeof(body) - 1 - at;
            assert_true(podlog_reader_body(&r, body + at, rest < size ? rest : size));
        }
        end_reader(&r, IW_OK);
        assert_string_equal(h.text.data,
                            "first line|second\r|unable to retrieve container logs for x|last<|");
        strbuf_free(&h.text);
    }
}

static void
podlog_reader__recognises_the_kubelets_errors_after_a_200(void **state)
{
    (void)state;
    check_body("unable to retrieve container logs for containerd://2c4f5e67", "", IW_ERR_NOT_FOUND);
    check_body("unable to retrieve container logs for containerd://2c4f5e67\n", "",
               IW_ERR_NOT_FOUND);
    check_body(
        "failed to try resolving symlinks in path \"var/x/0.log\": lstat var/x: no such file", "",
        IW_ERR_NOT_FOUND);
    /* Behind the lines that could be read: the rest may be asked for again. */
    check_body("one\ntwo\nfailed to watch file \"/var/x/0.log\": too many open files", "one|two|",
               IW_ERR_EOF);
    check_body("one\nfailed to read log file \"/var/x/0.log\": input/output error", "one|",
               IW_ERR_EOF);
}

static void
podlog_reader__keeps_such_a_sentence_when_a_program_wrote_it(void **state)
{
    (void)state;
    check_body("unable to retrieve container logs for dinner\nsorry\n",
               "unable to retrieve container logs for dinner|sorry|", IW_OK);
    check_body("hello\nunable to retrieve container logs for dinner",
               "hello|unable to retrieve container logs for dinner<|", IW_OK);
}

static void
podlog_reader__a_broken_connection_is_not_an_end(void **state)
{
    (void)state;
    struct podlog_reader r;
    struct heard h;
    open_reader(&r, &h);
    assert_true(podlog_reader_body(&r, "one\ntw", 6));
    end_reader(&r, IW_ERR_EOF);
    assert_string_equal(h.text.data, "one|tw<|");
    assert_int_equal(h.end.code, IW_ERR_EOF);
    strbuf_free(&h.text);
}

static void
podlog_reader__204_says_that_there_is_no_node_yet(void **state)
{
    (void)state;
    struct podlog_reader r;
    struct heard h;
    open_reader(&r, &h);
    podlog_reader_header(&r, 204);
    end_reader(&r, IW_OK);
    assert_int_equal(h.end.code, IW_ERR_NOT_FOUND);
    assert_int_equal(h.end.http_status, 204);
    assert_non_null(strstr(h.end.msg, "not on a node yet"));
    strbuf_free(&h.text);
}

static void
podlog_reader__cuts_an_endless_line_and_goes_on_after_it(void **state)
{
    (void)state;
    struct podlog_reader r;
    struct heard h;
    open_reader(&r, &h);
    char block[4096];
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 1280; i++) /* 5 MiB */
        assert_true(podlog_reader_body(&r, block, sizeof(block)));
    assert_true(podlog_reader_body(&r, "\nnext\n", 6));
    end_reader(&r, IW_OK);
    assert_string_equal(h.text.data, "xxxxx...|next|");
    assert_in_range(h.longest, LIMIT_LOG_LINE_BYTES - 64, LIMIT_LOG_LINE_BYTES);
    strbuf_free(&h.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(podlog_path__asks_only_for_what_is_wanted),
        cmocka_unit_test(podlog_path__carries_every_option),
        cmocka_unit_test(podlog_path__writes_since_as_rfc3339),
        cmocka_unit_test(podlog_path__escapes_what_the_caller_gives),
        cmocka_unit_test(podlog_path__refuses_what_a_server_refuses),
        cmocka_unit_test(podlog_reader__hands_on_lines_and_the_missing_last_newline),
        cmocka_unit_test(podlog_reader__does_not_care_how_the_body_is_cut),
        cmocka_unit_test(podlog_reader__recognises_the_kubelets_errors_after_a_200),
        cmocka_unit_test(podlog_reader__keeps_such_a_sentence_when_a_program_wrote_it),
        cmocka_unit_test(podlog_reader__a_broken_connection_is_not_an_end),
        cmocka_unit_test(podlog_reader__204_says_that_there_is_no_node_yet),
        cmocka_unit_test(podlog_reader__cuts_an_endless_line_and_goes_on_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
