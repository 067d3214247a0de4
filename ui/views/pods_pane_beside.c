/* pods_pane_beside: what stands beside the explanation of a pod, or below it: its newest events, and the log of the
 * container it is about.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/eventgist.h"
#include "initwatch/ui/podpane.h"
#include "pods_pane.h"

enum { PANE_LOG_COLS = 160, PANE_RIGHT_COLS = 50, EVENT_REST_COLS = 24 };

/* "Pulled 25×": the columns of what and how often. */
static int
event_head_cols(const struct kevent *ev)
{
    char count[16] = "";
    if (ev->count > 1)
        snprintf(count, sizeof(count), " %u×", ev->count);
    return utf8_width(ev->reason, strlen(ev->reason)) + utf8_width(count, strlen(count));
}

/* One event; its message wrapped into at most `most` lines behind a head of `head` columns. */
static void
put_event(const struct pane *p, struct doc *d, const struct kevent *ev, int most, int head)
{
    bool warning = strcmp(ev->type, "Warning") == 0;
    int when_cols = p->env->prefs->time_mode == TIME_MODE_AGE ? 5 : 8;
    char when[16], text[1024];
    widget_time(p->env, ev->last_ms, when, sizeof(when));
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, when_cols, true, ROLE_DIM, when);
    doc_put(d, warning ? ROLE_WARN : ROLE_DIM, warning ? " ⚠ " : "   ");
    int x = d->x, rest = d->width - x - head - 1;
    doc_put(d, warning ? ROLE_WARN : ROLE_TEXT, "%s", ev->reason);
    if (ev->count > 1)
        doc_put(d, ROLE_DIM, " %u×", ev->count);
    doc_to(d, IW_MAX(x + head, d->x) + 1);
    if (ev->container[0])
        doc_put(d, ROLE_DIM, "%s ", ev->container);
    event_rest(ev, text, sizeof(text));
    doc_wrap(d, ROLE_TEXT, rest >= EVENT_REST_COLS ? x + head + 1 : x, most, text);
}

unsigned
pod_pane_put_events(const struct pane *p, struct doc *d, unsigned rows)
{
    enum { MESSAGE_LINES = 6 };
    size_t about[LIMIT_EVENTS_PER_POD];
    unsigned lines[LIMIT_EVENTS_PER_POD];
    const struct kevent_ring *ring = store_events(p->env->store);
    size_t count = kevent_ring_about(ring, p->pod->uid, about, IW_COUNTOF(about));
    size_t first = count > rows ? count - rows : 0;
    unsigned spare = rows - (unsigned)(count - first);
    int head = 0;
    for (size_t i = first; i < count; i++)
        head = IW_MAX(head, event_head_cols(kevent_ring_at(ring, about[i])));
    for (size_t i = count; i-- > first;) {
        doc_auto one;
        doc_init(&one, d->width);
        put_event(p, &one, kevent_ring_at(ring, about[i]), MESSAGE_LINES, head);
        lines[i] = 1 + IW_MIN((unsigned)one.lines - 1, spare);
        spare -= lines[i] - 1;
    }
    for (size_t i = first; i < count; i++)
        put_event(p, d, kevent_ring_at(ring, about[i]), (int)lines[i], head);
    return (unsigned)(count - first);
}

/* Why there are no events to show. */
static void
put_no_events(const struct pane *p, struct doc *d)
{
    const struct source_status *st = store_status(p->env->store, STREAM_EVENTS);
    doc_line(d);
    if (st->state == SOURCE_DENIED)
        doc_put(d, ROLE_WARN, tr(" events: %s"), tr(source_denial_word(st)));
    else if (!store_synced(p->env->store, STREAM_EVENTS))
        doc_put(d, ROLE_DIM, "%s", tr(" events are not here yet"));
    else
        doc_wrap(d, ROLE_DIM, 1, 3,
                 tr(" no events of this pod (a cluster keeps them for an hour)"));
}

/* Why there is no log to show of the container. */
static void
put_no_log(struct doc *d, const struct container *c)
{
    char text[320];
    bool began =
        c && c->status &&
        (c->status->state.running || c->status->state.terminated || c->status->last->terminated);
    if (!c)
        snprintf(text, sizeof(text), "%s", tr("l reads the log"));
    else if (!began)
        snprintf(text, sizeof(text), tr("%s has not started: there is no log yet"), c->name);
    else
        snprintf(text, sizeof(text), "%s",
                 tr("the log comes when the cursor rests; l reads it all"));
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_wrap(d, ROLE_DIM, 1, 3, text);
}

