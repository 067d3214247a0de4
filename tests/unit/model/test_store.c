/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/limits.h"
#include "initwatch/model/store.h"

static struct pod *
pod_new(const char *ns, const char *uid, const char *rv)
{
    struct pod draft;
    memset(&draft, 0, sizeof(draft));
    draft.cluster = "";
    draft.ns = ns;
    draft.name = uid;
    draft.uid = uid;
    draft.resource_version = rv;
    const char **empty[] = {&draft.owner_kind,
                            &draft.owner_name,
                            &draft.default_container,
                            &draft.node,
                            &draft.restart_policy,
                            &draft.scheduler,
                            &draft.service_account,
                            &draft.priority_class,
                            &draft.phase,
                            &draft.reason,
                            &draft.message,
                            &draft.qos_class,
                            &draft.nominated_node,
                            &draft.ip,
                            &draft.host_ip};
    for (size_t i = 0; i < IW_COUNTOF(empty); i++)
        *empty[i] = "";
    draft.created_ms = 1000;
    draft.deletion_ms = draft.started_ms = IW_TIME_NONE;
    return pod_seal(&draft);
}

struct fixture {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
};

static int
setup(void **state)
{
    static struct fixture f;
    f.clock = clock_manual(0, 1000000);
    f.store = store_new(&f.clock);
    f.sink = store_sink(f.store);
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    store_free(f->store);
    return 0;
}

static void
put(struct fixture *f, const char *ns, const char *uid, const char *rv)
{
    f->sink.upsert(f->sink.ctx, pod_new(ns, uid, rv));
}

static void
store_sink__sweeps_what_a_new_list_lacks(void **state)
{
    struct fixture *f = *state;
    f->sink.list_begin(f->sink.ctx, STREAM_PODS, "");
    put(f, "shop", "a", "1");
    put(f, "shop", "b", "1");
    assert_false(store_synced(f->store, STREAM_PODS));
    f->sink.list_end(f->sink.ctx, STREAM_PODS, "");
    assert_true(store_synced(f->store, STREAM_PODS));
    assert_int_equal(store_count(f->store), 2);

    f->sink.list_begin(f->sink.ctx, STREAM_PODS, "");
    assert_int_equal(store_count(f->store), 2); /* nothing is blanked while the list arrives */
    put(f, "shop", "b", "1");
    f->sink.list_end(f->sink.ctx, STREAM_PODS, "");
    assert_int_equal(store_count(f->store), 1);
    struct pod_ref ref;
    assert_true(store_find(f->store, "shop", "a", &ref));
    assert_true(store_deleted_ms(f->store, ref) == 1000000);
}

static void
store_sink__sweeps_only_the_namespace_that_was_listed(void **state)
{
    struct fixture *f = *state;
    f->sink.list_begin(f->sink.ctx, STREAM_PODS, "a");
    put(f, "a", "a1", "1");
    f->sink.list_begin(f->sink.ctx, STREAM_PODS, "b");
    put(f, "b", "b1", "1");
    f->sink.list_end(f->sink.ctx, STREAM_PODS, "a");
    f->sink.list_end(f->sink.ctx, STREAM_PODS, "b");
    assert_int_equal(store_count(f->store), 2);
    f->sink.list_begin(f->sink.ctx, STREAM_PODS, "b");
    f->sink.list_end(f->sink.ctx, STREAM_PODS, "b");
    assert_int_equal(store_count(f->store), 1);
}

static void
store_sink__ignores_a_record_of_the_same_version(void **state)
{
    struct fixture *f = *state;
    put(f, "shop", "a", "7");
    uint64_t generation = store_pods_generation(f->store);
    put(f, "shop", "a", "7");
    assert_true(store_pods_generation(f->store) == generation);
    put(f, "shop", "a", "8");
    assert_true(store_pods_generation(f->store) > generation);
}

static void
store_get__reads_a_deleted_pod_until_its_tombstone_goes(void **state)
{
    struct fixture *f = *state;
    struct pod_ref ref;
    put(f, "shop", "a", "1");
    assert_true(store_find_uid(f->store, "a", &ref));
    f->sink.remove(f->sink.ctx, pod_new("shop", "a", "2"));
    assert_int_equal(store_count(f->store), 0);
    assert_string_equal(store_get(f->store, ref)->resource_version, "2");
    clock_advance(&f->clock, LIMIT_TOMBSTONE_MS + 1);
    store_expire(f->store);
    assert_null(store_get(f->store, ref));
    /* The slot is used again; the old handle stays dead. */
    put(f, "shop", "b", "1");
    assert_null(store_get(f->store, ref));
    struct pod_ref it = {0};
    assert_true(store_next(f->store, &it));
    assert_string_equal(store_get(f->store, it)->uid, "b");
    assert_false(store_next(f->store, &it));
}

static void
store_clear__makes_every_handle_refer_to_nothing(void **state)
{
    struct fixture *f = *state;
    struct pod_ref ref;
    put(f, "shop", "a", "1");
    assert_true(store_find(f->store, NULL, "a", &ref));
    assert_non_null(store_timeline(f->store, ref));
    store_clear(f->store);
    assert_null(store_get(f->store, ref));
    assert_null(store_timeline(f->store, ref));
    assert_int_equal(store_count(f->store), 0);
    assert_false(store_find(f->store, NULL, "a", &ref));
}

