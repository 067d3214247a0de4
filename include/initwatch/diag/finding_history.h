/* finding_history: what became of each cause since the program runs: since when it is so, on how
 * many pods, and when it was gone. Fed by rounds of the rules over all pods; bounded.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DIAG_FINDING_HISTORY_H
#define INITWATCH_DIAG_FINDING_HISTORY_H

#include "initwatch/base/limits.h"
#include "initwatch/diag/diag.h"
#include "initwatch/model/store.h"

struct finding_step {
    int64_t at_ms; /* wall; from here on */
    uint32_t pods;
};
/* One cause. Moments are wall. */
struct finding_past {
    char cause[160], summary[256]; /* summary: of the first pod that had it in the last round */
    const char *id, *title;        /* literals */
    enum severity severity;
    struct pod_ref pod;
    char ns[64], name[128], container[64];
    int64_t since_ms; /* of that pod */
    int64_t first_ms; /* as the pods themselves say, so it may be before the program began */
    int64_t last_ms;  /* the last round that found it */
    int64_t gone_ms;  /* the first round that did not; IW_TIME_NONE: it is still so */
    uint32_t pods, most;
    uint32_t times; /* it came: 2 after it was gone once */
    uint32_t round; /* that found it last, counted */
    /* How many pods, from when on: the oldest first. The two oldest become one when it is full. */
    struct finding_step steps[LIMIT_FINDING_STEPS];
    size_t step_count;
};

struct finding_history;
struct finding_history *finding_history_new(void) IW_NODISCARD;
void finding_history_free(struct finding_history *h);

/* A round over all pods, pod after pod: begin, see for each finding, end. One that was begun and
 * not ended counts for nothing. A moment before the last round (a replay went back) takes away what
 * was after it. Seeing costs one look into a hash map, ending one sort of what was seen. */
void finding_history_begin(struct finding_history *h, int64_t now_wall_ms);
/* since_ms: of this pod, IW_TIME_NONE unknown. */
void finding_history_see(struct finding_history *h, struct pod_ref ref, const struct pod *pod,
                         const struct finding *f, int64_t since_ms);
void finding_history_end(struct finding_history *h);
/* Nothing of this cluster is known any more. */
void finding_history_clear(struct finding_history *h);

/* NULL when it is not known: never found, or there was no room. Borrowed until the next round. */
const struct finding_past *finding_history_of(const struct finding_history *h, const char *cause);
/* Those that are gone, the latest first. Returns how many were stored. */
size_t finding_history_gone(const struct finding_history *h, const struct finding_past **out,
                            size_t max);
/* When the first round was; IW_TIME_NONE: there was none. */
int64_t finding_history_began_ms(const struct finding_history *h);

#endif
