/* help_keys: the keys of a view by group, from the key table.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

/* The nth key of an action that is still shown. */
enum { KEYS_PER_ACTION = 3 };

const struct help_row help_rows[] = {
    {"MOVE", TR_MARK("line"), TR_MARK("line"), NULL, {{ACT_DOWN, 0}, {ACT_UP, 0}}},
    {"MOVE",
     TR_MARK("top, end"),
     TR_MARK("first, last line"),
     NULL,
     {{ACT_TOP, 0}, {ACT_BOTTOM, 0}}},
    {"MOVE",
     TR_MARK("half page"),
     TR_MARK("half a page"),
     NULL,
     {{ACT_HALF_DOWN, 0}, {ACT_HALF_UP, 0}}},
    {"MOVE", TR_MARK("page"), TR_MARK("page"), NULL, {{ACT_PAGE_DOWN, 0}, {ACT_PAGE_UP, 0}}},
    {"MOVE", TR_MARK("columns"), TR_MARK("scroll columns"), NULL, {{ACT_LEFT, 0}, {ACT_RIGHT, 0}}},
    {"MOVE",
     TR_MARK("next, prev pod"),
     TR_MARK("next, previous pod, same view"),
     NULL,
     {{ACT_NEXT_POD, 0}, {ACT_PREV_POD, 0}}},
    {"MOVE",
     TR_MARK("pane"),
     TR_MARK("next, previous pane or side"),
     NULL,
     {{ACT_NEXT_PANE, 0}, {ACT_PREV_PANE, 0}}},
    {"MOVE",
     TR_MARK("section"),
     TR_MARK("next, previous section"),
     NULL,
     {{ACT_NEXT_SECTION, 0}, {ACT_PREV_SECTION, 0}}},
    {"MOVE",
     TR_MARK("history, last"),
     TR_MARK("history: back, forward; the last screen"),
     NULL,
     {{ACT_HISTORY_BACK, 0}, {ACT_HISTORY_FORWARD, 0}, {ACT_LAST_VIEW, 0}}},
    {"MOVE",
     TR_MARK("mark, jump"),
     TR_MARK("set a mark, go to it (and a letter)"),
     NULL,
     {{ACT_SET_MARK, 0}, {ACT_GO_MARK, 0}}},
    {"OPEN", TR_MARK("open"), NULL, NULL, {{ACT_OPEN, 0}}},
    {"OPEN",
     TR_MARK("back; clear filter"),
     TR_MARK("back, quits on the first view; Esc clears the filter first"),
     NULL,
     {{ACT_BACK, 0}, {ACT_CLEAR, 0}}},
    {"OPEN", TR_MARK("logs"), NULL, NULL, {{ACT_LOGS, 0}}},
    {"OPEN", TR_MARK("previous attempt"), NULL, NULL, {{ACT_PREVIOUS, 0}}},
    {"OPEN", TR_MARK("merged logs"), NULL, NULL, {{ACT_MERGED, 0}}},
    {"OPEN",
     TR_MARK("events, why"),
     TR_MARK("events of the pod; why is it stuck"),
     NULL,
     {{ACT_EVENTS, 0}, {ACT_WHY, 0}}},
    {"OPEN", TR_MARK("usage by stage"), NULL, NULL, {{ACT_RESOURCES, 0}}},
    {"OPEN",
     TR_MARK("yaml, describe"),
     TR_MARK("the object as YAML; described, with facts worked out"),
     NULL,
     {{ACT_YAML, 0}, {ACT_DESCRIBE, 0}}},
    {"ACT",
     TR_MARK("mark row, all"),
     TR_MARK("mark the row, all, from a mark to here, none: for L, c"),
     NULL,
     {{ACT_MARK_ROW, 0}, {ACT_MARK_ALL, 0}, {ACT_MARK_RANGE, 0}, {ACT_MARK_NONE, 0}}},
    {"ACT",
     TR_MARK("copy name or line"),
     TR_MARK("copy the name, the line, the marked rows (OSC 52)"),
     NULL,
     {{ACT_COPY, 0}}},
    {"ACT", TR_MARK("save what is seen"), NULL, NULL, {{ACT_SAVE, 0}}},
    {"ACT", TR_MARK("pipe to a command"), NULL, NULL, {{ACT_PIPE, 0}}},
    {"ACT",
     TR_MARK("shell, attach"),
     TR_MARK("shell, attach: copies the command"),
     NULL,
     {{ACT_WRITING, WRITES_SHELL}, {ACT_WRITING, WRITES_ATTACH}}},
    {"ACT",
     TR_MARK("debug container"),
     TR_MARK("debug container: copies the command"),
     NULL,
     {{ACT_WRITING, WRITES_DEBUG}}},
    {"ACT",
     TR_MARK("port-forwards"),
     TR_MARK("port-forward: copies the command"),
     NULL,
     {{ACT_WRITING, WRITES_FORWARD}, {ACT_WRITING, WRITES_FORWARDS}}},
    {"ACT",
     TR_MARK("edit, restart"),
     TR_MARK("edit in $EDITOR; restart the owner"),
     NULL,
     {{ACT_WRITING, WRITES_EDIT}, {ACT_WRITING, WRITES_RESTART}}},
    {"ACT",
     TR_MARK("delete"),
     TR_MARK("delete the pod, asks first"),
     NULL,
     {{ACT_WRITING, WRITES_DELETE}}},
    {"FIND", TR_MARK("filter or search"), NULL, NULL, {{ACT_FILTER, 0}}},
    {"FIND", TR_MARK("rows without abc"), TR_MARK("rows that do not match"), "/!abc", {{0}}},
    {"FIND", TR_MARK("by label"), TR_MARK("label selector"), "/-l a=b", {{0}}},
    {"FIND", TR_MARK("fuzzy"), TR_MARK("letters in their order"), "/-f abc", {{0}}},
    {"FIND",
     TR_MARK("by column"),
     TR_MARK("a column: status:Init, rst:>3, node:worker"),
     "/rst:>3",
     {{0}}},
    {"FIND",
     TR_MARK("next, previous"),
     TR_MARK("next, previous match"),
     NULL,
     {{ACT_FIND_NEXT, 0}, {ACT_FIND_PREV, 0}}},
    {"FIND", TR_MARK("only this reason"), NULL, NULL, {{ACT_ONLY_REASON, 0}}},
    {"FIND", TR_MARK("command line"), NULL, NULL, {{ACT_COMMAND, 0}}},
    {"VIEW",
     TR_MARK("tab, namespaces"),
     TR_MARK("view by number; all namespaces on/off"),
     NULL,
     {{ACT_TAB, 0}, {ACT_ALL_NAMESPACES, 0}}},
    {"VIEW", TR_MARK("only problems"), NULL, NULL, {{ACT_PROBLEMS, 0}}},
    {"VIEW",
     TR_MARK("wide, time"),
     TR_MARK("wide columns, in text wrap; time: age, local, UTC"),
     NULL,
     {{ACT_WIDE, 0}, {ACT_TIME, 0}}},
    {"VIEW",
     TR_MARK("sort, by name"),
     TR_MARK("sort: choose, previous or next column, reverse; by name"),
     NULL,
     {{ACT_SORT_CHOOSE, 0},
      {ACT_SORT_PREV, 0},
      {ACT_SORT_NEXT, 0},
      {ACT_SORT_REVERSE, 0},
      {ACT_SORT_BY, SORTS_NAME}}},
    {"VIEW", TR_MARK("group"), NULL, NULL, {{ACT_GROUP, 0}}},
    {"VIEW", TR_MARK("about what"), NULL, NULL, {{ACT_ABOUT, 0}}},
    {"VIEW", TR_MARK("mute the rule"), NULL, NULL, {{ACT_MUTE, 0}}},
    {"VIEW",
     TR_MARK("zoom the time"),
     TR_MARK("zoom the timeline, the window of time"),
     NULL,
     {{ACT_ZOOM_IN, 0}, {ACT_ZOOM_OUT, 0}}},
    {"VIEW", TR_MARK("fold everything"), NULL, NULL, {{ACT_FOLD_ALL, 0}}},
    {"VIEW", TR_MARK("managedFields"), NULL, NULL, {{ACT_MANAGED, 0}}},
    {"VIEW",
     TR_MARK("more, less"),
     TR_MARK("what if: a larger, a smaller request or limit"),
     NULL,
     {{ACT_AMOUNT_UP, 0}, {ACT_AMOUNT_DOWN, 0}}},
    {"VIEW", TR_MARK("type the amount"), NULL, NULL, {{ACT_EDIT_AMOUNT, 0}}},
    {"VIEW",
     TR_MARK("try a hint, undo"),
     TR_MARK("what if: try the suggestion, take the last edit back"),
     NULL,
     {{ACT_TAKE_HINT, 0}, {ACT_UNDO, 0}}},
    {"VIEW",
     TR_MARK("usage on, off"),
     TR_MARK("what is used now: on, off"),
     NULL,
     {{ACT_USAGE, 0}}},
    {"VIEW",
     TR_MARK("where it fits"),
     TR_MARK("the nodes and whether it fits there, and back to the top"),
     NULL,
     {{ACT_NODE_FIT, 0}}},
    {"VIEW",
     TR_MARK("header, theme"),
     TR_MARK("header cards on/off, next theme"),
     NULL,
     {{ACT_HEADER, 0}, {ACT_THEME, 0}}},
    {"LOGS",
     TR_MARK("follow, to the end"),
     TR_MARK("follow on/off; go to the end and follow"),
     NULL,
     {{ACT_FOLLOW, 0}, {ACT_FOLLOW_END, 0}}},
    {"LOGS",
     TR_MARK("attempt"),
     TR_MARK("older, newer attempt"),
     NULL,
     {{ACT_ATTEMPT_OLDER, 0}, {ACT_ATTEMPT_NEWER, 0}}},
    {"LOGS", TR_MARK("compare two"), NULL, NULL, {{ACT_COMPARE, 0}}},
    {"LOGS", TR_MARK("all, since 1m-6h"), NULL, NULL, {{ACT_SINCE, 0}}},
    {"LOGS", TR_MARK("one container, all"), NULL, NULL, {{ACT_ALL_CONTAINERS, 0}}},
    {"LOGS",
     TR_MARK("error line"),
     TR_MARK("next, previous error line"),
     NULL,
     {{ACT_NEXT_ERROR, 0}, {ACT_PREV_ERROR, 0}}},
    {"LOGS",
     TR_MARK("warning line"),
     TR_MARK("next, previous warning or worse"),
     NULL,
     {{ACT_NEXT_WARNING, 0}, {ACT_PREV_WARNING, 0}}},
    {"LOGS",
     TR_MARK("keep, drop lines"),
     TR_MARK("keep, drop lines that match (regex, level>=warn)"),
     NULL,
     {{ACT_KEEP, 0}, {ACT_DROP, 0}}},
    {"LOGS", TR_MARK("lines around"), NULL, NULL, {{ACT_CONTEXT, 0}}},
    {"LOGS", TR_MARK("JSON as columns"), NULL, NULL, {{ACT_COLUMNS, 0}}},
    {"LOGS", TR_MARK("fold repeats"), NULL, NULL, {{ACT_FOLD, 0}}},
    {"LOGS", TR_MARK("mark the line"), NULL, NULL, {{ACT_LINE_MARK, 0}}},
    {"LOGS", TR_MARK("to the side panes"), NULL, NULL, {{ACT_SIDE, 0}}},
    {"TOOL",
     TR_MARK("redraw, reload"),
     TR_MARK("draw the screen again; list again, retry now"),
     NULL,
     {{ACT_REDRAW, 0}, {ACT_RELIST, 0}}},
    {"TOOL",
     TR_MARK("suspend, quit"),
     TR_MARK("suspend to the shell; quit from anywhere"),
     NULL,
     {{ACT_SUSPEND, 0}, {ACT_QUIT, 0}}},
    {"TOOL",
     TR_MARK("messages, help"),
     TR_MARK("messages of initwatch itself; this help"),
     NULL,
     {{ACT_MESSAGES, 0}, {ACT_HELP, 0}}},
    {"TOOL",
     TR_MARK("course and clock"),
     TR_MARK("the course; edit a step; pause, one second"),
     NULL,
     {{ACT_DEMO, 0}, {ACT_PLAY_EDIT, 0}, {ACT_PLAY_PAUSE, 0}, {ACT_PLAY_STEP, 0}}},
    {"TOOL",
     TR_MARK("replay: pause"),
     TR_MARK("replay: pause, go on; at the end begin again"),
     NULL,
     {{ACT_REPLAY_PAUSE, 0}}},
    {"TOOL",
     TR_MARK("replay: step"),
     TR_MARK("replay: back, on by one change"),
     NULL,
     {{ACT_STEP_BACK, 0}, {ACT_STEP_ON, 0}}},
    {"TOOL",
     TR_MARK("replay: speed"),
     TR_MARK("replay: half, twice as fast"),
     NULL,
     {{ACT_REPLAY_SLOWER, 0}, {ACT_REPLAY_FASTER, 0}}},
    {"TOOL",
     TR_MARK("replay: marks"),
     TR_MARK("replay: to the mark before, the next mark"),
     NULL,
     {{ACT_MARK_BACK, 0}, {ACT_MARK_ON, 0}}},
    {"TOOL",
     TR_MARK("slower, faster"),
     TR_MARK("half, twice as fast"),
     NULL,
     {{ACT_PLAY_SLOWER, 0}, {ACT_PLAY_FASTER, 0}}},
    {"TOOL", TR_MARK("play it again"), NULL, NULL, {{ACT_PLAY_AGAIN, 0}}},
};
const size_t help_row_count = IW_COUNTOF(help_rows);

