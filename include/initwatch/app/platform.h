/* platform: the few things each system does in its own way, and the XDG folders.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_PLATFORM_H
#define INITWATCH_APP_PLATFORM_H

#include "initwatch/base/error.h"

/* Path of the running program; false when the system does not say. */
bool platform_self_path(char *out, size_t out_size);
/* "$XDG_STATE_HOME/initwatch/NAME" (default ~/.local/state), its folder made (0700); false without
 * a home. */
bool platform_state_path(const char *name, char *out, size_t out_size);
/* "$XDG_CONFIG_HOME/initwatch/NAME" (default ~/.config); nothing is made. */
bool platform_config_path(const char *name, char *out, size_t out_size);
/* A path as the user typed it: "~" and "~/" are home. Returns its whole length, as snprintf
 * does. */
int platform_expand_home(const char *typed, char *out, size_t out_size);

/* Should the program die by a signal it cannot handle, give the terminal back first: saves its
 * settings and installs handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT that restore them
 * and die by the same signal. */
void lastwords_arm(int tty_fd);
void lastwords_disarm(void);

#endif
