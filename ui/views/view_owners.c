/* view_owners: one row for each Deployment, StatefulSet, DaemonSet, Job ...: how its pods start, what those in trouble have in
 * common, and how far its rollout is. A row opens to its pods.
 *
 * The rows come from the pods; the objects of the workloads, when they may be listed, add what pods cannot tell: the
 * rollout with its deadline, and owners that have no pods at all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/rollout.h"
#include "pods.h"

enum {
    OWNER_INDENT = 2,
    OWNER_FACT_LINES = 2,
    OWNER_PANE_AREA = 16,
    OWNER_NAME_MAX = 40,
    OWNER_STATE_MAX = 48,
    OWNER_STATE_WORDS = 30, /* fewer cells name only the step */
    OWNER_ROLLOUT_LEAST = 44,
    OWNER_WIDE_COLS = 130 /* from here on the rollout has a column of its own */
};

struct owners_state {
    struct pods_list list;
    int state_cols, rollout_cols; /* the widest, of the last recalc on a wide screen */
};

/* --- columns --- */

enum owner_column { OWN_NS, OWN_NAME, OWN_KIND, OWN_PODS, OWN_STRIP, OWN_RST, OWN_FOR, OWN_STATE };
enum { OWN_ROLLOUT = OWN_STATE + 1, OWN_COUNT };

struct owner_columns {
    int x[OWN_COUNT], w[OWN_COUNT];
};

