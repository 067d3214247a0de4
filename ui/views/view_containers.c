/* view_containers: all containers of a pod as a table, and all about the selected one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

struct containers_state {
    struct pod_ref pod;
    struct list_cursor cursor;
    uint32_t pane_top, pane_max;
    size_t link; /* of what the container needs, from 1; 0 none */
    int table_height, pane_height;
};

static const struct container *
container_at(const struct pod *pod, size_t i)
{
    return i < pod->container_count ? &pod->containers[i] : NULL;
}

/* The table gets what it needs as long as a third is left for the pane. */
static int
table_height(const struct pod *pod, struct rect area)
{
    int most = area.h < 10 ? area.h : area.h * 2 / 3;
    return IW_MAX(IW_MIN((int)pod->container_count + 1, most), 2);
}

static int
name_cols(const struct pod *pod, int width)
{
    int name = 4;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        name = IW_MAX(name, utf8_width(c->name, strlen(c->name)));
    return IW_MIN(name, width >= 120 ? 40 : width / 4);
}

static void
head_cell(struct doc *d, int cols, bool right, const char *text)
{
    doc_field(d, cols, right, ROLE_DIM, text);
    doc_put(d, ROLE_DIM, " ");
}

static void
head_line(struct doc *d, int name)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " #  ");
    head_cell(d, name, false, tr("NAME"));
    head_cell(d, 9, false, tr("KIND"));
    head_cell(d, 24, false, tr("STATE"));
    head_cell(d, 3, true, tr("RST"));
    doc_to(d, 4 + name + 41);
    if (d->width >= 120) {
        head_cell(d, 22, false, tr("LAST END"));
        head_cell(d, 14, false, tr("PROBES"));
    }
    doc_put(d, ROLE_DIM, "%s", tr("IMAGE"));
}

/* "startup ✓ ready ✗": which probes there are. */
static void
probes_text(const struct container *c, char *out, size_t out_size)
{
    if (!c->startup->kind && !c->readiness->kind && !c->liveness->kind)
        snprintf(out, out_size, "–");
    else
        snprintf(out, out_size, "%s%s%s", c->startup->kind ? tr("startup ") : "",
                 c->readiness->kind ? tr("ready ") : "", c->liveness->kind ? tr("live") : "");
}

static void
last_text(const struct container *c, int64_t now_ms, char *out, size_t out_size)
{
    const struct container_end *end = NULL;
    char text[96], ago[16] = "";
    if (c->status && c->status->state.terminated)
        end = &c->status->state.end;
    else if (c->status && c->status->last->terminated)
        end = &c->status->last->end;
    if (!end) {
        snprintf(out, out_size, "–");
        return;
    }
    container_exit_text(end, text, sizeof(text));
    if (end->finished_ms > 0)
        duration_cells(now_ms - end->finished_ms, ago);
    snprintf(out, out_size, "%s%s%s", text[0] ? text : tr("exit 0"), ago[0] ? ", " : "", ago);
}

static void
row_line(struct doc *d, const struct view_env *env, const struct pod *pod,
         const struct container *c, int name)
{
    int64_t now_ms = podpane_now(env);
    char text[192];
    doc_line(d);
    doc_put(d, ROLE_DIM, " %-2s ", c->tag);
    doc_field(d, name, false, ROLE_TEXT, c->name);
    doc_put(d, ROLE_DIM, " %-9s ", container_kind_name(c->kind));
    gantt_note(pod, c, now_ms, env->prefs->motion, text, sizeof(text));
    doc_field(d, 24, false, sign_role(container_sign(pod, c, now_ms)), text);
    int32_t restarts = c->status ? c->status->restart_count : 0;
    doc_put(d, restarts > 0 ? ROLE_BACKOFF : ROLE_DIM, " %3d", restarts);
    doc_to(d, 4 + name + 41);
    if (d->width >= 120) {
        last_text(c, now_ms, text, sizeof(text));
        doc_field(d, 22, false, ROLE_TEXT, text);
        doc_put(d, ROLE_TEXT, " ");
        probes_text(c, text, sizeof(text));
        doc_field(d, 14, false, ROLE_DIM, text);
        doc_put(d, ROLE_TEXT, " ");
    }
    doc_put(d, ROLE_TEXT, "%s", c->image);
}

static void
pane_build(struct doc *d, const struct view_env *env, const struct pod *pod,
           const struct container *c, size_t link, int height)
{
    char title[400];
    if (!pod_links_title(pod, c, link, title, sizeof(title)))
        podpane_title(pod, c, title, sizeof(title));
    doc_rule(d, title);
    podpane_facts(d, env, pod, c, podpane_now(env));
    if (c->status && c->status->restart_count > 0) {
        doc_rule(d, tr("attempts"));
        podpane_attempts(d, env, pod, c, podpane_now(env));
    }
    podpane_log_tail(d, env, c, IW_MAX(height - (int)d->lines, 3), true);
}

