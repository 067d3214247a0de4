/* frame_pb: protobuf lists and watches, cut into pieces as they arrive.
 *
 * A list is PB_MAGIC and a runtime.Unknown; its raw bytes (field 2) are the list, whose items are
 * field 2 again, one after the other. Lengths stand in front, so that what is too big is refused
 * before it is read.
 * Ref: apimachinery/pkg/runtime/generated.proto; core/v1 PodList, EventList;
 * apimachinery/pkg/util/framer (length-delimited frames).
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame_pb.h"

#include <string.h>

enum frame_pb_state {
    FRAME_LENGTH, /* watch: the four bytes in front of a frame */
    FRAME_BODY,
    MAGIC,      /* list: PB_MAGIC */
    OUTER,      /* list: fields of the Unknown */
    OUTER_BODY, /* one that is kept for the envelope */
    LIST,       /* fields of the list */
    LIST_BODY,  /* one that is kept for the envelope */
    ITEM_BODY,
    FAILED,
};

enum { UNKNOWN_RAW = 2, FRAME_LENGTH_BYTES = 4 };

/* One call of frame_pb_feed. */
struct feed {
    struct frame *f;
    struct pb_span bytes; /* not looked at yet */
    frame_emit_fn emit;
    void *ctx;
    struct iw_error *err;
};

void
frame_pb_init(struct frame *f)
{
    f->state = f->mode == FRAME_PB_WATCH ? FRAME_LENGTH : MAGIC;
    strbuf_init(&f->pb.rest, f->ceiling_bytes);
    strbuf_init(&f->envelope, f->ceiling_bytes);
}

static enum iw_err
broken(struct feed *s, const char *what)
{
    s->f->state = FAILED;
    return iw_fail(s->err, IW_ERR_PARSE, "the answer is not the protobuf that was expected: %s",
                   what);
}

static enum iw_err
too_big(struct feed *s)
{
    s->f->state = FAILED;
    return iw_fail(s->err, IW_ERR_TOO_BIG, "an object of the answer has more than %zu bytes",
                   s->f->ceiling_bytes);
}

/* When emit says stop, the frame may be gone. */
static enum iw_err
hand_on(struct feed *s, enum frame_kind kind, const char *bytes, size_t len)
{
    if (!s->emit(s->ctx, kind, bytes, len))
        return iw_fail(s->err, IW_ERR_CANCELED, "canceled");
    return IW_OK;
}

static enum iw_err
hand_on_kept(struct feed *s, enum frame_kind kind)
{
    struct frame *f = s->f;
    enum iw_err code = hand_on(s, kind, f->piece.data, f->piece.len);
    if (code == IW_OK)
        strbuf_clear(&f->piece);
    return code;
}

/* One more byte of a head. */
static void
head_add(struct feed *s)
{
    s->f->pb.head[s->f->pb.head_len++] = *s->bytes.at++;
}

/* --- heads --- */

static enum iw_err
take_length(struct feed *s)
{
    struct frame *f = s->f;
    head_add(s);
    if (f->pb.head_len < FRAME_LENGTH_BYTES)
        return IW_OK;
    const uint8_t *b = f->pb.head;
    f->pb.head_len = 0;
    f->pb.body_left = (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3];
    if (f->pb.body_left > f->ceiling_bytes)
        return too_big(s);
    if (f->pb.body_left == 0)
        return broken(s, "an empty frame");
    f->state = FRAME_BODY;
    return IW_OK;
}

static enum iw_err
take_magic(struct feed *s)
{
    struct frame *f = s->f;
    head_add(s);
    if (memcmp(f->pb.head, PB_MAGIC, f->pb.head_len) != 0)
        return broken(s, "it does not begin like one");
    if (f->pb.head_len < PB_MAGIC_BYTES)
        return IW_OK;
    strbuf_add(&f->envelope, f->pb.head, PB_MAGIC_BYTES);
    f->pb.head_len = 0;
    f->state = OUTER;
    return IW_OK;
}

/* The head of a field is complete: where do its bytes go? */
static enum iw_err
open_field(struct feed *s, const struct pb_field *field)
{
    struct frame *f = s->f;
    bool in_list = f->state == LIST;
    uint64_t body = field->wire == PB_VARINT ? 0 : field->value;
    if (in_list && body > f->pb.raw_left)
        return broken(s, "a field reaches over the end of the list");
    bool is_part = field->wire == PB_BYTES && field->number == UNKNOWN_RAW;
    if (is_part && !in_list) {
        if (f->pb.has_raw)
            return broken(s, "it has two contents");
        f->pb.has_raw = true;
        f->pb.raw_left = body;
        f->state = LIST;
        return IW_OK;
    }
    if (body > f->ceiling_bytes)
        return too_big(s);
    f->pb.body_left = body;
    f->state = !in_list ? OUTER_BODY : is_part ? ITEM_BODY : LIST_BODY;
    struct strbuf *kept = in_list ? &f->pb.rest : &f->envelope;
    if (f->state != ITEM_BODY && !strbuf_add(kept, f->pb.head, f->pb.head_len))
        return too_big(s);
    return IW_OK;
}

/* A head that lies here as a whole; false when it does not. */
static bool
take_whole_head(struct feed *s, struct pb_field *field)
{
    struct frame *f = s->f;
    struct pb_span head = s->bytes;
    if (f->pb.head_len > 0)
        return false;
    if (f->state == LIST && f->pb.raw_left < pb_len(head))
        head.end = head.at + f->pb.raw_left;
    if (pb_head(&head, field) != PB_FIELD)
        return false;
    f->pb.head_len = (unsigned)(head.at - s->bytes.at);
    memcpy(f->pb.head, s->bytes.at, f->pb.head_len);
    s->bytes.at = head.at;
    if (f->state == LIST)
        f->pb.raw_left -= f->pb.head_len;
    return true;
}

