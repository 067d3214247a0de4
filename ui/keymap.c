/* keymap: the bindings. The dispatcher, the footer and the help screen all read this one table.
 *
 * Rules: no key that only moves in vim or less ever changes anything; Ctrl-D is half a page,
 * always.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/utf8.h"

/* In the order of the footer within a context: the first that fit are shown. */
static const struct key_binding BINDINGS[] = {
    /* pod list: digits are tabs, so it needs none of its own */
    {CTX_PODS, KEY_ENTER_CODE, ACT_OPEN, 0, "open"},
    {CTX_PODS, '>', ACT_SORT_NEXT, 0, NULL},
    {CTX_PODS, '<', ACT_SORT_PREV, 0, NULL},
    {CTX_PODS, 'I', ACT_SORT_REVERSE, 0, NULL},
    {CTX_PODS, 'A', ACT_SORT_BY, SORTS_AGE, NULL},
    {CTX_PODS, 'N', ACT_SORT_BY, SORTS_NAME, NULL},
    {CTX_PODS, 'P', ACT_SORT_BY, SORTS_NAMESPACE, NULL},
    {CTX_PODS, 'O', ACT_SORT_BY, SORTS_NODE, NULL},
    {CTX_PODS, 'R', ACT_SORT_BY, SORTS_READY, NULL},
    {CTX_PODS, 'S', ACT_SORT_BY, SORTS_STATUS, NULL},
    {CTX_PODS, '*', ACT_MARK_ALL, 0, NULL},
    {CTX_PODS, KEY_CTRL_SPACE_CODE, ACT_MARK_RANGE, 0, NULL},
    {CTX_PODS, KEY_CTRL('\\'), ACT_MARK_NONE, 0, NULL},

    {CTX_DETAIL, 'j', ACT_DOWN, 0, "container"},
    {CTX_DETAIL, 'J', ACT_NEXT_POD, 0, "pod"},
    {CTX_DETAIL, '+', ACT_ZOOM_IN, 0, "zoom"},
    {CTX_DETAIL, '-', ACT_ZOOM_OUT, 0, NULL},

    {CTX_LOGS, 's', ACT_FOLLOW, 0, "follow"},
    {CTX_LOGS, 'F', ACT_FOLLOW_END, 0, NULL},
    {CTX_LOGS, 'p', ACT_ATTEMPT_OLDER, 0, "attempt"},
    {CTX_LOGS, 'P', ACT_ATTEMPT_NEWER, 0, NULL},
    {CTX_LOGS, 't', ACT_TIME, 0, "time"},
    {CTX_LOGS, 'w', ACT_WIDE, 0, "wrap"},
    {CTX_LOGS, '/', ACT_FILTER, 0, "find"},
    {CTX_LOGS, '&', ACT_KEEP, 0, "keep"},
    {CTX_LOGS, 'e', ACT_NEXT_ERROR, 0, "error"},
    {CTX_LOGS, 'E', ACT_PREV_ERROR, 0, NULL},
    {CTX_LOGS, 'a', ACT_ALL_CONTAINERS, 0, "all"},
    {CTX_LOGS, '!', ACT_DROP, 0, "drop"},
    {CTX_LOGS, '=', ACT_COMPARE, 0, "compare"},
    {CTX_LOGS, KEY_ENTER_CODE, ACT_OPEN, 0, "detail"},
    {CTX_LOGS, '0', ACT_SINCE, 0, "since"},
    {CTX_LOGS, '1', ACT_SINCE, 1, NULL},
    {CTX_LOGS, '2', ACT_SINCE, 2, NULL},
    {CTX_LOGS, '3', ACT_SINCE, 3, NULL},
    {CTX_LOGS, '4', ACT_SINCE, 4, NULL},
    {CTX_LOGS, '5', ACT_SINCE, 5, NULL},
    {CTX_LOGS, '6', ACT_SINCE, 6, NULL},
    {CTX_LOGS, 'i', ACT_SIDE, 0, "side"},
    {CTX_LOGS, 'm', ACT_LINE_MARK, 0, "mark"},
    {CTX_LOGS, 'f', ACT_COLUMNS, 0, "columns"},
    {CTX_LOGS, 'z', ACT_FOLD, 0, "fold"},
    {CTX_LOGS, 'C', ACT_CONTEXT, 0, NULL},
    {CTX_LOGS, '|', ACT_PIPE, 0, NULL},
    {CTX_LOGS, '}', ACT_NEXT_WARNING, 0, NULL},
    {CTX_LOGS, '{', ACT_PREV_WARNING, 0, NULL},
    {CTX_LOGS, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_LOGS, 'b', ACT_PAGE_UP, 0, NULL},

    {CTX_EVENTS, KEY_ENTER_CODE, ACT_OPEN, 0, "go to object"},
    {CTX_EVENTS, 'z', ACT_PROBLEMS, 0, "warnings only"},
    {CTX_EVENTS, 'b', ACT_GROUP, 0, "group"},
    {CTX_EVENTS, 'a', ACT_ABOUT, 0, "all/related"},
    {CTX_EVENTS, '*', ACT_ONLY_REASON, 0, "reason"},
    {CTX_EVENTS, '+', ACT_ZOOM_IN, 0, "window"},
    {CTX_EVENTS, '-', ACT_ZOOM_OUT, 0, NULL},
    {CTX_EVENTS, 'I', ACT_SORT_REVERSE, 0, NULL},
    {CTX_EVENTS, 't', ACT_TIME, 0, "time"},
    {CTX_EVENTS, KEY_CTRL('s'), ACT_SAVE, 0, "save"},
    {CTX_WHY, KEY_ENTER_CODE, ACT_OPEN, 0, "go to object"},
    {CTX_WHY, 'n', ACT_FIND_NEXT, 0, "next"},
    {CTX_WHY, 'N', ACT_FIND_PREV, 0, NULL},
    {CTX_WHY, 'c', ACT_COPY, 0, "copy"},
    {CTX_WHY, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_WHY, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_NODES, KEY_ENTER_CODE, ACT_OPEN, 0, "its pods"},
    {CTX_NODES, 'd', ACT_DESCRIBE, 0, "describe"},
    {CTX_NODES, 'y', ACT_YAML, 0, "yaml"},
    {CTX_NODES, 'z', ACT_PROBLEMS, 0, "problems"},
    {CTX_NODES, '>', ACT_SORT_NEXT, 0, "sort"},
    {CTX_NODES, '<', ACT_SORT_PREV, 0, NULL},
    {CTX_NODES, 'I', ACT_SORT_REVERSE, 0, NULL},
    {CTX_NODES, KEY_TAB_CODE, ACT_NEXT_PANE, 0, "scroll below"},
    {CTX_DESCRIBE, '}', ACT_NEXT_SECTION, 0, "section"},
    {CTX_DESCRIBE, '{', ACT_PREV_SECTION, 0, NULL},
    {CTX_DESCRIBE, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_DESCRIBE, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_DESCRIBE, KEY_ENTER_CODE, ACT_OPEN, 0, "its Secrets, ConfigMaps"},
    {CTX_CARD, 'y', ACT_YAML, 0, "yaml"},
    {CTX_CARD, KEY_ENTER_CODE, ACT_OPEN, 0, "next of the pod"},
    {CTX_OBJECT, KEY_ENTER_CODE, ACT_OPEN, 0, "go to object"},
    {CTX_OBJECT, KEY_TAB_CODE, ACT_NEXT_PANE, 0, "next name"},
    {CTX_OBJECT, KEY_BTAB_CODE, ACT_PREV_PANE, 0, NULL},
    {CTX_OBJECT, 'y', ACT_YAML, 0, "yaml"},
    {CTX_OBJECT, '}', ACT_NEXT_SECTION, 0, "section"},
    {CTX_OBJECT, '{', ACT_PREV_SECTION, 0, NULL},
    {CTX_OBJECT, 'J', ACT_NEXT_POD, 0, "next of its kind"},
    {CTX_OBJECT, 'K', ACT_PREV_POD, 0, NULL},
    {CTX_OBJECT, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_OBJECT, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_FINDINGS, KEY_ENTER_CODE, ACT_OPEN, 0, "go to object"},
    {CTX_FINDINGS, ' ', ACT_MUTE, 0, "mute rule"},
    {CTX_FINDINGS, 'b', ACT_GROUP, 0, "group"},
    {CTX_FINDINGS, 'z', ACT_PROBLEMS, 0, "errors only"},
    {CTX_FINDINGS, 'c', ACT_COPY, 0, "copy"},
    {CTX_FINDINGS, KEY_CTRL('s'), ACT_SAVE, 0, "save report"},
    {CTX_YAML, KEY_ENTER_CODE, ACT_OPEN, 0, "fold"},
    {CTX_YAML, '}', ACT_NEXT_SECTION, 0, "section"},
    {CTX_YAML, '{', ACT_PREV_SECTION, 0, NULL},
    {CTX_YAML, 'z', ACT_FOLD_ALL, 0, "fold all"},
    {CTX_YAML, 'w', ACT_WIDE, 0, "wrap"},
    {CTX_YAML, 'f', ACT_MANAGED, 0, "managedFields"},
    {CTX_YAML, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_YAML, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_RESOURCES, KEY_TAB_CODE, ACT_NEXT_PANE, 0, "requests/limits"},
    {CTX_RESOURCES, KEY_ENTER_CODE, ACT_EDIT_AMOUNT, 0, "edit"},
    {CTX_RESOURCES, '+', ACT_AMOUNT_UP, 0, "what if"},
    {CTX_RESOURCES, '-', ACT_AMOUNT_DOWN, 0, NULL},
    {CTX_RESOURCES, '=', ACT_TAKE_HINT, 0, "suggested"},
    {CTX_RESOURCES, 'U', ACT_UNDO, 0, "undo"},
    {CTX_RESOURCES, 'b', ACT_NODE_FIT, 0, "node fit"},
    {CTX_RESOURCES, 'z', ACT_USAGE, 0, "usage"},
    {CTX_MESSAGES, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_MESSAGES, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_OPTIONS, KEY_ENTER_CODE, ACT_OPEN, 0, "set it"},
    {CTX_HELP, 'j', ACT_DOWN, 0, "choose"},
    {CTX_HELP, KEY_ENTER_CODE, ACT_OPEN, 0, "run it"},
    {CTX_HELP, KEY_TAB_CODE, ACT_NEXT_SECTION, 0, "next group"},
    {CTX_HELP, KEY_BTAB_CODE, ACT_PREV_SECTION, 0, NULL},
    {CTX_HELP, ' ', ACT_PAGE_DOWN, 0, NULL},
    {CTX_HELP, 'b', ACT_PAGE_UP, 0, NULL},
    {CTX_HELP, '?', ACT_BACK, 0, NULL},
    {CTX_DEMO, KEY_ENTER_CODE, ACT_OPEN, 0, "open its pod"},
    {CTX_DEMO, ' ', ACT_PLAY_PAUSE, 0, NULL},
    {CTX_DEMO, '<', ACT_PLAY_SLOWER, 0, NULL},
    {CTX_DEMO, '>', ACT_PLAY_FASTER, 0, NULL},
    {CTX_DEMO, 'r', ACT_PLAY_AGAIN, 0, "play again"},
    {CTX_DEMO, KEY_TAB_CODE, ACT_NEXT_PANE, 0, "trouble"},

    /* a recording is played: before everything else */
    {CTX_REPLAY, ';', ACT_REPLAY_PAUSE, 0, NULL},
    {CTX_REPLAY, ',', ACT_STEP_BACK, 0, NULL},
    {CTX_REPLAY, '.', ACT_STEP_ON, 0, NULL},
    {CTX_REPLAY, '<', ACT_REPLAY_SLOWER, 0, NULL},
    {CTX_REPLAY, '>', ACT_REPLAY_FASTER, 0, NULL},
    {CTX_REPLAY, '(', ACT_MARK_BACK, 0, NULL},
    {CTX_REPLAY, ')', ACT_MARK_ON, 0, NULL},

    {CTX_PODISH, 'l', ACT_LOGS, 0, "logs"},
    {CTX_PODISH, 'p', ACT_PREVIOUS, 0, "prev"},
    {CTX_PODISH, '=', ACT_COMPARE, 0, NULL},
    {CTX_PODISH, 'v', ACT_EVENTS, 0, "events"},
    {CTX_PODISH, 'x', ACT_WHY, 0, "why"},
    {CTX_PODISH, 'u', ACT_RESOURCES, 0, "usage"},

    {CTX_ALL, ';', ACT_DEMO, 0, "course"},
    {CTX_ALL, '/', ACT_FILTER, 0, "filter"},
    {CTX_ALL, ':', ACT_COMMAND, 0, "cmd"},
    {CTX_PODISH, 'y', ACT_YAML, 0, "yaml"},
    {CTX_PODISH, 'd', ACT_DESCRIBE, 0, "describe"},
    {CTX_PODISH, 'L', ACT_MERGED, 0, "merged"},
    {CTX_PODISH, 's', ACT_WRITING, WRITES_SHELL, NULL},
    {CTX_PODISH, 'a', ACT_WRITING, WRITES_ATTACH, NULL},
    {CTX_PODISH, 'D', ACT_WRITING, WRITES_DEBUG, NULL},
    {CTX_PODISH, 'F', ACT_WRITING, WRITES_FORWARD, NULL},
    {CTX_PODISH, 'f', ACT_WRITING, WRITES_FORWARDS, NULL},
    {CTX_PODISH, KEY_CTRL('k'), ACT_WRITING, WRITES_DELETE, "delete"},
    {CTX_PODISH, 'r', ACT_WRITING, WRITES_RESTART, "restart"},
    {CTX_PODISH, 'e', ACT_WRITING, WRITES_EDIT, "edit"},
    {CTX_PODISH, '|', ACT_PIPE, 0, NULL},
    {CTX_PODISH, 'J', ACT_NEXT_POD, 0, "pod"},
    {CTX_PODISH, 'K', ACT_PREV_POD, 0, NULL},
    {CTX_DETAIL, KEY_TAB_CODE, ACT_NEXT_PANE, 0, "needs"},
    {CTX_PODS, ' ', ACT_MARK_ROW, 0, "mark"},
    {CTX_PODS, 'b', ACT_GROUP, 0, "group"},
    {CTX_PODS, 'o', ACT_SORT_CHOOSE, 0, "sort"},
    {CTX_PODISH, 'T', ACT_PLAY_EDIT, 0, NULL},
    {CTX_ALL, ',', ACT_PLAY_PAUSE, 0, NULL},
    {CTX_ALL, '.', ACT_PLAY_STEP, 0, NULL},
    {CTX_ALL, '?', ACT_HELP, 0, "help"},
    {CTX_ALL, KEY_F1_CODE, ACT_HELP, 0, NULL},
    {CTX_ALL, 'q', ACT_BACK, 0, "back"},
    {CTX_ALL, KEY_ESC_CODE, ACT_CLEAR, 0, NULL},
    {CTX_ALL, 'j', ACT_DOWN, 0, NULL},
    {CTX_ALL, KEY_DOWN_CODE, ACT_DOWN, 0, NULL},
    {CTX_ALL, 'k', ACT_UP, 0, NULL},
    {CTX_ALL, KEY_UP_CODE, ACT_UP, 0, NULL},
    {CTX_ALL, 'g', ACT_TOP, 0, NULL},
    {CTX_ALL, KEY_HOME_CODE, ACT_TOP, 0, NULL},
    {CTX_ALL, 'G', ACT_BOTTOM, 0, NULL},
    {CTX_ALL, KEY_END_CODE, ACT_BOTTOM, 0, NULL},
    {CTX_ALL, KEY_CTRL('d'), ACT_HALF_DOWN, 0, NULL},
    {CTX_ALL, KEY_CTRL('u'), ACT_HALF_UP, 0, NULL},
    {CTX_ALL, KEY_CTRL('f'), ACT_PAGE_DOWN, 0, NULL},
    {CTX_ALL, KEY_PGDN_CODE, ACT_PAGE_DOWN, 0, NULL},
    {CTX_ALL, KEY_CTRL('b'), ACT_PAGE_UP, 0, NULL},
    {CTX_ALL, KEY_PGUP_CODE, ACT_PAGE_UP, 0, NULL},
    {CTX_ALL, KEY_LEFT_CODE, ACT_LEFT, 0, NULL},
    {CTX_ALL, KEY_RIGHT_CODE, ACT_RIGHT, 0, NULL},
    {CTX_ALL, KEY_TAB_CODE, ACT_NEXT_PANE, 0, NULL},
    {CTX_ALL, KEY_BTAB_CODE, ACT_PREV_PANE, 0, NULL},
    {CTX_ALL, KEY_ENTER_CODE, ACT_OPEN, 0, NULL},
    {CTX_ALL, KEY_BACKSPACE_CODE, ACT_BACK, 0, NULL},
    {CTX_ALL, '1', ACT_TAB, 1, NULL},
    {CTX_ALL, '2', ACT_TAB, 2, NULL},
    {CTX_ALL, '3', ACT_TAB, 3, NULL},
    {CTX_ALL, '4', ACT_TAB, 4, NULL},
    {CTX_ALL, '5', ACT_TAB, 5, NULL},
    {CTX_ALL, '6', ACT_TAB, 6, NULL},
    {CTX_ALL, '7', ACT_TAB, 7, NULL},
    {CTX_ALL, '8', ACT_TAB, 8, NULL},
    {CTX_ALL, '[', ACT_HISTORY_BACK, 0, NULL},
    {CTX_ALL, ']', ACT_HISTORY_FORWARD, 0, NULL},
    {CTX_ALL, '-', ACT_LAST_VIEW, 0, NULL},
    {CTX_ALL, 'm', ACT_SET_MARK, 0, NULL},
    {CTX_ALL, '\'', ACT_GO_MARK, 0, NULL},
    {CTX_ALL, 'M', ACT_MESSAGES, 0, NULL},
    {CTX_ALL, 'n', ACT_FIND_NEXT, 0, NULL},
    {CTX_ALL, 'N', ACT_FIND_PREV, 0, NULL},
    {CTX_ALL, 'z', ACT_PROBLEMS, 0, NULL},
    {CTX_ALL, 'w', ACT_WIDE, 0, NULL},
    {CTX_ALL, 't', ACT_TIME, 0, NULL},
    {CTX_ALL, '0', ACT_ALL_NAMESPACES, 0, NULL},
    {CTX_ALL, KEY_CTRL('t'), ACT_THEME, 0, NULL},
    {CTX_ALL, KEY_CTRL('e'), ACT_HEADER, 0, NULL},
    {CTX_ALL, 'c', ACT_COPY, 0, NULL},
    {CTX_ALL, KEY_CTRL('s'), ACT_SAVE, 0, NULL},
    {CTX_ALL, KEY_CTRL('r'), ACT_RELIST, 0, NULL},
    {CTX_ALL, KEY_CTRL('l'), ACT_REDRAW, 0, NULL},
    {CTX_ALL, KEY_CTRL('z'), ACT_SUSPEND, 0, NULL},
    {CTX_ALL, KEY_CTRL('c'), ACT_QUIT, 0, NULL},
};

