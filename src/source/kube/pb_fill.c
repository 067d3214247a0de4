/* pb_fill: messages into structs, by tables of field numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pb_fill.h"

#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/intern.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/container.h"

/* Years 1 to 9999, as meta/v1 Time allows. */
#define TIME_LEAST_S (-62135596800)
#define TIME_MOST_S 253402300799

/* --- values --- */

static void
pb_fail(struct decoder *d, const struct pb_message *m, const struct pb_row *row, const char *what)
{
    if (d->code == IW_OK)
        d->code = iw_fail(d->err, IW_ERR_PARSE, "%s.%td: %s", m->name, row - m->rows, what);
}

/* ASCII without NUL, which nearly every text is. */
static bool
is_plain(const uint8_t *at, size_t len)
{
    uint8_t other = 0;
    for (size_t i = 0; i < len; i++)
        other |= (uint8_t)(at[i] - 1) >= 0x7f;
    return !other;
}

static const char *
pb_repaired(struct decoder *d, const char *text, size_t len)
{
    char *copy = draft_alloc(d, len * 3 + 1, 1);
    if (!copy)
        return "";
    char *out = copy;
    for (size_t at = 0, taken; at < len; at += taken) {
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        out += utf8_encode(cp ? cp : UTF8_REPLACEMENT, out);
    }
    *out = '\0';
    return copy;
}

const char *
pb_text(struct decoder *d, struct pb_span text)
{
    size_t len = pb_len(text);
    if (len == 0)
        return "";
    if (!is_plain(text.at, len))
        return pb_repaired(d, (const char *)text.at, len);
    char *copy = draft_alloc(d, len + 1, 1);
    if (!copy)
        return "";
    memcpy(copy, text.at, len);
    copy[len] = '\0';
    return copy;
}

const char *
pb_word(struct decoder *d, struct pb_span text)
{
    const char *word = NULL;
    if (is_plain(text.at, pb_len(text)))
        word = iw_intern((const char *)text.at, pb_len(text));
    return word ? word : pb_text(d, text);
}

/* Ref: meta/v1 Time: seconds 1, nanos 2; the empty message is Go's zero time, which Kubernetes takes
 * for "not set", as year 1. */
static int64_t
pb_time(struct decoder *d, const struct pb_message *m, const struct pb_row *row,
        struct pb_span bytes)
{
    if (pb_len(bytes) == 0)
        return IW_TIME_NONE;
    int64_t parts[] = {0, 0, 0};
    struct pb_field f;
    while (pb_next(&bytes, &f) == PB_FIELD)
        if (f.number < IW_COUNTOF(parts) && f.wire != PB_BYTES)
            parts[f.number] = (int64_t)f.value;
    int64_t seconds = parts[1], nanos = parts[2];
    if (seconds < TIME_LEAST_S || seconds > TIME_MOST_S || nanos < 0 || nanos > 999999999) {
        pb_fail(d, m, row, "a time out of range");
        return IW_TIME_NONE;
    }
    int64_t wall_ms = seconds * 1000 + nanos / 1000000;
    return wall_ms == TIME_LEAST_S * 1000 ? IW_TIME_NONE : wall_ms;
}

/* --- members of a struct whose type only the table knows --- */

static void *
member_at(void *target, size_t offset)
{
    return (char *)target + offset;
}

static void
put_text(void *member, const char *text)
{
    memcpy(member, &text, sizeof(text));
}

static bool
has_text(const void *member)
{
    const char *text;
    memcpy(&text, member, sizeof(text));
    return text[0] != '\0';
}

/* The next free element of an array. */
static void *
next_item(const struct pb_row *row, void *target, size_t size_bytes)
{
    char *items;
    memcpy(&items, member_at(target, row->at), sizeof(items));
    uint32_t *count = member_at(target, row->count);
    return items + (*count)++ * size_bytes;
}

/* target is zeroed. */
static void
make_blank(const struct pb_message *m, void *target)
{
    static const int64_t none = IW_TIME_NONE, minus_one = -1;
    for (uint32_t n = 0; n < m->row_count; n++) {
        const struct pb_row *row = &m->rows[n];
        void *member = member_at(target, row->at);
        if (row->word)
            put_text(member_at(target, row->word - 1u), "");
        if (row->kind == PB_STRING || row->kind == PB_WORD || row->kind == PB_SUBSTITUTE ||
            row->kind == PB_FALLBACK)
            put_text(member, "");
        else if (row->kind == PB_AMOUNT)
            put_text(member, "0");
        else if (row->kind == PB_TIME)
            memcpy(member, &none, sizeof(none));
        else if (row->kind == PB_INT64)
            memcpy(member, &minus_one, sizeof(minus_one));
        else if (row->kind == PB_INSIDE)
            make_blank(row->message, member);
    }
}

