/* loglens: which lines of a log buffer are in sight, which match, how bad they are and when they came.
 *
 * Filters never take a line out of the buffer: each has one bit for every line, and what is shown follows from the filters
 * that are on. A line is shown when some keep filter matches it (or none is on), no drop filter does, every level condition
 * holds and its source is not muted. A stack trace goes with the line it belongs to; a line that repeats the one before it
 * is folded into it.
 *
 * Everything is computed in slices: loglens_work goes on where it stopped and is cheap when there is nothing new. Until a
 * change of filters is worked through, the old list stays.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGLENS_H
#define INITWATCH_MODEL_LOGLENS_H

#include "initwatch/model/logline.h"
#include "initwatch/model/logmatch.h"

enum { LOGLENS_FILTERS_MAX = 16, LOGLENS_BUCKETS = 512, LOGLENS_SOURCES_MAX = 1024 };

enum logfilter_kind { LOGFILTER_KEEP, LOGFILTER_DROP };
struct logfilter {
    enum logfilter_kind kind;
    bool on;
    char text[200];          /* as it was typed */
    bool by_level, at_least; /* "level>=warn" (at_least) or "level=debug" instead of a pattern */
    enum line_level level;
    char error[160]; /* why an expression is taken as plain text, "" when it is not */
};

/* Lines over time, in buckets of equal length. Times of lines before buckets[0] count in it. */
struct loghist {
    int64_t first_ms, bucket_ms; /* IW_TIME_NONE: no line has a time */
    unsigned used;               /* buckets from the first on */
    struct loghist_bucket {
        uint32_t lines, errors;
    } buckets[LOGLENS_BUCKETS];
};

struct loglens;
struct loglens *loglens_new(void) IW_NODISCARD;
void loglens_free(struct loglens *l);
/* Look at this buffer (NULL: none); borrowed until another is attached. stamp: another number means that the lines are
 * others even when the buffer has the same address. Filters, search and mutes stay. */
void loglens_attach(struct loglens *l, const struct logbuf *b, uint64_t stamp);

/* False when there are LOGLENS_FILTERS_MAX of them already. Level conditions only as LOGFILTER_KEEP or its opposite. */
bool loglens_filter_add(struct loglens *l, enum logfilter_kind kind, const char *text);
void loglens_filter_toggle(struct loglens *l, size_t i);
void loglens_filter_remove(struct loglens *l, size_t i);
size_t loglens_filter_count(const struct loglens *l);
const struct logfilter *loglens_filter(const struct loglens *l, size_t i);
/* Lines that filter i matches, as far as it has looked. */
uint64_t loglens_filter_matches(const struct loglens *l, size_t i);
/* Is any filter on, or any source muted? */
bool loglens_is_filtered(const struct loglens *l);
void loglens_mute(struct loglens *l, uint16_t source, bool muted);
/* Lines around each kept one that are shown as well. */
void loglens_set_context(struct loglens *l, unsigned lines);
unsigned loglens_context(const struct loglens *l);
void loglens_set_fold(struct loglens *l, bool repeats, bool traces);
/* What to look for; "" for nothing. */
void loglens_search(struct loglens *l, const char *pattern);
struct logmatch *loglens_searcher(const struct loglens *l); /* NULL when nothing is searched */

/* One slice of about budget_ms. True when there is more to do. */
bool loglens_work(struct loglens *l, int64_t budget_ms);
/* Of the slowest part that is under way, 0..100. */
unsigned loglens_progress(const struct loglens *l);
/* Changes whenever one of the answers below may have. */
uint64_t loglens_generation(const struct loglens *l);

/* Lines in sight, in the order of the buffer. Lines at or after its end were not looked at yet. */
const struct linebits *loglens_shown(const struct loglens *l);
/* Those of them that match the search. */
const struct linebits *loglens_found(const struct loglens *l);
/* How many of these are lines of this source. */
uint64_t loglens_found_of(const struct loglens *l, uint16_t source);
/* Lines that match the search, whether or not they are in sight. */
uint64_t loglens_hit_count(const struct loglens *l);
const struct linebits *loglens_errors(const struct loglens *l);   /* level error and fatal */
const struct linebits *loglens_warnings(const struct loglens *l); /* warn and worse */
const struct loghist *loglens_histogram(const struct loglens *l);
enum line_level loglens_level(const struct loglens *l, uint64_t line);
/* Lines that belong to the entry of the line before them. */
bool loglens_continues(const struct loglens *l, uint64_t line);
/* How many lines follow that repeat this one (0: none), and the last of them; their mean distance in *every_ms, -1 when
 * the times are not known. */
uint64_t loglens_repeats(const struct loglens *l, uint64_t line, uint64_t *last, int64_t *every_ms);
/* Lines of the stack trace that follow this line. */
uint64_t loglens_trace_lines(const struct loglens *l, uint64_t line);
/* First line at or after that moment; the end of the buffer when all are older. */
uint64_t loglens_line_at_time(const struct loglens *l, int64_t wall_ms);

#endif
