/* resources: effective requests and limits of a pod.
 * The resources of one name never depend on another name, so all is computed name by name by one
 * function (resources_breakdown) that also keeps the working.
 * Ref: component-helpers/resource/helpers.go: PodRequests, PodLimits, AggregateContainerRequests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/resources.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

/* A quantity that may be absent: an absent name is not the same as a zero. */
struct maybe {
    bool present;
    struct quantity q;
};

/* What stays the same while one name is computed. */
struct reckoning {
    const struct pod *pod;
    const char *name;
    const struct resource_options *options;
    bool limits;     /* side */
    bool infeasible; /* the resize the spec asks for cannot happen on this node */
    unsigned bad;
};

static const struct resource_list *
side_of(const struct reckoning *r, const struct resource_list *requests,
        const struct resource_list *limits)
{
    return r->limits ? limits : requests;
}

/* --- lists --- */

const char *
resource_list_text(const struct resource_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return list->items[i].text;
    return NULL;
}

bool
resource_list_get(const struct resource_list *list, const char *name, struct quantity *out)
{
    const char *text = resource_list_text(list, name);
    return text && quantity_parse_trimmed(text, strlen(text), out, NULL) == IW_OK;
}

static struct maybe
list_amount(struct reckoning *r, const struct resource_list *list)
{
    struct maybe m = {0};
    m.present = resource_list_get(list, r->name, &m.q);
    if (!m.present && resource_list_text(list, r->name))
        r->bad++;
    return m;
}

static void
maybe_add(struct maybe *sum, const struct maybe *m)
{
    if (!m->present)
        return;
    if (sum->present)
        quantity_add(&sum->q, &m->q);
    else
        *sum = *m;
}

/* The first seen stays on a tie, with its format. Returns whether m won. */
static bool
maybe_max(struct maybe *best, const struct maybe *m)
{
    if (!m->present || (best->present && quantity_cmp(&m->q, &best->q) <= 0))
        return false;
    *best = *m;
    return true;
}

bool
resource_is_pod_level(const char *name)
{
    return strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0 ||
           strncmp(name, "hugepages-", strlen("hugepages-")) == 0;
}

static bool
list_has_pod_level(const struct resource_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (resource_is_pod_level(list->items[i].name))
            return true;
    return false;
}

/* --- one container --- */

static bool
resize_is_infeasible(const struct pod *pod)
{
    const struct pod_condition *resize = pod_condition(pod, "PodResizePending");
    return resize && strcmp(resize->reason, "Infeasible") == 0;
}

/* Upstream puts app statuses and then init statuses into one map by name: the last one wins. */
static const struct container_status *
status_by_name(const struct pod *pod, const char *name)
{
    static const enum container_list order[] = {LIST_INIT, LIST_APP};
    for (size_t l = 0; l < IW_COUNTOF(order); l++) {
        uint32_t count = 0;
        const struct container_status *statuses = pod_statuses(pod, order[l], &count);
        while (count-- > 0)
            if (strcmp(statuses[count].name, name) == 0)
                return &statuses[count];
    }
    return NULL;
}

static struct maybe
amount_with_status(struct reckoning *r, const struct container *c,
                   const struct container_status *status)
{
    struct maybe best = {0};
    struct maybe m;
    if (!r->infeasible) {
        m = list_amount(r, side_of(r, &c->requests, &c->limits));
        maybe_max(&best, &m);
    }
    m = list_amount(r, side_of(r, &status->resources->requests, &status->resources->limits));
    maybe_max(&best, &m);
    if (!r->limits) {
        m = list_amount(r, &status->resources->allocated);
        maybe_max(&best, &m);
    }
    return best;
}

static struct maybe
container_amount(struct reckoning *r, const struct container *c)
{
    struct maybe m;
    const struct container_status *status = NULL;
    if (r->options->use_status && c->kind != CONTAINER_INIT)
        status = status_by_name(r->pod, c->name);
    if (status && status->resources_present)
        m = amount_with_status(r, c, status);
    else
        m = list_amount(r, side_of(r, &c->requests, &c->limits));
    if (!m.present && !r->limits && r->options->non_missing)
        m = list_amount(r, r->options->non_missing);
    return m;
}

static struct reckoning
reckoning_begin(const struct pod *pod, enum resource_side side, const char *name,
                const struct resource_options *options)
{
    static const struct resource_options none = {0};
    struct reckoning r = {.pod = pod, .name = name, .options = options ? options : &none};
    r.limits = side == RESOURCE_LIMITS;
    r.infeasible = r.options->use_status && resize_is_infeasible(pod);
    return r;
}

bool
resources_container(const struct pod *pod, const struct container *c, enum resource_side side,
                    const char *name, const struct resource_options *options, struct quantity *out)
{
    struct reckoning r = reckoning_begin(pod, side, name, options);
    struct maybe m = container_amount(&r, c);
    *out = m.q;
    return m.present;
}

