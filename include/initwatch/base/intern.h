/* intern: one copy of each string of a closed or slow vocabulary (namespaces, nodes,
 * reasons, condition types), for the life of the process, with a cap.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_INTERN_H
#define INITWATCH_BASE_INTERN_H

#include "initwatch/base/iwdef.h"

/* The one copy of text[0..len), or NULL when the pool is full (64 Ki strings or 4 MiB):
 * the caller then keeps its own copy. "" is always found. */
const char *iw_intern(const char *text, size_t len);
/* Whether text came from iw_intern, and is therefore good for ever. */
bool iw_is_interned(const char *text);

#endif
