/* sim_cron: schedules of CronJobs. Ref: robfig/cron v3, the standard five fields.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "initwatch/base/clock.h"
#include "sim_control.h"

#define MINUTE_MS 60000
#define SEARCH_MINUTES (4 * 366 * 24 * 60)

static const char *
read_number(const char *p, unsigned *out)
{
    if (!isdigit((unsigned char)*p))
        return NULL;
    *out = 0;
    for (; isdigit((unsigned char)*p); p++)
        *out = IW_MIN(*out * 10 + (unsigned)(*p - '0'), 1000u);
    return p;
}

/* One of "5", "1-5", "*", each perhaps with "/STEP". */
static const char *
read_range(const char *p, unsigned low, unsigned high, uint64_t *bits)
{
    unsigned from = low, to = high, step = 1;
    bool single = false;
    if (*p == '*' || *p == '?') {
        p++;
    } else {
        p = read_number(p, &from);
        if (!p)
            return NULL;
        to = from;
        single = *p != '-';
        if (!single && !(p = read_number(p + 1, &to)))
            return NULL;
    }
    if (*p == '/') {
        if (!(p = read_number(p + 1, &step)) || step == 0)
            return NULL;
        if (single)
            to = high;
    }
    if (from < low || to > high || from > to)
        return NULL;
    for (unsigned i = from; i <= to; i += step)
        *bits |= (uint64_t)1 << i;
    return p;
}

static const char *
read_field(const char *p, unsigned low, unsigned high, uint64_t *bits)
{
    while (*p == ' ')
        p++;
    *bits = 0;
    while ((p = read_range(p, low, high, bits)) != NULL && *p == ',')
        p++;
    return p && (*p == ' ' || *p == '\0') ? p : NULL;
}

bool
sim_cron_parse(const char *text, struct sim_cron *out)
{
    static const struct {
        const char *name, *fields;
    } names[] = {{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
                 {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
                 {"@annually", "0 0 1 1 *"}};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        if (strcmp(text, names[i].name) == 0)
            text = names[i].fields;
    }
    *out = (struct sim_cron){0};
    const char *p = read_field(text, 0, 59, &out->minutes);
    p = p ? read_field(p, 0, 23, &out->hours) : NULL;
    const char *day = p;
    p = p ? read_field(p, 1, 31, &out->days) : NULL;
    p = p ? read_field(p, 1, 12, &out->months) : NULL;
    const char *weekday = p;
    p = p ? read_field(p, 0, 7, &out->weekdays) : NULL;
    if (!p || p[strspn(p, " ")])
        return false;
    out->any_day = day[strspn(day, " ")] == '*';
    out->any_weekday = weekday[strspn(weekday, " ")] == '*';
    if (out->weekdays & 0x80) /* 7 is Sunday as well */
        out->weekdays |= 1;
    return true;
}

static bool
has(uint64_t bits, int bit)
{
    return bits >> bit & 1;
}

int64_t
sim_cron_next(const struct sim_cron *cron, int64_t wall_ms)
{
    int64_t minute = wall_ms / MINUTE_MS + 1;
    for (int64_t i = 0; i < SEARCH_MINUTES; i++, minute++) {
        time_t seconds = (time_t)(minute * 60);
        struct tm t;
        if (!gmtime_r(&seconds, &t))
            return IW_TIME_NONE;
        bool day = has(cron->days, t.tm_mday), weekday = has(cron->weekdays, t.tm_wday);
        /* with both given, one of them is enough */
        bool fits = cron->any_day || cron->any_weekday ? day && weekday : day || weekday;
        if (fits && has(cron->months, t.tm_mon + 1) && has(cron->hours, t.tm_hour) &&
            has(cron->minutes, t.tm_min))
            return minute * MINUTE_MS;
    }
    return IW_TIME_NONE;
}
