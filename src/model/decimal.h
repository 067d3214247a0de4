/* decimal: signed decimal numbers of up to DECIMAL_DIGITS_MAX digits on the stack, one digit a
 * byte, for the quantities that no int64 holds. They are rare, so the code is short rather than
 * quick.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_DECIMAL_H
#define INITWATCH_MODEL_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* The longest text of a quantity times 2^60, and room to align two such numbers. */
#define DECIMAL_DIGITS_MAX 400

/* value = sign x digits x 10^scale; digits least significant first, no zeros on top; len 0 is zero.
 */
struct decimal {
    bool negative;
    int len;
    int64_t scale;
    uint8_t d[DECIMAL_DIGITS_MAX];
};

struct decimal decimal_from_int(int64_t value, int64_t scale);
/* Take zeros off the top, as everything below wants it and leaves it. */
void decimal_trim_top(struct decimal *x);
/* Take zeros off the fine end, so that digits are only spent on what counts. */
void decimal_strip(struct decimal *x);
/* x *= m. The callers' ceilings keep the product below DECIMAL_DIGITS_MAX. */
void decimal_multiply(struct decimal *x, uint32_t m);
/* Divide the digits (not the scale) by 1024 when that leaves no remainder and at least 1. */
bool decimal_divide_1024(struct decimal *x);
/* Away from zero to a multiple of 10^scale; finer digits go. */
void decimal_round_up(struct decimal *x, int64_t scale);
/* The power of ten above the first digit. */
int64_t decimal_top(const struct decimal *x);
/* As memcmp, signs left out. */
int decimal_cmp_magnitude(const struct decimal *a, const struct decimal *b);
/* Aligned sum. A gap between the operands wider than the digits we hold cuts the finer one. */
struct decimal decimal_add(const struct decimal *a, const struct decimal *b);

#endif
