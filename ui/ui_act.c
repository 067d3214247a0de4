/* ui_act: what keys do.
 *
 * A key becomes an action by the key table; the view on top sees it first, then the table HANDLERS
 * below.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/ui.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/forecast.h"
#include "ui_internal.h"

/* --- actions --- */

static void
open_named(struct ui *ui, const char *name)
{
    struct intent in = {.kind = INTENT_OPEN, .view = name};
    (void)ui_cursor_pod(ui, &in.pod, in.container);
    /* v, x, u from one pod view to another: one step back leads to where the pod was chosen. */
    const struct view_class *view = view_find(name);
    if (view && view->scope == VIEW_POD && ui_top(ui)->view == view)
        return;
    ui_handle_intent(ui, &in);
}

static void
act_open_view(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    open_named(ui, action == ACT_EVENTS      ? "events"
                   : action == ACT_RESOURCES ? "resources"
                   : action == ACT_WHY       ? "why"
                   : action == ACT_YAML      ? "yaml"
                   : action == ACT_DESCRIBE  ? "describe"
                                             : "messages");
}

static void
act_help(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    struct intent in = {.kind = INTENT_OPEN, .view = "help"};
    /* The help view is about the view it was called from. */
    snprintf(in.container, sizeof(in.container), "%s", ui_top(ui)->view->name);
    if (strcmp(in.container, "help") != 0)
        ui_handle_intent(ui, &in);
}

static void
act_logs(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    struct intent in = {.kind = INTENT_LOGS};
    if (!ui_cursor_pod(ui, &in.pod, in.container)) {
        ui_flash(ui, true, tr("choose a pod first"));
        return;
    }
    in.want = action == ACT_PREVIOUS ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO;
    in.merged = action == ACT_MERGED;
    ui_handle_intent(ui, &in);
}

/* The last two attempts of the container under the cursor, side by side. */
static void
act_compare(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    struct intent in = {.kind = INTENT_LOGS, .compare = true};
    bool chosen = ui_cursor_pod(ui, &in.pod, in.container);
    const struct pod *pod = chosen ? store_get(ui->config.store, in.pod) : NULL;
    const struct container *c = pod ? pod_find_container(pod, in.container) : NULL;
    if (!pod)
        ui_flash(ui, true, tr("choose a pod first"));
    else if (c && (!c->status || c->status->restart_count == 0))
        ui_flash(ui, true, tr("there is only one attempt to compare"));
    else
        ui_handle_intent(ui, &in);
}

static void
act_back(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    ui_go_back(ui);
}

/* Esc takes away what is on top: a filter, then a view; it never quits. */
static void
act_clear(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    struct ui_entry *e = ui_top(ui);
    char rest[PROMPT_TEXT_BYTES] = "";
    const char *last = e->view->chips ? strrchr(e->filter, '\n') : NULL;
    if (last)
        snprintf(rest, sizeof(rest), "%.*s", (int)(last - e->filter), e->filter);
    if (e->filter[0])
        ui_set_filter(ui, rest, true);
    else if (ui->stack.len > 1)
        ui_go_back(ui);
}

static void
act_tab(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    const struct ui_entry *e = ui_top(ui);
    const struct view_class *view = view_by_tab(e->view->scope, arg);
    if (!view) {
        ui_flash(ui, false, "there is no tab %d here", (int)arg);
        return;
    }
    if (view == e->view)
        return;
    struct intent in = {.kind = INTENT_SWITCH, .view = view->name};
    if (view->scope == VIEW_POD) {
        in.pod = e->pod;
        if (!ui_cursor_pod(ui, &in.pod, in.container))
            in.container[0] = 0;
    }
    ui_handle_intent(ui, &in);
}

