/* clock: RFC 3339, durations of three kinds, the manual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/base/clock.h"

#define NOON_MS INT64_C(1781524800000) /* 2026-06-15T12:00:00Z */

static void
rfc3339_parse__reads_what_go_reads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wall_ms;
    } rows[] = {
        {"2026-06-15T12:00:00Z", NOON_MS},
        {"2026-06-15T12:00:00.25Z", NOON_MS + 250},
        {"2026-06-15T12:00:00.123456789Z", NOON_MS + 123},
        {"2026-06-15T12:00:00,5Z", NOON_MS + 500},
        {"2026-06-15T12:00:00.9999Z", NOON_MS + 999},
        {"2026-06-15T14:00:00+02:00", NOON_MS},
        {"2026-06-15T06:30:00-05:30", NOON_MS},
        {"2026-06-15T9:00:00Z", NOON_MS - 3 * 3600000}, /* Go takes an hour of one digit */
        {"2026-06-16T12:00:00+24:00", NOON_MS},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.5Z", -500},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800000)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        int64_t wall_ms = 1;
        assert_int_equal(rfc3339_parse(rows[i].text, strlen(rows[i].text), &wall_ms, NULL), IW_OK);
        assert_int_equal(wall_ms, rows[i].wall_ms);
    }
}

static void
rfc3339_parse__refuses_what_go_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "2026",
        "2026-06-15",
        "2026-06-15T12:00:00",
        "2026-06-15 12:00:00Z",
        "2026-06-15t12:00:00Z",
        "2026-06-15T12:00:00z",
        "2026-06-15T24:00:00Z",
        "2026-06-15T12:60:00Z",
        "2026-06-15T12:00:60Z",
        "2026-13-15T12:00:00Z",
        "2026-00-15T12:00:00Z",
        "2026-06-31T12:00:00Z",
        "2026-06-00T12:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-06-15T12:00:00.Z",
        "2026-06-15T12:00:00+0200",
        "2026-06-15T12:00:00+25:00",
        "2026-06-15T12:00:00+02:61",
        "2026-06-15T12:00:00Z ",
        "2026-06-15T12:00:00ZZ",
        "12026-06-15T12:00:00Z",
        "2026-6-15T12:00:00Z",
        "-026-06-15T12:00:00Z",
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        int64_t wall_ms = 77;
        struct iw_error err = {0};
        assert_int_equal(rfc3339_parse(rows[i], strlen(rows[i]), &wall_ms, &err), IW_ERR_PARSE);
        assert_int_equal(wall_ms, 77);
        assert_non_null(strstr(err.msg, "RFC 3339"));
    }
}

static void
rfc3339_parse__ends_at_len(void **state)
{
    (void)state;
    int64_t wall_ms = 0;
    assert_int_equal(rfc3339_parse("2026-06-15T12:00:00Zxyz", 20, &wall_ms, NULL), IW_OK);
    assert_int_equal(wall_ms, NOON_MS);
}

static void
rfc3339_format__round_trips(void **state)
{
    (void)state;
    char text[40];
    for (int64_t ms = INT64_C(-62135596800000); ms < INT64_C(253402300799000);
         ms += INT64_C(86400000) * 97 + 12345677) {
        int64_t again = 0;
        rfc3339_format(ms, true, text);
        assert_int_equal(rfc3339_parse(text, strlen(text), &again, NULL), IW_OK);
        assert_int_equal(again, ms);
    }
    rfc3339_format(NOON_MS + 250, true, text);
    assert_string_equal(text, "2026-06-15T12:00:00.250Z");
    rfc3339_format(NOON_MS + 250, false, text);
    assert_string_equal(text, "2026-06-15T12:00:00Z");
    rfc3339_format(IW_TIME_NONE, false, text);
    assert_string_equal(text, "<unknown>");
    rfc3339_format(INT64_MAX, true, text); /* odd, but no overflow */
    assert_non_null(strchr(text, 'T'));
}

static void
clock_hms__gives_the_time_of_day(void **state)
{
    (void)state;
    char text[16];
    clock_hms(NOON_MS + 3723000, false, text);
    assert_string_equal(text, "13:02:03");
    clock_hms(-1, false, text);
    assert_string_equal(text, "23:59:59");
}

static void
clock_hms_parse__reads_times_of_the_day(void **state)
{
    static const char *const wrong[] = {"",      "12",       "12:",     "12:6",      "24:00",
                                        "12:60", "12:00:60", "12:00:1", "12:00:00x", "-1:00"};
    int64_t second = -1;
    (void)state;
    assert_true(clock_hms_parse("22:10:04", &second));
    assert_int_equal(second, 22 * 3600 + 604);
    assert_true(clock_hms_parse("7:05", &second));
    assert_int_equal(second, 7 * 3600 + 300);
    for (size_t i = 0; i < IW_COUNTOF(wrong); i++)
        assert_false(clock_hms_parse(wrong[i], &second));
    assert_int_equal(clock_second_of_day(NOON_MS + 3723000, false), 13 * 3600 + 123);
}

/* The number or text after "key": in a line of the data set. */
static const char *
field(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    assert_non_null(at);
    return at + strlen(key);
}

static void
assert_field(const char *line, const char *key, const char *text)
{
    const char *want = field(line, key);
    if (strncmp(want, text, strlen(text)) != 0 || want[strlen(text)] != '"')
        fail_msg("%s: got %s", line, text);
}

