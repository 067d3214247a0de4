/* Protobuf lists and watches: pieces are the same whatever the chunks; lengths are believed only
 * within the ceiling.
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
#include "pbfile.h"

/* A letter for the kind, the length and the bytes of each piece. */
struct seen {
    struct strbuf text;
    size_t pieces, stop_after; /* 0: never */
};

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct seen *seen = ctx;
    strbuf_addf(&seen->text, "%c%zu:",
                kind == FRAME_DOC    ? 'D'
                : kind == FRAME_ITEM ? 'I'
                                     : 'E',
                len);
    strbuf_add(&seen->text, bytes, len);
    seen->pieces++;
    return seen->pieces != seen->stop_after;
}

static enum iw_err
run(enum frame_mode mode, struct pb_span bytes, size_t chunk, struct seen *seen)
{
    struct frame f;
    frame_init(&f, mode, 100);
    enum iw_err code = IW_OK;
    while (code == IW_OK && pb_len(bytes) > 0) {
        size_t n = IW_MIN(chunk, pb_len(bytes));
        iw_autofree char *copy = iw_malloc(n);
        memcpy(copy, bytes.at, n);
        bytes.at += n;
        code = frame_feed(&f, copy, n, on_piece, seen, NULL);
    }
    if (code == IW_OK)
        code = frame_finish(&f, on_piece, seen, NULL);
    frame_free(&f);
    return code;
}

static void
assert_pieces(enum frame_mode mode, struct pb_span bytes, enum iw_err want_code,
              struct pb_span want)
{
    for (size_t chunk = 1; chunk <= pb_len(bytes) + 1; chunk++) {
        struct seen seen = {0};
        strbuf_init(&seen.text, 0);
        enum iw_err code = run(mode, bytes, chunk, &seen);
        if (code != want_code || seen.text.len != pb_len(want) ||
            memcmp(seen.text.data, want.at, seen.text.len) != 0)
            fail_msg("chunks of %zu: %s, %zu bytes of pieces, expected %s, %zu", chunk,
                     iw_err_name(code), seen.text.len, iw_err_name(want_code), pb_len(want));
        strbuf_free(&seen.text);
    }
}
#define SPAN(bytes) pb_span_of(bytes, sizeof(bytes) - 1)

#define TYPE_META "\x0a\x0d\x0a\x02v1\x12\x07PodList"
#define LIST_META                                                                                  \
    "\x0a\x05\x12\x03"                                                                             \
    "100"

static void
frame_pb_list__hands_on_items_then_the_rest(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_LIST,
                  SPAN("k8s\0" TYPE_META "\x12\x10" LIST_META "\x12\x02"
                       "ab"
                       "\x12\x00"
                       "\x12\x01"
                       "c"
                       "\x1a\x00\x22\x00"),
                  IW_OK,
                  SPAN("I2:abI0:I1:c"
                       "E32:k8s\0" TYPE_META "\x1a\x00\x22\x00\x12\x07" LIST_META));
}

static void
frame_pb_list__takes_metadata_behind_the_items(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_LIST,
                  SPAN("k8s\0" TYPE_META "\x12\x0d\x12\x02"
                       "ab"
                       "\x18\x05" LIST_META),
                  IW_OK, SPAN("I2:abE30:k8s\0" TYPE_META "\x12\x09\x18\x05" LIST_META));
}

static void
frame_pb_list__an_empty_list_has_an_envelope(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\0" TYPE_META "\x12\x00"), IW_OK,
                  SPAN("E21:k8s\0" TYPE_META "\x12\x00"));
}

static void
frame_pb_list__says_when_it_is_cut(void **state)
{
    (void)state;
    static const char whole[] = "k8s\0" TYPE_META "\x12\x0b" LIST_META "\x12\x02"
                                "ab";
    /* Only the whole list has an envelope: everything shorter ends in the middle. */
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        struct seen seen = {0};
        strbuf_init(&seen.text, 0);
        assert_int_equal(run(FRAME_PB_LIST, pb_span_of(whole, len), 3, &seen), IW_ERR_EOF);
        assert_null(memchr(seen.text.data, 'E', seen.text.len));
        strbuf_free(&seen.text);
    }
}

static void
frame_pb_list__refuses_other_things(void **state)
{
    (void)state;
    const struct pb_span none = SPAN("");
    assert_pieces(FRAME_PB_LIST, SPAN("{\"kind\":\"PodList\"}"), IW_ERR_PARSE, none);
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\1" TYPE_META), IW_ERR_PARSE, none);
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\0\x0b\x01"), IW_ERR_PARSE, none);
    /* An item that reaches over the end of its list, a head that does, two lists. */
    assert_pieces(FRAME_PB_LIST,
                  SPAN("k8s\0" TYPE_META "\x12\x03\x12\x09"
                       "abcdefghi"),
                  IW_ERR_PARSE, none);
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\0" TYPE_META "\x12\x01\x12\x00"), IW_ERR_PARSE, none);
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\0" TYPE_META "\x12\x00\x12\x00"), IW_ERR_PARSE, none);
}

