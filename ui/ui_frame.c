/* ui_frame: when a frame is due, what it needs from the app, and its drawing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/ui.h"

#include <stdio.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "ui_internal.h"

enum { SECOND_MS = 1000, SPINNER_MS = 200 };

/* --- when to draw --- */

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    /* FNV-1a; a NUL is mixed in so that "a","b" and "ab","" differ. */
    do {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    } while (*text++);
    return hash;
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * 0x100000001b3u;
}

/* What the app may change without a generation number: the session and the facts of the log stream.
 */
static uint64_t
facts_hash(const struct ui *ui)
{
    const struct ui_session *ss = ui->config.session;
    uint64_t h = 0xcbf29ce484222325u;
    h = hash_text(hash_text(hash_text(h, ss->context), ss->ns), ss->user);
    h = hash_text(hash_text(h, ss->server), ss->server_version);
    h = hash_number(h, (uint64_t)ss->demo * 2 + ss->read_only);
    h = hash_number(h, ss->recording);
    h = hash_number(h, ui->config.demo ? ui->config.demo->generation : 0);
    h = hash_number(h, ui->config.replay ? ui->config.replay->generation : 0);
    h = hash_number(h, usage_generation(ui->config.usage));
    const struct log_feed *f = ui->config.logs;
    if (!f || ui_top_const(ui)->view->context != CTX_LOGS)
        return h;
    h = hash_text(hash_text(h, f->title), f->sentence);
    h = hash_number(hash_number(h, (uint64_t)f->state), f->source_count);
    h = hash_number(h, (uint64_t)f->merged * 4 + (uint64_t)f->previous * 2 + f->follow);
    h = hash_number(hash_number(h, (uint64_t)f->attempt), (uint64_t)f->attempts);
    return hash_number(h, (uint64_t)f->since_index);
}

static uint64_t
raw_generation(const struct ui *ui)
{
    return ui->config.raw ? ui->config.raw->generation : 0;
}

/* The end of a log in another view is drawn with the clock; where the clock stands, as it comes. */
static uint64_t
log_generation(const struct ui *ui)
{
    const struct log_feed *f = ui->config.logs;
    bool stands = ui->config.replay && ui->config.replay->paused;
    bool shown = stands || ui_top_const(ui)->view->context == CTX_LOGS;
    return f && f->buf && shown ? logbuf_generation(f->buf) : 0;
}

static bool
counts_seconds(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    bool plays = ui->config.replay && !ui->config.replay->paused;
    return ui->clock_shown || plays || (e->view->ticks && e->view->ticks(e->state, &env));
}

bool
ui_needs_frame(struct ui *ui)
{
    int64_t wall = clock_wall(ui->config.clock);
    if (ui->dirty || store_generation(ui->config.store) != ui->seen.store ||
        log_generation(ui) != ui->seen.log || raw_generation(ui) != ui->seen.raw ||
        facts_hash(ui) != ui->seen.facts)
        return true;
    if (ui_top_const(ui)->view->context == CTX_MESSAGES && log_ring_total() != ui->seen.messages)
        return true;
    if (ui->flash.until_ms && clock_mono(ui->config.clock) >= ui->flash.until_ms)
        return true;
    if (ui->spinning && wall / SPINNER_MS != ui->seen.spinner)
        return true;
    return wall / SECOND_MS != ui->seen.second && counts_seconds(ui);
}

/* The numbers behind the titles of the tab line; true when more is left. */
static bool
tabs_work(struct ui *ui, const struct view_env *env)
{
    bool more = false;
    for (size_t i = 0; ui->tab_counts && i < view_registry_count; i++) {
        const struct view_class *view = view_registry[i];
        if (!view->tab_work || view->scope != ui_top(ui)->view->scope)
            continue;
        enum view_work what = view->tab_work(ui_kept_state(ui, view), env, LIMIT_VIEW_SLICE_MS);
        more |= what == VIEW_WORK_MORE;
        ui->dirty |= what == VIEW_WORK_NEWS;
    }
    return more;
}