static enum iw_err
take_head(struct feed *s)
{
    struct frame *f = s->f;
    struct pb_field field;
    if (!take_whole_head(s, &field)) {
        head_add(s);
        if (f->state == LIST)
            f->pb.raw_left--;
        struct pb_span head = {f->pb.head, f->pb.head + f->pb.head_len};
        enum pb_step step = pb_head(&head, &field);
        bool cut = f->state == LIST && f->pb.raw_left == 0 && step == PB_END;
        if (step == PB_BROKEN || cut || (step == PB_END && f->pb.head_len == PB_HEAD_MAX))
            return broken(s, "a field makes no sense");
        if (step == PB_END)
            return IW_OK;
    }
    enum iw_err code = open_field(s, &field);
    f->pb.head_len = 0;
    return code;
}

/* --- bodies --- */

/* Part of the envelope. */
static enum iw_err
take_kept(struct feed *s)
{
    struct frame *f = s->f;
    bool in_list = f->state == LIST_BODY;
    size_t len = (size_t)IW_MIN(f->pb.body_left, (uint64_t)pb_len(s->bytes));
    if (len > 0 && !strbuf_add(in_list ? &f->pb.rest : &f->envelope, s->bytes.at, len))
        return too_big(s);
    s->bytes.at += len;
    f->pb.body_left -= len;
    if (in_list)
        f->pb.raw_left -= len;
    if (f->pb.body_left == 0)
        f->state = in_list ? LIST : OUTER;
    return IW_OK;
}

/* An item of a list or a frame of a watch, which is handed on where it lies when it lies here as a whole. */
static enum iw_err
take_piece(struct feed *s)
{
    struct frame *f = s->f;
    const char *bytes = (const char *)s->bytes.at;
    bool is_item = f->state == ITEM_BODY, is_whole = f->piece.len == 0;
    size_t len = (size_t)IW_MIN(f->pb.body_left, (uint64_t)pb_len(s->bytes));
    s->bytes.at += len;
    f->pb.body_left -= len;
    if (is_item)
        f->pb.raw_left -= len;
    bool is_end = f->pb.body_left == 0;
    if (!(is_whole && is_end) && len > 0 && !strbuf_add(&f->piece, bytes, len))
        return too_big(s);
    if (!is_end)
        return IW_OK;
    f->state = is_item ? LIST : FRAME_LENGTH;
    enum frame_kind kind = is_item ? FRAME_ITEM : FRAME_DOC;
    return is_whole ? hand_on(s, kind, bytes, len) : hand_on_kept(s, kind);
}

/* --- public --- */

/* Something can be done even when no byte is left: a body of no bytes ends, and so does the list. */
static bool
can_go_on(const struct frame *f, size_t left)
{
    bool in_body = f->state == FRAME_BODY || f->state == OUTER_BODY || f->state == LIST_BODY ||
                   f->state == ITEM_BODY;
    return left > 0 || (in_body && f->pb.body_left == 0) ||
           (f->state == LIST && f->pb.raw_left == 0);
}

static enum iw_err
feed_step(struct feed *s)
{
    struct frame *f = s->f;
    switch ((enum frame_pb_state)f->state) {
    case FRAME_LENGTH:
        return take_length(s);
    case MAGIC:
        return take_magic(s);
    case OUTER:
        return take_head(s);
    case LIST:
        if (f->pb.raw_left > 0)
            return take_head(s);
        f->state = OUTER;
        return IW_OK;
    case OUTER_BODY:
    case LIST_BODY:
        return take_kept(s);
    case FRAME_BODY:
    case ITEM_BODY:
        return take_piece(s);
    case FAILED:
        break;
    }
    return broken(s, "it was broken before");
}

enum iw_err
frame_pb_feed(struct frame *f, struct pb_span bytes, frame_emit_fn emit, void *ctx,
              struct iw_error *err)
{
    struct feed s = {.f = f, .bytes = bytes, .emit = emit, .ctx = ctx, .err = err};
    enum iw_err code = IW_OK;
    while (code == IW_OK && can_go_on(f, pb_len(s.bytes)))
        code = feed_step(&s);
    return code;
}

/* The list as one object without its items. */
static enum iw_err
emit_envelope(struct feed *s)
{
    struct frame *f = s->f;
    char head[PB_HEAD_MAX];
    size_t len = 0;
    head[len++] = (char)(UNKNOWN_RAW << 3 | PB_BYTES);
    uint64_t size = f->pb.rest.len;
    for (; size >= 0x80; size >>= 7)
        head[len++] = (char)(0x80 | (size & 0x7f));
    head[len++] = (char)size;
    if (!strbuf_add(&f->piece, f->envelope.data, f->envelope.len) ||
        !strbuf_add(&f->piece, head, len) ||
        !strbuf_add(&f->piece, f->pb.rest.data, f->pb.rest.len))
        return too_big(s);
    f->state = FAILED;
    return hand_on_kept(s, FRAME_ENVELOPE);
}

enum iw_err
frame_pb_finish(struct frame *f, frame_emit_fn emit, void *ctx, struct iw_error *err)
{
    struct feed s = {.f = f, .emit = emit, .ctx = ctx, .err = err};
    if (f->state == FAILED)
        return broken(&s, "it was broken before");
    if (f->state == FRAME_LENGTH && f->pb.head_len == 0)
        return IW_OK;
    if (f->state == OUTER && f->pb.head_len == 0 && f->pb.has_raw)
        return emit_envelope(&s);
    return iw_fail(err, IW_ERR_EOF, "the answer ended in the middle of an object");
}
