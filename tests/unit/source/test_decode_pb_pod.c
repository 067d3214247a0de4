/* One truth: a pod is the same record, whether its JSON was read or its protobuf.
 *
 * The lists come from a real API server's serializer, 1,500 pods each, next to the JSON of the same
 * pods. What protobuf cannot carry is said in pod_equal.h; everything else is compared exactly.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"
#include "pbencode.h"
#include "pod_equal.h"

static struct pod *
pod_of_json(const char *line, size_t len)
{
    struct iw_error err = {0};
    json_t *root;
    struct pod *pod = NULL;
    if (jarena_parse(line, len, &root, &err) != IW_OK ||
        decode_pod(json_object_get(root, "pod"), "ctx", &pod, &err) != IW_OK)
        fail_msg("%.200s: %s", line, err.msg);
    jarena_release();
    return pod;
}

static struct pod *
pod_of_pb(struct pb_span message)
{
    struct iw_error err = {0};
    struct pod *pod = NULL;
    if (decode_pod_pb(message, "ctx", &pod, &err) != IW_OK)
        fail_msg("%s", err.msg);
    return pod;
}

/* Compare all pods of a set; returns how many. */
static unsigned
compare_set(const char *jsonl, const char *podlist)
{
    struct strbuf bytes;
    assert_true(pbfile_read(podlist, &bytes));
    struct pb_object list;
    assert_true(pb_unwrap(pbfile_span(&bytes), &list));
    assert_true(pb_equals(list.kind, "PodList"));
    struct gzlines *lines = gzlines_open(jsonl);
    assert_non_null(lines);
    unsigned count = 0, different = 0;
    struct pb_span item;
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL; count++) {
        assert_true(pbfile_item(&list.raw, &item));
        struct pod *a = pod_of_json(line, len), *b = pod_of_pb(item);
        struct pod_difference d = {0};
        if (!pod_equal(a, b, &d) && different++ < 20)
            print_error("%s: %s\n", a->name, d.text);
        pod_free(a);
        pod_free(b);
    }
    assert_false(pbfile_item(&list.raw, &item));
    assert_int_equal(different, 0);
    gzlines_close(lines);
    strbuf_free(&bytes);
    return count;
}

static void
decode_pod_pb__gives_the_records_of_json__printpod(void **state)
{
    (void)state;
    assert_int_equal(compare_set(TEST_DATA_DIR "/printpod/random.jsonl.gz",
                                 TEST_DATA_DIR "/printpod/random.podlist.pb.gz"),
                     1500);
}

static void
decode_pod_pb__gives_the_records_of_json__resources(void **state)
{
    (void)state;
    assert_int_equal(compare_set(TEST_DATA_DIR "/resources/random.jsonl.gz",
                                 TEST_DATA_DIR "/resources/random.podlist.pb.gz"),
                     1500);
}

/* --- objects made here: fields that the lists above lack --- */

static struct strbuf
message_of(const json_t *object)
{
    struct strbuf message;
    strbuf_init(&message, 0);
    pe_encode(&message, "Pod", object);
    return message;
}

/* Encode, decode both, compare. */
static void
compare_object(const json_t *object, const char *what)
{
    struct iw_error err = {0};
    struct pod *a = NULL;
    if (decode_pod(object, "ctx", &a, &err) != IW_OK)
        fail_msg("%s: %s", what, err.msg);
    struct strbuf message = message_of(object);
    struct pod *b = pod_of_pb(pbfile_span(&message));
    struct pod_difference d = {0};
    if (!pod_equal(a, b, &d))
        fail_msg("%s: %s", what, d.text);
    pod_free(a);
    pod_free(b);
    strbuf_free(&message);
}

