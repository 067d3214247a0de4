/* view_podresources: what a pod asks for at each stage of its start-up, which stage decides, where it
 * fits, and what other requests would change.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/stages.h"
#include "initwatch/ui/widget.h"
#include "podresources.h"

#define FIT_AGAIN_MS 5000 /* all pods are summed up for it */
#define SPLIT_COLS 120

/* --- page --- */

static void
panes_put(struct doc *d, const struct podresources_state *st, const struct view_env *env,
          const struct pod *pod)
{
    const struct pod *shown = podresources_shown(st, pod);
    if (d->width < SPLIT_COLS) {
        podresources_nodes(d, st, env);
        podresources_quota(d, env, shown);
        return;
    }
    int split = d->width / 2 + 1;
    doc_auto left, right;
    doc_init(&left, split);
    doc_init(&right, d->width - split - 1);
    podresources_nodes(&left, st, env);
    podresources_quota(&right, env, shown);
    doc_beside(d, &left, &right, split);
}

/* Cores or bytes; below 0: not known, or the user does not want it. */
static double
used_now(const struct podresources_state *st, const struct view_env *env, const struct pod *pod,
         bool cpu)
{
    struct usage_amounts used;
    if (!podresources_usage(st, env) || !usage_of_pod(env->usage, pod->ns, pod->name, &used))
        return -1;
    return cpu ? (double)used.cpu_nano / 1e9 : (double)used.memory_bytes;
}

/* Below it the table does not say what is used, so there the line does. */
#define USED_COLS 76

/* What the room decides: all above the containers. */
static void
upper_put(struct doc *d, const struct podresources_state *st, const struct view_env *env,
          const struct pod *pod, enum page_room room)
{
    bool memory_used = room >= ROOM_MEMORY_USED || d->width < USED_COLS;
    const struct pod *shown = podresources_shown(st, pod);
    size_t count = 0, others = 0;
    iw_autofree const char **names = resources_names(shown, &count);
    podresources_head(d, st, pod);
    podresources_edits(d, st, pod);
    if (room >= ROOM_BELOW_HEAD)
        doc_line(d);
    stages_put(d, shown, st->side, "cpu",
               room >= ROOM_CPU_USED ? used_now(st, env, pod, true) : -1);
    if (room >= ROOM_BETWEEN)
        doc_line(d);
    stages_put(d, shown, st->side, "memory", memory_used ? used_now(st, env, pod, false) : -1);
    if (room >= ROOM_FORMULA || d->width >= SPLIT_COLS)
        stages_put_simple(d, shown, st->side);
    for (size_t i = 0; i < count; i++)
        others += strcmp(names[i], "cpu") != 0 && strcmp(names[i], "memory") != 0;
    if (others > 0 && room >= ROOM_BETWEEN)
        doc_rule(d, tr("other resources"));
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], "cpu") != 0 && strcmp(names[i], "memory") != 0)
            stages_put_short(d, shown, st->side, names[i]);
    if (room >= ROOM_BETWEEN)
        doc_line(d);
}

/* With as much as the height allows for all of it, or else for all down to the containers; what is still
 * too long scrolls. The upper part comes back as put. lower: lines below it, of which `table` are the
 * containers'. */
static void
upper_put_fitting(struct doc *upper, const struct podresources_state *st,
                  const struct view_env *env, const struct pod *pod, int lower, int table)
{
    enum page_room room = ROOM_NONE;
    for (int r = ROOM_COUNT - 1; r > ROOM_NONE && table < st->height; r--) {
        upper_put(upper, st, env, pod, (enum page_room)r);
        int lines = (int)upper->lines;
        if (lines + lower <= st->height)
            return;
        if (room == ROOM_NONE && lines + table <= st->height)
            room = (enum page_room)r;
        doc_free(upper);
        doc_init(upper, upper->width);
    }
    upper_put(upper, st, env, pod, room);
}

