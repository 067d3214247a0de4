/* keymap: keys, actions and the one table that drives dispatcher, footer hints and help.
 *
 * How to add an action: one row in ACTIONS, one or more rows in keymap.c's bindings. The meta-tests
 * demand a help text and that no key is bound twice in a context.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_KEYMAP_H
#define INITWATCH_UI_KEYMAP_H

#include "initwatch/base/iwdef.h"

/* A key as the terminal gave it: a code point, or one of KEY_*; control keys are KEY_CTRL('d'). */
enum {
    KEY_NONE = 0,
    KEY_ESC_CODE = 27,
    KEY_ENTER_CODE = 13,
    KEY_TAB_CODE = 9,
    KEY_SPECIAL = 0x110000, /* above Unicode */
    KEY_UP_CODE,
    KEY_DOWN_CODE,
    KEY_LEFT_CODE,
    KEY_RIGHT_CODE,
    KEY_PGUP_CODE,
    KEY_PGDN_CODE,
    KEY_HOME_CODE,
    KEY_END_CODE,
    KEY_BTAB_CODE,
    KEY_BACKSPACE_CODE,
    KEY_DELETE_CODE,
    KEY_INSERT_CODE,
    KEY_CTRL_SPACE_CODE,
    KEY_F1_CODE,
    KEY_F12_CODE = KEY_F1_CODE + 11,
    KEY_RESIZE_CODE,
    KEY_MOUSE_CODE,  /* term_take_mouse has what happened */
    KEY_ANSWER_CODE, /* the terminal answered a question */
    KEY_PASTE_CODE   /* text was pasted where none is typed */
};
#define KEY_CTRL(letter) ((uint32_t)((letter)&0x1f))

/* Where a key was pressed. Lookups try CTX_REPLAY while a recording is played, then the context,
 * then CTX_PODISH for views about pods, then CTX_ALL. */
enum key_context {
    CTX_ALL,
    CTX_PODISH,
    CTX_PODS,
    CTX_DETAIL,
    CTX_LOGS,
    CTX_EVENTS,
    CTX_RESOURCES,
    CTX_WHY,
    CTX_YAML,
    CTX_FINDINGS,
    CTX_NODES,
    CTX_DESCRIBE,
    CTX_CARD,
    CTX_OBJECT,
    CTX_MESSAGES,
    CTX_OPTIONS,
    CTX_HELP,
    CTX_DEMO,
    CTX_REPLAY,
    CTX_COUNT
};

