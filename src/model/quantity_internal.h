/* quantity_internal: the two representations of a quantity, between its files.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_QUANTITY_INTERNAL_H
#define INITWATCH_MODEL_QUANTITY_INTERNAL_H

#include "decimal.h"
#include "initwatch/model/quantity.h"

/* Upstream keeps 18 digits in its int64 ("maxInt64Factors"), nothing finer than nano. */
#define QUANTITY_SMALL_DIGITS 18
#define QUANTITY_NANO_PLACES 9

struct decimal quantity_decimal(const struct quantity *q);
/* Store as a big value; digits beyond the ceiling are rounded away. x is left stripped. */
void quantity_store_big(struct quantity *q, struct decimal *x, int64_t places);
void quantity_store_small(struct quantity *q, int64_t mantissa, int32_t scale);

#endif
