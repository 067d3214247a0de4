/* json_read: JSON text to jansson values.
 *
 * jansson reads byte by byte through a function pointer, which was 60 % of the time that a list of
 * pods took. This reader looks at slices of the text, and can do on the way what Kubernetes needs:
 * the raw token of a quantity ("128e6" is DecimalExponent, "0.10" keeps its digits), U+FFFD for
 * damaged text as Go's decoder writes it, and no work for managedFields, which are about half of a
 * pod. Ref: RFC 8259.
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_read.h"

#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"

/* What always fits an int64. */
#define JSON_EXACT_DIGITS 18

struct json_reader {
    const char *start, *at, *end;
    struct json_read_options options;
    struct strbuf scratch; /* the string being read, when it is not a slice of the text */
    int depth;
    const char *what; /* the first failure */
};

struct json_slice {
    const char *text;
    size_t len;
};

static json_t *json_read_value(struct json_reader *r);

static json_t *
json_broken(struct json_reader *r, const char *what)
{
    if (!r->what)
        r->what = what;
    return NULL;
}

static json_t *
json_or_memory(struct json_reader *r, json_t *value)
{
    return value ? value : json_broken(r, "out of memory");
}

/* The next byte that is no blank, not taken; NUL at the end. */
static char
json_peek(struct json_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
    return r->at < r->end ? *r->at : '\0';
}

/* --- strings --- */

/* Bytes that end a plain run: quote, backslash, control characters, everything beyond ASCII. */
static bool
json_is_plain(char c)
{
    return c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Where the plain run at `at` ends. */
static const char *
json_plain_end(const char *at, const char *end)
{
    while (at < end && json_is_plain(*at))
        at++;
    return at;
}

/* Value of four hex digits at r->at, taken; -1 (nothing taken) when there are none. */
static int
json_hex4(struct json_reader *r)
{
    if (r->end - r->at < 4)
        return -1;
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    r->at += 4;
    return value;
}

/* Code point of an escape \uXXXX whose "\u" is taken; half of a pair without the other is U+FFFD.
 * -1 broken. */
static int
json_unicode_escape(struct json_reader *r)
{
    int high = json_hex4(r);
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    const char *before = r->at;
    if (high < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        int low = json_hex4(r);
        if (low >= 0xDC00 && low <= 0xDFFF)
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        r->at = before;
    }
    return (int)UTF8_REPLACEMENT;
}

/* An escape whose backslash is at r->at, appended to scratch. */
static bool
json_escape(struct json_reader *r)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = r->end - r->at > 1 ? r->at[1] : '\0';
    const char *name = c ? strchr(names, c) : NULL;
    r->at += c ? 2 : 1;
    if (name)
        return strbuf_addc(&r->scratch, values[name - names]);
    int cp = c == 'u' ? json_unicode_escape(r) : -1;
    if (cp < 0) {
        json_broken(r, "broken escape in a string");
        return false;
    }
    char utf8[4];
    return strbuf_add(&r->scratch, utf8, utf8_encode((uint32_t)cp, utf8));
}

/* Bytes of the character at r->at that stands beyond ASCII; 0 when it is broken, then *taken says
 * what to skip. */
static size_t
json_utf8_len(const struct json_reader *r, size_t *taken)
{
    uint32_t cp = utf8_next(r->at, (size_t)(r->end - r->at), taken);
    bool genuine = cp != UTF8_REPLACEMENT || (*taken == 3 && memcmp(r->at, "\xEF\xBF\xBD", 3) == 0);
    return genuine ? *taken : 0;
}

