/* Unit tests of the pod list's filter: terms, how a line is split, and what each term lets pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../model/pod_make.h"
#include "initwatch/ui/podquery.h"

static const struct pod_label LABELS[] = {{"app", "web"}, {"tier", "front"}};

/* shop/wait-db-7f of ReplicaSet wait-db-5c9f, three restarts, stuck for ten minutes. */
static bool
passes(const char *text)
{
    struct pod_make m;
    make_pod(&m, "wait-db-7f");
    m.pod.labels = LABELS;
    m.pod.label_count = 2;
    m.pod.owner_kind = "StatefulSet";
    m.pod.owner_name = "wait-db";
    make_container(&m, LIST_INIT, "migrate");
    make_container(&m, LIST_APP, "server")->image = "registry.example/web:2.9";
    struct container_status *st = make_waiting(&m, LIST_INIT, "migrate", "CrashLoopBackOff", "");
    st->restart_count = 3;
    struct pod *pod = pod_seal(&m.pod);
    struct pod_query *q = pod_query_new();
    pod_query_set(q, text);
    const struct pod_subject subject = {.pod = pod,
                                        .status = "Init:CrashLoopBackOff",
                                        .severity = BLOCK_ERROR,
                                        .ready = 0,
                                        .total = 1,
                                        .restarts = 3,
                                        .since_ms = T0,
                                        .now_wall_ms = T0 + SECONDS(600)};
    bool match = pod_query_match(q, &subject);
    pod_query_free(q);
    pod_free(pod);
    return match;
}

static void
podquery__text_is_an_expression_over_the_row(void **state)
{
    (void)state;
    assert_true(passes(""));
    assert_true(passes("wait-db"));
    assert_true(passes("^shop/wait"));
    assert_true(passes("crashloop"));
    assert_true(passes("WORKER") == false);
    assert_true(passes("worker-1"));
    assert_false(passes("zebra"));
    assert_false(passes("!wait"));
    assert_true(passes("!zebra"));
}

static void
podquery__columns_are_asked_by_name(void **state)
{
    (void)state;
    assert_true(passes("status:Init"));
    assert_false(passes("!status:Init"));
    assert_false(passes("status:!Init"));
    assert_true(passes("ns:^shop$"));
    assert_false(passes("name:shop"));
    assert_true(passes("node:worker"));
    assert_true(passes("owner:statefulset/wait"));
    assert_true(passes("image:web:2"));
    assert_true(passes("container:migrate"));
    assert_true(passes("why:back-off"));
    assert_true(passes("ready:0/1"));
    assert_true(passes("ready:no"));
    assert_false(passes("ready:yes"));
}

static void
podquery__numbers_and_durations_are_compared(void **state)
{
    (void)state;
    assert_true(passes("rst:>2"));
    assert_false(passes("rst:>3"));
    assert_true(passes("rst:>=3"));
    assert_true(passes("rst:3"));
    assert_false(passes("rst:<3"));
    assert_true(passes("for:>5m"));
    assert_false(passes("for:>1h30m"));
    assert_true(passes("for:10m"));
    assert_true(passes("age:<1d"));
    assert_true(passes("ready:<1"));
}

static void
podquery__labels_are_selected_as_kubectl_does(void **state)
{
    (void)state;
    assert_true(passes("-l app=web"));
    assert_true(passes("-l app=web,tier!=back"));
    assert_true(passes("-l app in (db, web)"));
    assert_false(passes("-l app notin (db, web)"));
    assert_false(passes("-l !tier"));
    assert_true(passes("-l tier"));
}

static void
podquery__fuzzy_wants_the_letters_in_order(void **state)
{
    (void)state;
    assert_true(passes("-f wdb"));
    assert_true(passes("-f WDB"));
    assert_false(passes("-f bdw"));
}

static void
podquery__all_terms_must_hold(void **state)
{
    (void)state;
    assert_true(passes("status:Init rst:>2 wait"));
    assert_false(passes("status:Init rst:>9"));
    assert_true(passes("wait\nstatus:Init\n-l app in (web, db) node:worker"));
    assert_false(passes("wait\n!wait"));
}

static void
podquery__every_term_is_a_chip(void **state)
{
    struct pod_query *q = pod_query_new();
    (void)state;
    pod_query_set(q, "unexpected done\n!web\n-l app=web status:Init -f wdb");
    assert_int_equal(pod_query_count(q), 5);
    assert_string_equal(pod_query_chip(q, 0), "/unexpected done");
    assert_string_equal(pod_query_chip(q, 1), "!web");
    assert_string_equal(pod_query_chip(q, 2), "-l app=web");
    assert_string_equal(pod_query_chip(q, 3), "status:Init");
    assert_string_equal(pod_query_chip(q, 4), "-f wdb");
    assert_string_equal(pod_query_chip(q, 5), "");
    pod_query_set(q, NULL);
    assert_false(pod_query_active(q));
    pod_query_free(q);
}

static void
podquery__what_is_not_understood_says_so_and_hides_nothing_it_should_not(void **state)
{
    struct pod_query *q = pod_query_new();
    (void)state;
    pod_query_set(q, "[wait");
    assert_string_not_equal(pod_query_problem(q, 0), "");
    pod_query_set(q, "-l app in (web");
    assert_string_not_equal(pod_query_problem(q, 0), "");
    pod_query_set(q, "rst:>x");
    assert_string_not_equal(pod_query_problem(q, 0), "");
    pod_query_set(q, "wait");
    assert_string_equal(pod_query_problem(q, 0), "");
    pod_query_free(q);
    /* The broken expression is plain text; the half-typed selector and number hide nothing yet. */
    assert_false(passes("[wait"));
    assert_true(passes("-l app in (web"));
    assert_true(passes("-l"));
    assert_true(passes("rst:>"));
    assert_true(passes("status:"));
}

static void
podquery__terms_beyond_the_room_are_left_out(void **state)
{
    struct pod_query *q = pod_query_new();
    char text[256] = "";
    (void)state;
    for (int i = 0; i < POD_QUERY_TERMS + 5; i++)
        strcat(text, "ns:shop ");
    pod_query_set(q, text);
    assert_int_equal(pod_query_count(q), POD_QUERY_TERMS);
    pod_query_free(q);
    assert_true(passes(text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(podquery__text_is_an_expression_over_the_row),
        cmocka_unit_test(podquery__columns_are_asked_by_name),
        cmocka_unit_test(podquery__numbers_and_durations_are_compared),
        cmocka_unit_test(podquery__labels_are_selected_as_kubectl_does),
        cmocka_unit_test(podquery__fuzzy_wants_the_letters_in_order),
        cmocka_unit_test(podquery__all_terms_must_hold),
        cmocka_unit_test(podquery__every_term_is_a_chip),
        cmocka_unit_test(podquery__what_is_not_understood_says_so_and_hides_nothing_it_should_not),
        cmocka_unit_test(podquery__terms_beyond_the_room_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
