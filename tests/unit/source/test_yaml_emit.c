/* JSON as YAML: what is written reads as the same values again, and folds where it nests.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/yaml_emit.h"

static void
assert_emits(const char *json, const char *want)
{
    struct yaml_text *y = NULL;
    struct iw_error err = {0};
    if (yaml_from_json(json, strlen(json), &y, &err) != IW_OK)
        fail_msg("%s: %s", json, err.msg);
    assert_string_equal(y->text, want);
    yaml_text_free(y);
}

/* Through libyaml and back. */
static void
assert_round_trip(const json_t *value)
{
    struct yaml_text *y = yaml_from_value(value);
    struct iw_error err = {0};
    json_t *back = NULL;
    if (yaml_json_one("y", y->text, y->len, &back, &err) != IW_OK)
        fail_msg("%s in:\n%s", err.msg, y->text);
    if (!json_equal(back, value)) {
        iw_autofree char *was = json_dumps(value, JSON_ENCODE_ANY);
        iw_autofree char *is = json_dumps(back, JSON_ENCODE_ANY);
        fail_msg("%s\nread back as\n%s\nfrom\n%s", was, is, y->text);
    }
    json_decref(back);
    yaml_text_free(y);
}

static void
round_trip_text(const char *text, size_t len)
{
    json_t *value = json_pack("{s:o, s:[o, {s:o, s:[o]}], s:{s:o}}", "a", json_stringn(text, len),
                              "list", json_stringn(text, len), "x", json_stringn(text, len), "y",
                              json_stringn(text, len), "map", "deep", json_stringn(text, len));
    assert_non_null(value);
    assert_round_trip(value);
    json_decref(value);
}

static void
emit__writes_as_kubectl_does(void **state)
{
    (void)state;
    assert_emits("{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"app\",\"args\":[\"-c\","
                 "\"8080\",\"it's: so\"]}],\"x\":{},\"w\":[],\"m\":5,\"b\":true,\"z\":null}}",
                 "kind: Pod\n"
                 "spec:\n"
                 "  containers:\n"
                 "  - name: app\n"
                 "    args:\n"
                 "    - -c\n"
                 "    - \"8080\"\n"
                 "    - 'it''s: so'\n"
                 "  x: {}\n"
                 "  w: []\n"
                 "  m: 5\n"
                 "  b: true\n"
                 "  z: null\n");
}

static void
emit__writes_texts_of_several_lines_as_blocks(void **state)
{
    (void)state;
    assert_emits("{\"a\":\"one\\ntwo\\n\",\"b\":\"one\\n\\n two\",\"c\":\"  one\\ntwo\"}",
                 "a: |\n"
                 "  one\n"
                 "  two\n"
                 "b: |-\n"
                 "  one\n"
                 "\n"
                 "   two\n"
                 "c: |2-\n"
                 "    one\n"
                 "  two\n");
}

static void
emit__quotes_what_would_be_something_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",       "yes",         "No",       "null",       "~",        "1",           "1.5",
        "0x1f",   "1e3",         "-",        "- a",        "a: b",     "a:",          "a #b",
        "#a",     "{a}",         "[a]",      "*a",         "&a",       "!a",          "|",
        ">",      "'a'",         "\"a\"",    "%a",         "@a",       "`a`",         " a",
        "a ",     "12:30",       "12:30:45", "2001-01-01", "...",      "---",         "<<",
        "=",      "017",         "0o17",     "1_000",      ".5",       "+1",          ".inf",
        "-.INF",  ".nan",        "on",       "a\tb",       "\ta",      "?",           "? a",
        ":a",     ",a",          "a,b",      "1.2.3",      "10.0.0.1", "é",           "한국어",
        "a\nb",   "\na",         "a\n\n",    "\n",         " \n",      "\n\n",        "a\n ",
        "a\r\nb", "\x1b[31mred", "\x7f",     "a\n\tb",     " a\nb\n",  "a\n b\n\n\n", "a: |",
        "--- a",  "0b1",         "- ",       "_",          "1_",       "0.1.",        "e5",
        "0xg",    "Infinity"};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        round_trip_text(texts[i], strlen(texts[i]));
}

