/* widgets: times, bars, wrapped text, and what an empty list says.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/eventrow.h"
#include "initwatch/ui/widget.h"

void
widget_time(const struct view_env *env, int64_t wall_ms, char *out, size_t out_size)
{
    if (out_size == 0)
        return;
    out[0] = 0;
    if (wall_ms == IW_TIME_NONE)
        return;
    char text[16];
    if (env->prefs->time_mode == TIME_MODE_AGE)
        duration_cells(env->now_wall_ms - wall_ms, text);
    else
        clock_hms(wall_ms, env->prefs->time_mode == TIME_MODE_LOCAL, text);
    snprintf(out, out_size, "%s", text);
}

void
widget_bar(struct surface *s, struct rect clip, int x, int y, int cols, double fraction,
           enum role role)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (cols <= 0 || !(fraction > 0))
        return;
    if (fraction > 1)
        fraction = 1;
    int total = (int)(fraction * cols * 8 + 0.5);
    /* A little is not nothing. */
    if (total == 0)
        total = 1;
    surface_fill(s, rect_intersect(clip, (struct rect){x, y, total / 8, 1}), 0x2588, role);
    /* ASCII has no eighths: round to whole cells, at least one. */
    if (s->ascii && (total % 8 >= 4 || total < 8))
        surface_puts(s, clip, x + total / 8, y, role, "█");
    else if (total % 8 && !s->ascii)
        surface_puts(s, clip, x + total / 8, y, role, eighths[total % 8]);
}

/* Bytes of the next line of at most cols cells: up to a newline, else broken at a blank, else hard.
 * *skip: bytes to drop after. */
static size_t
wrap_line(const char *text, size_t len, int cols, size_t *skip)
{
    const char *newline = memchr(text, '\n', len);
    size_t stop = newline ? (size_t)(newline - text) : len;
    size_t fit = utf8_fit(text, stop, cols, NULL);
    *skip = newline ? 1 : 0;
    if (fit == stop)
        return fit;
    *skip = 0;
    for (size_t at = fit; at > fit / 3 && at > 0; at--)
        if (text[at] == ' ') {
            *skip = 1;
            return at;
        }
    if (fit == 0)
        utf8_next(text, stop, &fit);
    return fit;
}

/* In fewer cells a name without its end says more. */
enum { NAME_CUT_COLS = 10 };

/* Where the end of a name begins that is kept in `cols` cells: at its last dash, else a third of them. */
static const char *
name_end(const char *name, int cols)
{
    const char *dash = strrchr(name, '-'), *at = name;
    if (dash && utf8_width(dash, strlen(dash)) <= cols / 2)
        return dash;
    while (*at && utf8_width(at, strlen(at)) > cols / 3) {
        size_t taken;
        (void)utf8_next(at, strlen(at), &taken);
        at += taken;
    }
    return at;
}

void
widget_name(struct surface *s, struct rect clip, int x, int y, int cols, enum role role,
            const char *name)
{
    size_t len = strlen(name);
    char text[512];
    if (cols < NAME_CUT_COLS || utf8_width(name, len) <= cols) {
        surface_field(s, clip, x, y, cols, false, role, name);
        return;
    }
    const char *end = name_end(name, cols);
    int front = cols - 1 - utf8_width(end, strlen(end));
    size_t fits = utf8_fit(name, len, front, NULL);
    (void)snprintf(text, sizeof(text), "%.*s…%s", (int)fits, name, end);
    surface_field(s, clip, x, y, cols, false, role, text);
}

int
widget_wrap_lines(const char *text, int cols, int max_lines)
{
    int lines = 0;
    for (size_t len = strlen(text); len > 0 && cols > 0 && lines < max_lines; lines++) {
        size_t skip, take = wrap_line(text, len, cols, &skip);
        text += take + skip;
        len -= take + skip;
    }
    return lines;
}

int
widget_wrap(struct surface *s, struct rect clip, int x, int y, int cols, int max_lines,
            enum role role, const char *text)
{
    int lines = 0;
    size_t len = strlen(text);
    if (cols <= 0)
        return 0;
    while (len > 0 && lines < max_lines) {
        size_t skip, take = wrap_line(text, len, cols, &skip);
        struct rect line = rect_intersect(clip, (struct rect){x, y + lines, cols, 1});
        if (lines == max_lines - 1 && take + skip < len) {
            /* The last line that there is room for shows that something is missing. */
            char rest[1024];
            snprintf(rest, sizeof(rest), "%.*s", (int)IW_MIN(len, sizeof(rest) - 1), text);
            for (char *p = rest; *p; p++)
                if (*p == '\n')
                    *p = ' ';
            surface_field(s, line, x, y + lines, cols, false, role, rest);
            return lines + 1;
        }
        surface_text(s, line, x, y + lines, role, text, take);
        text += take + skip;
        len -= take + skip;
        lines++;
    }
    return lines;
}

/* First line (what is the case) and second line (what to do) of an empty list. */
struct empty_words {
    enum role role;
    char first[200], second[400];
};

/* The server's sentence often begins with what the code says: once is enough. */
static void
words_of_break(struct empty_words *w, const struct iw_error *err)
{
    const char *what = tr(iw_err_message(err->code)), *hint = tr(iw_err_hint(err->code));
    bool same =
        strncmp(err->msg, iw_err_message(err->code), strlen(iw_err_message(err->code))) == 0;
    snprintf(w->first, sizeof(w->first), tr("✗ not connected: %s"), what);
    if (same)
        snprintf(w->first + strlen(w->first), sizeof(w->first) - strlen(w->first), "%s",
                 err->msg + strlen(iw_err_message(err->code)));
    snprintf(w->second, sizeof(w->second), "%s%s%s", same ? "" : err->msg,
             !same && err->msg[0] && hint[0] ? "\n" : "", hint);
}

