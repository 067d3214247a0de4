/* logs_compare: two attempts of a container side by side, without what differs from run to run.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { HEAD_ROWS = 2 };

/* The chapter of an attempt and its id; NULL when it is forgotten. */
static const struct logbuf_chapter *
chapter_of_attempt(const struct log_feed *feed, int32_t attempt, uint32_t *id)
{
    size_t count = logbuf_chapter_count(feed->buf);
    /* Ids are counted from 1: that of the first one held is found by asking. */
    for (*id = 1; count > 0 && logbuf_chapter_find(feed->buf, *id) == NULL;)
        ++*id;
    for (size_t i = 0; i < count; i++, ++*id)
        if (logbuf_chapter_at(feed->buf, i)->attempt == attempt)
            return logbuf_chapter_at(feed->buf, i);
    return NULL;
}

/* Where the first difference is in the middle of the screen. */
static size_t
centred(const struct logs_state *st, size_t row)
{
    size_t half = (size_t)IW_MAX(st->text.h - HEAD_ROWS, 2) / 2;
    return row > half ? row - half : 0;
}

bool
logs_compare_open(struct logs_state *st, const struct log_feed *feed, struct intent *out)
{
    size_t n = st->begins.len, at = logs_chapter_in_sight(st, feed);
    uint32_t left_id = 0, right_id = 0;
    if (feed->merged || n < 2) {
        logs_flash(out, "%s",
                   feed->merged ? tr("attempts are of one container: a shows one")
                                : tr("there is only one attempt to compare"));
        return true;
    }
    at = at == SIZE_MAX || at == 0 ? 1 : at;
    const struct logbuf_chapter *left = logbuf_chapter_at(feed->buf, at - 1);
    const struct logbuf_chapter *right = logbuf_chapter_at(feed->buf, at);
    logs_compare_close(st);
    if (!chapter_of_attempt(feed, left->attempt, &left_id) ||
        !chapter_of_attempt(feed, right->attempt, &right_id))
        return true;
    st->compare.on = true;
    st->compare.left = left->attempt;
    st->compare.right = right->attempt;
    st->compare.diff = logdiff_new(feed->buf, left_id, right_id);
    st->compare.top = centred(st, st->compare.diff->first);
    return true;
}

void
logs_compare_wanted(struct logs_state *st, const struct log_feed *feed)
{
    size_t n = logbuf_chapter_count(feed->buf);
    if (!feed->compare || st->asked_compared == feed->asked || n < 2)
        return;
    const struct logbuf_chapter *newest = logbuf_chapter_at(feed->buf, n - 1);
    bool here = newest->line_count > 0 || feed->state == LOG_FEED_ENDED;
    if (newest->attempt + 1 != feed->attempts || !here || feed->state == LOG_FEED_LOADING)
        return;
    struct intent unused = {0};
    st->asked_compared = feed->asked;
    (void)logs_compare_open(st, feed, &unused);
}

void
logs_compare_close(struct logs_state *st)
{
    logdiff_free(st->compare.diff);
    st->compare.diff = NULL;
    st->compare.on = false;
}

static size_t
next_difference(const struct logdiff *d, size_t from, bool forward)
{
    /* From one stretch of differences to the next. */
    size_t i = from;
    while (i < d->rows.len && d->rows.items[i].differs)
        i += forward ? 1 : (size_t)-1;
    while (i < d->rows.len && !d->rows.items[i].differs)
        i += forward ? 1 : (size_t)-1;
    return i < d->rows.len ? i : SIZE_MAX;
}

static void
step_difference(struct logs_state *st, bool forward)
{
    const struct logdiff *d = st->compare.diff;
    size_t half = (size_t)IW_MAX(st->text.h - HEAD_ROWS, 2) / 2;
    size_t row = next_difference(d, IW_MIN(st->compare.top + half, d->rows.len), forward);
    if (row != SIZE_MAX)
        st->compare.top = centred(st, row);
}