static const struct {
    const char *name, *group, *help;
} ACTION_TABLE[ACT_COUNT] = {
#define X(name, config, group, help) [ACT_##name] = {config, group, help},
    ACTIONS(X)
#undef X
};

static const char *const CONTEXT_NAMES[CTX_COUNT] = {
    [CTX_ALL] = "everywhere",
    [CTX_PODISH] = "on a pod",
    [CTX_PODS] = "pod list",
    [CTX_DETAIL] = "pod detail",
    [CTX_LOGS] = "logs",
    [CTX_EVENTS] = "events",
    [CTX_RESOURCES] = "resources",
    [CTX_WHY] = "why",
    [CTX_MESSAGES] = "messages",
    [CTX_OPTIONS] = "options",
    [CTX_HELP] = "help",
    [CTX_YAML] = "yaml",
    [CTX_DEMO] = "demo",
    [CTX_FINDINGS] = "findings",
    [CTX_NODES] = "nodes",
    [CTX_DESCRIBE] = "describe",
    [CTX_CARD] = "Secret or ConfigMap",
    [CTX_OBJECT] = "object",
    [CTX_REPLAY] = "replay",
};

static const struct {
    uint32_t key;
    const char *text;
} SPECIAL_NAMES[] = {
    {KEY_ESC_CODE, "Esc"},       {KEY_ENTER_CODE, "Enter"},
    {KEY_TAB_CODE, "Tab"},       {' ', "Space"},
    {KEY_UP_CODE, "Up"},         {KEY_DOWN_CODE, "Down"},
    {KEY_LEFT_CODE, "Left"},     {KEY_RIGHT_CODE, "Right"},
    {KEY_PGUP_CODE, "PgUp"},     {KEY_PGDN_CODE, "PgDn"},
    {KEY_HOME_CODE, "Home"},     {KEY_END_CODE, "End"},
    {KEY_BTAB_CODE, "S-Tab"},    {KEY_BACKSPACE_CODE, "Backspace"},
    {KEY_DELETE_CODE, "Del"},    {KEY_INSERT_CODE, "Ins"},
    {KEY_RESIZE_CODE, "resize"}, {KEY_CTRL_SPACE_CODE, "^Space"},
};