bool
ui_work(struct ui *ui)
{
    const struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    if (!e->view->work || !e->view->work(e->state, &env, LIMIT_VIEW_SLICE_MS))
        return tabs_work(ui, &env);
    ui->dirty = ui->recalc = true;
    return true;
}

int64_t
ui_next_tick_ms(const struct ui *ui)
{
    int64_t wall = clock_wall(ui->config.clock), next = -1;
    if (counts_seconds(ui))
        next = SECOND_MS - wall % SECOND_MS;
    if (ui->spinning)
        next = SPINNER_MS - wall % SPINNER_MS;
    if (ui->flash.until_ms) {
        int64_t left = IW_MAX(ui->flash.until_ms - clock_mono(ui->config.clock), (int64_t)0);
        next = next < 0 ? left : IW_MIN(next, left);
    }
    return next;
}

/* --- what the app has to fetch --- */

uint32_t
ui_wants(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    return e->view->wants ? e->view->wants(e->state, &env) : 0;
}

unsigned
ui_wants_usage(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    return e->view->wants_usage ? e->view->wants_usage(e->state, &env) : 0;
}

struct kobject_ref
ui_wants_raw(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct kobject_ref ref = {0};
    if (!e->view->wants_raw)
        return ref;
    if (e->object.name[0])
        return e->object;
    const struct pod *pod = store_get(ui->config.store, e->pod);
    if (pod) {
        ref.kind = KOBJECT_POD;
        snprintf(ref.ns, sizeof(ref.ns), "%.63s", pod->ns);
        snprintf(ref.name, sizeof(ref.name), "%.253s", pod->name);
    }
    return ref;
}

/* --- drawing --- */

/* Old data is shown, but not as if it were new. Logs and our own texts have freshness of their own.
 */
static bool
is_stale(const struct ui *ui)
{
    const struct view_class *view = ui_top_const(ui)->view;
    const struct source_status *st = store_status(ui->config.store, STREAM_PODS);
    return st->state == SOURCE_STALE && view->scope != VIEW_GLOBAL && view->context != CTX_LOGS &&
           store_count(ui->config.store) > 0;
}

static bool
has_spinner(const struct surface *s)
{
    for (size_t i = 0, n = (size_t)s->cols * (size_t)s->rows; i < n; i++)
        if (s->cells[i].ch >= 0x2800 && s->cells[i].ch <= 0x28FF &&
            s->cells[i].role == ROLE_WORKING)
            return true;
    return false;
}

static void
remember(struct ui *ui, const struct surface *s)
{
    int64_t wall = clock_wall(ui->config.clock);
    ui->seen.store = store_generation(ui->config.store);
    ui->seen.log = log_generation(ui);
    ui->seen.raw = raw_generation(ui);
    ui->seen.messages = log_ring_total();
    ui->seen.facts = facts_hash(ui);
    ui->seen.second = wall / SECOND_MS;
    ui->seen.spinner = wall / SPINNER_MS;
    ui->seen.cols = s->cols;
    ui->seen.rows = s->rows;
    ui->spinning = ui->prefs.motion && has_spinner(s);
    if (ui->flash.until_ms && clock_mono(ui->config.clock) >= ui->flash.until_ms)
        ui->flash.until_ms = 0;
    ui->dirty = ui->recalc = false;
}

static void
apply_ascii(struct ui *ui, struct surface *s)
{
    if (ui->prefs.ascii && !s->ascii)
        s->ascii = ui->ascii_set = true;
    else if (!ui->prefs.ascii && ui->ascii_set)
        s->ascii = ui->ascii_set = false;
}

/* The rule above the footer; columns that end in it get their foot. */
static void
draw_footer_rule(struct surface *s, struct rect area)
{
    int y = area.y + area.h;
    surface_rule(s, (struct rect){0, y, s->cols, 1}, y, ROLE_RULE, NULL, ROLE_RULE);
    for (int x = 0; x < s->cols; x++) {
        const struct cell *above = surface_at(s, x, y - 1);
        if (above && above->role == ROLE_RULE && (above->ch == 0x2502 || above->ch == '|'))
            surface_puts(s, surface_rect(s), x, y, ROLE_RULE, "┴");
    }
}

