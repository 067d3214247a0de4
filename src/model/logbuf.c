/* logbuf: segments of up to a megabyte, the newest being written to.
 *
 * When the ceiling is reached the oldest segment goes as a whole: into the spill file when there is one, else its lines
 * are counted as dropped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"
#include "logbuf_internal.h"
#include "logspill.h"

enum {
    SEGMENT_BYTES_MAX = 1 << 20,
    SEGMENT_BYTES_MIN = 16 << 10,
    SEGMENT_FIRST_BYTES = 4 << 10,
    SEGMENT_FIRST_LINES = 64,
    STAMP_SECONDS_LEN = 19, /* "2025-11-15T10:53:41" */
    NS_PER_MS = 1000000,
};

struct logbuf {
    size_t cap_bytes, segment_bytes;
    size_t held_bytes; /* text and index of all segments that are in memory */
    VEC(struct log_segment *) segments;
    size_t spilled;         /* so many of the oldest are in the spill file */
    struct logspill *spill; /* NULL: none */
    size_t looked_at;       /* segment of the last line that was asked for */
    uint64_t count, dropped, generation;
    struct {
        char text[STAMP_SECONDS_LEN + 1];
        int64_t wall_ms;
    } second; /* the timestamp parsed last: most lines are of the same second as the line before */
    VEC(struct logbuf_chapter) chapters;
    uint32_t chapters_forgotten; /* chapters.items[i] has the id chapters_forgotten + i + 1 */
    VEC(uint32_t) current;       /* by source: the chapter its lines belong to */
};

struct logbuf *
logbuf_new(size_t cap_bytes)
{
    struct logbuf *b = iw_calloc(1, sizeof(*b));
    b->cap_bytes = IW_MAX(cap_bytes, 2 * (size_t)LIMIT_LOG_LINE_BYTES);
    b->segment_bytes =
        IW_MIN(IW_MAX(b->cap_bytes / 16, (size_t)SEGMENT_BYTES_MIN), (size_t)SEGMENT_BYTES_MAX);
    b->generation = 1;
    return b;
}

static void
segment_free(const struct logbuf *b, struct log_segment *s)
{
    if (s->mapped) {
        logspill_unmap(b->spill, s->bytes, s->allocated);
    } else {
        free(s->bytes);
        free(s->lines);
    }
    free(s);
}

void
logbuf_free(struct logbuf *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->segments.len; i++)
        segment_free(b, b->segments.items[i]);
    vec_free(&b->segments);
    vec_free(&b->chapters);
    vec_free(&b->current);
    logspill_free(b->spill);
    free(b);
}

/* Half as much index as text at most: a segment of empty lines is small. */
static size_t
segment_lines_max(const struct logbuf *b)
{
    return b->segment_bytes / (2 * sizeof(struct line_record));
}

bool
logbuf_spill_to(struct logbuf *b, const char *dir, size_t spill_bytes, struct iw_error *err)
{
    if (!b->spill)
        b->spill = logspill_new(dir, spill_bytes,
                                b->segment_bytes + LIMIT_LOG_LINE_BYTES +
                                    segment_lines_max(b) * sizeof(struct line_record),
                                err);
    return b->spill != NULL;
}

uint64_t
logbuf_spilled_bytes(const struct logbuf *b)
{
    return b->spill ? logspill_used(b->spill) : 0;
}

/* --- segments --- */

static size_t
segment_cost(const struct log_segment *s)
{
    return s->mapped ? 0 : s->used + s->count * sizeof(*s->lines);
}

static void
drop_segment(struct logbuf *b)
{
    struct log_segment *s = b->segments.items[0];
    b->held_bytes -= segment_cost(s);
    b->dropped += s->count;
    b->count -= s->count;
    segment_free(b, s);
    vec_remove(&b->segments, 0);
    b->spilled -= b->spilled > 0;
    b->looked_at = 0;
}

/* The oldest segment that is in memory goes to the file; false when there is none, or no room in it. */
static bool
spill_segment(struct logbuf *b)
{
    if (!b->spill || b->spilled + 1 >= b->segments.len)
        return false;
    struct log_segment *s = b->segments.items[b->spilled];
    size_t mapped_bytes = 0;
    char *mapped = logspill_write(b->spill, s->bytes, s->used, s->lines,
                                  s->count * sizeof(*s->lines), &mapped_bytes);
    if (!mapped)
        return false;
    b->held_bytes -= segment_cost(s);
    free(s->bytes);
    free(s->lines);
    s->bytes = mapped;
    s->lines = (struct line_record *)(void *)(mapped + logspill_index_at(s->used));
    s->allocated = mapped_bytes;
    s->mapped = true;
    b->spilled++;
    return true;
}

