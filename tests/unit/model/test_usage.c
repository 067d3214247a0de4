/* Usage by scopes: what an answer replaces, sums, and how amounts are written.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/usage.h"

static void
put(struct usage *u, const char *ns, const char *pod, const char *container, int64_t milli)
{
    const struct usage_amounts a = {milli * 1000000, milli << 20};
    usage_put(u, ns, pod, container, &a);
}

static int64_t
milli_of(const struct usage *u, const char *ns, const char *pod)
{
    struct usage_amounts a;
    return usage_of_pod(u, ns, pod, &a) ? a.cpu_nano / 1000000 : -1;
}

static void
usage__an_answer_replaces_its_scope_and_no_other(void **state)
{
    struct usage *u = usage_new();
    struct usage_amounts a;
    (void)state;
    usage_begin(u, "", "");
    put(u, "shop", "web", "b", 2);
    put(u, "shop", "web", "a", 1);
    put(u, "shop", "web-2", "a", 5);
    put(u, "data", "db", "a", 7);
    usage_end(u);
    usage_begin(u, NULL, "");
    put(u, "", "worker", "", 100);
    usage_end(u);
    assert_int_equal(usage_state(u), USAGE_LIVE);
    assert_int_equal(milli_of(u, "shop", "web"), 3);
    assert_true(usage_of_container(u, "shop", "web", "b", &a));
    assert_int_equal(a.memory_bytes, 2 << 20);
    assert_false(usage_of_container(u, "shop", "web", "", &a));
    usage_begin(u, "shop", "web");
    put(u, "shop", "web", "a", 4);
    usage_end(u);
    assert_int_equal(milli_of(u, "shop", "web"), 4);
    assert_int_equal(milli_of(u, "shop", "web-2"), 5);
    usage_begin(u, "shop", "");
    usage_end(u);
    assert_int_equal(milli_of(u, "shop", "web-2"), -1);
    assert_int_equal(milli_of(u, "data", "db"), 7);
    usage_begin(u, "", "");
    usage_end(u);
    assert_int_equal(milli_of(u, "data", "db"), -1);
    assert_true(usage_of_node(u, "worker", &a));
    assert_int_equal(a.cpu_nano, 100000000);
    assert_false(usage_of_node(u, "work", &a));
    usage_free(u);
}

static void
usage__amounts_are_written_short(void **state)
{
    char out[24];
    (void)state;
    usage_cpu_text(1, out);
    assert_string_equal(out, "1m");
    usage_cpu_text(12340000000, out);
    assert_string_equal(out, "12.3");
    usage_memory_text(41 << 20, out);
    assert_string_equal(out, "41Mi");
    usage_memory_text(INT64_C(1288490189), out);
    assert_string_equal(out, "1.2Gi");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage__an_answer_replaces_its_scope_and_no_other),
        cmocka_unit_test(usage__amounts_are_written_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
