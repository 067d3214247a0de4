/* cells: rows of the server-side tables that kubectl prints.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_CELLS_H
#define INITWATCH_DEMO_CELLS_H

#include <jansson.h>

#include "initwatch/demo/kinds.h"

/* Column definitions of a kind. New reference. */
json_t *cells_columns(enum demo_kind kind) IW_NODISCARD;
/* The cells of one object at that moment. New reference. */
json_t *cells_row(enum demo_kind kind, const json_t *object, int64_t now_wall_ms) IW_NODISCARD;

#endif
