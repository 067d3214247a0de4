/* logs_head: the status line, the containers or the histogram, and below the text what is searched and what went wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { FLAGS_MAX = 16, FLAG_BYTES = 96 };

static const char *const SINCE_WORDS[] = {TR_MARK("start"), TR_MARK("1m"),  TR_MARK("5m"),
                                          TR_MARK("15m"),   TR_MARK("30m"), TR_MARK("1h"),
                                          TR_MARK("6h")};

/* --- the status line --- */

/* A fact of the status line. When they do not all fit, those of the highest rank go first. */
struct flag {
    const char *label;
    char text[FLAG_BYTES];
    enum role role;
    int rank;
};
struct flags {
    struct flag items[FLAGS_MAX];
    size_t count;
};

static void add_flag(struct flags *f, int rank, enum role role, const char *label, const char *fmt,
                     ...) IW_PRINTF(5, 6);

static void
add_flag(struct flags *f, int rank, enum role role, const char *label, const char *fmt, ...)
{
    va_list args;
    if (f->count == FLAGS_MAX)
        return;
    struct flag *flag = &f->items[f->count++];
    *flag = (struct flag){.label = label, .role = role, .rank = rank};
    va_start(args, fmt);
    vsnprintf(flag->text, sizeof(flag->text), fmt, args);
    va_end(args);
}

static int
flag_cols(const struct flag *f, int gap)
{
    int label = utf8_width(f->label, strlen(f->label)), text = utf8_width(f->text, strlen(f->text));
    return label + (label && text) + text + gap;
}

static const char *
state_word(const struct log_feed *feed, enum role *role)
{
    *role = ROLE_DIM;
    switch (feed->state) {
    case LOG_FEED_LOADING:
        *role = ROLE_WORKING;
        return tr("⠹ loading");
    case LOG_FEED_FOLLOWING:
        *role = ROLE_OK;
        return tr("▶ following");
    case LOG_FEED_WAITING:
        *role = ROLE_WAITING;
        return tr("◌ waiting");
    case LOG_FEED_FAILED:
        *role = ROLE_ERROR;
        return tr("✗ failed");
    case LOG_FEED_NONE:
    case LOG_FEED_ENDED:
        break;
    }
    if (feed->files)
        return tr("– at its end");
    return feed->merged ? tr("– nothing runs now") : tr("– ended");
}

/* "FORWARDED|error (2 of 3 on)": the keep filters, then the drop filters, in few words. */
static void
filter_flags(struct flags *f, const struct logs_state *st)
{
    size_t on[2] = {0}, all[2] = {0};
    const struct logfilter *first[2] = {NULL}, *level = NULL;
    for (size_t i = 0; i < loglens_filter_count(st->lens); i++) {
        const struct logfilter *filter = loglens_filter(st->lens, i);
        if (filter->by_level && filter->kind == LOGFILTER_KEEP) {
            level = filter->on ? filter : level;
            continue;
        }
        all[filter->kind]++;
        on[filter->kind] += filter->on;
        if (filter->on && !first[filter->kind])
            first[filter->kind] = filter;
    }
    for (int kind = 0; kind < 2; kind++) {
        const char *label = kind == LOGFILTER_KEEP ? tr("keep") : tr("drop");
        if (all[kind] > 1)
            add_flag(f, kind ? 6 : 3, ROLE_TITLE, label, tr("%.40s (%zu of %zu on)"),
                     first[kind] ? first[kind]->text : "–", on[kind], all[kind]);
        else if (first[kind])
            add_flag(f, kind ? 6 : 3, ROLE_TITLE, label, "%.60s", first[kind]->text);
        else if (kind == LOGFILTER_KEEP)
            add_flag(f, 8, ROLE_DIM, label, "–");
    }
    if (level)
        add_flag(f, 3, ROLE_TITLE, tr("level"), "%s %s", level->at_least ? "≥" : "=",
                 line_level_name(level->level));
    else
        add_flag(f, 8, ROLE_DIM, tr("level"), "%s", tr("all"));
}

