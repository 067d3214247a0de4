/* validate: the pod itself: name, containers' lists, policies, gates; and the order of the whole.
 * Ref: pkg/apis/core/validation/validation.go: ValidatePodCreate, ValidatePodSpec.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/validate.h"

#include <stdlib.h>
#include <string.h>

#include "validate_internal.h"

/* What the API server stores when a manifest leaves the field out; only for objects nobody
 * defaulted. */
#define DEFAULT_GRACE_S 30

static void
validate_metadata(const struct validate_pod *p, const json_t *pod)
{
    const json_t *metadata = member(pod, "metadata");
    const char *name = member_text(metadata, "name");
    if (*name) {
        struct complaints c = text_dns_subdomain(name);
        report_complaints(p->out, "metadata.name", name, &c);
    } else if (!*member_text(metadata, "generateName")) {
        report(p->out, VALIDATION_REQUIRED, "metadata.name", NULL,
               "name or generateName is required");
    }
    const char *ns = member_text(metadata, "namespace");
    if (*ns) {
        struct complaints c = text_dns_label(ns);
        report_complaints(p->out, "metadata.namespace", ns, &c);
    }
}

static void
validate_restart_policy(const struct validate_pod *p)
{
    const char *policy = member_text(p->spec, "restartPolicy");
    if (!*policy)
        report(p->out, VALIDATION_REQUIRED, "spec.restartPolicy", NULL, "");
    else if (strcmp(policy, "Always") != 0 && strcmp(policy, "OnFailure") != 0 &&
             strcmp(policy, "Never") != 0)
        report_text(p->out, VALIDATION_NOT_SUPPORTED, "spec.restartPolicy", policy,
                    "supported values: \"Always\", \"OnFailure\", \"Never\"");
}

static void
validate_dns_policy(const struct validate_pod *p)
{
    static const char *const known[] = {"ClusterFirstWithHostNet", "ClusterFirst", "Default",
                                        "None"};
    const char *policy = member_text(p->spec, "dnsPolicy");
    for (size_t i = 0; i < IW_COUNTOF(known); i++)
        if (strcmp(policy, known[i]) == 0)
            return;
    if (!*policy)
        report(p->out, VALIDATION_REQUIRED, "spec.dnsPolicy", NULL, "");
    else
        report_text(p->out, VALIDATION_NOT_SUPPORTED, "spec.dnsPolicy", policy,
                    "supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", "
                    "\"None\"");
}

static void
validate_deadline(const struct validate_pod *p)
{
    const json_t *deadline = member(p->spec, "activeDeadlineSeconds");
    if (!json_is_integer(deadline))
        return;
    int64_t seconds = json_integer_value(deadline);
    if (seconds < 1 || seconds > INT32_MAX)
        report_number(p->out, VALIDATION_INVALID, "spec.activeDeadlineSeconds", seconds,
                      "must be between 1 and 2147483647, inclusive");
}

static void
validate_readiness_gates(const struct validate_pod *p)
{
    size_t i;
    json_t *gate;
    json_array_foreach(member(p->spec, "readinessGates"), i, gate)
    {
        const char *type = member_text(gate, "conditionType");
        struct field_path at = field_index("spec", "readinessGates", i);
        struct field_path field = field_child(at.text, "conditionType");
        struct complaints c = text_qualified_name(type);
        report_complaints(p->out, field.text, type, &c);
    }
}

static void
validate_scheduling_gates(const struct validate_pod *p)
{
    const json_t *gates = member(p->spec, "schedulingGates");
    json_t *seen = json_object();
    size_t i;
    json_t *gate;
    json_array_foreach((json_t *)gates, i, gate)
    {
        const char *name = member_text(gate, "name");
        struct field_path field = field_index("spec", "schedulingGates", i);
        struct complaints c = text_qualified_name(name);
        report_complaints(p->out, field.text, name, &c);
        if (json_object_get(seen, name))
            report_text(p->out, VALIDATION_DUPLICATE, field.text, name, "");
        json_object_set_new(seen, name, json_true());
    }
    json_decref(seen);
    if (json_array_size(gates) > 0 && *member_text(p->spec, "nodeName"))
        report(p->out, VALIDATION_FORBIDDEN, "spec.nodeName", NULL,
               "cannot be set until all schedulingGates have been cleared");
}

/* Names the cluster refers to by: each a DNS name of some kind. */
static void
validate_names(const struct validate_pod *p)
{
    static const struct {
        const char *key, *field;
        bool label;
    } names[] = {
        {"hostname", "spec.hostname", true},
        {"subdomain", "spec.subdomain", true},
        {"nodeName", "spec.nodeName", false},
        {"serviceAccountName", "spec.serviceAccountName", false},
        {"priorityClassName", "spec.priorityClassName", false},
        {"runtimeClassName", "spec.runtimeClassName", false},
    };
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        const char *value = member_text(p->spec, names[i].key);
        if (!*value)
            continue;
        struct complaints c = names[i].label ? text_dns_label(value) : text_dns_subdomain(value);
        report_complaints(p->out, names[i].field, value, &c);
    }
}

/* Volumes: their names only, which mounts refer to. */
static void
validate_volume_names(const struct validate_pod *p)
{
    json_t *seen = json_object();
    size_t i;
    json_t *volume;
    json_array_foreach(member(p->spec, "volumes"), i, volume)
    {
        const char *name = member_text(volume, "name");
        struct field_path at = field_index("spec", "volumes", i);
        struct field_path field = field_child(at.text, "name");
        if (!*name) {
            report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
            continue;
        }
        struct complaints c = text_dns_label(name);
        report_complaints(p->out, field.text, name, &c);
        if (json_object_get(seen, name))
            report_text(p->out, VALIDATION_DUPLICATE, field.text, name, "");
        json_object_set_new(seen, name, json_true());
    }
    json_decref(seen);
}

static int
cmp_errors(const void *a, const void *b)
{
    return strcmp(((const struct validation_error *)a)->text,
                  ((const struct validation_error *)b)->text);
}

void
pod_validate(const json_t *pod, struct validation *out)
{
    *out = (struct validation){0};
    struct validate_pod p = {.out = out, .spec = member(pod, "spec"), .grace_s = DEFAULT_GRACE_S};
    if (json_is_integer(member(p.spec, "terminationGracePeriodSeconds")))
        p.grace_s = member_number(p.spec, "terminationGracePeriodSeconds");
    p.never_restarts = strcmp(member_text(p.spec, "restartPolicy"), "Never") == 0;
    validate_metadata(&p, pod);
    validate_volume_names(&p);
    validate_containers(&p);
    validate_init_containers(&p);
    if (json_array_size(member(p.spec, "ephemeralContainers")) > 0)
        report(out, VALIDATION_FORBIDDEN, "spec.ephemeralContainers", NULL,
               "cannot be set on create");
    validate_pod_level(&p, pod);
    validate_restart_policy(&p);
    validate_dns_policy(&p);
    validate_deadline(&p);
    validate_readiness_gates(&p);
    validate_scheduling_gates(&p);
    validate_names(&p);
    validate_overhead(&p);
    /* Upstream walks maps, so its own order changes from call to call; ours is by text. */
    if (out->error_count > 1)
        qsort(out->errors, out->error_count, sizeof(*out->errors), cmp_errors);
    validate_warnings(&p, pod);
}
