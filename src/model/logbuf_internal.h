/* logbuf_internal: how lines lie in memory, for the buffer itself and for those that read all of it (logmatch, loglens).
 *
 * Lines stand back to back in segments, each followed by a newline, so that a search runs over a whole segment at once. A
 * line costs 16 bytes beside its text.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGBUF_INTERNAL_H
#define INITWATCH_MODEL_LOGBUF_INTERNAL_H

#include "initwatch/model/logbuf.h"

enum { LOGBUF_OFFSET_BITS = 21, LOGBUF_SOURCE_BITS = 16, LOGBUF_SUB_NS_BITS = 20 };

struct line_record {
    uint64_t offset
        : LOGBUF_OFFSET_BITS; /* of its text in the segment; it ends before the next line's newline */
    uint64_t sub_ns : LOGBUF_SUB_NS_BITS; /* nanoseconds beyond the millisecond */
    uint64_t source : LOGBUF_SOURCE_BITS;
    uint64_t mark : 1;    /* LOGBUF_MARK */
    uint64_t cut : 1;     /* longer than was kept */
    uint64_t escaped : 1; /* its text has an ESC */
    uint64_t timed : 1;   /* dt_ms means something */
    uint64_t level : 3;   /* enum log_level + 1; 0: nobody asked yet */
    int32_t dt_ms;        /* from base_ms of the segment */
    uint32_t chapter;     /* index + 1; 0: of none */
};

struct log_segment {
    char *bytes;
    size_t used, allocated;
    struct line_record *lines;
    uint32_t count, lines_allocated;
    uint64_t first_line; /* absolute number of lines[0] */
    int64_t base_ms;     /* IW_TIME_NONE: no line has a time yet */
    bool special; /* some line is a mark or has an ESC: its bytes are not all text as it is seen */
    bool mapped;  /* bytes are a read-only map of the spill file */
};

/* The segment that has the line of this absolute number; NULL when it is not held. */
struct log_segment *logbuf_segment(const struct logbuf *b, uint64_t line);
static inline size_t
segment_line_len(const struct log_segment *s, uint32_t i)
{
    size_t end = i + 1 < s->count ? s->lines[i + 1].offset : s->used;
    return end - s->lines[i].offset - 1;
}
/* The line whose text or newline holds the byte at `offset`, searched from line `from` on. */
uint32_t segment_line_at(const struct log_segment *s, size_t offset, uint32_t from);
/* A spilled segment was read to its end: its pages need not stay in memory. */
void logbuf_segment_done(const struct logbuf *b, const struct log_segment *s);

#endif
