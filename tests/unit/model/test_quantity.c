/* Quantities against the output of Kubernetes' own code, and their properties.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/quantity.h"
#include "suite.h"

static struct quantity
q(const char *text)
{
    struct quantity out = {0};
    struct iw_error err = {0};
    if (quantity_parse(text, strlen(text), &out, &err) != IW_OK)
        fail_msg("%s: %s", text, err.msg);
    return out;
}

static const char *
text_of(struct quantity value)
{
    static char out[4][QUANTITY_OUT_MAX];
    static unsigned next;
    char *slot = out[next++ % 4];
    quantity_format(&value, slot, QUANTITY_OUT_MAX);
    return slot;
}

/* --- the data sets --- */

static bool
random_case(const json_t *c, char *got, size_t got_size)
{
    struct quantity value = {0};
    struct iw_error err = {0};
    char canonical[QUANTITY_OUT_MAX];
    const char *in = suite_text(c, "in");
    if (quantity_parse(in, json_string_length(json_object_get(c, "in")), &value, &err) != IW_OK) {
        snprintf(got, got_size, "error: %s", err.msg);
        return !json_is_true(json_object_get(c, "ok")) &&
               strcmp(err.msg, suite_text(c, "error")) == 0;
    }
    struct quantity rounded = value;
    quantity_round_up_milli(&rounded);
    quantity_canonical(&value, canonical, sizeof(canonical));
    const char *text = text_of(value);
    const char *rounded_text = text_of(rounded);
    const char *format = quantity_format_name((enum quantity_format)value.format);
    int64_t whole = quantity_value(&value);
    int64_t milli = quantity_milli(&value);
    snprintf(got, got_size, "%s canonical %s format %s value %lld milli %lld sign %d rounded %s",
             text, canonical, format, (long long)whole, (long long)milli, quantity_sign(&value),
             rounded_text);
    return json_is_true(json_object_get(c, "ok")) && strcmp(text, suite_text(c, "string")) == 0 &&
           strcmp(canonical, suite_text(c, "canonical")) == 0 &&
           strcmp(format, suite_text(c, "format")) == 0 &&
           whole == json_integer_value(json_object_get(c, "value")) &&
           milli == json_integer_value(json_object_get(c, "milli")) &&
           quantity_sign(&value) == json_integer_value(json_object_get(c, "sign")) &&
           strcmp(rounded_text, suite_text(c, "rounded_up_to_milli")) == 0;
}

static bool
ops_case(const json_t *c, char *got, size_t got_size)
{
    struct quantity a = q(suite_text(c, "a"));
    struct quantity b = q(suite_text(c, "b"));
    const char *op = suite_text(c, "op");
    if (strcmp(op, "cmp") == 0) {
        int order = quantity_cmp(&a, &b);
        snprintf(got, got_size, "%d, reverse %d", order, quantity_cmp(&b, &a));
        return order == json_integer_value(json_object_get(c, "cmp")) &&
               quantity_cmp(&b, &a) == -order;
    }
    if (strcmp(op, "add") == 0)
        quantity_add(&a, &b);
    else
        quantity_sub(&a, &b);
    const char *format = quantity_format_name((enum quantity_format)a.format);
    snprintf(got, got_size, "%s format %s value %lld milli %lld", text_of(a), format,
             (long long)quantity_value(&a), (long long)quantity_milli(&a));
    return strcmp(text_of(a), suite_text(c, "string")) == 0 &&
           strcmp(format, suite_text(c, "format")) == 0 &&
           quantity_value(&a) == json_integer_value(json_object_get(c, "value")) &&
           quantity_milli(&a) == json_integer_value(json_object_get(c, "milli"));
}

static bool
json_case(const json_t *c, char *got, size_t got_size)
{
    struct quantity value = {0};
    struct iw_error err = {0};
    const char *token = suite_text(c, "json");
    bool ok = quantity_parse_json(token, strlen(token), &value, &err) == IW_OK;
    snprintf(got, got_size, "%s", ok ? text_of(value) : err.msg);
    return ok == json_is_true(json_object_get(c, "ok")) &&
           (!ok || strcmp(text_of(value), suite_text(c, "string")) == 0);
}

static void
quantity__agrees_with_every_random_case(void **state)
{
    (void)state;
    suite_run("quantity/random.jsonl.gz", 1200, random_case);
}

static void
quantity__agrees_with_every_operation(void **state)
{
    (void)state;
    suite_run("quantity/ops.jsonl.gz", 600, ops_case);
}

static void
quantity__agrees_with_every_json_token(void **state)
{
    (void)state;
    suite_run("quantity/json.jsonl.gz", 84, json_case);
}

/* --- single rules --- */

static void
quantity_parse__keeps_the_typed_text_only_where_upstream_does(void **state)
{
    (void)state;
    static const char *const same[] = {"1.500", "3.445", "1.", "1.Gi", "+1", "05", "05Mi", "1E3"};
    for (size_t i = 0; i < IW_COUNTOF(same); i++)
        assert_string_equal(text_of(q(same[i])), same[i]);
    assert_string_equal(text_of(q("0.5")), "500m");
    assert_string_equal(text_of(q("1000m")), "1");
    assert_string_equal(text_of(q("1024Ki")), "1Mi");
    assert_string_equal(text_of(q("0.10")), "100m");
    assert_string_equal(text_of(q("1e4")), "10e3");
    assert_string_equal(text_of(q("-")), "0");
    assert_string_equal(text_of(q("1000E")), "1");
    assert_string_equal(text_of(q("1e4294967296")), "1e4294967296");
}