/* What the user bound: searched before BINDINGS, and shown in place of what it hides. */
enum { USER_BINDINGS_MAX = 128 };
static struct key_binding in_force[IW_COUNTOF(BINDINGS) + USER_BINDINGS_MAX];
static size_t in_force_count;
static bool replaying;

static void
load_built_in(void)
{
    if (in_force_count)
        return;
    memcpy(in_force, BINDINGS, sizeof(BINDINGS));
    in_force_count = IW_COUNTOF(BINDINGS);
}

static struct key_binding *
find_in(enum key_context context, uint32_t key)
{
    load_built_in();
    for (size_t i = 0; i < in_force_count; i++)
        if (in_force[i].context == context && in_force[i].key == key)
            return &in_force[i];
    return NULL;
}

/* The footer's word for an action goes to the first key that has it. */
static const char *
hint_of(enum key_context context, enum action action)
{
    const char *hint = NULL;
    for (size_t i = 0; i < IW_COUNTOF(BINDINGS); i++)
        if (BINDINGS[i].action == action && BINDINGS[i].hint &&
            (!hint || BINDINGS[i].context == context))
            hint = BINDINGS[i].hint;
    for (size_t i = 0; i < in_force_count; i++)
        if (in_force[i].action == action && in_force[i].context == context && in_force[i].hint)
            return NULL;
    return hint;
}

