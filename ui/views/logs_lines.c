/* logs_lines: the body of the log view: chapters, separators and lines, and the scrollbar beside them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/resources.h"
#include "logs.h"

enum { CHAPTER_ROWS_MAX = 64, NOTE_COLS = 40 };

/* --- times --- */

/* "+39s", "+0.2s", "-1m12s" */
static void
distance_text(int64_t ms, char out[32])
{
    char text[16];
    int64_t size = ms < 0 ? -ms : ms;
    duration_cells(size, text);
    if (ms >= 0 && size < 60000)
        snprintf(out, 32, "+%d.%ds", (int)(size / 1000), (int)(size % 1000 / 100));
    else
        snprintf(out, 32, "%c%s", ms < 0 ? '-' : '+', text);
}

/* 0 of the line's relative time: the start of its attempt. */
static int64_t
base_of(const struct logs_state *st, const struct log_feed *feed, const struct logbuf_line *line)
{
    const struct logbuf_chapter *c = logbuf_chapter_find(feed->buf, line->chapter);
    bool known = c && c->started_ms > 0;
    return known && !feed->merged ? c->started_ms : st->base_ms;
}

void
logs_time_text(const struct logs_state *st, const struct log_feed *feed,
               const struct logbuf_line *line, uint64_t number, int cols, char out[32])
{
    char text[16] = "";
    int64_t base = base_of(st, feed, line);
    out[0] = '\0';
    switch (st->time) {
    case LOGS_TIME_LOCAL:
    case LOGS_TIME_UTC:
        clock_hms(line->wall_ms, st->time == LOGS_TIME_LOCAL, text);
        if (cols >= 12)
            snprintf(out, 32, "%s.%03d", text, (int)(((line->wall_ms % 1000) + 1000) % 1000));
        else
            snprintf(out, 32, "%s", text);
        return;
    case LOGS_TIME_STEP: {
        uint64_t prev = logs_prev(st, number);
        base = prev == LINE_NONE ? line->wall_ms : logs_line(feed, prev).wall_ms;
        break;
    }
    case LOGS_TIME_START:
    case LOGS_TIME_OFF:
    case LOGS_TIME_COUNT:
        break;
    }
    if (base != IW_TIME_NONE)
        distance_text(line->wall_ms - base, out);
}

/* --- separators --- */

static void
hms(const struct logs_state *st, int64_t wall_ms, char out[16])
{
    snprintf(out, 16, "–");
    if (wall_ms != IW_TIME_NONE)
        clock_hms(wall_ms, st->time != LOGS_TIME_UTC, out);
}

/* A mark in the stream: "┄┄ 19:53:25 i1 database-init ✓ exit 0 after 3.0s ┄┄┄" */
static void
mark_draw(const struct logs_state *st, struct surface *s, struct rect row,
          const struct logbuf_line *line)
{
    char at[16];
    int x = row.x + surface_puts(s, row, row.x, row.y, ROLE_RULE, "┄┄ ");
    if (line->wall_ms != IW_TIME_NONE) {
        hms(st, line->wall_ms, at);
        x += surface_printf(s, row, x, row.y, ROLE_DIM, "%s ", at);
    }
    x += surface_text(s, row, x, row.y, ROLE_MARK, line->text, line->len);
    x += surface_puts(s, row, x, row.y, ROLE_RULE, " ");
    for (; x < row.x + row.w; x++)
        surface_puts(s, row, x, row.y, ROLE_RULE, "┄");
}

/* "OOMKilled (137)", "exit 1" */
static void
how_text(const struct logbuf_chapter *c, char *out, size_t out_size)
{
    bool has_code = strstr(c->how, "exit") != NULL || strchr(c->how, '(') != NULL;
    if (c->exit_known && !c->how[0])
        snprintf(out, out_size, tr("exit %d"), c->exit_code);
    else if (c->exit_known && !has_code)
        snprintf(out, out_size, "%s (%d)", c->how, c->exit_code);
    else
        snprintf(out, out_size, "%s", c->how);
}

static bool
is_good(const struct logbuf_chapter *c)
{
    return !c->ended || (c->exit_known && c->exit_code == 0);
}

/* How long it ran or runs, "" when that is not known. */
static void
took_text(const struct logbuf_chapter *c, int64_t now_ms, char out[16])
{
    int64_t end_ms = c->ended ? c->ended_ms : now_ms;
    out[0] = 0;
    if (c->started_ms != IW_TIME_NONE && c->started_ms > 0 && end_ms != IW_TIME_NONE &&
        end_ms >= c->started_ms)
        duration_cells(end_ms - c->started_ms, out);
}

