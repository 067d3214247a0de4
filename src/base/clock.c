/* clock: the system's clocks, a manual one, RFC 3339 and the texts of durations.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_DAY (24 * 60 * MS_PER_MINUTE)

static int64_t
clock_read(clockid_t id)
{
    struct timespec ts = {0};
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * MS_PER_SECOND + ts.tv_nsec / 1000000;
}

static int64_t
system_mono_ms(IW_UNUSED const struct clock *self)
{
    return clock_read(CLOCK_MONOTONIC);
}

/* Wall time as somebody else counts it; speed 0: as the system does. */
static struct {
    int64_t wall_ms, mono_ms;
    double speed;
} other_wall;

static int64_t
system_wall_ms(IW_UNUSED const struct clock *self)
{
    if (other_wall.speed <= 0)
        return clock_read(CLOCK_REALTIME);
    int64_t passed_ms = clock_read(CLOCK_MONOTONIC) - other_wall.mono_ms;
    return other_wall.wall_ms + (int64_t)((double)passed_ms * other_wall.speed);
}

static int64_t
manual_mono_ms(const struct clock *self)
{
    return self->manual_mono_ms;
}

static int64_t
manual_wall_ms(const struct clock *self)
{
    return self->manual_wall_ms;
}

const struct clock *
clock_system(void)
{
    static const struct clock system_clock = {.mono_ms = system_mono_ms, .wall_ms = system_wall_ms};
    return &system_clock;
}

void
clock_system_set_wall(int64_t wall_ms, double speed)
{
    other_wall.wall_ms = wall_ms;
    other_wall.mono_ms = clock_read(CLOCK_MONOTONIC);
    other_wall.speed = speed;
}

struct clock
clock_manual(int64_t mono_ms, int64_t wall_ms)
{
    return (struct clock){.mono_ms = manual_mono_ms,
                          .wall_ms = manual_wall_ms,
                          .manual_mono_ms = mono_ms,
                          .manual_wall_ms = wall_ms};
}

void
clock_advance(struct clock *c, int64_t delta_ms)
{
    c->manual_mono_ms += delta_ms;
    c->manual_wall_ms += delta_ms;
}

/* --- civil time; Ref: H. Hinnant, "chrono-compatible low-level date algorithms" --- */

struct civil {
    int64_t year;
    int month, day;
};

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t
days_from_civil(struct civil c)
{
    int64_t year = c.month <= 2 ? c.year - 1 : c.year;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil
civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (int)((5 * day_of_year + 2) / 153);
    struct civil c = {.day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};
    c.month = month < 10 ? month + 3 : month - 9;
    c.year = year_of_era + era * 400 + (c.month <= 2);
    return c;
}

static int
days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* --- RFC 3339 as Go's time.Parse(time.RFC3339, ...) reads it --- */