static void
emit__survives_any_text(void **state)
{
    (void)state;
    static const char alphabet[] = "ab1. :#-\n\n\t'\"\\|>&*!%{}[],?~=0xe+_yn\r\x01\xc3\xa9";
    uint32_t seed = 12345;
    char text[24];
    for (int round = 0; round < 6000; round++) {
        size_t len = 0;
        seed = seed * 1664525u + 1013904223u;
        size_t want = seed >> 28;
        while (len < want) {
            seed = seed * 1664525u + 1013904223u;
            char c = alphabet[(seed >> 8) % (sizeof(alphabet) - 3)];
            text[len++] = c;
        }
        round_trip_text(text, len);
    }
}

static void
emit__makes_controls_visible(void **state)
{
    (void)state;
    assert_emits("{\"a\":\"\\u001b[2J\\u0007\\u202e\"}", "a: \"\\e[2J\\x07\\u202e\"\n");
}

static void
emit__never_shows_values_of_a_secret(void **state)
{
    (void)state;
    const char json[] =
        "{\"kind\":\"Secret\",\"data\":{\"password\":\"aHVudGVyMg==\"},"
        "\"stringData\":{\"x\":\"hunter2\"},\"metadata\":{\"annotations\":{"
        "\"kubectl.kubernetes.io/last-applied-configuration\":\"{hunter2}\",\"a\":\"b\"}}}";
    struct yaml_text *y = NULL;
    assert_int_equal(yaml_from_json(json, strlen(json), &y, NULL), IW_OK);
    assert_null(strstr(y->text, "hunter2"));
    assert_null(strstr(y->text, "aHVud"));
    assert_non_null(strstr(y->text, "password: <12 characters, not shown>"));
    assert_non_null(strstr(y->text, "a: b"));
    yaml_text_free(y);
}

static void
emit__knows_where_blocks_end_and_what_is_managed(void **state)
{
    (void)state;
    const char json[] = "{\"metadata\":{\"managedFields\":[{\"a\":1}],\"name\":\"x\"},"
                        "\"list\":[{\"k\":1,\"v\":2},3],\"end\":1}";
    struct yaml_text *y = NULL;
    assert_int_equal(yaml_from_json(json, strlen(json), &y, NULL), IW_OK);
    /* metadata: / managedFields: / - a: 1 / name: x / list: / - k / v / - 3 / end */
    assert_int_equal(y->count, 9);
    assert_int_equal(y->lines[0].end, 4);
    assert_int_equal(y->lines[1].end, 3);
    assert_int_equal(y->lines[1].flags & YAML_MANAGED, YAML_MANAGED);
    assert_int_equal(y->lines[2].flags & YAML_MANAGED, YAML_MANAGED);
    assert_int_equal(y->lines[3].flags, 0);
    assert_int_equal(y->lines[4].end, 8);
    assert_int_equal(y->lines[5].end, 7);
    assert_int_equal(y->lines[7].end, 0);
    assert_int_equal(y->lines[6].key_at, 2);
    assert_int_equal(y->lines[6].key_len, 2);
    yaml_text_free(y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emit__writes_as_kubectl_does),
        cmocka_unit_test(emit__writes_texts_of_several_lines_as_blocks),
        cmocka_unit_test(emit__quotes_what_would_be_something_else),
        cmocka_unit_test(emit__survives_any_text),
        cmocka_unit_test(emit__makes_controls_visible),
        cmocka_unit_test(emit__never_shows_values_of_a_secret),
        cmocka_unit_test(emit__knows_where_blocks_end_and_what_is_managed),
    };
    return cmocka_run_group_tests_name("yaml_emit", tests, NULL, NULL);
}
