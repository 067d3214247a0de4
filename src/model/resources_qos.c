/* resources_qos: the QoS class of a pod from its spec, and what keeps it from a better one.
 * Ref: SEMANTICS C; pkg/apis/core/v1/helper/qos, ComputePodQOS.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/resources.h"

/* Only these two count; hugepages, storage and devices never do. */
enum { QOS_CPU, QOS_MEMORY, QOS_NAMES };
static const char *const qos_names[QOS_NAMES] = {"cpu", "memory"};

struct qos_sums {
    struct quantity requests[QOS_NAMES], limits[QOS_NAMES];
    bool has_request[QOS_NAMES], has_limit[QOS_NAMES];
    bool guaranteed;
    char why[160]; /* the first thing that spoils Guaranteed */
};

/* A positive amount is added to the sum; returns whether there was one. */
static bool
add_positive(const struct resource_list *list, const char *name, struct quantity *sum, bool *has)
{
    struct quantity q;
    if (!resource_list_get(list, name, &q) || quantity_sign(&q) <= 0)
        return false;
    if (*has)
        quantity_add(sum, &q);
    else
        *sum = q;
    *has = true;
    return true;
}

static void
spoil(struct qos_sums *s, const char *who, const char *name)
{
    s->guaranteed = false;
    if (!s->why[0])
        snprintf(s->why, sizeof(s->why), tr("%s has no %s limit"), who, name);
}

static void
sum_lists(struct qos_sums *s, const struct resource_list *requests,
          const struct resource_list *limits, const char *who)
{
    for (int n = 0; n < QOS_NAMES; n++)
        add_positive(requests, qos_names[n], &s->requests[n], &s->has_request[n]);
    for (int n = 0; n < QOS_NAMES; n++)
        if (!add_positive(limits, qos_names[n], &s->limits[n], &s->has_limit[n]))
            spoil(s, who, qos_names[n]);
}

static void
sum_pod_level(struct qos_sums *s, const struct pod *pod)
{
    static const struct resource_list none = {0};
    sum_lists(s, &pod->pod_requests, &none, tr("the pod"));
    /* Without pod-level limits nothing is excluded yet; the number of names decides below. */
    s->guaranteed = true;
    s->why[0] = '\0';
    if (pod->pod_limits.count > 0)
        sum_lists(s, &none, &pod->pod_limits, tr("the pod"));
}

/* The container whose request is not its limit, for the explanation only. */
static void
explain_difference(const struct pod *pod, int n, char *why, size_t why_size)
{
    const char *name = qos_names[n];
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct quantity request = {0};
        struct quantity limit = {0};
        char texts[2][QUANTITY_OUT_MAX];
        if (c->list == LIST_EPHEMERAL || pod->pod_resources_present)
            continue;
        bool has_request = resource_list_get(&c->requests, name, &request);
        (void)resource_list_get(&c->limits, name, &limit);
        if (quantity_cmp(&request, &limit) == 0)
            continue;
        quantity_format(&request, texts[0], sizeof(texts[0]));
        quantity_format(&limit, texts[1], sizeof(texts[1]));
        if (has_request)
            snprintf(why, why_size, tr("%s: %s request %s is not the limit %s"), c->name, name,
                     texts[0], texts[1]);
        else
            snprintf(why, why_size, tr("%s has no %s request"), c->name, name);
        return;
    }
    snprintf(why, why_size, tr("the pod: %s request is not the limit"), name);
}

static bool
sums_are_equal(const struct qos_sums *s, int *differs)
{
    for (int n = 0; n < QOS_NAMES; n++) {
        *differs = n;
        if (s->has_request[n] != s->has_limit[n])
            return false;
        if (s->has_request[n] && quantity_cmp(&s->requests[n], &s->limits[n]) != 0)
            return false;
    }
    return true;
}

const char *
resources_qos(const struct pod *pod, char *why, size_t why_size)
{
    struct qos_sums s = {.guaranteed = true};
    int differs = 0;
    if (pod->pod_resources_present) {
        sum_pod_level(&s, pod);
    } else {
        for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
            if (c->list != LIST_EPHEMERAL)
                sum_lists(&s, &c->requests, &c->limits, c->name);
    }
    bool any = false;
    for (int n = 0; n < QOS_NAMES; n++)
        any = any || s.has_request[n] || s.has_limit[n];
    if (!any) {
        snprintf(why, why_size, "%s",
                 pod->pod_resources_present
                     ? tr("the pod level decides, and has no cpu or memory")
                     : tr("no container has a request or limit of cpu or memory"));
        return "BestEffort";
    }
    bool equal = sums_are_equal(&s, &differs);
    if (s.guaranteed && equal) {
        snprintf(why, why_size, "%s", "");
        return "Guaranteed";
    }
    if (s.guaranteed)
        explain_difference(pod, differs, why, why_size);
    else
        snprintf(why, why_size, "%s", s.why);
    return "Burstable";
}
