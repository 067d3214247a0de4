/* The file of a recording: its mode, its lines, and what ends it early.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/log.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/recorder.h"
#include "initwatch/source/source.h"

#define T0 INT64_C(1781524800000) /* 2026-06-15T12:00:00Z */
#define PLANT "hunter2-Zq9xW7"
#define POD_JSON                                                                                   \
    "{\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\",\"uid\":\"u\"},\"spec\":{"               \
    "\"containers\":"                                                                              \
    "[{\"name\":\"c\",\"env\":[{\"name\":\"E\",\"value\":\"" PLANT "\"}]}]}}"

struct world {
    struct clock clock;
    char folder[64], path[96];
    struct recorder *r;
};

static void
world_open(struct world *w, uint64_t ceiling_bytes)
{
    struct iw_error err = {0};
    w->clock = clock_manual(0, T0);
    snprintf(w->folder, sizeof(w->folder), "/tmp/initwatch-rec-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof(w->path), "%s/x.jsonl", w->folder);
    struct recorder_opts opts = {.clock = &w->clock,
                                 .context = "kind-demo",
                                 .server = "https://user:" PLANT "@host:6443/path/" PLANT,
                                 .ns = "shop",
                                 .ceiling_bytes = ceiling_bytes};
    assert_int_equal(recorder_open(w->path, &opts, &w->r, &err), IW_OK);
}

/* New. */
static char *
world_close(struct world *w)
{
    char *text;
    if (w->r)
        (void)recorder_close(w->r, NULL);
    assert_int_equal(file_read_all(w->path, 0, &text, NULL, NULL), IW_OK);
    unlink(w->path);
    rmdir(w->folder);
    return text;
}

static void
recorder__writes_lines_that_say_when_and_what(void **state)
{
    struct world w;
    struct stat st;
    (void)state;
    world_open(&w, 0);
    assert_int_equal(stat(w.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    recorder_list(w.r, "pods", "shop", false);
    clock_advance(&w.clock, 250);
    recorder_piece(w.r, "pods", "shop", true, POD_JSON, strlen(POD_JSON));
    recorder_list(w.r, "pods", "shop", true);
    clock_advance(&w.clock, -5000); /* set back: lines stay in order */
    static const char event[] = "{\"type\":\"DELETED\",\"object\":" POD_JSON "}";
    static const char bookmark[] = "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{}}}";
    recorder_piece(w.r, "pods", "shop", false, event, strlen(event));
    recorder_piece(w.r, "pods", "shop", false, bookmark, strlen(bookmark));
    recorder_piece(w.r, "pods", "shop", false, "{broken", 7);
    assert_int_equal(recorder_count(w.r), 2);
    recorder_mark(w.r, "here it begins \"quoted\" password=" PLANT);
    char *text = world_close(&w);
    assert_string_equal(
        text, "{\"initwatch\":\"session\",\"format\":1,\"version\":\"" INITWATCH_VERSION
              "\",\"started\":\"2026-06-15T12:00:00.000Z\",\"context\":\"kind-demo\",\"server\":"
              "\"https://host:6443\",\"namespace\":\"shop\"}\n"
              "{\"t\":0,\"src\":\"pods\",\"ns\":\"shop\",\"kind\":\"list\"}\n"
              "{\"t\":250,\"src\":\"pods\",\"ns\":\"shop\",\"kind\":\"item\",\"name\":\"shop/"
              "a\",\"data\":"
              "{\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\",\"uid\":\"u\"},\"spec\":{"
              "\"containers\":[{"
              "\"name\":\"c\",\"env\":[{\"name\":\"E\",\"value\":\"(redacted)\"}]}]}}}\n"
              "{\"t\":250,\"src\":\"pods\",\"ns\":\"shop\",\"kind\":\"listed\"}\n"
              "{\"t\":250,\"src\":\"pods\",\"ns\":\"shop\",\"kind\":\"frame\",\"name\":\"shop/"
              "a\",\"data\":{"
              "\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"a\",\"namespace\":"
              "\"shop\",\"uid\":"
              "\"u\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"env\":[{\"name\":\"E\",\"value\":"
              "\"(redacted)\"}]}]}}}}\n"
              "{\"t\":250,\"src\":\"user\",\"ns\":\"\",\"kind\":\"mark\",\"data\":\"here it begins "
              "\\\"quoted\\\" password=(redacted)\"}\n"
              "{\"t\":250,\"src\":\"user\",\"ns\":\"\",\"kind\":\"end\"}\n");
    free(text);
}

/* Logs, states and errors of the server can hold secrets, too. */
static void
recorder__no_planted_secret_reaches_the_file(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, 0);
    log_hide(PLANT "-path");
    struct source_status st = {.state = SOURCE_STALE, .retry_at_wall_ms = T0 + 800};
    iw_fail(&st.last, IW_ERR_NET, "http://127.0.0.1/" PLANT "-path/api: token=" PLANT " refused");
    recorder_status(w.r, &st);
    recorder_objects_state(w.r, KOBJECT_NODE, "", OBJECTS_DENIED, &st.last);
    struct log_request req = {.ns = "shop", .pod = "a", .container = "c"};
    uint64_t id = recorder_log_open(w.r, &req);
    static const char line[] = "2026-06-15T12:00:00Z login password=" PLANT "\0 binary";
    recorder_log_line(w.r, id, line, sizeof(line) - 1);
    recorder_log_done(w.r, id, &st.last);
    static const char secret[] = "{\"metadata\":{\"name\":\"s\"},\"data\":{\"k\":\"" PLANT "\"}}";
    recorder_piece(w.r, "secrets", "", true, secret, strlen(secret));
    recorder_piece(w.r, "configmaps", "", true, secret, strlen(secret));
    log_hide(NULL);
    char *text = world_close(&w);
    if (strstr(text, PLANT))
        fail_msg("%s", text);
    assert_non_null(strstr(text, "\"retry\":800"));
    assert_non_null(strstr(text, "\"error\":\"NET\""));
    assert_non_null(strstr(text, "login password=(redacted)"));
    free(text);
}

static void
recorder__says_a_state_once(void **state)
{
    struct world w;
    size_t count = 0;
    (void)state;
    world_open(&w, 0);
    struct source_status st = {.state = SOURCE_LISTING, .retry_at_wall_ms = IW_TIME_NONE};
    for (int i = 0; i < 5; i++, st.listed += 500)
        recorder_status(w.r, &st);
    st.state = SOURCE_LIVE;
    recorder_status(w.r, &st);
    char *text = world_close(&w);
    for (const char *at = text; (at = strstr(at, "\"status\"")); at++)
        count++;
    assert_int_equal(count, 2);
    free(text);
}

static void
recorder__stops_at_its_ceiling_with_a_whole_file(void **state)
{
    struct world w;
    struct iw_error err = {0};
    (void)state;
    world_open(&w, 2000);
    for (int i = 0; i < 50; i++)
        recorder_piece(w.r, "pods", "", true, POD_JSON, strlen(POD_JSON));
    assert_int_equal(recorder_failure(w.r)->code, IW_ERR_TOO_BIG);
    assert_true(recorder_bytes(w.r) <= 2000);
    assert_int_equal(recorder_close(w.r, &err), IW_OK);
    w.r = NULL;
    char *text = world_close(&w);
    assert_non_null(strstr(text, "\"kind\":\"end\"}\n"));
    free(text);
}

static void
recorder__touches_no_file_that_is_there(void **state)
{
    struct world w;
    struct recorder *other = NULL;
    struct iw_error err = {0};
    struct recorder_opts opts = {.clock = &w.clock};
    (void)state;
    world_open(&w, 0);
    assert_int_equal(recorder_open(w.path, &opts, &other, &err), IW_ERR_IO);
    assert_int_equal(err.sys_errno, EEXIST);
    assert_int_equal(recorder_open("/nonexistent/x", &opts, &other, &err), IW_ERR_IO);
    assert_non_null(strstr(err.msg, "/nonexistent/x"));
    free(world_close(&w));
}

/* A file-size limit stands for a full disk. */
static void
recorder__says_that_the_disk_is_full(void **state)
{
    struct world w;
    struct iw_error err = {0};
    struct rlimit before, small;
    (void)state;
    world_open(&w, 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){700, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 5; i++)
        recorder_piece(w.r, "pods", "", true, POD_JSON, strlen(POD_JSON));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(recorder_failure(w.r)->code, IW_ERR_IO);
    assert_non_null(strstr(recorder_failure(w.r)->msg, w.path));
    assert_int_equal(recorder_close(w.r, &err), IW_ERR_IO);
    w.r = NULL;
    free(world_close(&w));
}

static void
recorder__null_records_nothing(void **state)
{
    (void)state;
    recorder_list(NULL, "pods", "", true);
    recorder_piece(NULL, "pods", "", true, "{}", 2);
    recorder_mark(NULL, "x");
    recorder_log_line(NULL, 1, "x", 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorder__writes_lines_that_say_when_and_what),
        cmocka_unit_test(recorder__no_planted_secret_reaches_the_file),
        cmocka_unit_test(recorder__says_a_state_once),
        cmocka_unit_test(recorder__stops_at_its_ceiling_with_a_whole_file),
        cmocka_unit_test(recorder__touches_no_file_that_is_there),
        cmocka_unit_test(recorder__says_that_the_disk_is_full),
        cmocka_unit_test(recorder__null_records_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