/* "148 of 371 lines", "42/250 ↓208 below" */
static void
count_flag(struct flags *f, const struct logs_state *st, const struct log_feed *feed, bool wide)
{
    const struct linebits *shown = loglens_shown(st->lens);
    unsigned long long total = logbuf_count(feed->buf);
    unsigned long long seen = linebits_count(shown, 0, UINT64_MAX), below = 0;
    if (!st->stick) {
        struct logs_position top = logs_top(st, feed);
        uint64_t above = linebits_count(shown, 0, top.line) + (uint64_t)IW_MAX(st->text.h, 1);
        below = seen > above ? seen - above : 0;
    }
    bool filtered = loglens_is_filtered(st->lens);
    if (!wide)
        add_flag(f, 2, filtered ? ROLE_TEXT : ROLE_DIM, "", "%llu/%llu", filtered ? seen : total,
                 total);
    else if (filtered)
        add_flag(f, 2, ROLE_TEXT, "",
                 tr_n("%llu of %llu line shown", "%llu of %llu lines shown", total), seen, total);
    else
        add_flag(f, 2, ROLE_DIM, "", total == 1 ? tr("%llu line") : tr("%llu lines"), total);
    if (below > 0)
        add_flag(f, 2, ROLE_TEXT, "", tr("↓%llu below"), below);
}

static void
collect_flags(struct flags *f, const struct logs_state *st, const struct log_feed *feed, bool wide)
{
    static const char *const times[LOGS_TIME_COUNT] = {
#define X(name, word) [LOGS_TIME_##name] = TR_MARK(word),
        LOGS_TIMES(X)
#undef X
    };
    static const char *const folds[LOGS_FOLD_COUNT] = {"", TR_MARK("traces"), TR_MARK("off")};
    unsigned long long dropped = feed->dropped + logs_first(feed);
    int since = feed->since_index;
    unsigned progress = loglens_progress(st->lens);
    add_flag(f, 0, st->stick ? ROLE_OK : ROLE_WAITING, tr("follow"), st->stick ? "✓" : "–");
    add_flag(f, 7, st->wrap ? ROLE_OK : ROLE_DIM, tr("wrap"), st->wrap ? "✓" : "–");
    add_flag(f, 5, ROLE_DIM, tr("time"), "%s", tr(times[st->time]));
    filter_flags(f, st);
    if (st->fold != LOGS_FOLD_REPEATS)
        add_flag(f, 6, ROLE_TEXT, tr("fold"), "%s", tr(folds[st->fold]));
    if (st->columns)
        add_flag(f, 6, ROLE_TEXT, "", "%s", tr("columns"));
    if (!feed->files)
        add_flag(f, since ? 4 : 6, since ? ROLE_TEXT : ROLE_DIM, tr("since"), "%s",
                 tr(SINCE_WORDS[since >= 0 && since < (int)IW_COUNTOF(SINCE_WORDS) ? since : 0]));
    if (feed->attempts > 1 && !feed->merged)
        add_flag(f, 4, ROLE_DIM, tr("attempts"), "%d", feed->attempts);
    if (st->scroll_x > 0 && !st->wrap)
        add_flag(f, 4, ROLE_TEXT, tr("col"), "%d", st->scroll_x + 1);
    if (progress < 100)
        add_flag(f, 1, ROLE_WORKING, tr("reading"), "%u %%", progress);
    if (feed->older_left && logs_first(feed) == 0)
        add_flag(f, 3, ROLE_WARN, "", "%s", tr("older lines not fetched, 0 gets them"));
    count_flag(f, st, feed, wide);
    add_flag(f, dropped ? 1 : 5, dropped ? ROLE_WARN : ROLE_DIM, tr("dropped"), "%llu", dropped);
    if (feed->gaps > 0)
        add_flag(f, 1, ROLE_WARN, "",
                 feed->gaps == 1 ? tr("%u possible gap") : tr("%u possible gaps"), feed->gaps);
}

/* Leaves out what does not fit, the least important first. */
static void
fit_flags(struct flags *f, int cols, int gap)
{
    for (;;) {
        int used = 0;
        size_t worst = 0;
        for (size_t i = 0; i < f->count; i++) {
            used += flag_cols(&f->items[i], gap);
            if (f->items[i].rank >= f->items[worst].rank)
                worst = i;
        }
        if (used <= cols || f->count <= 1)
            return;
        f->count--;
        memmove(&f->items[worst], &f->items[worst + 1], (f->count - worst) * sizeof(f->items[0]));
    }
}

static void
status_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
            struct rect row)
{
    struct flags flags = {.count = 0};
    enum role role;
    const char *word = state_word(feed, &role);
    bool wide = row.w >= LOGS_SIDE_FROM_COLS;
    int gap = wide ? 3 : 2;
    /* That a stream is followed is seen from the mark behind "follow" where there is little room. */
    if (!wide && feed->state == LOG_FEED_FOLLOWING)
        word = "";
    int word_cols = word[0] ? utf8_width(word, strlen(word)) + 2 : 0;
    collect_flags(&flags, st, feed, wide);
    fit_flags(&flags, row.w - word_cols - 1, gap);
    int x = row.x + 1;
    for (size_t i = 0; i < flags.count; i++) {
        const struct flag *f = &flags.items[i];
        int at = x;
        if (f->label[0])
            at += surface_puts(s, row, at, row.y, ROLE_DIM, f->label) + 1;
        surface_puts(s, row, at, row.y, f->role, f->text);
        x += flag_cols(f, gap);
    }
    surface_puts(s, row, row.x + row.w - word_cols + 1, row.y, role, word);
}

