/* pods: the parts of the pod list. rows: facts of every pod, filter and order; pane: the
 * explanation of one pod; cards: the figures on top of wide screens. Only view_pods.c and these
 * parts include it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_VIEWS_PODS_H
#define INITWATCH_UI_VIEWS_PODS_H

#include "initwatch/base/vec.h"
#include "initwatch/ui/widget.h"

/* X(SORT, word of :sort, what the tab line says) */
#define POD_SORTS(X)                                                                               \
    X(STUCK, "stuck", "stuck first")                                                               \
    X(NAME, "name", "name")                                                                        \
    X(NS, "ns", "namespace")                                                                       \
    X(STATUS, "status", "status")                                                                  \
    X(RESTARTS, "restarts", "restarts")                                                            \
    X(FOR, "for", "time in this state")                                                            \
    X(AGE, "age", "age")                                                                           \
    X(NODE, "node", "node")
enum pod_sort {
#define X(name, word, text) POD_SORT_##name,
    POD_SORTS(X)
#undef X
        POD_SORT_COUNT
};

/* What is kept of each pod between frames: enough to sort, to count and to size columns. */
struct pod_fact {
    struct pod_ref ref; /* gen 0: the slot is free */
    uint64_t generation;
    int64_t since_ms, created_ms; /* wall */
    int64_t init_ms;              /* duration of the init phase, -1 unknown */
    uint64_t restarts;
    const char *status; /* interned, never NULL */
    uint16_t strip_cols, strip_cols_spaced, name_cols, ns_cols, status_cols, node_cols;
    uint16_t sidecars, sidecars_ready, sidecars_starting;
    uint8_t severity, group; /* enum block_severity, enum pod_group */
    bool match;              /* the filter lets it pass */
};
/* The counts of line 1. */
enum pod_group {
    POD_GROUP_FAILED,
    POD_GROUP_WORKING,
    POD_GROUP_WAITING,
    POD_GROUP_UNREADY,
    POD_GROUP_OK,
    POD_GROUP_COUNT
};

/* Sums over all pods, and the widths the columns would like to have. */
struct pod_totals {
    size_t pods, groups[POD_GROUP_COUNT];
    size_t sidecars, sidecars_ready, sidecars_starting;
    uint64_t restarts, restarts_max;
    int64_t init_p50_ms, init_p95_ms, init_max_ms; /* -1 unknown */
    struct pod_ref init_slowest;
    int strip_cols, strip_cols_spaced, name_cols, ns_cols, status_cols, node_cols;
};

struct pod_rows {
    VEC(struct pod_fact) facts; /* by slot */
    VEC(struct pod_ref) order;  /* what is shown, in order */
    struct text_filter *filter;
    bool problems_only, reverse;
    enum pod_sort sort;
    struct pod_totals totals;
    uint64_t pods_generation;
    int64_t second;
    bool stale; /* filter, sort or problems changed */
};
void pod_rows_init(struct pod_rows *r);
void pod_rows_free(struct pod_rows *r);
/* New facts for what changed or ages; then filter and sort. Does nothing when nothing did. */
void pod_rows_update(struct pod_rows *r, const struct view_env *env);
const char *pod_sort_text(enum pod_sort sort);
bool pod_sort_parse(const char *word, enum pod_sort *out);

/* The cause in at most `cols` cells if there is any way to say it, else as short as possible. */
void pod_why_text(const struct pod_block *block, int cols, char *out, size_t out_size);

/* Lines the cards take, 0 when there is no room or they are switched off. */
int pod_cards_height(const struct view_env *env, struct rect area);
void pod_cards_draw(const struct pod_rows *r, const struct view_env *env, struct surface *s,
                    struct rect area);

/* The explanation of one pod, its title rule in the first line. */
void pod_pane_draw(const struct view_env *env, struct pod_ref ref, struct surface *s,
                   struct rect area);

#endif
