/* view_pods: all pods, the most stuck first; each row says why. Below it the live explanation of
 * the pod under the cursor.
 *
 * Columns give way in the order NODE, READY, PROGRESS, RST, NAMESPACE when the screen is narrow;
 * NAME, the strip of signs and WHY never do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/status.h"
#include "pods.h"

struct pods_state {
    struct pod_rows rows;
    struct list_cursor cursor;
    bool settled; /* the list is complete or the user chose a pod: the cursor stays on that */
    struct pod_ref selected;
    size_t list_height;
};

/* --- layout --- */

enum { LIST_MIN_ROWS = 3, PANE_MIN_LINES = 7, PANE_MIN_AREA = 12 };

struct pods_layout {
    struct rect cards, head, list, pane; /* h 0: not there */
};

static struct pods_layout
layout_of(const struct pods_state *st, const struct view_env *env, struct rect area)
{
    struct pods_layout l = {0};
    int count = (int)IW_MIN(st->rows.order.len, (size_t)10000);
    l.cards = (struct rect){area.x, area.y, area.w, pod_cards_height(env, area)};
    l.head = (struct rect){area.x, area.y + l.cards.h, area.w, IW_MIN(1, area.h)};
    int top = l.head.y + l.head.h, room = area.y + area.h - top;
    /* The pane has a fixed share; lines the list does not need are given to it. */
    int pane = area.h >= 30 ? area.h * 2 / 5 : area.h >= 19 ? PANE_MIN_LINES : area.h / 3;
    if (area.h < PANE_MIN_AREA)
        pane = 0;
    int list = IW_MAX(room - pane, 0);
    if (pane && count < list)
        list = IW_MAX(count, LIST_MIN_ROWS);
    if (pane && area.h >= 30 && list < room - pane)
        list++; /* a blank line between list and pane */
    l.list = (struct rect){area.x, top, area.w, list};
    l.pane = (struct rect){area.x, top + list, area.w, pane ? room - list : 0};
    return l;
}

/* --- columns --- */

enum column_id {
    COL_NS,
    COL_NAME,
    COL_STRIP,
    COL_PROGRESS,
    COL_STATUS,
    COL_READY,
    COL_RST,
    COL_FOR,
    COL_NODE,
    COL_WHY,
    COL_COUNT
};
enum { NAME_MIN_COLS = 12, NAME_MAX_COLS = 63 };

struct columns {
    struct rect area;               /* what the rows may touch */
    int x[COL_COUNT], w[COL_COUNT]; /* w 0: not shown */
    bool spaced;                    /* the strip has room for blanks */
};

static bool
many_namespaces(const struct view_env *env)
{
    const char *ns = env->session->ns;
    return !ns[0] || strchr(ns, ',') || strcmp(ns, "*") == 0;
}

