/* view_findings: all that is wrong, grouped by root cause, worst first; the selected finding in full
 * beside or below.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

#include "findings_list.h"

enum {
    FINDINGS_SIDE_COLS = 110,
    FINDINGS_INTERVAL_MS = 1000,
    FIRST_LOOK_MS = 8,
    TAKEN_MS = 15000 /* so long a round of the view counts for the tab line, too */
};

struct findings_state {
    struct findings findings;
    struct findings_count count;
    struct strbuf report; /* what was saved last */
    char copy[512];       /* what was copied last */
    uint64_t generation;  /* of the store, when the rules were run */
    int64_t evaluated_ms; /* wall, when the round began */
    bool news;            /* a round was full since the last frame */
    size_t selected, top; /* a group; a line of the list */
    size_t member;        /* of the selected group */
    char cause[160];      /* of the selected group, to stay on it; "" until the user moves */
    int list_height;
    uint32_t scroll; /* of the page beside it */
};

static void
findings_state_init(void *state)
{
    struct findings_state *st = state;
    findings_init(&st->findings);
    strbuf_init(&st->report, 0);
    st->evaluated_ms = IW_TIME_NONE;
}

static void
findings_state_fini(void *state)
{
    struct findings_state *st = state;
    findings_free(&st->findings);
    strbuf_free(&st->report);
}

/* --- layout --- */

struct parts {
    struct rect list, detail;
    bool side;
};

static struct parts
parts_of(struct rect area)
{
    struct parts p = {.list = area, .side = area.w >= FINDINGS_SIDE_COLS};
    if (p.side) {
        p.list.w = area.w * 3 / 7;
        p.detail = (struct rect){area.x + p.list.w + 1, area.y, area.w - p.list.w - 1, area.h};
    } else {
        p.list.h = IW_MAX(area.h * 2 / 5, 1);
        p.detail = (struct rect){area.x, area.y + p.list.h, area.w, area.h - p.list.h};
    }
    return p;
}

static void
keep_selected_visible(struct findings_state *st, struct rect list)
{
    const struct findings *f = &st->findings;
    if (st->selected >= f->groups.len)
        st->selected = f->groups.len ? f->groups.len - 1 : 0;
    size_t at = f->groups.len ? findings_list_line(f, st->selected) : 0;
    size_t height = (size_t)IW_MAX(list.h, 2);
    st->list_height = list.h;
    if (st->selected == 0)
        st->top = 0; /* with the heading above it */
    else if (at < st->top)
        st->top = at;
    else if (at + 2 > st->top + height)
        st->top = at + 2 - height;
}

/* Who has not moved yet sees the worst, whatever comes on top of it. */
static void
remember(struct findings_state *st)
{
    const struct findings *f = &st->findings;
    if (st->selected == 0 || st->selected >= f->groups.len)
        st->cause[0] = '\0';
    else
        (void)snprintf(st->cause, sizeof(st->cause), "%.159s",
                       findings_title(f, &f->groups.items[st->selected]));
}

static void
find_remembered(struct findings_state *st)
{
    const struct findings *f = &st->findings;
    for (size_t i = 0; st->cause[0] && i < f->groups.len; i++) {
        if (strncmp(findings_title(f, &f->groups.items[i]), st->cause, sizeof(st->cause) - 1) == 0)
            st->selected = i;
    }
}

/* The clock alone makes a finding of a wait: look again now and then. */
static bool
is_due(const struct findings_state *st, const struct view_env *env)
{
    bool first = st->evaluated_ms == IW_TIME_NONE;
    int64_t age_ms = first ? 0 : env->now_wall_ms - st->evaluated_ms;
    bool same = store_generation(env->store) == st->generation;
    return first || age_ms < 0 ||
           age_ms >= (same ? 10 * FINDINGS_INTERVAL_MS : FINDINGS_INTERVAL_MS);
}

/* Begin a round when one is due, go on with one that runs; true when there is something to show or more to do. */
static bool
evaluate(struct findings_state *st, const struct view_env *env, int64_t budget_ms)
{
    if (!st->findings.next.runs) {
        if (!is_due(st, env))
            return false;
        st->generation = store_generation(env->store);
        st->evaluated_ms = env->now_wall_ms;
        st->count.at = (struct pod_ref){0, 0}; /* a round of the tab line gives way */
    }
    st->news |= findings_evaluate(&st->findings, env, budget_ms);
    return true;
}

