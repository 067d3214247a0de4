/* suite: runs every line of a data set, prints the first differing case in full and how many agree.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_SUITE_H
#define INITWATCH_TEST_SUITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* One case; on a difference it writes what it got to `got` and returns false. */
typedef bool (*suite_case)(const json_t *line, char *got, size_t got_size);

/* Feeds each JSON line of tests/data/NAME to `run`. Fails the test unless all `expected_count`
 * lines are there and agree. Numbers that are quantities must be read from the raw text by the
 * caller's means: jansson's are used here. */
void suite_run(const char *name, size_t expected_count, suite_case run);
/* String member of an object, "" when absent. */
const char *suite_text(const json_t *object, const char *key);

/* The same for callers that need the raw line. */
typedef bool (*suite_line)(const char *line, size_t len, char *got, size_t got_size);
void suite_run_lines(const char *name, size_t expected_count, suite_line run);

#endif