/* The memory limit of the container, which an OOMKilled attempt met; NULL none. */
static const char *
memory_limit(const struct view_env *env, const struct logbuf_chapter *c)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct pod *pod = podpane_pod(env);
    const struct container *k = NULL;
    if (pod && c->source < feed->source_count && strncmp(c->how, "OOMKilled", 9) == 0)
        k = pod_find_container(pod, feed->sources[c->source].container);
    return k ? resource_list_text(&k->limits, "memory") : NULL;
}

/* "22:07:41 → 22:08:20 ─ 39s ─ OOMKilled (137) limit 128Mi" */
static void
header_facts(struct doc *d, const struct logs_state *st, const struct view_env *env,
             const struct logbuf_chapter *c)
{
    char start[16], end[16], took[16], how[128];
    hms(st, c->started_ms, start);
    hms(st, c->ended_ms, end);
    took_text(c, podpane_now(env), took);
    how_text(c, how, sizeof(how));
    if (c->ended)
        doc_put(d, ROLE_TEXT, "%s → %s", start, end);
    else
        doc_put(d, ROLE_TEXT, "%s", start);
    if (took[0]) {
        doc_put(d, ROLE_RULE, " ─ ");
        doc_put(d, c->ended ? ROLE_TEXT : ROLE_WORKING, c->ended ? "%s" : tr("running %s"), took);
    }
    if (!c->ended || !how[0])
        return;
    doc_put(d, ROLE_RULE, " ─ ");
    doc_put(d, is_good(c) ? ROLE_OK : ROLE_ERROR, "%s", how);
    const char *limit = memory_limit(env, c);
    if (limit) {
        doc_put(d, ROLE_TEXT, " ");
        doc_put(d, ROLE_TEXT, tr("limit %s"), limit);
    }
}

/* "1m09s after attempt 1"; "" when it is not known or the first of all. */
static void
gap_text(const struct log_feed *feed, size_t chapter, char out[64])
{
    const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, chapter);
    const struct logbuf_chapter *before =
        chapter ? logbuf_chapter_at(feed->buf, chapter - 1) : NULL;
    char name[32], text[16];
    out[0] = 0;
    if (!before || before->ended_ms == IW_TIME_NONE || c->started_ms == IW_TIME_NONE ||
        c->started_ms < before->ended_ms || c->attempt - c->before != before->attempt + 1)
        return;
    snprintf(name, sizeof(name), "%d", IW_MIN(before->attempt, INT32_MAX - 1) + 1);
    duration_cells(c->started_ms - before->ended_ms, text);
    snprintf(out, 64, tr("%s after attempt %s"), text, name);
}

/* "─ attempt 1 ─ 22:07:41 → 22:08:20 ─ 39s ─ OOMKilled (137) limit 128Mi ── 6 lines"; of those that are not here, why. */
static void
header_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
            struct rect row, size_t chapter)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, chapter);
    char name[32], lines[32] = "", gap[64];
    logs_attempt_name(c, name);
    doc_auto d;
    doc_init(&d, row.w);
    doc_put(&d, ROLE_RULE, "─ ");
    doc_put(&d, ROLE_TITLE, c->before > 0 ? tr("attempts %s") : tr("attempt %s"), name);
    doc_put(&d, ROLE_RULE, " ─ ");
    if (logs_chapter_is_bare(c))
        doc_put(&d, ROLE_DIM, "%s", c->missing);
    else
        header_facts(&d, st, env, c);
    if (chapter + 1 == st->begins.len)
        snprintf(lines, sizeof(lines), "%s", tr("current"));
    else if (!logs_chapter_is_bare(c))
        snprintf(lines, sizeof(lines), tr_n("%llu line", "%llu lines", c->line_count),
                 (unsigned long long)c->line_count);
    const int room = row.w - d.x - (lines[0] ? utf8_width(lines, strlen(lines)) + 1 : 0);
    gap_text(feed, chapter, gap);
    if (gap[0] && utf8_width(gap, strlen(gap)) + 5 <= room) {
        doc_put(&d, ROLE_RULE, " ─ ");
        doc_put(&d, ROLE_DIM, "%s", gap);
    }
    doc_put(&d, ROLE_RULE, " ");
    doc_repeat(&d, ROLE_RULE, "─",
               row.w - d.x - (lines[0] ? utf8_width(lines, strlen(lines)) + 1 : 0));
    if (lines[0]) {
        doc_put(&d, ROLE_RULE, " ");
        doc_put(&d, ROLE_DIM, "%s", lines);
    }
    doc_draw(&d, s, row, 0);
}