/* --- containers --- */

static bool
is_open(const struct log_feed *feed, const struct container *c)
{
    return !feed->merged && feed->source_count > 0 &&
           strcmp(feed->sources[0].container, c->name) == 0;
}

/* "─[i1 run-migrations ⠹]──a1 app ◌──a merged───"; short: only the open one has its name. */
static void
tabs_line(struct doc *d, const struct view_env *env, const struct log_feed *feed,
          const struct pod *pod, bool with_names)
{
    doc_line(d);
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;) {
        bool shown = is_open(feed, c);
        enum container_sign sign = container_sign(pod, c, podpane_now(env));
        doc_put(d, ROLE_RULE, shown ? "─" : "──");
        doc_put(d, shown ? ROLE_TAB_ACTIVE : ROLE_TAB, "%s%s%s%s ", shown ? "[" : "", c->tag,
                with_names || shown ? " " : "", with_names || shown ? c->name : "");
        doc_put(d, sign_role(sign), "%s", sign_glyph(sign, env->now_wall_ms, env->prefs->motion));
        doc_put(d, ROLE_TAB_ACTIVE, "%s", shown ? "]" : "");
    }
    doc_put(d, ROLE_RULE, feed->merged ? "─" : "──");
    doc_put(d, feed->merged ? ROLE_TAB_ACTIVE : ROLE_TAB, "%s",
            feed->merged ? tr("[merged]") : tr("a merged"));
}

/* What the title says beyond the name of the container, right in the line of the containers. */
static void
title_note(struct doc *d, const struct log_feed *feed)
{
    const char *note = strchr(feed->title, ',');
    if (feed->merged)
        note = feed->title;
    else
        note = note ? note + strspn(note, ", ") : ""; /* the name stands in the line already */
    int cols = utf8_width(note, strlen(note));
    if (note[0] && d->x + cols + 6 <= d->width) {
        doc_repeat(d, ROLE_RULE, "─", d->width - d->x - cols - 3);
        doc_put(d, ROLE_RULE, " ");
        doc_put(d, ROLE_TITLE, "%s", note);
        doc_put(d, ROLE_RULE, " ");
    }
    doc_repeat(d, ROLE_RULE, "─", d->width - d->x);
}

static void
tabs_draw(const struct view_env *env, const struct log_feed *feed, struct surface *s,
          struct rect row)
{
    const struct pod *pod = podpane_pod(env);
    for (int names = 1; names >= 0; names--) {
        doc_auto d;
        doc_init(&d, row.w);
        tabs_line(&d, env, feed, pod, names);
        if (d.full && names)
            continue;
        title_note(&d, feed);
        doc_draw(&d, s, row, 0);
        break;
    }
}

/* --- the histogram --- */

/* "─ 19:53:22 ▁▁▂▁▁▁▃▃▃▃▂▃▃▃▃▃▃▇ 19:54:08   ┆ lines/s, red = error ────" */
static void
histogram_draw(const struct logs_state *st, struct surface *s, struct rect row)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
    const struct loghist *h = loglens_histogram(st->lens);
    surface_fill(s, row, 0x2500, ROLE_RULE);
    if (h->first_ms == IW_TIME_NONE || h->used == 0 || row.w < 60)
        return;
    char from[16], to[16];
    const char *legend = tr("┆ lines over time, red = error");
    clock_hms(h->first_ms, st->time != LOGS_TIME_UTC, from);
    clock_hms(h->first_ms + (int64_t)h->used * h->bucket_ms, st->time != LOGS_TIME_UTC, to);
    int cols = IW_MIN(row.w - 24 - utf8_width(legend, strlen(legend)) - 4, (int)h->used);
    uint32_t most = 1, lines[LOGLENS_BUCKETS] = {0}, errors[LOGLENS_BUCKETS] = {0};
    for (unsigned i = 0; i < h->used; i++) {
        unsigned at = i * (unsigned)cols / h->used;
        lines[at] += h->buckets[i].lines;
        errors[at] += h->buckets[i].errors;
        most = IW_MAX(most, lines[at]);
    }
    int x = row.x + 1 + surface_printf(s, row, row.x + 1, row.y, ROLE_DIM, " %s ", from);
    for (int i = 0; i < cols; i++, x++) {
        unsigned size = lines[i] ? (unsigned)((uint64_t)lines[i] * 6 / most) : 0;
        surface_puts(s, row, x, row.y,
                     errors[i]  ? ROLE_ERROR
                     : lines[i] ? ROLE_BAR
                                : ROLE_RULE,
                     bars[size]);
    }
    surface_printf(s, row, x, row.y, ROLE_DIM, " %s   %s ", to, legend);
}

