/* view_logs: the log stream on screen: one instance of one container, or all containers merged in
 * start order.
 *
 * Only lines in sight are measured, wrapped and drawn; searching remembers what it has seen and
 * looks at new lines only. Positions are absolute line numbers (logbuf_dropped + index), so that
 * the picture stands still when old lines go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define SIDE_COLS 30       /* the list of sources at the left */
#define SIDE_FROM_COLS 120 /* shown from this width on */
#define LEVEL_LOOK_LEN 512 /* a level word stands near the start of a line */
#define SCROLL_COLS 8
#define TAB_STOP 8
#define CONTAINER_ROLES 5

struct logs_state {
    const struct logbuf *buf; /* to notice another stream; never followed when env has none */
    uint64_t end;             /* absolute number behind the last line, as seen by recalc */
    bool stick;               /* the newest line stays in sight */
    bool wrap;
    int scroll_x;
    uint64_t top;    /* absolute number of the first line in sight when not sticking */
    int top_row;     /* row within it when wrapped */
    int64_t base_ms; /* 0 of relative times */
    char needle[256];
    bool needle_case; /* has an upper-case letter */
    VEC(uint64_t) matches;
    uint64_t scanned; /* lines before this were searched */
    bool has_current; /* a match or an error line the user jumped to */
    uint64_t current;
    struct rect body; /* where lines are drawn */
};

static const char *const SINCE_WORDS[] = {"all", "1m", "5m", "15m", "30m", "1h", "6h"};

/* --- the feed --- */

static const struct log_feed *
feed_of(const struct view_env *env)
{
    const struct log_feed *feed = env->logs;
    if (!feed || feed->state == LOG_FEED_NONE || !pod_ref_equal(feed->pod, env->pod))
        return NULL;
    return feed;
}

static uint64_t
first_line(const struct log_feed *feed)
{
    return feed && feed->buf ? logbuf_dropped(feed->buf) : 0;
}

static uint64_t
end_line(const struct log_feed *feed)
{
    return feed && feed->buf ? logbuf_dropped(feed->buf) + logbuf_count(feed->buf) : 0;
}

/* One line ready for the screen. text is owned when it had to be changed. */
struct plain {
    const char *text;
    size_t len;
    char *owned;
};

static void
plain_free(struct plain *p)
{
    free(p->owned);
}
#define plain_auto IW_CLEANUP(plain_free) struct plain

/* Tabs as blanks: columns are counted from the start of the text, wherever it is drawn. */
static void
plain_tabs(struct plain *p)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    int col = 0;
    for (size_t at = 0; at < p->len;) {
        size_t run = 0;
        while (at + run < p->len && p->text[at + run] != '\t')
            run++;
        strbuf_add(&out, p->text + at, run);
        col += utf8_width(p->text + at, run);
        at += run;
        if (at < p->len) {
            do
                strbuf_addc(&out, ' ');
            while (++col % TAB_STOP != 0);
            at++;
        }
    }
    free(p->owned);
    p->len = out.len;
    p->owned = strbuf_take(&out);
    p->text = p->owned;
}

static struct plain
plain_of(const struct logbuf_line *line)
{
    struct plain p = {.text = line->text, .len = line->len};
    if (line->cut) {
        strbuf_auto marked;
        strbuf_init(&marked, 0);
        strbuf_add(&marked, line->text, line->len);
        strbuf_adds(&marked, " … (longer: cut here)");
        p.len = marked.len;
        p.owned = strbuf_take(&marked);
        p.text = p.owned;
    }
    if (p.len > 0 && (memchr(p.text, '\x1b', p.len) || p.text[p.len - 1] == '\r')) {
        char *stripped = podpane_plain(p.text, p.len, &p.len);
        free(p.owned);
        p.owned = stripped;
        p.text = stripped;
    }
    if (p.len > 0 && memchr(p.text, '\t', p.len))
        plain_tabs(&p);
    return p;
}

static struct logbuf_line
line_at(const struct log_feed *feed, uint64_t number)
{
    return logbuf_line(feed->buf, (size_t)(number - logbuf_dropped(feed->buf)));
}

/* --- levels --- */

enum level { LEVEL_NONE, LEVEL_WARN, LEVEL_ERROR };

static bool
denied_before(const char *text, size_t at)
{
    return (at >= 3 && strncasecmp(text + at - 3, "no ", 3) == 0) ||
           (at >= 2 && strncmp(text + at - 2, "0 ", 2) == 0) ||
           (at >= 8 && strncasecmp(text + at - 8, "without ", 8) == 0);
}

