/* yaml_emit: JSON of an object as YAML, the way kubectl writes it: keys in the order of the API,
 * lists not indented, texts of several lines as blocks.
 *
 * Values of a Secret are left out, and what would repeat them. Controls are escaped, so that the
 * text is harmless wherever it is pasted.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_YAML_EMIT_H
#define INITWATCH_SOURCE_YAML_EMIT_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/model/rawobject.h"

/* New in *out: yaml_text_free. IW_ERR_PARSE when it is no JSON object, IW_ERR_TOO_BIG. */
IW_NODISCARD enum iw_err yaml_from_json(const char *json, size_t len, struct yaml_text **out,
                                        struct iw_error *err);
/* The same of a parsed value, whatever it is. */
struct yaml_text *yaml_from_value(const json_t *value) IW_NODISCARD;
/* A string as one YAML scalar on one line: plain, 'quoted' or "escaped". */
void yaml_scalar(struct strbuf *out, const char *text, size_t len);

#endif