static const char every_field[] =
    "{'metadata':{'name':'web','namespace':'shop','uid':'u1','resourceVersion':'77',"
    "'creationTimestamp':'2026-06-15T12:00:00Z','deletionTimestamp':'2026-06-15T12:01:00Z',"
    "'deletionGracePeriodSeconds':30,'labels':{'b':'2','a':'1','c':''},"
    "'annotations':{'other':'x','kubectl.kubernetes.io/default-container':'app'},"
    "'ownerReferences':[{'kind':'X','name':'no','uid':'1'},"
    "{'kind':'ReplicaSet','name':'web-5','uid':'2','controller':true}]},"
    "'spec':{'nodeName':'n1','restartPolicy':'OnFailure','schedulerName':'s','serviceAccount':'old'"
    ","
    "'priorityClassName':'high','hostNetwork':true,'activeDeadlineSeconds':90,"
    "'terminationGracePeriodSeconds':9223372036854775807,"
    "'readinessGates':[{'conditionType':'g1'},{'conditionType':'g2'}],"
    "'schedulingGates':[{'name':'q'}],'overhead':{'cpu':'250m','memory':'128Mi'},"
    "'resources':{'requests':{'cpu':'2'},'limits':{'memory':'1Gi'}},"
    "'volumes':[{'name':'v1','configMap':{'name':'cm','optional':true}},"
    "{'name':'v2','secret':{'secretName':'sec','optional':false}},"
    "{'name':'v3','persistentVolumeClaim':{'claimName':'pvc'}},{'name':'v4','emptyDir':{}},"
    "{'name':'v5','projected':{}},{'name':'v6','image':{}},{'name':'v7'}],"
    "'initContainers':[{'name':'prep','image':'i:1','command':['sh','-c',''],'args':['x'],"
    "'restartPolicy':'Never','restartPolicyRules':[{'action':'Restart',"
    "'exitCodes':{'operator':'In','values':[42,137,-1]}},{'action':'RestartAllContainers'}]},"
    "{'name':'mesh','restartPolicy':'Always','startupProbe':{'httpGet':{'path':'healthz/ready',"
    "'port':15021,'scheme':'HTTPS','host':'h'},'periodSeconds':3,'failureThreshold':60,"
    "'terminationGracePeriodSeconds':7},'readinessProbe':{'tcpSocket':{'port':'pg'},"
    "'initialDelaySeconds':5,'timeoutSeconds':2,'successThreshold':4},"
    "'livenessProbe':{'exec':{'command':['cat','/tmp/ok']}},"
    "'lifecycle':{'preStop':{'exec':{}}}},{'name':'wait','livenessProbe':{}}],"
    "'containers':[{'name':'app','imagePullPolicy':'Always','env':[{'name':'PW',"
    "'value':'hunter2'},{'name':'A','valueFrom':{'secretKeyRef':{'name':'db','key':'pw'}}},"
    "{'name':'B','valueFrom':{'configMapKeyRef':{'name':'c','key':'k','optional':true}}}],"
    "'envFrom':[{'secretRef':{'name':'all'}},{'configMapRef':{'name':'m','optional':true}}],"
    "'volumeMounts':[{'name':'v1','mountPath':'/m','subPath':'s','readOnly':true},"
    "{'name':'v2','mountPath':'/n','subPath':'s','subPathExpr':'$(E)'},"
    "{'name':'v3','mountPath':'/o','subPathExpr':''}],"
    "'ports':[{'name':'http','containerPort':8080,'protocol':'TCP'},{'containerPort':53}],"
    "'livenessProbe':{'grpc':{'port':9000,'service':'x'}},'lifecycle':{'postStart':{}},"
    "'readinessProbe':{'grpc':{'port':9001}},"
    "'resources':{'requests':{'cpu':'100m'},'limits':{'nvidia.com/gpu':'1'}}}],"
    "'ephemeralContainers':[{'name':'dbg','image':'d','targetContainerName':'app'}]},"
    "'status':{'phase':'Pending','reason':'R','message':'M \\u2713','qosClass':'Burstable',"
    "'nominatedNodeName':'nn','podIPs':[{'ip':'10.0.0.9'},{'ip':'fd00::1'}],'hostIP':'1.2.3.4',"
    "'startTime':'1969-12-31T23:59:59Z','conditions':[{'type':'Ready','status':'False',"
    "'reason':'X','message':'m','lastTransitionTime':'2026-06-15T12:00:00Z'},{'type':'Q',"
    "'status':'True','lastTransitionTime':null}],'resources':{'requests':{'cpu':'1'}},"
    "'allocatedResources':{'cpu':'3'},'initContainerStatuses':[{'name':'prep','restartCount':2,"
    "'ready':true,'state':{'terminated':{'exitCode':-137,'signal':9,'reason':'OOMKilled',"
    "'message':'a\\u0000b','containerID':'c://1','startedAt':'1970-01-01T00:00:00Z',"
    "'finishedAt':'0001-01-01T00:00:00Z'}},'lastState':{}}],"
    "'containerStatuses':[{'name':'zzz'},{'name':'app','image':'im','imageID':'id',"
    "'containerID':'cid','started':false,'state':{'waiting':{'reason':'PodInitializing',"
    "'message':'wm'}},'lastState':{'running':{'startedAt':'2026-06-15T12:00:02Z'}},"
    "'allocatedResources':{'cpu':'5'},'resources':{'limits':{'cpu':'6'}}}],"
    "'ephemeralContainerStatuses':[{'name':'app'},{'name':'dbg','started':true,"
    "'state':{'running':{'startedAt':'2026-06-15T12:00:02Z'}}}]}}";