static int
between(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static int
digits_of(uint64_t number)
{
    int digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

/* What each column wants, NAME and WHY apart. */
static void
column_wishes(struct columns *c, const struct pods_state *st, const struct view_env *env, int cols)
{
    const struct pod_totals *t = &st->rows.totals;
    bool wide = env->prefs->wide;
    int strip_most = cols < 70 ? 9 : cols < 100 ? 12 : 24;
    c->spaced = t->strip_cols_spaced <= strip_most;
    c->w[COL_STRIP] =
        between(c->spaced ? t->strip_cols_spaced : t->strip_cols, cols < 70 ? 8 : 11, strip_most);
    int status_most = cols < 100 ? 12 : cols < 130 ? 16 : cols < 160 ? 23 : 32;
    c->w[COL_STATUS] = between(t->status_cols, 12, status_most);
    c->w[COL_FOR] = 5;
    c->w[COL_RST] = cols >= 66 ? between(digits_of(t->restarts_max), 3, 7) : 0;
    c->w[COL_NS] =
        cols >= 66 && many_namespaces(env) ? between(t->ns_cols, 2, cols < 100 ? 10 : 16) : 0;
    c->w[COL_PROGRESS] = cols >= 120 ? 12 : 0;
    c->w[COL_READY] = cols >= 100 || (wide && cols >= 80) ? 5 : 0;
    c->w[COL_NODE] = cols >= 100 || (wide && cols >= 80) ? between(t->node_cols, 4, 14) : 0;
}

static int
gap_after(enum column_id id)
{
    return id == COL_FOR ? 2 : 1;
}

static int
columns_sum(const struct columns *c, int lead)
{
    int sum = lead;
    for (int i = 0; i < COL_COUNT; i++)
        if (c->w[i])
            sum += c->w[i] + (i < COL_WHY ? gap_after((enum column_id)i) : 0);
    return sum;
}

static struct columns
columns_fit(const struct pods_state *st, const struct view_env *env, struct rect area)
{
    static const enum column_id drop[] = {COL_NODE, COL_READY, COL_PROGRESS, COL_RST, COL_NS};
    struct columns c = {.area = area};
    const int cols = area.w, lead = cols >= 100 ? 2 : 1;
    int why_min = cols < 70 ? 12 : cols < 130 ? 20 : 26;
    column_wishes(&c, st, env, cols);
    int name_wish = between(st->rows.totals.name_cols, NAME_MIN_COLS, NAME_MAX_COLS);
    for (size_t i = 0; i <= IW_COUNTOF(drop); i++) {
        /* With NAME at the least that is legible; then it grows to its longest before WHY gets the
         * rest. */
        c.w[COL_NAME] = between(name_wish, NAME_MIN_COLS, cols < 70 ? 16 : 20);
        c.w[COL_WHY] = why_min;
        if (columns_sum(&c, lead) <= cols || i == IW_COUNTOF(drop))
            break;
        c.w[drop[i]] = 0;
    }
    int spare = cols - columns_sum(&c, lead);
    int more = between(name_wish - c.w[COL_NAME], 0, IW_MAX(spare, 0));
    c.w[COL_NAME] += more;
    c.w[COL_WHY] += spare - more;
    int x = area.x + lead;
    for (int i = 0; i < COL_COUNT; i++) {
        c.x[i] = x;
        if (c.w[i] > 0)
            x += c.w[i] + gap_after((enum column_id)i);
    }
    c.w[COL_WHY] = IW_MAX(area.x + cols - c.x[COL_WHY], 0);
    return c;
}

/* --- status words --- */

/* Long words of STATUS and what stands for them, from long to short. */
static const struct {
    const char *word, *mid, *brief;
} STATUS_WORDS[] = {
    {"CrashLoopBackOff", "CrashLoop", "CrashLp"},
    {"ImagePullBackOff", "ImagePull", "ImgPull"},
    {"ErrImagePull", "ErrImgPull", "ErrPull"},
    {"ErrImageNeverPull", "NeverPull", "NoPull"},
    {"CreateContainerConfigError", "ConfigErr", "CfgErr"},
    {"CreateContainerError", "CreateErr", "CrtErr"},
    {"RunContainerError", "RunErr", "RunErr"},
    {"ContainerCannotRun", "CannotRun", "NoRun"},
    {"InvalidImageName", "BadImage", "BadImg"},
    {"ContainerCreating", "Creating", "Creating"},
    {"PodInitializing", "PodInit", "PodInit"},
    {"ContainerStatusUnknown", "Unknown", "Unknown"},
    {"UnexpectedAdmissionError", "Admission", "Admit"},
    {"SchedulingGated", "Gated", "Gated"},
    {"DeadlineExceeded", "Deadline", "Deadln"},
    {"StartError", "StartErr", "StrtErr"},
    {"OOMKilled", "OOMKill", "OOM"},
};

static void
status_short(const char *status, int cols, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s", status);
    if (utf8_width(status, strlen(status)) <= cols)
        return;
    for (size_t i = 0; i < IW_COUNTOF(STATUS_WORDS); i++) {
        const char *at = strstr(status, STATUS_WORDS[i].word);
        if (!at)
            continue;
        int front = (int)(at - status);
        const char *rest = at + strlen(STATUS_WORDS[i].word);
        snprintf(out, out_size, "%.*s%s%s", front, status, STATUS_WORDS[i].mid, rest);
        if (utf8_width(out, strlen(out)) > cols)
            snprintf(out, out_size, "%.*s%s%s", front, status, STATUS_WORDS[i].brief, rest);
        return;
    }
}

/* --- rows --- */

static enum role
status_role(const struct pod_block *b)
{
    switch (b->severity) {
    case BLOCK_ERROR:
        return b->backoff.active ? ROLE_BACKOFF : ROLE_ERROR;
    case BLOCK_WARN:
        return ROLE_UNREADY;
    case BLOCK_WAIT:
    case BLOCK_PROGRESS:
        return b->container ? ROLE_WORKING : ROLE_WAITING;
    case BLOCK_NONE:
        break;
    }
    return ROLE_DIM;
}

/* Of `cols` cells each step of the start-up has its share: done, now, to do. */
static void
draw_progress(struct surface *s, struct rect cell, const struct pod *pod, int64_t now_wall_ms)
{
    static const struct {
        uint32_t ch;
        enum role role;
    } looks[SIGN_COUNT] = {
        [SIGN_WAITS] = {0xB7, ROLE_WAITING},  [SIGN_WORKING] = {0x2592, ROLE_WORKING},
        [SIGN_OK] = {0x2588, ROLE_BAR},       [SIGN_BACKOFF] = {0x2717, ROLE_BACKOFF},
        [SIGN_FAILED] = {0x2717, ROLE_ERROR}, [SIGN_UNREADY] = {0x2593, ROLE_UNREADY},
        [SIGN_ENDED] = {0x2588, ROLE_DIM},
    };
    /* Pods without init containers show their apps. */
    enum container_list list = pod->init_count ? LIST_INIT : LIST_APP;
    int steps = (int)(pod->init_count ? pod->init_count : pod->app_count), step = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list != list || step >= steps)
            continue;
        int from = cell.w * step / steps, to = cell.w * (step + 1) / steps;
        enum container_sign sign = container_sign(pod, c, now_wall_ms);
        surface_fill(s, (struct rect){cell.x + from, cell.y, to - from, 1}, looks[sign].ch,
                     looks[sign].role);
        step++;
    }
}

