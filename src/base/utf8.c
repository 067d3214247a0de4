/* utf8: decoding that never fails, and widths from a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct width_range {
    uint32_t first, last;
};

#include "utf8_width.inc"

/* What the lead byte promises: length, and the range of the second byte (Unicode 15, table 3-7). */
struct lead_byte {
    unsigned len;
    unsigned char low, high;
};

static struct lead_byte
utf8_lead(unsigned char c)
{
    if (c >= 0xC2 && c <= 0xDF)
        return (struct lead_byte){2, 0x80, 0xBF};
    if (c >= 0xE0 && c <= 0xEF) /* no overlong forms after E0, no surrogates after ED */
        return (struct lead_byte){3, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    if (c >= 0xF0 && c <= 0xF4) /* no overlong forms after F0, nothing over U+10FFFF after F4 */
        return (struct lead_byte){4, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
    return (struct lead_byte){0, 0, 0};
}

uint32_t
utf8_next(const char *text, size_t len, size_t *taken)
{
    const unsigned char *s = (const unsigned char *)text;
    *taken = 1;
    if (s[0] < 0x80)
        return s[0];
    struct lead_byte lead = utf8_lead(s[0]);
    if (lead.len == 0)
        return UTF8_REPLACEMENT;
    uint32_t cp = s[0] & (0x7Fu >> lead.len);
    for (size_t i = 1; i < lead.len; i++) {
        unsigned char low = i == 1 ? lead.low : 0x80, high = i == 1 ? lead.high : 0xBF;
        if (i >= len || s[i] < low || s[i] > high)
            return UTF8_REPLACEMENT;
        cp = cp << 6 | (s[i] & 0x3Fu);
        *taken = i + 1;
    }
    return cp;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = UTF8_REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3F));
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(leads[len] | cp);
    return len;
}

static bool
range_has(const struct width_range *ranges, size_t count, uint32_t cp)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (cp > ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && cp >= ranges[low].first;
}

int
utf8_cp_width(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
        return -1;
    if (cp < 0x300) /* the first combining mark */
        return 1;
    if (range_has(width_zero, IW_COUNTOF(width_zero), cp))
        return 0;
    return range_has(width_wide, IW_COUNTOF(width_wide), cp) ? 2 : 1;
}

bool
utf8_is_deceptive(uint32_t cp)
{
    static const struct width_range deceptive[] = {
        {0x061C, 0x061C}, {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    return cp >= deceptive[0].first && range_has(deceptive, IW_COUNTOF(deceptive), cp);
}

/* Width on our screens, where control and deceptive characters are drawn as one sign. */
static int
utf8_drawn_width(uint32_t cp)
{
    int width = utf8_cp_width(cp);
    return width < 0 || utf8_is_deceptive(cp) ? 1 : width;
}

int
utf8_width(const char *text, size_t len)
{
    int width = 0;
    for (size_t at = 0, taken; at < len; at += taken)
        width += utf8_drawn_width(utf8_next(text + at, len - at, &taken));
    return width;
}

size_t
utf8_fit(const char *text, size_t len, int cols, int *used)
{
    int width = 0;
    size_t at = 0, taken;
    while (at < len) {
        int w = utf8_drawn_width(utf8_next(text + at, len - at, &taken));
        if (width + w > cols)
            break;
        width += w;
        at += taken;
    }
    if (used)
        *used = width;
    return at;
}

size_t
utf8_count(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t at = 0, taken; at < len; at += taken, count++)
        (void)utf8_next(text + at, len - at, &taken);
    return count;
}

bool
utf8_valid(const char *text, size_t len)
{
    for (size_t at = 0, taken; at < len; at += taken) {
        /* A real U+FFFD takes three bytes that begin with EF BF BD; damage never does. */
        if (utf8_next(text + at, len - at, &taken) == UTF8_REPLACEMENT &&
            !(taken == 3 && (unsigned char)text[at] == 0xEF))
            return false;
    }
    return true;
}

/* The name that setlocale looks at, in its order. */
static const char *
locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return value;
    }
    return "";
}

bool
utf8_use_locale(void)
{
    static const char *const stand_ins[] = {"C.UTF-8", "en_US.UTF-8"};
    const char *dot = strchr(locale_name(), '.');
    bool named = dot && (strncasecmp(dot, ".utf-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0);
    bool there = setlocale(LC_CTYPE, "") != NULL;
    for (size_t i = 0; named && !there && i < IW_COUNTOF(stand_ins); i++)
        there = setlocale(LC_CTYPE, stand_ins[i]) != NULL;
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
