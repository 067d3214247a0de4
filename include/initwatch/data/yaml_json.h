/* yaml_json: YAML (and therefore JSON) text to jansson values, with the scalar types that
 * Kubernetes' own loader (sigs.k8s.io/yaml) gives them: plain yes, no, on, off, y, n are booleans
 * as in YAML 1.1, and 0777 is octal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DATA_YAML_JSON_H
#define INITWATCH_DATA_YAML_JSON_H

#include <jansson.h>

#include "initwatch/base/error.h"

/* Parse every document of a stream. Each is given to `each` in order as a new reference that the
 * callee owns, with the 1-based line where it starts; empty documents are skipped. Plain (unquoted)
 * numbers with a fraction or exponent arrive as strings with their raw text. Anchors and aliases
 * are expanded up to a ceiling of values (a "billion laughs" is IW_ERR_TOO_BIG); merge keys (<<)
 * are followed. Duplicate keys are IW_ERR_PARSE. A text that is one JSON document is read as JSON.
 * name is used in messages: "NAME:LINE:COLUMN: ...". Returns IW_OK, IW_ERR_PARSE, IW_ERR_TOO_BIG,
 * or what `each` returned when not IW_OK. */
IW_NODISCARD enum iw_err yaml_json_each(const char *name, const char *text, size_t len,
                                        enum iw_err (*each)(void *ctx, json_t *document, int line,
                                                            struct iw_error *err),
                                        void *ctx, struct iw_error *err);
/* Exactly one document. New in *out. */
IW_NODISCARD enum iw_err yaml_json_one(const char *name, const char *text, size_t len, json_t **out,
                                       struct iw_error *err);
/* The 1-based line of the value at a path such as "users[1].user.token" in the first document, for
 * messages; when the path ends early, the line of the last part that exists. 0 when the text does
 * not parse. */
int yaml_json_line(const char *text, size_t len, const char *path);
/* Read a whole file ("-" is stdin) under a ceiling; 0 means LIMIT_CONFIG_FILE_BYTES. New in *out,
 * NUL-terminated (len may be NULL). Returns IW_OK, IW_ERR_IO, IW_ERR_NOT_FOUND (no such file) or
 * IW_ERR_TOO_BIG. */
IW_NODISCARD enum iw_err file_read_all(const char *path, size_t ceiling_bytes, char **out,
                                       size_t *len, struct iw_error *err);

#endif
