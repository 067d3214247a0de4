/* eventpane: what stands around a list of events: filters as chips, sums by reason, the cause chain,
 * the selected event in full.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "eventlist.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/chainline.h"

#define REASON_BAR_MAX 24
#define REASON_BARS 12
#define REASON_LINES 2 /* of bars */
#define DENSITY_PARTS 15

/* --- chips --- */

static void
chip(struct doc *d, const char *name, const char *value, bool set)
{
    doc_put(d, ROLE_DIM, " %s ", name);
    doc_put(d, set ? ROLE_KEY : ROLE_TEXT, "%s", value);
    doc_put(d, ROLE_DIM, " ▾ ");
}

static void
about_value(const struct event_list *l, const struct view_env *env, int width, char *out,
            size_t out_size)
{
    const struct pod *pod = store_get(env->store, l->pod);
    const char *name = pod ? pod->name : "?";
    switch (l->about) {
    case EVENT_ABOUT_ALL:
        snprintf(out, out_size, "%s", tr("all"));
        return;
    case EVENT_ABOUT_POD:
        snprintf(out, out_size, "%s", tr("this pod"));
        return;
    case EVENT_ABOUT_RELATED:
    case EVENT_ABOUT_COUNT:
        break;
    }
    if (width >= 120)
        snprintf(out, out_size, tr("%s and everything it waits for"), name);
    else
        snprintf(out, out_size, "%s", tr("this pod + what it needs"));
}

/* "▁▁▂▅▇": when the shown events happened; nothing when they fit into one part. */
static void
density_put(struct doc *d, const struct event_list *l, const struct view_env *env)
{
    static const char *const EIGHTHS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
    double parts[DENSITY_PARTS], most = 0;
    int64_t window_ms = event_window_ms(l->window);
    int64_t from_ms = window_ms ? env->now_wall_ms - window_ms : l->origin_ms;
    if (l->rows.len == 0 || from_ms == IW_TIME_NONE)
        return;
    event_density(store_events(env->store), l->rows.items, l->rows.len, from_ms, env->now_wall_ms,
                  parts, DENSITY_PARTS);
    for (size_t i = 0; i < DENSITY_PARTS; i++)
        most = parts[i] > most ? parts[i] : most;
    doc_put(d, ROLE_DIM, "  %s ", tr("density"));
    for (size_t i = 0; i < DENSITY_PARTS; i++) {
        size_t step = most > 0 ? (size_t)(parts[i] / most * 6.0 + 0.5) : 0;
        doc_put(d, parts[i] > 0 ? ROLE_WARN : ROLE_DIM, "%s", EIGHTHS[IW_MIN(step, (size_t)6)]);
    }
}

void
event_chips_draw(struct doc *d, const struct event_list *l, const struct view_env *env)
{
    char value[320];
    bool wide = d->width >= 120;
    doc_line(d);
    chip(d, tr("type"), l->warnings_only ? tr("warnings") : tr("all"), l->warnings_only);
    chip(d, tr("reason"), l->reason[0] ? l->reason : tr("all"), l->reason[0] != '\0');
    about_value(l, env, d->width, value, sizeof(value));
    chip(d, tr("about:"), value, l->about != EVENT_ABOUT_ALL);
    if (text_filter_active(l->filter))
        doc_put(d, ROLE_KEY, " /%.40s ", text_filter_text(l->filter));
    if (l->grouped)
        doc_put(d, ROLE_KEY, " %s ", tr("by reason"));
    else if (d->width >= 70)
        doc_put(d, ROLE_DIM, " %s ", l->newest_first ? tr("newest first") : tr("newest last"));
    int64_t minutes = event_window_ms(l->window) / 60000;
    if (minutes > 0)
        doc_put(d, ROLE_KEY, tr(" %s%lldm"), wide ? tr("window ") : "", (long long)minutes);
    if (wide)
        density_put(d, l, env);
    if (wide && l->kept > 0)
        doc_put(d, ROLE_MARK, tr("   ◆ %zu kept by this session alone"), l->kept);
}

