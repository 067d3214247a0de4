/* ui: the stack of views, and what keys and intents do to it.
 *
 * A key becomes an action by the key table; the view on top sees it first, then the table HANDLERS
 * below. What neither the view nor the ui can do alone leaves as an intent for the app.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "ui_internal.h"

enum { FLASH_MS = 4000, FLASH_ERROR_MS = 8000, SECOND_MS = 1000, SPINNER_MS = 200 };

static const struct pod_ref NO_POD = {0, 0};

/* --- stack --- */

static struct ui_kept *
kept_of(const struct ui *ui, const struct view_class *view)
{
    if (view->scope != VIEW_CLUSTER)
        return NULL;
    for (size_t i = 0; i < view_registry_count; i++)
        if (view_registry[i] == view)
            return &ui->kept[i];
    return NULL;
}

static void *
state_new(const struct view_class *view)
{
    void *state = iw_calloc(1, view->state_size ? view->state_size : 1);
    if (view->init)
        view->init(state);
    return state;
}

static void
state_free(const struct view_class *view, void *state)
{
    if (!state)
        return;
    if (view->fini)
        view->fini(state);
    free(state);
}

struct ui_entry *
ui_top(struct ui *ui)
{
    return ui->stack.len ? &ui->stack.items[ui->stack.len - 1] : NULL;
}

const struct ui_entry *
ui_top_const(const struct ui *ui)
{
    return ui->stack.len ? &ui->stack.items[ui->stack.len - 1] : NULL;
}

struct view_env
ui_env(const struct ui *ui, const struct ui_entry *entry)
{
    static const struct raw_object no_raw;
    static const struct kobject_ref no_object;
    return (struct view_env){
        .store = ui->config.store,
        .objects = store_objects(ui->config.store),
        .raw = ui->config.raw ? ui->config.raw : &no_raw,
        .session = ui->config.session,
        .prefs = &ui->prefs,
        .logs = ui->config.logs,
        .demo = ui->config.demo,
        .podcase = ui->podcase,
        .now_wall_ms = clock_wall(ui->config.clock),
        .pod = entry ? entry->pod : NO_POD,
        .container = entry ? entry->container : "",
        .object = entry ? &entry->object : &no_object,
    };
}

static void
entry_init(struct ui *ui, struct ui_entry *e, const struct view_class *view)
{
    *e = (struct ui_entry){.view = view};
    struct ui_kept *kept = kept_of(ui, view);
    if (!kept) {
        e->state = state_new(view);
        return;
    }
    if (!kept->state)
        kept->state = state_new(view);
    e->state = kept->state;
    memcpy(e->filter, kept->filter, sizeof(e->filter));
}

static void
entry_fini(struct ui *ui, struct ui_entry *e)
{
    struct ui_kept *kept = kept_of(ui, e->view);
    if (kept)
        memcpy(kept->filter, e->filter, sizeof(e->filter));
    else
        state_free(e->view, e->state);
    e->state = NULL;
}

static void
push(struct ui *ui, const struct view_class *view, struct pod_ref pod, const char *container)
{
    if (ui->stack.len >= UI_STACK_MAX) {
        entry_fini(ui, &ui->stack.items[1]);
        vec_remove(&ui->stack, 1);
    }
    struct ui_entry e;
    entry_init(ui, &e, view);
    e.pod = pod;
    snprintf(e.container, sizeof(e.container), "%s", container ? container : "");
    vec_push(&ui->stack, e);
    ui->dirty = ui->recalc = true;
}

static void
pop(struct ui *ui)
{
    entry_fini(ui, ui_top(ui));
    ui->stack.len--;
    ui->dirty = ui->recalc = true;
}

/* --- intents --- */

static void
emit(struct ui *ui, const struct intent *intent)
{
    ui->dirty = ui->recalc = true;
    if (ui->config.on_intent)
        ui->config.on_intent(ui->config.ctx, intent);
}

