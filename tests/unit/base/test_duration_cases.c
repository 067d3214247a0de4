/* Kubernetes' duration texts against the output of its own code.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/clock.h"
#include "suite.h"

static bool
duration_case(const json_t *c, char *got, size_t got_size)
{
    char human[32];
    char short_human[32];
    int64_t duration_ms = json_integer_value(json_object_get(c, "ms"));
    duration_human(duration_ms, human);
    duration_short_human(duration_ms, short_human);
    snprintf(got, got_size, "%s %s", human, short_human);
    return strcmp(human, suite_text(c, "human")) == 0 &&
           strcmp(short_human, suite_text(c, "short_human")) == 0;
}

static void
duration_human__agrees_with_every_case(void **state)
{
    (void)state;
    suite_run("duration/cases.jsonl.gz", 686, duration_case);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(duration_human__agrees_with_every_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
