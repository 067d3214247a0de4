/* description_node: a node: how it is, what it has, what its pods take of it, and the images it holds.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/nodefit.h"
#include "initwatch/model/nodeuse.h"
#include "initwatch/model/quantity.h"
#include "nodes.h"

enum { AMOUNT_NAME_COLS = 22, AMOUNT_COLS = 13, AMOUNT_BAR_COLS = 20, IMAGES_SHOWN = 12 };

static const struct description_fact FACTS[] = {
    {KIND_BIT(NODE), TR_MARK("Addresses"), "status.addresses", NULL},
    {KIND_BIT(NODE), TR_MARK("Pod addresses"), "spec.podCIDRs", NULL},
    {KIND_BIT(NODE), TR_MARK("Provider"), "spec.providerID", NULL},
};

/* "; MemoryPressure; cordoned: takes no new pods": what else keeps pods off it. */
static void
also_text(const struct node_facts *f, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < f->condition_count && used + 2 < out_size; i++) {
        const struct pod_condition *c = &f->conditions[i];
        if (strcmp(c->type, "Ready") == 0 || strcmp(c->status, "True") != 0)
            continue;
        int n = snprintf(out + used, out_size - used, "; %.60s", c->type);
        used += n > 0 ? IW_MIN((size_t)n, out_size - used - 1) : 0;
    }
    if (f->unschedulable)
        (void)snprintf(out + used, out_size - used, "%s", tr("; cordoned: takes no new pods"));
}

static enum block_severity
node_verdict(const struct description *p, char *out, size_t out_size)
{
    const struct node_facts *f = p->o->node;
    const struct pod_condition *ready = NULL;
    char also[300];
    also_text(f, also, sizeof(also));
    for (uint32_t i = 0; i < f->condition_count; i++)
        if (strcmp(f->conditions[i].type, "Ready") == 0)
            ready = &f->conditions[i];
    if (ready && strcmp(ready->status, "True") == 0) {
        (void)snprintf(out, out_size, tr("Ready%s"), also);
        return also[0] ? BLOCK_WARN : BLOCK_NONE;
    }
    const char *why = !ready ? "" : ready->message[0] ? ready->message : ready->reason;
    (void)snprintf(out, out_size, tr("not Ready%s%.300s%s"), why[0] ? ": " : "", why, also);
    return BLOCK_ERROR;
}

static unsigned
kept_off(const struct description *p, const struct node_taint *taint)
{
    unsigned count = 0;
    for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);) {
        const struct pod *pod = store_get(p->env->store, it);
        count += !pod->node[0] && !pod_is_terminal(pod) && !pod_is_deleted(pod) &&
                 !pod_tolerates(pod, taint);
    }
    return count;
}

static void
say_taints(struct description *p, const struct node_facts *f)
{
    for (uint32_t i = 0; i < f->taint_count; i++) {
        const struct node_taint *t = &f->taints[i];
        char text[400];
        bool repels = strcmp(t->effect, "NoSchedule") == 0 || strcmp(t->effect, "NoExecute") == 0;
        unsigned count = repels ? kept_off(p, t) : 0;
        (void)snprintf(text, sizeof(text), "%.200s%s%.100s:%.40s", t->key, t->value[0] ? "=" : "",
                       t->value, t->effect);
        describe_say(&p->doc, 0, i == 0 ? tr("Taints") : "", ROLE_TEXT, text);
        if (count > 0)
            doc_put(&p->doc, ROLE_WARN, tr("   kept off: %u pending"), count);
    }
}

static void
node_spec(struct description *p)
{
    struct doc *d = &p->doc;
    if (!p->o) {
        description_facts(p, FACTS, IW_COUNTOF(FACTS), YAML_NO_LINE, 0);
        return;
    }
    const struct node_facts *f = p->o->node;
    say_taints(p, f);
    if (f->unschedulable)
        describe_say(d, 0, tr("Unschedulable"), ROLE_WARN, tr("yes: cordoned"));
    description_conditions(p, f->conditions, f->condition_count, true);
}

/* --- amounts --- */

static bool
is_on(const struct pod *pod, const void *arg)
{
    const struct kobject_ref *ref = arg;
    return strcmp(pod->node, ref->name) == 0 && !pod_is_terminal(pod);
}

static struct quantity
requested(const struct description *p, const char *name)
{
    struct quantity sum = quantity_of(0, QUANTITY_DECIMAL_SI);
    for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);) {
        const struct pod *pod = store_get(p->env->store, it);
        struct quantity amount;
        if (!is_on(pod, p->ref))
            continue;
        node_pod_request(pod, name, &amount);
        if (strcmp(name, "pods") == 0)
            amount = quantity_of(1, QUANTITY_DECIMAL_SI);
        quantity_add(&sum, &amount);
    }
    return sum;
}

static void
amount_text(const char *name, const struct quantity *q, char *out, size_t out_size)
{
    bool bytes =
        strcmp(name, "memory") == 0 || strstr(name, "storage") || strstr(name, "hugepages");
    if (bytes || strcmp(name, "cpu") == 0)
        nodes_amount_text(q, !bytes, out, out_size);
    else
        quantity_format(q, out, out_size);
}

static int
amount_name_cols(const struct doc *d)
{
    return IW_MIN(AMOUNT_NAME_COLS, d->width - 2 - 3 * AMOUNT_COLS);
}

