/* Recordings that are broken, cut, too new, or none at all: each says where and what to try.
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
#include "initwatch/base/limits.h"
#include "initwatch/source/recording.h"

#define HEAD                                                                                       \
    "{\"initwatch\":\"session\",\"format\":1,\"version\":\"0.1\",\"started\":"                     \
    "\"2026-06-15T12:00:00Z\",\"context\":\"c\",\"server\":\"s\",\"namespace\":\"shop\"}\n"
#define FRAME(t, name)                                                                             \
    "{\"t\":" t ",\"src\":\"pods\",\"ns\":\"\",\"kind\":\"frame\",\"name\":\"" name                \
    "\",\"data\":{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\"}}}}\n"

static enum iw_err
read_text(const char *text, struct recording **out, struct iw_error *err)
{
    size_t len = strlen(text);
    *out = NULL;
    return recording_read("FILE", iw_strndup(text, len), len, out, err);
}

static struct recording *
read_good(const char *text)
{
    struct recording *r;
    struct iw_error err = {0};
    if (read_text(text, &r, &err) != IW_OK)
        fail_msg("%s", err.msg);
    return r;
}

static void
assert_refused(const char *text, enum iw_err code, const char *sentence)
{
    struct recording *r;
    struct iw_error err = {0};
    assert_int_equal(read_text(text, &r, &err), code);
    if (!strstr(err.msg, sentence))
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.msg);
}

static void
recording__reads_heads_and_keeps_the_data(void **state)
{
    bool deleted = true;
    size_t len;
    (void)state;
    struct recording *r = read_good(
        HEAD FRAME("10", "shop/x") "{\"data\":{\"a\":[1,\"}\"]},\"name\":\"n\",\"kind\":\"item\","
                                   "\"ns\":\"db\",\"src\":\"nodes\",\"t\":20}\n"
                                   "\n{ \"t\" : 15 , \"src\" : \"user\" , \"kind\" : \"mark\" , "
                                   "\"data\" : \"a \\\"b\\\"\" }\n"
                                   "{\"t\":30,\"src\":\"user\",\"ns\":\"\",\"kind\":\"end\"}\n");
    assert_int_equal(recording_count(r), 4);
    const struct recording_about *about = recording_about(r);
    assert_string_equal(about->context, "c");
    assert_string_equal(about->ns, "shop");
    assert_int_equal(about->started_wall_ms, INT64_C(1781524800000));
    assert_int_equal(about->length_ms, 30);
    assert_true(about->ended);
    assert_false(about->cut);
    const struct recording_entry *e = recording_at(r, 0);
    assert_string_equal(e->name, "shop/x");
    assert_int_equal(e->line, 2);
    const char *object = recording_object(e, &len, &deleted);
    assert_int_equal(len, strlen("{\"metadata\":{\"name\":\"x\"}}"));
    assert_memory_equal(object, "{\"metadata\"", 11);
    assert_false(deleted);
    e = recording_at(r, 1);
    assert_true(recording_is_objects(e));
    assert_int_equal(recording_objects_kind(e), KOBJECT_NODE);
    assert_string_equal(e->data, "{\"a\":[1,\"}\"]}");
    /* Time does not go back, whatever the file says. */
    assert_int_equal(recording_at(r, 2)->t_ms, 20);
    strbuf_auto text;
    strbuf_init(&text, 0);
    assert_true(recording_text(recording_at(r, 2), &text));
    assert_string_equal(text.data, "a \"b\"");
    assert_int_equal(recording_upto(r, 9), 0);
    assert_int_equal(recording_upto(r, 10), 1);
    assert_int_equal(recording_upto(r, 20), 3);
    recording_free(r);
}

/* A program that was killed left half a line. */
static void
recording__leaves_out_a_cut_last_line(void **state)
{
    static const char *const ends[] = {
        "{", "{\"t\":11,\"src\":\"po",
        "{\"t\":11,\"src\":\"pods\",\"kind\":\"frame\",\"data\":{\"type\"",
        "{\"t\":11,\"src\":\"pods\",\"kind\":\"frame\",\"data\":{}", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char text[1024];
        snprintf(text, sizeof(text), HEAD FRAME("10", "shop/x") "%s", ends[i]);
        struct recording *r = read_good(text);
        assert_int_equal(recording_count(r), 1);
        assert_true(recording_about(r)->cut);
        assert_false(recording_about(r)->ended);
        recording_free(r);
    }
}

