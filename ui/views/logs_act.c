/* logs_act: what keys do in the log view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "logs.h"

enum { SCROLL_COLS = 8 };

void
logs_flash(struct intent *out, const char *fmt, ...)
{
    va_list args;
    out->kind = INTENT_FLASH;
    va_start(args, fmt);
    vsnprintf(out->text, sizeof(out->text), fmt, args);
    va_end(args);
}

/* --- finding --- */

/* Where a step to the next or previous begins, and whether that line itself counts. */
static uint64_t
step_from(const struct logs_state *st, const struct log_feed *feed, bool next)
{
    if (st->has_current)
        return next ? st->current + 1 : st->current - (st->current > 0);
    if (st->stick)
        return next ? logs_end(st) : logs_end(st) - (logs_end(st) > 0);
    uint64_t top = logs_top(st, feed).line;
    return next ? top : top - (top > 0);
}

static void
find_match(struct logs_state *st, const struct log_feed *feed, bool next, struct intent *out)
{
    const struct linebits *found = loglens_found(st->lens);
    if (!loglens_searcher(st->lens)) {
        logs_flash(out, "%s", tr("nothing is searched for: / begins a search"));
        return;
    }
    if (linebits_count(found, 0, UINT64_MAX) == 0) {
        if (loglens_progress(st->lens) < 100)
            logs_flash(out, "%s", tr("still searching"));
        else
            logs_flash(out, "%s", tr("no match in this log"));
        return;
    }
    uint64_t from = step_from(st, feed, next);
    uint64_t line = next ? linebits_next(found, from) : linebits_prev(found, from);
    /* The chosen line itself is the first of all: there is nothing before it. */
    if (!next && st->has_current && line == st->current)
        line = LINE_NONE;
    if (line == LINE_NONE) {
        line = next ? linebits_next(found, 0) : linebits_prev(found, UINT64_MAX);
        logs_flash(out, "%s",
                   next ? tr("search went on from the top") : tr("search went on from the end"));
    }
    logs_jump(st, feed, line);
}

/* Lines in sight whose bit is set. */
static void
find_level(struct logs_state *st, const struct log_feed *feed, bool next,
           const struct linebits *bits, struct intent *out, const char *none)
{
    const struct linebits *shown = loglens_shown(st->lens);
    uint64_t line = step_from(st, feed, next), was = st->has_current ? st->current : LINE_NONE;
    do {
        line = next ? linebits_next(bits, line) : linebits_prev(bits, line);
        if (line == LINE_NONE || line == was)
            break;
        if (linebits_get(shown, line)) {
            logs_jump(st, feed, line);
            return;
        }
        line += next ? 1 : (uint64_t)-1;
    } while (line != LINE_NONE);
    logs_flash(out, "%s", none);
}

static bool
act_find(struct logs_state *st, const struct log_feed *feed, enum action action, struct intent *out)
{
    if (action == ACT_FIND_NEXT || action == ACT_FIND_PREV)
        find_match(st, feed, action == ACT_FIND_NEXT, out);
    else if (action == ACT_NEXT_ERROR || action == ACT_PREV_ERROR)
        find_level(st, feed, action == ACT_NEXT_ERROR, loglens_errors(st->lens), out,
                   action == ACT_NEXT_ERROR ? tr("no error line further down")
                                            : tr("no error line further up"));
    else if (action == ACT_NEXT_WARNING || action == ACT_PREV_WARNING)
        find_level(st, feed, action == ACT_NEXT_WARNING, loglens_warnings(st->lens), out,
                   action == ACT_NEXT_WARNING ? tr("no warning further down")
                                              : tr("no warning further up"));
    else
        return false;
    return true;
}

/* --- streams --- */

struct intent *
logs_stream_intent(struct intent *out, const struct view_env *env, const struct log_feed *feed)
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

/* Within the chapters that are here; false when the way leads out of them. */
static bool
step_chapter(struct logs_state *st, const struct log_feed *feed, bool older)
{
    size_t at = logs_chapter_in_sight(st, feed);
    if (at == SIZE_MAX || (older ? at == 0 : at + 1 >= st->begins.len))
        return false;
    logs_jump_chapter(st, feed, older ? at - 1 : at + 1);
    return true;
}