/* Where the pod may run and who it is: more than a string of C has room for above. */
static const char placement[] =
    "{'metadata':{'name':'web'},'spec':{'nodeSelector':{'disk':'ssd','arch':'arm64'},"
    "'securityContext':{'runAsUser':0,'runAsGroup':7,'fsGroup':2000,'runAsNonRoot':false},"
    "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{}}},"
    "'tolerations':[{'operator':'Exists'},{'key':'gpu','value':'yes','effect':'NoExecute',"
    "'tolerationSeconds':0}],'initContainers':[{'name':'prep','securityContext':{"
    "'runAsUser':1337,'runAsGroup':0,'privileged':true,'runAsNonRoot':true,"
    "'readOnlyRootFilesystem':true,'allowPrivilegeEscalation':false,"
    "'capabilities':{'add':['NET_ADMIN','SYS_TIME'],'drop':['ALL']}}}],"
    "'containers':[{'name':'app','securityContext':{}},{'name':'plain'}]}}";

static json_t *
json_of(const char *quoted)
{
    char *text = strdup(quoted);
    for (char *at = text; (at = strchr(at, '\'')) != NULL;)
        *at = '"';
    json_error_t error;
    json_t *object = json_loads(text, JSON_ALLOW_NUL, &error);
    if (!object)
        fail_msg("%s at %d", error.text, error.position);
    free(text);
    return object;
}

static void
decode_pod_pb__reads_placement_and_security(void **state)
{
    (void)state;
    json_t *object = json_of(placement);
    compare_object(object, "placement");
    struct strbuf message = message_of(object);
    struct pod *p = pod_of_pb(pbfile_span(&message));
    assert_true(p->node_affinity);
    assert_string_equal(p->node_selector[0].key, "arch");
    assert_int_equal(p->tolerations[0].seconds, -1);
    assert_int_equal(p->tolerations[1].seconds, 0);
    assert_int_equal(p->security->user, 0);
    assert_int_equal(p->security->fs_group, 2000);
    assert_string_equal(p->containers[0].security->add[1], "SYS_TIME");
    assert_ptr_equal(p->containers[1].security, &security_none);
    pod_free(p);
    json_decref(object);
    strbuf_free(&message);
}

static void
decode_pod_pb__reads_every_field(void **state)
{
    (void)state;
    json_t *object = json_of(every_field);
    compare_object(object, "every field");
    struct strbuf message = message_of(object);
    struct pod *p = pod_of_pb(pbfile_span(&message));
    assert_string_equal(p->owner_name, "web-5");
    assert_string_equal(p->service_account, "old");
    assert_string_equal(p->default_container, "app");
    assert_string_equal(p->ip, "10.0.0.9");
    assert_int_equal(p->started_ms, -1000);
    assert_string_equal(p->volumes[5].kind, "image");
    assert_string_equal(p->statuses[0].state.end.message, "a\xEF\xBF\xBD"
                                                          "b");
    const struct container *mesh = pod_find_container(p, "mesh");
    assert_int_equal(mesh->kind, CONTAINER_SIDECAR);
    assert_string_equal(mesh->startup->target, "httpGet https://h:15021/healthz/ready");
    const struct container *app = pod_find_container(p, "app");
    assert_int_equal(app->ref_count, 4);
    assert_string_equal(app->refs[0].name, "all");
    assert_string_equal(app->mounts[1].sub_path, "$(E)");
    pod_free(p);
    strbuf_free(&message);
    json_decref(object);
}

