/* quantity: Kubernetes quantities, exact, with the text quirks of the real code.
 * Two representations as upstream: an int64 with a power of ten ("small"), and decimal digits of
 * any length ("big"). Big arithmetic works on a `struct decimal` on the stack, one digit per byte:
 * these values are rare, the code is short and every size has a ceiling. Ref:
 * apimachinery/pkg/api/resource/quantity.go, amount.go, math.go, scale_int.go; gopkg.in/inf.v0.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/utf8.h"

#define ERR_FORMAT                                                                                 \
    "quantities must match the regular expression "                                                \
    "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define ERR_SUFFIX "unable to parse quantity's suffix"
#define ERR_NUMERIC "unable to parse numeric part of quantity"

/* Upstream keeps 18 digits in its int64 ("maxInt64Factors"), nothing finer than nano. */
#define SMALL_DIGITS 18
#define NANO_PLACES 9
/* Upstream multiplies out 10^exponent; past this an API server would be busy for minutes, so no
 * cluster can hold such a value. */
#define BIG_EXPONENT_MAX 1000000
/* Digits while computing: the longest text times 2^60, and room to align two such numbers. */
#define DECIMAL_DIGITS_MAX 400

/* value = sign x digits x 10^scale; digits least significant first, no zeros on top; len 0 is zero.
 */
struct decimal {
    bool negative;
    int len;
    int64_t scale;
    uint8_t d[DECIMAL_DIGITS_MAX];
};

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

/* --- decimals --- */

static void
decimal_trim_top(struct decimal *x)
{
    while (x->len > 0 && x->d[x->len - 1] == 0)
        x->len--;
}

/* Take zeros off the fine end, so that digits are only spent on what counts. */
static void
decimal_strip(struct decimal *x)
{
    int zeros = 0;
    while (zeros < x->len && x->d[zeros] == 0)
        zeros++;
    if (zeros == 0)
        return;
    memmove(x->d, x->d + zeros, (size_t)(x->len - zeros));
    x->len -= zeros;
    x->scale += zeros;
}

