/* What the rule about pods without a node says of taints.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../model/object_make.h"
#include "initwatch/diag/diag.h"

static bool
has_evidence(const struct finding *f, const char *part)
{
    for (unsigned i = 0; i < f->evidence_count; i++)
        if (strstr(f->evidence[i], part))
            return true;
    return false;
}

static struct pod *
make_homeless(const struct pod_toleration *toleration)
{
    struct pod_make m;
    make_pod(&m, "billing");
    m.pod.node = "";
    m.pod.tolerations = toleration;
    m.pod.toleration_count = toleration ? 1 : 0;
    make_container(&m, LIST_APP, "app");
    make_condition(&m, "PodScheduled", "False", T0);
    m.conditions[0].reason = "Unschedulable";
    m.conditions[0].message = "0/4 nodes are available: 1 node(s) had untolerated taint(s).";
    return pod_seal(&m.pod);
}

static void
unschedulable__names_the_taints_that_are_not_tolerated(void **state)
{
    static const struct pod_toleration all = {"", "Exists", "", "", -1};
    const char *taint =
        "node control-plane: taint node-role.kubernetes.io/control-plane:NoSchedule";
    struct clock clock = clock_manual(1000, T0);
    struct store *store = store_new(&clock);
    struct source_sink sink = store_sink(store);
    struct finding found[4];
    (void)state;
    add_nodes(&sink);
    struct pod *pods[] = {make_homeless(NULL), make_homeless(&all)};
    for (size_t i = 0; i < IW_COUNTOF(pods); i++) {
        const struct diag_env env = {
            .pod = pods[i], .store = store, .now_wall_ms = T0 + SECONDS(60)};
        assert_true(diag_run(&env, found, IW_COUNTOF(found)) > 0);
        assert_int_equal(has_evidence(&found[0], taint), i == 0);
        pod_free(pods[i]);
    }
    store_free(store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unschedulable__names_the_taints_that_are_not_tolerated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
