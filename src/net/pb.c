/* pb: see the header. Ref: protobuf.dev/programming-guides/encoding.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/pb.h"

#include <string.h>

#define VARINT_MAX_BYTES 10
/* Field numbers have 29 bits. */
#define FIELD_NUMBER_MAX ((UINT64_C(1) << 29) - 1)

enum pb_step
pb_varint(struct pb_span *rest, uint64_t *value)
{
    uint64_t sum = 0;
    size_t len = pb_len(*rest);
    for (size_t i = 0; i < VARINT_MAX_BYTES; i++) {
        if (i == len)
            return PB_END;
        uint8_t byte = rest->at[i];
        if (i == VARINT_MAX_BYTES - 1 && byte > 1)
            return PB_BROKEN; /* more than 64 bits */
        sum |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            rest->at += i + 1;
            *value = sum;
            return PB_FIELD;
        }
    }
    return PB_BROKEN;
}

enum pb_step
pb_head(struct pb_span *rest, struct pb_field *field)
{
    struct pb_span at = *rest;
    uint64_t tag = 0;
    enum pb_step step = pb_varint(&at, &tag);
    if (step != PB_FIELD)
        return step;
    if (tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX)
        return PB_BROKEN;
    field->number = (uint32_t)(tag >> 3);
    field->bytes = (struct pb_span){0};
    switch (tag & 7) {
    case PB_VARINT:
    case PB_BYTES:
        field->wire = (enum pb_wire)(tag & 7);
        step = pb_varint(&at, &field->value);
        break;
    case PB_FIXED64:
        field->wire = PB_FIXED64;
        field->value = 8;
        break;
    case PB_FIXED32:
        field->wire = PB_FIXED32;
        field->value = 4;
        break;
    default:
        return PB_BROKEN;
    }
    if (step == PB_FIELD)
        *rest = at;
    return step;
}

/* Nearly every field: a length below 128 behind a tag of one byte or two. */
static inline bool
next_short(struct pb_span *rest, struct pb_field *field)
{
    const uint8_t *at = rest->at;
    if (pb_len(*rest) < 3)
        return false;
    uint32_t tag = at[0];
    at++;
    if (tag >= 0x80) {
        if (*at >= 0x80)
            return false;
        tag = (tag & 0x7f) | (uint32_t)*at++ << 7;
    }
    if ((tag & 7) != PB_BYTES || tag < 8 || *at >= 0x80 || *at > rest->end - at - 1)
        return false;
    field->number = tag >> 3;
    field->wire = PB_BYTES;
    field->value = *at;
    field->bytes = (struct pb_span){at + 1, at + 1 + *at};
    rest->at = field->bytes.end;
    return true;
}

/* Most of the others: a small number, or a length below 2 MB. */
static inline bool
next_medium(struct pb_span *rest, struct pb_field *field)
{
    const uint8_t *at = rest->at;
    if (pb_len(*rest) < 5)
        return false;
    uint32_t tag = *at++, value;
    if (tag >= 0x80) {
        if (*at >= 0x80)
            return false;
        tag = (tag & 0x7f) | (uint32_t)*at++ << 7;
    }
    value = *at++;
    for (unsigned shift = 7; at[-1] >= 0x80; shift += 7, at++) {
        if (shift > 14)
            return false;
        value = (value & ((1u << shift) - 1)) | (uint32_t)*at << shift;
    }
    if (tag < 8 || ((tag & 7) != PB_VARINT && (tag & 7) != PB_BYTES))
        return false;
    field->number = tag >> 3;
    field->wire = (enum pb_wire)(tag & 7);
    field->value = value;
    field->bytes = (struct pb_span){0};
    if (field->wire == PB_BYTES) {
        if (value > (size_t)(rest->end - at))
            return false;
        field->bytes = (struct pb_span){at, at + value};
        at += value;
    }
    rest->at = at;
    return true;
}

enum pb_step
pb_next(struct pb_span *rest, struct pb_field *field)
{
    if (rest->at == rest->end)
        return PB_END;
    if (next_short(rest, field) || next_medium(rest, field))
        return PB_FIELD;
    if (pb_head(rest, field) != PB_FIELD)
        return PB_BROKEN;
    if (field->wire == PB_VARINT)
        return PB_FIELD;
    if (field->value > pb_len(*rest))
        return PB_BROKEN;
    struct pb_span body = {rest->at, rest->at + field->value};
    rest->at = body.end;
    if (field->wire == PB_BYTES) {
        field->bytes = body;
        return PB_FIELD;
    }
    field->value = 0;
    for (const uint8_t *byte = body.end; byte > body.at;)
        field->value = field->value << 8 | *--byte;
    return PB_FIELD;
}

struct pb_span
pb_bytes(struct pb_span message, uint32_t number)
{
    struct pb_span found = {0};
    struct pb_field field;
    while (pb_next(&message, &field) == PB_FIELD)
        if (field.number == number && field.wire == PB_BYTES)
            found = field.bytes;
    return found;
}

uint64_t
pb_number(struct pb_span message, uint32_t number, uint64_t absent)
{
    uint64_t found = absent;
    struct pb_field field;
    while (pb_next(&message, &field) == PB_FIELD)
        if (field.number == number && field.wire != PB_BYTES)
            found = field.value;
    return found;
}

void
pb_copy(struct pb_span text, char *out, size_t out_size)
{
    size_t len = IW_MIN(pb_len(text), out_size - 1);
    if (len > 0)
        memcpy(out, text.at, len);
    out[len] = '\0';
}

/* Ref: apimachinery/pkg/runtime/generated.proto, messages Unknown and TypeMeta. */
enum { UNKNOWN_TYPE_META = 1, UNKNOWN_RAW = 2, TYPE_META_API_VERSION = 1, TYPE_META_KIND = 2 };

bool
pb_unwrap(struct pb_span whole, struct pb_object *out)
{
    if (pb_len(whole) < PB_MAGIC_BYTES || memcmp(whole.at, PB_MAGIC, PB_MAGIC_BYTES) != 0)
        return false;
    whole.at += PB_MAGIC_BYTES;
    struct pb_span type_meta = pb_bytes(whole, UNKNOWN_TYPE_META);
    out->api_version = pb_bytes(type_meta, TYPE_META_API_VERSION);
    out->kind = pb_bytes(type_meta, TYPE_META_KIND);
    out->raw = pb_bytes(whole, UNKNOWN_RAW);
    return pb_len(out->kind) > 0;
}

bool
pb_equals(struct pb_span text, const char *word)
{
    return pb_len(text) == strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}
