/* Pods from JSON to records: every field, nulls, wrong types, recorded pods.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"

static struct pod *
decode(const char *text)
{
    struct iw_error err = {0};
    json_t *root;
    struct pod *pod = NULL;
    if (jarena_parse(text, strlen(text), &root, &err) != IW_OK ||
        decode_pod(root, "ctx", &pod, &err) != IW_OK)
        fail_msg("%.200s: %s", text, err.msg);
    /* The record must not borrow from the tree. */
    jarena_release();
    return pod;
}

static const char full_pod[] =
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"u1\","
    "\"resourceVersion\":\"77\",\"creationTimestamp\":\"2026-06-15T12:00:00Z\","
    "\"deletionTimestamp\":\"2026-06-15T12:01:00Z\",\"deletionGracePeriodSeconds\":30,"
    "\"labels\":{\"b\":\"2\",\"a\":\"1\"},"
    "\"annotations\":{\"kubectl.kubernetes.io/default-container\":\"app\"},"
    "\"ownerReferences\":[{\"kind\":\"X\",\"name\":\"no\"},"
    "{\"kind\":\"ReplicaSet\",\"name\":\"web-5\",\"controller\":true}]},"
    "\"spec\":{\"nodeName\":\"n1\",\"restartPolicy\":\"OnFailure\",\"schedulerName\":\"s\","
    "\"serviceAccountName\":\"sa\",\"priorityClassName\":\"high\",\"hostNetwork\":true,"
    "\"activeDeadlineSeconds\":90,\"terminationGracePeriodSeconds\":9223372036854775807,"
    "\"nodeSelector\":{\"b\":\"2\",\"a\":\"1\"},\"affinity\":{\"nodeAffinity\":{"
    "\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":[]}}},"
    "\"tolerations\":[{\"operator\":\"Exists\"},{\"key\":\"gpu\",\"value\":\"x\","
    "\"effect\":\"NoExecute\",\"tolerationSeconds\":300}],"
    "\"securityContext\":{\"runAsUser\":1000,\"fsGroup\":2000,\"runAsNonRoot\":true},"
    "\"readinessGates\":[{\"conditionType\":\"g1\"}],\"schedulingGates\":[{\"name\":\"q\"}],"
    "\"overhead\":{\"cpu\":\" 250m \",\"memory\":128e6},"
    "\"resources\":{\"requests\":{\"cpu\":2},\"limits\":null},"
    "\"volumes\":[{\"name\":\"v1\",\"configMap\":{\"name\":\"cm\",\"optional\":true}},"
    "{\"name\":\"v2\",\"secret\":{\"secretName\":\"sec\"}},"
    "{\"name\":\"v3\",\"persistentVolumeClaim\":{\"claimName\":\"pvc\"}},"
    "{\"name\":\"v4\",\"emptyDir\":{}}],"
    "\"initContainers\":["
    "{\"name\":\"prep\",\"image\":\"i:1\",\"command\":[\"sh\",\"-c\"],\"args\":[\"x\"],"
    "\"restartPolicy\":\"Never\",\"restartPolicyRules\":[{\"action\":\"Restart\","
    "\"exitCodes\":{\"operator\":\"In\",\"values\":[42,137]}}]},"
    "{\"name\":\"mesh\",\"restartPolicy\":\"Always\","
    "\"startupProbe\":{\"httpGet\":{\"path\":\"/healthz/ready\",\"port\":15021},"
    "\"periodSeconds\":3,\"failureThreshold\":60,\"terminationGracePeriodSeconds\":7},"
    "\"readinessProbe\":{\"tcpSocket\":{\"port\":\"pg\"}},"
    "\"livenessProbe\":{\"exec\":{\"command\":[\"cat\",\"/tmp/ok\"]}},"
    "\"lifecycle\":{\"preStop\":{\"exec\":{}},\"postStart\":null}},"
    "{\"name\":\"wait\",\"securityContext\":{\"privileged\":true,\"runAsUser\":0,"
    "\"readOnlyRootFilesystem\":false,\"capabilities\":{\"add\":[\"NET_ADMIN\"],"
    "\"drop\":[\"ALL\"]}}}],"
    "\"containers\":[{\"name\":\"app\",\"imagePullPolicy\":\"Always\","
    "\"env\":[{\"name\":\"PW\",\"value\":\"hunter2\"},"
    "{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":\"pw\"}}},"
    "{\"name\":\"B\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"c\",\"key\":\"k\","
    "\"optional\":true}}}],"
    "\"envFrom\":[{\"secretRef\":{\"name\":\"all\"}}],"
    "\"volumeMounts\":[{\"name\":\"v1\",\"mountPath\":\"/m\",\"subPath\":\"s\",\"readOnly\":true}],"
    "\"ports\":[{\"name\":\"http\",\"containerPort\":8080,\"protocol\":\"TCP\"}],"
    "\"livenessProbe\":{\"grpc\":{\"port\":9000,\"service\":\"x\"}},"
    "\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":null},\"limits\":{}}}],"
    "\"ephemeralContainers\":[{\"name\":\"dbg\"}]},"
    "\"status\":{\"phase\":\"Pending\",\"reason\":\"R\",\"message\":\"M\",\"qosClass\":"
    "\"Burstable\","
    "\"nominatedNodeName\":\"nn\",\"podIP\":\"10.0.0.1\",\"podIPs\":[{\"ip\":\"10.0.0.9\"}],"
    "\"hostIP\":\"1.2.3.4\",\"startTime\":\"2026-06-15T12:00:01Z\","
    "\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"X\","
    "\"lastTransitionTime\":null}],"
    "\"resources\":{\"requests\":{\"cpu\":\"1\"}},\"allocatedResources\":{\"cpu\":\"3\"},"
    "\"initContainerStatuses\":[{\"name\":\"prep\",\"restartCount\":2,\"ready\":true,"
    "\"state\":{\"terminated\":{\"exitCode\":137,\"signal\":9,\"reason\":\"OOMKilled\","
    "\"message\":\"a\\u0000b\",\"containerID\":\"c://1\",\"startedAt\":\"1970-01-01T00:00:00Z\","
    "\"finishedAt\":\"0001-01-01T00:00:00Z\"}},\"lastState\":{}}],"
    "\"containerStatuses\":[{\"name\":\"zzz\"},{\"name\":\"app\",\"image\":\"im\",\"imageID\":"
    "\"id\","
    "\"containerID\":\"cid\",\"started\":false,"
    "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\",\"message\":\"wm\"}},"
    "\"allocatedResources\":{\"cpu\":\"5\"},\"resources\":{\"limits\":{\"cpu\":\"6\"}}}],"
    "\"ephemeralContainerStatuses\":[{\"name\":\"app\"},{\"name\":\"dbg\","
    "\"state\":{\"running\":{\"startedAt\":\"2026-06-15T12:00:02Z\"}}}]}}";

