/* logtally: a queue of sources, and their counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "logtally.h"

#include <string.h>

void
logtally_free(struct logtally *t)
{
    vec_free(&t->hits);
}

void
logtally_reset(struct logtally *t)
{
    vec_clear(&t->hits);
    t->gone = 0;
    memset(t->of, 0, sizeof(t->of));
}

void
logtally_push(struct logtally *t, uint16_t source)
{
    vec_push(&t->hits, source);
    if (source < LOGLENS_SOURCES_MAX)
        t->of[source]++;
}

static void
take_back(struct logtally *t, uint16_t source)
{
    if (source < LOGLENS_SOURCES_MAX)
        t->of[source]--;
}

void
logtally_drop_first(struct logtally *t, uint64_t count)
{
    for (; count > 0 && t->gone < t->hits.len; count--)
        take_back(t, t->hits.items[t->gone++]);
    /* Moving the rest is worth it when half of it is gone. */
    if (t->gone * 2 < t->hits.len || t->gone == 0)
        return;
    t->hits.len -= t->gone;
    memmove(t->hits.items, t->hits.items + t->gone, t->hits.len * sizeof(t->hits.items[0]));
    t->gone = 0;
}

void
logtally_drop_last(struct logtally *t, uint64_t count)
{
    for (; count > 0 && t->hits.len > t->gone; count--)
        take_back(t, t->hits.items[--t->hits.len]);
}
