/* `initwatch logs`: attempts, merged logs, filters, files.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "initwatch/base/alloc.h"
#include "program_on.h"

/* Pod web: init `setup` ended with 1 and ran again; it is done, `app` runs. */
#define ENDED(code, from, to)                                                                      \
    "{\"terminated\":{\"exitCode\":" code                                                          \
    ",\"reason\":\"Error\",\"startedAt\":\"2026-06-15T12:00:" from                                 \
    "Z\",\"finishedAt\":\"2026-06-15T12:00:" to "Z\",\"containerID\":\"containerd://" code "\"}}"
#define POD_WEB                                                                                    \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"9\"},"        \
    "\"items\":["                                                                                  \
    "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"u\"},\"spec\":{"             \
    "\"initContainers\":[{\"name\":\"setup\"}],\"containers\":[{\"name\":\"app\"}]},"              \
    "\"status\":{\"phase\":\"Running\",\"initContainerStatuses\":[{\"name\":\"setup\","            \
    "\"restartCount\":2,\"state\":" ENDED("0", "05", "06") ",\"lastState\":" ENDED(                \
        "1", "02", "03") "}],\"containerStatuses\":[{\"name\":\"app\",\"restartCount\":0,"         \
                         "\"state\":{\"running\":{"                                                \
                         "\"startedAt\":\"2026-06-15T12:00:07Z\"}}}]}}]}"
#define SETUP_BEFORE                                                                               \
    "expect GET container=setup previous=true\n"                                                   \
    "reply 200 text 2026-06-15T12:00:02.5Z creating\\n2026-06-15T12:00:02.7Z ERROR no room\\n\n"
#define SETUP_NOW                                                                                  \
    "expect GET container=setup !previous\n"                                                       \
    "reply 200 text 2026-06-15T12:00:05.1Z creating\\n2026-06-15T12:00:05.2Z done\\n\n"

/* The program on a cluster whose log requests are answered by the script; app_script not NULL: those
 * of container app by that one, as requests of two containers come in any order. */
static struct program
run_on(const char *log_script, const char *app_script, const char *const *words)
{
    struct script_server *s = script_server_start();
    if (app_script)
        script_server_route(s, "container=app", app_script);
    script_server_route(s, "/log", log_script);
    script_server_route(s, "/pods", "expect GET /pods\nreply 200 json " POD_WEB "\n");
    return program_on(s, words);
}
#define RUN_ON(script, ...) run_on(script, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_IN(input, ...)                                                                         \
    program_run((const char *const[]){"logs", "-", __VA_ARGS__, NULL}, input, strlen(input))

static void
expect(struct program p, int status, const char *out, const char *err_part)
{
    assert_string_equal(p.out, out);
    if (err_part[0] && !strstr(p.err, err_part))
        fail_msg("\"%s\" is not in \"%s\"", err_part, p.err);
    assert_int_equal(p.status, status);
    program_free(&p);
}

static void
logs__all_attempts_stand_under_their_heads_and_missing_ones_say_why(void **state)
{
    (void)state;
    expect(RUN_ON(SETUP_BEFORE SETUP_NOW, "logs", "web", "-c", "setup", "--attempt", "all"), 0,
           "==> setup attempt 1; its log: never seen: ended before initwatch looked <==\n"
           "==> setup attempt 2, started 2026-06-15T12:00:02Z, exit 1 after 1s <==\n"
           "creating\nERROR no room\n"
           "==> setup attempt 3, started 2026-06-15T12:00:05Z, exit 0 after 1s <==\n"
           "creating\ndone\n",
           "");
}

