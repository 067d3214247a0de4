/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/logproof.h"

/* "1 text": attempts from 1; a new number begins a chapter. Returns the attempt the last line's proof names (from 1), 0 none. */
static int
proof_of(const char *const *lines)
{
    struct logbuf *b = logbuf_new(1 << 20);
    int attempt = 0;
    for (; *lines; lines++) {
        int number = (*lines)[0] - '0';
        if (number != attempt) {
            const struct logbuf_chapter c = {
                .attempt = number - 1, .started_ms = IW_TIME_NONE, .ended_ms = IW_TIME_NONE};
            logbuf_chapter_begin(b, 0, &c);
        }
        attempt = number;
        logbuf_append(b, 0, *lines + 2, strlen(*lines + 2), false, false);
    }
    struct logproof proof;
    bool proven = logproof_not_idempotent(b, logbuf_count(b) - 1, &proof);
    logbuf_free(b);
    return proven ? proof.attempt + 1 : 0;
}
#define PROOF(...) proof_of((const char *const[]){__VA_ARGS__, NULL})

static void
logproof__a_step_that_passed_and_fails_because_it_did(void **state)
{
    (void)state;
    assert_int_equal(PROOF("1 Running migrations:", "1   Applying shop.0001_users... OK",
                           "1   Applying shop.0002_backfill...", "1 Killed",
                           "2 Running migrations:", "2   Applying shop.0001_users...Traceback",
                           "2   File \"manage.py\", line 22, in <module>",
                           "2 psycopg2.errors.DuplicateTable: relation \"users\" already exists"),
                     1);
    assert_int_equal(PROOF("1 2026-06-15T12:00:01Z creating table users",
                           "1 2026-06-15T12:00:02Z loading rows", "1 Killed",
                           "2 2026-06-15T12:01:01Z creating table users",
                           "2 2026-06-15T12:01:01Z ERROR: relation users already exists"),
                     1);
}

static void
logproof__nothing_is_said_without_a_step_that_passed(void **state)
{
    (void)state;
    /* It failed the first time, too. */
    assert_int_equal(
        PROOF("1 migration 42 fails, column exists", "2 migration 42 fails, column exists"), 0);
    assert_int_equal(PROOF("1 preparing the database", "1 creating table users",
                           "1 ERROR: relation users already exists", "2 preparing the database",
                           "2 creating table users", "2 ERROR: relation users already exists"),
                     0);
    /* It did not get so far, or it is not known how the step ended. */
    assert_int_equal(PROOF("1 waiting for the database", "2 creating table users",
                           "2 ERROR: relation users already exists"),
                     0);
    assert_int_equal(PROOF("1 Cloning into '.'...", "2 Cloning into '.'...",
                           "2 fatal: destination path '.' already exists and is not an empty "
                           "directory."),
                     0);
    /* The first attempt proves nothing alone. */
    assert_int_equal(PROOF("1 creating table users", "1 loading", "1 users already exists"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logproof__a_step_that_passed_and_fails_because_it_did),
        cmocka_unit_test(logproof__nothing_is_said_without_a_step_that_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
