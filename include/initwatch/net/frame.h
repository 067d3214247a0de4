/* frame: cuts a byte stream into pieces, whatever its chunks.
 *
 * FRAME_WATCH: concatenated JSON documents (a watch), each handed on whole.
 * FRAME_LIST:  one JSON object with "items": each element of items is handed on as it completes; then the
 *              same object with "items":[] (metadata and all) is handed on as the last piece.
 * FRAME_LINES: text lines without their newline; the last one may lack it.
 * Nothing is parsed, only strings and brackets are followed. A piece over the ceiling is an error (JSON) or cut (lines).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_FRAME_H
#define INITWATCH_NET_FRAME_H

#include "initwatch/base/error.h"
#include "initwatch/base/strbuf.h"

enum frame_mode { FRAME_WATCH, FRAME_LIST, FRAME_LINES };
enum frame_kind { FRAME_DOC, FRAME_ITEM, FRAME_ENVELOPE, FRAME_LINE, FRAME_LINE_CUT };

struct frame {
    enum frame_mode mode;
    struct strbuf piece;
    size_t ceiling_bytes;
    struct strbuf envelope; /* FRAME_LIST: everything outside items */
    int depth, items_depth;
    unsigned state;
    unsigned escape, in_string;
    struct { char text[16]; unsigned len; } key; /* last key at depth 1 */
    bool cut;
};
void frame_init(struct frame *f, enum frame_mode mode, size_t ceiling_bytes);
void frame_free(struct frame *f);
/* emit: bytes are borrowed for the call and NUL-terminated; returns false to stop (then IW_ERR_CANCELED).
 * Returns IW_OK, IW_ERR_TOO_BIG, IW_ERR_PARSE (brackets do not match) or IW_ERR_CANCELED. */
IW_NODISCARD enum iw_err frame_feed(struct frame *f, const char *bytes, size_t len,
                                    bool (*emit)(void *ctx, enum frame_kind kind, const char *bytes,
                                                 size_t len),
                                    void *ctx, struct iw_error *err);
/* At the end of the stream: IW_OK, or IW_ERR_EOF when it ended inside a piece (lines: the rest is emitted). */
IW_NODISCARD enum iw_err frame_finish(struct frame *f,
                                      bool (*emit)(void *ctx, enum frame_kind kind,
                                                   const char *bytes, size_t len),
                                      void *ctx, struct iw_error *err);

#endif
