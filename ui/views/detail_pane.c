/* detail_pane: the lower part of the pod's timeline: all about the selected container, and what the
 * whole pod adds to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detail.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/eventgist.h"
#include "initwatch/ui/podcase.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define EVENTS_SHOWN 8 /* in one column; two columns show what fits */
#define EVENTS_MAX 32
#define EVENT_REASON_COLS 12
#define EVENT_COUNT_COLS 5
#define EVENT_LINES 3      /* of a long message */
#define WIDE_LOG_MIN 5     /* title and lines of the log below two columns, */
#define WIDE_LOG_SHARE 4   /* and this part of a high pane */
#define ROOMY_LINES 16     /* from here on sections stand apart */
#define SPLIT_LINES 7      /* two columns need so many */
#define TITLE_REST_COLS 17 /* the rule around a title, and " ^D +12 more " */

static void
pane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
              const struct container *c)
{
    int64_t now_ms = podpane_now(env);
    bool several = c->status && c->status->restart_count > 0;
    doc_rule(d, several ? tr("attempts  (p log, = compare)") : tr("attempts"));
    if (!podpane_attempts(d, env, pod, c, now_ms)) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "%s", tr(" it has not run yet"));
    }
}

static void
pane_why(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    const struct podcase *judged = podcase_of(env, pod);
    const struct finding *found = judged->found;
    size_t n = judged->count;
    if (n > 0)
        doc_rule(d, tr("why  (x)"));
    for (size_t i = 0; i < n && i < 4; i++) {
        bool error = found[i].severity == SEVERITY_ERROR;
        doc_line(d);
        doc_put(d, error ? ROLE_ERROR : ROLE_WARN, error ? " ✗ " : " ⚠ ");
        doc_put(d, ROLE_DIM, "%s ", found[i].id);
        doc_wrap(d, ROLE_TEXT, 10, 3, podpane_about(pod, found[i].summary));
    }
}

