/* What a key that writes would send, and how it is put to the user.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "../model/object_make.h"
#include "initwatch/app/change.h"

struct world {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
    struct pod_make m;
    struct change change;
};

static void
world_open(struct world *w, const char *owner_kind, const char *owner_name)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, T0);
    w->store = store_new(&w->clock);
    w->sink = store_sink(w->store);
    make_pod(&w->m, "web-5d9c7-x2x4z");
    (void)make_container(&w->m, LIST_INIT, "migrate");
    (void)make_container(&w->m, LIST_APP, "web");
    w->m.pod.owner_kind = owner_kind;
    w->m.pod.owner_name = owner_name;
}

/* A pod of Deployment web. */
static void
world_open_deployment(struct world *w)
{
    static const struct pod_label labels[] = {{"pod-template-hash", "5d9c7"}};
    world_open(w, "ReplicaSet", "web-5d9c7");
    w->m.pod.labels = labels;
    w->m.pod.label_count = 1;
}

/* Its object is read, too; facts: borrowed as long as the world. */
static void
world_add(struct world *w, enum kobject_kind kind, const char *name,
          const struct workload_facts *facts)
{
    struct kobject *o = make_object(kind, "shop", name);
    o->workload = facts;
    w->sink.objects_begin(w->sink.ctx, kind, "shop");
    w->sink.object(w->sink.ctx, o);
    w->sink.objects_end(w->sink.ctx, kind, "shop");
    w->sink.objects_state(w->sink.ctx, kind, "shop", OBJECTS_LIVE, NULL);
}

static bool
plan(struct world *w, enum change_verb verb)
{
    struct pod *pod = pod_seal(&w->m.pod);
    bool ok = change_of(w->store, pod, verb, T0, &w->change);
    pod_free(pod);
    return ok;
}

static void
delete__is_of_the_pod_that_was_looked_at(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "ReplicaSet", "web-5d9c7");
    w.m.pod.uid = "0b1c-22";
    assert_true(plan(&w, CHANGE_DELETE));
    assert_string_equal(w.change.method, "DELETE");
    assert_int_equal(w.change.ref.kind, KOBJECT_POD);
    assert_string_equal(w.change.ref.ns, "shop");
    assert_string_equal(w.change.ref.name, "web-5d9c7-x2x4z");
    assert_string_equal(w.change.command, "kubectl -n shop delete pod web-5d9c7-x2x4z");
    json_t *body = json_loads(w.change.body, 0, NULL);
    assert_non_null(body);
    const json_t *uid = json_object_get(json_object_get(body, "preconditions"), "uid");
    assert_string_equal(json_string_value(uid), "0b1c-22");
    json_decref(body);
    store_free(w.store);
}

/* A name that would end the string stays out of the body. */
static void
delete__takes_no_strange_uid(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", "");
    w.m.pod.uid = "x\"},\"propagationPolicy\":\"Orphan";
    assert_true(plan(&w, CHANGE_DELETE));
    json_t *body = json_loads(w.change.body, 0, NULL);
    assert_non_null(body);
    assert_null(json_object_get(body, "preconditions"));
    assert_null(json_object_get(body, "propagationPolicy"));
    json_decref(body);
    store_free(w.store);
}

static void
delete__says_what_comes_in_its_place(void **state)
{
    static const struct {
        const char *kind, *name, *says;
    } rows[] = {
        {"", "", "Nothing makes a new one"},
        {"ReplicaSet", "web-5d9c7", "ReplicaSet web-5d9c7 makes a new one"},
        {"StatefulSet", "db", "StatefulSet db makes a new one"},
        {"Job", "load", "Job load makes another unless it is over"},
        {"Node", "worker-1", "only the mirror goes"},
    };
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct world w;
        world_open(&w, rows[i].kind, rows[i].name);
        assert_true(plan(&w, CHANGE_DELETE));
        assert_non_null(strstr(w.change.sentence, rows[i].says));
        assert_non_null(strstr(w.change.sentence, "web-5d9c7-x2x4z?"));
        store_free(w.store);
    }
}

static void
delete__is_refused_for_what_ends_already(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "ReplicaSet", "web-5d9c7");
    w.m.pod.deletion_ms = T0;
    assert_false(plan(&w, CHANGE_DELETE));
    assert_non_null(strstr(w.change.sentence, "is being deleted already"));
    store_free(w.store);
}

static void
restart__changes_the_template_of_the_workload(void **state)
{
    struct world w;
    (void)state;
    world_open_deployment(&w);
    assert_true(plan(&w, CHANGE_RESTART));
    assert_string_equal(w.change.method, "PATCH");
    assert_string_equal(w.change.content_type, "application/strategic-merge-patch+json");
    assert_int_equal(w.change.ref.kind, KOBJECT_DEPLOYMENT);
    assert_string_equal(w.change.ref.name, "web");
    assert_string_equal(w.change.command, "kubectl -n shop rollout restart deploy/web");
    json_t *body = json_loads(w.change.body, 0, NULL);
    const char *at = NULL;
    assert_int_equal(json_unpack(body, "{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata",
                                 "annotations", "kubectl.kubernetes.io/restartedAt", &at),
                     0);
    assert_string_equal(at, "2026-06-15T12:00:00Z");
    json_decref(body);
    store_free(w.store);
}

