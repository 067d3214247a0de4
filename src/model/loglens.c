/* loglens: scanners that walk over the buffer, and the list of lines that follows from their bits.
 *
 * Each scanner has its own end; work() gives the slice to those that the picture needs first. The list is appended to as
 * lines come; the last entry is looked at again, because what comes later may belong to it. After a change of filters a
 * second list is made beside the one in use and takes its place when it is complete.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/loglens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "logbuf_internal.h"
#include "logtally.h"

enum {
    SCAN_BYTES = 256 << 10, /* between two looks at the clock */
    SCAN_LINES = 4096,
    COMPOSE_LINES = 32768,
};

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

/* --- life --- */

struct loglens *
loglens_new(void)
{
    struct loglens *l = iw_calloc(1, sizeof(*l));
    l->fold_repeats = true;
    l->hist.first_ms = IW_TIME_NONE;
    return l;
}

static void
filter_free(struct filter *f)
{
    logmatch_free(f->match);
    linebits_free(&f->bits);
}

void
loglens_free(struct loglens *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->filter_count; i++)
        filter_free(&l->filters[i]);
    logmatch_free(l->search);
    struct linebits *all[] = {&l->hits,     &l->repeats, &l->traces, &l->errors,
                              &l->warnings, &l->shown,   &l->found,  &l->next};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        linebits_free(all[i]);
    logtally_free(&l->tally);
    free(l);
}

static uint64_t
first_of(const struct loglens *l)
{
    return l->buf ? logbuf_dropped(l->buf) : 0;
}

static uint64_t
end_of(const struct loglens *l)
{
    return l->buf ? logbuf_dropped(l->buf) + logbuf_count(l->buf) : 0;
}

static void
found_reset(struct loglens *l)
{
    linebits_reset(&l->found, first_of(l));
    logtally_reset(&l->tally);
}

static void
start_over(struct loglens *l)
{
    uint64_t first = first_of(l);
    struct linebits *all[] = {&l->hits,     &l->repeats, &l->traces, &l->errors,
                              &l->warnings, &l->shown,   &l->next};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        linebits_reset(all[i], first);
    found_reset(l);
    for (size_t i = 0; i < l->filter_count; i++)
        linebits_reset(&l->filters[i].bits, first);
    l->trace = (struct trace_state){TRACE_NONE};
    memset(&l->hist, 0, sizeof(l->hist));
    l->hist.first_ms = IW_TIME_NONE;
    l->making = false;
    l->generation++;
}

void
loglens_attach(struct loglens *l, const struct logbuf *b, uint64_t stamp)
{
    bool same = l->buf == b && l->stamp == stamp;
    l->buf = b;
    l->stamp = stamp;
    if (!same || end_of(l) < l->end_seen) /* another log, or it was cleared */
        start_over(l);
    l->end_seen = end_of(l);
}

/* --- what is asked for --- */

/* The list is made anew, beside the one in sight. */
static void
list_changed(struct loglens *l)
{
    linebits_reset(&l->next, first_of(l));
    l->making = true;
    l->generation++;
}

/* "level>=warn", "level = debug", "level:error"; false when it is a pattern. */
static bool
parse_level(const char *text, struct logfilter *out)
{
    static const char word[] = "level";
    if (strncmp(text, word, sizeof(word) - 1) != 0)
        return false;
    text += sizeof(word) - 1;
    text += strspn(text, " ");
    if (strncmp(text, ">=", 2) != 0 && *text != '=' && *text != ':')
        return false;
    out->at_least = *text == '>';
    text += out->at_least ? 2 : 1;
    text += strspn(text, " ");
    out->by_level = line_level_parse(text, strlen(text), &out->level);
    return out->by_level;
}

bool
loglens_filter_add(struct loglens *l, enum logfilter_kind kind, const char *text)
{
    if (l->filter_count == LOGLENS_FILTERS_MAX || !text[0])
        return false;
    struct filter *f = &l->filters[l->filter_count++];
    *f = (struct filter){.about = {.kind = kind, .on = true}};
    snprintf(f->about.text, sizeof(f->about.text), "%s", text);
    if (!parse_level(text, &f->about)) {
        f->match = logmatch_new(text);
        snprintf(f->about.error, sizeof(f->about.error), "%s", logmatch_error(f->match));
    }
    linebits_reset(&f->bits, first_of(l));
    list_changed(l);
    return true;
}

void
loglens_filter_toggle(struct loglens *l, size_t i)
{
    if (i >= l->filter_count)
        return;
    l->filters[i].about.on = !l->filters[i].about.on;
    list_changed(l);
}

