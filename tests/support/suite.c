/* suite: runs every line of a data set.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gzlines.h"

#define GOT_BYTES (256u << 10)

static suite_case current_case;

static bool
run_parsed(const char *line, size_t len, char *got, size_t got_size)
{
    json_error_t error;
    json_t *object = json_loadb(line, len, 0, &error);
    if (!object) {
        snprintf(got, got_size, "the line is not JSON: %s", error.text);
        return false;
    }
    bool same = current_case(object, got, got_size);
    json_decref(object);
    return same;
}

void
suite_run_lines(const char *name, size_t expected_count, suite_line run)
{
    char path[512];
    size_t len = 0;
    size_t total = 0;
    size_t agree = 0;
    char *got = calloc(1, GOT_BYTES);
    snprintf(path, sizeof(path), "%s/%s", TEST_DATA_DIR, name);
    struct gzlines *lines = gzlines_open(path);
    assert_non_null(lines);
    assert_non_null(got);
    for (char *line; (line = gzlines_next(lines, &len)) != NULL; total++) {
        if (len == 0) {
            total--;
            continue;
        }
        got[0] = '\0';
        if (run(line, len, got, GOT_BYTES))
            agree++;
        else if (agree == total)
            printf("%s: first difference in line %zu:\n%s\n got: %s\n", name, total + 1, line, got);
    }
    gzlines_close(lines);
    free(got);
    printf("%s: %zu of %zu cases agree\n", name, agree, total);
    assert_int_equal(total, expected_count);
    assert_int_equal(agree, total);
}

void
suite_run(const char *name, size_t expected_count, suite_case run)
{
    current_case = run;
    suite_run_lines(name, expected_count, run_parsed);
}

const char *
suite_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}
