/* quantity_text: quantities from and to text, with the quirks of the real code. SEMANTICS B.1. Ref:
 * apimachinery/pkg/api/resource/quantity.go, suffix.go, amount.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/utf8.h"
#include "quantity_internal.h"

#define ERR_FORMAT                                                                                 \
    "quantities must match the regular expression "                                                \
    "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define ERR_SUFFIX "unable to parse quantity's suffix"
#define ERR_NUMERIC "unable to parse numeric part of quantity"

/* Upstream multiplies out 10^exponent; past this an API server would be busy for minutes, so no
 * cluster can hold such a value. */
#define BIG_EXPONENT_MAX 1000000

struct suffix_row {
    const char *text;
    int8_t base, exponent;
    uint8_t format;
};
static const struct suffix_row suffixes[] = {
    {"n", 10, -9, QUANTITY_DECIMAL_SI}, {"u", 10, -6, QUANTITY_DECIMAL_SI},
    {"m", 10, -3, QUANTITY_DECIMAL_SI}, {"", 10, 0, QUANTITY_DECIMAL_SI},
    {"k", 10, 3, QUANTITY_DECIMAL_SI},  {"M", 10, 6, QUANTITY_DECIMAL_SI},
    {"G", 10, 9, QUANTITY_DECIMAL_SI},  {"T", 10, 12, QUANTITY_DECIMAL_SI},
    {"P", 10, 15, QUANTITY_DECIMAL_SI}, {"E", 10, 18, QUANTITY_DECIMAL_SI},
    {"Ki", 2, 10, QUANTITY_BINARY_SI},  {"Mi", 2, 20, QUANTITY_BINARY_SI},
    {"Gi", 2, 30, QUANTITY_BINARY_SI},  {"Ti", 2, 40, QUANTITY_BINARY_SI},
    {"Pi", 2, 50, QUANTITY_BINARY_SI},  {"Ei", 2, 60, QUANTITY_BINARY_SI},
};

/* --- parsing --- */

