/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/app/flags.h"
#include "initwatch/base/nearest.h"

static struct iw_error err;

#define PARSE(o, ...) parse(o, (char *[]){"initwatch", __VA_ARGS__, NULL})

static enum iw_err
parse(struct options *o, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    err = (struct iw_error){0};
    return options_parse(argc, argv, o, &err);
}

static void
options_parse__takes_flags_before_and_after_the_command(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(PARSE(&o, "-n", "shop", "get", "web", "-o=json", "--no-headers", "db"), IW_OK);
    assert_int_equal(o.command, CMD_GET);
    assert_string_equal(o.kube.ns, "shop");
    assert_int_equal(o.arg_count, 2);
    assert_string_equal(o.args[1], "db");
    assert_int_equal(o.output, OUTPUT_JSON);
    assert_true(o.no_headers);
}

static void
options_parse__takes_letters_as_kubectl_does(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(PARSE(&o, "logs", "-pf", "-cside", "web", "--since=5m", "--tail", "20"),
                     IW_OK);
    assert_true(o.previous && o.follow);
    assert_string_equal(o.container, "side");
    assert_int_equal(o.since_seconds, 300);
    assert_int_equal(o.tail_lines, 20);
    assert_int_equal(PARSE(&o, "get", "-f", "-", "--now", "2026-06-15T12:00:37.277Z"), IW_OK);
    assert_string_equal(o.files[0], "-");
    assert_true(o.now_wall_ms == 1781524837277);
}

static void
options_parse__reads_a_pod_that_is_no_command(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(PARSE(&o, "myapp-wait-db"), IW_OK);
    assert_int_equal(o.command, CMD_DASHBOARD);
    assert_string_equal(o.args[0], "myapp-wait-db");
    assert_int_equal(PARSE(&o, "why", "--", "-odd-name"), IW_OK);
    assert_string_equal(o.args[0], "-odd-name");
}

static void
options_parse__names_the_flag_and_the_nearest_one(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(PARSE(&o, "get", "--namspace", "x"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "--namespace"));
    assert_int_equal(PARSE(&o, "get", "--follow"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "does not belong to get"));
    assert_int_equal(PARSE(&o, "logs", "x", "--tail"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "needs a value"));
    assert_int_equal(PARSE(&o, "logs", "x", "--tail", "1x"), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "1x"));
    assert_int_equal(PARSE(&o, "get", "-o", "yaml"), IW_ERR_USAGE);
    assert_int_equal(PARSE(&o, "get", "-A", "-n", "x"), IW_ERR_USAGE);
    assert_int_equal(
        PARSE(&o, "logs", "x", "--since", "1m", "--since-time", "2026-01-01T00:00:00Z"),
        IW_ERR_USAGE);
}

static void
flag_table__has_no_two_flags_of_one_name_or_letter_for_a_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < flag_table_count; i++) {
        assert_true(flag_table[i].help[0] != '\0');
        assert_true((flag_table[i].type == FLAG_BOOL) == (flag_table[i].value == NULL));
        for (size_t k = i + 1; k < flag_table_count; k++) {
            if (!(flag_table[i].commands & flag_table[k].commands))
                continue;
            assert_string_not_equal(flag_table[i].name, flag_table[k].name);
            if (flag_table[i].letter)
                assert_int_not_equal(flag_table[i].letter, flag_table[k].letter);
        }
    }
}

static void
options_help__lists_every_command(void **state)
{
    (void)state;
    char *text = options_help(CMD_DASHBOARD, true);
    for (int c = 1; c < CMD_COUNT; c++)
        assert_non_null(strstr(text, command_table[c].help));
    free(text);
    text = options_help(CMD_LOGS, false);
    assert_non_null(strstr(text, "--previous"));
    assert_null(strstr(text, "--sort-by"));
    free(text);
}

static void
nearest__keeps_the_nearest_names_in_order(void **state)
{
    (void)state;
    struct nearest n;
    nearest_init(&n, "web-frontend");
    nearest_offer(&n, "database");
    nearest_offer(&n, "web-fronted");
    nearest_offer(&n, "web-frontend-7d9f-abc12");
    nearest_offer(&n, "web-fronted"); /* of another namespace */
    assert_string_equal(nearest_text(&n), "web-frontend-7d9f-abc12, web-fronted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_parse__takes_flags_before_and_after_the_command),
        cmocka_unit_test(options_parse__takes_letters_as_kubectl_does),
        cmocka_unit_test(options_parse__reads_a_pod_that_is_no_command),
        cmocka_unit_test(options_parse__names_the_flag_and_the_nearest_one),
        cmocka_unit_test(flag_table__has_no_two_flags_of_one_name_or_letter_for_a_command),
        cmocka_unit_test(options_help__lists_every_command),
        cmocka_unit_test(nearest__keeps_the_nearest_names_in_order),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