/* J and K: the order is that of the nearest list below, brought up to date first. */
static void
act_step_pod(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    const struct ui_entry *list = NULL;
    for (size_t i = ui->stack.len; i-- > 0 && !list;)
        if (ui->stack.items[i].view->order)
            list = &ui->stack.items[i];
    struct pod_ref now;
    char container[256];
    if (!list || !ui_cursor_pod(ui, &now, container)) {
        ui_flash(ui, false, "%s", tr("there is no list of pods to step through"));
        return;
    }
    struct view_env env = ui_env(ui, list);
    if (list->view->recalc)
        list->view->recalc(list->state, &env, (struct rect){0, 0, ui->seen.cols, ui->seen.rows});
    size_t count = 0, at = 0;
    const struct pod_ref *order = list->view->order(list->state, &count);
    while (at < count && !pod_ref_equal(order[at], now))
        at++;
    bool next = action == ACT_NEXT_POD;
    if (count == 0 || (at < count && (next ? at + 1 >= count : at == 0))) {
        ui_flash(ui, false, next ? "this is the last pod of the list" : "this is the first pod");
        return;
    }
    struct intent in = {.kind = INTENT_POD};
    /* From a pod that is gone to the one that took its place. */
    if (at >= count && !pod_successor(env.store, now, &in.pod))
        in.pod = order[0];
    else if (at < count)
        in.pod = order[next ? at + 1 : at - 1];
    ui_handle_intent(ui, &in);
}

static void
act_prompt(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    const struct ui_entry *e = ui_top(ui);
    if (action == ACT_COMMAND)
        prompt_open(ui, ':', "");
    else if (e->view->filter)
        prompt_open(ui, '/', e->filter);
    else
        ui_flash(ui, false, "nothing to search in this view");
}

static void
act_prefs(struct ui *ui, enum action action, int32_t arg)
{
    static const char *const modes[TIME_MODE_COUNT] = {TR_MARK("ages"), TR_MARK("local time"),
                                                       "UTC"};
    struct ui_prefs *p = &ui->prefs;
    (void)arg;
    if (action == ACT_WIDE && !ui_top(ui)->view->wide_columns) {
        ui_flash(ui, false, "%s", tr("the wide columns are in the list of pods"));
    } else if (action == ACT_THEME) {
        p->theme = theme_next(p->theme);
        snprintf(p->theme_name, sizeof(p->theme_name), "%s", theme_name(p->theme));
        ui_flash(ui, false, "theme %s", theme_name(p->theme));
    } else if (action == ACT_TIME) {
        p->time_mode = (enum time_mode)((p->time_mode + 1) % TIME_MODE_COUNT);
        ui_flash(ui, false, "times as %s", tr(modes[p->time_mode]));
    } else if (action == ACT_WIDE) {
        p->wide = !p->wide;
        ui_flash(ui, false, "%s", p->wide ? tr("wide columns on") : tr("wide columns off"));
    } else {
        p->header = !p->header;
        ui_flash(ui, false,
                 p->header ? tr("header cards on; they need %d columns") : tr("header cards off"),
                 UI_WIDE_COLS);
    }
}

static void
act_all_namespaces(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    const char *ns = ui->config.session->ns;
    if (ns[0]) {
        snprintf(ui->ns_before, sizeof(ui->ns_before), "%s", ns);
        ui_emit_text(ui, INTENT_NAMESPACE, "*");
    } else if (ui->ns_before[0]) {
        ui_emit_text(ui, INTENT_NAMESPACE, ui->ns_before);
    } else {
        ui_flash(ui, false, "all namespaces are shown; :ns NAME chooses one");
    }
}

static void
act_copy(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    struct pod_ref ref;
    char container[256];
    const struct pod *pod =
        ui_cursor_pod(ui, &ref, container) ? store_get(ui->config.store, ref) : NULL;
    if (!pod) {
        ui_flash(ui, false, "%s", tr("there is nothing here to copy"));
        return;
    }
    ui_emit_text(ui, INTENT_COPY, pod->name);
    ui_flash(ui, false, "copied %s", pod->name);
}

/* Keys that change the cluster, or would: the app knows whether it may, and asks. */
static void
act_writing(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    struct intent in = {.kind = INTENT_WRITE, .writes = (enum key_writes)arg};
    if (arg < 0 || arg >= WRITES_COUNT)
        return;
    if (in.writes == WRITES_EDIT)
        in.object = ui_top(ui)->object;
    if (ui_cursor_pod(ui, &in.pod, in.container) || in.object.name[0])
        ui_handle_intent(ui, &in);
    else
        ui_flash(ui, true, tr("choose a pod first"));
}

/* What the screen shows, in a form that the user chooses. */
static void
act_save(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    prompt_open(ui, ':', "export ");
}

