/* why: what view_why.c (keys, class) and why_page.c (the page) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_WHY_H
#define INITWATCH_UI_WHY_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/podcase.h"

#define WHY_FINDINGS PODCASE_FINDINGS

struct why_state {
    struct pod_ref pod;
    uint32_t top, max;
    int height;
    size_t count, selected;       /* findings; the one that copy and n, N are about */
    uint32_t lines[WHY_FINDINGS]; /* where each begins */
    char copy[512];               /* what c copies: advice of the selected one */
    char container[256];          /* the selected finding's */
    struct kobject_ref object;    /* the root cause, when it is an object; name "" none */
    struct verdict_also also;
    uint64_t also_generation;
    int64_t also_ms; /* wall, when it was looked for */
};

struct why_page {
    struct doc doc;
    const struct podcase *judged; /* borrowed */
    uint32_t lines[WHY_FINDINGS];
};
/* Writes what podcase_of says. Free: why_page_free. */
void why_page_write(struct why_page *p, const struct why_state *st, const struct view_env *env,
                    const struct pod *pod, int width);
void why_page_free(struct why_page *p);

#endif
