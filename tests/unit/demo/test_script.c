/* What containers without a script do: their command is read.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/data/yaml_json.h"
#include "initwatch/demo/script.h"

static struct script *
from(const char *yaml, bool is_init)
{
    json_t *container = NULL;
    struct iw_error err = {0};
    if (yaml_json_one("container", yaml, strlen(yaml), &container, &err) != IW_OK)
        fail_msg("%s", err.msg);
    struct script *script = script_from_command(container, is_init);
    json_decref(container);
    return script;
}

static void
script__sleep_takes_its_time(void **state)
{
    (void)state;
    struct script *script = from("command: [sleep, '90']", false);
    assert_int_equal(script_run_at(script, 0)->takes_ms, 90000);
    assert_int_equal(script->term_ms, SCRIPT_FOREVER);
    script_unref(script);
}

static void
script__shell_text_is_followed_in_order(void **state)
{
    (void)state;
    struct script *script =
        from("command: [sh, -c, 'echo one; sleep 2 && echo \"two  words\"; exit 4']", true);
    const struct script_run *run = script_run_at(script, 0);
    assert_int_equal(run->takes_ms, 2000);
    assert_int_equal(run->exit_code, 4);
    assert_int_equal(run->lines.len, 2);
    assert_string_equal(run->lines.items[1].text, "two  words");
    assert_int_equal(run->lines.items[1].at_ms, 2000);
    script_unref(script);
}

static void
script__until_nc_waits_for_an_endpoint(void **state)
{
    (void)state;
    struct script *script =
        from("command: [sh, -c, 'until nc -z postgres-service 5432; do echo no; "
             "sleep 3; done; echo yes']",
             true);
    const struct script_run *run = script_run_at(script, 0);
    assert_int_equal(run->need, SCRIPT_NEED_ENDPOINT);
    assert_string_equal(run->service, "postgres-service");
    assert_int_equal(run->poll_ms, 3000);
    assert_int_equal(run->lines.items[0].every_ms, 3000);
    assert_int_equal(run->lines.items[1].when, SCRIPT_WHEN_END);
    script_unref(script);
}

static void
script__until_nslookup_waits_for_a_name(void **state)
{
    (void)state;
    struct script *script =
        from("command: [sh, -c, 'until nslookup mydb.default.svc; do echo waiting; sleep 2; done']",
             true);
    const struct script_run *run = script_run_at(script, 0);
    assert_int_equal(run->need, SCRIPT_NEED_NAME);
    assert_string_equal(run->service, "mydb.default.svc");
    script_unref(script);
}

static void
script__done_without_a_loop_is_a_syntax_error(void **state)
{
    (void)state;
    struct script *script = from("command: [sh, -c, 'git clone x ; done;']", true);
    const struct script_run *run = script_run_at(script, 0);
    assert_int_equal(run->exit_code, 2);
    assert_string_equal(run->lines.items[0].text, "sh: syntax error: unexpected \"done\"");
    script_unref(script);
}

static void
script__endless_loop_never_ends(void **state)
{
    (void)state;
    struct script *script =
        from("command: [sh, -c, 'while true; do echo tick; sleep 5; done; echo never']", false);
    const struct script_run *run = script_run_at(script, 0);
    assert_int_equal(run->takes_ms, SCRIPT_FOREVER);
    assert_int_equal(run->lines.len, 1);
    assert_int_equal(run->lines.items[0].every_ms, 5000);
    script_unref(script);
}

static void
script__unknown_loops_are_not_mistaken_for_an_error(void **state)
{
    (void)state;
    struct script *script = from("command: [sh, -c, 'for i in 1 2 3; do echo $i; done']", true);
    assert_int_equal(script_run_at(script, 0)->exit_code, 0);
    script_unref(script);
    script =
        from("command: [sh, -c, 'while true; do if [ -f /a ]; then tail -f /a | while read l; do "
             "echo $l; done; else sleep 5; fi; done']",
             false);
    assert_int_equal(script_run_at(script, 0)->exit_code, 0);
    assert_int_equal(script_run_at(script, 0)->takes_ms, SCRIPT_FOREVER);
    script_unref(script);
}

static void
script__last_run_repeats_and_answers_depend_on_time(void **state)
{
    (void)state;
    static const char yaml[] =
        "{runs: [{takes: 1s, exit: 1}, {takes: 2s}], startup: [{ok: false}, {from: "
        "5s}], pull: {takes: 3s, error: gone, failures: 2}}";
    json_t *entry = NULL;
    struct iw_error err = {0};
    assert_int_equal(yaml_json_one("entry", yaml, strlen(yaml), &entry, &err), IW_OK);
    struct script *script = NULL;
    assert_int_equal(script_from_scenario(entry, NULL, true, &script, &err), IW_OK);
    assert_int_equal(script_run_at(script, 0)->exit_code, 1);
    assert_int_equal(script_run_at(script, 7)->takes_ms, 2000);
    assert_false(script_answer_at(script, SCRIPT_PROBE_STARTUP, 4999)->ok);
    assert_true(script_answer_at(script, SCRIPT_PROBE_STARTUP, 5000)->ok);
    assert_null(script_answer_at(script, SCRIPT_PROBE_LIVENESS, 0));
    assert_int_equal(script->pull_failures, 2);
    script_unref(script);
    json_decref(entry);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(script__sleep_takes_its_time),
        cmocka_unit_test(script__shell_text_is_followed_in_order),
        cmocka_unit_test(script__until_nc_waits_for_an_endpoint),
        cmocka_unit_test(script__until_nslookup_waits_for_a_name),
        cmocka_unit_test(script__done_without_a_loop_is_a_syntax_error),
        cmocka_unit_test(script__endless_loop_never_ends),
        cmocka_unit_test(script__unknown_loops_are_not_mistaken_for_an_error),
        cmocka_unit_test(script__last_run_repeats_and_answers_depend_on_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
