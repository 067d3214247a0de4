/* ui_mouse: what a click or the wheel does, in terms of the keys: views know nothing of the mouse.
 *
 * A click on a row moves the selection there step by step, because only the view knows which of its lines are rows: the
 * selected one is found on the surface by its flag. A click beyond the rows stops at the nearest.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ui_internal.h"

enum { DOUBLE_CLICK_MS = 400, WHEEL_LINES = 3 };

/* The line of the first selected cell within the view's area, -1 when nothing is selected. */
static int
selected_line(const struct surface *s)
{
    for (int y = 2; y < s->rows - 1; y++)
        for (int x = 0; x < s->cols; x++)
            if (surface_at(s, x, y)->flags & CELL_SELECTED)
                return y;
    return -1;
}

/* The line of the selection on the screen as it would be drawn now. */
static int
drawn_line(struct ui *ui, struct surface *scratch)
{
    ui_draw(ui, scratch);
    return selected_line(scratch);
}

/* Walk towards the line; each step shows where the selection is. Returns true when it arrived. */
static bool
select_line(struct ui *ui, int y)
{
    struct surface scratch;
    surface_init(&scratch, ui->seen.cols, ui->seen.rows, false);
    int at = drawn_line(ui, &scratch);
    bool down = y > at;
    for (int steps = 0; at >= 0 && at != y && steps < ui->seen.rows; steps++) {
        ui_act(ui, down ? ACT_DOWN : ACT_UP, 0);
        int next = drawn_line(ui, &scratch);
        bool past = down ? next > y : next < y;
        if (next == at || past) {
            if (past && next >= 0)
                ui_act(ui, down ? ACT_UP : ACT_DOWN, 0);
            at = drawn_line(ui, &scratch);
            break;
        }
        at = next;
    }
    surface_free(&scratch);
    ui->dirty = true;
    return at == y;
}

static void
click_tab(struct ui *ui, int x)
{
    for (size_t i = 0; i < ui->tab_span_count; i++)
        if (x >= ui->tab_spans[i].from && x < ui->tab_spans[i].to)
            ui_act(ui, ACT_TAB, ui->tab_spans[i].tab);
}

static void
click(struct ui *ui, int x, int y)
{
    int64_t now_ms = clock_mono(ui->config.clock);
    bool twice = ui->click.y == y && now_ms - ui->click.at_ms <= DOUBLE_CLICK_MS;
    ui->click.y = y;
    ui->click.at_ms = twice ? now_ms - 2 * DOUBLE_CLICK_MS : now_ms;
    if (replay_bar_click(ui, x, y))
        return;
    if (y == 1)
        click_tab(ui, x);
    else if (y >= 2 && y < ui->seen.rows - 1 && select_line(ui, y) && twice)
        ui_act(ui, ACT_OPEN, 0);
}

void
ui_mouse(struct ui *ui, const struct term_mouse *event)
{
    /* A window that became smaller since the click. */
    if (event->x < 0 || event->y < 0 || event->x >= ui->seen.cols || event->y >= ui->seen.rows)
        return;
    ui->dirty = true;
    ui->flash.until_ms = 0;
    if (ui->prompt.open || ui->confirm.text[0])
        return;
    if (event->kind == TERM_MOUSE_PRESS) {
        click(ui, event->x, event->y);
        return;
    }
    for (int i = 0; i < WHEEL_LINES; i++)
        ui_act(ui, event->kind == TERM_MOUSE_DOWN ? ACT_DOWN : ACT_UP, 0);
}
