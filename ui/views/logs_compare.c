/* logs_compare: two attempts of a container side by side, without what differs from run to run.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { HEAD_ROWS = 2, SIGN_COLS = 2 };

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

/* --- rows --- */

/* Columns of a text on either side, behind its sign. */
static int
text_cols(const struct logs_state *st)
{
    return IW_MAX((st->compare.w - 1) / 2 - SIGN_COLS, 1);
}

static int
page_rows(const struct logs_state *st)
{
    return IW_MAX(st->compare.h - HEAD_ROWS, 1);
}

/* Screen rows of a line on its side; 0 of one that is not there. */
static int
side_rows(const struct logs_state *st, const struct log_feed *feed, uint64_t number)
{
    if (number == LINE_NONE || number < logs_first(feed))
        return 0;
    struct logbuf_line line = logs_line(feed, number);
    logs_text_auto t;
    logs_text_of(&t, st, &line);
    return logs_text_rows(&t, text_cols(st));
}

/* What differs is there whole; what is the same takes one row, unless there is room for all. */
static int
row_height(const struct logs_state *st, const struct log_feed *feed, size_t i, bool whole)
{
    const struct logdiff_row *row = &st->compare.diff->rows.items[i];
    if (!row->differs && !whole)
        return 1;
    int rows = IW_MAX(side_rows(st, feed, row->left), side_rows(st, feed, row->right));
    return IW_MIN(IW_MAX(rows, 1), page_rows(st));
}

static bool
all_fit(const struct logs_state *st, const struct log_feed *feed)
{
    int left = page_rows(st);
    for (size_t i = 0; i < st->compare.diff->rows.len && left >= 0; i++)
        left -= row_height(st, feed, i, true);
    return left >= 0;
}

/* The first row of those that fit into `room` screen rows above row `end`. */
static size_t
first_above(const struct logs_state *st, const struct log_feed *feed, size_t end, int room)
{
    while (end > 0 && (room -= row_height(st, feed, end - 1, false)) >= 0)
        end--;
    return end;
}

/* The first row of those below `top` that a page from there has no room for. */
static size_t
first_below(const struct logs_state *st, const struct log_feed *feed, size_t top, int room)
{
    while (top < st->compare.diff->rows.len && (room -= row_height(st, feed, top, false)) >= 0)
        top++;
    return top;
}

static void
scroll_to(struct logs_state *st, const struct log_feed *feed, size_t top)
{
    size_t most = first_above(st, feed, st->compare.diff->rows.len, page_rows(st));
    st->compare.top = all_fit(st, feed) ? 0 : IW_MIN(top, most);
}

/* The place of a difference in the middle of the screen. */
static void
show_place(struct logs_state *st, const struct log_feed *feed, size_t row)
{
    st->compare.at = row;
    scroll_to(st, feed, first_above(st, feed, row, page_rows(st) / 2));
}

/* Chapters at - 1 and at, side by side. */
static void
compare_pair(struct logs_state *st, const struct log_feed *feed, size_t at)
{
    const struct logbuf_chapter *left = logbuf_chapter_at(feed->buf, at - 1);
    const struct logbuf_chapter *right = logbuf_chapter_at(feed->buf, at);
    uint32_t left_id = 0, right_id = 0;
    logs_compare_close(st);
    if (!chapter_of_attempt(feed, left->attempt, &left_id) ||
        !chapter_of_attempt(feed, right->attempt, &right_id))
        return;
    st->compare.on = true;
    st->compare.left = left->attempt;
    st->compare.right = right->attempt;
    st->compare.diff = logdiff_new(feed->buf, left_id, right_id);
    show_place(st, feed, st->compare.diff->first);
}

bool
logs_compare_open(struct logs_state *st, const struct log_feed *feed, struct intent *out)
{
    size_t n = st->begins.len, at = logs_chapter_in_sight(st, feed);
    if (feed->merged || n < 2) {
        logs_flash(out, "%s",
                   feed->merged ? tr("attempts are of one container: a shows one")
                                : tr("there is only one attempt to compare"));
        return true;
    }
    compare_pair(st, feed, at == SIZE_MAX || at == 0 ? 1 : at);
    return true;
}