/* Behind the newest lines: when the next attempt is due, or where the pod is now and which key leads there. */
static void
onward_put(struct doc *d, const struct view_env *env, const struct log_feed *feed,
           const struct logbuf_chapter *c)
{
    char text[16];
    const struct pod *pod = podpane_pod(env);
    const struct container *k =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    if (c->ended_ms == IW_TIME_NONE || !k)
        return;
    int64_t now_ms = podpane_now(env);
    struct container_backoff b = container_backoff_now(k, pod->restart_policy, now_ms);
    if (b.active && b.next_ms != IW_TIME_NONE && b.next_ms > now_ms) {
        duration_cells(b.next_ms - now_ms, text);
        doc_put(d, ROLE_RULE, " ┄┄ ");
        doc_put(d, ROLE_MARK, tr("back-off, next attempt in %s"), text);
        return;
    }
    const struct container *now = pod_focus(pod, now_ms);
    if (!is_good(c) || !now || now == k)
        return;
    doc_put(d, ROLE_RULE, " ┄┄ ");
    doc_put(d, ROLE_KEY, "l ");
    doc_put(d, ROLE_HINT, tr("log of %s"), now->name);
}

/* "┄┄ 22:08:20 ✗ OOMKilled (137) after 39s ┄┄ back-off, next attempt in 9s ┄┄┄", or why there are no lines. */
static void
exit_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
          struct rect row, size_t chapter)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, chapter);
    char end[16], took[16], how[128];
    doc_auto d;
    doc_init(&d, row.w);
    doc_put(&d, ROLE_RULE, "┄┄ ");
    if (c->missing[0]) {
        doc_put(&d, ROLE_WARN, "%s", c->missing);
    } else {
        hms(st, c->ended_ms, end);
        took_text(c, podpane_now(env), took);
        how_text(c, how, sizeof(how));
        doc_put(&d, ROLE_DIM, "%s ", end);
        doc_put(&d, is_good(c) ? ROLE_OK : ROLE_ERROR, "%s%s", is_good(c) ? "✓ " : "✗ ", how);
        if (took[0])
            doc_put(&d, ROLE_MARK, tr(" after %s"), took);
    }
    if (chapter + 1 == logbuf_chapter_count(feed->buf))
        onward_put(&d, env, feed, c);
    doc_put(&d, ROLE_RULE, " ");
    doc_repeat(&d, ROLE_RULE, "┄", row.w - d.x);
    doc_draw(&d, s, row, 0);
}

/* --- lines --- */

static void
prefix_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
            const struct logs_geometry *g, int y, const struct logbuf_line *line, uint64_t number)
{
    struct rect row = {g->body.x, y, g->body.w, 1};
    char time[32], name[300];
    if (g->time_cols > 0 && line->wall_ms != IW_TIME_NONE && !loglens_continues(st->lens, number)) {
        logs_time_text(st, feed, line, number, g->time_cols - 1, time);
        surface_field(s, row, row.x + 1, y, g->time_cols - 1, false, ROLE_DIM, time);
    }
    if (g->tag_cols == 0 || line->source >= feed->source_count)
        return;
    const struct log_feed_source *src = &feed->sources[line->source];
    enum role role = (enum role)(ROLE_CONTAINER_1 + line->source % LOGS_CONTAINER_ROLES);
    int x = row.x + 1 + g->time_cols;
    surface_field(s, row, x, y, 3, false, role, src->tag);
    if (g->tag_cols <= 4)
        return;
    if (feed->pod_count > 1)
        snprintf(name, sizeof(name), "%s %s", src->pod_name, src->container);
    else
        snprintf(name, sizeof(name), "%s", src->container);
    surface_field(s, row, x + 3, y, g->tag_cols - 4, false, role, name);
}

/* Where the pattern is found in bytes from..to of a line that are drawn at x. */
static void
match_draw(const struct logs_state *st, const struct logs_text *t, size_t from, size_t to,
           int shift, struct surface *s, struct rect row)
{
    struct logmatch *m = loglens_searcher(st->lens);
    size_t at = 0, start, end;
    while (m && at < to && logmatch_find(m, t->text, t->len, at, &start, &end) && start < to) {
        size_t a = IW_MAX(start, from), b = IW_MIN(end, to);
        if (a < b) {
            int x = utf8_width(t->text + from, a - from) - shift;
            int w = utf8_width(t->text + a, b - a);
            surface_restyle(s, rect_intersect(row, (struct rect){row.x + x, row.y, w, 1}),
                            ROLE_MATCH);
        }
        at = IW_MAX(end, start + 1);
    }
}

