/* view_why: what keeps a pod from being ready: keys and scrolling of the page.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/tr.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"
#include "why.h"

#define ALSO_AGAIN_MS 5000 /* other pods are judged for it */
#define ALSO_LOOK 300

static void
also_refresh(struct why_state *st, const struct view_env *env, const struct pod *pod,
             const struct podcase *p)
{
    uint64_t generation = store_generation(env->store);
    int64_t now_ms = podpane_now(env);
    bool old = generation != st->also_generation && now_ms - st->also_ms >= ALSO_AGAIN_MS;
    struct diag_env de = {
        .pod = pod, .events = store_events(env->store), .store = env->store, .now_wall_ms = now_ms};
    if (p->count == 0) {
        st->also.total = st->also.count = 0;
        return;
    }
    if (!old && st->also_ms != 0)
        return;
    verdict_also(&de, &p->found[0], ALSO_LOOK, &st->also);
    st->also_generation = generation;
    st->also_ms = now_ms;
}

/* What c copies and Enter opens. */
static void
selected_keep(struct why_state *st, const struct podcase *p)
{
    const struct chain_step *root = p->chain->count ? chain_root(p->chain) : NULL;
    st->copy[0] = st->container[0] = st->object.name[0] = '\0';
    if (p->count == 0)
        return;
    const struct finding *f = &p->found[st->selected];
    snprintf(st->copy, sizeof(st->copy), "%s",
             f->advice_count ? f->advice[finding_to_paste(f)] : f->summary);
    snprintf(st->container, sizeof(st->container), "%s", f->container ? f->container->name : "");
    if (st->selected == 0 && root && kobject_kind_parse(root->kind, &st->object.kind)) {
        snprintf(st->object.ns, sizeof(st->object.ns), "%s", root->ns);
        snprintf(st->object.name, sizeof(st->object.name), "%s", root->name);
    }
}

static void
why_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct why_state *st = state;
    const struct pod *pod = podpane_pod(env);
    struct why_page p;
    if (!pod_ref_equal(st->pod, env->pod))
        *st = (struct why_state){.pod = env->pod};
    if (!pod)
        return;
    st->height = area.h - podpane_banner_lines(env);
    also_refresh(st, env, pod, podcase_of(env, pod));
    why_page_write(&p, st, env, pod, area.w);
    st->max = doc_max_top(&p.doc, st->height);
    st->top = IW_MIN(st->top, st->max);
    st->count = p.judged->count;
    st->selected = p.judged->count ? IW_MIN(st->selected, p.judged->count - 1) : 0;
    memcpy(st->lines, p.lines, sizeof(st->lines));
    selected_keep(st, p.judged);
    why_page_free(&p);
}

static void
why_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct why_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    struct why_page p;
    if (!pod)
        return;
    why_page_write(&p, st, env, pod, area.w);
    doc_draw(&p.doc, s, area, st->top);
    if (p.judged->count > 1 && st->selected < p.judged->count) {
        int y = area.y + (int)p.lines[st->selected] - (int)st->top;
        if (y >= area.y && y < area.y + area.h)
            surface_puts(s, area, area.x, y, ROLE_KEY, "▸");
    }
    why_page_free(&p);
}

static void
why_select(struct why_state *st, bool next)
{
    if (st->count == 0)
        return;
    st->selected = (st->selected + (next ? 1 : st->count - 1)) % st->count;
    uint32_t line = st->lines[st->selected];
    if (line < st->top || line >= st->top + (uint32_t)IW_MAX(st->height - 2, 1))
        st->top = IW_MIN(line, st->max);
}

static bool
why_scroll(struct why_state *st, enum action action)
{
    int64_t top = st->top, page = IW_MAX(st->height - 1, 1);
    if (action == ACT_DOWN || action == ACT_UP)
        top += action == ACT_DOWN ? 1 : -1;
    else if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        top += action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2;
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        top += action == ACT_PAGE_DOWN ? page : -page;
    else if (action == ACT_TOP || action == ACT_BOTTOM)
        top = action == ACT_TOP ? 0 : st->max;
    else
        return false;
    st->top = (uint32_t)IW_MAX(0, IW_MIN(top, (int64_t)st->max));
    return true;
}

