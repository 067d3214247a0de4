/* logbuf: lines back to back in one byte ring, with a ring of line records beside it.
 *
 * The bytes of a line never wrap: when the tail has no room, the line starts again at the front.
 * That wastes at most one line and lets every reader see a line as one piece.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"

struct line_record {
    uint32_t offset, len;
    int64_t wall_ms;
    uint32_t chapter;
    uint16_t source;
    uint8_t kind;
    bool cut;
};

struct logbuf {
    size_t cap_bytes;
    char *bytes;
    size_t bytes_allocated; /* grows up to cap_bytes, so that a short log costs little */
    size_t write_at;        /* where the next line goes */
    struct line_record *lines;
    size_t lines_allocated; /* power of two */
    size_t first, count;    /* ring of records */
    uint64_t dropped, generation;
    VEC(struct logbuf_chapter) chapters;
    uint32_t chapters_forgotten; /* chapters.items[i] has the id chapters_forgotten + i + 1 */
    VEC(uint32_t) current;       /* by source: the chapter its lines belong to */
};

enum { LOGBUF_FIRST_BYTES = 64 << 10, LOGBUF_FIRST_LINES = 1024 };

struct logbuf *
logbuf_new(size_t cap_bytes)
{
    struct logbuf *b = iw_calloc(1, sizeof(*b));
    b->cap_bytes = IW_MAX(cap_bytes, 2 * (size_t)LIMIT_LOG_LINE_BYTES);
    b->bytes_allocated = IW_MIN(b->cap_bytes, (size_t)LOGBUF_FIRST_BYTES);
    b->bytes = iw_malloc(b->bytes_allocated);
    b->lines_allocated = LOGBUF_FIRST_LINES;
    b->lines = iw_calloc(b->lines_allocated, sizeof(*b->lines));
    b->generation = 1;
    return b;
}

void
logbuf_free(struct logbuf *b)
{
    if (!b)
        return;
    free(b->bytes);
    free(b->lines);
    vec_free(&b->chapters);
    vec_free(&b->current);
    free(b);
}

static struct line_record *
record_at(const struct logbuf *b, size_t i)
{
    return &b->lines[(b->first + i) & (b->lines_allocated - 1)];
}

static void
drop_first(struct logbuf *b)
{
    b->first = (b->first + 1) & (b->lines_allocated - 1);
    b->count--;
    b->dropped++;
}

/* Can [write_at, write_at + len) be used without touching a line that is still held? */
static bool
room_at(const struct logbuf *b, size_t at, size_t len)
{
    if (at + len > b->bytes_allocated)
        return false;
    if (b->count == 0)
        return true;
    size_t oldest = record_at(b, 0)->offset;
    const struct line_record *newest = record_at(b, b->count - 1);
    bool behind = at >= newest->offset + newest->len;
    bool before = at + len <= oldest;
    bool wrapped =
        newest->offset < oldest; /* then only the gap between newest and oldest is free */
    return wrapped ? behind && before : behind || before;
}

static void
grow_bytes(struct logbuf *b)
{
    b->bytes_allocated = IW_MIN(b->bytes_allocated * 2, b->cap_bytes);
    b->bytes = iw_realloc(b->bytes, b->bytes_allocated);
}

static size_t
make_room(struct logbuf *b, size_t len)
{
    for (;;) {
        if (b->count == 0)
            b->write_at = 0;
        if (room_at(b, b->write_at, len))
            return b->write_at;
        /* Growing is only possible while nothing has wrapped yet. */
        bool wrapped = b->count && record_at(b, b->count - 1)->offset < record_at(b, 0)->offset;
        if (!wrapped && b->bytes_allocated < b->cap_bytes) {
            grow_bytes(b);
            continue;
        }
        if (!wrapped && b->write_at != 0 && room_at(b, 0, len)) {
            b->write_at = 0;
            return 0;
        }
        drop_first(b);
    }
}

static void
grow_lines(struct logbuf *b)
{
    struct line_record *lines = iw_calloc(b->lines_allocated * 2, sizeof(*lines));
    for (size_t i = 0; i < b->count; i++)
        lines[i] = *record_at(b, i);
    free(b->lines);
    b->lines = lines;
    b->lines_allocated *= 2;
    b->first = 0;
}

static struct logbuf_chapter *
chapter_of(const struct logbuf *b, uint32_t id)
{
    uint32_t i = id - b->chapters_forgotten - 1;
    return id > b->chapters_forgotten && i < b->chapters.len ? &b->chapters.items[i] : NULL;
}

/* The line that was stored last belongs to it. */
static void
count_in_chapter(struct logbuf *b, uint32_t id)
{
    struct logbuf_chapter *chapter = chapter_of(b, id);
    if (chapter && chapter->line_count++ == 0)
        chapter->first_line = b->dropped + b->count - 1;
}