static void
draw_strip(struct surface *s, struct rect cell, const struct pod *pod, const struct view_env *env,
           bool spaced)
{
    int width = widget_strip(s, cell, cell.x, cell.y, pod, env, !spaced);
    if (width > cell.w)
        surface_puts(s, cell, cell.x + cell.w - 1, cell.y, ROLE_DIM, "…");
}

/* It changed within the last second, and not because everything was just listed. */
static bool
just_changed(const struct view_env *env, struct pod_ref ref)
{
    const struct source_status *st = store_status(env->store, STREAM_PODS);
    int64_t changed_ms = store_changed_ms(env->store, ref);
    return env->prefs->motion && st->state == SOURCE_LIVE && changed_ms > st->since_wall_ms &&
           env->now_wall_ms - changed_ms < 1000;
}

struct row {
    const struct pod *pod;
    struct pod_ref ref;
    struct pod_block block;
    struct pod_cells cells;
    bool quiet;
};

static void
draw_text_cells(struct surface *s, const struct columns *c, int y, const struct row *r,
                const struct view_env *env)
{
    struct rect line = {c->area.x, y, c->area.w, 1};
    char text[256], since[16] = "";
    enum role quiet = r->quiet ? ROLE_DIM : ROLE_TEXT;
    surface_field(s, line, c->x[COL_NS], y, c->w[COL_NS], false, ROLE_DIM, r->pod->ns);
    surface_field(s, line, c->x[COL_NAME], y, c->w[COL_NAME], false, quiet, r->pod->name);
    status_short(r->cells.status, c->w[COL_STATUS], text, sizeof(text));
    if (!c->w[COL_READY] && strcmp(r->cells.status, "Running") == 0)
        snprintf(text, sizeof(text), "Running %s", r->cells.ready);
    surface_field(s, line, c->x[COL_STATUS], y, c->w[COL_STATUS], false, status_role(&r->block),
                  text);
    surface_field(s, line, c->x[COL_READY], y, c->w[COL_READY], false, quiet, r->cells.ready);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)r->cells.restart_count);
    surface_field(s, line, c->x[COL_RST], y, c->w[COL_RST], true,
                  r->cells.restart_count ? ROLE_BACKOFF : ROLE_DIM, text);
    int64_t since_ms = pod_since_ms(r->pod, &r->block);
    if (since_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - since_ms, since);
    surface_field(s, line, c->x[COL_FOR], y, c->w[COL_FOR], true, quiet, since);
    surface_field(s, line, c->x[COL_NODE], y, c->w[COL_NODE], false, ROLE_DIM,
                  r->pod->node[0] ? r->pod->node : "–");
    pod_why_text(&r->block, c->w[COL_WHY], text, sizeof(text));
    surface_field(s, line, c->x[COL_WHY], y, c->w[COL_WHY], false,
                  r->block.severity >= BLOCK_WAIT ? ROLE_TEXT : ROLE_DIM, text);
}

