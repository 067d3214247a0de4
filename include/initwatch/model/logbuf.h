/* logbuf: log lines of one stream under a byte ceiling, with marks.
 *
 * Lines are stored raw (bytes as the cluster sent them, without the newline); whoever draws them makes
 * them harmless. When the ceiling is reached the oldest lines go, into a file when there is one, else they are counted as
 * dropped, never silently. A line costs 16 bytes beside its text.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGBUF_H
#define INITWATCH_MODEL_LOGBUF_H

#include "initwatch/base/error.h"

enum logbuf_line_kind {
    LOGBUF_TEXT,
    LOGBUF_MARK /* a sentence of ours: attempt header, gap, end */
};
struct logbuf_line {
    const char *text; /* borrowed until the next append; not NUL-terminated */
    uint32_t len;
    enum logbuf_line_kind kind;
    bool cut;         /* longer than LIMIT_LOG_LINE_BYTES, the rest was dropped */
    bool escaped;     /* it has an ESC, or a carriage return at its end */
    uint32_t sub_ns;  /* nanoseconds of the timestamp beyond wall_ms */
    int64_t wall_ms;  /* the kubelet's timestamp, IW_TIME_NONE when the line had none */
    uint16_t source;  /* caller's number of the container it is from */
    uint32_t chapter; /* id of the attempt it belongs to, 0 none */
};

/* One attempt of a container, as a chapter of the log. Header and exit line are drawn from this; they are no lines of
 * the buffer. Chapters of one source are begun in the order of their attempts; a chapter may have no line. */
struct logbuf_chapter {
    uint16_t source;
    int32_t attempt; /* from 0; -1 unknown */
    int32_t before;  /* of attempts that are missing: how many before this one it stands for, too */
    int64_t started_ms, ended_ms; /* wall, IW_TIME_NONE unknown (or still running) */
    bool ended, exit_known;
    bool tail;         /* there are older lines of it that were not asked for */
    int32_t exit_code; /* when exit_known */
    char how[96];      /* "OOMKilled", "exit 1"; "" while it runs */
    char missing
        [160]; /* why its lines are not here: "never seen", "removed by the node"; "" they are */
    uint64_t first_line; /* absolute number of its first line; kept by the buffer */
    uint64_t
        line_count; /* lines appended, also those that were dropped since; kept by the buffer */
    uint64_t mark_count; /* sentences of ours beside them; kept by the buffer */
};

struct logbuf;
struct logbuf *logbuf_new(size_t cap_bytes) IW_NODISCARD;
void logbuf_free(struct logbuf *b);
/* From now on the oldest lines go to a nameless file in dir instead of being dropped, at most spill_bytes of them. False,
 * with err, when there can be no such file. */
bool logbuf_spill_to(struct logbuf *b, const char *dir, size_t spill_bytes, struct iw_error *err);
uint64_t logbuf_spilled_bytes(const struct logbuf *b);
size_t logbuf_bytes(const struct logbuf *b); /* of memory: text and index */
/* Append one line (no newline in it). with_timestamp: the line starts with RFC3339Nano and a blank, which are
 * taken off and parsed; a line that does not is kept whole. */
void logbuf_append(struct logbuf *b, uint16_t source, const char *text, size_t len,
                   bool with_timestamp, bool cut);
/* The same for lines whose timestamp is taken off already: text, len, kind, cut, wall_ms, source and chapter are
 * copied as they are; chapter 0 means the one that was begun last for the source. */
void logbuf_put(struct logbuf *b, const struct logbuf_line *lines, size_t count);
void logbuf_mark(struct logbuf *b, uint16_t source, int64_t wall_ms, const char *fmt, ...)
    IW_PRINTF(4, 5);
void logbuf_clear(struct logbuf *b);
/* Lines held, and how many were dropped at the front since logbuf_clear. The absolute number of line i is
 * dropped + i, which stays the same when older lines go. */
size_t logbuf_count(const struct logbuf *b);
uint64_t logbuf_dropped(const struct logbuf *b);
struct logbuf_line logbuf_line(const struct logbuf *b, size_t i);
/* Begin a chapter: lines of its source belong to it from now on. info: copied; first_line and line_count are not
 * read. Returns its id, from 1, never used twice before logbuf_clear. Above LIMIT_LOG_CHAPTERS the oldest is forgotten. */
uint32_t logbuf_chapter_begin(struct logbuf *b, uint16_t source, const struct logbuf_chapter *info);
/* What became known later (its end, why it is missing). An id that is forgotten is ignored. */
void logbuf_chapter_update(struct logbuf *b, uint32_t id, const struct logbuf_chapter *info);
/* In the order they were begun; borrowed until the next begin, update or clear. */
size_t logbuf_chapter_count(const struct logbuf *b);
const struct logbuf_chapter *logbuf_chapter_at(const struct logbuf *b, size_t i);
uint32_t logbuf_chapter_id(const struct logbuf *b, size_t i); /* of chapter i */
/* By id; NULL for 0 and for one that is forgotten. */
const struct logbuf_chapter *logbuf_chapter_find(const struct logbuf *b, uint32_t id);
uint64_t
logbuf_generation(const struct logbuf *b); /* changes with every append, mark, chapter and clear */
#endif
