/* Events of both API groups, and Status objects.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/event.h"
#include "initwatch/source/decode.h"

static json_t *
parse(const char *text)
{
    json_t *root = NULL;
    assert_int_equal(jarena_parse(text, strlen(text), &root, NULL), IW_OK);
    return root;
}

static struct kevent
decode(const char *text)
{
    struct kevent ev;
    struct iw_error err = {0};
    if (decode_event(parse(text), &ev, &err) != IW_OK)
        fail_msg("%s", err.msg);
    return ev;
}

static void
decode_event__reads_a_kubelet_event(void **state)
{
    (void)state;
    struct kevent ev = decode(
        "{\"metadata\":{\"uid\":\"e1\",\"name\":\"n\",\"namespace\":\"shop\","
        "\"creationTimestamp\":\"2026-11-22T01:00:41Z\"},"
        "\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"web\",\"uid\":\"p1\","
        "\"fieldPath\":\"spec.initContainers{download}\"},\"reason\":\"Pulling\",\"message\":\"m\","
        "\"source\":{\"component\":\"kubelet\"},\"firstTimestamp\":\"2026-11-22T01:00:40Z\","
        "\"lastTimestamp\":\"2026-11-22T01:00:50Z\",\"count\":4,\"type\":\"Warning\","
        "\"eventTime\":null}");
    assert_string_equal(ev.uid, "e1");
    assert_string_equal(ev.ns, "shop");
    assert_string_equal(ev.type, "Warning");
    assert_string_equal(ev.reason, "Pulling");
    assert_string_equal(ev.message, "m");
    assert_string_equal(ev.object_kind, "Pod");
    assert_string_equal(ev.object_name, "web");
    assert_string_equal(ev.object_uid, "p1");
    assert_string_equal(ev.container, "download");
    assert_string_equal(ev.source, "kubelet");
    assert_int_equal(ev.count, 4);
    assert_true(ev.first_ms == 1795309240000 && ev.last_ms == 1795309250000);
}

static void
decode_event__takes_event_time_when_the_old_times_are_null(void **state)
{
    (void)state;
    struct kevent ev = decode("{\"firstTimestamp\":null,\"lastTimestamp\":null,\"source\":{},"
                              "\"eventTime\":\"2026-11-22T01:00:39.512594Z\","
                              "\"reportingComponent\":\"default-scheduler\"}");
    assert_true(ev.first_ms == 1795309239512 && ev.last_ms == 1795309239512);
    assert_string_equal(ev.source, "default-scheduler");
    assert_int_equal(ev.count, 1);
    assert_string_equal(ev.container, "");
}

static void
decode_event__counts_a_series(void **state)
{
    (void)state;
    struct kevent ev =
        decode("{\"metadata\":{\"name\":\"n\"},\"regarding\":{\"fieldPath\":\"spec."
               "ephemeralContainers{dbg}\","
               "\"namespace\":\"q\"},\"note\":\"text\",\"eventTime\":\"2026-11-22T01:00:00Z\","
               "\"series\":{\"count\":7,\"lastObservedTime\":\"2026-11-22T01:05:00Z\"},"
               "\"reportingController\":\"c\"}");
    assert_string_equal(ev.uid, "n");
    assert_string_equal(ev.ns, "q");
    assert_string_equal(ev.container, "dbg");
    assert_string_equal(ev.message, "text");
    assert_string_equal(ev.source, "c");
    assert_int_equal(ev.count, 7);
    assert_true(ev.last_ms - ev.first_ms == 300000);
}

static void
decode_event__ignores_other_field_paths(void **state)
{
    (void)state;
    static const char *const paths[] = {"spec.containers", "spec.containersX{a}", "status{a}", ""};
    for (size_t i = 0; i < IW_COUNTOF(paths); i++) {
        json_t *root = json_pack("{s:{s:s}}", "involvedObject", "fieldPath", paths[i]);
        struct kevent ev;
        assert_int_equal(decode_event(root, &ev, NULL), IW_OK);
        assert_string_equal(ev.container, "");
        json_decref(root);
    }
}

static void
decode_event__names_the_field_whose_type_is_wrong(void **state)
{
    (void)state;
    struct kevent ev;
    struct iw_error err = {0};
    assert_int_equal(decode_event(parse("{\"source\":{\"component\":1}}"), &ev, &err),
                     IW_ERR_PARSE);
    assert_string_equal(err.msg, "source.component: expected a string, found a number");
    jarena_release();
}

/* Whichever group tells of an event, and whichever tells it again: it is one row, and counts once. */
static void
is_one_row(const json_t *item, const json_t *other)
{
    struct kevent ev;
    struct kevent_ring *ring = kevent_ring_new(4);
    const json_t *const told[] = {item, other, item};
    for (size_t i = 0; i < IW_COUNTOF(told); i++) {
        assert_int_equal(decode_event(told[i], &ev, NULL), IW_OK);
        kevent_ring_put(ring, &ev);
        assert_int_equal(kevent_ring_count(ring), 1);
        assert_int_equal(kevent_ring_at(ring, 0)->count, ev.count);
    }
    kevent_ring_free(ring);
}

