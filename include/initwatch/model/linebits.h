/* linebits: one bit for each line of a log, by absolute line number, with counting and selection.
 *
 * A filter, a search and the list of lines in sight are sets of lines. Bits are added at the end as
 * lines are looked at and taken off at the front as lines are dropped. Counting up to a line takes
 * constant time, finding the k-th set bit logarithmic time; ten million lines take 1.4 MB.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LINEBITS_H
#define INITWATCH_MODEL_LINEBITS_H

#include "initwatch/base/iwdef.h"

#define LINE_NONE UINT64_MAX /* no such line */

/* {0} is the empty set that begins at line 0. */
struct linebits {
    uint64_t base;   /* number of the first bit of words[0]; a multiple of 512 */
    uint64_t begin;  /* lines before it were dropped: their bits are 0 */
    uint64_t end;    /* behind the last line that has a bit */
    uint64_t *words; /* owned; bits at and after end are 0 */
    uint64_t *ranks; /* owned; set bits before each block of 512, for blocks below ranked_blocks */
    size_t words_allocated, ranked_blocks;
};
void linebits_free(struct linebits *b);
/* Empty again; the next bit is that of line `first`. */
void linebits_reset(struct linebits *b, uint64_t first);
/* The bit of line `end`, which moves on. */
void linebits_push(struct linebits *b, bool bit);
/* `count` clear bits at the end. */
void linebits_extend(struct linebits *b, uint64_t count);
/* Change the bit of a line from begin to end - 1; other lines are left alone. */
void linebits_set(struct linebits *b, uint64_t line, bool bit);
/* Clear and forget the bits before `line`. */
void linebits_drop_before(struct linebits *b, uint64_t line);
/* Take the bits from `line` on off again. */
void linebits_cut(struct linebits *b, uint64_t line);

bool linebits_get(const struct linebits *b, uint64_t line);
/* Set bits of lines from..to-1. */
uint64_t linebits_count(const struct linebits *b, uint64_t from, uint64_t to);
/* First set bit at or after, last one at or before `line`; LINE_NONE when there is none. */
uint64_t linebits_next(const struct linebits *b, uint64_t line);
uint64_t linebits_prev(const struct linebits *b, uint64_t line);
/* First line at or after `line` whose bit is clear; end when all up to it are set. */
uint64_t linebits_next_clear(const struct linebits *b, uint64_t line);
/* The k-th set bit, from 0; LINE_NONE when there are not so many. */
uint64_t linebits_select(const struct linebits *b, uint64_t k);

#endif
