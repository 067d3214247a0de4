/* findings_list: problems as lines, worst first; what was checked, and how it was over time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "findings_list.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/podpane.h"

/* ABOUT_LEAST: cells below which what is the matter is left out. LINES_MOST: of a group. CHECKED: the lines of "checked" when
 * nothing was refused, with the blank above. */
enum { ABOUT_LEAST_COLS = 16, CHECKED_LINES = 4, SINCE_COLS = 5, LINES_MOST = 6 };
enum { UNREAD_LINES = 2, UNREAD_BYTES = 320 };

enum section { SECTION_CAUSES, SECTION_WASTE, SECTION_MUTED, SECTION_GONE };

static enum section
section_of(const struct finding_group *g)
{
    if (g->gone)
        return SECTION_GONE;
    if (g->muted)
        return SECTION_MUTED;
    return g->severity == SEVERITY_ERROR ? SECTION_CAUSES : SECTION_WASTE;
}

/* --- lines --- */

/* Line 0 of a group is its cause; LINE_HEADING stands above the first of a section. */
#define LINE_HEADING UINT32_MAX
struct line {
    size_t group;
    uint32_t part;
};

/* The line at `wanted`: true when there is one so far down. */
static bool
walk_lines(const struct findings *f, size_t wanted, struct line *out)
{
    size_t at = 0;
    for (size_t i = 0; i < f->groups.len; i++) {
        const struct finding_group *g = &f->groups.items[i];
        bool heads = i == 0 || section_of(g) != section_of(g - 1);
        if (heads && at++ == wanted) {
            *out = (struct line){i, LINE_HEADING};
            return true;
        }
        if (wanted - at < g->lines) {
            *out = (struct line){i, (uint32_t)(wanted - at)};
            return true;
        }
        at += g->lines;
    }
    return false;
}

size_t
findings_list_line(const struct findings *f, size_t group)
{
    size_t at = 0;
    for (size_t i = 0; i <= group; i++) {
        const struct finding_group *g = &f->groups.items[i];
        at += i == 0 || section_of(g) != section_of(g - 1);
        if (i < group)
            at += g->lines;
    }
    return at;
}

size_t
findings_list_lines(const struct findings *f)
{
    size_t last = f->groups.len;
    return last ? findings_list_line(f, last - 1) + f->groups.items[last - 1].lines : 0;
}

/* --- what a group says --- */

/* What is the matter, of one pod alone; "" when the pods are all there is to say. */
static const char *
about_of(const struct findings *f, const struct view_env *env, const struct finding_group *g)
{
    const struct finding_item *first = &f->items.items[g->first];
    const struct pod *pod = g->count == 1 ? store_get(env->store, first->pod) : NULL;
    if (!pod || f->by != GROUP_BY_CAUSE)
        return "";
    const char *about = podpane_about(pod, first->summary);
    size_t name = strlen(pod->name);
    return strncmp(about, pod->name, name) == 0 && about[name] == ' ' ? about + name + 1 : about;
}

/* How many pods, and since when; of what is gone, how long ago. */
static void
group_right(const struct findings *f, const struct view_env *env, const struct finding_group *g,
            char pods[32], char since[16])
{
    int64_t gone_ms = f->items.items[g->first].gone_ms;
    int64_t at_ms = g->gone ? gone_ms : g->since_ms;
    since[0] = '\0';
    if (at_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - at_ms, since);
    if (g->gone)
        (void)snprintf(pods, 32, "%s", tr("gone"));
    else
        (void)snprintf(pods, 32, g->pods == 1 ? tr("%zu pod") : tr("%zu pods"), g->pods);
}

/* Cells in front of what is the matter: "    cart-7b5c   ". */
static int
about_column(const struct findings *f, const struct finding_group *g)
{
    const char *name = f->items.items[g->first].name;
    return 4 + utf8_width(name, strlen(name)) + 3;
}

/* "not allowed to list: nodes, secrets": what was asked for and is not known; false when there is none. */
static bool
unread_text(const struct view_env *env, enum objects_state why, char out[UNREAD_BYTES])
{
    uint32_t kinds = kobjects_denied(env->objects, why);
    if (kinds == 0)
        return false;
    strbuf_auto names;
    strbuf_init(&names, 256);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        if (kinds & 1u << i)
            strbuf_addf(&names, "%s%s", names.len ? ", " : "",
                        kobject_kind_info((enum kobject_kind)i)->plural);
    (void)snprintf(out, UNREAD_BYTES, tr("%s: %s → some answers are \"cannot tell\""),
                   tr(kobjects_state_word(why)), names.data);
    return true;
}

