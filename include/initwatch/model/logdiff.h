/* logdiff: two attempts line by line, without what differs from run to run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGDIFF_H
#define INITWATCH_MODEL_LOGDIFF_H

#include "initwatch/base/vec.h"
#include "initwatch/model/linebits.h"
#include "initwatch/model/logbuf.h"

enum { LOGDIFF_LINES_MAX = 20000 }; /* of each attempt, from its start */

struct logdiff_row {
    uint64_t left, right; /* absolute line numbers; LINE_NONE: nothing on this side */
    bool differs;
};
struct logdiff {
    VEC(struct logdiff_row) rows;
    size_t first; /* row of the first difference; rows.len when there is none */
    bool cut;     /* an attempt has more lines than are compared */
};
/* Compare the lines of two chapters. New: logdiff_free. Ref: Myers, An O(ND) Difference Algorithm; beyond a bounded
 * number of differences the rest is laid side by side as it stands. */
struct logdiff *logdiff_new(const struct logbuf *b, uint32_t left_chapter,
                            uint32_t right_chapter) IW_NODISCARD;
void logdiff_free(struct logdiff *d);

#endif
