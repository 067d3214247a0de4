/* frame: pieces are the same whatever the chunks; ceilings hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/net/frame.h"

/* What came out, as one text: a letter for the kind, the piece, a newline. */
struct seen {
    struct strbuf text;
    size_t pieces, stop_after; /* 0: never */
};

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    static const char letters[] = {[FRAME_DOC] = 'D',
                                   [FRAME_ITEM] = 'I',
                                   [FRAME_ENVELOPE] = 'E',
                                   [FRAME_LINE] = 'L',
                                   [FRAME_LINE_CUT] = 'C'};
    struct seen *seen = ctx;
    if (kind != FRAME_LINE && kind != FRAME_LINE_CUT)
        assert_int_equal(bytes[len], '\0');
    strbuf_addc(&seen->text, letters[kind]);
    strbuf_add(&seen->text, bytes, len);
    strbuf_addc(&seen->text, '\n');
    seen->pieces++;
    return seen->pieces != seen->stop_after;
}

/* Feed in chunks of that size; the result of the first failure, or of the finish. */
static enum iw_err
run(enum frame_mode mode, size_t ceiling, const char *text, size_t chunk, struct seen *seen)
{
    struct frame f;
    frame_init(&f, mode, ceiling);
    enum iw_err code = IW_OK;
    size_t len = strlen(text);
    for (size_t at = 0; code == IW_OK && at < len; at += chunk) {
        /* An exact copy, so that the sanitizer sees a read past the chunk. */
        size_t n = IW_MIN(chunk, len - at);
        iw_autofree char *copy = iw_malloc(n);
        memcpy(copy, text + at, n);
        code = frame_feed(&f, copy, n, on_piece, seen, NULL);
    }
    if (code == IW_OK)
        code = frame_finish(&f, on_piece, seen, NULL);
    frame_free(&f);
    return code;
}

static void
assert_pieces(enum frame_mode mode, const char *text, enum iw_err want_code, const char *want)
{
    for (size_t chunk = 1; chunk <= strlen(text) + 1; chunk++) {
        struct seen seen = {0};
        strbuf_init(&seen.text, 0);
        enum iw_err code = run(mode, 1000, text, chunk, &seen);
        if (code != want_code || strcmp(seen.text.data, want) != 0)
            fail_msg("chunks of %zu of <%s>: %s, pieces <%s>", chunk, text, iw_err_name(code),
                     seen.text.data);
        strbuf_free(&seen.text);
    }
}

static void
frame_watch__hands_on_whole_documents(void **state)
{
    (void)state;
    assert_pieces(FRAME_WATCH, "{\"a\":1}\n{\"b\":{\"c\":[1,{}]}}", IW_OK,
                  "D{\"a\":1}\nD{\"b\":{\"c\":[1,{}]}}\n");
    assert_pieces(FRAME_WATCH, " \r\n\t{}{} [1] \n", IW_OK, "D{}\nD{}\nD[1]\n");
    assert_pieces(FRAME_WATCH, "", IW_OK, "");
}

static void
frame_watch__follows_strings_with_escapes(void **state)
{
    (void)state;
    assert_pieces(FRAME_WATCH, "{\"a}\":\"}\\\"{[\",\"b\":\"\\\\\"}{\"c\":\"\\u007d\"}", IW_OK,
                  "D{\"a}\":\"}\\\"{[\",\"b\":\"\\\\\"}\nD{\"c\":\"\\u007d\"}\n");
}

static void
frame_watch__tells_an_early_end(void **state)
{
    (void)state;
    assert_pieces(FRAME_WATCH, "{}{\"a\":", IW_ERR_EOF, "D{}\n");
    assert_pieces(FRAME_WATCH, "{\"a", IW_ERR_EOF, "");
}

static void
frame_watch__refuses_what_is_no_json(void **state)
{
    (void)state;
    assert_pieces(FRAME_WATCH, "{}<html>", IW_ERR_PARSE, "D{}\n");
    assert_pieces(FRAME_WATCH, "{]", IW_ERR_PARSE, "");
    assert_pieces(FRAME_WATCH, "[{]}", IW_ERR_PARSE, "");
    assert_pieces(FRAME_WATCH, "}", IW_ERR_PARSE, "");
    assert_pieces(FRAME_WATCH, "null", IW_ERR_PARSE, "");
}