static void
amount_line(struct description *p, const char *name)
{
    struct doc *d = &p->doc;
    const struct node_facts *f = p->o->node;
    char text[QUANTITY_OUT_MAX];
    struct quantity capacity, allocatable = {0}, used = requested(p, name);
    bool has = resource_list_get(&f->allocatable, name, &allocatable);
    doc_line(d);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, amount_name_cols(d), false, ROLE_TEXT, name);
    if (resource_list_get(&f->capacity, name, &capacity))
        amount_text(name, &capacity, text, sizeof(text));
    else
        (void)snprintf(text, sizeof(text), "–");
    doc_field(d, AMOUNT_COLS, true, ROLE_DIM, text);
    if (has)
        amount_text(name, &allocatable, text, sizeof(text));
    doc_field(d, AMOUNT_COLS, true, ROLE_TEXT, has ? text : "–");
    amount_text(name, &used, text, sizeof(text));
    double all = has ? quantity_approx(&allocatable) : 0,
           share = all > 0 ? quantity_approx(&used) / all : 0;
    enum role role = share > 0.9 ? ROLE_WARN : ROLE_BAR;
    doc_field(d, AMOUNT_COLS, true, share > 0.9 ? ROLE_WARN : ROLE_TEXT, text);
    if (all <= 0 || d->x + AMOUNT_BAR_COLS + 7 > d->width)
        return;
    int full = (int)(IW_MIN(share, 1.0) * AMOUNT_BAR_COLS + 0.5);
    doc_put(d, ROLE_TEXT, "  ");
    doc_repeat(d, role, "█", full);
    doc_repeat(d, ROLE_DIM, "░", AMOUNT_BAR_COLS - full);
    doc_put(d, ROLE_DIM, " %3.0f%%", share * 100);
}

static void
node_amounts(struct description *p)
{
    static const char *const HEADS[] = {TR_MARK("CAPACITY"), TR_MARK("ALLOCATABLE"),
                                        TR_MARK("REQUESTED")};
    struct doc *d = &p->doc;
    if (!p->o)
        return;
    const struct resource_list *list =
        p->o->node->allocatable.count ? &p->o->node->allocatable : &p->o->node->capacity;
    description_rule(p, tr("What it has"));
    doc_line(d);
    doc_put(d, ROLE_DIM, "  ");
    doc_field(d, amount_name_cols(d), false, ROLE_DIM, tr("RESOURCE"));
    for (size_t i = 0; i < IW_COUNTOF(HEADS); i++)
        doc_field(d, AMOUNT_COLS, true, ROLE_DIM, tr(HEADS[i]));
    for (uint32_t i = 0; i < list->count; i++)
        amount_line(p, list->items[i].name);
    if (p->env->session->ns[0])
        description_nothing(p,
                            tr("pods of other namespaces are not in view, and not counted here"));
}

static void
node_pods(struct description *p)
{
    const struct description_choice choice = {.takes = is_on,
                                              .arg = p->ref,
                                              .title = tr("Pods on it"),
                                              .none = tr("no pod that is watched is on it")};
    description_pods(p, &choice);
}

/* --- system, images --- */

static void
node_system(struct description *p)
{
    struct doc *d = &p->doc;
    if (!p->o)
        return;
    const struct node_facts *f = p->o->node;
    description_rule(p, tr("System"));
    describe_say(d, 2, tr("Kubelet"), ROLE_TEXT, f->kubelet_version);
    describe_say(d, 2, tr("Runtime"), ROLE_TEXT, f->runtime);
    describe_say(d, 2, tr("System"), ROLE_TEXT, f->os_image);
    describe_say(d, 2, tr("Kernel"), ROLE_TEXT, f->kernel);
    describe_say(d, 2, tr("Machine"), ROLE_TEXT, f->architecture);
    describe_say(d, 2, tr("Boot ID"), ROLE_DIM, f->boot_id);
    if (!p->y)
        describe_say(d, 2, tr("Addresses"), ROLE_TEXT, f->internal_ip);
    description_facts(p, FACTS, IW_COUNTOF(FACTS), YAML_NO_LINE, 2);
}

static int
larger_image(const void *a, const void *b)
{
    const struct node_image *x = *(const struct node_image *const *)a,
                            *y = *(const struct node_image *const *)b;
    return (x->size_bytes < y->size_bytes) - (x->size_bytes > y->size_bytes);
}

static void
node_images(struct description *p)
{
    struct doc *d = &p->doc;
    VEC(const struct node_image *) order = {0};
    char title[80];
    if (!p->o || p->o->node->image_count == 0)
        return;
    for (uint32_t i = 0; i < p->o->node->image_count; i++)
        vec_push(&order, &p->o->node->images[i]);
    if (order.len > 1)
        qsort(order.items, order.len, sizeof(*order.items), larger_image);
    (void)snprintf(title, sizeof(title), tr("Images: %zu, the largest first"), order.len);
    description_rule(p, title);
    for (size_t i = 0; i < IW_MIN(order.len, (size_t)IMAGES_SHOWN); i++) {
        double mib = (double)order.items[i]->size_bytes / 1048576.0;
        doc_line(d);
        doc_put(d, ROLE_DIM, mib < 10 ? "%8.1f MiB  " : "%8.0f MiB  ", mib);
        doc_put(d, ROLE_TEXT, "%s", order.items[i]->name);
    }
    if (order.len > IMAGES_SHOWN) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr("  and %zu more"), order.len - IMAGES_SHOWN);
    }
    vec_free(&order);
}

const struct description_kind description_node = {
    .verdict = node_verdict,
    .sections = {node_spec, node_amounts, node_pods, node_system, node_images},
};