/* A guess from the words people's programs use. */
static enum level
level_of(const char *text, size_t len)
{
    static const struct {
        const char *word;
        enum level level;
    } WORDS[] = {{"error", LEVEL_ERROR},     {"fatal", LEVEL_ERROR},    {"panic", LEVEL_ERROR},
                 {"exception", LEVEL_ERROR}, {"fail", LEVEL_ERROR},     {"traceback", LEVEL_ERROR},
                 {"killed", LEVEL_ERROR},    {"critical", LEVEL_ERROR}, {"warn", LEVEL_WARN}};
    enum level best = LEVEL_NONE;
    len = IW_MIN(len, (size_t)LEVEL_LOOK_LEN);
    for (size_t i = 0; i < len; i++) {
        if (!isalpha((unsigned char)text[i]) || (i > 0 && islower((unsigned char)text[i - 1])))
            continue;
        for (size_t w = 0; w < IW_COUNTOF(WORDS); w++) {
            size_t n = strlen(WORDS[w].word);
            if (len - i >= n && strncasecmp(text + i, WORDS[w].word, n) == 0 &&
                !denied_before(text, i))
                best = IW_MAX(best, WORDS[w].level);
        }
    }
    return best;
}

/* --- search --- */

/* First place at or after `from` in text, SIZE_MAX when none. */
static size_t
needle_find(const struct logs_state *st, const char *text, size_t len, size_t from)
{
    size_t n = strlen(st->needle);
    if (n == 0)
        return SIZE_MAX;
    for (size_t i = from; i + n <= len; i++) {
        if (st->needle_case) {
            const char *hit = memmem(text + i, len - i, st->needle, n);
            return hit ? (size_t)(hit - text) : SIZE_MAX;
        }
        if (tolower((unsigned char)text[i]) == tolower((unsigned char)st->needle[0]) &&
            strncasecmp(text + i, st->needle, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Search the lines that came since; forget those that went. */
static void
search_update(struct logs_state *st, const struct log_feed *feed)
{
    uint64_t first = first_line(feed), end = end_line(feed);
    size_t gone = 0;
    while (gone < st->matches.len && st->matches.items[gone] < first)
        gone++;
    if (gone > 0) {
        memmove(st->matches.items, st->matches.items + gone,
                (st->matches.len - gone) * sizeof(*st->matches.items));
        st->matches.len -= gone;
    }
    if (!st->needle[0] || !feed || !feed->buf)
        return;
    for (uint64_t n = IW_MAX(st->scanned, first); n < end; n++) {
        struct logbuf_line line = line_at(feed, n);
        plain_auto p = plain_of(&line);
        if (needle_find(st, p.text, p.len, 0) != SIZE_MAX)
            vec_push(&st->matches, n);
    }
    st->scanned = end;
}

/* Index of the first match at or after line n. */
static size_t
match_from(const struct logs_state *st, uint64_t n)
{
    size_t low = 0, high = st->matches.len;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (st->matches.items[mid] < n)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* --- geometry --- */

struct geometry {
    int side; /* width of the list of sources, 0: none */
    int head; /* lines above the text */
    int foot; /* lines below it */
    int time_cols, tag_cols;
    struct rect body, text; /* whole rows; where the line's own text starts */
};

static struct geometry
geometry_of(const struct logs_state *st, const struct view_env *env, const struct log_feed *feed,
            struct rect area)
{
    struct geometry g = {0};
    g.side = area.w >= SIDE_FROM_COLS && area.h >= 12 ? SIDE_COLS : 0;
    g.head = area.h >= 9 ? 3 : area.h >= 5 ? 2 : 1;
    g.foot = (st->needle[0] && area.h >= 4) + (feed && feed->sentence[0] && area.h >= 6);
    g.body = (struct rect){area.x + g.side, area.y + g.head, area.w - g.side,
                           IW_MAX(area.h - g.head - g.foot, 0)};
    g.time_cols = area.w < 50                              ? 0
                  : env->prefs->time_mode == TIME_MODE_AGE ? 8
                  : area.w >= 120                          ? 13
                                                           : 9;
    if (feed && feed->merged)
        g.tag_cols = area.w >= 100 ? 18 : 4;
    int used = 1 + g.time_cols + g.tag_cols;
    g.text = (struct rect){g.body.x + used, g.body.y, IW_MAX(g.body.w - used, 1), g.body.h};
    return g;
}

/* Rows a line takes. */
static int
rows_of(const struct logs_state *st, const struct log_feed *feed, uint64_t number, int cols)
{
    struct logbuf_line line = line_at(feed, number);
    if (!st->wrap || line.kind == LOGBUF_MARK)
        return 1;
    plain_auto p = plain_of(&line);
    int rows = 0;
    for (size_t at = 0; at < p.len; rows++)
        at += IW_MAX(utf8_fit(p.text + at, p.len - at, cols, NULL), (size_t)1);
    return IW_MAX(rows, 1);
}

struct position {
    uint64_t line;
    int row;
};

static bool
position_before(struct position a, struct position b)
{
    return a.line < b.line || (a.line == b.line && a.row < b.row);
}

/* The top from which the last line is the last row on screen. */
static struct position
bottom_top(const struct logs_state *st, const struct log_feed *feed, struct rect text)
{
    struct position p = {end_line(feed), 0};
    for (int left = text.h; left > 0 && p.line > first_line(feed);) {
        p.line--;
        int rows = rows_of(st, feed, p.line, text.w);
        p.row = rows > left ? rows - left : 0;
        left -= rows;
    }
    return p;
}

static struct position
top_of(const struct logs_state *st, const struct log_feed *feed, struct rect text)
{
    struct position bottom = bottom_top(st, feed, text), top = {st->top, st->top_row};
    if (st->stick || position_before(bottom, top))
        return bottom;
    if (top.line < first_line(feed))
        top = (struct position){first_line(feed), 0};
    return top;
}

/* --- head and foot --- */

static const char *
state_word(const struct log_feed *feed, enum role *role)
{
    *role = ROLE_DIM;
    switch (feed->state) {
    case LOG_FEED_LOADING:
        *role = ROLE_WORKING;
        return "⠹ loading";
    case LOG_FEED_FOLLOWING:
        *role = ROLE_OK;
        return "▶ following";
    case LOG_FEED_WAITING:
        *role = ROLE_WAITING;
        return "◌ waiting";
    case LOG_FEED_FAILED:
        *role = ROLE_ERROR;
        return "✗ failed";
    case LOG_FEED_NONE:
    case LOG_FEED_ENDED:
        break;
    }
    return feed->merged ? "– nothing runs now" : "– ended";
}

static void
flags_line(struct doc *d, const struct logs_state *st, const struct view_env *env,
           const struct log_feed *feed, struct position top)
{
    static const char *const TIMES[TIME_MODE_COUNT] = {"rel", "local", "UTC"};
    uint64_t first = first_line(feed), count = end_line(feed) - first;
    doc_line(d);
    doc_put(d, ROLE_DIM, " follow ");
    doc_put(d, st->stick ? ROLE_OK : ROLE_WAITING, st->stick ? "✓" : "–");
    doc_put(d, ROLE_DIM, "  wrap ");
    doc_put(d, st->wrap ? ROLE_OK : ROLE_WAITING, st->wrap ? "✓" : "–");
    doc_put(d, ROLE_DIM, "  time %s", TIMES[env->prefs->time_mode]);
    int since = feed->since_index;
    doc_put(d, since ? ROLE_TEXT : ROLE_DIM, "  since %s",
            since >= 0 && since < (int)IW_COUNTOF(SINCE_WORDS) ? SINCE_WORDS[since] : "?");
    if (feed->attempts > 1 && !feed->merged)
        doc_put(d, ROLE_DIM, "  attempts %d", feed->attempts);
    if (st->scroll_x > 0 && !st->wrap)
        doc_put(d, ROLE_TEXT, "  col %d", st->scroll_x + 1);
    if (feed->older_left && first == 0)
        doc_put(d, ROLE_WARN, "  older lines not fetched");
    if (first > 0)
        doc_put(d, ROLE_WARN, "  dropped %llu", (unsigned long long)first);
    uint64_t seen = IW_MIN(top.line - first + (uint64_t)IW_MAX(st->body.h, 1), count);
    if (st->stick || seen == count)
        doc_right(d, ROLE_DIM, count == 1 ? "%llu line " : "%llu lines ",
                  (unsigned long long)count);
    else
        doc_right(d, ROLE_TEXT, "%llu/%llu  ↓%llu below ", (unsigned long long)seen,
                  (unsigned long long)count, (unsigned long long)(count - seen));
}

static bool
is_shown(const struct log_feed *feed, const struct container *c)
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
        bool shown = is_shown(feed, c);
        enum container_sign sign = container_sign(pod, c, podpane_now(env));
        doc_put(d, ROLE_RULE, shown ? "─" : "──");
        doc_put(d, shown ? ROLE_TAB_ACTIVE : ROLE_TAB, "%s%s%s%s ", shown ? "[" : "", c->tag,
                with_names || shown ? " " : "", with_names || shown ? c->name : "");
        doc_put(d, sign_role(sign), "%s", sign_glyph(sign, env->now_wall_ms, env->prefs->motion));
        doc_put(d, ROLE_TAB_ACTIVE, "%s", shown ? "]" : "");
    }
    doc_put(d, ROLE_RULE, feed->merged ? "─" : "──");
    doc_put(d, feed->merged ? ROLE_TAB_ACTIVE : ROLE_TAB, feed->merged ? "[merged]" : "a merged");
    doc_repeat(d, ROLE_RULE, "─", d->width - d->x);
}

static void
head_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
          struct rect area, const struct geometry *g)
{
    const struct log_feed *feed = feed_of(env);
    enum role role;
    const char *word = state_word(feed, &role);
    doc_auto d;
    doc_init(&d, area.w);
    doc_line(&d);
    int word_cols = utf8_width(word, strlen(word)) + 2;
    doc_put(&d, ROLE_TITLE, " ");
    doc_field(&d, area.w - word_cols - 2, false, ROLE_TITLE,
              feed->title[0] ? feed->title : feed->pod_name);
    doc_right(&d, role, "%s ", word);
    flags_line(&d, st, env, feed, top_of(st, feed, g->text));
    if (g->head >= 3 && g->side == 0) {
        uint32_t line = d.lines;
        const struct pod *pod = podpane_pod(env);
        doc_auto tabs;
        doc_init(&tabs, area.w);
        tabs_line(&tabs, env, feed, pod, true);
        if (tabs.full) {
            doc_free(&tabs);
            doc_init(&tabs, area.w);
            tabs_line(&tabs, env, feed, pod, false);
        }
        doc_draw(&tabs, s, (struct rect){area.x, area.y + (int)line, area.w, 1}, 0);
    }
    doc_draw(&d, s, (struct rect){area.x, area.y, area.w, IW_MIN(g->head, area.h)}, 0);
}

static void
side_attempts(struct doc *d, const struct view_env *env, const struct log_feed *feed,
              const struct pod *pod)
{
    const struct timeline *timeline = store_timeline(env->store, env->pod);
    const struct container *c =
        feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    struct attempt list[8];
    size_t n = timeline && c ? timeline_attempts(timeline, pod, c, list, IW_COUNTOF(list)) : 0;
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_DIM, " attempts of %s", c ? c->tag : "");
    for (size_t i = 0; i < n; i++) {
        char took[16] = "", end[64] = "running";
        bool shown = list[i].number == feed->attempt;
        if (list[i].ended && list[i].started_ms > 0)
            duration_cells(list[i].finished_ms - list[i].started_ms, took);
        if (list[i].ended && list[i].end.signal)
            snprintf(end, sizeof(end), "%s", container_signal_name(list[i].end.signal));
        else if (list[i].ended)
            snprintf(end, sizeof(end), "exit %d", list[i].end.exit_code);
        doc_line(d);
        doc_put(d, shown ? ROLE_KEY : ROLE_TEXT, shown ? " ▸ " : "   ");
        bool good = !list[i].ended || list[i].end.exit_code == 0;
        doc_put(d, good ? ROLE_TEXT : ROLE_ERROR, "#%d %s",
                IW_MIN(list[i].number, INT32_MAX - 1) + 1, end);
        doc_right(d, ROLE_DIM, "%s ", took);
    }
    if (n == 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "   none yet");
    }
}