/* The newest segment is full: it keeps no room, and a new one begins. */
static struct log_segment *
begin_segment(struct logbuf *b)
{
    if (b->segments.len > 0) {
        struct log_segment *full = b->segments.items[b->segments.len - 1];
        full->bytes = iw_realloc(full->bytes, full->used);
        full->allocated = full->used;
        full->lines = iw_reallocarray(full->lines, full->count, sizeof(*full->lines));
        full->lines_allocated = full->count;
    }
    struct log_segment *s = iw_calloc(1, sizeof(*s));
    s->first_line = b->dropped + b->count;
    s->base_ms = IW_TIME_NONE;
    vec_push(&b->segments, s);
    return s;
}

static bool
fits(const struct logbuf *b, const struct log_segment *s, size_t room, int64_t wall_ms)
{
    if (s->count > 0 && (s->used + room > b->segment_bytes || s->count >= segment_lines_max(b)))
        return false;
    if (wall_ms == IW_TIME_NONE || s->base_ms == IW_TIME_NONE)
        return true;
    int64_t dt_ms;
    return !__builtin_sub_overflow(wall_ms, s->base_ms, &dt_ms) && dt_ms >= INT32_MIN &&
           dt_ms <= INT32_MAX;
}

/* Where the next line goes. */
static struct log_segment *
make_room(struct logbuf *b, size_t room, int64_t wall_ms)
{
    struct log_segment *s = b->segments.len ? b->segments.items[b->segments.len - 1] : NULL;
    if (!s || !fits(b, s, room, wall_ms))
        s = begin_segment(b);
    while (b->held_bytes + room + sizeof(struct line_record) > b->cap_bytes &&
           b->segments.len > 1 && !spill_segment(b))
        drop_segment(b);
    if (s->used + room > s->allocated) {
        size_t grown = IW_MAX(s->allocated * 2, (size_t)SEGMENT_FIRST_BYTES);
        s->allocated = IW_MAX(IW_MIN(grown, b->segment_bytes), s->used + room);
        s->bytes = iw_realloc(s->bytes, s->allocated);
    }
    if (s->count == s->lines_allocated) {
        s->lines_allocated = IW_MAX(s->lines_allocated * 2, (uint32_t)SEGMENT_FIRST_LINES);
        s->lines = iw_reallocarray(s->lines, s->lines_allocated, sizeof(*s->lines));
    }
    return s;
}

/* A moment as it stands before a line. */
struct stamp {
    int64_t wall_ms; /* IW_TIME_NONE: none */
    uint32_t sub_ns;
};

static struct logbuf_chapter *
chapter_of(const struct logbuf *b, uint32_t id)
{
    uint32_t i = id - b->chapters_forgotten - 1;
    return id > b->chapters_forgotten && i < b->chapters.len ? &b->chapters.items[i] : NULL;
}

/* The line that was stored last belongs to it. */
static void
count_in_chapter(struct logbuf *b, uint32_t id, bool mark)
{
    struct logbuf_chapter *chapter = chapter_of(b, id);
    if (!chapter)
        return;
    if (chapter->line_count + chapter->mark_count == 0)
        chapter->first_line = b->dropped + b->count - 1;
    chapter->line_count += !mark;
    chapter->mark_count += mark;
}

static void
store_line(struct logbuf *b, struct line_record record, struct stamp at, const char *text,
           size_t len)
{
    struct log_segment *s = make_room(b, len + 1, at.wall_ms);
    record.offset = s->used & ((1u << LOGBUF_OFFSET_BITS) - 1);
    if (record.chapter == 0 && record.source < b->current.len)
        record.chapter = b->current.items[record.source];
    if (at.wall_ms != IW_TIME_NONE) {
        if (s->base_ms == IW_TIME_NONE)
            s->base_ms = at.wall_ms;
        record.dt_ms = (int32_t)(at.wall_ms - s->base_ms);
        record.sub_ns = at.sub_ns & ((1u << LOGBUF_SUB_NS_BITS) - 1);
        record.timed = 1;
    }
    if (len > 0)
        memcpy(s->bytes + s->used, text, len);
    s->bytes[s->used + len] = '\n';
    s->used += len + 1;
    s->lines[s->count++] = record;
    s->special |= record.mark || record.escaped;
    b->held_bytes += len + 1 + sizeof(record);
    b->count++;
    b->generation++;
    count_in_chapter(b, record.chapter, record.mark);
}

