/* api_select: label and field selectors.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api_internal.h"

static char *
trimmed(const char *text, size_t len)
{
    while (len > 0 && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    return iw_strndup(text, len);
}

/* "key=value", "key==value", "key!=value". */
static bool
parse_field(const char *text, size_t len, struct api_term *term)
{
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return false;
    bool negative = equals > text && equals[-1] == '!';
    size_t key_len = (size_t)(equals - text) - negative;
    const char *value = equals + 1;
    if (value < text + len && *value == '=')
        value++;
    term->op = negative ? TERM_NOT_EQUALS : TERM_EQUALS;
    term->key = trimmed(text, key_len);
    term->values = trimmed(value, (size_t)(text + len - value));
    return term->key[0] != '\0';
}

/* Ref: apimachinery/pkg/fields/selector.go, parseSelector. */
static enum iw_err
parse_fields(const char *text, struct api_selector *out, struct iw_error *err)
{
    while (text && *text) {
        size_t len = strcspn(text, ",");
        struct api_term term = {0};
        bool read = parse_field(text, len, &term);
        if (term.key)
            vec_push(&out->fields, term);
        if (!read)
            return iw_fail(err, IW_ERR_PARSE, "invalid selector: '%s'; can't understand '%.*s'",
                           text, (int)len, text);
        text += len + (text[len] == ',');
    }
    return IW_OK;
}

/* events.k8s.io says "regarding" where core/v1 says "involvedObject". */
static void
rename_event_field(struct api_term *term)
{
    static const char old[] = "regarding.";
    if (strncmp(term->key, old, sizeof(old) - 1) != 0)
        return;
    char *key = iw_asprintf("involvedObject.%s", term->key + sizeof(old) - 1);
    free(term->key);
    term->key = key;
}

enum iw_err
api_selector_parse(struct api_selector *out, enum demo_kind kind, bool events_v1,
                   const char *label_text, const char *field_text, struct iw_error *err)
{
    enum iw_err code = api_labels_parse(out, label_text, err);
    if (!code)
        code = parse_fields(field_text, out, err);
    if (code)
        return code;
    static struct objects_version probe = {.ns = "", .name = ""};
    for (size_t i = 0; i < out->fields.len; i++) {
        struct api_term *term = &out->fields.items[i];
        if (events_v1)
            rename_event_field(term);
        if (!objects_field(&probe, kind, term->key))
            return iw_fail(err, IW_ERR_UNSUPPORTED, "field label not supported: %s", term->key);
    }
    return IW_OK;
}

static bool
is_among(const char *values, const char *text)
{
    size_t len = strlen(text);
    for (const char *p = values; *p;) {
        size_t part = strcspn(p, ",");
        if (part == len && memcmp(p, text, len) == 0)
            return true;
        p += part + (p[part] == ',');
    }
    return false;
}

static bool
term_matches(const struct api_term *term, const char *text)
{
    switch (term->op) {
    case TERM_EQUALS:
        return text && strcmp(text, term->values) == 0;
    case TERM_NOT_EQUALS:
        return !text || strcmp(text, term->values) != 0;
    case TERM_IN:
        return text && is_among(term->values, text);
    case TERM_NOT_IN:
        return !text || !is_among(term->values, text);
    case TERM_EXISTS:
        return text != NULL;
    case TERM_NOT_EXISTS:
        return text == NULL;
    case TERM_GREATER:
        return text && strtoll(text, NULL, 10) > strtoll(term->values, NULL, 10);
    case TERM_LESS:
        return text && strtoll(text, NULL, 10) < strtoll(term->values, NULL, 10);
    }
    return false;
}

bool
api_selector_matches(const struct api_selector *selector, enum demo_kind kind,
                     const struct objects_version *version)
{
    for (size_t i = 0; i < selector->labels.len; i++) {
        const struct api_term *term = &selector->labels.items[i];
        const char *text = json_string_value(json_object_get(version->labels, term->key));
        if (!term_matches(term, text))
            return false;
    }
    for (size_t i = 0; i < selector->fields.len; i++) {
        const struct api_term *term = &selector->fields.items[i];
        if (!term_matches(term, objects_field(version, kind, term->key)))
            return false;
    }
    return true;
}

bool
api_selector_is_empty(const struct api_selector *selector)
{
    return selector->labels.len + selector->fields.len == 0;
}

void
api_selector_free(struct api_selector *selector)
{
    for (size_t i = 0; i < selector->labels.len; i++) {
        free(selector->labels.items[i].key);
        free(selector->labels.items[i].values);
    }
    for (size_t i = 0; i < selector->fields.len; i++) {
        free(selector->fields.items[i].key);
        free(selector->fields.items[i].values);
    }
    vec_free(&selector->labels);
    vec_free(&selector->fields);
}
