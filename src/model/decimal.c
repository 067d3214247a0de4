/* decimal: arithmetic on digits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "decimal.h"

#include <string.h>

#include "initwatch/base/iwdef.h"

void
decimal_trim_top(struct decimal *x)
{
    while (x->len > 0 && x->d[x->len - 1] == 0)
        x->len--;
}

void
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

void
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

bool
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

void
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

struct decimal
decimal_from_int(int64_t value, int64_t scale)
{
    struct decimal x = {.negative = value < 0, .scale = scale};
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; magnitude > 0; magnitude /= 10)
        x.d[x.len++] = (uint8_t)(magnitude % 10);
    return x;
}

/* Digit of x that stands for 10^place. */
static uint8_t
decimal_digit_at(const struct decimal *x, int64_t place)
{
    int64_t i = place - x->scale;
    return i >= 0 && i < x->len ? x->d[i] : 0;
}

int64_t
decimal_top(const struct decimal *x)
{
    return x->scale + x->len;
}

int
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

struct decimal
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