/* Nothing of a value of an environment variable may be in a record. */
static void
decode_pod_pb__leaves_values_of_variables_alone(void **state)
{
    (void)state;
    json_t *object = json_of(every_field);
    struct strbuf message = message_of(object);
    assert_non_null(memmem(message.data, message.len, "hunter2", 7));
    struct pod *p = pod_of_pb(pbfile_span(&message));
    assert_null(memmem(p, p->size_bytes, "hunter2", 7));
    pod_free(p);
    strbuf_free(&message);
    json_decref(object);
}

/* Containers of one template are decoded once: what differs in each pod must not be taken from the
 * first. */
static void
decode_pod_pb__tells_pods_of_a_template_apart(void **state)
{
    (void)state;
    static const char *const containers[] = {
        "'name':'app','image':'i:1','volumeMounts':[{'name':'token-aaaaa','mountPath':'/t'}]",
        "'name':'app','image':'i:1','volumeMounts':[{'name':'token-bbbbb','mountPath':'/t'}]",
        "'name':'app','image':'i:1','volumeMounts':[{'name':'token-\u00e9\u00e9x','mountPath':'/"
        "t'}]",
        "'name':'app','image':'i:1','volumeMounts':[{'name':'token-ccccc','mountPath':'/u'}]",
        "'name':'app','image':'i:1','volumeMounts':[{'name':'a','mountPath':'/a'},"
        "{'name':'token-ddddd','mountPath':'/t','readOnly':true}]",
        "'name':'app','image':'i:1','volumeMounts':[]",
        "'name':'app','image':'i:2','volumeMounts':[{'name':'token-aaaaa','mountPath':'/t'}]",
        "'name':'app','image':'i:1','ports':[{'containerPort':80}]",
        "'name':'app','image':'i:1','env':[{'name':'A','value':'secret'}]",
        "'name':'app','image':'i:1','env':[{'name':'A','value':'geheim'}]",
        "'name':'app','image':'i:1','env':[{'name':'B','value':'secret'}]",
        "'name':'app','image':'i:1','env':[{'name':'A','valueFrom':{'secretKeyRef':"
        "{'name':'s','key':'k'}}}]",
        "'name':'app','image':'i:1','readinessProbe':{'tcpSocket':{'port':80}}",
        "'name':'app','image':'i:1','resources':{'requests':{'cpu':'1'}}",
    };
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < IW_COUNTOF(containers); i++) {
            char text[600];
            snprintf(
                text, sizeof(text),
                "{'metadata':{'name':'p'},'spec':{'initContainers':[{%s}],'containers':[{%s}]}}",
                containers[i], containers[i]);
            for (char *quote; (quote = strchr(text, '\'')) != NULL;)
                *quote = '"';
            json_t *object = json_loads(text, 0, NULL);
            assert_non_null(object);
            compare_object(object, containers[i]);
            json_decref(object);
        }
    }
}

/* More templates than are kept, in one pod and after it. */
static void
decode_pod_pb__reads_more_templates_than_it_keeps(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        json_t *list = json_array();
        for (unsigned i = 0; i < 700; i++)
            json_array_append_new(list, json_pack("{s:o,s:o,s:[{s:s,s:s}]}", "name",
                                                  json_sprintf("c%u", i), "image",
                                                  json_sprintf("i:%u", round * 300 + i),
                                                  "volumeMounts", "name", "v", "mountPath", "/v"));
        json_t *object =
            json_pack("{s:{s:s},s:{s:o}}", "metadata", "name", "p", "spec", "containers", list);
        compare_object(object, "700 templates");
        json_decref(object);
    }
}

