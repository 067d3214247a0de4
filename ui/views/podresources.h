/* podresources: what the files of a pod's resources share: state and keys (view_podresources.c), the
 * pod as a whole (podresources_head.c), the table of containers (podresources_page.c), suggestions
 * (podresources_hints.c), nodes and quota (podresources_panes.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODRESOURCES_H
#define INITWATCH_UI_PODRESOURCES_H

#include "initwatch/model/nodefit.h"
#include "initwatch/model/whatif.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* What a page has where there is room for it, the first things first. */
enum page_room {
    ROOM_NONE,
    ROOM_MEMORY_USED, /* what ends a container is memory */
    ROOM_CPU_USED,
    ROOM_BELOW_HEAD,
    ROOM_FORMULA, /* the one without sidecars */
    ROOM_BETWEEN, /* a blank line between all parts */
    ROOM_COUNT
};

struct podresources_state {
    struct pod_ref pod;
    enum resource_side side;
    uint32_t top, max;
    int height;
    struct doc page;     /* as recalculated; owned */
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
    int64_t fit_ms;  /* wall, when it was computed */
    bool fit_stale;  /* the pod was edited since */
    bool fit_known;  /* of this pod */
    size_t siblings; /* pods of the same controller, itself included */
    size_t hint_nodes[2]
                     [WHATIF_HINTS_MAX]; /* on how many nodes it would fit with each suggestion */
    struct strbuf copied;                /* what c has put into the clipboard last; owned */
    uint32_t fit_line;                   /* of the page: where the nodes begin */
};

/* The pod as edited, else as it is. */
const struct pod *podresources_shown(const struct podresources_state *st, const struct pod *pod);
const char *podresources_amount(unsigned amount); /* "cpu", "memory" */
/* What the container asks for (or may use): text of the entry, "" when it has none. */
const char *podresources_text(const struct container *c, enum resource_side side, const char *name);

/* Is there anything to say of what is used, and does the user want it? */
bool podresources_usage(const struct podresources_state *st, const struct view_env *env);

/* The first line: QoS and why, the node and what is free there, what is added to the containers. */
void podresources_head(struct doc *d, const struct podresources_state *st, const struct pod *pod);
/* Edits as chips with what they do to the pod; nothing without edits. */
void podresources_edits(struct doc *d, const struct podresources_state *st, const struct pod *pod);
/* The table; *first gets the line of the first container. */
void podresources_table(struct doc *d, const struct podresources_state *st,
                        const struct view_env *env, const struct pod *pod, uint32_t *first);
/* The same as a Markdown table, with the pod's effective amounts. */
void podresources_copy(const struct pod *shown, struct strbuf *out);
/* Suggestions; nothing when there are none. */
void podresources_hints(struct doc *d, const struct podresources_state *st, const struct pod *pod);
/* The first suggestion that changes something. */
bool podresources_best_hint(const struct podresources_state *st, const struct pod *pod,
                            struct whatif_edit *out);

void podresources_nodes(struct doc *d, const struct podresources_state *st,
                        const struct view_env *env);
void podresources_quota(struct doc *d, const struct view_env *env, const struct pod *pod);
/* How many of them take the pod. */
size_t podresources_fitting(const struct node_fit *fits, size_t count);
/* What the suggestions would do: once for each judgement of the nodes. */
void podresources_hints_judge(struct podresources_state *st, const struct store *store,
                              const struct pod *shown);
/* "2100m" or "5.4Gi" that nothing has asked for yet; "?" when the node does not say what it has. */
void podresources_free_text(const struct node_load *load, enum node_amount amount, char *out,
                            size_t out_size);

#endif