static struct rect
column_cell(const struct columns *c, enum column_id id, int y)
{
    return rect_intersect(c->area, (struct rect){c->x[id], y, c->w[id], 1});
}

static void
draw_row(struct surface *s, const struct columns *c, int y, struct pod_ref ref,
         const struct view_env *env)
{
    struct row r = {.pod = store_get(env->store, ref), .ref = ref};
    if (!r.pod)
        return;
    pod_block_of(r.pod, env->now_wall_ms, &r.block);
    pod_print_cells(r.pod, env->now_wall_ms, &r.cells);
    r.quiet = r.block.severity == BLOCK_NONE;
    draw_text_cells(s, c, y, &r, env);
    draw_strip(s, column_cell(c, COL_STRIP, y), r.pod, env, c->spaced);
    if (c->w[COL_PROGRESS])
        draw_progress(s, column_cell(c, COL_PROGRESS, y), r.pod, env->now_wall_ms);
    if (just_changed(env, ref))
        surface_flag(s, column_cell(c, COL_NAME, y), CELL_UNDERLINED);
}

static void
draw_head(struct surface *s, const struct columns *c, struct rect line, enum pod_sort sort)
{
    static const char *const titles[COL_COUNT] = {
        "NS", "NAME", "INIT(SIDE)│APP", "PROGRESS", "STATUS", "READY", "RST", "FOR", "NODE", "WHY"};
    for (int i = 0; i < COL_COUNT; i++) {
        bool right = i == COL_RST || i == COL_FOR;
        const char *title = titles[i];
        /* Narrower words rather than cut ones. */
        if (i == COL_STRIP && c->w[i] < 14)
            title = c->w[i] >= 11 ? "INIT(S)│APP" : "INIT│APP";
        if (i == COL_WHY && sort == POD_SORT_STUCK && c->w[i] >= 17)
            title = "WHY (stuck first)";
        surface_field(s, line, c->x[i], line.y, c->w[i], right, ROLE_DIM, title);
    }
}

