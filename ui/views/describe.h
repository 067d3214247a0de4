/* describe: what view_describe.c and describe_page.c share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DESCRIBE_H
#define INITWATCH_UI_DESCRIBE_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* The whole page; it is cut where it is drawn. */
void describe_page(struct doc *d, const struct view_env *env, const struct pod *pod);

#endif
