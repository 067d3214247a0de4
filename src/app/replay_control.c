/* replay_control: words of the user to calls of the player.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/replay_control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"

/* Entries of the walk ahead in one slice: a pod and its rules take about a quarter of a millisecond. */
enum { MARK_ENTRIES_PER_SLICE = 8 };
#define DAY_MS (INT64_C(86400) * 1000)

struct replay_control {
    struct session *session;
    struct replay_board board;
    struct replay_marks *marks;
    loop_id work;
    void (*flash)(void *ctx, bool error, const char *text);
    void *ctx;
};

static bool
read_marks(void *ctx)
{
    struct replay_control *c = ctx;
    if (c->marks && replay_marks_read(c->marks, MARK_ENTRIES_PER_SLICE))
        return true;
    replay_marks_free(c->marks);
    c->marks = NULL;
    return false;
}

struct replay_control *
replay_control_new(struct session *session, void (*flash)(void *ctx, bool error, const char *text),
                   void *ctx)
{
    struct replay_control *c = iw_calloc(1, sizeof(*c));
    const struct recording_about *about = recording_about(session->recording);
    c->session = session;
    c->flash = flash;
    c->ctx = ctx;
    c->board.begin_wall_ms = about->started_wall_ms;
    c->board.end_wall_ms = about->started_wall_ms + about->length_ms;
    c->board.speed = 1;
    c->marks = replay_marks_new(session->recording, &c->board);
    c->work = loop_work_add(session->loop, read_marks, c);
    replay_control_refresh(c);
    return c;
}

void
replay_control_free(struct replay_control *c)
{
    if (!c)
        return;
    loop_remove(c->session->loop, c->work);
    replay_marks_free(c->marks);
    vec_free(&c->board.marks);
    free(c);
}

const struct replay_board *
replay_control_board(const struct replay_control *c)
{
    return c ? &c->board : NULL;
}

void
replay_control_refresh(struct replay_control *c)
{
    struct replay_state st;
    struct replay_board *b = c ? &c->board : NULL;
    if (!c)
        return;
    replay_state(c->session->source, &st);
    if (b->paused == st.paused && b->ended == st.ended && b->jumping == st.jumping &&
        b->speed == st.speed)
        return;
    b->paused = st.paused;
    b->ended = st.ended;
    b->jumping = st.jumping;
    b->speed = st.speed;
    b->generation++;
}

/* --- what can be asked --- */

static int64_t
at_ms(const struct replay_control *c)
{
    struct replay_state st;
    replay_state(c->session->source, &st);
    return st.at_ms;
}

static void
say(const struct replay_control *c, bool error, const char *text)
{
    c->flash(c->ctx, error, text);
}

/* The moment before a mark would not show it: half a second is what a mark and its reason differ. */
static void
go_to_mark(struct replay_control *c, bool back)
{
    const struct replay_board *b = &c->board;
    int64_t now_wall_ms = b->begin_wall_ms + at_ms(c);
    const struct replay_mark *found = NULL;
    for (size_t i = 0; i < b->marks.len; i++) {
        const struct replay_mark *mark = &b->marks.items[i];
        if (back ? mark->wall_ms < now_wall_ms : mark->wall_ms > now_wall_ms && !found)
            found = mark;
    }
    if (!found) {
        say(c, false,
            b->reading ? tr("marks are still looked for")
            : back     ? tr("there is no mark before this")
                       : tr("there is no mark after this"));
        return;
    }
    replay_pause(c->session->source, true);
    replay_seek(c->session->source, found->wall_ms - b->begin_wall_ms);
    say(c, false, found->text);
}

/* "22:07" or "22:07:30" of the day when the recording began, or of the next. */
static bool
parse_time(const struct replay_control *c, const char *text, bool utc, int64_t *t_ms)
{
    int64_t wanted_s;
    if (!clock_hms_parse(text, &wanted_s))
        return false;
    *t_ms = (wanted_s - clock_second_of_day(c->board.begin_wall_ms, !utc)) * 1000;
    if (*t_ms < 0)
        *t_ms += DAY_MS;
    return true;
}

static bool
ask_jump(struct replay_control *c, const char *text, bool utc)
{
    struct source *s = c->session->source;
    char *end;
    int64_t t_ms;
    if (strcmp(text, "start") == 0)
        replay_seek(s, 0);
    else if (strcmp(text, "end") == 0)
        replay_seek(s, INT64_MAX);
    else if (strncmp(text, "at ", 3) == 0 && (t_ms = strtoll(text + 3, &end, 10)) >= 0 && !*end)
        replay_seek(s, t_ms);
    else if (parse_time(c, text, utc, &t_ms))
        replay_seek(s, t_ms);
    else
        return false;
    return true;
}

static bool
ask_speed(struct replay_control *c, const char *text)
{
    char *end, said[32];
    double speed = strtod(text, &end);
    if (end == text || *end || !(speed > 0))
        return false;
    replay_set_speed(c->session->source, speed);
    replay_control_refresh(c);
    snprintf(said, sizeof(said), "×%g", c->board.speed);
    say(c, false, said);
    return true;
}

static void
ask_step(struct replay_control *c, bool back)
{
    if (!replay_step(c->session->source, back))
        say(c, false, back ? tr("this is the first change") : tr("this was the last change"));
}

void
replay_control_ask(struct replay_control *c, const char *text, bool utc)
{
    bool known = true;
    if (!c)
        return;
    if (strcmp(text, "pause") == 0 || strcmp(text, "go") == 0)
        replay_pause(c->session->source, text[0] == 'p');
    else if (strcmp(text, "step") == 0 || strcmp(text, "back") == 0)
        ask_step(c, text[0] == 'b');
    else if (strcmp(text, "next") == 0 || strcmp(text, "prev") == 0)
        go_to_mark(c, text[0] == 'p');
    else if (strncmp(text, "speed ", 6) == 0)
        known = ask_speed(c, text + 6);
    else
        known = ask_jump(c, text, utc);
    if (!known)
        say(c, true,
            tr("replay: pause, go, step, back, next, prev, start, end, speed X, or HH:MM:SS"));
    replay_control_refresh(c);
}
