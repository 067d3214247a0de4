/* selector: label selectors, for objects that no server has selected.
 * Ref: apimachinery/pkg/labels/selector.go, the grammar before Parse.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/selector.h"

#include <ctype.h>
#include <string.h>

struct selector_scan {
    const char *at;
};

static void
skip_blanks(struct selector_scan *s)
{
    while (isspace((unsigned char)*s->at))
        s->at++;
}

/* A key or value; its length, 0 when there is none. */
static size_t
scan_word(struct selector_scan *s, const char **word)
{
    skip_blanks(s);
    *word = s->at;
    while (isalnum((unsigned char)*s->at) || (*s->at && strchr("-_./", *s->at)))
        s->at++;
    return (size_t)(s->at - *word);
}

static bool
scan_sign(struct selector_scan *s, const char *sign)
{
    skip_blanks(s);
    if (strncmp(s->at, sign, strlen(sign)) != 0)
        return false;
    s->at += strlen(sign);
    return true;
}

static const char *
label_value(const struct pod *pod, const char *key, size_t len)
{
    for (uint32_t i = 0; i < pod->label_count; i++)
        if (strlen(pod->labels[i].key) == len && memcmp(pod->labels[i].key, key, len) == 0)
            return pod->labels[i].value;
    return NULL;
}

static bool
text_equal(const char *text, const char *word, size_t len)
{
    return text && strlen(text) == len && memcmp(text, word, len) == 0;
}

/* "(a, b)" after in and notin; false when it is not that. */
static bool
scan_set(struct selector_scan *s, const char *value, bool *found)
{
    const char *word;
    *found = false;
    if (!scan_sign(s, "("))
        return false;
    do {
        size_t len = scan_word(s, &word);
        *found = *found || text_equal(value, word, len);
    } while (scan_sign(s, ","));
    return scan_sign(s, ")");
}

/* One requirement; false when it does not parse. */
static bool
scan_requirement(struct selector_scan *s, const struct pod *pod, bool *holds)
{
    const char *key;
    const char *word;
    bool negated = scan_sign(s, "!");
    size_t key_len = scan_word(s, &key);
    if (key_len == 0)
        return false;
    const char *value = label_value(pod, key, key_len);
    if (negated) {
        *holds = !value;
        return true;
    }
    if (scan_sign(s, "!=")) {
        size_t len = scan_word(s, &word);
        *holds = !text_equal(value, word, len);
    } else if (scan_sign(s, "==") || scan_sign(s, "=")) {
        size_t len = scan_word(s, &word);
        *holds = text_equal(value, word, len);
    } else if (scan_sign(s, "notin")) {
        bool found;
        if (!scan_set(s, value, &found))
            return false;
        *holds = !found;
    } else if (scan_sign(s, "in")) {
        return scan_set(s, value, holds);
    } else {
        *holds = value != NULL;
    }
    return true;
}

enum iw_err
selector_matches(const char *selector, const struct pod *pod, bool *matches, struct iw_error *err)
{
    struct selector_scan s = {.at = selector};
    *matches = true;
    skip_blanks(&s);
    if (*s.at == '\0')
        return IW_OK;
    do {
        bool holds;
        if (!scan_requirement(&s, pod, &holds))
            return iw_fail(err, IW_ERR_USAGE, "\"%s\" does not parse at \"%s\"", selector, s.at);
        *matches = *matches && holds;
    } while (scan_sign(&s, ","));
    skip_blanks(&s);
    if (*s.at)
        return iw_fail(err, IW_ERR_USAGE, "\"%s\" does not parse at \"%s\"", selector, s.at);
    return IW_OK;
}
