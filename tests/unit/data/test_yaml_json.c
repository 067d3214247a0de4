/* YAML to JSON values: types as Kubernetes' loader gives them, limits, messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/yaml_json.h"

/* One document must read as this JSON (keys in any order). */
static void
assert_reads(const char *yaml, const char *want_json)
{
    json_t *got = NULL;
    struct iw_error err = {0};
    if (yaml_json_one("y", yaml, strlen(yaml), &got, &err) != IW_OK)
        fail_msg("%s\n%s", yaml, err.msg);
    json_t *want = json_loads(want_json, JSON_DECODE_ANY, NULL);
    assert_non_null(want);
    if (!json_equal(got, want)) {
        iw_autofree char *text = json_dumps(got, JSON_ENCODE_ANY);
        fail_msg("%s\nread as %s\nwant    %s", yaml, text, want_json);
    }
    json_decref(got);
    json_decref(want);
}

static void
assert_refused(const char *yaml, enum iw_err code, const char *message)
{
    json_t *got = NULL;
    struct iw_error err = {0};
    assert_int_equal(yaml_json_one("y", yaml, strlen(yaml), &got, &err), code);
    if (!strstr(err.msg, message))
        fail_msg("want \"%s\" in \"%s\"", message, err.msg);
}

static void
yaml_json__gives_scalars_their_types(void **state)
{
    (void)state;
    assert_reads("[1, -7, 0x1F, 0b101, 0o17, 017, 1_000, +3]", "[1,-7,31,5,15,15,1000,3]");
    assert_reads("[true, False, yes, OFF, y, N]", "[true,false,true,false,true,false]");
    assert_reads("[null, ~, Null]", "[null,null,null]");
    assert_reads("a:\nb: 1\n", "{\"a\":null,\"b\":1}");
    assert_reads("[abc, 1.2.3, 08:00, 1m, 0x, '', 2026-06-15T12:00:00Z]",
                 "[\"abc\",\"1.2.3\",\"08:00\",\"1m\",\"0x\",\"\",\"2026-06-15T12:00:00Z\"]");
}

static void
yaml_json__keeps_the_text_of_fractions_and_quoted_scalars(void **state)
{
    (void)state;
    assert_reads("[0.10, 1e3, -.5, 08]", "[\"0.10\",\"1e3\",\"-.5\",\"08\"]");
    assert_reads("['1', \"true\", !!str 5, !!str null]", "[\"1\",\"true\",\"5\",\"null\"]");
    assert_reads("[9223372036854775807, 9223372036854775808, -9223372036854775808]",
                 "[9223372036854775807,\"9223372036854775808\",-9223372036854775808]");
}

static void
yaml_json__reads_block_texts_and_nesting(void **state)
{
    (void)state;
    assert_reads("a:\n  b:\n  - c: |\n      x\n      y\n    d: >-\n      p\n      q\n",
                 "{\"a\":{\"b\":[{\"c\":\"x\\ny\\n\",\"d\":\"p q\"}]}}");
    assert_reads("8080: a\ntrue: b\nnull: c\n", "{\"8080\":\"a\",\"true\":\"b\",\"null\":\"c\"}");
}

static void
yaml_json__expands_aliases_and_merge_keys(void **state)
{
    (void)state;
    assert_reads("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\n",
                 "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":2},\"c\":{\"p\":1,\"q\":3}}");
    assert_reads("a: &x {p: 1}\nb: &y {p: 2, r: 4}\nc: {q: 0, <<: [*x, *y]}\n",
                 "{\"a\":{\"p\":1},\"b\":{\"p\":2,\"r\":4},\"c\":{\"p\":1,\"q\":0,\"r\":4}}");
}

static void
yaml_json__reads_json_as_json(void **state)
{
    (void)state;
    assert_reads("\n\t{\"a\":\"\\ud83d\\ude00\\/\",\n\t\"b\":1.50}",
                 "{\"a\":\"\xF0\x9F\x98\x80/\",\"b\":\"1.50\"}");
    assert_refused("{\"a\":1,\"a\":2}", IW_ERR_PARSE, "y:1:8: the key \"a\" is there twice");
}