/* " × 123, every 2.0 s" at the right of a line that was repeated, " + 12 lines" of a folded trace. */
static void
fold_note(const struct logs_state *st, const struct log_feed *feed, uint64_t number, char *out,
          size_t out_size)
{
    uint64_t last, more = loglens_trace_lines(st->lens, number);
    int64_t every_ms;
    char until[16] = "";
    out[0] = 0;
    uint64_t times =
        st->fold == LOGS_FOLD_NOTHING ? 0 : loglens_repeats(st->lens, number, &last, &every_ms);
    if (times > 0) {
        struct logbuf_line line = logs_line(feed, last);
        if (line.wall_ms != IW_TIME_NONE)
            hms(st, line.wall_ms, until);
        int n = snprintf(out, out_size, "× %llu", (unsigned long long)times + 1);
        if (every_ms >= 0 && n > 0)
            snprintf(out + n, out_size - (size_t)n, tr(", every %lld.%lld s, last %s"),
                     (long long)(every_ms / 1000), (long long)(every_ms % 1000 / 100), until);
    } else if (more > 0 && st->fold == LOGS_FOLD_TRACES) {
        snprintf(out, out_size, tr("+ %llu lines"), (unsigned long long)more);
    }
}

static bool
is_marked(const struct logs_state *st, uint64_t number)
{
    for (size_t i = 0; i < st->mark_count; i++)
        if (st->marks[i].line == number)
            return true;
    return false;
}

static void
gutter_draw(const struct logs_state *st, struct surface *s, struct rect row, uint64_t number)
{
    bool current = st->has_current && number == st->current;
    if (current)
        surface_puts(s, row, row.x, row.y, ROLE_KEY, "▸");
    else if (is_marked(st, number))
        surface_puts(s, row, row.x, row.y, ROLE_KEY, "•");
}

static enum role
line_role(const struct logs_state *st, uint64_t number)
{
    enum line_level level = loglens_level(st->lens, number);
    return level >= LINE_LEVEL_ERROR                                          ? ROLE_ERROR
           : level == LINE_LEVEL_WARN                                         ? ROLE_WARN
           : loglens_continues(st->lens, number) || level == LINE_LEVEL_TRACE ? ROLE_DIM
                                                                              : ROLE_TEXT;
}

static void
flat_draw(const struct logs_state *st, const struct logs_text *t, struct surface *s,
          struct rect row, enum role role, char *note)
{
    const struct rect nowhere = {0, 0, 0, 0};
    int cols =
        note[0] ? surface_text(s, nowhere, 0, 0, role, t->text, IW_MIN(t->len, (size_t)500)) : 0;
    /* When it was last is left out before the line itself is cut. */
    char *last = strrchr(note, ',');
    if (last && last != strchr(note, ',') && cols + utf8_width(note, strlen(note)) + 2 > row.w)
        *last = 0;
    int note_cols = note[0] ? IW_MIN(utf8_width(note, strlen(note)), NOTE_COLS) + 2 : 0;
    struct rect text = {row.x, row.y, IW_MAX(row.w - note_cols, 1), 1};
    cols = logs_text_draw(t, 0, t->len, s, text, st->scroll_x, role);
    match_draw(st, t, 0, t->len, st->scroll_x, s, text);
    if (cols - st->scroll_x > text.w)
        surface_puts(s, text, text.x + text.w - 1, row.y, ROLE_KEY, "›");
    if (note_cols > 0)
        surface_field(s, row, row.x + row.w - note_cols + 1, row.y, note_cols - 1, true, ROLE_MARK,
                      note);
}

/* Rows from `skip` on of a wrapped line; returns how many were drawn. */
static int
wrapped_draw(const struct logs_state *st, const struct logs_text *t, struct surface *s,
             struct rect row, int skip, int room, enum role role)
{
    int rows = 0, n = 0;
    size_t from = 0;
    do {
        size_t take = logs_text_take(t, from, row.w);
        if (n++ >= skip) {
            int indent = from > 0 ? logs_text_indent(t, row.w) : 0;
            struct rect at = {row.x + indent, row.y + rows++, row.w - indent, 1};
            logs_text_draw(t, from, from + take, s, at, 0, role);
            match_draw(st, t, from, from + take, 0, s, at);
        }
        from += take;
    } while (from < t->len && rows < room);
    return IW_MAX(rows, 1);
}

