/* resources: what the files of all pods' resources share: rows and their order (resources_rows.c), columns and
 * keys (view_resources.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_RESOURCES_H
#define INITWATCH_UI_RESOURCES_H

#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/resources.h"
#include "initwatch/ui/view.h"
#include "initwatch/ui/widget.h"

#define AMOUNT_CELL 12

/* Derived once per version of the pod. */
struct resources_row {
    struct pod_ref ref;
    char cells[8][AMOUNT_CELL]; /* by CELL_*; what is used: at every recalc that has new amounts */
    double values[8];
    char decides[32];
    const char *qos; /* a literal of the model */
    unsigned pods;   /* 1, or how many of its owner it stands for */
    uint32_t owner;  /* a number for its workload */
    int ns_cols, name_cols;
    bool mixed;   /* its pods are decided differently */
    bool changed; /* since the last recalc */
};
enum {
    CELL_CPU_REQ,
    CELL_CPU_LIM,
    CELL_MEM_REQ,
    CELL_MEM_LIM,
    CELL_CPU_IDLE,
    CELL_MEM_IDLE,
    CELL_CPU_USED,
    CELL_MEM_USED,
    CELL_COUNT
};

enum resources_sort {
    SORT_IDLE,
    SORT_CPU,
    SORT_MEMORY,
    SORT_CPU_USED,
    SORT_MEMORY_USED,
    SORT_NAME,
    SORT_KEY_COUNT
};
/* The cells that each is by: the second one decides between equal ones. */
extern const int resources_sort_cells[SORT_KEY_COUNT][2];

struct resources_state {
    struct text_filter *filter;
    VEC(struct resources_row) all;  /* of every pod, by slot */
    VEC(uint32_t) changed;          /* slots, of this recalc */
    struct strmap owners;           /* -> number */
    VEC(struct resources_row) rows; /* those that are shown */
    VEC(struct pod_ref) order;
    struct list_cursor cursor;
    struct pod_ref selected;
    enum resources_sort sort;
    bool reverse, stale;
    bool grouped;               /* by owner */
    bool problems;              /* only what is held idle */
    struct resources_row total; /* of the rows */
    int ns_cols, name_cols;     /* the widest of the rows */
    uint64_t generation,
        usage_generation; /* of the store's pods and of usage, at the last recalc */
    size_t hidden;
    int height;
};

/* Rows of the pods that are there now; then those that are shown, folded where grouped, in their order. */
void resources_rows(struct resources_state *st, const struct view_env *env);
void resources_rows_free(struct resources_state *st);
/* "checkout-6f7d9c-hx4kp", or "deploy/checkout ×3". */
void resources_row_name(const struct resources_state *st, const struct resources_row *row,
                        const struct pod *pod, char *out, size_t out_size);

#endif
