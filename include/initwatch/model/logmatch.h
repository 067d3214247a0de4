/* logmatch: a pattern compiled once, looked for in one line or in a stretch of a log buffer.
 *
 * A pattern is a Perl-compatible regular expression; case is ignored as long as it has no upper-case letter. Text without
 * signs of an expression is searched as such. A broken expression is taken as plain text, and logmatch_error says why.
 * What is searched is the text as it is seen: without colour sequences, without a carriage return at the end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGMATCH_H
#define INITWATCH_MODEL_LOGMATCH_H

#include "initwatch/model/linebits.h"
#include "initwatch/model/logbuf.h"

struct logmatch;
struct logmatch *logmatch_new(const char *pattern) IW_NODISCARD;
void logmatch_free(struct logmatch *m);
const char *logmatch_text(const struct logmatch *m);
bool logmatch_ignores_case(const struct logmatch *m);
bool logmatch_is_regex(const struct logmatch *m);
/* "" or what is wrong with the expression. */
const char *logmatch_error(const struct logmatch *m);
/* Lines on which the expression was given up, because it would have taken too long. */
uint64_t logmatch_gave_up(const struct logmatch *m);

/* The first match at or after byte `from` of one line's plain text; false when there is none. */
bool logmatch_find(struct logmatch *m, const char *text, size_t len, size_t from, size_t *start,
                   size_t *end);
/* Look at lines from bits->end on (or from the first line held) and give each its bit, until about budget_bytes of text
 * were read or all lines were seen. Marks have none. Returns the bytes read. */
size_t logmatch_scan(struct logmatch *m, const struct logbuf *b, struct linebits *bits,
                     size_t budget_bytes);

#endif
