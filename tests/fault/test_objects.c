/* Other objects than pods: nothing is asked for unasked, what may not be listed is said and not
 * asked for again and again, and one object can be read as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fault_world.h"

#define NODE(name, rv)                                                                             \
    "{\"metadata\":{\"name\":\"" name "\",\"uid\":\"u-" name "\",\"resourceVersion\":\"" rv        \
    "\"},\"status\":{\"allocatable\":{\"cpu\":\"4\"}}}"
#define SECRET(name, rv)                                                                           \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\",\"resourceVersion\":\"" rv        \
    "\"},\"type\":\"Opaque\",\"data\":{\"password\":\"aHVudGVyMg==\"}}"
#define PODS_SCRIPT FIRST_LIST WATCH_FROM("100") "stream 200 json\nhang\n"

/* A world whose sink keeps objects in the store; nodes and secrets have scripts of their own. */
static void
open_world(struct world *w, const char *nodes, const char *secrets)
{
    fw_init(w);
    if (nodes)
        script_server_route(w->server, "/nodes", nodes);
    if (secrets)
        script_server_route(w->server, "/secrets", secrets);
    script_server_route(w->server, "/pods", PODS_SCRIPT);
    struct source_opts opts = fw_opts(w);
    opts.sink = store_sink(w->store);
    fw_open_with(w, opts, (struct kube_client_config){0});
}

static void
wait_objects(struct world *w, enum kobject_kind kind, enum objects_state state)
{
    for (int64_t begin_ms = fw_real_ms();
         kobjects_state(store_objects(w->store), kind, "shop") != state;)
        fw_turn(w, begin_ms, kobjects_state_word(state));
}

static void
objects__are_not_asked_for_before_somebody_looks(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, NULL, NULL);
    for (int64_t begin_ms = fw_real_ms(); !store_synced(w.store, STREAM_PODS);)
        fw_turn(&w, begin_ms, "pods");
    assert_int_equal(kobjects_state(store_objects(w.store), KOBJECT_NODE, ""), OBJECTS_NOT_ASKED);
    assert_int_equal(kobjects_look(store_objects(w.store), KOBJECT_NODE, "", "n1", NULL),
                     OBJECTS_UNKNOWN);
    assert_int_equal(script_server_count(w.server, "/nodes"), 0);
    fw_close(&w);
}

static void
objects__are_listed_then_watched_and_forgotten_when_nobody_looks(void **state)
{
    (void)state;
    struct world w;
    open_world(&w,
               SCRIPT({
                   "expect GET /api/v1/nodes?limit=500",
                   "reply 200 json " LIST("7", NODE("n1", "5") "," NODE("n2", "6")),
                   WATCH_FROM("7"),
                   "stream 200 json",
                   "gate 1",
                   "frame DELETED " NODE("n1", "8"),
                   "frame ADDED " NODE("n3", "9"),
                   "hang",
               }),
               NULL);
    source_kube.watch_kind(w.source, KOBJECT_NODE, NULL);
    source_kube.watch_kind(w.source, KOBJECT_NODE, "shop");
    const struct kobjects *objects = store_objects(w.store);
    assert_int_equal(kobjects_state(objects, KOBJECT_NODE, ""), OBJECTS_LOADING);
    wait_objects(&w, KOBJECT_NODE, OBJECTS_LIVE);
    const struct kobject *n1;
    assert_int_equal(kobjects_look(objects, KOBJECT_NODE, "", "n1", &n1), OBJECTS_FOUND);
    assert_string_equal(n1->node->allocatable.items[0].text, "4");
    assert_int_equal(kobjects_look(objects, KOBJECT_NODE, "", "n9", NULL), OBJECTS_ABSENT);
    script_server_open_gate(w.server, 1);
    for (int64_t begin_ms = fw_real_ms();
         kobjects_look(objects, KOBJECT_NODE, "", "n3", NULL) != OBJECTS_FOUND;)
        fw_turn(&w, begin_ms, "n3");
    assert_int_equal(kobjects_look(objects, KOBJECT_NODE, "", "n1", NULL), OBJECTS_ABSENT);
    assert_int_equal(kobjects_count(objects, KOBJECT_NODE), 2);
    source_kube.unwatch_kind(w.source, KOBJECT_NODE, NULL);
    assert_int_equal(kobjects_state(objects, KOBJECT_NODE, ""), OBJECTS_NOT_ASKED);
    assert_int_equal(kobjects_count(objects, KOBJECT_NODE), 0);
    fw_close(&w);
}