/* The text of a line from its row `skip` on; returns rows used. */
static int
text_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
          const struct logs_geometry *g, const struct logs_text *t, uint64_t number, int skip,
          int y)
{
    char note[96];
    struct logbuf_line line = logs_line(feed, number);
    struct rect row = {g->body.x, y, g->body.w - g->bar_cols, 1},
                text = {g->text.x, y, g->text.w, 1};
    if (skip == 0) {
        prefix_draw(st, feed, s, g, y, &line, number);
        gutter_draw(st, s, row, number);
    }
    enum role role = line_role(st, number);
    if (st->wrap)
        return wrapped_draw(st, t, s, text, skip, g->body.y + g->body.h - y, role);
    fold_note(st, feed, number, note, sizeof(note));
    flat_draw(st, t, s, text, role, note);
    return 1;
}

/* Draws one line from its row `skip` on, with its fields if they are to be seen; returns rows used. */
static int
line_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
          const struct logs_geometry *g, uint64_t number, int skip, int y)
{
    struct logbuf_line line = logs_line(feed, number);
    struct rect row = {g->body.x, y, g->body.w - g->bar_cols, 1},
                text = {g->text.x, y, g->text.w, 1};
    if (line.kind == LOGBUF_MARK) {
        mark_draw(st, s, row, &line);
        return 1;
    }
    logs_text_auto t;
    logs_text_of(&t, st, &line);
    int text_rows = st->wrap ? logs_text_rows(&t, text.w) : 1, used = 0;
    if (skip < text_rows)
        used = text_draw(st, feed, s, g, &t, number, skip, y);
    text.y += used;
    if (!logs_has_fields_row(st, number, &line) || text.y >= g->body.y + g->body.h)
        return IW_MAX(used, 1);
    logs_fields_draw(st, &t, s, text);
    return used + 1;
}

/* --- the scrollbar --- */

/* Which part of the lines in sight each cell stands for; hits and errors show where they are. */
static void
bar_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
         const struct logs_geometry *g)
{
    const struct linebits *shown = loglens_shown(st->lens);
    const struct linebits *found = loglens_found(st->lens), *errors = loglens_errors(st->lens);
    uint64_t total = linebits_count(shown, 0, UINT64_MAX);
    if (g->bar_cols == 0 || total <= (uint64_t)g->body.h)
        return;
    uint64_t above = linebits_count(shown, 0, logs_top(st, feed).line), h = (uint64_t)g->body.h;
    int x = g->body.x + g->body.w - 1;
    for (uint64_t i = 0; i < h; i++) {
        uint64_t from = i * total / h, to = IW_MAX((i + 1) * total / h, from + 1);
        uint64_t first = linebits_select(shown, from), end = linebits_select(shown, to);
        bool thumb = from < above + h && to > above;
        bool hit = loglens_searcher(st->lens) && linebits_count(found, first, end) > 0;
        bool error = linebits_count(errors, first, end) > 0;
        surface_puts(s, g->body, x, g->body.y + (int)i,
                     hit     ? ROLE_MATCH
                     : error ? ROLE_ERROR
                     : thumb ? ROLE_TAB
                             : ROLE_RULE,
                     hit     ? "▪"
                     : thumb ? "█"
                     : error ? "▪"
                             : "░");
    }
}

void
logs_draw_body(const struct logs_state *st, const struct view_env *env, struct surface *s,
               const struct logs_geometry *g)
{
    const struct log_feed *feed = logs_feed_of(env);
    struct logs_chapter_row rows[CHAPTER_ROWS_MAX];
    struct logs_position p = logs_top(st, feed);
    uint64_t end = logs_end(st);
    int y = 0;
    for (;; p = (struct logs_position){logs_next(st, p.line), 0}) {
        int heads = IW_MIN(logs_chapter_rows(st, feed, p.line, rows, CHAPTER_ROWS_MAX),
                           (int)CHAPTER_ROWS_MAX);
        for (; p.row < heads && y < g->body.h; p.row++, y++) {
            struct rect row = {g->body.x, g->body.y + y, g->body.w - g->bar_cols, 1};
            size_t chapter = rows[p.row].chapter;
            if (rows[p.row].exit)
                exit_draw(st, env, s, row, chapter);
            else
                header_draw(st, env, s, row, chapter);
        }
        if (p.line >= end || y >= g->body.h)
            break;
        y += line_draw(st, feed, s, g, p.line, p.row - heads, g->body.y + y);
    }
    bar_draw(st, feed, s, g);
}
