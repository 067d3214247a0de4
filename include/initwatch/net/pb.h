/* pb: protobuf as Kubernetes writes it, read in place.
 *
 * A reader of the wire format only: it knows fields, not messages. Nothing is copied or allocated;
 * every length is checked against the end of its message. Nothing here recurses: who reads a
 * message inside a message does so with the span of its bytes.
 * Ref: protobuf.dev/programming-guides/encoding; apimachinery/pkg/runtime/serializer/protobuf.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_PB_H
#define INITWATCH_NET_PB_H

#include "initwatch/base/iwdef.h"

#define PB_CONTENT_TYPE "application/vnd.kubernetes.protobuf"
/* A tag and a length, or a tag and a number, take at most so much. */
#define PB_HEAD_MAX 20
/* In front of every object that is not inside another one. */
#define PB_MAGIC "k8s\0"
#define PB_MAGIC_BYTES 4

/* Bytes [at, end): a message, or what is left of it. `= {0}` is the empty message. */
struct pb_span {
    const uint8_t *at, *end;
};
/* Groups (3 and 4) are refused: Kubernetes has none. */
enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };
struct pb_field {
    uint32_t number;
    enum pb_wire wire;
    uint64_t value;       /* of a number; of PB_BYTES the length */
    struct pb_span bytes; /* PB_BYTES: where it is */
};
enum pb_step { PB_END, PB_FIELD, PB_BROKEN };

static inline struct pb_span
pb_span_of(const void *bytes, size_t len)
{
    return (struct pb_span){bytes, (const uint8_t *)bytes + len};
}
static inline size_t
pb_len(struct pb_span span)
{
    return (size_t)(span.end - span.at);
}

/* Take a varint off the front. PB_END: it goes on after the end of the span, which stays as it is.
 */
enum pb_step pb_varint(struct pb_span *rest, uint64_t *value);
/* Take the head of a field off the front: tag, and number or length (value; 8 and 4 for fixed
 * numbers, whose bytes follow). PB_END: the head goes on after the end of the span, which stays as
 * it is. For streams; everybody else wants pb_next. */
enum pb_step pb_head(struct pb_span *rest, struct pb_field *field);
/* Take the next field off the front. PB_END at the end of the message, PB_BROKEN when a field
 * reaches over it or makes no sense. */
enum pb_step pb_next(struct pb_span *rest, struct pb_field *field);
/* The bytes of the last field of that number; empty when there is none (or what is before it is
 * broken). */
struct pb_span pb_bytes(struct pb_span message, uint32_t number);
/* The number of the last field of that number, or `absent`. */
uint64_t pb_number(struct pb_span message, uint32_t number, uint64_t absent);
/* Copy a text, cut at out_size - 1 bytes, ended by NUL. */
void pb_copy(struct pb_span text, char *out, size_t out_size);

/* An object with its type: PB_MAGIC and a runtime.Unknown. */
struct pb_object {
    struct pb_span api_version, kind; /* of the TypeMeta */
    struct pb_span raw;               /* the message of that kind */
};
/* False when it is no such thing. */
bool pb_unwrap(struct pb_span whole, struct pb_object *out);
bool pb_equals(struct pb_span text, const char *word);

#endif