/* A message cut anywhere, or with one byte changed, is a record or an error, never half of one. */
static void
decode_pod_pb__survives_damage(void **state)
{
    (void)state;
    json_t *object = json_of(every_field);
    struct strbuf message = message_of(object);
    json_decref(object);
    unsigned refused = 0;
    for (size_t i = 0; i < message.len; i++) {
        struct iw_error err = {0};
        struct pod *pod = NULL;
        iw_autofree char *cut = iw_malloc(i + 1);
        memcpy(cut, message.data, i);
        if (decode_pod_pb(pb_span_of(cut, i), "", &pod, &err) != IW_OK)
            refused++;
        pod_free(pod);
        pod = NULL;
        iw_autofree char *changed = iw_malloc(message.len);
        memcpy(changed, message.data, message.len);
        changed[i] = (char)(changed[i] ^ (1 << i % 8));
        err = (struct iw_error){0};
        if (decode_pod_pb(pb_span_of(changed, message.len), "", &pod, &err) != IW_OK)
            assert_true(err.code == IW_ERR_PARSE && err.msg[0]);
        pod_free(pod);
    }
    assert_true(refused > message.len / 2);
    strbuf_free(&message);
}

static enum iw_err
decode_bytes(const char *bytes, size_t len, struct iw_error *err)
{
    struct pod *pod = NULL;
    enum iw_err rc = decode_pod_pb(pb_span_of(bytes, len), "", &pod, err);
    pod_free(pod);
    return rc;
}
#define DECODE(bytes, err) decode_bytes(bytes, sizeof(bytes) - 1, err)

static void
decode_pod_pb__names_what_is_wrong(void **state)
{
    (void)state;
    struct iw_error err = {0};
    assert_int_equal(DECODE("\x10\x05", &err), IW_ERR_PARSE);
    assert_string_equal(err.msg, "Pod.2: not the kind of value it should be");
    assert_int_equal(DECODE("\x0a\x02\x0a\x05", &err), IW_ERR_PARSE);
    assert_string_equal(err.msg, "ObjectMeta is not well-formed protobuf");
    /* metadata.creationTimestamp with seconds beyond the year 9999 */
    assert_int_equal(DECODE("\x0a\x0a\x42\x08\x08\xff\xff\xff\xff\xff\xff\x7f", &err),
                     IW_ERR_PARSE);
    assert_string_equal(err.msg, "ObjectMeta.8: a time out of range");
}

static void
decode_pod_pb__passes_over_unknown_fields(void **state)
{
    (void)state;
    struct iw_error err = {0};
    assert_int_equal(DECODE("\xf8\x07\x01\xf9\x07"
                            "12345678"
                            "\xfa\x07\x02zz\xfd\x07"
                            "1234",
                            &err),
                     IW_OK);
    assert_int_equal(DECODE("", &err), IW_OK);
}

static void
decode_pod_pb__repairs_texts_that_are_not_utf8(void **state)
{
    (void)state;
    struct pod *pod = pod_of_pb(pb_span_of("\x0a\x06\x0a\x04"
                                           "a\xff"
                                           "b\0",
                                           8));
    assert_string_equal(pod->name, "a\xEF\xBF\xBD"
                                   "b\xEF\xBF\xBD");
    pod_free(pod);
}

/* A few megabytes of empty containers must not become gigabytes. */
static void
decode_pod_pb__refuses_an_object_of_too_many_parts(void **state)
{
    (void)state;
    struct strbuf spec, pod;
    strbuf_init(&spec, 0);
    strbuf_init(&pod, 0);
    for (int i = 0; i < 1000000; i++)
        strbuf_add(&spec, "\x12\x00", 2);
    pbw_message(&pod, 2, &spec);
    struct iw_error err = {0};
    assert_int_equal(decode_bytes(pod.data, pod.len, &err), IW_ERR_TOO_BIG);
    strbuf_free(&spec);
    strbuf_free(&pod);
}

