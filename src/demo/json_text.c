/* json_text: see the header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <stdio.h>
#include <string.h>

/* What is written goes here first: most pieces are a character or two. */
struct piece {
    struct strbuf *out;
    size_t len;
    char text[480];
};

static void
flush(struct piece *p)
{
    strbuf_add(p->out, p->text, p->len);
    p->len = 0;
}

static void
add(struct piece *p, const char *text, size_t len)
{
    if (len > sizeof(p->text) - p->len)
        flush(p);
    if (len > sizeof(p->text)) {
        strbuf_add(p->out, text, len);
        return;
    }
    memcpy(p->text + p->len, text, len);
    p->len += len;
}

static void
add_char(struct piece *p, char c)
{
    if (p->len == sizeof(p->text))
        flush(p);
    p->text[p->len++] = c;
}

/* What a character that cannot stand for itself is written as. */
static const char *
escape_of(unsigned char c, char room[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        (void)snprintf(room, 8, "\\u%04X", c);
        return room;
    }
}

/* A tree holds valid UTF-8 only, so that bytes above 0x7F need no look. */
static void
add_string(struct piece *p, const char *text, size_t len)
{
    size_t from = 0;
    add_char(p, '"');
    for (size_t at = 0; at < len; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        char room[8];
        const char *escape = escape_of(c, room);
        add(p, text + from, at - from);
        add(p, escape, strlen(escape));
        from = at + 1;
    }
    add(p, text + from, len - from);
    add_char(p, '"');
}

static void
add_integer(struct piece *p, json_int_t value)
{
    char digits[24];
    size_t at = sizeof(digits);
    bool negative = value < 0;
    uint64_t left = negative ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (negative)
        digits[--at] = '-';
    add(p, digits + at, sizeof(digits) - at);
}

static void add_value(struct piece *p, const json_t *value);

static void
add_object(struct piece *p, json_t *object)
{
    bool first = true;
    add_char(p, '{');
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        if (!first)
            add_char(p, ',');
        first = false;
        add_string(p, key, strlen(key));
        add_char(p, ':');
        add_value(p, json_object_iter_value(i));
    }
    add_char(p, '}');
}

static void
add_array(struct piece *p, const json_t *array)
{
    add_char(p, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            add_char(p, ',');
        add_value(p, json_array_get(array, i));
    }
    add_char(p, ']');
}

static void
add_real(struct piece *p, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    add(p, text ? text : "0", text ? strlen(text) : 1);
    free(text);
}

static void
add_value(struct piece *p, const json_t *value)
{
    if (!value) {
        add(p, "null", 4);
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(p, (json_t *)(uintptr_t)value);
        break;
    case JSON_ARRAY:
        add_array(p, value);
        break;
    case JSON_STRING:
        add_string(p, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        add_integer(p, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(p, value);
        break;
    case JSON_TRUE:
        add(p, "true", 4);
        break;
    case JSON_FALSE:
        add(p, "false", 5);
        break;
    case JSON_NULL:
        add(p, "null", 4);
        break;
    }
}

void
json_text_add(struct strbuf *out, const json_t *value)
{
    struct piece p = {.out = out};
    add_value(&p, value);
    flush(&p);
}