static void
pods_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct pods_state *st = state;
    struct pods_layout l = layout_of(st, env, area);
    const struct pod_rows *r = &st->rows;
    if (l.cards.h)
        pod_cards_draw(r, env, s, l.cards);
    if (r->order.len == 0) {
        const char *filter = text_filter_active(r->filter) ? text_filter_text(r->filter) : NULL;
        struct rect rest = {area.x, l.head.y, area.w, area.h - l.cards.h};
        widget_empty(s, rest, env, STREAM_PODS, "pods", r->totals.pods, filter);
        return;
    }
    struct columns c = columns_fit(st, env, area);
    if (l.head.h)
        draw_head(s, &c, l.head, r->sort);
    for (int i = 0; i < l.list.h; i++) {
        size_t at = st->cursor.top + (size_t)i;
        if (at >= r->order.len)
            break;
        int y = l.list.y + i;
        draw_row(s, &c, y, r->order.items[at], env);
        if (at == st->cursor.selected) {
            surface_puts(s, l.list, area.x, y, ROLE_KEY, "▸");
            surface_flag(s, (struct rect){area.x + 1, y, area.w - 1, 1}, CELL_SELECTED);
        }
    }
    if (l.pane.h)
        pod_pane_draw(env, st->selected, s, l.pane);
}

/* --- state --- */

static void
pods_init(void *state)
{
    struct pods_state *st = state;
    pod_rows_init(&st->rows);
}

static void
pods_fini(void *state)
{
    struct pods_state *st = state;
    pod_rows_free(&st->rows);
}

static void
remember_selected(struct pods_state *st)
{
    const struct pod_ref nothing = {0, 0};
    const struct pod_rows *r = &st->rows;
    st->selected =
        st->cursor.selected < r->order.len ? r->order.items[st->cursor.selected] : nothing;
}

/* The cursor stays on its pod wherever that goes; when the pod is gone, on its line. */
static void
follow_selected(struct pods_state *st)
{
    const struct pod_rows *r = &st->rows;
    if (st->cursor.selected < r->order.len &&
        pod_ref_equal(r->order.items[st->cursor.selected], st->selected))
        return;
    for (size_t i = 0; i < r->order.len; i++)
        if (pod_ref_equal(r->order.items[i], st->selected)) {
            st->cursor.selected = i;
            return;
        }
}

static void
pods_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct pods_state *st = state;
    pod_rows_update(&st->rows, env);
    struct pods_layout l = layout_of(st, env, area);
    st->list_height = (size_t)IW_MAX(l.list.h, 1);
    if (st->settled)
        follow_selected(st);
    else /* while the list arrives: the pod that is stuck most */
        st->cursor.selected = 0;
    st->settled = st->rows.order.len > 0 && (st->settled || store_synced(env->store, STREAM_PODS));
    list_cursor_fix(&st->cursor, st->rows.order.len, st->list_height);
    remember_selected(st);
}

static void
change_sort(struct pods_state *st, int step)
{
    st->rows.sort = (enum pod_sort)(((int)st->rows.sort + step + POD_SORT_COUNT) % POD_SORT_COUNT);
    st->rows.stale = true;
}

static bool
act_list(struct pods_state *st, enum action action, struct intent *out)
{
    struct pod_rows *r = &st->rows;
    const struct pod_ref nothing = {0, 0};
    bool open = action == ACT_OPEN || action == ACT_RIGHT;
    if (open && !pod_ref_equal(st->selected, nothing)) {
        *out = (struct intent){.kind = INTENT_OPEN, .view = "detail", .pod = st->selected};
        return true;
    }
    if (action == ACT_SORT_NEXT || action == ACT_SORT_PREV) {
        change_sort(st, action == ACT_SORT_NEXT ? 1 : -1);
    } else if (action == ACT_SORT_REVERSE) {
        r->reverse = !r->reverse;
        r->stale = true;
    } else if (action == ACT_PROBLEMS ||
               (action == ACT_CLEAR && r->problems_only && !text_filter_active(r->filter))) {
        r->problems_only = action == ACT_PROBLEMS && !r->problems_only;
        r->stale = true;
    } else {
        return open;
    }
    return true;
}

