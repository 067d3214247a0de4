/* view_logs: the log of a container as chapters, or of all containers merged in start order.
 *
 * What is in sight comes from the lens (loglens): filters, search and folding are worked out in slices between frames and
 * never wait for. Only lines in sight are measured, wrapped and drawn.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { HISTOGRAM_ROWS = 30, DETAIL_ROWS_MAX = 12, DETAIL_FROM_ROWS = 10, FIELD_LOOK_LINES = 40 };

const struct log_feed *
logs_feed_of(const struct view_env *env)
{
    const struct log_feed *feed = env->logs;
    if (!feed || feed->state == LOG_FEED_NONE || !pod_ref_equal(feed->pod, env->pod))
        return NULL;
    return feed;
}

uint64_t
logs_first(const struct log_feed *feed)
{
    return feed && feed->buf ? logbuf_dropped(feed->buf) : 0;
}

struct logbuf_line
logs_line(const struct log_feed *feed, uint64_t number)
{
    return logbuf_line(feed->buf, (size_t)(number - logbuf_dropped(feed->buf)));
}

/* --- geometry --- */

static int
time_cols(const struct logs_state *st, int width)
{
    if (st->time == LOGS_TIME_OFF || width < 50)
        return 0;
    bool clock = st->time == LOGS_TIME_LOCAL || st->time == LOGS_TIME_UTC;
    return !clock ? 8 : width >= LOGS_SIDE_FROM_COLS ? 13 : 9;
}

static int
tag_cols(const struct log_feed *feed, int width)
{
    if (!feed || !feed->merged || (feed->files && feed->source_count == 1))
        return 0;
    if (width < 100)
        return 4;
    if (feed->pod_count > 1 && width >= LOGS_SIDE_FROM_COLS)
        return 30;
    /* As wide as the longest name, so that no other column moves while lines come. */
    int widest = 0;
    for (unsigned i = 0; i < feed->source_count; i++)
        widest = IW_MAX(widest,
                        utf8_width(feed->sources[i].container, strlen(feed->sources[i].container)));
    return 4 + IW_MIN(IW_MAX(widest, 12), width >= LOGS_SIDE_FROM_COLS ? 24 : 15);
}

struct logs_geometry
logs_geometry(const struct logs_state *st, const struct view_env *env, const struct log_feed *feed,
              struct rect area)
{
    struct logs_geometry g = {0};
    bool searching = st->lens && loglens_searcher(st->lens);
    (void)env;
    g.side = area.w >= LOGS_SIDE_FROM_COLS && area.h >= 12 ? LOGS_SIDE_COLS : 0;
    /* Files have no line of containers: the histogram is the second one. */
    bool third = g.side == 0 && area.h >= HISTOGRAM_ROWS && area.w >= 60 && !(feed && feed->files);
    g.head = area.h < 5 ? 1 : third ? 3 : 2;
    g.foot = (searching && area.h >= 4) + (feed && feed->sentence[0] && area.h >= 6);
    if (st->detail && area.h >= DETAIL_FROM_ROWS)
        g.detail = IW_MIN(area.h / 3, (int)DETAIL_ROWS_MAX);
    g.body = (struct rect){area.x + g.side, area.y + g.head, area.w - g.side,
                           IW_MAX(area.h - g.head - g.foot - g.detail, 0)};
    g.time_cols = time_cols(st, area.w);
    g.tag_cols = tag_cols(feed, area.w);
    g.bar_cols = area.w >= 40 ? 1 : 0;
    int used = 1 + g.time_cols + g.tag_cols;
    g.text =
        (struct rect){g.body.x + used, g.body.y, IW_MAX(g.body.w - used - g.bar_cols, 1), g.body.h};
    return g;
}

/* --- drawing --- */

