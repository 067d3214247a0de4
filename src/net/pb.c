/* pb: see the header. Ref: protobuf.dev/programming-guides/encoding.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/pb.h"

#include <string.h>

/* The tenth byte of a varint holds the last of 64 bits. */
#define VARINT_LAST_SHIFT 63
/* Field numbers have 29 bits. */
#define FIELD_NUMBER_MAX ((UINT64_C(1) << 29) - 1)

enum pb_step
pb_varint(struct pb_span *rest, uint64_t *value)
{
    uint64_t sum = 0;
    const uint8_t *at = rest->at;
    for (unsigned shift = 0; at < rest->end; shift += 7) {
        uint64_t byte = *at++;
        sum |= (byte & 0x7f) << shift;
        if (shift == VARINT_LAST_SHIFT && byte > 1)
            return PB_BROKEN; /* more than 64 bits */
        if (byte < 0x80) {
            rest->at = at;
            *value = sum;
            return PB_FIELD;
        }
    }
    return PB_END;
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

/* A varint that must be whole; NULL when it is not. */
static inline const uint8_t *
take_whole(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    if (at < end && *at < 0x80) { /* nearly every one */
        *value = *at;
        return at + 1;
    }
    struct pb_span rest = {at, end};
    return pb_varint(&rest, value) == PB_FIELD ? rest.at : NULL;
}

static const uint8_t *
take_fixed(const uint8_t *at, const uint8_t *end, size_t len, uint64_t *value)
{
    if ((size_t)(end - at) < len)
        return NULL;
    *value = 0;
    for (size_t i = len; i > 0;)
        *value = *value << 8 | at[--i];
    return at + len;
}

enum pb_step
pb_next(struct pb_span *rest, struct pb_field *field)
{
    uint64_t tag, value;
    const uint8_t *at = rest->at, *end = rest->end;
    if (at == end)
        return PB_END;
    if (!(at = take_whole(at, end, &tag)) || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX)
        return PB_BROKEN;
    field->number = (uint32_t)(tag >> 3);
    field->wire = (enum pb_wire)(tag & 7);
    field->bytes = (struct pb_span){0};
    switch (tag & 7) {
    case PB_VARINT:
    case PB_BYTES:
        if (!(at = take_whole(at, end, &value)))
            return PB_BROKEN;
        break;
    case PB_FIXED64:
        if (!(at = take_fixed(at, end, 8, &value)))
            return PB_BROKEN;
        break;
    case PB_FIXED32:
        if (!(at = take_fixed(at, end, 4, &value)))
            return PB_BROKEN;
        break;
    default:
        return PB_BROKEN;
    }
    field->value = value;
    if (field->wire == PB_BYTES) {
        if (value > (size_t)(end - at))
            return PB_BROKEN;
        field->bytes = (struct pb_span){at, at + value};
        at += value;
    }
    rest->at = at;
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
