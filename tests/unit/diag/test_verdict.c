/* How sure a cause is, what was ruled out, what mends it first, who else has it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../model/object_make.h"
#include "initwatch/diag/verdict.h"

#define NOW (T0 + SECONDS(252))
#define WAIT_LOOP "until nc -z postgres-service 5432; do sleep 2; done"

struct world {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
    struct pod *pod;
    struct chain chain;
    struct finding found[8];
    size_t count;
};

static struct diag_env
env_of(const struct world *w)
{
    return (struct diag_env){
        .pod = w->pod, .events = store_events(w->store), .store = w->store, .now_wall_ms = NOW};
}

static void
world_open(struct world *w, bool objects)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, NOW);
    w->store = store_new(&w->clock);
    w->sink = store_sink(w->store);
    w->pod = make_waiter(WAIT_LOOP);
    if (objects)
        add_postgres(&w->sink, false);
    assert_true(chain_of(w->store, w->pod, w->pod->containers, NOW, &w->chain));
    struct diag_env env = env_of(w);
    w->count = diag_run(&env, w->found, IW_COUNTOF(w->found));
    assert_true(w->count > 0);
}

static void
world_close(struct world *w)
{
    pod_free(w->pod);
    store_free(w->store);
}

static void
verdict_sure__depends_on_what_was_read(void **state)
{
    struct world w;
    const char *why;
    (void)state;
    world_open(&w, true);
    assert_int_equal(verdict_sure(&w.found[0], &w.chain, &why), 4);
    assert_string_equal(why, "from objects that were all read");
    world_close(&w);
    world_open(&w, false);
    assert_int_equal(verdict_sure(&w.found[0], &w.chain, &why), 2);
    w.found[0].severity = SEVERITY_ERROR;
    assert_int_equal(verdict_sure(&w.found[0], NULL, &why), 5);
    w.found[0].severity = SEVERITY_INFO;
    assert_int_equal(verdict_sure(&w.found[0], NULL, &why), 1);
    world_close(&w);
}

static bool
has_word(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static void
verdict_ruled_out__holds_only_what_is_known(void **state)
{
    struct world w;
    const char *words[VERDICT_RULED_MAX];
    (void)state;
    world_open(&w, true);
    size_t n = verdict_ruled_out(w.pod, &w.chain, words);
    assert_true(has_word(words, n, "DNS name"));
    assert_true(has_word(words, n, "service port"));
    assert_true(has_word(words, n, "image"));
    assert_false(has_word(words, n, "endpoints"));
    assert_false(has_word(words, n, "node")); /* no condition says so */
    n = verdict_ruled_out(w.pod, NULL, words);
    assert_false(has_word(words, n, "DNS name"));
    world_close(&w);
}

static void
advice__mends_the_root_first(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, true);
    assert_string_equal(w.found[0].advice[0],
                        "use an existing class (standard is the default) or create \"fast\"");
    assert_string_equal(w.found[0].advice[1], "kubectl get storageclass");
    world_close(&w);
    world_open(&w, false); /* nothing was read: what to look up */
    assert_string_equal(w.found[0].advice[0], "kubectl -n shop get service postgres-service");
    objects_are_read(&w.sink, KOBJECT_SERVICE);
    struct diag_env env = env_of(&w);
    memset(w.found, 0, sizeof(w.found));
    assert_true(diag_run(&env, w.found, IW_COUNTOF(w.found)) > 0);
    assert_string_equal(w.found[0].advice[1], "kubectl -n shop get services");
    world_close(&w);
}

static void
verdict_also__finds_pods_with_the_same_cause(void **state)
{
    struct world w;
    struct verdict_also also;
    (void)state;
    world_open(&w, true);
    struct pod draft = *w.pod;
    draft.name = draft.uid = "reports";
    w.sink.upsert(w.sink.ctx, pod_seal(&draft));
    draft.name = draft.uid = "elsewhere";
    draft.ns = "data";
    w.sink.upsert(w.sink.ctx, pod_seal(&draft));
    struct diag_env env = env_of(&w);
    verdict_also(&env, &w.found[0], 100, &also);
    assert_true(also.total >= 1);
    bool found = false;
    for (size_t i = 0; i < also.count; i++) {
        const struct pod *pod = store_get(w.store, also.pods[i]);
        assert_string_not_equal(pod->ns, "data");
        found |= strcmp(pod->name, "reports") == 0;
    }
    assert_true(found);
    verdict_also(&env, &w.found[0], 0, &also);
    assert_int_equal(also.total, 0);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict_sure__depends_on_what_was_read),
        cmocka_unit_test(verdict_ruled_out__holds_only_what_is_known),
        cmocka_unit_test(advice__mends_the_root_first),
        cmocka_unit_test(verdict_also__finds_pods_with_the_same_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