/* --- by reason --- */

/* The bars in as many lines as they need, two at most. */
static void
reasons_put(struct doc *d, const struct event_list *l)
{
    uint64_t most = 1;
    size_t shown = IW_MIN(l->reason_count, (size_t)REASON_BARS);
    char title[200], window[64] = "";
    int64_t minutes = event_window_ms(l->window) / 60000;
    if (minutes > 0)
        snprintf(window, sizeof(window), tr(", last %lld min"), (long long)minutes);
    snprintf(title, sizeof(title), tr("by reason%s: events counted with their repeats"), window);
    doc_rule(d, title);
    doc_line(d);
    for (size_t i = 0; i < shown; i++)
        most = IW_MAX(most, l->reasons[i].count);
    for (size_t i = 0; i < shown; i++) {
        const struct event_reason *r = &l->reasons[i];
        char number[24];
        int bar = (int)IW_MAX((double)r->count / (double)most * REASON_BAR_MAX, 1.0);
        snprintf(number, sizeof(number), "%llu", (unsigned long long)r->count);
        int cols = utf8_width(r->reason, strlen(r->reason)) + bar + (int)strlen(number) + 5;
        if (d->x + cols > d->width && d->lines > REASON_LINES)
            return;
        if (d->x + cols > d->width)
            doc_line(d);
        bool warning = strcmp(r->type, "Warning") == 0;
        doc_put(d, ROLE_TEXT, "  %s ", r->reason);
        doc_repeat(d, warning ? ROLE_WARN : ROLE_BAR, "█", bar);
        doc_put(d, ROLE_DIM, " %s", number);
    }
}

int
event_reasons_lines(const struct event_list *l, int width)
{
    doc_auto d;
    doc_init(&d, width);
    reasons_put(&d, l);
    return (int)d.lines;
}

void
event_reasons_draw(const struct event_list *l, struct surface *s, struct rect area)
{
    doc_auto d;
    doc_init(&d, area.w);
    reasons_put(&d, l);
    doc_draw(&d, s, area, 0);
}

/* --- cause chain --- */

void
event_chain_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                 struct rect area)
{
    const struct pod *pod = store_get(env->store, l->pod);
    char title[400];
    if (!pod)
        return;
    doc_auto d;
    doc_init(&d, area.w);
    snprintf(title, sizeof(title), tr("cause chain of %s, from events and objects"), pod->name);
    doc_rule(&d, title);
    chain_line_put(&d, env, l->chain, pod, area.h - 2);
    doc_draw(&d, s, area, 0);
}

/* --- the selected event --- */

