/* podresources: what the files of a pod's resources share: state and keys (view_podresources.c), the
 * table of containers and the what-if (podresources_page.c), nodes and quota (podresources_panes.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODRESOURCES_H
#define INITWATCH_UI_PODRESOURCES_H

#include "initwatch/model/nodefit.h"
#include "initwatch/model/whatif.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

struct podresources_state {
    struct pod_ref pod;
    enum resource_side side;
    uint32_t top, max;
    int height;
    size_t selected;     /* container */
    unsigned amount;     /* 0 cpu, 1 memory: what + and - change */
    bool usage_off;      /* what is used is not shown */
    bool reveal;         /* scroll to the selected container */
    uint32_t table_line; /* of the first container on the page */
    struct whatif whatif;
    struct pod *edited; /* NULL without edits; owned */
    uint64_t edited_generation;
    struct node_fit *fits; /* owned */
    size_t fit_count;
    uint64_t fit_generation;
    int64_t fit_ms; /* wall, when it was computed */
    bool fit_stale; /* the pod was edited since */
    bool fit_known; /* of this pod */
};

/* The pod as edited, else as it is. */
const struct pod *podresources_shown(const struct podresources_state *st, const struct pod *pod);
const char *podresources_amount(unsigned amount); /* "cpu", "memory" */
/* What the container asks for (or may use): text of the entry, "" when it has none. */
const char *podresources_text(const struct container *c, enum resource_side side, const char *name);

/* Is there anything to say of what is used, and does the user want it? */
bool podresources_usage(const struct podresources_state *st, const struct view_env *env);

/* Edits as chips with what they do to the pod; nothing without edits. */
void podresources_edits(struct doc *d, const struct podresources_state *st, const struct pod *pod);
/* The table; *first gets the line of the first container. */
void podresources_table(struct doc *d, const struct podresources_state *st,
                        const struct view_env *env, const struct pod *pod, uint32_t *first);
/* Suggestions; false (and nothing) when there are none. */
bool podresources_hints(struct doc *d, const struct podresources_state *st, const struct pod *pod);
/* The first suggestion that changes something. */
bool podresources_best_hint(const struct podresources_state *st, const struct pod *pod,
                            struct whatif_edit *out);

void podresources_nodes(struct doc *d, const struct podresources_state *st,
                        const struct view_env *env);
void podresources_quota(struct doc *d, const struct view_env *env, const struct pod *pod);
/* "(free 2.1 cpu, 5.4Gi)" of the node it is on; "" when it is not known. */
void podresources_node_free(const struct podresources_state *st, char *out, size_t out_size);

#endif
