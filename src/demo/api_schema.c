/* api_schema: fields that the API types do not have are refused by name, as strict field validation
 * does. Only what manifests of pods and their owners are made of is checked.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"

/* Each list is surrounded by blanks, so that a name can be searched with blanks around it. */
static const char meta_fields[] =
    " name generateName namespace labels annotations ownerReferences finalizers uid "
    "resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds "
    "selfLink managedFields ";
static const char pod_spec_fields[] =
    " volumes initContainers containers ephemeralContainers restartPolicy "
    "terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector "
    "serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID "
    "hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity "
    "schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates "
    "runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints "
    "setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride ";
static const char container_fields[] =
    " name image command args workingDir ports envFrom env resources resizePolicy restartPolicy "
    "restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe "
    "lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext "
    "stdin stdinOnce tty ";
static const char probe_fields[] =
    " exec httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds "
    "successThreshold failureThreshold terminationGracePeriodSeconds ";
static const char deployment_fields[] =
    " replicas selector template strategy minReadySeconds revisionHistoryLimit paused "
    "progressDeadlineSeconds ";
static const char replicaset_fields[] = " replicas minReadySeconds selector template ";
static const char statefulset_fields[] =
    " replicas selector template volumeClaimTemplates serviceName podManagementPolicy "
    "updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy "
    "ordinals ";
static const char daemonset_fields[] =
    " selector template updateStrategy minReadySeconds revisionHistoryLimit ";
static const char job_fields[] =
    " parallelism completions activeDeadlineSeconds podFailurePolicy successPolicy backoffLimit "
    "backoffLimitPerIndex maxFailedIndexes selector manualSelector template "
    "ttlSecondsAfterFinished completionMode suspend podReplacementPolicy managedBy ";
static const char usual_fields[] = " apiVersion kind metadata spec status ";
static const char configmap_fields[] = " apiVersion kind metadata data binaryData immutable ";
static const char secret_fields[] = " apiVersion kind metadata data stringData type immutable ";

/* Names of `object` that are not among `known` are added to the sentence. */
static void
check(const json_t *object, const char *known, const char *path, struct strbuf *out)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        iw_autofree char *padded = iw_asprintf(" %s ", name);
        if (!strstr(known, padded))
            strbuf_addf(out, "%sunknown field \"%s%s%s\"", out->len ? ", " : "", path,
                        path[0] ? "." : "", name);
    }
}

static void
check_pod_spec(const json_t *spec, const char *path, struct strbuf *out)
{
    static const char *const lists[] = {"initContainers", "containers"};
    static const char *const probes[] = {"startupProbe", "readinessProbe", "livenessProbe"};
    check(spec, pod_spec_fields, path, out);
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            iw_autofree char *at = iw_asprintf("%s.%s[%zu]", path, lists[l], i);
            check(container, container_fields, at, out);
            for (size_t p = 0; p < IW_COUNTOF(probes); p++) {
                iw_autofree char *probe_at = iw_asprintf("%s.%s", at, probes[p]);
                check(json_object_get(container, probes[p]), probe_fields, probe_at, out);
            }
        }
    }
}

static const char *
owner_fields(enum demo_kind kind)
{
    return kind == DEMO_KIND_DEPLOYMENT    ? deployment_fields
           : kind == DEMO_KIND_REPLICASET  ? replicaset_fields
           : kind == DEMO_KIND_STATEFULSET ? statefulset_fields
           : kind == DEMO_KIND_DAEMONSET   ? daemonset_fields
           : kind == DEMO_KIND_JOB         ? job_fields
                                           : NULL;
}

/* "unknown field \"spec.x\", unknown field ..." is appended to `out`; nothing when all is known. */
void
api_schema_check(enum demo_kind kind, const json_t *object, struct strbuf *out)
{
    const json_t *spec = json_object_get(object, "spec");
    const char *owner = owner_fields(kind);
    check(json_object_get(object, "metadata"), meta_fields, "metadata", out);
    if (kind == DEMO_KIND_CONFIGMAP || kind == DEMO_KIND_SECRET) {
        check(object, kind == DEMO_KIND_SECRET ? secret_fields : configmap_fields, "", out);
        return;
    }
    if (kind != DEMO_KIND_POD && !owner)
        return;
    check(object, usual_fields, "", out);
    if (kind == DEMO_KIND_POD) {
        check_pod_spec(spec, "spec", out);
        return;
    }
    check(spec, owner, "spec", out);
    const json_t *template = json_object_get(spec, "template");
    check(json_object_get(template, "metadata"), meta_fields, "spec.template.metadata", out);
    check_pod_spec(json_object_get(template, "spec"), "spec.template.spec", out);
}