static void
side_draw(const struct view_env *env, struct surface *s, struct rect area)
{
    const struct log_feed *feed = feed_of(env);
    const struct pod *pod = podpane_pod(env);
    doc_auto d;
    doc_init(&d, SIDE_COLS - 1);
    doc_rule(&d, "sources");
    doc_line(&d);
    doc_put(&d, feed->merged ? ROLE_KEY : ROLE_DIM,
            feed->merged ? " ▸ all containers" : "   all containers");
    doc_right(&d, ROLE_DIM, "a ");
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;) {
        enum container_sign sign = container_sign(pod, c, podpane_now(env));
        unsigned color = 0;
        for (unsigned i = 0; feed->merged && i < feed->source_count; i++)
            if (strcmp(feed->sources[i].container, c->name) == 0)
                color = i % CONTAINER_ROLES + 1;
        doc_line(&d);
        doc_put(&d, ROLE_KEY, is_shown(feed, c) ? " ▸ " : "   ");
        doc_put(&d, sign_role(sign), "%s ", sign_glyph(sign, env->now_wall_ms, env->prefs->motion));
        doc_put(&d, color ? (enum role)(ROLE_CONTAINER_1 + color - 1) : ROLE_TEXT, "%s %s", c->tag,
                c->name);
    }
    if (pod && !feed->merged)
        side_attempts(&d, env, feed, pod);
    doc_draw(&d, s, (struct rect){area.x, area.y, SIDE_COLS - 1, area.h}, 0);
    for (int y = 0; y < area.h; y++)
        surface_puts(s, area, area.x + SIDE_COLS - 1, area.y + y, ROLE_RULE, y == 0 ? "┬" : "│");
    surface_fill(s, rect_intersect(area, (struct rect){area.x + SIDE_COLS, area.y, area.w, 1}),
                 0x2500, ROLE_RULE);
}

