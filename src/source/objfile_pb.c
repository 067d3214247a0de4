/* objfile_pb: a protobuf list as a server sends it (`curl -H "Accept: ..." > FILE`), or one object.
 * SPDX-License-Identifier: Apache-2.0 */
#include "objfile_pb.h"

#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/net/frame.h"

/* The type stands in front; it takes some twenty bytes. */
#define TYPE_META_MAX_BYTES 1024
#define KIND_MAX_BYTES 64

struct reading {
    const struct objfile_pb_input *input;
    enum iw_err (*each)(void *ctx, const struct file_object *o, struct iw_error *err);
    void *ctx;
    struct iw_error *err;
    enum iw_err code; /* why emit stopped */
    char kind[KIND_MAX_BYTES];
    int items;
};

static enum iw_err
hand_on(struct reading *r, struct pb_span message)
{
    struct file_object object = {
        .message = message,
        .kind = r->kind,
        .watch_type = "",
        .now_wall_ms = IW_TIME_NONE,
        .line = ++r->items,
    };
    return r->each(r->ctx, &object, r->err);
}

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct reading *r = ctx;
    if (kind == FRAME_ITEM)
        r->code = hand_on(r, pb_span_of(bytes, len));
    return r->code == IW_OK;
}

/* Feed the rest of the file, after its head. */
static enum iw_err
read_list(struct reading *r, struct frame *frame, const struct strbuf *head)
{
    const char *bytes = head->data;
    size_t len = head->len;
    struct iw_error broken = {0};
    while (len > 0) {
        enum iw_err rc = frame_feed(frame, bytes, len, on_piece, r, &broken);
        if (r->code != IW_OK)
            return r->code;
        if (rc != IW_OK)
            return iw_fail(r->err, rc, "%s: item %d: %s", r->input->name, r->items + 1, broken.msg);
        rc = r->input->read(r->input->ctx, &bytes, &len);
        if (rc != IW_OK)
            return rc;
    }
    if (frame_finish(frame, on_piece, r, &broken) != IW_OK)
        return iw_fail(r->err, IW_ERR_PARSE, "%s: the file ends in the middle of a list",
                       r->input->name);
    return IW_OK;
}

static enum iw_err
read_object(struct reading *r, struct strbuf *whole)
{
    struct pb_object object;
    const char *bytes;
    size_t len = 1;
    while (len > 0) {
        enum iw_err rc = r->input->read(r->input->ctx, &bytes, &len);
        if (rc != IW_OK)
            return rc;
        if (!strbuf_add(whole, bytes, len))
            return iw_fail(r->err, IW_ERR_TOO_BIG, "%s: the object has more than %u bytes",
                           r->input->name, LIMIT_FRAME_BYTES);
    }
    if (!pb_unwrap(pb_span_of(whole->data, whole->len), &object))
        return iw_fail(r->err, IW_ERR_PARSE, "%s: not a Kubernetes object", r->input->name);
    return hand_on(r, object.raw);
}

/* The kind, as far as it is in these bytes; "" when it is not. */
static void
find_kind(const struct strbuf *head, char *kind)
{
    struct pb_span rest = pb_span_of(head->data + PB_MAGIC_BYTES, head->len - PB_MAGIC_BYTES);
    struct pb_field type_meta;
    kind[0] = '\0';
    if (pb_next(&rest, &type_meta) == PB_FIELD && type_meta.number == 1)
        pb_copy(pb_bytes(type_meta.bytes, 2), kind, KIND_MAX_BYTES);
}

static enum iw_err
read_head(struct reading *r, struct strbuf *head)
{
    const char *bytes = r->input->head;
    size_t len = r->input->head_len;
    while (len > 0) {
        if (!strbuf_add(head, bytes, len))
            return iw_fail(r->err, IW_ERR_TOO_BIG, "%s: the object is too big", r->input->name);
        find_kind(head, r->kind);
        if (r->kind[0] || head->len > TYPE_META_MAX_BYTES)
            return IW_OK;
        enum iw_err rc = r->input->read(r->input->ctx, &bytes, &len);
        if (rc != IW_OK)
            return rc;
    }
    return IW_OK;
}

enum iw_err
objfile_pb_each(const struct objfile_pb_input *input,
                enum iw_err (*each)(void *ctx, const struct file_object *o, struct iw_error *err),
                void *ctx, struct iw_error *err)
{
    struct reading r = {.input = input, .each = each, .ctx = ctx, .err = err};
    strbuf_auto head;
    strbuf_init(&head, LIMIT_FRAME_BYTES);
    enum iw_err rc = read_head(&r, &head);
    if (rc != IW_OK)
        return rc;
    size_t len = strlen(r.kind);
    if (len == 0)
        return iw_fail(err, IW_ERR_PARSE, "%s: protobuf without a kind", input->name);
    if (len <= 4 || strcmp(r.kind + len - 4, "List") != 0)
        return read_object(&r, &head);
    r.kind[len - 4] = '\0';
    struct frame frame;
    frame_init(&frame, FRAME_PB_LIST, LIMIT_FRAME_BYTES);
    rc = read_list(&r, &frame, &head);
    frame_free(&frame);
    return rc;
}
