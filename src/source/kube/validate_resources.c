/* validate_resources: names and amounts of containers, the pod level, overhead.
 * Ref: pkg/apis/core/validation/validation.go: validateResourceRequirements, validatePodResources;
 * pkg/apis/core/helper/helpers.go for the kinds of names.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/model/resources.h"
#include "initwatch/source/decode.h"

#include "defaults_internal.h"
#include "validate_internal.h"

/* --- names --- */

/* integer: counts of objects. */
static const struct {
    const char *name;
    bool container, integer;
} standard_names[] = {
    {"cpu", true, false},
    {"memory", true, false},
    {"ephemeral-storage", true, false},
    {"requests.cpu", false, false},
    {"requests.memory", false, false},
    {"requests.ephemeral-storage", false, false},
    {"limits.cpu", false, false},
    {"limits.memory", false, false},
    {"limits.ephemeral-storage", false, false},
    {"storage", false, false},
    {"requests.storage", false, false},
    {"pods", false, true},
    {"resourcequotas", false, true},
    {"services", false, true},
    {"replicationcontrollers", false, true},
    {"secrets", false, true},
    {"configmaps", false, true},
    {"persistentvolumeclaims", false, true},
    {"services.nodeports", false, true},
    {"services.loadbalancers", false, true},
};

static bool
starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
name_is_hugepages(const char *name)
{
    return starts_with(name, "hugepages-");
}

static bool
name_is_standard(const char *name)
{
    for (size_t i = 0; i < IW_COUNTOF(standard_names); i++)
        if (strcmp(name, standard_names[i].name) == 0)
            return true;
    return name_is_hugepages(name) || starts_with(name, "requests.hugepages-");
}

static bool
name_is_for_containers(const char *name)
{
    for (size_t i = 0; i < IW_COUNTOF(standard_names); i++)
        if (strcmp(name, standard_names[i].name) == 0)
            return standard_names[i].container;
    return name_is_hugepages(name);
}

static bool
name_is_native(const char *name)
{
    return !strchr(name, '/') || strstr(name, "kubernetes.io/");
}

static bool
name_is_extended(const char *name)
{
    if (name_is_native(name) || starts_with(name, "requests."))
        return false;
    iw_autofree char *quota = iw_asprintf("requests.%s", name);
    return text_qualified_name(quota).count == 0;
}

static bool
name_is_integer(const char *name)
{
    for (size_t i = 0; i < IW_COUNTOF(standard_names); i++)
        if (strcmp(name, standard_names[i].name) == 0)
            return standard_names[i].integer;
    return name_is_extended(name);
}

/* May a container ask for less than its limit? */
static bool
name_is_overcommittable(const char *name)
{
    return name_is_native(name) && !name_is_hugepages(name);
}

static void
validate_container_name(const struct validate_pod *p, const char *name, const char *path)
{
    if (!strchr(name, '/')) {
        if (!name_is_for_containers(name))
            report_text(p->out, VALIDATION_INVALID, path, name,
                        "must be a standard resource for containers");
    } else if (!name_is_native(name) && !name_is_extended(name)) {
        report_text(p->out, VALIDATION_INVALID, path, name,
                    "doesn't follow extended resource name standard");
    }
}

static void
validate_name(const struct validate_pod *p, const char *name, const char *path, bool pod_level)
{
    struct complaints c = text_qualified_name(name);
    report_complaints(p->out, path, name, &c);
    bool standard = c.count > 0 || strchr(name, '/') || name_is_standard(name);
    if (!standard)
        report_text(p->out, VALIDATION_INVALID, path, name,
                    "must be a standard resource type or fully qualified");
    if (!pod_level)
        validate_container_name(p, name, path);
    else if (c.count == 0 && standard && !resource_is_pod_level(name))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, path, name,
                    "supported values: \"cpu\", \"hugepages-\", \"memory\"");
}

/* --- amounts --- */

static void
report_amount(const struct validate_pod *p, const char *path, const struct quantity *q,
              const char *detail)
{
    char text[QUANTITY_OUT_MAX];
    quantity_format(q, text, sizeof(text));
    report_text(p->out, VALIDATION_INVALID, path, text, detail);
}

