/* pbencode: JSON of a pod or an event into protobuf, by its own table of names and numbers, so that
 * both decoders can be given the same object.
 *
 * Only what the decoders keep is encoded. Ref: k8s.io/api/core/v1/generated.proto and
 * apimachinery's meta/v1, api/resource and util/intstr generated.proto.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_PBENCODE_H
#define INITWATCH_TEST_PBENCODE_H

#include <jansson.h>

#include "initwatch/base/clock.h"
#include "pbfile.h"

/* "name number type" of each field; type is s string, i number, b bool, t time, q quantity, p port,
 * m map of strings, r map of quantities, * before a type is a list, else the name of a message. An
 * empty name is a message whose fields stand in this object (Go's inlined structs). */
struct pe_message {
    const char *name;
    const char *fields;
};
static const struct pe_message pe_messages[] = {
    {"Pod", "metadata 1 Meta,spec 2 Spec,status 3 Status"},
    {"Meta", "name 1 s,namespace 3 s,uid 5 s,resourceVersion 6 s,creationTimestamp 8 t,"
             "deletionTimestamp 9 t,deletionGracePeriodSeconds 10 i,labels 11 m,annotations 12 m,"
             "ownerReferences 13 *Owner"},
    {"Owner", "kind 1 s,name 3 s,uid 4 s,apiVersion 5 s,controller 6 b"},
    {"Spec", "volumes 1 *Volume,containers 2 *Container,restartPolicy 3 s,"
             "terminationGracePeriodSeconds 4 i,activeDeadlineSeconds 5 i,nodeSelector 7 m,"
             "serviceAccountName 8 s,serviceAccount 9 s,nodeName 10 s,hostNetwork 11 b,"
             "securityContext 14 PodSecurity,affinity 18 Affinity,schedulerName 19 s,"
             "initContainers 20 *Container,tolerations 22 *Toleration,priorityClassName 24 "
             "s,readinessGates 28 *Readiness,"
             "overhead 32 r,ephemeralContainers 34 *Ephemeral,schedulingGates 38 *Named,"
             "resources 40 Resources"},
    {"PodSecurity", "runAsUser 2 i,runAsNonRoot 3 b,fsGroup 5 i,runAsGroup 6 i"},
    {"Security", "capabilities 1 Capabilities,privileged 2 b,runAsUser 4 i,runAsNonRoot 5 b,"
                 "readOnlyRootFilesystem 6 b,allowPrivilegeEscalation 7 b,runAsGroup 8 i"},
    {"Capabilities", "add 1 *s,drop 2 *s"},
    {"Affinity", "nodeAffinity 1 NodeAffinity"},
    {"NodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution 1 Empty"},
    {"Toleration", "key 1 s,operator 2 s,value 3 s,effect 4 s,tolerationSeconds 5 i"},
    {"Readiness", "conditionType 1 s"},
    {"Named", "name 1 s"},
    {"Ephemeral", " 1 Container,targetContainerName 2 s"},
    {"Resources", "limits 1 r,requests 2 r"},
    {"Volume", "name 1 s, 2 Source"},
    {"Source", "hostPath 1 Empty,emptyDir 2 Empty,secret 6 SecretVolume,nfs 7 Empty,"
               "persistentVolumeClaim 10 Claim,downwardAPI 16 Empty,configMap 19 MapVolume,"
               "projected 26 Empty,csi 28 Empty,ephemeral 29 Empty,image 30 Empty"},
    {"Empty", ""},
    {"SecretVolume", "secretName 1 s,optional 4 b"},
    {"MapVolume", " 1 Named,optional 4 b"},
    {"Claim", "claimName 1 s"},
    {"Container",
     "name 1 s,image 2 s,command 3 *s,args 4 *s,ports 6 *Port,env 7 *Env,"
     "resources 8 Resources,volumeMounts 9 *Mount,livenessProbe 10 Probe,"
     "readinessProbe 11 Probe,lifecycle 12 Lifecycle,imagePullPolicy 14 s,"
     "securityContext 15 Security,envFrom 19 *EnvFrom,startupProbe 22 Probe,restartPolicy 24 s,"
     "restartPolicyRules 25 *Rule"},
    {"Port", "name 1 s,containerPort 3 i,protocol 4 s"},
    {"Env", "name 1 s,value 2 s,valueFrom 3 EnvSource"},
    {"EnvSource", "configMapKeyRef 3 Key,secretKeyRef 4 Key"},
    {"Key", " 1 Named,key 2 s,optional 3 b"},
    {"EnvFrom", "prefix 1 s,configMapRef 2 From,secretRef 3 From"},
    {"From", " 1 Named,optional 2 b"},
    {"Mount", "name 1 s,readOnly 2 b,mountPath 3 s,subPath 4 s,subPathExpr 6 s"},
    {"Rule", "action 1 s,exitCodes 2 Codes"},
    {"Codes", "operator 1 s,values 2 *i"},
    {"Lifecycle", "postStart 1 Empty,preStop 2 Empty"},
    {"Probe", " 1 Handler,initialDelaySeconds 2 i,timeoutSeconds 3 i,periodSeconds 4 i,"
              "successThreshold 5 i,failureThreshold 6 i,terminationGracePeriodSeconds 7 i"},
    {"Handler", "exec 1 Exec,httpGet 2 Http,tcpSocket 3 Tcp,grpc 4 Grpc"},
    {"Exec", "command 1 *s"},
    {"Http", "path 1 s,port 2 p,host 3 s,scheme 4 s"},
    {"Tcp", "port 1 p,host 2 s"},
    {"Grpc", "port 1 i,service 2 s"},
    {"Status", "phase 1 s,conditions 2 *Condition,message 3 s,reason 4 s,hostIP 5 s,podIP 6 s,"
               "startTime 7 t,containerStatuses 8 *CStatus,qosClass 9 s,"
               "initContainerStatuses 10 *CStatus,nominatedNodeName 11 s,podIPs 12 *Ip,"
               "ephemeralContainerStatuses 13 *CStatus,allocatedResources 19 r,"
               "resources 20 Resources"},
    {"Ip", "ip 1 s"},
    {"Condition", "type 1 s,status 2 s,lastTransitionTime 4 t,reason 5 s,message 6 s"},
    {"CStatus", "name 1 s,state 2 State,lastState 3 State,ready 4 b,restartCount 5 i,image 6 s,"
                "imageID 7 s,containerID 8 s,started 9 b,allocatedResources 10 r,"
                "resources 11 Resources"},
    {"State", "waiting 1 Waiting,running 2 Running,terminated 3 Terminated"},
    {"Waiting", "reason 1 s,message 2 s"},
    {"Running", "startedAt 1 t"},
    {"Terminated", "exitCode 1 i,signal 2 i,reason 3 s,message 4 s,startedAt 5 t,finishedAt 6 t,"
                   "containerID 7 s"},
    {"Event",
     "metadata 1 Meta,involvedObject 2 Reference,reason 3 s,message 4 s,source 5 Component,"
     "firstTimestamp 6 t,lastTimestamp 7 t,count 8 i,type 9 s,eventTime 10 t,"
     "series 11 Series,reportingComponent 14 s"},
    {"ListMeta", "selfLink 1 s,resourceVersion 2 s,continue 3 s,remainingItemCount 4 i"},
    {"ApiStatus",
     "metadata 1 ListMeta,status 2 s,message 3 s,reason 4 s,details 5 Details,code 6 i"},
    {"Details", "retryAfterSeconds 5 i"},
    {"Reference", "kind 1 s,namespace 2 s,name 3 s,uid 4 s,fieldPath 7 s"},
    {"Component", "component 1 s,host 2 s"},
    {"Series", "count 1 i,lastObservedTime 2 t"},
};