/* The container whose log is worth reading: the one that blocks, else the one whose log is being followed. */
static const struct container *
log_container(const struct pane *p)
{
    const struct log_feed *feed = p->env->logs;
    const struct container *c = pod_pane_container(p);
    if (c || !feed || !feed->source_count || !pod_ref_equal(feed->pod, p->ref))
        return c;
    return pod_find_container(p->pod, feed->sources[0].container);
}

/* The log of the container, its title in the first line of the area. */
static void
draw_log(const struct pane *p, struct surface *s, struct rect area)
{
    char title[300];
    const struct container *c = log_container(p);
    struct view_env env = *p->env;
    env.pod = p->ref;
    doc_auto d;
    doc_init(&d, area.w);
    snprintf(title, sizeof(title), "%s %s", tr("log"), c ? c->name : "");
    if (!c || podpane_log_tail(&d, &env, c, area.h - 1, false) == 0)
        put_no_log(&d, c);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE, title,
                 ROLE_TITLE);
    doc_draw(&d, s, (struct rect){area.x, area.y + 1, area.w, area.h - 1}, 0);
}

static void
draw_events(const struct pane *p, struct surface *s, struct rect area)
{
    doc_auto d;
    doc_init(&d, area.w);
    if (pod_pane_put_events(p, &d, (unsigned)IW_MAX(area.h - 1, 1)) == 0)
        put_no_events(p, &d);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE,
                 tr("events of this pod"), ROLE_TITLE);
    doc_draw(&d, s, (struct rect){area.x, area.y + 1, area.w, area.h - 1}, 0);
}

/* The log of the container above the events; area.y is the line of its title. Without a log the events alone. */
static void
draw_right(const struct pane *p, struct surface *s, struct rect area)
{
    char title[300];
    const struct container *c = log_container(p);
    struct view_env env = *p->env;
    env.pod = p->ref;
    int rows = area.h - 1;
    doc_auto log, d;
    doc_init(&log, area.w);
    doc_init(&d, area.w);
    snprintf(title, sizeof(title), "%s", tr("events of this pod"));
    if (c && rows >= PANE_LOG_FROM && podpane_log_tail(&log, &env, c, rows / 2, false) > 0)
        snprintf(title, sizeof(title), tr("log %s  (l)"), c->name);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE, title,
                 ROLE_TITLE);
    if (log.lines) {
        doc_rule(&d, tr("events of this pod  (v)"));
        rows -= (int)log.lines + 1;
    }
    doc_draw(&log, s, (struct rect){area.x, area.y + 1, area.w, (int)log.lines}, 0);
    if (pod_pane_put_events(p, &d, (unsigned)IW_MAX(rows, 1)) == 0)
        put_no_events(p, &d);
    area.y += 1 + (int)log.lines;
    area.h -= 1 + (int)log.lines;
    doc_draw(&d, s, area, 0);
    if (log.lines)
        surface_puts(s, (struct rect){area.x - 1, area.y, 1, 1}, area.x - 1, area.y, ROLE_RULE,
                     "├");
}

/* The line between two columns, joined to the rule above. */
static void
draw_divider(struct surface *s, struct rect area, int x)
{
    surface_fill(s, (struct rect){x, area.y + 1, 1, area.h - 1}, 0x2502, ROLE_RULE);
    surface_puts(s, area, x, area.y, ROLE_RULE, "┬");
}

int
pod_pane_draw_beside(const struct pane *p, struct surface *s, struct rect area)
{
    int right = IW_MAX(PANE_RIGHT_COLS, area.w * 2 / 5);
    if (area.w < PANE_LOG_COLS || area.h <= PANE_LOG_FROM) {
        struct rect beside = {area.x + area.w - right, area.y, right, area.h};
        draw_right(p, s, beside);
        draw_divider(s, area, beside.x - 1);
        return area.w - right - 1;
    }
    int log = area.w * 3 / 10, events = area.w / 4;
    struct rect log_area = {area.x + area.w - log, area.y, log, area.h};
    struct rect events_area = {log_area.x - 1 - events, area.y, events, area.h};
    draw_log(p, s, log_area);
    draw_events(p, s, events_area);
    draw_divider(s, area, log_area.x - 1);
    draw_divider(s, area, events_area.x - 1);
    return area.w - log - events - 2;
}