/* Each part once: a pod may have hundreds of containers. */
static void
page_build(struct podresources_state *st, const struct view_env *env, const struct pod *pod,
           int cols)
{
    doc_auto lower;
    uint32_t row, table;
    doc_init(&lower, cols);
    podresources_table(&lower, st, env, pod, &row);
    table = lower.lines;
    panes_put(&lower, st, env, pod);
    podresources_hints(&lower, st, pod);
    doc_free(&st->page);
    doc_init(&st->page, cols);
    upper_put_fitting(&st->page, st, env, pod, (int)lower.lines, (int)table);
    st->table_line = st->page.lines + row;
    st->fit_line = st->page.lines + table;
    doc_append(&st->page, &lower);
}

/* --- state --- */

static void
podresources_fini(void *state)
{
    struct podresources_state *st = state;
    pod_free(st->edited);
    free(st->fits);
    doc_free(&st->page);
    strbuf_free(&st->copied);
}

/* At once: the next key may come before the next frame. */
static void
edits_changed(struct podresources_state *st, const struct pod *pod)
{
    pod_free(st->edited);
    st->edited = pod && st->whatif.count > 0 ? whatif_apply(pod, &st->whatif) : NULL;
    st->fit_stale = true;
}

/* Edits follow the pod's record; another pod begins without any. */
static void
edits_follow(struct podresources_state *st, const struct view_env *env, const struct pod *pod)
{
    uint64_t generation = store_pod_generation(env->store, env->pod);
    if (generation == st->edited_generation)
        return;
    st->edited_generation = generation;
    st->fit_stale = true;
    if (st->edited)
        edits_changed(st, pod);
}

static void
fits_refresh(struct podresources_state *st, const struct view_env *env, const struct pod *pod)
{
    uint64_t generation = store_generation(env->store);
    bool old = generation != st->fit_generation && env->now_wall_ms - st->fit_ms >= FIT_AGAIN_MS;
    size_t count = kobjects_count(env->objects, KOBJECT_NODE);
    bool same_nodes = !old && st->fit_known && count == st->fit_count;
    if (same_nodes && !st->fit_stale)
        return;
    st->fit_stale = false;
    if (same_nodes) {
        node_fits_judge(env->store, podresources_shown(st, pod), st->fits, st->fit_count);
        podresources_hints_judge(st, env->store, podresources_shown(st, pod));
        return;
    }
    st->fits = iw_reallocarray(st->fits, count ? count : 1, sizeof(*st->fits));
    st->fit_count =
        node_fits(env->store, podresources_shown(st, pod), !env->session->ns[0], st->fits, count);
    st->fit_generation = generation;
    st->fit_ms = env->now_wall_ms;
    st->fit_known = true;
    podresources_hints_judge(st, env->store, podresources_shown(st, pod));
}

static void
reveal_selected(struct podresources_state *st)
{
    uint32_t line = st->table_line + (uint32_t)st->selected,
             height = (uint32_t)IW_MAX(st->height, 1);
    if (!st->reveal)
        return;
    st->reveal = false;
    if (line < st->top || (st->selected == 0 && line < height))
        st->top = line < height ? 0 : line;
    else if (line >= st->top + height)
        st->top = line - height + 1;
}

static void
podresources_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct podresources_state *st = state;
    const struct pod *pod = podpane_pod(env);
    if (!pod_ref_equal(st->pod, env->pod)) {
        st->pod = env->pod;
        st->top = 0;
        st->selected = 0;
        st->whatif.count = 0;
        st->fit_known = false;
        edits_changed(st, pod);
    }
    if (!pod)
        return;
    edits_follow(st, env, pod);
    fits_refresh(st, env, pod);
    if (pod->container_count > 0)
        st->selected = IW_MIN(st->selected, (size_t)pod->container_count - 1);
    st->height = area.h - podpane_banner_lines(env);
    page_build(st, env, pod, area.w);
    st->max = doc_max_top(&st->page, st->height);
    reveal_selected(st);
    st->top = IW_MIN(st->top, st->max);
}