static inline void pe_encode(struct strbuf *b, const char *message, const json_t *object);

static inline void
pe_encode_map(struct strbuf *b, uint32_t number, const json_t *map, bool amounts)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)map, key, value)
    {
        struct strbuf entry, quantity;
        strbuf_init(&entry, 0);
        strbuf_init(&quantity, 0);
        pbw_text(&entry, 1, key);
        char *bare = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        const char *text = bare ? bare : json_string_value(value);
        if (amounts) {
            pbw_text(&quantity, 1, json_is_null(value) ? "0" : text);
            pbw_message(&entry, 2, &quantity);
        } else {
            pbw_text(&entry, 2, text);
        }
        pbw_message(b, number, &entry);
        free(bare);
        strbuf_free(&entry);
        strbuf_free(&quantity);
    }
}

static inline void
pe_encode_time(struct strbuf *b, const json_t *value)
{
    int64_t ms = 0;
    if (rfc3339_parse(json_string_value(value), json_string_length(value), &ms, NULL) != IW_OK)
        return;
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    if (seconds == -62135596800)
        return; /* Go's zero time has no bytes */
    pbw_number(b, 1, (uint64_t)seconds);
    pbw_number(b, 2, (uint64_t)((ms - seconds * 1000) * 1000000));
}

static inline void
pe_encode_value(struct strbuf *b, uint32_t number, const char *type, const json_t *value)
{
    struct strbuf inner;
    if (strcmp(type, "s") == 0) {
        pbw_bytes(b, number, json_string_value(value), json_string_length(value));
        return;
    }
    if (strcmp(type, "i") == 0 || strcmp(type, "b") == 0) {
        int64_t n = json_is_string(value)    ? strtoll(json_string_value(value), NULL, 10)
                    : json_is_integer(value) ? (int64_t)json_integer_value(value)
                                             : json_is_true(value);
        pbw_number(b, number, (uint64_t)n);
        return;
    }
    if (strcmp(type, "m") == 0 || strcmp(type, "r") == 0) {
        pe_encode_map(b, number, value, type[0] == 'r');
        return;
    }
    strbuf_init(&inner, 0);
    if (strcmp(type, "t") == 0) {
        pe_encode_time(&inner, value);
    } else if (strcmp(type, "p") == 0) {
        pbw_number(&inner, 1, json_is_string(value));
        if (json_is_string(value))
            pbw_text(&inner, 3, json_string_value(value));
        else
            pbw_number(&inner, 2, (uint64_t)json_integer_value(value));
    } else {
        pe_encode(&inner, type, value);
    }
    pbw_message(b, number, &inner);
    strbuf_free(&inner);
}

static inline void
pe_encode_field(struct strbuf *b, const char *name, uint32_t number, const char *type,
                const json_t *object)
{
    const json_t *value = name[0] ? json_object_get(object, name) : object;
    if (!value || json_is_null(value))
        return;
    if (type[0] != '*') {
        pe_encode_value(b, number, type, value);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        pe_encode_value(b, number, type + 1, json_array_get(value, i));
}

/* Append the message. */
static inline void
pe_encode(struct strbuf *b, const char *message, const json_t *object)
{
    const char *at = NULL;
    for (size_t i = 0; i < sizeof(pe_messages) / sizeof(pe_messages[0]); i++)
        if (strcmp(pe_messages[i].name, message) == 0)
            at = pe_messages[i].fields;
    if (!at)
        abort();
    while (*at) {
        char name[48], type[24];
        size_t len = strcspn(at, " ");
        memcpy(name, at, len);
        name[len] = '\0';
        char *rest;
        uint32_t number = (uint32_t)strtoul(at + len, &rest, 10);
        at = rest + 1;
        len = strcspn(at, ",");
        memcpy(type, at, len);
        type[len] = '\0';
        at += len + (at[len] == ',');
        pe_encode_field(b, name, number, type, object);
    }
}

#endif