void
pb_clear(const struct pb_message *m, void *target)
{
    if (!*m->blank) {
        *m->blank = iw_calloc(1, m->size_bytes);
        make_blank(m, *m->blank);
    }
    memcpy(target, *m->blank, m->size_bytes);
}

/* --- arrays: counted when the first element comes, then filled --- */

/* Whether an element of a list is one of those that are kept. */
static bool
is_needed(const struct pb_row *row, const struct pb_field *f)
{
    return row->need == 0 || pb_bytes(f->bytes, row->need).at != NULL;
}

/* Elements that a field brings, at most: which of them are needed is looked at when they are taken. */
static size_t
count_of(const struct pb_row *row, const struct pb_field *f)
{
    if (row->kind != PB_INT32S || f->wire != PB_BYTES)
        return 1;
    size_t count = 0; /* packed */
    for (const uint8_t *at = f->bytes.at; at < f->bytes.end; at++)
        count += *at < 0x80;
    return count;
}

static size_t
item_size(const struct pb_row *row)
{
    return row->kind == PB_LIST      ? row->message->size_bytes
           : row->kind == PB_STRINGS ? sizeof(const char *)
           : row->kind == PB_INT32S  ? sizeof(int32_t)
                                     : 0;
}

/* The array of a row begins: room for what this field and the rest of the message bring of it. */
static void
make_room(struct decoder *d, const struct pb_row *row, const struct pb_field *first,
          struct pb_span rest, void *target)
{
    size_t count = count_of(row, first);
    struct pb_field f;
    while (pb_next(&rest, &f) == PB_FIELD)
        if (f.number == first->number)
            count += count_of(row, &f);
    void *items = draft_alloc(d, count, item_size(row));
    memcpy(member_at(target, row->at), &items, sizeof(items));
    memset(member_at(target, row->count), 0, sizeof(uint32_t));
}

/* --- one field --- */

static void
take_int32s(const struct pb_row *row, const struct pb_field *f, void *target)
{
    struct pb_span packed = f->bytes;
    uint64_t value = f->value;
    if (f->wire == PB_VARINT) {
        *(int32_t *)next_item(row, target, sizeof(int32_t)) = (int32_t)(uint32_t)value;
        return;
    }
    while (pb_varint(&packed, &value) == PB_FIELD)
        *(int32_t *)next_item(row, target, sizeof(int32_t)) = (int32_t)(uint32_t)value;
}

static void
take_number(const struct pb_row *row, uint64_t value, void *member)
{
    int32_t narrow = (int32_t)(uint32_t)value; /* as Go's decoder cuts it */
    enum tristate tri = value ? TRI_TRUE : TRI_FALSE;
    bool is_true = value != 0;
    if (row->kind == PB_BOOL)
        memcpy(member, &is_true, sizeof(is_true));
    else if (row->kind == PB_TRISTATE)
        memcpy(member, &tri, sizeof(tri));
    else if (row->kind == PB_INT32)
        memcpy(member, &narrow, sizeof(narrow));
    else
        memcpy(member, &value, sizeof(value));
}

static void
take_item(struct decoder *d, const struct pb_row *row, const struct pb_field *f, void *target)
{
    void *item = next_item(row, target, row->message->size_bytes);
    if (row->message->take) {
        row->message->take(d, f->bytes, item);
        return;
    }
    pb_clear(row->message, item);
    pb_fill(d, row->message, f->bytes, item);
}