static int
between(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* Wide: the name has what it needs as long as enough is left of what follows; then the state, then the rollout. */
static void
columns_share(struct owner_columns *c, const struct owners_state *st, int room)
{
    int rollout = st->rollout_cols ? IW_MAX(st->rollout_cols, 7) : 0, state = st->state_cols;
    int least = IW_MIN(rollout, OWNER_ROLLOUT_LEAST);
    int most = IW_MAX(room - IW_MIN(state, OWNER_STATE_WORDS) - least, c->w[OWN_NAME]);
    room += rollout ? 0 : 1; /* no column, no gap */
    c->w[OWN_NAME] = between(st->list.groups.name_cols + 2, c->w[OWN_NAME], most);
    room -= c->w[OWN_NAME];
    if (rollout)
        state =
            IW_MIN(state, IW_MAX(room - rollout, IW_MIN(OWNER_STATE_MAX, IW_MAX(room - least, 0))));
    c->w[OWN_STATE] = rollout ? state : room;
    c->w[OWN_ROLLOUT] = rollout ? room - state : 0;
}

static struct owner_columns
columns_fit(const struct owners_state *st, const struct view_env *env, struct rect area)
{
    const struct pods_list *l = &st->list;
    const struct pod_groups *g = &l->groups;
    const int cols = area.w, lead = cols >= 100 ? 2 : 1;
    const char *ns = env->session->ns;
    bool many = (!ns[0] || strchr(ns, ',')) && pod_rows_many_namespaces(&l->rows, env->store);
    struct owner_columns c = {.w = {
                                  [OWN_NS] = many && cols >= 66 ? between(g->ns_cols, 2, 12) : 0,
                                  [OWN_NAME] = between(g->name_cols + 2, 10, cols < 70 ? 14 : 18),
                                  [OWN_KIND] = cols >= 70 ? between(g->kind_cols, 4, 8) : 0,
                                  [OWN_PODS] = 5,
                                  [OWN_STRIP] = between(g->strip_cols, 5, cols < 100 ? 11 : 16),
                                  [OWN_RST] = cols >= 100 ? 4 : 0,
                                  [OWN_FOR] = 5,
                              }};
    const int name = c.w[OWN_NAME];
    int used = lead;
    for (int i = 0; i < OWN_COUNT; i++)
        used += i != OWN_STATE && c.w[i] ? c.w[i] + (i == OWN_FOR ? 2 : 1) : 0;
    if (cols >= OWNER_WIDE_COLS) { /* and the gap in front of the rollout */
        columns_share(&c, st, cols - used - 1 + name);
    } else {
        int spare = IW_MAX(cols - used - 34, 0);
        c.w[OWN_NAME] +=
            IW_MIN(spare, IW_MAX(IW_MIN(g->name_cols + 2, OWNER_NAME_MAX) - c.w[OWN_NAME], 0));
        c.w[OWN_STATE] = IW_MAX(cols - used - c.w[OWN_NAME] + name, 0);
    }
    int x = area.x + lead;
    for (int i = 0; i < OWN_COUNT; i++) {
        c.x[i] = x;
        x += c.w[i] ? c.w[i] + (i == OWN_FOR ? 2 : 1) : 0;
    }
    return c;
}

static void
draw_head(struct surface *s, const struct owner_columns *c, struct rect line,
          const struct pod_rows *r)
{
    static const char *const titles[OWN_COUNT] = {
        TR_MARK("NS"),  TR_MARK("OWNER"), TR_MARK("KIND"),  TR_MARK("READY"),  TR_MARK("WORST"),
        TR_MARK("RST"), TR_MARK("FOR"),   TR_MARK("STATE"), TR_MARK("ROLLOUT")};
    for (int i = 0; i < OWN_COUNT; i++) {
        bool right = i == OWN_RST || i == OWN_FOR || i == OWN_PODS;
        bool stuck = i == OWN_STATE && r->sort == POD_SORT_STUCK && !r->reverse;
        surface_field(s, line, c->x[i], line.y, c->w[i], right, stuck ? ROLE_TAB : ROLE_DIM,
                      stuck ? tr("STATE (stuck first)") : tr(titles[i]));
    }
}

/* --- rows --- */

/* What the workload's object says; false when it is not known. */
static bool
rollout_of_sum(const struct pod_group_sum *sum, const struct view_env *env, struct rollout *out)
{
    enum kobject_kind kind;
    const struct kobject *o;
    if (strcmp(sum->kind, "CronJob") == 0)
        return rollout_of_cronjob(env->objects, sum->ns, sum->name, env->now_wall_ms, out);
    if (!kobject_kind_parse(sum->kind, &kind) || kind == KOBJECT_POD ||
        kobjects_look(env->objects, kind, sum->ns, sum->name, &o) != OBJECTS_FOUND)
        return false;
    rollout_of(o, env->now_wall_ms, out);
    return o->workload != NULL;
}

static enum role
role_of(enum block_severity severity)
{
    static const enum role roles[] = {[BLOCK_NONE] = ROLE_DIM,
                                      [BLOCK_PROGRESS] = ROLE_WORKING,
                                      [BLOCK_WAIT] = ROLE_WORKING,
                                      [BLOCK_WARN] = ROLE_UNREADY,
                                      [BLOCK_ERROR] = ROLE_ERROR};
    return (unsigned)severity < IW_COUNTOF(roles) ? roles[severity] : ROLE_TEXT;
}

static void
owner_state_text(const struct pod_group_sum *sum, char *out, size_t out_size)
{
    pod_group_text(sum, out, out_size);
    if (!out[0] && sum->pods == 0)
        snprintf(out, out_size, "%s",
                 sum->severity == BLOCK_NONE && strcmp(sum->kind, "CronJob") != 0
                     ? tr("scaled to 0")
                     : tr("no pods"));
}

static void
draw_state(struct surface *s, const struct owner_columns *c, struct rect line,
           const struct pod_group_sum *sum, const struct rollout *rollout)
{
    char text[400];
    owner_state_text(sum, text, sizeof(text));
    /* The name of the step says more than that something is stuck: its sign and colour do. */
    bool narrow = c->w[OWN_STATE] < OWNER_STATE_WORDS && sum->stuck > 0;
    if (sum->pods > 0 && (narrow || utf8_width(text, strlen(text)) > c->w[OWN_STATE]))
        pod_group_brief(sum, text, sizeof(text));
    surface_field(s, line, c->x[OWN_STATE], line.y, c->w[OWN_STATE], false,
                  role_of((enum block_severity)sum->severity), text);
    if (!rollout || !rollout->text[0])
        return;
    enum role role = role_of(rollout->severity);
    if (c->w[OWN_ROLLOUT]) {
        surface_field(s, line, c->x[OWN_ROLLOUT], line.y, c->w[OWN_ROLLOUT], false, role,
                      rollout_brief(rollout));
        return;
    }
    /* Behind the state, when that leaves room for the beginning of it. */
    int x = c->x[OWN_STATE] + (text[0] ? utf8_width(text, strlen(text)) + 2 : 0);
    int room = line.x + line.w - x;
    if (room >= 12 || !text[0])
        surface_field(s, line, x, line.y, IW_MAX(room, 0), false, role, rollout->text);
}

static void
draw_owner(struct surface *s, const struct owner_columns *c, struct rect line,
           const struct pod_group_sum *sum, bool folded, const struct view_env *env)
{
    char text[32], since[16] = "";
    int y = line.y;
    struct rollout rollout;
    bool known = rollout_of_sum(sum, env, &rollout);
    bool quiet = sum->severity == BLOCK_NONE;
    const struct pod *worst = store_get(env->store, sum->worst);
    surface_field(s, line, c->x[OWN_NS], y, c->w[OWN_NS], false, ROLE_DIM, sum->ns);
    surface_puts(s, line, c->x[OWN_NAME], y, sum->pods ? ROLE_KEY : ROLE_DIM,
                 !sum->pods ? "·"
                 : folded   ? "▸"
                            : "▾");
    widget_name(s, line, c->x[OWN_NAME] + 2, y, IW_MAX(c->w[OWN_NAME] - 2, 0),
                quiet ? ROLE_DIM : ROLE_TITLE, sum->name);
    surface_field(s, line, c->x[OWN_KIND], y, c->w[OWN_KIND], false, ROLE_DIM,
                  owner_kind_short(sum->kind));
    bool cron = strcmp(sum->kind, "CronJob") == 0; /* its pods are of several runs */
    snprintf(text, sizeof(text), "%u/%u", sum->ready_pods,
             known && !cron && (uint32_t)IW_MAX(rollout.desired, 0) > sum->pods
                 ? (uint32_t)rollout.desired
                 : sum->pods);
    surface_field(s, line, c->x[OWN_PODS], y, c->w[OWN_PODS], true, quiet ? ROLE_DIM : ROLE_TEXT,
                  text);
    struct rect strip = rect_intersect(line, (struct rect){c->x[OWN_STRIP], y, c->w[OWN_STRIP], 1});
    if (worst && widget_strip(s, strip, strip.x, y, worst, env, true) > strip.w)
        surface_puts(s, strip, strip.x + strip.w - 1, y, ROLE_DIM, "…");
    snprintf(text, sizeof(text), "%llu", (unsigned long long)sum->restarts);
    surface_field(s, line, c->x[OWN_RST], y, c->w[OWN_RST], true,
                  sum->restarts ? ROLE_BACKOFF : ROLE_DIM, text);
    if (sum->since_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - sum->since_ms, since);
    surface_field(s, line, c->x[OWN_FOR], y, c->w[OWN_FOR], true, ROLE_TEXT, since);
    draw_state(s, c, line, sum, known ? &rollout : NULL);
}

static void
draw_pod(struct surface *s, const struct owner_columns *c, struct rect line,
         const struct pod_fact *f, const struct view_env *env)
{
    const struct pod *pod = store_get(env->store, f->ref);
    struct pod_block block;
    char text[512], since[16] = "";
    int y = line.y, name = c->x[OWN_NAME] + OWNER_INDENT, name_end = c->x[OWN_PODS] - 1;
    if (!pod)
        return;
    pod_block_of(pod, env->now_wall_ms, &block);
    enum role quiet = block.severity == BLOCK_NONE ? ROLE_DIM : ROLE_TEXT;
    widget_name(s, line, name, y, IW_MAX(name_end - name, 0), f->marked ? ROLE_KEY : quiet,
                pod->name);
    if (f->marked)
        surface_puts(s, line, name - 1, y, ROLE_KEY, "•");
    snprintf(text, sizeof(text), "%u/%u", f->ready, f->total);
    surface_field(s, line, c->x[OWN_PODS], y, c->w[OWN_PODS], true, quiet, text);
    struct rect strip = rect_intersect(line, (struct rect){c->x[OWN_STRIP], y, c->w[OWN_STRIP], 1});
    widget_strip(s, strip, strip.x, y, pod, env, true);
    snprintf(text, sizeof(text), "%u", f->restarts);
    surface_field(s, line, c->x[OWN_RST], y, c->w[OWN_RST], true,
                  f->restarts ? ROLE_BACKOFF : ROLE_DIM, text);
    int64_t since_ms = pod_since_ms(pod, &block);
    if (since_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - since_ms, since);
    surface_field(s, line, c->x[OWN_FOR], y, c->w[OWN_FOR], true, quiet, since);
    int room = line.x + line.w - c->x[OWN_STATE];
    const struct pod_why about = {&block, pod, env->store, env->now_wall_ms};
    text[0] = '\0';
    if (block.severity != BLOCK_NONE)
        pod_why_text(&about, room, text, sizeof(text));
    surface_field(s, line, c->x[OWN_STATE], y, IW_MAX(room, 0), false,
                  text[0] ? ROLE_TEXT : ROLE_DIM, text[0] ? text : f->status);
}

/* --- the pane: the owner, then its worst pod --- */

static void
draw_facts(const struct pod_group_sum *sum, const struct view_env *env, struct surface *s,
           struct rect area)
{
    char title[600], text[400];
    struct rollout rollout = {.deadline_ms = IW_TIME_NONE};
    bool known = rollout_of_sum(sum, env, &rollout);
    owner_state_text(sum, text, sizeof(text));
    snprintf(title, sizeof(title), "%s  %s%s%s", sum->name, sum->kind, text[0] ? "  " : "", text);
    surface_rule(s, (struct rect){area.x, area.y, area.w, 1}, area.y, ROLE_RULE, title, ROLE_TITLE);
    int x = area.x + 1, y = area.y + 1;
    if (!known) {
        enum kobject_kind kind;
        bool denied = kobject_kind_parse(sum->kind, &kind) &&
                      kobjects_state(env->objects, kind, sum->ns) == OBJECTS_DENIED;
        surface_puts(s, area, x, y, ROLE_DIM,
                     denied ? tr("its object may not be read: the rollout is not known")
                            : tr("counted from its pods"));
        return;
    }
    if (strcmp(sum->kind, "CronJob") == 0)
        x += surface_printf(s, area, x, y, ROLE_DIM, tr("pods %u   ready %u"), sum->pods,
                            sum->ready_pods) +
             3;
    else
        x += surface_printf(s, area, x, y, ROLE_DIM, tr("asked for %d   pods %u   ready %u"),
                            rollout.desired, sum->pods, sum->ready_pods) +
             3;
    const char *says = rollout.text[0] ? rollout.text : tr("as it should be");
    int room = area.x + area.w - x;
    /* Without pods there is no pane below: the reason has all the room. */
    if (sum->pods || utf8_width(says, strlen(says)) <= room)
        surface_field(s, area, x, y, IW_MAX(room, 0), false, role_of(rollout.severity), says);
    else
        widget_wrap(s, area, area.x + 1, y + 1, area.w - 2, area.h - 2, role_of(rollout.severity),
                    says);
}

static void
draw_pane(const struct pods_list *l, const struct view_env *env, struct surface *s,
          struct rect area)
{
    struct pod_ref pod = pods_list_pod(l);
    if (l->selected.group < l->groups.sums.len && area.h > OWNER_FACT_LINES) {
        draw_facts(&l->groups.sums.items[l->selected.group], env, s, area);
        area.y += OWNER_FACT_LINES;
        area.h -= OWNER_FACT_LINES;
    }
    if (pod.gen)
        pod_pane_draw(env, pod, &l->usual, s, area);
}

/* --- the view --- */

struct owners_layout {
    struct rect head, list, pane;
};

static struct owners_layout
layout_of(const struct owners_state *st, struct rect area)
{
    struct owners_layout l = {.head = {area.x, area.y, area.w, IW_MIN(1, area.h)}};
    int room = area.h - l.head.h, pane = area.h < OWNER_PANE_AREA ? 0 : area.h / 2;
    int count = (int)IW_MIN(pods_list_count(&st->list), (size_t)10000);
    int list = IW_MAX(room - pane, 0);
    if (pane && count < list)
        list = IW_MAX(count, 3);
    l.list = (struct rect){area.x, area.y + l.head.h, area.w, list};
    l.pane = (struct rect){area.x, l.list.y + list, area.w, pane ? room - list : 0};
    return l;
}

static void
owners_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct owners_state *st = state;
    const struct pods_list *list = &st->list;
    struct owners_layout l = layout_of(st, area);
    if (pods_list_count(list) == 0) {
        pods_list_empty(list, env, s, area);
        return;
    }
    struct owner_columns c = columns_fit(st, env, area);
    if (l.head.h)
        draw_head(s, &c, l.head, &list->rows);
    for (int i = 0; i < l.list.h; i++) {
        size_t at = list->cursor.top + (size_t)i;
        if (at >= pods_list_count(list))
            break;
        struct rect row = {area.x, l.list.y + i, area.w, 1};
        struct pods_line line = pods_list_at(list, at);
        const struct pod_fact *f = pod_rows_fact(&list->rows, line.pod);
        if (f)
            draw_pod(s, &c, row, f, env);
        else if (!line.pod.gen)
            draw_owner(s, &c, row, &list->groups.sums.items[line.group],
                       pod_group_is_folded(&list->groups, line.group), env);
        if (at == list->cursor.selected) {
            surface_puts(s, row, area.x, row.y, ROLE_KEY, "▸");
            surface_flag(s, (struct rect){area.x + 1, row.y, area.w - 1, 1}, CELL_SELECTED);
        }
    }
    if (l.pane.h)
        draw_pane(list, env, s, l.pane);
}

