/* duration: the texts of durations: Kubernetes', Go's and ours (declared in clock.h).
 * Ref: apimachinery/pkg/util/duration; Go's time.Duration.String and time.ParseDuration.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"

#define HOURS_PER_YEAR (24 * 365)

struct duration_parts {
    int64_t seconds, minutes, hours, days, years; /* each the whole duration, truncated */
};

static struct duration_parts
duration_split(int64_t duration_ms)
{
    struct duration_parts p = {.seconds = duration_ms / 1000};
    p.minutes = p.seconds / 60;
    p.hours = p.minutes / 60;
    p.days = p.hours / 24;
    p.years = p.days / 365;
    return p;
}

/* "2m3s", or "2m" when the smaller part is 0. */
static void
duration_pair(char out[32], int64_t large, char large_unit, int64_t small, char small_unit)
{
    if (small)
        snprintf(out, 32, "%" PRId64 "%c%" PRId64 "%c", large, large_unit, small, small_unit);
    else
        snprintf(out, 32, "%" PRId64 "%c", large, large_unit);
}

/* The rows both Kubernetes texts share; true when out is filled. */
static bool
duration_negative(int64_t duration_ms, char out[32])
{
    if (duration_ms >= 0)
        return false;
    /* Up to two seconds of clock skew are forgiven. */
    snprintf(out, 32, "%s", duration_ms / 1000 < -1 ? "<invalid>" : "0s");
    return true;
}

void
duration_human(int64_t duration_ms, char out[32])
{
    struct duration_parts p = duration_split(duration_ms);
    if (duration_negative(duration_ms, out))
        return;
    if (p.seconds < 120)
        duration_pair(out, p.seconds, 's', 0, 's');
    else if (p.minutes < 10)
        duration_pair(out, p.minutes, 'm', p.seconds % 60, 's');
    else if (p.minutes < 180)
        duration_pair(out, p.minutes, 'm', 0, 's');
    else if (p.hours < 8)
        duration_pair(out, p.hours, 'h', p.minutes % 60, 'm');
    else if (p.hours < 48)
        duration_pair(out, p.hours, 'h', 0, 'm');
    else if (p.hours < 8 * 24)
        duration_pair(out, p.days, 'd', p.hours % 24, 'h');
    else if (p.hours < 2 * HOURS_PER_YEAR)
        duration_pair(out, p.days, 'd', 0, 'h');
    else if (p.hours < 8 * HOURS_PER_YEAR)
        duration_pair(out, p.years, 'y', p.days % 365, 'd');
    else
        duration_pair(out, p.years, 'y', 0, 'd');
}

void
duration_short_human(int64_t duration_ms, char out[32])
{
    struct duration_parts p = duration_split(duration_ms);
    if (duration_negative(duration_ms, out))
        return;
    if (p.seconds < 60)
        duration_pair(out, p.seconds, 's', 0, 's');
    else if (p.minutes < 60)
        duration_pair(out, p.minutes, 'm', 0, 's');
    else if (p.hours < 24)
        duration_pair(out, p.hours, 'h', 0, 'm');
    else if (p.hours < HOURS_PER_YEAR)
        duration_pair(out, p.days, 'd', 0, 'h');
    else
        duration_pair(out, p.years, 'y', 0, 'd');
}

void
duration_cells(int64_t duration_ms, char out[16])
{
    struct duration_parts p = duration_split(IW_MAX(duration_ms, (int64_t)0));
    const int64_t cap_years = 9999; /* four digits and the unit are five cells */
    if (p.seconds < 60)
        snprintf(out, 16, "%ds", (int)p.seconds);
    else if (p.minutes < 10)
        snprintf(out, 16, "%dm%02ds", (int)p.minutes, (int)(p.seconds % 60));
    else if (p.minutes < 60)
        snprintf(out, 16, "%dm", (int)p.minutes);
    else if (p.hours < 10)
        snprintf(out, 16, "%dh%02dm", (int)p.hours, (int)(p.minutes % 60));
    else if (p.hours < 24)
        snprintf(out, 16, "%dh", (int)p.hours);
    else if (p.days < 10)
        snprintf(out, 16, "%dd%02dh", (int)p.days, (int)(p.hours % 24));
    else if (p.days < 10000)
        snprintf(out, 16, "%dd", (int)p.days);
    else
        snprintf(out, 16, "%dy", (int)IW_MIN(p.years, cap_years));
}

