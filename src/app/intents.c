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
                                   .whole = intent->flag,
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

/* The whole object when it is on screen, whatever is folded; else NULL. */
static const struct yaml_text *
yaml_to_save(const struct dashboard *d)
{
    const char *view = ui_top_view(d->ui);
    bool yaml = strcmp(view, "yaml") == 0 || strcmp(view, "object") == 0;
    return yaml ? fetch_raw(d->fetch)->yaml : NULL;
}

/* Where to: what the user typed ("~/" is home), else a name of our own below the state folder. */
static bool
save_path(const struct dashboard *d, const char *wanted, const char *ending, char *path,
          size_t path_size)
{
    char stamp[40], name[128];
    const char *home = getenv("HOME");
    if (wanted[0]) {
        bool tilde = wanted[0] == '~' && wanted[1] == '/' && home;
        snprintf(path, path_size, "%s%s", tilde ? home : "", tilde ? wanted + 1 : wanted);
        return true;
    }
    rfc3339_format(clock_wall(loop_clock(d->session->loop)), true, stamp);
    snprintf(name, sizeof(name), "%s-%s.%s", ui_top_view(d->ui), stamp, ending);
    return platform_state_path(name, path, path_size);
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
save_view(struct dashboard *d, const struct intent *intent)
{
    char path[4096];
    const char *ending = intent->data ? "md" : yaml_to_save(d) ? "yaml" : "txt";
    if (!save_path(d, intent->text, ending, path, sizeof(path))) {
        ui_flash(d->ui, true, "%s", tr("nowhere to save: HOME is not set"));
        return;
    }
    if (intent->lens && logs_feed(d->logs)->buf) {
        dashboard_save_log(d, intent, path);
        return;
    }
    const struct yaml_text *yaml = yaml_to_save(d);
    iw_autofree char *text = intent->data ? iw_strndup(intent->data, intent->data_len)
                             : yaml       ? iw_strndup(yaml->text, yaml->len)
                                          : surface_dump_text(&d->surface, false);
    if (access(path, F_OK) != 0) {
        save_text(d, path, text, O_EXCL);
        return;
    }
    dashboard_ask_overwrite(d, path, overwrite_agreed);
    d->asked_text = iw_strdup(text);
}

static void
list_again(struct dashboard *d)
{
    const struct source_class *source = d->session->source->class_;
    if (store_status(d->session->store, STREAM_PODS)->state == SOURCE_LIVE)
        source->relist(d->session->source);
    else
        source->retry_now(d->session->source);
    fetch_relist(d->fetch);
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
        copy_text(d, intent);
        break;
    case INTENT_SAVE:
        save_view(d, intent);
        break;
    case INTENT_PIPE:
        dashboard_pipe_log(d, intent);
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