static void
body_draw(const struct logs_state *st, const struct view_env *env, struct surface *s,
          const struct logs_geometry *g)
{
    const struct log_feed *feed = logs_feed_of(env);
    bool chapters = st->begins.len > 0;
    bool lines = feed->buf && logbuf_count(feed->buf) > 0;
    int heads = chapters ? logs_chapter_rows(st, feed, logs_top(st, feed).line, NULL, 0) : 0;
    if (lines || chapters)
        logs_draw_body(st, env, s, g);
    if (!lines)
        logs_draw_nothing(env, s,
                          (struct rect){g->body.x, g->body.y + heads, g->body.w, g->body.h - heads},
                          chapters);
    if (lines && linebits_next(loglens_shown(st->lens), 0) == LINE_NONE && !chapters)
        logs_draw_hidden(st, feed, s, g->body);
}

void
logs_view_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct logs_state *st = state;
    if (!podpane_pod(env) && !logs_feed_of(env)) {
        podpane_begin(env, s, &area);
        return;
    }
    if (podpane_pod(env) && !podpane_begin(env, s, &area))
        return;
    const struct log_feed *feed = logs_feed_of(env);
    if (!feed || !feed->buf) {
        logs_draw_nothing(env, s, area, false);
        return;
    }
    if (st->compare.on) {
        logs_draw_compare(st, env, s, area);
        return;
    }
    struct logs_geometry g = logs_geometry(st, env, feed, area);
    logs_draw_head(st, env, s, area, &g);
    bool nothing = logbuf_count(feed->buf) == 0 && st->begins.len == 0;
    body_draw(st, env, s, &g);
    int side = g.side > 0 ? g.side : st->side ? IW_MIN((int)LOGS_SIDE_COLS, area.w) : 0;
    if (side > 0)
        logs_draw_side(st, env, s, (struct rect){area.x, area.y + 1, side, IW_MAX(area.h - 1, 0)});
    struct rect below = {g.body.x, g.body.y + g.body.h, g.body.w, g.detail};
    if (g.detail > 0)
        logs_draw_detail(st, env, s, below);
    below.y += g.detail;
    below.h = g.foot;
    if (!nothing)
        logs_draw_foot(st, env, s, below);
}

/* --- state --- */

void
logs_view_init(void *state)
{
    struct logs_state *st = state;
    st->lens = loglens_new();
    st->stick = true;
    st->base_ms = IW_TIME_NONE;
    st->want_attempt = -1;
    st->prefs_seen = TIME_MODE_COUNT;
    strbuf_init(&st->copied, 0);
}

void
logs_view_fini(void *state)
{
    struct logs_state *st = state;
    logs_compare_close(st);
    loglens_free(st->lens);
    vec_free(&st->begins);
    strbuf_free(&st->copied);
}

/* 0 of relative times for lines of no chapter: the start of the instance on screen, else its first line. */
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
    if (st->base_ms == IW_TIME_NONE && logbuf_count(feed->buf) > 0)
        st->base_ms = logbuf_line(feed->buf, 0).wall_ms;
}

/* Where headers of chapters stand. In a merged log separators tell of starts and ends. */
static void
chapters_update(struct logs_state *st, const struct log_feed *feed)
{
    size_t count = feed->merged ? 0 : logbuf_chapter_count(feed->buf);
    uint64_t least = 0;
    vec_clear(&st->begins);
    for (size_t i = 0; i < count; i++) {
        least = IW_MAX(least, logbuf_chapter_at(feed->buf, i)->first_line);
        vec_push(&st->begins, least);
    }
}

/* The attempt that was asked for comes into sight once it is there. */
static void
goto_wanted(struct logs_state *st, const struct log_feed *feed)
{
    for (size_t i = 0; st->want_attempt >= 0 && i < st->begins.len; i++)
        if (logbuf_chapter_at(feed->buf, i)->attempt == st->want_attempt) {
            st->want_attempt = -1;
            if (i + 1 < st->begins.len)
                logs_jump_chapter(st, feed, i);
        }
}

