/* nodes_table: a line for each node: its state, what is requested of it and what is used, its pods.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"
#include "nodes.h"

enum { AMOUNT_COLS = 13, NAME_LEAST = 10, NAME_MOST = 40, BAR_MORE_MOST = 16 };

static const char *const STATES[] = {TR_MARK("✓ Ready"), TR_MARK("⚠ cordoned"),
                                     TR_MARK("✗ NotReady")};

/* As wide as the longest state in the user's language, and a blank. */
static int
status_cols(void)
{
    int cols = 0;
    for (size_t i = 0; i < IW_COUNTOF(STATES); i++)
        cols = IW_MAX(cols, utf8_width(tr(STATES[i]), strlen(tr(STATES[i]))));
    return IW_MAX(cols + 1, 12);
}

static int
name_room(const struct node_columns *c, int cols)
{
    return cols - c->status - c->version - c->cpu - c->cpu_used - c->memory - c->memory_used -
           c->pods - c->age - 3;
}

struct node_columns
nodes_columns(int cols, int names, bool usage)
{
    struct node_columns c = {
        .status = status_cols(), .cpu = 18, .memory = 18, .pods = 10, .age = 6};
    if (cols >= 120) {
        c.version = 10;
        c.cpu = c.memory = 26;
    } else if (cols < 76) {
        c.memory = c.cpu = 12;
        c.pods = 7;
        c.age = 0;
    }
    if (usage && cols >= 76) {
        c.cpu_used = 8;
        c.memory_used = 9;
        if (cols < 100) {
            c.cpu = c.memory = AMOUNT_COLS + 1;
            c.pods = 8;
        }
    }
    int enough = IW_MAX(IW_MIN(names + 2, NAME_MOST), NAME_LEAST);
    if (name_room(&c, cols) < enough)
        c.age = 0;
    if (name_room(&c, cols) < enough)
        c.version = 0;
    if (name_room(&c, cols) < enough)
        c.cpu_used = c.memory_used = 0;
    /* what names do not need makes the bars longer */
    int spare = IW_MIN((name_room(&c, cols) - enough) / 2, BAR_MORE_MOST);
    if (cols >= 120 && spare > 0) {
        c.cpu += spare;
        c.memory += spare;
    }
    c.name = IW_MAX(name_room(&c, cols), NAME_LEAST);
    return c;
}

static void
draw_amount(struct surface *s, struct rect row, int x, int cols, const struct node_sum *a, bool cpu)
{
    char used[24], all[24] = "?", text[56];
    nodes_amount_text(&a->requested, cpu, used, sizeof(used));
    if (a->known)
        nodes_amount_text(&a->allocatable, cpu, all, sizeof(all));
    (void)snprintf(text, sizeof(text), "%s/%s", used, all);
    double part = a->known && quantity_approx(&a->allocatable) > 0
                      ? quantity_approx(&a->requested) / quantity_approx(&a->allocatable)
                      : 0;
    enum role role = part > 1 ? ROLE_ERROR : part > 0.9 ? ROLE_WARN : ROLE_TEXT;
    int width = IW_MIN(cols - 1, AMOUNT_COLS);
    surface_field(s, row, x, row.y, width, true, role, text);
    if (cols - width - 2 >= 4)
        widget_bar(s, row, x + width + 1, row.y, cols - width - 3, IW_MIN(part, 1.0),
                   part > 0.9 ? ROLE_WARN : ROLE_BAR);
}

/* Near the end of what the node has, the kubelet evicts. */
static enum role
used_role(double used, const struct node_sum *a)
{
    double all = a->known ? quantity_approx(&a->allocatable) : 0;
    return all <= 0            ? ROLE_TEXT
           : used > 0.9 * all  ? ROLE_ERROR
           : used > 0.75 * all ? ROLE_WARN
                               : ROLE_TEXT;
}

