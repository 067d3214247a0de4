/* loglens_scan: scanners over the buffer, each with its own end: repeats and stack traces, levels and the histogram, filters.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/clock.h"
#include "loglens_internal.h"

enum { SCAN_LINES = 4096 };

enum line_level
loglens_level_of(const struct log_segment *s, uint32_t i)
{
    struct line_record *r = &s->lines[i];
    if (r->level > 0)
        return (enum line_level)(r->level - 1);
    const char *text = s->bytes + r->offset;
    size_t len = segment_line_len(s, i);
    enum line_level level = LINE_LEVEL_NONE;
    if (r->escaped) {
        strbuf_auto plain;
        strbuf_init(&plain, 0);
        logline_plain(&plain, text, len);
        level = logline_level(plain.data, plain.len);
    } else if (!r->mark) {
        level = logline_level(text, len);
    }
    r->level = ((unsigned)level + 1) & 7;
    return level;
}

/* Lines from..to-1 of the segment at the end of bits; none when all were seen. */
static const struct log_segment *
take_lines(const struct loglens *l, struct linebits *bits, uint32_t *from, uint32_t *to)
{
    linebits_drop_before(bits, loglens_first(l));
    const struct log_segment *s = l->buf ? logbuf_segment(l->buf, bits->end) : NULL;
    if (!s)
        return NULL;
    *from = (uint32_t)(bits->end - s->first_line);
    *to = IW_MIN(s->count, *from + SCAN_LINES);
    if (*from == 0 && s->first_line > loglens_first(l))
        logbuf_segment_done(l->buf, logbuf_segment(l->buf, s->first_line - 1));
    linebits_extend(bits, *to - *from);
    return s;
}

/* Twice the time in half the buckets. */
static void
hist_widen(struct loghist *h)
{
    for (unsigned i = 0; i < LOGLENS_BUCKETS / 2; i++) {
        h->buckets[i].lines = h->buckets[2 * i].lines + h->buckets[2 * i + 1].lines;
        h->buckets[i].errors = h->buckets[2 * i].errors + h->buckets[2 * i + 1].errors;
    }
    memset(h->buckets + LOGLENS_BUCKETS / 2, 0, sizeof(h->buckets) / 2);
    h->used = (h->used + 1) / 2;
    h->bucket_ms *= 2;
}

static void
hist_add(struct loghist *h, int64_t wall_ms, bool error)
{
    if (h->first_ms == IW_TIME_NONE) {
        h->first_ms = wall_ms;
        h->bucket_ms = 100;
    }
    /* Moments of which the difference is no number are nonsense. */
    int64_t since;
    if (__builtin_sub_overflow(wall_ms, h->first_ms, &since) || since > INT64_C(1) << 50)
        return;
    since = IW_MAX(since, (int64_t)0);
    while (since / h->bucket_ms >= LOGLENS_BUCKETS)
        hist_widen(h);
    unsigned at = (unsigned)(since / h->bucket_ms);
    h->buckets[at].lines++;
    h->buckets[at].errors += error;
    h->used = IW_MAX(h->used, at + 1);
}

bool
loglens_scan_levels(struct loglens *l)
{
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &l->errors, &from, &to);
    if (!s)
        return false;
    linebits_drop_before(&l->warnings, loglens_first(l));
    linebits_extend(&l->warnings, to - from);
    for (uint32_t i = from; i < to; i++) {
        /* A stack trace is one error: that of the line it belongs to. */
        bool goes_on = linebits_get(&l->traces, s->first_line + i);
        enum line_level level = goes_on ? LINE_LEVEL_NONE : loglens_level_of(s, i);
        if (level >= LINE_LEVEL_ERROR)
            linebits_set(&l->errors, s->first_line + i, true);
        if (level >= LINE_LEVEL_WARN)
            linebits_set(&l->warnings, s->first_line + i, true);
        if (s->lines[i].timed && !s->lines[i].mark)
            hist_add(&l->hist, s->base_ms + s->lines[i].dt_ms, level >= LINE_LEVEL_ERROR);
    }
    return true;
}

static bool
same_line(const struct log_segment *a, uint32_t i, const struct log_segment *b, uint32_t k)
{
    const struct line_record *x = &a->lines[i], *y = &b->lines[k];
    size_t len = segment_line_len(a, i);
    return x->source == y->source && x->chapter == y->chapter && !x->mark && !y->mark && len > 0 &&
           len == segment_line_len(b, k) &&
           memcmp(a->bytes + x->offset, b->bytes + y->offset, len) == 0;
}

bool
loglens_scan_structure(struct loglens *l)
{
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &l->repeats, &from, &to);
    if (!s)
        return false;
    linebits_drop_before(&l->traces, loglens_first(l));
    linebits_extend(&l->traces, to - from);
    for (uint32_t i = from; i < to; i++) {
        uint64_t line = s->first_line + i;
        const struct log_segment *p = i > 0      ? s
                                      : line > 0 ? logbuf_segment(l->buf, line - 1)
                                                 : NULL;
        uint32_t k = i > 0 ? i - 1 : p ? p->count - 1 : 0;
        const struct line_record *r = &s->lines[i];
        if (!p || p->lines[k].source != r->source || p->lines[k].mark || r->mark)
            l->trace = (struct trace_state){TRACE_NONE};
        if (r->mark)
            continue;
        bool goes_on = logline_continues(&l->trace, s->bytes + r->offset, segment_line_len(s, i)) &&
                       p && !p->lines[k].mark && p->lines[k].source == r->source;
        if (goes_on)
            linebits_set(&l->traces, line, true);
        else if (p && same_line(p, k, s, i))
            linebits_set(&l->repeats, line, true);
    }
    return true;
}

bool
loglens_scan_filter(struct loglens *l, struct filter *f)
{
    if (f->match)
        return logmatch_scan(f->match, l->buf, &f->bits, LOGLENS_SCAN_BYTES) > 0;
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &f->bits, &from, &to);
    for (uint32_t i = from; s && i < to; i++) {
        enum line_level level = loglens_level_of(s, i);
        if (f->about.at_least ? level >= f->about.level : level == f->about.level)
            linebits_set(&f->bits, s->first_line + i, true);
    }
    return s != NULL;
}
