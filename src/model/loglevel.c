/* loglevel: how bad a line is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "initwatch/model/logfields.h"
#include "initwatch/model/logline.h"

enum {
    LOOK_LEN = 512,     /* a level word stands near the start of a line */
    WORD_LOOK_LEN = 64, /* "INFO" further behind is part of the message */
};

static const struct {
    const char *word;
    enum line_level level;
} NAMES[] = {
    {"trace", LINE_LEVEL_TRACE},
    {"debug", LINE_LEVEL_DEBUG},
    {"dbg", LINE_LEVEL_DEBUG},
    {"info", LINE_LEVEL_INFO},
    {"inf", LINE_LEVEL_INFO},
    {"information", LINE_LEVEL_INFO},
    {"informational", LINE_LEVEL_INFO},
    {"notice", LINE_LEVEL_INFO},
    {"warn", LINE_LEVEL_WARN},
    {"warning", LINE_LEVEL_WARN},
    {"wrn", LINE_LEVEL_WARN},
    {"error", LINE_LEVEL_ERROR},
    {"err", LINE_LEVEL_ERROR},
    {"severe", LINE_LEVEL_ERROR},
    {"fatal", LINE_LEVEL_FATAL},
    {"ftl", LINE_LEVEL_FATAL},
    {"critical", LINE_LEVEL_FATAL},
    {"crit", LINE_LEVEL_FATAL},
    {"panic", LINE_LEVEL_FATAL},
    {"dpanic", LINE_LEVEL_FATAL},
    {"alert", LINE_LEVEL_FATAL},
    {"emerg", LINE_LEVEL_FATAL},
    {"emergency", LINE_LEVEL_FATAL},
    /* pino and bunyan number them */
    {"10", LINE_LEVEL_TRACE},
    {"20", LINE_LEVEL_DEBUG},
    {"30", LINE_LEVEL_INFO},
    {"40", LINE_LEVEL_WARN},
    {"50", LINE_LEVEL_ERROR},
    {"60", LINE_LEVEL_FATAL},
};

bool
line_level_parse(const char *word, size_t len, enum line_level *out)
{
    for (size_t i = 0; i < IW_COUNTOF(NAMES); i++)
        if (strlen(NAMES[i].word) == len && strncasecmp(word, NAMES[i].word, len) == 0) {
            *out = NAMES[i].level;
            return true;
        }
    return false;
}

const char *
line_level_name(enum line_level level)
{
    static const char *const names[LINE_LEVEL_COUNT] = {"none", "trace", "debug", "info",
                                                        "warn", "error", "fatal"};
    return (unsigned)level < LINE_LEVEL_COUNT ? names[level] : "none";
}

/* "E1126 12:00:00.000000       1 main.go:12] ..." Ref: klog. */
static enum line_level
klog_level(const char *text, size_t len)
{
    static const char letters[] = "IWEF";
    static const enum line_level levels[] = {LINE_LEVEL_INFO, LINE_LEVEL_WARN, LINE_LEVEL_ERROR,
                                             LINE_LEVEL_FATAL};
    const char *letter = len > 14 ? memchr(letters, text[0], 4) : NULL;
    if (!letter || text[5] != ' ' || text[8] != ':' || text[11] != ':')
        return LINE_LEVEL_NONE;
    for (size_t i = 1; i < 5; i++)
        if (!isdigit((unsigned char)text[i]))
            return LINE_LEVEL_NONE;
    return levels[letter - letters];
}

static bool
is_level_key(const char *key, size_t len)
{
    static const char *const keys[] = {"level",     "lvl",       "severity", "loglevel",
                                       "log.level", "levelname", "@l"};
    for (size_t i = 0; i < IW_COUNTOF(keys); i++)
        if (strlen(keys[i]) == len && strncasecmp(key, keys[i], len) == 0)
            return true;
    return false;
}