static void
new_stream(struct logs_state *st, const struct log_feed *feed)
{
    st->asked_seen = feed->asked;
    st->want_attempt = feed->merged ? -1 : feed->attempt;
    st->stick = true;
    st->scroll_x = 0;
    st->has_current = st->detail = false;
    st->base_ms = IW_TIME_NONE;
    st->mark_count = 0;
    logs_compare_close(st);
}

/* Names of fields in the newest lines, for the side. */
static void
fields_update(struct logs_state *st, const struct log_feed *feed)
{
    struct logfield fields[LOGFIELDS_MAX];
    uint64_t line = linebits_prev(loglens_shown(st->lens), UINT64_MAX);
    for (int i = 0; i < FIELD_LOOK_LINES && line != LINE_NONE; i++, line = logs_prev(st, line)) {
        struct logbuf_line raw = logs_line(feed, line);
        size_t n = raw.kind == LOGBUF_TEXT
                       ? logfields_parse(raw.text, IW_MIN(raw.len, 4096u), fields, LOGFIELDS_MAX)
                       : 0;
        for (size_t k = 0; k < n && st->field_count < LOGS_FIELDS_MAX; k++) {
            char name[LOGS_FIELD_NAME_BYTES];
            size_t at = 0;
            if (fields[k].key_len >= sizeof(name))
                continue;
            snprintf(name, sizeof(name), "%.*s", (int)fields[k].key_len, fields[k].key);
            while (at < st->field_count && strcmp(st->fields[at].name, name) != 0)
                at++;
            if (at == st->field_count)
                memcpy(st->fields[st->field_count++].name, name, sizeof(name));
        }
    }
}

static void
forget_dropped(struct logs_state *st, const struct log_feed *feed)
{
    uint64_t first = logs_first(feed);
    size_t kept = 0;
    for (size_t i = 0; i < st->mark_count; i++)
        if (st->marks[i].line >= first)
            st->marks[kept++] = st->marks[i];
    st->mark_count = kept;
    st->has_current = st->has_current && st->current >= first;
}

static void
prefs_update(struct logs_state *st, const struct view_env *env)
{
    static const enum logs_time modes[TIME_MODE_COUNT] = {
        [TIME_MODE_AGE] = LOGS_TIME_START,
        [TIME_MODE_LOCAL] = LOGS_TIME_LOCAL,
        [TIME_MODE_UTC] = LOGS_TIME_UTC,
    };
    const struct log_feed *feed = logs_feed_of(env);
    if (st->prefs_seen != env->prefs->time_mode)
        st->time = modes[env->prefs->time_mode];
    st->prefs_seen = env->prefs->time_mode;
    /* Lines of files tell their times themselves, unless they were taken off. */
    if (feed && feed->files && !st->time_chosen)
        st->time = !feed->stamped                           ? LOGS_TIME_OFF
                   : env->prefs->time_mode == TIME_MODE_UTC ? LOGS_TIME_UTC
                                                            : LOGS_TIME_LOCAL;
}

/* The chosen line stays, or the one before it when a filter took it out of sight. */
static void
current_update(struct logs_state *st)
{
    if (!st->has_current || linebits_get(loglens_shown(st->lens), st->current))
        return;
    uint64_t near = linebits_prev(loglens_shown(st->lens), st->current);
    st->has_current = near != LINE_NONE;
    st->current = st->has_current ? near : 0;
}

/* One slice of work on the lens, and what follows from it. */
bool
logs_view_work(void *state, const struct view_env *env, int64_t budget_ms)
{
    struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    if (!feed || !feed->buf)
        return false;
    loglens_attach(st->lens, feed->buf, feed->asked);
    for (unsigned i = 0; i < IW_COUNTOF(feed->sources); i++)
        loglens_mute(st->lens, (uint16_t)i, i < feed->source_count && feed->sources[i].muted);
    uint64_t before = loglens_generation(st->lens);
    return loglens_work(st->lens, budget_ms) || loglens_generation(st->lens) != before;
}