/* --- timestamps --- */

/* ".733182411" at text: how many bytes it takes, and what it is in milliseconds and the rest. */
static size_t
fraction_length(const char *text, size_t len, uint32_t *ms, uint32_t *sub_ns)
{
    uint32_t ns = 0, unit = 100 * NS_PER_MS;
    size_t at = 0;
    if (len > 0 && text[0] == '.')
        for (at = 1; at < len && text[at] >= '0' && text[at] <= '9'; at++, unit /= 10)
            ns += (uint32_t)(text[at] - '0') * unit;
    *ms = ns / NS_PER_MS;
    *sub_ns = ns % NS_PER_MS;
    return at;
}

/* Length of an RFC3339Nano stamp and its blank at the start of text, 0 when there is none. */
static size_t
timestamp_length(struct logbuf *b, const char *text, size_t len, struct stamp *at)
{
    uint32_t ms;
    size_t end;
    if (len > STAMP_SECONDS_LEN && memcmp(text, b->second.text, STAMP_SECONDS_LEN) == 0) {
        end = STAMP_SECONDS_LEN +
              fraction_length(text + STAMP_SECONDS_LEN, len - STAMP_SECONDS_LEN, &ms, &at->sub_ns);
        if (end < len && text[end] == 'Z' && (end + 1 == len || text[end + 1] == ' ')) {
            at->wall_ms = b->second.wall_ms + ms;
            return IW_MIN(end + 2, len);
        }
    }
    const char *blank = memchr(text, ' ', IW_MIN(len, (size_t)41));
    end = blank ? (size_t)(blank - text) : len;
    if (end < 20 || end > 40 || rfc3339_parse(text, end, &at->wall_ms, NULL) != IW_OK)
        return 0;
    (void)fraction_length(text + STAMP_SECONDS_LEN, end - STAMP_SECONDS_LEN, &ms, &at->sub_ns);
    if (text[end - 1] == 'Z') {
        memcpy(b->second.text, text, STAMP_SECONDS_LEN);
        b->second.wall_ms = at->wall_ms - ms;
    }
    return blank ? end + 1 : end;
}

/* --- lines --- */

/* Text whose timestamp is taken off. */
static void
store_text(struct logbuf *b, struct line_record record, struct stamp at, const char *text,
           size_t len)
{
    record.cut |= len > LIMIT_LOG_LINE_BYTES;
    len = IW_MIN(len, (size_t)LIMIT_LOG_LINE_BYTES);
    record.escaped = len > 0 && (text[len - 1] == '\r' || memchr(text, '\x1b', len) != NULL);
    store_line(b, record, at, text, len);
}

void
logbuf_append(struct logbuf *b, uint16_t source, const char *text, size_t len, bool with_timestamp,
              bool cut)
{
    struct stamp at = {.wall_ms = IW_TIME_NONE};
    size_t skip = with_timestamp ? timestamp_length(b, text, len, &at) : 0;
    store_text(b, (struct line_record){.source = source, .cut = cut}, at, text + skip, len - skip);
}

void
logbuf_put(struct logbuf *b, const struct logbuf_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct logbuf_line *line = &lines[i];
        struct line_record record = {.source = line->source,
                                     .mark = line->kind == LOGBUF_MARK,
                                     .chapter = line->chapter,
                                     .cut = line->cut};
        struct stamp at = {.wall_ms = line->wall_ms, .sub_ns = line->sub_ns};
        store_text(b, record, at, line->text, line->len);
    }
}

void
logbuf_mark(struct logbuf *b, uint16_t source, int64_t wall_ms, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    len = IW_MIN(IW_MAX(len, 0), (int)sizeof(text) - 1);
    struct line_record record = {.source = source, .mark = 1};
    store_line(b, record, (struct stamp){.wall_ms = wall_ms}, text, (size_t)len);
}

/* --- chapters --- */

uint32_t
logbuf_chapter_begin(struct logbuf *b, uint16_t source, const struct logbuf_chapter *info)
{
    if (b->chapters.len == LIMIT_LOG_CHAPTERS) {
        b->chapters.len--;
        memmove(b->chapters.items, b->chapters.items + 1,
                b->chapters.len * sizeof(*b->chapters.items));
        b->chapters_forgotten++;
    }
    struct logbuf_chapter chapter = *info;
    chapter.source = source;
    chapter.first_line = b->dropped + b->count;
    chapter.line_count = chapter.mark_count = 0;
    vec_push(&b->chapters, chapter);
    while (b->current.len <= source)
        vec_push(&b->current, 0);
    b->generation++;
    return b->current.items[source] = b->chapters_forgotten + (uint32_t)b->chapters.len;
}