static bool
pods_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct pods_state *st = state;
    (void)env;
    (void)arg;
    enum action move = action == ACT_NEXT_POD ? ACT_DOWN : action == ACT_PREV_POD ? ACT_UP : action;
    if (list_cursor_act(&st->cursor, move, st->rows.order.len, st->list_height)) {
        remember_selected(st);
        st->settled = true;
        return true;
    }
    st->settled |= action == ACT_OPEN;
    return act_list(st, action, out);
}

static void
pods_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct pods_state *st = state;
    (void)env;
    (void) final;
    (void)text_filter_set(st->rows.filter, text);
    st->rows.stale = true;
}

static bool
pods_command(void *state, const struct view_env *env, const char *name, const char *arg,
             struct intent *out)
{
    struct pods_state *st = state;
    (void)env;
    if (strcmp(name, "sort") != 0)
        return false;
    if (pod_sort_parse(arg, &st->rows.sort)) {
        st->rows.stale = true;
        return true;
    }
    out->kind = INTENT_FLASH;
    out->flag = true;
    snprintf(out->text, sizeof(out->text), "sort: by what? Tab shows the columns");
    return true;
}

static void
pods_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct pods_state *st = state;
    const struct pod_rows *r = &st->rows;
    char chip[160] = "";
    (void)env;
    if (text_filter_active(r->filter))
        snprintf(chip, sizeof(chip), "/%.60s: %zu of %zu   ", text_filter_text(r->filter),
                 r->order.len, r->totals.pods);
    else if (r->problems_only)
        snprintf(chip, sizeof(chip), "only problems: %zu of %zu   ", r->order.len, r->totals.pods);
    snprintf(out, out_size, "%ssort: %s %s", chip, pod_sort_text(r->sort), r->reverse ? "▲" : "▾");
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
    const struct pod_totals *t = &st->rows.totals;
    bool motion = env->prefs->motion && !s->ascii;
    int x = clip.x + surface_printf(s, clip, clip.x, clip.y, ROLE_TEXT,
                                    t->pods == 1 ? "%zu pod " : "%zu pods ", t->pods);
    for (size_t i = 0; i < IW_COUNTOF(parts); i++)
        if (t->groups[parts[i].group])
            x += 1 + surface_printf(s, clip, x + 1, clip.y, parts[i].role, "%s%zu",
                                    sign_glyph(parts[i].sign, env->now_wall_ms, motion),
                                    t->groups[parts[i].group]);
}

static bool
pods_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct pods_state *st = state;
    const struct pod_ref nothing = {0, 0};
    (void)env;
    *pod = st->selected;
    container[0] = 0;
    return !pod_ref_equal(st->selected, nothing);
}

static void
pods_tab_count(const struct view_env *env, char *out, size_t out_size)
{
    snprintf(out, out_size, "%zu", store_count(env->store));
}

static bool
pods_ticks(const void *state, const struct view_env *env)
{
    const struct pods_state *st = state;
    (void)env;
    return st->rows.order.len > 0;
}

static const struct pod_ref *
pods_order(const void *state, size_t *count)
{
    const struct pods_state *st = state;
    *count = st->rows.order.len;
    return st->rows.order.items;
}

static void
pods_focus(void *state, struct pod_ref pod)
{
    struct pods_state *st = state;
    st->selected = pod;
    st->settled = true;
    follow_selected(st);
}

const struct view_class view_pods = {
    .name = "pods",
    .title = "Pods",
    .help = "All pods with their init progress, the most stuck first, and why.",
    .scope = VIEW_CLUSTER,
    .tab = 1,
    .context = CTX_PODS,
    .podish = true,
    .state_size = sizeof(struct pods_state),
    .init = pods_init,
    .fini = pods_fini,
    .recalc = pods_recalc,
    .draw = pods_draw,
    .act = pods_act,
    .filter = pods_filter,
    .tab_note = pods_tab_note,
    .head_note = pods_head_note,
    .tab_count = pods_tab_count,
    .cursor = pods_cursor,
    .ticks = pods_ticks,
    .order = pods_order,
    .focus = pods_focus,
    .command = pods_command,
};
