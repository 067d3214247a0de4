/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/clock.h"
#include "initwatch/model/logstamp.h"

static void
logstamp_take__agrees_with_the_parser_of_times(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-22T01:12:41.316025828Z side line 48",
        "2026-11-22T01:12:41.3Z x",
        "2026-11-22T01:12:59.99Z x",
        "2026-11-22T01:12:07Z ",
        "2026-11-22T01:12:07Z",
        "2026-11-22T01:13:00.000000001Z next minute",
        "2026-11-22T01:12:41.316025828+09:00 offset",
        "1969-12-31T23:59:58.5Z before the epoch",
        "2026-11-22T01:12:60Z no such second",
        "2026-11-22T01:12:4xZ x",
        "2026-11-22T01:12:41.Z x",
        "2026-11-22T01:12:41Zx",
        "2026-11-22 01:12:41 a program's own",
        "short",
        "",
    };
    struct logstamp s = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < IW_COUNTOF(lines); i++) {
            size_t len = strlen(lines[i]), stamp = strcspn(lines[i], " ");
            int64_t want_ms = IW_TIME_NONE, wall_ms;
            bool good = stamp >= 20 && rfc3339_parse(lines[i], stamp, &want_ms, NULL) == IW_OK;
            uint32_t sub_ns;
            size_t took = logstamp_take(&s, lines[i], len, &wall_ms, &sub_ns);
            assert_int_equal(took, good ? IW_MIN(stamp + 1, len) : 0);
            assert_true(wall_ms == (good ? want_ms : IW_TIME_NONE));
            assert_int_equal(sub_ns, i == 0 || i == 6 ? 25828 : i == 5 ? 1 : 0);
        }
    }
}

static void
logstamp_find__knows_how_programs_write_times(void **state)
{
    (void)state;
    static const struct {
        const char *text, *moment;
        uint32_t sub_ns;
    } lines[] = {
        {"2026-11-22 01:12:41,316 INFO root", "2026-11-22T01:12:41.316Z", 0},
        {"[2026-11-22T01:12:41.316025828+09:00] x", "2026-11-22T01:12:41.316+09:00", 25828},
        {"[2026-11-22 01:12:41 +0200] [7] [INFO]", "2026-11-22T01:12:41+02:00", 0},
        {"{\"level\":\"info\",\"ts\":\"2026-11-22T01:12:41Z\"}", "2026-11-22T01:12:41Z", 0},
        {"level=info ts=2026-11-22T01:12:41.5Z msg=x", "2026-11-22T01:12:41.5Z", 0},
        {"2026-11-22 01:12:41", "2026-11-22T01:12:41Z", 0},
        {"2026-13-22 01:12:41", NULL, 0},
        {"2026-11-22", NULL, 0},
        {"no time at all", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < IW_COUNTOF(lines); i++) {
        int64_t wall_ms, want_ms = IW_TIME_NONE;
        uint32_t sub_ns;
        const char *moment = lines[i].moment;
        if (moment)
            assert_int_equal(rfc3339_parse(moment, strlen(moment), &want_ms, NULL), IW_OK);
        bool found = logstamp_find(lines[i].text, strlen(lines[i].text), &wall_ms, &sub_ns);
        assert_true(found == (moment != NULL));
        assert_true(wall_ms == want_ms);
        assert_int_equal(sub_ns, lines[i].sub_ns);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logstamp_take__agrees_with_the_parser_of_times),
        cmocka_unit_test(logstamp_find__knows_how_programs_write_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
