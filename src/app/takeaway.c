/* takeaway: the log on screen into a file or into a command of the user's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/logsave.h"
#include "initwatch/base/tr.h"

void
dashboard_save_log(struct dashboard *d, const struct intent *intent, const char *path)
{
    struct iw_error err = {0};
    const struct logsave save = {.feed = logs_feed(d->logs),
                                 .lens = intent->flag ? NULL : intent->lens,
                                 .format = logsave_format_of(path)};
    uint64_t lines = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)iw_fail_errno(&err, IW_ERR_IO, errno, "save %s", path);
        ui_flash(d->ui, true, "%s", err.msg);
        return;
    }
    enum iw_err rc = logsave_write(&save, fd, &lines, &err);
    if (close(fd) != 0 && rc == IW_OK)
        rc = iw_fail_errno(&err, IW_ERR_IO, errno, "save %s", path);
    if (rc != IW_OK)
        ui_flash(d->ui, true, "%s", err.msg);
    else
        ui_flash(d->ui, false, tr("saved %llu lines: %s"), (unsigned long long)lines, path);
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
