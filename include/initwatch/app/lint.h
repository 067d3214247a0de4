/* lint: advice on a pod's spec that the API server would accept as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LINT_H
#define INITWATCH_APP_LINT_H

#include "initwatch/diag/diag.h"

/* Findings from the spec alone, in the order of the containers. Returns how many were stored. */
size_t lint_hints(const struct pod *pod, struct finding *out, size_t max);

#endif
