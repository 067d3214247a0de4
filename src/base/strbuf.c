/* strbuf: a growing byte buffer with a ceiling.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/utf8.h"

/* What an empty buffer shows: nothing is allocated before the first byte, so a taken buffer needs
 * no free. */
static char empty_text[1];

#define STRBUF_FIRST_BYTES 64u
#define STRBUF_DEFAULT_CEILING_BYTES (64u << 20)

void
strbuf_init(struct strbuf *b, size_t ceiling_bytes)
{
    *b = (struct strbuf){
        .data = empty_text,
        .ceiling_bytes = ceiling_bytes ? ceiling_bytes : STRBUF_DEFAULT_CEILING_BYTES,
    };
}

/* Make room for len more bytes and the NUL; false when the ceiling forbids it. */
static bool
strbuf_reserve(struct strbuf *b, size_t len)
{
    if (len > b->ceiling_bytes || b->len > b->ceiling_bytes - len) {
        b->overflow = true;
        return false;
    }
    size_t want = b->len + len + 1;
    if (want <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : STRBUF_FIRST_BYTES;
    while (cap < want)
        cap *= 2;
    b->data = iw_realloc(b->cap ? b->data : NULL, cap);
    b->cap = cap;
    return true;
}

bool
strbuf_add(struct strbuf *b, const void *bytes, size_t len)
{
    if (!strbuf_reserve(b, len))
        return false;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return true;
}

bool
strbuf_adds(struct strbuf *b, const char *text)
{
    return strbuf_add(b, text, strlen(text));
}

bool
strbuf_addc(struct strbuf *b, char c)
{
    return strbuf_add(b, &c, 1);
}

bool
strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0 || !strbuf_reserve(b, (size_t)len))
        return false;
    va_start(args, fmt);
    vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
    va_end(args);
    b->len += (size_t)len;
    return true;
}

/* One character of a JSON string; returns its length in out. */
static size_t
json_escape(uint32_t cp, char out[8])
{
    static const char shorts[] = "b\bf\fn\nr\rt\t\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof(shorts); i += 2) {
        if (cp == (unsigned char)shorts[i + 1]) {
            out[0] = '\\';
            out[1] = shorts[i];
            return 2;
        }
    }
    if (cp < 0x20 || cp == 0x7F) {
        snprintf(out, 8, "\\u%04x", (unsigned)(cp & 0xFF));
        return 6;
    }
    return utf8_encode(cp, out);
}

bool
strbuf_add_json(struct strbuf *b, const char *text)
{
    size_t start = b->len, len = strlen(text);
    bool fits = strbuf_addc(b, '"');
    for (size_t at = 0, taken; fits && at < len; at += taken) {
        char piece[8];
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        fits = strbuf_add(b, piece, json_escape(cp, piece));
    }
    if (fits && strbuf_addc(b, '"'))
        return true;
    b->len = start;
    if (b->cap)
        b->data[start] = '\0';
    return false;
}

void
strbuf_clear(struct strbuf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->cap)
        b->data[0] = '\0';
}

char *
strbuf_take(struct strbuf *b)
{
    char *text = b->cap ? b->data : iw_strdup("");
    strbuf_init(b, b->ceiling_bytes);
    return text;
}

void
strbuf_free(struct strbuf *b)
{
    if (b->cap)
        free(b->data);
    b->data = empty_text;
    b->len = b->cap = 0;
}