bool
keymap_bind(enum key_context context, uint32_t key, enum action action, int32_t arg)
{
    struct key_binding *b = find_in(context, key);
    if (!b && in_force_count == IW_COUNTOF(in_force))
        return false;
    if (!b)
        b = &in_force[in_force_count++];
    *b = (struct key_binding){context, key, ACT_NONE, arg, NULL};
    b->hint = hint_of(context, action);
    b->action = action;
    return true;
}

void
keymap_set_replay(bool on)
{
    replaying = on;
}

void
keymap_reset(void)
{
    in_force_count = 0;
}

enum action
keymap_lookup(enum key_context context, bool podish, uint32_t key, int32_t *arg)
{
    const struct key_binding *b = replaying ? find_in(CTX_REPLAY, key) : NULL;
    if (!b)
        b = find_in(context, key);
    if (!b && podish)
        b = find_in(CTX_PODISH, key);
    if (!b)
        b = find_in(CTX_ALL, key);
    if (arg)
        *arg = b ? b->arg : 0;
    return b ? b->action : ACT_NONE;
}

const struct key_binding *
keymap_bindings(size_t *count)
{
    load_built_in();
    *count = in_force_count;
    return in_force;
}

const char *
action_name(enum action a)
{
    return (unsigned)a < ACT_COUNT ? ACTION_TABLE[a].name : "";
}