static void
emit_text(struct ui *ui, enum intent_kind kind, const char *text)
{
    struct intent intent = {.kind = kind};
    snprintf(intent.text, sizeof(intent.text), "%s", text);
    emit(ui, &intent);
}

static void
emit_logs(struct ui *ui, const struct ui_entry *e)
{
    struct intent intent = {.kind = INTENT_LOGS, .pod = e->pod};
    snprintf(intent.container, sizeof(intent.container), "%s", e->container);
    emit(ui, &intent);
}

bool
ui_cursor_pod(struct ui *ui, struct pod_ref *pod, char container[256])
{
    const struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    container[0] = 0;
    if (e->view->cursor && e->view->cursor(e->state, &env, pod, container))
        return true;
    *pod = e->pod;
    snprintf(container, 256, "%s", e->container);
    return !pod_ref_equal(e->pod, NO_POD);
}

/* The views of a pod are neighbours: the one it was opened on, and one beside it. From there another one takes the second
 * place, so that two steps back always lead to the list. */
static void
leave_side_view(struct ui *ui, const struct view_class *next)
{
    size_t n = ui->stack.len;
    if (n >= 2 && next->scope == VIEW_POD && ui->stack.items[n - 1].view->scope == VIEW_POD &&
        ui->stack.items[n - 2].view->scope == VIEW_POD)
        pop(ui);
}

static bool
object_equal(const struct kobject_ref *a, const struct kobject_ref *b)
{
    return a->kind == b->kind && strcmp(a->ns, b->ns) == 0 && strcmp(a->name, b->name) == 0;
}

/* Opens a view; replace: in place of the one on top. Pod views without a pod take the one under the
 * cursor. */
static void
open_view(struct ui *ui, const struct intent *in, bool replace)
{
    const struct view_class *view = in->view ? view_find(in->view) : NULL;
    if (!view) {
        ui_flash(ui, true, "there is no view \"%s\"", in->view ? in->view : "");
        return;
    }
    struct pod_ref pod = in->pod;
    char container[256];
    snprintf(container, sizeof(container), "%s", in->container);
    if (view->scope == VIEW_POD && pod_ref_equal(pod, NO_POD) &&
        !ui_cursor_pod(ui, &pod, container)) {
        ui_flash(ui, true, "%s: choose a pod first", view->title);
        return;
    }
    if (replace && ui->stack.len > 0)
        pop(ui);
    else
        leave_side_view(ui, view);
    const struct ui_entry *top = ui_top(ui);
    if (!top || top->view != view || !pod_ref_equal(top->pod, pod) ||
        !object_equal(&top->object, &in->object))
        push(ui, view, pod, container);
    ui_top(ui)->object = in->object;
    if (view->context == CTX_LOGS)
        emit_logs(ui, ui_top(ui));
}

static void
go_back(struct ui *ui)
{
    if (ui->stack.len <= 1) {
        emit_text(ui, INTENT_QUIT, "");
        return;
    }
    pop(ui);
    emit_text(ui, INTENT_BACK, "");
    const struct ui_entry *e = ui_top(ui);
    /* Another pod's log was shown in between: ask for this one again. */
    if (e->view->context == CTX_LOGS && ui->config.logs &&
        !pod_ref_equal(ui->config.logs->pod, e->pod))
        emit_logs(ui, e);
}

static void
set_focus(struct ui *ui, const struct intent *in)
{
    struct ui_entry *top = ui_top(ui);
    for (size_t i = 0; i < ui->stack.len; i++) {
        const struct ui_entry *e = &ui->stack.items[i];
        if (e->view->focus)
            e->view->focus(e->state, in->pod);
    }
    if (top->view->scope == VIEW_CLUSTER) {
        emit(ui, in);
        return;
    }
    /* All views about the pod move along, so that going back stays with it. */
    for (size_t i = 0; i < ui->stack.len; i++)
        if (ui->stack.items[i].view->scope == VIEW_POD) {
            ui->stack.items[i].pod = in->pod;
            ui->stack.items[i].container[0] = 0;
        }
    top->pod = in->pod;
    snprintf(top->container, sizeof(top->container), "%s", in->container);
    emit(ui, in);
    if (top->view->context == CTX_LOGS)
        emit_logs(ui, top);
}