void
loglens_filter_remove(struct loglens *l, size_t i)
{
    if (i >= l->filter_count)
        return;
    filter_free(&l->filters[i]);
    l->filter_count--;
    memmove(&l->filters[i], &l->filters[i + 1], (l->filter_count - i) * sizeof(l->filters[0]));
    list_changed(l);
}

size_t
loglens_filter_count(const struct loglens *l)
{
    return l->filter_count;
}

const struct logfilter *
loglens_filter(const struct loglens *l, size_t i)
{
    return i < l->filter_count ? &l->filters[i].about : NULL;
}

uint64_t
loglens_filter_matches(const struct loglens *l, size_t i)
{
    return i < l->filter_count ? linebits_count(&l->filters[i].bits, 0, UINT64_MAX) : 0;
}

bool
loglens_is_filtered(const struct loglens *l)
{
    for (size_t i = 0; i < l->filter_count; i++)
        if (l->filters[i].about.on)
            return true;
    return l->muted_count > 0;
}

void
loglens_mute(struct loglens *l, uint16_t source, bool muted)
{
    if (source >= LOGLENS_SOURCES_MAX || l->muted[source] == muted)
        return;
    l->muted[source] = muted;
    l->muted_count += muted ? 1u : (unsigned)-1;
    list_changed(l);
}

void
loglens_set_context(struct loglens *l, unsigned lines)
{
    if (lines != l->context) {
        l->context = lines;
        list_changed(l);
    }
}

unsigned
loglens_context(const struct loglens *l)
{
    return l->context;
}

void
loglens_set_fold(struct loglens *l, bool repeats, bool traces)
{
    if (repeats == l->fold_repeats && traces == l->fold_traces)
        return;
    l->fold_repeats = repeats;
    l->fold_traces = traces;
    list_changed(l);
}

void
loglens_search(struct loglens *l, const char *pattern)
{
    if (l->search ? strcmp(logmatch_text(l->search), pattern) == 0 : !pattern[0])
        return;
    logmatch_free(l->search);
    l->search = pattern[0] ? logmatch_new(pattern) : NULL;
    linebits_reset(&l->hits, first_of(l));
    found_reset(l);
    l->generation++;
}

struct logmatch *
loglens_searcher(const struct loglens *l)
{
    return l->search;
}

/* --- scanners --- */

static enum line_level
level_of(const struct log_segment *s, uint32_t i)
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
    linebits_drop_before(bits, first_of(l));
    const struct log_segment *s = l->buf ? logbuf_segment(l->buf, bits->end) : NULL;
    if (!s)
        return NULL;
    *from = (uint32_t)(bits->end - s->first_line);
    *to = IW_MIN(s->count, *from + SCAN_LINES);
    if (*from == 0 && s->first_line > first_of(l))
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