/* X(ACTION, config name, group for help, what it does). Those of a replay stand together. */
#define ACTIONS(X)                                                                                 \
    X(NONE, "none", "", "")                                                                        \
    X(DOWN, "down", "MOVE", "next line")                                                           \
    X(UP, "up", "MOVE", "previous line")                                                           \
    X(TOP, "top", "MOVE", "first line")                                                            \
    X(BOTTOM, "bottom", "MOVE", "last line")                                                       \
    X(HALF_DOWN, "half-down", "MOVE", "half a page down")                                          \
    X(HALF_UP, "half-up", "MOVE", "half a page up")                                                \
    X(PAGE_DOWN, "page-down", "MOVE", "page down")                                                 \
    X(PAGE_UP, "page-up", "MOVE", "page up")                                                       \
    X(LEFT, "left", "MOVE", "scroll left")                                                         \
    X(RIGHT, "right", "MOVE", "scroll right")                                                      \
    X(NEXT_POD, "next-pod", "MOVE", "next pod, same view")                                         \
    X(PREV_POD, "prev-pod", "MOVE", "previous pod, same view")                                     \
    X(NEXT_PANE, "next-pane", "MOVE", "next pane or side")                                         \
    X(PREV_PANE, "prev-pane", "MOVE", "previous pane or side")                                     \
    X(NEXT_SECTION, "next-section", "MOVE", "next section")                                        \
    X(PREV_SECTION, "prev-section", "MOVE", "previous section")                                    \
    X(OPEN, "open", "OPEN", "open what the cursor is on")                                          \
    X(BACK, "back", "OPEN", "back; on the first view quit")                                        \
    X(TAB, "tab", "OPEN", "view by number")                                                        \
    X(LOGS, "logs", "OPEN", "logs of the container that matters now")                              \
    X(PREVIOUS, "previous", "OPEN", "logs of its previous attempt")                                \
    X(MERGED, "merged", "OPEN", "logs of all containers, in start order")                          \
    X(EVENTS, "events", "OPEN", "events of the pod")                                               \
    X(RESOURCES, "resources", "OPEN", "effective resources by stage")                              \
    X(WHY, "why", "OPEN", "why is it stuck")                                                       \
    X(YAML, "yaml", "OPEN", "the object as YAML")                                                  \
    X(DESCRIBE, "describe", "OPEN", "describe, with facts worked out")                             \
    X(MESSAGES, "messages", "OPEN", "messages of initwatch itself")                                \
    X(HISTORY_BACK, "history-back", "MOVE", "back to the screen before")                           \
    X(HISTORY_FORWARD, "history-forward", "MOVE", "forward again")                                 \
    X(LAST_VIEW, "last-view", "MOVE", "the last screen and back")                                  \
    X(SET_MARK, "set-mark", "MOVE", "set a mark: m and a letter")                                  \
    X(GO_MARK, "go-mark", "MOVE", "go to a mark: ' and its letter")                                \
    X(WRITING, "writing", "ACT", "changes the cluster, with --write, after asking")                \
    X(FILTER, "filter", "FIND", "filter rows; in text: search")                                    \
    X(FIND_NEXT, "find-next", "FIND", "next match")                                                \
    X(FIND_PREV, "find-prev", "FIND", "previous match")                                            \
    X(CLEAR, "clear", "FIND", "clear the filter")                                                  \
    X(COMMAND, "command", "FIND", "command: ns, ctx, why, logs, q")                                \
    X(ABOUT, "about", "VIEW", "events: of this pod, of what it needs, all")                        \
    X(ONLY_REASON, "only-reason", "FIND", "events: only the reason under the cursor")              \
    X(PROBLEMS, "problems", "VIEW", "only problems on/off; events: warnings only")                 \
    X(SORT_CHOOSE, "sort-choose", "VIEW", "choose the sort column")                                \
    X(SORT_NEXT, "sort-next", "VIEW", "sort by the next column")                                   \
    X(SORT_PREV, "sort-prev", "VIEW", "sort by the previous column")                               \
    X(SORT_REVERSE, "sort-reverse", "VIEW", "reverse the order")                                   \
    X(SORT_BY, "sort-by", "VIEW", "sort by a column; again: reverse the order")                    \
    X(GROUP, "group", "VIEW", "group: pods by owner; findings by cause, rule, pod")                \
    X(MUTE, "mute", "VIEW", "findings: mute or hear the rule")                                     \
    X(MARK_ROW, "mark-row", "VIEW", "mark the row for L")                                          \
    X(MARK_ALL, "mark-all", "VIEW", "mark all rows shown, or none")                                \
    X(MARK_RANGE, "mark-range", "VIEW", "mark the rows from the nearest mark to here")             \
    X(MARK_NONE, "mark-none", "VIEW", "take every mark away")                                      \
    X(WIDE, "wide", "VIEW", "wide columns; in text: wrap")                                         \
    X(TIME, "time", "VIEW", "time: age, local, UTC")                                               \
    X(ALL_NAMESPACES, "all-namespaces", "VIEW", "all namespaces on/off")                           \
    X(ZOOM_IN, "zoom-in", "VIEW", "zoom the timeline in")                                          \
    X(ZOOM_OUT, "zoom-out", "VIEW", "zoom the timeline out")                                       \
    X(MANAGED, "managed-fields", "VIEW", "YAML: managedFields on/off")                             \
    X(FOLD_ALL, "fold-all", "VIEW", "YAML: fold or open everything")                               \
    X(AMOUNT_UP, "amount-up", "VIEW", "what if: a larger request or limit")                        \
    X(AMOUNT_DOWN, "amount-down", "VIEW", "what if: a smaller request or limit")                   \
    X(EDIT_AMOUNT, "edit-amount", "VIEW", "what if: type the amount")                              \
    X(TAKE_HINT, "take-hint", "VIEW", "what if: try the first suggestion that helps")              \
    X(UNDO, "undo", "VIEW", "what if: take the last edit back")                                    \
    X(USAGE, "usage", "VIEW", "what is used now: on, off")                                         \
    X(NODE_FIT, "node-fit", "VIEW", "where it fits, and back to the top")                          \
    X(THEME, "theme", "VIEW", "next theme")                                                        \
    X(HEADER, "header", "VIEW", "header cards on/off")                                             \
    X(FOLLOW, "follow", "LOGS", "follow on/off")                                                   \
    X(FOLLOW_END, "follow-end", "LOGS", "go to the end and follow")                                \
    X(ATTEMPT_OLDER, "attempt-older", "LOGS", "older attempt")                                     \
    X(ATTEMPT_NEWER, "attempt-newer", "LOGS", "newer attempt")                                     \
    X(SINCE, "since", "LOGS", "since: 0 all, 1 m, 5 m, 15 m, 30 m, 1 h, 6 h")                      \
    X(ALL_CONTAINERS, "all-containers", "LOGS", "one container or all")                            \
    X(NEXT_ERROR, "next-error", "LOGS", "next error line")                                         \
    X(PREV_ERROR, "prev-error", "LOGS", "previous error line")                                     \
    X(DEMO, "demo", "DEMO", "the course: what plays and what it teaches")                          \
    X(PLAY_PAUSE, "play-pause", "DEMO", "pause the simulated time, go on")                         \
    X(PLAY_STEP, "play-step", "DEMO", "let one second pass, then pause")                           \
    X(PLAY_SLOWER, "play-slower", "DEMO", "half as fast")                                          \
    X(PLAY_FASTER, "play-faster", "DEMO", "twice as fast")                                         \
    X(PLAY_AGAIN, "play-again", "DEMO", "play the scenario again from its start")                  \
    X(PLAY_EDIT, "play-edit", "DEMO", "make this step fail, hang, take longer")                    \
    X(REPLAY_PAUSE, "replay-pause", "REPLAY", "replay: pause, go on; at the end begin again")      \
    X(STEP_BACK, "step-back", "REPLAY", "replay: back by one change")                              \
    X(STEP_ON, "step-on", "REPLAY", "replay: on by one change")                                    \
    X(REPLAY_SLOWER, "replay-slower", "REPLAY", "replay: half as fast")                            \
    X(REPLAY_FASTER, "replay-faster", "REPLAY", "replay: twice as fast")                           \
    X(MARK_BACK, "mark-back", "REPLAY", "replay: back to the mark before")                         \
    X(MARK_ON, "mark-on", "REPLAY", "replay: on to the next mark")                                 \
    X(NEXT_WARNING, "next-warning", "LOGS", "next warning or worse")                               \
    X(PREV_WARNING, "prev-warning", "LOGS", "previous warning or worse")                           \
    X(KEEP, "keep", "LOGS", "keep lines that match (regex, level>=warn); several")                 \
    X(DROP, "drop", "LOGS", "drop lines that match; several")                                      \
    X(CONTEXT, "context", "LOGS", "lines around what filters keep: 0, 1, 3, 10")                   \
    X(COMPARE, "compare", "LOGS", "compare this attempt with the one before")                      \
    X(COLUMNS, "columns", "LOGS", "JSON and key=value lines as columns")                           \
    X(FOLD, "fold", "LOGS", "fold repeated lines, stack traces too, or nothing")                   \
    X(LINE_MARK, "line-mark", "LOGS", "mark the line, or take the mark off")                       \
    X(SIDE, "side", "LOGS", "to the sources, attempts, filters, marks and fields")                 \
    X(PIPE, "pipe", "LOGS", "pipe the lines to a command")                                         \
    X(COPY, "copy", "TOOL", "copy the name or line (OSC 52)")                                      \
    X(SAVE, "save", "TOOL", "save what is seen; asks the format")                                  \
    X(RELIST, "relist", "TOOL", "list again, retry now")                                           \
    X(REDRAW, "redraw", "TOOL", "draw the screen again")                                           \
    X(SUSPEND, "suspend", "TOOL", "suspend to the shell")                                          \
    X(HELP, "help", "TOOL", "this help")                                                           \
    X(QUIT, "quit", "TOOL", "quit from anywhere")

