/* pbread: see the header. The tables of what only comes in are in pbform_requests.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pbread.h"

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/net/pb.h"
#include "pbform_tables.h"

static bool read_message(json_t *object, const struct pbform_message *message,
                         struct pb_span bytes);

/* NULL when it is no UTF-8: the real server refuses that, too. */
static json_t *
text_of(struct pb_span bytes)
{
    return json_stringn((const char *)bytes.at, pb_len(bytes));
}

static json_t *
blob_of(struct pb_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = pb_len(bytes);
    struct strbuf out;
    strbuf_init(&out, 0);
    for (size_t i = 0; i < len; i += 3) {
        size_t left = IW_MIN(len - i, (size_t)3);
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? bytes.at[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            strbuf_addc(&out, k <= left ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
    json_t *text = json_string(out.len ? out.data : "");
    strbuf_free(&out);
    return text;
}

/* The zero time is an empty message, and no time. */
static json_t *
time_of(struct pb_span bytes)
{
    char text[40];
    uint64_t seconds = pb_number(bytes, 1, 0);
    if (seconds == 0 || seconds > (uint64_t)INT64_MAX / 1000)
        return NULL;
    rfc3339_format((int64_t)seconds * 1000, false, text);
    return json_string(text);
}

static json_t *
port_of(struct pb_span bytes, bool optional)
{
    bool named = pb_number(bytes, 1, 0) == 1;
    int64_t number = (int64_t)pb_number(bytes, 2, 0);
    if (named)
        return text_of(pb_bytes(bytes, 3));
    return number != 0 || optional ? json_integer(number) : NULL;
}

/* One entry of a map: key 1, value 2. */
static bool
read_entry(json_t *map, enum pbform_type type, struct pb_span bytes)
{
    json_t *key = text_of(pb_bytes(bytes, 1));
    struct pb_span value = pb_bytes(bytes, 2);
    json_t *read = type == PBFORM_BLOBS     ? blob_of(value)
                   : type == PBFORM_AMOUNTS ? text_of(pb_bytes(value, 1))
                                            : text_of(value);
    bool good = key && read && json_object_set(map, json_string_value(key), read) == 0;
    json_decref(key);
    json_decref(read);
    return good;
}

static bool
is_map(const struct pbform_row *row)
{
    return row->type == PBFORM_TEXTS || row->type == PBFORM_AMOUNTS || row->type == PBFORM_BLOBS;
}

/* A value that is there. NULL: nothing to keep; *good turns false when it is broken. */
static json_t *
value_of(const struct pbform_row *row, const struct pb_field *field, bool *good)
{
    json_t *value = NULL;
    bool keep = row->optional || row->list;
    switch (row->type) {
    case PBFORM_TEXT:
        value = keep || field->value > 0 ? text_of(field->bytes) : NULL;
        *good = *good && (value || !(keep || field->value > 0));
        break;
    case PBFORM_NUMBER:
        value = keep || field->value != 0 ? json_integer((json_int_t)field->value) : NULL;
        break;
    case PBFORM_BOOL:
        value = keep || field->value != 0 ? json_boolean(field->value != 0) : NULL;
        break;
    case PBFORM_TIME:
        value = time_of(field->bytes);
        break;
    case PBFORM_AMOUNT:
        value = text_of(pb_bytes(field->bytes, 1));
        break;
    case PBFORM_PORT:
        value = port_of(field->bytes, keep);
        break;
    case PBFORM_MESSAGE:
        value = json_object();
        *good = *good && read_message(value, row->message, field->bytes);
        if (!keep && json_object_size(value) == 0) {
            json_decref(value);
            value = NULL;
        }
        break;
    case PBFORM_JSON: /* managed fields are the server's own */
    case PBFORM_TEXTS:
    case PBFORM_AMOUNTS:
    case PBFORM_BLOBS:
        break;
    }
    return value;
}

static json_t *
member(json_t *object, const char *name, bool list)
{
    json_t *there = json_object_get(object, name);
    if (!there) {
        there = list ? json_array() : json_object();
        json_object_set_new(object, name, there);
    }
    return there;
}

static bool
read_row(json_t *object, const struct pbform_row *row, const struct pb_field *field)
{
    bool number = row->type == PBFORM_NUMBER || row->type == PBFORM_BOOL, good = true;
    if (field->wire != (number ? PB_VARINT : PB_BYTES))
        return false;
    if (!row->name) /* a struct that Go has inlined: its members stand in this object */
        return read_message(object, row->message, field->bytes);
    if (is_map(row))
        return read_entry(member(object, row->name, false), row->type, field->bytes);
    json_t *value = value_of(row, field, &good);
    if (value && row->list)
        json_array_append_new(member(object, row->name, true), value);
    else if (value)
        json_object_set_new(object, row->name, value);
    return good;
}

/* As deep as the tables are: no message of them holds itself. */
static bool
read_message(json_t *object, const struct pbform_message *message, struct pb_span bytes)
{
    struct pb_field field;
    enum pb_step step;
    while ((step = pb_next(&bytes, &field)) == PB_FIELD) {
        const struct pbform_row *row = NULL;
        for (size_t i = 0; i < message->count && !row; i++)
            row = message->rows[i].number == field.number ? &message->rows[i] : NULL;
        if (row && !read_row(object, row, &field))
            return false;
    }
    return step == PB_END;
}

json_t *
pbread_object(const char *body, size_t len, struct iw_error *err)
{
    struct pb_object whole;
    char version[128], kind[128];
    if (!pb_unwrap(pb_span_of(body, len), &whole)) {
        (void)iw_fail(err, IW_ERR_PARSE, "the body is no protobuf object of Kubernetes");
        return NULL;
    }
    pb_copy(whole.api_version, version, sizeof(version));
    pb_copy(whole.kind, kind, sizeof(kind));
    const struct pbform_message *message = pbread_message_of(kind);
    json_t *object = json_pack("{s:s,s:s}", "apiVersion", version, "kind", kind);
    if (message && object && read_message(object, message, whole.raw))
        return object;
    json_decref(object);
    (void)iw_fail(err, IW_ERR_PARSE,
                  message ? "the protobuf body is broken"
                          : "the demo cluster reads no protobuf of this kind");
    return NULL;
}