static void
objects__that_may_not_be_listed_are_said_and_not_asked_for_again_soon(void **state)
{
    (void)state;
    struct world w;
    open_world(&w,
               SCRIPT({
                   "expect GET /api/v1/nodes?limit=500",
                   "reply 403 json " STATUS("403", "Forbidden", "nodes is forbidden: no"),
               }),
               NULL);
    source_kube.watch_kind(w.source, KOBJECT_NODE, NULL);
    wait_objects(&w, KOBJECT_NODE, OBJECTS_DENIED);
    const struct kobjects *objects = store_objects(w.store);
    assert_non_null(strstr(kobjects_error(objects, KOBJECT_NODE, ""), "nodes is forbidden"));
    assert_int_equal(kobjects_look(objects, KOBJECT_NODE, "", "n1", NULL), OBJECTS_UNKNOWN);
    assert_int_equal(kobjects_denied(objects, OBJECTS_DENIED), KIND_BIT(NODE));
    clock_advance(&w.clock, 240000);
    for (int i = 0; i < 20; i++)
        loop_turn(w.loop, 1);
    assert_int_equal(script_server_count(w.server, "/nodes"), 1);
    fw_close(&w);
}

/* A token that ran out is not a missing role: the advice for the two differs. */
static void
objects__behind_a_401_are_refused_not_denied(void **state)
{
    (void)state;
    struct world w;
    open_world(&w,
               SCRIPT({
                   "expect GET /api/v1/nodes?limit=500",
                   "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
               }),
               NULL);
    source_kube.watch_kind(w.source, KOBJECT_NODE, NULL);
    wait_objects(&w, KOBJECT_NODE, OBJECTS_REFUSED);
    const struct kobjects *objects = store_objects(w.store);
    assert_int_equal(kobjects_look(objects, KOBJECT_NODE, "", "n1", NULL), OBJECTS_UNKNOWN);
    assert_int_equal(kobjects_denied(objects, OBJECTS_DENIED), 0);
    assert_int_equal(kobjects_denied(objects, OBJECTS_REFUSED), KIND_BIT(NODE));
    fw_close(&w);
}

static void
objects__of_a_lost_server_stay_and_are_called_stale(void **state)
{
    (void)state;
    struct world w;
    open_world(&w,
               SCRIPT({
                   "expect GET /api/v1/nodes?limit=500",
                   "reply 200 json " LIST("7", NODE("n1", "5")),
                   WATCH_FROM("7"),
                   "stream 200 json",
                   "gate 1",
                   "reset",
               }),
               NULL);
    source_kube.watch_kind(w.source, KOBJECT_NODE, NULL);
    wait_objects(&w, KOBJECT_NODE, OBJECTS_LIVE);
    script_server_refuse(w.server);
    script_server_open_gate(w.server, 1);
    wait_objects(&w, KOBJECT_NODE, OBJECTS_STALE);
    assert_int_equal(kobjects_look(store_objects(w.store), KOBJECT_NODE, "", "n1", NULL),
                     OBJECTS_FOUND);
    fw_close(&w);
}

static void
objects__of_secrets_are_names_and_sizes_of_keys(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, NULL,
               SCRIPT({
                   "expect GET /api/v1/namespaces/shop/secrets?limit=500 "
                   "fieldSelector=type%21%3Dhelm.sh%2Frelease.v1",
                   "reply 200 json " LIST("7", SECRET("db", "5")),
                   WATCH_FROM("7"),
                   "stream 200 json",
                   "hang",
               }));
    source_kube.watch_kind(w.source, KOBJECT_SECRET, NULL);
    wait_objects(&w, KOBJECT_SECRET, OBJECTS_LIVE);
    const struct kobject *secret;
    assert_int_equal(kobjects_look(store_objects(w.store), KOBJECT_SECRET, "shop", "db", &secret),
                     OBJECTS_FOUND);
    assert_int_equal(secret->config->key_count, 1);
    assert_string_equal(secret->config->keys[0].name, "password");
    assert_int_equal(secret->config->keys[0].size_bytes, strlen("hunter2"));
    fw_close(&w);
}

