/* pbform_requests: the messages that only come in, by the names their members have in JSON.
 * Ref: k8s.io/api (core, apps, batch v1) and apimachinery's meta/v1 generated.proto (v1.35).
 * SPDX-License-Identifier: Apache-2.0 */
#include "pbread.h"

#include "pbform_tables.h"

static const struct pbform_row requirement_rows[] = {
    ONE("key", 1, TEXT),
    ONE("operator", 2, TEXT),
    MANY("values", 3, TEXT),
};
static const struct pbform_message requirement = MESSAGE(requirement_rows);

static const struct pbform_row selector_rows[] = {
    ONE("matchLabels", 1, TEXTS),
    PARTS("matchExpressions", 2, requirement),
};
static const struct pbform_message selector = MESSAGE(selector_rows);

static const struct pbform_row template_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, pbform_pod_spec),
};
static const struct pbform_message pod_template = MESSAGE(template_rows);

/* --- apps/v1 --- */

static const struct pbform_row rolling_update_rows[] = {
    OPTIONAL("maxUnavailable", 1, PORT),
    OPTIONAL("maxSurge", 2, PORT),
};
static const struct pbform_message rolling_update = MESSAGE(rolling_update_rows);

static const struct pbform_row strategy_rows[] = {
    ONE("type", 1, TEXT),
    PART("rollingUpdate", 2, rolling_update),
};
static const struct pbform_message strategy = MESSAGE(strategy_rows);

static const struct pbform_row deployment_spec_rows[] = {
    OPTIONAL("replicas", 1, NUMBER),
    PART("selector", 2, selector),
    PART("template", 3, pod_template),
    PART("strategy", 4, strategy),
    ONE("minReadySeconds", 5, NUMBER),
    OPTIONAL("revisionHistoryLimit", 6, NUMBER),
    ONE("paused", 7, BOOL),
    OPTIONAL("progressDeadlineSeconds", 9, NUMBER),
};
static const struct pbform_message deployment_spec = MESSAGE(deployment_spec_rows);

static const struct pbform_row deployment_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, deployment_spec),
};
static const struct pbform_message deployment = MESSAGE(deployment_rows);

/* --- batch/v1 --- */

static const struct pbform_row job_spec_rows[] = {
    OPTIONAL("parallelism", 1, NUMBER),
    OPTIONAL("completions", 2, NUMBER),
    OPTIONAL("activeDeadlineSeconds", 3, NUMBER),
    PART("selector", 4, selector),
    OPTIONAL("manualSelector", 5, BOOL),
    PART("template", 6, pod_template),
    OPTIONAL("backoffLimit", 7, NUMBER),
    OPTIONAL("ttlSecondsAfterFinished", 8, NUMBER),
    ONE("completionMode", 9, TEXT),
    OPTIONAL("suspend", 10, BOOL),
    OPTIONAL("backoffLimitPerIndex", 12, NUMBER),
    OPTIONAL("maxFailedIndexes", 13, NUMBER),
    ONE("podReplacementPolicy", 14, TEXT),
    ONE("managedBy", 15, TEXT),
};
static const struct pbform_message job_spec = MESSAGE(job_spec_rows);

/* A Job, and the template of one. */
static const struct pbform_row job_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, job_spec),
};
static const struct pbform_message job = MESSAGE(job_rows);

static const struct pbform_row cron_job_spec_rows[] = {
    ONE("schedule", 1, TEXT),
    OPTIONAL("startingDeadlineSeconds", 2, NUMBER),
    ONE("concurrencyPolicy", 3, TEXT),
    OPTIONAL("suspend", 4, BOOL),
    PART("jobTemplate", 5, job),
    OPTIONAL("successfulJobsHistoryLimit", 6, NUMBER),
    OPTIONAL("failedJobsHistoryLimit", 7, NUMBER),
    ONE("timeZone", 8, TEXT),
};
static const struct pbform_message cron_job_spec = MESSAGE(cron_job_spec_rows);

static const struct pbform_row cron_job_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, cron_job_spec),
};
static const struct pbform_message cron_job = MESSAGE(cron_job_rows);

/* --- v1 --- */

static const struct pbform_row meta_only_rows[] = {
    PART("metadata", 1, pbform_object_meta),
};
static const struct pbform_message meta_only = MESSAGE(meta_only_rows);

static const struct pbform_row config_map_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    ONE("data", 2, TEXTS),
    ONE("binaryData", 3, BLOBS),
    OPTIONAL("immutable", 4, BOOL),
};
static const struct pbform_message config_map = MESSAGE(config_map_rows);

static const struct pbform_row secret_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    ONE("data", 2, BLOBS),
    ONE("type", 3, TEXT),
    ONE("stringData", 4, TEXTS),
    OPTIONAL("immutable", 5, BOOL),
};
static const struct pbform_message secret = MESSAGE(secret_rows);

static const struct pbform_row account_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PARTS("imagePullSecrets", 3, pbform_name_only),
    OPTIONAL("automountServiceAccountToken", 4, BOOL),
};
static const struct pbform_message account = MESSAGE(account_rows);

static const struct pbform_row quota_spec_rows[] = {
    ONE("hard", 1, AMOUNTS),
    MANY("scopes", 2, TEXT),
};
static const struct pbform_message quota_spec = MESSAGE(quota_spec_rows);

static const struct pbform_row quota_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, quota_spec),
};
static const struct pbform_message quota = MESSAGE(quota_rows);

static const struct pbform_row service_port_rows[] = {
    ONE("name", 1, TEXT),       ONE("protocol", 2, TEXT),   ONE("port", 3, NUMBER),
    ONE("targetPort", 4, PORT), ONE("nodePort", 5, NUMBER), ONE("appProtocol", 6, TEXT),
};
static const struct pbform_message service_port = MESSAGE(service_port_rows);

static const struct pbform_row service_spec_rows[] = {
    PARTS("ports", 1, service_port),
    ONE("selector", 2, TEXTS),
    ONE("clusterIP", 3, TEXT),
    ONE("type", 4, TEXT),
    ONE("sessionAffinity", 7, TEXT),
    ONE("externalName", 10, TEXT),
    ONE("publishNotReadyAddresses", 13, BOOL),
};
static const struct pbform_message service_spec = MESSAGE(service_spec_rows);

static const struct pbform_row service_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, service_spec),
};
static const struct pbform_message service = MESSAGE(service_rows);

static const struct pbform_row delete_rows[] = {
    OPTIONAL("gracePeriodSeconds", 1, NUMBER),
    OPTIONAL("orphanDependents", 3, BOOL),
    ONE("propagationPolicy", 4, TEXT),
    MANY("dryRun", 5, TEXT),
};
static const struct pbform_message delete_options = MESSAGE(delete_rows);

const struct pbform_message *
pbread_message_of(const char *kind)
{
    static const struct {
        const char *kind;
        const struct pbform_message *message;
    } known[] = {
        {"Pod", &pbform_pod},   {"Namespace", &meta_only},         {"ConfigMap", &config_map},
        {"Secret", &secret},    {"ServiceAccount", &account},      {"ResourceQuota", &quota},
        {"Service", &service},  {"Deployment", &deployment},       {"Job", &job},
        {"CronJob", &cron_job}, {"DeleteOptions", &delete_options}};
    for (size_t i = 0; i < IW_COUNTOF(known); i++)
        if (strcmp(known[i].kind, kind) == 0)
            return known[i].message;
    return NULL;
}
