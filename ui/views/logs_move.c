/* logs_move: which rows are in sight, and how keys move them.
 *
 * Only lines in sight are measured. Positions are absolute line numbers, so that the picture stands still when old lines
 * go or a filter changes: a line that went out of sight gives way to the next one that is left.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "logs.h"

uint64_t
logs_end(const struct logs_state *st)
{
    return loglens_shown(st->lens)->end;
}

uint64_t
logs_next(const struct logs_state *st, uint64_t line)
{
    uint64_t next = linebits_next(loglens_shown(st->lens), line + 1);
    return next == LINE_NONE ? logs_end(st) : next;
}

uint64_t
logs_prev(const struct logs_state *st, uint64_t line)
{
    return line == 0 ? LINE_NONE : linebits_prev(loglens_shown(st->lens), line - 1);
}

/* The first line in sight; the end when there is none. */
static uint64_t
first_shown(const struct logs_state *st)
{
    uint64_t line = linebits_next(loglens_shown(st->lens), 0);
    return line == LINE_NONE ? logs_end(st) : line;
}

/* --- chapters --- */

/* First chapter whose header stands behind line `line`. */
static size_t
chapter_behind(const struct logs_state *st, uint64_t line)
{
    size_t low = 0, high = st->begins.len;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (st->begins.items[mid] <= line)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void
logs_attempt_name(const struct logbuf_chapter *c, char out[32])
{
    const int number = IW_MIN(c->attempt, INT32_MAX - 1) + 1;
    if (c->attempt < 0)
        snprintf(out, 32, "?");
    else if (c->before > 0)
        snprintf(out, 32, "%d-%d", number - c->before, number);
    else
        snprintf(out, 32, "%d", number);
}

bool
logs_chapter_is_bare(const struct logbuf_chapter *c)
{
    return c->missing[0] && !c->ended && c->line_count == 0;
}

/* Does a row tell how it ended? Between two attempts their headers do; behind the newest lines its header is out of sight. */
static bool
has_exit(const struct log_feed *feed, size_t chapter)
{
    const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, chapter);
    const bool newest = chapter + 1 == logbuf_chapter_count(feed->buf);
    return c && ((c->ended && newest) || c->missing[0]) && !logs_chapter_is_bare(c);
}

static void
add_row(struct logs_chapter_row *out, int max, int *n, size_t chapter, bool exit)
{
    if (*n < max)
        out[*n] = (struct logs_chapter_row){chapter, exit};
    (*n)++;
}

int
logs_chapter_rows(const struct logs_state *st, const struct log_feed *feed, uint64_t line,
                  struct logs_chapter_row *out, int max)
{
    if (st->begins.len == 0)
        return 0;
    uint64_t prev = logs_prev(st, line);
    size_t from = prev == LINE_NONE ? 0 : chapter_behind(st, prev);
    size_t to = line >= logs_end(st) ? st->begins.len : chapter_behind(st, line);
    int n = 0;
    for (size_t i = from; i < to; i++) {
        if (i > 0 && has_exit(feed, i - 1))
            add_row(out, max, &n, i - 1, true);
        add_row(out, max, &n, i, false);
    }
    if (line >= logs_end(st) && has_exit(feed, st->begins.len - 1))
        add_row(out, max, &n, st->begins.len - 1, true);
    return n;
}

size_t
logs_chapter_in_sight(const struct logs_state *st, const struct log_feed *feed)
{
    if (st->begins.len == 0)
        return SIZE_MAX;
    if (st->stick && !st->has_current)
        return st->begins.len - 1;
    if (st->has_current) {
        size_t behind = chapter_behind(st, st->current);
        return behind > 0 ? behind - 1 : 0;
    }
    struct logs_chapter_row rows[64];
    struct logs_position top = logs_top(st, feed);
    int n = IW_MIN(logs_chapter_rows(st, feed, top.line, rows, (int)IW_COUNTOF(rows)),
                   (int)IW_COUNTOF(rows));
    if (top.row < n)
        return rows[top.row].chapter;
    size_t behind = chapter_behind(st, top.line);
    return behind > 0 ? behind - 1 : 0;
}

void
logs_jump_chapter(struct logs_state *st, const struct log_feed *feed, size_t chapter)
{
    struct logs_chapter_row rows[64];
    if (chapter >= st->begins.len)
        return;
    uint64_t line = linebits_next(loglens_shown(st->lens), st->begins.items[chapter]);
    struct logs_position p = {line == LINE_NONE ? logs_end(st) : line, 0};
    int n = IW_MIN(logs_chapter_rows(st, feed, p.line, rows, (int)IW_COUNTOF(rows)),
                   (int)IW_COUNTOF(rows));
    while (p.row + 1 < n && (rows[p.row].chapter != chapter || rows[p.row].exit))
        p.row++;
    st->has_current = false;
    logs_scroll_to(st, feed, p);
}

/* --- rows --- */

bool
logs_has_fields_row(const struct logs_state *st, uint64_t line, const struct logbuf_line *raw)
{
    return st->wide && !st->columns && st->has_current && line == st->current &&
           raw->kind == LOGBUF_TEXT && logfields_is_json(raw->text, raw->len);
}

