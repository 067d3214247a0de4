/* golden: a text compared with the file it had to be. UPDATE_GOLDEN=1 in the environment rewrites
 * the files.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <stdbool.h>

/* tests/golden/expected/NAME.txt. False when it differs or is missing; the first differing lines
 * are printed. */
bool golden_matches(const char *name, const char *actual);

#endif
