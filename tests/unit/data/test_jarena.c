/* JSON into an arena: raw numbers, damaged text, limits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/data/jarena.h"

static json_t *
parse(const char *text)
{
    json_t *root = NULL;
    struct iw_error err = {0};
    if (jarena_parse(text, strlen(text), &root, &err) != IW_OK)
        fail_msg("%s: %s", text, err.msg);
    return root;
}

static void
assert_member(const char *text, const char *want)
{
    json_t *value = json_object_get(parse(text), "v");
    assert_true(json_is_string(value));
    assert_string_equal(json_string_value(value), want);
    jarena_release();
}

static void
jarena_parse__keeps_the_raw_token_of_inexact_numbers(void **state)
{
    (void)state;
    assert_member("{\"v\":128e6}", "128e6");
    assert_member("{\"v\":0.10}", "0.10");
    assert_member("{\"v\":-1.5E-3}", "-1.5E-3");
    assert_member("{\"v\":12345678901234567890}", "12345678901234567890");
    assert_member("{\"a\":[1,2.5,\"x\"],\"v\":1e3}", "1e3");
}

static void
jarena_parse__keeps_whole_numbers_as_numbers(void **state)
{
    (void)state;
    json_t *value = json_object_get(parse("{\"v\":999999999999999999}"), "v");
    assert_true(json_is_integer(value));
    assert_true(json_integer_value(value) == 999999999999999999);
    assert_int_equal(json_integer_value(json_object_get(parse("{\"v\":-7}"), "v")), -7);
    jarena_release();
}

static void
jarena_parse__does_not_touch_numbers_inside_strings(void **state)
{
    (void)state;
    assert_member("{\"v\":\"a \\\" 1.5 , 2e3\"}", "a \" 1.5 , 2e3");
    assert_member("{\"v\":\"\\\\\",\"w\":1.5}", "\\");
}

static void
jarena_parse__refuses_what_is_no_number(void **state)
{
    (void)state;
    static const char *const broken[] = {"{\"v\":1.}",   "{\"v\":1e}",    "{\"v\":.5}",
                                         "{\"v\":01.5}", "{\"v\":1.2.3}", "{\"v\":1e5e5}",
                                         "{\"v\":-}",    "{\"v\":--1}"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        json_t *root;
        assert_int_equal(jarena_parse(broken[i], strlen(broken[i]), &root, NULL), IW_ERR_PARSE);
    }
}

static void
jarena_parse__replaces_broken_utf8(void **state)
{
    (void)state;
    assert_member("{\"v\":\"a\xFF\xC3(b\xE2\x82\"}", "a\xEF\xBF\xBD\xEF\xBF\xBD(b\xEF\xBF\xBD");
    assert_member("{\"v\":\"\xEF\xBF\xBD\xFF\"}", "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void
jarena_parse__replaces_lone_surrogates(void **state)
{
    (void)state;
    assert_member("{\"v\":\"a\\ud800b\"}", "a\xEF\xBF\xBD"
                                           "b");
    assert_member("{\"v\":\"\\udc00\\ud83d\\ude00\"}", "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

static void
jarena_parse__takes_nul_in_strings(void **state)
{
    (void)state;
    json_t *value = json_object_get(parse("{\"v\":\"a\\u0000b\"}"), "v");
    assert_int_equal(json_string_length(value), 3);
    jarena_release();
}

static void
jarena_parse__empties_managed_fields_only(void **state)
{
    (void)state;
    json_t *root =
        parse("{\"managedFields\" : [ {\"x\":\"]\\\"\",\"y\":[1.5]} ],\"v\":\"managedFields\","
              "\"w\":{\"managedFields\":{\"k\":1}}}");
    assert_int_equal(json_array_size(json_object_get(root, "managedFields")), 0);
    assert_true(json_is_array(json_object_get(root, "managedFields")));
    assert_int_equal(json_object_size(json_object_get(json_object_get(root, "w"), "managedFields")),
                     1);
    jarena_release();
}

static void
jarena_parse__says_line_and_column(void **state)
{
    (void)state;
    json_t *root;
    struct iw_error err = {0};
    const char *text = "{\"managedFields\":[{}],\n \"v\": 1.5, oops}";
    assert_int_equal(jarena_parse(text, strlen(text), &root, &err), IW_ERR_PARSE);
    assert_memory_equal(err.msg, "line 2, column ", 15);
}

static void
jarena_parse__refuses_text_behind_the_document(void **state)
{
    (void)state;
    json_t *root;
    assert_int_equal(jarena_parse("{} {}", 5, &root, NULL), IW_ERR_PARSE);
    assert_int_equal(jarena_parse("", 0, &root, NULL), IW_ERR_PARSE);
    assert_int_equal(jarena_parse("{}\0x", 4, &root, NULL), IW_ERR_PARSE);
    assert_int_equal(jarena_parse("\"text\"", 6, &root, NULL), IW_ERR_PARSE);
}

static void
jarena_parse__refuses_broken_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"{\"v\":\"a\nb\"}", "line 1, column 8: a control character in a string"},
        {"{\"v\":\"\\x\"}", "line 1, column 9: broken escape in a string"},
        {"{\"v\":\"\\u12g4\"}", "line 1, column 9: broken escape in a string"},
        {"{\"v\":\"abc", "line 1, column 10: the text ends in a string"},
        {"{\"v\":1,}", "line 1, column 8: expected a member's name"},
        {"{\"v\" 1}", "line 1, column 6: expected ':'"},
        {"{\"v\":[1 2]}", "line 1, column 9: expected a comma or ']'"},
        {"{\"v\":[1,]}", "line 1, column 9: a value is expected here"},
        {"{\"v\":1 \n\"w\":2}", "line 2, column 1: expected a comma or '}'"},
        {"{\"v\":nul}", "line 1, column 6: a value is expected here"},
        {"{\"\\u0000\":1}", "line 1, column 10: a NUL in a member's name"},
        {"{\"managedFields\":[{}", "line 1, column 18: the text ends in an array"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *root;
        struct iw_error err = {0};
        assert_int_equal(jarena_parse(cases[i].text, strlen(cases[i].text), &root, &err),
                         IW_ERR_PARSE);
        assert_string_equal(err.msg, cases[i].what);
    }
}

static void
jarena_parse__reads_every_escape_also_in_names(void **state)
{
    (void)state;
    assert_member("{\"v\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\"}",
                  "\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC");
    json_t *root = parse("{\"a\\u0062c\":{\"\\n\":[]},\"\":1}");
    assert_int_equal(json_object_size(json_object_get(root, "abc")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "")), 1);
    jarena_release();
}

static void
jarena_parse__stops_deep_nesting(void **state)
{
    (void)state;
    char deep[4001];
    memset(deep, '[', sizeof(deep));
    json_t *root;
    struct iw_error err = {0};
    assert_int_equal(jarena_parse(deep, sizeof(deep), &root, &err), IW_ERR_PARSE);
    assert_non_null(strstr(err.msg, "nested too deep"));
}

static void
jarena_parse__stops_at_the_ceiling(void **state)
{
    (void)state;
    strbuf_auto text;
    strbuf_init(&text, 0);
    strbuf_addc(&text, '[');
    for (int i = 0; i < 1200000; i++)
        strbuf_adds(&text, i ? ",[]" : "[]");
    strbuf_addc(&text, ']');
    json_t *root;
    assert_int_equal(jarena_parse(text.data, text.len, &root, NULL), IW_ERR_TOO_BIG);
    /* and works again */
    assert_member("{\"v\":\"x\"}", "x");
}

