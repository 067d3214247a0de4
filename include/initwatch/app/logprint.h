/* logprint: log lines on standard output: filtered, tagged, as text or as one JSON object each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGPRINT_H
#define INITWATCH_APP_LOGPRINT_H

#include "initwatch/app/options.h"
#include "initwatch/model/logbuf.h"

/* Where a line is from; NULL members are not told. */
struct logprint_source {
    const char *ns, *pod, *container, *kind;
    const char *tag; /* stands before each line of text; NULL: none */
};

struct logprint;
/* Compiles the filters of --grep, --drop and --level. New: logprint_free. */
IW_NODISCARD enum iw_err logprint_new(const struct options *o, struct logprint **out,
                                      struct iw_error *err);
void logprint_free(struct logprint *p);
/* One line, its stamp (stamp_len bytes) in front of line->text. newline: false for a last line that has none. */
void logprint_line(struct logprint *p, const struct logprint_source *src,
                   const struct logbuf_line *line, int32_t attempt, size_t stamp_len, bool newline);
/* The head of an attempt, when more than one is printed. */
void logprint_attempt(struct logprint *p, const struct logprint_source *src,
                      const struct logbuf_chapter *facts);
/* A start, an exit, between the lines of a merged log. */
void logprint_mark(struct logprint *p, const struct logprint_source *src, int64_t wall_ms,
                   const char *text);
/* --limit-bytes is reached: nothing more is printed. */
bool logprint_is_full(const struct logprint *p);
/* A sentence of ours on stderr that may hold a peer's words. */
void logprint_say(const char *text);

#endif
