/* view_pods: all pods, the most stuck first; each row says why. Below it the live explanation of
 * the pod under the cursor.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "pods.h"

/* What a name below the head of its group stands further in. */
enum { GROUP_INDENT = 2 };

struct pods_state {
    struct pods_list list;
};

/* --- layout --- */

enum { LIST_EMPTY_ROWS = 3, PANE_MIN_LINES = 7, PANE_MIN_AREA = 12 };

struct pods_layout {
    struct rect cards, head, list, pane; /* h 0: not there */
};

static struct pods_layout
layout_of(const struct pods_state *st, const struct view_env *env, struct rect area)
{
    struct pods_layout l = {0};
    int count = (int)IW_MIN(pods_list_count(&st->list), (size_t)10000);
    l.cards = (struct rect){area.x, area.y, area.w, pod_cards_height(env, area)};
    l.head = (struct rect){area.x, area.y + l.cards.h, area.w, IW_MIN(1, area.h)};
    int top = l.head.y + l.head.h, room = area.y + area.h - top;
    /* The pane has a fixed share; lines the list does not need are given to it. */
    int pane = area.h >= 30 ? area.h * 2 / 5 : area.h >= 19 ? PANE_MIN_LINES : area.h / 3;
    if (area.h < PANE_MIN_AREA)
        pane = 0;
    int list = IW_MAX(room - pane, 0);
    if (pane && count < list)
        list = count ? count : LIST_EMPTY_ROWS;
    if (pane && area.h >= 30 && list < room - pane)
        list++; /* a blank line between list and pane */
    l.list = (struct rect){area.x, top, area.w, list};
    l.pane = (struct rect){area.x, top + list, area.w, pane ? room - list : 0};
    return l;
}

static void
draw_line(const struct pods_state *st, const struct view_env *env, struct surface *s,
          const struct pod_columns *c, int y, struct pods_line line)
{
    const struct pods_list *l = &st->list;
    const struct pod_fact *f = pod_rows_fact(&l->rows, line.pod);
    if (line.pod.gen)
        pod_table_row(s, c, y, line.pod, env, f && f->marked, l->grouped ? GROUP_INDENT : 0);
    else
        pod_table_group(s, c, y, &l->groups.sums.items[line.group],
                        pod_group_is_folded(&l->groups, line.group), env);
}

static void
pods_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct pods_state *st = state;
    const struct pods_list *list = &st->list;
    struct pods_layout l = layout_of(st, env, area);
    if (l.cards.h)
        pod_cards_draw(&list->rows, env, s, l.cards);
    if (pods_list_count(list) == 0) {
        struct rect rest = {area.x, l.head.y, area.w, area.h - l.cards.h};
        pods_list_empty(list, env, s, rest);
        return;
    }
    struct pod_columns c;
    pod_columns_fit(&c, &list->rows, env, area, list->grouped ? GROUP_INDENT : 0);
    if (l.head.h)
        pod_table_head(s, &c, l.head, &list->rows);
    for (int i = 0; i < l.list.h; i++) {
        size_t at = list->cursor.top + (size_t)i;
        if (at >= pods_list_count(list))
            break;
        int y = l.list.y + i;
        draw_line(st, env, s, &c, y, pods_list_at(list, at));
        if (at == list->cursor.selected) {
            surface_puts(s, l.list, area.x, y, ROLE_KEY, "▸");
            surface_flag(s, (struct rect){area.x + 1, y, area.w - 1, 1}, CELL_SELECTED);
        }
    }
    if (l.pane.h)
        pod_pane_draw(env, pods_list_pod(list), &list->usual, s, l.pane);
}

/* --- state --- */

static void
pods_init(void *state)
{
    struct pods_state *st = state;
    pods_list_init(&st->list, false);
}

static void
pods_fini(void *state)
{
    struct pods_state *st = state;
    pods_list_fini(&st->list);
}

static void
pods_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct pods_state *st = state;
    pods_list_update(&st->list, env);
    struct pods_layout l = layout_of(st, env, area);
    if (l.cards.h)
        pod_rows_durations(&st->list.rows, env);
    pods_list_settle(&st->list, env, (size_t)IW_MAX(l.list.h, 0));
}

static void
set_grouped(struct pods_list *l, bool grouped)
{
    struct pod_ref pod = pods_list_pod(l);
    l->grouped = grouped;
    l->selected = (struct pods_line){PODS_NO_GROUP, pod};
}

static bool
pods_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct pods_state *st = state;
    if (action == ACT_GROUP) {
        set_grouped(&st->list, !st->list.grouped);
        return true;
    }
    return pods_list_act(&st->list, env, action, arg, out);
}

static void
pods_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct pods_state *st = state;
    (void)env;
    (void) final;
    pod_rows_filter(&st->list.rows, text);
}

