/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "initwatch/app/logsave.h"

#define T0 INT64_C(1763200000000)

static void
open_feed(struct log_feed *feed)
{
    const struct logbuf_chapter first = {.attempt = 0,
                                         .started_ms = T0,
                                         .ended_ms = T0 + 3000,
                                         .ended = true,
                                         .exit_known = true,
                                         .exit_code = 1,
                                         .how = "exit 1"};
    const struct logbuf_chapter second = {
        .attempt = 1, .started_ms = T0 + 9000, .ended_ms = IW_TIME_NONE};
    const char *evil = "2025-11-15T09:46:40.123456789Z \x1b[31mred\x1b[0m \x1b]0;t\x07 \"q\" \xff";
    *feed = (struct log_feed){.state = LOG_FEED_ENDED, .source_count = 1};
    snprintf(feed->pod_name, sizeof(feed->pod_name), "web-0");
    snprintf(feed->sources[0].container, sizeof(feed->sources[0].container), "migrate");
    feed->buf = logbuf_new(1 << 20);
    (void)logbuf_chapter_begin(feed->buf, 0, &first);
    logbuf_append(feed->buf, 0, evil, strlen(evil), true, false);
    logbuf_append(feed->buf, 0, "boring", 6, true, false);
    (void)logbuf_chapter_begin(feed->buf, 0, &second);
    logbuf_append(feed->buf, 0, "again", 5, true, false);
}

/* What is written, as a string. New. */
static char *
written(const struct logsave *save, uint64_t *lines)
{
    char path[] = "/tmp/initwatch-logsave-XXXXXX";
    int fd = mkstemp(path);
    struct iw_error err = {0};
    char *text = calloc(1, 4096);
    assert_true(fd >= 0 && text);
    unlink(path);
    assert_int_equal(logsave_write(save, fd, lines, &err), IW_OK);
    assert_true(pread(fd, text, 4095, 0) > 0);
    close(fd);
    return text;
}

static void
logsave__writes_text_with_chapters_and_nothing_to_obey(void **state)
{
    struct log_feed feed;
    uint64_t lines = 0;
    (void)state;
    open_feed(&feed);
    char *text = written(&(struct logsave){.feed = &feed}, &lines);
    assert_string_equal(
        text, "=== migrate attempt 1 === 2025-11-15T09:46:40.000Z to 2025-11-15T09:46:43.000Z === "
              "exit 1 === 2 lines ===\n"
              "2025-11-15T09:46:40.123456789Z red ␛]0;t␇ \"q\" \xef\xbf\xbd\n"
              "boring\n"
              "=== migrate attempt 2 === 2025-11-15T09:46:49.000Z === 1 line ===\n"
              "again\n");
    assert_int_equal(lines, 3);
    free(text);
    text = written(&(struct logsave){.feed = &feed, .format = LOGSAVE_ANSI}, NULL);
    assert_non_null(strstr(text, "\x1b[31mred\x1b[0m ␛]0;t␇"));
    free(text);
    logbuf_free(feed.buf);
}

static void
logsave__writes_json_lines(void **state)
{
    struct log_feed feed;
    (void)state;
    open_feed(&feed);
    char *text = written(&(struct logsave){.feed = &feed, .format = LOGSAVE_JSONL}, NULL);
    assert_non_null(strstr(text, "{\"chapter\":true,\"container\":\"migrate\",\"attempt\":0,"
                                 "\"startedAt\":\"2025-11-15T09:46:40.000Z\""));
    assert_non_null(strstr(text, "{\"time\":\"2025-11-15T09:46:40.123456789Z\",\"pod\":\"web-0\","
                                 "\"container\":\"migrate\",\"attempt\":0,\"text\":\"red "));
    assert_non_null(strstr(text, "\\\"q\\\""));
    free(text);
    logbuf_free(feed.buf);
}

static void
logsave__writes_what_the_filters_leave(void **state)
{
    struct log_feed feed;
    uint64_t lines = 0;
    struct loglens *lens = loglens_new();
    (void)state;
    open_feed(&feed);
    loglens_filter_add(lens, LOGFILTER_DROP, "boring");
    loglens_attach(lens, feed.buf, 1);
    while (loglens_work(lens, 0))
        ;
    char *text = written(&(struct logsave){.feed = &feed, .lens = lens}, &lines);
    assert_null(strstr(text, "boring"));
    assert_non_null(strstr(text, "again"));
    assert_int_equal(lines, 2);
    free(text);
    loglens_free(lens);
    logbuf_free(feed.buf);
}

static void
logsave_pipe__gives_the_lines_to_a_command(void **state)
{
    struct log_feed feed;
    struct iw_error err = {0};
    int status = 0;
    (void)state;
    open_feed(&feed);
    const struct logsave save = {.feed = &feed};
    assert_int_equal(logsave_pipe(&save, "test $(grep -c again) = 1 && exit 7", &status, &err),
                     IW_OK);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    /* A command that reads nothing is no error. */
    assert_int_equal(logsave_pipe(&save, "true", &status, &err), IW_OK);
    assert_int_equal(WEXITSTATUS(status), 0);
    logbuf_free(feed.buf);
}

static void
logsave_format_of__goes_by_the_end_of_the_name(void **state)
{
    (void)state;
    assert_int_equal(logsave_format_of("/tmp/x.jsonl"), LOGSAVE_JSONL);
    assert_int_equal(logsave_format_of("x.ansi"), LOGSAVE_ANSI);
    assert_int_equal(logsave_format_of("x.log"), LOGSAVE_TXT);
    assert_int_equal(logsave_format_of(".json"), LOGSAVE_TXT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logsave__writes_text_with_chapters_and_nothing_to_obey),
        cmocka_unit_test(logsave__writes_json_lines),
        cmocka_unit_test(logsave__writes_what_the_filters_leave),
        cmocka_unit_test(logsave_pipe__gives_the_lines_to_a_command),
        cmocka_unit_test(logsave_format_of__goes_by_the_end_of_the_name),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("logsave", tests, NULL, NULL);
}