static void
logs__an_attempt_is_chosen_from_either_end(void **state)
{
    (void)state;
    expect(RUN_ON(SETUP_BEFORE, "logs", "web", "-c", "setup", "--attempt", "-1"), 0,
           "creating\nERROR no room\n", "");
    expect(RUN_ON(SETUP_NOW, "logs", "web", "-c", "setup", "--attempt", "3"), 0, "creating\ndone\n",
           "");
    expect(RUN_ON("", "logs", "web", "-c", "setup", "--attempt", "1"), 4, "",
           "the cluster keeps the present run and one before it");
    expect(RUN_ON("", "logs", "web", "-c", "setup", "--attempt", "7"), 4, "",
           "setup has 3 attempts, there is no attempt 7");
    expect(RUN_ON("", "logs", "web", "-c", "setup", "--attempt", "last"), 2, "",
           "\"last\" is not a number");
}

#define SETUP_END                                                                                  \
    "expect GET previous=true sinceTime=\n"                                                        \
    "reply 200 text 2026-06-15T12:00:02.7Z ERROR no room\\n\n"

/* Its end counts when it came twice. */
static void
logs__following_a_run_that_has_ended_ends(void **state)
{
    (void)state;
    expect(RUN_ON(SETUP_BEFORE, "logs", "web", "-c", "setup", "-p", "-f"), 0,
           "2026-06-15T12:00:02.5Z creating\n2026-06-15T12:00:02.7Z ERROR no room\n", "");
    static const char end[] = SETUP_BEFORE SETUP_END SETUP_END;
    expect(RUN_ON(end, "logs", "web", "-c", "setup", "--attempt", "2", "-f"), 0,
           "creating\nERROR no room\n", "");
}

static void
logs__a_previous_run_that_the_node_removed_is_told_from_a_log(void **state)
{
    (void)state;
    expect(RUN_ON("expect GET previous=true\n"
                  "reply 200 text unable to retrieve container logs for containerd://1\n",
                  "logs", "web", "-c", "setup", "--attempt", "-1"),
           4, "", "removed by the node");
}

static void
logs__merged_is_in_order_of_time_with_starts_and_exits(void **state)
{
    (void)state;
    static const char *const words[] = {"logs", "web", "--merged", NULL};
    expect(run_on("expect GET container=setup\n"
                  "reply 200 text 2026-06-15T12:00:05.1Z one\\n2026-06-15T12:00:06.9Z two\\n\n",
                  "expect GET container=app\n"
                  "reply 200 text 2026-06-15T12:00:07.2Z three\\n\n",
                  words),
           0,
           "--- setup started, attempt 3 ---\nsetup one\nsetup two\n"
           "--- setup ended: exit 0 after 1s ---\n--- app started, attempt 1 ---\napp three\n",
           "");
}

static void
logs__follow_goes_on_after_a_lost_connection_without_a_line_twice(void **state)
{
    (void)state;
    struct program p =
        RUN_ON("expect GET container=app follow=true !sinceTime\n"
               "stream 200 text\n"
               "chunk 2026-06-15T12:00:07.1Z one\\n2026-06-15T12:00:07.2Z tw\nclose\n"
               "expect GET follow=true sinceTime=2026-06-15T12%3A00%3A07Z\n"
               "stream 200 text\n"
               "chunk 2026-06-15T12:00:07.1Z one\\n2026-06-15T12:00:07.2Z two\\n\n"
               "chunk 2026-06-15T12:00:07.2Z two\\n2026-06-15T12:00:08Z three\\n\n"
               "end\n",
               "logs", "web", "-f", "--limit-bytes", "18");
    expect(p, 0, "one\ntwo\ntwo\nthree\n", "log resumed after");
}

static void
logs__jsonl_tells_where_and_when_and_how_bad(void **state)
{
    (void)state;
    struct program p =
        RUN_ON("expect GET container=setup previous=true\n"
               "reply 200 text 2026-06-15T12:00:02.123456789Z ERROR no \\x1b room\\n\n",
               "logs", "web", "-c", "setup", "--attempt", "-1", "-o", "jsonl");
    json_t *line = json_loads(p.out, JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "type")), "line");
    assert_string_equal(json_string_value(json_object_get(line, "pod")), "web");
    assert_string_equal(json_string_value(json_object_get(line, "container")), "setup");
    assert_int_equal(json_integer_value(json_object_get(line, "attempt")), 2);
    assert_string_equal(json_string_value(json_object_get(line, "time")),
                        "2026-06-15T12:00:02.123456789Z");
    assert_string_equal(json_string_value(json_object_get(line, "level")), "error");
    assert_string_equal(json_string_value(json_object_get(line, "text")), "ERROR no \x1b room");
    assert_null(strchr(p.out, '\x1b'));
    json_decref(line);
    expect(p, 0, p.out, "");
}