static void
event_put(struct doc *d, const struct view_env *env, const struct kevent *ev, int wrap)
{
    bool warning = strcmp(ev->type, "Warning") == 0;
    char clock[16], count[16] = "", text[1024];
    clock_hms(ev->last_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    if (ev->count > 1)
        snprintf(count, sizeof(count), "%u×", ev->count);
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s ", clock);
    doc_put(d, warning ? ROLE_WARN : ROLE_TEXT, "%s ", warning ? "⚠" : " ");
    doc_field(d, EVENT_REASON_COLS, false, warning ? ROLE_WARN : ROLE_TEXT, ev->reason);
    doc_field(d, EVENT_COUNT_COLS, true, ROLE_TEXT, count);
    doc_put(d, ROLE_TEXT, " ");
    int indent = d->x;
    if (ev->container[0])
        doc_put(d, ROLE_DIM, "%s  ", ev->container);
    event_rest(ev, text, sizeof(text));
    doc_wrap(d, ROLE_DIM, indent, wrap, text);
}

/* The newest events of the pod, oldest first, in `lines` lines with their title. Long ones are
 * whole when there is room. */
static void
pane_events(struct doc *d, const struct view_env *env, const struct pod *pod, int lines)
{
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[EVENTS_MAX];
    int most = IW_MIN(lines - 1, EVENTS_MAX);
    size_t n = ring && pod->uid[0] && most > 0
                   ? kevent_ring_about(ring, pod->uid, about, (size_t)most)
                   : 0;
    if (n == 0)
        return;
    doc_rule(d, tr("events  (v)"));
    doc_auto whole;
    doc_init(&whole, d->width);
    for (size_t i = 0; i < n; i++)
        event_put(&whole, env, kevent_ring_at(ring, about[i]), EVENT_LINES);
    int wrap = (int)whole.lines < lines ? EVENT_LINES : 1;
    for (size_t i = 0; i < n; i++)
        event_put(d, env, kevent_ring_at(ring, about[i]), wrap);
}

/* Where the title stands in the specification is said when "^D +12 more" has room behind it. */
static void
title_fit(char *title, int cols)
{
    char *place = strrchr(title, '(');
    if (place && place > title && utf8_width(title, strlen(title)) + TITLE_REST_COLS > cols)
        place[-1] = '\0';
}

/* One column: what it does, its attempts when there is more than the running one, what it is. */
void
detail_pane_facts(struct doc *d, const struct view_env *env, const struct pod *pod,
                  const struct container *c, size_t link)
{
    int64_t now_ms = podpane_now(env);
    char title[400];
    if (!pod_links_title(pod, c, link, title, sizeof(title)))
        podpane_title(pod, c, title, sizeof(title));
    title_fit(title, d->width);
    doc_rule(d, title);
    podpane_facts_now(d, env, pod, c, now_ms);
    if (c->status && c->status->restart_count > 0)
        podpane_attempts(d, env, pod, c, now_ms);
    podpane_facts_spec(d, pod, c, now_ms, 0);
}

static void
pane_more(struct surface *s, struct rect pane, uint32_t below)
{
    char text[32];
    snprintf(text, sizeof(text), " ^D +%u more ", (unsigned)below);
    if (below)
        surface_puts(s, pane, pane.x + pane.w - (int)strlen(text), pane.y, ROLE_DIM, text);
}

static void
narrow_build(struct doc *d, const struct view_env *env, const struct pod *pod,
             const struct container *c, size_t link)
{
    detail_pane_facts(d, env, pod, c, link);
    podpane_shutdown(d, env, pod, podpane_now(env));
    pane_events(d, env, pod, EVENTS_SHOWN + 1);
    podpane_volumes(d, pod);
    podpane_conditions(d, env, pod);
}

/* Below them, whatever the facts need: the log says what it is doing now. */
static void
narrow_tail(struct doc *d, const struct view_env *env, const struct container *c,
            const struct doc *facts, int height)
{
    int spare = height - (int)facts->lines, least = height >= 8 ? 2 : height >= 4 ? 1 : 0;
    podpane_log_tail(d, env, c, IW_MAX(spare, least), true);
}

static void
split_line(struct surface *s, struct rect area, int x)
{
    for (int y = 0; y < area.h; y++)
        surface_puts(s, area, x, area.y + y, ROLE_RULE, y == 0 ? "┬" : "│");
}

/* The end of the log with its title in at most `lines` lines; how many it takes, 0 when no log is known. */
static int
wide_log(struct doc *d, const struct view_env *env, const struct container *c, int lines)
{
    char title[300];
    snprintf(title, sizeof(title), tr("log of %s  (l)"), c->name);
    doc_rule(d, title);
    int shown = podpane_log_tail(d, env, c, lines - 1, false);
    return shown ? shown + 1 : 0;
}

static void
card_title(const struct container *c, char *out, size_t out_size)
{
    bool sidecar = c->kind == CONTAINER_SIDECAR;
    snprintf(out, out_size, sidecar ? tr("%s %s  native sidecar") : tr("%s %s  %s container"),
             c->tag, c->name, container_kind_word(c->kind));
}

/* The cards of the other containers, as many as fit whole. */
static void
wide_others(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *selected, int height)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c == selected)
            continue;
        doc_auto card;
        char title[400];
        doc_init(&card, d->width);
        card_title(c, title, sizeof(title));
        doc_rule(&card, title);
        podpane_facts_now(&card, env, pod, c, podpane_now(env));
        podpane_facts_spec(&card, pod, c, podpane_now(env), 0);
        if ((int)(d->lines + card.lines) > height)
            return;
        doc_append(d, &card);
    }
}

/* Left: what happened. Right: what it is. Sections that are no news come last, where room is left. */
static void
wide_columns(struct doc *left, struct doc *right, const struct view_env *env, const struct pod *pod,
             const struct container *c, size_t link, int height)
{
    char title[400];
    int64_t now_ms = podpane_now(env);
    pane_attempts(left, env, pod, c);
    podpane_shutdown(left, env, pod, now_ms);
    if (height >= ROOMY_LINES)
        doc_line(left);
    pane_why(left, env, pod);
    if (height - (int)left->lines >= 4) {
        if (height >= ROOMY_LINES)
            doc_line(left);
        pane_events(left, env, pod, height - (int)left->lines);
    }
    if (!pod_links_title(pod, c, link, title, sizeof(title)))
        card_title(c, title, sizeof(title));
    doc_rule(right, title);
    podpane_facts_now(right, env, pod, c, now_ms);
    podpane_facts_spec(right, pod, c, now_ms, height);
    podpane_volumes(right, pod);
    podpane_conditions(right, env, pod);
    wide_others(right, env, pod, c, height);
}

struct wide {
    struct doc left, right, log;
    int top_height; /* of the two columns */
};