void
logs_view_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    area.h -= podpane_banner_lines(env);
    st->compare.w = area.w;
    st->compare.h = area.h;
    prefs_update(st, env);
    if (!feed || !feed->buf)
        return;
    bool cleared = st->seen_end > logs_first(feed) + logbuf_count(feed->buf);
    if (st->buf != feed->buf || st->asked_seen != feed->asked || cleared)
        new_stream(st, feed);
    st->buf = feed->buf;
    st->seen_end = logs_first(feed) + logbuf_count(feed->buf);
    (void)logs_view_work(state, env, LIMIT_VIEW_SLICE_MS);
    chapters_update(st, feed);
    struct logs_geometry g = logs_geometry(st, env, feed, area);
    st->text = g.text;
    st->wide = g.side > 0;
    base_update(st, env, feed);
    forget_dropped(st, feed);
    current_update(st);
    fields_update(st, feed);
    goto_wanted(st, feed);
    struct logs_position top = logs_top(st, feed);
    if (st->stick)
        st->top = top;
    logs_compare_wanted(st, feed);
}

/* --- prompts --- */

static void
add_filter(struct logs_state *st, enum logfilter_kind kind, const char *text)
{
    loglens_filter_add(st->lens, kind, text);
}

void
logs_view_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    if (final && (text[0] == '&' || text[0] == '!') && text[1]) {
        add_filter(st, text[0] == '&' ? LOGFILTER_KEEP : LOGFILTER_DROP, text + 1);
        return;
    }
    struct logmatch *m = loglens_searcher(st->lens);
    if (!m || strcmp(logmatch_text(m), text) != 0)
        st->has_current = false;
    loglens_search(st->lens, text);
    if (!feed || !feed->buf)
        return;
    (void)logs_view_work(state, env, LIMIT_VIEW_SLICE_MS);
    if (final && text[0] && !st->has_current &&
        linebits_count(loglens_found(st->lens), 0, UINT64_MAX) > 0) {
        struct intent none = {0};
        (void)logs_act(state, env, st->stick ? ACT_FIND_PREV : ACT_FIND_NEXT, 0, &none);
    }
}

/* "19:53", "19:53:41": that time of the day of the newest line, in the zone that is shown. */
static bool
goto_time(struct logs_state *st, const struct log_feed *feed, const char *arg, struct intent *out)
{
    int64_t wanted_s;
    uint64_t last = linebits_prev(loglens_shown(st->lens), UINT64_MAX);
    if (!clock_hms_parse(arg, &wanted_s) || last == LINE_NONE) {
        logs_flash(out, "%s", tr("time: write it as 19:53 or 19:53:41"));
        return true;
    }
    int64_t newest = logs_line(feed, last).wall_ms;
    for (; newest == IW_TIME_NONE && last != LINE_NONE; last = logs_prev(st, last))
        newest = logs_line(feed, last).wall_ms;
    if (newest == IW_TIME_NONE) {
        logs_flash(out, "%s", tr("these lines have no time"));
        return true;
    }
    int64_t now_s = clock_second_of_day(newest, st->time != LOGS_TIME_UTC);
    /* Later than the newest line: the day before. */
    int64_t back_s = now_s >= wanted_s ? now_s - wanted_s : now_s - wanted_s + 86400;
    int64_t wall_ms = newest - newest % 1000 - back_s * 1000;
    uint64_t line = linebits_next(loglens_shown(st->lens), loglens_line_at_time(st->lens, wall_ms));
    logs_jump(st, feed, line == LINE_NONE ? logs_end(st) - 1 : line);
    return true;
}