static void
draw_used(const struct node_use *load, const struct view_env *env, struct surface *s,
          struct rect row, int x, int cols, bool cpu)
{
    struct usage_amounts used;
    char text[24] = "–";
    enum role role = ROLE_DIM;
    if (usage_of_node(env->usage, load->node->name, &used)) {
        if (cpu)
            usage_cpu_text(used.cpu_nano, text);
        else
            usage_memory_text(used.memory_bytes, text);
        role = cpu ? used_role((double)used.cpu_nano / 1e9, &load->cpu)
                   : used_role((double)used.memory_bytes, &load->memory);
    }
    surface_field(s, row, x, row.y, IW_MAX(cols - 1, 0), true, role, text);
}

void
nodes_head(struct surface *s, struct rect row, const struct node_columns *c, int sorted)
{
    const struct {
        int cols, shown;
        bool right;
        const char *head;
    } heads[NODES_COLUMN_COUNT] = {
        [NODES_NAME] = {c->name, c->name, false, tr("NODE")},
        [NODES_STATUS] = {c->status, c->status, false, tr("STATUS")},
        [NODES_VERSION] = {c->version, c->version, false, tr("VERSION")},
        [NODES_CPU] = {c->cpu, IW_MIN(c->cpu - 1, AMOUNT_COLS), true, tr("CPU")},
        [NODES_CPU_USED] = {c->cpu_used, c->cpu_used - 1, true, tr("USED")},
        [NODES_MEMORY] = {c->memory, IW_MIN(c->memory - 1, AMOUNT_COLS), true, tr("MEMORY")},
        [NODES_MEMORY_USED] = {c->memory_used, c->memory_used - 1, true, tr("USED")},
        [NODES_PODS] = {c->pods, c->pods, false, tr("PODS")},
        [NODES_AGE] = {c->age, c->age - 1, true, tr("AGE")}};
    int x = row.x + 2;
    for (int i = 0; i < NODES_COLUMN_COUNT; x += heads[i].cols, i++)
        if (heads[i].cols)
            surface_field(s, row, x, row.y, heads[i].shown, heads[i].right,
                          i == sorted ? ROLE_TAB : ROLE_DIM, heads[i].head);
}

void
nodes_row(const struct node_use *load, const struct view_env *env, struct surface *s,
          struct rect row, const struct node_columns *c, bool selected)
{
    static const enum role ROLES[] = {ROLE_OK, ROLE_WARN, ROLE_ERROR};
    char age[16] = "";
    unsigned state = !node_is_ready(load->node) ? 2 : load->node->node->unschedulable ? 1 : 0;
    int x = row.x + 2;
    surface_puts(s, row, row.x, row.y, ROLE_KEY, selected ? "▸" : " ");
    surface_field(s, row, x, row.y, c->name - 1, false, ROLE_TEXT, load->node->name);
    x += c->name;
    surface_field(s, row, x, row.y, c->status, false, ROLES[state], tr(STATES[state]));
    x += c->status;
    if (c->version)
        surface_field(s, row, x, row.y, c->version - 1, false, ROLE_DIM,
                      load->node->node->kubelet_version);
    x += c->version;
    draw_amount(s, row, x, c->cpu, &load->cpu, true);
    x += c->cpu;
    if (c->cpu_used)
        draw_used(load, env, s, row, x, c->cpu_used, true);
    x += c->cpu_used;
    draw_amount(s, row, x, c->memory, &load->memory, false);
    x += c->memory;
    if (c->memory_used)
        draw_used(load, env, s, row, x, c->memory_used, false);
    x += c->memory_used;
    int at = x + surface_printf(s, row, x, row.y, ROLE_TEXT, "%u", load->pods);
    if (load->stuck)
        surface_printf(s, row, at + 1, row.y, ROLE_ERROR, "✗%u", load->stuck);
    x += c->pods;
    if (load->node->created_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - load->node->created_ms, age);
    if (c->age)
        surface_field(s, row, x, row.y, c->age - 1, true, ROLE_DIM, age);
    if (selected)
        surface_flag(s, row, CELL_SELECTED);
}
