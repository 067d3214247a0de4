/* pbform: see the header. The framing of objects, lists and watches; the tables are in
 * pbform_tables.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pbform.h"

#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "pbform_tables.h"

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

/* --- the wire format --- */

void
pbform_varint(struct strbuf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        strbuf_addc(out, (char)(0x80 | (value & 0x7f)));
    strbuf_addc(out, (char)value);
}

size_t
pbform_varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

void
pbform_head(struct strbuf *out, uint32_t number, size_t len)
{
    pbform_varint(out, (uint64_t)number << 3 | WIRE_BYTES);
    pbform_varint(out, len);
}

size_t
pbform_head_size(uint32_t number, size_t len)
{
    return pbform_varint_size((uint64_t)number << 3 | WIRE_BYTES) + pbform_varint_size(len);
}

static void
add_bytes(struct strbuf *out, uint32_t number, const char *bytes, size_t len)
{
    pbform_head(out, number, len);
    strbuf_add(out, bytes, len);
}

static void
add_text(struct strbuf *out, uint32_t number, const char *text)
{
    add_bytes(out, number, text, strlen(text));
}

static void
add_number(struct strbuf *out, uint32_t number, uint64_t value)
{
    pbform_varint(out, (uint64_t)number << 3 | WIRE_VARINT);
    pbform_varint(out, value);
}

static void
add_inner(struct strbuf *out, uint32_t number, struct strbuf *inner)
{
    add_bytes(out, number, inner->len ? inner->data : "", inner->len);
    strbuf_free(inner);
}

/* --- members --- */

/* A meta/v1 Time or MicroTime: seconds and nanoseconds. */
static void
add_time(struct strbuf *out, uint32_t number, const json_t *value)
{
    int64_t ms = 0;
    if (rfc3339_parse(json_string_value(value), json_string_length(value), &ms, NULL) != IW_OK)
        return;
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    struct strbuf inner;
    strbuf_init(&inner, 0);
    add_number(&inner, 1, (uint64_t)seconds);
    add_number(&inner, 2, (uint64_t)(ms - seconds * 1000) * 1000000);
    add_inner(out, number, &inner);
}

/* A resource.Quantity is its text. */
static void
add_quantity(struct strbuf *out, uint32_t number, const json_t *value)
{
    struct strbuf inner;
    strbuf_init(&inner, 0);
    iw_autofree char *bare = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
    add_text(&inner, 1, bare ? bare : json_string_value(value));
    add_inner(out, number, &inner);
}

/* An intstr.IntOrString. */
static void
add_port(struct strbuf *out, uint32_t number, const json_t *value)
{
    struct strbuf inner;
    strbuf_init(&inner, 0);
    add_number(&inner, 1, json_is_string(value));
    if (json_is_string(value))
        add_text(&inner, 3, json_string_value(value));
    else
        add_number(&inner, 2, (uint64_t)json_integer_value(value));
    add_inner(out, number, &inner);
}

/* A map is a list of entries: key 1, value 2. */
static void
add_map(struct strbuf *out, const struct pbform_row *row, const json_t *map)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        struct strbuf entry;
        strbuf_init(&entry, 0);
        add_text(&entry, 1, key);
        if (row->type == PBFORM_AMOUNTS)
            add_quantity(&entry, 2, value);
        else if (json_is_string(value))
            add_text(&entry, 2, json_string_value(value));
        add_inner(out, row->number, &entry);
    }
}

/* FieldsV1: the JSON text as it is. */
static void
add_json(struct strbuf *out, uint32_t number, const json_t *value)
{
    struct strbuf inner;
    strbuf_init(&inner, 0);
    iw_autofree char *text = json_dumps(value, JSON_COMPACT);
    add_text(&inner, 1, text ? text : "{}");
    add_inner(out, number, &inner);
}

static void
add_integer(struct strbuf *out, uint32_t number, const json_t *value)
{
    if (json_is_string(value))
        add_text(out, number, json_string_value(value));
    else
        add_number(out, number, (uint64_t)json_integer_value(value));
}

static void
add_message(struct strbuf *out, const struct pbform_row *row, const json_t *object)
{
    struct strbuf inner;
    strbuf_init(&inner, 0);
    pbform_encode(&inner, row->message, object);
    add_inner(out, row->number, &inner);
}

