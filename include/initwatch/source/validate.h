/* validate: what the API server would say to the creation of a Pod: errors with field paths, and
 * warnings. Covered are the parts about containers, init containers, sidecars, probes, hooks,
 * ports, mounts, restart rules, resources, gates and the pod's own fields around them (SEMANTICS
 * F); not the insides of volumes, affinity, tolerations, security contexts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_VALIDATE_H
#define INITWATCH_SOURCE_VALIDATE_H

#include <jansson.h>

#include "initwatch/base/iwdef.h"

/* Errors and warnings kept of one object; a hostile manifest could cause millions. */
#define VALIDATION_MAX 2000

/* X(TYPE, Kubernetes' name of it, its text) */
#define VALIDATION_TYPES(X)                                                                        \
    X(REQUIRED, "FieldValueRequired", "Required value")                                            \
    X(INVALID, "FieldValueInvalid", "Invalid value")                                               \
    X(DUPLICATE, "FieldValueDuplicate", "Duplicate value")                                         \
    X(NOT_FOUND, "FieldValueNotFound", "Not found")                                                \
    X(NOT_SUPPORTED, "FieldValueNotSupported", "Unsupported value")                                \
    X(FORBIDDEN, "FieldValueForbidden", "Forbidden")                                               \
    X(TOO_MANY, "FieldValueTooMany", "Too many")
enum validation_type {
#define X(type, name, text) VALIDATION_##type,
    VALIDATION_TYPES(X)
#undef X
        VALIDATION_TYPE_COUNT
};
const char *validation_type_name(enum validation_type type); /* "FieldValueInvalid" */

struct validation_error {
    enum validation_type type;
    char *field;  /* "spec.initContainers[0].ports[1].name" */
    char *detail; /* "" when there is none */
    char *text;   /* the whole sentence as kubectl prints it */
};
/* Errors sorted by text, warnings in the order of the API server. Owned: validation_free. */
struct validation {
    struct validation_error *errors;
    char **warnings;
    size_t error_count, warning_count;
    size_t error_cap, warning_cap;
    bool cut; /* there were more than VALIDATION_MAX */
};

/* Judge a Pod object that has been through pod_apply_defaults. New in out. */
void pod_validate(const json_t *pod, struct validation *out);
/* The pod that an object would become: itself, or one made of the pod template of a Deployment,
 * ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob or PodTemplate, under the
 * object's name and namespace. *where gets the path of the template in the object
 * ("spec.template"), "" for a Pod. New reference (a deep copy), or NULL for an object of another
 * kind or without template. */
json_t *workload_pod(const json_t *object, const char *kind, const char **where);
/* Judge a pod made by workload_pod and defaulted: with the paths of the object it is from, and with
 * what its kind adds (the restart policy). */
void workload_validate(const json_t *pod, const char *kind, const char *where,
                       struct validation *out);
void validation_free(struct validation *v);

#endif