static void
logs__filters_work_on_a_file(void **state)
{
    (void)state;
    static const char text[] = "INFO start\nWARN slow disk\nERROR disk full\n\tat a.b(C.java:1)\n"
                               "INFO heartbeat disk\nlast";
    expect(RUN_IN(text, "--grep", "disk", "--drop", "heart"), 0,
           "WARN slow disk\nERROR disk full\n", "");
    expect(RUN_IN(text, "--grep", "start", "--grep", "^last$"), 0, "INFO start\nlast", "");
    expect(RUN_IN(text, "--level", "error"), 0, "ERROR disk full\n\tat a.b(C.java:1)\n", "");
    expect(RUN_IN(text, "--level", "loud"), 2, "", "\"loud\" is not one of");
    expect(RUN_IN(text, "--grep", "("), 2, "", "--grep: \"(\"");
    expect(RUN_IN(text, "-c", "x"), 2, "", "a log from a file has no pods");
    expect(RUN_IN("2026-06-15T12:00:02.5Z a\n", "-o", "jsonl"), 0,
           "{\"type\":\"line\",\"time\":\"2026-06-15T12:00:02.500000000Z\",\"level\":null,"
           "\"text\":\"a\"}\n",
           "");
    expect(RUN_IN("2026-06-15T12:00:02.5Z a\n", "--grep", "a"), 0, "2026-06-15T12:00:02.5Z a\n",
           "");
    /* A runtime's file: its stamps and tags are no text, parts are one line. */
    static const char parts[] =
        "2026-06-15T12:00:02Z stdout P a \n2026-06-15T12:00:03Z stdout F b\n"
        "2026-06-15T12:00:04Z stderr P broke off\n";
    expect(RUN_IN(parts, "--grep", "."), 0, "a b\nbroke off\n", "");
    expect(RUN_IN(parts, "--timestamps"), 0,
           "2026-06-15T12:00:02Z a b\n2026-06-15T12:00:04Z broke off\n", "");
    const char *const nowhere[] = {"logs", "/nowhere/log", NULL};
    expect(program_run(nowhere, "", 0), 4, "", "open /nowhere/log");
}

static void
logs__needs_something_to_read(void **state)
{
    (void)state;
    const char *const none[] = {"logs", NULL};
    expect(program_run(none, "", 0), 2, "", "logs needs one POD");
    const char *const both[] = {"logs", "web", "-p", "--attempt", "1", NULL};
    expect(program_run(both, "", 0), 2, "", "--previous is --attempt -1");
    const char *const table[] = {"logs", "web", "-o", "json", NULL};
    expect(program_run(table, "", 0), 2, "", "one object a line with -o jsonl");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs__all_attempts_stand_under_their_heads_and_missing_ones_say_why),
        cmocka_unit_test(logs__an_attempt_is_chosen_from_either_end),
        cmocka_unit_test(logs__following_a_run_that_has_ended_ends),
        cmocka_unit_test(logs__a_previous_run_that_the_node_removed_is_told_from_a_log),
        cmocka_unit_test(logs__merged_is_in_order_of_time_with_starts_and_exits),
        cmocka_unit_test(logs__follow_goes_on_after_a_lost_connection_without_a_line_twice),
        cmocka_unit_test(logs__jsonl_tells_where_and_when_and_how_bad),
        cmocka_unit_test(logs__filters_work_on_a_file),
        cmocka_unit_test(logs__needs_something_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
