/* view_detail: one pod: status, milestones, start-up timeline, and everything about the selected
 * container.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "detail.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define PANE_MIN 6   /* lines the container's pane keeps while lanes are many, */
#define PANE_SHARE 3 /* and this part of a high screen */
#define ZOOM_MAX 12
#define PAN_COLS 80 /* any width: only the stretch is looked at */

struct detail_state {
    struct pod_ref pod;
    char container[256]; /* selected, by name: it stays when the pod's record changes */
    struct gantt_zoom zoom;
    uint32_t pane_top, pane_max;
    size_t link; /* of what the container needs, from 1; 0 none */
    int pane_height;
};

/* --- selection --- */

static const struct container *
selected_of(const struct pod *pod, const char *name)
{
    const struct container *c = name[0] ? pod_find_container(pod, name) : NULL;
    return c ? c : pod_containers(pod, NULL);
}

static void
select_container(struct detail_state *st, const struct container *c)
{
    snprintf(st->container, sizeof(st->container), "%s", c ? c->name : "");
    st->pane_top = 0;
    st->link = 0;
}

/* --- layout --- */

struct layout {
    struct doc head, lanes, foot; /* above, the scrolled middle, order and legend */
    int lanes_height, lanes_top;
    struct rect pane;
    const char *note;
    int note_height;
};

static void
layout_free(struct layout *l)
{
    doc_free(&l->head);
    doc_free(&l->lanes);
    doc_free(&l->foot);
}

/* Status, what blocks, milestones, and while the pod stops the order. A pod that is gone waits for
 * nothing any more. */
static void
head_lines(struct doc *d, const struct view_env *env, const struct pod *pod, int64_t now_ms,
           int height)
{
    bool gone = podpane_banner_lines(env) > 0, told = false;
    bool in_grace = pod_is_deleted(pod) && now_ms < pod->deletion_ms;
    podpane_status(d, pod, now_ms);
    /* How much of the grace is left stands beside the order. */
    if (!gone && !in_grace)
        told = podpane_blocked(d, env, pod, now_ms, height >= 20 ? 3 : 1);
    if (!gone && height >= 20)
        podpane_after(d, env, pod, now_ms);
    if (!gone && podpane_shutdown_line(d, env, pod, now_ms))
        told = true;
    podpane_milestones(d, env, pod, now_ms);
    if (height >= 18 && (!told || height >= 24))
        doc_line(d);
}

static void
layout_docs(struct layout *l, const struct detail_state *st, const struct view_env *env,
            const struct pod *pod, struct rect area)
{
    int64_t now_ms = podpane_now(env);
    struct gantt g;
    gantt_layout(&g, env, pod, now_ms, area.w, st->zoom);
    doc_init(&l->head, area.w);
    doc_init(&l->lanes, area.w);
    doc_init(&l->foot, area.w);
    head_lines(&l->head, env, pod, now_ms, area.h);
    gantt_axis(&g, &l->head);
    if (area.h >= 14)
        gantt_events(&g, &l->head);
    const struct container *selected = selected_of(pod, st->container);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        gantt_lane(&g, &l->lanes, c, c == selected);
    if (area.h >= 20)
        gantt_order(&g, &l->foot);
    if (area.h >= 17)
        gantt_legend(&g, &l->foot);
    if (area.h >= 30)
        doc_line(&l->foot);
}

/* What there is to say about the container comes first: in two columns all of it, in one its facts. */
static bool
note_fits(const struct view_env *env, const struct pod *pod, const struct container *c,
          struct rect pane)
{
    int height;
    doc_auto d;
    doc_init(&d, pane.w);
    if (pane.w >= DETAIL_SPLIT_COLS)
        return pane.h > PANE_MIN && detail_pane_max(env, pod, c, pane, &height) == 0;
    detail_pane_facts(&d, env, pod, c, 0);
    return pane.h >= IW_MAX((int)d.lines, PANE_MIN + 1);
}

/* Who gets how many lines: the head all, the lanes what they need as long as the pane keeps
 * PANE_MIN. */