static bool
scan_levels(struct loglens *l)
{
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &l->errors, &from, &to);
    if (!s)
        return false;
    linebits_drop_before(&l->warnings, first_of(l));
    linebits_extend(&l->warnings, to - from);
    for (uint32_t i = from; i < to; i++) {
        /* A stack trace is one error: that of the line it belongs to. */
        bool goes_on = linebits_get(&l->traces, s->first_line + i);
        enum line_level level = goes_on ? LINE_LEVEL_NONE : level_of(s, i);
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

static bool
scan_structure(struct loglens *l)
{
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &l->repeats, &from, &to);
    if (!s)
        return false;
    linebits_drop_before(&l->traces, first_of(l));
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

static bool
scan_filter(struct loglens *l, struct filter *f)
{
    if (f->match)
        return logmatch_scan(f->match, l->buf, &f->bits, SCAN_BYTES) > 0;
    uint32_t from, to;
    const struct log_segment *s = take_lines(l, &f->bits, &from, &to);
    for (uint32_t i = from; s && i < to; i++) {
        enum line_level level = level_of(s, i);
        if (f->about.at_least ? level >= f->about.level : level == f->about.level)
            linebits_set(&f->bits, s->first_line + i, true);
    }
    return s != NULL;
}

/* --- the list --- */

/* Lines before it have all the bits that the list needs. */
static uint64_t
ready_end(const struct loglens *l)
{
    uint64_t end = l->repeats.end;
    for (size_t i = 0; i < l->filter_count; i++)
        if (l->filters[i].about.on)
            end = IW_MIN(end, l->filters[i].bits.end);
    return end;
}

static bool
passes(const struct loglens *l, uint64_t line)
{
    bool keeps = false, kept = false;
    for (size_t i = 0; i < l->filter_count; i++) {
        const struct filter *f = &l->filters[i];
        if (!f->about.on)
            continue;
        bool match = linebits_get(&f->bits, line);
        if (f->about.kind == LOGFILTER_DROP ? match : f->about.by_level && !match)
            return false;
        if (f->about.kind == LOGFILTER_KEEP && !f->about.by_level) {
            keeps = true;
            kept = kept || match;
        }
    }
    return kept || !keeps;
}

static bool
is_muted(const struct loglens *l, uint64_t line)
{
    if (l->muted_count == 0)
        return false;
    const struct log_segment *s = logbuf_segment(l->buf, line);
    unsigned source = s ? (unsigned)s->lines[line - s->first_line].source : LOGLENS_SOURCES_MAX;
    return source < LOGLENS_SOURCES_MAX && l->muted[source];
}

static bool
is_mark(const struct loglens *l, uint64_t line)
{
    const struct log_segment *s = logbuf_segment(l->buf, line);
    return s && s->special && s->lines[line - s->first_line].mark;
}

/* Behind the last line of the entry that begins at `line`, not beyond `end`. */
static uint64_t
entry_end(const struct loglens *l, uint64_t line, uint64_t end)
{
    return IW_MIN(linebits_next_clear(&l->traces, line + 1), end);
}

/* A list on its way: lines are added in their order. */
struct composer {
    const struct loglens *lens;
    struct linebits *list;
    bool filtered;
    uint64_t last_kept; /* by a filter, not as context; LINE_NONE */
};

/* What was kept within reach of the context of line `from`. */
static uint64_t
kept_before(const struct composer *c, uint64_t from)
{
    for (uint64_t back = 1; c->filtered && back <= c->lens->context; back++)
        if (from >= c->list->begin + back && passes(c->lens, from - back))
            return from - back;
    return LINE_NONE;
}

static void
add_entry(struct composer *c, uint64_t from, uint64_t to)
{
    const struct loglens *l = c->lens;
    bool kept = !c->filtered || is_mark(l, from);
    for (uint64_t line = from; line < to && !kept; line++)
        kept = passes(l, line);
    /* Lines before it that were left out become its context. */
    for (uint64_t back = 1; kept && c->filtered && back <= l->context; back++)
        if (from >= c->list->begin + back && !is_muted(l, from - back))
            linebits_set(c->list, from - back, true);
    if (kept)
        c->last_kept = to - 1;
    for (uint64_t line = from; line < to; line++) {
        bool near = !kept && c->last_kept != LINE_NONE && line - c->last_kept <= l->context;
        bool folded =
            (l->fold_repeats && linebits_get(&l->repeats, line)) || (l->fold_traces && line > from);
        linebits_push(c->list, (kept || near) && !folded && !is_muted(l, line));
    }
}

/* One slice of lines more in the list; false when it has all that are ready. */
static bool
compose(struct loglens *l, struct linebits *list)
{
    uint64_t ready = ready_end(l);
    linebits_drop_before(list, first_of(l));
    if (list->end >= ready)
        return false;
    /* The last entry may have grown. */
    uint64_t from = list->end;
    while (from > list->begin && linebits_get(&l->traces, from))
        from--;
    linebits_cut(list, from);
    if (list == &l->shown) {
        logtally_drop_last(&l->tally, linebits_count(&l->found, from, UINT64_MAX));
        linebits_cut(&l->found, from);
    }
    struct composer c = {l, list, loglens_is_filtered(l), LINE_NONE};
    c.last_kept = kept_before(&c, from);
    uint64_t stop = IW_MIN(ready, from + COMPOSE_LINES);
    while (from < stop) {
        uint64_t to = entry_end(l, from, ready);
        add_entry(&c, from, to);
        from = to;
    }
    l->generation++;
    return true;
}

/* The hits among the lines in sight. */
static bool
compose_found(struct loglens *l)
{
    struct linebits *f = &l->found;
    uint64_t ready = IW_MIN(l->shown.end, l->hits.end);
    if (f->begin < first_of(l))
        logtally_drop_first(&l->tally, linebits_count(f, 0, first_of(l)));
    linebits_drop_before(f, first_of(l));
    if (!l->search || f->end >= ready)
        return false;
    uint64_t from = f->end, to = IW_MIN(ready, from + 8 * COMPOSE_LINES);
    const struct log_segment *s = NULL;
    linebits_extend(f, to - from);
    for (uint64_t line = linebits_next(&l->hits, from); line < to;
         line = linebits_next(&l->hits, line + 1)) {
        if (!linebits_get(&l->shown, line))
            continue;
        if (!s || line >= s->first_line + s->count)
            s = logbuf_segment(l->buf, line);
        linebits_set(f, line, true);
        logtally_push(&l->tally, (uint16_t)s->lines[line - s->first_line].source);
    }
    l->generation++;
    return true;
}

static void
take_over(struct loglens *l)
{
    struct linebits old = l->shown;
    l->shown = l->next;
    l->next = old;
    l->making = false;
    found_reset(l);
    l->generation++;
}

/* One step of what the picture needs most; false when nothing is left. */
static bool
step(struct loglens *l)
{
    if (scan_structure(l))
        return true;
    for (size_t i = 0; i < l->filter_count; i++)
        if (l->filters[i].about.on && scan_filter(l, &l->filters[i]))
            return true;
    if (l->making) {
        if (!compose(l, &l->next))
            take_over(l);
        return true;
    }
    if (compose(l, &l->shown))
        return true;
    if (l->search && logmatch_scan(l->search, l->buf, &l->hits, SCAN_BYTES) > 0) {
        l->generation++;
        return true;
    }
    if (compose_found(l))
        return true;
    if (scan_levels(l)) {
        l->generation++;
        return true;
    }
    for (size_t i = 0; i < l->filter_count; i++)
        if (scan_filter(l, &l->filters[i]))
            return true;
    return false;
}

bool
loglens_work(struct loglens *l, int64_t budget_ms)
{
    if (!l->buf)
        return false;
    linebits_drop_before(&l->hits, first_of(l));
    const struct clock *clock = clock_system();
    int64_t until_ms = clock_mono(clock) + budget_ms;
    while (step(l))
        if (clock_mono(clock) >= until_ms)
            return true;
    return false;
}

unsigned
loglens_progress(const struct loglens *l)
{
    uint64_t first = first_of(l), end = end_of(l), least = IW_MIN(l->repeats.end, l->errors.end);
    if (l->search)
        least = IW_MIN(least, l->hits.end);
    least = IW_MIN(least, l->making ? IW_MIN(l->next.end, ready_end(l)) : l->shown.end);
    return end == first || least >= end ? 100
           : least <= first             ? 0
                                        : (unsigned)((least - first) * 100 / (end - first));
}

uint64_t
loglens_generation(const struct loglens *l)
{
    return l->generation;
}

/* --- answers --- */

const struct linebits *
loglens_shown(const struct loglens *l)
{
    return &l->shown;
}

const struct linebits *
loglens_found(const struct loglens *l)
{
    return &l->found;
}

uint64_t
loglens_found_of(const struct loglens *l, uint16_t source)
{
    return source < LOGLENS_SOURCES_MAX ? l->tally.of[source] : 0;
}

const struct linebits *
loglens_errors(const struct loglens *l)
{
    return &l->errors;
}

const struct linebits *
loglens_warnings(const struct loglens *l)
{
    return &l->warnings;
}

const struct loghist *
loglens_histogram(const struct loglens *l)
{
    return &l->hist;
}

enum line_level
loglens_level(const struct loglens *l, uint64_t line)
{
    const struct log_segment *s = l->buf ? logbuf_segment(l->buf, line) : NULL;
    return s ? level_of(s, (uint32_t)(line - s->first_line)) : LINE_LEVEL_NONE;
}

bool
loglens_continues(const struct loglens *l, uint64_t line)
{
    return linebits_get(&l->traces, line);
}

static int64_t
time_of(const struct loglens *l, uint64_t line)
{
    return line < first_of(l) ? IW_TIME_NONE
                              : logbuf_line(l->buf, (size_t)(line - first_of(l))).wall_ms;
}

uint64_t
loglens_repeats(const struct loglens *l, uint64_t line, uint64_t *last, int64_t *every_ms)
{
    *last = linebits_next_clear(&l->repeats, line + 1) - 1;
    *every_ms = -1;
    int64_t from = time_of(l, line), to = time_of(l, *last);
    if (*last > line && from != IW_TIME_NONE && to != IW_TIME_NONE && to >= from)
        *every_ms = (to - from) / (int64_t)(*last - line);
    return *last - line;
}

uint64_t
loglens_trace_lines(const struct loglens *l, uint64_t line)
{
    return linebits_get(&l->traces, line) ? 0 : entry_end(l, line, l->traces.end) - line - 1;
}

uint64_t
loglens_line_at_time(const struct loglens *l, int64_t wall_ms)
{
    uint64_t low = first_of(l), high = end_of(l);
    while (low < high) {
        uint64_t mid = low + (high - low) / 2, probe = mid;
        /* A line without a time is as old as the next one that has one. */
        while (probe < high && time_of(l, probe) == IW_TIME_NONE)
            probe++;
        if (probe < high && time_of(l, probe) < wall_ms)
            low = probe + 1;
        else
            high = mid;
    }
    return low;
}
