/* json_read: JSON text to jansson values, faster than jansson's own reader and as lenient as Go's.
 * Internal to the data layer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_DATA_JSON_READ_H
#define IW_DATA_JSON_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct json_read_options {
    bool drop_managed;      /* arrays of a member "managedFields" are not read: they arrive empty */
    bool reject_duplicates; /* of keys; else the last one wins */
};
struct json_read_error {
    int line, column; /* 1-based, in bytes */
    const char *what;
};

/* One object or array with nothing but blanks behind it. New; NULL on failure (also when memory is
 * out: then what is "out of memory"). Numbers with a fraction, an exponent or more than 18 digits
 * become strings holding the raw token; broken UTF-8 and lone surrogates become U+FFFD. */
json_t *json_read(const char *bytes, size_t len, struct json_read_options options,
                  struct json_read_error *error);

#endif