static void
yaml_json__says_where_the_text_is_broken(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [x\nc: 2\n", IW_ERR_PARSE, "y:3:");
    assert_refused("a: 1\nb: 2\na: 3\n", IW_ERR_PARSE, "y:3:1: the key \"a\" is there twice");
    assert_refused("a: *nowhere\n", IW_ERR_PARSE, "y:1:4: this alias has no anchor");
    assert_refused("a: &x [*x]\n", IW_ERR_PARSE, "contains itself");
    assert_refused("? [a]\n: b\n", IW_ERR_PARSE, "a key must be a plain text");
    assert_refused("a: 1\nb: \xFF\n", IW_ERR_PARSE, "y:2:");
    assert_refused("", IW_ERR_PARSE, "empty");
    assert_refused("a: 1\n---\nb: 2\n", IW_ERR_PARSE, "y:3:1: a second document");
    assert_refused("<<: 5\n", IW_ERR_PARSE, "merge key");
}

static void
yaml_json__stops_a_billion_laughs(void **state)
{
    (void)state;
    strbuf_auto text;
    strbuf_init(&text, 0);
    strbuf_adds(&text, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 10; i++) {
        strbuf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            strbuf_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
        strbuf_adds(&text, "]\n");
    }
    assert_refused(text.data, IW_ERR_TOO_BIG, "aliases expand to too many values");
}

static void
yaml_json__stops_deep_nesting(void **state)
{
    (void)state;
    char deep[4001];
    memset(deep, '[', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    assert_refused(deep, IW_ERR_PARSE, "nested too deep");
}

struct seen {
    int lines[8];
    size_t count;
};

static enum iw_err
collect(void *ctx, json_t *document, int line, struct iw_error *err)
{
    struct seen *seen = ctx;
    (void)err;
    json_decref(document);
    if (seen->count < 8)
        seen->lines[seen->count++] = line;
    return IW_OK;
}

static void
yaml_json_each__skips_empty_documents_and_counts_lines(void **state)
{
    (void)state;
    static const char text[] =
        "# head\na: 1\n---\n---\n# only a comment\n---\nb: 2\n...\n---\n- c\n";
    struct seen seen = {0};
    assert_int_equal(yaml_json_each("y", text, sizeof(text) - 1, collect, &seen, NULL), IW_OK);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.lines[0], 2);
    assert_int_equal(seen.lines[1], 7);
    assert_int_equal(seen.lines[2], 10);
}

static void
yaml_json_line__finds_a_value(void **state)
{
    (void)state;
    static const char text[] =
        "kind: Config\nusers:\n- name: a\n  user:\n    token: 5\n- name: b\n";
    assert_int_equal(yaml_json_line(text, sizeof(text) - 1, "users[0].user.token"), 5);
    assert_int_equal(yaml_json_line(text, sizeof(text) - 1, "users[1]"), 6);
    assert_int_equal(yaml_json_line(text, sizeof(text) - 1, "users[0].user.nothing"), 5);
    assert_int_equal(yaml_json_line(text, sizeof(text) - 1, ""), 1);
    assert_int_equal(yaml_json_line("[", 1, "a"), 0);
}

static void
file_read_all__reads_under_a_ceiling(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    struct iw_error err = {0};
    const char *self = TEST_SOURCE_DIR "/LICENSE";
    assert_int_equal(file_read_all(self, 0, &text, &len, &err), IW_OK);
    assert_true(len > 1000 && text[len] == '\0');
    size_t exact = len;
    free(text);
    assert_int_equal(file_read_all(self, exact, &text, &len, &err), IW_OK);
    free(text);
    assert_int_equal(file_read_all(self, exact - 1, &text, &len, &err), IW_ERR_TOO_BIG);
    assert_int_equal(file_read_all(TEST_SOURCE_DIR "/no-such", 0, &text, &len, &err),
                     IW_ERR_NOT_FOUND);
    assert_int_equal(file_read_all(TEST_SOURCE_DIR, 0, &text, &len, &err), IW_ERR_IO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_json__gives_scalars_their_types),
        cmocka_unit_test(yaml_json__keeps_the_text_of_fractions_and_quoted_scalars),
        cmocka_unit_test(yaml_json__reads_block_texts_and_nesting),
        cmocka_unit_test(yaml_json__expands_aliases_and_merge_keys),
        cmocka_unit_test(yaml_json__reads_json_as_json),
        cmocka_unit_test(yaml_json__says_where_the_text_is_broken),
        cmocka_unit_test(yaml_json__stops_a_billion_laughs),
        cmocka_unit_test(yaml_json__stops_deep_nesting),
        cmocka_unit_test(yaml_json_each__skips_empty_documents_and_counts_lines),
        cmocka_unit_test(yaml_json_line__finds_a_value),
        cmocka_unit_test(file_read_all__reads_under_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