static void
stream_attempt(struct logs_state *st, struct intent *out, const struct view_env *env,
               const struct log_feed *feed, bool older)
{
    const struct pod *pod = podpane_pod(env);
    const struct container *c =
        pod && feed->source_count ? pod_find_container(pod, feed->sources[0].container) : NULL;
    if (feed->merged) {
        logs_flash(out, "%s", tr("attempts are of one container: a shows one"));
        return;
    }
    if (step_chapter(st, feed, older))
        return;
    struct log_choice before = {.ask = LOG_ASK_NOTHING};
    if (c)
        before = container_log_choice(c, LOG_WANT_PREVIOUS);
    if (!older && !feed->previous) {
        logs_flash(out, "%s", tr("this is the newest attempt"));
    } else if (older && (feed->previous || before.attempt == feed->attempt)) {
        logs_flash(out, "%s", tr("this is the oldest attempt there is a log of"));
    } else if (older && st->begins.len > 0 && before.ask != LOG_ASK_NOTHING &&
               logbuf_chapter_at(feed->buf, 0)->attempt <= before.attempt) {
        logs_flash(out, "%s", tr("this is the oldest attempt there is a log of"));
    } else if (older && before.ask == LOG_ASK_NOTHING) {
        /* Asking in vain would take the log that is there from the screen. */
        logs_flash(out, "%s",
                   before.sentence[0] ? before.sentence : tr("there is no older attempt"));
    } else {
        logs_stream_intent(out, env, feed)->want = older ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO;
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
    logs_stream_intent(out, env, feed)->merged = false;
    out->want = LOG_WANT_AUTO;
    snprintf(out->container, sizeof(out->container), "%s", pod->containers[at].name);
}

struct intent *
logs_again_intent(struct intent *out, const struct view_env *env, const struct log_feed *feed)
{
    logs_stream_intent(out, env, feed);
    for (unsigned i = 0; feed->pod_count > 1 && i < feed->source_count; i++) {
        struct pod_ref pod = feed->sources[i].pod;
        if (i == 0 || !pod_ref_equal(pod, feed->sources[i - 1].pod))
            (void)intent_add_pod(out, pod);
    }
    return out;
}

/* What leads to other logs of the cluster: from a file there is no way. */
static bool
act_of_file(struct logs_state *st, enum action action, struct intent *out)
{
    if (action == ACT_ATTEMPT_OLDER || action == ACT_ATTEMPT_NEWER || action == ACT_COMPARE)
        logs_flash(out, "%s", tr("a file has no attempts"));
    else if (action == ACT_SINCE || action == ACT_ALL_CONTAINERS)
        logs_flash(out, "%s", tr("a file is shown whole: :time 19:53 goes to a moment"));
    else if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        st->side = !st->side;
    else
        return false;
    return true;
}

static bool
act_stream(struct logs_state *st, const struct view_env *env, enum action action, int32_t arg,
           struct intent *out)
{
    const struct log_feed *feed = logs_feed_of(env);
    if (action == ACT_ATTEMPT_OLDER || action == ACT_ATTEMPT_NEWER)
        stream_attempt(st, out, env, feed, action == ACT_ATTEMPT_OLDER);
    else if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        stream_container(out, env, feed, action == ACT_NEXT_PANE ? 1 : -1);
    else if (action == ACT_SINCE) {
        logs_again_intent(out, env, feed)->since_index = arg;
        out->tail_lines = arg == 0 && feed->older_left ? -1 : 0; /* again: the older lines, too */
    } else if (action == ACT_ALL_CONTAINERS)
        logs_stream_intent(out, env, feed)->merged = !feed->merged;
    else if (action == ACT_FOLLOW || action == ACT_FOLLOW_END) {
        st->top = logs_top(st, feed);
        st->stick = action == ACT_FOLLOW_END || !st->stick;
        st->has_current = st->has_current && !st->stick;
        out->kind = INTENT_LOG_FOLLOW;
        out->flag = st->stick;
    } else
        return false;
    return true;
}

/* --- moving --- */

/* With a chosen line the choice moves, and the screen behind it; else the screen. */
static void
step_line(struct logs_state *st, const struct log_feed *feed, int step)
{
    if (!st->has_current) {
        logs_scroll_by(st, feed, step);
        return;
    }
    uint64_t line = step > 0 ? logs_next(st, st->current) : logs_prev(st, st->current);
    if (line == LINE_NONE || line >= logs_end(st)) {
        logs_scroll_by(st, feed, step);
        return;
    }
    logs_scroll_to(st, feed, logs_top(st, feed));
    uint64_t was = st->top.line;
    logs_jump(st, feed, line);
    if (st->top.line == was || st->top.line == line)
        return;
    /* One line at a time, not a third of the screen. */
    st->stick = false;
    st->top = (struct logs_position){line, 0};
    if (step > 0)
        for (int rows = st->text.h - logs_rows(st, feed, line); rows > 0;) {
            uint64_t prev = logs_prev(st, st->top.line);
            if (prev == LINE_NONE || (rows -= logs_rows(st, feed, prev)) < 0)
                break;
            st->top.line = prev;
        }
}

static bool
act_move(struct logs_state *st, const struct log_feed *feed, enum action action)
{
    int page = IW_MAX(st->text.h - 1, 1);
    if (action == ACT_DOWN || action == ACT_UP)
        step_line(st, feed, action == ACT_DOWN ? 1 : -1);
    else if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        logs_scroll_by(st, feed, action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2);
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        logs_scroll_by(st, feed, action == ACT_PAGE_DOWN ? page : -page);
    else if (action == ACT_TOP) {
        st->has_current = false;
        logs_scroll_to(st, feed, (struct logs_position){0, 0});
    } else if (action == ACT_BOTTOM) {
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

/* --- looking --- */

static void
toggle_mark(struct logs_state *st, const struct log_feed *feed, struct intent *out)
{
    uint64_t line = logs_chosen(st, feed);
    if (line == LINE_NONE)
        return;
    for (size_t i = 0; i < st->mark_count; i++)
        if (st->marks[i].line == line) {
            st->mark_count--;
            memmove(&st->marks[i], &st->marks[i + 1], (st->mark_count - i) * sizeof(st->marks[0]));
            logs_flash(out, "%s", tr("mark taken off"));
            return;
        }
    if (st->mark_count == LOGS_MARKS_MAX) {
        logs_flash(out, tr("there are %d marks: i shows them, x takes one off"), LOGS_MARKS_MAX);
        return;
    }
    struct logbuf_line raw = logs_line(feed, line);
    struct logs_mark *m = &st->marks[st->mark_count++];
    logs_text_auto t;
    logs_text_of(&t, st, &raw);
    *m = (struct logs_mark){.line = line, .wall_ms = raw.wall_ms};
    snprintf(m->text, sizeof(m->text), "%.*s", (int)IW_MIN(t.len, sizeof(m->text) - 1), t.text);
    logs_flash(out, tr("mark m%zu set"), st->mark_count);
}

static void
open_detail(struct logs_state *st, const struct log_feed *feed)
{
    uint64_t line = logs_chosen(st, feed);
    st->detail = !st->detail && line != LINE_NONE;
    if (st->detail && !st->has_current)
        logs_jump(st, feed, line);
}

static void
next_context(struct logs_state *st, struct intent *out)
{
    static const unsigned steps[] = {0, 1, 3, 10};
    unsigned now = loglens_context(st->lens), next = 0;
    for (size_t i = IW_COUNTOF(steps); i-- > 0;)
        if (steps[i] > now)
            next = steps[i];
    loglens_set_context(st->lens, next);
    logs_flash(out,
               next == 0 ? tr("no lines around what filters keep")
                         : tr_n("%u line around what filters keep",
                                "%u lines around what filters keep", next),
               next);
}

static void
copy_line(struct logs_state *st, const struct log_feed *feed, struct intent *out)
{
    uint64_t line = logs_chosen(st, feed);
    if (line == LINE_NONE)
        return;
    struct logbuf_line raw = logs_line(feed, line);
    strbuf_clear(&st->copied);
    logline_plain(&st->copied, raw.text, raw.len);
    intent_copy(out, st->copied.data, st->copied.len);
}

/* A prompt whose first character says what for. */
static void
prompt(struct intent *out, const char *text)
{
    out->kind = INTENT_PROMPT;
    snprintf(out->text, sizeof(out->text), "%s", text);
}

static bool
act_look(struct logs_state *st, const struct log_feed *feed, enum action action, struct intent *out)
{
    static const char *const folds[LOGS_FOLD_COUNT] = {
        TR_MARK("repeated lines are folded"), TR_MARK("repeated lines and stack traces are folded"),
        TR_MARK("nothing is folded")};
    if (action == ACT_WIDE) {
        st->wrap = !st->wrap;
        st->scroll_x = 0;
        st->top.row = 0;
    } else if (action == ACT_TIME) {
        st->time = (enum logs_time)((st->time + 1) % LOGS_TIME_COUNT);
        st->time_chosen = true;
    } else if (action == ACT_FOLD) {
        st->fold = (enum logs_fold)((st->fold + 1) % LOGS_FOLD_COUNT);
        loglens_set_fold(st->lens, st->fold != LOGS_FOLD_NOTHING, st->fold == LOGS_FOLD_TRACES);
        logs_flash(out, "%s", tr(folds[st->fold]));
    } else if (action == ACT_COLUMNS) {
        st->columns = !st->columns;
    } else if (action == ACT_LINE_MARK) {
        toggle_mark(st, feed, out);
    } else if (action == ACT_OPEN) {
        open_detail(st, feed);
    } else if (action == ACT_KEEP || action == ACT_DROP || action == ACT_PIPE) {
        prompt(out, action == ACT_KEEP ? "&" : action == ACT_DROP ? "!" : ":pipe ");
    } else if (action == ACT_SAVE) {
        prompt(out, ":save ");
    } else if (action == ACT_CONTEXT) {
        next_context(st, out);
    } else if (action == ACT_SIDE) {
        st->side = !st->side;
    } else if (action == ACT_COMPARE) {
        return logs_compare_open(st, feed, out);
    } else if (action == ACT_COPY) {
        copy_line(st, feed, out);
    } else
        return false;
    return true;
}

/* Esc takes away what is on top; the search is the ui's. */
static bool
act_clear(struct logs_state *st)
{
    if (st->side)
        st->side = false;
    else if (st->detail)
        st->detail = false;
    else if (st->has_current && !loglens_searcher(st->lens))
        st->has_current = false;
    else
        return false;
    return true;
}

bool
logs_can(const void *state, const struct view_env *env, enum action action)
{
    const struct log_feed *feed = logs_feed_of(env);
    bool of_attempts = action == ACT_ATTEMPT_OLDER || action == ACT_COMPARE;
    bool of_cluster = of_attempts || action == ACT_SINCE || action == ACT_ALL_CONTAINERS;
    const struct logs_state *st = state;
    if (st->compare.on)
        return logs_compare_can(action);
    if (feed && feed->files)
        return !of_cluster;
    return !of_attempts || !feed || (!feed->merged && feed->attempts != 1);
}

const char *
logs_word(const void *state, const struct view_env *env, enum action action)
{
    const struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    if (action == ACT_COMPARE && st->compare.on)
        return tr("log");
    return action == ACT_ALL_CONTAINERS && feed && feed->merged ? tr("one") : NULL;
}

/* From the log of a step that is over to the one the pod is at. */
static bool
act_matters(const struct view_env *env, const struct log_feed *feed, struct intent *out)
{
    const struct pod *pod = podpane_pod(env);
    const struct container *now = pod ? pod_focus(pod, podpane_now(env)) : NULL;
    if (!now || feed->merged || feed->files)
        return false;
    logs_stream_intent(out, env, feed)->want = LOG_WANT_AUTO;
    snprintf(out->container, sizeof(out->container), "%s", now->name);
    return true;
}

bool
logs_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct logs_state *st = state;
    const struct log_feed *feed = logs_feed_of(env);
    if (!feed) {
        if (action != ACT_OPEN && action != ACT_ALL_CONTAINERS)
            return false;
        logs_stream_intent(out, env, NULL)->merged = action == ACT_ALL_CONTAINERS;
        return true;
    }
    if (st->compare.on && logs_compare_act(st, feed, action, out))
        return true;
    if (action == ACT_LOGS && act_matters(env, feed, out))
        return true;
    if (st->side && feed->buf && logs_side_act(st, env, action, out))
        return true;
    if (action == ACT_CLEAR)
        return act_clear(st);
    /* Where the panes are on screen Tab goes to them; else it steps through the containers. */
    if (st->wide && (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)) {
        st->side = !st->side;
        return true;
    }
    if (feed->files && act_of_file(st, action, out))
        return true;
    if (act_stream(st, env, action, arg, out))
        return true;
    return feed->buf && (act_find(st, feed, action, out) || act_look(st, feed, action, out) ||
                         act_move(st, feed, action));
}
