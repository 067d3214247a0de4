/* Sealing a pod draft, and the finders.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pod_make.h"

/* Every string and array of the sealed pod lies in its block (or is interned), none in the draft.
 */
static bool
inside(const void *outer, size_t size, const void *ptr)
{
    return (const char *)ptr >= (const char *)outer &&
           (const char *)ptr < (const char *)outer + size;
}

static struct pod *
five_containers(struct pod_make *m)
{
    static const char *const command[] = {"sh", "-c", "until nc -z db 5432; do sleep 2; done"};
    static const struct resource_item items[] = {{"cpu", "100m"}, {"memory", "64Mi"}};
    static const struct container_mount mounts[] = {
        {"kube-api-access-x2kqp", "/var/run/secrets/kubernetes.io/serviceaccount", "", true},
        {"data", "/data", "", false}};
    static const char *const names[] = {"wait-for-db", "proxy", "migrate", "web", "metrics"};
    static const char id[] =
        "containerd://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    make_pod(m, "checkout-6f7d9c-hx4kp");
    for (size_t i = 0; i < 5; i++) {
        enum container_list list = i < 3 ? LIST_INIT : LIST_APP;
        struct container *c =
            i == 1 ? make_sidecar(m, names[i]) : make_container(m, list, names[i]);
        c->command = command;
        c->command_count = 3;
        c->mounts = mounts;
        c->mount_count = 2;
        c->requests = (struct resource_list){items, 2, true};
        struct container_status *s =
            make_ended(m, list, names[i], make_end(0, "Completed", T0, T0));
        s->image = s->image_id = "registry.example.com/team/image@sha256:0123456789abcdef";
        s->container_id = s->state.end.container_id = id;
    }
    make_condition(m, "Initialized", "False", T0);
    make_condition(m, "Ready", "False", T0);
    return pod_seal(&m->pod);
}

static void
pod_seal__copies_everything_into_one_block(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod = five_containers(&m);
    assert_true(inside(pod, pod->size_bytes, pod->containers));
    assert_true(inside(pod, pod->size_bytes, pod->statuses));
    assert_true(inside(pod, pod->size_bytes, pod->conditions));
    assert_true(inside(pod, pod->size_bytes, pod->name));
    memset(&m, 0x5a, sizeof(m)); /* the draft may go */
    assert_string_equal(pod->name, "checkout-6f7d9c-hx4kp");
    assert_string_equal(pod->containers[2].name, "migrate");
    assert_string_equal(pod->containers[4].command[2], "until nc -z db 5432; do sleep 2; done");
    assert_string_equal(pod->containers[0].requests.items[1].text, "64Mi");
    assert_string_equal(pod->conditions[1].type, "Ready");
    pod_free(pod);
}

static void
pod_seal__stores_repeats_once_and_stays_small(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod = five_containers(&m);
    assert_ptr_equal(pod->containers[0].mounts[0].volume, pod->containers[3].mounts[0].volume);
    assert_in_range(pod->size_bytes, 2048, 4096);
    pod_free(pod);
}

static void
pod_seal__holds_what_pods_of_one_template_share_once(void **state)
{
    (void)state;
    struct pod_make m;
    size_t before_bytes = pod_shared_bytes();
    struct pod *a = five_containers(&m);
    size_t one_bytes = pod_shared_bytes();
    struct pod *b = five_containers(&m);
    assert_true(one_bytes > before_bytes);
    assert_int_equal(pod_shared_bytes(), one_bytes);
    for (uint32_t i = 0; i < a->container_count; i++) {
        assert_ptr_equal(a->containers[i].command, b->containers[i].command);
        assert_ptr_equal(a->containers[i].startup, b->containers[i].startup);
        assert_ptr_equal(a->containers[i].requests.items, b->containers[i].requests.items);
    }
    pod_free(a);
    assert_string_equal(b->containers[4].command[2], "until nc -z db 5432; do sleep 2; done");
    pod_free(b);
    assert_in_range(pod_shared_bytes(), before_bytes, one_bytes - 1);
}

