/* term_type: what to take for a terminal whose description is not installed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_TERM_TYPE_H
#define INITWATCH_UI_TERM_TYPE_H

/* The type to try after `before` (NULL: the first one) for a terminal that calls itself `type`; NULL when nothing is known to be
 * understood by it. */
const char *term_type_stand_in(const char *type, const char *before);

#endif
