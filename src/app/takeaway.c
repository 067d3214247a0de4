/* takeaway: the log on screen into a file or into a command of the user's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/logsave.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"

enum { WAITING_LOOK_MS = 50 };

void
dashboard_forget_asked(struct dashboard *d)
{
    free(d->asked_path);
    free(d->asked_text);
    if (d->asked_log)
        fclose(d->asked_log);
    d->asked_path = d->asked_text = NULL;
    d->asked_log = NULL;
}

void
dashboard_ask_overwrite(struct dashboard *d, const char *path, void (*yes)(void *ctx))
{
    dashboard_forget_asked(d);
    d->asked_path = iw_strdup(path);
    ui_confirm(d->ui, yes, d, tr("overwrite %s? what is in it is lost."), path);
}

static void
say_saved(struct dashboard *d, const char *path, uint64_t lines, const struct iw_error *err)
{
    if (err->code != IW_OK)
        ui_flash(d->ui, true, "%s", err->msg);
    else
        ui_flash(d->ui, false, tr_n("saved %llu line: %s", "saved %llu lines: %s", lines),
                 (unsigned long long)lines, path);
}

/* Where there will be room for the log anyway; else wherever files for a while go. NULL: errno. */
static FILE *
open_nameless(const char *beside)
{
    const char *slash = strrchr(beside, '/');
    size_t len = slash ? (size_t)(slash - beside) + 1 : 1;
    iw_autofree char *folder = iw_strndup(slash ? beside : ".", len);
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd < 0 ? tmpfile() : fdopen(fd, "w+");
}

static enum iw_err
copy_over(FILE *from, const char *path, struct iw_error *err)
{
    char block[65536];
    FILE *to = fopen(path, "we");
    if (!to)
        return iw_fail_errno(err, IW_ERR_IO, errno, "save %s", path);
    rewind(from);
    bool good = true;
    for (size_t n; good && (n = fread(block, 1, sizeof(block), from)) > 0;)
        good = fwrite(block, 1, n, to) == n;
    int failed = errno;
    good = fclose(to) == 0 && good && !ferror(from);
    return good ? IW_OK : iw_fail_errno(err, IW_ERR_IO, failed, "save %s", path);
}

static void
overwrite_log_agreed(void *ctx)
{
    struct dashboard *d = ctx;
    struct iw_error err = {0};
    (void)copy_over(d->asked_log, d->asked_path, &err);
    say_saved(d, d->asked_path, d->asked_lines, &err);
    dashboard_forget_asked(d);
}

/* The log as it is now waits in a file without a name: the view may be another one when the answer comes. */
static void
ask_for_log(struct dashboard *d, const struct logsave *save, const char *path)
{
    struct iw_error err = {0};
    uint64_t lines = 0;
    FILE *log = open_nameless(path);
    if (!log)
        (void)iw_fail_errno(&err, IW_ERR_IO, errno, "save %s", path);
    if (!log || logsave_write(save, fileno(log), &lines, &err) != IW_OK) {
        if (log)
            fclose(log);
        say_saved(d, path, 0, &err);
        return;
    }
    dashboard_ask_overwrite(d, path, overwrite_log_agreed);
    d->asked_log = log;
    d->asked_lines = lines;
}

/* --- a log that is not here yet --- */

static void look_again(void *ctx);

void
dashboard_forget_waiting(struct dashboard *d)
{
    loop_remove(d->session->loop, d->waiting_timer);
    free(d->waiting_line);
    d->waiting_line = NULL;
    d->waiting_timer = 0;
}

/* The command of the view is run again when the log is here: what it hands over belongs to the view of that moment. */
static void
wait_for_log(struct dashboard *d, const struct intent *intent)
{
    char line[sizeof(intent->text) + 16];
    snprintf(line, sizeof(line), "%s%s%s", intent->kind == INTENT_PIPE ? "pipe " : "save ",
             intent->flag ? "all " : "", intent->text);
    dashboard_forget_waiting(d);
    d->waiting_line = iw_strdup(line);
    d->waiting_asked = logs_feed(d->logs)->asked;
    d->waiting_timer = loop_timer_add(d->session->loop, WAITING_LOOK_MS, look_again, d);
    ui_flash(d->ui, false, "%s", tr("the log is still being read: it is taken when it is here"));
}

static void
look_again(void *ctx)
{
    struct dashboard *d = ctx;
    d->waiting_timer = 0;
    const char *view = logs_feed(d->logs)->files ? "file" : "logs";
    bool same =
        logs_feed(d->logs)->asked == d->waiting_asked && strcmp(ui_top_view(d->ui), view) == 0;
    if (same && !logs_is_here(d->logs)) {
        d->waiting_timer = loop_timer_add(d->session->loop, WAITING_LOOK_MS, look_again, d);
        return;
    }
    iw_autofree char *line = d->waiting_line;
    d->waiting_line = NULL;
    if (same)
        ui_command(d->ui, line);
    else
        ui_flash(d->ui, true, tr("not done, the log was left before it was here: %s"), line);
}

bool
dashboard_waits_for_log(struct dashboard *d, const struct intent *intent)
{
    if (logs_is_here(d->logs))
        return false;
    wait_for_log(d, intent);
    return true;
}

void
dashboard_save_log(struct dashboard *d, const struct intent *intent, const char *path)
{
    struct iw_error err = {0};
    const struct logsave save = {.feed = logs_feed(d->logs),
                                 .lens = intent->flag ? NULL : intent->lens,
                                 .format = logsave_format_of(path)};
    uint64_t lines = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        ask_for_log(d, &save, path);
        return;
    }
    if (fd < 0) {
        (void)iw_fail_errno(&err, IW_ERR_IO, errno, "save %s", path);
        say_saved(d, path, 0, &err);
        return;
    }
    enum iw_err rc = logsave_write(&save, fd, &lines, &err);
    if (close(fd) != 0 && rc == IW_OK)
        (void)iw_fail_errno(&err, IW_ERR_IO, errno, "save %s", path);
    say_saved(d, path, lines, &err);
}

/* What the command printed stays on the screen until Enter. */
static void
wait_for_enter(void)
{
    char line[256];
    printf("\n%s", tr("[Enter: back to the log] "));
    fflush(stdout);
    while (read(STDIN_FILENO, line, sizeof(line)) < 0 && errno == EINTR)
        ;
}

void
dashboard_pipe_log(struct dashboard *d, const struct intent *intent)
{
    const struct logsave save = {.feed = logs_feed(d->logs), .lens = intent->lens};
    struct iw_error err = {0};
    int status = 0;
    if (!intent->text[0] || !save.feed->buf) {
        ui_flash(d->ui, true, "%s", tr("pipe: into which command?"));
        return;
    }
    if (dashboard_waits_for_log(d, intent))
        return;
    term_suspend(d->term);
    enum iw_err rc = logsave_pipe(&save, intent->text, &status, &err);
    if (rc == IW_OK)
        wait_for_enter();
    term_resume(d->term);
    term_redraw(d->term);
    if (rc != IW_OK)
        ui_flash(d->ui, true, "%s", err.msg);
    else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        ui_flash(d->ui, true, tr("%.60s: exit %d"), intent->text, WEXITSTATUS(status));
}
