/* Other objects than pods: the facts that are kept, what is left behind, and what is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/decode.h"

/* New: kobject_free. */
static struct kobject *
decoded(enum kobject_kind kind, const char *yaml)
{
    json_t *json = NULL;
    struct kobject *o = NULL;
    struct iw_error err = {0};
    if (yaml_json_one("object", yaml, strlen(yaml), &json, &err) != IW_OK ||
        decode_object(json, kind, &o, &err) != IW_OK)
        fail_msg("%s", err.msg);
    /* Nothing of the record may lie in the tree. */
    json_decref(json);
    return o;
}

static void
decode__keeps_who_an_object_is_and_who_owns_it(void **state)
{
    (void)state;
    struct kobject *o =
        decoded(KOBJECT_REPLICASET, "metadata: {name: web-1, namespace: shop, uid: u1,\n"
                                    "  resourceVersion: \"7\", labels: {b: \"2\", a: \"1\"},\n"
                                    "  creationTimestamp: \"2026-06-15T12:00:00Z\",\n"
                                    "  ownerReferences: [{kind: X, name: y},\n"
                                    "    {kind: Deployment, name: web, controller: true}]}\n");
    assert_string_equal(o->name, "web-1");
    assert_string_equal(o->owner_kind, "Deployment");
    assert_string_equal(o->owner_name, "web");
    assert_int_equal(o->label_count, 2);
    assert_string_equal(o->labels[0].key, "a");
    assert_true(o->created_ms != IW_TIME_NONE);
    assert_int_equal(o->workload->desired, 1);
    kobject_free(o);
}

static void
decode__reads_a_cronjob(void **state)
{
    (void)state;
    struct kobject *o = decoded(KOBJECT_CRONJOB, "metadata: {name: nightly}\n"
                                                 "spec: {schedule: \"0 3 * * *\", suspend: true}\n"
                                                 "status: {active: [{name: nightly-1}],\n"
                                                 "  lastScheduleTime: \"2026-06-15T03:00:00Z\"}\n");
    assert_string_equal(o->workload->strategy, "0 3 * * *");
    assert_true(o->workload->suspended);
    assert_int_equal(o->workload->active, 1);
    assert_true(o->workload->started_ms != IW_TIME_NONE);
    assert_true(o->workload->completed_ms == IW_TIME_NONE);
    kobject_free(o);
    o = decoded(KOBJECT_CRONJOB, "metadata: {name: new}\n");
    assert_string_equal(o->workload->strategy, "");
    assert_false(o->workload->suspended);
    kobject_free(o);
}

static void
decode__never_keeps_a_value_of_a_secret(void **state)
{
    (void)state;
    struct kobject *o =
        decoded(KOBJECT_SECRET, "metadata: {name: db}\ntype: Opaque\nimmutable: true\n"
                                "data: {password: aHVudGVyMg==, empty: \"\"}\n"
                                "stringData: {plain: hunter2}\n");
    assert_int_equal(o->config->key_count, 2);
    assert_string_equal(o->config->keys[0].name, "password");
    assert_int_equal(o->config->keys[0].size_bytes, 7);
    assert_int_equal(o->config->keys[1].size_bytes, 0);
    assert_true(o->config->immutable);
    kobject_free(o);
}

static void
decode__reads_a_node(void **state)
{
    (void)state;
    struct kobject *o = decoded(
        KOBJECT_NODE,
        "metadata: {name: n1}\nspec: {unschedulable: true, taints: [{key: k, effect: NoExecute}]}\n"
        "status:\n  allocatable: {cpu: 3900m, memory: 7Gi}\n"
        "  images: [{names: [\"a@sha256:1\", \"a:2\"], sizeBytes: 12}, {names: null}]\n"
        "  conditions: [{type: Ready, status: \"True\"}]\n"
        "  addresses: [{type: Hostname, address: x}, {type: InternalIP, address: 10.0.0.1}]\n");
    assert_true(o->node->unschedulable);
    assert_string_equal(o->node->taints[0].effect, "NoExecute");
    assert_int_equal(o->node->image_count, 2);
    assert_string_equal(o->node->images[0].name, "a:2");
    assert_string_equal(o->node->images[1].name, "");
    assert_string_equal(o->node->internal_ip, "10.0.0.1");
    assert_string_equal(o->node->allocatable.items[0].text, "3900m");
    kobject_free(o);
}