static void
take_bytes(struct decoder *d, const struct pb_message *m, const struct pb_row *row,
           const struct pb_field *f, void *target)
{
    void *member = member_at(target, row->at);
    int64_t wall_ms;
    switch (row->kind) {
    case PB_STRING:
        put_text(member, pb_text(d, f->bytes));
        break;
    case PB_WORD:
    case PB_AMOUNT:
        put_text(member, pb_word(d, f->bytes));
        break;
    case PB_SUBSTITUTE:
        if (pb_len(f->bytes) > 0)
            put_text(member, pb_text(d, f->bytes));
        break;
    case PB_FALLBACK:
        if (!has_text(member))
            put_text(member, pb_text(d, f->bytes));
        break;
    case PB_TIME:
        wall_ms = pb_time(d, m, row, f->bytes);
        memcpy(member, &wall_ms, sizeof(wall_ms));
        break;
    case PB_STRINGS:
        put_text(next_item(row, target, sizeof(const char *)), pb_text(d, f->bytes));
        break;
    case PB_LIST:
        if (is_needed(row, f))
            take_item(d, row, f, target);
        break;
    case PB_INSIDE:
        pb_fill(d, row->message, f->bytes, member);
        break;
    case PB_CALL:
        row->call(d, f->bytes, member);
        break;
    case PB_SKIP:
    case PB_BOOL:
    case PB_TRISTATE:
    case PB_INT32:
    case PB_INT64:
    case PB_INT32S:
        break;
    }
}

static void
take_field(struct decoder *d, const struct pb_message *m, const struct pb_field *f, void *target)
{
    const struct pb_row *row = &m->rows[f->number];
    bool is_number = row->kind == PB_BOOL || row->kind == PB_TRISTATE || row->kind == PB_INT32 ||
                     row->kind == PB_INT64;
    if (row->flag)
        *(bool *)member_at(target, row->flag - 1u) = true;
    if (row->word)
        put_text(member_at(target, row->word - 1u), row->name);
    if (row->kind == PB_INT32S && (f->wire == PB_VARINT || f->wire == PB_BYTES))
        take_int32s(row, f, target);
    else if (f->wire != (is_number ? PB_VARINT : PB_BYTES))
        pb_fail(d, m, row, "not the kind of value it should be");
    else if (is_number)
        take_number(row, f->value, member_at(target, row->at));
    else
        take_bytes(d, m, row, f, target);
}

void
pb_fill(struct decoder *d, const struct pb_message *m, struct pb_span bytes, void *target)
{
    if (d->code != IW_OK)
        return;
    if (d->depth >= PB_DEPTH_MAX || m->row_count > PB_ROWS_MAX) {
        d->code = iw_fail(d->err, IW_ERR_INTERNAL, "%s is nested too deeply", m->name);
        return;
    }
    d->depth++;
    uint64_t begun = 0; /* arrays, by number */
    struct pb_field f;
    enum pb_step step = PB_END;
    while (d->code == IW_OK && (step = pb_next(&bytes, &f)) == PB_FIELD) {
        if (f.number >= m->row_count || m->rows[f.number].kind == PB_SKIP)
            continue;
        const struct pb_row *row = &m->rows[f.number];
        uint64_t bit = UINT64_C(1) << f.number;
        if (item_size(row) > 0 && !(begun & bit)) {
            begun |= bit;
            make_room(d, row, &f, bytes, target);
        }
        if (d->code == IW_OK)
            take_field(d, m, &f, target);
    }
    if (step == PB_BROKEN && d->code == IW_OK)
        d->code = iw_fail(d->err, IW_ERR_PARSE, "%s is not well-formed protobuf", m->name);
    d->depth--;
}

/* --- shared messages --- */

/* Ref: apimachinery/pkg/api/resource/generated.proto, message Quantity. */
static const struct pb_row quantity_rows[] = {
    [1] = PB_AT(PB_AMOUNT, struct resource_item, text),
};
static const struct pb_message quantity =
    PB_MESSAGE("Quantity", struct resource_item, quantity_rows);
static const struct pb_row amount_rows[] = {
    [1] = PB_AT(PB_WORD, struct resource_item, name),
    [2] = {.kind = PB_INSIDE, .message = &quantity},
};
const struct pb_message pb_amount = PB_MESSAGE("resources", struct resource_item, amount_rows);

enum { OBJECT_METADATA = 1, META_NAME = 1, META_NAMESPACE = 3, META_RESOURCE_VERSION = 6 };

struct pb_span
pb_object_version(struct pb_span object)
{
    return pb_bytes(pb_bytes(object, OBJECT_METADATA), META_RESOURCE_VERSION);
}

void
pb_object_names(struct pb_span object, char *ns, size_t ns_size, char *name, size_t name_size)
{
    struct pb_span metadata = pb_bytes(object, OBJECT_METADATA);
    pb_copy(pb_bytes(metadata, META_NAMESPACE), ns, ns_size);
    pb_copy(pb_bytes(metadata, META_NAME), name, name_size);
}
