/* quantity: Kubernetes quantities, exact, with the text quirks of the real code. SEMANTICS B.1, B.2.
 * Ref: apimachinery/pkg/api/resource/quantity.go, amount.go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_QUANTITY_H
#define INITWATCH_MODEL_QUANTITY_H

#include "initwatch/base/error.h"

enum quantity_format { QUANTITY_DECIMAL_SI, QUANTITY_BINARY_SI, QUANTITY_DECIMAL_EXPONENT,
                       QUANTITY_FORMAT_NONE /* a computed value that never had one */ };

/* Longest text accepted and printed; longer input is IW_ERR_RANGE. */
#define QUANTITY_TEXT_MAX 128

/* A value. Small values are mantissa x 10^scale in an int64; others keep arbitrary-precision
 * decimal digits. A plain struct: copied by assignment, nothing to free. `= {0}` is zero, DecimalSI. */
struct quantity {
    int64_t mantissa;  /* when !big */
    int32_t scale;     /* power of ten of the mantissa or of the last digit */
    uint8_t format;    /* enum quantity_format */
    bool big;
    bool negative;     /* when big */
    uint8_t digit_count;
    char digits[QUANTITY_TEXT_MAX]; /* when big: decimal digits, most significant first, no NUL */
    char text[40];     /* the text kept as typed (B.1 "text retention"), "" when not kept */
};

/* Parse "250m", "1.5Gi", "1e3". Returns IW_OK or IW_ERR_PARSE (err->msg is Kubernetes' own text) or
 * IW_ERR_RANGE. */
IW_NODISCARD enum iw_err quantity_parse(const char *text, size_t len, struct quantity *out,
                                        struct iw_error *err);
/* As String(): the kept text, or canonical. out has room for QUANTITY_TEXT_MAX + 8. */
void quantity_format(const struct quantity *q, char *out, size_t out_size);
/* Canonical text whatever was typed. */
void quantity_canonical(const struct quantity *q, char *out, size_t out_size);
void quantity_add(struct quantity *a, const struct quantity *b);
void quantity_sub(struct quantity *a, const struct quantity *b);
int quantity_cmp(const struct quantity *a, const struct quantity *b);
int quantity_sign(const struct quantity *q);
int64_t quantity_value(const struct quantity *q); /* rounded away from zero; overflow as upstream */
int64_t quantity_milli(const struct quantity *q);
/* Round up (away from zero) to milli, as the API server's defaulting does. */
void quantity_round_up_milli(struct quantity *q);
double quantity_approx(const struct quantity *q);
bool quantity_is_zero(const struct quantity *q);

#endif