static void
decode_pod__fills_metadata_and_spec(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    assert_string_equal(p->cluster, "ctx");
    assert_string_equal(p->ns, "shop");
    assert_string_equal(p->name, "web");
    assert_string_equal(p->uid, "u1");
    assert_string_equal(p->resource_version, "77");
    assert_string_equal(p->owner_kind, "ReplicaSet");
    assert_string_equal(p->owner_name, "web-5");
    assert_int_equal(p->label_count, 2);
    assert_string_equal(p->labels[0].key, "a");
    assert_string_equal(p->labels[1].value, "2");
    assert_string_equal(p->default_container, "app");
    assert_true(p->created_ms == 1781524800000);
    assert_true(p->deletion_ms == 1781524860000);
    assert_int_equal(p->deletion_grace_s, 30);
    assert_true(p->grace_s == INT64_MAX);
    assert_int_equal(p->active_deadline_s, 90);
    assert_string_equal(p->node, "n1");
    assert_string_equal(p->restart_policy, "OnFailure");
    assert_string_equal(p->service_account, "sa");
    assert_string_equal(p->priority_class, "high");
    assert_true(p->host_network);
    assert_string_equal(p->readiness_gates[0], "g1");
    assert_string_equal(p->scheduling_gates[0], "q");
    assert_int_equal(p->volume_count, 4);
    assert_string_equal(p->volumes[0].kind, "configMap");
    assert_string_equal(p->volumes[0].ref, "cm");
    assert_true(p->volumes[0].optional);
    assert_string_equal(p->volumes[1].ref, "sec");
    assert_string_equal(p->volumes[2].ref, "pvc");
    assert_string_equal(p->volumes[3].kind, "emptyDir");
    assert_string_equal(p->volumes[3].ref, "");
    assert_string_equal(p->overhead.items[0].text, "250m");
    assert_string_equal(p->overhead.items[1].text, "128e6");
    assert_true(p->pod_resources_present && p->pod_requests.present && !p->pod_limits.present);
    assert_string_equal(p->pod_requests.items[0].text, "2");
    assert_int_equal(p->node_selector_count, 2);
    assert_string_equal(p->node_selector[0].key, "a");
    assert_string_equal(p->node_selector[1].value, "2");
    assert_true(p->node_affinity);
    assert_int_equal(p->toleration_count, 2);
    assert_string_equal(p->tolerations[0].key, "");
    assert_string_equal(p->tolerations[0].op, "Exists");
    assert_int_equal(p->tolerations[0].seconds, -1);
    assert_string_equal(p->tolerations[1].value, "x");
    assert_string_equal(p->tolerations[1].effect, "NoExecute");
    assert_int_equal(p->tolerations[1].seconds, 300);
    pod_free(p);
}