static void
open_logs(struct ui *ui, const struct intent *in)
{
    const struct view_class *logs = view_find("logs");
    if (!logs) {
        ui_flash(ui, true, "there is no log view");
        return;
    }
    if (ui_top(ui)->view != logs)
        leave_side_view(ui, logs);
    if (ui_top(ui)->view != logs)
        push(ui, logs, in->pod, in->container);
    struct ui_entry *top = ui_top(ui);
    top->pod = in->pod;
    snprintf(top->container, sizeof(top->container), "%s", in->container);
    emit(ui, in);
}

void
ui_handle_intent(struct ui *ui, const struct intent *in)
{
    ui->dirty = ui->recalc = true;
    switch (in->kind) {
    case INTENT_NONE:
        return;
    case INTENT_OPEN:
        open_view(ui, in, false);
        return;
    case INTENT_SWITCH:
        open_view(ui, in, true);
        return;
    case INTENT_BACK:
        go_back(ui);
        return;
    case INTENT_LOGS:
        open_logs(ui, in);
        return;
    case INTENT_PROMPT:
        prompt_open(ui, in->text[0] ? in->text[0] : '/', in->text[0] ? in->text + 1 : "");
        return;
    case INTENT_FLASH:
        ui_flash(ui, in->flag, "%s", in->text);
        return;
    case INTENT_POD:
        set_focus(ui, in);
        return;
    case INTENT_QUIT:
    case INTENT_LOG_FOLLOW:
    case INTENT_LOG_MUTE:
    case INTENT_NAMESPACE:
    case INTENT_CONTEXT:
    case INTENT_DEMO:
    case INTENT_RELIST:
    case INTENT_REDRAW:
    case INTENT_SUSPEND:
    case INTENT_COPY:
    case INTENT_SAVE:
    case INTENT_PIPE:
    case INTENT_SETTING:
        emit(ui, in);
        return;
    }
}

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