static void
restart__says_how_many_pods_and_refuses_a_paused_rollout(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "StatefulSet", "db");
    struct workload_facts facts = {.desired = 3, .strategy = "OrderedReady"};
    world_add(&w, KOBJECT_STATEFULSET, "db", &facts);
    assert_true(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "replaces its 3 pods, one after the other"));
    facts.on_delete = true;
    assert_true(plan(&w, CHANGE_RESTART));
    assert_non_null(
        strstr(w.change.sentence, "OnDelete: its 3 pods will be new only when deleted"));
    facts.desired = 0;
    assert_true(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "No pods are asked for"));
    facts.paused = true;
    assert_false(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "is paused"));
    store_free(w.store);
}

static void
restart__tells_recreate_from_a_rolling_update(void **state)
{
    struct world w;
    (void)state;
    world_open_deployment(&w);
    struct workload_facts facts = {.desired = 2, .strategy = "RollingUpdate"};
    world_add(&w, KOBJECT_DEPLOYMENT, "web", &facts);
    assert_true(plan(&w, CHANGE_RESTART));
    assert_string_equal(w.change.sentence, "restart Deployment shop/web? A rollout replaces its 2 "
                                           "pods, step by step.");
    facts.strategy = "Recreate";
    assert_true(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "Recreate: nothing of it runs"));
    store_free(w.store);
}

static void
failure__says_what_it_means(void **state)
{
    static const struct {
        enum change_verb verb;
        enum iw_err code;
        int status;
        const char *says;
    } rows[] = {
        {CHANGE_DELETE, IW_ERR_FORBIDDEN, 403, "not allowed: the server's words"},
        {CHANGE_DELETE, IW_ERR_NOT_FOUND, 404, "somebody deleted it meanwhile"},
        {CHANGE_DELETE, IW_ERR_HTTP, 409, "another pod of this name came meanwhile"},
        {CHANGE_EDIT, IW_ERR_HTTP, 409, "somebody changed it meanwhile"},
        {CHANGE_EDIT, IW_ERR_HTTP, 422, "does not take it: the server's words"},
        {CHANGE_RESTART, IW_ERR_TIMEOUT, 0, "it may be done or not: ^R looks"},
        {CHANGE_RESTART, IW_ERR_EOF, 0, "it may be done or not"},
        {CHANGE_RESTART, IW_ERR_REFUSED, 0, "the server's words"},
    };
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct iw_error err = {.code = rows[i].code, .http_status = rows[i].status};
        char why[400];
        (void)snprintf(err.msg, sizeof(err.msg), "the server's words");
        change_failure(&err, rows[i].verb, why, sizeof(why));
        assert_non_null(strstr(why, rows[i].says));
    }
}

static void
restart__is_refused_without_a_rollout(void **state)
{
    struct world w;
    (void)state;
    world_open(&w, "", "");
    assert_false(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "has no owner to restart"));
    store_free(w.store);
    world_open(&w, "Job", "load");
    assert_false(plan(&w, CHANGE_RESTART));
    assert_non_null(strstr(w.change.sentence, "a Job cannot be restarted (load)"));
    store_free(w.store);
}

static void
elsewhere__is_a_command_to_paste(void **state)
{
    struct world w;
    char command[512];
    (void)state;
    world_open(&w, "", "");
    struct pod *pod = pod_seal(&w.m.pod);
    change_elsewhere(pod, "web", ELSEWHERE_SHELL, T0, command, sizeof(command));
    assert_string_equal(command, "kubectl -n shop exec -it web-5d9c7-x2x4z -c web -- sh");
    change_elsewhere(pod, "", ELSEWHERE_ATTACH, T0, command, sizeof(command));
    assert_string_equal(command, "kubectl -n shop attach -it web-5d9c7-x2x4z -c migrate");
    change_elsewhere(pod, "", ELSEWHERE_FORWARD, T0, command, sizeof(command));
    assert_string_equal(command, "kubectl -n shop port-forward pod/web-5d9c7-x2x4z :PORT");
    pod_free(pod);
    w.m.pod.name = "$(reboot)";
    pod = pod_seal(&w.m.pod);
    change_elsewhere(pod, "a;b", ELSEWHERE_DEBUG, T0, command, sizeof(command));
    assert_string_equal(command,
                        "kubectl -n shop debug -it POD --image=busybox --target=CONTAINER");
    pod_free(pod);
    store_free(w.store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delete__is_of_the_pod_that_was_looked_at),
        cmocka_unit_test(delete__takes_no_strange_uid),
        cmocka_unit_test(delete__says_what_comes_in_its_place),
        cmocka_unit_test(delete__is_refused_for_what_ends_already),
        cmocka_unit_test(restart__changes_the_template_of_the_workload),
        cmocka_unit_test(restart__says_how_many_pods_and_refuses_a_paused_rollout),
        cmocka_unit_test(restart__is_refused_without_a_rollout),
        cmocka_unit_test(restart__tells_recreate_from_a_rolling_update),
        cmocka_unit_test(failure__says_what_it_means),
        cmocka_unit_test(elsewhere__is_a_command_to_paste),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
