/* why: what view_why.c (keys, class) and why_page.c (the page) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_WHY_H
#define INITWATCH_UI_WHY_H

#include "initwatch/diag/verdict.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

#define WHY_FINDINGS 32

struct why_state {
    struct pod_ref pod;
    uint32_t top, max;
    int height;
    size_t count, selected;       /* findings; the one that copy and n, N are about */
    uint32_t lines[WHY_FINDINGS]; /* where each begins */
    char copy[512];               /* what c copies: the first advice of the selected one */
    char container[256];          /* the selected finding's */
    struct kobject_ref object;    /* the root cause, when it is an object; name "" none */
    struct verdict_also also;
    uint64_t also_generation;
    int64_t also_ms; /* wall, when it was looked for */
};

struct why_page {
    struct doc doc;
    struct finding *found; /* WHY_FINDINGS */
    size_t count;
    struct chain *chain; /* of the first finding's container; count 0: none */
    char fix[VERDICT_FIX_MAX][200];
    size_t fix_count;
    uint32_t lines[WHY_FINDINGS];
};
/* Judges the pod. Free: why_page_free. */
void why_page_judge(struct why_page *p, const struct view_env *env, const struct pod *pod);
/* Then writes it. */
void why_page_write(struct why_page *p, const struct why_state *st, const struct view_env *env,
                    const struct pod *pod, int width);
void why_page_free(struct why_page *p);

#endif
