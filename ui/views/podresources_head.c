/* podresources_head: what counts for the pod as a whole: QoS and why, its node, what is added to the
 * containers' amounts, a resize that is under way.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/nodeuse.h"
#include "podresources.h"

/* A part of the line that is left out where it does not fit. */
static void
part_put(struct doc *d, enum role role, const char *text)
{
    if (text[0] && d->x + utf8_width(text, strlen(text)) <= d->width)
        doc_put(d, role, "%s", text);
}

/* "cpu 250m, memory 120Mi" */
static void
list_text(const struct resource_list *list, char *out, size_t out_size)
{
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < list->count && len < out_size; i++)
        len += (size_t)snprintf(out + len, out_size - len, "%s%.40s %.20s", i ? ", " : "",
                                list->items[i].name, list->items[i].text);
}

/* "   node kind-worker (free 2100m cpu, 5.4Gi)" */
static void
node_put(struct doc *d, const struct podresources_state *st, const struct pod *pod)
{
    char text[320], cpu[32], memory[32];
    if (!pod->node[0])
        return;
    snprintf(text, sizeof(text), tr("   node %s"), pod->node);
    part_put(d, ROLE_DIM, text);
    for (size_t i = 0; i < st->fit_count; i++) {
        struct node_load load = st->fits[i].load;
        struct quantity own;
        if (!st->fits[i].here)
            continue;
        node_pod_request(pod, "cpu", &own); /* the loads are without the pod itself */
        quantity_add(&load.used[NODE_CPU], &own);
        node_pod_request(pod, "memory", &own);
        quantity_add(&load.used[NODE_MEMORY], &own);
        podresources_free_text(&load, NODE_CPU, cpu, sizeof(cpu));
        podresources_free_text(&load, NODE_MEMORY, memory, sizeof(memory));
        snprintf(text, sizeof(text),
                 load.partial ? tr(" (free at most %s cpu, %s)") : tr(" (free %s cpu, %s)"), cpu,
                 memory);
        part_put(d, ROLE_DIM, text);
    }
}

/* A resize in place: asked for and not done yet. Ref: KEP-1287. */
static void
resize_put(struct doc *d, const struct pod *pod)
{
    const struct pod_condition *pending = pod_condition(pod, "PodResizePending");
    const struct pod_condition *going = pod_condition(pod, "PodResizeInProgress");
    if (pending && strcmp(pending->status, "True") == 0)
        doc_put(d, ROLE_WARN, tr("   ⚠ resize pending: %s"), pending->reason);
    else if (going && strcmp(going->status, "True") == 0)
        doc_put(d, ROLE_WORKING, "   %s", tr("resize in progress"));
}

void
podresources_head(struct doc *d, const struct podresources_state *st, const struct pod *pod)
{
    char why[256], list[256], text[320];
    doc_line(d);
    doc_put(d, ROLE_TITLE, " QoS %s", resources_qos(podresources_shown(st, pod), why, sizeof(why)));
    if (why[0])
        doc_put(d, ROLE_DIM, " (%s)", why);
    resize_put(d, pod);
    node_put(d, st, pod);
    if (pod->pod_resources_present) {
        list_text(&pod->pod_requests, list, sizeof(list));
        snprintf(text, sizeof(text), tr("   pod level: %s"), list[0] ? list : tr("no requests"));
        part_put(d, ROLE_TEXT, text);
    }
    if (pod->overhead.count > 0) {
        list_text(&pod->overhead, list, sizeof(list));
        snprintf(text, sizeof(text), tr("   overhead %s"), list);
        part_put(d, ROLE_TEXT, text);
    }
    if (pod->priority_class[0]) {
        snprintf(text, sizeof(text), tr("   priority %s"), pod->priority_class);
        part_put(d, ROLE_DIM, text);
    }
}
