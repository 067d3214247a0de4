/* jarena: JSON parsing into one arena that is given back as a whole.
 *
 * jansson's allocation functions are global; they are set once here. While a jarena document is
 * open allocations come from its arena, otherwise from malloc, so that other users of jansson in
 * the same process (the demo server) go on as usual. Make no jansson value that is to live on while
 * a document is open.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DATA_JARENA_H
#define INITWATCH_DATA_JARENA_H

#include <jansson.h>

#include "initwatch/base/error.h"

/* Parse one document. Numbers that a C integer or double cannot hold exactly (fractions, exponents,
 * more than 18 digits) arrive as JSON *strings* with the raw token, because Kubernetes takes the
 * raw token of a quantity. Arrays named "managedFields" arrive empty: they are about half of a pod
 * and nothing reads them. Broken UTF-8 and lone surrogates are replaced by U+FFFD; strings can hold
 * NUL. *root is borrowed until jarena_release(). Only one document can be open at a time: parsing
 * releases the one before. Returns IW_OK, IW_ERR_PARSE (also for nesting over LIMIT_JSON_DEPTH; the
 * message begins with "line L, column C:
 * ") or IW_ERR_TOO_BIG (LIMIT_JSON_ARENA_BYTES). */
IW_NODISCARD enum iw_err jarena_parse(const char *bytes, size_t len, json_t **root,
                                      struct iw_error *err);
void jarena_release(void);

#endif
