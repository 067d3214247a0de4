/* ui_tabs: line 2 of the screen: which views there are, how much is in them, what hides rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "ui_internal.h"

/* Does the digit of a tab lead there from the open view? In the log it may mean something else. */
static bool
digit_leads(const struct view_class *active, int tab)
{
    int32_t arg;
    return keymap_lookup(active->context, active->podish, (uint32_t)('0' + tab), &arg) == ACT_TAB &&
           arg == tab;
}

/* "5 Findings", "Findings" */
static int
title_width(const struct view_class *active, const struct view_class *view)
{
    return (digit_leads(active, view->tab) ? 2 : 0) +
           utf8_width(tr(view->title), strlen(tr(view->title)));
}

/* Narrow: the cells that tabs from `tab` on need at least. All but the open one can be a number
 * alone, or are left out where it has none. */
static int
tabs_need(const struct view_class *active, int tab)
{
    int need = 1;
    for (; tab <= 9; tab++) {
        const struct view_class *view = view_by_tab(active->scope, tab);
        need += !view                      ? 0
                : view == active           ? 4 + title_width(active, view)
                : digit_leads(active, tab) ? 3
                                           : 0;
    }
    return need;
}

/* Is there room at x for the whole title of a tab that is not open? */
static bool
title_fits(const struct view_class *active, const struct view_class *view, int x, int right,
           int cols)
{
    return x + title_width(active, view) + tabs_need(active, view->tab + 1) + right <= cols;
}

static int
tab_title(struct surface *s, struct rect clip, int x, const struct view_class *active,
          const struct view_class *view, const char *count)
{
    bool open = view == active;
    enum role role = open ? ROLE_TAB_ACTIVE : ROLE_TAB;
    const char *gap = count[0] ? " " : "";
    if (view->tab > 0 && digit_leads(active, view->tab))
        return surface_printf(s, clip, x, 1, role, open ? "[%d %s%s%s]" : "%d %s%s%s", view->tab,
                              tr(view->title), gap, count);
    return surface_printf(s, clip, x, 1, role, open ? "[%s%s%s]" : "%s%s%s", tr(view->title), gap,
                          count);
}

enum { CHIP_COLS_MAX = 36, CHIPS_MAX = 14, NOTE_COLS_MAX = 16 };

/* A chip stands between blanks, with a sign when it could not be understood. Its width with the gap behind it. */
static int
chip_width(const char *text, bool wrong)
{
    return IW_MIN(utf8_width(text, strlen(text)), CHIP_COLS_MAX) + (wrong ? 2 : 0) + 3;
}

static int
chips_width(const struct ui_entry *e)
{
    int width = 0;
    bool wrong;
    const char *text;
    for (size_t i = 0;
         e->view->chip && i < CHIPS_MAX && (text = e->view->chip(e->state, i, &wrong)); i++)
        width += chip_width(text, wrong);
    return width;
}

static void
draw_chips(const struct ui_entry *e, struct surface *s, struct rect clip, int x)
{
    bool wrong;
    const char *text;
    for (size_t i = 0;
         e->view->chip && i < CHIPS_MAX && (text = e->view->chip(e->state, i, &wrong)); i++) {
        int cols = chip_width(text, wrong) - 3;
        enum role role = wrong ? ROLE_WARN : ROLE_MATCH;
        struct rect chip = rect_intersect(clip, (struct rect){x, 1, cols + 2, 1});
        surface_fill(s, chip, ' ', role);
        int at = x + 1 + (wrong ? surface_puts(s, chip, x + 1, 1, role, "⚠ ") : 0);
        surface_field(s, chip, at, 1, cols - (at - x - 1), false, role, text);
        x += cols + 3;
    }
}

/* Narrow: where the titles of the tabs end when no count is among them. */
static int
titles_end(const struct view_class *active, int cols, int right)
{
    int x = 1;
    for (int tab = 1; tab <= 9; tab++) {
        const struct view_class *view = view_by_tab(active->scope, tab);
        if (!view)
            continue;
        int gap = x > 1 ? 2 : 0;
        if (view == active)
            x += gap + title_width(active, view) + 2;
        else if (title_fits(active, view, x + gap, right, cols))
            x += gap + title_width(active, view);
        else
            x += digit_leads(active, tab) ? gap + 1 : 0;
    }
    return x;
}

