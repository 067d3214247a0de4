/* jarena: JSON parsing into one arena that is given back as a whole.
 *
 * jansson's allocation functions are global; they are set once here. While a jarena document is open
 * allocations come from its arena, otherwise from malloc, so that other users of jansson in the same
 * process (the demo server) go on as usual.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DATA_JARENA_H
#define INITWATCH_DATA_JARENA_H

#include <jansson.h>

#include "initwatch/base/error.h"

/* Parse one document. Numbers that a C integer or double cannot hold exactly (fractions, exponents, more than 18
 * digits) arrive as JSON *strings* with the raw token, because Kubernetes takes the raw token of a quantity.
 * Broken UTF-8 is replaced by U+FFFD. *root is borrowed until jarena_release(). Only one document can be open
 * at a time. Returns IW_OK, IW_ERR_PARSE (line and column in err) or IW_ERR_TOO_BIG (LIMIT_JSON_ARENA_BYTES). */
IW_NODISCARD enum iw_err jarena_parse(const char *bytes, size_t len, json_t **root,
                                      struct iw_error *err);
void jarena_release(void);

#endif