static void
decode_pod__fills_security(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    assert_int_equal(p->security->user, 1000);
    assert_int_equal(p->security->fs_group, 2000);
    assert_int_equal(p->security->group, -1);
    assert_int_equal(p->security->non_root, TRI_TRUE);
    const struct security *of = p->containers[2].security;
    assert_int_equal(of->user, 0);
    assert_int_equal(of->privileged, TRI_TRUE);
    assert_int_equal(of->read_only_root, TRI_FALSE);
    assert_int_equal(of->escalation, TRI_UNKNOWN);
    assert_string_equal(of->add[0], "NET_ADMIN");
    assert_string_equal(of->drop[0], "ALL");
    assert_ptr_equal(p->containers[0].security, &security_none);
    pod_free(p);
    p = decode("{\"metadata\":{\"name\":\"a\"},\"spec\":{\"securityContext\":{}}}");
    assert_ptr_equal(p->security, &security_none);
    pod_free(p);
}

static void
decode_pod__fills_status(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    assert_string_equal(p->phase, "Pending");
    assert_string_equal(p->reason, "R");
    assert_string_equal(p->message, "M");
    assert_string_equal(p->qos_class, "Burstable");
    assert_string_equal(p->nominated_node, "nn");
    assert_string_equal(p->ip, "10.0.0.1");
    assert_string_equal(p->host_ip, "1.2.3.4");
    assert_true(p->started_ms == 1781524801000);
    assert_int_equal(p->condition_count, 1);
    assert_true(p->conditions[0].transition_ms == IW_TIME_NONE);
    assert_true(p->status_resources_present && p->status_allocated.count == 1);
    assert_int_equal(p->status_count, 5);
    assert_int_equal(p->init_status_count, 1);
    assert_int_equal(p->app_status_count, 2);
    const struct container_status *prep = &p->statuses[0];
    assert_true(prep->state.terminated && !prep->state.waiting && !prep->last->terminated);
    assert_int_equal(prep->state.end.exit_code, 137);
    assert_int_equal(prep->state.end.signal, 9);
    assert_string_equal(prep->state.end.message, "a\xEF\xBF\xBD"
                                                 "b");
    assert_true(prep->state.end.started_ms == 0);
    assert_true(prep->state.end.finished_ms == IW_TIME_NONE);
    assert_int_equal(prep->restart_count, 2);
    assert_true(prep->ready && prep->started == TRI_UNKNOWN);
    pod_free(p);
}