static bool
why_act(void *state, const struct view_env *env, enum action action, int32_t arg,
        struct intent *out)
{
    struct why_state *st = state;
    (void)arg;
    if ((action == ACT_FIND_NEXT || action == ACT_FIND_PREV) && st->count > 1) {
        why_select(st, action == ACT_FIND_NEXT);
        return true;
    }
    if (action == ACT_COPY && st->copy[0]) {
        out->kind = INTENT_COPY;
        snprintf(out->text, sizeof(out->text), "%s", st->copy);
        return true;
    }
    if (action == ACT_OPEN && intent_open_object(out, env->store, &st->object))
        return true;
    if (action == ACT_OPEN && podpane_pod(env)) {
        out->kind = INTENT_SWITCH;
        out->view = "detail";
        out->pod = env->pod;
        snprintf(out->container, sizeof(out->container), "%s", st->container);
        return true;
    }
    return why_scroll(st, action);
}

static bool
why_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct why_state *st = state;
    *pod = env->pod;
    snprintf(container, 256, "%s",
             st->container[0] ? st->container
             : env->container ? env->container
                              : "");
    return podpane_pod(env) != NULL;
}

static void
why_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct why_state *st = state;
    char more[32] = "";
    (void)env;
    if (st->max > st->top)
        snprintf(more, sizeof(more), "  ▾%u", (unsigned)(st->max - st->top));
    if (st->count > 1)
        snprintf(out, out_size, tr("%zu/%zu  n next%s"), st->selected + 1, st->count, more);
    else
        snprintf(out, out_size, "%s", more[0] ? more + 2 : "");
}

/* "✗1 ⚠2", "✓" when nothing is wrong. */
static void
why_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    const struct pod *pod = podpane_pod(env);
    if (!pod)
        return;
    const struct podcase *p = podcase_of(env, pod);
    size_t n = p->count, errors = 0;
    for (size_t i = 0; i < n; i++)
        errors += p->found[i].severity == SEVERITY_ERROR;
    char warnings[32] = "";
    if (n > errors)
        snprintf(warnings, sizeof(warnings), "⚠%zu", n - errors);
    if (errors)
        snprintf(out, out_size, "✗%zu%s%s", errors, warnings[0] ? " " : "", warnings);
    else
        snprintf(out, out_size, "%s", n ? warnings : "✓");
}

static bool
why_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return podpane_pod(env) != NULL;
}

static uint32_t
why_wants(const void *state, const struct view_env *env)
{
    const struct pod *pod = podpane_pod(env);
    (void)state;
    return pod && pod_waits_for_services(pod) ? CHAIN_KINDS : 0;
}

static size_t
why_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct why_state *st = state;
    (void)env;
    *scroll = &st->top;
    return st->max;
}

static bool
why_can(const void *state, const struct view_env *env, enum action action)
{
    const struct why_state *st = state;
    (void)env;
    return action == ACT_FIND_NEXT ? st->count > 1 : action != ACT_COPY || st->copy[0];
}

const struct view_class view_why = {
    .name = "why",
    .title = "Why",
    .help = "What keeps the pod from being ready: the chain of causes, what helps, the evidence",
    .scope = VIEW_POD,
    .tab = 6,
    .context = CTX_WHY,
    .podish = true,
    .state_size = sizeof(struct why_state),
    .recalc = why_recalc,
    .draw = why_draw,
    .unseen = why_unseen,
    .act = why_act,
    .can = why_can,
    .tab_note = why_note,
    .wants = why_wants,
    .tab_count = why_tab_count,
    .tab_count_narrow = true,
    .cursor = why_cursor,
    .ticks = why_ticks,
};
