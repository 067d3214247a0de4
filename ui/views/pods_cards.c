/* pods_cards: four boxes of figures above the list on wide screens: phase, init time, sidecars,
 * warnings.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "pods.h"

enum { CARDS = 4, CARD_LINES = 4, CARDS_MIN_COLS = 120, CARDS_MIN_ROWS = 26 };
enum { WARN_WINDOW_MIN = 15, WARN_REASONS = 16 };

int
pod_cards_height(const struct view_env *env, struct rect area)
{
    bool room = area.w >= CARDS_MIN_COLS && area.h >= CARDS_MIN_ROWS;
    return room && env->prefs->header ? CARD_LINES : 0;
}

/* A box with its name in the upper edge; returns the inside. */
static struct rect
draw_box(struct surface *s, struct rect box, const char *name)
{
    int right = box.x + box.w - 1, bottom = box.y + box.h - 1;
    surface_fill(s, (struct rect){box.x, box.y, box.w, 1}, 0x2500, ROLE_RULE);
    surface_fill(s, (struct rect){box.x, bottom, box.w, 1}, 0x2500, ROLE_RULE);
    surface_fill(s, (struct rect){box.x, box.y, 1, box.h}, 0x2502, ROLE_RULE);
    surface_fill(s, (struct rect){right, box.y, 1, box.h}, 0x2502, ROLE_RULE);
    surface_puts(s, box, box.x, box.y, ROLE_RULE, "╭");
    surface_puts(s, box, right, box.y, ROLE_RULE, "╮");
    surface_puts(s, box, box.x, bottom, ROLE_RULE, "╰");
    surface_puts(s, box, right, bottom, ROLE_RULE, "╯");
    surface_printf(s, box, box.x + 2, box.y, ROLE_DIM, " %s ", name);
    return (struct rect){box.x + 2, box.y + 1, box.w - 4, box.h - 2};
}

enum { COUNT_GAP_COLS = 2 };

static int
put_count(struct surface *s, struct rect clip, int x, int y, enum role role, const char *word,
          size_t count)
{
    x += surface_printf(s, clip, x, y, count ? role : ROLE_DIM, "%s ", word);
    return x + surface_printf(s, clip, x, y, count ? ROLE_TITLE : ROLE_DIM, "%zu", count) +
           COUNT_GAP_COLS;
}

static void
card_phase(const struct pod_totals *t, const struct view_env *env, struct surface *s,
           struct rect in)
{
    size_t ok = t->groups[POD_GROUP_OK];
    char init[32];
    bool motion = env->prefs->motion && !s->ascii;
    snprintf(init, sizeof(init), tr("%s init"), sign_glyph(SIGN_WORKING, env->now_wall_ms, motion));
    int x = put_count(s, in, in.x, in.y, ROLE_OK, tr("✓ well"), ok);
    int cols = in.x + in.w - x;
    if (cols >= 6 && t->pods) {
        surface_fill(s, (struct rect){x, in.y, cols, 1}, 0x2591, ROLE_RULE);
        widget_bar(s, in, x, in.y, cols, (double)ok / (double)t->pods, ROLE_OK);
    }
    x = put_count(s, in, in.x, in.y + 1, ROLE_WORKING, init, t->groups[POD_GROUP_WORKING]);
    x = put_count(s, in, x, in.y + 1, ROLE_ERROR, tr("✗ failing"), t->groups[POD_GROUP_FAILED]);
    if (t->groups[POD_GROUP_WAITING])
        put_count(s, in, x, in.y + 1, ROLE_WAITING, "◌", t->groups[POD_GROUP_WAITING]);
}

static int
put_duration(struct surface *s, struct rect clip, int x, int y, const char *word, int64_t ms)
{
    char text[16] = "-";
    if (ms >= 0)
        duration_cells(ms, text);
    x += surface_printf(s, clip, x, y, ROLE_DIM, "%s ", word);
    return x + surface_puts(s, clip, x, y, ROLE_TEXT, text) + (clip.w >= 33 ? 3 : 1);
}

static void
card_init_time(const struct pod_rows *r, const struct view_env *env, struct surface *s,
               struct rect in)
{
    const struct pod_totals *t = &r->totals;
    const struct pod_fact *most = pod_rows_fact(r, t->init_slowest);
    int x = put_duration(s, in, in.x, in.y, "p50", t->init_p50_ms);
    x = put_duration(s, in, x, in.y, "p95", t->init_p95_ms);
    put_duration(s, in, x, in.y, "max", most ? pod_fact_init_ms(most, env->now_wall_ms) : -1);
    const struct pod *slowest = store_get(env->store, t->init_slowest);
    if (!slowest)
        return;
    x = in.x + surface_puts(s, in, in.x, in.y + 1, ROLE_DIM, tr("slowest "));
    widget_name(s, in, x, in.y + 1, in.x + in.w - x, ROLE_TEXT, slowest->name);
}