static void
add_value(struct strbuf *out, const struct pbform_row *row, const json_t *value)
{
    switch (row->type) {
    case PBFORM_TEXT:
        add_bytes(out, row->number, json_string_value(value), json_string_length(value));
        break;
    case PBFORM_NUMBER:
        add_integer(out, row->number, value);
        break;
    case PBFORM_BOOL:
        add_number(out, row->number, json_is_true(value));
        break;
    case PBFORM_TIME:
        add_time(out, row->number, value);
        break;
    case PBFORM_AMOUNT:
        add_quantity(out, row->number, value);
        break;
    case PBFORM_PORT:
        add_port(out, row->number, value);
        break;
    case PBFORM_JSON:
        add_json(out, row->number, value);
        break;
    case PBFORM_TEXTS:
    case PBFORM_AMOUNTS:
        add_map(out, row, value);
        break;
    case PBFORM_MESSAGE:
        add_message(out, row, value);
        break;
    case PBFORM_BLOBS:
        break;
    }
}

/* What the schema wants there; else the member is left out. */
static bool
has_type(const struct pbform_row *row, const json_t *value)
{
    switch (row->type) {
    case PBFORM_TEXT:
    case PBFORM_TIME:
        return json_is_string(value);
    case PBFORM_NUMBER:
    case PBFORM_PORT:
        return json_is_integer(value) || json_is_string(value);
    case PBFORM_BOOL:
        return json_is_boolean(value);
    case PBFORM_AMOUNT:
        return json_is_string(value) || json_is_number(value);
    case PBFORM_JSON:
    case PBFORM_TEXTS:
    case PBFORM_AMOUNTS:
    case PBFORM_MESSAGE:
        return json_is_object(value);
    case PBFORM_BLOBS:
        break;
    }
    return false;
}

void
pbform_encode(struct strbuf *out, const struct pbform_message *message, const json_t *object)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct pbform_row *row = &message->rows[i];
        /* Without a name: a struct that Go has inlined, whose members stand in this object. */
        const json_t *value = row->name ? json_object_get(object, row->name) : object;
        if (!row->list) {
            if (has_type(row, value))
                add_value(out, row, value);
            continue;
        }
        for (size_t n = 0; n < json_array_size(value); n++)
            if (has_type(row, json_array_get(value, n)))
                add_value(out, row, json_array_get(value, n));
    }
}

/* --- objects and watch events --- */

#define MAGIC "k8s\0"
#define MAGIC_BYTES 4
enum { UNKNOWN_TYPE_META = 1, UNKNOWN_RAW, UNKNOWN_CONTENT_ENCODING, UNKNOWN_CONTENT_TYPE };

void
pbform_object_head(struct strbuf *out, const char *api_version, const char *kind, size_t raw_len)
{
    struct strbuf type;
    strbuf_init(&type, 0);
    add_text(&type, 1, api_version);
    add_text(&type, 2, kind);
    strbuf_add(out, MAGIC, MAGIC_BYTES);
    add_inner(out, UNKNOWN_TYPE_META, &type);
    pbform_head(out, UNKNOWN_RAW, raw_len);
}

void
pbform_object_tail(struct strbuf *out)
{
    add_text(out, UNKNOWN_CONTENT_ENCODING, "");
    add_text(out, UNKNOWN_CONTENT_TYPE, "");
}

/* Ref: meta/v1 WatchEvent, runtime RawExtension; apimachinery/pkg/util/framer: 4 bytes of length,
 * big-endian. The event itself is bare, the object in it has magic and type. */
void
pbform_watch_event(struct strbuf *out, const char *type, const char *kind, const struct strbuf *raw)
{
    struct strbuf object, extension, event;
    strbuf_init(&object, 0);
    strbuf_init(&extension, 0);
    strbuf_init(&event, 0);
    pbform_object_head(&object, "v1", kind, raw->len);
    if (raw->len > 0)
        strbuf_add(&object, raw->data, raw->len);
    pbform_object_tail(&object);
    add_inner(&extension, 1, &object);
    add_text(&event, 1, type);
    add_inner(&event, 2, &extension);
    for (int shift = 24; shift >= 0; shift -= 8)
        strbuf_addc(out, (char)(event.len >> shift & 0xff));
    strbuf_add(out, event.data, event.len);
    strbuf_free(&event);
}
