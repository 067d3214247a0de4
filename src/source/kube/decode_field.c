/* decode_field: typed access to members of a JSON object, with the path for messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode_field.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"

/* 0001-01-01T00:00:00Z */
#define GO_ZERO_TIME_MS (-62135596800000)
/* Numbers with more digits arrive as strings (jarena.h). */
#define EXACT_DIGITS 18
#define PATH_CEILING_BYTES 512

static const char *
decode_type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

static void
decode_path(struct strbuf *path, const struct node *n)
{
    if (!n->up)
        return;
    decode_path(path, n->up);
    if (n->key)
        strbuf_addf(path, "%s%s", path->len ? "." : "", n->key);
    else
        strbuf_addf(path, "[%zu]", n->index);
}

/* Set the error "PATH.key: what"; the first one stays. */
static void
decode_fail(struct decoder *d, const struct node *n, const char *key, const char *what)
{
    if (d->code != IW_OK)
        return;
    strbuf_auto path;
    strbuf_init(&path, PATH_CEILING_BYTES);
    decode_path(&path, n);
    if (key)
        strbuf_addf(&path, "%s%s", path.len ? "." : "", key);
    d->code = iw_fail(d->err, IW_ERR_PARSE, "%s%s%s", path.data, path.len ? ": " : "", what);
}

/* Set the error: "spec.containers[1].name: expected a string, found a number". */
static void
decode_expected(struct decoder *d, const struct node *n, const char *key, const char *what,
                const json_t *found)
{
    char text[96];
    snprintf(text, sizeof(text), "expected %s, found %s", what, decode_type_name(found));
    decode_fail(d, n, key, text);
}

void *
draft_alloc(struct decoder *d, size_t count, size_t size_bytes)
{
    if (count == 0)
        return NULL;
    void *ptr = count > d->arena->ceiling_bytes / size_bytes
                    ? NULL
                    : arena_alloc(d->arena, count * size_bytes);
    if (!ptr && d->code == IW_OK)
        d->code = iw_fail(d->err, IW_ERR_TOO_BIG, "the object has too many parts");
    return ptr;
}

const char *
draft_printf(struct decoder *d, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = len >= 0 ? draft_alloc(d, (size_t)len + 1, 1) : NULL;
    if (text)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text ? text : "";
}

const json_t *
field_get(const struct node *n, const char *key)
{
    const json_t *value = n->json ? json_object_get(n->json, key) : NULL;
    return json_is_null(value) ? NULL : value;
}

/* The string's text; NUL bytes, which a message can hold, become U+FFFD because texts end at NUL
 * here. */
static const char *
decode_text(struct decoder *d, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    if (strlen(text) == len)
        return text;
    char *copy = draft_alloc(d, len * 3 + 1, 1);
    if (!copy)
        return "";
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\0') {
            copy[at++] = text[i];
        } else {
            memcpy(copy + at, "\xEF\xBF\xBD", 3);
            at += 3;
        }
    }
    copy[at] = '\0';
    return copy;
}

const char *
field_string(struct decoder *d, const struct node *n, const char *key)
{
    const json_t *value = field_get(n, key);
    if (!value)
        return "";
    if (json_is_string(value))
        return decode_text(d, value);
    decode_expected(d, n, key, "a string", value);
    return "";
}

enum tristate
field_tristate(struct decoder *d, const struct node *n, const char *key)
{
    const json_t *value = field_get(n, key);
    if (!value)
        return TRI_UNKNOWN;
    if (!json_is_boolean(value)) {
        decode_expected(d, n, key, "true or false", value);
        return TRI_UNKNOWN;
    }
    return json_is_true(value) ? TRI_TRUE : TRI_FALSE;
}

bool
field_bool(struct decoder *d, const struct node *n, const char *key)
{
    return field_tristate(d, n, key) == TRI_TRUE;
}

/* An integer, also one that arrived as a string because of its length. */
static bool
decode_integer(const json_t *value, int64_t *out)
{
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return true;
    }
    if (!json_is_string(value) || json_string_length(value) <= EXACT_DIGITS)
        return false;
    const char *text = json_string_value(value);
    char *end;
    errno = 0;
    intmax_t number = strtoimax(text, &end, 10);
    if (*end != '\0' || errno != 0 || !strchr("-0123456789", text[0]))
        return false;
    *out = number;
    return true;
}