static bool
findings_work(void *state, const struct view_env *env, int64_t budget_ms)
{
    return evaluate(state, env, budget_ms);
}

static void
findings_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct findings_state *st = state;
    /* The first look has what a frame has time for. */
    if (st->evaluated_ms == IW_TIME_NONE)
        (void)evaluate(st, env, FIRST_LOOK_MS);
    if (st->news)
        find_remembered(st);
    st->news = false;
    findings_list_measure(&st->findings, env, parts_of(area).list);
    keep_selected_visible(st, parts_of(area).list);
    remember(st);
}

/* --- drawing --- */

/* The page below its rule, which stays and says how many lines are further down. */
static void
draw_page(const struct doc *d, struct surface *s, struct rect page, uint32_t scroll)
{
    uint32_t most = doc_max_top(d, page.h), top = IW_MIN(scroll, most);
    char text[64];
    if (page.h < 1)
        return;
    doc_draw(d, s, (struct rect){page.x, page.y, page.w, 1}, 0);
    doc_draw(d, s, (struct rect){page.x, page.y + 1, page.w, page.h - 1}, top + 1);
    if (top == most)
        return;
    (void)snprintf(text, sizeof(text), tr(" ^D +%u more "), most - top);
    surface_puts(s, page, page.x + page.w - utf8_width(text, strlen(text)) - 1, page.y, ROLE_DIM,
                 text);
}

static void
findings_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct findings_state *st = state;
    const struct findings *f = &st->findings;
    if (f->groups.len == 0) {
        findings_list_nothing(f, env, s, area);
        return;
    }
    struct parts p = parts_of(area);
    findings_list_draw(f, env, s, p.list, st->top, st->selected);
    if (p.side) {
        for (int y = 0; y < area.h; y++)
            surface_puts(s, area, area.x + p.list.w, area.y + y, ROLE_RULE, y == 0 ? "┬" : "│");
    }
    doc_auto d;
    doc_init(&d, p.detail.w);
    findings_detail(&d, f, env, &f->groups.items[st->selected], st->member);
    draw_page(&d, s, p.detail, st->scroll);
}

/* --- keys --- */

static void
select_group(struct findings_state *st, size_t group)
{
    if (group == st->selected)
        return;
    st->selected = group;
    st->member = 0;
    st->scroll = 0;
    remember(st);
}

static bool
move(struct findings_state *st, enum action action)
{
    size_t count = st->findings.groups.len, at = st->selected;
    switch ((int)action) {
    case ACT_DOWN:
        select_group(st, IW_MIN(at + 1, count - 1));
        return true;
    case ACT_UP:
        select_group(st, at ? at - 1 : 0);
        return true;
    case ACT_TOP:
        select_group(st, 0);
        return true;
    case ACT_BOTTOM:
        select_group(st, count - 1);
        return true;
    case ACT_HALF_DOWN:
    case ACT_PAGE_DOWN:
        st->scroll += 8;
        return true;
    case ACT_HALF_UP:
    case ACT_PAGE_UP:
        st->scroll -= IW_MIN(st->scroll, 8u);
        return true;
    case ACT_RIGHT:
        st->member = IW_MIN(st->member + 1, st->findings.groups.items[at].count - 1);
        return true;
    case ACT_LEFT:
        st->member -= st->member > 0;
        return true;
    default:
        return false;
    }
}

static const struct finding_item *
selected_item(const struct findings_state *st)
{
    const struct findings *f = &st->findings;
    if (st->selected >= f->groups.len)
        return NULL;
    const struct finding_group *g = &f->groups.items[st->selected];
    return &f->items.items[g->first + IW_MIN(st->member, g->count - 1)];
}

static void
mute(struct findings_state *st, const char *id)
{
    struct findings *f = &st->findings;
    for (size_t i = 0; i < f->muted.len; i++) {
        if (strcmp(f->muted.items[i], id) == 0) {
            vec_remove(&f->muted, i);
            findings_group(f);
            return;
        }
    }
    vec_push(&f->muted, id);
    findings_group(f);
}

