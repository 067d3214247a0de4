/* flags: the rows behind the command line. One row serves parsing, help, completion and the man
 * page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_FLAGS_H
#define INITWATCH_APP_FLAGS_H

#include "initwatch/app/options.h"

enum flag_type {
    FLAG_BOOL,
    FLAG_TEXT,
    FLAG_NUMBER,
    FLAG_DECIMAL,
    FLAG_SECONDS, /* Go duration, kept in s */
    FLAG_MILLIS,  /* Go duration, kept in ms */
    FLAG_MOMENT,
    FLAG_FILES,
    FLAG_GROUPS,
    FLAG_GREP,
    FLAG_DROP,
    FLAG_OUTPUT,
    FLAG_WIRE
};

struct flag {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum flag_type type;
    unsigned commands; /* bit 1 << enum app_command */
    size_t offset;     /* in struct options */
    const char *value; /* "NAME" in the help; NULL for FLAG_BOOL */
    const char *help;
};
extern const struct flag flag_table[];
extern const size_t flag_table_count;

struct command_row {
    const char *name, *arguments, *help;
};
extern const struct command_row command_table[CMD_COUNT];

#endif