static void
foot_draw(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
          struct rect area, int foot)
{
    int y = area.y + area.h - foot;
    if (feed->sentence[0] && foot > 0 && area.h >= 6) {
        bool bad = feed->state == LOG_FEED_FAILED;
        surface_rule(s, area, y, ROLE_RULE, feed->sentence, bad ? ROLE_ERROR : ROLE_MARK);
        y++;
    }
    if (!st->needle[0] || y >= area.y + area.h)
        return;
    int x = area.x + 1;
    x += surface_printf(s, area, x, y, ROLE_PROMPT, "/%s", st->needle);
    if (st->matches.len == 0) {
        surface_puts(s, area, x + 2, y, ROLE_WARN, "no match   Esc clears");
        return;
    }
    size_t at = st->has_current ? match_from(st, st->current) : st->matches.len;
    if (at < st->matches.len && st->matches.items[at] == st->current)
        surface_printf(s, area, x + 2, y, ROLE_TEXT, "match %zu of %zu   n next  N previous",
                       at + 1, st->matches.len);
    else
        surface_printf(s, area, x + 2, y, ROLE_TEXT, "%zu matches   n next  N previous",
                       st->matches.len);
}

/* --- lines --- */

static void
time_text(const struct logs_state *st, const struct view_env *env, int64_t wall_ms, int cols,
          char out[32])
{
    char text[16] = "";
    int64_t since = wall_ms - st->base_ms;
    bool known = st->base_ms != IW_TIME_NONE;
    if (env->prefs->time_mode != TIME_MODE_AGE) {
        clock_hms(wall_ms, env->prefs->time_mode == TIME_MODE_LOCAL, text);
        if (cols >= 12)
            snprintf(out, 32, "%s.%03d", text, (int)(((wall_ms % 1000) + 1000) % 1000));
        else
            snprintf(out, 32, "%s", text);
        return;
    }
    out[0] = '\0';
    if (!known)
        return;
    if (since < 0) { /* an earlier attempt in the same stream */
        duration_cells(-since, text);
        snprintf(out, 32, "-%s", text);
        return;
    }
    duration_cells(since, text);
    if (since < 60000)
        snprintf(out, 32, "+%d.%ds", (int)(since / 1000), (int)(since % 1000 / 100));
    else
        snprintf(out, 32, "+%s", text);
}