/* The Secret or ConfigMap that the cause names, if a container of the pod refers to it. */
static bool
named_config(const struct view_env *env, const struct finding_item *item, struct kobject_ref *out)
{
    const struct pod *pod = store_get(env->store, item->pod);
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->ref_count; i++) {
            const struct container_ref *r = &c->refs[i];
            if (!r->name[0] || !strstr(item->cause, r->name) ||
                !kobject_kind_parse(r->kind, &out->kind))
                continue;
            (void)snprintf(out->ns, sizeof(out->ns), "%.63s", pod->ns);
            (void)snprintf(out->name, sizeof(out->name), "%.253s", r->name);
            return true;
        }
    }
    return false;
}

static bool
findings_act(void *state, const struct view_env *env, enum action action, int32_t arg,
             struct intent *out)
{
    struct findings_state *st = state;
    struct findings *f = &st->findings;
    const struct finding_item *item = selected_item(st);
    (void)arg;
    if (action == ACT_GROUP || action == ACT_PROBLEMS) {
        if (action == ACT_GROUP)
            f->by = (enum finding_group_by)((f->by + 1) % GROUP_BY_COUNT);
        else
            f->errors_only = !f->errors_only;
        if (action == ACT_PROBLEMS) {
            out->kind = INTENT_FLASH;
            (void)snprintf(out->text, sizeof(out->text), "%s",
                           f->errors_only ? tr("only errors") : tr("errors and warnings"));
        }
        findings_group(f);
        st->selected = st->member = 0;
        remember(st);
        return true;
    }
    if (!item)
        return false;
    if (action == ACT_SAVE) { /* a report */
        out->kind = INTENT_PROMPT;
        (void)snprintf(out->text, sizeof(out->text), "%s", ":save ");
        return true;
    }
    if (action == ACT_MUTE) {
        mute(st, item->id);
        return true;
    }
    if (action == ACT_COPY) {
        findings_help(env, item, st->copy, sizeof(st->copy));
        intent_copy(out, st->copy, strlen(st->copy));
        return true;
    }
    if (action == ACT_OPEN) {
        out->kind = INTENT_OPEN;
        out->pod = item->pod;
        out->view = named_config(env, item, &out->object) ? "card" : "why";
        (void)snprintf(out->container, sizeof(out->container), "%s", item->container);
        return true;
    }
    return move(st, action);
}

static void
findings_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct findings_state *st = state;
    (void)env;
    (void) final;
    text_filter_set(st->findings.filter, text);
    findings_group(&st->findings);
    find_remembered(st);
}

/* ":save PATH": a report instead of the screen. */
static bool
findings_command(void *state, const struct view_env *env, const char *name, const char *arg,
                 struct intent *out)
{
    struct findings_state *st = state;
    if (strcmp(name, "save") != 0)
        return false;
    strbuf_clear(&st->report);
    if (!findings_report(&st->report, &st->findings, env, arg)) {
        out->kind = INTENT_FLASH;
        out->flag = true;
        (void)snprintf(out->text, sizeof(out->text), "%s",
                       tr("save: a report ends in .md, .json or .sarif"));
        return true;
    }
    out->kind = INTENT_SAVE;
    (void)snprintf(out->text, sizeof(out->text), "%s", arg);
    out->data = st->report.data;
    out->data_len = st->report.len;
    return true;
}

/* --- notes --- */

/* Two rounds would be one too many: what the view has found is counted, unless that was long ago. */
static enum view_work
findings_tab_work(void *state, const struct view_env *env, int64_t budget_ms)
{
    struct findings_state *st = state;
    bool looked = st->evaluated_ms != IW_TIME_NONE;
    int64_t age_ms = looked ? env->now_wall_ms - st->evaluated_ms : 0;
    bool fresh = looked && age_ms >= 0 && age_ms < TAKEN_MS;
    if (fresh && st->findings.next.runs)
        return VIEW_WORK_NONE;
    if (fresh)
        return findings_count_take(&st->count, &st->findings, env);
    st->findings.next.runs = false; /* nobody looks: it is not gone on with */
    return findings_count(&st->count, st->findings.history, env, budget_ms);
}