static void
act_back(struct ui *ui, enum action action, int32_t arg)
{
    (void)action;
    (void)arg;
    go_back(ui);
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
        go_back(ui);
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
    if (!list || !ui_cursor_pod(ui, &now, container))
        return;
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
    in.pod = order[at >= count ? 0 : next ? at + 1 : at - 1];
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
    if (action == ACT_THEME) {
        p->theme = theme_next(p->theme);
        snprintf(p->theme_name, sizeof(p->theme_name), "%s", theme_name(p->theme));
        ui_flash(ui, false, "theme %s", theme_name(p->theme));
    } else if (action == ACT_TIME) {
        p->time_mode = (enum time_mode)((p->time_mode + 1) % TIME_MODE_COUNT);
        ui_flash(ui, false, "times as %s", tr(modes[p->time_mode]));
    } else if (action == ACT_WIDE) {
        p->wide = !p->wide;
    } else {
        p->header = !p->header;
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
        emit_text(ui, INTENT_NAMESPACE, "*");
    } else if (ui->ns_before[0]) {
        emit_text(ui, INTENT_NAMESPACE, ui->ns_before);
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
    if (!ui_cursor_pod(ui, &ref, container))
        return;
    const struct pod *pod = store_get(ui->config.store, ref);
    if (!pod)
        return;
    emit_text(ui, INTENT_COPY, pod->name);
    ui_flash(ui, false, "copied %s", pod->name);
}

/* Keys whose place is kept for the write mode say so: fingers of k9s users find no other meaning under them. */
static void
act_writing(struct ui *ui, enum action action, int32_t arg)
{
    static const char *const sentences[WRITES_COUNT] = {
        [WRITES_SHELL] = TR_MARK("a shell in the container: initwatch only reads so far"),
        [WRITES_ATTACH] = TR_MARK("attach to the container: initwatch only reads so far"),
        [WRITES_DEBUG] = TR_MARK("an ephemeral debug container: initwatch only reads so far"),
        [WRITES_FORWARD] = TR_MARK("forward a port: initwatch only reads so far"),
        [WRITES_FORWARDS] = TR_MARK("the list of forwarded ports: initwatch only reads so far"),
        [WRITES_RESTART] = TR_MARK("restart the owner: initwatch only reads so far"),
        [WRITES_EDIT] = TR_MARK("edit the pod: initwatch only reads so far"),
        [WRITES_DELETE] = TR_MARK("delete the pod: initwatch only reads so far"),
    };
    (void)action;
    if (arg >= 0 && arg < WRITES_COUNT)
        ui_flash(ui, false, "%s", tr(sentences[arg]));
}

static void
act_app(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    enum intent_kind kind = action == ACT_SAVE      ? INTENT_SAVE
                            : action == ACT_RELIST  ? INTENT_RELIST
                            : action == ACT_REDRAW  ? INTENT_REDRAW
                            : action == ACT_SUSPEND ? INTENT_SUSPEND
                                                    : INTENT_QUIT;
    emit_text(ui, kind, "");
}

/* What an action does when the view on top has no use of its own for it. */
static void (*const HANDLERS[ACT_COUNT])(struct ui *ui, enum action action, int32_t arg) = {
    [ACT_NEXT_POD] = act_step_pod,   [ACT_PREV_POD] = act_step_pod,
    [ACT_BACK] = act_back,           [ACT_TAB] = act_tab,
    [ACT_LOGS] = act_logs,           [ACT_PREVIOUS] = act_logs,
    [ACT_MERGED] = act_logs,         [ACT_EVENTS] = act_open_view,
    [ACT_RESOURCES] = act_open_view, [ACT_WHY] = act_open_view,
    [ACT_MESSAGES] = act_open_view,  [ACT_FILTER] = act_prompt,
    [ACT_YAML] = act_open_view,      [ACT_DESCRIBE] = act_open_view,
    [ACT_COMMAND] = act_prompt,      [ACT_CLEAR] = act_clear,
    [ACT_WIDE] = act_prefs,          [ACT_TIME] = act_prefs,
    [ACT_THEME] = act_prefs,         [ACT_HEADER] = act_prefs,
    [ACT_COPY] = act_copy,           [ACT_SAVE] = act_app,
    [ACT_RELIST] = act_app,          [ACT_REDRAW] = act_app,
    [ACT_SUSPEND] = act_app,         [ACT_QUIT] = act_app,
    [ACT_HELP] = act_help,           [ACT_ALL_NAMESPACES] = act_all_namespaces,
    [ACT_HISTORY_BACK] = places_act, [ACT_HISTORY_FORWARD] = places_act,
    [ACT_LAST_VIEW] = places_act,    [ACT_SET_MARK] = places_act,
    [ACT_GO_MARK] = places_act,      [ACT_WRITING] = act_writing,
    [ACT_DEMO] = demo_act,           [ACT_PLAY_PAUSE] = demo_act,
    [ACT_PLAY_STEP] = demo_act,      [ACT_PLAY_SLOWER] = demo_act,
    [ACT_PLAY_FASTER] = demo_act,    [ACT_PLAY_EDIT] = demo_act,
};

void
ui_act(struct ui *ui, enum action action, int32_t arg)
{
    if ((unsigned)action >= ACT_COUNT || !ui->stack.len)
        return;
    struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    struct intent intent = {0};
    ui->dirty = ui->recalc = true;
    if (e->view->act && e->view->act(e->state, &env, action, arg, &intent))
        ui_handle_intent(ui, &intent);
    else if (HANDLERS[action])
        HANDLERS[action](ui, action, arg);
    places_note(ui);
}

static void
answer_confirm(struct ui *ui, bool yes)
{
    ui->confirm.text[0] = '\0';
    if (yes)
        ui->confirm.yes(ui->confirm.ctx);
    else
        ui_flash(ui, false, "%s", tr("nothing was done"));
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
        return;
    }
    if (ui->confirm.text[0]) {
        answer_confirm(ui, key == 'y' || key == 'Y');
        return;
    }
    if (places_key(ui, key))
        return;
    const struct view_class *view = ui_top(ui)->view;
    if (types_to_search(view, key)) {
        prompt_open(ui, '/', "");
        prompt_key(ui, key);
        return;
    }
    int32_t arg = 0;
    enum action action = keymap_lookup(view->context, view->podish, key, &arg);
    if (action != ACT_NONE) {
        ui_act(ui, action, arg);
        return;
    }
    char text[16];
    key_text(key, text);
    ui_flash(ui, false, "%s does nothing here: ? shows the keys of this view", text);
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

/* --- life --- */

struct ui *
ui_new(const struct ui_config *config)
{
    struct ui *ui = iw_calloc(1, sizeof(*ui));
    ui->config = *config;
    ui->prefs = config->prefs;
    ui->kept = iw_calloc(view_registry_count + 1, sizeof(*ui->kept));
    ui->podcase = podcase_keep_new();
    const struct view_class *first = view_find(config->first_view ? config->first_view : "pods");
    push(ui, first ? first : view_registry[0], NO_POD, "");
    places_note(ui);
    return ui;
}

void
ui_free(struct ui *ui)
{
    if (!ui)
        return;
    while (ui->stack.len)
        pop(ui);
    for (size_t i = 0; i < view_registry_count; i++)
        state_free(view_registry[i], ui->kept[i].state);
    free(ui->kept);
    podcase_keep_free(ui->podcase);
    vec_free(&ui->stack);
    prompt_free(ui);
    free(ui);
}

void
ui_flash(struct ui *ui, bool error, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(ui->flash.text, sizeof(ui->flash.text), tr(fmt), args);
    va_end(args);
    ui->flash.error = error;
    ui->flash.until_ms = clock_mono(ui->config.clock) + (error ? FLASH_ERROR_MS : FLASH_MS);
    ui->dirty = true;
}

void
ui_confirm(struct ui *ui, void (*yes)(void *ctx), void *ctx, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(ui->confirm.text, sizeof(ui->confirm.text), fmt, args);
    va_end(args);
    ui->confirm.yes = yes;
    ui->confirm.ctx = ctx;
    ui->prompt.open = false;
    ui->dirty = true;
}

void
ui_open(struct ui *ui, const char *view, struct pod_ref pod, const char *container)
{
    const struct view_class *class = view_find(view);
    if (!class)
        return;
    push(ui, class, pod, container);
    places_note(ui);
}

void
ui_reset(struct ui *ui)
{
    while (ui->stack.len > 1)
        pop(ui);
    ui->prompt.open = false;
    ui->dirty = ui->recalc = true;
}

const struct ui_prefs *
ui_prefs(const struct ui *ui)
{
    return &ui->prefs;
}

void
ui_set_prefs(struct ui *ui, const struct ui_prefs *prefs)
{
    ui->prefs = *prefs;
    ui->dirty = ui->recalc = true;
}

const char *
ui_top_view(const struct ui *ui)
{
    return ui_top_const(ui)->view->name;
}

struct pod_ref
ui_focus(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    struct pod_ref pod;
    char container[256];
    if (e->view->cursor && e->view->cursor(e->state, &env, &pod, container))
        return pod;
    return e->pod;
}

/* --- when to draw --- */

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    /* FNV-1a; a NUL is mixed in so that "a","b" and "ab","" differ. */
    do {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    } while (*text++);
    return hash;
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * 0x100000001b3u;
}

