/* logstamp: RFC3339Nano in front of a line, the minute cached.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logstamp.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"

/* "2026-11-22T01:12:41Z" and "2026-11-22T01:12:41.316025828+01:00". */
enum { STAMP_SHORTEST = 20, STAMP_LONGEST = 40, STAMP_MINUTE = 17, NS_PER_MS = 1000000 };

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits behind a point, as nanoseconds. Returns how many there are, 0 for none or more than nine. */
static size_t
take_fraction(const char *text, size_t len, uint32_t *ns)
{
    size_t digits = 0;
    uint32_t value = 0;
    for (; digits < len && is_digit(text[digits]); digits++) {
        if (digits == 9)
            return 0;
        value = value * 10 + (uint32_t)(text[digits] - '0');
    }
    for (size_t i = digits; i < 9; i++)
        value *= 10;
    *ns = value;
    return digits;
}

/* Seconds, fraction and Z behind a minute that is known: "41.316025828Z ". Returns its length, 0 when it looks otherwise. */
static size_t
take_seconds(const char *text, size_t len, int64_t *ms, uint32_t *sub_ns)
{
    uint32_t ns = 0;
    size_t at = 2;
    if (len < 3 || !is_digit(text[0]) || !is_digit(text[1]) || text[0] > '5')
        return 0;
    if (text[2] == '.') {
        size_t digits = take_fraction(text + 3, len - 3, &ns);
        if (digits == 0)
            return 0;
        at += 1 + digits;
    }
    if (at >= len || text[at] != 'Z' || (at + 1 < len && text[at + 1] != ' '))
        return 0;
    *ms = ((text[0] - '0') * 10 + (text[1] - '0')) * 1000 + ns / NS_PER_MS;
    *sub_ns = ns % NS_PER_MS;
    return at + 1;
}

static void
remember_minute(struct logstamp *s, const char *text, int64_t wall_ms)
{
    if (text[10] != 'T' || text[16] != ':' || !is_digit(text[17]) || !is_digit(text[18]))
        return;
    memcpy(s->minute, text, sizeof(s->minute));
    int64_t in_minute_ms = wall_ms % 60000;
    s->minute_ms = wall_ms - (in_minute_ms < 0 ? in_minute_ms + 60000 : in_minute_ms);
    s->known = true;
}

/* The slow way, for the first line of a minute and for stamps with an offset. */
static size_t
take_any(struct logstamp *s, const char *text, size_t len, int64_t *wall_ms, uint32_t *sub_ns)
{
    if (!is_digit(text[0]) || text[4] != '-')
        return 0;
    const char *blank = memchr(text, ' ', IW_MIN(len, (size_t)STAMP_LONGEST + 1));
    size_t stamp = blank ? (size_t)(blank - text) : len;
    if (stamp < STAMP_SHORTEST || stamp > STAMP_LONGEST ||
        rfc3339_parse(text, stamp, wall_ms, NULL) != IW_OK) {
        *wall_ms = IW_TIME_NONE;
        return 0;
    }
    uint32_t ns = 0;
    const size_t point = STAMP_MINUTE + 2;
    if (text[point] == '.' && take_fraction(text + point + 1, stamp - point - 1, &ns) > 0)
        *sub_ns = ns % NS_PER_MS;
    if (text[stamp - 1] == 'Z')
        remember_minute(s, text, *wall_ms);
    return blank ? stamp + 1 : stamp;
}

size_t
logstamp_take(struct logstamp *s, const char *text, size_t len, int64_t *wall_ms, uint32_t *sub_ns)
{
    *wall_ms = IW_TIME_NONE;
    *sub_ns = 0;
    if (len < STAMP_SHORTEST)
        return 0;
    if (s->known && memcmp(text, s->minute, STAMP_MINUTE) == 0) {
        int64_t ms;
        size_t rest = take_seconds(text + STAMP_MINUTE, len - STAMP_MINUTE, &ms, sub_ns);
        if (rest > 0) {
            size_t stamp = STAMP_MINUTE + rest;
            *wall_ms = s->minute_ms + ms;
            return stamp < len ? stamp + 1 : stamp;
        }
    }
    return take_any(s, text, len, wall_ms, sub_ns);
}

/* --- anywhere near the start --- */

enum { FIND_WITHIN = 96, DATE_AND_TIME = 19 };

/* "dddd-dd-ddTdd:dd:dd", the T as any sign. */
static bool
looks_like_moment(const char *text)
{
    static const char shape[DATE_AND_TIME + 1] = "0000-00-00T00:00:00";
    for (size_t i = 0; i < DATE_AND_TIME; i++) {
        bool right = shape[i] == '0'   ? is_digit(text[i])
                     : shape[i] == 'T' ? text[i] == 'T' || text[i] == ' ' || text[i] == '_'
                                       : text[i] == shape[i];
        if (!right)
            return false;
    }
    return true;
}

/* "Z", "+09:00", "+0900", " +0900" as RFC 3339 has it; nothing: UTC. */
static void
offset_of(const char *text, size_t len, char out[8])
{
    snprintf(out, 8, "Z");
    size_t at = len > 0 && text[0] == ' ';
    if (len < at + 5 || (text[at] != '+' && text[at] != '-'))
        return;
    const char *minute = text + at + 3 + (text[at + 3] == ':');
    if (!is_digit(text[at + 1]) || !is_digit(text[at + 2]) || minute + 2 > text + len ||
        !is_digit(minute[0]) || !is_digit(minute[1]))
        return;
    snprintf(out, 8, "%c%c%c:%c%c", text[at], text[at + 1], text[at + 2], minute[0], minute[1]);
}

bool
logstamp_find(const char *text, size_t len, int64_t *wall_ms, uint32_t *sub_ns)
{
    *wall_ms = IW_TIME_NONE;
    *sub_ns = 0;
    for (size_t at = 0; at + DATE_AND_TIME <= len && at < FIND_WITHIN; at++) {
        if (!is_digit(text[at]) || !looks_like_moment(text + at))
            continue;
        char moment[DATE_AND_TIME + 8], offset[8];
        size_t rest = at + DATE_AND_TIME;
        uint32_t ns = 0;
        if (rest + 1 < len && (text[rest] == '.' || text[rest] == ','))
            rest += 1 + take_fraction(text + rest + 1, len - rest - 1, &ns);
        offset_of(text + rest, len - rest, offset);
        snprintf(moment, sizeof(moment), "%.10sT%.8s%s", text + at, text + at + 11, offset);
        if (rfc3339_parse(moment, strlen(moment), wall_ms, NULL) != IW_OK)
            continue;
        *wall_ms += ns / NS_PER_MS;
        *sub_ns = ns % NS_PER_MS;
        return true;
    }
    *wall_ms = IW_TIME_NONE;
    return false;
}
