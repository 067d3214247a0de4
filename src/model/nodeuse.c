/* nodeuse: sums of effective requests by node.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/nodeuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strmap.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/resources.h"

/* A pod on its node, as the scheduler counts it. */
static const struct resource_options ON_NODE = {.use_status = true, .in_place_pod_level = true};
static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct node_use *)a)->node->name,
                  ((const struct node_use *)b)->node->name);
}

static struct node_sum
amount_of(const struct kobject *node, const char *name)
{
    struct node_sum a = {0};
    a.known = resource_list_get(&node->node->allocatable, name, &a.allocatable);
    return a;
}

static void
add_amount(struct node_sum *a, const struct pod *pod, const char *name)
{
    struct resource_breakdown b;
    resources_breakdown(pod, RESOURCE_REQUESTS, name, &ON_NODE, &b);
    quantity_add(&a->requested, &b.effective);
    quantity_add(&a->steady, &b.steady);
    resource_breakdown_free(&b);
}

static void
add_pod(struct node_use *load, const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_block block;
    if (pod_is_terminal(pod))
        return;
    load->pods++;
    add_amount(&load->cpu, pod, "cpu");
    add_amount(&load->memory, pod, "memory");
    pod_block_of(pod, now_wall_ms, &block);
    if (block.severity == BLOCK_NONE)
        return;
    load->stuck += block.severity > BLOCK_PROGRESS;
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    load->starting += progress.current != NULL;
}

struct node_use *
node_uses(const struct store *store, int64_t now_wall_ms, size_t *count)
{
    const struct kobjects *objects = store_objects(store);
    *count = kobjects_count(objects, KOBJECT_NODE);
    if (*count == 0)
        return NULL;
    struct node_use *loads = iw_calloc(*count, sizeof(*loads));
    struct strmap places = {0};
    for (size_t i = 0; i < *count; i++)
        loads[i].node = kobjects_at(objects, KOBJECT_NODE, i);
    qsort(loads, *count, sizeof(*loads), by_name);
    for (size_t i = 0; i < *count; i++) {
        struct quantity most;
        const struct kobject *node = loads[i].node;
        loads[i].cpu = amount_of(node, "cpu");
        loads[i].memory = amount_of(node, "memory");
        if (resource_list_get(&node->node->allocatable, "pods", &most))
            loads[i].pods_most = (uint32_t)quantity_value(&most);
        strmap_put(&places, node->name, (uint32_t)i);
    }
    for (struct pod_ref it = {0, 0}; store_next(store, &it);) {
        const struct pod *pod = store_get(store, it);
        uint32_t at;
        if (pod->node[0] && strmap_get(&places, pod->node, &at))
            add_pod(&loads[at], pod, now_wall_ms);
    }
    strmap_free(&places);
    return loads;
}

void
node_pod_request(const struct pod *pod, const char *name, struct quantity *out)
{
    struct resource_breakdown b;
    resources_breakdown(pod, RESOURCE_REQUESTS, name, &ON_NODE, &b);
    *out = b.effective;
    resource_breakdown_free(&b);
}

/* "docker.io/library/busybox:1.36" is "busybox:1.36", and "nginx" is "nginx:latest". */
static bool
is_image(const char *reported, const char *wanted)
{
    size_t len = strlen(reported), tail = strlen(wanted);
    const char *name = strrchr(wanted, '/');
    static const char LATEST[] = ":latest";
    if (!strchr(name ? name : wanted, ':') && len > sizeof(LATEST) - 1 &&
        strcmp(reported + len - (sizeof(LATEST) - 1), LATEST) == 0)
        len -= sizeof(LATEST) - 1;
    return tail > 0 && len >= tail && strncmp(reported + len - tail, wanted, tail) == 0 &&
           (len == tail || reported[len - tail - 1] == '/');
}

int64_t
node_image_bytes(const struct node_facts *node, const struct container *c)
{
    for (uint32_t i = 0; i < node->image_count; i++)
        if ((c->status && is_image(node->images[i].name, c->status->image)) ||
            is_image(node->images[i].name, c->image))
            return node->images[i].size_bytes;
    return -1;
}

bool
node_is_ready(const struct kobject *node)
{
    for (uint32_t i = 0; i < node->node->condition_count; i++) {
        const struct pod_condition *c = &node->node->conditions[i];
        if (strcmp(c->type, "Ready") == 0)
            return strcmp(c->status, "True") == 0;
    }
    return false;
}
