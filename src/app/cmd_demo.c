/* demo: starts this same program as the embedded cluster's server and opens the dashboard on it.
 *
 * The server is a child whose standard input is a pipe that we hold: when we die, however, it sees
 * the end and dies too. Its first line says where the kubeconfig is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/demo_check.h"
#include "initwatch/app/platform.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/data/jarena.h"
#include "initwatch/demo/demo.h"

extern char **environ;

enum { DEMO_START_TIMEOUT_MS = 15000, DEMO_STOP_TIMEOUT_MS = 2000 };

struct server {
    pid_t pid;
    int stdin_fd;  /* ours: the child reads the other end */
    int stdout_fd; /* ours: the ready line comes here */
    char kubeconfig[4096];
};

static int
serve(const struct options *o)
{
    struct iw_error err = {0};
    struct demo_options demo = {.scenarios = o->arg_count ? o->args : NULL,
                                .manifests = o->file_count ? o->files : NULL,
                                .address = o->demo_serve,
                                .kubeconfig_path = o->demo_kubeconfig,
                                .speed = o->demo_speed,
                                .synthetic_pods = (unsigned)o->demo_synthetic,
                                /* the dashboard's clock follows; that of other clients cannot */
                                .own_time = o->demo_die_with_stdin,
                                .die_with_stdin = o->demo_die_with_stdin,
                                .seed = (uint64_t)o->demo_seed,
                                .start_wall_ms = o->demo_start_wall_ms};
    if (demo_serve(&demo, stdout, o->demo_die_with_stdin ? NULL : stderr, &err) != IW_OK)
        return app_report(&err);
    return 0;
}

struct arguments {
    const char *words[384];
    unsigned count;
    char speed[32], seed[32], synthetic[32], start[40];
};

static void
add_word(struct arguments *a, const char *word)
{
    if (a->count + 1 < IW_COUNTOF(a->words))
        a->words[a->count++] = word;
}

static void
add_flag(struct arguments *a, const char *flag, const char *value)
{
    add_word(a, flag);
    add_word(a, value);
}

static void
child_arguments(const struct options *o, const char *self, struct arguments *a)
{
    add_word(a, self);
    add_word(a, "demo");
    add_flag(a, "--serve", "127.0.0.1:0");
    add_word(a, "--die-with-stdin");
    snprintf(a->speed, sizeof(a->speed), "%g", o->demo_speed);
    add_flag(a, "--speed", a->speed);
    snprintf(a->seed, sizeof(a->seed), "%lld", (long long)o->demo_seed);
    add_flag(a, "--seed", a->seed);
    snprintf(a->synthetic, sizeof(a->synthetic), "%lld", (long long)o->demo_synthetic);
    add_flag(a, "--synthetic-pods", a->synthetic);
    if (o->demo_start_wall_ms != IW_TIME_NONE) {
        rfc3339_format(o->demo_start_wall_ms, true, a->start);
        add_flag(a, "--start-time", a->start);
    }
    for (unsigned i = 0; i < o->file_count; i++)
        add_flag(a, "-f", o->files[i]);
    add_word(a, "--");
    for (unsigned i = 0; i < o->arg_count; i++)
        add_word(a, o->args[i]);
}

static enum iw_err
make_pipes(int in[2], int out[2], struct iw_error *err)
{
    if (pipe(in) != 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "pipe");
    if (pipe(out) != 0) {
        int saved_errno = errno;
        close(in[0]);
        close(in[1]);
        return iw_fail_errno(err, IW_ERR_IO, saved_errno, "pipe");
    }
    /* Ours must not leak into the child: it would never see the end of its own input. */
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    fcntl(out[0], F_SETFD, FD_CLOEXEC);
    return IW_OK;
}

static enum iw_err
start_child(struct server *server, const struct arguments *a, struct iw_error *err)
{
    int in[2], out[2];
    enum iw_err rc = make_pipes(in, out, err);
    if (rc != IW_OK)
        return rc;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[0]);
    posix_spawn_file_actions_addclose(&actions, out[1]);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    /* A process group of its own: the terminal's ^C and ^Z are for the dashboard. */
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn(&server->pid, a->words[0], &actions, &attributes,
                             (char *const *)(uintptr_t)a->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(in[0]);
    close(out[1]);
    server->stdin_fd = in[1];
    server->stdout_fd = out[0];
    return failed ? iw_fail_errno(err, IW_ERR_IO, failed, "start the demo server (%s)", a->words[0])
                  : IW_OK;
}

/* The ready line, without its newline. The child's own message is on stderr when it does not come.
 */
