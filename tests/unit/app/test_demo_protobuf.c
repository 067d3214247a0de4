/* The demo server's two encodings: every version of every object of every scenario, and the
 * generated pods, become the same record whichever is read.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/demo/objects.h"
#include "initwatch/demo/player.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"
#include "pod_equal.h"

#define WALL_MS 1763200800000

struct both {
    struct objects *store;
    unsigned pods, events;
};

static void
compare_pods(const json_t *object, const struct strbuf *message)
{
    struct pod *a = NULL, *b = NULL;
    struct iw_error err = {0};
    if (decode_pod(object, "demo", &a, &err) != IW_OK)
        fail_msg("JSON: %s", err.msg);
    if (decode_pod_pb(pb_span_of(message->data, message->len), "demo", &b, &err) != IW_OK)
        fail_msg("protobuf: %s", err.msg);
    struct pod_difference d = {0};
    if (!pod_equal(a, b, &d))
        fail_msg("%s: %s", a->name, d.text);
    pod_free(a);
    pod_free(b);
}

static void
compare_events(const json_t *object, const struct strbuf *message)
{
    struct kevent a, b;
    struct iw_error err = {0};
    if (decode_event(object, &a, &err) != IW_OK)
        fail_msg("JSON: %s", err.msg);
    if (decode_event_pb(pb_span_of(message->data, message->len), &b, &err) != IW_OK)
        fail_msg("protobuf: %s", err.msg);
    assert_string_equal(a.uid, b.uid);
    assert_string_equal(a.reason, b.reason);
    assert_string_equal(a.message, b.message);
    assert_string_equal(a.object_name, b.object_name);
    assert_int_equal(a.first_ms, b.first_ms);
    assert_int_equal(a.last_ms, b.last_ms);
    assert_int_equal(a.count, b.count);
    assert_string_equal(a.type, b.type);
    assert_string_equal(a.container, b.container);
    assert_string_equal(a.source, b.source);
}

/* What the server would send of the version that is in the store. */
static void
compare(struct both *both, enum demo_kind kind, struct objects_version *version)
{
    struct strbuf text, message;
    strbuf_init(&text, 0);
    strbuf_init(&message, 0);
    objects_render(version, kind, true, &text);
    objects_encode(version, kind, &message);
    assert_int_equal(message.len, objects_encoded_size(version, kind));
    json_t *object = json_loadb(text.data, text.len, 0, NULL);
    assert_non_null(object);
    if (kind == DEMO_KIND_POD) {
        compare_pods(object, &message);
        both->pods++;
    } else {
        compare_events(object, &message);
        both->events++;
    }
    json_decref(object);
    strbuf_free(&text);
    strbuf_free(&message);
}

static void
put(void *ctx, enum demo_kind kind, json_t *object)
{
    struct both *both = ctx;
    const json_t *meta = json_object_get(object, "metadata");
    char ns[128] = "", name[256];
    const char *ns_text = json_string_value(json_object_get(meta, "namespace"));
    (void)snprintf(ns, sizeof(ns), "%s", ns_text ? ns_text : "");
    (void)snprintf(name, sizeof(name), "%s", json_string_value(json_object_get(meta, "name")));
    objects_put(both->store, kind, object);
    struct objects_version *version = demo_store_find(both->store, kind, ns, name);
    assert_non_null(version);
    if (objects_have_protobuf(kind))
        compare(both, kind, version);
}

static void
gone(void *ctx, enum demo_kind kind, json_t *last)
{
    (void)ctx;
    (void)kind;
    (void)last;
}

static void
play_one(void *ctx, const char *name, const json_t *about)
{
    (void)about;
    struct both *both = ctx;
    both->store = demo_store_new();
    const char *const names[] = {name, NULL};
    struct player_config config = {
        .seed = 5, .start_wall_ms = WALL_MS, .speed = 1, .sink = {both, put, gone}};
    struct player *player = NULL;
    struct iw_error err = {0};
    if (player_new(&config, names, NULL, &player, &err) != IW_OK)
        fail_msg("%s", err.msg);
    player_run_until(player, 240000);
    player_free(player);
    demo_store_free(both->store);
}

static void
demo__both_encodings_are_the_same_pods_and_events_in_every_scenario(void **state)
{
    (void)state;
    struct both both = {0};
    scenario_each(play_one, &both);
    assert_in_range(both.pods, 250, 100000);
    assert_in_range(both.events, 250, 100000);
}

static void
demo__generated_pods_are_the_same_in_both_encodings(void **state)
{
    (void)state;
    struct both both = {.store = demo_store_new()};
    struct synthetic_set *set = synthetic_new(both.store, 20, 7, WALL_MS);
    /* Restart counts that need two bytes, versions of several lengths. */
    synthetic_touch(set, both.store, -1, 20 * 150 + 7);
    for (size_t i = 0; i < both.store->objects[DEMO_KIND_POD].len; i++)
        compare(&both, DEMO_KIND_POD, both.store->objects[DEMO_KIND_POD].items[i]);
    assert_int_equal(both.pods, 20);
    synthetic_free(set);
    demo_store_free(both.store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__both_encodings_are_the_same_pods_and_events_in_every_scenario),
        cmocka_unit_test(demo__generated_pods_are_the_same_in_both_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