static void
quantity_parse__keeps_a_typed_text_of_many_zeros(void **state)
{
    (void)state;
    char text[QUANTITY_TEXT_MAX + 1];
    memset(text, '0', sizeof(text));
    text[QUANTITY_TEXT_MAX] = '\0';
    text[QUANTITY_TEXT_MAX - 1] = '5';
    assert_string_equal(text_of(q(text)), text);
}

static void
quantity_parse__refuses_what_is_longer_than_the_ceiling(void **state)
{
    (void)state;
    char text[QUANTITY_TEXT_MAX + 1];
    struct quantity out;
    memset(text, '1', sizeof(text));
    assert_int_equal(quantity_parse(text, sizeof(text), &out, NULL), IW_ERR_RANGE);
    assert_int_equal(quantity_parse(text, QUANTITY_TEXT_MAX, &out, NULL), IW_OK);
}

static void
quantity_parse__refuses_a_big_value_with_an_endless_exponent(void **state)
{
    (void)state;
    struct quantity out;
    const char *text = "1234567890123456789e2000000000";
    assert_int_equal(quantity_parse(text, strlen(text), &out, NULL), IW_ERR_RANGE);
}

static void
quantity_add__loses_the_kept_text_even_for_zero(void **state)
{
    (void)state;
    struct quantity a = q("1.500");
    struct quantity zero = {0};
    quantity_add(&a, &zero);
    assert_string_equal(text_of(a), "1500m");
}

static void
quantity_add__becomes_big_instead_of_overflowing(void **state)
{
    (void)state;
    struct quantity a = q("7Ei");
    struct quantity b = q("7Ei");
    quantity_add(&a, &b);
    assert_string_equal(text_of(a), "14Ei");
    quantity_add(&a, &a);
    assert_string_equal(text_of(a), "28Ei");
    quantity_sub(&a, &a);
    assert_true(quantity_is_zero(&a));
    assert_string_equal(text_of(a), "0");
}

static void
quantity_add__survives_operands_far_apart(void **state)
{
    (void)state;
    struct quantity a = q("1e2000000000");
    struct quantity b = q("1n");
    quantity_add(&a, &b);
    assert_int_equal(quantity_sign(&a), 1);
    assert_int_equal(quantity_cmp(&a, &b), 1);
}

static void
quantity_value__rounds_away_from_zero(void **state)
{
    (void)state;
    struct quantity a = q("1001m");
    struct quantity b = q("-1001m");
    assert_int_equal(quantity_value(&a), 2);
    assert_int_equal(quantity_value(&b), -2);
    assert_int_equal(quantity_milli(&a), 1001);
    struct quantity nine = q("9Ei");
    assert_int_equal(quantity_milli(&nine), -1000);
}

static void
quantity_parse_trimmed__ignores_unicode_spaces_around(void **state)
{
    (void)state;
    struct quantity out;
    const char *text = "\xc2\xa0 1Gi\xe3\x80\x80";
    assert_int_equal(quantity_parse_trimmed(text, strlen(text), &out, NULL), IW_OK);
    assert_string_equal(text_of(out), "1Gi");
    assert_int_equal(quantity_parse_trimmed("   ", 3, &out, NULL), IW_ERR_PARSE);
}

static void
quantity_approx__is_near(void **state)
{
    (void)state;
    struct quantity a = q("1500m");
    struct quantity b = q("-12345678901234567890123");
    assert_true(fabs(quantity_approx(&a) - 1.5) < 1e-12);
    assert_true(fabs(quantity_approx(&b) / -1.2345678901234568e22 - 1) < 1e-12);
}

/* Every value of the data set, printed canonically, is read back as the same value. */
static bool
round_trip_case(const json_t *c, char *got, size_t got_size)
{
    struct quantity value = {0};
    struct quantity again = {0};
    char text[QUANTITY_OUT_MAX];
    const char *in = suite_text(c, "in");
    if (quantity_parse(in, strlen(in), &value, NULL) != IW_OK)
        return true;
    quantity_canonical(&value, text, sizeof(text));
    snprintf(got, got_size, "%s", text);
    if (quantity_parse(text, strlen(text), &again, NULL) != IW_OK)
        return false;
    /* Past the table of suffixes Kubernetes prints none, so such a text means another value. */
    struct quantity top = q("1000E");
    struct quantity low = q("-1000E");
    if (quantity_cmp(&value, &top) >= 0 || quantity_cmp(&value, &low) <= 0)
        return true;
    return quantity_cmp(&value, &again) == 0;
}

static void
quantity_canonical__is_read_back_as_the_same_value(void **state)
{
    (void)state;
    suite_run("quantity/random.jsonl.gz", 1200, round_trip_case);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantity__agrees_with_every_random_case),
        cmocka_unit_test(quantity__agrees_with_every_operation),
        cmocka_unit_test(quantity__agrees_with_every_json_token),
        cmocka_unit_test(quantity_parse__keeps_the_typed_text_only_where_upstream_does),
        cmocka_unit_test(quantity_parse__keeps_a_typed_text_of_many_zeros),
        cmocka_unit_test(quantity_parse__refuses_what_is_longer_than_the_ceiling),
        cmocka_unit_test(quantity_parse__refuses_a_big_value_with_an_endless_exponent),
        cmocka_unit_test(quantity_add__loses_the_kept_text_even_for_zero),
        cmocka_unit_test(quantity_add__becomes_big_instead_of_overflowing),
        cmocka_unit_test(quantity_add__survives_operands_far_apart),
        cmocka_unit_test(quantity_value__rounds_away_from_zero),
        cmocka_unit_test(quantity_parse_trimmed__ignores_unicode_spaces_around),
        cmocka_unit_test(quantity_approx__is_near),
        cmocka_unit_test(quantity_canonical__is_read_back_as_the_same_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