static void
decode_pod__tags_and_joins_containers(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    static const char *const tags[] = {"i1", "s1", "i2", "a1", "E1"};
    assert_int_equal(p->container_count, 5);
    assert_int_equal(p->init_count, 3);
    assert_int_equal(p->app_count, 1);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(p->containers[i].tag, tags[i]);
    assert_ptr_equal(p->containers[0].status, &p->statuses[0]);
    assert_null(p->containers[1].status);
    /* by name, and only within its own list */
    assert_ptr_equal(p->containers[3].status, &p->statuses[2]);
    assert_string_equal(p->containers[3].status->state.waiting_reason, "PodInitializing");
    assert_int_equal(p->containers[3].status->started, TRI_FALSE);
    assert_string_equal(p->containers[3].status->resources->allocated.items[0].text, "5");
    assert_ptr_equal(p->containers[4].status, &p->statuses[4]);
    assert_true(p->containers[4].status->state.running_since_ms == 1781524802000);
    pod_free(p);
}

static void
decode_pod__fills_containers(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    const struct container *prep = &p->containers[0], *mesh = &p->containers[1];
    const struct container *app = &p->containers[3];
    assert_int_equal(prep->kind, CONTAINER_INIT);
    assert_int_equal(mesh->kind, CONTAINER_SIDECAR);
    assert_int_equal(prep->command_count, 2);
    assert_string_equal(prep->command[1], "-c");
    assert_string_equal(prep->args[0], "x");
    assert_int_equal(prep->rule_count, 1);
    assert_string_equal(prep->rules[0].op, "In");
    assert_int_equal(prep->rules[0].codes[1], 137);
    assert_string_equal(mesh->startup->target, "httpGet :15021/healthz/ready");
    assert_int_equal(mesh->startup->period_s, 3);
    assert_int_equal(mesh->startup->timeout_s, 1);
    assert_int_equal(mesh->startup->failure_threshold, 60);
    assert_int_equal(mesh->startup->grace_s, 7);
    assert_string_equal(mesh->readiness->target, "tcp :pg");
    assert_int_equal(mesh->readiness->period_s, 10);
    assert_int_equal(mesh->readiness->grace_s, -1);
    assert_string_equal(mesh->liveness->target, "exec cat /tmp/ok");
    assert_true(mesh->pre_stop && !mesh->post_start);
    assert_int_equal(prep->startup->kind, PROBE_NONE);
    assert_string_equal(app->liveness->target, "grpc :9000/x");
    assert_string_equal(app->pull_policy, "Always");
    assert_int_equal(app->ref_count, 3);
    assert_string_equal(app->refs[0].kind, "Secret");
    assert_string_equal(app->refs[0].key, "");
    assert_string_equal(app->refs[1].name, "db");
    assert_string_equal(app->refs[1].key, "pw");
    assert_true(app->refs[2].optional);
    assert_string_equal(app->mounts[0].sub_path, "s");
    assert_true(app->mounts[0].read_only);
    assert_int_equal(app->ports[0].port, 8080);
    assert_true(app->limits.present && app->limits.count == 0);
    assert_string_equal(app->requests.items[1].text, "0");
    pod_free(p);
}

static void
decode_pod__never_keeps_values_of_the_environment(void **state)
{
    (void)state;
    struct pod *p = decode(full_pod);
    assert_null(memmem(p, p->size_bytes, "hunter2", 7));
    pod_free(p);
}