static void
duration_human__agrees_with_the_real_code(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/duration/cases.jsonl.gz");
    assert_non_null(lines);
    size_t count = 0;
    for (const char *line; (line = gzlines_next(lines, NULL)) != NULL; count++) {
        int64_t ms = strtoll(field(line, "\"ms\":"), NULL, 10);
        char text[32];
        duration_human(ms, text);
        assert_field(line, "\"human\":\"", text);
        duration_short_human(ms, text);
        assert_field(line, "\"short_human\":\"", text);
    }
    gzlines_close(lines);
    assert_in_range(count, 600, 100000);
}

static void
duration_cells__takes_five_cells(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        {-5, "0s"},         {0, "0s"},       {18, "18s"},        {59, "59s"},
        {60, "1m00s"},      {252, "4m12s"},  {599, "9m59s"},     {600, "10m"},
        {3599, "59m"},      {3720, "1h02m"}, {36000, "10h"},     {86399, "23h"},
        {273600, "3d04h"},  {864000, "10d"}, {10368000, "120d"}, {863999999, "9999d"},
        {864000000, "27y"},
    };
    char text[16];
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        duration_cells(rows[i].seconds * 1000, text);
        assert_string_equal(text, rows[i].text);
    }
    duration_cells(INT64_MAX, text);
    assert_string_equal(text, "9999y");
}

static void
duration_go__writes_as_go_does(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0s"},
        {1, "1ms"},
        {800, "800ms"},
        {1000, "1s"},
        {1500, "1.5s"},
        {1050, "1.05s"},
        {80000, "1m20s"},
        {60000, "1m0s"},
        {3600000, "1h0m0s"},
        {-1500, "-1.5s"},
        {90061001, "25h1m1.001s"},
    };
    char text[40];
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        duration_go(rows[i].ms, text);
        assert_string_equal(text, rows[i].text);
    }
    duration_go(INT64_MIN, text);
    assert_string_equal(text, "-2562047788015h12m55.808s");
}

static void
duration_parse__reads_go_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"0", 0},
        {"90s", 90000},
        {"1h30m", 5400000},
        {"1.5m", 90000},
        {"+5s", 5000},
        {"-1h", -3600000},
        {"100ms", 100},
        {"1h1h", 7200000},
        {".5s", 500},
        {"1.s", 1000},
        {"1500us", 1},
        {"2500\xc2\xb5s", 2},
        {"2500\xce\xbcs", 2},
        {"3000000ns", 3},
        {"0.3s", 300},
        {"-0", 0},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        int64_t ms = -77;
        assert_int_equal(duration_parse(rows[i].text, &ms, NULL), IW_OK);
        assert_int_equal(ms, rows[i].ms);
    }
}

static void
duration_parse__refuses_the_rest(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "90", "s",     ".s",   "-",   "+",   "1x",
                                      "1 s", "1d", "1h-1m", "--1s", "1.5", "1e3s"};
    int64_t ms = 0;
    for (size_t i = 0; i < IW_COUNTOF(bad); i++)
        assert_int_equal(duration_parse(bad[i], &ms, NULL), IW_ERR_PARSE);
    assert_int_equal(duration_parse("9223372037s", &ms, NULL), IW_ERR_RANGE);
    assert_int_equal(duration_parse("99999999999999999999h", &ms, NULL), IW_ERR_RANGE);
    assert_int_equal(duration_parse("2562047h48m", &ms, NULL), IW_ERR_RANGE);
}

static void
clock_manual__moves_only_when_told(void **state)
{
    (void)state;
    struct clock c = clock_manual(100, NOON_MS);
    assert_int_equal(clock_mono(&c), 100);
    clock_advance(&c, 250);
    assert_int_equal(clock_mono(&c), 350);
    assert_int_equal(clock_wall(&c), NOON_MS + 250);
    int64_t before = clock_mono(clock_system());
    assert_true(clock_mono(clock_system()) >= before);
    assert_true(clock_wall(clock_system()) > INT64_C(1600000000000));
}

static void
clock_system__counts_another_wall_time_from_the_moment_it_is_told(void **state)
{
    (void)state;
    const int64_t begin_ms = INT64_C(1000000000000);
    int64_t mono_ms = clock_mono(clock_system());
    clock_system_set_wall(begin_ms, 1000);
    while (clock_mono(clock_system()) - mono_ms < 5) {
    }
    int64_t passed_ms = clock_wall(clock_system()) - begin_ms;
    clock_system_set_wall(0, 0);
    assert_in_range(passed_ms, 4000, 5000000);
    assert_true(clock_wall(clock_system()) > INT64_C(1600000000000));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3339_parse__reads_what_go_reads),
        cmocka_unit_test(rfc3339_parse__refuses_what_go_refuses),
        cmocka_unit_test(rfc3339_parse__ends_at_len),
        cmocka_unit_test(rfc3339_format__round_trips),
        cmocka_unit_test(clock_hms__gives_the_time_of_day),
        cmocka_unit_test(clock_hms_parse__reads_times_of_the_day),
        cmocka_unit_test(duration_human__agrees_with_the_real_code),
        cmocka_unit_test(duration_cells__takes_five_cells),
        cmocka_unit_test(duration_go__writes_as_go_does),
        cmocka_unit_test(duration_parse__reads_go_durations),
        cmocka_unit_test(duration_parse__refuses_the_rest),
        cmocka_unit_test(clock_manual__moves_only_when_told),
        cmocka_unit_test(clock_system__counts_another_wall_time_from_the_moment_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
