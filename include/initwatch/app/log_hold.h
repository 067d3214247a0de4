/* log_hold: lines of several streams put in order of time before they are shown.
 *
 * Each stream is in order by itself; between streams a line may be on its way while a later one of another is here already.
 * Lines are held for a moment and handed on sorted by time, those of one moment by their source's number (start order), those of one
 * source as they came. Kubernetes tells starts and ends in whole seconds: within its second such a mark stands where cause and
 * effect allow it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_HOLD_H
#define INITWATCH_APP_LOG_HOLD_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/logbuf.h"

/* What a record is to the order of containers. */
enum log_hold_place {
    LOG_HOLD_AS_TIMED,
    LOG_HOLD_START, /* a first start: nothing of the pod that comes before it in start order starts or ends later */
    LOG_HOLD_RESTART, /* behind the end of the run before, nothing more is known */
    LOG_HOLD_END_STEP, /* the end of an init step: what comes after it in start order waited for it */
    LOG_HOLD_END,
    LOG_HOLD_AFTER, /* behind everything else of its moment */
};
struct log_hold_mark {
    enum log_hold_place place;
    uint16_t pod; /* places are compared within one pod only */
};

struct log_held {
    size_t at; /* of its bytes */
    size_t order;
    uint32_t len, chapter, sub_ns;
    int64_t wall_ms;  /* what it is sorted by */
    int64_t shown_ms; /* the line's own, IW_TIME_NONE when it has none */
    int64_t came_ms;
    uint16_t source, pod;
    uint8_t kind, place, stamp_len;
    bool cut, newline;
};
struct log_hold {
    struct strbuf bytes;
    struct log_held *items;
    size_t len, cap;
    int64_t *last_ms; /* by source: a line without a time stands behind the line before it */
    size_t sources;
    int64_t now_ms; /* see log_hold_at */
};

void log_hold_init(struct log_hold *h);
void log_hold_free(struct log_hold *h);
/* Keep a copy. stamp_len bytes before line->text belong to it. False when there is no room (LIMIT_LOG_HOLD_BYTES): flush
 * first. mark: {0} for lines. */
bool log_hold_add(struct log_hold *h, const struct logbuf_line *line, size_t stamp_len,
                  bool newline, struct log_hold_mark mark);
/* What is added from now on came at now_ms (monotonic). */
void log_hold_at(struct log_hold *h, int64_t now_ms);
/* Hand on what is held, in order, up to the time upto_ms and to the last record that came at came_ms or before (INT64_MAX:
 * everything); the rest stays. With came_ms = now - wait each record waits so long for those that belong before it. */
void log_hold_flush(struct log_hold *h, int64_t upto_ms, int64_t came_ms,
                    void (*line)(void *ctx, const struct logbuf_line *line, size_t stamp_len,
                                 bool newline),
                    void *ctx);

#endif