enum action {
#define X(name, config, group, help) ACT_##name,
    ACTIONS(X)
#undef X
        ACT_COUNT
};

/* What the keys of ACT_WRITING would do. */
enum key_writes {
    WRITES_SHELL,
    WRITES_ATTACH,
    WRITES_DEBUG,
    WRITES_FORWARD,
    WRITES_FORWARDS,
    WRITES_RESTART,
    WRITES_EDIT,
    WRITES_DELETE,
    WRITES_COUNT
};

/* The columns of ACT_SORT_BY. */
enum key_sorts {
    SORTS_AGE,
    SORTS_NAME,
    SORTS_NAMESPACE,
    SORTS_NODE,
    SORTS_READY,
    SORTS_STATUS,
    SORTS_COUNT
};

struct key_binding {
    enum key_context context;
    uint32_t key;
    enum action action;
    /* ACT_TAB: the number; ACT_SINCE: the index; ACT_WRITING: enum key_writes; ACT_SORT_BY: enum key_sorts */
    int32_t arg;
    const char *hint; /* short word for the footer, NULL: not in the footer */
};
/* ACT_NONE when unbound; *arg may be NULL. podish: the view is about pods. */
enum action keymap_lookup(enum key_context context, bool podish, uint32_t key, int32_t *arg);
/* The bindings in force: the built-in ones with the user's laid over them. */
const struct key_binding *keymap_bindings(size_t *count);
/* A recording is played: its keys (CTX_REPLAY) come before those of every view. */
void keymap_set_replay(bool on);
/* Lay a binding over the built-in ones; ACT_NONE takes the key away. False when there is no room
 * for more. */
bool keymap_bind(enum key_context context, uint32_t key, enum action action, int32_t arg);
/* The same from words: "pods", "^K" (also "C-k"), "logs" or "tab 3". Says in `sentence` what is
 * wrong (then false; unknown names come with the nearest) or worth knowing: an action that has no
 * key any more. "" when there is nothing to say. */
bool keymap_bind_words(const char *context, const char *key, const char *action, char *sentence,
                       size_t sentence_size);
/* Forget what the user laid over. */
void keymap_reset(void);
const char *action_name(enum action a); /* "half-down" */
const char *action_help(enum action a);
const char *action_group(enum action a);
const char *key_context_name(enum key_context c);
/* "j", "^D", "Enter", "PgDn": for screens. out has room for 16 bytes. */
void key_text(uint32_t key, char out[16]);
/* What key_text writes, in any case of letters; also "C-x", "Ctrl-X", "Return", "Escape",
 * "PageDown". KEY_NONE: no key. */
uint32_t key_parse(const char *text);
/* "pods", "pod list" as contexts are called in the configuration. CTX_COUNT: there is none of that
 * name. */
enum key_context key_context_parse(const char *name);
const char *key_context_config_name(enum key_context c);

#endif
