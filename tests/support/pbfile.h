/* pbfile: the protobuf lists of the test data, and messages made by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_PBFILE_H
#define INITWATCH_TEST_PBFILE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/net/pb.h"

/* A whole gzip file; out is initialised here, and freed by the caller. False when it cannot be
 * read. */
static inline bool
pbfile_read(const char *path, struct strbuf *out)
{
    static char chunk[1 << 16];
    strbuf_init(out, 0);
    gzFile file = gzopen(path, "rb");
    if (!file)
        return false;
    int got;
    while ((got = gzread(file, chunk, sizeof(chunk))) > 0)
        strbuf_add(out, chunk, (size_t)got);
    return gzclose(file) == Z_OK && got == 0;
}

static inline struct pb_span
pbfile_span(const struct strbuf *b)
{
    return pb_span_of(b->data, b->len);
}

/* The next item of a list whose raw message *rest is; false at the end. */
static inline bool
pbfile_item(struct pb_span *rest, struct pb_span *item)
{
    struct pb_field f;
    while (pb_next(rest, &f) == PB_FIELD) {
        if (f.number == 2 && f.wire == PB_BYTES) {
            *item = f.bytes;
            return true;
        }
    }
    return false;
}

/* --- writing --- */

static inline void
pbw_varint(struct strbuf *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        strbuf_addc(b, (char)(0x80 | (value & 0x7f)));
    strbuf_addc(b, (char)value);
}
static inline void
pbw_number(struct strbuf *b, uint32_t number, uint64_t value)
{
    pbw_varint(b, (uint64_t)number << 3 | PB_VARINT);
    pbw_varint(b, value);
}
static inline void
pbw_bytes(struct strbuf *b, uint32_t number, const void *bytes, size_t len)
{
    pbw_varint(b, (uint64_t)number << 3 | PB_BYTES);
    pbw_varint(b, len);
    strbuf_add(b, bytes, len);
}
static inline void
pbw_text(struct strbuf *b, uint32_t number, const char *text)
{
    pbw_bytes(b, number, text, strlen(text));
}
static inline void
pbw_message(struct strbuf *b, uint32_t number, const struct strbuf *message)
{
    pbw_bytes(b, number, message->len ? message->data : "", message->len);
}
/* PB_MAGIC, runtime.Unknown. */
static inline void
pbw_object(struct strbuf *b, const char *kind, const void *raw, size_t raw_len)
{
    struct strbuf type;
    strbuf_init(&type, 0);
    pbw_text(&type, 1, "v1");
    pbw_text(&type, 2, kind);
    strbuf_add(b, PB_MAGIC, PB_MAGIC_BYTES);
    pbw_message(b, 1, &type);
    pbw_bytes(b, 2, raw, raw_len);
    pbw_text(b, 3, "");
    pbw_text(b, 4, "");
    strbuf_free(&type);
}
/* A watch event with its length in front, as a stream has it. */
static inline void
pbw_frame(struct strbuf *b, const char *type, const char *kind, const void *raw, size_t raw_len)
{
    struct strbuf object, extension, event;
    strbuf_init(&object, 0);
    strbuf_init(&extension, 0);
    strbuf_init(&event, 0);
    pbw_object(&object, kind, raw, raw_len);
    pbw_message(&extension, 1, &object);
    pbw_text(&event, 1, type);
    pbw_message(&event, 2, &extension);
    for (int shift = 24; shift >= 0; shift -= 8)
        strbuf_addc(b, (char)(event.len >> shift & 0xff));
    strbuf_add(b, event.data, event.len);
    strbuf_free(&object);
    strbuf_free(&extension);
    strbuf_free(&event);
}

#endif
