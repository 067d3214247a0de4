/* yaml_scalar: what a plain YAML scalar is. Internal to the data layer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_DATA_YAML_SCALAR_H
#define IW_DATA_YAML_SCALAR_H

#include <jansson.h>
#include <stddef.h>

/* New value: null, boolean, integer, or a string. tag is the explicit tag or NULL. */
json_t *yaml_scalar_resolve(const char *text, size_t len, const char *tag);

#endif
