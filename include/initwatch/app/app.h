/* app: the program around the layers. Commands of the command line (CLI.md) and the dashboard.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_APP_H
#define INITWATCH_APP_APP_H

/* The whole program; returns the exit status (CLI.md): 0 done, 1 bad news, 2 usage, 3 cannot reach
 * or not allowed, 4 not found, 130 interrupted. */
int app_main(int argc, char **argv);

#endif