static void
layout_make(struct layout *l, const struct detail_state *st, const struct view_env *env,
            const struct pod *pod, struct rect area)
{
    bool stopping = pod_is_deleted(pod) || pod_apps_are_over(pod);
    *l = (struct layout){.note = stopping ? "" : podpane_note(pod)};
    layout_docs(l, st, env, pod, area);
    int rest = area.h - (int)l->head.lines - (int)l->foot.lines;
    int lanes = (int)l->lanes.lines;
    int pane = IW_MAX(PANE_MIN, area.h / PANE_SHARE);
    l->lanes_height = IW_MAX(IW_MIN(lanes, rest - pane), IW_MIN(lanes, 2));
    const struct container *selected = selected_of(pod, st->container);
    int at = selected ? (int)(selected - pod->containers) : 0;
    l->lanes_top = IW_MAX(0, IW_MIN(at - l->lanes_height / 2, lanes - l->lanes_height));
    int used = (int)l->head.lines + l->lanes_height + (int)l->foot.lines;
    l->note_height = l->note[0] && area.h >= 20 ? (area.w >= 130 ? 2 : 3) : 0;
    if (selected && l->note_height > 0 &&
        !note_fits(env, pod, selected, (struct rect){0, 0, area.w, area.h - used - l->note_height}))
        l->note_height = 0;
    l->pane = (struct rect){area.x, area.y + used, area.w, area.h - used - l->note_height};
}

static void
note_draw(const struct layout *l, struct surface *s, struct rect area)
{
    if (l->note_height == 0)
        return;
    doc_auto d;
    doc_init(&d, area.w - 1);
    surface_rule(s, area, area.y + area.h - l->note_height, ROLE_RULE, NULL, ROLE_RULE);
    doc_line(&d);
    doc_put(&d, ROLE_TEXT, " ");
    doc_wrap(&d, ROLE_DIM, 7, l->note_height - 1, l->note);
    doc_draw(
        &d, s,
        (struct rect){area.x, area.y + area.h - l->note_height + 1, area.w, l->note_height - 1}, 0);
}

/* --- class --- */

static void
detail_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct detail_state *st = state;
    const struct pod *pod = podpane_pod(env);
    if (!pod)
        return;
    if (!pod_ref_equal(st->pod, env->pod)) {
        st->pod = env->pod;
        st->zoom = (struct gantt_zoom){0};
        const struct container *c =
            env->container[0] ? pod_find_container(pod, env->container) : NULL;
        select_container(st, c ? c : pod_focus(pod, podpane_now(env)));
    }
    const struct container *c = selected_of(pod, st->container);
    if (!c)
        return;
    int banner = podpane_banner_lines(env);
    struct layout l;
    layout_make(&l, st, env, pod, (struct rect){area.x, area.y, area.w, area.h - banner});
    st->pane_max = detail_pane_max(env, pod, c, l.pane, &st->pane_height);
    st->pane_top = IW_MIN(st->pane_top, st->pane_max);
    layout_free(&l);
}

static void
detail_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct detail_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    const struct container *c = pod ? selected_of(pod, st->container) : NULL;
    struct layout l;
    if (!pod)
        return;
    layout_make(&l, st, env, pod, area);
    int y = area.y, foot = (int)l.foot.lines;
    doc_draw(&l.head, s, (struct rect){area.x, y, area.w, IW_MIN((int)l.head.lines, area.h)}, 0);
    y += (int)l.head.lines;
    int room = area.y + area.h - y;
    doc_draw(&l.lanes, s, (struct rect){area.x, y, area.w, IW_MIN(l.lanes_height, room)},
             (uint32_t)l.lanes_top);
    int hidden = (int)l.lanes.lines - l.lanes_height;
    if (hidden > 0)
        surface_printf(s, area, area.x + area.w - 8, y - 1, ROLE_DIM, "+%d more", hidden);
    y += l.lanes_height;
    doc_draw(&l.foot, s, (struct rect){area.x, y, area.w, IW_MIN(foot, area.y + area.h - y)}, 0);
    if (c && l.pane.h > 0)
        detail_pane_draw(env, s, l.pane, pod, c, st->link, st->pane_top);
    note_draw(&l, s, area);
    layout_free(&l);
}

static bool
detail_move(struct detail_state *st, const struct pod *pod, enum action action)
{
    const struct container *c = selected_of(pod, st->container);
    if (!c)
        return true;
    const struct container *first = pod->containers, *last = first + pod->container_count - 1;
    if (action == ACT_DOWN)
        c = IW_MIN(c + 1, last);
    else if (action == ACT_UP)
        c = IW_MAX(c - 1, first);
    else
        c = action == ACT_TOP ? first : last;
    select_container(st, c);
    return true;
}