static bool
is_page_multiple(const char *name, const struct quantity *q)
{
    struct quantity page;
    const char *size = name + strlen("hugepages-");
    if (quantity_parse(size, strlen(size), &page, NULL) != IW_OK || quantity_sign(&page) <= 0 ||
        quantity_milli(&page) % 1000 != 0 || quantity_value(&page) == 0)
        return false;
    return quantity_value(q) % quantity_value(&page) == 0;
}

static void
validate_amount(const struct validate_pod *p, const char *name, const struct quantity *q,
                const char *path)
{
    if (quantity_sign(q) < 0)
        report_amount(p, path, q, "must be greater than or equal to 0");
    if (name_is_integer(name) && quantity_milli(q) % 1000 != 0)
        report_amount(p, path, q, "must be an integer");
    if (name_is_hugepages(name) && !is_page_multiple(name, q)) {
        char text[QUANTITY_OUT_MAX];
        quantity_format(q, text, sizeof(text));
        iw_autofree char *detail =
            iw_asprintf("%s is not positive integer multiple of %s", text, name);
        report_amount(p, path, q, detail);
    }
}

/* --- one list against the other --- */

static void
compare_with_limit(const struct validate_pod *p, const json_t *limits, const char *name,
                   const struct quantity *request, const char *path)
{
    struct quantity limit;
    char limit_text[QUANTITY_OUT_MAX];
    const json_t *entry = json_object_get(limits, name);
    bool overcommit = name_is_overcommittable(name);
    if (!entry) {
        struct field_path field = field_child(path, "limits");
        if (!overcommit)
            report(p->out, VALIDATION_REQUIRED, field.text, NULL,
                   "Limit must be set for non overcommitable resources");
        return;
    }
    if (defaults_amount(entry, &limit, NULL) != IW_OK)
        return;
    int order = quantity_cmp(request, &limit);
    if (order == 0 || (overcommit && order < 0))
        return;
    quantity_format(&limit, limit_text, sizeof(limit_text));
    struct field_path field = field_child(path, "requests");
    iw_autofree char *detail =
        iw_asprintf("must be %s %s limit of %s", overcommit ? "less than or equal to" : "equal to",
                    name, limit_text);
    report_amount(p, field.text, request, detail);
}

/* What a list mentions. */
struct mentions {
    bool cpu_or_memory, hugepages;
};

static void
validate_list(const struct validate_pod *p, const json_t *resources, const char *path,
              const char *side, bool pod_level, struct mentions *mentions)
{
    const char *name;
    json_t *value;
    json_object_foreach(member(resources, side), name, value)
    {
        struct quantity q;
        struct field_path field = field_key(path, side, name);
        validate_name(p, name, field.text, pod_level);
        if (defaults_amount(value, &q, NULL) != IW_OK)
            continue;
        validate_amount(p, name, &q, field.text);
        if (strcmp(side, "requests") == 0)
            compare_with_limit(p, member(resources, "limits"), name, &q, path);
        mentions->hugepages = mentions->hugepages || name_is_hugepages(name);
        mentions->cpu_or_memory =
            mentions->cpu_or_memory || strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0;
    }
}

static bool
pod_has_claim(const json_t *claims, const char *name)
{
    size_t i;
    json_t *claim;
    json_array_foreach((json_t *)claims, i, claim)
    {
        if (strcmp(member_text(claim, "name"), name) == 0)
            return true;
    }
    return false;
}

static void
validate_claims(const struct validate_pod *p, const json_t *resources, const char *path)
{
    const json_t *pod_claims = member(p->spec, "resourceClaims");
    json_t *seen = json_object();
    size_t i;
    json_t *claim;
    json_array_foreach(member(resources, "claims"), i, claim)
    {
        const char *name = member_text(claim, "name");
        struct field_path field = field_index(path, "claims", i);
        iw_autofree char *key = iw_asprintf("%s/%s", name, member_text(claim, "request"));
        if (!*name) {
            report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
            continue;
        }
        if (json_object_get(seen, key))
            report_text(p->out, VALIDATION_DUPLICATE, field.text, name, "");
        json_object_set_new(seen, key, json_true());
        if (!pod_has_claim(pod_claims, name))
            report_text(p->out, VALIDATION_NOT_FOUND, field.text, name,
                        json_array_size(pod_claims) == 0
                            ? "must be one of the names in pod.spec.resourceClaims which is empty"
                            : "must be one of the names in pod.spec.resourceClaims");
    }
    json_decref(seen);
}