static void
owners_init(void *state)
{
    struct owners_state *st = state;
    pods_list_init(&st->list, true);
    st->list.groups.all_owners = true;
}

static void
owners_fini(void *state)
{
    struct owners_state *st = state;
    pods_list_fini(&st->list);
}

/* The cells that the states and the rollouts need. */
static void
texts_measure(struct owners_state *st, const struct view_env *env)
{
    enum { MEASURED_MAX = 500 };
    const struct pod_groups *g = &st->list.groups;
    st->state_cols = utf8_width(tr("STATE (stuck first)"), strlen(tr("STATE (stuck first)")));
    st->rollout_cols = 0;
    for (size_t i = 0; i < IW_MIN(g->sequence.len, (size_t)MEASURED_MAX); i++) {
        const struct pod_group_sum *sum = &g->sums.items[g->sequence.items[i]];
        struct rollout rollout;
        char text[400];
        owner_state_text(sum, text, sizeof(text));
        st->state_cols = IW_MAX(st->state_cols, utf8_width(text, strlen(text)));
        if (!rollout_of_sum(sum, env, &rollout))
            continue;
        const char *brief = rollout_brief(&rollout);
        st->rollout_cols = IW_MAX(st->rollout_cols, utf8_width(brief, strlen(brief)));
    }
    st->state_cols++; /* two sentences beside each other */
}