static void
mark_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
          struct rect row, const struct logbuf_line *line)
{
    char text[640], at[32] = "";
    if (line->wall_ms != IW_TIME_NONE)
        clock_hms(line->wall_ms, env->prefs->time_mode != TIME_MODE_UTC, at);
    (void)st;
    snprintf(text, sizeof(text), "%.*s", (int)IW_MIN(line->len, 600u), line->text);
    surface_rule(s, row, row.y, ROLE_RULE, text, ROLE_MARK);
    if (at[0] && row.w > 40)
        surface_printf(s, row, row.x + row.w - 11, row.y, ROLE_MARK, " %s ", at);
}

/* Where the needle is found in bytes from..to of a line that are drawn at x. */
static void
row_matches(const struct logs_state *st, const struct plain *p, size_t from, size_t to,
            struct surface *s, struct rect row)
{
    size_t n = strlen(st->needle);
    for (size_t at = needle_find(st, p->text, p->len, 0); n > 0 && at != SIZE_MAX && at < to;
         at = needle_find(st, p->text, p->len, at + n)) {
        size_t a = IW_MAX(at, from), b = IW_MIN(at + n, to);
        if (a >= b)
            continue;
        int x = utf8_width(p->text + from, a - from) - (st->wrap ? 0 : st->scroll_x);
        int w = utf8_width(p->text + a, b - a);
        surface_restyle(s, rect_intersect(row, (struct rect){row.x + x, row.y, w, 1}), ROLE_MATCH);
    }
}

static void
prefix_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
            const struct geometry *g, int y, const struct logbuf_line *line)
{
    const struct log_feed *feed = feed_of(env);
    struct rect row = {g->body.x, y, g->body.w, 1};
    char time[32];
    if (g->time_cols > 0 && line->wall_ms != IW_TIME_NONE) {
        time_text(st, env, line->wall_ms, g->time_cols - 1, time);
        surface_field(s, row, row.x + 1, y, g->time_cols - 1, false, ROLE_DIM, time);
    }
    if (g->tag_cols > 0 && line->source < feed->source_count) {
        const struct log_feed_source *src = &feed->sources[line->source];
        enum role role = (enum role)(ROLE_CONTAINER_1 + line->source % CONTAINER_ROLES);
        int x = row.x + 1 + g->time_cols;
        surface_field(s, row, x, y, 3, false, role, src->tag);
        if (g->tag_cols > 4)
            surface_field(s, row, x + 3, y, g->tag_cols - 4, false, role, src->container);
    }
}

/* Draws one line from its row `skip` on; returns rows used. */
static int
line_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
          const struct geometry *g, struct position at, int y)
{
    static const enum role LEVEL_ROLES[] = {ROLE_TEXT, ROLE_WARN, ROLE_ERROR};
    struct logbuf_line line = line_at(feed_of(env), at.line);
    struct rect row = {g->body.x, y, g->body.w, 1}, text = {g->text.x, y, g->text.w, 1};
    if (line.kind == LOGBUF_MARK) {
        mark_draw(st, env, s, row, &line);
        return 1;
    }
    plain_auto p = plain_of(&line);
    enum role role = LEVEL_ROLES[level_of(p.text, p.len)];
    if (at.row == 0)
        prefix_draw(st, env, s, g, y, &line);
    if (st->has_current && at.line == st->current)
        surface_puts(s, row, row.x, y, ROLE_KEY, "▸");
    if (!st->wrap) {
        int cols = surface_text(s, text, text.x - st->scroll_x, y, role, p.text, p.len);
        row_matches(st, &p, 0, p.len, s, text);
        if (cols - st->scroll_x > text.w)
            surface_puts(s, text, text.x + text.w - 1, y, ROLE_KEY, "›");
        return 1;
    }
    int rows = 0, n = 0;
    size_t from = 0;
    do {
        size_t take = utf8_fit(p.text + from, p.len - from, text.w, NULL);
        take = from < p.len ? IW_MAX(take, (size_t)1) : take;
        if (n++ >= at.row) {
            text.y = y + rows++;
            surface_text(s, rect_intersect(text, g->body), text.x, text.y, role, p.text + from,
                         take);
            row_matches(st, &p, from, from + take, s, rect_intersect(text, g->body));
        }
        from += take;
    } while (from < p.len && y + rows < g->body.y + g->body.h);
    return IW_MAX(rows, 1);
}

