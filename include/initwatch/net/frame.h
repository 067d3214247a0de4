/* frame: cuts a byte stream into pieces, whatever its chunks.
 *
 * FRAME_WATCH: concatenated JSON documents (a watch), each handed on whole.
 * FRAME_LIST:  one JSON object with "items": each element of items is handed on as it completes;
 * then the same object with "items":[] (metadata and all) is handed on as the last piece. An
 * "items" that is no array (null) stays as it is. Only the "items" of the outermost object counts.
 * FRAME_LINES: text lines without their newline; the last one may lack it.
 * FRAME_PB_WATCH, FRAME_PB_LIST: the same two in Kubernetes' protobuf: frames with their length in
 * front, each a WatchEvent message; a list whose items are handed on as messages, and at the end
 * (frame_finish) the list without them, with PB_MAGIC.
 * Nothing is parsed, only strings and brackets are followed. A piece over the ceiling is an error
 * (JSON) or cut (lines).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_FRAME_H
#define INITWATCH_NET_FRAME_H

#include "initwatch/base/error.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/net/pb.h"

enum frame_mode { FRAME_WATCH, FRAME_LIST, FRAME_LINES, FRAME_PB_WATCH, FRAME_PB_LIST };
enum frame_kind { FRAME_DOC, FRAME_ITEM, FRAME_ENVELOPE, FRAME_LINE, FRAME_LINE_CUT };

struct frame {
    enum frame_mode mode;
    size_t ceiling_bytes;   /* of one piece, and of the envelope */
    struct strbuf piece;    /* the piece that is not complete yet */
    struct strbuf envelope; /* FRAME_LIST: everything outside items */
    int state;              /* enum frame_state of frame.c, or frame_pb_state of frame_pb.c */
    int depth;              /* open brackets */
    bool in_string, escape; /* escape: the last byte was a backslash inside a string */
    bool expect_key;        /* FRAME_LIST, depth 1: the next string is a member's name */
    bool in_key;
    bool cut; /* FRAME_LINES: the rest of the line is dropped */
    struct {
        char text[16];
        unsigned len;                         /* may be more than fits */
    } key;                                    /* last member name at depth 1 */
    uint64_t is_array[LIMIT_JSON_DEPTH / 64]; /* one bit for each open bracket */
    struct {
        uint8_t head[PB_HEAD_MAX]; /* of a field or frame, not complete yet */
        unsigned head_len;
        bool has_raw;
        uint64_t body_left, raw_left; /* bytes of the field; of the list */
        struct strbuf rest;           /* fields of the list other than items */
    } pb;                             /* FRAME_PB_* */
};
void frame_init(struct frame *f, enum frame_mode mode, size_t ceiling_bytes);
void frame_free(struct frame *f);
/* emit: bytes are borrowed for the call; of JSON they are NUL-terminated, lines and protobuf stay
 * where they lie when they lie there as a whole; returns false to stop (then IW_ERR_CANCELED).
 * Returns IW_OK, IW_ERR_TOO_BIG, IW_ERR_PARSE (brackets do not match, nesting over
 * LIMIT_JSON_DEPTH, text between documents) or IW_ERR_CANCELED. After an error the frame only takes
 * frame_free. emit may call frame_free when it returns false. */
IW_NODISCARD enum iw_err frame_feed(struct frame *f, const char *bytes, size_t len,
                                    bool (*emit)(void *ctx, enum frame_kind kind, const char *bytes,
                                                 size_t len),
                                    void *ctx, struct iw_error *err);
/* At the end of the stream: IW_OK, or IW_ERR_EOF when it ended inside a piece or before the list
 * was complete (lines: the rest is emitted, FRAME_PB_LIST: the envelope is; IW_ERR_CANCELED when
 * emit says so). */
IW_NODISCARD enum iw_err frame_finish(struct frame *f,
                                      bool (*emit)(void *ctx, enum frame_kind kind,
                                                   const char *bytes, size_t len),
                                      void *ctx, struct iw_error *err);

#endif
