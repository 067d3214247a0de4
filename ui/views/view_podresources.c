/* view_podresources: what a pod asks for at each stage of its start-up, and which stage decides.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/ui/podpane.h"
#include "initwatch/ui/stages.h"
#include "initwatch/ui/widget.h"

struct podresources_state {
    struct pod_ref pod;
    enum resource_side side;
    uint32_t top, max;
    int height;
};

static void
head_lines(struct doc *d, const struct pod *pod, enum resource_side side)
{
    char why[256];
    const char *qos = resources_qos(pod, why, sizeof(why));
    doc_line(d);
    doc_put(d, ROLE_TITLE, " QoS %s", qos);
    if (why[0])
        doc_put(d, ROLE_DIM, " (%s)", why);
    if (pod->node[0] && d->width - d->x > 30)
        doc_put(d, ROLE_DIM, "   node %s", pod->node);
    if (d->width >= 120 && pod->pod_resources_present)
        doc_put(d, ROLE_DIM, "   pod-level resources are set");
    doc_right(d, ROLE_KEY, side == RESOURCE_REQUESTS ? "Tab limits " : "Tab requests ");
}

/* airy: 2 with blank lines between all parts, 1 with some, 0 with none. */
static void
page_build(struct doc *d, const struct pod *pod, enum resource_side side, int64_t now_ms, int airy)
{
    size_t count = 0, others = 0;
    iw_autofree const char **names = resources_names(pod, &count);
    head_lines(d, pod, side);
    if (airy > 0)
        doc_line(d);
    stages_put(d, pod, side, "cpu");
    if (airy > 0)
        doc_line(d);
    stages_put(d, pod, side, "memory");
    for (size_t i = 0; i < count; i++)
        others += strcmp(names[i], "cpu") != 0 && strcmp(names[i], "memory") != 0;
    if (others > 0 && airy > 0)
        doc_rule(d, "other resources");
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], "cpu") != 0 && strcmp(names[i], "memory") != 0)
            stages_put_short(d, pod, side, names[i]);
    if (airy > 1)
        doc_line(d);
    doc_rule(d, "containers");
    stages_put_containers(d, pod, now_ms);
}

/* As airy as the height allows; what is still too long scrolls. */
static void
page_fit(struct doc *d, const struct pod *pod, enum resource_side side, int64_t now_ms,
         struct rect area)
{
    for (int airy = 2; airy >= 0; airy--) {
        doc_init(d, area.w);
        page_build(d, pod, side, now_ms, airy);
        if ((int)d->lines <= area.h || airy == 0)
            return;
        doc_free(d);
    }
}

static void
podresources_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct podresources_state *st = state;
    const struct pod *pod = podpane_pod(env);
    if (!pod_ref_equal(st->pod, env->pod)) {
        st->pod = env->pod;
        st->top = 0;
    }
    if (!pod)
        return;
    st->height = area.h - podpane_banner_lines(env);
    doc_auto d;
    page_fit(&d, pod, st->side, podpane_now(env), (struct rect){0, 0, area.w, st->height});
    st->max = doc_max_top(&d, st->height);
    st->top = IW_MIN(st->top, st->max);
}

static void
podresources_draw(const void *state, const struct view_env *env, struct surface *s,
                  struct rect area)
{
    const struct podresources_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    if (!pod)
        return;
    doc_auto d;
    page_fit(&d, pod, st->side, podpane_now(env), area);
    doc_draw(&d, s, area, st->top);
}

static bool
podresources_act(void *state, const struct view_env *env, enum action action, int32_t arg,
                 struct intent *out)
{
    struct podresources_state *st = state;
    int64_t top = st->top, page = IW_MAX(st->height - 1, 1);
    (void)env;
    (void)arg;
    (void)out;
    if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        st->side = st->side == RESOURCE_REQUESTS ? RESOURCE_LIMITS : RESOURCE_REQUESTS;
    else if (action == ACT_DOWN || action == ACT_UP)
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

static void
podresources_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct podresources_state *st = state;
    (void)env;
    const char *side = st->side == RESOURCE_REQUESTS ? "requests" : "limits";
    if (st->max > st->top)
        snprintf(out, out_size, "%s  ▾ %u more", side, (unsigned)(st->max - st->top));
    else
        snprintf(out, out_size, "%s", side);
}

static bool
podresources_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                    char container[256])
{
    (void)state;
    *pod = env->pod;
    snprintf(container, 256, "%s", env->container ? env->container : "");
    return podpane_pod(env) != NULL;
}

/* The key u opens "resources": those of the pod it is pressed on. */
const struct view_class view_podresources = {
    .name = "resources",
    .title = "Resources",
    .help = "Requests and limits of one pod by start-up stage, which stage decides, what is idle",
    .scope = VIEW_POD,
    .tab = 5,
    .context = CTX_RESOURCES,
    .podish = true,
    .state_size = sizeof(struct podresources_state),
    .recalc = podresources_recalc,
    .draw = podresources_draw,
    .act = podresources_act,
    .tab_note = podresources_note,
    .cursor = podresources_cursor,
};
