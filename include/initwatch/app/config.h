/* config: the configuration file. Built-in values < file < command line.
 *
 * YAML at --config PATH, else $XDG_CONFIG_HOME/initwatch/config.yaml when it exists. One row of the table in config.c per key.
 * A key that is not known or a value that does not fit is a warning in the messages view, and the program starts; a file that
 * was named and cannot be read or parsed is an error.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_CONFIG_H
#define INITWATCH_APP_CONFIG_H

#include "initwatch/app/options.h"
#include "initwatch/ui/view.h"

struct config {
    char theme[16]; /* "" when not set */
    char view[32];  /* first view, "" when not set */
    bool ascii, motion, wide, header;
    enum time_mode time_mode;
};
/* Fills out with the built-in values, then the file's. Warnings go to the log. */
IW_NODISCARD enum iw_err config_load(const char *path, struct config *out, struct iw_error *err);

/* Each key with its sentence, for the man page. */
void config_describe(void (*each)(void *ctx, const char *name, const char *help), void *ctx);

#endif