static bool
pods_command(void *state, const struct view_env *env, const char *name, const char *arg,
             struct intent *out)
{
    struct pods_state *st = state;
    (void)env;
    if (strcmp(name, "group") != 0)
        return pods_list_command(&st->list, name, arg, out);
    bool owner = strcmp(arg, "owner") == 0, none = strcmp(arg, "none") == 0;
    if (owner || none) {
        set_grouped(&st->list, owner);
        return true;
    }
    *out = (struct intent){.kind = INTENT_FLASH, .flag = true};
    snprintf(out->text, sizeof(out->text), "%s", tr("group: by owner, or none"));
    return true;
}

static void
pods_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct pods_state *st = state;
    (void)env;
    pods_list_note(&st->list, out, out_size);
    size_t used = strlen(out);
    if (used < out_size)
        snprintf(out + used, out_size - used, "   %s",
                 st->list.grouped ? tr("group: owner") : tr("group: none"));
}

static const char *
pods_chip(const void *state, size_t index, bool *wrong)
{
    const struct pods_state *st = state;
    return pods_list_chip(&st->list, index, wrong);
}

static void
pods_head_note(const void *state, const struct view_env *env, struct surface *s, struct rect clip)
{
    static const struct {
        enum container_sign sign;
        enum role role;
        enum pod_group group;
    } parts[] = {{SIGN_FAILED, ROLE_ERROR, POD_GROUP_FAILED},
                 {SIGN_WORKING, ROLE_WORKING, POD_GROUP_WORKING},
                 {SIGN_WAITS, ROLE_WAITING, POD_GROUP_WAITING},
                 {SIGN_UNREADY, ROLE_UNREADY, POD_GROUP_UNREADY},
                 {SIGN_OK, ROLE_OK, POD_GROUP_OK}};
    const struct pods_state *st = state;
    const struct pod_totals *t = &st->list.rows.totals;
    bool motion = env->prefs->motion && !s->ascii;
    int x = clip.x + surface_printf(s, clip, clip.x, clip.y, ROLE_TEXT,
                                    t->pods == 1 ? tr("%zu pod ") : tr("%zu pods "), t->pods);
    for (size_t i = 0; i < IW_COUNTOF(parts); i++)
        if (t->groups[parts[i].group])
            x += 1 + surface_printf(s, clip, x + 1, clip.y, parts[i].role, "%s%zu",
                                    sign_glyph(parts[i].sign, env->now_wall_ms, motion),
                                    t->groups[parts[i].group]);
    if (t->marked)
        surface_printf(s, clip, x + 2, clip.y, ROLE_KEY, tr("• %zu marked"), t->marked);
}

static bool
pods_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct pods_state *st = state;
    (void)env;
    *pod = pods_list_pod(&st->list);
    container[0] = 0;
    return pod->gen != 0;
}

static void
pods_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    snprintf(out, out_size, "%zu", store_count(env->store));
}

static bool
pods_ticks(const void *state, const struct view_env *env)
{
    const struct pods_state *st = state;
    (void)env;
    return pods_list_count(&st->list) > 0;
}

static const struct pod_ref *
pods_order(const void *state, size_t *count)
{
    const struct pods_state *st = state;
    return pods_list_order(&st->list, count);
}

static void
pods_focus(void *state, struct pod_ref pod)
{
    struct pods_state *st = state;
    pods_list_focus(&st->list, pod);
}

static uint32_t
pods_wants(const void *state, const struct view_env *env)
{
    const struct pods_state *st = state;
    return pods_list_wants(&st->list, env);
}

static size_t
pods_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct pods_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(pods_list_count(&st->list), (int64_t)st->list.height);
}

static unsigned
pods_wants_usage(const void *state, const struct view_env *env)
{
    (void)state;
    return env->prefs->wide ? USAGE_OF_PODS : 0;
}

static bool
pods_can(const void *state, const struct view_env *env, enum action action)
{
    const struct pods_state *st = state;
    (void)env;
    return pods_list_can(&st->list, action);
}

const struct view_class view_pods = {
    .name = "pods",
    .title = "Pods",
    .help = "All pods with their init progress, the most stuck first, and why.",
    .scope = VIEW_CLUSTER,
    .tab = 1,
    .context = CTX_PODS,
    .podish = true,
    .chips = true,
    .wants_usage = pods_wants_usage,
    .state_size = sizeof(struct pods_state),
    .init = pods_init,
    .fini = pods_fini,
    .recalc = pods_recalc,
    .draw = pods_draw,
    .unseen = pods_unseen,
    .act = pods_act,
    .can = pods_can,
    .wide_columns = true,
    .filter = pods_filter,
    .chip = pods_chip,
    .tab_note = pods_tab_note,
    .head_note = pods_head_note,
    .tab_count = pods_tab_count,
    .cursor = pods_cursor,
    .ticks = pods_ticks,
    .order = pods_order,
    .focus = pods_focus,
    .command = pods_command,
    .wants = pods_wants,
};
