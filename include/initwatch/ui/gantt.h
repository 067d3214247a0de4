/* gantt: the start-up timeline of a pod, one lane per container in start order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_GANTT_H
#define INITWATCH_UI_GANTT_H

#include "initwatch/model/progress.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

struct gantt {
    const struct pod *pod;            /* borrowed */
    const struct timeline *timeline;  /* borrowed, may be NULL */
    const struct kevent_ring *events; /* borrowed, may be NULL */
    int64_t now_ms;                   /* wall; of a deleted pod the moment of deletion */
    int64_t from_ms, to_ms;           /* what the chart covers */
    int64_t origin_ms;                /* 0s of the axis: creation of the pod */
    int label_cols, chart_cols, note_cols;
    enum time_mode mode;
    bool motion;
};
/* Where a view stands on the time axis: zoom 0 is the stretch that matters, each step in halves it,
 * -1 is the pod's whole life; pan counts quarters of the chart to the left, as far as the pod
 * goes back and not beyond now. */
struct gantt_zoom {
    int level, pan;
};

/* Choose stretch and columns for `cols` cells. now_ms: see struct gantt. */
void gantt_layout(struct gantt *g, const struct view_env *env, const struct pod *pod,
                  int64_t now_ms, int cols, struct gantt_zoom zoom);
void gantt_axis(const struct gantt *g, struct doc *d);
/* Where Warning and Killing events fall, with the commonest reasons; false (and no line) when there
 * are none. */
bool gantt_events(const struct gantt *g, struct doc *d);
void gantt_lane(const struct gantt *g, struct doc *d, const struct container *c, bool selected);
/* "order: i1 ends → s1 started → a1"; false (and no line) when there is only one container. */
bool gantt_order(const struct gantt *g, struct doc *d);
/* What the signs mean: all that fit, else those that are on the chart. */
void gantt_legend(const struct gantt *g, struct doc *d);

/* Sign, then what the container does now in a few words: "↻ next try in 53s". */
void gantt_note(const struct pod *pod, const struct container *c, int64_t now_ms, bool motion,
                char *out, size_t out_size);

#endif
