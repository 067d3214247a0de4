/* view_messages: what initwatch itself logged: the lines kept in memory, newest last.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

struct messages_state {
    struct text_filter *filter;
    struct list_cursor cursor;
    bool problems_only; /* warnings and errors */
    bool free;          /* the user left the end; new lines do not move the cursor */
    size_t count, height;
    struct {
        size_t *items;
        size_t len, cap;
    } shown; /* places in the ring */
};

enum { MESSAGE_TEXT_AT = 16, MESSAGE_LINES_MAX = 8 };

static const struct {
    const char *word;
    enum role role;
} LEVELS[] = {[LOG_LEVEL_ERROR] = {"error", ROLE_ERROR},
              [LOG_LEVEL_WARN] = {"warn", ROLE_WARN},
              [LOG_LEVEL_INFO] = {"info", ROLE_TEXT},
              [LOG_LEVEL_DEBUG] = {"debug", ROLE_DIM},
              [LOG_LEVEL_TRACE] = {"trace", ROLE_DIM}};

static void
messages_init(void *state)
{
    struct messages_state *st = state;
    st->filter = text_filter_new();
}

static void
messages_fini(void *state)
{
    struct messages_state *st = state;
    text_filter_free(st->filter);
    vec_free(&st->shown);
}

/* A message that is longer than its line goes on below it. */
static void
wrap_message(struct doc *d, const struct log_line *message, int cols)
{
    size_t level = IW_MIN((size_t)message->level, IW_COUNTOF(LEVELS) - 1);
    doc_init(d, IW_MAX(cols - MESSAGE_TEXT_AT, 1));
    doc_line(d);
    doc_wrap(d, LEVELS[level].role, 0, MESSAGE_LINES_MAX, message->text);
}

static int
message_lines(const struct messages_state *st, size_t at, int cols)
{
    doc_auto d;
    wrap_message(&d, log_ring_at(st->shown.items[at]), cols);
    return (int)d.lines;
}

/* The chosen message is in sight with all its lines. */
static void
reveal(struct messages_state *st, int cols)
{
    int used = 0;
    size_t top = st->cursor.selected + 1;
    while (top > st->cursor.top && used <= (int)st->height)
        used += message_lines(st, --top, cols);
    if (used > (int)st->height && top < st->cursor.selected)
        top++;
    st->cursor.top = top;
}

static void
messages_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct messages_state *st = state;
    (void)env;
    st->height = (size_t)IW_MAX(area.h, 1);
    st->count = log_ring_count();
    vec_clear(&st->shown);
    for (size_t i = 0; i < st->count; i++) {
        const struct log_line *line = log_ring_at(i);
        if (st->problems_only && line->level > LOG_LEVEL_WARN)
            continue;
        if (text_filter_match(st->filter, line->text))
            vec_push(&st->shown, i);
    }
    if (!st->free && st->shown.len)
        st->cursor.selected = st->shown.len - 1;
    list_cursor_fix(&st->cursor, st->shown.len, st->height);
    if (st->shown.len)
        reveal(st, area.w);
}

static int
draw_message(struct surface *s, struct rect rest, const struct log_line *message,
             const struct view_env *env)
{
    char when[16];
    size_t level = IW_MIN((size_t)message->level, IW_COUNTOF(LEVELS) - 1);
    doc_auto d;
    wrap_message(&d, message, rest.w);
    clock_hms(message->wall_ms, env->prefs->time_mode != TIME_MODE_UTC, when);
    surface_field(s, rest, rest.x + 1, rest.y, 8, false, ROLE_DIM, when);
    surface_field(s, rest, rest.x + 10, rest.y, 5, false, LEVELS[level].role, LEVELS[level].word);
    doc_draw(&d, s,
             (struct rect){rest.x + MESSAGE_TEXT_AT, rest.y, rest.w - MESSAGE_TEXT_AT, rest.h}, 0);
    return (int)d.lines;
}

static void
messages_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct messages_state *st = state;
    size_t ring = log_ring_count();
    if (st->shown.len == 0) {
        surface_puts(s, area, area.x + 3, area.y + IW_MIN(area.h / 3, 6), ROLE_TEXT,
                     st->count ? tr("the filter hides all messages: Esc clears it")
                               : tr("no messages: nothing went wrong so far"));
        return;
    }
    int y = 0;
    for (size_t at = st->cursor.top; at < st->shown.len && st->shown.items[at] < ring && y < area.h;
         at++) {
        struct rect rest = {area.x, area.y + y, area.w, area.h - y};
        int lines = draw_message(s, rest, log_ring_at(st->shown.items[at]), env);
        if (at == st->cursor.selected)
            surface_flag(s, rect_intersect(rest, (struct rect){rest.x, rest.y, rest.w, lines}),
                         CELL_SELECTED);
        y += lines;
    }
}

static bool
messages_act(void *state, const struct view_env *env, enum action action, int32_t arg,
             struct intent *out)
{
    struct messages_state *st = state;
    (void)env;
    (void)arg;
    if (list_cursor_act(&st->cursor, action, st->shown.len, st->height)) {
        st->free = st->shown.len && st->cursor.selected + 1 < st->shown.len;
        return true;
    }
    if (action == ACT_PROBLEMS) {
        st->problems_only = !st->problems_only;
        return true;
    }
    if (action != ACT_COPY || st->cursor.selected >= st->shown.len)
        return false;
    const struct log_line *line = log_ring_at(st->shown.items[st->cursor.selected]);
    intent_copy(out, line->text, strlen(line->text));
    return true;
}

static void
messages_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct messages_state *st = state;
    (void)env;
    (void) final;
    (void)text_filter_set(st->filter, text);
    st->free = false;
}

static void
messages_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct messages_state *st = state;
    (void)env;
    char search[96] = "";
    if (text_filter_active(st->filter))
        snprintf(search, sizeof(search), "/%.60s   ", text_filter_text(st->filter));
    snprintf(out, out_size, "%s%s%zu of %zu", search,
             st->problems_only ? tr("only warnings and errors   ") : "", st->shown.len, st->count);
}

static size_t
messages_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct messages_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->shown.len, (int64_t)st->height);
}

const struct view_class view_messages = {
    .name = "messages",
    .title = "Messages",
    .help = "What initwatch itself has logged: connections, retries, refused requests.",
    .scope = VIEW_GLOBAL,
    .context = CTX_MESSAGES,
    .state_size = sizeof(struct messages_state),
    .init = messages_init,
    .fini = messages_fini,
    .recalc = messages_recalc,
    .draw = messages_draw,
    .unseen = messages_unseen,
    .act = messages_act,
    .filter = messages_filter,
    .tab_note = messages_tab_note,
};