static void
frame_watch__refuses_a_depth_bomb(void **state)
{
    (void)state;
    char deep[2 * LIMIT_JSON_DEPTH + 3];
    struct seen seen = {0};
    strbuf_init(&seen.text, 0);
    memset(deep, '[', LIMIT_JSON_DEPTH);
    memset(deep + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    deep[2 * LIMIT_JSON_DEPTH] = '\0';
    assert_int_equal(run(FRAME_WATCH, 1u << 20, deep, 100, &seen), IW_OK);
    memset(deep, '[', LIMIT_JSON_DEPTH + 1);
    deep[LIMIT_JSON_DEPTH + 1] = '\0';
    assert_int_equal(run(FRAME_WATCH, 1u << 20, deep, 100, &seen), IW_ERR_PARSE);
    strbuf_free(&seen.text);
}

static void
frame_watch__holds_its_ceiling(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk < 25; chunk++) {
        struct seen seen = {0};
        strbuf_init(&seen.text, 0);
        assert_int_equal(run(FRAME_WATCH, 9, "{\"a\":123}{\"a\":1234}", chunk, &seen),
                         IW_ERR_TOO_BIG);
        assert_string_equal(seen.text.data, "D{\"a\":123}\n");
        strbuf_free(&seen.text);
    }
}

static void
frame_list__takes_the_elements_out(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST,
                  "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{"
                  "\"a\":1}, {\"b\":[2]}\n]}\n",
                  IW_OK,
                  "I{\"a\":1}\nI{\"b\":[2]}\nE{\"kind\":\"PodList\",\"metadata\":{"
                  "\"resourceVersion\":\"5\"},\"items\":[]}\n");
}

static void
frame_list__takes_items_before_metadata(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "{ \"items\" : [ {} ] , \"metadata\":{}}", IW_OK,
                  "I{}\nE{ \"items\" : [] , \"metadata\":{}}\n");
}

static void
frame_list__leaves_null_and_other_items(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "{\"items\":null,\"k\":1}", IW_OK, "E{\"items\":null,\"k\":1}\n");
    assert_pieces(FRAME_LIST, "{\"items\":{\"items\":[1]}}", IW_OK,
                  "E{\"items\":{\"items\":[1]}}\n");
    assert_pieces(FRAME_LIST, "{\"items\":[]}", IW_OK, "E{\"items\":[]}\n");
    assert_pieces(FRAME_LIST, "{}", IW_OK, "E{}\n");
}

static void
frame_list__looks_only_at_the_outermost_member_names(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "{\"m\":{\"items\":[1]},\"items\":[{\"items\":[{}]}],\"z\":[3]}",
                  IW_OK, "I{\"items\":[{}]}\nE{\"m\":{\"items\":[1]},\"items\":[],\"z\":[3]}\n");
    assert_pieces(FRAME_LIST, "{\"k\":\"items\",\"z\":[3]}", IW_OK,
                  "E{\"k\":\"items\",\"z\":[3]}\n");
    assert_pieces(FRAME_LIST, "{\"items2\":[3],\"item\":[4],\"items\\\\\":[5]}", IW_OK,
                  "E{\"items2\":[3],\"item\":[4],\"items\\\\\":[5]}\n");
    assert_pieces(FRAME_LIST, "{\"a long name of a member\":[3]}", IW_OK,
                  "E{\"a long name of a member\":[3]}\n");
}

static void
frame_list__takes_bare_values(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "{\"items\":[1, \"a,]\" ,null,true ]}", IW_OK,
                  "I1\nI\"a,]\"\nInull\nItrue\nE{\"items\":[]}\n");
}

static void
frame_list__tells_an_early_end(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "{\"items\":[{\"a\":1},{\"b", IW_ERR_EOF, "I{\"a\":1}\n");
    assert_pieces(FRAME_LIST, "{\"items\":[{\"a\":1},", IW_ERR_EOF, "I{\"a\":1}\n");
    assert_pieces(FRAME_LIST, "{\"items\":[]", IW_ERR_EOF, "");
    assert_pieces(FRAME_LIST, "", IW_ERR_EOF, "");
}

static void
frame_list__refuses_what_is_no_list(void **state)
{
    (void)state;
    assert_pieces(FRAME_LIST, "[1]", IW_ERR_PARSE, "");
    assert_pieces(FRAME_LIST, "{\"items\":[}]", IW_ERR_PARSE, "");
    assert_pieces(FRAME_LIST, "{} {}", IW_ERR_PARSE, "E{}\n");
    assert_pieces(FRAME_LIST, "{\"items\":[1}", IW_ERR_PARSE, "I1\n");
    assert_pieces(FRAME_LIST, "{\"items\":[:,1:2]}", IW_OK, "I:\nI1:2\nE{\"items\":[]}\n");
}

