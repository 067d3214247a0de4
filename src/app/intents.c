/* intents: what views ask for and only the app can do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
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
                                   .since_index = intent->since_index};
    logs_open(d->logs, &request);
}

/* Another namespace or context: the old data goes, the screen starts again at the list. */
static void
reconnect(struct dashboard *d, const char *context, const char *ns)
{
    struct iw_error err = {0};
    logs_disconnect(d->logs);
    fetch_reset(d->fetch);
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
}

static void
copy_text(struct dashboard *d, const char *text)
{
    term_copy(d->term, text, strlen(text));
    ui_flash(d->ui, false, "copied: %.60s", text);
}

/* The whole object when it is on screen, whatever is folded; else NULL. */
static const struct yaml_text *
yaml_to_save(const struct dashboard *d)
{
    const char *view = ui_top_view(d->ui);
    bool yaml = strcmp(view, "yaml") == 0 || strcmp(view, "object") == 0;
    return yaml ? fetch_raw(d->fetch)->yaml : NULL;
}

/* The whole log when logs are on screen, else the screen as text. */
static char *
text_to_save(const struct dashboard *d)
{
    const struct log_feed *feed = logs_feed(d->logs);
    const struct yaml_text *yaml = yaml_to_save(d);
    if (yaml)
        return iw_strndup(yaml->text, yaml->len);
    if (strcmp(ui_top_view(d->ui), "logs") != 0 || !feed->buf)
        return surface_dump_text(&d->surface, false);
    struct strbuf b;
    strbuf_init(&b, 0);
    for (size_t i = 0; i < logbuf_count(feed->buf); i++) {
        struct logbuf_line line = logbuf_line(feed->buf, i);
        char stamp[40] = "";
        if (line.wall_ms != IW_TIME_NONE)
            rfc3339_format(line.wall_ms, true, stamp);
        if (line.kind == LOGBUF_MARK)
            strbuf_addf(&b, "--- %.*s ---\n", (int)line.len, line.text);
        else if (strbuf_addf(&b, "%s%s%s%s", stamp, stamp[0] ? " " : "",
                             feed->merged ? feed->sources[line.source].container : "",
                             feed->merged ? " " : "") &&
                 strbuf_add(&b, line.text, line.len))
            strbuf_addc(&b, '\n');
    }
    return strbuf_take(&b);
}

/* how: O_EXCL for a file that must be new, O_TRUNC for one whose loss was agreed to. */
static enum iw_err
write_file(const char *path, const char *text, int how, struct iw_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "save %s", path);
    size_t len = strlen(text), done = 0;
    while (done < len) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno != EINTR) {
            int saved_errno = errno;
            close(fd);
            return iw_fail_errno(err, IW_ERR_IO, saved_errno, "save %s", path);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) != 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "save %s", path);
    return IW_OK;
}

static void
save_text(struct dashboard *d, const char *path, const char *text, int how)
{
    struct iw_error err = {0};
    if (write_file(path, text, how, &err) != IW_OK)
        ui_flash(d->ui, true, "%s", err.msg);
    else
        ui_flash(d->ui, false, tr("saved %s"), path);
}

static void
overwrite_agreed(void *ctx)
{
    struct dashboard *d = ctx;
    save_text(d, d->asked_path, d->asked_text, O_TRUNC);
}

static void
save_view(struct dashboard *d, const char *wanted_path)
{
    char path[4096], stamp[40], name[128];
    rfc3339_format(clock_wall(loop_clock(d->session->loop)), true, stamp);
    snprintf(name, sizeof(name), "%s-%s.%s", ui_top_view(d->ui), stamp,
             yaml_to_save(d) ? "yaml" : "txt");
    if (wanted_path[0])
        snprintf(path, sizeof(path), "%s", wanted_path);
    else if (!platform_state_path(name, path, sizeof(path))) {
        ui_flash(d->ui, true, "%s", tr("nowhere to save: HOME is not set"));
        return;
    }
    iw_autofree char *text = text_to_save(d);
    if (access(path, F_OK) != 0) {
        save_text(d, path, text, O_EXCL);
        return;
    }
    free(d->asked_path);
    free(d->asked_text);
    d->asked_path = iw_strdup(path);
    d->asked_text = iw_strdup(text);
    ui_confirm(d->ui, overwrite_agreed, d, tr("overwrite %s? what is in it is lost."), path);
}

static void
list_again(struct dashboard *d)
{
    const struct source_class *source = d->session->source->class_;
    if (store_status(d->session->store, STREAM_PODS)->state == SOURCE_LIVE)
        source->relist(d->session->source);
    else
        source->retry_now(d->session->source);
    ui_flash(d->ui, false, "listing again");
}

static void
quit(struct dashboard *d)
{
    d->quit = true;
    loop_stop(d->session->loop);
}

void
dashboard_intent(void *dashboard, const struct intent *intent)
{
    struct dashboard *d = dashboard;
    switch (intent->kind) {
    case INTENT_QUIT:
        quit(d);
        break;
    case INTENT_LOGS:
        show_logs(d, intent);
        break;
    case INTENT_LOG_MUTE:
        logs_mute(d->logs, intent->source, intent->flag);
        break;
    case INTENT_LOG_FOLLOW:
        logs_set_follow(d->logs, intent->flag);
        break;
    case INTENT_NAMESPACE:
        reconnect(d, NULL, strcmp(intent->text, "*") == 0 ? "" : intent->text);
        break;
    case INTENT_CONTEXT:
        reconnect(d, intent->text, NULL);
        break;
    case INTENT_DEMO:
        demo_control_ask(d->demo, intent);
        break;
    case INTENT_RELIST:
        list_again(d);
        break;
    case INTENT_REDRAW:
        term_redraw(d->term);
        break;
    case INTENT_SUSPEND:
        dashboard_suspend(d);
        break;
    case INTENT_COPY:
        copy_text(d, intent->text);
        break;
    case INTENT_SAVE:
        save_view(d, intent->text);
        break;
    case INTENT_SETTING:
        dashboard_setting(d, intent->text);
        break;
    case INTENT_NONE:
    case INTENT_OPEN:
    case INTENT_SWITCH:
    case INTENT_BACK:
    case INTENT_PROMPT:
    case INTENT_FLASH:
    case INTENT_POD:
        /* Navigation: the ui does these itself. */
        LOG_DEBUG("intent %d reached the app", (int)intent->kind);
        break;
    }
}
