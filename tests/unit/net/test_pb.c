/* The wire format, byte by byte; damage is found, never followed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/net/pb.h"

#define SPAN(bytes) pb_span_of(bytes, sizeof(bytes) - 1)

static void
pb_next__reads_every_kind_of_field(void **state)
{
    (void)state;
    struct pb_span rest = SPAN("\x08\x96\x01"                         /* 1: varint 150 */
                               "\x11\x01\x02\x03\x04\x05\x06\x07\x08" /* 2: fixed64 */
                               "\x1a\x03"                             /* 3: bytes */
                               "abc"
                               "\x25\xff\x00\x00\x80"       /* 4: fixed32 */
                               "\xf8\xff\xff\xff\x0f\x01"); /* the highest number */
    struct pb_field f;
    assert_int_equal(pb_next(&rest, &f), PB_FIELD);
    assert_true(f.number == 1 && f.wire == PB_VARINT && f.value == 150);
    assert_int_equal(pb_next(&rest, &f), PB_FIELD);
    assert_true(f.number == 2 && f.wire == PB_FIXED64 && f.value == 0x0807060504030201);
    assert_int_equal(pb_next(&rest, &f), PB_FIELD);
    assert_true(f.number == 3 && f.wire == PB_BYTES && f.value == 3);
    assert_true(pb_equals(f.bytes, "abc"));
    assert_int_equal(pb_next(&rest, &f), PB_FIELD);
    assert_true(f.number == 4 && f.wire == PB_FIXED32 && f.value == 0x800000ff);
    assert_int_equal(pb_next(&rest, &f), PB_FIELD);
    assert_true(f.number == 536870911 && f.value == 1);
    assert_int_equal(pb_next(&rest, &f), PB_END);
}

/* Whatever is wrong: no field comes out of it. The bytes are an exact copy, so that the sanitizer
 * sees a read past them. */
static void
pb_next__refuses_what_is_damaged(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\x08", 1},     /* no value */
        {"\x08\x80", 2}, /* a value cut off */
        {"\x80", 1},     /* a tag cut off */
        {"\x00\x01", 2}, /* field number 0 */
        {"\x0b", 1},     /* a group */
        {"\x0c", 1},     /* the end of one */
        {"\x0e\x01", 2}, /* wire type 6 */
        {"\x0f\x01", 2}, /* wire type 7 */
        {"\x0a\x05"
         "abcd",
         6},                                                      /* longer than the message */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},     /* 2^64 - 1 bytes */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11},     /* more than 64 bits */
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12}, /* eleven bytes */
        {"\x09\x01\x02\x03", 4}, /* seven bytes of eight are missing */
        {"\x0d\x01\x02\x03", 4},
        {"\x80\x80\x80\x80\x80\x01\x01", 7}, /* a number of more than 29 bits */
    };
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        iw_autofree char *copy = iw_malloc(cases[i].len);
        memcpy(copy, cases[i].bytes, cases[i].len);
        struct pb_span rest = pb_span_of(copy, cases[i].len);
        struct pb_field f;
        if (pb_next(&rest, &f) != PB_BROKEN)
            fail_msg("case %zu was taken for a field", i);
    }
}

static void
pb_head__waits_for_the_rest_of_a_head(void **state)
{
    (void)state;
    static const char bytes[] = "\x92\x01\x80\x01";
    struct pb_field f;
    for (size_t len = 0; len < sizeof(bytes) - 1; len++) {
        struct pb_span rest = pb_span_of(bytes, len);
        assert_int_equal(pb_head(&rest, &f), PB_END);
        assert_ptr_equal(rest.at, bytes);
    }
    struct pb_span rest = SPAN(bytes);
    assert_int_equal(pb_head(&rest, &f), PB_FIELD);
    assert_true(f.number == 18 && f.wire == PB_BYTES && f.value == 128);
    assert_int_equal(pb_len(rest), 0);
}

static void
pb_varint__reads_the_greatest(void **state)
{
    (void)state;
    struct pb_span rest = SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    uint64_t value = 0;
    assert_int_equal(pb_varint(&rest, &value), PB_FIELD);
    assert_true(value == UINT64_MAX);
}

static void
pb_bytes__takes_the_last_of_a_number(void **state)
{
    (void)state;
    struct pb_span message = SPAN("\x0a\x01"
                                  "a"
                                  "\x10\x05"
                                  "\x0a\x01"
                                  "b"
                                  "\x08\x07");
    assert_true(pb_equals(pb_bytes(message, 1), "b"));
    assert_int_equal(pb_len(pb_bytes(message, 2)), 0);
    assert_int_equal(pb_number(message, 2, 99), 5);
    assert_int_equal(pb_number(message, 3, 99), 99);
}

static void
pb_copy__cuts_at_the_room(void **state)
{
    (void)state;
    char out[4];
    pb_copy(SPAN("abcdef"), out, sizeof(out));
    assert_string_equal(out, "abc");
    pb_copy((struct pb_span){0}, out, sizeof(out));
    assert_string_equal(out, "");
}

static void
pb_unwrap__finds_kind_and_message(void **state)
{
    (void)state;
    struct pb_object object;
    assert_true(pb_unwrap(SPAN("k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x02\x08\x01"), &object));
    assert_true(pb_equals(object.kind, "Pod"));
    assert_true(pb_equals(object.api_version, "v1"));
    assert_int_equal(pb_len(object.raw), 2);
    assert_false(pb_unwrap(SPAN("k8s\1\x0a\x09\x0a\x02v1\x12\x03Pod"), &object));
    assert_false(pb_unwrap(SPAN("k8s"), &object));
    assert_false(pb_unwrap(SPAN("k8s\0"), &object));
    assert_false(pb_unwrap(SPAN("{\"kind\":\"Pod\"}"), &object));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pb_next__reads_every_kind_of_field),
        cmocka_unit_test(pb_next__refuses_what_is_damaged),
        cmocka_unit_test(pb_head__waits_for_the_rest_of_a_head),
        cmocka_unit_test(pb_varint__reads_the_greatest),
        cmocka_unit_test(pb_bytes__takes_the_last_of_a_number),
        cmocka_unit_test(pb_copy__cuts_at_the_room),
        cmocka_unit_test(pb_unwrap__finds_kind_and_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