int64_t
field_int64(struct decoder *d, const struct node *n, const char *key, int64_t absent)
{
    const json_t *value = field_get(n, key);
    int64_t number = absent;
    if (value && !decode_integer(value, &number))
        decode_expected(d, n, key, "a whole number", value);
    return number;
}

static int32_t
decode_narrow(struct decoder *d, const struct node *n, const char *key, int64_t number)
{
    if (number >= INT32_MIN && number <= INT32_MAX)
        return (int32_t)number;
    decode_fail(d, n, key, "the number does not fit 32 bits");
    return 0;
}

int32_t
field_int32(struct decoder *d, const struct node *n, const char *key, int32_t absent)
{
    return decode_narrow(d, n, key, field_int64(d, n, key, absent));
}

int64_t
field_time(struct decoder *d, const struct node *n, const char *key)
{
    const json_t *value = field_get(n, key);
    int64_t wall_ms = IW_TIME_NONE;
    if (!value)
        return IW_TIME_NONE;
    if (!json_is_string(value))
        decode_expected(d, n, key, "a time", value);
    else if (rfc3339_parse(json_string_value(value), json_string_length(value), &wall_ms, NULL) !=
             IW_OK)
        decode_fail(d, n, key, "expected a time such as 2026-06-15T12:00:00Z");
    return wall_ms == GO_ZERO_TIME_MS ? IW_TIME_NONE : wall_ms;
}

struct node
field_object(struct decoder *d, const struct node *n, const char *key)
{
    const json_t *value = field_get(n, key);
    if (value && !json_is_object(value)) {
        decode_expected(d, n, key, "an object", value);
        value = NULL;
    }
    return (struct node){.json = value, .up = n, .key = key};
}

struct node
field_array(struct decoder *d, const struct node *n, const char *key, size_t *count)
{
    const json_t *value = field_get(n, key);
    if (value && !json_is_array(value)) {
        decode_expected(d, n, key, "a list", value);
        value = NULL;
    }
    *count = json_array_size(value);
    return (struct node){.json = value, .up = n, .key = key};
}

struct node
element_object(struct decoder *d, const struct node *list, size_t i)
{
    const json_t *value = json_array_get(list->json, i);
    struct node element = {.json = value, .up = list, .index = i};
    if (!json_is_object(value)) {
        if (!json_is_null(value))
            decode_expected(d, &element, NULL, "an object", value);
        element.json = NULL;
    }
    return element;
}

const char *
element_string(struct decoder *d, const struct node *list, size_t i)
{
    const json_t *value = json_array_get(list->json, i);
    struct node element = {.json = value, .up = list, .index = i};
    if (json_is_string(value))
        return decode_text(d, value);
    if (!json_is_null(value))
        decode_expected(d, &element, NULL, "a string", value);
    return "";
}

int32_t
element_int32(struct decoder *d, const struct node *list, size_t i)
{
    const json_t *value = json_array_get(list->json, i);
    struct node element = {.json = value, .up = list, .index = i};
    int64_t number = 0;
    if (!json_is_null(value) && !decode_integer(value, &number))
        decode_expected(d, &element, NULL, "a whole number", value);
    return decode_narrow(d, &element, NULL, number);
}

const char *
decode_amount(struct decoder *d, const struct node *n, const char *key, const json_t *value)
{
    if (json_is_null(value))
        return "0";
    if (json_is_integer(value))
        return draft_printf(d, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return draft_printf(d, "%.17g", json_real_value(value));
    if (!json_is_string(value)) {
        decode_expected(d, n, key, "an amount (a string or a number)", value);
        return "0";
    }
    const char *text = decode_text(d, value);
    size_t len = strlen(text);
    size_t start = strspn(text, " ");
    size_t end = len;
    while (end > start && text[end - 1] == ' ')
        end--;
    if (start == 0 && end == len)
        return text;
    return draft_printf(d, "%.*s", (int)(end - start), text + start);
}