const char *
action_help(enum action a)
{
    return (unsigned)a < ACT_COUNT ? ACTION_TABLE[a].help : "";
}

const char *
action_group(enum action a)
{
    return (unsigned)a < ACT_COUNT ? ACTION_TABLE[a].group : "";
}

const char *
key_context_name(enum key_context c)
{
    return (unsigned)c < CTX_COUNT ? CONTEXT_NAMES[c] : "";
}

void
key_text(uint32_t key, char out[16])
{
    for (size_t i = 0; i < IW_COUNTOF(SPECIAL_NAMES); i++)
        if (SPECIAL_NAMES[i].key == key) {
            snprintf(out, 16, "%s", SPECIAL_NAMES[i].text);
            return;
        }
    if (key >= KEY_F1_CODE && key <= KEY_F12_CODE) {
        snprintf(out, 16, "F%u", (unsigned)(key - KEY_F1_CODE + 1));
    } else if (key > 0 && key < 0x20) {
        snprintf(out, 16, "^%c", (char)(key + 0x40));
    } else if (key == 0x7F) {
        snprintf(out, 16, "^?");
    } else if (key > 0x20 && key < KEY_SPECIAL) {
        size_t len = utf8_encode(key, out);
        out[len] = 0;
    } else {
        snprintf(out, 16, "none");
    }
}
