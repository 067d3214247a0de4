/* logspill: a file without a name that takes the oldest segments of a log buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGSPILL_H
#define INITWATCH_MODEL_LOGSPILL_H

#include "initwatch/base/error.h"

struct logspill;
/* A file in dir that nobody else can open and that is gone with the process, for pieces of at most piece_bytes. NULL, with
 * err, when it cannot be made. */
struct logspill *logspill_new(const char *dir, size_t cap_bytes, size_t piece_bytes,
                              struct iw_error *err) IW_NODISCARD;
void logspill_free(struct logspill *sp);
/* Writes text and, behind it at a multiple of 16, its index; maps both. NULL when the ceiling or the disk is full. */
char *logspill_write(struct logspill *sp, const char *text, size_t text_len, const void *index,
                     size_t index_len, size_t *mapped_bytes);
/* Where the index begins in what was mapped. */
static inline size_t
logspill_index_at(size_t text_len)
{
    return (text_len + 15) / 16 * 16;
}
void logspill_unmap(struct logspill *sp, char *mapped, size_t mapped_bytes);
/* The pages need not stay in memory; reading brings them back. */
void logspill_forget(struct logspill *sp, const char *mapped, size_t mapped_bytes);
uint64_t logspill_used(const struct logspill *sp);

#endif