/* The rest of a string that cannot be a slice; what came before r->at is in scratch. */
static bool
json_string_slow(struct json_reader *r)
{
    while (r->at < r->end && *r->at != '"') {
        unsigned char c = (unsigned char)*r->at;
        if (c == '\\') {
            if (!json_escape(r))
                return false;
        } else if (c >= 0x80) {
            size_t taken, len = json_utf8_len(r, &taken);
            strbuf_add(&r->scratch, len ? r->at : "\xEF\xBF\xBD", len ? len : 3);
            r->at += taken;
        } else if (c < ' ') {
            json_broken(r, "a control character in a string");
            return false;
        } else {
            const char *run = r->at;
            while (r->at < r->end && json_is_plain(*r->at))
                r->at++;
            strbuf_add(&r->scratch, run, (size_t)(r->at - run));
        }
    }
    return true;
}

/* The string whose opening quote is at r->at. A slice of the text where possible, else of scratch.
 */
static bool
json_read_string(struct json_reader *r, struct json_slice *out)
{
    const char *from = ++r->at;
    bool plain = true;
    while (r->at < r->end && *r->at != '"' && plain) {
        r->at = json_plain_end(r->at, r->end);
        if (r->at == r->end || *r->at == '"')
            break;
        size_t taken = 0;
        plain = (unsigned char)*r->at >= 0x80 && json_utf8_len(r, &taken) > 0;
        r->at += plain ? taken : 0;
    }
    *out = (struct json_slice){from, (size_t)(r->at - from)};
    if (!plain) {
        strbuf_clear(&r->scratch);
        strbuf_add(&r->scratch, from, out->len);
        if (!json_string_slow(r))
            return false;
        *out = (struct json_slice){r->scratch.data, r->scratch.len};
    }
    if (r->at == r->end) {
        json_broken(r, "the text ends in a string");
        return false;
    }
    r->at++;
    return true;
}

/* --- numbers and words --- */

static size_t
json_digits(struct json_reader *r)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return (size_t)(r->at - from);
}

static json_t *
json_read_number(struct json_reader *r)
{
    const char *from = r->at;
    bool negative = *r->at == '-';
    r->at += negative ? 1 : 0;
    const char *digits = r->at;
    size_t count = json_digits(r);
    bool exact = count <= JSON_EXACT_DIGITS;
    if (count == 0 || (digits[0] == '0' && count > 1))
        return json_broken(r, "broken number");
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        exact = false;
        if (json_digits(r) == 0)
            return json_broken(r, "broken number");
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        exact = false;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        if (json_digits(r) == 0)
            return json_broken(r, "broken number");
    }
    if (!exact)
        return json_or_memory(r, json_stringn_nocheck(from, (size_t)(r->at - from)));
    json_int_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return json_or_memory(r, json_integer(negative ? -value : value));
}

static json_t *
json_read_word(struct json_reader *r)
{
    static const struct {
        const char *text;
        size_t len;
    } words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    size_t left = (size_t)(r->end - r->at);
    for (size_t i = 0; i < IW_COUNTOF(words); i++) {
        if (left < words[i].len || memcmp(r->at, words[i].text, words[i].len) != 0)
            continue;
        r->at += words[i].len;
        return i == 0 ? json_true() : i == 1 ? json_false() : json_null();
    }
    return json_broken(r, r->at == r->end ? "the text ends where a value is expected"
                                          : "a value is expected here");
}

/* --- arrays and objects --- */

static json_t *
json_read_array(struct json_reader *r)
{
    json_t *array = json_or_memory(r, json_array());
    r->at++;
    if (array && json_peek(r) == ']') {
        r->at++;
        return array;
    }
    while (array) {
        json_t *value = json_read_value(r);
        if (!value || json_array_append_new(array, value) != 0) {
            json_broken(r, "out of memory");
            break;
        }
        char c = json_peek(r);
        if (c != ',' && c != ']') {
            json_broken(r, "expected a comma or ']'");
            break;
        }
        r->at++;
        if (c == ']')
            return array;
    }
    json_decref(array);
    return NULL;
}