static void
containers_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct containers_state *st = state;
    const struct pod *pod = podpane_pod(env);
    if (!pod)
        return;
    if (!pod_ref_equal(st->pod, env->pod)) {
        *st = (struct containers_state){.pod = env->pod};
        const struct container *c =
            env->container[0] ? pod_find_container(pod, env->container) : NULL;
        if (c)
            st->cursor.selected = (size_t)(c - pod->containers);
    }
    area.h -= podpane_banner_lines(env);
    st->table_height = table_height(pod, area);
    st->pane_height = area.h - st->table_height;
    list_cursor_fix(&st->cursor, pod->container_count, (size_t)(st->table_height - 1));
    const struct container *c = container_at(pod, st->cursor.selected);
    if (!c)
        return;
    doc_auto d;
    doc_init(&d, area.w);
    pane_build(&d, env, pod, c, st->link, st->pane_height);
    st->pane_max = doc_max_top(&d, st->pane_height);
    st->pane_top = IW_MIN(st->pane_top, st->pane_max);
}

static void
containers_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct containers_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    if (!pod)
        return;
    int name = name_cols(pod, area.w), rows = table_height(pod, area) - 1;
    doc_auto head, table, pane;
    doc_init(&head, area.w);
    doc_init(&table, area.w);
    doc_init(&pane, area.w);
    head_line(&head, name);
    doc_draw(&head, s, area, 0);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        row_line(&table, env, pod, c, name);
    struct rect body = rect_intersect(area, (struct rect){area.x, area.y + 1, area.w, rows});
    doc_draw(&table, s, body, (uint32_t)st->cursor.top);
    if (st->cursor.selected >= st->cursor.top)
        surface_flag(
            s,
            rect_intersect(body, (struct rect){area.x,
                                               body.y + (int)(st->cursor.selected - st->cursor.top),
                                               area.w, 1}),
            CELL_SELECTED);
    const struct container *c = container_at(pod, st->cursor.selected);
    struct rect rest = {area.x, area.y + 1 + rows, area.w, area.h - 1 - rows};
    if (!c || rest.h <= 0)
        return;
    pane_build(&pane, env, pod, c, st->link, rest.h);
    doc_draw(&pane, s, (struct rect){rest.x, rest.y, rest.w, 1}, 0);
    doc_draw(&pane, s, (struct rect){rest.x, rest.y + 1, rest.w, rest.h - 1}, st->pane_top + 1);
    uint32_t below = doc_max_top(&pane, rest.h);
    if (below > st->pane_top && rest.h > 1)
        surface_printf(s, rest, rest.x + rest.w - 12, rest.y, ROLE_DIM, " ^D +%u more ",
                       (unsigned)(below - st->pane_top));
}

static bool
containers_act(void *state, const struct view_env *env, enum action action, int32_t arg,
               struct intent *out)
{
    struct containers_state *st = state;
    const struct pod *pod = podpane_pod(env);
    const struct container *c = pod ? container_at(pod, st->cursor.selected) : NULL;
    (void)arg;
    if (!c)
        return false;
    if (pod_links_act(env, pod, c, &st->link, action, out))
        return true;
    if (action == ACT_OPEN || action == ACT_COPY) {
        out->kind = action == ACT_OPEN ? INTENT_LOGS : INTENT_COPY;
        out->pod = env->pod;
        snprintf(out->container, sizeof(out->container), "%s", c->name);
        snprintf(out->text, sizeof(out->text), "%s", action == ACT_COPY ? c->name : "");
        return true;
    }
    if (action == ACT_HALF_DOWN || action == ACT_HALF_UP) {
        uint32_t step = (uint32_t)IW_MAX(st->pane_height / 2, 1);
        if (action == ACT_HALF_DOWN)
            st->pane_top = IW_MIN(st->pane_top + step, st->pane_max);
        else
            st->pane_top -= IW_MIN(st->pane_top, step);
        return true;
    }
    size_t before = st->cursor.selected;
    bool handled = list_cursor_act(&st->cursor, action, pod->container_count,
                                   (size_t)IW_MAX(st->table_height - 1, 1));
    if (st->cursor.selected != before) {
        st->pane_top = 0;
        st->link = 0;
    }
    return handled;
}

static bool
containers_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                  char container[256])
{
    const struct containers_state *st = state;
    const struct pod *p = podpane_pod(env);
    const struct container *c = p ? container_at(p, st->cursor.selected) : NULL;
    *pod = env->pod;
    snprintf(container, 256, "%s", c ? c->name : "");
    return c != NULL;
}

static void
containers_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    const struct pod *pod = podpane_pod(env);
    if (pod)
        snprintf(out, out_size, "%u", (unsigned)pod->container_count);
}

static bool
containers_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return podpane_pod(env) != NULL;
}

static size_t
containers_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct containers_state *st = state;
    (void)env;
    *scroll = &st->pane_top;
    return st->pane_max;
}

/* It shares the keys of the timeline, but has none to zoom. */
static bool
containers_can(const void *state, const struct view_env *env, enum action action)
{
    (void)state, (void)env;
    return action != ACT_ZOOM_IN && action != ACT_ZOOM_OUT;
}

const struct view_class view_containers = {
    .name = "containers",
    .title = "Containers",
    .help = "Every container of the pod: kind, state, attempts, last end, probes, image",
    .scope = VIEW_POD,
    .tab = 2,
    .context = CTX_DETAIL,
    .podish = true,
    .state_size = sizeof(struct containers_state),
    .recalc = containers_recalc,
    .draw = containers_draw,
    .unseen = containers_unseen,
    .act = containers_act,
    .can = containers_can,
    .tab_count = containers_tab_count,
    .cursor = containers_cursor,
    .ticks = containers_ticks,
};
