/* open: log files on the screen, without a cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/app.h"
#include "initwatch/app/dashboard.h"

/* Standard input is the log: keys come from the terminal, which takes its place. */
static enum iw_err
take_terminal(struct options *o, struct iw_error *err)
{
    if (isatty(STDIN_FILENO))
        return iw_fail(err, IW_ERR_USAGE,
                       "standard input is a terminal: kubectl logs POD | "
                       "initwatch open -");
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "open /dev/tty");
    o->stdin_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    bool good = o->stdin_fd >= 0 && dup2(tty, STDIN_FILENO) == STDIN_FILENO;
    int failed = errno;
    close(tty);
    return good ? IW_OK : iw_fail_errno(err, IW_ERR_IO, failed, "standard input");
}

/* No screen: one after the other as text. */
static int
print_files(const struct options *o)
{
    int status = 0;
    for (unsigned i = 0; i < o->arg_count && status == 0; i++) {
        struct options one = *o;
        one.command = CMD_LOGS;
        one.args[0] = NULL;
        one.arg_count = 0;
        one.files[0] = o->args[i];
        one.file_count = 1;
        one.tail_lines = one.since_seconds = one.limit_bytes = -1;
        status = cmd_logs(&one);
    }
    return status;
}

int
cmd_open(const struct options *o)
{
    struct options with_stdin = *o;
    struct iw_error err = {0};
    enum iw_err rc = IW_OK;
    bool from_stdin = false;
    if (o->arg_count == 0)
        rc = iw_fail(&err, IW_ERR_USAGE, "open needs a FILE, or - for standard input");
    for (unsigned i = 0; i < o->arg_count; i++)
        from_stdin = from_stdin || strcmp(o->args[i], "-") == 0;
    if (rc == IW_OK && !isatty(STDOUT_FILENO))
        return print_files(o);
    if (rc == IW_OK && from_stdin)
        rc = take_terminal(&with_stdin, &err);
    if (rc != IW_OK)
        return app_report(&err);
    return cmd_dashboard(&with_stdin);
}
