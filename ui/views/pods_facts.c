/* pods_facts: what the list keeps of one pod, worked out from it: its state, what blocks it, counts and widths.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/intern.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/status.h"
#include "pods.h"

enum { COLS_MAX = 255 };

int64_t
pod_fact_init_ms(const struct pod_fact *f, int64_t now_wall_ms)
{
    if (f->init_from_ms == IW_TIME_NONE)
        return -1;
    return f->init_ms >= 0 ? f->init_ms : IW_MAX(now_wall_ms - f->init_from_ms, (int64_t)0);
}

static enum pod_group
group_of(const struct pod_block *b)
{
    switch (b->severity) {
    case BLOCK_ERROR:
        return POD_GROUP_FAILED;
    case BLOCK_WARN:
        return POD_GROUP_UNREADY;
    case BLOCK_WAIT:
    case BLOCK_PROGRESS:
        return b->container ? POD_GROUP_WORKING : POD_GROUP_WAITING;
    case BLOCK_NONE:
        break;
    }
    return POD_GROUP_OK;
}

/* From the pod's start on its node to Initialized. */
static void
fact_init_phase(struct pod_fact *f, const struct pod *pod)
{
    const struct pod_condition *done = pod_condition(pod, "Initialized");
    f->init_from_ms = pod->init_count ? pod->started_ms : IW_TIME_NONE;
    f->init_ms = -1;
    if (f->init_from_ms == IW_TIME_NONE)
        return;
    bool over = done && strcmp(done->status, "True") == 0;
    if (over && done->transition_ms != IW_TIME_NONE)
        f->init_ms = IW_MAX(done->transition_ms - pod->started_ms, (int64_t)0);
    else if (over || pod_is_terminal(pod))
        f->init_from_ms = IW_TIME_NONE;
}

static uint8_t
small(size_t count)
{
    return (uint8_t)IW_MIN(count, (size_t)COLS_MAX);
}

static void
count_sidecars(struct pod_fact *f, const struct pod *pod, int64_t now_wall_ms)
{
    size_t all = 0, ready = 0, starting = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != CONTAINER_SIDECAR)
            continue;
        struct sidecar_report report;
        sidecar_assess(pod, c, now_wall_ms, &report);
        all++;
        ready += report.health == SIDECAR_READY;
        starting += report.health == SIDECAR_STARTING || report.health == SIDECAR_CREATING;
    }
    f->sidecars = small(all);
    f->sidecars_ready = small(ready);
    f->sidecars_starting = small(starting);
}

static uint8_t
cols_of(const char *text)
{
    return small((size_t)utf8_width(text, strlen(text)));
}

const int pod_status_widths[POD_STATUS_WIDTHS] = {12, 16, 21, 32};

static void
fact_status_cols(struct pod_fact *f, const char *status)
{
    char word[256];
    for (size_t i = 0; i < POD_STATUS_WIDTHS; i++) {
        widget_status_short(status, pod_status_widths[i], word, sizeof(word));
        f->status_cols[i] = cols_of(word);
    }
}

static const char *
interned(const char *text)
{
    const char *kept = iw_intern(text, strlen(text));
    return kept ? kept : "";
}

/* "s1 istio-proxy" or "Unschedulable": what pods of one owner have in common when they are stuck. */
static void
fact_blocker(struct pod_fact *f, const struct pod_block *b)
{
    char text[96] = "";
    f->in_container = b->container != NULL;
    if (b->container)
        snprintf(text, sizeof(text), "%s %.72s", b->container->tag, b->container->name);
    else if (b->severity != BLOCK_NONE)
        snprintf(text, sizeof(text), "%s", b->reason);
    f->blocker = interned(text);
}

static void
fact_counts(struct pod_fact *f, const struct pod *pod, const struct pod_cells *cells)
{
    uint64_t restarts = 0;
    for (uint32_t i = 0; i < pod->status_count; i++)
        restarts +=
            pod->statuses[i].restart_count > 0 ? (uint64_t)pod->statuses[i].restart_count : 0;
    f->restarts_all = (uint32_t)IW_MIN(restarts, (uint64_t)UINT32_MAX);
    f->restarts = (uint32_t)IW_MIN(cells->restart_count, (uint64_t)UINT32_MAX);
    f->ready = (uint16_t)IW_MIN(cells->ready_count, (uint32_t)UINT16_MAX);
    f->total = (uint16_t)IW_MIN(cells->total_count, (uint32_t)UINT16_MAX);
    f->strip_cols = small((size_t)widget_strip_width(pod, true));
    f->strip_cols_spaced = small((size_t)widget_strip_width(pod, false));
    f->name_cols = cols_of(pod->name);
    f->ns_cols = cols_of(pod->ns);
    f->node_cols = cols_of(pod->node);
    fact_status_cols(f, cells->status);
}

/* A long wait is about a Service or a claim: their objects say what is wrong with it. */
static void
fact_kinds(struct pod_fact *f, const struct pod *pod, const struct pod_block *b)
{
    const struct container *c = b->container;
    struct wait_target target;
    char name[254], ns[64];
    bool sure;
    f->kinds = 0;
    if (b->severity == BLOCK_WAIT && c && container_wait_target(c, &target) &&
        service_of_host(target.host, pod->ns, name, ns, &sure))
        f->kinds = CHAIN_BRIEF_KINDS;
    else if (b->severity == BLOCK_ERROR && !pod->node[0] && pod->volume_count)
        f->kinds = KIND_BIT(PVC) | KIND_BIT(STORAGECLASS);
}

bool
pod_fact_matches(const struct pod_rows *r, const struct pod_fact *f, const struct pod *pod,
                 const struct pod_block *block, const struct view_env *env)
{
    const struct pod_subject subject = {.pod = pod,
                                        .status = f->status,
                                        .block = block,
                                        .severity = (enum block_severity)f->severity,
                                        .ready = f->ready,
                                        .total = f->total,
                                        .restarts = f->restarts,
                                        .since_ms = f->since_ms,
                                        .now_wall_ms = env->now_wall_ms,
                                        .objects = env->objects};
    return pod_query_match(r->query, &subject);
}

void
pod_fact_renew(const struct pod_rows *r, struct pod_fact *f, const struct pod *pod,
               const struct view_env *env)
{
    const int64_t now_wall_ms = env->now_wall_ms;
    struct pod_block block;
    struct pod_cells cells;
    pod_block_of(pod, now_wall_ms, &block);
    pod_print_cells(pod, now_wall_ms, &cells);
    f->status = interned(cells.status);
    f->severity = (uint8_t)block.severity;
    f->group = (uint8_t)group_of(&block);
    /* Sorted by the block's own moment, shown by the situation's: for pods in trouble they are the same. */
    f->since_ms = block.severity == BLOCK_NONE ? pod_since_ms(pod, &block) : block.since_ms;
    f->created_ms = pod->created_ms;
    f->of_job = strcmp(pod->owner_kind, "Job") == 0;
    fact_kinds(f, pod, &block);
    fact_blocker(f, &block);
    fact_init_phase(f, pod);
    fact_counts(f, pod, &cells);
    count_sidecars(f, pod, now_wall_ms);
    f->key = pod_sort_key(r->sort, f, pod);
    f->match = pod_fact_matches(r, f, pod, &block, env);
}