void
validate_requirements(const struct validate_pod *p, const json_t *resources, const char *path,
                      bool pod_level)
{
    struct mentions mentions = {0};
    validate_list(p, resources, path, "limits", pod_level, &mentions);
    validate_list(p, resources, path, "requests", pod_level, &mentions);
    if (mentions.hugepages && !mentions.cpu_or_memory)
        report(p->out, VALIDATION_FORBIDDEN, path, NULL, "HugePages require cpu or memory");
    validate_claims(p, resources, path);
}

/* --- the pod level against its containers --- */

/* Each amount that the containers add up to must fit into the pod's. */
static void
compare_with_sum(const struct validate_pod *p, const struct pod *pod, enum resource_side side,
                 const char *side_name)
{
    static const struct resource_options containers_only = {.exclude_overhead = true,
                                                            .skip_pod_level = true};
    const struct resource_list *ours =
        side == RESOURCE_LIMITS ? &pod->pod_limits : &pod->pod_requests;
    struct resource_amounts sums;
    resources_effective(pod, side, &containers_only, &sums, NULL);
    for (size_t i = 0; i < sums.count; i++) {
        struct quantity level;
        char sum_text[QUANTITY_OUT_MAX];
        const char *name = sums.items[i].name;
        /* Limits of cpu and memory are compared container by container instead. */
        if (side == RESOURCE_LIMITS && !name_is_hugepages(name))
            continue;
        if (!resource_list_get(ours, name, &level) ||
            quantity_cmp(&sums.items[i].quantity, &level) <= 0)
            continue;
        quantity_format(&sums.items[i].quantity, sum_text, sizeof(sum_text));
        struct field_path field = field_key("spec.resources", side_name, name);
        iw_autofree char *detail = iw_asprintf(
            "must be greater than or equal to aggregate container %s of %s", side_name, sum_text);
        report_amount(p, field.text, &level, detail);
    }
    resource_amounts_free(&sums);
}

/* Only app containers are compared, not init containers and sidecars. */
static void
compare_container_limits(const struct validate_pod *p, const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list != LIST_APP)
            continue;
        for (uint32_t i = 0; i < c->limits.count; i++) {
            struct quantity ours;
            struct quantity level;
            char level_text[QUANTITY_OUT_MAX];
            const char *name = c->limits.items[i].name;
            if (!resource_list_get(&pod->pod_limits, name, &level) ||
                !resource_list_get(&c->limits, name, &ours) || quantity_cmp(&ours, &level) <= 0)
                continue;
            quantity_format(&level, level_text, sizeof(level_text));
            iw_autofree char *path =
                iw_asprintf("spec.resources.containers[%u][%s].limits", c->list_index, name);
            iw_autofree char *detail =
                iw_asprintf("must be less than or equal to pod limits of %s", level_text);
            report_amount(p, path, &ours, detail);
        }
    }
}

void
validate_pod_level(const struct validate_pod *p, const json_t *pod_object)
{
    const json_t *resources = member(p->spec, "resources");
    struct pod *pod = NULL;
    if (!resources)
        return;
    if (strcmp(member_text(member(p->spec, "os"), "name"), "windows") == 0) {
        report(p->out, VALIDATION_FORBIDDEN, "spec.resources", NULL,
               "may not be set for a windows pod");
        return;
    }
    if (member(resources, "claims"))
        report(p->out, VALIDATION_FORBIDDEN, "spec.resources.claims", NULL,
               "claims may not be set for Resources at pod-level");
    validate_requirements(p, resources, "spec.resources", true);
    if (decode_pod(pod_object, "", &pod, NULL) != IW_OK)
        return;
    compare_with_sum(p, pod, RESOURCE_REQUESTS, "requests");
    compare_with_sum(p, pod, RESOURCE_LIMITS, "limits");
    compare_container_limits(p, pod);
    pod_free(pod);
}

/* Upstream judges overhead as the limits of a container, and names the fields so. */
void
validate_overhead(const struct validate_pod *p)
{
    json_t *overhead = member(p->spec, "overhead");
    if (!overhead)
        return;
    json_t *as_limits = json_object();
    json_object_set(as_limits, "limits", overhead);
    validate_requirements(p, as_limits, "spec.overhead", false);
    json_decref(as_limits);
}