/* "9 (✗4 ⚠5)" */
static void
findings_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    struct findings_count *c = &((struct findings_state *)state)->count;
    char errors[32] = "", warnings[32] = "";
    if (!c->known) /* so that few pods are counted in the first frame */
        (void)findings_tab_work(state, env, 0);
    if (!c->known || c->errors + c->warnings + c->others == 0)
        return;
    if (c->errors)
        (void)snprintf(errors, sizeof(errors), "✗%zu", c->errors);
    if (c->warnings)
        (void)snprintf(warnings, sizeof(warnings), "%s⚠%zu", c->errors ? " " : "", c->warnings);
    bool any = errors[0] || warnings[0];
    (void)snprintf(out, out_size, "%zu%s%s%s%s", c->errors + c->warnings + c->others,
                   any ? " (" : "", errors, warnings, any ? ")" : "");
}

static void
findings_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    static const char *const words[GROUP_BY_COUNT] = {TR_MARK("root cause"), TR_MARK("rule"),
                                                      TR_MARK("pod")};
    const struct findings_state *st = state;
    (void)env;
    (void)snprintf(out, out_size, tr("group: %s   severity: %s"), tr(words[st->findings.by]),
                   st->findings.errors_only ? tr("errors") : tr("all"));
}

static void
findings_head(const void *state, const struct view_env *env, struct surface *s, struct rect clip)
{
    const struct findings *f = &((const struct findings_state *)state)->findings;
    (void)env;
    int x = widget_part(s, clip, clip.x, ROLE_TEXT,
                        f->live == 1 ? tr("%zu finding") : tr("%zu findings"), f->live);
    if (f->errors)
        x = widget_part(s, clip, x, ROLE_ERROR, "  ✗%zu", f->errors);
    if (f->warnings)
        x = widget_part(s, clip, x, ROLE_WARN, " ⚠%zu", f->warnings);
    if (f->seen.pods_with)
        (void)widget_part(s, clip, x, ROLE_DIM,
                          f->seen.pods_with == 1 ? tr("  in %zu pod") : tr("  in %zu pods"),
                          f->seen.pods_with);
}

static bool
findings_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                char container[256])
{
    const struct finding_item *item = selected_item(state);
    container[0] = '\0';
    if (!item || !store_get(env->store, item->pod))
        return false;
    *pod = item->pod;
    (void)snprintf(container, 256, "%s", item->container);
    return true;
}

static bool
findings_ticks(const void *state, const struct view_env *env)
{
    (void)env;
    return ((const struct findings_state *)state)->findings.groups.len > 0;
}

static uint32_t
findings_wants(const void *state, const struct view_env *env)
{
    (void)state;
    (void)env;
    return DIAG_KINDS;
}

static size_t
findings_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct findings_state *st = state;
    (void)env;
    *scroll = &st->scroll;
    return list_unseen(findings_list_lines(&st->findings), st->list_height);
}

static bool
findings_can(const void *state, const struct view_env *env, enum action action)
{
    (void)env;
    return selected_item(state) ||
           (action != ACT_OPEN && action != ACT_MUTE && action != ACT_GROUP);
}

const struct view_class view_findings = {
    .name = "findings",
    .title = "Findings",
    .help = "All that is wrong, by root cause, worst first; what was checked and what could not be",
    .scope = VIEW_CLUSTER,
    .tab = 5,
    .context = CTX_FINDINGS,
    .podish = true,
    .state_size = sizeof(struct findings_state),
    .init = findings_state_init,
    .fini = findings_state_fini,
    .recalc = findings_recalc,
    .work = findings_work,
    .draw = findings_draw,
    .unseen = findings_unseen,
    .act = findings_act,
    .can = findings_can,
    .filter = findings_filter,
    .tab_note = findings_note,
    .tab_count = findings_tab_count,
    .tab_count_narrow = true,
    .tab_work = findings_tab_work,
    .command = findings_command,
    .head_note = findings_head,
    .cursor = findings_cursor,
    .ticks = findings_ticks,
    .wants = findings_wants,
};
