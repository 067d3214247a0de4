/* quantity: Kubernetes quantities, exact: the two representations and arithmetic.
 * As upstream a value is an int64 with a power of ten ("small") or decimal digits of any length
 * ("big"). Ref: apimachinery/pkg/api/resource/quantity.go, amount.go, math.go, scale_int.go;
 * gopkg.in/inf.v0.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quantity_internal.h"

#include <math.h>
#include <string.h>

/* --- decimal <-> quantity --- */

struct decimal
quantity_decimal(const struct quantity *q)
{
    if (!q->big)
        return decimal_from_int(q->mantissa, q->scale);
    struct decimal x = {.negative = q->negative, .scale = q->scale, .len = q->digit_count};
    for (int i = 0; i < x.len; i++)
        x.d[i] = (uint8_t)(q->digits[x.len - 1 - i] - '0');
    return x;
}

static int32_t
clamp_int32(int64_t n)
{
    return n > INT32_MAX ? INT32_MAX : n < INT32_MIN ? INT32_MIN : (int32_t)n;
}

void
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

void
quantity_store_small(struct quantity *q, int64_t mantissa, int32_t scale)
{
    q->mantissa = mantissa;
    q->scale = scale;
    q->places = 0;
    q->big = q->negative = false;
    q->digit_count = q->text_len = 0;
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
    struct decimal left = quantity_decimal(a);
    struct decimal right = quantity_decimal(b);
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
    struct decimal left = quantity_decimal(a);
    struct decimal right = quantity_decimal(b);
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
    if (drop > QUANTITY_SMALL_DIGITS || !scale_up(1, drop, &divisor))
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
    struct decimal x = quantity_decimal(q);
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
        struct decimal x = quantity_decimal(q);
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