static void
decode__reads_services_and_their_endpoints(void **state)
{
    (void)state;
    struct kobject *service =
        decoded(KOBJECT_SERVICE,
                "metadata: {name: db}\nspec: {clusterIP: None, selector: {app: db},\n"
                "  ports: [{port: 5432, targetPort: pg}, {port: 80, targetPort: 8080}]}\n");
    assert_true(service->service->headless);
    assert_string_equal(service->service->type, "ClusterIP");
    assert_string_equal(service->service->ports[0].target, "pg");
    assert_string_equal(service->service->ports[1].target, "8080");
    assert_string_equal(service->service->ports[1].protocol, "TCP");
    char text[64];
    label_selector_text(&service->service->selector, text, sizeof(text));
    assert_string_equal(text, "app=db");
    kobject_free(service);
    struct kobject *slice = decoded(
        KOBJECT_ENDPOINTSLICE, "metadata: {name: db-1, labels: {kubernetes.io/service-name: db}}\n"
                               "endpoints:\n- {addresses: [10.1.0.2], conditions: {ready: false},\n"
                               "   targetRef: {kind: Pod, name: db-0}}\n- {addresses: []}\n");
    assert_string_equal(slice->slice->service, "db");
    assert_int_equal(slice->slice->endpoints[0].ready, TRI_FALSE);
    assert_string_equal(slice->slice->endpoints[0].target_name, "db-0");
    assert_int_equal(slice->slice->endpoints[1].ready, TRI_UNKNOWN);
    kobject_free(slice);
}

static void
decode__knows_what_a_policy_restricts_when_it_does_not_say(void **state)
{
    (void)state;
    struct kobject *plain = decoded(KOBJECT_NETWORKPOLICY, "metadata: {name: p}\nspec: {}\n");
    assert_true(plain->policy->is_ingress);
    assert_false(plain->policy->is_egress);
    assert_true(label_selector_matches(&plain->policy->pods, NULL, 0));
    kobject_free(plain);
    struct kobject *both =
        decoded(KOBJECT_NETWORKPOLICY,
                "metadata: {name: p}\nspec: {podSelector: {matchExpressions:\n"
                "  [{key: a, operator: NotIn, values: [x, w]}]},\n"
                "  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}],\n"
                "   ports: [{port: web}, {protocol: UDP, port: 53, endPort: 54}]}]}\n");
    assert_true(both->policy->is_egress);
    assert_string_equal(both->policy->egress[0].peers[0].except[0], "10.1.0.0/16");
    assert_int_equal(both->policy->egress[0].ports[1].end_port, 54);
    char text[64];
    label_selector_text(&both->policy->pods, text, sizeof(text));
    assert_string_equal(text, "a notin (x,w)");
    struct pod_label x = {"a", "x"}, z = {"a", "z"};
    assert_false(label_selector_matches(&both->policy->pods, &x, 1));
    assert_true(label_selector_matches(&both->policy->pods, &z, 1));
    kobject_free(both);
}

