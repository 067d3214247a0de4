/* pods_pane: what the parts of the explanation below the pod list share. pods_pane.c: what the pane is about, and its
 * title; pods_pane_left.c: the explanation; pods_pane_beside.c: events and log. Only these include it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_VIEWS_PODS_PANE_H
#define INITWATCH_UI_VIEWS_PODS_PANE_H

#include "initwatch/diag/diag.h"
#include "initwatch/ui/chainline.h"
#include "pods.h"

enum { PANE_LOG_FROM = 8, PANE_FINDINGS = 3, PANE_LATER = 3 };

/* What the pane is about, worked out once. */
struct pane {
    const struct view_env *env;
    struct pod_ref ref;
    const struct pod *pod;
    struct pod_block block;
    struct init_progress progress;
    struct finding findings[PANE_FINDINGS];
    size_t finding_count;
    const struct pods_usual *usual;
    struct pods_later later[PANE_LATER]; /* waits behind the one that blocks */
    unsigned later_count;
    struct chain *chain; /* owned: what a wait, or a claim, hangs on; NULL when that is not known */
    bool split;          /* events stand beside, not below */
};

/* The container the pane is about: the one that blocks, else the one the init phase is at; NULL when there is none. */
const struct container *pod_pane_container(const struct pane *p);

/* --- pods_pane_left.c --- */

/* The explanation: lanes, what blocks the pod and how that is known, what to do next; in at most `height` lines. */
void pod_pane_put_left(const struct pane *p, struct doc *d, int height);

/* --- pods_pane_beside.c --- */

/* The newest events of the pod, oldest first, in at most `rows` lines: as many as there is room for, then their messages in
 * full, the newest first, as far as lines are left. Returns how many. */
unsigned pod_pane_put_events(const struct pane *p, struct doc *d, unsigned rows);
/* Beside the explanation: in a wide pane the events and, as a third column, the log; else the log above the events.
 * Returns the width left for the explanation. */
int pod_pane_draw_beside(const struct pane *p, struct surface *s, struct rect area);

#endif