const char *
help_group(const struct view_class *about, size_t index)
{
    static const char *const groups[] = {"MOVE", "OPEN", "ACT", "FIND", "VIEW", "TOOL", NULL};
    static const char *const of_logs[] = {"MOVE", "LOGS", "OPEN", "FIND",
                                          "ACT",  "VIEW", "TOOL", NULL};
    return (about->context == CTX_LOGS ? of_logs : groups)[index];
}

const char *
help_group_title(const char *group, bool full)
{
    if (strcmp(group, "MOVE") == 0)
        return full ? tr("MOVE (vim, less, arrows)") : tr("MOVE");
    if (strcmp(group, "ACT") == 0)
        return full ? tr("ACT (dim: only with --write)") : tr("ACT (dim: --write)");
    return tr(group);
}

static void
short_key(const struct key_binding *b, char out[16])
{
    static const struct {
        uint32_t key;
        const char *text;
    } signs[] = {{KEY_UP_CODE, "↑"},
                 {KEY_DOWN_CODE, "↓"},
                 {KEY_LEFT_CODE, "←"},
                 {KEY_RIGHT_CODE, "→"},
                 {KEY_ENTER_CODE, "⏎"}};
    if (b->action == ACT_TAB || b->action == ACT_SINCE) {
        snprintf(out, 16, "%s", b->action == ACT_TAB ? "1-8" : "0-6");
        return;
    }
    for (size_t i = 0; i < IW_COUNTOF(signs); i++)
        if (signs[i].key == b->key) {
            snprintf(out, 16, "%s", signs[i].text);
            return;
        }
    key_text(b->key, out);
}