static void
take_away(struct logs_state *st, enum intent_kind kind, const char *arg, struct intent *out)
{
    out->kind = kind;
    out->flag = kind == INTENT_SAVE && (strncmp(arg, "all ", 4) == 0 || strcmp(arg, "all") == 0);
    if (out->flag)
        arg += arg[3] ? 4 : 3;
    /* What is in sight is known when every line was looked at. */
    while (!out->flag && loglens_work(st->lens, LIMIT_VIEW_SLICE_MS))
        ;
    out->lens = st->lens;
    snprintf(out->text, sizeof(out->text), "%s", arg);
}

/* ":tail 200", ":tail all" (or -1, as kubectl has it). */
static void
read_again(const struct view_env *env, const struct log_feed *feed, const char *arg,
           struct intent *out)
{
    char none[] = "", *end = none;
    long long lines = strcmp(arg, "all") == 0 ? -1 : strtoll(arg, &end, 10);
    if (*end || lines == 0 || lines < -1)
        logs_flash(out, tr("tail: how many lines of each run, or all (now %lld)"),
                   (long long)feed->tail_lines);
    else
        logs_again_intent(out, env, feed)->tail_lines = lines;
}

bool
logs_view_command(void *state, const struct view_env *env, const char *name, const char *arg,
                  struct intent *out)
{
    struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    if (!feed || !feed->buf)
        return false;
    if (strcmp(name, "time") == 0)
        return goto_time(st, feed, arg, out);
    if (strcmp(name, "keep") == 0 || strcmp(name, "drop") == 0) {
        add_filter(st, name[0] == 'k' ? LOGFILTER_KEEP : LOGFILTER_DROP, arg);
    } else if (strcmp(name, "level") == 0) {
        char text[64];
        enum line_level level;
        snprintf(text, sizeof(text), "level>=%.40s", arg);
        if (line_level_parse(arg, strlen(arg), &level))
            add_filter(st, LOGFILTER_KEEP, text);
        else
            logs_flash(out, "%s", tr("level: one of trace, debug, info, warn, error, fatal"));
    } else if (strcmp(name, "tail") == 0) {
        read_again(env, feed, arg, out);
    } else if (strcmp(name, "save") == 0 || strcmp(name, "pipe") == 0) {
        take_away(st, name[0] == 's' ? INTENT_SAVE : INTENT_PIPE, arg, out);
    } else
        return false;
    return true;
}

static bool
logs_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct log_feed *feed = logs_feed_of(env);
    (void)state;
    *pod = env->pod;
    snprintf(container, 256, "%s",
             feed && feed->source_count ? feed->sources[0].container
             : env->container           ? env->container
                                        : "");
    return podpane_pod(env) != NULL;
}

/* A running attempt counts, as does a request that waits, and the time to the next one. */
bool
logs_view_ticks(const void *state, const struct view_env *env)
{
    const struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    const struct pod *pod = podpane_pod(env);
    if (!feed || !feed->buf)
        return false;
    bool waits = feed->wait.wall_ms > 0 || feed->state == LOG_FEED_WAITING;
    if (waits && logbuf_count(feed->buf) == 0)
        return true;
    if (st->begins.len == 0)
        return false;
    const struct logbuf_chapter *last = logbuf_chapter_at(feed->buf, st->begins.len - 1);
    if (last && !last->ended)
        return true;
    const struct container *c =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    return c && container_backoff_now(c, pod->restart_policy, env->now_wall_ms).active;
}

const struct view_class view_logs = {
    .name = "logs",
    .title = "Logs",
    .help = "The attempts of a container as chapters of one log, or all containers merged in start "
            "order",
    .scope = VIEW_POD,
    .tab = 3,
    .context = CTX_LOGS,
    .podish = true,
    .searchable = true,
    .state_size = sizeof(struct logs_state),
    .init = logs_view_init,
    .fini = logs_view_fini,
    .recalc = logs_view_recalc,
    .work = logs_view_work,
    .draw = logs_view_draw,
    .act = logs_act,
    .can = logs_can,
    .word = logs_word,
    .filter = logs_view_filter,
    .command = logs_view_command,
    .cursor = logs_cursor,
    .ticks = logs_view_ticks,
};
