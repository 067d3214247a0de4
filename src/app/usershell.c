/* usershell: posix_spawn and the terminal's process group.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/usershell.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void
give_terminal(pid_t group)
{
    void (*before)(int) = signal(SIGTTOU, SIG_IGN);
    (void)tcsetpgrp(STDIN_FILENO, group);
    signal(SIGTTOU, before);
}

enum iw_err
usershell_start(const char *command, int in_fd, pid_t *pid, struct iw_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t defaults, none;
    char *const argv[] = {"sh", "-c", (char *)command, NULL};
    posix_spawn_file_actions_init(&actions);
    if (in_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    posix_spawnattr_init(&attr);
    sigfillset(&defaults);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return iw_fail_errno(err, IW_ERR_IO, failed, "start /bin/sh");
    give_terminal(*pid);
    return IW_OK;
}

void
usershell_wait(pid_t pid, int *status)
{
    for (;;) {
        pid_t ended = waitpid(pid, status, WUNTRACED);
        if (ended < 0 && errno == EINTR)
            continue;
        if (ended < 0 || !WIFSTOPPED(*status))
            break;
        (void)kill(-pid, SIGCONT); /* ^Z: nobody could continue it */
    }
    give_terminal(getpgrp());
}
