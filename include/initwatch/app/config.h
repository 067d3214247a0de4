/* config: the options in force and where each came from. Built-in values < file < INITWATCH_* <
 * command line.
 *
 * YAML at --config PATH, else $XDG_CONFIG_HOME/initwatch/config.yaml when it exists: one "name:
 * value" for each row of the table in ui/prefs.c, and a section `keys`: place, key, action. A name
 * that is not known or a value that does not fit is a warning in the messages view (with its line
 * and the nearest name), and the program starts; a file that was named and cannot be read or parsed
 * is an error.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_CONFIG_H
#define INITWATCH_APP_CONFIG_H

#include "initwatch/app/options.h"
#include "initwatch/ui/prefs.h"

enum config_origin { ORIGIN_BUILT_IN, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE };
enum { CONFIG_PREFS_MAX = 64 };

struct config {
    struct ui_prefs prefs;
    enum config_origin origin[CONFIG_PREFS_MAX]; /* by place in pref_table */
    char path[4096];                             /* of the file that was read, "" none */
};
/* Fills out with the built-in values, then the file's, then the environment's. Keys of the file are
 * bound. Warnings go to the log. */
IW_NODISCARD enum iw_err config_load(const char *path, struct config *out, struct iw_error *err);
/* The flags that are options as well: --theme, --view, --ascii, ... A value that does not fit is
 * IW_ERR_USAGE. */
IW_NODISCARD enum iw_err config_take_options(struct config *c, const struct options *o,
                                             struct iw_error *err);
/* Choose `theme` by `theme_name`: a built-in one, a file NAME.yaml in the folder `themes` beside
 * the configuration, or a path. When there is none, the error names the nearest and the theme stays
 * what it was. */
IW_NODISCARD enum iw_err config_choose_theme(struct ui_prefs *prefs, bool light_background,
                                             struct iw_error *err);
/* The effective values as a configuration file, each with its origin, unit and sentence. New
 * string. */
char *config_dump(const struct config *c) IW_NODISCARD;
/* The same with the built-in values only: examples/config.yaml. New string. */
char *config_example(void) IW_NODISCARD;

#endif