/* The keys of the action do different things. */
static bool
by_arg(enum action action)
{
    return action == ACT_WRITING || action == ACT_SORT_BY;
}

/* The nth key of an action in a view, NULL when it has no more. */
static const struct key_binding *
nth_binding(const struct view_class *about, struct help_act act, size_t n)
{
    size_t count, found = 0;
    const struct key_binding *table = keymap_bindings(&count);
    char before[16] = "", text[16];
    for (size_t i = 0; i < count; i++) {
        const struct key_binding *b = &table[i];
        bool here = b->context == CTX_ALL || b->context == about->context ||
                    b->context == CTX_REPLAY || (b->context == CTX_PODISH && about->podish);
        if (b->action != act.action || !here || (by_arg(act.action) && b->arg != act.arg) ||
            keymap_lookup(about->context, about->podish, b->key, NULL) != act.action)
            continue;
        short_key(b, text);
        /* Digits are one entry. */
        if (strcmp(before, text) == 0)
            continue;
        if (found++ == n)
            return b;
        memcpy(before, text, sizeof(before));
    }
    return NULL;
}

static bool
is_of_demo(const struct help_row *row)
{
    return strcmp(action_group(row->acts[0].action), "DEMO") == 0;
}

/* Does an action that is bound everywhere do something in this view? */
static bool
is_of_use(enum action action, const struct view_class *about)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].action == action && table[i].context == about->context)
            return true;
    if (action == ACT_PIPE)
        return false;
    if (action == ACT_NEXT_PANE)
        return about->context == CTX_LOGS;
    if (action == ACT_FIND_NEXT)
        return about->searchable;
    return action != ACT_FILTER || about->filter;
}