/* What the app may change without a generation number: the session and the facts of the log stream.
 */
static uint64_t
facts_hash(const struct ui *ui)
{
    const struct ui_session *ss = ui->config.session;
    uint64_t h = 0xcbf29ce484222325u;
    h = hash_text(hash_text(hash_text(h, ss->context), ss->ns), ss->user);
    h = hash_text(hash_text(h, ss->server), ss->server_version);
    h = hash_number(h, (uint64_t)ss->demo * 2 + ss->read_only);
    h = hash_number(h, ui->config.demo ? ui->config.demo->generation : 0);
    const struct log_feed *f = ui->config.logs;
    if (!f || ui_top_const(ui)->view->context != CTX_LOGS)
        return h;
    h = hash_text(hash_text(h, f->title), f->sentence);
    h = hash_number(hash_number(h, (uint64_t)f->state), f->source_count);
    h = hash_number(h, (uint64_t)f->merged * 4 + (uint64_t)f->previous * 2 + f->follow);
    h = hash_number(hash_number(h, (uint64_t)f->attempt), (uint64_t)f->attempts);
    return hash_number(h, (uint64_t)f->since_index);
}

static uint64_t
raw_generation(const struct ui *ui)
{
    return ui->config.raw ? ui->config.raw->generation : 0;
}