struct cursor {
    const char *at, *end;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
take_char(struct cursor *c, char want)
{
    if (c->at == c->end || *c->at != want)
        return false;
    c->at++;
    return true;
}

/* min to max digits; -1 when there are fewer. */
static int
take_digits(struct cursor *c, int min, int max)
{
    int value = 0, count = 0;
    while (count < max && c->at < c->end && is_digit(*c->at)) {
        value = value * 10 + (*c->at++ - '0');
        count++;
    }
    return count < min ? -1 : value;
}

/* ".25" or ",25" after the seconds, any number of digits; absent gives 0. */
static int
take_fraction_ms(struct cursor *c)
{
    if (c->end - c->at < 2 || (*c->at != '.' && *c->at != ',') || !is_digit(c->at[1]))
        return 0;
    int value = 0, scale = 100;
    for (c->at++; c->at < c->end && is_digit(*c->at); c->at++, scale /= 10)
        value += (*c->at - '0') * scale;
    return value;
}

/* "Z" or "+02:00". Go allows 24 hours and 60 minutes here, as some write them. */
static bool
take_offset_ms(struct cursor *c, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (take_char(c, 'Z'))
        return true;
    int sign = take_char(c, '+') ? 1 : take_char(c, '-') ? -1 : 0;
    int hours = take_digits(c, 2, 2);
    bool colon = take_char(c, ':');
    int minutes = take_digits(c, 2, 2);
    *offset_ms = sign * (hours * 60 + minutes) * MS_PER_MINUTE;
    return sign && colon && hours >= 0 && hours <= 24 && minutes >= 0 && minutes <= 60;
}

static bool
take_date(struct cursor *c, int64_t *days)
{
    int year = take_digits(c, 4, 4);
    bool dashes = take_char(c, '-');
    int month = take_digits(c, 2, 2);
    dashes = take_char(c, '-') && dashes;
    int day = take_digits(c, 2, 2);
    if (year < 0 || !dashes || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *days = days_from_civil((struct civil){.year = year, .month = month, .day = day});
    return true;
}

static bool
take_time_ms(struct cursor *c, int64_t *time_ms)
{
    int hour = take_digits(c, 1, 2); /* Go takes an hour of one digit */
    bool colons = take_char(c, ':');
    int minute = take_digits(c, 2, 2);
    colons = take_char(c, ':') && colons;
    int second = take_digits(c, 2, 2);
    if (!colons || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    *time_ms = (hour * 60 + minute) * MS_PER_MINUTE + second * MS_PER_SECOND;
    return true;
}

enum iw_err
rfc3339_parse(const char *text, size_t len, int64_t *wall_ms, struct iw_error *err)
{
    struct cursor c = {text, text + len};
    int64_t days = 0, time_ms = 0, offset_ms = 0;
    if (take_date(&c, &days) && take_char(&c, 'T') && take_time_ms(&c, &time_ms)) {
        int fraction_ms = take_fraction_ms(&c);
        if (take_offset_ms(&c, &offset_ms) && c.at == c.end) {
            *wall_ms = days * MS_PER_DAY + time_ms + fraction_ms - offset_ms;
            return IW_OK;
        }
    }
    return iw_fail(err, IW_ERR_PARSE, "\"%.*s\" is not an RFC 3339 time",
                   (int)IW_MIN(len, (size_t)64), text);
}

void
rfc3339_format(int64_t wall_ms, bool millis, char out[40])
{
    if (wall_ms == IW_TIME_NONE) {
        snprintf(out, 40, "<unknown>");
        return;
    }
    int64_t days = floor_div(wall_ms, MS_PER_DAY);
    int ms = (int)(wall_ms - days * MS_PER_DAY);
    struct civil c = civil_from_days(days);
    int seconds = ms / 1000;
    char fraction[8] = "";
    if (millis)
        snprintf(fraction, sizeof(fraction), ".%03d", ms % 1000);
    char text[80]; /* the compiler cannot know that no year of an int64_t needs more than 40 */
    int len = snprintf(text, sizeof(text), "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d%sZ", c.year,
                       c.month, c.day, seconds / 3600, seconds / 60 % 60, seconds % 60, fraction);
    memcpy(out, text, (size_t)IW_MIN(len, 39));
    out[IW_MIN(len, 39)] = '\0';
}

void
clock_hms(int64_t wall_ms, bool local, char out[16])
{
    time_t seconds = (time_t)floor_div(wall_ms, MS_PER_SECOND);
    struct tm tm = {0};
    if (!(local ? localtime_r(&seconds, &tm) : gmtime_r(&seconds, &tm)))
        tm = (struct tm){0};
    if (strftime(out, 16, "%H:%M:%S", &tm) == 0)
        out[0] = '\0';
}

bool
clock_hms_parse(const char *text, int64_t *second_of_day)
{
    struct cursor c = {text, text + strlen(text)};
    int hour = take_digits(&c, 1, 2), minute = take_char(&c, ':') ? take_digits(&c, 2, 2) : -1;
    int second = take_char(&c, ':') ? take_digits(&c, 2, 2) : 0;
    if (c.at != c.end || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 59)
        return false;
    *second_of_day = (hour * 60 + minute) * 60 + second;
    return true;
}

int64_t
clock_second_of_day(int64_t wall_ms, bool local)
{
    char hms[16];
    int64_t second = 0;
    clock_hms(wall_ms, local, hms);
    (void)clock_hms_parse(hms, &second);
    return second;
}
