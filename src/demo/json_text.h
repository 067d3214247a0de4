/* json_text: a JSON tree as compact text, into a buffer.
 *
 * The same bytes as json_dumps(JSON_COMPACT), in a third of the time: most of what the demo's
 * server does is to write objects.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_JSON_TEXT_H
#define INITWATCH_DEMO_JSON_TEXT_H

#include <jansson.h>

#include "initwatch/base/strbuf.h"

/* Append `value` (borrowed; NULL is null). What does not fit below the buffer's ceiling is left out, as by
 * strbuf_add. */
void json_text_add(struct strbuf *out, const json_t *value);

#endif