static void
owners_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct owners_state *st = state;
    pods_list_update(&st->list, env);
    if (area.w >= OWNER_WIDE_COLS)
        texts_measure(st, env);
    pods_list_settle(&st->list, env, (size_t)IW_MAX(layout_of(st, area).list.h, 0));
}

static bool
owners_act(void *state, const struct view_env *env, enum action action, int32_t arg,
           struct intent *out)
{
    struct owners_state *st = state;
    if (action == ACT_GROUP) { /* all open, all folded */
        st->list.groups.folded_first = !st->list.groups.folded_first;
        st->list.groups.fold_changed = true;
        return true;
    }
    return pods_list_act(&st->list, env, action, arg, out);
}

static void
owners_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct owners_state *st = state;
    (void)env;
    (void) final;
    pod_rows_filter(&st->list.rows, text);
}

static bool
owners_command(void *state, const struct view_env *env, const char *name, const char *arg,
               struct intent *out)
{
    struct owners_state *st = state;
    (void)env;
    return pods_list_command(&st->list, name, arg, out);
}

static void
owners_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct owners_state *st = state;
    (void)env;
    pods_list_note(&st->list, out, out_size);
}

static const char *
owners_chip(const void *state, size_t index, bool *wrong)
{
    const struct owners_state *st = state;
    return pods_list_chip(&st->list, index, wrong);
}