bool
logs_compare_act(struct logs_state *st, enum action action)
{
    size_t h = (size_t)IW_MAX(st->text.h - HEAD_ROWS, 1), len = st->compare.diff->rows.len;
    size_t most = len > h ? len - h : 0, *top = &st->compare.top;
    if (action == ACT_DOWN)
        *top = IW_MIN(*top + 1, most);
    else if (action == ACT_UP)
        *top -= *top > 0;
    else if (action == ACT_PAGE_DOWN || action == ACT_HALF_DOWN)
        *top = IW_MIN(*top + (action == ACT_PAGE_DOWN ? h : h / 2), most);
    else if (action == ACT_PAGE_UP || action == ACT_HALF_UP)
        *top -= IW_MIN(*top, action == ACT_PAGE_UP ? h : h / 2);
    else if (action == ACT_TOP)
        *top = 0;
    else if (action == ACT_BOTTOM)
        *top = most;
    else if (action == ACT_FIND_NEXT || action == ACT_FIND_PREV)
        step_difference(st, action == ACT_FIND_NEXT);
    else if (action == ACT_COMPARE || action == ACT_CLEAR || action == ACT_BACK)
        logs_compare_close(st);
    else
        return false;
    return true;
}

static void
column_title(const struct log_feed *feed, int32_t attempt, struct surface *s, struct rect row)
{
    uint32_t id;
    const struct logbuf_chapter *c = chapter_of_attempt(feed, attempt, &id);
    char title[200];
    if (!c)
        return;
    snprintf(title, sizeof(title),
             c->line_count == 1 ? tr("attempt %d, %s, %llu line")
                                : tr("attempt %d, %s, %llu lines"),
             IW_MIN(attempt, INT32_MAX - 1) + 1, c->ended && c->how[0] ? c->how : tr("running"),
             (unsigned long long)c->line_count);
    surface_rule(s, row, row.y, ROLE_RULE, title, ROLE_TITLE);
}

static void
side_line(const struct logs_state *st, const struct log_feed *feed, uint64_t number, bool differs,
          const char *sign, struct surface *s, struct rect cell)
{
    if (number == LINE_NONE || number < logs_first(feed))
        return;
    struct logbuf_line line = logs_line(feed, number);
    bool bad = loglens_level(st->lens, number) >= LINE_LEVEL_ERROR;
    enum role role = !differs ? ROLE_DIM : bad ? ROLE_ERROR : ROLE_TEXT;
    struct rect text = {cell.x + 2, cell.y, cell.w - 2, 1};
    logs_text_auto t;
    logs_text_of(&t, st, &line);
    surface_puts(s, cell, cell.x, cell.y, ROLE_KEY, differs ? sign : " ");
    if (logs_text_draw(&t, 0, t.len, s, text, 0, role) > text.w)
        surface_puts(s, text, text.x + text.w - 1, text.y, ROLE_KEY, "›");
}

void
logs_draw_compare(const struct logs_state *st, const struct view_env *env, struct surface *s,
                  struct rect area)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct logdiff *d = st->compare.diff;
    int half = (area.w - 1) / 2;
    struct rect left = {area.x, area.y, half, 1};
    struct rect right = {area.x + half + 1, area.y, area.w - half - 1, 1};
    size_t differences = 0;
    for (size_t i = 0; i < d->rows.len; i++)
        differences += d->rows.items[i].differs;
    int x = area.x + 1;
    if (differences == 0)
        x += surface_puts(s, area, x, area.y, ROLE_OK, tr("the same lines in both attempts"));
    else
        x += surface_printf(s, area, x, area.y, ROLE_TEXT,
                            differences == 1 ? tr("%zu line differs") : tr("%zu lines differ"),
                            differences);
    x += surface_puts(s, area, x, area.y, ROLE_DIM, tr(", times and ids aside"));
    if (d->cut)
        x += surface_printf(s, area, x, area.y, ROLE_WARN, tr("; only the first %d of each"),
                            (int)LOGDIFF_LINES_MAX);
    surface_puts(s, area, x, area.y, ROLE_HINT, tr("   n N next, previous   = closes"));
    left.y = right.y = area.y + 1;
    column_title(feed, st->compare.left, s, left);
    column_title(feed, st->compare.right, s, right);
    surface_puts(s, area, area.x + half, area.y + 1, ROLE_RULE, "┬");
    for (int y = HEAD_ROWS; y < area.h; y++) {
        size_t i = st->compare.top + (size_t)(y - HEAD_ROWS);
        surface_puts(s, area, area.x + half, area.y + y, ROLE_RULE, "│");
        if (i >= d->rows.len)
            continue;
        const struct logdiff_row *row = &d->rows.items[i];
        left.y = right.y = area.y + y;
        side_line(st, feed, row->left, row->differs, "-", s, left);
        side_line(st, feed, row->right, row->differs, "+", s, right);
    }
}
