/* usershell: a command of the user's that has the terminal while it runs: an editor, what a log is
 * piped into. The screen must have been suspended (term_suspend).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_USERSHELL_H
#define INITWATCH_APP_USERSHELL_H

#include <sys/types.h>

#include "initwatch/base/error.h"

/* Start `sh -c COMMAND` in a process group of its own that the terminal's keys (^C, ^Z) go to.
 * in_fd: its standard input, -1: the terminal. */
IW_NODISCARD enum iw_err usershell_start(const char *command, int in_fd, pid_t *pid,
                                         struct iw_error *err);
/* Wait for its end and take the terminal back. *status as of waitpid. */
void usershell_wait(pid_t pid, int *status);

#endif