static void
words_of_source(struct empty_words *w, const struct view_env *env, const struct source_status *st,
                const char *what)
{
    const char *hint = iw_err_hint(st->last.code);
    if (st->waiting[0]) {
        int name_len = (int)strcspn(st->waiting, ":");
        w->role = ROLE_WORKING;
        snprintf(w->first, sizeof(w->first), tr("waiting for %.*s"), IW_MIN(name_len, 60),
                 st->waiting);
        snprintf(w->second, sizeof(w->second), "%s%s%s",
                 tr("it gets the credentials for the cluster, as the kubeconfig says"),
                 st->waiting[name_len] ? "\n" : "",
                 st->waiting + name_len + (st->waiting[name_len] ? 2 : 0));
        return;
    }
    switch (st->state) {
    case SOURCE_DENIED:
        w->role = ROLE_ERROR;
        if (st->last.code != IW_ERR_FORBIDDEN)
            snprintf(w->first, sizeof(w->first), "✗ %s", tr(source_denial_word(st)));
        else
            snprintf(w->first, sizeof(w->first), tr("✗ not allowed to list %s%s%s"), what,
                     st->scope[0] ? " in " : "", st->scope);
        snprintf(w->second, sizeof(w->second), "%s%s%s", st->last.msg,
                 st->last.msg[0] && hint[0] ? "\n" : "", hint);
        return;
    case SOURCE_STALE:
        w->role = ROLE_ERROR;
        words_of_break(w, &st->last);
        return;
    case SOURCE_IDLE:
    case SOURCE_CONNECTING:
        w->role = ROLE_WORKING;
        snprintf(w->first, sizeof(w->first), tr("connecting to %.160s"),
                 env->session->server[0] ? env->session->server : tr("the cluster"));
        if (st->last.code != IW_OK)
            snprintf(w->second, sizeof(w->second), tr("last try: %s\n%s"), st->last.msg, hint);
        return;
    case SOURCE_LISTING:
        w->role = ROLE_WORKING;
        snprintf(w->first, sizeof(w->first), tr("listing %s: %llu so far"), what,
                 (unsigned long long)st->listed);
        return;
    case SOURCE_LIVE:
    case SOURCE_STOPPED:
    case SOURCE_STATE_COUNT:
        break;
    }
    w->role = ROLE_TEXT;
    snprintf(w->first, sizeof(w->first), tr("no %.40s in %.140s"), what,
             st->scope[0]          ? st->scope
             : env->session->ns[0] ? env->session->ns
                                   : tr("any namespace"));
    snprintf(w->second, sizeof(w->second),
             tr(":ns NAME looks elsewhere, 0 shows all namespaces, ^R lists again"));
}

void
widget_empty(struct surface *s, struct rect area, const struct view_env *env,
             enum source_stream stream, const char *what, size_t hidden, const char *filter)
{
    struct empty_words w = {.role = ROLE_TEXT};
    if (hidden > 0) {
        if (filter && filter[0])
            snprintf(w.first, sizeof(w.first), tr("the filter \"%.60s\" hides %zu %s"), filter,
                     hidden, what);
        else
            snprintf(w.first, sizeof(w.first), tr("%zu %s hidden: none of them has a problem"),
                     hidden, what);
        snprintf(w.second, sizeof(w.second), "%s",
                 filter && filter[0] ? tr("Esc clears the filter") : tr("z shows all of them"));
    } else {
        words_of_source(&w, env, store_status(env->store, stream), what);
    }
    widget_empty_say(s, area, w.role, w.first, w.second);
}

void
widget_empty_say(struct surface *s, struct rect area, enum role role, const char *first,
                 const char *second)
{
    int cols = IW_MIN(area.w - 4, 96), y = area.y + IW_MIN(IW_MAX(area.h / 3, 0), 6);
    if (area.h < 4)
        y = area.y;
    y += widget_wrap(s, area, area.x + 3, y, cols, 3, role, first);
    widget_wrap(s, area, area.x + 3, y, cols, IW_MAX(area.y + area.h - y, 0), ROLE_DIM, second);
}

int
widget_part(struct surface *s, struct rect clip, int x, enum role role, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), tr(fmt), args);
    va_end(args);
    if (x + utf8_width(text, strlen(text)) > clip.x + clip.w)
        return x;
    return x + surface_puts(s, clip, x, clip.y, role, text);
}

void
widget_object_head(const void *state, const struct view_env *env, struct surface *s,
                   struct rect clip)
{
    const struct kobject_ref *ref = env->object;
    const char *kind = kobject_kind_info(ref->kind)->kind;
    char text[512], brief[64];
    (void)state;
    if (!ref->name[0])
        return;
    snprintf(text, sizeof(text), "%s %s%s%s", kind, ref->ns, ref->ns[0] ? "/" : "", ref->name);
    if (utf8_width(text, strlen(text)) > clip.w) {
        event_kind_short(kind, brief, sizeof(brief));
        snprintf(text, sizeof(text), "%s %s%s%s", brief, ref->ns, ref->ns[0] ? "/" : "", ref->name);
    }
    surface_field(s, clip, clip.x, clip.y, IW_MIN(utf8_width(text, strlen(text)), clip.w), false,
                  ROLE_TITLE, text);
}
