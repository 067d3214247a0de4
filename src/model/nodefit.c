/* nodefit: nodes, what their pods ask for, and one pod more.
 * Ref: scheduler plugins NodeResourcesFit, TaintToleration, NodeUnschedulable, NodeAffinity
 * (v1.36).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/nodefit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "initwatch/base/tr.h"

static const char *const AMOUNTS[NODE_AMOUNT_COUNT] = {"cpu", "memory"};

static const struct resource_list *
allocatable_of(const struct node_facts *f)
{
    return f->allocatable.count > 0 ? &f->allocatable : &f->capacity;
}

static void
load_init(struct node_fit *fit, const struct kobject *node, bool partial)
{
    struct quantity pods;
    const struct resource_list *list = allocatable_of(node->node);
    *fit = (struct node_fit){.load = {.pods_allocatable = -1, .partial = partial}};
    snprintf(fit->load.name, sizeof(fit->load.name), "%s", node->name);
    for (size_t i = 0; i < NODE_AMOUNT_COUNT; i++)
        fit->load.known[i] = resource_list_get(list, AMOUNTS[i], &fit->load.allocatable[i]);
    if (resource_list_get(list, "pods", &pods))
        fit->load.pods_allocatable = quantity_value(&pods);
}

/* What the scheduler counts for a pod on a node. */
static void
load_add(struct node_load *load, const struct pod *pod)
{
    const struct resource_options options = {.use_status = true, .in_place_pod_level = true};
    struct resource_amounts amounts = {0};
    resources_effective(pod, RESOURCE_REQUESTS, &options, &amounts, NULL);
    for (size_t i = 0; i < NODE_AMOUNT_COUNT; i++) {
        const struct quantity *q = resource_amount_of(&amounts, AMOUNTS[i]);
        if (q)
            quantity_add(&load->used[i], q);
    }
    load->pods++;
    resource_amounts_free(&amounts);
}

static int
compare_fits(const void *a, const void *b)
{
    return strcmp(((const struct node_fit *)a)->load.name, ((const struct node_fit *)b)->load.name);
}

static void
loads_sum(const struct store *store, const struct pod *pod, struct node_fit *fits, size_t count)
{
    struct strmap by_name = {0};
    struct pod_ref it = {0, 0};
    uint32_t at;
    for (size_t i = 0; i < count; i++)
        strmap_put(&by_name, fits[i].load.name, (uint32_t)i);
    while (store_next(store, &it)) {
        const struct pod *p = store_get(store, it);
        if (!p || !p->node[0] || pod_is_terminal(p) || !strmap_get(&by_name, p->node, &at))
            continue;
        if (strcmp(p->name, pod->name) == 0 && strcmp(p->ns, pod->ns) == 0)
            fits[at].here = true;
        else
            load_add(&fits[at].load, p);
    }
    strmap_free(&by_name);
}

static bool
node_is_ready(const struct node_facts *f)
{
    for (uint32_t i = 0; i < f->condition_count; i++)
        if (strcmp(f->conditions[i].type, "Ready") == 0)
            return strcmp(f->conditions[i].status, "True") == 0;
    return true; /* it says nothing */
}

/* A whole number as a comparing toleration takes it: no sign but a minus, no leading zero.
 * Ref: core/v1 compareNumericValues, validation of tolerations. */
static bool
parse_integer(const char *text, int64_t *out)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    char *end;
    if (digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && (digits[1] || digits != text)))
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool
compares(const struct pod_toleration *t, const char *taint_value)
{
    int64_t limit, value;
    if (!parse_integer(t->value, &limit) || !parse_integer(taint_value, &value))
        return false;
    return strcmp(t->op, "Lt") == 0 ? value < limit : value > limit;
}

static bool
tolerates(const struct pod_toleration *t, const struct node_taint *taint)
{
    if (t->effect[0] && strcmp(t->effect, taint->effect) != 0)
        return false;
    if (t->key[0] && strcmp(t->key, taint->key) != 0)
        return false;
    if (!t->op[0] || strcmp(t->op, "Equal") == 0)
        return strcmp(t->value, taint->value) == 0;
    if (strcmp(t->op, "Lt") == 0 || strcmp(t->op, "Gt") == 0)
        return compares(t, taint->value);
    return strcmp(t->op, "Exists") == 0;
}

bool
pod_tolerates(const struct pod *pod, const struct node_taint *taint)
{
    for (uint32_t i = 0; i < pod->toleration_count; i++)
        if (tolerates(&pod->tolerations[i], taint))
            return true;
    return false;
}

const struct node_taint *
pod_untolerated(const struct pod *pod, const struct node_facts *node)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        const struct node_taint *t = &node->taints[i];
        bool repels = strcmp(t->effect, "NoSchedule") == 0 || strcmp(t->effect, "NoExecute") == 0;
        if (repels && !pod_tolerates(pod, t))
            return t;
    }
    return NULL;
}