/* A snapshot holds the same events in both groups' shapes: they must decode to the same. */
static void
decode_event__reads_both_groups_alike(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/decode/lists.jsonl.gz");
    assert_non_null(lines);
    json_t *core = NULL;
    size_t compared = 0, with_container = 0;
    for (char *line; (line = gzlines_next(lines, NULL)) != NULL;) {
        json_t *root = json_loads(line, 0, NULL);
        const char *name = json_string_value(json_object_get(root, "name"));
        if (strstr(name, "events-core")) {
            json_decref(core);
            core = json_incref(root);
        }
        const json_t *items = json_object_get(json_object_get(root, "list"), "items");
        const json_t *others = json_object_get(json_object_get(core, "list"), "items");
        for (size_t i = 0; strstr(name, "events-v1") && i < json_array_size(items); i++) {
            struct kevent a, b;
            const json_t *item = json_array_get(items, i);
            const json_t *uid = json_object_get(json_object_get(item, "metadata"), "uid");
            for (size_t k = 0; k < json_array_size(others); k++) {
                const json_t *other = json_array_get(others, k);
                if (!json_equal(uid, json_object_get(json_object_get(other, "metadata"), "uid")))
                    continue;
                is_one_row(item, other);
                assert_int_equal(decode_event(item, &a, NULL), IW_OK);
                char container[128];
                strncpy(container, a.container, sizeof(container) - 1);
                container[sizeof(container) - 1] = '\0';
                assert_int_equal(decode_event(other, &b, NULL), IW_OK);
                assert_string_equal(container, b.container);
                assert_string_equal(a.message, b.message);
                assert_string_equal(a.reason, b.reason);
                assert_string_equal(a.source, b.source);
                assert_string_equal(a.object_uid, b.object_uid);
                assert_string_equal(a.type, b.type);
                assert_int_equal(a.count, b.count);
                assert_true(a.first_ms == b.first_ms && a.last_ms == b.last_ms);
                assert_true(a.first_ms != IW_TIME_NONE && a.first_ms <= a.last_ms);
                compared++;
                with_container += b.container[0] != '\0';
            }
        }
        json_decref(root);
    }
    json_decref(core);
    gzlines_close(lines);
    assert_true(compared > 300);
    assert_true(with_container > 100);
}

static void
decode_status__gives_the_class_of_a_code(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum iw_err code;
        int http_status;
    } cases[] = {
        {"{\"code\":410,\"reason\":\"Expired\",\"message\":\"too old resource version: 1 (3308)\"}",
         IW_ERR_GONE, 410},
        {"{\"reason\":\"Gone\"}", IW_ERR_GONE, 410},
        {"{\"code\":401}", IW_ERR_UNAUTHORIZED, 401},
        {"{\"code\":403}", IW_ERR_FORBIDDEN, 403},
        {"{\"code\":404}", IW_ERR_NOT_FOUND, 404},
        {"{\"code\":429}", IW_ERR_THROTTLED, 429},
        {"{\"code\":500}", IW_ERR_SERVER, 500},
        {"{\"code\":504}", IW_ERR_SERVER, 504},
        {"{\"code\":422}", IW_ERR_HTTP, 422},
        {"{\"code\":\"x\",\"message\":7}", IW_ERR_HTTP, 0},
        {"[]", IW_ERR_HTTP, 0},
    };
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct iw_error err = {0};
        assert_int_equal(decode_status(parse(cases[i].text), &err), cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.http_status, cases[i].http_status);
        assert_true(err.msg[0] != '\0');
    }
    jarena_release();
}

static void
decode_status__keeps_message_and_retry(void **state)
{
    (void)state;
    struct iw_error err = {0};
    decode_status(parse("{\"kind\":\"Status\",\"code\":504,\"message\":\"Too large\","
                        "\"details\":{\"retryAfterSeconds\":3}}"),
                  &err);
    assert_string_equal(err.msg, "Too large");
    assert_int_equal(err.retry_after_ms, 3000);
    decode_status(parse("{\"code\":500,\"reason\":\"InternalError\","
                        "\"details\":{\"retryAfterSeconds\":99999999}}"),
                  &err);
    assert_string_equal(err.msg, "InternalError");
    assert_int_equal(err.retry_after_ms, 3600000);
    jarena_release();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_event__reads_a_kubelet_event),
        cmocka_unit_test(decode_event__takes_event_time_when_the_old_times_are_null),
        cmocka_unit_test(decode_event__counts_a_series),
        cmocka_unit_test(decode_event__ignores_other_field_paths),
        cmocka_unit_test(decode_event__names_the_field_whose_type_is_wrong),
        cmocka_unit_test(decode_event__reads_both_groups_alike),
        cmocka_unit_test(decode_status__gives_the_class_of_a_code),
        cmocka_unit_test(decode_status__keeps_message_and_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
