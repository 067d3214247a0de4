/* ui_replay: keys, command and bar of a session that plays a recording.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "ui_internal.h"

/* Shorter than this no place can be shown on the line. */
enum { TRACK_COLS_MIN = 8, TRACK_COLS_MAX = 72, MARKS_COLS = 12 };

const char *const replay_words[] = {"pause", "go",    "step", "back", "next",
                                    "prev",  "start", "end",  "speed"};
const size_t replay_word_count = IW_COUNTOF(replay_words);

void
replay_act(struct ui *ui, enum action action, int32_t arg)
{
    const struct replay_board *board = ui->config.replay;
    struct intent in = {.kind = INTENT_REPLAY};
    (void)arg;
    if (!board) {
        ui_flash(ui, false, "%s", tr("only while a recording is played: initwatch -r FILE"));
        return;
    }
    if (action == ACT_REPLAY_SLOWER || action == ACT_REPLAY_FASTER)
        snprintf(in.text, sizeof(in.text), "speed %g",
                 board->speed * (action == ACT_REPLAY_FASTER ? 2 : 0.5));
    else
        snprintf(in.text, sizeof(in.text), "%s",
                 action == ACT_STEP_ON     ? "step"
                 : action == ACT_STEP_BACK ? "back"
                 : action == ACT_MARK_ON   ? "next"
                 : action == ACT_MARK_BACK ? "prev"
                 : board->paused           ? "go"
                                           : "pause");
    ui_handle_intent(ui, &in);
}

bool
replay_is_action(enum action action)
{
    return action >= ACT_REPLAY_PAUSE && action <= ACT_MARK_ON;
}

void
replay_command(struct ui *ui, const char *arg)
{
    if (!ui->config.replay)
        ui_flash(ui, true, "%s", tr("only while a recording is played: initwatch -r FILE"));
    else if (!arg[0])
        replay_act(ui, ACT_REPLAY_PAUSE, 0);
    else
        ui_emit_text(ui, INTENT_REPLAY, arg);
}

/* --- the bar --- */

static int
track_column(const struct replay_board *b, int64_t wall_ms, int cols)
{
    int64_t length_ms = IW_MAX(b->end_wall_ms - b->begin_wall_ms, (int64_t)1);
    int64_t at_ms = IW_MIN(IW_MAX(wall_ms - b->begin_wall_ms, (int64_t)0), length_ms);
    return (int)(at_ms * (cols - 1) / length_ms);
}

static enum role
mark_role(enum replay_mark_kind kind)
{
    switch (kind) {
    case REPLAY_MARK_RESTART:
        return ROLE_WARN;
    case REPLAY_MARK_FINDING:
    case REPLAY_MARK_FATAL:
        return ROLE_ERROR;
    case REPLAY_MARK_USER:
        break;
    }
    return ROLE_KEY;
}

/* The mark that was passed last; NULL before the first. */
static const struct replay_mark *
mark_at(const struct replay_board *b, int64_t wall_ms)
{
    const struct replay_mark *last = NULL;
    for (size_t i = 0; i < b->marks.len && b->marks.items[i].wall_ms <= wall_ms; i++)
        last = &b->marks.items[i];
    return last;
}

static void
draw_track(const struct replay_board *b, struct surface *s, struct rect at, int64_t now_wall_ms)
{
    surface_fill(s, at, 0x2500, ROLE_RULE);
    for (size_t i = 0; i < b->marks.len; i++) {
        const struct replay_mark *mark = &b->marks.items[i];
        int x = at.x + track_column(b, mark->wall_ms, at.w);
        surface_puts(s, at, x, at.y, mark_role(mark->kind), "┼");
    }
    surface_puts(s, at, at.x + track_column(b, now_wall_ms, at.w), at.y, ROLE_TITLE, "●");
}

