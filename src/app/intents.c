/* intents: what views ask for and only the app can do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"

static void
show_logs(struct dashboard *d, const struct intent *intent)
{
    struct logs_request request = {.pod = intent->pod,
                                   .container = intent->container,
                                   .want = intent->want,
                                   .merged = intent->merged,
                                   .pods = intent->pods,
                                   .pod_count = intent->pod_count,
                                   .tail_lines = intent->tail_lines,
                                   .compare = intent->compare,
                                   .since_index = intent->since_index};
    d->shown_log = *intent;
    logs_open(d->logs, &request);
}

void
dashboard_log_again(struct dashboard *d)
{
    struct intent again = d->shown_log;
    again.compare = false;
    if (again.kind == INTENT_LOGS && strcmp(ui_top_view(d->ui), "logs") == 0)
        show_logs(d, &again);
}

/* Another namespace or context: the old data goes, the screen starts again at the list. */
static void
reconnect(struct dashboard *d, const char *context, const char *ns)
{
    struct iw_error err = {0};
    if (session_reopen(d->session, d->options, context, ns, &err) != IW_OK) {
        ui_flash(d->ui, true, "%s", err.msg);
        return;
    }
    dashboard_describe_session(d);
    ui_reset(d->ui);
    if (context)
        ui_flash(d->ui, false, "context %s, namespace %s", context,
                 d->session->ns[0] ? d->session->ns : "(all)");
    else
        ui_flash(d->ui, false, "namespace %s", d->session->ns[0] ? d->session->ns : "(all)");
    /* A recording is of one context and its namespaces. */
    dashboard_stop_recording(d);
}

static void
copy_text(struct dashboard *d, const struct intent *intent)
{
    bool data = intent->data != NULL;
    size_t len = data ? intent->data_len : strlen(intent->text);
    if (len > LIMIT_COPY_BYTES)
        ui_flash(d->ui, true, tr("not copied: %zu bytes, a terminal takes %d; ^S saves"), len,
                 LIMIT_COPY_BYTES);
    else if (term_copy(d->term, data ? intent->data : intent->text, len))
        ui_flash(d->ui, false, tr("copied: %.60s"), intent->text);
}

static void
list_again(struct dashboard *d, const struct intent *intent)
{
    (void)intent;
    if (d->replay) {
        ui_flash(d->ui, false, "%s", tr("a recording has nothing newer"));
        return;
    }
    const struct source_class *source = d->session->source->class_;
    if (store_status(d->session->store, STREAM_PODS)->state == SOURCE_LIVE)
        source->relist(d->session->source);
    else
        source->retry_now(d->session->source);
    fetch_relist(d->fetch);
    ui_flash(d->ui, false, "listing again");
}

static void
quit(struct dashboard *d, const struct intent *intent)
{
    (void)intent;
    d->quit = true;
    loop_stop(d->session->loop);
}

static void
mute_source(struct dashboard *d, const struct intent *intent)
{
    logs_mute(d->logs, intent->source, intent->flag);
}

static void
follow_log(struct dashboard *d, const struct intent *intent)
{
    logs_set_follow(d->logs, intent->flag);
}

static void
go_to_namespace(struct dashboard *d, const struct intent *intent)
{
    reconnect(d, NULL, strcmp(intent->text, "*") == 0 ? "" : intent->text);
}

static void
go_to_context(struct dashboard *d, const struct intent *intent)
{
    reconnect(d, intent->text, NULL);
}

/* A log file; the ui asks for the log that was open when the user comes back to it. */
static void
open_file(struct dashboard *d, const struct intent *intent)
{
    char path[4096];
    struct iw_error err = {0};
    const char *const paths[] = {path};
    if (platform_expand_home(intent->text, path, sizeof(path)) >= (int)sizeof(path))
        ui_flash(d->ui, true, "%s", tr("the name is too long"));
    else if (logs_open_files(d->logs, paths, 1, -1, &err) != IW_OK)
        ui_flash(d->ui, true, "%s", err.msg);
    else if (strcmp(ui_top_view(d->ui), "file") != 0)
        ui_open(d->ui, "file", (struct pod_ref){0}, NULL);
}

static void
ask_demo(struct dashboard *d, const struct intent *intent)
{
    demo_control_ask(d->demo, intent);
}

static void
record_session(struct dashboard *d, const struct intent *intent)
{
    dashboard_record(d, intent->text);
}

static void
note_moment(struct dashboard *d, const struct intent *intent)
{
    dashboard_note(d, intent->text);
}

static void
ask_replay(struct dashboard *d, const struct intent *intent)
{
    replay_control_ask(d->replay, intent->text, ui_prefs(d->ui)->time_mode == TIME_MODE_UTC);
}

static void
redraw(struct dashboard *d, const struct intent *intent)
{
    (void)intent;
    term_redraw(d->term);
}

static void
suspend(struct dashboard *d, const struct intent *intent)
{
    (void)intent;
    dashboard_suspend(d);
}

static void
export_screen(struct dashboard *d, const struct intent *intent)
{
    dashboard_export(d, intent->text);
}

static void
take_setting(struct dashboard *d, const struct intent *intent)
{
    dashboard_setting(d, intent->text);
}

/* NULL: navigation, which the ui does itself. */
static void (*const handlers[INTENT_POD + 1])(struct dashboard *, const struct intent *) = {
    [INTENT_QUIT] = quit,
    [INTENT_LOGS] = show_logs,
    [INTENT_FILE] = open_file,
    [INTENT_LOG_MUTE] = mute_source,
    [INTENT_LOG_FOLLOW] = follow_log,
    [INTENT_NAMESPACE] = go_to_namespace,
    [INTENT_CONTEXT] = go_to_context,
    [INTENT_DEMO] = ask_demo,
    [INTENT_RECORD] = record_session,
    [INTENT_NOTE] = note_moment,
    [INTENT_REPLAY] = ask_replay,
    [INTENT_RELIST] = list_again,
    [INTENT_REDRAW] = redraw,
    [INTENT_SUSPEND] = suspend,
    [INTENT_WRITE] = dashboard_write,
    [INTENT_COPY] = copy_text,
    [INTENT_SAVE] = dashboard_save,
    [INTENT_EXPORT] = export_screen,
    [INTENT_PIPE] = dashboard_pipe_log,
    [INTENT_SETTING] = take_setting,
};

void
dashboard_intent(void *dashboard, const struct intent *intent)
{
    if (handlers[intent->kind])
        handlers[intent->kind](dashboard, intent);
    else
        LOG_DEBUG("intent %d reached the app", (int)intent->kind);
}