struct answer {
    int calls;
    char json[512];
    struct iw_error err;
};

static void
on_object(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct answer *a = ctx;
    a->calls++;
    a->err = *err;
    (void)snprintf(a->json, sizeof(a->json), "%.*s", (int)len, json ? json : "");
}

static void
ask(struct world *w, struct answer *a, struct source_get **get)
{
    struct kobject_ref ref = {.kind = KOBJECT_SECRET, .ns = "shop", .name = "db"};
    struct object_sink sink = {.ctx = a, .done = on_object};
    struct iw_error err = {0};
    assert_int_equal(source_kube.get_object(w->source, &ref, &sink, get, &err), IW_OK);
}

static void
get__gives_one_object_as_the_server_has_it(void **state)
{
    (void)state;
    struct world w;
    struct answer a = {0};
    struct source_get *get;
    open_world(&w, NULL,
               SCRIPT({
                   "expect GET /api/v1/namespaces/shop/secrets/db",
                   "reply 200 json " SECRET("db", "5"),
               }));
    ask(&w, &a, &get);
    for (int64_t begin_ms = fw_real_ms(); a.calls == 0;)
        fw_turn(&w, begin_ms, "the object");
    assert_int_equal(a.err.code, IW_OK);
    assert_string_equal(a.json, SECRET("db", "5"));
    fw_close(&w);
    assert_int_equal(a.calls, 1);
}

static void
get__says_that_an_object_is_not_there(void **state)
{
    (void)state;
    struct world w;
    struct answer a = {0};
    struct source_get *get;
    open_world(&w, NULL,
               SCRIPT({
                   "expect GET /api/v1/namespaces/shop/secrets/db",
                   "reply 404 json " STATUS("404", "NotFound", "secrets db not found"),
               }));
    ask(&w, &a, &get);
    for (int64_t begin_ms = fw_real_ms(); a.calls == 0;)
        fw_turn(&w, begin_ms, "the answer");
    assert_int_equal(a.err.code, IW_ERR_NOT_FOUND);
    assert_string_equal(a.json, "");
    fw_close(&w);
}

static void
get__of_a_closed_source_is_canceled_once(void **state)
{
    (void)state;
    struct world w;
    struct answer a = {0};
    struct source_get *get;
    open_world(&w, NULL,
               SCRIPT({
                   "expect GET /api/v1/namespaces/shop/secrets/db",
                   "hang",
               }));
    ask(&w, &a, &get);
    for (int64_t begin_ms = fw_real_ms(); script_server_count(w.server, "/secrets/db") == 0;)
        fw_turn(&w, begin_ms, "the request");
    fw_close(&w);
    assert_int_equal(a.calls, 1);
    assert_int_equal(a.err.code, IW_ERR_CANCELED);
}

static void
get__refuses_a_body_over_the_ceiling(void **state)
{
    (void)state;
    struct world w;
    struct answer a = {0};
    struct source_get *get;
    open_world(&w, NULL,
               SCRIPT({
                   "expect GET /api/v1/namespaces/shop/secrets/db",
                   "stream 200 json",
                   "repeat 900000 0123456789",
                   "end",
               }));
    ask(&w, &a, &get);
    for (int64_t begin_ms = fw_real_ms(); a.calls == 0;)
        fw_turn(&w, begin_ms, "the answer");
    assert_int_equal(a.err.code, IW_ERR_TOO_BIG);
    fw_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects__are_not_asked_for_before_somebody_looks),
        cmocka_unit_test(objects__are_listed_then_watched_and_forgotten_when_nobody_looks),
        cmocka_unit_test(objects__that_may_not_be_listed_are_said_and_not_asked_for_again_soon),
        cmocka_unit_test(objects__behind_a_401_are_refused_not_denied),
        cmocka_unit_test(objects__of_a_lost_server_stay_and_are_called_stale),
        cmocka_unit_test(objects__of_secrets_are_names_and_sizes_of_keys),
        cmocka_unit_test(get__gives_one_object_as_the_server_has_it),
        cmocka_unit_test(get__says_that_an_object_is_not_there),
        cmocka_unit_test(get__of_a_closed_source_is_canceled_once),
        cmocka_unit_test(get__refuses_a_body_over_the_ceiling),
    };
    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