static void
nothing_draw(const struct view_env *env, struct surface *s, struct rect body)
{
    const struct log_feed *feed = feed_of(env);
    struct rect text = {body.x + 2, body.y + 1, body.w - 4, body.h - 1};
    const char *word = "The log has no lines.";
    enum role role = ROLE_DIM;
    if (!feed) {
        word = "No log is open. Enter opens the log of the container that matters now.";
    } else if (feed->sentence[0]) {
        word = feed->sentence;
        role = feed->state == LOG_FEED_FAILED ? ROLE_ERROR : ROLE_TEXT;
    } else if (feed->state == LOG_FEED_LOADING) {
        word = "Loading the log …";
    } else if (feed->state == LOG_FEED_FOLLOWING) {
        word = "Nothing was written yet. New lines appear here.";
    } else if (feed->since_index > 0) {
        word = "No line in this stretch of time. 0 shows the whole log.";
    }
    widget_wrap(s, text, text.x, text.y, text.w, text.h, role, word);
}

static void
logs_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct logs_state *st = state;
    if (!podpane_pod(env) && !feed_of(env)) {
        podpane_begin(env, s, &area);
        return;
    }
    if (podpane_pod(env) && !podpane_begin(env, s, &area))
        return;
    const struct log_feed *feed = feed_of(env);
    struct geometry g = geometry_of(st, env, feed, area);
    if (!feed) {
        nothing_draw(env, s, area);
        return;
    }
    head_draw(st, env, s, area, &g);
    if (g.side > 0)
        side_draw(env, s, (struct rect){area.x, area.y + 2, area.w, area.h - 2});
    if (end_line(feed) == first_line(feed)) {
        nothing_draw(env, s, g.body);
        g.foot -= feed->sentence[0] && area.h >= 6;
        return;
    }
    struct position at = top_of(st, feed, g.text);
    for (int y = 0; y < g.body.h && at.line < end_line(feed);
         at = (struct position){at.line + 1, 0})
        y += line_draw(st, env, s, &g, at, g.body.y + y);
    struct rect below = {area.x + g.side, area.y, area.w - g.side, area.h};
    foot_draw(st, feed, s, below, g.foot);
}

/* --- state --- */

static void
logs_init(void *state)
{
    struct logs_state *st = state;
    st->stick = true;
    st->base_ms = IW_TIME_NONE;
}

static void
logs_fini(void *state)
{
    struct logs_state *st = state;
    vec_free(&st->matches);
}

/* 0 of relative times: the start of the instance on screen, else its first line. */
static void
base_update(struct logs_state *st, const struct view_env *env, const struct log_feed *feed)
{
    const struct pod *pod = podpane_pod(env);
    const struct container *c =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    if (feed->merged && pod && pod->created_ms != IW_TIME_NONE) {
        st->base_ms = pod->created_ms;
        return;
    }
    if (c && !feed->merged) {
        struct log_choice choice =
            container_log_choice(c, feed->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
        if (choice.started_ms > 0) {
            st->base_ms = choice.started_ms;
            return;
        }
    }
    if (st->base_ms == IW_TIME_NONE && feed->buf && logbuf_count(feed->buf) > 0)
        st->base_ms = logbuf_line(feed->buf, 0).wall_ms;
}

static void
logs_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct logs_state *st = state;
    const struct log_feed *feed = feed_of(env);
    area.h -= podpane_banner_lines(env);
    if (!feed || !feed->buf)
        return;
    uint64_t end = end_line(feed);
    if (st->buf != feed->buf || end < st->end) { /* another stream, or cleared */
        st->buf = feed->buf;
        st->stick = true;
        st->scroll_x = 0;
        st->has_current = false;
        st->base_ms = IW_TIME_NONE;
        st->scanned = 0;
        vec_clear(&st->matches);
    }
    st->end = end;
    struct geometry g = geometry_of(st, env, feed, area);
    st->body = g.text;
    base_update(st, env, feed);
    search_update(st, feed);
    struct position top = top_of(st, feed, g.text);
    st->top = top.line;
    st->top_row = top.row;
}

/* --- keys --- */

static void
scroll_to(struct logs_state *st, const struct log_feed *feed, struct position p)
{
    struct position bottom = bottom_top(st, feed, st->body);
    st->stick = !position_before(p, bottom);
    if (st->stick)
        p = bottom;
    st->top = p.line;
    st->top_row = p.row;
}