/* x *= m. The callers' ceilings keep the product below DECIMAL_DIGITS_MAX. */
static void
decimal_multiply(struct decimal *x, uint32_t m)
{
    uint64_t carry = 0;
    for (int i = 0; i < x->len; i++) {
        carry += (uint64_t)x->d[i] * m;
        x->d[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    while (carry > 0 && x->len < DECIMAL_DIGITS_MAX) {
        x->d[x->len++] = (uint8_t)(carry % 10);
        carry /= 10;
    }
}

/* Divide the digits (not the scale) by 1024 when that leaves no remainder and at least 1. */
static bool
decimal_divide_1024(struct decimal *x)
{
    uint8_t quotient[DECIMAL_DIGITS_MAX] = {0};
    uint32_t rest = 0;
    if (x->len <= 0)
        return false;
    for (int i = x->len - 1; i >= 0; i--) {
        rest = rest * 10 + x->d[i];
        quotient[i] = (uint8_t)(rest / 1024);
        rest %= 1024;
    }
    if (rest != 0)
        return false;
    memcpy(x->d, quotient, (size_t)x->len);
    decimal_trim_top(x);
    return true;
}

static void
decimal_increment(struct decimal *x)
{
    int i = 0;
    while (i < x->len && x->d[i] == 9)
        x->d[i++] = 0;
    if (i == x->len)
        x->d[x->len++] = 1;
    else
        x->d[i]++;
}

/* Away from zero to a multiple of 10^scale; finer digits go. */
static void
decimal_round_up(struct decimal *x, int64_t scale)
{
    if (x->scale >= scale || x->len == 0)
        return;
    int64_t drop = scale - x->scale;
    bool inexact = false;
    for (int i = 0; i < x->len && i < drop; i++)
        inexact = inexact || x->d[i] != 0;
    if (drop >= x->len) {
        x->len = 0;
    } else {
        memmove(x->d, x->d + drop, (size_t)(x->len - drop));
        x->len -= (int)drop;
    }
    x->scale = scale;
    if (inexact)
        decimal_increment(x);
}

static struct decimal
decimal_from_int(int64_t value, int64_t scale)
{
    struct decimal x = {.negative = value < 0, .scale = scale};
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; magnitude > 0; magnitude /= 10)
        x.d[x.len++] = (uint8_t)(magnitude % 10);
    return x;
}

static struct decimal
decimal_from(const struct quantity *q)
{
    if (!q->big)
        return decimal_from_int(q->mantissa, q->scale);
    struct decimal x = {.negative = q->negative, .scale = q->scale, .len = q->digit_count};
    for (int i = 0; i < x.len; i++)
        x.d[i] = (uint8_t)(q->digits[x.len - 1 - i] - '0');
    return x;
}

/* Digit of x that stands for 10^place. */
static uint8_t
decimal_digit_at(const struct decimal *x, int64_t place)
{
    int64_t i = place - x->scale;
    return i >= 0 && i < x->len ? x->d[i] : 0;
}

static int64_t
decimal_top(const struct decimal *x)
{
    return x->scale + x->len;
}

static int
decimal_cmp_magnitude(const struct decimal *a, const struct decimal *b)
{
    if (a->len == 0 || b->len == 0)
        return (a->len > 0) - (b->len > 0);
    if (decimal_top(a) != decimal_top(b))
        return decimal_top(a) > decimal_top(b) ? 1 : -1;
    int64_t bottom = IW_MIN(a->scale, b->scale);
    for (int64_t place = decimal_top(a) - 1; place >= bottom; place--) {
        int difference = decimal_digit_at(a, place) - decimal_digit_at(b, place);
        if (difference != 0)
            return difference > 0 ? 1 : -1;
        /* Both are used up; what is left of a very long gap is zeros. */
        if (place < a->scale && place < b->scale)
            break;
    }
    return 0;
}

/* Aligned sum. A gap between the operands wider than the digits we hold cuts the finer one. */
static struct decimal
decimal_add(const struct decimal *a, const struct decimal *b)
{
    if (a->len == 0)
        return *b;
    if (b->len == 0)
        return *a;
    const struct decimal *large = a;
    const struct decimal *other = b;
    if (decimal_cmp_magnitude(a, b) < 0) {
        large = b;
        other = a;
    }
    struct decimal sum = {.negative = large->negative};
    int sign = a->negative == b->negative ? 1 : -1;
    int64_t top = decimal_top(large) + 1;
    sum.scale = IW_MAX(IW_MIN(a->scale, b->scale), top - DECIMAL_DIGITS_MAX);
    int carry = 0;
    for (int64_t place = sum.scale; place < top; place++) {
        int digit = decimal_digit_at(large, place) + sign * decimal_digit_at(other, place) + carry;
        carry = digit < 0 ? -1 : digit / 10;
        sum.d[sum.len++] = (uint8_t)(digit - 10 * carry);
    }
    decimal_trim_top(&sum);
    return sum;
}

/* --- decimal <-> quantity --- */

static int32_t
clamp_int32(int64_t n)
{
    return n > INT32_MAX ? INT32_MAX : n < INT32_MIN ? INT32_MIN : (int32_t)n;
}

/* Store as a big value; digits beyond the ceiling are rounded away. */
static void
quantity_store_big(struct quantity *q, struct decimal *x, int64_t places)
{
    decimal_strip(x);
    if (x->len > QUANTITY_TEXT_MAX) {
        decimal_round_up(x, x->scale + (x->len - QUANTITY_TEXT_MAX));
        decimal_strip(x);
        if (x->len > QUANTITY_TEXT_MAX)
            decimal_round_up(x, x->scale + 1);
    }
    q->mantissa = 0;
    q->big = true;
    q->negative = x->negative && x->len > 0;
    q->scale = clamp_int32(x->scale);
    q->places = clamp_int32(places);
    q->text_len = 0;
    q->digit_count = (uint8_t)x->len;
    for (int i = 0; i < x->len; i++)
        q->digits[i] = (char)('0' + x->d[x->len - 1 - i]);
}

static void
quantity_store_small(struct quantity *q, int64_t mantissa, int32_t scale)
{
    q->mantissa = mantissa;
    q->scale = scale;
    q->places = 0;
    q->big = q->negative = false;
    q->digit_count = q->text_len = 0;
}

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
        return SMALL_DIGITS - (int)p->num_len - (int)p->denom_len;
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
    char shifted[SMALL_DIGITS + 1];
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
    if (scale < -NANO_PLACES)
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
    int64_t places = x.len == 0 ? -x.scale : NANO_PLACES;
    decimal_round_up(&x, -NANO_PLACES);
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
    struct decimal x = decimal_from(q);
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

/* --- arithmetic --- */

/* Two's complement, as Go converts. */
static int64_t
as_signed(uint64_t bits)
{
    int64_t n = 0;
    memcpy(&n, &bits, sizeof(n));
    return n;
}

/* value * 10^power, false on overflow. */
static bool
scale_up(int64_t value, int64_t power, int64_t *out)
{
    if (value == 0)
        power = 0;
    for (; power > 0; power--)
        if (__builtin_mul_overflow(value, (int64_t)10, &value))
            return false;
    *out = value;
    return true;
}

/* value * 10^power as Value() and MilliValue() see it on overflow. Upstream multiplies by 10, 100,
 * 10^3, 10^6 and 10^9 at once and hands out the wrapped product; other powers go step by step and
 * give 0. Ref: amount.go, positiveScaleInt64; math.go, int64MultiplyScale. */
static int64_t
scale_up_as_upstream(int64_t value, int64_t power)
{
    int64_t out = 0;
    if (scale_up(value, power, &out))
        return out;
    if ((power != 1 && power != 2 && power != 3 && power != 6 && power != 9) || value == INT64_MIN)
        return 0;
    uint64_t wrapped = (uint64_t)value;
    for (; power > 0; power--)
        wrapped *= 10;
    return as_signed(wrapped);
}

/* value / 10^power, away from zero. */
static int64_t
scale_down(int64_t value, int64_t power)
{
    bool inexact = false;
    int sign = value < 0 ? -1 : 1;
    for (; power > 0 && value != 0; power--) {
        inexact = inexact || value % 10 != 0;
        value /= 10;
    }
    return inexact ? value + sign : value;
}

static bool
add_small(struct quantity *a, int64_t mantissa, int32_t scale)
{
    int64_t left = a->mantissa;
    int64_t right = mantissa;
    int64_t sum = 0;
    if (mantissa == 0)
        return true;
    if (a->mantissa == 0) {
        quantity_store_small(a, mantissa, scale);
        return true;
    }
    if (a->scale > scale && !scale_up(left, (int64_t)a->scale - scale, &left))
        return false;
    if (a->scale < scale && !scale_up(right, (int64_t)scale - a->scale, &right))
        return false;
    if (__builtin_add_overflow(left, right, &sum))
        return false;
    quantity_store_small(a, sum, IW_MIN(a->scale, scale));
    return true;
}

static int64_t
places_of(const struct quantity *q)
{
    return q->big ? q->places : -(int64_t)q->scale;
}

static void
add_signed(struct quantity *a, const struct quantity *b, bool subtract)
{
    if (!a->big)
        a->text_len = 0;
    if (quantity_is_zero(a))
        a->format = b->format;
    if (!a->big && !b->big && !(subtract && b->mantissa == INT64_MIN) &&
        add_small(a, subtract ? -b->mantissa : b->mantissa, b->scale))
        return;
    int64_t places = IW_MAX(places_of(a), places_of(b));
    struct decimal left = decimal_from(a);
    struct decimal right = decimal_from(b);
    right.negative = right.negative != subtract;
    struct decimal sum = decimal_add(&left, &right);
    quantity_store_big(a, &sum, places);
}

void
quantity_add(struct quantity *a, const struct quantity *b)
{
    struct quantity copy = *b; /* a and b may be the same */
    add_signed(a, &copy, false);
}

void
quantity_sub(struct quantity *a, const struct quantity *b)
{
    struct quantity copy = *b;
    add_signed(a, &copy, true);
}

bool
quantity_is_zero(const struct quantity *q)
{
    return q->big ? q->digit_count == 0 : q->mantissa == 0;
}

int
quantity_sign(const struct quantity *q)
{
    if (quantity_is_zero(q))
        return 0;
    return (q->big ? q->negative : q->mantissa < 0) ? -1 : 1;
}

int
quantity_cmp(const struct quantity *a, const struct quantity *b)
{
    int sign = quantity_sign(a);
    if (sign != quantity_sign(b))
        return sign > quantity_sign(b) ? 1 : -1;
    if (!a->big && !b->big && a->scale == b->scale)
        return (a->mantissa > b->mantissa) - (a->mantissa < b->mantissa);
    struct decimal left = decimal_from(a);
    struct decimal right = decimal_from(b);
    return sign * decimal_cmp_magnitude(&left, &right);
}

/* --- accessors --- */

/* The low 64 bits of the integer upstream holds: digits x 10^(scale + places), signed. */
static uint64_t
unscaled_low_bits(const struct quantity *q)
{
    uint64_t n = 0;
    for (int i = 0; i < q->digit_count; i++)
        n = n * 10 + (uint64_t)(q->digits[i] - '0');
    int64_t zeros = (int64_t)q->scale + q->places;
    for (int64_t i = 0; i < zeros && n != 0; i++)
        n *= 10;
    return q->negative ? 0 - n : n;
}

/* Upstream compares the signed number with 2^63-1 before it takes the short way through int64, so a
 * large negative number loses its high bits first and its quotient is noise. Reproduced: the noise
 * is what a cluster computes with. Ref: scale_int.go, scaledValue. */
static int64_t
scaled_negative(const struct quantity *q, int64_t drop)
{
    int64_t divisor = 1;
    int64_t low = as_signed(unscaled_low_bits(q));
    if (drop > SMALL_DIGITS || !scale_up(1, drop, &divisor))
        return 0;
    return low / divisor + (low % divisor != 0 ? 1 : 0);
}

/* The value x 10^wanted_places as upstream's int64. */
static int64_t
scaled_value(const struct quantity *q, int32_t wanted_places)
{
    if (!q->big) {
        int64_t power = (int64_t)q->scale + wanted_places;
        return power < 0 ? scale_down(q->mantissa, -power)
                         : scale_up_as_upstream(q->mantissa, power);
    }
    int64_t drop = (int64_t)q->places - wanted_places;
    if (drop == 0)
        return as_signed(unscaled_low_bits(q));
    if (drop < 0) {
        /* int64(math.Pow10(n)) on amd64: out of range gives the most negative number. */
        int64_t factor = INT64_MIN;
        if (!scale_up(1, -drop, &factor))
            factor = INT64_MIN;
        return as_signed(unscaled_low_bits(q) * (uint64_t)factor);
    }
    if (q->negative)
        return scaled_negative(q, drop);
    struct decimal x = decimal_from(q);
    decimal_round_up(&x, -(int64_t)wanted_places);
    uint64_t n = 0;
    for (int i = x.len - 1; i >= 0; i--)
        n = n * 10 + x.d[i];
    for (int64_t zeros = x.scale + wanted_places; zeros > 0 && n != 0; zeros--)
        n *= 10;
    return as_signed(n);
}

int64_t
quantity_value(const struct quantity *q)
{
    return scaled_value(q, 0);
}

int64_t
quantity_milli(const struct quantity *q)
{
    return scaled_value(q, 3);
}

void
quantity_round_up_milli(struct quantity *q)
{
    if (q->big) {
        struct decimal x = decimal_from(q);
        decimal_round_up(&x, -3);
        quantity_store_big(q, &x, 3);
    } else if (q->scale < -3) {
        quantity_store_small(q, scale_down(q->mantissa, -3 - (int64_t)q->scale), -3);
    }
}

struct quantity
quantity_of(int64_t value, enum quantity_format format)
{
    return (struct quantity){.mantissa = value, .format = (uint8_t)format};
}

double
quantity_approx(const struct quantity *q)
{
    if (!q->big)
        return (double)q->mantissa * pow(10, q->scale);
    double n = 0;
    for (int i = 0; i < q->digit_count; i++)
        n = n * 10 + (q->digits[i] - '0');
    return (q->negative ? -n : n) * pow(10, q->scale);
}
