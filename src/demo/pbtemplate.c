/* pbtemplate: see the header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pbtemplate.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/vec.h"

#define MARK_BYTE '\x01'

enum part_kind { PART_BYTES, PART_TEXT, PART_NUMBER, PART_INSIDE };
struct part {
    enum part_kind kind;
    uint32_t number;  /* of the field; not of PART_BYTES */
    char letter;      /* of PART_TEXT and PART_NUMBER */
    size_t at, len;   /* PART_BYTES: where in the template */
    size_t end;       /* PART_INSIDE: index behind its last part */
    size_t body_size; /* PART_INSIDE: of its message, since the last pbtemplate_size */
};
struct pbtemplate {
    char *bytes;
    const char *numbers;
    VEC(struct part) parts; /* a message's parts follow it */
};

/* --- cutting --- */

static bool
has_mark(const char *bytes, size_t len)
{
    for (size_t i = 0; i + PBTEMPLATE_MARK_BYTES <= len; i++)
        if (bytes[i] == MARK_BYTE && bytes[i + 1] >= 'a' && bytes[i + 1] <= 'z' &&
            bytes[i + 2] == MARK_BYTE)
            return true;
    return false;
}

static uint64_t
read_varint(const char *bytes, size_t *at)
{
    uint64_t value = 0;
    unsigned shift = 0;
    do {
        value |= (uint64_t)(bytes[*at] & 0x7f) << shift;
        shift += 7;
    } while (bytes[(*at)++] & 0x80);
    return value;
}

static void
add_bytes(struct pbtemplate *t, size_t at, size_t end)
{
    if (end > at)
        vec_push(&t->parts, ((struct part){.kind = PART_BYTES, .at = at, .len = end - at}));
}

/* Cut the message at [at, end). The bytes come from our own encoder: they are well formed. */
static void
cut(struct pbtemplate *t, size_t at, size_t end)
{
    size_t plain = at; /* bytes from here on have no mark */
    while (at < end) {
        size_t field = at;
        uint64_t tag = read_varint(t->bytes, &at);
        size_t len = (size_t)read_varint(t->bytes, &at);
        if ((tag & 7) == 0)
            continue; /* a number, which was just read */
        size_t body = at;
        at += len;
        if (!has_mark(t->bytes + body, len))
            continue;
        add_bytes(t, plain, field);
        plain = at;
        struct part part = {.kind = PART_INSIDE, .number = (uint32_t)(tag >> 3)};
        if (len == PBTEMPLATE_MARK_BYTES) {
            part.letter = t->bytes[body + 1];
            part.kind = strchr(t->numbers, part.letter) ? PART_NUMBER : PART_TEXT;
        }
        size_t index = t->parts.len;
        vec_push(&t->parts, part);
        if (part.kind == PART_INSIDE) {
            cut(t, body, at);
            t->parts.items[index].end = t->parts.len;
        }
    }
    add_bytes(t, plain, end);
}

struct pbtemplate *
pbtemplate_new(const struct strbuf *message, const char *numbers)
{
    struct pbtemplate *t = iw_calloc(1, sizeof(*t));
    t->bytes = iw_malloc(message->len + 1);
    memcpy(t->bytes, message->data, message->len);
    t->numbers = numbers;
    cut(t, 0, message->len);
    return t;
}

void
pbtemplate_free(struct pbtemplate *t)
{
    if (!t)
        return;
    vec_free(&t->parts);
    free(t->bytes);
    free(t);
}

/* --- filling --- */

static const char *
text_of(const struct part *part, const struct pbtemplate_values *values)
{
    const char *text = values->texts[part->letter - 'a'];
    return text ? text : "";
}

/* The size of the parts [from, to); lengths of the messages among them are kept for the writer. */
static size_t
size_of(struct pbtemplate *t, const struct pbtemplate_values *values, size_t from, size_t to)
{
    size_t sum = 0;
    for (size_t i = from; i < to; i++) {
        struct part *part = &t->parts.items[i];
        size_t len = 0;
        switch (part->kind) {
        case PART_BYTES:
            sum += part->len;
            break;
        case PART_TEXT:
            len = strlen(text_of(part, values));
            sum += pbform_head_size(part->number, len) + len;
            break;
        case PART_NUMBER:
            sum += pbform_varint_size((uint64_t)part->number << 3) +
                   pbform_varint_size(strtoull(text_of(part, values), NULL, 10));
            break;
        case PART_INSIDE:
            part->body_size = size_of(t, values, i + 1, part->end);
            sum += pbform_head_size(part->number, part->body_size) + part->body_size;
            i = part->end - 1;
            break;
        }
    }
    return sum;
}

size_t
pbtemplate_size(struct pbtemplate *t, const struct pbtemplate_values *values)
{
    return size_of(t, values, 0, t->parts.len);
}

void
pbtemplate_write(struct pbtemplate *t, const struct pbtemplate_values *values, struct strbuf *out)
{
    (void)pbtemplate_size(t, values);
    for (size_t i = 0; i < t->parts.len; i++) {
        const struct part *part = &t->parts.items[i];
        const char *text;
        switch (part->kind) {
        case PART_BYTES:
            strbuf_add(out, t->bytes + part->at, part->len);
            break;
        case PART_TEXT:
            text = text_of(part, values);
            pbform_head(out, part->number, strlen(text));
            strbuf_adds(out, text);
            break;
        case PART_NUMBER:
            pbform_varint(out, (uint64_t)part->number << 3);
            pbform_varint(out, strtoull(text_of(part, values), NULL, 10));
            break;
        case PART_INSIDE:
            pbform_head(out, part->number, part->body_size);
            break;
        }
    }
}