static void
scroll_by(struct logs_state *st, const struct log_feed *feed, int rows)
{
    struct position p = top_of(st, feed, st->body);
    for (; rows > 0 && p.line < end_line(feed); rows--)
        if (++p.row >= rows_of(st, feed, p.line, st->body.w))
            p = (struct position){p.line + 1, 0};
    for (; rows < 0 && (p.row > 0 || p.line > first_line(feed)); rows++) {
        if (p.row-- > 0)
            continue;
        p.line--;
        p.row = rows_of(st, feed, p.line, st->body.w) - 1;
    }
    scroll_to(st, feed, p);
}

/* Show a line, a third down the screen when it is not in sight. */
static void
jump_to(struct logs_state *st, const struct log_feed *feed, uint64_t number)
{
    struct position top = top_of(st, feed, st->body);
    st->has_current = true;
    st->current = number;
    st->stick = false;
    uint64_t last = top.line;
    for (int rows = -top.row; last < end_line(feed); last++) {
        rows += rows_of(st, feed, last, st->body.w);
        if (rows > st->body.h)
            break;
    }
    if (number >= top.line && number < last) {
        st->top = top.line;
        st->top_row = top.row;
        return;
    }
    uint64_t lead = (uint64_t)(st->body.h / 3);
    uint64_t first = first_line(feed);
    st->top = number > first + lead ? number - lead : first;
    st->top_row = 0;
}

static void
flash(struct intent *out, const char *text)
{
    out->kind = INTENT_FLASH;
    snprintf(out->text, sizeof(out->text), "%s", text);
}

static void
find_match(struct logs_state *st, const struct log_feed *feed, bool next, struct intent *out)
{
    if (!st->needle[0]) {
        flash(out, "nothing is searched for: / begins a search");
        return;
    }
    if (st->matches.len == 0) {
        flash(out, "no match in this log");
        return;
    }
    uint64_t from = st->has_current ? st->current : st->stick ? end_line(feed) : st->top;
    size_t at = match_from(st, next ? from + st->has_current : from);
    if (next && at == st->matches.len) {
        at = 0;
        flash(out, "search went on from the top");
    } else if (!next && at == 0) {
        at = st->matches.len;
        flash(out, "search went on from the end");
    }
    jump_to(st, feed, st->matches.items[next ? at : at - 1]);
}

static void
find_error(struct logs_state *st, const struct log_feed *feed, bool next, struct intent *out)
{
    int64_t first = (int64_t)first_line(feed), end = (int64_t)end_line(feed), step = next ? 1 : -1;
    int64_t n = st->has_current ? (int64_t)st->current + step
                : st->stick     ? end - !next
                                : (int64_t)st->top - !next;
    for (; n >= first && n < end; n += step) {
        struct logbuf_line line = line_at(feed, (uint64_t)n);
        plain_auto p = plain_of(&line);
        if (line.kind == LOGBUF_TEXT && level_of(p.text, p.len) == LEVEL_ERROR) {
            jump_to(st, feed, (uint64_t)n);
            return;
        }
    }
    flash(out, next ? "no error line further down" : "no error line further up");
}

/* Ask the app for another stream, the rest as it is. */
static struct intent *
stream_intent(struct intent *out, const struct view_env *env, const struct log_feed *feed)
{
    out->kind = INTENT_LOGS;
    out->pod = env->pod;
    out->want = feed && feed->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO;
    out->merged = feed && feed->merged;
    out->since_index = feed ? feed->since_index : 0;
    /* From all to one: the one it was opened on, else the one that matters now. */
    bool one = feed && feed->source_count && !feed->merged;
    const char *name = one ? feed->sources[0].container : env->container;
    snprintf(out->container, sizeof(out->container), "%s", name ? name : "");
    return out;
}

static void
stream_attempt(struct intent *out, const struct view_env *env, const struct log_feed *feed,
               bool older)
{
    const struct pod *pod = podpane_pod(env);
    const struct container *c =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    if (feed->merged) {
        flash(out, "attempts are of one container: a shows one");
    } else if (!older && !feed->previous) {
        flash(out, "this is the newest attempt");
    } else if (older && feed->previous) {
        flash(out, "the cluster keeps no older log than this one");
    } else if (older && c) {
        /* Asking in vain would take the log that is there from the screen. */
        struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
        if (before.ask == LOG_ASK_NOTHING)
            flash(out, before.sentence);
        else if (before.attempt == feed->attempt)
            flash(out, "this is the last attempt; the cluster keeps no older log");
        else
            stream_intent(out, env, feed)->want = LOG_WANT_PREVIOUS;
    } else {
        stream_intent(out, env, feed)->want = older ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO;
    }
}

static void
stream_container(struct intent *out, const struct view_env *env, const struct log_feed *feed,
                 int step)
{
    const struct pod *pod = podpane_pod(env);
    const struct container *now =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    if (!pod || pod->container_count == 0)
        return;
    size_t n = pod->container_count;
    size_t at = now ? (size_t)(now - pod->containers) : 0;
    at = feed->merged && step > 0 ? 0 : (at + n + (size_t)step) % n;
    stream_intent(out, env, feed)->merged = false;
    out->want = LOG_WANT_AUTO;
    snprintf(out->container, sizeof(out->container), "%s", pod->containers[at].name);
}

