/* findings_past: findings and blocked pods over time.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

enum { PAST_PARTS = 32, CLOCK_COLS = 5 };

/* "▁" for none, up to "█" for the most. */
static const char *
part_glyph(uint32_t value, uint32_t most)
{
    static const char *const EIGHTHS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (value == 0 || most == 0)
        return EIGHTHS[0];
    return EIGHTHS[IW_MAX((uint64_t)value * 7 / most, (uint64_t)1)];
}

/* "22:05", of another day with it: "11-14 22:05". */
static void
moment_text(const struct view_env *env, int64_t at_ms, bool seconds, char out[32])
{
    char hms[16], date[40] = "";
    bool local = env->prefs->time_mode != TIME_MODE_UTC;
    clock_hms(at_ms, local, hms);
    if (!seconds)
        hms[CLOCK_COLS] = '\0';
    if (env->now_wall_ms - at_ms >= INT64_C(86400000)) {
        rfc3339_format(at_ms, false, date);
        (void)snprintf(out, 32, "%.5s %s", date + 5, hms);
        return;
    }
    (void)snprintf(out, 32, "%s", hms);
}

/* --- of one finding --- */

/* How many pods had it in each part of the time from its first moment to the last. */
static void
past_spark(struct doc *d, const struct finding_past *p, int64_t until_ms)
{
    uint32_t parts[PAST_PARTS];
    int64_t from_ms = p->steps[0].at_ms, span_ms = until_ms - from_ms;
    if (p->step_count < 2 || span_ms <= 0)
        return;
    for (size_t i = 0, step = 0; i < PAST_PARTS; i++) {
        int64_t at_ms = from_ms + span_ms * (int64_t)(i + 1) / PAST_PARTS;
        parts[i] = p->steps[step].pods;
        for (; step + 1 < p->step_count && p->steps[step + 1].at_ms <= at_ms; step++)
            parts[i] = IW_MAX(parts[i], p->steps[step + 1].pods);
    }
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s ", tr("pods"));
    for (size_t i = 0; i < PAST_PARTS; i++)
        doc_put(d, parts[i] ? ROLE_WARN : ROLE_DIM, "%s", part_glyph(parts[i], p->most));
    doc_put(d, ROLE_DIM, tr("  now %u   most %u"), p->pods, p->most);
}

static void
past_pods(struct doc *d, const struct finding_past *p)
{
    doc_put(d, ROLE_DIM, p->pods == 1 ? tr("%u pod") : tr("%u pods"), p->pods);
}

void
findings_past(struct doc *d, const struct findings *f, const struct view_env *env,
              const struct finding_item *item)
{
    const struct finding_past *p = finding_history_of(f->history, item->cause);
    char first[32], last[32], held[16];
    if (!p)
        return;
    bool gone = p->gone_ms != IW_TIME_NONE;
    int64_t until_ms = gone ? p->gone_ms : env->now_wall_ms;
    doc_line(d);
    doc_rule(d, tr("history of this finding"));
    doc_line(d);
    moment_text(env, p->first_ms, true, first);
    moment_text(env, until_ms, true, last);
    duration_cells(until_ms - p->first_ms, held);
    doc_put(d, ROLE_DIM, " %s ", tr("first"));
    doc_put(d, ROLE_TEXT, "%s", first);
    doc_put(d, ROLE_DIM, "   %s ", gone ? tr("gone") : tr("still true"));
    doc_put(d, gone ? ROLE_OK : ROLE_TEXT, "%s", last);
    doc_put(d, ROLE_DIM, tr(" after %s   "), held);
    if (!gone)
        past_pods(d, p);
    past_spark(d, p, until_ms);
    if (p->times > 1) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr(" it was gone and came back: this is time %u"), p->times);
    }
    int64_t began_ms = finding_history_began_ms(f->history);
    if (p->first_ms < began_ms) {
        moment_text(env, began_ms, true, first);
        doc_line(d);
        doc_put(d, ROLE_DIM,
                tr(" what was before %s, when this session began, is from the pods' own times"),
                first);
    }
}

/* --- blocked pods --- */

static int
draw_numbers(const struct findings *f, struct surface *s, struct rect area, int y)
{
    char mean[16];
    duration_cells(f->seen.stuck ? f->seen.stuck_ms / (int64_t)f->seen.stuck : 0, mean);
    int x = area.x + 1;
    x += surface_printf(s, area, x, y, ROLE_DIM, "%s ", tr("now"));
    x += surface_printf(s, area, x, y, ROLE_TEXT, "%zu", f->seen.stuck);
    x += surface_printf(s, area, x, y, ROLE_DIM, "   %s ", tr("most"));
    x += surface_printf(s, area, x, y, ROLE_TEXT, "%u",
                        IW_MAX(f->blocked.most, (uint32_t)f->seen.stuck));
    if (f->seen.stuck) {
        x += surface_printf(s, area, x, y, ROLE_DIM, "   %s ", tr("mean time stuck"));
        surface_printf(s, area, x, y, ROLE_TEXT, "%s", mean);
    }
    return y + 1;
}

/* The bars as wide as there is room for: a bar of `cols` is the most of the parts in it. What was
 * before the first look is dim. */
static void
draw_bars(const struct findings_blocked *b, struct surface *s, struct rect clip, int x, int y,
          int cols)
{
    for (int i = 0; i < cols; i++) {
        size_t from = (size_t)i * BLOCKED_PARTS / (size_t)cols;
        size_t to = IW_MAX((size_t)(i + 1) * BLOCKED_PARTS / (size_t)cols, from + 1);
        uint32_t value = 0;
        for (size_t p = from; p < to; p++)
            value = IW_MAX(value, b->parts[p]);
        int64_t until_ms = b->from_ms + (b->to_ms - b->from_ms) * (int64_t)to / BLOCKED_PARTS;
        bool known = until_ms > b->known_ms;
        surface_puts(s, clip, x + i, y, !known || value == 0 ? ROLE_DIM : ROLE_WARN,
                     part_glyph(value, b->most));
    }
}

int
findings_blocked_draw(const struct findings *f, const struct view_env *env, struct surface *s,
                      struct rect area)
{
    const struct findings_blocked *b = &f->blocked;
    char from[32], to[32];
    int y = area.y;
    if (area.h < FINDINGS_BLOCKED_LINES || (b->most == 0 && f->seen.stuck == 0))
        return 0;
    moment_text(env, b->from_ms, false, from);
    moment_text(env, b->to_ms, false, to);
    surface_puts(s, area, area.x + 1, y++, ROLE_TITLE, tr("blocked pods over time"));
    int x = area.x + 1 + surface_printf(s, area, area.x + 1, y, ROLE_DIM, "%s ", from);
    int cols = IW_MIN(area.x + area.w - 2 - (int)strlen(to) - x, BLOCKED_PARTS);
    if (cols > 0) {
        draw_bars(b, s, area, x, y, cols);
        surface_printf(s, area, x + cols, y, ROLE_DIM, " %s", to);
    }
    y = draw_numbers(f, s, area, y + 1);
    if (b->known_ms > b->from_ms && y < area.y + area.h) {
        moment_text(env, b->known_ms, false, from);
        surface_printf(s, area, area.x + 1, y++, ROLE_DIM,
                       tr("before %s: only what still lasted then"), from);
    }
    return y - area.y;
}