static void
decode_pod__takes_null_for_everything(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"metadata\":null,\"spec\":null,\"status\":null}",
        "{\"metadata\":{\"resourceVersion\":\"4677\"},\"spec\":{\"containers\":null},\"status\":{}"
        "}",
        "{\"metadata\":{\"name\":null,\"labels\":null,\"ownerReferences\":null,"
        "\"creationTimestamp\":null},\"spec\":{\"containers\":[null,{\"name\":null,\"env\":[null],"
        "\"ports\":null,\"livenessProbe\":null,\"resources\":{\"requests\":null},\"command\":[null]"
        "}],"
        "\"volumes\":[null]},\"status\":{\"conditions\":[null],\"containerStatuses\":[null,"
        "{\"state\":null,\"lastState\":{\"terminated\":null},\"started\":null,\"ready\":null}],"
        "\"podIPs\":[null]}}",
    };
    for (size_t i = 0; i < IW_COUNTOF(texts); i++) {
        struct pod *p = decode(texts[i]);
        assert_string_equal(p->name, "");
        assert_string_equal(p->ip, "");
        assert_true(p->created_ms == IW_TIME_NONE);
        assert_int_equal(p->grace_s, -1);
        pod_free(p);
    }
}

static void
decode_pod__takes_the_first_of_the_list_without_pod_ip(void **state)
{
    (void)state;
    struct pod *p =
        decode("{\"status\":{\"podIPs\":[{\"ip\":\"fd00::1\"},{\"ip\":\"10.0.0.1\"}]}}");
    assert_string_equal(p->ip, "fd00::1");
    pod_free(p);
}

static void
decode_pod__names_the_field_whose_type_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"spec\":{\"initContainers\":[{},{\"name\":5}]}}",
         "spec.initContainers[1].name: expected a string, found a number"},
        {"{\"spec\":{\"containers\":{}}}", "spec.containers: expected a list, found an object"},
        {"{\"spec\":{\"containers\":[7]}}",
         "spec.containers[0]: expected an object, found a number"},
        {"{\"metadata\":{\"labels\":{\"a\":true}}}",
         "metadata.labels.a: expected a string, found true"},
        {"{\"metadata\":{\"creationTimestamp\":\"yesterday\"}}",
         "metadata.creationTimestamp: expected a time such as 2026-06-15T12:00:00Z"},
        {"{\"status\":{\"containerStatuses\":[{\"restartCount\":\"3\"}]}}",
         "status.containerStatuses[0].restartCount: expected a whole number, found a string"},
        {"{\"status\":{\"containerStatuses\":[{\"restartCount\":3000000000}]}}",
         "status.containerStatuses[0].restartCount: the number does not fit 32 bits"},
        {"{\"status\":{\"containerStatuses\":[{\"state\":{\"terminated\":{\"exitCode\":1.5}}}]}}",
         "status.containerStatuses[0].state.terminated.exitCode: expected a whole number, found a "
         "string"},
        {"{\"spec\":{\"containers\":[{\"command\":[\"a\",1]}]}}",
         "spec.containers[0].command[1]: expected a string, found a number"},
        {"{\"spec\":{\"overhead\":{\"cpu\":[]}}}",
         "spec.overhead.cpu: expected an amount (a string or a number), found a list"},
        {"{\"spec\":{\"hostNetwork\":\"yes\"}}",
         "spec.hostNetwork: expected true or false, found a string"},
        {"{\"status\":[]}", "status: expected an object, found a list"},
        {"[]", "expected a Pod object"},
    };
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        json_t *root;
        struct pod *pod = NULL;
        struct iw_error err = {0};
        assert_int_equal(jarena_parse(cases[i].text, strlen(cases[i].text), &root, &err), IW_OK);
        assert_int_equal(decode_pod(root, NULL, &pod, &err), IW_ERR_PARSE);
        assert_string_equal(err.msg, cases[i].message);
        jarena_release();
    }
}

static void
decode_pod__refuses_a_pod_of_too_many_parts(void **state)
{
    (void)state;
    strbuf_auto text;
    strbuf_init(&text, 0);
    strbuf_adds(&text, "{\"spec\":{\"containers\":[0");
    for (int i = 0; i < 300000; i++)
        strbuf_adds(&text, ",0");
    strbuf_adds(&text, "]}}");
    json_t *root;
    struct pod *pod = NULL;
    struct iw_error err = {0};
    assert_int_equal(jarena_parse(text.data, text.len, &root, &err), IW_OK);
    assert_int_equal(decode_pod(root, NULL, &pod, &err), IW_ERR_TOO_BIG);
    jarena_release();
}