static void
decode__reads_claims_quotas_and_limits(void **state)
{
    (void)state;
    struct kobject *pvc = decoded(
        KOBJECT_PVC, "metadata: {name: data}\nspec: {storageClassName: fast, accessModes:\n"
                     "  [ReadWriteOnce, ReadOnlyMany], resources: {requests: {storage: 5Gi}}}\n"
                     "status: {phase: Pending}\n");
    assert_string_equal(pvc->pvc->request, "5Gi");
    assert_string_equal(pvc->pvc->access_modes, "ReadWriteOnce, ReadOnlyMany");
    assert_true(pvc->pvc->class_present);
    kobject_free(pvc);
    struct kobject *quota =
        decoded(KOBJECT_QUOTA, "metadata: {name: q}\nspec: {hard: {cpu: 2}}\n"
                               "status: {hard: {cpu: 2, pods: 5}, used: {cpu: 1500m}}\n");
    assert_int_equal(quota->quota->item_count, 2);
    assert_string_equal(quota->quota->items[0].used, "1500m");
    assert_string_equal(quota->quota->items[1].used, "");
    kobject_free(quota);
    struct kobject *limits =
        decoded(KOBJECT_LIMITRANGE, "metadata: {name: l}\nspec: {limits: [{type: Container,\n"
                                    "  max: {cpu: 2}, default: {cpu: 1, memory: 1Gi}}]}\n");
    assert_int_equal(limits->limitrange->item_count, 2);
    assert_string_equal(limits->limitrange->items[0].max, "2");
    assert_string_equal(limits->limitrange->items[1].default_limit, "1Gi");
    kobject_free(limits);
}

static void
decode__names_the_field_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        enum kobject_kind kind;
        const char *yaml, *says;
    } bad[] = {
        {KOBJECT_SERVICE, "metadata: {name: x}\nspec: {ports: {}}\n", "spec.ports"},
        {KOBJECT_NODE, "metadata: {name: x}\nspec: {taints: [1]}\n", "spec.taints[0]"},
        {KOBJECT_JOB, "metadata: {name: [x]}\n", "metadata.name"},
        {KOBJECT_PVC, "metadata: {}\n", "metadata.name is missing"},
        {KOBJECT_DEPLOYMENT, "metadata: {name: x}\nspec: {replicas: many}\n", "spec.replicas"},
    };
    for (size_t i = 0; i < IW_COUNTOF(bad); i++) {
        json_t *json = NULL;
        struct kobject *o = NULL;
        struct iw_error err = {0};
        assert_int_equal(yaml_json_one("o", bad[i].yaml, strlen(bad[i].yaml), &json, &err), IW_OK);
        assert_int_equal(decode_object(json, bad[i].kind, &o, &err), IW_ERR_PARSE);
        assert_null(o);
        if (!strstr(err.msg, bad[i].says))
            fail_msg("\"%s\" is not in: %s", bad[i].says, err.msg);
        json_decref(json);
    }
}

static void
decode__refuses_an_object_over_the_ceiling(void **state)
{
    (void)state;
    struct strbuf b;
    struct iw_error err = {0};
    json_t *json = NULL;
    struct kobject *o = NULL;
    strbuf_init(&b, 0);
    strbuf_adds(&b, "metadata: {name: x}\ndata:\n");
    for (int i = 0; i < 20000; i++)
        strbuf_addf(&b, "  a-key-with-a-long-name-%d: v\n", i);
    assert_int_equal(yaml_json_one("o", b.data, b.len, &json, &err), IW_OK);
    assert_int_equal(decode_object(json, KOBJECT_CONFIGMAP, &o, &err), IW_ERR_TOO_BIG);
    json_decref(json);
    strbuf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode__keeps_who_an_object_is_and_who_owns_it),
        cmocka_unit_test(decode__reads_a_cronjob),
        cmocka_unit_test(decode__never_keeps_a_value_of_a_secret),
        cmocka_unit_test(decode__reads_a_node),
        cmocka_unit_test(decode__reads_services_and_their_endpoints),
        cmocka_unit_test(decode__knows_what_a_policy_restricts_when_it_does_not_say),
        cmocka_unit_test(decode__reads_claims_quotas_and_limits),
        cmocka_unit_test(decode__names_the_field_that_is_wrong),
        cmocka_unit_test(decode__refuses_an_object_over_the_ceiling),
    };
    return cmocka_run_group_tests_name("decode_object", tests, NULL, NULL);
}