void
help_row_keys(const struct help_row *row, const struct view_class *about, bool demo, char *out,
              size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    if (row->literal && about->chips)
        snprintf(out, out_size, "%s", row->literal);
    if (row->literal || (!demo && is_of_demo(row)) || !is_of_use(row->acts[0].action, about))
        return;
    for (size_t n = 0; n < KEYS_PER_ACTION; n++) {
        for (size_t i = 0; i < HELP_ACTS; i++) {
            char key[16];
            const struct key_binding *b =
                row->acts[i].action == ACT_NONE ? NULL : nth_binding(about, row->acts[i], n);
            if (!b)
                continue;
            short_key(b, key);
            int width = utf8_width(out, used) + utf8_width(key, strlen(key)) + (used != 0);
            if (width > HELP_KEY_COLS || used + sizeof(key) + 1 > out_size)
                return;
            used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? " " : "", key);
        }
    }
}

uint32_t
help_row_key(const struct help_row *row, const struct view_class *about)
{
    const struct key_binding *b = row->literal ? NULL : nth_binding(about, row->acts[0], 0);
    return row->literal ? '/' : b ? b->key : KEY_NONE;
}

/* What the view calls an action in its footer, when it has a row of its own for it: "errors only" for z. */
static const char *
word_of_view(const struct view_class *about, enum action action)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].context == about->context && table[i].action == action && table[i].hint)
            return tr(table[i].hint);
    return NULL;
}