static void
jarena__leaves_other_values_alone(void **state)
{
    (void)state;
    json_t *before = json_pack("{s:s}", "k", "before");
    json_t *root = parse("{\"v\":1}");
    assert_non_null(root);
    json_decref(before); /* made by malloc, freed while a document is open */
    jarena_release();
    json_t *after = json_pack("{s:s}", "k", "after");
    assert_string_equal(json_string_value(json_object_get(after, "k")), "after");
    char *dump = json_dumps(after, 0);
    free(dump);
    json_decref(after);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jarena_parse__keeps_the_raw_token_of_inexact_numbers),
        cmocka_unit_test(jarena_parse__keeps_whole_numbers_as_numbers),
        cmocka_unit_test(jarena_parse__does_not_touch_numbers_inside_strings),
        cmocka_unit_test(jarena_parse__refuses_what_is_no_number),
        cmocka_unit_test(jarena_parse__replaces_broken_utf8),
        cmocka_unit_test(jarena_parse__replaces_lone_surrogates),
        cmocka_unit_test(jarena_parse__takes_nul_in_strings),
        cmocka_unit_test(jarena_parse__empties_managed_fields_only),
        cmocka_unit_test(jarena_parse__says_line_and_column),
        cmocka_unit_test(jarena_parse__refuses_text_behind_the_document),
        cmocka_unit_test(jarena_parse__refuses_broken_text),
        cmocka_unit_test(jarena_parse__reads_every_escape_also_in_names),
        cmocka_unit_test(jarena_parse__stops_deep_nesting),
        cmocka_unit_test(jarena_parse__stops_at_the_ceiling),
        cmocka_unit_test(jarena__leaves_other_values_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
