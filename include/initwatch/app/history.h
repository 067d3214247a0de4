/* history: commands and filters kept for the next start, in $XDG_STATE_HOME/initwatch/history
 * (0600).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_HISTORY_H
#define INITWATCH_APP_HISTORY_H

#include "initwatch/ui/ui.h"

/* Give the ui what the file has; a file that is missing or damaged gives nothing. path NULL: the
 * standard one. */
void history_load(const char *path, struct ui *ui);
/* Keep the newest `lines` of them; 0 removes the file. What looks like a secret is left out. */
void history_save(const char *path, const struct ui *ui, size_t lines);
/* A line that may hold a token or a password: by its words, or a long stretch without a blank that
 * no name has. */
bool history_is_secret(const char *line);

#endif
