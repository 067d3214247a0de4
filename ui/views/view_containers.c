/* view_containers: all containers of a pod as a table, and all about the selected one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "detail.h"
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
    size_t link;                              /* of what the container needs, from 1; 0 none */
    int table_height, pane_height, pane_page; /* pane_page: the lines of it that scroll */
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

/* --- the table --- */

/* Cells of each column, 0 where there is no room for it; the image has the rest. */
struct columns {
    int name, kind, state, last, probes, cpu, memory, image;
};

static void
state_text(const struct view_env *env, const struct pod *pod, const struct container *c, char *out,
           size_t out_size)
{
    gantt_note(pod, c, podpane_now(env), env->prefs->motion, out, out_size);
}

static struct columns
columns_of(const struct view_env *env, const struct pod *pod, int width)
{
    struct columns cols = {.name = 4, .state = 14};
    char text[192];
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        cols.name = IW_MAX(cols.name, utf8_width(c->name, strlen(c->name)));
        state_text(env, pod, c, text, sizeof(text));
        cols.state = IW_MAX(cols.state, utf8_width(text, strlen(text)));
    }
    cols.name = IW_MIN(cols.name, width >= 120 ? 40 : width / 4);
    cols.state = IW_MIN(cols.state, width >= 120 ? 40 : width * 2 / 5);
    cols.kind = width >= 100 ? 9 : 0;
    cols.last = width >= 120 ? 22 : 0;
    cols.probes = width >= 120 ? 18 : 0;
    cols.cpu = cols.memory = width >= 160 ? 12 : 0;
    const int each[] = {cols.name,   cols.kind, cols.state, cols.last,
                        cols.probes, cols.cpu,  cols.memory};
    cols.image = width - 4 - 4; /* the tag, and the restarts */
    for (size_t i = 0; i < IW_COUNTOF(each); i++)
        cols.image -= each[i] ? each[i] + 1 : 0;
    return cols;
}

static void
cell(struct doc *d, int cols, bool right, enum role role, const char *text)
{
    if (cols == 0)
        return;
    doc_field(d, cols, right, role, text);
    doc_put(d, ROLE_TEXT, " ");
}

static void
head_line(struct doc *d, const struct columns *cols)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " #  ");
    cell(d, cols->name, false, ROLE_DIM, tr("NAME"));
    cell(d, cols->kind, false, ROLE_DIM, tr("KIND"));
    cell(d, cols->state, false, ROLE_DIM, tr("STATE"));
    cell(d, 3, true, ROLE_DIM, tr("RST"));
    cell(d, cols->last, false, ROLE_DIM, tr("LAST END"));
    cell(d, cols->probes, false, ROLE_DIM, tr("PROBES"));
    cell(d, cols->cpu, false, ROLE_DIM, tr("CPU"));
    cell(d, cols->memory, false, ROLE_DIM, tr("MEMORY"));
    doc_put(d, ROLE_DIM, "%s", tr("IMAGE"));
}

/* "startup ready live": which probes there are. */
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

/* Name and tag tell more than the registry does. */
static const char *
image_brief(const char *image, int cols)
{
    const char *slash;
    while (utf8_width(image, strlen(image)) > cols && (slash = strchr(image, '/')) != NULL)
        image = slash + 1;
    return image;
}

static void
row_line(struct doc *d, const struct view_env *env, const struct pod *pod,
         const struct container *c, const struct columns *cols)
{
    int64_t now_ms = podpane_now(env);
    int32_t restarts = c->status ? c->status->restart_count : 0;
    char text[192], state[192];
    doc_line(d);
    doc_put(d, ROLE_DIM, " %-2s ", c->tag);
    cell(d, cols->name, false, ROLE_TEXT, c->name);
    cell(d, cols->kind, false, ROLE_DIM, container_kind_word(c->kind));
    state_text(env, pod, c, text, sizeof(text));
    widget_status_short(text, cols->state, state, sizeof(state));
    cell(d, cols->state, false, sign_role(container_sign(pod, c, now_ms)), state);
    snprintf(text, sizeof(text), "%d", restarts);
    cell(d, 3, true, restarts > 0 ? ROLE_BACKOFF : ROLE_DIM, text);
    last_text(c, now_ms, text, sizeof(text));
    cell(d, cols->last, false, ROLE_TEXT, text);
    probes_text(c, text, sizeof(text));
    cell(d, cols->probes, false, ROLE_DIM, text);
    podpane_amount(c, "cpu", text, sizeof(text));
    cell(d, cols->cpu, false, ROLE_TEXT, text[0] ? text : "–");
    podpane_amount(c, "memory", text, sizeof(text));
    cell(d, cols->memory, false, ROLE_TEXT, text[0] ? text : "–");
    doc_put(d, ROLE_TEXT, "%s", image_brief(c->image, cols->image));
}

/* --- class --- */

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
    struct rect pane = {area.x, area.y + st->table_height, area.w, st->pane_height};
    st->pane_max = detail_pane_max(env, pod, c, pane, &st->pane_page);
    st->pane_top = IW_MIN(st->pane_top, st->pane_max);
}

static void
containers_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct containers_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    if (!pod)
        return;
    struct columns cols = columns_of(env, pod, area.w);
    int rows = table_height(pod, area) - 1;
    doc_auto head, table;
    doc_init(&head, area.w);
    doc_init(&table, area.w);
    head_line(&head, &cols);
    doc_draw(&head, s, area, 0);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        row_line(&table, env, pod, c, &cols);
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
    if (c && rest.h > 0)
        detail_pane_draw(env, s, rest, pod, c, st->link, st->pane_top);
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
        uint32_t step = (uint32_t)IW_MAX(st->pane_page / 2, 1);
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
