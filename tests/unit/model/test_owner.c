/* Unit tests of the owner: from a pod's controller to the workload.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/model/owner.h"
#include "pod_make.h"

static void
check(const char *kind, const char *name, const char *hash, const char *want_kind,
      const char *want_name)
{
    const struct pod_label label = {"pod-template-hash", hash};
    struct pod_owner owner;
    struct pod_make m;
    make_pod(&m, "web-6f7d9c-hx4kp");
    m.pod.owner_kind = kind;
    m.pod.owner_name = name;
    m.pod.labels = &label;
    m.pod.label_count = hash[0] ? 1 : 0;
    struct pod *pod = pod_seal(&m.pod);
    pod_owner_of(pod, &owner);
    assert_string_equal(owner.kind, want_kind);
    assert_string_equal(owner.name, want_name);
    pod_free(pod);
}

static void
owner__of_a_replica_set_with_the_hash_is_the_deployment(void **state)
{
    (void)state;
    check("ReplicaSet", "web-6f7d9c", "6f7d9c", "Deployment", "web");
    check("ReplicaSet", "web-6f7d9c", "", "ReplicaSet", "web-6f7d9c");
    check("ReplicaSet", "web-6f7d9c", "other", "ReplicaSet", "web-6f7d9c");
    check("ReplicaSet", "6f7d9c", "6f7d9c", "ReplicaSet", "6f7d9c");
    check("ReplicaSet", "-6f7d9c", "6f7d9c", "ReplicaSet", "-6f7d9c");
}

static void
owner__of_others_is_the_controller_and_of_bare_pods_the_pod(void **state)
{
    (void)state;
    check("StatefulSet", "db", "6f7d9c", "StatefulSet", "db");
    check("Job", "migrate", "", "Job", "migrate");
    check("", "", "", "Pod", "web-6f7d9c-hx4kp");
}

static struct pod *
owned(const char *kind, const char *owner_name, const char *hash)
{
    const struct pod_label label = {"pod-template-hash", hash};
    struct pod_make m;
    make_pod(&m, "p");
    m.pod.owner_kind = kind;
    m.pod.owner_name = owner_name;
    m.pod.labels = &label;
    m.pod.label_count = hash[0] ? 1 : 0;
    return pod_seal(&m.pod);
}

static bool
same(const char *kind, const char *a, const char *hash_a, const char *b, const char *hash_b)
{
    struct pod *left = owned(kind, a, hash_a), *right = owned(kind, b, hash_b);
    bool is = pod_same_workload(left, right);
    pod_free(left);
    pod_free(right);
    return is;
}

static void
owner__sets_of_one_deployment_are_one_workload(void **state)
{
    (void)state;
    assert_true(same("ReplicaSet", "web-6f7d9c", "6f7d9c", "web-77aa01", "77aa01"));
    assert_true(same("ReplicaSet", "web-6f7d9c", "", "web-6f7d9c", ""));
    assert_false(same("ReplicaSet", "web-6f7d9c", "", "web-77aa01", ""));
    assert_false(same("ReplicaSet", "web-6f7d9c", "6f7d9c", "web-api-77aa01", "77aa01"));
    assert_true(same("StatefulSet", "db", "", "db", ""));
    assert_false(same("StatefulSet", "db", "", "db-2", ""));
    assert_false(same("", "", "", "", ""));
}

static void
owner__kinds_are_abbreviated_as_kubectl_does(void **state)
{
    (void)state;
    assert_string_equal(owner_kind_short("Deployment"), "deploy");
    assert_string_equal(owner_kind_short("Rollout"), "Rollout");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owner__of_a_replica_set_with_the_hash_is_the_deployment),
        cmocka_unit_test(owner__of_others_is_the_controller_and_of_bare_pods_the_pod),
        cmocka_unit_test(owner__sets_of_one_deployment_are_one_workload),
        cmocka_unit_test(owner__kinds_are_abbreviated_as_kubectl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
