/* logs_gzip: log files that were compressed when they were rotated (".gz"), told by their first bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGS_GZIP_H
#define INITWATCH_APP_LOGS_GZIP_H

#include <stdbool.h>
#include <sys/types.h>

struct logs_gzip;

/* NULL when the file is no gzip: its own bytes are the log then. fd stays the caller's. Free: logs_gzip_free. */
struct logs_gzip *logs_gzip_new(int fd);
void logs_gzip_free(struct logs_gzip *z);
/* As read(2): 0 at the end; -1 when the rest is damaged or missing. */
ssize_t logs_gzip_read(struct logs_gzip *z, void *bytes, size_t len);

#endif
