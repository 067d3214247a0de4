/* defaults_resources: requests from limits, pod-level resources from the containers, rounding.
 * Ref: SEMANTICS B.3; pkg/apis/core/v1/defaults.go: SetDefaults_Pod, setDefaultResources,
 * SetDefaults_ResourceList.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/model/resources.h"
#include "initwatch/source/decode.h"

#include "defaults_internal.h"

/* --- quantities in JSON --- */

enum iw_err
defaults_amount(const json_t *value, struct quantity *out, struct iw_error *err)
{
    if (json_is_string(value))
        return quantity_parse_trimmed(json_string_value(value), json_string_length(value), out,
                                      err);
    if (json_is_null(value)) {
        *out = (struct quantity){0};
        return IW_OK;
    }
    if (!json_is_integer(value))
        return iw_fail(err, IW_ERR_PARSE, "expected a quantity");
    *out = quantity_of(json_integer_value(value), QUANTITY_DECIMAL_SI);
    return IW_OK;
}

static void
amount_write(json_t *list, const char *name, struct quantity q)
{
    char text[QUANTITY_OUT_MAX];
    quantity_round_up_milli(&q);
    quantity_format(&q, text, sizeof(text));
    json_object_set_new(list, name, json_string(text));
}

/* Round every quantity of a list. */
static enum iw_err
round_list(json_t *list, const char *where, struct iw_error *err)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(list, next, name, value)
    {
        struct quantity q;
        if (defaults_amount(value, &q, err) != IW_OK)
            return iw_wrap(err, "%s[%s]", where, name);
        amount_write(list, name, q);
    }
    return IW_OK;
}

static enum iw_err
round_requirements(json_t *resources, const char *where, struct iw_error *err)
{
    enum iw_err code = round_list(defaults_member(resources, "limits"), where, err);
    return code != IW_OK ? code : round_list(defaults_member(resources, "requests"), where, err);
}

/* --- containers --- */

/* A limit without a request is a request; an explicit 0 request stays. */
static void
requests_from_limits(json_t *container)
{
    json_t *resources = defaults_member(container, "resources");
    json_t *limits = defaults_member(resources, "limits");
    json_t *requests = defaults_member(resources, "requests");
    const char *name;
    json_t *value;
    if (!json_is_object(limits))
        return;
    if (!requests) {
        requests = json_object();
        json_object_set_new(resources, "requests", requests);
    }
    json_object_foreach(limits, name, value)
    {
        if (!json_object_get(requests, name))
            json_object_set(requests, name, value);
    }
}

static json_t *
member_or_new(json_t *object, const char *key)
{
    json_t *value = defaults_member(object, key);
    if (value)
        return value;
    value = json_object();
    json_object_set_new(object, key, value);
    return value;
}

/* --- the pod level --- */

static bool
is_hugepages(const char *name)
{
    return strncmp(name, "hugepages-", strlen("hugepages-")) == 0;
}

static void
level_hugepages(json_t *level, const struct resource_amounts *limits)
{
    for (size_t i = 0; i < limits->count; i++) {
        const char *name = limits->items[i].name;
        if (is_hugepages(name) && !json_object_get(defaults_member(level, "requests"), name) &&
            !json_object_get(defaults_member(level, "limits"), name))
            amount_write(member_or_new(level, "limits"), name, limits->items[i].quantity);
    }
}

/* Only with pod-level limits: what the containers ask for, then the limit. */
static void
level_requests(json_t *level, const struct resource_amounts *requests)
{
    json_t *limits = defaults_member(level, "limits");
    if (json_object_size(limits) == 0)
        return;
    json_t *ours = member_or_new(level, "requests");
    for (size_t i = 0; i < requests->count; i++) {
        const char *name = requests->items[i].name;
        /* Hugepages cannot be overcommitted, so theirs come from the limit. */
        if (resource_is_pod_level(name) && !is_hugepages(name) && !json_object_get(ours, name))
            amount_write(ours, name, requests->items[i].quantity);
    }
    const char *name;
    json_t *value;
    json_object_foreach(limits, name, value)
    {
        if (resource_is_pod_level(name) && !json_object_get(ours, name))
            json_object_set(ours, name, value);
    }
}

static enum iw_err
default_level(json_t *pod_object, json_t *level, struct iw_error *err)
{
    static const struct resource_options containers_only = {.exclude_overhead = true,
                                                            .skip_pod_level = true};
    struct pod *pod = NULL;
    struct resource_amounts amounts[2];
    if (json_object_size(defaults_member(level, "requests")) == 0 &&
        json_object_size(defaults_member(level, "limits")) == 0)
        return IW_OK;
    enum iw_err code = decode_pod(pod_object, "", &pod, err);
    if (code != IW_OK)
        return code;
    resources_effective(pod, RESOURCE_REQUESTS, &containers_only, &amounts[0], NULL);
    resources_effective(pod, RESOURCE_LIMITS, &containers_only, &amounts[1], NULL);
    level_hugepages(level, &amounts[1]);
    level_requests(level, &amounts[0]);
    resource_amounts_free(&amounts[0]);
    resource_amounts_free(&amounts[1]);
    pod_free(pod);
    return IW_OK;
}

/* --- rounding --- */

static enum iw_err
round_containers(json_t *array, const char *where, struct iw_error *err)
{
    size_t i;
    json_t *c;
    json_array_foreach(array, i, c)
    {
        char path[64];
        snprintf(path, sizeof(path), "%s[%zu].resources", where, i);
        enum iw_err code = round_requirements(defaults_member(c, "resources"), path, err);
        if (code == IW_OK)
            code = round_list(defaults_member(c, "allocatedResources"), path, err);
        if (code != IW_OK)
            return code;
    }
    return IW_OK;
}

static enum iw_err
round_pod(json_t *spec, json_t *status, struct iw_error *err)
{
    static const char *const spec_lists[] = {"initContainers", "containers"};
    static const char *const status_lists[] = {"initContainerStatuses", "containerStatuses",
                                               "ephemeralContainerStatuses"};
    enum iw_err code = IW_OK;
    for (size_t l = 0; l < IW_COUNTOF(spec_lists) && code == IW_OK; l++)
        code = round_containers(defaults_member(spec, spec_lists[l]), spec_lists[l], err);
    for (size_t l = 0; l < IW_COUNTOF(status_lists) && code == IW_OK; l++)
        code = round_containers(defaults_member(status, status_lists[l]), status_lists[l], err);
    if (code == IW_OK)
        code = round_requirements(defaults_member(spec, "resources"), "spec.resources", err);
    if (code == IW_OK)
        code = round_list(defaults_member(spec, "overhead"), "spec.overhead", err);
    if (code == IW_OK)
        code = round_requirements(defaults_member(status, "resources"), "status.resources", err);
    if (code == IW_OK)
        code = round_list(defaults_member(status, "allocatedResources"),
                          "status.allocatedResources", err);
    return code;
}

enum iw_err
defaults_resources(json_t *pod, struct iw_error *err)
{
    static const char *const lists[] = {"initContainers", "containers"};
    json_t *spec = defaults_member(pod, "spec");
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *c;
        json_array_foreach(defaults_member(spec, lists[l]), i, c)
        {
            requests_from_limits(c);
        }
    }
    json_t *level = defaults_member(spec, "resources");
    if (json_is_object(level)) {
        enum iw_err code = default_level(pod, level, err);
        if (code != IW_OK)
            return code;
    }
    return round_pod(spec, defaults_member(pod, "status"), err);
}
