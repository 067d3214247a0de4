/* view_describe: the pod as `kubectl describe pod` orders it, but init containers and sidecars stand
 * in start order, and what can be worked out is worked out: how long, how often, what is needed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "describe.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

struct describe_state {
    uint32_t top, lines; /* scrolled to; of the last page drawn */
    int height;
    VEC(uint32_t) sections; /* their first lines: rules, containers */
};

static void
describe_fini(void *state)
{
    struct describe_state *st = state;
    vec_free(&st->sections);
}

/* Rules and the titles of containers begin in the first column. */
static void
find_sections(struct describe_state *st, const struct doc *d)
{
    vec_clear(&st->sections);
    for (size_t i = 0; i < d->segments.len; i++) {
        const struct doc_segment *seg = &d->segments.items[i];
        if (seg->x == 0 && (seg->role == ROLE_RULE || seg->role == ROLE_TITLE))
            vec_push(&st->sections, seg->line);
    }
}

static void
describe_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct describe_state *st = state;
    const struct pod *pod = podpane_pod(env);
    if (!pod)
        return;
    doc_auto d;
    doc_init(&d, area.w);
    describe_page(&d, env, pod);
    st->height = area.h - podpane_banner_lines(env);
    st->lines = d.lines;
    find_sections(st, &d);
    st->top = IW_MIN(st->top, doc_max_top(&d, IW_MAX(st->height, 1)));
}

static void
describe_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct describe_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    if (!pod)
        return;
    doc_auto d;
    doc_init(&d, area.w);
    describe_page(&d, env, pod);
    doc_draw(&d, s, area, st->top);
}

/* The first Secret or ConfigMap that the pod needs. */
static bool
first_config(const struct pod *pod, struct kobject_ref *out)
{
    const char *name = "";
    for (const struct container *c = NULL; !name[0] && (c = pod_containers(pod, c)) != NULL;) {
        if (c->ref_count && kobject_kind_parse(c->refs[0].kind, &out->kind))
            name = c->refs[0].name;
    }
    for (uint32_t i = 0; !name[0] && i < pod->volume_count; i++) {
        if (pod_volume_object(&pod->volumes[i], &out->kind) && out->kind != KOBJECT_PVC)
            name = pod->volumes[i].ref;
    }
    (void)snprintf(out->ns, sizeof(out->ns), "%.63s", pod->ns);
    (void)snprintf(out->name, sizeof(out->name), "%.253s", name);
    return name[0] != '\0';
}

static void
go_section(struct describe_state *st, bool forward, uint32_t most)
{
    size_t at = 0;
    while (at < st->sections.len && st->sections.items[at] < st->top + (forward ? 1 : 0))
        at++;
    if (forward && at < st->sections.len)
        st->top = IW_MIN(st->sections.items[at], most);
    else if (!forward)
        st->top = at > 0 ? st->sections.items[at - 1] : 0;
}

static bool
describe_act(void *state, const struct view_env *env, enum action action, int32_t arg,
             struct intent *out)
{
    struct describe_state *st = state;
    const struct pod *pod = podpane_pod(env);
    uint32_t height = (uint32_t)IW_MAX(st->height, 2);
    uint32_t most = st->lines > height ? st->lines - height : 0;
    (void)arg;
    if (action == ACT_OPEN && pod) {
        if (!first_config(pod, &out->object)) {
            out->kind = INTENT_FLASH;
            (void)snprintf(out->text, sizeof(out->text), "%s",
                           tr("this pod needs no Secret and no ConfigMap"));
            return true;
        }
        out->kind = INTENT_OPEN;
        out->view = "card";
        out->pod = env->pod;
        return true;
    }
    if (action == ACT_NEXT_SECTION || action == ACT_PREV_SECTION) {
        go_section(st, action == ACT_NEXT_SECTION, most);
        return true;
    }
    struct list_cursor c = {.selected = st->top};
    if (!list_cursor_act(&c, action, most + 1, height))
        return false;
    st->top = (uint32_t)c.selected;
    return true;
}

static void
describe_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct describe_state *st = state;
    (void)env;
    if (st->lines)
        (void)snprintf(out, out_size, "%u/%u", st->top + 1, st->lines);
}

static bool
describe_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                char container[256])
{
    (void)state;
    *pod = env->pod;
    container[0] = '\0';
    return podpane_pod(env) != NULL;
}

static bool
describe_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return podpane_pod(env) != NULL;
}

static uint32_t
describe_wants(const void *state, const struct view_env *env)
{
    const struct pod *pod = podpane_pod(env);
    uint32_t kinds = 0;
    (void)state;
    for (uint32_t i = 0; pod && i < pod->volume_count; i++) {
        enum kobject_kind kind;
        if (pod_volume_object(&pod->volumes[i], &kind))
            kinds |= 1u << kind;
    }
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->ref_count; i++) {
            enum kobject_kind kind;
            if (kobject_kind_parse(c->refs[i].kind, &kind))
                kinds |= 1u << kind;
        }
    }
    return kinds;
}

static size_t
describe_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct describe_state *st = state;
    (void)env;
    *scroll = &st->top;
    return list_unseen(st->lines, st->height);
}

const struct view_class view_describe = {
    .name = "describe",
    .title = "Describe",
    .help = "The pod as kubectl describes it, in start order, with what can be worked out",
    .scope = VIEW_POD,
    .tab = 8,
    .context = CTX_DESCRIBE,
    .podish = true,
    .wants_raw = true,
    .state_size = sizeof(struct describe_state),
    .fini = describe_fini,
    .recalc = describe_recalc,
    .draw = describe_draw,
    .unseen = describe_unseen,
    .act = describe_act,
    .tab_note = describe_note,
    .cursor = describe_cursor,
    .ticks = describe_ticks,
    .wants = describe_wants,
};
