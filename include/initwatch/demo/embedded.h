/* embedded: the scenario files and the texts about API types compiled into the program.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_EMBEDDED_H
#define INITWATCH_DEMO_EMBEDDED_H

#include "initwatch/base/embedded.h"

/* Ends with a row whose path is NULL. */
extern const struct embedded_file embedded_scenarios[];
/* What the API server's OpenAPI documents say; how the texts are written stands in core.txt. */
extern const struct embedded_file embedded_schema[];

#endif