/* --- all containers --- */

/* The sums over the walk through the containers. */
struct walk {
    struct maybe apps, sidecars, steady; /* steady adds apps, then sidecars, in spec order */
    struct maybe largest;                /* over the stages of initialisation */
    struct maybe largest_own;            /* of one init container or sidecar alone */
    size_t largest_stage;
};

static void
walk_stage(struct walk *w, const struct container *c, const struct maybe *own,
           struct resource_stage *stage, size_t index)
{
    struct maybe sum = {0};
    *stage =
        (struct resource_stage){.container = c, .own = own->q, .sidecars_before = w->sidecars.q};
    stage->sidecar = c->kind == CONTAINER_SIDECAR;
    if (stage->sidecar) {
        maybe_add(&w->steady, own);
        maybe_add(&w->sidecars, own);
        sum = w->sidecars;
    } else {
        sum = *own;
        maybe_add(&sum, &w->sidecars);
    }
    stage->sum = sum.q;
    if (maybe_max(&w->largest, &sum))
        w->largest_stage = index;
    maybe_max(&w->largest_own, own);
}

/* Fills stages[0 .. init_count] and returns the sums. */
static struct walk
walk_containers(struct reckoning *r, struct resource_stage *stages)
{
    struct walk w = {0};
    for (const struct container *c = NULL; (c = pod_containers(r->pod, c)) != NULL;) {
        if (c->list != LIST_APP)
            continue;
        struct maybe own = container_amount(r, c);
        maybe_add(&w.steady, &own);
    }
    w.apps = w.steady;
    size_t index = 0;
    for (const struct container *c = NULL; (c = pod_containers(r->pod, c)) != NULL;) {
        if (c->list != LIST_INIT)
            continue;
        struct maybe own = container_amount(r, c);
        walk_stage(&w, c, &own, &stages[index], index);
        index++;
    }
    stages[index] = (struct resource_stage){
        .own = w.apps.q, .sidecars_before = w.sidecars.q, .sum = w.steady.q};
    return w;
}

/* --- pod level and overhead --- */

static bool
pod_level_counts(const struct reckoning *r)
{
    const struct pod *pod = r->pod;
    if (r->options->skip_pod_level || !pod->pod_resources_present)
        return false;
    return list_has_pod_level(&pod->pod_requests) ||
           (r->limits && list_has_pod_level(&pod->pod_limits));
}

/* The pod-level amount while a resize of the pod itself is under way. */
static struct maybe
pod_level_with_status(struct reckoning *r, const struct maybe *spec)
{
    const struct pod *pod = r->pod;
    const struct resource_list *status = side_of(r, &pod->status_requests, &pod->status_limits);
    if (r->limits && r->infeasible && !status->present)
        return *spec;
    struct maybe best = {0};
    struct maybe m;
    if (!r->infeasible)
        maybe_max(&best, spec);
    m = list_amount(r, status);
    maybe_max(&best, &m);
    if (!r->limits) {
        m = list_amount(r, &pod->status_allocated);
        maybe_max(&best, &m);
    }
    best.present = true; /* upstream reads a missing map entry: zero */
    return best;
}

static struct maybe
pod_level_amount(struct reckoning *r)
{
    const struct pod *pod = r->pod;
    struct maybe m = {0};
    if (!resource_is_pod_level(r->name) || !pod_level_counts(r))
        return m;
    m = list_amount(r, side_of(r, &pod->pod_requests, &pod->pod_limits));
    if (m.present && r->options->use_status && r->options->in_place_pod_level &&
        pod->status_resources_present)
        return pod_level_with_status(r, &m);
    return m;
}

static void
apply_overhead(struct reckoning *r, struct maybe *total, struct resource_breakdown *out)
{
    if (r->options->exclude_overhead)
        return;
    struct maybe overhead = list_amount(r, &r->pod->overhead);
    /* A limit of nothing means no limit, which overhead must not turn into one. */
    if (!overhead.present || (r->limits && (!total->present || quantity_is_zero(&total->q))))
        return;
    out->has_overhead = true;
    out->overhead = overhead.q;
    maybe_add(total, &overhead);
}

/* --- the whole --- */

static void
tell_simple_formula(const struct walk *w, struct resource_breakdown *out)
{
    struct maybe simple = w->apps;
    maybe_max(&simple, &w->largest_own);
    out->simple_formula = simple.q;
    out->simple_differs = quantity_cmp(&simple.q, &out->aggregate) != 0;
}

static void
tell_waste(struct resource_breakdown *out)
{
    out->waste = out->effective;
    if (out->has_overhead)
        quantity_sub(&out->waste, &out->overhead);
    quantity_sub(&out->waste, &out->steady);
    if (quantity_sign(&out->waste) < 0)
        out->waste = (struct quantity){0};
}