/* The pieces of the text, as upstream's scanner cuts them. */
struct pieces {
    bool negative, any_digit;
    const char *num, *denom, *suffix;
    size_t num_len, denom_len, suffix_len;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t
scan_digits(const char *text, size_t len, size_t pos)
{
    while (pos < len && is_digit(text[pos]))
        pos++;
    return pos;
}

static size_t
scan_suffix(const char *text, size_t len, size_t pos)
{
    while (pos < len && text[pos] != '\0' && strchr("eEinumkKMGTP", text[pos]))
        pos++;
    if (pos < len && (text[pos] == '+' || text[pos] == '-'))
        pos++;
    return scan_digits(text, len, pos);
}

/* False: something is left over. */
static bool
scan_pieces(const char *text, size_t len, struct pieces *out)
{
    size_t pos = 0;
    if (pos < len && (text[0] == '-' || text[0] == '+'))
        out->negative = text[pos++] == '-';
    while (pos < len && text[pos] == '0') {
        pos++;
        out->any_digit = true;
    }
    if (pos == len) {
        /* "", "-", "+00": upstream answers with the number 0 before it looks any further. */
        *out = (struct pieces){.any_digit = true, .num = "0", .num_len = 1};
        return true;
    }
    out->num = text + pos;
    size_t end = scan_digits(text, len, pos);
    out->num_len = end - pos;
    out->any_digit = out->any_digit || end > pos;
    pos = end;
    if (out->num_len == 0) {
        out->num = "0";
        out->num_len = 1;
    }
    if (pos < len && text[pos] == '.') {
        out->denom = text + ++pos;
        end = scan_digits(text, len, pos);
        out->denom_len = end - pos;
        out->any_digit = out->any_digit || end > pos;
        pos = end;
    }
    out->suffix = text + pos;
    end = scan_suffix(text, len, pos);
    out->suffix_len = end - pos;
    return end == len;
}

/* The number behind e or E; a 64-bit integer, of which the low 32 bits count (as upstream). */
static bool
parse_exponent(const char *text, size_t len, int32_t *out)
{
    bool negative = false;
    size_t pos = 0;
    if (len > 0 && (text[0] == '+' || text[0] == '-'))
        negative = text[pos++] == '-';
    if (pos == len)
        return false;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t n = 0;
    for (; pos < len; pos++) {
        if (!is_digit(text[pos]))
            return false;
        unsigned digit = (unsigned)(text[pos] - '0');
        if (n > (limit - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    uint32_t low = (uint32_t)(negative ? 0 - n : n);
    memcpy(out, &low, sizeof(low));
    return true;
}

static bool
interpret_suffix(const char *text, size_t len, int *base, int32_t *exponent,
                 enum quantity_format *format)
{
    for (size_t i = 0; i < IW_COUNTOF(suffixes); i++) {
        if (strlen(suffixes[i].text) == len && memcmp(suffixes[i].text, text, len) == 0) {
            *base = suffixes[i].base;
            *exponent = suffixes[i].exponent;
            *format = (enum quantity_format)suffixes[i].format;
            return true;
        }
    }
    if (len < 2 || (text[0] != 'e' && text[0] != 'E'))
        return false;
    *base = 10;
    *format = QUANTITY_DECIMAL_EXPONENT;
    return parse_exponent(text + 1, len - 1, exponent);
}

/* How many more digits an int64 has room for; negative: the value is big. */
static int
small_precision(const struct pieces *p, int base, int32_t exponent)
{
    if (base == 10)
        return QUANTITY_SMALL_DIGITS - (int)p->num_len - (int)p->denom_len;
    if (p->denom_len > 0)
        return -1;
    /* 2^10 has about 3 decimal digits: upstream's own estimate. */
    return 15 - (int)p->num_len - exponent * 3 / 10 - 1;
}

/* Upstream keeps the typed text where it is (nearly) canonical already. SEMANTICS B.1. */
static bool
keeps_text(const struct pieces *p, int base, int32_t scale, int64_t value)
{
    if (base == 2)
        return (value & 7) != 0;
    char shifted[QUANTITY_SMALL_DIGITS + 1];
    size_t len = p->num_len + p->denom_len;
    memcpy(shifted, p->num, p->num_len);
    if (p->denom_len > 0)
        memcpy(shifted + p->num_len, p->denom, p->denom_len);
    bool round_number = len >= 3 && memcmp(shifted + len - 3, "000", 3) == 0;
    return scale % 3 == 0 && !round_number && shifted[0] != '0';
}

/* Fills q and returns true when the value fits the small representation. */
static bool
parse_small(const char *text, size_t len, const struct pieces *p, int base, int32_t exponent,
            struct quantity *q)
{
    if (small_precision(p, base, exponent) < 0)
        return false;
    /* int32 arithmetic that wraps, as upstream's. */
    int64_t shifted = base == 10 ? (int64_t)exponent - (int64_t)p->denom_len : 0;
    int32_t scale = (int32_t)(uint32_t)(uint64_t)shifted;
    if (scale < -QUANTITY_NANO_PLACES)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < p->num_len; i++)
        value = value * 10 + (p->num[i] - '0');
    for (size_t i = 0; i < p->denom_len; i++)
        value = value * 10 + (p->denom[i] - '0');
    int64_t mantissa = value;
    if (base == 2 && __builtin_mul_overflow(value, (int64_t)1 << exponent, &mantissa))
        return false;
    quantity_store_small(q, p->negative ? -mantissa : mantissa, scale);
    if (keeps_text(p, base, scale, value)) {
        memcpy(q->text, text, len);
        q->text_len = (uint8_t)len;
    }
    return true;
}

static enum iw_err
parse_big(const struct pieces *p, int base, int32_t exponent, struct quantity *q,
          struct iw_error *err)
{
    if (!p->any_digit)
        return iw_fail(err, IW_ERR_PARSE, ERR_NUMERIC);
    if (exponent > BIG_EXPONENT_MAX || exponent < -BIG_EXPONENT_MAX)
        return iw_fail(err, IW_ERR_RANGE, "the exponent of the quantity is out of range");
    struct decimal x = {.negative = p->negative, .scale = -(int64_t)p->denom_len};
    for (size_t i = p->denom_len; i-- > 0;)
        x.d[x.len++] = (uint8_t)(p->denom[i] - '0');
    for (size_t i = p->num_len; i-- > 0;)
        x.d[x.len++] = (uint8_t)(p->num[i] - '0');
    decimal_trim_top(&x);
    if (base == 10)
        x.scale += exponent;
    else
        for (int32_t bits = exponent; bits > 0; bits -= 10)
            decimal_multiply(&x, 1024);
    int64_t places = x.len == 0 ? -x.scale : QUANTITY_NANO_PLACES;
    decimal_round_up(&x, -QUANTITY_NANO_PLACES);
    if (q->format == QUANTITY_BINARY_SI) {
        struct decimal bound = decimal_from_int(INT64_MAX, 0);
        struct decimal one = decimal_from_int(1, 0);
        if (decimal_cmp_magnitude(&x, &bound) > 0) {
            bound.negative = x.negative;
            x = bound;
            places = 0;
        }
        if (x.len > 0 && decimal_cmp_magnitude(&x, &one) < 0)
            q->format = QUANTITY_DECIMAL_SI;
    }
    quantity_store_big(q, &x, places);
    return IW_OK;
}

enum iw_err
quantity_parse(const char *text, size_t len, struct quantity *out, struct iw_error *err)
{
    struct pieces p = {0};
    struct quantity q = {0};
    int base = 10;
    int32_t exponent = 0;
    enum quantity_format format = QUANTITY_DECIMAL_SI;
    if (len == 0)
        return iw_fail(err, IW_ERR_PARSE, ERR_FORMAT);
    if (len > QUANTITY_TEXT_MAX)
        return iw_fail(err, IW_ERR_RANGE, "a quantity has at most %d characters",
                       QUANTITY_TEXT_MAX);
    if (!scan_pieces(text, len, &p))
        return iw_fail(err, IW_ERR_PARSE, ERR_FORMAT);
    if (!interpret_suffix(p.suffix_len ? p.suffix : "", p.suffix_len, &base, &exponent, &format))
        return iw_fail(err, IW_ERR_PARSE, ERR_SUFFIX);
    q.format = (uint8_t)format;
    if (!parse_small(text, len, &p, base, exponent, &q)) {
        enum iw_err code = parse_big(&p, base, exponent, &q, err);
        if (code != IW_OK)
            return code;
    }
    *out = q;
    return IW_OK;
}

/* What Go's unicode.IsSpace calls a space. */
static bool
is_space(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0d) || cp == ' ' || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

enum iw_err
quantity_parse_trimmed(const char *text, size_t len, struct quantity *out, struct iw_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    size_t taken = 0;
    bool inside = false;
    for (size_t pos = 0; pos < len; pos += taken) {
        if (is_space(utf8_next(text + pos, len - pos, &taken)))
            continue;
        if (!inside)
            begin = pos;
        inside = true;
        end = pos + taken;
    }
    return quantity_parse(text + begin, inside ? end - begin : 0, out, err);
}

enum iw_err
quantity_parse_json(const char *token, size_t len, struct quantity *out, struct iw_error *err)
{
    if (len == 4 && memcmp(token, "null", 4) == 0) {
        *out = (struct quantity){0};
        return IW_OK;
    }
    if (len >= 2 && token[0] == '"' && token[len - 1] == '"')
        return quantity_parse_trimmed(token + 1, len - 2, out, err);
    return quantity_parse_trimmed(token, len, out, err);
}

/* --- printing --- */

static const char *
si_suffix(int base, int64_t exponent)
{
    for (size_t i = 0; i < IW_COUNTOF(suffixes); i++)
        if (suffixes[i].base == base && suffixes[i].exponent == exponent)
            return suffixes[i].text;
    return ""; /* beyond the table upstream prints no suffix at all */
}

/* digits, most significant first, then `zeros` zeros, then the suffix. */
static void
print_number(const struct decimal *x, int zeros, const char *suffix, char *out, size_t out_size)
{
    char digits[DECIMAL_DIGITS_MAX + 8];
    size_t len = 0;
    for (int i = x->len - 1; i >= 0; i--)
        digits[len++] = (char)('0' + x->d[i]);
    for (int i = 0; i < zeros && len < sizeof(digits) - 1; i++)
        digits[len++] = '0';
    digits[len] = '\0';
    snprintf(out, out_size, "%s%s%s", x->negative ? "-" : "", digits, suffix);
}

static void
print_decimal(struct decimal *x, enum quantity_format format, char *out, size_t out_size)
{
    char exponent_text[24] = "";
    decimal_strip(x);
    int zeros = (int)(((x->scale % 3) + 3) % 3);
    int64_t exponent = x->scale - zeros;
    if (format == QUANTITY_DECIMAL_SI) {
        print_number(x, zeros, si_suffix(10, exponent), out, out_size);
        return;
    }
    if (exponent != 0)
        snprintf(exponent_text, sizeof(exponent_text), "e%lld", (long long)exponent);
    print_number(x, zeros, exponent_text, out, out_size);
}

/* True when x was printed: an integer of at least 1024. */
static bool
print_binary(struct decimal *x, char *out, size_t out_size)
{
    struct decimal kibi = decimal_from_int(1024, 0);
    decimal_strip(x);
    if (x->scale < 0 || decimal_cmp_magnitude(x, &kibi) < 0)
        return false;
    if (decimal_top(x) >= DECIMAL_DIGITS_MAX)
        return false; /* a sum no cluster has; exact in its decimal form */
    memmove(x->d + x->scale, x->d, (size_t)x->len);
    memset(x->d, 0, (size_t)x->scale);
    x->len += (int)x->scale;
    x->scale = 0;
    int times = 0;
    while (decimal_divide_1024(x))
        times++;
    print_number(x, 0, si_suffix(times ? 2 : 10, times * 10), out, out_size);
    return true;
}

void
quantity_canonical(const struct quantity *q, char *out, size_t out_size)
{
    struct decimal x = quantity_decimal(q);
    if (x.len == 0) {
        snprintf(out, out_size, "0");
        return;
    }
    enum quantity_format format = (enum quantity_format)q->format;
    if (format == QUANTITY_BINARY_SI) {
        if (print_binary(&x, out, out_size))
            return;
        format = QUANTITY_DECIMAL_SI;
    }
    print_decimal(&x, format, out, out_size);
}

void
quantity_format(const struct quantity *q, char *out, size_t out_size)
{
    if (!q->big && q->text_len > 0)
        snprintf(out, out_size, "%.*s", (int)q->text_len, q->text);
    else
        quantity_canonical(q, out, out_size);
}

const char *
quantity_format_name(enum quantity_format format)
{
    switch (format) {
    case QUANTITY_DECIMAL_SI:
        return "DecimalSI";
    case QUANTITY_BINARY_SI:
        return "BinarySI";
    case QUANTITY_DECIMAL_EXPONENT:
        return "DecimalExponent";
    case QUANTITY_FORMAT_NONE:
        return "";
    }
    return "";
}
