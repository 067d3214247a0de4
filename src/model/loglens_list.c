/* loglens_list: which lines are in sight. It is appended to as lines come; the last entry is looked at again, because what comes
 * later may belong to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "loglens_internal.h"

enum { COMPOSE_LINES = 32768 };

void
loglens_reset_found(struct loglens *l)
{
    linebits_reset(&l->found, loglens_first(l));
    logtally_reset(&l->tally);
}

/* Lines before it have all the bits that the list needs. */
uint64_t
loglens_ready_end(const struct loglens *l)
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
uint64_t
loglens_entry_end(const struct loglens *l, uint64_t line, uint64_t end)
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
bool
loglens_compose(struct loglens *l, struct linebits *list)
{
    uint64_t ready = loglens_ready_end(l);
    linebits_drop_before(list, loglens_first(l));
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
        uint64_t to = loglens_entry_end(l, from, ready);
        add_entry(&c, from, to);
        from = to;
    }
    l->generation++;
    return true;
}

/* The hits among the lines in sight. */
bool
loglens_compose_found(struct loglens *l)
{
    struct linebits *f = &l->found;
    uint64_t ready = IW_MIN(l->shown.end, l->hits.end);
    if (f->begin < loglens_first(l))
        logtally_drop_first(&l->tally, linebits_count(f, 0, loglens_first(l)));
    linebits_drop_before(f, loglens_first(l));
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

void
loglens_take_over(struct loglens *l)
{
    struct linebits old = l->shown;
    l->shown = l->next;
    l->next = old;
    l->making = false;
    loglens_reset_found(l);
    l->generation++;
}
