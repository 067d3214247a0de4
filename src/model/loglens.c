/* loglens: what is asked for, the order of the work, and the answers.
 *
 * Each scanner has its own end; work() gives the slice to those that the picture needs first. After a change of filters a
 * second list is made beside the one in use and takes its place when it is complete.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/loglens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "loglens_internal.h"

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

static void
start_over(struct loglens *l)
{
    uint64_t first = loglens_first(l);
    struct linebits *all[] = {&l->hits,     &l->repeats, &l->traces, &l->errors,
                              &l->warnings, &l->shown,   &l->next};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        linebits_reset(all[i], first);
    loglens_reset_found(l);
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
    if (!same || loglens_end(l) < l->end_seen) /* another log, or it was cleared */
        start_over(l);
    l->end_seen = loglens_end(l);
}

/* --- what is asked for --- */

/* The list is made anew, beside the one in sight. */
static void
list_changed(struct loglens *l)
{
    linebits_reset(&l->next, loglens_first(l));
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
    linebits_reset(&f->bits, loglens_first(l));
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
    linebits_reset(&l->hits, loglens_first(l));
    loglens_reset_found(l);
    l->generation++;
}

struct logmatch *
loglens_searcher(const struct loglens *l)
{
    return l->search;
}

/* --- work --- */

/* One step of what the picture needs most; false when nothing is left. */
static bool
step(struct loglens *l)
{
    if (loglens_scan_structure(l))
        return true;
    for (size_t i = 0; i < l->filter_count; i++)
        if (l->filters[i].about.on && loglens_scan_filter(l, &l->filters[i]))
            return true;
    if (l->making) {
        if (!loglens_compose(l, &l->next))
            loglens_take_over(l);
        return true;
    }
    if (loglens_compose(l, &l->shown))
        return true;
    if (l->search && logmatch_scan(l->search, l->buf, &l->hits, LOGLENS_SCAN_BYTES) > 0) {
        l->generation++;
        return true;
    }
    if (loglens_compose_found(l))
        return true;
    if (loglens_scan_levels(l)) {
        l->generation++;
        return true;
    }
    for (size_t i = 0; i < l->filter_count; i++)
        if (loglens_scan_filter(l, &l->filters[i]))
            return true;
    return false;
}

bool
loglens_work(struct loglens *l, int64_t budget_ms)
{
    if (!l->buf)
        return false;
    linebits_drop_before(&l->hits, loglens_first(l));
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
    uint64_t first = loglens_first(l), end = loglens_end(l),
             least = IW_MIN(l->repeats.end, l->errors.end);
    if (l->search)
        least = IW_MIN(least, l->hits.end);
    least = IW_MIN(least, l->making ? IW_MIN(l->next.end, loglens_ready_end(l)) : l->shown.end);
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
loglens_hit_count(const struct loglens *l)
{
    return linebits_count(&l->hits, 0, UINT64_MAX);
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
    return s ? loglens_level_of(s, (uint32_t)(line - s->first_line)) : LINE_LEVEL_NONE;
}

bool
loglens_continues(const struct loglens *l, uint64_t line)
{
    return linebits_get(&l->traces, line);
}

static int64_t
time_of(const struct loglens *l, uint64_t line)
{
    return line < loglens_first(l) ? IW_TIME_NONE
                                   : logbuf_line(l->buf, (size_t)(line - loglens_first(l))).wall_ms;
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
    return linebits_get(&l->traces, line) ? 0
                                          : loglens_entry_end(l, line, l->traces.end) - line - 1;
}

uint64_t
loglens_line_at_time(const struct loglens *l, int64_t wall_ms)
{
    uint64_t low = loglens_first(l), high = loglens_end(l);
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