/* Pass over an array without reading it: only strings and brackets are followed. */
static json_t *
json_skip_array(struct json_reader *r)
{
    const char *before = r->at;
    size_t depth = 0;
    while (r->at < r->end) {
        char c = *r->at;
        if (c == '"') {
            struct json_slice ignored;
            if (!json_read_string(r, &ignored))
                return NULL;
            continue;
        }
        r->at++;
        if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && --depth == 0)
            return json_or_memory(r, json_array());
    }
    r->at = before;
    return json_broken(r, "the text ends in an array");
}

/* One member, from its name to behind its value. */
static bool
json_read_member(struct json_reader *r, json_t *object)
{
    static const char managed[] = "managedFields";
    struct json_slice key;
    if (json_peek(r) != '"') {
        json_broken(r, "expected a member's name");
        return false;
    }
    if (!json_read_string(r, &key))
        return false;
    if (memchr(key.text, '\0', key.len)) {
        json_broken(r, "a NUL in a member's name");
        return false;
    }
    if (r->options.reject_duplicates && json_object_getn(object, key.text, key.len)) {
        json_broken(r, "a member is there twice");
        return false;
    }
    if (json_peek(r) != ':') {
        json_broken(r, "expected ':'");
        return false;
    }
    r->at++;
    /* The value is read before the key is used: a key in scratch must be kept aside. */
    char local[64];
    iw_autofree char *large = NULL;
    if (key.text == r->scratch.data) {
        large = key.len < sizeof(local) ? NULL : iw_strndup(key.text, key.len);
        key.text = large ? large : memcpy(local, key.text, key.len);
    }
    bool skip = r->options.drop_managed && key.len == sizeof(managed) - 1 &&
                memcmp(key.text, managed, key.len) == 0 && json_peek(r) == '[';
    json_t *value = skip ? json_skip_array(r) : json_read_value(r);
    if (value && json_object_setn_new_nocheck(object, key.text, key.len, value) == 0)
        return true;
    json_broken(r, "out of memory");
    return false;
}

static json_t *
json_read_object(struct json_reader *r)
{
    json_t *object = json_or_memory(r, json_object());
    r->at++;
    if (object && json_peek(r) == '}') {
        r->at++;
        return object;
    }
    while (object && json_read_member(r, object)) {
        char c = json_peek(r);
        if (c != ',' && c != '}') {
            json_broken(r, "expected a comma or '}'");
            break;
        }
        r->at++;
        if (c == '}')
            return object;
    }
    json_decref(object);
    return NULL;
}

static json_t *
json_read_value(struct json_reader *r)
{
    char c = json_peek(r);
    if (c == '"') {
        struct json_slice text;
        if (!json_read_string(r, &text))
            return NULL;
        return json_or_memory(r, json_stringn_nocheck(text.text, text.len));
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return json_read_number(r);
    if (c != '{' && c != '[')
        return json_read_word(r);
    if (r->depth >= LIMIT_JSON_DEPTH)
        return json_broken(r, "it is nested too deep");
    r->depth++;
    json_t *value = c == '{' ? json_read_object(r) : json_read_array(r);
    r->depth--;
    return value;
}

json_t *
json_read(const char *bytes, size_t len, struct json_read_options options,
          struct json_read_error *error)
{
    struct json_reader r = {.start = bytes, .at = bytes, .end = bytes + len, .options = options};
    /* A broken byte becomes three. */
    strbuf_init(&r.scratch, len * 3 + 64);
    char c = json_peek(&r);
    json_t *root =
        c == '{' || c == '[' ? json_read_value(&r) : json_broken(&r, "an object is expected here");
    if (root)
        json_peek(&r);
    if (root && r.at < r.end) {
        json_decref(root);
        root = json_broken(&r, "more text behind the document");
    }
    strbuf_free(&r.scratch);
    if (root)
        return root;
    *error = (struct json_read_error){.line = 1, .column = 1, .what = r.what};
    for (const char *at = r.start; at < r.at; at++) {
        error->column = *at == '\n' ? 1 : error->column + 1;
        error->line += *at == '\n';
    }
    return NULL;
}