/* What a pipe would take of a pod has ways of its own. */
static void
act_pipe(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    ui_flash(ui, false, "%s",
             tr("| pipes a log; ^S takes pods away (json has their facts), c the names"));
}

static void
act_app(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    enum intent_kind kind = action == ACT_RELIST    ? INTENT_RELIST
                            : action == ACT_REDRAW  ? INTENT_REDRAW
                            : action == ACT_SUSPEND ? INTENT_SUSPEND
                                                    : INTENT_QUIT;
    ui_emit_text(ui, kind, "");
}

/* Where nothing can be zoomed out of, its key is the one of the last screen. */
static void
act_zoom_out(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    places_act(ui, ACT_LAST_VIEW, arg);
}

/* What an action does when the view on top has no use of its own for it. */
static void (*const HANDLERS[ACT_COUNT])(struct ui *ui, enum action action, int32_t arg) = {
    [ACT_NEXT_POD] = act_step_pod,
    [ACT_PREV_POD] = act_step_pod,
    [ACT_BACK] = act_back,
    [ACT_TAB] = act_tab,
    [ACT_LOGS] = act_logs,
    [ACT_PREVIOUS] = act_logs,
    [ACT_MERGED] = act_logs,
    [ACT_COMPARE] = act_compare,
    [ACT_EVENTS] = act_open_view,
    [ACT_RESOURCES] = act_open_view,
    [ACT_WHY] = act_open_view,
    [ACT_MESSAGES] = act_open_view,
    [ACT_FILTER] = act_prompt,
    [ACT_YAML] = act_open_view,
    [ACT_DESCRIBE] = act_open_view,
    [ACT_COMMAND] = act_prompt,
    [ACT_CLEAR] = act_clear,
    [ACT_WIDE] = act_prefs,
    [ACT_TIME] = act_prefs,
    [ACT_THEME] = act_prefs,
    [ACT_HEADER] = act_prefs,
    [ACT_COPY] = act_copy,
    [ACT_SAVE] = act_save,
    [ACT_RELIST] = act_app,
    [ACT_REDRAW] = act_app,
    [ACT_SUSPEND] = act_app,
    [ACT_QUIT] = act_app,
    [ACT_PIPE] = act_pipe,
    [ACT_HELP] = act_help,
    [ACT_ALL_NAMESPACES] = act_all_namespaces,
    [ACT_HISTORY_BACK] = places_act,
    [ACT_HISTORY_FORWARD] = places_act,
    [ACT_LAST_VIEW] = places_act,
    [ACT_ZOOM_OUT] = act_zoom_out,
    [ACT_SET_MARK] = places_act,
    [ACT_GO_MARK] = places_act,
    [ACT_WRITING] = act_writing,
    [ACT_DEMO] = demo_act,
    [ACT_PLAY_PAUSE] = demo_act,
    [ACT_REPLAY_PAUSE] = replay_act,
    [ACT_STEP_BACK] = replay_act,
    [ACT_STEP_ON] = replay_act,
    [ACT_REPLAY_SLOWER] = replay_act,
    [ACT_REPLAY_FASTER] = replay_act,
    [ACT_MARK_BACK] = replay_act,
    [ACT_MARK_ON] = replay_act,
    [ACT_PLAY_STEP] = demo_act,
    [ACT_PLAY_SLOWER] = demo_act,
    [ACT_PLAY_FASTER] = demo_act,
    [ACT_PLAY_EDIT] = demo_act,
};

/* False when nobody has a use for it: neither the view on top nor the table. */
static bool
perform(struct ui *ui, enum action action, int32_t arg)
{
    if ((unsigned)action >= ACT_COUNT || !ui->stack.len)
        return true;
    ui_settle(ui);
    struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    struct intent intent = {0};
    bool answered = true;
    ui->dirty = ui->recalc = true;
    if (e->view->act && e->view->act(e->state, &env, action, arg, &intent))
        ui_handle_intent(ui, &intent);
    else if (HANDLERS[action])
        HANDLERS[action](ui, action, arg);
    else
        answered = false;
    places_note(ui);
    tutor_note(ui, action);
    return answered;
}

void
ui_act(struct ui *ui, enum action action, int32_t arg)
{
    (void)perform(ui, action, arg);
}

