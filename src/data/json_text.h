/* json_text: repairs on JSON text before it is parsed. Internal to the data layer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_DATA_JSON_TEXT_H
#define IW_DATA_JSON_TEXT_H

#include "initwatch/base/strbuf.h"

/* One linear pass that knows strings. Numbers with a fraction, an exponent or more than 18 digits
 * become strings holding the raw token; with drop_managed, arrays of a member "managedFields"
 * become empty. Returns true when something was changed, then out holds the new text; false leaves
 * out alone. */
bool json_text_prepare(const char *bytes, size_t len, bool drop_managed, struct strbuf *out);

/* Replace broken UTF-8 and escapes of lone surrogates by U+FFFD, as Go's decoder does. Returns and
 * fills as above. */
bool json_text_repair(const char *bytes, size_t len, struct strbuf *out);

#endif
