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
#include "initwatch/ui/podcase.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define EVENTS_SHOWN 8
#define WIDE_LOG_MIN 5 /* title and lines of the log below two columns */
#define WIDE_LOG_MAX 12
#define TITLE_REST_COLS 17 /* the rule around a title, and " ^D +12 more " */

static void
pane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
              const struct container *c)
{
    int64_t now_ms = podpane_now(env);
    doc_rule(d, tr("attempts"));
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

/* The newest events of the pod, oldest first, in `lines` lines with their title. */
static void
pane_events(struct doc *d, const struct view_env *env, const struct pod *pod, int lines)
{
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[EVENTS_SHOWN];
    int most = IW_MIN(lines - 2, EVENTS_SHOWN);
    size_t n = ring && pod->uid[0] && most > 0
                   ? kevent_ring_about(ring, pod->uid, about, (size_t)most)
                   : 0;
    if (n > 0) {
        doc_line(d);
        doc_rule(d, tr("events  (v)"));
    }
    for (size_t i = 0; i < n; i++) {
        const struct kevent *ev = kevent_ring_at(ring, about[i]);
        bool warning = strcmp(ev->type, "Warning") == 0;
        char clock[16];
        clock_hms(ev->last_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
        doc_line(d);
        doc_put(d, ROLE_DIM, " %s ", clock);
        doc_put(d, warning ? ROLE_WARN : ROLE_TEXT, "%s %s ", warning ? "⚠" : " ", ev->reason);
        if (ev->count > 1)
            doc_put(d, ROLE_TEXT, "%u× ", ev->count);
        if (ev->container[0])
            doc_put(d, ROLE_DIM, "%s  ", ev->container);
        doc_text(d, ROLE_DIM, ev->message, strlen(ev->message));
    }
}

/* Where the title stands in the specification is said when "^D +12 more" has room behind it. */
static void
title_fit(char *title, int cols)
{
    char *place = strrchr(title, '(');
    if (place && place > title && utf8_width(title, strlen(title)) + TITLE_REST_COLS > cols)
        place[-1] = '\0';
}

/* One column: facts, attempts when there is more than the running one. */
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
    podpane_facts(d, env, pod, c, now_ms);
    if (c->status && c->status->restart_count > 0)
        podpane_attempts(d, env, pod, c, now_ms);
}

void
detail_pane_more(struct surface *s, struct rect pane, uint32_t below)
{
    char text[32];
    snprintf(text, sizeof(text), " ^D +%u more ", (unsigned)below);
    if (below)
        surface_puts(s, pane, pane.x + pane.w - (int)strlen(text), pane.y, ROLE_DIM, text);
}

void
detail_pane_narrow(struct doc *d, const struct view_env *env, const struct pod *pod,
                   const struct container *c, size_t link)
{
    detail_pane_facts(d, env, pod, c, link);
    podpane_shutdown(d, env, pod, podpane_now(env));
    podpane_volumes(d, pod);
    podpane_conditions(d, env, pod);
    pane_events(d, env, pod, EVENTS_SHOWN + 2);
}

/* Below them, whatever the facts need: the log says what it is doing now. */
void
detail_pane_tail(struct doc *d, const struct view_env *env, const struct container *c,
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

/* Left: what happened. Right: what it is. Sections that are no news come last, where room is left. */
static void
wide_columns(struct doc *left, struct doc *right, const struct view_env *env, const struct pod *pod,
             const struct container *c, size_t link, int height)
{
    char title[400];
    pane_attempts(left, env, pod, c);
    podpane_shutdown(left, env, pod, podpane_now(env));
    doc_line(left);
    pane_why(left, env, pod);
    if (height - (int)left->lines >= 4)
        pane_events(left, env, pod, height - (int)left->lines);
    if (!pod_links_title(pod, c, link, title, sizeof(title)))
        snprintf(title, sizeof(title), "%s %s  %s", c->tag, c->name,
                 c->kind == CONTAINER_SIDECAR ? tr("native sidecar")
                                              : container_kind_name(c->kind));
    doc_rule(right, title);
    podpane_facts(right, env, pod, c, podpane_now(env));
    podpane_volumes(right, pod);
    podpane_conditions(right, env, pod);
}

uint32_t
detail_pane_wide_max(const struct view_env *env, const struct pod *pod, const struct container *c,
                     struct rect area)
{
    doc_auto left, right;
    doc_init(&left, area.w / 2 - 1);
    doc_init(&right, area.w - area.w / 2 - 1);
    wide_columns(&left, &right, env, pod, c, 0, area.h);
    return IW_MAX(doc_max_top(&left, area.h), doc_max_top(&right, area.h));
}

void
detail_pane_wide_draw(const struct view_env *env, struct surface *s, struct rect area,
                      const struct pod *pod, const struct container *c, size_t link,
                      uint32_t pane_top)
{
    int left_cols = area.w / 2;
    doc_auto left, right, log, known;
    doc_init(&left, left_cols - 1);
    doc_init(&right, area.w - left_cols - 1);
    doc_init(&log, area.w);
    doc_init(&known, area.w);
    int reserve = area.h >= 3 * WIDE_LOG_MIN ? wide_log(&known, env, c, WIDE_LOG_MIN) : 0;
    wide_columns(&left, &right, env, pod, c, link, area.h - reserve);
    int need = (int)IW_MAX(left.lines, right.lines);
    int log_lines = IW_MIN(IW_MAX(area.h - need - 1, reserve), WIDE_LOG_MAX);
    int log_height = log_lines >= 2 ? wide_log(&log, env, c, log_lines) : 0;
    struct rect top = {area.x, area.y, area.w, area.h - log_height};
    doc_draw(&left, s, (struct rect){top.x, top.y, left_cols - 1, top.h},
             IW_MIN(pane_top, doc_max_top(&left, top.h)));
    doc_draw(&right, s, (struct rect){top.x + left_cols, top.y, area.w - left_cols, top.h},
             IW_MIN(pane_top, doc_max_top(&right, top.h)));
    split_line(s, top, area.x + left_cols - 1);
    uint32_t below = doc_max_top(&right, top.h);
    detail_pane_more(s, top, below > pane_top ? below - pane_top : 0);
    if (log_height > 0)
        doc_draw(&log, s, (struct rect){area.x, area.y + top.h, area.w, log_height}, 0);
}
