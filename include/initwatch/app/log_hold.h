/* log_hold: lines of several streams put in order of time before they are shown.
 *
 * Each stream is in order by itself; between streams a line may be on its way while a later one of another is here already.
 * Lines are held for a moment and handed on sorted by time, those of one moment by their source's number (start order), those of one
 * source as they came.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_HOLD_H
#define INITWATCH_APP_LOG_HOLD_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/logbuf.h"

struct log_held {
    size_t at; /* of its bytes */
    size_t order;
    uint32_t len, chapter, sub_ns;
    int64_t wall_ms;  /* what it is sorted by */
    int64_t shown_ms; /* the line's own, IW_TIME_NONE when it has none */
    uint16_t source;
    uint8_t kind;
    bool cut, newline, last; /* last: behind all others of its second */
    uint8_t stamp_len;
};
struct log_hold {
    struct strbuf bytes;
    struct log_held *items;
    size_t len, cap;
    int64_t *last_ms; /* by source: a line without a time stands behind the line before it */
    size_t sources;
};

void log_hold_init(struct log_hold *h);
void log_hold_free(struct log_hold *h);
/* Keep a copy. stamp_len bytes before line->text belong to it. False when there is no room (LIMIT_LOG_HOLD_BYTES): flush
 * first. last: a mark that ends a second (a container's end is known to the second; its lines come before). */
bool log_hold_add(struct log_hold *h, const struct logbuf_line *line, size_t stamp_len,
                  bool newline, bool last);
/* Hand on what is held up to upto_ms (INT64_MAX: everything), in order; the rest stays. */
void log_hold_flush(struct log_hold *h, int64_t upto_ms,
                    void (*line)(void *ctx, const struct logbuf_line *line, size_t stamp_len,
                                 bool newline),
                    void *ctx);

#endif
