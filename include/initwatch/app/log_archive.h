/* log_archive: attempts of containers kept while the session lives; the cluster keeps one of each.
 *
 * Filled when a log leaves the screen, and by the keeper (log_keeper.h) for the pod in focus. Under a byte ceiling: the
 * attempts that were put first lose their lines first, and say so.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_ARCHIVE_H
#define INITWATCH_APP_LOG_ARCHIVE_H

#include "initwatch/model/logbuf.h"

struct log_archive;
struct log_archive *log_archive_new(size_t cap_bytes) IW_NODISCARD;
void log_archive_free(struct log_archive *a);
void log_archive_clear(struct log_archive *a);

/* Begin an attempt, empty; one of the same (uid, container, facts->attempt) is replaced. Lines are then added to it until the
 * next begin. */
void log_archive_begin(struct log_archive *a, const char *uid, const char *container,
                       const struct logbuf_chapter *facts);
/* What is known of an attempt that was begun changes. */
void log_archive_tell(struct log_archive *a, const char *uid, const char *container,
                      const struct logbuf_chapter *facts);
void log_archive_add(struct log_archive *a, const struct logbuf_line *line);
/* Facts of an attempt; NULL when it is not kept. facts->missing is set when its lines had to go. Borrowed until the next
 * call that changes the archive. */
const struct logbuf_chapter *log_archive_find(const struct log_archive *a, const char *uid,
                                              const char *container, int32_t attempt);
/* The lines of an attempt, oldest first: source and chapter are 0. */
void log_archive_each(const struct log_archive *a, const char *uid, const char *container,
                      int32_t attempt, void (*line)(void *ctx, const struct logbuf_line *line),
                      void *ctx);
/* How many lines were added to an attempt that is kept; last: the last of them that is not blank, cut to the buffer. */
uint64_t log_archive_lines(const struct log_archive *a, const char *uid, const char *container,
                           int32_t attempt, char *last, size_t last_size);
size_t log_archive_bytes(const struct log_archive *a);

#endif
