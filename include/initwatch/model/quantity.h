/* quantity: Kubernetes quantities, exact, with the text quirks of the real code. SEMANTICS B.1,
 * B.2. Ref: apimachinery/pkg/api/resource/quantity.go, amount.go, scale_int.go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_QUANTITY_H
#define INITWATCH_MODEL_QUANTITY_H

#include "initwatch/base/error.h"

enum quantity_format {
    QUANTITY_DECIMAL_SI,
    QUANTITY_BINARY_SI,
    QUANTITY_DECIMAL_EXPONENT,
    QUANTITY_FORMAT_NONE /* a computed value that never had one */
};

/* Longest text accepted, and most digits a value keeps; longer input is IW_ERR_RANGE. */
#define QUANTITY_TEXT_MAX 128
/* Room for every printed value: sign, digits, up to two zeros, suffix e-2147483648, NUL. */
#define QUANTITY_OUT_MAX (QUANTITY_TEXT_MAX + 24)

/* A value. Small values are mantissa x 10^scale in an int64; others keep arbitrary-precision
 * decimal digits. Which of the two a value is shows in overflow and text retention, so it follows
 * the real code. A plain struct: copied by assignment, nothing to free. `= {0}` is zero, DecimalSI.
 */
struct quantity {
    int64_t mantissa; /* when !big */
    int32_t scale;    /* power of ten of the mantissa or of the last digit */
    int32_t places;   /* when big: decimal places the real code's number carries (inf.Dec scale);
                         seen only in Value() and MilliValue() of what overflows */
    uint8_t format;   /* enum quantity_format */
    bool big;
    bool negative;       /* when big */
    uint8_t digit_count; /* when big; 0 is zero */
    uint8_t text_len;    /* when !big: length of the kept text, 0 when none is kept */
    union {
        char digits[QUANTITY_TEXT_MAX]; /* when big: most significant first, no trailing zeros, no
                                           NUL */
        char text[QUANTITY_TEXT_MAX]; /* when !big: the text as typed (B.1 "text retention"), no NUL
                                       */
    };
};

/* Parse "250m", "1.5Gi", "1e3". Returns IW_OK or IW_ERR_PARSE (err->msg is Kubernetes' own text) or
 * IW_ERR_RANGE (longer than QUANTITY_TEXT_MAX, or an exponent no cluster could handle). */
IW_NODISCARD enum iw_err quantity_parse(const char *text, size_t len, struct quantity *out,
                                        struct iw_error *err);
/* As quantity_parse, white space around it ignored: the text of a quantity in an API object. */
IW_NODISCARD enum iw_err quantity_parse_trimmed(const char *text, size_t len, struct quantity *out,
                                                struct iw_error *err);
/* A raw JSON token: a string with its quotes (escapes are not interpreted), a number, null (zero).
 */
IW_NODISCARD enum iw_err quantity_parse_json(const char *token, size_t len, struct quantity *out,
                                             struct iw_error *err);
/* As String(): the kept text, or canonical. out has room for QUANTITY_OUT_MAX. */
void quantity_format(const struct quantity *q, char *out, size_t out_size);
/* Canonical text whatever was typed. */
void quantity_canonical(const struct quantity *q, char *out, size_t out_size);
/* "DecimalSI", "BinarySI", "DecimalExponent", "". */
const char *quantity_format_name(enum quantity_format format);

/* *a += *b, *a -= *b. The sum has the format of a unless a is zero, and no kept text. Sums wider
 * than QUANTITY_TEXT_MAX digits lose their finest digits. */
void quantity_add(struct quantity *a, const struct quantity *b);
void quantity_sub(struct quantity *a, const struct quantity *b);
int quantity_cmp(const struct quantity *a, const struct quantity *b);
int quantity_sign(const struct quantity *q);
int64_t quantity_value(const struct quantity *q); /* rounded away from zero; overflow as upstream */
int64_t quantity_milli(const struct quantity *q);
/* Round up (away from zero) to milli, as the API server's defaulting does. */
void quantity_round_up_milli(struct quantity *q);
/* A whole number with a format, as resource.NewQuantity. */
struct quantity quantity_of(int64_t value, enum quantity_format format);
double quantity_approx(const struct quantity *q);
bool quantity_is_zero(const struct quantity *q);

#endif
