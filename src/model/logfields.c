/* logfields: a scanner that never goes back and never allocates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logfields.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/utf8.h"

struct scan {
    const char *at, *end;
};

static void
skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static bool
take(struct scan *s, char c)
{
    skip_blanks(s);
    if (s->at >= s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* A string in quotes, its inside in *text and *len; false when the line ends before it does. */
static bool
take_string(struct scan *s, const char **text, uint32_t *len)
{
    if (!take(s, '"'))
        return false;
    const char *start = s->at;
    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' && s->at + 1 < s->end ? 2 : 1;
    if (s->at >= s->end)
        return false;
    *text = start;
    *len = (uint32_t)(s->at - start);
    s->at++;
    return true;
}

/* An object or a list to its closing bracket. */
static bool
take_nested(struct scan *s)
{
    int depth = 0;
    const char *text;
    uint32_t len;
    while (s->at < s->end) {
        char c = *s->at;
        if (c == '"') {
            if (!take_string(s, &text, &len))
                return false;
            continue;
        }
        s->at++;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (depth == 0)
            return true;
    }
    return false;
}

static bool
take_value(struct scan *s, struct logfield *f)
{
    skip_blanks(s);
    if (s->at >= s->end)
        return false;
    if (*s->at == '"') {
        f->kind = LOGFIELD_TEXT;
        return take_string(s, &f->value, &f->value_len);
    }
    f->value = s->at;
    f->kind = LOGFIELD_NESTED;
    if (*s->at == '{' || *s->at == '[') {
        if (!take_nested(s))
            return false;
    } else {
        f->kind = *s->at == '-' || isdigit((unsigned char)*s->at) ? LOGFIELD_NUMBER : LOGFIELD_WORD;
        while (s->at < s->end && !strchr(",}] \t\r", *s->at))
            s->at++;
    }
    f->value_len = (uint32_t)(s->at - f->value);
    return f->value_len > 0;
}

static size_t
parse_json(const char *text, size_t len, struct logfield *out, size_t max)
{
    struct scan s = {text, text + len};
    size_t n = 0;
    if (!take(&s, '{'))
        return 0;
    while (n < max) {
        struct logfield f = {0};
        if (!take_string(&s, &f.key, &f.key_len) || !take(&s, ':') || !take_value(&s, &f))
            break;
        out[n++] = f;
        if (!take(&s, ','))
            break;
    }
    return n;
}

static bool
is_key_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '@' || c == '/';
}

/* The pair at s->at, if there is one; else s moves behind the word that is none. */
static bool
take_pair(struct scan *s, struct logfield *f)
{
    const char *start = s->at;
    while (s->at < s->end && is_key_byte(*s->at))
        s->at++;
    if (s->at == start || s->at >= s->end || *s->at != '=' || s->end - s->at < 2) {
        while (s->at < s->end && *s->at != ' ' && *s->at != '\t')
            s->at++;
        return false;
    }
    f->key = start;
    f->key_len = (uint32_t)(s->at++ - start);
    f->kind = LOGFIELD_TEXT;
    if (*s->at == '"')
        return take_string(s, &f->value, &f->value_len);
    f->value = s->at;
    while (s->at < s->end && *s->at != ' ' && *s->at != '\t' && *s->at != '\r')
        s->at++;
    f->value_len = (uint32_t)(s->at - f->value);
    return f->value_len > 0;
}

static size_t
parse_pairs(const char *text, size_t len, struct logfield *out, size_t max)
{
    struct scan s = {text, text + len};
    size_t n = 0;
    if (!memchr(text, '=', len))
        return 0;
    while (n < max) {
        struct logfield f = {0};
        skip_blanks(&s);
        if (s.at >= s.end)
            break;
        if (take_pair(&s, &f))
            out[n++] = f;
    }
    /* One "x=1" in a sentence does not make it a record. */
    return n >= 2 ? n : 0;
}

bool
logfields_is_json(const char *text, size_t len)
{
    struct logfield f;
    return len > 0 && text[0] == '{' && parse_json(text, len, &f, 1) == 1;
}

size_t
logfields_parse(const char *text, size_t len, struct logfield *out, size_t max)
{
    if (len == 0 || max == 0)
        return 0;
    size_t lead = 0;
    while (lead < len && text[lead] == ' ')
        lead++;
    if (lead < len && text[lead] == '{')
        return parse_json(text + lead, len - lead, out, max);
    return parse_pairs(text, len, out, max);
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "\uD83D\uDE80": four digits at text; -1 when they are none. */
static int
unicode_unit(const char *text, size_t len)
{
    int value = 0;
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* One escape at text; returns its bytes. */
static size_t
add_escape(struct strbuf *out, const char *text, size_t len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int unit = unicode_unit(text, len);
    if (unit >= 0) {
        size_t used = 6;
        uint32_t cp = (uint32_t)unit;
        int low = unit >= 0xD800 && unit < 0xDC00 ? unicode_unit(text + 6, len - 6) : -1;
        if (low >= 0xDC00 && low < 0xE000) {
            cp = 0x10000 + (((uint32_t)unit - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
            used = 12;
        } else if (unit >= 0xD800 && unit < 0xE000) {
            cp = UTF8_REPLACEMENT;
        }
        char bytes[4];
        strbuf_add(out, bytes, utf8_encode(cp, bytes));
        return used;
    }
    const char *which = len > 1 && text[1] ? strchr(from, text[1]) : NULL;
    if (!which) {
        strbuf_addc(out, '\\');
        return 1;
    }
    strbuf_addc(out, to[which - from]);
    return 2;
}

void
logfield_value(struct strbuf *out, const struct logfield *f)
{
    if (f->kind != LOGFIELD_TEXT) {
        strbuf_add(out, f->value, f->value_len);
        return;
    }
    for (size_t at = 0; at < f->value_len;) {
        const char *slash = memchr(f->value + at, '\\', f->value_len - at);
        size_t run = slash ? (size_t)(slash - f->value) - at : f->value_len - at;
        strbuf_add(out, f->value + at, run);
        at += run;
        if (slash)
            at += add_escape(out, slash, f->value_len - at);
    }
}

const struct logfield *
logfield_find(const struct logfield *fields, size_t count, const char *key, size_t key_len)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].key_len == key_len && memcmp(fields[i].key, key, key_len) == 0)
            return &fields[i];
    return NULL;
}

bool
logfield_number(const struct logfield *f, double *out)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3},   {"µs", 1e-3},  {"ms", 1},        {"s", 1000},
                 {"m", 60000}, {"h", 3600000}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
                 {"kB", 1e3},  {"KB", 1e3},    {"MB", 1e6},   {"GB", 1e9}};
    char text[48];
    size_t len = IW_MIN((size_t)f->value_len, sizeof(text) - 1);
    if (f->kind == LOGFIELD_NESTED || f->kind == LOGFIELD_WORD || len == 0)
        return false;
    memcpy(text, f->value, len);
    text[len] = 0;
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    char *end;
    *out = strtod(text, &end);
    while (*end == ' ')
        end++;
    for (size_t i = 0; *end && i < IW_COUNTOF(units); i++)
        if (strcmp(end, units[i].unit) == 0) {
            *out *= units[i].factor;
            return true;
        }
    return *end == 0;
}