static void
recording__says_where_it_is_broken(void **state)
{
    (void)state;
    assert_refused("", IW_ERR_PARSE, "FILE:1: this is no recording");
    assert_refused("apiVersion: v1\nkind: Pod\n", IW_ERR_PARSE, ":record FILE");
    assert_refused("{\"kind\":\"Pod\"}\n", IW_ERR_PARSE, "FILE:1: this is no recording");
    assert_refused("\x7f"
                   "ELF\x02\x01",
                   IW_ERR_PARSE, "FILE:1: this is no recording");
    assert_refused("{\"initwatch\":\"session\",\"format\":2,\"version\":\"9.9\"}\n",
                   IW_ERR_UNSUPPORTED, "FILE:1: written by initwatch 9.9 in format 2");
    assert_refused("{\"initwatch\":\"session\",\"format\":1,\"started\":\"soon\"}\n", IW_ERR_PARSE,
                   "is no moment: soon");
    assert_refused(HEAD "garbage\n" FRAME("1", "x"), IW_ERR_PARSE,
                   "FILE:2: not a JSON object; the lines before it can be kept: head -n 1");
    assert_refused(HEAD FRAME("1", "x") "{\"t\":2,\"src\":}\n" FRAME("3", "x"), IW_ERR_PARSE,
                   "FILE:3: the JSON object is broken");
    assert_refused(HEAD "{\"src\":\"pods\",\"kind\":\"list\"}\n\n", IW_ERR_PARSE,
                   "FILE:2: \"t\" is missing");
    assert_refused(HEAD "{\"t\":-1,\"src\":\"pods\",\"kind\":\"list\"}\n\n", IW_ERR_PARSE,
                   "\"t\" is missing");
    assert_refused(HEAD "{\"t\":1e9,\"src\":\"pods\",\"kind\":\"list\"}\n\n", IW_ERR_PARSE,
                   "\"t\" is missing");
    assert_refused(HEAD "{\"t\":1} {\"t\":2}\n\n", IW_ERR_PARSE,
                   "FILE:2: the JSON object is broken");
}

/* A later version may write more. */
static void
recording__ignores_what_it_does_not_know(void **state)
{
    (void)state;
    struct recording *r = read_good(
        HEAD "{\"t\":1,\"src\":\"moons\",\"kind\":\"item\",\"data\":{}}\n"
             "{\"t\":2,\"src\":\"pods\",\"kind\":\"waxing\"}\n"
             "{\"t\":3,\"src\":\"log\",\"kind\":\"line\",\"id\":7,\"data\":\"of no log\"}\n"
             "{\"t\":4,\"src\":\"pods\",\"kind\":\"list\",\"new\":{\"a\":[true,null]}}\n");
    assert_int_equal(recording_count(r), 1);
    assert_int_equal(recording_at(r, 0)->t_ms, 4);
    recording_free(r);
}

/* Cut anywhere, and with any byte changed, it is read or refused; the sanitizers look for the rest. */
static void
recording__survives_any_cut_and_any_flip(void **state)
{
    static const char whole[] =
        HEAD FRAME("10", "shop/x") "{\"t\":11,\"src\":\"log\",\"ns\":\"shop\",\"kind\":\"open\","
                                   "\"id\":1,\"pod\":\"x\",\"container\":\"c\"}\n"
                                   "{\"t\":12,\"src\":\"log\",\"kind\":\"line\",\"id\":1,\"data\":"
                                   "\"2026-06-15T12:00:00Z \\u0041\"}\n";
    struct recording *r;
    (void)state;
    for (size_t cut = 0; cut + 1 < sizeof(whole); cut++) {
        for (int flip = 0; flip < 3; flip++) {
            char text[sizeof(whole)];
            memcpy(text, whole, sizeof(whole));
            text[cut] = flip == 0 ? '\0' : flip == 1 ? '"' : '}';
            struct iw_error err = {0};
            if (read_text(text, &r, &err) != IW_OK) {
                assert_string_not_equal(err.msg, "");
                continue;
            }
            for (size_t i = 0; i < recording_count(r); i++) {
                size_t len;
                bool deleted;
                strbuf_auto line;
                strbuf_init(&line, 0);
                (void)recording_text(recording_at(r, i), &line);
                (void)recording_object(recording_at(r, i), &len, &deleted);
            }
            recording_free(r);
        }
    }
}

static void
recording__refuses_a_line_beyond_every_frame(void **state)
{
    size_t len = LIMIT_RECORDING_LINE_BYTES + 100, head = strlen(HEAD);
    char *text = malloc(head + len + 3);
    struct recording *r = NULL;
    struct iw_error err = {0};
    (void)state;
    memcpy(text, HEAD, head);
    memset(text + head, '[', len);
    memcpy(text + head + len, "\n\n", 3);
    assert_int_equal(recording_read("FILE", text, head + len + 2, &r, &err), IW_ERR_PARSE);
    assert_non_null(strstr(err.msg, "FILE:2: the line is longer than any frame"));
    assert_int_equal(recording_open("/nonexistent.jsonl", &r, &err), IW_ERR_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording__reads_heads_and_keeps_the_data),
        cmocka_unit_test(recording__leaves_out_a_cut_last_line),
        cmocka_unit_test(recording__says_where_it_is_broken),
        cmocka_unit_test(recording__ignores_what_it_does_not_know),
        cmocka_unit_test(recording__survives_any_cut_and_any_flip),
        cmocka_unit_test(recording__refuses_a_line_beyond_every_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