static void
owners_head_note(const void *state, const struct view_env *env, struct surface *s, struct rect clip)
{
    const struct owners_state *st = state;
    size_t owners = st->list.groups.sequence.len, stuck = 0;
    (void)env;
    for (size_t i = 0; i < owners; i++)
        stuck +=
            st->list.groups.sums.items[st->list.groups.sequence.items[i]].severity >= BLOCK_WAIT;
    int x = clip.x + surface_printf(s, clip, clip.x, clip.y, ROLE_TEXT,
                                    owners == 1 ? tr("%zu owner") : tr("%zu owners"), owners);
    if (stuck)
        surface_printf(s, clip, x + 2, clip.y, ROLE_ERROR, "✗%zu", stuck);
}

static bool
owners_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
              char container[256])
{
    const struct owners_state *st = state;
    (void)env;
    *pod = pods_list_pod(&st->list);
    container[0] = 0;
    return pod->gen != 0;
}

static bool
owners_ticks(const void *state, const struct view_env *env)
{
    const struct owners_state *st = state;
    (void)env;
    return pods_list_count(&st->list) > 0;
}

static const struct pod_ref *
owners_order(const void *state, size_t *count)
{
    const struct owners_state *st = state;
    return pods_list_order(&st->list, count);
}

static void
owners_focus(void *state, struct pod_ref pod)
{
    struct owners_state *st = state;
    pods_list_focus(&st->list, pod);
}