static void
podresources_draw(const void *state, const struct view_env *env, struct surface *s,
                  struct rect area)
{
    const struct podresources_state *st = state;
    if (podpane_begin(env, s, &area))
        doc_draw(&st->page, s, area, st->top);
}

/* --- keys --- */

static const struct container *
selected_of(const struct podresources_state *st, const struct pod *pod)
{
    const struct pod *shown = podresources_shown(st, pod);
    return st->selected < shown->container_count ? &shown->containers[st->selected] : NULL;
}

static void
flash_error(struct intent *out, const struct iw_error *err)
{
    out->kind = INTENT_FLASH;
    out->flag = true;
    snprintf(out->text, sizeof(out->text), "%s", err->msg);
}

static void
edit_set(struct podresources_state *st, const struct pod *pod, const struct whatif_edit *edit,
         struct intent *out)
{
    struct iw_error err = {0};
    if (whatif_set(&st->whatif, edit, &err) == IW_OK)
        edits_changed(st, pod);
    else
        flash_error(out, &err);
}

static void
amount_step(struct podresources_state *st, const struct pod *pod, bool up, struct intent *out)
{
    const struct container *c = selected_of(st, pod);
    struct whatif_edit edit = {.side = st->side};
    if (!c)
        return;
    snprintf(edit.container, sizeof(edit.container), "%s", c->name);
    snprintf(edit.name, sizeof(edit.name), "%s", podresources_amount(st->amount));
    whatif_step(podresources_text(c, st->side, edit.name), edit.name, up, edit.text);
    edit_set(st, pod, &edit, out);
}

static bool
whatif_act(struct podresources_state *st, const struct pod *pod, enum action action,
           struct intent *out)
{
    const struct container *c = selected_of(st, pod);
    struct whatif_edit edit;
    if (action == ACT_AMOUNT_UP || action == ACT_AMOUNT_DOWN) {
        amount_step(st, pod, action == ACT_AMOUNT_UP, out);
    } else if (action == ACT_EDIT_AMOUNT && c) {
        out->kind = INTENT_PROMPT;
        snprintf(out->text, sizeof(out->text), ":whatif %s %s%s=", c->name,
                 st->side == RESOURCE_LIMITS ? "limits." : "", podresources_amount(st->amount));
    } else if (action == ACT_UNDO && whatif_undo(&st->whatif)) {
        edits_changed(st, pod);
    } else if (action == ACT_TAKE_HINT && podresources_best_hint(st, pod, &edit)) {
        edit_set(st, pod, &edit, out);
    } else if (action == ACT_UNDO || action == ACT_TAKE_HINT) {
        out->kind = INTENT_FLASH;
        snprintf(out->text, sizeof(out->text), "%s",
                 action == ACT_UNDO ? tr("nothing was edited")
                                    : tr("no init container decides: nothing to suggest"));
    } else {
        return false;
    }
    return true;
}

static void
table_copy(struct podresources_state *st, const struct pod *pod, struct intent *out)
{
    strbuf_free(&st->copied);
    strbuf_init(&st->copied, LIMIT_COPY_BYTES);
    podresources_copy(podresources_shown(st, pod), &st->copied);
    intent_copy(out, st->copied.data, st->copied.len);
}

static bool
cursor_act(struct podresources_state *st, const struct pod *pod, enum action action)
{
    size_t last = pod->container_count ? pod->container_count - 1 : 0;
    if (action == ACT_DOWN)
        st->selected = IW_MIN(st->selected + 1, last);
    else if (action == ACT_UP)
        st->selected -= st->selected > 0;
    else if (action == ACT_TOP || action == ACT_BOTTOM)
        st->selected = action == ACT_TOP ? 0 : last;
    else if (action == ACT_LEFT || action == ACT_RIGHT)
        st->amount = action == ACT_RIGHT;
    else
        return false;
    st->reveal = action != ACT_TOP;
    if (action == ACT_TOP)
        st->top = 0;
    return true;
}

