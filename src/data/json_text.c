/* json_text: repairs on JSON text before it is parsed.
 *
 * Kubernetes parses the raw token of a quantity ("128e6" is DecimalExponent, "0.10" keeps its
 * digits), and jansson would turn it into a double. Quoting the few such tokens costs one pass that
 * mostly jumps over strings by memchr. SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <string.h>

#include "initwatch/base/utf8.h"

/* What always fits an int64. */
#define JSON_TEXT_EXACT_DIGITS 18

/* Index just behind the string that opens at `at`, or len when it does not end. */
static size_t
json_text_skip_string(const char *bytes, size_t len, size_t at)
{
    size_t from = at + 1;
    while (from < len) {
        const char *quote = memchr(bytes + from, '"', len - from);
        if (!quote)
            return len;
        size_t end = (size_t)(quote - bytes);
        size_t slashes = 0;
        while (end - slashes > at + 1 && bytes[end - slashes - 1] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return end + 1;
        from = end + 1;
    }
    return len;
}

/* Index behind the array or object that opens at `at`, or len when it does not end. */
static size_t
json_text_skip_value(const char *bytes, size_t len, size_t at)
{
    size_t depth = 0;
    while (at < len) {
        char c = bytes[at];
        if (c == '"') {
            at = json_text_skip_string(bytes, len, at);
            continue;
        }
        at++;
        if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && --depth == 0)
            return at;
    }
    return len;
}

static bool
json_text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t
json_text_digits(const char *token, size_t len, size_t at)
{
    while (at < len && json_text_is_digit(token[at]))
        at++;
    return at;
}

/* True if the token is a JSON number (RFC 8259, 6) that an int64 cannot hold as written. */
static bool
json_text_is_inexact(const char *token, size_t len)
{
    size_t at = token[0] == '-' ? 1 : 0;
    size_t start = at;
    at = json_text_digits(token, len, at);
    if (at == start || (token[start] == '0' && at - start > 1))
        return false;
    bool inexact = at - start > JSON_TEXT_EXACT_DIGITS;
    if (at < len && token[at] == '.') {
        size_t fraction = at + 1;
        at = json_text_digits(token, len, fraction);
        if (at == fraction)
            return false;
        inexact = true;
    }
    if (at < len && (token[at] == 'e' || token[at] == 'E')) {
        at++;
        if (at < len && (token[at] == '+' || token[at] == '-'))
            at++;
        size_t exponent = at;
        at = json_text_digits(token, len, exponent);
        if (at == exponent)
            return false;
        inexact = true;
    }
    return inexact && at == len;
}

static size_t
json_text_number_end(const char *bytes, size_t len, size_t at)
{
    while (at < len && (json_text_is_digit(bytes[at]) || memchr("+-.eE", bytes[at], 5) != NULL))
        at++;
    return at;
}

/* If a member "managedFields" with an array ends its name at `at`, where the array opens; else 0.
 */
static size_t
json_text_managed_array(const char *bytes, size_t len, size_t open, size_t at)
{
    static const char name[] = "\"managedFields\"";
    if (at - open != sizeof(name) - 1 || memcmp(bytes + open, name, sizeof(name) - 1) != 0)
        return 0;
    bool colon = false;
    for (; at < len; at++) {
        char c = bytes[at];
        if (c == ':' && !colon)
            colon = true;
        else if (c == '[' && colon)
            return at;
        else if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return 0;
    }
    return 0;
}

/* The text that is being rewritten: bytes before `copied` are in out already. */
struct json_text_edit {
    const char *bytes;
    size_t copied;
    bool changed;
    struct strbuf *out;
};

/* Replace bytes[from..to) by the text between two marks. */
static void
json_text_replace(struct json_text_edit *edit, size_t from, size_t to, const char *text, size_t len)
{
    if (!edit->changed)
        strbuf_clear(edit->out);
    edit->changed = true;
    strbuf_add(edit->out, edit->bytes + edit->copied, from - edit->copied);
    strbuf_add(edit->out, text, len);
    edit->copied = to;
}

static bool
json_text_finish(struct json_text_edit *edit, size_t len)
{
    if (edit->changed)
        strbuf_add(edit->out, edit->bytes + edit->copied, len - edit->copied);
    return edit->changed;
}

bool
json_text_prepare(const char *bytes, size_t len, bool drop_managed, struct strbuf *out)
{
    struct json_text_edit edit = {.bytes = bytes, .out = out};
    size_t at = 0;
    while (at < len) {
        char c = bytes[at];
        if (c == '"') {
            size_t end = json_text_skip_string(bytes, len, at);
            size_t array = drop_managed ? json_text_managed_array(bytes, len, at, end) : 0;
            if (array) {
                end = json_text_skip_value(bytes, len, array);
                if (end < len)
                    json_text_replace(&edit, array, end, "[]", 2);
            }
            at = end;
        } else if (json_text_is_digit(c) || c == '-') {
            size_t end = json_text_number_end(bytes, len, at);
            if (json_text_is_inexact(bytes + at, end - at)) {
                json_text_replace(&edit, at, at, "\"", 1);
                json_text_replace(&edit, end, end, "\"", 1);
                /* The token itself was taken over by the second call: only quotes were put in. */
            }
            at = end;
        } else {
            at++;
        }
    }
    return json_text_finish(&edit, len);
}

/* Value of the escape \uXXXX at bytes[at], or -1 when there is none. */
static int
json_text_escape(const char *bytes, size_t len, size_t at)
{
    if (at + 6 > len || bytes[at] != '\\' || bytes[at + 1] != 'u')
        return -1;
    int value = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = bytes[i];
        int digit = json_text_is_digit(c)    ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Bytes that one escape takes; *lone when it is half of a surrogate pair without the other. */
static size_t
json_text_escape_len(const char *bytes, size_t len, size_t at, bool *lone)
{
    int value = json_text_escape(bytes, len, at);
    *lone = false;
    if (value < 0)
        return at + 2 <= len ? 2 : 1;
    if (value < 0xD800 || value > 0xDFFF)
        return 6;
    int low = value < 0xDC00 ? json_text_escape(bytes, len, at + 6) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF)
        return 12;
    *lone = true;
    return 6;
}

bool
json_text_repair(const char *bytes, size_t len, struct strbuf *out)
{
    struct json_text_edit edit = {.bytes = bytes, .out = out};
    size_t at = 0;
    while (at < len) {
        size_t taken = 1;
        if (bytes[at] == '\\') {
            bool lone;
            taken = json_text_escape_len(bytes, len, at, &lone);
            if (lone)
                json_text_replace(&edit, at, at + taken, "\\ufffd", 6);
            /* An escape can stand before a broken byte: look at that one again. */
            if (taken == 2 && (unsigned char)bytes[at + 1] >= 0x80)
                taken = 1;
        } else if ((unsigned char)bytes[at] >= 0x80) {
            uint32_t cp = utf8_next(bytes + at, len - at, &taken);
            /* U+FFFD itself is three bytes; a broken sequence gives it for what it is. */
            bool genuine = taken == 3 && memcmp(bytes + at, "\xEF\xBF\xBD", 3) == 0;
            if (cp == UTF8_REPLACEMENT && !genuine)
                json_text_replace(&edit, at, at + taken, "\xEF\xBF\xBD", 3);
        }
        at += taken;
    }
    return json_text_finish(&edit, len);
}