static void
store_line(struct logbuf *b, struct line_record record, const char *text)
{
    /* A zero-length line still takes a byte, so that offsets tell lines apart. */
    size_t room = record.len + 1u;
    size_t at = make_room(b, room);
    memcpy(b->bytes + at, text, record.len);
    b->bytes[at + record.len] = '\0';
    record.offset = (uint32_t)at;
    b->write_at = at + room;
    if (b->count == b->lines_allocated)
        grow_lines(b);
    if (record.chapter == 0 && record.source < b->current.len)
        record.chapter = b->current.items[record.source];
    b->count++;
    *record_at(b, b->count - 1) = record;
    b->generation++;
    count_in_chapter(b, record.chapter);
}

/* Length of an RFC3339Nano stamp and its blank at the start of text, 0 when there is none. */
static size_t
timestamp_length(const char *text, size_t len, int64_t *wall_ms)
{
    const char *blank = memchr(text, ' ', IW_MIN(len, (size_t)41));
    size_t stamp = blank ? (size_t)(blank - text) : len;
    if (stamp < 20 || stamp > 40 || rfc3339_parse(text, stamp, wall_ms, NULL) != IW_OK)
        return 0;
    return blank ? stamp + 1 : stamp;
}

void
logbuf_append(struct logbuf *b, uint16_t source, const char *text, size_t len, bool with_timestamp,
              bool cut)
{
    struct line_record record = {.source = source, .kind = LOGBUF_TEXT, .wall_ms = IW_TIME_NONE};
    if (with_timestamp) {
        size_t skip = timestamp_length(text, len, &record.wall_ms);
        text += skip;
        len -= skip;
    }
    if (len > LIMIT_LOG_LINE_BYTES) {
        len = LIMIT_LOG_LINE_BYTES;
        cut = true;
    }
    record.len = (uint32_t)len;
    record.cut = cut;
    store_line(b, record, text);
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
    struct line_record record = {
        .source = source, .kind = LOGBUF_MARK, .wall_ms = wall_ms, .len = (uint32_t)len};
    store_line(b, record, text);
}

void
logbuf_put(struct logbuf *b, const struct logbuf_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct logbuf_line *line = &lines[i];
        struct line_record record = {.source = line->source,
                                     .kind = (uint8_t)line->kind,
                                     .wall_ms = line->wall_ms,
                                     .chapter = line->chapter,
                                     .len = IW_MIN(line->len, LIMIT_LOG_LINE_BYTES),
                                     .cut = line->cut || line->len > LIMIT_LOG_LINE_BYTES};
        store_line(b, record, line->text);
    }
}

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
    chapter.line_count = 0;
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
    b->first = b->count = b->write_at = 0;
    b->dropped = 0;
    b->generation++;
}

size_t
logbuf_count(const struct logbuf *b)
{
    return b->count;
}

uint64_t
logbuf_dropped(const struct logbuf *b)
{
    return b->dropped;
}

struct logbuf_line
logbuf_line(const struct logbuf *b, size_t i)
{
    if (i >= b->count)
        return (struct logbuf_line){.text = "", .wall_ms = IW_TIME_NONE};
    const struct line_record *record = record_at(b, i);
    return (struct logbuf_line){.text = b->bytes + record->offset,
                                .len = record->len,
                                .kind = (enum logbuf_line_kind)record->kind,
                                .cut = record->cut,
                                .wall_ms = record->wall_ms,
                                .source = record->source,
                                .chapter = record->chapter};
}

uint64_t
logbuf_generation(const struct logbuf *b)
{
    return b->generation;
}

static bool
has_upper(const char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            return true;
    }
    return false;
}

static unsigned char
lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool
contains(const struct logbuf_line *line, const char *needle, size_t needle_len, bool ignore_case)
{
    if (!ignore_case)
        return memmem(line->text, line->len, needle, needle_len) != NULL;
    for (size_t i = 0; i + needle_len <= line->len; i++) {
        size_t k = 0;
        while (k < needle_len && lower(line->text[i + k]) == (unsigned char)needle[k])
            k++;
        if (k == needle_len)
            return true;
    }
    return false;
}

size_t
logbuf_find(const struct logbuf *b, size_t from, int dir, const char *needle)
{
    size_t needle_len = strlen(needle);
    bool ignore_case = !has_upper(needle);
    if (needle_len == 0 || b->count == 0)
        return SIZE_MAX;
    if (dir < 0 && from >= b->count)
        from = b->count - 1;
    for (size_t i = from; i < b->count; i = dir < 0 ? i - 1 : i + 1) {
        struct logbuf_line line = logbuf_line(b, i);
        if (line.kind == LOGBUF_TEXT && contains(&line, needle, needle_len, ignore_case))
            return i;
    }
    return SIZE_MAX;
}