/* The histogram, and right of it what is merged: there is no line of containers that says it. */
static void
merged_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
            struct rect row)
{
    int cols = utf8_width(feed->title, strlen(feed->title)) + 3;
    if (feed->merged && !feed->files && feed->title[0] && row.w - cols >= 60) {
        row.w -= cols;
        surface_printf(s, (struct rect){row.x + row.w, row.y, cols, 1}, row.x + row.w, row.y,
                       ROLE_TITLE, " %s ", feed->title);
        surface_puts(s, (struct rect){row.x + row.w, row.y, cols, 1}, row.x + row.w + cols - 1,
                     row.y, ROLE_RULE, "─");
    }
    histogram_draw(st, s, row);
}

void
logs_draw_head(const struct logs_state *st, const struct view_env *env, struct surface *s,
               struct rect area, const struct logs_geometry *g)
{
    const struct log_feed *feed = logs_feed_of(env);
    status_draw(st, feed, s, (struct rect){area.x, area.y, area.w, 1});
    struct rect row = {area.x + g->side, area.y + 1, area.w - g->side, 1};
    if (g->head >= 2 && g->side > 0)
        merged_draw(st, feed, s, row);
    else if (g->head >= 2 && feed->files)
        histogram_draw(st, s, row);
    else if (g->head >= 2)
        tabs_draw(env, feed, s, row);
    row.y++;
    if (g->head >= 3)
        histogram_draw(st, s, row);
}

/* --- below the text --- */

static void
search_draw(const struct logs_state *st, struct surface *s, struct rect row)
{
    const struct logmatch *m = loglens_searcher(st->lens);
    const struct linebits *found = loglens_found(st->lens);
    unsigned long long count = linebits_count(found, 0, UINT64_MAX);
    unsigned long long hits = loglens_hit_count(st->lens);
    unsigned progress = loglens_progress(st->lens);
    int x = row.x + 1;
    x += surface_printf(s, row, x, row.y, ROLE_PROMPT, "/%s", logmatch_text(m)) + 2;
    if (count == 0 && progress < 100)
        x += surface_printf(s, row, x, row.y, ROLE_DIM, tr("searching, %u %%"), progress);
    else if (count == 0 && hits > 0)
        x += surface_printf(s, row, x, row.y, ROLE_WARN,
                            hits == 1 ? tr("%llu match that the filters hide   i shows them")
                                      : tr("%llu matches that the filters hide   i shows them"),
                            hits);
    else if (count == 0)
        x += surface_puts(s, row, x, row.y, ROLE_WARN, tr("no match   Esc clears"));
    else if (st->has_current && linebits_get(found, st->current))
        x += surface_printf(s, row, x, row.y, ROLE_TEXT,
                            tr("match %llu of %llu   n next  N previous"),
                            (unsigned long long)linebits_count(found, 0, st->current + 1), count);
    else
        x += surface_printf(s, row, x, row.y, ROLE_TEXT,
                            count == 1 ? tr("%llu match   n next  N previous")
                                       : tr("%llu matches   n next  N previous"),
                            count);
    if (logmatch_error(m)[0])
        surface_printf(s, row, x + 3, row.y, ROLE_WARN, tr("as plain text: %s"), logmatch_error(m));
    else
        surface_printf(s, row, x + 3, row.y, ROLE_DIM, "%s%s",
                       logmatch_is_regex(m) ? tr("regex ✓   ") : "",
                       logmatch_ignores_case(m) ? tr("ignore case ✓") : "");
}

void
logs_draw_foot(const struct logs_state *st, const struct view_env *env, struct surface *s,
               struct rect area)
{
    const struct log_feed *feed = logs_feed_of(env);
    int y = area.y;
    if (feed->sentence[0] && area.h > (loglens_searcher(st->lens) != NULL)) {
        bool bad = feed->state == LOG_FEED_FAILED;
        surface_rule(s, area, y++, ROLE_RULE, feed->sentence, bad ? ROLE_ERROR : ROLE_MARK);
    }
    if (loglens_searcher(st->lens) && y < area.y + area.h)
        search_draw(st, s, (struct rect){area.x, y, area.w, 1});
}