/* Aggregate over containers, and who decided it. */
static struct maybe
aggregate(const struct walk *w, struct resource_breakdown *out)
{
    struct maybe total = w->steady;
    size_t decider = out->stage_count - 1;
    if (maybe_max(&total, &w->largest)) {
        decider = w->largest_stage;
        out->decided_by = DECIDED_BY_INIT;
        out->decider = out->stages[decider].container;
    } else if (total.present) {
        out->decided_by = DECIDED_BY_STEADY;
    }
    if (total.present)
        out->stages[decider].decides = true;
    return total;
}

void
resources_breakdown(const struct pod *pod, enum resource_side side, const char *name,
                    const struct resource_options *options, struct resource_breakdown *out)
{
    struct reckoning r = reckoning_begin(pod, side, name, options);
    struct maybe total = {0};
    *out = (struct resource_breakdown){.name = name, .stage_count = (size_t)pod->init_count + 1};
    out->stages = iw_calloc(out->stage_count, sizeof(*out->stages));
    struct walk w = walk_containers(&r, out->stages);
    out->steady = w.steady.q;
    if (r.limits || !r.options->skip_container_level)
        total = aggregate(&w, out);
    out->aggregate = total.q;
    tell_simple_formula(&w, out);
    struct maybe pod_level = pod_level_amount(&r);
    if (pod_level.present) {
        out->has_pod_level = true;
        out->pod_level = pod_level.q;
        out->decided_by = DECIDED_BY_POD_LEVEL;
        out->decider = NULL;
        total = pod_level;
    }
    apply_overhead(&r, &total, out);
    out->present = total.present;
    out->effective = total.q;
    tell_waste(out);
    out->bad = r.bad;
}

void
resource_breakdown_free(struct resource_breakdown *b)
{
    free(b->stages);
    *b = (struct resource_breakdown){0};
}

/* --- names --- */

struct name_set {
    const char *names[RESOURCE_NAMES_MAX];
    size_t count;
};

static void
names_add(struct name_set *set, const struct resource_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        size_t at = 0;
        while (at < set->count && strcmp(set->names[at], list->items[i].name) != 0)
            at++;
        if (at == set->count && set->count < RESOURCE_NAMES_MAX)
            set->names[set->count++] = list->items[i].name;
    }
}

static void
names_collect(const struct pod *pod, struct name_set *set)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list == LIST_EPHEMERAL)
            continue;
        names_add(set, &c->requests);
        names_add(set, &c->limits);
    }
    for (uint32_t i = 0; i < pod->status_count; i++) {
        names_add(set, &pod->statuses[i].resources->requests);
        names_add(set, &pod->statuses[i].resources->limits);
        names_add(set, &pod->statuses[i].resources->allocated);
    }
    names_add(set, &pod->pod_requests);
    names_add(set, &pod->pod_limits);
    names_add(set, &pod->overhead);
}

static int
cmp_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
name_rank(const char *name)
{
    return strcmp(name, "cpu") == 0 ? 0 : strcmp(name, "memory") == 0 ? 1 : 2;
}

static int
cmp_names_shown(const void *a, const void *b)
{
    int ranks = name_rank(*(const char *const *)a) - name_rank(*(const char *const *)b);
    return ranks ? ranks : cmp_names(a, b);
}

const char **
resources_names(const struct pod *pod, size_t *count)
{
    struct name_set set = {0};
    names_collect(pod, &set);
    qsort(set.names, set.count, sizeof(set.names[0]), cmp_names_shown);
    const char **names = iw_calloc(set.count + 1, sizeof(*names));
    memcpy(names, set.names, set.count * sizeof(*names));
    *count = set.count;
    return names;
}

void
resources_effective(const struct pod *pod, enum resource_side side,
                    const struct resource_options *options, struct resource_amounts *out,
                    unsigned *bad)
{
    struct name_set set = {0};
    names_collect(pod, &set);
    if (options && options->non_missing)
        names_add(&set, options->non_missing);
    qsort(set.names, set.count, sizeof(set.names[0]), cmp_names);
    *out = (struct resource_amounts){.items = iw_calloc(set.count + 1, sizeof(*out->items))};
    unsigned bad_count = 0;
    for (size_t i = 0; i < set.count; i++) {
        struct resource_breakdown b;
        resources_breakdown(pod, side, set.names[i], options, &b);
        if (b.present)
            out->items[out->count++] =
                (struct resource_amount){.name = set.names[i], .quantity = b.effective};
        bad_count += b.bad;
        resource_breakdown_free(&b);
    }
    if (bad)
        *bad = bad_count;
}

void
resource_amounts_free(struct resource_amounts *a)
{
    free(a->items);
    *a = (struct resource_amounts){0};
}

const struct quantity *
resource_amount_of(const struct resource_amounts *a, const char *name)
{
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i].name, name) == 0)
            return &a->items[i].quantity;
    return NULL;
}