/* "12 marks", and what the last one was. */
static void
marks_text(const struct replay_board *b, int64_t now_wall_ms, bool utc, bool with_last, char *out,
           size_t out_size)
{
    const struct replay_mark *last = with_last ? mark_at(b, now_wall_ms) : NULL;
    char hms[16];
    int used = snprintf(out, out_size, b->marks.len == 1 ? tr("%zu mark%s") : tr("%zu marks%s"),
                        b->marks.len, b->reading ? "…" : "");
    if (!last || used < 0 || (size_t)used >= out_size)
        return;
    clock_hms(last->wall_ms, !utc, hms);
    snprintf(out + used, out_size - (size_t)used, " · %s %s", hms, last->text);
}

static const char *
sign_of(const struct replay_board *b, bool ascii)
{
    if (b->jumping)
        return "… ";
    if (b->ended)
        return ascii ? "[]" : "■ ";
    if (b->paused)
        return ascii ? "||" : "▮▮";
    return "▶ ";
}

void
replay_bar(struct ui *ui, struct surface *s, int y)
{
    const struct replay_board *b = ui->config.replay;
    struct rect line = {0, y, s->cols, 1};
    int64_t now_wall_ms = clock_wall(ui->config.clock);
    bool utc = ui->prefs.time_mode == TIME_MODE_UTC;
    char speed[16], begin[16], end[16], marks[256];
    surface_fill(s, line, ' ', ROLE_TEXT);
    snprintf(speed, sizeof(speed), "×%g", b->speed);
    clock_hms(b->begin_wall_ms, !utc, begin);
    clock_hms(b->end_wall_ms, !utc, end);
    marks_text(b, now_wall_ms, utc, s->cols >= UI_WIDE_COLS, marks, sizeof(marks));
    int x = 1;
    x += surface_puts(s, line, x, y, ROLE_HINT, "◀◀") + 1;
    x += surface_puts(s, line, x, y, b->paused ? ROLE_WARN : ROLE_OK, sign_of(b, s->ascii)) + 1;
    x += IW_MAX(surface_puts(s, line, x, y, ROLE_TEXT, speed), 3) + 1;
    /* Of fixed width: the line must not move under the place it shows. */
    int marks_cols = s->cols >= UI_WIDE_COLS ? s->cols / 3 : (int)MARKS_COLS;
    int ends = (int)strlen(begin) + (int)strlen(end) + 2, room = s->cols - x - 1;
    if (room - ends - marks_cols - 2 < TRACK_COLS_MIN)
        marks_cols = 0;
    int track = IW_MIN(room - ends - (marks_cols ? marks_cols + 2 : 0), (int)TRACK_COLS_MAX);
    if (track < TRACK_COLS_MIN) {
        /* Not even the ends: how far it is in words. */
        char hms[16];
        clock_hms(now_wall_ms, !utc, hms);
        surface_printf(s, line, x, y, ROLE_TEXT, "%s / %s", hms, end);
        ui->bar = (struct ui_bar){0};
        return;
    }
    x += surface_puts(s, line, x, y, ROLE_DIM, begin) + 1;
    draw_track(b, s, (struct rect){x, y, track, 1}, now_wall_ms);
    ui->bar = (struct ui_bar){y, x, x + track};
    x += track + 1;
    x += surface_puts(s, line, x, y, ROLE_DIM, end) + 2;
    if (marks_cols)
        surface_field(s, line, x, y, marks_cols, false, ROLE_TEXT, marks);
}

bool
replay_bar_click(struct ui *ui, int x, int y)
{
    const struct replay_board *b = ui->config.replay;
    const struct ui_bar *bar = &ui->bar;
    if (!b || bar->to <= bar->from || y != bar->y)
        return false;
    if (x < bar->from || x >= bar->to)
        return true;
    int64_t length_ms = b->end_wall_ms - b->begin_wall_ms;
    int64_t at_ms = length_ms * (x - bar->from) / IW_MAX(bar->to - bar->from - 1, 1);
    char text[48];
    snprintf(text, sizeof(text), "at %lld", (long long)at_ms);
    ui_emit_text(ui, INTENT_REPLAY, text);
    return true;
}