static uint64_t
log_generation(const struct ui *ui)
{
    const struct log_feed *f = ui->config.logs;
    return f && f->buf && ui_top_const(ui)->view->context == CTX_LOGS ? logbuf_generation(f->buf)
                                                                      : 0;
}

static bool
counts_seconds(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    return ui->clock_shown || (e->view->ticks && e->view->ticks(e->state, &env));
}

bool
ui_needs_frame(struct ui *ui)
{
    int64_t wall = clock_wall(ui->config.clock);
    if (ui->dirty || store_generation(ui->config.store) != ui->seen.store ||
        log_generation(ui) != ui->seen.log || raw_generation(ui) != ui->seen.raw ||
        facts_hash(ui) != ui->seen.facts)
        return true;
    if (ui_top_const(ui)->view->context == CTX_MESSAGES && log_ring_total() != ui->seen.messages)
        return true;
    if (ui->flash.until_ms && clock_mono(ui->config.clock) >= ui->flash.until_ms)
        return true;
    if (ui->spinning && wall / SPINNER_MS != ui->seen.spinner)
        return true;
    return wall / SECOND_MS != ui->seen.second && counts_seconds(ui);
}

bool
ui_work(struct ui *ui)
{
    const struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    if (!e->view->work || !e->view->work(e->state, &env, LIMIT_WORK_SLICE_MS))
        return false;
    ui->dirty = ui->recalc = true;
    return true;
}

int64_t
ui_next_tick_ms(const struct ui *ui)
{
    int64_t wall = clock_wall(ui->config.clock), next = -1;
    if (counts_seconds(ui))
        next = SECOND_MS - wall % SECOND_MS;
    if (ui->spinning)
        next = SPINNER_MS - wall % SPINNER_MS;
    if (ui->flash.until_ms) {
        int64_t left = IW_MAX(ui->flash.until_ms - clock_mono(ui->config.clock), (int64_t)0);
        next = next < 0 ? left : IW_MIN(next, left);
    }
    return next;
}

/* --- what the app has to fetch --- */

uint32_t
ui_wants(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct view_env env = ui_env(ui, e);
    return e->view->wants ? e->view->wants(e->state, &env) : 0;
}

struct kobject_ref
ui_wants_raw(const struct ui *ui)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct kobject_ref ref = {0};
    if (!e->view->wants_raw)
        return ref;
    if (e->object.name[0])
        return e->object;
    const struct pod *pod = store_get(ui->config.store, e->pod);
    if (pod) {
        ref.kind = KOBJECT_POD;
        snprintf(ref.ns, sizeof(ref.ns), "%.63s", pod->ns);
        snprintf(ref.name, sizeof(ref.name), "%.253s", pod->name);
    }
    return ref;
}

/* --- drawing --- */

/* Old data is shown, but not as if it were new. Logs and our own texts have freshness of their own.
 */