/* A key without an effect says so; the ones that move are silent, as at the end of a list. */
static void
say_unanswered(struct ui *ui, enum action action, uint32_t key)
{
    const struct view_class *view = ui_top(ui)->view;
    char text[16];
    key_text(key, text);
    if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE)
        ui_flash(ui, false, "%s", tr("there is no other pane here"));
    else if ((action == ACT_FIND_NEXT || action == ACT_FIND_PREV) && view->searchable)
        ui_flash(ui, false, "%s", tr("nothing is searched for: / begins a search"));
    else if (strcmp(action_group(action), "MOVE") != 0)
        ui_flash(ui, false, "%s does nothing here: ? shows the keys of this view", text);
}

static void
answer_confirm(struct ui *ui, bool yes)
{
    ui->confirm.text[0] = ui->confirm.word[0] = '\0';
    if (yes)
        ui->confirm.yes(ui->confirm.ctx);
    else
        ui_flash(ui, false, "%s", tr("nothing was done"));
}

/* A question that wants a word: letters are kept, Enter decides, anything else is a no. */
static void
type_confirm(struct ui *ui, uint32_t key)
{
    char *typed = ui->confirm.typed;
    size_t len = strlen(typed);
    if (key > ' ' && key < 0x7F && len + 1 < sizeof(ui->confirm.typed))
        (void)snprintf(typed + len, sizeof(ui->confirm.typed) - len, "%c", (int)key);
    else if ((key == KEY_BACKSPACE_CODE || key == 0x7F || key == KEY_CTRL('h')) && len)
        typed[len - 1] = '\0';
    else
        answer_confirm(ui, (key == KEY_ENTER_CODE || key == '\n') &&
                               strcmp(typed, ui->confirm.word) == 0);
}

/* In the help every letter that does not move there begins a search. */
static bool
types_to_search(const struct view_class *view, uint32_t key)
{
    if (view->context != CTX_HELP || key <= ' ' || key >= KEY_SPECIAL)
        return false;
    static const enum action kept[] = {ACT_DOWN,
                                       ACT_UP,
                                       ACT_TOP,
                                       ACT_BOTTOM,
                                       ACT_BACK,
                                       ACT_FILTER,
                                       ACT_COMMAND,
                                       ACT_FIND_NEXT,
                                       ACT_FIND_PREV,
                                       ACT_HISTORY_BACK,
                                       ACT_HISTORY_FORWARD,
                                       ACT_LAST_VIEW,
                                       ACT_PAGE_UP};
    enum action action = keymap_lookup(view->context, view->podish, key, NULL);
    if (replay_is_action(action))
        return false;
    for (size_t i = 0; i < IW_COUNTOF(kept); i++)
        if (kept[i] == action)
            return false;
    return true;
}

void
ui_key(struct ui *ui, uint32_t key)
{
    if (key == KEY_NONE)
        return;
    ui->dirty = true;
    ui->flash.until_ms = 0;
    if (key == KEY_RESIZE_CODE)
        return;
    if (ui->prompt.open) {
        prompt_key(ui, key);
        tutor_note(ui, ACT_NONE);
        return;
    }
    if (ui->confirm.word[0]) {
        type_confirm(ui, key);
        return;
    }
    if (ui->confirm.text[0]) {
        answer_confirm(ui, key == 'y' || key == 'Y');
        return;
    }
    if (places_key(ui, key) || (key == KEY_ESC_CODE && tutor_leave(ui)))
        return;
    const struct view_class *view = ui_top(ui)->view;
    if (types_to_search(view, key)) {
        prompt_open(ui, '/', "");
        prompt_key(ui, key);
        return;
    }
    int32_t arg = 0;
    enum action action = keymap_lookup(view->context, view->podish, key, &arg);
    if (action == ACT_NONE ? !words_say_key(ui, view->context, key) : !perform(ui, action, arg))
        say_unanswered(ui, action, key);
}

void
ui_set_filter(struct ui *ui, const char *text, bool final)
{
    struct ui_entry *e = ui_top(ui);
    if (!e->view->filter)
        return;
    struct view_env env = ui_env(ui, e);
    e->view->filter(e->state, &env, text, final);
    if (final)
        snprintf(e->filter, sizeof(e->filter), "%s", text);
    ui->dirty = ui->recalc = true;
}