/* The field that says it; false when there is none. */
static bool
field_level(const char *text, size_t len, enum line_level *out)
{
    struct logfield fields[LOGFIELDS_MAX];
    size_t n = logfields_parse(text, len, fields, LOGFIELDS_MAX);
    for (size_t i = 0; i < n; i++)
        if (is_level_key(fields[i].key, fields[i].key_len) &&
            line_level_parse(fields[i].value, fields[i].value_len, out))
            return true;
    return false;
}

static bool
denied_before(const char *text, size_t at)
{
    return (at >= 3 && strncasecmp(text + at - 3, "no ", 3) == 0) ||
           (at >= 2 && strncmp(text + at - 2, "0 ", 2) == 0) ||
           (at >= 8 && strncasecmp(text + at - 8, "without ", 8) == 0);
}

/* A word that makes a line bad wherever it stands; what begins with it counts too ("failed", "errors"). */
static enum line_level
bad_word(const char *text, size_t len)
{
    static const struct {
        const char *word;
        enum line_level level;
    } words[] = {{"error", LINE_LEVEL_ERROR},  {"fatal", LINE_LEVEL_FATAL},
                 {"panic", LINE_LEVEL_FATAL},  {"exception", LINE_LEVEL_ERROR},
                 {"fail", LINE_LEVEL_ERROR},   {"traceback", LINE_LEVEL_ERROR},
                 {"killed", LINE_LEVEL_ERROR}, {"critical", LINE_LEVEL_FATAL},
                 {"warn", LINE_LEVEL_WARN}};
    for (size_t w = 0; w < IW_COUNTOF(words); w++) {
        size_t n = strlen(words[w].word);
        if (len >= n && strncasecmp(text, words[w].word, n) == 0)
            return words[w].level;
    }
    return LINE_LEVEL_NONE;
}

/* INFO, DEBUG and TRACE as words of their own, in capitals or in brackets. */
static enum line_level
mild_word(const char *text, size_t len, size_t at)
{
    size_t n = 0;
    while (at + n < len && isalpha((unsigned char)text[at + n]))
        n++;
    bool bracketed = at > 0 && (text[at - 1] == '[' || text[at - 1] == '<') && at + n < len &&
                     (text[at + n] == ']' || text[at + n] == '>');
    bool capitals = n > 0;
    for (size_t i = 0; i < n; i++)
        capitals = capitals && isupper((unsigned char)text[at + i]);
    enum line_level level;
    if ((!bracketed && !capitals) || n < 3 || !line_level_parse(text + at, n, &level))
        return LINE_LEVEL_NONE;
    return level;
}

static enum line_level
word_level(const char *text, size_t len)
{
    enum line_level best = LINE_LEVEL_NONE;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        /* Words begin anew in NullPointerException. */
        if (!isalpha(c) || (i > 0 && islower(c) && isalpha((unsigned char)text[i - 1])))
            continue;
        /* First letters of the words in bad_word; most words end here. */
        bool may_be_bad = memchr("efptkcwEFPTKCW", c, 14) != NULL;
        enum line_level level = may_be_bad ? bad_word(text + i, len - i) : LINE_LEVEL_NONE;
        if (level != LINE_LEVEL_NONE && denied_before(text, i))
            level = LINE_LEVEL_NONE;
        bool start = i == 0 || !isalpha((unsigned char)text[i - 1]);
        if (level == LINE_LEVEL_NONE && start && i < WORD_LOOK_LEN)
            level = mild_word(text, len, i);
        best = IW_MAX(best, level);
    }
    return best;
}

enum line_level
logline_level(const char *text, size_t len)
{
    enum line_level level = klog_level(text, len);
    if (level != LINE_LEVEL_NONE || len == 0)
        return level;
    if ((text[0] == '{' || memmem(text, IW_MIN(len, (size_t)LOOK_LEN), "l=", 2) ||
         memmem(text, IW_MIN(len, (size_t)LOOK_LEN), "severity=", 9)) &&
        field_level(text, len, &level))
        return level;
    return word_level(text, IW_MIN(len, (size_t)LOOK_LEN));
}
