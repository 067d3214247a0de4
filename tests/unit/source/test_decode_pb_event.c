/* Events, Status, ListMeta and WatchEvent from protobuf.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"
#include "pbencode.h"

static void
assert_same_event(const struct kevent *a, const struct kevent *b)
{
    assert_string_equal(a->uid, b->uid);
    assert_string_equal(a->ns, b->ns);
    assert_string_equal(a->type, b->type);
    assert_string_equal(a->reason, b->reason);
    assert_string_equal(a->message, b->message);
    assert_string_equal(a->object_kind, b->object_kind);
    assert_string_equal(a->object_name, b->object_name);
    assert_string_equal(a->object_uid, b->object_uid);
    assert_string_equal(a->container, b->container);
    assert_string_equal(a->source, b->source);
    assert_int_equal(a->count, b->count);
    assert_true(a->first_ms == b->first_ms && a->last_ms == b->last_ms);
}

static void
compare_event(const json_t *object)
{
    struct kevent a, b;
    struct strbuf message;
    strbuf_init(&message, 0);
    pe_encode(&message, "Event", object);
    assert_int_equal(decode_event(object, &a, NULL), IW_OK);
    assert_int_equal(decode_event_pb(pbfile_span(&message), &b, NULL), IW_OK);
    assert_same_event(&a, &b);
    strbuf_free(&message);
}

static void
decode_event_pb__gives_the_events_of_json(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/decode/lists.jsonl.gz");
    assert_non_null(lines);
    unsigned events = 0;
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
        json_t *root = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
        bool is_core = strstr(json_string_value(json_object_get(root, "name")), "events-core");
        const json_t *items = json_object_get(json_object_get(root, "list"), "items");
        for (size_t k = 0; is_core && k < json_array_size(items); k++, events++)
            compare_event(json_array_get(items, k));
        json_decref(root);
    }
    assert_true(events > 300);
    gzlines_close(lines);
}

static void
decode_event_pb__reads_series_and_micro_times(void **state)
{
    (void)state;
    json_t *object = json_loads(
        "{\"metadata\":{\"name\":\"n\"},\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\"q\","
        "\"fieldPath\":\"spec.ephemeralContainers{dbg}\"},\"count\":3,"
        "\"eventTime\":\"2026-11-22T01:00:39.512594Z\",\"reportingComponent\":\"s\","
        "\"series\":{\"count\":7,\"lastObservedTime\":\"2026-11-22T01:05:00Z\"}}",
        0, NULL);
    compare_event(object);
    struct strbuf message;
    strbuf_init(&message, 0);
    pe_encode(&message, "Event", object);
    struct kevent ev;
    assert_int_equal(decode_event_pb(pbfile_span(&message), &ev, NULL), IW_OK);
    assert_int_equal(ev.count, 7);
    assert_string_equal(ev.container, "dbg");
    assert_string_equal(ev.uid, "n");
    assert_string_equal(ev.ns, "q");
    assert_string_equal(ev.source, "s");
    assert_true(ev.first_ms == 1795309239512);
    strbuf_free(&message);
    json_decref(object);
}

static void
decode_event_pb__refuses_damage(void **state)
{
    (void)state;
    struct kevent ev;
    struct iw_error err = {0};
    assert_int_equal(decode_event_pb(pb_span_of("\x1a\x09x", 3), &ev, &err), IW_ERR_PARSE);
    assert_string_equal(err.msg, "Event is not well-formed protobuf");
}

static enum iw_err
status_of(uint64_t code, const char *reason, const char *text, uint64_t retry_s,
          struct iw_error *err)
{
    struct strbuf status, details;
    strbuf_init(&status, 0);
    strbuf_init(&details, 0);
    pbw_number(&details, 5, retry_s);
    pbw_text(&status, 3, text);
    pbw_text(&status, 4, reason);
    pbw_message(&status, 5, &details);
    pbw_number(&status, 6, code);
    enum iw_err rc = decode_status_pb(pbfile_span(&status), err);
    strbuf_free(&status);
    strbuf_free(&details);
    return rc;
}

static void
decode_status_pb__is_an_error_with_its_class(void **state)
{
    (void)state;
    struct iw_error err;
    assert_int_equal(status_of(410, "Expired", "too old", 0, &err), IW_ERR_GONE);
    assert_string_equal(err.msg, "too old");
    assert_int_equal(err.http_status, 410);
    assert_int_equal(status_of(429, "TooManyRequests", "", 3, &err), IW_ERR_THROTTLED);
    assert_string_equal(err.msg, "TooManyRequests");
    assert_int_equal(err.retry_after_ms, 3000);
    assert_int_equal(status_of(0, "Forbidden", "no", 0, &err), IW_ERR_FORBIDDEN);
    assert_int_equal(status_of(500, "", "x", UINT64_MAX, &err), IW_ERR_SERVER);
    assert_int_equal(err.retry_after_ms, 0);
    assert_int_equal(decode_status_pb((struct pb_span){0}, &err), IW_ERR_HTTP);
    assert_true(err.msg[0] != '\0');
}

static void
decode_list_meta_pb__reads_version_token_and_rest(void **state)
{
    (void)state;
    struct strbuf meta;
    strbuf_init(&meta, 0);
    pbw_text(&meta, 1, "");
    pbw_text(&meta, 2, "2825");
    pbw_text(&meta, 3, "token");
    pbw_number(&meta, 4, 4500);
    struct pb_list_meta got = decode_list_meta_pb(pbfile_span(&meta));
    assert_true(pb_equals(got.resource_version, "2825"));
    assert_true(pb_equals(got.continue_token, "token"));
    assert_int_equal(got.remaining, 4500);
    strbuf_free(&meta);
}

static void
decode_watch_event_pb__unwraps_the_object(void **state)
{
    (void)state;
    struct strbuf frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, "ADDED", "Pod", "\x08\x01", 2);
    struct pb_watch_event event;
    struct iw_error err = {0};
    struct pb_span message = pb_span_of(frame.data + 4, frame.len - 4);
    assert_int_equal(decode_watch_event_pb(message, &event, &err), IW_OK);
    assert_true(pb_equals(event.type, "ADDED"));
    assert_true(pb_equals(event.object.kind, "Pod"));
    assert_int_equal(pb_len(event.object.raw), 2);
    message.end -= 3;
    assert_int_equal(decode_watch_event_pb(message, &event, &err), IW_ERR_PARSE);
    strbuf_free(&frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_event_pb__gives_the_events_of_json),
        cmocka_unit_test(decode_event_pb__reads_series_and_micro_times),
        cmocka_unit_test(decode_event_pb__refuses_damage),
        cmocka_unit_test(decode_status_pb__is_an_error_with_its_class),
        cmocka_unit_test(decode_list_meta_pb__reads_version_token_and_rest),
        cmocka_unit_test(decode_watch_event_pb__unwraps_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