int
logs_rows(const struct logs_state *st, const struct log_feed *feed, uint64_t line)
{
    int rows = logs_chapter_rows(st, feed, line, NULL, 0);
    if (line >= logs_end(st))
        return rows;
    struct logbuf_line raw = logs_line(feed, line);
    rows += logs_has_fields_row(st, line, &raw);
    if (!st->wrap || raw.kind == LOGBUF_MARK)
        return rows + 1;
    logs_text_auto text;
    logs_text_of(&text, st, &raw);
    return rows + logs_text_rows(&text, st->text.w);
}

static bool
before(struct logs_position a, struct logs_position b)
{
    return a.line < b.line || (a.line == b.line && a.row < b.row);
}

/* The top from which the last row is at the bottom of the screen. */
static struct logs_position
bottom_top(const struct logs_state *st, const struct log_feed *feed)
{
    struct logs_position p = {logs_end(st), 0};
    int left = st->text.h, rows = logs_rows(st, feed, p.line);
    p.row = IW_MAX(rows - left, 0);
    for (left -= rows; left > 0;) {
        uint64_t line = logs_prev(st, p.line);
        if (line == LINE_NONE)
            break;
        rows = logs_rows(st, feed, line);
        p = (struct logs_position){line, rows > left ? rows - left : 0};
        left -= rows;
    }
    return p;
}

struct logs_position
logs_top(const struct logs_state *st, const struct log_feed *feed)
{
    struct logs_position bottom = bottom_top(st, feed), top = st->top;
    if (st->stick)
        return bottom;
    uint64_t line = linebits_next(loglens_shown(st->lens), top.line);
    if (line != top.line)
        top = (struct logs_position){line == LINE_NONE ? logs_end(st) : line, 0};
    return before(bottom, top) ? bottom : top;
}

void
logs_scroll_to(struct logs_state *st, const struct log_feed *feed, struct logs_position p)
{
    struct logs_position bottom = bottom_top(st, feed);
    st->stick = !before(p, bottom);
    st->top = st->stick ? bottom : p;
}

/* A chosen line that scrolled out of sight is chosen no more. */
static void
keep_current_in_sight(struct logs_state *st, const struct log_feed *feed)
{
    struct logs_position p = logs_top(st, feed);
    if (!st->has_current)
        return;
    uint64_t line = p.line;
    for (int rows = -p.row; rows < st->text.h && line < logs_end(st); line = logs_next(st, line)) {
        rows += logs_rows(st, feed, line);
        if (line == st->current && rows > 0)
            return;
    }
    st->has_current = false;
}

void
logs_scroll_by(struct logs_state *st, const struct log_feed *feed, int rows)
{
    struct logs_position p = logs_top(st, feed);
    for (; rows > 0 && p.line < logs_end(st); rows--)
        if (++p.row >= logs_rows(st, feed, p.line))
            p = (struct logs_position){logs_next(st, p.line), 0};
    for (; rows < 0; rows++) {
        if (p.row > 0) {
            p.row--;
            continue;
        }
        uint64_t line = logs_prev(st, p.line);
        if (line == LINE_NONE)
            break;
        p = (struct logs_position){line, logs_rows(st, feed, line) - 1};
    }
    logs_scroll_to(st, feed, p);
    keep_current_in_sight(st, feed);
}

/* Is the whole line on screen when p is at the top? */
static bool
in_sight(const struct logs_state *st, const struct log_feed *feed, struct logs_position p,
         uint64_t number)
{
    int rows = -p.row;
    for (uint64_t line = p.line; line <= number && line < logs_end(st);
         line = logs_next(st, line)) {
        rows += logs_rows(st, feed, line);
        if (rows > st->text.h)
            return false;
        if (line == number)
            return line != p.line || p.row <= logs_chapter_rows(st, feed, line, NULL, 0);
    }
    return false;
}

void
logs_jump(struct logs_state *st, const struct log_feed *feed, uint64_t line)
{
    struct logs_position top = logs_top(st, feed);
    uint64_t near = linebits_prev(loglens_shown(st->lens), line);
    if (near == LINE_NONE)
        near = first_shown(st);
    if (near >= logs_end(st))
        return;
    st->has_current = true;
    st->current = near;
    st->stick = false;
    st->top = top;
    if (in_sight(st, feed, top, near))
        return;
    struct logs_position p = {near, 0};
    int lead = st->text.h / 3;
    for (uint64_t prev; lead > 0 && (prev = logs_prev(st, p.line)) != LINE_NONE; p.line = prev)
        lead -= logs_rows(st, feed, prev);
    st->top = p;
}

uint64_t
logs_chosen(const struct logs_state *st, const struct log_feed *feed)
{
    if (!feed || !feed->buf || first_shown(st) == logs_end(st))
        return LINE_NONE;
    if (st->has_current)
        return st->current;
    if (st->stick)
        return linebits_prev(loglens_shown(st->lens), UINT64_MAX);
    uint64_t line = logs_top(st, feed).line;
    return line < logs_end(st) ? line : linebits_prev(loglens_shown(st->lens), UINT64_MAX);
}
