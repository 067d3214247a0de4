/* cells_kinds: rows and columns of the plain kinds, for cells.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_CELLS_KINDS_H
#define INITWATCH_DEMO_CELLS_KINDS_H

#include <jansson.h>

#include "initwatch/data/json_member.h"
#include "initwatch/demo/kinds.h"

/* "Name|Data#|Selector*": "#" a number, "*" only with -o wide. */
const char *cells_kind_columns(enum demo_kind kind);
/* New reference. */
json_t *cells_kind_row(enum demo_kind kind, const json_t *object, int64_t now_wall_ms) IW_NODISCARD;

/* Short words for what every cell does. */
static inline const json_t *
get(const json_t *object, const char *member)
{
    return json_object_get(object, member);
}

static inline const char *
text(const json_t *object, const char *member)
{
    return json_text_of(object, member);
}

#endif