static void
store_rewind__keeps_handles_for_who_comes_back(void **state)
{
    struct fixture *f = *state;
    struct pod_ref a, b, ref;
    put(f, "shop", "a", "1");
    put(f, "shop", "b", "1");
    assert_true(store_find_uid(f->store, "a", &a));
    assert_true(store_find_uid(f->store, "b", &b));
    uint64_t changes_of_a = store_pod_generation(f->store, a);
    store_rewind(f->store);
    assert_int_equal(store_count(f->store), 0);
    assert_null(store_get(f->store, a));
    assert_false(store_find(f->store, NULL, "a", &ref));
    put(f, "shop", "other", "1"); /* takes nobody's place */
    put(f, "shop", "a", "1");
    store_rewound(f->store);
    assert_true(store_find_uid(f->store, "a", &ref));
    assert_true(pod_ref_equal(a, ref));
    /* What was kept of it is older than what it is now. */
    assert_true(store_pod_generation(f->store, a) > changes_of_a);
    /* b did not come back: its handle is nobody's for good. */
    put(f, "shop", "b", "1");
    assert_true(store_find_uid(f->store, "b", &ref));
    assert_false(pod_ref_equal(b, ref));
    assert_null(store_get(f->store, b));
}

static void
store_rewind_pod__is_about_one_name(void **state)
{
    struct fixture *f = *state;
    struct pod_ref a, ref;
    put(f, "shop", "a", "1");
    put(f, "shop", "b", "1");
    assert_true(store_find_uid(f->store, "a", &a));
    f->sink.remove(f->sink.ctx, pod_new("shop", "a", "2"));
    store_rewind_pod(f->store, "web", "a");
    assert_non_null(store_get(f->store, a));
    store_rewind_pod(f->store, "shop", "a");
    assert_null(store_get(f->store, a));
    assert_int_equal(store_count(f->store), 1);
    put(f, "shop", "a", "1");
    store_rewound(f->store);
    assert_int_equal(store_count(f->store), 2);
    assert_int_equal(store_deleted_ms(f->store, a), IW_TIME_NONE);
    clock_advance(&f->clock, LIMIT_TOMBSTONE_MS + 1000);
    store_expire(f->store);
    assert_true(store_find_uid(f->store, "a", &ref));
    assert_true(pod_ref_equal(a, ref));
}

/* "NAME NAME -SLOT " of what changed after a generation. */
static const char *
changes(const struct store *store, uint64_t after)
{
    static char text[256];
    text[0] = '\0';
    for (struct pod_ref it = {0, 0}; store_next_change(store, after, &it);) {
        const struct pod *pod = store_get(store, it);
        size_t len = strlen(text);
        bool dead = pod && store_deleted_ms(store, it) != IW_TIME_NONE;
        (void)snprintf(text + len, sizeof(text) - len, "%s%s ", dead ? "+" : "",
                       pod ? pod->name : "-");
    }
    return text;
}

static void
store__tells_what_changed_since_a_generation(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(changes(f->store, 0), "");
    f->sink.upsert(f->sink.ctx, pod_new("a", "one", "1"));
    f->sink.upsert(f->sink.ctx, pod_new("a", "two", "2"));
    f->sink.upsert(f->sink.ctx, pod_new("a", "three", "3"));
    assert_string_equal(changes(f->store, 0), "three two one ");
    uint64_t seen = store_pods_generation(f->store);
    assert_string_equal(changes(f->store, seen), "");
    f->sink.upsert(f->sink.ctx, pod_new("a", "one", "4"));
    f->sink.upsert(f->sink.ctx, pod_new("a", "two", "2")); /* the same again is no change */
    assert_string_equal(changes(f->store, seen), "one ");
    f->sink.upsert(f->sink.ctx, pod_new("a", "one", "5"));
    f->sink.remove(f->sink.ctx, pod_new("a", "three", "6"));
    assert_string_equal(changes(f->store, seen), "+three one ");
    seen = store_pods_generation(f->store);
    clock_advance(&f->clock, LIMIT_TOMBSTONE_MS + 1000);
    store_expire(f->store);
    assert_string_equal(changes(f->store, seen), "- "); /* forgotten */
    f->sink.upsert(f->sink.ctx, pod_new("a", "four", "7"));
    assert_string_equal(changes(f->store, seen), "four "); /* in its slot */
    assert_string_equal(changes(f->store, 0), "four one two ");
}

static void
store__a_pod_that_lives_again_is_not_forgotten_with_its_grave(void **state)
{
    struct fixture *f = *state;
    f->sink.upsert(f->sink.ctx, pod_new("a", "one", "1"));
    f->sink.remove(f->sink.ctx, pod_new("a", "one", "2"));
    f->sink.upsert(f->sink.ctx, pod_new("a", "one", "3"));
    clock_advance(&f->clock, LIMIT_TOMBSTONE_MS + 1000);
    store_expire(f->store);
    struct pod_ref ref;
    assert_true(store_find_uid(f->store, "one", &ref));
    assert_int_equal(store_count(f->store), 1);
    f->sink.remove(f->sink.ctx, pod_new("a", "one", "4"));
    clock_advance(&f->clock, LIMIT_TOMBSTONE_MS + 1000);
    store_expire(f->store);
    assert_false(store_find_uid(f->store, "one", &ref));
}

int
main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(store_sink__sweeps_what_a_new_list_lacks),
        STORE_TEST(store_sink__sweeps_only_the_namespace_that_was_listed),
        STORE_TEST(store_sink__ignores_a_record_of_the_same_version),
        STORE_TEST(store_get__reads_a_deleted_pod_until_its_tombstone_goes),
        STORE_TEST(store__tells_what_changed_since_a_generation),
        STORE_TEST(store__a_pod_that_lives_again_is_not_forgotten_with_its_grave),
        STORE_TEST(store_clear__makes_every_handle_refer_to_nothing),
        STORE_TEST(store_rewind__keeps_handles_for_who_comes_back),
        STORE_TEST(store_rewind_pod__is_about_one_name),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
