/* logsave: a log taken away: into a file or into a command.
 *
 * What is written is harmless to print: of control characters only colours (in .ansi) and tabs stay as they are.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGSAVE_H
#define INITWATCH_APP_LOGSAVE_H

#include "initwatch/ui/view.h"

enum logsave_format {
    LOGSAVE_TXT,  /* time, container when there are several, text; chapters as headers */
    LOGSAVE_ANSI, /* the same with the colours of the lines */
    LOGSAVE_JSONL /* one object a line: time, pod, container, attempt, text; chapters are objects as well */
};
struct logsave {
    const struct log_feed *feed;
    const struct loglens *lens; /* NULL: all lines */
    enum logsave_format format;
};
/* By the end of the name: ".ansi", ".jsonl", ".ndjson" or ".json", anything else is text. */
enum logsave_format logsave_format_of(const char *path);
/* The lines in sight of the lens (or all) to fd. *lines: how many were written; may be NULL. Returns IW_OK or IW_ERR_IO. */
IW_NODISCARD enum iw_err logsave_write(const struct logsave *save, int fd, uint64_t *lines,
                                       struct iw_error *err);
/* Runs a command of the user's by /bin/sh with the lines as its standard input, and waits for it. The terminal must have
 * been given back (term_suspend). Returns IW_OK, whatever its exit status (in *wait_status), or IW_ERR_IO. */
IW_NODISCARD enum iw_err logsave_pipe(const struct logsave *save, const char *command,
                                      int *wait_status, struct iw_error *err);

#endif