void
logbuf_chapter_update(struct logbuf *b, uint32_t id, const struct logbuf_chapter *info)
{
    struct logbuf_chapter *chapter = chapter_of(b, id);
    if (!chapter)
        return;
    struct logbuf_chapter kept = *chapter;
    *chapter = *info;
    chapter->source = kept.source;
    chapter->first_line = kept.first_line;
    chapter->line_count = kept.line_count;
    chapter->mark_count = kept.mark_count;
    b->generation++;
}

size_t
logbuf_chapter_count(const struct logbuf *b)
{
    return b->chapters.len;
}

const struct logbuf_chapter *
logbuf_chapter_at(const struct logbuf *b, size_t i)
{
    return i < b->chapters.len ? &b->chapters.items[i] : NULL;
}

uint32_t
logbuf_chapter_id(const struct logbuf *b, size_t i)
{
    return i < b->chapters.len ? b->chapters_forgotten + (uint32_t)i + 1 : 0;
}

const struct logbuf_chapter *
logbuf_chapter_find(const struct logbuf *b, uint32_t id)
{
    return chapter_of(b, id);
}

void
logbuf_clear(struct logbuf *b)
{
    vec_clear(&b->chapters);
    vec_clear(&b->current);
    b->chapters_forgotten = 0;
    while (b->segments.len > 0)
        drop_segment(b);
    b->dropped = b->count = 0;
    b->generation++;
}

size_t
logbuf_count(const struct logbuf *b)
{
    return (size_t)b->count;
}

uint64_t
logbuf_dropped(const struct logbuf *b)
{
    return b->dropped;
}

uint64_t
logbuf_generation(const struct logbuf *b)
{
    return b->generation;
}

size_t
logbuf_bytes(const struct logbuf *b)
{
    return b->held_bytes;
}

/* --- looking --- */

static bool
has_line(const struct log_segment *s, uint64_t line)
{
    return line >= s->first_line && line - s->first_line < s->count;
}

struct log_segment *
logbuf_segment(const struct logbuf *b, uint64_t line)
{
    if (line < b->dropped || line - b->dropped >= b->count)
        return NULL;
    if (b->looked_at < b->segments.len && has_line(b->segments.items[b->looked_at], line))
        return b->segments.items[b->looked_at];
    size_t low = 0, high = b->segments.len - 1;
    while (low < high) {
        size_t mid = (low + high + 1) / 2;
        if (b->segments.items[mid]->first_line <= line)
            low = mid;
        else
            high = mid - 1;
    }
    ((struct logbuf *)b)->looked_at = low; /* a cache: what is held stays as it is */
    return b->segments.items[low];
}

uint32_t
segment_line_at(const struct log_segment *s, size_t offset, uint32_t from)
{
    /* Hits are near each other: steps that double, then halving between the last two. */
    uint32_t low = from, step = 1;
    while (low + step < s->count && s->lines[low + step].offset <= offset) {
        low += step;
        step *= 2;
    }
    uint32_t high = IW_MIN(low + step, s->count) - 1;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (s->lines[mid].offset <= offset)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

void
logbuf_segment_done(const struct logbuf *b, const struct log_segment *s)
{
    if (s->mapped)
        logspill_forget(b->spill, s->bytes, s->allocated);
}

struct logbuf_line
logbuf_line(const struct logbuf *b, size_t i)
{
    const struct log_segment *s = logbuf_segment(b, b->dropped + i);
    if (!s)
        return (struct logbuf_line){.text = "", .wall_ms = IW_TIME_NONE};
    uint32_t at = (uint32_t)(b->dropped + i - s->first_line);
    const struct line_record *r = &s->lines[at];
    return (struct logbuf_line){.text = s->bytes + r->offset,
                                .len = (uint32_t)segment_line_len(s, at),
                                .kind = r->mark ? LOGBUF_MARK : LOGBUF_TEXT,
                                .cut = r->cut,
                                .escaped = r->escaped,
                                .wall_ms = r->timed ? s->base_ms + r->dt_ms : IW_TIME_NONE,
                                .sub_ns = r->sub_ns,
                                .source = (uint16_t)r->source,
                                .chapter = r->chapter};
}