/* The taint of a state, which the node controller sets a moment after the state itself. */
static bool
tolerates_state(const struct pod *pod, const char *key)
{
    const struct node_taint taint = {.key = key, .value = "", .effect = "NoSchedule"};
    return pod_tolerates(pod, &taint);
}

static bool
refuses(struct node_fit *fit, const struct pod *pod, const struct node_facts *f)
{
    bool full =
        fit->load.pods_allocatable >= 0 && (int64_t)fit->load.pods + 1 > fit->load.pods_allocatable;
    const char *why = NULL;
    if (!node_is_ready(f) && !tolerates_state(pod, "node.kubernetes.io/not-ready"))
        why = tr("not Ready");
    else if (f->unschedulable && !tolerates_state(pod, "node.kubernetes.io/unschedulable"))
        why = tr("cordoned");
    else if (full)
        why = tr("full: no more pods");
    if (why)
        snprintf(fit->why, sizeof(fit->why), "%s", why);
    return why != NULL;
}

static const char *
label_value(const struct kobject *node, const char *key)
{
    for (uint32_t i = 0; i < node->label_count; i++)
        if (strcmp(node->labels[i].key, key) == 0)
            return node->labels[i].value;
    return NULL;
}

static bool
not_selected(struct node_fit *fit, const struct pod *pod, const struct kobject *node)
{
    for (uint32_t i = 0; i < pod->node_selector_count; i++) {
        const struct pod_label *want = &pod->node_selector[i];
        const char *has = label_value(node, want->key);
        if (has && strcmp(has, want->value) == 0)
            continue;
        snprintf(fit->why, sizeof(fit->why), tr("no label %.60s=%.40s"), want->key, want->value);
        return true;
    }
    return false;
}

static bool
too_small(struct node_fit *fit, const struct resource_amounts *needs)
{
    for (size_t i = 0; i < NODE_AMOUNT_COUNT; i++) {
        const struct quantity *need = resource_amount_of(needs, AMOUNTS[i]);
        struct quantity missing = fit->load.used[i];
        char text[QUANTITY_OUT_MAX];
        if (!need || !fit->load.known[i])
            continue;
        quantity_add(&missing, need);
        quantity_sub(&missing, &fit->load.allocatable[i]);
        if (quantity_sign(&missing) <= 0)
            continue;
        fit->short_of = (enum node_amount)i;
        fit->missing = missing;
        quantity_format(&missing, text, sizeof(text));
        snprintf(fit->why, sizeof(fit->why), tr("%s: %.40s missing"), AMOUNTS[i], text);
        return true;
    }
    return false;
}

static bool
tainted(struct node_fit *fit, const struct pod *pod, const struct node_facts *f)
{
    const struct node_taint *t = pod_untolerated(pod, f);
    const char *slash = t ? strrchr(t->key, '/') : NULL;
    if (t) /* without the domain: "control-plane" */
        snprintf(fit->why, sizeof(fit->why), tr("taint %.60s:%.20s"), slash ? slash + 1 : t->key,
                 t->effect);
    return t != NULL;
}

static enum node_verdict
judge(struct node_fit *fit, const struct pod *pod, const struct resource_amounts *needs,
      const struct kobject *node)
{
    fit->why[0] = '\0';
    if (refuses(fit, pod, node->node) || not_selected(fit, pod, node))
        return NODE_REFUSES;
    if (tainted(fit, pod, node->node))
        return NODE_TAINTED;
    if (too_small(fit, needs))
        return NODE_TOO_SMALL;
    if (!pod->node_affinity)
        return NODE_FITS;
    snprintf(fit->why, sizeof(fit->why), "%s", tr("if its node affinity allows"));
    return NODE_UNSURE;
}

void
node_fits_judge(const struct store *store, const struct pod *pod, struct node_fit *fits,
                size_t count)
{
    const struct resource_options options = {0};
    struct resource_amounts needs = {0};
    resources_effective(pod, RESOURCE_REQUESTS, &options, &needs, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct kobject *node;
        if (kobjects_look(store_objects(store), KOBJECT_NODE, "", fits[i].load.name, &node) ==
            OBJECTS_FOUND) {
            fits[i].verdict = judge(&fits[i], pod, &needs, node);
            continue;
        }
        fits[i].verdict = NODE_REFUSES;
        snprintf(fits[i].why, sizeof(fits[i].why), "%s", tr("gone"));
    }
    resource_amounts_free(&needs);
}

size_t
node_fits(const struct store *store, const struct pod *pod, bool all_namespaces,
          struct node_fit *out, size_t max)
{
    const struct kobjects *objects = store_objects(store);
    size_t count = IW_MIN(kobjects_count(objects, KOBJECT_NODE), max);
    for (size_t i = 0; i < count; i++)
        load_init(&out[i], kobjects_at(objects, KOBJECT_NODE, i), !all_namespaces);
    if (count > 1)
        qsort(out, count, sizeof(*out), compare_fits);
    loads_sum(store, pod, out, count);
    node_fits_judge(store, pod, out, count);
    return count;
}