/* How much there is in a view. Narrow: "9 (✗7 ⚠2)", else "9", else nothing; *spare is what is left. */
static void
tab_count(struct ui *ui, const struct view_env *env, const struct view_class *view, bool wide,
          int *spare, char *out, size_t out_size)
{
    out[0] = '\0';
    if (!view->tab_count || (!wide && (!view->tab_count_narrow || *spare < 2)))
        return;
    view->tab_count(ui_kept_state(ui, view), env, out, out_size);
    char *rest = strchr(out, ' ');
    if (!wide && rest && 1 + utf8_width(out, strlen(out)) > *spare)
        *rest = '\0';
    int width = out[0] ? 1 + utf8_width(out, strlen(out)) : 0;
    if (!wide && width > *spare)
        out[0] = '\0';
    else
        *spare -= width;
}

/* The titles, those that would take the room at the right as numbers alone. Returns the next free column. */
static int
draw_titles(struct ui *ui, const struct view_env *env, struct surface *s, struct rect clip,
            int right)
{
    const struct ui_entry *e = ui_top_const(ui);
    ui->tab_span_count = 0;
    bool wide = s->cols >= UI_WIDE_COLS;
    int spare = s->cols - 1 - right - titles_end(e->view, s->cols, right);
    ui->tab_counts = (wide || spare >= 2) && e->view->scope != VIEW_GLOBAL && e->view->tab != 0;
    int x = 1;
    if (wide)
        x += surface_puts(s, clip, x, 1, ROLE_RULE, " ");
    if (e->view->scope == VIEW_GLOBAL || e->view->tab == 0)
        return x + tab_title(s, clip, x, e->view, e->view, "");
    for (int tab = 1; tab <= 9; tab++) {
        const struct view_class *view = view_by_tab(e->view->scope, tab);
        if (!view)
            continue;
        int gap = x <= (wide ? 2 : 1) ? 0 : wide ? 3 : 2;
        bool whole =
            view == e->view || title_fits(e->view, view, x + gap + (wide ? 2 : 0), right, s->cols);
        if (!whole && !digit_leads(e->view, tab))
            continue;
        if (gap)
            x += wide ? surface_puts(s, clip, x, 1, ROLE_RULE, "   ") : gap;
        char count[32];
        tab_count(ui, env, view, wide, &spare, count, sizeof(count));
        int from = x;
        if (whole)
            x += tab_title(s, clip, x, e->view, view, count);
        else
            x += surface_printf(s, clip, x, 1, ROLE_TAB, "%d", view->tab);
        ui->tab_spans[ui->tab_span_count++] = (struct ui_tab_span){from, x, tab};
    }
    return x;
}

void
chrome_tabs(struct ui *ui, const struct view_env *env, struct surface *s)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct rect clip = {0, 1, s->cols, 1};
    char note[256] = "";
    if (e->view->tab_note)
        e->view->tab_note(e->state, env, note, sizeof(note));
    int width = utf8_width(note, strlen(note)), chips = chips_width(e);
    surface_rule(s, clip, 1, ROLE_RULE, NULL, ROLE_RULE);
    /* What hides rows, and how much there is, is worth more than the titles of the other tabs; a sort, or a sentence, is not. A
     * note has its most important part in front of three blanks. */
    char *rest = strstr(note, "   ");
    int begin = rest ? utf8_width(note, (size_t)(rest - note)) : width;
    int right = chips ? chips + IW_MIN(begin + 4, s->cols / 4)
                : note[0] && !e->view->chips && begin <= NOTE_COLS_MAX ? begin + 4
                                                                       : 0;
    if (tabs_need(e->view, 1) + right > s->cols)
        right = chips;
    int x = draw_titles(ui, env, s, clip, right);
    if (s->cols >= UI_WIDE_COLS)
        x += surface_puts(s, clip, x, 1, ROLE_RULE, " ");
    int from = s->cols - 1;
    if (rest && x + chips + width + 4 > s->cols) {
        *rest = '\0';
        width = utf8_width(note, strlen(note));
    }
    if (note[0] && x + chips + width + 4 <= s->cols) {
        from -= width + 2;
        surface_printf(s, clip, from, 1, ROLE_TAB, " %s ", note);
    }
    if (chips)
        draw_chips(e, s, clip, IW_MAX(from - chips, x + 1));
}
