/* validate_workload: pod templates inside Deployments, Jobs and the like, judged as the pods they
 * make. Ref: pkg/apis/{apps,batch}/validation/validation.go for the restart policies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

#include "validate_internal.h"

/* Where a kind keeps its template, and which restart policies it allows. */
static const struct workload_row {
    const char *kind, *where;
    bool runs_to_end; /* OnFailure or Never; else Always */
} workloads[] = {
    {"Deployment", "spec.template", false},
    {"ReplicaSet", "spec.template", false},
    {"ReplicationController", "spec.template", false},
    {"StatefulSet", "spec.template", false},
    {"DaemonSet", "spec.template", false},
    {"Job", "spec.template", true},
    {"CronJob", "spec.jobTemplate.spec.template", true},
    {"PodTemplate", "template", false},
};

static const struct workload_row *
workload_row(const char *kind)
{
    for (size_t i = 0; i < IW_COUNTOF(workloads); i++)
        if (strcmp(kind, workloads[i].kind) == 0)
            return &workloads[i];
    return NULL;
}

/* Follow "spec.jobTemplate.spec.template". */
static const json_t *
follow(const json_t *object, const char *where)
{
    while (*where && object) {
        char key[32];
        size_t len = strcspn(where, ".");
        snprintf(key, sizeof(key), "%.*s", (int)len, where);
        object = member(object, key);
        where += where[len] ? len + 1 : len;
    }
    return object;
}

json_t *
workload_pod(const json_t *object, const char *kind, const char **where)
{
    const struct workload_row *row = workload_row(kind);
    *where = "";
    if (strcmp(kind, "Pod") == 0)
        return json_deep_copy(object);
    const json_t *template = row ? follow(object, row->where) : NULL;
    if (!json_is_object(template))
        return NULL;
    *where = row->where;
    json_t *pod = json_deep_copy(template);
    json_t *metadata = member(pod, "metadata");
    if (!json_is_object(metadata)) {
        metadata = json_object();
        json_object_set_new(pod, "metadata", metadata);
    }
    static const char *const keys[] = {"name", "namespace"};
    for (size_t i = 0; i < IW_COUNTOF(keys); i++) {
        json_t *value = member(member(object, "metadata"), keys[i]);
        if (json_is_string(value))
            json_object_set_new(metadata, keys[i], json_deep_copy(value));
    }
    return pod;
}

/* Errors and warnings about metadata are about the name we gave the pod. */
static bool
is_about_template(const char *text)
{
    return strncmp(text, "metadata.", strlen("metadata.")) != 0;
}

static char *
with_prefix(char *text, const char *where)
{
    char *prefixed = iw_asprintf("%s.%s", where, text);
    free(text);
    return prefixed;
}

static void
move_errors(struct validation *v, const char *where)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->error_count; i++) {
        struct validation_error *e = &v->errors[i];
        if (is_about_template(e->field)) {
            e->field = with_prefix(e->field, where);
            e->text = with_prefix(e->text, where);
            v->errors[kept++] = *e;
        } else {
            free(e->field);
            free(e->detail);
            free(e->text);
        }
    }
    v->error_count = kept;
}

static void
move_warnings(struct validation *v, const char *where)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->warning_count; i++) {
        if (is_about_template(v->warnings[i]))
            v->warnings[kept++] = with_prefix(v->warnings[i], where);
        else
            free(v->warnings[i]);
    }
    v->warning_count = kept;
}

static void
check_restart_policy(const json_t *pod, const struct workload_row *row, const char *where,
                     struct validation *out)
{
    const char *policy = member_text(member(pod, "spec"), "restartPolicy");
    bool always = strcmp(policy, "Always") == 0;
    bool known = always || strcmp(policy, "Never") == 0 || strcmp(policy, "OnFailure") == 0;
    iw_autofree char *field = iw_asprintf("%s.spec.restartPolicy", where);
    if (known && always == row->runs_to_end)
        report_text(out, VALIDATION_NOT_SUPPORTED, field, policy,
                    row->runs_to_end ? "supported values: \"OnFailure\", \"Never\""
                                     : "supported values: \"Always\"");
}

void
workload_validate(const json_t *pod, const char *kind, const char *where, struct validation *out)
{
    const struct workload_row *row = workload_row(kind);
    pod_validate(pod, out);
    if (!row)
        return;
    move_errors(out, where);
    move_warnings(out, where);
    check_restart_policy(pod, row, where, out);
}