/* The pair before or behind the one on the screen. */
static void
step_pair(struct logs_state *st, const struct log_feed *feed, bool older, struct intent *out)
{
    size_t n = logbuf_chapter_count(feed->buf), at = 1;
    while (at < n && logbuf_chapter_at(feed->buf, at)->attempt < st->compare.right)
        at++;
    if (older && at > 1)
        compare_pair(st, feed, at - 1);
    else if (!older && at + 1 < n)
        compare_pair(st, feed, at + 1);
    else
        logs_flash(out, "%s",
                   older ? tr("this is the oldest attempt there is a log of")
                         : tr("this is the newest attempt"));
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

/* --- keys --- */

static bool
is_place(const struct logdiff *d, size_t row)
{
    return d->rows.items[row].differs && (row == 0 || !d->rows.items[row - 1].differs);
}

/* A place is the first row of a stretch of differences. */
static void
step_place(struct logs_state *st, const struct log_feed *feed, bool forward)
{
    const struct logdiff *d = st->compare.diff;
    size_t from = st->compare.at;
    if (from == SIZE_MAX)
        from = first_below(st, feed, st->compare.top, page_rows(st) / 2);
    for (size_t i = from; forward ? ++i < d->rows.len : i-- > 0;)
        if (is_place(d, i)) {
            show_place(st, feed, i);
            return;
        }
}

static void
scroll(struct logs_state *st, const struct log_feed *feed, enum action action)
{
    const bool half = action == ACT_HALF_DOWN || action == ACT_HALF_UP;
    const int page = IW_MAX(half ? page_rows(st) / 2 : page_rows(st), 1);
    const size_t top = st->compare.top;
    size_t to = 0;
    if (action == ACT_DOWN)
        to = top + 1;
    else if (action == ACT_UP)
        to = top - (top > 0);
    else if (action == ACT_PAGE_DOWN || action == ACT_HALF_DOWN)
        to = IW_MAX(first_below(st, feed, top, page), top + 1);
    else if (action == ACT_PAGE_UP || action == ACT_HALF_UP)
        to = IW_MIN(first_above(st, feed, top, page), top - (top > 0));
    else if (action == ACT_BOTTOM)
        to = st->compare.diff->rows.len;
    st->compare.at = SIZE_MAX;
    scroll_to(st, feed, to);
}

bool
logs_compare_can(enum action action)
{
    static const enum action of_the_log[] = {
        ACT_FOLLOW,         ACT_FOLLOW_END, ACT_TIME,         ACT_WIDE,  ACT_FILTER,
        ACT_KEEP,           ACT_DROP,       ACT_NEXT_ERROR,   ACT_SINCE, ACT_PREV_ERROR,
        ACT_ALL_CONTAINERS, ACT_OPEN,       ACT_SIDE,         ACT_FOLD,  ACT_LINE_MARK,
        ACT_COLUMNS,        ACT_CONTEXT,    ACT_NEXT_WARNING, ACT_LEFT,  ACT_RIGHT,
        ACT_PREV_WARNING,   ACT_NEXT_PANE,  ACT_PREV_PANE,    ACT_COPY,
    };
    for (size_t i = 0; i < IW_COUNTOF(of_the_log); i++)
        if (of_the_log[i] == action)
            return false;
    return true;
}

bool
logs_compare_act(struct logs_state *st, const struct log_feed *feed, enum action action,
                 struct intent *out)
{
    if (action == ACT_DOWN || action == ACT_UP || action == ACT_PAGE_DOWN ||
        action == ACT_PAGE_UP || action == ACT_HALF_DOWN || action == ACT_HALF_UP ||
        action == ACT_TOP || action == ACT_BOTTOM)
        scroll(st, feed, action);
    else if (action == ACT_FIND_NEXT || action == ACT_FIND_PREV)
        step_place(st, feed, action == ACT_FIND_NEXT);
    else if (action == ACT_ATTEMPT_OLDER || action == ACT_ATTEMPT_NEWER)
        step_pair(st, feed, action == ACT_ATTEMPT_OLDER, out);
    else if (action == ACT_COMPARE || action == ACT_CLEAR || action == ACT_BACK)
        logs_compare_close(st);
    else if (!logs_compare_can(action))
        logs_flash(out, "%s", tr("attempts are compared here: = goes back to the log"));
    else
        return false;
    return true;
}

/* --- drawing --- */

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

/* Rows of one side of a difference; at most h of them. */
static void
side_draw(const struct logs_state *st, const struct log_feed *feed, uint64_t number, bool differs,
          const char *sign, struct surface *s, struct rect cell)
{
    if (number == LINE_NONE || number < logs_first(feed))
        return;
    struct logbuf_line line = logs_line(feed, number);
    bool bad = loglens_level(st->lens, number) >= LINE_LEVEL_ERROR;
    enum role role = !differs ? ROLE_DIM : bad ? ROLE_ERROR : ROLE_TEXT;
    struct rect text = {cell.x + SIGN_COLS, cell.y, text_cols(st), 1};
    logs_text_auto t;
    logs_text_of(&t, st, &line);
    surface_puts(s, cell, cell.x, cell.y, ROLE_KEY, differs ? sign : " ");
    size_t at = 0;
    for (; text.y < cell.y + cell.h - 1 && at < t.len; text.y++) {
        size_t to = at + logs_text_take(&t, at, text.w);
        int indent = at > 0 ? logs_text_indent(&t, text.w) : 0;
        struct rect row = {text.x + indent, text.y, text.w - indent, 1};
        logs_text_draw(&t, at, to, s, row, 0, role);
        at = to;
    }
    if (at == t.len && at > 0)
        return;
    int indent = at > 0 ? logs_text_indent(&t, text.w) : 0;
    struct rect row = {text.x + indent, text.y, text.w - indent, 1};
    if (logs_text_draw(&t, at, t.len, s, row, 0, role) > row.w)
        surface_puts(s, row, row.x + row.w - 1, row.y, ROLE_KEY, "›");
}

/* " 4 lines differ in 2 places (this is 1), times and ids aside   n N next, previous   = closes" */
static void
head_draw(const struct logs_state *st, struct surface *s, struct rect area)
{
    const struct logdiff *d = st->compare.diff;
    size_t differences = 0, places = 0, place = 0;
    for (size_t i = 0; i < d->rows.len; i++) {
        differences += d->rows.items[i].differs;
        places += is_place(d, i);
        if (i == st->compare.at)
            place = places;
    }
    int x = area.x + 1;
    if (differences == 0)
        x += surface_puts(s, area, x, area.y, ROLE_OK, tr("the same lines in both attempts"));
    else
        x += surface_printf(s, area, x, area.y, ROLE_TEXT,
                            tr_n("%zu line differs", "%zu lines differ", differences), differences);
    x += surface_puts(s, area, x, area.y, ROLE_DIM, tr(", times and ids aside"));
    if (d->cut)
        x += surface_printf(s, area, x, area.y, ROLE_WARN, tr("; only the first %d of each"),
                            (int)LOGDIFF_LINES_MAX);
    if (places > 1 && place > 0)
        x +=
            surface_printf(s, area, x, area.y, ROLE_TEXT, tr("   place %zu of %zu"), place, places);
    else if (places > 1)
        x += surface_printf(s, area, x, area.y, ROLE_TEXT, tr("   %zu places"), places);
    if (places > 1)
        x += surface_puts(s, area, x, area.y, ROLE_HINT, tr("   n N next, previous"));
    surface_puts(s, area, x, area.y, ROLE_HINT, tr("   = closes"));
}

void
logs_draw_compare(const struct logs_state *st, const struct view_env *env, struct surface *s,
                  struct rect area)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct logdiff *d = st->compare.diff;
    const bool whole = all_fit(st, feed);
    int half = (area.w - 1) / 2, bottom = area.y + area.h;
    struct rect left = {area.x, area.y + 1, half, 1};
    struct rect right = {area.x + half + 1, area.y + 1, area.w - half - 1, 1};
    head_draw(st, s, area);
    column_title(feed, st->compare.left, s, left);
    column_title(feed, st->compare.right, s, right);
    surface_puts(s, area, area.x + half, area.y + 1, ROLE_RULE, "┬");
    for (int y = area.y + HEAD_ROWS; y < bottom; y++)
        surface_puts(s, area, area.x + half, y, ROLE_RULE, "│");
    int y = area.y + HEAD_ROWS;
    for (size_t i = st->compare.top; i < d->rows.len && y < bottom; i++, y += left.h) {
        const struct logdiff_row *row = &d->rows.items[i];
        left.y = right.y = y;
        left.h = right.h = IW_MIN(row_height(st, feed, i, whole), bottom - y);
        side_draw(st, feed, row->left, row->differs, "-", s, left);
        side_draw(st, feed, row->right, row->differs, "+", s, right);
        if (i == st->compare.at && row->differs)
            surface_puts(s, area, area.x + half, y, ROLE_KEY, "▸");
    }
}
