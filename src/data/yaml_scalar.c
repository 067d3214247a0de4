/* yaml_scalar: what a plain YAML scalar is, as Kubernetes sees it.
 *
 * sigs.k8s.io/yaml builds on go-yaml 2, which resolves by YAML 1.1 (yes, on, 0777) with Go's
 * integer syntax, and whose timestamps stay strings when they are turned into JSON. Ref:
 * goyaml.v2/resolve.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "yaml_scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/iwdef.h"

#define YAML_TAG_PREFIX "tag:yaml.org,2002:"
/* Longer texts are no integers: 64 binary digits, prefix, sign and as many underscores. */
#define YAML_INTEGER_MAX_LEN 140

static bool
yaml_scalar_is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(*words, text, len) == 0)
            return true;
    return false;
}

static bool
yaml_scalar_is_null(const char *text, size_t len)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return yaml_scalar_is_one_of(text, len, words);
}

static enum tristate
yaml_scalar_boolean(const char *text, size_t len)
{
    static const char *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                      "True", "TRUE", "on",  "On",  "ON",  NULL};
    static const char *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                     "False", "FALSE", "off", "Off", "OFF", NULL};
    if (yaml_scalar_is_one_of(text, len, yes))
        return TRI_TRUE;
    return yaml_scalar_is_one_of(text, len, no) ? TRI_FALSE : TRI_UNKNOWN;
}

/* Go's strconv.ParseInt(text, 0, 64) after underscores are taken out. */
static bool
yaml_scalar_integer(const char *text, size_t len, int64_t *out)
{
    char digits[YAML_INTEGER_MAX_LEN + 1];
    size_t count = 0;
    if (len > YAML_INTEGER_MAX_LEN)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '_')
            digits[count++] = text[i];
    digits[count] = '\0';
    const char *at = digits;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    int base = 10;
    if (at[0] == '0' && at[1] != '\0') {
        base = 8;
        if (at[1] == 'x' || at[1] == 'X')
            base = 16;
        else if (at[1] == 'b' || at[1] == 'B')
            base = 2;
        at += base != 8 || at[1] == 'o' || at[1] == 'O' ? 2 : 1;
    }
    /* strtoumax would skip blanks and take a second sign or prefix. */
    if (!strchr("0123456789abcdefABCDEF", *at) || *at == '\0')
        return false;
    if (base == 16 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        return false;
    char *end;
    errno = 0;
    uintmax_t magnitude = strtoumax(at, &end, base);
    uintmax_t limit = (uintmax_t)INT64_MAX + (negative ? 1 : 0);
    if (*end != '\0' || errno != 0 || magnitude > limit)
        return false;
    *out = negative ? (int64_t)(0 - (uint64_t)magnitude) : (int64_t)magnitude;
    return true;
}

json_t *
yaml_scalar_resolve(const char *text, size_t len, const char *tag)
{
    const size_t prefix = sizeof(YAML_TAG_PREFIX) - 1;
    bool typed = tag && strncmp(tag, YAML_TAG_PREFIX, prefix) == 0;
    if (typed && strcmp(tag + prefix, "str") == 0)
        return json_stringn_nocheck(text, len);
    if (yaml_scalar_is_null(text, len))
        return json_null();
    enum tristate boolean = yaml_scalar_boolean(text, len);
    if (boolean != TRI_UNKNOWN)
        return json_boolean(boolean == TRI_TRUE);
    int64_t number;
    if (yaml_scalar_integer(text, len, &number))
        return json_integer(number);
    return json_stringn_nocheck(text, len);
}
