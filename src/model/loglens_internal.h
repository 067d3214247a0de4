/* loglens_internal: the lens' parts: what is asked for, work and answers (loglens.c), scanners that give each line its bits
 * (loglens_scan.c), the list of lines in sight that follows from them (loglens_list.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGLENS_INTERNAL_H
#define INITWATCH_MODEL_LOGLENS_INTERNAL_H

#include "initwatch/model/loglens.h"
#include "logbuf_internal.h"
#include "logtally.h"

enum { LOGLENS_SCAN_BYTES = 256 << 10 }; /* of text between two looks at the clock */

struct filter {
    struct logfilter about;
    struct logmatch *match; /* NULL by level */
    struct linebits bits;
};

struct loglens {
    const struct logbuf *buf;
    uint64_t stamp, end_seen, generation;
    struct filter filters[LOGLENS_FILTERS_MAX];
    size_t filter_count;
    bool muted[LOGLENS_SOURCES_MAX];
    unsigned muted_count, context;
    bool fold_repeats, fold_traces;

    struct logmatch *search;
    struct linebits hits;

    struct linebits repeats, traces; /* structure: one scanner */
    struct trace_state trace;
    struct linebits errors, warnings; /* levels: one scanner */
    struct loghist hist;

    struct linebits shown, found;
    struct logtally tally; /* of the bits of found */
    struct linebits next;  /* the list that is being made */
    bool making;
};

static inline uint64_t
loglens_first(const struct loglens *l)
{
    return l->buf ? logbuf_dropped(l->buf) : 0;
}

static inline uint64_t
loglens_end(const struct loglens *l)
{
    return l->buf ? logbuf_dropped(l->buf) + logbuf_count(l->buf) : 0;
}

/* --- scanners: one step each; false when nothing is left --- */

bool loglens_scan_structure(struct loglens *l);
bool loglens_scan_levels(struct loglens *l);
bool loglens_scan_filter(struct loglens *l, struct filter *f);
enum line_level loglens_level_of(const struct log_segment *s, uint32_t i);

/* --- the list --- */

/* Lines before it have all the bits that the list needs. */
uint64_t loglens_ready_end(const struct loglens *l);
/* Behind the last line of the entry that begins at `line`, not beyond `end`. */
uint64_t loglens_entry_end(const struct loglens *l, uint64_t line, uint64_t end);
/* One slice of lines more in the list; false when it has all that are ready. */
bool loglens_compose(struct loglens *l, struct linebits *list);
/* The same for the hits among the lines in sight. */
bool loglens_compose_found(struct loglens *l);
/* The list that was made beside the one in sight takes its place. */
void loglens_take_over(struct loglens *l);
void loglens_reset_found(struct loglens *l);

#endif