/* The log has its part of a high pane, and what the columns leave. */
static void
wide_make(struct wide *w, const struct view_env *env, const struct pod *pod,
          const struct container *c, size_t link, struct rect area)
{
    int left_cols = area.w / 2;
    doc_auto known;
    doc_init(&w->left, left_cols - 1);
    doc_init(&w->right, area.w - left_cols - 1);
    doc_init(&w->log, area.w);
    doc_init(&known, area.w);
    int share = IW_MAX(WIDE_LOG_MIN, area.h / WIDE_LOG_SHARE);
    int reserve = area.h >= 3 * WIDE_LOG_MIN ? wide_log(&known, env, c, share) : 0;
    wide_columns(&w->left, &w->right, env, pod, c, link, area.h - reserve);
    int need = (int)IW_MAX(w->left.lines, w->right.lines);
    int log_lines = IW_MAX(area.h - need - 1, reserve);
    int log_height = log_lines >= 2 ? wide_log(&w->log, env, c, log_lines) : 0;
    w->top_height = area.h - log_height;
}

static void
wide_free(struct wide *w)
{
    doc_free(&w->left);
    doc_free(&w->right);
    doc_free(&w->log);
}

static uint32_t
wide_max(const struct view_env *env, const struct pod *pod, const struct container *c,
         struct rect area)
{
    struct wide w;
    wide_make(&w, env, pod, c, 0, area);
    uint32_t max = IW_MAX(doc_max_top(&w.left, w.top_height), doc_max_top(&w.right, w.top_height));
    wide_free(&w);
    return max;
}

static void
wide_draw(const struct view_env *env, struct surface *s, struct rect area, const struct pod *pod,
          const struct container *c, size_t link, uint32_t pane_top)
{
    struct wide w;
    int left_cols = area.w / 2;
    wide_make(&w, env, pod, c, link, area);
    struct rect top = {area.x, area.y, area.w, w.top_height};
    uint32_t left_max = doc_max_top(&w.left, top.h), right_max = doc_max_top(&w.right, top.h);
    doc_draw(&w.left, s, (struct rect){top.x, top.y, left_cols - 1, top.h},
             IW_MIN(pane_top, left_max));
    doc_draw(&w.right, s, (struct rect){top.x + left_cols, top.y, area.w - left_cols, top.h},
             IW_MIN(pane_top, right_max));
    split_line(s, top, area.x + left_cols - 1);
    uint32_t below = IW_MAX(left_max, right_max);
    pane_more(s, top, below > pane_top ? below - pane_top : 0);
    if (top.h < area.h)
        doc_draw(&w.log, s, (struct rect){area.x, area.y + top.h, area.w, area.h - top.h}, 0);
    wide_free(&w);
}

static bool
is_split(struct rect pane)
{
    return pane.w >= DETAIL_SPLIT_COLS && pane.h >= SPLIT_LINES;
}

uint32_t
detail_pane_max(const struct view_env *env, const struct pod *pod, const struct container *c,
                struct rect area, int *height)
{
    if (is_split(area)) {
        *height = IW_MAX(area.h, 1);
        return wide_max(env, pod, c, area);
    }
    doc_auto d, facts, tail;
    doc_init(&d, area.w);
    doc_init(&facts, area.w);
    doc_init(&tail, area.w);
    narrow_build(&d, env, pod, c, 0);
    detail_pane_facts(&facts, env, pod, c, 0);
    narrow_tail(&tail, env, c, &facts, area.h);
    *height = IW_MAX(area.h - (int)tail.lines, 1);
    return doc_max_top(&d, *height);
}

void
detail_pane_draw(const struct view_env *env, struct surface *s, struct rect area,
                 const struct pod *pod, const struct container *c, size_t link, uint32_t pane_top)
{
    if (is_split(area)) {
        wide_draw(env, s, area, pod, c, link, pane_top);
        return;
    }
    doc_auto d, facts, tail;
    doc_init(&d, area.w);
    doc_init(&facts, area.w);
    doc_init(&tail, area.w);
    narrow_build(&d, env, pod, c, link);
    detail_pane_facts(&facts, env, pod, c, 0);
    narrow_tail(&tail, env, c, &facts, area.h);
    int tail_y = area.y + IW_MIN((int)d.lines, area.h - (int)tail.lines);
    doc_draw(&tail, s, (struct rect){area.x, tail_y, area.w, (int)tail.lines}, 0);
    area.h = tail_y - area.y;
    /* the title stays, the facts scroll below it */
    doc_draw(&d, s, (struct rect){area.x, area.y, area.w, IW_MIN(area.h, 1)}, 0);
    doc_draw(&d, s, (struct rect){area.x, area.y + 1, area.w, area.h - 1}, pane_top + 1);
    uint32_t below = doc_max_top(&d, area.h);
    if (area.h > 1)
        pane_more(s, area, below > pane_top ? below - pane_top : 0);
}