static void
detail_scroll(struct detail_state *st, int lines)
{
    int64_t top = (int64_t)st->pane_top + lines;
    st->pane_top = (uint32_t)IW_MAX(0, IW_MIN(top, (int64_t)st->pane_max));
}

static bool
detail_view_act(struct detail_state *st, enum action action)
{
    int page = IW_MAX(st->pane_height - 2, 1);
    if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        detail_scroll(st, action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2);
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        detail_scroll(st, action == ACT_PAGE_DOWN ? page : -page);
    else if (action == ACT_ZOOM_IN)
        st->zoom.level = IW_MIN(st->zoom.level + 1, ZOOM_MAX);
    else if (action == ACT_ZOOM_OUT)
        st->zoom.level = IW_MAX(st->zoom.level - 1, -1);
    else
        return false;
    return true;
}

/* A quarter of the chart to the side; at its end it says so. */
static void
detail_pan(struct detail_state *st, const struct view_env *env, const struct pod *pod, int step,
           struct intent *out)
{
    struct gantt before, after;
    struct gantt_zoom zoom = {st->zoom.level, st->zoom.pan + step};
    gantt_layout(&before, env, pod, podpane_now(env), PAN_COLS, st->zoom);
    gantt_layout(&after, env, pod, podpane_now(env), PAN_COLS, zoom);
    if (before.from_ms != after.from_ms) {
        st->zoom = zoom;
        return;
    }
    out->kind = INTENT_FLASH;
    snprintf(out->text, sizeof(out->text), "%s",
             step > 0 ? tr("this is where the pod begins") : tr("this is now"));
}

static bool
detail_act(void *state, const struct view_env *env, enum action action, int32_t arg,
           struct intent *out)
{
    struct detail_state *st = state;
    const struct pod *pod = podpane_pod(env);
    const struct container *c = pod ? selected_of(pod, st->container) : NULL;
    (void)arg;
    if (!c)
        return false;
    if (action == ACT_DOWN || action == ACT_UP || action == ACT_TOP || action == ACT_BOTTOM)
        return detail_move(st, pod, action);
    if (pod_links_act(env, pod, c, &st->link, action, out))
        return true;
    if (action == ACT_OPEN) {
        out->kind = INTENT_LOGS;
        out->pod = env->pod;
        snprintf(out->container, sizeof(out->container), "%s", c->name);
        return true;
    }
    if (action == ACT_COPY) {
        out->kind = INTENT_COPY;
        snprintf(out->text, sizeof(out->text), "%s", c->name);
        return true;
    }
    if (action == ACT_LEFT || action == ACT_RIGHT) {
        detail_pan(st, env, pod, action == ACT_LEFT ? 1 : -1, out);
        return true;
    }
    return detail_view_act(st, action);
}

static bool
detail_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
              char container[256])
{
    const struct detail_state *st = state;
    *pod = env->pod;
    snprintf(container, 256, "%s", st->container);
    return podpane_pod(env) != NULL;
}

static void
detail_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct detail_state *st = state;
    (void)env;
    if (st->zoom.level == 0 && st->zoom.pan == 0)
        snprintf(out, out_size, "%s", "");
    else if (st->zoom.level >= 0)
        snprintf(out, out_size, tr("zoom ×%d"), 1 << st->zoom.level);
    else
        snprintf(out, out_size, tr("whole life"));
}

static bool
detail_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return podpane_pod(env) != NULL;
}

static size_t
detail_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct detail_state *st = state;
    (void)env;
    *scroll = &st->pane_top;
    return st->pane_max;
}

const struct view_class view_detail = {
    .name = "detail",
    .title = "Timeline",
    .help = "One pod: what its start-up did, what holds it, and all about the selected container",
    .scope = VIEW_POD,
    .tab = 1,
    .context = CTX_DETAIL,
    .podish = true,
    .state_size = sizeof(struct detail_state),
    .recalc = detail_recalc,
    .draw = detail_draw,
    .unseen = detail_unseen,
    .act = detail_act,
    .cursor = detail_cursor,
    .tab_note = detail_tab_note,
    .ticks = detail_ticks,
};
