/* ui: the stack of views, and what intents do to it.
 *
 * What neither a view nor the ui can do alone leaves as an intent for the app.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"
#include "ui_internal.h"

enum { FLASH_MS = 4000, FLASH_ERROR_MS = 8000 };

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
        .replay = ui->config.replay,
        .usage = ui->config.usage,
        .podcase = ui->podcase,
        .now_wall_ms = clock_wall(ui->config.clock),
        .pod = entry ? entry->pod : NO_POD,
        .container = entry ? entry->container : "",
        .object = entry ? &entry->object : &no_object,
    };
}

void *
ui_kept_state(struct ui *ui, const struct view_class *view)
{
    struct ui_kept *kept = kept_of(ui, view);
    if (kept && !kept->state)
        kept->state = state_new(view);
    return kept ? kept->state : NULL;
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
    e->state = ui_kept_state(ui, view);
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
    const struct view_class *view = ui_top(ui)->view;
    const struct ui_kept *kept = kept_of(ui, view);
    entry_fini(ui, ui_top(ui));
    ui->stack.len--;
    /* The same list may lie below: it has the filter that was set above. */
    for (size_t i = 0; kept && i < ui->stack.len; i++)
        if (ui->stack.items[i].view == view)
            memcpy(ui->stack.items[i].filter, kept->filter, sizeof(kept->filter));
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

void
ui_emit_text(struct ui *ui, enum intent_kind kind, const char *text)
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
    if (in->text[0])
        ui_set_filter(ui, in->text, true);
    if (view->context == CTX_LOGS)
        emit_logs(ui, ui_top(ui));
}

void
ui_go_back(struct ui *ui)
{
    if (ui->stack.len <= 1) {
        ui_emit_text(ui, INTENT_QUIT, "");
        return;
    }
    pop(ui);
    ui_emit_text(ui, INTENT_BACK, "");
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
        ui_go_back(ui);
        return;
    case INTENT_LOGS:
        open_logs(ui, in);
        return;
    case INTENT_RUN:
        ui_go_back(ui);
        if (in->key != KEY_NONE) {
            ui_key(ui, in->key);
            return;
        }
        /* fall through */
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
    case INTENT_RECORD:
    case INTENT_NOTE:
    case INTENT_REPLAY:
    case INTENT_RELIST:
    case INTENT_REDRAW:
    case INTENT_SUSPEND:
    case INTENT_COPY:
    case INTENT_SAVE:
    case INTENT_EXPORT:
    case INTENT_PIPE:
    case INTENT_FILE:
    case INTENT_WRITE:
    case INTENT_SETTING:
        emit(ui, in);
        return;
    }
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

static void
confirm_open(struct ui *ui, const char *word, void (*yes)(void *ctx), void *ctx)
{
    (void)snprintf(ui->confirm.word, sizeof(ui->confirm.word), "%s", word);
    ui->confirm.typed[0] = '\0';
    ui->confirm.yes = yes;
    ui->confirm.ctx = ctx;
    ui->prompt.open = false;
    ui->dirty = true;
}

void
ui_confirm(struct ui *ui, void (*yes)(void *ctx), void *ctx, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(ui->confirm.text, sizeof(ui->confirm.text), fmt, args);
    va_end(args);
    confirm_open(ui, "", yes, ctx);
}

void
ui_confirm_typed(struct ui *ui, const char *word, void (*yes)(void *ctx), void *ctx,
                 const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(ui->confirm.text, sizeof(ui->confirm.text), fmt, args);
    va_end(args);
    confirm_open(ui, word, yes, ctx);
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
    ui->confirm.text[0] = ui->confirm.word[0] = '\0';
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

const struct pod_ref *
ui_listed(const struct ui *ui, size_t *count)
{
    const struct ui_entry *e = ui_top_const(ui);
    *count = 0;
    return e->view->order ? e->view->order(e->state, count) : NULL;
}
