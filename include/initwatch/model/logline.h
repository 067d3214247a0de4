/* logline: what the bytes of one log line mean: its text without colours, its level, whether it goes on with a stack trace.
 *
 * Pure functions over bytes that anybody may have written; nothing is assumed of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGLINE_H
#define INITWATCH_MODEL_LOGLINE_H

#include "initwatch/base/strbuf.h"

/* --- colours --- */

/* What "Select Graphic Rendition" sequences have set so far. */
struct sgr {
    int16_t fg, bg; /* 0..255 as xterm numbers them, -1 the terminal's own */
    bool bold, dim, italic, underline, reverse;
};
#define SGR_PLAIN ((struct sgr){.fg = -1, .bg = -1})
/* When text begins with an SGR sequence: applies it (sgr may be NULL) and returns its bytes, else 0. True colours become
 * the nearest of 256. */
size_t sgr_take(struct sgr *sgr, const char *text, size_t len);
/* Append the text as it is seen: without SGR sequences, without a carriage return at the end. Every other control stays,
 * for the one who draws to make it visible. */
void logline_plain(struct strbuf *out, const char *text, size_t len);

/* --- levels --- */

enum line_level {
    LINE_LEVEL_NONE, /* the line does not say */
    LINE_LEVEL_TRACE,
    LINE_LEVEL_DEBUG,
    LINE_LEVEL_INFO,
    LINE_LEVEL_WARN,
    LINE_LEVEL_ERROR,
    LINE_LEVEL_FATAL,
    LINE_LEVEL_COUNT
};
/* "warn", "WARNING", "err", "E", pino's "40", ...; false when it is no level. */
bool line_level_parse(const char *word, size_t len, enum line_level *out);
const char *
line_level_name(enum line_level level); /* "warn"; "none" for a line that does not say */
/* The level a line says (level=warn, "level":"warn", klog's W1126, WARN, [warn]), else a guess from words such as
 * "error" and "failed" near its start. */
enum line_level logline_level(const char *text, size_t len);

/* --- stack traces --- */

/* State between the lines of one container. {0}: in no trace. */
struct trace_state {
    enum trace_kind { TRACE_NONE, TRACE_PYTHON, TRACE_GO } kind;
};
/* Does this line belong to the entry of the line before it (a frame, "Caused by:", the exception under a traceback)?
 * Ref: the formats of Java, Python, Go, JavaScript, Ruby, .NET and Rust. */
bool logline_continues(struct trace_state *state, const char *text, size_t len);

/* Nothing but blanks (a carriage return is one). */
bool logline_is_blank(const char *text, size_t len);

/* --- comparing --- */

/* Append the line with everything that differs from run to run taken out: times become <time>, ids, addresses and durations
 * <id>, <addr>, <took>; runs of blanks become one. */
void logline_normalise(struct strbuf *out, const char *text, size_t len);

#endif
