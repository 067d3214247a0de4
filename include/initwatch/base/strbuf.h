/* strbuf: a growing byte buffer with a ceiling, always NUL-terminated.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_STRBUF_H
#define INITWATCH_BASE_STRBUF_H

#include "initwatch/base/iwdef.h"

struct strbuf {
    char *data; /* never NULL after init; data[len] is NUL */
    size_t len;
    size_t cap;
    size_t ceiling_bytes;
    bool overflow; /* something did not fit; what fitted is kept */
};

/* Ceiling 0 means 64 MiB, for text whose size the program itself controls. */
void strbuf_init(struct strbuf *b, size_t ceiling_bytes);
/* Append; false (and overflow set) when the ceiling would be passed, then nothing is added. */
bool strbuf_add(struct strbuf *b, const void *bytes, size_t len);
bool strbuf_adds(struct strbuf *b, const char *text);
bool strbuf_addc(struct strbuf *b, char c);
bool strbuf_addf(struct strbuf *b, const char *fmt, ...) IW_PRINTF(2, 3);
/* Append text as a JSON string with its quotes. */
bool strbuf_add_json(struct strbuf *b, const char *text);
void strbuf_clear(struct strbuf *b);
/* The text, new (caller frees with free); the buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b) IW_NODISCARD;
void strbuf_free(struct strbuf *b);
#define strbuf_auto IW_CLEANUP(strbuf_free) struct strbuf

#endif
