/* lognorm: a line without what differs from run to run, so that two runs can be compared.
 *
 * The text is read word by word, a word being a run of letters, digits and the signs that occur inside of times, ids and
 * addresses.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "initwatch/model/logline.h"

enum { ID_HEX_MIN = 8, ID_DIGITS_MIN = 6 };

struct shape {
    size_t len, digits, hex, colons, dots, dashes, slashes, others;
};

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == ':' || c == '.' || c == '+' ||
           c == '/';
}

static struct shape
shape_of(const char *text, size_t len)
{
    struct shape s = {.len = len};
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        s.digits += isdigit((unsigned char)c) != 0;
        s.hex += isxdigit((unsigned char)c) != 0;
        s.colons += c == ':';
        s.dots += c == '.';
        s.dashes += c == '-';
        s.slashes += c == '/';
        s.others += !isxdigit((unsigned char)c) && !strchr(":.-/", c);
    }
    return s;
}

/* "10:53:41.733", "2025-11-15T10:53:41Z", "2025/11/15", "2025-11-15" */
static bool
is_time(const char *text, const struct shape *s)
{
    if (!isdigit((unsigned char)text[0]) || s->digits < 6)
        return false;
    bool letters_fit = s->others <= 2; /* T and Z, or a plus */
    return letters_fit &&
           (s->colons >= 2 || (s->digits == 8 && (s->dashes == 2 || s->slashes == 2)));
}

static bool
is_address(const char *text, const struct shape *s)
{
    if (s->len > 2 && text[0] == '0' && text[1] == 'x' && s->hex + 1 == s->len)
        return true;
    return isdigit((unsigned char)text[0]) && s->dots == 3 && s->colons <= 1 && s->others == 0 &&
           s->digits + s->dots + s->colons == s->len;
}

static bool
is_id(const struct shape *s)
{
    if (s->digits == s->len)
        return s->len >= ID_DIGITS_MIN;
    bool hex = s->hex + s->dashes == s->len && s->digits > 0;
    return hex && s->hex >= ID_HEX_MIN && (s->dashes == 0 || s->dashes == 4);
}

/* "812ms", "1.5s", "1m30s" */
static bool
is_duration(const char *text, size_t len)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "m", "h"};
    size_t at = 0;
    while (at < len) {
        size_t digits = at;
        while (digits < len && (isdigit((unsigned char)text[digits]) || text[digits] == '.'))
            digits++;
        if (digits == at)
            return false;
        at = digits;
        size_t unit = 0;
        for (size_t i = 0; i < IW_COUNTOF(units) && !unit; i++) {
            size_t n = strlen(units[i]);
            bool ends = at + n == len || isdigit((unsigned char)text[at + n]);
            if (at + n <= len && memcmp(text + at, units[i], n) == 0 && ends)
                unit = n;
        }
        if (!unit)
            return false;
        at += unit;
    }
    return len > 0;
}

static void
add_word(struct strbuf *out, const char *text, size_t len)
{
    /* A sign at the end belongs to the sentence: "at 10:53:41:" */
    size_t n = len;
    while (n > 0 && strchr(":.-/+", text[n - 1]))
        n--;
    struct shape s = shape_of(text, n);
    const char *stands_for = NULL;
    if (n > 0 && is_time(text, &s))
        stands_for = "<time>";
    else if (n > 0 && is_address(text, &s))
        stands_for = "<addr>";
    else if (n > 0 && is_duration(text, n))
        stands_for = "<took>";
    else if (n > 0 && is_id(&s))
        stands_for = "<id>";
    if (stands_for)
        strbuf_adds(out, stands_for);
    else
        strbuf_add(out, text, n);
    strbuf_add(out, text + n, len - n);
}

void
logline_normalise(struct strbuf *out, const char *text, size_t len)
{
    strbuf_auto plain;
    strbuf_init(&plain, 0);
    logline_plain(&plain, text, len);
    bool blank = false;
    for (size_t at = 0; at < plain.len;) {
        size_t word = at;
        while (word < plain.len && is_word_byte(plain.data[word]))
            word++;
        if (word > at) {
            add_word(out, plain.data + at, word - at);
            blank = false;
            at = word;
            continue;
        }
        bool is_blank = plain.data[at] == ' ' || plain.data[at] == '\t';
        if (!is_blank || !blank)
            strbuf_addc(out, is_blank ? ' ' : plain.data[at]);
        blank = is_blank;
        at++;
    }
}

bool
logline_is_blank(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r'))
        i++;
    return i == len;
}