/* How many owners the pods have, for the tab line of any view: counted again when a pod changed, and not at all where that
 * would cost more than the frame. */
static void
owners_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    enum { COUNT_PODS_MAX = 3000 };
    static const struct store *counted_store;
    static uint64_t generation, objects;
    static size_t owners;
    struct strmap seen = {0};
    out[0] = '\0';
    if (store_count(env->store) == 0 || store_count(env->store) > COUNT_PODS_MAX)
        return;
    if (counted_store != env->store || generation != store_pods_generation(env->store) ||
        objects != kobjects_generation(env->objects)) {
        for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
            char key[1024];
            struct pod_owner owner;
            const struct pod *pod = store_get(env->store, it);
            pod_owner_of(pod, &owner);
            const char *cron = strcmp(owner.kind, "Job") == 0
                                   ? cronjob_of_job(env->objects, pod->ns, owner.name)
                                   : NULL;
            snprintf(key, sizeof(key), "%s/%s/%s", pod->ns, cron ? "CronJob" : owner.kind,
                     cron ? cron : owner.name);
            strmap_put(&seen, key, 1);
        }
        owners = seen.count;
        strmap_free(&seen);
        counted_store = env->store;
        generation = store_pods_generation(env->store);
        objects = kobjects_generation(env->objects);
    }
    snprintf(out, out_size, "%zu", owners);
}

static uint32_t
owners_wants(const void *state, const struct view_env *env)
{
    const struct owners_state *st = state;
    return pods_list_wants(&st->list, env) | KIND_BIT(DEPLOYMENT) | KIND_BIT(STATEFULSET) |
           KIND_BIT(DAEMONSET) | KIND_BIT(JOB) | KIND_BIT(CRONJOB);
}

static size_t
owners_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct owners_state *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(pods_list_count(&st->list), (int64_t)st->list.height);
}

static bool
owners_can(const void *state, const struct view_env *env, enum action action)
{
    const struct owners_state *st = state;
    (void)env;
    return pods_list_can(&st->list, action);
}

const struct view_class view_owners = {
    .name = "owners",
    .title = "Owners",
    .help = "One row for each Deployment, StatefulSet, Job: its worst pod, what holds most of them "
            "up, the rollout.",
    .scope = VIEW_CLUSTER,
    .tab = 2,
    .context = CTX_PODS,
    .podish = true,
    .chips = true,
    .state_size = sizeof(struct owners_state),
    .init = owners_init,
    .fini = owners_fini,
    .recalc = owners_recalc,
    .draw = owners_draw,
    .unseen = owners_unseen,
    .act = owners_act,
    .can = owners_can,
    .filter = owners_filter,
    .chip = owners_chip,
    .tab_note = owners_tab_note,
    .head_note = owners_head_note,
    .tab_count = owners_tab_count,
    .cursor = owners_cursor,
    .ticks = owners_ticks,
    .order = owners_order,
    .focus = owners_focus,
    .command = owners_command,
    .wants = owners_wants,
};
