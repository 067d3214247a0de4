/* embedded: the scenario files compiled into the program.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_EMBEDDED_H
#define INITWATCH_DEMO_EMBEDDED_H

#include "initwatch/base/embedded.h"

/* Ends with a row whose path is NULL. */
extern const struct embedded_file embedded_scenarios[];

#endif