/* What stands below the list, with the blank above it. */
static int
checked_lines(const struct findings *f, const struct view_env *env, int width)
{
    static const enum objects_state UNREAD[] = {OBJECTS_DENIED, OBJECTS_REFUSED};
    int lines = CHECKED_LINES + FINDINGS_BLOCKED_LINES + (f->hidden ? 1 : 0);
    char text[UNREAD_BYTES];
    for (size_t i = 0; i < IW_COUNTOF(UNREAD); i++)
        if (unread_text(env, UNREAD[i], text))
            lines += widget_wrap_lines(text, width - 2, UNREAD_LINES);
    return lines;
}

void
findings_list_measure(struct findings *f, const struct view_env *env, struct rect list)
{
    f->pods_cols = 0;
    for (size_t i = 0; i < f->groups.len; i++) {
        struct finding_group *g = &f->groups.items[i];
        char pods[32], since[16];
        group_right(f, env, g, pods, since);
        f->pods_cols = IW_MAX(f->pods_cols, utf8_width(pods, strlen(pods)));
        g->lines = g->muted || g->gone ? 1 : 2;
    }
    size_t total = findings_list_lines(f);
    size_t room = (size_t)IW_MAX(list.h - checked_lines(f, env, list.w), 0);
    /* One line more for each whose words have no room, the worst first, while there are lines. */
    for (unsigned lines = 3; lines <= LINES_MOST && total < room; lines++)
        for (size_t i = 0; i < f->groups.len && total < room; i++) {
            struct finding_group *g = &f->groups.items[i];
            int cols = list.w - 1 - about_column(f, g);
            if (g->lines + 1 != lines || cols <= ABOUT_LEAST_COLS ||
                widget_wrap_lines(about_of(f, env, g), cols, LINES_MOST) < (int)lines - 1)
                continue;
            g->lines = lines;
            total++;
        }
}

/* --- drawing --- */

static enum role
group_role(const struct finding_group *g)
{
    if (g->gone)
        return ROLE_OK;
    return g->muted                          ? ROLE_DIM
           : g->severity == SEVERITY_ERROR   ? ROLE_ERROR
           : g->severity == SEVERITY_WARNING ? ROLE_WARN
                                             : ROLE_DIM;
}

static const char *
group_sign(const struct finding_group *g)
{
    if (g->gone)
        return "✓";
    return g->severity == SEVERITY_ERROR ? "✗" : g->severity == SEVERITY_WARNING ? "⚠" : "·";
}

static void
draw_cause(const struct findings *f, const struct view_env *env, struct surface *s, struct rect row,
           size_t group, bool selected)
{
    const struct finding_group *g = &f->groups.items[group];
    const struct finding_item *item = &f->items.items[g->first];
    char pods[32], since[16];
    group_right(f, env, g, pods, since);
    int right = f->pods_cols + SINCE_COLS + 3;
    int x = row.x + 1;
    x += surface_puts(s, row, x, row.y, ROLE_KEY, selected ? "▸" : " ");
    x += surface_printf(s, row, x, row.y, group_role(g), "%s ", group_sign(g));
    if (f->by != GROUP_BY_CAUSE || (g->severity != SEVERITY_ERROR && !g->gone))
        x += surface_printf(s, row, x, row.y, ROLE_DIM, "%s ", item->id);
    char label[200];
    int room = IW_MAX(row.x + row.w - right - x - 1, 0);
    findings_label(f, g, room, label, sizeof(label));
    surface_field(s, row, x, row.y, room, false, g->muted || g->gone ? ROLE_DIM : ROLE_TEXT, label);
    int at = row.x + row.w - right;
    if (at > x) {
        surface_field(s, row, at + 1, row.y, f->pods_cols, true, ROLE_DIM, pods);
        surface_field(s, row, at + f->pods_cols + 2, row.y, SINCE_COLS, true,
                      g->gone ? ROLE_DIM : ROLE_TEXT, since);
    }
    if (selected)
        surface_flag(s, row, CELL_SELECTED);
}

