/* log_hold: records that point into one block of bytes, sorted when they are handed on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_hold.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"

enum { MS_PER_SECOND = 1000 };

void
log_hold_init(struct log_hold *h)
{
    *h = (struct log_hold){0};
    strbuf_init(&h->bytes, LIMIT_LOG_HOLD_BYTES);
}

void
log_hold_free(struct log_hold *h)
{
    strbuf_free(&h->bytes);
    free(h->items);
    free(h->last_ms);
    log_hold_init(h);
}

static int64_t *
last_of(struct log_hold *h, uint16_t source)
{
    if (source >= h->sources) {
        size_t sources = (size_t)source + 1;
        h->last_ms = iw_reallocarray(h->last_ms, sources, sizeof(*h->last_ms));
        while (h->sources < sources)
            h->last_ms[h->sources++] = INT64_MIN;
    }
    return &h->last_ms[source];
}

bool
log_hold_add(struct log_hold *h, const struct logbuf_line *line, size_t stamp_len, bool newline,
             struct log_hold_mark mark)
{
    size_t at = h->bytes.len;
    if (at + stamp_len + line->len > LIMIT_LOG_HOLD_BYTES ||
        !strbuf_add(&h->bytes, line->text - stamp_len, stamp_len + line->len))
        return false;
    int64_t *before_ms = last_of(h, line->source);
    int64_t wall_ms = line->wall_ms == IW_TIME_NONE ? *before_ms : line->wall_ms;
    if (line->kind == LOGBUF_TEXT) {
        wall_ms = IW_MAX(wall_ms, *before_ms); /* a stream keeps its own order */
        *before_ms = wall_ms;
    }
    if (h->len == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 256;
        h->items = iw_reallocarray(h->items, h->cap, sizeof(*h->items));
    }
    h->items[h->len] = (struct log_held){.at = at,
                                         .order = h->len,
                                         .len = line->len,
                                         .chapter = line->chapter,
                                         .wall_ms = wall_ms,
                                         .shown_ms = line->wall_ms,
                                         .came_ms = h->now_ms,
                                         .sub_ns = line->sub_ns,
                                         .source = line->source,
                                         .kind = (uint8_t)line->kind,
                                         .cut = line->cut,
                                         .newline = newline,
                                         .place = (uint8_t)mark.place,
                                         .pod = mark.pod,
                                         .stamp_len = (uint8_t)stamp_len};
    h->len++;
    return true;
}

void
log_hold_at(struct log_hold *h, int64_t now_ms)
{
    h->now_ms = now_ms;
}

static int
compare(const void *a, const void *b)
{
    const struct log_held *l = a, *r = b;
    if (l->wall_ms != r->wall_ms)
        return l->wall_ms < r->wall_ms ? -1 : 1;
    bool l_after = l->place == LOG_HOLD_AFTER, r_after = r->place == LOG_HOLD_AFTER;
    if (l_after != r_after)
        return l_after ? 1 : -1;
    if (l->source != r->source)
        return l->source < r->source ? -1 : 1;
    return l->order < r->order ? -1 : 1;
}

static bool
in_order(const struct log_hold *h)
{
    for (size_t i = 1; i < h->len; i++) {
        if (compare(&h->items[i - 1], &h->items[i]) > 0)
            return false;
    }
    return true;
}

/* --- marks that are known to the second --- */

static int
compare_places(const void *a, const void *b)
{
    const struct log_held *l = *(struct log_held *const *)a, *r = *(struct log_held *const *)b;
    if (l->pod != r->pod)
        return l->pod < r->pod ? -1 : 1;
    if (l->source != r->source)
        return l->source < r->source ? -1 : 1;
    return l->order < r->order ? -1 : l->order > r->order;
}

/* Not before `floor_ms`, when that is of the second in which the mark is. */
static void
settle(struct log_held *mark, int64_t floor_ms)
{
    bool whole = mark->wall_ms % MS_PER_SECOND == 0;
    if (!whole || floor_ms <= mark->wall_ms || floor_ms - mark->wall_ms >= MS_PER_SECOND)
        return;
    mark->wall_ms = mark->shown_ms = floor_ms;
}

/* Along the start order of each pod: what waited for another stands behind it. A mark that has the time of a line keeps it. */
static void
settle_places(struct log_hold *h)
{
    VEC(struct log_held *) marks = {0};
    for (size_t i = 0; i < h->len; i++) {
        if (h->items[i].place != LOG_HOLD_AS_TIMED && h->items[i].place != LOG_HOLD_AFTER)
            vec_push(&marks, &h->items[i]);
    }
    if (marks.len > 1)
        qsort(marks.items, marks.len, sizeof(*marks.items), compare_places);
    int64_t pod_ms = INT64_MIN, own_ms = INT64_MIN;
    for (size_t i = 0; i < marks.len; i++) {
        struct log_held *mark = marks.items[i];
        const struct log_held *before = i > 0 ? marks.items[i - 1] : mark;
        if (mark->pod != before->pod)
            pod_ms = INT64_MIN;
        if (mark->source != before->source)
            own_ms = INT64_MIN;
        settle(mark, mark->place == LOG_HOLD_START ? IW_MAX(pod_ms, own_ms) : own_ms);
        own_ms = mark->wall_ms;
        if (mark->place == LOG_HOLD_START || mark->place == LOG_HOLD_END_STEP)
            pod_ms = IW_MAX(pod_ms, mark->wall_ms);
    }
    vec_free(&marks);
}

/* The records from `from` on and their bytes move to the front. */
static void
keep_rest(struct log_hold *h, size_t from)
{
    struct strbuf bytes;
    strbuf_init(&bytes, LIMIT_LOG_HOLD_BYTES);
    for (size_t i = from; i < h->len; i++) {
        struct log_held *held = &h->items[i];
        size_t at = bytes.len;
        strbuf_add(&bytes, h->bytes.data + held->at, (size_t)held->stamp_len + held->len);
        held->at = at;
        held->order = i - from;
        h->items[i - from] = *held;
    }
    h->len -= from;
    strbuf_free(&h->bytes);
    h->bytes = bytes;
}

void
log_hold_flush(struct log_hold *h, int64_t upto_ms, int64_t came_ms,
               void (*line)(void *ctx, const struct logbuf_line *line, size_t stamp_len,
                            bool newline),
               void *ctx)
{
    settle_places(h);
    if (!in_order(h))
        qsort(h->items, h->len, sizeof(*h->items), compare);
    size_t i = 0, end = h->len;
    while (end > 0 && h->items[end - 1].came_ms > came_ms)
        end--;
    for (; i < end && h->items[i].wall_ms <= upto_ms; i++) {
        const struct log_held *held = &h->items[i];
        const struct logbuf_line out = {.text = h->bytes.data + held->at + held->stamp_len,
                                        .len = held->len,
                                        .kind = (enum logbuf_line_kind)held->kind,
                                        .cut = held->cut,
                                        .wall_ms = held->shown_ms,
                                        .sub_ns = held->sub_ns,
                                        .source = held->source,
                                        .chapter = held->chapter};
        line(ctx, &out, held->stamp_len, held->newline);
    }
    if (i == h->len) {
        h->len = 0;
        strbuf_clear(&h->bytes);
    } else if (i > 0) {
        keep_rest(h, i);
    }
}