static void
frame_pb_list__refuses_an_item_over_the_ceiling_by_its_length(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_LIST, SPAN("k8s\0" TYPE_META "\x12\xff\x7f\x12\xff\x01"), IW_ERR_TOO_BIG,
                  SPAN(""));
}

static void
frame_pb_watch__hands_on_frames(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_WATCH,
                  SPAN("\0\0\0\x03"
                       "abc"
                       "\0\0\0\x01"
                       "d"),
                  IW_OK, SPAN("D3:abcD1:d"));
    assert_pieces(FRAME_PB_WATCH, SPAN(""), IW_OK, SPAN(""));
    assert_pieces(FRAME_PB_WATCH,
                  SPAN("\0\0\0\x03"
                       "abc"
                       "\0\0"),
                  IW_ERR_EOF, SPAN("D3:abc"));
    assert_pieces(FRAME_PB_WATCH,
                  SPAN("\0\0\0\x03"
                       "ab"),
                  IW_ERR_EOF, SPAN(""));
}

static void
frame_pb_watch__refuses_lengths_that_make_no_sense(void **state)
{
    (void)state;
    assert_pieces(FRAME_PB_WATCH, SPAN("\0\0\0\x65"), IW_ERR_TOO_BIG, SPAN(""));
    assert_pieces(FRAME_PB_WATCH, SPAN("\xff\xff\xff\xff"), IW_ERR_TOO_BIG, SPAN(""));
    assert_pieces(FRAME_PB_WATCH, SPAN("\0\0\0\0"), IW_ERR_PARSE, SPAN(""));
}

static void
frame_pb__stops_when_it_is_told(void **state)
{
    (void)state;
    struct seen seen = {.stop_after = 1};
    strbuf_init(&seen.text, 0);
    assert_int_equal(run(FRAME_PB_WATCH,
                         SPAN("\0\0\0\x01"
                              "a"
                              "\0\0\0\x01"
                              "b"),
                         100, &seen),
                     IW_ERR_CANCELED);
    assert_string_equal(seen.text.data, "D1:a");
    strbuf_free(&seen.text);
}

static bool
on_placed_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    const char **place = ctx;
    (void)len;
    if (kind == FRAME_ITEM)
        *place = bytes;
    return true;
}

/* Copying every pod costs as much as reading it. */
static void
frame_pb_list__hands_on_a_whole_item_where_it_lies(void **state)
{
    (void)state;
    static const char list[] = "k8s\0\x12\x05\x12\x03"
                               "abc";
    const char *place = NULL;
    struct frame f;
    frame_init(&f, FRAME_PB_LIST, 100);
    assert_int_equal(frame_feed(&f, list, sizeof(list) - 1, on_placed_piece, &place, NULL), IW_OK);
    assert_ptr_equal(place, list + sizeof(list) - 4);
    frame_free(&f);
}

struct count {
    size_t items, bytes, most;
};

static bool
on_real_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct count *count = ctx;
    (void)bytes;
    count->items += kind == FRAME_ITEM;
    count->bytes += len;
    count->most = IW_MAX(count->most, len);
    return true;
}

/* Memory is for one item, whatever the list. */
static void
frame_pb_list__cuts_the_list_of_a_real_server(void **state)
{
    (void)state;
    struct strbuf bytes;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &bytes));
    struct frame f;
    struct count count = {0};
    frame_init(&f, FRAME_PB_LIST, LIMIT_FRAME_BYTES);
    for (size_t at = 0; at < bytes.len; at += 1000)
        assert_int_equal(frame_feed(&f, bytes.data + at, IW_MIN(bytes.len - at, (size_t)1000),
                                    on_real_piece, &count, NULL),
                         IW_OK);
    assert_int_equal(frame_finish(&f, on_real_piece, &count, NULL), IW_OK);
    assert_int_equal(count.items, 1500);
    assert_true(f.piece.cap < 4 * count.most && f.envelope.cap < 4096);
    frame_free(&f);
    strbuf_free(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_pb_list__hands_on_items_then_the_rest),
        cmocka_unit_test(frame_pb_list__takes_metadata_behind_the_items),
        cmocka_unit_test(frame_pb_list__an_empty_list_has_an_envelope),
        cmocka_unit_test(frame_pb_list__says_when_it_is_cut),
        cmocka_unit_test(frame_pb_list__refuses_other_things),
        cmocka_unit_test(frame_pb_list__refuses_an_item_over_the_ceiling_by_its_length),
        cmocka_unit_test(frame_pb_watch__hands_on_frames),
        cmocka_unit_test(frame_pb_watch__refuses_lengths_that_make_no_sense),
        cmocka_unit_test(frame_pb__stops_when_it_is_told),
        cmocka_unit_test(frame_pb_list__hands_on_a_whole_item_where_it_lies),
        cmocka_unit_test(frame_pb_list__cuts_the_list_of_a_real_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