/* Whose it is; of one pod alone also what is the matter. */
static void
draw_pods(const struct findings *f, const struct view_env *env, struct surface *s, struct rect row,
          size_t group)
{
    const struct finding_group *g = &f->groups.items[group];
    int x = row.x + 4, end = row.x + row.w - 1;
    size_t named = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct finding_item *item = &f->items.items[g->first + i];
        bool again = i > 0 && pod_ref_equal(item->pod, f->items.items[g->first + i - 1].pod);
        if (again && f->by != GROUP_BY_POD)
            continue;
        const char *what = f->by == GROUP_BY_POD ? tr(item->title) : item->name;
        int width = utf8_width(what, strlen(what));
        /* "+8" for those that have no room, rather than half a name */
        if (named > 0 && x + 2 + width > end - 6) {
            surface_printf(s, row, x, row.y, ROLE_DIM, " +%zu",
                           f->by == GROUP_BY_POD ? g->count - named : g->pods - named);
            return;
        }
        if (named++ > 0)
            x += surface_puts(s, row, x, row.y, ROLE_DIM, ", ");
        width = IW_MIN(width, end - x);
        surface_field(s, row, x, row.y, width, false, ROLE_DIM, what);
        x += width;
    }
    const char *about = about_of(f, env, g);
    if (!about[0] || end - x <= ABOUT_LEAST_COLS)
        return;
    x += 3;
    if (g->lines > 2)
        widget_wrap(s, (struct rect){row.x, row.y, row.w, (int)g->lines - 1}, x, row.y, end - x,
                    (int)g->lines - 1, ROLE_DIM, about);
    else
        surface_field(s, row, x, row.y, end - x, false, ROLE_DIM, about);
}

static void
draw_heading(const struct findings *f, struct surface *s, struct rect row, size_t group)
{
    static const char *const words[] = {[SECTION_CAUSES] = TR_MARK("root causes (worst first)"),
                                        [SECTION_WASTE] = TR_MARK("would block or waste"),
                                        [SECTION_MUTED] = TR_MARK("muted"),
                                        [SECTION_GONE] = TR_MARK("gone while you watched")};
    surface_rule(s, row, row.y, ROLE_RULE, tr(words[section_of(&f->groups.items[group])]),
                 ROLE_TITLE);
}

/* Returns the line below. */
static int
draw_unread(const struct view_env *env, enum objects_state why, struct surface *s, struct rect area,
            int y)
{
    char text[UNREAD_BYTES];
    if (y >= area.y + area.h || !unread_text(env, why, text))
        return y;
    return y + widget_wrap(s, area, area.x + 1, y, area.w - 2,
                           IW_MIN(area.y + area.h - y, UNREAD_LINES), ROLE_WARN, text);
}

/* "12 pods, 27 containers, 13 rules, 41 objects read", what could not be looked at, and how many
 * pods were blocked. */
static void
draw_checked(const struct findings *f, const struct view_env *env, struct surface *s,
             struct rect area)
{
    int y = area.y;
    surface_rule(s, area, y++, ROLE_RULE, tr("checked"), ROLE_TITLE);
    char seen[200];
    findings_seen_text(f, env, seen, sizeof(seen));
    surface_puts(s, area, area.x + 1, y++, ROLE_DIM, seen);
    y = draw_unread(env, OBJECTS_DENIED, s, area, y);
    y = draw_unread(env, OBJECTS_REFUSED, s, area, y);
    if (f->hidden && y < area.y + area.h)
        surface_printf(s, area, area.x + 1, y++, ROLE_DIM, tr("%zu hidden by filter or severity"),
                       f->hidden);
    y += y + FINDINGS_BLOCKED_LINES < area.y + area.h;
    (void)findings_blocked_draw(f, env, s, (struct rect){area.x, y, area.w, area.y + area.h - y});
}

void
findings_list_draw(const struct findings *f, const struct view_env *env, struct surface *s,
                   struct rect list, size_t top, size_t selected)
{
    int y = 0;
    for (; y < list.h; y++) {
        struct line line;
        if (!walk_lines(f, top + (size_t)y, &line))
            break;
        struct rect row = {list.x, list.y + y, list.w, 1};
        if (line.part == LINE_HEADING)
            draw_heading(f, s, row, line.group);
        else if (line.part == 0)
            draw_cause(f, env, s, row, line.group, line.group == selected);
        else if (line.part == 1)
            draw_pods(f, env, s, row, line.group); /* and the lines below it */
    }
    y += f->groups.len > 0;
    if (y + 2 <= list.h)
        draw_checked(f, env, s, (struct rect){list.x, list.y + y, list.w, list.h - y});
}

void
findings_list_nothing(const struct findings *f, const struct view_env *env, struct surface *s,
                      struct rect area)
{
    if (f->seen.pods == 0 || !store_synced(env->store, STREAM_PODS) || f->hidden) {
        widget_empty(s, area, env, STREAM_PODS, tr("finding"), f->hidden,
                     f->errors_only && !text_filter_active(f->filter)
                         ? tr("errors only")
                         : text_filter_text(f->filter));
        return;
    }
    if (area.h < 2)
        return;
    surface_puts(s, area, area.x + 1, area.y + 1, ROLE_OK,
                 tr("✓ Nothing is wrong that the rules can see."));
    struct rect rest = {area.x, area.y + 3, area.w, area.h - 3};
    if (rest.h >= 2)
        draw_checked(f, env, s, rest);
}
