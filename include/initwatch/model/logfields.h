/* logfields: the fields of a line that is a JSON object or key=value pairs.
 *
 * A reader for lines, not for documents: it takes what is there, stops at damage and keeps what it has read; nested values
 * stay text. Nothing is copied.
 * Ref: RFC 8259; the logfmt of Go's log libraries.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGFIELDS_H
#define INITWATCH_MODEL_LOGFIELDS_H

#include "initwatch/base/strbuf.h"

enum { LOGFIELDS_MAX = 64 };
enum logfield_kind {
    LOGFIELD_TEXT, /* the text between the quotes, escapes as they are; or a bare word */
    LOGFIELD_NUMBER,
    LOGFIELD_WORD,  /* true, false, null */
    LOGFIELD_NESTED /* an object or a list, as it stands */
};
struct logfield {
    const char *key, *value; /* borrowed from the line */
    uint32_t key_len, value_len;
    enum logfield_kind kind;
};
/* Fields in the order of the line; 0 when it has none (fewer than two pairs are no logfmt). At most `max`. */
size_t logfields_parse(const char *text, size_t len, struct logfield *out, size_t max);
bool logfields_is_json(const char *text, size_t len);
/* Append the value as it reads: escapes decoded (control characters stay what they are). */
void logfield_value(struct strbuf *out, const struct logfield *field);
const struct logfield *logfield_find(const struct logfield *fields, size_t count, const char *key,
                                     size_t key_len);
/* The number at the start of the value with its unit as a factor: "812ms" and "0.812s" are 812, "3 MiB" is 3145728;
 * false when it does not begin with a number. */
bool logfield_number(const struct logfield *field, double *out);

#endif