static bool
has_rule(int rows, int panel)
{
    return rows >= UI_FOOTER_RULE_ROWS || panel > 0;
}

static bool
has_bar(const struct ui *ui, int rows)
{
    return ui->config.replay && rows > UI_ROWS_MIN + 2;
}

/* What is between the tab line and what stands above the footer: the panel of the tour, the bar of a replay. */
static struct rect
view_area(const struct ui *ui, int cols, int rows)
{
    int panel = tutor_lines(ui, cols);
    return (struct rect){0, 2, cols, rows - 3 - has_rule(rows, panel) - panel - has_bar(ui, rows)};
}

void
ui_settle(struct ui *ui)
{
    struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    if (!ui->recalc || !e->view->recalc || ui->seen.cols < UI_COLS_MIN ||
        ui->seen.rows < UI_ROWS_MIN)
        return;
    e->view->recalc(e->state, &env, view_area(ui, ui->seen.cols, ui->seen.rows));
    ui->recalc = false;
}

void
ui_draw(struct ui *ui, struct surface *s)
{
    apply_ascii(ui, s);
    surface_clear(s);
    ui->clock_shown = false;
    if (s->cols < UI_COLS_MIN || s->rows < UI_ROWS_MIN) {
        surface_puts(s, surface_rect(s), 0, 0, ROLE_WARN, tr("too small"));
        remember(ui, s);
        return;
    }
    struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    int panel = tutor_lines(ui, s->cols);
    bool rule = has_rule(s->rows, panel), bar = has_bar(ui, s->rows);
    struct rect area = view_area(ui, s->cols, s->rows);
    bool moved = ui->recalc || store_generation(ui->config.store) != ui->seen.store ||
                 env.now_wall_ms / SECOND_MS != ui->seen.second || s->cols != ui->seen.cols ||
                 s->rows != ui->seen.rows;
    if (e->view->recalc &&
        (moved || log_generation(ui) != ui->seen.log || raw_generation(ui) != ui->seen.raw ||
         facts_hash(ui) != ui->seen.facts || log_ring_total() != ui->seen.messages))
        e->view->recalc(e->state, &env, area);
    e->view->draw(e->state, &env, s, area);
    if (is_stale(ui))
        surface_restyle(s, area, ROLE_STALE);
    if (rule)
        draw_footer_rule(s, area);
    if (bar)
        replay_bar(ui, s, s->rows - 2);
    if (panel)
        tutor_draw(ui, s, area.y + area.h);
    chrome_head(ui, &env, s);
    chrome_tabs(ui, &env, s);
    if (ui->prompt.open)
        prompt_draw(ui, s);
    else
        chrome_footer(ui, s);
    remember(ui, s);
}

bool
ui_draw_whole(struct ui *ui, struct surface *s)
{
    enum { TRIES = 8 }; /* a pane may grow with the list beside it */
    struct ui_entry *e = ui_top(ui);
    uint32_t *scroll = NULL, scrolled = 0;
    ui_draw(ui, s);
    for (int i = 0; e->view->unseen && i < TRIES; i++) {
        struct view_env env = ui_env(ui, e);
        size_t unseen = e->view->unseen(e->state, &env, &scroll);
        int before = s->rows;
        if (i == 0 && scroll)
            scrolled = *scroll;
        if (scroll)
            *scroll = 0;
        surface_resize(s, s->cols, s->rows + (int)IW_MIN(unseen, (size_t)SURFACE_ROWS_MAX));
        ui->recalc = true;
        ui_draw(ui, s);
        if (s->rows == before)
            break;
    }
    if (scroll)
        *scroll = scrolled;
    ui->dirty = ui->recalc = true;
    return e->view->unseen != NULL;
}