/* Pods of real clusters, encoded here. */
static void
decode_pod_pb__gives_the_records_of_json__recorded(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/decode/lists.jsonl.gz");
    assert_non_null(lines);
    unsigned pods = 0;
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
        json_t *root = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
        const json_t *list = json_object_get(root, "list");
        const json_t *items = json_object_get(list, "items");
        bool is_pods = strcmp(json_string_value(json_object_get(list, "kind")), "PodList") == 0;
        for (size_t k = 0; is_pods && k < json_array_size(items); k++, pods++)
            compare_object(json_array_get(items, k),
                           json_string_value(json_object_get(root, "name")));
        json_decref(root);
    }
    assert_true(pods > 50);
    gzlines_close(lines);
}

/* --- the comparison itself --- */

/* A difference in any place is found: change one text at a time. */
static void
pod_equal__finds_a_difference(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *where;
    } cases[] = {
        {"'u1'", "'u2'", "uid"},
        {"'a':'1'", "'a':'9'", "labels"},
        {"'v6'", "'v9'", "volumes"},
        {"137,-1", "137,-2", "codes"},
        {"'/o'", "'/p'", "mounts"},
        {"'db'", "'dc'", "refs"},
        {"'cpu':'100m'", "'cpu':'101m'", "requests"},
        {"'exitCode':-137", "'exitCode':137", "exit_code"},
        {"'started':true", "'started':false", "started"},
        {"'startTime':'1969", "'startTime':'1968", "started_ms"},
        {"'cpu':'5'", "'cpu':'7'", "allocated"},
        {"'disk':'ssd'", "'disk':'hdd'", "node_selector"},
        {"'key':'gpu'", "'key':'cpu'", "tolerations"},
        {"'fsGroup':2000", "'fsGroup':2001", "fs_group"},
        {"'drop':['ALL']", "'drop':['NET']", "drop"},
        {"'runAsUser':1337", "'runAsUser':1338", "user"},
    };
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        const char *whole = strstr(every_field, cases[i].from) ? every_field : placement;
        const char *at = strstr(whole, cases[i].from);
        assert_non_null(at);
        iw_autofree char *text = iw_asprintf("%.*s%s%s", (int)(at - whole), whole, cases[i].to,
                                             at + strlen(cases[i].from));
        json_t *other = json_of(text), *object = json_of(whole);
        struct pod *a = NULL, *b = NULL;
        assert_int_equal(decode_pod(object, "ctx", &a, NULL), IW_OK);
        assert_int_equal(decode_pod(other, "ctx", &b, NULL), IW_OK);
        struct pod_difference d = {.exact = true};
        if (pod_equal(a, b, &d) || !strstr(d.text, cases[i].where))
            fail_msg("%s: %s", cases[i].where, d.text);
        assert_true(pod_equal(a, a, &d));
        pod_free(a);
        pod_free(b);
        json_decref(other);
        json_decref(object);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_pod_pb__gives_the_records_of_json__printpod),
        cmocka_unit_test(decode_pod_pb__gives_the_records_of_json__resources),
        cmocka_unit_test(decode_pod_pb__reads_every_field),
        cmocka_unit_test(decode_pod_pb__reads_placement_and_security),
        cmocka_unit_test(decode_pod_pb__leaves_values_of_variables_alone),
        cmocka_unit_test(decode_pod_pb__tells_pods_of_a_template_apart),
        cmocka_unit_test(decode_pod_pb__reads_more_templates_than_it_keeps),
        cmocka_unit_test(decode_pod_pb__survives_damage),
        cmocka_unit_test(decode_pod_pb__names_what_is_wrong),
        cmocka_unit_test(decode_pod_pb__passes_over_unknown_fields),
        cmocka_unit_test(decode_pod_pb__repairs_texts_that_are_not_utf8),
        cmocka_unit_test(decode_pod_pb__refuses_an_object_of_too_many_parts),
        cmocka_unit_test(decode_pod_pb__gives_the_records_of_json__recorded),
        cmocka_unit_test(pod_equal__finds_a_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
