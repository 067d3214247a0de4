/* pods_table: columns of the pod list, its rows, and the heads of groups.
 *
 * Columns give way in the order NODE, READY, PROGRESS, RST, NAMESPACE when the screen is narrow;
 * NAME, the strip of signs and WHY never do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/status.h"
#include "pods.h"

/* --- columns --- */

enum { NAME_MIN_COLS = 12, NAME_MAX_COLS = 63 };

/* More than one is asked for, and there is more than one. */
static bool
many_namespaces(const struct pod_rows *r, const struct view_env *env)
{
    const char *ns = env->session->ns;
    bool asked = !ns[0] || strchr(ns, ',') || strcmp(ns, "*") == 0;
    return asked && pod_rows_many_namespaces(r, env->store);
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
column_wishes(struct pod_columns *c, const struct pod_rows *r, const struct view_env *env, int cols)
{
    const struct pod_totals *t = &r->totals;
    bool wide = env->prefs->wide;
    int strip_most = cols < 70 ? 9 : cols < 100 ? 12 : 24;
    c->spaced = t->strip_cols_spaced <= strip_most;
    c->w[COL_STRIP] =
        between(c->spaced ? t->strip_cols_spaced : t->strip_cols, cols < 70 ? 8 : 11, strip_most);
    size_t status = cols < 100 ? 0 : cols < 130 ? 1 : cols < 160 ? 2 : 3;
    c->w[COL_STATUS] = between(t->status_cols[status], 12, pod_status_widths[status]);
    c->w[COL_FOR] = 5;
    c->w[COL_RST] = cols >= 66 ? between(digits_of(t->restarts_max), 3, 7) : 0;
    c->w[COL_NS] =
        cols >= 66 && many_namespaces(r, env) ? between(t->ns_cols, 2, cols < 100 ? 10 : 16) : 0;
    /* Room for the sign of the sort. */
    c->w[COL_RST] += c->w[COL_RST] == 3 && r->sort == POD_SORT_RESTARTS;
    bool used = wide && cols >= 100 && usage_state(env->usage) == USAGE_LIVE;
    c->w[COL_PROGRESS] = cols >= (used ? 160 : 120) ? 12 : 0; /* w asks for figures */
    c->w[COL_READY] = cols >= 100 || (wide && cols >= 80) ? 5 : 0;
    c->w[COL_CPU] = c->w[COL_MEM] = used ? 6 : 0;
    c->w[COL_NODE] = cols >= 100 || (wide && cols >= 80) ? between(t->node_cols, 4, 14) : 0;
}

static int
gap_after(enum pod_column id)
{
    return id == COL_FOR || id == COL_MEM ? 2 : 1;
}

static int
columns_sum(const struct pod_columns *c, int lead)
{
    int sum = lead;
    for (int i = 0; i < COL_COUNT; i++)
        if (c->w[i])
            sum += c->w[i] + (i < COL_WHY ? gap_after((enum pod_column)i) : 0);
    return sum;
}

void
pod_columns_fit(struct pod_columns *out, const struct pod_rows *r, const struct view_env *env,
                struct rect area, int indent)
{
    static const enum pod_column drop[] = {COL_CPU,      COL_MEM, COL_NODE, COL_READY,
                                           COL_PROGRESS, COL_RST, COL_NS};
    struct pod_columns c = {.area = area};
    const int cols = area.w, lead = cols >= 100 ? 2 : 1;
    bool quiet = r->totals.groups[POD_GROUP_OK] == r->totals.pods; /* little is said of those */
    int why_min = cols < 70 ? 12 : quiet ? 17 : cols < 130 ? 20 : 26;
    column_wishes(&c, r, env, cols);
    int name_wish = between(r->totals.name_cols + indent, NAME_MIN_COLS, NAME_MAX_COLS);
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
            x += c.w[i] + gap_after((enum pod_column)i);
    }
    c.w[COL_WHY] = IW_MAX(area.x + cols - c.x[COL_WHY], 0);
    *out = c;
}

/* --- status words --- */

/* --- rows --- */

enum role
pod_block_role(const struct pod_block *b)
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
draw_progress(struct surface *s, struct rect cell, const struct pod *pod, int64_t now_wall_ms,
              bool quiet)
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
                     quiet ? ROLE_RULE : looks[sign].role);
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

static int
first_column(const struct pod_columns *c)
{
    return c->w[COL_NS] ? c->x[COL_NS] : c->x[COL_NAME];
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
    bool quiet, marked;
    int indent;
};