static enum iw_err
read_ready_line(const struct server *server, char *line, size_t line_size, struct iw_error *err)
{
    size_t len = 0;
    while (len + 1 < line_size) {
        struct pollfd fd = {.fd = server->stdout_fd, .events = POLLIN};
        int ready = poll(&fd, 1, DEMO_START_TIMEOUT_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return iw_fail(err, IW_ERR_TIMEOUT, "the demo server did not start within %d s",
                           DEMO_START_TIMEOUT_MS / 1000);
        ssize_t n = read(server->stdout_fd, line + len, 1);
        if (n <= 0)
            return iw_fail(err, IW_ERR_IO, "the demo server ended before it was ready");
        if (line[len] == '\n')
            break;
        len++;
    }
    line[len] = '\0';
    return IW_OK;
}

static enum iw_err
read_kubeconfig_path(struct server *server, struct iw_error *err)
{
    char line[8192];
    enum iw_err rc = read_ready_line(server, line, sizeof(line), err);
    if (rc != IW_OK)
        return rc;
    json_t *root;
    rc = jarena_parse(line, strlen(line), &root, err);
    if (rc != IW_OK)
        return iw_wrap(err, "ready line of the demo server");
    const char *path = json_string_value(json_object_get(root, "kubeconfig"));
    /* kubectl sends no credentials over plain HTTP: the address that it shares with us ends in the
     * token. */
    const char *address = json_string_value(json_object_get(root, "server"));
    const char *token = address ? strrchr(address, '/') : NULL;
    log_hide(token ? token + 1 : NULL);
    snprintf(server->kubeconfig, sizeof(server->kubeconfig), "%s", path ? path : "");
    jarena_release();
    return path ? IW_OK : iw_fail(err, IW_ERR_INTERNAL, "the demo server named no kubeconfig");
}

/* Ages and the clock on the screen are those of the cluster, which may have begun at another moment
 * and may run faster. */
static void
follow_cluster_time(const struct options *o)
{
    if (o->demo_start_wall_ms == IW_TIME_NONE && o->demo_speed == 1)
        return;
    int64_t start_wall_ms = o->demo_start_wall_ms;
    if (start_wall_ms == IW_TIME_NONE)
        start_wall_ms = clock_wall(clock_system());
    clock_system_set_wall(start_wall_ms, o->demo_speed);
}

static void
stop_child(struct server *server)
{
    if (server->pid <= 0)
        return;
    close(server->stdin_fd);
    close(server->stdout_fd);
    for (int waited_ms = 0; waited_ms < DEMO_STOP_TIMEOUT_MS; waited_ms += 10) {
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            return;
        if (waited_ms == DEMO_STOP_TIMEOUT_MS / 2)
            kill(server->pid, SIGTERM);
        poll(NULL, 0, 10);
    }
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

/* --- without a terminal: get -w until the scenarios have settled --- */

enum { SETTLE_QUIET_MS = 8000, SETTLE_MAX_MS = 120000 };

static int
without_terminal(const struct options *o)
{
    fprintf(stderr,
            "initwatch: no terminal here: printing what `initwatch get -w` prints until nothing "
            "changes for %d s\n",
            SETTLE_QUIET_MS / 1000);
    struct options get = *o;
    get.command = CMD_GET;
    get.watch = true;
    get.arg_count = 0;
    get.file_count = 0;
    get.settle_quiet_ms = SETTLE_QUIET_MS;
    get.settle_max_ms = SETTLE_MAX_MS;
    return cmd_get(&get);
}

/* The tour speaks of two of these; the others are there so that a list is a list, and a calm one. */
static const char *const TOUR[] = {"syntax-error",    "ordered-shutdown", "stuck-wait",
                                   "native-sidecars", "bad-image",        "resources"};

int
cmd_tutor(const struct options *o)
{
    struct options demo = *o;
    struct iw_error err = {0};
    if (o->command == CMD_DASHBOARD && o->arg_count) {
        (void)iw_fail(&err, IW_ERR_USAGE, "--tutor brings its own pods: it takes no POD");
        return app_report(&err);
    }
    demo.command = CMD_DEMO;
    if (demo.arg_count == 0 && demo.file_count == 0)
        for (size_t i = 0; i < IW_COUNTOF(TOUR); i++)
            demo.args[demo.arg_count++] = TOUR[i];
    demo.args[demo.arg_count] = NULL;
    return cmd_demo(&demo);
}

int
cmd_demo(const struct options *o)
{
    if (o->tutor && o->arg_count == 0 && o->file_count == 0)
        return cmd_tutor(o);
    if (o->demo_list) {
        demo_list(stdout);
        return 0;
    }
    struct iw_error err = {0};
    bool checked_by_parent = o->demo_serve && o->demo_die_with_stdin;
    if (!checked_by_parent && demo_check_manifests(o, &err) != IW_OK)
        return app_report(&err);
    if (o->demo_serve)
        return serve(o);
    struct server server = {.pid = -1};
    struct arguments a = {.count = 0};
    char self[4096];
    if (!platform_self_path(self, sizeof(self))) {
        iw_fail(&err, IW_ERR_UNSUPPORTED,
                "this system does not say where the program is; use: demo --serve");
        return app_report(&err);
    }
    child_arguments(o, self, &a);
    enum iw_err rc = start_child(&server, &a, &err);
    if (rc == IW_OK)
        rc = read_kubeconfig_path(&server, &err);
    int status;
    if (rc != IW_OK) {
        status = app_report(&err);
    } else {
        struct options dashboard = *o;
        dashboard.kube =
            (struct kubeconfig_flags){.kubeconfig = server.kubeconfig, .ns = o->kube.ns};
        dashboard.all_namespaces = !o->kube.ns;
        dashboard.arg_count = 0;
        dashboard.args[0] = NULL;
        follow_cluster_time(o);
        status =
            dashboard_has_terminal() ? cmd_dashboard(&dashboard) : without_terminal(&dashboard);
    }
    stop_child(&server);
    return status;
}
