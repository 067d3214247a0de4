/* app: what happens before and after a command, and how failures are told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/config.h"
#include "initwatch/app/flags.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

enum { EXIT_USAGE = 2, EXIT_UNREACHABLE = 3, EXIT_NOT_FOUND = 4, EXIT_INTERRUPTED = 130 };

static int
exit_status(enum iw_err code)
{
    switch (code) {
    case IW_ERR_OK:
        return 0;
    case IW_ERR_USAGE:
    case IW_ERR_CONFIG:
    case IW_ERR_NO_KUBECONFIG:
    case IW_ERR_PARSE:
    case IW_ERR_RANGE:
    case IW_ERR_IO:
    case IW_ERR_UNSUPPORTED:
    case IW_ERR_TOO_BIG:
        return EXIT_USAGE;
    case IW_ERR_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case IW_ERR_CANCELED:
        return EXIT_INTERRUPTED;
    case IW_ERR_INTERNAL:
    case IW_ERR_DNS:
    case IW_ERR_REFUSED:
    case IW_ERR_TIMEOUT:
    case IW_ERR_NET:
    case IW_ERR_EOF:
    case IW_ERR_TLS_CA:
    case IW_ERR_TLS_EXPIRED:
    case IW_ERR_TLS_NAME:
    case IW_ERR_TLS:
    case IW_ERR_UNAUTHORIZED:
    case IW_ERR_CREDENTIAL:
    case IW_ERR_FORBIDDEN:
    case IW_ERR_GONE:
    case IW_ERR_THROTTLED:
    case IW_ERR_SERVER:
    case IW_ERR_HTTP:
    case IW_ERR_COUNT:
        break;
    }
    return EXIT_UNREACHABLE;
}

int
app_report(const struct iw_error *err)
{
    if (err->code == IW_ERR_CANCELED)
        return EXIT_INTERRUPTED;
    char text[1024];
    log_sanitize(err->msg, strlen(err->msg), text, sizeof(text));
    const char *hint = iw_err_hint(err->code);
    fprintf(stderr, "initwatch: %s\n", text);
    if (hint[0])
        fprintf(stderr, "  %s\n", tr(hint));
    return exit_status(err->code);
}

static int
print_help(const struct options *o)
{
    enum app_command command = o->command;
    bool whole = command == CMD_DASHBOARD || (command == CMD_HELP && o->arg_count == 0);
    if (command == CMD_HELP && o->arg_count) {
        bool man = strcmp(o->args[0], "man") == 0, config = strcmp(o->args[0], "config") == 0;
        iw_autofree char *page = man ? options_man() : config ? config_example() : NULL;
        if (page) {
            fputs(page, stdout);
            return 0;
        }
    }
    if (command == CMD_HELP && o->arg_count) {
        command = CMD_COUNT;
        for (int c = 1; c < CMD_COUNT; c++) {
            if (strcmp(o->args[0], command_table[c].name) == 0)
                command = (enum app_command)c;
        }
        if (command == CMD_COUNT) {
            fprintf(stderr, "initwatch: no command \"%s\"\n", o->args[0]);
            return EXIT_USAGE;
        }
    }
    char *text = options_help(command, whole);
    fputs(text, stdout);
    free(text);
    return 0;
}

static int
print_version(const struct options *o)
{
    if (o->output == OUTPUT_JSON || o->output == OUTPUT_JSONL)
        printf("{\"version\":\"%s\"}\n", INITWATCH_VERSION);
    else
        printf("initwatch %s\n", INITWATCH_VERSION);
    return 0;
}

static int
run_command(const struct options *o)
{
    switch (o->command) {
    case CMD_DASHBOARD:
        return o->tutor ? cmd_tutor(o) : cmd_dashboard(o);
    case CMD_GET:
        return cmd_get(o);
    case CMD_WHY:
        return cmd_why(o);
    case CMD_OPEN:
        return cmd_open(o);
    case CMD_LOGS:
        return cmd_logs(o);
    case CMD_EVENTS:
        return cmd_events(o);
    case CMD_DEMO:
        return cmd_demo(o);
    case CMD_LINT:
        return cmd_lint(o);
    case CMD_COMPLETION:
        return cmd_completion(o);
    case CMD_VERSION:
        return print_version(o);
    case CMD_HELP:
    case CMD_COUNT:
        break;
    }
    return print_help(o);
}

/* The dashboard always has a log file; headless commands only when asked for one. */
static void
open_log(const struct options *o)
{
    char path[4096];
    const char *where = o->log_file;
    bool screen = o->command == CMD_DASHBOARD || (o->command == CMD_DEMO && !o->demo_serve);
    if (!where && screen && platform_state_path("initwatch.log", path, sizeof(path)))
        where = path;
    int64_t level = LOG_LEVEL_INFO + o->verbosity;
    level = IW_MIN(IW_MAX(level, (int64_t)LOG_LEVEL_ERROR), (int64_t)LOG_LEVEL_TRACE);
    struct iw_error err = {0};
    if (log_open(where, (enum log_level)level, &err) != IW_OK && o->log_file)
        fprintf(stderr, "initwatch: %s\n", err.msg);
}

/* A descriptor that is closed would be given to the first socket, and what is printed would go to
 * the server. Opened the wrong way round: writing to it still fails. */
static void
keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* What could not be printed is no success. A reader that has seen enough (head) is no failure. */
static int
check_output(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    int sys_errno = errno;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (sys_errno == EPIPE || (poll(&out, 1, 0) > 0 && (out.revents & POLLERR)))
        return status;
    struct iw_error err = {0};
    if (sys_errno)
        iw_fail_errno(&err, IW_ERR_IO, sys_errno, "write to standard output");
    else
        iw_fail(&err, IW_ERR_IO, "standard output took not all that was written");
    return app_report(&err);
}

/* What programs read is English whatever the locale says, and so is a terminal that cannot show more than ASCII. */
static enum iw_err
choose_language(const struct options *o, struct iw_error *err)
{
    bool machine = o->output == OUTPUT_JSON || o->output == OUTPUT_JSONL ||
                   o->output == OUTPUT_KUBECTL || o->output == OUTPUT_WIDE ||
                   o->command == CMD_COMPLETION || o->command == CMD_HELP;
    if (o->lang && !tr_set_language(o->lang))
        return iw_fail(err, IW_ERR_USAGE, "--lang: \"%s\" is not one of en, ko", o->lang);
    const char *own = getenv("INITWATCH_LANG");
    if (!o->lang && own && tr_set_language(own))
        LOG_DEBUG("INITWATCH_LANG: %s", own);
    else if (!o->lang && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        (void)tr_set_language(tr_environment());
    if (machine)
        (void)tr_set_language("en");
    return IW_OK;
}

int
app_main(int argc, char **argv)
{
    keep_standard_descriptors();
    (void)utf8_use_locale();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit (ulimit -f) is an error like a full disk */
    struct options o;
    struct iw_error err = {0};
    if (options_parse(argc, argv, &o, &err) != IW_OK || choose_language(&o, &err) != IW_OK) {
        app_report(&err);
        return EXIT_USAGE;
    }
    if (o.help)
        return check_output(print_help(&o));
    open_log(&o);
    int status = check_output(o.dump_config ? cmd_dump_config(&o) : run_command(&o));
    log_close();
    return status;
}