/* In words, or where large numbers leave no room for those by their signs. Returns the cells the longer line takes. */
static int
put_sidecars(const struct pod_totals *t, struct surface *s, struct rect in, bool signs)
{
    size_t other = t->sidecars - IW_MIN(t->sidecars, t->sidecars_ready + t->sidecars_starting);
    int x = put_count(s, in, in.x, in.y, ROLE_TEXT, tr("native"), t->sidecars);
    x = put_count(s, in, x, in.y, ROLE_OK, signs ? "✓" : tr("ready"), t->sidecars_ready);
    int first =
        put_count(s, in, x, in.y, ROLE_WORKING, signs ? "⠹" : tr("starting"), t->sidecars_starting);
    x = put_count(s, in, in.x, in.y + 1, ROLE_UNREADY, signs ? "◒" : tr("not ready"), other);
    x = put_count(s, in, x, in.y + 1, ROLE_BACKOFF, tr("restarts, all"), (size_t)t->restarts);
    return IW_MAX(first, x) - COUNT_GAP_COLS - in.x;
}

static void
card_sidecars(const struct pod_totals *t, struct surface *s, struct rect in)
{
    if (put_sidecars(t, s, in, false) <= in.w)
        return;
    surface_fill(s, in, ' ', ROLE_TEXT);
    (void)put_sidecars(t, s, in, true);
}

struct warnings {
    unsigned per_minute[WARN_WINDOW_MIN], total, most;
    const struct kevent *last;
    struct {
        const char *reason;
        unsigned count;
    } reasons[WARN_REASONS];
};

static void
count_reason(struct warnings *w, const struct kevent *ev)
{
    for (size_t i = 0; i < WARN_REASONS; i++) {
        if (w->reasons[i].reason && strcmp(w->reasons[i].reason, ev->reason) != 0)
            continue;
        w->reasons[i].reason = ev->reason;
        w->reasons[i].count += ev->count;
        return;
    }
}

/* From the newest back to the edge of the window: old events cost nothing. */
static void
count_warnings(struct warnings *w, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    int64_t from_ms = env->now_wall_ms - WARN_WINDOW_MIN * 60000;
    *w = (struct warnings){0};
    for (size_t i = kevent_ring_count(ring); i-- > 0;) {
        const struct kevent *ev = kevent_ring_at(ring, i);
        if (ev->last_ms < from_ms)
            return;
        if (strcmp(ev->type, "Warning") != 0)
            continue;
        int64_t minute = (ev->last_ms - from_ms) / 60000;
        size_t slot = (size_t)IW_MIN(IW_MAX(minute, (int64_t)0), (int64_t)WARN_WINDOW_MIN - 1);
        w->per_minute[slot]++;
        w->total++;
        w->most = IW_MAX(w->most, w->per_minute[slot]);
        if (!w->last)
            w->last = ev;
        count_reason(w, ev);
    }
}

static void
card_warnings(const struct view_env *env, struct surface *s, struct rect in)
{
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
    const char *denied = source_denial_word(store_status(env->store, STREAM_EVENTS));
    if (denied) {
        surface_printf(s, in, in.x, in.y, ROLE_WARN, tr("events: %s"), tr(denied));
        return;
    }
    struct warnings w;
    count_warnings(&w, env);
    int x =
        in.x + surface_printf(s, in, in.x, in.y, w.total ? ROLE_WARN : ROLE_DIM, "%u", w.total) + 2;
    for (size_t i = 0; i < WARN_WINDOW_MIN; i++) {
        size_t level = w.per_minute[i] ? 1 + w.per_minute[i] * 5u / w.most : 0;
        x += surface_puts(s, in, x, in.y, level ? ROLE_WARN : ROLE_RULE, levels[level]);
    }
    size_t top = 0;
    for (size_t i = 1; i < WARN_REASONS; i++)
        if (w.reasons[i].count > w.reasons[top].count)
            top = i;
    if (!w.last) {
        surface_puts(s, in, in.x, in.y + 1, ROLE_DIM, tr("none"));
        return;
    }
    char when[16], text[400];
    clock_hms(w.last->last_ms, env->prefs->time_mode != TIME_MODE_UTC, when);
    snprintf(text, sizeof(text), "%s %u", w.reasons[top].reason, w.reasons[top].count);
    surface_field(s, in, x + 2, in.y, IW_MAX(in.x + in.w - x - 2, 0), false, ROLE_TEXT, text);
    snprintf(text, sizeof(text), tr("last %s %s %s"), when, w.last->reason, w.last->object_name);
    surface_field(s, in, in.x, in.y + 1, in.w, false, ROLE_DIM, text);
}

void
pod_cards_draw(const struct pod_rows *r, const struct view_env *env, struct surface *s,
               struct rect area)
{
    static const char *const names[CARDS] = {TR_MARK("phase"), TR_MARK("init time"),
                                             TR_MARK("sidecars"), TR_MARK("warnings, 15 min")};
    /* The reason and its count stand beside the minutes: warnings need the most room. */
    static const int edges[CARDS + 1] = {0, 30, 64, 99, 138};
    int inside = area.w - 2;
    for (int i = 0; i < CARDS; i++) {
        int from = inside * edges[i] / edges[CARDS], to = inside * edges[i + 1] / edges[CARDS];
        struct rect in = draw_box(
            s, (struct rect){area.x + 1 + from, area.y, to - from, CARD_LINES}, tr(names[i]));
        if (i == 0)
            card_phase(&r->totals, env, s, in);
        else if (i == 1)
            card_init_time(r, env, s, in);
        else if (i == 2)
            card_sidecars(&r->totals, s, in);
        else
            card_warnings(env, s, in);
    }
}
