/* logbuf: log lines of one stream under a byte ceiling, with marks.
 *
 * Lines are stored raw (bytes as the cluster sent them, without the newline); whoever draws them makes
 * them harmless. When the ceiling is reached the oldest lines go and are counted, never silently.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGBUF_H
#define INITWATCH_MODEL_LOGBUF_H

#include "initwatch/base/iwdef.h"

enum logbuf_line_kind {
    LOGBUF_TEXT,
    LOGBUF_MARK /* a sentence of ours: attempt header, gap, end */
};
struct logbuf_line {
    const char *text; /* borrowed until the next append; not NUL-terminated */
    uint32_t len;
    enum logbuf_line_kind kind;
    bool cut;        /* longer than LIMIT_LOG_LINE_BYTES, the rest was dropped */
    int64_t wall_ms; /* the kubelet's timestamp, IW_TIME_NONE when the line had none */
    uint16_t source; /* caller's number of the container it is from */
};

struct logbuf;
struct logbuf *logbuf_new(size_t cap_bytes) IW_NODISCARD;
void logbuf_free(struct logbuf *b);
/* Append one line (no newline in it). with_timestamp: the line starts with RFC3339Nano and a blank, which are
 * taken off and parsed; a line that does not is kept whole. */
void logbuf_append(struct logbuf *b, uint16_t source, const char *text, size_t len,
                   bool with_timestamp, bool cut);
void logbuf_mark(struct logbuf *b, uint16_t source, int64_t wall_ms, const char *fmt, ...)
    IW_PRINTF(4, 5);
void logbuf_clear(struct logbuf *b);
/* Lines held, and how many were dropped at the front since logbuf_clear. The absolute number of line i is
 * dropped + i, which stays the same when older lines go. */
size_t logbuf_count(const struct logbuf *b);
uint64_t logbuf_dropped(const struct logbuf *b);
struct logbuf_line logbuf_line(const struct logbuf *b, size_t i);
uint64_t logbuf_generation(const struct logbuf *b); /* changes with every append, mark and clear */
/* Next line at or after (dir > 0) / at or before (dir < 0) `from` whose text contains needle; case is ignored
 * when needle has no upper-case ASCII letter. SIZE_MAX when none. */
size_t logbuf_find(const struct logbuf *b, size_t from, int dir, const char *needle);

#endif
