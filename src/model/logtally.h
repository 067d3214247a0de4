/* logtally: how many hits of a search each source has. The source of every hit is kept, in the order of the lines, so that
 * hits whose lines are gone can be taken back without the lines.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGTALLY_H
#define INITWATCH_MODEL_LOGTALLY_H

#include "initwatch/base/vec.h"
#include "initwatch/model/loglens.h"

/* `= {0}` has no hits. Two bytes a hit. */
struct logtally {
    VEC(uint16_t) hits; /* their sources; those before `gone` do not count any more */
    size_t gone;
    uint64_t of[LOGLENS_SOURCES_MAX]; /* hits of each source; of higher ones nobody asks */
};
void logtally_free(struct logtally *t);
void logtally_reset(struct logtally *t);
/* One hit behind all others. */
void logtally_push(struct logtally *t, uint16_t source);
/* Take the first, or the last, `count` hits back; at most as many as there are. */
void logtally_drop_first(struct logtally *t, uint64_t count);
void logtally_drop_last(struct logtally *t, uint64_t count);

#endif