/* CPU and memory it uses now. */
static void
draw_usage(struct surface *s, const struct pod_columns *c, struct rect line, const struct pod *pod,
           const struct view_env *env)
{
    struct usage_amounts used;
    char cpu[24] = "–", memory[24] = "–";
    if (!c->w[COL_CPU] && !c->w[COL_MEM])
        return;
    if (usage_of_pod(env->usage, pod->ns, pod->name, &used)) {
        usage_cpu_text(used.cpu_nano, cpu);
        usage_memory_text(used.memory_bytes, memory);
    }
    surface_field(s, line, c->x[COL_CPU], line.y, c->w[COL_CPU], true, ROLE_DIM, cpu);
    surface_field(s, line, c->x[COL_MEM], line.y, c->w[COL_MEM], true, ROLE_DIM, memory);
}

static void
draw_text_cells(struct surface *s, const struct pod_columns *c, int y, const struct row *r,
                const struct view_env *env)
{
    struct rect line = {c->area.x, y, c->area.w, 1};
    char text[256], since[16] = "";
    enum role quiet = r->quiet ? ROLE_DIM : ROLE_TEXT;
    surface_field(s, line, c->x[COL_NS], y, c->w[COL_NS], false, ROLE_DIM, r->pod->ns);
    widget_name(s, line, c->x[COL_NAME] + r->indent, y, IW_MAX(c->w[COL_NAME] - r->indent, 0),
                r->marked ? ROLE_KEY : quiet, r->pod->name);
    widget_status_short(r->cells.status, c->w[COL_STATUS], text, sizeof(text));
    if (!c->w[COL_READY] && strcmp(r->cells.status, "Running") == 0)
        snprintf(text, sizeof(text), "Running %s", r->cells.ready);
    surface_field(s, line, c->x[COL_STATUS], y, c->w[COL_STATUS], false, pod_block_role(&r->block),
                  text);
    surface_field(s, line, c->x[COL_READY], y, c->w[COL_READY], false, quiet, r->cells.ready);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)r->cells.restart_count);
    surface_field(s, line, c->x[COL_RST], y, c->w[COL_RST], true,
                  r->cells.restart_count ? ROLE_BACKOFF : ROLE_DIM, text);
    int64_t since_ms = pod_since_ms(r->pod, &r->block);
    if (since_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - since_ms, since);
    surface_field(s, line, c->x[COL_FOR], y, c->w[COL_FOR], true, quiet, since);
    draw_usage(s, c, line, r->pod, env);
    surface_field(s, line, c->x[COL_NODE], y, c->w[COL_NODE], false, ROLE_DIM,
                  r->pod->node[0] ? r->pod->node : "–");
    const struct pod_why about = {&r->block, r->pod, env->store, env->now_wall_ms};
    pod_why_text(&about, c->w[COL_WHY], text, sizeof(text));
    surface_field(s, line, c->x[COL_WHY], y, c->w[COL_WHY], false,
                  r->block.severity >= BLOCK_WAIT ? ROLE_TEXT : ROLE_DIM, text);
}

static struct rect
column_cell(const struct pod_columns *c, enum pod_column id, int y)
{
    return rect_intersect(c->area, (struct rect){c->x[id], y, c->w[id], 1});
}

void
pod_table_row(struct surface *s, const struct pod_columns *c, int y, struct pod_ref ref,
              const struct view_env *env, bool marked, int indent)
{
    struct row r = {.pod = store_get(env->store, ref), .ref = ref};
    if (!r.pod)
        return;
    pod_block_of(r.pod, env->now_wall_ms, &r.block);
    pod_print_cells(r.pod, env->now_wall_ms, &r.cells);
    r.quiet = r.block.severity == BLOCK_NONE;
    r.marked = marked;
    r.indent = indent;
    draw_text_cells(s, c, y, &r, env);
    draw_strip(s, column_cell(c, COL_STRIP, y), r.pod, env, c->spaced);
    if (c->w[COL_PROGRESS])
        draw_progress(s, column_cell(c, COL_PROGRESS, y), r.pod, env->now_wall_ms, r.quiet);
    if (marked)
        surface_puts(s, c->area, first_column(c) - 1, y, ROLE_KEY, "•");
    if (just_changed(env, ref))
        surface_flag(s, column_cell(c, COL_NAME, y), CELL_UNDERLINED);
}

