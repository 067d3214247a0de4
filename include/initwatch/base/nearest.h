/* nearest: the names most like a mistyped one, for error messages.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_NEAREST_H
#define INITWATCH_BASE_NEAREST_H

#include "initwatch/base/iwdef.h"

#define NEAREST_MAX 3
struct nearest {
    const char *wanted; /* borrowed */
    char names[NEAREST_MAX][128];
    unsigned distance[NEAREST_MAX], count;
    char text[NEAREST_MAX * 130];
};
void nearest_init(struct nearest *n, const char *wanted);
/* Kept once when it is among the nearest and near enough to be a slip (a third of its length, or a
 * common prefix). */
void nearest_offer(struct nearest *n, const char *name);
/* "a, b, c", "" when nothing is near. Borrowed from n. */
const char *nearest_text(struct nearest *n);

#endif