static bool
is_stale(const struct ui *ui)
{
    const struct view_class *view = ui_top_const(ui)->view;
    const struct source_status *st = store_status(ui->config.store, STREAM_PODS);
    return st->state == SOURCE_STALE && view->scope != VIEW_GLOBAL && view->context != CTX_LOGS &&
           store_count(ui->config.store) > 0;
}

static bool
has_spinner(const struct surface *s)
{
    for (size_t i = 0, n = (size_t)s->cols * (size_t)s->rows; i < n; i++)
        if (s->cells[i].ch >= 0x2800 && s->cells[i].ch <= 0x28FF &&
            s->cells[i].role == ROLE_WORKING)
            return true;
    return false;
}

static void
remember(struct ui *ui, const struct surface *s)
{
    int64_t wall = clock_wall(ui->config.clock);
    ui->seen.store = store_generation(ui->config.store);
    ui->seen.log = log_generation(ui);
    ui->seen.raw = raw_generation(ui);
    ui->seen.messages = log_ring_total();
    ui->seen.facts = facts_hash(ui);
    ui->seen.second = wall / SECOND_MS;
    ui->seen.spinner = wall / SPINNER_MS;
    ui->seen.cols = s->cols;
    ui->seen.rows = s->rows;
    ui->spinning = ui->prefs.motion && has_spinner(s);
    if (ui->flash.until_ms && clock_mono(ui->config.clock) >= ui->flash.until_ms)
        ui->flash.until_ms = 0;
    ui->dirty = ui->recalc = false;
}

static void
apply_ascii(struct ui *ui, struct surface *s)
{
    if (ui->prefs.ascii && !s->ascii)
        s->ascii = ui->ascii_set = true;
    else if (!ui->prefs.ascii && ui->ascii_set)
        s->ascii = ui->ascii_set = false;
}

/* The rule above the footer; columns that end in it get their foot. */
static void
draw_footer_rule(struct surface *s, struct rect area)
{
    int y = area.y + area.h;
    surface_rule(s, (struct rect){0, y, s->cols, 1}, y, ROLE_RULE, NULL, ROLE_RULE);
    for (int x = 0; x < s->cols; x++) {
        const struct cell *above = surface_at(s, x, y - 1);
        if (above && above->role == ROLE_RULE && (above->ch == 0x2502 || above->ch == '|'))
            surface_puts(s, surface_rect(s), x, y, ROLE_RULE, "┴");
    }
}

void
ui_draw(struct ui *ui, struct surface *s)
{
    apply_ascii(ui, s);
    surface_clear(s);
    ui->clock_shown = false;
    if (s->cols < UI_COLS_MIN || s->rows < UI_ROWS_MIN) {
        surface_puts(s, surface_rect(s), 0, 0, ROLE_WARN, tr("too small"));
        remember(ui, s);
        return;
    }
    struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    bool rule = s->rows >= UI_FOOTER_RULE_ROWS;
    struct rect area = {0, 2, s->cols, s->rows - 3 - (rule ? 1 : 0)};
    bool moved = ui->recalc || store_generation(ui->config.store) != ui->seen.store ||
                 env.now_wall_ms / SECOND_MS != ui->seen.second || s->cols != ui->seen.cols ||
                 s->rows != ui->seen.rows;
    if (e->view->recalc &&
        (moved || log_generation(ui) != ui->seen.log || raw_generation(ui) != ui->seen.raw ||
         facts_hash(ui) != ui->seen.facts || log_ring_total() != ui->seen.messages))
        e->view->recalc(e->state, &env, area);
    e->view->draw(e->state, &env, s, area);
    if (is_stale(ui))
        surface_restyle(s, area, ROLE_STALE);
    if (rule)
        draw_footer_rule(s, area);
    chrome_head(ui, &env, s);
    chrome_tabs(ui, &env, s);
    if (ui->prompt.open)
        prompt_draw(ui, s);
    else
        chrome_footer(ui, s);
    remember(ui, s);
}
