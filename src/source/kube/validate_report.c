/* validate_report: field paths, the sentences of errors, the lists they are kept in.
 * Ref: apimachinery/pkg/util/validation/field/errors.go, Error.ErrorBody.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"

#include "validate_internal.h"

static const struct {
    const char *name, *text;
} types[VALIDATION_TYPE_COUNT] = {
#define X(type, name, text) {name, text},
    VALIDATION_TYPES(X)
#undef X
};

const char *
validation_type_name(enum validation_type type)
{
    return types[type].name;
}

/* --- paths --- */

struct field_path
field_child(const char *parent, const char *name)
{
    struct field_path p;
    if (snprintf(p.text, sizeof(p.text), "%s.%s", parent, name) < 0)
        p.text[0] = '\0';
    return p;
}

struct field_path
field_index(const char *parent, const char *name, size_t i)
{
    struct field_path p;
    if (snprintf(p.text, sizeof(p.text), "%s.%s[%zu]", parent, name, i) < 0)
        p.text[0] = '\0';
    return p;
}

struct field_path
field_key(const char *parent, const char *name, const char *key)
{
    struct field_path p;
    if (snprintf(p.text, sizeof(p.text), "%s.%s[%s]", parent, name, key) < 0)
        p.text[0] = '\0';
    return p;
}

/* --- JSON as Go sees it --- */

json_t *
member(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

const char *
member_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int64_t
member_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* --- errors --- */

/* One character as Go's strconv.Quote writes it. */
static void
quote_character(struct strbuf *b, const char *text, size_t taken, uint32_t cp)
{
    static const char named[] = "\a\b\t\n\v\f\r\"\\";
    static const char letters[] = "abtnvfr\"\\";
    const char *at = cp > 0 && cp < 0x80 ? strchr(named, (int)cp) : NULL;
    if (at)
        strbuf_addf(b, "\\%c", letters[at - named]);
    else if (cp < ' ' || cp == 0x7f)
        strbuf_addf(b, "\\x%02x", cp);
    else if (cp == UTF8_REPLACEMENT && taken == 1)
        strbuf_addf(b, "\\x%02x", (unsigned char)text[0]);
    else if (utf8_cp_width(cp) < 0 || utf8_is_deceptive(cp))
        strbuf_addf(b, cp > 0xffff ? "\\U%08x" : "\\u%04x", cp);
    else
        strbuf_add(b, text, taken);
}

char *
go_quote(const char *text)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    strbuf_addc(&b, '"');
    size_t len = strlen(text);
    for (size_t pos = 0, taken = 0; pos < len; pos += taken) {
        uint32_t cp = utf8_next(text + pos, len - pos, &taken);
        quote_character(&b, text + pos, taken, cp);
    }
    strbuf_addc(&b, '"');
    return strbuf_take(&b);
}

void
report(struct validation *v, enum validation_type type, const char *field, const char *shown,
       const char *detail)
{
    if (v->error_count == VALIDATION_MAX) {
        v->cut = true;
        return;
    }
    if (v->error_count == v->error_cap) {
        v->error_cap = v->error_cap ? v->error_cap * 2 : 8;
        v->errors = iw_reallocarray(v->errors, v->error_cap, sizeof(*v->errors));
    }
    struct validation_error *e = &v->errors[v->error_count++];
    e->type = type;
    e->field = iw_strdup(field);
    e->detail = iw_strdup(detail);
    e->text = iw_asprintf("%s: %s%s%s%s%s", field, types[type].text, shown ? ": " : "",
                          shown ? shown : "", *detail ? ": " : "", detail);
}

void
report_text(struct validation *v, enum validation_type type, const char *field, const char *value,
            const char *detail)
{
    iw_autofree char *quoted = go_quote(value);
    report(v, type, field, quoted, detail);
}

void
report_number(struct validation *v, enum validation_type type, const char *field, int64_t value,
              const char *detail)
{
    char shown[32];
    snprintf(shown, sizeof(shown), "%" PRId64, value);
    report(v, type, field, shown, detail);
}

void
warn(struct validation *v, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;
    if (v->warning_count == VALIDATION_MAX) {
        v->cut = true;
        return;
    }
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        iw_fatal("out of memory");
    va_end(args);
    if (v->warning_count == v->warning_cap) {
        v->warning_cap = v->warning_cap ? v->warning_cap * 2 : 8;
        v->warnings = iw_reallocarray(v->warnings, v->warning_cap, sizeof(*v->warnings));
    }
    v->warnings[v->warning_count++] = text;
}

void
validation_free(struct validation *v)
{
    for (size_t i = 0; i < v->error_count; i++) {
        free(v->errors[i].field);
        free(v->errors[i].detail);
        free(v->errors[i].text);
    }
    for (size_t i = 0; i < v->warning_count; i++)
        free(v->warnings[i]);
    free(v->errors);
    free(v->warnings);
    *v = (struct validation){0};
}