/* The cell that kubectl prints for a field. */
static void
assert_cell(const json_t *line, const char *column, const char *got)
{
    const char *want = json_string_value(json_object_get(line, column));
    assert_non_null(want);
    assert_string_equal(got[0] ? got : "<none>", want);
}

static void
decode_pod__reads_all_random_pods(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/printpod/random.jsonl.gz");
    assert_non_null(lines);
    size_t count = 0, len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL; count++) {
        json_t *root;
        struct pod *pod = NULL;
        struct iw_error err = {0};
        assert_int_equal(jarena_parse(line, len, &root, &err), IW_OK);
        const json_t *object = json_object_get(root, "pod");
        if (decode_pod(object, "", &pod, &err) != IW_OK)
            fail_msg("%s: %s", json_string_value(json_object_get(root, "name")), err.msg);
        assert_cell(root, "ip", pod->ip);
        assert_cell(root, "node", pod->node);
        assert_cell(root, "nominated_node", pod->nominated_node);
        assert_cell(root, "pod_name", pod->name);
        const json_t *spec = json_object_get(object, "spec");
        assert_int_equal(pod->init_count, json_array_size(json_object_get(spec, "initContainers")));
        assert_int_equal(pod->app_count, json_array_size(json_object_get(spec, "containers")));
        pod_free(pod);
        jarena_release();
    }
    gzlines_close(lines);
    assert_int_equal(count, 1500);
}

static void
decode_pod__reads_recorded_lists_and_watches(void **state)
{
    (void)state;
    static const char *const files[] = {TEST_DATA_DIR "/decode/lists.jsonl.gz",
                                        TEST_DATA_DIR "/decode/watch.jsonl.gz"};
    size_t pods = 0, len;
    for (size_t i = 0; i < IW_COUNTOF(files); i++) {
        struct gzlines *lines = gzlines_open(files[i]);
        assert_non_null(lines);
        for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
            json_t *root;
            struct iw_error err = {0};
            assert_int_equal(jarena_parse(line, len, &root, &err), IW_OK);
            const json_t *list = json_object_get(root, "list");
            const json_t *items = json_object_get(list, "items");
            const json_t *one = json_object_get(json_object_get(root, "event"), "object");
            const char *kind = json_string_value(json_object_get(list ? list : one, "kind"));
            size_t count = list ? json_array_size(items) : 1;
            for (size_t k = 0; k < count && strncmp(kind, "Pod", 3) == 0; k++, pods++) {
                struct pod *pod = NULL;
                if (decode_pod(list ? json_array_get(items, k) : one, "c", &pod, &err) != IW_OK)
                    fail_msg("%s", err.msg);
                assert_true(pod->uid[0] || !list);
                pod_free(pod);
            }
            jarena_release();
        }
        gzlines_close(lines);
    }
    assert_true(pods > 300);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_pod__fills_metadata_and_spec),
        cmocka_unit_test(decode_pod__fills_security),
        cmocka_unit_test(decode_pod__fills_status),
        cmocka_unit_test(decode_pod__tags_and_joins_containers),
        cmocka_unit_test(decode_pod__fills_containers),
        cmocka_unit_test(decode_pod__never_keeps_values_of_the_environment),
        cmocka_unit_test(decode_pod__takes_null_for_everything),
        cmocka_unit_test(decode_pod__takes_the_first_of_the_list_without_pod_ip),
        cmocka_unit_test(decode_pod__names_the_field_whose_type_is_wrong),
        cmocka_unit_test(decode_pod__refuses_a_pod_of_too_many_parts),
        cmocka_unit_test(decode_pod__reads_all_random_pods),
        cmocka_unit_test(decode_pod__reads_recorded_lists_and_watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
