/* log_seen: a window of line hashes, matched in order when a stream is read again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_seen.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"

enum {
    SEEN_FIRST_LINES = 256,
    /* Two writers of one log (stdout, stderr) take their time before they write: this far apart at most. */
    SEEN_DISORDER_MS = 100,
    /* A line that is not the next one may be further on (the log was rotated in between): this far it is looked for each
     * time, and this often through the whole window. A server that sends rubbish costs no more than that. */
    SEEN_LOOK_AHEAD = 512,
    SEEN_FULL_SEARCHES = 16,
    SEEN_AGAIN = 1, /* bit of log_seen_line.hash */
};

void
log_seen_init(struct log_seen *s)
{
    *s = (struct log_seen){.newest_ms = IW_TIME_NONE};
}

void
log_seen_free(struct log_seen *s)
{
    free(s->ring);
    log_seen_init(s);
}

uint64_t
log_seen_hash(const char *text, size_t len)
{
    uint64_t hash = 0x9E3779B97F4A7C15u ^ len;
    for (; len >= 8; text += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, text, sizeof(word));
        hash = (hash ^ word) * 0xBF58476D1CE4E5B9u;
        hash ^= hash >> 29;
    }
    uint64_t rest = 0;
    memcpy(&rest, text, len);
    hash = (hash ^ rest) * 0x94D049BB133111EBu;
    return (hash ^ hash >> 32) & ~(uint64_t)SEEN_AGAIN;
}

static struct log_seen_line *
seen_at(const struct log_seen *s, size_t i)
{
    return &s->ring[(s->first + i) & (s->allocated - 1)];
}

/* The whole second to ask from when the newest line is of newest_ms. */
static int64_t
window_start(int64_t newest_ms)
{
    int64_t from_ms = newest_ms - SEEN_DISORDER_MS;
    int64_t rest_ms = from_ms % 1000;
    return from_ms - (rest_ms < 0 ? rest_ms + 1000 : rest_ms);
}

static void
grow(struct log_seen *s)
{
    size_t allocated = s->allocated ? s->allocated * 2 : SEEN_FIRST_LINES;
    struct log_seen_line *ring = iw_calloc(allocated, sizeof(*ring));
    for (size_t i = 0; i < s->count; i++)
        ring[i] = *seen_at(s, i);
    free(s->ring);
    s->ring = ring;
    s->allocated = allocated;
    s->first = 0;
}

static void
drop_front(struct log_seen *s)
{
    s->first = (s->first + 1) & (s->allocated - 1);
    s->count--;
    s->replay.at -= s->replay.at > 0;
    s->replay.end -= s->replay.end > 0;
}

static void
remember(struct log_seen *s, int64_t wall_ms, uint64_t hash)
{
    if (s->newest_ms == IW_TIME_NONE || wall_ms > s->newest_ms) {
        int64_t start_ms = window_start(wall_ms);
        bool moved = s->newest_ms != IW_TIME_NONE && start_ms > window_start(s->newest_ms);
        s->newest_ms = wall_ms;
        while (moved && s->count > 0 && seen_at(s, 0)->wall_ms < start_ms) {
            drop_front(s);
            s->front_lost = false; /* what was lost is older than what was just dropped */
        }
    }
    if (s->count == LIMIT_LOG_SEEN_LINES) {
        drop_front(s);
        s->front_lost = true;
    } else if (s->count == s->allocated) {
        grow(s);
    }
    s->count++;
    *seen_at(s, s->count - 1) = (struct log_seen_line){wall_ms, hash};
}

int64_t
log_seen_resume(struct log_seen *s)
{
    memset(&s->replay, 0, sizeof(s->replay));
    s->replay.on = s->count > 0;
    s->replay.end = s->count;
    for (size_t i = 0; i < s->count; i++)
        seen_at(s, i)->hash &= ~(uint64_t)SEEN_AGAIN;
    return s->count > 0 ? window_start(s->newest_ms) : IW_TIME_NONE;
}

/* Index of a line in [from, to) that has not come again yet; SIZE_MAX when there is none. */
static size_t
search(const struct log_seen *s, size_t from, size_t to, struct log_seen_line line)
{
    for (size_t i = from; i < to; i++) {
        const struct log_seen_line *seen = seen_at(s, i);
        if (seen->hash == line.hash && seen->wall_ms == line.wall_ms)
            return i;
    }
    return SIZE_MAX;
}

static size_t
find_again(struct log_seen *s, struct log_seen_line line)
{
    size_t at = s->replay.at, end = s->replay.end;
    bool full = s->replay.searches < SEEN_FULL_SEARCHES;
    size_t near = IW_MIN(end, at + 1 + (full ? end : SEEN_LOOK_AHEAD));
    size_t found = search(s, at, IW_MIN(end, at + 1), line);
    if (found == SIZE_MAX) {
        s->replay.searches++;
        found = search(s, at, near, line);
    }
    return found == SIZE_MAX && full ? search(s, 0, at, line) : found;
}

bool
log_seen_is_new(struct log_seen *s, int64_t wall_ms, uint64_t hash)
{
    const struct log_seen_line line = {wall_ms, hash};
    if (!s->replay.on) {
        remember(s, wall_ms, hash);
        return true;
    }
    size_t found = wall_ms <= s->newest_ms ? find_again(s, line) : SIZE_MAX;
    if (found != SIZE_MAX) {
        seen_at(s, found)->hash |= SEEN_AGAIN;
        s->replay.re_read++;
        s->replay.at = IW_MAX(s->replay.at, found + 1);
        s->replay.found_last = s->replay.found_last || found + 1 == s->replay.end;
        return false;
    }
    /* The window lost its front: what is older than the front was shown, too. */
    if (s->front_lost && s->replay.at == 0 && wall_ms <= seen_at(s, 0)->wall_ms) {
        s->replay.re_read++;
        return false;
    }
    /* Behind the newest moment nothing can come again. */
    if (wall_ms > s->newest_ms)
        s->replay.on = false;
    remember(s, wall_ms, hash);
    return true;
}