static bool
act_stream(struct logs_state *st, const struct view_env *env, enum action action, int32_t arg,
           struct intent *out)
{
    const struct log_feed *feed = feed_of(env);
    if (action == ACT_ATTEMPT_OLDER || action == ACT_ATTEMPT_NEWER)
        stream_attempt(out, env, feed, action == ACT_ATTEMPT_OLDER);
    else if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        stream_container(out, env, feed, action == ACT_NEXT_PANE ? 1 : -1);
    else if (action == ACT_SINCE)
        stream_intent(out, env, feed)->since_index = arg;
    else if (action == ACT_ALL_CONTAINERS)
        stream_intent(out, env, feed)->merged = !feed->merged;
    else if (action == ACT_FOLLOW || action == ACT_FOLLOW_END) {
        st->stick = action == ACT_FOLLOW_END || !st->stick;
        out->kind = INTENT_LOG_FOLLOW;
        out->flag = st->stick;
    } else
        return false;
    return true;
}

static bool
act_move(struct logs_state *st, const struct log_feed *feed, enum action action)
{
    int page = IW_MAX(st->body.h - 1, 1);
    if (action == ACT_DOWN || action == ACT_UP)
        scroll_by(st, feed, action == ACT_DOWN ? 1 : -1);
    else if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        scroll_by(st, feed, action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2);
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        scroll_by(st, feed, action == ACT_PAGE_DOWN ? page : -page);
    else if (action == ACT_TOP)
        scroll_to(st, feed, (struct position){first_line(feed), 0});
    else if (action == ACT_BOTTOM) {
        st->stick = true;
        st->has_current = false;
    } else if (action == ACT_LEFT)
        st->scroll_x = IW_MAX(st->scroll_x - SCROLL_COLS, 0);
    else if (action == ACT_RIGHT)
        st->scroll_x += st->wrap ? 0 : SCROLL_COLS;
    else
        return false;
    return true;
}

static void
copy_line(const struct logs_state *st, const struct log_feed *feed, struct intent *out)
{
    if (end_line(feed) == first_line(feed))
        return;
    uint64_t n = st->has_current ? st->current : st->stick ? end_line(feed) - 1 : st->top;
    struct logbuf_line line = line_at(feed, IW_MAX(n, first_line(feed)));
    plain_auto p = plain_of(&line);
    out->kind = INTENT_COPY;
    snprintf(out->text, sizeof(out->text), "%.*s", (int)IW_MIN(p.len, sizeof(out->text) - 1),
             p.text);
}

static bool
logs_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct logs_state *st = state;
    const struct log_feed *feed = feed_of(env);
    if (!feed) {
        if (action != ACT_OPEN && action != ACT_ALL_CONTAINERS)
            return false;
        stream_intent(out, env, NULL)->merged = action == ACT_ALL_CONTAINERS;
        return true;
    }
    if (act_stream(st, env, action, arg, out))
        return true;
    if (action == ACT_WIDE) {
        st->wrap = !st->wrap;
        st->scroll_x = 0;
        st->top_row = 0;
        return true;
    }
    if (!feed->buf)
        return false;
    if (action == ACT_FIND_NEXT || action == ACT_FIND_PREV)
        find_match(st, feed, action == ACT_FIND_NEXT, out);
    else if (action == ACT_NEXT_ERROR || action == ACT_PREV_ERROR)
        find_error(st, feed, action == ACT_NEXT_ERROR, out);
    else if (action == ACT_COPY)
        copy_line(st, feed, out);
    else
        return act_move(st, feed, action);
    return true;
}

static void
logs_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct logs_state *st = state;
    const struct log_feed *feed = feed_of(env);
    if (strcmp(st->needle, text) != 0) {
        snprintf(st->needle, sizeof(st->needle), "%s", text);
        st->needle_case = false;
        for (const char *c = st->needle; *c; c++)
            st->needle_case |= isupper((unsigned char)*c) != 0;
        st->scanned = 0;
        st->has_current = false;
        vec_clear(&st->matches);
        search_update(st, feed);
    }
    if (final && st->matches.len > 0 && !st->has_current) {
        struct intent none = {0};
        find_match(st, feed, !st->stick, &none);
    }
}

static bool
logs_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct log_feed *feed = feed_of(env);
    (void)state;
    *pod = env->pod;
    snprintf(container, 256, "%s",
             feed && feed->source_count ? feed->sources[0].container
             : env->container           ? env->container
                                        : "");
    return podpane_pod(env) != NULL;
}

const struct view_class view_logs = {
    .name = "logs",
    .title = "Logs",
    .help = "The log of one attempt of a container, or of all containers in start order",
    .scope = VIEW_POD,
    .tab = 3,
    .context = CTX_LOGS,
    .podish = true,
    .searchable = true,
    .state_size = sizeof(struct logs_state),
    .init = logs_init,
    .fini = logs_fini,
    .recalc = logs_recalc,
    .draw = logs_draw,
    .act = logs_act,
    .filter = logs_filter,
    .cursor = logs_cursor,
};