static void
moment_put(struct doc *d, const struct view_env *env, const char *word, int64_t at_ms)
{
    char clock[16], ago[16];
    if (at_ms == IW_TIME_NONE)
        return;
    clock_hms(at_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    duration_cells(env->now_wall_ms - at_ms, ago);
    doc_put(d, ROLE_DIM, " %s ", word);
    doc_put(d, ROLE_TEXT, "%s", clock);
    if (d->width >= 100)
        doc_put(d, ROLE_DIM, tr(" (%s ago)"), ago);
    doc_put(d, ROLE_DIM, " ");
}

static void
detail_facts(struct doc *d, const struct view_env *env, const struct kevent *ev)
{
    char left[16];
    int64_t rest = event_expires_ms(ev) - env->now_wall_ms;
    doc_line(d);
    if (ev->count > 1)
        moment_put(d, env, tr("first"), ev->first_ms);
    moment_put(d, env, ev->count > 1 ? tr("last") : tr("at"), ev->last_ms);
    if (ev->count > 1)
        doc_put(d, ROLE_TEXT, " %u×", ev->count);
    duration_cells(rest, left);
    if (ev->expired)
        doc_put(d, ROLE_WARN, "  %s", tr("the cluster has dropped it ◆ kept by this session"));
    else if (rest > 0)
        doc_put(d, ROLE_DIM, tr("  expires in ~%s"), left);
    else
        doc_put(d, ROLE_DIM, "  %s", tr("may expire any moment"));
    if (ev->source[0] && d->x + 7 + utf8_width(ev->source, strlen(ev->source)) < d->width)
        doc_put(d, ROLE_DIM, tr("  from %s"), ev->source);
}

static void
object_put(struct doc *d, const struct chain_step *s)
{
    char kind[64];
    event_kind_short(s->kind, kind, sizeof(kind));
    doc_put(d, ROLE_TEXT, "%s/%s ", kind, s->name);
    doc_put(d,
            s->sign == CHAIN_BAD  ? ROLE_ERROR
            : s->sign == CHAIN_OK ? ROLE_OK
                                  : ROLE_DIM,
            "%s",
            s->sign == CHAIN_BAD  ? "✗"
            : s->sign == CHAIN_OK ? "✓"
                                  : "?");
}

/* How its object relates to the pod, if that says something. */
static enum relation
relation_of(const struct event_list *l, const struct view_env *env, const struct kevent *ev)
{
    const struct pod *pod = store_get(env->store, l->pod);
    enum relation r =
        pod && l->about != EVENT_ABOUT_ALL ? related_event(l->related, ev) : RELATION_NONE;
    return r == RELATION_SELF ? RELATION_NONE : r;
}

static bool
has_relation(const struct event_list *l, const struct view_env *env, const struct kevent *ev)
{
    return relation_of(l, env, ev) != RELATION_NONE;
}

/* Its place in the chain: what it blocks, what it leads to; else how its object relates to the pod. */
static void
detail_relation(struct doc *d, const struct event_list *l, const struct view_env *env,
                const struct kevent *ev)
{
    const struct pod *pod = store_get(env->store, l->pod);
    const struct chain_step *steps = l->chain->steps;
    enum relation r = relation_of(l, env, ev);
    if (r == RELATION_NONE)
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s ", tr(relation_word(r)));
    doc_put(d, ROLE_TEXT, "%s", pod->name);
    for (size_t i = 0; i < l->chain->count; i++) {
        bool here = strcmp(steps[i].name, ev->object_name) == 0 &&
                    strcmp(steps[i].kind, ev->object_kind) == 0;
        if (!here)
            continue;
        doc_put(d, ROLE_DIM, tr("   blocks: "));
        doc_put(d, ROLE_TEXT, "%s %s", l->chain->container->tag, l->chain->container->name);
        if (i + 1 < l->chain->count && steps[i + 1].depth > steps[i].depth) {
            doc_put(d, ROLE_DIM, tr("   leads to: "));
            object_put(d, &steps[i + 1]);
        } else if (steps[i].root) {
            doc_put(d, ROLE_ERROR, "   %s", tr("◀ root cause"));
        }
        return;
    }
}

void
event_detail_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                  struct rect area)
{
    const struct kevent *ev = event_list_selected(l, env);
    char title[512], kind[64];
    doc_auto d;
    doc_init(&d, area.w);
    if (!ev || area.h < 3) {
        if (area.h > 0)
            surface_rule(s, area, area.y, ROLE_RULE, NULL, ROLE_RULE);
        return;
    }
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    snprintf(title, sizeof(title), "%s  %s/%s%s%s", ev->reason, kind, ev->object_name,
             ev->container[0] ? " " : "", ev->container);
    doc_rule(&d, title);
    doc_line(&d);
    doc_put(&d, ROLE_TEXT, " ");
    int message = area.h - 2 - has_relation(l, env, ev);
    doc_wrap(&d, strcmp(ev->type, "Warning") == 0 ? ROLE_WARN : ROLE_TEXT, 1, IW_MAX(message, 1),
             ev->message);
    detail_facts(&d, env, ev);
    if ((int)d.lines < area.h)
        detail_relation(&d, l, env, ev);
    doc_draw(&d, s, area, 0);
}
