/* pbread: what a client may send as protobuf, and what must not hurt.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/demo/pbread.h"
#include "initwatch/base/alloc.h"

/* Bytes as Go writes them: every member that is no pointer is there, empty or not. */
static void
wrap(struct strbuf *out, const char *version, const char *kind, const char *raw, size_t len)
{
    pbform_object_head(out, version, kind, len);
    strbuf_add(out, raw, len);
    pbform_object_tail(out);
}

static json_t *
read_raw(const char *kind, const char *raw, size_t len)
{
    struct iw_error err = {0};
    struct strbuf body;
    strbuf_init(&body, 0);
    wrap(&body, "v1", kind, raw, len);
    json_t *object = pbread_object(body.data, body.len, &err);
    assert_true(object != NULL || err.code == IW_ERR_PARSE);
    strbuf_free(&body);
    return object;
}

static void
assert_reads(const char *kind, const char *raw, size_t len, const char *want)
{
    json_t *object = read_raw(kind, raw, len);
    char *text = json_dumps(object, JSON_COMPACT);
    assert_string_equal(text, want);
    free(text);
    json_decref(object);
}
#define READS(kind, raw, want) assert_reads(kind, raw, sizeof(raw) - 1, want)

static void
pbread_object__leaves_out_what_go_writes_for_nothing(void **state)
{
    (void)state;
    /* metadata: name "n", generateName "", creationTimestamp {}; spec: replicas 0, selector {},
     * minReadySeconds 0 */
    READS("Deployment", "\x0a\x07\x0a\x01n\x12\x00\x42\x00\x12\x06\x08\x00\x12\x00\x28\x00",
          "{\"apiVersion\":\"v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"n\"},"
          "\"spec\":{\"replicas\":0}}");
}

static void
pbread_object__writes_bytes_as_base64(void **state)
{
    (void)state;
    READS("Secret", "\x12\x07\x0a\x01k\x12\x02\xff\xfe\x1a\x06Opaque",
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"//4=\"},"
          "\"type\":\"Opaque\"}");
    READS("Secret", "\x12\x05\x0a\x01k\x12\x00",
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"\"}}");
}

static void
pbread_object__refuses_what_it_cannot_read(void **state)
{
    (void)state;
    static const char text_of_bad_utf8[] = "\x12\x07\x0a\x01k\x12\x02\xff\xfe";
    assert_null(read_raw("ConfigMap", text_of_bad_utf8, sizeof(text_of_bad_utf8) - 1));
    assert_null(read_raw("ConfigMap", "\x10\x01", 2)); /* a number where a map is */
    assert_null(read_raw("Lease", "", 0));
    struct iw_error err = {0};
    assert_null(pbread_object("k8s", 3, &err));
    assert_int_equal(err.code, IW_ERR_PARSE);
}

/* Each cut and each changed byte gives an object or an error, never more. */
static void
pbread_object__survives_broken_bodies(void **state)
{
    (void)state;
    static const char raw[] = "\x0a\x03\x0a\x01n\x12\x19\x12\x17\x0a\x01"
                              "c\x12\x01i\x1a\x02sh"
                              "\x32\x09\x0a\x01p\x12\x04\x08\x01\x1a\x00";
    struct strbuf body;
    struct iw_error err = {0};
    unsigned objects = 0;
    strbuf_init(&body, 0);
    wrap(&body, "v1", "Pod", raw, sizeof(raw) - 1);
    for (size_t cut = 0; cut <= body.len; cut++) {
        char *copy = iw_malloc(cut + 1); /* of its own, so that a read past its end is seen */
        memcpy(copy, body.data, cut);
        json_t *object = pbread_object(copy, cut, &err);
        objects += object != NULL;
        json_decref(object);
        free(copy);
    }
    for (size_t at = 0; at < body.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            body.data[at] ^= (char)(1 << bit);
            json_decref(pbread_object(body.data, body.len, &err));
            body.data[at] ^= (char)(1 << bit);
        }
    }
    assert_true(objects > 0);
    strbuf_free(&body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pbread_object__leaves_out_what_go_writes_for_nothing),
        cmocka_unit_test(pbread_object__writes_bytes_as_base64),
        cmocka_unit_test(pbread_object__refuses_what_it_cannot_read),
        cmocka_unit_test(pbread_object__survives_broken_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