static void
pod_seal__tells_a_difference_in_what_could_be_shared(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "a");
    struct container *c = make_container(&m, LIST_APP, "app");
    c->readiness = draft_probe((struct probe){.kind = PROBE_HTTP, .target = "x", .period_s = 3});
    struct pod *a = pod_seal(&m.pod);
    c->readiness = draft_probe((struct probe){.kind = PROBE_HTTP, .target = "x", .period_s = 4});
    struct pod *b = pod_seal(&m.pod);
    assert_int_equal(a->containers[0].readiness->period_s, 3);
    assert_int_equal(b->containers[0].readiness->period_s, 4);
    pod_free(a);
    pod_free(b);
}

static void
pod_seal__makes_absent_texts_empty(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "a");
    make_container(&m, LIST_APP, "app");
    make_status(&m, LIST_APP, "app");
    struct pod *pod = pod_seal(&m.pod);
    assert_string_equal(pod->message, "");
    assert_string_equal(pod->owner_kind, "");
    assert_string_equal(pod->containers[0].startup->target, "");
    assert_string_equal(pod->statuses[0].state.waiting_reason, "");
    assert_string_equal(pod->statuses[0].last->end.message, "");
    pod_free(pod);
}

static void
pod_seal__derives_kind_tag_and_status(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod = five_containers(&m);
    static const char *const tags[] = {"i1", "s1", "i2", "a1", "a2"};
    for (uint32_t i = 0; i < 5; i++) {
        assert_string_equal(pod->containers[i].tag, tags[i]);
        assert_ptr_equal(pod->containers[i].status, &pod->statuses[i]);
    }
    assert_int_equal(pod->containers[1].kind, CONTAINER_SIDECAR);
    assert_int_equal(pod->containers[4].list, LIST_APP);
    assert_int_equal(pod->containers[4].list_index, 1);
    pod_free(pod);
}

static void
pod_seal__joins_statuses_by_name_within_their_list(void **state)
{
    (void)state;
    struct pod_make m;
    make_pod(&m, "a");
    make_container(&m, LIST_INIT, "x");
    make_container(&m, LIST_APP, "z");
    make_container(&m, LIST_APP, "x");
    make_running(&m, LIST_INIT, "x", T0);
    make_running(&m, LIST_APP, "x", T0 + 1); /* statuses come sorted by name */
    make_running(&m, LIST_APP, "z", T0 + 2);
    struct pod *pod = pod_seal(&m.pod);
    assert_int_equal(pod->containers[0].status->state.running_since_ms, T0);
    assert_int_equal(pod->containers[1].status->state.running_since_ms, T0 + 2);
    assert_int_equal(pod->containers[2].status->state.running_since_ms, T0 + 1);
    pod_free(pod);
}

static void
pod_statuses__gives_each_list_by_itself(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod = five_containers(&m);
    uint32_t count;
    assert_ptr_equal(pod_statuses(pod, LIST_INIT, &count), pod->statuses);
    assert_int_equal(count, 3);
    assert_ptr_equal(pod_statuses(pod, LIST_APP, &count), pod->statuses + 3);
    assert_int_equal(count, 2);
    pod_statuses(pod, LIST_EPHEMERAL, &count);
    assert_int_equal(count, 0);
    pod_free(pod);
}

static void
pod_finders__find_by_name_and_type(void **state)
{
    (void)state;
    struct pod_make m;
    struct pod *pod = five_containers(&m);
    assert_ptr_equal(pod_find_container(pod, "web"), &pod->containers[3]);
    assert_null(pod_find_container(pod, "nobody"));
    assert_string_equal(pod_condition(pod, "Ready")->status, "False");
    assert_null(pod_condition(pod, "PodScheduled"));
    assert_false(pod_is_deleted(pod));
    assert_false(pod_is_terminal(pod));
    pod_free(pod);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pod_seal__copies_everything_into_one_block),
        cmocka_unit_test(pod_seal__stores_repeats_once_and_stays_small),
        cmocka_unit_test(pod_seal__holds_what_pods_of_one_template_share_once),
        cmocka_unit_test(pod_seal__tells_a_difference_in_what_could_be_shared),
        cmocka_unit_test(pod_seal__makes_absent_texts_empty),
        cmocka_unit_test(pod_seal__derives_kind_tag_and_status),
        cmocka_unit_test(pod_seal__joins_statuses_by_name_within_their_list),
        cmocka_unit_test(pod_statuses__gives_each_list_by_itself),
        cmocka_unit_test(pod_finders__find_by_name_and_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
