/* Any bytes as quantities: nothing breaks, and what is printed is read back as the same value.
 * The input is one or two texts with a newline between; two are added and subtracted.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/model/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds, const char *property)
{
    if (holds)
        return;
    fprintf(stderr, "property does not hold: %s\n", property);
    abort();
}

/* Kubernetes prints no suffix past E, so the text of such a value means another one. */
static bool
has_suffix(const struct quantity *q)
{
    struct quantity top = {.mantissa = 1000, .scale = 18};
    struct quantity low = {.mantissa = -1000, .scale = 18};
    return quantity_cmp(q, &top) < 0 && quantity_cmp(q, &low) > 0;
}

static void
check_round_trip(const struct quantity *q)
{
    char text[QUANTITY_OUT_MAX];
    struct quantity again = {0};
    quantity_canonical(q, text, sizeof(text));
    if (has_suffix(q)) {
        require(quantity_parse(text, strlen(text), &again, NULL) == IW_OK, "canonical text parses");
        require(quantity_cmp(q, &again) == 0, "canonical text is the same value");
    }
    quantity_format(q, text, sizeof(text));
    (void)quantity_value(q);
    (void)quantity_milli(q);
    (void)quantity_approx(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, '\n', size) : NULL;
    size_t first = end ? (size_t)(end - text) : size;
    struct quantity a = {0};
    struct quantity b = {0};
    struct quantity j = {0};
    struct iw_error err = {0};
    if (quantity_parse_json(text, size, &j, &err) == IW_OK)
        check_round_trip(&j);
    if (quantity_parse(text, first, &a, &err) != IW_OK)
        return 0;
    check_round_trip(&a);
    struct quantity up = a;
    quantity_round_up_milli(&up);
    require(quantity_sign(&a) * quantity_cmp(&up, &a) >= 0, "rounding goes away from zero");
    if (!end || quantity_parse(end + 1, size - first - 1, &b, &err) != IW_OK)
        return 0;
    require(quantity_cmp(&a, &b) == -quantity_cmp(&b, &a), "order is antisymmetric");
    struct quantity sum = a;
    quantity_add(&sum, &b);
    (void)quantity_value(&sum);
    char out[QUANTITY_OUT_MAX];
    quantity_format(&sum, out, sizeof(out));
    struct quantity difference = a;
    quantity_sub(&difference, &b);
    require(quantity_sign(&difference) == quantity_cmp(&a, &b),
            "the difference has the order's sign");
    return 0;
}
