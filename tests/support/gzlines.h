/* gzlines: the lines of a gzip file (or a plain one), one after the other.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_GZLINES_H
#define INITWATCH_TEST_GZLINES_H

#include <stddef.h>

struct gzlines;

/* New; NULL when the file cannot be opened. */
struct gzlines *gzlines_open(const char *path);
/* The next line without its newline, ended by NUL; borrowed until the next call. NULL at the end.
 * A damaged file fails the program, so that a cut data set cannot pass for a short one. */
char *gzlines_next(struct gzlines *lines, size_t *len);
void gzlines_close(struct gzlines *lines);

#endif