void
duration_go(int64_t duration_ms, char out[40])
{
    const char *sign = duration_ms < 0 ? "-" : "";
    uint64_t ms = duration_ms < 0 ? 0 - (uint64_t)duration_ms : (uint64_t)duration_ms;
    if (ms < 1000) {
        snprintf(out, 40, "%s%" PRIu64 "%s", sign, ms, ms ? "ms" : "s");
        return;
    }
    uint64_t seconds = ms / 1000, hours = seconds / 3600;
    unsigned fraction = (unsigned)(ms % 1000);
    char tail[8] = "";
    if (fraction) { /* trailing zeros are not written */
        snprintf(tail, sizeof(tail), ".%03u", fraction % 1000);
        for (size_t len = 4; len > 1 && tail[len - 1] == '0'; len--)
            tail[len - 1] = '\0';
    }
    unsigned second = (unsigned)(seconds % 60), minute = (unsigned)(seconds / 60 % 60);
    if (hours)
        snprintf(out, 40, "%s%" PRIu64 "h%um%u%ss", sign, hours, minute, second, tail);
    else if (minute)
        snprintf(out, 40, "%s%um%u%ss", sign, minute, second, tail);
    else
        snprintf(out, 40, "%s%u%ss", sign, second, tail);
}

/* --- parsing, step by step as Go does it, in nanoseconds --- */

static const struct duration_unit {
    const char *name;
    uint64_t ns;
} duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xC2\xB5s", 1000}, /* micro sign */
    {"\xCE\xBCs", 1000}, /* Greek letter mu */
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", UINT64_C(60000000000)},
    {"h", UINT64_C(3600000000000)},
};

/* Go's limit while it adds up: 2^63, so that the most negative duration can be written. */
#define DURATION_LIMIT_NS (UINT64_C(1) << 63)

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Nanoseconds per unit for the word at *at, which ends at a digit, a dot or the end; 0 if unknown.
 */
static uint64_t
take_unit_ns(const char **at)
{
    size_t len = strcspn(*at, ".0123456789");
    for (size_t i = 0; i < IW_COUNTOF(duration_units); i++) {
        const struct duration_unit *unit = &duration_units[i];
        if (strlen(unit->name) == len && memcmp(*at, unit->name, len) == 0) {
            *at += len;
            return unit->ns;
        }
    }
    return 0;
}

/* One "1.5h" of the text, added to *total_ns. */
static enum iw_err
take_term(const char **at, uint64_t *total_ns)
{
    uint64_t whole = 0;
    double fraction = 0, scale = 1;
    const char *start = *at;
    for (; is_digit(**at); (*at)++) {
        if (whole > DURATION_LIMIT_NS / 10)
            return IW_ERR_RANGE;
        whole = whole * 10 + (uint64_t)(**at - '0');
        if (whole > DURATION_LIMIT_NS)
            return IW_ERR_RANGE;
    }
    size_t digits = (size_t)(*at - start);
    if (**at == '.') {
        for ((*at)++; is_digit(**at); (*at)++, digits++) {
            scale *= 10;
            fraction += (**at - '0') / scale;
        }
    }
    uint64_t unit_ns = digits ? take_unit_ns(at) : 0;
    if (unit_ns == 0)
        return IW_ERR_PARSE;
    if (whole > DURATION_LIMIT_NS / unit_ns)
        return IW_ERR_RANGE;
    uint64_t term = whole * unit_ns + (uint64_t)(fraction * (double)unit_ns + 1e-3);
    if (term > DURATION_LIMIT_NS || *total_ns > DURATION_LIMIT_NS - term)
        return IW_ERR_RANGE;
    *total_ns += term;
    return IW_OK;
}

enum iw_err
duration_parse(const char *text, int64_t *duration_ms, struct iw_error *err)
{
    const char *at = text;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    uint64_t total_ns = 0;
    enum iw_err code = *at ? IW_OK : IW_ERR_PARSE;
    if (strcmp(at, "0") != 0)
        while (code == IW_OK && *at)
            code = take_term(&at, &total_ns);
    if (code == IW_OK && !negative && total_ns == DURATION_LIMIT_NS)
        code = IW_ERR_RANGE;
    if (code != IW_OK)
        return iw_fail(err, code, "\"%.64s\" is not a duration such as 90s, 1h30m or 1.5m", text);
    int64_t ms = (int64_t)(total_ns / 1000000);
    *duration_ms = negative ? -ms : ms;
    return IW_OK;
}