static bool
podresources_act(void *state, const struct view_env *env, enum action action, int32_t arg,
                 struct intent *out)
{
    struct podresources_state *st = state;
    const struct pod *pod = podpane_pod(env);
    int64_t top = st->top, page = IW_MAX(st->height - 1, 1);
    (void)arg;
    if (!pod)
        return false;
    if (cursor_act(st, pod, action) || whatif_act(st, pod, action, out))
        return true;
    if (action == ACT_COPY)
        table_copy(st, pod, out);
    else if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        st->side = st->side == RESOURCE_REQUESTS ? RESOURCE_LIMITS : RESOURCE_REQUESTS;
    else if (action == ACT_NODE_FIT)
        top = st->top == IW_MIN(st->fit_line, st->max) ? 0 : st->fit_line;
    else if (action == ACT_USAGE && (st->usage_off || podresources_usage(st, env)))
        st->usage_off = !st->usage_off;
    else if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        top += action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2;
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        top += action == ACT_PAGE_DOWN ? page : -page;
    else
        return false;
    st->top = (uint32_t)IW_MAX(0, IW_MIN(top, (int64_t)st->max));
    return true;
}

/* ":whatif i2 cpu=220m", ":whatif" alone takes all edits back. */
static bool
podresources_command(void *state, const struct view_env *env, const char *name, const char *arg,
                     struct intent *out)
{
    struct podresources_state *st = state;
    const struct pod *pod = podpane_pod(env);
    struct iw_error err = {0};
    if (strcmp(name, "whatif") != 0 || !pod)
        return false;
    if (!arg[0])
        st->whatif.count = 0;
    else if (whatif_parse(&st->whatif, pod, arg, &err) != IW_OK)
        flash_error(out, &err);
    edits_changed(st, pod);
    return true;
}

static void
podresources_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct podresources_state *st = state;
    (void)env;
    if (st->max > st->top)
        snprintf(out, out_size, tr("▾ %u more"), (unsigned)(st->max - st->top));
}

static bool
podresources_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                    char container[256])
{
    const struct podresources_state *st = state;
    const struct pod *p = podpane_pod(env);
    const struct container *c = p ? selected_of(st, p) : NULL;
    *pod = env->pod;
    snprintf(container, 256, "%s", c ? c->name : "");
    return p != NULL;
}

static uint32_t
podresources_wants(const void *state, const struct view_env *env)
{
    (void)state;
    (void)env;
    return NODEFIT_KINDS | KIND_BIT(QUOTA) | KIND_BIT(LIMITRANGE);
}

static size_t
podresources_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct podresources_state *st = state;
    (void)env;
    *scroll = &st->top;
    return st->max;
}

/* The key u opens "resources": those of the pod it is pressed on. */
static unsigned
podresources_wants_usage(const void *state, const struct view_env *env)
{
    (void)state, (void)env;
    return USAGE_OF_POD;
}

static bool
podresources_can(const void *state, const struct view_env *env, enum action action)
{
    const struct podresources_state *st = state;
    const struct pod *pod = podpane_pod(env);
    struct whatif_edit edit;
    if (action == ACT_TAKE_HINT)
        return pod && podresources_best_hint(st, pod, &edit);
    if (action == ACT_USAGE)
        return st->usage_off || podresources_usage(st, env);
    return action != ACT_UNDO || st->whatif.count > 0;
}

const struct view_class view_podresources = {
    .name = "resources",
    .title = "Resources",
    .help = "Requests and limits of one pod by start-up stage, which stage decides, where it fits, "
            "what if they were others",
    .scope = VIEW_POD,
    .tab = 5,
    .context = CTX_RESOURCES,
    .podish = true,
    .wants_usage = podresources_wants_usage,
    .state_size = sizeof(struct podresources_state),
    .fini = podresources_fini,
    .recalc = podresources_recalc,
    .draw = podresources_draw,
    .unseen = podresources_unseen,
    .act = podresources_act,
    .can = podresources_can,
    .command = podresources_command,
    .tab_note = podresources_note,
    .cursor = podresources_cursor,
    .wants = podresources_wants,
};
