/* podjson: the object of `get`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/podjson.h"

#include <string.h>

#include "initwatch/model/progress.h"
#include "initwatch/model/status.h"

#include "podjson_why.h"

const struct resource_options podjson_resource_options = {.use_status = true,
                                                          .in_place_pod_level = true};

/* Cells print absence as "<none>". */
static void
put_cell(struct jsonout *j, const char *key, const char *cell)
{
    if (strcmp(cell, "<none>") == 0)
        json_put_null(j, key);
    else
        json_put_text(j, key, cell);
}

static void
put_amounts(struct jsonout *j, const char *key, const struct pod *pod, enum resource_side side)
{
    struct resource_amounts amounts;
    resources_effective(pod, side, &podjson_resource_options, &amounts, NULL);
    json_begin(j, key, '{');
    for (size_t i = 0; i < amounts.count; i++) {
        char text[QUANTITY_OUT_MAX];
        quantity_format(&amounts.items[i].quantity, text, sizeof(text));
        json_put_text(j, amounts.items[i].name, text);
    }
    json_end(j, '}');
    resource_amounts_free(&amounts);
}

static void
put_cells(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms)
{
    struct pod_cells cells;
    pod_print_cells(pod, now_wall_ms, &cells);
    json_put_text(j, "ready", cells.ready);
    json_put_text(j, "status", cells.status);
    json_put_text(j, "restarts", cells.restarts);
    json_put_text(j, "age", cells.age);
    put_cell(j, "ip", cells.ip);
    put_cell(j, "node", cells.node);
    put_cell(j, "nominatedNode", cells.nominated_node);
    put_cell(j, "readinessGates", cells.readiness_gates);
}

static void
put_progress(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms)
{
    struct init_progress p;
    pod_init_progress(pod, now_wall_ms, &p);
    json_begin(j, "init", '{');
    json_put_int(j, "done", p.done);
    json_put_int(j, "total", p.total);
    if (p.current) {
        json_put_text(j, "current", p.current->name);
        json_put_text(j, "state", container_phase_name(container_phase(p.current)));
        json_put_moment(j, "since", podjson_state_since(p.current));
    } else {
        json_put_null(j, "current");
        json_put_null(j, "state");
        json_put_null(j, "since");
    }
    json_end(j, '}');
    json_begin(j, "sidecars", '{');
    json_put_int(j, "started", p.sidecar_started);
    json_put_int(j, "ready", p.sidecar_ready);
    json_put_int(j, "total", p.sidecar_total);
    json_end(j, '}');
}

static void
put_block(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms)
{
    static const char *const severities[] = {"none", "progress", "wait", "warning", "error"};
    struct pod_block block;
    pod_block_of(pod, now_wall_ms, &block);
    if (block.severity == BLOCK_NONE) {
        json_put_null(j, "blocked");
        return;
    }
    json_begin(j, "blocked", '{');
    json_put_known(j, "by", block.container ? block.container->name : "");
    json_put_text(j, "reason", block.reason);
    json_put_text(j, "summary", block.summary);
    json_put_text(j, "severity", severities[block.severity]);
    json_put_moment(j, "since", block.since_ms);
    json_end(j, '}');
}

void
podjson_members(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms)
{
    json_put_text(j, "namespace", pod->ns);
    json_put_text(j, "name", pod->name);
    json_put_text(j, "uid", pod->uid);
    put_cells(j, pod, now_wall_ms);
    json_put_known(j, "phase", pod->phase);
    json_put_known(j, "qosClass", pod_qos(pod));
    put_progress(j, pod, now_wall_ms);
    put_amounts(j, "requests", pod, RESOURCE_REQUESTS);
    put_amounts(j, "limits", pod, RESOURCE_LIMITS);
    put_block(j, pod, now_wall_ms);
}

void
podjson_get(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms)
{
    json_begin(j, NULL, '{');
    podjson_members(j, pod, now_wall_ms);
    json_end(j, '}');
}
