/* objects_internal: what the store and its versions share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_OBJECTS_INTERNAL_H
#define INITWATCH_DEMO_OBJECTS_INTERNAL_H

#include "initwatch/demo/objects.h"

/* All versions have to be gone before the parts are freed. */
struct objects_parts *objects_parts_new(void) IW_NODISCARD;
void objects_parts_free(struct objects_parts *parts);

/* The version that comes next in the store, made of `object` (borrowed; its resourceVersion is
 * set). */
struct objects_version *objects_version_make(struct objects *store, enum demo_kind kind,
                                             json_t *object) IW_NODISCARD;
/* What the deletion of an object shows: its last state with the version that comes next. */
struct objects_version *objects_version_tomb(struct objects *store, enum demo_kind kind,
                                             struct objects_version *last) IW_NODISCARD;

#endif