const char *
help_row_text(const struct help_row *row, const struct view_class *about, bool full, char *out,
              size_t out_size)
{
    static const enum action differ[] = {ACT_OPEN, ACT_PROBLEMS, ACT_WIDE, ACT_GROUP};
    enum action first = row->acts[0].action;
    const char *text = tr(!full ? row->brief : row->full ? row->full : action_help(first));
    const char *word = NULL, *rest = strchr(text, ',');
    for (size_t i = 0; i < IW_COUNTOF(differ) && !word && !row->literal; i++)
        word = differ[i] == first ? word_of_view(about, first) : NULL;
    if (first == ACT_FILTER && !row->literal)
        word = about->searchable ? tr("search the text") : tr("filter the rows");
    /* "wide, time": the first word is the one that differs. */
    if (!word)
        (void)snprintf(out, out_size, "%s", text);
    else
        (void)snprintf(out, out_size, "%s%s", word,
                       row->acts[1].action != ACT_NONE && !full && rest ? rest : "");
    return out;
}

bool
help_row_writes(const struct help_row *row)
{
    int32_t arg = row->acts[0].arg;
    return row->acts[0].action == ACT_WRITING &&
           (arg == WRITES_EDIT || arg == WRITES_RESTART || arg == WRITES_DELETE);
}
