/* waitgraph: from a pod over the Service it waits for to the pods behind that, breadth first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/waitgraph.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/model/chain.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/waitfor.h"

enum { GRAPH_MOST = 32 };

struct graph {
    const struct store *store;
    int64_t now_wall_ms;
    struct {
        const struct pod *pod;
        size_t from; /* index of the pod that waits for it */
    } nodes[GRAPH_MOST];
    size_t count;
};

/* The Service that the pod's present step waits for, if it was read and has a selector. */
static const struct kobject *
waited_service(const struct graph *g, const struct pod *pod)
{
    struct init_progress progress;
    struct wait_target target;
    char name[254], ns[64];
    bool sure;
    const struct kobject *service;
    pod_init_progress(pod, g->now_wall_ms, &progress);
    if (!progress.current || !container_wait_target(progress.current, &target) ||
        !service_of_host(target.host, pod->ns, name, ns, &sure))
        return NULL;
    kobjects_look(store_objects(g->store), KOBJECT_SERVICE, ns, name, &service);
    /* Names resolve and addresses are there before anybody is ready. */
    bool needs_ready = service && !service->service->publish_not_ready &&
                       (strcmp(target.kind, "dns") != 0 || service->service->headless);
    return needs_ready && service->service->selector.count > 0 ? service : NULL;
}

static bool
is_ready(const struct pod *pod)
{
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    return ready && strcmp(ready->status, "True") == 0;
}

static bool
is_known(const struct graph *g, const struct pod *pod)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->nodes[i].pod == pod)
            return true;
    }
    return false;
}

/* Adds the pods behind what nodes[at] waits for. True when the first pod is one of them and no
 * other pod stands in for it: one that is ready ends the wait, whoever else waits. */
static bool
expand(struct graph *g, size_t at)
{
    const struct kobject *service = waited_service(g, g->nodes[at].pod);
    size_t before = g->count;
    bool closes = false;
    if (!service)
        return false;
    for (struct pod_ref it = {0, 0}; store_next(g->store, &it);) {
        const struct pod *pod = store_get(g->store, it);
        if (strcmp(pod->ns, service->ns) != 0 ||
            !label_selector_matches(&service->service->selector, pod->labels, pod->label_count))
            continue;
        if (is_ready(pod)) {
            g->count = before;
            return false;
        }
        closes = closes || pod == g->nodes[0].pod;
        if (!is_known(g, pod) && g->count < GRAPH_MOST) {
            g->nodes[g->count].pod = pod;
            g->nodes[g->count++].from = at;
        }
    }
    return closes;
}

static void
write_way(const struct graph *g, size_t last, char *way, size_t way_size)
{
    size_t path[GRAPH_MOST], length = 0;
    for (size_t i = last; length < GRAPH_MOST; i = g->nodes[i].from) {
        path[length++] = i;
        if (i == 0)
            break;
    }
    size_t used = 0;
    way[0] = '\0';
    while (length > 0 && used < way_size) {
        const char *name = g->nodes[path[--length]].pod->name;
        int n = snprintf(way + used, way_size - used, "%.60s → ", name);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used < way_size)
        (void)snprintf(way + used, way_size - used, "%.60s", g->nodes[0].pod->name);
}

bool
wait_cycle_of(const struct store *store, const struct pod *pod, int64_t now_wall_ms, char *way,
              size_t way_size)
{
    struct graph g = {.store = store, .now_wall_ms = now_wall_ms, .count = 1};
    g.nodes[0].pod = pod;
    for (size_t at = 0; at < g.count; at++) {
        if (expand(&g, at)) {
            write_way(&g, at, way, way_size);
            return true;
        }
    }
    return false;
}