static void
frame_list__holds_its_ceiling_for_the_envelope_too(void **state)
{
    (void)state;
    struct seen seen = {0};
    strbuf_init(&seen.text, 0);
    assert_int_equal(run(FRAME_LIST, 20, "{\"kind\":\"a long envelope\"}", 5, &seen),
                     IW_ERR_TOO_BIG);
    assert_int_equal(run(FRAME_LIST, 20, "{\"items\":[{},{},{},{},{},{},{},{},{}]}", 5, &seen),
                     IW_OK);
    assert_int_equal(seen.pieces, 10);
    strbuf_free(&seen.text);
}

static void
frame_lines__cuts_at_newlines(void **state)
{
    (void)state;
    assert_pieces(FRAME_LINES, "one\n\ntwo\r\nlast", IW_OK, "Lone\nL\nLtwo\r\nLlast\n");
    assert_pieces(FRAME_LINES, "one\n", IW_OK, "Lone\n");
    assert_pieces(FRAME_LINES, "", IW_OK, "");
}

static void
frame_lines__cuts_a_long_line(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk < 20; chunk++) {
        struct seen seen = {0};
        strbuf_init(&seen.text, 0);
        assert_int_equal(run(FRAME_LINES, 4, "1234\n12345678\nab\n123456", chunk, &seen), IW_OK);
        assert_string_equal(seen.text.data, "L1234\nC1234\nLab\nC1234\n");
        strbuf_free(&seen.text);
    }
}

static void
frame_feed__stops_when_told(void **state)
{
    (void)state;
    struct seen seen = {.stop_after = 2};
    strbuf_init(&seen.text, 0);
    assert_int_equal(run(FRAME_WATCH, 100, "{}{}{}", 6, &seen), IW_ERR_CANCELED);
    assert_int_equal(seen.pieces, 2);
    seen.pieces = 0;
    assert_int_equal(run(FRAME_LINES, 100, "a\nb\nc\n", 6, &seen), IW_ERR_CANCELED);
    assert_int_equal(seen.pieces, 2);
    strbuf_free(&seen.text);
}

static bool
free_on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    (void)kind, (void)bytes, (void)len;
    frame_free(ctx);
    return false;
}

static void
frame_feed__may_lose_the_frame_when_told_to_stop(void **state)
{
    (void)state;
    struct frame f;
    frame_init(&f, FRAME_LIST, 100);
    const char text[] = "{\"items\":[{},{}]}";
    assert_int_equal(frame_feed(&f, text, strlen(text), free_on_piece, &f, NULL), IW_ERR_CANCELED);
}

static void
frame_feed__stays_broken(void **state)
{
    (void)state;
    struct frame f;
    struct seen seen = {0};
    frame_init(&f, FRAME_WATCH, 100);
    assert_int_equal(frame_feed(&f, "x", 1, on_piece, &seen, NULL), IW_ERR_PARSE);
    assert_int_equal(frame_feed(&f, "{}", 2, on_piece, &seen, NULL), IW_ERR_PARSE);
    assert_int_equal(frame_finish(&f, on_piece, &seen, NULL), IW_ERR_PARSE);
    frame_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_watch__hands_on_whole_documents),
        cmocka_unit_test(frame_watch__follows_strings_with_escapes),
        cmocka_unit_test(frame_watch__tells_an_early_end),
        cmocka_unit_test(frame_watch__refuses_what_is_no_json),
        cmocka_unit_test(frame_watch__refuses_a_depth_bomb),
        cmocka_unit_test(frame_watch__holds_its_ceiling),
        cmocka_unit_test(frame_list__takes_the_elements_out),
        cmocka_unit_test(frame_list__takes_items_before_metadata),
        cmocka_unit_test(frame_list__leaves_null_and_other_items),
        cmocka_unit_test(frame_list__looks_only_at_the_outermost_member_names),
        cmocka_unit_test(frame_list__takes_bare_values),
        cmocka_unit_test(frame_list__tells_an_early_end),
        cmocka_unit_test(frame_list__refuses_what_is_no_list),
        cmocka_unit_test(frame_list__holds_its_ceiling_for_the_envelope_too),
        cmocka_unit_test(frame_lines__cuts_at_newlines),
        cmocka_unit_test(frame_lines__cuts_a_long_line),
        cmocka_unit_test(frame_feed__stops_when_told),
        cmocka_unit_test(frame_feed__may_lose_the_frame_when_told_to_stop),
        cmocka_unit_test(frame_feed__stays_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