/* The column that the sort goes by, COL_COUNT when it is none of those. */
static enum pod_column
sorted_column(enum pod_sort sort)
{
    static const enum pod_column columns[POD_SORT_COUNT] = {
        [POD_SORT_STUCK] = COL_WHY,    [POD_SORT_NS] = COL_NS,         [POD_SORT_NAME] = COL_NAME,
        [POD_SORT_INIT] = COL_STRIP,   [POD_SORT_STATUS] = COL_STATUS, [POD_SORT_READY] = COL_READY,
        [POD_SORT_RESTARTS] = COL_RST, [POD_SORT_FOR] = COL_FOR,       [POD_SORT_NODE] = COL_NODE,
        [POD_SORT_AGE] = COL_COUNT,    [POD_SORT_OWNER] = COL_COUNT,
    };
    return (unsigned)sort < POD_SORT_COUNT ? columns[sort] : COL_COUNT;
}

static const char *
column_title(const struct pod_columns *c, int id, const struct pod_rows *r)
{
    static const char *const titles[COL_COUNT] = {
        TR_MARK("NS"),       TR_MARK("NAME"),   TR_MARK("INIT(SIDE)│APP"),
        TR_MARK("PROGRESS"), TR_MARK("STATUS"), TR_MARK("READY"),
        TR_MARK("RST"),      TR_MARK("FOR"),    TR_MARK("CPU"),
        TR_MARK("MEM"),      TR_MARK("NODE"),   TR_MARK("WHY")};
    /* Narrower words rather than cut ones. */
    if (id == COL_STRIP && c->w[id] < 14)
        return c->w[id] >= 11 ? tr("INIT(S)│APP") : tr("INIT│APP");
    if (id == COL_WHY && r->sort == POD_SORT_STUCK && !r->reverse && c->w[id] >= 17)
        return tr("WHY (stuck first)");
    return tr(titles[id]);
}

void
pod_table_head(struct surface *s, const struct pod_columns *c, struct rect line,
               const struct pod_rows *r)
{
    enum pod_column sorted = sorted_column(r->sort);
    for (int i = 0; i < COL_COUNT; i++) {
        char title[64];
        const char *text = column_title(c, i, r);
        bool right = i >= COL_RST && i <= COL_MEM, here = i == (int)sorted;
        snprintf(title, sizeof(title), "%s", text);
        /* The default needs no sign: WHY says it in words. */
        if (here && (i != COL_WHY || r->reverse) && utf8_width(text, strlen(text)) < c->w[i])
            snprintf(title, sizeof(title), "%s%s", text, r->reverse ? "▲" : "▾");
        surface_field(s, line, c->x[i], line.y, c->w[i], right, here ? ROLE_TAB : ROLE_DIM, title);
    }
}

/* --- heads of groups --- */

static enum role
severity_role(enum block_severity severity)
{
    static const enum role roles[] = {[BLOCK_NONE] = ROLE_DIM,
                                      [BLOCK_PROGRESS] = ROLE_WORKING,
                                      [BLOCK_WAIT] = ROLE_WORKING,
                                      [BLOCK_WARN] = ROLE_UNREADY,
                                      [BLOCK_ERROR] = ROLE_ERROR};
    return (unsigned)severity < IW_COUNTOF(roles) ? roles[severity] : ROLE_TEXT;
}

void
pod_table_group(struct surface *s, const struct pod_columns *c, int y,
                const struct pod_group_sum *sum, bool folded, const struct view_env *env)
{
    struct rect line = {c->area.x, y, c->area.w, 1};
    char text[400], trouble[200];
    const struct pod *worst = store_get(env->store, sum->worst);
    surface_field(s, line, c->x[COL_NS], y, c->w[COL_NS], false, ROLE_DIM, sum->ns);
    surface_puts(s, line, c->x[COL_NAME], y, ROLE_KEY, folded ? "▸" : "▾");
    widget_name(s, line, c->x[COL_NAME] + 2, y, IW_MAX(c->w[COL_NAME] - 2, 0), ROLE_TITLE,
                sum->name);
    if (worst)
        draw_strip(s, column_cell(c, COL_STRIP, y), worst, env, c->spaced);
    int x = c->x[c->w[COL_PROGRESS] ? COL_PROGRESS : COL_STATUS];
    if (strcmp(sum->kind, "Pod") == 0)
        snprintf(text, sizeof(text), "%s", tr("bare pod"));
    else
        snprintf(text, sizeof(text), sum->pods == 1 ? tr("%s, 1 pod") : tr("%s, %u pods"),
                 owner_kind_short(sum->kind), sum->pods);
    x += surface_puts(s, line, x, y, ROLE_DIM, text) + 2;
    pod_group_text(sum, trouble, sizeof(trouble));
    surface_field(s, line, x, y, IW_MAX(line.x + line.w - x, 0), false,
                  severity_role((enum block_severity)sum->severity), trouble);
}
